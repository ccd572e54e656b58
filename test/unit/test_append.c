/* Files that only grow: how the log's bytes get on the disk, and when they do not. */
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing_calls.h"
#include "scratch.h"
#include "trine/append.h"
#include "trine/file.h"
#include "trine/mem.h"

static struct error err;
static char dir[64];
static int lowest;		/* descriptor that is free */

#define assert_ok(expression) do {					\
	if ((expression) == -1)						\
		fail_msg("%s: %s", #expression, err.text);		\
} while (0)

#define assert_fails(code_, expression) do {				\
	assert_int_equal((expression), -1);				\
	assert_int_equal(err.code, (code_));				\
} while (0)

static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static int setup(void **state)
{
	(void)state;
	error_clear(&err);
	lowest = lowest_free();
	return scratch_make(dir, sizeof(dir), "append");
}

/* Whatever failed, nothing stays open. */
static int teardown(void **state)
{
	(void)state;
	return scratch_remove(dir) == 0 && lowest_free() == lowest ? 0 : -1;
}

static const char *in(const char *name)
{
	static char ring[4][128];
	static unsigned turn;
	char *path = ring[turn++ % 4];

	snprintf(path, sizeof(ring[0]), "%s/%s", dir, name);
	return path;
}

/* A file with that text in it, open. */
static int make(const char *name, const char *text)
{
	int fd = append_open(in(name), &err);

	assert_true(fd >= 0);
	assert_ok(file_append(fd, span_str(text), &err));
	return fd;
}

static void assert_holds(const char *name, const char *text)
{
	struct buf bytes = BUF_INIT;

	assert_ok(file_read(in(name), 1 << 20, &bytes, NULL, &err));
	assert_string_equal(bytes.data, text);
	buf_release(&bytes);
}

/* ---- opening ---- */

