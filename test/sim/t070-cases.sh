# Scripts that broke something once (cases/, FINDINGS.md): each runs to its end.
. "${0%/*}/lib.sh"

for case in "${0%/*}"/cases/*; do
	fleets "${case##*/}" "$case"
done
finish
