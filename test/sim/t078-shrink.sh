# What broke is made smaller by itself and left as a test, which breaks as long as
# what is wrong stays wrong, and not after.
. "${0%/*}/lib.sh"

if slow; then
	echo '1..0 # SKIP under no other tool'
	exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/trine-shrink.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/cases"

# The program breaks, and leaves the case $left, in $to.
to=$work/cases
shrunk() { # PROGRAM OPTION…
	"$@" --shrink "$to" --shrink-seconds 60 >"$work/said" 2>&1
	status=$?
	cat "$work/said"
	[ $status = 1 ] && [ -f "$left" ]
}
at_most() { # ACTS COMPUTERS
	cat "$left"
	[ "$(grep -c '^[a-z-]* [0-9a-f]\{8\}$' "$left")" -le "$1" ] &&
		[ "$(sed -n 's/^computers //p' "$left")" -le "$2" ]
}
said() { # WORDS…
	cat "$work/said"
	for words; do
		grep -q -e "$words" "$work/said" || return
	done
}
breaks() {
	"$@"
	[ $? = 1 ]
}

lie='--mutant status-each-time'
left=$work/cases/churn-seed-3
# shellcheck disable=SC2086 # two words
point 'a rule switched off breaks, and leaves a test' \
	shrunk "$sim" $lie --seed 3 --cycles 100
point 'it is smaller' at_most 2 2
point 'it says how, and how to see it again' said \
	'again: .*--seed 3 --cycles 100 --tier 1' 'of 3 computers' \
	"left as a test: $left\$" "$lie --story $left\$" 'BROKEN: .*churn'
# shellcheck disable=SC2086 # two words
point 'it breaks as long as the rule is off' breaks "$sim" $lie "$left"
point 'and not after' "$sim" "$left"
first=$left left=$work/cases/churn-seed-3-2
# shellcheck disable=SC2086 # two words
point 'a second one does not replace it' shrunk "$sim" $lie "$first"

# On files it is the program that is wrong: one that cannot go without network.
with_program "$work/build" \
	'case " $* " in *" --offline "*) echo offline; exit 70 ;; esac'
left=$work/cases/offline to=$left	# whichever computer it is
point 'a program that is wrong breaks on files, and leaves a test' shrunk \
	"$work/build/test/sim" --tier 2 --seed 12 --computers 3 --cycles 20
point 'that is smaller, too' at_most 2 2
point 'and breaks with it' breaks "$work/build/test/sim" "$left"
point 'and not without' "$sim" "$left"
finish
