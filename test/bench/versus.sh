#!/bin/sh
# A cycle against the same work by the git command line (by-hand.sh), and whether it
# grows with age; `make bench` calls this. No test: it prints figures, as markdown.
#
#	[TRINE=…] [TIMED=build/test/bench/timed] [RUNS=15] [WAYS='path ssh://']
#	test/bench/versus.sh
#
# Both run in turn, RUNS times; figures are medians of whole processes. What counts
# are the ratios: machines differ, and so do their loads. trine syncs every file to
# the disk that it writes; git is told to sync none.
set -u
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/servers.sh"

runs=${RUNS:-15}
timed=${TIMED:-$top/build/test/bench/timed}
points=1
set -e

median() { # FILE COLUMN
	sort -n -k "$2" "$1" | awk -v column="$2" '{ value[NR] = $column }
		END { print value[int((NR + 1) / 2)] }'
}

# --- one way to reach the remote ---

# a_fleet WAY: hub.git, computer 1, and the clone of a person who does without.
a_fleet() {
	here=$base/$points-$1
	points=$((points + 1))
	mkdir "$here"
	cd "$here"
	new_hub
	case $1 in
	git://*) start_daemon ;;
	ssh://*)
		start_sshd
		new_key key
		git config --global core.sshCommand "ssh -i $PWD/key -o \
UserKnownHostsFile=$HOME/.ssh/known_hosts -o IdentitiesOnly=yes"
		;;
	https://*)
		start_nginx
		printf 'secret\n' >token
		chmod 600 token
		git config --global http.sslCAInfo "$PWD/cert.pem"
		git config --global credential.helper "store --file=$PWD/store"
		echo "https://ada:secret@localhost:$port" >store
		;;
	esac
	add_computer 1
	case $1 in
	ssh://*) remote_ini 1 "key = $PWD/key" ;;
	https://*) remote_ini 1 "ca_file = $PWD/cert.pem" "token_file = $PWD/token" ;;
	esac
	sync 1
	git clone -q "$remote" script
	git -C script config core.fsync none
	git -C script config gc.auto 0
}

trine_cycle() { "$timed" "$TRINE" -C "$PWD/1" sync >>"$1" 2>>errors; }
script_cycle() { "$timed" sh "$top/test/bench/by-hand.sh" "$PWD/script" >>"$1" 2>>errors; }

# compare WHAT BEFORE_TRINE BEFORE_SCRIPT: both, in turn; a line of the table.
compare() {
	rm -f spent.*
	for _run in $(seq "$runs"); do
		$2 >/dev/null
		trine_cycle spent.trine
		catch_up
		$3 >/dev/null
		script_cycle spent.script
		catch_up
	done
	row "$1"
}

# Neither finds what the other one did.
catch_up() {
	sh "$top/test/bench/by-hand.sh" "$PWD/script" 2>>errors
	sync 1 2>>errors
	sh "$top/test/bench/by-hand.sh" "$PWD/script" 2>>errors
}

row() {
	awk -v what="$1" -v ours="$(median spent.trine 1)" \
		-v theirs="$(median spent.script 1)" \
		-v our_memory="$(median spent.trine 2)" \
		-v their_memory="$(median spent.script 2)" 'BEGIN {
		printf "| %s | %.1f | %.1f | **%.2f** | %.1f | %.1f |\n", what,
			ours / 1000, theirs / 1000, theirs / ours,
			our_memory / 1024, their_memory / 1024 }'
}

one_by_trine() { on 1 send 2 -m 'One more'; }
one_by_hand() {
	mkdir -p script/coordination/messages
	printf '\n## One more\n\nBy hand.\n' >>script/coordination/messages/9_TO_1.md
}

