# Locks that hold in the whole fleet: the first push wins, and who has one loses it only
# when its lease is over.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/forge.sh"

start() {
	new_fleet 3
	sync 1 2 3 1 2 3
	agent_on 1 Atlas
	agent_on 2 Forge
}

first_push_wins() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	expect_status 1 said told lock_as Forge 2 acquire deploy
	expect_line "deploy is claimed by computer 1 (Atlas), token $token" told
	on 1 lock list >list
	expect_line "deploy  in the whole fleet: Atlas has it, token $token, for another" list
	sync 3
	on 3 lock list >list
	expect_line "deploy  in the whole fleet: computer 1 (Atlas) has it, token $token" list
	expect_line 'Claims in the whole fleet: `deploy` (Atlas)' 3/coordination/COMPUTER_1.md
	expect_status 1 lock_as Forge 2 release deploy --token "$token"
	lock_as Atlas 1 renew deploy --token "$token"
	expect_status 1 lock_as Atlas 1 renew deploy --token $((token + 1))
	lock_as Atlas 1 release deploy --token "$token"
	expect_status 1 lock_as Atlas 1 release deploy --token "$token"
	# until that is pushed nobody else knows
	expect_status 1 lock_as Forge 2 acquire deploy
	sync 1
	next=$(lock_as Forge 2 acquire deploy)
	[ "$next" -gt "$token" ]
	[ "$(lock_as Forge 2 acquire other --json | sed 's/.*"token": *\([0-9]*\).*/\1/')" -gt "$next" ]
}
it first_push_wins

# A person puts an older status of 1 back, which says all the same but for the highest
# generation: that never falls (R37).
a_generation_never_falls() {
	start
	lock_as Atlas 1 release deploy --token "$(lock_as Atlas 1 acquire deploy)"
	sync 1
	hub_show COMPUTER_1.md >older
	lock_as Atlas 1 release other --token "$(lock_as Atlas 1 acquire other)"
	sync 1
	newest=$(generation_at_hub)
	[ "$newest" -gt "$(sed -n 's/^generation: //p' older)" ]
	person_pull
	cp older person/coordination/COMPUTER_1.md
	person_push 'as it was'
	sync 1
	[ "$(generation_at_hub)" = "$newest" ]
}
generation_at_hub() { hub_show COMPUTER_1.md | sed -n 's/^generation: //p'; }
it a_generation_never_falls

# The last one that a status may have: whoever claims above it has no reader any more.
nobody_goes_on_above_a_leap() {
	start
	hub_show COMPUTER_3.md >good
	for leap in 'generation: 999999999999999' 'claims: {lock/other:
		{generation: 999999999999999, beat: 1, lease: 15m}}'; do
		forge_begin
		awk -v leap="$(echo $leap)" '{ print } /^format:/ { print leap }' good |
			put COMPUTER_3.md
		vouched 3
		sync 1 2
		token=$(lock_as Atlas 1 acquire deploy)
		[ "$token" -lt 100 ]
		sync 2
		json 2 status
		no_line 'bad generation' json
		expect_line 'COMPUTER_3.md: has generation 999999999999999, ' json
		expect_line "\"name\":\"lock/deploy\",\"state\":\"elsewhere\",\"token\":$token" json
		lock_as Atlas 1 release deploy --token "$token"
		sync 1 2
	done
	forge_begin
	put COMPUTER_3.md <good
	vouched 3
	sync 1
	on 1 status >told
	no_line 999999999999999 told
}
it nobody_goes_on_above_a_leap

# Nor does who finds it, typed by somebody, in a status of its own.
a_leap_that_was_typed_is_not_ours() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	person_pull
	sed 's/^generation: .*/generation: 999999999999999/' \
		person/coordination/COMPUTER_1.md >typed
	cp typed person/coordination/COMPUTER_1.md
	person_push 'a great number'
	sync 1
	[ "$(generation_at_hub)" = "$token" ]
	[ "$(lock_as Atlas 1 acquire other)" = $((token + 1)) ]
}
it a_leap_that_was_typed_is_not_ours

