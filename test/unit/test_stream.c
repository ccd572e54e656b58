/* Stream files: parts that cover the file, damage of every kind, adoption. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

static const struct stream_name name = { 1, 2 };

#define TOP "# Computer 1 → Computer 2\n\n" \
	"<!-- trine:messages oldest first; to send, write below the last one -->\n"
#define OPEN(title, id) "## " title "\n\n```yaml message\nid: 1_TO_2." id \
	"\ntype: task\npriority: low\nsent: 2026-11-20T13:10:00Z\n```\n\n"
#define CLOSE(id) "\n<!-- /1_TO_2." id " -->\n"
#define ENTRY(id, body) OPEN("T" id, id) body CLOSE(id)

/* The parts of TEXT; fails unless they cover it, one behind the other. */
static struct stream_file parse(struct span text, bool hand_made)
{
	struct stream_file f;
	const char *at = text.p;

	stream_parse(text, name, hand_made, &f);
	for (size_t i = 0; i < f.count; i++) {
		assert_ptr_equal(f.part[i].bytes.p, at);
		assert_true(f.part[i].bytes.len > 0);
		at += f.part[i].bytes.len;
		assert_int_equal(f.part[i].kind == PART_BROKEN,
				 f.part[i].why != NULL);
		if (f.part[i].kind == PART_LOOSE)
			assert_false(text_is_blank(f.part[i].bytes));
	}
	assert_ptr_equal(at, text.p + text.len);
	return f;
}

/* Parts as a word: P, M7, B (broken, no number), B7, L. */
static void draw(const struct stream_file *f, struct buf *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct stream_part *part = &f->part[i];

		buf_adds(out, i == 0 ? "" : " ");
		buf_addc(out, "PMBL"[part->kind]);
		if (part->kind == PART_MESSAGE)
			buf_printf(out, "%d", (int)part->message.seq);
		if (part->kind == PART_BROKEN && part->seq != 0)
			buf_printf(out, "%d", (int)part->seq);
	}
}

