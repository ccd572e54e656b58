/* The event log: lines, checks, cuts; damage at every byte. */
#include "store_fixture.h"

#include <fcntl.h>
#include <stdbool.h>

#include "../../src/store/store.h"
#include "trine/digest.h"
#include "trine/limits.h"
#include "trine/text.h"

/* `,"crc":"5f3a9c1e"`, which log_write_line adds. */
enum { CRC_FIELD = 17 };

static void raise_problem(const char *key)
{
	begin();
	assert_ok(record_problem(fixture.s, "disk", key, "it is full",
				 &fixture.err));
	commit();
	fixture.time++;
}

static void three_events(void)
{
	raise_problem("a");
	raise_problem("b");
	raise_problem("c");
}

static size_t open_problems(void)
{
	struct problem *problems;
	size_t count;

	assert_ok(view_problems(fixture.s, &problems, &count, &fixture.err));
	problems_free(problems, count);
	return count;
}

static void a_line_is_one_object_with_its_crc(void **state)
{
	struct buf log;
	char crc[16];

	(void)state;
	raise_problem("a");
	log = fixture_log();
	assert_int_equal(log.data[log.len - 1], '\n');
	snprintf(crc, sizeof(crc), "%08x",
		 (unsigned)digest_crc32c(log.data, log.len - 19));
	assert_memory_equal(log.data + log.len - 19, ",\"crc\":\"", 8);
	assert_memory_equal(log.data + log.len - 11, crc, 8);
	buf_truncate(&log, log.len - 19);
	assert_string_equal(log.data,
		"{\"seq\":1,\"time\":\"2026-09-21T14:13:20Z\","
		"\"type\":\"problem.raised\",\"actor\":\"trine\","
		"\"code\":\"disk\",\"key\":\"a\",\"text\":\"it is full\"");
	buf_release(&log);
}

static void the_crc_is_castagnoli(void **state)
{
	unsigned char bytes[32];

	(void)state;
	assert_int_equal(digest_crc32c("123456789", 9), 0xe3069283u);
	memset(bytes, 0, sizeof(bytes));	/* RFC 3720, B.4 */
	assert_int_equal(digest_crc32c(bytes, sizeof(bytes)), 0x8a9136aau);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(digest_crc32c(bytes, sizeof(bytes)), 0x62a8ab43u);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(digest_crc32c(bytes, sizeof(bytes)), 0x46dd794eu);
	/* from any byte on, as many as there are, and whoever does it */
	for (size_t from = 0; from < sizeof(bytes); from++)
		for (size_t len = 0; from + len <= sizeof(bytes); len++) {
			uint32_t crc = digest_crc32c_by_tables(7, bytes + from, len);

			assert_int_equal(digest_crc32c_more(7, bytes + from, len), crc);
		}
	assert_int_equal(digest_crc32c_by_tables(0, "123456789", 9), 0xe3069283u);
}

/* ---- store_log ---- */

struct seen {
	struct list lines;
	size_t stop_at;		/* 0: never */
};

static int see(void *arg, const char *line, size_t len)
{
	struct seen *seen = arg;

	list_take(&seen->lines, xstrndup(line, len));
	return seen->stop_at && seen->lines.count == seen->stop_at ? -1 : 0;
}

static size_t look(const struct log_filter *f, uint64_t from, size_t stop_at,
		   uint64_t *next)
{
	struct seen seen = { .stop_at = stop_at };
	size_t count;

	assert_ok(store_log(fixture.s, f, from, see, &seen, next, &fixture.err));
	count = seen.lines.count;
	list_release(&seen.lines);
	return count;
}

