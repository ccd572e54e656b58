# A repository where people and agents kept messages by hand: trine moves in,
# nothing is lost, nothing is delivered again, and `import` makes it readable.
. "${0%/*}/lib.sh"

fence='```'

# write FILE: stdin becomes a file of the person's clone.
write() {
	mkdir -p "$(dirname "person/coordination/$1")"
	cat >"person/coordination/$1"
}

# As they grow in the wild; 9 messages in all.
write_all() {
	write COMPUTER_1.md <<-EOF
	# 🖥️ COMPUTER 1 STATUS LOG
	**Instance:** The Builder (Workstation)
	**Last Updated:** 2025-10-02 09:10 UTC

	---

	## CURRENT STATUS: 🟢 ACTIVE
	- [ ] Finish the parser
	EOF
	write COMPUTER_2.md <<-EOF
	# 🖥️ COMPUTER 2 STATUS - RESPOND NOW

	**Location:** [EDIT THIS]
	**Last Updated:** 2025-10-07 by Computer 1

	- [ ] Run Python scripts
	- [ ] Other: [list]
	EOF
	write SYNC_STATUS.md <<-EOF
	# 🔄 COORDINATION SYNC STATUS

	### 🟡 HIGH PRIORITY
	- **[Computer 2]** Test the parser
	  - Deadline: This week

	## 📅 MILESTONES
	- [ ] Computer 2 answers
	EOF
	write README.md <<-EOF
	# 🤝 COORDINATION SYSTEM

	${fence}markdown
	# MESSAGE FROM COMPUTER X TO COMPUTER Y
	**Date:** 2025-10-29
	**Priority:** [LOW/MEDIUM/HIGH/URGENT]

	## CONTEXT:
	[What you are working on]
	$fence
	EOF
	write messages/1_TO_2.md <<-EOF
	# 📨 MESSAGES: COMPUTER 1 → COMPUTER 2

	---

	## MESSAGE #1: WELCOME ABOARD
	**Date:** 2025-10-02
	**Time:** 09:15 UTC
	**From:** Computer 1 (The Builder)
	**To:** Computer 2 (The Tester)
	**Priority:** 🔴 URGENT

	### WHAT YOU NEED:

	- [ ] Run the tests

	$fence
	## MESSAGE #9: in a block of code
	└── messages/   [ { "platform": "x" } ]
	$fence

	---

	## CONCLUSION:

	**— Computer 1 (The Builder)**

	---

	## MESSAGE #2: THE RESULTS
	**Date:** 2025-10-03 12:25 PM PST
	**Time:** Current session

	See the log.

	---

	*Reply in: messages/2_TO_1.md*
	EOF
	write messages/2_TO_1.md <<-EOF
	# 📨 MESSAGES: COMPUTER 2 → COMPUTER 1

	## AWAITING FIRST RESPONSE FROM COMPUTER 2

	*This file will be updated by Computer 2 on first session*

	**Expected content:**
	- What works

	---

	*Computer 2: Write your first message here!*
	EOF
	write messages/003.md <<-'EOF'
	# Message 003

	**From**: Console (Session 4711)
	**To**: Computer One
	**Date**: $(date -u +"%Y-%m-%dT%H:%M:%SZ")

	## Subject

	Ready to deploy
	EOF
	write URGENT_ALL.md <<-EOF
	# 🚨 URGENT TO ALL COMPUTERS

	**Date:** November 7, 2025
	**Priority:** CRITICAL
	**From:** Computer 2

	## ANSWER ME

	Please.
	EOF
	write inbox-1.md <<-EOF
	# Inbox of computer 1

	- [ ] Rotate the logs
	  before Friday
	- [x] Order a disk
	EOF
	write shared_tasks.json <<-EOF
	{
	  "shared_tasks": [
	    {"id": "KEYS", "title": "Renew the keys", "status": "READY",
	     "assigned_to": "computer_1", "created": "2025-10-04T08:30:00Z"}
	  ],
	  "completed_tasks": ["Move the site"]
	}
	EOF
	write shared/notes.md <<-EOF
	---
	title: Notes
	---
	No message at all.
	EOF
	printf -- '---\r\nfrom: C2\r\nto: C1\r\ndate: 2025-10-05\r\n---\r\nOld form\r\n' |
		write messages/old/first.md
	printf '## MESSAGE #1: \377\n' | write messages/3_TO_1.md
}

