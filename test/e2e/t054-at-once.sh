# Everything at the same time: editors that write while a desk file is read and
# written, sends during cycles, cycles during cycles, kills in between. No text
# is lost, and nothing arrives twice.
. "${0%/*}/lib.sh"

cycles=${CYCLES:-30}

two() {
	new_fleet 2
	sync 1 2 1
}

# Is a word on the desk, on the tip, or in what 2 received?
found() { grep -rqF "$1" 1/coordination tip arrived; }

everything() {
	rm -rf tip
	mkdir tip
	hub archive main coordination | tar xf - -C tip
	on 2 inbox --all >arrived
}

append_to() { # FILE: as `echo >>` does, one line after the other
	number=$((number + 1))
	echo "appended-$number." >>"$1"
	# Now and then still for long enough to be taken in.
	if [ $((number % 20)) = 0 ]; then sleep 1.2; else sleep 0.01; fi
}

# As editors save: another file in its place, made from what was read.
save_to() {
	number=$((number + 1))
	{
		cat "$1"
		echo "saved-$number."
	} >editor.new
	mv editor.new "$1"
	sleep 0.02
}

rewritten_in_a_loop() { # HOW FILE
	two
	sed 's/^settle = .*/settle = 1s/' 1/.trine/trine.ini >ini
	cat ini >1/.trine/trine.ini
	mkdir -p 1/coordination/shared
	file=1/coordination/$2
	[ -e "$file" ] || echo 'A file' >"$file"
	sync 1
	: >go
	(
		number=0
		while [ -e go ]; do "$1" "$file"; done
		echo "$number" >last
	) &
	writer=$!
	for each in $(seq "$cycles"); do
		expect_status '0 75' on 1 sync
		[ $((each % 10)) != 0 ] || on 2 send 1 -m "Other news $each"
		[ $((each % 10)) != 0 ] || sync 2
	done
	rm go
	wait "$writer"
	settle "$file"
	sync 1 2 1 2 1
}

# An appended line is kept, wherever: in the file, a message, a copy.
lines_appended_to_a_shared_file() {
	rewritten_in_a_loop append_to shared/notes.md
	for n in $(seq "$(cat last)"); do echo "appended-$n."; done >wanted
	grep '^appended' 1/coordination/shared/notes.md >have || :
	cmp wanted have || {
		everything
		while read -r word; do
			found "$word" || fail "$word is lost"
		done <wanted
	}
	hub_show shared/notes.md | cmp - 1/coordination/shared/notes.md
}

lines_appended_to_a_stream() {
	rewritten_in_a_loop append_to messages/1_TO_2.md
	everything
	on 2 inbox --all --json | sed 's/\\n/\
/g' >arrived
	for n in $(seq "$(cat last)"); do
		case $(grep -oF "appended-$n." arrived | wc -l | tr -d ' ') in
		0) fail "appended-$n. is lost" ;;
		esac
	done
	find 1/coordination -name '.*' | expect_file /dev/null
}

# A save that was made from an older file loses what came since by itself; but
# what the editor wrote is there, and so is every message.
a_stream_saved_by_an_editor() {
	two
	sed 's/^settle = .*/settle = 1s/' 1/.trine/trine.ini >ini
	cat ini >1/.trine/trine.ini
	for n in 1 2 3; do on 1 send 2 -m "Sent before $n"; done
	sync 1
	: >go
	(
		number=0
		while [ -e go ]; do save_to 1/coordination/messages/1_TO_2.md; done
		echo "$number" >last
	) &
	writer=$!
	for each in $(seq "$cycles"); do
		on 1 send 2 -m "Sent during $each."
		expect_status '0 75' on 1 sync
	done
	rm go
	wait "$writer"
	settle 1/coordination/messages/1_TO_2.md
	sync 1 2 1 2 1
	titles 2 >titles
	for n in 1 2 3; do expect_count 1 "Sent before $n" titles; done
	for n in $(seq "$cycles"); do expect_count 1 "Sent during $n." titles; done
	json 1 status
	expect_line '"unpushed":0' json
	no_line '"missing"' json
}

sends_against_cycles() {
	two
	: >go
	( while [ -e go ]; do expect_status '0 75' on 1 sync; done; : >ended ) &
	for sender in a b c; do
		( for n in $(seq 25); do
			on 1 send 2 -m "From $sender $n."
		done >sent.$sender ) &
		pids="${pids:-} $!"
	done
	for pid in $pids; do wait "$pid"; done
	rm go
	wait
	[ -e ended ]
	sync 1 2 1
	cat sent.a sent.b sent.c | sort >accepted
	[ "$(sort -u accepted | wc -l)" -eq 75 ]
	ids 2 | sort >arrived
	expect_same accepted arrived
	titles 2 | sort | uniq -d | expect_file /dev/null
	for sender in a b c; do
		titles 2 | grep "From $sender" >of
		[ "$(wc -l <of)" -eq 25 ]
		sed 's/[^0-9]//g' of | sort -nc
	done
}

many_cycles_at_once() {
	two
	for n in $(seq 12); do
		on 1 send 2 -m "Number $n"
		on 1 sync &
		on 1 sync &
		on 2 sync &
	done
	wait
	sync 1 2 1
	[ "$(titles 2 | wc -l)" -eq 12 ]
	[ "$(titles 2 | sort -u | wc -l)" -eq 12 ]
	[ ! -e 1/.trine/run/again ] || sync 1
	hub fsck --strict
}

