# No memory at any place that asks for some, once or from there on: exit 70 with
# one line, or the work is done; nothing is lost, and the next run works.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../crash/lib.sh"
. "${0%/*}/lib.sh"

# Exit 70 has one line; what ran well in spite of it has done its work.
told_once() {
	[ $status != 70 ] || [ "$(grep -ci 'memory' told)" = 1 ] ||
		why="$why, said $(grep -ci 'memory' told) times"
}

nothing() { :; }

send() { faulty 1 "$1" send 2 -m "$1" "$top/README.md"; }

after_send() {
	told_once
	[ $status != 0 ] || echo "$_fault" >>accepted
}

sends() {
	new_fleet 2
	sync 1 2 1
	set +ex
	sweep malloc:ENOMEM '' nothing send after_send
	sweep malloc:ENOMEM + nothing send after_send
	no_bad
	set -ex
	on 1 send 2 -m Last
	echo Last >>accepted
	on 1 log >/dev/null
	rm -f 1/.trine/state.db*
	sync 1 2
	titles 2 >arrived
	grep -xFf accepted arrived | expect_file accepted
	sort arrived | uniq -d >twice
	expect_empty twice
}

run_sync() { faulty 1 "$1" sync -v; }

after_sync() {
	told_once
	cp hits met
	[ $status != 0 ] || on 1 sync >/dev/null 2>&1 || why="$why, the next"
	( set -ex; outcome; diff -r wanted result >difference ) >after.log 2>&1
	[ $? = 0 ] || why="$why, another outcome"
	mv met hits
}

syncs() {
	before_the_cycle
	outcome
	mv result wanted
	set +ex
	sweep malloc:ENOMEM '' go_back run_sync after_sync
	sweep malloc:ENOMEM + go_back run_sync after_sync
	no_bad
}

init() {
	rm -f hits
	TRINE_FAULT=$1 TRINE_FAULT_HIT=$PWD/hits LD_PRELOAD=$tools/fault.so \
		"$TRINE" init --computer 3 --remote "$remote" "$PWD/3" >told 2>&1
}
no_third() { rm -rf 3; }

after_init() {
	told_once
	[ $status = 0 ] || "$TRINE" -q init --computer 3 --remote "$remote" \
		"$PWD/3" >next 2>&1 || grep -q 'is there already' next ||
		why="$why, again: $(cat next)"
	on 3 status >next 2>&1 || why="$why, $(cat next)"
}

inits() {
	new_fleet 1
	sync 1
	set +ex
	sweep malloc:ENOMEM '' no_third init after_init
	sweep malloc:ENOMEM + no_third init after_init
	no_bad
}

# What opens a file or a folder for us may have none either.
opens() {
	new_fleet 1
	sync 1
	set +ex
	all_points || step=10
	sweep open:ENOMEM '' no_third init after_init
	no_bad
}

documented='0 70' runs=0
step=1
all_points || step=300
step=${STEP:-$step}
why=$(no_preload)
if [ -n "$why" ]; then
	skip no_memory "$why"
else
	it sends
	it inits
	it opens
	all_points || step=$((step * 4))
	it syncs
fi
finish
