/* What the tests of the store share: a directory, a clock, a store in it, and
 * ways to look at its files. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/store.h"

enum { FIXTURE_START = 1790000000 };

struct fixture {
	char dir[64];
	struct clock clock;
	int64_t time;		/* what the clock says */
	struct store *s;
	struct error err;
};

static struct fixture fixture;

static inline int64_t fixture_now(struct clock *clock)
{
	(void)clock;
	return fixture.time;
}

static inline const char *fixture_path(const char *name)
{
	static char path[4][160];
	static unsigned turn;
	char *out = path[turn++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", fixture.dir, name);
	return out;
}

#define assert_ok(expression) do {					\
	if ((expression) != 0)						\
		fail_msg("%s: %s", #expression, fixture.err.text);	\
} while (0)

#define assert_fails(code_, expression) do {				\
	assert_int_equal((expression), -1);				\
	assert_int_equal(fixture.err.code, (code_));			\
} while (0)

static inline void fixture_open(void)
{
	assert_ok(store_open(&fixture.s, fixture.dir, &fixture.clock,
			     &fixture.err));
}

static inline void fixture_reopen(void)
{
	store_close(fixture.s);
	fixture_open();
}

static inline void fixture_remove_search(void)
{
	unlink(fixture_path("search.db"));
	unlink(fixture_path("search.lock"));
}

static inline void fixture_remove_view(void)
{
	unlink(fixture_path("state.db"));
	unlink(fixture_path("state.db-wal"));
	unlink(fixture_path("state.db-shm"));
}

static inline int fixture_setup(void **state)
{
	(void)state;
	fixture = (struct fixture){ .time = FIXTURE_START };
	clock_system(&fixture.clock);
	fixture.clock.now = fixture_now;
	if (scratch_make(fixture.dir, sizeof(fixture.dir), "store") == -1)
		return -1;
	fixture_open();
	return 0;
}

static inline int fixture_teardown(void **state)
{
	(void)state;
	store_close(fixture.s);
	fixture_remove_view();
	fixture_remove_search();
	unlink(fixture_path("event-log.jsonl"));
	unlink(fixture_path("event-log.lock"));
	file_remove_tree(fixture_path("log"), &fixture.err);
	return rmdir(fixture.dir);
}

static inline struct buf fixture_log(void)
{
	struct buf bytes = BUF_INIT;

	assert_ok(file_read(fixture_path("event-log.jsonl"), 1 << 28, &bytes,
			    NULL, &fixture.err));
	return bytes;
}

