# Each public header compiles alone, and has its guard.
. "${0%/*}/lib.sh"

headers_compile_alone() {
	for header in include/trine/*.h; do
		# shellcheck disable=SC2086 # flags are words
		echo "#include \"trine/${header##*/}\"" |
			${CC:-cc} -std=c11 -D_GNU_SOURCE -Iinclude $CFLAGS \
				-Wall -Wextra -fsyntax-only -x c - 2>&1 |
			head -5
	done
}

headers_have_guards() {
	for header in include/trine/*.h; do
		guard=TRINE_$(basename "$header" .h | tr a-z A-Z)_H
		grep -q "^#ifndef $guard\$" "$header" &&
			grep -q "^#define $guard\$" "$header" ||
			echo "$header: no $guard"
	done
}

headers_open_with_a_comment() {
	for header in include/trine/*.h; do
		head -1 "$header" | grep -q '^/\*' || echo "$header"
	done
}

clean headers_compile_alone
clean headers_have_guards
clean headers_open_with_a_comment
finish
