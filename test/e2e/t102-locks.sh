# Locks of one computer: one holder at a time, whoever is killed, sleeps or waits.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

# as NAME VERB…: what that agent does with a lock.
as() {
	_as=$1
	shift
	TRINE_SESSION=$_as on 1 lock "$@"
}

one_holds_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	token=$(as Atlas acquire deploy)
	expect_status 1 said told as Forge acquire deploy
	expect_line 'deploy is held by session 1 (Atlas) since' told
	expect_line "token $token" told
	# not even its owner gets it once more
	expect_status 1 as Atlas acquire deploy
	expect_status 1 as Forge release deploy --token $((token + 1))
	expect_status 1 as Forge renew deploy --token $((token - 1))
	as Atlas renew deploy --token "$token"
	as Atlas release deploy --token "$token"
	expect_status 1 said told as Atlas release deploy --token "$token"
	expect_line 'nobody holds deploy' told
	next=$(as Forge acquire deploy)
	[ "$next" -gt "$token" ]
	on 1 lock list >list
	expect_line "deploy  token $next  session 2 (Forge)" list
	[ "$(as Atlas acquire other --json | sed 's/.*"token": *\([0-9]*\).*/\1/')" -gt "$next" ]
}

a_lease_is_over() {
	new_fleet 1
	agent Atlas
	agent Forge
	token=$(as Atlas acquire deploy --ttl 1m)
	expect_status 1 at +50s as Forge acquire deploy
	at +2m on 1 lock list >list
	expect_line 'over, and nobody took it' list
	at +2h on 1 lock list >list
	[ ! -s list ]
	at +2h on 1 lock list --all >list
	expect_line 'over, and nobody took it' list
	# nobody took it: who has it may go on, as after a suspend
	at +2m as Atlas renew deploy --token "$token"
	expect_status 1 at +150s as Forge acquire deploy
	next=$(at +5m as Forge acquire deploy)
	# and now it is another's, whatever Atlas believes
	expect_status 1 at +5m as Atlas renew deploy --token "$token"
	expect_status 1 at +5m as Atlas release deploy --token "$token"
	at +5m as Forge release deploy --token "$next"
}

# Nobody knows how much is left of it: it is over at most its whole time from when
# somebody asks.
a_clock_that_was_ahead_holds_nothing() {
	new_fleet 1
	agent Atlas
	agent Forge
	token=$(at +9d as Atlas acquire deploy --ttl 1m)
	expect_status 1 said told as Forge acquire deploy
	expect_line 'for another 60 s' told
	expect_status 1 at +50s as Forge acquire deploy
	[ "$(at +61s as Forge acquire deploy)" -gt "$token" ]
}

who_waits_gets_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	token=$(as Atlas acquire deploy)
	as Forge acquire deploy --wait 20s >got &
	waiter=$!
	wait_until sh -c "'$TRINE' -C 1 log --type lock.waiting | grep -q Forge ||
		'$TRINE' -C 1 log --type lock.waiting | grep -q deploy"
	as Atlas release deploy --token "$token"
	wait $waiter
	[ "$(cat got)" -gt "$token" ]
	# and one whose time is up does not
	expect_status 1 as Atlas acquire deploy --wait 1s
}

who_is_gone_holds_nothing() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas acquire deploy --ttl 1d
	leave Atlas
	expect_status 1 as Forge acquire deploy
	at +3m as Forge acquire deploy
}

a_command_runs_under_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	expect_status 5 as Atlas run deploy -- sh -c 'echo "$0 $1" >ran; exit 5' a 'b c'
	[ "$(cat ran)" = 'a b c' ]
	on 1 lock list --json >list
	expect_empty list
	echo input | as Atlas run deploy -- cat >out
	[ "$(cat out)" = input ]
	expect_status 69 said told as Atlas run deploy -- ./none
	expect_line 'cannot run ./none' told
	# also where nobody waits for children
	expect_status 5 env TRINE_SESSION=Atlas perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' \
		"$TRINE" -C 1 lock run deploy -- sh -c 'exit 5'
	expect_status 143 as Atlas run deploy -- sh -c 'kill $$'
	as Atlas run deploy -- sh -c "TRINE_SESSION=Forge $TRINE -C 1 lock acquire deploy ||
		echo refused >refused"
	[ -e refused ]
}

