/* The store: transactions, the view and its ruin, full disks. Other processes are
 * in test_store_process.c; what events mean in test_store_{mail,peers,marks}.c. */
#include "store_fixture.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

/* ---- transactions ---- */

static void committed_is_there_aborted_is_not(void **state)
{
	struct buf log;

	(void)state;
	begin();
	send_one("1_TO_2", 1);
	assert_int_equal(sent_count(), 1);
	store_abort(fixture.s);
	assert_int_equal(sent_count(), 0);
	store_abort(fixture.s);		/* fine without begin */
	log = fixture_log();
	assert_int_equal(log.len, 0);
	begin();
	send_one("1_TO_2", 1);
	send_one("1_TO_2", 2);
	commit();
	assert_int_equal(sent_count(), 2);
	fixture_reopen();
	assert_int_equal(sent_count(), 2);
	assert_rebuilt_equal();
	assert_int_equal(sent_count(), 2);
	buf_release(&log);
}

/* What a commit wrote for the view is moved into it by one of several visits. */
static void a_visit_leaves_little_behind(void **state)
{
	enum { VISITS = 30, MOST = 128 * 4096 };
	char *wal = xstrdup(fixture_path("state.db-wal"));
	struct file_info info;
	unsigned left = 0;

	(void)state;
	for (uint64_t seq = 1; seq <= VISITS; seq++) {
		begin();
		send_one("1_TO_2", seq);
		commit();
		store_close(fixture.s);
		if (file_stat(wal, &info, &fixture.err) == 0) {
			assert_true(info.size < MOST);
			left++;
		}
		error_clear(&fixture.err);
		fixture_open();
	}
	assert_true(left > VISITS / 2 && left < VISITS);
	free(wal);
}

/* It belongs to the view: without that, it is nothing. */
static void what_is_left_goes_with_the_view(void **state)
{
	(void)state;
	for (uint64_t seq = 1; seq <= 5; seq++) {
		begin();
		send_one("1_TO_2", seq);
		commit();
		store_close(fixture.s);
		unlink(fixture_path("state.db"));
		fixture_open();
		assert_int_equal(sent_count(), seq);
	}
	assert_rebuilt_equal();
}

static void without_events_no_file_changes(void **state)
{
	struct file_info before, after;
	char *log = xstrdup(fixture_path("event-log.jsonl"));
	char *wal = xstrdup(fixture_path("state.db-wal"));

	(void)state;
	begin();
	send_one("1_TO_2", 1);
	commit();
	assert_ok(file_stat(wal, &before, &fixture.err));
	begin();
	assert_int_equal(sent_count(), 1);
	commit();
	assert_ok(file_stat(wal, &after, &fixture.err));
	assert_int_equal(before.size, after.size);
	assert_int_equal(before.mtime_ns, after.mtime_ns);
	assert_ok(file_stat(log, &after, &fixture.err));
	begin();
	commit();
	assert_ok(file_stat(log, &before, &fixture.err));
	assert_int_equal(before.mtime_ns, after.mtime_ns);
	free(log);
	free(wal);
}

static void a_refused_record_spoils_nothing(void **state)
{
	(void)state;
	begin();
	send_one("1_TO_2", 1);
	assert_fails(ERR_NOTFOUND, record_read(fixture.s, "2_TO_1.9", "me",
					       &fixture.err));
	assert_fails(ERR_NOTFOUND, record_retracted(fixture.s, "1_TO_2.9",
						    &fixture.err));
	commit();
	assert_int_equal(sent_count(), 1);
}

static void an_event_that_is_too_large_is_refused(void **state)
{
	char *text = xmalloc((3 << 20) + 1);
	struct buf log;

	(void)state;
	memset(text, 'x', 3 << 20);
	text[3 << 20] = '\0';
	begin();
	assert_fails(ERR_DATA, record_problem(fixture.s, "disk", "", text,
					      &fixture.err));
	send_one("1_TO_2", 1);
	assert_fails(ERR_DATA, record_problem(fixture.s, "disk", "", text,
					      &fixture.err));
	commit();
	log = fixture_log();
	assert_int_equal(count_lines(&log), 1);
	assert_memory_equal(log.data, "{\"seq\":1,", 9);
	assert_rebuilt_equal();
	buf_release(&log);
	free(text);
}

/* ---- the view and its ruin ---- */

