# What tests of sessions share: agents, as processes that stay for the test. Sourced
# after lib.sh.
# shellcheck shell=sh

# agent_on N NAME: computer N has it as a session; its pid is in NAME.pid. `leave NAME`
# ends it. agent NAME: the same on computer 1.
agent_on() {
	sleep 1000 &
	echo $! >"$2.pid"
	on "$1" session start --name "$2" --pid $! >/dev/null
}
agent() { agent_on 1 "$1"; }
leave() {
	kill "$(cat "$1.pid")"
	wait "$(cat "$1.pid")" 2>/dev/null || :
	rm "$1.pid"
}

# task_as, lock_as NAME N VERB…: what that agent does there with a task, or with a lock
# of the whole fleet.
task_as() {
	_name=$1 _at=$2
	shift 2
	TRINE_SESSION=$_name on "$_at" task "$@"
}
lock_as() {
	_name=$1 _at=$2 _verb=$3
	shift 3
	TRINE_SESSION=$_name on "$_at" lock "$_verb" --fleet "$@"
}

# state_of N ID: of a task, as computer N has it.
state_of() { on "$1" task show "$2" --json | sed -n 's/.*"state": *"\([A-Z_]*\)".*/\1/p'; }
