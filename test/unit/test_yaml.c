/* The YAML we speak, what is refused of the rest, and writing it back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

static struct yaml *parse(const char *text)
{
	struct error err = ERROR_INIT;
	struct yaml *y = NULL;

	if (yaml_parse(span_str(text), LIMIT_YAML, &y, &err) == -1)
		fail_msg("%s: %s", text, err.text);
	return y;
}

static void reads(void **state)
{
	struct yaml *y = parse("id: 1_TO_2.7\nempty:\nnone: ~\nword: 'null'\n"
			       "list: [a, \"b c\"]\nmap: {x: {y: [1]}}\n"
			       "block: |\n  one\n  two\n");
	const struct yaml *list = yaml_get(y, "list");

	(void)state;
	assert_int_equal(y->kind, YAML_MAP);
	assert_int_equal(y->count, 7);
	assert_string_equal(yaml_text(yaml_get(y, "id")), "1_TO_2.7");
	assert_null(yaml_text(yaml_get(y, "empty")));
	assert_null(yaml_text(yaml_get(y, "none")));
	assert_string_equal(yaml_text(yaml_get(y, "word")), "null");
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->line, 5);
	assert_string_equal(yaml_text(list->item[1]), "b c");
	assert_true(list->item[1]->quoted);
	assert_false(list->item[0]->quoted);
	assert_string_equal(yaml_text(yaml_get(y, "block")), "one\ntwo\n");
	assert_null(yaml_get(y, "nothing"));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_get(NULL, "a"));
	assert_null(yaml_text(list));
	assert_null(yaml_text(NULL));
	yaml_tree_free(y);
	yaml_tree_free(NULL);
}

static void empty_is_a_map(void **state)
{
	static const char *const rows[] = { "", "\n\n", "# only this\n", "---\n",
					    "--- # x\n", "---\n...\n", "{}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct yaml *y = parse(rows[i]);

		assert_int_equal(y->kind, YAML_MAP);
		assert_int_equal(y->count, 0);
		yaml_tree_free(y);
	}
}

static void refuses(void **state)
{
	static const struct { const char *text, *word; } rows[] = {
		{ "a: &x 1\n", "anchor" },
		{ "a: &x [1]\n", "anchor" },
		{ "a: &x {b: 1}\n", "anchor" },
		{ "&x a: 1\n", "anchor" },
		{ "a: *x\n", "alias" },
		{ "*x : 1\n", "alias" },
		{ "a: !!str 1\n", "tag" },
		{ "a: ! 1\n", "tag" },
		{ "a: !x [1]\n", "tag" },
		{ "!!map {a: 1}\n", "tag" },
		{ "%YAML 1.1\n---\na: 1\n", "directive" },
		{ "%TAG ! x:\n---\na: 1\n", "directive" },
		{ "a: 1\n---\nb: 2\n", "more than one document" },
		{ "a: 1\n---\n", "more than one document" },
		{ "a: 1\nb: 2\na: 3\n", "line 3: a key twice" },
		{ "x: {a: 1, \"a\": 2}\n", "line 1: a key twice" },
		{ "? [a]\n: 1\n", "not plain text" },
		{ "{}: 1\n", "not plain text" },
		{ "'': 1\n", "empty key" },
		{ "{? '' : 1}\n", "empty key" },
		{ "a: \"x\\0y\"\n", "NUL" },
		{ "\"x\\0y\": 1\n", "NUL" },
		{ "a: [[[[1]]]]\n", "line 1: nested too deep" },
		{ "a: {b: {c: {d: {}}}}\n", "nested too deep" },
		{ "a: [1\n", "line" },
		{ "a: 'x\n", "line" },
		{ "\ta: 1\n", "line 1" },
		{ "a: 1\n b: 2\n", "line 2" },
		{ "a: \xff\n", "UTF-8" },
		{ "a: \x01\n", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct yaml *y = NULL;

		if (yaml_parse(span_str(rows[i].text), LIMIT_YAML, &y, &err) == 0)
			fail_msg("accepted: %s", rows[i].text);
		assert_int_equal(err.code, ERR_DATA);
		assert_null(y);
		if (strstr(err.text, rows[i].word) == NULL)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

static void depth_and_size_at_the_edge(void **state)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct yaml *y;

	(void)state;
	yaml_tree_free(parse("a: [[[1]]]\n"));
	while (text.len < LIMIT_YAML)
		buf_addc(&text, '#');
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_YAML, &y, &err), 0);
	yaml_tree_free(y);
	buf_addc(&text, '#');
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_YAML, &y, &err), -1);
	buf_reset(&text);
	for (int i = 0; i < 200; i++)
		buf_addc(&text, 'k');
	buf_adds(&text, ": 1\n");
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_YAML, &y, &err), 0);
	yaml_tree_free(y);
	buf_reset(&text);
	for (int i = 0; i < 201; i++)
		buf_addc(&text, 'k');
	buf_adds(&text, ": 1\n");
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_YAML, &y, &err), -1);
	buf_release(&text);
	assert_int_equal(yaml_parse((struct span){ "a\0b", 3 }, 99, &y, &err), -1);
}

static void hostile_input_ends(void **state)
{
	static const char *const piece[] = {
		"[", "{", "a: ", "- ", "? ", "!", "a: {", "'", "\"\\", "|\n ",
		"&a ", "a:\n", ": ", "[a,", "{a,", "-\n", "%", "\xef\xbb\xbf",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(piece); i++) {
		struct error err = ERROR_INIT;
		struct buf text = BUF_INIT;
		struct yaml *y;

		while (text.len + strlen(piece[i]) <= LIMIT_FLEET)
			buf_adds(&text, piece[i]);
		if (yaml_parse(span_of(&text), LIMIT_FLEET, &y, &err) == 0)
			yaml_tree_free(y);
		buf_release(&text);
	}
}

/* Thousands of keys: the search for doubles is not quadratic, and right. */
static void many_keys(void **state)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct yaml *y;

	(void)state;
	for (int i = 0; i < 8000; i++)
		buf_printf(&text, "%x:\n", i);
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_FLEET, &y, &err), 0);
	assert_int_equal(y->count, 8000);
	yaml_tree_free(y);
	buf_adds(&text, "5:\n");
	assert_int_equal(yaml_parse(span_of(&text), LIMIT_FLEET, &y, &err), -1);
	assert_string_equal(err.text, "line 8001: a key twice in one map");
	buf_release(&text);
}

