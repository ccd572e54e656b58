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

# An editor on a full disk leaves nothing, or the first half.
an_emptied_file() {
	new_fleet 2
	on 1 send 2 -m First
	sync 1 2 1
	cp $ini good
	on 1 send 2 -m Second
	tip=$(hub rev-parse main)
	on 1 log >before
	for text in '' '# a comment' '[computer]' '[computer]
# number = 1' \
		'\n\n' '\357\273\277'; do
		# shellcheck disable=SC2059 # with escapes
		printf "$text" >$ini
		expect_status 78 said told on 1 sync
		expect_line 'trine.ini sets nothing' told
		expect_line 'number = 1' told
		expect_status 78 said told on 1 status
		expect_line 'trine.ini sets nothing' told
		expect_status 78 on 1 send 2 -m x
		[ "$(hub rev-parse main)" = "$tip" ]
	done
	cp good $ini
	on 1 log | cmp before -
	sync 1 2
	titles 2 | grep -x Second
}

half_a_file() {
	new_fleet 2
	sync 1 2 1
	cp $ini good
	sed '/remote/,$d' good >$ini
	tip=$(hub rev-parse main)
	on 1 send 2 -m First
	on 1 log >before
	expect_status 78 said told on 1 sync
	expect_line 'names no remote any more' told
	on 1 log | cmp before -
	on 1 status >status
	expect_line 'names no remote any more' status
	on 1 sync --offline
	cp good $ini
	sync 1 2
	titles 2 | grep -x First
}

without_a_remote_from_the_beginning() {
	"$TRINE" -q init --computer 1 "$PWD/1"
	on 1 send 2 -m First
	on 1 sync
}

it init_writes_three_sections
it unknown_keys_and_sections
it values_out_of_bounds
it a_key_twice
it lines_and_names_that_are_too_long
it a_section_may_appear_again_and_a_value_go_on
it no_file_at_all
it an_emptied_file
it half_a_file
it without_a_remote_from_the_beginning
finish
