# What a git server takes and a library does not: commits without an author or
# with a time beyond all time, trees of odd modes and odd order, pushed by
# somebody with plain git. A fleet goes on over them, and after they are taken
# out of the branch.
. "${0%/*}/lib.sh"

by_path() { new_hub; }
far_away() { new_hub; start_daemon; }

# Two computers, and a person's clone to do harm from.
two() {
	"$1"
	add_computer 1
	add_computer 2
	on 1 send 2 -m First
	sync 1 2 1
	count=1
	person_pull
}

evil() { git -C person "$@"; }

# take COMMIT: the server lets it be pushed.
take() {
	evil push -q origin "$1:refs/heads/main"
	[ "$(hub rev-parse main)" = "$1" ]
}

# A message each way, in a cycle each.
the_fleet_goes_on() {
	count=$((count + 1))
	on 1 send 2 -m "Number $count"
	on 2 send 1 -m "Answer $count"
	timeout 60 "$TRINE" -C 1 sync
	timeout 60 "$TRINE" -C 2 sync
	timeout 60 "$TRINE" -C 1 sync
	[ "$(titles 2 | tail -1)" = "Number $count" ]
	[ "$(titles 1 | tail -1)" = "Answer $count" ]
	[ -z "$(ls -d [12]/.trine/*damaged* 2>/dev/null)" ]
}

# odd_commit LINE…: a commit of those lines after tree and parent, pushed.
odd_commit() {
	evil fetch -q
	evil reset -q --soft origin/main
	take "$({
		printf 'tree %s\nparent %s\n' "$(evil rev-parse 'HEAD^{tree}')" \
			"$(evil rev-parse HEAD)"
		printf '%b\n' "$@"
	} | evil hash-object -t commit -w --stdin --literally)"
}

author='author Ada <ada@example.org> 1700000000 +0000'
committer='committer Ada <ada@example.org> 1700000000 +0000'
late=99999999999999999999999

odd_commits() {
	two "$1"
	odd_commit '' 'Nobody and never'
	the_fleet_goes_on
	odd_commit "$author" '' 'No committer'
	the_fleet_goes_on
	odd_commit "$committer" '' 'No author'
	odd_commit 'author x' 'committer y' '' 'Words'
	odd_commit 'author x 1700000000 +0000' "$committer" '' 'No address'
	the_fleet_goes_on
	odd_commit "author Ada <a@b> $late +0000" \
		"committer Ada <a@b> $late +0000" '' 'Late'
	odd_commit 'author Ada <a@b> soon' 'committer Ada <a@b> soon' '' 'Soon'
	the_fleet_goes_on
	odd_commit "$committer" "$author" '' 'The wrong way round'
	odd_commit 'first of all' "$author" "$committer" '' 'An odd line'
	odd_commit "$author" "$committer" '' 'A \0000 within'
	the_fleet_goes_on
	sync 2
	expect_desks 1 2
	json 1 status
	expect_line '"problems":[]' json
	# Who comes later reads all of it, and one that lost its disk again.
	add_computer 3
	on 1 send 3 -m Welcome
	sync 1 3
	[ "$(titles 3)" = Welcome ]
	rm -rf 2
	add_computer 2 --takeover
	sync 2
	count=20
	the_fleet_goes_on
}
odd_commits_by_path() { odd_commits by_path; }
odd_commits_far_away() { odd_commits far_away; }

# Somebody repairs the branch: it no longer descends from what was read.
taken_out_again() {
	two "$1"
	odd_commit '' 'Nobody and never'
	the_fleet_goes_on
	good=$(hub rev-parse main)
	odd_commit '' 'Again'
	the_fleet_goes_on
	on 1 send 2 -m 'Not pushed yet'
	on 1 sync --offline
	hub update-ref refs/heads/main "$good"
	sync 1 2 1
	titles 2 >have
	expect_line 'Not pushed yet' have
	[ "$(wc -l <have)" = $((count + 1)) ]
	the_fleet_goes_on
	on 1 status >status
	expect_line 'the branch was rewritten' status
}
taken_out_again_by_path() { taken_out_again by_path; }
taken_out_again_far_away() { taken_out_again far_away; }

# entry MODE NAME ID: of a tree, as it is on the disk.
entry() { perl -e 'printf "%s %s\0%s", @ARGV[0, 1], pack "H*", $ARGV[2]' "$@"; }

# odd_tree PLACE <bytes: a commit that holds this tree there, pushed.
odd_tree() {
	evil fetch -q
	evil reset -q --soft origin/main
	odd=$(evil hash-object -t tree -w --stdin --literally)
	case $1 in
	beside)
		top_tree=$({
			evil ls-tree HEAD | grep -v odd
			printf '040000 tree %s\todd\n' "$odd"
		} | evil mktree) ;;
	within)
		folder=$({
			evil ls-tree HEAD:coordination | grep -v odd
			printf '040000 tree %s\todd\n' "$odd"
		} | evil mktree)
		top_tree=$(printf '040000 tree %s\tcoordination\n' "$folder" |
			evil mktree) ;;
	esac
	take "$(evil commit-tree -p HEAD -m 'Odd' "$top_tree")"
}

odd_trees() {
	two "$1"
	text=$(echo text | evil hash-object -w --stdin)
	empty=$(evil mktree </dev/null)
	elsewhere=$(echo 'for git this is no file' | evil hash-object -w --stdin)
	for place in beside within; do
		# Modes of more bits than there are, and of no kind at all.
		{
			entry 1000000000100644 a.md "$text"
			entry 100644 z.md "$text"
		} | odd_tree $place
		the_fleet_goes_on
		entry 0 a.md "$elsewhere" | odd_tree $place
		the_fleet_goes_on
		{
			entry 0100644 b.md "$text"
			entry 040000 a "$empty"
			entry 100644 a.md "$text"
			entry 100644 a.md "$text"
			entry 100644 x/y.md "$text"
			entry 40000 .. "$empty"
			entry 160000 m 0000000000000000000000000000000000000000
		} | odd_tree $place
		the_fleet_goes_on
	done
	[ "$(cat 2/coordination/odd/b.md)" = text ]
	[ "$(find 1 2 -name y.md | wc -l)" = 0 ]
}
odd_trees_by_path() { odd_trees by_path; }
odd_trees_far_away() { odd_trees far_away; }

it odd_commits_by_path
it odd_commits_far_away
it taken_out_again_by_path
it taken_out_again_far_away
it odd_trees_by_path
it odd_trees_far_away
finish
