# What every end-to-end test starts from:
#	. "${0%/*}/lib.sh"
#	a_message_arrives() { new_fleet 2; on 1 send 2 -m Hello; sync 1 2; … }
#	it a_message_arrives
#	finish
# Each `it` runs its function under `set -e` in a new empty directory; a failed
# one shows its trace and leaves the directory. Nothing outside of it is read.
# shellcheck shell=sh

top=$(cd "${0%/*}/../.." && pwd)
TRINE=${TRINE:-$top/build/trine}

for name in $(env | sed -nE 's/^((GIT|TRINE|XDG|SSH|LC)_[A-Za-z0-9_]*)=.*/\1/p'); do
	unset "$name"
done
unset CDPATH ENV EDITOR PAGER NO_COLOR
base=$(mktemp -d "$(cd "$("$top/test/scratch")" && pwd -P)/trine-test.XXXXXX") &&
	mkdir -m 700 "$base/home" || exit 1
HOME=$base/home
LC_ALL=C TZ=UTC TERM=dumb
GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
GIT_AUTHOR_NAME='Ada Person' GIT_AUTHOR_EMAIL=ada@example.org
GIT_COMMITTER_NAME='Ada Person' GIT_COMMITTER_EMAIL=ada@example.org
TRINE_NO_BACKGROUND=1 TRINE_TEST_SEED=1
export HOME LC_ALL TZ TERM TRINE_NO_BACKGROUND TRINE_TEST_SEED
export GIT_CONFIG_NOSYSTEM GIT_TERMINAL_PROMPT GIT_AUTHOR_NAME \
	GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
git config --global init.defaultBranch main
git config --global advice.detachedHead false
umask 022

if [ -n "${WRAP:-}" ]; then
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$WRAP" "$TRINE" >"$base/trine"
	chmod +x "$base/trine"
	TRINE=$base/trine
fi

points=0
failures=0

