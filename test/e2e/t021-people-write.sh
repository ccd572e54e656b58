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

edit() { # N SED-SCRIPT: a person changes lines of it
	person_pull
	sed "$2" "person/coordination/messages/HUMAN_TO_$1.md" >edited
	cp edited "person/coordination/messages/HUMAN_TO_$1.md"
	person_push 'Change a note'
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

alike=$(printf 'It begins with %0200d' 0)

# states NAME=STATE…: of the tasks whose title goes on with that name.
states() {
	for _id in $(ids 1); do
		json 1 show "$_id"
		tr -d '\n' <json
		echo
	done >shown
	for _want; do
		grep -F "$alike${_want%=*}\\n\"" shown >found
		[ "$(wc -l <found)" -eq 1 ]
		grep -F "\"state\":\"${_want#*=}\"" found
	done
}

# Of titles that are cut, and alike so far, each is the task of its own line.
long_lines_that_begin_alike() {
	new_fleet 2
	sync 1 2
	write_to 1 "- [ ] $alike A" "- [ ] $alike B" "- [ ] $alike C"
	sync 1
	states ' A=QUEUED' ' B=QUEUED' ' C=QUEUED'
	edit 1 's/\[ \]\(.* A\)/[x]\1/'
	sync 1
	states ' A=COMPLETED' ' B=QUEUED' ' C=QUEUED'
	edit 1 's/ B$/ D/'
	sync 1
	states ' A=COMPLETED' ' D=QUEUED' ' C=QUEUED'
	edit 1 '/ D$/d'
	sync 1
	states ' A=COMPLETED' ' D=FAILED' ' C=QUEUED'
	received 1 "$(printf %.200s "$alike")" "$(printf %.200s "$alike")" \
		"$(printf %.200s "$alike")"
}

it a_note_reaches_every_desk
it long_lines_that_begin_alike
finish
