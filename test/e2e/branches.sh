# A person with plain git and several branches. Sourced after lib.sh; person/ is
# their clone (person_pull).
# shellcheck shell=sh

# branch NAME [FROM]: a person goes on there; FROM is origin/main.
branch() {
	git -C person fetch -q -p origin
	git -C person checkout -q -B "$1" "${2:-origin/main}"
}

# say FILE LINE…: below coordination/messages, committed there and pushed.
say() {
	_file=$1
	shift
	mkdir -p person/coordination/messages
	printf '%s\n' "$@" >>"person/coordination/messages/$_file"
	git -C person add -A
	git -C person commit -q -m "Say in $_file"
	git -C person push -q -f origin HEAD
}

# merge BRANCH [OPTION…]: into main, by a person.
merge() {
	_branch=$1
	shift
	git -C person fetch -q origin
	git -C person checkout -q -B main origin/main
	git -C person merge -q "$@" -m "Merge $_branch" "$_branch"
	case $* in *squash*) git -C person commit -q -m "Squash $_branch" ;; esac
	git -C person push -q origin main
}

state() { # N TITLE STATE: of the newest one with that title
	json "$1" inbox --all
	grep -F "\"title\":\"$2\"" json | tail -n 1 | grep "\"state\":\"$3\""
}

events() { wc -l <"$1/.trine/event-log.jsonl"; }

# connections N: so many fetches and pushes the daemon has seen.
connections() { grep -c 'Request ' daemon.log; }
