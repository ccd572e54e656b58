/*
 * The store itself (trine/store.h): opening, keeping the view abreast of the
 * log, transactions. Everything that decides something on this computer does it
 * between store_begin and store_commit.
 *
 * The order that makes a crash harmless: lines into the log, fsync, and only
 * then the view, which notes how much of the log is in it. So the view is never
 * ahead; where it is behind, the next one to look applies the rest.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { LOCK_WAIT_MS = 10 * 1000 };

/* Pages. What commits wrote stays in SQLite's write-ahead log, state.db-wal, when a
 * short command ends: to move it into state.db takes several fsyncs, and the next
 * command can read it there. But each reads all of it; so not more than a few
 * commands' are left, and of a long one not more than so many beside it. */
enum { WAL_LEFT = 64, WAL_MOST = 1000 };

/* ---- the view's file ---- */

/* Called by SQLite behind each commit. PAGES: of all that the WAL has. */
static int note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *s = arg;

	s->wal_pages = pages;
	if (pages >= WAL_MOST)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE,
					  NULL, NULL);
	return SQLITE_OK;
}

/* Where nothing can be written, the view is made in memory, from the log. What is in
 * state.db would not do: SQLite reads a database with a write-ahead log only where it can
 * make files beside it, or (`immutable`) if it may believe that nobody changes it, and
 * leaves that log out then. */
static const char *view_name(const struct store *s)
{
	return s->log.read_only ? ":memory:" : s->db_path;
}

static int open_view(struct store *s, struct error *err)
{
	int rc;

	query_prepare_memory();
	rc = sqlite3_open_v2(view_name(s), &s->db, SQLITE_OPEN_READWRITE |
				 SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			     NULL);

	if (rc != SQLITE_OK)
		return query_fail(s, rc, err);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, s->wait_ms);
	s->wal_pages = 0;
	sqlite3_wal_hook(s->db, note_wal, s);
	return query_script(s, sql_settings, err);
}

static void close_view(struct store *s)
{
	query_finalize_all(s);
	if (s->db != NULL)
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
				  s->wal_pages < WAL_LEFT, NULL);
	sqlite3_close(s->db);
	s->db = NULL;
}

/* Empty the file in place, whatever is in it: other processes have it open, and
 * would go on writing to one that has no name any more. */
static int empty_view(struct store *s, struct error *err)
{
	int result;

	query_finalize_all(s);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
	result = query_script(s, "VACUUM", err);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
	return result;
}

static int remove_view(struct store *s, struct error *err)
{
	close_view(s);
	return database_remove(s->db_path, err) == -1 ? -1 : open_view(s, err);
}

static int make_tables(struct store *s, const char *sql, struct error *err)
{
	if (query_script(s, sql_statements[SQL_BEGIN], err) == -1)
		return -1;
	if (query_script(s, sql, err) == 0 &&
	    query_script(s, sql_statements[SQL_COMMIT], err) == 0)
		return 0;
	sqlite3_exec(s->db, sql_statements[SQL_ROLLBACK], NULL, NULL, NULL);
	return -1;
}

/* A database with nothing in it. The log's lock is held. */
static int renew_view(struct store *s, struct error *err)
{
	if (empty_view(s, err) == -1 &&
	    (!s->damaged || remove_view(s, err) == -1))
		return -1;
	s->damaged = s->anew = false;
	s->at = (struct position){ 0 };
	return query_script(s, sql_journal, err);
}

/* ---- how far the view is ---- */

static int load_position(struct store *s, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_POSITION, BINDS_NONE, err);
	int result = 0;

	if (query_row(s, q, &result, err)) {
		s->at.offset = (uint64_t)column_number(q, 0);
		s->at.seq = (uint64_t)column_number(q, 1);
		column_copy(q, 2, s->at.crc, sizeof(s->at.crc));
	} else if (result == 0) {
		s->damaged = true;
		result = error_set(err, ERR_AGAIN, "%s is empty", s->db_path);
	}
	query_end(q);
	return result;
}

static int save_position(struct store *s, const struct position *p,
			 struct error *err)
{
	return query_run(s, SQL_POSITION_SET, BINDS(NUMBER(p->offset),
			 NUMBER(p->seq), TEXT(p->crc)), err);
}

static int fits(struct store *s, uint64_t log_size, bool *out,
		struct error *err)
{
	int64_t version = 0;

	*out = false;
	if (query_script_number(s, sql_version, &version, err) == -1)
		return -1;
	if (version != SCHEMA)
		return 0;
	if (load_position(s, err) == -1)
		return -1;
	return s->at.offset > log_size ? 0 :
	       log_ends_with(&s->log, s->at.offset, s->at.crc, out, err);
}

/* *OUT: is there a view of this version, and is it one of this log? One that is
 * damaged or lacks a table is none; one that cannot be read now is an error. */
static int view_fits(struct store *s, uint64_t log_size, bool *out,
		     struct error *err)
{
	*out = false;
	if (s->damaged || s->anew || fits(s, log_size, out, err) == 0)
		return 0;
	return s->damaged || err->code == ERR_INTERNAL ? 0 : -1;
}