# A send during a cycle is not left for the next one by a sync that stepped
# aside.
the_running_cycle_does_one_more_round() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	sync 1 2 1
	on 1 send 2 -m First
	kill -STOP "$(cat daemon.pid)"
	on 1 sync &
	sleep 0.5 2>/dev/null || sleep 1
	on 1 send 2 -m Second
	said told on 1 sync
	expect_empty told
	kill -CONT "$(cat daemon.pid)"
	wait $!
	hub_show messages/1_TO_2.md | grep '## Second'
	[ ! -e 1/.trine/run/again ]
}

killed_anywhere() {
	two
	cat >random <<-'END'
	srand(seed); for (i = 0; i < 25; i++) printf "%.3f\n", rand() * 0.08
	END
	awk -v seed="$$" "BEGIN { $(cat random) }" >pauses
	number=0
	while read -r pause; do
		number=$((number + 1))
		on 1 send 2 -m "To 2 number $number" >>sent
		on 2 send 1 -m "To 1 number $number" >>sent
		for computer in 1 2; do
			"$TRINE" -C "$PWD/$computer" sync >>told 2>&1 &
			victim=$!
			sleep "$pause" 2>/dev/null || :
			kill -KILL "$victim" 2>/dev/null || :
			wait "$victim" 2>/dev/null || :
		done
	done <pauses
	sync 1 2 1 2 1
	for computer in 1 2; do
		titles $computer | sort >titles
		[ "$(wc -l <titles)" -eq "$number" ]
		uniq -d titles | expect_file /dev/null
	done
	json 1 status
	no_line '"missing"' json
	no_line '"rejected"' json
	no_line '"conflict"' json
	hub fsck --strict
	expect_desks 1 2
	find 1 2 -name '.*.trine-*' -o -name 'tmp_*' -o -name '*.lock' -path '*/repo.git/*' |
		expect_file /dev/null
	[ ! -e 1/coordination/conflicts ]
}

sends_killed_anywhere() {
	two
	for n in $(seq 30); do
		"$TRINE" -C "$PWD/1" send 2 -m "Number $n." >id.$n 2>/dev/null &
		victim=$!
		[ $((n % 3)) = 0 ] || sleep 0.00$((n % 10)) 2>/dev/null || :
		kill -KILL "$victim" 2>/dev/null || :
		wait "$victim" 2>/dev/null || :
	done
	sync 1 2 1
	cat id.* | sort >accepted
	ids 2 | sort >arrived
	# What was said to be accepted arrives, and all at most once.
	comm -23 accepted arrived | expect_file /dev/null
	titles 2 | sort | uniq -d | expect_file /dev/null
	json 1 status
	no_line '"missing"' json
}

# A clock that is wrong, and files from the future (they are not settled by
# time, but by being the same for a while).
clocks_that_are_wrong() {
	two
	at +3d on 1 send 2 -m 'From the future'
	at +3d sync 1
	sync 2 1
	on 1 send 2 -m 'From now'
	at -3d sync 1
	at -400d on 1 send 2 -m 'From long ago'
	at -400d sync 1
	sync 2 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'From the future From now From long ago ' ]
	json 1 status
	expect_line '"confirmed":{"2":3' json
	expect_desks 1 2
}

files_from_the_future() {
	two
	printf '\nBy hand, tomorrow\n' >>1/coordination/messages/1_TO_2.md
	printf 'A shared note\n' >1/coordination/shared/notes.md
	touch -d '+2 days' 1/coordination/messages/1_TO_2.md \
		1/coordination/shared/notes.md
	sync 1 2
	[ -z "$(titles 2)" ]
	grep 'By hand, tomorrow' 1/coordination/messages/1_TO_2.md
	json 1 status
	expect_line '"code":"clock"' json
	at +20s sync 1
	sync 2
	[ -z "$(titles 2)" ]
	at +40s sync 1
	sync 2
	[ "$(titles 2)" = 'By hand, tomorrow' ]
	hub_show shared/notes.md | grep 'A shared note'
	at +40s sync 1
	json 1 status
	no_line '"code":"clock"' json
	at +3d sync 1 2
	[ "$(titles 2 | wc -l)" -eq 1 ]
}

# What collect read is what is committed and compared: text that comes while the
# cycle waits for the remote is met by the next one, whole.
typed_while_the_cycle_fetches() {
	HOME=$PWD
	git config --global uploadpack.packObjectsHook "$PWD/hook"
	cat >hook <<-END
		#!/bin/sh
		desk=$PWD/1/coordination
		if rm "$PWD/armed" 2>/dev/null; then
			printf '\nTyped meanwhile\n' >>"\$desk/messages/1_TO_2.md"
			touch -t 202001010000 "\$desk/messages/1_TO_2.md"
			echo 'Noted meanwhile' >>"\$desk/shared/notes.md"
		fi
		exec "\$@"
	END
	chmod +x hook
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m First
	echo 'Noted before' >1/coordination/shared/notes.md
	sync 1 2
	on 2 send 1 -m News
	on 1 send 2 -m Second
	sync 2
	: >armed
	sync 1
	[ ! -e armed ]
	expect_line 'Typed meanwhile' 1/coordination/messages/1_TO_2.md
	expect_line 'Noted meanwhile' 1/coordination/shared/notes.md
	sync 1 2
	printf '%s\n' First Second 'Typed meanwhile' >wanted
	titles 2 | cmp - wanted
	printf 'Noted %s\n' before meanwhile |
		cmp - 2/coordination/shared/notes.md
}

it lines_appended_to_a_shared_file
it lines_appended_to_a_stream
it a_stream_saved_by_an_editor
it sends_against_cycles
it many_cycles_at_once
it the_running_cycle_does_one_more_round
it killed_anywhere
it sends_killed_anywhere
it clocks_that_are_wrong
it files_from_the_future
it typed_while_the_cycle_fetches
finish
