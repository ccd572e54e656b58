# The remote goes back, or its history is rewritten: nothing is lost, nothing
# comes twice, and it is said loudly.
. "${0%/*}/lib.sh"

two_with_a_past() {
	new_fleet 2
	for number in 1 2 3; do
		on 1 send 2 -m "Number $number"
		on 2 send 1 -m "Back $number"
		sync 1 2 1
	done
	old=$(hub rev-parse main)
}

# Everything is as it was: all messages once, own files, both desks.
all_is_well() {
	printf '1_TO_2.%s\n' 1 2 3 >wanted
	ids 2 | cmp - wanted
	printf '2_TO_1.%s\n' 1 2 3 >wanted
	ids 1 | cmp - wanted
	hub_show messages/1_TO_2.md >file
	expect_count 3 '<!-- /1_TO_2.' file
	hub_show messages/2_TO_1.md >file
	expect_count 3 '<!-- /2_TO_1.' file
	on 1 send 2 -m 'Life goes on'
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'Life goes on' ]
}

# Everything that stood on the old tip is below a backup ref of somebody.
old_tip_is_kept() {
	for computer in 1 2; do
		repo=$computer/.trine/repo.git
		for ref in $(git -C $repo for-each-ref --format='%(refname)' \
			refs/trine/backup); do
			! git -C $repo merge-base --is-ancestor "$old" "$ref" ||
				return 0
		done
	done
	fail 'no ref holds the old tip'
}

the_branch_is_set_back() {
	two_with_a_past
	hub update-ref refs/heads/main "$(hub rev-parse main~3)"
	sync 1 2 1 2
	old_tip_is_kept
	on 1 status >status
	grep -F 'refs/trine/backup/' status
	all_is_well
	sync 1 2 1
	expect_desks 1
}

the_branch_is_squashed_into_one_commit() {
	two_with_a_past
	new=$(hub commit-tree -m 'All in one' "main^{tree}")
	hub update-ref refs/heads/main "$new"
	sync 2 1 2 1
	old_tip_is_kept
	all_is_well
}

the_branch_is_deleted() {
	two_with_a_past
	hub update-ref -d refs/heads/main
	sync 1 2 1 2
	old_tip_is_kept
	all_is_well
}

the_repository_is_replaced_by_an_empty_one() {
	two_with_a_past
	rm -rf hub.git
	git init -q --bare -b main hub.git
	sync 1 2 1 2
	old_tip_is_kept
	all_is_well
}

shared_text_of_the_old_tip_is_not_lost() {
	two_with_a_past
	loose 1 shared/plan.md 'The plan that was new'
	sync 1 2
	old=$(hub rev-parse main)
	hub update-ref refs/heads/main "$(hub rev-parse main~4)"
	sync 1 2 1
	old_tip_is_kept
	on 1 status >status
	grep -F 'refs/trine/backup/' status
}

# The plan of the old tip, and one of the new tip in the same file.
two_plans() { # LINE of the new one
	new_fleet 2
	seq 9 >plan
	loose 1 shared/plan.md "$(cat plan)"
	sync 1 2
	start=$(hub rev-parse main)
	sed 's/^2$/two, as the old tip had it/' plan >1/coordination/shared/plan.md
	sync 1 2
	hub update-ref refs/heads/main "$start"
	person_pull
	sed "s/^$1\$/new/" plan >person/coordination/shared/plan.md
	person_push 'Another plan'
	mkdir bin
	ln -s "$TRINE" bin/trine
	sync 1 2 1
	no_line 'two, as' 1/coordination/shared/plan.md
	hub_show shared/plan.md >file
	no_line 'two, as' file
}

offered() { # N: the command
	on "$1" status | sed -n 's/.*into this desk: `\([^`]*\)`.*/\1/p'
}

what_shared_files_had_is_offered_as_a_merge() {
	two_plans 8
	offered 1 >command
	grep 'coordination/shared/plan.md' command
	no_line COMPUTER_ command
	no_line messages/ command
	( PATH=$PWD/bin:$PATH; eval "$(cat command)" )
	sync 1 2
	hub_show shared/plan.md >file
	seq 9 | sed 's/^2$/two, as the old tip had it/; s/^8$/new/' | cmp - file
	cmp file 2/coordination/shared/plan.md
	# It is in: none offers it any more, and whoever has seen it says so.
	sync 1 2
	for each in 1 2; do
		[ -z "$(offered $each)" ]
		on $each status | grep 'nothing is missing'
		ref=$(on $each status | sed -n 's/.*update-ref -d \([^`]*\)`.*/\1/p')
		on $each git update-ref -d "$ref"
		sync $each
		json $each status
		no_line '"code":"rewritten"' json
	done
}

