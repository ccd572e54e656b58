/* What people and agents without trine say: the table of cases of trine-files(5). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

static const char *const letters[] = { "message", "task", "changed", "ticked",
				       "deleted" };

/* "task Fix it <body> | deleted Old" */
static void describe(struct buf *out, const struct hand_news *news)
{
	for (size_t i = 0; i < news->count; i++) {
		const struct hand_part *part = &news->part[i];

		buf_printf(out, "%s%s", i ? " | " : "", letters[part->kind]);
		if (part->was != NULL)
			buf_printf(out, " %s", part->was);
		if (part->kind == HAND_CHANGED)
			buf_adds(out, " ->");
		if (part->message.title != NULL)
			buf_printf(out, " %s", part->message.title);
		if (part->message.body_len > 0)
			buf_printf(out, " <%.*s>",
				   (int)text_trim(span_str(part->message.body)).len,
				   text_trim(span_str(part->message.body)).p);
	}
}

struct row {
	const char *name, *parent, *other, *now, *news;
};

static void check_rows(const struct row *rows, size_t count, bool people,
		       size_t (*old)(void *arg, struct span line, size_t count,
				     size_t in_parents))
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		struct span parent[2] = { span_str(r->parent ? r->parent : ""),
					  span_str(r->other ? r->other : "") };
		struct hand_version v = { .bytes = span_str(r->now),
			.parent = parent, .people = people, .old = old,
			.parents = r->other ? 2 : r->parent ? 1 : 0 };
		struct hand_news news = { 0 };
		struct buf said = BUF_INIT;

		hand_read(&v, &news);
		describe(&said, &news);
		if (strcmp(said.data, r->news) != 0)
			fail_msg("%s: '%s', not '%s'", r->name, said.data,
				 r->news);
		buf_release(&said);
		hand_release(&news);
	}
}

