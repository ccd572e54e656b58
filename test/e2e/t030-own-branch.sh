# Where the fleet's branch is protected computers push to a branch each, which
# the others read; a person merges them (design: `push = trine/{n}`).
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"
. "${0%/*}/branches.sh"

# Nobody pushes to main but people (and the computers named), and no branch is
# ever taken back.
protect() { # [N…]
	_free=
	for _each; do _free="$_free computer-$_each@trine.invalid"; done
	cat >hub.git/hooks/pre-receive <<-END
	#!/bin/sh
	zero=0000000000000000000000000000000000000000
	while read -r old new ref; do
		[ "\$new" != \$zero ] || continue
		who=\$(git log -1 --format=%ce "\$new")
		case "\$ref \$who" in
		"refs/heads/main computer-"*)
			case " $_free " in *" \$who "*) continue ;; esac
			echo 'main is protected' >&2; exit 1 ;;
		esac
		[ "\$old" = \$zero ] || git merge-base --is-ancestor "\$old" "\$new" ||
			{ echo 'no branch goes back' >&2; exit 1; }
	done
	END
	chmod +x hub.git/hooks/pre-receive
}

apart() { # N…
	for _each; do
		printf '[radar]\npush = trine/{n}\n' >>"$_each/.trine/trine.ini"
	done
}

# Three computers, of which the ones named have branches of their own.
by_path() { # N…
	new_fleet 3
	begin "$@"
}
far() { # N…
	git init -q --bare -b main hub.git
	start_daemon
	for _each in 1 2 3; do add_computer "$_each"; done
	begin "$@"
	git -C person remote set-url origin "$PWD/hub.git"
}
main_moves() {
	branch work
	echo x >>person/coordination/shared/other.md
	git -C person add -A
	git -C person commit -q -m 'On main'
	git -C person push -q origin HEAD:main
}
begin() {
	sync 1 2 3 1 2
	apart "$@"
	person_pull
	main=$(hub rev-parse main)
}

three_apart() {
	"$1" 1 2 3
	protect
	on 1 send 2 -m 'To 2'
	on 2 send 3 -t task -m 'To 3'
	on 3 send ALL -m 'To all'
	sync 1 2 3 1 2 3
	received 1 'To all'
	received 2 'To 2' 'To all'
	received 3 'To 3'
	# Nothing was tried at main, and nothing is open.
	[ "$(hub rev-parse main)" = "$main" ]
	for n in 1 2 3; do
		sync 1 2 3
		said status on $n status
		expect_line "push    trine/$n, a branch of this computer's own" status
		expect_line 'No problems.' status
	done
	on 1 status >status
	expect_line '1_TO_2       up to 1, pushed up to 1, confirmed by 2' status
	json 3 status
	expect_line '"push":"trine/3"' json
	expect_line '"confirmed":{"1":1,"2":1}' json
	# And nothing more happens.
	before=$(cat [123]/.trine/event-log.jsonl | wc -l)
	tips=$(hub for-each-ref)
	sync 1 2 3 1 2 3
	[ "$(cat [123]/.trine/event-log.jsonl | wc -l)" = "$before" ]
	[ "$(hub for-each-ref)" = "$tips" ]
}
three_apart_by_path() { three_apart by_path; }
three_apart_far_away() { three_apart far; }

# Computer 1 may push to main, and has set nothing.
mixed() {
	"$1" 2 3
	protect 1
	on 1 send 2 -m 'From main'
	on 2 send 1 -m 'From 2'
	on 3 send 2 -m 'From 3'
	on 2 send ALL -m 'To all'
	sync 1 2 3 1 2 3 1
	received 1 'From 2' 'To all'
	received 2 'From main' 'From 3'
	received 3 'To all'
	for n in 1 2 3; do
		sync 1 2 3
		said status on $n status
		expect_line 'No problems.' status
	done
	[ "$(hub log main --format=%ce "$main.." | sort -u)" = \
		computer-1@trine.invalid ]
	expect_desks 1
}
mixed_by_path() { mixed by_path; }
mixed_far_away() { mixed far; }

# ---- merged by a person ----

