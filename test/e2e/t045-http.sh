# A service works on tasks, behind the cycle: each is posted to it once, and its
# answer, whatever it is, is one of a few things.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/work.sh"

# serve_tasks [PORT]: service.pl, whose notes are in the folder asked.
serve_tasks() {
	rm -f asked/port
	mkdir -p asked
	perl "$top/test/e2e/service.pl" asked "$@" >>service.log 2>&1 &
	echo $! >service.pid
	wait_until test -s asked/port
	port=$(cat asked/port)
}

# service [SETTING…]: computer 1 has an instance that is that service.
service() {
	serve_tasks
	agent 'deliver = http' "url = http://127.0.0.1:$port/work" "$@"
}

# requests [ID]: how many came.
requests() { find asked -name "${1:-*_TO_*}.[0-9]*" | wc -l; }

# became ID STATE [TEXT]: it is, on both sides, and the asker reads TEXT.
became() {
	wait_for 1 "$1" "$2"
	[ "$(state 2 "$1")" = "$2" ]
	on 2 show "$(on 2 inbox --all --json | grep "\"re\": *\"$1\"" | field id |
		tail -1)" >shown
	[ -z "${3:-}" ] || expect_line "$3" shown
}

both_sync() { wait_until nobody_left; sync 1 2; }

it_takes_it_and_answers_later() {
	service
	task -m 'Build it'
	sync 2 1
	wait_until nobody_left
	[ "$(state 1 2_TO_1.1)" = ASSIGNED ]
	json 1 show 2_TO_1.1
	expect_line '"event":"handed"' json
	sync 1 1 2
	[ "$(requests)" = 1 ]
	[ "$(state 2 2_TO_1.1)" != COMPLETED ]
	# a service that has a thing in hand is not full
	task -m 'And this'
	sync 2 1
	wait_until test -e asked/2_TO_1.2.1
	on 1 reply 2_TO_1.1 -m 'It is built'
	sync 1 2
	became 2_TO_1.1 COMPLETED 'It is built'
	both_sync
	[ "$(requests)" = 2 ]
}

# What is sent is what was sent, and says which task it is. A proxy is for others.
the_request() {
	service
	printf 'x' >body
	for c in $(seq 1 8) 11 12 $(seq 14 31) 127; do
		printf "\\$(printf %o "$c")" >>body
	done
	printf '\r\nX-Injected: yes\r\n\r\nPOST / HTTP/1.1\r\n"}\\u0000\n' >>body
	task -m 'Idempotency-Key: 1' body
	head -c 262143 /dev/zero | tr '\0' y >large
	task -m large large
	task -m 'ünïcödé'
	export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1
	export all_proxy=http://127.0.0.1:1 no_proxy=
	sync 2 1
	unset http_proxy HTTP_PROXY all_proxy no_proxy
	wait_until nobody_left
	[ "$(requests)" = 3 ]
	for id in 2_TO_1.1 2_TO_1.2 2_TO_1.3; do
		perl -MJSON::PP -e '
			local $/; my ($got, $sent) = map { open my $f, "-|", @$_
				or die; <$f> } (["cat", $ARGV[0]],
				["sh", "-c", $ARGV[1]]);
			my ($head, $body) = split(/\r\n\r\n/, $got, 2);
			for ("POST /work HTTP/1.1", "Content-Type: application/json",
			     "Idempotency-Key: $ARGV[2]",
			     "Content-Length: " . length($body)) {
				die "no $_" unless index("$head\r\n", "$_\r\n") >= 0;
			}
			die "more" if $head =~ /^(x-|expect|proxy|transfer)/mi;
			($got, $sent) = (decode_json($body), decode_json($sent));
			for (qw(body title id)) {
				die "$_ differs" unless $got->{$_} eq $sent->{$_};
			}
			die "facts" unless $got->{attempt} eq 1 and
				$got->{instance} eq "agent" and $got->{schema} eq 1;
			' asked/$id.1 "$TRINE -C $PWD/2 show $id --json" $id
	done
}

