# Five computers that want the same lock of the fleet, over a remote's path, over git://
# and over both at once, and tasks that one of them is to do, while processes of trine are
# killed at random. What only the lock protects is counted; what the logs say of all that
# is proved by test/history. RACE=all: more of it, as `make check-race` does.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

sessions=1 turns=1 tasks=5 kills=25
[ "${RACE:-some}" != all ] || sessions=3 turns=5 tasks=20 kills=400

# as NAME N COMMAND…: what that session does.
as() {
	_name=$1 _at=$2
	shift 2
	TRINE_SESSION=$_name "$TRINE" -q -C "$here/$_at" "$@" 2>>"said.$_name"
}

# What NAME got though the command that asked for it was killed.
token_of() { # NAME N
	"$TRINE" -q -C "$here/$2" lock list --json | grep '"state": *"held"' |
		grep "\"holder\": *\"$1\"" | sed 's/.*"token": *\([0-9]*\).*/\1/'
}

# again COMMAND…: a killed one is no answer.
again() {
	while :; do
		_again=0
		"$@" || _again=$?
		[ $_again = 137 ] || return $_again
	done
}

# Nothing but the lock keeps two of them apart. Counted is what was done with a token
# that still holds behind it.
count_once() { # NAME N TOKEN
	mkdir inside || echo "$1 with $3" >>two-inside
	_count=$(cat counter)
	sleep 0.02
	echo $((_count + 1)) >counter
	rmdir inside
	again as "$1" "$2" lock renew shared --fleet --token "$3" &&
		echo "$3" >>counted
	again as "$1" "$2" lock release shared --fleet --token "$3" || :
	again as "$1" "$2" sync || :
}

worker() { # NAME N
	_left=$turns _tries=0
	while [ "$_left" -gt 0 ] && [ $_tries -lt 200 ]; do
		_tries=$((_tries + 1))
		_token=$(as "$1" "$2" lock acquire shared --fleet --wait 1s) ||
			_token=$(token_of "$1" "$2")
		[ -n "$_token" ] || continue
		count_once "$1" "$2" "$_token"
		_left=$((_left - 1))
	done
	echo "$_tries" >>tries
}

# Cycles as timers start them, so that tasks are done, too.
timer() { # N
	while [ ! -e over ]; do
		"$TRINE" -q -C "$here/$1" sync >>"cycles.$1" 2>&1
		sleep 1
	done
}

kill_some() {
	_killed=0 _tries=0
	while [ ! -e over ] && [ $_killed -lt $kills ]; do
		_pid=$(pgrep -f "^$TRINE(-sync)? .*-C $here/" | sort -R | head -n 1)
		[ -z "$_pid" ] || ! kill -9 "$_pid" || _killed=$((_killed + 1))
		sleep 0.0$((_killed % 10 + 5))
	done
	echo "$_killed" >killed
}

# N has sessions, and an instance that does what one computer is to do.
furnish() {
	for _each in $(seq "$sessions"); do
		sleep 1000 &
		echo $! >"agent.$1.$_each.pid"
		on "$1" session start --name "S$1.$_each" --pid $! >/dev/null
	done
	cat >"$1/program" <<-END
	#!/bin/sh
	cat >/dev/null
	echo "\$TRINE_TASK" >>$PWD/did
	END
	chmod +x "$1/program"
	printf '[instance builder]\ndeliver = exec\nexec = %s\nidempotent = no\n' \
		"$PWD/$1/program" >>"$1/.trine/trine.ini"
}

send_tasks() {
	: >did
	for _each in $(seq "$tasks"); do
		on $((_each % 5 + 1)) send ALL -t task --claim one --for builder \
			-m "Task $_each"
	done >ids
}

all_have_ended() {
	sync 1 2 3 4 5
	for _id in $(cat ids); do
		for _each in 1 2 3 4 5; do
			[ "$_each" != "${_id%%_*}" ] || continue
			on "$_each" show "$_id" --json | field state |
				grep -qx -e COMPLETED || return 1
		done
	done
}

five_want_it() { # KIND
	sync 1 2 3 4 5 1 2 3 4 5
	for number in 1 2 3 4 5; do furnish $number; done
	send_tasks
	echo 0 >counter
	: >counted
	running=
	set +e
	for number in 1 2 3 4 5; do
		for each in $(seq $sessions); do
			(set +x; worker "S$number.$each" $number) &
			running="$running $!"
		done
		(set +x; timer $number) &
		echo $! >"timer.$number.pid"
	done
	(set +x; kill_some) &
	killer=$!
	# shellcheck disable=SC2086 # numbers
	wait $running
	touch over
	wait $killer
	for number in 1 2 3 4 5; do wait "$(cat timer.$number.pid)"; done
	rm timer.*.pid
	set -e
	[ ! -e two-inside ]
	[ "$(wc -l <counted)" = $((5 * sessions * turns)) ]
	[ "$(cat counter)" = "$(wc -l <counted)" ]
	sort -n counted | uniq -d >twice
	expect_empty twice
	wait_until all_have_ended
	sort did | uniq -d >twice
	expect_empty twice
	sort ids >wanted
	sort did | diff wanted -
	"$top/test/history" --fleet ./?/.trine/event-log.jsonl
	sync 1 2 3 4 5
	no_line lock/ ?/coordination/COMPUTER_?.md
	echo "# $1: $(wc -l <counted) times inside, $(cat killed) killed," \
		"$(awk '{ n += $1 } END { print n }' tries) tries" >>"$base/counts"
}

new_server() {
	new_hub
	hub config gc.autoDetach false
}

five_computers_on_one_path() {
	new_fleet 5
	five_want_it path
}

five_computers_on_one_server() {
	new_server
	start_daemon
	for number in 1 2 3 4 5; do add_computer $number; done
	five_want_it git://
}

five_computers_by_path_and_server() {
	new_server
	for number in 1 2 3; do add_computer $number; done
	start_daemon
	for number in 4 5; do add_computer $number; done
	five_want_it both
}

if ! perl -MJSON::PP -e 1 2>/dev/null; then
	skip five_computers_by_path_and_server 'no JSON::PP'
	finish
	exit
fi
if [ "${RACE:-some}" = all ]; then
	it five_computers_on_one_path
	it five_computers_on_one_server
fi
it five_computers_by_path_and_server
cat "$base/counts"
finish