static void the_log_can_be_read_and_followed(void **state)
{
	struct log_filter all = { 0, NULL };
	struct log_filter late = { FIXTURE_START + 1, NULL };
	struct log_filter raised = { 0, "problem.raised" };
	struct log_filter problems = { 0, "problem." };
	struct log_filter others = { 0, "problem" };
	uint64_t next, end;
	struct buf log;

	(void)state;
	three_events();
	log = fixture_log();
	assert_int_equal(look(&all, 0, 0, &end), 3);
	assert_int_equal(end, log.len);
	assert_int_equal(look(&late, 0, 0, &next), 2);
	assert_int_equal(look(&raised, 0, 0, &next), 3);
	assert_int_equal(look(&problems, 0, 0, &next), 3);
	assert_int_equal(look(&others, 0, 0, &next), 0);
	assert_int_equal(look(&all, 0, 1, &next), 1);
	assert_int_equal(look(&all, next, 0, &next), 2);
	assert_int_equal(look(&all, end, 0, &next), 0);
	assert_int_equal(next, end);
	raise_problem("d");
	assert_int_equal(look(&all, end, 0, &next), 1);
	assert_fails(ERR_DATA, store_log(fixture.s, &all, next + 1, see, NULL,
					 &next, &fixture.err));
	buf_release(&log);
}

static void a_line_on_its_way_is_not_shown(void **state)
{
	struct log_filter all = { 0, NULL };
	struct buf log;
	uint64_t next;

	(void)state;
	three_events();
	log = fixture_log();
	fixture_put_log(log.data, log.len - 10);
	assert_int_equal(look(&all, 0, 0, &next), 2);
	fixture_put_log(log.data, log.len);
	assert_int_equal(look(&all, next, 0, &next), 1);
	buf_release(&log);
}

/* ---- damage ---- */

/* Open what is there now, without and with the view that was there. */
static int open_again(bool keep_view)
{
	store_close(fixture.s);
	fixture.s = NULL;
	if (!keep_view)
		fixture_remove_view();
	return store_open(&fixture.s, fixture.dir, &fixture.clock, &fixture.err);
}

static void a_torn_end_is_cut(void **state)
{
	struct buf log, now;

	(void)state;
	three_events();
	log = fixture_log();
	for (size_t len = 0; len <= log.len; len++) {
		struct buf part = { log.data, len, 0 };
		size_t whole = count_lines(&part);

		fixture_put_log(log.data, len);
		assert_ok(open_again(len % 2 == 0));
		assert_int_equal(open_problems(), whole);
		now = fixture_log();
		assert_int_equal(count_lines(&now), whole);
		assert_true(now.len == 0 || now.data[now.len - 1] == '\n');
		buf_release(&now);
		raise_problem("after");
		assert_int_equal(open_problems(), whole + 1);
	}
	buf_release(&log);
}

/* A byte changed: that is damage, which names its line. A changed LF makes one line of
 * two. A last line without LF, or with a NUL, was never written to its end. */
static void a_changed_byte_is_seen(void **state)
{
	struct buf log, now;
	size_t line = 1;

	(void)state;
	three_events();
	log = fixture_log();
	for (size_t i = 0; i < log.len; i++) {
		char was = log.data[i], want[32];

		log.data[i] ^= 0x20;
		fixture_put_log(log.data, log.len);
		snprintf(want, sizeof(want), "line %zu is damaged", line);
		if (line < 3 || (was != '\n' && log.data[i] != '\0')) {
			assert_fails(ERR_DATA, open_again(false));
			if (strstr(fixture.err.text, want) == NULL)
				fail_msg("byte %zu: %s", i, fixture.err.text);
			now = fixture_log();
			assert_int_equal(now.len, log.len);
			buf_release(&now);
		} else {
			assert_ok(open_again(false));
			assert_int_equal(open_problems(), 2);
		}
		line += was == '\n';
		log.data[i] = was;
	}
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(false));
	assert_int_equal(open_problems(), 3);
	buf_release(&log);
}

/* ---- transactions of several events ---- */

static void raise_three_at_once(void)
{
	begin();
	for (const char *key = "xyz"; *key != '\0'; key++)
		assert_ok(record_problem(fixture.s, "disk", (char[]){ *key, '\0' },
					 "it is full", &fixture.err));
	commit();
}

