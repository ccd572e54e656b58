# A program works on tasks, behind the cycle: once each, with what was sent and
# nothing else, and its result travels back.
. "${0%/*}/lib.sh"
. "${0%/*}/work.sh"
. "${0%/*}/forge.sh"

the_result_travels_back() {
	program <<-'END'
	#!/bin/sh
	cat >got
	echo "It is built."
	END
	printf 'Use the new schema.\n' | task -m 'Build it' -
	sync 2 1
	wait_for 1 2_TO_1.1 COMPLETED
	sync 1 2
	on 2 inbox >list
	expect_line 'Done: Build it' list
	on 2 show 1_TO_2.1 >shown
	expect_line 'It is built.' shown
	expect_line 're: 2_TO_1.1' shown
	expect_line 'from: agent' shown
	[ "$(state 2 2_TO_1.1)" = COMPLETED ]
	# the whole story, as the asker sees it
	on 2 show 2_TO_1.1 >story
	for event in sent committed pushed 'started .*on computer 1, agent' \
		'received .*on computer 1' 'answered .*on computer 1'; do
		expect_match "$event" story
	done
	# and it got what was sent
	json=1/.trine/work/agent/got
	for part in '"id":"2_TO_1.1"' '"title":"Build it"' '"schema":1' \
		'"body":"Use the new schema.\n"' '"attempt":1' \
		'"instance":"agent"' '"state":"IN_PROGRESS"'; do
		expect_line "$part" $json
	done
	[ "$(wc -l <$json)" = 1 ]
	wait_until nobody_left
	sync 1 2 1
	on 2 inbox --all >list
	expect_count 1 'Done: Build it' list
}

it_runs_behind_the_cycle() {
	program <<-'END'
	#!/bin/sh
	while [ ! -e go ]; do sleep 0.1; done
	END
	task -m 'Long one'
	task -m 'Waits behind it'
	sync 2 1
	wait_for 1 2_TO_1.1 IN_PROGRESS
	sync 1 1
	json 1 status
	expect_line '"state":"BUSY","queued":1,"running":1,"capacity":1' json
	expect_line '"state":"WORKING"' json
	expect_line '"doing":[{"id":"2_TO_1.1","title":"Long one","since":"' json
	on 1 status >text
	expect_line 'agent  works on 1 of 1, 1 queued' text
	expect_line '2_TO_1.1  Long one  for ' text
	hub_show COMPUTER_1.md >shown
	expect_line '| agent | BUSY | 1/1 | 2_TO_1.1 Long one |' shown
	expect_match '^\*\*WORKING\*\* .* 1 task in progress, 1 queued' shown
	# it is in nobody's inbox any more
	on 1 inbox >list
	no_line 'Long one' list
	touch 1/.trine/work/agent/go
	wait_for 1 2_TO_1.2 COMPLETED
	wait_until nobody_left
	sync 1
	hub_show COMPUTER_1.md | grep -F '| agent | unknown | 0/1 |'
}

