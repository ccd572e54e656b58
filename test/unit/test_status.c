/* COMPUTER_N.md: its exact form, round trips, damaged files, hostile peers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/status.h"
#include "trine/text.h"

#define BEGIN "<!-- trine:begin kept by trine; write anywhere outside these two lines -->\n"
#define END "<!-- trine:end -->\n"

static const struct stream_name s21 = { 2, 1 }, s31 = { 3, 1 },
				human1 = { END_HUMAN, 1 };

static const struct status_row some_rows[] = {
	{ "builder", "ONLINE", 1, 2, "2_TO_1.3 Create the schema", 0, 0 },
	{ "mechanic", "BUSY", 1, 1, NULL, 0, 0 },
	{ "c", "CRASHED", 0, 1, NULL, 0, 0 },
};
static const struct status_table some = { some_rows, 3, 1, 2 };
static const struct status_table none = { NULL, 0, 0, 0 };

static void fill(struct status *s)
{
	*s = (struct status)STATUS_INIT;
	s->computer = 1;
	s->name = xstrdup("Mechanic");
	memcpy(s->clone, "5f3a9c1e", CLONE_ID);
	list_add(&s->former, "02ab77d1");
	s->state = STATE_WORKING;
	s->updated = 1795180800;
	status_add_mark(s, human1, "9f2c41d07a");
	status_add_received(s, s31, 12);
	status_add_received(s, s21, 40);
	status_add_received(s, s21, 41);
	status_add_missing(s, s21, 38);
	status_add_rejected(s, "2_TO_1.39", "no end marker");
	s->version = xstrdup("0.1.0");
}

static char *written(const char *old, const struct status *s,
		     const struct status_table *table)
{
	struct buf out = BUF_INIT;

	status_write(&out, span_str(old), s, table);
	return buf_detach(&out);
}

static const char full[] =
	"# Computer 1 · Mechanic\n"
	"\n"
	BEGIN
	"**WORKING** · 2026-11-20 13:20 UTC · 2 of 3 instances online · 1 task "
	"in progress, 2 queued\n"
	"\n"
	"| instance | state | load | doing |\n"
	"|---|---|---|---|\n"
	"| builder | ONLINE | 1/2 | 2_TO_1.3 Create the schema |\n"
	"| mechanic | BUSY | 1/1 | |\n"
	"| c | CRASHED | 0/1 | |\n"
	"\n"
	"<details><summary>for the other computers</summary>\n"
	"\n"
	"```yaml status\n"
	"format: 1\n"
	"computer: 1\n"
	"name: Mechanic\n"
	"clone: 5f3a9c1e\n"
	"former: [02ab77d1]\n"
	"state: WORKING\n"
	"updated: 2026-11-20T13:20:00Z\n"
	"heartbeat: 30m\n"
	"received: {2_TO_1: 41, 3_TO_1: 12, HUMAN_TO_1: 9f2c41d07a}\n"
	"missing: {2_TO_1: [38]}\n"
	"rejected: {2_TO_1.39: \"no end marker\"}\n"
	"trine: 0.1.0\n"
	"```\n"
	"\n"
	"</details>\n"
	END;

static void form_is_exact(void **state)
{
	struct status s;
	char *got;

	(void)state;
	fill(&s);
	got = written("", &s, &some);
	assert_string_equal(got, full);
	free(got);
	status_release(&s);
}

static void what_is_written_is_read(void **state)
{
	struct error err = ERROR_INIT;
	struct status s;

	(void)state;
	if (status_parse(span_str(full), &s, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(s.format, 1);
	assert_int_equal(s.computer, 1);
	assert_string_equal(s.name, "Mechanic");
	assert_string_equal(s.clone, "5f3a9c1e");
	assert_int_equal(s.former.count, 1);
	assert_int_equal(s.state, STATE_WORKING);
	assert_int_equal(s.updated, 1795180800);
	assert_int_equal(s.heartbeat, 1800);
	assert_int_equal(s.received_count, 3);
	assert_int_equal(s.received[0].upto, 41);
	assert_string_equal(s.received[0].mark, "");
	assert_string_equal(s.received[2].mark, "9f2c41d07a");
	assert_int_equal(s.missing_count, 1);
	assert_int_equal(s.missing[0].seq, 38);
	assert_int_equal(s.rejected_count, 1);
	assert_string_equal(s.rejected[0].id, "2_TO_1.39");
	assert_string_equal(s.rejected[0].why, "no end marker");
	assert_string_equal(s.version, "0.1.0");
	status_release(&s);
	status_release(&s);
}

static void states_have_names(void **state)
{
	static const char *const names[] = {
		"ACTIVE", "WORKING", "IDLE", "SYNCING", "EMERGENCY", "OFFLINE",
	};
	enum computer_state got;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_string_equal(computer_state_name((enum computer_state)i),
				    names[i]);
		assert_true(computer_state_parse(span_str(names[i]), &got));
		assert_int_equal(got, i);
	}
	assert_false(computer_state_parse(span_str("idle"), &got));
	assert_false(computer_state_parse(span_str(""), &got));
}

/* The line for people, by what there is. */
static void line_says_what_is_known(void **state)
{
	static const struct status_row unknown[] = {
		{ "a", "unknown", 0, 1, NULL, 0, 0 }, { "b", "unknown", 0, 1, NULL, 0, 0 },
	};
	static const struct status_row mixed[] = {
		{ "a", "unknown", 0, 1, NULL, 0, 0 }, { "b", "DEGRADED", 0, 1, NULL, 0, 0 },
	};
	static const struct status_row several[] = {
		{ "a", "DEGRADED", 0, 4, NULL, 3, 4 }, { "b", "OFFLINE", 0, 1, NULL, 0, 1 },
	};
	const struct { struct status_table table; const char *rest; } rows[] = {
		{ { several, 2, 0, 0 }, " · 3 of 5 instances online · no tasks\n" },
		{ { NULL, 0, 0, 0 }, " · no tasks\n" },
		{ { NULL, 0, 1, 0 }, " · 1 task in progress\n" },
		{ { NULL, 0, 2, 0 }, " · 2 tasks in progress\n" },
		{ { NULL, 0, 0, 1 }, " · 1 task queued\n" },
		{ { NULL, 0, 3, 4 }, " · 3 tasks in progress, 4 queued\n" },
		{ { unknown, 2, 0, 0 }, " · 2 instances · no tasks\n" },
		{ { unknown, 1, 0, 0 }, " · 1 instance · no tasks\n" },
		{ { mixed, 2, 0, 0 }, " · 1 of 2 instances online · no tasks\n" },
	};
	char want[256], *got;
	struct status s;

	(void)state;
	fill(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		got = written("", &s, &rows[i].table);
		snprintf(want, sizeof(want), "\n**WORKING** · 2026-11-20 13:20 "
			 "UTC%s", rows[i].rest);
		assert_non_null(strstr(got, want));
		assert_true((strstr(got, "| instance |") != NULL) ==
			    (rows[i].table.count > 0));
		free(got);
	}
	status_release(&s);
}

