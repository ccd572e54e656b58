# A fleet behind ssh: a real sshd, keys of every kind, and hosts that are not the
# one that is meant.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"

fleet() {
	new_hub
	start_sshd
	new_key key
	for _each in 1 2; do
		add_computer "$_each"
		remote_ini "$_each" "key = $PWD/key"
	done
}
fleet_with_mail() {
	fleet
	on 1 send 2 -m Hello
}

# refused TEXT: a cycle of 1 ends so, and says so.
refused() {
	expect_status 77 on 1 sync
	expect_line "$1" 1/.trine/report.json
}

messages_both_ways() {
	fleet
	both_ways
}

as_git_writes_it() {
	fleet_with_mail
	# ssh's own port is not ours to listen on: the form is what is tried
	remote=$(id -un)@127.0.0.1:fleet.git remote_ini 1 "key = $PWD/key"
	expect_status 75 on 1 sync
	expect_line '127.0.0.1: ' 1/.trine/report.json
	remote="ssh://127.0.0.1:$port$PWD/hub.git" remote_ini 1 "key = $PWD/key"
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

keys_of_every_kind() {
	fleet_with_mail
	new_key ecdsa ecdsa
	remote_ini 1 "key = $PWD/ecdsa"
	sync 1 2
	new_key secret ed25519 'pass phrase'
	printf 'pass phrase\n' >phrase
	chmod 600 phrase
	remote_ini 1 "key = $PWD/secret" "passphrase_file = $PWD/phrase"
	on 1 sync
	remote_ini 1 "key = $PWD/secret"
	refused 'the key has a passphrase'
	refused 'passphrase_file in [remote]'
	echo wrong >phrase
	remote_ini 1 "key = $PWD/secret" "passphrase_file = $PWD/phrase"
	refused 'the key has a passphrase'
	chmod 640 phrase
	refused "can be read by others: chmod 600 $PWD/phrase"
	remote_ini 1 "key = $PWD/none"
	refused "key $PWD/none: there is no such file"
	ssh-keygen -q -t ed25519 -N '' -f stranger
	remote_ini 1 "key = $PWD/stranger"
	: >sshd.log
	refused 'none of our credentials (offered: the key of trine.ini)'
	[ "$(titles 2)" = Hello ]
}

# libssh2 1.11 can use them; before that a person is told what to do.
rsa_keys() {
	fleet_with_mail
	new_key rsa rsa
	remote_ini 1 "key = $PWD/rsa"
	expect_status '0 77' on 1 sync
	[ "$_got" = 0 ] ||
		expect_line 'libssh2 before 1.11 cannot use RSA keys' 1/.trine/report.json
}

without_a_setting() {
	fleet_with_mail
	remote_ini 1
	refused 'it wants a key, and there is none'
	eval "$(ssh-agent)" >/dev/null
	refused 'none of our credentials (offered: ssh-agent)'
	ssh-add -q key
	on 1 sync
	kill "$SSH_AGENT_PID"
	unset SSH_AUTH_SOCK
	cp key "$HOME/.ssh/id_ed25519"
	on 1 send 2 -m Again
	sync 1 2
	rm "$HOME/.ssh/id_ed25519"
	[ "$(titles 2 | sort | tr '\n' ' ')" = 'Again Hello ' ]
}

hosts() {
	fleet_with_mail
	: >"$HOME/.ssh/known_hosts"
	refused 'is not in ~/.ssh/known_hosts'
	expect_line "$(ssh-keygen -lf host_ecdsa.pub | cut -d' ' -f2)" 1/.trine/report.json
	new_key other
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 other.pub)" \
		>"$HOME/.ssh/known_hosts"
	refused 'is not the one in ~/.ssh/known_hosts: somebody may be in between'
	expect_line "ssh-keygen -R '[127.0.0.1]:$port'" 1/.trine/report.json
	knows_host rsa ed25519
	expect_status '0 77' on 1 sync
	[ "$_got" = 0 ] || refused 'is an ssh-rsa one'
	knows_host ed25519
	ssh-keygen -q -H -f "$HOME/.ssh/known_hosts"
	sync 1 2
	[ "$(titles 2)" = Hello ]
	( unset HOME; refused "\$HOME is not set" )
}

repositories_that_are_none() {
	fleet_with_mail
	remote=ssh://$(id -un)@127.0.0.1:$port/none.git remote_ini 1 "key = $PWD/key"
	expect_status 75 on 1 sync
	expect_line "'/none.git' does not appear to be a git repository" \
		1/.trine/report.json
	stop_server sshd
	remote_ini 1 "key = $PWD/key"
	expect_status 75 on 1 sync
	expect_line 'offline' 1/.trine/report.json
}

# late END SIDE BYTES [STATUS]: such a line ends a cycle in time.
late() {
	bad_line "$2" "$3" "$1"
	sed "s/]:[0-9]* /]:$line /" known >"$HOME/.ssh/known_hosts"
	remote=ssh://$(id -un)@127.0.0.1:$line$PWD/hub.git remote_ini 1 \
		"key = $PWD/key"
	ends_in_time "${4:-75}"
}

bad_lines() {
	fleet_with_mail
	printf '[sync]\nnetwork = 2s\n' >>1/.trine/trine.ini
	cp "$HOME/.ssh/known_hosts" known
	late stall down 0
	late stall down 40
	late stall down 3000
	late slow down 10
	late slow down 2500
	late close down 0
	# a server that ends it behind the first key may mean that key
	late close down 1500 '75 77'
	late close down 3000
	late lie down 0
	late lie down 1200
	cp known "$HOME/.ssh/known_hosts"
	remote_ini 1 "key = $PWD/key"
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

needs='sshd ssh-keygen ssh-agent'
it_with "$needs" messages_both_ways
it_with "$needs" as_git_writes_it
it_with "$needs" keys_of_every_kind
it_with "$needs" rsa_keys
it_with "$needs" without_a_setting
it_with "$needs" hosts
it_with "$needs" repositories_that_are_none
it_with "$needs" bad_lines
finish
