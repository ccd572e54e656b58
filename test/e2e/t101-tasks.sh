# Tasks of one computer: claimed by one, done once, given back by who is gone.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

# as NAME VERB…: what that agent does with a task.
as() {
	_as=$1
	shift
	TRINE_SESSION=$_as on 1 task "$@"
}
task() { on 1 task "$@"; }
state() { on 1 task show "$1" --json | field state; }

one_gets_it() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas claim AUTH 'Fix the login page' >claimed
	expect_line 'AUTH is yours, token ' claimed
	expect_status 1 said told as Forge claim AUTH 'Also fix it'
	expect_line 'AUTH is ASSIGNED: session 1 (Atlas) has it, for' told
	[ "$(on 1 task list --json | wc -l)" = 1 ]
	# one's own again is one's own, with the same token
	as Atlas claim AUTH >again
	expect_same claimed again
	for verb in start done fail block release; do
		expect_status 1 as Forge $verb AUTH
	done
	expect_status 1 as Forge progress AUTH 'half'
	as Atlas start AUTH
	as Atlas progress AUTH '3 of 5'
	on 1 task list >list
	expect_line 'In progress' list
	expect_line 'session 1 (Atlas), for' list
	expect_line '3 of 5' list
	expect_line '1 task: 1 in progress' list
	as Atlas done AUTH --result 'It is fixed'
	expect_status 1 as Atlas done AUTH
	expect_status 1 as Forge claim AUTH
	on 1 show AUTH >shown
	expect_line 'It is fixed' shown
	expect_line 'session 1 (Atlas)' shown
	on 1 task list --all >list
	expect_line 'It is fixed' list
	expect_line 'session 1 (Atlas), took' list
	on 1 task list >list
	expect_line '0 tasks' list
}

the_most_urgent_is_next() {
	new_fleet 1
	agent Atlas
	task add -m low -p low
	task add -m first
	task add -m second
	task add -m urgent -p urgent
	task add -m 'for another' -p urgent --for Forge
	for title in urgent first second low; do
		as Atlas next --json >got
		grep "\"title\": *\"$title\"" got
	done
	expect_status 1 said told as Atlas next
	expect_line 'nothing is waiting' told
	agent Forge
	as Forge next | grep 'for another'
}

one_may_wait_for_it() {
	new_fleet 1
	agent Atlas
	as Atlas next --wait 30s >got &
	waiter=$!
	echo $waiter >waiter.pid
	sleep 0.5
	[ ! -s got ]
	task add -m 'At last'
	wait $waiter
	rm waiter.pid
	expect_line 'At last' got
	expect_status 1 as Atlas next --wait 1s
	expect_status 64 as Atlas next --wait long
}

# Who goes by the name of an instance has its capacity, too.
capacity_bounds_next() {
	new_fleet 1
	instance 1 Atlas 'capacity = 2'
	agent Atlas
	agent Forge
	for each in 1 2 3 4; do task add -m "Task $each"; done
	as Atlas next
	as Atlas next
	expect_status 1 said told as Atlas next
	expect_line 'as many tasks as your `capacity`' told
	as Forge next
	as Atlas done 1_TO_1.1
	as Atlas next >got
	expect_line 'Task 4' got
}
it capacity_bounds_next

status_shows_it() {
	new_fleet 1
	agent Atlas
	as Atlas claim AUTH 'Fix the login page'
	as Atlas start AUTH
	TRINE_SESSION=Atlas on 1 session beat --doing 'reading the code'
	TRINE_SESSION=Atlas on 1 lock acquire deploy
	TRINE_SESSION=Atlas on 1 reserve 'src/**'
	on 1 status >text
	expect_line '· WORKING ·' text
	expect_line 'session 1 (Atlas)  since' text
	expect_line 'reading the code' text
	expect_line 'AUTH  Fix the login page  for' text
	expect_line 'lock deploy  session 1 (Atlas)' text
	expect_line 'src/**  session 1 (Atlas)' text
	json 1 status
	expect_line '"sessions":[{"number":1,"name":"Atlas"' json
	expect_line '"locks":[{"name":"deploy","holder":"session 1 (Atlas)' json
	expect_line '"reservations":[{"globs":["src/**"]' json
	sync 1
	hub_show COMPUTER_1.md | grep '^\*\*WORKING\*\*.* 1 task in progress'
	as Atlas done AUTH
	sync 1
	hub_show COMPUTER_1.md | grep '^\*\*ACTIVE\*\*'
}

