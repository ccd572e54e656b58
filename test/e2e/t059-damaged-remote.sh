# The remote's own files are damaged: said with what and where, in no time, and
# nothing of it reaches a desk. What waits goes out once it is mended.
. "${0%/*}/lib.sh"
. "${0%/*}/damage.sh"

quick() { timeout 30 "$TRINE" -C "$PWD/2" "$@"; }

# Computer 2 is behind: a message to it is on the hub.
two() {
	new_fleet 2
	on 1 send 2 -m First
	sync 1 2 1
	on 1 send 2 -m Second
	sync 1
	on 2 send 1 -m Answer
}

all_is_well() {
	sync 2 1 2
	printf '%s\n' First Second >wanted
	titles 2 | sort | cmp - wanted
	[ "$(titles 1)" = Answer ]
	hub fsck --strict
	git -C 2/.trine/repo.git fsck --strict
	expect_desks 1 2
}

every_kind() {
	two
	cp -pR hub.git saved.hub
	cp -pR 2 saved.2
	cp -pR 1 saved.1
	for how; do
		echo "---- $how"
		rm -rf hub.git 1 2
		cp -pR saved.hub hub.git
		cp -pR saved.1 1
		cp -pR saved.2 2
		damage "$how" hub.git
		expect_status 65 said told quick sync
		expect_line "remote $PWD/hub.git is damaged: " told
		case $how in
		blob-*) expect_line "$blob" told ;;
		tree-*) expect_line "$tree" told ;;
		commit-* | ref-garbage) expect_line "$commit" told ;;
		esac
		diff -r -x 2_TO_1.md saved.2/coordination 2/coordination
		[ -z "$(ls -d 2/.trine/*damaged* 2>/dev/null)" ]
		[ "$(titles 2)" = First ]
		quick status >status
		expect_line 'is damaged' status
		rm -rf hub.git
		cp -pR saved.hub hub.git
		all_is_well
	done
}

objects() {
	every_kind blob-empty blob-cut blob-garbage blob-other blob-gone \
		blob-pipe tree-empty tree-cut tree-gone commit-empty commit-cut \
		commit-gone
}
packs() { every_kind pack-middle; }
all_around_them() {
	every_kind HEAD-gone refs-gone objects-file ref-empty
}

# Its objects may be whole, and their pack not listed: then it lacks them.
what_it_lacks() { every_kind pack-cut pack-empty pack-gone idx-cut idx-gone; }

# What is there can be fetched, and nothing pushed.
refs_that_cannot_be_written() {
	two
	cp hub.git/packed-refs kept 2>/dev/null || : >kept
	damage packed-refs hub.git
	expect_status 65 said told quick sync
	expect_line "remote $PWD/hub.git is damaged: refs/heads/main" told
	cp kept hub.git/packed-refs
	all_is_well
}

behind_git() {
	new_hub
	start_daemon
	add_computer 1
	add_computer 2
	on 1 send 2 -m First
	sync 1 2 1
	on 1 send 2 -m Second
	sync 1
	on 2 send 1 -m Answer
	cp -pR hub.git saved.hub
	damage blob-cut hub.git
	expect_status 75 said told quick sync -v
	expect_line 'git://' told
	quick status >status
	expect_line 'the remote was not reached' status
	[ -z "$(ls -d 2/.trine/*damaged* 2>/dev/null)" ]
	rm -rf hub.git
	cp -pR saved.hub hub.git
	all_is_well
}

a_long_way_behind() {
	new_fleet 2
	sync 1 2
	person_pull
	for n in $(seq 80); do
		echo "$n" >"person/coordination/shared/note$n.md"
		git -C person add -A
		git -C person commit -qm "Note $n"
	done
	git -C person push -q
	blob=$(hub rev-parse main~3:coordination/shared/note7.md)
	for pack in hub.git/objects/pack/*.pack; do
		[ -e "$pack" ] || continue
		mv "$pack" .
		rm -f "${pack%.pack}.idx"
		hub unpack-objects -q <"$(basename "$pack")"
	done
	halve "$(object "$blob" hub.git)"
	expect_status 65 said told quick sync
	expect_line "is damaged: object $blob" told
}

made_again_from_a_computer() {
	two
	echo 'typed by hand' >>1/coordination/README.md
	on 1 sync --offline
	damage blob-cut hub.git
	rm -rf hub.git
	git clone -q --bare 1/.trine/repo.git hub.git
	all_is_well
	hub_show README.md | grep -x 'typed by hand'
	[ "$(hub for-each-ref --format='%(refname)')" = refs/heads/main ]
	on 1 status >status
	no_line rewritten status
}

init_from_it() {
	two
	damage blob-cut hub.git
	expect_status '65 75' said told timeout 30 "$TRINE" init --computer 3 \
		--remote "$remote" 3
	expect_line "$blob" told
}

it objects
it packs
it what_it_lacks
it all_around_them
it refs_that_cannot_be_written
it behind_git
it a_long_way_behind
it made_again_from_a_computer
it init_from_it
finish
