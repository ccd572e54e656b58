# Limits of the system: few descriptors; a disk that is too small for a new
# computer, or read-only. t053 has full disks under a computer that is there.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

few() { # N COMMAND…: with N descriptors
	(
		# shellcheck disable=SC3045 # dash, bash and others have it
		ulimit -n "$1"
		shift
		exec "$@"
	) >told 2>&1 </dev/null
}

# Does it start at all? Before that the system's loader says what is wrong.
least() {
	limit=3
	while ! few $limit "$TRINE-sync" --version; do
		limit=$((limit + 1))
		[ $limit -lt 64 ]
	done
}

# It ends well, or with a reason, and not for want of a lock or a repository.
well_ended() { # WHAT
	case $status in
	0) ;;
	70 | 74 | 75) grep -qE 'open files|descriptor' told ||
		{ cat told; fail "$1 with $limit: no reason"; } ;;
	*) cat told; fail "$1 with $limit: exit $status" ;;
	esac
}

few_descriptors() {
	new_fleet 2
	sync 1 2 1
	least
	set +e
	done=0
	while [ $done -lt 3 ]; do
		on 2 send 1 -m "In $limit" >/dev/null || fail send
		sync 2 || fail sync
		few $limit "$TRINE" -C "$PWD/1" send 2 -m "Out $limit"
		status=$?
		well_ended send
		[ $status != 0 ] || echo "Out $limit" >>accepted
		few $limit "$TRINE" -C "$PWD/1" sync -v
		status=$?
		well_ended sync
		[ $status != 0 ] || done=$((done + 1))
		few $limit "$TRINE" -C "$PWD/1" inbox
		status=$?
		well_ended inbox
		rm -rf 3
		few $limit "$TRINE" -q init --computer 3 --remote "$remote" \
			"$PWD/3"
		status=$?
		well_ended init
		[ $status = 0 ] || "$TRINE" -q init --computer 3 \
			--remote "$remote" "$PWD/3" || fail 'init again'
		limit=$((limit + 1))
		[ $limit -lt 99 ] || fail 'never enough'
	done
	set -e
	sync 1 2 1
	titles 2 >arrived
	expect_same accepted arrived
	[ "$(titles 1 | sort -u | wc -l)" = "$(titles 1 | wc -l)" ]
	expect_desks 1 2
}

# ---- in a name space of its own ----

unmount() {
	awk -v here="$here/" 'index($2, here) == 1 { print $2 }' /proc/mounts |
		sort -r | while read -r folder; do umount "$folder"; done
}

init_on_a_small_disk() {
	new_fleet 1
	sync 1
	trap unmount EXIT
	for size in 8 16 32 64 96 128 160 192 224 256 320 384 512 768; do
		mkdir small
		mount -t tmpfs -o "size=${size}k,mode=755" small small
		expect_status '0 74' said told "$TRINE" -q init --computer 2 \
			--remote "$remote" "$PWD/small/2"
		if [ -s told ]; then
			grep -E 'space|full' told
			mount -o remount,size=8m small
			"$TRINE" -q init --computer 2 --remote "$remote" \
				"$PWD/small/2"
		fi
		mount -o remount,size=8m small
		"$TRINE" -C "$PWD/small/2" send 1 -m "From $size"
		"$TRINE" -C "$PWD/small/2" inbox
		umount small
		rmdir small
	done
}

init_on_a_read_only_disk() {
	new_hub
	mkdir held
	mount --bind held held
	trap unmount EXIT
	mount -o remount,ro,bind held
	expect_status '74 77' said told "$TRINE" -q init --computer 2 \
		--remote "$remote" "$PWD/held/2"
	expect_line 'Read-only' told
	expect_line held told
}

if [ "${1:-}" = inside ]; then
	mount --make-rprivate / 2>/dev/null
	it init_on_a_small_disk
	it init_on_a_read_only_disk
	finish
	exit
fi
if [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip few_descriptors 'under another tool'
else
	it few_descriptors
fi
in_name_space small_disks
finish
