# Runs of the simulator as TAP. Sourced by the tests beside it.
# shellcheck shell=sh
set -u
sim=${BUILD:-build}/test/sim
points=0
# A cycle takes and gives back the same memory again and again: glibc keeps more of
# it at hand.
export GLIBC_TUNABLES=glibc.malloc.tcache_count=2000
[ -x "$sim" ] || { echo '1..0 # SKIP the simulator is built on Linux alone'; exit; }

# fleets NAME OPTION…: what is broken is said with its seed, and how to see it
# again.
fleets() {
	points=$((points + 1))
	name=$1
	shift
	if said=$("$sim" "$@" 2>&1); then
		late=$(echo "$said" | sed -n 's/ fleets were not begun/ not begun/p')
		echo "ok $points - $name${late:+ # SKIP $late}"
	else
		echo "not ok $points - $name"
	fi
	echo "$said" | sed 's/^/# /'
}

# point NAME COMMAND…
point() {
	points=$((points + 1))
	name=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok $points - $name"
	else
		echo "not ok $points - $name"
		echo "$said" | sed 's/^/# /'
	fi
}

# The story of a fleet, without how long it took.
story() { "$sim" "$@" --story | sed 's/ in [0-9]* s:/:/'; }

does_the_same_again() { # OPTION…
	first=$(story "$@")
	[ -n "$first" ] && [ "$first" = "$(story "$@")" ]
}

# with_program FOLDER WORDS: a simulator there, FOLDER/test/sim, whose program is
# a shell script: these words, and then trine.
with_program() {
	built=$(cd "${sim%/*}/.." && pwd)
	mkdir -p "$1/test"
	cp "$sim" "$1/test/sim"
	ln -s "$built/test/faults" "$1/test/faults"
	for program in "$1/trine" "$1/trine-sync"; do
		printf '#!/bin/sh\n%s\nexec %s/${0##*/} "$@"\n' "$2" "$built" \
			>"$program"
		chmod +x "$program"
	done
}

# Under other tools a fleet takes minutes.
slow() {
	[ -n "${WRAP:-}" ] || nm "$sim" 2>/dev/null | grep -q -e __asan_init -e __gcov
}

# quarter_from SEED: five fleets of the twenty. Those that a slow machine has not begun
# in time are skipped, and it says so: the check as a whole has ten minutes.
quarter_from() {
	cycles=${CYCLES:-2000} seeds=5
	if slow; then cycles=200 seeds=2; fi
	fleets "up to $seeds fleets of $cycles cycles from seed $1" --seed "$1" \
		--seeds $seeds --cycles "$cycles" --seconds 150
}

finish() { echo "1..$points"; }
