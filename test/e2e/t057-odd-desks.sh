# Odd things on the desk and in trine.ini: the cycle goes on without the first,
# and says of the second what is wrong.
. "${0%/*}/lib.sh"

# Whatever is done to files of the desk, the cycle goes on without them.
a_desk_of_odd_things() {
	two_that_wrote
	desk=1/coordination
	n=0
	for how in nul binary nul-between folder fifo link dangling status-binary \
		status-folder status-link human-binary fleet-folder archive-binary \
		messages-file shared-file foreign-binary many-names; do
		n=$((n + 1))
		rm -rf kept
		cp -pR $desk kept
		case $how in
		nul) printf '# Top \0 of it\n\n' >file
			cat $desk/messages/1_TO_2.md >>file
			cp file $desk/messages/1_TO_2.md ;;
		binary) head -c 5000 /dev/urandom >$desk/messages/1_TO_2.md ;;
		nul-between) printf '\nloose \0 text \377\n' \
			>>$desk/messages/1_TO_2.md ;;
		folder) rm $desk/messages/1_TO_2.md
			mkdir $desk/messages/1_TO_2.md ;;
		fifo) mkfifo $desk/shared/pipe.md ;;
		link) ln -sf /etc/passwd $desk/messages/1_TO_2.md ;;
		dangling) ln -s nowhere $desk/messages/1_TO_9.md ;;
		status-binary) head -c 5000 /dev/urandom >$desk/COMPUTER_1.md ;;
		status-folder) rm $desk/COMPUTER_1.md; mkdir $desk/COMPUTER_1.md ;;
		status-link) ln -sf /etc/passwd $desk/COMPUTER_1.md ;;
		human-binary) head -c 5000 /dev/urandom \
			>$desk/messages/HUMAN_TO_1.md ;;
		fleet-folder) rm $desk/fleet.yaml; mkdir $desk/fleet.yaml ;;
		archive-binary) mkdir -p $desk/archive/1_TO_2
			head -c 500 /dev/urandom >$desk/archive/1_TO_2/0001.md ;;
		messages-file) rm -r $desk/messages; : >$desk/messages ;;
		shared-file) rm -r $desk/shared; echo text >$desk/shared ;;
		foreign-binary) head -c 5000 /dev/urandom >$desk/COMPUTER_2.md ;;
		many-names) for name in .x 'a b' -rf 'q?' 'x*.md' "$(printf 'a\nb')" \
				"$(printf '\377.md')" COM1.md x.exe CLAUDE.md; do
				echo text >"$desk/shared/$name"; done ;;
		esac
		find $desk -type f -exec touch -t 202001010000 {} +
		on 1 send 2 -m "Number $n"
		on 2 send 1 -m "Answer $n"
		expect_status '0 74' said told on 1 sync
		sync 2
		cat told
		titles 2 | grep -x "Number $n"
		expect_status '0 74' on 1 sync
		titles 1 | grep -x "Answer $n"
		on 1 status >/dev/null
		hub_files >files
		no_line passwd files
		if hub_show messages/1_TO_2.md | grep -q root:; then
			fail 'a file from outside was shared'
		fi
		rm -rf $desk
		cp -pR kept $desk
		sync 1 2
	done
	[ "$(titles 2 | grep -c '^Number')" -eq "$n" ]
	[ "$(titles 1 | grep -c '^Answer')" -eq "$n" ]
	hub fsck --strict
}

# What was in a folder that cannot be entered any more is not deleted.
something_else_in_the_place_of_a_folder() {
	two_that_wrote
	desk=1/coordination
	mkdir $desk/shared/api
	for name in a b c; do echo $name >$desk/shared/api/$name.md; done
	echo beside >$desk/shared/api-x.md
	sync 1 2
	for how in link fifo locked; do
		[ $how != locked ] || [ "$(id -u)" != 0 ] || continue
		mv $desk/shared/api real
		case $how in
		link) ln -s "$PWD/real" $desk/shared/api ;;
		fifo) mkfifo $desk/shared/api ;;
		locked) mkdir -m 0 $desk/shared/api ;;
		esac
		echo "$how" >$desk/shared/api-x.md
		echo "by 2, $how" >2/coordination/shared/api/b.md
		rm -f 2/coordination/shared/api/c.md
		on 1 send 2 -m "$how"
		sync 2 1 2 1
		hub_files >files
		expect_line shared/api/a.md files
		hub_show shared/api/b.md | grep -x "by 2, $how"
		hub_show shared/api-x.md | grep -x "$how"
		on 1 status >status
		expect_count 1 shared/api status
		expect_line 'shared/api is no folder that can be read' status
		[ ! -e $desk/conflicts ]
		rm -rf $desk/shared/api
		mv real $desk/shared/api
		sync 1 2
		expect_desks 1 2
		on 1 status >status
		no_line 'is no folder' status
	done
	mv $desk/messages real
	ln -s "$PWD/real" $desk/messages
	on 1 send 2 -m 'All the same'
	sync 1 2 1
	titles 2 | grep -x 'All the same'
	rm $desk/messages
	mv real $desk/messages
	sync 1
	expect_desks 1 2
}

