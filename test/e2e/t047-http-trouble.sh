# A service that is away, full, silent or cut off: each task is done once, or a person
# is asked; and its worker, whatever becomes of it.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/work.sh"

# It has the request, and nobody knows what it did with it.
no_answer_is_a_doubt() {
	service 'capacity = 4' 'timeout = 2s'
	expect_answers <<-'END'
	hang/BLOCKED/in doubt: the request was sent, and no answer came (Operation timed out
	hang-200/BLOCKED/in doubt: the service answered 200
	close/BLOCKED/in doubt: the request was sent, and no answer came
	continue/BLOCKED/in doubt: the request was sent, and no answer came
	hints/BLOCKED/in doubt: the request was sent, and no answer came
	switch/BLOCKED/in doubt: the request was sent, and no answer came
	garbage/BLOCKED/in doubt: the request was sent, and no answer came
	old/BLOCKED/in doubt: the request was sent, and no answer came
	endless/ASSIGNED/
	headers/BLOCKED/in doubt
	END
	sync 1 1
	nobody_left
	[ "$(requests)" = 10 ]
}

who_is_idempotent_gets_it_again() {
	service 'idempotent = yes' 'timeout = 1s' 'capacity = 4'
	task -m 'hang done'
	task -m 'close done'
	task -m 'half done'
	sync 2 1
	for id in 2_TO_1.1 2_TO_1.2 2_TO_1.3; do
		wait_for 1 $id COMPLETED
		[ "$(requests $id)" = 2 ]
		expect_line '"attempt":2' asked/$id.2
	done
}

not_taken_is_tried_again() {
	service 'capacity = 8'
	for status in 500 503 409 429 404 401 408 retry; do
		task -m "$status 200"
	done
	task -m '500 502 done'
	sync 2 1
	wait_for 1 2_TO_1.9 COMPLETED
	wait_until nobody_left
	for id in 1 2 3 4 5 6 7 8; do
		[ "$(state 1 2_TO_1.$id)" = ASSIGNED ]
		[ "$(requests 2_TO_1.$id)" = 2 ]
	done
	[ "$(requests)" = 19 ]
	on 1 log --type message.deferred --json >deferred
	while read -r line; do
		at=$(echo "$line" | field time) until=$(echo "$line" | field until)
		echo $(($(date -d "$until" +%s) - $(date -d "$at" +%s)))
	done <deferred | sort -n >pauses
	printf '2\n2\n2\n2\n2\n2\n2\n2\n2\n4\n' | expect_file pauses
}

one_that_is_down_is_waited_for() {
	service
	down=$port
	stop_server service
	wait_until eval '! listening "$down"'
	task -m 'done'
	sync 2 1
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 |
		grep 'http://127.0.0.1:$down/work could not be reached: '"
	[ "$(requests)" = 0 ]
	serve_tasks "$down"
	wait_for 1 2_TO_1.1 COMPLETED
	[ "$(requests)" = 1 ]
	expect_line '"id":"2_TO_1.1"' asked/2_TO_1.1.1
}

# When it was to be tried again, the clock was a day ahead.
a_clock_that_was_wrong() {
	service
	down=$port
	stop_server service
	wait_until eval '! listening "$down"'
	task -m 'done'
	sync 2
	at +1d sync 1
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 | grep 'could not be reached'"
	workers | xargs kill
	wait_until nobody_left
	serve_tasks "$down"
	sync 1
	wait_for 1 2_TO_1.1 COMPLETED
}

never_more_open_than_it_can() {
	service 'capacity = 3'
	for i in 1 2 3 4 5 6 7 8 9; do task -m short; done
	sync 2
	sync 1 & sync 1 & sync 1 &
	wait_until test -e asked/2_TO_1.9.1
	sync 1 1
	wait_until nobody_left
	[ "$(sort -n asked/many | tail -1)" = 3 ]
	[ "$(requests)" = 9 ]
}

# 202: it works on it, and is as full as one that has not answered.
it_works_on_it() {
	service 'capacity = 2'
	task -m 202
	task -m works
	task -m 'done'
	sync 2 1
	wait_until nobody_left
	sync 1
	wait_until nobody_left
	[ "$(requests)" = 2 ]
	json 1 status
	expect_line '"state":"BUSY","queued":1,"running":2,"capacity":2' json
	[ "$(state 1 2_TO_1.1)" = IN_PROGRESS ]
	# what it said it works on ends, and the next one comes
	on 1 reply 2_TO_1.2 -m 'Here it is'
	sync 1
	wait_for 1 2_TO_1.3 COMPLETED
	wait_until nobody_left
	at +29m sync 1
	[ "$(state 1 2_TO_1.1)" = IN_PROGRESS ]
	at +31m sync 1 1 2
	became 2_TO_1.1 BLOCKED 'in doubt: the service took it, and its timeout went by'
	at +31m sync 1
	[ "$(requests)" = 3 ]
	on 1 reply 2_TO_1.1 -m 'Late, but here'
	sync 1 2
	became 2_TO_1.1 COMPLETED
}

# What the service worked on does not keep a program from working that came in its
# place.
a_program_in_its_place() {
	service
	task -m 202
	task -m 'Wait'
	sync 2 1
	wait_for 1 2_TO_1.1 IN_PROGRESS
	wait_until nobody_left
	sed -i 's,deliver = http,deliver = exec,; s,^url = http:.*,exec = /bin/true,' \
		1/.trine/trine.ini
	sync 1
	[ "$(state 1 2_TO_1.2)" = ASSIGNED ]
	at +31m sync 1
	[ "$(state 1 2_TO_1.1)" = BLOCKED ]
	wait_for 1 2_TO_1.2 COMPLETED
}

a_killed_worker_leaves_a_doubt() {
	service
	task -m wait
	sync 2 1
	wait_until test -e asked/2_TO_1.1.1
	workers | xargs kill -9
	wait_until nobody_left
	: >asked/go
	sync 1 1 2
	became 2_TO_1.1 BLOCKED 'in doubt: the worker that had it is gone'
	sync 1 1
	nobody_left
	[ "$(requests)" = 1 ]
}

# Killed at any moment, nothing is sent twice, and nothing is forgotten.
killed_at_any_moment() {
	service 'retries = 0' 'capacity = 2'
	for i in 1 2 3 4 5 6 7 8 9; do task -m 'done'; task -m short; done
	sync 2
	for i in $(seq 24); do
		sync 1 >/dev/null
		sleep 0.0$((i * 7 % 10))
		workers | xargs -r kill -9 || :
	done
	sync 1
	wait_until nobody_left
	sync 1
	for i in $(seq 18); do
		case $(state 1 2_TO_1.$i) in
		COMPLETED|ASSIGNED) [ "$(requests 2_TO_1.$i)" = 1 ] ;;
		BLOCKED) [ "$(requests 2_TO_1.$i)" -le 1 ] ;;
		*) fail "2_TO_1.$i is $(state 1 2_TO_1.$i)" ;;
		esac
	done
	json 1 status
	expect_line '"queued":0,"running":0' json
}

