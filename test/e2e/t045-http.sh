# A service works on tasks, behind the cycle: each is posted to it once, and its
# answer, whatever it is, is one of a few things.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/work.sh"

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
	null/ASSIGNED/
	word/ASSIGNED/
	lines/ASSIGNED/
	empty/ASSIGNED/
	nul/COMPLETED/a�b
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
	half/BLOCKED/in doubt: the service answered 200
	big-json/BLOCKED/1 MiB
	END
}

# A megabyte of an answer may be gigabytes when it is indented.
a_small_answer_is_no_large_result() {
	service
	task -m stairs
	sync 2
	limit=600000
	# sanitizers take terabytes
	# shellcheck disable=SC3045 # dash and bash have it
	( ulimit -v $limit; "$TRINE" --version ) >/dev/null 2>&1 || limit=unlimited
	# shellcheck disable=SC3045
	( ulimit -v $limit; sync 1 )
	wait_for 1 2_TO_1.1 COMPLETED
	both_sync
	became 2_TO_1.1 COMPLETED '[cut here: this is the beginning of 20'
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
	expect_not grep -a "$(printf '[\001-\010\013-\037\177]')" shown
	no_line "$(printf '\342\200\256')" shown
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
	expect_not grep -r Whisper access.log asked
}

it it_takes_it_and_answers_later
it the_request
it what_it_says_of_itself
it what_the_status_says
it what_cannot_be_read
it a_small_answer_is_no_large_result
it a_hostile_answer_is_a_text
it a_message_for_it_is_posted_too
it_with 'nginx fcgiwrap openssl' a_certificate_is_wanted
finish
