#!/bin/sh
# Claim and done by the command line, against a lock of mkdir(1) and a file of JSON, as
# shell scripts do it, and whether that grows with the log. `make bench` calls this. No
# test: it prints figures, as markdown.
#
#	[TRINE=…] [TIMED=…] [FILL=build/test/bench/fill] [TURNS=300] [MANY=1000000]
#	test/bench/claims.sh
#
# Each claim and each done of trine is on the disk when it returns: so this runs on
# one (TMPDIR). There are three scripts: the barest one, which syncs nothing and writes
# JSON that only a plain title leaves right; the same, as durable as trine; and one as
# careful people write it for a fleet of agents, durable, with the JSON of jq(1), and
# with ps(1), so that a process that has the number of a dead one is not taken for it.
set -u
TMPDIR=${TMPDIR:-/var/tmp}
export TMPDIR
. "${0%/*}/../e2e/lib.sh"

turns=${TURNS:-300}
many=${MANY:-1000000}
timed=${TIMED:-$top/build/test/bench/timed}
fill=${FILL:-$top/build/test/bench/fill}
set -e
here=$base/claims
mkdir "$here"
cd "$here"

# What each script does: claim by a folder that only one can make, say who has
# it, where and since when in a file that is complete or absent, refuse what is done
# or held by a process that lives, and take what a dead one left.
cat >by-hand <<'END'
#!/bin/sh
case $1 in
claim)
	[ ! -e "ended/$2" ] || exit 1
	if ! mkdir "locks/$2" 2>/dev/null; then
		pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/' "locks/$2/task.json")
		! kill -0 "$pid" 2>/dev/null || exit 1
		mv "locks/$2" "locks/$2.$$" && mkdir "locks/$2" || exit 1
		rm -rf "locks/$2.$$"
	fi
	printf '{"task":"%s","session":"%s","pid":%d,"terminal":"%s",' \
		"$2" "$SESSION" "$AGENT" "$(tty)" >"locks/$2/new"
	printf '"since":"%s","state":"claimed"}\n' \
		"$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"locks/$2/new"
	mv "locks/$2/new" "locks/$2/task.json"
	[ -z "${DURABLE:-}" ] || sync "locks/$2/task.json" "locks/$2" locks
	;;
"done")
	sed -e 's/"claimed"/"done"/' "locks/$2/task.json" >"locks/$2/new"
	mv "locks/$2/new" "locks/$2/task.json"
	mv "locks/$2" "ended/$2"
	[ -z "${DURABLE:-}" ] || sync "ended/$2/task.json" "ended/$2" ended locks
	;;
esac
END
cat >by-hand-careful <<'END'
#!/bin/bash
look_at() { read -r parent terminal started < <(ps -o ppid=,tty=,lstart= -p "$1"); }
case $1 in
claim)
	[ ! -e "ended/$2" ] || exit 1
	if ! mkdir "locks/$2" 2>/dev/null; then
		{ read -r pid; read -r since; } < <(jq -r '.pid, .started' "locks/$2/task.json")
		! look_at "$pid" || [ "$started" != "$since" ] || exit 1
		mv "locks/$2" "locks/$2.$$" && mkdir "locks/$2" || exit 1
		rm -rf "locks/$2.$$"
	fi
	look_at "$AGENT" || exit 1
	jq -nc --arg task "$2" --arg title "$3" --arg session "$SESSION" \
		--argjson pid "$AGENT" --argjson parent "$parent" \
		--arg terminal "$terminal" --arg started "$started" \
		'{$task, $title, $session, $pid, $parent, $terminal, $started,
		  since: (now | todate), state: "claimed"}' >"locks/$2/new"
	mv "locks/$2/new" "locks/$2/task.json"
	sync "locks/$2/task.json" "locks/$2" locks
	;;
"done")
	jq -c '.state = "done" | .ended = (now | todate)' "locks/$2/task.json" \
		>"locks/$2/new"
	mv "locks/$2/new" "locks/$2/task.json"
	mv "locks/$2" "ended/$2"
	sync "ended/$2/task.json" "ended/$2" ended locks
	;;
