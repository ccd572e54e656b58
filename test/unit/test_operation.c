/* Tasks in parts and stages: what is read and written of them, and what is next. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/operation.h"

static void keys_are_read(void **state)
{
	static const struct { const char *key, *value, *undo, *why; } rows[] = {
		{ "parts", "[2, 3]", NULL, NULL },
		{ "parts", "[2/araya]", NULL, NULL },
		{ "parts", "[]", NULL, "parts" },
		{ "parts", "2", NULL, "parts" },
		{ "parts", "[0]", NULL, "parts" },
		{ "parts", "[ALL]", NULL, "parts" },
		{ "parts", "[2/]", NULL, "parts" },
		{ "parts", "[2/a/b]", NULL, "parts" },
		{ "parts", "[[2]]", NULL, "parts" },
		{ "parts", "[2", NULL, "parts" },
		{ "parts", "[2, 3]", "[a]", "undo" },
		{ "stages", "[3, 2, 1]", "[a, \"\"]", NULL },
		{ "stages", "[3]", "[a, b]", "undo" },
		{ "stages", "[3, 2]", "[~, a]", "undo" },
		{ "stages", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", NULL, NULL },
		{ "stages", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", NULL,
		  "stages" },
		{ "review", "2", NULL, "review" },
		{ "undo", "[a]", NULL, "undo" },
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct operation o;

		message_add_extra(&m, rows[i].key, rows[i].value);
		if (rows[i].undo != NULL)
			message_add_extra(&m, "undo", rows[i].undo);
		assert_true(operation_read(&m, &o, &why));
		if ((why == NULL) != (rows[i].why == NULL) ||
		    (why != NULL && strcmp(why, rows[i].why) != 0))
			fail_msg("%s: %s", rows[i].value, why);
		operation_release(&o);
		message_release(&m);
	}
}

static void what_is_written_is_read(void **state)
{
	struct message m = MESSAGE_INIT;
	struct operation o = { .staged = true }, back;
	const char *why;

	(void)state;
	assert_false(operation_read(&m, &back, &why));
	list_add(&o.to, "3");
	list_add(&o.to, "2/araya");
	list_add(&o.undo, "");
	list_add(&o.undo, "Drop \"it\", [all]: now");
	o.review = xstrdup("1");
	operation_write(&m, &o);
	assert_true(operation_read(&m, &back, &why));
	assert_null(why);
	assert_true(back.staged);
	assert_string_equal(back.to.item[1], "2/araya");
	assert_string_equal(back.undo.item[0], "");
	assert_string_equal(back.undo.item[1], o.undo.item[1]);
	assert_string_equal(back.review, "1");
	operation_release(&o);
	operation_release(&back);
	message_release(&m);
}

static void parts_say_whose_they_are(void **state)
{
	static const char *const wrong[] = {
		"", "1_TO_1.5", "1_TO_1.5/part", "1_TO_1.5/part/", "1_TO_1.5/part/16",
		"1_TO_1.5/part/x", "1_TO_1.5/some/1", "/part/1", "a b/part/1",
	};
	struct operation_step step = { "AUTH", STEP_UNDO, 15 }, back;
	struct message m = MESSAGE_INIT;

	(void)state;
	operation_part_write(&m, &step);
	assert_true(operation_part_parse(message_extra(&m, "part"), &back));
	assert_string_equal(back.id, "AUTH");
	assert_int_equal(back.kind, STEP_UNDO);
	assert_int_equal(back.index, 15);
	message_release(&m);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (operation_part_parse(wrong[i], &back))
			fail_msg("%s", wrong[i]);
}

/* States of parts, undos and the review as letters: - not sent, o open, d done, f failed;
 * what is next: "wait", "done", "fail", or what is sent. */
static enum step_state as_state(char c)
{
	return c == 'o' ? STEP_OPEN : c == 'd' ? STEP_DONE : c == 'f' ? STEP_FAILED
								   : STEP_NONE;
}

static void what_is_next(void **state)
{
	static const struct {
		const char *kind, *parts, *undo, *review, *next;
	} rows[] = {
		{ "parts", "---", "", "", "part 0" },
		{ "parts", "o--", "", "", "part 1" },
		{ "parts", "ooo", "", "", "wait" },
		{ "parts", "dfo", "", "", "wait" },
		{ "parts", "ddd", "", "", "done" },
		{ "parts", "dfd", "", "", "fail" },
		{ "parts", "fff", "", "-", "fail" },
		{ "parts", "dd", "", "-", "review 0" },
		{ "parts", "dd", "", "o", "wait" },
		{ "parts", "dd", "", "d", "done" },
		{ "parts", "dd", "", "f", "fail" },
		{ "stages", "---", "", "", "part 0" },
		{ "stages", "o--", "", "", "wait" },
		{ "stages", "d--", "", "", "part 1" },
		{ "stages", "dd-", "", "", "part 2" },
		{ "stages", "ddd", "", "", "done" },
		{ "stages", "ddd", "", "-", "review 0" },
		{ "stages", "f--", "---", "", "fail" },
		{ "stages", "ddf", "---", "", "undo 1" },
		{ "stages", "ddf", "-o-", "", "wait" },
		{ "stages", "ddf", "-d-", "", "undo 0" },
		{ "stages", "ddf", "-f-", "", "undo 0" },
		{ "stages", "ddf", "dd-", "", "fail" },
		{ "stages", "ddf", "-", "", "undo 0" },		/* one undo of three */
		{ "stages", "ddf", "_-", "", "undo 1" },	/* the first has none */
		{ "stages", "ddf", "_d", "", "fail" },
		{ "stages", "dd", "--", "f", "undo 1" },
		{ "stages", "dd", "dd", "f", "fail" },
	};
	static const char *const kinds[] = { "part", "undo", "review" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct operation o = { .staged = rows[i].kind[0] == 's' };
		struct operation_steps steps = { .review = STEP_NONE };
		struct operation_action a;
		char *next;

		for (size_t k = 0; rows[i].parts[k] != '\0'; k++) {
			list_add(&o.to, "2");
			steps.part[k] = as_state(rows[i].parts[k]);
		}
		for (size_t k = 0; rows[i].undo[k] != '\0'; k++) {
			list_add(&o.undo, rows[i].undo[k] == '_' ? "" : "undo");
			steps.undo[k] = as_state(rows[i].undo[k]);
		}
		if (rows[i].review[0] != '\0') {
			o.review = xstrdup("3");
			steps.review = as_state(rows[i].review[0]);
		}
		a = operation_next(&o, &steps);
		next = a.verb == OPERATION_SEND
			? xasprintf("%s %zu", kinds[a.kind], a.index)
			: xstrdup(a.verb == OPERATION_WAIT ? "wait" :
				  a.verb == OPERATION_COMPLETE ? "done" : "fail");
		if (strcmp(next, rows[i].next) != 0)
			fail_msg("row %zu: %s, not %s", i, next, rows[i].next);
		free(next);
		operation_release(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(parts_say_whose_they_are),
		cmocka_unit_test(what_is_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
