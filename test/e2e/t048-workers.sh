# Workers that are killed, cannot begin or are not wanted any more: nothing is done
# twice, and nothing goes on behind anybody's back.
. "${0%/*}/lib.sh"
. "${0%/*}/work.sh"

# Killed: the worker. What it ran ends with the next cycle, and nobody says that it
# was done, or does it again.
a_killed_worker_leaves_a_doubt() {
	program <<-'END'
	#!/bin/sh
	echo $$ >>runs
	trap '' TERM
	while :; do sleep 0.2; done
	END
	task -m 'Unfinished'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/runs
	workers | xargs kill -9
	kill -0 "$(cat 1/.trine/work/agent/runs)"
	sync 1
	wait_until is_gone "$(cat 1/.trine/work/agent/runs)"
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
	on 1 show 2_TO_1.1 >shown
	expect_line 'in doubt: the worker that had it is gone' shown
	on 1 status >text
	expect_line 'blocked  2_TO_1.1 waits for you: in doubt: the worker' text
	sync 1 2
	[ "$(state 2 2_TO_1.1)" = BLOCKED ]
	on 2 show 1_TO_2.1 >shown
	expect_match '^## Blocked: Unfinished' shown
	expect_line 'in doubt' shown
	sync 1 1
	[ "$(wc -l <1/.trine/work/agent/runs)" = 1 ]
	nobody_left
	# a person decides
	on 1 reply 2_TO_1.1 -m 'It had worked'
	on 1 status --check
	sync 1 2
	[ "$(state 2 2_TO_1.1)" = COMPLETED ]
}

# The program ended while nobody looked, and left one behind in its group.
what_a_killed_worker_left_is_ended() {
	program <<-'END'
	#!/bin/sh
	sleep 1000 &
	echo $! >child
	echo $$ >pid
	while [ ! -e go ]; do sleep 0.1; done
	END
	task -m 'Leaves one'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/pid
	workers | xargs kill -9
	touch 1/.trine/work/agent/go
	wait_until is_gone "$(cat 1/.trine/work/agent/pid)"
	kill -0 "$(cat 1/.trine/work/agent/child)"
	sync 1
	wait_until is_gone "$(cat 1/.trine/work/agent/child)"
}

who_is_idempotent_does_it_again() {
	program 'idempotent = yes' <<-'END'
	#!/bin/sh
	echo $$ >>runs
	[ "$(wc -l <runs)" -ge 2 ] || exec sleep 1000
	echo "again"
	END
	task -m 'Twice does no harm'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/runs
	workers | xargs kill -9
	sync 1
	wait_for 1 2_TO_1.1 COMPLETED
	[ "$(wc -l <1/.trine/work/agent/runs)" = 2 ]
	wait_until nobody_left
}

