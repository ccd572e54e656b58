# trine search: words in everything that was said, on the computer that looks.
. "${0%/*}/lib.sh"

fleet_that_talked() {
	new_fleet 3
	printf 'The button does nothing on Safari.\nSee src/login.c.\n' |
		on 1 send 2 -t task -m 'Fix the login page' -
	on 1 send ALL -m 'New schema tomorrow'
	on 3 send 1 -m 'Über den Ärger mit Paßwörtern'
	sync 1 2 3 1 2 3
	on 2 reply 1_TO_2.1 -m 'The button was too small'
	sync 2 1
}

# hits N TEXT…: ids of what computer N finds, on one line.
hits() {
	_hits=$1
	shift
	on "$_hits" search --json "$@" >found 2>told
	sed 's/": */":/g' found | field id | tr '\n' ' ' | sed 's/ $//'
}

finds() { # IDS N TEXT…
	_ids=$1
	shift
	[ "$(hits "$@")" = "$_ids" ] || fail "$* finds: $(hits "$@")"
}

both_directions_are_found() {
	fleet_that_talked
	finds 1_TO_2.1 1 login
	finds 1_TO_2.1 2 login
	finds '' 3 login
	finds '2_TO_1.1 1_TO_2.1' 1 button
	finds '2_TO_1.1 1_TO_2.1' 2 BUTTON
	finds 1_TO_ALL.1 1 schema
	finds 1_TO_ALL.1 2 schema
	finds 1_TO_ALL.1 3 schema
	# Read, taken or answered makes no difference.
	on 2 read 1_TO_ALL.1
	finds 1_TO_ALL.1 2 schema
	# What is not committed yet was said, too.
	on 3 send 2 -m 'Not out yet'
	finds 3_TO_2.1 3 'not out'
}

words_phrases_and_beginnings() {
	fleet_that_talked
	finds 1_TO_2.1 1 page login
	finds 1_TO_2.1 1 'page login'
	finds '' 1 login unheard
	finds 1_TO_2.1 1 '"login page"'
	finds '' 1 '"page login"'
	finds 1_TO_2.1 1 'noth*' 'saf*'
	finds '' 1 noth
	finds 1_TO_2.1 1 src/login.c
	finds 1_TO_2.1 1 '"does nothing on saf"*'
}

accents_do_not_count() {
	fleet_that_talked
	finds 3_TO_1.1 1 'ärger'
	finds 3_TO_1.1 1 ARGER
	finds 3_TO_1.1 1 'ubér' 'paßwort*'
	finds 1_TO_2.1 1 'ṡäfàri'
}

filters() {
	fleet_that_talked
	finds 2_TO_1.1 1 --from 2 button
	finds 1_TO_2.1 1 button --from Mechanic
	finds 1_TO_2.1 1 --to architect button
	finds 1_TO_ALL.1 3 --to ALL 's*'
	finds 1_TO_2.1 1 -t task button
	finds 2_TO_1.1 1 --type=result button
	finds '2_TO_1.1 1_TO_2.1' 1 --since -7d --until 2100-01-01 button
	finds '' 1 --until 2020-01-01T00:00:00Z button
	at +3d on 1 send 2 -m 'A late button'
	finds 1_TO_2.2 1 --since "$(date -u -d '+2 days' +%Y-%m-%d)" button
	at +3d finds 1_TO_2.2 1 --since 2h button
	finds '2_TO_1.1 1_TO_2.1' 1 --until -0s button
	on 1 search -n 1 button >out 2>told
	[ "$(grep -c '_TO_' out)" -eq 1 ]
	expect_line 'there are more' told
}

no_words_but_who_and_when() {
	fleet_that_talked
	finds '2_TO_1.1 3_TO_1.1' 1 --to 1
	finds 1_TO_2.1 1 -t task
	finds '1_TO_ALL.1 1_TO_2.1' 2 --from Mechanic --since 1d
	finds '' 2 --until 2020-01-01
	said out on 2 search --until 2020-01-01
	expect_line 'there is no such message' out
	said out on 1 search --to ALL
	expect_line 'New schema tomorrow' out
	expect_status 64 said told on 1 search
	expect_line 'or a sender, a type or a time' told
	expect_status 64 on 1 search --from 2 '---'
}

a_hit_is_a_line_and_a_snippet() {
	fleet_that_talked
	on 1 search safari >out
	[ "$(wc -l <out)" -eq 2 ]
	grep -E '^1_TO_2\.1 +20[0-9-]{8}T[0-9:]{8}Z  Mechanic → Architect  task +Fix the login page$' out
	grep -xF '    The button does nothing on Safari. See src/login.c.' out
	json 1 search safari
	expect_line '"schema":1' json
	expect_line '"snippet":"The button does nothing on Safari. See src' json
}

nothing_found_is_no_failure() {
	fleet_that_talked
	on 1 search unheard of >out 2>told
	cmp out /dev/null
	expect_line 'no message has all' told
	said out on 1 -q search unheard of
	cmp out /dev/null
}

