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
		text_shorten(own, rows[i].limit);
		assert_string_equal(own, rows[i].cut);
		free(own);
	}
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
		cmocka_unit_test(a_word_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
