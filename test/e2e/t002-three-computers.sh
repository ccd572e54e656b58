# Three computers, all at once: everything arrives once, all see the same.
. "${0%/*}/lib.sh"

everybody_writes_to_everybody() {
	new_fleet 3
	for from in 1 2 3; do
		for to in 1 2 3 ALL; do
			[ $from = $to ] || on $from send $to -m "From $from to $to"
		done
	done
	sync 1 2 3 1 2 3 1
	for to in 1 2 3; do
		ids $to | sort >got
		for from in 1 2 3; do
			[ $from = $to ] ||
				printf '%s_TO_%s.1\n' $from $to $from ALL
		done | sort >wanted
		cmp wanted got
	done
	expect_desks 1
	sync 2 3
	expect_desks 1 2 3
	json 2 status
	for other in 1 3; do
		expect_line "\"name\":\"2_TO_$other\"" json
		expect_line "\"computer\":$other," json
	done
	expect_line '"name":"2_TO_ALL"' json
}

all_is_quiet_when_all_is_known() {
	new_fleet 3
	on 1 send ALL -m 'To everybody'
	sync 1 2 3 1 2 3 1 2 3
	before=$(hub rev-parse main)
	sync 1 2 3 1 2 3
	[ "$(hub rev-parse main)" = "$before" ]
	expect_desks 1 2 3
}

cycles_at_the_same_time_lose_nothing() {
	new_fleet 3
	round=1
	while [ $round -le 8 ]; do
		pids=
		for from in 1 2 3; do
			on $from send ALL -m "Round $round of $from" >/dev/null
			( on $from sync || [ $? = 75 ] ) &
			pids="$pids $!"
		done
		for pid in $pids; do wait "$pid"; done
		round=$((round + 1))
	done
	sync 1 2 3 1 2 3 1 2 3
	for to in 1 2 3; do
		[ "$(ids $to | sort -u | wc -l)" -eq 16 ]
		[ "$(ids $to | wc -l)" -eq 16 ]
	done
	expect_desks 1 2 3
	[ -z "$(hub rev-list --merges main)" ]
	hub fsck --strict
}

two_cycles_of_one_computer_do_not_meet() {
	new_fleet 1
	pids=
	for each in 1 2 3 4 5 6; do
		on 1 send 2 -m "Number $each" >/dev/null
		on 1 sync &
		pids="$pids $!"
	done
	for pid in $pids; do wait "$pid"; done
	sync 1
	hub_show messages/1_TO_2.md >file
	expect_count 6 '<!-- /1_TO_2.' file
}

names_of_the_fleet_are_addresses() {
	new_fleet 2
	sync 1 2
	on 1 send Architect -m 'By name'
	on 1 send architect -m 'In any case'
	sync 1 2
	[ "$(ids 2 | wc -l)" -eq 2 ]
	expect_status 69 on 1 send Nobody -m 'To no one'
}

it everybody_writes_to_everybody
it all_is_quiet_when_all_is_known
it cycles_at_the_same_time_lose_nothing
it two_cycles_of_one_computer_do_not_meet
it names_of_the_fleet_are_addresses
finish
