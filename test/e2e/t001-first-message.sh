# Two computers, one message, a bare repository on a local path.
. "${0%/*}/lib.sh"

a_message_reaches_the_other_computer() {
	new_fleet 2
	on 1 send 2 -m 'Hello there'
	sync 1 2
	[ "$(ids 2)" = 1_TO_2.1 ]
	json 2 show 1_TO_2.1
	expect_line '"title":"Hello there"' json
	expect_line '"stream":"1_TO_2"' json
	expect_line '"type":"message"' json
	hub_show messages/1_TO_2.md | cmp - 2/coordination/messages/1_TO_2.md
	hub_show messages/1_TO_2.md | cmp - 1/coordination/messages/1_TO_2.md
}

the_file_is_what_the_format_says() {
	new_fleet 2
	printf '%s\n' 'The button does nothing on Safari. See `src/login.c`.' |
		on 1 send 2 -t task -p high --for builder --label ui --label bug \
			-m 'Fix the login page' -
	sync 1
	hub_show messages/1_TO_2.md |
		sed 's/^sent: 20[0-9TZ:-]*$/sent: TIME/' >file
	expect_file file <<-'END'
	# Computer 1 → Computer 2

	<!-- trine:messages oldest first; to send, write below the last one -->

	## Fix the login page

	```yaml message
	id: 1_TO_2.1
	type: task
	priority: high
	sent: TIME
	for: builder
	labels: [ui, bug]
	```

	The button does nothing on Safari. See `src/login.c`.

	<!-- /1_TO_2.1 -->
	END
}

send_writes_the_log_and_nothing_else() {
	new_fleet 2
	sync 1
	cp -R 1/coordination before
	on 1 send 2 -m 'Only in the log'
	diff -r before 1/coordination
	expect_line 'Only in the log' 1/.trine/event-log.jsonl
}

the_sender_learns_that_it_arrived() {
	new_fleet 2
	on 1 send 2 -m 'Did you get it?'
	sync 1
	json 1 status
	expect_line '"pushed":1' json
	no_line '"confirmed":{"2":1' json
	sync 2 1
	json 1 status
	expect_line '"confirmed":{"2":1' json
	hub_show COMPUTER_2.md | grep -F 'received: {1_TO_2: 1}'
	json 1 show 1_TO_2.1
	for event in sent committed pushed received; do
		expect_line "\"event\":\"$event\"" json
	done
}

a_message_is_received_once() {
	new_fleet 2
	on 1 send 2 -m Once
	sync 1 2 1 2 2 1
	[ "$(ids 2)" = 1_TO_2.1 ]
	[ "$(grep -c '"message.received"' 2/.trine/event-log.jsonl)" = 1 ]
}

any_body_arrives_byte_for_byte() {
	new_fleet 2
	printf '%s\n' '## A heading' '' '```yaml message' 'id: 9_TO_9.9' '```' \
		'<!-- /1_TO_2.1 -->' '\<!-- /1_TO_2.1 -->' '---' \
		'<!-- trine:messages -->' 'tab	and  blanks  ' 'ü → 🚨' >body
	on 1 send 2 -m 'Strange text' body
	on 1 send 2 -m 'The next one'
	sync 1 2
	[ "$(ids 2 | tr '\n' ' ')" = '1_TO_2.1 1_TO_2.2 ' ]
	json 2 show 1_TO_2.1
	expect_line '"body":"## A heading\n\n```yaml message\nid: 9_TO_9.9\n```\n<!-- /1_TO_2.1 -->\n\\<!-- /1_TO_2.1 -->\n---\n<!-- trine:messages -->\ntab\tand  blanks  \nü' json
}

commits_say_who_made_them() {
	new_fleet 1
	sync 1
	hub log -1 --format=%B main >message
	grep -x 'Trine-Computer: 1' message
	grep -xE 'Trine-Clone: [0-9a-f]{8}' message
	grep -xE 'Trine-Files: [0-9a-f]{16}' message
	hub log -1 --format=%s main | awk 'length($0) > 72 { exit 1 }'
}

a_cycle_with_nothing_new_leaves_no_trace() {
	new_fleet 2
	on 1 send 2 -m Hello
	sync 1 2 1 2 1
	before=$(hub rev-parse main)
	cksum 1/.trine/event-log.jsonl 2/.trine/event-log.jsonl >logs
	sync 1 2 1 2
	[ "$(hub rev-parse main)" = "$before" ]
	cksum 1/.trine/event-log.jsonl 2/.trine/event-log.jsonl | cmp - logs
}

a_status_is_renewed_at_its_heartbeat() {
	new_fleet 1
	sync 1
	at +20m sync 1
	[ "$(hub rev-list --count main)" = 1 ]
	at +31m sync 1
	[ "$(hub rev-list --count main)" = 2 ]
	at +45m sync 1
	[ "$(hub rev-list --count main)" = 2 ]
}

other_paths_of_the_repository_are_left_alone() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	mkdir person/src
	echo 'int main;' >person/src/main.c
	echo hello >person/README.md
	person_push 'A project that was here before'
	add_computer 1
	add_computer 2
	on 1 send 2 -m Hello
	sync 1 2 1
	hub show main:src/main.c | grep 'int main'
	hub show main:README.md | grep hello
	[ ! -e 1/src ]
	[ ! -e 1/README.md ]
	[ "$(ids 2)" = 1_TO_2.1 ]
}

the_template_is_there_once() {
	new_fleet 2
	sync 1 2 1 2
	for file in README.md fleet.yaml shared/project-state.md; do
		hub_show $file | cmp - "$top/coordination/$file"
	done
	expect_desks 1 2
	hub_files | { ! grep conflicts/; }
}

it a_message_reaches_the_other_computer
it the_file_is_what_the_format_says
it send_writes_the_log_and_nothing_else
it the_sender_learns_that_it_arrived
it a_message_is_received_once
it any_body_arrives_byte_for_byte
it commits_say_who_made_them
it a_cycle_with_nothing_new_leaves_no_trace
it a_status_is_renewed_at_its_heartbeat
it other_paths_of_the_repository_are_left_alone
it the_template_is_there_once
finish
