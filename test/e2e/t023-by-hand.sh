# Text of people and of agents without trine becomes messages and tasks, each
# line once, however it came to the branch (design section 4.2, R4, R9, R10).
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"

# What a person pushes: FILE below coordination/messages gets these lines more.
write_to() {
	_file=$1
	shift
	person_pull
	mkdir -p person/coordination/messages
	printf '%s\n' "$@" >>"person/coordination/messages/$_file"
	person_push "Edit $_file"
}

# edit FILE SED: a person changes lines of it.
edit() {
	person_pull
	sed "$2" "person/coordination/messages/$1" >edited
	cp edited "person/coordination/messages/$1"
	person_push "Change $1"
}

# import: commits for `git fast-import`, of which stdin says only what changes.
# `commit NAME FROM [MERGE…]`, then `file PATH` with the next lines up to a dot.
import() {
	_tip=$(hub rev-parse main)
	awk -v tip="$_tip" '
	/^commit / {
		print "commit refs/heads/" $2
		print "committer Ada Person <ada@example.org> " 1800000000 + NR " +0000"
		print "data 2\nx\n"
		for (i = 3; i <= NF; i++)
			print i == 3 ? "from" : "merge", $i == "-" ? tip : $i
	}
	/^file / { path = $2; text = ""; next }
	/^\.$/ {
		print "M 644 inline coordination/messages/" path
		print "data " length(text) "\n" text
	}
	/^[^.cf]/ { text = text $0 "\n" }' |
		hub fast-import --quiet --force
}

# entry N TITLE: its line of `inbox --json`, into the file found.
entry() {
	json "$1" inbox --all
	grep -F "\"title\":\"$2\"" json >found
}
entry_id() { entry "$@" && field id <found; }

# state N TITLE STATE: of the newest one with that title.
state() {
	entry "$1" "$2"
	tail -n 1 found | grep "\"state\":\"$3\""
}

two() {
	new_fleet 2
	sync 1 2 1
}

items_are_tasks() {
	two
	write_to HUMAN_TO_1.md '# For 1' '' '- [ ] Fix the login' '  On Safari.' \
		'- [x] Done long ago' '- [ ] Write a test' '' 'Thank you, Ada'
	sync 1
	received 1 'Fix the login' 'Write a test' 'Thank you, Ada'
	state 1 'Fix the login' QUEUED
	on 1 show "$(ids 1 | head -1)" >shown
	expect_line 'On Safari.' shown
	expect_line 'Ada Person' shown
	ids 1 >ids
	grep -cE '^HUMAN_TO_1\.~[0-9a-f]{10}\.[1-3]$' ids | grep 3
	sync 1 2 1
	received 1 'Fix the login' 'Write a test' 'Thank you, Ada'
	received 2
	# The receipt names the commit.
	hub_show COMPUTER_1.md >status
	expect_line "HUMAN_TO_1: $(hub log -1 --format=%h --abbrev=10 --author=Ada)" status
}

# Somebody copies a longer list over it, slowly: what is not there yet was not deleted.
half_a_list_takes_nothing_back() {
	two
	write_to HUMAN_TO_1.md '- [ ] Fix the login' '- [ ] Write a test'
	sync 1 2
	list=2/coordination/messages/HUMAN_TO_1.md
	: >"$list"
	sync 2 1
	[ ! -s "$list" ]
	state 1 'Fix the login' QUEUED
	printf '%s\n%s' '- [ ] Fix the login' '- [ ] Wri' >"$list"
	sync 2 1
	state 1 'Write a test' QUEUED
	hub_show messages/HUMAN_TO_1.md >got
	expect_line 'Write a test' got
	printf '%s' 'te a test' >>"$list"
	printf '\n%s\n' '- [ ] Say so' >>"$list"
	sync 2 1
	received 1 'Fix the login' 'Write a test' 'Say so'
	state 1 'Write a test' QUEUED
	# Who writes no line end at all is heard a little later.
	printf '%s' '- [ ] Fix the login' >"$list"
	settle "$list"
	sync 2 1
	state 1 'Write a test' FAILED
}

