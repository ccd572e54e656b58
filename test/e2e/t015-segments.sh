# Streams are cut into segments, which never change.
. "${0%/*}/lib.sh"

kilobytes() { # N FILE
	dd if=/dev/zero bs=1024 count="$1" 2>/dev/null | tr '\0' x | fold >"$2"
	echo >>"$2"
}

many_messages() { # N: sent and synced one by one
	kilobytes 2 body
	number=1
	while [ $number -le "$1" ]; do
		on 1 send 2 -m "Number $number" body
		sync 1
		number=$((number + 1))
	done
}

closed_segments_stay_as_they_are() {
	new_fleet 2
	sync 1 2
	many_messages 12
	hub ls-tree -r main coordination/archive/ >first
	[ "$(wc -l <first)" -ge 1 ]
	[ "$(hub_show messages/1_TO_2.md | wc -c)" -lt 14000 ]
	hub_show messages/1_TO_2.md | grep 'archive/1_TO_2/000'
	many_messages 8
	hub ls-tree -r main coordination/archive/ >second
	[ "$(wc -l <second)" -gt "$(wc -l <first)" ]
	head -n "$(wc -l <first)" second | cmp - first
	sync 2 1
	seq -f '1_TO_2.%g' 1 20 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
	json 1 status
	expect_line '"confirmed":{"2":20' json
}

one_commit_may_close_several() {
	new_fleet 2
	sync 1 2
	kilobytes 4 body
	for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
		on 1 send 2 -m "Number $number" body
	done
	sync 1
	[ "$(hub_files | grep -c archive/1_TO_2/)" -ge 3 ]
	sync 2
	seq -f '1_TO_2.%g' 1 12 >wanted
	ids 2 | cmp - wanted
	sync 1 2 1
	expect_desks 1 2
}

a_large_body_has_a_segment_of_its_own() {
	new_fleet 2
	kilobytes 200 body
	on 1 send 2 -m Large body
	sync 1
	on 1 send 2 -m Small
	sync 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'Large Small ' ]
	kilobytes 300 body
	expect_status 65 on 1 send 2 -m 'Too large' body
}

loose_text_keeps_a_segment_open() {
	new_fleet 2
	sync 1 2
	many_messages 6
	printf '\nStill typing\n' >>1/coordination/messages/1_TO_2.md
	on 1 send 2 -m 'One more'
	sync 1
	expect_line 'Still typing' 1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'Still typing' ]
	[ "$(ids 2 | wc -l)" -eq 8 ]
}

an_archive_changed_by_a_person_comes_back() {
	new_fleet 2
	sync 1 2
	many_messages 8
	sync 2
	hub ls-tree -r main coordination/archive/ >before
	person_pull
	echo 'rewritten' >person/coordination/archive/1_TO_2/0001.md
	person_push 'Rewrite the past'
	sync 1 2
	hub ls-tree -r main coordination/archive/ | cmp - before
	[ "$(ids 2 | wc -l)" -eq 8 ]
	expect_desks 1 2
}

# One edit puts the whole archive right; the desk gets what closed just then.
changed_while_another_segment_closes() {
	new_fleet 2
	sync 1 2
	many_messages 12
	person_pull
	echo 'rewritten' >person/coordination/archive/1_TO_2/0001.md
	person_push 'Tidy up'
	before=$(hub_files | grep -c archive/1_TO_2/)
	for number in 1 2 3 4 5 6 7; do
		on 1 send 2 -m "Closing $number" body
	done
	sync 1
	[ "$(hub_files | grep -c archive/1_TO_2/)" -gt "$before" ]
	sync 2 1
	expect_desks 1 2
}

# The commit that waited puts it right; the copy comes with the next one.
changed_while_a_commit_waits() {
	new_fleet 2
	sync 1 2
	many_messages 12
	on 1 send 2 -m 'It waits'
	on 1 sync --offline
	person_pull
	echo 'Written between two messages' >>person/coordination/archive/1_TO_2/0001.md
	person_push 'A note'
	sync 1
	hub_show archive/1_TO_2/0001.md >closed
	no_line 'Written between' closed
	grep -rq 'Written between' 1/coordination/conflicts/1
	sync 2 1
	expect_desks 1 2
}

# It goes from the branch; no desk keeps it, and there is a copy.
a_file_put_into_an_archive_goes() {
	new_fleet 2
	sync 1 2
	many_messages 8
	sync 2 1
	person_pull
	mkdir person/coordination/archive/1_TO_2/old
	echo 'Hand-written' >person/coordination/archive/1_TO_2/old/notes.md
	person_push 'File something'
	sync 1 2 1
	hub_files >files
	no_line 'old/notes' files
	expect_desks 1 2
	[ ! -e 1/coordination/archive/1_TO_2/old/notes.md ]
	grep -rq 'Hand-written' 1/coordination/conflicts/1
}

