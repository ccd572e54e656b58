/* Messages of before trine: the forms people write, who and when, parts that
 * cover the file whatever is in it, and ids that come back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trine/import.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

/* The parts of TEXT; fails unless they cover it, one behind the other. */
static struct import_file read_file(const char *path, struct span text)
{
	struct import_file f;
	const char *at = text.p;
	size_t messages = 0;

	import_read(path, text, &f);
	for (size_t i = 0; i < f.count; i++) {
		const struct import_part *part = &f.part[i];
		struct error err = ERROR_INIT;

		assert_ptr_equal(part->bytes.p, at);
		assert_true(part->bytes.len > 0);
		at += part->bytes.len;
		if (part->kind != IMPORT_MESSAGE)
			continue;
		messages++;
		assert_int_equal(message_check(&part->message, &err), 0);
		assert_true(message_id_valid(span_str(part->id)));
		assert_int_equal(part->message.seq, 0);
		assert_true(part->message.body_len <= LIMIT_BODY);
		assert_true(part->words.p >= part->bytes.p &&
			    part->words.p + part->words.len <= at);
	}
	assert_ptr_equal(at, text.p + text.len);
	assert_int_equal(f.messages, messages);
	if (messages == 0)
		assert_int_equal(f.format, IMPORT_NONE);
	return f;
}

/* A file in words: the form, then a word for each part: what is above, beside
 * or unknown as (A), (B), (U), the bad ones as !B !J !L !M !N, a message as
 * "1>2 Title" with t for a task, its end, its priority. */
static void draw(const struct import_file *f, struct buf *out)
{
	static const char *const marks[] = {
		[IMPORT_MESSAGE] = "", [IMPORT_ABOVE] = "(A)",
		[IMPORT_BESIDE] = "(B)", [IMPORT_PLACE] = "(P)",
		[IMPORT_UNKNOWN] = "(U)", [IMPORT_TRINE] = "(T)",
		[IMPORT_BAD_BYTES] = "!B", [IMPORT_BAD_JSON] = "!J",
		[IMPORT_TOO_LONG] = "!L", [IMPORT_TOO_MANY] = "!M",
		[IMPORT_NO_TEXT] = "!N",
	};

	for (size_t i = 0; i < f->count; i++) {
		const struct import_part *part = &f->part[i];
		const struct message *m = &part->message;
		char stream[STREAM_NAME];

		buf_adds(out, i == 0 ? "" : " ");
		buf_adds(out, marks[part->kind]);
		if (part->kind != IMPORT_MESSAGE)
			continue;
		buf_printf(out, "%s%s", stream_name_format(m->stream, stream),
			   m->type == TYPE_TASK ? " t" : "");
		if (part->state[0] != '\0')
			buf_printf(out, " %s", part->state);
		if (m->priority != PRIORITY_NORMAL)
			buf_printf(out, " %s", message_priority_name(m->priority));
		buf_printf(out, " [%s]", m->title);
	}
}

struct row {
	const char *path, *text;
	enum import_format format;
	const char *parts;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct import_file f = read_file(rows[i].path,
						 span_str(rows[i].text));
		struct buf got = BUF_INIT;

		draw(&f, &got);
		if (strcmp(got.data, rows[i].parts) != 0 ||
		    f.format != rows[i].format)
			fail_msg("row %zu, %s:\n%s\n%s\nnot %s (%d)", i,
				 rows[i].path, rows[i].text, got.data,
				 rows[i].parts, (int)f.format);
		buf_release(&got);
		import_file_release(&f);
	}
}

#define HEAD(from, to) "**Date:** 2025-10-29\n**From:** " from \
	"\n**To:** " to "\n"

