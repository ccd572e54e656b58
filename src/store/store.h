/*
 * Private: what the files of src/store share. The way of an event:
 *
 *	record_*.c	checks, and builds its fields
 *	event.c		makes the line, keeps it pending, and
 *	apply*.c	changes the view by it
 *	store.c		at commit: pending lines into the log, then the view
 *
 * and after a crash, or for a new view, log.c reads the lines and apply*.c does
 * with them exactly the same.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "fields.h"
#include "log.h"
#include "sql.h"
#include "trine/store.h"

/* How far the view has applied the log. CRC is that of the last line, so that
 * another log of the same length is told apart. */
struct position {
	uint64_t offset, seq;
	char crc[LOG_CRC];
};

/* Whose events are nobody else's. */
#define ACTOR_TRINE "trine"

struct store {
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	struct log log;
	struct clock *clock;
	char *dir, *db_path, *lock_path;
	int wal_pages;		/* behind our last commit */
	const char *actor;
	int lock;		/* descriptor of the log's lock, or -1 */
	int wait_ms;		/* so long for it */
	bool open;		/* between begin and commit or abort */
	bool failed;		/* a record failed half-way: no commit */
	bool stale;		/* the log has what the view has not */
	bool damaged;		/* SQLite said so */
	bool anew;		/* whatever the view is, it is to be made anew */
	struct position at;	/* of the view */
	struct position next;	/* and of the transaction */
	struct buf pending;	/* its events, a line each; and at commit as the log has
				 * them */
	unsigned pending_count;
	struct fields fields;	/* of the event that is applied */
};

/* Between transactions: make the view know what a commit could not tell it. */
int store_refresh(struct store *s, struct error *err);

/* The log's lock (of one that is only read, none), and the log as it is then; a view that
 * knows it is another thing. */
int store_lock(struct store *s, struct error *err);
void store_unlock(struct store *s);
/* End a transaction whose lines WRITE makes durable. */
int store_commit_by(struct store *s,
		    int (*write)(struct store *s, struct error *err),
		    struct error *err);
/* Have the copy of the view that the log names, in an empty database. *OUT: there
 * is one, and it is whole; what of the log is in it must still be asked. */
int copy_restore(struct store *s, bool *out, struct error *err);

/* As store_open, and the view is made anew, whatever it is. */
int store_open_anew(struct store **out, const char *dir, struct clock *clock,
		    struct error *err);

/* ---- events ---- */
json_t *log_start_fields(const struct log_start *start);

struct event {
	uint64_t seq;
	int64_t time;
	const char *type;
	const struct field *json;	/* the whole line */
};

/* Record an event of TYPE: FIELDS becomes event_record's. */
int event_record(struct store *s, const char *type, json_t *fields,
		 struct error *err);
/* The event on LINE, applied. ERR_DATA: it is not JSON. */
int event_replay(struct store *s, const struct log_line *line, struct error *err);
int event_apply(struct store *s, const struct event *e, struct error *err);

/* Fields of events; "", NULL and 0 are left out, text is cleaned. */
void put_text(json_t *json, const char *key, const char *text);
void put_always(json_t *json, const char *key, const char *text);
void put_number(json_t *json, const char *key, uint64_t number);
void put_time(json_t *json, const char *key, int64_t time);
void put_flag(json_t *json, const char *key, bool flag);
void put_list(json_t *json, const char *key, const struct list *l);
void put_stream(json_t *json, const char *key, struct stream_name stream);
void put_process(json_t *json, const struct process_mark *p);	/* pid, born, boot */

/* ---- what events do, by noun (apply_*.c); named after the types ---- */
typedef int apply_function(struct store *s, const struct event *e,
			   struct error *err);
apply_function apply_sent, apply_found, apply_retracted, apply_renumbered,
	apply_received, apply_repeated, apply_imported, apply_rejected,
	apply_missing, apply_read, apply_handing, apply_handed;
apply_function apply_offered, apply_brought, apply_withdrawn;
apply_function apply_assigned, apply_released, apply_begun, apply_deferred,
	apply_blocked, apply_worked;
apply_function apply_added, apply_claimed, apply_started, apply_progress,
	apply_stuck, apply_again, apply_approved;
