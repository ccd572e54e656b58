# Where a task goes that names nobody: by a route, by what it says, by who is free; and
# `trine route` says so without doing anything.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

# Computer 1 has instances, all have a fleet.yaml.
fleet() {
	new_fleet 3
	cat >1/coordination/fleet.yaml <<-'END'
	computers:
	  1: {name: Mechanic, specialty: "implementation, infrastructure, deployment"}
	  2: {name: Architect, specialty: "design, architecture, review"}
	  3: {name: Oracle, specialty: "vision, concept, patterns"}
	routes:
	  - {label: bug, to: 1}
	  - {label: pattern, to: [1/araya, 3]}
	  - {label: feature, stages: [3, 2, 1]}
	  - {label: ui, to: 1, review: 2}
	END
	cat >>1/.trine/trine.ini <<-END
	[instance araya]
	specialty = pattern theory, consciousness
	[instance builder]
	deliver = inbox
	specialty = code generation, project scaffolding
	[instance observatory]
	deliver = inbox
	specialty = system health, metrics, monitoring
	END
	sync 1 2 3 1 2 3
}

got() { find "1/.trine/inbox/$1/new" -name '*.md' 2>/dev/null | sed 's,.*/,,' | sort; }
# Whatever else it says is in `said`.
goes() { on 1 route --json "$@" >said; }
says() { expect_line "$1" said; }

explained_and_done_by_one_function() {
	fleet
	before=$(wc -l <1/.trine/event-log.jsonl)
	goes 'Generate the code of a project'
	says '"instance":"builder"'
	says '"verdict":"chosen"'
	says '"words":"code, generation, project"'
	expect_status 1 goes 'Something else altogether'
	says '"computers":[{'
	goes --label bug 'Watch the metrics'
	says '"by":"rule"'
	says '"instance":"observatory"'
	goes --label pattern 'Any'
	says '"to":["1/araya","3"]'
	says '"instance":"araya"'
	goes --label feature 'Any'
	says '"stages":["3","2","1"]'
	goes 'Review the architecture'
	says '"computer":2'
	no_line '"instances"' said
	[ "$(wc -l <1/.trine/event-log.jsonl)" = "$before" ]
	# and so they go
	on 2 send 1 -t task -m 'Generate the code of a project'
	on 2 send 1 -t task --label bug -m 'Watch the metrics'
	on 2 send 1 -t task -m 'Look at it' - <<-'END'
	The health of the system.
	END
	on 2 send 1 -t task -m 'Buy milk'
	sync 2 1 1
	[ "$(got builder)" = 2_TO_1.1.md ]
	[ "$(got observatory | tr '\n' ' ')" = '2_TO_1.2.md 2_TO_1.3.md ' ]
	on 1 task list >list
	expect_line '3 claimed, 1 waiting' list
}

what_it_prints() {
	fleet
	on 1 route 'Review the design' >text
	expect_line 'by specialty: computer 2 (Architect)' text
	expect_line '2 (Architect)  → chosen; it matches design, review' text
	expect_line '1 (Mechanic)  nothing of it is in its specialty; up' text
	on 1 route 'Monitoring of the infrastructure' >text
	expect_line 'by specialty: computer 1 (Mechanic)' text
	expect_line 'here by specialty: observatory' text
	expect_line 'builder  nothing of it is in its specialty' text
	on 1 route --label ui x >text
	expect_line 'by the route of ui: 1, and 2 accepts it' text
	expect_line 'here nobody in particular: it waits for whoever asks' text
	expect_status 1 on 1 route --label nobody 'Buy milk' >text 2>told
	expect_line 'no route for nobody' told
	printf 'Vision\n\nand concept' | on 1 route - >text
	expect_line 'computer 3 (Oracle)' text
}

added_by_what_it_says() {
	fleet
	on 1 task add --route -m 'Review the architecture'
	on 1 task add --route -m 'Code for a project, in our infrastructure'
	sync 1 2 1
	[ "$(titles 2)" = 'Review the architecture' ]
	[ "$(got builder | wc -l)" = 1 ]
	expect_status 69 on 1 task add --route -m 'Buy milk' 2>told
	expect_line 'no specialty says anything of it' told
	expect_status 64 on 1 task add --route -m x --label 'a b'
	expect_status 64 on 1 task add --route -m ' '
	# without the option it is for whoever asks
	on 1 task add -m 'Code for a project'
	sync 1
	[ "$(got builder | wc -l)" = 1 ]
	on 1 task add --prefer speed --route -m 'Review it soon'
	sync 1 2
	on 2 show 1_TO_2.2 >shown
	expect_line 'prefer: speed' shown
}

