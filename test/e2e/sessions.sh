# What tests of sessions share: agents, as processes that stay for the test. Sourced
# after lib.sh.
# shellcheck shell=sh

# agent NAME: computer 1 has it as a session; its pid is in NAME.pid. `leave` ends it.
agent() {
	sleep 1000 &
	echo $! >"$1.pid"
	on 1 session start --name "$1" --pid $! >/dev/null
}
leave() {
	kill "$(cat "$1.pid")"
	wait "$(cat "$1.pid")" 2>/dev/null || :
	rm "$1.pid"
}