# expect_answers: WORD/STATE/TEXT on stdin, a task for each word (service.pl).
expect_answers() {
	sed 's/^	*//' >table
	while IFS=/ read -r word _; do task -m "$word"; done <table
	sync 2 1
	both_sync
	number=0
	while IFS=/ read -r word wanted text; do
		number=$((number + 1))
		: "$word"
		case $wanted in
		ASSIGNED|IN_PROGRESS)
			[ "$(state 1 2_TO_1.$number)" = "$wanted" ] ;;
		*)
			became 2_TO_1.$number "$wanted" "$text" ;;
		esac
		[ "$(requests 2_TO_1.$number)" = 1 ]
	done <table
}

what_it_says_of_itself() {
	service 'capacity = 4' 'retries = 0'
	expect_answers <<-'END'
	done/COMPLETED/It is built.
	failed/FAILED/no such door
	blocked/BLOCKED/which door?
	object/COMPLETED/    1.5
	nested/COMPLETED/[
	later/ASSIGNED/
	works/IN_PROGRESS/
	unknown/ASSIGNED/
	other/ASSIGNED/
	odd/ASSIGNED/
	html/ASSIGNED/
	big/ASSIGNED/
	201/ASSIGNED/
	204/ASSIGNED/
	slow/COMPLETED/Slowly.
	continue-done/COMPLETED/Hinted.
	long-result/COMPLETED/[cut here: this is the beginning of 200000 bytes]
	END
}

what_the_status_says() {
	service 'capacity = 4' 'retries = 0'
	expect_answers <<-'END'
	400/FAILED/it calls the task a bad request
	422/FAILED/it cannot do anything with the task
	405/FAILED/it takes no POST at that url
	413/FAILED/the task is too large for it
	415/FAILED/it takes no JSON
	moved/FAILED/redirects are not followed
	401/FAILED/the service answered 401: not taken
	404/FAILED/the service answered 404: not taken
	500/FAILED/the service answered 500: not taken
	html-500/FAILED/Oops</html>
	half-500/FAILED/the service answered 500: not taken
	999/FAILED/the service answered 999: not taken
	END
	[ ! -e asked/elsewhere ]
}

# It says something that it does not say to the end, or in a way that nobody can read.
what_cannot_be_read() {
	service 'capacity = 4' 'retries = 0'
	expect_answers <<-'END'
	twice/BLOCKED/in doubt: the service answered 200
	deep/BLOCKED/in doubt: the service answered 200
	wild/BLOCKED/in doubt: the service answered 200
	nul/BLOCKED/in doubt: the service answered 200
	half/BLOCKED/in doubt: the service answered 200
	big-json/BLOCKED/1 MiB
	END
}

# It has the request, and nobody knows what it did with it.
no_answer_is_a_doubt() {
	service 'capacity = 4' 'timeout = 2s'
	expect_answers <<-'END'
	hang/BLOCKED/in doubt: the request was sent, and no answer came (Operation timed out
	hang-200/BLOCKED/in doubt: the service answered 200
	close/BLOCKED/in doubt: the request was sent, and no answer came
	continue/BLOCKED/in doubt: the request was sent, and no answer came
	hints/BLOCKED/in doubt: the request was sent, and no answer came
	switch/BLOCKED/in doubt: the request was sent, and no answer came
	garbage/BLOCKED/in doubt: the request was sent, and no answer came
	old/BLOCKED/in doubt: the request was sent, and no answer came
	endless/ASSIGNED/
	headers/BLOCKED/in doubt
	END
	sync 1 1
	nobody_left
	[ "$(requests)" = 10 ]
}

who_is_idempotent_gets_it_again() {
	service 'idempotent = yes' 'timeout = 1s' 'capacity = 4'
	task -m 'hang done'
	task -m 'close done'
	task -m 'half done'
	sync 2 1
	for id in 2_TO_1.1 2_TO_1.2 2_TO_1.3; do
		wait_for 1 $id COMPLETED
		[ "$(requests $id)" = 2 ]
		expect_line '"attempt":2' asked/$id.2
	done
}

not_taken_is_tried_again() {
	service 'capacity = 8'
	for status in 500 503 409 429 404 401 408 retry; do
		task -m "$status 200"
	done
	task -m '500 502 done'
	sync 2 1
	wait_for 1 2_TO_1.9 COMPLETED
	wait_until nobody_left
	for id in 1 2 3 4 5 6 7 8; do
		[ "$(state 1 2_TO_1.$id)" = ASSIGNED ]
		[ "$(requests 2_TO_1.$id)" = 2 ]
	done
	[ "$(requests)" = 19 ]
	on 1 log --type message.deferred --json >deferred
	while read -r line; do
		at=$(echo "$line" | field time) until=$(echo "$line" | field until)
		echo $(($(date -d "$until" +%s) - $(date -d "$at" +%s)))
	done <deferred | sort -n >pauses
	printf '2\n2\n2\n2\n2\n2\n2\n2\n2\n4\n' | expect_file pauses
}

one_that_is_down_is_waited_for() {
	service
	down=$port
	stop_server service
	wait_until eval '! listening "$down"'
	task -m 'done'
	sync 2 1
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 |
		grep 'http://127.0.0.1:$down/work could not be reached: '"
	[ "$(requests)" = 0 ]
	serve_tasks "$down"
	wait_for 1 2_TO_1.1 COMPLETED
	[ "$(requests)" = 1 ]
	expect_line '"id":"2_TO_1.1"' asked/2_TO_1.1.1
}

never_more_open_than_it_can() {
	service 'capacity = 3'
	for i in 1 2 3 4 5 6 7 8 9; do task -m short; done
	sync 2
	sync 1 & sync 1 & sync 1 &
	wait_until test -e asked/2_TO_1.9.1
	sync 1 1
	wait_until nobody_left
	[ "$(sort -n asked/many | tail -1)" = 3 ]
	[ "$(requests)" = 9 ]
}

# 202: it works on it, and is as full as one that has not answered.
it_works_on_it() {
	service 'capacity = 2'
	task -m 202
	task -m works
	task -m 'done'
	sync 2 1
	wait_until nobody_left
	sync 1
	wait_until nobody_left
	[ "$(requests)" = 2 ]
	json 1 status
	expect_line '"state":"BUSY","queued":1,"running":2,"capacity":2' json
	[ "$(state 1 2_TO_1.1)" = IN_PROGRESS ]
	# what it said it works on ends, and the next one comes
	on 1 reply 2_TO_1.2 -m 'Here it is'
	sync 1
	wait_for 1 2_TO_1.3 COMPLETED
	wait_until nobody_left
	at +29m sync 1
	[ "$(state 1 2_TO_1.1)" = IN_PROGRESS ]
	at +31m sync 1 1 2
	became 2_TO_1.1 BLOCKED 'in doubt: the service took it, and its timeout went by'
	at +31m sync 1
	[ "$(requests)" = 3 ]
	on 1 reply 2_TO_1.1 -m 'Late, but here'
	sync 1 2
	became 2_TO_1.1 COMPLETED
}

# What the service worked on does not keep a program from working that came in its
# place.
a_program_in_its_place() {
	service
	task -m 202
	task -m 'Wait'
	sync 2 1
	wait_for 1 2_TO_1.1 IN_PROGRESS
	wait_until nobody_left
	sed -i 's,deliver = http,deliver = exec,; s,^url = http:.*,exec = /bin/true,' \
		1/.trine/trine.ini
	sync 1
	[ "$(state 1 2_TO_1.2)" = ASSIGNED ]
	at +31m sync 1
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
	wait_for 1 2_TO_1.2 COMPLETED
}

# Killed at any moment, nothing is sent twice, and nothing is forgotten.
killed_at_any_moment() {
	service 'retries = 0' 'capacity = 2'
	for i in 1 2 3 4 5 6 7 8 9; do task -m 'done'; task -m short; done
	sync 2
	for i in $(seq 24); do
		sync 1 >/dev/null
		sleep 0.0$((i * 7 % 10))
		workers | xargs -r kill -9 || :
	done
	sync 1
	wait_until nobody_left
	sync 1
	for i in $(seq 18); do
		case $(state 1 2_TO_1.$i) in
		COMPLETED|ASSIGNED) [ "$(requests 2_TO_1.$i)" = 1 ] ;;
		BLOCKED) [ "$(requests 2_TO_1.$i)" -le 1 ] ;;
		*) fail "2_TO_1.$i is $(state 1 2_TO_1.$i)" ;;
		esac
	done
	json 1 status
	expect_line '"queued":0,"running":0' json
}