static void writes(void **state)
{
	static const struct { const char *text, *yaml; } rows[] = {
		{ "1_TO_2.7", "1_TO_2.7" },
		{ "2026-11-20T13:10:00Z", "2026-11-20T13:10:00Z" },
		{ "builder", "builder" },
		{ "code generation", "code generation" },
		{ "", "\"\"" },
		{ "~", "\"~\"" },
		{ "null", "\"null\"" },
		{ "a: b", "\"a: b\"" },
		{ "a, b", "\"a, b\"" },
		{ "[x]", "\"[x]\"" },
		{ " a", "\" a\"" },
		{ "a ", "\"a \"" },
		{ "a  b", "\"a  b\"" },
		{ "- a", "\"- a\"" },
		{ "---", "\"---\"" },
		{ "a #b", "\"a #b\"" },
		{ "say \"x\\y\"", "\"say \\\"x\\\\y\\\"\"" },
		{ "a\nb\tc\r\x1b", "\"a\\nb\\tc\\x0D\\x1B\"" },
		{ "\xc3\xa4\xf0\x9f\x9a\xa8", "\"\xc3\xa4\xf0\x9f\x9a\xa8\"" },
		{ "\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf\xef\xbf\xbf",
		  "\"\\x85\\u2028\\u202E\\uFEFF\\uFFFF\"" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		yaml_write(&out, rows[i].text);
		assert_string_equal(out.data, rows[i].yaml);
	}
	buf_release(&out);
}

static unsigned seed = 7;

static unsigned pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const char *const nasty[] = {
	"a", "b c", ":", ": ", " ", "  ", ",", "[", "]", "{", "}", "#", " #",
	"-", "- ", "?", "!", "&", "*", "|", ">", "%", "@", "`", "'", "\"", "\\",
	"\n", "\r", "\t", "\x01", "\x7f", "\xc2\x80", "\xc2\x85", "\xc2\xa0",
	"\xc3\xa4", "\xe2\x80\xa8", "\xe2\x80\xae", "\xef\xbb\xbf",
	"\xef\xbf\xbe", "\xf0\x9f\x94\xb4", "\xf4\x8f\xbf\xbf", "~", "null",
	"...", "---", "1", "1:2", "true", "<<", "=", "/", ".", "+", "_",
};

static void random_text(struct buf *out, unsigned most)
{
	buf_reset(out);
	for (unsigned n = pick(most + 1); n > 0; n--)
		buf_adds(out, nasty[pick(ARRAY_LEN(nasty))]);
}

/* Alone, in a flow list and as key and value of a flow map. */
static void any_text_survives(void **state)
{
	struct buf text = BUF_INIT, yaml = BUF_INIT;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct yaml *y;

		random_text(&text, 6);
		buf_reset(&yaml);
		buf_adds(&yaml, "top: ");
		yaml_write(&yaml, text.data);
		buf_adds(&yaml, "\nlist: [x, ");
		yaml_write(&yaml, text.data);
		buf_adds(&yaml, ", y]\nmap: {K: ");
		yaml_write(&yaml, text.data);
		buf_adds(&yaml, ", ");
		buf_addc(&text, 'k');
		yaml_write(&yaml, text.data);
		buf_adds(&yaml, ": 1}\n");
		y = parse(yaml.data);
		assert_string_equal(yaml_get(y, "map")->key[1], text.data);
		buf_truncate(&text, text.len - 1);
		assert_string_equal(yaml_text(yaml_get(y, "top")), text.data);
		assert_string_equal(yaml_text(yaml_get(y, "list")->item[1]),
				    text.data);
		assert_string_equal(yaml_text(yaml_get(y, "map")->item[0]),
				    text.data);
		yaml_tree_free(y);
	}
	buf_release(&text);
	buf_release(&yaml);
}

