# `trine send` and `trine read` while the disk, the memory or the descriptors
# fail: what they say was done is done, and the next one works.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

nothing() { :; }

send() { faulty 1 "$1" send 2 -m "$1" "$top/README.md"; }

# Said to be sent: it is in the log. Not said: it may be (the answer could not be
# written), but then whole. The next one is accepted in any case.
after_send() {
	cp hits met
	[ $status != 0 ] || echo "$_fault" >>accepted
	on 1 send 2 -m "after $_fault" >/dev/null 2>next ||
		why="$why, the next: $(cat next)"
	echo "after $_fault" >>accepted
	[ -z "$(find 1 -name '.*.trine-*' -o -name 'tmp_*')" ] ||
		why="$why, left: $(find 1 -name '.*.trine-*')"
}

sends() { # CLASS:ERROR…
	new_fleet 2
	sync 1 2 1
	set +ex
	for fault; do
		sweep "$fault" '' nothing send after_send
		case $fault in
		*EINTR) ;;
		*) sweep "$fault" + nothing send after_send ;;
		esac
	done
	no_bad
	set -ex
	on 1 log >/dev/null
	ids 1 >/dev/null
	rm -f 1/.trine/state.db*
	sync 1 2 >/dev/null
	titles 2 >arrived
	# in order, each once, nothing that was not asked for
	grep -xFf accepted arrived | expect_file accepted
	sort arrived | uniq -d >twice
	expect_empty twice
}

sends_on_a_failing_disk() {
	sends write:EIO write:ENOSPC write:EINTR write:SHORT fsync:EIO name:EIO
}

sends_that_cannot_read() { sends read:EIO read:EINTR; }

sends_without_descriptors() { sends open:EMFILE open:ENFILE; }

take_back() {
	rm -rf 1
	cp -pR saved 1
}

read_it() { faulty 1 "$1" read 2_TO_1.1; }

is_read() { on 1 inbox >box 2>&1 && ! grep -q 2_TO_1.1 box; }

after_read() {
	[ $status != 0 ] || is_read || why="$why, it was not"
	on 1 read 2_TO_1.1 >next 2>&1 || why="$why, the next: $(cat next)"
	is_read || why="$why, never read"
	on 1 log >next 2>&1 || why="$why, $(cat next)"
}

reads() {
	new_fleet 2
	on 2 send 1 -m Inbound
	sync 1 2 1
	cp -pR 1 saved
	set +ex
	for fault in write:EIO write:SHORT fsync:EIO name:EIO read:EIO open:EMFILE; do
		sweep $fault '' take_back read_it after_read
		sweep $fault + take_back read_it after_read
	done
	no_bad
}

documented='0 70 74 75' runs=0
step=1
all_points || step=13
why=$(no_preload)
if [ -n "$why" ]; then
	skip sends_and_reads "$why"
else
	it sends_on_a_failing_disk
	it sends_that_cannot_read
	it sends_without_descriptors
	it reads
fi
finish
