# The program that is told of alerts: at least once for each, recorded before and after,
# whatever becomes of it.
. "${0%/*}/lib.sh"

# pair TEXT: 2 has a program for alerts, of that text.
pair() {
	new_fleet 2
	handler 2 "$1" 'an argument'
	sync 1 2
	on 1 alert Down
	sync 1
}

worker() { pgrep -f "trine-deliver -C $PWD/2 --alerts"; }
no_worker() { ! worker >/dev/null; }
one_worker() { [ "$(worker | wc -l)" = 1 ]; }
tries() { on 2 log --type alert.handing | grep -c alert.handing; }

what_it_finds() {
	pair 'pwd >where; echo "$# $1" >>where; env >with; cat >what'
	on 2 session start --name Atlas --pid $$
	TRINE_TOKEN=secret SSH_AUTH_SOCK=/nowhere TRINE_SESSION=Atlas TRINE_LOCK=deploy \
		TRINE_LOCK_TOKEN=1 TRINE_TASK=2_TO_1.9 TRINE_ATTEMPT=1 TRINE_INSTANCE=other \
		TRINE_COPY=3 sync 2
	wait_until nobody_left
	expect_file 2/where <<-END
	$PWD/2
	1 an argument
	END
	expect_line TRINE_ALERT=1_TO_ALL.1 2/with
	expect_line "TRINE_DIR=$PWD/2" 2/with
	no_line secret 2/with
	no_line SSH_AUTH_SOCK 2/with
	# nor whose the cycle was
	for name in SESSION LOCK LOCK_TOKEN TASK ATTEMPT INSTANCE COPY; do
		no_line "TRINE_$name=" 2/with
	done
	[ "$(wc -l <2/what)" = 1 ]
}

killed_in_between_it_runs_again() {
	pair 'echo begun >>../got; [ -e ../go ] || sleep 1000'
	sync 2
	wait_until has_line begun got
	kill -9 "$(worker)"
	wait_until no_worker
	pgrep -f "$PWD/handler"
	[ "$(tries)" = 1 ]
	: >go
	sync 2
	wait_until has_line '"alert.handed"' 2/.trine/event-log.jsonl
	wait_until nobody_left	# nor what the first one left
	expect_count 2 begun got
	[ "$(tries)" = 2 ]
	sync 2
	[ "$(tries)" = 2 ]
}

one_that_fails_is_run_three_times() {
	pair 'echo begun >>../got; echo "no network" >&2; exit 7'
	sync 2
	wait_until has_line '"alert.handed"' 2/.trine/event-log.jsonl
	wait_until nobody_left
	on 2 status >text
	expect_line 'the program of [alert] is tried again: it ended with 7: no network' \
		text
	for _again in 1 2 3 4; do sync 2; wait_until nobody_left; done
	expect_count 3 begun got
	on 2 status >text
	expect_line 'the program of [alert] failed: it ended with 7: no network' text
}

one_that_is_not_there() {
	pair :
	rm handler.2
	sync 2
	wait_until has_line '"alert.handed"' 2/.trine/event-log.jsonl
	on 2 status >text
	expect_line 'the program of [alert] is tried again' text
	expect_line "$PWD/handler" text
}

it_holds_nobody_up() {
	pair 'echo begun >>../got; while [ ! -e ../go ]; do sleep 0.1; done'
	sync 2
	wait_until has_line begun got
	on 1 send 2 -m 'All else goes on'
	on 1 alert 'Another one'
	sync 1 2 2
	on 2 inbox >list
	expect_line 'All else goes on' list
	expect_count 1 begun got
	wait_until one_worker	# one more looks, and finds that
	: >go
	wait_until nobody_left
	expect_count 2 begun got
}

told_to_end_it_leaves_it_for_the_next_cycle() {
	pair 'echo begun >>../got; [ -e ../go ] || exec sleep 1000'
	sync 2
	wait_until has_line begun got
	kill "$(worker)"
	wait_until nobody_left
	no_line alert.handed 2/.trine/event-log.jsonl
	: >go
	sync 2
	wait_until has_line '"alert.handed"' 2/.trine/event-log.jsonl
	expect_count 2 begun got
}

it what_it_finds
it killed_in_between_it_runs_again
it one_that_fails_is_run_three_times
it one_that_is_not_there
it it_holds_nobody_up
it told_to_end_it_leaves_it_for_the_next_cycle
finish
