/*
 * The event log and its view: what happened here, and what follows from it.
 *
 * event-log.jsonl is append-only and the only truth of this computer; state.db
 * is a SQLite view of it, which may be deleted and comes back equal, row for
 * row. Whoever decides something does it between store_begin, which takes the
 * log's lock (event-log.lock, fcntl) and applies what others have added, and
 * store_commit, which makes the events of the transaction durable:
 *
 *	store_begin(s, err);
 *	seq = …;				(sees the applied view)
 *	record_sent(s, &message, false, err);	(and is seen by what follows)
 *	store_commit(s, err);			(log: write, fsync; then the view)
 *
 * A crash before the log's fsync leaves nothing of it, or a prefix of whole
 * events, or a torn last line, which the next open cuts off: so events are
 * recorded in an order in which each prefix is true. A crash after it leaves a
 * view that is behind, and the next open applies the rest. If the disk is full
 * nothing is recorded, and the log is as it was.
 *
 * Records are named after what happened; each is one type of event, listed with
 * its fields in trine-files(5). One that is refused (ERR_NOTFOUND, ERR_REFUSED,
 * ERR_DATA) leaves the transaction as it was; after any other error only
 * store_abort is left. Recording again what is so already records nothing. Text
 * that is no UTF-8 is kept escaped, and found again by the same bytes; of a
 * message it is refused.
 *
 * Queries work inside and outside a transaction; what they return belongs to
 * the caller. A process has one store of a directory: closing a second one would
 * drop the first one's lock.
 */
#ifndef TRINE_STORE_H
#define TRINE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/clock.h"
#include "trine/digest.h"
#include "trine/error.h"
#include "trine/list.h"
#include "trine/message.h"
#include "trine/process.h"
#include "trine/status.h"
#include "trine/vouch.h"

struct store;

/* DIR is the .trine directory. A view that is damaged or of another version is
 * made anew. ERR_DATA: the log is damaged in its middle (file and line). */
int store_open(struct store **out, const char *dir, struct clock *clock,
	       struct error *err);
void store_close(struct store *s);
/* Is DIR on a disk that can only be read, or are its rights so? Then the view is in
 * memory, as the log was when it was opened, and store_begin is ERR_IO. */
bool store_is_read_only(const struct store *s);
/* For who looks again and again: have what the log has got since, where the view does not
 * learn it from others. Not within a query. */
int store_look(struct store *s, struct error *err);

/* So long store_begin waits at most from now on: for who has others to look after. */
void store_wait_most(struct store *s, int ms);
/* ERR_AGAIN: another process held the log for ten seconds. Not within another. */
int store_begin(struct store *s, struct error *err);
/* 0: the log has it. -1: nothing is recorded, and the transaction is over. */
int store_commit(struct store *s, struct error *err);
void store_abort(struct store *s);	/* nothing is recorded; fine without begin */
/* In whose name events are recorded from now on: `actor` of their lines, NULL for
 * trine's own. The text is borrowed; what it was before is returned. */
const char *store_act_as(struct store *s, const char *actor);
/* How a transaction ends that RC says the outcome of: 0 commits, -1 aborts, and ERR
 * stays as it is. */
int store_end(struct store *s, int rc, struct error *err);

/* ---- who we are ---- */
struct identity {
	int number;		/* 0: not set up yet */
	char *name;
	char clone[CLONE_ID];
	struct list former;
	char why[16];		/* "init", "takeover", "restored" */
	int64_t since;
	bool accepted;		/* a push of this clone was accepted (R29) */
};
int record_identity(struct store *s, const struct identity *id, struct error *err);
int view_identity(struct store *s, struct identity *out, struct error *err);
void identity_release(struct identity *id);

/* ---- messages ---- */
/* OLD: written before trine, and read from a file by `trine import`: history of
 * whomever to whomever, never anybody's to take, to answer for or to publish. */
enum direction { DIRECTION_OUT, DIRECTION_IN, DIRECTION_OLD };

/* Why a task may not be begun yet, or never. As it stands in the view. */
enum task_wait {
	WAIT_NONE,
	WAIT_OTHERS,		/* for tasks that have not been completed */
	WAIT_FAILED,		/* and one of them has failed */
	WAIT_CIRCLE,		/* for itself, by way of others */
	WAIT_UNCLEAR		/* what it says of that cannot be understood */
};

