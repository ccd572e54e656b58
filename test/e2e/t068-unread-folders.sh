# A folder of the branch that is too large to be read, or damaged, is not known to
# lack anything: no commit takes anything from it, no desk loses what it had of it, and
# what has nothing to do with it goes on.
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

# A tree over the 16 MiB that are read, in a few entries: names may be of any length.
too_large() { # of the entries on stdin
	cat
	_blob=$(echo hi | blob)
	for _letter in a b c; do
		printf '100644 blob %s\tz%s' "$_blob" "$_letter"
		head -c 6000000 /dev/zero | tr '\0' "$_letter"
		echo .md
	done
}
# A folder that ends in bytes which are no entry.
cut_short() {
	_whole=$(hub mktree)
	{
		hub cat-file tree "$_whole"
		printf '100644 garbage'
	} | hub hash-object -t tree -w --stdin --literally
}

# spoil HOW FOLDER: somebody pushes the branch with FOLDER (below coordination/) so.
spoil() {
	hub rev-parse main >before
	if [ "$1" = large ]; then
		hub ls-tree "main:coordination/$2" | too_large | hub mktree >tree
	else
		hub ls-tree "main:coordination/$2" | cut_short >tree
	fi
	hub ls-tree main:coordination | grep -v "	$2\$" >list || :
	printf '040000 tree %s\t%s\n' "$(cat tree)" "$2" >>list
	tree=$(hub mktree <list)
	tree=$(printf '040000 tree %s\tcoordination\n' "$tree" | hub mktree)
	hub update-ref refs/heads/main \
		"$(hub commit-tree -p main -m 'Many files' "$tree")"
	hub rev-parse "main:coordination/$2" >spoiled
}
is_spoiled() { hub rev-parse "main:coordination/$1" | cmp - spoiled; }
# Somebody takes that back, onto what others have pushed since.
mend() { # FOLDER
	hub ls-tree main:coordination | grep -v "	$1\$" >list || :
	printf '040000 tree %s\t%s\n' \
		"$(hub rev-parse "$(cat before):coordination/$1")" "$1" >>list
	tree=$(hub mktree <list)
	tree=$(printf '040000 tree %s\tcoordination\n' "$tree" | hub mktree)
	hub update-ref refs/heads/main \
		"$(hub commit-tree -p main -m 'As it was' "$tree")"
}

two_with_shared_files() {
	two_that_wrote
	echo base >1/coordination/shared/plan.md
	echo other >1/coordination/shared/other.md
	sync 1 2
}

shared_files() { # HOW
	two_with_shared_files
	spoil "$1" shared
	echo mine >>1/coordination/shared/plan.md
	echo new >1/coordination/shared/new.md
	rm 1/coordination/shared/other.md
	on 1 send 2 -m 'In spite of it'
	sync 1 2 1
	is_spoiled shared
	[ "$(cat 2/coordination/shared/plan.md)" = base ]
	[ -e 2/coordination/shared/other.md ]
	expect_line mine 1/coordination/shared/plan.md
	[ -e 1/coordination/shared/new.md ]
	received 2 First 'In spite of it'
	on 1 status >status
	expect_line 'folder coordination/shared on the branch cannot be read' status
	mend shared
	sync 1 2 1
	[ "$(cat 2/coordination/shared/plan.md)" = "$(printf 'base\nmine')" ]
	[ "$(cat 2/coordination/shared/new.md)" = new ]
	[ ! -e 2/coordination/shared/other.md ]
	[ ! -e 1/coordination/conflicts ]
	expect_desks 1 2
	on 1 status >status
	no_line 'cannot be read' status
}
shared_files_in_a_folder_too_large() { shared_files large; }
shared_files_in_a_damaged_folder() { shared_files damaged; }

messages_in_a_folder_too_large() {
	two_that_wrote
	echo '- [ ] Do it' >1/coordination/messages/HUMAN_TO_2.md
	settle 1/coordination/messages/HUMAN_TO_2.md
	sync 1 2
	cp -R 1/coordination desk
	spoil large messages
	on 1 send 2 -m Waits
	hub rev-parse main >tip
	expect_status 65 said told on 1 sync
	expect_line 'coordination/messages on the branch cannot be read' told
	expect_status 65 on 2 sync
	expect_status 65 on 1 sync
	hub rev-parse main | cmp - tip
	diff -r desk 1/coordination
	on 1 status >status
	expect_line 'coordination/messages on the branch cannot be read' status
	mend messages
	sync 1 2 1
	received 2 First 'Do it' Waits
	expect_desks 1 2
	on 1 status >status
	no_line 'cannot be read' status
}

# What was committed while the remote was away waits, and comes whole.
commits_that_wait() {
	two_with_shared_files
	mv hub.git away.git
	echo mine >>1/coordination/shared/plan.md
	on 1 send 2 -m Waits
	expect_status 75 on 1 sync
	mv away.git hub.git
	spoil large shared
	expect_status 65 on 1 sync
	is_spoiled shared
	expect_line mine 1/coordination/shared/plan.md
	mend shared
	sync 1 2
	expect_line mine 2/coordination/shared/plan.md
	received 2 First Waits
	[ ! -e 1/coordination/conflicts ]
}

# Which numbers are taken is asked for each where not all can be listed.
who_joins_while_a_folder_is_too_large() {
	two_that_wrote
	spoil large archive
	on 1 send 2 -m Late || :
	"$TRINE" -q init --remote "$remote" "$PWD/3"
	json 3 status
	expect_line '"computer":3' json
}

it shared_files_in_a_folder_too_large
it shared_files_in_a_damaged_folder
it messages_in_a_folder_too_large
it commits_that_wait
it who_joins_while_a_folder_is_too_large
finish
