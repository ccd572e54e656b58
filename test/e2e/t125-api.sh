# The API of the daemon: it is as it says it is, and does what the command line does.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/daemon.sh"

begin() {	# computer 1, with a daemon, and 2, which wrote to it
	new_fleet 2
	daemon_settings 1
	on 2 send 1 -m 'Hello' >/dev/null
	sync 2 1
	start_trined 1
}
token() { cat 1/.trine/run/token; }
# api PATH [OPTION…]; post PATH JSON [OPTION…]: its answer, and its status behind it.
api() {
	_path=$1
	shift
	curl -sS -m 20 -w '%{http_code}' -H "Authorization: Bearer $(token)" "$@" \
		"$(url_of 1)$_path"
}
post() {
	_path=$1 _json=$2
	shift 2
	api "$_path" -H 'Content-Type: application/json' -d "$_json" "$@"
}
expect_answer() { # STATUS TEXT FILE
	[ "$(tail -n 1 "$3")" = "$1" ] || { cat "$3"; fail "not $1"; }
	expect_line "$2" "$3"
}

all_that_is_described_is_so() {
	new_fleet 2
	daemon_settings 1
	instance 1 walker 'start = /bin/sleep' '  100'
	on 2 send 1 -m 'Hello' >/dev/null
	sync 2 1
	start_trined 1
	sleep 100 &
	echo $! >walker.pid
	perl "$top/test/e2e/api.pl" "$(url_of 1)" "$(token)" $! >text || :
	no_line WRONG text
	cat text
}

the_last_cycles_are_told() {
	new_fleet 2
	daemon_settings 1
	on 2 send 1 -m 'Hello' >/dev/null
	sync 2 1
	on 1 sync --offline
	start_trined 1
	api /api/cycles >text
	expect_answer 200 '{"name":"fetch","ms":' text
	[ "$(grep -o '"started"' text | wc -l)" -ge 2 ]
	grep -q '"online":true,"exit":0.*"received":1.*"repository":[1-9].*"online":false' text
}

facts_are_those_of_now() {	# though they are kept for a moment
	begin
	api /api/facts >text
	for i in 1 2 3 4 5; do
		on 1 task add -m "Task $i" >/dev/null
		api /api/facts >text
		expect_answer 200 "\"title\":\"Task $i\"" text
	done
}

