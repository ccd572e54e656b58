# The dashboard, in a browser. Screenshots are in $BUILD/test/screenshots.
. "${0%/*}/lib.sh"
. "${0%/*}/sessions.sh"
. "${0%/*}/daemon.sh"

build=${BUILD:-$top/build}
BROWSER=$(command -v chromium || command -v chromium-browser || :)
BROWSER_MODULES=$build/browser/node_modules
export BROWSER BROWSER_MODULES

# A fleet that has something to show.
begin() {
	new_fleet 2
	daemon_settings 1
	printf '[instance %s]\nstart = /bin/sleep\n  1000\n' builder mechanic \
		>>1/.trine/trine.ini
	printf '[computer]\nname = Mechanic\n' >name
	sed -i.bak 's/^number = 1$/number = 1\nname = Mechanic/' 1/.trine/trine.ini
	on 2 send 1 -m 'The schema is ready for review' -p high >/dev/null
	on 2 send 1 -m "$(printf 'Seen\342\200\256 \363\240\201\250and not')" >/dev/null
	printf '<script>window.stolen = 1</script>\n' |
		on 2 send 1 -t task -m '<img src=x onerror="window.stolen=1">' - >/dev/null
	sync 2 1 2 1
	start_trined 1
	agent Atlas
	agent Forge
	on 1 task add -m 'Fix the login page on Safari' -p urgent --label ui >/dev/null
	on 1 task add --name SCHEMA -m 'Write the migration for the orders table' >/dev/null
	TRINE_SESSION=Forge on 1 task claim SCHEMA >/dev/null
	TRINE_SESSION=Forge on 1 task start SCHEMA
	on 1 task add --name BOTH -m 'Change both of them' --to 2 --to 2 >/dev/null
	TRINE_SESSION=Forge on 1 lock acquire deploy >/dev/null
	TRINE_SESSION=Atlas on 1 reserve 'src/auth/**' --why 'new login' >/dev/null
	TRINE_SESSION=Atlas on 1 session beat --doing 'reading the tests'
}

# What the browser wants of the fleet.
do_wanted() { # VERB TITLE
	case $1 in
	add) on 1 task add --name FENCE -m "$2" >/dev/null ;;
	claim) TRINE_SESSION=Atlas on 1 task claim FENCE >/dev/null ;;
	finish) TRINE_SESSION=Atlas on 1 task 'done' FENCE --result 'It is green' ;;
	sent)
		on 1 log --type message.sent --json >log
		expect_line "\"title\":\"$2\"" log
		;;
	restarted) wait_until was_restarted "$2" ;;
	alert) on 1 alert "$2" >/dev/null ;;
	esac
}
was_restarted() { on 1 log --type instance.wanted | grep -q "name=$1.*want=restart"; }

the_page_lives() {
	begin
	mkdir -p "$build/test/screenshots"
	on 1 status --html >page.html
	on 1 dashboard >url
	mkfifo answers
	node "$top/test/e2e/browser.js" "$(cat url)" "$build/test/screenshots" \
		"$PWD/page.html" <answers >said 2>&1 &
	_browser=$!
	exec 9>answers
	_line=0
	while kill -0 $_browser 2>/dev/null; do
		_wanted=$(grep '^WANT ' said | sed -n "$((_line + 1))p")
		if [ -n "$_wanted" ]; then
			# shellcheck disable=SC2086 # words
			set -- ${_wanted#WANT }
			_verb=$1
			shift
			do_wanted "$_verb" "$*"
			echo 'done' >&9
			_line=$((_line + 1))
		else
			sleep 0.1
		fi
	done
	exec 9>&-
	wait $_browser || { cat said; fail 'the browser is not content'; }
	for name in desk-light desk-dark desk-alert phone-light phone-dark file; do
		[ -s "$build/test/screenshots/$name.png" ]
	done
	cat said
}

the_address_is_for_its_owner() {
	new_fleet 1
	expect_status 75 said text "$TRINE" -C "$PWD/1" dashboard
	expect_line 'no daemon runs' text
	daemon_settings 1
	start_trined 1
	on 1 dashboard >text
	[ "$(cat text)" = "$(url_of 1)/dashboard#token=$(cat 1/.trine/run/token)" ]
	# the page itself has no secret, and lets nothing run that it did not come with
	curl -sS -D head -o page "$(url_of 1)/dashboard"
	grep -q "^content-security-policy: default-src 'none'; script-src 'nonce-[0-9a-f]*'" head
	no_line "$(cat 1/.trine/run/token)" page
	_nonce=$(sed -n "s/.*script-src 'nonce-\([0-9a-f]*\)'.*/\1/p" head)
	expect_count 2 "nonce=\"$_nonce\"" page
	curl -sS -o other "$(url_of 1)/"
	expect_line '<title>' other
	no_line "$_nonce" other
}

a_file_has_all_in_it() {
	new_fleet 1
	on 1 task add -m '</script><script>alert(1)</script>' >/dev/null
	on 1 status --html >page.html
	expect_count 2 '</script>' page.html
	expect_line '\u003c/script>\u003cscript>alert(1)' page.html
	expect_line "connect-src 'none'" page.html
	grep -q 'https\{0,1\}://' page.html && grep 'https\{0,1\}://' page.html |
		grep -v 'http://www.w3.org/2000/svg' && fail 'it names other hosts'
	return 0
}

if [ -n "$BROWSER" ] && [ -d "$BROWSER_MODULES/playwright-core" ] &&
	command -v node >/dev/null; then
	it the_page_lives
else
	skip the_page_lives 'no chromium, node or playwright-core'
fi
it the_address_is_for_its_owner
it a_file_has_all_in_it
finish
