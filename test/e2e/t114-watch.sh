# `trine status --watch` in a terminal: what is recorded is seen at once, q ends it, and
# the terminal is as it was.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

# In a terminal of its own (script(1) of util-linux); keys go to 3, SEEN has the screen.
watch() {
	mkfifo keys
	script -qefc "stty rows 24 cols 80; stty -g >before; '$TRINE' -C 1 status --watch; \
		echo \$? >status; stty -g >after" seen <keys >/dev/null 2>&1 &
	echo $! >watch.pid
	exec 3>keys
	wait_until grep -q 'Computer 1' seen
}
ended() {
	wait "$(cat watch.pid)" || :
	rm watch.pid
	exec 3>&-
	[ "$(cat status)" = 0 ]
	cmp before after
	grep -q '1049l' seen
}

news_are_seen_at_once() {
	new_fleet 1
	agent Atlas
	watch
	no_line 'waits for all' seen
	on 1 task add --name NEXT -m 'It waits for all'
	TRINE_SESSION=Atlas on 1 task claim NEXT
	wait_until grep -q 'It waits for all  claimed, for' seen
	# over the last picture, never on an empty screen
	no_line "$(printf '\033[2J')" seen
	printf q >&3
	ended
	leave Atlas
}

control_c_ends_it() {
	new_fleet 1
	watch
	printf '\003' >&3
	ended
}

it_moves() {
	new_fleet 1
	agent Atlas
	for i in $(seq 9); do
		TRINE_SESSION=Atlas on 1 lock acquire "L$i"
		TRINE_SESSION=Atlas on 1 task claim "T$i" "Task $i"
	done
	watch
	wait_until grep -q 'more below (j)' seen
	no_line 'more above' seen
	printf 'jj' >&3
	wait_until grep -q '2 more above (k)' seen
	printf 'k' >&3
	wait_until grep -q '1 more above (k)' seen
	printf 'q' >&3
	ended
	leave Atlas
}

wants_a_terminal() {
	new_fleet 1
	expect_status 64 said told on 1 status --watch
	expect_line 'wants a terminal' told
}

it wants_a_terminal
if script --version 2>/dev/null | grep -q util-linux; then
	it news_are_seen_at_once
	it control_c_ends_it
	it it_moves
else
	skip news_are_seen_at_once 'script(1) of util-linux is missing'
fi
finish
