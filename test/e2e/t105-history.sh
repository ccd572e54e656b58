# What the log says of tasks and locks, read by a checker that shares nothing with
# trine: of many processes at once, some of them killed. And the checker itself, by
# logs that are wrong.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

history() { "$top/test/history" "$@"; }
log=1/.trine/event-log.jsonl

as() {
	_as=$1
	shift
	TRINE_SESSION=$_as "$TRINE" -q -C "$here/1" "$@" 2>/dev/null
}

# What one agent does until nothing is left to do: a killed command is no answer.
work() { # NAME
	while :; do
		task=$(as "$1" task next --json)
		case $? in
		0) ;;
		137) continue ;;
		*) break ;;
		esac
		id=$(echo "$task" | field id)
		as "$1" task start "$id"
		as "$1" lock run shared --wait 60s --ttl 1m -- \
			sh -c 'n=$(cat counter); echo $((n + 1)) >counter'
		case $id in
		*[3]) as "$1" task release "$id" nobody
			as "$1" task claim "$id" >/dev/null &&
				as "$1" task done "$id" --result again ;;
		*) as "$1" task done "$id" --result "by $1" ;;
		esac
	done
}

# HISTORY=all: 64 agents, 1,000 tasks; and below, as many that wait, and for a lock.
many_at_once_some_killed() {
	new_fleet 1
	workers=8 tasks=40
	[ "${HISTORY:-some}" != all ] || workers=64 tasks=1000
	echo 0 >counter
	for i in $(seq "$tasks"); do
		"$TRINE" -C 1 task add -m "Task $i" >/dev/null
	done
	for w in $(seq "$workers"); do agent "W$w"; done
	for w in $(seq "$workers"); do
		(set +ex; work "W$w") >/dev/null 2>&1 &
		echo $! >"worker.$w.pid"
	done
	for i in $(seq 20); do
		pkill -9 -f "$TRINE -q -C $here/1 (task|lock) " || :
		sleep 0.0$((i % 10))
	done
	# and an agent with all it had
	kill "$(cat W1.pid)"
	rm W1.pid
	for w in $(seq "$workers"); do
		wait "$(cat "worker.$w.pid")" || :
		rm "worker.$w.pid"
	done
	history $log
	# what killed commands left undone is still somebody's, or comes back
	at +3m on 1 session list >/dev/null
	history $log
	on 1 task list --all --json >before
	rm -f 1/.trine/state.db*
	on 1 task list --all --json | expect_file before
	on 1 task list --all --json | grep -c '"state": *"COMPLETED"' >done
	[ "$(cat done)" -gt $((tasks / 2)) ]
}

# ---- the same, by those that wait ----

# kill_some N: so many commands of computer 1, one each few milliseconds.
kill_some() {
	for _each in $(seq "$1"); do
		_pid=$(pgrep -f "^$TRINE -q -C $here/1 (task|lock) " | sort -R | head -n 1)
		[ -z "$_pid" ] || kill -9 "$_pid" || :
		sleep 0.0$((_each % 10))
	done
}

# all_of FUNCTION: N agents at once, W1 … WN, while some of what they call is killed.
all_of() { # FUNCTION N KILLS
	for w in $(seq "$2"); do agent "W$w"; done
	for w in $(seq "$2"); do
		(set +ex; "$1" "W$w") >"said.$w" 2>&1 &
		echo $! >"worker.$w.pid"
	done
	(set +x; kill_some "$3")
	for w in $(seq "$2"); do
		wait "$(cat "worker.$w.pid")" || :
		rm "worker.$w.pid"
	done
}

# Until there is nothing for a while, and nothing more will come.
wait_and_work() { # NAME
	while :; do
		task=$(as "$1" task next --wait 2s --json)
		case $? in
		0) as "$1" task done "$(echo "$task" | field id)" --result "by $1" ;;
		137) ;;
		*) [ ! -e all-added ] || break ;;
		esac
	done
}

add_slowly() { # TASKS
	for i in $(seq "$1"); do
		"$TRINE" -q -C "$here/1" task add -m "Task $i" >/dev/null
		[ $((i % 8)) != 0 ] || sleep 0.2
	done
	touch all-added
}

left_over() { on 1 task list --json | field state; }

