# src/core and src/base are pure: what their objects want from outside is on
# this list, and nothing on it reads, writes, asks the clock or the environment.
. "${0%/*}/lib.sh"

pure='
abort calloc free malloc realloc
bsearch qsort
memchr memcmp memcpy memmem memmove memrchr memset
strchr strcmp strcspn strdup strlen strncmp strndup strnlen strpbrk strrchr
strspn strstr strcasecmp strcasestr strncasecmp strtol strtoll strtoul strtoull
snprintf vsnprintf gmtime_r timegm inet_pton
__ctype_b_loc __errno_location __error __stack_chk_fail __stack_chk_guard __assert_fail
__assert_rtn
__memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk
ini_parse_stream ini_parse_string ini_parse_string_length
yaml_parser_initialize yaml_parser_set_input_string yaml_parser_set_encoding
yaml_parser_parse yaml_parser_delete yaml_event_delete yaml_parser_set_max_nest_level
json_array json_array_append_new json_delete json_dumpb json_dumps json_dump_callback
json_integer json_object json_object_set_new json_string json_stringn
json_stringn_nocheck json_object_set_new_nocheck json_true json_false json_boolean
json_loadb json_array_get json_array_size json_integer_value json_object_get
json_object_iter json_object_iter_key json_object_iter_next json_object_iter_value
json_object_key_to_iter json_string_length json_string_value
SHA1Init SHA1Update SHA1Final SHA256Init SHA256Update SHA256Final SHA256Data
'
# A program that has no memory left says so and ends: base/mem.c, base/error.c.
last_words='_Exit _exit exit fprintf __fprintf_chk fputs fwrite stderr __stderrp strerror'

# What the processor can do: base/digest.c.
processor='__cpu_model __cpu_indicator_init'

all_objects_are_there() {
	for source in src/core/*.c src/base/*.c; do
		object=$BUILD/obj/${source#src/}
		[ -f "${object%.c}.o" ] || echo "${object%.c}.o"
	done
}

wanted() { # symbols that objects of folder $1 want and src/core, src/base lack
	nm -g "$BUILD"/obj/core/*.o "$BUILD"/obj/base/*.o 2>/dev/null |
		awk 'NF == 3 { print $3 }' | sort -u >"$list.have"
	nm -u "$BUILD/obj/$1"/*.o | awk '$1 == "U" { print $2 } NF == 1 && !/:$/' |
		sort -u | comm -23 - "$list.have" |
		sed -e 's/@.*//' -e 's/^_\([a-z]\)/\1/' |
		grep -vE '^(__asan|__ubsan|__gcov|__sanitizer|___asan|_GLOBAL_OFFSET)' |
		sort -u
}

beyond() { # FOLDER ALLOWED
	echo "$2" | tr ' ' '\n' | sort -u >"$list.allowed"
	wanted "$1" | comm -23 - "$list.allowed"
}

core_does_nothing_but_decide() { beyond core "$pure"; }
base_makes_no_system_calls() { beyond base "$pure $last_words $processor"; }

list=$BUILD/test-logs/pure.$$
mkdir -p "$BUILD/test-logs"
trap 'rm -f "$list".*' EXIT
clean all_objects_are_there
clean core_does_nothing_but_decide
clean base_makes_no_system_calls
finish
