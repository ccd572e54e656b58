/* Messages: the format byte for byte, any body there and back, bad input. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/message.h"
#include "trine/text.h"

static const char example[] =
	"## Fix the login page\n"
	"\n"
	"```yaml message\n"
	"id: 1_TO_2.7\n"
	"type: task\n"
	"priority: high\n"
	"sent: 2026-11-20T13:10:00Z\n"
	"for: builder\n"
	"labels: [ui, bug]\n"
	"```\n"
	"\n"
	"The button does nothing on Safari. See `src/login.c`.\n"
	"\n"
	"<!-- /1_TO_2.7 -->\n";

static void parse(const char *text, struct message *m)
{
	struct error err = ERROR_INIT;

	if (message_parse(span_str(text), m, &err) == -1)
		fail_msg("%s: %s", text, err.text);
}

static void assert_written(const struct message *m, const char *text)
{
	struct buf out = BUF_INIT;

	message_write(&out, m);
	assert_string_equal(out.data, text);
	buf_release(&out);
}

static void the_example_both_ways(void **state)
{
	struct message m = MESSAGE_INIT;

	(void)state;
	parse(example, &m);
	assert_int_equal(m.stream.from, 1);
	assert_int_equal(m.stream.to, 2);
	assert_int_equal(m.seq, 7);
	assert_int_equal(m.type, TYPE_TASK);
	assert_int_equal(m.priority, PRIORITY_HIGH);
	assert_int_equal(m.sent, 1795180200);
	assert_null(m.from);
	assert_string_equal(m.to, "builder");
	assert_int_equal(m.labels.count, 2);
	assert_string_equal(m.labels.item[1], "bug");
	assert_string_equal(m.title, "Fix the login page");
	assert_string_equal(m.body, "The button does nothing on Safari. "
				    "See `src/login.c`.\n");
	assert_int_equal(m.body_len, strlen(m.body));
	assert_written(&m, example);
	message_release(&m);
	assert_null(m.title);
	assert_int_equal(m.priority, PRIORITY_NORMAL);
	message_release(NULL);
}

static void all_keys_in_order(void **state)
{
	static const char text[] =
		"## T\n\n```yaml message\nid: HUMAN_TO_2.1\ntype: result\n"
		"priority: low\nsent: 1970-01-01T00:00:01Z\nfrom: a\nfor: b\n"
		"re: 2_TO_1.~9f2c41d07a.1\nlabels: [l]\n"
		"due: 2030-01-01T00:00:00Z\nstate: COMPLETED\nhops: 2\n"
		"\"odd key: \": {a: [1, \"x, y\"], b: null}\n```\n\n"
		"<!-- /HUMAN_TO_2.1 -->\n";
	struct message m = MESSAGE_INIT;

	(void)state;
	parse(text, &m);
	assert_string_equal(message_extra(&m, "hops"), "2");
	assert_string_equal(message_extra(&m, "odd key: "),
			    "{a: [1, \"x, y\"], b: null}");
	assert_null(message_extra(&m, "id"));
	assert_null(message_extra(&m, "nothing"));
	assert_int_equal(m.body_len, 0);
	assert_string_equal(m.body, "");
	assert_written(&m, text);
	message_add_extra(&m, "hops", "3");
	assert_string_equal(message_extra(&m, "hops"), "3");
	assert_int_equal(m.extra_count, 3);
	message_release(&m);
}

static void readers_are_lenient(void **state)
{
	static const char *const rows[] = {
		/* CR LF in the structural lines; the body stays as it is */
		"## T\r\n\r\n```yaml message\r\nid: 1_TO_2.7\r\ntype: task\r\n"
		"priority: low\r\nsent: 2026-11-20T13:10:00Z\r\n```\r\n\r\n"
		"b\n\r\n<!-- /1_TO_2.7 -->\r\n",
		/* no blank lines, or many */
		"## T\n```yaml message\nid: 1_TO_2.7\ntype: task\n"
		"priority: low\nsent: 2026-11-20T13:10:00Z\n```\nb\n"
		"<!-- /1_TO_2.7 -->",
		"##   T \n\n  \n\n```yaml message  \n"
		"{id: '1_TO_2.7', type: task, priority: low, "
		"sent: 2026-11-20T14:10:00+01:00}\n``` \n\nb\n\n"
		"<!-- /1_TO_2.7 --> \n\n \n",
		/* nulls are nothing */
		"## T\n\n```yaml message\nid: 1_TO_2.7\ntype: task\nfrom: ~\n"
		"for:\nre: null\nlabels:\ndue:\npriority: low # not now\n"
		"sent: \"2026-11-20T13:10:00.5Z\"\n```\n\nb\n\n"
		"<!-- /1_TO_2.7 -->\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;

		parse(rows[i], &m);
		assert_written(&m, "## T\n\n```yaml message\nid: 1_TO_2.7\n"
			       "type: task\npriority: low\n"
			       "sent: 2026-11-20T13:10:00Z\n```\n\nb\n\n"
			       "<!-- /1_TO_2.7 -->\n");
		message_release(&m);
	}
}

