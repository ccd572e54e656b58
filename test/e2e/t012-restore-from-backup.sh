# A whole directory comes back from a backup: older than what the fleet knows.
. "${0%/*}/lib.sh"

# The state of computer 1 now is what `put_back` restores later.
back_up() { rm -rf backup; cp -pR 1 backup; }
put_back() { rm -rf 1; cp -pR backup 1; }

a_past() {
	new_fleet 2
	on 1 send 2 -m One
	on 2 send 1 -m Eins
	sync 1 2 1
}

what_was_sent_since_stays_sent() {
	a_past
	back_up
	on 1 send 2 -m Two
	sync 1
	on 1 send 2 -m Three
	on 2 send 1 -m Zwei
	sync 1 2 1 2
	put_back
	sync 1
	on 1 send 2 -m Four
	sync 1 2 1
	seq -f '1_TO_2.%g' 1 4 >wanted
	ids 2 | cmp - wanted
	printf '%s\n' One Two Three Four >wanted
	titles 2 | cmp - wanted
	[ "$(ids 1 | tr '\n' ' ')" = '2_TO_1.1 2_TO_1.2 ' ]
	hub_show messages/1_TO_2.md >file
	expect_count 4 '<!-- /1_TO_2.' file
	expect_desks 1 2
	[ ! -d 2/coordination/conflicts/2 ]
	json 1 status
	expect_line '"confirmed":{"2":4' json
}

a_number_used_twice_gets_a_new_one() {
	a_past
	back_up
	on 1 send 2 -m 'After the backup'
	sync 1 2
	put_back
	on 1 send 2 -m 'After the restore'
	sync 1 2 1 2
	printf '%s\n' One 'After the backup' 'After the restore' >wanted
	titles 2 | cmp - wanted
	seq -f '1_TO_2.%g' 1 3 >wanted
	ids 2 | cmp - wanted
}

# Waiting in the backup, and on the branch since; behind it two texts have one
# number.
only_what_is_new_gets_a_new_number() {
	a_past
	on 1 send 2 -m 'Waiting when the backup was made'
	back_up
	on 1 send 2 -m 'After the backup'
	sync 1 2
	put_back
	on 1 send 2 -m 'After the restore'
	on 1 send 2 -m 'And one more'
	sync 1 2 1 2
	printf '%s\n' One 'Waiting when the backup was made' 'After the backup' \
		'After the restore' 'And one more' >wanted
	titles 2 | cmp - wanted
	seq -f '1_TO_2.%g' 5 >wanted
	ids 2 | cmp - wanted
}

# What waits in a backup finds its number taken, and is sent under another one;
# then that backup is put back once more.
the_same_backup_twice_sends_what_waited_once() {
	a_past
	on 1 send 2 -m Waiting
	on 1 send 2 -m 'Waiting, too'
	back_up
	on 1 retract 1_TO_2.3
	on 1 retract 1_TO_2.2
	on 1 send 2 -m 'After the backup'
	sync 1 2
	put_back
	sync 1 2
	put_back
	sync 1 2 1 2
	printf '%s\n' One 'After the backup' Waiting 'Waiting, too' >wanted
	titles 2 | cmp - wanted
	seq -f '1_TO_2.%g' 4 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
}

