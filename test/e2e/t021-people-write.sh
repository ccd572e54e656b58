# Notes of people in messages/HUMAN_TO_N.md reach every desk, line by line.
. "${0%/*}/lib.sh"

write_to() { # N LINE…: a person adds lines to HUMAN_TO_N.md and pushes
	reader=$1
	shift
	person_pull
	mkdir -p person/coordination/messages
	printf '%s\n' "$@" >>"person/coordination/messages/HUMAN_TO_$reader.md"
	person_push "Add a note for $reader"
}

a_note_reaches_every_desk() {
	new_fleet 2
	sync 1 2
	write_to 1 '- [ ] Fix the login'
	loose 2 messages/HUMAN_TO_1.md '- [ ] Call Ada'
	sync 1 2 1
	expect_line '- [ ] Fix the login' 2/coordination/messages/HUMAN_TO_1.md
	expect_line '- [ ] Call Ada' 1/coordination/messages/HUMAN_TO_1.md
	[ ! -e 1/coordination/conflicts ]
	expect_desks 1
}

it a_note_reaches_every_desk
finish
