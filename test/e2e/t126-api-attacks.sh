# Whoever reaches the daemon's port and means no good, or is only clumsy: nobody else
# notices.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/daemon.sh"

client() { perl "$top/test/e2e/http.pl" "${url#http://}" "$@"; }
# status_of STATUS PATH [OPTION…]: that is what curl gets there.
status_of() {
	_wanted=$1 _path=$2
	shift 2
	_got=$(curl -sS -m 20 -o answer -w '%{http_code}' "$@" "$url$_path")
	[ "$_got" = "$_wanted" ] || { cat answer; fail "$_got, not $_wanted: $_path $*"; }
}
mine() { status_of "$@" -H "Authorization: Bearer $token"; }
mine_json() { mine "$@" -H 'Content-Type: application/json'; }
works() { mine 200 /api/tasks; }
# An answer that says what to do.
expect_error() {
	grep -q "^{\"schema\":1,\"error\":{\"code\":\"$1\",\"text\":\"..*\",\"hint\":\"..*\"}}$" \
		answer || { cat answer; fail "not an error of code $1"; }
}

without_the_token_nothing_is_said() {
	serve_api
	for path in /api/tasks /api/status /metrics /api/openapi.json /api/nothing /x; do
		status_of 401 $path
		expect_error token
		status_of 401 $path -H 'Authorization: Bearer '
		status_of 401 $path -H "Authorization: Basic $token"
		status_of 401 $path -H "Authorization: Bearer ${token}0"
		status_of 401 $path -H "Authorization: Bearer ${token%?}"
		status_of 401 $path -H "Authorization: Bearer $(echo "$token" | tr 0-9a-f 1-9a-f0)"
		status_of 401 "$path?token=$token"
	done
	status_of 401 /api/tasks -H 'Content-Type: application/json' -d '{"title":"x"}'
	# not even that it is too much
	head -c 600000 /dev/zero | tr '\0' ' ' >large
	status_of 401 /api/tasks -H 'Content-Type: application/json' --data-binary @large
	status_of 200 /livez
	works
}