static void defaults(void **state)
{
	struct message m = MESSAGE_INIT;

	(void)state;
	parse("## \n\n```yaml message\nid: 1_TO_2.7\nlabels: bug\n"
	      "sent: 2026-11-20T13:10:00Z\n```\n\n# From the body\n"
	      "<!-- /1_TO_2.7 -->\n", &m);
	assert_int_equal(m.type, TYPE_MESSAGE);
	assert_int_equal(m.priority, PRIORITY_NORMAL);
	assert_string_equal(m.title, "From the body");
	assert_int_equal(m.labels.count, 1);
	message_release(&m);
	parse("## \n\n```yaml message\nid: 1_TO_2.7\n"
	      "sent: 2026-11-20T13:10:00Z\n```\n<!-- /1_TO_2.7 -->\n", &m);
	assert_string_equal(m.title, "(no title)");
	message_release(&m);
}

#define HEAD "## T\n\n```yaml message\n"
#define KEYS "id: 1_TO_2.7\ntype: task\npriority: low\n" \
	"sent: 2026-11-20T13:10:00Z\n"
#define TAIL "```\n\nb\n\n<!-- /1_TO_2.7 -->\n"

static void refuses(void **state)
{
	static const struct { const char *text, *why; } rows[] = {
		{ "", "no head" },
		{ "# T\n\n```yaml message\n" KEYS TAIL, "no head" },
		{ "##T\n\n```yaml message\n" KEYS TAIL, "no head" },
		{ "## T\n\nx\n```yaml message\n" KEYS TAIL, "no head" },
		{ "## T\n\n```yaml\n" KEYS TAIL, "no head" },
		{ "## T\n\n```yaml messages\n" KEYS TAIL, "no head" },
		{ "## T\n", "no head" },
		{ HEAD, "no end of the key block" },
		{ HEAD KEYS, "no end of the key block" },
		{ HEAD KEYS "```x\n\nb\n<!-- /1_TO_2.7 -->\n", "no end of the key" },
		{ HEAD KEYS "```\n", "no end marker" },
		{ HEAD KEYS "```\n\nb\n", "no end marker" },
		{ HEAD KEYS "```\n\nb\n<!-- /1_TO_2.8 -->\n", "no end marker" },
		{ HEAD KEYS "```\n\nb\n<!-- /1_TO_2.7-->\n", "no end marker" },
		{ HEAD KEYS "```\n\nb\n <!-- /1_TO_2.7 -->\n", "no end marker" },
		{ HEAD KEYS "```\n\nb <!-- /1_TO_2.7 -->\n", "no end marker" },
		{ HEAD KEYS "```\n\nb\n\\<!-- /1_TO_2.7 -->\n", "no end marker" },
		{ HEAD "<!-- /1_TO_2.7 -->\n```\n", "no end marker" },
		{ HEAD "type: task\n" TAIL, "no id" },
		{ HEAD "id:\n" TAIL, "no id" },
		{ HEAD "id: [1_TO_2.7]\n" TAIL, "no id" },
		{ HEAD "id: 1_TO_2.07\n" TAIL, "id is not" },
		{ HEAD "id: 1_TO_2.7~5f3a9c1e\n" TAIL, "id is not" },
		{ HEAD "id: x\n" TAIL, "id is not" },
		{ HEAD KEYS "id: 1_TO_2.7\n" TAIL, "twice" },
		{ HEAD "id: 1_TO_2.7\ntype: job\n" TAIL, "unknown type" },
		{ HEAD "id: 1_TO_2.7\ntype: Task\n" TAIL, "unknown type" },
		{ HEAD "id: 1_TO_2.7\ntype:\n" TAIL, "unknown type" },
		{ HEAD "id: 1_TO_2.7\ntype: task\npriority: top\n" TAIL,
		  "unknown priority" },
		{ HEAD "id: 1_TO_2.7\ntype: task\npriority: low\n" TAIL,
		  "no time of sending" },
		{ HEAD "id: 1_TO_2.7\ntype: task\npriority: low\nsent: now\n" TAIL,
		  "sent is not a time" },
		{ HEAD KEYS "from: a b\n" TAIL, "from is no name" },
		{ HEAD KEYS "from: [a]\n" TAIL, "from is not one name" },
		{ HEAD KEYS "for: ../x\n" TAIL, "for is no name" },
		{ HEAD KEYS "re: \"x\\ny\"\n" TAIL, "re is no id" },
		{ HEAD KEYS "labels: [a, [b]]\n" TAIL, "a label" },
		{ HEAD KEYS "labels: [a, ]\n" "x: [\n" TAIL, "keys: line" },
		{ HEAD KEYS "labels: {a: b}\n" TAIL, "labels is no list" },
		{ HEAD KEYS "labels: [\"a\\e[2J\"]\n" TAIL, "a label is no name" },
		{ HEAD KEYS "due: soon\n" TAIL, "due is not a time" },
		{ HEAD KEYS "x: &a 1\n" TAIL, "keys: line 5: an anchor" },
		{ HEAD KEYS "x: {a: {b: {c: {}}}}\n" TAIL, "nested too deep" },
		{ HEAD "- a\n" TAIL, "no map" },
		{ "## a\x1b[2Jb\n\n```yaml message\n" KEYS TAIL, "control bytes" },
		{ "## a\xc2\x9b" "b\n\n```yaml message\n" KEYS TAIL, "control bytes" },
		{ HEAD KEYS "```\n\n\xff\n<!-- /1_TO_2.7 -->\n", "UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		if (message_parse(span_str(rows[i].text), &m, &err) == 0)
			fail_msg("accepted: %s", rows[i].text);
		assert_int_equal(err.code, ERR_DATA);
		if (strstr(err.text, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_null(m.title);
		assert_null(m.labels.item);
	}
}

/* ---- any body ---- */

static unsigned seed = 3;

static unsigned pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const char *const nasty[] = {
	"\n", "\n\n", "\r\n", "\r", " ", "\t", "x", "word\n",
	"<!-- /1_TO_2.7 -->\n", "<!-- /1_TO_2.7 -->", "<!-- /1_TO_2.8 -->\n",
	"<!-- /1_TO_2.7 -->\r\n", "<!-- /", "<!-- ", "\\<!-- /1_TO_2.7 -->\n",
	"\\\\\\<!-- /x\n", "\\", "\\\\", "```\n", "```yaml message\n", "~~~\n",
	"## T\n", "## \n", "\n## T\n\n```yaml message\nid: 1_TO_2.8\n",
	"id: 1_TO_2.7\n", "---\n", "<!-- trine:messages x -->\n", "-->\n",
	"\xef\xbb\xbf", "\xe2\x80\xa8", "\xc3\xa4", "\xf0\x9f\x94\xb4",
	"\x01", "\x1b[2J", "\x7f", "\v", "\f", "## T\n\n```yaml message\n"
	"id: 1_TO_2.7\ntype: task\npriority: low\nsent: 2026-11-20T13:10:00Z\n"
	"```\n\nb\n\n<!-- /1_TO_2.7 -->\n",
};

static void take_text(struct message *m, struct span body)
{
	struct error err = ERROR_INIT;

	m->stream = (struct stream_name){ 1, 2 };
	m->seq = 7;
	if (message_set_text(m, "T", body, &err) == -1)
		fail_msg("%s: %s", body.p, err.text);
}

static void any_body_survives(void **state)
{
	struct buf body = BUF_INIT, text = BUF_INIT, again = BUF_INIT;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct message m = MESSAGE_INIT, back = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		buf_reset(&body);
		buf_reset(&text);
		buf_reset(&again);
		for (unsigned n = pick(8); n > 0; n--)
			buf_adds(&body, nasty[pick(ARRAY_LEN(nasty))]);
		take_text(&m, span_of(&body));
		if (body.len > 0 && body.data[body.len - 1] != '\n')
			buf_addc(&body, '\n');
		assert_int_equal(m.body_len, body.len);
		message_write(&text, &m);
		if (message_parse(span_of(&text), &back, &err) == -1)
			fail_msg("%s: %s", text.data, err.text);
		assert_string_equal(back.body, body.data);
		assert_int_equal(back.body_len, body.len);
		message_write(&again, &back);
		assert_string_equal(again.data, text.data);
		message_release(&m);
		message_release(&back);
	}
	buf_release(&body);
	buf_release(&text);
	buf_release(&again);
}

/* One more backslash for each line that only backslashes and an end look. */
static void escaping(void **state)
{
	struct message m = MESSAGE_INIT;

	(void)state;
	take_text(&m, span_str("<!-- /a\n\\<!-- /b\n <!-- /c\nx\\<!-- /d\n"
			       "<!-- e\n"));
	assert_written(&m, "## T\n\n```yaml message\nid: 1_TO_2.7\n"
		       "type: message\npriority: normal\n"
		       "sent: 1970-01-01T00:00:00Z\n```\n\n"
		       "\\<!-- /a\n\\\\<!-- /b\n <!-- /c\nx\\<!-- /d\n<!-- e\n\n"
		       "<!-- /1_TO_2.7 -->\n");
	message_release(&m);
}

static void cut_and_broken_at_every_byte(void **state)
{
	static const char bad[] = { '\0', '\xff', '`', '\n', '\\' };
	const size_t len = sizeof(example) - 1;
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < len - 1; i++) {
		char *copy = xmemdup(example, i);
		struct message m = MESSAGE_INIT;

		assert_int_equal(message_parse((struct span){ copy, i }, &m, &err),
				 -1);
		free(copy);
	}
	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < sizeof(bad); j++) {
			char *copy = xmemdup(example, len);
			struct message m = MESSAGE_INIT;

			copy[i] = bad[j];
			if (message_parse((struct span){ copy, len }, &m, &err) == 0)
				message_release(&m);
			free(copy);
		}
}