static void parts(void **state)
{
	static const struct { const char *text, *parts; } rows[] = {
		{ "", "" },
		{ TOP, "P" },
		{ TOP "\n\n", "P" },
		{ "<!-- trine:messages -->", "P" },
		{ TOP "\n" ENTRY("1", "a\n"), "P M1" },
		{ TOP ENTRY("1", "a\n") "\n\n" ENTRY("2", "") "\n \n", "P M1 M2" },
		{ TOP "\nhello\n", "P L" },
		{ TOP "\nhello\n\n" ENTRY("1", "a\n") "\nx\n\n---\n\n# y\n\n"
		  ENTRY("2", "b\n") "z", "P L M1 L M2 L" },
		{ "above\n\n" ENTRY("9", "x\n") TOP ENTRY("1", "a\n"), "P M1" },
		{ TOP ENTRY("3", "a\n") ENTRY("1", "b\n"), "P M3 M1" },
		/* no end of its own: up to the next head */
		{ TOP OPEN("x", "1") "a\n\n" ENTRY("2", "b\n"), "P B1 M2" },
		{ TOP OPEN("x", "1") "a\n\n" OPEN("y", "2") "b\n", "P B1 B2" },
		{ TOP OPEN("x", "1") "a\n<!-- /1_TO_2.3 -->\n", "P B1" },
		{ TOP OPEN("x", "1") "a\n<!-- /1_TO_2.10 -->\n", "P B1" },
		/* a head inside a body is its body's */
		{ TOP ENTRY("1", ENTRY("2", "x\n") OPEN("y", "3")), "P M1" },
		{ TOP ENTRY("1", "<!-- /1_TO_2.4 -->\n"), "P M1" },
		{ TOP ENTRY("1", TOP "a\n") ENTRY("2", "b\n"), "P M1 M2" },
		/* unreadable, with an end: the next ones are still there */
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1\ntype: job\n```\n\n"
		  OPEN("y", "2") "\n" CLOSE("1") ENTRY("3", "b\n"), "P B1 M3" },
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1\n[\n```\n\na\n"
		  CLOSE("1") "loose\n" ENTRY("3", "b\n"), "P B1 L M3" },
		{ TOP "## x\n\n```yaml message\nid: \"1_TO_2.1\" # x\n&\n```\n"
		  CLOSE("1") ENTRY("3", "b\n"), "P B1 M3" },
		{ TOP "## x\n\n```yaml message\ntype: task\n```\n\na\n"
		  ENTRY("3", "b\n"), "P B M3" },
		{ TOP "## x\n\n```yaml message\n{id: 1_TO_2.1, sent: "
		  "2026-11-20T13:10:00Z}\n```\n\na\n" CLOSE("1"), "P M1" },
		/* the fence never closes */
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1\n\na\n" CLOSE("1")
		  ENTRY("2", "b\n"), "P B1 M2" },
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1\n\na\n"
		  ENTRY("2", "b\n"), "P B1 M2" },
		/* an end line among the keys ends nothing */
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1\n"
		  "<!-- /1_TO_2.1 -->\n```\n\na\n" CLOSE("1"), "P B1" },
		/* ids that are not this stream's */
		{ TOP "## x\n\n```yaml message\nid: 2_TO_1.1\nsent: "
		  "2026-11-20T13:10:00Z\n```\n\na\n\n<!-- /2_TO_1.1 -->\n"
		  ENTRY("2", "b\n"), "P B M2" },
		{ TOP "## x\n\n```yaml message\nid: 1_TO_2.1~5f3a9c1e\n```\n\na\n"
		  "\n<!-- /1_TO_2.1~5f3a9c1e -->\nl\n", "P B L" },
		/* twice */
		{ TOP ENTRY("1", "a\n") ENTRY("1", "a\n"), "P M1 M1" },
		{ TOP ENTRY("1", "a\n") ENTRY("2", "a\n") ENTRY("1", "b\n")
		  ENTRY("1", "a\n") ENTRY("2", "c\n"), "P M1 M2 B1 M1 B2" },
		{ TOP ENTRY("1", "\xff\n") ENTRY("2", "b\n"), "P B1 M2" },
		{ TOP "\xff\n" ENTRY("2", "b\n"), "P L M2" },
		{ TOP "## x\n\n\n", "P L" },
		{ TOP "## x\n## y\n\n```yaml message\nx", "P L B" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream_file f = parse(span_str(rows[i].text), true);
		struct buf drawn = BUF_INIT;

		draw(&f, &drawn);
		if (strcmp(drawn.data, rows[i].parts) != 0)
			fail_msg("%s: %s, not %s", rows[i].text, drawn.data,
				 rows[i].parts);
		buf_release(&drawn);
		stream_file_release(&f);
	}
}

