# A computer lost its disk and is set up again under its number.
. "${0%/*}/lib.sh"

a_past() {
	new_fleet 2
	on 1 send 2 -m One
	on 1 send 2 -m Two
	on 2 send 1 -m 'A note'
	on 2 send 1 -t task -m 'A task'
	sync 1 2 1 2
}

again() { "$TRINE" init --computer 1 --remote "$remote" "$@" "$PWD/1"; }

own_files_and_numbers_come_back() {
	a_past
	hub_show messages/1_TO_2.md >before
	rm -rf 1
	again --takeover
	sync 1 2
	hub_show messages/1_TO_2.md | cmp - before
	cmp before 1/coordination/messages/1_TO_2.md
	on 1 send 2 -m Three
	sync 1 2 1
	seq -f '1_TO_2.%g' 1 3 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
	clone=$(hub_show COMPUTER_1.md | sed -n 's/^clone: //p')
	former=$(hub_show COMPUTER_1.md | sed -n 's/^former: \[\(.*\)\]/\1/p')
	[ -n "$former" ]
	[ "$clone" != "$former" ]
}

what_it_had_received_comes_back_in_doubt() {
	a_past
	rm -rf 1
	again --takeover
	sync 1
	json 1 show 2_TO_1.2
	expect_line '"state":"BLOCKED"' json
	expect_line '"title":"A task"' json
	on 1 show 2_TO_1.1 >shown
	expect_line 'A note' shown
	on 1 inbox --all >inbox
	grep -i 'before the loss' inbox shown
}

# What it said before a task was sent answers another one, which had that number before
# its writer and the branch forgot it.
an_answer_that_is_older_is_none() {
	new_fleet 2
	sync 1 2
	on 2 send 1 -t task -m 'A task'
	sync 2 1
	at -1d on 1 reply 2_TO_1.1 -m Done
	sync 1
	rm -rf 1
	again --takeover
	sync 1
	json 1 show 2_TO_1.1
	expect_line '"state":"BLOCKED"' json
}

what_came_meanwhile_is_new() {
	a_past
	rm -rf 1
	on 2 send 1 -m 'While you were away'
	sync 2
	again --takeover
	sync 1
	[ "$(titles 1 | grep -c 'While you were away')" = 1 ]
	on 1 inbox >inbox
	expect_line 'While you were away' inbox
}

what_came_meanwhile_for_all_is_new_too() {
	new_fleet 3
	sync 1 2 3
	on 2 send ALL -m 'Received'
	person_pull
	mkdir -p person/coordination/messages
	echo 'Read this.' >person/coordination/messages/HUMAN_TO_ALL.md
	person_push 'A note'
	sync 2 1 2 3
	rm -rf 1
	on 2 send ALL -m 'From 2, meanwhile'
	on 3 send ALL -m 'From 3, its first'
	person_pull
	echo 'And this.' >>person/coordination/messages/HUMAN_TO_ALL.md
	person_push 'Another note'
	sync 2 3
	again --takeover
	sync 1 1
	titles 1 | sort >have
	printf '%s\n' 'And this.' 'From 2, meanwhile' 'From 3, its first' \
		'Read this.' Received | diff - have
	on 1 inbox >inbox
	expect_line 'From 2, meanwhile' inbox
	expect_line 'And this.' inbox
}

# The branch went back after init had seen it, and knows its former life no more.
what_came_meanwhile_for_all_is_new_where_the_branch_went_back() {
	new_fleet 3
	sync 2 3
	before=$(hub rev-parse main)
	sync 1
	rm -rf 1
	on 2 send ALL -m 'While you were away'
	sync 2
	again --takeover
	hub update-ref refs/heads/main "$before"
	sync 2 1
	[ "$(titles 1)" = 'While you were away' ]
	sync 3 2 1
	expect_desks 1 2 3
}

text_typed_before_the_first_cycle_is_sent_too() {
	a_past
	rm -rf 1
	again --takeover
	on 1 send 2 -m 'Before the first cycle'
	sync 1 2
	printf '%s\n' One Two 'Before the first cycle' >wanted
	titles 2 | cmp - wanted
	[ "$(ids 2 | sort -u | wc -l)" -eq 3 ]
}

without_takeover_only_when_it_is_long_gone() {
	a_past
	rm -rf 1
	expect_status 77 again
	[ ! -e 1/.trine ]
	said told at +2h again
	[ -s told ]
	at +2h sync 1
	[ "$(hub_show messages/1_TO_2.md | grep -c '<!-- /')" -eq 2 ]
}