# All that stands there is its computer's, whatever its name: an edit of another
# one is no shared change.
an_archive_is_of_one_computer() {
	new_fleet 2
	many_messages 8
	sync 1 2
	echo 'Hand-written' >2/coordination/archive/1_TO_2/notes.md
	sync 2 1
	hub_files >files
	no_line 'archive/1_TO_2/notes.md' files
	expect_desks 1 2
	grep -rq 'Hand-written' 2/coordination/conflicts/2
}

# Whatever name it has, however deep it stands.
a_long_name_in_an_archive() {
	two_that_wrote
	person_pull
	long=$(printf '%060d' 0)
	deep=person/coordination/archive/1_TO_2/$long/$long/$long
	mkdir -p "$deep"
	echo 'Hand-written' >"$deep/$long.md"
	person_push 'File something'
	on 1 send 2 -m Second
	sync 1 2 1
	hub_files >files
	no_line archive/1_TO_2 files
	grep -rq 'Hand-written' 1/coordination/conflicts/1
	titles 2 | grep -x Second
	expect_desks 1 2
}

# All numbers that there are may be taken there.
an_archive_of_all_numbers() {
	two_that_wrote
	person_pull
	blob=$(echo 'Hand-written' | git -C person hash-object -w --stdin)
	tree=$(seq -f %04g 1 9999 | sed "s/.*/100644 blob $blob	&.md/" |
		git -C person mktree)
	git -C person read-tree --prefix=coordination/archive/1_TO_2/ "$tree"
	git -C person commit -q -m 'File much'
	git -C person push -q origin HEAD
	on 1 send 2 -m Second
	sync 1 2 1
	hub_files >files
	no_line archive/1_TO_2 files
	titles 2 | grep -x Second
	expect_desks 1 2
}

