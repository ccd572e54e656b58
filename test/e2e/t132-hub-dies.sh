# The hub dies while messages flow: each arrives once, whoever carried it.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/realtime.sh"

over_https() {	# the remote is a server, with a password
	new_hub
	start_nginx
	printf 'secret\n' >token
	chmod 600 token
	for n in 1 2 3; do
		add_computer $n
		remote_ini $n "ca_file = $PWD/cert.pem" "token_file = $PWD/token"
	done
}
each_arrives_once() {
	new_fleet 3
	flows
}
each_arrives_once_over_https() {
	over_https
	flows
}
flows() {
	on_a_free_port :
	hub_port=$port
	hub_settings
	start_all 3
	begin_flows
	sleep 1
	kill -9 "$(web_pid 1)"		# comes back by itself
	sleep 2
	kill -9 "$(trined_pid 1)"	# and does not
	sleep 1
	start_trined 1
	end_flows
	all_came_once
}

it each_arrives_once
it_with 'nginx fcgiwrap openssl' each_arrives_once_over_https
finish
