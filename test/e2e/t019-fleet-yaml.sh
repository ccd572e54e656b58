# fleet.yaml: rules that count, and what happens while it is broken.
. "${0%/*}/lib.sh"

with_rule() {
	new_fleet 2
	sync 1 2
	person_pull
	printf '\nowners:\n  - {path: "shared/backend/**", owner: 1}\n' \
		>>person/coordination/fleet.yaml
	mkdir -p person/coordination/shared/backend
	echo 'by Ada' >person/coordination/shared/backend/api.md
	person_push 'Computer 1 owns the backend'
	sync 1 2
	expect_desks 1 2
}

a_rule_gives_files_an_owner() {
	with_rule
	echo 'by computer 1' >1/coordination/shared/backend/api.md
	sync 1 2
	expect_line 'by computer 1' 2/coordination/shared/backend/api.md
	echo 'by computer 2' >2/coordination/shared/backend/api.md
	sync 2 1 2
	hub_show shared/backend/api.md | grep 'by computer 1'
	expect_line 'by computer 1' 2/coordination/shared/backend/api.md
	grep -rqF 'by computer 2' 2/coordination/conflicts/2
	person_pull
	echo 'by Ada again' >person/coordination/shared/backend/api.md
	person_push 'Edit'
	sync 2 1 2
	hub_show shared/backend/api.md | grep 'by computer 1'
	grep -rqF 'by Ada again' 1/coordination/conflicts/1
	expect_desks 2
}

# What waits was written when it was everybody's.
an_edit_that_waits_does_not_own_the_file() {
	new_fleet 2
	loose 1 shared/notes.md 'First'
	sync 1 2 1
	loose 1 shared/notes.md 'An edit that waits'
	hub_refuses
	expect_status 77 on 1 sync
	hub_accepts
	person_pull
	echo 'Written meanwhile' >>person/coordination/shared/notes.md
	printf '\nowners:\n  - {path: "shared/notes.md", owner: 1}\n' \
		>>person/coordination/fleet.yaml
	person_push 'It is of 1 now'
	sync 1
	hub_show shared/notes.md | grep -q 'Written meanwhile'
	grep -q 'Written meanwhile' 1/coordination/shared/notes.md
	grep -rq 'An edit that waits' 1/coordination/conflicts/1
	expect_desks 1
}

a_path_that_becomes_ours_is_first_published() {
	new_fleet 2
	sync 1 2
	person_pull
	mkdir -p person/coordination/shared/backend
	echo 'what is there' >person/coordination/shared/backend/api.md
	printf '\nowners:\n  - {path: "shared/backend/**", owner: 1}\n' \
		>>person/coordination/fleet.yaml
	person_push 'Both at once'
	sync 1 2
	hub_show shared/backend/api.md | grep 'what is there'
	expect_line 'what is there' 1/coordination/shared/backend/api.md
	[ ! -e 1/coordination/conflicts ]
}

the_last_good_one_stays_in_force() {
	with_rule
	echo 'by computer 1' >1/coordination/shared/backend/api.md
	sync 1 2
	person_pull
	printf 'computers: [this is: {not a fleet\n' \
		>person/coordination/fleet.yaml
	person_push 'Break it'
	sync 1 2
	json 1 status
	expect_line '"code":"fleet-yaml"' json
	echo 'by computer 2' >2/coordination/shared/backend/api.md
	sync 2 1
	hub_show shared/backend/api.md | grep 'by computer 1'
	on 1 send Architect -m 'By a name of the last good one'
	hub_show fleet.yaml | grep 'not a fleet'
	# A computer that joins now sees the same rules.
	add_computer 3
	sync 3
	echo 'by computer 3' >3/coordination/shared/backend/api.md
	sync 3
	hub_show shared/backend/api.md | grep 'by computer 1'
	person_pull
	cp "$top/coordination/fleet.yaml" person/coordination/fleet.yaml
	person_push 'Mend it'
	sync 1 2
	json 1 status
	no_line '"code":"fleet-yaml"' json
}

# commits N: so many on main that change nothing of the fleet's.
commits() {
	now=$(date +%s)
	echo 'commit refs/heads/main'
	echo "committer Ada <ada@example.org> $now +0000"
	printf 'data 1\nx\nfrom refs/heads/main^0\n\n'
	for _n in $(seq 2 "$1"); do
		echo 'commit refs/heads/main'
		echo "committer Ada <ada@example.org> $now +0000"
		printf 'data 1\nx\n\n'
	done
}

the_last_good_one_is_long_ago() {
	with_rule
	echo 'by computer 1' >1/coordination/shared/backend/api.md
	sync 1 2
	person_pull
	printf 'computers: [this is: {not a fleet\n' \
		>person/coordination/fleet.yaml
	person_push 'Break it'
	commits 1100 | hub fast-import --quiet
	for round in 1 2; do
		sync 1 2
		on 1 status >status
		expect_line 'this computer has seen stays in force' status
		json 1 status
		expect_line '"code":"fleet-yaml"' json
		echo "by computer 2, $round" >2/coordination/shared/backend/api.md
		sync 2 1 2
		hub_show shared/backend/api.md | grep 'by computer 1'
		expect_line 'by computer 1' 2/coordination/shared/backend/api.md
		grep -rqF "by computer 2, $round" 2/coordination/conflicts/2
		on 1 send Architect -m 'By a name of the last good one'
		commits 10 | hub fast-import --quiet
	done
	# without a memory there are none
	rm -rf 2/.trine/run
	sync 2
	on 2 status >status
	expect_line 'no rules are in force' status
	person_pull
	cp "$top/coordination/fleet.yaml" person/coordination/fleet.yaml
	person_push 'Mend it'
	sync 1 2
	json 1 status
	no_line '"code":"fleet-yaml"' json
}

