# Who may use whom: design, "The house"; README.md says it for people.
. "${0%/*}/lib.sh"

# The folder in src/ that a header of include/trine/ belongs to.
layer_of() {
	case $1 in
	limits|template|page) echo base; return ;;
	store_*) echo store; return ;;	# parts of its manual
	esac
	for folder in src/*/; do
		if [ -f "$folder$1.c" ]; then
			basename "$folder"
			return
		fi
	done
	echo unknown
}

allowed() {
	case $1 in
	base) echo base ;;
	core) echo base core ;;
	sys) echo base sys ;;
	git) echo base core sys git ;;
	store) echo base core sys store ;;
	local) echo base core sys git store local ;;
	deliver) echo base core sys git store local deliver ;;
	sync) echo base core sys git store local deliver sync ;;
	cli) echo base core sys git store local deliver sync cli ;;
	daemon) echo base core sys store local daemon ;;
	esac
}

headers() { # "FILE NAME" of each include of one of our headers
	grep -o '^#include "trine/[a-z_0-9]*\.h"' src/*/*.[ch] |
		sed 's,:#include "trine/\(.*\)\.h",	\1,'
}

folders_use_only_those_below_them() {
	for pair in $(headers | sed 's,^src/\([a-z]*\)/[^	]*,\1,' |
		sort -u | tr '\t' :); do
		from=${pair%%:*}
		to=$(layer_of "${pair#*:}")
		case " $(allowed "$from") " in
		*" $to "*) ;;
		*) echo "src/$from uses ${pair#*:}.h, which is in $to" ;;
		esac
	done
}

private_headers_stay_in_their_folder() {
	grep -o '^#include "[^"]*"' src/*/*.[ch] | grep -v '"trine/' |
		sed 's,:#include "\(.*\)", \1,' | while read -r file name; do
		case $name in
		*/*) echo "$file includes $name" ;;
		*) [ -f "${file%/*}/$name" ] || echo "$file includes $name" ;;
		esac
	done
}

# only HEADER FOLDER: nobody else includes it.
only() { grep -n "^ *# *include *<$1" src/*/*.[ch] include/trine/*.h |
	grep -v "^src/$2/"; }

libgit2_is_used_in_src_git_alone() { only 'git2[./]' git; }
sqlite_is_used_in_src_store_alone() { only sqlite3.h store; }
libwebsockets_is_used_in_src_daemon_alone() { only libwebsockets.h daemon; }
system_calls_are_in_src_sys_alone() {
	grep -nE '^#include <(unistd|fcntl|sys/[a-z]+|poll|netdb|dirent|signal)\.h>' \
		src/base/*.[ch] src/core/*.[ch] src/git/*.[ch] src/store/*.[ch] \
		src/local/*.[ch] src/deliver/*.[ch] src/sync/*.[ch] 2>/dev/null
}

# The supervisor goes on when the web part crashes: it calls nothing of that one.
libwebsockets_is_used_in_the_web_part_alone() {
	grep -ln '^ *# *include *<libwebsockets.h' src/daemon/*.[ch] |
		grep -E '/(main|supervisor|signals|web_child|say)\.'
}
trined_is_not_linked_with_libgit2() { ldd "$BUILD/trined" | grep -E 'git2|curl'; }

# It proves what trine does, so it may not believe how trine reads.
the_checker_of_the_simulator_uses_nothing_of_ours() {
	grep -n '^ *# *include *["<]\(trine/\|\.\./\)' test/sim/check*.[ch]
	grep -n '^ *# *include *"' test/sim/check*.[ch] |
		grep -v '"check[a-z_]*\.h"'
}

# It costs more than all else that a short command does.
trine_is_not_linked_with_libgit2() {
	ldd "$BUILD/trine" | grep -E 'git2|curl|websockets|ssl|crypto'
}

clean folders_use_only_those_below_them
clean private_headers_stay_in_their_folder
clean libgit2_is_used_in_src_git_alone
clean sqlite_is_used_in_src_store_alone
clean libwebsockets_is_used_in_src_daemon_alone
clean libwebsockets_is_used_in_the_web_part_alone
clean system_calls_are_in_src_sys_alone
if command -v ldd >/dev/null && [ -x "$BUILD/trine" ]; then
	clean trine_is_not_linked_with_libgit2
	clean trined_is_not_linked_with_libgit2
else
	skip trine_is_not_linked_with_libgit2 'no ldd, or nothing is built'
	skip trined_is_not_linked_with_libgit2 'no ldd, or nothing is built'
fi
clean the_checker_of_the_simulator_uses_nothing_of_ours
finish