hand_made() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	write_all
	GIT_COMMITTER_DATE=2025-11-08T10:00:00Z person_push 'Coordinate by hand'
	rm -rf before && cp -R person/coordination before
}

move_in() {
	for each; do
		add_computer "$each"
		printf '[instance worker]\nspecialty = everything\ndeliver = inbox\n' \
			>>"$each/.trine/trine.ini"
	done
	sync "$@" "$@"
}

# Every line of every file that was there stands in its file on the tip.
nothing_is_lost() {
	( cd before && find . -type f ) >files
	while read -r file; do
		hub_show "${file#./}" >now
		while IFS= read -r line || [ -n "$line" ]; do
			grep -aqxF -e "$line" now || fail "lost from $file: $line"
		done <"before/$file"
	done <files
	[ "$(wc -l <files)" -ge 13 ]
}

nobody_got_anything() {
	for each; do
		on "$each" inbox --json >new 2>/dev/null
		expect_empty new
		[ -z "$(find "$each/.trine/inbox" -type f)" ]
		no_line message.received "$each/.trine/event-log.jsonl"
		no_line message.handing "$each/.trine/event-log.jsonl"
	done
}

trine_moves_in() {
	hand_made
	move_in 1 2
	nothing_is_lost
	nobody_got_anything 1 2
	tip=$(hub rev-parse main)
	cp -R 1/coordination desk-before
	said out on 1 import
	expect_line '9 messages imported' out
	expect_line 'trine inbox --all' out
	expect_line 'messages/3_TO_1.md: stays as it is: bytes that are not UTF-8' out
	said out on 1 import
	expect_line '0 messages imported, 9 known before' out
	no_line ': heads' out
	no_line 'trine inbox' out
	# history, and nothing else
	sync 1 2 1
	nothing_is_lost
	nobody_got_anything 1 2
	[ "$(hub rev-parse main)" = "$tip" ]
	diff -r desk-before 1/coordination
	on 1 status --check
}

what_it_makes_of_them() {
	hand_made
	move_in 1
	on 1 import --dry-run >plan
	no_line message.imported 1/.trine/event-log.jsonl
	sed -n 's/^  \([0-9A-Z_]*\)\.~[0-9a-f]*\.1 */\1  /p' plan >got
	sort >wanted <<-EOF
	1_TO_2  2025-10-02 09:15  1 to 2  task  WELCOME ABOARD
	1_TO_2  2025-10-03 20:25  1 to 2  message  THE RESULTS
	2_TO_1  2025-10-05 00:00  2 to 1  message  Old form
	2_TO_ALL  2025-11-07 00:00  2 to ALL  message  🚨 URGENT TO ALL COMPUTERS
	HUMAN_TO_1  2025-10-04 08:30  HUMAN to 1  task  Renew the keys
	HUMAN_TO_1  by 2025-11-08     HUMAN to 1  message  Ready to deploy
	HUMAN_TO_1  by 2025-11-08     HUMAN to 1  task  COMPLETED  Order a disk
	HUMAN_TO_1  by 2025-11-08     HUMAN to 1  task  Rotate the logs
	HUMAN_TO_ALL  by 2025-11-08     HUMAN to ALL  task  COMPLETED  Move the site
	EOF
	sort got | diff wanted -
	expect_line 'lines 1 to 3 stay: above the first message' plan
	expect_line 'messages/2_TO_1.md: stays as it is: a place kept' plan
	expect_line 'shared/notes.md: stays as it is: no message in a form' plan
	no_line COMPUTER_1.md plan
	no_line README.md plan
	said out on 1 import --dry-run
	expect_line '9 messages would be imported' out
	expect_line 'nothing was recorded' out
}

# has_lines FILE: each of them is in one of the messages that ids lists, but
# for what only names the file.
has_lines() {
	while read -r id; do on 1 show "$id"; done <ids >shown
	while IFS= read -r line || [ -n "$line" ]; do
		line=$(printf %s "$line" | tr -d '\r')
		case $line in
		'' | '# 📨 MESSAGES: COMPUTER '* | --- | '# Inbox of computer 1') ;;
		*) grep -qF -e "$line" shown || fail "not received of $1: $line" ;;
		esac
	done <"$1"
}