exits_say_what_became_of_it() {
	program 'retries = 0' <<-'END'
	#!/bin/sh
	case $(cat) in
	*'"title":"exit 3"'*) echo nothing; echo "no such file" >&2; exit 3 ;;
	*'"title":"quiet"'*) echo "only said"; exit 4 ;;
	*'"title":"signal"'*) kill -SEGV $$ ;;
	*'"title":"later"'*) exit 75 ;;
	*'"title":"nothing"'*) ;;
	esac
	END
	for title in 'exit 3' quiet signal later nothing; do task -m "$title"; done
	sync 2 1
	wait_for 1 2_TO_1.5 COMPLETED
	sync 1 2
	for pair in '1 Failed: exit 3/ended with 3/no such file' \
		'2 Failed: quiet/ended with 4/only said' \
		'3 Failed: signal/died of signal 11/' \
		'4 Failed: later/asked to be tried again later/'; do
		on 2 show "1_TO_2.${pair%% *}" >shown
		title=${pair#* }
		expect_line "## ${title%%/*}" shown
		rest=${title#*/}
		expect_match "^${rest%%/*}" shown
		expect_line "${rest#*/}" shown
		[ "$(state 2 "2_TO_1.${pair%% *}")" = FAILED ]
	done
	on 2 show 1_TO_2.5 >shown
	expect_match '^## Done: nothing' shown
}

later_is_tried_again() {
	program 'retries = 3' <<-'END'
	#!/bin/sh
	echo x >>tries
	[ "$(wc -l <tries)" -ge 3 ] || exit 75
	echo "try $TRINE_ATTEMPT"
	END
	task -m 'Not yet'
	sync 2 1
	wait_for 1 2_TO_1.1 COMPLETED
	[ "$(wc -l <1/.trine/work/agent/tries)" = 3 ]
	on 1 show 2_TO_1.1 >shown
	expect_matches 3 '^  started ' shown
	expect_matches 2 '^  deferred ' shown
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_line 'try 3' shown
	expect_line 'attempt: 3' shown
	wait_until nobody_left
}

# How long the pauses are says the log.
the_pauses_grow() {
	program 'retries = 2' <<-'END'
	#!/bin/sh
	exit 75
	END
	task -m 'Never'
	sync 2 1
	wait_for 1 2_TO_1.1 FAILED
	on 1 log --type message.deferred --json >deferred
	[ "$(wc -l <deferred)" = 2 ]
	while read -r line; do
		at=$(echo "$line" | field time) until=$(echo "$line" | field until)
		echo $(($(date -d "$until" +%s) - $(date -d "$at" +%s)))
	done <deferred >pauses
	printf '2\n4\n' | expect_file pauses
}

a_missing_program_is_a_reason_to_wait() {
	program 'retries = 8' <<-'END'
	#!/bin/sh
	echo there
	END
	mv agent gone
	task -m 'Where are you'
	sync 2 1
	wait_until test -s 1/.trine/run/work/agent.1
	on 1 show 2_TO_1.1 >shown
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 | grep 'cannot run $PWD/agent: No such file'"
	: >agent		# there, and not to be run
	wait_until sh -c "'$TRINE' -C 1 show 2_TO_1.1 | grep 'cannot run $PWD/agent: Permission'"
	mv gone agent
	wait_for 1 2_TO_1.1 COMPLETED
}

its_time_is_bounded() {
	program 'timeout = 1s' <<-'END'
	#!/bin/sh
	echo "so far"
	sleep 1000 &
	echo $! >child
	wait
	END
	task -m 'For ever'
	sync 2 1
	wait_for 1 2_TO_1.1 FAILED
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_line 'ended by us: it had not finished after 1 s' shown
	expect_line 'so far' shown
	wait_until is_gone "$(cat 1/.trine/work/agent/child)"
	wait_until nobody_left
}

never_more_than_it_can() {
	program 'capacity = 3' <<-'END'
	#!/bin/sh
	: >"at.$$"
	ls at.* | wc -l >>many
	sleep 0.3
	rm "at.$$"
	END
	for i in 1 2 3 4 5 6 7 8 9; do task -m "Number $i"; done
	sync 2
	sync 1 & sync 1 & sync 1 &
	wait
	sync 1 1
	wait_for 1 2_TO_1.9 COMPLETED
	for i in 1 2 3 4 5 6 7 8; do wait_for 1 2_TO_1.$i COMPLETED; done
	[ "$(sort -n 1/.trine/work/agent/many | tail -1)" = 3 ]
	[ "$(wc -l <1/.trine/work/agent/many)" = 9 ]
	on 1 log --type message.begun >begun
	expect_count 9 message.begun begun
}

the_urgent_one_goes_first() {
	program <<-'END'
	#!/bin/sh
	sed 's/.*"title":"\([^"]*\)".*/\1/' >>order
	while [ ! -e go ]; do sleep 0.05; done
	END
	task -m first
	sync 2 1
	wait_for 1 2_TO_1.1 IN_PROGRESS
	task -p low -m low
	task -m normal
	task -p urgent -m urgent
	task -p high -m high
	sync 2 1
	touch 1/.trine/work/agent/go
	wait_for 1 2_TO_1.2 COMPLETED
	printf '%s\n' first urgent high normal low |
		expect_file 1/.trine/work/agent/order
}

# An agent may have started the cycle, and a program that works on a task: what comes
# behind it is not theirs.
it_acts_for_nobody_who_called() {
	program <<-END
	#!/bin/sh
	env >with
	$TRINE lock acquire deploy >token && $TRINE lock list
	END
	sleep 1000 &
	echo $! >agent.pid
	on 1 session start --name Atlas --pid "$(cat agent.pid)"
	task -m 'Whose'
	sync 2
	TRINE_SESSION=Atlas TRINE_LOCK=deploy TRINE_LOCK_TOKEN=1 TRINE_TASK=2_TO_1.9 \
		TRINE_INSTANCE=other TRINE_COPY=3 TRINE_ALERT=1_TO_ALL.1 sync 1
	wait_for 1 2_TO_1.1 COMPLETED
	grep '^TRINE_' 1/.trine/work/agent/with | grep -v '_TEST_\|_NO_' | sort >have
	expect_file have <<-END
	TRINE_ATTEMPT=1
	TRINE_DIR=$PWD/1
	TRINE_INSTANCE=agent
	TRINE_TASK=2_TO_1.1
	END
	on 1 lock list >list
	no_line Atlas list
	expect_line deploy list
}

# Nothing of a text is ever a word of a command.
a_text_is_only_data() {
	program <<-'END'
	#!/bin/sh
	cat >"got.$TRINE_TASK"
	env >>"env.$TRINE_TASK"
	printf '%s\n' "$#" >>args
	END
	printf 'x' >body
	for c in $(seq 1 8) 11 12 $(seq 14 31) 127; do
		printf "\\$(printf %o "$c")" >>body
	done
	printf '\t\n$(touch pwned) `touch pwned`; touch pwned\n../../../etc\n' >>body
	task -m '--help; $(touch pwned)' body
	task -m '/etc/passwd' - <body
	on 2 send 1 -t task --for agent -m "$(printf 'a title')" - <<-END
	$(printf '\033]0;owned\007 \033[2J')
	END
	head -c 262143 /dev/zero | tr '\0' y >large
	task -m large large
	sync 2 1
	wait_for 1 2_TO_1.4 COMPLETED
	cd 1/.trine/work/agent || exit 1
	for id in 1 2 3 4; do
		on2="$TRINE -C $here/2 show 2_TO_1.$id --json"
		perl -MJSON::PP -e '
			local $/; my ($got, $sent) = map { open my $f, "-|", @$_
				or die; decode_json(<$f>) } (["cat", $ARGV[0]],
				["sh", "-c", $ARGV[1]]);
			for (qw(body title id)) {
				die "$_ differs" unless $got->{$_} eq $sent->{$_};
			}' "got.2_TO_1.$id" "$on2"
		expect_not grep -a 'touch\|owned\|yyyyyyyy' "env.2_TO_1.$id"
	done
	sort -u args >../args
	[ "$(cat ../args)" = 0 ]
	[ -z "$(find "$here" -name pwned)" ]
}

much_output_is_cut() {
	program <<-'END'
	#!/bin/sh
	case $(cat) in
	*much*) head -c 1000000000 /dev/zero | tr '\0' 'z' ;;
	*bytes*) printf 'a\000b\377c\n' ;;
	*) head -c 100000 /dev/zero | tr '\0' e >&2; echo last >&2; exit 1 ;;
	esac
	END
	task -m much
	task -m bytes
	task -m fails
	sync 2 1
	wait_for 1 2_TO_1.3 FAILED
	wait_for 1 2_TO_1.1 COMPLETED
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_line 'cut here: this is the beginning of 1000000000 bytes' shown
	[ "$(wc -c <shown)" -lt 70000 ]
	on 2 show 1_TO_2.2 >shown
	expect_line 'a�b�c' shown
	on 2 show 1_TO_2.3 >shown
	expect_line 'ended with 1' shown
	expect_line 'the end of 100005 bytes' shown
	expect_line 'elast' shown
	[ "$(wc -c <shown)" -lt 6000 ]
}