those_that_are_offline_get_nothing() {
	fleet
	on 1 route 'Review the design' >text
	expect_line 'computer 2 (Architect)' text
	# 1 and 3 go on, 2 does not
	at +2h sync 1 3 1
	expect_status 1 at +2h on 1 route 'Review the design' >text
	expect_line '2 (Architect)  it is down' text
	at +2h on 1 route 'Review the concept of the design' >text
	expect_line 'computer 3 (Oracle)' text
}

sessions_get_what_is_theirs() {
	fleet
	for name in araya Forge; do
		sh -c 'echo $$ >'"$name.pid"'; exec sleep 60' &
		wait_until test -s "$name.pid"
		on 1 session start --name "$name" --pid "$(cat "$name.pid")" >/dev/null
	done
	on 2 send 1 -t task -m 'A theory of patterns'
	on 2 send 1 -t task -m 'Buy milk'
	sync 2 1
	# whoever asks gets what is nobody's, and not what araya is there for
	TRINE_SESSION=Forge on 1 task next >one
	expect_line 'Buy milk' one
	expect_status 1 env TRINE_SESSION=Forge "$TRINE" -C "$PWD/1" task next
	TRINE_SESSION=araya on 1 task next >one
	expect_line 'A theory of patterns' one
	# where nobody of that name is, anybody may
	kill "$(cat araya.pid)"
	on 1 session end araya
	on 2 send 1 -t task -m 'More patterns of consciousness'
	sync 2 1
	TRINE_SESSION=Forge on 1 task next >one
	expect_line 'patterns' one
}

# two that can do the same, of which the daemon gives one up
one_that_is_given_up_is_stood_in_for() {
	new_fleet 2
	daemon_settings 1 'health = 1s' 'period = 1d'
	for name in first second; do
		printf '#!/bin/sh\ncat >>%s\n%s\n' "$PWD/got.$name" \
			"while [ ! -e $PWD/go ]; do sleep 0.1; done" >"$name"
		chmod +x "$name"
		cat >>1/.trine/trine.ini <<-END
		[instance $name]
		specialty = code generation
		deliver = exec
		exec = $PWD/$name
		END
	done
	cat >>1/.trine/trine.ini <<-END
	[instance first]
	start = /bin/sh
	  -c
	  exit 3
	END
	sync 1 2
	on 2 send 1 -t task --for first -m 'It is at work on this'
	on 2 send 1 -t task --for first -m 'And this waits in its line'
	sync 2 1
	wait_until grep -q 2_TO_1.1 got.first
	start_trined 1
	wait_until given_up
	on 2 send 1 -t task --for first -m 'For the first'
	on 2 send 1 -t task -m 'Generate the code'
	on 2 send 1 --for first -m 'A letter is for who it names'
	sync 2 1
	: >go
	for id in 2_TO_1.2 2_TO_1.3 2_TO_1.4; do
		wait_until grep -q "\"$id\"" got.second
	done
	on 1 route 'Generate the code' >text
	expect_line 'first  it is down' text
	expect_line 'second  → chosen' text
	wait_until grep -q 2_TO_1.5 got.first
	no_line 2_TO_1.2 got.first
	stop_trined 1
	wait_until nobody_left
}
given_up() { on 1 instance list first --json | grep -q '"given_up": *true'; }

bad_input() {
	fleet
	expect_status 64 on 1 route
	expect_status 64 on 1 route ''
	expect_status 64 on 1 route ' 	'
	expect_status 64 on 1 route one two
	expect_status 64 on 1 route x -p soon
	expect_status 64 on 1 route x --label 'a b'
	expect_status 64 on 1 route x --prefer cheap 2>told
	expect_line 'speed` or `quality' told
	expect_status 64 on 1 task add -m x --prefer cheap
	expect_status 64 on 1 send 2 -t task -m x --prefer cheap
	printf '\377' >bad
	expect_status 65 on 1 route - <bad
	head -c 300000 /dev/zero | tr '\0' 'x' >large
	expect_status 65 on 1 route - <large
	# what an index would take for its own is text
	for text in '"' '" OR *' 'NEAR(code project)' 'code : -x' "'; DROP TABLE s" '^a AND ('; do
		on 1 route "$text" >text || [ $? = 1 ]
	done
	on 1 route "$(printf 'code of a project \033[2J')" >text
	no_line "$(printf '\033')" text
}

it explained_and_done_by_one_function
it what_it_prints
it added_by_what_it_says
it those_that_are_offline_get_nothing
it sessions_get_what_is_theirs
it one_that_is_given_up_is_stood_in_for
it bad_input
finish
