#!/bin/sh
# What commands and cycles cost, and whether that grows with age; `make bench`
# calls this. No test: it prints figures.
#
#	[TRINE=…] [RUNS=15] [MESSAGES=1000] [COMMITS=5000] [SEGMENTS=1000]
#	[COPIES=300] test/bench/bench.sh [idle|ages]
#
# First what an idle cycle costs with much on the desk and with nothing, in
# instructions where valgrind is there. Then what each command costs as a fleet
# grows older: each figure is the fastest of RUNS in milliseconds (others
# disturb, nobody speeds up), with the ratio to the first column. Machines
# differ, so compare within one run only. What is new is the same in each column,
# so no row should grow; that of the desk's files does, slowly, since each is
# looked at. So do the search for a word of all messages, slowly, and a view that
# is made anew.
set -u
. "${0%/*}/../e2e/lib.sh"

runs=${RUNS:-15}
messages=${MESSAGES:-1000}
commits=${COMMITS:-5000}
segments=${SEGMENTS:-1000}
copies=${COPIES:-300}
here=$base/bench
mkdir "$here"
cd "$here" || exit 1
set -e

case $(date +%N) in
*N*) now() { perl -MTime::HiRes=time -e 'printf "%d\n", time * 1e6'; } ;;
*) now() { echo $(($(date +%s%N) / 1000)); } ;;
esac

# measure ROW PREPARE COMMAND…: a line in the file $column. PREPARE is not timed.
measure() {
	_row=$1 _prepare=$2
	shift 2
	: >spent
	for _run in $(seq "$runs"); do
		$_prepare >/dev/null
		_start=$(now)
		"$@" >/dev/null
		echo $(($(now) - _start)) >>spent
	done
	sort -n spent | head -n 1 |
		awk -v row="$_row" '{ printf "%s;%.2f\n", row, $1 / 1000 }' \
			>>"$column"
}

through() { # path|git://: how both computers reach the remote
	_url=$PWD/hub.git
	[ "$1" = path ] || _url=$remote
	for _each in 1 2; do
		sed "s,^url = .*,url = $_url," $_each/.trine/trine.ini >ini
		cp ini $_each/.trine/trine.ini
	done
	sync 1 2 1 2
}

write_one() { on 1 send 2 -m 'One more'; }
one_is_there() { write_one; on 1 sync; }
lose_view() { rm -f 1/.trine/state.db*; }
shared_edit() { echo line >>1/coordination/shared/notes.md; }

# --- what an idle cycle costs ---

# cost DAY: of an idle cycle of computer 1 on that day, when all its files have
# been still for long; in millions of instructions, or in milliseconds.
cost() {
	TRINE_TEST_CLOCK=+${1}d
	export TRINE_TEST_CLOCK
	sync 1 2 1 1
	if command -v valgrind >/dev/null 2>&1; then
		valgrind --tool=callgrind --callgrind-out-file=/dev/null \
			"$TRINE" -C "$PWD/1" sync 2>&1 |
			awk '/ Collected : / { printf "%.1f\n", $NF / 1e6 }'
	else
		column=idle
		: >idle
		measure idle : on 1 sync
		cut -d ';' -f 2 idle
	fi
	unset TRINE_TEST_CLOCK
}

# compare WHAT COUNT FILL: the cost with none and with COUNT, which FILL makes
# and is done with on day 9.
compare() {
	mkdir "$here/$1"
	cd "$here/$1"
	new_fleet 2
	sync 1 2 1 2
	long_message 0 >/dev/null
	_none=$(cost 1)
	"$3" "$2" >/dev/null
	_many=$(cost 9)
	awk -v what="$1" -v count="$2" -v none="$_none" -v many="$_many" 'BEGIN {
		printf "%-34s%10.1f%10.1f  x%5.2f\n", \
			sprintf("0 and %d %s", count, what), none, many, many / none
	}'
	cd "$here"
}

# Each closes the segment before it.
long_message() {
	head -c 11000 /dev/zero | tr '\0' x | fold -w 70 >body
	on 1 send 2 -m "Long $1" body
}
closed_segments() { for _each in $(seq "$1"); do long_message "$_each"; done; }

# Of files that are not ours; so many a day.
open_copies() {
	mkdir -p 1/coordination/archive/2_TO_1
	for _each in $(seq "$1"); do
		echo "wrong $_each" >"1/coordination/archive/2_TO_1/$(
			printf %04d "$_each").md"
		[ $((_each % 50)) = 0 ] || [ "$_each" = "$1" ] || continue
		at +$((2 + _each / 50))d sync 1 2
	done
}

shared_files() {
	for _each in $(seq "$1"); do
		echo "file $_each" >1/coordination/shared/file-"$_each".md
	done
}