# The same, when the fleet has trine: each file is a message of an agent.
they_come_when_the_fleet_has_trine() {
	new_fleet 2
	sync 1 2 1
	git clone -q "$remote" person
	write_all
	mv person/coordination before
	git -C person checkout -q .
	mkdir -p person/coordination/messages
	( cd before && find . -type f ! -name 3_TO_1.md ) | sort >files
	n=2
	while read -r file; do
		n=$((n + 1))
		cp "before/$file" "person/coordination/messages/${n}_TO_1.md"
	done <files
	person_push 'Agents write'
	sync 1 2 1
	ids 1 >all
	n=2
	while read -r file; do
		n=$((n + 1))
		grep "^${n}_TO_1[.]" all >ids || :
		case $file in
		*/2_TO_1.md) expect_empty ids ;;
		*) [ "$(wc -l <ids)" = 1 ]
			has_lines "before/$file" ;;
		esac
	done <files
	[ "$n" -ge 14 ]
}

# And by hand into a stream of one's own: each is a message as it stands.
they_are_written_on_a_desk() {
	new_fleet 2
	sync 2 1 2
	git clone -q "$remote" person
	write_all
	( cd person/coordination && find . -type f ! -name 3_TO_1.md ) | sort >files
	n=0
	while read -r file; do
		case $file in *COMPUTER*.md | ./fleet.yaml | ./shared/*) continue ;; esac
		n=$((n + 1))
		cat "person/coordination/$file" >>2/coordination/messages/2_TO_1.md
		settle 2/coordination/messages/2_TO_1.md
		sync 2 1
		ids 1 | tail -n 1 >ids
		[ "$(cat ids)" = "2_TO_1.$n" ]
		has_lines "person/coordination/$file"
	done <files
	[ "$(ids 1 | wc -l)" -eq "$n" ]
	[ "$n" -ge 9 ]
}

they_can_be_read() {
	hand_made
	move_in 1
	on 1 import
	on 1 import --dry-run --json >json
	sed 's/"id":/\n&/g' json | sed -n 's/^"id":"\([^"]*\)".*/\1/p' >ids
	[ "$(wc -l <ids)" = 9 ]
	while read -r id; do on 1 show "$id"; done <ids >shown
	expect_line 'WELCOME ABOARD' shown
	expect_line '**Priority:** 🔴 URGENT' shown
	expect_line 'said_from: "Computer 1 (The Builder)"' shown
	expect_line 'origin: messages/1_TO_2.md' shown
	expect_line 'before Friday' shown
	expect_line 'imported   20' shown
	# what was for this computer or for all; the rest by its id
	on 1 inbox --all >list
	expect_line 'Ready to deploy  [imported]' list
	expect_line 'URGENT TO ALL' list
	no_line 'WELCOME ABOARD' list
	[ "$(on 1 inbox worker --all --json 2>/dev/null | wc -l)" = 0 ]
	# and after the view was made anew
	on 1 inbox --all --json >list
	rm -f 1/.trine/state.db*
	on 1 inbox --all --json | cmp - list
}

the_same_on_every_computer() {
	hand_made
	move_in 1 2
	for each in 1 2; do
		on $each import --dry-run --json >json.$each
		on $each import
	done
	cmp json.1 json.2
	# what trine writes into the files since makes no other messages of them
	for number in 1 2 3; do
		seq 3000 >text
		on 1 send 2 -m "New $number" text
		sync 1 2
	done
	[ -f 1/coordination/archive/1_TO_2/0001.md ]
	expect_line 'trine:archive' 1/coordination/messages/1_TO_2.md
	for each in 1 2; do
		said out on $each import
		expect_line '0 messages imported, 9 known before' out
	done
	printf '%s\n' 'New 1' 'New 2' 'New 3' >wanted
	on 2 inbox --json | sed 's/": */":/g' | field title | diff wanted -
}

# The date is that of the words, though the file changed since.
undated_ones_have_the_time_of_their_commit() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	printf '# Mail\n\n## Message 1: One\n\nA\n' | write messages/1_TO_2.md
	GIT_COMMITTER_DATE=2025-05-01T10:00:00Z person_push One
	printf '\n---\n\n## Message 2: Two\n\nB\n' \
		>>person/coordination/messages/1_TO_2.md
	GIT_COMMITTER_DATE=2025-06-01T10:00:00Z person_push Two
	add_computer 1
	sync 1
	mkdir 1/coordination/mail
	echo 'Nowhere but here' >1/coordination/mail/004.md
	on 1 import --dry-run >plan
	grep 'by 2025-05-01  .* One$' plan
	grep 'by 2025-06-01  .* Two$' plan
	grep 'undated  .* Nowhere but here$' plan
	on 1 import
	id=$(sed -n 's/^  \([^ ]*\) .* Two$/\1/p' plan)
	on 1 show "$id" >shown
	expect_line 'sent: 2025-06-01T10:00:00Z' shown
	expect_line 'dated: commit' shown
}