a_killed_worker_leaves_a_doubt() {
	service
	task -m wait
	sync 2 1
	wait_until test -e asked/2_TO_1.1.1
	workers | xargs kill -9
	wait_until nobody_left
	: >asked/go
	sync 1 1 2
	became 2_TO_1.1 BLOCKED 'in doubt: the worker that had it was killed'
	sync 1 1
	nobody_left
	[ "$(requests)" = 1 ]
}

# The section goes, or the worker is told to end: before the service has the request
# the task waits as it did; behind it, nobody knows.
it_ends_when_it_is_to() {
	service
	task -m wait
	sync 2 1
	wait_until test -e asked/2_TO_1.1.1
	workers | xargs kill
	wait_until nobody_left
	sync 1 2
	became 2_TO_1.1 BLOCKED 'no answer came (its worker was told to end)'
	# it says hello by TLS, and is not answered
	sed -i 's,url = http:,url = https:,' 1/.trine/trine.ini
	task -m wait
	sync 2 1
	wait_for 1 2_TO_1.2 IN_PROGRESS
	sed -i '/\[instance agent\]/,$d' 1/.trine/trine.ini
	wait_until nobody_left
	on 1 show 2_TO_1.2 >shown
	expect_line 'could not be reached: trine.ini has no such instance' shown
	sync 1
	[ "$(state 1 2_TO_1.2)" = QUEUED ]
	[ "$(requests)" = 1 ]
}