/* One event, and a transaction of three; *ALONE is how long the one is. */
static struct buf log_of_two_transactions(size_t *alone)
{
	struct buf log;

	raise_problem("a");
	raise_three_at_once();
	log = fixture_log();
	*alone = strcspn(log.data, "\n") + 1;
	return log;
}

static void lines_say_which_they_are(void **state)
{
	size_t alone;
	struct buf log = log_of_two_transactions(&alone);

	(void)state;
	assert_non_null(strstr(log.data, "{\"seq\":1,\"time\":"));
	assert_non_null(strstr(log.data, "{\"seq\":2,\"nth\":1,\"of\":3,\"time\":"));
	assert_non_null(strstr(log.data, "{\"seq\":4,\"nth\":3,\"of\":3,\"time\":"));
	assert_rebuilt_equal();
	buf_release(&log);
}

static void half_a_transaction_never_happened(void **state)
{
	size_t alone;
	struct buf log = log_of_two_transactions(&alone), now;

	(void)state;
	for (size_t len = alone; len <= log.len; len++) {
		fixture_put_log(log.data, len);
		assert_ok(open_again(len % 2 == 0));
		assert_int_equal(open_problems(), len < log.len ? 1 : 4);
		now = fixture_log();
		assert_int_equal(now.len, len < log.len ? alone : log.len);
		buf_release(&now);
		raise_problem("after");
		assert_int_equal(open_problems(), len < log.len ? 2 : 5);
		assert_rebuilt_equal();
	}
	buf_release(&log);
}

/* A file system may write the last sectors of it and lose those before. */
static void a_transaction_with_a_hole_never_happened(void **state)
{
	enum { HOLE = 40 };
	size_t alone;
	struct buf log = log_of_two_transactions(&alone), bytes = BUF_INIT;

	(void)state;
	for (size_t at = alone; at + HOLE <= log.len; at++) {
		buf_reset(&bytes);
		buf_addb(&bytes, &log);
		memset(bytes.data + at, 0, HOLE);
		fixture_put_log(bytes.data, bytes.len);
		assert_ok(open_again(at % 2 == 0));
		assert_int_equal(open_problems(), 1);
		raise_problem("after");
	}
	buf_release(&bytes);
	buf_release(&log);
}

/* What another transaction stands behind was durable once. */
static void a_hole_before_the_last_transaction_is_damage(void **state)
{
	size_t alone;
	struct buf log = log_of_two_transactions(&alone);

	(void)state;
	memset(log.data + 20, 0, 10);
	fixture_put_log(log.data, log.len);
	assert_fails(ERR_DATA, open_again(false));
	assert_non_null(strstr(fixture.err.text, "line 1 is damaged"));
	buf_release(&log);
}

static void half_a_transaction_is_not_shown(void **state)
{
	struct log_filter all = { 0, NULL };
	size_t alone;
	struct buf log = log_of_two_transactions(&alone);
	uint64_t next;

	(void)state;
	for (size_t len = alone; len < log.len; len++) {
		fixture_put_log(log.data, len);
		assert_int_equal(look(&all, 0, 0, &next), 1);
		assert_int_equal(next, alone);
	}
	fixture_put_log(log.data, log.len);
	assert_int_equal(look(&all, next, 2, &next), 2);
	assert_int_equal(look(&all, next, 0, &next), 1);
	buf_release(&log);
}

/* Whole lines in the wrong order, or twice, are no log of ours. */
static void numbers_must_rise(void **state)
{
	struct buf log, twice = BUF_INIT;
	size_t first;

	(void)state;
	three_events();
	log = fixture_log();
	first = strcspn(log.data, "\n") + 1;
	buf_add(&twice, log.data, first);
	buf_addb(&twice, &log);
	fixture_put_log(twice.data, twice.len);
	assert_fails(ERR_DATA, open_again(false));
	assert_non_null(strstr(fixture.err.text, "line 2 is damaged"));
	/* one line taken out is what the error advises */
	fixture_put_log(log.data + first, log.len - first);
	assert_ok(open_again(false));
	assert_int_equal(open_problems(), 2);
	raise_problem("d");
	assert_rebuilt_equal();
	buf_release(&twice);
	buf_release(&log);
}

