# Instances that the daemon starts and watches over: their states, restarts and end.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

copies_are_started_and_end_with_the_daemon() {
	quick
	cat >say <<-'END'
	echo "$TRINE_INSTANCE $TRINE_COPY $1 in $TRINE_DIR, at ${PWD##*/}"
	exec sleep 1000
	END
	instance 1 builder 'start = /bin/sh' "  $PWD/say" '  a{copy}b' 'copies = 2'
	start_trined 1
	wait_until is builder ONLINE
	wait_until is builder ONLINE 2
	expect_line "builder 2 a2b in $PWD/1, at builder" 1/.trine/run/logs/builder.2.log
	[ "$(stat -c %a 1/.trine/run/logs/builder.2.log)" = 600 ]
	on 1 instance list >text
	expect_line 'builder 1  ONLINE' text
	on 1 status >text
	expect_line 'builder  ONLINE (2 of 2 online)' text
	sync 1
	expect_line '2 of 2 instances online' 1/coordination/COMPUTER_1.md
	expect_line '| builder | ONLINE | 0/2 |' 1/coordination/COMPUTER_1.md
	expect_line '"name":"builder","state":"ONLINE"' 1/.trine/run/active.json
	_first=$(pid_of builder) _second=$(pid_of builder 2)
	kill -0 "$_first"
	stop_trined 1
	is_gone "$_first"
	is_gone "$_second"
	on 1 instance list >text
	expect_line 'builder 1  unknown' text
	json 1 status
	expect_line '"state":"unknown"' json
}

a_killed_one_is_started_again() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000'
	instance 1 reader 'deliver = inbox'
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	kill -9 "$_pid"
	wait_until is builder CRASHED
	on 1 instance list >text
	expect_line 'it died of signal 9' text
	expect_line 'reader  unknown  (nobody watches over it: neither' text
	expect_line 'builder: it died of signal 9; it is started again' trined-1.log
	wait_until another_pid builder "$_pid"
	wait_until is builder ONLINE
}

# An agent may have started the daemon.
they_act_for_nobody_who_called() {
	quick
	printf 'env >%s/$1; [ $1 = asks ] || exec sleep 1000\n' "$PWD" >say
	instance 1 builder 'start = /bin/sh' "  $PWD/say" '  is' \
		'health = exec /bin/sh' "  $PWD/say" '  asks'
	start_trined 1 TRINE_SESSION=Atlas TRINE_LOCK=deploy TRINE_LOCK_TOKEN=1 \
		TRINE_TASK=2_TO_1.9 TRINE_ATTEMPT=1 TRINE_ALERT=1_TO_ALL.1
	wait_until is builder ONLINE
	for file in is asks; do
		expect_line TRINE_INSTANCE=builder $file
		expect_line TRINE_COPY=1 $file
		for name in SESSION LOCK LOCK_TOKEN TASK ATTEMPT ALERT; do
			no_line "TRINE_$name=" $file
		done
	done
	stop_trined 1
}

after_three_failures_there_is_an_alert_and_no_more() {
	quick
	instance 1 builder 'start = /bin/sh' '  -c' '  echo x >>starts; exit 3'
	start_trined 1
	wait_until given_up
	is builder CRASHED
	on 1 status >text
	expect_line 'instance builder is not started again' text
	expect_line 'it ended with 3' text
	expect_count 3 x 1/.trine/work/builder/starts
	# a daemon that is started again is nobody who acts
	stop_trined 1
	start_trined 1
	sleep 3
	expect_count 3 x 1/.trine/work/builder/starts
	expect_status 1 said text on 1 instance start builder
	expect_line 'builder is CRASHED: it ended with 3' text
	expect_count 6 x 1/.trine/work/builder/starts
}
the_alert_of_one_that_is_gone_ends() {
	quick
	instance 1 builder 'start = /bin/false'
	start_trined 1
	wait_until given_up
	on 1 alert list >text
	expect_line instance-builder text
	stop_trined 1
	sed -i.bak '/^\[instance builder\]/,$d' 1/.trine/trine.ini
	start_trined 1
	wait_until no_alert
}
no_alert() { [ -z "$(on 1 alert list)" ]; }
given_up() { [ "$(fact builder given_up)" = true ]; }

what_cannot_be_started_says_why() {
	quick
	instance 1 builder 'start = /nowhere/builder'
	start_trined 1
	wait_until given_up
	on 1 instance list >text
	expect_line 'cannot run /nowhere/builder: No such file' text
	on 1 daemon status >text
	expect_line '0 of 1 online' text
	expect_line 'builder 1 is CRASHED: cannot run /nowhere/builder' text
}

slow_is_degraded_and_not_dead() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000' \
		'health = exec sleep 1.2' 'slow = 1s'
	start_trined 1
	wait_until is builder DEGRADED
	on 1 instance list >text
	expect_line 'ms to answer' text
	_pid=$(pid_of builder)
	sleep 6
	[ "$(pid_of builder)" = "$_pid" ]
	is builder DEGRADED
}

