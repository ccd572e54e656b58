# A worker killed at its system calls, by strace: every twentieth from a start that
# moves with the day, or all of them with CRASH=all (make check-crash). The task it
# had is done once, or in doubt; or, of an instance that may do it twice, done. And a
# cycle killed while it hands over: its task is done once.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"
. "${0%/*}/worker.sh"

# traced LOG OPTION OPTION PROGRAM…
traced() {
	_log=$1 _option=$2 _value=$3
	shift 3
	strace -qq -o "$_log" "$_option" "$_value" "$@"
}

# As in t031, from where it may change something.
calls() {
	awk -F '(' '
		!/^[a-z_0-9]+\(/ { next }
		{ count[$1]++ }
		/run.work/ { started = 1 }
		started && $1 !~ /^(exit_group|rt_sig|clock_|brk|mmap|munmap|mprotect|futex|getpid|getrandom|poll)/ {
			print $1, count[$1]
		}' "$1"
}

settled() { # SURE POINT
	why=$(not_settled "$1" 2>>settled.log)
	[ -z "$why" ] || bad="$bad $2 ($(echo "$why" | paste -sd ,)),"
}

killed_at_its_calls() { # SURE SETTING PROGRAM…
	a_task_in_the_line "$2"
	sure=$1
	shift 2
	go_back
	rm -f runs
	traced calls.log -e trace=all "$@"
	until_settled
	[ "$(state_of 1)" = COMPLETED ]
	calls calls.log >points
	[ "$(wc -l <points)" -gt 50 ]
	step=30
	[ "${CRASH:-some}" != all ] || step=1
	start=$(($(date +%j | sed 's/^0*//') % step))
	awk -v step=$step -v start="$start" 'NR % step == start' points >chosen
	set +ex
	bad=
	hits=0
	while read -r name number; do
		go_back
		rm -f runs
		traced /dev/null -e "inject=$name:signal=SIGKILL:when=$number" \
			"$@" >killed.log 2>&1 </dev/null
		[ $? != 137 ] || hits=$((hits + 1))
		settled $sure "$name-$number"
	done <chosen
	[ -z "$bad" ] || fail "killed at:${bad%,}"
	echo "$(wc -l <chosen) points, $hits killed"
	[ $((hits * 2)) -gt "$(wc -l <chosen)" ] || fail 'hardly any was killed'
}

done_once_or_in_doubt() {
	killed_at_its_calls no '' "$worker" -C "$PWD/1" agent
}
done_where_twice_does_no_harm() {
	killed_at_its_calls yes 'idempotent = yes' "$worker" -C "$PWD/1" agent
}
once_though_the_cycle_is_killed() {
	killed_at_its_calls once '' "$TRINE" -C "$PWD/1" sync
}

if ! command -v strace >/dev/null 2>&1; then
	skip done_once_or_in_doubt 'no strace'
elif ! strace -qq -o /dev/null true 2>/dev/null; then
	skip done_once_or_in_doubt 'strace may not trace here'
elif [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip done_once_or_in_doubt 'under another tool'
else
	it done_once_or_in_doubt
	it done_where_twice_does_no_harm
	it once_though_the_cycle_is_killed
fi
finish
