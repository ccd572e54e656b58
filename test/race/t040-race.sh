# Five computers hammer one remote at the same time: by its path, by git://, and
# both at once. RACE=all: a thousand pushes, as `make check-race` does; else a
# part of them.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/lib.sh"

turns=12
[ "${RACE:-some}" != all ] || turns=67

five_at_once() { # KIND
	race 1 $turns 1 2 3 4 5
	count_rounds "$1"
	calm 1 2 3 4 5
	[ "$(cat sent.* | wc -l)" -eq $((5 * turns)) ]
	expect_delivered 1 2 3 4 5
	expect_linear
	expect_desks 1 2 3 4 5
}

five_computers_on_one_path() {
	new_fleet 5
	sync 1 2 3 4 5
	five_at_once path
}

five_computers_on_one_server() {
	new_hub
	hub config gc.autoDetach false
	start_daemon
	for number in 1 2 3 4 5; do add_computer $number; done
	sync 1 2 3 4 5
	five_at_once git://
}

# The path's compare-and-swap against the server's.
five_computers_by_path_and_server() {
	new_hub
	hub config gc.autoDetach false
	add_computer 1
	add_computer 2
	add_computer 3
	start_daemon
	add_computer 4
	add_computer 5
	sync 1 2 3 4 5
	five_at_once both
}

it five_computers_on_one_path
it five_computers_on_one_server
it five_computers_by_path_and_server
cat "$base/counts"
[ "${RACE:-some}" = all ] ||
	echo "# $((15 * turns)) pushes; make check-race makes a thousand"
finish
