# A cycle killed at its system calls, by strace: every eightieth from a start that
# moves with the day, or all of them with CRASH=all (make check-crash).
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

traced() { strace -f -qq -o "$1" "$2" "$3" "$TRINE" -C "$PWD/1" sync; }

# "NAME K" for the K-th call of NAME, from the reading of trine.ini on: what the
# dynamic linker does before that touches nothing.
calls() {
	sed -E 's/^[0-9]+ +//' "$1" | awk -F '(' '
		!/^[a-z_0-9]+\(/ { next }
		{ count[$1]++ }
		/trine\.ini"/ { started = 1 }
		started && $1 !~ /^(exit_group|rt_sigreturn|clock_|brk|mmap|munmap|mprotect|futex|getpid|getrandom)/ {
			print $1, count[$1]
		}'
}

killed_at_system_calls() {
	before_the_cycle
	outcome
	mv result wanted
	go_back
	traced calls.log -e trace=all
	same_outcome 'no call at all'
	calls calls.log >points
	[ "$(wc -l <points)" -gt 100 ]
	step=160
	[ "${CRASH:-some}" != all ] || step=1
	start=$(($(date +%j | sed 's/^0*//') % step))
	awk -v step=$step -v start="$start" 'NR % step == start' points >chosen
	set +ex
	hits=0
	runs=0
	began=$(date +%s)
	while read -r name number; do
		# A slow machine takes what it can in forty seconds.
		[ "${CRASH:-some}" = all ] || [ $(($(date +%s) - began)) -lt 40 ] ||
			break
		runs=$((runs + 1))
		go_back
		traced /dev/null -e "inject=$name:signal=SIGKILL:when=$number" \
			>killed.log 2>&1 </dev/null
		[ $? != 137 ] || hits=$((hits + 1))
		same_outcome "$name $number"
	done <chosen
	no_bad_points
	echo "$runs of $(wc -l <chosen) points, $hits killed"
	[ $((hits * 2)) -gt $runs ] || fail 'hardly any was killed'
}

if ! command -v strace >/dev/null 2>&1; then
	skip killed_at_system_calls 'no strace'
elif ! strace -qq -o /dev/null true 2>/dev/null; then
	skip killed_at_system_calls 'strace may not trace here'
elif [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip killed_at_system_calls 'under another tool'
else
	it killed_at_system_calls
fi
finish