by_merge() { merge "origin/$1" --no-ff; }
by_squash() { merge "origin/$1" --squash; }
by_fast_forward() { merge "origin/$1" --ff-only; }
by_rebase() {
	git -C person fetch -q origin
	git -C person checkout -q -B work "origin/$1"
	git -C person rebase -q --no-ff origin/main
	git -C person checkout -q -B main
	git -C person push -q origin main ":$1"
}

# Each way, again and again, while all go on.
merged() { # by_path or far, how
	"$1" 2 3
	protect 1
	for n in 1 2 3; do
		on 2 send 1 -m "To 1, $n"
		on 2 send ALL -m "To all, $n"
		on 1 send 2 -m "To 2, $n"
		loose 2 shared/notes.md "note $n"
		sync 2 1 3
		branch work
		echo "$n" >>person/coordination/shared/other.md
		git -C person add -A
		git -C person commit -q -m 'On main'
		git -C person push -q origin HEAD:main
		[ "$n" = 1 ] || sync 2
		"$2" trine/2
		sync 1 2 3
		on 2 send 1 -m "Again, $n"
		sync 2 1 3 2
	done
	received 1 'To 1, 1' 'To 1, 2' 'To 1, 3' 'To all, 1' 'To all, 2' \
		'To all, 3' 'Again, 1' 'Again, 2' 'Again, 3'
	received 2 'To 2, 1' 'To 2, 2' 'To 2, 3'
	received 3 'To all, 1' 'To all, 2' 'To all, 3'
	# What was shared has arrived, once, and no version lost.
	hub_show shared/notes.md | sort | uniq -c |
		sed 's/^ *//' >notes
	printf '1 note %s\n' 1 2 3 | expect_file notes
	expect_same 1/coordination/shared/notes.md 2/coordination/shared/notes.md
	expect_same 1/coordination/shared/other.md 2/coordination/shared/other.md
	[ ! -e 2/coordination/conflicts ]
	sync 1 2 3 1
	for n in 1 2 3; do
		said status on $n status
		expect_line 'No problems.' status
	done
	hub fsck
}
merged_by_path() { merged by_path by_merge; }
merged_far_away() { merged far by_merge; }
squashed_by_path() { merged by_path by_squash; }
squashed_far_away() { merged far by_squash; }
rebased_by_path() { merged by_path by_rebase; }
rebased_far_away() { merged far by_rebase; }

last_seen() {
	sed -n 's/.*"computer.seen".*"computer":2,.*"updated":"\([^"]*\)".*/\1/p' \
		1/.trine/event-log.jsonl | tail -n 1
}

# A status that a rebase brings takes no newer one's place.
a_status_of_before() {
	by_path 2
	protect 1 3
	on 2 send 1 -m One
	at +1h sync 2
	old=$(hub rev-parse trine/2)
	on 2 send 1 -m Two
	at +2h sync 2
	at +2h sync 1
	seen=$(last_seen)
	main_moves
	git -C person fetch -q
	git -C person checkout -q -B work "$old"
	git -C person rebase -q origin/main
	git -C person push -q origin HEAD:main
	at +2h sync 1
	[ "$(last_seen)" = "$seen" ]
	received 1 One Two
}

# What is merged is what people saw: one side changes it further, and what it
# made of it stays.
two_lines_that_merge_each_other() {
	by_path 2
	protect 1 3
	loose 2 shared/notes.md one two three
	loose 2 messages/HUMAN_TO_3.md '- [ ] First' '- [ ] Second'
	sync 2 1 3
	main_moves
	git -C person fetch -q
	old=$(hub rev-parse trine/2)
	on 2 send 1 -m 'On top of main'
	sync 2
	git -C person checkout -q -B main origin/main
	git -C person merge -q --no-ff -m 'Merge what it was' "$old"
	sed 's/two/2/' person/coordination/shared/notes.md >edited
	cp edited person/coordination/shared/notes.md
	sed '/First/d' person/coordination/messages/HUMAN_TO_3.md >edited
	cp edited person/coordination/messages/HUMAN_TO_3.md
	git -C person commit -q -a -m 'Edit it'
	git -C person push -q origin main
	sync 2
	on 2 send 1 -m 'After that'
	sync 2 1 2 3
	printf 'one\n2\nthree\n' | expect_file 2/coordination/shared/notes.md
	no_line First 2/coordination/messages/HUMAN_TO_3.md
	[ ! -e 2/coordination/conflicts ]
	by_merge trine/2
	sync 1 2 3
	printf 'one\n2\nthree\n' | expect_file 1/coordination/shared/notes.md
	received 1 'On top of main' 'After that'
	received 3 First Second
	state 3 First FAILED
}