a_check_that_hangs_holds_up_nobody() {
	quick
	instance 1 stuck 'start = /bin/sleep' '  1000' 'health = exec sleep 1000'
	instance 1 builder 'start = /bin/sleep' '  1000' 'health = exec true'
	start_trined 1
	wait_until is builder ONLINE
	sleep 5
	is stuck STARTING
	_history=$(fact builder history)
	[ "${#_history}" -ge 4 ] || fail "asked ${#_history} times in 5 s"
	case $_history in *[!+]*) fail "$_history" ;; esac
}

ill_three_times_is_started_again() {
	quick
	instance 1 builder 'start = /bin/sh' '  -c' \
		'  echo x >>starts; touch well; exec sleep 1000' \
		'health = exec test -e well'
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	rm 1/.trine/work/builder/well
	wait_until is builder DEGRADED
	on 1 instance list >text
	expect_line 'its check ended with 1' text
	wait_until another_pid builder "$_pid"
	is_gone "$_pid"
	expect_count 2 x 1/.trine/work/builder/starts
}

a_file_that_grows_old() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000' 'health = file alive 3s' \
		'startup = 1h'
	start_trined 1
	wait_until is builder STARTING
	touch 1/.trine/work/builder/alive
	wait_until is builder ONLINE
	wait_until is builder DEGRADED
	on 1 instance list >text
	expect_line 'alive is 4 s old' text
}

one_without_a_program_is_watched() {
	quick
	instance 1 far "health = exec test -e $PWD/well"
	start_trined 1
	sleep 1
	is far OFFLINE
	touch well
	wait_until is far ONLINE
	rm well
	wait_until is far CRASHED
	on 1 status >text
	expect_line 'instance far is not well: its check ended with 1' text
	expect_status 64 on 1 instance start far
	touch well
	wait_until is far ONLINE
	on 1 status >text
	no_line 'far is not well' text
}

people_start_and_stop_them() {
	quick
	instance 1 builder 'start = /bin/sleep' '  1000'
	instance 1 other 'start = /bin/sleep' '  1000'
	expect_status 75 said text on 1 instance start builder
	expect_line '`trine daemon start` starts one' text
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder)
	on 1 instance restart builder >text
	expect_line 'builder  ONLINE' text
	another_pid builder "$_pid"
	on 1 instance stop builder >text
	expect_line 'builder  OFFLINE' text
	is builder OFFLINE
	is other ONLINE
	stop_trined 1
	start_trined 1
	wait_until is other ONLINE
	is builder OFFLINE
	on 1 instance start --all
	is builder ONLINE
	expect_status 64 on 1 instance start
	expect_status 64 on 1 instance start --all builder
	expect_status 69 on 1 instance stop nobody
}

all_that_one_has_started_ends_with_it() {
	quick
	cat >stubborn <<-'END'
	trap '' TERM
	sleep 1000 &
	echo $! >child
	while :; do sleep 1; done
	END
	instance 1 builder 'start = /bin/sh' "  $PWD/stubborn"
	start_trined 1
	wait_until is builder ONLINE
	_pid=$(pid_of builder) _child=$(cat 1/.trine/work/builder/child)
	kill -0 "$_child"
	on 1 instance stop builder
	is_gone "$_pid"
	is_gone "$_child"
}

a_program_of_its_own_ends_one() {
	quick
	cat >patient <<-'END'
	trap '' TERM
	while [ ! -e over ]; do sleep 0.1; done
	echo bye
	END
	instance 1 builder 'start = /bin/sh' "  $PWD/patient" 'stop = touch' '  over'
	start_trined 1
	wait_until is builder ONLINE
	on 1 instance stop builder
	expect_line bye 1/.trine/run/logs/builder.1.log
}

what_one_prints_is_bounded() {
	quick
	instance 1 builder 'start = /bin/sh' '  -c' \
		'  yes "the same line again" | head -c 3000000; exec sleep 1000'
	start_trined 1
	wait_until test -s 1/.trine/run/logs/builder.1.log.1
	_size=$(cat 1/.trine/run/logs/builder.1.log* | wc -c)
	[ "$_size" -lt 3000000 ] || fail "$_size bytes"
	expect_line 'the same line again' 1/.trine/run/logs/builder.1.log.1
}

it copies_are_started_and_end_with_the_daemon
it a_killed_one_is_started_again
it they_act_for_nobody_who_called
it after_three_failures_there_is_an_alert_and_no_more
it the_alert_of_one_that_is_gone_ends
it what_cannot_be_started_says_why
it slow_is_degraded_and_not_dead
it a_check_that_hangs_holds_up_nobody
it ill_three_times_is_started_again
it a_file_that_grows_old
it one_without_a_program_is_watched
it people_start_and_stop_them
it all_that_one_has_started_ends_with_it
it a_program_of_its_own_ends_one
it what_one_prints_is_bounded
finish
