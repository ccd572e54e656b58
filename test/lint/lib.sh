# What every lint test starts from: `clean FUNCTION` is one test point, which
# passes if the function prints nothing on stdout.
# shellcheck shell=sh

top=$(cd "${0%/*}/../.." && pwd)
cd "$top" || exit 1
BUILD=${BUILD:-build}
LC_ALL=C
export LC_ALL
points=0
failures=0

clean() {
	points=$((points + 1))
	found=$("$@")
	if [ -z "$found" ]; then
		echo "ok $points - $(echo "$1" | tr _ ' ')"
	else
		failures=$((failures + 1))
		echo "not ok $points - $(echo "$1" | tr _ ' ')"
		echo "$found" | sed 's/^/# /'
	fi
}

skip() { # NAME WHY
	points=$((points + 1))
	echo "ok $points - $(echo "$1" | tr _ ' ') # SKIP $2"
}

finish() {
	echo "1..$points"
	[ $failures = 0 ]
}
