# An emergency: whoever raises it, all others know within one cycle and act on it once,
# until somebody says that it is over.
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"
. "${0%/*}/daemon.sh"

# Three that have synced; 2 and 3 have a program for alerts, which notes what it gets.
fleet() {
	new_fleet 3
	for _n in 2 3; do handler "$_n" 'cat >>'"$PWD/got.$_n"; done
	sync 1 2 3 1 2 3
}

state() { json "$1" status && sed -n 's/.*"state":"\([A-Z]*\)","clone".*/\1/p' json; }

all_know_within_one_cycle() {
	fleet
	id=$(on 1 alert 'The key was pushed: rotate it')
	[ "$id" = 1_TO_ALL.1 ]
	[ "$(state 1)" = EMERGENCY ]
	expect_line '"alerts":[{"id":"1_TO_ALL.1","computer":1,"title":"The key' \
		1/.trine/run/active.json
	sync 1
	hub_show COMPUTER_1.md >page
	expect_line '**EMERGENCY**' page
	hub_show messages/1_TO_ALL.md >page
	expect_line 'priority: urgent' page
	sync 2 3
	for n in 2 3; do
		wait_until has_line 1_TO_ALL.1 "got.$n"
		json "$n" status
		expect_line '"code":"alert","text":"computer 1 (Mechanic): The key was pushed' json
		expect_line '"alerts":[{"id":"1_TO_ALL.1","level":"fleet"' json
		[ "$(state "$n")" = IDLE ]
		on "$n" status >text
		expect_line 'ALERT   The key was pushed: rotate it, by computer 1 (Mechanic)' text
		expect_line '1 (Mechanic)  EMERGENCY  its status changed' text
	done
	for part in '"schema":1' '"state":"RAISED"' '"computer":1' '"attempt":1' \
		'"title":"The key was pushed: rotate it"'; do
		expect_line "$part" got.2
	done
	wait_until nobody_left
	sync 2 3 1 2 3
	wait_until nobody_left
	expect_count 1 1_TO_ALL.1 got.2
	expect_count 1 1_TO_ALL.1 got.3
	on 2 log --type alert. >log
	expect_count 1 alert.handing log
	expect_count 1 alert.handed log
}

it_is_over_when_somebody_says_so() {
	fleet
	on 1 alert Down
	sync 1 2
	# 3 learns of both at once, and does nothing
	on 2 alert clear 1_TO_ALL.1 -m 'Up again'
	on 2 alert list >list
	expect_empty list
	sync 2 3 1
	for n in 1 2 3; do
		[ "$(state "$n")" = IDLE ]
		on "$n" status >text
		no_line Down text
		on "$n" alert list --all >list
		expect_line '1_TO_ALL.1  CLEARED' list
		expect_line ' ago by computer 2: Up again' list
	done
	hub_show COMPUTER_1.md >page
	no_line EMERGENCY page
	wait_until nobody_left
	[ ! -e got.3 ]
	# again: nothing is said
	on 3 alert clear 1_TO_ALL.1
	on 3 alert clear
	sync 3
	hub_files >files
	no_line 3_TO_ALL files
}

instances_and_sessions_raise_it() {
	fleet
	TRINE_INSTANCE=builder on 1 alert Crashed
	sh -c "'$TRINE' -C '$PWD/2' session start --name Atlas --pid $$ >/dev/null"
	session=$(on 2 session list --json | sed -n 's/.*"number": *\([0-9]*\).*/\1/p')
	TRINE_SESSION=$session on 2 alert 'The disk is full'
	on 1 alert Crashed
	on 1 alert Crashed >again 2>said
	[ "$(cat again)" = 1_TO_ALL.2 ]
	expect_line 'raised already' said
	sync 1 2 3
	on 3 alert list >list
	expect_line '1_TO_ALL.1  RAISED' list
	expect_line 'computer 1, builder: Crashed' list
	expect_line 'computer 2, Atlas: The disk is full' list
	expect_count 3 RAISED list
	wait_until nobody_left
}

what_an_instance_gets() {
	fleet
	cat >>3/.trine/trine.ini <<-END
	to = mechanic, analytics
	[instance mechanic]
	deliver = inbox
	[instance analytics]
	END
	printf 'Look at the dashboard.\n\nAll of it.\n' | on 1 alert -
	sync 1 3 3
	new=3/.trine/inbox/mechanic/new/alert-1_TO_ALL.1-mechanic.md
	expect_line '## Alert: Look at the dashboard.' $new
	expect_line 'All of it.' $new
	expect_line 'priority: urgent' $new
	expect_line 'trine alert clear 1_TO_ALL.1' $new
	on 3 task list >list
	expect_line alert-1_TO_ALL.1-analytics list
	expect_count 2 'Alert: Look' list
}

# Its text fills a message, and a task says who raised it, too.
a_long_one_holds_nobody_up() {
	fleet
	cat >>3/.trine/trine.ini <<-END
	to = mechanic
	[instance mechanic]
	deliver = inbox
	END
	yes 'what the log of the server said' | head -c 262144 >text
	on 1 send ALL -t alert -p urgent -m 'The server is down' text
	on 1 send 3 -t task --for mechanic -m 'Restart it'
	sync 1 3 3
	expect_line 'Restart it' 3/.trine/inbox/mechanic/new/1_TO_3.1.md
	new=3/.trine/inbox/mechanic/new/alert-1_TO_ALL.1-mechanic.md
	expect_line 'what the log of the server said' $new
	expect_line '[cut here: `trine show 1_TO_ALL.1` has all of it]' $new
	expect_line 'trine alert clear 1_TO_ALL.1' $new
	on 3 show 1_TO_ALL.1 >shown
	expect_count "$(grep -c . text)" 'what the log' shown
}

