# A run that dies is a finding, and says in which act.
. "${0%/*}/lib.sh"

if slow; then
	echo '1..0 # SKIP under no other tool'
	exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/trine-runs.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Which act that is follows from the seed, and not all begin with it.
a_run_that_dies() {
	for seed in 1 2 3 4 5 6; do	# most of them go offline once
		found=$("$work/test/sim" --tier 2 --seed $seed --cycles 30)
		status=$?
		[ $status = 0 ] || break
	done
	echo "$found"
	[ $status = 1 ] && echo "$found" |
		grep -qE 'act ([2-9]|[1-9][0-9]+), .*: Segmentation fault$'
}

# Nobody saw what that mutant does.
no_mutant_is_caught_so() {
	found=$("$work/test/sim" --tier 2 --mutants reading-from-the-ref)
	status=$?
	echo "$found"
	[ $status = 1 ] && echo "$found" | grep -q 'not.* fleets hang or die'
}

with_program "$work" 'case " $* " in *" --offline "*) kill -SEGV $PPID ;; esac'
point 'a run that dies is a finding' a_run_that_dies
point 'a mutant is not caught so' no_mutant_is_caught_so
finish