static inline void fixture_put_log(const char *bytes, size_t len)
{
	FILE *f = fopen(fixture_path("event-log.jsonl"), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static inline size_t count_lines(const struct buf *bytes)
{
	size_t lines = 0;

	for (size_t i = 0; i < bytes->len; i++)
		lines += bytes->data[i] == '\n';
	return lines;
}

/* One message in one transaction. */
static inline void begin(void)
{
	assert_ok(store_begin(fixture.s, &fixture.err));
}

static inline void commit(void)
{
	assert_ok(store_commit(fixture.s, &fixture.err));
}

static inline struct message make_message(const char *stream, uint64_t seq,
					  const char *title)
{
	struct message m = MESSAGE_INIT;

	assert_true(stream_name_parse(span_str(stream), &m.stream));
	m.seq = seq;
	m.sent = FIXTURE_START - 60;
	m.title = xstrdup(title);
	m.body = xasprintf("%s, at length.\n", title);
	m.body_len = strlen(m.body);
	return m;
}

static inline struct stream_name stream_of(const char *name)
{
	struct stream_name out = { 0, 0 };

	assert_true(stream_name_parse(span_str(name), &out));
	return out;
}

/* Within a transaction. */
static inline void send_re(const char *stream, uint64_t seq, const char *re)
{
	struct message m = make_message(stream, seq, "Hello");

	m.re = xstrdup(re);
	assert_ok(record_sent(fixture.s, &m, false, &fixture.err));
	message_release(&m);
}

static inline void send_one(const char *stream, uint64_t seq)
{
	send_re(stream, seq, NULL);
}

static inline void receive_as(const char *id, const char *stream, uint64_t seq,
			      enum message_type type, const char *re)
{
	struct message m = make_message(stream, seq, "Here it is");

	m.type = type;
	m.re = xstrdup(re);
	assert_ok(record_received(fixture.s, id, &m, "0000beef",
				  "c0ffee", "", "", &fixture.err));
	message_release(&m);
}

static inline void receive_one(const char *stream, uint64_t seq)
{
	char id[MESSAGE_ID];

	receive_as(message_id_format(stream_of(stream), seq, id), stream, seq,
		   TYPE_MESSAGE, NULL);
}

static inline void be_computer(int number, const char *clone)
{
	struct identity us = { .number = number, .why = "init",
			       .since = FIXTURE_START };

	us.name = xstrdup("Mechanic");
	snprintf(us.clone, sizeof(us.clone), "%s", clone);
	assert_ok(record_identity(fixture.s, &us, &fixture.err));
	identity_release(&us);
}

static inline void commit_all(const char *oid)
{
	struct own_files none = { 0 };

	assert_ok(record_commit(fixture.s, oid, "p", "", &none, &fixture.err));
}

static inline struct record get(const char *id)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;
	struct record r;

	f.id = id;
	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	assert_int_equal(l.count, 1);
	r = l.item[0];
	free(l.item);
	return r;
}

/* "event@seconds/computer …", times from the start of the test. */
static inline const char *history(const char *id)
{
	static struct buf out = BUF_INIT;
	struct moment *m;
	size_t count;

	buf_reset(&out);
	assert_ok(view_history(fixture.s, id, &m, &count, &fixture.err));
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s@%d/%d%s%s ", m[i].event,
			   (int)(m[i].time - FIXTURE_START), m[i].computer,
			   m[i].instance ? "=" : "",
			   m[i].instance ? m[i].instance : "");
	moments_free(m, count);
	return out.data;
}

static inline size_t sent_count(void)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;
	size_t count;

	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	count = l.count;
	record_list_release(&l);
	return count;
}

/* All rows of all tables of DIR/state.db, as sorted text. */
static inline void dump_rows(sqlite3 *db, const char *table, struct list *out)
{
	char *sql = xasprintf("SELECT * FROM \"%s\"", table);
	sqlite3_stmt *q = NULL;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		struct buf row = BUF_INIT;

		buf_adds(&row, table);
		for (int i = 0; i < sqlite3_column_count(q); i++) {
			const void *text = sqlite3_column_blob(q, i);

			buf_printf(&row, "|%d:", sqlite3_column_type(q, i));
			buf_add(&row, text, (size_t)sqlite3_column_bytes(q, i));
		}
		list_take(out, buf_detach(&row));
	}
	assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
	free(sql);
}

static inline struct list dump_view(const char *path)
{
	struct list out = LIST_INIT, tables = LIST_INIT;
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
		"SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		list_add(&tables, (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	for (size_t i = 0; i < tables.count; i++)
		dump_rows(db, tables.item[i], &out);
	list_sort(&out);
	list_release(&tables);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return out;
}

/* The view as it is, and as it comes back from the log alone. */
static inline size_t assert_rebuilt_equal(void)
{
	struct list live, again;
	size_t count;

	live = dump_view(fixture_path("state.db"));
	store_close(fixture.s);
	fixture_remove_view();
	fixture_open();
	again = dump_view(fixture_path("state.db"));
	for (size_t i = 0; i < live.count && i < again.count; i++)
		assert_string_equal(live.item[i], again.item[i]);
	assert_int_equal(live.count, again.count);
	count = live.count;
	list_release(&live);
	list_release(&again);
	return count;
}

#define STORE_TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

#endif