clean_up() {
	for _file in "$base"/*/*.pid; do
		[ ! -s "$_file" ] || kill "$(cat "$_file")" 2>/dev/null
	done
	[ "$failures" != 0 ] || rm -rf "$base"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

it() { # FUNCTION: one test point, named after it
	points=$((points + 1))
	here=$base/$points-$1
	mkdir "$here"
	(
		cd "$here" || exit 1
		set -ex
		"$1"
	) >"$here.log" 2>&1 </dev/null
	if [ $? = 0 ]; then
		echo "ok $points - $(echo "$1" | tr _ ' ')"
		stop_servers
		rm -rf "$here"
	else
		failures=$((failures + 1))
		echo "not ok $points - $(echo "$1" | tr _ ' ')"
		sed 's/^/# /' "$here.log"
		echo "# left in $here"
		stop_servers
	fi
}

skip() { # NAME WHY: a point that cannot run here
	points=$((points + 1))
	echo "ok $points - $(echo "$1" | tr _ ' ') # SKIP $2"
}

# may_mount: can one be root of a mount name space here?
may_mount() {
	unshare -rm true 2>/dev/null && unshare -rm mount -t tmpfs x /mnt 2>/dev/null
}
# in_name_space NAME: this script once more, as `SCRIPT inside`, where it may mount; its
# points are ours. NAME is skipped where that cannot be.
in_name_space() {
	may_mount || { skip "$1" 'no name spaces here'; return; }
	unshare -rm sh "$0" inside >"$base/inside" || failures=1
	sed '$d' "$base/inside" |
		awk -v n="$points" '/^(not )?ok / { sub(/[0-9]+/, ++n) } 1'
	points=$((points + $(grep -cE '^(not )?ok ' "$base/inside")))
}

finish() {
	echo "1..$points"
	[ "$failures" = 0 ]
}

# ---- a fleet ----

# A program that is run as `$enter N COMMAND…` for all that computer N does; none, but
# in nets.sh.
enter=

# new_fleet N: a bare remote hub.git and computers 1 … N in directories 1 … N.
new_fleet() {
	new_hub
	for _number in $(seq 1 "$1"); do add_computer "$_number"; done
}

new_hub() {
	git init -q --bare -b main hub.git
	remote=$PWD/hub.git
}

add_computer() { # N [OPTION…]
	_number=$1
	shift
	${enter:+"$enter" "$_number"} "$TRINE" -q init --computer "$_number" --remote "$remote" "$@" "$PWD/$_number"
}

# on N COMMAND…: trine on computer N.
on() {
	_on=$1
	shift
	${enter:+"$enter" "$_on"} "$TRINE" -C "$PWD/$_on" "$@"
}

# sync N…: one cycle each, in this order.
sync() {
	for _each; do on "$_each" sync; done
}

# write_each_other: computers 1 and 2 do, First and Inbound, and both have arrived.
write_each_other() {
	on 1 send 2 -m First
	on 2 send 1 -m Inbound
	sync 1 2 1
}
two_that_wrote() {
	new_fleet 2
	write_each_other
}

# instance N NAME [LINE…]: a section of its trine.ini
instance() {
	_ini=$1/.trine/trine.ini
	printf '[instance %s]\n' "$2" >>"$_ini"
	shift 2
	printf '%s\n' "$@" >>"$_ini"
}
# handler N COMMAND [ARGUMENT]: for alerts, by a script of its own, handler.N
handler() {
	printf '#!/bin/sh\n%s\n' "$2" >"handler.$1"
	chmod +x "handler.$1"
	printf '%s\n' '[alert]' "run = $PWD/handler.$1" ${3:+"  $3"} \
		>>"$1/.trine/trine.ini"
}
# No program and no worker of this test is left.
nobody_left() { ! pgrep -f "$PWD/" >/dev/null; }
# is_gone PID: it has ended, whether or not anybody has asked for its status.
is_gone() {
	[ -n "$1" ] || fail 'which process?'
	case $(ps -o stat= -p "$1") in ''|Z*) ;; *) return 1 ;; esac
}

# at OFFSET COMMAND…: with every clock moved, such as `at +3d sync 1`.
at() {
	( export TRINE_TEST_CLOCK="$1"; shift; "$@" )
}

# said FILE COMMAND…: all it prints goes to FILE, and no trace with it.
said() { ( set +x; exec >"$1" 2>&1; shift; "$@" ); }

# What N has received, ever: ids, titles. JSON of a command, in the file json.
json() { on "$@" --json | sed 's/": */":/g; s/, "/,"/g' >json; }
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
ids() { on "$1" inbox --all --json | field id; }
titles() { on "$1" inbox --all --json | field title; }

# received N TITLE…: these, in any order, and nothing else.
received() {
	_who=$1
	shift
	titles "$_who" | sort >have
	: >want
	for _title; do printf '%s\n' "$_title" >>want; done
	sort want | diff - have || fail "$_who received other things"
}

# lines BYTES CHARACTER: text in lines of 70
lines() {
	head -c "$1" /dev/zero | tr '\0' "$2" | fold -w 70
	echo
}

# Make files old enough to be settled.
settle() { touch -t 202001010000 "$@"; }

# loose N FILE [TEXT…]: write by hand below what is in a file of the desk.
loose() {
	_file=$1/coordination/$2
	shift 2
	mkdir -p "${_file%/*}"
	printf '%s\n' "$@" >>"$_file"
	settle "$_file"
}

# ---- the other end ----

hub() { git -C "$PWD/hub.git" "$@"; }
hub_show() { hub show "main:coordination/$1"; }
# hub_refuses: every push, until hub_accepts.
hub_refuses() {
	printf '#!/bin/sh\nexit 1\n' >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
}
hub_accepts() { rm hub.git/hooks/pre-receive; }
hub_files() { hub ls-tree -r --name-only main; }

# A person with plain git: `person_pull`, edit below person/, `person_push`.
person_pull() {
	if [ -d person ]; then
		git -C person pull -q --rebase
	else
		git clone -q "$remote" person
	fi
}
person_push() { # MESSAGE
	git -C person add -A
	git -C person commit -q -m "$1"
	git -C person push -q origin HEAD
}

# try_port TRY: sets port to one below those that systems give to connections, which
# anybody may have at any time (32768 and up, by ip(7)).
try_port() { port=$((20000 + ($$ * 7 + points * 131 + $1 * 911) % 12000)); }

# start_daemon: serve this directory at git://, with pushes; sets remote. A test
# may `stop_daemon`, and `serve` again at the same port, or at another address.
start_daemon() {
	for _try in 1 2 3 4 5 6 7 8 9; do
		try_port "$_try"
		remote=git://127.0.0.1:$port/hub.git
		if serve; then return 0; fi
	done
	return 1
}
# shellcheck disable=SC2120 # of tests
serve() { # [ADDRESS]
	: >daemon.log	# what an earlier one said is not the answer
	${enter:+"$enter" 1} "$(git --exec-path)/git-daemon" \
		--listen="${1:-127.0.0.1}" --port="$port" \
		--base-path="$PWD" --export-all --enable=receive-pack --verbose \
		--reuseaddr --log-destination=stderr --pid-file="$PWD/daemon.pid" \
		>daemon.log 2>&1 &
	while kill -0 $! 2>/dev/null; do
		if grep -q 'Ready to rumble' daemon.log; then return 0; fi
		sleep 0.1 2>/dev/null || sleep 1
	done
	return 1
}
stop_daemon() { stop_server daemon; }

# stop_server NAME: the one whose process is in NAME.pid; stop_servers: all of them.
stop_server() {
	[ -s "$here/$1.pid" ] || return 0
	kill "$(cat "$here/$1.pid")" 2>/dev/null
	kill -CONT "$(cat "$here/$1.pid")" 2>/dev/null || :	# if a test stopped it
	rm -f "$here/$1.pid"
}
stop_servers() {
	for _file in "$here"/*.pid; do
		_file=${_file##*/}
		stop_server "${_file%.pid}"
	done
}

