/*
 * Running the statements of sql.c: preparing, binding, stepping, reading
 * columns, and turning SQLite's errors into ours. All of the store comes here.
 */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

/* ---- its errors ---- */

/* "disk I/O error" alone does not say that the disk is full. */
static int disk_fail(struct store *s, const char *why, struct error *err)
{
	int number = s->db != NULL ? sqlite3_system_errno(s->db) : 0;

	return error_set(err, ERR_IO, "%s: %s%s%s", s->db_path, why,
			 number ? ": " : "", number ? strerror(number) : "");
}

int query_fail(struct store *s, int rc, struct error *err)
{
	/* sqlite3_errmsg is of the last call, which may be another one's */
	const char *why = sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		s->damaged = true;
		return error_set(err, ERR_AGAIN, "%s is damaged, and is made "
				 "anew from the log: try again", s->db_path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERR_AGAIN, "%s: %s", s->db_path, why);
	case SQLITE_NOMEM:
		mem_need(NULL);
		/* fall through */
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
		return error_set(err, ERR_INTERNAL, "%s: %s: %s", s->db_path,
				 why, sqlite3_errmsg(s->db));
	default:
		return disk_fail(s, why, err);
	}
}

const char *text_clean(const char *s, char **copy)
{
	struct buf clean = BUF_INIT;
	size_t len = strlen(s);

	*copy = NULL;
	if (text_is_utf8(s, len))
		return s;
	text_escape(&clean, s, len, true);
	*copy = buf_detach(&clean);
	return *copy;
}

/* KEEP: SQLITE_STATIC, if the text outlives what is done with Q, else SQLITE_TRANSIENT. */
static int bind_text(sqlite3_stmt *q, int column, const char *text,
		     sqlite3_destructor_type keep)
{
	size_t len = strlen(text);
	char *copy;

	if (len <= INT_MAX && text_is_utf8(text, len))
		return sqlite3_bind_text(q, column, text, (int)len, keep);
	text_clean(text, &copy);
	return sqlite3_bind_text(q, column, copy, -1, free);
}

static int bind_one(sqlite3_stmt *q, int column, const struct bind *bind,
		    sqlite3_destructor_type keep)
{
	if (bind->kind == BIND_NUMBER)
		return sqlite3_bind_int64(q, column, bind->number);
	if (bind->text == NULL)
		return sqlite3_bind_null(q, column);
	return bind->kind == BIND_TEXT ? bind_text(q, column, bind->text, keep) :
	       sqlite3_bind_blob64(q, column, bind->text, bind->len, keep);
}

static int bind_all(sqlite3_stmt *q, struct binds binds, sqlite3_destructor_type keep)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < binds.count; i++)
		rc = bind_one(q, (int)i + 1, &binds.bind[i], keep);
	return rc;
}

int query_bind(sqlite3_stmt *q, struct binds binds)
{
	return bind_all(q, binds, SQLITE_TRANSIENT);
}

static int prepare(struct store *s, enum statement id)
{
	if (s->statement[id] != NULL)
		return SQLITE_OK;
	return sqlite3_prepare_v3(s->db, sql_statements[id], -1,
				  SQLITE_PREPARE_PERSISTENT, &s->statement[id],
				  NULL);
}

static sqlite3_stmt *start(struct store *s, enum statement id, struct binds binds,
			   sqlite3_destructor_type keep, struct error *err)
{
	int rc;

	if (store_refresh(s, err) == -1)
		return NULL;
	assert(s->statement[id] == NULL ||
	       !sqlite3_stmt_busy(s->statement[id]));
	rc = prepare(s, id);
	if (rc == SQLITE_OK)
		rc = bind_all(s->statement[id], binds, keep);
	if (rc != SQLITE_OK) {
		query_fail(s, rc, err);
		query_end(s->statement[id]);
		return NULL;
	}
	return s->statement[id];
}

