# Who was stopped for longer than what it holds lasts, and goes on: whatever it was about
# to do is refused, and whoever has it by then is not disturbed. Stopped is really stopped.
# shellcheck disable=SC1010,SC2016 # `done` is a verb here; `holder` gets its text as it is
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

# holder: a program, its text on stdin, that is session Atlas of computer 1. `t` is trine
# there; `pause` stops it, until the test says `go_on`; `try` notes how a command ends.
holder() {
	{
		cat <<-END
		trine=$TRINE home=$PWD/1
		t() { "\$trine" -C "\$home" "\$@"; }
		pause() { kill -STOP \$\$; }
		try() { "\$@" >>answers 2>&1; echo "\$? \$*" >>ends; }
		t session start --name Atlas --pid \$\$
		export TRINE_SESSION=Atlas
		END
		cat
	} >holder
	sh holder >holder.log 2>&1 &
	holder=$!
	echo $holder >holder.pid
	wait_until is_stopped $holder
}
is_stopped() { case $(ps -o state= -p "$1") in T*) ;; *) return 1 ;; esac; }
go_on() {
	kill -CONT $holder
	wait $holder || :
	rm holder.pid
}

forge() { TRINE_SESSION=Forge on 1 "$@"; }

# refused NUMBER [TEXT…]: so many commands, all of them, and the answers have that.
refused() {
	_number=$1
	shift
	cat answers
	if grep -v '^1 ' ends; then fail 'not refused'; fi
	[ "$(wc -l <ends)" = "$_number" ]
	for _text; do expect_line "$_text" answers; done
}

a_task_that_was_taken_back() {
	new_fleet 1
	agent Forge
	on 1 task add --name AUTH -m 'Fix it' --timeout 1s --retries 1
	holder <<-'END'
	token=$(t task claim AUTH --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	t task start AUTH
	pause
	try t task done AUTH --token "$token" --result 'By Atlas'
	for verb in start done fail block release; do
		try t task $verb AUTH
		try t task $verb AUTH --token "$token"
	done
	try t task progress AUTH half
	END
	wait_until forge task claim AUTH >claimed
	forge task start AUTH
	go_on
	refused 12 'is of an older claim' 'session 1 (Forge) has it'
	forge task done AUTH --result 'By Forge'
	on 1 task show AUTH >shown
	expect_line 'By Forge' shown
	no_line 'By Atlas' shown
}

a_session_that_was_ended() {
	new_fleet 1
	agent Forge
	holder <<-'END'
	token=$(t task claim AUTH 'Fix it' --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	lock=$(t lock acquire deploy --ttl 1d)
	pause
	t task done AUTH >own 2>&1
	echo $? >>own
	unset TRINE_SESSION
	try t task done AUTH --token "$token"
	try t lock renew deploy --token "$lock"
	try t lock release deploy --token "$lock"
	END
	on 1 session end Atlas
	forge task claim AUTH
	forge lock acquire deploy >token
	go_on
	expect_line Atlas own
	[ "$(tail -n 1 own)" = 69 ]
	refused 3 'is of an older claim' 'deploy is held by session 1 (Forge)'
	forge lock release deploy --token "$(cat token)"
	forge task done AUTH
}

a_lock_that_is_over() {
	new_fleet 1
	agent Forge
	holder <<-'END'
	token=$(t lock acquire deploy --ttl 1s)
	pause
	t lock renew deploy --token "$token" >>answers 2>&1 && touch deployed
	try t lock renew deploy --token "$token"
	try t lock release deploy --token "$token"
	END
	wait_until forge lock acquire deploy >token
	go_on
	[ ! -e deployed ]
	refused 2 'token' 'is over: deploy is held by session 1 (Forge)'
	forge lock release deploy --token "$(cat token)"
}

# What a task needs is held for as long as the task is, and no lock of its session's.
a_need_of_a_task() {
	new_fleet 1
	agent Forge
	on 1 task add --name A -m 'Remember' --needs memory:x --timeout 1s
	holder <<-'END'
	t task claim A
	t task start A
	token=$(t lock list --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	pause
	try t task done A
	try t lock renew memory:x --token "$token"
	try t lock release memory:x --token "$token"
	END
	expect_status 1 forge lock acquire memory:x
	wait_until forge lock acquire memory:x >token
	go_on
	refused 3 'A is FAILED' 'memory:x is held by session 1 (Forge)'
	forge lock release memory:x --token "$(cat token)"
}

# Both of them are stopped, as with a closed lid: the command is ended, and one that does
# not end at once is refused.
a_command_under_a_lock() {
	new_fleet 1
	agent Forge
	holder <<-'END'
	cat >command <<-'COMMAND'
	. ./words
	token=$(t lock list --json | sed 's/.*"token": *\([0-9]*\).*/\1/')
	trap "" TERM
	kill -STOP $PPID
	kill -STOP $$
	t lock renew deploy --token "$token" >>answers 2>&1 && touch deployed
	try t lock release deploy --token "$token"
	sleep 1.5
	COMMAND
	sed '/^t session/,$d' holder >words
	"$trine" -C "$home" lock run deploy --ttl 3s -- sh ./command >run.log 2>&1 &
	run=$!
	pause
	kill -CONT $run $(pgrep -P $run)
	wait $run
	echo $? >>run.log
	END
	run=$(pgrep -P $holder)
	wait_until is_stopped "$run"
	wait_until forge lock acquire deploy >token
	go_on
	[ ! -e deployed ]
	refused 1 'deploy is held by session 1 (Forge)'
	expect_line 'the lock was lost, and sh ended' run.log
	[ "$(tail -n 1 run.log)" = 1 ]
	forge lock release deploy --token "$(cat token)"
}

# Of the whole fleet: here for those that are not stopped the clocks go on by 17 minutes.
a_lock_of_the_fleet() {
	new_fleet 2
	sync 1 2 1 2
	sleep 1000 &
	echo $! >Forge.pid
	on 2 session start --name Forge --pid $! >/dev/null
	holder <<-'END'
	token=$(t lock acquire deploy --fleet)
	pause
	export TRINE_TEST_CLOCK=~17m
	t lock renew deploy --fleet --token "$token" >>answers 2>&1 && touch deployed
	try t lock renew deploy --fleet --token "$token"
	try t lock release deploy --fleet --token "$token"
	END
	sync 2
	expect_status 1 forge_there lock acquire deploy --fleet
	at '~17m' forge_there lock acquire deploy --fleet >token
	go_on
	[ ! -e deployed ]
	refused 2 'deploy is claimed by computer 2 (Forge), token'
	at '~17m' forge_there lock release deploy --fleet --token "$(cat token)"
}
forge_there() { TRINE_SESSION=Forge on 2 "$@"; }

it a_task_that_was_taken_back
it a_session_that_was_ended
it a_lock_that_is_over
it a_need_of_a_task
it a_command_under_a_lock
it a_lock_of_the_fleet
finish