#define R "{region}"

/* Free text and where the region comes; R stands for it. */
static void free_text_stays(void **state)
{
	static const struct { const char *old, *out; } rows[] = {
		{ "", "# Computer 1 · Mechanic\n\n" R },
		{ "# My box\n", "# My box\n\n" R },
		{ "# My box", "# My box\n\n" R },
		{ "\xef\xbb\xbf# My box\r\n\r\ntext\r\n",
		  "\xef\xbb\xbf# My box\r\n\n" R "\r\ntext\r\n" },
		{ "# My box\ntext\n# More\n", "# My box\n\n" R "\ntext\n# More\n" },
		{ "before\n\n## Box\n\nafter", "before\n\n## Box\n\n" R "\nafter" },
		{ "no heading\n", "# Computer 1 · Mechanic\n\n" R "\nno heading\n" },
		{ "#hash\n####### seven\n",
		  "# Computer 1 · Mechanic\n\n" R "\n#hash\n####### seven\n" },
		{ "```\n# code\n```\n# Box\n", "```\n# code\n```\n# Box\n\n" R },
		{ "a\n" BEGIN "old\n" END "b", "a\n" R "b" },
		{ BEGIN "old\n" "<!-- trine:end -->", R },
		{ "a\n<!-- trine:begin -->\r\nold\r\n<!-- trine:end -->\r\nb",
		  "a\n" R "b" },
		/* Damaged: the text stays, loose marker lines go. */
		{ "# H\n" BEGIN "lost end\n", "# H\n\n" R "\nlost end\n" },
		{ "# H\nlost begin\n" END, "# H\n\n" R "\nlost begin\n" },
		{ "# H\n" END "x\n" BEGIN, "# H\n\n" R "\nx\n" },
		{ END "x\n" BEGIN "old\n" END "y\n", "x\n" R "y\n" },
		{ BEGIN "x\n" BEGIN "old\n" END "y\n", "x\n" R "y\n" },
		{ BEGIN "old\n" END "y\n" END, R "y\n" },
		{ BEGIN "old\n" END "y\n" BEGIN, R "y\n" },
		{ BEGIN "one\n" END "y\n" BEGIN "two\n" END "z\n", R "y\ntwo\nz\n" },
		/* Not markers. */
		{ "# H\n\n> " BEGIN "\n", "# H\n\n" R "\n> " BEGIN "\n" },
		{ "# H\n\n<!-- trine:beginner -->\n", "# H\n\n" R
		  "\n<!-- trine:beginner -->\n" },
	};
	const char *at, *region = strstr(full, BEGIN);
	struct status s;
	char *got, *again;

	(void)state;
	fill(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf want = BUF_INIT;

		at = strstr(rows[i].out, R);
		buf_add(&want, rows[i].out, (size_t)(at - rows[i].out));
		buf_adds(&want, region);
		buf_adds(&want, at + strlen(R));
		got = written(rows[i].old, &s, &some);
		if (strcmp(got, want.data) != 0)
			fail_msg("row %zu: %s", i, got);
		again = written(got, &s, &some);
		assert_string_equal(again, got);
		free(again);
		free(got);
		buf_release(&want);
	}
	status_release(&s);
}

