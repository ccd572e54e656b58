# What must not stand in the sources. (Brackets keep this file off the list.)
. "${0%/*}/lib.sh"

sources() {
	find Makefile README.md NEWS.md CONTRIBUTING.md .ci config coordination \
		include man src test -type f ! -name '*.o' | sort
}

no_paths_of_one_machine() {
	sources | grep -v '^test/unit/' |
		xargs grep -nE '(^|[^a-z.])/(wor[k]|far[m]|hom[e]/[a-z]+|roo[t])/|/tm[p]/[a-z]' |
		grep -v '/home/me[/ ]'
}

no_placeholders() { sources | xargs grep -nwE 'TOD[O]|FIXM[E]|XX[X]|HAC[K]'; }

# Calls that are easily wrong; base/ has what to use in their place.
no_banned_functions() {
	grep -nwE '(str(cpy|cat|ncpy|ncat|tok|tok_r)|v?sprintf|gets|ato[ifl]|atoll|alloca|setjmp|system|popen|tmpnam|mktemp|localtime|gmtime|ctime|asctime|rand|srand|signal) ?\(' \
		src/*/*.[ch] | grep -vE ':[ 	]*(\*|/\*)'
}

no_trailing_blanks() {
	sources | grep -vE '\.md$' | xargs grep -nE '[ 	]+$'
}

clean no_paths_of_one_machine
clean no_placeholders
clean no_banned_functions
clean no_trailing_blanks
finish
