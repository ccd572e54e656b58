# What a task says of when it may be begun, and how often: what it comes after, what it
# needs, how long it may take, and what comes of one that fails.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/forge.sh"

# as NAME VERB…: what that agent does with a task.
as() {
	_as=$1
	shift
	TRINE_SESSION=$_as on 1 task "$@"
}
task() { on 1 task "$@"; }
is() { [ "$(on 1 task show "$1" --json | field state)" = "$2" ]; }
# Checked by who shares nothing with trine.
history() {
	! perl -MJSON::PP -e 1 2>/dev/null ||
		"$top/test/history" 1/.trine/event-log.jsonl
}
got() { as Atlas next --json | field id; }

it_comes_after_others() {
	new_fleet 1
	agent Atlas
	task add --name LAST -m c -p urgent 2>/dev/null # not named by others
	as Atlas cancel LAST
	task add --name A -m a -p low
	task add --name B -m b
	task add --name C -m c -p urgent --after A --after B
	task list >list
	expect_line 'after A (QUEUED), B (QUEUED)' list
	expect_status 1 said told as Atlas claim C
	expect_line 'C may not be begun yet: after A (QUEUED), B (QUEUED)' told
	[ "$(got)" = B ]
	[ "$(got)" = A ]
	expect_status 1 as Atlas next
	as Atlas done A
	expect_status 1 as Atlas next
	as Atlas done B
	[ "$(got)" = C ]
	history
	# all of it follows from the log
	task list --all --json >before
	rm -f 1/.trine/state.db*
	task list --all --json | expect_file before
}

# It never runs, and never disappears.
what_failed_bars_what_follows() {
	new_fleet 1
	agent Atlas
	task add --name A -m a
	task add --name B -m b --after A
	task add --name C -m c --after B
	as Atlas claim A
	as Atlas fail A
	is B BLOCKED
	is C QUEUED
	on 1 status >list
	expect_line '`trine task done B` or `trine task cancel B` ends it' list
	task list >list
	expect_line 'it was to come after A, which failed' list
	expect_line 'after B (BLOCKED)' list
	expect_status 1 said told task release B
	expect_line '`trine task cancel B` ends it' told
	expect_status 1 as Atlas claim B
	expect_status 1 as Atlas next
	task cancel B
	is C BLOCKED
	task show C >shown
	expect_line 'after B, which failed: cancelled' shown
	expect_status 1 said told task add --name D -m d --after B
	expect_line 'B has failed' told
	expect_status 69 task show D
}

# from_2 KEYS…: all tasks that computer 2 has sent here, the n-th with these keys.
from_2() {
	_seq=0
	forge_begin
	{
		stream=2_TO_1
		opening
		for _keys; do
			_seq=$((_seq + 1))
			entry $_seq | sed "s/^type: message/type: task\n$_keys/"
		done
	} | put messages/2_TO_1.md
	vouched 2
	sync 1
}

nobody_waits_for_himself() {
	new_fleet 2
	agent Atlas
	expect_status 69 task add -m x --after NOBODY
	expect_status 1 said told task add --name A -m a --after A
	expect_line 'nobody could ever begin: A after A' told
	# by way of a task from elsewhere, which may name what is not there yet
	sync 1 2
	from_2 'after: [LOCAL, 2_TO_1.9]' 'after: 2_TO_1.1' 'after: [2_TO_1.4]' \
		'after: [2_TO_1.3]' 'after: {x: y}' 'labels: [x]'
	task list >list
	expect_line 'after 2_TO_1.9 (not known here), LOCAL (not known here)' list
	expect_line 'after 2_TO_1.1 (QUEUED)' list
	expect_status 1 said told task add --name LOCAL -m l --after 2_TO_1.2
	expect_line 'begin: LOCAL after 2_TO_1.2 after 2_TO_1.1 after LOCAL' told
	# nor do others among themselves, who hear of it
	is 2_TO_1.4 BLOCKED
	expect_line 'it waits for itself: 2_TO_1.4 after 2_TO_1.3 after 2_TO_1.4' list
	is 2_TO_1.5 BLOCKED
	expect_line 'its key `after` cannot be understood' list
	[ "$(got)" = 2_TO_1.6 ]
	sync 1
	hub_show messages/1_TO_2.md >sent
	expect_line 'Blocked: Number 4' sent
	expect_line 'Blocked: Number 5' sent
	# what they wait for comes, and they go on
	task add --name LOCAL -m l
	[ "$(got)" = LOCAL ]
	as Atlas done LOCAL
	task list >list
	no_line LOCAL list
}