ways() {
	echo "| cycle | trine, ms | script, ms | times as fast | trine, MiB | script, MiB |"
	echo "|---|---|---|---|---|---|"
	for _way in ${WAYS:-path git:// ssh:// https://}; do
		a_fleet "$_way" >/dev/null 2>&1 || {
			echo "| $_way: its server is not installed | | | | | |"
			continue
		}
		compare "nothing new, $_way" : :
		compare "one message, $_way" one_by_trine one_by_hand
		stop_servers
		git config --global --unset core.sshCommand || :
	done
}

# --- age ---

commits() { # COUNT: of people, below what is measured
	_first='from refs/heads/main^0'
	for _turn in $(seq "$1"); do
		echo 'commit refs/heads/main'
		echo 'committer Ada Person <ada@example.org> 1700000000 +0000'
		printf 'data 2\nA\n%s\n' "$_first"
		echo "M 100644 inline src/file-$((_turn % 100)).c"
		printf 'data %d\n%s\n\n' ${#_turn} "$_turn"
		_first=
	done | hub fast-import --quiet
}

messages() { # COUNT: in the stream that is measured, long ago
	for _turn in $(seq "$1"); do
		on 1 send 2 -m "Old $_turn"
	done >/dev/null
}

until_done() {
	_left=50
	until on 1 sync || [ $((_left -= 1)) = 0 ]; do :; done 2>/dev/null
}

# aged WHAT COUNT FILL: medians with nothing new and with one message.
aged() {
	a_fleet path >/dev/null 2>&1
	"$3" "$2"
	until_done
	rm -f spent.*
	for _run in $(seq "$runs"); do trine_cycle spent.idle; done
	for _run in $(seq "$runs"); do
		one_by_trine >/dev/null
		trine_cycle spent.one
	done
	printf '| %s %s | %s | %s | %s |\n' "$2" "$1" "$(median spent.idle 1)" \
		"$(median spent.one 1)" "$(median spent.idle 2)" |
		awk -F '|' '{ printf "|%s| %.1f | %.1f | %.1f |\n", $2, $3 / 1000,
			$4 / 1000, $5 / 1024 }'
}

ages() {
	echo "| on a path, with | nothing new, ms | one message, ms | peak, MiB |"
	echo "|---|---|---|---|"
	aged commits 1000 commits
	aged commits 100000 commits
	aged 'old messages' 10 messages
	aged 'old messages' 10000 messages
}

# --- handing over ---

many=200

# handed KIND SETTING…: how many tasks a second an instance of that kind is handed and
# has ended (an inbox: is handed), worker and all.
handed() {
	a_fleet path >/dev/null 2>&1
	add_computer 2 >/dev/null 2>&1
	{ sync 2 1 2; } 2>>errors
	cp 1/.trine/trine.ini without
	rm -f spent.handed
	for _run in 1 2 3 4 5; do
		cp without 1/.trine/trine.ini
		for _task in $(seq $many); do
			on 2 send 1 -t task --for it -m "Task $_task"
		done >/dev/null
		{ sync 2 1; } 2>>errors
		printf '[instance it]\ndeliver = %s\n' "$1" >>1/.trine/trine.ini
		[ $# = 1 ] || echo "$2" >>1/.trine/trine.ini
		"$timed" sh -c "'$TRINE' -C 1 sync --offline
			until '$TRINE' -C 1 show 2_TO_1.$((_run * many)) |
				grep -q '^COMPLETED\|^  handed '; do
				sleep 0.02
			done" >>spent.handed 2>>errors
	done
	awk -v kind="$1" -v many=$many -v spent="$(median spent.handed 1)" 'BEGIN {
		printf "| %s | %.0f |\n", kind, many * 1000000 / spent }'
}

kinds() {
	printf '#!/bin/sh\necho done\n' >"$base/program"
	chmod +x "$base/program"
	"$top/config/demo-service" >"$base/service.port" &
	_service=$!
	until [ -s "$base/service.port" ]; do sleep 0.1; done
	echo "| instance, capacity 1 | tasks a second |"
	echo "|---|---|"
	handed inbox
	handed exec "exec = $base/program"
	handed http "url = http://127.0.0.1:$(cat "$base/service.port")/"
	kill $_service
}

cpu() { sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1; }

echo "# Figures"
echo
echo "Printed by \`make bench\`; medians of $runs runs, both in turn. Compare within one"
echo "run only."
echo
echo "$(uname -sm), $(getconf _NPROCESSORS_ONLN) cores, $(cpu); $("$TRINE" --version);"
echo "$(git --version), libgit2 $(pkg-config --modversion libgit2)."
echo
ways
echo
ages
echo
kinds
echo
"$top/test/bench/claims.sh"
