# The story of a fleet, commit by commit, as such fleets really grow: by hand
# first, computers that swap numbers, a status that the wrong one rewrites,
# places kept for messages, an answer on another branch; then trine on the one,
# on the other, and people and an agent that go on without it. At the end of
# each day each computer has what it should have, once.
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"

# One row a commit, by hand or of a computer with trine; a row with + belongs to
# the commit above. Rows with = say what is new at the end of the day:
#	= N gets TITLE		received, and nothing else
#	= N forgets TITLE	it says something else now
#	= N keeps FILE		a copy below conflicts/N
#	= N tells CODE…		the problems in its status, at that time
#	= N sees M STATE	computer M, in its status, at that time
#	= N task STATE TITLE	of what it received, at that time
story() { cat <<'END'
day 1
01 workstation main new README.md system
 + workstation main new COMPUTER_1.md status-1-workstation
 + workstation main new COMPUTER_2.md status-2-awaited
 + workstation main new messages/1_TO_2.md first-contact
 + workstation main new messages/2_TO_1.md place-2-to-1
02 notebook main edit README.md s/tests/tests,.reports/
03 notebook main new messages/2_TO_1.md i-should-be-1
day 2
04 workstation main new COMPUTER_1.md status-1-notebook
 + workstation main new COMPUTER_2.md status-2-workstation
 + workstation main new messages/1_TO_2.md place-1-to-2
 + workstation main new messages/2_TO_1.md numbers-swapped
05 notebook main new messages/1_TO_2.md thanks-for-the-number
06 console main new messages/002.md deploy-please
07 console main new shared_tasks.json shared-tasks
day 3
08 console claude/respond new COMPUTER_2.md respond-now
09 console claude/respond new messages/2_TO_1.md respond-now
10 workstation main new URGENT_ALL.md urgent-all
day 4
11 1 main init
12 workstation main add messages/2_TO_1.md message-2
13 person main new messages/HUMAN_TO_1.md for-the-notebook
14 1 main send 2 Here is the notebook, with trine
= 1 gets MESSAGE #2: THE DISK IS FULL
= 1 gets Clean the vents
= 1 gets Rotate teh logs
= 1 task QUEUED Rotate teh logs
= 1 tells radar unconfirmed
day 5
15 2 main init
16 2 main reply 1_TO_2.1 Here is the workstation, with trine
17 console main new messages/3_TO_1.md place-3-to-1
18 console main add messages/3_TO_1.md console-here
 + console main new messages/3_TO_ALL.md to-all
= 1 gets Here is the workstation, with trine
= 1 gets MESSAGE #1: CONSOLE HERE
= 1 gets NEW PORT FOR ALL COMPUTERS
= 2 gets Here is the notebook, with trine
= 2 gets NEW PORT FOR ALL COMPUTERS
= 1 sees 2 IDLE
= 2 sees 1 ACTIVE
= 1 tells radar
day 6
19 console main new COMPUTER_2.md respond-now
20 console main add messages/1_TO_2.md scribbled
21 person main edit messages/HUMAN_TO_1.md s/teh/the/;/vents/s/\[.\]/[x]/
22 1 main hand messages/1_TO_2.md by-hand-on-the-desk
= 2 keeps COMPUTER_2.md
= 1 keeps messages_1_TO_2.md
= 2 gets TEMPERATURE REPORT
= 1 task COMPLETED Clean the vents
= 1 forgets Rotate teh logs
= 1 gets Rotate the logs
= 1 task QUEUED Rotate the logs
= 1 tells conflict radar
= 2 tells conflict
day 7
23 console claude/answer new messages/3_TO_2.md answer-on-a-branch
 + console claude/answer add messages/3_TO_1.md second-of-console
24 person main new messages/HUMAN_TO_ALL.md for-all
= 1 gets Read the new rules
= 2 gets Read the new rules
= 1 tells conflict radar
= 2 tells conflict radar
day 8
25 console main merge claude/answer
26 console main swap messages/1_TO_2.md messages/2_TO_1.md
 + console main swap COMPUTER_1.md COMPUTER_2.md
= 1 gets MESSAGE #2: SECOND OF THE CONSOLE
= 2 gets ANSWER TO COMPUTER 2
= 1 keeps messages_1_TO_2.md
= 2 keeps messages_2_TO_1.md
= 1 keeps COMPUTER_1.md
= 2 keeps COMPUTER_2.md
= 1 sees 2 ACTIVE
= 2 sees 1 ACTIVE
= 1 tells conflict radar
= 2 tells conflict
day 9
27 2 main send ALL All is well
28 person main squash claude/respond
29 person main fold 3
= 2 keeps messages_2_TO_1.md
= 1 gets All is well
= 1 tells conflict rewritten
= 2 tells conflict rewritten
day 10
30 console main add messages/3_TO_2.md place-and-more
 + person main edit messages/HUMAN_TO_1.md /vents/d;1{h;d};$G
= 2 gets MESSAGE #2: GOOD NIGHT
= 1 tells conflict rewritten
= 2 tells conflict rewritten
END
}