archives_come_back_too() {
	new_fleet 2
	dd if=/dev/zero bs=1024 count=6 2>/dev/null | tr '\0' x >body
	echo >>body
	for number in 1 2 3 4 5; do
		on 1 send 2 -m "Large $number" body
		sync 1
	done
	hub_files | grep archive/1_TO_2/ >archives
	rm -rf 1
	again --takeover
	sync 1 2
	hub_files | grep archive/1_TO_2/ | cmp - archives
	on 1 send 2 -m Next
	sync 1 2
	seq -f '1_TO_2.%g' 1 6 >wanted
	ids 2 | cmp - wanted
	sync 1 2 1
	expect_desks 1 2
}

# Until the branch has the new clone, the old machine may be at work yet.
nothing_is_handed_over_before_a_push_was_accepted() {
	a_past
	on 1 send 2 -t task --for builder -m 'Build it'
	sync 1
	rm -rf 2
	add_computer 2 --takeover
	instance 2 builder 'deliver = inbox'
	hub_refuses
	expect_status 77 on 2 sync
	on 2 inbox builder --all --json | grep 'Build it'
	[ -z "$(ls 2/.trine/inbox/builder/new 2>/dev/null)" ]
	hub_accepts
	sync 2
	[ "$(ls 2/.trine/inbox/builder/new | wc -l)" = 1 ]
}

# The branch lost what others have a receipt for: that number had a text once.
a_number_with_a_receipt_is_not_given_again() {
	a_past
	sync 1
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Lost with the branch'
	sync 1 2
	git clone -q "$remote" person
	receipt=$(git -C person rev-parse HEAD)
	git -C person reset -q --hard "$before"
	git -C person cherry-pick "$receipt"
	git -C person push -q --force
	rm -rf 1
	add_computer 1 --takeover
	sync 1
	on 1 send 2 -m 'The next one'
	sync 1 2
	seq -f '1_TO_2.%g' 1 4 >wanted
	ids 2 | cmp - wanted
}

# What it has closed meanwhile holds the numbers that it gave out before it knew.
a_segment_closed_before_a_receipt_is_seen() {
	a_past
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Lost with the branch'
	sync 1 2
	hub update-ref refs/heads/main "$before"
	rm -rf 1
	add_computer 1 --takeover
	hub_refuses
	expect_status 77 on 1 sync
	hub_accepts
	dd if=/dev/zero bs=1024 count=6 2>/dev/null | tr '\0' x >body
	echo >>body
	for number in 1 2 3 4 5; do
		on 1 send 2 -m "Large $number" body
		on 1 sync --offline
	done
	ls 1/coordination/archive/1_TO_2
	sync 2 1 2
	titles 2 | sort | uniq -d >twice
	expect_empty twice
	titles 2 | grep -c '^Large' | grep -x 5
	sync 1 2
	expect_desks 1 2
}

# Which own commit is the newest is a matter of ancestry: one of a slow clock
# stands behind older ones, by time, where a person merged an old clone (R8).
the_newest_own_commit_is_so_by_ancestry() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2
	person_pull
	on 1 send 2 -m Two
	at -3h sync 1
	echo 'A note' >person/coordination/shared/note.md
	git -C person add -A
	git -C person commit -q -m 'On an old clone'
	git -C person fetch -q
	git -C person merge -q --no-edit origin/main
	git -C person push -q origin HEAD
	sync 2
	rm -rf 1
	"$TRINE" -q init --computer 1 --takeover --remote "$remote" "$PWD/1"
	on 1 send 2 -m Three
	sync 1 2 1
	printf '%s\n' One Two Three >wanted
	titles 2 | cmp - wanted
	hub_show messages/1_TO_2.md >file
	expect_line '## Two' file
	[ ! -e 1/coordination/conflicts ]
	expect_desks 1 2
}

# A computer set up again shows the copies of its former life as the branch has
# them. The branch forgets one, not the version that it is a copy of.
a_copy_that_the_branch_forgets() {
	a_past
	person_pull
	echo 'What I say' >person/coordination/messages/1_TO_2.md
	person_push 'Write over it'
	before=$(hub rev-parse main)
	sync 1
	hub_files | grep conflicts/1/ >copies
	expect_count 1 1_TO_2 copies
	rm -rf 1
	again --takeover
	sync 1
	hub update-ref refs/heads/main "$before"
	copy=$(cut -d / -f 2- copies)
}

a_copy_is_made_again_where_the_desk_has_it() {
	a_copy_that_the_branch_forgets
	sync 1 2 1
	hub_files | grep conflicts/1/ | diff copies -
	expect_desks 1 2
}

a_copy_edited_on_the_desk_is_not_made_again() {
	a_copy_that_the_branch_forgets
	loose 1 "$copy" 'A note on it'
	sync 1 2 1
	hub_files | grep conflicts/1/ | diff copies -
	hub_show "$copy" >text
	expect_line 'What I say' text
	expect_line 'A note on it' text
	expect_desks 1 2
}