/* ---- titles ---- */

static void titles_from_bodies(void **state)
{
	static const struct { const char *body, *title; } rows[] = {
		{ "hello\nworld\n", "hello" },
		{ "\n\n  hello \r\n", "hello" },
		{ "# One\n## Two\n", "One" },
		{ "text\n\n### The heading ###\n", "The heading" },
		{ "#hashtag\n", "#hashtag" },
		{ "####### seven\n", "####### seven" },
		{ "## C#\n", "C#" },
		{ "#\n\n## \nreal\n", "real" },
		{ "```sh\n# a comment\n```\nrun this\n", "run this" },
		{ "~~~\n# no\n```\n# no\n~~~\n# yes\n", "yes" },
		{ "---\n\n**Bold start** of it\n", "Bold start of it" },
		{ "**Subject:** the deploy\n", "Subject: the deploy" },
		{ "*all of it*\n", "all of it" },
		{ "***both***\n", "both" },
		{ "2**10 is 1024\n", "2**10 is 1024" },
		{ "- first item\n- second\n", "first item" },
		{ "- [ ] Fix the login\n", "Fix the login" },
		{ "* [x] done\n", "done" },
		{ "12. numbered\n", "numbered" },
		{ "> quoted\n", "quoted" },
		{ "+1 from me\n", "+1 from me" },
		{ "-5 degrees\n", "-5 degrees" },
		{ "<!-- hidden -->\nseen\n", "seen" },
		{ "call `f()` now\n", "call `f()` now" },
		{ "# \xf0\x9f\x93\xa8 MESSAGES: 1 \xe2\x86\x92 2\n",
		  "\xf0\x9f\x93\xa8 MESSAGES: 1 \xe2\x86\x92 2" },
		{ "a\x1b[2J\tb\xc2\x9b" "c\n", "a [2J bc" },
		{ "---\n", "---" },
		{ "```\ncode only\n```\n", "```" },
		{ "\x01\n", "(no title)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		if (message_set_text(&m, i % 2 ? NULL : " ",
				     span_str(rows[i].body), &err) == -1)
			fail_msg("%s: %s", rows[i].body, err.text);
		assert_string_equal(m.title, rows[i].title);
		assert_string_equal(m.body, rows[i].body);
		message_release(&m);
	}
}

