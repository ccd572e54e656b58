# Desk files that nobody touched are not read, and edits are seen all the same,
# however little they show; a cache that is not right costs time and no more.
. "${0%/*}/lib.sh"

cache=1/.trine/run/desk-cache
desk=1/coordination

# known: cycles until all files of computer 1 are in the cache. The clock is
# moved, so that they are old enough for it.
known() { at +1m sync 1; at +1m sync 1; }

# opened FILE…: files of its desk that a cycle of computer 1 opens, in order.
opened() {
	TRINE_TEST_CLOCK=+1m strace -f -qq -e trace=open,openat -o calls \
		"$TRINE" -C "$PWD/1" sync
	sed -n 's,^.*"[^"]*/1/coordination/\([^"]*\.[a-z][a-z]*\)".*,\1,p' calls |
		sort -u >files
	printf '%s\n' "$@" | expect_file files
}

fill() { # a desk with files of all kinds
	new_fleet 2
	sync 1 2
	head -c 11000 /dev/zero | tr '\0' x | fold -w 70 >long
	for number in 1 2 3; do on 1 send 2 -m "Long $number" long >sent; done
	on 2 send 1 -m Hello >sent
	mkdir -p $desk/shared
	for number in 1 2 3; do echo "note $number" >$desk/shared/$number.md; done
	sync 1 2 1
	echo mine >>$desk/messages/2_TO_1.md
	sync 1 2 1
	[ -e $desk/archive/1_TO_2/0002.md ]
	ls $desk/conflicts/1/*.md
}

# see_edit WHAT…: another text of the same size in shared/1.md, by a command
# that gets its path and the text; the next cycle, at $when, takes it in.
turn=100
when=+1m
see_edit() {
	turn=$((turn + 1))
	"$@" $desk/shared/1.md "note $turn"
	at $when sync 1
	[ "$(hub_show shared/1.md)" = "note $turn" ] || fail "$* is not seen"
}

write_in_place() { echo "$2" >"$1"; }
write_dated() { # with its old time
	cp -p "$1" dated
	echo "$2" >"$1"
	touch -r dated "$1"
}
put_another() { # another inode, with the old time
	echo "$2" >another
	touch -r "$1" another
	mv another "$1"
}
write_at_1960() { echo "$2" >"$1"; touch -t 196001010000 "$1"; }
write_in_future() { echo "$2" >"$1"; touch -t 203801010000 "$1"; }

# ---- what is read ----

only_what_must_be_parsed_is_read() {
	fill
	known
	opened COMPUTER_1.md messages/1_TO_2.md
	echo more >>$desk/shared/2.md
	opened COMPUTER_1.md messages/1_TO_2.md shared/2.md
	rm -f $desk/shared/3.md
	opened COMPUTER_1.md messages/1_TO_2.md
}

an_idle_cycle_does_not_write_it() {
	fill
	known
	cp -p $cache before
	at +1m sync 1
	at +20m sync 1
	[ -z "$(find $cache -newer before)" ]
	cmp before $cache
}

young_files_are_not_in_it() {
	fill
	sleep 6
	echo young >$desk/shared/3.md
	sync 1
	no_line shared/3.md $cache
	expect_line shared/2.md $cache
	touch -t 203801010000 $desk/shared/2.md
	at +1m sync 1
	no_line shared/2.md $cache
	expect_line shared/3.md $cache
}

a_dry_run_does_not_write_it() {
	fill
	known
	rm $cache
	at +1m on 1 sync --dry-run
	[ ! -e $cache ]
	at +1m on 1 sync
	[ -s $cache ]
}

# ---- what is seen ----

edits_that_show_little_are_seen() {
	fill
	for when in +0s +1m; do
		for how in write_in_place write_dated put_another \
			write_at_1960 write_in_future; do
			at $when sync 1
			at $when sync 1
			see_edit "$how"
			see_edit "$how"
		done
	done
	expect_desks 1
}

edits_of_files_that_are_not_ours_are_seen() {
	fill
	for file in archive/1_TO_2/0001.md archive/1_TO_2/0002.md COMPUTER_2.md \
		messages/2_TO_1.md; do
		known
		before=$(hub_show "$file")
		cp -p "$desk/$file" dated
		sed '1s/[A-Za-z]/Z/2' dated >"$desk/$file"
		touch -r dated "$desk/$file"
		! cmp -s dated "$desk/$file" || fail "$file was not changed"
		at +1m sync 1
		at +1m sync 1
		[ "$(cat "$desk/$file")" = "$before" ] || fail "$file stays"
		grep -rlF "of \`$file\` that" $desk/conflicts/1 ||
			fail "no copy of $file"
	done
	expect_desks 1
}

# Edits by chance, of files of one size, and cycles at all times.
no_edit_is_missed() {
	new_fleet 1
	mkdir -p $desk/shared
	for number in 1 2 3 4; do echo 'note 100' >$desk/shared/$number.md; done
	sync 1
	awk 'BEGIN {
		srand(7)
		split("write_in_place write_dated put_another write_at_1960 " \
			"write_in_future remove", how)
		split("+0s +0s +1m +1m +2h -1h", time)
		for (i = 101; i < 140; i++) {
			while (rand() < 0.5)
				print how[1 + int(rand() * 6)], \
					1 + int(rand() * 4), i
			print "cycle", time[1 + int(rand() * 6)], i
		}
	}' >steps
	while read -r how what number; do
		file=$desk/shared/$what.md
		case $how in
		cycle)
			at "$what" sync 1
			rm -rf tip && mkdir tip
			hub archive main coordination/shared | tar xf - -C tip
			diff -r tip/coordination/shared $desk/shared
			;;
		remove) rm -f "$file" ;;
		*)
			[ -e "$file" ] || echo 'note 100' >"$file"
			$how "$file" "note $number"
			;;
		esac
	done <steps
}

# ---- what is wrong with it ----

lines() { sed '1d;$d' "$1"; }

damage() { # HOW
	case $1 in
	none) rm $cache ;;
	empty) : >$cache ;;
	cut) head -c 300 before >$cache ;;
	tail) tail -n +2 before >$cache ;;
	byte) sed '2s/[0-9]/x/' before >$cache ;;
	garbage) head -c 5000 /dev/urandom >$cache ;;
	zeros) head -c 5000 /dev/zero >$cache ;;
	huge) { cat before; head -c 13000000 /dev/zero; } >$cache ;;
	version) sed '1s/ 1 / 2 /' before >$cache ;;
	link) rm $cache; ln -s "$PWD/before" $cache ;;
	folder) rm -rf $cache; mkdir $cache ;;
	fifo) rm $cache; mkfifo $cache ;;
	esac
}

damage_costs_time_and_no_more() {
	fill
	for how in none empty cut tail byte garbage zeros huge version link fifo \
		folder; do
		known
		cp $cache before
		cp before was
		damage "$how"
		head=$(hub rev-parse main)
		at +1m sync 1
		[ "$(hub rev-parse main)" = "$head" ] || fail "$how: a commit"
		[ "$how" = folder ] || [ "$(lines before)" = "$(lines $cache)" ] ||
			fail "$how: it is not made anew"
		cmp before was || fail "$how: a link was followed"
		damage "$how"
		see_edit write_dated
	done
	rmdir $cache
	expect_desks 1
}

one_of_another_desk_is_not_used() {
	fill
	sync 1 2 1 2
	known
	at +1m sync 2
	at +1m sync 2
	cp 2/.trine/run/desk-cache theirs
	cp theirs $cache
	see_edit write_dated
	known
	sed "1s/ [0-9a-f]* \([0-9]*\)$/ 00000000 \1/" $cache >foreign
	expect_not cmp -s foreign $cache
	cp foreign $cache
	at +1m sync 1
	expect_not cmp -s foreign $cache
	expect_desks 1
}

one_of_an_older_time_is_not_wrong() {
	fill
	known
	cp $cache old
	cp -p $desk/shared/1.md older.md
	see_edit write_dated
	cp old $cache
	see_edit put_another
	cp old $cache
	at +1m sync 2 1
	cp -p older.md $desk/shared/1.md	# was published, so is no edit
	cp old $cache
	at +1m sync 1 2
	[ "$(cat $desk/shared/1.md)" = "note $turn" ]
	expect_desks 1 2
}

what_a_killed_write_of_it_left_goes() {
	fill
	touch 1/.trine/run/.desk-cache.trine-0123abcd \
		1/.trine/run/.desk-cache.trine-0123abcd.part
	sync 1
	[ -z "$(find 1/.trine/run -name '.desk-cache*')" ]
}

# Blobs of unedited files come from the repository, or else from the desk.
a_lost_repository_and_branch_are_made_anew_from_it() {
	fill
	known
	cp -R $desk before
	rm -rf 1/.trine/repo.git hub.git
	git init -q --bare -b main hub.git
	at +1m sync 1
	at +1m sync 1
	cmp before/shared/1.md $desk/shared/1.md
	[ "$(hub_show shared/1.md)" = 'note 1' ]
	cmp before/archive/1_TO_2/0001.md $desk/archive/1_TO_2/0001.md
	expect_desks 1
}

others_changes_reach_files_that_were_not_read() {
	fill
	sync 2
	known
	echo 'note 4' >2/coordination/shared/1.md
	sync 2
	at +1m sync 1
	[ "$(cat $desk/shared/1.md)" = 'note 4' ]
	person_pull
	echo 'note 5' >person/coordination/shared/1.md
	git -C person rm -q coordination/shared/2.md
	person_push 'By a person'
	at +1m sync 1
	[ "$(cat $desk/shared/1.md)" = 'note 5' ]
	[ ! -e $desk/shared/2.md ]
	sync 2
	expect_desks 1 2
}

if strace -qq -o /dev/null true 2>/dev/null; then
	it only_what_must_be_parsed_is_read
else
	skip only_what_must_be_parsed_is_read 'strace may not trace here'
fi
it an_idle_cycle_does_not_write_it
it young_files_are_not_in_it
it a_dry_run_does_not_write_it
it edits_that_show_little_are_seen
it edits_of_files_that_are_not_ours_are_seen
it no_edit_is_missed
it damage_costs_time_and_no_more
it one_of_another_desk_is_not_used
it one_of_an_older_time_is_not_wrong
it what_a_killed_write_of_it_left_goes
it a_lost_repository_and_branch_are_made_anew_from_it
it others_changes_reach_files_that_were_not_read
finish
