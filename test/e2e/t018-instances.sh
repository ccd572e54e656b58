# Work reaches the instances of a computer: once, complete or not at all.
. "${0%/*}/lib.sh"

with_builder() {
	new_fleet 2
	cat >>1/.trine/trine.ini <<-'END'
	[instance builder]
	specialty = code generation
	deliver = inbox
	END
}

inbox=1/.trine/inbox

a_task_for_an_instance_lands_in_its_inbox() {
	with_builder
	printf 'Use the new schema.\n' |
		on 2 send 1 -t task --for builder -m 'Build it' -
	sync 2 1
	expect_line 'Build it' $inbox/builder/new/2_TO_1.1.md
	expect_line 'Use the new schema.' $inbox/builder/new/2_TO_1.1.md
	[ -z "$(ls -A $inbox/builder/tmp)" ]
	[ -d $inbox/builder/cur ]
	json 1 show 2_TO_1.1
	expect_line '"event":"handed"' json
}

a_name_that_nobody_has_is_doubted() {
	with_builder
	said told on 1 inbox builder
	no_line 'is called' told
	said told on 1 inbox bilder
	expect_line 'no instance or session here is called bilder' told
}

it_comes_once() {
	with_builder
	on 2 send 1 -t task --for builder -m 'Build it'
	sync 2 1
	mv $inbox/builder/new/2_TO_1.1.md $inbox/builder/cur/
	sync 2 1 2 1
	[ -z "$(ls -A $inbox/builder/new)" ]
	rm $inbox/builder/cur/2_TO_1.1.md
	sync 2 1
	[ -z "$(ls -A $inbox/builder/new)" ]
}

a_task_for_nobody_here_waits() {
	with_builder
	on 2 send 1 -t task --for somebody -m 'Not for builder'
	sync 2 1
	[ -z "$(ls -A $inbox/builder/new 2>/dev/null || :)" ]
	json 1 show 2_TO_1.1
	expect_line '"state":"QUEUED"' json
	on 1 inbox >list
	expect_line 'Not for builder' list
}

the_status_shows_them() {
	with_builder
	on 2 send 1 -t task --for builder -m 'Build it'
	sync 2 1
	hub_show COMPUTER_1.md | grep '^| builder |'
	json 1 status
	expect_line '"name":"builder"' json
}

a_broken_inbox_holds_up_nobody() {
	with_builder
	instance 1 tester 'deliver = inbox'
	mkdir -p $inbox
	echo 'in the way' >$inbox/builder
	on 2 send 1 -t task --for builder -m 'Build it'
	on 2 send 1 -t task --for tester -m 'Test it'
	sync 2
	expect_status '0 74' on 1 sync
	expect_line 'Test it' $inbox/tester/new/2_TO_1.2.md
	rm $inbox/builder
	sync 1
	expect_line 'Build it' $inbox/builder/new/2_TO_1.1.md
}

# Without capacity it gets all; with it no more than that, the most urgent first.
no_more_than_its_capacity() {
	new_fleet 1
	instance 1 few 'deliver = inbox' 'capacity = 2'
	instance 1 many 'deliver = inbox'
	sync 1
	for id in A B C; do
		on 1 task add --name "$id" --for few -m "Task $id"
		on 1 task add --name "$id-too" --for many -m "Task $id"
	done
	on 1 task add --name D --for few -p urgent -m 'Task D'
	on 1 send 1 --for few -m 'No task'
	sync 1 1
	[ "$(ls $inbox/many/new | wc -l)" = 3 ]
	ls $inbox/few/new >got
	printf '1_TO_1.%d.md\nA.md\nD.md\n' 8 | diff - got
	on 1 task "done" A
	sync 1
	[ -f $inbox/few/new/B.md ]
	[ ! -e $inbox/few/new/C.md ]
}

an_answered_task_is_over_on_both_sides() {
	new_fleet 2
	on 1 send 2 -t task -m 'Fix the door'
	sync 1 2
	on 2 status --json | grep -F '"state":"ACTIVE"'
	on 2 reply 1_TO_2.1 -m 'It is fixed'
	sync 2 1
	on 1 show 1_TO_2.1 --json | grep -F '"state":"COMPLETED"'
	on 2 show 1_TO_2.1 --json | grep -F '"state":"COMPLETED"'
	on 2 status --json | grep -F '"state":"IDLE"'
}

it a_task_for_an_instance_lands_in_its_inbox
it a_name_that_nobody_has_is_doubted
it it_comes_once
it a_task_for_nobody_here_waits
it the_status_shows_them
it a_broken_inbox_holds_up_nobody
it no_more_than_its_capacity
it an_answered_task_is_over_on_both_sides
finish
