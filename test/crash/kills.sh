# Commands of computer 1 killed at their system calls, by strace: every Nth from a start
# that moves with the day, or all of them with CRASH=all (make check-crash). Sourced after
# e2e/lib.sh by tests that say what computer 1's `view` is.
# shellcheck shell=sh

trine() { "$TRINE" -q -C "$here/1" "$@"; }

# traced LOG OPTION VALUE ARGUMENT…
traced() {
	_log=$1 _option=$2 _value=$3
	shift 3
	strace -f -qq -o "$_log" "$_option" "$_value" "$TRINE" -C "$here/1" "$@"
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

# Whatever was done by then, and nothing else: the log is whole, numbered without a gap,
# and true by test/history; the view is what it is made to anew.
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

# What is of the fleet is as it was in the folder FROM.
go_back() { # FROM
	rm -rf 1 2 3 twin hub.git
	cp -pR "$1"/* .
}
keep() { # AS
	mkdir "$1"
	for _each in 1 2 3 twin hub.git; do
		[ ! -e $_each ] || cp -pR $_each "$1/"
	done
}

# killed STEP FIRST LAST CHECK ARGUMENT…: CHECK is a function that says of a command
# given once more, or given at all, that it is done. What the killed one said is in told.
killed() {
	step=$1 first=$2 last=$3 check=$4
	shift 4
	keep saved
	said told traced calls.log -e trace=all "$@"
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
		go_back saved
		traced /dev/null -e "inject=$name:signal=SIGKILL:when=$number" \
			"$@" >told 2>&1 </dev/null
		[ $? != 137 ] || hits=$((hits + 1))
		# not before || or &&: set -e would not hold in there
		( set -ex; is_sound; $check "$@"; is_sound ) >after.log 2>&1
		[ $? != 0 ] || continue
		[ -n "$bad" ] || cat after.log
		bad="$bad $name-$number,"
	done <chosen
	echo "$(wc -l <chosen) points, $hits killed"
	[ -z "$bad" ] || fail "killed at:${bad%,}"
	[ $((hits * 2)) -gt "$(wc -l <chosen)" ] || fail 'hardly any was killed'
}

# killed_each FUNCTION…: `it` each, where strace and all else may be used.
killed_each() {
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
	for each; do
		if [ -n "$why" ]; then skip "$each" "$why"; else it "$each"; fi
	done
}
