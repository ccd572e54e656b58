# Other branches of the remote: what they hold for us is shown, with its age, and
# read where `take` says so, each message once (design: branch radar).
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"
. "${0%/*}/branches.sh"

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

radar() { said status on "$1" status; grep -F 'radar  ' status >radar || :; }

take() { printf '[radar]\ntake = %s\n' "$2" >>"$1/.trine/trine.ini"; }

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
	expect_line 'claude/*' radar
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
	expect_line 'take = feature-3`' radar
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

# One that libgit2 cannot parse: neither looking there nor a push of ours fails.
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

# ---- take ----

taken() { # by path or far away, how it is merged
	"$1"
	take 1 'claude/* other'
	branch claude/x
	say HUMAN_TO_1.md '- [ ] Do this' '- [ ] And that'
	say 3_TO_1.md '## The answer' '' 'It is 42.'
	sync 1
	received 1 'Do this' 'And that' 'The answer'
	radar 1
	expect_empty radar
	say 3_TO_1.md '' '## More' '' 'Or 43.'
	sync 1 1 2
	received 1 'Do this' 'And that' 'The answer' More
	received 2
	# Not the others.
	branch feature
	say 3_TO_1.md '## Not taken'
	sync 1
	received 1 'Do this' 'And that' 'The answer' More
	radar 1
	expect_line 'branch feature' radar
	"$2"
	sync 1 2 1
	received 1 'Do this' 'And that' 'The answer' More
	# After that the branch says something again, and so does main.
	branch claude/x
	say 3_TO_1.md '' '## Afterwards' '' 'Bye.'
	branch main
	say 3_TO_1.md '' '## On main' '' 'Good.'
	sync 1 1
	received 1 'Do this' 'And that' 'The answer' More Afterwards 'On main'
}
by_merge() { merge claude/x --no-ff; }
by_squash() { merge claude/x --squash; }
by_rebase() {
	git -C person fetch -q origin
	git -C person checkout -q -B main origin/main
	git -C person commit -q --allow-empty -m 'Something else'
	git -C person cherry-pick main..claude/x >/dev/null
	git -C person push -q origin main
}
taken_and_merged() { taken two_far by_merge; }
taken_and_squashed() { taken two_far by_squash; }
taken_and_rebased() { taken two_far by_rebase; }
taken_by_path() { taken two by_squash; }

take_is_set_later() {
	two_far
	branch claude/x
	say 3_TO_1.md 'Read me'
	sync 1
	radar 1
	expect_line claude/x radar
	received 1
	take 1 'claude/*'
	sync 1
	radar 1
	expect_empty radar
	received 1 'Read me'
	sync 1
	received 1 'Read me'
}

# With trine, on a branch of its own: numbers, receipts, statuses.
a_computer_beside() {
	two_far
	take 1 'claude/*'
	hub branch claude/3 main
	add_computer 3 --branch claude/3
	on 1 send 3 -m 'For 3'
	on 3 send 1 -m 'From 3'
	sync 3 1
	received 1 'From 3'
	on 3 send 1 -m 'Again'
	at +2h sync 3
	at +2h sync 1
	received 1 'From 3' Again
	json 1 status
	expect_line '"computer":3' json
	# An old commit of it comes to main, where it was not seen.
	seen=$(sed -n 's/.*"type":"computer.seen".*"computer":3.*"updated":"\([^"]*\)".*/\1/p' \
		1/.trine/event-log.jsonl | tail -n 1)
	hub branch claude/old "$(hub log -1 --format=%B claude/3~1 |
		hub commit-tree -p main "claude/3~1^{tree}")"
	at +2h sync 1
	now=$(sed -n 's/.*"type":"computer.seen".*"computer":3.*"updated":"\([^"]*\)".*/\1/p' \
		1/.trine/event-log.jsonl | tail -n 1)
	[ -n "$seen" ]
	[ "$seen" = "$now" ]
	git -C person fetch -q origin
	merge origin/claude/3 --no-ff
	at +2h sync 1 2 1
	received 1 'From 3' Again
	now=$(sed -n 's/.*"type":"computer.seen".*"computer":3.*"updated":"\([^"]*\)".*/\1/p' \
		1/.trine/event-log.jsonl | tail -n 1)
	[ "$seen" = "$now" ]
}

a_branch_that_is_rewritten() {
	two_far
	take 1 'claude/*'
	branch claude/x
	say 3_TO_1.md '## One' '' 'The first.'
	say 3_TO_1.md '' '## Two' '' 'The second.'
	sync 1
	received 1 One Two
	branch main
	say HUMAN_TO_1.md '- [ ] On main'
	git -C person checkout -q claude/x
	git -C person rebase -q main
	printf '\n## Three\n\nThe third.\n' \
		>>person/coordination/messages/3_TO_1.md
	git -C person commit -q -a --amend -m 'Two and three'
	git -C person push -q -f origin HEAD
	sync 1
	received 1 One Two Three 'On main'
	# all in one, on another branch
	git -C person checkout -q -B claude/y main
	git -C person merge -q --squash claude/x
	git -C person commit -q -m 'All of it'
	git -C person push -q origin HEAD
	sync 1
	received 1 One Two Three 'On main'
}

entry() { # TITLE TEXT: as agents write it, no two in one second
	when=$((${when:-1700000000} + 60))
	GIT_AUTHOR_DATE="$when +0000"
	export GIT_AUTHOR_DATE
	say 3_TO_1.md '' '---' '' "## $1" '**From:** Computer 3' \
		'**Priority:** HIGH' '' "$2" 'Please tell me.'
	unset GIT_AUTHOR_DATE
}

