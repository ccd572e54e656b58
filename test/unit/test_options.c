/* Options: command lines in, structs and errors out; usage and help back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/options.h"
#include "trine/mem.h"

struct own {
	bool follow;
	const char *title;
	int64_t number;
	struct list labels;
};

struct common {
	const char *dir;
	bool quiet, verbose, json;
};

static const struct option_spec own_options[] = {
	{ OPTION_FLAG, 'f', "follow", NULL, "go on", OPTION_FIELD(struct own, follow) },
	{ OPTION_TEXT, 'm', "title", "TITLE", "what about",
	  OPTION_FIELD(struct own, title) },
	{ OPTION_NUMBER, 0, "computer", "N", "its number",
	  OPTION_RANGE(struct own, number, 1, 999) },
	{ OPTION_LIST, 0, "label", "LABEL", "again and again",
	  OPTION_FIELD(struct own, labels) },
	OPTION_END
};

static const struct option_spec shared_options[] = {
	{ OPTION_TEXT, 'C', NULL, "DIR", "where", OPTION_FIELD(struct common, dir) },
	{ OPTION_FLAG, 'q', NULL, NULL, "quiet", OPTION_FIELD(struct common, quiet) },
	{ OPTION_FLAG, 'v', NULL, NULL, "more", OPTION_FIELD(struct common, verbose) },
	{ OPTION_FLAG, 0, "json", NULL, "JSON", OPTION_FIELD(struct common, json) },
	OPTION_END
};

enum { WORDS = 10 };

/* What a command line of blanks-separated words says: "_" stands for an empty
 * word. Fields that are not set are left out. */
static char *parse(const char *line, enum options_order order, int *rc,
		   struct error *err)
{
	struct own own = { 0 };
	struct common common = { 0 };
	struct option_set sets[2] = { { own_options, &own },
				      { shared_options, &common } };
	char *copy = xstrdup(line), *save = NULL, *arg[WORDS];
	struct buf out = BUF_INIT;
	size_t count = 0, operands = 0;

	for (char *w = strtok_r(copy, " ", &save); w != NULL && count < WORDS;
	     w = strtok_r(NULL, " ", &save))
		arg[count++] = strcmp(w, "_") == 0 ? w + 1 : w;
	*rc = options_parse(sets, order, arg, count, &operands, err);
	for (size_t i = 0; *rc == 0 && i < operands; i++)
		buf_printf(&out, "%s%s", i ? " " : "", arg[i]);
	buf_addc(&out, '|');
	if (own.follow)
		buf_adds(&out, "f");
	if (own.title)
		buf_printf(&out, "m(%s)", own.title);
	if (own.number)
		buf_printf(&out, "n%lld", (long long)own.number);
	for (size_t i = 0; i < own.labels.count; i++)
		buf_printf(&out, "l(%s)", own.labels.item[i]);
	if (common.dir)
		buf_printf(&out, "C(%s)", common.dir);
	buf_printf(&out, "%s%s%s", common.quiet ? "q" : "",
		   common.verbose ? "v" : "", common.json ? "j" : "");
	options_release(&sets[0]);
	free(copy);
	return buf_detach(&out);
}

static void command_lines(void **state)
{
	static const struct {
		const char *line;
		enum options_order order;
		const char *says;	/* operands|options */
	} rows[] = {
		{ "", OPTIONS_ANYWHERE, "|" },
		{ "2", OPTIONS_ANYWHERE, "2|" },
		{ "-f", OPTIONS_ANYWHERE, "|f" },
		{ "--follow", OPTIONS_ANYWHERE, "|f" },
		{ "2 -m x file", OPTIONS_ANYWHERE, "2 file|m(x)" },
		{ "-mx 2", OPTIONS_ANYWHERE, "2|m(x)" },
		{ "2 --title x", OPTIONS_ANYWHERE, "2|m(x)" },
		{ "2 --title=x", OPTIONS_ANYWHERE, "2|m(x)" },
		{ "2 --title=a=b", OPTIONS_ANYWHERE, "2|m(a=b)" },
		{ "2 --title=", OPTIONS_ANYWHERE, "2|m()" },
		{ "2 -m _", OPTIONS_ANYWHERE, "2|m()" },
		{ "2 -m -f", OPTIONS_ANYWHERE, "2|m(-f)" },
		{ "2 -m --", OPTIONS_ANYWHERE, "2|m(--)" },
		{ "-m a -m b", OPTIONS_ANYWHERE, "|m(b)" },
		{ "-fqv", OPTIONS_ANYWHERE, "|fqv" },
		{ "-qfmx", OPTIONS_ANYWHERE, "|fm(x)q" },
		{ "-qfm x", OPTIONS_ANYWHERE, "|fm(x)q" },
		{ "--label a 2 --label=b", OPTIONS_ANYWHERE, "2|l(a)l(b)" },
		{ "--computer 7", OPTIONS_ANYWHERE, "|n7" },
		{ "--computer=999", OPTIONS_ANYWHERE, "|n999" },
		{ "2 -", OPTIONS_ANYWHERE, "2 -|" },
		{ "2 -- -m", OPTIONS_ANYWHERE, "2 -m|" },
		{ "-- --", OPTIONS_ANYWHERE, "--|" },
		{ "a -C d --json b -q", OPTIONS_ANYWHERE, "a b|C(d)qj" },
		{ "-C d send -m x -q", OPTIONS_FIRST, "send -m x -q|C(d)" },
		{ "-q -- send -f", OPTIONS_FIRST, "send -f|q" },
		{ "_ x", OPTIONS_ANYWHERE, " x|" },
	};
	struct error err = ERROR_INIT;
	int rc;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *says = parse(rows[i].line, rows[i].order, &rc, &err);

		assert_int_equal(rc, 0);
		assert_string_equal(says, rows[i].says);
		free(says);
	}
}