# The agent ends, its command does not: nobody else gets in meanwhile.
a_command_outlives_its_agent() {
	new_fleet 1
	agent Atlas
	agent Forge
	TRINE_SESSION=Atlas "$TRINE" -C 1 lock run deploy -- \
		sh -c 'until [ -e go ]; do sleep 0.1; done' &
	holder=$!
	echo $holder >holder.pid
	wait_until sh -c "'$TRINE' -C 1 lock list --json | grep -q deploy"
	on 1 session end Atlas
	expect_status 1 as Forge acquire deploy
	touch go
	wait $holder
	rm holder.pid
	as Forge acquire deploy
}

# Killed: who held it for a command. It is free at once, and the command does not go
# on without it.
a_killed_holder_holds_nothing() {
	new_fleet 1
	agent Atlas
	agent Forge
	TRINE_SESSION=Atlas "$TRINE" -C 1 lock run deploy -- sleep 1000 &
	holder=$!
	echo $holder >holder.pid
	wait_until sh -c "'$TRINE' -C 1 lock list --json | grep -q deploy"
	expect_status 1 as Forge acquire deploy
	command=$(pgrep -x -P $holder sleep)
	kill -9 $holder
	wait $holder || :
	rm holder.pid
	as Forge acquire deploy
	wait_until is_gone "$command"
}

# A command with a child that SIGTERM does not end, both in the background of the test.
a_family() {	# OPTION…
	rm -f child
	TRINE_SESSION=Atlas "$TRINE" -C 1 lock run deploy "$@" -- sh -c '
		sh -c "trap \"\" TERM; echo \$\$ >child; exec sleep 1000" &
		wait' 2>err &
	holder=$!
	echo $holder >holder.pid
	wait_until test -s child
}
# One that has ended may wait for the system's first process.
none_is_left() { is_gone "$(cat child)"; }

all_end_with_a_lost_lease() {
	new_fleet 1
	agent Atlas
	agent Forge
	a_family --ttl 3s
	as Forge break deploy --reason 'It hangs'
	expect_status 1 wait $holder
	rm holder.pid
	none_is_left
}

all_end_with_a_killed_holder() {
	new_fleet 1
	agent Atlas
	a_family
	kill -9 $holder
	wait $holder || :
	rm holder.pid
	wait_until none_is_left
	a_family
	kill $holder
	expect_status 143 wait $holder
	rm holder.pid
	none_is_left
}

# What goes on when the command is over is its own affair.
what_is_left_behind_stays() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas run deploy -- sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >left.pid'
	as Forge acquire deploy
	kill -0 "$(cat left.pid)"
}

# terminal COMMANDS: a script at a terminal; `keys` types.
terminal() {
	rm -f keys
	mkfifo keys
	printf '%s\n' "run() { '$TRINE' -C 1 lock run deploy -- \"\$@\"; }" "$1" >script
	# what is in the background of a shell has ^C ignored
	TRINE_SESSION=Atlas perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
		script -qefc 'sh ./script' seen <keys >/dev/null 2>&1 &
	echo $! >script.pid
	exec 3>keys
}
keys() { printf "$1" >&3; }
terminal_ended() {
	wait "$(cat script.pid)" || :
	rm script.pid
	exec 3>&-
}

it_may_read_the_terminal() {
	new_fleet 1
	agent Atlas
	terminal 'run sh -c "echo begun >begun; read line; echo \$line >got"
		read line; echo $line >second'
	wait_until test -e begun
	keys 'one\ntwo\n'
	terminal_ended
	[ "$(cat got second | tr '\n' ' ')" = "one two " ]
}

# Whether it has read the terminal or not, and the script that runs it ends with it.
control_c_ends_it() {
	new_fleet 1
	agent Atlas
	for first in '' 'read line; '; do
		rm -f begun
		terminal "run sh -c '${first}echo begun >begun; sleep 1000'; touch on"
		[ -z "$first" ] || keys 'line\n'
		wait_until test -e begun
		keys '\003'
		terminal_ended
		[ ! -e on ]
	done
	[ -z "$(on 1 lock list --json)" ]
}

