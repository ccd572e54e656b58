# The disk of computer 1 and the remote go back together, as where the remote
# lies on that disk: nobody but the readers knows which numbers were used. A text
# they reject for its number goes out once more under a new one (R7).
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

back_up() { rm -rf saved; mkdir saved; cp -pR "$@" saved/; }
put_back() { rm -rf "$@"; for _each; do cp -pR "saved/$_each" .; done; }

# 2 has two messages that 1 and the hub know nothing of, and has rejected what 1
# sent under the number of the first; 1 has not heard of that yet.
reused() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	back_up 1 hub.git
	on 1 send 2 -m 'Gone at its sender'
	on 1 send 2 -m 'Gone too'
	sync 1 2
	put_back 1 hub.git
	on 1 send 2 -t task -p high -m 'New text'
	sync 1 2
}

has_once() { # TITLE
	titles 2 >got
	expect_count 1 "$1" got
}

it_goes_out_once_more() {
	reused
	hub_show COMPUTER_2.md | grep '^rejected: .*1_TO_2.2'
	json 2 status
	expect_line '"code":"rejected"' json
	sync 1 2
	printf '%s\n' One 'Gone at its sender' 'Gone too' 'New text' >wanted
	titles 2 | cmp - wanted
	printf '1_TO_2.%s\n' 1 2 3 4 >wanted
	ids 2 | cmp - wanted
	hub_show COMPUTER_2.md >file
	no_line 'rejected:' file
	sync 1
	for each in 1 2; do
		json $each status
		no_line '"code":"rejected"' json
	done
	json 1 status
	expect_line '"confirmed":{"2":4' json
}

# It filled its file, and what came behind it closed that in the same commit: no
# version of the open file ever had it.
it_is_looked_for_in_the_archive() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	back_up 1 hub.git
	on 1 send 2 -m 'Gone at its sender'
	sync 1 2
	put_back 1 hub.git
	seq 3000 >long
	on 1 send 2 -m 'Long text' long
	on 1 send 2 -m 'Behind it'
	sync 1
	hub_show archive/1_TO_2/0001.md >first
	expect_line '## Long text' first
	sync 2 1 2 1
	printf '%s\n' One 'Gone at its sender' 'Behind it' 'Long text' >wanted
	titles 2 | cmp - wanted
	ids 2 >got
	printf '1_TO_2.%s\n' 1 2 3 4 | cmp - got
	expect_desks 1 2
}

both_tell_the_story() {
	reused
	sync 1 2 1
	on 1 show 1_TO_2.2 >old
	expect_line '## New text' old
	expect_line 'anew as 1_TO_2.4' old
	grep 'rejected .*on computer 2' old
	no_line received old
	on 1 show 1_TO_2.4 >new
	expect_line 'origin: 1_TO_2.2' new
	expect_line 'priority: high' new
	grep 'received .*on computer 2' new
	json 1 show 1_TO_2.2
	expect_line '"anew":"1_TO_2.4"' json
	on 2 show 1_TO_2.2 >theirs
	expect_line '## Gone at its sender' theirs
	expect_line 'the other text is 1_TO_2.4' theirs
	on 2 show 1_TO_2.4 >theirs
	expect_line 'origin: 1_TO_2.2' theirs
}

# The old text still stands in the open segment, and is read with it.
it_stays_so() {
	reused
	sync 1 2 1 2
	before=$(hub rev-parse main)
	sync 1 2 1 2
	[ "$(hub rev-parse main)" = "$before" ]
	on 1 send 2 -m 'Life goes on'
	sync 1 2 1
	has_once 'New text'
	[ "$(ids 2 | tail -1)" = 1_TO_2.5 ]
	hub_show COMPUTER_2.md >file
	no_line 'rejected:' file
}

killed_anywhere() {
	reused
	back_up 1 2 hub.git
	point=1
	while :; do
		put_back 1 2 hub.git
		set +e
		TRINE_TEST_KILL=$point "$TRINE" -C "$PWD/1" sync
		status=$?
		set -e
		sync 1 2 1
		has_once 'New text'
		[ "$(ids 2 | wc -l)" -eq 4 ]
		[ $status = 137 ] || break
		point=$((point + 1))
	done
	[ $point -gt 5 ] || fail "only $point checkpoints"
}

# Its messages come back from the branch, the one sent anew among them. What had
# the number 3 is lost with the disk, and was not taken back.
restored_after_it_was_sent() {
	reused
	back_up 1
	sync 1 2
	put_back 1
	sync 1 2 1
	has_once 'New text'
	json 1 status
	no_line '"code":"rejected"' json
	[ "$(ids 2 | tail -1)" = 1_TO_2.4 ]
	hub_show messages/1_TO_2.md >file
	expect_line 'id: 1_TO_2.4' file
	no_line RETRACTED file
}

