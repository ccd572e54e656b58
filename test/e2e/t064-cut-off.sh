# A cycle that is killed writes no report: status says so, and at the deadline
# what it was. (A hook of the remote kills the one that runs it.)
. "${0%/*}/lib.sh"

two() {
	new_fleet 2
	on 1 send 2 -m First
	sync 1 2 1
}

hook() { # COMMAND: what the remote does when something is pushed
	printf '#!/bin/sh\n%s\n' "$1" >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
}

cut_at_the_deadline() {
	two
	hook "kill -ALRM \$(cat '$PWD/1/.trine/run/sync.lock')"
	on 1 send 2 -m Second
	expect_status 142 on 1 sync
	on 1 status >status
	expect_line 'cut off at its deadline of 240 s' status
	json 1 status
	expect_line '"code":"cycle"' json
	expect_status 1 on 1 status --check
	expect_status 142 on 1 sync
	on 1 status >status
	expect_count 1 'cut off' status
	rm hub.git/hooks/pre-receive
	sync 1
	on 1 status >status
	no_line 'cut off' status
	sync 2
	titles 2 | grep -x Second
}

a_deadline_that_passes() {
	two
	printf '[sync]\ndeadline = 10s\n' >>1/.trine/trine.ini
	hook 'exec sleep 20'
	on 1 send 2 -m Second
	expect_status 142 on 1 sync
	on 1 status >status
	expect_line 'cut off at its deadline of 10 s' status
}

killed_in_its_middle() {
	two
	hook "kill -KILL \$(cat '$PWD/1/.trine/run/sync.lock')"
	on 1 send 2 -m Second
	expect_status 137 on 1 sync
	on 1 status >status
	expect_line 'did not come to its end' status
	no_line deadline status
	rm hub.git/hooks/pre-receive
	sync 1
	on 1 status >status
	no_line 'come to its end' status
	[ ! -e 1/.trine/run/cycle ]
}

one_that_runs_is_not_cut_off() {
	two
	hook "'$TRINE' -C '$PWD/1' status >'$PWD/status'"
	on 1 send 2 -m Second
	sync 1
	[ -s status ]
	no_line 'last cycle, started' status
	# nor does asking take the lock away
	hook "'$TRINE' -C '$PWD/1' status >/dev/null
		'$TRINE' -C '$PWD/1' sync; [ -e '$PWD/1/.trine/run/again' ]"
	on 1 send 2 -m Third
	sync 1
	rm hub.git/hooks/pre-receive
	sync 2
	[ "$(titles 2 | wc -l)" = 3 ]
}

# What trine says; the shell that started it has its own word for SIGALRM.
of_trine() { grep '^trine' told >said || :; }

cron_is_told_once() {
	two
	hook "kill -ALRM \$(cat '$PWD/1/.trine/run/sync.lock')"
	on 1 send 2 -m Second
	for cycle in 1 2 3; do
		expect_status 142 said told on 1 sync
		of_trine
		expect_empty said
	done
	expect_status 142 said told on 1 sync
	of_trine
	expect_line 'cut off at its deadline' said
	[ "$(wc -l <said)" = 1 ]
	expect_status 142 said told on 1 sync
	of_trine
	expect_empty said
	rm hub.git/hooks/pre-receive
	said told on 1 sync
	expect_line 'in sync again' told
	said told on 1 sync
	expect_empty told
}

a_dry_run_leaves_it() {
	two
	hook "kill -ALRM \$(cat '$PWD/1/.trine/run/sync.lock')"
	on 1 send 2 -m Second
	expect_status 142 on 1 sync
	on 1 sync --dry-run
	on 1 status >status
	expect_line 'cut off at its deadline' status
	: >1/.trine/run/cycle
	on 1 status >status
	expect_line 'at a time not known' status
}

it cut_at_the_deadline
it a_deadline_that_passes
it killed_in_its_middle
it one_that_runs_is_not_cut_off
it cron_is_told_once
it a_dry_run_leaves_it
finish
