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

it a_new_file_reaches_everybody
it edits_in_different_places_are_merged
it edits_of_one_line_keep_both_versions
it the_same_edit_on_both_sides_is_none
it a_deleted_file_is_gone_everywhere
it an_edit_wins_over_a_deletion
it lines_for_people_merge_line_by_line
it an_edit_while_away_is_merged_later
it names_that_are_no_names_stay_here
finish
