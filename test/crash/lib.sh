# The story of the crash tests, and what must be true after it however often
# the first cycle was killed. Sourced after e2e/lib.sh.
# shellcheck shell=sh

# Computer 1 has one own commit that could not be pushed, loose text, a message
# to send and an edit of a foreign file; the tip has moved on meanwhile with a
# message from 2. One cycle of computer 1 takes all this up.
before_the_cycle() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	printf '[instance builder]\ndeliver = inbox\n' >>1/.trine/trine.ini
	on 1 send 2 -m 'From the start'
	sync 1 2 1
	on 1 send 2 -m 'In a commit that waits'
	on 1 sync --offline
	on 2 send 1 -t task --for builder -m 'While 1 was away'
	sync 2
	on 1 send 2 -m 'In the log only'
	loose 1 messages/1_TO_2.md '' 'By hand'
	loose 1 shared/notes.md 'A shared note'
	loose 1 COMPUTER_2.md 'Scribbled into a foreign file'
	rm -rf saved
	mkdir saved
	cp -pR 1 2 hub.git saved/
}

go_back() {
	rm -rf 1 2 hub.git
	cp -pR saved/1 saved/2 saved/hub.git .
}

# What all cycles after it lead to, without what differs each time.
outcome() {
	sync 1 2 1 2 1
	rm -rf result
	mkdir result
	cp -R 1/coordination result/desk1
	cp -R 2/coordination result/desk2
	mkdir result/hub
	hub archive main coordination | tar xf - -C result/hub
	find result -type f -name 'COMPUTER_*.md' | while read -r file; do
		sed -E -e 's/^updated: .*/updated: TIME/' \
			-e 's/· [0-9-]{10} [0-9:]{5} UTC ·/· TIME ·/' \
			"$file" >new && mv new "$file"
	done
	# The time in an adopted message and in a copy's name is that of the run.
	find result -type f -name '1_TO_2.md' | while read -r file; do
		sed -E 's/^sent: .*/sent: TIME/' "$file" >new && mv new "$file"
	done
	find result -path '*conflicts*' -type f | while read -r file; do
		sed -E 's/20[0-9]{2}-?[0-9]{2}-?[0-9]{2}[T ][0-9:]*Z?/TIME/g' \
			"$file" >"${file%/*}/copy-${file##*-}" && rm "$file"
	done
	{ ids 1; ids 2; ls 1/.trine/inbox/builder/new; } >result/received
	ls -A 1/.trine/inbox/builder/tmp >>result/received
	git -C hub.git fsck --strict 2>&1 | grep -v '^dangling' >result/fsck || :
	find 1/coordination 2/coordination -name '.*' >result/leftovers
	find 1/.trine 2/.trine -name '.*.trine-*' -o -name 'tmp_*' \
		-o -path '*.git/*.lock' >>result/leftovers
	# Quiet from here on.
	tip=$(hub rev-parse main)
	sync 1 2
	[ "$(hub rev-parse main)" = "$tip" ] || echo 'not quiet' >result/fsck
}

# Does the run from here end as the uninterrupted one did? Points that do not
# are named at the end, by no_bad_points; the first one's computers are left.
bad_points=
same_outcome() { # POINT
	( set -ex; outcome ) >after.log 2>&1
	[ $? != 0 ] || ! diff -r wanted result >difference 2>&1 || return 0
	if [ -z "$bad_points" ]; then
		cat killed.log after.log difference
		mkdir first && cp -pR 1 2 hub.git result first/
	fi
	echo "killed at $1: the outcome differs"
	diff -r wanted result | head -5
	bad_points="$bad_points $1,"
}

no_bad_points() {
	[ -z "$bad_points" ] || fail "the outcome differs:${bad_points%,}"
}
