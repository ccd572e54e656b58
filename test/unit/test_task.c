/* The states of a task: each verb in each state, pauses, and what came out of a
 * program as the text of a message. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"

/* From each state, what assign, start, defer, release, block, complete and fail
 * lead to; "-": may not be. */
static const char *const table[][8] = {
	{ "QUEUED", "ASSIGNED", "-", "-", "-", "BLOCKED", "COMPLETED", "FAILED" },
	{ "ASSIGNED", "-", "IN_PROGRESS", "ASSIGNED", "QUEUED", "BLOCKED",
	  "COMPLETED", "FAILED" },
	{ "IN_PROGRESS", "-", "-", "ASSIGNED", "QUEUED", "BLOCKED", "COMPLETED",
	  "FAILED" },
	{ "BLOCKED", "-", "IN_PROGRESS", "-", "QUEUED", "-", "COMPLETED",
	  "FAILED" },
	{ "COMPLETED", "-", "-", "-", "-", "-", "-", "-" },
	{ "FAILED", "-", "-", "-", "-", "-", "-", "-" },
};

static void each_verb_in_each_state(void **state)
{
	enum task_state from, to;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		assert_true(task_state_parse(span_str(table[i][0]), &from));
		assert_string_equal(task_state_name(from), table[i][0]);
		assert_int_equal(task_has_ended(from), i >= 4);
		for (int verb = TASK_ASSIGN; verb <= TASK_FAIL; verb++) {
			const char *want = table[i][verb + 1];
			bool may = task_step(from, (enum task_verb)verb, &to);

			assert_int_equal(may, strcmp(want, "-") != 0);
			if (may)
				assert_string_equal(task_state_name(to), want);
		}
	}
	assert_false(task_state_parse(span_str("DONE"), &to));
	assert_false(task_state_parse(span_str(""), &to));
}

static void pauses_double_and_swing(void **state)
{
	static const struct { uint64_t attempt; int64_t least, most; } rows[] = {
		{ 0, 2, 2 }, { 1, 2, 2 }, { 2, 4, 4 }, { 3, 7, 9 }, { 4, 13, 19 },
		{ 9, 410, 614 }, { 10, 480, 720 }, { 11, 480, 720 },
		{ 100, 480, 720 }, { UINT64_MAX, 480, 720 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t least = INT64_MAX, most = 0;

		for (uint64_t chance = 0; chance < 2000; chance++) {
			int64_t pause = task_pause(rows[i].attempt,
						   UINT64_MAX - chance);

			least = pause < least ? pause : least;
			most = pause > most ? pause : most;
		}
		assert_int_equal(least, rows[i].least);
		assert_int_equal(most, rows[i].most);
	}
}

static void a_pause_is_over(void **state)
{
	(void)state;
	assert_false(task_rests(0, 100));
	assert_false(task_rests(100, 100));
	assert_true(task_rests(101, 100));
	assert_true(task_rests(100 + TASK_PAUSE_MOST, 100));
	/* of a clock that was ahead */
	assert_false(task_rests(101 + TASK_PAUSE_MOST, 100));
	for (uint64_t chance = 0; chance < 2000; chance++)
		assert_true(task_pause(99, chance) <= TASK_PAUSE_MOST);
}

/* Of low, normal, high and urgent: when each came and how often it was passed over; and
 * which is taken, which passed over. Now is 10000. */
static const struct {
	struct task_candidate of[TASK_PRIORITIES];
	int taken, over;
} choices[] = {
	{ { { 0 } }, -1, -1 },
	{ { { true, 1, 0 } }, 0, -1 },
	{ { { true, 1, 0 }, { true, 2, 0 } }, 1, 0 },
	/* it came later: nobody passes it over */
	{ { { true, 3, 9 }, { true, 2, 0 } }, 1, -1 },
	{ { { true, 1, 6 }, { 0 }, { 0 }, { true, 5, 0 } }, 3, 0 },
	{ { { true, 1, 7 }, { 0 }, { 0 }, { true, 5, 0 } }, 0, -1 },
	{ { { true, 9400, 7 }, { 0 }, { 0 }, { true, 9500, 0 } }, 0, -1 },
	{ { { true, 9401, 7 }, { 0 }, { 0 }, { true, 9500, 0 } }, 3, 0 },
	/* a clock that was ahead */
	{ { { true, 10001, 7 }, { 0 }, { 0 }, { true, 10002, 0 } }, 0, -1 },
	/* the oldest of the others; of equals the more urgent one */
	{ { { true, 2, 7 }, { true, 1, 0 }, { 0 }, { true, 5, 0 } }, 3, 1 },
	{ { { true, 1, 7 }, { true, 1, 0 }, { 0 }, { true, 5, 0 } }, 3, 1 },
	{ { { true, 1, 7 }, { true, 2, 7 }, { 0 }, { true, 5, 0 } }, 0, -1 },
};

static void the_next_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		int over;

		assert_int_equal(task_choose(choices[i].of, 10000, &over),
				 choices[i].taken);
		assert_int_equal(over, choices[i].over);
	}
}