an_inbox_gets_them() {
	two
	instance 1 builder 'deliver = inbox'
	write_to HUMAN_TO_1.md '- [ ] Fix the login'
	sync 1
	[ "$(ls 1/.trine/inbox/builder/new | wc -l)" -eq 1 ]
	sync 1
	[ "$(ls 1/.trine/inbox/builder/new | wc -l)" -eq 1 ]
}

from_every_desk() {
	two
	loose 1 messages/HUMAN_TO_1.md '- [ ] On my own desk'
	loose 2 messages/HUMAN_TO_1.md '- [ ] On another desk'
	write_to HUMAN_TO_1.md '- [ ] On the branch'
	sync 1 2 1 2 1
	received 1 'On my own desk' 'On another desk' 'On the branch'
	sync 1 2 1
	received 1 'On my own desk' 'On another desk' 'On the branch'
	received 2
	write_to HUMAN_TO_ALL.md '- [ ] For everybody'
	sync 1 2
	received 2 'For everybody'
}

by_merge_squash_and_pick() {
	two
	write_to HUMAN_TO_1.md '## merge' '' '## squash' '' '## pick' '' '- [ ] Base'
	sync 1
	person_pull
	cd person
	for way in merge squash pick; do
		git checkout -q -b $way main
		sed "s/^## $way/&\\n\\n- [ ] By $way/" \
			coordination/messages/HUMAN_TO_1.md >../edited
		cp ../edited coordination/messages/HUMAN_TO_1.md
		git commit -qam $way
	done
	git checkout -q main
	git merge -q --no-ff -m 'Merge a branch' merge
	git merge -q --squash squash
	git commit -qm 'A squash'
	git cherry-pick pick >/dev/null
	git push -q origin main
	cd ..
	sync 1
	received 1 Base 'By merge' 'By squash' 'By pick'
	# A year later the branches are merged, too.
	person_pull
	cd person
	git merge -q -m 'Late' squash
	git merge -q -m 'Late, too' pick
	git push -q origin main
	cd ..
	sync 1
	received 1 Base 'By merge' 'By squash' 'By pick'
	# And what it was said for before is said again.
	edit HUMAN_TO_1.md '/By squash/d'
	write_to HUMAN_TO_1.md '- [ ] By squash'
	sync 1
	received 1 Base 'By merge' 'By squash' 'By squash' 'By pick'
}

ticked_changed_deleted() {
	two
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Fix teh login page' \
		'- [ ] Three' '- [ ] Four'
	sync 1
	edit HUMAN_TO_1.md '/One/s/\[ \]/[x]/; s/teh/the/; /Three/d'
	sync 1
	received 1 One 'Fix the login page' Three Four
	state 1 One COMPLETED
	state 1 Three FAILED
	state 1 Four QUEUED
	state 1 'Fix the login page' QUEUED
	on 1 show "$(entry_id 1 Three)" >shown
	expect_line 'deleted in HUMAN_TO_1' shown
	# Reordered, indented, with other ends of lines: nothing new.
	person_pull
	cd person/coordination/messages
	printf '# Later\r\n\r\n- [ ] Four\r\n- [ ] Fix the login page  \r\n' \
		>HUMAN_TO_1.md
	cd ../../..
	person_push 'From another editor'
	sync 1
	received 1 One 'Fix the login page' Three Four
	# Unticked, and the same words again.
	write_to HUMAN_TO_1.md '- [ ] One'
	sync 1
	received 1 One One 'Fix the login page' Three Four
}

# Somebody reverts a commit that ticked one item and brought another one.
unticked_where_one_like_it_is_deleted() {
	two
	write_to HUMAN_TO_1.md '- [ ] Feed the cat'
	sync 1
	edit HUMAN_TO_1.md 's/\[ \]/[x]/'
	write_to HUMAN_TO_1.md '- [ ] Feed the cats'
	sync 1
	state 1 'Feed the cat' COMPLETED
	edit HUMAN_TO_1.md '/cats/d; s/\[x\]/[ ]/'
	sync 1
	received 1 'Feed the cat' 'Feed the cats' 'Feed the cat'
	state 1 'Feed the cats' FAILED
}

