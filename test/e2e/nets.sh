# Computers in networks of their own, joined by a bridge, for tests: what is cut there is
# cut for nobody else.
#	. "${0%/*}/lib.sh"; . "${0%/*}/nets.sh"
#	a_link_is_cut() { new_nets 3; on 2 sync; cut_off 2; … }
#	enter_nets "$@"; it_in_nets a_link_is_cut; finish
# Computer N is at 10.77.0.N; its commands and its daemon run there.
# shellcheck shell=sh disable=SC2034,SC2154
PATH=$PATH:/usr/sbin:/sbin

can_make_nets() { # HOW, of unshare
	unshare "$1" sh -c 'ip link add name trine0 type bridge &&
		ip link add name trine1 type veth peer name trine2' 2>/dev/null
}

# enter_nets "$@": begin this test again where networks may be made, away from those of
# this machine. If there is no such place, $no_nets says why.
enter_nets() {
	no_nets=
	[ "${1:-}" != inside ] || return 0
	if [ -n "${WRAP:-}" ]; then
		no_nets='under another tool'
		return 0
	fi
	for _program in ip unshare nsenter; do
		command -v "$_program" >/dev/null || no_nets="no $_program"
	done
	[ -z "$no_nets" ] || return 0
	for _how in -nm -Urnm; do
		can_make_nets "$_how" && begin_again "$_how"
	done
	no_nets='networks cannot be made here'
}
begin_again() { # HOW
	clean_up
	exec unshare "$1" sh "$0" inside
}

it_in_nets() { # FUNCTION: a point, skipped where there are none
	if [ -n "$no_nets" ]; then skip "$1" "$no_nets"; else it "$1"; fi
}

new_nets() { # MANY
	cat >enter <<-END
	#!/bin/sh
	net=/proc/\$(cat "$PWD/net-\$1.pid")/ns/net
	shift
	exec nsenter --net="\$net" "\$@"
	END
	chmod +x enter
	enter=$PWD/enter
	ip link show trine0 >/dev/null 2>&1 || ip link add name trine0 type bridge
	ip link set trine0 up
	for _net in $(seq "$1"); do new_net "$_net"; done
}

new_net() { # N
	unshare -n sleep 300 &
	echo $! >"net-$1.pid"
	wait_until is_elsewhere $!
	ip link add name "net$points-$1" type veth peer name eth0 netns $!
	ip link set "net$points-$1" master trine0 up
	"$enter" "$1" ip link set lo up
	"$enter" "$1" ip address add "10.77.0.$1/24" dev eth0
	"$enter" "$1" ip link set eth0 up
}
is_elsewhere() { # PID
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

cut_off() { ip link set "net$points-$1" down; } # N: its link
join_again() { ip link set "net$points-$1" up; } # N
