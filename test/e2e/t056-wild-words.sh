# The command line with whatever a program may put there: bytes that are no
# text, huge ones, ids and addressees that cannot be. Refused with the right
# exit and one line; nothing half done.
. "${0%/*}/lib.sh"

one() {
	new_fleet 1
	cp 1/.trine/event-log.jsonl before
}

# refused STATUS… ARGUMENTS…: nothing is recorded, and one line is said.
refused() {
	_want=$1
	shift
	expect_status "$_want" said told on 1 "$@"
	[ -s told ] || fail 'nothing was said'
	[ "$(grep -c '^trine: ' told)" -eq 1 ] || { cat told; fail 'not one line'; }
	[ "$(wc -c <told)" -lt 2000 ]
	[ -z "$(LC_ALL=C tr -d '\n\t -~\302-\364\200-\277' <told)" ] ||
		fail 'control bytes are printed'
	cmp before 1/.trine/event-log.jsonl
}

long() { awk -v n="$1" -v w="${2:-x}" \
	'BEGIN { for (i = 0; i < n; i++) printf "%s", w }'; }

titles_that_are_none() {
	one
	refused '64 65' send 2 -m "$(printf 'bad \377 bytes')"
	refused '64 65' send 2 -m "$(printf 'cut \303')"
	refused '64 65' send 2 -m "$(printf 'surrogate \355\240\200')"
	refused '64 65' send 2 -m "$(printf 'two\nlines')"
	refused '64 65' send 2 -m "$(printf 'escape \033[31m')"
	refused '64 65' send 2 -m "$(printf 'tab\there')"
	refused '64 65' send 2 -m "$(printf 'delete \177')"
	refused '64 65' send 2 -m "$(printf 'c1 \302\233')"
	refused '64 65' send 2 -m "$(long 201)"
	refused '64 65' send 2 -m "$(long 201 ü)"
	refused '64 65' send 2 -m "$(long 100000)"
	refused '64 65' send 2 -m ''
	refused '64 65' send 2 -m '   '
	on 1 send 2 -m "$(long 200)"
	on 1 send 2 -m "$(long 200 🚨)"
	on 1 send 2 -m '-->'
	on 1 send 2 -m '## <!-- /1_TO_2.1 -->'
	on 1 send 2 -m '```yaml message'
	add_computer 2
	sync 1 2
	[ "$(ids 2 | wc -l)" -eq 5 ]
	titles 2 | grep -xF -e '-->'
	titles 2 | grep -xF -e '## <!-- /1_TO_2.1 -->'
	titles 2 | grep -xF -e '```yaml message'
}

bodies_that_are_none() {
	one
	printf 'bad \377 bytes\n' >bad
	printf 'nul \0 byte\n' >nul
	printf 'overlong \300\200\n' >overlong
	long 262145 >large
	long 300000 >larger
	for body in bad nul overlong large larger; do
		refused 65 send 2 -m x $body
		refused 65 send 2 -m x - <$body
	done
	refused '69 74' send 2 -m x nowhere
	refused '65 74' send 2 -m x .
	mkfifo pipe
	refused '65 74' send 2 -m x pipe
	(yes | head -c 3000000) 2>/dev/null |
		expect_status 65 "$TRINE" -C "$PWD/1" send 2 -m x -
	cmp before 1/.trine/event-log.jsonl
}

bodies_of_all_kinds() {
	new_fleet 2
	long 262143 >body1
	printf '\n' >>body1
	cat >body2 <<-'END'
	## A title

	```yaml message
	id: 1_TO_2.1
	```

	<!-- /1_TO_2.1 -->
	\<!-- /1_TO_2.2 -->
	\\<!-- /1_TO_2.2 -->
	<!-- trine:messages -->
	<!-- trine:begin -->
	---
	# Computer 1 → Computer 2
	END
	printf 'no newline at the end' >body3
	printf '\r\nDOS\r\nlines\r\n' >body4
	printf '\n\n\nblank around\n\n\n' >body5
	printf '\033[31mred \177\001\n' >body6
	printf '\357\273\277with a mark\n' >body7
	printf '🚨 \360\237\222\251 \342\200\256 right to left\n' >body8
	long 60000 '[{' >body9
	for n in 1 2 3 4 5 6 7 8 9; do on 1 send 2 -m "Body $n" body$n; done
	sync 1 2 1
	printf '\n' >>body3
	printf '\n' >>body9
	for n in 1 2 3 4 5 6 7 8 9; do
		[ "$(on 2 inbox --all --json | grep -c "\"id\":\"1_TO_2.$n\"")" = 1 ] ||
			on 2 show "1_TO_2.$n" >/dev/null
		body_of $n >shown
		expect_same body$n shown
	done
	sync 1 2
	json 1 status
	expect_line '"confirmed":{"2":9' json
}

