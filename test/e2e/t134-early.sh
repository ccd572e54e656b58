# What comes before git brings it is work like any other: nobody waits for the remote.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/realtime.sh"

out_of_reach() { mv hub.git away.git; }
in_reach() { mv away.git hub.git; }
handed() { [ -s "$1/.trine/inbox/builder/new/$2.md" ]; } # N ID
state_is() { on "$1" show "$2" --json | grep -q "\"state\":\"$3\""; } # N ID STATE

a_task_is_done_before_git_knows_of_it() {
	new_fleet 3
	hub_settings
	instance 3 builder 'deliver = inbox'
	start_all 3
	out_of_reach
	on 2 send 3 -t task --for builder -m 'Build it' >/dev/null
	wait_until handed 3 2_TO_3.1
	on 3 reply 2_TO_3.1 -m 'Built' >/dev/null
	wait_until state_is 2 2_TO_3.1 COMPLETED
	on 2 show 3_TO_2.1 --json >text
	expect_line '"re":"2_TO_3.1"' text
	no_line '"event":"received"' text
	for n in 1 2 3; do stop_trined $n; done
	in_reach
	sync 2 3 2 3 2
	on 3 log --type message.handed >text
	expect_count 1 2_TO_3.1 text
	on 3 log --type message.received >text
	expect_count 1 2_TO_3.1 text
	[ "$(events 2 3_TO_2.1 | tr ' ' '\n' | grep -c received)" = 1 ]
	on 2 status --json >text
	expect_line '"confirmed":{"3":1}' text
}

an_alert_is_everywhere_at_once() {
	new_fleet 3
	hub_settings
	start_all 3
	out_of_reach
	on 2 alert 'The disk of the database is full' >/dev/null
	for n in 1 3; do wait_until alarmed $n; done
	on 3 status >text
	expect_line 'The disk of the database is full' text
	on 3 alert clear >/dev/null
	for n in 1 2 3; do wait_until calm $n; done
	on 3 status >text
	no_line 'The disk of the database is full' text
	in_reach
}

who_joins_waits_for_git() {
	new_fleet 2
	hub_settings
	sync 1 2 1
	start_trined 1
	connect_to_hub 2
	start_trined 2
	wait_until sees 1 2
	add_computer 3
	connect_to_hub 3
	out_of_reach
	start_trined 3
	wait_until sees 1 3
	on 1 send 3 -m 'Welcome' >/dev/null
	on 3 send 1 -m 'Thank you' >/dev/null
	sleep 2
	! has 3 1_TO_3.1 || fail 'taken before its first push'
	! has 1 3_TO_1.1 || fail 'given before its first push'
	in_reach
	sync 1 3
	wait_until has 3 1_TO_3.1
	wait_until has 1 3_TO_1.1
}

who_has_the_log_holds_up_nobody_else() {
	new_fleet 3
	hub_settings
	start_all 3
	perl -e 'use Fcntl; open my $f, "+<", $ARGV[0] or die;
		my $lock = pack "ssx4qqi", F_WRLCK, 0, 0, 0, 0;
		fcntl $f, F_SETLKW, $lock or die; sleep 4' 3/.trine/event-log.lock &
	sleep 1
	for n in 1 2 3; do on 2 send 3 -m "Number $n" >/dev/null; done
	on 2 send 1 -m 'Beside' >/dev/null
	wait_until has 1 2_TO_1.1
	! has 3 2_TO_3.1 || fail 'the log was not held'
	wait $!
	# early, or by the daemon's own cycle
	for n in 1 2 3; do wait_until has 3 2_TO_3.$n; done
}

it a_task_is_done_before_git_knows_of_it
it who_has_the_log_holds_up_nobody_else
it an_alert_is_everywhere_at_once
it who_joins_waits_for_git
finish
