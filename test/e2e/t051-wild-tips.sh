# A tip that is larger, stranger or emptier than any fleet needs, and remotes
# that are not what they were: the cycle ends in good time, a desk shows only
# what it may, and the fleet goes on.

# Ten thousand files are written with care: in memory, where there is plenty.
roomy() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 && $4 > 500000 { r = 1 }
	END { exit !r }'; }
if [ -w /dev/shm ] && roomy /dev/shm; then TMPDIR=/dev/shm; fi
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

two() {
	new_fleet 2
	printf '[sync]\ndeadline = 60s\n' | tee -a 1/.trine/trine.ini \
		>>2/.trine/trine.ini
	sync 1 2 1
}

within() { # SECONDS COMMAND…
	_start=$(date +%s)
	_limit=$1
	shift
	"$@"
	[ $(($(date +%s) - _start)) -le "$_limit" ] || fail "over $_limit s: $*"
}

zeros=0000000000000000000000000000000000000000

the_fleet_goes_on() {
	on 1 send 2 -m 'Still here'
	sync 1 2 1
	[ "$(titles 2 | tail -1)" = 'Still here' ]
	json 1 status
	expect_line '"unpushed":0' json
}

# many COUNT FOLDER: a commit with that many small files.
many() {
	text=$(echo "one of $1" | blob)
	forge_begin
	awk -v n="$1" -v oid="$text" -v folder="coordination/$2" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "100644 %s\t%s/file%06d.md\n", oid, folder, i }' |
		forged update-index --index-info
	unvouched
}

fifty_thousand_files() {
	two
	many 50000 shared/many
	within 40 expect_status '0 65' said told on 1 sync
	cat told
	[ "$(find 1/coordination | wc -l)" -le 15000 ]
	on 1 send 2 -m 'In spite of them'
	sync 1 2
	[ "$(titles 2)" = 'In spite of them' ]
	on 1 status >status
	expect_line 'more files than a desk holds' status
	forge_begin
	forged ls-files coordination/shared/many | sed 's/^/0 '"$zeros"'	/' |
		forged update-index --index-info
	unvouched
	within 40 sync 1 2
	[ -z "$(find 1/coordination/shared/many -type f)" ]
	the_fleet_goes_on
}

# They leave room for what matters more.
streams_behind_too_many_files() {
	two
	many 16000 large
	on 2 send 1 -m 'First of its stream'
	sync 2
	within 40 sync 1
	[ -s 1/coordination/messages/2_TO_1.md ]
	[ "$(find 1/coordination/large -type f | wc -l)" -le 10000 ]
}

# One blob in git; ten thousand of them would be 10 GB on each desk.
three_hundred_names_of_a_megabyte() {
	two
	text=$(head -c 1048576 /dev/zero | tr '\0' x | blob)
	forge_begin
	seq -f "100644 $text	coordination/large/file%03g.md" 300 |
		forged update-index --index-info
	unvouched
	on 2 send 1 -m 'In spite of them'
	sync 2
	# shellcheck disable=SC3045 # all shells that run this have -v
	( ulimit -v 400000; within 60 sync 1 )
	[ "$(titles 1)" = 'In spite of them' ]
	have=$(find 1/coordination/large -type f | wc -l)
	[ "$have" -gt 100 ]
	[ "$have" -le 128 ]
	on 1 status >status
	expect_line 'more bytes than a desk holds' status
	# Nothing of it is deleted on the branch, or changes on the desk.
	within 60 sync 1
	[ "$(find 1/coordination/large -type f | wc -l)" -eq "$have" ]
	[ "$(hub_files | grep -c large/)" -eq 300 ]
	forge_begin
	seq -f "0 $zeros	coordination/large/file%03g.md" 290 |
		forged update-index --index-info
	unvouched
	within 60 sync 1 1
	[ "$(find 1/coordination/large -type f | wc -l)" -eq 10 ]
	the_fleet_goes_on
}