a_change_of_a_started_task() {
	two
	instance 1 builder 'deliver = inbox'
	write_to HUMAN_TO_1.md '- [ ] Paint the door red'
	sync 1
	edit HUMAN_TO_1.md 's/red/green/'
	sync 1
	received 1 'Paint the door red' 'Paint the door green'
	id=$(entry_id 1 'Paint the door red')
	entry 1 'Paint the door green'
	expect_line '"type":"message"' found
	expect_line "\"re\":\"$id\"" found
	# It is ticked: done.
	edit HUMAN_TO_1.md 's/\[ \]/[x]/'
	sync 1
	state 1 'Paint the door red' COMPLETED
}

a_file_that_vanishes_takes_nothing_back() {
	two
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Two'
	sync 1
	person_pull
	git -C person rm -q coordination/messages/HUMAN_TO_1.md
	person_push 'Tidy up'
	sync 1
	state 1 One QUEUED
	state 1 Two QUEUED
}

# And when it comes back, it says again nothing that it said.
a_file_that_comes_back() {
	a_file_that_vanishes_takes_nothing_back
	write_to HUMAN_TO_2.md 'Something else'
	write_to HUMAN_TO_1.md '- [x] One' '- [ ] Three'
	sync 1
	received 1 One Two Three
	state 1 One COMPLETED
	state 1 Two QUEUED
	# What it said and did not bring back is said again, a week later.
	write_to HUMAN_TO_1.md '- [ ] One'
	sync 1
	received 1 One One Two Three
}

# That was so long ago that nobody looks for it.
a_file_that_comes_back_late() {
	two
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Two'
	sync 1
	person_pull
	git -C person rm -q coordination/messages/HUMAN_TO_1.md
	person_push 'Tidy up'
	awk 'BEGIN { for (i = 1; i <= 600; i++) {
		print "commit main" (i == 1 ? " -" : "")
		printf "file 9_TO_8.md\n- %d\n.\n", i
	} }' | import
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Three'
	sync 1
	received 1 One Two Three
}

an_item_typed_while_the_file_is_deleted() {
	two
	write_to HUMAN_TO_1.md '- [ ] One'
	sync 1 2
	person_pull
	git -C person rm -q coordination/messages/HUMAN_TO_1.md
	person_push 'Tidy up'
	loose 2 messages/HUMAN_TO_1.md '- [ ] Two'
	sync 2 1
	received 1 One Two
	hub_show messages/HUMAN_TO_1.md >file
	echo '- [ ] Two' | expect_file file
	sync 2
	expect_desks 1 2
}

the_branch_is_rewritten() {
	two
	write_to HUMAN_TO_1.md '- [ ] One'
	write_to HUMAN_TO_1.md '- [ ] Two'
	sync 1
	person_pull
	cd person
	git reset -q --soft HEAD~2
	printf -- '- [ ] Three\n' >>coordination/messages/HUMAN_TO_1.md
	git add -A
	git commit -q -m 'All in one'
	git push -q -f origin HEAD
	cd ..
	sync 1 2 1
	received 1 One Two Three
}

# An editor on a desk writes back what a person has deleted meanwhile.
an_old_buffer_says_nothing_new() {
	two
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Two'
	sync 1 2
	cp 2/coordination/messages/HUMAN_TO_1.md old
	edit HUMAN_TO_1.md '/One/d'
	sync 1 2
	state 1 One FAILED
	{ cat old; echo '- [ ] Three'; } >2/coordination/messages/HUMAN_TO_1.md
	settle 2/coordination/messages/HUMAN_TO_1.md
	sync 2 1 2 1
	hub_show messages/HUMAN_TO_1.md | grep One
	received 1 One Two Three
}

# ---- agents without trine ----

an_agent_without_trine() {
	two
	write_to 3_TO_1.md '# Messages: 3 to 1' '' '---' '' '## Hello' \
		'**Priority:** HIGH' '' 'I am new.' '' '---' '' '### More' 'Text'
	sync 1
	received 1 Hello
	entry 1 Hello
	expect_line '"priority":"high"' found
	on 1 show "$(field id <found)" | grep '### More'
	write_to 3_TO_1.md '' '## Next' 'Again'
	sync 1 2
	received 1 Hello Next
	received 2
}

# makes_a_status N: an agent copies that of computer 1, with its own number in it.
makes_a_status() {
	person_pull
	sed "1s/.*/# Computer $1/; s/^computer: 1/computer: $1/; s/^clone: .*/clone: 0a1b2c3d/" \
		person/coordination/COMPUTER_1.md >made
	cp made "person/coordination/COMPUTER_$1.md"
	person_push 'A status'
}

