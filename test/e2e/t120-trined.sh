# The daemon's two processes: begun, ended, killed; what stands in their way.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"

alive() { [ "$(curl -s -m 5 "$(url_of 1)/livez")" = ok ]; }

it_listens_and_ends_cleanly() {
	new_fleet 1
	daemon_settings 1
	start_trined 1
	wait_until alive
	_web=$(web_pid 1)
	stop_trined 1
	is_gone "$_web"
	[ ! -e 1/.trine/run/ports.json ]
	expect_empty trined-1.log
}

a_second_one_is_refused() {
	new_fleet 1
	daemon_settings 1
	start_trined 1
	expect_status 75 said text "$TRINED" -C "$PWD/1"
	expect_line 'a daemon of this computer runs already' text
	expect_line "held by pid $(trined_pid 1)" text
	wait_until alive
}

a_killed_web_part_comes_back() {
	new_fleet 1
	daemon_settings 1
	start_trined 1
	_web=$(web_pid 1)
	kill -9 "$_web"
	wait_until another_web "$_web"
	wait_until alive
	kill -0 "$(trined_pid 1)"
	expect_line 'the web part died of signal 9' trined-1.log
}
another_web() { trined_is_up 1 && [ "$(web_pid 1)" != "$1" ]; }

the_web_part_ends_with_a_killed_supervisor() {
	new_fleet 1
	daemon_settings 1
	start_trined 1
	_web=$(web_pid 1)
	kill -9 "$(trined_pid 1)"
	wait_until is_gone "$_web"
	start_trined 1
	wait_until alive
}

a_port_in_use_is_said_and_tried_again() {
	new_fleet 2
	daemon_settings 1
	start_trined 1
	printf '[daemon]\nlisten = 127.0.0.1:%s\n' "$(port_of 1)" \
		>>2/.trine/trine.ini
	instance 2 builder 'start = sleep' '  1000'
	"$TRINED" -C "$PWD/2" 2>text &
	echo $! >trined-2.pid
	wait_until grep -q "cannot listen on 127.0.0.1:$(port_of 1)" text
	# all else is done meanwhile
	wait_until builder_is_online
	on 2 daemon status >told
	expect_line 'the web part does not listen' told
	expect_line '1 of 1 online' told
	expect_line 'set another port under [daemon], `listen`' text
	stop_trined 1
	wait_until trined_is_up 2
}

builder_is_online() { on 2 instance list | grep -q 'builder  ONLINE'; }

what_cannot_be_meant_is_refused() {
	new_fleet 1
	expect_status 64 said text "$TRINED" -C "$PWD/1" web
	expect_line 'one argument too many' text
	expect_status 64 said text "$TRINED" --nonsense
	expect_status 69 said text "$TRINED" -C "$PWD"
	daemon_settings 1 'listen = somewhere:80'
	expect_status 78 said text "$TRINED" -C "$PWD/1"
	sed -i.bak '/listen = 127/d' 1/.trine/trine.ini
	expect_status 78 said text "$TRINED" -C "$PWD/1"
	expect_line 'is neither off nor an address of this computer' text
	[ "$("$TRINED" --version | cut -d' ' -f1)" = trined ]
	"$TRINED" --help | grep -q 'usage: trined'
}

it it_listens_and_ends_cleanly
it a_second_one_is_refused
it a_killed_web_part_comes_back
it the_web_part_ends_with_a_killed_supervisor
it a_port_in_use_is_said_and_tried_again
it what_cannot_be_meant_is_refused
finish
