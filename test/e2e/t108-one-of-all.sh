# A task to ALL that one computer is to do: claimed in the fleet, done once, and its end
# is said to all.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

start() {
	new_fleet 3
	sync 1 2 3 1 2 3
	agent_on 2 Forge
	agent_on 3 Sage
	id=$(on 1 send ALL -t task --claim one -m "Deploy it")
	sync 1 2 3
}

one_computer_does_it() {
	start
	# nobody gets it by chance
	expect_status 1 task_as Forge 2 next
	task_as Forge 2 claim "$id"
	expect_status 1 said told task_as Sage 3 claim "$id"
	expect_line "$id is claimed by computer 2 (Forge)" told
	on 3 task list >list
	expect_line 'in the whole fleet: computer 2 (Forge) has it, token 1, for' list
	on 2 task list >list
	expect_line 'in the whole fleet: Forge has it, token 1, for another' list
	on 3 task show "$id" --json >list
	expect_line '"fleet":{"state":"elsewhere","token":1,"computer":2' list
	[ "$(state_of 3 "$id")" = QUEUED ]
	expect_status 1 task_as Sage 3 start "$id"
	task_as Forge 2 start "$id"
	task_as Forge 2 done "$id" --result "It is out"
	sync 2 1 3
	[ "$(state_of 3 "$id")" = COMPLETED ]
	on 3 task show "$id" >shown
	expect_line 'computer 2 did it' shown
	expect_status 1 task_as Sage 3 claim "$id"
	json 1 show "$id"
	expect_line '"state":"COMPLETED"' json
	titles 1 >titles
	expect_line 'Done: Deploy it' titles
	no_line task/ 2/coordination/COMPUTER_2.md
}
it one_computer_does_it

# What is in doubt on a disk that is set up again, somebody else may have done.
who_lost_its_disk_knows_what_is_done() {
	start
	task_as Forge 2 claim "$id"
	task_as Forge 2 start "$id"
	task_as Forge 2 done "$id" --result "It is out"
	sync 2 1 3
	rm -rf 3
	"$TRINE" init --computer 3 --remote "$remote" --takeover "$PWD/3"
	sync 3
	[ "$(state_of 3 "$id")" = COMPLETED ]
	json 3 show 2_TO_ALL.1
	expect_line 'before the loss' json
}
it who_lost_its_disk_knows_what_is_done

release_lets_others() {
	start
	task_as Forge 2 claim "$id"
	task_as Forge 2 release "$id"
	expect_status 1 task_as Sage 3 claim "$id"
	sync 2
	task_as Sage 3 claim "$id"
	task_as Sage 3 fail "$id" --result "It does not build"
	sync 3 2
	[ "$(state_of 2 "$id")" = FAILED ]
	sync 1
	json 1 show "$id"
	expect_line '"state":"FAILED"' json
}
it release_lets_others

# Whoever sleeps through its lease cannot end what another one has.
sleeper_is_refused() {
	start
	task_as Forge 2 claim "$id"
	task_as Forge 2 start "$id"
	sync 3
	expect_status 75 said told at '~16m' task_as Forge 2 done "$id"
	expect_line 'the lease on' told
	at '~17m' task_as Sage 3 claim "$id"
	at '~17m' task_as Sage 3 start "$id"
	at '~17m' sync 2
	at '~17m' expect_status 1 said told task_as Forge 2 done "$id"
	at '~17m' task_as Sage 3 done "$id"
	at '~17m' sync 3 1 2
	[ "$(state_of 2 "$id")" = COMPLETED ]
	on 1 inbox --all >inbox
	expect_count 1 'Done: Deploy it' inbox
}
it sleeper_is_refused

offline_no_work_begins() {
	start
	mv hub.git away.git
	expect_status 75 said told task_as Forge 2 claim "$id"
	expect_line tentatively told
	expect_status 75 task_as Forge 2 start "$id"
	mv away.git hub.git
	task_as Sage 3 claim "$id"
	sync 2
	expect_status 1 task_as Forge 2 start "$id"
	expect_status 1 said told task_as Forge 2 claim "$id"
	expect_line 'computer 3 (Sage)' told
}
it offline_no_work_begins

# The same name on two computers is one task there.
names_are_claimed_too() {
	start
	task_as Forge 2 claim AUTH "Fix the login" --fleet
	expect_status 1 said told task_as Sage 3 claim AUTH "Fix the login" --fleet
	expect_line 'AUTH is claimed by computer 2 (Forge)' told
	task_as Forge 2 done AUTH --result "Fixed"
	sync 2 3
	expect_status 1 said told task_as Sage 3 claim AUTH --fleet
	expect_line 'AUTH is COMPLETED: computer 2 said so' told
}
it names_are_claimed_too

program() { # N
	cat >"$1/program" <<-'END'
	#!/bin/sh
	cat >/dev/null
	echo "done on $PWD" | tee -a "${0%/*}/../done"
	END
	chmod +x "$1/program"
	printf '[instance builder]\ndeliver = exec\nexec = %s\n' "$PWD/$1/program" \
		>>"$1/.trine/trine.ini"
}

instances_do_it_once() {
	new_fleet 3
	program 2
	program 3
	sync 1 2 3 1 2 3
	for _each in 1 2 3 4 5 6; do
		on 1 send ALL -t task --claim one --for builder -m "Task $_each" >/dev/null
	done
	sync 1
	for _round in 1 2 3 4 5 6 7 8; do
		sync 2 3
		wait_until_idle 2
		wait_until_idle 3
	done
	sync 2 3 1
	expect_count 6 'done on' done
	on 1 inbox --all >inbox
	expect_count 6 'Done: Task' inbox
	for _each in 1 2 3 4 5 6; do
		[ "$(state_of 2 "1_TO_ALL.$_each")" = COMPLETED ]
		[ "$(state_of 3 "1_TO_ALL.$_each")" = COMPLETED ]
	done
	# both had their share: an instance gets what it can work on
	grep -q 2/.trine done
	grep -q 3/.trine done
}

# Workers run behind the cycle.
wait_until_idle() {
	wait_until sh -c "! '$TRINE' -C $1 status --json | grep -q '\"running\": *[1-9]'"
}
it instances_do_it_once

words_are_clear() {
	new_fleet 2
	expect_status 64 on 1 send 2 -t task --claim one -m x
	expect_status 64 on 1 send ALL --claim one -m x
	expect_status 64 on 1 send ALL -t task --claim two -m x
}
it words_are_clear
finish
