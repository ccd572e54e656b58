/*
 * Tasks in the hands of sessions: made here or sent by others, it is the same. Each
 * call is one transaction of the event log, so a task is claimed by one.
 *
 *	tasks_add(h, &wish, id, err);
 *	tasks_claim(h, &session, id, NULL, &r, err);	(ERR_NO: who has it)
 *	tasks_change(h, &by, id, TASKS_START, NULL, err);
 *	tasks_end(h, &by, id, TASKS_DONE, span_str("It is fixed"), err);
 *
 * A claim has a fencing token: the number of the event, higher than that of any
 * claim before (Kleppmann, "How to do distributed locking", 2016). Whoever changes a
 * task is the session that holds it, or has the token; one that slept through the end
 * of its claim is refused, whatever it believes.
 */
#ifndef TRINE_TASKS_H
#define TRINE_TASKS_H

#include "trine/home.h"
#include "trine/operation.h"
#include "trine/session.h"
#include "trine/store_task.h"
#include "trine/task.h"

struct task_wish {
	const char *name;	/* its id, or NULL: N_TO_N.seq */
	const char *title;	/* or NULL: of the body */
	struct span body;
	enum message_priority priority;
	const char *instance;	/* `for:`, or NULL */
	const char *prefer;	/* "speed", "quality", or NULL */
	struct list labels;
	int64_t due;
	struct task_terms terms;
	uint64_t session;	/* that adds it, or 0 */
	const char *from;	/* on whose behalf, where that is no session; or NULL */
	const char *cause;	/* id of the task this is done for, or NULL: its `hops` go
				 * on, with one more if another computer is to do it */
	struct operation plan;	/* `to` is empty: nobody else does it */
	const struct operation_step *step;	/* of another task, or NULL */
};

/* How others are to do a task, as people say it: "2", "Architect", "2/araya". */
struct operation_wish {
	struct list to;		/* a part each, at once; or */
	struct list stages;	/* one after the other, and */
	struct list undo;	/* what undoes the first, the second, … */
	const char *review;	/* or NULL */
	bool by_route;		/* what fleet.yaml says for the labels, else by what the
				 * text says (routes.h); all else empty */
};
/* OUT->plan, which stays empty where W says nothing, and what a route says beside it; or
 * OUT->instance, where it is one of here. Title, body, labels and `prefer` are set.
 * ERR_NOTFOUND: no such computer, or no route; ERR_USAGE: they do not fit together. */
int operations_plan(struct home *h, const struct operation_wish *w,
		    struct task_wish *out, struct error *err);

/* ERR_USAGE: an impossible name or label, neither title nor body; ERR_NO: there is one of
 * that name, or it could never be begun: what it is to come after has failed, or comes
 * after it; ERR_NOTFOUND: there is no such task to come after; ERR_AGAIN: the queue is
 * full (task_may_enter); ERR_DATA: not UTF-8, too long; ERR_REFUSED: more than
 * LIMIT_HOPS. */
int tasks_add(struct home *h, const struct task_wish *wish, char id[MESSAGE_ID],
	      struct error *err);

/* One task; ERR_NOTFOUND. */
int tasks_find(struct home *h, const char *id, struct record *out,
	       struct error *err);
/* Those that have not ended, the most urgent first; or ALL, in the order they came. */
int tasks_list(struct home *h, bool all, struct record_list *out,
	       struct error *err);

/* SESSION has ID from now on. One that is not there is made, if TITLE is given.
 * ERR_NO: it is another's, who and since when the text says, or has ended. Its own
 * again changes nothing. */
int tasks_claim(struct home *h, const struct session *session, const char *id,
		const char *title, struct record *out, struct error *err);
/* The most urgent (task_choose) that nobody has, and that is for nobody or for
 * SESSION's name. Waits
 * up to WAIT_MS for one. */
int tasks_next(struct home *h, const struct session *session, int64_t wait_ms,
	       struct record *out, bool *found, struct error *err);

/* Has S, which goes by the name of an instance, as many tasks as that instance can work
 * on? Then tasks_next finds none for it. */
int tasks_at_capacity(struct home *h, const struct session *s, bool *out,
		      struct error *err);

enum { TASK_REMARK = 1000 };	/* bytes of a text that is no result */

enum tasks_change {
	TASKS_START,
	TASKS_PROGRESS,		/* TEXT: how far it is */
	TASKS_DONE,		/* TEXT: the result, or NULL */
	TASKS_FAIL,		/* TEXT: the result, or NULL */
	TASKS_BLOCK,		/* TEXT: why */
	TASKS_RELEASE,		/* TEXT: why, or NULL */
	TASKS_CANCEL		/* TEXT: why, or NULL; anybody may */
};

/* Who changes a task: a session, or NULL, and a token, or 0. */
struct task_hand {
	const struct session *session;
	uint64_t token;
	const char *instance;	/* that a worker started for this task, or NULL */
};

/* ERR_NO: somebody else has it, or it cannot be so now; ERR_NOTFOUND. */
int tasks_change(struct home *h, const struct task_hand *by, const char *id,
		 enum tasks_change change, const char *text, struct error *err);
/* TASKS_DONE and TASKS_FAIL with a RESULT of any bytes, as programs give them: it becomes
 * text (task_result_text). */
int tasks_end(struct home *h, const struct task_hand *by, const char *id,
	      enum tasks_change change, struct span result, struct error *err);

/* A task that is to be approved (`approvals`) is held until so many sessions have done
 * it, not counting the one that added it; each counts once. One that vetoes it ends it,
 * FAILED. ERR_NO: it wants no approval, or the session is that which added it;
 * ERR_NOTFOUND. */
int tasks_approve(struct home *h, const struct session *s, const char *id,
		  struct error *err);
int tasks_veto(struct home *h, const struct session *s, const char *id,
	       const char *reason, struct error *err);

/* What S holds goes back into the queue: it is gone. Within a transaction. */
int tasks_give_back(struct home *h, const struct session *s, const char *why,
		    struct error *err);

/* What can never be begun any more (enum task_wait) waits for a person from now on,
 * and says why; what is in progress for longer than it may is taken back, for another
 * attempt, or has failed. Within a transaction; session_sweep does it, too. */
int tasks_sweep(struct home *h, struct error *err);
/* Is there anything to sweep? */
int tasks_want_sweep(struct home *h, bool *out, struct error *err);
/* Append what R waits for, in words: "after AUTH (IN_PROGRESS), DB (not known here)",
 * "needs gpu, which session 1 (Atlas) has"; nothing if it may be begun. */
int tasks_waits_for(struct home *h, const struct record *r, struct buf *out,
		    struct error *err);

/* Can all that R needs be had? *OUT false: ERR says who has what. NEEDS, or NULL,
 * gets the names: record_claimed and others lock them. Within a transaction. */
int tasks_can_hold(struct home *h, const struct record *r, struct list *needs,
		   bool *out, struct error *err);

/* Who has R: "session 1 (Atlas) on /dev/pts/3", "builder"; NULL: nobody. */
const char *tasks_holder(const struct record *r);
int64_t tasks_since(const struct record *r);

#endif
