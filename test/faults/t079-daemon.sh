# The daemon while calls fail, once or from there on, in its supervisor or in its web part:
# it goes on, or ends with a reason; it ends when it is told to, soon; and the next one
# finds all well.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/daemon.sh"
. "${0%/*}/lib.sh"

# A computer whose daemon has a program to start, and nothing of the last run.
as_at_first() {
	rm -rf 1 trined-1.*
	cp -pR saved 1
}

alive() { [ "$(curl -s -m 5 "$(url_of 1)/livez")" = ok ]; }
is_well() { [ -s 1/.trine/run/ports.json ] && alive && is builder ONLINE; }
has_ended() { ! kill -0 "$_pid" 2>/dev/null; }

within() { # TENTHS COMMAND…
	_tenths=$1
	shift
	for _try in $(seq "$_tenths"); do
		"$@" 2>/dev/null && return
		sleep 0.1
	done
	return 1
}

# It is well, or at its end; what fails for ever may keep it from either.
goes_on_or_ends() {
	has_ended || is_well
}

# run_daemon FAULT: and end it, if it does not end itself.
run_daemon() {
	rm -f hits
	env TRINE_FAULT="$1" TRINE_FAULT_ROOT="$PWD/1" TRINE_FAULT_HIT="$PWD/hits" \
		${role:+"TRINE_FAULT_FOR=$role"} LD_PRELOAD="$tools/fault.so" \
		"$TRINED" -C "$PWD/1" >told 2>&1 &
	_pid=$!
	late=
	case $1 in
	*+) within 15 goes_on_or_ends ;;
	*) within 200 goes_on_or_ends || late=', neither well nor ended' ;;
	esac
	kill $_pid 2>/dev/null
	within 110 has_ended || late="$late, does not end"
	kill -KILL $_pid 2>/dev/null
	wait $_pid
}

# The reason of one that ended is what it said at last.
after_daemon() {
	why=$why$late
	start_trined 1 >after.log 2>&1
	within 100 is_well || why="$why, the next is not well"
	stop_trined 1 >>after.log 2>&1 || why="$why, the next does not end"
	on 1 status >>after.log 2>&1 || why="$why, status"
	! pgrep -f "$PWD/program" >/dev/null || why="$why, its program is left"
}

sweeps() { # ROLE
	role=$1
	quick
	printf '#!/bin/sh\nexec %s/program-that-sleeps 1000\n' "$PWD" >program
	ln -s /bin/sleep program-that-sleeps
	chmod +x program
	instance 1 builder "start = $PWD/program"
	mv 1 saved
	set +ex
	for fault in write:EIO write:ENOSPC name:EIO unlink:EIO read:EIO fsync:EIO \
		open:EMFILE malloc:ENOMEM
	do
		sweep $fault '' as_at_first run_daemon after_daemon
		sweep $fault + as_at_first run_daemon after_daemon
	done
	no_bad
}

the_supervisor() { sweeps ''; }
the_web_part() { sweeps web; }

documented='0 65 70 74 75 77' runs=0
step=1
all_points || step=40
step=${STEP:-$step}
reason=$(no_preload)
if [ -n "$reason" ]; then
	skip daemons "$reason"
else
	it the_supervisor
	it the_web_part
fi
finish
