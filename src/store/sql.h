/*
 * Private: SQLite as the store uses it. Statements are named here, written in
 * sql.c and nowhere else (the tables are in sql_schema.c), and prepared once, at their
 * first use (query.c).
 *
 *	if (query_run(s, SQL_READ, BINDS(NUMBER(time), TEXT(id)), err) == -1) …
 *
 *	q = query_start(s, SQL_DESK, BINDS_NONE, err);
 *	while (query_row(s, q, &result, err))
 *		…
 *	query_end(q);
 *
 * All text that comes from outside goes through BINDS.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/names.h"
#include "trine/process.h"

struct store;

enum statement {
	SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK,
	SQL_POSITION, SQL_POSITION_SET,
	SQL_COMPUTER, SQL_COMPUTER_SET,

	SQL_MESSAGE_ADD, SQL_MESSAGE_FOUND, SQL_MESSAGE_REMOVE, SQL_TASK_ENDED,
	SQL_ANSWERS, SQL_TASK_ANSWERED, SQL_TASK_REOPENED, SQL_WAITS_AGAIN,
	SQL_MESSAGE_RENUMBER, SQL_MESSAGE_RE, SQL_MESSAGE_DIGEST,
	SQL_MESSAGE_KNOWN, SQL_MESSAGE_READ, SQL_MESSAGE_HANDING,
	SQL_MESSAGE_HANDED, SQL_REWORDED_ADD, SQL_REWORDED_ALL,
	SQL_MESSAGE_AMEND, SQL_MESSAGE_END,
	SQL_MESSAGE_ASSIGNED, SQL_MESSAGE_RELEASED, SQL_MESSAGE_BEGUN,
	SQL_MESSAGE_DEFERRED, SQL_MESSAGE_BLOCKED, SQL_MESSAGE_WORKED,
	SQL_EARLY_OFFERED, SQL_EARLY_BROUGHT, SQL_EARLY_NOTED, SQL_EARLY_ENDED,
	SQL_EARLY, SQL_EARLY_WAITING, SQL_EARLY_HIGHEST, SQL_EARLY_COUNT,
	SQL_DEPENDENCY_ADD, SQL_DEPENDENCY_RENUMBER, SQL_DEPENDENCIES, SQL_WAY,
	SQL_TASK_CONCERNS, SQL_WAITS_NO_MORE, SQL_LOCKS_GIVEN_BACK,
	SQL_TASK_WAITS, SQL_RECORDS_BARRED, SQL_RECORDS_OVERDUE, SQL_UNSWEPT,
	SQL_WAITING, SQL_TASK_AUTHOR, SQL_TASK_APPROVED, SQL_APPROVAL_ADD, SQL_APPROVALS,
	SQL_TASK_AGAIN, SQL_TASK_PASSED,
	SQL_TASK_CLAIMED, SQL_TASK_STARTED, SQL_TASK_NOTE, SQL_TASK_STUCK,
	SQL_TASK_PARTED, SQL_PART_ADD, SQL_PART_RENUMBER, SQL_PARTS, SQL_RECORDS_PARTED,
	SQL_HIGHEST, SQL_RECORDS_OPEN, SQL_RECORDS_HAD, SQL_RECORDS_FREE, SQL_RECORDS_HELD,
	SQL_MOMENT_ADD,
	SQL_MESSAGES_COMMITTED, SQL_MESSAGES_PUSHED, SQL_MESSAGES_UNCOMMITTED,
	SQL_RECORD_ID, SQL_RECORD_PLAIN, SQL_RECORDS_UNCOMMITTED, SQL_RECORDS_HANDING,
	SQL_RECORDS_QUEUED, SQL_RECORDS_UNREAD, SQL_RECORDS_STREAM,
	SQL_RECORDS_SINCE, SQL_RECORDS_ALL, SQL_RECORDS_RE,
	SQL_RECORDS_ANSWERING, SQL_RECORDS_ORIGIN, SQL_SAID, SQL_SAID_ANEW,
	SQL_RECORDS_TYPED, SQL_RECORDS_AT_WORK,
	SQL_RECORDS_BLOCKED, SQL_RECORD_NEXT, SQL_LINE, SQL_LINES, SQL_CONTACT,
	SQL_SEARCH_ALL, SQL_HISTORY,

	SQL_SESSION_ADD, SQL_SESSION_ADOPT, SQL_SESSION_DOING, SQL_SESSION_END,
	SQL_SESSIONS, SQL_SESSIONS_ALL,

	SQL_LOCK_SET, SQL_LOCK_SET_TASK, SQL_LOCK_RENEW, SQL_LOCK_REMOVE, SQL_LOCK,
	SQL_LOCKS, SQL_STANDING,
	SQL_WAIT_SET, SQL_WAIT_REMOVE, SQL_WAIT,

	SQL_CLAIM_SET, SQL_CLAIM_OFFERED, SQL_CLAIM_HELD, SQL_CLAIM_REMOVE,
	SQL_CLAIM_VOID, SQL_CLAIMS_VOID, SQL_CLAIM_PASSED, SQL_CLAIM, SQL_CLAIMS, SQL_CLAIMS_SEEN,
	SQL_GENERATION_SEEN, SQL_GENERATION_TAKEN, SQL_GENERATIONS,
	SQL_RIVAL_SET, SQL_RIVALS_GONE, SQL_RIVALS,

	SQL_ALERT_ADD, SQL_ALERT_RAISE, SQL_ALERT_OVER, SQL_ALERT_RENUMBER, SQL_ALERT_REMOVE,
	SQL_ALERT_TOLD, SQL_ALERT_HANDING, SQL_ALERT_HANDED,
	SQL_ALERTS, SQL_ALERTS_ALL, SQL_ALERT, SQL_EMERGENCY,

	SQL_VALUE_SET, SQL_VALUE_REMOVE, SQL_VALUE, SQL_VALUES,
	SQL_INSTANCE_WISH_SET, SQL_INSTANCE_WISHES,
	SQL_INSTANCE_SET, SQL_INSTANCE, SQL_INSTANCES,
	SQL_RESERVE, SQL_UNRESERVE, SQL_RESERVATIONS,

	SQL_TROUBLE_SET, SQL_TROUBLE_OVER, SQL_TROUBLE_MENDED, SQL_TROUBLE,
	SQL_TROUBLES,
	SQL_NUMBER, SQL_NUMBER_TROUBLE, SQL_REUSED, SQL_REPEATED_ADD, SQL_REPEATED,
	SQL_IN_STREAM, SQL_IN_STREAM_SET, SQL_IN_STREAMS,
	SQL_HAND_LINE, SQL_HAND_LINE_SET, SQL_HAND_STREAM_SET, SQL_HAND_STREAMS,
	SQL_HAND_MARK,
	SQL_HAND_TASK,
	SQL_HAND_TITLE,
	SQL_OUT_STREAM_ADD, SQL_PREAMBLE_SET, SQL_CLOSED_SET, SQL_FLOOR_SET,
	SQL_OUT_STREAMS, SQL_SEGMENT_ADD, SQL_SEGMENTS, SQL_SEGMENT,

	SQL_PEER, SQL_PEER_SET, SQL_PEERS, SQL_PEER_RECEIVED_CLEAR,
	SQL_PEER_RECEIVED_SET, SQL_PEER_RECEIVED, SQL_RECEIPT_ADD,
	SQL_COMPLAINT_SET, SQL_COMPLAINTS_OVER, SQL_COMPLAINTS_KEPT,
	SQL_COMPLAINTS,

	SQL_READING, SQL_READING_ADD, SQL_READING_CLEAR,
	SQL_MARKS, SQL_TIP_SET, SQL_ALL_START_SET, SQL_PUBLISHED_SET,
	SQL_COMMIT_ADD, SQL_COMMIT_END, SQL_COMMIT_SEEN, SQL_COMMIT_FORMS, SQL_COMMIT_GET,
	SQL_COMMIT_HELD, SQL_COMMIT_TRIED, SQL_COMMIT_IS_TRIED,
	SQL_UNPUSHED, SQL_VERSION_ADD, SQL_VERSION,
	SQL_DESK_SET, SQL_DESK_REMOVE, SQL_DESK, SQL_DESK_VERSION_ADD,
	SQL_DESK_VERSION_REMOVE, SQL_DESK_VERSION, SQL_INTENT_SET,
	SQL_INTENT_REMOVE, SQL_INTENT, SQL_INTENT_OPEN, SQL_INTENTS_OPEN,
	SQL_INTENTS_CLOSE, SQL_SEGMENTS_REMOVE,

	SQL_BRANCH_SET, SQL_BRANCH_FAILED, SQL_BRANCH_REMOVE, SQL_BRANCHES,
	SQL_NEWS_ADD, SQL_NEWS_REMOVE, SQL_NEWS_SETTLED, SQL_NEWS,
	SQL_BESIDE_ADD, SQL_BESIDE, SQL_BESIDE_ANY,

	SQL_COPY_ADD, SQL_COPY, SQL_COPY_NAMED, SQL_COPIES_LOST, SQL_COPIES_PATH, SQL_COPIES_ALL,
	SQL_PUT_BACK_ADD, SQL_PUT_BACK_LAST, SQL_PUT_BACKS_PATH,
	SQL_PUT_BACKS_ALL,
	SQL_PROBLEM_SET, SQL_PROBLEM_OVER, SQL_PROBLEM, SQL_PROBLEMS,
	SQL_PROBLEMS_OF,
	STATEMENT_COUNT
};

extern const char *const sql_statements[STATEMENT_COUNT];
extern const char sql_schema[];		/* of an empty database */
extern const char sql_indexes[];	/* behind the log in it */
extern const char sql_settings[];	/* of each connection */
extern const char sql_journal[];	/* of a new database */
extern const char sql_copying[];	/* of a copy that is written at once */
extern const char sql_version[];	/* asks for one of the numbers below */

