# Messages in real time: at once, once, and only as far as git would be believed.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/realtime.sh"

what_is_sent_is_there_at_once() {
	new_fleet 3
	hub_settings
	start_all 3
	on 2 send 3 -m 'Two to three' >/dev/null
	on 2 send 1 -m 'Two to the hub' >/dev/null
	on 1 send 3 -t task -m 'The hub to three' >/dev/null
	on 3 send ALL -p high --label ui -m 'Three to all' >/dev/null
	wait_until has 3 2_TO_3.1
	wait_until has 1 2_TO_1.1
	wait_until has 3 1_TO_3.1
	wait_until has 1 3_TO_ALL.1
	wait_until has 2 3_TO_ALL.1
	[ "$(events 3 2_TO_3.1)" = 'sent early ' ]
	for n in 1 2 3; do stop_trined "$n"; done
	sync 2 1 3 2
	[ "$(events 3 2_TO_3.1)" = 'sent early received ' ]
	on 2 show 2_TO_3.1 --json >text
	expect_line '"computer":3' text
	on 3 log --type message.received >text
	expect_count 1 2_TO_3.1 text
	for n in 1 2 3; do expect_empty "trined-$n.log"; done
}

who_was_away_gets_what_was_sent() {
	new_fleet 3
	hub_settings
	start_all 3
	stop_trined 3
	wait_until sees 2 2
	for n in 1 2 3 4 5; do on 2 send 3 -m "Note $n" >/dev/null; done
	on 1 send ALL -m 'Meanwhile' >/dev/null
	start_trined 3
	for n in 1 2 3 4 5; do wait_until has 3 2_TO_3.$n; done
	wait_until has 3 1_TO_ALL.1
	on 2 log --type message.offered >text
	expect_count 5 2_TO_3 text
}

a_push_rings_for_all_others() {
	new_fleet 3
	hub_settings
	start_all 3
	echo 'By hand.' >>3/coordination/messages/3_TO_2.md
	settle 3/coordination/messages/3_TO_2.md
	sync 3
	wait_until inbox_has 2 'By hand.'
	on 2 show 3_TO_2.1 --json >text
	no_line early text
}
what_a_cycle_goes_on_with_begins_one() {
	new_fleet 2
	hub_settings
	instance 1 builder 'deliver = inbox'
	start_all 2
	on 1 task add --name BOTH -m 'In two stages' --stage 2 --stage 2 >/dev/null
	wait_until has 2 1_TO_2.1
	wait_until confirmed_by_2 1_TO_2.1	# the last push that rings by itself
	sleep 3
	on 2 task claim 1_TO_2.1 >/dev/null
	on 2 task 'done' 1_TO_2.1 --result 'The first'
	wait_until has 2 1_TO_2.2
	wait_until confirmed_by_2 1_TO_2.2
	sleep 3
	on 2 send 1 --for builder -m 'Look here' >/dev/null
	wait_until test -f 1/.trine/inbox/builder/new/2_TO_1.2.md
}
confirmed_by_2() { on 1 show "$1" --json | grep -q '"event":"received".*"computer":2'; }
inbox_has() { on "$1" inbox | grep -qF "$2"; } # N TEXT

what_was_taken_back_is_shown() {
	new_fleet 2
	hub_settings
	start_all 2
	# what a cycle has committed is not taken back: no bell rings for one
	for n in 1 2; do wait_until rests $n; done
	mv hub.git away.git
	on 2 send 1 -t task -m 'Do it' >/dev/null
	wait_until has 1 2_TO_1.1
	on 2 retract 2_TO_1.1
	wait_until state_is 1 2_TO_1.1 FAILED
	on 1 show 2_TO_1.1 >text
	expect_line 'Do it' text
	expect_line 'taken back by its sender' text
	on 2 send 1 -m 'Another one' >/dev/null
	wait_until has 1 2_TO_1.2
	stop_trined 2
	stop_trined 1
	mv away.git hub.git
	sync 2 1
	on 1 show 2_TO_1.1 >text
	expect_line 'taken back by its sender' text
	on 1 log --type message.received >text
	expect_count 2 2_TO_1 text
}
state_is() { on "$1" show "$2" --json | grep -q "\"state\":\"$3\""; } # N ID STATE