/* Any heap of marker lines and text: no text lost, written once is enough. */
static void any_damage_converges(void **state)
{
	static const char *const lines[] = {
		BEGIN, END, "text\n", "# heading\n", "```\n", "\n",
	};
	struct status s;
	char *got, *again, *found;

	(void)state;
	fill(&s);
	for (unsigned n = 0; n < 6 * 6 * 6 * 6 * 6; n++) {
		struct buf old = BUF_INIT;
		unsigned texts = 0, kept = 0;

		for (unsigned i = 0, k = n; i < 5; i++, k /= 6)
			buf_adds(&old, lines[k % 6]);
		got = written(old.data, &s, &none);
		again = written(got, &s, &none);
		assert_string_equal(got, again);
		assert_int_equal(status_region(span_str(got)).len,
				 status_region(span_str(again)).len);
		/* All but what stood inside a well-formed region. */
		for (found = old.data; (found = strstr(found, "text\n")); found++)
			texts += !(status_region(span_of(&old)).len > 0 &&
				   found >= status_region(span_of(&old)).p &&
				   found < status_region(span_of(&old)).p +
				   status_region(span_of(&old)).len);
		for (found = got; (found = strstr(found, "text\n")); found++)
			kept++;
		assert_int_equal(texts, kept);
		free(got);
		free(again);
		buf_release(&old);
	}
	status_release(&s);
}

