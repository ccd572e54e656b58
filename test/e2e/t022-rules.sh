# The rules of the protocol, each by a scenario that goes wrong without it.
# Those that have none here stand elsewhere:
#
#	 1  crash/t030			17  t005 (line by line)
#	 3  crash/t032			18  t006, t029
#	 4  t023			19  t006 (damaged)
#	 5  t008 (mouth)		21  race/t040, test_fleet_random
#	 9  t023			22  t004, t005, crash/t032
#	10  t023			23  t019 (becomes ours)
#	12  t006 (typing)		24  t010 (case, in the place)
#	13  test_fleet_random		29  t013
#	14  t004 (by hand)		30  t011, t013, t014
#	15  crash/t032			31  t014
#	16  t019			32  t007
#
# test_property.c switches most of them off in a model, and finds what breaks.
. "${0%/*}/lib.sh"

two() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
}

clone_of() { sed -n 's/^clone: //p' "$1/coordination/COMPUTER_$1.md"; }
copies_of() { hub_files | grep -c "conflicts/$1/" || :; }

# add_entry N M SEQ TITLE: an entry in person/, as trine writes it.
add_entry() {
	cat >>"person/coordination/messages/$1_TO_$2.md" <<-END

	## $4

	\`\`\`yaml message
	id: $1_TO_$2.$3
	type: message
	priority: normal
	sent: 2026-11-20T13:10:00Z
	\`\`\`

	$4

	<!-- /$1_TO_$2.$3 -->
	END
}

# vouch N CLONE: commit and push person/ as computer N would, with trailers that
# match its files.
vouch() {
	git -C person add -A
	_tree=$(git -C person write-tree)
	_digest=$(git -C person ls-tree "$_tree:coordination" "COMPUTER_$1.md" \
			messages/ archive/ |
		awk -v own="^(COMPUTER_$1.md|(messages|archive)/$1_TO_)" \
			'$4 ~ own { print $4, $3 }' | sort |
		{ sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-16)
	git -C person commit -q --allow-empty -m "computer $1: by hand

Trine-Computer: $1
Trine-Clone: $2
Trine-Files: $_digest"
	git -C person push -q origin HEAD
}

# R2
an_older_own_version_is_put_back_without_a_copy() {
	two
	hub_show messages/1_TO_2.md >older
	on 1 send 2 -m Two
	sync 1 2
	person_pull
	cp older person/coordination/messages/1_TO_2.md
	person_push 'Back to an older version'
	sync 1 2 1
	hub_show messages/1_TO_2.md | grep '## Two'
	[ "$(copies_of 1)" = 0 ]
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

# R5: its owner says so again, and then it counts.
an_own_version_in_a_persons_commit() {
	two
	on 1 send 2 -m Two
	on 1 sync --offline
	person_pull
	git -C person fetch -q ../1/.trine/repo.git main
	git -C person checkout -q FETCH_HEAD -- coordination
	person_push 'Squash what computer 1 has not pushed'
	sync 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	sync 1 2
	[ "$(titles 2 | tail -1)" = Two ]
	[ "$(copies_of 1)" = 0 ]
	hub log -1 --format=%B main~1 | grep '^Trine-Computer: 1'
	before=$(hub rev-parse main)
	sync 1 2
	[ "$(hub rev-parse main)" = "$before" ]
}

# R6
trailers_that_do_not_match() {
	two
	person_pull
	add_entry 2 1 1 'Not from computer 2'
	git -C person add -A
	git -C person commit -q -m "computer 2: 2_TO_1.1

$(hub log --format=%B main | grep -A2 -m1 '^Trine-Computer: 2')"
	git -C person push -q origin HEAD
	sync 1 2 1
	[ -z "$(ids 1)" ]
	hub_files >files
	no_line messages/2_TO_1.md files
	[ "$(copies_of 2)" = 1 ]
}

trailers_of_two_computers() {
	two
	clone=$(clone_of 2)
	person_pull
	add_entry 2 1 1 'Not from computer 2'
	vouch 2 "$clone"
	git -C person commit -q --amend -m "$(git -C person log -1 --format=%B)
Trine-Computer: 1"
	git -C person push -q --force origin HEAD
	sync 1
	[ -z "$(ids 1)" ]
}

# R7
a_known_number_of_another_clone_is_another_message() {
	two
	start=$(hub rev-parse main)
	on 1 send 2 -m 'Before the loss'
	sync 1 2
	hub update-ref refs/heads/main "$start"
	rm -rf 1
	"$TRINE" -q init --computer 1 --takeover --remote "$remote" "$PWD/1"
	on 1 send 2 -m 'After the loss'
	sync 1 2 1 2
	printf '%s\n' One 'After the loss' 'Before the loss' >wanted
	titles 2 | sort >got
	[ "$(grep -c 'After the loss' got)" = 1 ]
	[ "$(grep -c 'Before the loss' got)" = 1 ]
	[ "$(ids 2 | sort -u | wc -l)" -eq 3 ]
}

a_number_used_twice_by_one_clone_is_shown() {
	two
	clone=$(clone_of 1)
	person_pull
	sed 's/^One$/Uno/; s/## One/## Uno/' \
		person/coordination/messages/1_TO_2.md >new
	cp new person/coordination/messages/1_TO_2.md
	vouch 1 "$clone"
	sync 2
	[ "$(titles 2)" = One ]
	json 2 status
	expect_line '"code":"rejected"' json
	hub_show COMPUTER_2.md | grep '^rejected: .*1_TO_2.1'
}

# R8
# More is missing than a status has room for, of one stream.
it_says_that_it_lists_not_all() {
	two
	clone=$(clone_of 1)
	person_pull
	add_entry 1 2 200 'Far above'
	vouch 1 "$clone"
	sync 2
	hub_show COMPUTER_2.md | grep '^more: {missing: 98, of: \[1_TO_2\]}'
	on 2 status | grep 'and 98 more never came'
}

a_gap_holds_nothing_up() {
	two
	clone=$(clone_of 1)
	person_pull
	add_entry 1 2 3 Three
	vouch 1 "$clone"
	sync 2
	[ "$(titles 2 | tail -1)" = Three ]
	hub_show COMPUTER_2.md | grep '^missing: {1_TO_2: \[2\]}'
	person_pull
	add_entry 1 2 2 Two
	vouch 1 "$clone"
	sync 2
	[ "$(ids 2 | wc -l)" -eq 3 ]
	hub_show COMPUTER_2.md | { ! grep '^missing: '; }
}

# R11
a_rebuilt_commit_vouches_for_nothing_forged() {
	two
	for day in 1 2; do
		loose 1 shared/notes.md "Day $day"
		on 1 sync --offline
	done
	person_pull
	add_entry 1 2 2 'Not from computer 1'
	person_push 'Speak for computer 1'
	sync 1 2
	[ "$(titles 2)" = One ]
	hub log --format=%H --grep='^Trine-Computer: 1' main >commits
	while read -r commit; do
		hub show "$commit:coordination/messages/1_TO_2.md" >file || continue
		no_line 'Not from' file
	done <commits
	[ "$(copies_of 1)" = 1 ]
}

# R15
what_was_set_back_does_not_come_back_by_itself() {
	two
	loose 1 shared/notes.md 'A note'
	sync 1 2
	hub update-ref refs/heads/main "$(hub rev-parse main~1)"
	hub_files | { ! grep notes.md; }
	sync 2 1 2 1
	hub_files | { ! grep notes.md; }
	expect_desks 1 2
}

# R18: in several pieces
a_buffer_that_went_out_in_pieces() {
	two
	loose 1 messages/1_TO_2.md '' 'First thought'
	cp 1/coordination/messages/1_TO_2.md buffer
	sync 1 2
	printf '\nSecond thought\n' >>buffer
	for save in 1 2 3; do
		cp buffer 1/coordination/messages/1_TO_2.md
		settle 1/coordination/messages/1_TO_2.md
		sync 1 2
	done
	printf '%s\n' One 'First thought' 'Second thought' >wanted
	titles 2 | cmp - wanted
}

# R20
text_dated_in_the_future() {
	two
	printf '\nFrom tomorrow\n' >>1/coordination/messages/1_TO_2.md
	touch -t 203701010000 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	json 1 status
	expect_line '"code":"clock"' json
	at +2m sync 1 2
	[ "$(titles 2 | tail -1)" = 'From tomorrow' ]
	at +3m sync 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

# When the clock is right again, what it had seen three days ahead does not count, but
# the text waits for no three days.
text_seen_in_the_future() {
	two
	printf '\nFrom tomorrow\n' >>1/coordination/messages/1_TO_2.md
	touch -t 203701010000 1/coordination/messages/1_TO_2.md
	at +3d sync 1
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	at +2m sync 1 2
	[ "$(titles 2 | tail -1)" = 'From tomorrow' ]
	json 1 status
	no_line '"code":"clock"' json
}

# It is saved again, at a time that is right: nothing waits for a clock any more.
text_dated_in_the_future_and_saved_again() {
	two
	printf '\nFrom tomorrow\n' >>1/coordination/messages/1_TO_2.md
	touch -t 203701010000 1/coordination/messages/1_TO_2.md
	sync 1
	json 1 status
	expect_line '"code":"clock"' json
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'From tomorrow' ]
	json 1 status
	no_line '"code":"clock"' json
	printf '\nFrom tomorrow, too\n' >>1/coordination/messages/1_TO_2.md
	touch -t 203701010000 1/coordination/messages/1_TO_2.md
	sync 1
	hub_show messages/1_TO_2.md >1/coordination/messages/1_TO_2.md
	sync 1
	json 1 status
	no_line '"code":"clock"' json
	seen=$(wc -c <1/.trine/event-log.jsonl)
	sync 1 1
	[ "$(wc -c <1/.trine/event-log.jsonl)" -eq "$seen" ]
}

a_deletion_reaches_desks_that_wait_or_hide() {
	two
	loose 1 shared/plan.md 'A plan'
	loose 1 shared/other.md 'Another'
	person_pull
	echo x >person/coordination/CLAUDE.md
	person_push 'A file that is not shown'
	printf '\nStill typing\n' >>2/coordination/messages/2_TO_1.md
	sync 1 2 1
	person_pull
	git -C person rm -q coordination/shared/plan.md
	person_push 'No plan'
	sync 1 2 1 2
	[ ! -e 1/coordination/shared/plan.md ]
	[ ! -e 2/coordination/shared/plan.md ]
	[ -e 2/coordination/shared/other.md ]
}

# R25
only_the_newest_foreign_version_gets_a_copy() {
	two
	person_pull
	for round in 1 2 3; do
		echo "Round $round" >person/coordination/COMPUTER_1.md
		person_push "Round $round"
	done
	sync 1 2
	[ "$(copies_of 1)" = 1 ]
	hub grep -q 'Round 3' main -- coordination/conflicts
}

# R25
the_same_text_again_gets_no_second_copy() {
	two
	for day in 1 2; do
		person_pull
		echo 'Not mine' >person/coordination/COMPUTER_1.md
		GIT_COMMITTER_DATE="2026-01-0${day}T12:00:00Z"
		export GIT_COMMITTER_DATE
		person_push "Day $day"
		sync 1
	done
	[ "$(copies_of 1)" = 1 ]
}

# R26
so_many_copies_a_day() {
	two
	number=1
	while [ $number -le 22 ]; do
		loose 2 messages/1_TO_2.md "Scribble $number"
		sync 2
		number=$((number + 1))
	done
	[ "$(copies_of 2)" = 20 ]
	no_line Scribble 2/coordination/messages/1_TO_2.md
	loose 2 messages/1_TO_2.md 'Scribble of the next day'
	at +2d sync 2
	[ "$(copies_of 2)" = 21 ]
}

# R26: a day that is not over, and has not begun
copies_of_a_day_to_come_are_not_of_today() {
	two
	for number in $(seq 1 20); do
		loose 2 messages/1_TO_2.md "Scribble $number"
		at +400d sync 2
	done
	[ "$(copies_of 2)" = 20 ]
	loose 2 messages/1_TO_2.md 'Scribble of today'
	sync 2
	[ "$(copies_of 2)" = 21 ]
	hub grep -q 'Scribble of today' main -- coordination/conflicts/2
}

# R26: the same of what is put back
rewrites_of_an_hour_to_come_are_not_of_this_one() {
	two
	for number in $(seq 1 4); do
		person_pull
		echo "Rewrite $number" >>person/coordination/messages/1_TO_2.md
		person_push "Rewrite $number"
		at +400d sync 1
	done
	on 1 send 2 -m Two
	sync 1 1
	person_pull
	echo 'Rewrite of today' >>person/coordination/messages/1_TO_2.md
	person_push 'Rewrite of today'
	sync 1
	hub_show messages/1_TO_2.md >stream
	no_line Rewrite stream
}

# R26: what others rewrite is in git's history, what is typed here is not
rewrites_by_others_leave_room_for_what_is_typed_here() {
	two
	person_pull
	for number in $(seq 1 20); do
		echo "Rewrite $number" >>person/coordination/messages/1_TO_2.md
		person_push "Rewrite $number"
		on 1 send 2 -m "Message $number"
		sync 1
		person_pull
	done
	copies=$(copies_of 1)
	sed 's/^## Message 20$/& and so on/' 1/coordination/messages/1_TO_2.md >edited
	grep -c 'and so on' edited
	cp edited 1/coordination/messages/1_TO_2.md
	sync 1
	no_line 'and so on' 1/coordination/messages/1_TO_2.md
	[ "$(copies_of 1)" = $((copies + 1)) ]
	hub grep -q 'Message 20 and so on' main -- coordination/conflicts/1
	[ "$copies" = 10 ]
}

# R27
a_clone_that_is_in_no_status_is_shown_as_forged() {
	two
	person_pull
	add_entry 1 2 2 'Forged with care'
	vouch 1 0badc0de
	sync 1
	json 1 status
	expect_line '"code":"forged"' json
	no_line '"code":"identity"' json
	on 1 send 2 -m 'Still at work'
	sync 1 2
	titles 2 | grep 'Still at work'
}

# R28
a_rebase_is_no_alarm() {
	two
	on 1 send 2 -m Two
	sync 1 2
	clone=$(clone_of 1)
	person_pull
	git -C person rebase -q --root --force-rebase
	git -C person push -q --force origin main
	sync 1 2 1 2
	[ "$(clone_of 1)" = "$clone" ]
	json 1 status
	no_line '"code":"restored"' json
	[ "$(ids 2 | wc -l)" -eq 2 ]
	[ "$(copies_of 1)" = 0 ]
}

it an_older_own_version_is_put_back_without_a_copy
it an_own_version_in_a_persons_commit
it trailers_that_do_not_match
it trailers_of_two_computers
it a_known_number_of_another_clone_is_another_message
it a_number_used_twice_by_one_clone_is_shown
it it_says_that_it_lists_not_all
it a_gap_holds_nothing_up
it a_rebuilt_commit_vouches_for_nothing_forged
it what_was_set_back_does_not_come_back_by_itself
it a_buffer_that_went_out_in_pieces
it text_dated_in_the_future
it text_dated_in_the_future_and_saved_again
it text_seen_in_the_future
it a_deletion_reaches_desks_that_wait_or_hide
it only_the_newest_foreign_version_gets_a_copy
it the_same_text_again_gets_no_second_copy
it so_many_copies_a_day
it copies_of_a_day_to_come_are_not_of_today
it rewrites_of_an_hour_to_come_are_not_of_this_one
it rewrites_by_others_leave_room_for_what_is_typed_here
it a_clone_that_is_in_no_status_is_shown_as_forged
it a_rebase_is_no_alarm
finish