# Killed at any moment: the worker, and the cycle that starts it.
killed_at_any_moment() {
	program 'retries = 0' <<-'END'
	#!/bin/sh
	id=$TRINE_TASK
	echo "$id" >>runs
	sleep 0.0$((RANDOM % 9)) 2>/dev/null || sleep 0
	END
	for i in $(seq 30); do task -m "Number $i"; done
	sync 2
	for i in $(seq 40); do
		sync 1 >/dev/null
		sleep 0.0$((i % 10))
		workers | xargs -r kill -9 || :
	done
	sync 1
	for i in $(seq 30); do wait_for 1 2_TO_1.$i COMPLETED BLOCKED; done
	sort 1/.trine/work/agent/runs | uniq -d >twice
	expect_empty twice
	for i in $(seq 30); do
		[ "$(state 1 2_TO_1.$i)" != COMPLETED ] ||
			grep -qx "2_TO_1.$i" 1/.trine/work/agent/runs
	done
	sync 1 2
	[ "$(on 2 inbox --json | grep -c '"re": *"2_TO_1')" = 30 ]
}

# Taken out of trine.ini, or trine itself: nothing goes on behind anybody's back.
a_removed_section_ends_its_work() {
	program <<-'END'
	#!/bin/sh
	echo $$ >pid
	exec sleep 1000
	END
	cp 1/.trine/trine.ini with
	task -m 'Begun'
	task -m 'Not begun'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/pid
	sed -i '/\[instance agent\]/,$d' 1/.trine/trine.ini
	wait_until nobody_left
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
	on 1 show 2_TO_1.1 >shown
	expect_line 'in doubt: stopped, because trine.ini has no such instance' shown
	sync 1
	[ "$(state 1 2_TO_1.2)" = QUEUED ]
	on 1 inbox >list
	expect_line 'Not begun' list
	cp with 1/.trine/trine.ini
	sync 1
	wait_for 1 2_TO_1.2 IN_PROGRESS
	workers | xargs kill
	wait_until nobody_left
}

a_removed_directory_ends_its_work() {
	program <<-'END'
	#!/bin/sh
	echo $$ >../../../../pid
	exec sleep 1000
	END
	task -m 'Begun'
	sync 2 1
	wait_until test -s pid
	mv 1 away
	rm -rf away
	wait_until nobody_left
}

an_uninstalled_trine_ends_its_work() {
	program <<-'END'
	#!/bin/sh
	echo $$ >pid
	exec sleep 1000
	END
	mkdir bin
	cp "$TRINE" "$TRINE-sync" "${TRINE%/*}/trine-deliver" bin/
	task -m 'Begun'
	sync 2
	bin/trine -C 1 sync
	wait_until test -s 1/.trine/work/agent/pid
	rm bin/trine-deliver
	wait_until nobody_left
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
}

without_the_worker_it_is_a_problem() {
	program <<-'END'
	#!/bin/sh
	END
	mkdir bin
	cp "$TRINE" "$TRINE-sync" bin/
	task -m 'Nobody comes'
	sync 2
	bin/trine -C 1 sync
	on 1 status >text
	expect_line 'trine-deliver, which hands tasks over, is neither beside trine' text
	sync 1
	wait_for 1 2_TO_1.1 COMPLETED
	on 1 status >text
	no_line 'trine-deliver' text
}

# It can be started, and does not get as far as a word: a library is missing, perhaps.
a_worker_that_cannot_begin_is_a_problem() {
	program <<-'END'
	#!/bin/sh
	END
	mkdir bin
	cp "$TRINE" "$TRINE-sync" bin/
	printf '#!/bin/sh\nexit 127\n' >bin/trine-deliver
	chmod +x bin/trine-deliver
	task -m 'Nobody comes'
	sync 2
	bin/trine -C 1 sync
	on 1 status >text
	no_line 'trine-deliver' text
	at +2m bin/trine -C 1 sync
	on 1 status >text
	expect_line 'trine-deliver was started for agent, and took nothing' text
	cp "${TRINE%/*}/trine-deliver" bin/
	bin/trine -C 1 sync
	wait_for 1 2_TO_1.1 COMPLETED
	wait_until nobody_left
	bin/trine -C 1 sync
	on 1 status >text
	no_line 'trine-deliver' text
}

# A lock of who started the cycle, as of flock(1), is not held on.
the_callers_files_are_not_its_own() {
	program <<-'END'
	#!/bin/sh
	if (: >&9) 2>/dev/null; then echo "has it"; else echo "has not"; fi
	END
	task -m 'Whose'
	sync 2
	( exec 9>lock; sync 1 )
	wait_for 1 2_TO_1.1 COMPLETED
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_matches 1 '^has not$' shown
}

# A cycle may keep the log for longer than others wait for it. What two programs said
# meanwhile is not lost, nor where one of their workers is killed.
a_busy_log_loses_no_result() {
	program 'capacity = 2' <<-'END'
	#!/bin/sh
	echo $$ >"runs.$TRINE_TASK.$$"
	while [ ! -e go ]; do sleep 0.1; done
	echo "It is built."
	END
	work=1/.trine/work/agent
	task -m One
	task -m Two
	sync 2 1
	wait_until files_are 2 "$work" 'runs.*'
	perl -MFcntl -e 'open(F, "+<", $ARGV[0]) or die;
		my $lock = $^O eq "darwin" ? pack("q q i s s", 0, 0, 0, F_WRLCK, 0) :
			pack("s s x![l!] l! l! i x![l!]", F_WRLCK, 0, 0, 0, 0);
		fcntl(F, F_SETLKW, $lock) or die "no lock: $!\n";
		$| = 1; print "locked\n"; sleep 60' 1/.trine/event-log.lock >held &
	echo $! >holder.pid
	wait_until test -s held
	touch $work/go
	wait_until files_are 2 1/.trine/run/work '*.outcome'
	workers | head -n 1 | xargs kill -9
	kill "$(cat holder.pid)"
	rm holder.pid
	wait_until files_are 1 1/.trine/run/work '*.outcome'
	sync 1
	for id in 2_TO_1.1 2_TO_1.2; do [ "$(state 1 $id)" = COMPLETED ]; done
	files_are 0 1/.trine/run/work '*.outcome'
	files_are 2 $work 'runs.*'
	sync 1 2
	for id in 1_TO_2.1 1_TO_2.2; do
		on 2 show $id >shown
		expect_line 'It is built.' shown
	done
	wait_until nobody_left
}
files_are() { [ "$(find "$2" -name "$3" | wc -l)" = "$1" ]; } # COUNT FOLDER NAME

it a_killed_worker_leaves_a_doubt
it what_a_killed_worker_left_is_ended
it who_is_idempotent_does_it_again
it killed_at_any_moment
it a_removed_section_ends_its_work
it a_removed_directory_ends_its_work
it an_uninstalled_trine_ends_its_work
it without_the_worker_it_is_a_problem
it a_worker_that_cannot_begin_is_a_problem
it the_callers_files_are_not_its_own
it a_busy_log_loses_no_result
finish
