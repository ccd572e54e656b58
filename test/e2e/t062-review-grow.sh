# What a review of the protocol found that grew from cycle to cycle, or was not
# said as it is: each once more.
. "${0%/*}/lib.sh"

# hub_hook NAME: from stdin; run before each push is taken.
hub_hook() {
	cat >"hub.git/hooks/$1"
	chmod +x "hub.git/hooks/$1"
}

events() { wc -l <"$1/.trine/event-log.jsonl"; }

# ---- growth ----

# Modes hold back everybody but root.
NOBODY=65534
as_nobody() {
	setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups \
		env HOME="$PWD" "$@"
}

a_desk_that_cannot_be_written_makes_no_commits() {
	new_fleet 2
	sync 1 2 1
	on 2 send 1 -m Hello
	sync 2
	if [ "$(id -u)" = 0 ]; then
		chown -R $NOBODY:$NOBODY 1 hub.git
		chmod 711 "$base"
		chmod 755 .
		mkdir bin	# root's own folders are closed
		cp "$TRINE" "$TRINE-sync" bin/
		user="as_nobody $PWD/bin/trine"
	else
		user=$TRINE
	fi
	chmod 555 1/coordination 1/coordination/messages
	before=$(git -c safe.directory='*' -C hub.git rev-list --count main)
	for minutes in 5 10 15 20 25; do
		export TRINE_TEST_CLOCK=+${minutes}m
		# shellcheck disable=SC2086 # two words
		expect_status '0 74' $user -C "$PWD/1" sync
	done
	unset TRINE_TEST_CLOCK
	after=$(git -c safe.directory='*' -C hub.git rev-list --count main)
	[ $((after - before)) -le 1 ]
	chmod 755 1/coordination 1/coordination/messages
}

a_long_preamble_closes_no_segment_for_each_message() {
	new_hub
	mkdir -p 1/coordination/messages
	lines 12000 x >1/coordination/messages/1_TO_2.md
	add_computer 1
	sync 1
	for number in 1 2 3 4 5 6; do
		on 1 send 2 -m "Tiny $number"
		sync 1
	done
	hub_files >files
	no_line archive/ files
	hub_show messages/1_TO_2.md >got
	expect_count 6 '## Tiny' got
}

an_inbox_that_fails_does_not_grow_the_log() {
	new_fleet 2
	instance 1 builder 'deliver = inbox'
	on 2 send 1 -t task -m a
	sync 2 1 2 1
	rm -rf 1/.trine/inbox
	: >1/.trine/inbox
	on 2 send 1 -t task -m b
	sync 2 1 2 1 1
	before=$(events 1)
	sync 1 1 1 1 1
	[ "$(events 1)" = "$before" ] || {
		tail -n 5 1/.trine/event-log.jsonl
		fail "$before events, now $(events 1)"
	}
	on 1 status >said
	expect_line 2_TO_1.2 said
	rm 1/.trine/inbox
	at +15m sync 1
	[ -f 1/.trine/inbox/builder/new/2_TO_1.2.md ]
}

a_refused_new_branch_keeps_one_backup() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	hub update-ref -d refs/heads/main
	hub_refuses
	for minutes in 1 2 3 4; do
		expect_status 77 at +${minutes}m on 1 sync
	done
	[ "$(git -C 1/.trine/repo.git for-each-ref refs/trine/backup |
		wc -l)" -le 1 ]
	hub_accepts
	at +5m sync 1
	hub_show messages/1_TO_2.md >got
	expect_line '## One' got
}

# ---- run/again, dry runs ----

# A sync started while another one pushes: it leaves word, and the other one
# takes up what came in between.
a_sync_that_came_too_late_is_made_up_for() {
	new_fleet 2
	sync 1
	hub_hook pre-receive <<-END
		#!/bin/sh
		[ ! -e "$PWD/late" ] || exit 0
		: >"$PWD/late"
		unset GIT_DIR
		"$TRINE" -C "$PWD/1" send 2 -m Late &&
			"$TRINE" -C "$PWD/1" sync && cp -R "$PWD/1/.trine/run" "$PWD/run"
		exit 0
	END
	on 1 send 2 -m Early
	sync 1
	[ -e run/again ]
	[ ! -e 1/.trine/run/again ]
	hub_show messages/1_TO_2.md >got
	expect_line '## Early' got
	expect_line '## Late' got
}

a_sync_that_failed_makes_up_for_the_late_one_too() {
	new_fleet 2
	sync 1
	hub_hook pre-receive <<-END
		#!/bin/sh
		[ ! -e "$PWD/late" ] || exit 0
		: >"$PWD/late"
		unset GIT_DIR
		"$TRINE" -C "$PWD/1" sync
		exit 1
	END
	on 1 send 2 -m Early
	sync 1
	[ -e late ]
	[ ! -e 1/.trine/run/again ]
	hub_show messages/1_TO_2.md >got
	expect_line '## Early' got
}

