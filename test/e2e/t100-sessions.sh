# Sessions: a number is one agent's, as long as its process lives.
. "${0%/*}/lib.sh"

# agent: a process that stays for the test, in $agent; `leave` ends it.
agent() {
	sleep 1000 &
	agent=$!
	echo $agent >"agent$agent.pid"	# ended with the test
}
leave() {
	kill "$1"
	wait "$1" 2>/dev/null || :
}

start() { on 1 session start "$@"; }

a_number_is_one_agents() {
	new_fleet 1
	agent
	first=$agent
	agent
	start --number 1 --name Atlas --role Builder --goal 'Fix it' --pid "$first"
	expect_status 1 said told start --number 1 --name Forge --pid "$agent"
	expect_line "session 1 (Atlas) is there: process $first" told
	expect_line 'Builder' told
	expect_status 1 said told start --number 2 --name Atlas --pid "$agent"
	start --name Forge --pid "$agent" --json >started
	grep '"number": *2' started
	grep '"born": *[1-9]' started
	grep '"boot": *"[0-9a-f]' started
	on 1 session list >list
	expect_line 'session 1 (Atlas)  alive' list
	expect_line 'session 2 (Forge)  alive' list
	# the same one again is no other
	start --number 1 --pid "$first"
	expect_status 1 said told start --number 3 --pid "$first"
	expect_line "process $first is session 1 (Atlas) already" told
	[ "$(on 1 session list --json | wc -l)" = 2 ]
}

two_at_once_get_two_numbers() {
	new_fleet 1
	for i in 1 2 3 4 5 6 7 8; do
		agent
		start --pid "$agent" --json >"out.$i" &
		pids="${pids:-} $!"
	done
	# shellcheck disable=SC2086 # words
	wait $pids
	cat out.* | sed 's/.*"number": *\([0-9]*\).*/\1/' | sort -n >numbers
	seq 8 | expect_file numbers
	# and for one number there is one
	rm out.*
	pids=
	for i in 1 2 3 4 5 6 7 8; do
		agent
		{ start --number 20 --pid "$agent" && echo yes; } >"out.$i" 2>&1 &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086
	wait $pids || :
	[ "$(cat out.* | grep -c '^yes$')" = 1 ]
}

a_dead_ones_number_is_free() {
	new_fleet 1
	agent
	start --number 1 --name Atlas --pid "$agent"
	leave "$agent"
	on 1 session list >list
	expect_line 'its process is gone' list
	agent
	start --number 1 --name Forge --pid "$agent"
	on 1 session list --all >list
	expect_line 'session 1 (Forge)  alive' list
	grep '(Atlas)' list >gone
	grep -q 'session 1 (Atlas)  ended [0-9]* s ago: its process is gone' gone
	no_line 'heard of' gone
	on 1 session list --all --json >list
	expect_line '"heard":null' list
}

nobody_stays_who_is_gone() {
	new_fleet 1
	agent
	start --name Atlas --pid "$agent"
	leave "$agent"
	[ "$(on 1 session list --json | wc -l)" = 1 ]
	at +3m on 1 session list --json >list
	expect_empty list
	# nor who was heard of under a clock that was ahead
	agent
	at +9d start --name Atlas --pid "$agent"
	leave "$agent"
	on 1 session list --json >list
	expect_empty list
	# but who lives stays, however silent
	agent
	start --name Forge --pid "$agent"
	[ "$(at +3d on 1 session list --json | wc -l)" = 1 ]
}

who_calls_is_found_by_its_process() {
	new_fleet 1
	mkfifo in out
	# an agent that is no shell, and runs commands by shells
	cat >agent.pl <<-'END'
	$| = 1;
	while (my $line = <STDIN>) { system("sh", "-c", $line); print "done\n"; }
	END
	perl agent.pl <in >out 2>err &
	echo $! >perl.pid
	exec 3>in 4<out
	tell() { echo "$1" >&3; read -r _done <&4; }
	tell "$TRINE -C 1 session start --name Atlas --json >started"
	grep "\"pid\": *$(cat perl.pid)" started
	tell "sh -c 'sh -c \"$TRINE -C 1 session beat --doing reading\"'"
	on 1 session list | grep 'does  reading'
	# another agent's words do not make it that one
	expect_status 69 env -u TRINE_SESSION "$TRINE" -C 1 session beat --doing x ||
		on 1 session list
	TRINE_SESSION=Atlas on 1 session beat --doing writing
	on 1 session list | grep 'does  writing'
	TRINE_SESSION=1 on 1 session beat --doing resting
	on 1 session list | grep 'does  resting'
	TRINE_SESSION=Nobody expect_status 69 on 1 session beat
	tell "$TRINE -C 1 session end"
	[ "$(on 1 session list --json | wc -l)" = 0 ]
	exec 3>&- 4<&-
}

