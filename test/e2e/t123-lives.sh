# Daemons come and go: what becomes of instances, of settings and of clocks.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

kill_trined() { # N: as a crash would
	_killed=$(trined_pid "$1") _part=$(web_pid "$1")
	kill -9 "$_killed"
	wait "$_killed" || :
	rm "trined-$1.pid"
	wait_until is_gone "$_part"
}

kept_ones_are_taken_over() {
	quick
	echo 'keep = yes' >>1/.trine/trine.ini
	instance 1 builder 'start = /bin/sleep' '  1000' 'copies = 2'
	start_trined 1
	wait_until is builder ONLINE 2
	_first=$(pid_of builder) _second=$(pid_of builder 2)
	kill_trined 1
	kill -0 "$_first"
	is builder unknown
	start_trined 1
	wait_until is builder ONLINE
	wait_until is builder ONLINE 2
	[ "$(pid_of builder)" = "$_first" ]
	[ "$(pid_of builder 2)" = "$_second" ]
	# and watched over: this daemon is not their parent
	kill -9 "$_first"
	wait_until another_pid builder "$_first"
	[ "$(pid_of builder 2)" = "$_second" ]
	stop_trined 1
	kill -0 "$_second"
	start_trined 1
	wait_until is builder ONLINE 2
	[ "$(pid_of builder 2)" = "$_second" ]
	on 1 instance stop builder
	is_gone "$_second"
}

others_are_ended_and_started() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000'
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	kill_trined 1
	kill -0 "$_pid"
	start_trined 1
	wait_until another_pid builder "$_pid"
	is_gone "$_pid"
	wait_until is builder ONLINE
	expect_line "builder runs already, as process $_pid: it is ended" trined-1.log
}

one_that_ended_in_between_is_not_another_process() {
	quick
	echo 'keep = yes' >>1/.trine/trine.ini
	instance 1 builder 'start = /bin/sleep' '  1000'
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	kill_trined 1
	kill -9 "$_pid"
	wait_until is_gone "$_pid"
	start_trined 1
	wait_until another_pid builder "$_pid"
}

bad_settings_are_said_and_the_old_stay() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000'
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder) _web=$(web_pid 1)
	cp 1/.trine/trine.ini good
	instance 1 builder 'copies = many'
	kill -HUP "$(trined_pid 1)"
	wait_until grep -q 'the settings stay as they were' trined-1.log
	expect_line "copies: 'many' is no number from 1 to 99" trined-1.log
	expect_status 78 on 1 daemon reload
	: >1/.trine/trine.ini
	kill -HUP "$(trined_pid 1)"
	wait_until grep -q 'trine.ini sets nothing' trined-1.log
	cp good 1/.trine/trine.ini
	[ "$(pid_of builder)" = "$_pid" ]
	[ "$(web_pid 1)" = "$_web" ]
	is builder ONLINE
}

other_settings_are_done() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000'
	instance 1 same 'start = /bin/sleep' '  1000'
	instance 1 gone 'start = /bin/sleep' '  1000' 'copies = 2'
	start_trined 1
	wait_until is gone ONLINE 2
	_builder=$(pid_of builder) _same=$(pid_of same)
	_first=$(pid_of gone) _second=$(pid_of gone 2) _web=$(web_pid 1)
	sed -i.bak -e '/^\[instance gone\]/,$d' 1/.trine/trine.ini
	sed -i.bak -e '/^\[instance builder\]/,/1000/s/1000/2000/' 1/.trine/trine.ini
	instance 1 new 'start = /bin/sleep' '  1000'
	expect_status 75 said told on 1 instance start new
	expect_line 'has not read of [instance new] yet: `trine daemon reload`' told
	on 1 daemon reload
	wait_until is new ONLINE
	wait_until is_gone "$_first"
	wait_until is_gone "$_second"
	wait_until another_pid builder "$_builder"
	[ "$(pid_of same)" = "$_same" ]
	# the web part has other settings, too
	wait_until trined_is_up 1
	[ "$(web_pid 1)" != "$_web" ]
	expect_line 'the settings were read anew' trined-1.log
}

