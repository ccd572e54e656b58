# repo.git damaged by a power cut or a failing disk: the cycle that meets it makes
# a new one and goes on. Nothing is lost, nothing hangs, and status says it.
. "${0%/*}/lib.sh"

repo=1/.trine/repo.git

# Computer 1 has a tip, a commit of its own that waits, and an edit on the desk.
two() {
	two_that_wrote
	on 1 send 2 -m Second
	on 1 sync --offline
	echo 'typed by hand' >>1/coordination/README.md
}

# quick COMMAND…: on computer 1, and not for ever.
quick() { timeout 30 "$TRINE" -C "$PWD/1" "$@"; }

. "${0%/*}/damage.sh"

# Each message once, the edit too, on both sides; no new clone; new and whole.
all_is_well() {
	sync 1 2 1
	titles 2 | sort >all
	printf '%s\n' First Second "$@" | sort | expect_file all
	[ "$(titles 1)" = Inbound ]
	git -C $repo fsck --strict
	hub fsck --strict
	hub_show README.md | grep -x 'typed by hand'
	hub_show COMPUTER_1.md >status
	no_line former: status
	expect_desks 1 2
	json 1 status
	expect_line '"unpushed":0' json
}

aside() { ls -d 1/.trine/repo.git.damaged-* 2>/dev/null || :; }

healed() {
	[ "$(aside | wc -l)" = 1 ]
	on 1 status >status
	expect_line 'repo.git was damaged' status
	expect_line "$(basename "$(aside)")" status
}

# all_kinds REF FLAG KIND…: each kind of damage, healed by one cycle.
all_kinds() {
	ref=$1 flag=$2
	shift 2
	two
	cp -pR 1 saved.1
	cp -pR 2 saved.2
	cp -pR hub.git saved.hub
	for how; do
		echo "---- $how"
		rm -rf 1 2 hub.git
		cp -pR saved.1 1
		cp -pR saved.2 2
		cp -pR saved.hub hub.git
		damage "$how" $repo "$ref"
		# shellcheck disable=SC2086 # a flag or none
		quick sync $flag
		# a blob that is gone may be written again on the way, and
		# HEAD is nothing that we need
		case $how in blob-gone | HEAD-gone) ;; *) healed ;; esac
		quick send 2 -m Third
		all_is_well Third
	done
}

objects_of_what_waits() {
	all_kinds refs/heads/main '' blob-empty blob-cut blob-garbage blob-other \
		blob-gone blob-pipe tree-empty tree-cut tree-gone commit-empty \
		commit-cut commit-gone
}
objects_of_the_tip() {
	all_kinds refs/trine/tip/main '' blob-cut tree-empty tree-cut tree-gone \
		commit-empty commit-cut commit-gone ref-garbage
}
packs() {
	all_kinds refs/heads/main '' pack-cut pack-empty pack-gone pack-middle \
		idx-cut idx-gone
}
all_around_them() {
	all_kinds refs/heads/main '' packed-refs config HEAD-gone refs-gone \
		refs-file objects-gone objects-file packs-file ref-empty \
		ref-garbage ref-dangling backup-dangling file
}
without_the_remote() {
	all_kinds refs/heads/main --offline blob-cut tree-gone commit-cut \
		packed-refs config HEAD-gone ref-empty pack-cut pack-middle
}

an_empty_folder_or_none_is_no_damage() {
	two
	rm -rf $repo
	quick sync
	rm -rf $repo
	mkdir $repo
	quick sync
	[ -z "$(aside)" ]
	all_is_well
}

own_commits_come_back_as_they_were() {
	two
	on 1 send 2 -m Third
	on 1 sync --offline
	git -C $repo rev-parse main main~1 main~2 >before
	damage config $repo
	quick sync --offline
	git -C $repo rev-parse main main~1 main~2 | expect_file before
	# the newest cannot be read: what is in it is committed again
	rm -rf "$(aside)"
	damage commit-cut $repo
	quick sync --offline
	on 1 status >status
	expect_line 'before it was pushed' status
	git -C $repo rev-parse main~1 main~2 >after
	sed 1d before | expect_file after
	all_is_well Third
}

a_message_on_its_way_in_is_not_missed() {
	new_fleet 2
	sync 1 2 1
	on 2 send 1 -m Inbound
	sync 2
	n=0
	# killed right after the fetch, before the log knows of it
	until [ "$(git -C $repo rev-parse -q --verify refs/remotes/origin/main)" = \
		"$(hub rev-parse main)" ]; do
		n=$((n + 1))
		[ $n -lt 20 ]
		TRINE_TEST_KILL=$n on 1 sync || :
	done
	[ -z "$(titles 1)" ]
	git -C $repo rev-parse refs/remotes/origin/main:coordination/messages/2_TO_1.md >blob
	halve "$(object "$(cat blob)" $repo)"
	quick sync
	[ "$(titles 1)" = Inbound ]
	healed
}