pages_from_elsewhere_get_nothing() {
	serve_api
	port=${url##*:}
	for host in evil.example "evil.example:$port" 127.0.0.1.evil.example \
		"localhost.evil.example:$port" 127.1 0x7f000001 2130706433 '[::1' \
		'[localhost]' 10.0.0.1.evil.example ''; do
		mine 403 /api/tasks -H "Host: $host"
		status_of 403 /livez -H "Host: $host"
	done
	for origin in https://evil.example "http://evil.example:$port" null \
		http://localhost:1 "https://127.0.0.1:$port" file://; do
		mine 403 /api/tasks -H "Origin: $origin"
		mine_json 403 /api/tasks -H "Origin: $origin" -d '{"title":"x"}'
	done
	for site in cross-site same-site; do
		mine 403 /api/tasks -H "Sec-Fetch-Site: $site"
	done
	mine 200 /api/tasks -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin'
	# which name an address had, no name server has said
	for host in localhost 10.0.0.1 "192.0.2.1:$port" '[::2]' "[::1]:$port"; do
		mine 200 /api/tasks -H "Host: $host"
		mine 403 /api/tasks -H "Host: $host" -H 'Origin: https://evil.example'
	done
	# what a form can send without asking first
	for type in text/plain application/x-www-form-urlencoded multipart/form-data \
		application/jsonx ''; do
		mine 415 /api/tasks -H "Content-Type: $type" -d '{"title":"x"}'
		expect_error type
	done
	mine 200 /api/tasks
	expect_line '"tasks":[]' answer
	curl -sS -D head -o answer "$url/livez"
	expect_line "content-security-policy: default-src 'none'" head
	expect_line 'x-frame-options: DENY' head
	expect_not grep -i access-control head
}

what_stands_in_front_has_a_name() {
	new_fleet 1
	daemon_settings 1 'names = trine.example.org, Box.local'
	start_trined 1
	token=$(cat 1/.trine/run/token) url=$(url_of 1)
	for host in trine.example.org TRINE.example.org:443 box.local:8900; do
		mine 200 /api/tasks -H "Host: $host"
		mine 200 /api/tasks -H "Host: $host" -H "Origin: https://$host"
		mine 403 /api/tasks -H "Host: $host" -H 'Origin: https://example.org'
		mine 403 /api/tasks -H "Host: $host" -H "Origin: https://evil.$host"
	done
	for host in example.org trine.example.org.evil.example local; do
		mine 403 /api/tasks -H "Host: $host"
	done
	expect_line 'names' answer
	mine 403 /api/tasks -H "Origin: https://${url#http://}"
	sed -i 's/^names = .*/names = trine.example.org:443/' 1/.trine/trine.ini
	expect_status 78 said text on 1 status
	expect_line "'trine.example.org:443' is no name of a computer without a port" text
}

what_cannot_be_meant_is_said() {
	serve_api
	_web=$(web_pid 1)
	mine_json 400 /api/tasks -d '{"title":'
	expect_error malformed
	for body in '[]' '"title"' 7 null '{"title":"a","title":"b"}' '{} {}' \
		'{"title":"a\u0000b"}'; do
		mine_json 400 /api/tasks -d "$body"
	done
	perl -e 'print "[" x 100000' >deep
	mine_json 400 /api/tasks --data-binary @deep
	perl -e 'print "{\"labels\":" . "[" x 1000 . "]" x 1000 . "}"' >deep
	mine_json 422 /api/tasks --data-binary @deep
	printf '{"title":"\377"}' >bytes
	mine_json 400 /api/tasks --data-binary @bytes
	for body in '{"title":7}' '{"titel":"x"}' '{"title":"x","retries":-1}' \
		'{"title":"x","priority":"most"}' '{"title":"x","due":"soon"}' \
		'{"title":"x","labels":"ui"}' '{"title":"x","retries":99999999999999999}'; do
		mine_json 422 /api/tasks -d "$body"
		expect_error usage
	done
	mine 422 '/api/tasks?all=perhaps'
	mine 422 '/api/tasks?nonsense=1'
	mine 422 '/api/events?since=x'
	mine 422 /api/events -H 'Last-Event-ID: x'
	mine 404 /api/tasks/%2e%2e%2f%2e%2e/show
	for path in /api/tasks/%ff /api/state/a%c0%80 /api/messages/%ed%a0%80 /%80; do
		mine 400 "$path"
		expect_error malformed
	done
	mine 405 /api/tasks -X DELETE
	expect_error method
	client raw 'GET / HTTP/1.1\r\n\r\n' >text
	client raw '\x00\x01\xff\xfe\r\n\r\n' >text
	client raw 'POST /api/tasks HTTP/1.1\r\nHost: HOST\r\nContent-Length: -5\r\n\r\n' >text
	no_line '200 OK' text
	works
	[ "$(web_pid 1)" = "$_web" ]	# it did not begin anew
}

too_much_is_refused() {
	serve_api
	perl -e 'print "{\"body\":\"" . "x" x 600000 . "\"}"' >large
	mine_json 413 /api/tasks --data-binary @large
	expect_error large
	perl -e 'print "{\"title\":\"t\",\"body\":\"" . "x" x 400000 . "\"}"' >large
	mine_json 422 /api/tasks --data-binary @large
	perl -e 'print "{\"title\":\"t\",\"body\":\"" . "x" x 250000 . "\"}"' >large
	mine_json 200 /api/tasks --data-binary @large
	mine_json 411 /api/tasks -H 'Transfer-Encoding: chunked' -d '{"title":"x"}'
	expect_error length
	_long=$(perl -e 'print "x" x 20000')
	curl -sS -m 10 -o answer -w '%{http_code}' -H "Authorization: Bearer $token" \
		"$url/api/tasks?all=$_long" >code 2>/dev/null || :
	[ "$(cat code)" != 200 ]
	curl -sS -m 10 -o answer -H "X-Long: $_long" "$url/livez" 2>/dev/null || :
	client raw "GET /livez HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: \
websocket\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: \
13\r\n\r\n" >text
	no_line 101 text
	works
}

slow_ones_are_cut_off() {	# all at once, while somebody else works
	serve_api
	client slow '|GET /livez HTTP/1.1' 60 >head &
	_head=$!
	client slow "POST /api/tasks HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer \
$token\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n|{\"title\":\"" \
		60 >body &
	_body=$!
	for _try in 1 2 3 4 5; do works; sleep 1; done
	wait $_head $_body
	expect_line 'cut off after' head
	expect_line 'cut off after 1' body
	works
}

# By a clock that goes 10 times as fast.
who_takes_nothing_is_cut_off() {
	new_fleet 1
	daemon_settings 1
	start_trined 1 TRINE_TEST_CLOCK=x10
	know_api 1
	perl -e 'print "{\"title\":\"t\",\"body\":\"" . "x" x 250000 . "\"}"' >large
	# more than what the system keeps for who takes nothing
	for _try in $(seq 40); do mine_json 200 /api/tasks --data-binary @large; done
	client deaf 40 "/api/tasks/$(field id <answer)" "$token" 30 &
	echo $! >deaf-1.pid
	client deaf 1 '/api/events?since=0' "$token" 30 &
	echo $! >deaf-2.pid
	wait_until figure http_connections 3
	wait_until figure http_cut_total 2
	wait_until figure http_connections 1
	figure http_streams 0
	expect_empty trined-1.log
}
who_rests_too_long_is_cut_off() {
	new_fleet 1
	daemon_settings 1
	start_trined 1 TRINE_TEST_CLOCK=x10
	know_api 1
	client raw 'GET /livez HTTP/1.1\r\nHost: HOST\r\n\r\n' 20 >text
	expect_line CLOSED text
	figure http_cut_total 0
}
figure() { mine 200 /metrics && grep -q "^trine_$1 $2\$" answer; } # NAME VALUE

cut_and_crowded_connections_are_nothing() {
	serve_api
	client cut "$token" >text
	client pipeline 50 /api/tasks "$token" >text
	expect_line '50 answers' text
	client idle 1000 curl -sS -m 5 -o text "$url/livez" >out
	expect_line ok text
	client busy 1000 3 >text
	expect_line '3000 answers' text
	works
	kill -0 "$(web_pid 1)"
}

without_descriptors_it_goes_on() {
	new_fleet 1
	daemon_settings 1
	# shellcheck disable=SC3045 # dash and bash have it
	( ulimit -n 160; start_trined 1 )
	know_api 1
	_web=$(web_pid 1)
	client idle 400 curl -sS -m 10 -o text "$url/livez" >out
	expect_line ok text
	works
	[ "$_web" = "$(web_pid 1)" ]
	mine 200 /metrics
	expect_line 'trine_http_connections' answer
	expect_empty trined-1.log
}

figures_are_of_the_form_of_prometheus() {
	new_fleet 1
	daemon_settings 1
	instance 1 walker 'start = /bin/sleep' '  100'
	start_trined 1
	know_api 1
	mine 200 /metrics
	# each line is one of three, and each figure is described before it comes
	grep -vE '^(# (HELP|TYPE) trine_[a-z_]+ .+|trine_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+)$' \
		answer && fail 'not of that form'
	sed -n 's/^\(trine_[a-z_]*\).*/\1/p' answer | sort -u >used
	sed -n 's/^# TYPE \([a-z_]*\) \(gauge\|counter\)$/\1/p' answer | sort -u >described
	comm -23 used described >lacking
	expect_empty lacking
	wait_until figure 'instance_up{name="walker",copy="1"}' 1
	figure 'instance_restarts_total{name="walker",copy="1"}' 0
	kill -9 "$(pid_of walker)"
	wait_until figure 'instance_restarts_total{name="walker",copy="1"}' 1
	wait_until rests 1
	_cycles=$(figure_of 'sync_cycles_total{result="ok"}')
	on 1 sync
	mv hub.git away.git
	expect_status 75 on 1 sync
	figure 'sync_cycles_total{result="ok"}' $((_cycles + 1))
	figure 'sync_cycles_total{result="failed"}' 1
}
figure_of() { mine 200 /metrics && sed -n "s/^trine_$1 //p" answer; } # NAME

who_keeps_the_log_stops_nobody_who_reads() {
	serve_api
	perl -MFcntl -e 'open(F, "+<", $ARGV[0]) or die;
		my $lock = $^O eq "darwin" ? pack("q q i s s", 0, 0, 0, F_WRLCK, 0) :
			pack("s s x![l!] l! l! i x![l!]", F_WRLCK, 0, 0, 0, 0);
		fcntl(F, F_SETLKW, $lock) or die "no lock: $!\n";
		$| = 1; print "locked\n"; sleep 20' 1/.trine/event-log.lock >held &
	echo $! >holder.pid
	wait_until [ -s held ]
	mine_json 503 /api/tasks -d '{"title":"x"}'
	expect_error again
	for _try in 1 2 3 4 5; do
		curl -sS -m 2 -o text "$url/livez"
		expect_line ok text
	done
	status_of 503 '/readyz?verbose'
	expect_line -log answer
	stop_server holder
	wait_until may_change
}
may_change() { mine_json 200 /api/tasks -d '{"title":"x"}'; }

not_all_can_wait() {
	serve_api
	agent Atlas
	client crowd 300 "$token" Atlas 44 >text
	cat text
	expect_line 503:44 text
	works
}

who_floods_waits_alone() {
	serve_api
	agent Flood
	agent Other
	client flood 3000 "$token" Flood >text &
	_flood=$!
	for _try in 1 2 3; do
		mine_json 200 /api/state/calm -H 'Trine-Session: Other' -d '{"value":"x"}'
	done
	wait $_flood
	cat text
	grep -q '404:.* 429:.* retry' text
}

it without_the_token_nothing_is_said
it pages_from_elsewhere_get_nothing
it what_stands_in_front_has_a_name
it what_cannot_be_meant_is_said
it too_much_is_refused
it slow_ones_are_cut_off
it who_takes_nothing_is_cut_off
it who_rests_too_long_is_cut_off
it cut_and_crowded_connections_are_nothing
it without_descriptors_it_goes_on
it figures_are_of_the_form_of_prometheus
it who_keeps_the_log_stops_nobody_who_reads
it not_all_can_wait
it who_floods_waits_alone
finish