# Again: what was sent anew is not on the branch, nor in the log.
everything_goes_back_again() {
	reused
	back_up 1 hub.git
	sync 1 2
	put_back 1 hub.git
	on 1 send 2 -m 'Newer text'
	sync 1 2 1 2 1 2
	has_once 'New text'
	has_once 'Newer text'
	[ "$(ids 2 | sort -u | wc -l)" -eq 5 ]
	json 1 status
	no_line '"code":"rejected"' json
}

# Both have the text, and each sends it anew before it sees the other: the
# reader takes it in once.
two_copies_of_the_machine() {
	reused
	cp -pR 1 twin
	printf '#!/bin/sh\nexit 1\n' >hook
	chmod +x hook
	mv hub.git ../behind.git
	remote=$PWD/hub.git
	mv ../behind.git hub.git
	cp hook hub.git/hooks/pre-receive
	start_daemon
	for each in 1 twin; do
		sed "s|^url = .*|url = $remote|" $each/.trine/trine.ini >ini
		cp ini $each/.trine/trine.ini
	done
	expect_status 77 on 1 sync
	rm hub.git/hooks/pre-receive
	on twin send 2 -m 'From the copy'
	sync twin 2
	on 1 send 2 -m 'From the first'
	sync 1 2
	sync 1 2
	has_once 'New text'
	has_once 'From the copy'
	has_once 'From the first'
}

# It had the text once, under the number it has now.
its_reader_is_set_up_again() {
	reused
	sync 1 2 1
	rm -rf 2
	add_computer 2 --takeover
	sync 2 1 2
	has_once 'New text'
}

# 3 had not seen the lost message: it took the new text under the old number.
readers_of_one_stream() {
	new_fleet 3
	on 1 send ALL -m One
	sync 1 2 3 1
	back_up 1 hub.git
	on 1 send ALL -m 'Gone at its sender'
	sync 1 2
	put_back 1 hub.git
	on 1 send ALL -m 'New text'
	sync 1 3 2 1 2 3 1
	has_once 'New text'
	titles 3 >got
	expect_count 1 'New text' got
	json 1 status
	no_line '"code":"rejected"' json
	no_line '"code":"missing"' json
	expect_line '"confirmed":{"2":3,"3":3' json
}

# 3 came when the text was on the branch under its old number, which was not for
# it (R31), and had it under the new one. It reads all again when its disk is older
# than the branch.
a_reader_that_came_between() {
	new_fleet 2
	on 1 send ALL -m One
	sync 1 2 1
	back_up 1 hub.git
	on 1 send ALL -m 'Gone at its sender'
	sync 1 2
	put_back 1 hub.git
	on 1 send ALL -m 'New text'
	sync 1 2
	add_computer 3
	sync 3 1 3
	[ "$(ids 3)" = 1_TO_ALL.3 ]
	back_up 3
	on 3 send 1 -m 'After the backup'
	sync 3
	put_back 3
	sync 3 1 3
	titles 3 >got
	expect_count 1 'New text' got
}

# reject ID DIGEST: 2 says that it has another text under that number.
reject() {
	hub_show COMPUTER_2.md | awk -v "id=$1" -v "digest=$2" '
		/^rejected: / { next }
		{ print }
		/^received: / {
			printf "rejected: {%s: \"number reused with another ", id
			printf "text, %s\"}\n", digest
		}' >status
	forge_begin
	put COMPUTER_2.md <status
	vouched 2
}

# A reader that rejects whatever comes is not written to for ever.
for_ever_rejected() {
	new_fleet 2
	on 1 send 2 -m 'To a wall'
	sync 1 2 1
	digest=$(sed -n 's/.*"type":"message.sent".*"digest":"\([0-9a-f]*\)".*/\1/p' \
		1/.trine/event-log.jsonl)
	for round in 1 2 3 4 5 6; do
		last=$(hub_show messages/1_TO_2.md | sed -n 's/^id: //p' | tail -1)
		reject "$last" "$digest"
		sync 1
	done
	hub_show messages/1_TO_2.md >file
	expect_count 4 '## To a wall' file
	json 1 status
	expect_line '"code":"rejected"' json
	on 1 status >text
	expect_line 'has another text under' text
}

# What was rejected is not what the log has: nothing is sent.
another_text_was_rejected() {
	new_fleet 2
	on 1 send 2 -m Hello
	sync 1 2 1
	reject 1_TO_2.1 0123456789abcdef
	sync 1
	hub_show messages/1_TO_2.md >file
	expect_count 1 '## Hello' file
	json 1 status
	expect_line '"code":"rejected"' json
}

it it_goes_out_once_more
it it_is_looked_for_in_the_archive
it both_tell_the_story
it it_stays_so
it killed_anywhere
it restored_after_it_was_sent
it everything_goes_back_again
it two_copies_of_the_machine
it its_reader_is_set_up_again
it readers_of_one_stream
it a_reader_that_came_between
it for_ever_rejected
it another_text_was_rejected
finish