# It has no trine for that (R10).
an_agent_with_a_status() {
	two
	makes_a_status 3
	write_to 3_TO_1.md '# Messages: 3 to 1' '' '## Hello' 'I am new.'
	sync 1
	received 1 Hello
	write_to 3_TO_1.md '' '## Next' 'Again'
	sync 1 2 1
	received 1 Hello Next
	json 1 status
	no_line '"code":"waiting"' json
	sed 's/^computer: 3/computer: 1/' made >person/coordination/COMPUTER_4.md
	write_to 4_TO_1.md '<!-- trine:messages -->' '## From 4' 'Text'
	sync 1
	received 1 Hello Next 'From 4'
}

# That cannot be told from what trine says, if somebody has squashed it: it is shown.
an_agent_with_a_status_and_a_stream() {
	two
	makes_a_status 3
	write_to 3_TO_1.md '# Computer 3' '' '<!-- trine:messages -->' '' \
		'## Hello' 'I am new.'
	sync 1 2
	received 1
	json 1 status
	expect_line '"code":"waiting"' json
	json 2 status
	no_line '"code":"waiting"' json
	on 1 retire 3
	sync 1
	received 1 Hello
	json 1 status
	no_line '"code":"waiting"' json
	write_to 3_TO_1.md '' '## Next' 'Again'
	sync 1
	received 1 Hello Next
}

all_that_trine_said_is_squashed() {
	two
	add_computer 3
	on 3 send 1 -m 'With trine'
	sync 3
	person_pull
	git -C person reset -q --soft HEAD^
	git -C person commit -q -m 'One commit of all'
	git -C person push -q -f origin HEAD:main
	sync 1
	received 1
	json 1 status
	expect_line '"code":"waiting"' json
	sync 3 1 3 1
	received 1 'With trine'
	json 1 status
	no_line '"code":"waiting"' json
}

# Its entries may have been received by a disk that is gone: only text that is none is read.
and_who_said_it_is_retired() {
	two
	add_computer 3
	on 3 send 1 -m 'With trine'
	sync 3
	person_pull
	echo 'By hand' >>person/coordination/messages/3_TO_1.md
	git -C person reset -q --soft HEAD^
	git -C person commit -q -a -m 'One commit of all'
	git -C person push -q -f origin HEAD:main
	sync 2
	on 2 retire 3
	sync 1
	received 1 'By hand'
	on 1 inbox --all --json >json
	no_line 'trine:messages' json
	no_line 'With trine' json
}

it_gets_trine() {
	an_agent_without_trine
	add_computer 3
	on 3 send 1 -m 'With trine'
	sync 3 1
	received 1 Hello Next 'With trine'
	expect_line '## Hello' 3/coordination/messages/3_TO_1.md
	# What somebody writes into its file now is none of its messages.
	write_to 3_TO_1.md 'Scribbled'
	sync 1 3 1
	received 1 Hello Next 'With trine'
	[ -d 3/coordination/conflicts/3 ]
}

# What it wrote by hand comes late, from where it had none (R10).
an_old_branch_of_one_with_trine() {
	an_agent_without_trine
	person_pull
	git -C person checkout -q -b old
	printf '\n## Late\nText\n' >>person/coordination/messages/3_TO_1.md
	git -C person commit -qam 'By hand'
	git -C person checkout -q main
	add_computer 3
	on 3 send 1 -m 'With trine'
	sync 3 1
	received 1 Hello Next 'With trine'
	person_pull
	git -C person merge -q -X ours -m 'Merge it' old
	git -C person push -q origin main
	sync 1 3 1
	received 1 Hello Next 'With trine' Late
}

it_loses_it_again() {
	it_gets_trine
	on 1 retire 3
	sync 1 2
	write_to 3_TO_1.md '' '## By hand again' 'Text'
	sync 1
	received 1 Hello Next 'With trine' 'By hand again'
	sync 1 2 1
	received 1 Hello Next 'With trine' 'By hand again'
}

