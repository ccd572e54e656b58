#!/bin/sh
# What the daemon costs while nothing happens: processor time, and memory (PSS: what is
# shared counts in parts) of its two processes, and with instances that it watches over.
# No test: prints figures.
#
#	test/bench/daemon.sh [SECONDS]		Linux; 60 seconds a line
set -eu

top=$(cd "${0%/*}/../.." && pwd)
TRINE=${TRINE:-$top/build/trine}
seconds=${1:-60}
base=$(mktemp -d "$("$top/test/scratch")/trine-bench.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill $pid; sleep 1; rm -rf "$base"' EXIT
trap 'exit 1' INT TERM

# Nanoseconds on a processor, of all threads of these processes.
ran() {
	for _pid; do cat /proc/"$_pid"/task/*/schedstat; done |
		awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
pss() { # KiB
	for _pid; do cat /proc/"$_pid"/smaps_rollup; done |
		awk '/^Pss:/ { sum += $2 } END { print sum }'
}
web_of() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/.trine/run/ports.json"; }

measure() { # NAME SETTING…
	name=$1
	shift
	dir=$base/$name
	git init -q --bare -b main "$dir.git"
	"$TRINE" -q init --computer 1 --remote "$dir.git" "$dir"
	{
		printf '[daemon]\nlisten = 127.0.0.1:0\n'
		for line; do printf '%s\n' "$line"; done
	} >>"$dir/.trine/trine.ini"
	"${TRINE}d" -C "$dir" &
	pid=$!
	sleep 10	# it has started all there is, and run its first cycle
	web=$(web_of "$dir")
	before=$(ran $pid "$web")
	sleep "$seconds"
	after=$(ran $pid "$web")
	printf '%-12s cpu %s %% in %s s   PSS: supervisor %s KiB, web part %s KiB\n' "$name" \
		"$(awk "BEGIN { printf \"%.4f\", ($after - $before) / $seconds / 1e7 }")" \
		"$seconds" "$(pss $pid)" "$(pss "$web")"
	kill $pid
	wait $pid || :
	pid=
}

measure idle
measure instances '[instance a]' 'start = sleep' '  1000000' 'copies = 10' \
	'[instance b]' 'start = sleep' '  1000000' 'health = exec true' 'copies = 10'
