# Names that are alike but for case are one file on some desks: no desk gets any of
# them, while there are two (R24).
. "${0%/*}/lib.sh"

desk=1/coordination/shared

# rename FROM TO: on the branch, by a person.
rename() {
	person_pull
	git -C person mv "coordination/$1" "coordination/$2"
	person_push "Rename $1"
}

nothing_is_hidden() {
	for each; do
		on "$each" status >status
		no_line hidden status
	done
}

on_the_branch_a_name_gets_another_case() {
	new_fleet 2
	loose 1 shared/b.md 'Here'
	sync 1 2
	rename shared/b.md shared/B.md
	sync 1 2
	[ -f $desk/B.md ]
	[ ! -e $desk/b.md ]
	nothing_is_hidden 1 2
	expect_desks 1 2
}

# Both names stay until the edit is gone, or where it belongs.
and_somebody_wrote_under_the_old_one() {
	new_fleet 2
	loose 1 shared/b.md 'Here'
	sync 1 2
	rename shared/b.md shared/B.md
	loose 1 shared/b.md 'An edit'
	sync 1 2
	grep -q 'An edit' $desk/b.md
	on 1 status >status
	grep -q 'done to shared/b.md here does not go out' status
	mv $desk/b.md edit
	sync 1
	grep -q Here $desk/B.md
	nothing_is_hidden 1 2
	cp edit $desk/B.md
	settle $desk/B.md
	sync 1 2 1
	hub_show shared/B.md | grep -q 'An edit'
	expect_desks 1 2
}

on_a_desk_a_name_gets_another_case() {
	new_fleet 2
	loose 1 shared/b.md 'Here'
	sync 1 2
	mv $desk/b.md $desk/B.md
	sync 1 2
	hub_files >files
	expect_line shared/B.md files
	no_line shared/b.md files
	nothing_is_hidden 1 2
	expect_desks 1 2
}

# Others wrote into it meanwhile: that is not lost.
on_a_desk_while_another_one_writes_into_it() {
	new_fleet 2
	loose 1 shared/b.md 'Here'
	sync 1 2
	mv $desk/b.md $desk/B.md
	loose 2 shared/b.md 'Written meanwhile'
	sync 2 1
	hub_show shared/b.md | grep -q 'Written meanwhile'
	on 1 status >status
	expect_line 'alike but for case' status
	rm $desk/B.md
	sync 1 2
	grep -q 'Written meanwhile' $desk/b.md
	nothing_is_hidden 1 2
	expect_desks 1 2
}

# The cycle that may show it was killed, wherever; the next one does.
one_that_is_left_is_shown() {
	new_fleet 1
	sync 1
	person_pull
	echo 'One' >person/coordination/shared/a.md
	echo 'Another' >person/coordination/shared/A.md
	person_push 'Two'
	sync 1
	[ ! -e $desk/a.md ]
	person_pull
	rm person/coordination/shared/A.md
	person_push 'One is left'
	on 1 send 2 -m 'A reason for a commit'
	mkdir saved
	cp -pR 1 hub.git saved/
	for point in $(seq 2 2 40); do
		rm -rf 1 hub.git
		cp -pR saved/1 saved/hub.git .
		( TRINE_TEST_KILL=$point on 1 sync ) || :
		sync 1
		grep -q One $desk/a.md
	done
	nothing_is_hidden 1
}

what_the_branch_loses_while_it_is_hidden_goes() {
	new_fleet 1
	loose 1 shared/a.md 'Stays'
	loose 1 shared/b.md 'Goes'
	sync 1
	person_pull
	rm person/coordination/shared/b.md
	mkdir person/coordination/Shared
	echo 'In a folder alike but for case' >person/coordination/Shared/c.md
	person_push 'A twin'
	sync 1
	[ -f 1/coordination/shared/a.md ]
	[ ! -e 1/coordination/shared/b.md ]
	person_pull
	rm -r person/coordination/Shared
	person_push 'No twin'
	sync 1
	expect_desks 1
}

