/* The statements of the store: what a cycle asks never looks at all there is. */
#include "store_fixture.h"

#include <stdbool.h>

#include "../../src/store/sql.h"

/* Walking a table, or the index of a whole one, grows with history. */
static bool grows(const char *detail)
{
	static const char *const allowed[] = {
		/* one row, or as many as computers, streams, files on the desk,
		 * troubles, branches of the remote and instances there are now */
		"SCAN applied", "SCAN computer", "SCAN mark", "SCAN peer",
		"SCAN in_stream", "SCAN hand_stream", "SCAN o", "SCAN desk", "SCAN problem",
		"SCAN branch", "SCAN instance",
		"SCAN CONSTANT ROW", "SCAN (subquery", "SCAN a",
		/* what matches */
		"SCAN word VIRTUAL TABLE INDEX 0:M",
		"SCAN word VIRTUAL TABLE INDEX 0:=",
		/* partial ones: what is not done yet */
		"SCAN m USING INDEX message_unread",
		"SCAN session USING INDEX session_live",
		"SCAN claim", "SCAN rival", "SCAN generation",
		"SCAN lock", "SCAN reservation", "SCAN value",
		"SCAN m USING INDEX message_open",
		"SCAN m USING INDEX message_noted",
		"SCAN m USING INDEX message_busy",
		"SCAN message USING INDEX message_busy",
		"SCAN message USING INDEX message_unpushed",
		"SCAN way",
		"SCAN message USING INDEX message_line",
		"SCAN own_commit USING INDEX own_commit_unpushed",
		"SCAN complaint USING INDEX complaint_open",
		"SCAN trouble USING INDEX trouble_missing",
		"SCAN trouble USING INDEX trouble_rejected",
	};

	if (strncmp(detail, "SCAN", 4) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (strncmp(detail, allowed[i], strlen(allowed[i])) == 0)
			return false;
	return true;
}

static void check_text(sqlite3 *db, const char *text, int id)
{
	char *sql = xasprintf("EXPLAIN QUERY PLAN %s", text);
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(q, 3);
		/* The one message a history is of is called m, too; and who
		 * lists all that was ever said, asks for all. */
		bool meant = ((id == SQL_HISTORY || id == SQL_SEARCH_ALL) &&
			      strcmp(detail, "SCAN m") == 0) ||
			     (id == SQL_SESSIONS_ALL &&
			      strcmp(detail, "SCAN session") == 0);

		if (grows(detail) && !meant)
			fail_msg("%s\n%s", text, detail);
	}
	sqlite3_finalize(q);
	free(sql);
}

static void check_plan(sqlite3 *db, enum statement id)
{
	check_text(db, sql_statements[id], id);
}

/* The indexes that may be walked hold only what is not done yet. */
static void check_partial(sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int count = 0;

	assert_int_equal(sqlite3_prepare_v2(db,
		"SELECT name FROM sqlite_schema WHERE sql LIKE '% WHERE %'"
		" AND name IN ('message_unpushed', 'message_noted',"
		" 'message_busy', 'message_unread', 'own_commit_unpushed',"
		" 'complaint_open', 'trouble_missing', 'trouble_rejected')",
		-1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		count++;
	assert_int_equal(count, 8);
	sqlite3_finalize(q);
}

/* What events do must be quick before the other indexes are there. */
static void check_events(sqlite3 *db)
{
	for (int id = SQL_ROLLBACK + 1; id < STATEMENT_COUNT; id++) {
		sqlite3_stmt *q = NULL;
		bool event = id == SQL_RECORD_ID || id == SQL_RECORDS_RE;

		assert_int_equal(sqlite3_prepare_v2(db, sql_statements[id], -1, &q,
						    NULL), SQLITE_OK);
		event |= !sqlite3_stmt_readonly(q);
		sqlite3_finalize(q);
		if (event)
			check_plan(db, (enum statement)id);
	}
}

/* Not at all of a stream, or all of an origin, either. */
static void check_words(sqlite3 *db)
{
	static const struct { enum statement id; const char *plan; } rows[] = {
		{ SQL_SAID, "message_words (sfrom=? AND sto=? AND words=? AND seq>?"
			    " AND seq<?)" },
		{ SQL_RECORDS_TYPED, "message_typed (sfrom=? AND sto=? AND <expr>=?"
				     " AND seq>? AND seq<?)" },
		{ SQL_SAID_ANEW, "message_origin (origin=? AND words=? AND sent=?)" },
		/* those that have ended are no part of it */
		{ SQL_HAND_TASK, "message_by_hand (sfrom=? AND sto=? AND <expr>=?)" },
		{ SQL_HAND_TASK, "message_hand (sfrom=? AND sto=? AND <expr>=?"
				 " AND re>?)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *sql = xasprintf("EXPLAIN QUERY PLAN %s",
				      sql_statements[rows[i].id]);
		sqlite3_stmt *q = NULL;

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL),
				 SQLITE_OK);
		do
			assert_int_equal(sqlite3_step(q), SQLITE_ROW);
		while (!strstr((const char *)sqlite3_column_text(q, 3),
			       rows[i].plan));
		sqlite3_finalize(q);
		free(sql);
	}
}