a_merge_that_does_not_fit_changes_nothing() {
	two_plans 2
	offered 2 >command
	cp 2/coordination/shared/plan.md before
	said told expect_status 1 env "PATH=$PWD/bin:$PATH" sh command
	expect_line 'patch does not apply' told
	cmp before 2/coordination/shared/plan.md
	[ -n "$(offered 2)" ]
}

# A name may say what it likes: the words of the command stay words.
a_desk_with_an_odd_name() {
	two_plans 8
	odd="it's \$(touch bad) 1"
	mv 1 "$odd"
	sync 2
	person_pull
	echo Note >person/coordination/shared/note.md
	person_push 'Move the tip'
	sync "$odd"
	offered "$odd" >command
	( PATH=$PWD/bin:$PATH; eval "$(cat command)" )
	grep 'two, as' "$odd/coordination/shared/plan.md"
	[ ! -e bad ]
}

a_push_that_was_accepted_and_then_undone() {
	two_with_a_past
	loose 1 shared/plan.md 'The plan that was new'
	sync 1
	old=$(hub rev-parse main)
	hub update-ref refs/heads/main "$(hub rev-parse main~1)"
	sync 1 2 1
	grep -qF 'The plan that was new' 1/coordination/shared/plan.md ||
		old_tip_is_kept
	all_is_well
}

# The log knows that a push was taken, the cache of the tip does not: killed in
# between. Then a commit waits, and the branch loses what was pushed.
a_push_that_was_undone_while_a_commit_waits() {
	two_with_a_past
	on 1 send 2 -m 'Taken, and undone'
	mkdir saved
	cp -pR 1 hub.git saved/
	cached=$(git -C 1/.trine/repo.git rev-parse refs/trine/tip/main)
	point=1
	until grep -q "commit.seen.*$(hub rev-parse main)" 1/.trine/event-log.jsonl &&
		[ "$old" != "$(hub rev-parse main)" ]; do
		rm -rf 1 hub.git
		cp -pR saved/1 saved/hub.git .
		expect_status 137 env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync
		point=$((point + 1))
	done
	[ "$(git -C 1/.trine/repo.git rev-parse refs/trine/tip/main)" = "$cached" ]
	on 1 send 2 -m 'In a commit that waits'
	on 1 sync --offline
	hub update-ref refs/heads/main "$old"
	old=$(grep commit.seen 1/.trine/event-log.jsonl | tail -n 1 |
		sed 's/.*"commit":"\([0-9a-f]*\)".*/\1/')
	sync 1 2 1
	old_tip_is_kept
	titles 2 >arrived
	printf '%s\n' 'Taken, and undone' 'In a commit that waits' >wanted
	tail -n 2 arrived | diff - wanted
}

# A line for people goes out, the answer to that push gets lost, and another line is
# written here, out of reach of the remote.
two_lines_one_of_them_out() {
	two_with_a_past
	on 2 send 1 -m 'So that a status tells of the push'
	sync 2
	old=$(hub rev-parse main)
	loose 1 messages/HUMAN_TO_2.md '- [ ] Buy milk'
	mkdir saved
	cp -pR 1 saved/
	point=1
	while [ "$old" = "$(hub rev-parse main)" ]; do
		rm -rf 1
		cp -pR saved/1 .
		expect_status 137 env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync
		point=$((point + 1))
	done
	loose 1 messages/HUMAN_TO_2.md '' '- [ ] Feed the cat'
	expect_status '0 75' on 1 sync --offline
}
squash_to() { # COMMIT
	hub update-ref refs/heads/main \
		"$(hub commit-tree -m 'All in one' -p "$1" 'main^{tree}')"
}
ticked_on_the_web() {
	person_pull
	sed -i 's/\[ \] Buy/[x] Buy/' person/coordination/messages/HUMAN_TO_2.md
	person_push 'Done'
}
only_the_cat_is_asked_for() {
	sync 1 2 1
	printf '%s\n' '- [x] Buy milk' '- [ ] Feed the cat' >wanted
	hub_show messages/HUMAN_TO_2.md | grep . | sort -r | cmp - wanted
	[ "$(titles 2 | grep -c cat)" = 1 ]
	expect_desks 1 2
}