# A name with a rule of its own was in the way of one that has none: the cycle that sees
# that it is gone shows the other one.
what_was_like_a_name_of_a_rule_comes_when_that_goes() {
	new_fleet 1
	sync 1
	person_pull
	mkdir person/coordination/messages
	echo 'A note' >person/coordination/messages/HUMAN_TO_2.md
	echo 'Something' >person/coordination/messages/HUMAn_TO_2.md
	person_push 'Two'
	sync 1
	[ -f 1/coordination/messages/HUMAN_TO_2.md ]
	[ ! -e 1/coordination/messages/HUMAn_TO_2.md ]
	person_pull
	rm person/coordination/messages/HUMAN_TO_2.md
	person_push 'One is left'
	sync 1
	expect_desks 1
	nothing_is_hidden 1
}

# A computer puts its own files back: the other one would come beside them.
what_is_like_an_own_file_that_went_stays_away() {
	new_fleet 1
	dd if=/dev/zero bs=1024 count=18 2>/dev/null | tr '\0' x | fold >body
	on 1 send 2 -m 'Fills a segment' body
	sync 1
	on 1 send 2 -m 'Closes it'
	sync 1
	[ -f 1/coordination/archive/1_TO_2/0001.md ]
	rename archive/1_TO_2 archive/1_to_2
	sync 1 1
	hub_show archive/1_TO_2/0001.md >own
	cmp own 1/coordination/archive/1_TO_2/0001.md
	[ ! -e 1/coordination/archive/1_to_2 ]
	on 1 status >status
	grep -q 'not shown on desks: archive/1_to_2' status
}

# A folder stands where a computer has a file, and goes, where all that is in it is
# hidden: the file would not get its place.
a_hidden_folder_makes_room() {
	new_fleet 2
	on 1 send 2 -m 'In a file'
	sync 1 2
	person_pull
	rm person/coordination/messages/1_TO_2.md
	mkdir person/coordination/messages/1_TO_2.md
	echo 'In a folder' >person/coordination/messages/1_TO_2.md/a.md
	person_push 'A folder'
	sync 2
	[ -f 2/coordination/messages/1_TO_2.md/a.md ]
	person_pull
	mkdir person/coordination/Messages
	echo 'In a folder alike but for case' >person/coordination/Messages/c.md
	person_push 'A twin'
	sync 1 2
	grep -q 'In a file' 2/coordination/messages/1_TO_2.md
}

what_is_written_where_it_is_hidden_waits() {
	new_fleet 1
	loose 1 shared/a.md 'First'
	sync 1
	person_pull
	mkdir person/coordination/Shared
	echo 'In a folder alike but for case' >person/coordination/Shared/c.md
	person_push 'A twin'
	loose 1 shared/a.md 'Second'
	sync 1 1
	on 1 status >status
	grep -q 'done to shared/a.md here does not go out' status
	person_pull
	rm -r person/coordination/Shared
	person_push 'No twin'
	sync 1
	hub_show shared/a.md | grep -q Second
	on 1 status >status
	no_line 'not go out' status
	expect_desks 1
}

# A deletion, too; status says so.
what_is_deleted_where_it_is_hidden_waits() {
	new_fleet 1
	for name in a b c; do
		loose 1 docs/$name.md Text
	done
	sync 1
	mkdir 1/coordination/Docs
	mv 1/coordination/docs/a.md 1/coordination/Docs/
	rm 1/coordination/docs/b.md
	sync 1
	on 1 status >status
	grep -qE 'done to [Dd]ocs/[ab].md here does not go out' status
	hub_show docs/b.md | grep -q Text
	mv 1/coordination/docs/c.md 1/coordination/Docs/
	settle 1/coordination/Docs/c.md
	sync 1
	hub_files >files
	no_line docs/b.md files
	on 1 status >status
	no_line 'not go out' status
}

it on_the_branch_a_name_gets_another_case
it what_is_deleted_where_it_is_hidden_waits
it and_somebody_wrote_under_the_old_one
it on_a_desk_a_name_gets_another_case
it on_a_desk_while_another_one_writes_into_it
it what_is_written_where_it_is_hidden_waits
it one_that_is_left_is_shown
it what_the_branch_loses_while_it_is_hidden_goes
it what_was_like_a_name_of_a_rule_comes_when_that_goes
it what_is_like_an_own_file_that_went_stays_away
it a_hidden_folder_makes_room
finish