a_dry_run_leaves_run_again() {
	new_fleet 2
	sync 1
	: >1/.trine/run/again
	on 1 sync --dry-run
	[ -e 1/.trine/run/again ]
	sync 1
	[ ! -e 1/.trine/run/again ]
}

# A remote that takes the connection and never answers.
a_dry_run_holds_up_no_send() {
	new_hub
	start_daemon
	add_computer 1
	sync 1
	kill -STOP "$(cat daemon.pid)"
	"$TRINE" -C "$PWD/1" sync --dry-run >dry 2>&1 &
	dry=$!
	sleep 1
	kill -0 $dry
	start=$(date +%s)
	on 1 send 2 -m Quick
	took=$(($(date +%s) - start))
	kill -CONT "$(cat daemon.pid)"
	kill $dry 2>/dev/null || :
	wait $dry || :
	[ $took -le 3 ]
	sync 1
	hub_show messages/1_TO_2.md >got
	expect_line '## Quick' got
}

a_push_without_an_answer_is_said_to_be_that() {
	new_fleet 2
	sync 1
	printf '#!/bin/sh\nsleep 3\n' | hub_hook pre-receive
	sed 's/^\[sync\]/[sync]\nnetwork = 1s/' 1/.trine/trine.ini >ini
	cp ini 1/.trine/trine.ini
	on 1 send 2 -m x
	said said expect_status 75 on 1 sync -v
	no_line 'other computers were faster' said
	no_line 'other computers were faster' 1/.trine/report.json
	expect_line push 1/.trine/report.json
	rm hub.git/hooks/pre-receive
	sync 1
	hub_show messages/1_TO_2.md >got
	expect_count 1 '## x' got
}

# A git that takes for ever to pack: what is left of the cycle is spent on it once
# a day, and somebody is told.
packing_that_takes_too_long_is_said() {
	new_fleet 1
	sync 1
	printf '[sync]\nlast_round = 2s\n' >>1/.trine/trine.ini
	mkdir bin
	cat >bin/git <<-'END'
	#!/bin/sh
	case " $* " in
	*' gc '*) echo packing >>tries; exec sleep 60 ;;
	esac
	PATH=${PATH#*:} exec git "$@"
	END
	chmod +x bin/git
	for each in 1 2 3; do
		on 1 send 2 -m "Number $each"
		( PATH=$PWD/bin:$PATH; sync 1 )
	done
	expect_count 1 packing tries
	json 1 status
	expect_line '"code":"packing"' json
	expect_line '"pushed":3' json
	on 1 send 2 -m 'The next day'
	( PATH=$PWD/bin:$PATH; at +25h sync 1 )
	expect_count 2 packing tries
	on 1 send 2 -m 'Git is well again'
	at +50h sync 1
	json 1 status
	no_line '"code":"packing"' json
}

if [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null; then
	it a_desk_that_cannot_be_written_makes_no_commits
else
	skip a_desk_that_cannot_be_written_makes_no_commits 'root, no setpriv'
fi
# There is room for the text, but not for trine's part beside it.
text_is_kept() { # FILE: each line of it is in a copy of computer 1
	cat 1/coordination/conflicts/1/*COMPUTER_1*.md | sort >kept
	sort "$1" | comm -23 - kept >gone
	expect_empty gone
	[ "$(wc -c <1/coordination/COMPUTER_1.md)" -lt 10000 ]
	hub_show COMPUTER_1.md | cmp - 1/coordination/COMPUTER_1.md
	on 1 status >status
	expect_line 'a version of COMPUTER_1.md' status
}
numbered() { seq -f 'A line of somebody, that is number %06g of very many' 30000; }

a_status_that_grows_too_long() {
	two_that_wrote
	size=$(wc -c <1/coordination/COMPUTER_1.md)
	numbered | head -c $((1048570 - size)) >text
	cat text >>1/coordination/COMPUTER_1.md
	on 1 task add -m 'Makes it longer'
	on 1 send 2 -m Next
	sync 1 2 1
	text_is_kept text
	received 2 First Next
	hub log --format=%H main >before
	sync 1 1
	hub log --format=%H main | cmp - before
}

a_status_of_before_trine_that_is_too_long() {
	new_hub
	git clone -q "$remote" person
	mkdir person/coordination
	{ echo '# Computer 1'; numbered; } | head -c 1048500 >text
	cp text person/coordination/COMPUTER_1.md
	person_push Begin
	add_computer 1
	sync 1 1
	text_is_kept text
}

it packing_that_takes_too_long_is_said
it a_long_preamble_closes_no_segment_for_each_message
it an_inbox_that_fails_does_not_grow_the_log
it a_refused_new_branch_keeps_one_backup
it a_sync_that_came_too_late_is_made_up_for
it a_sync_that_failed_makes_up_for_the_late_one_too
it a_dry_run_leaves_run_again
it a_dry_run_holds_up_no_send
it a_push_without_an_answer_is_said_to_be_that
it a_status_that_grows_too_long
it a_status_of_before_trine_that_is_too_long
finish
