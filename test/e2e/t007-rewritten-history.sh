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

it the_branch_is_set_back
it the_branch_is_squashed_into_one_commit
it the_branch_is_deleted
it the_repository_is_replaced_by_an_empty_one
it shared_text_of_the_old_tip_is_not_lost
it a_push_that_was_accepted_and_then_undone
finish
