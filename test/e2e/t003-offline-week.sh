# A computer without network for a week: everything else goes on, and then all
# arrives, in order, once.
. "${0%/*}/lib.sh"

# Computer 1 reaches the hub by a daemon, which is then gone; 2 by its path.
fleet_with_one_away() {
	new_hub
	start_daemon
	add_computer 1
	remote=$PWD/hub.git
	add_computer 2
	sync 1 2
	stop_daemon
}

a_week_without_network() {
	fleet_with_one_away
	for day in 1 2 3 4 5 6 7; do
		at +${day}d on 1 send 2 -m "Day $day"
		expect_status 75 at +${day}d on 1 sync
		expect_status 75 at +${day}d on 1 sync
		at +${day}d on 2 send 1 -m "Answer of day $day"
		at +${day}d on 2 sync
	done
	# Its own desk shows what it wrote, though nobody else can.
	expect_count 7 '<!-- /1_TO_2.' 1/coordination/messages/1_TO_2.md
	serve
	at +8d sync 1 2 1
	seq -f 'Day %g' 1 7 >wanted
	titles 2 | cmp - wanted
	seq -f 'Answer of day %g' 1 7 >wanted
	titles 1 | cmp - wanted
	expect_desks 1
	# Each day's commit is still one of its own, on top of the others'.
	[ "$(hub log --format=%B main | grep -c '^Trine-Computer: 1')" -ge 8 ]
	[ -z "$(hub rev-list --merges main)" ]
	for day in 1 2 3 4 5 6 7; do
		hub log -S "## Day $day" --format=%h main -- \
			coordination/messages/1_TO_2.md
	done >commits
	[ "$(sort -u commits | wc -l)" -eq 7 ]
}

the_others_conclude_that_it_is_away() {
	fleet_with_one_away
	at +2h sync 2
	( export TRINE_TEST_CLOCK=+2h; json 2 status )
	grep -E '"computer":1,[^}]*"state":"OFFLINE"' json
	expect_status 75 at +2h on 1 sync
	( export TRINE_TEST_CLOCK=+2h; json 1 status )
	expect_line '"online":false' json
	expect_line '"code":"offline"' json
	serve
	at +2h sync 1 2
	( export TRINE_TEST_CLOCK=+2h; json 2 status )
	grep -E '"computer":1,[^}]*"state":"IDLE"' json
}

set_up_without_network() {
	new_hub
	start_daemon
	stop_daemon
	add_computer 1
	on 1 send 2 -m 'Before anything was there'
	expect_status 75 on 1 sync
	serve
	add_computer 2
	sync 1 2
	[ "$(titles 2)" = 'Before anything was there' ]
}

by_choice() {
	new_fleet 1
	on 1 send 2 -m Later
	on 1 sync --offline
	expect_line '## Later' 1/coordination/messages/1_TO_2.md
	[ -z "$(hub rev-parse -q --verify main || :)" ]
	sync 1
	hub_show messages/1_TO_2.md | grep '## Later'
}

# Killed when the remote had taken its first commit, at any step after that: a cycle
# that does not reach it knows so from the log, or waits to hear it; it says nothing
# twice.
offline_after_a_push_and_a_kill() {
	new_fleet 1
	sync 1
	number=2
	status=137
	while [ $status = 137 ] && [ $number -lt 30 ]; do
		add_computer $number
		status=0
		TRINE_TEST_KILL=$((number - 1)) on $number sync || status=$?
		hub log --format=%s >before
		at +5m on $number sync --offline
		at +6m sync $number
		if grep -q "computer $number: status\$" before; then
			hub log --format=%s | expect_file before
		fi
		number=$((number + 1))
	done
	[ $number -gt 15 ]
}

# The same for a status whose heartbeat was due: the desk may show the one before.
a_status_after_a_push_and_a_kill() {
	new_fleet 1
	sync 1
	point=1
	status=137
	while [ $status = 137 ]; do
		commits=$(hub rev-list --count main)
		status=0
		at +$((point * 40))m env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync || status=$?
		pushed=$(hub rev-list --count main)
		at +$((point * 40 + 5))m on 1 sync --offline
		at +$((point * 40 + 6))m sync 1
		[ "$pushed" = "$commits" ] ||
			[ "$(hub rev-list --count main)" = "$pushed" ]
		point=$((point + 1))
	done
	[ $point -gt 15 ]
}

# Its clock was behind all that time: no commit of the line that waits is as new as
# the tip below it.
with_a_clock_that_was_behind() {
	two_that_wrote
	seq -f 'Number %g' 1 20 >wanted
	while read -r title; do
		on 2 send 1 -m "$title"
		at -30d on 2 sync --offline
	done <wanted
	sync 2 1
	titles 1 | tail -n +2 | diff wanted -
}

it a_week_without_network
it the_others_conclude_that_it_is_away
it set_up_without_network
it by_choice
it with_a_clock_that_was_behind
it offline_after_a_push_and_a_kill
it a_status_after_a_push_and_a_kill
finish
