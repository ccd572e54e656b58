# A peer with push rights and bad intentions: what a tree may carry, a desk
# does not show, and the fleet goes on.
. "${0%/*}/lib.sh"

blob() { hub hash-object -w --stdin; }

# add_entries: read `MODE TYPE OID<tab>NAME` for coordination/ from stdin (NUL
# ended), and push a commit on main that holds them beside what is there.
add_entries() {
	{ hub ls-tree -z main:coordination; cat; } |
		hub mktree -z --missing >tree
	top_tree=$(printf '040000 tree %s\tcoordination\0' "$(cat tree)" |
		hub mktree -z)
	commit=$(hub commit-tree -p main -m 'Just a small change' "$top_tree")
	hub update-ref refs/heads/main "$commit"
}

entry() { printf '%s %s %s\t%s\0' "$1" "$2" "$3" "$4"; }

two() {
	new_fleet 2
	sync 1 2
	text=$(echo 'harmless text' | blob)
}

the_fleet_goes_on() {
	on 1 send 2 -m 'Still here'
	sync 1 2
	[ "$(titles 2 | tail -1)" = 'Still here' ]
}

nothing_but_files_with_plain_names() {
	two
	link=$(printf /etc/passwd | blob)
	out=$(printf ../../outside | blob)
	sub=$(entry 100644 blob "$text" inner.md | hub mktree -z)
	{
		entry 120000 blob "$link" passwd.md
		entry 120000 blob "$out" shared2
		entry 160000 commit "$(hub rev-parse main)" module
		entry 100755 blob "$text" run.md
		entry 040000 tree "$sub" .git
		entry 040000 tree "$sub" .GIT
		entry 040000 tree "$sub" git~1
		entry 040000 tree "$sub" ..
		entry 100644 blob "$text" .hidden.md
		entry 100644 blob "$text" -rf.md
		entry 100644 blob "$text" 'with blank.md'
		entry 100644 blob "$text" "$(printf 'esc\033[31m.md')"
		entry 100644 blob "$text" "$(printf 'line\nfeed.md')"
		entry 100644 blob "$text" 'back\slash.md'
		entry 100644 blob "$text" CLAUDE.md
		entry 100644 blob "$text" agents.md
		entry 100644 blob "$text" Gemini.MD
		entry 100644 blob "$text" program.sh
		entry 100644 blob "$text" good.md
	} | add_entries
	ls -A >before
	sync 1 2 1
	ls -A | cmp - before
	(cd 1/coordination && find . | sort) >shown
	for name in passwd shared2 module run.md .git .GIT 'git~1' hidden rf.md \
		'blank' esc feed slash CLAUDE agents Gemini program; do
		no_line "$name" shown
	done
	expect_line ./good.md shown
	[ -z "$(find 1 2 -type l)" ]
	# It is still in git, for those who want to look.
	hub_files >files
	expect_line CLAUDE.md files
	on 1 status >status
	grep -E '^ *hidden ' status
	the_fleet_goes_on
}

names_alike_but_for_case() {
	two
	on 1 send 2 -m Before
	sync 1 2
	sub=$(entry 100644 blob "$text" notes.md | hub mktree -z)
	{
		entry 100644 blob "$text" Twin.md
		entry 100644 blob "$(echo other | blob)" twin.md
		entry 100644 blob "$text" computer_1.md
		entry 040000 tree "$sub" MESSAGES
	} | add_entries
	sync 1 2
	(cd 2/coordination && find . | sort) >shown
	no_line win.md shown
	no_line computer_1.md shown
	no_line MESSAGES shown
	expect_line ./COMPUTER_1.md shown
	the_fleet_goes_on
	# Beside a MESSAGES, messages/ is shown as it is.
	expect_line 'Still here' 2/coordination/messages/1_TO_2.md
	hub_show COMPUTER_1.md | cmp - 2/coordination/COMPUTER_1.md
}

files_that_are_too_large_or_too_many_levels_down() {
	two
	large=$(dd if=/dev/zero bs=1024 count=2048 2>/dev/null | tr '\0' x | blob)
	tree=$(entry 100644 blob "$text" deep.md | hub mktree -z)
	for level in 1 2 3 4 5 6 7 8 9; do
		tree=$(entry 040000 tree "$tree" "level$level" | hub mktree -z)
	done
	{
		entry 100644 blob "$large" large.md
		entry 040000 tree "$tree" levels
	} | add_entries
	sync 1 2
	[ ! -e 1/coordination/large.md ]
	[ -z "$(find 1/coordination -name deep.md)" ]
	the_fleet_goes_on
}

