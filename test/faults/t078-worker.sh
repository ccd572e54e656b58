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
fi
finish
