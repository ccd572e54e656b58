# Faults from outside, for the tests of this folder. Sourced after e2e/lib.sh.
# shellcheck shell=sh

tools=${BUILD:-$top/build}/test/faults

# A share of the points, from a start that moves with the day, in a test that
# must be quick; all of them with FAULTS=all (make check-faults).
all_points() { [ "${FAULTS:-some}" = all ]; }
day=$(date +%j | sed 's/^0*//')

# Why a library cannot be loaded before the program here; nothing if it can.
no_preload() {
	[ "$(uname -s)" = Linux ] || { echo 'Linux only'; return; }
	if [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init
	then echo 'under another tool'; fi
}

# ---- power loss: faults/power.h ----

# powered N COMMAND…: trine on computer N, every change recorded.
powered() {
	_power=$1
	shift
	mkdir -p "$PWD/journal-$_power"
	TRINE_POWER_ROOT=$PWD/$_power TRINE_POWER_JOURNAL=$PWD/journal-$_power \
		LD_PRELOAD=$tools/power_record.so \
		"$TRINE" -C "$PWD/$_power" "$@"
}

# power_loss N SEED: what was not durable may be gone.
power_loss() { "$tools/power_loss" "$PWD/journal-$1" "$2" -v; }

# ---- calls that fail: faults/fault.c ----

# faulty N FAULT COMMAND…: trine on computer N, with that fault on its own disk,
# in a folder $under of it, or where $part is in the name. What it says is in told, what
# failed in hits. $with is a command before it.
under='' part='' with=''
faulty() {
	_faulty=$1
	_fault=$2
	shift 2
	rm -f hits
	$with env TRINE_FAULT="$_fault" TRINE_FAULT_ROOT="$PWD/$_faulty$under" \
		TRINE_FAULT_PART="$part" TRINE_FAULT_HIT="$PWD/hits" LD_PRELOAD="$tools/fault.so" \
		"$TRINE" -C "$PWD/$_faulty" "$@" >told 2>&1
}

# attempt FAULT PREPARE RUN CHECK: one run; false: it met no fault.
attempt() {
	$2
	$3 "$1"
	status=$?
	[ -s hits ] || return
	runs=$((runs + 1))
	why=
	well_said
	$4
	[ -z "$why" ] || {
		echo "$3 $1 ($(head -n 1 hits)): exit $status: $why" >>bad
		tail -n 4 told >>bad
	}
}

# sweep CLASS:ERROR '+ or nothing' PREPARE RUN CHECK: RUN FAULT with the fault at
# the first point, the next …, until a run meets none; after each, CHECK. With
# FAULTS=some, every $step-th, from a start that moves with the day. Points that
# are not well go to bad, with the reasons.
sweep() {
	_n=$(((day * 7 + runs * 13) % (step < 60 ? step : 60) + 1))
	while :; do
		attempt "$1:$_n$2" "$3" "$4" "$5"
		[ $? = 0 ] || break	# no condition of the loop: set -e would not hold in CHECK
		_n=$((_n + step))
		[ $_n -lt 20000 ] || fail 'no end'
	done
	why=
	[ $status = 0 ] || echo "$4 $1:$_n$2, without a fault: exit $status" >>bad
}

# The exit is one that the manual names, and with it comes a reason.
well_said() {
	case " $documented " in
	*" $status "*) ;;
	*) why='exit' ;;
	esac
	[ $status = 0 ] || [ $status = 124 ] || grep -qE '^trine[a-z-]*: .*(memory|error|space|full|read|open|files|damaged|missing|not found|no reason)' told ||
		why="$why, unsaid"
}

no_bad() {
	[ ! -s bad ] || { cat bad; fail "$(grep -c ': exit' bad) of $runs"; }
	echo "$runs runs"
	[ $runs -gt 0 ]
}