static void add_characters(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_adds(out, "\xc3\xa4");
}

static void titles_are_counted_in_characters(void **state)
{
	struct message m = MESSAGE_INIT;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	add_characters(&text, LIMIT_TITLE);
	assert_int_equal(message_set_text(&m, text.data, span_str(""), &err), 0);
	assert_int_equal(strlen(m.title), 2 * LIMIT_TITLE);
	add_characters(&text, 1);
	assert_int_equal(message_set_text(&m, text.data, span_str(""), &err), -1);
	assert_non_null(strstr(err.text, "200 characters"));
	assert_int_equal(strlen(m.title), 2 * LIMIT_TITLE);
	assert_int_equal(message_set_text(&m, NULL, span_of(&text), &err), 0);
	assert_int_equal(strlen(m.title), 2 * LIMIT_TITLE);
	message_release(&m);
	buf_release(&text);
}

static void texts_refused(void **state)
{
	static const struct { const char *title, *body, *why; } rows[] = {
		{ NULL, "", "neither" },
		{ " ", "\n \n", "neither" },
		{ "two\nlines", "b", "title" },
		{ "bell\a", "b", "title" },
		{ "csi\xc2\x9b", "b", "title" },
		{ "\xff", "b", "title is not UTF-8" },
		{ "T", "\xff", "body" },
	};
	struct message m = MESSAGE_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(message_set_text(&m, rows[i].title,
						  span_str(rows[i].body), &err), -1);
		if (strstr(err.text, rows[i].why) == NULL)
			fail_msg("%s", err.text);
	}
	assert_int_equal(message_set_text(&m, "T", (struct span){ "a\0b", 3 },
					  &err), -1);
	assert_null(m.title);
	assert_null(m.body);
}

