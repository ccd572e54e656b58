#!/bin/sh
# What the daemon's API costs; `make bench-api` calls this. No test: it prints figures.
#
#	[TRINE=…] [SECONDS_EACH=10] [REQUESTS=100000] test/bench/api.sh
#
# Reads by wrk: p50, p99 and how many a second, through 16 connections. Claim and done of
# one task after the other by one agent: each is an event on the disk. Then so many
# requests as REQUESTS says, and what the web part has of memory and descriptors before
# and behind it: neither may grow. At last what both processes cost while nobody asks.
set -u
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/sessions.sh"
# shellcheck disable=SC2034 # of daemon.sh
BUILD=${BUILD:-$top/build}
. "${0%/*}/../e2e/daemon.sh"

each=${SECONDS_EACH:-10}
requests=${REQUESTS:-100000}
here=$base/bench-api
mkdir "$here"
cd "$here" || exit 1
set -e
command -v wrk >/dev/null || { echo 'wrk is not there: config/install-deps --full' >&2; exit 1; }

new_fleet 1
daemon_settings 1
start_trined 1
agent Atlas
url=$(url_of 1) token=$(cat 1/.trine/run/token)
for number in $(seq 50); do on 1 task add -m "Task $number" >/dev/null; done

reads() { # PATH
	wrk -t1 -c16 "-d${each}s" --latency -H "Authorization: Bearer $token" "$url$1" \
		>text
	awk -v path="$1" '
	$1 == "50%" { p50 = $2 }
	$1 == "99%" { p99 = $2 }
	/^Requests\/sec/ { rate = $2 }
	/Non-2xx/ { bad = " (" $0 ")" }
	END { printf "%-24s p50 %-8s p99 %-8s %8.0f a second%s\n", path, p50, p99, rate, bad }
	' text
}
memory() { sed -n 's/^Pss: *\([0-9]*\).*/\1/p' "/proc/$1/smaps_rollup"; }
# shellcheck disable=SC2012 # they have no names
files() { ls "/proc/$1/fd" | wc -l; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

echo "reads, 16 connections, $each s each:"
for path in /livez /api/state /api/tasks/1_TO_1.1 /api/tasks /api/status /api/facts /metrics; do
	reads $path
done

echo 'claim and done, one agent, one after the other:'
perl "$top/test/bench/claims.pl" "${url#http://}" "$token" Atlas 1000

web=$(web_pid 1)
# what it keeps to use again, it has after the first of each
for path in /api/tasks/1_TO_1.1 /api/nothing /api/status; do
	wrk -t1 -c50 -d2s -H "Authorization: Bearer $token" "$url$path" >text
done
sleep 1
before=$(memory "$web") open=$(files "$web")
done_=0
while [ $done_ -lt "$requests" ]; do
	for path in /api/tasks/1_TO_1.1 /api/nothing /api/status; do
		wrk -t1 -c50 -d5s -H "Authorization: Bearer $token" "$url$path" >text
		done_=$((done_ + $(awk '/requests in/ { print $1 }' text)))
	done
done
sleep 1
echo "$done_ requests: memory $before KB, then $(memory "$web") KB;" \
	"descriptors $open, then $(files "$web")"

both="$(trined_pid 1) $web"
spent=0 kb=0
for pid in $both; do spent=$((spent - $(ticks "$pid"))) kb=$((kb + $(memory "$pid"))); done
sleep 30
for pid in $both; do spent=$((spent + $(ticks "$pid"))); done
echo "idle: $spent hundredths of a second of CPU in 30 s; both processes $kb KB (PSS)"