many_wait_some_killed() {
	new_fleet 1
	workers=6 tasks=24 kills=25
	[ "${HISTORY:-some}" != all ] || workers=64 tasks=1000 kills=300
	(set +ex; add_slowly $tasks) >/dev/null 2>&1 &
	echo $! >adder.pid
	all_of wait_and_work $workers $kills
	wait "$(cat adder.pid)"
	rm adder.pid
	history $log
	# what killed ones got nobody works on; with their agents gone it comes back at once
	for w in $(seq $workers); do leave "W$w"; done
	at +3m on 1 session list >/dev/null
	left_over | grep -v -x QUEUED >others || :
	expect_empty others
	left=$(left_over | wc -l)
	agent Last
	at +3m as Last task next --json >task || [ "$left" = 0 ]
	while [ -s task ]; do
		at +3m as Last task done "$(field id <task)"
		at +3m as Last task next --json >task || :
	done
	left_over >others
	expect_empty others
	added=$(grep -c '"type":"task.added"' $log)
	[ "$added" -gt $((tasks / 2)) ]
	[ "$(grep -c '"type":"task.ended"' $log)" = "$added" ]
	history $log
	echo "# $workers that waited, $added tasks, $left came back" >>"$base/counts"
}

# Numbers, one a line, each by who read the one before: two at once would write the same.
last_number() { tail -n 1 counter | sed 's/ .*//'; }

# One of its turns: with a token, which still holds behind it.
count_with_token() { # NAME
	token=$(as "$1" lock acquire shared --wait 60s --ttl 1h) ||
		token=$(on 1 lock list --json | grep "($1)" |
			sed 's/.*"token": *\([0-9]*\).*/\1/')
	[ -n "$token" ] || return 1
	mkdir inside || echo "$1" >>two-inside
	n=$(last_number)
	sleep 0.00$((n % 7))
	echo "$((n + 1)) $1" >>counter
	rmdir inside
	until as "$1" lock renew shared --token "$token"; do
		[ $? = 137 ] || echo "$1" >>lost
	done
	until as "$1" lock release shared --token "$token" || [ $? = 1 ]; do :; done
}

# Odd ones take it with a token, the others run a command under it, which ends with it.
count_turns() { # NAME
	turn=0
	while [ $turn -lt "$turns" ]; do
		case $1 in
		*[13579]) count_with_token "$1" && turn=$((turn + 1)) ;;
		*) as "$1" lock run shared --wait 60s --ttl 1m -- ./count "$1" &&
				echo "$1" >>confirmed
			turn=$((turn + 1)) ;;
		esac
	done
}

a_lock_keeps_them_apart() {
	new_fleet 1
	workers=6 turns=5 kills=40
	[ "${HISTORY:-some}" != all ] || workers=64 turns=20 kills=600
	echo '0 nobody' >counter
	: >confirmed
	cat >count <<-'END'
	#!/bin/sh
	n=$(tail -n 1 counter)
	n=${n% *}
	sleep 0.00$((n % 7))
	echo "$((n + 1)) $1" >>counter
	END
	chmod +x count
	all_of count_turns $workers $kills
	[ ! -e two-inside ]
	[ ! -e lost ]
	sed 's/ .*//' counter >numbers
	seq 0 $(($(wc -l <counter) - 1)) | diff - numbers
	[ "$(grep -c '[13579]$' counter)" = $((workers / 2 * turns)) ]
	for w in $(seq 2 2 $workers); do
		[ "$(grep -c " W$w\$" counter)" -ge "$(grep -c -x "W$w" confirmed)" ]
	done
	history $log
	echo "# $workers with a lock, $(($(wc -l <counter) - 1)) times inside," \
		"$(wc -l <confirmed) of $((workers / 2 * turns)) commands lived" >>"$base/counts"
}

# wrong WHAT LINE…: a log that says so is found out.
wrong() {
	_what=$1
	shift
	_seq=0
	for _line; do
		_seq=$((_seq + 1))
		echo "{\"seq\":$_seq,\"time\":\"2026-11-20T13:1$_seq:00Z\",$_line}"
	done >wrong.jsonl
	if history wrong.jsonl >said; then fail "$_what: not found"; fi
	expect_line "$_what" said
}

