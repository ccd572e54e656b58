/* message_json.h: any message survives the way to JSON and back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/message_json.h"

static char *dump(const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	assert_non_null(text);
	return text;
}

static struct message full_message(void)
{
	struct message m = MESSAGE_INIT;

	m.stream = (struct stream_name){ 1, 2 };
	m.seq = 7;
	m.type = TYPE_TASK;
	m.priority = PRIORITY_HIGH;
	m.sent = 1790000000;
	m.due = 1790003600;
	m.from = xstrdup("planner");
	m.to = xstrdup("builder");
	m.re = xstrdup("2_TO_1.3");
	list_add(&m.labels, "ui");
	list_add(&m.labels, "bug");
	m.title = xstrdup("Fix the \"login\" page \xe2\x86\x92 now");
	m.body = xstrdup("The button\tdoes \\ nothing.\n\x01\n");
	m.body_len = strlen(m.body);
	return m;
}

static void every_field_is_there(void **state)
{
	static const char want[] =
		"{\"id\":\"1_TO_2.7\",\"stream\":\"1_TO_2\",\"seq\":7,"
		"\"type\":\"task\",\"priority\":\"high\",\"from\":\"planner\","
		"\"for\":\"builder\","
		"\"title\":\"Fix the \\\"login\\\" page \xe2\x86\x92 now\","
		"\"body\":\"The button\\tdoes \\\\ nothing.\\n\\u0001\\n\","
		"\"sent\":\"2026-09-21T14:13:20Z\",\"re\":\"2_TO_1.3\","
		"\"labels\":[\"ui\",\"bug\"],\"due\":\"2026-09-21T15:13:20Z\","
		"\"hops\":\"2\",\"+body\":\"a trap\",\"++x\":\"1\"}";
	struct message m = full_message();
	json_t *json;
	char *text;

	(void)state;
	message_add_extra(&m, "hops", "2");
	message_add_extra(&m, "body", "a trap");
	message_add_extra(&m, "+x", "1");
	json = message_to_json("1_TO_2.7", &m);
	text = dump(json);
	assert_string_equal(text, want);
	free(text);
	json_decref(json);
	message_release(&m);
}

static void assert_returns(const struct message *m)
{
	json_t *json = message_to_json(NULL, m), *again;
	struct error err = ERROR_INIT;
	struct message back;
	char *text, *text_again;

	assert_non_null(json);
	assert_int_equal(message_from_json(json, &back, &err), 0);
	assert_int_equal(back.body_len, m->body_len);
	again = message_to_json(NULL, &back);
	text = dump(json);
	text_again = dump(again);
	assert_string_equal(text, text_again);
	free(text);
	free(text_again);
	json_decref(json);
	json_decref(again);
	message_release(&back);
}

static void the_way_back(void **state)
{
	struct message m = full_message(), bare = MESSAGE_INIT;

	(void)state;
	message_add_extra(&m, "state", "COMPLETED");
	message_add_extra(&m, "title", "{a: [1, 2]}");
	message_add_extra(&m, "+title", "x");
	assert_returns(&m);
	assert_returns(&bare);
	bare.stream = (struct stream_name){ END_HUMAN, 1 };
	bare.title = xstrdup("by hand");
	assert_returns(&bare);
	for (int type = TYPE_MESSAGE; type <= TYPE_CONTROL; type++) {
		m.type = (enum message_type)type;
		m.priority = (enum message_priority)(type % 4);
		assert_returns(&m);
	}
	message_release(&m);
	message_release(&bare);
}

static void the_same_fields_come_back(void **state)
{
	struct message m = full_message(), back;
	struct error err = ERROR_INIT;
	json_t *json;

	(void)state;
	message_add_extra(&m, "seq", "99");
	json = message_to_json("1_TO_2.7", &m);
	assert_int_equal(message_from_json(json, &back, &err), 0);
	assert_int_equal(back.stream.from, 1);
	assert_int_equal(back.stream.to, 2);
	assert_int_equal(back.seq, 7);
	assert_int_equal(back.type, TYPE_TASK);
	assert_int_equal(back.priority, PRIORITY_HIGH);
	assert_int_equal(back.sent, m.sent);
	assert_int_equal(back.due, m.due);
	assert_string_equal(back.from, "planner");
	assert_string_equal(back.to, "builder");
	assert_string_equal(back.re, "2_TO_1.3");
	assert_int_equal(back.labels.count, 2);
	assert_string_equal(back.labels.item[1], "bug");
	assert_string_equal(back.title, m.title);
	assert_memory_equal(back.body, m.body, m.body_len + 1);
	assert_string_equal(message_extra(&back, "seq"), "99");
	json_decref(json);
	message_release(&m);
	message_release(&back);
}

static void what_is_no_message_is_refused(void **state)
{
	static const char *const rows[] = {
		"[]", "\"x\"", "7", "null",
		"{\"id\":7}", "{\"stream\":7}", "{\"stream\":\"1_TO\"}",
		"{\"seq\":\"7\"}", "{\"seq\":0}", "{\"seq\":-1}", "{\"seq\":1.5}",
		"{\"type\":\"letter\"}", "{\"type\":null}",
		"{\"priority\":\"most\"}", "{\"priority\":3}",
		"{\"from\":{}}", "{\"for\":[]}", "{\"re\":1}",
		"{\"title\":1}", "{\"title\":\"a\\u0000b\"}",
		"{\"body\":\"no end\"}", "{\"body\":\"a\\u0000b\\n\"}",
		"{\"body\":7}", "{\"sent\":\"yesterday\"}", "{\"sent\":1}",
		"{\"due\":\"2026-13-01T00:00:00Z\"}",
		"{\"labels\":\"ui\"}", "{\"labels\":[1]}", "{\"labels\":[[\"a\"]]}",
		"{\"schema\":1}", "{\"to\":\"2\"}", "{\"history\":[]}",
		"{\"hops\":2}", "{\"hops\":\"a\\u0000b\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *json = json_loads(rows[i], JSON_DECODE_ANY |
					  JSON_ALLOW_NUL, NULL);
		struct error err = ERROR_INIT;
		struct message m;

		assert_non_null(json);
		if (message_from_json(json, &m, &err) != -1)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(err.code, ERR_DATA);
		json_decref(json);
	}
}

static void bytes_that_are_no_utf8_have_no_json(void **state)
{
	struct message m = full_message();

	(void)state;
	m.body[3] = (char)0xff;
	assert_null(message_to_json("1_TO_2.7", &m));
	m.body[3] = 'x';
	m.title[0] = (char)0xc0;
	assert_null(message_to_json("1_TO_2.7", &m));
	message_release(&m);
}

static void a_record_shows_its_history(void **state)
{
	struct moment history[] = {
		{ .event = "sent", .time = 1790000000 },
		{ .event = "received", .time = 1790000060, .computer = 2,
		  .instance = NULL },
	};
	struct record r = { .id = "1_TO_2.7", .state = "QUEUED", .note = "in doubt",
			    .message = full_message() };
	json_t *json = record_to_json(&r, history, 2);
	char *text;

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(json, "schema")), 1);
	assert_string_equal(json_string_value(json_object_get(json, "to")), "2");
	assert_string_equal(json_string_value(json_object_get(json, "state")),
			    "QUEUED");
	assert_string_equal(json_string_value(json_object_get(json, "note")),
			    "in doubt");
	text = dump(json_object_get(json, "history"));
	assert_string_equal(text,
		"[{\"event\":\"sent\",\"time\":\"2026-09-21T14:13:20Z\"},"
		"{\"event\":\"received\",\"time\":\"2026-09-21T14:14:20Z\","
		"\"computer\":2}]");
	free(text);
	json_decref(json);

	r.message.stream.to = END_ALL;
	r.state[0] = r.note[0] = '\0';
	message_add_extra(&r.message, "state", "FAILED");
	json = record_to_json(&r, NULL, 0);
	assert_string_equal(json_string_value(json_object_get(json, "to")), "ALL");
	assert_string_equal(json_string_value(json_object_get(json, "state")),
			    "FAILED");
	assert_null(json_object_get(json, "note"));
	assert_null(json_object_get(json, "history"));
	json_decref(json);
	record_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_there),
		cmocka_unit_test(the_way_back),
		cmocka_unit_test(the_same_fields_come_back),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(bytes_that_are_no_utf8_have_no_json),
		cmocka_unit_test(a_record_shows_its_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
