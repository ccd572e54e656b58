# Cron mails whatever is printed: nothing when all is well, one line when the
# remote is away for long, one line when it is back.
. "${0%/*}/lib.sh"

cycle() { # STATUS LINES: one cycle of computer 1 prints that many
	expect_status "$1" said told on 1 sync
	cat told
	[ "$(wc -l <told)" -eq "$2" ] || fail "$(wc -l <told) lines, not $2"
}

success_prints_nothing() {
	new_fleet 2
	on 1 send 2 -m Hello
	cycle 0 0
	said told on 2 send 1 -m Back
	cycle 0 0
	sync 2
	cycle 0 0
}

a_failure_that_lasts_is_one_line() {
	new_hub
	start_daemon
	add_computer 1
	sync 1
	stop_daemon
	cycle 75 0
	cycle 75 0
	cycle 75 1
	cycle 75 0
	cycle 75 0
	serve
	cycle 0 1
	cycle 0 0
}

a_short_one_is_none() {
	new_hub
	start_daemon
	add_computer 1
	sync 1
	stop_daemon
	cycle 75 0
	cycle 75 0
	serve
	cycle 0 0
}

a_second_cycle_steps_aside() {
	new_fleet 1
	sync 1
	for each in 1 2 3 4 5; do
		said told.$each on 1 sync &
	done
	wait
	cat told.* | cmp - /dev/null
}

it success_prints_nothing
it a_failure_that_lasts_is_one_line
it a_short_one_is_none
it a_second_cycle_steps_aside
finish