static void text_of_others_is_harmless(void **state)
{
	static const struct status_row rows[] = {
		{ "a", "ONLINE", 0, 1,
		  "x | y \\| z\n<!-- trine:end -->\r\x1b[31m \xe2\x80\xae <b>", 0, 0 },
	};
	static const struct status_table table = { rows, 1, 0, 0 };
	struct error err = ERROR_INIT;
	struct status s, back;
	char *got, *line;

	(void)state;
	fill(&s);
	free(s.name);
	s.name = xstrdup("a\n<!-- trine:end -->");
	status_add_rejected(&s, "2_TO_1.40", "\"quoted\" ``` \n<!-- trine:end -->\xff");
	got = written("", &s, &table);
	line = strstr(got, "| a |");
	assert_non_null(line);
	assert_memory_equal(line, "| a | ONLINE | 0/1 | x \\| y \\\\\\| z\\\\x0a"
			    "&lt;!-- trine:end --&gt;\\\\x0d\\\\x1b[31m "
			    "\\\\u{202e} &lt;b&gt; |\n", 96);
	assert_int_equal(status_parse(span_str(got), &back, &err), 0);
	assert_string_equal(back.name, "a\\x0a<!-- trine:end -->");
	assert_string_equal(back.rejected[1].why,
			    "\"quoted\" ``` \\x0a<!-- trine:end -->\\xff");
	assert_true(text_is_utf8(got, strlen(got)));
	assert_null(strchr(got, '\x1b'));
	status_release(&back);
	status_release(&s);
	free(got);
}