static void put_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void fill(unsigned count)
{
	begin();
	be_computer(1, "5f3a9c1e");
	for (unsigned i = 1; i <= count; i++)
		send_one("1_TO_2", i);
	commit();
}

enum ruin { RUIN_GARBAGE, RUIN_EMPTY, RUIN_HALF, RUIN_PAGE, RUIN_WAL, RUIN_SHM,
	    RUIN_COUNT };

static void ruin_view(enum ruin ruin)
{
	char junk[20000];
	char *db = xstrdup(fixture_path("state.db"));

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)(i * 7919 >> 3);
	switch (ruin) {
	case RUIN_GARBAGE:
		put_bytes(db, junk, sizeof(junk));
		break;
	case RUIN_EMPTY:
		put_bytes(db, "", 0);
		break;
	case RUIN_HALF:
		assert_int_equal(truncate(db, 9000), 0);
		break;
	case RUIN_PAGE: {
		FILE *f = fopen(db, "r+b");

		assert_non_null(f);
		fseek(f, 4096, SEEK_SET);
		fwrite(junk, 1, sizeof(junk), f);
		fclose(f);
		break;
	}
	case RUIN_WAL:
		put_bytes(fixture_path("state.db-wal"), junk, sizeof(junk));
		break;
	case RUIN_SHM:
		put_bytes(fixture_path("state.db-shm"), junk, sizeof(junk));
		break;
	case RUIN_COUNT:
		break;
	}
	free(db);
}

static void a_ruined_view_comes_back(void **state)
{
	(void)state;
	fill(50);
	for (int ruin = 0; ruin < RUIN_COUNT; ruin++) {
		struct list before, after;

		store_close(fixture.s);
		fixture_open();
		before = dump_view(fixture_path("state.db"));
		store_close(fixture.s);
		ruin_view((enum ruin)ruin);
		fixture_open();
		assert_int_equal(sent_count(), 50);
		after = dump_view(fixture_path("state.db"));
		assert_int_equal(before.count, after.count);
		for (size_t i = 0; i < before.count; i++)
			assert_string_equal(before.item[i], after.item[i]);
		list_release(&before);
		list_release(&after);
	}
}

/* Damage that opening does not meet: the first to read it says so, and leaves a
 * good view behind. */
static void damage_found_late_is_mended(void **state)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;
	char junk[4096 * 8];
	FILE *db;

	(void)state;
	fill(500);
	store_close(fixture.s);
	memset(junk, 0x5a, sizeof(junk));
	db = fopen(fixture_path("state.db"), "r+b");
	assert_non_null(db);
	assert_int_equal(fseek(db, -(long)sizeof(junk), SEEK_END), 0);
	assert_int_equal(fwrite(junk, 1, sizeof(junk), db), sizeof(junk));
	assert_int_equal(fclose(db), 0);
	fixture_open();
	assert_fails(ERR_AGAIN, view_records(fixture.s, &f, &l, &fixture.err));
	assert_non_null(strstr(fixture.err.text, "made anew"));
	fixture_reopen();
	assert_int_equal(sent_count(), 500);
	assert_rebuilt_equal();
}

