# Two machines that both think they are computer 1.
. "${0%/*}/lib.sh"

# Computer 1 in directories 1 and twin, computer 2 in 2.
twins() {
	new_fleet 2
	on 1 send 2 -m 'From the first'
	sync 1 2
	"$TRINE" init --computer 1 --remote "$remote" --takeover "$PWD/twin"
	on twin sync
}

a_number_that_is_taken_is_refused() {
	new_fleet 2
	sync 1 2
	expect_status 77 "$TRINE" init --computer 1 --remote "$remote" "$PWD/twin"
	[ ! -e twin/.trine ]
	"$TRINE" init --remote "$remote" "$PWD/other"
	on other sync
	hub_show COMPUTER_3.md >/dev/null || hub_show COMPUTER_4.md >/dev/null
}

the_first_machine_stops() {
	twins
	before=$(hub rev-parse main)
	on 1 send 2 -m 'Too late'
	expect_status 77 on 1 sync
	expect_status 77 on 1 sync
	[ "$(hub rev-parse main)" = "$before" ]
	json 1 status
	expect_line '"code":"identity"' json
	on 1 status >status
	grep takeover status
	on twin send 2 -m 'From the second'
	sync twin 2
	printf '%s\n' 'From the first' 'From the second' >wanted
	titles 2 | cmp - wanted
}

it_may_take_the_number_back() {
	twins
	on 1 send 2 -m 'Written before'
	expect_status 77 on 1 sync
	on twin send 2 -m 'Written by the other'
	sync twin 2
	on 1 takeover
	sync 1 2
	expect_status 77 on twin sync
	titles 2 | sort >got
	printf '%s\n' 'From the first' 'Written before' 'Written by the other' |
		cmp - got
	[ "$(ids 2 | sort -u | wc -l)" -eq 3 ]
	sync 1 2 1
	expect_desks 1 2
}

others_do_not_stop() {
	twins
	sync 2
	on 2 send 1 -m 'To whoever is 1'
	sync 2 twin
	[ "$(titles twin | tail -1)" = 'To whoever is 1' ]
}

it a_number_that_is_taken_is_refused
it the_first_machine_stops
it it_may_take_the_number_back
it others_do_not_stop
finish