# Of this computer and of the others, as far as they are known here.
everybody_sees_them() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	sync 3
	on 1 status >mine
	expect_line "lock deploy  Atlas has it, token $token, for another" mine
	on 3 status >theirs
	expect_line "lock deploy  Atlas of computer 1 (Mechanic) has it, token $token," theirs
	json 3 status
	grep '"claims":\[{"name":"lock/deploy","state":"elsewhere","token":[0-9]*,"computer":1,"holder":"Atlas","left_s":[0-9]*}\]' json
	file=1/.trine/run/active.json
	grep '"claims":\[{"name":"lock/deploy","held":true,"computer":1,"holder":"Atlas",' $file
	on 3 stats --json | grep '"refused_fleet":0,"fleet_claims_lost":0' >/dev/null
	expect_status 1 lock_as Forge 2 acquire deploy
	[ "$(on 2 stats --json | grep -c '"refused_fleet":1,.*"refused_fleet":1,')" = 1 ]
	mv hub.git away.git
	expect_status 75 lock_as Atlas 1 acquire other
	on 1 status >mine
	expect_line 'lock other  Atlas wants it, tentative' mine
	grep '"name":"lock/other","held":false,' $file
	lock_as Atlas 1 release other
	no_line other $file
}
it everybody_sees_them

# Each of these cycles stops between fetch and push, so that all have the same tip.
both_at_once() {
	start
	for n in 1 2; do
		( lock_as "$([ $n = 1 ] && echo Atlas || echo Forge)" $n acquire deploy \
			>token.$n 2>told.$n && echo 0 >status.$n ||
			echo $? >status.$n ) &
		eval "p$n=\$!"
	done
	wait "$p1" "$p2"
	[ "$(cat status.1 status.2 | sort | tr '\n' ' ')" = "0 1 " ]
}
it both_at_once

offline_is_tentative() {
	start
	mv hub.git away.git
	expect_status 75 said told lock_as Atlas 1 acquire deploy
	expect_line 'deploy is claimed tentatively' told
	expect_line 'offline: ' told
	on 1 lock list >list
	expect_line 'tentative: nobody confirmed it' list
	# and in no commit: others may be faster
	mv away.git hub.git
	lock_as Forge 2 acquire deploy >token
	sync 1
	expect_status 1 said told lock_as Atlas 1 acquire deploy
	expect_line 'computer 2 (Forge)' told
	lock_as Forge 2 release deploy --token "$(cat token)"
	sync 2
	# given up, so that it is not anybody's
	sync 1 2
	no_line deploy 2/coordination/COMPUTER_1.md
}
it offline_is_tentative

tentative_becomes_held() {
	start
	mv hub.git away.git
	expect_status 75 lock_as Atlas 1 acquire deploy
	on 1 send 2 -m "While offline"
	expect_status 75 sync 1
	mv away.git hub.git
	on 3 send 1 -m "Another tip"
	sync 3 1
	on 1 lock list >list
	expect_line 'deploy  in the whole fleet: Atlas has it, token 1, for another' list
	sync 2
	expect_status 1 lock_as Forge 2 acquire deploy
	[ "$(titles 2)" = "While offline" ]
}
it tentative_becomes_held

leases_end() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	sync 2
	# out of reach, its lease is over for it first
	expect_status 1 at '~14m' lock_as Forge 2 acquire deploy
	mv hub.git away.git
	at '~14m' lock_as Atlas 1 renew deploy --token "$token"
	expect_status 75 said told at '~16m' lock_as Atlas 1 renew deploy --token "$token"
	expect_line 'ran out while nothing got through' told
	mv away.git hub.git
	expect_status 1 at '~15m' lock_as Forge 2 acquire deploy
	next=$(at '~17m' lock_as Forge 2 acquire deploy)
	[ "$next" -gt "$token" ]
	at '~17m' expect_status 1 said told lock_as Atlas 1 renew deploy --token "$token"
	at '~17m' sync 1
	at '~17m' expect_status 1 said told lock_as Atlas 1 renew deploy --token "$token"
	expect_line 'computer 2 (Forge)' told
	at '~17m' sync 2 1
	no_line lock/deploy 1/coordination/COMPUTER_1.md
}
it leases_end