it_goes_out_at_once() {
	fleet
	env -u TRINE_NO_BACKGROUND "$TRINE" -C "$PWD/1" alert Down
	wait_until pushed messages/1_TO_ALL.md
	sync 2
	env -u TRINE_NO_BACKGROUND "$TRINE" -C "$PWD/2" alert clear
	wait_until pushed messages/2_TO_ALL.md
	wait_until nobody_left
	sync 1
	[ "$(state 1)" = IDLE ]
}
pushed() { hub_files | grep -q "$1"; }

# What an instance that the daemon has given up raises is of this computer alone.
one_of_this_computer_alone() {
	fleet
	daemon_settings 2 'health = 1s' 'period = 1d'
	printf '[instance builder]\nstart = /bin/sh\n  -c\n  exit 3\n' \
		>>2/.trine/trine.ini
	start_trined 2
	wait_until raised 2
	# without a sync of ours
	wait_until has_line instance- got.2
	sync 2 1 3
	expect_line '"level":"here"' got.2
	on 2 sync
	expect_line '"alerts":[{"id":"instance-builder' 2/.trine/run/active.json
	on 2 status >text
	expect_line 'instance builder is not started again' text
	[ "$(state 2)" = IDLE ]
	for n in 1 3; do
		on "$n" alert list >list
		expect_empty list
	done
	id=$(on 2 alert list --json | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p')
	on 2 alert clear "$id" -m 'Seen'
	on 2 alert list --all >list
	expect_line "$id  CLEARED" list
	expect_line ': Seen' list
	stop_trined 2
	hub_files >files
	no_line 2_TO_ALL files
}
raised() { on "$1" alert list | grep -q RAISED; }

bad_input() {
	fleet
	expect_status 64 on 1 alert
	expect_status 64 on 1 alert ''
	expect_status 64 on 1 alert claer 2>said
	expect_line 'is `trine alert clear` meant?' said
	expect_status 64 on 1 alert one two
	expect_status 64 on 1 alert clear '../x'
	expect_status 69 on 1 alert clear 2_TO_ALL.9 2>said
	expect_line 'there is no alert 2_TO_ALL.9 here' said
	printf '\377' >bad
	expect_status 65 on 1 alert - <bad
	on 1 alert clear 2>said
	expect_line 'no alert is open' said
	# what a terminal would obey comes to none
	on 1 alert "$(printf 'a\033[2Jb')"
	sync 1 2
	on 2 status >text
	on 2 alert list >>text
	expect_line 'a [2Jb' text
	no_line "$(printf '\033')" text
	expect_status 64 on 1 alert clear 1 2 2>said
	on 1 alert again
	expect_status 64 on 1 alert clear 2>said
	expect_line 'say which is over: 1_TO_ALL.1, 1_TO_ALL.2' said
	for n in 3 4 5 6 7 8 9 10; do on 1 alert "number $n"; done
	expect_status 1 on 1 alert 'one more' 2>said
	expect_line '10 alerts of this computer are open' said
}

# many N FROM TO: as many alerts in N_TO_ALL.md.
many() {
	for _i in $(seq "$2" "$3"); do
		printf '\n## Wolf\n\n```yaml message\nid: %d_TO_ALL.%d\ntype: alert\n' \
			"$1" "$_i"
		printf 'priority: urgent\nsent: 2026-11-20T13:10:00Z\n```\n\n'
		printf '<!-- /%d_TO_ALL.%d -->\n' "$1" "$_i"
	done
}

a_peer_that_floods_hides_nobody() {
	fleet
	on 3 send ALL -m first
	sync 3 2
	forge_begin
	{ hub_show messages/3_TO_ALL.md; many 3 2 300; } | put messages/3_TO_ALL.md
	vouched 3
	on 1 alert 'A real one'
	sync 1 2
	wait_until nobody_left
	on 2 status >text
	expect_line 'ALERT   A real one' text
	expect_count 10 'ALERT   Wolf' text
	expect_line 'and 289 more of it are open' text
	expect_count 10 Wolf got.2
	expect_count 1 'A real one' got.2
	# one is over: the next one is looked at
	on 2 alert clear 3_TO_ALL.2
	sync 2
	wait_until nobody_left
	expect_count 11 Wolf got.2
}

nobody_raises_one_for_another() {
	fleet
	on 1 send ALL -m first
	sync 1 2
	person_pull
	many 1 2 2 >>person/coordination/messages/1_TO_ALL.md
	person_push 'In the name of 1'
	sync 2 3
	wait_until nobody_left
	on 2 alert list --all >list
	expect_empty list
	[ ! -e got.2 ]
	[ ! -e got.3 ]
}

it all_know_within_one_cycle
it it_is_over_when_somebody_says_so
it instances_and_sessions_raise_it
it what_an_instance_gets
it a_long_one_holds_nobody_up
it it_goes_out_at_once
it one_of_this_computer_alone
it bad_input
it a_peer_that_floods_hides_nobody
it nobody_raises_one_for_another
finish