# For those that do not call trine: always complete, never large.
programs_may_read_it() {
	new_fleet 1
	file=1/.trine/run/active.json
	sync 1
	[ ! -e $file ]
	agent Atlas
	as Atlas claim AUTH 'Fix the login page'
	TRINE_SESSION=Atlas on 1 lock acquire deploy
	TRINE_SESSION=Atlas on 1 reserve 'src/**' --why 'new login'
	perl -MJSON::PP -e '
		local $/; my $j = decode_json(<>);
		die unless $j->{computer} == 1 && $j->{sessions}[0]{name} eq "Atlas"
			&& $j->{tasks}[0]{id} eq "AUTH"
			&& $j->{locks}[0]{name} eq "deploy"
			&& $j->{reservations}[0]{globs}[0] eq "src/**"' $file
	[ -z "$(find $file -perm /077)" ]
	as Atlas done AUTH
	no_line AUTH $file
	for i in $(seq 80); do
		as Atlas claim "T$i" "$(printf '%0190d' "$i")" >/dev/null
	done
	[ "$(wc -c <$file)" -le 10240 ]
	expect_line '"more":' $file
	perl -MJSON::PP -e 'local $/; decode_json(<>)' $file
	leave Atlas
	at +5m on 1 sync
	no_line Atlas $file
}

from_elsewhere_it_is_the_same() {
	new_fleet 2
	agent Atlas
	on 2 send 1 -t task -m 'Look into it'
	sync 2 1
	as Atlas next >got
	expect_line 'Look into it' got
	on 1 inbox >list
	no_line 'Look into it' list
	as Atlas done 2_TO_1.1 --result 'It was the cable'
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_line '## Done: Look into it' shown
	expect_line 'It was the cable' shown
	expect_line 'from: Atlas' shown
	on 2 show 2_TO_1.1 --json | grep -E '"state": ?"COMPLETED"'
	# and one that fails
	on 2 send 1 -t task -m 'Impossible'
	sync 2 1
	as Atlas claim 2_TO_1.2
	echo 'No access' | as Atlas fail 2_TO_1.2 --result -
	sync 1 2
	on 2 show 2_TO_1.2 --json | grep -E '"state": ?"FAILED"'
	on 2 inbox | grep 'Failed: Impossible'
	# what is made here stays here
	task add --name SECRET -m 'Ours alone'
	as Atlas claim SECRET
	as Atlas done SECRET
	sync 1
	hub_files >files
	no_line 1_TO_1 files
	expect_not hub grep -q 'Ours alone' main
}

an_answer_taken_back_leaves_its_task_open() {
	new_fleet 2
	on 2 send 1 -t task -m 'Look into it'
	on 2 send 1 -t task -m 'And into this'
	sync 2 1
	id=$(on 1 reply 2_TO_1.1 -m 'All done')
	is 2_TO_1.1 COMPLETED
	said told on 1 retract "$id"
	expect_line 'the task 2_TO_1.1 is QUEUED again' told
	task list >list
	expect_line 'Look into it' list
	sync 1 2
	json 2 show 2_TO_1.1
	no_line COMPLETED json
	# Somebody takes it, and answers instead of saying that it is done.
	agent Atlas
	as Atlas claim 2_TO_1.1
	as Atlas start 2_TO_1.1
	id=$(on 1 reply 2_TO_1.1 -m 'Done now')
	on 1 retract "$id"
	is 2_TO_1.1 QUEUED
	as Atlas claim 2_TO_1.1
	# What was worked on to its end has ended.
	as Atlas done 2_TO_1.1 --result 'It was the cable'
	said told on 1 retract "$id"
	expect_line '2_TO_1.1 stays COMPLETED' told
	is 2_TO_1.1 COMPLETED
	on 1 reply 2_TO_1.1 -m 'It was the plug'
	# A view made anew says the same.
	id=$(on 1 reply 2_TO_1.2 -m 'This, too')
	on 1 retract "$id"
	rm 1/.trine/state.db*
	is 2_TO_1.1 COMPLETED
	is 2_TO_1.2 QUEUED
	sync 1 2
	[ "$(titles 2)" = 'It was the plug' ]
}

