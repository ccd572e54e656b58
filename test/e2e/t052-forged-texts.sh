# Statuses and streams of a peer that vouches for them and got them wrong:
# binary, cut, with gaps, jumps, repeats, foreign ids, bombs. What can be read
# arrives, the rest is rejected and shown, and nothing grows without bound.
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

stream=2_TO_1

two() {
	new_fleet 2
	printf '[sync]\ndeadline = 30s\n' >>1/.trine/trine.ini
	sync 1 2 1
}

# forge <TEXT: the stream 2_TO_1 is that, by computer 2.
forge() {
	cat >forged.md
	forge_begin
	put "messages/$stream.md" <forged.md
	vouched 2
}

numbers() { on 1 inbox --all --json | field id | tr '\n' ' '; }

still_answers() { # a status that can be read, and a message that goes out
	json 1 status
	on 1 send 2 -m 'Still here'
	sync 1
	hub_show messages/1_TO_2.md | grep -q 'Still here'
	hub_show COMPUTER_1.md >status
	[ "$(wc -c <status)" -lt 65536 ]
}

a_stream_that_is_as_it_should_be() {
	two
	{ opening; entry 1 One Body; entry 2 Two; } | forge
	sync 1
	[ "$(titles 1 | tr '\n' ' ')" = 'One Two ' ]
	{ opening; entry 1 One Body; entry 2 Two; entry 3 Three; } | forge
	sync 1
	[ "$(numbers)" = '2_TO_1.1 2_TO_1.2 2_TO_1.3 ' ]
}

binary_streams() {
	two
	{ opening; entry 1 One; head -c 3000 /dev/urandom; } | forge
	sync 1
	head -c 60000 /dev/urandom | forge
	sync 1
	{ opening; entry 1 One; printf '\0\377\376'; entry 2 Two; } | forge
	sync 1
	[ "$(numbers)" = '2_TO_1.1 2_TO_1.2 ' ]
	: | forge
	sync 1
	still_answers
}

# The file as a crash or a short disk leaves it, then whole again.
cut_at_many_places() {
	two
	{
		opening
		entry 1 One 'A body'
		entry 2 Two "$(printf 'More\n\n\\<!-- /2_TO_1.1 -->\n\n```\ncode')"
		entry 3 Three 'The end'
	} >whole.md
	size=$(wc -c <whole.md)
	cut=150
	while [ "$cut" -lt "$size" ]; do
		head -c "$cut" whole.md | forge
		sync 1
		cut=$((cut + 53))
	done
	forge <whole.md
	sync 1
	[ "$(numbers)" = '2_TO_1.1 2_TO_1.2 2_TO_1.3 ' ]
	[ "$(titles 1 | tr '\n' ' ')" = 'One Two Three ' ]
	on 1 show 2_TO_1.2 | grep -F '<!-- /2_TO_1.1 -->'
	json 1 status
	no_line '"rejected"' json
	no_line '"missing"' json
	still_answers
}

ends_that_are_missing_or_of_others() {
	two
	{
		opening
		entry 1 One
		entry 2 'Without an end' | grep -v '^<!-- /'
		entry 3 Three
		entry 4 'Another end' | sed 's,^<!-- /2_TO_1.4,<!-- /2_TO_1.3,'
		entry 5 Five
		stream=3_TO_1
		entry 6 'An id of another stream'
		stream=2_TO_3
		entry 7 'An id to somebody else'
		stream=2_TO_1
		entry 8 Eight
	} | forge
	sync 1
	numbers
	for id in 1 3 5 8; do on 1 show 2_TO_1.$id >/dev/null; done
	[ "$(titles 1 | tr '\n' ' ')" = 'One Three Five Eight ' ]
	json 1 status
	expect_line '"code":"rejected"' json
	hub_show COMPUTER_1.md | grep '^received: {2_TO_1: '
	hub_show COMPUTER_1.md | grep -A3 '^rejected:' | grep 2_TO_1.2
	# Mended by its writer, they arrive.
	{
		opening
		for n in 1 2 3 4 5 6 7 8; do entry $n "Title $n"; done
	} | forge
	sync 1
	on 1 show 2_TO_1.2 | grep 'Title 2'
	on 1 show 2_TO_1.4 | grep 'Title 4'
	still_answers
}