no_instance_gets_it_before() {
	new_fleet 1
	agent Atlas
	instance 1 box 'deliver = inbox'
	task add --name A -m a
	task add --name B -m b --after A --for box
	sync 1
	is B QUEUED
	[ -z "$(ls 1/.trine/inbox/box/new 2>/dev/null)" ]
	as Atlas claim A
	as Atlas done A
	sync 1
	is B ASSIGNED
	[ -e 1/.trine/inbox/box/new/B.md ]
	history
}

lock() { _as=$1; shift; TRINE_SESSION=$_as on 1 lock "$@"; }

# Locks and tasks keep each other out, and all a task needs is taken at once.
it_needs_what_others_have() {
	new_fleet 1
	agent Atlas
	agent Forge
	task add --name A -m a --needs memory:citizen-42 --needs gpu
	task add --name B -m b -p urgent --needs gpu
	task add --name C -m c -p low
	token=$(lock Forge acquire gpu)
	task list >list
	expect_line 'needs gpu, which session 2 (Forge) has' list
	expect_status 1 said told as Atlas claim A
	expect_line 'A may not be begun yet: needs gpu, which session 2 (Forge) has' told
	[ "$(got)" = C ]
	expect_status 1 as Atlas next
	lock Forge release gpu --token "$token"
	as Atlas claim A >/dev/null
	expect_status 1 as Forge next
	expect_status 1 said told lock Forge acquire memory:citizen-42
	expect_line 'session 1 (Atlas)' told
	expect_line 'for the task A, which needs it' told
	lock Forge list >list
	expect_line 'for the task A' list
	on 1 status >text
	expect_line 'lock gpu  session 1 (Atlas), for the task A' text
	token=$(task show A --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	expect_status 1 said told lock Atlas release gpu --token "$token"
	expect_line 'gpu is given back with the task A' told
	# kept by who waits for a person, given back by who gives up, or ends
	as Atlas block A 'Which citizen?'
	expect_status 1 as Forge next
	as Atlas release A
	expect_empty_locks
	as Forge next >/dev/null
	expect_status 1 as Atlas claim A
	as Forge done B
	expect_empty_locks
	as Forge claim A
	task cancel A
	expect_empty_locks
	history
}
expect_empty_locks() { lock Atlas list --json | expect_file /dev/null; }

who_is_gone_needs_nothing() {
	new_fleet 1
	agent Atlas
	agent Forge
	task add --name A -m a --needs gpu
	as Atlas claim A
	leave Atlas
	expect_status 1 lock Forge acquire gpu
	at +3m lock Forge acquire gpu
	expect_status 1 at +3m as Forge claim A
	at +9m as Forge claim A
	# and in an emergency it is taken away, which the log tells
	at +9m on 1 lock break gpu --reason 'on fire'
	at +9m lock Forge acquire gpu
	at +9m as Forge done A
	at +9m lock Forge list >list
	expect_line 'gpu  token' list
	expect_status 64 task add -m x --needs 'two words'
	expect_status 64 task add -m x --needs :x
	history
}

# Each adds one to a file that nothing protects but what the tasks need.
work() { # NAME
	until [ -e stop ]; do
		id=$(as "$1" next --json | field id)
		[ -n "$id" ] || continue
		n=$(cat counter)
		sleep 0.05
		echo $((n + 1)) >counter
		as "$1" done "$id"
	done
}

all_done() { [ -z "$(task list --json)" ]; }

many_need_the_same() {
	new_fleet 1
	echo 0 >counter
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		task add --name "T$i" -m "$i" --needs counter --needs "part:$((i % 3))"
	done
	for w in W1 W2 W3 W4 W5; do agent $w; done
	for w in W1 W2 W3 W4 W5; do
		(set +ex; work $w) >/dev/null 2>&1 &
		echo $! >"worker.$w.pid"
	done
	wait_until all_done
	touch stop
	for w in W1 W2 W3 W4 W5; do
		wait "$(cat worker.$w.pid)" || :
		rm worker.$w.pid
	done
	[ "$(cat counter)" = 12 ]
	history
}

# A worker begins with one that needs what another worker's task has only when that
# has ended; a third one passes it by.
instances_need_it_too() {
	new_fleet 1
	cat >program <<-END
	#!/bin/sh
	[ ! -e $PWD/busy ] || echo both >>$PWD/wrong
	: >$PWD/busy
	echo \$TRINE_TASK >>$PWD/ran
	while [ ! -e $PWD/go.\$TRINE_TASK ]; do sleep 0.05; done
	rm $PWD/busy
	END
	chmod +x program
	printf '[instance twice]\ndeliver = exec\nexec = %s\ncapacity = 2\n' \
		"$PWD/program" >>1/.trine/trine.ini
	instance 1 box 'deliver = inbox'
	task add --name A -m a --for twice --needs gpu
	task add --name B -m b --for twice --needs gpu
	sync 1
	wait_until is A IN_PROGRESS
	task add --name C -m c --for box --needs gpu
	sync 1
	is B ASSIGNED
	is C QUEUED
	touch go.A go.B
	wait_until is A COMPLETED
	sync 1
	wait_until is B COMPLETED
	[ ! -e wrong ]
	sync 1
	is C ASSIGNED
	agent Forge
	expect_status 1 lock Forge acquire gpu
	task done C
	lock Forge acquire gpu
	history
}

# Taken back from who has it for too long; and done by another one.
too_long_is_over() {
	new_fleet 1
	agent Atlas
	agent Forge
	task add --name A -m a --timeout 10m --retries 1 --needs gpu
	token=$(as Atlas claim A --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	# who has not begun has the time that it takes
	at +20m task list >list
	expect_line '1 task: 1 claimed' list
	as Atlas start A
	at +9m as Atlas progress A 'half of it'
	at +11m task list >list
	expect_line '1 task: 1 waiting' list
	expect_line 'timed out after 10 min' list
	expect_status 1 said told at +11m as Atlas done A
	expect_line 'A is QUEUED, and nobody has it' told
	expect_status 1 at +11m task done A --token "$token"
	expect_status 1 said told at +11m as Forge claim A
	expect_line 'A may not be begun yet: again in' told
	at +12m as Forge next --json >taken
	expect_line '"attempt":2' taken
	at +12m as Forge start A
	# the last time
	at +30m sync 1
	[ "$(state_at +30m A)" = FAILED ]
	at +30m task list --all >list
	expect_line 'timed out after 10 min' list
	expect_status 1 at +30m as Forge done A
	history
}
state_at() { at "$1" task show "$2" --json | field state; }

what_fails_is_tried_again() {
	new_fleet 1
	agent Atlas
	task add --name A -m a --retries 2
	as Atlas claim A
	said told as Atlas fail A --result 'no network'
	expect_line 'attempt 1 failed; another one may begin in 2 s' told
	is A QUEUED
	task list >list
	expect_line 'no network' list
	expect_line 'again in' list
	expect_status 1 as Atlas next
	[ "$(as Atlas next --wait 20s --json | field id)" = A ]
	# given back is not tried
	as Atlas release A
	at +2m as Atlas next
	at +2m as Atlas fail A
	at +4m as Atlas next
	at +4m as Atlas fail A --result 'no disk'
	[ "$(state_at +4m A)" = FAILED ]
	at +4m task show A >shown
	expect_line 'no disk' shown
	expect_status 64 task add -m x --retries -1
	expect_status 64 task add -m x --timeout soon
	expect_status 64 task add -m x --timeout 100d
	history
}

# An instance's settings say how long and how often; a task may say less, and more.
instances_keep_to_it() {
	new_fleet 1
	cat >program <<-END
	#!/bin/sh
	echo \$TRINE_TASK >>$PWD/ran
	case \$TRINE_TASK in
	SLOW) sleep 60 ;;
	*) [ "\$(grep -c \$TRINE_TASK $PWD/ran)" = 2 ] ;;
	esac
	END
	chmod +x program
	printf '[instance once]\ndeliver = exec\nexec = %s\ncapacity = 2\nretries = 0\n' \
		"$PWD/program" >>1/.trine/trine.ini
	task add --name SLOW -m a --for once --timeout 1s
	task add --name FLAKY -m b --for once --retries 3
	sync 1
	wait_until is SLOW FAILED
	wait_until is FLAKY COMPLETED
	expect_count 2 FLAKY ran
	expect_count 1 SLOW ran
	history
}