it_can_be_gone_on_with() {
	new_fleet 1
	agent
	start --name Atlas --goal 'Fix it' --pid "$agent"
	old=$agent
	agent
	expect_status 1 on 1 session adopt Atlas --pid "$agent"
	leave "$old"
	on 1 session adopt Atlas --pid "$agent" >adopted
	expect_line 'session 1 (Atlas)  alive' adopted
	expect_line 'Fix it' adopted
	[ "$(on 1 session list --all --json | wc -l)" = 1 ]
	expect_status 69 on 1 session adopt Forge --pid "$agent"
	# one process is one session
	agent
	start --name Forge --pid "$agent"
	leave "$agent"
	agent
	start --name Oracle --pid "$agent"
	expect_status 1 said told on 1 session adopt Forge --pid "$agent"
	expect_line "process $agent is session 3 (Oracle) already" told
}

# Many want to go on as it: one does.
one_goes_on_with_it() {
	new_fleet 1
	agent
	start --name Atlas --pid "$agent"
	leave "$agent"
	pids=
	for i in 1 2 3 4 5 6 7 8; do
		agent
		{ on 1 session adopt Atlas --pid "$agent" >/dev/null && echo yes; } \
			>"out.$i" 2>&1 &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # words
	wait $pids || :
	[ "$(cat out.* | grep -c '^yes$')" = 1 ]
}

who_works_in_the_same_folder_is_told() {
	new_fleet 1
	mkdir b
	agent
	start --name Atlas --pid "$agent"
	agent
	start --name Forge --pid "$agent" 2>told
	expect_line 'session 1 (Atlas) works in the same folder' told
	(cd b && : >../there && exec sleep 1000) &
	echo $! >other.pid
	wait_until test -e there
	start --name Oracle --pid $! 2>told
	no_line 'same folder' told
}

bad_words_are_said() {
	new_fleet 1
	expect_status 64 start --pid 999999999
	expect_status 64 start --number 0
	expect_status 64 start --number x
	expect_status 64 start --name 'two words'
	expect_status 64 start --name 7
	expect_status 64 start --name "$(printf 'a\033b')"
	expect_status 64 start --goal "$(printf '%0300d' 1)"
	expect_status 64 on 1 session
	expect_status 64 on 1 session frobnicate
	expect_status 69 on 1 session end Nobody
	"$TRINE" help session | grep 'session adopt'
	"$TRINE" session --help | grep 'session adopt'
	"$TRINE" help session start | grep -e --goal
	"$TRINE" session start --help | grep -e --goal
}

# The view comes back equal; and the log says it all.
the_log_has_it() {
	new_fleet 1
	agent
	start --name Atlas --pid "$agent"
	TRINE_SESSION=1 on 1 session beat --doing 'one thing'
	on 1 session list --json >before
	rm -f 1/.trine/state.db*
	on 1 session list --json | expect_file before
	on 1 log --type session. >log
	expect_line session.started log
	expect_line session.doing log
}

# Each event says in whose name it was; what is swept was nobody's doing.
the_log_says_who_did_it() {
	new_fleet 1
	agent
	start --name Atlas --pid "$agent"
	gone=$agent
	agent
	start --name Forge --pid "$agent"
	TRINE_SESSION=Atlas on 1 task claim WORK 'Some work'
	TRINE_SESSION=Forge on 1 state set mood calm
	TRINE_SESSION=Atlas on 1 task start WORK
	TRINE_SESSION=Atlas on 1 task progress WORK 'half way'
	TRINE_SESSION=Atlas on 1 task claim LEFT 'Left alone'
	TRINE_SESSION=2 on 1 task cancel WORK 'not now'
	on 1 log >all
	expect_line 'half way  by session 1 (Atlas)' all
	grep 'task.ended .*not now.*  by session 2 (Forge)$' all
	on 1 log --session Atlas >his
	on 1 log --session 1 | expect_file his
	expect_line session.started his
	expect_line task.claimed his
	expect_line task.progress his
	no_line Forge his
	no_line state.set his
	on 1 log --session Atl >none
	[ ! -s none ]
	on 1 log --session 2 --json >hers
	expect_line '"actor":"session 2 (Forge)"' hers
	expect_not grep -v Forge hers
	leave "$gone"
	TRINE_SESSION=Forge at +3m on 1 task next
	on 1 log --type message.released --json >given
	expect_line '"actor":"trine"' given
}

any_command_is_a_heartbeat() {
	new_fleet 1
	agent
	start --name Atlas --pid "$agent"
	TRINE_SESSION=Atlas at +1m on 1 inbox
	on 1 session list --json | field heard >inbox
	TRINE_SESSION=Atlas at +2m on 1 send 2 -m Hello
	on 1 session list --json | field heard >send
	at +3m on 1 inbox
	on 1 session list --json | field heard | expect_file send
	expect_not cmp inbox send
	on 1 session list --json | field since >since
	expect_not cmp since inbox
	# and who is gone has none
	leave "$agent"
	TRINE_SESSION=Atlas on 1 inbox
	on 1 log --session Atlas --json >his
	expect_line '"message.sent"' his
}

it a_number_is_one_agents
it two_at_once_get_two_numbers
it a_dead_ones_number_is_free
it nobody_stays_who_is_gone
it who_calls_is_found_by_its_process
it it_can_be_gone_on_with
it one_goes_on_with_it
it who_works_in_the_same_folder_is_told
it bad_words_are_said
it any_command_is_a_heartbeat
it the_log_has_it
it the_log_says_who_did_it
finish
