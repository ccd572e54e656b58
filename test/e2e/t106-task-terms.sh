# What a task says of when it may be begun, and how often: what it comes after.
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
	! task show D
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
	printf '[instance box]\ndeliver = inbox\n' >>1/.trine/trine.ini
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

it it_comes_after_others
it what_failed_bars_what_follows
it nobody_waits_for_himself
it no_instance_gets_it_before
finish