static void check_fits(const struct status *s)
{
	struct error err = ERROR_INIT;
	struct status back;
	char *got = written("", s, &none);

	if (status_parse(span_str(got), &back, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(back.received_count + back.received_more,
			 s->received_count);
	assert_int_equal(back.missing_count + back.missing_more,
			 s->missing_count);
	assert_int_equal(back.rejected_count + back.rejected_more,
			 s->rejected_count);
	assert_false(status_lists_all(&back, s21));
	if (back.missing_count > 0)
		assert_int_equal(back.missing[0].seq, 1);
	if (back.rejected_count > 0)
		assert_string_equal(back.rejected[0].id, "2_TO_1.1");
	assert_string_equal(back.version, s->version);
	status_release(&back);
	free(got);
}

/* However much is wrong, a peer can read it. */
static void lists_are_cut_to_fit(void **state)
{
	struct status s;
	char id[MESSAGE_ID], why[400];

	(void)state;
	fill(&s);
	s.missing_count = s.received_count = 0;
	free(s.rejected[0].id);
	free(s.rejected[0].why);
	s.rejected_count = 0;
	for (int i = 0; i < 500; i++)
		list_add(&s.former, "0a0b0c0d");
	memset(why, '"', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	for (uint64_t i = 1; i <= 3000; i++) {
		status_add_missing(&s, s21, i);
		status_add_rejected(&s, message_id_format(s21, i, id),
				    i % 2 ? "short" : why);
		if (i % 500 == 0)
			check_fits(&s);
	}
	for (int from = 2; from <= LIMIT_COMPUTERS; from++)
		status_add_received(&s, (struct stream_name){ from, 1 },
				    MESSAGE_SEQ_MAX);
	check_fits(&s);
	status_release(&s);
}

static const char *more_of(const char *text, size_t len)
{
	static char line[400];

	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	return line;
}

/* What it does not list it names by its streams, while these are few. */
static void streams_that_are_cut_are_named(void **state)
{
	static const char want[] = "more: {missing: 7, rejected: 2, of: [3_TO_1, 2_TO_1]}\n";
	struct error err = ERROR_INIT;
	struct status s, back;
	char *got, *line;

	(void)state;
	fill(&s);
	status_add_cut(&s, s31, false, 7);
	status_add_cut(&s, s21, true, 2);
	assert_false(status_lists_all(&s, s21));
	got = written("", &s, &none);
	line = strstr(got, "more: ");
	assert_non_null(line);
	assert_string_equal(more_of(line, sizeof(want) - 1), want);
	assert_int_equal(status_parse(span_str(got), &back, &err), 0);
	assert_int_equal(back.missing_more, 7);
	assert_int_equal(back.rejected_more, 2);
	assert_false(status_lists_all(&back, s21));
	assert_false(status_lists_all(&back, s31));
	assert_true(status_lists_all(&back, (struct stream_name){ 4, 1 }));
	free(got);
	status_release(&back);
	for (int from = 10; from < 10 + STATUS_CUT; from++)
		status_add_cut(&s, (struct stream_name){ from, 1 }, false, 1);
	got = written("", &s, &none);
	assert_int_equal(status_parse(span_str(got), &back, &err), 0);
	assert_int_equal(back.cut_count, 0);
	assert_false(status_lists_all(&back, (struct stream_name){ 4, 1 }));
	free(got);
	status_release(&back);
	status_release(&s);
}

static void doubles_are_written_once(void **state)
{
	struct status s;
	char *got;

	(void)state;
	fill(&s);
	status_add_missing(&s, s31, 7);
	status_add_missing(&s, s21, 38);
	status_add_missing(&s, s21, 37);
	status_add_rejected(&s, "2_TO_1.39", "again");
	got = written("", &s, &none);
	assert_non_null(strstr(got, "\nmissing: {2_TO_1: [37, 38], 3_TO_1: [7]}\n"));
	assert_non_null(strstr(got, "\nrejected: {2_TO_1.39: \"no end marker\"}\n"));
	assert_null(strstr(got, "more:"));
	free(got);
	status_release(&s);
}

static void marks_of_digits_stay_marks(void **state)
{
	static const struct stream_name s41 = { 4, 1 };
	struct error err = ERROR_INIT;
	struct status s, back;
	char *got;

	(void)state;
	fill(&s);
	status_add_mark(&s, human1, "1234567890");
	status_add_mark(&s, s41, "0123456789");
	got = written("", &s, &none);
	assert_int_equal(status_parse(span_str(got), &back, &err), 0);
	assert_string_equal(back.received[2].mark, "0123456789");
	assert_string_equal(back.received[3].mark, "1234567890");
	free(got);
	status_release(&back);
	status_release(&s);
}

/* FULL with the line that starts with KEY made LINE (NULL: left out). */
static void replace_line(const char *key, const char *line, struct buf *out)
{
	const char *at = strstr(full, key), *end = strchr(at + 1, '\n');

	buf_reset(out);
	buf_add(out, full, (size_t)(at - full));
	if (line != NULL)
		buf_printf(out, "\n%s", line);
	buf_adds(out, end);
}

static void peers_are_checked(void **state)
{
	static const struct {
		const char *key, *line;
		int rc, newer;	/* and in a newer format */
	} rows[] = {
		{ "\nformat:", NULL, -1, -1 },
		{ "\nformat:", "format: 0", -1, -1 },
		{ "\nformat:", "format: x", -1, -1 },
		{ "\ncomputer:", NULL, -1, -1 },
		{ "\ncomputer:", "computer: 0", -1, -1 },
		{ "\ncomputer:", "computer: 1000", -1, -1 },
		{ "\ncomputer:", "computer: [1]", -1, -1 },
		{ "\nclone:", NULL, -1, -1 },
		{ "\nclone:", "clone: 5F3A9C1E", -1, -1 },
		{ "\nclone:", "clone: 5f3a9c1e0", -1, -1 },
		{ "\nstate:", NULL, -1, 0 },
		{ "\nstate:", "state: DANCING", -1, 0 },
		{ "\nupdated:", NULL, -1, 0 },
		{ "\nupdated:", "updated: yesterday", -1, 0 },
		{ "\nname:", NULL, 0, 0 },
		{ "\nname:", "name: ~", 0, 0 },
		{ "\nname:", "name: [a]", -1, 0 },
		{ "\nformer:", "former: 02ab77d1", -1, 0 },
		{ "\nformer:", "former: [x]", -1, 0 },
		{ "\nformer:", "former: []", 0, 0 },
		{ "\nheartbeat:", NULL, 0, 0 },
		{ "\nheartbeat:", "heartbeat: 0", -1, 0 },
		{ "\nheartbeat:", "heartbeat: 9999999999999d", -1, 0 },
		{ "\nreceived:", NULL, 0, 0 },
		{ "\nreceived:", "received: {}", 0, 0 },
		{ "\nreceived:", "received: [1]", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: -1}", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: 9999999999999999}", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: 99999999999999999999999}", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: 999999999999999}", 0, 0 },
		{ "\nreceived:", "received: {2_TO_1: [1]}", -1, 0 },
		{ "\nreceived:", "received: {2_TO: 1}", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: 1, 2_TO_1: 2}", -1, -1 },
		{ "\nreceived:", "received: {HUMAN_TO_1: 12}", -1, 0 },
		{ "\nreceived:", "received: {HUMAN_TO_1: abcdefg}", -1, 0 },
		{ "\nreceived:", "received: {2_TO_1: &x 1}", -1, -1 },
		{ "\nmissing:", "missing: {2_TO_1: 38}", -1, 0 },
		{ "\nmissing:", "missing: {2_TO_1: [0]}", -1, 0 },
		{ "\nmissing:", "missing: {x: [1]}", -1, 0 },
		{ "\nmissing:", "missing: {2_TO_1: []}", 0, 0 },
		{ "\nrejected:", "rejected: {../../x: y}", -1, 0 },
		{ "\nrejected:", "rejected: {2_TO_1.1: [y]}", -1, 0 },
		{ "\nrejected:", "rejected: {\"2_TO_1.~9f2c41d07a.1\": y}", 0, 0 },
		{ "\ntrine:", NULL, 0, 0 },
		{ "\ntrine:", "trine: {a: b}", -1, 0 },
		{ "\ntrine:", "more: {missing: 7, else: 3}", 0, 0 },
		{ "\ntrine:", "more: {missing: -7}", -1, 0 },
		{ "\ntrine:", "colour: {of: [the, house]}", 0, 0 },
	};
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct status s;
	char *format;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		replace_line(rows[i].key, rows[i].line, &text);
		error_clear(&err);
		if (status_parse(span_of(&text), &s, &err) != rows[i].rc)
			fail_msg("%s: %s", rows[i].line, err.text);
		if (rows[i].rc == -1) {
			assert_int_equal(err.code, ERR_DATA);
			assert_int_equal(s.received_count, 0);
		}
		status_release(&s);
		format = strstr(text.data, "\nformat: 1\n");
		if (format == NULL)
			continue;
		format[9] = '2';
		if (status_parse(span_of(&text), &s, &err) != rows[i].newer)
			fail_msg("format 2, %s: %s", rows[i].line, err.text);
		status_release(&s);
	}
	buf_release(&text);
}