static void another_log_makes_another_view(void **state)
{
	struct buf log, other = BUF_INIT;
	size_t first;

	(void)state;
	three_events();
	log = fixture_log();
	first = strcspn(log.data, "\n") + 1;
	/* shorter */
	fixture_put_log(log.data, first);
	assert_ok(open_again(true));
	assert_int_equal(open_problems(), 1);
	/* as long, but other bytes: the view is of the three */
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(true));
	fixture_put_log(log.data, first);
	assert_ok(open_again(false));
	raise_problem("x");
	raise_problem("y");
	other = fixture_log();
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(true));
	assert_int_equal(other.len, log.len);
	fixture_put_log(other.data, other.len);
	assert_ok(open_again(true));
	assert_rebuilt_equal();
	buf_release(&log);
	buf_release(&other);
}

static void a_line_that_never_ends_is_damage(void **state)
{
	char *junk = xmalloc(5 << 20);

	(void)state;
	memset(junk, 'x', 5 << 20);
	fixture_put_log(junk, 5 << 20);
	assert_fails(ERR_DATA, open_again(false));
	fixture_put_log(junk, 1000);
	assert_ok(open_again(false));
	free(junk);
}

/* A line whose crc is right and whose fields are not. */
static void fields_that_are_wrong_are_damage(void **state)
{
	static const char *const rows[] = {
		"\"type\":\"message.sent\",\"actor\":\"trine\",\"id\":\"1_TO_2.1\"",
		"\"type\":\"message.sent\",\"actor\":\"trine\",\"message\":{}",
		"\"type\":\"message.sent\",\"actor\":\"trine\",\"message\":7",
		"\"type\":\"message.amended\",\"actor\":\"trine\",\"id\":\"1_TO_2.1\"",
		"\"type\":\"stream.read\",\"actor\":\"trine\",\"stream\":\"x\"",
		"\"type\":\"stream.closed\",\"actor\":\"trine\"",
		"\"type\":\"message.missing\",\"actor\":\"trine\",\"stream\":7",
		"\"type\":\"hand.read\",\"actor\":\"trine\",\"stream\":\"1\"",
		"\"type\":\"problem.raised\",\"actor\":\"trine\",\"code\":",
		"\"type\":\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf bad = BUF_INIT;

		buf_printf(&bad, "{\"seq\":1,\"time\":\"2026-09-21T14:13:20Z\",%s",
			   rows[i]);
		buf_printf(&bad, ",\"crc\":\"%08x\"}\n",
			   (unsigned)digest_crc32c(bad.data, bad.len));
		fixture_put_log(bad.data, bad.len);
		assert_fails(ERR_DATA, open_again(false));
		assert_non_null(strstr(fixture.err.text, "line 1 is damaged"));
		buf_release(&bad);
	}
}

/* LEN bytes without LF, and not fewer than it needs. */
static void add_line_of(struct buf *out, int seq, size_t len)
{
	struct buf line = BUF_INIT;
	char crc[LOG_CRC];

	buf_printf(&line, "{\"seq\":%d,\"time\":\"2026-09-21T14:13:20Z\","
		   "\"type\":\"problem.raised\",\"actor\":\"trine\","
		   "\"key\":\"%d\",\"text\":\"", seq, seq);
	while (line.len < len - CRC_FIELD - 2)
		buf_addc(&line, 'x');
	buf_adds(&line, "\"}");
	log_write_line(out, span_of(&line), 1, 1, crc);
	buf_release(&line);
}