who_forks_away_is_not_waited_for() {
	program <<-'END'
	#!/bin/sh
	(sleep 1000 & echo $! >child)
	echo "gone on"
	END
	task -m 'Daemon'
	sync 2 1
	wait_for 1 2_TO_1.1 COMPLETED
	wait_until is_gone "$(cat 1/.trine/work/agent/child)"
	wait_until nobody_left
}

a_message_for_it_is_handed_over_too() {
	program <<-'END'
	#!/bin/sh
	grep -q '"type":"message"' && echo seen >>seen
	[ "$(wc -l <seen)" -lt 2 ] || exit 5
	END
	on 2 send 1 --for agent -m 'By the way'
	on 2 send 1 -m 'Not for it'
	sync 2 1
	wait_until test -s 1/.trine/work/agent/seen
	wait_until nobody_left
	on 1 inbox >list
	no_line 'By the way' list
	expect_line 'Not for it' list
	# nothing goes back
	sync 1 2
	on 2 inbox >list
	expect_line 'verified empty' list
	# what cannot be handed over is a person's to read
	on 2 send 1 --for agent -m 'Too much'
	sync 2 1
	wait_until sh -c "'$TRINE' -C 1 inbox | grep 'Too much.*ended with 5'"
	sync 1
	[ "$(wc -l <1/.trine/work/agent/seen)" = 2 ]
}

a_person_may_end_it_first() {
	program <<-'END'
	#!/bin/sh
	while [ ! -e go ]; do sleep 0.1; done
	echo "too late"
	END
	task -m 'Both at once'
	sync 2 1
	wait_for 1 2_TO_1.1 IN_PROGRESS
	on 1 reply 2_TO_1.1 -m 'I did it myself'
	touch 1/.trine/work/agent/go
	wait_until nobody_left
	sync 1 2
	on 2 inbox >list
	expect_count 1 result list
	expect_line 'I did it myself' list
}

