# Shared files are merged; on a conflict the tip's version stays and ours is kept.
. "${0%/*}/lib.sh"

two_with_notes() {
	new_fleet 2
	mkdir -p 1/coordination/shared
	printf '%s\n' one two three four five six seven \
		>1/coordination/shared/notes.md
	sync 1 2 1 2
	expect_desks 1 2
}

edit() { # N SED-SCRIPT
	sed "$2" "$1/coordination/shared/notes.md" >new
	cp new "$1/coordination/shared/notes.md"
}

a_new_file_reaches_everybody() {
	two_with_notes
	expect_line seven 2/coordination/shared/notes.md
}

edits_in_different_places_are_merged() {
	two_with_notes
	edit 1 's/one/ONE/'
	edit 2 's/seven/SEVEN/'
	sync 1 2 1
	expect_file 1/coordination/shared/notes.md <<-'END'
	ONE
	two
	three
	four
	five
	six
	SEVEN
	END
	expect_desks 1 2
	hub_files | { ! grep conflicts/; }
}

edits_of_one_line_keep_both_versions() {
	two_with_notes
	edit 1 's/four/vier/'
	edit 2 's/four/quatre/'
	sync 1 2 1
	expect_line vier 2/coordination/shared/notes.md
	no_line quatre 2/coordination/shared/notes.md
	grep -rqF quatre 2/coordination/conflicts/2
	expect_desks 1 2
	json 2 status
	expect_line '"code":"conflict"' json
	sync 1 2 1 2
	[ "$(hub_files | grep -c conflicts/)" -eq 1 ]
}

