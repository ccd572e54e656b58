# The hub: the fleet for scripts that know only curl.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/realtime.sh"

with_hub() {	# computer 1 serves; 2 has a token
	new_fleet 2
	daemon_settings 1 'period = 1d'
	printf '[hub]\nlisten = 127.0.0.1:0\n' >>1/.trine/trine.ini
	sync 1 2 1
	start_trined 1
	two=$(on 1 daemon token 2)
	own=$(cat 1/.trine/run/token)
}
# hub TOKEN PATH [OPTION…]: as the computer $as, if that is set; `text` is the answer,
# its status the last line.
ask_hub() {
	_token=$1 _path=$2
	shift 2
	curl -sS -m 20 -w '%{http_code}' -H "Authorization: Bearer $_token" \
		${as:+-H "Trine-Computer: $as"} "$@" "$(url_of 1 hub)$_path" >text
}
post_hub() { # TOKEN PATH JSON
	ask_hub "$1" "$2" -H 'Content-Type: application/json' -d "$3"
}
expect_answer() { # STATUS TEXT
	[ "$(tail -n 1 text)" = "$1" ] || { cat text; fail "not $1"; }
	expect_line "$2" text
}

a_script_sends_and_it_reaches_git() {
	with_hub
	as=2
	post_hub "$two" /send '{"to":"2","type":"task","title":"Do it","from":"nightly",
		"priority":"high","labels":["ci"],"body":"At length.\n"}'
	expect_answer 200 '"id":"1_TO_2.1"'
	# as a frame of real time has it
	post_hub "$two" /send '{"type":"message","from":"nightly","to":"ALL",
		"content":"Done","priority":"low","timestamp":"2026-01-01T00:00:00Z"}'
	expect_answer 200 '"id":"1_TO_ALL.1"'
	post_hub "$two" /report '{"title":"All is well"}'
	expect_answer 200 '"id":"1_TO_ALL.2"'
	as=
	post_hub "$own" /send '{"to":"2","from":"Ada","body":"Hello\n"}'
	expect_answer 200 '"id":"1_TO_2.2"'
	ask_hub "$own" /api/computers
	expect_answer 200 '"computer":2'
	expect_line '[{"computer":1,' text
	sync 1 2
	on 2 show 1_TO_2.1 --json >json
	expect_line '"from":"computer-2.nightly"' json
	expect_line '"priority":"high"' json
	on 2 show 1_TO_ALL.1 --json >json
	expect_line '"title":"Done"' json
	expect_line '"priority":"low"' json
	on 2 show 1_TO_ALL.2 --json >json
	expect_line '"type":"status"' json
	expect_line '"from":"computer-2"' json
	on 2 show 1_TO_2.2 --json >json
	expect_line '"from":"Ada"' json
	on 1 log --type message.sent --json >json
	expect_line '"actor":"hub"' json
}

a_task_for_the_hubs_computer_is_its_own() {
	with_hub
	as=2
	post_hub "$two" /send '{"to":"1","type":"task","title":"Restart it","from":"nightly",
		"priority":"high","labels":["ci"],"for":"builder"}'
	expect_answer 200 '"id":"1_TO_1.1"'
	on 1 task show 1_TO_1.1 --json >json
	expect_line '"from":"computer-2.nightly"' json
	expect_line '"for":"builder"' json
	expect_line '"state":"QUEUED"' json
	post_hub "$two" /send '{"to":"1","type":"task","title":"x","re":"1_TO_2.1"}'
	expect_answer 422 'answers nothing'
	post_hub "$two" /send '{"to":"1","title":"Look here"}'
	expect_answer 200 '"id":"1_TO_1.2"'
}

it_describes_itself() {
	with_hub
	ask_hub "$own" /nothing
	expect_answer 404 '/api/openapi.json lists what there is'
	ask_hub "$own" /api/openapi.json
	expect_answer 200 '"operationId":"hub_send"'
	expect_line '"/api/computers"' text
	no_line '"/api/tasks"' text
	ask_hub '' /send
	expect_answer 401 'trine daemon token N'
}

