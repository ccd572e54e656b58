# Computers that all push at once, and what must be true of the branch and of
# their logs afterwards. Sourced after e2e/lib.sh.
# shellcheck shell=sh

# hammer N FIRST LAST FLEET: computer N sends message FIRST … LAST, each to the
# next reader (every tenth to ALL), each pushed by a sync of its own, again and
# again while that says "try again". A line "ID READER" a message goes to
# sent.N, "ROUNDS EXIT" a sync to rounds.N.
hammer() {
	_turn=$2
	while [ "$_turn" -le "$3" ]; do
		_reader=$((($1 + _turn % ($4 - 1)) % $4 + 1))
		[ $((_turn % 10)) != 0 ] || _reader=ALL
		TRINE_TEST_SEED=$(($1 * 100000 + _turn))
		_id=$(on "$1" send $_reader -m "Number $_turn of computer $1")
		echo "$_id $_reader" >>"sent.$1"
		sync_until_done "$1"
		_turn=$((_turn + 1))
	done
}

sync_until_done() { # N
	_tries=0
	while :; do
		_status=0
		on "$1" sync -q 2>>"said.$1" || _status=$?
		while read -r _key _value; do
			[ "$_key" != '"rounds":' ] || _rounds=${_value%,}
		done <"$1/.trine/report.json"
		echo "$_rounds $_status" >>"rounds.$1"
		[ $_status = 75 ] || return $_status
		_tries=$((_tries + 1))
		[ $_tries -lt 1000 ] || return 1
		TRINE_TEST_SEED=$((TRINE_TEST_SEED + 1000000))
	done
}

# race FIRST LAST N…: all of them at the same time.
race() {
	_first=$1 _last=$2
	shift 2
	_running=
	for _racer; do
		hammer "$_racer" "$_first" "$_last" $# >"trace.$_racer" 2>&1 &
		_running="$_running $!"
	done
	for _racer in $_running; do
		wait "$_racer" || { tail -n 20 trace.*; fail 'a sync failed'; }
	done
}

# calm N…: cycles until the tip stays, at most ten each.
calm() {
	_left=10
	while [ $_left -gt 0 ]; do
		_tip=$(hub rev-parse main)
		sync "$@"
		[ "$(hub rev-parse main)" != "$_tip" ] || return 0
		_left=$((_left - 1))
	done
	fail 'the fleet does not come to rest'
}

# Every message is with each of its readers, once, and in one commit.
expect_delivered() { # N…
	for _reader; do
		cat sent.* | awk -v me="$_reader" '
			$2 == me || $2 == "ALL" && $1 !~ "^" me "_TO_" {
				print $1
			}' | LC_ALL=C sort >wanted
		ids "$_reader" | LC_ALL=C sort | diff wanted - || fail "computer $_reader lacks or repeats some"
		sed -n 's/.*"type":"message\.received".*"id":"\([^"]*\)".*/\1/p' \
			"$_reader/.trine/event-log.jsonl" | LC_ALL=C sort >logged
		diff wanted logged || fail "the log of $_reader differs"
	done
}

expect_linear() {
	hub rev-list --merges main >merges
	expect_empty merges
	said fsck hub fsck --strict --no-dangling --no-progress ||
		fail "$(cat fsck)"
	expect_empty fsck
	# Each message was committed by one commit of its own, named in it.
	hub log --format=%s main | grep -oE '[0-9]+_TO_([0-9]+|ALL)\.[0-9]+' |
		LC_ALL=C sort >committed
	cut -d ' ' -f 1 sent.* | LC_ALL=C sort | diff - committed ||
		fail 'a message is in no commit, or in two'
}

count_rounds() { # KIND
	cat rounds.* | awk -v kind="$1" '
		{ rounds += $1; stale += $1 - 1 + ($2 == 75); again += $2 == 75 }
		$1 > most { most = $1 }
		END {
			printf "# %s: %d syncs, %d rounds, at most %d in one; " \
				"%d stale pushes, %d syncs gave up for now\n",
				kind, NR, rounds, most, stale, again
		}' >>"$base/counts"
}