static void run_sql(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture_path("state.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void another_view_is_made_anew(void **state)
{
	static const char *const rows[] = {
		"PRAGMA user_version = 99",
		"DROP TABLE applied",
		"DELETE FROM applied",
		"UPDATE applied SET offset = offset + 1",
		"UPDATE applied SET offset = 1000000",
		"UPDATE applied SET crc = '00000000'",
	};

	(void)state;
	fill(5);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		run_sql(rows[i]);
		run_sql("UPDATE message SET id = 'x' || id");
		fixture_reopen();
		assert_int_equal(sent_count(), 5);
		begin();
		assert_fails(ERR_NOTFOUND, record_retracted(fixture.s,
			     "x1_TO_2.1", &fixture.err));
		store_abort(fixture.s);
	}
}

/* The open store of a process sees that, too, at its next transaction. */
static void a_view_made_anew_under_an_open_store(void **state)
{
	(void)state;
	fill(5);
	run_sql("PRAGMA user_version = 99");
	begin();
	send_one("1_TO_2", 6);
	commit();
	assert_int_equal(sent_count(), 6);
	assert_rebuilt_equal();
}

/* The log has more than the view: a commit that ended before its last step. */
static void a_view_that_is_behind_is_caught_up(void **state)
{
	struct buf log;

	(void)state;
	fill(3);
	log = fixture_log();
	begin();
	send_one("1_TO_2", 4);
	commit();
	store_close(fixture.s);
	{
		struct buf more = BUF_INIT;

		assert_ok(file_read(fixture_path("event-log.jsonl"), 1 << 20,
				    &more, NULL, &fixture.err));
		fixture_put_log(log.data, log.len);
		fixture_open();
		assert_int_equal(sent_count(), 3);
		fixture_put_log(more.data, more.len);
		/* an open one at its next begin, another one at open */
		begin();
		assert_int_equal(sent_count(), 4);
		store_abort(fixture.s);
		buf_release(&more);
	}
	assert_rebuilt_equal();
	buf_release(&log);
}

/* The first half of a record is in the view, the second is not: the transaction
 * is spoilt, and says so. */
static void a_record_that_failed_half_way_commits_nothing(void **state)
{
	char path[] = "a.md";
	struct desk_file file = { path, "1" }, *desk;
	struct buf log;
	size_t count;

	(void)state;
	run_sql("DROP TABLE desk_version");
	begin();
	assert_fails(ERR_INTERNAL, record_published(fixture.s, "t", &file, 1,
						    &fixture.err));
	assert_fails(ERR_INTERNAL, record_put_back(fixture.s, path, "b10b",
						   &fixture.err));
	assert_fails(ERR_INTERNAL, store_commit(fixture.s, &fixture.err));
	log = fixture_log();
	assert_int_equal(log.len, 0);
	assert_ok(view_desk(fixture.s, &desk, &count, &fixture.err));
	assert_int_equal(count, 0);
	run_sql("PRAGMA user_version = 99");
	begin();
	assert_ok(record_published(fixture.s, "t", &file, 1, &fixture.err));
	commit();
	assert_rebuilt_equal();
	buf_release(&log);
}

/* ---- full disks ---- */

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_records_nothing(void **state)
{
	struct buf before, after;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	fill(3);
	fixture_reopen();
	before = fixture_log();
	for (rlim_t room = 0; room < 200; room += 33) {
		begin();
		send_one("1_TO_2", 4);
		/* the lock file is written at begin: its few bytes may pass */
		limit_files(before.len + room);
		assert_fails(ERR_IO, store_commit(fixture.s, &fixture.err));
		limit_files(RLIM_INFINITY);
		after = fixture_log();
		assert_int_equal(after.len, before.len);
		assert_memory_equal(after.data, before.data, before.len);
		assert_int_equal(sent_count(), 3);
		buf_release(&after);
	}
	begin();
	send_one("1_TO_2", 4);
	commit();
	assert_int_equal(sent_count(), 4);
	assert_rebuilt_equal();
	buf_release(&before);
}

/* The log has room and the view has not: it happened, and the store knows. */
static void a_view_that_cannot_be_written_loses_nothing(void **state)
{
	char title[4000];

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	fill(20);
	begin();
	assert_ok(record_problem(fixture.s, "disk", "", title, &fixture.err));
	limit_files(40000);	/* above the log, below the view's journal */
	assert_ok(store_commit(fixture.s, &fixture.err));
	limit_files(RLIM_INFINITY);
	{
		struct problem *problems;
		size_t count;

		assert_ok(view_problems(fixture.s, &problems, &count,
					&fixture.err));
		assert_int_equal(count, 1);
		problems_free(problems, count);
	}
	assert_rebuilt_equal();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(committed_is_there_aborted_is_not),
		STORE_TEST(a_visit_leaves_little_behind),
		STORE_TEST(what_is_left_goes_with_the_view),
		STORE_TEST(without_events_no_file_changes),
		STORE_TEST(a_refused_record_spoils_nothing),
		STORE_TEST(an_event_that_is_too_large_is_refused),
		STORE_TEST(a_ruined_view_comes_back),
		STORE_TEST(damage_found_late_is_mended),
		STORE_TEST(another_view_is_made_anew),
		STORE_TEST(a_view_made_anew_under_an_open_store),
		STORE_TEST(a_view_that_is_behind_is_caught_up),
		STORE_TEST(a_record_that_failed_half_way_commits_nothing),
		STORE_TEST(a_full_disk_records_nothing),
		STORE_TEST(a_view_that_cannot_be_written_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
