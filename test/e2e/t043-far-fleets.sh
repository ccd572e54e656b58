# What a fleet does over https and ssh is what it does on a path: large messages,
# pushes at the same time, hooks that say no, other branches, a branch of its own.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/branches.sh"

# over_https N, over_ssh N: computers 1 … N, and a person's clone of the same.
over_https() {
	new_hub
	start_nginx
	printf 'secret\n' >token
	chmod 600 token
	far_computers "$1" "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
}
over_ssh() {
	new_hub
	start_sshd
	new_key key
	far_computers "$1" "key = $PWD/key"
}
over_git() {
	git init -q --bare -b main hub.git
	start_daemon
	far_computers "$1" 'transport = git'
}
far_computers() { # N SETTING…
	_count=$1
	shift
	_far=$remote
	for _each in $(seq "$_count"); do
		add_computer "$_each"
		remote_ini "$_each" "$@"
	done
	remote=$PWD/hub.git	# people are on the spot
}

large_messages() {
	head -c 196608 /dev/urandom | base64 -w 76 | head -c 261000 >large
	for _each in 1 2 3; do on 1 send 2 -m "Large $_each" large; done
	sync 1 2 1
	[ "$(titles 2 | wc -l)" = 3 ]
	on 2 show 1_TO_2.2 >shown
	tail -n 2000 large | head -n 1000 >some
	grep -qF "$(sed -n 500p some)" shown
	expect_desks 1 2
}

a_hook_says_no() {
	sync 1
	printf '#!/bin/sh\necho "not today" >&2\nexit 1\n' >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
	on 1 send 2 -m Refused
	said out expect_status 77 on 1 sync
	expect_line 'refused the push: ' out
	expect_line 'not today' out
	rm hub.git/hooks/pre-receive
	sync 1 2
	titles 2 | grep Refused
}

other_branches() {
	sync 1 2
	printf '[radar]\ntake = claude/*\n' >>2/.trine/trine.ini
	person_pull
	branch claude/one
	say HUMAN_TO_2.md '- [ ] Look at this'
	sync 2
	titles 2 | grep 'Look at this'
	printf '[radar]\npush = trine/{n}\n' >>1/.trine/trine.ini
	on 1 send 2 -m 'From a branch'
	sync 1
	hub rev-parse -q --verify trine/1
	sync 2
	titles 2 | grep 'From a branch'
}

https_large() { over_https 2; large_messages; }
https_at_the_same_time() { over_https 3; at_the_same_time 3 3; }
https_hook_and_branches() { over_https 2; a_hook_says_no; other_branches; }
ssh_large() { over_ssh 2; large_messages; }
ssh_at_the_same_time() { over_ssh 3; at_the_same_time 3 3; }
ssh_hook_and_branches() { over_ssh 2; a_hook_says_no; other_branches; }
git_large() { over_git 2; large_messages; }
git_hook_and_branches() { over_git 2; a_hook_says_no; other_branches; }

for point in https_large https_at_the_same_time https_hook_and_branches; do
	it_with 'nginx fcgiwrap openssl' $point
done
for point in ssh_large ssh_at_the_same_time ssh_hook_and_branches; do
	it_with 'sshd ssh-keygen' $point
done
it git_large
it git_hook_and_branches
finish