# The body of 1_TO_2.N as computer 2 has it, byte for byte.
body_of() {
	on 2 log --json --type message.received |
		perl -e '
		sub utf8 { my $c = chr(shift); utf8::encode($c); $c }
		$id = shift;
		while (<STDIN>) {
			next unless /"id":"1_TO_2\.$id"/;
			/"body":"((?:[^"\\]++|\\.)*+)"/ or next;
			$text = $1;
			%names = (n => "\n", r => "\r", t => "\t", b => "\b",
				f => "\f");
			$text =~ s/\\(u([0-9a-fA-F]{4})|(.))/
				defined $2 ? utf8(hex $2) : $names{$3} || $3/ge;
			print $text;
		}' "$1"
}

addressees_that_cannot_be() {
	one
	for to in 0 -1 1000 99999999999999999999 1.5 '1 2' 2_TO_1 all/x ../2 '' ' ' \
		'2;rm' "$(printf '2\n3')" "$(printf '\377')" "$(long 5000)" \
		1_TO_2 $((1 << 31)) 0x2 '*' HUMAN human -- ; do
		refused '64 65 69' send "$to" -m x
	done
	refused '64 65 69' send nobody -m x
	on 1 send 002 -m x || cmp before 1/.trine/event-log.jsonl
}

ids_that_cannot_be() {
	one
	for id in 1_TO_2.99 1_TO_2.0 1_TO_2.-1 1_TO_2 1_TO_2. .1 '' ' ' 1_TO_1.1 \
		0_TO_2.1 1000_TO_2.1 1_TO_2.99999999999999999999999 \
		1_TO_2.18446744073709551616 1_TO_2.1~ 1_TO_2.1~zzzzzzzz \
		'1_TO_2.~0123456789.1' ../../x "$(printf '\377\376')" \
		"$(printf '1_TO_2.1\n')x" "$(long 10000)" "' OR 1=1 --" '%s%n' \
		'1_TO_2.1;' 1_to_2.1 '*'; do
		for command in show read retract; do
			refused '64 65 69' $command "$id"
		done
		refused '64 65 69' reply "$id" -m x
	done
	refused '64 65 69' send 2 -m x --re "$(printf 'a\nb')"
	refused '64 65' send 2 -m x --re "$(long 1000)"
}

options_that_cannot_be() {
	one
	for words in '-t nonsense' '-p nonsense' '-t' '--due yesterday' '--due' \
		'--due 2026-99-99T00:00:00Z' '--due 99999999999999999999' \
		'--nonsense' '-Z' '--json=x' '-m' '--label'; do
		# shellcheck disable=SC2086 # words
		refused '64 65' send 2 -m x $words
	done
	refused '64 65' send 2 -m x --for "$(printf 'a\nb')"
	refused '64 65' send 2 -m x --for '../x'
	refused '64 65' send 2 -m x --for "$(long 1000)"
	refused '64 65' send 2 -m x --label "$(printf 'a\nb')"
	refused '64 65' send 2 -m x --label "$(long 1000)"
	refused '64 65' send 2 -m x --label ''
	many=$(i=0; while [ $i -lt 2000 ]; do printf -- '--label l%d ' $i
		i=$((i + 1)); done)
	# What no reader would take is not accepted.
	# shellcheck disable=SC2086 # words
	refused '64 65' send 2 -m x $many
	refused 64 log --since yesterday
	refused 64 log --since 99999999999999999999999d
	expect_status '0 64' on 1 log --type "$(long 5000)"
	expect_status '64 69 74' "$TRINE" -C "$(long 5000)" status
	expect_status '64 69 74' "$TRINE" -C '' status
	expect_status '64 69 74' "$TRINE" -C /dev/null status
	expect_status '64 69' "$TRINE" "$(printf '\033[31m')"
	expect_status '64 69' "$TRINE" "$(long 100000)"
	expect_status '64 69' "$TRINE" ''
}

