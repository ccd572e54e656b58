/* Trailers and what they vouch for (protocol R6). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/digest.h"
#include "trine/mem.h"
#include "trine/vouch.h"

#define C "Trine-Computer: 2\n"
#define L "Trine-Clone: 5f3a9c1e\n"
#define F "Trine-Files: 0123456789abcdef\n"
#define ALL_THREE C L F
#define TWELVE "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"

static void written_and_read(void **state)
{
	struct trailers t = { 2, "5f3a9c1e", "0123456789abcdef" }, back;
	struct buf out = BUF_INIT;

	(void)state;
	buf_adds(&out, "computer 2: 3 messages\n\n");
	trailers_write(&out, &t);
	assert_string_equal(out.data, "computer 2: 3 messages\n\n" ALL_THREE);
	assert_true(trailers_parse(span_of(&out), &back));
	assert_int_equal(back.computer, 2);
	assert_string_equal(back.clone, t.clone);
	assert_string_equal(back.files, t.files);
	buf_release(&out);
}

static void messages(void **state)
{
	static const struct { const char *text; bool ours; } rows[] = {
		{ "s\n\n" ALL_THREE, true },
		{ "s\n\nbody\n\n" ALL_THREE, true },
		{ "s\n\n" F L C "\n\n \n", true },
		{ "s\r\n\r\nTrine-Computer: 2\r\nTrine-Clone: 5f3a9c1e\r\n"
		  "Trine-Files: 0123456789abcdef\r\n", true },
		{ "s\n\nTrine-Computer:2\ntrine-clone :  5f3a9c1e \nTRINE-FILES: "
		  "0123456789abcdef", true },
		/* others may stand between */
		{ "s\n\n" C "Signed-off-by: A <a@b>\n" L
		  "Co-authored-by: B <b@c>\n" F, true },
		{ "s\n\n" C "Acked-by: A\n folded\n" L F, true },
		{ "s\n\n" C "Acked-by: A\n\tfolded\n" L F, true },
		{ "s\n\nTrine-Computer\t: 2\n" L F, true },
		{ "s\n\nfree text\n" ALL_THREE "Signed-off-by: A <a@b>\n", true },
		{ "s\n\n" ALL_THREE "Signed-off-by: A <a@b>\n" TWELVE, true },
		{ "s\n\n" ALL_THREE "Signed-off-by: A <a@b>\n" TWELVE "l\n",
		  false },
		{ "s\n\n" ALL_THREE "(cherry picked from commit 0123)\n", true },
		/* not the last paragraph, or no trailers at all */
		{ "", false },
		{ "s\n", false },
		{ ALL_THREE, false },
		{ "\n\n" ALL_THREE, false },
		{ "s\n" ALL_THREE, false },
		{ "s\n\n" ALL_THREE "\nmore text\n", false },
		{ "s\n\n" ALL_THREE "\nSigned-off-by: A <a@b>\n", false },
		{ "s\n\nfree text\n" ALL_THREE, false },
		{ "s\n\n" ALL_THREE "free text\n", false },
		{ "s\n\n" ALL_THREE "free~: text\n", false },
		{ "s\n\n " ALL_THREE, false },
		{ "s\n\n\t" ALL_THREE, false },
		/* twice, of two computers, one missing */
		{ "s\n\n" ALL_THREE ALL_THREE, false },
		{ "s\n\n" ALL_THREE C, false },
		{ "s\n\n" ALL_THREE "Trine-Computer: 3\n", false },
		{ "s\n\n" ALL_THREE L, false },
		{ "s\n\n" ALL_THREE F, false },
		{ "s\n\n" ALL_THREE "trine-computer: 3\n", false },
		{ "s\n\n" C L, false },
		{ "s\n\n" C F, false },
		{ "s\n\n" L F, false },
		{ "s\n\n" C L "\n" F, false },
		/* values that we never write */
		{ "s\n\nTrine-Computer: 02\n" L F, false },
		{ "s\n\nTrine-Computer: 0\n" L F, false },
		{ "s\n\nTrine-Computer: 1000\n" L F, false },
		{ "s\n\nTrine-Computer: -1\n" L F, false },
		{ "s\n\nTrine-Computer: 2 3\n" L F, false },
		{ "s\n\nTrine-Computer:\n" L F, false },
		{ "s\n\nTrine-Computer: 2\n 3\n" L F, false },
		{ "s\n\nTrine-Computer:\n 2\n" L F, true },
		{ "s\n\nTrine-Computer:\n\t2\n" L F, true },
		{ "s\n\nTrine-Computer: 2\n\t3\n" L F, false },
		{ "s\n\n" C "Trine-Clone: 5F3A9C1E\n" F, false },
		{ "s\n\n" C "Trine-Clone: 5f3a9c1\n" F, false },
		{ "s\n\n" C "Trine-Clone: 5f3a9c1e0\n" F, false },
		{ "s\n\n" C L "Trine-Files: 0123456789abcde\n", false },
		{ "s\n\n" C L "Trine-Files: 0123456789abcdeg\n", false },
		{ "s\n\n" C L "Trine-Files: 0123456789ABCDEF\n", false },
		{ "s\n\nXTrine-Computer: 2\n" L F, false },
		{ "s\n\nTrine-Computer 2\n" L F, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct trailers t;
		bool ours = trailers_parse(span_str(rows[i].text), &t);

		if (ours != rows[i].ours)
			fail_msg("%s", rows[i].text);
		assert_int_equal(t.computer, ours ? 2 : 0);
		assert_string_equal(t.clone, ours ? "5f3a9c1e" : "");
		assert_string_equal(t.files, ours ? "0123456789abcdef" : "");
	}
	assert_false(trailers_parse((struct span){ NULL, 0 }, &(struct trailers){ 0 }));
}

