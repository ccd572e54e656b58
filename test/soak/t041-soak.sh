# Three computers for a long time: messages, hands, cuts, refusals, kills, from
# a seed. SOAK=all: a thousand cycles, as `make check-soak` does; else a part.
# SOAK_SEED and SOAK_CYCLES choose others.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

plan=$(cd "${0%/*}" && pwd)/plan.awk
seed=${SOAK_SEED:-20261120}
cycles=150
[ "${SOAK:-some}" != all ] || cycles=1000
cycles=${SOAK_CYCLES:-$cycles}

three_computers() {
	new_hub
	hub config gc.autoDetach false
	add_computer 1
	start_daemon
	add_computer 2
	add_computer 3
	remote=$PWD/hub.git	# a person's
	for number in 1 2 3; do
		printf '[instance builder]\ndeliver = inbox\n' \
			>>$number/.trine/trine.ini
		echo 0 >unsure.$number
	done
	sync 1 2 3 1 2 3
}

follow() { # PLAN
	while read -r action arguments; do
		echo "$action $arguments" >>story
		# shellcheck disable=SC2086 # numbers and names
		$action $arguments
	done <"$1"
}

a_long_time() {
	echo "SOAK_SEED=$seed SOAK_CYCLES=$cycles"
	three_computers
	set +x
	trap 'echo "the last actions:"; tail -n 8 story' EXIT
	awk -v seed="$seed" -v cycles="$cycles" -f "$plan" >plan
	follow plan
	come_to_rest
	expect_all_arrived
	expect_all_kept
	expect_no_locks
	expect_desks 1 2 3
	expect_good_logs
	said fsck hub fsck --strict --no-dangling --no-progress ||
		fail "$(cat fsck)"
	[ "$(wc -l <exits)" -eq "$cycles" ]
	LC_ALL=C sort exits | uniq -c | sed 's/^/# /' >"$base/counts"
}

it a_long_time
[ ! -e "$base/counts" ] || cat "$base/counts"
echo "# seed $seed, $cycles cycles; make check-soak makes a thousand"
finish
