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