/* Of search.db, to which the view is attached as `state` (words.h): */
extern const char sql_search[];		/* of an empty one, where there is FTS5 */
extern const char sql_search_state[];	/* how far the view is */
extern const char sql_search_position[];	/* and how far this one */
extern const char sql_search_position_set[];
extern const char sql_search_repaired[];	/* was the log, behind ?1? */
extern const char *const sql_search_update[];	/* by all behind ?1; NULL ends it */
extern const char sql_search_find[];

/* Of the view, and of search.db: a new schema raises its own, and other words of a
 * message the second one. */
#define SCHEMA 41
#define SCHEMA_WORDS 1

/* The parameter of all RECORDS statements: 1 leaves bodies where they are. */
enum { BIND_BRIEF = 5 };

/* What becomes of a commit of ours; as it stands in the view. */
enum commit_state { COMMIT_UNPUSHED, COMMIT_SEEN, COMMIT_DROPPED, COMMIT_REPLACED };

struct bind {
	enum { BIND_NUMBER, BIND_TEXT, BIND_BYTES } kind;
	int64_t number;
	const char *text;	/* NULL: NULL; what is no UTF-8 gets escaped */
	size_t len;		/* of bytes */
};

struct binds {
	const struct bind *bind;
	size_t count;
};

#define NUMBER(x) { .kind = BIND_NUMBER, .number = (int64_t)(x) }
#define TEXT(x) { .kind = BIND_TEXT, .text = (x) }
#define BYTES(x) { .kind = BIND_BYTES, .text = (x).p, .len = (x).len }
#define STREAM(x) NUMBER((x).from), NUMBER((x).to)
#define BINDS(...) ((struct binds){					\
	(const struct bind[]){ __VA_ARGS__ },				\
	sizeof((const struct bind[]){ __VA_ARGS__ }) / sizeof(struct bind) })
