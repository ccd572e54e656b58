# Damage on our own disk: the log, the view, what a crash left; the repository is
# t058's. Said clearly, mended where it can be, nothing lost.
. "${0%/*}/lib.sh"

log=1/.trine/event-log.jsonl

# All that was sent, once, and the clone is the same as before.
all_is_well() {
	sync 1 2 1
	titles 2 | sort >all
	printf '%s\n' "$@" | sort | expect_file all
	[ "$(titles 1)" = Inbound ]
	git -C 1/.trine/repo.git fsck --strict
	hub fsck --strict
	hub_show COMPUTER_1.md >status
	no_line former: status
	expect_desks 1 2
	json 1 status
	expect_line '"unpushed":0' json
	no_line '"identity"' json
}

a_torn_last_line() {
	two_that_wrote
	on 1 send 2 -m Second
	for torn in '{' '{"seq":99,"time":"20' "$(tail -n 1 $log | cut -c 1-80)" \
		"$(tail -n 1 $log | sed 's/.$//')"; do
		cp $log whole
		printf '%s' "$torn" >>$log
		on 1 inbox --all >list
		expect_line Inbound list
		on 1 status >list
		cmp whole $log
	done
	printf '\0\0\0\0' >>$log
	on 1 send 2 -m Third
	all_is_well First Second Third
}

# It was there as a whole once, and somebody was told of it: it is not cut unseen.
a_damaged_last_line() {
	two_that_wrote
	on 1 send 2 -m Second
	cp $log whole
	lines=$(wc -l <whole)
	sed '$s/Second/Sekond/' whole >$log
	rm -f 1/.trine/state.db*
	for command in sync 'send 2 -m x' status 'inbox --all'; do
		# shellcheck disable=SC2086 # words
		expect_status 65 said told on 1 $command
		expect_line "line $lines" told
	done
	expect_status 65 said told on 1 repair
	cat said told | grep "line $lines"
	grep Sekond 1/.trine/event-log.damaged-*
	cp whole $log
	rm -f 1/.trine/state.db*
	all_is_well First Second
}

a_damaged_middle() {
	two_that_wrote
	cp $log whole
	tip=$(hub rev-parse main)
	for how in byte blank text gone twice nul long; do
		case $how in
		byte) sed '3s/seq/sEq/' whole ;;
		blank) sed '3s/.*//' whole ;;
		text) sed '3s/.*/not a line of a log/' whole ;;
		gone) sed '3s/"time":"[0-9]*/"time":"1999/' whole ;;
		twice) sed '3{p;}' whole ;;
		nul) sed '3s/.*//' whole; printf '\0\n' ;;
		long) sed -n 1,2p whole
			dd if=/dev/zero bs=1024 count=3000 2>/dev/null | tr '\0' x
			sed -n '3,$p' whole ;;
		esac >$log
		# A view that has it all would not look back: it is made anew.
		rm -f 1/.trine/state.db*
		for command in sync 'send 2 -m x' status 'inbox --all'; do
			# shellcheck disable=SC2086 # words
			expect_status 65 said told on 1 $command
			expect_line event-log.jsonl told
			grep -E 'line [0-9]+' told
		done
		[ "$(hub rev-parse main)" = "$tip" ]
	done
	cp whole $log
	on 1 send 2 -m Second
	all_is_well First Second
}

no_log_at_all() {
	two_that_wrote
	cp $log whole
	tip=$(hub rev-parse main)
	for how in empty gone folder; do
		rm -rf $log
		case $how in
		empty) : >$log ;;
		folder) mkdir $log ;;
		esac
		expect_status '65 74 78' said told on 1 sync
		cat told
		grep -E '\.trine|event log' told
		expect_status '65 74 78' on 1 send 2 -m x
		[ "$(hub rev-parse main)" = "$tip" ]
	done
	rm -rf $log
	cp whole $log
	on 1 send 2 -m Second
	all_is_well First Second
}

a_view_that_is_none() {
	two_that_wrote
	on 1 send 2 -m Second
	on 1 inbox --all --json >before
	for how in gone empty garbage text cut other folder-wal version newer; do
		case $how in
		gone) rm -f 1/.trine/state.db* ;;
		empty) : >1/.trine/state.db ;;
		garbage) head -c 50000 /dev/urandom >1/.trine/state.db
			head -c 5000 /dev/urandom >1/.trine/state.db-wal ;;
		text) echo 'not a database' >1/.trine/state.db ;;
		cut) head -c 20000 1/.trine/state.db >cut && cp cut 1/.trine/state.db ;;
		other) rm -f 1/.trine/state.db*; cp 2/.trine/state.db* 1/.trine/ ;;
		folder-wal) rm -f 1/.trine/state.db-wal
			head -c 4096 /dev/zero >1/.trine/state.db-journal ;;
		version | newer) on 1 status >/dev/null
			# user_version, 4 bytes at 60, in a database without log
			rm -f 1/.trine/state.db-wal 1/.trine/state.db-shm
			printf '\0\0\177\001' | dd of=1/.trine/state.db bs=1 \
				seek=60 conv=notrunc 2>/dev/null ;;
		esac
		on 1 inbox --all --json >after || on 1 inbox --all --json >after
		expect_same before after
	done
	all_is_well First Second
}