/* Urgent ones without end, each newer than what waits: yet all of those are taken, and
 * of eight that are taken at least seven are urgent. */
static void routine_is_not_starved(void **state)
{
	enum { WAITING = 30, MOST = TASK_WAITED + (TASK_PASSED + 1) * WAITING };
	int64_t arrived[WAITING];
	struct task_candidate of[TASK_PRIORITIES] = { 0 };
	int left = WAITING, since = TASK_PASSED, now;

	(void)state;
	for (int i = 0; i < WAITING; i++)
		arrived[i] = i / 3;
	of[PRIORITY_LOW].there = true;
	for (now = WAITING; left > 0; now++) {
		int over, taken;

		assert_true(now <= WAITING + MOST);
		of[PRIORITY_URGENT] = (struct task_candidate){ true, now, 0 };
		of[PRIORITY_LOW].arrived = arrived[WAITING - left];
		taken = task_choose(of, now, &over);
		if (taken == PRIORITY_URGENT) {
			assert_int_equal(over, PRIORITY_LOW);
			of[PRIORITY_LOW].passed++;
			since++;
			continue;
		}
		assert_int_equal(taken, PRIORITY_LOW);
		assert_true(since >= TASK_PASSED);
		of[PRIORITY_LOW].passed = since = 0;
		left--;
	}
}

static void the_queue_is_bounded(void **state)
{
	static const uint64_t most[] = {
		[PRIORITY_LOW] = 10, [PRIORITY_NORMAL] = 10, [PRIORITY_HIGH] = 20,
		[PRIORITY_URGENT] = UINT64_MAX,
	};

	(void)state;
	for (int p = PRIORITY_LOW; p <= PRIORITY_URGENT; p++) {
		enum message_priority priority = (enum message_priority)p;

		assert_true(task_may_enter(priority, most[p] - 1, 10));
		assert_int_equal(task_may_enter(priority, most[p], 10),
				 p == PRIORITY_URGENT);
	}
}