# What a desk has may grow there, too.
files_that_grow_to_a_megabyte() {
	two
	many 200 large
	sync 1 2
	text=$(head -c 1048576 /dev/zero | tr '\0' x | blob)
	forge_begin
	seq -f "100644 $text	coordination/large/file%06g.md" 0 199 |
		forged update-index --index-info
	unvouched
	within 60 sync 1
	[ "$(find 1/coordination/large -type f | wc -l)" -eq 200 ]
	[ "$(du -sk 1/coordination | cut -f 1)" -lt 140000 ]
	[ "$(hub_files | grep -c large/)" -eq 200 ]
	forge_begin
	forged ls-files coordination/large | sed 's/^/0 '"$zeros"'	/' |
		forged update-index --index-info
	unvouched
	within 60 sync 1
	[ -z "$(find 1/coordination/large -type f)" ]
	the_fleet_goes_on
}

more_entries_than_are_looked_at() {
	two
	many 150000 elsewhere
	within 40 expect_status '0 65' said told on 1 sync
	cat told
	on 1 send 2 -m 'In spite of them'
	sync 1 2
	[ "$(titles 2)" = 'In spite of them' ]
}

names_and_kinds_in_every_folder_of_ours() {
	two
	on 2 send 1 -m Before
	sync 2 1
	link=$(printf /etc/passwd | blob)
	text=$(echo text | blob)
	forge_begin
	for folder in messages/ archive/ archive/2_TO_1/ conflicts/ conflicts/1/ \
		shared/ ''; do
		printf '120000 %s\t%spasswd.md\n' "$link" "coordination/$folder"
		printf '160000 %s\t%smodule.md\n' "$(hub rev-parse main)" \
			"coordination/$folder"
		for name in 'a b.md' .x.md CON.md.exe "$(printf 'x\001y.md')" \
			"$(printf 'x\303\251.md')" "$(printf 'x\377.md')"; do
			printf '100644 %s\t%s\n' "$text" "coordination/$folder$name"
		done
	done | tr '\n' '\0' >entries
	forged update-index -z --index-info <entries
	printf '120000 %s\tcoordination/messages/1_TO_3.md\n' "$link" |
		forged update-index --index-info
	printf '120000 %s\tcoordination/messages/3_TO_1.md\n' "$link" |
		forged update-index --index-info
	printf '160000 %s\tcoordination/COMPUTER_3.md\n' \
		"$(hub rev-parse main)" | forged update-index --index-info
	unvouched
	sync 1 2
	[ -z "$(find 1 2 -type l)" ]
	# what stood in an archive, or in the place of a stream, is copied, under a name
	# that has this one in it
	find 1/coordination 2/coordination ! -path '*/conflicts/*-archive_*' \
		! -path '*/conflicts/*-messages_1_TO_3.md-*' >shown
	for name in passwd module 'a b' .x.md .exe 3_TO_1.md 1_TO_3.md COMPUTER_3; do
		no_line "$name" shown
	done
	[ -z "$(LC_ALL=C grep '[^ -~]' shown)" ]
	on 1 send 3 -m 'To one whose place is taken'
	the_fleet_goes_on
	hub ls-tree main coordination/messages/1_TO_3.md | grep '^100644 blob'
}

# CLAUDE.md is on many branches, and shown on no desk.
files_that_go_while_others_are_hidden() {
	two
	person_pull
	for name in CLAUDE shared/a shared/b; do
		echo text >person/coordination/$name.md
	done
	person_push Add
	sync 1 2
	[ -e 1/coordination/shared/a.md ]
	[ ! -e 1/coordination/CLAUDE.md ]
	git -C person rm -q coordination/shared/a.md
	person_push Remove
	sync 1 2
	[ ! -e 1/coordination/shared/a.md ]
	git -C person rm -q coordination/shared/b.md coordination/CLAUDE.md
	person_push 'Remove both'
	sync 1 2
	expect_desks 1 2
	the_fleet_goes_on
}

