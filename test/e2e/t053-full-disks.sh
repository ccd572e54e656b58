# Disks that are full or read-only, under the state directory, the desk or the
# remote; writes that fail at any point. A clear error, the right exit, nothing
# lost; with room again, all arrives once.
. "${0%/*}/lib.sh"

# What a failed write left behind must not be there after the next cycle.
all_arrives() {
	sync 1 2 1 2
	titles 2 | sort >all
	printf '%s\n' "$@" | sort | expect_file all
	hub fsck --strict
	git -C 1/.trine/repo.git fsck --strict
	[ -z "$(find 1 -name 'tmp_*' -o -name 'pack_git2_*' -o -name '.*.trine-*')" ]
	json 1 status
	expect_line '"unpushed":0' json
	expect_desks 1 2
}

# ---- in a name space of its own, with small disks ----

unmount() {
	awk -v here="$here/" 'index($2, here) == 1 { print $2 }' /proc/mounts |
		sort -r | while read -r folder; do umount "$folder"; done
}

# small SIZE FOLDER: a disk of that size there, with what was in it.
small() {
	mv "$2" "$2.was"
	mkdir "$2"
	mount -t tmpfs -o "size=$1,mode=755" small "$2"
	trap unmount EXIT
	cp -a "$2.was/." "$2/"
	rm -rf "$2.was"
}

fill() { # FOLDER: to the last byte
	dd if=/dev/zero of="$1/filler" bs=65536 2>/dev/null || :
	dd if=/dev/zero of="$1/filler2" bs=1 count=70000 2>/dev/null || :
}

empty() { rm -f "$1/filler" "$1/filler2"; }

a_full_disk_under_the_state() {
	new_fleet 2
	sync 1 2 1
	small 3m 1/.trine
	on 2 send 1 -m Inbound
	sync 2
	on 1 send 2 -m First
	fill 1/.trine
	expect_status 74 said told on 1 send 2 -m Refused "$top/README.md"
	expect_line 1/.trine/ told
	grep -E 'No space left|full' told
	expect_status '74 75' said told on 1 sync
	cat told
	expect_status '74 75' on 1 sync
	on 1 status >/dev/null || [ $? = 74 ]
	on 1 inbox >/dev/null || [ $? = 74 ]
	empty 1/.trine
	on 1 send 2 -m Last
	all_arrives First Last
	[ "$(titles 1)" = Inbound ]
}

a_disk_that_fills_up_bit_by_bit() {
	new_fleet 2
	sync 1 2 1
	small 2m 1/.trine
	fill 1/.trine
	accepted=First
	for size in 69632 65536 57344 49152 40960 32768 24576 16384 8192 4096 1 0; do
		truncate -s "$size" 1/.trine/filler2
		if on 1 send 2 -m "At $size" - <"$top/Makefile"; then
			accepted="$accepted
At $size"
		fi
		on 2 send 1 -m "Answer $size"
		sync 2
		expect_status '0 74 75' on 1 sync
	done
	empty 1/.trine
	on 1 send 2 -m First
	all_arrives "$accepted"
	[ "$(titles 1 | sort -u | wc -l)" -eq 12 ]
	[ "$(titles 1 | wc -l)" -eq 12 ]
}

a_full_disk_under_the_desk() {
	new_fleet 2
	sync 1 2 1
	mkdir -p 2/coordination/shared
	cp "$top/Makefile" 2/coordination/shared/notes.txt
	settle 2/coordination/shared/notes.txt
	on 2 send 1 -m Inbound
	sync 2
	small 1m 1/coordination
	fill 1/coordination
	on 1 send 2 -m Outbound "$top/README.md"
	expect_status '74 75' said told on 1 sync
	expect_line 'No space left' told
	expect_line coordination told
	# What needs no desk has happened.
	[ "$(titles 1)" = Inbound ]
	hub_show messages/1_TO_2.md | grep '## Outbound'
	json 1 status
	empty 1/coordination
	all_arrives Outbound
	expect_same "$top/Makefile" 1/coordination/shared/notes.txt
}

