# Rules of the protocol that a killed cycle would break.
. "${0%/*}/../e2e/lib.sh"

two() {
	rm -rf hub.git 1 2
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
}

# killed POINT N: a cycle of N that ends at its POINT-th checkpoint.
killed() {
	( set +x; export TRINE_TEST_KILL="$1"; on "$2" sync 2>&1 || : )
}

# R3
a_desk_written_by_a_killed_run_is_no_edit() {
	for point in $(seq 8 4 32); do
		two
		on 1 send 2 -m Two
		loose 1 shared/notes.md 'A note'
		sync 1
		killed "$point" 2
		on 1 send 2 -m Three
		loose 1 shared/notes.md 'Another note'
		sync 1 2 1
		hub_files | { ! grep conflicts/; }
		expect_desks 1 2
	done
}

# R15
a_push_whose_answer_got_lost_is_not_made_again() {
	for point in $(seq 6 14); do
		two
		on 1 send 2 -m Two
		killed "$point" 1
		sync 1 2 1
		hub log --format=%s main >subjects
		expect_count 1 'computer 1: 1_TO_2.2' subjects
		[ "$(ids 2 | wc -l)" -eq 2 ]
	done
}

# R22
a_desk_put_back_in_two_goes() {
	for point in $(seq 4 3 34); do
		two
		hub_files | sort >before
		rm -rf 1/coordination
		killed "$point" 1
		sync 1 2 1
		hub_files | sort | diff before -
		expect_desks 1 2
	done
}

# R25
a_lost_version_is_kept_though_the_next_cycle_is_killed() {
	for point in $(seq 5 20); do
		two
		loose 1 shared/notes.md one
		sync 1 2
		echo mine >2/coordination/shared/notes.md
		on 2 sync --offline
		echo yours >1/coordination/shared/notes.md
		sync 1
		killed "$point" 2
		sync 2 1
		hub grep -q mine main -- coordination/conflicts
	done
}

it a_desk_written_by_a_killed_run_is_no_edit
it a_push_whose_answer_got_lost_is_not_made_again
it a_desk_put_back_in_two_goes
it a_lost_version_is_kept_though_the_next_cycle_is_killed
finish
