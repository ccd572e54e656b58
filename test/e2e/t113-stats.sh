# Figures by week, that tell whether coordination pays; refusals are counted without
# filling the log.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

as() {
	_name=$1
	shift
	TRINE_SESSION=$_name on 1 "$@"
}

# figure KEY NUMBER: in the total of what `trine stats` says.
figure() {
	on 1 stats --json | sed 's/.*"total"://' >total
	grep "\"$1\":$2[,}]" total
}

start() {
	new_fleet 1
	agent Atlas
	agent Forge
}
end() {
	leave Atlas
	leave Forge
}

each_is_counted() {
	start
	on 1 stats >said
	expect_line 'Nothing to count yet' said
	on 1 task add -m One --name ONE
	on 1 task add -m Two --name TWO
	as Atlas task claim ONE
	as Atlas task claim TWO
	expect_status 1 as Forge task claim ONE
	TRINE_TEST_CLOCK=+9s as Atlas task 'done' ONE
	as Atlas task fail TWO
	token=$(as Atlas lock acquire L)
	expect_status 1 as Forge lock acquire L
	expect_status 1 as Forge lock acquire L --wait 1s
	as Forge lock acquire L --wait 1m >forge &
	echo $! >waiter.pid
	wait_until sh -c 'tail -n 1 1/.trine/event-log.jsonl | grep "lock.waiting.*\"L\""'
	as Atlas lock release L --token "$token"
	wait "$(cat waiter.pid)"
	rm waiter.pid
	as Atlas reserve 'src/**' >/dev/null
	expect_status 1 as Forge reserve 'src/a'
	on 1 send 2 -m Hello
	for row in tasks_made:2 tasks_done:1 tasks_failed:1 refused_tasks:1 \
		refused_locks:2 refused_reservations:1 refused_fleet:0 waits:2 \
		waits_in_vain:1 messages_sent:1 messages_late:0; do
		figure "${row%:*}" "${row#*:}"
	done
	figure claim_to_done_s '\(9\|1[0-9]\)'
	on 1 stats >table
	grep '^20[0-9][0-9]-W[0-5][0-9]  *1  ' table
	grep '^total  *1  ' table
	TRINE_TEST_CLOCK=+3d on 1 stats --since 1d >said
	expect_line 'Nothing to count yet' said
	end
}

# A minute of them is one event, however many there are; nothing is counted twice.
refusals_do_not_fill_the_log() {
	start
	as Atlas lock acquire L >/dev/null
	size=$(wc -c <1/.trine/event-log.jsonl)
	for i in 1 2 3 4 5; do
		expect_status 1 as Forge lock acquire L
		expect_status 1 as Atlas lock acquire L
	done
	[ "$size" = "$(wc -c <1/.trine/event-log.jsonl)" ]
	figure refused_locks 10
	export TRINE_TEST_CLOCK=+2m
	expect_status 1 as Forge lock acquire L
	on 1 log --type claims.refused >told
	expect_count 1 'locks=10' told
	figure refused_locks 11
	export TRINE_TEST_CLOCK=+4m
	on 1 sync
	on 1 sync
	unset TRINE_TEST_CLOCK
	on 1 log --type claims.refused >told
	expect_count 2 'locks=' told
	grep 'locks=1$' told
	figure refused_locks 11
	# a file that a power cut left half counts nothing, and is in nobody's way
	printf '17' >1/.trine/run/refused
	expect_status 1 as Forge lock acquire L
	figure refused_locks 12
	end
}

# The weeks of parts that were closed long ago count, too.
all_parts_are_read() {
	new_fleet 1
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	on 1 task add -m One
	head -c 70000 /dev/zero | tr '\0' x | on 1 send 9 -m Long -
	on 1 sync
	[ -e 1/.trine/log/000001.jsonl ]
	TRINE_TEST_CLOCK=+8d on 1 task add -m Two
	figure tasks_made 2
	on 1 stats >table
	[ "$(grep -c '^20[0-9][0-9]-W' table)" = 2 ]
}

it each_is_counted
it refusals_do_not_fill_the_log
it all_parts_are_read
finish
