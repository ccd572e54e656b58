# Commands of one computer killed at their system calls, by strace: every Nth from a
# start that moves with the day, or all of them with CRASH=all (make check-crash). After
# each kill the log is whole, numbered without a gap, and true by test/history; the view
# is what it is made to anew; and the command, given again, ends as it would have.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/sessions.sh"
. "${0%/*}/kills.sh"

export TRINE_SESSION=Atlas

view() {
	trine task list --all --json
	trine lock list --json
	trine session list --json | sed -E 's/"(beat|seen|heard|age_s)": *[^,}]*//g'
}

# Computer 1 with a session, two tasks, one of them claimed, and a lock.
before_all() {
	new_fleet 1
	here=$PWD
	agent Atlas
	trine task add -m 'Free' >/dev/null
	trine task add -m 'Had' >/dev/null
	trine task claim 1_TO_1.2
	token=$(trine lock acquire had --ttl 12h)
	trine sync
}

# In the log once, whether it was killed before that or behind it.
events() { whole_log | grep -c "\"type\":\"$1\""; }

rolled_over() {
	trine sync
	[ "$(events log.continued)" = 1 ]
	# -shm, -wal: a view was made from the copy
	find 1/.trine/log -type f ! -name '000001.db-*' | sort >parts
	printf '1/.trine/log/%s\n' 000001.db 000001.jsonl | cmp - parts
	rm 1/.trine/log/000001.db*	# all of it is in the parts, too
}
a_roll_over() {
	before_all
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	head -c 70000 /dev/zero | tr '\0' x | trine send 9 -m Long - >/dev/null
	killed 60 .trine/log .trine/log rolled_over sync --offline
}

claimed() { # …: it is Atlas', whoever is told so twice
	trine "$@" || [ $? = 1 ]
	[ "$(events task.claimed)" = 2 ]
	trine task list --all --json | grep '"id": *"1_TO_1.1"' | grep -q Atlas
}
a_claim() {
	before_all
	killed 60 trine.ini event-log claimed task claim 1_TO_1.1
}

ended() {
	trine "$@" || [ $? = 1 ]
	[ "$(events task.ended)" = 1 ]
	trine task list --all --json | grep -q '"state": *"COMPLETED"'
}
a_task_that_is_done() {
	before_all
	killed 60 trine.ini event-log ended task done 1_TO_1.2 --result Yes
}

acquired() {
	trine "$@" || [ $? = 1 ]
	[ "$(events lock.acquired)" = 2 ]
}
an_acquired_lock() {
	before_all
	killed 60 trine.ini event-log acquired lock acquire new
}

released() {
	trine "$@" || [ $? = 1 ] || [ $? = 69 ]
	[ "$(events lock.released)" = 1 ]
}
a_released_lock() {
	before_all
	killed 60 trine.ini event-log released lock release had --token "$token"
}

killed_each a_roll_over a_claim a_task_that_is_done an_acquired_lock a_released_lock
finish
