/*
 * search.db (words.h): opening it, and bringing it up to date.
 */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"

enum { SEARCH_WAIT_MS = 60 * 1000, VIEW_WAIT_MS = 10 * 1000 };

static int fail(struct words *w, int rc, struct error *err)
{
	enum error_code code = ERR_IO;

	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		w->damaged = true;
		/* fall through */
	case SQLITE_BUSY:
		code = ERR_AGAIN;
		break;
	case SQLITE_NOMEM:
		mem_need(NULL);
		/* fall through */
	case SQLITE_ERROR:
		code = ERR_INTERNAL;
	}
	return error_set(err, code, "%s: %s: words cannot be looked for; --from, "
			 "--to, --type and times can", w->path, sqlite3_errstr(rc));
}

/* SQL is prepared, its parameters are bound, and it is at its first row, or done: *RC
 * says so. */
static sqlite3_stmt *step(struct words *w, const char *sql, struct binds binds, int *rc)
{
	sqlite3_stmt *q = NULL;

	*rc = sqlite3_prepare_v2(w->db, sql, -1, &q, NULL);
	if (*rc == SQLITE_OK)
		*rc = query_bind(q, binds);
	if (*rc == SQLITE_OK)
		*rc = sqlite3_step(q);
	return q;
}

static int run(struct words *w, const char *sql, struct binds binds,
	       struct error *err)
{
	int rc;

	sqlite3_finalize(step(w, sql, binds, &rc));
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : fail(w, rc, err);
}

static int run_script(struct words *w, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(w, rc, err);
}

/* ---- the file ---- */

static int open_file(struct words *w, struct error *err)
{
	int rc = sqlite3_open_v2(w->path, &w->db, SQLITE_OPEN_READWRITE |
				 SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return fail(w, rc, err);
	sqlite3_extended_result_codes(w->db, 1);
	sqlite3_busy_timeout(w->db, VIEW_WAIT_MS);
	return run(w, "ATTACH ?1 AS state", BINDS(TEXT(w->s->db_path)), err);
}

static void close_file(struct words *w)
{
	/* the view's newest part stays where it is, as when a command ends */
	if (w->db != NULL)
		sqlite3_db_config(w->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(w->db);
	w->db = NULL;
}

static int make_tables(struct words *w, struct error *err)
{
	close_file(w);
	w->damaged = false;
	return database_remove(w->path, err) == -1 || open_file(w, err) == -1 ?
	       -1 : run_script(w, sql_search, err);
}

/* ---- how much of the log is in it ---- */

/* The first row of SQL, which has one. */
static sqlite3_stmt *ask(struct words *w, const char *sql, struct binds binds,
			 struct error *err)
{
	int rc;
	sqlite3_stmt *q = step(w, sql, binds, &rc);

	if (rc == SQLITE_ROW)
		return q;
	fail(w, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, err);
	sqlite3_finalize(q);
	return NULL;
}

static int ask_position(struct words *w, const char *sql, struct position *out,
			struct error *err)
{
	sqlite3_stmt *q = ask(w, sql, BINDS_NONE, err);

	if (q == NULL)
		return -1;
	out->offset = (uint64_t)column_number(q, 0);
	out->seq = (uint64_t)column_number(q, 1);
	column_copy(q, 2, out->crc, sizeof(out->crc));
	sqlite3_finalize(q);
	return 0;
}

static int ask_number(struct words *w, const char *sql, struct binds binds,
		      int64_t *out, struct error *err)
{
	sqlite3_stmt *q = ask(w, sql, binds, err);

	if (q == NULL)
		return -1;
	*out = column_number(q, 0);
	sqlite3_finalize(q);
	return 0;
}

/* Is HAVE, as it is in search.db, on the way of this log to AT, the view's? */
static int goes_on(struct words *w, const struct position *at,
		   struct position *have, bool *out, struct error *err)
{
	int64_t version = 0, repaired = 0;

	*out = false;
	if (ask_number(w, sql_version, BINDS_NONE, &version, err) == -1)
		return -1;
	if (version != SCHEMA_WORDS)
		return 0;
	if (ask_position(w, sql_search_position, have, err) == -1 ||
	    ask_number(w, sql_search_repaired, BINDS(NUMBER(have->seq)), &repaired,
		       err) == -1)
		return -1;
	if (repaired || have->offset > at->offset)
		return 0;
	return log_ends_with(&w->s->log, have->offset, have->crc, out, err);
}

/* ---- bringing it up to date ---- */

static int apply_messages(struct words *w, const struct position *have,
			  const struct position *at, struct error *err)
{
	for (size_t i = 0; sql_search_update[i] != NULL; i++)
		if (run(w, sql_search_update[i], BINDS(NUMBER(have->seq)), err) == -1)
			return -1;
	return run(w, sql_search_position_set, BINDS(NUMBER(at->offset),
		   NUMBER(at->seq), TEXT(at->crc)), err);
}

/* In a transaction, which keeps the view from changing under it. */
static int update_within(struct words *w, bool *fit, struct error *err)
{
	struct position at, have = { 0 };

	if (ask_position(w, sql_search_state, &at, err) == -1 ||
	    goes_on(w, &at, &have, fit, err) == -1)
		return -1;
	return !*fit || have.seq == at.seq ? 0 :
	       apply_messages(w, &have, &at, err);
}

static int update(struct words *w, bool *fit, struct error *err)
{
	int rc;

	if (run_script(w, "BEGIN", err) == -1)
		return -1;
	rc = update_within(w, fit, err);
	if (rc == 0 && run_script(w, "COMMIT", err) == 0)
		return 0;
	sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int words_renew(struct words *w, struct error *err)
{
	bool fit;

	return make_tables(w, err) == -1 ? -1 : update(w, &fit, err);
}

int words_open(struct words *w, struct store *s, struct error *err)
{
	char *lock = xasprintf("%s/search.lock", s->dir);
	bool fit = false;

	*w = (struct words){ .s = s, .path = xasprintf("%s/search.db", s->dir) };
	w->lock = file_lock(lock, SEARCH_WAIT_MS, err);
	free(lock);
	if (w->lock == -1 || store_refresh(s, err) == -1 ||
	    log_renew(&s->log, err) == -1)
		return -1;
	if (open_file(w, err) == -1 || update(w, &fit, err) == -1) {
		/* it lacks a table */
		w->damaged = w->damaged || err->code == ERR_INTERNAL;
		return -1;
	}
	return fit ? 0 : words_renew(w, err);
}

void words_close(struct words *w)
{
	close_file(w);
	file_unlock(w->lock);
	free(w->path);
	*w = (struct words){ .lock = -1 };
}

/* ---- asking ---- */

sqlite3_stmt *words_find(struct words *w, struct binds binds, struct error *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(w->db, sql_search_find, -1, &q, NULL);

	w->damaged = rc == SQLITE_ERROR;	/* it lacks a table */
	if (rc == SQLITE_OK)
		rc = query_bind(q, binds);
	if (rc == SQLITE_OK)
		return q;
	fail(w, rc, err);
	sqlite3_finalize(q);
	return NULL;
}

bool words_row(struct words *w, sqlite3_stmt *q, int *result, struct error *err)
{
	int rc = q != NULL ? sqlite3_step(q) : SQLITE_DONE;

	if (q == NULL || (rc != SQLITE_ROW && rc != SQLITE_DONE))
		*result = q == NULL ? -1 : fail(w, rc, err);
	return rc == SQLITE_ROW;
}
