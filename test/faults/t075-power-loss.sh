# The power goes in the middle of a cycle, and what no fsync had made durable is
# lost, in part or all: the next cycles lead to where the undisturbed one did.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../crash/lib.sh"
. "${0%/*}/lib.sh"

# What the log says, and the same once more from a view that is made anew.
view_is_that_of_the_log() {
	on 1 inbox --all --json >before
	on 1 status --json | sed 's,"age_s": *[0-9]*,,g' >>before
	rm -f 1/.trine/state.db*
	on 1 inbox --all --json >after
	on 1 status --json | sed 's,"age_s": *[0-9]*,,g' >>after
	cmp before after
}

# One more message is accepted before the cycle, and must be there after it.
start_again() {
	go_back
	rm -rf journal-1
	powered 1 send 2 -m 'Just accepted' >accepted
}

cut_at() { # POINT SEED
	start_again
	TRINE_POWER_CUT=$1 powered 1 sync >killed.log 2>&1
	status=$?
	power_loss 1 "$2" >>killed.log 2>&1 || fail "power_loss: $(cat killed.log)"
	same_outcome "change $1, seed $2"
	view_is_that_of_the_log >>view.log 2>&1 || {
		diff before after
		bad_points="$bad_points view at $1, seed $2,"
	}
}

wanted_outcome() {
	before_the_cycle
	start_again
	outcome
	mv result wanted
	expect_line 1_TO_2.4 wanted/received
}

power_goes_in_a_cycle() {
	wanted_outcome
	set +ex
	if [ -n "${POWER:-}" ]; then	# one of them again: POWER='124 869'
		# shellcheck disable=SC2086 # two numbers
		cut_at $POWER
		no_bad_points
		return
	fi
	point=$((day % step + 1))
	tries=0
	while :; do
		for seed in $seeds; do
			cut_at $point $((seed + point * 7))
			tries=$((tries + 1))
		done
		[ $status = 137 ] || break
		point=$((point + step))
		[ $point -lt 5000 ] || fail 'no end'
	done
	no_bad_points
	[ $status = 0 ] || fail "the last run ended with $status"
	echo "$tries cuts, up to change $point"
	[ $tries -gt 5 ]
}

# fsync fails, and what it was to bring to the disk never comes there.
fsync_fails_for_good() {
	wanted_outcome
	set +ex
	n=$((day % step + 1))
	while [ $n -lt 300 ]; do
		start_again
		TRINE_POWER_FSYNC=$n powered 1 sync >killed.log 2>&1
		status=$?
		power_loss 1 $n >>killed.log 2>&1
		same_outcome "fsync $n, exit $status"
		n=$((n + step))
	done
	no_bad_points
}

# afterwards CHECK WHERE: what is not as it must be makes a bad point of it.
afterwards() {
	( set -ex; "$1" ) >after.log 2>&1
	[ $? != 0 ] || return 0
	cat killed.log after.log
	bad_points="$bad_points $2,"
}

# The same under `send`: accepted, it arrives; not accepted, it does or does not; and the
# next one does in any case.
fsync_fails_under_a_send() {
	new_fleet 2
	sync 1 2 1
	on 1 send 2 -m Before
	mkdir saved
	cp -pR 1 2 hub.git saved/
	set +ex
	failed=0
	for n in 1 2 3 4; do
		for seed in 1 2 3 4 5; do
			go_back
			rm -rf journal-1
			TRINE_POWER_FSYNC=$n powered 1 send 2 -m Killed >accepted 2>killed.log
			status=$?
			[ $status = 0 ] || failed=$((failed + 1))
			power_loss 1 $((seed + n * 7)) >>killed.log 2>&1
			afterwards arrives "fsync $n seed $seed, exit $status"
		done
	done
	no_bad_points
	[ $failed -gt 0 ] || fail 'no fsync failed'
}
arrives() {
	[ $status = 0 ] || [ ! -s accepted ]
	on 1 send 2 -m Next
	sync 1 2 1
	titles 2 >got
	if [ $status = 0 ] || [ "$(wc -l <got)" = 3 ]; then
		printf '%s\n' Before Killed Next
	else
		printf '%s\n' Before Next
	fi | cmp - got
	view_is_that_of_the_log
}

# What a command told of is on the disk before it ends, with the folders it is
# in. Not: the view, locks, what a cycle keeps for the next one, refs that are
# caches, and the rest of a repository that the cycle can make.
pending() {
	"$tools/power_loss" "$PWD/journal-1" pending |
		grep -vE '/(state\.db|run/)|\.lock|/repo\.git/refs/' || :
	rm -rf journal-1
}

