# Remotes that refuse, are missing, empty, or something else altogether.
. "${0%/*}/lib.sh"

a_daemon_takes_what_a_path_takes() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m 'Over the wire'
	sync 1 2 1
	[ "$(titles 2)" = 'Over the wire' ]
	json 1 status
	expect_line '"confirmed":{"2":1' json
	hub fsck --strict
}

# A path by another name, with what a URL needs for a blank.
a_url_of_a_file() {
	mkdir 'a folder'
	git init -q --bare -b main 'a folder/hub.git'
	remote=file://$PWD/a%20folder/hub.git
	add_computer 1
	remote="$PWD/a folder/hub.git"
	add_computer 2
	on 1 send 2 -m Question
	sync 1 2
	on 2 reply 1_TO_2.1 -m Answer
	sync 2 1
	[ "$(titles 1)" = Answer ]
	remote=file://elsewhere/hub.git
	expect_status 64 said told add_computer 3
	expect_line 'file:///' told
}

a_hook_that_refuses() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	sync 1 2
	printf '#!/bin/sh\necho "no pushes on Fridays" >&2\nexit 1\n' \
		>hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Held up'
	expect_status 77 on 1 sync
	expect_status 77 on 1 sync
	[ "$(hub rev-parse main)" = "$before" ]
	json 1 status
	no_line '"pushed":1' json
	on 1 status >status
	grep -iE 'refuse|declined|Fridays' status
	# What arrives from others arrives all the same.
	expect_line '"online":true' json
	rm hub.git/hooks/pre-receive
	sync 1 2 1
	[ "$(titles 2)" = 'Held up' ]
	json 1 status
	expect_line '"pushed":1' json
}

an_update_hook_that_refuses() {
	new_hub
	start_daemon
	add_computer 1
	printf '#!/bin/sh\nexit 1\n' >hub.git/hooks/update
	chmod +x hub.git/hooks/update
	on 1 send 2 -m 'Held up'
	expect_status 77 on 1 sync
	rm hub.git/hooks/update
	sync 1
	hub_show messages/1_TO_2.md | grep 'Held up'
}

a_remote_that_may_only_be_read() {
	new_hub
	start_daemon
	add_computer 1
	sync 1
	touch hub.git/daemon-no-push
	git -C hub.git config daemon.receivepack false
	on 1 send 2 -m 'Cannot go out'
	expect_status '75 77' on 1 sync
	json 1 status
	no_line '"pushed":1' json
	git -C hub.git config --unset daemon.receivepack
	sync 1
	json 1 status
	expect_line '"pushed":1' json
}

a_repository_that_is_not_there() {
	new_hub
	start_daemon
	remote=${remote%hub.git}nothing.git
	add_computer 1 --branch main || :
	[ -d 1/.trine ] || return 0
	on 1 send 2 -m Hello
	expect_status '69 75 77' on 1 sync
	on 1 status >status 2>&1 || :
	[ -s status ]
}

a_path_that_is_no_repository() {
	mkdir -p plain/folder
	remote=$PWD/plain
	add_computer 1 || :
	[ ! -d 1/.trine ] || expect_status '69 75 77' on 1 sync
	[ "$(ls -A plain)" = folder ]
}

a_default_branch_of_another_name() {
	git init -q --bare -b trunk hub.git
	remote=$PWD/hub.git
	git clone -q "$remote" person 2>/dev/null
	echo hello >person/README.md
	person_push 'A project'
	add_computer 1
	add_computer 2
	on 1 send 2 -m Hello
	sync 1 2
	hub show trunk:coordination/messages/1_TO_2.md | grep Hello
	[ -z "$(hub rev-parse -q --verify main || :)" ]
	[ "$(titles 2)" = Hello ]
}

a_branch_that_was_asked_for() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	echo hello >person/README.md
	person_push 'A project'
	add_computer 1 --branch fleet
	add_computer 2 --branch fleet
	on 1 send 2 -m Hello
	sync 1 2
	[ "$(titles 2)" = Hello ]
	hub rev-parse -q --verify fleet
	[ "$(hub rev-list --count main)" = 1 ]
}

a_server_that_says_nothing() {
	new_hub
	start_daemon
	add_computer 1
	sync 1
	printf '[sync]\nnetwork = 2s\n' >>1/.trine/trine.ini
	on 1 send 2 -m Waiting
	kill -STOP "$(cat daemon.pid)"
	start=$(date +%s)
	expect_status 75 on 1 sync
	kill -CONT "$(cat daemon.pid)"
	[ $(($(date +%s) - start)) -lt 20 ]
	sync 1
	hub_show messages/1_TO_2.md | grep Waiting
}

addresses_that_could_be_options_or_commands() {
	for remote in '--upload-pack=touch x' 'ext::touch x' \
		'-oProxyCommand=touch x' 'ftp://example.org/x'; do
		expect_status '64 78' add_computer 1
		[ ! -d 1/.trine ]
	done
	[ ! -e x ]
}

a_lock_that_a_killed_push_left() {
	new_fleet 1
	sync 1
	: >hub.git/refs/heads/main.lock
	on 1 send 2 -m 'Past the lock'
	sync 1
	hub_show messages/1_TO_2.md | grep 'Past the lock'
}

it a_daemon_takes_what_a_path_takes
it a_url_of_a_file
it a_hook_that_refuses
it an_update_hook_that_refuses
it a_remote_that_may_only_be_read
it a_repository_that_is_not_there
it a_path_that_is_no_repository
it a_default_branch_of_another_name
it a_branch_that_was_asked_for
it a_server_that_says_nothing
it addresses_that_could_be_options_or_commands
it a_lock_that_a_killed_push_left
finish
