# The event log goes on in a new part when it has grown, and nobody notices: not who
# reads it, follows it, waits for it, or makes the view anew from it.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

log=1/.trine/event-log.jsonl

whole_log() { cat 1/.trine/log/*.jsonl $log; }

# A fleet of N whose first computer goes on after 64 KiB.
short_parts() {
	new_fleet "$1"
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
}

# More of it than one part holds, and the cycle that sees that.
fill_part() {
	head -c 70000 /dev/zero | tr '\0' x | on 1 send 9 -m "$1" -
	on 1 sync
}

numbers_run_on() {
	whole_log | sed -E 's/^\{"seq":([0-9]+),.*/\1/' >numbers
	seq "$(wc -l <numbers)" | expect_file numbers
}

parts_follow_each_other() {
	short_parts 1
	[ ! -e 1/.trine/log ]
	for part in 1 2 3; do fill_part "Part $part"; done
	ls 1/.trine/log >names
	printf '%s\n' 000001.jsonl 000002.jsonl 000003.db 000003.jsonl |
		expect_file names
	on 1 sync		# has no reason to
	ls 1/.trine/log | expect_file names
	numbers_run_on
	on 1 log --json >all
	whole_log | expect_file all
	on 1 log --type log.continued >told
	expect_count 3 'part=' told
	on 1 log --since 1h --json | expect_file all
	on 1 show 1_TO_9.1 | grep 'Part 1'
}

# Row for row, by what can be asked; the copy is used, and not needed.
a_view_comes_back_from_parts() {
	short_parts 1
	on 1 task add -m 'Before'
	fill_part 'Between'
	on 1 task add -m 'After'
	on 1 task list --all --json >tasks
	on 1 search --json Between >said
	for gone in state.db log/000001.db; do
		rm -f 1/.trine/$gone* 1/.trine/state.db*
		on 1 task list --all --json | expect_file tasks
		on 1 search --json Between | expect_file said
	done
	rm -f 1/.trine/state.db* 1/.trine/log/000001.jsonl
	expect_status 65 said told on 1 status
	expect_line 'log/000001.jsonl is missing' told
}

who_follows_goes_on() {
	short_parts 1
	on 1 log -f --json >followed &
	echo $! >follower.pid
	agent Atlas
	TRINE_SESSION=Atlas on 1 task next --wait 60s >next &
	echo $! >waiter.pid
	fill_part One
	fill_part Two
	on 1 task add -m 'Waited for'
	wait "$(cat waiter.pid)"
	rm waiter.pid
	expect_line 'Waited for' next
	numbers_run_on
	whole_log >all
	wait_until cmp -s all followed
	kill "$(cat follower.pid)"
	rm follower.pid
	leave Atlas
}

# Tokens are numbers of events.
tokens_rise_over_parts() {
	short_parts 1
	agent Atlas
	last=0
	for part in 1 2 3; do
		TRINE_SESSION=Atlas on 1 lock acquire L --json | sed 's/.*"token": *//; s/[^0-9].*//' >token
		[ "$(cat token)" -gt "$last" ]
		last=$(cat token)
		TRINE_SESSION=Atlas on 1 lock release L --token "$last" ||
			TRINE_SESSION=Atlas on 1 lock release L
		fill_part "Part $part"
	done
	if perl -MJSON::PP -e 1 2>/dev/null; then
		whole_log >all
		"$top/test/history" all
	fi
	leave Atlas
}

# The whole of .trine from before: older than the branch, and complete in itself.
a_backup_from_before() {
	short_parts 2
	on 1 send 2 -m First
	fill_part One
	sync 2
	cp -pR 1/.trine older
	on 1 send 2 -m Second
	fill_part Two
	sync 2
	rm -rf 1/.trine
	mv older 1/.trine
	sync 1 2 1
	on 1 send 2 -m Third
	fill_part Three
	sync 2 1 2
	titles 2 | sort >got
	printf '%s\n' First Second Third | expect_file got
	numbers_run_on
}

a_log_that_cannot_go_on_grows() {
	short_parts 1
	: >1/.trine/log		# no folder can be made
	head -c 70000 /dev/zero | tr '\0' x | on 1 send 9 -m Long -
	expect_status '65 74' said told on 1 sync
	cat told
	on 1 send 9 -m 'Goes on'
	on 1 show 1_TO_9.2 | grep 'Goes on'
	rm 1/.trine/log
	on 1 sync
	numbers_run_on
}

it parts_follow_each_other
it a_view_comes_back_from_parts
it who_follows_goes_on
it tokens_rise_over_parts
it a_backup_from_before
it a_log_that_cannot_go_on_grows
finish