/* A message and what became of it. Times are 0 until then. */
struct record {
	char id[MESSAGE_ID];	/* as recorded: `1_TO_2.7`, `1_TO_2.7~5f3a9c1e` */
	enum direction direction;
	struct message message;
	char clone[CLONE_ID];	/* of the sender, or of ours when sent */
	char digest[MESSAGE_DIGEST];
	char state[16];		/* "", or a task's: QUEUED, BLOCKED, … */
	char note[160];		/* "before the loss", "in doubt", why it waits or
				 * failed, or "" */
	bool adopted;		/* from loose text; one that was found on the
				 * tip may have been */
	/* accepted: ours, or imported; received: theirs here; ours, to one
	 * computer, by its receipt */
	int64_t accepted, committed, pushed, received, read, handed, answered;
	int64_t early, brought;	/* by another way than git; and then by git
				 * (store_early.h) */
	char *instance;		/* in whose line it is, or handed to; or NULL */
	/* Of one that workers hand over (record_begun). */
	uint64_t attempt;	/* how often one began with it */
	unsigned slot;		/* of the worker that has it now, or 0 */
	int64_t copy;		/* of the instance, that it is posted to; 0: there is one,
				 * or it is not posted */
	int64_t began;		/* when the last one did */
	int64_t due;		/* when it may be taken next; 0: it waits in no line */
	/* Of a task that a session holds (record_claimed). */
	uint64_t session;	/* which, or 0 */
	uint64_t token;		/* fencing token: of a later claim it is higher */
	int64_t claimed, started;
	char *holder;		/* how people call the session, and its terminal */
	int64_t ended;		/* of any task */
	char *result;		/* what its session gave, or NULL */
	enum task_wait waits;
	uint64_t wants;		/* approvals that it lacks */
	uint64_t author;	/* the session that added it, or 0 */
	uint64_t passed;	/* how often a more urgent one was taken instead */
	int64_t rests;		/* until when it is given to nobody; or 0 */
};
void record_release(struct record *r);

struct record_list {
	struct record *item;
	size_t count, cap;
};
void record_list_release(struct record_list *l);

/* Ours, accepted. */
int record_sent(struct store *s, const struct message *m, bool adopted,
		struct error *err);
/* Ours, found on the tip by a new clone (R28, R29): committed and pushed. */
int record_found(struct store *s, const struct message *m, const char *clone,
		 struct error *err);
/* Before it was committed (ERR_REFUSED). The last number of its stream is free
 * again then; one before it stays open until record_renumbered closes the gap. */
int record_retracted(struct store *s, const char *id, struct error *err);
/* Ours and not committed: another number, which is free (R28, R30), or the one it
 * has. What answers it and is not committed either names it by the new id. Its
 * key `origin` is ORIGIN from now on, or gone ("") or as it was (NULL). */
int record_renumbered(struct store *s, const char *old_id, uint64_t seq,
		      const char *origin, struct error *err);
/* Theirs. ID is the message's own, or with ~clone (R7). NOTE may be "". A task
 * starts QUEUED, or as STATE says. One that brings a rejected text anew ends
 * that trouble. */
int record_received(struct store *s, const char *id, const struct message *m,
		    const char *clone, const char *commit, const char *state,
		    const char *note, struct error *err);
/* CLONE says the message ID again, at another time: its text DIGEST
 * (message_text_digest) is that of ID from now on, whoever has it. */
int record_repeated(struct store *s, const char *id, const char *clone,
		    const char digest[MESSAGE_DIGEST], struct error *err);
/* Neither: a message of before trine, of any stream and without a number. STATE
 * is that of a task that has ended, or "". *ADDED: it was not known. */
int record_imported(struct store *s, const char *id, const struct message *m,
		    const char *state, bool *added, struct error *err);
int record_rejected(struct store *s, struct stream_name stream, uint64_t seq,
		    const char *id, const char *why, struct error *err);
int record_missing(struct store *s, struct stream_name stream, uint64_t seq,
		   struct error *err);
/* What of a stream to us is taken in, and from which version. Receipts only
 * rise within a clone. */
int record_stream_read(struct store *s, struct stream_name stream,
		       const char *clone, uint64_t upto, const char *blob,
		       struct error *err);
int record_read(struct store *s, const char *id, const char *who, struct error *err);
int record_handing(struct store *s, const char *id, const char *instance,
		   const struct list *needs, struct error *err);
/* STATE: of a task from now on, NULL for ASSIGNED. */
int record_handed(struct store *s, const char *id, const char *instance,
		  const char *state, struct error *err);

