/* The log in several parts: what a roll-over keeps, what a new view is made from, and
 * what is left when one was killed. (Killed everywhere: crash/t035.) */
#include "parts_fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "../../src/store/log.h"

/* Every event that store_log gives is numbered as the one before it, and one more. */
struct seen {
	uint64_t seq, count;
	bool broken;
};

static int see(void *arg, const char *line, size_t len)
{
	struct seen *seen = arg;
	uint64_t seq = strtoull(line + strlen("{\"seq\":"), NULL, 10);

	(void)len;
	seen->broken |= seen->seq != 0 && seq != seen->seq + 1;
	seen->seq = seq;
	seen->count++;
	return 0;
}

static struct seen look(uint64_t from, uint64_t *next)
{
	struct log_filter all = { 0, NULL };
	struct seen seen = { 0 };

	assert_ok(store_log(fixture.s, &all, from, see, &seen, next,
			    &fixture.err));
	assert_false(seen.broken);
	return seen;
}

/* All that was sent is there, in whatever parts; so is each roll-over. */
static void check(unsigned rolled)
{
	struct seen seen;
	uint64_t next;

	assert_int_equal(sent_count(), sent);
	seen = look(0, &next);
	assert_int_equal(seen.count, sent + rolled);
	assert_int_equal(seen.seq, sent + rolled);
}

static void open_without_view(void)
{
	store_close(fixture.s);
	fixture_remove_view();
	fixture_open();
}

/* ---- what it keeps ---- */

static void the_log_goes_on(void **state)
{
	struct seen seen;
	uint64_t next;

	(void)state;
	check(2);
	assert_rebuilt_equal();
	check(2);
	look(0, &next);
	roll();
	send_next();
	seen = look(next, &next);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.seq, sent + 3);
	check(3);
	/* one copy, of the last part that is closed */
	assert_false(file_exists(COPY("2")));
	assert_true(file_exists(COPY("3")));
	assert_rebuilt_equal();
}

static void a_short_log_stays(void **state)
{
	(void)state;
	assert_ok(store_roll_over(fixture.s, 1 << 20, &fixture.err));
	assert_false(file_exists(PART("3")));
	check(2);
}

static int see_one(void *arg, const char *line, size_t len)
{
	see(arg, line, len);
	return -1;
}

static void one_can_stop_anywhere_and_go_on(void **state)
{
	struct log_filter all = { 0, NULL };
	struct seen seen = { 0 };
	uint64_t at = 0, before;

	(void)state;
	do {
		before = at;
		assert_ok(store_log(fixture.s, &all, at, see_one, &seen, &at,
				    &fixture.err));
	} while (at != before);
	assert_false(seen.broken);
	assert_int_equal(seen.count, sent + 2);
}

/* Behind each number stand those with a higher one, in whatever part. */
static void an_event_is_found_by_its_number(void **state)
{
	uint64_t at, end, next;

	(void)state;
	for (uint64_t seq = 0; seq <= sent + 4; seq++) {
		uint64_t behind = seq < sent + 2 ? sent + 2 - seq : 0;

		assert_ok(store_log_seek(fixture.s, seq, &at, &fixture.err));
		assert_int_equal(look(at, &next).count, behind);
	}
	assert_ok(store_log_end(fixture.s, &end, &fixture.err));
	assert_int_equal(at, end);
	assert_int_equal(next, end);
}

/* ---- what a view is made from ---- */

static void the_copy_is_enough(void **state)
{
	(void)state;
	assert_int_equal(unlink(PART("1")), 0);
	open_without_view();
	assert_int_equal(sent_count(), sent);
	send_next();
	assert_rebuilt_equal();
	assert_int_equal(sent_count(), sent);
}

/* Where TEXT stands in it first. */
static long place_of(const char *path, const char *text)
{
	struct buf bytes = BUF_INIT;
	const char *found;
	long at;

	assert_ok(file_read(path, 1 << 24, &bytes, NULL, &fixture.err));
	found = memmem(bytes.data, bytes.len, text, strlen(text));
	assert_non_null(found);
	at = found - bytes.data;
	buf_release(&bytes);
	return at;
}

