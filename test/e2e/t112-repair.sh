# A damaged event log: every command says what to do, and `trine repair` does it.
. "${0%/*}/lib.sh"

log=1/.trine/event-log.jsonl

two() {
	two_that_wrote
	on 1 send 2 -m Second
}

# Line N of the log is not one.
spoil() { sed "${1}s/seq/sEq/" $log >spoilt && cat spoilt >$log; }

a_damaged_line_is_left_out() {
	two
	line=$(grep -n '"message.received"' $log | sed 's/:.*//')
	cp $log whole
	spoil "$line"
	rm -f 1/.trine/state.db*
	expect_status 65 said told on 1 status
	expect_line 'trine repair' told
	expect_status 65 said told on 1 repair
	grep -E "event-log.jsonl line $line, bytes [0-9]+ to [0-9]+: event $line is lost" told
	sed -n "${line}s/seq/sEq/p" whole | expect_file 1/.trine/event-log.damaged-*
	on 1 status >told
	expect_line 'the event log was damaged' told
	json 1 status
	expect_line '"code":"log"' json
	# the rest is all there, and goes on; what was lost comes again
	sync 1 2 1
	titles 2 | sort >got
	printf '%s\n' First Second | expect_file got
	on 1 repair
	json 1 repair
	expect_line '"lost":[]' json
	on 1 status >told
	no_line 'was damaged' told
}

a_view_of_any_kind_comes_back() {
	two
	on 1 inbox --all --json >before
	cp $log whole
	for how in gone garbage newer; do
		case $how in
		gone) rm -f 1/.trine/state.db* ;;
		garbage) rm -f 1/.trine/state.db-*
			head -c 50000 /dev/urandom >1/.trine/state.db ;;
		newer) on 1 status >/dev/null
			rm -f 1/.trine/state.db-*
			printf '\0\0\177\001' | dd of=1/.trine/state.db bs=1 \
				seek=60 conv=notrunc 2>/dev/null ;;
		esac
		on 1 repair
		cmp whole $log
		on 1 inbox --all --json | expect_file before
	done
	printf '{"seq":99,"ti' >>$log
	on 1 repair
	cmp whole $log
}

an_old_part_that_is_gone() {
	two
	printf '[log]\nsize = 64K\n' >>1/.trine/trine.ini
	head -c 70000 /dev/zero | tr '\0' x | on 1 send 9 -m Long -
	on 1 sync
	on 1 inbox --all --json >before
	last=$(wc -l <1/.trine/log/000001.jsonl)
	rm 1/.trine/log/000001.jsonl
	expect_status 65 said told on 1 log
	expect_line 'log/000001.jsonl is missing' told
	expect_status 65 said told on 1 repair
	grep -E "log/000001.jsonl, bytes 0 to [0-9]+: events 1 to $last are lost" told
	on 1 log >told
	expect_line log.repaired told
	on 1 inbox --all --json | expect_file before
	rm -f 1/.trine/state.db*
	on 1 inbox --all --json | expect_file before
	on 1 repair
	sync 1 2
}

# Then nobody knows which computer it was, but its settings; the branch has the rest.
the_whole_log_is_gone() {
	two_that_wrote
	rm $log
	expect_status 78 said told on 1 inbox
	expect_line "\`trine init --takeover --computer 1 --remote $remote --branch main $PWD/1.new\`" told
	sed 's/.*`trine \(.*\)`.*/\1/' told >command
	expect_status 65 said told on 1 repair
	expect_line 'the event log is empty' told
	# As it stands.
	eval "said told $TRINE $(cat command)"
	expect_line 'This is computer 1' told
	mv 1.new again
	on again sync
	titles again | grep -x Inbound
	on again send 2 -m Second
	sync again 2
	received 2 First Second
}

not_while_a_cycle_goes_on() {
	two
	perl -MFcntl -e '
		open my $f, "+>>", shift or die;
		my $lock = pack("s s x4 l! l! i x4", F_WRLCK, 0, 0, 0, 0);
		fcntl($f, F_SETLK, $lock) or die;
		open my $ready, ">", "ready" or die;
		close $ready;
		sleep 60' 1/.trine/run/sync.lock &
	echo $! >holder.pid
	wait_until test -e ready
	expect_status 75 said told on 1 repair
	cat told
	kill "$(cat holder.pid)"
	wait "$(cat holder.pid)" || :
	rm holder.pid
	on 1 repair
}

it a_damaged_line_is_left_out
it a_view_of_any_kind_comes_back
it an_old_part_that_is_gone
# the lock as Linux has it in memory
if [ "$(uname -s)" = Linux ]; then
	it the_whole_log_is_gone
it not_while_a_cycle_goes_on
else
	skip not_while_a_cycle_goes_on 'Linux only'
fi
finish