static void cut_and_broken_at_every_byte(void **state)
{
	static const char text[] = "subject\n\nbody\n\n" ALL_THREE;
	static const char bad[] = { '\0', '\xff', ':', '\n', ' ' };
	const size_t len = sizeof(text) - 1;
	struct trailers t;

	(void)state;
	for (size_t i = 0; i <= len; i++) {
		char *copy = xmemdup(text, len);
		/* The last LF may be missing. */
		bool whole = i >= len - 1;

		assert_int_equal(trailers_parse((struct span){ copy, i }, &t), whole);
		for (size_t j = 0; i < len && j < sizeof(bad); j++) {
			copy[i] = bad[j];
			if (trailers_parse((struct span){ copy, len }, &t))
				assert_int_equal(t.computer, 2);
			copy[i] = text[i];
		}
		free(copy);
	}
}

static void digest_is_of_sorted_lines(void **state)
{
	static const char oid[] = "0123456789012345678901234567890123456789";
	static const char lines[] =
		"COMPUTER_2.md 0123456789012345678901234567890123456789\n"
		"archive/2_TO_1 0123456789012345678901234567890123456789\n"
		"archive/2_TO_10 0123456789012345678901234567890123456789\n"
		"messages/2_TO_1.md 0123456789012345678901234567890123456789\n"
		"messages/2_TO_10.md 0123456789012345678901234567890123456789\n";
	static const char *const paths[] = {
		"messages/2_TO_10.md", "archive/2_TO_10", "COMPUTER_2.md",
		"messages/2_TO_1.md", "archive/2_TO_1",
	};
	struct own_files files = { 0 };
	char hex[DIGEST_HEX], out[VOUCH_DIGEST], other[VOUCH_DIGEST];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		own_files_add(&files, paths[i], oid);
	vouch_digest(&files, out);
	digest_hex(lines, sizeof(lines) - 1, hex);
	assert_memory_equal(out, hex, 16);
	assert_int_equal(strlen(out), 16);
	assert_string_equal(files.file[0].path, "COMPUTER_2.md");
	assert_string_equal(own_files_get(&files, "archive/2_TO_1"), oid);
	assert_null(own_files_get(&files, "archive/2_TO_3"));
	files.file[4].oid[39] = '0';
	vouch_digest(&files, other);
	assert_string_not_equal(out, other);
	own_files_release(&files);
	assert_int_equal(files.count, 0);
	vouch_digest(&files, out);
	assert_string_equal(out, "e3b0c44298fc1c14");
	own_files_release(&files);
}

/* Whoever made the tree: a path may be in it twice, and there may be many. */
static void digest_knows_no_order(void **state)
{
	struct own_files files = { 0 }, backwards = { 0 };
	char path[32], oid[8], one[VOUCH_DIGEST], other[VOUCH_DIGEST];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "archive/2_TO_1/%04d.md", i / 2);
		snprintf(oid, sizeof(oid), "%d", i);
		own_files_add(&files, path, oid);
		snprintf(path, sizeof(path), "archive/2_TO_1/%04d.md",
			 (39 - i) / 2);
		snprintf(oid, sizeof(oid), "%d", 39 - i);
		own_files_add(&backwards, path, oid);
	}
	vouch_digest(&files, one);
	vouch_digest(&backwards, other);
	assert_string_equal(one, other);
	own_files_release(&files);
	own_files_release(&backwards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(messages),
		cmocka_unit_test(cut_and_broken_at_every_byte),
		cmocka_unit_test(digest_is_of_sorted_lines),
		cmocka_unit_test(digest_knows_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
