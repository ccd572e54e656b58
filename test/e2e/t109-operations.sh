# Tasks that others do: lists of addressees with one result, a review, stages and what
# undoes them.
# shellcheck disable=SC1010 # `done` is a verb here
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

start() {
	new_fleet 3
	sync 1 2 3 1 2 3
	agent_on 1 Atlas
	agent_on 2 Forge
	agent_on 3 Sage
}
does() { # NAME N RESULT…: takes what waits there, and ends it so
	_does=$1 _there=$2
	shift 2
	_task=$(task_as "$_does" "$_there" next --json | field id)
	task_as "$_does" "$_there" "$@"
	sync "$_there" 1
}

a_list_has_one_result() {
	start
	id=$(on 1 task add -m "Which patterns?" --to 2 --to 3 --to 1)
	expect_status 1 said told task_as Atlas 1 claim "$id"
	expect_line 'others, in parts' told
	sync 1 2 3
	on 1 task list >list
	expect_line 'waits for 1_TO_2.1 by 2; 1_TO_3.1 by 3; ' list
	does Sage 3 done 1_TO_3.1 --result "From three"
	on 1 task show "$id" >shown
	expect_line 'waits for 1_TO_2.1 by 2; 1_TO_1.' shown
	json 1 task list
	expect_line '"waits":"waits for 1_TO_2.1 by 2; ' json
	[ "$(state_of 1 "$id")" = IN_PROGRESS ]
	does Forge 2 done 1_TO_2.1 --result "From two"
	[ "$(state_of 1 "$id")" = IN_PROGRESS ]
	# its own part is a task like any other
	task_as Atlas 1 next --json >own
	expect_line 'Which patterns?' own
	task_as Atlas 1 done "$(field id <own)" --result "From one"
	[ "$(state_of 1 "$id")" = COMPLETED ]
	on 1 task show "$id" >shown
	sed -n 's/^ *From/From/p' shown >order
	printf 'From two\nFrom three\nFrom one\n' >want
	diff want order
}
it a_list_has_one_result

one_that_fails_fails_it() {
	start
	id=$(on 1 task add -m "Build it" --to 2 --to 3)
	sync 1 2 3
	does Forge 2 fail 1_TO_2.1 --result "No compiler"
	[ "$(state_of 1 "$id")" = IN_PROGRESS ]
	does Sage 3 done 1_TO_3.1 --result "Built"
	[ "$(state_of 1 "$id")" = FAILED ]
	on 1 task show "$id" >shown
	expect_line 'the part of 2 failed' shown
	expect_line 'No compiler' shown
	expect_line 'Built' shown
}
it one_that_fails_fails_it

a_review_closes_it() {
	start
	id=$(on 1 task add -m "Write it" --to 2 --review 3)
	sync 1 2
	does Forge 2 done 1_TO_2.1 --result "It is written"
	[ "$(state_of 1 "$id")" = IN_PROGRESS ]
	sync 3
	on 3 show 1_TO_3.1 >review
	expect_line 'Review: Write it' review
	expect_line 'It is written' review
	does Sage 3 done 1_TO_3.1 --result "Good"
	[ "$(state_of 1 "$id")" = COMPLETED ]
	id=$(on 1 task add -m "Once more" --to 2 --review 3)
	sync 1 2
	does Forge 2 done 1_TO_2.2
	sync 3
	does Sage 3 fail 1_TO_3.2 --result "Not so"
	[ "$(state_of 1 "$id")" = FAILED ]
	on 1 task show "$id" >shown
	expect_line '3 did not accept it' shown
	expect_line 'Not so' shown
}
it a_review_closes_it

stages_follow() {
	start
	id=$(on 1 task add -m "New login" --stage 3 --stage 2)
	sync 1 2 3
	[ -z "$(ids 2)" ]
	does Sage 3 done 1_TO_3.1 --result "A sketch"
	sync 2
	on 2 show 1_TO_2.1 >second
	expect_line 'What came of the stage before' second
	expect_line 'A sketch' second
	does Forge 2 done 1_TO_2.1 --result "A page"
	[ "$(state_of 1 "$id")" = COMPLETED ]
	on 1 task show "$id" >shown
	expect_line 'A sketch' shown
	expect_line 'A page' shown
}
it stages_follow

# What is to be done and what came of the stage before are one message: the longer they
# are, the less of the latter fits in.
long_texts_leave_room_for_each_other() {
	start
	{ echo '# Port it' && yes 'a line of the text' | head -c 240000; } >text
	{ echo '# Port it' && yes 'a line of the text' | head -c 262133; } >full
	yes 'a line of the result' | head -c 50000 >result
	one=$(on 1 task add --stage 2 --stage 3 text)
	two=$(on 1 task add --stage 2 --stage 3 full)
	sync 1 2
	does Forge 2 done 1_TO_2.1 --result - <result
	does Forge 2 done 1_TO_2.2 --result - <result
	on 1 task list >list
	expect_line 'waits for 1_TO_3.1 by 3' list
	expect_line 'waits for 1_TO_3.2 by 3' list
	sync 1 3
	on 3 show 1_TO_3.1 >second
	expect_count "$(grep -c 'a line of the text' text)" 'a line of the text' second
	expect_line 'a line of the result' second
	expect_line '[cut here: `trine show 2_TO_1.1` on computer 1 has all of it]' second
	on 1 show 2_TO_1.1 >all
	expect_count "$(grep -c 'a line of the result' result)" 'a line of the result' all
	on 3 show 1_TO_3.2 >second
	expect_line "[cut here: \`trine show $two\` on computer 1 has all of it]" second
	expect_line '[cut here: `trine show 2_TO_1.2` on computer 1 has all of it]' second
	expect_line 'a line of the result' second
	does Sage 3 done 1_TO_3.1
	[ "$(state_of 1 "$one")" = COMPLETED ]
}
it long_texts_leave_room_for_each_other

