# A program in a sandbox: it has its workspace, and nothing that gets it anywhere else.
# Not in /tmp or /dev/shm, which the sandbox has of its own: there nothing is to hide.
! [ -w /var/tmp ] || export TMPDIR=/var/tmp
. "${0%/*}/lib.sh"
. "${0%/*}/work.sh"

can_isolate() {
	bwrap --ro-bind / / --unshare-pid --dev /dev --proc /proc true 2>/dev/null
}

it_in_a_sandbox() {
	if can_isolate; then it "$1"; else skip "$1" 'bwrap makes no sandbox here'; fi
}

# program [SETTING…]: ./agent, whose text comes on stdin, in a sandbox.
program() {
	cat >agent
	chmod +x agent
	agent 'deliver = exec' "exec = $PWD/agent" 'isolate = yes' "$@"
}

# result N: what the asker got as the N-th one.
result() { on 2 show "1_TO_2.$1"; }

it_works_in_its_workspace() {
	program <<-'END'
	#!/bin/sh
	cat >got
	pwd
	echo "$HOME"
	echo "$TRINE_TASK $TRINE_INSTANCE $TRINE_ATTEMPT"
	cd /tmp && echo scratch >own && cat own && ls
	END
	printf 'Use the new schema.\n' | task -m 'Build it' -
	sync 2 1
	wait_for 1 2_TO_1.1 COMPLETED
	sync 1 2
	work=$PWD/1/.trine/work/agent
	result 1 >shown
	expect_matches 2 "^$work\$" shown
	expect_line '2_TO_1.1 agent 1' shown
	expect_matches 1 '^scratch$' shown
	expect_matches 1 '^own$' shown
	expect_line '"body":"Use the new schema.\n"' "$work/got"
	[ "$(wc -l <"$work/got")" = 1 ]
	wait_until nobody_left
}