static void sizes_at_the_edge(void **state)
{
	struct message m = MESSAGE_INIT, back = MESSAGE_INIT;
	struct error err = ERROR_INIT;
	struct buf body = BUF_INIT, text = BUF_INIT;

	(void)state;
	while (body.len < LIMIT_BODY - 8)
		buf_adds(&body, "<!-- /\n");
	while (body.len < LIMIT_BODY - 1)
		buf_addc(&body, 'x');
	take_text(&m, span_of(&body));
	assert_int_equal(m.body_len, LIMIT_BODY);
	message_write(&text, &m);
	assert_int_equal(message_parse(span_of(&text), &back, &err), 0);
	assert_int_equal(back.body_len, LIMIT_BODY);
	message_release(&back);
	buf_addc(&body, 'x');
	assert_int_equal(message_set_text(&m, "T", span_of(&body), &err), -1);
	assert_non_null(strstr(err.text, "256 KiB"));
	m.body[m.body_len - 1] = 'x';
	m.body[m.body_len - 2] = '\n';
	buf_reset(&text);
	message_write(&text, &m);
	assert_int_equal(message_check(&m, &err), -1);
	message_release(&m);
	buf_release(&body);
	buf_release(&text);
}

/* What was read can be written and read again, sizes and all. */
static void keys_that_grow_are_refused(void **state)
{
	struct message m = MESSAGE_INIT;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	buf_adds(&text, HEAD KEYS "x: |\n");
	while (text.len < LIMIT_YAML - 100)
		buf_adds(&text, "  \"\\\"\\\"\\\"\\\n");
	buf_adds(&text, TAIL);
	assert_int_equal(message_parse(span_of(&text), &m, &err), -1);
	assert_non_null(strstr(err.text, "KiB of keys"));
	message_release(&m);
	buf_release(&text);
}

static void check_guards_senders(void **state)
{
	struct message m = MESSAGE_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	take_text(&m, span_str("b"));
	assert_int_equal(message_check(&m, &err), 0);
	m.to = xstrdup("not a name");
	assert_int_equal(message_check(&m, &err), -1);
	free(m.to);
	m.to = NULL;
	for (int i = 0; i < 200; i++)
		list_add(&m.labels, "a-label-of-more-than-forty-bytes-is-too-long");
	assert_int_equal(message_check(&m, &err), -1);
	message_release(&m);
}

/* ---- the rest ---- */

static void names_both_ways(void **state)
{
	enum message_type type;
	enum message_priority priority;

	(void)state;
	for (int i = TYPE_MESSAGE; i <= TYPE_CONTROL; i++) {
		assert_true(message_type_parse(span_str(message_type_name(
			(enum message_type)i)), &type));
		assert_int_equal(type, i);
	}
	for (int i = PRIORITY_LOW; i <= PRIORITY_URGENT; i++) {
		assert_true(message_priority_parse(span_str(message_priority_name(
			(enum message_priority)i)), &priority));
		assert_int_equal(priority, i);
	}
	assert_false(message_type_parse(span_str(""), &type));
	assert_false(message_type_parse(span_str("tas"), &type));
	assert_false(message_priority_parse(span_str("URGENT"), &priority));
}

