# transport = git: the same outcomes through the git that is installed, with what
# people have set up for it.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"

by_git() { # N…
	for _each; do remote_ini "$_each" 'transport = git'; done
}

on_a_path() {
	new_fleet 2
	by_git 1 2
	both_ways
	expect_line '"problems":[]' json
	[ ! -e "$PWD/1/.trine/repo.git/FETCH_HEAD" ]
	# a mixed fleet is one
	remote_ini 2
	on 2 send 1 -m Again
	sync 2 1
	[ "$(titles 1 | tail -n 1)" = Again ]
}

by_the_git_protocol() {
	git init -q --bare -b main hub.git
	start_daemon
	add_computer 1
	add_computer 2
	by_git 1 2
	both_ways
	expect_line '"problems":[]' json
	stop_daemon
	on 1 send 2 -m Later
	expect_status 75 on 1 sync
	expect_line 'offline: ' 1/.trine/report.json
	serve
	sync 1 2
	[ "$(titles 2 | tail -n 1)" = Later ]
}

# An RSA key, and a name that ~/.ssh/config knows.
by_ssh() {
	new_hub
	start_sshd
	new_key rsa rsa
	cat >ssh_config <<-END
	Host fleet
	HostName 127.0.0.1
	Port $port
	IdentityFile $PWD/rsa
	IdentitiesOnly yes
	UserKnownHostsFile $PWD/known
	END
	sed 's/^\[127[^ ]*/[127.0.0.1]:'"$port/" "$HOME/.ssh/known_hosts" >known
	git config --global core.sshCommand "ssh -F $PWD/ssh_config"
	remote=fleet:$PWD/hub.git
	for _each in 1 2; do add_computer "$_each"; done
	by_git 1 2
	both_ways
	expect_line '"problems":[]' json
	on 1 send 2 -m Again
	: >known
	said out expect_status 77 on 1 sync
	expect_line 'Host key verification failed' 1/.trine/report.json
	ssh-keyscan -p "$port" 127.0.0.1 >known 2>/dev/null
	: >authorized_keys
	said out expect_status 77 on 1 sync
	expect_line 'Permission denied' 1/.trine/report.json
	cp rsa.pub authorized_keys
	sync 1 2
	[ "$(titles 2 | tail -n 1)" = Again ]
	git config --global --unset core.sshCommand
}

by_https() {
	new_hub
	start_nginx
	for _each in 1 2; do add_computer "$_each"; done
	by_git 1 2
	on 1 send 2 -m Hello
	said out expect_status 77 on 1 sync
	expect_line 'certificate' 1/.trine/report.json
	git config --global http.sslCAInfo "$PWD/cert.pem"
	said out expect_status 77 on 1 sync
	expect_line 'could not read Password' 1/.trine/report.json
	git config --global credential.helper "store --file=$PWD/store"
	echo "https://ada:secret@localhost:$port" >store
	sync 1 2 1
	[ "$(titles 2)" = Hello ]
	expect_desks 1 2
	git config --global --unset credential.helper
	git config --global --unset http.sslCAInfo
}

a_hook_says_no() {
	new_fleet 2
	by_git 1 2
	printf '#!/bin/sh\necho "not today" >&2\nexit 1\n' >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
	on 1 send 2 -m Hello
	said out expect_status 77 on 1 sync
	expect_line 'refused the push: ' out
	expect_line 'not today' out
	rm hub.git/hooks/pre-receive
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

many_at_once() {
	new_fleet 5
	by_git 1 2 3 4 5
	at_the_same_time 5 4
}

bad_lines() {
	git init -q --bare -b main hub.git
	start_daemon
	add_computer 1
	on 1 send 2 -m Hello
	printf '[sync]\nnetwork = 2s\n' >>1/.trine/trine.ini
	for _end in 'down 0 stall' 'down 30 stall' 'down 30 slow' 'down 30 close' \
		'down 30 lie'; do
		# shellcheck disable=SC2086 # three words
		bad_line $_end
		remote=git://127.0.0.1:$line/hub.git by_git 1
		ends_in_time '65 75'
	done
	by_git 1
	sync 1
	hub_show messages/1_TO_2.md | grep Hello
}

without_git() {
	new_fleet 1
	by_git 1
	on 1 send 2 -m Hello
	mkdir bin
	for _each in env sh; do ln -s "$(command -v "$_each")" bin/; done
	said out env PATH="$PWD/bin" sh -c '! "$0" -C "$1" sync' "$TRINE" "$PWD/1"
	expect_line 'wants git, which is not installed' out
	remote_ini 1 'transport = pigeon'
	said out expect_status 78 on 1 sync
	expect_line 'there are: libgit2, git' out
}

it on_a_path
it by_the_git_protocol
it_with 'sshd ssh-keygen' by_ssh
it_with 'nginx fcgiwrap openssl' by_https
it a_hook_says_no
it many_at_once
it bad_lines
it without_git
finish
