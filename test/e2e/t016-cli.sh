# The command line: exits, help, where output goes, shapes of JSON.
. "${0%/*}/lib.sh"

help_and_version() {
	"$TRINE" --help >out 2>err
	[ -s out ]
	cmp err /dev/null
	for command in init sync status inbox show read search send reply log \
		import; do
		grep -w "$command" out
		"$TRINE" $command --help >help
		expect_line "trine $command" help
	done
	"$TRINE" --version | grep -E '^trine [0-9]+\.[0-9]+\.[0-9]+$'
}

a_wrong_command_line_is_64() {
	new_fleet 1
	expect_status 64 "$TRINE"
	expect_status 64 "$TRINE" frobnicate
	expect_status 64 on 1 send
	expect_status 64 on 1 send 2
	expect_status 64 on 1 send 2 -t nonsense -m x
	expect_status 64 on 1 send 2 -p nonsense -m x
	expect_status 64 on 1 status --nonsense
	expect_status 64 on 1 init --computer 1000 elsewhere
	expect_status 64 on 1 init --computer nought elsewhere
	expect_status 64 said told on 1 send
	[ -s told ]
}

what_was_meant_is_named() {
	while read -r given meant; do
		expect_status 64 said told "$TRINE" "$given"
		expect_line "is \`trine $meant\` meant?" told
	done <<-'END'
	statsu status
	tasks task
	taks task
	claim task claim
	END
	expect_status 64 said told "$TRINE" start	# of several groups
	no_line meant told
}

what_is_not_there_is_69() {
	new_fleet 1
	expect_status 69 "$TRINE" -C nowhere status
	expect_status 69 on 1 show 1_TO_2.99
	expect_status 69 on 1 read 2_TO_1.99
	expect_status 69 on 1 send Nobody -m x
	expect_status 69 on 1 reply 2_TO_1.99 -m x
}

bad_text_is_65() {
	new_fleet 1
	printf 'not \377 text\n' >body
	expect_status 65 on 1 send 2 -m x body
	printf 'with \0 inside\n' >body
	expect_status 65 on 1 send 2 -m x body
	: >empty
	expect_status '64 65' on 1 send 2 empty
	[ ! -s 1/.trine/event-log.jsonl ] || no_line message.sent 1/.trine/event-log.jsonl
}

stdin_is_read_only_when_asked_for() {
	new_fleet 1
	echo 'not this' | on 1 send 2 -m 'No body'
	echo 'But this' | on 1 send 2 -
	json 1 show 1_TO_2.1
	no_line 'not this' json
	json 1 show 1_TO_2.2
	expect_line '"title":"But this"' json
	echo 'And this' | on 1 send 2 /dev/stdin
	[ "$(on 1 show 1_TO_2.3 --json | field title)" = 'And this' ]
}

a_directory_is_found() {
	new_fleet 1
	mkdir -p 1/coordination/shared
	(cd 1/coordination/shared && "$TRINE" status) | grep 'Computer 1'
	( export TRINE_DIR="$PWD/1"; cd / && "$TRINE" status ) >/dev/null
	# The first init made it the default of this user.
	expect_line "$base" "$HOME/.config/trine/default"
	expect_status '64 77' "$TRINE" init --computer 1 "$PWD/1"
}

# What an agent works in may be removed below it.
a_folder_that_is_gone_is_in_no_computer() {
	new_fleet 1
	mkdir gone
	mkdir -p home/trine
	echo "$PWD/1" >home/trine/default
	( export XDG_CONFIG_HOME="$PWD/home"; cd gone && rmdir ../gone &&
		"$TRINE" send 2 -m 'From nowhere' )
	on 1 inbox
	[ "$(on 1 show 1_TO_2.1 --json | field title)" = 'From nowhere' ]
	mkdir gone
	( export XDG_CONFIG_HOME="$PWD/none"; cd gone && rmdir ../gone &&
		expect_status 69 "$TRINE" inbox )
}

# Others get what the umask says; the owner keeps what is his.
a_umask_that_takes_all() {
	new_hub
	( umask 0777; add_computer 1; on 1 send 2 -m First; sync 1 )
	find 1 \( -type d ! -perm -700 -o -type f ! -perm -400 -o -perm -040 -o -perm -004 \) \
		>taken
	expect_empty taken
	on 1 send 2 -m Second
	sync 1
	on 1 status
}

