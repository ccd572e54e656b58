# What the daemon does while work flows: instances that are killed lose no task; and
# cycles, one at a time, when somebody waits for them.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

# Takes tasks, one after the other, as long as it lives; `ended` has a line for each.
worker() {
	cat >worker <<-END
	T="$TRINE -C $PWD/1"
	\$T -q session start --name "w\$TRINE_COPY" >&2 || exit 1
	while :; do
		task=\$(\$T task next --wait 10s --json) || continue
		task=\$(echo "\$task" | sed -n 's/.*"id": *"\\([^"]*\\)".*/\\1/p')
		\$T task start "\$task"
		sleep 0.3
		\$T task "done" "\$task" && echo "\$task" >>$PWD/ended
	done
	END
}
kill_copy() { # N: if it runs
	_victim=$(pid_of worker "$1")
	case $_victim in ''|null) ;; *) kill -9 "$_victim" 2>/dev/null || : ;; esac
}
left() { # how many tasks have not ended
	on 1 task list --json | grep -c '"id"' || :
}
all_done() { [ "$(left)" = 0 ]; }

a_killed_instance_loses_no_task() {
	quick
	worker
	: >ended
	for _n in $(seq 30); do on 1 task add -m "Task $_n" >/dev/null; done
	instance 1 worker 'start = /bin/sh' "  $PWD/worker" 'copies = 2'
	start_trined 1
	wait_until test -s ended
	# the first one is killed every few seconds, until it is given up
	for _try in $(seq 40); do
		kill_copy 1
		[ "$(fact worker given_up)" != true ] || break
		sleep 1
	done
	[ "$(fact worker given_up)" = true ] || fail 'never given up'
	on 1 status >text
	expect_line 'instance worker is not started again' text
	expect_line '3 starts were no good' text
	kill_copy 2
	wait_until all_done
	sort ended | uniq -d >text
	expect_empty text	# nothing was done twice
	on 1 task list --all --json >json
	[ "$(grep -c COMPLETED json)" = 30 ] || fail 'not all are COMPLETED'
	on 1 instance start worker
	is worker ONLINE
	on 1 status >text
	no_line 'is not started again' text
}

posted() { # SETTING…: a service that works on a task when it is killed
	new_fleet 2
	daemon_settings 1 'health = 1s' 'period = 1d'
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
		LocalAddr => "127.0.0.1")->sockport')
	mkdir asked
	instance 1 agent 'start = perl' "  $top/test/e2e/service.pl" "  $PWD/asked" \
		"  $port" 'deliver = http' "url = http://127.0.0.1:$port/work" "$@"
	sync 1 2
	on 2 send 1 -t task --for agent -m works
	sync 2
	start_trined 1
	wait_until serves agent
	sync 1
	wait_until state_is IN_PROGRESS
	kill -9 "$(pid_of agent)"
}
serves() { is "$1" ONLINE || is "$1" BUSY; } # its own cycle may have brought the task
state_is() { # STATE [ID]
	[ "$(on 1 show "${2:-2_TO_1.1}" --json | field state)" = "$1" ]
}

what_was_posted_is_in_doubt() {
	posted
	wait_until state_is BLOCKED
	on 1 status >text
	expect_line 'agent ended while it had it, and may have done it' text
}

or_goes_back_where_that_does_no_harm() {
	posted 'idempotent = yes'
	wait_until serves agent
	sleep 3
	sync 1
	wait_until test -e asked/2_TO_1.1.2
	wait_until state_is IN_PROGRESS
}