static void no_statement_looks_at_everything(void **state)
{
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql_schema, NULL, NULL, NULL),
			 SQLITE_OK);
	check_events(db);
	assert_int_equal(sqlite3_exec(db, sql_indexes, NULL, NULL, NULL),
			 SQLITE_OK);
	check_partial(db);
	check_words(db);
	for (int id = 0; id < STATEMENT_COUNT; id++) {
		assert_non_null(sql_statements[id]);
		/* which is asked for everything */
		if (id != SQL_RECORDS_ALL && id > SQL_ROLLBACK)
			check_plan(db, (enum statement)id);
	}
	sqlite3_close(db);
}

/* Nor does what brings search.db up to date, or asks it. */
static void no_search_looks_at_everything(void **state)
{
	char *attach = xasprintf("ATTACH '%s' AS state", fixture_path("state.db"));
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql_search, NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; sql_search_update[i] != NULL; i++)
		check_text(db, sql_search_update[i], -1);
	check_text(db, sql_search_repaired, -1);
	check_text(db, sql_search_find, -1);
	sqlite3_close(db);
	free(attach);
}

/* Whoever lets a message say something else tells search.db (reworded). */
static void no_other_statement_changes_a_text(void **state)
{
	(void)state;
	for (int id = 0; id < STATEMENT_COUNT; id++) {
		const char *sql = sql_statements[id];
		bool known = id == SQL_MESSAGE_AMEND || id == SQL_MESSAGE_REMOVE ||
			     id == SQL_MESSAGE_RENUMBER;	/* of its origin */

		if (strncmp(sql, "DELETE FROM message ", 20) == 0 ||
		    (strncmp(sql, "UPDATE message ", 15) == 0 &&
		     (strstr(sql, " message =") != NULL ||
		      strstr(sql, " body =") != NULL)))
			assert_true(known);
	}
}

/* Typed text, by how it begins: however lines end there, and however long they are. */
static void typed_text_is_found_by_its_first_line(void **state)
{
	static const char *const bodies[] = {
		"A\nb\n", "A\r\nb\r\n", "A\rb\n", "A\n", "AB\nb\n", "\n", "" };
	static const size_t at[] = { 2, 4, 6, 8 };
	struct record_filter f = RECORD_FILTER_ALL;
	char *longer = xasprintf("%0100d", 1);
	struct record_list l;

	(void)state;
	begin();
	for (size_t i = 0; i < 2 * ARRAY_LEN(bodies); i++) {
		struct message m = make_message("1_TO_2", i + 1, "A");

		free(m.body);
		m.body = xstrdup(bodies[i / 2][0] ? bodies[i / 2] : longer);
		m.body_len = strlen(m.body);
		assert_ok(record_sent(fixture.s, &m, i % 2 == 1, &fixture.err));
		message_release(&m);
	}
	commit();
	f.stream = stream_of("1_TO_2");
	f.typed = "A\r";
	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	assert_int_equal(l.count, ARRAY_LEN(at));
	for (size_t i = 0; i < l.count; i++)
		assert_int_equal(l.item[i].message.seq, at[i]);
	record_list_release(&l);
	f.typed = longer;
	assert_ok(view_records(fixture.s, &f, &l, &fixture.err));
	assert_int_equal(l.count, 1);
	assert_int_equal(l.item[0].message.seq, 2 * ARRAY_LEN(bodies));
	record_list_release(&l);
	free(longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_statement_looks_at_everything),
		STORE_TEST(no_search_looks_at_everything),
		cmocka_unit_test(no_other_statement_changes_a_text),
		STORE_TEST(typed_text_is_found_by_its_first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