the_command_line_prints_the_same() {
	begin
	agent Atlas
	post /api/tasks '{"name":"AUTH","title":"Fix it","priority":"high"}' >text
	TRINE_SESSION=Atlas on 1 task claim AUTH >/dev/null
	TRINE_SESSION=Atlas on 1 lock acquire deploy >/dev/null
	TRINE_SESSION=Atlas on 1 reserve 'src/**' --why it >/dev/null
	on 1 state set leader Atlas >/dev/null
	for pair in tasks/AUTH:'task show AUTH' state/leader:'state get leader' \
		sessions/Atlas:'session list' messages/2_TO_1.1:'show 2_TO_1.1' \
		status:status; do
		# shellcheck disable=SC2086 # a command
		on 1 ${pair#*:} --json | sed 's/"\(age_s\|heard\)":[^,}]*//g' >theirs
		api "/api/${pair%%:*}" | sed -e '$d' -e 's/"\(age_s\|heard\)":[^,}]*//g' \
			-e 's/,"bodies":.*//' >ours
		expect_same theirs ours
	done
	for pair in locks:'lock list' reservations:reserve tasks:'task list'; do
		# shellcheck disable=SC2086
		on 1 ${pair#*:} --json >theirs
		api "/api/${pair%%:*}" | sed -e '$d' -e 's/^{[^[]*\[//' -e 's/\],"more":false}$//' -e 's/\]}$//' >ours
		expect_same theirs ours
	done
}

one_of_two_gets_it() {	# by HTTP and by the command line at once
	begin
	agent Atlas
	agent Forge
	for number in 1 2 3 4 5 6 7 8; do
		on 1 task add --name "T$number" -m it >/dev/null
		post "/api/tasks/T$number/claim" '{}' -H 'Trine-Session: Atlas' >text &
		TRINE_SESSION=Forge on 1 task claim "T$number" >other 2>&1 && won=1 || won=0
		wait $!
		[ "$(tail -n 1 text)" != 200 ] || won=$((won + 1))
		[ "$won" = 1 ] || fail "$won winners of T$number"
	done
	on 1 log --type task.claimed >claims
	expect_count 8 task.claimed claims
}

who_lost_is_told_to_whom() {
	begin
	agent Atlas
	agent Forge
	on 1 task add --name AUTH -m it >/dev/null
	TRINE_SESSION=Forge on 1 task claim AUTH >/dev/null
	post /api/tasks/AUTH/claim '{"session":"Atlas"}' >text
	expect_answer 409 'session 2 (Forge)' text
	post /api/tasks/AUTH/claim '{}' >text
	expect_answer 422 'Name a session' text
	post /api/tasks/AUTH/claim '{"session":"Nobody"}' >text
	expect_answer 404 'no session is called Nobody' text
	post /api/tasks/NONE/claim '{"session":"Atlas"}' >text
	expect_answer 404 'NONE' text
}

waiting_is_short_and_holds_up_nobody() {
	begin
	agent Atlas
	agent Forge
	post /api/tasks/next '{"session":"Atlas","wait":"20s"}' >waited &
	_waits=$!
	sleep 1
	api /api/tasks >text
	expect_answer 200 '"tasks":[]' text
	on 1 task add --name SOON -m it >/dev/null
	wait $_waits
	expect_answer 200 '"id":"SOON"' waited

	TRINE_SESSION=Forge on 1 lock acquire deploy >token
	post /api/locks/deploy/acquire '{"session":"Atlas","wait":"20s"}' >waited &
	_waits=$!
	wait_until atlas_waits
	on 1 lock release deploy --token "$(cat token)"
	wait $_waits
	expect_answer 200 '"holder":"session 1 (Atlas)' waited
	post /api/locks/deploy/acquire '{"session":"Forge","wait":"1s"}' >text
	expect_answer 409 'session 1 (Atlas)' text
	post /api/tasks/next '{"session":"Atlas","wait":"1s"}' >text
	expect_answer 404 'nothing is waiting' text
}
who_waited_and_left_waits_no_more() {	# else others would close a circle with him
	begin
	agent Atlas
	agent Forge
	TRINE_SESSION=Forge on 1 lock acquire deploy >token
	TRINE_SESSION=Atlas on 1 lock acquire build >/dev/null
	post /api/locks/deploy/acquire '{"session":"Atlas","wait":"60s"}' >waited &
	echo $! >waits.pid
	wait_until atlas_waits
	# as long as he does, this would be a circle
	post /api/locks/build/acquire '{"session":"Forge","wait":"5s"}' >text
	expect_answer 409 'nobody would ever get on' text
	on 1 log --type lock.waiting --json >before
	kill "$(pgrep -P "$(cat waits.pid)" curl || cat waits.pid)"
	rm waits.pid
	wait_until nobody_waits
	post /api/locks/build/acquire '{"session":"Forge","wait":"1s"}' >text
	expect_answer 409 'session 1 (Atlas)' text
	no_line 'ever get on' text
}
nobody_waits() { on 1 log --type lock.waiting | tail -n 1 | grep -q 'waits no more'; }
atlas_waits() { on 1 log --type lock.waiting | grep -q deploy; }

claims_count_in_the_whole_fleet() {
	begin
	on 2 sync
	agent Atlas
	on 2 send ALL -t task --claim one -m 'Deploy it' >/dev/null
	sync 2
	post /api/sync '{}' >text
	wait_until has_deploy
	post /api/tasks/2_TO_ALL.1/claim '{"session":"Atlas","wait":"30s"}' >text
	expect_answer 200 '"fleet":{"state":"held"' text
	post /api/tasks/2_TO_ALL.1/done '{"session":"Atlas","result":"It is"}' >text
	expect_answer 200 '"state":"COMPLETED"' text
	post /api/locks/deploy/acquire '{"session":"Atlas","fleet":true,"wait":"30s"}' >text
	expect_answer 200 '"fleet":true,"state":"held","token":' text
	_token=$(sed -n 's/.*"token":\([0-9]*\).*/\1/p' text)
	# another computer sees it, and does not get it
	sync 2
	agent_on 2 Forge
	expect_status 1 said text lock_as Forge 2 acquire deploy
	post /api/locks/deploy/release '{"token":1000,"fleet":true}' >text
	expect_answer 409 '' text
	post /api/locks/deploy/release "{\"token\":$_token,\"fleet\":true}" >text
	expect_answer 200 '"schema":1' text
	wait_until forge_gets_it
	# what it holds, and says, is not broken here
	post /api/sync '{}' >text
	wait_until held_by 2
	post /api/locks/deploy/break '{"reason":"it hangs","fleet":true}' >text
	expect_answer 403 'only there it can be broken' text
	post /api/locks/deploy/acquire '{"session":"Atlas","fleet":true,"wait":"5s"}' >text
	expect_answer 409 'computer 2' text
	# who waits for nothing is told that it is not confirmed
	post /api/locks/other/acquire '{"session":"Atlas","fleet":true}' >text
	expect_answer 503 '"code":"again"' text
	post /api/locks/other/break '{"reason":"it hangs","fleet":true}' >text
	expect_answer 200 '"schema":1' text
	on 1 log --type claim.released --json >text
	expect_line 'broken by a person: it hangs' text
	post /api/locks/other/break '{"reason":"it hangs","fleet":true}' >text
	expect_answer 404 'nobody here holds other' text
}
held_by() { on 1 lock list --json | grep -q "\"computer\": *$1"; }
has_deploy() { on 1 task list | grep -q 'Deploy it'; }
forge_gets_it() { lock_as Forge 2 acquire deploy >/dev/null 2>&1; }

it_is_recorded_who_did_it() {
	begin
	agent Atlas
	post /api/tasks '{"title":"One"}' >text
	post /api/tasks '{"title":"Two"}' -H 'Trine-Session: Atlas' >text
	on 1 log --type task.added --json >log
	expect_line '"actor":"person"' log
	expect_line '"actor":"session 1 (Atlas)"' log
}

programs_that_do_not_call_trine_see_it() {
	begin
	agent Atlas
	on 1 task add --name AUTH -m it >/dev/null
	post /api/tasks/AUTH/claim '{"session":"Atlas"}' >text
	wait_until grep -q AUTH 1/.trine/run/active.json
}

the_socket_wants_no_token() {
	begin
	[ "$(ls -l 1/.trine/run/api.sock | cut -c1-10)" = srw------- ]
	curl -sS --unix-socket 1/.trine/run/api.sock http://trine/api/tasks >text
	expect_line '"tasks":[]' text
	# the loopback does
	curl -sS -o text -w '%{http_code}' "$(url_of 1)/api/tasks" >code
	[ "$(cat code)" = 401 ]
}

a_token_that_others_can_read_is_refused() {
	new_fleet 1
	daemon_settings 1
	start_trined 1
	stop_trined 1
	_token=$(token)
	start_trined 1
	[ "$(token)" = "$_token" ]
	[ ${#_token} = 64 ]
	stop_trined 1
	chmod 640 1/.trine/run/token
	"$TRINED" -C "$PWD/1" 2>text &
	echo $! >trined-1.pid
	wait_until grep -q 'others can read .*run/token' text
	expect_line 'chmod 600' text
}

it all_that_is_described_is_so
it the_last_cycles_are_told
it facts_are_those_of_now
it the_command_line_prints_the_same
it one_of_two_gets_it
it who_lost_is_told_to_whom
it waiting_is_short_and_holds_up_nobody
it claims_count_in_the_whole_fleet
it who_waited_and_left_waits_no_more
it it_is_recorded_who_did_it
it programs_that_do_not_call_trine_see_it
it the_socket_wants_no_token
it a_token_that_others_can_read_is_refused
finish
