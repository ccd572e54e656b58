/* The fields of an event's line (fields.h): what jansson reads is what they are, however
 * the line is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/store/fields.h"
#include "trine/mem.h"
#include "trine/text.h"

static struct fields fields = FIELDS_INIT;
static const struct field *event;

/* From memory that ends where the line does. */
static const struct field *read_span(struct span line)
{
	char *bytes = xmalloc(line.len + (line.len == 0));

	memcpy(bytes, line.p, line.len);
	event = fields_read(&fields, (struct span){ bytes, line.len });
	/* what it says is not in there, but its JSON is */
	free(bytes);
	return event;
}

static bool read_line(const char *line)
{
	event = fields_read(&fields, span_str(line));
	return event != NULL;
}

static void assert_json(const struct field *f, const char *less, const char *want)
{
	char *json = field_json(f, less);

	assert_string_equal(json, want);
	free(json);
}

static void a_line_says_what_it_says(void **state)
{
	struct stream_name stream;
	struct error err = ERROR_INIT;
	json_t *json;

	(void)state;
	assert_true(read_line("{\"seq\":7,\"time\":\"2026-11-20T13:10:00Z\",\"stream\":"
			      "\"1_TO_2\",\"no\":null,\"yes\":true,\"not\":false,"
			      "\"list\":[\"a\",[],-3,{}],\"low\":-0,\"empty\":\"\","
			      "\"message\":{\"title\":\"\303\244 \\\"b\\\"\\\\\","
			      "\"body\":\"x\\n\\t\\/\\b\\f\\r\",\"type\":\"task\"}}"));
	assert_null(fields.json);
	assert_int_equal(get_number(event, "seq"), 7);
	assert_int_equal(get_number(event, "low"), 0);
	assert_int_equal(get_number(event, "time"), 0);
	assert_int_equal(get_time(event, "time"), 1795180200);
	assert_int_equal(get_time(event, "stream"), 0);
	assert_int_equal(get_stream(event, &stream, &err), 0);
	assert_int_equal(stream.to, 2);
	assert_true(get_flag(event, "yes"));
	assert_false(get_flag(event, "not"));
	assert_int_equal(get_field(event, "no")->kind, FIELD_NONE);
	assert_null(get_field(event, "title"));	/* it is the message's */
	assert_null(get_list(event, "message"));
	assert_null(get_object(event, "list"));
	assert_string_equal(get_text(get_object(event, "message"), "title"),
			    "\303\244 \"b\"\\");
	assert_string_equal(get_text(get_object(event, "message"), "body"),
			    "x\n\t/\b\f\r");
	assert_string_equal(get_text(event, "empty"), "");
	assert_string_equal(get_text(event, "list"), "");
	assert_string_equal(get_text(NULL, "list"), "");
	assert_json(get_object(event, "message"), "body",
		    "{\"title\":\"\303\244 \\\"b\\\"\\\\\",\"type\":\"task\"}");
	assert_json(get_object(event, "message"), "title",
		    "{\"body\":\"x\\n\\t\\/\\b\\f\\r\",\"type\":\"task\"}");
	assert_json(get_list(event, "list"), NULL, "[\"a\",[],-3,{}]");
	json = field_load(get_list(event, "list"));
	assert_int_equal(json_array_size(json), 4);
	json_decref(json);
}

static void each_field_comes_once(void **state)
{
	size_t count = 0, seq = 0;

	(void)state;
	assert_true(read_line("{\"a\":{\"x\":[1,[2]],\"y\":{}},\"b\":[3,{\"z\":4},5],"
			      "\"c\":[]}"));
	FOR_FIELDS(event, f)
		assert_int_equal(f->key[0], "abc"[count++]);
	assert_int_equal(count, 3);
	FOR_FIELDS(get_list(event, "b"), f) {
		assert_string_equal(f->key, "");
		assert_int_equal(field_number(f), seq++ == 1 ? 0 : seq + 2);
	}
	assert_int_equal(seq, 3);
	FOR_FIELDS(get_list(event, "c"), f)
		fail();
	FOR_FIELDS(get_list(event, "a"), f)
		fail();
}

/* jansson is asked, and what it says is said. */
static void what_is_not_plain_is_read_too(void **state)
{
	(void)state;
	assert_true(read_line(" { \"a\" : \"\\u00e4\\u0001\" , \"b\" : 1.5,\"c\":["
			      "9223372036854775807, \"x\"] , \"d\" :true}"));
	assert_non_null(fields.json);
	assert_string_equal(get_text(event, "a"), "\303\244\001");
	assert_int_equal(get_number(event, "b"), 0);
	assert_int_equal(get_field(event, "b")->kind, FIELD_OTHER);
	assert_true(get_flag(event, "d"));
	FOR_FIELDS(get_list(event, "c"), f)
		assert_true(field_number(f) == INT64_MAX ||
			    strcmp(field_text(f), "x") == 0);
	assert_json(event, "b", "{\"a\":\"\303\244\\u0001\",\"c\":["
		    "9223372036854775807,\"x\"],\"d\":true}");
	assert_true(read_line("{\"a\":1}"));
	assert_null(fields.json);
}