# What is urgent goes first, but what has waited long is not passed over for ever.
routine_comes_after_seven() {
	new_fleet 1
	agent Atlas
	at -1m task add --name ROUTINE -m r -p low
	task add --name NORMAL -m n
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
		at +1m task add --name "U$i" -m "$i" -p urgent >/dev/null
	done
	for i in $(seq 8); do
		at +5m as Atlas next >/dev/null
	done
	is U8 ASSIGNED
	is ROUTINE QUEUED
	# it was passed over eight times, and now it has waited for ten minutes
	for i in $(seq 9); do
		at +15m as Atlas next --json | field id
	done | tr '\n' ' ' >taken
	[ "$(cat taken)" = 'ROUTINE U9 U10 U11 U12 U13 U14 U15 NORMAL ' ]
	on 1 log --type task.claimed --json | grep -c '"over": *"ROUTINE"' >over
	[ "$(cat over)" = 8 ]
}

others_approve_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	agent Loom
	as Atlas add --name DEPLOY -m d -p urgent --approvals 2
	task add --name FREE -m f
	expect_status 1 said told as Atlas approve DEPLOY
	expect_line 'you added DEPLOY: others approve it' told
	as Forge approve DEPLOY
	as Forge approve DEPLOY
	task list >list
	expect_line 'needs 2 approvals, has 1 (Forge)' list
	expect_status 1 said told as Forge claim DEPLOY
	expect_line 'DEPLOY may not be begun yet: needs 2 approvals' told
	[ "$(got)" = FREE ]
	expect_status 1 as Atlas next
	instance 1 box 'deliver = inbox'
	sync 1
	is DEPLOY QUEUED
	task approve DEPLOY --as Loom
	expect_status 1 said told as Loom approve DEPLOY
	expect_line 'DEPLOY is decided: it is approved' told
	[ "$(got)" = DEPLOY ]
	expect_status 1 as Forge approve FREE
	# one says no
	as Atlas add --name DROP -m d --approvals 1
	task add --name THEN -m t --after DROP
	expect_status 64 as Forge veto DROP
	expect_status 1 as Forge veto FREE --reason no
	as Forge veto DROP --reason 'Not on Friday'
	is DROP FAILED
	is THEN BLOCKED
	task list --all >list
	expect_line 'vetoed by Forge: Not on Friday' list
	expect_status 1 as Loom approve DROP
	history
	task list --all --json >before
	rm -f 1/.trine/state.db*
	task list --all --json | expect_file before
}