/* None longer is written: such a line is no event. */
static void a_line_has_a_longest_length(void **state)
{
	struct buf log = BUF_INIT;

	(void)state;
	add_line_of(&log, 1, LIMIT_EVENT);
	assert_int_equal(log.len, LIMIT_EVENT + 1);
	add_line_of(&log, 2, 200);
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(false));
	assert_int_equal(open_problems(), 2);
	buf_reset(&log);
	add_line_of(&log, 1, LIMIT_EVENT + 1);
	add_line_of(&log, 2, 200);
	fixture_put_log(log.data, log.len);
	assert_fails(ERR_DATA, open_again(false));
	assert_non_null(strstr(fixture.err.text, "line 1 is damaged"));
	buf_release(&log);
}

static bool first_is_damaged(void)
{
	struct log log;
	struct log_reader r;
	struct log_line line;
	bool damaged;

	assert_ok(log_open(&log, fixture.dir, &fixture.err));
	assert_ok(log_read(&r, &log, 0, &fixture.err));
	assert_int_equal(log_next(&r, &line, &fixture.err), 1);
	damaged = line.damaged;
	log_reader_release(&r);
	log_close(&log);
	return damaged;
}

/* A line whose crc is right and whose beginning is not. */
static void a_head_that_is_wrong_is_damage(void **state)
{
	static const char *const rows[] = {
		"{", "{\"seq\":", "{\"seq\":1",
		"{\"seq\":1,\"time\":\"",
		"1,\"time\":\"2026-09-21T14:13:20Z\",\"type\":\"x\"",
		"{\"number\":1,\"time\":\"2026-09-21T14:13:20Z\",\"type\":\"x\"",
		"{\"seq\":one,\"time\":\"2026-09-21T14:13:20Z\",\"type\":\"x\"",
		"{\"seq\":1,\"type\":\"x\",\"time\":\"2026-09-21T14:13:20Z\"",
		"{\"seq\":1,\"time\":\"today\",\"type\":\"x\"",
		"{\"seq\":1,\"time\":\"2026-09-21T14:13:20Z\",\"actor\":\"x\"",
	};
	static const char *const no_line[] = { "", "x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) + ARRAY_LEN(no_line); i++) {
		struct buf bad = BUF_INIT;

		if (i < ARRAY_LEN(no_line)) {
			buf_adds(&bad, no_line[i]);
			buf_addc(&bad, '\n');
		} else {
			buf_adds(&bad, rows[i - ARRAY_LEN(no_line)]);
			buf_printf(&bad, ",\"crc\":\"%08x\"}\n",
				   (unsigned)digest_crc32c(bad.data, bad.len));
		}
		add_line_of(&bad, 2, 200);
		fixture_put_log(bad.data, bad.len);
		assert_true(first_is_damaged());
		assert_fails(ERR_DATA, open_again(false));
		assert_non_null(strstr(fixture.err.text, "line 1 is damaged"));
		buf_release(&bad);
	}
}

/* ---- a disk that fails ---- */

/* The log by another descriptor: FLAGS of open, or -1 for none at all. */
static struct log log_by(int flags)
{
	struct log log = { .fd = -1 };

	log.path = xstrdup(fixture_path("event-log.jsonl"));
	if (flags != -1)
		log.fd = open(log.path, flags);
	assert_true(flags == -1 || log.fd != -1);
	return log;
}

enum step { SIZE, APPEND, SYNC, CUT, ENDS_WITH, READ, DAMAGED };

static int take_step(const struct log *log, enum step step)
{
	struct log_reader r;
	struct log_line line;
	uint64_t size;
	bool same;
	int result;

	switch (step) {
	case SIZE:
		return log_size(log, &size, &fixture.err);
	case APPEND:
		return log_append(log, span_str("x\n"), &fixture.err);
	case SYNC:
		return log_sync(log, &fixture.err);
	case CUT:
		return log_cut(log, 1, &fixture.err);
	case ENDS_WITH:
		return log_ends_with(log, 100, "00000000", &same, &fixture.err);
	case DAMAGED:
		return log_damaged(log, 100, &fixture.err);
	default:	/* READ */
		result = log_read(&r, log, 0, &fixture.err);
		if (result == 0)
			result = log_next(&r, &line, &fixture.err);
		log_reader_release(&r);
		return result;
	}
}

