# Other branches of the remote: what they hold for us is shown, with its age, until
# the fleet's branch holds it (design: branch radar).
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"

two() {
	new_fleet 2
	sync 1 2 1
	person_pull
}

# two computers and an agent at git://
two_far() {
	git init -q --bare -b main hub.git
	start_daemon
	add_computer 1
	add_computer 2
	sync 1 2 1
	git clone -q "$PWD/hub.git" person
}

# branch NAME [FROM]: a person goes on there; FROM is origin/main.
branch() {
	git -C person fetch -q -p origin
	git -C person checkout -q -B "$1" "${2:-origin/main}"
}

# say FILE LINE…: below coordination/messages, committed there and pushed.
say() {
	_file=$1
	shift
	mkdir -p person/coordination/messages
	printf '%s\n' "$@" >>"person/coordination/messages/$_file"
	git -C person add -A
	git -C person commit -q -m "Say in $_file"
	git -C person push -q -f origin HEAD
}

# merge BRANCH [OPTION…]: into main, by a person.
merge() {
	_branch=$1
	shift
	git -C person fetch -q origin
	git -C person checkout -q -B main origin/main
	git -C person merge -q "$@" -m "Merge $_branch" "$_branch"
	case $* in *squash*) git -C person commit -q -m "Squash $_branch" ;; esac
	git -C person push -q origin main
}

# received N TITLE…: these, in any order, and nothing else.
received() {
	_who=$1
	shift
	titles "$_who" | sort >have
	: >want
	for _title; do printf '%s\n' "$_title" >>want; done
	sort want | diff - have || fail "$_who received other things"
}

radar() { said status on "$1" status; grep -F 'radar  ' status >radar || :; }

events() { wc -l <"$1/.trine/event-log.jsonl"; }

nine_days() {
	"$1"
	branch claude/answers
	GIT_COMMITTER_DATE=$(($(date +%s) - 9 * 86400))' +0000'
	export GIT_COMMITTER_DATE
	say 3_TO_1.md '## The answer' '' 'It is 42.'
	unset GIT_COMMITTER_DATE
	sync 1 2
	radar 1
	expect_line 'computer 3' radar
	expect_line 'wrote to you on branch claude/answers (messages/3_TO_1.md, ' \
		radar
	expect_line '(9 d ago)' radar
	expect_status 1 on 1 status --check
	json 1 status
	expect_line '"code":"radar"' json
	# It is for the other one; and it is not delivered.
	radar 2
	expect_empty radar
	received 1
	# Nothing is logged again and again.
	sync 1
	before=$(events 1)
	sync 1 1
	[ "$(events 1)" = "$before" ]
	# Merged: delivered, and over.
	merge claude/answers "$2"
	sync 1
	received 1 'The answer'
	radar 1
	expect_empty radar
}
nine_days_by_path() { nine_days two --no-ff; }
nine_days_far_away() { nine_days two_far --no-ff; }
nine_days_and_a_squash() { nine_days two_far --squash; }

a_branch_that_goes_away() {
	two
	branch claude/x
	say HUMAN_TO_1.md '- [ ] Do this'
	sync 1
	radar 1
	expect_line 'somebody wrote to you on branch claude/x' radar
	git -C person push -q origin :claude/x
	git -C person checkout -q --detach
	git -C person branch -q -D claude/x
	sync 1
	radar 1
	expect_empty radar
	# a folder where a branch was
	branch claude/x/y
	say HUMAN_TO_ALL.md '- [ ] For everybody'
	sync 1
	radar 1
	expect_line 'somebody wrote to all on branch claude/x/y' radar
}

what_is_shown() {
	two
	# Old branches that only lack what came later say nothing.
	branch old/one
	git -C person push -q origin HEAD
	branch old/two
	mkdir -p person/src && echo 'int x;' >person/src/x.c
	git -C person add -A
	git -C person commit -q -m Code
	git -C person push -q origin HEAD
	branch main
	say HUMAN_TO_1.md '- [ ] On main'
	sync 1 2
	radar 1
	expect_empty radar
	# A computer on a branch of its own.
	branch feature-3
	printf '# Computer 3\n\nI build the login.\n' \
		>person/coordination/COMPUTER_3.md
	git -C person add -A
	git -C person commit -q -m Status
	say 3_TO_2.md 'For the other one'
	sync 1
	radar 1
	expect_line 'computer 3 (Oracle) keeps its status on branch feature-3 (' radar
	# With trine, on the wrong branch.
	branch main
	add_computer 4 --branch lonely
	git -C person push -q origin HEAD:lonely
	on 4 send 1 -m 'Can you hear me?'
	on 4 send 1 -m 'Hello?'
	sync 4 1
	radar 1
	expect_line 'computer 4 wrote to you on branch lonely (messages/4_TO_1.md' \
		radar
	merge origin/lonely
	sync 1
	received 1 'On main' 'Can you hear me?' 'Hello?'
	radar 1
	no_line lonely radar
	expect_line feature-3 radar
}

# connections N: so many fetches and pushes the daemon has seen.
connections() { grep -c 'Request ' daemon.log; }

