# Very many lines, commits or messages cost what it takes to read them: none is
# looked up again in all the others (promise 4). What costs more would be stopped
# with its cycle, and begin again in the next one, for ever.
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

# soon COMMAND…: with so many seconds of a processor, whoever else is at work there.
# shellcheck disable=SC3045 # dash and bash have it
soon() { ( ulimit -t 20; "$@" ); }

# Lines of two commits, by turns, in a file that somebody emptied long ago and brings
# back: each is said again.
lines_from_far_below_are_said_again() {
	new_fleet 1
	sync 1
	awk -v lines=24000 -v commits=8000 '
	function commit() {
		print "commit refs/heads/main"
		print "committer Ada Person <ada@example.org> " 1800000000 + n++ " +0000"
		print "data 2\nx\n"
		if (n == 1) print "from refs/heads/main^0"
	}
	function says(text) {
		print "M 644 inline coordination/messages/HUMAN_TO_1.md"
		print "data " length(text) "\n" text
	}
	BEGIN {
		for (i = 0; i < lines; i += 2) {
			even = even 100000 + i "\n"
			odd = odd 100001 + i "\n"
			both = both 100000 + i "\n" 100001 + i "\n"
		}
		commit(); says(even)
		commit(); says(odd)
		commit(); says("nothing\n")
		while (n < commits) commit()
		commit(); says(both)
	}' | hub fast-import --quiet
	soon sync 1
	titles 1 >titles
	printf '%s\n' 100000 100001 nothing 100000 | expect_file titles
	on 1 show "$(ids 1 | tail -1)" >shown
	[ "$(grep -cE '^1[0-9]{5}$' shown)" = 24000 ]
}

# entries FIRST LAST [KEY: VALUE]: so many messages of 2 for 1.
entries() {
	awk -v first="$1" -v last="$2" -v key="${3:-}" 'BEGIN {
		for (i = first; i <= last; i++) {
			id = "2_TO_1." i
			print "\n## Number " i "\n\n```yaml message\nid: " id
			print "type: message\npriority: low\nsent: 2026-01-02T03:04:05Z"
			if (key) print key
			print "```\n\n<!-- /" id " -->"
		}
	}'
}

# Whoever says that a text had another number before has it looked for under that and
# a thousand more.
what_was_sent_before_is_looked_for_once() {
	two_that_wrote
	stream=2_TO_1
	forge_begin
	{ opening; entries 2 1001; } | put messages/2_TO_1.md
	vouched 2
	sync 1
	forge_begin
	{ opening; entries 1002 7500 'origin: 2_TO_1.1'; } | put messages/2_TO_1.md
	vouched 2
	soon sync 1
	ids 1 >ids
	[ "$(wc -l <ids)" = 7500 ]
	[ "$(tail -n 1 ids)" = 2_TO_1.7500 ]
}

# Some were never there, two were; each time, what was written in their place is read.
all_are_taken_out_of_the_fleet_at_once() {
	new_fleet 3
	on 2 send 1 -m 'Of two'
	on 3 send 1 -m 'Of three'
	sync 2 3 1
	two=$(hub_show messages/2_TO_1.md) three=$(hub_show messages/3_TO_1.md) awk '
	function commit() {
		print "commit refs/heads/main"
		print "committer Ada Person <ada@example.org> " 1800000000 + n++ " +0000"
		print "data 2\nx\n"
		if (n == 1) print "from refs/heads/main^0"
	}
	function says(path, text) {
		print "M 644 inline coordination/" path
		print "data " length(text) "\n" text
	}
	function rules(retired) {
		commit()
		says("fleet.yaml", "computers:\n  1: {name: Mechanic}\nretired: [" retired "]\n")
	}
	BEGIN {
		for (i = 2; i <= 999; i++) all = all (i > 2 ? ", " : "") i
		commit()
		says("messages/2_TO_1.md", ENVIRON["two"] "\n\n## By hand for two\n")
		says("messages/3_TO_1.md", ENVIRON["three"] "\n\n## By hand for three\n")
		while (n < 2000) commit()
		for (turn = 0; turn < 30; turn++) {
			rules("")
			rules(all)
		}
	}' | hub fast-import --quiet
	soon sync 1
	received 1 'Of two' 'Of three' 'By hand for two' 'By hand for three'
}

it lines_from_far_below_are_said_again
it what_was_sent_before_is_looked_for_once
it all_are_taken_out_of_the_fleet_at_once
finish
