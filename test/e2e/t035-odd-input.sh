# Odd text, by every way in which people's text comes: into HUMAN_TO_N, a stream
# without trine, a computer's own stream, files of before trine. Each once; what
# cannot be a message is named; and what comes after it arrives.
# shellcheck disable=SC2164 # `it` sets -e
. "${0%/*}/lib.sh"

kinds='crlf open bom nul bad separators long big deep stairs fence entry end
	marker region tabs'

fence='```'

# odd KIND: bytes that hold the words `the needle KIND`, once.
odd() {
	case $1 in
	crlf) printf '## the needle crlf\r\n\r\nText\r\n' ;;
	open) printf 'the needle open' ;;
	bom) printf '\357\273\277# the needle bom\n\nText\n' ;;
	nul) printf 'the needle nul\n\na \0 b\n' ;;
	bad) printf 'the needle bad\n\n\377\376 \300\200\n' ;;
	separators) printf 'the needle separators\342\200\250a\342\200\251b\302\205c\n' ;;
	long) echo 'the needle long'; head -c 1000000 /dev/zero | tr '\0' x ;;
	big) echo 'the needle big'; seq -f 'A line that says no more than %g' 3000 ;;
	deep) awk 'BEGIN { for (i = 0; i < 400; i++)
		printf "%*s- %s\n", 2 * i, "", i ? i : "the needle deep" }' ;;
	stairs) awk 'BEGIN { for (i = 400; i >= 0; i--)
		printf "%*s- %s\n", 2 * i, "", i ? i : "the needle stairs" }' ;;
	fence) printf 'the needle fence\n\n%s\nnever closed\n' "$fence" ;;
	entry) cat <<-END
		## the needle entry

		${fence}yaml message
		id: 1_TO_2.77
		type: task
		$fence

		Text

		<!-- /1_TO_2.77 -->
		END
		;;
	end) printf 'the needle end\n\n<!-- /1_TO_2.1 -->\n\\<!-- /2_TO_1.1 -->\n' ;;
	marker) printf 'the needle marker\n\n<!-- trine:messages x -->\n\nBelow\n' ;;
	region) printf 'the needle region\n\n<!-- trine:begin -->\nA\n<!-- trine:end -->\n' ;;
	tabs) printf 'the needle tabs\v\f\b\033[31m\177\t.\n' ;;
	esac
}

# found N KIND: as one message or task, whose text prints.
found() {
	on "$1" inbox --all --json >list
	[ "$(grep -c "the needle $2" list)" -eq 1 ] ||
		fail "$2: $(grep -c "the needle $2" list) messages"
	on "$1" show "$(grep "the needle $2" list | sed 's/": */":/g' | field id)" |
		grep -a "the needle $2" >shown
	no_line "$(printf '\033')" shown
}

two() {
	new_fleet 2
	sync 1 2 1
	git clone -q "$remote" person
	mkdir -p person/coordination/messages
}

push_file() {
	person_pull
	odd "$1" >"person/coordination/messages/$2"
	person_push "$1"
}

of_people() {
	two
	for kind in $kinds; do
		push_file $kind HUMAN_TO_1.md
		sync 1
		found 1 $kind
	done
	sync 1 2 1
	for kind in $kinds; do found 1 $kind; done
	json 1 status
	expect_line '"problems":[]' json
}

of_an_agent() {
	two
	number=2
	for kind in $kinds; do
		number=$((number + 1))
		odd $kind >"person/coordination/messages/${number}_TO_1.md"
	done
	person_push All
	sync 1 2 1
	for kind in $kinds; do found 1 $kind; done
	# and what the agents write below it
	person_pull
	for n in $(seq 3 "$number"); do
		printf '\n\n## Below %s\n' "$n" \
			>>"person/coordination/messages/${n}_TO_1.md"
	done
	person_push Below
	sync 1
	titles 1 | grep -c '^Below' | grep -x "$((number - 2))"
	for kind in $kinds; do found 1 $kind; done
}

# Where the bytes of KIND went: to 2, or to a copy, or they stay and it is said.
went() {
	on 2 inbox --all --json >list
	if grep -q "the needle $1" list; then
		found 2 "$1" >&2
		echo sent
	elif grep -qarF "the needle $1" 1/coordination/conflicts; then
		echo kept
	else
		grep -qaF "the needle $1" 1/coordination/messages/1_TO_2.md
		json 1 status
		grep -q '"code":"loose"' json
		echo stays
	fi
}

on_the_own_desk() {
	two
	on 1 send 2 -m First
	sync 1 2
	file=1/coordination/messages/1_TO_2.md
	for kind in $kinds; do echo "$kind"; done >kinds
	for kind in $kinds; do
		cp $file before
		{ cat before; echo; odd $kind; } >$file
		settle $file
		on 1 send 2 -m "With $kind"
		sync 1 2 1
		went $kind >way
		printf '%s %s\n' "$kind" "$(cat way)" >>got
		titles 2 | grep -x "With $kind"
		hub_show messages/1_TO_2.md >$file
		sync 1
	done
	# bytes that no message can have, more of them than one may, and what
	# looks like an entry of this stream
	sed 's/$/ sent/; s/^\(nul\|bad\|long\) .*/\1 stays/
		s/^\(entry\|end\) .*/\1 kept/' kinds | diff - got
}

of_before_trine() {
	new_hub
	git clone -q "$remote" person
	mkdir -p person/coordination/mail
	for kind in $kinds; do odd $kind >person/coordination/mail/msg-1-$kind.md; done
	person_push Before
	add_computer 1
	sync 1
	said out on 1 import
	for kind in $kinds; do
		case $kind in
		nul | bad) expect_line "msg-1-$kind.md: stays as it is:" out ;;
		*) found 1 $kind ;;
		esac
		odd $kind | cmp - 1/coordination/mail/msg-1-$kind.md
	done
	said out on 1 import
	expect_line '0 messages imported' out
}

it of_people
it of_an_agent
it on_the_own_desk
it of_before_trine
finish
