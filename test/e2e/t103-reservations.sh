# Reservations of files: two that meet are not both given.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"

# A project of its own, in which the commands run.
project() {
	new_fleet 1
	mkdir -p project/src/auth project/doc
	git init -q project
	agent Atlas
	agent Forge
	cd project || exit 1
}

as() {
	_as=$1
	shift
	TRINE_SESSION=$_as "$TRINE" -C ../1 "$@"
}

two_that_meet_are_not_both_given() {
	project
	as Atlas reserve 'src/auth/**' --why 'write the new login'
	expect_status 1 said told as Forge reserve 'src/**/login.c'
	expect_line 'src/auth/** is reserved by session 1 (Atlas): write the new login' told
	expect_status 1 as Forge reserve doc/x 'src/auth/*.h'
	as Forge reserve 'src/ui/**' 'src/*.c' 'doc/**'
	as Forge reserve >list
	expect_line 'src/auth/**  session 1 (Atlas), over in' list
	expect_line 'src/ui/** src/*.c doc/**  session 2 (Forge)' list
	# one's own may meet
	as Atlas reserve 'src/auth/login.c'
	as Atlas reserve --release
	as Forge reserve 'src/auth/**'
}

shared_ones_may_meet() {
	project
	as Atlas reserve 'src/**' --shared
	as Forge reserve 'src/auth/**' --shared
	expect_status 1 as Forge reserve 'src/auth/x'
	as Atlas reserve --release
	as Forge reserve 'src/auth/x'
	expect_status 1 as Atlas reserve 'src/**' --shared
}

# A repository in another one has a base of its own, and a folder without any is one.
bases_may_be_in_each_other() {
	project
	mkdir lib
	git init -q lib
	as Atlas reserve 'lib/a/**'
	cd lib || exit 1
	TRINE_SESSION=Forge expect_status 1 said told "$TRINE" -C ../../1 reserve 'a/x.c'
	expect_line 'lib/a/** is reserved by session 1 (Atlas)' told
	TRINE_SESSION=Forge "$TRINE" -C ../../1 reserve 'b/**'
	cd ..
	expect_status 1 as Atlas reserve 'lib/**/x'
	as Atlas reserve 'b/**'
	mkdir -p ../plain/src
	cd ../plain || exit 1
	as Atlas reserve src/a.c
	cd src || exit 1
	TRINE_SESSION=Forge expect_status 1 "$TRINE" -C ../../1 reserve a.c
}

check_says_it_to_editors() {
	project
	as Atlas reserve 'src/auth/**' --why 'write the new login' --ttl 2h
	expect_status 1 said told as Forge check src/auth/login.c
	expect_line 'src/auth/login.c is reserved by session 1 (Atlas): write the new login, for another' told
	as Forge check src/ui/button.c README.md
	expect_status 1 as Forge check README.md src/auth/new.c
	# one's own is free; from a folder below; by its full path
	as Atlas check src/auth/login.c
	(
		cd src/auth || exit 1
		TRINE_SESSION=Forge expect_status 1 "$TRINE" -C ../../../1 check login.c
		TRINE_SESSION=Forge expect_status 1 "$TRINE" -C ../../../1 check ../auth/./x
		TRINE_SESSION=Forge "$TRINE" -C ../../../1 check ../x
	)
	expect_status 1 as Forge check "$PWD/src/auth/login.c"
	# also as an editor may know it, by a link
	ln -s project ../link
	expect_status 1 as Forge check "${PWD%/*}/link/src/auth/login.c"
	expect_status 1 as Forge check "${PWD%/*}/link/src/auth/new/x.c"
	as Forge check "${PWD%/*}/link/src/x.c" "${PWD%/*}/none/src/auth/x.c"
	as Forge check /etc/passwd
	expect_status 1 as Forge check src/auth/x --json >json
	grep '"holder": *"session 1 (Atlas)"' json
	# another project is another matter
	mkdir -p ../other/src/auth
	git init -q ../other
	cd ../other || exit 1
	as Forge check src/auth/login.c
	as Forge reserve 'src/auth/**'
}

a_link_is_what_it_leads_to() {
	project
	: >src/auth/login.c
	ln -s src source
	ln -s src/auth/login.c login.c
	as Atlas reserve 'source/auth/**' --why 'write the new login'
	expect_status 1 as Forge check src/auth/login.c
	expect_status 1 as Forge check source/auth/login.c
	expect_status 1 as Forge check login.c
	expect_status 1 said told as Forge reserve 'src/**'
	expect_line 'src/auth/** is reserved by session 1 (Atlas)' told
	expect_status 1 as Forge reserve login.c
	expect_status 1 as Forge reserve 'source/*/new/x.c'
	as Atlas reserve --release
	as Atlas reserve login.c
	expect_status 1 as Forge check src/auth/login.c
	expect_status 1 as Forge check login.c
	# as an editor knows the project, by a link to it
	ln -s project ../link
	as Forge reserve "${PWD%/*}/link/doc/x.c"
	expect_status 1 as Atlas reserve 'doc/**'
	# what leads out of it is found by its own name
	ln -s /nowhere out
	as Atlas reserve 'out/**'
	expect_status 1 as Forge check out/x
	expect_status 64 as Atlas reserve /nowhere/x
}

a_failure_of_its_own_stops_nobody() {
	mkdir nowhere
	cd nowhere || exit 1
	expect_status 0 said told env -u TRINE_DIR "$TRINE" check src/x
	expect_line 'trine:' told
	cd ..
	project
	expect_status 0 said told as Nobody check src/x
	expect_line 'no session is called Nobody' told
	echo '[' >>../1/.trine/trine.ini
	expect_status 0 said told as Forge check src/x
	expect_line 'trine.ini' told
	expect_status 64 as Forge check
}

it_ends_with_its_time_and_its_session() {
	project
	as Atlas reserve 'src/**' --ttl 30m
	expect_status 1 at +29m as Forge check src/x
	at +31m as Forge check src/x
	at +31m as Forge reserve 'src/**'
	as Forge session end
	as Atlas reserve 'src/x'
	as Atlas reserve 'doc/**' --ttl 1d
	kill "$(cat ../Atlas.pid)"
	(cd .. && agent Oracle)
	as Oracle reserve >list
	expect_line 'doc/**' list
	at +3m as Oracle reserve 'doc/**'
}

bad_words_are_said() {
	project
	expect_status 64 as Atlas reserve ''
	expect_status 64 as Atlas reserve '../../x'
	expect_status 64 as Atlas reserve "$(printf 'a\nb')"
	expect_status 64 as Atlas reserve .
	expect_status 64 as Atlas reserve x --ttl soon
	expect_status 64 as Atlas reserve x --ttl 9d
	expect_status 64 as Atlas reserve --release x
	expect_status 1 as Atlas reserve --release 99
	expect_status 64 as Atlas reserve "$(printf '%0500d' 1)"
	# shellcheck disable=SC2046 # words
	expect_status 64 as Atlas reserve $(seq 65)
	as Atlas reserve "$(printf 'a\033b')"
	as Atlas reserve >list
	no_line "$(printf '\033')" list
}

it two_that_meet_are_not_both_given
it shared_ones_may_meet
it bases_may_be_in_each_other
it check_says_it_to_editors
it a_link_is_what_it_leads_to
it a_failure_of_its_own_stops_nobody
it it_ends_with_its_time_and_its_session
it bad_words_are_said
finish
