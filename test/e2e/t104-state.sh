# Values that instances share: of two that change one at once, one knows it.
. "${0%/*}/lib.sh"

get() { on 1 state get "$@"; }
set_() { on 1 state set "$@"; }

it_is_kept() {
	new_fleet 1
	expect_status 1 said told get leader
	expect_line 'leader is not set' told
	first=$(set_ leader Atlas)
	[ "$(get leader)" = Atlas ]
	second=$(set_ leader 'Forge the second')
	[ "$second" -gt "$first" ]
	[ "$(get leader)" = 'Forge the second' ]
	set_ other ''
	[ "$(get other)" = '' ]
	get >all
	expect_line "leader  $second  Forge the second" all
	get --json >before
	rm -f 1/.trine/state.db*
	get --json | expect_file before
	set_ leader --unset
	expect_status 1 get leader
	# by the names of what can be locked
	set_ memory:citizen-42 calm
	[ "$(get memory:citizen-42)" = calm ]
	expect_status 64 set_ :memory calm
	expect_status 64 set_ ../memory calm
}

it_is_swapped_if_it_is_what_was_seen() {
	new_fleet 1
	generation=$(set_ leader Atlas --if 0)
	expect_status 1 said told set_ leader Forge --if 0
	expect_line "leader has generation $generation, not 0" told
	[ "$(get leader)" = Atlas ]
	next=$(set_ leader Forge --if "$generation")
	expect_status 1 set_ leader Oracle --if "$generation"
	expect_status 1 set_ leader --unset --if "$generation"
	set_ leader --unset --if "$next"
	expect_status 1 said told set_ leader X --if "$next"
	expect_line "leader is not set: generation 0, not $next" told
}

many_at_once_count_right() {
	new_fleet 1
	set_ count 0
	for w in 1 2 3 4 5; do
		(
			set +x
			done=0
			while [ $done -lt 8 ]; do
				json=$(get count --json)
				n=$(echo "$json" | field value)
				g=$(echo "$json" | sed 's/.*"generation": *\([0-9]*\).*/\1/')
				if set_ count $((n + 1)) --if "$g" 2>/dev/null; then
					done=$((done + 1))
				fi
			done
		) >/dev/null &
		pids="${pids:-} $!"
	done
	# shellcheck disable=SC2086 # words
	wait $pids
	[ "$(get count)" = 40 ]
}

bad_words_are_said() {
	new_fleet 1
	expect_status 64 set_ 'two words' x
	expect_status 64 set_ ../x y
	expect_status 64 set_ x
	expect_status 64 set_ x y --unset
	expect_status 64 set_ x y --if now
	expect_status 65 set_ x "$(printf '%05000d' 1)"
	expect_status 65 set_ x "$(printf '\377')"
	set_ x "$(printf 'a\033[2Jb')"
	get >all
	no_line "$(printf '\033')" all
}

it it_is_kept
it it_is_swapped_if_it_is_what_was_seen
it many_at_once_count_right
it bad_words_are_said
finish