what_is_told_is_durable() {
	new_fleet 2
	instance 1 builder 'deliver = inbox'
	sync 1 2
	on 2 send 1 -t task --for builder -m Inbound
	sync 2
	powered 1 send 2 -m Outbound
	pending >left
	expect_empty left
	loose 1 shared/notes.md 'A note'
	powered 1 sync
	[ -f 1/.trine/inbox/builder/new/2_TO_1.1.md ]
	pending >left
	expect_empty left
	powered 1 read 2_TO_1.1
	pending >left
	expect_empty left
}

# init, and the first send: whoever was told that it is done finds it done, and
# whoever was not can do it again.
init_at() { # CUT|FSYNC POINT SEED
	rm -rf 1 2 journal-1 hub.git
	cp -pR hub.was hub.git
	cp -pR 2.was 2
	mkdir 1
	powered_init "TRINE_POWER_$1=$2" >killed.log 2>&1
	status=$?
	power_loss 1 "$3" >>killed.log 2>&1 || fail "power_loss: $(cat killed.log)"
	again=0
	if [ $status != 0 ]; then
		init_plainly >>killed.log 2>&1
		again=$?
		# the last fsync of all failed
		[ $again != 77 ] || [ $status != 74 ] || again=0
	fi
	( set -ex; first_arrives ) >after.log 2>&1
	[ $? != 0 ] || [ $again != 0 ] || return
	bad_points="$bad_points $1 $2 seed $3 (exit $status, again: $again),"
	cat killed.log after.log
}
first_arrives() {
	on_box send 2 -m First
	on_box sync
	sync 2
	titles 2 >got
	echo First | cmp - got
	[ -f 1/box/coordination/README.md ]
	git --git-dir=1/box/.trine/repo.git fsck --strict
}
powered_init() { # FAULT
	mkdir journal-1
	env "$1" TRINE_POWER_ROOT="$PWD/1" TRINE_POWER_JOURNAL="$PWD/journal-1" \
		LD_PRELOAD="$tools/power_record.so" \
		"$TRINE" -q init --computer 1 --remote "$remote" "$PWD/1/box"
}
init_plainly() {
	"$TRINE" -q init --computer 1 --remote "$remote" "$PWD/1/box"
}
on_box() { "$TRINE" -C "$PWD/1/box" "$@"; }

one_there_one_to_come() {
	new_hub
	add_computer 2
	sync 2
	cp -pR hub.git hub.was
	cp -pR 2 2.was
}

power_goes_during_init() {
	one_there_one_to_come
	set +ex
	point=$((day % step + 1))
	status=137
	while [ $status = 137 ]; do
		for seed in $seeds; do
			init_at CUT $point $((seed + point * 7))
		done
		point=$((point + step))
	done
	no_bad_points
}

fsync_fails_under_an_init() {
	one_there_one_to_come
	set +ex
	n=$((day % few + 1))
	failed=0
	while [ $n -lt 60 ]; do
		init_at FSYNC $n $n
		[ $status = 0 ] || failed=$((failed + 1))
		n=$((n + few))
	done
	no_bad_points
	echo "$failed failed"
	[ $failed -gt 0 ]
}

# What happens at once is in the log as a whole, or not at all: a task is not done
# without its result.
power_goes_as_a_task_is_done() {
	new_fleet 2
	on 2 send 1 -t task -m 'Measure it'
	sync 2 1
	on 1 task claim 2_TO_1.1
	on 1 task start 2_TO_1.1
	head -c 3000 /dev/zero | tr '\0' r >text
	mkdir saved
	cp -pR 1 2 hub.git saved/
	set +ex
	for n in 1 2 3 4 5 6; do
		for seed in 1 2 3 4 5 6; do
			go_back
			rm -rf journal-1
			TRINE_POWER_CUT=$n powered 1 task 'done' 2_TO_1.1 --result - \
				<text >killed.log 2>&1
			power_loss 1 $((seed + n * 7)) >>killed.log 2>&1
			afterwards goes_on "change $n seed $seed"
		done
	done
	no_bad_points
}
goes_on() {
	on 1 show 2_TO_1.1 >shown
	grep -q COMPLETED shown || on 1 task 'done' 2_TO_1.1 --result - <text
	sync 1 2
	on 2 show 1_TO_2.1 | grep rrrr
	on 2 show 2_TO_1.1 | grep COMPLETED
	view_is_that_of_the_log
}

step=1 few=1 seeds='1 2 3 4 5'
all_points || { step=97 few=7 seeds=1; }
step=${STEP:-$step}
why=$(no_preload)
if [ -n "$why" ]; then
	skip power_loss "$why"
else
	it what_is_told_is_durable
	it power_goes_in_a_cycle
	it power_goes_during_init
	it fsync_fails_for_good
	it fsync_fails_under_a_send
	it fsync_fails_under_an_init
	it power_goes_as_a_task_is_done
fi
finish