idle() {
	echo "An idle cycle, in millions of instructions if valgrind is there," \
		"else in milliseconds:"
	compare 'closed segments' "$segments" closed_segments
	compare 'open copies' "$copies" open_copies
	compare 'shared files' "$segments" shared_files
	echo
}

measure_all() { # COLUMN
	column=$1
	: >"$column"
	sleep 6		# desk files must have been still to be left unread
	sync 1 2
	measure 'trine --version' : "$TRINE" --version
	measure 'trine send' : on 1 send 2 -m 'Hello'
	measure 'trine status' : on 1 status
	measure 'trine inbox' : on 2 inbox
	measure 'trine search, all match' : on 1 search -q old
	measure 'inbox and a new view' lose_view on 1 inbox
	for _way in path git://; do
		through $_way
		measure "idle cycle, $_way" : on 1 sync
		measure "cycle that sends one, $_way" write_one on 1 sync
		on 2 sync
		measure "cycle that receives one, $_way" one_is_there on 2 sync
		sync 1 2
		measure "cycle with a shared edit, $_way" shared_edit on 1 sync
		on 2 sync
	done
}

# --- ages ---

old_messages() { # COUNT: in both directions, most in a commit of their own
	for _turn in $(seq $(($1 / 10))); do
		for _each in 1 2 3 4 5; do
			on 1 send 2 -m "Old $_turn.$_each"
			on 1 sync
			on 2 send 1 -m "Old $_turn.$_each"
			on 2 sync
		done
	done >/dev/null
	sync 1 2 1 2
	read_all 1
	read_all 2
}

read_all() { ids "$1" | xargs "$TRINE" -C "$PWD/$1" read >/dev/null; }

# Messages that close a segment each.
old_segments() { # COUNT
	head -c 11000 /dev/zero | tr '\0' x | fold -w 70 >body
	for _turn in $(seq "$1"); do
		on 1 send 2 -m 'A long one' body >/dev/null
	done
	sync 1 2 1 2
	read_all 2
}

# By people, with files that a desk does not show and one that it does.
old_commits() { # COUNT
	_first='from refs/heads/main^0'
	for _turn in $(seq "$1"); do
		echo 'commit refs/heads/main'
		echo 'committer Ada Person <ada@example.org> 1700000000 +0000'
		printf 'data 2\nA\n%s\n' "$_first"
		echo "M 100644 inline src/file-$((_turn % 100)).c"
		printf 'data %d\n%s\n' ${#_turn} "$_turn"
		echo 'M 100644 inline coordination/shared/log.md'
		printf 'data %d\n%s\n\n' ${#_turn} "$_turn"
		_first=
	done | hub fast-import --quiet
	on 1 sync
	on 2 sync
}

desk_files() { # COUNT: small shared files
	for _turn in $(seq "$1"); do
		echo "file $_turn" >1/coordination/shared/file-"$_turn".md
	done
	sync 1 2 1 2
}

many_computers() { # FIRST LAST
	_url=$remote
	remote=$PWD/hub.git
	for _number in $(seq "$1" "$2"); do
		add_computer "$_number"
		on "$_number" sync
		rm -rf "${PWD:?}/$_number"
	done
	remote=$_url
	sync 1 2 1 2
}

show() { # COLUMN…
	awk -F ';' '
	FNR == 1 { column++; printf "%s%s", column == 1 ? sprintf("%-34s", "") \
		: "", sprintf("%17s", FILENAME) }
	{
		if (!($1 in first)) { row[++rows] = $1; first[$1] = $2 }
		cell[$1, column] = sprintf("%10.1f x%5.2f", $2, $2 / first[$1])
	}
	END {
		print ""
		for (i = 1; i <= rows; i++) {
			printf "%-34s", row[i]
			for (k = 1; k <= column; k++)
				printf "%17s", cell[row[i], k]
			print ""
		}
	}' "$@"
}

ages() {
	new_fleet 2
	start_daemon
	sync 1 2 1 2
	old_messages 10
	measure_all young
	old_messages "$messages"
	measure_all messages
	old_commits "$commits"
	measure_all commits
	old_segments 300
	measure_all segments
	desk_files 300
	measure_all desk-files
	many_computers 3 32
	measure_all computers
	echo "Milliseconds, the fastest of $runs; each column adds to the one before:"
	echo "$messages old messages, $commits commits of people, 300 closed segments," \
		"300 shared files, 30 computers."
	show young messages commits segments desk-files computers
	stop_daemon
}

case ${1:-all} in
idle) idle ;;
ages) ages ;;
all) idle; ages ;;
*) sed -n '/^#\t/s/^#\t//p' "$0" && exit 64 ;;
esac
