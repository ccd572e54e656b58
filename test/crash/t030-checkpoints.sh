# A cycle killed at each of its checkpoints: the next ones finish its work.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

killed_at_every_checkpoint() {
	before_the_cycle
	outcome
	mv result wanted
	expect_file wanted/received <<-'END'
	2_TO_1.1
	1_TO_2.1
	1_TO_2.2
	1_TO_2.3
	1_TO_2.4
	2_TO_1.1.md
	END
	expect_empty wanted/fsck
	expect_empty wanted/leftovers
	set +ex
	point=1
	while :; do
		go_back
		TRINE_TEST_KILL=$point "$TRINE" -C "$PWD/1" sync >killed.log 2>&1
		status=$?
		same_outcome "checkpoint $point"
		[ $status = 137 ] || break
		point=$((point + 1))
		[ $point -lt 500 ] || fail 'no end'
	done
	no_bad_points
	[ $status = 0 ] || fail "the last run ended with $status"
	[ $point -gt 8 ] || fail "only $point checkpoints"
	echo "$point checkpoints"
}

killed_twice_at_each_checkpoint() {
	before_the_cycle
	outcome
	mv result wanted
	set +ex
	point=1
	while [ $point -lt 200 ]; do
		go_back
		TRINE_TEST_KILL=$point "$TRINE" -C "$PWD/1" sync >killed.log 2>&1
		[ $? = 137 ] || break
		TRINE_TEST_KILL=$point "$TRINE" -C "$PWD/1" sync >>killed.log 2>&1
		same_outcome "checkpoint $point, twice"
		point=$((point + 3))
	done
	no_bad_points
}

it killed_at_every_checkpoint
it killed_twice_at_each_checkpoint
finish
