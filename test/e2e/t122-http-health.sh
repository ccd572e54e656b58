# How a service is, asked by HTTP; and what happens to what it works on.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
		LocalAddr => "127.0.0.1")->sockport'
}
service() { # N NAME [LINE…]: that is well as its file `mood` says
	port=$(free_port)
	instance "$1" "$2" 'start = perl' "  $top/test/e2e/health.pl" "  $port" \
		"health = http://127.0.0.1:$port/health?copy={copy}"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" >>1/.trine/trine.ini
}
mood() { echo "$1" >1/.trine/work/web/mood; }

a_service_is_asked_for_its_health() {
	quick
	service 1 web
	start_trined 1
	wait_until is web ONLINE
	expect_line '/health?copy=1' 1/.trine/work/web/asked
	mood 302
	sleep 2
	is web ONLINE
	_pid=$(pid_of web)
	mood 503
	wait_until is web DEGRADED
	on 1 instance list >text
	expect_line 'it answered with 503' text
	mood 200
	wait_until is web ONLINE
	[ "$(pid_of web)" = "$_pid" ]
}

slow_is_degraded() {
	quick
	service 1 web 'slow = 1s'
	start_trined 1
	wait_until is web ONLINE
	mood slow
	wait_until is web DEGRADED
	_pid=$(pid_of web)
	sleep 5
	is web DEGRADED
	[ "$(pid_of web)" = "$_pid" ]
}

one_that_cuts_is_started_again() {
	quick
	service 1 web
	start_trined 1
	wait_until is web ONLINE
	_pid=$(pid_of web)
	mood cut
	wait_until is web CRASHED
	on 1 log >text
	expect_line 'reason=no answer' text
	mood 200
	wait_until another_pid web "$_pid"
	wait_until is web ONLINE
}

nobody_who_listens_is_said() {
	quick
	instance 1 far "health = http://localhost:$(free_port)/" 'startup = 1s'
	instance 1 web 'start = sleep' '  1000' \
		"health = http://127.0.0.1:$(free_port)/" 'startup = 2s'
	start_trined 1
	wait_until is web CRASHED
	on 1 instance list >text
	expect_line 'it was not well in time' text
	is far OFFLINE
}

one_that_hangs_holds_up_nobody() {
	quick
	service 1 web
	instance 1 other 'start = sleep' '  1000'
	start_trined 1
	wait_until is web ONLINE
	mood hang
	sleep 6
	_history=$(fact other history)
	[ "${#_history}" -ge 5 ] || fail "$_history"
	case $_history in *[!+]*) fail "$_history" ;; esac
	wait_until is web DEGRADED
	on 1 instance list >text
	expect_line 'no answer in time' text
}

without_the_web_part_nobody_is_ill() {
	quick
	service 1 web
	start_trined 1
	wait_until is web ONLINE
	_pid=$(pid_of web)
	for _again in 1 2 3 4 5 6; do
		kill -9 "$(web_pid 1)" || :
		sleep 1
	done
	kill -0 "$_pid"
	case $(fact web history) in *-*) fail "$(fact web history)" ;; esac
	wait_until trined_is_up 1
	is web ONLINE
}

a_web_part_that_hangs_is_killed() {
	quick
	service 1 web
	start_trined 1
	wait_until is web ONLINE
	_pid=$(pid_of web) _hung=$(web_pid 1)
	kill -STOP "$_hung"
	wait_until grep -q 'the web part does not answer: it is killed' trined-1.log
	wait_until another_web "$_hung"
	[ "$(pid_of web)" = "$_pid" ]
	wait_until is web ONLINE
}
another_web() { trined_is_up 1 && [ "$(web_pid 1)" != "$1" ]; }

it a_service_is_asked_for_its_health
it slow_is_degraded
it one_that_cuts_is_started_again
it nobody_who_listens_is_said
it one_that_hangs_holds_up_nobody
it a_web_part_that_hangs_is_killed
it without_the_web_part_nobody_is_ill
finish