# Somebody turned the files round, and trine put them back.
words_that_were_away_are_as_old_as_before() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	printf '# Mail\n\n## Message 1: One\n\nA\n' | write messages/1_TO_2.md
	printf '# Mail\n\n## Message 1: Two\n\nB\n' | write messages/2_TO_1.md
	GIT_COMMITTER_DATE=2025-05-01T10:00:00Z person_push Both
	move_in 1 2
	person_pull
	mv person/coordination/messages/1_TO_2.md turned
	mv person/coordination/messages/2_TO_1.md \
		person/coordination/messages/1_TO_2.md
	mv turned person/coordination/messages/2_TO_1.md
	person_push 'The wrong way round'
	sync 1 2 1
	for each in 1 2; do
		on $each import --dry-run >plan
		grep 'by 2025-05-01  .* One$' plan
		grep 'by 2025-05-01  .* Two$' plan
	done
}

# What trine cannot keep in its place is kept beside it, and that is said.
files_too_large_to_stay() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	seq -f 'Line %g of a long log that is kept by hand' 30000 |
		write messages/1_TO_2.md
	seq -f 'Line %g of a long status that is kept by hand' 30000 |
		write COMPUTER_1.md
	seq -f 'Line %g of a log' 20000 | write messages/1_TO_3.md
	person_push 'By hand'
	move_in 1 2
	hub_files >files
	expect_count 3 conflicts/1/ files
	for path in messages_1_TO_2 COMPUTER_1 messages_1_TO_3; do
		hub_show "conflicts/1/$(sed -n "s,.*/conflicts/1/,,p" files |
			grep "$path")" >copy
		expect_line 'Line 9999 of a l' copy
	done
	json 1 status
	for path in messages/1_TO_2.md COMPUTER_1.md messages/1_TO_3.md; do
		expect_line "a version of $path by Ada Person" json
	done
	on 1 send 2 -m 'All the same'
	sync 1 2
	titles 2 | grep -x 'All the same'
	# and later
	person_pull
	seq -f 'Line %g of what somebody made of it' 450000 | write COMPUTER_1.md
	seq -f 'Line %g of what somebody made of it' 40000 |
		write messages/1_TO_2.md
	person_push 'Over files of computer 1'
	sync 1 1
	hub_files >files
	expect_count 5 conflicts/1/ files
	: >copies
	for file in $(grep conflicts/1/ files); do
		hub_show "${file#coordination/}" >>copies
	done
	grep 'Line 9999 of what' copies
	expect_line 'in git alone' copies
	hub_show messages/1_TO_2.md | grep 'All the same'
}

init_says_what_is_there() {
	hand_made
	"$TRINE" init --computer 1 --remote "$remote" "$PWD/1" >out
	expect_line 'written by hand before, 9' out
	expect_line 'none is delivered again' out
	said out on 1 import
	expect_line 'the first `trine sync` fills it' out
	# on a desk that was there before, without a remote
	mkdir 2 && cp -R before 2/coordination
	"$TRINE" --json init --computer 2 "$PWD/2" >json
	expect_line '"old_messages":9' json
	"$TRINE" init --computer 3 "$PWD/3" >out
	no_line 'trine import' out
}