apply_function apply_lock_acquired, apply_lock_renewed, apply_lock_released,
	apply_lock_wait;
apply_function apply_claim_wanted, apply_claim_offered, apply_claim_held,
	apply_claim_released, apply_claim_lost, apply_claim_found;
apply_function apply_alert_raised, apply_alert_cleared, apply_alert_told,
	apply_alert_handing, apply_alert_handed;
apply_function apply_value, apply_value_gone;
apply_function apply_reserved, apply_unreserved;
apply_function apply_session_started, apply_session_adopted,
	apply_session_doing, apply_session_ended;
apply_function apply_instance_wanted, apply_instance_changed;
apply_function apply_amended, apply_ended, apply_hand_read;
apply_function apply_reopened, apply_forgotten;
apply_function apply_computer, apply_stream_read, apply_preamble, apply_closed,
	apply_numbered, apply_peer;
apply_function apply_branch_looked, apply_branch_failed, apply_branch_settled,
	apply_branch_gone, apply_beside;
apply_function apply_tip, apply_reading, apply_all_start, apply_commit, apply_commit_seen,
	apply_commit_dropped, apply_commit_lost, apply_commit_tried,
	apply_commit_untried, apply_versions, apply_intended, apply_published,
	apply_copy, apply_counted, apply_restored, apply_problem, apply_problem_over;

/* What a status of COMPUTER claims in the whole fleet. */
int set_rivals(struct store *s, const struct event *e, int64_t computer,
	       struct error *err);

/* The message in E, as a new row. */
int add_message(struct store *s, const struct event *e,
		enum direction direction, struct error *err);
/* If it is an alert to all, or the end of one. */
int keep_alert(struct store *s, const struct event *e, const struct field *message,
	       enum direction direction, struct stream_name stream, struct error *err);
/* A line in the history of the message that E is about. */
int add_moment(struct store *s, const struct event *e, const char *name,
	       const char *instance, struct error *err);

/* The task of E, which HOLDER of SESSION (or 0) gets by it, has what it needs, and
 * passed another one over. */
int take_needs(struct store *s, const struct event *e, int64_t session,
	       const char *holder, struct error *err);

/* Run ID, a statement that may end the task which is its first parameter, or after
 * which nobody may have it: then others wait for it no more, and it holds nothing. All
 * that may do so is run by this. (Triggers would do it, too: but SQLite reads them with
 * each view that is opened, and with each statement on messages.) */
int change_task(struct store *s, enum statement id, struct binds binds,
		struct error *err);
/* What there is to do behind it, as the task ID is now. */
int settle_task(struct store *s, const char *id, struct error *err);

/* As rank_of, of the JSON of a message. */
int64_t rank_in(const struct field *message);
/* The message that E brings; NULL and ERR_DATA if there is none. */
const struct field *message_of(const struct event *e, struct error *err);
/* Its JSON without its body, which is a column of its own. */
char *text_of_head(const struct field *message);

/* Fields of an event that brings a message; NULL and ERR if it cannot stand in JSON. */
json_t *message_fields(const char *id, const struct message *m, const char *clone,
		       struct error *err);
/* The same of one of theirs, with the digest of its words. */
json_t *received_fields(const char *id, const struct message *m, const char *clone,
			struct error *err);

/* ---- shared by records and views ---- */
/* The record of the current row of a RECORDS statement; -1: its text is none. */
int record_of_row(sqlite3_stmt *q, struct record *out);

extern const char *const instance_wants[];	/* by enum instance_want, as events say it */

int64_t rank_of(enum message_priority priority);	/* the least goes first */
/* The first row of Q, a RECORDS statement, that SUITS. Q ends. */
int first_suitable(struct store *s, sqlite3_stmt *q, view_suits *suits, void *arg,
		   struct record *out, bool *found, struct error *err);

/* Append what FTS5 is asked for TEXT (struct search_filter). ERR_USAGE: no word is in
 * it; ERR_DATA: not UTF-8, too long, too many words. */
int search_expression(struct span text, struct buf *out, struct error *err);

/* "1_TO_2.7~5f3a9c1e", "1_TO_2.7": the stream. */
bool stream_of_id(const char *id, struct stream_name *out);

#endif