an_idle_cycle_makes_one_connection() {
	two_far
	branch claude/x
	say 3_TO_1.md 'Hello'
	sync 1 1
	before=$(connections)
	tip=$(hub rev-parse main)
	sync 1
	[ "$(connections)" = $((before + 1)) ]
	[ "$(hub rev-parse main)" = "$tip" ]
	# A push that is the only connection sees a new branch, too.
	say 3_TO_1.md 'More'
	on 1 send 2 -m 'Something to push'
	sync 1
	radar 1
	expect_line 'and 1 more' radar
}

many_branches() {
	two_far
	base=$(hub rev-parse main)
	for n in $(seq 300); do echo "create refs/heads/feature/$n $base"; done |
		hub update-ref --stdin
	branch feature/300
	say HUMAN_TO_1.md '- [ ] At the end'
	before=$(events 1)
	for n in $(seq 16); do on 1 sync -q; done
	radar 1
	expect_line 'feature/300' radar
	[ $(($(events 1) - before)) -lt 400 ]
	before=$(events 1)
	sync 1
	[ "$(events 1)" = "$before" ]
}

# One that libgit2 cannot parse, of which a push of ours must not know.
a_malformed_commit() {
	"$1"
	branch bad
	tree=$(git -C person rev-parse 'HEAD^{tree}')
	parent=$(git -C person rev-parse HEAD)
	commit=$(printf 'tree %s\nparent %s\nauthor x\ncommitter y\n\nBad\n' \
		"$tree" "$parent" | git -C hub.git hash-object -t commit -w \
		--stdin --literally)
	hub update-ref refs/heads/bad "$commit"
	branch good
	say 3_TO_1.md 'All is well'
	on 1 send 2 -m 'Before'
	sync 1 1
	radar 1
	expect_line 'branch good' radar
	on 1 send 2 -m 'After'
	sync 1 2
	received 2 Before After
	if [ "$1" = two_far ]; then
		expect_line 'branch bad is not looked at until it changes' radar
	fi
	sync 1 1
	before=$(events 1)
	sync 1
	[ "$(events 1)" = "$before" ]
}
a_malformed_commit_by_path() { a_malformed_commit two; }
a_malformed_commit_far_away() { a_malformed_commit two_far; }

hostile_trees() {
	"$1"
	branch evil/names
	name=$(printf 'a\033]0;x')
	blob=$(echo 'x' | hub hash-object -w --stdin)
	inner=$(printf '100644 blob %s\t%s\n120000 blob %s\t3_TO_1.md\n' \
		"$blob" "$name" "$blob" | hub mktree)
	mid=$(printf '040000 tree %s\tmessages\n' "$inner" | hub mktree)
	top=$(printf '040000 tree %s\tcoordination\n' "$mid" | hub mktree)
	hub update-ref refs/heads/evil/names \
		"$(hub commit-tree -p main -m Evil "$top")"
	branch evil/huge
	mkdir -p person/coordination/messages
	head -c 3000000 /dev/zero | tr '\0' 'x' \
		>person/coordination/messages/3_TO_1.md
	git -C person add -A
	git -C person commit -q -m Huge
	git -C person push -q origin HEAD
	branch evil/binary
	mkdir -p person/coordination/messages
	head -c 300000 /dev/urandom >person/coordination/messages/HUMAN_TO_1.md
	git -C person add -A
	git -C person commit -q -m Binary
	git -C person push -q origin HEAD
	# no common history
	git -C person checkout -q --orphan evil/orphan
	git -C person rm -rfq --cached .
	git -C person clean -fdqx
	say 3_TO_1.md 'From nowhere'
	sync 1 1
	radar 1
	expect_line 'branch evil/huge is not looked at until it changes: ' radar
	expect_line 'wrote to you on branch evil/orphan' radar
	expect_line 'branch evil/binary' radar
	on 1 send 2 -m 'We go on'
	sync 1 2
	received 2 'We go on'
}
hostile_trees_by_path() { hostile_trees two; }
hostile_trees_far_away() { hostile_trees two_far; }

# The repository of other branches is a cache.
a_lost_or_damaged_cache() {
	two_far
	branch claude/x
	say 3_TO_1.md 'One'
	sync 1
	echo damaged >1/.trine/radar.git/HEAD
	say 3_TO_1.md 'Two'
	sync 1
	radar 1
	expect_line 'and 1 more' radar
	rm -rf 1/.trine/repo.git
	say 3_TO_1.md 'Three'
	sync 1 1
	radar 1
	expect_line 'and 2 more' radar
	rm -rf 1/.trine/radar.git 1/.trine/state.db
	sync 1
	radar 1
	expect_line 'and 2 more' radar
}

it nine_days_by_path
it nine_days_far_away
it nine_days_and_a_squash
it a_branch_that_goes_away
it what_is_shown
it an_idle_cycle_makes_one_connection
it many_branches
it a_malformed_commit_by_path
it a_malformed_commit_far_away
it hostile_trees_by_path
it hostile_trees_far_away
it a_lost_or_damaged_cache
finish