# ^Z is for all of it, and so is to go on.
control_z_stops_it() {
	new_fleet 1
	agent Atlas
	for first in '' 'read line; '; do
		rm -f begun
		terminal "set -m
			run sh -c '${first}echo begun >begun; read line; echo \$line >got'
			echo stopped >stopped; fg; echo ended >ended"
		[ -z "$first" ] || keys 'line\n'
		wait_until test -e begun
		keys '\032'
		wait_until test -e stopped
		keys 'more\n'
		wait_until test -e ended
		terminal_ended
		[ "$(cat got)" = more ]
		rm stopped ended got
	done
}

# What the lock protects can be told the token, which is no credential of the remote.
a_command_knows_its_lock() {
	new_fleet 1
	agent Atlas
	agent Forge
	TRINE_TOKEN=secret as Atlas run deploy -- sh -c '
		echo "$TRINE_LOCK $TRINE_LOCK_TOKEN $TRINE_TOKEN"
		echo "$TRINE_LOCK_TOKEN" >token
		"$1" -C 1 lock renew "$TRINE_LOCK" --token "$TRINE_LOCK_TOKEN"' sh "$TRINE" >said
	expect_line "deploy $(cat token) secret" said
	[ "$(as Forge acquire deploy)" -gt "$(cat token)" ]
}

a_lost_lease_ends_its_command() {
	new_fleet 1
	agent Atlas
	agent Forge
	TRINE_SESSION=Atlas "$TRINE" -C 1 lock run deploy --ttl 3s -- \
		sh -c 'trap "echo told >told; exit 0" TERM; while :; do sleep 0.1; done' \
		2>err &
	holder=$!
	echo $holder >holder.pid
	wait_until sh -c "'$TRINE' -C 1 lock list --json | grep -q deploy"
	as Forge break deploy --reason 'It hangs'
	expect_status 1 wait $holder
	rm holder.pid
	[ -e told ]
	expect_line 'the lock was lost, and sh ended' err
	on 1 log --type lock.released >log
	expect_line 'broken by session 2 (Forge): It hangs' log
}

# It outlives its lease while it renews it.
a_command_renews_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	TRINE_SESSION=Atlas "$TRINE" -C 1 lock run deploy --ttl 3s -- sleep 5 &
	holder=$!
	echo $holder >holder.pid
	wait_until sh -c "'$TRINE' -C 1 lock list --json | grep -q deploy"
	sleep 4
	expect_status 1 as Forge acquire deploy
	wait $holder
	rm holder.pid
	as Forge acquire deploy
}

# Two commands of one session that wait say so once each, not again and again.
waits_are_said_once() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas acquire deploy
	for i in 1 2; do
		as Forge acquire deploy --wait 2s >/dev/null 2>&1 &
		echo $! >"wait$i.pid"
	done
	for i in 1 2; do
		wait "$(cat "wait$i.pid")" || :
		rm "wait$i.pid"
	done
	[ "$(on 1 log --type lock.waiting | wc -l)" -le 4 ]
}

# In words: who waits, and that he does no more; nothing that only programs want.
the_log_is_for_people() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas acquire deploy
	expect_status 1 as Forge acquire deploy --wait 1s
	TRINE_SESSION=Forge on 1 task add -m Later --needs deploy --needs paint
	on 1 log >log
	grep 'lock.acquired  *name=deploy  holder=session 1 (Atlas)  until=' log
	grep 'lock.waiting  *name=deploy .* by session 2 (Forge)$' log
	grep 'lock.waiting  *waits no more  by session 2 (Forge)$' log
	no_line 'boot=' log
	no_line 'digest=' log
	# what is added is there at once
	"$TRINE" -C 1 log -f --type lock.acquired >followed &
	echo $! >follower.pid
	wait_until grep -q deploy followed
	as Forge acquire paint
	wait_until grep -q 'name=paint  holder=session 2 (Forge)' followed
	kill "$(cat follower.pid)"
	rm follower.pid
	leave Atlas
	leave Forge
}

