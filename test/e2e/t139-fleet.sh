# A fleet as it is: three computers, each in a network of its own, the remote and the hub
# on one of them. What is sent is there at once, and comes once, whatever dies meanwhile.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/realtime.sh"
. "${0%/*}/nets.sh"

MANY=50

fleet() {
	new_nets 3
	git init -q --bare -b main hub.git
	port=9418 remote=git://10.77.0.1/hub.git
	serve 10.77.0.1
	for n in 1 2 3; do add_computer $n; done
	# shellcheck disable=SC2034 # of realtime.sh
	hub_at=10.77.0.1 hub_port=9999
	hub_settings
	start_all 3
}

each_arrives_once_whatever_dies() {
	fleet
	begin_flows
	sleep 1
	kill -9 "$(trined_pid 1)"
	sleep 2
	start_trined 1
	sleep 1
	cut_off 3
	sleep 2
	join_again 3
	end_flows
	all_came_once
}

# Of what git has brought the log says nothing of early.
came_early() { events "$1" "$2" | grep early; } # N ID
pushed() { hub_show "$2" | grep -q "$1"; } # TEXT PATH

with_the_hub_at_once_and_without_by_one_cycle() {
	fleet
	for n in 1 2 3; do wait_until rests $n; done
	TRINE=$TRINE perl "$top/test/bench/realtime.pl" latency "$PWD/2" "$PWD/3" $MANY \
		>"$base/figures"
	on 3 log --type message.received --json >log
	expect_count $MANY '"early":true' log
	on 2 alert 'The disk is full' >/dev/null
	for n in 1 3; do
		wait_until has $n 2_TO_ALL.1
		came_early $n 2_TO_ALL.1
		alarmed $n
	done
	on 3 alert clear >/dev/null
	for n in 1 2; do wait_until calm $n; done
	kill -9 "$(trined_pid 1)"
	wait_until sees 2 0
	on 2 send 3 -m 'By git' >/dev/null
	on 2 alert 'The disk is full again' >/dev/null
	wait_until pushed 'The disk is full again' messages/2_TO_ALL.md
	sync 1 3	# one each
	[ "$(events 3 2_TO_3.$((MANY + 1)))" = 'sent received ' ]
	for n in 1 3; do
		expect_not came_early $n 2_TO_ALL.2
		alarmed $n
	done
}

# By a clock that goes 15 times as fast: for a minute and more.
a_link_that_is_cut_for_long_comes_back() {
	export TRINE_TEST_CLOCK=x15
	fleet
	cut_off 3
	wait_until sees 1 2
	wait_until sees 3 0
	on 2 send 3 -m 'Meanwhile' >/dev/null
	on 3 send 2 -m 'From afar' >/dev/null
	join_again 3
	wait_until has 3 2_TO_3.1
	wait_until has 2 3_TO_2.1
	came_early 3 2_TO_3.1
	came_early 2 3_TO_2.1
	for n in 1 2 3; do wait_until sees $n 3; done
}

# Whoever is asked for an address says nothing; that of a name is looked up meanwhile.
has_failed() { on 1 instance list "$1" --json | grep -q '"history":"?*-'; }
names_that_nobody_knows_hold_up_nothing() {
	new_nets 1
	new_fleet 1
	daemon_settings 1 'health = 1s' 'period = 1d'
	printf '[realtime]\nconnect = ws://hub.example.org:9999\n' >>1/.trine/trine.ini
	instance 1 builder 'health = http://builder.example.org/health'
	printf '%064d\n' 1 | on 1 daemon token --keep
	printf 'nameserver 127.0.0.1\noptions timeout:3 attempts:1\n' >resolv.conf
	mount --bind resolv.conf /etc/resolv.conf
	"$enter" 1 perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(
		Proto => "udp", LocalAddr => "127.0.0.1:53") or die;
		print "here\n"; close STDOUT; sleep 60' >silent &
	echo $! >silent.pid
	wait_until [ -s silent ]
	start_trined 1
	for _try in $(seq 30); do
		"$enter" 1 curl -sS -m 1 "$(url_of 1)/livez"
		sleep 0.1
	done
	wait_until grep -q 'no connection to hub.example.org, port 9999: cannot resolve' \
		trined-1.log
	wait_until has_failed builder
	expect_count 1 hub.example.org trined-1.log
	umount /etc/resolv.conf
	stop_trined 1
}

enter_nets "$@"
it_in_nets each_arrives_once_whatever_dies
it_in_nets a_link_that_is_cut_for_long_comes_back
it_in_nets names_that_nobody_knows_hold_up_nothing
it_in_nets with_the_hub_at_once_and_without_by_one_cycle
[ ! -s "$base/figures" ] || sed 's/^ */# /' "$base/figures"
finish