# Nobody said so, and it goes on by hand: that is shown, and not lost.
it_loses_it_without_a_word() {
	it_gets_trine
	sync 3 1
	rm -rf 3
	write_to 3_TO_1.md '' '## By hand again' 'Text'
	sync 1
	received 1 Hello Next 'With trine'
	json 1 status
	expect_line '"code":"waiting"' json
	on 1 retire 3
	write_to 3_TO_1.md '## And more' 'Text, too'
	sync 1 1
	received 1 Hello Next 'With trine' 'By hand again' 'And more'
	json 1 status
	no_line '"code":"waiting"' json
	sync 2 1
	received 1 Hello Next 'With trine' 'By hand again' 'And more'
}

# Taken out of the fleet, back by mistake, and out once more: that says nothing again.
it_is_taken_out_twice() {
	it_gets_trine
	on 1 retire 3
	sync 1 2
	write_to 3_TO_1.md '' '## By hand again' 'Text'
	sync 1
	for rules in 'retired: []' 'retired: [3]'; do
		person_pull
		sed "s/^retired: .*/$rules/" person/coordination/fleet.yaml >rules
		cp rules person/coordination/fleet.yaml
		person_push 'Rules'
		sync 1
	done
	received 1 Hello Next 'With trine' 'By hand again'
	# not read while it was in the fleet, and news then
	person_pull
	sed "s/^retired: .*/retired: []/" person/coordination/fleet.yaml >rules
	cp rules person/coordination/fleet.yaml
	person_push 'Rules'
	write_to 3_TO_1.md '## Meanwhile' 'Text'
	sync 1
	on 1 retire 3
	sync 1 2 1
	received 1 Hello Next 'With trine' 'By hand again' 'Meanwhile'
}

# Who takes it out of the fleet writes there in the same commit: what waited is read, too,
# and each line once, also where both say the same.
it_is_taken_out_by_who_writes_on() {
	it_gets_trine
	sync 3 1
	write_to 3_TO_1.md '' '## It waits' '**Priority:** high' 'The key is under the mat'
	sync 1
	received 1 Hello Next 'With trine'
	person_pull
	printf '%s\n' '' '**Priority:** high' 'The door is green' \
		>>person/coordination/messages/3_TO_1.md
	printf 'retired: [3]\n' >>person/coordination/fleet.yaml
	person_push 'It has left'
	sync 1 2 1
	received 1 Hello Next 'With trine' 'It waits'
	entry 1 'It waits'
	expect_line 'The key is under the mat' found
	expect_line 'The door is green' found
	[ "$(grep -o 'Priority:' found | wc -l)" -eq 2 ]
	write_to 3_TO_1.md '' '## And more' 'Text'
	sync 1
	received 1 Hello Next 'With trine' 'It waits' 'And more'
}

# Said while it was out, deleted, and said once more by whoever takes it out again, below
# something that waited: two readings, and two ids.
it_is_taken_out_by_who_says_it_again() {
	it_gets_trine
	on 1 retire 3
	sync 1 2
	write_to 3_TO_1.md '' '## By hand again' 'Text'
	sync 1
	person_pull
	sed -i '/^## By hand again/,$d' person/coordination/messages/3_TO_1.md
	sed -i 's/^retired: .*/retired: []/' person/coordination/fleet.yaml
	person_push 'Back, and nothing said'
	write_to 3_TO_1.md '' '## It waits' 'The key is under the mat'
	sync 1
	received 1 Hello Next 'With trine' 'By hand again'
	person_pull
	printf '%s\n' '## By hand again' 'Text' \
		>>person/coordination/messages/3_TO_1.md
	sed -i 's/^retired: .*/retired: [3]/' person/coordination/fleet.yaml
	person_push 'It has left'
	sync 1 2 1
	received 1 Hello Next 'With trine' 'By hand again' 'It waits' 'By hand again'
}

# ---- joining, coming back ----