settings_that_are_none() {
	two_that_wrote
	ini=1/.trine/trine.ini
	cp $ini good
	for how in empty binary large long-line deep-name open no-section nul \
		folder link twice number colon; do
		rm -rf $ini
		case $how in
		empty) : ;;
		binary) head -c 3000 /dev/urandom ;;
		large) cat good; awk 'BEGIN { for (i = 0; i < 30000; i++)
			print "# a comment that is long, number " i }' ;;
		long-line) cat good; dd if=/dev/zero bs=1024 count=30 2>/dev/null |
			tr '\0' x ;;
		deep-name) cat good; echo '[instance a b c]' ;;
		open) cat good; echo '[instance' ;;
		no-section) sed '/^\[/d' good ;;
		nul) cat good; printf '[sync]\n\0\n' ;;
		twice) cat good; echo '[computer]'; echo 'number = 2' ;;
		number) sed 's/^number = 1/number = 2/' good ;;
		colon) sed 's/^number = 1/number = 1; x/' good ;;
		*) : ;;
		esac >ini
		case $how in
		folder) mkdir $ini ;;
		link) ln -s "$PWD/good" $ini ;;
		*) cp ini $ini ;;
		esac
		for command in sync status 'send 2 -m x'; do
			# shellcheck disable=SC2086 # words
			expect_status '65 74 78' said told on 1 $command
			expect_line trine.ini told
		done
	done
	rm -rf $ini
	cp good $ini
	titles 2 | sort -u >sent
	on 1 send 2 -m Second
	sync 1 2
	titles 2 | grep -x Second
}

# Somebody moves it to another disk, and leaves a link.
a_desk_behind_a_link() {
	two_that_wrote
	loose 1 shared/tasks.md 'Old ones'
	sync 1 2
	mv 1/coordination elsewhere
	ln -s "$PWD/elsewhere" 1/coordination
	loose 1 messages/1_TO_2.md '' 'Typed behind it'
	loose 1 shared/project-state.md 'New words'
	rm 1/coordination/shared/tasks.md
	person_pull
	echo 'From elsewhere' >person/coordination/shared/plan.md
	person_push plan
	sync 1 2 1
	titles 2 | grep -x 'Typed behind it'
	expect_line 'New words' 2/coordination/shared/project-state.md
	[ ! -e 2/coordination/shared/tasks.md ]
	rm 1/coordination
	mv elsewhere 1/coordination
	expect_desks 1
	on 1 status >status
	no_line 'files of the desk were gone' status
}

# Where that disk is away, or a file stands, nobody has deleted all of it.
no_desk_behind_it() {
	two_that_wrote
	mv 1/coordination elsewhere
	for what in link file; do
		case $what in
		link) ln -s "$PWD/nowhere" 1/coordination ;;
		file) echo 'A desk' >1/coordination ;;
		esac
		tip=$(hub rev-parse main)
		expect_status 65 on 1 sync
		[ "$(hub rev-parse main)" = "$tip" ]
		on 1 status >status
		expect_line 'coordination is in the way of a folder' status
		no_line 'files of the desk were gone' status
		rm 1/coordination
	done
	mv elsewhere 1/coordination
	sync 1
	expect_desks 1
}

# many COUNT SUFFIX FOLDER: as many empty files
many() {
	mkdir -p "$3"
	( cd "$3" && seq -f "m%05g.$2" "$1" | xargs touch -t 202001010000 )
}

any_number_of_files_that_are_never_shared() {
	two_that_wrote
	many 80100 js 1/coordination/shared/tool/node_modules
	on 1 send 2 -m Second
	on 2 send 1 -m Answer
	sync 2 1 2
	received 1 Inbound Answer
	received 2 First Second
	on 1 status >status
	no_line full status
	no_line node_modules status
}

more_files_than_a_desk_holds() {
	two_that_wrote
	loose 1 shared/zoo.md 'Seen by all'
	sync 1 2
	many 20100 md 1/coordination/shared/many
	loose 1 shared/zoo.md 'And so is this'
	on 1 send 2 -m Second
	on 2 send 1 -m Answer
	sync 2 1
	received 1 Inbound Answer
	on 1 status >status
	expect_line 'the desk holds 20000 files, and more lie there: shared/many/m19' status
	[ "$(find 1/coordination -name '*.md' | wc -l)" -gt 20100 ]
	hub_show shared/zoo.md | grep -x 'And so is this'
	count=$(hub_files | grep -c shared/many)
	[ "$count" -gt 19000 ]
	[ "$count" -lt 20000 ]
	# The others take half of them, and delete nothing.
	sync 2 1
	received 2 First Second
	[ "$(hub_files | grep -c shared/many)" -eq "$count" ]
	# Another one brings what one that is left alone is called.
	person_pull
	echo 'By a person' >person/coordination/shared/many/m20100.md
	person_push 'The last one'
	sync 1
	[ ! -s 1/coordination/shared/many/m20100.md ]
	rm 1/coordination/shared/many/m199* 1/coordination/shared/many/m20*
	sync 1 2 1
	on 1 status >status
	no_line 'more lie there' status
	hub_show shared/many/m20100.md | grep -x 'By a person'
	on 1 send 2 -m Third
	sync 1 2
	received 2 First Second Third
}

it a_desk_of_odd_things
it a_desk_behind_a_link
it no_desk_behind_it
it something_else_in_the_place_of_a_folder
it any_number_of_files_that_are_never_shared
if [ -n "${WRAP:-}" ] || nm "$TRINE" 2>/dev/null | grep -q __asan_init; then
	skip more_files_than_a_desk_holds 'under another tool'
else
	it more_files_than_a_desk_holds
fi
it settings_that_are_none
finish