#define BINDS_NONE ((struct binds){ NULL, 0 })

/* Run a statement that gives no rows. */
int query_run(struct store *s, enum statement id, struct binds binds,
	      struct error *err);
/* The parameters of Q: SQLite's code. */
int query_bind(sqlite3_stmt *q, struct binds binds);
/* NULL and ERR if it cannot be run. The statement is one: a query must be ended
 * before it starts again. */
sqlite3_stmt *query_start(struct store *s, enum statement id,
			  struct binds binds, struct error *err);
/* Is there another row? *RESULT becomes -1, and ERR says why, if that cannot
 * be known. NULL for Q: as if it had failed. */
bool query_row(struct store *s, sqlite3_stmt *q, int *result, struct error *err);
void query_end(sqlite3_stmt *q);	/* NULL is fine */
/* OUT, which has SIZE bytes: its first column; "" if there is no row. */
int query_text(struct store *s, enum statement id, struct binds binds, char *out,
	       size_t size, struct error *err);
/* *FOUND: is there any row? *NUMBER, unless NULL: its first column. */
int query_number(struct store *s, enum statement id, struct binds binds,
		 bool *found, int64_t *number, struct error *err);
/* Did the last one that was run change any row? */
bool query_changed(struct store *s);
/* Run a text of sql.c that is no prepared statement. */
int query_script(struct store *s, const char *sql, struct error *err);
/* The one number SQL gives. */
int query_script_number(struct store *s, const char *sql, int64_t *out,
			struct error *err);
void query_finalize_all(struct store *s);
/* Has this SQLite FTS5? */
bool query_can_search(void);
/* The file at PATH and what SQLite keeps beside it; fine if there is none. */
int database_remove(const char *path, struct error *err);
/* Before SQLite is used: without memory it ends the program (mem.h). */
void query_prepare_memory(void);
/* Fill ERR from what SQLite says. Notes whether the file is damaged. */
int query_fail(struct store *s, int rc, struct error *err);

/* Columns of the current row. Strings: copied; NULL gives NULL, or "". */
int64_t column_number(sqlite3_stmt *q, int column);
char *column_text(sqlite3_stmt *q, int column);
char *column_words(sqlite3_stmt *q, int column);	/* never NULL */
void column_copy(sqlite3_stmt *q, int column, char *out, size_t size);
struct span column_span(sqlite3_stmt *q, int column);	/* until the next row */
struct stream_name column_stream(sqlite3_stmt *q, int column);	/* and the next */
struct process_mark column_process(sqlite3_stmt *q, int column);	/* three of them */
/* Is it TEXT, as it would stand there? NULL is "". */
bool column_same(sqlite3_stmt *q, int column, const char *text);

/* S as it can stand in JSON and in the view: S itself if it is UTF-8, else an
 * escaped copy that *COPY owns. */
const char *text_clean(const char *s, char **copy);

#endif