killed_while_it_heals() {
	two
	cp -pR 1 saved.1
	cp -pR hub.git saved.hub
	cp -pR 2 saved.2
	for how in blob-cut packed-refs; do
		for n in 1 2 3 4 5 6 7 8 9; do
			rm -rf 1 2 hub.git
			cp -pR saved.1 1
			cp -pR saved.2 2
			cp -pR saved.hub hub.git
			damage "$how" $repo
			TRINE_TEST_KILL=$n quick sync || :
			all_is_well
			healed
		done
	done
}

not_again_and_again() {
	two
	damage config $repo
	quick sync
	damage config $repo
	expect_status 74 said told quick sync
	expect_line 'damaged again' told
	on 1 status >status
	expect_line 'damaged again' status
	[ "$(aside | wc -l)" = 1 ]
	at +2h quick sync
	[ "$(aside | wc -l)" = 2 ]
	aside | tail -n 1 >newest
	damage config $repo
	at +4h quick sync
	[ "$(aside | wc -l)" = 2 ]
	[ "$(aside | head -n 1)" = "$(cat newest)" ]
	at +4h all_is_well
}

said_until_the_folder_is_gone() {
	two
	damage blob-cut $repo
	quick sync
	sync 1
	healed
	rm -rf "$(aside)"
	sync 1
	on 1 status >status
	no_line damaged status
	all_is_well
}

kept_tips_come_back() {
	two
	sync 1
	old=$(hub rev-parse main)
	hub update-ref refs/heads/main main~1
	sync 1
	kept=$(git -C $repo for-each-ref --format='%(refname)' refs/trine/backup)
	[ "$(git -C $repo rev-parse "$kept")" = "$old" ]
	for when in 0h 2h; do
		damage config $repo
		at +$when quick sync
		[ "$(git -C $repo rev-parse "$kept")" = "$old" ]
		git -C $repo pack-refs --all
	done
	[ "$(aside | wc -l)" = 2 ]
}

a_long_history_comes_back_too() {
	two
	person_pull
	for n in $(seq 1 150); do
		echo "$n" >person/coordination/shared/note.md
		git -C person commit -qam "Note $n" || {
			git -C person add -A
			git -C person commit -qm "Note $n"
		}
	done
	git -C person push -q
	sync 1
	on 1 send 2 -m Third
	on 1 sync --offline
	git -C $repo rev-parse main >before
	damage config $repo
	quick sync --offline
	healed
	git -C $repo rev-parse main | expect_file before
	git -C $repo fsck --strict
	all_is_well Third
}

a_copy_that_waits_is_kept() {
	two
	echo 'not mine to write' >>1/coordination/COMPUTER_2.md
	settle 1/coordination/COMPUTER_2.md
	on 1 sync --offline
	find 1/coordination/conflicts/1 -type f | grep COMPUTER_2
	damage commit-cut $repo
	quick sync
	hub_files | grep conflicts/1/
	hub grep -q 'not mine to write' main -- coordination/conflicts/1
}

a_dry_run_only_says_it() {
	two
	damage blob-cut $repo
	on 1 log >before
	expect_status 65 said told quick sync --dry-run
	expect_line 'cut short' told
	[ -z "$(aside)" ]
	on 1 log >after
	cmp before after
	quick sync
	all_is_well
}

a_link_is_not_moved() {
	two
	mv $repo elsewhere.git
	ln -s "$PWD/elsewhere.git" $repo
	quick sync
	damage config elsewhere.git
	expect_status 74 said told quick sync
	expect_line 'leads to a damaged repository' told
	[ -L $repo ]
}

what_git_gc_finds() {
	two
	readme=$(git -C $repo rev-parse refs/trine/tip/main:coordination/README.md)
	sync 1
	halve "$(object "$readme" $repo)"
	# it counts the objects that begin with 17
	git -C $repo config gc.auto 1
	seq 1000 | while read -r n; do
		echo "$n" >blob
		case $(git hash-object blob) in
		17*) git -C $repo hash-object -w "$PWD/blob" ;;
		esac
	done >made
	[ "$(wc -l <made)" -gt 1 ]
	quick send 2 -m Third
	quick sync
	healed
	all_is_well Third
}

behind_git() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	write_each_other
	echo 'typed by hand' >>1/coordination/README.md
	for how in blob-cut tree-gone pack-middle ref-empty; do
		rm -rf "$(aside)"
		on 1 send 2 -m "Behind $how"
		on 1 sync --offline
		damage "$how" $repo
		quick sync
		healed
		sync 2
		titles 2 | grep -x "Behind $how"
	done
	[ "$(titles 2 | wc -l)" = 5 ]
	hub fsck --strict
}

it objects_of_what_waits
it objects_of_the_tip
it packs
it all_around_them
it without_the_remote
it an_empty_folder_or_none_is_no_damage
it own_commits_come_back_as_they_were
it a_message_on_its_way_in_is_not_missed
it killed_while_it_heals
it not_again_and_again
it said_until_the_folder_is_gone
it kept_tips_come_back
it a_long_history_comes_back_too
it a_copy_that_waits_is_kept
it a_dry_run_only_says_it
it a_link_is_not_moved
it what_git_gc_finds
it behind_git
finish
