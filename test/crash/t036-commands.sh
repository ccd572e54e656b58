# Commands of the fleet killed at their system calls (kills.sh). After each kill the log
# is whole and the view that of the log; what was told is so; and the command, given
# again, or the next cycle, goes on from there.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/kills.sh"

view() {
	trine inbox --all --json
	trine status --json | sed -E 's/"age_s": *[0-9]*,?//g'
	for _id in 1_TO_2.1 1_TO_2.2 1_TO_2.3; do
		trine show $_id --json 2>/dev/null || echo "no $_id"
	done
}
title_of() { on "$1" show "$2" --json | field title; }

two() {
	new_fleet 2
	here=$PWD
	sync 1 2 1
}

# Cycles of 1 and OTHER until both have all: their desks are the tip, nothing half is
# left here or there.
cycles() { # OTHER
	sync 1 "$1" 1 "$1"
	expect_desks 1 "$1"
	find 1 "$1" -name '.*.trine-*' -o -name 'tmp_*' -o -path '*.git/*.lock' >left
	find hub.git -name '*.lock' ! -name trine.lock >>left
	expect_empty left
	for _git in hub.git 1/.trine/repo.git "$1/.trine/repo.git"; do
		git -C $_git fsck --strict 2>&1 | grep -v '^dangling' >fsck || :
		expect_empty fsck
	done
}

# from_here COMMAND…: and what it does is as if it had not been.
from_here() {
	rm -rf instead
	keep instead
	"$@"
	go_back instead
}

# ---- send ----

# What was accepted arrives, once; and so does the next one, behind it.
accepted_arrives() { # TITLE…
	cycles 2
	{ echo Before; cat accepted; printf '%s\n' "$@"; } | grep . >wanted
	titles 2 | cmp wanted -
}
the_next_one_arrives() {
	trine send 2 -m Next >id
	echo "1_TO_2.$(($(wc -l <accepted) + 2))" | cmp - id
	accepted_arrives Next
}
sent() {
	whole_log | sed -n '/"message.sent"/s/.*"title":"\(Killed\)".*/\1/p' >accepted
	[ "$(wc -l <accepted)" -le 1 ]
	if grep 1_TO_ told; then
		grep -x 1_TO_2.2 told
		[ "$(title_of 1 1_TO_2.2)" = Killed ]
	fi
	from_here accepted_arrives ''
	the_next_one_arrives
}
a_message_sent() {
	two
	trine send 2 -m Before
	killed 90 trine.ini .trine sent send 2 -m Killed "$top/README.md"
}

# ---- retract ----

# It is taken back or not, as computer 1 had it before, and computer 2 has it so.
same_on_both() {
	was=$(title_of 1 1_TO_2.1 || :)
	cycles 2
	title_of 1 1_TO_2.1 >here.title || :
	title_of 2 1_TO_2.1 >there.title
	if [ "$was" = Back ]; then
		expect_same here.title there.title
		echo Back | cmp - here.title
	else
		grep '^Retracted before it was' there.title
		[ ! -s here.title ] || expect_same here.title there.title
	fi
	titles 2 | sed 1d >rest
	echo Stays | cmp - rest
}
# Given again, it is: nobody ever sees a word of it.
taken_back_after_all() {
	case $(title_of 1 1_TO_2.1 || :) in
	Back) trine retract 1_TO_2.1 ;;
	*) expect_status '69 77' trine retract 1_TO_2.1 ;;
	esac
	same_on_both
	hub log -p >commits
	no_line Back commits 2/coordination/messages/1_TO_2.md
}
taken_back() {
	! grep -q 'is taken back' told || [ "$(title_of 1 1_TO_2.1 || :)" != Back ]
	from_here same_on_both
	taken_back_after_all
}
two_that_wait() {
	two
	trine send 2 -m Back
	trine send 2 -m Stays
}
a_message_retracted() {
	two_that_wait
	killed 90 trine.ini .trine taken_back retract 1_TO_2.1
}
# It was given out by a clone that this one is no more: it becomes a tombstone.
one_that_may_be_out_retracted() {
	two_that_wait
	( set +x; export TRINE_TEST_KILL=1; trine takeover || [ $? = 137 ] )
	killed 90 trine.ini .trine taken_back retract 1_TO_2.1
	title_of 1 1_TO_2.1 | grep '^Retracted before it was committed'
}

# ---- takeover ----

it_works() {
	sync 1 2
	expect_status 77 on twin sync
	titles 2 | sort >got
	printf '%s\n' 'From the first' 'Written before' 'Written by the other' | cmp - got
	[ "$(ids 2 | sort -u | wc -l)" = 3 ]
	trine send 2 -m Afterwards
	cycles 2
	[ "$(titles 2 | tail -n 1)" = Afterwards ]
	[ "$(titles 2 | wc -l)" = 4 ]
}
# By a cycle, if it was taken over; and told, it was.
goes_on() {
	if grep 'is this machine now' told; then may=0; else may='0 77'; fi
	expect_status "$may" trine sync
	[ $_got = 0 ] || trine takeover
	it_works
}
done_again() {
	trine takeover
	it_works
}
taken_over() {
	from_here goes_on
	done_again
}
a_takeover() {
	two
	trine send 2 -m 'From the first'
	sync 1 2
	"$TRINE" -q init --computer 1 --remote "$remote" --takeover "$PWD/twin"
	on twin sync
	trine send 2 -m 'Written before'
	expect_status 77 on 1 sync
	on twin send 2 -m 'Written by the other'
	sync twin 2
	killed 1200 trine.ini .trine taken_over takeover
}

# ---- init ----

joined() {
	on 3 send 1 -m Hello
	cycles 3
	titles 1 | grep -x Hello
	[ "$(titles 1 | wc -l)" = 1 ]
}
set_up() {
	may=0
	if [ -e 3/.trine ]; then
		may=77
		from_here joined
	else
		no_line 'This is computer' told
	fi
	expect_status "$may" on 1 "$@"
	[ ! -e 3/.trine.new ]
	joined
}
a_computer_set_up() {
	new_fleet 1
	here=$PWD
	sync 1
	killed 500 .trine.new .trine set_up \
		init --computer 3 --remote "$remote" "$here/3"
}

killed_each a_message_sent a_message_retracted one_that_may_be_out_retracted \
	a_takeover a_computer_set_up
finish