# The section goes, or the worker is told to end: before the service has the request
# the task waits as it did; behind it, nobody knows.
it_ends_when_it_is_to() {
	service
	task -m wait
	sync 2 1
	wait_until test -e asked/2_TO_1.1.1
	workers | xargs kill
	wait_until nobody_left
	sync 1 2
	became 2_TO_1.1 BLOCKED 'no answer came (its worker was told to end)'
	# it says hello by TLS, and is not answered
	sed -i 's,url = http:,url = https:,' 1/.trine/trine.ini
	task -m wait
	sync 2 1
	wait_for 1 2_TO_1.2 IN_PROGRESS
	sed -i '/\[instance agent\]/,$d' 1/.trine/trine.ini
	wait_until nobody_left
	on 1 show 2_TO_1.2 >shown
	expect_line 'could not be reached: trine.ini has no such instance' shown
	sync 1
	[ "$(state 1 2_TO_1.2)" = QUEUED ]
	[ "$(requests)" = 1 ]
}

it no_answer_is_a_doubt
it who_is_idempotent_gets_it_again
it not_taken_is_tried_again
it one_that_is_down_is_waited_for
it a_clock_that_was_wrong
it never_more_open_than_it_can
it it_works_on_it
it a_program_in_its_place
it a_killed_worker_leaves_a_doubt
it killed_at_any_moment
it it_ends_when_it_is_to
finish
