/* Names and paths: what is accepted, in both directions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "trine/mem.h"
#include "trine/names.h"

static void streams_both_ways(void **state)
{
	static const struct { const char *text; int from, to; } rows[] = {
		{ "1_TO_2", 1, 2 },
		{ "999_TO_1", 999, 1 },
		{ "1_TO_1", 1, 1 },
		{ "3_TO_ALL", 3, END_ALL },
		{ "HUMAN_TO_999", END_HUMAN, 999 },
		{ "HUMAN_TO_ALL", END_HUMAN, END_ALL },
	};
	char out[STREAM_NAME];
	struct stream_name name;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(stream_name_parse(span_str(rows[i].text), &name));
		assert_int_equal(name.from, rows[i].from);
		assert_int_equal(name.to, rows[i].to);
		assert_string_equal(stream_name_format(name, out), rows[i].text);
	}
}

static void streams_refused(void **state)
{
	static const char *const rows[] = {
		"", "_TO_", "1_TO_", "_TO_2", "1_to_2", "1_TO_2 ", " 1_TO_2",
		"01_TO_2", "1_TO_02", "0_TO_1", "1_TO_0", "1000_TO_1",
		"1_TO_1000", "-1_TO_2", "+1_TO_2", "1_TO_2_TO_3", "ALL_TO_1",
		"1_TO_HUMAN", "human_TO_1", "1_TO_all", "1_TO_2.md", "12",
		"99999999999999999999_TO_1", "1_TO_2\n", "\xef\xbc\x91_TO_2",
	};
	struct stream_name name = { 7, 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(stream_name_parse(span_str(rows[i]), &name));
	assert_false(stream_name_parse((struct span){ NULL, 0 }, &name));
	assert_false(stream_name_parse((struct span){ "1_TO_2\0", 7 }, &name));
	assert_int_equal(name.from, 7);
	assert_int_equal(name.to, 8);
}

static void ids_both_ways(void **state)
{
	static const struct { const char *text; int from; uint64_t seq; } rows[] = {
		{ "1_TO_2.1", 1, 1 },
		{ "2_TO_2.70", 2, 70 },
		{ "HUMAN_TO_2.3", END_HUMAN, 3 },
		{ "999_TO_2.999999999999999", 999, MESSAGE_SEQ_MAX },
	};
	char out[MESSAGE_ID];
	struct stream_name name;
	uint64_t seq;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(message_id_parse(span_str(rows[i].text), &name, &seq));
		assert_int_equal(name.from, rows[i].from);
		assert_int_equal(seq, rows[i].seq);
		assert_string_equal(message_id_format(name, seq, out),
				    rows[i].text);
	}
}

static void ids_refused(void **state)
{
	static const char *const rows[] = {
		"", ".", "1_TO_2", "1_TO_2.", "1_TO_2.0", "1_TO_2.07",
		"1_TO_2.-1", "1_TO_2.1000000000000000", "1_TO_2.7.1",
		"1_TO_2.~9f2c41d07a.1", "1_TO_2.7~5f3a9c1e", "1_TO_2.7 ",
		"x.7", ".7", "1_TO_2.18446744073709551617",
	};
	struct stream_name name;
	uint64_t seq;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(message_id_parse(span_str(rows[i]), &name, &seq));
	assert_false(message_id_parse((struct span){ NULL, 0 }, &name, &seq));
}

struct word_row {
	const char *text;
	bool id, plain, clone;
};

static void words(void **state)
{
	static const struct word_row rows[] = {
		{ "1_TO_2.7", true, true, false },
		{ "1_TO_2.~9f2c41d07a.1", true, false, false },
		{ "1_TO_2.7~5f3a9c1e", true, false, false },
		{ "builder", true, true, false },
		{ "5f3a9c1e", true, true, true },
		{ "5F3A9C1E", true, true, false },
		{ "5f3a9c1", true, true, false },
		{ "5f3a9c1e0", true, true, false },
		{ "", false, false, false },
		{ ".hidden", false, false, false },
		{ "-rf", false, false, false },
		{ "~root", false, false, false },
		{ "a/b", false, false, false },
		{ "..", false, false, false },
		{ "a b", false, false, false },
		{ "a\x1b[2J", false, false, false },
		{ "\xc3\xa4", false, false, false },
		{ "a\n", false, false, false },
	};
	char longest[66];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span s = span_str(rows[i].text);

		assert_int_equal(message_id_valid(s), rows[i].id);
		assert_int_equal(plain_name_valid(s), rows[i].plain);
		assert_int_equal(clone_id_valid(s), rows[i].clone);
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(plain_name_valid((struct span){ longest, 64 }));
	assert_false(plain_name_valid((struct span){ longest, 65 }));
	assert_true(message_id_valid((struct span){ longest, 63 }));
	assert_false(message_id_valid((struct span){ longest, 64 }));
	assert_false(plain_name_valid((struct span){ "a\0b", 3 }));
	assert_false(clone_id_valid((struct span){ "5f3a\0c1e", 8 }));
}

static void every_byte_in_a_name(void **state)
{
	const char *allowed = "0123456789abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char text[2] = { 'a', 0 };

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool first = c != 0 && strchr(allowed, c) != NULL;
		bool later = first || (c != 0 && strchr("._-", c) != NULL);
		char one = (char)c;

		text[1] = (char)c;
		assert_int_equal(plain_name_valid((struct span){ &one, 1 }), first);
		assert_int_equal(plain_name_valid((struct span){ text, 2 }), later);
	}
}

static void paths_classified(void **state)
{
	static const struct {
		const char *path;
		enum path_kind kind;
		int computer;
		struct stream_name stream;
		unsigned segment;
	} rows[] = {
		{ "COMPUTER_1.md", PATH_STATUS, 1, { 0, 0 }, 0 },
		{ "COMPUTER_999.md", PATH_STATUS, 999, { 0, 0 }, 0 },
		{ "COMPUTER_01.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "COMPUTER_0.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "COMPUTER_1000.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "COMPUTER_.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "COMPUTER_1.MD", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "computer_1.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "COMPUTER_1.md/x", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "x/COMPUTER_1.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/1_TO_2.md", PATH_STREAM, 1, { 1, 2 }, 0 },
		{ "messages/3_TO_ALL.md", PATH_STREAM, 3, { 3, 0 }, 0 },
		{ "messages/01_TO_2.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/1_TO_2", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/1_TO_2.txt", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/x/1_TO_2.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "Messages/1_TO_2.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "1_TO_2.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "messages/HUMAN_TO_2.md", PATH_HUMAN, 0, { -1, 2 }, 0 },
		{ "archive/1_TO_2/0001.md", PATH_ARCHIVE, 1, { 1, 2 }, 1 },
		{ "archive/1_TO_2/9999.md", PATH_ARCHIVE, 1, { 1, 2 }, 9999 },
		{ "archive/1_TO_2/0000.md", PATH_ARCHIVE, 1, { 1, 2 }, 0 },
		{ "archive/1_TO_2/001.md", PATH_ARCHIVE, 1, { 1, 2 }, 0 },
		{ "archive/1_TO_2/00001.md", PATH_ARCHIVE, 1, { 1, 2 }, 0 },
		{ "archive/1_TO_2/+001.md", PATH_ARCHIVE, 1, { 1, 2 }, 0 },
		{ "archive/1_TO_2/0001.md/x", PATH_ARCHIVE, 1, { 1, 2 }, 0 },
		{ "archive/1_TO_2", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "archive/1_TO_2/", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "archive/1_AND_2/0001.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "archive/HUMAN_TO_2/0001.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "conflicts/2/x.md", PATH_CONFLICT, 2, { 0, 0 }, 0 },
		{ "conflicts/2/a/b.md", PATH_CONFLICT, 2, { 0, 0 }, 0 },
		{ "conflicts/2/", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "conflicts/2", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "conflicts/02/x.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "fleet.yaml", PATH_FLEET, 0, { 0, 0 }, 0 },
		{ "shared/fleet.yaml", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "README.md", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "", PATH_OTHER, 0, { 0, 0 }, 0 },
		{ "/", PATH_OTHER, 0, { 0, 0 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct path_info info = path_classify(rows[i].path);

		if (info.kind != rows[i].kind)
			fail_msg("%s: kind %d", rows[i].path, (int)info.kind);
		assert_int_equal(info.computer, rows[i].computer);
		assert_int_equal(info.stream.from, rows[i].stream.from);
		assert_int_equal(info.stream.to, rows[i].stream.to);
		assert_int_equal(info.segment, rows[i].segment);
	}
}

static void paths_formatted(void **state)
{
	char out[PATH_TEXT];
	struct stream_name name = { 999, 999 };

	(void)state;
	for (int n = 1; n <= LIMIT_COMPUTERS; n++) {
		struct path_info info = path_classify(path_status(n, out));

		assert_int_equal(info.kind, PATH_STATUS);
		assert_int_equal(info.computer, n);
		assert_null(path_refused(out));
	}
	assert_string_equal(path_stream(name, out), "messages/999_TO_999.md");
	assert_null(path_refused(out));
	assert_string_equal(path_archive(name, 12, out),
			    "archive/999_TO_999/0012.md");
	assert_null(path_refused(out));
	assert_int_equal(path_classify(out).segment, 12);
}

static void paths_refused(void **state)
{
	static const struct { const char *path, *word; } rows[] = {
		{ "README.md", NULL },
		{ "fleet.yaml", NULL },
		{ "shared/a/b/c/d/e.json", NULL },
		{ "a..b.txt", NULL },
		{ "x.yml", NULL },
		{ "shared/a/b/c/d/e/f.json", "levels" },
		{ "", "empty" },
		{ "/etc/passwd.md", "empty" },
		{ "a//b.md", "empty" },
		{ "a.md/", "empty" },
		{ "../x.md", "dot" },
		{ "a/../x.md", "dot" },
		{ ".git/config.md", "dot" },
		{ "a/.md", "dot" },
		{ "a b.md", "characters" },
		{ "-x.md", "no letter" },
		{ "a/_x.md", "no letter" },
		{ "a\\b.md", "characters" },
		{ "a\x1b.md", "characters" },
		{ "\xc3\xa4.md", "characters" },
		{ "run.sh", "suffix" },
		{ "Makefile", "suffix" },
		{ "a.md.exe", "suffix" },
		{ "CLAUDE.md", "other tools" },
		{ "shared/claude.MD", "other tools" },
		{ "Agents.md", "other tools" },
		{ "a/GEMINI.md", "other tools" },
		{ "a/claude.md/x.md", "other tools" },
		{ "CLAUDE.local.md", "other tools" },
		{ "MYCLAUDE.md", NULL },
	};
	char longest[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why = path_refused(rows[i].path);

		if (rows[i].word == NULL && why != NULL)
			fail_msg("%s: %s", rows[i].path, why);
		if (rows[i].word != NULL &&
		    (why == NULL || strstr(why, rows[i].word) == NULL))
			fail_msg("%s: %s", rows[i].path, why ? why : "accepted");
	}
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 61, ".md");
	assert_null(path_refused(longest));
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 62, ".md");
	assert_non_null(strstr(path_refused(longest), "64 bytes"));
}

static void case_twins(void **state)
{
	(void)state;
	assert_true(path_same_but_case("shared/a.md", "Shared/A.md"));
	assert_true(path_same_but_case("a.md", "a.md"));
	assert_false(path_same_but_case("a.md", "b.md"));
	assert_false(path_same_but_case("a.md", "a.mdx"));
	assert_false(path_same_but_case("a[", "a{"));
}

static void globs(void **state)
{
	static const struct { const char *glob, *path; bool match; } rows[] = {
		{ "a.md", "a.md", true },
		{ "a.md", "b.md", false },
		{ "a.md", "a.md/b", false },
		{ "*.md", "a.md", true },
		{ "*.md", "x/a.md", false },
		{ "*", "", true },
		{ "?.md", "a.md", true },
		{ "?", "/", false },
		{ "a?b", "a/b", false },
		{ "shared/*", "shared/a", true },
		{ "shared/*", "shared/a/b", false },
		{ "shared/**", "shared/a", true },
		{ "shared/**", "shared/a/b/c", true },
		{ "shared/**", "shared", false },
		{ "shared/**", "sharedx/a", false },
		{ "**", "a/b/c", true },
		{ "**/c", "c", true },
		{ "**/c", "a/b/c", true },
		{ "**/c", "a/b/xc", false },
		{ "a/**/c", "a/c", true },
		{ "a/**/c", "a/b/b/c", true },
		{ "a/**/c", "a/b/b/d", false },
		{ "**/b/*", "a/b/b/x", true },
		{ "**/a/*/b.md", "a/a/x/b.md", true },
		{ "**/x*y/**/z?", "q/xy/r/xay/z1", true },
		{ "a**c", "abbc", true },
		{ "a**c", "ab/bc", false },
		{ "*a*b*c", "xaxbxc", true },
		{ "*a*b*c", "xaxbxcx", false },
		{ "*/b", "a/b", true },
		{ "*/b", "aa/c", false },
		{ "", "", true },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (path_glob(rows[i].glob, rows[i].path) != rows[i].match)
			fail_msg("%s on %s", rows[i].glob, rows[i].path);
}

