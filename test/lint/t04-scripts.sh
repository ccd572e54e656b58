# Shell scripts parse, and shellcheck has nothing to say where it is installed.
. "${0%/*}/lib.sh"

scripts() {
	grep -lE '^#!/bin/sh' config/* test/run test/coverage .ci/run \
		test/lint/* 2>/dev/null
	find test -name '*.sh' | sort
}

scripts_parse() {
	for script in $(scripts | sort -u); do
		sh -n "$script" 2>&1
	done
}

# SC1091: lib.sh is not followed; SC2238: a file may be called times; SC2181: `$?` is meant; SC2317, SC2329: test
# functions are called by name; SC2154: lib.sh sets them; SC2034: others read.
shellcheck_is_content() {
	# shellcheck disable=SC2046 # names without blanks
	shellcheck -s sh -S warning -e SC1091,SC2181,SC2238,SC2317,SC2329,SC2154,SC2034 \
		-f gcc $(scripts | sort -u)
}

# Test points run under `set -e`, which passes over `! COMMAND`, and over all but the last of
# `CHECK && CHECK`: as statements of their own, such checks can fail no test. expect_not
# can, and a line for each check. Here-documents are scripts of their own.
checks_can_fail() {
	# shellcheck disable=SC2046 # names without blanks
	awk '
	function judge(text) {
		gsub(/[ \t]+/, " ", text)
		said = text
		gsub(/\047[^\047]*\047|"[^"]*"/, "", text)
		if (text ~ /\|\|/) return
		if (text ~ /(^ ?|; |do |then |else )! / ||
			(text ~ /^ ?(\[|test|grep|cmp|diff|no_line|expect_[a-z]+) .* && / &&
			text !~ /&& (fail|exit|return|continue|break)( [^&|;]*)?;?$/))
			print FILENAME ":" first ": it cannot fail:" said
	}
	function close_file() {
		if (end != "") print file ": where does " end " stand?"
		text = end = ""
	}
	FNR == 1 { close_file(); file = FILENAME }
	end != "" {
		sub(/^\t+/, "")
		if ($0 == end) end = ""
		next
	}
	text == "" && /^[ \t]*#/ { next }
	{
		if (text == "") first = FNR
		text = text " " $0
		if (match($0, /<<-?[\047"]?[A-Za-z_]+/)) {
			end = substr($0, RSTART, RLENGTH)
			gsub(/[^A-Za-z_]/, "", end)
		}
		if (sub(/\\$/, "", text) || text ~ /(&&|\||[|][|]) *$/) next
		judge(text)
		text = ""
	}
	END { close_file() }' $(find test/e2e test/crash test/faults test/race test/soak -name '*.sh' | sort)
}

clean scripts_parse
clean checks_can_fail
if command -v shellcheck >/dev/null 2>&1; then
	clean shellcheck_is_content
else
	skip shellcheck_is_content 'no shellcheck'
fi
finish