# Both changed a line: main's stays, ours is kept, and that once.
a_conflict_with_main() {
	by_path 2
	protect
	loose 2 shared/notes.md 'Ours'
	sync 2
	branch work
	mkdir -p person/coordination/shared
	echo Theirs >person/coordination/shared/notes.md
	git -C person add -A
	git -C person commit -q -m 'On main'
	git -C person push -q origin HEAD:main
	sync 2 2
	echo Theirs | expect_file 2/coordination/shared/notes.md
	grep -q '^Ours$' 2/coordination/conflicts/2/*-shared_notes.md-*
	git -C person fetch -q
	[ "$(git -C person ls-tree -r --name-only origin/trine/2 \
		coordination/conflicts | wc -l)" = 1 ]
	tip=$(hub rev-parse trine/2)
	sync 2 2
	[ "$(hub rev-parse trine/2)" = "$tip" ]
	by_merge trine/2
}

# A branch may be deleted when it is merged, and comes back with what is new.
deleted() { # how it is merged
	far 2
	protect 1 3
	on 2 send 1 -m One
	loose 2 shared/notes.md 'note one'
	sync 2 1
	"$1" trine/2
	git -C person push -q origin :trine/2
	sync 1 2 1 3
	received 1 One
	on 2 send 1 -m Two
	on 1 send 2 -m Back
	sync 2 1 2 1
	received 1 One Two
	received 2 Back
	[ "$(hub_show shared/notes.md)" = 'note one' ]
	said status on 2 status
	expect_line 'No problems.' status
}
deleted_after_a_merge() { deleted by_merge; }
deleted_after_a_squash() { deleted by_squash; }

deleted_or_taken_back_before() {
	by_path 2
	protect 1
	for n in 1 2; do
		on 2 send 1 -m "Message $n"
		loose 2 shared/notes.md "note $n"
		sync 2
	done
	old=$(hub rev-parse trine/2)
	hub update-ref -d refs/heads/trine/2
	sync 2
	[ "$(hub rev-parse trine/2)" = "$old" ]
	hub update-ref refs/heads/trine/2 "$old~1"
	sync 2
	[ "$(hub rev-parse trine/2)" = "$old" ]
	# One that has nothing in common with what it was.
	hub update-ref refs/heads/trine/2 "$(hub commit-tree -p main -m Mine \
		'main^{tree}')"
	sync 2 1
	hub merge-base --is-ancestor "$old" trine/2
	received 1 'Message 1' 'Message 2'
	hub show trine/2:coordination/shared/notes.md >notes
	printf 'note 1\nnote 2\n' | expect_file notes
	[ ! -e 2/coordination/conflicts ]
}

# Somebody works on the branch, too.
a_person_on_it() {
	by_path 2
	protect 1 3
	on 2 send 1 -m One
	loose 2 shared/notes.md 'note one'
	sync 2 1
	branch work origin/trine/2
	echo 'note two' >>person/coordination/shared/notes.md
	echo 'I am 2' >>person/coordination/COMPUTER_2.md
	echo 'I am 1' >>person/coordination/COMPUTER_1.md
	mkdir -p person/coordination/messages
	echo '- [ ] Do this' >>person/coordination/messages/HUMAN_TO_1.md
	git -C person add -A
	git -C person commit -q -m 'Suggestions'
	git -C person push -q origin HEAD:trine/2
	on 2 send 1 -m Two
	sync 2 1
	printf 'note one\nnote two\n' | expect_file 2/coordination/shared/notes.md
	grep -q 'I am 2' 2/coordination/conflicts/2/*COMPUTER_2.md*
	no_line 'I am 2' 2/coordination/COMPUTER_2.md
	no_line 'I am 1' 2/coordination/COMPUTER_1.md
	git -C person fetch -q
	git -C person diff --exit-code origin/main...origin/trine/2 -- \
		coordination/COMPUTER_1.md
	# A person's words count on the branch of all.
	received 1 One Two
	# "Update branch", as web sites offer it.
	branch main
	echo x >person/coordination/shared/x.md
	git -C person add -A
	git -C person commit -q -m 'On main'
	git -C person push -q origin main
	git -C person checkout -q -B work origin/trine/2
	git -C person merge -q --no-ff -m Update origin/main
	git -C person push -q origin HEAD:trine/2
	on 2 send 1 -m Three
	sync 2 1
	received 1 One Two Three
	echo x | expect_file 2/coordination/shared/x.md
	by_merge trine/2
	sync 1 2 3 1
	received 1 One Two Three 'Do this'
	printf 'note one\nnote two\n' | expect_file 1/coordination/shared/notes.md
	[ "$(find 2/coordination/conflicts -type f | wc -l)" = 1 ]
}

# What is typed on its own desk reaches computer and others, once.
typed_on_the_desk() {
	far 2
	protect 1 3
	loose 2 messages/HUMAN_TO_2.md '- [ ] For me'
	loose 2 messages/HUMAN_TO_1.md '- [ ] For 1'
	loose 2 messages/HUMAN_TO_ALL.md '- [ ] For all'
	sync 2 1 2 3
	received 1 'For 1' 'For all'
	received 2 'For me' 'For all'
	received 3 'For all'
	"$1" trine/2
	sync 1 2 3 1 2 3
	received 1 'For 1' 'For all'
	received 2 'For me' 'For all'
	received 3 'For all'
	# Ticked there, and asked for again on main.
	sed 's/\[ \] For me/[x] For me/' 2/coordination/messages/HUMAN_TO_2.md >edited
	cp edited 2/coordination/messages/HUMAN_TO_2.md
	settle 2/coordination/messages/HUMAN_TO_2.md
	sync 2 2
	state 2 'For me' COMPLETED
	git -C person checkout -q -B main
	branch main
	say HUMAN_TO_2.md '- [ ] Another'
	sync 1 2 3 2
	received 2 'For me' 'For all' Another
}
typed_and_merged() { typed_on_the_desk by_merge; }
typed_and_squashed() { typed_on_the_desk by_squash; }
typed_and_rebased() { typed_on_the_desk by_rebase; }

entry() { # N TITLE TEXT
	loose "$1" messages/HUMAN_TO_1.md "## $2" '**Priority:** HIGH' '' "$3" \
		'Please tell me.'
}
whole() { # TITLE
	json 1 inbox --all
	on 1 show "$(grep -F "\"title\":\"$1\"" json | field id)" >shown
	expect_line 'Please tell me.' shown
}

# Lines that look alike are two people's, on two branches.
alike_on_two_desks() {
	by_path 2 3
	protect 1
	entry 2 Login 'It is slow on Safari, I think.'
	entry 3 Logout 'It does nothing at all today.'
	sync 2 3 1
	received 1 Login Logout
	whole Login
	whole Logout
	printf 'coordination/messages/*.md merge=union\n' >person/.git/info/attributes
	by_squash trine/2
	sync 1 2 3
	by_merge trine/3
	sync 1 2 3 1
	received 1 Login Logout
}

# ---- when something goes wrong ----

refused_then_set() {
	"$1"
	protect
	on 2 send 1 -m 'Before'
	loose 2 shared/notes.md 'a note'
	expect_status 77 on 2 sync 2>said
	expect_line 'the remote refuses our push to main' said
	expect_line 'push = trine/{n}' said
	main_moves
	apart 2
	on 2 send 1 -m 'After'
	expect_status '0 77' on 2 sync
	apart 1
	sync 2 1
	received 1 Before After
	said status on 2 status
	no_line refused status
	hub show trine/2:coordination/shared/notes.md
}
refused_then_set_by_path() { refused_then_set by_path; }
refused_then_set_far_away() { refused_then_set far; }

offline() {
	far 1 2 3
	protect
	stop_daemon
	for n in 1 2 3; do
		on 1 send 2 -m "Message $n"
		loose 1 shared/notes.md "note $n"
		expect_status 75 on 1 sync
	done
	main_moves
	serve
	sync 1 2 1
	received 2 'Message 1' 'Message 2' 'Message 3'
	# The history of the time without a remote stays one.
	[ "$(hub log --format=%s trine/1 | grep -c 1_TO_2)" = 3 ]
	said status on 1 status
	expect_line 'No problems.' status
}

killed_anywhere() {
	by_path 1 2
	protect
	loose 1 shared/notes.md 'note one'
	sync 1
	main_moves
	on 2 send 1 -m 'To 1'
	sync 2
	on 1 send 2 -t task -m 'To 2'
	loose 1 messages/HUMAN_TO_1.md '- [ ] Typed'
	loose 1 shared/notes.md 'note two'
	cp -R hub.git hub.saved
	for n in $(seq 1 60); do
		rm -rf 9 8 hub.git
		cp -R hub.saved hub.git
		cp -R 1 9
		cp -R 2 8
		expect_status '0 137' env TRINE_TEST_KILL="$n" "$TRINE" -C "$PWD/9" \
			sync
		[ "$_got" = 137 ] || break
		sync 9 8 9
		received 9 'To 1' Typed
		received 8 'To 2'
		printf 'note one\nnote two\n' |
			expect_file 9/coordination/shared/notes.md
		[ ! -e 9/coordination/conflicts ]
		hub merge-base --is-ancestor main trine/1
	done
	[ "$n" -gt 15 ]
}

lost_disk() { # yes or no: push is set before the first sync
	far 2 3
	protect 1
	for n in 1 2; do
		on 2 send 1 -m "Before $n"
		on 1 send 2 -t task -m "Task $n"
		on 3 send ALL -m "News $n"
		loose 2 messages/HUMAN_TO_2.md "- [ ] Typed $n"
		sync 2 1 3 2
	done
	rm -rf 2
	on 1 send 2 -t task -m 'After it'
	on 3 send ALL -m 'News after it'
	on 1 send ALL -m 'First ever'
	sync 1 3
	expect_status 77 add_computer 2 2>said
	expect_line 'computer 2 is taken' said
	add_computer 2 --takeover
	[ "$1" = no ] || apart 2
	on 2 send 1 -m 'From the new one'
	if [ "$1" = no ]; then
		expect_status 77 on 2 sync
		apart 2
	fi
	sync 2 2 1 2
	received 1 'Before 1' 'Before 2' 'From the new one' 'News 1' 'News 2' \
		'News after it'
	ids 1 | grep 2_TO_1.3
	state 2 'Task 1' BLOCKED
	state 2 'Task 2' BLOCKED
	state 2 'After it' QUEUED
	state 2 'Typed 1' BLOCKED
	received 2 'Task 1' 'Task 2' 'After it' 'Typed 1' 'Typed 2' \
		'News 1' 'News 2' 'News after it' 'First ever'
	sync 1
	said status on 1 status
	expect_line 'No problems.' status
}
a_lost_disk() { lost_disk yes; }
a_lost_disk_and_a_forgotten_setting() { lost_disk no; }

# It has never been on the branch of all.
a_lost_disk_of_one_that_joined() {
	by_path
	protect 1 2 3
	add_computer 4
	apart 4
	on 4 send 1 -m 'I am here'
	on 1 send 4 -t task -m 'A task'
	loose 4 messages/HUMAN_TO_4.md '- [ ] Typed'
	sync 4 1 4 4
	rm -rf 4
	on 1 send ALL -m 'First ever'
	sync 1
	add_computer 4 --takeover
	apart 4
	on 4 send 1 -m 'I am back'
	sync 4 4 1
	received 1 'I am here' 'I am back'
	received 4 'A task' 'First ever' Typed
	state 4 'A task' BLOCKED
	state 4 Typed BLOCKED
}

a_lost_disk_of_a_reader() {
	by_path 2
	protect 1 3
	on 2 send 1 -t task -m 'A task'
	on 2 send ALL -m 'News'
	sync 2 1 2
	rm -rf 1
	on 2 send 1 -t task -m 'Another'
	sync 2
	add_computer 1 --takeover
	sync 1 1
	received 1 'A task' Another News
	state 1 'A task' BLOCKED
	state 1 Another QUEUED
}

a_restored_disk() {
	far 2
	protect 1
	on 1 send 2 -t task -m 'First'
	on 2 send 1 -m 'One'
	sync 2 1 2
	cp -R 2 saved
	on 2 send 1 -m 'Two'
	on 1 send 2 -t task -m 'Second'
	sync 2 1 2
	rm -rf 2
	mv saved 2
	on 2 send 1 -m 'Three'
	sync 2 2 1
	received 1 One Two Three
	ids 1 | sort -u | wc -l | grep 3
	received 2 First Second
	said status on 2 status
	expect_line 'the disk is older than the remote' status
	clones=$(hub log --author=computer-2@ --format=%B trine/2 |
		grep Trine-Clone | sort -u | wc -l)
	[ "$clones" = 2 ]
}

a_restored_disk_of_a_reader() {
	by_path 2
	protect 1 3
	on 2 send 1 -t task -m 'First'
	sync 2 1 2
	cp -R 1 saved
	on 2 send 1 -t task -m 'Second'
	on 2 send 1 -m 'Mail'
	sync 2 1 2 1
	rm -rf 1
	mv saved 1
	on 2 send 1 -m 'Later'
	sync 2 1 1
	received 1 First Second Mail Later
	state 1 First QUEUED
	state 1 Second BLOCKED
}

two_machines() {
	"$1" 1 2
	protect
	on 2 send 1 -m 'From one'
	sync 2 1
	"$TRINE" -q init --computer 2 --takeover --remote "$remote" "$PWD/twin"
	apart twin
	on twin send 1 -m 'From the other'
	on twin sync
	expect_status 77 on 2 sync 2>said
	expect_line 'another machine is computer 2 too' said
	tip=$(hub rev-parse trine/2)
	on 2 send 1 -m 'Not now'
	expect_status 77 on 2 sync
	[ "$(hub rev-parse trine/2)" = "$tip" ]
	sync 1
	received 1 'From one' 'From the other'
	on 2 takeover
	sync 2
	expect_status 77 on twin sync
	sync 1
	received 1 'From one' 'From the other' 'Not now'
}
two_machines_by_path() { two_machines by_path; }
two_machines_far_away() { two_machines far; }

# One pushes to main, and the other does not.
two_machines_on_two_branches() {
	by_path 2
	protect 1 2
	on 2 send 1 -m 'From one'
	sync 2 1
	"$TRINE" -q init --computer 2 --takeover --remote "$remote" "$PWD/twin"
	on twin send 1 -m 'From the other'
	on twin sync
	expect_status 77 on 2 sync
	sync 1
	received 1 'From one' 'From the other'
	on 2 takeover
	sync 2
	expect_status 77 on twin sync
}

# ---- joining ----

one_that_joins() {
	far 1 2
	protect 3
	on 1 send ALL -m 'Before its time'
	on 1 send 4 -m 'It waits'
	loose 1 messages/HUMAN_TO_ALL.md '- [ ] Before, by hand'
	sync 1 2
	hub branch trine/7 main
	"$TRINE" -q init --remote "$remote" "$PWD/4"
	json 4 status
	expect_line '"computer":4' json
	on 1 send ALL -m 'Since then'
	loose 1 messages/HUMAN_TO_ALL.md '- [ ] Since, by hand'
	sync 1
	apart 4
	on 4 send 1 -m 'I am here'
	sync 4 4 1
	received 4 'It waits' 'Since then' 'Since, by hand'
	titles 1 | grep 'I am here'
	# Numbers that stand only on branches are taken.
	rm -rf x
	"$TRINE" -q init --remote "$remote" "$PWD/x"
	json x status
	expect_line '"computer":5' json
	rm -rf x
	expect_status 77 "$TRINE" init --computer 4 --remote "$remote" "$PWD/x" \
		2>said
	expect_line 'computer 4 is taken' said
}

# ---- what others see ----

named_otherwise() {
	by_path
	protect 1 3
	printf '[radar]\npush = fleet-{n}\n' >>2/.trine/trine.ini
	on 2 send 1 -m 'Hello'
	on 2 send 3 -m 'Hello'
	sync 2 1
	said status on 1 status
	expect_line 'computer 2 (Architect) wrote to you on branch fleet-2' status
	printf '[radar]\ntake = fleet-*\n' >>1/.trine/trine.ini
	printf '[radar]\npush = fleet-{n}\n' >>3/.trine/trine.ini
	sync 1 3 2
	received 1 Hello
	received 3 Hello
	hub rev-parse fleet-3
	said status on 2 status
	expect_line 'No problems.' status
}

# Only its owner speaks there.
of_others_nothing_counts() {
	by_path 2
	protect 1 3
	on 2 send 1 -m 'Real'
	sync 2
	# what computer 3 said on main, and is not there any more
	on 3 send 1 -m 'Elsewhere'
	sync 3
	said_there=$(hub rev-parse main)
	hub update-ref refs/heads/main "$main"
	hub update-ref refs/heads/trine/2 "$(hub commit-tree -p trine/2 \
		-p "$said_there" -m Merge 'trine/2^{tree}')"
	hub branch trine/8 "$said_there"
	sync 1
	received 1 Real
	# It comes by the branch of all, where it counts.
	hub update-ref refs/heads/main "$said_there"
	sync 1
	received 1 Real Elsewhere
}

many_branches() {
	far 2
	protect 1
	for n in $(seq 1300); do echo "create refs/heads/a/$n $main"; done |
		hub update-ref --stdin
	on 2 send 1 -m 'Among many'
	sync 2 1 2
	received 1 'Among many'
	said status on 2 status
	expect_line 'No problems.' status
}

many_computers() {
	by_path 2
	protect 1
	for n in $(seq 100 130); do
		hub update-ref "refs/heads/trine/$n" "$(hub commit-tree -p main \
			-m "$n" 'main^{tree}')"
	done
	on 2 send 1 -m 'One of many'
	sync 2 1
	received 1 'One of many'
}

# The fleet's branch is taken back: what ours had taken in of it is no change of
# ours.
main_is_rewritten() {
	by_path 2
	protect 1
	loose 2 shared/notes.md 'note one'
	sync 2
	branch work
	echo secret >person/coordination/shared/secret.md
	git -C person add -A
	git -C person commit -q -m 'A secret'
	git -C person push -q origin HEAD:main
	on 2 send 1 -m One
	sync 2
	[ -e 2/coordination/shared/secret.md ]
	hub update-ref refs/heads/main "$main"
	on 2 send 1 -m Two
	sync 2 1 2
	[ ! -e 2/coordination/shared/secret.md ]
	hub show trine/2:coordination/shared/notes.md
	if hub show trine/2:coordination/shared/secret.md; then false; fi
	received 1 One Two
	said status on 2 status
	expect_line rewritten status
	on 2 send 1 -m Three
	sync 2 1
	if hub show trine/2:coordination/shared/secret.md; then false; fi
	by_merge trine/2
	if hub_show shared/secret.md; then false; fi
}

one_connection_a_cycle() {
	far 1 2
	protect
	on 1 send 2 -m One
	sync 1 2 1 2 1 2
	before=$(connections)
	tips=$(hub for-each-ref)
	sync 1
	[ "$(connections)" = $((before + 1)) ]
	[ "$(hub for-each-ref)" = "$tips" ]
	# A push that is the only one sees that main has moved.
	branch main
	say HUMAN_TO_1.md '- [ ] On main'
	on 1 send 2 -m Two
	sync 1
	received 1 'On main'
}

it three_apart_by_path
it three_apart_far_away
it mixed_by_path
it mixed_far_away
it merged_by_path
it merged_far_away
it squashed_by_path
it squashed_far_away
it rebased_by_path
it rebased_far_away
it a_status_of_before
it two_lines_that_merge_each_other
it a_conflict_with_main
it deleted_after_a_merge
it deleted_after_a_squash
it deleted_or_taken_back_before
it a_person_on_it
it typed_and_merged
it typed_and_squashed
it typed_and_rebased
it alike_on_two_desks
it refused_then_set_by_path
it refused_then_set_far_away
it offline
it killed_anywhere
it a_lost_disk
it a_lost_disk_and_a_forgotten_setting
it a_lost_disk_of_one_that_joined
it a_lost_disk_of_a_reader
it a_restored_disk
it a_restored_disk_of_a_reader
it two_machines_by_path
it two_machines_far_away
it two_machines_on_two_branches
it one_that_joins
it named_otherwise
it of_others_nothing_counts
it many_branches
it many_computers
it main_is_rewritten
it one_connection_a_cycle
finish