static int apply_line(struct store *s, const struct log_line *line,
		      struct position *at, struct error *err)
{
	if (line->damaged || line->seq <= at->seq)
		return log_damaged(&s->log, line->offset, err);
	if (event_replay(s, line, err) == -1) {
		if (err->code == ERR_DATA)
			return log_damaged(&s->log, line->offset, err);
		return -1;
	}
	at->offset = line->next;
	at->seq = line->seq;
	memcpy(at->crc, line->crc, sizeof(at->crc));
	return 0;
}

/* All lines behind AT, up to *END. Where a transaction there is torn, as a killed
 * writer leaves it, *END becomes where that begins: none of it happened. */
static int apply_lines(struct store *s, struct position *at, uint64_t *end,
		       struct error *err)
{
	struct log_inside in = { .begun = at->offset };
	struct log_line line;
	struct log_reader r;
	bool torn = false;
	int result = log_read_to(&r, &s->log, at->offset, *end, err);

	while (result != -1 && (result = log_next(&r, &line, err)) == 1) {
		if (line.damaged)
			result = log_is_torn(&s->log, &in, &line, &torn, err);
		if (result == -1 || torn)
			break;
		result = apply_line(s, &line, at, err);
		log_inside_next(&in, &line);
	}
	log_reader_release(&r);
	if (result != -1 && (torn || in.left > 0))
		*end = in.begun;
	return result == -1 ? -1 : 0;
}

/* The writer may have been killed before its fsync: what the view holds must be
 * on the disk first. */
static int apply_to(struct store *s, uint64_t *end, struct error *err)
{
	struct position at = s->at;
	uint64_t wanted = *end;

	if (log_sync(&s->log, err) == -1 ||
	    query_run(s, SQL_BEGIN, BINDS_NONE, err) == -1)
		return -1;
	if (apply_lines(s, &at, end, err) == 0 && *end == wanted &&
	    save_position(s, &at, err) == 0 &&
	    query_run(s, SQL_COMMIT, BINDS_NONE, err) == 0) {
		s->at = at;
		return 0;
	}
	sqlite3_exec(s->db, sql_statements[SQL_ROLLBACK], NULL, NULL, NULL);
	return *end == wanted ? -1 : 0;
}

static int apply_rest(struct store *s, struct error *err)
{
	uint64_t end = UINT64_MAX;

	if (apply_to(s, &end, err) == -1)
		return -1;
	if (end == UINT64_MAX)
		return 0;
	return log_cut(&s->log, end, err) == -1 ? -1 : apply_to(s, &end, err);
}

static int make_from_log(struct store *s, struct error *err)
{
	if (renew_view(s, err) == -1 ||
	    make_tables(s, sql_schema, err) == -1 || apply_rest(s, err) == -1)
		return -1;
	/* what only queries need costs less behind the log than along with it */
	return make_tables(s, sql_indexes, err);
}

/* Where the log has gone on to another part, what was before it need not be read,
 * if the copy that was made then is still good. */
static int make_from_copy(struct store *s, uint64_t log_size, bool *made,
			  struct error *err)
{
	struct error unusable = ERROR_INIT;

	*made = false;
	if (s->log.start.view_size == 0)
		return 0;
	if (renew_view(s, err) == -1)
		return -1;
	*made = copy_restore(s, made, &unusable) == 0 && *made &&
		view_fits(s, log_size, made, &unusable) == 0 && *made;
	return *made ? apply_rest(s, err) : 0;
}

/* Make the view equal to the log, which is locked. */
static int catch_up(struct store *s, struct error *err)
{
	uint64_t size;
	bool fit;

	if (log_size(&s->log, &size, err) == -1 ||
	    view_fits(s, size, &fit, err) == -1)
		return -1;
	if (fit) {
		if (s->at.offset == size || apply_rest(s, err) == 0)
			return 0;
		if (!s->damaged)
			return -1;
	}
	return make_from_copy(s, size, &fit, err) == -1 ||
	       (!fit && make_from_log(s, err) == -1) ? -1 : 0;
}

/* ---- the lock ---- */

void store_wait_most(struct store *s, int ms)
{
	s->wait_ms = ms;
	sqlite3_busy_timeout(s->db, ms);
}

int store_lock(struct store *s, struct error *err)
{
	assert(s->lock == -1);
	s->stale = false;	/* whoever locks catches up */
	if (!s->log.read_only) {
		s->lock = file_lock(s->lock_path, s->wait_ms, err);
		if (s->lock == -1)
			return -1;
	}
	if (log_renew(&s->log, err) == 0)
		return 0;
	store_unlock(s);
	return -1;
}

void store_unlock(struct store *s)
{
	file_unlock(s->lock);
	s->lock = -1;
}

static int lock_and_catch_up(struct store *s, struct error *err)
{
	int result;

	if (store_lock(s, err) == -1)
		return -1;
	result = catch_up(s, err);
	store_unlock(s);
	return result;
}

int store_look(struct store *s, struct error *err)
{
	return s->log.read_only ? lock_and_catch_up(s, err) : 0;
}

int store_refresh(struct store *s, struct error *err)
{
	if (!s->stale || s->open)
		return 0;
	if (lock_and_catch_up(s, err) == 0)
		return 0;
	s->stale = true;
	return -1;
}