text() {
	case $1 in
	system) cat <<'END'
# 🤝 HOW WE COORDINATE

**Purpose:** two computers, one repository

---

## 📋 FILES
```
/coordination/
├── COMPUTER_1.md (status log)
└── messages/
    └── 1_TO_2.md (append, newest last)
```
- `COMPUTER_1.md`: builds
- `COMPUTER_2.md`: tests
END
	;;
	status-1-workstation) cat <<'END'
# 🖥️ COMPUTER 1 STATUS LOG
**Instance:** Workstation (builds)
**Last Updated:** Current session

---

## CURRENT STATUS: 🟢 ACTIVE
- ✅ Compiler installed
- [ ] Disk at 91 %, clean up
END
	;;
	status-2-awaited) cat <<'END'
# 💻 COMPUTER 2 STATUS LOG
**Last Updated:** Awaiting first check-in

*This file will be updated by Computer 2 on first session*
END
	;;
	status-1-notebook) cat <<'END'
# 💻 COMPUTER 1 STATUS LOG
**Instance:** Notebook (was computer 2 until today)

---

## CURRENT STATUS: 🟢 ONLINE - PRIMARY
- ✅ Battery 80 %
END
	;;
	status-2-workstation) cat <<'END'
# 🖥️ COMPUTER 2 STATUS LOG
**Instance:** Workstation (was computer 1 until today)

---

## CURRENT STATUS: 🟢 SUPPORT
- ✅ All compilers
END
	;;
	first-contact) cat <<'END'
# 📨 MESSAGES: COMPUTER 1 → COMPUTER 2

---

## MESSAGE #1: FIRST CONTACT
**From:** Computer 1 (Workstation)
**Priority:** 🔴 URGENT

### YOUR TASKS:
- [ ] Say what you can do
- [ ] Run the tests

---

*Reply in: messages/2_TO_1.md*
END
	;;
	place-2-to-1) cat <<'END'
# 📨 MESSAGES: COMPUTER 2 → COMPUTER 1

---

## AWAITING FIRST RESPONSE FROM COMPUTER 2

**Expected content:**
- What you can do

---

*Computer 2: Write your first message here!*
END
	;;
	place-1-to-2) cat <<'END'
# 📨 MESSAGES: COMPUTER 1 → COMPUTER 2

---

## AWAITING FIRST MESSAGE FROM COMPUTER 1

*This file will be updated by Computer 1 (Notebook) when ready*
END
	;;
	i-should-be-1) cat <<'END'
# 📨 MESSAGES: COMPUTER 2 → COMPUTER 1

---

## MESSAGE #1: I SHOULD BE COMPUTER 1
**Date:** 2025-10-29 12:25 PM PST
**From:** Computer 2 (Notebook)

