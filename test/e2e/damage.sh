# Damage as a power cut or a failing disk leaves it, for tests that source this
# after lib.sh.
# shellcheck shell=sh

object() { echo "$2/objects/$(echo "$1" | sed 's,^..,&/,')"; }
halve() { # FILE: as if its end never reached the disk
	chmod u+w "$1"
	half=$(($(wc -c <"$1") / 2))
	dd if="$1" of=half bs=1 count="$half" 2>/dev/null
	cat half >"$1"
}
spoil() { chmod u+w "$1" && echo garbage >"$1"; }
empty() { chmod u+w "$1" && : >"$1"; }

pack_all() { # REPO: sets pack
	git -C "$1" repack -adq
	git -C "$1" prune-packed -q
	pack=$(ls "$1"/objects/pack/*.pack)
}

# damage HOW REPO [REF]
damage() {
	ref=${3:-refs/heads/main}
	commit=$(git -C "$2" rev-parse "$ref")
	blob=$(git -C "$2" rev-parse "$ref:coordination/messages/1_TO_2.md")
	tree=$(git -C "$2" rev-parse "$ref:coordination")
	none=1234567890123456789012345678901234567890
	case $1 in
	blob-empty) empty "$(object "$blob" "$2")" ;;
	blob-cut) halve "$(object "$blob" "$2")" ;;
	blob-garbage) spoil "$(object "$blob" "$2")" ;;
	blob-other) cp -f "$(object "$tree" "$2")" "$(object "$blob" "$2")" ;;
	blob-gone) rm -f "$(object "$blob" "$2")" ;;
	blob-pipe) rm -f "$(object "$blob" "$2")"
		mkfifo "$(object "$blob" "$2")" ;;
	tree-empty) empty "$(object "$tree" "$2")" ;;
	tree-cut) halve "$(object "$tree" "$2")" ;;
	tree-gone) rm -f "$(object "$tree" "$2")" ;;
	commit-empty) empty "$(object "$commit" "$2")" ;;
	commit-cut) halve "$(object "$commit" "$2")" ;;
	commit-gone) rm -f "$(object "$commit" "$2")" ;;
	packed-refs) printf '# pack-refs with: peeled\ngarbage\n' >"$2/packed-refs" ;;
	config) printf '[core\n\tbroken = \377' >"$2/config" ;;
	HEAD-gone) rm "$2/HEAD" ;;
	HEAD-empty) : >"$2/HEAD" ;;
	refs-gone) rm -rf "$2/refs" ;;
	refs-file) rm -rf "$2/refs"; : >"$2/refs" ;;
	objects-gone) rm -rf "$2/objects" ;;
	objects-file) rm -rf "$2/objects"; : >"$2/objects" ;;
	packs-file) rm -rf "$2/objects/pack"; : >"$2/objects/pack" ;;
	ref-empty) : >"$2/$ref" ;;
	ref-garbage) head -c 41 /dev/zero >"$2/$ref" ;;
	ref-dangling) echo $none >"$2/$ref" ;;
	backup-dangling) mkdir -p "$2/refs/trine/backup"
		echo $none >"$2/refs/trine/backup/x" ;;
	pack-cut) pack_all "$2"; halve "$pack" ;;
	pack-empty) pack_all "$2"; empty "$pack" ;;
	pack-gone) pack_all "$2"; rm -f "$pack" ;;
	pack-middle) pack_all "$2"; chmod u+w "$pack"
		head -c $(($(wc -c <"$pack") - 32)) /dev/zero |
			dd of="$pack" bs=1 conv=notrunc seek=12 2>/dev/null ;;
	idx-cut) pack_all "$2"; halve "${pack%.pack}.idx" ;;
	idx-gone) pack_all "$2"; rm -f "${pack%.pack}.idx" ;;
	file) rm -rf "$2"; echo 'no repository' >"$2" ;;
	*) fail "damage $1?" ;;
	esac
}