# ---- expectations ----

fail() { echo "FAILED: $*" >&2; exit 1; }

wait_until() {	# COMMAND…
	for _try in $(seq 300); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	fail "not after 30 s: $*"
}

# expect_status 'CODE…' COMMAND…: it ends with one of them.
expect_status() {
	_wanted=$1
	shift
	set +e
	"$@"
	_got=$?
	set -e
	case " $_wanted " in
	*" $_got "*) ;;
	*) fail "exit $_got, not $_wanted: $*" ;;
	esac
}

# expect_not COMMAND…: it says no, as grep and cmp do by a 1; what they could not read is
# a 2, and no answer. (`! COMMAND` can fail no test: `set -e` passes over it.)
expect_not() { expect_status 1 "$@"; }

# expect_file FILE: the same as stdin.
expect_file() { diff -u - "$1" || fail "$1 is not as expected"; }

# expect_same FILE FILE…: all alike.
expect_same() {
	_first=$1
	shift
	for _each; do cmp "$_first" "$_each" || fail "$_first, $_each differ"; done
}

# expect_line TEXT FILE…: some file holds it (a fixed string); no_line: none.
expect_line() {
	_text=$1
	shift
	grep -qF -e "$_text" "$@" && return
	tail -n 40 "$@"
	fail "no '$_text' in $*"
}
has_line() { grep -qF -e "$1" "$2" 2>/dev/null; }	# to wait until it does
no_line() {
	_text=$1
	shift
	_got=0
	grep -F -e "$_text" "$@" || _got=$?
	[ $_got = 1 ] || fail "'$_text' is in $*, or not all of them can be read"
}

# expect_count N TEXT FILE: that many lines hold it.
expect_count() {
	_got=$(grep -cF -e "$2" "$3" || :)
	[ "$_got" = "$1" ] || fail "$_got lines with '$2' in $3, not $1"
}

# expect_desks N…: these desks show what the tip has and nothing else.
expect_desks() {
	rm -rf tip && mkdir tip
	hub archive main coordination | tar xf - -C tip
	for _each; do
		rm -rf desk && cp -R "$_each/coordination" desk
		find desk -type d -empty -delete
		diff -r tip/coordination desk || fail "desk $_each is not the tip"
	done
}
expect_empty() { # FILE: which is there
	[ -e "$1" ] && [ ! -s "$1" ] || { cat "$1"; fail "$1 is not empty"; }
}
