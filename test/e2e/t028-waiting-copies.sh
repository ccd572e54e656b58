# A foreign edit that is put back again and again makes no commits of its own;
# what it said is kept all the same when own commits that waited put it back.
. "${0%/*}/lib.sh"

scribble() { # TOKEN
	person_pull
	echo "By a person: $1" >>person/coordination/COMPUTER_1.md
	person_push 'A scribble'
}

kept() { hub grep -qF "$1" main -- coordination/conflicts; }

the_last_edit_is_kept_after_refusals() {
	new_fleet 2
	sync 1 2 1
	scribble T1.
	printf '#!/bin/sh\nexit 1\n' >hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
	for minute in 1 2 3 4; do
		on 1 send 2 -m "Number $minute"
		expect_status 77 at +${minute}m on 1 sync
	done
	rm hub.git/hooks/pre-receive
	scribble T2.
	at +5m sync 1
	no_line 'By a person' 1/coordination/COMPUTER_1.md
	kept T1.
	kept T2.
	at +6m sync 1 2 1
	expect_desks 1 2
}

it the_last_edit_is_kept_after_refusals
finish