static void any_byte_is_answered(void **state)
{
	static const char bytes[] = "\0\n []{}:,-&*`#\"\xff\x80|<";
	struct error err = ERROR_INIT;
	struct status s, own;
	char bad[sizeof(full)];

	(void)state;
	fill(&own);
	for (size_t at = 0; at < sizeof(full) - 1; at++)
		for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
			struct span span = { bad, sizeof(full) - 1 };
			struct buf once = BUF_INIT, twice = BUF_INIT;

			memcpy(bad, full, sizeof(full));
			bad[at] = bytes[b];
			if (status_parse(span, &s, &err) == 0)
				status_release(&s);
			status_same(span, span_str(full));
			if (b < 2) {
				status_write(&once, span, &own, &some);
				status_write(&twice, span_of(&once), &own, &some);
				assert_true(span_equal(span_of(&once),
						       span_of(&twice)));
			}
			span.len = at;
			if (status_parse(span, &s, &err) == 0)
				status_release(&s);
			buf_release(&once);
			buf_release(&twice);
		}
	status_release(&own);
}

/* A megabyte of marker lines, fences, table rows. */
static void size_does_no_harm(void **state)
{
	static const char *const lines[] = {
		BEGIN, END, "```yaml status\n", "|||||||\n", "** · · · ·\n",
		"# h\n", BEGIN "```yaml status\n", "a: b\n",
	};
	struct error err = ERROR_INIT;
	struct status s, own;

	(void)state;
	fill(&own);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct buf text = BUF_INIT, out = BUF_INIT;

		buf_adds(&text, BEGIN "```yaml status\n");
		while (text.len < LIMIT_FILE)
			buf_adds(&text, lines[i]);
		buf_adds(&text, "```\n" END);
		assert_int_equal(status_parse(span_of(&text), &s, &err), -1);
		status_same(span_of(&text), span_of(&text));
		status_write(&out, span_of(&text), &own, &none);
		buf_release(&text);
		buf_release(&out);
	}
	status_release(&own);
}

