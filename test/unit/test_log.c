/* The event log: lines, checks, cuts; damage at every byte. */
#include "log_fixture.h"

#include "trine/digest.h"
#include "trine/limits.h"
#include "trine/text.h"

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

/* Holes in two of its lines; but where a byte of the second one has another value, that
 * was on the disk once. */
static void a_transaction_with_two_holes(void **state)
{
	size_t alone;
	struct buf log = log_of_two_transactions(&alone);
	char *second = strstr(log.data, "{\"seq\":3");

	(void)state;
	memset(log.data + alone + 20, 0, 10);
	second[20] ^= 1;
	fixture_put_log(log.data, log.len);
	assert_fails(ERR_DATA, open_again(false));
	assert_non_null(strstr(fixture.err.text, "line 2 is damaged"));
	memset(second + 20, 0, 10);
	fixture_put_log(log.data, log.len);
	assert_ok(open_again(false));
	assert_int_equal(open_problems(), 1);
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

/* Also if the LF between them is not one any more; but a hole may begin there. */
static void a_changed_lf_before_half_a_line_is_damage(void **state)
{
	static const struct {
		const char *behind;
		char lf;
		bool hole, damage;	/* in what is before it; is that said */
	} rows[] = {
		{ "{\"seq\":5,\"ti", '\v', false, true },
		{ "{\"", ' ', false, true },
		{ "", '\v', false, false },
		{ "{\"seq\":5,\"ti", '\0', false, false },
		{ "{\"seq\":5,\"ti", '\v', true, false },
	};
	size_t alone;
	struct buf log = log_of_two_transactions(&alone), bytes = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&bytes);
		buf_add(&bytes, log.data, log.len - 1);
		buf_addc(&bytes, rows[i].lf);
		buf_adds(&bytes, rows[i].behind);
		if (rows[i].hole)
			memset(bytes.data + log.len - 60, 0, 10);
		fixture_put_log(bytes.data, bytes.len);
		if (rows[i].damage) {
			assert_fails(ERR_DATA, open_again(false));
			assert_non_null(strstr(fixture.err.text, "line 4 is damaged"));
		} else {
			assert_ok(open_again(false));
			assert_int_equal(open_problems(), 1);
		}
	}
	buf_release(&bytes);
	buf_release(&log);
}

/* Also if that is no whole line: it is none of its own, of which there are three. */
static void a_hole_before_half_a_line_is_damage(void **state)
{
	size_t alone;
	struct buf log = log_of_two_transactions(&alone), bytes = BUF_INIT;

	(void)state;
	for (int line = 2; line <= 4; line++) {
		char seq[16], want[32];

		snprintf(seq, sizeof(seq), "{\"seq\":%d,", line);
		snprintf(want, sizeof(want), "line %d is damaged", line);
		buf_reset(&bytes);
		buf_addb(&bytes, &log);
		memset(strstr(bytes.data, seq) + 20, 0, 10);
		buf_adds(&bytes, "{\"seq\":5,\"ti");
		fixture_put_log(bytes.data, bytes.len);
		assert_fails(ERR_DATA, open_again(false));
		assert_non_null(strstr(fixture.err.text, want));
	}
	buf_release(&bytes);
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

/* What came behind it was written when it was whole: a repair took its end out. Also
 * if that is half of another one, which is on its way. */
static void half_a_transaction_before_another_is_shown(void **state)
{
	static const char first[] = "{\"seq\":5,\"time\":\"2026-09-21T14:13:20Z\","
		"\"type\":\"problem.raised\",\"actor\":\"trine\",\"key\":\"5\"}";
	struct log_filter all = { 0, NULL };
	size_t alone, half;
	struct buf log = log_of_two_transactions(&alone);
	char crc[LOG_CRC];
	uint64_t next;

	(void)state;
	half = (size_t)(strstr(log.data, "{\"seq\":4") - log.data);
	for (unsigned of = 2; of > 0; of--) {
		buf_truncate(&log, half);
		log_write_line(&log, span_str(first), 1, of, crc);
		fixture_put_log(log.data, log.len);
		assert_int_equal(look(&all, 0, 0, &next), of == 1 ? 4 : 3);
		assert_int_equal(next, of == 1 ? log.len : half);
	}
	assert_ok(open_again(false));
	assert_int_equal(open_problems(), 4);
	assert_rebuilt_equal();
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

#define AT ",\"time\":\"2026-09-21T14:13:20Z\",\"type\":\"x\""

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
		"{\"seq\":1,\"nth\":one,\"of\":2" AT,
		"{\"seq\":1,\"nth\":1,\"by\":2" AT,
		"{\"seq\":1,\"nth\":1,\"of\":two" AT,
		"{\"seq\":1,\"nth\":0,\"of\":2" AT,
		"{\"seq\":1,\"nth\":3,\"of\":2" AT,
		"{\"seq\":1,\"nth\":1,\"of\":4294967296" AT,
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
		STORE_TEST(a_transaction_with_two_holes),
		STORE_TEST(a_hole_before_the_last_transaction_is_damage),
		STORE_TEST(a_changed_lf_before_half_a_line_is_damage),
		STORE_TEST(a_hole_before_half_a_line_is_damage),
		STORE_TEST(half_a_transaction_is_not_shown),
		STORE_TEST(half_a_transaction_before_another_is_shown),
		STORE_TEST(numbers_must_rise),
		STORE_TEST(another_log_makes_another_view),
		STORE_TEST(a_line_that_never_ends_is_damage),
		STORE_TEST(fields_that_are_wrong_are_damage),
		STORE_TEST(a_line_has_a_longest_length),
		STORE_TEST(a_head_that_is_wrong_is_damage),
		STORE_TEST(what_is_never_read_is_not_written),
		STORE_TEST(an_unknown_type_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