/* Does R suit who asks? */
typedef int view_suits(const struct record *r, void *arg, bool *suits,
		       struct error *err);

/* ---- work behind the cycle (work.h) ---- */
/* Into the line of INSTANCE: a task is ASSIGNED then. Out of it again, and to
 * nobody: QUEUED. */
int record_assigned(struct store *s, const char *id, const char *instance,
		    struct error *err);
int record_released(struct store *s, const char *id, const char *reason,
		    struct error *err);
/* A worker begins with it: a task is IN_PROGRESS. One of these ends that: record_handed,
 * if the instance works on with it; record_deferred, for another time; record_blocked,
 * for a person to decide; record_worked, if there is nothing more to do with it. */
struct begun {
	const char *instance;
	int64_t copy;		/* as in struct record */
	uint64_t attempt;	/* 1: the first one */
	unsigned slot;		/* of the worker: 1, 2, … */
};
int record_begun(struct store *s, const char *id, const struct begun *b,
		 const struct list *needs, const char *over, struct error *err);
int record_deferred(struct store *s, const char *id, const char *reason,
		    int64_t until, struct error *err);
int record_blocked(struct store *s, const char *id, const char *reason,
		   struct error *err);
int record_worked(struct store *s, const char *id, struct error *err);

/* Who is in the line of INSTANCE; NULL: in any. */
struct work_line {
	uint64_t waiting;
	int64_t due;		/* of the first that may be taken; 0: none waits */
	uint64_t at_work;	/* with a worker, or IN_PROGRESS */
};
int view_line(struct store *s, const char *instance, struct work_line *out,
	      struct error *err);
/* When INSTANCE last took something, or something began with it; 0: never. */
int view_contact(struct store *s, const char *instance, int64_t *out,
		 struct error *err);
/* Of those of PRIORITY that may be taken at NOW, the first that SUITS. *FOUND false:
 * there is none. */
int view_next(struct store *s, const char *instance,
	      enum message_priority priority, int64_t now,
	      view_suits *suits, void *arg, struct record *out, bool *found,
	      struct error *err);

struct record_filter {
	const char *id;			/* exactly this one */
	const char *re;			/* answers to this one */
	const char *origin;		/* brings the text of this one anew (R7) */
	int direction;			/* DIRECTION_…, or -1 for all */
	struct stream_name stream;	/* from == 0 && to == 0: any */
	const char *typed;		/* of STREAM, adopted, with this as its first line:
					 * others cost nothing, however many there are */
	bool unread;			/* not read, handed or ended */
	bool queued;			/* tasks, QUEUED or ASSIGNED, that nobody was handed */
	bool at_work;			/* with a worker, or IN_PROGRESS */
	bool blocked;			/* tasks for which a person must decide */
	bool handing;			/* handing was recorded, handed was not */
	bool uncommitted;		/* ours, in no commit yet */
	uint64_t first, last;		/* sequence numbers; last 0: no end */
	int64_t since;			/* accepted or received at or after */
	size_t limit;			/* 0: all */
	bool brief;			/* bodies are not read, and empty */
	bool plain;			/* of ID: who received it of ours, and what
					 * answered it, is not asked */
};
#define RECORD_FILTER_ALL { .direction = -1 }
/* In order of stream and number. */
int view_records(struct store *s, const struct record_filter *f,
		 struct record_list *out, struct error *err);
/* Is there one? */
int view_any_record(struct store *s, struct record_filter f, bool *out,
		    struct error *err);

/* The message of ours that brings the text DIGEST (message_text_digest) anew, which had
 * the number of ID (R7); "" if there is none. */
int view_anew(struct store *s, const char *id, const char digest[MESSAGE_DIGEST],
	      char out[MESSAGE_ID], struct error *err);

/* The first of theirs with a number of STREAM from FIRST to LAST that has the words of M,
 * sent at the same time, or WHENEVER; "" if there is none. However many there are, they
 * are not looked at one by one. */
int view_said(struct store *s, struct stream_name stream, uint64_t first, uint64_t last,
	      const struct message *m, bool whenever, char out[MESSAGE_ID],
	      struct error *err);
/* The first of theirs that brings the text of M anew, which had the number of ID. */
int view_said_anew(struct store *s, const char *id, const struct message *m,
		   char out[MESSAGE_ID], struct error *err);

/* Is that the text of ID as it was said again? */
int view_repeated(struct store *s, const char *id,
		  const char digest[MESSAGE_DIGEST], bool *out,
		  struct error *err);

