# A computer joins: what waited for it alone it reads from the start, what went
# to all from now on.
. "${0%/*}/lib.sh"

a_third_joins_later() {
	new_fleet 2
	on 1 send ALL -m 'Before the third came'
	on 1 send 3 -m 'Welcome, whenever you come'
	on 2 send 3 -m 'Welcome from me'
	sync 1 2 1
	add_computer 3
	on 2 send ALL -m 'After the third came'
	sync 2 3
	titles 3 | sort >got
	printf '%s\n' 'After the third came' 'Welcome from me' \
		'Welcome, whenever you come' | cmp - got
	sync 1
	[ "$(titles 1)" = 'After the third came' ]
	sync 1 2 3 1 2
	expect_desks 1 2 3
}

into_an_empty_remote_from_the_start() {
	new_fleet 2
	on 1 send ALL -m 'The very first'
	sync 1 2
	[ "$(titles 2)" = 'The very first' ]
}

direct_messages_from_the_archive_too() {
	new_fleet 1
	dd if=/dev/zero bs=1024 count=6 2>/dev/null | tr '\0' x >body
	echo >>body
	for number in 1 2 3 4; do
		on 1 send 2 -m "Large $number" body
		sync 1
	done
	hub_files | grep archive/1_TO_2/0001.md
	add_computer 2
	sync 2
	seq -f '1_TO_2.%g' 1 4 >wanted
	ids 2 | cmp - wanted
}

the_lowest_free_number() {
	new_hub
	for number in 1 2 3; do
		"$TRINE" init --remote "$remote" "$PWD/$number"
		sync $number
		hub_show COMPUTER_$number.md >/dev/null
	done
}

names_are_shown() {
	new_hub
	add_computer 1 --name Mechanic
	sync 1
	hub_show COMPUTER_1.md | grep 'Computer 1 · Mechanic'
	hub_show COMPUTER_1.md | grep '^name: Mechanic'
}

a_number_used_before_the_first_fetch() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m One
	sync 1 2
	rm -rf 1
	stop_daemon
	add_computer 1 --takeover
	on 1 send 2 -m 'Before the first fetch'
	expect_status 75 on 1 sync
	serve
	sync 1 2 1
	printf '%s\n' One 'Before the first fetch' >wanted
	titles 2 | cmp - wanted
	expect_desks 1
}

# Where the branch stood at its init, nobody can say.
one_that_was_out_of_reach_joins_where_it_first_sees_the_branch() {
	new_fleet 2
	on 1 send ALL -m 'Before'
	sync 1 2 1
	mv hub.git away.git
	add_computer 3
	mv away.git hub.git
	on 2 send ALL -m 'Before its first cycle'
	sync 2 3
	[ "$(titles 3)" = '' ]
	on 2 send ALL -m 'Since'
	sync 2 3
	[ "$(titles 3)" = 'Since' ]
}

# It joins a branch that went back to before its writer, who puts the stream there again.
what_the_branch_gets_again_was_said_before_it_came() {
	new_fleet 2
	sync 1
	before=$(hub rev-parse main)
	on 2 send ALL -m 'Before'
	sync 2
	add_computer 3
	hub update-ref refs/heads/main "$before"
	sync 3 2
	on 2 send ALL -m 'Since'
	sync 2 3
	[ "$(titles 3)" = 'Since' ]
}

too_much() { head -c 1100000 /dev/zero | tr '\0' x >>"$1"; }
executable() { chmod +x "$1"; }
a_link() { ln -sf elsewhere.md "$1"; }
a_folder() { rm "$1" && mkdir "$1" && echo text >"$1/a.md"; }
a_text() { echo 'Mine from now on' >"$1"; }

# Whose number it is, the last version that can be read says (R36).
a_spoiled_status_holds_its_number() {
	new_fleet 2
	sync 1 2
	for spoil in too_much executable a_link a_folder a_text; do
		person_pull
		$spoil person/coordination/COMPUTER_2.md
		person_push "$spoil"
		expect_status 77 "$TRINE" init --computer 2 --remote "$remote" \
			"$PWD/x" 2>said
		expect_line 'computer 2 is taken' said
		"$TRINE" init --remote "$remote" "$PWD/x$spoil" >said
		expect_line 'computer 3' said
		sync 2 1
	done
}

# What nobody of trine ever wrote there is a person's note.
a_text_that_was_never_a_status_holds_none() {
	new_fleet 1
	sync 1
	person_pull
	echo 'About the computer to come' >person/coordination/COMPUTER_2.md
	person_push note
	add_computer 2
	sync 2
}

# The number that fleet.yaml named before somebody broke it is somebody's (R16).
broken_rules_name_the_numbers_as_before() {
	new_fleet 1
	sync 1
	person_pull
	printf 'computers:\n  2: {name: Atlas}\n' >person/coordination/fleet.yaml
	person_push rules
	echo '  - [' >>person/coordination/fleet.yaml
	person_push broken
	"$TRINE" init --remote "$remote" "$PWD/x" >said
	expect_line 'computer 3' said
}

it a_third_joins_later
it a_spoiled_status_holds_its_number
it a_text_that_was_never_a_status_holds_none
it broken_rules_name_the_numbers_as_before
it what_the_branch_gets_again_was_said_before_it_came
it one_that_was_out_of_reach_joins_where_it_first_sees_the_branch
it into_an_empty_remote_from_the_start
it direct_messages_from_the_archive_too
it the_lowest_free_number
it names_are_shown
it a_number_used_before_the_first_fetch
finish
