/* The log's parts where something is not as it was: a part, its first line, the disk. */
#include "parts_fixture.h"

#include <stdbool.h>

#include "../../src/store/store.h"
#include "failing_calls.h"

/* As a new process opens it. */
static int open_log(struct log *log)
{
	fixture.err = (struct error)ERROR_INIT;
	return log_open(log, fixture.dir, &fixture.err);
}

/* Where an event of ours stands, and whether it can be read from there. */
static int read_at(const struct log *log, uint64_t offset, uint64_t seq)
{
	struct log_reader r;
	struct log_line line;
	int rc;

	fixture.err = (struct error)ERROR_INIT;
	rc = log_read(&r, log, offset, &fixture.err);
	if (rc == 0)
		rc = log_next(&r, &line, &fixture.err);
	if (rc == 1) {
		assert_false(line.damaged);
		assert_int_equal(line.seq, seq);
	}
	log_reader_release(&r);
	return rc;
}

/* ---- a part ---- */

static void a_part_has_the_length_it_had(void **state)
{
	static const struct {
		int more;
		const char *why;
	} rows[] = {
		{ 1, "000001.jsonl is longer than it was" },
		{ -1, "/log is not complete" },
	};
	struct file_info info;
	struct log log;

	(void)state;
	assert_ok(file_stat(PART("1"), &info, &fixture.err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		off_t was = (off_t)info.size;

		assert_int_equal(truncate(PART("1"), was + rows[i].more), 0);
		assert_ok(open_log(&log));
		assert_fails(ERR_DATA, read_at(&log, 0, 1));
		assert_non_null(strstr(fixture.err.text, rows[i].why));
		/* behind it all is well */
		assert_int_equal(read_at(&log, log.start.offset, 6), 1);
		log_close(&log);
		assert_int_equal(truncate(PART("1"), was), 0);
	}
}

static void a_part_that_cannot_be_opened_is_named(void **state)
{
	struct log log;

	(void)state;
	assert_ok(open_log(&log));
	fail_call(CALL_OPEN, 1, EMFILE);
	assert_fails(ERR_IO, read_at(&log, 0, 1));
	assert_true(call_failed());
	assert_non_null(strstr(fixture.err.text, "log/000001.jsonl"));
	assert_int_equal(read_at(&log, 0, 1), 1);
	log_close(&log);
}

/* As if the log ended where its first part does, where it ends, or behind that. */
static void it_can_be_read_as_if_it_ended_before(void **state)
{
	struct log *log = &fixture.s->log;
	struct log_reader r;
	struct log_line line;
	uint64_t two, size;

	(void)state;
	assert_ok(store_log_seek(fixture.s, 2, &two, &fixture.err));
	assert_ok(log_size(log, &size, &fixture.err));
	for (int i = 0; i < 3; i++) {
		const uint64_t ends[] = { two, size, size + 1 };
		unsigned lines = 0;

		assert_ok(log_read_to(&r, log, 0, ends[i], &fixture.err));
		while (log_next(&r, &line, &fixture.err) == 1) {
			assert_int_equal(line.seq, ++lines);
			assert_int_equal(line.last, line.next == r.end);
		}
		assert_int_equal(lines, i == 0 ? 2 : sent + 2);
		log_reader_release(&r);
	}
}

/* ---- its first line ---- */

static void put_first_line(const char *rest)
{
	struct buf json = BUF_INIT, line = BUF_INIT;
	char crc[LOG_CRC];

	buf_printf(&json, "{\"seq\":6,\"time\":\"2026-09-21T14:13:20Z\","
		   "\"type\":\"log.continued\",\"actor\":\"trine\"%s}", rest);
	log_write_line(&line, span_of(&json), 1, 1, crc);
	fixture_put_log(line.data, line.len);
	buf_release(&json);
	buf_release(&line);
}

static void a_start_says_part_and_what_came_before(void **state)
{
	static const struct {
		const char *rest;
		bool start;
	} rows[] = {
		{ ",\"part\":3,\"start\":900,\"before\":\"5f3a9c1e\"", true },
		{ ",\"part\":1,\"start\":900,\"before\":\"5f3a9c1e\"", false },
		{ ",\"start\":900,\"before\":\"5f3a9c1e\"", false },
		{ ",\"part\":3,\"start\":900,\"before\":\"5f3a9c1\"", false },
		{ ",\"part\":3,\"start\":900", false },
	};
	struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_first_line(rows[i].rest);
		if (rows[i].start) {
			assert_ok(open_log(&log));
			assert_int_equal(log.start.part, 3);
			assert_int_equal(log.start.offset, 900);
			assert_string_equal(log.start.before, "5f3a9c1e");
		} else {
			assert_fails(ERR_DATA, open_log(&log));
			assert_non_null(strstr(fixture.err.text, "does not go on"));
		}
		log_close(&log);
	}
}