a_body_over_the_bounds() {
	two
	forge_begin
	dd if=/dev/zero bs=1024 count=2048 2>/dev/null | tr '\0' x >large
	put shared/large.md <large
	put HUMAN.md <large
	put fleet.yaml <large
	put messages/HUMAN_TO_1.md <large
	put messages/3_TO_1.md <large
	put COMPUTER_3.md <large
	put COMPUTER_1.md <large
	put messages/1_TO_2.md <large
	unvouched
	within 10 sync 1 2
	[ -z "$(find 1/coordination 2/coordination -size +1100k)" ]
	the_fleet_goes_on
	# A large one on the desk stays there and is not shared.
	cp large 1/coordination/shared/mine.md
	cp large 1/coordination/COMPUTER_1.md
	cp large 1/coordination/messages/1_TO_2.md
	within 10 sync 1 2
	cmp large 1/coordination/shared/mine.md
	[ -z "$(hub ls-tree main coordination/shared/mine.md)" ]
	json 1 status
	expect_line '"code":"desk"' json
	cmp large 1/coordination/messages/1_TO_2.md
	rm 1/coordination/shared/mine.md 1/coordination/COMPUTER_1.md \
		1/coordination/messages/1_TO_2.md
	the_fleet_goes_on
	hub_show messages/1_TO_2.md | grep 'Still here'
	json 1 status
	no_line '"code":"desk"' json
}

a_branch_that_is_no_commit() {
	two
	good=$(hub rev-parse main)
	on 1 send 2 -m Waiting
	tree=$(hub rev-parse main:)
	for oid in "$tree" "$(echo text | blob)"; do
		echo "$oid" >hub.git/refs/heads/main
		expect_status '65 75' said told on 1 sync -v
		cat told
		grep -i 'main\|hub.git' told
		[ "$(cat hub.git/refs/heads/main)" = "$oid" ]
	done
	# Absent objects, garbage in the ref.
	echo 0123456789012345678901234567890123456789 >hub.git/refs/heads/main
	expect_status '65 75' on 1 sync
	printf 'garbage\377\n' >hub.git/refs/heads/main
	expect_status '65 75' on 1 sync
	echo "$good" >hub.git/refs/heads/main
	sync 1 2
	[ "$(titles 2)" = Waiting ]
}

a_remote_that_is_emptied_and_comes_back() {
	two
	on 1 send 2 -m One
	sync 1 2
	cp -R hub.git kept.git
	hub update-ref -d refs/heads/main
	on 1 send 2 -m Two
	expect_status '0 75' on 1 sync
	expect_status '0 75' on 2 sync
	sync 1 2 1
	[ "$(titles 2 | tr '\n' ' ')" = 'One Two ' ]
	hub_show messages/1_TO_2.md | grep '## One'
	# And the remote is put back to where it was before.
	rm -rf hub.git
	mv kept.git hub.git
	sync 1 2 1 2
	[ "$(titles 2 | tr '\n' ' ')" = 'One Two ' ]
	hub_show messages/1_TO_2.md | grep '## Two'
	the_fleet_goes_on
}

a_remote_that_is_moved_away() {
	two
	on 1 send 2 -m Waiting
	mv hub.git away.git
	expect_status 75 said told on 1 sync -v
	expect_line hub.git told
	[ ! -e hub.git ]
	mkdir hub.git
	expect_status 75 said told on 1 sync -v
	[ -z "$(ls -A hub.git)" ]
	rmdir hub.git
	: >hub.git
	expect_status 75 said told on 1 sync -v
	rm hub.git
	mv away.git hub.git
	sync 1 2 1
	[ "$(titles 2)" = Waiting ]
	the_fleet_goes_on
}

a_default_branch_that_changes() {
	two
	hub branch trunk main
	hub symbolic-ref HEAD refs/heads/trunk
	on 1 send 2 -m 'Same branch as before'
	sync 1 2
	[ "$(titles 2)" = 'Same branch as before' ]
	hub ls-tree -r --name-only trunk >trunk
	no_line 1_TO_2 trunk
	# The one that all use is gone: started again, with everything.
	hub update-ref -d refs/heads/main
	sync 1 2 1
	[ "$(titles 2)" = 'Same branch as before' ]
	the_fleet_goes_on
}