/* ---- open and close ---- */

static int open_parts(struct store *s, const char *dir, bool anew,
		      struct error *err)
{
	uint64_t size;
	bool fit;

	s->dir = xstrdup(dir);
	s->db_path = xasprintf("%s/state.db", dir);
	s->lock_path = xasprintf("%s/event-log.lock", dir);
	if (log_open(&s->log, dir, err) == -1 ||
	    log_size(&s->log, &size, err) == -1)
		return -1;
	if (open_view(s, err) == -1 && !s->damaged)
		return -1;
	s->anew = anew;
	if (view_fits(s, size, &fit, err) == -1)
		return -1;
	if (fit && s->at.offset == size)
		return 0;
	return lock_and_catch_up(s, err);
}

static int open_store(struct store **out, const char *dir, struct clock *clock,
		      bool anew, struct error *err)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->clock = clock;
	s->wait_ms = LOCK_WAIT_MS;
	s->actor = ACTOR_TRINE;
	s->lock = -1;
	s->log.fd = -1;
	buf_init(&s->pending);
	s->fields = FIELDS_INIT;
	if (open_parts(s, dir, anew, err) == -1) {
		s->damaged = false;
		store_close(s);
		*out = NULL;
		return -1;
	}
	*out = s;
	return 0;
}

const char *store_act_as(struct store *s, const char *actor)
{
	const char *before = s->actor;

	s->actor = actor != NULL ? actor : ACTOR_TRINE;
	return before;
}

int store_open(struct store **out, const char *dir, struct clock *clock,
	       struct error *err)
{
	return open_store(out, dir, clock, false, err);
}

int store_open_anew(struct store **out, const char *dir, struct clock *clock,
		    struct error *err)
{
	return open_store(out, dir, clock, true, err);
}

void store_close(struct store *s)
{
	struct error ignored = ERROR_INIT;

	if (s == NULL)
		return;
	store_abort(s);
	/* found while reading: the next process shall not find it again */
	if (s->damaged)
		lock_and_catch_up(s, &ignored);
	close_view(s);
	log_close(&s->log);
	buf_release(&s->pending);
	fields_release(&s->fields);
	free(s->dir);
	free(s->db_path);
	free(s->lock_path);
	free(s);
}

/* ---- transactions ---- */

static void end_transaction(struct store *s)
{
	s->open = s->failed = false;
	buf_reset(&s->pending);
	s->pending_count = 0;
	store_unlock(s);
}

bool store_is_read_only(const struct store *s)
{
	return s->log.read_only;
}

int store_begin(struct store *s, struct error *err)
{
	assert(!s->open);
	if (log_writable(&s->log, err) == -1 || store_lock(s, err) == -1)
		return -1;
	if (catch_up(s, err) == -1 ||
	    query_run(s, SQL_BEGIN, BINDS_NONE, err) == -1) {
		s->stale = true;
		store_unlock(s);
		return -1;
	}
	s->next = s->at;
	s->open = true;
	return 0;
}

void store_abort(struct store *s)
{
	if (!s->open)
		return;
	sqlite3_exec(s->db, sql_statements[SQL_ROLLBACK], NULL, NULL, NULL);
	end_transaction(s);
}

/* The log has it: it happened. A view that cannot be told now is told later. */
static void commit_view(struct store *s)
{
	struct error ignored = ERROR_INIT;

	if (save_position(s, &s->next, &ignored) == 0 &&
	    query_run(s, SQL_COMMIT, BINDS_NONE, &ignored) == 0) {
		s->at = s->next;
		return;
	}
	sqlite3_exec(s->db, sql_statements[SQL_ROLLBACK], NULL, NULL, NULL);
	s->stale = true;
}

/* Now that it is known how many there are. */
static void write_lines(struct store *s)
{
	struct buf lines = BUF_INIT;
	struct span json;
	unsigned nth = 0;
	size_t pos = 0;

	while (text_line(span_of(&s->pending), &pos, &json))
		log_write_line(&lines, json, ++nth, s->pending_count, s->next.crc);
	s->next.offset += lines.len;
	buf_release(&s->pending);
	s->pending = lines;
}

int store_commit_by(struct store *s,
		    int (*write)(struct store *s, struct error *err),
		    struct error *err)
{
	assert(s->open);
	if (s->failed) {
		store_abort(s);
		return error_set(err, ERR_INTERNAL,
				 "a record of this transaction failed");
	}
	if (s->pending.len == 0) {
		store_abort(s);
		return 0;
	}
	write_lines(s);
	if (write(s, err) == -1) {
		store_abort(s);
		return -1;
	}
	commit_view(s);
	end_transaction(s);
	return 0;
}

static int append_pending(struct store *s, struct error *err)
{
	return log_append(&s->log, span_of(&s->pending), err);
}

int store_commit(struct store *s, struct error *err)
{
	return store_commit_by(s, append_pending, err);
}

int store_end(struct store *s, int rc, struct error *err)
{
	if (rc == 0)
		return store_commit(s, err);
	store_abort(s);
	return -1;
}