static void it_is_made_and_grows(void **state)
{
	struct stat st;
	uint64_t size;
	int fd, other;

	(void)state;
	assert_fails(ERR_NOTFOUND, append_look(in("a"), &err));
	fd = make("a", "one\n");
	assert_int_equal(stat(in("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	other = append_look(in("a"), &err);
	assert_true(other >= 0);
	assert_ok(file_append(fd, span_str("two\n"), &err));
	assert_ok(append_size(other, &size, &err));
	assert_int_equal(size, 8);
	assert_holds("a", "one\ntwo\n");
	assert_int_equal(file_append(other, span_str("three\n"), &err), -1);
	assert_int_equal(append_cut(other, 4, &err), -1);
	assert_holds("a", "one\ntwo\n");
	assert_ok(append_cut(fd, 4, &err));
	assert_holds("a", "one\n");
	append_close(fd);
	append_close(other);
	append_close(-1);
}

static void what_is_no_file_is_not_opened(void **state)
{
	bool read_only;

	(void)state;
	assert_int_equal(mkfifo(in("pipe"), 0600), 0);
	assert_int_equal(symlink("nowhere", in("link")), 0);
	assert_fails(ERR_DATA, append_open(in("pipe"), &err));
	assert_non_null(strstr(err.text, "/pipe is not a regular file"));
	assert_fails(ERR_DATA, append_open_or_look(in("pipe"), &read_only, &err));
	assert_false(read_only);
	assert_fails(ERR_IO, append_open(in("link"), &err));
	assert_fails(ERR_IO, append_look(in("link"), &err));
	assert_fails(ERR_NOTFOUND, append_open(in("none/a"), &err));
	assert_false(file_exists(in("nowhere")));
}

/* Not before its folder knows it on the disk, it counts as made. */
static void a_disk_that_fails_as_it_is_opened(void **state)
{
	static const struct {
		enum call call;
		unsigned nth;
	} rows[] = {
		{ CALL_OPEN, 1 }, { CALL_FSTAT, 1 }, { CALL_OPEN, 2 }, { CALL_FSYNC, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fail_call(rows[i].call, rows[i].nth, EIO);
		assert_fails(ERR_IO, append_open(in("a"), &err));
		assert_true(call_failed());
		assert_non_null(strstr(err.text, dir));
		assert_int_equal(lowest_free(), lowest);
	}
	append_close(make("a", "one\n"));
	/* it does know one that is not new */
	fail_call(CALL_FSYNC, 1, EIO);
	append_close(append_open(in("a"), &err));
	assert_false(call_failed());
}

static void what_may_not_be_written_is_read(void **state)
{
	static const struct {
		int error;
		bool read_only;
	} rows[] = {
		{ EROFS, true }, { EACCES, true }, { EPERM, true },
		{ EIO, false }, { EMFILE, false }, { ENOSPC, false },
	};

	(void)state;
	append_close(make("a", "one\n"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool read_only = !rows[i].read_only;
		char bytes[4];
		size_t got;
		int fd;

		fail_call(CALL_OPEN, 1, rows[i].error);
		fd = append_open_or_look(in("a"), &read_only, &err);
		assert_true(call_failed());
		assert_int_equal(read_only, rows[i].read_only);
		assert_int_equal(fd >= 0, read_only);
		if (!read_only)
			assert_int_equal(err.code, ERR_IO);
		else
			assert_ok(append_read(fd, 0, bytes, 4, &got, &err));
		assert_int_equal(write(fd, "x", 1), -1);
		append_close(fd);
	}
	assert_holds("a", "one\n");
}

static void a_file_may_lose_its_name(void **state)
{
	int fd = make("a", "one\n");

	(void)state;
	assert_true(append_has_name(fd, in("a")));
	assert_int_equal(link(in("a"), in("b")), 0);
	assert_true(append_has_name(fd, in("b")));
	/* the same number, of another disk */
	fail_call(CALL_LSTAT, 1, CALL_ELSEWHERE);
	assert_false(append_has_name(fd, in("a")));
	assert_true(call_failed());
	assert_int_equal(unlink(in("a")), 0);
	assert_false(append_has_name(fd, in("a")));
	append_close(make("a", "two\n"));
	assert_false(append_has_name(fd, in("a")));
	assert_true(append_has_name(fd, in("b")));
	append_close(fd);
	assert_false(append_has_name(fd, in("b")));
}

/* ---- reading ---- */

static void it_is_read_to_its_end(void **state)
{
	int fd = make("a", "one\ntwo\n");
	char bytes[16] = "";
	uint64_t size;
	size_t got;

	(void)state;
	/* interrupted, and given half of it */
	for (int how = 0; how < 3; how++) {
		memset(bytes, 0, sizeof(bytes));
		if (how > 0)
			fail_call(CALL_PREAD, 1, how == 1 ? EINTR : CALL_HALF);
		assert_ok(append_read(fd, 1, bytes, 6, &got, &err));
		assert_int_equal(call_failed(), how > 0);
		assert_int_equal(got, 6);
		assert_string_equal(bytes, "ne\ntwo");
	}
	assert_ok(append_read(fd, 4, bytes, sizeof(bytes), &got, &err));
	assert_int_equal(got, 4);
	assert_ok(append_read(fd, 100, bytes, sizeof(bytes), &got, &err));
	assert_int_equal(got, 0);
	fail_call(CALL_PREAD, 2, EIO);
	assert_fails(ERR_IO, append_read(fd, 4, bytes, sizeof(bytes), &got, &err));
	assert_true(call_failed());
	fail_call(CALL_FSTAT, 1, EIO);
	assert_fails(ERR_IO, append_size(fd, &size, &err));
	assert_true(call_failed());
	fail_call(CALL_FSYNC, 1, EIO);
	assert_fails(ERR_IO, append_sync(fd, &err));
	assert_true(call_failed());
	assert_ok(append_sync(fd, &err));
	append_close(fd);
}

/* ---- blanks ---- */

static void blanks_stand_in_place_of_a_line(void **state)
{
	static const int rows[] = { 0, EINTR, CALL_HALF };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		append_close(make("a", "one\ntwo\nthree\n"));
		if (rows[i] != 0)
			fail_call(CALL_PWRITE, 1, rows[i]);
		assert_ok(append_blank(in("a"), 4, 4, &err));
		assert_int_equal(call_failed(), rows[i] != 0);
		assert_holds("a", "one\n    three\n");
		assert_int_equal(unlink(in("a")), 0);
	}
}

static void there_may_be_many_blanks(void **state)
{
	struct buf bytes = BUF_INIT;

	(void)state;
	fail_call(CALL_PWRITE, 3, CALL_HALF);
	assert_ok(append_blank(in("a"), 0, 10001, &err));
	assert_true(call_failed());
	assert_ok(file_read(in("a"), 1 << 20, &bytes, NULL, &err));
	assert_int_equal(bytes.len, 10001);
	assert_int_equal(strspn(bytes.data, " "), 10001);
	buf_release(&bytes);
}

static void blanks_that_are_not_on_the_disk_are_none(void **state)
{
	static const struct {
		enum call call;
		int error;
	} rows[] = {
		{ CALL_OPEN, EACCES }, { CALL_PWRITE, ENOSPC }, { CALL_FSYNC, EIO },
	};

	(void)state;
	append_close(make("a", "one\ntwo\n"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fail_call(rows[i].call, 1, rows[i].error);
		assert_fails(rows[i].error == EACCES ? ERR_REFUSED : ERR_IO,
			     append_blank(in("a"), 0, 3, &err));
		assert_true(call_failed());
		assert_non_null(strstr(err.text, in("a")));
		if (rows[i].call != CALL_FSYNC)
			assert_holds("a", "one\ntwo\n");
	}
	assert_fails(ERR_NOTFOUND, append_blank(in("none/a"), 0, 3, &err));
}

#define APPEND_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPEND_TEST(it_is_made_and_grows),
		APPEND_TEST(what_is_no_file_is_not_opened),
		APPEND_TEST(a_disk_that_fails_as_it_is_opened),
		APPEND_TEST(what_may_not_be_written_is_read),
		APPEND_TEST(a_file_may_lose_its_name),
		APPEND_TEST(it_is_read_to_its_end),
		APPEND_TEST(blanks_stand_in_place_of_a_line),
		APPEND_TEST(there_may_be_many_blanks),
		APPEND_TEST(blanks_that_are_not_on_the_disk_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
