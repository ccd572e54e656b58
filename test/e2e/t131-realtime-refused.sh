# Who comes in to real time, and what happens to those that misbehave there.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/realtime.sh"

# ws COMPUTER TOKEN [ACTION…]: a client that does as it likes; what it sees to `text`.
ws() {
	_computer=$1 _token=$2
	shift 2
	perl "$top/test/e2e/ws.pl" "$(port_of 1 realtime)" "$_token" "$_computer" "$@" \
		>text 2>&1 || :
}
token_of() { on 1 daemon token "$1"; }
with_hub() {	# 1 is the hub, 2 has pushed; two tokens
	new_fleet 2
	hub_settings
	sync 1 2 1
	start_trined 1
	two=$(token_of 2)
	three=$(token_of 3)
}
expect_text() { expect_line "$1" text; }
message() { # ID FROM TO [MORE]: of no computer that says the truth
	printf '{"id":"%s","type":"message","from":"%s","to":"%s",%s"content":"x\\n"}' \
		"$@"
}

only_who_has_a_token_comes_in() {
	with_hub
	ws 2 "$two" wait:1
	expect_text 101
	expect_text '"here":{"1":{"since":"20'
	ws 2 "$three"
	expect_text 401
	ws 3 "$two"
	expect_text 401
	ws 4 "$two"
	expect_text 401
	ws 1 "$(cat 1/.trine/run/token)"
	expect_text 401
	ws 2 ''
	expect_text 401
	ws 2 "${two%?}"
	expect_text 401
	ws '2x' "$two"
	expect_text 401
	ws 2 "$two" -o http://127.0.0.1
	expect_text 403
	on 1 daemon token 2 --forget
	ws 2 "$two"
	expect_text 401
	[ "$(token_of 2)" != "$two" ]
	chmod 640 1/.trine/run/peers/3.token
	ws 3 "$three"
	expect_text 401
	wait_until grep -q 'chmod 600' trined-1.log
	curl -s -o /dev/null -w '%{http_code}' "$(url_of 1 realtime)/" >text
	expect_text 426
}

nobody_speaks_for_another() {
	with_hub
	ws 2 "$two" "send:$(message 3_TO_1.1 3 1 '')" wait:3
	expect_text 'closed 1008 computer 2 may not send for computer 3'
	ws 2 "$two" "send:$(message 1_TO_2.1 1 2 '')" wait:3
	expect_text 'closed 1008 computer 2 may not send for computer 1'
	ws 2 "$two" 'send:{"type":"have","from":3,"to":1,"streams":{}}' wait:3
	expect_text 'closed 1008 computer 2 may not speak for computer 3'
	ws 2 "$two" 'send:{"type":"bell","from":3}' wait:3
	expect_text 'closed 1008'
	# of that digest there is no text
	ws 2 "$two" "send:$(message 2_TO_1.1 2 1 '"clone":"00000000","digest":"0",')" wait:3
	expect_text 'closed 1008 '
	on 1 log --type message. >text
	expect_empty text
	kill -0 "$(trined_pid 1)"
}

frames_are_bounded() {
	with_hub
	ws 2 "$two" send:garbage wait:3
	expect_text 'closed 1008 a frame is an object in JSON'
	ws 2 "$two" 'send:[]' wait:3
	expect_text 'closed 1008'
	ws 2 "$two" "send:$(printf '%100000s' '' | tr ' ' '[')" wait:3
	expect_text 'closed 1008'
	ws 2 "$two" 'send:{"type":"bell","type":"bell","from":2}' wait:3
	expect_text 'closed 1008'
	ws 2 "$two" binary:x wait:3
	expect_text 'closed 1008 frames are text'
	ws 2 "$two" big:600000 wait:3
	expect_text 'closed 1008 a frame has 524288 bytes at most'
	# whatever of it has come when it is closed, it is told why
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		ws 2 "$two" 'many:3000:{"type":"nothing"}' wait:5
		expect_text 'closed 1008 too many frames'
	done
	ws 2 "$two" 'send:{"type":"presence","whole":true,"here":{"9":{"since":"x"}}}' \
		'send:{"type":"song"}' wait:1
	no_line closed text
	# half of one, and no more
	ws 2 "$two" part:x
	ws 2 "$two" wait:1
	expect_text '"here"'
	[ -s 1/.trine/run/presence.json ]
	no_line '"9"' 1/.trine/run/presence.json
	no_line signal trined-1.log
}

# By a clock that goes 10 times as fast.
who_says_nothing_is_gone() {
	new_fleet 2
	hub_settings
	sync 1 2 1
	start_trined 1 TRINE_TEST_CLOCK=x10
	two=$(token_of 2)
	ws 2 "$two" wait:8
	expect_text 101
	no_line closed text	# it has been asked, and has answered
	ws 2 "$two" deaf:8 wait:1 &
	wait_until sees 1 2
	wait_until sees 1 1
	wait $!
	expect_text closed
	ws 2 "$two" part:x wait:8
	expect_text 'closed 1008 a frame has 15 seconds to come whole'
	perl "$top/test/e2e/http.pl" "127.0.0.1:$(port_of 1 realtime)" raw '' 8 >text
	expect_text CLOSED
}

the_last_connection_of_a_computer_counts() {
	with_hub
	ws 2 "$two" wait:4 &
	_first=$!
	sleep 1
	perl "$top/test/e2e/ws.pl" "$(port_of 1 realtime)" "$two" 2 wait:1 >other
	wait $_first
	expect_text 'closed 1008 computer 2 has connected once more'
}

# A disk that was copied: both have the number and the token of 2.
twins_do_not_put_each_other_out_for_ever() {
	new_fleet 2
	hub_settings
	start_all 2
	stop_trined 2
	cp -R 2 3
	start_trined 2
	wait_until sees 1 2
	start_trined 3
	wait_until grep -q 'has connected once more' trined-2.log
	wait_until grep -q 'has connected once more' trined-3.log
	sleep 6
	expect_count 1 'once more' trined-2.log
	expect_count 1 'once more' trined-3.log
}

who_comes_and_goes_is_gone_once() {
	with_hub
	perl "$top/test/e2e/ws.pl" "$(port_of 1 realtime)" "$three" 3 wait:4 >seen &
	_seen=$!
	wait_until sees 1 2
	for _try in 1 2 3 4 5 6; do ws 2 "$two"; done
	wait $_seen
	expect_line '"gone":[2]' seen
	no_line '2,2' seen
}

a_wrong_token_is_said_once() {
	new_fleet 2
	hub_settings
	sync 1 2 1
	start_trined 1
	connect_to_hub 2
	on 1 daemon token 2 --forget
	start_trined 2
	wait_until grep -q 'does not know the token' trined-2.log
	sleep 2
	expect_count 1 'does not know the token' trined-2.log
	on 1 daemon token 2 | on 2 daemon token --keep
	wait_until sees 2 2
	echo short >token
	expect_status 65 said text on 2 daemon token --keep <token
	expect_text 'that is no token'
	expect_status 64 said text on 1 daemon token 1
	expect_text 'this is computer 1 itself'
}

it only_who_has_a_token_comes_in
it nobody_speaks_for_another
it frames_are_bounded
it who_says_nothing_is_gone
it the_last_connection_of_a_computer_counts
it twins_do_not_put_each_other_out_for_ever
it who_comes_and_goes_is_gone_once
it a_wrong_token_is_said_once
finish