# Its files would be taken for those of the computer around it.
no_computer_inside_of_another() {
	new_fleet 1
	mkdir -p 1/coordination/shared
	find 1 | sort >before
	for inside in 1/two 1/coordination/shared/two 1/.trine/work/two; do
		expect_status 64 said out \
			"$TRINE" init --computer 2 --remote "$remote" "$PWD/$inside"
		expect_line "lies inside of $PWD/1," out
		expect_line 'a place of its own' out
	done
	( cd 1/coordination && expect_status 64 "$TRINE" init --computer 2 )
	find 1 | sort | cmp - before
	ln -s 1/coordination/shared link
	expect_status 64 "$TRINE" init --computer 2 "$PWD/link/two"
	"$TRINE" -q init --computer 2 --remote "$remote" "$PWD/10"
	on 10 status
}

sending_in_all_its_forms() {
	new_fleet 2
	on 1 send 2 -t task -p urgent --for builder --re 2_TO_1.1 --label ui \
		--due 2030-01-02T03:04:05Z -m 'All options'
	json 1 show 1_TO_2.1
	for pair in '"schema":1' '"id":"1_TO_2.1"' '"stream":"1_TO_2"' '"seq":1' \
		'"type":"task"' '"priority":"urgent"' '"for":"builder"' \
		'"re":"2_TO_1.1"' '"labels":["ui"]' '"title":"All options"'; do
		expect_line "$pair" json
	done
	grep -E '"sent":"20[0-9-]{8}T[0-9:]{8}Z"' json
	expect_line '"history":' json
	no_line '"body"' json
}

an_answer_knows_what_it_answers() {
	new_fleet 2
	on 1 send 2 -m 'A question'
	on 1 send 2 -t task -m 'A task'
	sync 1 2
	on 2 reply 1_TO_2.1 -m 'An answer'
	on 2 reply 1_TO_2.2 -m 'A result'
	sync 2 1
	json 1 show 2_TO_1.1
	expect_line '"re":"1_TO_2.1"' json
	json 1 show 2_TO_1.2
	expect_line '"re":"1_TO_2.2"' json
	expect_line '"type":"result"' json
}

retract_only_before_it_was_committed() {
	new_fleet 2
	on 1 send 2 -m 'A mistake'
	on 1 retract 1_TO_2.1
	on 1 send 2 -m 'Meant so'
	sync 1 2
	[ "$(titles 2)" = 'Meant so' ]
	last=$(ids 2)
	expect_status 77 on 1 retract "$last"
	json 1 status
	no_line '"missing"' json
	sync 2 1
	json 1 status
	no_line '"unconfirmed"' json
}

lists_show_what_they_say_they_do() {
	new_fleet 2
	printf 'Title\n\nThe text\n' >text
	on 1 send 2 text
	on 1 send 2 -m 'No text'
	sync 1 2
	on 2 inbox >list
	expect_count 2 1_TO_2. list
	no_line 'The text' list
	on 2 inbox --json >list
	expect_count 2 '"schema"' list
	expect_count 1 'Title\n\nThe text\n' list
}

# Others have its number already: whoever reads the stream sees what it is.
a_retracted_number_says_so() {
	new_fleet 2
	for title in One Two Three; do on 1 send 2 -m $title; done
	on 1 retract 1_TO_2.2
	sync 1 2 1
	hub_show messages/1_TO_2.md >file
	expect_line '## Retracted before it was sent' file
	expect_line 'No message has this number' file
	on 2 inbox >list
	no_line Retracted list
	expect_count 2 1_TO_2. list
	on 2 inbox --all >list
	expect_line Retracted list
	json 1 status
	expect_line '"confirmed":{"2":3' json
	expect_line '"problems":[]' json
}

# The first of a file has no message above it, whose time would do.
the_first_number_retracted_has_a_time() {
	new_fleet 2
	on 1 send 2 -m One
	on 1 send 2 -m Two
	on 1 retract 1_TO_2.1
	sync 1 2
	hub_show messages/1_TO_2.md >file
	expect_line '## Retracted before it was sent' file
	no_line 'sent: 1970' file
	sync 2
	json 2 status
	expect_line '"problems":[]' json
}

read_takes_a_message_off_the_list() {
	new_fleet 2
	on 1 send 2 -m One
	on 1 send 2 -m Two
	sync 1 2
	on 2 inbox >list
	expect_line One list
	expect_line Two list
	on 2 read 1_TO_2.1
	on 2 inbox >list
	no_line One list
	expect_line Two list
	on 2 read 1_TO_2.2
	said list on 2 inbox
	no_line Two list
	# An empty list says how much that is worth.
	[ -s list ]
	on 2 inbox --json >json
	cmp json /dev/null
	[ "$(ids 2 | wc -l)" -eq 2 ]
}

status_in_json() {
	new_fleet 2
	sync 1 2 1 2 1
	json 1 status
	[ "$(wc -l <json)" -le 200 ]
	tr -d '\n' <json >flat
	for key in computer state clone branch tip tip_time fetched online \
		unpushed streams computers instances problems; do
		expect_line "\"$key\":" flat
	done
	expect_line '"schema":1' flat
	expect_line '"branch":"main"' flat
	expect_line '"online":true' flat
	expect_line "\"tip\":\"$(hub rev-parse main)\"" flat
}

