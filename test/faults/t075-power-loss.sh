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
init_at() { # POINT SEED
	rm -rf 1 journal-1 hub.git
	cp -pR hub.was hub.git
	mkdir 1
	TRINE_POWER_CUT=$1 powered_init >killed.log 2>&1
	status=$?
	power_loss 1 "$2" >>killed.log 2>&1 || fail "power_loss: $(cat killed.log)"
	if [ $status = 137 ]; then
		init_plainly >>killed.log 2>&1
		again=$?
	else
		again=0
	fi
	( set -e; on_box send 2 -m First; on_box sync; sync 2
	  titles 2 >got; [ "$(cat got)" = First ]
	  [ -f 1/box/coordination/README.md ]
	  git --git-dir=1/box/.trine/repo.git fsck --strict ) >after.log 2>&1 &&
		[ $again = 0 ] && return
	bad_points="$bad_points change $1 seed $2 (init again: $again),"
	cat killed.log after.log
}
powered_init() {
	mkdir journal-1
	TRINE_POWER_ROOT=$PWD/1 TRINE_POWER_JOURNAL=$PWD/journal-1 \
		LD_PRELOAD=$tools/power_record.so \
		"$TRINE" -q init --computer 1 --remote "$remote" "$PWD/1/box"
}
init_plainly() {
	"$TRINE" -q init --computer 1 --remote "$remote" "$PWD/1/box"
}
on_box() { "$TRINE" -C "$PWD/1/box" "$@"; }

power_goes_during_init() {
	new_hub
	add_computer 2
	sync 2
	cp -pR hub.git hub.was
	set +ex
	point=$((day % step + 1))
	status=137
	while [ $status = 137 ]; do
		for seed in $seeds; do
			init_at $point $((seed + point * 7))
		done
		point=$((point + step))
	done
	no_bad_points
}

step=1 seeds='1 2 3 4 5'
all_points || { step=97 seeds=1; }
step=${STEP:-$step}
why=$(no_preload)
if [ -n "$why" ]; then
	skip power_loss "$why"
else
	it what_is_told_is_durable
	it power_goes_in_a_cycle
	it power_goes_during_init
	it fsync_fails_for_good
fi
finish