gaps_repeats_and_jumps() {
	two
	{
		opening
		entry 1 One
		entry 4 Four
		entry 4 'Four again'
		entry 1 One
		entry 3 Three
		entry 6 Six
	} | forge
	sync 1
	[ "$(numbers)" = '2_TO_1.1 2_TO_1.3 2_TO_1.4 2_TO_1.6 ' ]
	json 1 status
	expect_line '"code":"missing"' json
	hub_show COMPUTER_1.md | grep 'missing: {2_TO_1: \[2, 5\]}'
	{ opening; for n in 1 2 3 4 5 6 7; do entry $n "Title $n"; done; } | forge
	sync 1
	[ "$(numbers | wc -w)" -eq 7 ]
	json 1 status
	no_line '"code":"missing"' json
	still_answers
}

a_jump_to_the_largest_number() {
	two
	{ opening; entry 1 One; entry 9007199254740990 Far; entry 2 Two; } | forge
	sync 1
	{
		opening
		entry 1 One
		entry 18446744073709551615 Wrong
		entry 99999999999999999999999999 Wrong
		entry -5 Wrong
		entry 0 Wrong
		entry 007 Wrong
		entry 2 Two
		entry 3 Three
	} | forge
	sync 1
	numbers
	titles 1 >all
	expect_line One all
	expect_line Two all
	expect_line Three all
	still_answers
	[ "$(wc -c <1/.trine/event-log.jsonl)" -lt 1000000 ]
}

thousands_of_jumps() {
	two
	{
		opening
		awk 'BEGIN { for (i = 1; i <= 5000; i++) {
			id = "2_TO_1." i * 1000
			print "\n## t\n\n```yaml message\nid: " id
			print "type: message\npriority: low"
			print "sent: 2026-01-02T03:04:05Z\n```\n\n<!-- /" id " -->"
		} }'
	} >jumps.md
	[ "$(wc -c <jumps.md)" -lt 1048576 ]
	forge <jumps.md
	start=$(date +%s)
	sync 1
	[ $(($(date +%s) - start)) -lt 20 ]
	[ "$(wc -c <1/.trine/event-log.jsonl)" -lt 10000000 ]
	still_answers
	json 1 status
	expect_line 'jumps over more numbers' json
	{ opening; entry 5000001 Last; } | forge
	sync 1
	titles 1 | grep Last
	json 1 status
	no_line 'jumps over more numbers' json
	still_answers
}

thousands_of_messages() {
	two
	{
		opening
		awk 'BEGIN { for (i = 1; i <= 8000; i++) {
			id = "2_TO_1." i
			print "\n## t\n\n```yaml message\nid: " id
			print "type: message\npriority: low"
			print "sent: 2026-01-02T03:04:05Z\n```\n\n<!-- /" id " -->"
		} }'
	} >many.md
	[ "$(wc -c <many.md)" -lt 1048576 ]
	forge <many.md
	start=$(date +%s)
	sync 1
	[ $(($(date +%s) - start)) -lt 20 ]
	[ "$(numbers | wc -w)" -eq 8000 ]
	still_answers
}

