# Messages between the instances of one computer, and between them and whoever
# coordinates them: the same messages and inboxes as between computers.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/daemon.sh"

begin() {
	new_fleet 2
	daemon_settings 1
	printf '[instance %s]\ndeliver = inbox\n' araya builder >>1/.trine/trine.ini
	sync 1 2
}
post() { # PATH JSON
	curl -sS -m 20 --unix-socket 1/.trine/run/api.sock "http://trine$1" \
		-H 'Content-Type: application/json' -d "$2"
}
get() { curl -sS -m 20 --unix-socket 1/.trine/run/api.sock "http://trine$1"; }

one_tells_another() {
	begin
	on 1 send 1 --for builder -m 'Build me a meditation app' >id
	[ "$(cat id)" = 1_TO_1.1 ]
	on 1 inbox builder >text
	expect_line 'Build me a meditation app' text
	on 1 inbox araya >text
	no_line meditation text
	# it is handed over, and the other one is told so
	sync 1
	ls 1/.trine/inbox/builder/new >files
	expect_line 1_TO_1.1 files
	on 1 show 1_TO_1.1 --json >text
	grep -q '"event":"added".*"event":"handed".*"instance":"builder"' text
	# and it stays here
	sync 1 2
	hub_files >files
	no_line 1_TO_1 files
	on 2 inbox --all >text
	no_line meditation text
}

answers_go_back() {
	begin
	start_trined 1
	post /api/messages '{"to":"1","for":"builder","from":"araya","title":"An app?"}' >text
	expect_line '"id":"1_TO_1.1"' text
	post /api/messages/1_TO_1.1/reply '{"from":"builder","title":"What features?"}' >text
	expect_line '"id":"1_TO_1.2"' text
	get '/api/messages?for=araya' >text
	expect_line '"from":"builder","for":"araya","title":"What features?"' text
	expect_line '"re":"1_TO_1.1"' text
	get '/api/messages?for=builder' >text
	no_line 'An app?' text
}

who_coordinates_is_told_and_tells_all() {
	begin
	start_trined 1
	post /api/messages \
		'{"to":"1","from":"araya","type":"status","title":"Builder uses too much"}' >text
	on 1 inbox >text
	expect_line 'Builder uses too much' text
	post /api/messages \
		'{"to":"instances","type":"control","title":"throttle","priority":"high"}' >text
	expect_line '"ids":["1_TO_1.2","1_TO_1.3"]' text
	for name in araya builder; do
		on 1 inbox $name --json >text
		expect_line '"type":"control","priority":"high"' text
	done
	sync 1
	[ "$(find 1/.trine/inbox -name '1_TO_1.*' | wc -l)" = 2 ]
}

tasks_and_alerts_have_their_own_verbs() {
	begin
	expect_status 77 said text "$TRINE" -C "$PWD/1" send 1 -t task -m It
	expect_line 'trine task add' text
	expect_status 77 said text "$TRINE" -C "$PWD/1" send 1 -t alert -m It
	expect_line 'trine alert' text
	# numbers are those of its tasks, too
	on 1 task add -m One >/dev/null
	[ "$(on 1 send 1 -m Two)" = 1_TO_1.2 ]
	[ "$(on 1 task add -m Three)" = 1_TO_1.3 ]
	on 1 task list >text
	no_line Two text
	on 1 inbox >text
	no_line One text
	# a view that is made anew says the same
	on 1 inbox --all --json >before
	rm -f 1/.trine/state.db*
	on 1 inbox --all --json >after
	expect_same before after
}

it one_tells_another
it answers_go_back
it who_coordinates_is_told_and_tells_all
it tasks_and_alerts_have_their_own_verbs
finish