static void copies_are_deep(void **state)
{
	struct message m = MESSAGE_INIT, copy;
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	parse(HEAD KEYS "from: f\nfor: t\nre: 2_TO_1.1\nlabels: [l]\n"
	      "hops: 1\n" TAIL, &m);
	message_write(&a, &m);
	message_copy(&copy, &m);
	message_release(&m);
	message_write(&b, &copy);
	assert_string_equal(a.data, b.data);
	message_release(&copy);
	message_copy(&copy, &m);
	message_release(&copy);
	buf_release(&a);
	buf_release(&b);
}

/* Renumbering keeps the digest, everything else changes it. */
static void digests(void **state)
{
	static const char *const others[] = {
		HEAD KEYS "for: x\n" TAIL,
		HEAD KEYS "state: x\n" TAIL,
		"## U\n\n```yaml message\n" KEYS TAIL,
		HEAD KEYS "```\n\nc\n\n<!-- /1_TO_2.7 -->\n",
		HEAD KEYS "```\n\n<!-- /1_TO_2.7 -->\n",
	};
	struct message m = MESSAGE_INIT;
	char first[MESSAGE_DIGEST], other[MESSAGE_DIGEST];

	(void)state;
	parse(HEAD KEYS TAIL, &m);
	message_digest(&m, first);
	assert_int_equal(strlen(first), 16);
	m.seq = 8;
	m.stream.to = 3;
	message_digest(&m, other);
	assert_string_equal(first, other);
	message_release(&m);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		parse(others[i], &m);
		message_digest(&m, other);
		assert_string_not_equal(first, other);
		message_release(&m);
	}
}

/* A text keeps its digest when it is sent anew, be it for the second time. */
static void the_digest_of_a_text(void **state)
{
	static const struct { const char *keys, *origin; } rows[] = {
		{ "", NULL },
		{ "origin: 1_TO_2.4\n", "1_TO_2.4" },
		{ "origin: 1_TO_2.6\n", "1_TO_2.6" },
		{ "origin: \"somewhere else\"\n", NULL },
	};
	struct message m = MESSAGE_INIT;
	char whole[MESSAGE_DIGEST], text[MESSAGE_DIGEST], same[MESSAGE_DIGEST];

	(void)state;
	parse(HEAD KEYS TAIL, &m);
	message_text_digest(&m, same);
	message_release(&m);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF_INIT;

		buf_printf(&b, HEAD KEYS "%s" TAIL, rows[i].keys);
		parse(b.data, &m);
		message_digest(&m, whole);
		message_text_digest(&m, text);
		assert_string_equal(text, same);
		assert_int_equal(strcmp(whole, text) == 0, i == 0);
		if (rows[i].origin == NULL)
			assert_null(message_origin(&m));
		else
			assert_string_equal(message_origin(&m), rows[i].origin);
		message_release(&m);
		buf_release(&b);
	}
}

static void end_lines(void **state)
{
	static const struct { const char *line, *id; } rows[] = {
		{ "<!-- /1_TO_2.7 -->", "1_TO_2.7" },
		{ "<!-- /1_TO_2.7 --> \t\r", "1_TO_2.7" },
		{ "<!-- /x -->", "x" },
		{ "<!-- / -->", NULL },
		{ "<!-- / x -->", NULL },
		{ "<!-- /x-->", NULL },
		{ "<!-- /x -->y", NULL },
		{ " <!-- /x -->", NULL },
		{ "\\<!-- /x -->", NULL },
		{ "<!--/x -->", NULL },
		{ "<!-- /", NULL },
		{ "<!-- / -", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span id;
		bool is = message_end_line(span_str(rows[i].line), &id);

		assert_int_equal(is, rows[i].id != NULL);
		if (is)
			assert_true(span_is(id, rows[i].id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_both_ways),
		cmocka_unit_test(all_keys_in_order),
		cmocka_unit_test(readers_are_lenient),
		cmocka_unit_test(defaults),
		cmocka_unit_test(refuses),
		cmocka_unit_test(any_body_survives),
		cmocka_unit_test(escaping),
		cmocka_unit_test(cut_and_broken_at_every_byte),
		cmocka_unit_test(titles_from_bodies),
		cmocka_unit_test(titles_are_counted_in_characters),
		cmocka_unit_test(texts_refused),
		cmocka_unit_test(sizes_at_the_edge),
		cmocka_unit_test(keys_that_grow_are_refused),
		cmocka_unit_test(check_guards_senders),
		cmocka_unit_test(names_both_ways),
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(digests),
		cmocka_unit_test(the_digest_of_a_text),
		cmocka_unit_test(end_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