# whole N TITLE TEXT: all of it came, and as one message.
whole() {
	json "$1" inbox --all
	_id=$(grep -F "\"title\":\"$2\"" json | field id)
	on "$1" show "$_id" >shown
	expect_line '**From:** Computer 3' shown
	expect_line "$3" shown
	expect_line 'Please tell me.' shown
}

alike_on_two_branches() {
	two_far
	take 1 'claude/*'
	alike
}
alike_and_before() {
	two
	take 1 'claude/*'
	branch main
	entry Zero 'From the start.'
	sync 1
	alike Zero
}
# Word for word the same is one message, until one of them is on main.
the_same_on_two_branches() {
	two_far
	take 1 'claude/*'
	branch claude/a
	say 3_TO_1.md 'Done.'
	branch claude/b
	git -C person commit -q --allow-empty -m 'A commit of its own'
	say 3_TO_1.md 'Done.'
	sync 1
	received 1 'Done.'
	merge claude/a --no-ff
	sync 1
	received 1 'Done.'
	# Who has it below and says it once more means it.
	branch claude/c
	say 3_TO_1.md 'Done.'
	sync 1
	received 1 'Done.' 'Done.'
	merge claude/b --no-ff
	sync 1
	merge claude/c --no-ff
	sync 1
	received 1 'Done.' 'Done.'
}

alike() { # the title of what is there
	branch claude/a
	entry Login 'It is slow on Safari, I think.'
	branch claude/b
	entry Logout 'It does nothing at all today.'
	sync 1
	received 1 "$@" Login Logout
	whole 1 Login 'It is slow'
	whole 1 Logout 'It does nothing'
	branch main
	entry Main 'Somebody says it here, too, now.'
	sync 1
	received 1 "$@" Login Logout Main
	whole 1 Main 'Somebody says'
	# Both come to main, one in each way; the texts stand one after another.
	printf 'coordination/messages/*.md merge=union\n' >person/.git/info/attributes
	merge claude/a --squash
	sync 1
	merge claude/b --no-ff
	sync 1 2 1
	received 1 "$@" Login Logout Main
}

ticked_beside() {
	two_far
	take 1 'claude/*'
	branch main
	say HUMAN_TO_1.md '- [ ] One' '- [ ] Two' '- [ ] Three'
	sync 1
	branch claude/x
	sed 's/\[ \] One/[x] One/; /Three/d' \
		person/coordination/messages/HUMAN_TO_1.md >edited
	cp edited person/coordination/messages/HUMAN_TO_1.md
	say HUMAN_TO_1.md
	sync 1
	received 1 One Two Three
	state 1 One COMPLETED
	state 1 Three FAILED
	# Asked for again, and then that branch is merged.
	branch main
	say HUMAN_TO_1.md '- [ ] One'
	sync 1
	received 1 One One Two Three
	merge claude/x --no-ff -X ours
	sync 1 1
	received 1 One One Two Three
	state 1 One QUEUED
}

killed_in_between() {
	two_far
	take 1 'claude/*'
	branch claude/x
	say HUMAN_TO_1.md '- [ ] Do this' '- [ ] And that'
	say 3_TO_1.md '## The answer' '' 'It is 42.'
	for n in $(seq 1 40); do
		rm -rf 9
		cp -R 1 9
		expect_status '0 137' env TRINE_TEST_KILL="$n" "$TRINE" -C "$PWD/9" \
			sync
		[ "$_got" = 137 ] || break
		# what it pushed before it was killed is another one's: put back
		sync 9 9
		received 9 'Do this' 'And that' 'The answer'
		hub update-ref refs/heads/main \
			"$(git -C 1/.trine/repo.git rev-parse refs/trine/tip/main)"
	done
	[ "$n" -gt 8 ]
}

a_lost_disk() {
	two_far
	take 1 'claude/*'
	branch main
	say HUMAN_TO_1.md '- [ ] On main'
	sync 1
	branch claude/x
	say HUMAN_TO_1.md '- [ ] Do this'
	say 3_TO_1.md '## The answer' '' 'It is 42.'
	sync 1
	rm -rf 1
	at +1h add_computer 1 --takeover
	take 1 'claude/*'
	at +1h sync 1 1
	GIT_COMMITTER_DATE=$(($(date +%s) + 7200))' +0000'
	export GIT_COMMITTER_DATE
	say 3_TO_1.md '' '## Afterwards' '' 'New.'
	unset GIT_COMMITTER_DATE
	at +3h sync 1 1
	state 1 'On main' BLOCKED
	state 1 'Do this' BLOCKED
	received 1 'On main' 'Do this' 'The answer' Afterwards
}

a_disk_lost_after_the_merge() {
	two_far
	take 1 'claude/*'
	branch main
	say HUMAN_TO_1.md '- [ ] On main'
	sync 1
	branch claude/x
	say HUMAN_TO_1.md '- [ ] Do this'
	sync 1
	merge claude/x --no-ff
	sync 1 2
	rm -rf 1
	at +1h add_computer 1 --takeover
	at +1h sync 1 1
	received 1 'On main' 'Do this'
	state 1 'On main' BLOCKED
	state 1 'Do this' BLOCKED
}

bad_patterns() {
	two
	take 1 'claude/* :x'
	expect_status 78 on 1 sync 2>said
	expect_line "':x' is no pattern for branches" said
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
it taken_and_merged
it taken_and_squashed
it taken_and_rebased
it taken_by_path
it take_is_set_later
it a_computer_beside
it a_branch_that_is_rewritten
it alike_on_two_branches
it the_same_on_two_branches
it alike_and_before
it ticked_beside
it killed_in_between
it a_lost_disk
it a_disk_lost_after_the_merge
it bad_patterns
finish
