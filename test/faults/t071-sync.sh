# `trine sync` with news in both directions while the disk fails at any point,
# once, for a while or from there on: a clear end, and then the next cycles lead to
# where the undisturbed one did.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../crash/lib.sh"
. "${0%/*}/lib.sh"

run_sync() { faulty 1 "$1" sync -v; }

after_sync() {
	rm -f difference
	( set -ex; outcome; diff -r wanted result >difference ) >after.log 2>&1
	[ $? = 0 ] || why="$why, another outcome: $(tail -n 3 after.log difference)"
}

syncs() { # CLASS:ERROR…
	before_the_cycle
	outcome
	mv result wanted
	set +ex
	for fault; do
		sweep "$fault" '' go_back run_sync after_sync
		case $fault in
		*EINTR) ;;
		read:*|open:*)	# libgit2 tries once more, or twice
			sweep "$fault" x6 go_back run_sync after_sync
			sweep "$fault" + go_back run_sync after_sync ;;
		*) sweep "$fault" + go_back run_sync after_sync ;;
		esac
	done
	no_bad
}

# The new version is on the desk, whether the old one goes away or not.
a_replaced_file_that_cannot_be_removed() {
	before_the_cycle
	rm -r 1/.trine/run/out
	echo 'in the way' >1/.trine/run/out	# it goes nowhere else
	under=/coordination
	faulty 1 unlink:EIO:1+ sync || [ $? = 74 ]
	under=
	grep -q messages/.1_TO_2.md hits
	expect_line '## By hand' 1/coordination/messages/1_TO_2.md
	expect_line 'id: 1_TO_2.4' 1/coordination/messages/1_TO_2.md
	sync 1 2 1
	expect_desks 1 2
	[ -z "$(find 1/coordination -name '.*')" ]
}

# What is beside it is, and what it says is handed over.
a_folder_that_cannot_be_written() {
	two_that_wrote
	instance 1 builder 'deliver = inbox'
	loose 2 shared/notes.md 'A note'
	on 2 send 1 --for builder --type task -m 'Build it'
	sync 2
	under=/coordination/messages
	expect_status 74 faulty 1 name:EIO:1+ sync
	under=
	expect_line messages/2_TO_1.md told
	no_line 'Build it' 1/coordination/messages/2_TO_1.md
	expect_line 'A note' 1/coordination/shared/notes.md
	ls 1/.trine/inbox/builder/new/*
	sync 1 2
	expect_desks 1 2
}

# 65: libgit2 does not say when the end of a pack could not be written; what is
# in it then seems to be missing.
disks_that_fail() { syncs write:EIO write:ENOSPC write:SHORT write:EINTR; }
names_that_fail() { syncs name:EIO name:ENOSPC unlink:EIO; }
reads_that_fail() { syncs read:EIO read:EINTR; }
fsyncs_that_fail() { syncs fsync:EIO; }
no_descriptors() { syncs open:EMFILE open:ENFILE; }

# What cannot be opened just now is there all the same: libgit2 tries it some times.
objects_that_cannot_be_opened() {
	before_the_cycle
	outcome
	mv result wanted
	set +ex
	for path in messages/2_TO_1.md COMPUTER_2.md; do
		go_back
		oid=$(hub rev-parse "main:coordination/$path")
		part=objects/${oid%"${oid#??}"}/${oid#??}
		for fault in open:ENFILE:1x5 open:ENFILE:2x5 open:EACCES:1x5; do
			attempt $fault go_back run_sync after_sync
			[ $? = 0 ] || echo "$fault on $path: exit $status: not opened" >>bad
		done
	done
	part=
	no_bad
}

init() {
	rm -f hits
	TRINE_FAULT=$1 TRINE_FAULT_HIT=$PWD/hits TRINE_FAULT_ROOT=$PWD/3 \
		LD_PRELOAD=$tools/fault.so "$TRINE" init --computer 3 \
		--remote "$remote" "$PWD/3" >told 2>&1
}
no_third() { rm -rf 3; }

after_init() {
	[ $status = 0 ] || "$TRINE" -q init --computer 3 --remote "$remote" \
		"$PWD/3" >next 2>&1 || grep -q 'is there already' next ||
		why="$why, again: $(cat next)"
	on 3 send 1 -m Hello >next 2>&1 || why="$why, $(cat next)"
	[ -f 3/.trine/trine.ini ] || why="$why, no settings"
	[ ! -e 3/.trine.new ] || why="$why, half is left"
}

inits() {
	new_fleet 1
	sync 1
	set +ex
	for fault in write:EIO write:ENOSPC write:SHORT write:EINTR name:EIO \
		name:ENOSPC read:EIO read:EINTR fsync:EIO open:EMFILE open:ENFILE
	do
		sweep $fault '' no_third init after_init
		case $fault in
		*EINTR) ;;
		*) sweep $fault + no_third init after_init ;;
		esac
	done
	no_bad
}

documented='0 65 70 74 75' runs=0
step=1
all_points || step=800
step=${STEP:-$step}
why=$(no_preload)
if [ -n "$why" ]; then
	skip syncs "$why"
else
	it a_replaced_file_that_cannot_be_removed
	it a_folder_that_cannot_be_written
	it disks_that_fail
	it names_that_fail
	it reads_that_fail
	it fsyncs_that_fail
	it no_descriptors
	it objects_that_cannot_be_opened
	all_points || step=$((step / 8))
	it inits
fi
finish