lock='"type":"lock.acquired","name":"L","holder":"a","until":"2026-11-20T13:30:00Z"'
added='"type":"task.added","id":"T"'
claimed='"type":"task.claimed","id":"T","session":7'
ended='"type":"task.ended","id":"T","state":"COMPLETED"'
lock2=$(echo "$lock" | sed 's/"L"/"R"/')
needy='"type":"task.added","id":"N","message":{"needs":"R"}'
needed='"type":"task.claimed","id":"N","session":7,"needs":["R"]'
fails='"type":"task.added","id":"F","message":{"retries":"1"}'
again='"type":"task.again","id":"F","attempt":1,"until":"2026-11-20T13:15:00Z"'
voted='"type":"task.added","id":"P","session":1,"message":{"approvals":"2"}'
vote='"type":"task.approved","id":"P","session":2'
second='"type":"task.added","id":"U","message":{"after":"[V, T]"}'

# wants WHO, offers GENERATION BEAT, holds GENERATION, gives: events of a claim.
wants() { echo "\"type\":\"claim.wanted\",\"name\":\"lock/C\",\"lease\":900,\"by\":\"$1\""; }
offers() {
	echo "\"type\":\"claim.offered\",\"name\":\"lock/C\",\"generation\":$1,\"beat\":$2"
}
holds() { echo "\"type\":\"claim.held\",\"name\":\"lock/C\",\"generation\":$1"; }
gives='"type":"claim.released","name":"lock/C"'

wrong_claims_are_found_out() {
	wrong 'lock/C is held, and was not offered' "$(wants a)" "$(holds 1)"
	wrong 'lock/C is held with generation 2, offered with 1' "$(wants a)" \
		"$(offers 1 1)" "$(holds 2)"
	wrong 'lock/C is offered, and nobody wants it' "$(wants a)" "$gives" \
		"$(offers 1 1)"
	wrong 'lock/C is held, and was not offered' "$(wants a)" "$(offers 1 1)" \
		"$gives" "$(holds 1)"
	wrong 'lock/C ends, and nobody wants it' "$(wants a)" "$gives" "$gives"
	# the token of a would hold for b
	wrong 'offered with generation 1 behind 1' "$(wants a)" "$(offers 1 1)" \
		"$(holds 1)" "$gives" "$(wants b)" "$(offers 1 2)"
	wrong 'offered with beat 1 behind 1' "$(wants a)" "$(offers 1 1)" \
		"$(holds 1)" "$(offers 1 1)"
	wrong 'another generation while it is held' "$(wants a)" "$(offers 1 1)" \
		"$(holds 1)" "$(offers 2 1)"
	wrong 'lock/C is wanted by b, and a has it' "$(wants a)" "$(offers 1 1)" \
		"$(holds 1)" "$(wants b)"
	wrong 'offered with generation 4 behind 5' \
		'"type":"computer.seen","computer":2,"generation":5' "$(wants a)" \
		"$(offers 4 1)"
}

# What computer 2 says that it has, first seen at 5 s of the clock of leases.
told='"type":"computer.seen","computer":2,"steady":5000,"boot":"b","claims":{"lock/C":'
told="$told{\"generation\":3,\"beat\":1,\"lease\":600}}"

wrong_takeovers_are_found_out() {
	offer="$(offers 4 1),\"boot\":\"b\",\"steady\":"
	wrong 'lock/C is offered while computer 2 has it' "$(wants a)" "$told" \
		"${offer}664000"
	# it was no other one for being told once more, and a beat begins it anew
	log right 0 "$(wants a)" "$told" "$(echo "$told" | sed s/5000/9000/)" \
		"${offer}665000"
	history right
	wrong 'lock/C is offered while computer 2 has it' "$(wants a)" "$told" \
		"$(echo "$told" | sed 's/5000/9000/; s/"beat":1/"beat":2/')" \
		"${offer}665000"
	log right 0 "$(wants a)" "$told" '"type":"computer.seen","computer":2' \
		"${offer}6000"
	history right
}

# log FILE SECOND LINE…: a log with a line each second from there on.
log() {
	_file=$1 _at=$2 _seq=0
	shift 2
	for _line; do
		_seq=$((_seq + 1))
		printf '{"seq":%d,"time":"2026-11-20T13:10:%02dZ",%s}\n' $_seq \
			$((_at + _seq)) "$_line"
	done >"$_file"
}

# fleet FROM GENERATION: computer 1 has the lock from second 3 to 10, with generation 4;
# and 2 from FROM on.
fleet() {
	log one 0 "$(wants a)" "$(offers 4 1)" "$(holds 4)" "$other" "$other" \
		"$other" "$other" "$other" "$(offers 4 2)" "$gives"
	log two $(($1 - 3)) "$(wants b)" "$(offers "$2" 1)" "$(holds "$2")"
	history one two
	history --fleet one two >said
}