static void why_broken(void **state)
{
	static const struct { const char *text, *why; } rows[] = {
		{ TOP OPEN("x", "1") "a\n", "no end marker" },
		{ TOP OPEN("x", "1") "a\n" ENTRY("2", "b\n"), "no end marker" },
		{ TOP "## x\n```yaml message\nid: 1_TO_2.1\n",
		  "no end of the key block" },
		{ TOP "## x\n```yaml message\nid: 2_TO_1.1\nsent: "
		  "2026-11-20T13:10:00Z\n```\n<!-- /2_TO_1.1 -->\n",
		  "an id of another stream" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream_file f = parse(span_str(rows[i].text), true);

		assert_int_equal(f.part[1].kind, PART_BROKEN);
		assert_string_equal(f.part[1].why, rows[i].why);
		stream_file_release(&f);
	}
}

static void without_marker(void **state)
{
	static const struct {
		const char *text;
		bool hand_made;
		const char *parts;
	} rows[] = {
		{ "hello\n", true, "L" },
		{ "hello\n", false, "P" },
		{ "\n \n", true, "P" },
		{ ENTRY("1", "a\n"), true, "L" },
		{ ENTRY("1", "a\n"), false, "P" },
		{ "text <!-- trine:messages -->\n", true, "L" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream_file f = parse(span_str(rows[i].text),
					     rows[i].hand_made);
		struct buf drawn = BUF_INIT;

		draw(&f, &drawn);
		assert_string_equal(drawn.data, rows[i].parts);
		assert_false(f.marked);
		buf_release(&drawn);
		stream_file_release(&f);
	}
}

/* ---- three messages, cut and broken everywhere ---- */

static const char three[] =
	TOP "\n" ENTRY("1", "first\n\n## not a head\n\n```c\nx\n```\n") "\n"
	ENTRY("2", "\\<!-- /1_TO_2.2 -->\n\xc3\xa4\n") "\nloose\n\n"
	OPEN("T3", "3") CLOSE("3");

static void cut_at_every_byte(void **state)
{
	const size_t len = sizeof(three) - 1;

	(void)state;
	for (size_t i = 0; i <= len; i++) {
		char *copy = xmemdup(three, i);
		struct stream_file f = parse((struct span){ copy, i }, i % 2);

		/* What is there whole is read, whatever follows. */
		for (size_t j = 0; j < f.count; j++)
			if (f.part[j].kind == PART_MESSAGE)
				assert_true(f.part[j].message.seq <= 3);
		if (i == len)
			assert_int_equal(f.count, 5);
		stream_file_release(&f);
		free(copy);
	}
}

static void broken_at_every_byte(void **state)
{
	static const char bad[] = { '\0', '\xff', '`', '\n', '#', '<' };
	const size_t len = sizeof(three) - 1;

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < sizeof(bad); j++) {
			char *copy = xmemdup(three, len);
			struct stream_file f;
			size_t whole = 0;

			copy[i] = bad[j];
			f = parse((struct span){ copy, len }, i % 2);
			for (size_t k = 0; k < f.count; k++)
				whole += f.part[k].kind == PART_MESSAGE;
			/* One byte costs one message; the marker all. */
			if (f.marked)
				assert_true(whole >= 2);
			stream_file_release(&f);
			free(copy);
		}
}

/* A peer's editor made CR LF of every line end. */
static void cr_lf_throughout(void **state)
{
	struct buf text = BUF_INIT, drawn = BUF_INIT;
	struct stream_file f;

	(void)state;
	for (const char *p = three; *p != '\0'; p++) {
		if (*p == '\n')
			buf_addc(&text, '\r');
		buf_addc(&text, *p);
	}
	f = parse(span_of(&text), false);
	draw(&f, &drawn);
	assert_string_equal(drawn.data, "P M1 M2 L M3");
	assert_string_equal(f.part[1].message.title, "T1");
	assert_string_equal(f.part[2].message.body,
			    "<!-- /1_TO_2.2 -->\r\n\xc3\xa4\r\n");
	assert_int_equal(f.part[4].message.body_len, 0);
	stream_file_release(&f);
	buf_release(&text);
	buf_release(&drawn);
}

/* ---- written and read ---- */

static unsigned seed = 11;

static unsigned pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const char *const nasty[] = {
	"\n", "\r\n", " ", "x\n", "<!-- /1_TO_2.1 -->\n", "<!-- /1_TO_2.2 -->\n",
	"<!-- /1_TO_2.3 -->", "\\", "\\<!-- /1_TO_2.2 -->\n", "```\n",
	"```yaml message\n", "## T\n", OPEN("x", "2"), OPEN("x", "9"),
	ENTRY("1", "a\n"), ENTRY("2", "a\n"), ENTRY("9", "a\n"), TOP, "\xc3\xa4",
	"id: 1_TO_2.2\n", "<!-- trine:archive -->\n", "---\n",
};

static void any_bodies_in_a_row(void **state)
{
	struct buf text = BUF_INIT, body = BUF_INIT;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct message m[4];
		struct stream_file f;

		buf_reset(&text);
		stream_write_preamble(&text, name, pick(2));
		for (size_t i = 0; i < ARRAY_LEN(m); i++) {
			struct error err = ERROR_INIT;

			buf_reset(&body);
			for (unsigned n = pick(7); n > 0; n--)
				buf_adds(&body, nasty[pick(ARRAY_LEN(nasty))]);
			m[i] = (struct message)MESSAGE_INIT;
			m[i].stream = name;
			m[i].seq = i + 1;
			assert_int_equal(message_set_text(&m[i], "T",
							  span_of(&body), &err), 0);
			buf_addc(&text, '\n');
			message_write(&text, &m[i]);
		}
		f = parse(span_of(&text), false);
		assert_int_equal(f.count, ARRAY_LEN(m) + 1);
		for (size_t i = 0; i < ARRAY_LEN(m); i++) {
			if (f.part[i + 1].kind != PART_MESSAGE)
				fail_msg("%s: %s", text.data, f.part[i + 1].why);
			assert_int_equal(f.part[i + 1].message.seq, i + 1);
			assert_string_equal(f.part[i + 1].message.body, m[i].body);
			message_release(&m[i]);
		}
		stream_file_release(&f);
	}
	buf_release(&text);
	buf_release(&body);
}