without_a_hub_git_carries_all() {
	new_fleet 2
	hub_settings
	start_all 2
	stop_trined 1
	wait_until sees 2 0
	on 2 send 1 -m 'By git' >/dev/null
	sync 2 1
	[ "$(events 1 2_TO_1.1)" = 'sent received ' ]
	start_trined 1
	wait_until grep -q 'no connection to 127.0.0.1' trined-2.log
	expect_count 1 'no connection' trined-2.log
}

status_says_who_is_connected_and_what_he_does() {
	new_fleet 2
	hub_settings
	start_all 2
	on 1 send 2 -t task -m 'Do it' >/dev/null
	wait_until live 1 ACTIVE
	on 1 status >text
	expect_line ', connected: ACTIVE' text
	on 2 daemon status >text
	expect_line 'connected to ws://127.0.0.1:' text
	on 2 daemon status --json >text
	expect_line '"connected":true' text
	on 1 daemon status --json >text
	expect_line '"connected":null' text
	perl -e 'use Fcntl; open my $f, "+<", $ARGV[0] or die;
		my $lock = pack "ssx4qqi", F_WRLCK, 0, 0, 0, 0;
		fcntl $f, F_SETLK, $lock or die; sleep 5' \
		2/.trine/run/sync.lock &
	wait_until live 1 SYNCING
	wait $!
	wait_until live 1 ACTIVE
	stop_trined 2
	wait_until sees 1 1
	on 1 status --json >text
	expect_line '"live":null' text
	stop_trined 1
	on 2 status --json >text
	expect_line '"connected":null' text
}
live() { on "$1" status --json | grep -q "\"live\":\"$2\""; } # N STATE

with_tls_in_front() {
	new_fleet 2
	hub_settings
	sync 1 2 1
	start_trined 1
	certificate cert localhost
	on_a_free_port run_tls "$(port_of 1 realtime)"
	connect_to_hub 2
	sed -i "s,^connect = .*,connect = wss://localhost:$port," 2/.trine/trine.ini
	start_trined 2 "SSL_CERT_FILE=$PWD/cert.pem"
	wait_until sees 2 2
	on 2 send 1 -m 'Behind TLS' >/dev/null
	wait_until has 1 2_TO_1.1
	stop_trined 2
	start_trined 2	# which knows no such authority
	wait_until grep -q 'no connection to localhost' trined-2.log
	sees 2 0
	on 2 daemon status >text
	expect_line 'no connection to wss://localhost:' text
}
run_tls() { # PORT: what is there, at $port, with TLS
	cat >nginx.conf <<-END
	pid $PWD/nginx.pid;
	error_log $PWD/nginx.log;
	events {}
	http {
		access_log off;
		proxy_temp_path $PWD/proxy;
		client_body_temp_path $PWD/body;
		fastcgi_temp_path $PWD/fastcgi;
		uwsgi_temp_path $PWD/uwsgi;
		scgi_temp_path $PWD/scgi;
		server {
			listen 127.0.0.1:$port ssl;
			ssl_certificate $PWD/cert.pem;
			ssl_certificate_key $PWD/cert.key;
			location / {
				proxy_pass http://127.0.0.1:$1;
				proxy_http_version 1.1;
				proxy_set_header Upgrade \$http_upgrade;
				proxy_set_header Connection Upgrade;
			}
		}
	}
	END
	PATH=$PATH:/usr/sbin nginx -c "$PWD/nginx.conf" -p "$PWD" -e "$PWD/nginx.log" \
		2>>nginx.log && wait_for_port
}

it what_is_sent_is_there_at_once
it status_says_who_is_connected_and_what_he_does
it who_was_away_gets_what_was_sent
it a_push_rings_for_all_others
it what_a_cycle_goes_on_with_begins_one
it what_was_taken_back_is_shown
it without_a_hub_git_carries_all
it_with 'nginx openssl' with_tls_in_front
finish