static void several_in_a_file(void **state)
{
	static const struct row rows[] = {
		{ "messages/1_TO_2.md", "# Mail 1 → 2\n\n---\n\n"
		  "## MESSAGE #1: HELLO\n" HEAD("Computer 1", "Computer 2")
		  "**Priority:** 🔴 URGENT\n\n### Section\n\nText\n\n---\n\n"
		  "### More\n\n---\n\n## MESSAGE #2: AGAIN\n"
		  HEAD("Computer 1", "Computer 2") "\nText\n", IMPORT_HEADED,
		  "(A) 1_TO_2 urgent [HELLO] 1_TO_2 [AGAIN]" },
		/* no lines below the heading, in a file for messages */
		{ "messages/1_TO_2.md", "## Message 1\n\nA\n\n## MSG-2 - B\n\nC\n",
		  IMPORT_HEADED, "1_TO_2 [A] 1_TO_2 [B]" },
		{ "messages/2_TO_ALL.md", "### 📨 Message no. 7 — Done!\ntext",
		  IMPORT_HEADED, "2_TO_ALL [Done!]" },
		/* the same words elsewhere are of a protocol, or of a book */
		{ "shared/notes.md", "## Message 1\n\nA\n\n## Message 2\n\nB\n",
		  IMPORT_NONE, "(U)" },
		{ "shared/talk.md", "## Message 1\n" HEAD("C1", "C2") "\nA\n\n"
		  "## Message 2\n" HEAD("C2", "C1") "\nB\n", IMPORT_HEADED,
		  "1_TO_2 [A] 2_TO_1 [B]" },
		/* without any heading: below rules, at the top */
		{ "talk.md", HEAD("Computer 1", "Computer 2") "\nA\n\n---\n\n"
		  HEAD("Computer 2", "Computer 1") "\nB\n", IMPORT_HEADED,
		  "1_TO_2 [A] 2_TO_1 [B]" },
		{ "talk.md", "Text\n" HEAD("Computer 1", "Computer 2") "\nA\n",
		  IMPORT_NONE, "(U)" },
		/* bullets, bold outside, plain */
		{ "inbox-2.md", "## Deploy\n- From: Computer 1\n- To: Computer 2\n"
		  "- Date: 2025-10-29\n\nNow.\n", IMPORT_HEADED,
		  "1_TO_2 [Deploy]" },
		{ "messages/002.md", "# Message 002\n\n**From**: Console\n"
		  "**To**: Computer One (Terminal)\n\n---\n\n## Subject\n\n"
		  "Ready\n\n## Action\n\n- [ ] go\n", IMPORT_HEADED,
		  "HUMAN_TO_1 t [Ready]" },
		{ "messages/9.md", "From: C3\nTo: all\nSubject: A: b\n\nText\n",
		  IMPORT_HEADED, "3_TO_ALL [A: b]" },
		/* one file is one message, with its own headings */
		{ "URGENT_ALL.md", "# 🚨 URGENT MESSAGE TO ALL COMPUTERS\n\n"
		  "**Date:** November 7, 2025\n**Priority:** CRITICAL\n"
		  "**From:** Computer 1 (Session 01cUt9c4)\n\n---\n\n"
		  "## COMPUTER 2: ANSWER\n\n**Messages sent:**\n1. Message #1\n",
		  IMPORT_HEADED,
		  "1_TO_ALL urgent [🚨 URGENT MESSAGE TO ALL COMPUTERS]" },
		{ "x.md", "# MESSAGE FROM COMPUTER 3 TO COMPUTER 1\n"
		  "**Date:** 2025-10-29\n\n## CONTEXT:\n\nText\n", IMPORT_HEADED,
		  "3_TO_1 [MESSAGE FROM COMPUTER 3 TO COMPUTER 1]" },
		/* lists of settings are no heads */
		{ "shared/a.md", "## Move\n- From: v1\n- To: v2\n", IMPORT_NONE,
		  "(U)" },
		{ "SYNC.md", "# Sync\n\n**Last Updated:** 2025-10-29\n"
		  "**Updated By:** Computer 1\n\n## Next\n- [ ] a\n\nText\nText\n",
		  IMPORT_NONE, "(U)" },
		/* the body of a message is its own */
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\n```\n## MESSAGE #2: B\n"
		  HEAD("Computer 1", "Computer 2") "```\n\n### Message 3 is next\n",
		  IMPORT_HEADED, "1_TO_2 [A]" },
		/* a fence that nothing closes hides nothing */
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\n```sh\nls\n\n"
		  "## MESSAGE #2: B\n\nText\n", IMPORT_HEADED,
		  "1_TO_2 [A] 1_TO_2 [B]" },
		/* a number shown twice: both are there */
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\nx\n\n"
		  "## MESSAGE #1: B\n\ny\n", IMPORT_HEADED,
		  "1_TO_2 [A] 1_TO_2 [B]" },
		/* the name of the file says who, whatever the lines say */
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n"
		  HEAD("Computer 2", "Computer 1") "\nx\n", IMPORT_HEADED,
		  "1_TO_2 [A]" },
		/* a title of nothing but signs is none */
		{ "messages/1_TO_2.md", "## MESSAGE #1: ***\n\nThe words\n",
		  IMPORT_HEADED, "1_TO_2 [The words]" },
		{ "messages/1_TO_2.md", "## MESSAGE #1\n", IMPORT_HEADED,
		  "1_TO_2 [MESSAGE #1]" },
		{ "messages/1_TO_2.md", "## 2025-10-29 19:35 - Up\n\nA\n\n"
		  "## 2025-10-30: Down\n\nB\n\n### 2025-10-31\n\nC\n",
		  IMPORT_DATED,
		  "1_TO_2 [2025-10-29 19:35 - Up] 1_TO_2 [2025-10-30: Down]" },
		{ "shared/log.md", "## 2025-10-29 19:35 - Up\n\nA\n", IMPORT_NONE,
		  "(U)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void front_matter(void **state)
{
	static const struct row rows[] = {
		{ "m/a.md", "---\nfrom: computer-1\nto: computer-2\n"
		  "date: 2025-10-29\npriority: high\nsubject: \"Go: now\"\n---\n\n"
		  "Text\n", IMPORT_FRONT, "1_TO_2 high [Go: now]" },
		{ "m/a.md", "---\nfrom: 1\nto: 2\n---\nA\n\n---\nfrom: 2\nto: 1\n"
		  "---\nB\n", IMPORT_FRONT, "1_TO_2 [A] 2_TO_1 [B]" },
		/* what YAML does not take, lines do */
		{ "m/a.md", "---\nfrom: Computer 1\nto: [2\nsubject: a: b\n---\nA\n",
		  IMPORT_FRONT, "1_TO_2 [a: b]" },
		{ "m/a.md", "---\nfrom: C1\nto: [C2, C3]\n---\nA\n", IMPORT_FRONT,
		  "1_TO_ALL [A]" },
		/* notes have it too; and a section between rules is none */
		{ "shared/a.md", "---\ntitle: Plan\ndate: 2025-10-29\n---\nText\n",
		  IMPORT_NONE, "(U)" },
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\ntext\n\n---\n\n"
		  "### WHAT NEXT:\n\n**Re:** all\n- to: do\n\n---\n\nend\n",
		  IMPORT_HEADED, "1_TO_2 [A]" },
		{ "m/a.md", "---\nfrom: 1\nto: 2\n\nA\n", IMPORT_HEADED,
		  "(A) 1_TO_2 [A]" },
		{ "m/a.md", "---\n---\n---\n", IMPORT_NONE, "(U)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void check_boxes(void **state)
{
	static const struct row rows[] = {
		{ "inbox-2.md", "# Inbox\n\n- [ ] Fix **it**\n  at once\n"
		  "- [x] Done that\n\nby the way\n* [X] Also\n- [ ]\n- [y] no\n",
		  IMPORT_BOXES, "(B) HUMAN_TO_2 t [Fix it] "
		  "HUMAN_TO_2 t COMPLETED [Done that] (B) "
		  "HUMAN_TO_2 t COMPLETED [Also] (B)" },
		{ "messages/HUMAN_TO_1.md", "- [ ] a\n  - [ ] part of a\n- [x] b\n",
		  IMPORT_BOXES, "HUMAN_TO_1 t [a] HUMAN_TO_1 t COMPLETED [b]" },
		{ "c2/todo.txt", "- [ ] a\n\n  Priority: high\n", IMPORT_BOXES,
		  "HUMAN_TO_ALL t high [a]" },
		/* by what it holds */
		{ "shared/list.md", "# List\n- [ ] a\n- [ ] b\n\nsee above\n",
		  IMPORT_BOXES, "(B) HUMAN_TO_ALL t [a] HUMAN_TO_ALL t [b] (B)" },
		{ "shared/plan.md", "- [ ] a\nOne\nTwo\n", IMPORT_NONE, "(U)" },
		{ "todo.md", "```\n- [ ] a\n```\n", IMPORT_NONE, "(U)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void json_lists(void **state)
{
	static const struct row rows[] = {
		{ "shared_tasks.json", "{\n \"shared_tasks\": [\n  {\"id\": \"A\","
		  " \"title\": \"One\", \"status\": \"BLOCKED\", \"assigned_to\":"
		  " \"computer_2\", \"priority\": \"HIGH\"},\n  {\"title\": \"Two\","
		  " \"status\": \"done\", \"owner\": \"C1\"}\n ],\n"
		  " \"completed_tasks\": [\"Three\", \"\"],\n \"notes\": \"x\"\n}\n",
		  IMPORT_JSON, "(B) HUMAN_TO_2 t high [One] "
		  "HUMAN_TO_1 t COMPLETED [Two] (B) "
		  "HUMAN_TO_ALL t COMPLETED [Three] (B)" },
		{ "t.json", "[{\"task\": \"a\"}, {\"name\": \"b\"}, \"c\", 4, []]",
		  IMPORT_JSON, "(B) HUMAN_TO_ALL t [a] HUMAN_TO_ALL t [b] "
		  "HUMAN_TO_ALL t [c] (B)" },
		{ "t.json", "{\"tasks\": {\"open\": [{\"title\": \"a]}\\\"[{\"}],"
		  " \"closed\": [{\"title\": \"b\", \"done\": false}]}}",
		  IMPORT_JSON, "(B) HUMAN_TO_ALL t [a]}\"[{] (B) "
		  "HUMAN_TO_ALL t COMPLETED [b] (B)" },
		{ "m.json", "{\"messages\": [{\"from\": 1, \"to\": [2, 3], \"content\":"
		  " \"Hi\\n\\nyou\", \"timestamp\": 1761766500}]}", IMPORT_JSON,
		  "(B) 1_TO_ALL [Hi] (B)" },
		{ "m.json", "{\"from\": \"c1\", \"to\": \"c2\", \"message\": \"Hi\"}\n",
		  IMPORT_JSON, "1_TO_2 [Hi]" },
		/* of no use here: settings, other lists */
		{ "s.json", "{\"services\": [{\"name\": \"a\", \"status\": \"up\"}],"
		  " \"tags\": [\"x\"], \"title\": \"S\", \"created\": \"2025-10-29\"}",
		  IMPORT_NONE, "(B)" },
		{ "s.json", "{}", IMPORT_NONE, "(B)" },
		{ "s.json", "{\"tasks\": [", IMPORT_NONE, "!J" },
		{ "s.json", "", IMPORT_NONE, "" },
		{ "s.json", "{\"tasks\": [\"\\u0000\"]}", IMPORT_NONE, "!J" },
		{ "s.json", "{\"tasks\": [\"\xff\"]}", IMPORT_NONE, "!J" },
		{ "s.json", "{\"tasks\": [[[[[[[[[[\"deep\"]]]]]]]]]]}", IMPORT_NONE,
		  "(B)" },
		{ "S.JSON", "\xef\xbb\xbf[\"a\"]", IMPORT_JSON,
		  "(B) HUMAN_TO_ALL t [a] (B)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void whole_files_and_none(void **state)
{
	static const struct row rows[] = {
		{ "messages/003.md", "Deployed.\nAll well.\n", IMPORT_WHOLE,
		  "HUMAN_TO_ALL [Deployed.]" },
		{ "messages/msg-004-to-c2.txt", "# Look\n\ntext", IMPORT_WHOLE,
		  "HUMAN_TO_2 [Look]" },
		{ "old/message_5.md", "x", IMPORT_WHOLE, "HUMAN_TO_ALL [x]" },
		{ "shared/003.md", "Chapter\n", IMPORT_NONE, "(U)" },
		{ "messages/notes.md", "text\n", IMPORT_NONE, "(U)" },
		{ "messages/1_TO_2.md", "Hello there\n", IMPORT_WHOLE,
		  "1_TO_2 [Hello there]" },
		{ "messages/1_TO_2.md", "# Mail\n\n---\n", IMPORT_NONE, "(U)" },
		/* places kept for a message */
		{ "messages/1_TO_2.md", "# Mail\n\n## AWAITING FIRST MESSAGE FROM "
		  "COMPUTER 1\n\n*This file will be updated by Computer 1*\n\n"
		  "**Expected:**\n- a plan\n", IMPORT_NONE, "(P)" },
		{ "messages/1_TO_2.md", "# Mail\n\n*No messages yet.*\n",
		  IMPORT_NONE, "(P)" },
		{ "messages/1_TO_2.md", "# Mail\n\n*No messages yet.*\n\nHere!",
		  IMPORT_WHOLE, "1_TO_2 [Mail]" },
		{ "messages/1_TO_2.md", "## Message from Computer 1\n\n"
		  "## Awaiting first message\n", IMPORT_HEADED,
		  "1_TO_2 [Message from Computer 1]" },
		{ "messages/1_TO_2.md", "", IMPORT_NONE, "" },
		{ "messages/1_TO_2.md", " \n\r\n", IMPORT_NONE, "(U)" },
		/* files of trine's own: what stands above its line */
		{ "messages/1_TO_2.md", "# Mail\n\n## MESSAGE #1: A\n\nx\n\n"
		  "<!-- trine:messages -->\n\n## MESSAGE #2: B\n\ny\n",
		  IMPORT_HEADED, "(A) 1_TO_2 [A] (T)" },
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\nx\n\nEarlier: [a](b) "
		  "<!-- trine:archive -->\n\n<!-- trine:messages -->\n",
		  IMPORT_HEADED, "1_TO_2 [A] (T)" },
		{ "messages/1_TO_2.md", "# Computer 1 → Computer 2\n\n"
		  "<!-- trine:messages x -->\nloose\n", IMPORT_NONE, "(U) (T)" },
		{ "messages/1_TO_2.md", "<!-- trine:messages -->\n", IMPORT_NONE,
		  "(T)" },
		/* our marks elsewhere mean nothing */
		{ "old/talk.md", "## MESSAGE #1: A\n" HEAD("C1", "C2")
		  "\n<!-- trine:messages -->\n\n## x\n\n```yaml message\n"
		  "id: 1_TO_2.1\n```\n\n<!-- /1_TO_2.1 -->\n", IMPORT_HEADED,
		  "1_TO_2 [A]" },
		/* bytes that are none */
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\n\xff\n\n"
		  "## MESSAGE #2: B\n\ny\n", IMPORT_HEADED, "!B 1_TO_2 [B]" },
		{ "shared/x.md", "\xfe\xff", IMPORT_NONE, "!B" },
		{ "messages/1_TO_2.md", "\xef\xbb\xbf## MESSAGE #1: A\n\nx",
		  IMPORT_HEADED, "1_TO_2 [A]" },
		{ "messages/1_TO_2.md", "# M\r\n\r\n## MESSAGE #1: A\r\n"
		  "**Priority:** low\r\n\r\nx\r\n\r\n---\r\n\r\n## MESSAGE #2: B\r\n"
		  "\r\ny", IMPORT_HEADED, "(A) 1_TO_2 low [A] 1_TO_2 [B]" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void what_is_kept_beside_the_text(void **state)
{
	static const char text[] = "# Mail\n\n## MESSAGE #3: A\r\n"
		"**From:** Computer 2 (\"Two\")\r\n**To:** Computer 1\n"
		"**Date:** 2025-10-29\n**Time:** 19:35 UTC\n\nText\n\n---\n\n";
	struct import_file f = read_file("messages/1_TO_2.md", span_str(text));
	const struct message *m = &f.part[1].message;

	(void)state;
	assert_int_equal(f.count, 2);
	assert_string_equal(message_extra(m, "said_from"),
			    "\"Computer 2 (\\\"Two\\\")\"");
	assert_string_equal(message_extra(m, "said_to"), "Computer 1");
	assert_string_equal(message_extra(m, "said_id"), "3");
	assert_string_equal(message_extra(m, "origin"), "messages/1_TO_2.md");
	assert_int_equal(m->sent, 1761766500);
	assert_string_equal(m->body, "## MESSAGE #3: A\n"
		"**From:** Computer 2 (\"Two\")\n**To:** Computer 1\n"
		"**Date:** 2025-10-29\n**Time:** 19:35 UTC\n\nText\n");
	import_file_release(&f);
}

/* ---- ids ---- */

static char *ids_of(const char *path, const char *text)
{
	struct import_file f = read_file(path, span_str(text));
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < f.count; i++)
		if (f.part[i].kind == IMPORT_MESSAGE)
			buf_printf(&out, "%s\n", f.part[i].id);
	import_file_release(&f);
	return buf_detach(&out);
}

