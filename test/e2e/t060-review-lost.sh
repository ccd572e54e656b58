# What a review of the protocol found lost, twice or forged: each once more.
. "${0%/*}/lib.sh"

# lines BYTES CHARACTER: text in lines of 70.
# The fleet as it is now, and back to it.
save() {
	rm -rf saved
	mkdir saved
	cp -pR hub.git [0-9] saved/
}
put_back() {
	rm -rf hub.git [0-9]
	cp -pR saved/* .
}

# killed_at POINT N: one cycle of N that ends there. False: it came to its end.
killed_at() {
	set +e
	TRINE_TEST_KILL=$1 "$TRINE" -C "$PWD/$2" sync
	_got=$?
	set -e
	[ $_got = 137 ]
}

text_is_kept() { # TEXT N: on the desk, as it was or as a copy
	grep -rqF -e "$1" "$2/coordination" || fail "'$1' is lost"
}

# ---- adopted text (R18) ----

adopted_text_of_a_closed_segment_is_sent_once_if_killed() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	file=1/coordination/messages/1_TO_2.md
	{
		sed -n '1,/trine:messages/p' $file
		printf '\nFirst by hand\n'
		lines 11000 x
		sed '1,/trine:messages/d' $file
		printf '\nSecond by hand\n'
	} >typed
	cp typed $file
	settle $file
	save
	for point in $(seq 5 20); do
		put_back
		killed_at "$point" 1 || break
		sync 1 2 1 2
		[ "$(ids 2 | wc -l)" = 3 ] || fail "killed at $point"
		expect_desks 1 2
	done
	[ "$point" -gt 9 ]
}

an_old_buffer_with_archived_text_sends_nothing() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	file=1/coordination/messages/1_TO_2.md
	{
		printf '\nBy hand\n'
		lines 11000 x
	} >>$file
	settle $file
	cp $file buffer
	sync 1 2
	on 1 send 2 -m Later
	sync 1 2
	[ -f 1/coordination/archive/1_TO_2/0001.md ]
	cp buffer $file
	settle $file
	sync 1 2 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'One By hand Later ' ]
	expect_desks 1 2
}

# ---- a lost repository, a disk of yesterday ----

segments_closed_offline_outlive_the_repository() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	lines 11000 x >body
	for number in 1 2 3 4; do on 1 send 2 -m "Big $number" body; done
	expect_status '0 75' on 1 sync --offline
	rm -rf 1/.trine/repo.git
	sync 1 2 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'One Big 1 Big 2 Big 3 Big 4 ' ]
	json 1 status
	expect_line '"confirmed":{"2":5' json
	expect_desks 1 2
}

published_segments_do_not_change_after_a_restore() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	cp -pR 1 backup
	lines 11000 a >body
	for number in 1 2 3; do on 1 send 2 -m "Before $number" body; done
	sync 1 2 1
	hub ls-tree -r main coordination/archive/ >published
	[ -s published ]
	rm -rf 1
	mv backup 1
	lines 11000 b >body
	for number in 1 2 3; do on 1 send 2 -m "After $number" body; done
	expect_status '0 75' on 1 sync --offline
	sync 1 2 1 2
	hub ls-tree -r main coordination/archive/ | head -n "$(wc -l <published)" |
		cmp - published
	titles 2 >got
	expect_file got <<-END
		One
		Before 1
		Before 2
		Before 3
		After 1
		After 2
		After 3
	END
	seq -f 'id: 1_TO_2.%g' 1 7 >wanted
	hub grep -h '^id: 1_TO_2' main | sed 's/.*id:/id:/' | sort >got
	cmp got wanted
	expect_desks 1 2
}

a_log_cut_while_coming_back_loses_nothing() {
	new_fleet 2
	on 1 send 2 -m One
	on 1 send 2 -m Two
	sync 1 2 1
	rm -rf 1
	"$TRINE" -q init --computer 1 --takeover --remote "$remote" "$PWD/1"
	save
	first=$(wc -l <1/.trine/event-log.jsonl)
	sync 1
	cp 1/.trine/event-log.jsonl whole
	last=$(grep -n '"type":"commit.made"' whole | head -n 1 | cut -d: -f1)
	[ "$last" -gt "$first" ]
	for cut in $(seq $((first + 1)) "$last"); do
		put_back
		head -n "$cut" whole >1/.trine/event-log.jsonl
		sync 1
		on 1 send 2 -m Three
		sync 1 2 1 2
		[ "$(titles 2 | tr '\n' ' ')" = 'One Two Three ' ] ||
			fail "cut after line $cut: $(sed -n "${cut}p" whole)"
		hub_show messages/1_TO_2.md | grep '^id: ' >got
		seq -f 'id: 1_TO_2.%g' 1 3 | cmp - got || fail "cut after $cut"
	done
}

an_unpushed_edit_survives_a_restore() {
	new_fleet 2
	loose 1 shared/plan.md v1
	on 1 send 2 -m One
	sync 1 2 1
	cp -pR 1 backup
	on 1 send 2 -m Two
	sync 1 2
	rm -rf 1
	mv backup 1
	loose 1 shared/plan.md 'Typed before the restore was seen'
	expect_status '0 75' on 1 sync --offline
	sync 1 2 1
	text_is_kept 'Typed before the restore' 1
	expect_desks 1
}

an_unpushed_edit_survives_a_takeover() {
	new_fleet 2
	loose 1 shared/plan.md v1
	on 1 send 2 -m One
	sync 1 2 1
	loose 1 shared/plan.md 'Typed before the takeover'
	expect_status '0 75' on 1 sync --offline
	"$TRINE" -q init --computer 1 --takeover --remote "$remote" "$PWD/3"
	sync 3
	expect_status 77 on 1 sync
	on 1 takeover
	sync 1
	text_is_kept 'Typed before the takeover' 1
	expect_desks 1
}

an_unpushed_edit_outlives_the_repository() {
	new_fleet 2
	loose 1 shared/plan.md v1
	sync 1 2 1
	loose 1 shared/plan.md 'In a commit that is gone'
	expect_status '0 75' on 1 sync --offline
	rm -rf 1/.trine/repo.git
	sync 1 2 1
	text_is_kept 'In a commit that is gone' 1
	expect_desks 1
}

a_copy_made_while_rebuilding_survives_a_kill() {
	new_fleet 2
	loose 1 shared/plan.md base
	sync 1 2 1
	echo 'ours, offline' >1/coordination/shared/plan.md
	settle 1/coordination/shared/plan.md
	on 1 send 2 -m Hi
	expect_status '0 75' on 1 sync --offline
	echo 'theirs, meanwhile' >2/coordination/shared/plan.md
	sync 2
	save
	point=1
	while put_back; killed_at $point 1; do
		sync 1 1
		grep -rqF 'ours, offline' 1/coordination/conflicts ||
			fail "lost, killed at $point"
		point=$((point + 1))
	done
	[ $point -gt 10 ]
	grep -rqF 'ours, offline' 1/coordination/conflicts
}

# ---- who wrote it ----

forged_stream() { # N TO
	cat <<-END
		# x

		<!-- trine:messages x -->

		## A forged order

		\`\`\`yaml message
		id: $1_TO_$2.1
		type: task
		priority: high
		sent: 2026-11-20T13:10:00Z
		\`\`\`

		Do it

		<!-- /$1_TO_$2.1 -->
	END
}

# A stream that a person wrote in the name of computer 1 stands on the tip again
# and again: what we commit next must not say that it is ours (R11).
a_forged_stream_is_never_vouched_for() {
	new_fleet 3
	on 1 send 2 -m One
	sync 1 2 3 1
	for round in 1 2 3 4; do
		person_pull
		{
			forged_stream 1 3
			echo "<!-- $round -->"
		} >person/coordination/messages/1_TO_3.md
		person_push "Forge $round"
		sync 1
	done
	on 1 send 2 -m Harmless
	sync 1 3 2
	[ -z "$(ids 3)" ]
	[ "$(titles 2 | tail -n 1)" = Harmless ]
}

# As many entries in front of it as nobody looks at.
a_forged_stream_behind_a_flood_is_not_vouched_for() {
	new_fleet 3
	on 1 send 2 -m One
	sync 1 2 3 1
	person_pull
	forged_stream 1 3 >person/coordination/messages/1_TO_3.md
	git -C person add -A
	blob=$(echo x | git -C person hash-object -w --stdin)
	tree=$(seq -f "100644 blob $blob	f%g" 330 | git -C person mktree)
	tree=$(seq -f "040000 tree $tree	d%g" 330 | git -C person mktree)
	git -C person read-tree --prefix=coordination/aaa/ "$tree"
	git -C person commit -q -m Flood
	git -C person push -q origin HEAD
	on 1 send 2 -m Harmless
	sync 1 3
	[ -z "$(ids 3)" ]
	sync 2
	[ "$(titles 2 | tail -n 1)" = Harmless ]
}

# ---- text of people ----

hand_made_stream_stays() { # FILE: with a line 'Words of a person'
	new_hub
	git clone -q "$remote" person
	mkdir -p person/coordination/messages
	cp "$1" person/coordination/messages/3_TO_1.md
	person_push 'By hand'
	add_computer 3
	sync 3
	on 3 send 1 -m Hi
	sync 3
	text_is_kept 'Words of a person' 3
	expect_line '## Hi' 3/coordination/messages/3_TO_1.md
	expect_desks 3
}
a_hand_made_stream_with_a_marker_keeps_its_text() {
	printf '%s\n' '# Computer 3 to 1' '' '<!-- trine:messages oldest -->' '' \
		'## Plan' '' 'Words of a person' >typed
	hand_made_stream_stays typed
	expect_line 'Words of a person' 3/coordination/messages/3_TO_1.md
}
a_long_hand_made_stream_keeps_its_text() {
	{
		echo 'Words of a person'
		lines 300000 x
	} >typed
	hand_made_stream_stays typed
}

text_that_is_refused_keeps_no_segment_open() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2
	printf '\nlatin \351t\351\n' >>1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/1_TO_2.md
	sync 1
	for number in 1 2 3 4 5; do
		lines 250000 $number >body
		on 1 send 2 -m "Big $number" body
		sync 1
	done
	sync 2
	[ "$(titles 2 | tail -n 1)" = 'Big 5' ]
	[ "$(ids 2 | wc -l)" = 6 ]
	[ "$(hub_show messages/1_TO_2.md | wc -c)" -lt 300000 ]
	LC_ALL=C grep -qa 'latin' 1/coordination/messages/1_TO_2.md
	hub log -p --text main >shared
	if LC_ALL=C grep -a latin shared; then fail 'it was shared'; fi
	on 1 status >said
	expect_line 'UTF-8' said
}

rewrites_do_not_hold_back_new_mail() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	for round in 1 2 3 4; do
		person_pull
		echo "person text $round" >>person/coordination/messages/1_TO_2.md
		person_push "Rewrite $round"
		[ $round != 4 ] || on 1 send 2 -p normal -m Waiting
		sync 1
	done
	sync 2
	[ "$(titles 2 | tail -n 1)" = Waiting ]
	grep -rqF 'person text 4' 1/coordination/conflicts
	no_line 'person text' 1/coordination/messages/1_TO_2.md
}

the_fourth_rewrite_is_kept_by_the_next_commit() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	for round in 1 2 3 4; do
		person_pull
		echo "person text $round" >>person/coordination/COMPUTER_1.md
		person_push "Rewrite $round"
		[ $round != 4 ] || on 1 send 2 -m 'Another reason'
		sync 1
	done
	grep -rqF 'person text 4' 1/coordination/conflicts
	sync 2
	[ "$(titles 2 | tail -n 1)" = 'Another reason' ]
}

# One rewrite, put back by commits that the remote refuses: it counts once, so
# the next one is put back at once.
a_rewrite_counts_once_while_pushes_are_refused() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m One
	sync 1 2 1
	person_pull
	echo 'person text 1' >>person/coordination/COMPUTER_1.md
	person_push 'Rewrite 1'
	hub_refuses
	for round in 1 2 3 4; do
		on 1 send 2 -m "Refused $round"
		expect_status 77 on 1 sync
	done
	hub_accepts
	sync 1
	person_pull
	echo 'person text 2' >>person/coordination/COMPUTER_1.md
	person_push 'Rewrite 2'
	sync 1
	hub_show COMPUTER_1.md >file
	no_line 'person text' file
	[ "$(grep -c '"type":"path.restored"' 1/.trine/event-log.jsonl)" = 2 ]
}

what_a_killed_replace_left_and_new_text_are_both_sent() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	file=1/coordination/messages/1_TO_2.md
	left=1/coordination/messages/.1_TO_2.md.trine-0123abcd
	cp $file $left
	printf '\nin the left file\n' >>$left
	printf '\nin the file\n' >>$file
	settle $left $file
	sync 1 1 2
	[ "$(ids 2 | wc -l)" = 3 ]
	titles 2 >got
	expect_count 1 'in the left file' got
	expect_count 1 'in the file' got
}

refused_text_of_a_left_file_is_kept() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	file=1/coordination/messages/1_TO_2.md
	left=1/coordination/messages/.1_TO_2.md.trine-0123abcd
	{
		cat $file
		printf '\nIn latin \351t\351\n'
	} >$left
	settle $left
	printf '\nStill typing\n' >>$file
	sync 1 1
	grep -raqF 'In latin' 1/coordination
	expect_line 'Still typing' $file
}

# ---- files that are ours by fleet.yaml ----

owned_by_1() {
	loose 1 shared/own.md v1
	printf 'owners:\n  - {path: "shared/own.md", owner: 1}\n' \
		>>1/coordination/fleet.yaml
	settle 1/coordination/fleet.yaml
	sync 1 2 1
}

our_own_version_is_no_foreign_one_after_a_kill() {
	new_fleet 2
	owned_by_1
	loose 1 shared/own.md v2
	save
	point=1
	while put_back; killed_at $point 1; do
		echo v3 >>1/coordination/shared/own.md
		sync 1
		[ ! -d 1/coordination/conflicts ] || fail "killed at $point"
		hub_show shared/own.md >got
		expect_count 1 v2 got
		expect_count 1 v3 got
		point=$((point + 1))
	done
	[ $point -gt 5 ]
}

an_owner_may_edit_while_the_rules_are_broken() {
	new_fleet 2
	owned_by_1
	person_pull
	echo 'broken: [' >>person/coordination/fleet.yaml
	person_push Break
	sync 1
	loose 1 shared/own.md 'Edit of the owner'
	sync 1 2
	expect_line 'Edit of the owner' 1/coordination/shared/own.md \
		2/coordination/shared/own.md
	loose 2 shared/own.md 'Edit of another'
	sync 2
	no_line 'Edit of another' 2/coordination/shared/own.md
	grep -rqF 'Edit of another' 2/coordination/conflicts
}

# ---- numbers, times, counts ----

renumbered_messages_keep_their_order() {
	new_fleet 2
	for title in a b c; do on 1 send 2 -m "old $title"; done
	sync 1 2 1
	rm -rf 1
	mv hub.git away
	"$TRINE" -q init --computer 1 --takeover --remote "$remote" "$PWD/1"
	for title in A B C D E; do on 1 send 2 -m "new $title"; done
	mv away hub.git
	sync 1 2 1 2
	titles 2 >got
	printf '%s\n' 'old a' 'old b' 'old c' 'new A' 'new B' 'new C' 'new D' \
		'new E' | cmp - got
	seq -f '1_TO_2.%g' 8 >wanted	# none left out
	ids 2 | cmp - wanted
	hub_show messages/1_TO_2.md | grep '^id: ' | sort | uniq -d >got
	expect_empty got
}

text_dated_in_the_future_settles_by_sight() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1
	file=1/coordination/messages/1_TO_2.md
	printf '\nfirst draft\n' >>$file
	touch -t 203001010000 $file
	sync 1
	printf 'half a sent\n' >>$file
	touch -t 203001010000 $file
	at +40s sync 1
	at +41s sync 1
	no_line 'half a sent' 1/.trine/event-log.jsonl
	no_line 'first draft' 1/.trine/event-log.jsonl
	expect_line 'half a sent' $file
	printf 'ence\n' >>$file
	touch -t 203001010000 $file
	at +50s sync 1
	at +90s sync 1
	sync 2
	[ "$(titles 2 | tail -n 1)" = 'first draft' ]
	[ "$(ids 2 | wc -l)" = 2 ]
}

copies_over_the_limit_are_counted() {
	new_fleet 2
	sync 1 2 1
	for number in $(seq 1 22); do
		echo "Edit-$number" >>1/coordination/COMPUTER_2.md
		sync 1
	done
	grep -rlw Edit-20 1/coordination/conflicts
	[ "$(find 1/coordination/conflicts -type f | wc -l)" = 20 ]
	grep -c '"type":"copy.counted"' 1/.trine/event-log.jsonl >got
	[ "$(cat got)" = 2 ]
	expect_desks 1
}

it adopted_text_of_a_closed_segment_is_sent_once_if_killed
it an_old_buffer_with_archived_text_sends_nothing
it segments_closed_offline_outlive_the_repository
it published_segments_do_not_change_after_a_restore
it a_log_cut_while_coming_back_loses_nothing
it an_unpushed_edit_survives_a_restore
it an_unpushed_edit_survives_a_takeover
it an_unpushed_edit_outlives_the_repository
it a_copy_made_while_rebuilding_survives_a_kill
it a_forged_stream_is_never_vouched_for
it a_forged_stream_behind_a_flood_is_not_vouched_for
it a_hand_made_stream_with_a_marker_keeps_its_text
it a_long_hand_made_stream_keeps_its_text
it text_that_is_refused_keeps_no_segment_open
it rewrites_do_not_hold_back_new_mail
it the_fourth_rewrite_is_kept_by_the_next_commit
it a_rewrite_counts_once_while_pushes_are_refused
it what_a_killed_replace_left_and_new_text_are_both_sent
it refused_text_of_a_left_file_is_kept
it our_own_version_is_no_foreign_one_after_a_kill
it an_owner_may_edit_while_the_rules_are_broken
it renumbered_messages_keep_their_order
it text_dated_in_the_future_settles_by_sight
it copies_over_the_limit_are_counted
finish
