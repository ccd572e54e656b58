# What a peer that means harm, or is broken, puts on the branch. Sourced after
# lib.sh:
#	forge_begin; put PATH <bytes; drop PATH; vouched 2 [CLONE]
# makes a commit of computer 2 that vouches for all its files, whatever they
# are; `unvouched` makes one of a person.
# shellcheck shell=sh

forged() { GIT_INDEX_FILE=$PWD/forged.index git -C "$PWD/hub.git" "$@"; }

forge_begin() {
	rm -f forged.index
	forged read-tree main
}

blob() { hub hash-object -w --stdin; }

put() { # PATH <bytes
	forged update-index --add --cacheinfo "100644,$(blob),coordination/$1"
}

drop() { forged update-index --force-remove "coordination/$1"; }

# The clone that N last committed as.
clone_of() { hub_show "COMPUTER_$1.md" | sed -n 's/^clone: //p'; }

# "PATH SP OID LF" of all that N vouches for, in the tree given.
vouched_files() { # N TREE
	{
		hub ls-tree "$2" "coordination/COMPUTER_$1.md"
		hub ls-tree "$2" coordination/messages/ |
			grep "/$1_TO_[0-9A-Z]*\.md$"
		hub ls-tree "$2" coordination/archive/ |
			grep "/$1_TO_[0-9A-Z]*$"
	} | sed -E 's/^[0-9]+ [a-z]+ ([0-9a-f]+)	coordination\/(.*)/\2 \1/' |
		sort
}

vouched() { # N [CLONE]
	_clone=${2:-$(clone_of "$1")}
	_tree=$(forged write-tree)
	_files=$(vouched_files "$1" "$_tree" | digest)
	hub update-ref refs/heads/main "$(printf '%s\n' "computer $1: status" \
		'' "Trine-Computer: $1" "Trine-Clone: $_clone" \
		"Trine-Files: $_files" |
		hub commit-tree -p main -F - "$_tree")"
}

digest() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum
	else
		shasum -a 256
	fi | cut -c 1-16
}

unvouched() {
	hub update-ref refs/heads/main "$(hub commit-tree -p main \
		-m 'Just a small change' "$(forged write-tree)")"
}

# entry SEQ [TITLE [BODY]]: one message of the stream in $stream.
entry() {
	printf '\n## %s\n\n```yaml message\nid: %s.%s\ntype: message\n' \
		"${2:-Number $1}" "$stream" "$1"
	printf 'priority: normal\nsent: 2026-01-02T03:04:05Z\n```\n'
	[ -z "${3:-}" ] || printf '\n%s\n' "$3"
	printf '\n<!-- /%s.%s -->\n' "$stream" "$1"
}

opening() {
	printf '# Computer %s → Computer %s\n\n' "${stream%%_*}" "${stream##*_}"
	echo '<!-- trine:messages oldest first; to send, write below the last one -->'
}