it_ends_within_ten_seconds() {
	quick
	cat >stubborn <<-'END'
	trap '' TERM
	while :; do sleep 1; done
	END
	instance 1 builder 'start = /bin/sh' "  $PWD/stubborn" 'copies = 3'
	start_trined 1
	wait_until is builder ONLINE 3
	_third=$(pid_of builder 3) _from=$(date +%s)
	stop_trined 1
	[ $(($(date +%s) - _from)) -le 10 ] || fail 'that took too long'
	is_gone "$_third"
}

ready_again() { [ "$(grep -c READY=1 said)" -ge 2 ]; }

systemd_hears_of_it() {
	quick
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Local => "notify", Type => SOCK_DGRAM) or die;
		$| = 1;
		while (1) { $s->recv(my $text, 1000); print "$text\n" }' >said &
	echo $! >listener.pid
	wait_until test -S notify
	start_trined 1 NOTIFY_SOCKET="$PWD/notify" WATCHDOG_USEC=2000000
	wait_until grep -q READY=1 said
	sleep 3
	[ "$(grep -c WATCHDOG=1 said)" -ge 3 ] || fail "$(cat said)"
	kill -HUP "$(trined_pid 1)"
	wait_until grep -q RELOADING=1 said
	wait_until ready_again
	stop_trined 1
	wait_until grep -q STOPPING=1 said
}

what_is_replaced_meanwhile_goes_on() {
	quick
	mkdir bin
	cp "$TRINED" bin/
	ln -s "$TRINE" bin/trine
	TRINED=$PWD/bin/trined
	start_trined 1
	cp bin/trined bin/new
	mv bin/new bin/trined
	_old=$(web_pid 1)
	kill -9 "$_old"
	wait_until trined_is_another "$_old"
}
trined_is_another() { trined_is_up 1 && [ "$(web_pid 1)" != "$1" ]; }

clocks_that_jump_disturb_nobody() {
	quick
	echo 'keep = yes' >>1/.trine/trine.ini
	instance 1 builder 'start = /bin/sleep' '  1000'
	start_trined 1 TRINE_TEST_CLOCK=+3d
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	kill_trined 1
	start_trined 1 TRINE_TEST_CLOCK=-2h
	wait_until is builder ONLINE
	[ "$(pid_of builder)" = "$_pid" ]
	kill -9 "$_pid"
	wait_until another_pid builder "$_pid"
	wait_until is builder ONLINE
	_kept=$(pid_of builder)
	stop_trined 1
	start_trined 1 TRINE_TEST_CLOCK=~20m
	wait_until is builder ONLINE
	[ "$(pid_of builder)" = "$_kept" ]
	on 1 instance stop builder
}

the_command_line_starts_and_ends_it() {
	quick
	expect_status 1 said text on 1 daemon status
	expect_line 'no daemon runs' text
	on 1 -q daemon start
	on 1 daemon status >text
	sed -n 's/trined runs as process \([0-9]*\).*/\1/p' text >trined-1.pid
	expect_line "coordinator 127.0.0.1 port $(port_of 1)" text
	on 1 daemon status --json | grep -q '"running": *true'
	on 1 daemon start
	[ "$(on 1 daemon status | head -1 | cut -d' ' -f5 | tr -d ,)" = \
		"$(cat trined-1.pid)" ]
	on 1 -q daemon stop
	expect_status 1 on 1 daemon status
	on 1 daemon stop
	# one that cannot start says why
	printf '[daemon]\nperiod = never\n' >>2.ini
	add_computer 2
	cat 2.ini >>2/.trine/trine.ini
	expect_status 78 said text on 2 daemon start
	expect_line "period: 'never' is no time" text
	sed -i.bak /period/d 2/.trine/trine.ini
	: >2/.trine/run/token
	chmod 644 2/.trine/run/token
	expect_status 75 said text on 2 daemon start
	expect_line 'its web part does not listen yet' text
	expect_line 'run/token' text
	on 2 daemon stop
}

it kept_ones_are_taken_over
it others_are_ended_and_started
it one_that_ended_in_between_is_not_another_process
it bad_settings_are_said_and_the_old_stay
it other_settings_are_done
it it_ends_within_ten_seconds
it systemd_hears_of_it
it what_is_replaced_meanwhile_goes_on
it clocks_that_jump_disturb_nobody
it the_command_line_starts_and_ends_it
finish
