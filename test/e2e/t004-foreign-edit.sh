# Files change only through their owners; any other edit is kept beside them.
. "${0%/*}/lib.sh"

# expect_copy N TEXT [NUMBER]: computer N keeps that many copies with TEXT.
expect_copy() {
	grep -rlF -e "$2" "$1/coordination/conflicts/$1" >copies || :
	[ "$(wc -l <copies)" -eq "${3:-1}" ] || fail "copies: $(cat copies)"
	name=$(head -1 copies)
	[ "${3:-1}" = 0 ] || hub_show "conflicts/$1/${name##*/}" | cmp - "$name"
}

two_with_a_message() {
	new_fleet 2
	on 1 send 2 -m 'The original'
	sync 1 2 1
}

an_edit_of_a_foreign_stream_on_the_desk() {
	two_with_a_message
	loose 2 messages/1_TO_2.md 'Scribbled by the reader'
	sync 2
	hub_show messages/1_TO_2.md | cmp - 2/coordination/messages/1_TO_2.md
	no_line Scribbled 2/coordination/messages/1_TO_2.md
	expect_copy 2 'Scribbled by the reader'
	sync 1 2 1
	[ -z "$(ids 1)" ]
	expect_copy 2 'Scribbled by the reader'
	expect_desks 1 2
}

an_edit_of_a_foreign_status_on_the_desk() {
	two_with_a_message
	cp 2/coordination/COMPUTER_1.md before
	echo 'Computer 1 is a teapot' >2/coordination/COMPUTER_1.md
	sync 2
	expect_same before 2/coordination/COMPUTER_1.md
	expect_copy 2 'Computer 1 is a teapot'
}

a_foreign_file_removed_from_the_desk() {
	two_with_a_message
	rm 2/coordination/COMPUTER_1.md
	sync 2 1
	expect_desks 1 2
	hub_show COMPUTER_1.md >/dev/null
}

a_push_to_somebodys_status() {
	two_with_a_message
	person_pull
	echo 'Ada says that computer 1 is broken' >person/coordination/COMPUTER_1.md
	person_push 'Rewrite the status of computer 1'
	sync 2
	sync 1
	hub_show COMPUTER_1.md | grep -F 'computer: 1'
	expect_copy 1 'Ada says that computer 1 is broken'
	expect_line 'Ada Person' "$name"
	json 1 status
	expect_line '"code":"conflict"' json
	sync 2 1 2
	expect_desks 1 2
	expect_copy 1 'Ada says that computer 1 is broken'
}

# Its reader does not know what is in it.
a_push_that_is_too_large_to_be_read() {
	two_with_a_message
	person_pull
	head -c 1100000 /dev/zero | tr '\0' x >>person/coordination/messages/1_TO_2.md
	person_push 'Much'
	sync 2
	on 2 status >told
	expect_line 'messages/1_TO_2.md: has grown over 1 MiB, which is too large' told
	no_line 'somebody else wrote into it' told
	on 1 send 2 -m Second
	sync 1 2
	titles 2 | grep -x Second
	on 2 status >told
	no_line 'has grown over 1 MiB' told
}

a_push_that_deletes_somebodys_files() {
	two_with_a_message
	person_pull
	git -C person rm -q -r coordination/COMPUTER_1.md coordination/messages
	person_push 'Clean up'
	sync 2 1 2
	hub_show messages/1_TO_2.md | grep -F 'The original'
	hub_show COMPUTER_1.md >/dev/null
	expect_desks 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
}

own_files_removed_from_the_desk() {
	two_with_a_message
	rm 1/coordination/COMPUTER_1.md 1/coordination/messages/1_TO_2.md
	sync 1
	expect_line 'The original' 1/coordination/messages/1_TO_2.md
	expect_desks 1
	rm -rf 1/coordination
	sync 1
	expect_desks 1
}