# N sessions, each of which has a lock and waits for that of the next: the last wait
# would close the circle.
circle() { # N
	for i in $(seq "$1"); do
		agent "S$i"
		as "S$i" acquire "L$i" --ttl 1d
	done
	for i in $(seq 2 "$1"); do
		as "S$i" acquire "L$(((i % $1) + 1))" --wait 30s >/dev/null 2>&1 &
		echo $! >"wait$i.pid"
	done
	wait_until sh -c "[ \$('$TRINE' -C 1 log --type lock.waiting | wc -l) = $(($1 - 1)) ]"
	TRINE_SESSION=S1 expect_status 1 said told on 1 lock acquire L2 --wait 30s
	expect_line 'nobody would ever get on: session 1 (S1) waits for L2' told
	expect_line "of session $1 (S$1)" told
	# to take it without a wait harms nobody
	TRINE_SESSION=S1 expect_status 1 said told on 1 lock acquire L2
	no_line 'ever get on' told
}
two_in_a_circle_are_refused() { new_fleet 1; circle 2; }
three_in_a_circle_are_refused() { new_fleet 1; circle 3; }
ten_in_a_circle_are_refused() { new_fleet 1; circle 10; }

# A counter that nothing but the lock protects.
nothing_is_counted_twice() {
	new_fleet 1
	echo 0 >counter
	cat >add <<-'END'
	#!/bin/sh
	n=$(cat counter)
	sleep 0.00$((n % 7))
	echo $((n + 1)) >counter
	END
	chmod +x add
	workers=${LOCK_WORKERS:-6} turns=${LOCK_TURNS:-10}
	for w in $(seq "$workers"); do agent "W$w"; done
	for w in $(seq "$workers"); do
		(
			set +x
			for _turn in $(seq "$turns"); do
				as "W$w" run count --wait 60s -- ./add
			done
		) &
		echo $! >"worker.$w.pid"
	done
	for w in $(seq "$workers"); do
		wait "$(cat "worker.$w.pid")"
		rm "worker.$w.pid"
	done
	[ "$(cat counter)" = $((workers * turns)) ]
	on 1 lock list --json >list
	expect_empty list
}

bad_words_are_said() {
	new_fleet 1
	agent Atlas
	expect_status 64 as Atlas acquire
	expect_status 64 as Atlas acquire 'two words'
	expect_status 64 as Atlas acquire ../x
	expect_status 64 as Atlas acquire x --ttl soon
	expect_status 64 as Atlas acquire x --ttl 9d
	expect_status 64 as Atlas acquire x --ttl 0
	expect_status 64 as Atlas acquire x --wait -1
	expect_status 64 as Atlas release x
	expect_status 64 as Atlas renew x --token none
	expect_status 64 as Atlas run x
	expect_status 64 as Atlas run x --ttl 2s -- true
	expect_status 64 as Atlas break x
	expect_status 69 as Atlas break x --reason why
	expect_status 1 as Atlas release x --token 7
	TRINE_SESSION=Nobody expect_status 69 on 1 lock acquire x
}

it one_holds_it
it a_lease_is_over
it a_clock_that_was_ahead_holds_nothing
it who_waits_gets_it
it who_is_gone_holds_nothing
it a_command_runs_under_it
it a_command_outlives_its_agent
it a_killed_holder_holds_nothing
it a_command_knows_its_lock
it a_lost_lease_ends_its_command
it all_end_with_a_lost_lease
it all_end_with_a_killed_holder
it what_is_left_behind_stays
if script --version 2>/dev/null | grep -q util-linux; then
	it it_may_read_the_terminal
	it control_c_ends_it
	it control_z_stops_it
else
	for name in it_may_read_the_terminal control_c_ends_it control_z_stops_it; do
		skip $name 'script(1) of util-linux is missing'
	done
fi
it a_command_renews_it
it waits_are_said_once
it the_log_is_for_people
it two_in_a_circle_are_refused
it three_in_a_circle_are_refused
it ten_in_a_circle_are_refused
it nothing_is_counted_twice
it bad_words_are_said
finish
