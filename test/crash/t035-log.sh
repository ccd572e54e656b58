# Commands of one computer killed at their system calls, by strace: every Nth from a
# start that moves with the day, or all of them with CRASH=all (make check-crash). After
# each kill the log is whole, numbered without a gap, and true by test/history; the view
# is what it is made to anew; and the command, given again, ends as it would have.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/sessions.sh"

export TRINE_SESSION=Atlas
trine() { "$TRINE" -q -C "$here/1" "$@"; }

# Computer 1 with a session, two tasks, one of them claimed, and a lock.
before_all() {
	new_fleet 1
	here=$PWD
	agent Atlas
	trine task add -m 'Free' >/dev/null
	trine task add -m 'Had' >/dev/null
	trine task claim 1_TO_1.2
	token=$(trine lock acquire had --ttl 12h)
	trine sync
}

# traced LOG OPTION VALUE ARGUMENT…
traced() {
	_log=$1 _option=$2 _value=$3
	shift 3
	strace -f -qq -o "$_log" "$_option" "$_value" "$TRINE" -q -C "$here/1" "$@"
}

# "NAME K" for the K-th call of NAME, from the first that speaks of FIRST to the last
# that speaks of LAST (of both: part of a path).
calls() { # FIRST LAST
	sed -E 's/^[0-9]+ +//' calls.log | awk -F '(' -v first="$1" -v last="$2" '
		!/^[a-z_0-9]+\(/ { next }
		{ count[$1]++ }
		index($0, first) { started = 1 }
		!started { next }
		$1 !~ /^(exit_group|execve|rt_sig|clock_|brk|mmap|munmap|mprotect|futex|getpid|getrandom)/ {
			pending = pending $1 " " count[$1] "\n"
		}
		index($0, last) { printf "%s", pending; pending = "" }'
}

whole_log() {
	find 1/.trine/log -name '0*.jsonl' 2>/dev/null | sort | xargs -r cat
	cat 1/.trine/event-log.jsonl
}

view() {
	trine task list --all --json
	trine lock list --json
	trine session list --json | sed -E 's/"(beat|seen|heard|age_s)": *[^,}]*//g'
}

# Whatever was done by then, and nothing else.
is_sound() {
	view >view.before
	whole_log >log.whole
	sed -E 's/^\{"seq":([0-9]+),.*/\1/' log.whole >numbers
	seq "$(wc -l <numbers)" | cmp - numbers
	"$top/test/history" log.whole
	trine log --json | cmp - log.whole
	rm -f 1/.trine/state.db*
	view | cmp - view.before
}

go_back() {
	rm -rf 1 hub.git
	cp -pR saved/1 saved/hub.git .
}

# killed STEP FIRST LAST CHECK ARGUMENT…: CHECK is a function that says of a command
# given once more, or given at all, that it is done.
killed() {
	step=$1 first=$2 last=$3 check=$4
	shift 4
	mkdir saved
	cp -pR 1 hub.git saved/
	traced calls.log -e trace=all "$@"
	$check "$@"
	calls "$first" "$last" >points
	[ "$(wc -l <points)" -gt 20 ]
	[ "${CRASH:-some}" != all ] || step=1
	start=$(($(date +%j | sed 's/^0*//') % step))
	awk -v step="$step" -v start="$start" 'NR % step == start' points >chosen
	set +ex
	bad=
	hits=0
	while read -r name number; do
		go_back
		traced /dev/null -e "inject=$name:signal=SIGKILL:when=$number" \
			"$@" >killed.log 2>&1 </dev/null
		[ $? != 137 ] || hits=$((hits + 1))
		( set -ex; is_sound; $check "$@"; is_sound ) >after.log 2>&1 || {
			[ -n "$bad" ] || cat after.log
			bad="$bad $name-$number,"
		}
	done <chosen
	leave Atlas
	echo "$(wc -l <chosen) points, $hits killed"
	[ -z "$bad" ] || fail "killed at:${bad%,}"
	[ $((hits * 2)) -gt "$(wc -l <chosen)" ] || fail 'hardly any was killed'
}

# In the log once, whether it was killed before that or behind it.
events() { whole_log | grep -c "\"type\":\"$1\""; }

rolled_over() {
	trine sync
	[ "$(events log.continued)" = 1 ]
	[ "$(ls 1/.trine/log)" = '000001.db
000001.jsonl' ]
	rm 1/.trine/log/000001.db	# all of it is in the parts, too
}
a_roll_over() {
	before_all
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	head -c 70000 /dev/zero | tr '\0' x | trine send 9 -m Long - >/dev/null
	killed 60 .trine/log .trine/log rolled_over sync --offline
}

claimed() { # …: it is Atlas', whoever is told so twice
	trine "$@" || [ $? = 1 ]
	[ "$(events task.claimed)" = 2 ]
	trine task list --all --json | grep '"id": *"1_TO_1.1"' | grep -q Atlas
}
a_claim() {
	before_all
	killed 60 trine.ini event-log claimed task claim 1_TO_1.1
}

ended() {
	trine "$@" || [ $? = 1 ]
	[ "$(events task.ended)" = 1 ]
	trine task list --all --json | grep -q '"state": *"COMPLETED"'
}
a_task_that_is_done() {
	before_all
	killed 60 trine.ini event-log ended task done 1_TO_1.2 --result Yes
}

acquired() {
	trine "$@" || [ $? = 1 ]
	[ "$(events lock.acquired)" = 2 ]
}
an_acquired_lock() {
	before_all
	killed 60 trine.ini event-log acquired lock acquire new
}

released() {
	trine "$@" || [ $? = 1 ] || [ $? = 69 ]
	[ "$(events lock.released)" = 1 ]
}
a_released_lock() {
	before_all
	killed 60 trine.ini event-log released lock release had --token "$token"
}

why=
if ! command -v strace >/dev/null 2>&1; then
	why='no strace'
elif ! strace -qq -o /dev/null true 2>/dev/null; then
	why='strace may not trace here'
elif [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	why='under another tool'
elif ! perl -MJSON::PP -e 1 2>/dev/null; then
	why='no JSON::PP'
fi
for each in a_roll_over a_claim a_task_that_is_done an_acquired_lock a_released_lock; do
	if [ -n "$why" ]; then skip $each "$why"; else it $each; fi
done
finish
