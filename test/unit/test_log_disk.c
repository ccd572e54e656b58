/* The event log on a disk that fails, and as others change it while it is read. */
#include "log_fixture.h"

#include <fcntl.h>

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

enum step { SIZE, APPEND, SYNC, CUT, ENDS_WITH, READ, DAMAGED, TORN };

static int take_step(const struct log *log, enum step step)
{
	const struct log_inside alone = { 0 };
	const struct log_line torn = { .next = 100, .torn = true };
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
	case TORN:
		return log_is_torn(log, &alone, &torn, &same, &fixture.err);
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
		{ TORN, -1 }, { TORN, O_WRONLY },
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

/* With the first line the disk goes: by what is read then, and its size. */
struct last_seen {
	unsigned count;
	int spare;		/* the log, to be had again */
	int flags;		/* what is there instead, as for log_by */
};

static int see_the_last(void *arg, const char *line, size_t len)
{
	struct last_seen *seen = arg;
	int fd = fixture.s->log.fd;
	struct log bad = log_by(seen->flags);

	(void)line;
	(void)len;
	seen->count++;
	seen->spare = dup(fd);
	assert_true(seen->spare != -1);
	if (bad.fd == -1)
		assert_int_equal(close(fd), 0);
	else
		assert_int_equal(dup2(bad.fd, fd), fd);
	log_close(&bad);
	return 0;
}

/* Whether the transaction behind it is whole nobody can say: it is not shown. */
static void a_disk_that_goes_before_a_transaction(void **state)
{
	static const int rows[] = { -1, O_WRONLY };
	struct log_filter all = { 0, NULL };
	size_t alone;
	struct buf log = log_of_two_transactions(&alone);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct last_seen seen = { .flags = rows[i] };
		int fd = fixture.s->log.fd;
		uint64_t next;

		fixture.err = (struct error)ERROR_INIT;
		assert_fails(ERR_IO, store_log(fixture.s, &all, 0, see_the_last, &seen,
					       &next, &fixture.err));
		assert_non_null(strstr(fixture.err.text, fixture.s->log.path));
		assert_int_equal(seen.count, 1);
		assert_int_equal(next, alone);
		assert_int_equal(dup2(seen.spare, fd), fd);
		assert_int_equal(close(seen.spare), 0);
		assert_int_equal(look(&all, next, 0, &next), 3);
	}
	buf_release(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(whatever_fails_is_said),
		STORE_TEST(no_folder_no_log),
		STORE_TEST(a_log_that_has_become_shorter),
		STORE_TEST(no_line_comes_after_the_end),
		STORE_TEST(a_disk_that_fails_within_a_line),
		STORE_TEST(a_disk_that_goes_before_a_transaction),
		STORE_TEST(a_log_shown_while_it_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
