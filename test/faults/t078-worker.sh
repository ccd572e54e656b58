# A worker while calls fail, once or from there on: a clear end or none at all, and the
# task that it had is done once, or in doubt.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../crash/lib.sh"
. "${0%/*}/../crash/worker.sh"
. "${0%/*}/lib.sh"

# The task in the line again, and nothing of the last run.
one_in_the_line() {
	go_back
	rm -f runs
}

# What could not be begun is tried again, for as long as it lives.
run_worker() { with='timeout -k 9 2' TRINE=$worker faulty 1 "$1" agent; }

after_worker() {
	wrong=$(not_settled $sure 2>settled.log | paste -sd ,)
	[ -z "$wrong" ] || why="$why, $wrong"
}

workers() { # SURE SETTING
	sure=$1
	a_task_in_the_line "$2"
	set +ex
	for fault in write:EIO write:ENOSPC write:SHORT name:EIO unlink:EIO read:EIO \
		fsync:EIO open:EMFILE
	do
		sweep $fault '' one_in_the_line run_worker after_worker
		sweep $fault + one_in_the_line run_worker after_worker
	done
	all_points || step=$((step * 8))
	sweep malloc:ENOMEM '' one_in_the_line run_worker after_worker
	sweep malloc:ENOMEM + one_in_the_line run_worker after_worker
	no_bad
}

done_once_or_in_doubt() { workers no ''; }
done_where_twice_does_no_harm() { workers yes 'idempotent = yes'; }

# Full when the program has ended, and for a moment.
a_full_disk_loses_no_result() {
	a_task_in_the_line ''
	part=event-log.jsonl TRINE=$worker faulty 1 write:ENOSPC:2x3 agent
	[ -s hits ]
	[ "$(state_of 1)" = COMPLETED ]
	sync 1 2
	on 2 show 1_TO_2.1 >shown
	expect_line 'done' shown
	[ "$(wc -l <runs)" = 1 ]
}

# For good: it tries for as long as it lives, and no longer.
a_disk_that_stays_full() {
	a_task_in_the_line ''
	with='timeout 4'
	part=event-log.jsonl TRINE=$worker expect_status 124 \
		faulty 1 write:ENOSPC:2+ agent
	with=
	expect_line 'No space left' told
	sync 1
	[ "$(state_of 1)" = COMPLETED ]
	[ "$(wc -l <runs)" = 1 ]
}

documented='0 65 70 74 75 77 124' runs=0
step=1
all_points || step=20
step=${STEP:-$step}
reason=$(no_preload)
if [ -n "$reason" ]; then
	skip workers "$reason"
else
	it done_once_or_in_doubt
	it done_where_twice_does_no_harm
	it a_full_disk_loses_no_result
	it a_disk_that_stays_full
fi
finish