/* What is known of one number in a stream to us. NUMBER_EARLY: a message is here, and
 * git has not brought it (store_early.h). DIGEST and CLONE are of the message that has
 * the number, else ""; either may be NULL. */
enum number_state {
	NUMBER_UNKNOWN, NUMBER_RECORDED, NUMBER_EARLY, NUMBER_MISSING, NUMBER_REJECTED
};
int view_number(struct store *s, struct stream_name stream, uint64_t seq,
		enum number_state *state, char digest[MESSAGE_DIGEST],
		char clone[CLONE_ID], struct error *err);

/* Did their number ID, of this form, come with two texts? */
int view_reused(struct store *s, const char *id, bool *out, struct error *err);

struct moment {			/* one line of a message's history */
	char event[16];		/* sent committed pushed received read handed
				 * answered imported; rejected, missing: by a
				 * peer, now */
	int64_t time;
	int computer;		/* where; 0: here */
	char *instance;		/* or NULL */
};
int view_history(struct store *s, const char *id, struct moment **out,
		 size_t *count, struct error *err);
void moments_free(struct moment *m, size_t count);

/* ---- sessions: running agents ---- */
/* One agent at work here (session.h), from when it registered until it is gone. */
struct session {
	uint64_t id;		/* never given out again; a number is */
	int64_t number;		/* 1, 2, …: what people call it by */
	char *name, *role, *goal;	/* "" where it said none */
	char *doing;		/* what it said last that it does; or "" */
	struct process_mark agent;	/* its process */
	long parent;
	char terminal[32];	/* or "" */
	char *folder;		/* where it works, or "" */
	int64_t since;
	int64_t ended;		/* 0: it has not */
	char *why;		/* it ended, or "" */
};
void session_release(struct session *s);
struct session_list {
	struct session *item;
	size_t count, cap;
};
void session_list_release(struct session_list *l);

/* S->id and S->since are set. Whoever decides that the number is free does so in the
 * same transaction. */
int record_session_started(struct store *s, struct session *session,
			   struct error *err);
/* It goes on in another process: agent, parent, terminal and folder are those of
 * SESSION. */
int record_session_adopted(struct store *s, const struct session *session,
			   struct error *err);
int record_session_doing(struct store *s, uint64_t id, const char *doing,
			 struct error *err);
int record_session_ended(struct store *s, uint64_t id, const char *why,
			 struct error *err);
/* Those that have not ended, or ALL, in order of number. */
int view_sessions(struct store *s, bool all, struct session_list *out,
		  struct error *err);

/* ---- locks: leases with a fencing token (locks.h) ---- */
struct lock {
	char *name;
	uint64_t token;		/* the number of the event: it only rises */
	uint64_t session;	/* whose it is */
	char *holder;		/* that session, in words */
	struct process_mark process;	/* that it ends with; pid 0: with the session */
	int64_t since, until, ttl;
	char *task;		/* that needs it: it has no end of its own; or NULL */
};
void lock_forget(struct lock *l);
struct lock_list {
	struct lock *item;
	size_t count, cap;
};
void lock_list_release(struct lock_list *l);

/* LOCK->token and ->since are set. It replaces what there was of that name. */
int record_lock_acquired(struct store *s, struct lock *lock, struct error *err);
int record_lock_renewed(struct store *s, const char *name, uint64_t token,
			int64_t until, struct error *err);
/* WHY: "", or why it was not its holder who gave it back. */
int record_lock_released(struct store *s, const char *name, uint64_t token,
			 const char *why, struct error *err);
/* *FOUND false: nobody has had it since it was given back. */
int view_lock(struct store *s, const char *name, struct lock *out, bool *found,
	      struct error *err);
int view_locks(struct store *s, struct lock_list *out, struct error *err);

/* Is there any to be listed? For who asks with each command. */
struct standing {
	bool locks, reservations;
	bool claims;		/* ours or others' (store_claim.h) */
	bool alerts;		/* that are not over (store_alert.h) */
};
int view_standing(struct store *s, struct standing *out, struct error *err);

/* SESSION waits for the lock NAME, in PROCESS; "" for no more. */
struct wait {
	uint64_t session;
	char *name;
	struct process_mark process;
};
int record_lock_wait(struct store *s, uint64_t session, const char *name,
		     const struct process_mark *process, struct error *err);
/* What SESSION waits for; NAME is NULL if it waits for none. Free it. */
int view_lock_wait(struct store *s, uint64_t session, struct wait *out,
		   struct error *err);