I have the screen, the keyboard and the network. Let us swap.
END
	;;
	numbers-swapped) cat <<'END'
# 📨 MESSAGES: COMPUTER 2 → COMPUTER 1

---

## MESSAGE #1: NUMBERS SWAPPED
**From:** Computer 2 (Workstation, was 1)

Accepted. You are computer 1 now.
END
	;;
	thanks-for-the-number) cat <<'END'
# 📨 MESSAGES: COMPUTER 1 → COMPUTER 2

---

## MESSAGE #1: THANKS
**From:** Computer 1 (Notebook, was 2)

Then run the tests, please.
END
	;;
	deploy-please) cat <<'END'
# Message 002

**From**: Console (Session 4711)
**To**: Computer One
**Date**: $(date -u +"%Y-%m-%dT%H:%M:%SZ")
**Priority**: HIGH - deploy

---

## Subject

Ready to deploy

## Action Required

- [ ] Pull
- [ ] Deploy
END
	;;
	shared-tasks) cat <<'END'
{
  "shared_tasks": [
    { "id": "KEYS", "title": "Renew the keys", "status": "BLOCKED",
      "assigned_to": "EITHER_COMPUTER", "priority": "HIGH" }
  ],
  "completed_tasks": [ "Move the site" ]
}
END
	;;
	respond-now) cat <<'END'
# 🖥️ COMPUTER 2 STATUS - RESPOND NOW

**Status:** 🚨 URGENT - NO SIGN OF LIFE
**Location:** [EDIT THIS]

## 🚨 COMPUTER 2: IF YOU SEE THIS, EDIT THIS FILE

- [ ] All tests run
- [ ] Some of them (which ones?)
END
	;;
	urgent-all) cat <<'END'
# 🚨 URGENT MESSAGE TO ALL COMPUTERS

**Priority:** CRITICAL
**From:** Computer 2

## CHECK IN

1. Create a file: `CHECKIN_$(date +%s).txt`
2. Push it

**RESPOND.**
END
	;;
	message-2) cat <<'END'

---

## MESSAGE #2: THE DISK IS FULL
**From:** Computer 2 (Workstation)
**Priority:** 🟠

Nothing can be built. Is anything of yours in /tmp?
END
	;;
	for-the-notebook) cat <<'END'
# For the notebook

- [ ] Rotate teh logs
- [ ] Clean the vents
  with air
- [x] Buy a fan
END
	;;
	place-3-to-1) cat <<'END'
# 📨 MESSAGES: COMPUTER 3 → COMPUTER 1

## AWAITING FIRST MESSAGE FROM COMPUTER 3

*Computer 3: Write your first message here!*
END
	;;
	console-here) cat <<'END'

---

## MESSAGE #1: CONSOLE HERE
**Time:** Current session

### LIMITS:
- ❌ No disk
- ❌ No trine

---

**— Computer 3 (Console)**
END
	;;
	to-all) printf '\357\273\277# NEW PORT FOR ALL COMPUTERS\r\n\r\nIt is 8900.'
	;;
	scribbled) cat <<'END'

## MESSAGE #9: NOT FROM COMPUTER 1

The console wrote this into the wrong file.
END
	;;
	by-hand-on-the-desk) cat <<'END'

## TEMPERATURE REPORT
**Priority:** 🟢 low

41 °C, and
```
## MESSAGE #9: in a block of code
```
END
	;;
	answer-on-a-branch) cat <<'END'
# 📨 MESSAGES: COMPUTER 3 → COMPUTER 2

---

## ANSWER TO COMPUTER 2
**Branch:** claude/answer

It was the cache.
END
	;;
	second-of-console) cat <<'END'

---

## MESSAGE #2: SECOND OF THE CONSOLE

Still here.
END
	;;
	for-all) echo '- [ ] Read the new rules'
	;;
	place-and-more) cat <<'END'

---

