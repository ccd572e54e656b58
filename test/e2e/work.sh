# What tests of instances share: tasks from computer 2 for the instance `agent` of
# computer 1, and what became of them.
# shellcheck shell=sh

# agent 'KEY = VALUE'…: computer 1 has it, in a new fleet of two.
agent() {
	new_fleet 2
	instance 1 agent "$@"
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

expect_match() { # PATTERN FILE
	grep -q -e "$1" "$2" || { cat "$2"; fail "nothing like '$1' in $2"; }
}
expect_matches() { # COUNT PATTERN FILE
	[ "$(grep -c -e "$2" "$3")" = "$1" ] ||
		{ cat "$3"; fail "not $1 like '$2' in $3"; }
}

# Of this test: others run beside it.
workers() { pgrep -f "trine-deliver -C $PWD/1 "; }

# ---- programs ----

# program [SETTING…]: computer 1 has an instance that runs ./agent, whose text comes
# on stdin.
program() {
	cat >agent
	chmod +x agent
	agent 'deliver = exec' "exec = $PWD/agent" "$@"
}

# ---- services, with servers.sh ----

# serve_tasks [PORT]: service.pl, whose notes are in the folder asked.
# shellcheck disable=SC2120
serve_tasks() {
	rm -f asked/port
	mkdir -p asked
	perl "$top/test/e2e/service.pl" asked "$@" >>service.log 2>&1 &
	echo $! >service.pid
	wait_until test -s asked/port
	port=$(cat asked/port)
}

# service [SETTING…]: computer 1 has an instance that is that service.
service() {
	serve_tasks
	agent 'deliver = http' "url = http://127.0.0.1:$port/work" "$@"
}

# requests [ID]: how many came.
requests() { find asked -name "${1:-*_TO_*}.[0-9]*" | wc -l; }

# became ID STATE [TEXT]: it is, on both sides, and the asker reads TEXT.
became() {
	wait_for 1 "$1" "$2"
	[ "$(state 2 "$1")" = "$2" ]
	on 2 show "$(on 2 inbox --all --json | grep "\"re\": *\"$1\"" | field id |
		tail -1)" >shown
	[ -z "${3:-}" ] || expect_line "$3" shown
}

both_sync() { wait_until nobody_left; sync 1 2; }

# expect_answers: WORD/STATE/TEXT on stdin, a task for each word (service.pl).
expect_answers() {
	sed 's/^	*//' >table
	while IFS=/ read -r word _; do task -m "$word"; done <table
	sync 2 1
	both_sync
	number=0
	while IFS=/ read -r word wanted text; do
		number=$((number + 1))
		: "$word"
		case $wanted in
		ASSIGNED|IN_PROGRESS)
			[ "$(state 1 2_TO_1.$number)" = "$wanted" ] ;;
		*)
			became 2_TO_1.$number "$wanted" "$text" ;;
		esac
		[ "$(requests 2_TO_1.$number)" = 1 ]
	done <table
}
