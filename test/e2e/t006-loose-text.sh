# Text written by hand into one's own stream becomes a message.
. "${0%/*}/lib.sh"

two() {
	new_fleet 2
	on 1 send 2 -m First
	sync 1 2
}

text_below_the_last_message_is_sent() {
	two
	loose 1 messages/1_TO_2.md '' '# Database is slow' '' \
		'**Priority:** high' '' 'Please have a look.'
	sync 1 2
	[ "$(ids 2 | tr '\n' ' ')" = '1_TO_2.1 1_TO_2.2 ' ]
	json 2 show 1_TO_2.2
	expect_line '"title":"Database is slow"' json
	expect_line '"priority":"high"' json
	expect_line '"body":"# Database is slow\n\n**Priority:** high\n\nPlease have a look.\n"' json
	sync 1 2 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
	expect_desks 1 2
	[ ! -e 1/coordination/conflicts ]
}

a_file_made_by_hand_is_a_message() {
	new_fleet 2
	sync 1 2
	loose 1 messages/1_TO_2.md 'Hello 2, this is 1.' '---' '## More' 'text'
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	json 2 show 1_TO_2.1
	expect_line '"body":"Hello 2, this is 1.\n---\n## More\ntext\n"' json
	hub_show messages/1_TO_2.md | head -1 | grep '^# Computer 1'
}

text_waits_until_its_writer_is_done() {
	two
	printf '\nI am still typing\n' >>1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	expect_line 'still typing' 1/coordination/messages/1_TO_2.md
	hub_show messages/1_TO_2.md | { ! grep typing; }
	at +2m sync 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

a_message_goes_out_beside_unfinished_text() {
	two
	printf '\nI am still typing\n' >>1/coordination/messages/1_TO_2.md
	on 1 send 2 -m Meanwhile
	sync 1 2
	[ "$(titles 2 | tail -1)" = Meanwhile ]
	expect_line 'still typing' 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'I am still typing' ]
	[ ! -e 1/coordination/conflicts ]
}

words_of_people_set_type_and_priority() {
	new_fleet 2
	sync 1
	loose 1 messages/1_TO_2.md '- [ ] Paint the fence' 'Priority: URGENT'
	sync 1 2
	json 2 show 1_TO_2.1
	expect_line '"type":"task"' json
	expect_line '"priority":"urgent"' json
	loose 1 messages/1_TO_2.md '' 'The server is down' '**Priority:** 🚨'
	sync 1 2
	json 2 show 1_TO_2.2
	expect_line '"priority":"urgent"' json
	loose 1 messages/1_TO_2.md '' 'Nice weather' '' '- Priority: low'
	sync 1 2
	json 2 show 1_TO_2.3
	expect_line '"priority":"low"' json
	expect_line '"type":"message"' json
}

an_older_copy_saved_by_an_editor_loses_nothing() {
	two
	cp 1/coordination/messages/1_TO_2.md older
	on 1 send 2 -m Second
	sync 1 2
	cp older 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	expect_line '## Second' 1/coordination/messages/1_TO_2.md
	hub_show messages/1_TO_2.md | grep '## Second'
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

an_old_buffer_of_adopted_text_is_not_a_second_message() {
	two
	loose 1 messages/1_TO_2.md '' 'Typed by hand'
	cp 1/coordination/messages/1_TO_2.md buffer
	sync 1 2
	cp buffer 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
	# Once as the title, once as the body.
	expect_count 2 'Typed by hand' 1/coordination/messages/1_TO_2.md
	# The editor goes on from its buffer: only the rest is new.
	{ cat buffer; echo; echo 'And more of it'; } >longer
	cp longer 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'And more of it' ]
	[ "$(ids 2 | wc -l)" -eq 3 ]
}

a_damaged_block_is_no_message() {
	two
	sed '/^id: /d' 1/coordination/messages/1_TO_2.md >new
	cp new 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	grep -rqF '```yaml message' 1/coordination/conflicts/1
	expect_line 'id: 1_TO_2.1' 1/coordination/messages/1_TO_2.md
	expect_desks 1 2
}

text_that_was_there_at_init_is_no_message() {
	new_hub
	mkdir -p 1/coordination/messages
	printf '%s\n' '# Old notes' '' 'From before trine.' \
		>1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	add_computer 1
	add_computer 2
	on 1 send 2 -m 'The first one'
	sync 1 2
	[ "$(titles 2)" = 'The first one' ]
	hub_show messages/1_TO_2.md | grep 'From before trine.'
	hub_show messages/1_TO_2.md | head -1 | grep '# Old notes'
}

