# A cycle that is stopped in the middle of a push, for longer than the lease that the push
# is for: when it goes on it must not believe that it has what it claimed. The clocks of
# all go on meanwhile (clock.c); the remote waits in a hook.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/sessions.sh"

LIBRARY=${BUILD:-$top/build}/test/faults/clock.so

# Two computers at a server whose pushes wait while there is a file `hold`.
start() {
	new_hub
	start_daemon
	for number in 1 2; do add_computer $number; done
	sync 1 2 1 2
	agent_on 1 Atlas
	agent_on 2 Forge
	cat >hub.git/hooks/pre-receive <<-END
	#!/bin/sh
	[ -e $PWD/hold ] || exit 0
	touch $PWD/pushing
	while [ -e $PWD/hold ]; do sleep 0.05; done
	END
	chmod +x hub.git/hooks/pre-receive
	echo 0 >clock
	export TRINE_FAULT_CLOCK="$PWD/clock" LD_PRELOAD="$LIBRARY"
}

# Atlas acquires the lock, and everything of computer 1 is stopped while the server has
# its push, which is then taken.
stop_in_a_push() {
	touch hold
	tip=$(hub rev-parse main)
	lock_as Atlas 1 acquire deploy >token 2>told &
	acquire=$!
	echo $acquire >acquire.pid
	wait_until test -e pushing
	# the cycle, and then who waits for it
	stopped=$(pgrep -f "^${TRINE}[a-z-]* .*-C $PWD/1 " | sort -rn)
	# shellcheck disable=SC2086 # numbers
	kill -STOP $stopped
	rm hold
	wait_until has_moved
}
has_moved() { [ "$(hub rev-parse main)" != "$tip" ]; }

go_on() {
	for _pid in $stopped; do
		kill -CONT "$_pid"
		[ "$_pid" = "${stopped##*[!0-9]}" ] || wait_until is_gone "$_pid"
	done
	status=0
	wait $acquire || status=$?
	rm acquire.pid
	cat token told
}

# It says so, by itself or because its time was over; and it has no token.
has_nothing() {
	case $status in 1 | 75) ;; *) fail "exit $status" ;; esac
	expect_empty token
	on 1 lock list >list
	no_line 'Atlas has it, token 1, for another' list
}

another_took_it() {
	start
	stop_in_a_push
	sync 2
	expect_status 1 lock_as Forge 2 acquire deploy
	echo 1020 >clock
	lock_as Forge 2 acquire deploy >forge
	go_on
	has_nothing
	sync 1
	expect_status 1 said told lock_as Atlas 1 renew deploy --token 1
	expect_line 'deploy is claimed by computer 2 (Forge)' told
	on 1 lock list >list
	expect_line 'computer 2 (Forge) has it' list
	lock_as Forge 2 renew deploy --token "$(cat forge)"
	"$top/test/history" --fleet 1/.trine/event-log.jsonl 2/.trine/event-log.jsonl
}

# The remote is out of reach when it goes on: what was pushed is confirmed, and over.
nobody_can_be_asked() {
	start
	stop_in_a_push
	stop_daemon
	echo 1020 >clock
	go_on
	has_nothing
	expect_status 75 lock_as Atlas 1 renew deploy --token 1
}

# Nobody took it: it is renewed, or offered anew, and counts from then on.
nobody_took_it() {
	start
	stop_in_a_push
	sync 2
	echo 1020 >clock
	go_on
	has_nothing
	sync 1
	on 1 lock list >list
	token=$(sed -n 's/.*Atlas has it, token \([0-9]*\), for another 15 min.*/\1/p' list)
	expect_status 1 lock_as Forge 2 acquire deploy
	lock_as Atlas 1 renew deploy --token "$token"
	[ "$(on 1 log --type claim.offered | wc -l)" -ge 2 ]
}

for each in another_took_it nobody_can_be_asked nobody_took_it; do
	if [ ! -e "$LIBRARY" ] || [ -n "${WRAP:-}" ] ||
			nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
		skip $each 'cannot load clock.so'
	else
		it $each
	fi
done
finish