# Receipts say that a computer had texts which the branch does not have when it is
# set up again.
receipts_for_more_than_the_branch_has() {
	a_past
	on 2 send ALL -m 'To all'
	sync 2 1
	before=$(hub rev-parse main)
	cp -pR 2 backup
	on 2 send 1 -m 'A second note'
	on 2 send 1 -t task -m 'A second task'
	on 2 send ALL -m 'To all again'
	sync 2 1
	hub update-ref refs/heads/main "$before"
	sync 1
	rm -rf 1
	again --takeover
	sync 1
	hub_show COMPUTER_1.md | grep '2_TO_1: 4'
	titles 1 >known
	expect_count 0 second known
	expect_count 0 again known
}

what_the_branch_gets_again_comes_back_too() {
	receipts_for_more_than_the_branch_has
	sync 2 1
	printf '%s\n' 'A second note' 'A second task' 'To all again' >>known
	sort known >wanted
	titles 1 | sort | diff wanted -
	json 1 show 2_TO_1.4
	expect_line '"state":"BLOCKED"' json
	sync 2 1 2 1
	titles 1 | sort | diff wanted -
}

# Its writer comes back from a backup that has them no more than the branch.
what_is_sent_under_their_numbers_arrives() {
	receipts_for_more_than_the_branch_has
	rm -rf 2
	mv backup 2
	on 2 send 1 -m 'Another note'
	on 2 send ALL -m 'Something else'
	loose 2 messages/2_TO_1.md '' 'A third note'
	at +1h sync 2 1 2 1
	titles 1 >now
	expect_count 1 'Another note' now
	expect_count 1 'A third note' now
	expect_count 1 'Something else' now
}

# Its first push arrives, it does not know that, and the branch goes back: a reader
# has its text, and says so by a receipt alone.
what_went_out_unseen_is_not_said_twice() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	before=$(hub rev-parse main)
	rm -rf 1
	again --takeover
	on 1 send 2 -m Two
	point=1
	while [ "$(hub rev-parse main)" = "$before" ]; do
		expect_status 137 env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync
		point=$((point + 1))
	done
	sync 2
	titles 2 | grep Two
	hub update-ref refs/heads/main "$before"
	sync 2 1 2 1
	titles 2 >now
	printf '%s\n' One Two | diff - now
	json 1 status
	expect_line '"confirmed":{"2":2' json
}

# Another machine was computer 1 meanwhile; this one says offline that it is, and somebody
# writes into a foreign file.
scribbled_after_a_takeover() {
	new_fleet 2
	sync 1
	cp -pR 1 twin
	"$TRINE" -C "$PWD/twin" send 2 -m 'From the other machine'
	"$TRINE" -C "$PWD/twin" sync
	mv hub.git away
	expect_status 75 on 1 takeover
	loose 1 COMPUTER_2.md 'Scribbled into a foreign file'
}

# The desk has lost a text, and the copy of it is in a commit alone, whose publish was
# killed. That commit is dropped: another machine was this computer meanwhile.
a_copy_outlives_the_commit_that_brings_it() {
	scribbled_after_a_takeover
	point=1
	while grep Scribbled 1/coordination/COMPUTER_2.md; do
		expect_status 137 env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync --offline
		point=$((point + 1))
	done
	[ ! -d 1/coordination/conflicts/1 ]
	mv away hub.git
	sync 1
	hub archive main coordination/conflicts/1 | tar xf - -O | grep Scribbled
	sync 2 1 2
	grep -r Scribbled 1/coordination/conflicts/1
	expect_desks 1 2
}

# The same where it had come to the desk, and that was lost.
a_copy_outlives_commit_and_desk() {
	scribbled_after_a_takeover
	on 1 sync --offline
	grep -r Scribbled 1/coordination/conflicts/1
	rm -r 1/coordination
	mkdir 1/coordination
	mv away hub.git
	sync 1
	hub archive main coordination/conflicts/1 | tar xf - -O | grep Scribbled
	sync 2 1 2
	expect_desks 1 2
}

it own_files_and_numbers_come_back
it nothing_is_handed_over_before_a_push_was_accepted
it a_number_with_a_receipt_is_not_given_again
it a_segment_closed_before_a_receipt_is_seen
it what_it_had_received_comes_back_in_doubt
it an_answer_that_is_older_is_none
it what_came_meanwhile_is_new
it what_came_meanwhile_for_all_is_new_too
it what_came_meanwhile_for_all_is_new_where_the_branch_went_back
it text_typed_before_the_first_cycle_is_sent_too
it without_takeover_only_when_it_is_long_gone
it archives_come_back_too
it the_newest_own_commit_is_so_by_ancestry
it what_the_branch_gets_again_comes_back_too
it what_is_sent_under_their_numbers_arrives
it what_went_out_unseen_is_not_said_twice
it a_copy_outlives_the_commit_that_brings_it
it a_copy_outlives_commit_and_desk
it a_copy_is_made_again_where_the_desk_has_it
it a_copy_edited_on_the_desk_is_not_made_again
finish