/* ---- reservations of files (reserve.h) ---- */
struct reservation {
	uint64_t id;
	char *base;		/* the folder that its globs count from */
	struct list globs;
	bool shared;
	uint64_t session;
	char *holder;		/* that session, in words */
	char *why;		/* or "" */
	int64_t since, until;
};
void reservation_release(struct reservation *r);
struct reservation_list {
	struct reservation *item;
	size_t count, cap;
};
void reservation_list_release(struct reservation_list *l);

/* R->id and ->since are set. */
int record_reserved(struct store *s, struct reservation *r, struct error *err);
int record_unreserved(struct store *s, uint64_t id, const char *why,
		      struct error *err);
int view_reservations(struct store *s, struct reservation_list *out,
		      struct error *err);	/* in the order made */

/* ---- refusals: somebody else had it (refused.h) ---- */
enum refused { REFUSED_TASKS, REFUSED_LOCKS, REFUSED_FILES, REFUSED_CLAIMS,
	       REFUSED_KINDS };
struct refusals {
	int64_t since;		/* when the first of these was; 0: there are none */
	uint64_t count[REFUSED_KINDS];
};
/* The name of that count in the event. */
const char *refused_name(enum refused what);
int record_refused(struct store *s, const struct refusals *r, struct error *err);

/* ---- small values that instances share (state.h) ---- */
struct value {
	char *key, *value;
	uint64_t generation;	/* the number of the event that set it */
	char *by;		/* in words, or "" */
	int64_t since;
};
void value_release(struct value *v);
struct value_list {
	struct value *item;
	size_t count, cap;
};
void value_list_release(struct value_list *l);

/* V->generation and ->since are set. A value that is NULL takes the key away. */
int record_value(struct store *s, struct value *v, struct error *err);
int view_value(struct store *s, const char *key, struct value *out, bool *found,
	       struct error *err);
int view_values(struct store *s, struct value_list *out, struct error *err);

/* ---- streams of ours ---- */
struct out_stream {
	struct stream_name name;
	uint64_t last;		/* highest number given out; numbers run from 1 */
	uint64_t committed, pushed;	/* highest that is */
	uint64_t floor;		/* numbers up to it were given out by clones
				 * before this one; the log may lack some */
	unsigned closed;	/* segments closed so far */
	uint64_t open_first;	/* first number in the open segment */
	char *preamble;		/* NULL: the default one */
};
void out_streams_free(struct out_stream *l, size_t count);
int view_out_streams(struct store *s, struct out_stream **out, size_t *count,
		     struct error *err);
int record_preamble(struct store *s, struct stream_name stream, struct span text,
		    struct error *err);
/* Messages FIRST to LAST became archive segment SEGMENT, whose bytes are BLOB. */
int record_closed(struct store *s, struct stream_name stream, unsigned segment,
		  uint64_t first, uint64_t last, const char *blob,
		  struct error *err);
/* Forget all segments: a new clone reads them from the branch (R29). */
int record_reopened(struct store *s, struct stream_name stream,
		    struct error *err);
struct segment {
	unsigned number;
	uint64_t first, last;
	char blob[41];
};
int view_segments(struct store *s, struct stream_name stream,
		  struct segment **out, size_t *count, struct error *err);
	/* in order; free(3) */
/* "": there is none of that number. */
int view_segment_blob(struct store *s, struct stream_name stream,
		      unsigned number, char out[41], struct error *err);
/* Numbering of STREAM starts above SEQ from now on (R29). */
int record_numbering(struct store *s, struct stream_name stream, uint64_t seq,
		     struct error *err);

/* ---- streams to us ---- */
struct in_stream {
	struct stream_name name;
	char clone[CLONE_ID];
	uint64_t upto;
	char blob[41];
};
int view_in_streams(struct store *s, struct in_stream **out, size_t *count,
		    struct error *err);	/* free(3) the array */
/* What our status lists: missing and rejected numbers, the newest of each, so
 * many that a status stays within LIMIT_YAML. Streams share that room: each has its
 * newest there before any has more. What it has no room for is counted, and its
 * streams are named (status_lists_all). */
enum { TROUBLES_MISSING = 100, TROUBLES_REJECTED = 40 };
int view_troubles(struct store *s, struct status *into, struct error *err);