esac
END
chmod +x by-hand by-hand-careful
mkdir locks ended

percentile() { # FILE PERCENT
	sort -n "$1" | awk -v p="$2" '{ value[NR] = $1 }
		END { i = int(NR * p / 100 + 0.5); print value[i < 1 ? 1 : i] }'
}

row() { # WHAT FILE
	awk -v what="$1" -v half="$(percentile "$2" 50)" \
		-v most="$(percentile "$2" 99)" 'BEGIN {
		printf "| %s | %.2f | %.2f |\n", what, half / 1000, most / 1000 }'
}

new_fleet 1 >/dev/null 2>&1
sleep 1000 &
echo $! >agent.pid
on 1 session start --name Atlas --pid $! >/dev/null
export TRINE_SESSION=Atlas SESSION=Atlas AGENT=$!

claim_and_end() { # FILE ID COMMAND…
	_file=$1
	_id=$2
	shift 2
	"$timed" "$@" claim "$_id" 'A task' >>"$_file.claim"
	"$timed" "$@" "done" "$_id" >>"$_file.done"
}
by_trine() { claim_and_end "$1" "$2" "$TRINE" -q -C 1 task; }
by_hand() { export DURABLE="$3"; claim_and_end "$1" "$2" ./by-hand; }
careful=yes
for program in bash jq ps; do command -v $program >/dev/null || careful=; done
by_careful_hand() { [ -z "$careful" ] || claim_and_end "$1" "$2" ./by-hand-careful; }

echo "| by the command line | p50, ms | p99, ms |"
echo "|---|---|---|"
"$fill" 1 1000
for turn in $(seq "$turns"); do	# in turn: others may be at work here
	by_trine few "T$turn"
	by_hand script "S$turn" ''
	by_hand durable "D$turn" yes
	by_careful_hand careful "C$turn"
done 2>/dev/null
row 'claim, 1,000 tasks in the log' few.claim
row 'done' few.done
row 'claim by mkdir and JSON' script.claim
row 'done' script.done
row 'claim by mkdir and JSON, with sync(1)' durable.claim
row 'done' durable.done
if [ -n "$careful" ]; then
	row 'claim by mkdir, jq(1) and ps(1), with sync(1)' careful.claim
	row 'done' careful.done
fi

rm -rf 1
new_fleet 1 >/dev/null 2>&1
on 1 session start --name Atlas --pid "$(cat agent.pid)" >/dev/null
"$fill" 1 "$many"
for turn in $(seq "$turns"); do
	by_trine many "M$turn"
done 2>/dev/null
row "claim, $many tasks in the log" many.claim
row 'done' many.done
ratio() { # SCRIPT WORDS: how many times as fast trine's claim is, and its done
	awk -v few="$(percentile few.claim 50)" -v end="$(percentile few.done 50)" \
		-v script="$(percentile "$1.claim" 50)" \
		-v ended="$(percentile "$1.done" 50)" -v words="$2" 'BEGIN {
		printf "- %.2f and %.2f times as fast as %s\n",
			script / few, ended / end, words }'
}
printf '\nA claim and a done of trine are\n\n'
ratio script 'the barest script, which syncs nothing'
ratio durable 'the same, as durable as trine'
if [ -n "$careful" ]; then
	ratio careful 'the careful one'
else
	echo '- not measured against the careful one: it wants bash, jq and ps'
fi
awk -v few="$(percentile few.claim 50)" -v many="$(percentile many.claim 50)" 'BEGIN {
	printf "\nWith the long log a claim takes %.2f times as long.\n", many / few }'

rm -f 1/.trine/state.db*
"$timed" "$TRINE" -C 1 task list >rebuilt 2>/dev/null
awk -v events=$((many * 2)) '{ took = $1; worked = $3 } END {
	printf "Rebuilding the view of %d events: %.1f s, %.1f s a million, ",
		events, took / 1e6, took / events
	printf "%.1f s of a processor.\n", worked / 1e6 }' rebuilt