/* Pieces in any order: never a crash, always the whole file. */
static void any_rubbish(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct stream_file f;

		buf_reset(&text);
		buf_adds(&text, pick(4) ? TOP : "");
		for (unsigned n = pick(12); n > 0; n--)
			buf_adds(&text, nasty[pick(ARRAY_LEN(nasty))]);
		f = parse(span_of(&text), pick(2));
		stream_file_release(&f);
	}
	buf_release(&text);
}

/* ---- time ---- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void parse_much(const char *start, const char *piece, const char *end)
{
	struct buf text = BUF_INIT;
	struct stream_file f;
	double before;

	buf_adds(&text, TOP);
	buf_adds(&text, start);
	while (text.len + strlen(piece) + strlen(end) <= LIMIT_FILE)
		buf_adds(&text, piece);
	buf_adds(&text, end);
	before = seconds();
	f = parse(span_of(&text), false);
	/* Quadratic would be minutes; a sanitizer costs a few times. */
	if (seconds() - before > 10)
		fail_msg("%.40s: %f s", piece, seconds() - before);
	stream_file_release(&f);
	buf_release(&text);
}

static void hostile_files_take_linear_time(void **state)
{
	(void)state;
	parse_much("", "## x\n\n```yaml message\n", "");
	parse_much("", "## x\n\n```yaml message\n```\n", "");
	parse_much("", "## x\n\n```yaml message\nid: 1_TO_2.1\n```\n", "");
	parse_much("", "## x\n\n```yaml message\nid: 1_TO_2.1\n```\n", CLOSE("1"));
	parse_much("", "## x\n\n```yaml message\n? id\n```\n", "");
	parse_much("", OPEN("x", "1"), "");
	parse_much("", OPEN("x", "1"), CLOSE("2"));
	parse_much("", ENTRY("1", "a\n"), "");
	parse_much(ENTRY("1", "a\n"), ENTRY("1", "b\n"), "");
	parse_much("", "<!-- /1_TO_2.1 -->\n", "");
	parse_much(OPEN("x", "2"), "<!-- /1_TO_2.1 -->\n", "");
	parse_much("", "## x\n", "");
	parse_much("", "## x\n\n\n\n\n\n\n\n", "");
	parse_much("## x\n", "\n", "");
	parse_much("## x\n", "\n", "## y\n");
	parse_much("## x\n```yaml message\n", "id: y\n", "");
	parse_much("", "```yaml message\n", "");
	parse_much("", "\\\\\\\\\\\\\\\\", "");
	parse_much("", "x", "");
}

/* A large entry and many small ones under its number. */
static void doubles_take_linear_time(void **state)
{
	struct buf start = BUF_INIT;

	(void)state;
	buf_adds(&start, OPEN("T", "1"));
	for (int i = 0; i < LIMIT_BODY / 2; i++)
		buf_adds(&start, "x\n");
	buf_adds(&start, CLOSE("1"));
	parse_much(start.data, ENTRY("1", "a\n"), "");
	buf_release(&start);
}