# No blob that lasts has the rest of it.
an_edit_of_a_long_text_is_kept_whole() {
	two_with_notes
	seq -f 'Line %06g of very many' 25000 >1/coordination/shared/notes.md
	sync 1 2
	edit 1 's/024990/peer/'
	edit 2 's/024990/mine/'
	cp 2/coordination/shared/notes.md text
	sync 1 2 1
	expect_line 'Line peer of very many' 2/coordination/shared/notes.md
	cat 2/coordination/conflicts/2/*notes*.md | sort >kept
	sort text | comm -23 - kept >gone
	expect_empty gone
	expect_line '+Line mine of very many' kept
	expect_desks 1 2
	sync 1 2 1 2
	[ "$(hub_files | grep -c conflicts/)" -eq 2 ]
}

the_same_edit_on_both_sides_is_none() {
	two_with_notes
	edit 1 's/four/vier/'
	edit 2 's/four/vier/'
	sync 1 2 1
	expect_desks 1 2
	hub_files | { ! grep conflicts/; }
}

a_deleted_file_is_gone_everywhere() {
	two_with_notes
	rm 2/coordination/shared/notes.md
	sync 2 1
	[ ! -e 1/coordination/shared/notes.md ]
	expect_desks 1 2
}

an_edit_wins_over_a_deletion() {
	two_with_notes
	edit 1 's/one/ONE/'
	rm 2/coordination/shared/notes.md
	sync 1 2 1
	# The text that somebody just wrote is somewhere, wherever that is.
	hub grep -q ONE main
	expect_desks 1 2
}

lines_for_people_merge_line_by_line() {
	new_fleet 2
	loose 1 messages/HUMAN_TO_3.md '- [ ] Buy milk' '- [ ] Fix the door'
	sync 1 2
	printf '%s\n' '- [x] Buy milk' '- [x] Fix the door' \
		>1/coordination/messages/HUMAN_TO_3.md
	printf '%s\n' '- [ ] Buy milk' '- [ ] Fix the door' '- [ ] Call Ada' \
		>2/coordination/messages/HUMAN_TO_3.md
	settle 1/coordination/messages/HUMAN_TO_3.md \
		2/coordination/messages/HUMAN_TO_3.md
	sync 1 2 1
	expect_line '- [x] Buy milk' 2/coordination/messages/HUMAN_TO_3.md
	no_line '- [ ] Buy milk' 2/coordination/messages/HUMAN_TO_3.md
	no_line '- [ ] Fix' 2/coordination/messages/HUMAN_TO_3.md
	expect_line '- [ ] Call Ada' 1/coordination/messages/HUMAN_TO_3.md
	[ ! -e 2/coordination/conflicts ]
	expect_desks 1 2
}

an_edit_while_away_is_merged_later() {
	two_with_notes
	edit 2 's/seven/SEVEN/'
	on 2 sync --offline
	edit 1 's/one/ONE/'
	sync 1 2 1
	expect_line ONE 2/coordination/shared/notes.md
	expect_line SEVEN 1/coordination/shared/notes.md
	expect_desks 1 2
}

# killed_in_publish N PATH…: before it could log that; it has written these.
killed_in_publish() {
	TRINE_TEST_STOP=intent "$TRINE" -C "$PWD/$1" sync &
	until ps -o stat= -p $! | grep T; do sleep 0.1; done
	kill -KILL $!
	wait $! || :
	_desk=$1/coordination
	shift
	for _path; do
		hub_show "$_path" >"$_desk/$_path"
	done
}

for_people=messages/HUMAN_TO_3.md
person_adds() {
	person_pull
	echo "$1" >>"person/coordination/$for_people"
	person_push 'One more'
}
person_removes() {
	person_pull
	grep -vxFe "$1" "person/coordination/$for_people" >edited
	cp edited "person/coordination/$for_people"
	person_push 'One less'
}

# A line is new on the branch.
two_and_a_door() {
	new_fleet 2
	loose 2 $for_people '- [ ] Buy milk'
	sync 2 1 2
	person_adds '- [ ] Fix the door'
}

# Written, and taken out on the branch before anybody here writes on.
the_door_stays_out() {
	killed_in_publish 1 $for_people
	person_removes '- [ ] Fix the door'
	loose 1 $for_people '- [ ] Call Ada'
	sync 1 2
	no_line '- [ ] Fix the door' 1/coordination/$for_people
	expect_line '- [ ] Call Ada' 2/coordination/$for_people
	expect_desks 1 2
}

what_a_killed_publish_brought_is_no_edit() {
	two_and_a_door
	the_door_stays_out
}

# Nor is a version that was here before.
what_it_brought_back_is_no_edit() {
	two_and_a_door
	sync 1
	person_removes '- [ ] Fix the door'
	sync 1
	person_adds '- [ ] Fix the door'
	the_door_stays_out
}

# What it did not get to is not taken out.
what_a_killed_publish_did_not_write_stays() {
	two_and_a_door
	killed_in_publish 1
	loose 1 $for_people '- [ ] Call Ada'
	sync 1 2
	expect_line '- [ ] Fix the door' 1/coordination/$for_people
	expect_line '- [ ] Call Ada' 2/coordination/$for_people
	expect_desks 1 2
}

# And when that is known, what it was about to bring may be written here.
what_was_never_here_can_be_written() {
	two_and_a_door
	killed_in_publish 1
	person_removes '- [ ] Fix the door'
	sync 1
	loose 1 $for_people '- [ ] Fix the door' '- [ ] Call Ada'
	sync 1 2
	expect_line '- [ ] Fix the door' 2/coordination/$for_people
	expect_desks 1 2
}

an_edit_after_a_killed_publish_is_merged() {
	two_with_notes
	edit 2 's/one/ONE/'
	sync 2
	killed_in_publish 1 shared/notes.md
	edit 1 's/seven/SEVEN/'
	edit 2 's/ONE/uno/'
	sync 2 1 2
	expect_line uno 1/coordination/shared/notes.md
	expect_line SEVEN 2/coordination/shared/notes.md
	expect_desks 1 2
	hub_files | { ! grep conflicts/; }
}

names_that_are_no_names_stay_here() {
	two_with_notes
	echo secret >1/coordination/.hidden
	echo x >'1/coordination/a b.md'
	echo x >1/coordination/program.sh
	echo x >1/coordination/CLAUDE.md
	ln -s /etc/passwd 1/coordination/link.md
	sync 1 2
	hub_files >files
	no_line hidden files
	no_line program files
	no_line CLAUDE files
	no_line link files
	[ -e 1/coordination/CLAUDE.md ]
	[ ! -e 2/coordination/CLAUDE.md ]
}

# Most of a desk that is gone is put back; one file that is deleted then, is deleted. A
# file that cannot be shared changes nothing of that.
most_is_lost() { # N
	find "$1/coordination" -type f ! -name 'big.*' -exec rm {} +
	sync "$1"
	expect_line seven "$1/coordination/shared/notes.md"
}

notes_can_be_deleted() { # by 1
	on 1 status >status
	no_line 'were gone' status
	rm 1/coordination/shared/notes.md
	sync 1 2
	[ ! -e 1/coordination/shared/notes.md ]
	[ ! -e 2/coordination/shared/notes.md ]
}

a_file_that_is_never_shared_holds_up_nothing() {
	two_with_notes
	mkdir 1/coordination/notes
	head -c 2097152 /dev/zero >1/coordination/notes/big.txt
	on 1 send 2 -m 'Something to write'
	sync 1
	grep '"type":"desk.published"' 1/.trine/event-log.jsonl | tail -1 >shown
	no_line "$(printf '%040d' 0)" shown
	most_is_lost 1
	notes_can_be_deleted
	[ -e 1/coordination/notes/big.txt ]
}

a_file_that_grew_too_large_holds_up_no_deletion() {
	two_with_notes
	echo small >1/coordination/shared/big.txt
	sync 1 2
	head -c 2097152 /dev/zero >1/coordination/shared/big.txt
	most_is_lost 1
	sync 1
	notes_can_be_deleted
	expect_line small 2/coordination/shared/big.txt
}

it a_new_file_reaches_everybody
it edits_in_different_places_are_merged
it edits_of_one_line_keep_both_versions
it an_edit_of_a_long_text_is_kept_whole
it the_same_edit_on_both_sides_is_none
it a_deleted_file_is_gone_everywhere
it an_edit_wins_over_a_deletion
it lines_for_people_merge_line_by_line
it an_edit_while_away_is_merged_later
it what_a_killed_publish_brought_is_no_edit
it what_it_brought_back_is_no_edit
it what_a_killed_publish_did_not_write_stays
it what_was_never_here_can_be_written
it an_edit_after_a_killed_publish_is_merged
it names_that_are_no_names_stay_here
it a_file_that_is_never_shared_holds_up_nothing
it a_file_that_grew_too_large_holds_up_no_deletion
finish