/* A roll-over that was killed gave it the name of the first part, too. Of its first
 * line nothing is left since a repair. */
static void a_log_may_be_the_first_part_itself(void **state)
{
	struct log log;
	struct buf bytes;

	(void)state;
	assert_ok(file_remove_tree(fixture_path("log"), &fixture.err));
	assert_ok(file_mkdir(fixture_path("log"), 0700, &fixture.err));
	fixture_put_log("     \n", 6);
	assert_int_equal(link(fixture_path("event-log.jsonl"), PART("1")), 0);
	assert_ok(open_log(&log));
	assert_int_equal(log.start.part, 1);
	assert_int_equal(log.start.offset, 0);
	log_close(&log);
	/* as a backup puts it back: two files */
	bytes = fixture_log();
	assert_int_equal(unlink(PART("1")), 0);
	put(PART("1"), bytes.data);
	assert_fails(ERR_DATA, open_log(&log));
	assert_non_null(strstr(fixture.err.text, "does not go on"));
	log_close(&log);
	buf_release(&bytes);
}

/* ---- the disk ---- */

static void a_log_that_cannot_be_read_is_not_opened(void **state)
{
	static const struct {
		enum call call;
		unsigned nth;
	} rows[] = {
		{ CALL_OPEN, 1 }, { CALL_FSTAT, 1 }, { CALL_FSTAT, 2 }, { CALL_PREAD, 1 },
	};
	struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fail_call(rows[i].call, rows[i].nth, EIO);
		assert_fails(ERR_IO, open_log(&log));
		assert_true(call_failed());
		assert_non_null(strstr(fixture.err.text, log.path));
		log_close(&log);
	}
}

/* A disk may become one that can only be read, and be well again. */
static void what_can_only_be_read_says_so(void **state)
{
	struct buf before = fixture_log(), after;
	struct log log;
	uint64_t size;

	(void)state;
	fail_call(CALL_OPEN, 1, EROFS);
	assert_ok(open_log(&log));
	assert_true(call_failed());
	assert_true(log.read_only);
	assert_int_equal(read_at(&log, 0, 1), 1);
	assert_int_equal(log_append(&log, span_str("x\n"), &fixture.err), -1);
	assert_ok(log_sync(&log, &fixture.err));
	assert_ok(log_size(&log, &size, &fixture.err));
	assert_ok(log_cut(&log, size - 1, &fixture.err));
	fail_call(CALL_OPEN, 1, EACCES);
	assert_fails(ERR_IO, log_writable(&log, &fixture.err));
	assert_true(call_failed());
	assert_fails(ERR_AGAIN, log_writable(&log, &fixture.err));
	assert_non_null(strstr(fixture.err.text, log.path));
	log_close(&log);
	assert_ok(open_log(&log));
	assert_ok(log_writable(&log, &fixture.err));
	log_close(&log);
	after = fixture_log();
	assert_int_equal(after.len, before.len);
	buf_release(&before);
	buf_release(&after);
}