/* ---- damage (protocol R19) ---- */

static void damaged(void **state)
{
	static const struct { const char *text; bool damaged; } rows[] = {
		{ "", false },
		{ "hello\n", false },
		{ "see messages/1_TO_2.md\n", false },
		{ "see 2_TO_1.7\n", false },
		{ "see 11_TO_2.7 and 1_TO_21.7\n", false },
		{ "1_TO_2.", false },
		{ "1_TO_2", false },
		{ "```yaml\nx: 1\n```\n", false },
		{ "id: 1_TO_2.7\n", true },
		{ "1_TO_2.7", true },
		{ "<!-- /1_TO_2.7 -->\n", true },
		{ "x1_TO_2.7 1_TO_2.md (1_TO_2.7)\n", true },
		{ "1_TO_2.~9f2c41d07a.1\n", true },
		{ "a\n```yaml message\n", true },
		{ "a\n  ```yaml message\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (stream_damaged(span_str(rows[i].text), name) !=
		    rows[i].damaged)
			fail_msg("%s", rows[i].text);
}

/* ---- preambles ---- */

static void preambles(void **state)
{
	static const struct stream_name all = { 3, END_ALL };
	struct buf out = BUF_INIT;

	(void)state;
	stream_write_preamble(&out, name, 0);
	assert_string_equal(out.data, TOP);
	buf_reset(&out);
	stream_write_preamble(&out, all, 12);
	assert_string_equal(out.data,
		"# Computer 3 → all computers\n\n"
		"Earlier: [archive/3_TO_ALL/0012.md](../archive/3_TO_ALL/0012.md)"
		" <!-- trine:archive -->\n\n"
		"<!-- trine:messages oldest first; to send, write below the last "
		"one -->\n");
	buf_release(&out);
}

#define LINK(n) "Earlier: [archive/1_TO_2/000" n ".md]" \
	"(../archive/1_TO_2/000" n ".md) <!-- trine:archive -->\n\n"

static void preambles_get_a_link(void **state)
{
	static const struct {
		const char *text;
		unsigned archived;
		const char *linked;
	} rows[] = {
		{ "# X\n\n<!-- trine:messages mine -->\n", 1,
		  "# X\n\n" LINK("1") "<!-- trine:messages mine -->\n" },
		{ "# X\n\n" LINK("1") "<!-- trine:messages mine -->\n\n\n", 2,
		  "# X\n\n" LINK("2") "<!-- trine:messages mine -->\n" },
		{ "# X\n\n" LINK("1") "<!-- trine:messages mine -->", 0,
		  "# X\n\n<!-- trine:messages mine -->\n" },
		{ LINK("1") "text\n<!-- trine:messages -->\n", 3,
		  "text\n" LINK("3") "<!-- trine:messages -->\n" },
		{ "# old text\n\nby hand", 0, "# old text\n\nby hand\n\n"
		  "<!-- trine:messages oldest first; to send, write below the "
		  "last one -->\n" },
		{ "# old text\n\n\n", 1, "# old text\n\n" LINK("1")
		  "<!-- trine:messages oldest first; to send, write below the "
		  "last one -->\n" },
		{ "", 0, "<!-- trine:messages oldest first; to send, write below "
		  "the last one -->\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT, again = BUF_INIT;

		stream_link_archive(&out, span_str(rows[i].text), name,
				    rows[i].archived);
		assert_string_equal(out.data, rows[i].linked);
		stream_link_archive(&again, span_of(&out), name,
				    rows[i].archived);
		assert_string_equal(again.data, out.data);
		buf_release(&out);
		buf_release(&again);
	}
}

/* ---- adoption ---- */

static void adopts(void **state)
{
	static const struct {
		const char *text, *body, *title;
		enum message_type type;
		enum message_priority priority;
	} rows[] = {
		{ "hello", "hello\n", "hello", TYPE_MESSAGE, PRIORITY_NORMAL },
		{ "\n \n  hello  \r\n\n", "  hello  \r\n", "hello",
		  TYPE_MESSAGE, PRIORITY_NORMAL },
		{ "---\n\n## A\n\nb\n\n\n---\n\nc\n", "---\n\n## A\n\nb\n\n\n---\n\nc\n",
		  "A", TYPE_MESSAGE, PRIORITY_NORMAL },
		{ "- [ ] do it\n", "- [ ] do it\n", "do it",
		  TYPE_TASK, PRIORITY_NORMAL },
		{ "\xef\xbb\xbf# A\nb\n", "\xef\xbb\xbf# A\nb\n", "A",
		  TYPE_MESSAGE, PRIORITY_NORMAL },
		{ "\xef\xbb\xbfPriority: high\n", "\xef\xbb\xbfPriority: high\n",
		  "Priority: high", TYPE_MESSAGE, PRIORITY_HIGH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		assert_int_equal(stream_adopt(span_str(rows[i].text), &m, &err), 0);
		assert_string_equal(m.body, rows[i].body);
		assert_string_equal(m.title, rows[i].title);
		assert_int_equal(m.type, rows[i].type);
		assert_int_equal(m.priority, rows[i].priority);
		message_release(&m);
	}
}

static void priorities_people_write(void **state)
{
	static const struct {
		const char *line;
		enum message_priority priority;
	} rows[] = {
		{ "**Priority:** 🔴 URGENT", PRIORITY_URGENT },
		{ "**Priority:** CRITICAL", PRIORITY_URGENT },
		{ "**Priority**: HIGH - Deployment Request", PRIORITY_HIGH },
		{ "**Priority:** 🔴 RESPONSE TO HIERARCHY REQUEST",
		  PRIORITY_URGENT },
		{ "**Priority:** 🚨", PRIORITY_URGENT },
		{ "- Priority: high", PRIORITY_HIGH },
		{ "* **PRIORITY:** 🟠", PRIORITY_HIGH },
		{ "priority: low", PRIORITY_LOW },
		{ "Priority : 🟢 whenever", PRIORITY_LOW },
		{ "priority:URGENT\r", PRIORITY_URGENT },
		{ "> Priority: (critical)", PRIORITY_URGENT },
		{ "### Priority: High", PRIORITY_HIGH },
		{ "Priority: normal, not urgent", PRIORITY_NORMAL },
		{ "Priority: 🟡 medium", PRIORITY_NORMAL },
		{ "Priority: high (was critical)", PRIORITY_HIGH },
		{ "Priority: slow", PRIORITY_NORMAL },
		{ "Priority: below average", PRIORITY_NORMAL },
		{ "Priority: highlight", PRIORITY_NORMAL },
		{ "Priority: lowest", PRIORITY_NORMAL },
		{ "Priority:", PRIORITY_NORMAL },
		{ "Priority high", PRIORITY_NORMAL },
		{ "Priorities: high", PRIORITY_NORMAL },
		{ "my priority: high", PRIORITY_NORMAL },
		{ "this is urgent 🚨", PRIORITY_NORMAL },
		{ "Priority: tbd\nPriority: high\nPriority: low", PRIORITY_HIGH },
		{ "```\nPriority: high\n```", PRIORITY_NORMAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		assert_int_equal(stream_adopt(span_str(rows[i].line), &m, &err), 0);
		if (m.priority != rows[i].priority)
			fail_msg("%s: %s", rows[i].line,
				 message_priority_name(m.priority));
		message_release(&m);
	}
}

static void tasks_people_write(void **state)
{
	static const struct { const char *text; bool task; } rows[] = {
		{ "- [ ] a", true },
		{ "text\n\n  * [ ] a\r\n", true },
		{ "+ [ ] a", true },
		{ "-   [ ]\ta", true },
		{ "- [ ]", true },
		{ "- [x] a", false },
		{ "- [] a", false },
		{ "-[ ] a", false },
		{ "- [ ]a", false },
		{ "[ ] a", false },
		{ "1. [ ] a", false },
		{ "> [ ] a", false },
		{ "a - [ ] b", false },
		{ "```\n- [ ] a\n```", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;

		assert_int_equal(stream_adopt(span_str(rows[i].text), &m, &err), 0);
		if ((m.type == TYPE_TASK) != rows[i].task)
			fail_msg("%s", rows[i].text);
		message_release(&m);
	}
}

static void not_adopted(void **state)
{
	struct message m = MESSAGE_INIT;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(stream_adopt(span_str(""), &m, &err), -1);
	assert_int_equal(stream_adopt(span_str(" \n\n"), &m, &err), -1);
	assert_int_equal(stream_adopt(span_str("a\xff"), &m, &err), -1);
	assert_int_equal(stream_adopt((struct span){ "a\0b", 3 }, &m, &err), -1);
	while (text.len < LIMIT_BODY)
		buf_addc(&text, 'x');
	assert_int_equal(stream_adopt(span_of(&text), &m, &err), -1);
	buf_truncate(&text, LIMIT_BODY - 1);
	assert_int_equal(stream_adopt(span_of(&text), &m, &err), 0);
	message_release(&m);
	buf_release(&text);
}

/* What a person writes and what comes out of the file are the same. */
static void adopted_text_survives(void **state)
{
	struct buf text = BUF_INIT, file = BUF_INIT;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct message m = MESSAGE_INIT;
		struct error err = ERROR_INIT;
		struct stream_file f;

		buf_reset(&text);
		buf_reset(&file);
		for (unsigned n = 1 + pick(7); n > 0; n--)
			buf_adds(&text, nasty[pick(ARRAY_LEN(nasty))]);
		if (stream_adopt(span_of(&text), &m, &err) == -1)
			continue;
		m.stream = name;
		m.seq = 5;
		stream_write_preamble(&file, name, 0);
		message_write(&file, &m);
		f = parse(span_of(&file), true);
		assert_int_equal(f.count, 2);
		assert_string_equal(f.part[1].message.body, m.body);
		assert_string_equal(f.part[1].message.title, m.title);
		stream_file_release(&f);
		message_release(&m);
	}
	buf_release(&text);
	buf_release(&file);
}

static void test_skip(void **state)
{
	static const struct {
		const char *text, *body, *rest;	/* REST NULL: it does not */
	} rows[] = {
		{ "One\n", "One\n", "" },
		{ "One", "One\n", "" },
		{ "One\r\n\r\nTwo\r\n", "One\r\n", "Two\r\n" },
		{ "One\n\n  Two\n", "One\n", "  Two\n" },
		{ "One\nTwo\n\nThree\n", "One\nTwo\n", "Three\n" },
		{ "Ones\n", "One\n", NULL },
		{ "One\n", "One\nTwo\n", "" },
		{ "One\nTw\n", "One\nTwo\n", NULL },
		{ "Two\n", "One\n", NULL },
		{ "One\n", "", NULL },
		{ "One\n", "\n", NULL },
		{ "", "One\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span text = span_str(rows[i].text);
		bool skipped = stream_skip(&text, span_str(rows[i].body));

		assert_int_equal(skipped, rows[i].rest != NULL);
		assert_true(span_is(text, skipped ? rows[i].rest
						  : rows[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(why_broken),
		cmocka_unit_test(without_marker),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(broken_at_every_byte),
		cmocka_unit_test(cr_lf_throughout),
		cmocka_unit_test(any_bodies_in_a_row),
		cmocka_unit_test(any_rubbish),
		cmocka_unit_test(hostile_files_take_linear_time),
		cmocka_unit_test(doubles_take_linear_time),
		cmocka_unit_test(damaged),
		cmocka_unit_test(preambles),
		cmocka_unit_test(preambles_get_a_link),
		cmocka_unit_test(adopts),
		cmocka_unit_test(priorities_people_write),
		cmocka_unit_test(tasks_people_write),
		cmocka_unit_test(not_adopted),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(adopted_text_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
