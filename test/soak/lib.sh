# The actions of a soak test (plan.awk), and what must be true at its end.
# Sourced after e2e/lib.sh.
#
# Each text carries a token of its own, "T17.". Files say what must become of it:
# sent (READER TOKEN: it arrives, once), maybe (killed before it answered: at most
# once), notes (the same: a copy under conflicts/ is a note to nobody; and handed
# over if it arrives), handed (to the instance of READER, once), kept (it is somewhere on the
# branch). unsure.N counts down the cycles until nothing that was typed on desk N
# can be waiting any more.
# shellcheck shell=sh

readers() { # WRITER READER: the computers that READER stands for
	[ "$2" = ALL ] || { echo "$2"; return; }
	for _reader in 1 2 3; do
		[ $_reader = "$1" ] || echo $_reader
	done
}

expect_of() { # FILE WRITER READER TOKEN
	for _reader in $(readers "$2" "$3"); do
		echo "$_reader T$4." >>"$1"
	done
}

typed() { echo 4 >"unsure.$1"; }
is_sure() { [ "$(cat "unsure.$1")" -le 0 ]; }
desk() { echo "$1/coordination/$2"; }

# --- messages ---

send() { # N READER TYPE TOKEN
	printf 'Some words, and\nT%s.\n' "$4" |
		on "$1" send "$2" -t "$3" --for builder -m 'A title' - >id
	expect_of sent "$1" "$2" "$4"
	expect_of handed "$1" "$2" "$4"
}

killed_send() { # N READER MILLISECONDS TOKEN
	printf 'Killed while sent\nT%s.\n' "$4" >body
	: >id
	killed_after "$3" send_body "$1" "$2" || :
	if [ -s id ]; then
		expect_of sent "$1" "$2" "$4"
	else
		expect_of maybe "$1" "$2" "$4"
	fi
}
send_body() { exec "$TRINE" -C "$PWD/$1" send "$2" -m 'A title' body >id; }

retract() { # N READER TOKEN
	printf 'Not meant so\nT%s.\n' "$3" | on "$1" send "$2" -m 'A title' - >id
	on "$1" retract "$(cat id)" 2>>said	# in no file: may not arrive
}

# killed_after MILLISECONDS FUNCTION…: which executes a program; its exit status.
killed_after() {
	_wait=$(printf '0.%03d' "$1")
	shift
	"$@" 2>>said &
	_pid=$!
	sleep "$_wait"
	kill -KILL $_pid 2>/dev/null || :
	wait $_pid 2>/dev/null
}

# --- hands ---

loose_text() { printf '\nBy hand\nT%s.\n' "$1"; }

loose() { # N READER old|fresh TOKEN
	_file=$(desk "$1" "messages/$1_TO_$2.md")
	mkdir -p "${_file%/*}"
	loose_text "$4" >>"$_file"
	[ "$3" = fresh ] || settle "$_file"
	expect_of sent "$1" "$2" "$4"
	typed "$1"
}

# An editor opens a file, and writes it back later over all that came since.
save() { # N READER
	_file=$(desk "$1" "messages/$1_TO_$2.md")
	if is_sure "$1" && [ -e "$_file" ]; then
		cp "$_file" "saved.$1"
		echo "$2" >"saved-to.$1"
	fi
}
old_copy() { # N TOKEN
	if [ ! -e "saved.$1" ] || ! is_sure "$1"; then return; fi
	_reader=$(cat "saved-to.$1")
	_file=$(desk "$1" "messages/$1_TO_$_reader.md")
	{ cat "saved.$1"; loose_text "$2"; } >"$_file"
	settle "$_file"
	rm "saved.$1"
	expect_of sent "$1" "$_reader" "$2"
	typed "$1"
}

append() { # N PATH TOKEN: a line that must be kept somewhere
	_file=$(desk "$1" "$2")
	[ -e "$_file" ] || return 0
	printf 'A line: T%s.\n' "$3" >>"$_file"
	echo "T$3." >>kept
	typed "$1"
}
shared() { # N NUMBER TOKEN
	_file=$(desk "$1" "shared/notes-$2.md")
	[ ! -e "gone.$1" ] || return 0
	if [ ! -e "$_file" ]; then
		mkdir -p "${_file%/*}"
		: >"$_file"
	fi
	append "$1" "shared/notes-$2.md" "$3"
}
scribble_status() { append "$1" "COMPUTER_$2.md" "$3"; } # N OTHER TOKEN
scribble_stream() { append "$1" "messages/$2_TO_$3.md" "$4"; }
own_status() { append "$1" "COMPUTER_$1.md" "$2"; } # N TOKEN