a_message_waiting_in_the_backup_is_sent_once() {
	a_past
	on 1 send 2 -m 'Waiting when the backup was made'
	back_up
	sync 1 2
	put_back
	sync 1 2 1 2
	[ "$(titles 2 | grep -c Waiting)" = 1 ]
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

# What waits goes out from a disk that is then gone; the one from the backup is told
# that it is the computer now.
went_out_before_a_takeover() {
	back_up
	sync 1 2
	put_back
	on 1 takeover
	on 1 send 2 -m 'After the takeover'
	sync 1 2 1 2
}

# The same, where the old disk is told that it is the computer now.
a_message_waiting_where_one_takes_over_is_sent_once() {
	a_past
	on 1 send 2 -m 'Waiting when the backup was made'
	went_out_before_a_takeover
	printf '%s\n' One 'Waiting when the backup was made' \
		'After the takeover' >wanted
	titles 2 | cmp - wanted
	hub_show messages/1_TO_2.md >file
	expect_count 1 '## Waiting' file
	expect_line '<!-- /1_TO_2.2 -->' file
	expect_desks 1 2
}

# The same, where the backup has the commit, too.
a_commit_waiting_where_one_takes_over_is_sent_once() {
	a_past
	on 1 send 2 -m 'On its way when the backup was made'
	on 1 sync --offline
	went_out_before_a_takeover
	printf '%s\n' One 'On its way when the backup was made' \
		'After the takeover' >wanted
	titles 2 | cmp - wanted
	seq -f '1_TO_2.%g' 1 3 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
}

twice_in_a_row() {
	a_past
	back_up
	for round in 1 2 3; do
		on 1 send 2 -m "Round $round"
		sync 1 2
		put_back
		sync 1 2
	done
	printf '%s\n' One 'Round 1' 'Round 2' 'Round 3' >wanted
	titles 2 | cmp - wanted
	sync 1 2 1 2
	expect_desks 1 2
}

a_view_that_was_deleted_comes_back_equal() {
	a_past
	rm -f 1/.trine/state.db*
	sync 1 2
	[ "$(ids 1)" = 2_TO_1.1 ]
	on 1 send 2 -m Two
	sync 1 2
	[ "$(ids 2 | tr '\n' ' ')" = '1_TO_2.1 1_TO_2.2 ' ]
}

a_repository_that_was_deleted_comes_back() {
	a_past
	on 1 send 2 -m 'In the log only'
	rm -rf 1/.trine/repo.git
	sync 1 2 1
	[ "$(titles 2 | tail -1)" = 'In the log only' ]
	[ "$(ids 1)" = 2_TO_1.1 ]
	expect_desks 1 2
}

# R25: the disk does not know that it kept this text; the branch does.
a_copy_made_since_is_not_made_again() {
	new_fleet 2
	loose 1 shared/notes.md one two three
	sync 1 2
	echo mine >1/coordination/shared/notes.md
	echo yours >2/coordination/shared/notes.md
	sync 2
	back_up
	sync 1
	hub_files | grep conflicts/1/ >copies
	expect_count 1 notes copies
	put_back
	TRINE_TEST_CLOCK=+10m
	export TRINE_TEST_CLOCK
	sync 1 2 1
	hub_files | grep conflicts/1/ | diff copies -
	expect_desks 1 2
}

# The first cycle after the disk came back is offline: its copy waits in a commit
# when the branch shows that there is one.
copied_again_offline() {
	loose 1 COMPUTER_2.md 'from computer 1'
	back_up
	sync 1
	hub_files | grep conflicts/1/ >copies
	expect_count 1 COMPUTER_2 copies
	put_back
	TRINE_TEST_CLOCK=+10m
	export TRINE_TEST_CLOCK
	mv hub.git away
	expect_status '66 69 75' on 1 sync
	mv away hub.git
	sync 1 2 1
	hub_files | grep conflicts/1/ | diff copies -
	said status on 1 status
	expect_line "$(sed 's/.*\(conflicts.*\)/\1/' copies)" status
	expect_desks 1 2
}
a_copy_made_again_offline() { new_fleet 2; sync 1 2; copied_again_offline; }
a_copy_made_again_before_it_was_known() { new_fleet 2; copied_again_offline; }

# The remote went back, too: a receipt tells that the number was used, and the
# text may be the one that used it.
what_waited_where_both_went_back_is_sent_once() {
	a_past
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Waiting when the backup was made'
	back_up
	sync 1 2
	put_back
	hub update-ref refs/heads/main "$before"
	sync 2 1 2 1
	[ "$(titles 2 | grep -c Waiting)" = 1 ]
	on 1 send 2 -m 'And on'
	sync 1 2 1
	printf '%s\n' One 'Waiting when the backup was made' 'And on' >wanted
	titles 2 | cmp - wanted
	json 1 status
	expect_line '"confirmed":{"2":3' json
}

# Text that stood on the desk unsent then: it is taken in once more, later, under
# the number it had.
what_was_typed_where_both_went_back_is_sent_once() {
	a_past
	before=$(hub rev-parse main)
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	back_up
	sync 1 2
	put_back
	hub update-ref refs/heads/main "$before"
	at +1h sync 2 1 2 1 2
	[ "$(titles 2 | grep -c Typed)" = 1 ]
	on 1 send 2 -m 'And on'
	at +1h sync 1 2 1
	printf '%s\n' One 'Typed when the backup was made' 'And on' >wanted
	titles 2 | cmp - wanted
	json 1 status
	expect_line '"confirmed":{"2":3' json
	hub_show COMPUTER_2.md >status
	expect_count 0 rejected status
}

# It had another number where something was sent before it was taken in.
what_was_typed_is_known_under_a_later_number() {
	a_past
	before=$(hub rev-parse main)
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	back_up
	on 1 send 2 -m 'Sent by then'
	sync 1 2
	put_back
	hub update-ref refs/heads/main "$before"
	at +1h sync 2 1 2 1 2 1
	printf '%s\n' One 'Sent by then' 'Typed when the backup was made' >wanted
	titles 2 | cmp - wanted
	hub_show COMPUTER_2.md >status
	expect_count 0 rejected status
}

# What came again then, at another time, is the message that was received: a later
# clone of its sender, which has it at that time, does not say it once more.
what_was_typed_again_is_known_of_a_later_clone() {
	a_past
	before=$(hub rev-parse main)
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	back_up
	sync 1 2
	put_back
	hub update-ref refs/heads/main "$before"
	at +1h sync 2 1 2
	on 1 takeover
	on 1 send 2 -m 'And on'
	at +1h sync 1 2 1 2
	printf '%s\n' One 'Typed when the backup was made' 'And on' >wanted
	titles 2 | cmp - wanted
	hub_show COMPUTER_2.md >status
	expect_count 0 rejected status
}

# Commits wait when the backup is made; by the time it comes back the branch has
# them in the form they got on a newer tip. They are no news, and receipts only
# rise.
what_waited_and_was_rebuilt_since_is_not_pushed_again() {
	a_past
	loose 1 shared/notes.md 'a note'
	mv hub.git away
	expect_status '66 69 75' on 1 sync
	mv away hub.git
	on 2 send 1 -m Zwei
	sync 2
	hub_refuses
	expect_status 77 on 1 sync
	hub_accepts
	back_up
	person_pull
	echo 'Something else' >person/other
	person_push 'Elsewhere'
	sync 1
	before=$(hub rev-parse main)
	put_back
	sync 1
	[ "$(hub rev-parse main)" = "$before" ]
	sync 2 1
	hub log --reverse --format= -p main -- coordination/COMPUTER_1.md |
		sed -n 's/^+received: {2_TO_1: \([0-9]*\).*/\1/p' >receipts
	sort -n receipts | cmp - receipts
	expect_count 1 2 receipts
	expect_desks 1 2
}

# The same, where the branch has of a life before this one what nobody here knew.
what_waited_where_the_branch_knows_a_former_life() {
	a_past
	before=$(hub rev-parse main)
	on 2 send 1 -m Zwei
	sync 2 1
	rm -rf 1
	"$TRINE" init --computer 1 --remote "$remote" --takeover "$PWD/1"
	sync 1
	on 1 send 2 -m 'Waiting when the backup was made'
	back_up
	sync 1 2
	hub update-ref refs/heads/main "$before"
	sync 2
	put_back
	sync 1 2 1
	on 1 send 2 -m 'And on'
	sync 1 2 1
	printf '%s\n' One 'Waiting when the backup was made' 'And on' >wanted
	titles 2 | cmp - wanted
	seq -f '1_TO_2.%g' 1 3 >wanted
	ids 2 | cmp - wanted
}

# What a life before said was lost with disk and branch, and the branch comes
# back with it, after this one has gone on as another clone.
the_branch_comes_back_with_more() {
	a_past
	back_up
	on 1 send 2 -m Two
	sync 1
	some=$(hub rev-parse main)
	on 1 send ALL -m Three
	sync 1
	all=$(hub rev-parse main)
	put_back
	hub update-ref refs/heads/main "$some"
	sync 1
	on 1 send 2 -m Four
	sync 1
	hub update-ref refs/heads/main "$all"
	sync 1 2 1 2
	for title in Two Three Four; do
		hub grep -q "$title" main -- coordination/messages
		titles 2 >got
		expect_count 1 "$title" got
		on 1 search "$title" >got
		expect_line "$title" got
	done
	expect_desks 1 2
}

# A life that disk and branch both lost said Former; the one after it has Waiting
# to send when the backup is made; 2 receives it, and Later. Then the disk is that
# backup, and the branch the one that knows Former.
two_lives() { # READER OF FORMER, READER OF WAITING [, where that is typed: TYPED]
	before=$(hub rev-parse main)
	back_up
	on 1 send "$1" -m Former
	sync 1
	former=$(hub rev-parse main)
	put_back
	hub update-ref refs/heads/main "$before"
	if [ "${3:-}" = TYPED ]; then
		loose 1 "messages/1_TO_$2.md" '' Waiting
	else
		on 1 send "$2" -m Waiting
	fi
	back_up
	[ "${3:-}" != TYPED ] || on 1 sync --offline
	on 1 send "$2" -m Later
	sync 1 2
	hub update-ref refs/heads/main "$before"
	sync 2
	put_back
	TRINE_TEST_CLOCK=+1h
	export TRINE_TEST_CLOCK
	hub_refuses
	expect_status 77 on 1 sync
	hub_accepts
	hub update-ref refs/heads/main "$former"
	sync 1 2 1 2 1
}

# A receipt took the number from what waits, and is for it.
what_waited_and_was_received_gets_a_new_number() {
	a_past
	two_lives ALL 2
	on 1 send 2 -m 'And on'
	sync 1 2 1
	printf '%s\n' 'And on' Former Later One Waiting >wanted
	titles 2 | sort | cmp - wanted
	json 1 status
	expect_line '"confirmed":{"2":5' json
	expect_desks 1 2
}

# It was typed, and is taken in at another time: the former text has its number.
what_was_typed_and_received_gets_a_new_number() {
	a_past
	two_lives ALL ALL TYPED
	printf '%s\n' Former Later One Waiting >wanted
	titles 2 | sort | cmp - wanted
	expect_desks 1 2
}

# The former text has that number, and 3 has neither of the two yet.
what_waited_and_was_received_by_one_of_two() {
	new_fleet 3
	on 1 send ALL -m One
	sync 1 2 3 1
	two_lives ALL ALL
	sync 3 2 1 3
	printf '%s\n' Former One Waiting >wanted
	titles 3 | sort | cmp - wanted
	titles 2 | grep -v Later | sort | cmp - wanted
	expect_desks 1 2 3
}

# Typed text stands on a disk from a backup, and goes out from the disk that is
# then gone. The branch went back, too, to a state with something that the backup
# does not know: it is taken in once more, later, by what becomes a new clone.
what_was_typed_where_a_new_clone_says_it_again() {
	a_past
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	touch 1/coordination/messages/1_TO_2.md
	back_up
	on 1 send ALL -m Since
	sync 1
	some=$(hub rev-parse main)
	hub_show messages/1_TO_ALL.md | grep Since
	at +1h sync 1 2
	titles 2 | grep Typed
	put_back
	hub update-ref refs/heads/main "$some"
	at +2h sync 1 2 1 2
	on 1 send 2 -m 'And on'
	at +2h sync 1 2 1
	printf '%s\n' 'And on' One Since 'Typed when the backup was made' >wanted
	titles 2 | sort | cmp - wanted
	json 1 status
	expect_line '"confirmed":{"2":3' json
	hub_show COMPUTER_2.md >status
	expect_count 0 rejected status
	expect_desks 1 2
}

# A takeover came in between, and the branch forgot it: who says it again is the
# clone before the one that was received.
what_was_typed_where_a_takeover_is_forgotten() {
	a_past
	before=$(hub rev-parse main)
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	back_up
	on 1 takeover
	sync 1 2
	titles 2 | grep Typed
	put_back
	hub update-ref refs/heads/main "$before"
	at +1h sync 2 1 2 1 2
	printf '%s\n' One 'Typed when the backup was made' >wanted
	titles 2 | cmp - wanted
	hub_show COMPUTER_2.md >status
	expect_count 0 rejected status
	expect_desks 1 2
}

# The same words, sent by a clone that never saw the first ones, are a message.
what_a_new_clone_sends_in_the_same_words_is_news() {
	a_past
	before=$(hub rev-parse main)
	on 1 send 2 -m Go
	sync 1 2
	hub update-ref refs/heads/main "$before"
	rm -rf 1
	at +1h "$TRINE" -q init --computer 1 --remote "$remote" --takeover "$PWD/1"
	at +1h on 1 send 2 -m Go
	at +1h sync 1 2 1 2
	[ "$(titles 2 | grep -c Go)" = 2 ]
}

# A line for people stood on the desk unsent when the backup was made. It went out,
# and somebody has done with it what the argument says.
typed_then() { # COMMAND…, below coordination/messages
	printf '%s\n' '' '- [ ] Buy milk' >>1/coordination/messages/HUMAN_TO_2.md
	settle 1/coordination/messages/HUMAN_TO_2.md
	back_up
	sync 1 2
	person_pull
	( cd person/coordination/messages && "$@" )
	person_push 'Done'
	sync 2
	put_back
}
two_tasks() {
	new_fleet 2
	loose 1 messages/HUMAN_TO_2.md '# To do' '' '- [ ] Call Ada'
	sync 1 2 1
}
done_with() { # WANTED…: and nothing else
	sync 1 2 1
	printf '%s\n' "$@" >wanted
	hub_show messages/HUMAN_TO_2.md | grep . | cmp - wanted
	[ "$(titles 2 | grep -c milk)" = 1 ]
	expect_desks 1 2
}

# R17: that is so for the desk that comes back, too.
a_line_ticked_since_is_not_asked_for_again() {
	two_tasks
	typed_then sed -i 's/.\[ \] Buy/ [x] Buy/' HUMAN_TO_2.md
	loose 1 messages/HUMAN_TO_2.md '- [ ] Feed the cat'
	done_with '# To do' '- [ ] Call Ada' '- [x] Buy milk' '- [ ] Feed the cat'
	[ "$(titles 2 | grep -c cat)" = 1 ]
}

a_line_removed_since_stays_removed() {
	two_tasks
	typed_then sed -i '/^$/d; /Buy/d' HUMAN_TO_2.md
	done_with '# To do' '- [ ] Call Ada'
}

a_line_as_before_since_stays_removed() {
	two_tasks
	hub_show messages/HUMAN_TO_2.md >before
	typed_then cp ../../../before HUMAN_TO_2.md
	done_with '# To do' '- [ ] Call Ada'
}

a_file_removed_since_stays_removed() {
	new_fleet 2
	sync 1 2 1
	typed_then rm HUMAN_TO_2.md
	sync 1 2 1
	hub_files >files
	expect_count 0 HUMAN files
	expect_desks 1 2
}

# It was typed before there was any cycle here.
a_line_of_the_first_cycle_ticked_since() {
	new_fleet 2
	sync 2
	typed_then sed -i 's/.\[ \] Buy/ [x] Buy/' HUMAN_TO_2.md
	done_with '- [x] Buy milk'
}

# The first cycle after the disk came back is offline: the line waits in a commit.
a_line_ticked_since_and_a_cycle_offline() {
	two_tasks
	typed_then sed -i 's/.\[ \] Buy/ [x] Buy/' HUMAN_TO_2.md
	TRINE_TEST_CLOCK=+10m
	export TRINE_TEST_CLOCK
	mv hub.git away
	expect_status '66 69 75' on 1 sync
	mv away hub.git
	loose 1 messages/HUMAN_TO_2.md '- [ ] Feed the cat'
	done_with '# To do' '- [ ] Call Ada' '- [x] Buy milk' '- [ ] Feed the cat'
}

# Its sender had forgotten the first text when it gave out the number again.
number_given_again() { # WORDS
	new_fleet 2
	sync 1 2 1 2
	cp -pR hub.git then.git
	on 2 send 1 -t task -m 'Before the loss'
	sync 2 1
	back_up
	rm -rf 2 hub.git
	mv then.git hub.git
	"$TRINE" init --computer 2 --remote "$remote" --takeover "$PWD/2"
	sync 2
	TRINE_TEST_CLOCK=+1m "$TRINE" -C "$PWD/2" send 1 -t task -m "$1"
	sync 2 1
	other=$(ids 1 | grep '~')
	json 1 show "$other"
	expect_line '"state":"QUEUED"' json
	put_back
	sync 1
}

what_came_beside_another_text_is_in_doubt() {
	number_given_again 'After the loss'
	json 1 show "$other"
	expect_line '"state":"BLOCKED"' json
	json 1 show 2_TO_1.1
	expect_line '"state":"QUEUED"' json
}

# Its clone was accepted since, and another one came after it; the branch, which was set
# back between the two, has only what the second one says of the first.
a_clone_from_before_a_takeover_is_none() {
	a_past
	mv hub.git away
	on 1 takeover || :
	mv away hub.git
	back_up
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Of the first'
	sync 1
	first=$(hub_show COMPUTER_1.md | sed -n 's/^clone: //p')
	hub update-ref refs/heads/main "$before"
	on 1 takeover
	on 1 send 2 -m 'Of the second'
	sync 1 2
	second=$(hub_show COMPUTER_1.md | sed -n 's/^clone: //p')
	put_back
	on 1 send 2 -m 'Of the third'
	sync 1 2 1
	third=$(hub_show COMPUTER_1.md | sed -n 's/^clone: //p')
	[ "$third" != "$first" ]
	[ "$third" != "$second" ]
	hub_show COMPUTER_1.md | grep '^former:' | grep "$first" | grep "$second"
	printf '%s\n' One 'Of the first' 'Of the second' 'Of the third' >wanted
	titles 2 | cmp - wanted
}

what_says_the_same_is_there_once() {
	number_given_again 'Before the loss'
	[ -z "$(ids 1 | grep '~')" ]
	json 1 show 2_TO_1.1
	expect_line '"state":"QUEUED"' json
	sync 1 2 1
	[ -z "$(ids 1 | grep '~')" ]
}

# What waited to be taken in has a later number than it had: something was sent before
# that this time.
typed_text_behind_what_was_sent_first_is_known() {
	a_past
	before=$(hub rev-parse main)
	loose 1 messages/1_TO_2.md '' 'Typed by hand'
	back_up
	sync 1
	on 1 send 2 -m 'Sent after it'
	sync 1 2
	put_back
	hub update-ref refs/heads/main "$before"
	on 1 send 2 -m 'Sent before it is taken in'
	sync 1 2 1 2 1 2
	titles 2 | sort >now
	printf '%s\n' One 'Sent after it' 'Sent before it is taken in' 'Typed by hand' |
		diff - now
}

it what_was_sent_since_stays_sent
it a_number_used_twice_gets_a_new_one
it only_what_is_new_gets_a_new_number
it the_same_backup_twice_sends_what_waited_once
it a_message_waiting_in_the_backup_is_sent_once
it a_message_waiting_where_one_takes_over_is_sent_once
it a_commit_waiting_where_one_takes_over_is_sent_once
it twice_in_a_row
it a_view_that_was_deleted_comes_back_equal
it a_repository_that_was_deleted_comes_back
it a_copy_made_since_is_not_made_again
it a_copy_made_again_offline
it a_copy_made_again_before_it_was_known
it what_waited_and_was_rebuilt_since_is_not_pushed_again
it the_branch_comes_back_with_more
it what_waited_where_both_went_back_is_sent_once
it what_was_typed_where_both_went_back_is_sent_once
it what_was_typed_is_known_under_a_later_number
it what_was_typed_again_is_known_of_a_later_clone
it what_waited_where_the_branch_knows_a_former_life
it what_waited_and_was_received_gets_a_new_number
it what_waited_and_was_received_by_one_of_two
it what_was_typed_and_received_gets_a_new_number
it what_was_typed_where_a_new_clone_says_it_again
it what_was_typed_where_a_takeover_is_forgotten
it what_a_new_clone_sends_in_the_same_words_is_news
it a_line_ticked_since_is_not_asked_for_again
it a_line_removed_since_stays_removed
it a_line_as_before_since_stays_removed
it a_file_removed_since_stays_removed
it a_line_of_the_first_cycle_ticked_since
it a_line_ticked_since_and_a_cycle_offline
it what_came_beside_another_text_is_in_doubt
it a_clone_from_before_a_takeover_is_none
it what_says_the_same_is_there_once
it typed_text_behind_what_was_sent_first_is_known
finish