/* What happens to a file, and whether its messages are the same after it. */
static void ids_come_from_the_words(void **state)
{
	static const struct { const char *path, *text; bool same; } rows[] = {
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\nx\n", true },
		{ "old/1_TO_2.txt", "# Mail\n\n---\n\n## MESSAGE #1: A\n\nx\n\n---\n",
		  true },
		{ "messages/1_TO_2.md", "\xef\xbb\xbf## MESSAGE #1: A\r\n\r\nx", true },
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\nx\n\n<!-- trine:messages"
		  " -->\n\n## B\n", true },
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\nx\n\nEarlier: [a](../a) "
		  "<!-- trine:archive -->\n\n<!-- trine:messages -->\n", true },
		{ "messages/1_TO_2.md", "## MESSAGE #1: A\n\ny\n", false },
		{ "messages/2_TO_1.md", "## MESSAGE #1: A\n\nx\n", false },
	};
	char *first = ids_of(rows[0].path, rows[0].text);

	(void)state;
	assert_string_equal(first, "1_TO_2.~9cd5efb6c6.1\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *ids = ids_of(rows[i].path, rows[i].text);

		if ((strcmp(ids, first) == 0) != rows[i].same)
			fail_msg("%s: %s", rows[i].text, ids);
		free(ids);
	}
	free(first);
}