/* The plain definition, exponential but obviously right. */
static bool glob_slowly(const char *glob, const char *g, const char *p)
{
	if ((g == glob || g[-1] == '/') && strncmp(g, "**/", 3) == 0) {
		const char *slash = strchr(p, '/');

		return glob_slowly(g + 3, g + 3, p) ||
		       (slash != NULL && glob_slowly(glob, g, slash + 1));
	}
	if ((g == glob || g[-1] == '/') && strcmp(g, "**") == 0)
		return *p != '\0' || g == glob;
	if (*g == '*')
		return glob_slowly(glob, g + 1, p) ||
		       (*p != '\0' && *p != '/' && glob_slowly(glob, g, p + 1));
	if (*g == '\0' || *p == '\0')
		return *g == *p;
	return (*g == *p || (*g == '?' && *p != '/')) &&
	       glob_slowly(glob, g + 1, p + 1);
}

static void globs_against_the_definition(void **state)
{
	static const char *const glob_piece[] = { "a", "b", "/", "*", "**/", "?" };
	static const char *const path_piece[] = { "a", "b", "/", "ab" };
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		char glob[32] = "", path[32] = "x";

		for (int i = 0; i < 7; i++) {
			seed = seed * 1103515245u + 12345u;
			strcat(glob, glob_piece[(seed >> 16) % 6]);
			strcat(path, path_piece[(seed >> 8) % 4]);
		}
		/* Paths here never end in a slash or hold an empty name. */
		strcat(path, "a");
		if (strstr(path, "//") != NULL)
			continue;
		if (path_glob(glob, path + 1) != glob_slowly(glob, glob, path + 1) &&
		    path[1] != '/')
			fail_msg("%s on %s", glob, path + 1);
	}
}