/* As it would be from a copy: row for row. */
static void a_copy_that_is_not_whole_is_not_used(void **state)
{
	static const struct {
		long spoiled;	/* which byte, or: */
		enum { SPOIL, CUT, REMOVE } how;
	} rows[] = {
		{ -1, SPOIL }, { 0, SPOIL }, { 100, SPOIL }, { 4096, SPOIL },
		{ 30000, CUT }, { 0, CUT }, { 0, REMOVE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].how == SPOIL)
			spoil(COPY("2"), rows[i].spoiled != -1 ?
			      rows[i].spoiled : place_of(COPY("2"), "length"));
		else if (rows[i].how == CUT)
			assert_int_equal(truncate(COPY("2"), rows[i].spoiled), 0);
		else
			assert_int_equal(unlink(COPY("2")), 0);
		assert_rebuilt_equal();
		check(2);
	}
	/* and then all parts are needed */
	store_close(fixture.s);
	fixture.s = NULL;
	assert_int_equal(rename(PART("1"), PART("9")), 0);
	fixture_remove_view();
	assert_fails(ERR_DATA, store_open(&fixture.s, fixture.dir, &fixture.clock,
					  &fixture.err));
	assert_non_null(strstr(fixture.err.text, "log/000001.jsonl is missing"));
	assert_int_equal(rename(PART("9"), PART("1")), 0);
	fixture_open();
	check(2);
}

/* Two parts later somebody puts back the view that there is now. */
static void be_behind(void)
{
	struct buf old = BUF_INIT;
	FILE *f;

	store_close(fixture.s);
	run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	assert_ok(file_read(fixture_path("state.db"), 1 << 24, &old, NULL,
			    &fixture.err));
	fixture_open();
	for (int i = 0; i < 2; i++) {
		send_next();
		roll();
	}
	store_close(fixture.s);
	fixture_remove_view();
	f = fopen(fixture_path("state.db"), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(old.data, 1, old.len, f), old.len);
	assert_int_equal(fclose(f), 0);
	buf_release(&old);
}

static void an_old_view_is_caught_up(void **state)
{
	(void)state;
	be_behind();
	fixture_open();
	check(4);
	assert_rebuilt_equal();
}

/* Then the copy is taken, as if there were no view. */
static void an_old_view_whose_part_is_gone_is_none(void **state)
{
	(void)state;
	be_behind();
	assert_int_equal(unlink(PART("3")), 0);
	fixture_open();
	assert_int_equal(sent_count(), sent);
	send_next();
	assert_rebuilt_equal();
	assert_int_equal(sent_count(), sent);
}

/* Killed between the log and the view: it ends where the new part starts. One that
 * ends there and is of another log is none. */
static void a_view_at_the_border_fits_or_not(void **state)
{
	static const char *const rows[] = { "", "UPDATE applied SET crc = '0';"
		"UPDATE message SET id = 'x' || id" };
	struct record first;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		send_next();
		run_sql("CREATE TABLE was AS SELECT * FROM applied");
		roll();
		run_sql("DELETE FROM applied;"
			"INSERT INTO applied SELECT * FROM was; DROP TABLE was");
		run_sql(rows[i]);
		fixture_reopen();
		check(3 + i);
		first = get("1_TO_2.1");
		record_release(&first);
		/* the copy has the table, too */
		assert_int_equal(unlink(i == 0 ? COPY("3") : COPY("4")), 0);
		run_sql("DROP TABLE IF EXISTS was");
		assert_rebuilt_equal();
	}
}

static void damage_names_the_part(void **state)
{
	(void)state;
	assert_int_equal(unlink(COPY("2")), 0);
	spoil(PART("2"), 200);
	store_close(fixture.s);
	fixture.s = NULL;
	fixture_remove_view();
	assert_fails(ERR_DATA, store_open(&fixture.s, fixture.dir, &fixture.clock,
					  &fixture.err));
	assert_non_null(strstr(fixture.err.text, "log/000002.jsonl line 2 is"));
	spoil(PART("2"), 200);
	fixture_open();
}