a_full_remote() {
	new_fleet 2
	sync 1 2 1
	small 2m hub.git
	fill hub.git
	on 1 send 2 -m Outbound "$top/README.md"
	expect_status 75 said told on 1 sync -v
	expect_line 'disk is full' told
	expect_line hub.git told
	expect_status 75 on 1 sync
	json 1 status
	empty hub.git
	all_arrives Outbound
}

read_only() {
	mount --bind "$1" "$1"
	trap unmount EXIT
	mount -o remount,ro,bind "$1"
}

read_only_disks() {
	new_fleet 2
	on 2 send 1 -m Inbound
	sync 1 2
	on 1 send 2 -m Outbound
	read_only 1/coordination
	expect_status '74 77' said told on 1 sync
	expect_line 'Read-only' told
	hub_show messages/1_TO_2.md | grep '## Outbound'
	umount 1/coordination
	read_only hub.git
	on 1 send 2 -m Second
	expect_status '75 77' said told on 1 sync
	expect_line 'read-only' told
	expect_line hub.git told
	umount hub.git
	read_only 1/.trine
	expect_status '74 77' said told on 1 send 2 -m Refused
	expect_line 'Read-only' told
	expect_status '74 77' on 1 sync
	umount 1/.trine
	all_arrives Outbound Second
	[ "$(titles 1)" = Inbound ]
}

# ---- writes that fail, by strace ----

injected() { # SYSCALLS ERROR N: the N-th of these calls, and all after it
	said told strace -f -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:error=$2:when=$3+" "$TRINE" -C "$PWD/1" sync
}

writes_that_fail_at_any_point() {
	new_fleet 2
	sync 1 2 1
	on 1 send 2 -m Before "$top/README.md"
	on 2 send 1 -m Inbound
	sync 2
	loose 1 shared/notes.md 'A note'
	cp -pR 1 saved-1
	cp -pR hub.git saved-hub
	strace -f -qq -o calls -e trace=write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat2,link,mkdir \
		"$TRINE" -C "$PWD/1" sync
	for call in write pwrite64 fsync fdatasync ftruncate rename renameat2 link mkdir; do
		total=$(grep -cE "^[0-9]+ +$call\(" calls || :)
		step=$((total / 5 + 1))
		n=1
		while [ "$n" -le "$total" ]; do
			rm -rf 1 hub.git
			cp -pR saved-1 1
			cp -pR saved-hub hub.git
			expect_status '0 74 75' injected "$call" ENOSPC "$n"
			sync 1
			[ "$(titles 1)" = Inbound ]
			hub_show messages/1_TO_2.md >sent
			expect_count 1 '## Before' sent
			[ "$(hub_show shared/notes.md)" = 'A note' ]
			expect_count 1 message.received 1/.trine/event-log.jsonl
			n=$((n + step))
		done
	done
	all_arrives Before
}

sends_that_fail_at_any_point() {
	new_fleet 2
	sync 1 2 1
	for call in write pwrite64 fsync ftruncate; do
		for n in 1 2 3; do
			if said told strace -f -qq -o /dev/null \
				-P "$PWD/1/.trine/event-log.jsonl" \
				-e "inject=$call:error=EIO:when=$n" \
				"$TRINE" -C "$PWD/1" send 2 -m "$call $n"; then
				echo "$call $n" >>accepted
			fi
			on 1 send 2 -m "After $call $n"
			echo "After $call $n" >>accepted
		done
	done
	sync 1 2
	titles 2 >arrived
	expect_same accepted arrived
}

if [ "${1:-}" = inside ]; then
	mount --make-rprivate / 2>/dev/null
	it a_full_disk_under_the_state
	it a_disk_that_fills_up_bit_by_bit
	it a_full_disk_under_the_desk
	it a_full_remote
	it read_only_disks
else
	in_name_space small_disks
fi
if [ "${1:-}" = inside ]; then
	:
elif ! strace -qq -o /dev/null true 2>/dev/null; then
	skip writes_that_fail 'no strace'
elif [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip writes_that_fail 'under another tool'
else
	it writes_that_fail_at_any_point
	it sends_that_fail_at_any_point
fi
finish