static void only_age_is_the_same(void **state)
{
	static const struct {
		const char *from, *to;
		bool same;
	} rows[] = {
		{ "13:20 UTC", "14:20 UTC", true },
		{ "updated: 2026-11-20T13:20", "updated: 2026-11-21T00:00", true },
		{ "ONLINE | 1/2", "ONLINE | 0/2", true },
		{ "ONLINE | 1/2", "ONLINE | 0/3", false },
		{ "| ONLINE |", "| BUSY |", false },
		{ "Create the schema", "Drop the schema", false },
		{ "2 queued", "3 queued", false },
		{ "**WORKING**", "**IDLE**", false },
		{ "state: WORKING", "state: IDLE", false },
		{ "2_TO_1: 41", "2_TO_1: 42", false },
		{ "heartbeat: 30m", "heartbeat: 31m", false },
		{ "heartbeat: 30m", "heartbeat: 30m\ngeneration: 7", true },
		{ "# Computer 1", "# Computer one", false },
		{ END, END "more", false },
		{ END, "", false },
		{ "2_TO_1.3 Create", "a \\| b | 1/2", false },
	};

	(void)state;
	assert_true(status_same(span_str(full), span_str(full)));
	assert_true(status_same(span_str(""), span_str("")));
	assert_false(status_same(span_str(full), span_str("")));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *at = strstr(full, rows[i].from);
		struct buf other = BUF_INIT;

		assert_non_null(at);
		buf_add(&other, full, (size_t)(at - full));
		buf_adds(&other, rows[i].to);
		buf_adds(&other, at + strlen(rows[i].from));
		if (status_same(span_str(full), span_of(&other)) != rows[i].same)
			fail_msg("%s", rows[i].to);
		assert_int_equal(status_same(span_of(&other), span_str(full)),
				 rows[i].same);
		buf_release(&other);
	}
}

static void region_is_found(void **state)
{
	struct span region = status_region(span_str(full));

	(void)state;
	assert_true(text_starts(region, BEGIN));
	assert_int_equal(region.p + region.len - full, strlen(full));
	assert_int_equal(status_region(span_str("")).len, 0);
	assert_int_equal(status_region(span_str(END BEGIN)).len, 0);
}

static void reused_numbers(void **state)
{
	static const struct { const char *why, *digest; } rows[] = {
		{ STATUS_REUSED ", 0123456789abcdef", "0123456789abcdef" },
		{ STATUS_REUSED, NULL },
		{ STATUS_REUSED ", ", NULL },
		{ STATUS_REUSED ", 0123456789abcde", NULL },
		{ STATUS_REUSED ", 0123456789abcdef0", NULL },
		{ STATUS_REUSED ", 0123456789abcdeF", NULL },
		{ "no end marker", NULL },
		{ "", NULL },
	};
	char digest[MESSAGE_DIGEST], why[STATUS_WHY];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is = status_reused(rows[i].why, digest);

		assert_int_equal(is, rows[i].digest != NULL);
		if (is)
			assert_string_equal(digest, rows[i].digest);
	}
	status_write_reused(why, rows[0].digest);
	assert_string_equal(why, rows[0].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_is_exact),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(states_have_names),
		cmocka_unit_test(line_says_what_is_known),
		cmocka_unit_test(free_text_stays),
		cmocka_unit_test(any_damage_converges),
		cmocka_unit_test(text_of_others_is_harmless),
		cmocka_unit_test(lists_are_cut_to_fit),
		cmocka_unit_test(streams_that_are_cut_are_named),
		cmocka_unit_test(doubles_are_written_once),
		cmocka_unit_test(marks_of_digits_stay_marks),
		cmocka_unit_test(peers_are_checked),
		cmocka_unit_test(any_byte_is_answered),
		cmocka_unit_test(size_does_no_harm),
		cmocka_unit_test(only_age_is_the_same),
		cmocka_unit_test(region_is_found),
		cmocka_unit_test(reused_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