a_damaged_view_in_use() {
	two_that_wrote
	for at in 4096 12288 40960 81920; do
		head -c 4096 /dev/urandom | dd of=1/.trine/state.db bs=1 \
			seek=$at conv=notrunc 2>/dev/null
		rm -f 1/.trine/state.db-wal 1/.trine/state.db-shm
		expect_status '0 75' on 1 sync
		on 1 send 2 -m "After $at" || on 1 send 2 -m "After $at"
		sync 1
	done
	# what a cycle does not read is found by who does
	on 1 status >/dev/null || on 1 status >/dev/null
	all_is_well First 'After 4096' 'After 12288' 'After 40960' 'After 81920'
}

what_can_be_made_again() {
	two_that_wrote
	on 1 send 2 -m Second
	rm -rf 1/.trine/run
	sync 1 2
	rm -rf 1/.trine/report.json 1/.trine/inbox 1/.trine/work
	printf 'not JSON\377' >1/.trine/report.json
	on 1 send 2 -m Third
	sync 1 2
	dd if=/dev/zero of=1/.trine/report.json bs=1024 count=2000 2>/dev/null
	sync 1
	on 1 status >/dev/null
	rm -rf 1/coordination
	sync 1
	mkdir 1/.trine/run/fleet.yaml.d
	printf '\377\0garbage' >1/.trine/run/fleet.yaml
	on 1 send 2 -m Fourth
	rm -rf 1/.trine/run/fleet.yaml
	all_is_well First Second Third Fourth
}

a_repository_that_is_gone() {
	two_that_wrote
	on 1 send 2 -m Second
	rm -rf 1/.trine/repo.git
	all_is_well First Second
	on 1 send 2 -m Third
	on 1 sync --offline
	rm -rf 1/.trine/repo.git
	all_is_well First Second Third
}

# What the desk was written from is in no repository any more.
an_edit_of_what_nobody_has() {
	two_that_wrote
	echo one >1/coordination/shared/note.md
	sync 1
	echo two >1/coordination/shared/note.md
	sync 1
	hub update-ref refs/heads/main main~1
	person_pull
	echo three >person/coordination/shared/note.md
	person_push three
	echo mine >1/coordination/shared/note.md
	rm -rf 1/.trine/repo.git
	sync 1
	hub_show shared/note.md | expect_file 1/coordination/shared/note.md
	hub grep -q mine main -- coordination/conflicts/1
}

locks_that_a_crash_left() {
	two_that_wrote
	for lock in HEAD.lock config.lock packed-refs.lock index.lock \
		refs/heads/main.lock refs/trine/tip/main.lock \
		refs/remotes/origin/main.lock objects/pack/x.lock shallow.lock \
		gc.pid; do
		mkdir -p "$(dirname "1/.trine/repo.git/$lock")"
		: >"1/.trine/repo.git/$lock"
	done
	: >1/.trine/repo.git/objects/pack/pack_git2_abc
	: >1/.trine/repo.git/objects/pack/tmp_pack_abc
	: >1/.trine/run/again
	echo 99999 >1/.trine/run/sync.lock
	echo 99999 >1/.trine/event-log.lock
	: >1/.trine/state.db-journal
	: >hub.git/trine.lock
	: >hub.git/refs/heads/main.lock
	on 1 send 2 -m Second
	all_is_well First Second
	[ -z "$(find 1/.trine/repo.git -name '*.lock' -o -name 'tmp_*' -o -name 'pack_git2*')" ]
}

a_log_that_is_a_link_or_unreadable() {
	two_that_wrote
	mv $log elsewhere
	ln -s "$PWD/elsewhere" $log
	expect_status '65 74 77' said told on 1 sync
	expect_line event-log.jsonl told
	rm $log
	mv elsewhere $log
	all_is_well First
}

a_directory_of_another_user() {
	two_that_wrote
	chown -R 12345 1
	expect_status 77 said told sh -c "cd 1/coordination && '$TRINE' status"
	cat told
	expect_line another told
	chown -R 0 1
	all_is_well First
}

what_may_not_be_read() {
	two_that_wrote
	chmod 0 1/.trine/trine.ini
	expect_status '74 77 78' said told on 1 sync
	expect_line trine.ini told
	chmod 600 1/.trine/trine.ini
	chmod 0 $log
	expect_status '74 77' said told on 1 sync
	expect_line event-log.jsonl told
	chmod 600 $log
	chmod 0 1/coordination/messages
	expect_status '0 74 77' said told on 1 sync
	chmod 755 1/coordination/messages
	chmod 0 1/coordination/README.md
	sync 1
	chmod 644 1/coordination/README.md
	on 1 send 2 -m Second
	chmod 0 1/.trine/repo.git/refs
	expect_status '74 75 77' said told on 1 sync
	expect_line repo.git told
	chmod 755 1/.trine/repo.git/refs
	all_is_well First Second
}

it a_torn_last_line
it a_damaged_last_line
it a_damaged_middle
it no_log_at_all
it a_view_that_is_none
it a_damaged_view_in_use
it what_can_be_made_again
it a_repository_that_is_gone
it an_edit_of_what_nobody_has
it locks_that_a_crash_left
it a_log_that_is_a_link_or_unreadable
if [ "$(id -u)" = 0 ]; then
	it a_directory_of_another_user
	skip what_may_not_be_read 'root reads all'
else
	skip a_directory_of_another_user 'only root gives files away'
	it what_may_not_be_read
fi
finish
