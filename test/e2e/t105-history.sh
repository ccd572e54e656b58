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

# HISTORY=all: 64 agents, 1,000 tasks.
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
	it wrong_logs_are_found_out
else
	skip many_at_once_some_killed 'no JSON::PP'
fi
finish