## MESSAGE #2: GOOD NIGHT

*Nothing yet*
END
	;;
	*) fail "no text $1" ;;
	esac
}

# ---- one row ----

# A clone of someone without trine goes to $branch as it is now.
go_to_branch() {
	[ -d person ] || git clone -q "$remote" person
	git -C person fetch -q
	for _from in "origin/$branch" origin/main; do
		if git -C person rev-parse -q --verify "$_from"; then
			git -C person checkout -q -B "$branch" "$_from"
			break
		fi
	done
}

change_file() {
	_file=person/coordination/$what
	mkdir -p "${_file%/*}"
	case $does in
	new) text "$rest" >"$_file" ;;
	add) text "$rest" >>"$_file" ;;
	edit) sed "$rest" "$_file" >edited && cp edited "$_file" ;;
	swap) cp "$_file" swapped
		cp "person/coordination/$rest" "$_file"
		cp swapped "person/coordination/$rest" ;;
	esac
}

by_hand() {
	case $does in
	merge) git -C person merge -q --no-ff -m "Merge $what" "origin/$what" ;;
	squash) git -C person merge -q --squash -X theirs "origin/$what" ;;
	fold) git -C person reset -q --soft "HEAD~$what" ;;
	*) change_file ;;
	esac
	git -C person add -A
}

with_trine() {
	case $does in
	init) add_computer "$who"; computers="$computers $who" ;;
	send) on "$who" send "$what" -m "$rest" ;;
	reply) on "$who" reply "$what" -m "$rest" ;;
	hand) text "$rest" >>"$who/coordination/$what"
		settle "$who/coordination/$what" ;;
	esac
	sync "$who"
}

# What the rows since the last commit did by hand is committed and pushed.
end_of_commit() {
	[ -n "$by" ] || return 0
	git -C person diff --cached --quiet ||
		GIT_AUTHOR_NAME=$by GIT_COMMITTER_NAME=$by \
			git -C person commit -q -m "$number $by"
	git -C person push -q -f origin "HEAD:$on_branch"
	by=
	"$after_commit"
}

# The time of a row: a day has many seconds.
set_clocks() {
	TRINE_TEST_CLOCK=+${day}d
	GIT_AUTHOR_DATE="$((began + day * 86400 + commits)) +0000"
	GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
	export TRINE_TEST_CLOCK GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}

take_row() {
	if [ "$first" != + ]; then
		end_of_commit
		number=$first
		commits=$((commits + 1))
		set_clocks
		case $who in [0-9]*) ;; *) go_to_branch ;; esac
	fi
	case $who in
	[0-9]*) with_trine ;;
	*) by_hand
		by=$who on_branch=$branch ;;
	esac
}

# ---- the end of a day ----

everybody_syncs() {
	# shellcheck disable=SC2086 # words
	sync $computers
}
nobody_syncs() { :; }

# expect WHAT TEXT, of computer $who
expect() {
	case $1 in
	forgets) grep -vxF -e "$2" "gets.$who" >left || :
		cp left "gets.$who" ;;
	tells) echo "$2" | tr ' ' '\n' >"tells.$who" ;;
	*) printf '%s\n' "$2" >>"$1.$who" ;;
	esac
}

# as_expected FILE: the same as stdin, when both are sorted.
as_expected() {
	sort "$1" >wanted
	sort | diff wanted - || fail "day $day: $1"
}

state_of_task() { # N TITLE
	json "$1" inbox --all
	grep -F "\"title\":\"$2\"" json | field state
}