yaml_that_bites() {
	two
	bomb='a: &a [x,x,x,x,x,x,x,x,x]'
	for letter in b c d e f g; do
		bomb="$bomb
$letter: &$letter [*a,*a,*a,*a,*a,*a,*a,*a,*a]"
	done
	deep=$(printf '%03000d' 0 | tr 0 '[')
	{
		opening
		entry 1 Fine
		entry 2 Bomb | awk -v b="$bomb" '{ print } /^type:/ { print b }'
		entry 3 Deep | awk -v b="x: $deep" '{ print } /^type:/ { print b }'
		entry 4 Twice | sed 's/^type: .*/&\ntype: task/'
		entry 5 Tag | sed 's/^type: .*/type: !!python\/object message/'
		entry 6 Long | awk -v b="x: $(printf '%09000d' 0)" \
			'{ print } /^type:/ { print b }'
		entry 7 Unknown | sed 's/^type: .*/&\ncolour: blue/'
		entry 8 Wrong | sed 's/^type: .*/type: nonsense/'
		entry 9 When | sed 's/^sent: .*/sent: yesterday/'
		entry 10 "$(printf '%0300d' 0)"
		entry 11 "$(printf 'escape \033[2J')"
		entry 12 Fine
	} | forge
	sync 1
	numbers
	titles 1 >all
	expect_line Fine all
	expect_line Unknown all
	no_line Bomb all
	no_line Deep all
	no_line Twice all
	no_line Tag all
	no_line Long all
	[ "$(titles 1 | grep -c Fine)" = 2 ]
	on 1 show 2_TO_1.7 --json | grep '"colour"' || on 1 show 2_TO_1.7
	json 1 status
	expect_line '"code":"rejected"' json
	on 1 status >text
	on 1 inbox >>text
	[ -z "$(tr -d '\n -~\302-\364\200-\277' <text)" ]
	still_answers
}

statuses_that_cannot_be_read() {
	two
	on 1 send 2 -m One
	sync 1 2 1
	hub_show COMPUTER_2.md >good.md
	clone=$(clone_of 2)
	for kind in binary empty large bomb cut foreign newer receipts number; do
		case $kind in
		binary) head -c 5000 /dev/urandom ;;
		empty) : ;;
		large) cat good.md; dd if=/dev/zero bs=1024 count=1500 \
			2>/dev/null | tr '\0' x ;;
		bomb) awk '{ print } /^format:/ {
			print "a: &a [x,x,x]\nb: [*a,*a,*a]" }' good.md ;;
		cut) head -c 200 good.md ;;
		foreign) sed 's/^computer: 2/computer: 3/' good.md ;;
		newer) sed 's/^format: 1/format: 99/' good.md ;;
		receipts) sed 's/^received: .*/received: {1_TO_2: 99999999999999999999, 7_TO_8: 3, "x": y}/' good.md ;;
		number) sed 's/^heartbeat: .*/heartbeat: -99999999999999999999d/' good.md ;;
		esac >status.md
		forge_begin
		put COMPUTER_2.md <status.md
		vouched 2 "$clone"
		sync 1
		json 1 status
		case $kind in
		newer | receipts | large) ;;
		*) expect_line '"code":"rejected"' json ;;
		esac
	done
	forge_begin
	put COMPUTER_2.md <good.md
	vouched 2 "$clone"
	sync 1
	json 1 status
	no_line '"code":"rejected"' json
	expect_line '"confirmed":{"2":1' json
	still_answers
	sync 2
	titles 2 | grep 'Still here'
}

# Of what 1 says to 3, 3 has the receipt: what 2 says of it gives out no number.
receipts_of_who_does_not_read() {
	new_fleet 3
	on 1 send 3 -m One
	on 1 send ALL -m All
	sync 1 2 3 1
	forge_begin
	hub_show COMPUTER_2.md | sed 's/^received:.*/received: {1_TO_3: 9000, 1_TO_ALL: 5}/' \
		>status
	put COMPUTER_2.md <status
	vouched 2
	sync 1
	on 1 send 3 -m Two
	on 1 send ALL -m 'To all'
	sync 1 3
	hub_show messages/1_TO_3.md | grep -q '^id: 1_TO_3.2$'
	hub_show messages/1_TO_ALL.md | grep -q '^id: 1_TO_ALL.6$'
	received 3 One All Two 'To all'
}