# A desk that was kept by hand, and a remote with nothing on it.
the_first_desk_was_there_before() {
	new_hub
	mkdir -p 1/coordination/messages
	printf -- '- [ ] Old item\n' >1/coordination/messages/HUMAN_TO_1.md
	printf 'Old words\n' >1/coordination/messages/1_TO_2.md
	settle 1/coordination/messages/*
	add_computer 1
	instance 1 worker 'deliver = inbox'
	said out on 1 import
	expect_line '2 messages imported' out
	sync 1 1
	nobody_got_anything 1
	hub_show messages/HUMAN_TO_1.md | grep 'Old item'
	hub_show messages/1_TO_2.md | grep 'Old words'
	loose 1 messages/HUMAN_TO_1.md '- [ ] New item'
	sync 1 1
	cat 1/.trine/inbox/worker/new/* >handed
	expect_line '## New item' handed
	no_line 'Old item' handed
	said out on 1 import
	expect_line '0 messages imported, 2 known before' out
}

some_paths_only() {
	hand_made
	move_in 1
	said out on 1 import messages/003.md 1/coordination/shared
	expect_line 'messages/003.md: heads of messages, 1 message' out
	expect_line '1 message imported; 1 file without any' out
	said out on 1 import COMPUTER_1.md
	expect_line 'COMPUTER_1.md: stays as it is: a status' out
	for path in nowhere.md .. "$PWD/before/URGENT_ALL.md" ''; do
		expect_status 69 on 1 import "$path"
	done
}

text_on_its_way_is_not_history() {
	new_fleet 2
	sync 1 2 1
	loose 1 messages/1_TO_2.md '## MESSAGE #1: NEW' '**From:** Computer 1' '' 'Now.'
	rm 1/coordination/messages/1_TO_2.md
	loose 1 messages/1_TO_2.md '## MESSAGE #1: NEW' '**From:** Computer 1' '' 'Now.'
	said out on 1 import
	expect_line '0 messages imported' out
	expect_line 'text that the next `trine sync` sends' out
	sync 1 2
	[ "$(titles 2)" = 'MESSAGE #1: NEW' ]
	said out on 1 import
	expect_line '0 messages imported' out
}

# What reaches a computer by itself is not imported there; what does not, is.
mail_of_now_is_not_history() {
	new_hub
	git clone -q "$remote" person 2>/dev/null
	printf -- '- [ ] Old item\n' | write messages/HUMAN_TO_1.md
	printf 'Old words\n' | write messages/3_TO_1.md
	person_push 'Before trine'
	add_computer 1
	add_computer 2
	sync 1 2
	person_pull
	printf -- '- [ ] New item\n' >>person/coordination/messages/HUMAN_TO_1.md
	printf 'To all\n' >person/coordination/messages/3_TO_ALL.md
	person_push 'With trine'
	loose 1 messages/HUMAN_TO_1.md '- [ ] Of my own desk'
	on 1 import --dry-run >plan
	no_line 'Of my own desk' plan
	sync 1 2 1
	titles 1 | sort >got
	printf '%s\n' 'New item' 'Of my own desk' 'To all' | diff - got
	said out on 1 import
	expect_line '2 messages imported' out
	on 1 inbox --all >list
	expect_line 'Old item  [imported]' list
	expect_line 'Old words  [imported]' list
	no_line 'New item  [imported]' list
	no_line 'To all  [imported]' list
	# one who came later was not told
	"$TRINE" --json init --computer 4 --remote "$remote" "$PWD/4" >json
	expect_line '"old_messages":0' json
	sync 4
	on 4 import --dry-run >plan
	expect_line 'To all' plan
	expect_line 'New item' plan
	on 1 search item >found
	expect_line 'Old item' found
}

answers_and_other_verbs() {
	hand_made
	move_in 1 2
	on 1 import --dry-run >plan
	on 1 import
	theirs=$(sed -n 's/^  \(2_TO_1[^ ]*\) .*/\1/p' plan)
	ours=$(sed -n 's/^  \(1_TO_2[^ ]*\) .*ABOARD$/\1/p' plan)
	human=$(sed -n 's/^  \(HUMAN[^ ]*\) .*keys$/\1/p' plan)
	on 1 read "$theirs"
	expect_status 77 on 1 retract "$theirs"
	expect_status 77 on 1 reply "$ours" -m x
	expect_status 77 on 1 reply "$human" -m x
	on 1 reply "$theirs" -m 'After all'
	sync 1 2
	json 2 show 1_TO_2.1
	expect_line "\"re\":\"$theirs\"" json
	expect_line '"type":"message"' json
}

it trine_moves_in
it what_it_makes_of_them
it they_come_when_the_fleet_has_trine
it they_are_written_on_a_desk
it they_can_be_read
it the_same_on_every_computer
it undated_ones_have_the_time_of_their_commit
it words_that_were_away_are_as_old_as_before
it files_too_large_to_stay
it init_says_what_is_there
it the_first_desk_was_there_before
it some_paths_only
it text_on_its_way_is_not_history
it mail_of_now_is_not_history
it answers_and_other_verbs
finish
