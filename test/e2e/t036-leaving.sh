# Computers that go, and come back: whom the others wait for.
. "${0%/*}/lib.sh"

three() {
	new_fleet 3
	sync 1 2 3 1 2 3
	on 1 send ALL -m Hello
	sync 1 2 1
}

waits_for_three() {
	on 1 status >status
	grep '1_TO_ALL .*computer 3\|1_TO_ALL .*by 3 ' status
}

nobody_waits_for_one_that_left() {
	three
	waits_for_three
	on 3 leave >told 2>&1
	expect_line 'computer 3 is retired' told
	sync 1
	if waits_for_three; then fail 'it waits'; fi
	json 1 status
	no_line '"computer":3' json
	# Itself, it knows, in case that somebody is surprised.
	json 3 status
	expect_line '"code":"retired"' json
	# Its files stay, and what it said.
	hub_show COMPUTER_3.md >/dev/null
	sync 2
	expect_desks 1 2
}

it_leaves_while_it_is_offline() {
	three
	mv hub.git away.git
	expect_status 75 on 3 leave
	mv away.git hub.git
	waits_for_three
	sync 3 1
	if waits_for_three; then fail 'it waits'; fi
}

another_one_retires_it() {
	three
	expect_status 64 on 1 retire 0
	expect_status 64 on 1 retire Mechanic
	on 1 retire 3
	if waits_for_three; then fail 'it waits'; fi
	hub_show fleet.yaml | grep -x 'retired: \[3\]'
	before=$(hub rev-parse main)
	on 2 sync
	on 2 retire 3
	[ "$(hub log --format=%s "$before..main" -- coordination/fleet.yaml)" = '' ]
	# What is sent to it all the same is not taken for late.
	on 1 send 3 -m 'To nobody'
	sync 1
	on 1 status >status
	expect_line 'that computer has left the fleet' status
}

retired() { hub_show fleet.yaml | grep '^retired:' | grep -qx "retired: \[$1\]"; }

# Which has not synced since, and so writes into the same line.
two_are_retired_by_two() {
	new_fleet 4
	sync 1 2 3 4 1 2
	on 1 retire 3
	said told on 2 retire 4
	expect_line 'computer 4 is retired' told
	retired '3, 4'
	hub_files >files
	no_line conflicts/ files
	on 3 leave
	retired '3, 4'
}

the_first_command_of_one_that_joins() {
	three
	add_computer 4
	said told on 4 retire 3
	expect_line 'computer 3 is retired' told
	retired 3
	hub_files >files
	no_line conflicts/ files
}

# Somebody writes that line between its last cycle and its push.
retired_in_a_race() {
	new_fleet 4
	sync 1 2 3 4 1 2
	TRINE_TEST_STOP='before push' "$TRINE" -C "$PWD/2" retire 4 >told 2>&1 &
	raced=
	while ps -o stat= -p $! | grep -v Z; do
		if ps -o stat= -p $! | grep T; then
			if [ -z "$raced" ] && grep '^retired: \[4' 2/coordination/fleet.yaml; then
				on 1 retire 3
				raced=yes
			fi
			kill -CONT $!
		fi
		sleep 0.1
	done
	wait $!
	[ "$raced" = yes ]
	retired '3, 4'
	expect_line 'computer 4 is retired' told
}

what_did_not_reach_the_branch_is_not_said() {
	three
	mv hub.git away.git
	expect_status 75 said told on 2 retire 3
	no_line 'is retired' told
	expect_line 'computer 3 will be retired with the next sync' told
	expect_status 75 said told on 3 leave
	no_line 'remove its timer' told
	add_computer 4
	expect_status 75 said told on 4 retire 3
	expect_line 'computer 3 is not retired' told
	[ ! -e 4/coordination/fleet.yaml ] || no_line 'retired: \[3' 4/coordination/fleet.yaml
	mv away.git hub.git
	sync 2
	retired 3
}

without_a_fleet_yaml_one_is_made() {
	three
	rm 1/coordination/fleet.yaml
	sync 1 2
	[ ! -e 2/coordination/fleet.yaml ]
	on 2 retire 3
	hub_show fleet.yaml | grep '^retired:'
	sync 1
	if waits_for_three; then fail 'it waits'; fi
}

a_broken_fleet_yaml_is_not_written_into() {
	three
	printf 'computers: [\n' >1/coordination/fleet.yaml
	cp 1/coordination/fleet.yaml kept
	expect_status 65 said told on 1 retire 3
	expect_line 'fleet.yaml has to be mended first: line 2' told
	cmp kept 1/coordination/fleet.yaml
}

its_number_is_given_again() {
	three
	on 3 send 1 -m Farewell
	on 3 leave
	sync 1 2
	rm -rf 3
	said told "$TRINE" init --computer 3 --remote "$remote" 3
	expect_line 'has left the fleet' told
	on 3 send 1 -m 'Here again'
	on 1 send 3 -m Welcome
	sync 3 1 3 1
	titles 1 >have
	printf '%s\n' Farewell 'Here again' | expect_file have
	titles 3 | tail -1 | grep -x Welcome
	json 3 status
	expect_line '"code":"retired"' json
	sed 's/^retired: .*/retired: []/' 3/coordination/fleet.yaml >rules
	cp rules 3/coordination/fleet.yaml
	sync 3 1
	waits_for_three
	json 3 status
	no_line '"code":"retired"' json
	sync 3 1
	titles 1 | expect_same have -
}

it nobody_waits_for_one_that_left
it it_leaves_while_it_is_offline
it another_one_retires_it
it two_are_retired_by_two
it the_first_command_of_one_that_joins
it retired_in_a_race
it what_did_not_reach_the_branch_is_not_said
it without_a_fleet_yaml_one_is_made
it a_broken_fleet_yaml_is_not_written_into
it its_number_is_given_again
finish
