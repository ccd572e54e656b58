# The event log as a stream: nothing is missing and nothing comes twice, whoever is cut
# off, however slow he is, and in whatever part of the log he was.
#
# It mostly waits.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/daemon.sh"

# events SECONDS FILE [OPTION…]: what comes in that time is added to it.
events() {
	_most=$1 _file=$2 _query=$3
	shift 3
	curl -sSN -m "$_most" -H "Authorization: Bearer $token" "$@" \
		"$url/api/events$_query" >>"$_file" 2>/dev/null || :
}
numbers() { sed -n 's/^id: //p' "$1"; }
# All numbers from A to B, each once, in order.
expect_all() { # FILE A B
	numbers "$1" >got
	seq "$2" "$3" | diff - got || fail "not each event from $2 to $3 once"
}
last_seq() { on 1 log --json | tail -n 1 | sed 's/^{"seq":\([0-9]*\).*/\1/'; }
add() { on 1 task add -m "$1" >/dev/null; }

it_comes_as_it_is_written() {
	serve_api
	events 6 text '' &
	_reads=$!
	sleep 1
	add One
	add Two
	wait $_reads
	expect_count 2 'event: task.added' text
	grep -q '^data: {"seq":.*"type":"task.added".*"crc":"[0-9a-f]*"}$' text
	# of what was before, nothing
	no_line 'event: all.started' text
}

who_was_cut_off_goes_on() {	# while events are written all the time
	serve_api
	for i in $(seq 60); do add "Task $i"; done &
	_writes=$!
	: >text
	for _try in 1 2 3 4 5 6 7 8 9 10 11 12; do
		_last=$(numbers text | tail -n 1)
		events 0.7 text '?since=0' -H "Last-Event-ID: ${_last:-0}"
		# what was cut in the middle does not count: it has no empty line
		perl -0pi -e 's/(\A|\n\n)(?!.*\n\n).*\z/$1/s' text
	done
	wait $_writes
	_last=$(numbers text | tail -n 1)
	events 2 text '?since=0' -H "Last-Event-ID: ${_last:-0}"
	expect_all text 1 "$(last_seq)"
}

old_parts_are_read_too() {
	serve_api
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	for i in 1 2 3; do
		for k in 1 2; do
			perl -e 'print "x" x 50000' | on 1 task add -m "Task $i $k" - \
				>/dev/null
			add "Task $i $k, small"
		done
		sync 1
	done
	[ -e 1/.trine/log/000002.jsonl ]
	events 2 text '?since=0'
	expect_all text 1 "$(last_seq)"
	: >text
	events 2 text '' -H 'Last-Event-ID: 4'
	expect_all text 5 "$(last_seq)"
	: >text
	last=$(last_seq)	# the daemon's own cycle may add some
	events 2 text '' -H 'Last-Event-ID: 1000000'
	[ -z "$(numbers text | awk -v last="$last" '$1 <= last')" ]
}

what_is_not_wanted_is_left_out() {
	serve_api
	agent Atlas
	add One
	TRINE_SESSION=Atlas on 1 task claim 1_TO_1.1 >/dev/null
	on 1 state set leader Atlas >/dev/null
	events 2 text '?since=0&type=task.'
	expect_count 2 'event: ' text
	expect_count 2 'event: task.' text
	: >text
	events 2 text '?since=0&session=Atlas'
	expect_line 'event: task.claimed' text
	no_line 'event: value.set' text
	no_line 'event: task.added' text
}

many_get_the_same() {
	serve_api
	perl "$top/test/e2e/http.pl" "${url#http://}" streams 200 "$token" 10 >many 2>&1 &
	_many=$!
	wait_until grep -q open many
	for i in 1 2 3 4 5 6 7 8 9 10; do add "Task $i"; done
	wait $_many || { cat many; fail 'not all of them'; }
	expect_line '0 lack some' many
}

slow_readers_hold_up_nobody() {
	serve_api
	for i in $(seq 40); do
		perl -e 'print "x" x 200000' | on 1 task add -m "Large $i" - >/dev/null
	done
	# reads nothing for a while, and then all of it
	curl -sSN -m 25 --limit-rate 100k -H "Authorization: Bearer $token" \
		"$url/api/events?since=0" >slow 2>/dev/null &
	_slow=$!
	for _try in 1 2 3 4 5; do
		[ "$(curl -sS -m 2 "$url/livez")" = ok ]
	done
	events 4 text '?since=0'
	expect_all text 1 "$(last_seq)"
	# nothing of what he has not read is kept for him
	_kb=$(sed -n 's/^VmRSS: *\([0-9]*\).*/\1/p' "/proc/$(web_pid 1)/status" \
		2>/dev/null || echo 0)
	[ "${_kb:-0}" -lt 60000 ] || fail "$_kb KB"
	kill $_slow
}

it it_comes_as_it_is_written
it who_was_cut_off_goes_on
it old_parts_are_read_too
it what_is_not_wanted_is_left_out
it many_get_the_same
it slow_readers_hold_up_nobody
finish