inits_that_cannot_be() {
	new_hub
	for number in 0 -1 1000 x '' 1.5 99999999999999999999 ' 1' 1x; do
		expect_status 64 said told "$TRINE" init --computer "$number" \
			--remote "$remote" "$PWD/x"
		[ ! -e x ]
	done
	for name in '' 7 all HUMAN "$(printf 'a\nb')" "$(printf '\377')" \
		"$(long 500)" "$(printf '\033[31m')"; do
		expect_status '64 65 78' said told "$TRINE" init --computer 1 \
			--name "$name" --remote "$remote" "$PWD/x"
		[ ! -e x/.trine ] || fail "--name $name"
		case $name in *[[:cntrl:]]*) expect_line 'without control bytes' told ;; esac
	done
	for branch in '' -x 'a b' a..b 'a~b' "$(long 300)" /x x/ "$(printf 'a\nb')"; do
		expect_status '64 65 78' said told "$TRINE" init --computer 1 \
			--branch "$branch" --remote "$remote" "$PWD/x"
		[ ! -e x/.trine ] || fail "--branch $branch"
	done
	for url in '' -x 'ftp://x' "$(printf 'file:///a\nb')" 'ext::x' \
		"$(long 5000 /x)" 'fd::17' 'http://x' "$(printf '/x\033')"; do
		expect_status '64 65 69 75 77 78' said told "$TRINE" init \
			--computer 1 --remote "$url" "$PWD/x"
		[ ! -e x/.trine ] || [ -z "$url" ] || fail "--remote $url"
		rm -rf x
	done
	: >x
	expect_status '64 65 74' "$TRINE" init --computer 1 \
		--remote "$remote" "$PWD/x"
	rm x
	add_computer 1
	on 1 status >/dev/null
}

output_that_cannot_be_written() {
	one
	on 1 send 2 -m One
	[ -e /dev/full ] || return 0
	for command in status inbox 'inbox --all' log 'show 1_TO_2.1' help \
		'status --json'; do
		# shellcheck disable=SC2086 # words
		expect_status 74 sh -c "'$TRINE' -C '$PWD/1' $command >/dev/full"
	done
	# A reader that goes away early is no reason to hang or crash.
	on 1 log | head -c 1 >/dev/null
	expect_status 74 "$TRINE" -C "$PWD/1" status >&- 2>&-
	"$TRINE" -C "$PWD/1" sync <&- >&- 2>&-
	hub_show messages/1_TO_2.md | grep '## One'
}

# What is closed fails, as what it is: no file of ours comes in its place.
files_that_are_closed() {
	one
	on 1 send 2 -m One
	cp 1/.trine/event-log.jsonl before
	expect_status 74 "$TRINE" -C "$PWD/1" send 2 -m Report - <&-
	expect_status 74 "$TRINE" -C "$PWD/1" log --json >&-
	expect_status 64 "$TRINE" -C "$PWD/1" send 2 2>&-
	cmp before 1/.trine/event-log.jsonl
	on 1 task claim T 'It is theirs'
	expect_status 74 "$TRINE" -C "$PWD/1" task 'done' T --result - <&-
	[ "$(on 1 show T --json | field state)" = ASSIGNED ]
	"$TRINE" -C "$PWD/1" sync -v 2>&-
	on 1 log >told
	! grep -v '^{.*}$' 1/.trine/event-log.jsonl || fail 'talk in the log'
	"$TRINE" init --computer 2 --remote "$remote" "$PWD/2" <&- >&- 2>&- || [ $? = 74 ]
	sync 2
}

# Whose log would be its standard input.
a_daemon_with_no_files() {
	one
	"${TRINE%/*}/trined" -C "$PWD/1" <&- >&- 2>&- &
	echo $! >daemon.pid
	wait_until test -s 1/.trine/run/token
	[ ! -d /proc/self/fd ] ||
		[ "$(readlink "/proc/$(cat daemon.pid)/fd/0")" = /dev/null ]
	kill "$(cat daemon.pid)"
	wait "$(cat daemon.pid)" || :
	on 1 status
}

it titles_that_are_none
it bodies_that_are_none
it bodies_of_all_kinds
it addressees_that_cannot_be
it ids_that_cannot_be
it options_that_cannot_be
it inits_that_cannot_be
it output_that_cannot_be_written
it files_that_are_closed
it a_daemon_with_no_files
finish
