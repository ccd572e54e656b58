# A wrong trine.ini: all faults at once, with file and line, exit 78.
. "${0%/*}/lib.sh"

ini=1/.trine/trine.ini

refused_at() { # LINE: …of trine.ini is named
	expect_status 78 said told on 1 sync
	cat told
	grep -F "trine.ini:$1:" told
}

last_line() { wc -l <$ini | tr -d ' '; }

init_writes_three_sections() {
	new_fleet 1
	grep -x '\[computer\]' $ini
	grep -x '\[remote\]' $ini
	grep -x '\[sync\]' $ini
	grep -E '^number *= *1$' $ini
	on 1 sync
}

unknown_keys_and_sections() {
	new_fleet 1
	printf 'nonsense = 1\n' >>$ini
	refused_at "$(last_line)"
	printf '[nowhere]\nx = 1\n' >>$ini
	refused_at $(($(last_line) - 1))
	# Both are named at once.
	[ "$(grep -c trine.ini: told)" -ge 2 ]
}

values_out_of_bounds() {
	new_fleet 1
	cp $ini good
	for line in 'heartbeat = soon' 'heartbeat = -5m' 'settle = 99999999d' \
		'network = 0'; do
		{ cat good; printf '[sync]\n%s\n' "$line"; } |
			grep -vE "^${line%% *} = (30|60)" >$ini
		refused_at "$(last_line)"
	done
}

a_key_twice() {
	new_fleet 1
	printf '[instance a]\ndeliver = inbox\ndeliver = inbox\n' >>$ini
	refused_at "$(last_line)"
}

lines_and_names_that_are_too_long() {
	new_fleet 1
	cp $ini good
	long=$(dd if=/dev/zero bs=1 count=250 2>/dev/null | tr '\0' x)
	{ cat good; printf '[instance a]\nspecialty = %s\n' "$long"; } >$ini
	refused_at "$(last_line)"
	long=$(dd if=/dev/zero bs=1 count=60 2>/dev/null | tr '\0' x)
	{ cat good; printf '[instance %s]\ndeliver = inbox\n' "$long"; } >$ini
	expect_status 78 on 1 sync
}

a_section_may_appear_again_and_a_value_go_on() {
	new_fleet 1
	printf '[sync]\n[instance a]\nspecialty = one,\n  two\n[instance a]\ndeliver = inbox\n' \
		>>$ini
	on 1 sync
}

no_file_at_all() {
	new_fleet 1
	rm $ini
	expect_status '69 78' on 1 sync
	expect_status '69 78' on 1 status
}

it init_writes_three_sections
it unknown_keys_and_sections
it values_out_of_bounds
it a_key_twice
it lines_and_names_that_are_too_long
it a_section_may_appear_again_and_a_value_go_on
it no_file_at_all
finish