/* ---- streams to us whose writer has no trine (hand.h, protocol R9) ---- */
/* A line, by 16 hex of the SHA-256 of its text as it is compared. */
enum { LINE_DIGEST = 17 };
struct hand_known {
	char digest[LINE_DIGEST];
	uint64_t most;		/* how often it stood in any version read */
	char commit[41];	/* the last one read that added it; "" if none */
};
void hand_digest(struct span line, char out[LINE_DIGEST]);
/* COMMIT was read, and added these lines to STREAM: its receipt is COMMIT, if that is a
 * new one of the fleet's branch; not if it is beside that, or below the last receipt,
 * which only rises (R8). For lines that were there before any commit there is none. */
#define HAND_NO_COMMIT "0000000000000000000000000000000000000000"
enum hand_place { HAND_NEW, HAND_BESIDE, HAND_BELOW };
int record_hand_read(struct store *s, struct stream_name stream,
		     const char *commit, enum hand_place place,
		     const struct hand_known *lines, size_t count,
		     struct error *err);
/* What is known of the line with this digest. */
int view_hand_line(struct store *s, struct stream_name stream,
		   struct hand_known *line, struct error *err);
struct hand_stream {
	struct stream_name name;
	char mark[41];		/* the newest commit that added lines to it */
};
/* The mark of STREAM; "" if it has none. */
int view_hand_mark(struct store *s, struct stream_name stream, char out[41],
		   struct error *err);
int view_hand_streams(struct store *s, struct hand_stream **out, size_t *count,
		      struct error *err);	/* free(3) the array */
/* The newest task of STREAM with TITLE, and WHOLE (trine/hand.h) to begin its body, that
 * has not ended; ID is "" if there is none. STARTED: somebody was handed it; one in doubt
 * was by nobody we know. */
int view_hand_task(struct store *s, struct stream_name stream,
		   const char *title, const char *whole, char id[MESSAGE_ID],
		   bool *started, struct error *err);
/* Was anything received that has these now, whatever became of it? */
int view_hand_title(struct store *s, struct stream_name stream, const char *title,
		    const char *whole, bool *found, struct error *err);
/* A task of theirs says something else, or somebody ended it ("COMPLETED",
 * "FAILED"), with a RESULT or NULL; one that has ended stays as it is. */
int record_amended(struct store *s, const char *id, const struct message *m,
		   struct error *err);
int record_ended(struct store *s, const char *id, const char *state,
		 const char *reason, const char *result, struct error *err);

/* ---- receipts and statuses of the others ---- */
struct peer {
	int computer;
	char *name;
	char clone[CLONE_ID];
	enum computer_state state;
	uint64_t format;
	int64_t updated, heartbeat;
	int64_t seen;		/* our clock, when its status last changed */
	char blob[41];		/* of the status last read */
	char commit[41];	/* that brought it */
	struct receipt *received;
	size_t received_count;
};
/* A status of another computer; its receipts confirm our messages, what it
 * lists as missing or rejected is unconfirmed again. Of a stream of which it lists not
 * all of these, its receipt confirms nothing, and no complaint ends. A text that was rejected
 * for its number and sent anew stays rejected under the old one. BLOB: its
 * version. */
int record_peer(struct store *s, const struct status *status, const char *blob,
		const char *commit, struct error *err);
int view_peers(struct store *s, struct peer **out, size_t *count,
	       struct error *err);
void peers_free(struct peer *p, size_t count);
/* Ours that a peer rejected or misses, with its reason: rejected.id, .why. */
struct complaint {
	int computer;
	char id[MESSAGE_ID];
	char *why;		/* "missing" or the peer's reason */
};
int view_complaints(struct store *s, struct complaint **out, size_t *count,
		    struct error *err);
void complaints_free(struct complaint *c, size_t count);

/* ---- marks (protocol, "Three marks") ---- */
struct marks {
	char tip[41];		/* received.upto; "" at first */
	int64_t tip_time;	/* when, by our clock */
	char vouched[VOUCH_DIGEST];	/* own files of our newest commit on it */
	char all_start[41];	/* R31: ALL streams count from here; "" unset, "-" all */
	char published[41];	/* commit that is on the desk */
};
int view_marks(struct store *s, struct marks *out, struct error *err);
int record_tip(struct store *s, const char *commit, const char *vouched,
	       struct error *err);
/* On the way to a new tip: all up to COMMIT is recorded as well, of what WALK
 * reads ("" : everything). Until the next record_tip. */
int record_reading(struct store *s, const char *walk, const char *commit,
		   struct error *err);
int view_reading(struct store *s, const char *walk, struct list *commits,
		 struct error *err);