sqlite3_stmt *query_start(struct store *s, enum statement id,
			  struct binds binds, struct error *err)
{
	return start(s, id, binds, SQLITE_TRANSIENT, err);
}

bool query_row(struct store *s, sqlite3_stmt *q, int *result, struct error *err)
{
	int rc;

	if (q == NULL) {
		*result = -1;
		return false;
	}
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		*result = query_fail(s, rc, err);
	return false;
}

void query_end(sqlite3_stmt *q)
{
	if (q == NULL)
		return;
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

int query_run(struct store *s, enum statement id, struct binds binds,
	      struct error *err)
{
	return query_number(s, id, binds, NULL, NULL, err);
}

int query_number(struct store *s, enum statement id, struct binds binds,
		 bool *found, int64_t *number, struct error *err)
{
	sqlite3_stmt *q = start(s, id, binds, SQLITE_STATIC, err);
	int result = 0;
	bool row = query_row(s, q, &result, err);

	if (found != NULL)
		*found = row;
	if (number != NULL && row)
		*number = column_number(q, 0);
	query_end(q);
	return result;
}

int query_text(struct store *s, enum statement id, struct binds binds, char *out,
	       size_t size, struct error *err)
{
	sqlite3_stmt *q = start(s, id, binds, SQLITE_STATIC, err);
	int result = 0;

	out[0] = '\0';
	if (query_row(s, q, &result, err))
		column_copy(q, 0, out, size);
	query_end(q);
	return result;
}

bool query_changed(struct store *s)
{
	return sqlite3_changes(s->db) > 0;
}

int query_script(struct store *s, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : query_fail(s, rc, err);
}

int query_script_number(struct store *s, const char *sql, int64_t *out,
			struct error *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return rc == SQLITE_ROW ? 0 : query_fail(s, rc, err);
}

bool query_can_search(void)
{
	return sqlite3_compileoption_used("ENABLE_FTS5") != 0;
}

int database_remove(const char *path, struct error *err)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(suffixes) && rc == 0; i++) {
		char *file = xasprintf("%s%s", path, suffixes[i]);

		rc = file_remove(file, err);
		free(file);
	}
	return rc;
}

void query_finalize_all(struct store *s)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(s->statement[i]);
		s->statement[i] = NULL;
	}
}

int64_t column_number(sqlite3_stmt *q, int column)
{
	return sqlite3_column_int64(q, column);
}

struct span column_span(sqlite3_stmt *q, int column)
{
	/* in this order: asking for the bytes may convert them */
	const char *p = sqlite3_column_blob(q, column);
	int len = sqlite3_column_bytes(q, column);

	return p == NULL ? (struct span){ "", 0 } :
	       (struct span){ p, (size_t)len };
}

char *column_text(sqlite3_stmt *q, int column)
{
	return sqlite3_column_type(q, column) == SQLITE_NULL ? NULL :
	       column_words(q, column);
}

char *column_words(sqlite3_stmt *q, int column)
{
	struct span text = column_span(q, column);

	return xmemdup(text.p, text.len);
}

void column_copy(sqlite3_stmt *q, int column, char *out, size_t size)
{
	struct span text = column_span(q, column);
	size_t len = text.len < size ? text.len : size - 1;

	memcpy(out, text.p, len);
	out[len] = '\0';
}

struct process_mark column_process(sqlite3_stmt *q, int column)
{
	struct process_mark out = {
		.pid = (long)column_number(q, column),
		.born = (uint64_t)column_number(q, column + 1),
	};

	column_copy(q, column + 2, out.boot, sizeof(out.boot));
	return out;
}

struct stream_name column_stream(sqlite3_stmt *q, int column)
{
	return (struct stream_name){ (int)column_number(q, column),
				     (int)column_number(q, column + 1) };
}

bool column_same(sqlite3_stmt *q, int column, const char *text)
{
	char *copy = NULL;
	bool same = span_is(column_span(q, column),
			    text_clean(text ? text : "", &copy));

	free(copy);
	return same;
}