static void test_people(void **state)
{
	static const struct row rows[] = {
		{ "an item is a task", "", NULL, "- [ ] Fix it\n", "task Fix it" },
		{ "a new file", NULL, NULL, "# For 1\n\n- [ ] Fix it",
		  "task Fix it" },
		{ "a ticked one is none", "", NULL, "- [x] Fix it\n", "" },
		{ "indented lines are the body", "", NULL,
		  "- [ ] Fix it\n  on Safari\n\n  and soon\n",
		  "task Fix it <on Safari\n\nand soon>" },
		{ "several", "- [ ] One\n", NULL, "- [ ] One\n- [ ] Two\n* [ ] Three\n",
		  "task Two | task Three" },
		{ "two alike", "- [ ] One\n", NULL, "- [ ] One\n- [ ] One\n",
		  "task One" },
		{ "text is a message", "# Notes\n", NULL,
		  "# Notes\n\nCall me.\n", "message Call me. <Call me.>" },
		{ "text around items", "", NULL,
		  "Today:\n- [ ] One\n  more\n- [x] Done\nThanks.\n",
		  "task One <more> | message Today: <Today:\nThanks.>" },
		{ "headings only", "", NULL, "# A\n\n## B\n\n---\n", "" },
		{ "no item in code", "", NULL, "```\n- [ ] One\n```\n",
		  "message ``` <```\n- [ ] One\n```>" },
		{ "an empty item", "", NULL, "- [ ]\n", "message [ ] <- [ ]>" },
		{ "ticked", "- [ ] One\n- [ ] Two\n", NULL,
		  "- [x] One\n- [ ] Two\n", "ticked One" },
		{ "ticked with X", "- [ ] One\n", NULL, "* [X] One\n",
		  "ticked One" },
		{ "unticked", "- [x] One\n", NULL, "- [ ] One\n", "task One" },
		{ "unticked, and one like it deleted",
		  "- [ ] Feed the cats\n- [x] Feed the cat\n", NULL,
		  "- [ ] Feed the cat\n",
		  "deleted Feed the cats | task Feed the cat" },
		{ "a typo", "- [ ] Fix teh login page\n", NULL,
		  "- [ ] Fix the login page\n",
		  "changed Fix teh login page -> Fix the login page" },
		{ "other words", "- [ ] Fix the login\n", NULL,
		  "- [ ] Buy some milk\n",
		  "deleted Fix the login | task Buy some milk" },
		{ "deleted", "- [ ] One\n- [ ] Two\n", NULL, "- [ ] Two\n",
		  "deleted One" },
		{ "a ticked one deleted", "- [x] One\n- [ ] Two\n", NULL,
		  "- [ ] Two\n", "" },
		{ "a new body", "- [ ] One\n  a\n", NULL, "- [ ] One\n  b\n",
		  "changed One -> One <b>" },
		{ "a body gone", "- [ ] One\n  a\n- [ ] Two\n", NULL,
		  "- [ ] One\n- [ ] Two\n", "changed One -> One" },
		{ "a body below a ticked one", "- [x] One\n", NULL,
		  "- [x] One\n  Done on Monday\n",
		  "message Done on Monday <Done on Monday>" },
		{ "ticked with a remark", "- [ ] One\n  a\n", NULL,
		  "- [x] One\n  a\n  Done on Monday\n",
		  "ticked One | message Done on Monday <Done on Monday>" },
		{ "reordered", "- [ ] One\n  a\n- [ ] Two\n", NULL,
		  "- [ ] Two\n- [ ] One\n  a\n", "" },
		{ "moved under a heading", "- [ ] One\n", NULL,
		  "## Later\n\n- [ ] One\n", "" },
		{ "indented otherwise", "- [ ] One\n  a\nText\n", NULL,
		  "  - [ ] One\n\t  a\n Text\n", "" },
		{ "with another bullet", "- [ ] One\n  a\n", NULL,
		  "* [ ] One\n  a\n", "" },
		{ "with another bullet and more", "- [ ] One\n", NULL,
		  "* [ ] One\n  a\n", "changed One -> One <a>" },
		{ "open below a new ticked one", "", NULL,
		  "- [x] One\n  - [x] Two\n    - [ ] Three\n      a\n- [x] Four\n",
		  "task Three <a>" },
		{ "new below a ticked one", "- [x] One\n", NULL,
		  "- [x] One\n  - [ ] Two\n", "task Two" },
		{ "open below one that is ticked", "- [ ] One\n  - [ ] Two\n", NULL,
		  "- [x] One\n  - [ ] Two\n", "ticked One | task Two" },
		{ "below an open one", "", NULL, "- [ ] One\n  - [ ] Two\n",
		  "task One <- [ ] Two>" },
		{ "put below another", "- [ ] One\n- [ ] Two\n", NULL,
		  "- [ ] One\n  - [ ] Two\n",
		  "deleted Two | changed One -> One <- [ ] Two>" },
		{ "put below another, of two", "- [ ] One\n- [ ] Two\n- [ ] Two\n",
		  NULL, "- [ ] One\n  - [ ] Two\n- [ ] Two\n",
		  "changed One -> One <- [ ] Two>" },
		{ "taken out of another", "- [ ] One\n  - [ ] Two\n", NULL,
		  "- [ ] One\n- [ ] Two\n", "changed One -> One | task Two" },
		{ "a fence above, by accident", "- [ ] One\n", NULL,
		  "```\n- [ ] One\n", "" },
		{ "known items between", "- [ ] One\n", NULL,
		  "A\n- [ ] One\nB\n", "message A <A> | message B <B>" },
		{ "CRLF and a mark", "- [ ] One\nText\n", NULL,
		  "\xef\xbb\xbf- [ ] One\r\nText\r\n- [ ] Two\r\n", "task Two" },
		{ "blanks at the end", "- [ ] One\n", NULL, "- [ ] One  \n", "" },
		{ "no final LF, then one more", "- [ ] One", NULL,
		  "- [ ] One\n- [ ] Two", "task Two" },
		{ "emptied", "Text\n- [x] One\n", NULL, "", "" },
		{ "a merge of both", "- [ ] One\n", "- [ ] Two\n",
		  "- [ ] One\n- [ ] Two\n", "" },
		{ "a merge and more", "- [ ] One\n", "- [ ] Two\n",
		  "- [ ] One\n- [ ] Two\n- [ ] Three\n", "task Three" },
		{ "a merge that keeps both", "- [ ] One\nText\n",
		  "- [ ] One\nText\n- [ ] Two\n",
		  "- [ ] One\nText\n- [ ] One\nText\n- [ ] Two\n", "" },
		{ "gone in one parent only", "- [ ] One\n- [ ] Two\n",
		  "- [ ] One\n", "- [ ] One\n", "" },
		{ "a body as in one parent", "- [ ] One\n  a\n", "- [ ] One\n",
		  "- [ ] One\n", "" },
		{ "priority in a body", "", NULL,
		  "- [ ] One\n  **Priority:** high\n",
		  "task One <**Priority:** high>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows), true, NULL);
}

static void test_streams(void **state)
{
	static const struct row rows[] = {
		{ "a stretch", "Old\n", NULL, "Old\n\n## New\n\nText\n",
		  "message New <## New\n\nText>" },
		{ "headings and rules do not split",
		  "Old\n\n---\n", NULL,
		  "Old\n\n---\n\n## A\n\n---\n\n### B\n\nText\n",
		  "message A <## A\n\n---\n\n### B\n\nText>" },
		{ "two stretches", "A\nB\nC\n", NULL, "A\nx\nB\ny\nC\n",
		  "message x <x> | message y <y>" },
		{ "an item is a task", "", NULL, "Do:\n- [ ] One\n",
		  "message Do: <Do:\n- [ ] One>" },
		{ "the title of a file is none", NULL, NULL,
		  "# 2 to 1\n\n---\n\n## Hello\nText\n",
		  "message Hello <## Hello\nText>" },
		{ "only a heading", "Text\n", NULL, "Text\n\n## Restart it\n",
		  "message Restart it <## Restart it>" },
		{ "only a title", NULL, NULL, "# 2 to 1\n", "" },
		{ "a placeholder", NULL, NULL,
		  "# 2 to 1\n\n---\n\n## AWAITING FIRST MESSAGE\n\n*later*\n",
		  "" },
		{ "a placeholder and what it expects", NULL, NULL,
		  "# 📨 MESSAGES: COMPUTER 2 → COMPUTER 1\n\n---\n\n"
		  "## AWAITING FIRST RESPONSE FROM COMPUTER 2\n\n"
		  "**Expected content:**\n- Which tools\n\n---\n\n"
		  "*Computer 2: Write your first message here!*\n", "" },
		{ "a placeholder is written over",
		  "## AWAITING FIRST MESSAGE\n\n*later*\n", NULL,
		  "## MESSAGE #1: HERE\n\n*later*\n\nText\n",
		  "message MESSAGE #1: HERE <## MESSAGE #1: HERE> | "
		  "message Text <Text>" },
		{ "and a message below it", NULL, NULL,
		  "## AWAITING FIRST MESSAGE\n\n*later*\n\n## MESSAGE #1\n"
		  "Text\n", "message MESSAGE #1 <## MESSAGE #1\nText>" },
		{ "below one that was there",
		  "## AWAITING FIRST MESSAGE\n\n*later*\n", NULL,
		  "## AWAITING FIRST MESSAGE\n\n*later*\n\nText\n",
		  "message Text <Text>" },
		{ "nobody has written", NULL, NULL,
		  "# 2 to 1\n\n*No messages yet.*\n", "" },
		{ "none yet", NULL, NULL, "# 2 to 1\n\n(none yet)\n", "" },
		{ "somebody waits", NULL, NULL,
		  "# 2 to 1\n\n## Awaiting your review\n\nOf the login.\n",
		  "message Awaiting your review <## Awaiting your review\n\n"
		  "Of the login.>" },
		{ "somebody waits for the first answer", "Old\n", NULL,
		  "Old\n\n## Awaiting first response\n\nSince Monday.\n",
		  "message Awaiting first response "
		  "<## Awaiting first response\n\nSince Monday.>" },
		{ "no messages is a message", "Old\n", NULL,
		  "Old\nNo messages from 3 since Monday\n",
		  "message No messages from 3 since Monday "
		  "<No messages from 3 since Monday>" },
		{ "a title that says something", NULL, NULL,
		  "# 🚨 URGENT MESSAGE TO ALL\n\n**Priority:** LOW\n",
		  "message 🚨 URGENT MESSAGE TO ALL "
		  "<# 🚨 URGENT MESSAGE TO ALL\n\n**Priority:** LOW>" },
		{ "said again, at the end", "Deploy.\n", NULL,
		  "Deploy.\n\nDeploy.\n", "message Deploy. <Deploy.>" },
		{ "the newest on top", "## Message\n\nOne\n", NULL,
		  "## Message\n\nTwo\n\n## Message\n\nOne\n",
		  "message Message <## Message\n\nTwo>" },
		{ "signed as before", "One\n\nAda\n", NULL,
		  "One\n\nAda\n\nTwo\n\nAda\n",
		  "message Two <Two\n\nAda>" },
		{ "a rule moved", "A\n---\nB\n", NULL, "---\nA\nB\n", "" },
		{ "indented anew", "One\nTwo\n", NULL, "One\n    Two\n", "" },
		{ "a fence is closed", "Do:\n```\nmake\n", NULL,
		  "Do:\n```\nmake\n```\n", "" },
		{ "old text becomes code", "make\n", NULL,
		  "```sh\nmake\n```\n", "" },
		{ "code that draws", "", NULL, "```\n---\n```\n",
		  "message ``` <```\n---\n```>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows), false, NULL);
}

/* What was read before, or is owed, is no news. */
static size_t one_is_old(void *arg, struct span line, size_t count,
			 size_t in_parents)
{
	(void)arg;
	assert_true(count > in_parents);
	return span_is(line, "- [ ] One") && in_parents < 1 ? 1 : in_parents;
}

static void test_old(void **state)
{
	static const struct row rows[] = {
		{ "known", NULL, NULL, "- [ ] One\n- [ ] Two\n", "task Two" },
		{ "more below it", NULL, NULL, "- [ ] One\n  more\n",
		  "changed One -> One <more>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows), true, one_is_old);
}

/* Lines that a commit brings, with some that were read before among them. */
static void test_known_lines(void **state)
{
	static const struct row rows[] = {
		{ "in a paragraph", "", NULL, "A\n- [ ] One\nB\n",
		  "message A <A\n- [ ] One\nB>" },
		{ "at its ends", "", NULL, "- [ ] One\nA\nB\n",
		  "message A <A\nB>" },
		{ "behind it", "", NULL, "A\nB\n- [ ] One\n\n",
		  "message A <A\nB>" },
		{ "a paragraph by itself", "", NULL, "A\n\n- [ ] One\n\nB\n",
		  "message A <A> | message B <B>" },
		{ "begins the next one", "", NULL, "A\n\n- [ ] One\nB\n",
		  "message A <A> | message B <B>" },
		{ "alone", "", NULL, "- [ ] One\n", "" },
		{ "that stays where it is", "- [ ] One\n", NULL,
		  "A\n- [ ] One\nB\n", "message A <A> | message B <B>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows), false, one_is_old);
}

/* What is changed, but by lines that are no news. */
static void test_known(void **state)
{
	static const struct {
		const char *parent, *other, *now;
		bool known;
	} rows[] = {
		{ "- [ ] A\n", NULL, "- [ ] A\n  b\n", false },
		{ "- [ ] A\n  b\n", NULL, "- [ ] A\n", false },
		{ "- [ ] Fix One\n", NULL, "- [ ] Fix One!\n", false },
		{ "- [ ] Ones\n", NULL, "- [ ] One\n", true },
		{ "- [ ] Ones\n", NULL, "- [ ] One\n  b\n", false },
		{ "- [ ] A\n  b\n", "- [ ] A\n  c\n",
		  "- [ ] A\n  b\n  c\n", true },
		{ "- [ ] A\n  b\n", "- [ ] A\n  c\n",
		  "- [ ] A\n  b\n  c\n  d\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span parent[2] = { span_str(rows[i].parent) };
		struct hand_version v = { .bytes = span_str(rows[i].now),
			.people = true, .old = one_is_old, .parent = parent,
			.parents = rows[i].other ? 2 : 1 };
		struct hand_news news = { 0 };

		if (rows[i].other)
			parent[1] = span_str(rows[i].other);
		hand_read(&v, &news);
		assert_int_equal(news.count, 1);
		assert_int_equal(news.part[0].kind, HAND_CHANGED);
		if (news.part[0].known != rows[i].known)
			fail_msg("row %zu", i);
		hand_release(&news);
	}
}

#define HUNDRED "0123456789012345678901234567890123456789012345678901234567890" \
		"123456789012345678901234567890123456789"
#define ALIKE HUNDRED HUNDRED	/* all that a title has room for */

/* Of titles that are cut the whole tells one from the other. */
static void test_titles_alike_so_far(void **state)
{
	static const struct {
		const char *parent, *now;
		enum hand_kind kind;
		const char *was, *is;
	} rows[] = {
		{ "- [ ] " ALIKE "A\n- [ ] " ALIKE "B\n",
		  "- [x] " ALIKE "A\n- [ ] " ALIKE "B\n", HAND_TICKED, ALIKE "A\n", NULL },
		{ "- [ ] " ALIKE "A\n  b\n- [ ] " ALIKE "B\n",
		  "- [ ] " ALIKE "B\n", HAND_DELETED, ALIKE "A\n", NULL },
		{ "- [ ] " ALIKE "A\n  b\n", "- [ ] " ALIKE "C\n  b\n", HAND_CHANGED,
		  ALIKE "A\n", ALIKE "C\n" },
		{ "- [ ] " ALIKE "A\n  b\n", "- [ ] " ALIKE "A\n  c\n", HAND_CHANGED,
		  ALIKE "A\n", ALIKE "A\n" },
		{ "- [ ] " ALIKE "A\xff\n  b\n", "- [ ] " ALIKE "\n  b\n", HAND_CHANGED,
		  ALIKE "A\\xff\n", "" },
		{ "", "- [ ] " ALIKE "A\n  b\n", HAND_TASK, NULL, ALIKE "A\n" },
		{ "- [ ] " ALIKE "\n  b\n", "- [x] " ALIKE "\n  b\n", HAND_TICKED, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span parent = span_str(rows[i].parent);
		struct hand_version v = { .bytes = span_str(rows[i].now),
			.people = true, .parent = &parent, .parents = 1 };
		struct hand_news news = { 0 };
		const struct hand_part *part;

		hand_read(&v, &news);
		assert_int_equal(news.count, 1);
		part = &news.part[0];
		assert_int_equal(part->kind, rows[i].kind);
		assert_int_equal(part->was_whole != NULL, rows[i].was != NULL);
		assert_int_equal(part->whole != NULL, rows[i].is != NULL);
		if (rows[i].was != NULL)
			assert_string_equal(part->was_whole, rows[i].was);
		if (rows[i].is != NULL) {
			assert_string_equal(part->whole, rows[i].is);
			assert_int_equal(strncmp(part->message.body ? part->message.body : "",
						 part->whole, strlen(part->whole)), 0);
		}
		hand_release(&news);
	}
}

static void read_once(struct span bytes, bool people, struct hand_news *news)
{
	struct hand_version v = { .bytes = bytes, .people = people,
				  .where = "a.md in 0123456789" };

	hand_read(&v, news);
}

static void test_priority(void **state)
{
	struct hand_news news = { 0 };

	(void)state;
	read_once(span_str("- [ ] One\n  Priority: urgent\n"), true, &news);
	assert_int_equal(news.part[0].message.priority, PRIORITY_URGENT);
	assert_int_equal(news.part[0].message.type, TYPE_TASK);
	hand_release(&news);
	read_once(span_str("Text\n- [ ] One\n**Priority:** 🟢\n"), false, &news);
	assert_int_equal(news.part[0].message.priority, PRIORITY_LOW);
	assert_int_equal(news.part[0].message.type, TYPE_TASK);
	hand_release(&news);
}

/* Bytes that no message may hold. */
static void test_odd_bytes(void **state)
{
	static const char nul[] = "a\0b\n- [ ] \xff\x1b[2J\n";
	struct hand_news news = { 0 };

	(void)state;
	read_once((struct span){ nul, sizeof(nul) - 1 }, true, &news);
	assert_int_equal(news.count, 2);
	assert_string_equal(news.part[0].message.title, "\\xff\\x1b[2J");
	assert_string_equal(news.part[1].message.body, "a\\x00b\n");
	hand_release(&news);
	read_once(span_str("- [ ] A \xc2\x9b\x1b[2Jb\n"), true, &news);
	assert_int_equal(news.count, 1);
	assert_string_equal(news.part[0].message.title, "A    [2Jb");
	hand_release(&news);
}

static void test_long_line(void **state)
{
	struct buf bytes = BUF_INIT;
	struct hand_news news = { 0 };

	(void)state;
	for (size_t i = 0; i < 1024 * 1024; i++)
		buf_addc(&bytes, 'a' + (char)(i % 26));
	read_once(span_of(&bytes), false, &news);
	assert_int_equal(news.count, 1);
	assert_true(news.part[0].message.body_len <= LIMIT_BODY);
	assert_non_null(strstr(news.part[0].message.body, "a.md in 0123456789"));
	hand_release(&news);
	buf_reset(&bytes);
	buf_adds(&bytes, "- [ ] ");
	for (size_t i = 0; i < 1000; i++)
		buf_adds(&bytes, "ü");
	read_once(span_of(&bytes), true, &news);
	assert_int_equal(news.count, 1);
	assert_int_equal(strlen(news.part[0].message.title), 2 * LIMIT_TITLE);
	assert_int_equal(news.part[0].message.body_len, 2 * 1000 + 1);
	hand_release(&news);
	buf_release(&bytes);
}

static void test_many_items(void **state)
{
	struct buf was = BUF_INIT, now = BUF_INIT;
	struct span parent;
	struct hand_version v = { .parent = &parent, .parents = 1,
				  .people = true };
	struct hand_news news = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		buf_printf(&was, "- [ ] Item %d\n", i);
		buf_printf(&now, "- [%c] Item %d\n", i % 2 ? 'x' : ' ', i);
	}
	read_once(span_of(&was), true, &news);
	assert_int_equal(news.count, 10000);
	hand_release(&news);
	parent = span_of(&was);
	v.bytes = span_of(&now);
	hand_read(&v, &news);
	assert_int_equal(news.count, 5000);
	assert_int_equal(news.part[0].kind, HAND_TICKED);
	hand_release(&news);
	buf_release(&was);
	buf_release(&now);
}

static int count_line(void *arg, struct span line, size_t count)
{
	if (span_is(line, "a"))
		*(size_t *)arg = count;
	return 0;
}

static void test_each_line(void **state)
{
	size_t found = 0;

	(void)state;
	assert_int_equal(hand_each_line(span_str("a\n\nb\r\na  \na\r\n"),
					count_line, &found), 0);
	assert_int_equal(found, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_known_lines),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_titles_alike_so_far),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_odd_bytes),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_many_items),
		cmocka_unit_test(test_each_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
