# Loose text that stands in the file again after it was adopted: once is enough.
. "${0%/*}/lib.sh"

# tokens READER: how often each of T1. T2. … has arrived there, in order.
tokens() { on "$1" inbox --all --json | grep -oE 'T[0-9]+\.' | sort | tr '\n' ' '; }

# One message, and text by hand below it that an editor has as `buffer`.
typed_and_buffered() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m 'The first'
	sync 1
	loose 1 messages/1_TO_2.md '' 'By hand' 'T1.'
	cp 1/coordination/messages/1_TO_2.md buffer
}

# What was adopted is known, and T2. alone goes out.
the_buffer_is_saved_with_more() {
	{ cat buffer; printf '\nBy hand\nT2.\n'; } \
		>1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2 1 2
	[ "$(tokens 2)" = 'T1. T2. ' ]
}

an_editor_writes_back_what_was_adopted_and_archived() {
	typed_and_buffered
	sync 1
	head -c 11000 /dev/zero | tr '\0' x | fold -w 70 >big
	on 1 send 2 -m 'Closes the segment' big
	sync 1
	on 1 send 2 -m 'Begins the next'
	sync 1
	[ -e 1/coordination/archive/1_TO_2/0001.md ]
	the_buffer_is_saved_with_more
	[ "$(ids 2 | wc -l)" -eq 5 ]
	expect_desks 1 2
}

# One that was saved before the text was finished: it is the same text.
an_earlier_state_of_it() {
	typed_and_buffered
	loose 1 messages/1_TO_2.md '' 'T2.'
	sync 1
	cp buffer 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2 1
	[ "$(tokens 2)" = 'T1. T2. ' ]
	[ "$(ids 2 | wc -l)" -eq 2 ]
	expect_desks 1 2
}

# Killed after the log has the text and before the desk shows it, twice, while
# somebody goes on typing: one stretch, of which two messages were made.
two_messages_of_one_stretch() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m 'The first'
	sync 1
	for number in 1 2; do
		loose 1 messages/1_TO_2.md '' 'By hand' "T$number."
		point=1
		until grep -qF "T$number." 1/.trine/event-log.jsonl; do
			expect_status '0 137' env TRINE_TEST_KILL=$point \
				"$TRINE" -C "$PWD/1" sync
			point=$((point + 1))
		done
		expect_line "T$number." 1/coordination/messages/1_TO_2.md
	done
	loose 1 messages/1_TO_2.md '' 'By hand' 'T3.'
	sync 1 2 1 2
	[ "$(tokens 2)" = 'T1. T2. T3. ' ]
	[ "$(ids 2 | wc -l)" -eq 4 ]
	expect_desks 1 2
}

# Two people say the same, above and below a message: both do.
one_text_in_two_places() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m 'The first'
	sync 1
	f=1/coordination/messages/1_TO_2.md
	{
		sed '/trine:messages/q' $f
		printf '\nBy hand\nT1.\n\n'
		sed '1,/trine:messages/d' $f
		printf '\nBy hand\nT1.\n'
	} >typed
	cp typed $f
	settle $f
	sync 1 2
	cp typed $f
	settle $f
	sync 1 2
	[ "$(tokens 2)" = 'T1. T1. ' ]
	[ "$(ids 2 | wc -l)" -eq 3 ]
	expect_desks 1 2
}

# More than anybody looks at one by one.
much_is_sent() { for number in $(seq 210); do on 1 send 2 -m "More $number"; done; }

# It is in the file for good, as what stands above it can be in no branch.
text_that_stays_in_the_file() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m 'The first'
	sync 1
	{ printf '\377\n'; cat 1/coordination/messages/1_TO_2.md; } >odd
	cp odd 1/coordination/messages/1_TO_2.md
	loose 1 messages/1_TO_2.md '' 'By hand' 'T1.'
	sync 1
	much_is_sent
	sync 1 1
	loose 1 messages/1_TO_2.md '' 'By hand' 'T2.'
	sync 1 1 2
	[ "$(tokens 2)" = 'T1. T2. ' ]
	[ "$(ids 2 | wc -l)" -eq 213 ]
}

a_buffer_that_is_some_days_old() {
	typed_and_buffered
	sync 1
	much_is_sent
	sync 1
	the_buffer_is_saved_with_more
	[ "$(ids 2 | wc -l)" -eq 213 ]
	expect_desks 1 2
}

it an_editor_writes_back_what_was_adopted_and_archived
it an_earlier_state_of_it
it two_messages_of_one_stretch
it one_text_in_two_places
it text_that_stays_in_the_file
it a_buffer_that_is_some_days_old
finish