# What a program wrote is the result, whatever bytes it is of.
a_result_is_of_any_bytes() {
	new_fleet 2
	agent Atlas
	on 2 send 1 -t task -m 'List the files'
	sync 2 1
	as Atlas claim 2_TO_1.1
	printf 'a\0b\0the last\377 one\n' | as Atlas done 2_TO_1.1 --result -
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	mark=$(printf '\357\277\275')
	expect_line "a${mark}b${mark}the last${mark} one" shown
	task add --name A -m a --retries 1
	as Atlas claim A
	printf '\0no disk' | as Atlas fail A --result -
	on 1 show A >shown
	expect_line "${mark}no disk" shown
	at +1m as Atlas claim A
	printf '\0no disk' | at +1m as Atlas fail A --result -
	on 1 task show A >shown
	expect_line FAILED shown
	expect_line "${mark}no disk" shown
}

who_is_gone_gives_back() {
	new_fleet 1
	agent Atlas
	agent Forge
	as Atlas claim AUTH 'Fix it'
	as Atlas start AUTH
	as Atlas claim DB 'The database'
	leave Atlas
	# at once it is not sure that he is: he may be adopted
	expect_status 1 as Forge claim AUTH
	# but nobody keeps it for him by his name
	expect_status 69 said told at +1m as Atlas progress AUTH 'half of it'
	expect_line '`trine session adopt 1` goes on as it' told
	at +3m as Forge claim AUTH
	[ "$(at +3m on 1 task show DB --json | field state)" = QUEUED ]
	at +3m on 1 show AUTH >shown
	expect_line 'released' shown
	# one that says good-bye gives back, too
	at +3m on 1 session end Forge
	[ "$(at +3m on 1 task show AUTH --json | field state)" = QUEUED ]
}

# Who waits for a task, and is gone before there is one, does not get it: it would be
# nobody's, for ever.
who_ended_gets_nothing() {
	new_fleet 1
	agent Atlas
	TRINE_SESSION=Atlas expect_status 69 said told "$TRINE" -C 1 task next --wait 30s &
	waiter=$!
	echo $waiter >waiter.pid
	sleep 1
	on 1 session end Atlas
	task add --name AUTH -m 'Fix it'
	wait $waiter
	rm waiter.pid
	expect_line 'session 1 (Atlas) has ended' told
	[ "$(state AUTH)" = QUEUED ]
}

is() { [ "$(state "$1")" = "$2" ]; }

# What stands in an instance's line its worker takes: nobody else begins with it.
who_is_in_a_line_leaves_it_first() {
	new_fleet 1
	agent Atlas
	cat >program <<-END
	#!/bin/sh
	echo \$TRINE_TASK >>$PWD/ran
	while [ ! -e $PWD/go ]; do sleep 0.1; done
	END
	chmod +x program
	printf '[instance busy]\ndeliver = exec\nexec = %s\n' "$PWD/program" >>1/.trine/trine.ini
	task add --name A -m a --for busy
	task add --name B -m b --for busy
	sync 1
	wait_until is A IN_PROGRESS
	for verb in claim start block; do
		expect_status 1 said told as Atlas $verb B
		expect_line 'B is ASSIGNED, in the line of busy; `trine task release B`' told
	done
	expect_status 1 task progress B half
	is B ASSIGNED
	task release B
	as Atlas claim B
	as Atlas start B
	sync 1
	touch go
	wait_until is A COMPLETED
	sync 1
	is B IN_PROGRESS
	as Atlas done B
	[ "$(cat ran)" = A ]
}

# It may be in the inbox already, though nobody has said so yet.
who_is_on_the_way_is_not_claimed() {
	new_fleet 1
	agent Atlas
	instance 1 slow 'deliver = inbox'
	echo 'not a folder' >1/.trine/inbox/slow
	task add --name A -m a --for slow
	sync 1 || :
	is A QUEUED
	expect_status 1 said told as Atlas claim A
	expect_line 'A is QUEUED: slow has it, for' told
	rm 1/.trine/inbox/slow
	sync 1
	is A ASSIGNED
}