wrong_fleets_are_found_out() {
	other='"type":"message.read"'
	fleet 10 5
	fleet 20 9
	# what was held before has the lower generation
	if fleet 9 5; then fail 'held by two: not found'; fi
	expect_line 'of all: lock/C is held in two with generation 5 while one holds it' said
	if fleet 10 3; then fail 'an older one takes it: not found'; fi
	expect_line 'while two holds it with 3' said
	if fleet 10 4; then fail 'a generation of two: not found'; fi
	expect_line 'generation 4 is that of lock/C in one and of lock/C in two' said
	# one who was not heard of for a lease, and a little, has it no more
	log one 0 "$(wants a | sed 's/900/10/')" "$(offers 4 1)" "$(holds 4)"
	log two 9 "$(wants b)" "$(offers 5 1)" "$(holds 5)"
	history --fleet one two
	log one 0 "$(wants a)" "$(offers 4 1)" "$(holds 4)"
	if history --fleet one two >said; then fail 'taken in its lease: not found'; fi
}

wrong_logs_are_found_out() {
	wrong 'L is taken by a while a has it' "$lock" "$lock"
	wrong 'released by who has it not' "$lock" \
		'"type":"lock.released","name":"L","token":9'
	wrong 'renewed by who has it not' '"type":"lock.renewed","name":"L","token":1'
	wrong 'T is given to session 7 while session 7 has it' "$added" "$claimed" \
		"$claimed"
	wrong 'while worker' "$added" \
		'"type":"message.begun","id":"T","instance":"i"' "$claimed"
	wrong 'T ends a second time' "$added" "$claimed" "$ended" "$ended"
	wrong 'has ended' "$added" "$ended" "$claimed"
	wrong 'which nobody has' "$added" '"type":"task.started","id":"T"'
	wrong 'there is T already' "$added" "$added"
	wrong 'a session that has ended' \
		'"type":"session.started","number":1' "$added" \
		'"type":"task.claimed","id":"T","session":1' \
		'"type":"session.ended","session":1'
	wrong 'registered twice' '"type":"session.started","number":1' \
		'"type":"session.started","number":1'
	wrong 'N is given away without R' "$needy" '"type":"task.claimed","id":"N"'
	wrong 'R is taken for N while a has it' "$needy" "$lock2" "$needed"
	wrong 'R is taken by a while N has it' "$needy" "$needed" "$lock2"
	wrong 'R is taken for M while N has it' "$needy" "$needed" \
		'"type":"task.added","id":"M"' \
		'"type":"message.handing","id":"M","needs":["R"]'
	wrong 'F is tried again too often' "$fails" "$again" "$again"
	wrong 'attempt 1 of F ends a second time' "$fails" "$again" "$again"
	wrong 'F is given away 120 s too early' "$fails" "$again" \
		'"type":"task.claimed","id":"F"'
	wrong 'F is tried again, and has ended' "$fails" \
		'"type":"task.ended","id":"F","state":"FAILED"' "$again"
	wrong 'P is given away with 1 approvals' "$voted" "$vote" "$vote" \
		'"type":"task.claimed","id":"P"'
	wrong 'P is approved by who added it' "$voted" \
		'"type":"task.approved","id":"P","session":1'
	wrong 'U is given away before V is completed' "$added" "$claimed" "$ended" \
		"$second" '"type":"task.claimed","id":"U","session":7'
	wrong 'U is given away before T is completed' "$added" "$claimed" \
		'"type":"task.ended","id":"T","state":"FAILED"' "$second" \
		'"type":"message.handing","id":"U","instance":"i"'
	echo 'no json' >wrong.jsonl
	if history wrong.jsonl >said; then fail 'no JSON: not found'; fi
	# and a right one is right
	printf '{"seq":%d,"time":"2026-11-20T13:10:00Z",%s}\n' 1 "$added" \
		2 "$claimed" 3 "$ended" >right.jsonl
	history right.jsonl
}

if perl -MJSON::PP -e 1 2>/dev/null; then
	it many_at_once_some_killed
	it many_wait_some_killed
	it a_lock_keeps_them_apart
	cat "$base/counts"
	it wrong_logs_are_found_out
	it wrong_claims_are_found_out
	it wrong_takeovers_are_found_out
	it wrong_fleets_are_found_out
else
	skip many_at_once_some_killed 'no JSON::PP'
fi
finish
