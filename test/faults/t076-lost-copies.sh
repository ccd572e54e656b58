# The repository is lost while a commit that nobody has yet holds the only copy
# of a version that did not stay: the copy is made again.
. "${0%/*}/../e2e/lib.sh"

# R25
a_copy_lost_with_the_repository_is_made_again() {
	for at in $(seq 2 3 29); do
		rm -rf hub.git 1 2
		new_fleet 2
		sync 1 2 1
		loose 1 COMPUTER_2.md 'Scribbled into a foreign file'
		( set +x; export TRINE_TEST_KILL="$at"; on 1 sync 2>&1 || : )
		# What the killed cycle did not push went with the disk.
		rm -rf 1/.trine/repo.git
		sync 1 2 1
		hub grep -q 'Scribbled into' main -- coordination/conflicts ||
			lost="$lost $at"
		hub_files | grep -c 'conflicts/1/' >count
		expect_line 1 count
		expect_desks 1 2
	done
	[ -z "$lost" ] || fail "no copy when killed at$lost"
}

lost=
it a_copy_lost_with_the_repository_is_made_again
finish
