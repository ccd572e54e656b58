# What a review of the protocol found that stopped a computer, or took too long:
# each once more.
#
# It mostly waits.
. "${0%/*}/lib.sh"

clone_of() {
	sed -n 's/.*"type":"computer.set".*"clone":"\([0-9a-f]*\)".*/\1/p' \
		"$1/.trine/event-log.jsonl" | tail -n 1
}

own_of() { # N DIRECTORY: what is N's in its tree, as R6 digests it
	git -C person ls-tree "$tree:coordination/$2" 2>/dev/null |
		awk -v n="$1" -v dir="$2" '
		dir == "" && $4 == "COMPUTER_" n ".md" { print $4, $3 }
		dir != "" && index($4, n "_TO_") == 1 { print dir "/" $4, $3 }'
}

# person_vouch N MESSAGE: what a person did below person/ goes out as if computer
# N had written it, trailers and all; only a signature would tell.
person_vouch() {
	git -C person add -A
	person_vouch_index "$@"
}
person_vouch_index() {
	tree=$(git -C person write-tree)
	digest=$({
		own_of "$1" ''
		own_of "$1" messages
		own_of "$1" archive
	} | sort | sha256sum | cut -c 1-16)
	git -C person commit -q -m "$2" -m "Trine-Computer: $1
Trine-Clone: $(clone_of "$1")
Trine-Files: $digest"
	git -C person push -q origin HEAD
}

empty_messages() { # STREAM FIRST STEP LAST
	awk -v stream="$1" -v n="$2" -v step="$3" -v last="$4" 'BEGIN {
		for (; n <= last; n += step)
			printf "\n## m\n\n```yaml message\nid: %s.%d\n" \
				"type: message\npriority: low\n" \
				"sent: 2026-11-20T13:10:00Z\n```\n\n" \
				"<!-- /%s.%d -->\n", stream, n, stream, n
	}'
}

within() { # SECONDS COMMAND…
	_start=$(date +%s)
	_limit=$1
	shift
	"$@"
	_took=$(($(date +%s) - _start))
	[ $_took -le "$_limit" ] || fail "$_took s: $*"
}

# ---- what others push ----

# Our newest version on the tip is one with our trailers that we never wrote.
a_forged_version_of_ours_does_not_wedge() {
	new_fleet 2
	on 2 send 1 -m original
	sync 2 1 2
	person_pull
	sed 's/^## original/## other text/' \
		person/coordination/messages/2_TO_1.md >forged
	cp forged person/coordination/messages/2_TO_1.md
	person_vouch 2 'Forge'
	sync 2 2
	hub_show messages/2_TO_1.md >file
	expect_line '## original' file
	grep -rqF 'other text' 2/coordination/conflicts
	on 2 send 1 -m 'Still here'
	sync 2 1 2
	titles 1 >got
	expect_count 1 original got
	expect_count 1 'Still here' got
	json 2 status
	expect_line '"unpushed":0' json
	expect_desks 2
}

many_gaps_are_looked_up_once() {
	new_fleet 2
	on 2 send 1 -m One
	sync 1 2 1 2
	person_pull
	empty_messages 2_TO_1 3 2 8999 >>person/coordination/messages/2_TO_1.md
	for number in $(seq 60); do
		git -C person commit -q --allow-empty -m "Empty $number"
	done
	person_vouch 2 'Many gaps'
	within 60 sync 1
	[ "$(ids 1 | wc -l)" = 4500 ]
	within 60 sync 1
}

an_archive_bomb_is_survived() {
	new_fleet 2
	on 2 send 1 -m One
	sync 1 2 1 2
	person_pull
	{
		printf '# x\n\n<!-- trine:messages x -->\n'
		empty_messages 2_TO_1 2 1 8499
	} >segment
	blob=$(git -C person hash-object -w ../segment)
	tree=$(seq -f "100644 blob $blob	%04g.md" 400 | git -C person mktree)
	empty_messages 2_TO_1 9000 1 9000 \
		>>person/coordination/messages/2_TO_1.md
	git -C person add -A
	git -C person read-tree --prefix=coordination/archive/2_TO_1/ "$tree"
	person_vouch_index 2 'Archive bomb'
	within 120 sync 1
	ids 1 >got
	expect_line 2_TO_1.9000 got
	within 120 sync 1
}

# More than a computer keeps in memory, of one blob.
a_flood_of_large_files_does_not_stop_later_cycles() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	person_pull
	lines 980000 a >large
	blob=$(git -C person hash-object -w ../large)
	tree=$(seq -f "100644 blob $blob	f%g.txt" 280 | git -C person mktree)
	git -C person read-tree --prefix=coordination/shared/x/ "$tree"
	git -C person commit -q -m Flood
	git -C person push -q origin HEAD
	on 1 sync
	rm -rf 2
	on 1 send 2 -m 'After the flood'
	on 1 sync
	hub_show messages/1_TO_2.md >file
	expect_line 'After the flood' file
	git -C person fetch -q
	git -C person reset -q origin/main
	git -C person rm -rq --cached coordination/shared/x
	git -C person commit -q -m Repaired
	git -C person push -q origin HEAD
	on 1 sync
	on 1 sync
	[ ! -e 1/coordination/shared/x/f1.txt ]
	hub_files >files
	no_line shared/x/ files
}

# ---- what stands on the desk ----