static void a_tick_makes_no_other_message(void **state)
{
	char *open = ids_of("todo.md", "- [ ] a\n- [ ] b\n- [ ] a\n");
	char *ticked = ids_of("todo.md", "- [x] a\n- [X] b\n* [ ] a\n");
	char *json = ids_of("t.json", "[{\"id\": 1, \"title\": \"a\"}]");
	char *ended = ids_of("t.json", "[{\"title\": \"a\", \"id\": 1,"
				       " \"status\": \"done\"}]");

	(void)state;
	assert_string_equal(open, ticked);
	/* the same words twice are two */
	assert_non_null(strstr(open, ".1\nHUMAN_TO_ALL.~"));
	assert_non_null(strstr(open, ".2\n"));
	assert_string_equal(json, ended);
	free(open);
	free(ticked);
	free(json);
	free(ended);
}

/* ---- sizes ---- */

static void add_times(struct buf *out, const char *text, size_t times)
{
	while (times-- > 0)
		buf_adds(out, text);
}

static void a_message_over_the_limit(void **state)
{
	struct buf text = BUF_INIT;
	struct import_file f;

	(void)state;
	buf_adds(&text, "## MESSAGE #1: Long\n\n");
	add_times(&text, "Many words in a line, äöü.\r\n", 20000);
	buf_adds(&text, "## MESSAGE #2: Next\n\nx\n");
	f = read_file("messages/1_TO_2.md", span_of(&text));
	assert_int_equal(f.count, 3);
	assert_int_equal(f.part[0].kind, IMPORT_MESSAGE);
	assert_true(f.part[0].bytes.len > LIMIT_BODY - 40);
	assert_int_equal(f.part[1].kind, IMPORT_TOO_LONG);
	assert_memory_equal(f.part[1].bytes.p, "Many", 4);
	assert_string_equal(f.part[2].message.title, "Next");
	import_file_release(&f);

	/* all one line: cut where a character ends */
	buf_reset(&text);
	buf_adds(&text, "a");
	add_times(&text, "ä", LIMIT_FILE / 2 - 1);
	f = read_file("messages/1.md", span_of(&text));
	assert_int_equal(f.count, 2);
	assert_int_equal(f.part[0].bytes.len, LIMIT_BODY - 1);
	import_file_release(&f);
	buf_release(&text);
}