a_broken_one_on_the_desk_stays_there() {
	with_rule
	printf 'computers: [unfinished\n' >1/coordination/fleet.yaml
	sync 1
	hub_show fleet.yaml | grep backend
	expect_line unfinished 1/coordination/fleet.yaml
	json 1 status
	expect_line '"code":"fleet-yaml"' json
	sync 2 1
	expect_line unfinished 1/coordination/fleet.yaml
	on 1 send 2 -m 'All else goes on'
	sync 1 2
	[ "$(titles 2)" = 'All else goes on' ]
	hub_show fleet.yaml >1/coordination/fleet.yaml
	sync 1
	json 1 status
	no_line '"code":"fleet-yaml"' json
	expect_desks 1
}

# Each can be read, and text by text they go together; but not as rules.
two_good_ones_that_merge_into_none() {
	new_fleet 2
	sync 1 2
	sed '1s/^/retired: [7]\n/' 1/coordination/fleet.yaml >rules
	cp rules 1/coordination/fleet.yaml
	echo 'retired: [8]' >>2/coordination/fleet.yaml
	sync 1 2 1
	hub_show fleet.yaml >there
	expect_count 1 'retired: [7]' there
	no_line 'retired: [8]' there
	grep -rqF 'retired: [8]' 2/coordination/conflicts/2
	json 2 status
	no_line '"code":"fleet-yaml"' json
	expect_desks 1 2
}

rule_for() { # OWNER
	person_pull
	{
		cat plain
		printf 'owners: [{path: "shared/plan.md", owner: %s}]\n' "$1"
	} >person/coordination/fleet.yaml
}

a_plan_of_a_person() {
	new_fleet 2
	write_each_other
	loose 1 shared/plan.md 'As it was'
	sync 1 2
	person_pull
	cp person/coordination/fleet.yaml plain
}

# The desk could not be written in the cycle that saw it: what it has is not the file.
a_path_that_becomes_ours_unwritten() {
	a_plan_of_a_person
	rule_for 1
	echo 'By a person' >person/coordination/shared/plan.md
	person_push 'yours now'
	TRINE_TEST_STOP=intent "$TRINE" -C "$PWD/1" sync &
	until ps -o stat= -p $! | grep T; do sleep 0.1; done
	mv 1/coordination/shared/plan.md aside
	kill -CONT $!
	wait $! || :
	mv aside 1/coordination/shared/plan.md
	sync 1 2
	hub_show shared/plan.md | grep -x 'By a person'
	expect_line 'By a person' 1/coordination/shared/plan.md
	echo 'By its owner' >1/coordination/shared/plan.md
	at +1m sync 1 2
	expect_line 'By its owner' 2/coordination/shared/plan.md
	[ ! -d 1/coordination/conflicts/1 ]
}

# The plan of computer 1 is that of 2, which works on it, and of 1 again, which syncs.
it_was_anothers_for_a_week() {
	rule_for 2
	person_push 'of 2'
	sync 2
	echo 'The work of a week' >2/coordination/shared/plan.md
	sync 2
	rule_for 1
	person_push 'of 1 again'
	sync 1
	hub_show shared/plan.md | grep -x 'The work of a week'
}

# While its owner was away it was another one's.
a_path_that_was_away() {
	a_plan_of_a_person
	rule_for 1
	person_push 'of 1'
	sync 1 2
	it_was_anothers_for_a_week
	expect_line 'The work of a week' 1/coordination/shared/plan.md
	echo 'By its owner' >1/coordination/shared/plan.md
	at +1m sync 1 2
	expect_line 'By its owner' 2/coordination/shared/plan.md
	[ ! -d 1/coordination/conflicts/1 ]
}

# So was it while a commit of its owner waited: that edit is kept.
a_path_that_was_away_while_an_edit_waits() {
	a_plan_of_a_person
	rule_for 1
	person_push 'of 1'
	sync 1 2
	loose 1 shared/plan.md 'Written before the week'
	on 1 sync --offline
	it_was_anothers_for_a_week
	grep -r 'Written before the week' 1/coordination/conflicts/1
}

# What no desk can have is no version of the rules: those before it are in force.
a_mode_is_no_other_rules() {
	a_plan_of_a_person
	rule_for 1
	person_push 'of 1'
	sync 1 2
	chmod +x person/coordination/fleet.yaml
	person_push 'a mode'
	sync 1 2
	on 1 status >text
	expect_line 'fleet.yaml of the branch cannot be read' text
	loose 2 shared/plan.md 'By one who does not own it'
	sync 2 1
	hub_show shared/plan.md >plan
	no_line 'By one who' plan
	grep -r 'By one who does not own it' 2/coordination/conflicts/2
	person_pull
	chmod -x person/coordination/fleet.yaml
	person_push 'the mode as before'
	sync 1 2
	on 1 status >text
	no_line 'cannot be read' text
	no_line 'By one who' 1/coordination/shared/plan.md
}

it a_mode_is_no_other_rules
it two_good_ones_that_merge_into_none
it a_rule_gives_files_an_owner
it a_path_that_becomes_ours_is_first_published
it a_path_that_becomes_ours_unwritten
it a_path_that_was_away
it a_path_that_was_away_while_an_edit_waits
it an_edit_that_waits_does_not_own_the_file
it the_last_good_one_stays_in_force
it the_last_good_one_is_long_ago
it a_broken_one_on_the_desk_stays_there
finish