static void output_becomes_text(void **state)
{
	static const struct { const char *bytes; size_t len; const char *text; }
	rows[] = {
		{ "", 0, "" },
		{ "done", 4, "done\n" },
		{ "done\n", 5, "done\n" },
		{ "a\0b", 3, "a\xef\xbf\xbd" "b\n" },
		{ "a\xff" "b\xc3", 4, "a\xef\xbf\xbd" "b\xef\xbf\xbd\n" },
		{ "\xc3\xa4\xe2\x82\xac", 5, "\xc3\xa4\xe2\x82\xac\n" },
		{ "\x1b[31m", 5, "\x1b[31m\n" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		task_result_text(&out, (struct span){ rows[i].bytes,
				 rows[i].len }, 0);
		assert_string_equal(out.data, rows[i].text);
		assert_true(text_is_utf8(out.data, out.len));
	}
	buf_release(&out);
}

static void a_long_output_is_cut_and_says_so(void **state)
{
	static const char mark[] = "[cut here: this is the beginning of ";
	size_t len = LIMIT_RESULT + 1;
	char *bytes = xmalloc(len);
	struct buf out = BUF_INIT;

	(void)state;
	memset(bytes, 'x', len);
	task_result_text(&out, (struct span){ bytes, len - 1 }, 0);
	assert_int_equal(out.len, LIMIT_RESULT + 1);
	assert_null(strstr(out.data, mark));
	buf_reset(&out);
	task_result_text(&out, (struct span){ bytes, len }, 0);
	assert_non_null(strstr(out.data, mark));
	assert_non_null(strstr(out.data, " of 65537 bytes]\n"));
	buf_reset(&out);
	task_result_text(&out, (struct span){ bytes, 10 }, 1 << 30);
	assert_string_equal(out.data, "xxxxxxxxxx\n\n[cut here: this is the "
			    "beginning of 1073741824 bytes]\n");
	/* each byte that is none becomes three */
	memset(bytes, 0xff, len);
	buf_reset(&out);
	task_result_text(&out, (struct span){ bytes, len - 1 }, 0);
	assert_true(out.len < LIMIT_RESULT + 100);
	assert_true(text_is_utf8(out.data, out.len));
	assert_non_null(strstr(out.data, mark));
	buf_release(&out);
	free(bytes);
}

static void a_quoted_text_keeps_to_its_room(void **state)
{
	static const char cut[] = "\n[cut here: `trine show X` has all of it]\n";
	struct buf out = BUF_INIT;
	char text[100];

	(void)state;
	memset(text, 'x', sizeof(text));
	task_quote_text(&out, (struct span){ text, 99 }, 100, "`trine show X`");
	assert_int_equal(out.len, 100);
	assert_null(strstr(out.data, cut));
	buf_reset(&out);
	task_quote_text(&out, (struct span){ text, 100 }, 100, "`trine show X`");
	assert_int_equal(out.len, 100);
	assert_string_equal(out.data + 100 - strlen(cut), cut);
	/* not in the middle of a character */
	memcpy(text + 100 - strlen(cut) - 2, "\xc3\xa4", 2);
	buf_reset(&out);
	task_quote_text(&out, (struct span){ text, 100 }, 100, "`trine show X`");
	assert_int_equal(out.len, 99);
	assert_true(text_is_utf8(out.data, out.len));
	buf_release(&out);
}

static void of_a_failure_the_end_is_kept(void **state)
{
	size_t len = LIMIT_TAIL + 100;
	char *bytes = xmalloc(len);
	struct buf out = BUF_INIT;

	(void)state;
	task_tail_text(&out, span_str("no such file"), 0);
	assert_string_equal(out.data, "no such file\n");
	for (size_t i = 0; i < len; i += 2)
		memcpy(bytes + i, "\xc3\xa4", 2);
	buf_reset(&out);
	task_tail_text(&out, (struct span){ bytes, len }, 0);
	assert_true(text_is_utf8(out.data, out.len));
	assert_int_equal(strncmp(out.data, "[the end of 4196 bytes]\n", 24), 0);
	assert_true(out.len <= LIMIT_TAIL + 30);
	buf_reset(&out);
	task_tail_text(&out, (struct span){ bytes + 1, len - 1 }, 0);
	assert_true(text_is_utf8(out.data, out.len));
	assert_null(strstr(out.data, "\xef\xbf\xbd"));
	buf_reset(&out);
	task_tail_text(&out, span_str("x"), 5);
	assert_string_equal(out.data, "[the end of 5 bytes]\nx\n");
	buf_release(&out);
	free(bytes);
}

/* Keys of a message, and what they are read as: lists in one line, "!" and the key
 * that is not understood. */
static const struct { const char *key, *value, *want; } terms[] = {
	{ "labels", "[A]", "none" },
	{ "after", "A", "after A" },
	{ "after", "[2_TO_1.3, \"B\", A, A]", "after 2_TO_1.3 B A" },
	{ "after", "2_TO_1.~9f2c41d07a.1", "after 2_TO_1.~9f2c41d07a.1" },
	{ "after", "[]", "" },
	{ "after", "", "!after" },
	{ "after", "{A: B}", "!after" },
	{ "after", "[[A]]", "!after" },
	{ "after", "[A, ../x]", "!after" },
	{ "after", "[A", "!after" },
	{ "after", "[0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f]",
	  "after 0 1 2 3 4 5 6 7 8 9 a b c d e f" },
	{ "after", "[0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g]", "!after" },
	{ "needs", "memory:citizen-42", "needs memory:citizen-42" },
	{ "needs", "[\"memory:1\", gpu]", "needs memory:1 gpu" },
	{ "needs", "[:x]", "!needs" },
	{ "needs", "[two words]", "!needs" },
	{ "timeout", "30m", "timeout 1800" },
	{ "timeout", "90", "timeout 90" },
	{ "timeout", "0", "!timeout" },
	{ "timeout", "8d", "!timeout" },
	{ "timeout", "soon", "!timeout" },
	{ "timeout", "[1m]", "!timeout" },
	{ "retries", "3", "retries 3" },
	{ "retries", "-1", "!retries" },
	{ "retries", "1001", "!retries" },
	{ "approvals", "2", "approvals 2" },
	{ "approvals", "two", "!approvals" },
};

static void add_words(struct buf *out, const char *key, const struct list *l)
{
	if (l->count > 0)
		buf_printf(out, "%s%s", out->len > 0 ? ", " : "", key);
	for (size_t i = 0; i < l->count; i++)
		buf_printf(out, " %s", l->item[i]);
}

static void spell_terms(struct buf *out, const struct message *m)
{
	struct task_terms t;

	buf_reset(out);
	if (!task_terms_read(m, &t))
		buf_adds(out, "none");
	else if (t.unclear != NULL)
		buf_printf(out, "!%s", t.unclear);
	else
		add_words(out, "after", &t.after), add_words(out, "needs", &t.needs);
	if (t.unclear == NULL && t.timeout != 0)
		buf_printf(out, "timeout %lld", (long long)t.timeout);
	if (t.unclear == NULL && t.approvals != 0)
		buf_printf(out, "approvals %llu", (unsigned long long)t.approvals);
	if (t.unclear == NULL && t.retries != 0)
		buf_printf(out, "retries %llu", (unsigned long long)t.retries);
	task_terms_release(&t);
}

static void terms_are_read_and_written(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		struct message m = MESSAGE_INIT, again = MESSAGE_INIT;
		struct task_terms t;

		message_add_extra(&m, terms[i].key, terms[i].value);
		spell_terms(&out, &m);
		assert_string_equal(out.data, terms[i].want);
		task_terms_read(&m, &t);
		task_terms_write(&again, &t);
		if (t.unclear == NULL && again.extra_count > 0) {
			spell_terms(&out, &again);
			assert_string_equal(out.data, terms[i].want);
		}
		task_terms_release(&t);
		message_release(&m);
		message_release(&again);
	}
	buf_release(&out);
}