static void whatever_fails_is_said(void **state)
{
	static const struct {
		enum step step;
		int flags;
	} rows[] = {
		{ SIZE, -1 }, { SYNC, -1 }, { APPEND, O_RDONLY },
		{ CUT, O_RDONLY }, { ENDS_WITH, O_WRONLY },
		{ READ, -1 }, { READ, O_WRONLY }, { DAMAGED, O_WRONLY },
	};
	struct buf before, after;

	(void)state;
	three_events();
	before = fixture_log();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct log log = log_by(rows[i].flags);

		fixture.err = (struct error)ERROR_INIT;
		assert_fails(ERR_IO, take_step(&log, rows[i].step));
		/* and of which file */
		assert_non_null(strstr(fixture.err.text, log.path));
		log_close(&log);
	}
	after = fixture_log();
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	buf_release(&before);
	buf_release(&after);
}

static void no_folder_no_log(void **state)
{
	struct log log = { .fd = -1 };

	(void)state;
	assert_fails(ERR_NOTFOUND, log_open(&log, fixture_path("none"),
					    &fixture.err));
	log_close(&log);
}

/* It was longer a moment ago. */
static void a_log_that_has_become_shorter(void **state)
{
	struct log log = log_by(O_RDONLY);
	struct buf bytes;
	char crc[LOG_CRC];
	uint64_t size;
	bool same;

	(void)state;
	three_events();
	bytes = fixture_log();
	size = bytes.len;
	snprintf(crc, sizeof(crc), "%.8s", bytes.data + size - 11);
	for (size_t gone = 0; gone <= size; gone++) {
		fixture_put_log(bytes.data, size - gone);
		assert_ok(log_ends_with(&log, size, crc, &same, &fixture.err));
		assert_int_equal(same, gone == 0);
	}
	/* nor is there a line so short */
	assert_ok(log_ends_with(&log, 1, crc, &same, &fixture.err));
	assert_false(same);
	fixture_put_log(bytes.data, size);
	buf_release(&bytes);
	assert_fails(ERR_DATA, log_damaged(&log, size + 7, &fixture.err));
	assert_non_null(strstr(fixture.err.text, "line 4 is damaged"));
	log_close(&log);
}

static void no_line_comes_after_the_end(void **state)
{
	struct log log = log_by(O_RDONLY);
	struct log_reader r;
	struct log_line line;
	struct buf bytes;

	(void)state;
	three_events();
	bytes = fixture_log();
	assert_ok(log_read(&r, &log, 0, &fixture.err));
	fixture_put_log(bytes.data, strcspn(bytes.data, "\n") + 1);
	assert_int_equal(log_next(&r, &line, &fixture.err), 1);
	assert_false(line.damaged);
	assert_int_equal(log_next(&r, &line, &fixture.err), 0);
	log_reader_release(&r);
	log_close(&log);
	buf_release(&bytes);
}

/* Of the second line only its beginning can be read. */
static void a_disk_that_fails_within_a_line(void **state)
{
	struct log log = log_by(O_RDONLY), bad = log_by(O_WRONLY);
	struct log_reader r;
	struct log_line line;
	struct buf bytes = BUF_INIT;

	(void)state;
	add_line_of(&bytes, 1, 200);
	add_line_of(&bytes, 2, 100 * 1000);
	fixture_put_log(bytes.data, bytes.len);
	assert_ok(log_read(&r, &log, 0, &fixture.err));
	assert_int_equal(log_next(&r, &line, &fixture.err), 1);
	assert_int_equal(dup2(bad.fd, log.fd), log.fd);
	assert_fails(ERR_IO, log_next(&r, &line, &fixture.err));
	assert_non_null(strstr(fixture.err.text, log.path));
	log_reader_release(&r);
	log_close(&log);
	log_close(&bad);
	buf_release(&bytes);
}