# A stream that has given out all numbers goes on in its open file: the log is made to
# say so, with the crc of that line.
the_last_segment_is_closed() {
	new_fleet 2
	sync 1 2
	many_messages 6
	log=1/.trine/event-log.jsonl
	expect_count 1 '"segment":1,' $log
	perl -pe 'if (s/"segment":1,/"segment":9999,/ && s/,"crc":.*\n//) {
		$crc = 0xffffffff;
		for $bit (split //, unpack "b*", $_) {
			$crc = $crc >> 1 ^ (($crc ^ $bit) & 1) * 0x82f63b78
		}
		$_ .= sprintf ",\"crc\":\"%08x\"}\n", $crc ^ 0xffffffff
	}' $log >said
	cp said $log
	rm 1/.trine/state.db*
	for number in 7 8 9 10 11 12; do on 1 send 2 -m "Number $number" body; done
	sync 1 2 1
	hub_files >files
	expect_count 1 archive/1_TO_2/ files
	expect_line archive/1_TO_2/9999.md files
	seq -f '1_TO_2.%g' 1 12 >wanted
	ids 2 | cmp - wanted
	expect_desks 2
	instance 1 builder 'deliver = inbox'
	on 2 send 1 --for builder --type task -m 'Build it'
	on 2 send 1 -m 'A file of the desk'
	sync 2 1
	expect_line 'A file of the desk' 1/coordination/messages/2_TO_1.md
	ls 1/.trine/inbox/builder/new/*
	nothing_is_sent_that_nobody_could_read
}

# What would make the last file too large is refused, typed or sent.
nothing_is_sent_that_nobody_could_read() {
	kilobytes 240 body
	for number in 13 14 15; do on 1 send 2 -m "Number $number" body; done
	expect_status 77 on 1 send 2 -m 'Number 16' body 2>told
	expect_line '1_TO_2 is full: its archive has the 9999 files' told
	loose 1 messages/1_TO_2.md "$(cat body)"
	sync 1 2 1
	seq -f '1_TO_2.%g' 1 15 >wanted
	ids 2 | cmp - wanted
	on 1 status >told
	expect_line '1_TO_2 is full' told
	[ "$(wc -c <1/coordination/messages/1_TO_2.md)" -gt 960000 ]
	on 2 send 1 -m 'Another file of the desk'
	on 1 send 2 -m 'A short one'
	sync 2 1 2
	expect_line 'Another file of the desk' 1/coordination/messages/2_TO_1.md
	titles 2 | grep -x 'A short one'
}

# Nor is it a segment where its computer begins to use trine. What reaches no desk
# for its name is copied, too.
an_archive_made_by_hand_is_none() {
	new_fleet 2
	sync 1 2
	person_pull
	mkdir -p person/coordination/archive/3_TO_1
	echo 'Hand-written' >person/coordination/archive/3_TO_1/notes.md
	printf 'PNG\0\377' >person/coordination/archive/3_TO_1/x.bin
	person_push 'File something'
	add_computer 3
	sync 3 1
	hub_files >files
	no_line 'archive/3_TO_1/' files
	expect_desks 1 3
	grep -rq 'Hand-written' 1/coordination/conflicts/3
	expect_line '-archive_3_TO_1_x.bin-' files
}

# A commit that waits and is put on a tip with such a folder has none of it, and
# so is vouched for as it was made.
a_commit_that_waits_has_no_archive_made_by_hand() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m 'While offline'
	on 1 sync --offline
	person_pull
	mkdir -p person/coordination/archive/1_TO_2
	printf 'PNG\0\377' >person/coordination/archive/1_TO_2/x.bin
	person_push 'File something'
	on 1 sync
	hub_files >files
	no_line 'archive/1_TO_2/' files
	hub log --format=%H --grep='1_TO_2.1' >made
	hub ls-tree -r --name-only "$(cat made)" >files
	expect_line 'messages/1_TO_2.md' files
	no_line 'archive/1_TO_2/' files
}

# The disk is older than a commit of its own below the tip, and takes its messages
# from there: they are in an open file again. What was closed since, and stands on
# the tip in a person's commit only, goes, or they would be there twice.
what_was_closed_since_stays_closed() {
	new_fleet 2
	sync 1 2
	many_messages 5
	sync 2 1
	before=$(hub rev-parse main)
	cp -R 1 backup
	on 2 send 1 -m 'Only the status of 1 is new then'
	sync 2 1
	newest=$(hub rev-parse main)
	rm -rf 1
	mv backup 1
	hub update-ref refs/heads/main "$before"
	on 1 send 2 -m 'Number 6' body
	on 1 send 2 -m 'Number 7' body
	sync 1
	hub_files >files
	expect_line 'archive/1_TO_2/0001.md' files
	tree=$(hub rev-parse 'main^{tree}')
	hub update-ref refs/heads/main \
		"$(hub commit-tree -p "$newest" -m Squash "$tree")"
	sync 1 2 1
	hub_files | sed -n '/[se][/]1_TO_2/s/^/main:/p' >files
	for file in $(cat files); do hub show "$file"; done >all
	[ "$(grep -c '^id: 1_TO_2' all)" -eq 7 ]
	seq -f '1_TO_2.%g' 1 7 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
	on 1 send 2 -m 'Number 8' body
	sync 1 2 1
	expect_desks 1 2
	hub_show archive/1_TO_2/0001.md >first
	expect_line 'id: 1_TO_2.5' first
	hub_show messages/1_TO_2.md >open
	expect_count 3 'id: ' open
}

# A branch that was set back forgets a segment, and may come again.
what_others_saw_closed_stays_closed() {
	new_fleet 2
	sync 1 2
	many_messages 5
	cp -R 1 backup
	on 2 send 1 -m 'Only the status of 1 is new then'
	sync 2 1
	newest=$(hub rev-parse main)
	on 1 send 2 -m 'Number 6' body
	on 1 send 2 -m 'Number 7' body
	on 2 send 1 -m 'And once more'
	sync 2 1
	hub ls-tree -r main coordination/archive/ >closed
	[ "$(wc -l <closed)" -eq 1 ]
	rm -rf 1
	mv backup 1
	sync 1
	hub update-ref refs/heads/main "$newest"
	sync 1 2 1
	hub ls-tree -r main coordination/archive/ | expect_file closed
	on 1 send 2 -m 'Number 8' body
	sync 1 2 1
	hub ls-tree -r main coordination/archive/ | expect_file closed
	seq -f '1_TO_2.%g' 1 8 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
}

# What was typed on a desk went out from it; from its backup another text got that
# number, and it the next one. Both are in a commit that others squashed.
what_is_closed_no_more_is_open_again() {
	new_fleet 2
	sync 1 2
	many_messages 4
	loose 1 messages/1_TO_2.md '' 'Typed when the backup was made'
	cp -Rp 1 backup
	sync 1 2
	newest=$(hub rev-parse main)
	rm -rf 1
	mv backup 1
	on 1 send 2 -m 'Number 5' body
	on 1 sync --offline
	hub fetch -q "$PWD/1/.trine/repo.git" refs/heads/main
	tree=$(hub rev-parse 'FETCH_HEAD^{tree}')
	hub show "$tree:coordination/archive/1_TO_2/0001.md" >first
	expect_line '## Number 5' first
	hub update-ref refs/heads/main \
		"$(hub commit-tree -p "$newest" -m Squash "$tree")"
	sync 1 2 1
	hub_files >files
	no_line archive/1_TO_2 files
	hub_show messages/1_TO_2.md >open
	expect_count 6 'id: ' open
	seq -f '1_TO_2.%g' 1 6 >wanted
	ids 2 | cmp - wanted
	expect_desks 1 2
}

it closed_segments_stay_as_they_are
it one_commit_may_close_several
it a_large_body_has_a_segment_of_its_own
it loose_text_keeps_a_segment_open
it an_archive_changed_by_a_person_comes_back
it changed_while_another_segment_closes
it changed_while_a_commit_waits
it a_file_put_into_an_archive_goes
it an_archive_is_of_one_computer
it a_long_name_in_an_archive
it an_archive_of_all_numbers
it the_last_segment_is_closed
it an_archive_made_by_hand_is_none
it a_commit_that_waits_has_no_archive_made_by_hand
it what_was_closed_since_stays_closed
it what_others_saw_closed_stays_closed
it what_is_closed_no_more_is_open_again
finish
