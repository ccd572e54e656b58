# Real time in tests: computer 1 is the hub, the others are connected to it.
#	. "${0%/*}/lib.sh"; . "${0%/*}/daemon.sh"; . "${0%/*}/realtime.sh"
#	new_fleet 3; hub_settings; start_all 3
# shellcheck shell=sh disable=SC2154

# hub_settings [LINE…]: of computer 1; it does not sync by itself.
hub_settings() {
	daemon_settings 1 'period = 1d' "$@"
	printf '[realtime]\nlisten = 127.0.0.1:0\n' >>1/.trine/trine.ini
}
connect_to_hub() { # N: its settings and its token; the hub listens already
	daemon_settings "$1" 'period = 1d'
	printf '[realtime]\nconnect = ws://127.0.0.1:%s\n' "$(port_of 1 realtime)" \
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
events() { on "$1" show "$2" --json | grep -o '"event":"[a-z]*"' | cut -d'"' -f4 |
	tr '\n' ' '; } # N ID