# In reverse order, each after the one before; and one without words is left.
what_was_done_is_undone() {
	start
	id=$(on 1 task add -m "Deploy" --stage 2 --stage 3 --stage 2 --stage 3 \
		--undo "Drop the table" --undo "" --undo "Close the port")
	sync 1 2
	does Forge 2 done 1_TO_2.1
	sync 3
	does Sage 3 done 1_TO_3.1
	sync 2
	does Forge 2 done 1_TO_2.2
	sync 3
	does Sage 3 fail 1_TO_3.2 --result "The disk is full"
	sync 2
	[ "$(state_of 1 "$id")" = IN_PROGRESS ]
	on 2 show 1_TO_2.3 >undo
	expect_line 'Close the port' undo
	expect_line '1_TO_2.2 did is to be undone' undo
	does Forge 2 fail 1_TO_2.3 --result "It is stuck"
	sync 2
	on 2 show 1_TO_2.4 >undo
	expect_line 'Drop the table' undo
	does Forge 2 done 1_TO_2.4
	[ "$(state_of 1 "$id")" = FAILED ]
	on 1 task show "$id" >shown
	expect_line 'the stage of 3 failed' shown
	expect_line 'It is stuck' shown
}
it what_was_done_is_undone

routes_say_who() {
	start
	cat >1/coordination/fleet.yaml <<-'END'
	computers:
	  1: {name: Mechanic}
	  2: {name: Architect}
	  3: {name: Oracle}
	routes:
	  - {label: ui, to: 2, review: 3}
	  - {label: feature, stages: [3, 2]}
	END
	sync 1
	on 1 task add -m "A feature" --label feature --route
	on 1 task add -m "A page" --label ui --route
	on 1 task add -m "By name" --to Architect/araya
	sync 1 2 3
	[ "$(titles 3)" = "A feature" ]
	titles 2 >titles
	printf 'A page\nBy name\n' | diff - titles
	on 2 show 1_TO_2.2 >shown
	expect_line 'for: araya' shown
	expect_status 69 said told on 1 task add -m x --label nothing --route
	expect_line 'no route' told
	echo '  - {label: risky, to: 2, approvals: 1}' >>1/coordination/fleet.yaml
	sync 1
	id=$(TRINE_SESSION=Atlas on 1 task add -m "Risky" --label risky --route)
	sync 1 2
	[ "$(titles 2 | grep -c Risky)" = 0 ]
	expect_status 1 task_as Atlas 1 approve "$id"
	agent_on 1 Smith
	TRINE_SESSION=Smith on 1 task approve "$id"
	sync 1 2
	[ "$(titles 2 | grep -c Risky)" = 1 ]
}
it routes_say_who

# Whichever lines of a crash are left, it was not added; once more, no part is given twice.
killed_it_was_not_added() {
	start
	log=1/.trine/event-log.jsonl
	before=$(wc -l <$log)
	on 1 task add -m "Build" --to 2 --to 3 --to 1
	all=$(wc -l <$log)
	cp $log whole
	for left in 3 2 1; do
		head -n $((all - left)) whole >$log
		rm -f 1/.trine/state.db*
		on 1 task list >list
		no_line Build list
		[ "$(wc -l <$log)" = "$before" ]
	done
	on 1 task add -m "Build" --to 2 --to 3 --to 1
	sync 1 2 3
	[ "$(titles 2)" = Build ]
	[ "$(titles 3)" = Build ]
}
it killed_it_was_not_added

# A part that is taken back before anybody read it has failed.
one_is_taken_back() {
	start
	id=$(on 1 task add -m "Build" --to 2 --to 3)
	on 1 retract 1_TO_2.1
	sync 1 3
	does Sage 3 done 1_TO_3.1
	[ "$(state_of 1 "$id")" = FAILED ]
}
it one_is_taken_back

words_are_clear() {
	new_fleet 2
	expect_status 64 on 1 task add -m x --to 2 --stage 2
	expect_status 64 on 1 task add -m x --stage 2 --undo a --undo b
	expect_status 64 on 1 task add -m x --stage 2 --undo "$(printf 'a\tb')"
	expect_status 64 on 1 task add -m x --stage 2 --undo ' '
	expect_status 64 on 1 task add -m x --review 2
	expect_status 64 on 1 task add -m x --to ALL
	expect_status 64 on 1 task add -m x --to 2/a/b
	expect_status 69 on 1 task add -m x --to Nobody
	# shellcheck disable=SC2046 # many words
	set -- $(seq 17 | sed 's/.*/--to 2/')
	expect_status 64 on 1 task add -m x "$@"
}
it words_are_clear
finish