note() { # N READER TOKEN: for a person's file, on a desk
	_file=$(desk "$1" "messages/HUMAN_TO_$2.md")
	[ ! -e "gone.$1" ] || return 0
	mkdir -p "${_file%/*}"
	printf '\n- [ ] Do %s\n  T%s.\n' "$3" "$3" >>"$_file"
	echo "T$3." >>kept
	echo "$2 T$3." >>notes
	typed "$1"
}

person() { # READER TOKEN
	[ ! -e refusing ] || return 0
	person_pull
	mkdir -p person/coordination/messages
	printf '\nA note %s\nT%s.\n' "$2" "$2" \
		>>"person/coordination/messages/HUMAN_TO_$1.md"
	person_push 'A note'
	echo "T$2." >>kept
	echo "$1 T$2." >>sent
}
person_scribbles() { # OWNER TOKEN
	[ ! -e refusing ] || return 0
	person_pull
	_file=person/coordination/COMPUTER_$1.md
	[ -e "$_file" ] || return 0
	printf 'By a person: T%s.\n' "$2" >>"$_file"
	person_push 'A scribble'
	echo "T$2." >>kept
}

lose_file() { # N WHICH
	is_sure "$1" || return 0
	case $2 in
	0) rm -f "$(desk "$1" "COMPUTER_$1.md")" ;;
	1) rm -f "$(desk "$1" "messages/$1_TO_ALL.md")" ;;
	2) rm -f "$(desk "$1" "messages/$1_TO_$(($1 % 3 + 1)).md")" ;;
	esac
}
# Whoever makes a file anew before it is back means that its lines shall go.
lose_desk() {
	is_sure "$1" || return 0
	rm -rf "$(desk "$1" '')"
	: >"gone.$1"
}

# --- the world ---

refuse() { # HOW: all pushes, or those to the server
	: >refusing
	[ "$1" = 0 ] || { hub config daemon.receivepack false; return; }
	printf '#!/bin/sh\necho "not today" >&2\nexit 1\n' >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
}
allow() {
	hub config daemon.receivepack true
	rm -f hub.git/hooks/pre-receive refusing
}
cut() {
	stop_daemon || rm -f daemon.pid
	mv hub.git away.git
	: >refusing
}
join() { # somebody else may have got the port meanwhile
	mv away.git hub.git
	rm refusing
	serve && return
	start_daemon
	for _each in 2 3; do
		sed "s,^url = .*,url = $remote," $_each/.trine/trine.ini >ini
		cp ini $_each/.trine/trine.ini
	done
	remote=$PWD/hub.git
}

# --- a cycle ---

run_sync() { exec "$TRINE" -C "$PWD/$1" sync -q; }

editing() { # N MILLISECONDS TOKEN: an editor saves while the cycle runs
	_file=$(desk "$1" "messages/$1_TO_ALL.md")
	run_sync "$1" 2>>said &
	_pid=$!
	sleep "$(printf '0.%03d' "$2")"
	if cp "$_file" edited 2>/dev/null; then
		loose_text "$3" >>edited
		mv edited "$_file"
		expect_of sent "$1" ALL "$3"
		typed "$1"
	fi
	wait $_pid
}

twice() { # N
	run_sync "$1" 2>>said &
	_pid=$!
	( run_sync "$1" ) 2>>said || :
	wait $_pid
}

