# Real time in tests: computer 1 is the hub, the others are connected to it.
#	. "${0%/*}/lib.sh"; . "${0%/*}/daemon.sh"; . "${0%/*}/realtime.sh"
#	new_fleet 3; hub_settings; start_all 3
# It listens on $hub_at, port $hub_port (0: any that is free).
# shellcheck shell=sh disable=SC2154
hub_at=127.0.0.1
hub_port=0

# hub_settings [LINE…]: of computer 1; it does not sync by itself.
hub_settings() {
	daemon_settings 1 'period = 1d' "$@"
	printf '[realtime]\nlisten = %s:%s\n' "$hub_at" "$hub_port" >>1/.trine/trine.ini
}
connect_to_hub() { # N: its settings and its token; the hub listens already
	daemon_settings "$1" 'period = 1d'
	printf '[realtime]\nconnect = ws://%s:%s\n' "$hub_at" "$(port_of 1 realtime)" \
		>>"$1/.trine/trine.ini"
	on 1 daemon token "$1" | on "$1" daemon token --keep
}
start_all() { # N: 1 … N, each of which has pushed, are there for each other
	# shellcheck disable=SC2046 # words
	sync $(seq "$1") $(seq "$1")
	start_trined 1
	for _n in $(seq 2 "$1"); do
		connect_to_hub "$_n"
		start_trined "$_n"
	done
	for _n in $(seq "$1"); do
		wait_until sees "$_n" "$1"
	done
}
sees() { # N MANY: who it knows to be connected
	[ "$(grep -o '"since"' "$1/.trine/run/presence.json" | wc -l)" = "$2" ]
}
has() { on "$1" show "$2" >/dev/null 2>&1; } # N ID
alarmed() { on "$1" status --json | grep -q '"code":"alert"'; } # N
calm() { ! alarmed "$1"; } # N
events() { on "$1" show "$2" --json | grep -o '"event":"[a-z]*"' | cut -d'"' -f4 |
	tr '\n' ' '; } # N ID

# ---- messages that flow, from each of three to each ----

EACH=30

flow() { # FROM TO: so many, for six seconds at least
	for number in $(seq $EACH); do
		on "$1" send "$2" -m "from $1 to $2, number $number" >/dev/null
		[ $((number % 10)) != 0 ] || on "$1" sync || :
		sleep 0.2
	done
}
begin_flows() {
	_flows=
	for _pair in 2:3 3:2 1:2 2:1 3:1 1:3; do
		flow "${_pair%:*}" "${_pair#*:}" &
		_flows="$_flows $!"
	done
}
end_flows() {	# and all of it has come
	# shellcheck disable=SC2086 # pids
	wait $_flows
	for n in 1 2 3; do wait_until has_all $n; done
}
has_all() { # N
	for from in 1 2 3; do
		[ "$from" != "$1" ] || continue
		[ "$(on "$1" log --type message.received | grep -c "${from}_TO_$1\\.")" = \
			$EACH ] || return 1
	done
}
# All daemons end, git brings what it has to, and nothing came twice.
all_came_once() {
	for n in 1 2 3; do stop_trined $n; done
	sync 1 2 3 1 2 3 1 2 3
	all_have_all_once
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