# Also where another one took it meanwhile, and has given it back.
taken_meanwhile() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	sync 2
	next=$(at '~17m' lock_as Forge 2 acquire deploy)
	at '~17m' lock_as Forge 2 release deploy --token "$next"
	at '~17m' sync 2
	at '~17m' expect_status 1 lock_as Atlas 1 renew deploy --token "$token"
	again=$(at '~17m' lock_as Atlas 1 acquire deploy)
	[ "$again" -gt "$next" ]
}
it taken_meanwhile

# By its own cycles, and only while its session lives.
cycles_renew() {
	start
	lock_as Atlas 1 acquire deploy >token
	for minutes in 5 10 15 20 25; do
		at "~${minutes}m" sync 1 2
	done
	expect_status 1 at '~30m' lock_as Forge 2 acquire deploy
	leave Atlas
	for minutes in 35 40; do at "~${minutes}m" sync 1; done
	at '~40m' lock_as Forge 2 acquire deploy
}
it cycles_renew

# A computer that slept goes on with the same token, if nobody took it.
sleeper_goes_on() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	at '~3h' lock_as Atlas 1 renew deploy --token "$token"
	on 1 log --type claim. >log
	[ "$(grep -c claim.offered log)" = 2 ]
}
it sleeper_goes_on

# R33: nothing that was held counts where the branch went back.
branch_goes_back() {
	start
	cp -r hub.git before.git
	token=$(lock_as Atlas 1 acquire deploy)
	rm -rf hub.git
	mv before.git hub.git
	on 3 send 1 -m "On the old tip"
	sync 3 1
	on 1 lock list >list
	no_line "token $token " list
	expect_status 1 lock_as Atlas 1 renew deploy --token "$token"
	sync 1
	on 1 lock list >list
	expect_line "deploy  in the whole fleet: Atlas has it, token $((token + 1))," list
}
it branch_goes_back

# R29: where another machine took this number, it has given back what this one held.
other_machine_gives_back() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	"$TRINE" init --computer 1 --remote "$remote" --takeover "$PWD/twin"
	on twin sync
	expect_status 77 on 1 sync
	on 1 lock list >list
	no_line "token $token" list
	expect_status 75 lock_as Atlas 1 renew deploy --token "$token"
	sync 2
	lock_as Forge 2 acquire deploy
}
it other_machine_gives_back

# Killed when the log has it, and nothing else does: the next cycle finds a branch that
# never moved.
branch_goes_back_after_a_kill() {
	start
	mv hub.git away.git
	expect_status 75 lock_as Atlas 1 acquire deploy
	mv away.git hub.git
	cp -r hub.git before.git
	cp -r 1 1.before
	for point in 8 9 10 11 12 13 14 15 16; do
		rm -rf 1 hub.git
		cp -r 1.before 1
		cp -r before.git hub.git
		( export TRINE_TEST_KILL=$point; on 1 sync ) >/dev/null 2>&1 || :
		on 1 log --type claim.held >held
		[ ! -s held ] || break
	done
	[ -s held ]
	rm -rf hub.git
	cp -r before.git hub.git
	sync 1
	on 1 lock list >list
	expect_line "deploy  in the whole fleet: Atlas has it, token 2" list
}
it branch_goes_back_after_a_kill