a_computer_asks_what_is_for_it() {
	with_hub
	on 1 send 2 -m 'First' >/dev/null
	on 1 send ALL -m 'To all' >/dev/null
	on 1 send 3 -m 'For another' >/dev/null
	as=2
	ask_hub "$two" /instructions/2
	expect_answer 200 '"title":"First"'
	expect_line '"title":"To all"' text
	no_line 'For another' text
	ask_hub "$two" '/instructions/2?limit=1'
	expect_answer 200 '"more":true'
	ask_hub "$two" /instructions/3
	expect_answer 403 'computer 2 asks for what is for computer 3'
	ask_hub "$two" /instructions/x
	expect_answer 422 'is a number'
	ask_hub "$two" /instructions/%ff
	expect_answer 400 'no UTF-8'
	as=
	ask_hub "$own" /instructions/3
	expect_answer 200 '"title":"For another"'
	sync 1 2 1
	as=2
	ask_hub "$two" /instructions/2
	expect_answer 200 '"messages":[]'
}

who_has_no_token_gets_nothing() {
	with_hub
	as=2
	ask_hub "$own" /instructions/2
	expect_answer 401 'not the token of computer 2'
	as=3
	ask_hub "$two" /instructions/2
	expect_answer 401 'not the token of computer 3'
	as=
	ask_hub "$two" /instructions/2
	expect_answer 401 'not the token of this computer'
	as=2
	ask_hub "$two" /instructions/2 -H 'Origin: http://127.0.0.1:1'
	expect_answer 403 'a page from elsewhere'
	ask_hub "$two" /instructions/2 -H 'Host: hub.example.org'
	expect_answer 200 '"messages":[]'
	for path in /api/tasks /api/messages /api/events /metrics /dashboard; do
		ask_hub "$two" $path
		expect_answer 404 'there is nothing at'
	done
	curl -s "$(url_of 1)/instructions/2" -H "Authorization: Bearer $own" >text
	expect_line 'there is nothing at' text
	[ "$(curl -s "$(url_of 1 hub)/livez")" = ok ]
}

what_cannot_be_sent_is_said() {
	with_hub
	as=2
	post_hub "$two" /send '{"to":"2","from":"a b","title":"x"}'
	expect_answer 422 'letters, digits'
	post_hub "$two" /send '{"to":"Nobody","title":"x"}'
	expect_answer 404 'Nobody'
	post_hub "$two" /send '{"to":"1","title":"x","type":"alert"}'
	expect_answer 403 'computer 1 itself'
	post_hub "$two" /send '{"to":"2","body":"x","content":"x"}'
	expect_answer 422 'are the same'
	post_hub "$two" /send '{"to":"2"}'
	expect_answer 422 'nothing to send'
	post_hub "$two" /send '{"to":"2","title":"x","type":"result"}'
	expect_answer 422 'wants one of'
	post_hub "$two" /send '{"to":"2","title":"x","colour":"red"}'
	expect_answer 422 'no field here'
	post_hub "$two" /send '{"to":"2",'
	expect_answer 400 'no object in JSON'
	ask_hub "$two" /send -d 'to=2'
	expect_answer 415 'application/json'
	as=
	post_hub "$own" /send '{"to":"2","title":"x"}'
	expect_answer 422 'who says it'
	head -c 600000 /dev/zero | tr '\0' x >large
	ask_hub "$own" /send -H 'Content-Type: application/json' --data-binary @large
	expect_answer 413 'too large'
	on 1 log --type message.sent >text
	expect_empty text
}

it a_script_sends_and_it_reaches_git
it a_task_for_the_hubs_computer_is_its_own
it it_describes_itself
it a_computer_asks_what_is_for_it
it who_has_no_token_gets_nothing
it what_cannot_be_sent_is_said
finish
