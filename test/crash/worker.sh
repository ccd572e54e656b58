# The story of a worker that is disturbed: one task in the line of a program, and what
# must be true of it in the end. Sourced after e2e/lib.sh.
# shellcheck shell=sh

worker=${TRINE%/*}/trine-deliver

# Computer 1 has one task in the line of its program, and no worker yet.
a_task_in_the_line() { # SETTING
	new_fleet 2
	mkdir alone
	cp "$TRINE" "$TRINE-sync" alone/
	cat >agent <<-END
	#!/bin/sh
	echo "\$TRINE_TASK" >>$PWD/runs
	echo done
	END
	chmod +x agent
	printf '[instance agent]\ndeliver = exec\nexec = %s\n%s\n' "$PWD/agent" "$1" \
		>>1/.trine/trine.ini
	on 2 send 1 -t task --for agent -m 'Once'
	sync 1 2
	alone/trine -C 1 sync
	mkdir saved
	cp -pR 1 2 hub.git saved/
}

state_of() { on "$1" show 2_TO_1.1 --json | field state; }

until_settled() {
	for _try in $(seq 100); do
		case $(state_of 1) in
		COMPLETED|BLOCKED|FAILED) return ;;
		esac
		sleep 0.1
	done
}

# not_settled SURE: what is not true after all; SURE: no, it may be in doubt; yes, it is
# done, twice at most; once.
not_settled() {
	sync 1 >&2
	until_settled
	sync 1 2 >&2
	touch runs
	runs_of_it=$(wc -l <runs)
	state=$(state_of 1)
	case $1-$state-$runs_of_it in
	no-COMPLETED-1|no-BLOCKED-[01]|yes-COMPLETED-[12]|once-COMPLETED-1) ;;
	*) echo "$state, $runs_of_it runs" ;;
	esac
	[ "$(state_of 2)" = "$state" ] || echo "2 thinks $(state_of 2)"
	[ "$(on 2 inbox --json | grep -c 're": *"2_TO_1.1"')" = 1 ] || echo results
	! pgrep -f "$PWD/agent" >/dev/null || echo left
}