int record_rewritten(struct store *s, const char *old_tip, const char *new_tip,
		     struct error *err);
int record_all_start(struct store *s, const char *commit, struct error *err);

struct own_commit {
	char oid[41];
	char parent[41];
	bool seen;		/* on a tip */
};
/* Made here: before any ref moves (mark 2). FILES: its own files, all of them.
 * REPLACES: the unpushed commit it is the rebuilt form of, or "". What is in it
 * of each stream: all numbers of ours up to now that are not committed. */
int record_commit(struct store *s, const char *oid, const char *parent,
		  const char *replaces, const struct own_files *files,
		  struct error *err);
/* A tip holds it: it is pushed, and so are its messages. An id that is not
 * ours is ignored. */
int record_seen(struct store *s, const char *oid, struct error *err);
/* An unpushed commit that is of no use any more. */
int record_dropped(struct store *s, const char *oid, struct error *err);
/* One that is gone with the repository: so are the copies that were in it, and
 * whoever meets such a text again may keep it again. */
int record_lost(struct store *s, const char *oid, struct error *err);
int view_unpushed(struct store *s, struct own_commit **out, size_t *count,
		  struct error *err);	/* in the order made, a rebuilt one
					 * in the place of what it replaces;
					 * free(3) */
int view_commit_known(struct store *s, const char *oid, bool *out, struct error *err);
/* One that a tip held? */
int view_commit_seen(struct store *s, const char *oid, bool *out, struct error *err);
/* A push of it is tried, the first of this clone, as far as anybody here knows; *FRESH:
 * none was before. And it came to nothing, for sure. Was our message ID, under that
 * number, in a commit that may be out, dropped ones too? */
int record_tried(struct store *s, const char *oid, bool *fresh, struct error *err);
int record_untried(struct store *s, const char *oid, struct error *err);
int view_commit_held(struct store *s, const char *id, bool *out, struct error *err);
/* Versions of own paths that are ours without a commit of ours: found (R29). */
int record_versions(struct store *s, const struct own_files *files,
		    struct error *err);
/* Did an own commit ever carry this version of an own path? */
int view_version_known(struct store *s, const char *path, const char *oid,
		       bool *out, struct error *err);

struct desk_file {
	char *path;
	char blob[41];		/* published last; "" : not there */
};
/* Mark 3: logged before the renames; then record_published after them. */
int record_intent(struct store *s, const struct desk_file *files, size_t count,
		  struct error *err);
/* The files of the last intent that were really written, and the commit that
 * the desk shows now. */
int record_published(struct store *s, const char *commit,
		     const struct desk_file *files, size_t count,
		     struct error *err);
int view_desk(struct store *s, struct desk_file **out, size_t *count,
	      struct error *err);	/* in order of path, those that are there */
void desk_files_free(struct desk_file *f, size_t count);
/* BLOB of PATH was published from an own commit that is of no use any more: it
 * is somebody's edit of BASE ("": of nothing) again, and not known for ours. */
int record_forgotten(struct store *s, const char *path, const char *blob,
		     const char *base, struct error *err);
/* Was this version of PATH intended last, and nothing published there since? */
int view_desk_waits(struct store *s, const char *path, const char *blob,
		    bool *out, struct error *err);
/* The version of PATH that publish was about to write, if it has not ended since: it was
 * killed, and may have written that. "" if there is none, or the file was to go. */
int view_desk_intended(struct store *s, const char *path, char out[41],
		       struct error *err);
/* Is there any such path? */
int view_desk_open(struct store *s, bool *out, struct error *err);
/* Was this version of PATH published or intended here, ever? */
int view_desk_known(struct store *s, const char *path, const char *blob,
		    bool *out, struct error *err);

/* ---- copies under conflicts/ ---- */
/* WHO: "Name <mail>" or "this desk"; COUNTED: no copy was made, the day's
 * number was reached (R26). */
int record_copy(struct store *s, const char *path, const char *name,
		const char *digest, const char *who, bool counted,
		struct error *err);
int view_copy_known(struct store *s, const char *path, const char *digest,
		    bool *out, struct error *err);
/* The copy that was made as conflicts/N/NAME: of what PATH, with which text, by
 * WHO. NULL and "" if the log knows of none. Free PATH and WHO. */
int view_copy_named(struct store *s, const char *name, char **path,
		    char digest[DIGEST_HEX], char **who, struct error *err);
int view_copies_since(struct store *s, const char *path, int64_t since,
		      uint64_t *out, struct error *err);	/* until now; PATH
								 * NULL: all */