a_nul_above_the_messages_stops_nothing() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2
	file=1/coordination/messages/1_TO_2.md
	{
		printf 'note\0x\n'
		cat $file
	} >typed
	cp typed $file
	settle $file
	on 1 send 2 -m Two
	on 2 send 1 -m Hello
	sync 2 1 1 2
	[ "$(titles 2 | tail -n 1)" = Two ]
	[ "$(titles 1)" = Hello ]
	grep -aqF note $file
	on 1 status >said
	expect_line 'messages/1_TO_2.md' said
	tr -d '\000' <typed >$file
	settle $file
	sync 1
	hub_show messages/1_TO_2.md >got
	expect_line notex got
	expect_desks 1
}

a_file_in_the_way_of_a_folder_stops_nothing() {
	new_fleet 2
	instance 1 builder 'deliver = inbox'
	on 1 send 2 -m One
	sync 1 2 1
	mkdir -p 1/coordination/shared
	echo mine >1/coordination/shared/data
	loose 2 shared/data/x.md hello
	on 2 send 1 -t task -m 'Do it'
	sync 2 1 1
	[ "$(ls 1/.trine/inbox/builder/new)" = 2_TO_1.1.md ]
	[ "$(cat 1/coordination/shared/data)" = mine ]
	on 1 status >said
	expect_line shared/data/x.md said
	rm 1/coordination/shared/data
	sync 1
	[ "$(cat 1/coordination/shared/data/x.md)" = hello ]
	on 1 status >said
	no_line shared/data/x.md said
	expect_desks 1
}

a_folder_in_place_of_a_stream_is_put_right() {
	new_fleet 2
	instance 1 builder 'deliver = inbox'
	on 1 send 2 -m One
	sync 1 2
	person_pull
	git -C person rm -q coordination/messages/1_TO_2.md
	mkdir -p person/coordination/messages/1_TO_2.md
	echo hi >person/coordination/messages/1_TO_2.md/x.md
	person_push 'A folder'
	on 2 send 1 -t task -m 'Do it'
	on 1 send 2 -m Two
	sync 2 1 2
	[ -f 2/coordination/messages/1_TO_2.md ]
	sync 1
	hub_show messages/1_TO_2.md >got
	expect_line '## One' got
	[ "$(titles 2 | tr '\n' ' ')" = 'One Two ' ]
	[ "$(ls 1/.trine/inbox/builder/new)" = 2_TO_1.1.md ]
	sync 2
	expect_desks 1 2
	json 2 status
	no_line unwritten json
}

a_folder_with_files_in_place_of_a_file_is_shown() {
	new_fleet 2
	on 1 send 2 -m One
	mkdir 1/coordination/messages/2_TO_1.md
	echo mine >1/coordination/messages/2_TO_1.md/mine
	on 2 send 1 -m Eins
	sync 1 2 1
	[ "$(titles 1)" = Eins ]
	[ "$(cat 1/coordination/messages/2_TO_1.md/mine)" = mine ]
	on 1 status >said
	expect_line messages/2_TO_1.md said
	rm 1/coordination/messages/2_TO_1.md/mine
	sync 1
	expect_line '## Eins' 1/coordination/messages/2_TO_1.md
	on 1 status >said
	no_line messages/2_TO_1.md said
}

empty_folders_are_in_nobodys_way() {
	new_fleet 1
	sync 1
	mkdir -p 1/coordination/shared/x.md/a/b 1/coordination/shared/x.md/c
	person_pull
	echo Text >person/coordination/shared/x.md
	person_push x
	sync 1
	grep Text 1/coordination/shared/x.md
}

# The branch lost the file: nothing is to be written there any more. Nor where somebody
# wrote it himself.
what_is_not_to_be_written_any_more_is_no_problem() {
	new_fleet 2
	sync 1 2
	for name in gone own stays; do
		mkdir -p 2/coordination/shared/$name.md
		echo mine >2/coordination/shared/$name.md/y.bin
	done
	person_pull
	for name in gone own stays; do
		echo theirs >person/coordination/shared/$name.md
	done
	person_push 'Three files'
	sync 2
	on 2 status >said
	expect_count 3 unwritten said
	person_pull
	rm person/coordination/shared/gone.md
	person_push 'One goes'
	rm -r 2/coordination/shared/gone.md 2/coordination/shared/own.md
	echo theirs >2/coordination/shared/own.md
	sync 2 2
	on 2 status >said
	expect_count 1 unwritten said
	expect_line shared/stays.md said
	seen=$(wc -c <2/.trine/event-log.jsonl)
	sync 2
	[ "$(wc -c <2/.trine/event-log.jsonl)" -eq "$seen" ]
	rm -r 2/coordination/shared/stays.md
	sync 2
	on 2 status --check
	expect_desks 2
}

a_huge_preamble_holds_up_no_mail() {
	new_fleet 2
	on 1 send 2 -m One
	sync 1 2 1
	file=1/coordination/messages/1_TO_2.md
	{
		lines 950000 x
		cat $file
	} >typed
	cp typed $file
	settle $file
	sync 1
	lines 200000 y >body
	on 1 send 2 -m Big body
	sync 1 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'One Big ' ]
	cmp typed $file
	on 1 status >said
	expect_line 'messages/1_TO_2.md' said
}

it a_forged_version_of_ours_does_not_wedge
it many_gaps_are_looked_up_once
it an_archive_bomb_is_survived
it a_flood_of_large_files_does_not_stop_later_cycles
it a_nul_above_the_messages_stops_nothing
it a_file_in_the_way_of_a_folder_stops_nothing
it a_folder_in_place_of_a_stream_is_put_right
it a_folder_with_files_in_place_of_a_file_is_shown
it empty_folders_are_in_nobodys_way
it what_is_not_to_be_written_any_more_is_no_problem
it a_huge_preamble_holds_up_no_mail
finish