cycle() { # NUMBER N HOW ARGUMENT TOKEN
	# Clocks differ, and one is two hours slow.
	TRINE_TEST_CLOCK=+$(($1 * 5 + 200 + $2 * 7))m
	[ "$2" != 3 ] || TRINE_TEST_CLOCK=+$(($1 * 5 - 120))m
	[ "$2" != 3 ] || [ $(($1 * 5)) -ge 120 ] ||
		TRINE_TEST_CLOCK=-$((120 - $1 * 5))m
	export TRINE_TEST_CLOCK
	TRINE_TEST_SEED=$1
	_got=0
	case $3 in
	plain) ( run_sync "$2" ) 2>>said || _got=$? ;;
	offline) on "$2" sync -q --offline 2>>said || _got=$? ;;
	checkpoint)
		TRINE_TEST_KILL=$4
		export TRINE_TEST_KILL
		( run_sync "$2" ) 2>>said || _got=$?
		unset TRINE_TEST_KILL
		;;
	kill) killed_after "$4" run_sync "$2" || _got=$? ;;
	twice) twice "$2" || _got=$? ;;
	editing) editing "$2" "$4" "$5" || _got=$? ;;
	esac
	echo "$3 $_got" >>exits
	case $_got in
	0 | 75 | 77)
		echo $(($(cat "unsure.$2") - 1)) >"unsure.$2"
		rm -f "gone.$2"
		;;
	137) ;;
	*) fail "cycle $1: sync of computer $2 ended with $_got: $(tail -n 3 said)" ;;
	esac
}

# --- the end ---

# Everything may go its way: cycles until the tip stays.
come_to_rest() {
	for _left in 1 2 3 4 5 6 7 8 9 10 11 12; do
		_tip=$(hub rev-parse main)
		for _each in 1 2 3; do
			TRINE_TEST_CLOCK=+$((cycles * 5 + 300 + _left))m
			on $_each sync -q 2>>said ||
				fail "at the end, sync of $_each: $? $(tail -n 3 said)"
		done
		[ "$(hub rev-parse main)" != "$_tip" ] || return 0
	done
	fail 'the fleet does not come to rest'
}

tokens() { grep -oE 'T[0-9]+\.' || :; }

expect_all_arrived() {
	touch sent maybe notes kept handed
	for _each in 1 2 3; do
		on $_each inbox --all --json >inbox.$_each
		tokens <inbox.$_each | LC_ALL=C sort >got
		uniq -d got >twice
		expect_empty twice
		awk -v n=$_each '$1 == n { print $2 }' sent | LC_ALL=C sort >must
		awk -v n=$_each '$1 == n { print $2 }' sent maybe notes |
			LC_ALL=C sort >may
		awk -v n=$_each '$1 == n { print $2 }' notes |
			LC_ALL=C sort | LC_ALL=C comm -12 - got >tasks
		LC_ALL=C comm -23 must got >lost
		LC_ALL=C comm -13 may got >extra
		expect_empty lost
		expect_empty extra
		awk -v n=$_each '$1 == n { print $2 }' handed |
			LC_ALL=C sort - tasks >must
		cat $_each/.trine/inbox/builder/new/* | tokens |
			LC_ALL=C sort | diff must - ||
			fail "some were not handed over once by $_each"
	done
}

expect_all_kept() {
	hub grep -hoE 'T[0-9]+\.' main -- coordination | LC_ALL=C sort -u >there
	LC_ALL=C sort -u kept | LC_ALL=C comm -23 - there >lost
	expect_empty lost
}

expect_no_locks() {
	find hub.git 1/.trine 2/.trine 3/.trine -name '*.lock' \
		! -name trine.lock ! -path '*/run/*' \
		! -name event-log.lock >locks
	expect_empty locks
}

# Lines and numbers of the log, and the view made from it.
expect_good_logs() {
	for _each in 1 2 3; do
		_log=$_each/.trine/event-log.jsonl
		sed 's/^{"seq":\([0-9]*\),.*"crc":"[0-9a-f]*"}$/\1/' $_log |
			awk '$0 != NR { print NR ": " $0; exit 1 }' ||
			fail "the log of $_each"
		on $_each log --json >events
		[ "$(wc -l <events)" -eq "$(wc -l <$_log)" ] ||
			fail "trine log shows $(wc -l <events) events of $_log"
		all_of $_each >before
		rm -f $_each/.trine/state.db*
		all_of $_each >after
		diff before after || fail "the view of $_each was made anew otherwise"
	done
}
all_of() {
	on "$1" status --json | sed 's/"age_s": *-*[0-9]*//g'
	on "$1" inbox --all --json
}
