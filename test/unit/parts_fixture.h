/* What the tests of a log in several parts share. */
#ifndef PARTS_FIXTURE_H
#define PARTS_FIXTURE_H

#include "store_fixture.h"

enum { ALWAYS = 1 };	/* bytes: any log is as long */

#define PART(number) fixture_path("log/00000" number ".jsonl")
#define COPY(number) fixture_path("log/00000" number ".db")

static unsigned sent;

static inline void send_next(void)
{
	begin();
	send_one("1_TO_2", ++sent);
	commit();
}

static inline void roll(void)
{
	assert_ok(store_roll_over(fixture.s, ALWAYS, &fixture.err));
}

/* What all tests begin with: two parts that are closed, and a third. */
static inline int parts_setup(void **state)
{
	if (fixture_setup(state) == -1)
		return -1;
	sent = 0;
	for (int part = 1; part <= 3; part++) {
		send_next();
		send_next();
		if (part < 3)
			roll();
	}
	return 0;
}

static inline void run_sql(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture_path("state.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static inline void spoil(const char *path, long at)
{
	FILE *f = fopen(path, "r+b");
	int byte;

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	byte = getc(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(putc(byte ^ 1, f), byte ^ 1);
	assert_int_equal(fclose(f), 0);
}

static inline void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#define PARTS_TEST(f) \
	cmocka_unit_test_setup_teardown(f, parts_setup, fixture_teardown)

#endif
