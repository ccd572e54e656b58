# What tests of instances share: tasks from computer 2 for the instance `agent` of
# computer 1, and what became of them.
# shellcheck shell=sh

# agent 'KEY = VALUE'…: computer 1 has it, in a new fleet of two.
agent() {
	new_fleet 2
	{
		echo '[instance agent]'
		for _line; do echo "$_line"; done
	} >>1/.trine/trine.ini
	sync 1 2
}

task() { on 2 send 1 -t task --for agent "$@"; }

state() { on "$1" show "$2" --json | field state; }

# wait_for N ID STATE…: until ID is in one of these states on computer N.
wait_for() {
	_n=$1 _id=$2
	shift 2
	for _try in $(seq 300); do
		case " $* " in *" $(state "$_n" "$_id") "*) return 0 ;; esac
		sleep 0.1
	done
	fail "$_id is $(state "$_n" "$_id"), not $*"
}

wait_until() {	# COMMAND…
	for _try in $(seq 300); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	fail "not after 30 s: $*"
}

expect_match() { # PATTERN FILE
	grep -q -e "$1" "$2" || { cat "$2"; fail "nothing like '$1' in $2"; }
}
expect_matches() { # COUNT PATTERN FILE
	[ "$(grep -c -e "$2" "$3")" = "$1" ] ||
		{ cat "$3"; fail "not $1 like '$2' in $3"; }
}

# Of this test: others run beside it.
workers() { pgrep -f "trine-deliver -C $PWD/1 "; }

# No program and no worker of this test is left.
nobody_left() {
	! pgrep -f "$PWD/" >/dev/null
}