static void random_tree(struct buf *out, unsigned depth)
{
	struct buf text = BUF_INIT;
	unsigned kind = depth == 0 ? 0 : pick(3), n = pick(4);

	if (kind == 0) {
		static const char *const plain[] = { "~", "null", "x", "1.5", "'q'" };

		random_text(&text, 4);
		if (pick(2) == 0)
			buf_adds(out, plain[pick(ARRAY_LEN(plain))]);
		else
			yaml_write(out, text.data);
		buf_release(&text);
		return;
	}
	buf_addc(out, kind == 1 ? '[' : '{');
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		if (kind == 2)
			buf_printf(out, "k%u: ", i);
		random_tree(out, depth - 1);
	}
	buf_addc(out, kind == 1 ? ']' : '}');
}

static void assert_same(const struct yaml *a, const struct yaml *b)
{
	const char *s = yaml_text(a), *t = yaml_text(b);

	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->count, b->count);
	assert_int_equal(s == NULL, t == NULL);
	if (s != NULL)
		assert_string_equal(s, t);
	for (size_t i = 0; i < a->count; i++) {
		if (a->kind == YAML_MAP)
			assert_string_equal(a->key[i], b->key[i]);
		assert_same(a->item[i], b->item[i]);
	}
}

static void any_tree_survives(void **state)
{
	struct buf text = BUF_INIT, flow = BUF_INIT, again = BUF_INIT;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct yaml *y, *z;

		buf_reset(&text);
		buf_adds(&text, "k: ");
		random_tree(&text, 3);
		y = parse(text.data);
		buf_reset(&flow);
		yaml_write_flow(&flow, y);
		assert_null(strchr(flow.data, '\n'));
		z = parse(flow.data);
		assert_same(y, z);
		buf_reset(&again);
		yaml_write_flow(&again, z);
		assert_string_equal(again.data, flow.data);
		yaml_tree_free(y);
		yaml_tree_free(z);
	}
	buf_release(&text);
	buf_release(&flow);
	buf_release(&again);
}

/* Block styles and multi-line scalars come back as one line. */
static void block_becomes_flow(void **state)
{
	struct yaml *y = parse("a:\n  - x: |\n      l1\n\n      l2\n    y: >\n"
			       "      folded\n      text\n  - plain\n    goes on\n"
			       "b: ?x\nc: a:b\nd: a#b\ne: \"q\"\n");
	struct buf flow = BUF_INIT;
	struct yaml *z;

	(void)state;
	yaml_write_flow(&flow, y);
	assert_string_equal(flow.data,
		"{a: [{x: \"l1\\n\\nl2\\n\", y: \"folded text\\n\"}, "
		"plain goes on], b: \"?x\", c: \"a:b\", d: \"a#b\", e: \"q\"}");
	z = parse(flow.data);
	assert_same(y, z);
	yaml_tree_free(y);
	yaml_tree_free(z);
	buf_release(&flow);
}

static void cut_and_broken_at_every_byte(void **state)
{
	static const char text[] = "id: 1_TO_2.7\nlabels: [ui, \"b\\u00e4g\"]\n"
				   "x: {a: [1, {b: c}], d: |\n  e}\n# end\n";
	static const char bad[] = { '\0', '\xff', '`', '"', '[', '&', '\n' };
	struct error err = ERROR_INIT;
	struct yaml *y;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		if (yaml_parse((struct span){ text, i }, LIMIT_YAML, &y, &err) == 0)
			yaml_tree_free(y);
		for (size_t j = 0; i + 1 < sizeof(text) && j < sizeof(bad); j++) {
			char *copy = xmemdup(text, sizeof(text) - 1);

			copy[i] = bad[j];
			if (yaml_parse((struct span){ copy, sizeof(text) - 1 },
				       LIMIT_YAML, &y, &err) == 0)
				yaml_tree_free(y);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(empty_is_a_map),
		cmocka_unit_test(refuses),
		cmocka_unit_test(depth_and_size_at_the_edge),
		cmocka_unit_test(hostile_input_ends),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(writes),
		cmocka_unit_test(any_text_survives),
		cmocka_unit_test(any_tree_survives),
		cmocka_unit_test(block_becomes_flow),
		cmocka_unit_test(cut_and_broken_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
