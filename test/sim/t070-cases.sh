# Scripts that broke something once (cases/, FINDINGS.md): each runs to its end.
set -u
sim=${BUILD:-build}/test/sim
cases=$(dirname "$0")/cases

number=0
for case in "$cases"/*; do
	number=$((number + 1))
	name=${case##*/}
	if said=$("$sim" "$case" 2>&1); then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "$said" | sed 's/^/# /'
	fi
done
echo "1..$number"