files_of_rules_that_bite() {
	two
	for kind in bomb deep binary large list; do
		case $kind in
		bomb) printf 'a: &a [x,x]\ncomputers: {1: *a}\n' ;;
		deep) printf 'computers: %s\n' "$(printf '%05000d' 0 | tr 0 '[')" ;;
		binary) head -c 5000 /dev/urandom ;;
		large) cat "$top/coordination/fleet.yaml"
			awk 'BEGIN { for (i = 0; i < 9000; i++)
				print "# " i " a long comment" }' ;;
		list) echo '- computers' ;;
		esac >rules
		forge_begin
		put fleet.yaml <rules
		unvouched
		sync 1 2
		json 1 status
		expect_line '"code":"fleet-yaml"' json
		on 1 send Architect -m "With rules that are $kind"
	done
	forge_begin
	put fleet.yaml <"$top/coordination/fleet.yaml"
	unvouched
	sync 1 2
	json 1 status
	no_line '"code":"fleet-yaml"' json
	[ "$(titles 2 | wc -l)" -eq 5 ]
}

segments_that_are_not_closed_ones() {
	two
	forge_begin
	{ opening; entry 1 One; } | put archive/2_TO_1/0001.md
	head -c 9000 /dev/urandom | put archive/2_TO_1/0002.md
	echo text | put archive/2_TO_1/9999.md
	echo text | put archive/2_TO_1/0000.md
	echo text | put archive/2_TO_1/x.md
	{ opening; entry 5 Five; } | put messages/2_TO_1.md
	vouched 2
	sync 1
	titles 1 >all
	expect_line One all
	expect_line Five all
	still_answers
}

commits_that_are_odd() {
	two
	{ opening; entry 1 One; } >one.md
	forge_begin
	put messages/2_TO_1.md <one.md
	tree=$(forged write-tree)
	clone=$(clone_of 2)
	files=$(vouched_files 2 "$tree" | digest)
	raw() {
		printf 'tree %s\nparent %s\n' "$tree" "$(hub rev-parse main)"
		cat
	}
	who='Somebody <s@example.org> 1700000000 +0000'
	# No author; a time far away; binary; two trailers of each; a huge text.
	for kind in nobody future binary twice huge; do
		case $kind in
		nobody) raw <<-END ;;

		Trine-Computer: 2
		END
		future) raw <<-END ;;
		author $(echo "$who" | sed 's/1700000000/99999999999999/')
		committer $(echo "$who" | sed 's/1700000000/99999999999999/')

		From the future
		END
		binary) {
			printf 'author %s\ncommitter %s\n\n' "$who" "$who"
			head -c 2000 /dev/urandom
		} | raw ;;
		twice) raw <<-END ;;
		author $who
		committer $who

		Twice

		Trine-Computer: 2
		Trine-Computer: 1
		Trine-Clone: $clone
		Trine-Clone: $clone
		Trine-Files: $files
		END
		huge) {
			printf 'author %s\ncommitter %s\n\n' "$who" "$who"
			dd if=/dev/zero bs=1024 count=3000 2>/dev/null | tr '\0' x
			printf '\n\nTrine-Computer: 2\n'
		} | raw ;;
		esac >commit
		commit=$(hub hash-object --literally -t commit -w --stdin <commit)
		hub update-ref refs/heads/main "$commit"
		sync 1
		[ -z "$(titles 1)" ]
	done
	put messages/2_TO_1.md <one.md
	vouched 2 "$clone"
	sync 1
	[ "$(titles 1)" = One ]
	still_answers
	sync 2
}

it a_stream_that_is_as_it_should_be
it binary_streams
it cut_at_many_places
it ends_that_are_missing_or_of_others
it gaps_repeats_and_jumps
it a_jump_to_the_largest_number
it thousands_of_jumps
it thousands_of_messages
it yaml_that_bites
it statuses_that_cannot_be_read
it receipts_of_who_does_not_read
it files_of_rules_that_bite
it segments_that_are_not_closed_ones
it commits_that_are_odd
finish