a_line_that_is_squashed_and_ticked_is_not_asked_for_again() {
	two_lines_one_of_them_out
	squash_to "$old~2"
	sync 2
	ticked_on_the_web
	only_the_cat_is_asked_for
}

a_line_that_is_ticked_and_squashed_is_not_asked_for_again() {
	two_lines_one_of_them_out
	ticked_on_the_web
	squash_to "$old~2"
	only_the_cat_is_asked_for
}

# The push came to nothing: what waits is in no squash.
a_line_that_waits_while_others_are_squashed_is_not_lost() {
	two_lines_one_of_them_out
	hub update-ref refs/heads/main "$old"
	squash_to "$old~2"
	sync 2 1 2
	printf '%s\n' '- [ ] Feed the cat' '- [ ] Buy milk' >wanted
	hub_show messages/HUMAN_TO_2.md | grep . | sort -r | cmp - wanted
	[ "$(titles 2 | grep -c 'milk\|cat')" = 2 ]
}

# Its status is the one that the branch has, and its time may be the same.
a_line_that_waits_below_a_status_of_before_is_not_lost() {
	two_with_a_past
	loose 1 messages/HUMAN_TO_2.md '- [ ] Buy milk'
	on 1 sync --offline
	squash_to "$old"
	sync 1 2
	[ "$(titles 2 | grep -c milk)" = 1 ]
}

# twenty_of_last_month: computer 3 pushes so many commits, with a clock that is behind.
twenty_of_last_month() {
	for number in $(seq 20); do
		on 3 send 2 -m "Number $number"
		at -30d sync 3
	done
}

# The branch goes on from what it was, whatever the dates of its commits say.
commits_of_a_clock_that_is_behind() {
	new_fleet 3
	sync 1 2 3 1
	on 1 lock acquire deploy --fleet
	sync 1 1
	on 1 lock list | grep 'token 1,'
	twenty_of_last_month
	sync 1
	on 1 status >status
	no_line 'rewritten' status
	on 1 lock list | grep 'token 1,'
}

person_asks() { # [LINE]: nothing but that
	person_pull
	mkdir -p person/coordination/messages
	printf '%s\n' "$@" >person/coordination/messages/HUMAN_TO_1.md
	person_push "${1:-nothing}"
}

# A line that a person removes, and writes again on top of them, is a new one.
written_again_above_a_clock_that_is_behind() {
	new_fleet 3
	sync 1 2 3 1
	person_asks 'Please build it'
	sync 1
	person_asks
	twenty_of_last_month
	person_asks 'Please build it'
	sync 1
	received 1 'Please build it' 'Please build it'
}

# What it names last is on a branch that is gone, and so is what was read there since;
# what comes back was read before both.
a_receipt_does_not_name_what_is_older() {
	new_fleet 2
	sync 1 2
	person_asks 'The first'
	first=$(hub rev-parse main)
	sync 1
	person_asks 'The first' 'The second'
	sync 1
	hub update-ref refs/heads/main "$first~1"
	sync 1
	person_pull
	git -C person reset -q --hard origin/main
	back=$(hub rev-parse main)
	hub_show COMPUTER_1.md >before
	person_asks 'Something else'
	sync 1
	hub update-ref refs/heads/main "$back"
	git -C person fetch -q
	git -C person reset -q --hard origin/main
	git -C person merge -q -m 'What was there' "$first"
	git -C person push -q origin HEAD
	sync 1
	hub_show COMPUTER_1.md >after
	expect_line 'HUMAN_TO_1: ' after
	expect_count 0 "HUMAN_TO_1: $(echo "$first" | cut -c1-10)" after
	received 1 'The first' 'The second' 'Something else'
}

it the_branch_is_set_back
it the_branch_is_squashed_into_one_commit
it the_branch_is_deleted
it the_repository_is_replaced_by_an_empty_one
it shared_text_of_the_old_tip_is_not_lost
it what_shared_files_had_is_offered_as_a_merge
it a_merge_that_does_not_fit_changes_nothing
it a_desk_with_an_odd_name
it a_push_that_was_accepted_and_then_undone
it a_push_that_was_undone_while_a_commit_waits
it a_line_that_is_squashed_and_ticked_is_not_asked_for_again
it a_line_that_is_ticked_and_squashed_is_not_asked_for_again
it a_line_that_waits_while_others_are_squashed_is_not_lost
it a_line_that_waits_below_a_status_of_before_is_not_lost
it commits_of_a_clock_that_is_behind
it written_again_above_a_clock_that_is_behind
it a_receipt_does_not_name_what_is_older
finish