the_log_tells_what_happened() {
	new_fleet 2
	on 1 send 2 -m Hello
	sync 1 2
	on 1 log --json | grep '"message.sent"'
	on 2 log --json | grep '"message.received"'
	on 2 log | grep 1_TO_2.1
	on 2 log --type message.received --json >only
	expect_count 1 '"type"' only
}

json_is_well_formed() {
	command -v python3 >/dev/null 2>&1 || return 0
	new_fleet 2
	printf '%s\n' 'Quotes " and \ and	tab' 'ü 🚨' >body
	on 1 send 2 -t task -m 'Title with "quotes"' body
	sync 1 2 1
	{
		on 1 status --json | tr -d '\n'
		echo
		on 2 inbox --all --json
		on 1 show 1_TO_2.1 --json | tr -d '\n'
		echo
		on 1 log --json
		on 1 sync --json | tr -d '\n'
		echo
		tr -d '\n' <1/.trine/report.json
	} >lines
	python3 -c 'import json, sys
for line in sys.stdin:
	if line.strip():
		json.loads(line)' <lines
}

a_dry_run_changes_nothing() {
	new_fleet 2
	sync 1 2
	on 1 send 2 -m Hello
	cp -R 1/coordination before
	tip=$(hub rev-parse main)
	on 1 sync --dry-run
	diff -r before 1/coordination
	[ "$(hub rev-parse main)" = "$tip" ]
	sync 1 2
	[ "$(titles 2)" = Hello ]
}

# cron knows few folders, and its line goes through a shell.
init_prints_a_line_for_cron_that_works() {
	new_hub
	"$TRINE" init --computer 1 --remote "$remote" "$PWD/Ada's fleet" >told
	line=$(sed -n 's/^ *\*\/5 \* \* \* \* \(.*\) --scheduled$/\1/p' told)
	env -i HOME="$HOME" PATH=/usr/bin:/bin sh -c "$line" >output 2>&1
	expect_empty output
	hub_show COMPUTER_1.md >/dev/null
}

# What the first screen of help says can be done.
help_names_no_remote_that_is_refused() {
	"$TRINE" help >told
	"$TRINE" help init >>told
	mkdir made
	grep -o '[^ ]*[:@][^ ]*/[^ ]*\.git' told >urls
	for url in $(sed 's,//hub/,//127.0.0.1:1/,' urls); do
		expect_status 0 "$TRINE" init --computer 1 --remote "$url" made/x
		rm -rf made/x
	done
	[ -n "$url" ]
}

# What a claim does not need, it does not wait for.
what_needs_git_is_a_program_of_its_own() {
	new_fleet 1
	mkdir bin
	cp "$TRINE" bin/
	bin/trine -C 1 status >text
	bin/trine sync --help >text
	expect_line 'trine sync --dry-run' text
	expect_status 64 bin/trine -C 1 sync --nonsense
	expect_status 69 said told bin/trine -C 1 sync --offline
	expect_line 'trine-sync, which does what needs git, is neither beside trine' told
	cp "$TRINE-sync" bin/
	bin/trine sync --offline -C 1
}

it help_and_version
it what_needs_git_is_a_program_of_its_own
it init_prints_a_line_for_cron_that_works
it help_names_no_remote_that_is_refused
it a_wrong_command_line_is_64
it what_was_meant_is_named
it what_is_not_there_is_69
it bad_text_is_65
it stdin_is_read_only_when_asked_for
it a_directory_is_found
it a_folder_that_is_gone_is_in_no_computer
it a_umask_that_takes_all
it no_computer_inside_of_another
it sending_in_all_its_forms
it an_answer_knows_what_it_answers
it retract_only_before_it_was_committed
it lists_show_what_they_say_they_do
it a_retracted_number_says_so
it the_first_number_retracted_has_a_time
# A line typed on this desk is on the branch by our own push, and read by the
# next cycle: until then it is not said to be verified.
an_empty_list_names_the_tip_that_was_read() {
	new_fleet 1
	sync 1 1
	read=$(hub rev-parse main | cut -c 1-7)
	loose 1 messages/HUMAN_TO_1.md '- [ ] Fix it'
	sync 1
	on 1 inbox >said
	expect_line "verified empty (tip $read" said
	sync 1
	[ "$(titles 1)" = 'Fix it' ]
}

it read_takes_a_message_off_the_list
it an_empty_list_names_the_tip_that_was_read
it status_in_json
it the_log_tells_what_happened
it json_is_well_formed
it a_dry_run_changes_nothing
finish