two_copies_work() {
	new_fleet 2
	daemon_settings 1 'health = 1s' 'period = 1d'
	# two ports, that differ in their last digit
	port=$(perl -MIO::Socket::INET -e 'while (1) {
		my @l = map { IO::Socket::INET->new(Listen => 1, LocalPort => $_,
			LocalAddr => "127.0.0.1") } ($p = 20001 + 10 * int(rand(3000))),
			$p + 1;
		if ($l[0] && $l[1]) { print $p; last } }')
	mkdir asked1 asked2
	instance 1 agent 'start = perl' "  $top/test/e2e/service.pl" \
		"  $PWD/asked{copy}" "  ${port%1}{copy}" 'copies = 2' \
		'deliver = http' "url = http://127.0.0.1:${port%1}{copy}/work"
	sync 1 2
	start_trined 1
	wait_until serves agent
	wait_until is agent ONLINE 2
	on 2 send 1 -t task --for agent -m works
	on 2 send 1 -t task --for agent -m works
	sync 2 1
	wait_until handed_both
	_first=$(posted_to 1) _second=$(posted_to 2)
	test -e "asked1/$_first.1"
	test -e "asked2/$_second.1"
}
copies_share_what_is_posted() {	# each has room for one
	two_copies_work
	# what the one that dies had is in doubt; the other one goes on
	kill -9 "$(pid_of agent 2)"
	wait_until state_is BLOCKED "$_second"
	state_is IN_PROGRESS "$_first"
}
what_a_copy_had_that_is_no_more_is_in_doubt() {
	two_copies_work
	sed -i 's/^copies = 2$/copies = 1/' 1/.trine/trine.ini
	on 1 daemon reload
	wait_until state_is BLOCKED "$_second"
	state_is IN_PROGRESS "$_first"
}
posted_to() { # COPY
	on 1 log --type message.begun --json |
		sed -n "/\"copy\":$1[,}]/s/.*\"id\":\"\([^\"]*\)\".*/\1/p"
}
handed_both() { [ "$(on 1 log --type message.handed | wc -l)" = 2 ]; }

urgent_ones_go_at_once() {
	new_fleet 2
	daemon_settings 1 'period = 1d'
	start_trined 1
	wait_until test -s 1/.trine/report.json	# the first one
	on 1 send 2 -m 'no hurry'
	sleep 2
	hub_show messages/1_TO_2.md >text 2>/dev/null || :
	no_line 'no hurry' text
	on 1 send 2 -p urgent -m fire
	wait_until on_the_branch fire
	on_the_branch 'no hurry'
}
on_the_branch() { hub_show messages/1_TO_2.md 2>/dev/null | grep -q "$1"; }

# fake_sync: trined beside a `trine` whose cycles are what stdin says.
fake_sync() {
	mkdir bin
	cp "$TRINED" bin/
	{ printf '#!/bin/sh\n'; cat; } >bin/trine
	chmod +x bin/trine
	TRINED=$PWD/bin/trined
}

there_are_never_two_cycles() {
	new_fleet 1
	daemon_settings 1 'period = 1d'
	fake_sync <<-END
	echo begin >>$PWD/cycles
	sleep 1
	echo end >>$PWD/cycles
	END
	start_trined 1
	for _n in 1 2 3 4 5 6; do
		on 1 send 2 -p urgent -m "fire $_n"
		sleep 0.4
	done
	sleep 3
	grep -c end cycles
	[ "$(uniq cycles | wc -l)" = "$(wc -l <cycles)" ] || fail "$(cat cycles)"
	_cycles=$(grep -c begin cycles)
	[ "$_cycles" -ge 2 ] && [ "$_cycles" -le 5 ] || fail "$_cycles cycles"
}

one_that_hangs_is_killed() {
	new_fleet 1
	daemon_settings 1 'period = 10s'
	printf '[sync]\ndeadline = 10s\n' >>1/.trine/trine.ini
	fake_sync <<-END
	echo begin >>$PWD/cycles
	exec sleep 1000
	END
	start_trined 1
	wait_until grep -q 'the cycle hangs' trined-1.log
	wait_until grep -q begin cycles
	sleep 13
	[ "$(grep -c begin cycles)" = 2 ] || fail "$(cat cycles)"
}

offline_there_are_fewer() {
	new_fleet 1
	daemon_settings 1 'period = 10s'
	fake_sync <<-END
	echo begin >>$PWD/cycles
	exit 75
	END
	start_trined 1
	wait_until test -s cycles
	sleep 14
	[ "$(grep -c begin cycles)" = 1 ] || fail "$(cat cycles)"
}

it a_killed_instance_loses_no_task
it what_was_posted_is_in_doubt
it or_goes_back_where_that_does_no_harm
it copies_share_what_is_posted
it what_a_copy_had_that_is_no_more_is_in_doubt
it urgent_ones_go_at_once
it there_are_never_two_cycles
it one_that_hangs_is_killed
it offline_there_are_fewer
finish
