# trined in tests: each on a free port of the loopback, ended with its test.
#	. "${0%/*}/lib.sh"; . "${0%/*}/daemon.sh"
#	new_fleet 1; daemon_settings 1; start_trined 1; curl "$(url_of 1)/livez"
# shellcheck shell=sh disable=SC2154 # here, top: of lib.sh

TRINED=${BUILD:-$top/build}/trined

daemon_settings() { # N [LINE…]: under [daemon] of its trine.ini
	_ini=$1/.trine/trine.ini
	shift
	{ echo '[daemon]'; printf '%s\n' 'listen = 127.0.0.1:0' "$@"; } >>"$_ini"
}

# start_trined N [VARIABLE=VALUE…]: and wait until it listens. What it says goes to
# trined-N.log.
start_trined() {
	_daemon=$1
	shift
	: >"trined-$_daemon.begun"
	env "$@" ${enter:+"$enter" "$_daemon"} "$TRINED" -C "$PWD/$_daemon" 2>>"trined-$_daemon.log" &
	echo $! >"trined-$_daemon.pid"
	wait_until trined_is_up "$_daemon"
}
trined_is_up() { # N: of the daemon that was started last
	kill -0 "$(trined_pid "$1")" && [ -s "$1/.trine/run/ports.json" ] &&
		kill -0 "$(web_pid "$1")" 2>/dev/null
}
trined_pid() { cat "trined-$1.pid"; }
web_pid() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/.trine/run/ports.json"; }

# rests N: the first cycle of its daemon, within seconds of the start, is over.
rests() {
	[ -n "$(find "$1/.trine/run/cycles.json" -newer "trined-$1.begun")" ]
}

# stop_trined N: by SIGTERM; it must end well, and soon.
stop_trined() {
	_pid=$(trined_pid "$1")
	kill "$_pid"
	rm "trined-$1.pid"
	for _try in $(seq 100); do
		kill -0 "$_pid" 2>/dev/null || break
		sleep 0.1
	done
	wait "$_pid"
}

know_api() { # N: its daemon's token and url
	token=$(cat "$1/.trine/run/token")
	url=$(url_of "$1")
}
serve_api() { # of a computer that is alone
	new_fleet 1
	daemon_settings 1
	start_trined 1
	know_api 1
}
port_of() { # N [WHAT]: where it listens for that (coordinator)
	sed -n "s/.*\"${2:-coordinator}\":{[^}]*\"port\":\([0-9]*\).*/\1/p" \
		"$1/.trine/run/ports.json"
}
url_of() { echo "http://127.0.0.1:$(port_of "$@")"; }

# ---- instances ----

quick() { # a computer that asks each second, and does not sync
	new_fleet 1
	daemon_settings 1 'health = 1s' 'period = 1d'
}
fact() { # NAME KEY [COPY]: of what `instance list --json` says
	on 1 instance list "$1" --json | grep "\"copy\": *${3:-1}[,}]" |
		sed -n "s/.*\"$2\": *\"\{0,1\}\([^,\"}]*\).*/\1/p"
}
is() { [ "$(fact "$1" state "${3:-1}")" = "$2" ]; } # NAME STATE [COPY]
pid_of() { fact "$1" pid "${2:-1}"; }
another_pid() { # NAME PID: it runs, as another process
	_new=$(pid_of "$1")
	case $_new in ''|null|"$2") return 1 ;; esac
}
