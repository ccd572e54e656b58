# The hub dies while messages flow: each arrives once, whoever carried it.
. "${0%/*}/lib.sh"
. "${0%/*}/daemon.sh"
. "${0%/*}/servers.sh"
. "${0%/*}/realtime.sh"

EACH=30

flow() { # FROM TO: so many, one after the other
	for number in $(seq $EACH); do
		on "$1" send "$2" -m "from $1 to $2, number $number" >/dev/null
		[ $((number % 10)) != 0 ] || on "$1" sync || :
	done
}
has_all() { # N
	for from in 1 2 3; do
		[ "$from" != "$1" ] || continue
		[ "$(on "$1" log --type message.received | grep -c "${from}_TO_$1\\.")" = \
			$EACH ] || return 1
	done
}
# What git has of it each has, once, and it is confirmed.
all_have_all_once() {
	for n in 1 2 3; do
		[ "$(on "$n" log --type message.received | grep -c _TO_)" = $((2 * EACH)) ]
		[ "$(on "$n" log --type message.received |
			sed 's/.*\([0-9]_TO_[0-9]*\.[0-9]*\).*/\1/' | sort -u |
			wc -l)" = $((2 * EACH)) ]
		on "$n" status --json >text
		[ "$(grep -o '"confirmed":{"[0-9]":'$EACH'}' text | wc -l)" = 2 ]
	done
}

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
	hub_settings
	sync 1 2 3 1
	on_a_free_port fixed_port
	start_trined 1
	for n in 2 3; do
		connect_to_hub $n
		start_trined $n
	done
	for n in 1 2 3; do wait_until sees $n 3; done
	flow 2 3 & _flows=$!
	flow 3 2 & _flows="$_flows $!"
	flow 1 2 & _flows="$_flows $!"
	flow 2 1 & _flows="$_flows $!"
	flow 3 1 & _flows="$_flows $!"
	flow 1 3 & _flows="$_flows $!"
	sleep 1
	kill -9 "$(web_pid 1)"		# comes back by itself
	sleep 2
	kill -9 "$(trined_pid 1)"	# and does not
	sleep 1
	start_trined 1
	# shellcheck disable=SC2086 # pids
	wait $_flows
	for n in 1 2 3; do wait_until has_all $n; done
	for n in 1 2 3; do stop_trined $n; done
	sync 1 2 3 1 2 3 1 2 3
	all_have_all_once
}
fixed_port() {	# $port, which is free
	sed -i "s/^listen = 127.0.0.1:0\$/&/; /^\\[realtime\\]/,\$s/^listen = .*/listen = 127.0.0.1:$port/" \
		1/.trine/trine.ini
	grep -q "127.0.0.1:$port" 1/.trine/trine.ini
}

it each_arrives_once
it_with 'nginx fcgiwrap openssl' each_arrives_once_over_https
finish
