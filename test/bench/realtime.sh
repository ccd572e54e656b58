#!/bin/sh
# What real time costs; `make bench-realtime` calls this. No test: it prints figures.
#
#	[TRINE=…] [MESSAGES=300] [ALERTS=30] [IDLE=890] [BUSY=100] [RATE=20] [SECONDS_EACH=10]
#	test/bench/realtime.sh
#
# Three computers with daemons, one of which is the hub: from the beginning of `trine
# send` on one to the line in another's event log, and from `trine alert` to the line in
# the last one's; the same without the hub, by git. Then
# the hub with many clients that say nothing, and some that write to each other: what
# comes through it, how late, and what its web part has of memory and descriptors. A
# computer has a number up to 999, and one connection.
set -u
. "${0%/*}/../e2e/lib.sh"
# shellcheck disable=SC2034 # of daemon.sh
BUILD=${BUILD:-$top/build}
. "${0%/*}/../e2e/daemon.sh"
. "${0%/*}/../e2e/realtime.sh"

here=$base/bench-realtime
mkdir "$here"
cd "$here" || exit 1
set -e
export TRINE
crowd=$top/test/bench/realtime.pl

new_fleet 3
hub_settings
start_all 3
echo 'from the hub to a computer:'
perl "$crowd" latency "$here/1" "$here/3" "${MESSAGES:-300}"
echo 'from a computer to another, by the hub:'
perl "$crowd" latency "$here/2" "$here/3" "${MESSAGES:-300}"
echo 'an alert of one computer, until all others know:'
perl "$crowd" alerts "$here/2" "${ALERTS:-30}" "$here/1" "$here/3"

memory() { sed -n 's/^Pss: *\([0-9]*\).*/\1/p' "/proc/$1/smaps_rollup"; }
# shellcheck disable=SC2012 # they have no names
files() { ls "/proc/$1/fd" | wc -l; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
web=$(web_pid 1)
with_crowd() { # IDLE BUSY
	mkfifo go
	perl "$crowd" crowd "$(port_of 1 realtime)" 1/.trine/run/peers "$1" "$2" \
		"${RATE:-20}" "${SECONDS_EACH:-10}" <go >said &
	_crowd=$!
	exec 9>go
	wait_until grep -q ready said
	sleep 1
	echo "  with them: $(memory "$web") KB, $(files "$web") descriptors"
	_before=$(ticks "$web")
	if [ "$2" = 0 ]; then
		sleep "${SECONDS_EACH:-10}"
	fi
	echo go >&9
	exec 9>&-
	wait $_crowd
	grep -v ready said
	echo "  processor: $(($(ticks "$web") - _before)) hundredths of a second"
	rm go said
	sleep 2
	echo "  behind them: $(memory "$web") KB, $(files "$web") descriptors"
}
echo "${IDLE:-890} clients that say nothing, for ${SECONDS_EACH:-10} s; without them" \
	"$(memory "$web") KB, $(files "$web") descriptors:"
with_crowd "${IDLE:-890}" 0
echo "and ${BUSY:-100} that send ${RATE:-20} messages a second each:"
with_crowd "${IDLE:-890}" "${BUSY:-100}"

for n in 1 2 3; do stop_trined $n; done
echo 'without the hub, by git, a cycle each:'
_start=$(date +%s%N)
on 2 send 3 -m 'By git' >/dev/null
sync 2 3
[ "$(on 3 inbox | grep -c 'By git')" = 1 ]
echo "  a message: $((($(date +%s%N) - _start) / 1000000)) ms"
_start=$(date +%s%N)
on 2 alert 'By git, too' >/dev/null
sync 2 1 3
for n in 1 3; do alarmed $n; done
echo "  an alert, to both others: $((($(date +%s%N) - _start) / 1000000)) ms"
