/* Text cut to a length, and lists of lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/list.h"
#include "trine/mem.h"
#include "trine/text.h"

static void characters_stay_whole(void **state)
{
	static const struct {
		const char *text;
		size_t limit;
		const char *cut;
	} rows[] = {
		{ "", 0, "" }, { "", 5, "" }, { "abc", 3, "abc" }, { "abc", 9, "abc" },
		{ "abc", 2, "ab" }, { "abc", 0, "" },
		{ "a\xc3\xa9", 2, "a" }, { "a\xc3\xa9", 3, "a\xc3\xa9" },
		{ "\xf0\x9f\x9a\xa8!", 3, "" }, { "\xf0\x9f\x9a\xa8!", 4, "\xf0\x9f\x9a\xa8" },
		/* what is no character at all is cut as well */
		{ "\x80\x80\x80\x80", 3, "" }, { "\xff\xff\xff", 2, "\xff\xff" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *own = xstrdup(rows[i].text), out[16];

		memset(out, 'x', sizeof(out));
		text_copy(out, rows[i].limit + 1, span_str(own));
		assert_string_equal(out, rows[i].cut);
		assert_int_equal(out[rows[i].limit + 1], 'x');
		assert_int_equal(text_fits(own, rows[i].limit),
				 text_is_utf8(own, strlen(own)) &&
				 strlen(own) <= rows[i].limit);
		text_shorten(own, rows[i].limit);
		assert_string_equal(own, rows[i].cut);
		free(own);
	}
}

static void what_hides_is_shown(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "\x1b[31m\r\x7f", "\\x1b[31m\\x0d\\x7f" },
		{ "\xc2\x9b", "\\u{9b}" },
		{ "a\xe2\x80\xaeksa", "a\\u{202e}ksa" },
		{ "a\xe2\x80\x8b" "b\xef\xbb\xbf", "a\\u{200b}b\\u{feff}" },
		{ "a\xe2\x80\xa8" "b", "a\\u{2028}b" },
		/* "hi" in tags: only programs would read it */
		{ "ok\xf3\xa0\x81\xa8\xf3\xa0\x81\xa9", "ok\\u{e0068}\\u{e0069}" },
		/* writing and emoji want these */
		{ "\xd7\xa9\xe2\x80\x8f!", "\xd7\xa9\xe2\x80\x8f!" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7",
		  "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7" },
		{ "\xe2\x9a\xa0\xef\xb8\x8f", "\xe2\x9a\xa0\xef\xb8\x8f" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		text_escape(&out, rows[i].text, strlen(rows[i].text), true);
		assert_string_equal(out.data, rows[i].shown);
	}
	buf_release(&out);
}

static void a_word_a_line(void **state)
{
	struct list l = LIST_INIT;
	const char **argv = list_argv(&l);

	(void)state;
	assert_null(argv[0]);
	free(argv);
	list_add_lines(&l, span_str(""));
	assert_int_equal(l.count, 0);
	list_add_lines(&l, span_str("/bin/echo\n--two words\n\n-x"));
	list_add_lines(&l, span_str("last\n"));
	argv = list_argv(&l);
	assert_int_equal(l.count, 5);
	assert_string_equal(argv[1], "--two words");
	assert_string_equal(argv[2], "");
	assert_string_equal(argv[4], "last");
	assert_null(argv[5]);
	free(argv);
	list_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_stay_whole),
		cmocka_unit_test(what_hides_is_shown),
		cmocka_unit_test(a_word_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