# Refused with a clear word, and never dropped; what others send is taken in.
the_queue_has_a_bound() {
	new_fleet 2
	agent Atlas
	sed 's/^\[computer\]/&\nqueue = 3/' 1/.trine/trine.ini >ini
	cat ini >1/.trine/trine.ini
	instance 1 box 'queue = 1'
	task add -m 1 --for box
	expect_status 75 said told task add -m x --for box
	expect_line '1 tasks wait for box, and 1 may' told
	task add -m 2
	task add -m 3 -p low
	for p in low normal; do
		expect_status 75 said told task add -m x -p $p
		expect_line "3 tasks wait, and 3 may (\`queue\` in trine.ini): one of $p priority" told
	done
	for i in 4 5 6; do task add -m $i -p high; done
	expect_status 75 task add -m x -p high
	task add -m 7 -p urgent
	# one that is taken at once does not wait
	as Atlas claim NOW 'At once'
	on 2 send 1 -t task -m theirs
	sync 2 1
	on 1 task list --json | grep -c QUEUED >count
	[ "$(cat count)" = 8 ]
	on 1 status >text
	expect_line 'more than 3 tasks wait, the bound' text
	for i in 1 2 3 4 5 6; do as Atlas next >/dev/null; done
	task add -m 8
	on 1 status >text
	no_line 'tasks wait, the bound' text
}

it it_comes_after_others
it what_failed_bars_what_follows
it nobody_waits_for_himself
it no_instance_gets_it_before
it routine_comes_after_seven
it others_approve_it
it the_queue_has_a_bound
it it_needs_what_others_have
it who_is_gone_needs_nothing
it many_need_the_same
it instances_need_it_too
it too_long_is_over
it what_fails_is_tried_again
it instances_keep_to_it
finish
