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

clean scripts_parse
if command -v shellcheck >/dev/null 2>&1; then
	clean shellcheck_is_content
else
	skip shellcheck_is_content 'no shellcheck'
fi
finish