command_holds_it() {
	start
	expect_status 7 lock_as Atlas 1 run deploy -- sh -c \
		'echo "$TRINE_LOCK $TRINE_LOCK_TOKEN" >known; exit 7'
	on 1 log --type claim.held >log
	expect_line "generation=$(sed 's/deploy //' known)" log
	sync 1
	( export TRINE_SESSION=Atlas
	  exec "$TRINE" -C 1 lock run deploy --fleet -- sh -c 'echo began >began; sleep 30' ) &
	echo $! >run.pid
	wait_until test -e began
	expect_status 1 lock_as Forge 2 acquire deploy
	kill -9 "$(cat run.pid)"
	sync 1
	lock_as Forge 2 acquire deploy
}
it command_holds_it

# A live one is not entered again, not even by who has it, and a killed command has
# nothing any more.
nobody_enters_twice() {
	start
	token=$(lock_as Atlas 1 acquire deploy)
	expect_status 1 said told lock_as Atlas 1 acquire deploy
	expect_line "deploy is held in the whole fleet by Atlas, token $token" told
	expect_status 1 lock_as Atlas 1 run deploy -- touch entered
	lock_as Atlas 1 renew deploy --token "$token"
	lock_as Atlas 1 release deploy --token "$token"
	( export TRINE_SESSION=Atlas
	  exec "$TRINE" -C 1 lock run deploy --fleet -- sh -c 'echo began >began; sleep 30' ) &
	echo $! >run.pid
	wait_until test -e began
	expect_status 1 lock_as Atlas 1 run deploy -- touch entered
	[ ! -e entered ]
	kill -9 "$(cat run.pid)"
	wait "$(cat run.pid)" || :
	rm run.pid
	[ "$(lock_as Atlas 1 acquire deploy)" -gt $((token + 1)) ]
}
it nobody_enters_twice

# Two sessions of one computer wait for each other, as those of two do.
who_waits_gets_it() {
	start
	agent_on 1 Sage
	token=$(lock_as Atlas 1 acquire deploy)
	expect_status 1 said told lock_as Sage 1 acquire deploy --wait 1s
	expect_line 'Atlas of this computer has deploy' told
	lock_as Sage 1 acquire deploy --wait 60s >sage &
	sage=$!
	lock_as Forge 2 acquire deploy --wait 60s >forge &
	forge=$!
	sleep 0.5
	[ ! -s sage ]
	[ ! -s forge ]
	lock_as Atlas 1 release deploy --token "$token"
	wait $sage
	[ "$(cat sage)" -gt "$token" ]
	lock_as Sage 1 release deploy --token "$(cat sage)"
	sync 1
	wait $forge
	[ "$(cat forge)" -gt "$(cat sage)" ]
}
it who_waits_gets_it

words_are_clear() {
	start
	expect_status 64 lock_as Atlas 1 acquire 'a b'
	expect_status 64 lock_as Atlas 1 acquire deploy --ttl 5m
	expect_status 64 lock_as Atlas 1 renew deploy
	expect_status 1 lock_as Atlas 1 release deploy --token 1
	expect_status 69 lock_as Atlas 1 break deploy --reason why
	lock_as Atlas 1 acquire deploy
	sync 2
	expect_status 77 said told lock_as Forge 2 break deploy --reason why
	expect_line 'only there it can be broken' told
	lock_as Atlas 1 break deploy --reason 'it hangs'
	sync 1
	lock_as Forge 2 acquire deploy
	printf '[radar]\npush = trine/{n}\n' >>3/.trine/trine.ini
	agent_on 3 Sage
	expect_status 78 said told lock_as Sage 3 acquire other
	expect_line "only on the fleet's branch" told
}
it words_are_clear

# The status of who had the highest one is gone from the tip: others say what they saw.
who_joins_goes_on_above_them() {
	new_fleet 2
	sync 1 2 1
	agent_on 2 Forge
	token=$(lock_as Forge 2 acquire deploy)
	loose 1 messages/HUMAN_TO_1.md 'A receipt for it makes a status'
	sync 1 1
	person_pull
	rm person/coordination/COMPUTER_2.md
	person_push 'no status'
	add_computer 3
	sync 3
	agent_on 3 Sage
	[ "$(lock_as Sage 3 acquire other)" -gt "$token" ]
}
it who_joins_goes_on_above_them
finish