static void a_part_that_goes_while_it_is_read_is_named(void **state)
{
	struct log_reader r;
	struct log_line line;
	struct log log;

	(void)state;
	assert_ok(log_open(&log, fixture.dir, &fixture.err));
	assert_ok(log_read(&r, &log, 0, &fixture.err));
	assert_int_equal(unlink(PART("2")), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(log_next(&r, &line, &fixture.err), 1);
	assert_fails(ERR_DATA, log_next(&r, &line, &fixture.err));
	assert_non_null(strstr(fixture.err.text, "log/000002.jsonl is missing"));
	log_reader_release(&r);
	/* and where a line is damaged, nobody can say */
	fixture.err = (struct error)ERROR_INIT;
	assert_fails(ERR_DATA, log_damaged(&log, 0, &fixture.err));
	assert_non_null(strstr(fixture.err.text, "log/000002.jsonl is missing"));
	log_close(&log);
}

/* It would be taken for a new computer's. */
static void a_log_without_its_start_is_refused(void **state)
{
	struct buf log = fixture_log();

	(void)state;
	store_close(fixture.s);
	fixture.s = NULL;
	for (int i = 0; i < 2; i++) {
		fixture_put_log(log.data + 9, i == 0 ? 0 : log.len - 9);
		assert_fails(ERR_DATA, store_open(&fixture.s, fixture.dir,
						  &fixture.clock, &fixture.err));
		assert_non_null(strstr(fixture.err.text, "does not go on"));
	}
	fixture_put_log(log.data, log.len);
	fixture_open();
	check(2);
	buf_release(&log);
}

/* ---- others have it open ---- */

static int rolls_over_elsewhere(void)
{
	struct error err = ERROR_INIT;
	struct store *s = NULL;
	int rc = store_open(&s, fixture.dir, &fixture.clock, &err) == -1 ||
		 store_roll_over(s, ALWAYS, &err) == -1;

	store_close(s);
	return rc;
}

static void who_has_it_open_goes_on(void **state)
{
	uint64_t next;

	(void)state;
	look(0, &next);
	for (unsigned i = 1; i <= 3; i++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0)
			_exit(rolls_over_elsewhere());
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		/* a reader, and one who writes */
		if (i > 1)
			assert_int_equal(look(next, &next).count, 1);
		send_next();
		assert_int_equal(look(next, &next).count, i > 1 ? 1 : 2);
		check(2 + i);
	}
	assert_rebuilt_equal();
}

/* ---- what a killed one leaves ---- */

static void leftovers_harm_nobody(void **state)
{
	(void)state;
	put(fixture_path("log/next.jsonl"), "{\"seq\":1,");
	put(fixture_path("log/next.db"), "half");
	put(COPY("3"), "of nothing");
	assert_int_equal(link(fixture_path("event-log.jsonl"), PART("3")), 0);
	fixture_reopen();
	check(2);
	send_next();
	assert_rebuilt_equal();
	roll();
	send_next();
	check(3);
	assert_rebuilt_equal();
	assert_false(file_exists(fixture_path("log/next.jsonl")));
	assert_false(file_exists(fixture_path("log/next.db")));
}

/* The same, but a backup made two files of what was one. */
static void a_file_in_the_way_stays(void **state)
{
	(void)state;
	put(PART("3"), "somebody's\n");
	roll();
	check(3);
	assert_true(file_exists(fixture_path("log/000003.jsonl.found")));
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PARTS_TEST(the_log_goes_on),
		PARTS_TEST(a_short_log_stays),
		PARTS_TEST(one_can_stop_anywhere_and_go_on),
		PARTS_TEST(an_event_is_found_by_its_number),
		PARTS_TEST(the_copy_is_enough),
		PARTS_TEST(a_copy_that_is_not_whole_is_not_used),
		PARTS_TEST(an_old_view_is_caught_up),
		PARTS_TEST(an_old_view_whose_part_is_gone_is_none),
		PARTS_TEST(a_view_at_the_border_fits_or_not),
		PARTS_TEST(damage_names_the_part),
		PARTS_TEST(a_part_that_goes_while_it_is_read_is_named),
		PARTS_TEST(a_log_without_its_start_is_refused),
		PARTS_TEST(who_has_it_open_goes_on),
		PARTS_TEST(leftovers_harm_nobody),
		PARTS_TEST(a_file_in_the_way_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