a_message_changed_by_hand() {
	two_with_a_message
	sed 's/^## The original/## The forgery/' \
		1/coordination/messages/1_TO_2.md >new
	cp new 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	hub_show messages/1_TO_2.md | grep -F '## The original'
	expect_line '## The original' 1/coordination/messages/1_TO_2.md
	expect_copy 1 'The forgery'
	[ "$(ids 2)" = 1_TO_2.1 ]
}

free_text_of_a_status_stays() {
	two_with_a_message
	{ cat 1/coordination/COMPUTER_1.md; echo 'Out for lunch.'; } >new
	cp new 1/coordination/COMPUTER_1.md
	sync 1 2
	expect_line 'Out for lunch.' 2/coordination/COMPUTER_1.md
	at +1h sync 1 2
	expect_line 'Out for lunch.' 2/coordination/COMPUTER_1.md
	[ ! -e 1/coordination/conflicts ]
}

copies_may_be_thrown_away() {
	two_with_a_message
	loose 2 messages/1_TO_2.md 'To be thrown away'
	sync 2 1
	person_pull
	git -C person rm -q -r coordination/conflicts
	person_push 'Settled'
	sync 2 1 2 1
	hub_files | { ! grep conflicts/; }
	expect_desks 1 2
}

open_copies() { # N COUNT: so many are shown, each of a file that is there
	json "$1" status
	tr '{' '\n' <json | sed -n 's/.*"code":"conflict".* kept in \([^ ]*\) .*/\1/p' \
		>open
	[ "$(wc -l <open)" -eq "$2" ] || fail "$(cat open), not $2"
	while read -r path; do hub_show "$path" >/dev/null; done <open
}

# Whoever deletes it, in whatever cycle, killed or not.
a_copy_is_shown_until_it_is_deleted() {
	two_with_a_message
	for number in 1 2 3 4 5 6 7; do
		loose 2 messages/1_TO_2.md "Foreign $number"
		sync 2
		open_copies 2 "$number"
	done
	sync 1 2
	copies=$(ls 2/coordination/conflicts/2)
	set -- $copies
	rm "2/coordination/conflicts/2/$1"	# here
	sync 2
	open_copies 2 6
	rm "1/coordination/conflicts/2/$2"	# by another computer
	sync 1 2
	open_copies 2 5
	person_pull				# by a person
	git -C person rm -q "coordination/conflicts/2/$3"
	person_push 'Looked at'
	sync 2
	open_copies 2 4
	rm "2/coordination/conflicts/2/$4"
	point=1
	until TRINE_TEST_KILL=$point "$TRINE" -C "$PWD/2" sync; do
		point=$((point + 1))
	done
	open_copies 2 3
	on 2 sync
	on 2 sync
	open_copies 2 3
	person_pull				# and a file in its folder's place
	git -C person rm -q -r coordination/conflicts/2
	mkdir -p person/coordination/conflicts
	echo none >person/coordination/conflicts/2
	person_push 'Looked at all'
	sync 2 1 2
	open_copies 2 0
}

a_war_over_one_path_ends() {
	two_with_a_message
	person_pull
	for round in 1 2 3 4 5 6 7 8; do
		echo "Round $round" >person/coordination/COMPUTER_1.md
		person_push "Round $round"
		sync 1
		git -C person pull -q --rebase
	done
	[ "$(hub log --format=%B main | grep -c '^Trine-Computer: 1')" -lt 8 ]
	at +2h sync 1
	hub_show COMPUTER_1.md | grep -F 'computer: 1'
	at +2h sync 2 1	# a copy of which no commit was made is on no desk
	expect_desks 1 2
}

it an_edit_of_a_foreign_stream_on_the_desk
it an_edit_of_a_foreign_status_on_the_desk
it a_foreign_file_removed_from_the_desk
it a_push_to_somebodys_status
it a_push_that_is_too_large_to_be_read
it a_push_that_deletes_somebodys_files
it own_files_removed_from_the_desk
it a_message_changed_by_hand
it free_text_of_a_status_stays
it copies_may_be_thrown_away
it a_copy_is_shown_until_it_is_deleted
it a_war_over_one_path_ends
finish
