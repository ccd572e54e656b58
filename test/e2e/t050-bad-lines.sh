# Connections that hang, end in the middle, or lose the answer; remotes that are
# full, or refuse again and again. Every time: an end in good time, the right
# exit, and when the trouble is over everything arrives once.
. "${0%/*}/lib.sh"

# Computers 1 and 2 at a git daemon, with something on its way to each.
a_fleet() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	sync 1 2 1
	printf '[sync]\nnetwork = 1s\n' >>1/.trine/trine.ini
	on 1 send 2 -m Outbound "$top/README.md"
	on 2 send 1 -m Inbound "$top/README.md"
	sync 2
	cp -R 1 saved-1
	direct=$remote
	goes_by "$direct"
}

goes_by() { # URL: computer 1 reaches the remote there
	sed "s,^url = .*,url = $1," 1/.trine/trine.ini >ini
	cat ini >1/.trine/trine.ini
}

# disturbed SERVICE SIDE BYTES END: by a line like that.
disturbed() {
	rm -f line.port
	perl "$top/test/e2e/disturb.pl" "$PWD/line.port" \
		"$port" "$@" >line.log 2>&1 &
	line=$!
	while [ ! -s line.port ]; do sleep 0.05; done
	goes_by "git://127.0.0.1:$(cat line.port)/hub.git"
}

mended() {
	kill "$line"
	goes_by "$direct"
	sync 1 2 1
	all_is_there_once
}

all_is_there_once() {
	[ "$(titles 1)" = Inbound ]
	[ "$(titles 2)" = Outbound ]
	hub_show messages/1_TO_2.md >stream
	expect_count 1 '## Outbound' stream
	hub fsck --strict
	on 1 log --json --type message.received >events
	expect_count 1 '2_TO_1.1' events
	[ -z "$(find 1/.trine/repo.git -name 'tmp_*' -o -name 'pack_git2_*' -o -name '*.lock')" ]
	json 1 status
	expect_line '"unpushed":0' json
	expect_line '"online":true' json
	no_line '"offline"' json
}

ends_soon() { # 'STATUS…': of sync, within 12 s; it says what and to what
	start=$(date +%s)
	expect_status "$1" said told on 1 sync -v
	[ $(($(date +%s) - start)) -lt 12 ] || fail 'it took too long'
	[ "$1" != 75 ] || expect_line 127.0.0.1 told
}

a_listener_that_never_speaks() {
	a_fleet
	port=0
	disturbed any down 0 stall
	port=${direct#*127.0.0.1:}
	port=${port%%/*}
	ends_soon 75
	expect_line offline told
	mended
}

silence_inside_the_advertisement() {
	a_fleet
	disturbed any down 3 stall
	ends_soon 75
	kill "$line"
	disturbed any down 60 stall
	ends_soon 75
	mended
}

an_advertisement_that_ends() {
	a_fleet
	for bytes in 0 4 50 120; do
		disturbed any down $bytes close
		ends_soon 75
		kill "$line"
	done
	disturbed git-receive-pack down 60 close
	ends_soon 75
	[ "$(titles 1)" = Inbound ]
	mended
}

a_fetch_that_stalls_or_ends_in_the_pack() {
	a_fleet
	for bytes in 1 9 300 900; do
		disturbed git-upload-pack answer $bytes close
		ends_soon 75
		kill "$line"
		[ -z "$(titles 1)" ]
	done
	disturbed git-upload-pack answer 700 stall
	ends_soon 75
	mended
}

a_push_that_ends_on_the_way() {
	a_fleet
	for bytes in 1 200 600; do
		disturbed git-receive-pack up $bytes close
		ends_soon 75
		kill "$line"
		[ -z "$(hub ls-tree main coordination/messages/1_TO_2.md)" ]
	done
	disturbed git-receive-pack up 400 stall
	ends_soon 75
	mended
}

# The push happened, and nobody was told: it is seen on the tip, not made again.
an_answer_that_gets_lost() {
	for end in swallow stall; do
		a_fleet
		disturbed git-receive-pack answer 0 $end
		ends_soon '0 75'
		kill "$line"
		goes_by "$direct"
		sync 1
		hub log --format=%s main >subjects
		expect_count 1 '1_TO_2.1' subjects
		sync 2 1
		all_is_there_once
		stop_daemon
		rm -rf 1 2 hub.git saved-1
	done
}

half_an_answer() {
	a_fleet
	disturbed git-receive-pack answer 12 close
	ends_soon '0 75'
	mended
}

a_branch_that_moves_each_time() {
	a_fleet
	cat >hub.git/hooks/pre-receive <<-'END'
	#!/bin/sh
	# Somebody else is always a moment faster.
	unset GIT_QUARANTINE_PATH
	tree=$(git rev-parse main^{tree})
	git update-ref refs/heads/main \
		"$(git commit-tree -p main -m Faster "$tree")"
	END
	chmod +x hub.git/hooks/pre-receive
	# what is slow here is the hook, on a busy machine
	sed 's/^network = 1s/network = 20s/' 1/.trine/trine.ini >ini
	cp ini 1/.trine/trine.ini
	expect_status 75 said told on 1 sync -v
	expect_line '5 rounds' told
	expect_line 'next cycle' told
	[ "$(hub log --format=%s main | grep -c Faster)" -ge 4 ]
	rm hub.git/hooks/pre-receive
	sync 1 2 1
	all_is_there_once
}

a_push_refused_five_times() {
	a_fleet
	printf '#!/bin/sh\necho "$(cat)" >>../refused\necho "Too late" >&2\nexit 1\n' \
		>hub.git/hooks/pre-receive
	chmod +x hub.git/hooks/pre-receive
	for each in 1 2 3 4 5; do
		on 1 send 2 -m "More $each"
		expect_status 77 said told on 1 sync -v
		expect_line 'refuses our push to main' told
		expect_line 'Too late' told
		[ "$(titles 1)" = Inbound ]
	done
	json 1 status
	expect_line '"code":"refused"' json
	rm hub.git/hooks/pre-receive
	sync 1 2 1
	[ "$(ids 2 | tr '\n' ' ')" = \
		'1_TO_2.1 1_TO_2.2 1_TO_2.3 1_TO_2.4 1_TO_2.5 1_TO_2.6 ' ]
	json 1 status
	no_line '"code":"refused"' json
}

if perl -MIO::Socket::INET -e 1 2>/dev/null; then
	it a_listener_that_never_speaks
	it silence_inside_the_advertisement
	it an_advertisement_that_ends
	it a_fetch_that_stalls_or_ends_in_the_pack
	it a_push_that_ends_on_the_way
	it an_answer_that_gets_lost
	it half_an_answer
else
	skip lines_that_fail 'no perl'
fi
it a_branch_that_moves_each_time
it a_push_refused_five_times
finish