a_branch_that_stands_for_another() {
	new_hub
	git init -q -b master person
	git -C person commit -q --allow-empty -m First
	git -C person push -q ../hub.git master
	hub symbolic-ref refs/heads/main refs/heads/master
	add_computer 1 --branch main
	add_computer 2 --branch main
	on 1 send 2 -m 'To what it stands for'
	sync 1 2 1
	[ "$(titles 2)" = 'To what it stands for' ]
	[ "$(hub symbolic-ref refs/heads/main)" = refs/heads/master ]
	[ "$(hub rev-parse main)" = "$(hub rev-parse master)" ]
	the_fleet_goes_on
}

let_in() { # N SIZE
	sed -i.old "/^fetch = /d; s/^\[remote\]\$/&\\
fetch = $2/" "$1/.trine/trine.ini"
}

# A cycle of computer 2 says so, and what to do.
too_much() {
	expect_status 65 said told on 2 sync -v
	expect_line 'sends more than 1 MiB in one fetch' told
	expect_line 'set `fetch` under [remote] in trine.ini' told
	on 2 status >status
	expect_line 'sends more than 1 MiB' status
	no_line offline status
	no_line 'was not reached' status
	json 2 status
	expect_line '"code":"large"' json
}

# Pushed anywhere in the repository, it comes with the branch.
more_than_is_let_in() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m First
	sync 1 2 1
	let_in 2 1M
	person_pull
	small=$(git -C person rev-parse HEAD)
	head -c 3000000 /dev/urandom >person/video.bin
	person_push 'A video'
	on 1 send 2 -m Second
	sync 1
	too_much
	on 2 log >before
	too_much
	on 2 log | expect_file before
	# What it was before is known; something else is looked at within the hour.
	large=$(hub rev-parse main)
	hub update-ref refs/heads/main "$small"
	sync 2
	hub update-ref refs/heads/main "$large"
	too_much
	hub update-ref refs/heads/main "$(hub commit-tree -p "$small" -m Gone \
		"$small^{tree}")"
	too_much
	at +30m too_much
	at +61m sync 2
	on 2 status >status
	no_line 'sends more' status
	hub update-ref refs/heads/main "$large"
	at +62m too_much
	let_in 2 10M
	at +63m sync 2 1 2
	on 2 status >status
	no_line 'sends more' status
	received 2 First Second
}

damaged_objects_on_the_remote() {
	two
	on 2 send 1 -m 'In a damaged object'
	sync 2
	oid=$(hub rev-parse main:coordination/messages/2_TO_1.md)
	file=hub.git/objects/$(echo "$oid" | sed 's,^..,&/,')
	cp "$file" good
	chmod u+w "$file"
	for damage in empty garbage; do
		case $damage in
		empty) : >"$file" ;;
		garbage) echo garbage >"$file" ;;
		esac
		on 1 send 2 -m "Waiting, $damage"
		expect_status '65 74 75' said told on 1 sync -v
		cat told
		[ -z "$(titles 1)" ]
	done
	cp good "$file"
	sync 1 2 1
	[ "$(titles 1)" = 'In a damaged object' ]
	[ "$(titles 2 | wc -l)" -eq 2 ]
	hub fsck --strict
}

if [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip fifty_thousand_files 'under another tool'
	skip streams_behind_too_many_files 'under another tool'
	skip three_hundred_names_of_a_megabyte 'under another tool'
else
	it fifty_thousand_files
	it streams_behind_too_many_files
	it three_hundred_names_of_a_megabyte
	it more_entries_than_are_looked_at
fi
it files_that_grow_to_a_megabyte
it names_and_kinds_in_every_folder_of_ours
it files_that_go_while_others_are_hidden
it a_body_over_the_bounds
it a_branch_that_is_no_commit
it a_remote_that_is_emptied_and_comes_back
it a_remote_that_is_moved_away
it a_default_branch_that_changes
it a_branch_that_stands_for_another
it more_than_is_let_in
it damaged_objects_on_the_remote
finish
