# A computer that can only be read, because its disk is mounted so or by its rights: what
# only reads works, and tells all that is in the log; what writes says why it does not.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

log=1/.trine/event-log.jsonl

# As on a disk that can be written to.
read_all() { # OUT
	for command in 'task list --all' 'inbox --all' log 'show 2_TO_1.1'; do
		# shellcheck disable=SC2086 # words
		reading on 1 $command --json || fail "$command"
	done >"$1"
	for command in status inbox log stats 'task list' 'lock list' 'session list' \
		reserve 'state get key' 'instance list' 'check src/a'; do
		# shellcheck disable=SC2086
		( set +x; exec >out 2>told; reading on 1 $command ) || fail "$command"
		expect_empty told
	done
}

nothing_is_written() {
	for command in 'send 2 -m No' 'task add -m No' 'task claim No' 'lock acquire no' \
		'read 2_TO_1.1' 'state set no no' sync; do
		# shellcheck disable=SC2086
		expect_status '74 77' said told reading on 1 $command
		[ "$(wc -l <told)" = 1 ] || { cat told; fail "$command"; }
		grep -E 'Read-only file system|Permission denied' told
	done
	expect_status 74 said told reading on 1 send 2 -m No
	expect_line event-log.jsonl told
}

a_computer_with_a_past() {
	new_fleet 2
	on 1 session start --name Bob --pid $$ >/dev/null
	on 2 send 1 -m Inbound
	sync 2 1
	on 1 send 2 -m Outbound
	on 1 task add -m 'A task'
	on 1 lock acquire Old --ttl 1s >/dev/null
	on 1 state set key value
	TRINE_SESSION=Bob on 1 task claim Mine 'My task'
}

# Whatever state.db is: the log is the truth.
all_is_read() {
	a_computer_with_a_past
	read_all want
	expect_line Inbound want
	expect_line Outbound want
	expect_line Mine want
	for view in as-it-is older none junk; do
		case $view in
		older) sqlite_is_old ;;
		none) rm -f 1/.trine/state.db* ;;
		junk) head -c 20000 /dev/zero >1/.trine/state.db ;;
		esac
		cksum $log 1/.trine/state.db >before 2>/dev/null || :
		only_read 1/.trine
		read_all have
		expect_same want have
		nothing_is_written
		read_all have
		expect_same want have
		writable 1/.trine
		cksum $log 1/.trine/state.db 2>/dev/null | expect_file before
	done
	on 1 task add -m 'Another task'
	sync 1 2
	[ "$(titles 2)" = Outbound ]
}

# As a command leaves it that is killed when the log has its event.
sqlite_is_old() {
	cp -p 1/.trine/state.db* .
	on 1 task add -m 'A later task'
	cp -p state.db* 1/.trine/
	read_all want		# and brings it up to date
	cp -p state.db* 1/.trine/
}

# What a killed writer left is cut off by whoever may write, and by nobody before.
a_torn_line_stays() {
	a_computer_with_a_past
	read_all want
	printf '{"seq":99,"time":"20' >>$log
	cksum $log >before
	only_read 1/.trine
	read_all have
	expect_same want have
	cksum $log | expect_file before
	writable 1/.trine
	on 1 task add -m 'Goes on'
	grep -v 'Goes on' $log | tail -1 | grep -F '"}'
}

# The log's parts, and the copy of the view beside them, which is used and not needed.
parts_are_read() {
	a_computer_with_a_past
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	for part in 1 2; do
		head -c 70000 /dev/zero | tr '\0' x | on 1 send 9 -m "Part $part" -
		on 1 sync
	done
	read_all want
	rm -f 1/.trine/state.db*
	only_read 1/.trine
	read_all have
	expect_same want have
	writable 1/.trine
	rm 1/.trine/log/*.db
	only_read 1/.trine
	read_all have
	expect_same want have
	writable 1/.trine
}

# Somebody else may write, who has the same disk otherwise.
what_others_write_is_seen() {
	a_computer_with_a_past
	mkdir mirror
	trap 'umount mirror 2>/dev/null || :' EXIT
	mount --bind 1 mirror
	mount -o remount,ro,bind mirror
	mkfifo keys
	script -qefc "stty rows 40 cols 80; '$TRINE' -C mirror status --watch" seen \
		<keys >/dev/null 2>&1 &
	watching=$!
	exec 3>keys
	wait_until grep -q 'My task' seen
	on 1 send 2 -m 'Not yet sent'
	wait_until grep -q '2 messages in no commit' seen
	printf q >&3
	wait $watching
	exec 3>&-
	on mirror task list --all | sed 's/for [0-9]* s//' >have
	on 1 task list --all | sed 's/for [0-9]* s//' | expect_file have
}

all_points() {
	it all_is_read
	it a_torn_line_stays
	it parts_are_read
}

if [ "${1:-}" = inside ]; then
	mount --make-rprivate / 2>/dev/null
	reading() { "$@"; }
	only_read() {
		trap 'umount 1/.trine 2>/dev/null || :' EXIT
		mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"
	}
	writable() { umount "$1"; }
	all_points
	if command -v script >/dev/null; then
		it what_others_write_is_seen
	else
		skip what_others_write_is_seen 'no script(1)'
	fi
	finish
	exit
fi
in_name_space a_read_only_disk

# Rights do not bind root, unless it gives that up.
only_read() { chmod -R a-w "$1"; }
writable() { chmod -R u+w "$1"; }
if [ "$(id -u)" != 0 ]; then
	reading() { "$@"; }
	all_points
elif setpriv --bounding-set -dac_override true 2>/dev/null; then
	reading() { # on N COMMAND…
		_of=$2
		shift 2
		setpriv --bounding-set -dac_override "$TRINE" -C "$PWD/$_of" "$@"
	}
	all_points
else
	skip rights 'no setpriv'
fi
finish