however_old_text_ends_it_is_no_message() {
	new_hub
	mkdir -p 1/coordination/messages
	printf 'Old text\n\n\n' >1/coordination/messages/1_TO_2.md
	printf 'Old text' >1/coordination/messages/1_TO_3.md
	printf 'Old text\r\n \r\n' >1/coordination/messages/1_TO_4.md
	printf '\n\n' >1/coordination/messages/1_TO_5.md
	settle 1/coordination/messages/*
	add_computer 1
	sync 1 1
	no_line '"type":"message.sent"' 1/.trine/event-log.jsonl
	for each in 2 3 4; do
		hub_show messages/1_TO_$each.md >file
		expect_count 1 'Old text' file
		expect_count 1 '<!-- trine:messages' file
	done
	expect_desks 1
}

text_for_all_reaches_all() {
	new_fleet 3
	sync 1 2 3
	loose 1 messages/1_TO_ALL.md 'Meeting at noon'
	sync 1 2 3
	[ "$(titles 2)" = 'Meeting at noon' ]
	[ "$(titles 3)" = 'Meeting at noon' ]
}

# Nobody reads what a computer writes to itself; but it is kept.
text_for_itself_is_kept() {
	two
	mkdir -p 1/coordination/messages
	printf 'Remember: the door code\n' >1/coordination/messages/1_TO_1.md
	sync 1
	expect_line 'the door code' 1/coordination/messages/1_TO_1.md
	[ ! -e 1/coordination/conflicts ]
	settle 1/coordination/messages/1_TO_1.md
	sync 1 1
	[ ! -e 1/coordination/messages/1_TO_1.md ]
	grep -rqF 'the door code' 1/coordination/conflicts/1
	sync 2
	expect_desks 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
}

# As a preamble it stays; what is written into it since is kept.
text_for_itself_of_before_init_is_kept() {
	new_hub
	mkdir -p 1/coordination/messages
	echo 'An old note' >1/coordination/messages/1_TO_1.md
	add_computer 1
	sync 1
	expect_line 'An old note' 1/coordination/messages/1_TO_1.md
	loose 1 messages/1_TO_1.md 'The door code'
	sync 1 1
	grep -rqF 'The door code' 1/coordination/conflicts/1
	expect_line 'An old note' 1/coordination/messages/1_TO_1.md
	expect_desks 1
}

# A program has a file open and goes on writing: into what came out of the desk.
held_open() { # FILE
	exec 3>>"$1"
	echo 'Step one is done' >&3
	settle "$1"
	sync 1
	echo 'Step two failed' >&3
}

what_a_program_adds_to_an_open_file_is_sent() {
	two
	held_open 1/coordination/messages/1_TO_2.md
	sync 1	# not still yet
	at +1m sync 1
	echo 'Step three, too' >&3
	at +10m sync 1 1 2
	[ "$(titles 2 | tail -3 | tr '\n' /)" = \
		'Step one is done/Step two failed/Step three, too/' ]
	expect_desks 2
	[ ! -e 1/coordination/conflicts ]
	[ -z "$(find 1/coordination -name '.*trine*')" ]
	at +10m sync 1 1
	seen=$(wc -c <1/.trine/event-log.jsonl)
	at +10m sync 1 1
	[ "$(wc -c <1/.trine/event-log.jsonl)" -eq "$seen" ]
	ls 1/.trine/run/out/*1_TO_2.md
	at +3h sync 1
	[ -z "$(ls 1/.trine/run/out/*1_TO_2.md)" ]
	exec 3>&-
}

what_a_program_adds_to_any_file_is_kept() {
	two
	lines 400 log >1/coordination/shared/log.md
	on 2 send 1 -m Hello
	sync 1 2 1 2
	person_pull
	sed '1s/^/From the top: /' person/coordination/shared/log.md >top
	cp top person/coordination/shared/log.md
	person_push 'Begin it'
	exec 4>>1/coordination/messages/2_TO_1.md
	on 2 send 1 -m 'Hello again'
	sync 2
	held_open 1/coordination/shared/log.md
	echo 'Into what is theirs' >&4
	sync 1 1
	grep -F 'From the top' 1/coordination/shared/log.md
	expect_line 'Step one is done' 1/coordination/shared/log.md
	grep -rqF 'Step two failed' 1/coordination/conflicts/1
	grep -rqF 'Into what is theirs' 1/coordination/conflicts/1
	[ "$(ls 1/coordination/conflicts/1 | wc -l)" -eq 2 ]
	at +1m sync 1 1
	[ "$(ls 1/coordination/conflicts/1 | wc -l)" -eq 2 ]
	exec 3>&- 4>&-
}

# Nor is it lost where another one deletes or renames the file.
what_a_program_adds_to_a_file_that_goes_is_kept() {
	two
	for each in deleted renamed still; do
		lines 20 $each >1/coordination/shared/$each.md
	done
	sync 1 2
	exec 3>>1/coordination/shared/deleted.md 4>>1/coordination/shared/renamed.md
	rm 2/coordination/shared/deleted.md
	mv 2/coordination/shared/renamed.md 2/coordination/shared/new.md
	sync 2 1
	[ ! -e 1/coordination/shared/deleted.md ]
	echo 'Step two failed' >&3
	echo 'Step three, too' >&4
	sync 1 1 2
	grep -rqF 'Step two failed' 1/coordination/conflicts/1
	grep -rqF 'Step three, too' 1/coordination/conflicts/1
	[ "$(ls 1/coordination/conflicts/1 | wc -l)" -eq 2 ]
	expect_desks 1 2
	[ ! -e 1/coordination/shared/deleted.md ]
	echo 'Step four' >&3
	exec 3>&- 4>&-
	at +1m sync 1 1
	grep -rqF 'Step four' 1/coordination/conflicts/1
	at +3h sync 1
	[ -z "$(ls 1/.trine/run/out/*shared*)" ]
}

# It has grown too large to be taken in: it stays, and is shown, until it is smaller.
what_a_program_adds_to_a_large_open_file_stays() {
	two
	yes 'As it was' | head -c 900000 >1/coordination/shared/log.txt
	sync 1 2
	sed '1s/^/Not /' 2/coordination/shared/log.txt >edited
	cp edited 2/coordination/shared/log.txt
	exec 3>>1/coordination/shared/log.txt
	sync 2 1
	head -n 1 1/coordination/shared/log.txt | grep -x 'Not As it was'
	yes 'Step two failed' | head -c 200000 >&3
	exec 3>&-
	sync 1
	at +10m sync 1 1
	out=$(cd 1 && echo .trine/run/out/*shared%2Flog.txt)
	[ "$(grep -c 'Step two failed' 1/$out)" = 12500 ]
	on 1 status >status
	expect_line "$out came off the desk" status
	tail -c 200000 1/$out >smaller
	cat smaller >1/$out
	at +10m sync 1 1
	on 1 status >status
	no_line 'came off the desk' status
	grep -rqF 'Step two failed' 1/coordination/conflicts/1
}

# So does what two programs wrote at once, and publish could not give back.
a_large_file_that_was_left_is_shown() {
	two
	left=shared/.log.md.trine-0123abcd
	yes 'Of two programs' | head -c 1100000 >1/coordination/$left
	sync 1 1
	on 1 status >status
	expect_line "$left is no regular file of at most 1 MiB" status
	yes 'Of two programs' | head -c 1000 >1/coordination/$left
	sync 1 1
	on 1 status >status
	no_line "$left" status
	grep -rqF 'Of two programs' 1/coordination/conflicts/1
}

# A comment is no part of a message: it does not stay, and is not lost.
a_remark_in_a_block_is_kept() {
	two
	on 1 send 2 -m Second
	sync 1 2 1
	f=1/coordination/messages/1_TO_2.md
	sed 's/$/\r/; s/^$/  /' $f >edited
	cp edited $f
	settle $f
	sync 1
	[ ! -e 1/coordination/conflicts ]
	sed 's/^id: 1_TO_2.2/&\n# the key is in the blue folder/' $f >edited
	cp edited $f
	settle $f
	sync 1 2 1
	no_line 'blue folder' $f
	grep -rqF 'blue folder' 1/coordination/conflicts/1
	expect_desks 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

it text_below_the_last_message_is_sent
it a_file_made_by_hand_is_a_message
it text_waits_until_its_writer_is_done
it a_message_goes_out_beside_unfinished_text
it words_of_people_set_type_and_priority
it an_older_copy_saved_by_an_editor_loses_nothing
it an_old_buffer_of_adopted_text_is_not_a_second_message
what_looks_like_an_entry_is_no_message() {
	two
	loose 1 messages/1_TO_2.md '' 'As in 1_TO_2.1 before:' 'the login'
	sync 1 2
	loose 1 messages/1_TO_2.md '' 'Pasted:' '```yaml message' 'type: task'
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	grep -rqF 'the login' 1/coordination/conflicts/1
	grep -rqF 'Pasted:' 1/coordination/conflicts/1
	no_line 'Pasted:' 1/coordination/messages/1_TO_2.md
	expect_desks 1 2
}

it a_damaged_block_is_no_message
it what_looks_like_an_entry_is_no_message
it text_that_was_there_at_init_is_no_message
it however_old_text_ends_it_is_no_message
it text_for_all_reaches_all
it text_for_itself_is_kept
it text_for_itself_of_before_init_is_kept
it a_remark_in_a_block_is_kept
it what_a_program_adds_to_an_open_file_is_sent
it what_a_program_adds_to_any_file_is_kept
it what_a_program_adds_to_a_file_that_goes_is_kept
it what_a_program_adds_to_a_large_open_file_stays
it a_large_file_that_was_left_is_shown
finish