static void a_failed_attempt_may_be_followed(void **state)
{
	static const struct { const char *retries; uint64_t attempt; bool again; } rows[] = {
		{ NULL, 1, false }, { "0", 1, false },
		{ "2", 0, false },	/* nothing has failed */
		{ "2", 1, true }, { "2", 2, true }, { "2", 3, false },
		{ "many", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;

		if (rows[i].retries != NULL)
			message_add_extra(&m, "retries", rows[i].retries);
		if (task_may_try_again(&m, rows[i].attempt) != rows[i].again)
			fail_msg("row %zu", i);
		message_release(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_in_each_state),
		cmocka_unit_test(pauses_double_and_swing),
		cmocka_unit_test(a_pause_is_over),
		cmocka_unit_test(the_queue_is_bounded),
		cmocka_unit_test(the_next_is_chosen),
		cmocka_unit_test(routine_is_not_starved),
		cmocka_unit_test(output_becomes_text),
		cmocka_unit_test(a_long_output_is_cut_and_says_so),
		cmocka_unit_test(a_quoted_text_keeps_to_its_room),
		cmocka_unit_test(of_a_failure_the_end_is_kept),
		cmocka_unit_test(terms_are_read_and_written),
		cmocka_unit_test(a_failed_attempt_may_be_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