static void what_is_no_object_is_none(void **state)
{
	static const char *const lines[] = {
		"", "{", "}", "{}}", "[]", "\"a\"", "1", "null", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{a:1}", "{\"a\":01}",
		"{\"a\":-}", "{\"a\":+1}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
		"{\"a\":\"\\", "{\"a\":\"", "{\"a\":\"\377\"}", "{\"\355\240\200\":1}",
		"{\"a\":\"\\u0000\"}", "{\"a\":tru}", "{\"a\":truex}", "{\"a\":nul",
		"{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":99999999999999999999}",
		"{\"a\":1,\"b\":2,\"a\":3}", "{\"x\":{\"\":1,\"\":1}}",
		"{\"a\":1,\"\\u0061\":2}", "{\"a\":1 \"b\":2}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_null(read_span(span_str(lines[i])));
	assert_null(read_span((struct span){ "{\"a\":1}\0", 8 }));
	assert_null(read_span((struct span){ "{\"a\":\"\0\"}", 9 }));
	assert_null(read_span((struct span){ "{\"a\":1}", 6 }));
	assert_non_null(read_span(span_str("{}")));
}

/* Eight bytes are looked at at once, where they are plain. */
static void a_bad_byte_is_found_wherever_it_stands(void **state)
{
	(void)state;
	for (size_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++) {
			char text[] = "0123456789 abcdefghijklmnopqrstuvwxyz{|}~\177";

			assert_true(text_is_utf8(text, len));
			text[at] = '\0';
			assert_false(text_is_utf8(text, len));
			text[at] = '\200';
			assert_false(text_is_utf8(text, len));
			memcpy(text + at, "\303\244", 2);
			assert_int_equal(text_is_utf8(text, len), at + 1 < len);
			memcpy(text + at, "\360\237\224\264", 4);
			assert_int_equal(text_is_utf8(text, len), at + 3 < len);
		}
}

/* ---- as jansson does, by chance ---- */

static uint32_t dice;

static unsigned below(unsigned n)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % n;
}

static json_t *some_text(void)
{
	static const char *const pieces[] = { "a", "b", " ", "\n", "\"", "\\", "/", "\303\244",
					      "\360\237\224\264", "\001", "\177", "{", "0" };
	char text[64] = "";

	for (unsigned i = below(8); i > 0; i--)
		strcat(text, pieces[below(below(4) ? 8 : ARRAY_LEN(pieces))]);
	return json_string(text);
}

static json_t *some_value(unsigned depth);

static json_t *some_object(unsigned depth)
{
	json_t *json = json_object();

	for (unsigned i = below(20) ? below(9) : 80; i > 0; i--) {
		json_t *key = some_text();

		json_object_set_new(json, json_string_value(key), some_value(depth + 1));
		json_decref(key);
	}
	return json;
}

static json_t *some_list(unsigned depth)
{
	json_t *json = json_array();

	for (unsigned i = below(6); i > 0; i--)
		json_array_append_new(json, some_value(depth + 1));
	return json;
}

static json_t *some_value(unsigned depth)
{
	switch (below(depth < 10 ? 10 : 7)) {
	case 0:
		return json_null();
	case 1:
		return below(2) ? json_true() : json_false();
	case 2:
		return json_integer((json_int_t)below(2000) - 1000);
	case 3:
		return below(9) ? json_integer(INT64_MAX - (json_int_t)below(3)) :
		       json_real(below(100) / 8.0);
	case 7:
		return some_object(depth);
	case 8:
		return some_list(depth);
	default:
		return some_text();
	}
}

static void assert_same(const struct field *f, json_t *json)
{
	size_t i = 0;
	json_t *again;

	assert_non_null(json);
	assert_string_equal(field_text(f) ? field_text(f) : "-",
			    json_is_string(json) ? json_string_value(json) : "-");
	assert_int_equal(field_number(f), json_integer_value(json));
	assert_int_equal(f->kind == FIELD_TRUE, json_is_true(json));
	assert_int_equal(f->kind == FIELD_NONE, json_is_null(json));
	assert_int_equal(f->kind == FIELD_OBJECT, json_is_object(json));
	assert_int_equal(f->kind == FIELD_LIST, json_is_array(json));
	FOR_FIELDS(f, one) {
		assert_same(one, json_is_array(json) ? json_array_get(json, i) :
			    json_object_get(json, one->key));
		i++;
	}
	assert_int_equal(i, json_is_array(json) ? json_array_size(json) :
			 json_object_size(json));
	again = field_load(f);
	assert_true(json_equal(again, json));
	json_decref(again);
}

static void read_and_compare(struct span line)
{
	json_t *json = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
	const struct field *f = fields_read(&fields, line);

	assert_int_equal(f != NULL, json_is_object(json));
	if (f != NULL)
		assert_same(f, json);
	json_decref(json);
}

static void any_line_is_read_as_jansson_reads_it(void **state)
{
	static const char bytes[] = "{}[],:\"\\ntu01-. a\n\303\377";
	unsigned plain = 0;

	(void)state;
	for (unsigned turn = 0; turn < 1000; turn++) {
		json_t *json;
		char *text, *less;
		size_t len;

		dice = turn;
		json = some_object(0);
		text = json_dumps(json, JSON_COMPACT);
		len = strlen(text);
		read_and_compare(span_str(text));
		plain += fields.json == NULL;
		assert_json(fields.node, NULL, text);
		json_object_del(json, "a");
		less = json_dumps(json, JSON_COMPACT);
		assert_json(fields.node, "a", less);
		for (unsigned i = 0; i < 20; i++) {
			size_t at = below((unsigned)len);
			char was = text[at];

			text[at] = bytes[below(sizeof(bytes))];
			read_and_compare((struct span){ text, len });
			read_and_compare((struct span){ text, at + 1 });
			text[at] = was;
		}
		json_decref(json);
		free(text);
		free(less);
	}
	/* both ways were gone */
	assert_in_range(plain, 200, 800);
}

static int end(void **state)
{
	(void)state;
	fields_release(&fields);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_it_says),
		cmocka_unit_test(each_field_comes_once),
		cmocka_unit_test(what_is_not_plain_is_read_too),
		cmocka_unit_test(what_is_no_object_is_none),
		cmocka_unit_test(a_bad_byte_is_found_wherever_it_stands),
		cmocka_unit_test(any_line_is_read_as_jansson_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
