# An edit that a killed cycle took in is what the next edit was made to: it must
# not come back as the other side of a merge.
. "${0%/*}/../e2e/lib.sh"

a_typo_mended_after_a_killed_cycle() {
	bad=
	for at in $(seq 2 3 23); do
		rm -rf hub.git 1 2
		new_fleet 2
		loose 1 shared/notes.md one two three
		sync 1 2 1
		loose 1 shared/notes.md 'a mistaek'
		(
			set +x
			export TRINE_TEST_KILL="$at"
			on 1 sync 2>/dev/null || :
		)
		sed 's/mistaek/mistake/' 1/coordination/shared/notes.md >new
		cp new 1/coordination/shared/notes.md
		sync 1 2 1
		hub_show shared/notes.md | grep -q mistake || bad="$bad $at"
	done
	[ -z "$bad" ] || fail "the older text stays when killed at $bad"
}

it a_typo_mended_after_a_killed_cycle
finish