from_people_the_result_goes_to_all() {
	program <<-'END'
	#!/bin/sh
	echo "Mended."
	END
	person_pull
	mkdir -p person/coordination/messages
	printf '# To computer 1\n\n- [ ] Mend the door\n' \
		>person/coordination/messages/HUMAN_TO_1.md
	person_push 'A task'
	sync 1
	id=$(on 1 inbox --all --json | field id | head -1)
	wait_for 1 "$id" COMPLETED
	sync 1
	hub_show messages/1_TO_ALL.md >shown
	expect_line '## Done: Mend the door' shown
	expect_line 'Mended.' shown
}

# each_asks_the_other COMMAND: to do it, for computer $other. That must end.
each_asks_the_other() {
	program <<-END
	#!/bin/sh
	grep -q '"type":"task"' || exit 0
	other=\$((3 - \$1))
	$TRINE $1
	END
	printf '  1\n' >>1/.trine/trine.ini
	sed -n '/\[instance/,$ { s/^  1$/  2/; p; }' 1/.trine/trine.ini \
		>>2/.trine/trine.ini
	task -m 'Do it'
	for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
		sync 2 1
		wait_until nobody_left
	done
	{ on 1 log --type message.received --json
	on 2 log --type message.received --json; } | grep -c '"type": *"task"' >tasks
	[ "$(cat tasks)" = 6 ]
	{ on 1 inbox --all; on 2 inbox --all; } >list
	expect_line 'Failed: You do it' list
}

work_that_makes_work_ends() {
	each_asks_the_other 'send $other -t task --for agent -m "You do it"'
	# who asks may be asked: `from` is the instance
	on 1 show 2_TO_1.3 | grep 'from: agent'
}

work_added_for_others_ends() {
	each_asks_the_other 'task add --to $other/agent -m "You do it"'
	hub_show messages/1_TO_2.md >sent
	hub_show messages/2_TO_1.md >>sent
	sed -n '/^type: task/,/^```/s/^hops: //p' sent | sort >hops
	seq 5 | expect_file hops
}

# What it adds for its own computer is no hop, and does not begin anew either.
hops_go_on_with_what_stays_here() {
	new_fleet 2
	on 2 send 1 -t task -m 'From 2'
	sync 2 1
	export TRINE_TASK=2_TO_1.1
	on 1 task add --name PLAIN -m x
	on 1 task show PLAIN >shown
	no_line hops: shown
	on 1 task add --name OUT -m x --stage 1 --stage 2
	TRINE_TASK=OUT
	on 1 task add --name HERE -m x --to 1
	for id in OUT 1_TO_1.3 HERE 1_TO_1.5; do
		on 1 task show "$id" >shown
		expect_line 'hops: 1' shown
	done
	for n in 2 3 4 5; do
		on 1 task add --name "OUT$n" -m x --to 2
		TRINE_TASK=OUT$n
	done
	expect_status 77 said told on 1 task add -m x --to 2
	expect_line '5 tasks in a row' told
	expect_status 77 on 1 task add -m x --to 1 --review 2
	on 1 task add --name LAST -m x
	on 1 task show LAST >shown
	expect_line 'hops: 5' shown
	unset TRINE_TASK
}

# One that says of itself what it likes is looked at before it is handed over.
a_task_of_too_many_hops_is_refused() {
	program <<-'END'
	#!/bin/sh
	echo ran >>ran
	END
	task -m 'Plain'
	on 2 sync --offline
	forge_begin
	sed 's/^for: agent$/&\nhops: 6/' 2/coordination/messages/2_TO_1.md |
		put messages/2_TO_1.md
	vouched 2
	sync 1 1
	[ "$(state 1 2_TO_1.1)" = FAILED ]
	hub_show messages/1_TO_2.md >shown
	expect_line 'too many tasks led to this one' shown
	[ ! -e 1/.trine/work/agent/ran ]
}

it it_runs_behind_the_cycle
it work_that_makes_work_ends
it work_added_for_others_ends
it hops_go_on_with_what_stays_here
it a_task_of_too_many_hops_is_refused
it the_result_travels_back
it exits_say_what_became_of_it
it later_is_tried_again
it the_pauses_grow
it a_missing_program_is_a_reason_to_wait
it its_time_is_bounded
it never_more_than_it_can
it the_urgent_one_goes_first
it it_acts_for_nobody_who_called
it a_text_is_only_data
it much_output_is_cut
it who_forks_away_is_not_waited_for
it a_message_for_it_is_handed_over_too
it a_person_may_end_it_first
it from_people_the_result_goes_to_all
finish