/* Rewrites of an own path by others, into version BLOB, that we put back (R26). */
int record_put_back(struct store *s, const char *path, const char *blob,
		    struct error *err);
/* The version of the last one; "" if there was none. */
int view_put_back_last(struct store *s, const char *path, char out[41],
		       struct error *err);
int view_put_back_since(struct store *s, const char *path, int64_t since,
			uint64_t *out, struct error *err);

/* ---- other branches of the remote ---- */
/* Something that a branch brings to us and the fleet's branch lacks: by the
 * number of a message, or 0 and a line with its count. */
struct branch_news {
	char *branch, *path;	/* path: below the prefix */
	char commit[41];	/* that brought it */
	int64_t time;		/* of the commit */
	uint64_t seq;
	struct hand_known line;	/* digest and most */
};
enum { BRANCH_TRIES = 3 };	/* to fetch one */
struct branch {
	char *name;
	char tip[41];		/* looked at; "" never */
	bool taken;		/* and read as the fleet's is */
	char *why;		/* it cannot be looked at, or "" */
	char failed[41];	/* the tip that could not be fetched, or "" */
	uint64_t failures;	/* so often, one after the other */
};
/* BRANCH was looked at with this tip: NEWS is all there is of it now. WHY "": it
 * could be. */
int record_branch_looked(struct store *s, const char *branch, const char *tip,
			 bool taken, const char *why,
			 const struct branch_news *news, size_t count,
			 struct error *err);
int record_branch_failed(struct store *s, const char *branch, const char *tip,
			 const char *why, struct error *err);
int record_branch_settled(struct store *s, const struct branch_news *news,
			  struct error *err);
int record_branch_gone(struct store *s, const char *branch, struct error *err);
int view_branches(struct store *s, struct branch **out, size_t *count,
		  struct error *err);	/* by name */
void branches_free(struct branch *l, size_t count);
int view_branch_news(struct store *s, struct branch_news **out, size_t *count,
		     struct error *err);	/* by branch, the oldest first */
void branch_news_free(struct branch_news *l, size_t count);
/* A commit was read there: not again when it comes to the fleet's branch. */
int record_beside(struct store *s, const char *commit, struct error *err);
int view_beside(struct store *s, const char *commit, bool *out,
		struct error *err);
int view_beside_any(struct store *s, bool *out, struct error *err);

/* ---- trouble that stays until it is over ---- */
/* CODE as in `status --json`; KEY tells two of one code apart. Recording an
 * open one again with the same text records nothing. */
struct problem {
	char code[16];
	char *key;
	char *text;
	int64_t since;
};
int record_problem(struct store *s, const char *code, const char *key,
		   const char *text, struct error *err);
int record_problem_over(struct store *s, const char *code, const char *key,
			struct error *err);
int view_problems(struct store *s, struct problem **out, size_t *count,
		  struct error *err);	/* oldest first */
/* Those of one code, in order of key: costs nothing for the others. */
int view_problems_of(struct store *s, const char *code, struct problem **out,
		     size_t *count, struct error *err);
void problems_free(struct problem *p, size_t count);

/* ---- the log itself ---- */
/* Where the part of the log that is written has LIMIT bytes or more, go on in a new
 * one, with a copy of the view beside the old one. The copy is made before the log's
 * lock is taken: others wait for some fsyncs, not for it. Not within a transaction.
 * Where a file cannot have two names, the log stays as it is, and ERR says so. */
int store_roll_over(struct store *s, uint64_t limit, struct error *err);
struct log_filter {
	int64_t since;
	const char *type;	/* "message." matches all that start so */
};
/* Each line as it stands in the log, without LF; EACH may stop with -1, which is
 * no error. FROM and *NEXT are byte offsets, for following: *NEXT is behind the
 * last line looked at. ERR_DATA: damaged, or shorter than FROM. */
int store_log(struct store *s, const struct log_filter *f, uint64_t from,
	      int (*each)(void *arg, const char *line, size_t len), void *arg,
	      uint64_t *next, struct error *err);
/* Where store_log goes on behind the event number SEQ: at the first with a higher one.
 * And behind all there is now. */
int store_log_seek(struct store *s, uint64_t seq, uint64_t *out, struct error *err);
int store_log_end(struct store *s, uint64_t *out, struct error *err);
/* When the event of such a LINE was, and its type. */
void store_log_head(struct span line, int64_t *time, struct span *type);

#endif