/* Read while another process restores it from somewhere, or on a bad disk. */
static void a_log_shown_while_it_is_damaged(void **state)
{
	struct log_filter all = { 0, NULL };
	struct seen seen = { .stop_at = 0 };
	struct log was;
	uint64_t next;
	struct buf log;
	size_t first;

	(void)state;
	three_events();
	log = fixture_log();
	first = strcspn(log.data, "\n") + 1;
	log.data[first + 3] ^= 1;
	fixture_put_log(log.data, log.len);
	assert_fails(ERR_DATA, store_log(fixture.s, &all, 0, see, &seen, &next,
					 &fixture.err));
	assert_non_null(strstr(fixture.err.text, "line 2 is damaged"));
	assert_int_equal(seen.lines.count, 1);
	assert_int_equal(next, first);
	was = fixture.s->log;
	fixture.s->log = log_by(O_WRONLY);
	assert_fails(ERR_IO, store_log(fixture.s, &all, 0, see, &seen, &next,
				       &fixture.err));
	log_close(&fixture.s->log);
	fixture.s->log = was;
	assert_int_equal(seen.lines.count, 1);
	list_release(&seen.lines);
	buf_release(&log);
}

/* A text with a NUL would be JSON, but none that is ever read. */
static void what_is_never_read_is_not_written(void **state)
{
	json_t *fields = json_object();
	struct buf before, after;

	(void)state;
	raise_problem("a");
	before = fixture_log();
	json_object_set_new(fields, "key", json_stringn("b\0c", 3));
	begin();
	assert_fails(ERR_INTERNAL, event_record(fixture.s, "problem.raised", fields,
						&fixture.err));
	commit();
	after = fixture_log();
	assert_int_equal(after.len, before.len);
	raise_problem("b");
	assert_int_equal(open_problems(), 2);
	assert_rebuilt_equal();
	buf_release(&before);
	buf_release(&after);
}

/* What a newer trine wrote is passed over, and kept. */
static void an_unknown_type_is_left_alone(void **state)
{
	struct buf log = BUF_INIT;

	(void)state;
	buf_adds(&log, "{\"seq\":1,\"time\":\"2026-09-21T14:13:20Z\","
		 "\"type\":\"moon.rose\",\"actor\":\"trine\"");
	buf_printf(&log, ",\"crc\":\"%08x\"}\n",
		   (unsigned)digest_crc32c(log.data, log.len));
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(true));
	raise_problem("a");
	assert_int_equal(open_problems(), 1);
	assert_rebuilt_equal();
	buf_release(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_line_is_one_object_with_its_crc),
		STORE_TEST(the_crc_is_castagnoli),
		STORE_TEST(the_log_can_be_read_and_followed),
		STORE_TEST(a_line_on_its_way_is_not_shown),
		STORE_TEST(a_torn_end_is_cut),
		STORE_TEST(a_changed_byte_is_seen),
		STORE_TEST(lines_say_which_they_are),
		STORE_TEST(half_a_transaction_never_happened),
		STORE_TEST(a_transaction_with_a_hole_never_happened),
		STORE_TEST(a_hole_before_the_last_transaction_is_damage),
		STORE_TEST(half_a_transaction_is_not_shown),
		STORE_TEST(numbers_must_rise),
		STORE_TEST(another_log_makes_another_view),
		STORE_TEST(a_line_that_never_ends_is_damage),
		STORE_TEST(fields_that_are_wrong_are_damage),
		STORE_TEST(a_line_has_a_longest_length),
		STORE_TEST(a_head_that_is_wrong_is_damage),
		STORE_TEST(whatever_fails_is_said),
		STORE_TEST(no_folder_no_log),
		STORE_TEST(a_log_that_has_become_shorter),
		STORE_TEST(no_line_comes_after_the_end),
		STORE_TEST(a_disk_that_fails_within_a_line),
		STORE_TEST(a_log_shown_while_it_is_damaged),
		STORE_TEST(what_is_never_read_is_not_written),
		STORE_TEST(an_unknown_type_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