what_was_there_before_is_history() {
	new_hub
	person_pull
	mkdir -p person/coordination/messages
	printf '# 1 to 2\n\n## MESSAGE #1\nOld\n' \
		>person/coordination/messages/1_TO_2.md
	printf '# 2 to 1\n\n## MESSAGE #1\nOld, too\n' \
		>person/coordination/messages/2_TO_1.md
	printf -- '- [ ] Old item\n' >person/coordination/messages/HUMAN_TO_1.md
	cp person/coordination/messages/HUMAN_TO_1.md \
		person/coordination/messages/HUMAN_TO_2.md
	person_push 'By hand'
	add_computer 1
	sync 1
	add_computer 2
	sync 2 1
	received 1
	received 2
	write_to HUMAN_TO_2.md '- [ ] New item'
	sync 2
	received 2 'New item'
	# Computer 3 was waited for, in this fleet.
	write_to HUMAN_TO_3.md '- [ ] For 3'
	write_to 4_TO_3.md '## From 4' 'Welcome'
	write_to HUMAN_TO_ALL.md '- [ ] For all that were there'
	add_computer 3
	sync 3
	received 3 'For 3' 'From 4'
}

after_a_lost_disk() {
	two
	write_to HUMAN_TO_1.md '- [ ] One' '- [ ] Two' 'A note' '- [ ] Opne a door'
	sync 1
	edit HUMAN_TO_1.md '/One/s/\[ \]/[x]/; s/Opne/Open/'
	sync 1 2
	write_to HUMAN_TO_1.md '- [ ] Not seen yet'
	rm -rf 1
	add_computer 1 --takeover
	sync 1 1
	received 1 One Two 'A note' 'Open a door' 'Not seen yet'
	state 1 'Open a door' BLOCKED
	state 1 One COMPLETED
	state 1 Two BLOCKED
	state 1 'Not seen yet' QUEUED
}

# ---- odd files ----

odd_files() {
	two
	person_pull
	mkdir -p person/coordination/messages
	cd person/coordination/messages
	printf '\357\273\277- [ ] With a mark\r\n- [ ] And CRLF\r\n- [ ] No end' \
		>HUMAN_TO_1.md
	{ echo 'Long:'; head -c 1000000 /dev/zero | tr '\0' x; } >3_TO_1.md
	printf 'With a \000 byte\n' >4_TO_1.md
	for n in $(seq 2000); do
		printf -- '- [ ] An item with a number, it is %s\n' "$n"
	done >HUMAN_TO_2.md
	cat >5_TO_1.md <<-'END'
	<!-- trine:messages oldest first -->

	## Not one of ours

	```yaml message
	id: 5_TO_1.1
	type: task
	```

	Text

	<!-- /5_TO_1.1 -->
	END
	cd ../../..
	person_push 'Odd files'
	sync 1 2
	received 1 'With a mark' 'And CRLF' 'No end' 'Long:' 'With a \\x00 byte' \
		'Not one of ours'
	[ "$(titles 2 | sort -u | wc -l)" -eq 2000 ]
	sync 1 2
	[ "$(titles 2 | wc -l)" -eq 2000 ]
}

too_large_and_small_again() {
	two
	write_to HUMAN_TO_1.md '- [ ] One'
	sync 1
	person_pull
	cp person/coordination/messages/HUMAN_TO_1.md small
	head -c 1100000 /dev/zero | tr '\0' '\n' \
		>>person/coordination/messages/HUMAN_TO_1.md
	person_push 'Too large'
	sync 1
	json 1 status
	expect_line 'HUMAN_TO_1.md' json
	person_pull
	{ cat small; echo '- [ ] Two'; } >person/coordination/messages/HUMAN_TO_1.md
	person_push 'Small again'
	sync 1
	received 1 One Two
}

# ---- very much at once ----

thousand() {
	awk 'BEGIN { for (i = 1; i <= 1000; i++) {
		text = text "- [ ] Number " i "\n"
		print "commit main" (i == 1 ? " -" : "")
		printf "file HUMAN_TO_1.md\n%s.\n", text
	} }' | import
}

a_thousand_commits() {
	two
	thousand
	# Each added line is looked up, not each line of each version: else this
	# takes a minute.
	sync 1
	all_came_once 1000
}

# What is read of them lasts, and is not read again.
events() { grep -c "\"type\":\"$1\"" 1/.trine/event-log.jsonl; }
killed_while_it_reads() {
	point=1
	until [ "$(events tip.reading)" -gt 0 ]; do
		[ $point -lt 40 ]
		expect_status '0 137' env TRINE_TEST_KILL=$point \
			"$TRINE" -C "$PWD/1" sync
		point=$((point + 1))
	done
}
all_came_once() { # MANY
	[ "$(titles 1 | sort -u | wc -l)" -eq "$1" ]
	[ "$(titles 1 | wc -l)" -eq "$1" ]
}