/* Every path of at most so many letters, of two that globs have, one that they have
 * not, and slashes where a path may have them. */
enum { SHORT = 6 };

static bool meet_slowly(const char *a, const char *b, char path[SHORT + 1],
			size_t len)
{
	static const char letters[] = "abc/";

	path[len] = '\0';
	if (len > 0 && path[len - 1] != '/' && glob_slowly(a, a, path) &&
	    glob_slowly(b, b, path))
		return true;
	for (size_t i = 0; len < SHORT && i < 4; i++) {
		if (letters[i] == '/' && (len == 0 || path[len - 1] == '/'))
			continue;
		path[len] = letters[i];
		if (meet_slowly(a, b, path, len + 1))
			return true;
	}
	return false;
}

static void globs_meet(void **state)
{
	static const struct { const char *a, *b; bool meet; } rows[] = {
		{ "src/auth/**", "src/**/login.c", true },
		{ "src/auth/**", "src/auth", false },
		{ "src/auth/**", "src/ui/**", false },
		{ "src/*.c", "src/*.h", false },
		{ "src/*.c", "src/a*", true },
		{ "**", "x", true },
		{ "**/a", "b", false },
		{ "**/a/**", "x/y/a/z", true },
		{ "a?", "a*b", true },
		{ "a?", "a*bc", false },
		{ "*", "*/*", false },
		{ "*a*b*", "*b*a*", true },
		{ "a", "a", true },
		{ "a", "A", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (path_globs_meet(rows[i].a, rows[i].b) != rows[i].meet ||
		    path_globs_meet(rows[i].b, rows[i].a) != rows[i].meet)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

static void pieces(unsigned *seed, char out[16])
{
	static const char *const piece[] = { "a", "b", "/", "*", "**/", "?", "/**" };
	unsigned count = 1 + (*seed = *seed * 1103515245u + 12345u) / 65536 % 4;

	out[0] = '\0';
	while (count-- > 0)
		strcat(out, piece[(*seed = *seed * 1103515245u + 12345u) /
				  65536 % 7]);
}

/* What needs a longer path than those tried is left out: three at most in a
 * hundred thousand, and each says that they meet. */
static void globs_meet_as_paths_say(void **state)
{
	char a[16], b[16], path[SHORT + 1];
	unsigned seed = 7, longer = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		bool meet, slowly;

		pieces(&seed, a);
		pieces(&seed, b);
		meet = path_globs_meet(a, b);
		slowly = meet_slowly(a, b, path, 0);
		longer += meet && !slowly;
		if (slowly && !meet)
			fail_msg("%s and %s: %s", a, b, path);
		if (meet && !slowly && strlen(a) + strlen(b) <= SHORT)
			fail_msg("%s and %s do not meet", a, b);
	}
	assert_true(longer < 400);
}

static void globs_do_not_blow_up(void **state)
{
	char glob[4001], path[4001];

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		memcpy(glob + 2 * i, "*a", 2);
	memset(path, 'a', 4000);
	glob[3999] = 'b';
	glob[4000] = path[4000] = '\0';
	assert_false(path_glob(glob, path));
	for (size_t i = 0; i < 1000; i++)
		memcpy(glob + 4 * i, "**/a", 4);
	for (size_t i = 0; i < 2000; i++)
		memcpy(path + 2 * i, "a/", 2);
	path[3999] = 'b';
	assert_false(path_glob(glob, path));
	/* 4000 by 4000 letters would be 300 million pairs: bounded by LIMIT_PATH */
	glob[LIMIT_PATH] = path[LIMIT_PATH] = '\0';
	path[LIMIT_PATH - 1] = 'c';
	glob[LIMIT_PATH - 1] = 'b';
	assert_false(path_globs_meet(glob, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_both_ways),
		cmocka_unit_test(streams_refused),
		cmocka_unit_test(ids_both_ways),
		cmocka_unit_test(ids_refused),
		cmocka_unit_test(words),
		cmocka_unit_test(every_byte_in_a_name),
		cmocka_unit_test(paths_classified),
		cmocka_unit_test(paths_formatted),
		cmocka_unit_test(paths_refused),
		cmocka_unit_test(case_twins),
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_against_the_definition),
		cmocka_unit_test(globs_do_not_blow_up),
		cmocka_unit_test(globs_meet),
		cmocka_unit_test(globs_meet_as_paths_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