static void ten_thousand_items(void **state)
{
	struct buf text = BUF_INIT;
	struct import_file f;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_printf(&text, "- [ ] item %d\n", i % 7000);
	f = read_file("todo.md", span_of(&text));
	assert_int_equal(f.messages, 10000);
	import_file_release(&f);
	for (int i = 0; i < LIMIT_IMPORTED; i++)
		buf_adds(&text, "- [x] same\n");
	f = read_file("todo.md", span_of(&text));
	assert_int_equal(f.messages, LIMIT_IMPORTED);
	assert_int_equal(f.part[f.count - 1].kind, IMPORT_TOO_MANY);
	import_file_release(&f);
	buf_reset(&text);
	buf_adds(&text, "[");
	for (int i = 0; i < 10000; i++)
		buf_printf(&text, "%s{\"title\": \"t%d\"}", i ? "," : "", i);
	buf_adds(&text, "]");
	f = read_file("t.json", span_of(&text));
	assert_int_equal(f.messages, 10000);
	import_file_release(&f);
	buf_release(&text);
}

/* A file of 107 KB as agents let them grow: every message is found. */
static void a_file_of_107_kb(void **state)
{
	struct buf text = BUF_INIT;
	struct import_file f;
	int n = 0;

	(void)state;
	buf_adds(&text, "# MESSAGES: COMPUTER 1 → COMPUTER 2\r\n\r\n---\r\n\r\n");
	while (text.len < 107 * 1024) {
		buf_printf(&text, "## MESSAGE #%d: STEP %d\r\n**Date:** 2025-10-29"
			   "\r\n**From:** Computer 1\r\n**To:** Computer 2\r\n\r\n",
			   n % 40, n);
		add_times(&text, "### PART:\r\n\r\n- ✅ one\r\n- [ ] two\r\n\r\n"
			  "```\r\n## MESSAGE #9: no\r\n```\r\n\r\n---\r\n\r\n", 12);
		n++;
	}
	f = read_file("messages/1_TO_2.md", span_of(&text));
	assert_int_equal(f.messages, n);
	assert_int_equal(f.count, n + 1);
	import_file_release(&f);
	buf_release(&text);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A megabyte of each: none of them may take more than a moment. */
static void hostile_files_take_linear_time(void **state)
{
	static const struct { const char *path, *before, *again; } rows[] = {
		{ "messages/1_TO_2.md", "", "\n" },
		{ "messages/1_TO_2.md", "", "x" },
		{ "messages/1_TO_2.md", "", "```a\n" },
		{ "messages/1_TO_2.md", "", "```\n" },
		{ "messages/1_TO_2.md", "", "---\n" },
		{ "messages/1_TO_2.md", "", "---\nfrom: 1\n" },
		{ "messages/1_TO_2.md", "", "---\nfrom: 1\n---\n" },
		{ "messages/1_TO_2.md", "", "# message\n" },
		{ "messages/1_TO_2.md", "", "# message 1\n" },
		{ "messages/1_TO_2.md", "", "# awaiting first\n" },
		{ "messages/1_TO_2.md", "", "from: 1\n" },
		{ "messages/1_TO_2.md", "# message 1\n", "**a:** b\n" },
		{ "messages/1_TO_2.md", "", "# 2025-10-29\n" },
		{ "messages/1_TO_2.md", "# message 1 ", "message to from " },
		{ "messages/1_TO_2.md", "from: ", "c1 and " },
		{ "messages/1_TO_2.md", "", "<!-- trine:archive -->\n" },
		{ "messages/1_TO_2.md", "", "\xff\n" },
		{ "todo.md", "", "- [ ] \n" },
		{ "todo.md", "", "- [ ] a\n" },
		{ "todo.md", "- [ ] a\n", "  b\n" },
		{ "todo.md", "- [ ] ", "1 " },
		{ "t.json", "", "[" }, { "t.json", "", "{\"a\":" },
		{ "t.json", "[\"", "\\\"" }, { "t.json", "[", "\"a\"," },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf text = BUF_INIT;
		struct import_file f;
		double start;

		buf_adds(&text, rows[i].before);
		while (text.len < LIMIT_FILE)
			buf_adds(&text, rows[i].again);
		start = seconds();
		f = read_file(rows[i].path, span_of(&text));
		if (seconds() - start > 5)
			fail_msg("row %zu takes %.1f s", i, seconds() - start);
		import_file_release(&f);
		buf_release(&text);
	}
}

/* ---- anything ---- */

static uint64_t seed = 20261120;

static unsigned pick(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

static void any_rubbish(void **state)
{
	static const char *const atoms[] = {
		"\n", "\n\n", "\r\n", "---\n", "===\n", "# ", "## ", "MESSAGE #1: ",
		"Message from Computer 1 to all", "**From:** Computer 1\n",
		"- To: c2\n", "Date: 2025-10-29\n", "**Time:** 19:35", "from: 1\n",
		"- [ ] ", "- [x] a\n", "  b\n", "```", "```\n", "~~~\n", "{", "}", "[",
		"]", "\"", ":", ",", "\"tasks\"", "\"title\":\"a\"", "\xff", "\x00", " ",
		"\xef\xbb\xbf", "<!-- trine:messages -->\n", "<!-- trine:archive -->",
		"AWAITING FIRST MESSAGE\n", "x", "ä", "🔴", "Priority: high\n",
	};
	static const char *const paths[] = {
		"messages/1_TO_2.md", "todo.md", "t.json", "a.md", "messages/1.md",
		"messages/HUMAN_TO_1.md", "inbox/x.json",
	};
	struct buf text = BUF_INIT;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct import_file f;

		buf_reset(&text);
		for (unsigned n = pick(14); n > 0; n--) {
			unsigned atom = pick(ARRAY_LEN(atoms));

			buf_add(&text, atoms[atom],
				atoms[atom][0] ? strlen(atoms[atom]) : 1);
		}
		f = read_file(paths[pick(ARRAY_LEN(paths))], span_of(&text));
		import_file_release(&f);
	}
	buf_release(&text);
}

static void cut_at_every_byte(void **state)
{
	static const char text[] = "\xef\xbb\xbf# M\r\n\n---\nfrom: 1\nto: 2\n---\n"
		"A\n\n## MESSAGE #1: B\n**From:** C1\n\n```\nx\n```\n- [ ] c\n\n---\n";
	static const char json[] = "{\"tasks\": [{\"title\": \"a\\\"\", \"x\": [1]},"
		" \"b\"], \"done\": {\"c\": [\"d\"]}}";

	(void)state;
	for (size_t n = 0; n <= sizeof(text); n++) {
		struct import_file f = read_file("messages/1_TO_2.md",
						 (struct span){ text, n });

		import_file_release(&f);
	}
	for (size_t n = 0; n <= sizeof(json); n++) {
		struct import_file f = read_file("t.json",
						 (struct span){ json, n });

		import_file_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_in_a_file),
		cmocka_unit_test(front_matter),
		cmocka_unit_test(check_boxes),
		cmocka_unit_test(json_lists),
		cmocka_unit_test(whole_files_and_none),
		cmocka_unit_test(what_is_kept_beside_the_text),
		cmocka_unit_test(ids_come_from_the_words),
		cmocka_unit_test(a_tick_makes_no_other_message),
		cmocka_unit_test(a_message_over_the_limit),
		cmocka_unit_test(ten_thousand_items),
		cmocka_unit_test(a_file_of_107_kb),
		cmocka_unit_test(hostile_files_take_linear_time),
		cmocka_unit_test(any_rubbish),
		cmocka_unit_test(cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