a_tree_that_holds_itself_many_times() {
	two
	tree=$(entry 100644 blob "$text" leaf.md | hub mktree -z)
	for level in 1 2 3 4 5 6 7 8; do
		tree=$(for name in a b c d e f g h i j; do
			entry 040000 tree "$tree" $name
		done | hub mktree -z)
	done
	entry 040000 tree "$tree" bomb | add_entries
	start=$(date +%s)
	sync 1
	[ $(($(date +%s) - start)) -lt 30 ]
	sync 2
	the_fleet_goes_on
}

something_else_in_the_place_of_own_files() {
	two
	on 1 send 2 -m Before
	sync 1 2
	link=$(printf /etc/passwd | blob)
	sub=$(entry 100644 blob "$text" x.md | hub mktree -z)
	hub ls-tree -z main:coordination |
		tr '\0\n' '\n\0' | grep -vE '	(COMPUTER_1.md|messages)$' |
		tr '\0\n' '\n\0' >rest
	tree=$({
		cat rest
		entry 120000 blob "$link" COMPUTER_1.md
		entry 100644 blob "$text" messages
	} | hub mktree -z)
	commit=$(printf '040000 tree %s\tcoordination\0' "$tree" | hub mktree -z |
		xargs git -C hub.git commit-tree -p main -m 'Replace files')
	hub update-ref refs/heads/main "$commit"
	sync 2 1 2
	hub ls-tree main coordination/COMPUTER_1.md | grep '^100644 blob'
	hub_show messages/1_TO_2.md | grep '## Before'
	[ -f 2/coordination/COMPUTER_1.md ]
	[ ! -h 2/coordination/COMPUTER_1.md ]
	the_fleet_goes_on
}

no_folder_at_all() {
	two
	on 1 send 2 -m Before
	sync 1 2
	empty=$(hub mktree </dev/null)
	hub update-ref refs/heads/main \
		"$(hub commit-tree -p main -m 'Clean up' "$empty")"
	sync 1 2 1
	hub_show messages/1_TO_2.md | grep '## Before'
	hub_show COMPUTER_2.md >/dev/null
	the_fleet_goes_on
}

text_for_terminals() {
	two
	printf 'before \033[2J\033]0;title\007 after\n' >body
	on 2 send 1 -m 'Clear your screen' body || return 0
	sync 2 1
	on 1 show 2_TO_1.1 >shown
	on 1 inbox >>shown
	on 1 status >>shown
	[ "$(tr -d '\33\7' <shown | wc -c)" -eq "$(wc -c <shown)" ]
	expect_line after shown
}

broken_files_of_a_peer() {
	two
	on 2 send 1 -m 'Fine so far'
	sync 2 1
	printf 'not \377 UTF-8 \0 at all\n' | blob >oid
	messages=$({
		hub ls-tree -z main:coordination/messages
		entry 100644 blob "$(cat oid)" 9_TO_1.md
		entry 100644 blob "$(cat oid)" HUMAN_TO_1.md
	} | hub mktree -z)
	{
		hub ls-tree -z main:coordination | tr '\0\n' '\n\0' |
			grep -v '	messages$' | tr '\0\n' '\n\0'
		entry 040000 tree "$messages" messages
		entry 100644 blob "$(cat oid)" COMPUTER_9.md
	} | hub mktree -z >tree
	commit=$(printf '040000 tree %s\tcoordination\0' "$(cat tree)" |
		hub mktree -z |
		xargs git -C hub.git commit-tree -p main -m 'Binary')
	hub update-ref refs/heads/main "$commit"
	sync 1 2
	# Text by hand arrives, whatever its bytes are.
	titles 1 | sort | uniq -c | sed 's/^ *//' >have
	printf '%s\n' '1 Fine so far' '2 not \\xff UTF-8 \\x00 at all' |
		expect_file have
	the_fleet_goes_on
}

it nothing_but_files_with_plain_names
it names_alike_but_for_case
it files_that_are_too_large_or_too_many_levels_down
it a_tree_that_holds_itself_many_times
it something_else_in_the_place_of_own_files
it no_folder_at_all
it text_for_terminals
it broken_files_of_a_peer
finish
