# Form: lines of at most 100 columns, functions of at most 120 lines (those over
# 80 are named), files of at most 800. And a table that is searched by halves.
. "${0%/*}/lib.sh"

code() { find src include test -name '*.[ch]' | sort; }

no_line_over_100_columns() {
	# A byte 200-277 (octal) goes on a character; tabs stand every 8 columns.
	code | xargs awk '{
		line = $0
		gsub(/[\200-\277]/, "", line)
		columns = 0
		n = split(line, part, "\t")
		for (i = 1; i <= n; i++) {
			columns += length(part[i])
			if (i < n) columns += 8 - columns % 8
		}
		if (columns > 100) printf "%s:%d: %d columns\n", FILENAME, FNR, columns
	}'
}

functions() { # "LINES FILE:LINE NAME"
	awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR; name = before }
	/^\}/ && start {
		printf "%d %s:%d %s\n", FNR - start - 1, FILENAME, start, name
		start = 0
	}
	/^[a-z]/ { before = $0 }' src/*/*.c
}

no_function_over_120_lines() { functions | awk '$1 > 120'; }

no_file_over_800_lines() {
	code | xargs wc -l | awk '$1 > 800 && $2 != "total"'
}

# One that is not in its place does nothing to the view, and nobody says so.
types_of_events_are_in_order() {
	sed -nE 's/^	\{ "([a-z.]+)", apply_.*/\1/p; s/^	\{ LOG_CONTINUED, .*/log.continued/p' \
		src/store/apply.c | sort -cu 2>&1
}

clean no_line_over_100_columns
clean no_function_over_120_lines
clean no_file_over_800_lines
clean types_of_events_are_in_order
functions | sort -rn | awk '$1 > 80 { print "# long: " $0 }'
finish