# What is to be kept from it is called secret; what it could read or do, it says.
it_sees_nothing_else() {
	mkdir keys
	for each in key pass token; do echo secret >"keys/$each"; done
	chmod 600 keys/*
	ln -s "$PWD/keys/token" link
	mkdir -p "$HOME/.ssh" "$HOME/.config/git" runtime
	echo secret >runtime/bus
	for each in .ssh/id_ed25519 .ssh/other .git-credentials .config/git/credentials; do
		echo secret >"$HOME/$each"
	done
	sleep 100 &
	sleeper=$!
	program <<-END
	#!/bin/sh
	cd "$PWD" || echo nothing there
	for file in 1/.trine/trine.ini 1/.trine/event-log.jsonl 1/.trine/state.db \
		1/.trine/run/work/agent.1 1/.trine/run/work/agent.1.program \
		1/.trine/repo.git/config 1/.trine/work/other/notes \
		1/.trine/inbox/other/new/task keys/key keys/pass keys/token link \
		runtime/bus \
		"$HOME/.ssh/id_ed25519" "$HOME/.ssh/other" \
		"$HOME/.git-credentials" "$HOME/.config/git/credentials" \
		/proc/$sleeper/cmdline
	do
		if cat "\$file" >/dev/null 2>&1; then echo "read \$file"; fi
	done
	for folder in . 1/coordination 1/.trine/work 1/.trine/inbox/agent "$HOME" /var/tmp /; do
		if (: >"\$folder/mine") 2>/dev/null; then echo "wrote \$folder"; fi
	done
	if kill -0 $sleeper 2>/dev/null; then echo "reached another"; fi
	for pid in /proc/[0-9]*; do tr '\\000' ' ' <\$pid/cmdline; echo; done |
		grep "[t]rine-deliver" && echo "saw the worker"
	tr '\\000' '\\n' </proc/1/environ | grep -e '^TRINE_TOKEN' -e ^SSH_AUTH
	perl -MIO::Socket::UNIX -e 'print "met the ssh-agent\\n"
		if IO::Socket::UNIX->new(Peer => "$PWD/ssh-agent")'
	ls 1/.trine/ 1/.trine/work 1/.trine/inbox
	# whoever is root out here
	mount -o remount,rw / 2>/dev/null && echo "changed the view"
	umount 1/.trine keys/key 2>/dev/null && echo "took the view away"
	cat 1/.trine/trine.ini keys/key 2>/dev/null
	umount "$HOME/.ssh" 2>/dev/null && cat "$HOME/.ssh/id_ed25519"
	exit 0
	END
	mkdir -p 1/.trine/work/other 1/.trine/inbox/other/new 1/.trine/inbox/agent
	echo secret >1/.trine/work/other/notes
	echo secret >1/.trine/inbox/other/new/task
	perl -MIO::Socket::UNIX -e '
		IO::Socket::UNIX->new(Local => "ssh-agent", Listen => 1) or die $!;
		$SIG{ALRM} = sub { exit }; alarm 60; sleep 100' &
	echo $! >agent.pid
	sed -i "/^\[remote\]/a key = $PWD/keys/key\npassphrase_file = $PWD/keys/pass\n$1" \
		1/.trine/trine.ini
	task -m 'Look around'
	sync 2
	XDG_RUNTIME_DIR=$PWD/runtime SSH_AUTH_SOCK=$PWD/ssh-agent TRINE_TOKEN=secret on 1 sync
	wait_for 1 2_TO_1.1 COMPLETED
	kill $sleeper
	sync 1 2
	result 1 | sed '1,/^started:/d; s/^```$//; /^---$/,$d' | grep . >shown
	expect_file shown <<-'END'
	wrote 1/.trine/work
	wrote 1/.trine/inbox/agent
	1/.trine/:
	inbox
	work
	1/.trine/inbox:
	agent
	1/.trine/work:
	agent
	mine
	END
}

a_file_with_a_token() { it_sees_nothing_else "token_file = $PWD/keys/token"; }
a_link_to_a_token() { it_sees_nothing_else "token_file = $PWD/link"; }

exits_say_what_became_of_it() {
	program 'retries = 0' 'capacity = 4' <<-'END'
	#!/bin/sh
	case $(cat) in
	*'"title":"exit 3"'*) echo "no such file" >&2; exit 3 ;;
	*'"title":"signal"'*) kill -SEGV $$ ;;
	*'"title":"later"'*) exit 75 ;;
	*'"title":"forks"'*) (setsid "$0" & echo $!); echo "gone on" ;;
	*) sleep 1000 ;;
	esac
	END
	for title in 'exit 3' signal later forks; do task -m "$title"; done
	sync 2 1
	for id in 1 2 3; do wait_for 1 2_TO_1.$id FAILED; done
	wait_for 1 2_TO_1.4 COMPLETED
	wait_until nobody_left
	sync 1 2
	for n in 1 2 3 4; do result $n; done >shown
	expect_matches 1 '^ended with 3$' shown
	expect_matches 1 '^no such file$' shown
	expect_matches 1 '^died of signal 11$' shown
	expect_matches 1 '^asked to be tried again later$' shown
	expect_matches 1 '^gone on$' shown
}

its_time_is_bounded() {
	program 'timeout = 1s' <<-'END'
	#!/bin/sh
	[ -z "$1" ] || { trap '' TERM; while :; do sleep 1; done; }
	trap 'sleep 0.5; echo "told to end"; exit' TERM
	"$0" child &
	setsid "$0" child &
	echo "so far"
	wait
	END
	task -m 'For ever'
	sync 2 1
	wait_for 1 2_TO_1.1 FAILED
	wait_until nobody_left
	sync 1 2
	result 1 >shown
	expect_line 'ended by us: it had not finished after 1 s' shown
	expect_line 'so far' shown
	expect_line 'told to end' shown
}

a_killed_worker_ends_the_sandbox() {
	program <<-'END'
	#!/bin/sh
	[ -n "$1" ] || setsid "$0" child &
	trap '' TERM HUP
	echo $$ >>runs
	while :; do sleep 0.2; done
	END
	task -m 'Unfinished'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/runs
	workers | xargs kill -9
	wait_until nobody_left
	sync 1
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
	on 1 show 2_TO_1.1 >shown
	expect_line 'in doubt: the worker that had it is gone' shown
}

# Neither is the program's own failure: the task waits, and does not run outside.
without_bubblewrap_it_waits() {
	program <<-'END'
	#!/bin/sh
	echo ran >>runs
	END
	mkdir empty fake
	cat >fake/bwrap <<-'END'
	#!/bin/sh
	echo "bwrap: No permissions to create new namespace" >&2
	echo "and more" >&2
	exit 1
	END
	chmod +x fake/bwrap
	task -m 'Not outside'
	sync 2
	PATH=$PWD/empty "$TRINE" -C "$PWD/1" sync
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 |
		grep '^isolate = yes wants bubblewrap: cannot run bwrap: No such file'"
	workers | xargs kill
	wait_until nobody_left
	before=$PATH
	export PATH="$PWD/fake:$PATH"
	wait_until again
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 |
		grep '^isolate = yes wants bubblewrap: bwrap: No permissions .* namespace$'"
	[ "$(state 1 2_TO_1.1)" = ASSIGNED ]
	workers | xargs kill
	wait_until nobody_left
	export PATH="$before"
	[ ! -e 1/.trine/work/agent/runs ]
	! can_isolate || { wait_until again; wait_for 1 2_TO_1.1 COMPLETED; }
}
# A worker comes when the pause of the task is over.
again() { sync 1; workers; }

a_missing_program_is_a_reason_to_wait() {
	program <<-'END'
	#!/bin/sh
	echo there
	END
	mv agent gone
	task -m 'Where are you'
	sync 2 1
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 |
		grep 'cannot run $PWD/agent: No such file'"
	mv gone agent
	wait_for 1 2_TO_1.1 COMPLETED
}

# The sandbox has a /tmp of its own, in which the program and nothing else lies.
a_program_in_tmp() {
	folder=$(unset TMPDIR; mktemp -d)
	printf '#!/bin/sh\nls "%s"\n' "$folder" >"$folder/agent"
	: >"$folder/other"
	chmod +x "$folder/agent"
	ln -s "$folder/agent" agent
	agent 'deliver = exec' "exec = $PWD/agent" 'isolate = yes'
	task -m 'From there'
	sync 2 1
	wait_for 1 2_TO_1.1 COMPLETED
	rm "$folder/agent" "$folder/other"
	rmdir "$folder"
	sync 1 2
	result 1 >shown
	expect_matches 1 '^agent$' shown
	no_line other shown
}

it_in_a_sandbox it_works_in_its_workspace
it_in_a_sandbox a_file_with_a_token
it_in_a_sandbox a_link_to_a_token
it_in_a_sandbox exits_say_what_became_of_it
it_in_a_sandbox its_time_is_bounded
it_in_a_sandbox a_killed_worker_ends_the_sandbox
it without_bubblewrap_it_waits
it_in_a_sandbox a_missing_program_is_a_reason_to_wait
it_in_a_sandbox a_program_in_tmp
finish