killed_among_a_thousand_commits() {
	two
	thousand
	killed_while_it_reads
	# a portion: 500, or what a slow machine reads in five seconds
	[ "$(events hand.read)" -le 500 ]
	write_to HUMAN_TO_1.md '- [ ] One more'
	sync 1
	[ "$(events hand.read)" -eq 1001 ]
	all_came_once 1001
}

# A new computer reads what waited for it in the same way.
joining_a_thousand_commits() {
	two
	thousand
	rm -rf 1
	add_computer 1 --takeover
	killed_while_it_reads
	[ "$(events hand.read)" -lt 1000 ]
	sync 1
	[ "$(events hand.read)" -eq 1000 ]
	all_came_once 1000
}

an_octopus() {
	two
	{
		for n in $(seq 20); do
			printf 'commit arm-%d -\nfile HUMAN_TO_1.md\n' "$n"
			printf -- '- [ ] Arm %d\n.\n' "$n"
		done
		echo commit main - $(seq -f 'refs/heads/arm-%g' 20)
		echo file HUMAN_TO_1.md
		printf -- '- [ ] Arm %d\n' $(seq 20)
		printf -- '- [ ] Body\n.\n'
	} | import
	sync 1 1
	{ echo Body; seq -f 'Arm %g' 20; } | sort >want
	titles 1 | sort | diff want -
}

# A tree of which nobody looks at all.
more_files_than_are_looked_at() {
	two
	awk 'BEGIN {
		print "commit main -\nfile HUMAN_TO_1.md\n- [ ] One\n.\nfile junk.md"
		print "-\n."
	}' | import
	_blob=$(echo junk | hub hash-object -w --stdin)
	{
		hub ls-tree main:coordination/messages
		awk -v blob="$_blob" 'BEGIN {
			for (i = 1; i <= 100100; i++)
				printf "100644 blob %s\tA%06d.bin\n", blob, i
		}'
	} >list
	_tree=$(hub mktree <list)
	_tree=$(printf '040000 tree %s\tmessages\n' "$_tree" | hub mktree)
	_tree=$(printf '040000 tree %s\tcoordination\n' "$_tree" | hub mktree)
	hub update-ref refs/heads/main \
		"$(git -C hub.git commit-tree -p "main~1" -m 'Very much' "$_tree")"
	sync 1
	received 1 One
}

# Thousands of equal items are ticked one by one, but not each among all of them.
as_often_as_one_likes() {
	two_that_wrote
	sed 's/^settle.*/&\ndeadline = 10s/' 2/.trine/trine.ini >ini
	mv ini 2/.trine/trine.ini
	grep '^deadline' 2/.trine/trine.ini
	for box in ' ' x ' '; do
		person_pull
		yes -- "- [$box] Buy milk" | head -n 4000 \
			>person/coordination/messages/HUMAN_TO_2.md
		person_push "box [$box]"
		sync 2
	done
	titles 2 >have
	expect_count 8000 'Buy milk' have
}

it items_are_tasks
it an_inbox_gets_them
it from_every_desk
it half_a_list_takes_nothing_back
it by_merge_squash_and_pick
it ticked_changed_deleted
it unticked_where_one_like_it_is_deleted
it a_change_of_a_started_task
it a_file_that_vanishes_takes_nothing_back
it a_file_that_comes_back
it a_file_that_comes_back_late
it an_item_typed_while_the_file_is_deleted
it the_branch_is_rewritten
it an_old_buffer_says_nothing_new
it an_agent_without_trine
it an_agent_with_a_status
it an_agent_with_a_status_and_a_stream
it all_that_trine_said_is_squashed
it and_who_said_it_is_retired
it it_gets_trine
it an_old_branch_of_one_with_trine
it it_loses_it_again
it it_loses_it_without_a_word
it it_is_taken_out_twice
it it_is_taken_out_by_who_writes_on
it it_is_taken_out_by_who_says_it_again
it what_was_there_before_is_history
it after_a_lost_disk
it odd_files
it too_large_and_small_again
it a_thousand_commits
it killed_among_a_thousand_commits
it joining_a_thousand_commits
it an_octopus
it more_files_than_are_looked_at
it as_often_as_one_likes
finish