# The fencing token: who slept through the end of the claim is refused.
who_slept_is_refused() {
	new_fleet 1
	agent Atlas
	agent Forge
	old=$(as Atlas claim AUTH 'Fix it' --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	leave Atlas
	new=$(at +3m as Forge claim AUTH --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	[ "$new" -gt "$old" ]
	for verb in start done fail block release; do
		expect_status 1 said told at +3m task $verb AUTH --token "$old"
		expect_line "the token $old is of an older claim" told
	done
	at +3m task start AUTH --token "$new"
	at +3m task done AUTH --token "$new"
}

each_step_is_allowed_or_not() {
	new_fleet 1
	agent Atlas
	task add --name A -m a
	for verb in start done fail block release; do
		expect_status 1 said told as Atlas $verb A
		expect_line 'trine task claim A' told
	done
	as Atlas claim A
	as Atlas block A 'Which database?'
	[ "$(state A)" = BLOCKED ]
	on 1 task list >list
	expect_line 'Which database?' list
	expect_status 1 as Atlas block A
	as Atlas start A
	[ "$(state A)" = IN_PROGRESS ]
	as Atlas start A
	as Atlas release A 'not mine'
	[ "$(state A)" = QUEUED ]
	as Atlas claim A
	as Atlas fail A
	expect_status 1 as Atlas claim A
	task add --name B -m b
	task cancel B 'Not needed'
	[ "$(state B)" = FAILED ]
	on 1 task list --all >list
	expect_line cancelled list
	expect_status 1 task cancel B
}

bad_words_are_said() {
	new_fleet 1
	expect_status 64 task add
	expect_status 64 task add -m ' '
	expect_status 64 task add --label 'two words' -m x
	expect_status 64 task add --name 'two words' -m x
	expect_status 64 task add --name 1_TO_2.7 -m x
	expect_status 64 task add --name "$(printf 'a\033')" -m x
	expect_status 64 task add -p loud -m x
	expect_status 64 task add --due soon -m x
	expect_status 65 task add -m "$(printf '%0300d' 0)"
	expect_status 69 task show NOBODY
	expect_status 69 task done NOBODY
	expect_status 64 task frobnicate
	expect_status 64 task done
	expect_status 64 task progress X
	task add --name A -m a
	expect_status 65 task cancel A "$(printf '%02000d' 0)"
	expect_status 1 said told task add --name A -m again
	expect_line 'there is a task A already' told
	printf 'a\0b' >zero
	expect_status 65 task add zero
	TRINE_SESSION=Nobody expect_status 69 task claim A
	# text of others stays text
	task add --name E -m 'An escape' - <<-END
	$(printf '\033]0;owned\007')
	END
	on 1 task show E >shown
	no_line "$(printf '\033')" shown
}

# Who has no session gets one, since a claim is somebody's.
a_caller_gets_a_session() {
	new_fleet 1
	cat >agent.pl <<-'END'
	system(@ARGV) == 0 or exit 1;
	END
	perl agent.pl "$TRINE" -C 1 task claim AUTH 'Fix it' >out 2>err
	expect_line 'AUTH is yours' out
	expect_line 'you are session 1 from now on' err
	[ "$(on 1 session list --json | wc -l)" = 1 ]
}

# Many at once: each task is claimed by one. Killed ones leave no doubt.
claimed_by_one_each() {
	new_fleet 1
	workers=${TASK_WORKERS:-8} tasks=${TASK_COUNT:-60}
	for i in $(seq "$tasks"); do echo "T$i"; done >names
	for w in $(seq "$workers"); do agent "W$w"; done
	for w in $(seq "$workers"); do
		(
			set +ex
			sort -R names | while read -r name; do
				as "W$w" claim "$name" "Task $name" >>"got.$w" 2>/dev/null
			done
		) &
		echo $! >"worker.$w.pid"
	done
	# some of them are killed in the middle
	for i in 1 2 3 4 5 6 7 8 9 10; do
		pkill -9 -f "$TRINE -C $PWD/1 task claim" || :
		sleep 0.0$i
	done
	for w in $(seq "$workers"); do
		wait "$(cat "worker.$w.pid")" || :
		rm "worker.$w.pid"
	done
	# whoever was told that it is theirs has it, and nobody else was told so
	cat got.* | sed 's/ is yours.*//' | sort | uniq -d >twice
	expect_empty twice
	for w in $(seq "$workers"); do
		sed 's/ is yours.*//' "got.$w" | while read -r name; do
			on 1 task show "$name" --json | grep -q "session $w (W$w)" ||
				fail "$name is not with W$w"
		done
	done
	on 1 log --type task.claimed --json | field id | sort | uniq -d >twice
	expect_empty twice
	on 1 task list --json >before
	rm -f 1/.trine/state.db*
	on 1 task list --json | expect_file before
}

it one_gets_it
it the_most_urgent_is_next
it one_may_wait_for_it
it status_shows_it
it programs_may_read_it
it from_elsewhere_it_is_the_same
it an_answer_taken_back_leaves_its_task_open
it a_result_is_of_any_bytes
it who_is_gone_gives_back
it who_ended_gets_nothing
it who_is_in_a_line_leaves_it_first
it who_is_on_the_way_is_not_claimed
it who_slept_is_refused
it each_step_is_allowed_or_not
it bad_words_are_said
it a_caller_gets_a_session
it claimed_by_one_each
finish