# What it says is a text, and no command of a terminal and no part of our files.
a_hostile_answer_is_a_text() {
	service
	task -m hostile
	task -m long-reason
	sync 2 1
	both_sync
	became 2_TO_1.1 FAILED
	[ "$(on 2 inbox --all --json | field id | wc -l)" = 2 ]
	for n in 1 2; do
		on $n show 2_TO_1.1 >>shown
		on $n inbox --all >>shown
		on $n status >>shown
		on $n log >>shown
	done
	! grep -a "$(printf '[\001-\010\013-\037\177]')" shown
	! grep -aF "$(printf '\342\200\256')" shown
	expect_matches 1 '^re: *2_TO_1.1$' 2/coordination/messages/1_TO_2.md
	became 2_TO_1.2 BLOCKED "$(printf '\303\244\303\244\303\244')"
	sync 1 2
	expect_desks 1 2
}

a_message_for_it_is_posted_too() {
	service 'retries = 0'
	on 2 send 1 --for agent -m 'done'
	on 2 send 1 --for agent -m 'blocked'
	on 2 send 1 --for agent -m '500'
	on 2 send 1 -m 'Not for it'
	sync 2 1
	both_sync
	[ "$(requests)" = 3 ]
	on 1 inbox >list
	no_line ' done' list
	expect_match 'blocked.*which door?' list
	expect_match '500.*the service answered 500' list
	on 2 inbox --all >list
	expect_line 'verified empty' list
}

# Whom it cannot trust, it does not tell anything.
a_certificate_is_wanted() {
	service 'retries = 0'
	certificate cert localhost
	new_hub
	start_nginx
	no_worker() { ! workers; }
	plain=$(sed -n 's,^url = http://\([^/]*\)/.*,\1,p' 1/.trine/trine.ini)
	sed -i "s,^url = http:.*,url = https://localhost:$port/html/?token=secret," \
		1/.trine/trine.ini
	remote=
	task -m 'Whisper'
	sync 2 1
	wait_until no_worker
	sync 1 2
	became 2_TO_1.1 FAILED "https://localhost:$port/html/ could not be reached: SSL certificate problem: self"
	no_line secret shown
	# no TLS at all
	sed -i "s,^url = https:.*,url = https://$plain/," 1/.trine/trine.ini
	task -m 'Whisper'
	sync 2 1
	wait_for 1 2_TO_1.2 FAILED
	! grep -r Whisper access.log asked
}

it it_takes_it_and_answers_later
it the_request
it what_it_says_of_itself
it what_the_status_says
it what_cannot_be_read
it no_answer_is_a_doubt
it who_is_idempotent_gets_it_again
it not_taken_is_tried_again
it one_that_is_down_is_waited_for
it never_more_open_than_it_can
it it_works_on_it
it a_program_in_its_place
it a_killed_worker_leaves_a_doubt
it killed_at_any_moment
it it_ends_when_it_is_to
it a_hostile_answer_is_a_text
it a_message_for_it_is_posted_too
it_with 'nginx fcgiwrap openssl' a_certificate_is_wanted
finish
