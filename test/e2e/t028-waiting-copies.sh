# A foreign edit that is put back again and again makes no commits of its own;
# what it said is kept all the same when own commits that waited put it back. Whatever
# it is, a desk can have its copy.
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
	hub_refuses
	for minute in 1 2 3 4; do
		on 1 send 2 -m "Number $minute"
		expect_status 77 at +${minute}m on 1 sync
	done
	hub_accepts
	scribble T2.
	at +5m sync 1
	no_line 'By a person' 1/coordination/COMPUTER_1.md
	kept T1.
	kept T2.
	at +6m sync 1 2 1
	expect_desks 1 2
}

ticks() { head -c "$1" /dev/zero | tr '\0' "$2"; }

# No fence is as long as what it is around.
a_text_of_backticks() {
	two_that_wrote
	person_pull
	for run in 2 40 400000; do
		{ ticks $run '`'; echo " run $run"; } >person/coordination/COMPUTER_1.md
		person_push "A run of $run"
		on 1 send 2 -m "Beside $run"
		sync 1
		copy=$(grep -rl " run $run\$" 1/coordination/conflicts/1)
		[ "$(wc -c <"$copy")" -lt 1048576 ]
		person_pull
	done
	sync 2 1
	expect_desks 1 2
	titles 2 | grep -x 'Beside 400000'
	sed -n '/^## Its text/,$p' "$copy" | sed -n 3p | grep -x '~~~'
}

# Where no fence is long enough, the text ends.
a_text_of_backticks_and_tildes() {
	two_that_wrote
	person_pull
	{ echo 'It begins'; ticks 262130 '~'; echo; ticks 262130 '`'; echo 'It ends'; } \
		>person/coordination/COMPUTER_1.md
	person_push 'As long as it can be'
	on 1 send 2 -m Second
	sync 1 2 1
	copy=$(grep -rl '^It begins' 1/coordination/conflicts/1)
	[ "$(wc -c <"$copy")" -lt 300000 ]
	no_line 'It ends' "$copy"
	expect_line 'of 524279 bytes; the rest is in the blob.' "$copy"
	titles 2 | grep -x Second
	expect_desks 1 2
}

it the_last_edit_is_kept_after_refusals
it a_text_of_backticks
it a_text_of_backticks_and_tildes
finish
