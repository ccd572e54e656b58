# A fleet behind https: nginx and git-http-backend, with a password and a
# certificate that only ca_file knows.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"

fleet() {
	new_hub
	start_nginx
	printf 'secret\n' >token
	chmod 600 token
	for _each in 1 2; do
		add_computer "$_each"
		remote_ini "$_each" "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	done
}

# asked USER STATUS: so many requests of that user got that answer.
asked() { grep -c "^127.0.0.1 - $1 .* $2 " access.log || :; }

messages_both_ways() {
	fleet
	said out "$TRINE" init --computer 3 --remote "$remote" "$PWD/3"
	expect_line 'the remote cannot be reached' out
	expect_line 'ca_file in [remote]' out
	both_ways
	[ "$(asked ada 401)" = 0 ]
}

what_is_offered() {
	fleet
	on 1 send 2 -m Hello
	remote_ini 1 "ca_file = $PWD/cert.pem"
	said out expect_status 77 on 1 sync
	expect_line 'it wants credentials' out
	expect_line 'TRINE_TOKEN' out
	TRINE_TOKEN=secret on 1 sync
	hub_show messages/1_TO_2.md | grep Hello
	on 1 send 2 -m Again
	git config --global credential.helper "store --file=$PWD/store"
	echo "https://ada:secret@localhost:$port" >store
	on 1 sync
	hub_show messages/1_TO_2.md | grep Again
	expect_line secret store
	[ "$(asked ada 401)" = 0 ]
	git config --global --unset credential.helper
}

# Once in a cycle; a wrong one that git's helper had is forgotten there.
each_is_offered_once() {
	fleet
	echo wrong >token
	on 1 send 2 -m Hello
	: >access.log
	said out expect_status 77 on 1 sync
	expect_line 'it accepts none of our credentials (offered: the token file)' out
	[ "$(asked ada 401)" = 1 ]
	said out expect_status 77 env TRINE_TOKEN=secret "$TRINE" -C "$PWD/1" sync
	[ "$(asked ada 401)" = 2 ]
	remote_ini 1 "ca_file = $PWD/cert.pem"
	git config --global credential.helper "store --file=$PWD/store"
	echo "https://ada:old@localhost:$port" >store
	TRINE_TOKEN=older said out expect_status 77 on 1 sync
	expect_line 'offered: $TRINE_TOKEN, git credential' out
	[ "$(asked ada 401)" = 4 ]
	no_line old store
	git config --global --unset credential.helper
	[ "$(titles 1)" = '' ]
	remote_ini 1 "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	echo secret >token
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

secrets_are_kept() {
	fleet
	chmod 644 token
	said out expect_status 77 on 1 sync
	expect_line "can be read by others: chmod 600 $PWD/token" out
	rm token
	said out expect_status 77 on 1 sync
	expect_line "$PWD/token" out
	: >token
	chmod 600 token
	said out expect_status 77 on 1 sync
	expect_line "$PWD/token is empty" out
	remote=https://ada:secret@localhost:$port/git/hub.git remote_ini 1
	said out expect_status 78 on 1 sync
	expect_line 'URL has a password in it' out
	no_line ada:secret out
	no_line ada:secret 1/.trine/event-log.jsonl 1/.trine/report.json
}

another_certificate() {
	fleet
	on 1 send 2 -m Hello
	remote_ini 1 "token_file = $PWD/token"
	said out expect_status 77 on 1 sync
	expect_line 'not correctly signed by the trusted CA' out
	expect_line 'ca_file in [remote]' out
	certificate other localhost
	remote_ini 1 "token_file = $PWD/token" "ca_file = $PWD/other.pem"
	expect_status 77 on 1 sync
	expect_line 'not correctly signed' 1/.trine/report.json
	remote=https://ada@127.0.0.1:$port/git/hub.git remote_ini 1 \
		"token_file = $PWD/token" "ca_file = $PWD/cert.pem"
	said out expect_status 77 on 1 sync
	expect_line 'does not match' out
	remote_ini 1 "ca_file = $PWD/none.pem"
	said out expect_status 78 on 1 sync
	expect_line "$PWD/none.pem" out
	[ "$(asked ada 200)" = 0 ]
	remote_ini 1 "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

# Without ca_file it is the system's; ours is put among them for one command.
the_authorities_of_the_system() {
	fleet
	on 1 send 2 -m Hello
	remote_ini 1 "token_file = $PWD/token"
	unshare -rm sh -ec 'mount --bind cert.pem /etc/ssl/certs/ca-certificates.crt
		exec "$0" -C "$PWD/1" sync' "$TRINE"
	sync 2
	[ "$(titles 2)" = Hello ]
}

# answers PATH STATUS TEXT: a cycle of 1 against it; nothing is lost by it.
answers() {
	remote=https://ada@localhost:$port/$1/hub.git remote_ini 1 \
		"ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	said out expect_status "$2" on 1 sync
	json 1 status
	cat json out >both
	expect_line "$3" both
}

servers_that_say_no() {
	fleet
	on 1 send 2 -m Hello
	answers 403 77 'http status code: 403; these credentials may not do that'
	answers 404 75 'http status code: 404'
	answers 500 75 'http status code: 500'
	answers html '69 65 75 77' 'localhost'
	answers away 77 'does not match'
	answers moved 0 '"online":true'
	sync 2
	[ "$(titles 2)" = Hello ]
	[ "$(asked ada 401)" = 0 ]
}

# late END SIDE BYTES [STATUS]: such a line ends a cycle in time.
late() {
	bad_line "$2" "$3" "$1"
	remote=https://ada@localhost:$line/git/hub.git remote_ini 1 \
		"ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	ends_in_time "${4:-75}"
}

bad_lines() {
	fleet
	printf '[sync]\nnetwork = 2s\n' >>1/.trine/trine.ini
	on 1 send 2 -m Hello
	late stall down 0
	late stall down 700
	late slow down 10
	late slow down 1500
	late close down 0
	late close down 2000
	late lie down 0 '65 75 77'
	late lie down 1200 '65 75 77'
	remote_ini 1 "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

needs='nginx fcgiwrap openssl'
it_with "$needs" messages_both_ways
it_with "$needs" what_is_offered
it_with "$needs" each_is_offered_once
it_with "$needs" secrets_are_kept
it_with "$needs" another_certificate
if [ -f /etc/ssl/certs/ca-certificates.crt ] && unshare -rm true 2>/dev/null; then
	it_with "$needs" the_authorities_of_the_system
else
	skip the_authorities_of_the_system 'no bundle, or no user namespaces'
fi
it_with "$needs" servers_that_say_no
it_with "$needs" bad_lines
finish