check_computer() {
	touch "gets.$1" "keeps.$1" "tells.$1" "sees.$1" "task.$1"
	titles "$1" | as_expected "gets.$1"
	hub_files | sed -n "s,.*/conflicts/$1/[0-9TZ]*-\(.*\)-[0-9a-f]*\.md,\1,p" |
		as_expected "keeps.$1"
	json "$1" status
	grep -vx "$unasked" "tells.$1" >asked || :
	grep -o '"code":"[^"]*"' json | field code | sort -u |
		{ grep -vx "$unasked" || :; } | as_expected asked
	while read -r _other _state; do
		grep -o "\"computer\":$_other,[^}]*\"seen\"" json | field state |
			grep -x "$_state" || fail "$1 sees $_other otherwise"
	done <"sees.$1"
	while read -r _state _title; do
		state_of_task "$1" "$_title" | grep -x "$_state" ||
			fail "$_title is no longer $_state"
	done <"task.$1"
	rm "tells.$1" "sees.$1" "task.$1"
}

end_of_day() {
	end_of_commit
	everybody_syncs
	everybody_syncs
	for _computer in $computers; do check_computer "$_computer"; done
}

# replay HOW [CODE]: the whole story; HOW is run after each commit by hand. The
# problem CODE is not asked for.
replay() {
	after_commit=$1 unasked=${2:-none}
	began=$(date +%s) commits=0 day=0 computers='' by=''
	new_hub
	story >rows
	while read -r first who branch does what rest; do
		case $first in
		day) end_of_day
			day=$who ;;
		=) expect "$branch" "$does${what:+ $what}${rest:+ $rest}" ;;
		*) take_row ;;
		esac
	done <rows
	end_of_day
	[ "$commits" -eq 30 ]
}

# ---- and then ----

nothing_more_happens() {
	tip=$(hub rev-parse main)
	wc -l <1/.trine/event-log.jsonl >events
	everybody_syncs
	[ "$(hub rev-parse main)" = "$tip" ]
	wc -l <1/.trine/event-log.jsonl | diff events -
	expect_desks 1 2
}

# Of the streams MESSAGE #1, as the numbers were in the end, although it was
# away on day 8; and what others were sent by hand.
what_was_before_becomes_history() { # N MESSAGES
	said out on "$1" import
	expect_line "$2 messages imported" out
	said out on "$1" import
	expect_line "0 messages imported, $2 known before" out
}

gets() { # N TITLE…: of what was before trine
	_who=$1
	shift
	sort "gets.$_who" >"all.$_who"
	printf '%s\n' "$@" >>"all.$_who"
	titles "$_who" | as_expected "all.$_who"
}
gets_its_history() {
	case $1 in
	1) gets 1 'NUMBERS SWAPPED' 'Ready to deploy' 'Renew the keys' \
		'Move the site' '🚨 URGENT MESSAGE TO ALL COMPUTERS' ;;
	2) gets 2 THANKS 'Renew the keys' 'Move the site' ;;
	esac
}

the_days_after() {
	replay nobody_syncs
	nothing_more_happens
	what_was_before_becomes_history 1 7
	what_was_before_becomes_history 2 11
	for each in 1 2; do gets_its_history $each; done
	nothing_more_happens
	# the disk of 1 is lost
	rm -rf 1
	add_computer 1 --takeover
	instance 1 any 'deliver = inbox'
	everybody_syncs
	everybody_syncs
	titles 1 | as_expected gets.1
	what_was_before_becomes_history 1 7
	gets_its_history 1
	everybody_syncs
	nothing_more_happens
	no_line message.handing 1/.trine/event-log.jsonl
}

# ---- who syncs when makes no difference ----

each_day_when_all_sync_after_each_commit() { replay everybody_syncs; }

# Each cycle beside those of the evening dies at another place. Who of them sees
# the branch first that day 9 has merged says that it waits no longer.
everybody_is_killed() {
	for _computer in $computers; do
		killed=$((killed + 1))
		TRINE_TEST_KILL=$((killed % 17 + 1)) on "$_computer" sync || :
	done
}
each_day_when_cycles_are_killed() { killed=0; replay everybody_is_killed radar; }

it each_day_when_all_sync_after_each_commit
it each_day_when_cycles_are_killed
it the_days_after
finish