what_was_taken_back_is_gone() {
	new_fleet 2
	on 1 send 2 -m 'A mistake'
	finds 1_TO_2.1 1 mistake
	on 1 retract 1_TO_2.1
	finds '' 1 mistake
	on 1 send 2 -m 'Meant so'
	sync 1 2
	for each in 1 2; do
		finds '' $each mistake
		finds 1_TO_2.1 $each meant
	done
	rm -f 1/.trine/state.db*
	finds '' 1 mistake
	finds 1_TO_2.1 1 meant
}

many_search_at_once() {
	fleet_that_talked
	for each in 1 2 3 4 5 6; do
		( on 1 search --json button >"at-once.$each" ) &
	done
	wait
	for each in 1 2 3 4 5 6; do
		[ "$(grep -o '"id": *"[^"]*"' "at-once.$each" | wc -l)" -eq 2 ]
	done
}

the_file_of_words_is_anybodys_to_delete() {
	fleet_that_talked
	finds '2_TO_1.1 1_TO_2.1' 1 button
	cp 1/.trine/search.db old.db
	on 1 send 2 -m 'Another button'
	for what in gone garbage old other cut; do
		case $what in
		gone) rm 1/.trine/search.db ;;
		garbage) head -c 50000 /dev/urandom >1/.trine/search.db ;;
		old) cp old.db 1/.trine/search.db ;;
		other) finds 1_TO_ALL.1 3 schema
			cp 3/.trine/search.db 1/.trine/search.db ;;
		cut) head -c 9000 old.db >1/.trine/search.db ;;
		esac
		finds '1_TO_2.2 2_TO_1.1 1_TO_2.1' 1 button
	done
}

# Whatever it was at: the next one goes on, or starts anew.
a_killed_search_spoils_nothing() {
	fleet_that_talked
	for wait in 0.000 0.002 0.004 0.006 0.008 0.010 0.012 0.015 0.020; do
		rm -f 1/.trine/search.db
		timeout -s KILL "$wait" "$TRINE" -C "$PWD/1" search button || :
		finds '2_TO_1.1 1_TO_2.1' 1 button
	done
}

where_there_is_no_room_it_says_so() {
	fleet_that_talked
	mkdir 1/.trine/search.db
	expect_status 74 said told on 1 search button
	expect_line 'words cannot be looked for' told
	finds 2_TO_1.1 1 --from 2
	rmdir 1/.trine/search.db
	finds '2_TO_1.1 1_TO_2.1' 1 button
}

text_of_others_obeys_nobody() {
	new_fleet 2
	printf 'Press \033[31mred\033[0m \342\200\256here\r\nand\tthere \302\233 now\n' |
		on 1 send 2 -m 'A red one' -
	sync 1 2
	on 2 search red >out
	[ -z "$(tr -d '\n -~' <out | tr -d '\342\206\222')" ]
	expect_line 'Press \x1b[31mred\x1b[0m \u{202e}here and there \u{9b} now' out
	on 2 search --json red >out
	[ -z "$(tr -d '\n -~' <out)" ]
}

what_cannot_be_searched_for() {
	fleet_that_talked
	for text in '' ' ' '"' '""' '*' '---' '"*"' '( ) ;'; do
		expect_status 64 said told on 1 search -- "$text"
	done
	expect_status 64 on 1 search
	expect_status 64 on 1 search --type nonsense x
	expect_status 64 on 1 search --since nonsense x
	expect_status 64 on 1 search --until 2026-13-01 x
	expect_status 64 on 1 search --limit 0 x
	expect_status 64 on 1 search --from ALL x
	expect_status 69 on 1 search --from Nobody x
	expect_status 69 on 1 search --to HUMAN x
	expect_status 65 on 1 search "$(printf 'bad \377 bytes')"
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	expect_status 65 said told on 1 search "$long"
	[ "$(wc -c <told)" -lt 1000 ]
	expect_status 65 said told on 1 search "$long" "$long" "$long" "$long" \
		"$long" "$long" "$long" "$long" "$long" "$long"
	# Words of the search language, of SQL and of shells are words.
	for text in 'a AND' 'NEAR(' 'NOT x' 'title:button' '{title}:button' '^x' \
		"'; DROP TABLE message" '%' 'x%s%n' '"a" OR' '-x' '+' 'a:b:c' \
		'"unclosed' '\' '$(id)' 'a"b"c"d'; do
		expect_status '0 64' said told on 1 search -- "$text"
		no_line state.db told
	done
	finds '2_TO_1.1 1_TO_2.1' 1 button
}

it both_directions_are_found
it words_phrases_and_beginnings
it accents_do_not_count
it filters
it no_words_but_who_and_when
it a_hit_is_a_line_and_a_snippet
it nothing_found_is_no_failure
it what_was_taken_back_is_gone
it many_search_at_once
it the_file_of_words_is_anybodys_to_delete
it a_killed_search_spoils_nothing
it where_there_is_no_room_it_says_so
it text_of_others_obeys_nobody
it what_cannot_be_searched_for
finish