static void wrong_command_lines(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "--follw", "is --follow meant?" },
		{ "--folow=x", "--folow here; is --follow" },
		{ "--tilte x", "is --title meant?" },
		{ "--jsn", "is --json meant?" },
		{ "--zzzzzz", "there is no option --zzzzzz here" },
		{ "--=x", "there is no option -- here" },
		{ "-x", "there is no option -x here" },
		{ "-fx", "there is no option -x here" },
		{ "-m", "nothing follows: -m, --title TITLE" },
		{ "-qm", "nothing follows: -m" },
		{ "--label", "nothing follows: --label LABEL" },
		{ "--follow=yes", "--follow takes no value" },
		{ "--computer 0", "from 1 to 999" },
		{ "--computer 1000", "from 1 to 999" },
		{ "--computer -1", "from 1 to 999" },
		{ "--computer x", "from 1 to 999" },
		{ "--computer 1x", "not \"1x\"" },
		{ "--computer 99999999999999999999", "from 1 to 999" },
		{ "--computer=", "from 1 to 999" },
	};
	struct error err = ERROR_INIT;
	int rc;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		free(parse(rows[i].line, OPTIONS_ANYWHERE, &rc, &err));
		assert_int_equal(rc, -1);
		assert_int_equal(err.code, ERR_USAGE);
		if (strstr(err.text, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].line, err.text);
	}
	/* nothing near: no guess */
	free(parse("--zzzzzz", OPTIONS_ANYWHERE, &rc, &err));
	assert_null(strstr(err.text, "meant"));
}

/* Long and strange words are an error's text at most. */
static void long_words(void **state)
{
	struct error err = ERROR_INIT;
	char *word = xmalloc(100001);
	int rc;

	(void)state;
	memset(word, '-', 2);
	memset(word + 2, 'x', 100000 - 2);
	word[100000] = '\0';
	free(parse(word, OPTIONS_ANYWHERE, &rc, &err));
	assert_int_equal(rc, -1);
	assert_true(strlen(err.text) < ERROR_TEXT);
	free(word);
}

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned far;
		bool near;
	} rows[] = {
		{ "send", "send", 0, true },
		{ "snd", "send", 1, true },
		{ "sned", "send", 1, true },
		{ "sendd", "send", 1, true },
		{ "statsu", "status", 1, true },
		{ "stat", "status", 2, true },		/* its beginning */
		{ "inobx", "inbox", 1, true },
		{ "x", "log", 3, false },
		{ "l", "log", 2, false },
		{ "frobnicate", "reply", 10, false },
		{ "", "log", 3, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].far < 5)
			assert_int_equal(options_distance(rows[i].a, rows[i].b),
					 rows[i].far);
		assert_int_equal(options_distance(rows[i].a, rows[i].b),
				 options_distance(rows[i].b, rows[i].a));
		assert_int_equal(options_near(rows[i].a, rows[i].b),
				 rows[i].near);
	}
	assert_false(options_near("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "log"));
}

static void help_from_the_table(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	options_describe(&out, own_options);
	assert_string_equal(out.data,
		"  -f, --follow              go on\n"
		"  -m, --title TITLE         what about\n"
		"  --computer N              its number\n"
		"  --label LABEL             again and again\n");
	buf_reset(&out);
	options_describe(&out, NULL);
	assert_int_equal(out.len, 0);
	options_spell(&out, &shared_options[0]);
	assert_string_equal(out.data, "-C DIR");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines),
		cmocka_unit_test(wrong_command_lines),
		cmocka_unit_test(long_words),
		cmocka_unit_test(distances),
		cmocka_unit_test(help_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
