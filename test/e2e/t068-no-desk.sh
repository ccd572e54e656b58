# What no desk gets, too large, a link, an executable, a folder in the place of a file,
# is somebody's all the same: it stays on the branch, and what is written here in its
# place is kept beside it.
. "${0%/*}/lib.sh"
. "${0%/*}/forge.sh"

too_much() { head -c 1200000 /dev/zero | tr '\0' 'x' | fold -w 70; }

# stands PATH: a person's there.
stands_large() { too_much >"$1"; }
stands_link() { rm -f "$1"; ln -s ../fleet.yaml "$1"; }
stands_executable() { echo 'A page of a person' >"$1"; chmod +x "$1"; }
stands_folder() { rm -f "$1"; mkdir "$1"; echo 'A page of a person' >"$1/in.md"; }
kinds='large link executable'

person_puts() { # KIND PATH
	person_pull
	"stands_$1" "person/coordination/$2"
	person_push "$1"
	theirs=$(hub ls-tree -r main "coordination/$2")
}

# Theirs is as it was, and ours in a copy, said once.
kept_beside() { # PATH TEXT
	hub ls-tree -r main "coordination/$1" >now
	echo "$theirs" | diff - now
	grep -rlFe "$2" 1/coordination/conflicts/1 >copies
	[ "$(wc -l <copies)" -eq 1 ]
	on 1 sync
	[ "$(hub rev-parse main)" = "$(git -C 1/.trine/repo.git rev-parse main)" ]
	[ ! -f "1/coordination/$1" ]
}

made_in_its_place() {
	new_fleet 2
	write_each_other
	for kind in $kinds; do
		person_puts $kind shared/$kind.md
		sync 1
		loose 1 shared/$kind.md "Made here, not knowing of the $kind"
		sync 1
		kept_beside shared/$kind.md "not knowing of the $kind"
	done
	on 1 status | grep 'not shown on desks'
}

made_in_its_place_at_the_same_time() {
	new_fleet 2
	write_each_other
	for kind in $kinds folder; do
		person_puts $kind shared/$kind.md
		loose 1 shared/$kind.md "Made here with the $kind"
		sync 1
		kept_beside shared/$kind.md "Made here with the $kind"
	done
}

in_a_commit_that_waits() {
	new_fleet 2
	write_each_other
	for kind in $kinds folder; do
		loose 1 shared/$kind.md 'As it was'
	done
	sync 1 2
	for kind in $kinds folder; do
		loose 1 shared/$kind.md "Written with the $kind"
		on 1 sync --offline
		person_puts $kind shared/$kind.md
		on 1 send 2 -m "After the $kind"
		sync 1
		kept_beside shared/$kind.md "Written with the $kind"
	done
	sync 2
	titles 2 | grep -c '^After the' | grep -x 4
}

lines_of_people() {
	new_fleet 2
	write_each_other
	loose 1 messages/HUMAN_TO_2.md '- [ ] Waits'
	on 1 sync --offline
	person_puts large messages/HUMAN_TO_2.md
	sync 1
	kept_beside messages/HUMAN_TO_2.md '- [ ] Waits'
	loose 1 messages/HUMAN_TO_2.md '- [ ] Typed later'
	sync 1
	kept_beside messages/HUMAN_TO_2.md '- [ ] Typed later'
}

# Ours comes back as a plain file, and what somebody wrote is kept.
in_files_of_a_computer() {
	new_fleet 2
	write_each_other
	person_pull
	printf 'owners: [{path: "shared/plan.md", owner: 1}]\n' \
		>>person/coordination/fleet.yaml
	person_push rules
	loose 1 shared/plan.md 'The plan'
	sync 1 2
	for path in messages/1_TO_2.md COMPUTER_1.md shared/plan.md; do
		person_pull
		echo "Words for $path" >>person/coordination/$path
		chmod +x person/coordination/$path
		person_push executable
		sync 1
		hub ls-tree main coordination/$path | grep '^100644'
		hub_show $path >text
		no_line 'Words for' text
		grep -rF "Words for $path" 1/coordination/conflicts/1
	done
	on 1 status | grep -c 'did not stay' | grep -x 3
}

# It never came to the desk, and so nobody took it away there.
given_with_the_rule() {
	new_fleet 2
	write_each_other
	for kind in $kinds; do
		person_puts $kind shared/$kind.md
		hub ls-tree main coordination/shared/$kind.md >>all
		rules="$rules{path: shared/$kind.md, owner: 1}, "
	done
	person_pull
	echo "owners: [${rules%, }]" >>person/coordination/fleet.yaml
	person_push rules
	sync 1 1 1
	for kind in $kinds; do
		hub ls-tree main coordination/shared/$kind.md
	done | diff all -
	[ ! -d 1/coordination/conflicts/1 ]
	loose 1 shared/link.md 'Mine, as a file'
	sync 1
	hub_show shared/link.md | grep 'Mine, as a file'
}

# It is the same text: nothing is to be kept, and what is written here goes out.
the_mode_alone() {
	new_fleet 2
	write_each_other
	loose 1 shared/plan.md 'The plan'
	sync 1
	person_pull
	chmod +x person/coordination/shared/plan.md
	person_push executable
	echo 'More of it' >>1/coordination/shared/plan.md
	at +1m sync 1 2
	hub ls-tree main coordination/shared/plan.md | grep '^100644'
	expect_line 'More of it' 2/coordination/shared/plan.md
	[ ! -d 1/coordination/conflicts/1 ]
}

a_file_for_a_folder() {
	new_fleet 2
	write_each_other
	person_pull
	echo 'A page of a person' >person/coordination/shared/plan.md
	person_push page
	mkdir 1/coordination/shared/plan.md
	loose 1 shared/plan.md/in.md 'Below it'
	sync 1
	hub_show shared/plan.md | grep 'A page of a person'
	grep -r 'Below it' 1/coordination/conflicts/1
	sync 1
	expect_line 'A page of a person' 1/coordination/shared/plan.md
}

# Who had them all on the desk may make one of the other.
on_purpose() {
	new_fleet 2
	write_each_other
	mkdir 1/coordination/shared/many.md
	loose 1 shared/many.md/in.md 'One of many'
	loose 1 shared/one.md 'The only one'
	sync 1 2
	rm -r 1/coordination/shared/many.md 1/coordination/shared/one.md
	mkdir 1/coordination/shared/one.md
	loose 1 shared/many.md 'All in one'
	loose 1 shared/one.md/in.md 'One more'
	sync 1 2
	expect_line 'All in one' 2/coordination/shared/many.md
	expect_line 'One more' 2/coordination/shared/one.md/in.md
	[ ! -d 1/coordination/conflicts/1 ]
	expect_desks 1 2
}

it made_in_its_place
it made_in_its_place_at_the_same_time
it in_a_commit_that_waits
it lines_of_people
it in_files_of_a_computer
it given_with_the_rule
it the_mode_alone
it a_file_for_a_folder
it on_purpose
finish