/* Somebody put another file there. Until that is mended the old one stays open. */
static void a_log_that_is_no_more_is_not_renewed(void **state)
{
	struct log_filter all = { 0, NULL };
	struct log *log = &fixture.s->log;
	struct log was = *log;
	uint64_t at;

	(void)state;
	assert_int_equal(rename(fixture_path("event-log.jsonl"), fixture_path("kept")), 0);
	put(fixture_path("event-log.jsonl"), "");
	for (int i = 0; i < 2; i++) {
		enum error_code code = i == 0 ? ERR_IO : ERR_DATA;

		if (i == 0)
			fail_call(CALL_OPEN, 1, EIO);
		assert_fails(code, log_renew(log, &fixture.err));
		assert_int_equal(call_failed(), i == 0);
		assert_memory_equal(log, &was, sizeof(was));
		assert_int_equal(read_at(log, 0, 1), 1);
	}
	assert_fails(ERR_DATA, store_log_end(fixture.s, &at, &fixture.err));
	assert_fails(ERR_DATA, store_log_seek(fixture.s, 1, &at, &fixture.err));
	assert_fails(ERR_DATA, store_log(fixture.s, &all, 0, NULL, NULL, &at,
					 &fixture.err));
	assert_int_equal(rename(fixture_path("kept"), fixture_path("event-log.jsonl")), 0);
	assert_ok(log_renew(log, &fixture.err));
	assert_ok(store_log_end(fixture.s, &at, &fixture.err));
}

/* ---- by number ---- */

/* In a log of any length, and of one event, too: half of it is no place of a line. */
static void an_event_is_found_in_any_log(void **state)
{
	uint64_t at, end[9] = { 0 };

	(void)state;
	sent = 0;
	for (uint64_t events = 0; events < ARRAY_LEN(end); events++) {
		if (events > 0)
			send_next();
		assert_ok(store_log_end(fixture.s, &end[events], &fixture.err));
		for (uint64_t seq = 0; seq <= events + 1; seq++) {
			assert_ok(store_log_seek(fixture.s, seq, &at, &fixture.err));
			assert_int_equal(at, end[seq < events ? seq : events]);
		}
	}
}

static void where_a_part_is_missing_none_is_found(void **state)
{
	struct log_filter all = { 0, NULL };
	uint64_t at;

	(void)state;
	fail_call(CALL_PREAD, 1, EIO);
	assert_fails(ERR_IO, store_log_seek(fixture.s, 1, &at, &fixture.err));
	assert_true(call_failed());
	assert_int_equal(rename(PART("1"), fixture_path("kept")), 0);
	assert_fails(ERR_DATA, store_log_seek(fixture.s, 1, &at, &fixture.err));
	assert_non_null(strstr(fixture.err.text, "log/000001.jsonl is missing"));
	assert_fails(ERR_DATA, store_log(fixture.s, &all, 0, NULL, NULL, &at,
					 &fixture.err));
	assert_int_equal(at, 0);
	assert_int_equal(rename(fixture_path("kept"), PART("1")), 0);
	assert_ok(store_log_seek(fixture.s, 1, &at, &fixture.err));
	assert_int_equal(read_at(&fixture.s->log, at, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PARTS_TEST(a_part_has_the_length_it_had),
		PARTS_TEST(a_part_that_cannot_be_opened_is_named),
		PARTS_TEST(it_can_be_read_as_if_it_ended_before),
		PARTS_TEST(a_start_says_part_and_what_came_before),
		PARTS_TEST(a_log_may_be_the_first_part_itself),
		PARTS_TEST(a_log_that_cannot_be_read_is_not_opened),
		PARTS_TEST(what_can_only_be_read_says_so),
		PARTS_TEST(a_log_that_is_no_more_is_not_renewed),
		STORE_TEST(an_event_is_found_in_any_log),
		PARTS_TEST(where_a_part_is_missing_none_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
