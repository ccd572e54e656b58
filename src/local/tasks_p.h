/*
 * Private: what tasks.c asks of task_rules.c, where it says when a task may be
 * begun. All within a transaction.
 */
#ifndef LOCAL_TASKS_P_H
#define LOCAL_TASKS_P_H

#include "trine/routes.h"
#include "trine/tasks.h"

/* ERR_AGAIN: too many wait already for a task of PRIORITY for INSTANCE (or NULL). */
int rules_check_room(struct home *h, enum message_priority priority,
		     const char *instance, struct error *err);

/* tasks_add within a transaction. */
int tasks_add_now(struct home *h, const struct task_wish *wish, char id[MESSAGE_ID],
		  struct error *err);

/* ---- operations.c: tasks in parts ---- */
/* Go on with ID as far as it goes now; 0 too if it is none. ERR_DATA: what is next is
 * nothing that a peer could read. */
int operations_advance(struct home *h, const char *id, struct error *err);
/* With all that have not ended; one for which that is so has failed, and says why. */
int operations_sweep(struct home *h, struct error *err);
/* Append which steps of R have been sent and not ended, and to whom. */
int operations_waits_for(struct home *h, const struct record *r, struct buf *out,
			 struct error *err);

/* ERR_USAGE: nobody could read them. */
int rules_write_terms(struct message *m, const struct task_terms *terms,
		      struct error *err);
/* May the new task ID have these TERMS? Errors of tasks_add. */
int rules_check_terms(struct home *h, const char *id,
		      const struct task_terms *terms, struct error *err);
/* Who wants the next one: FIRST is the first of a priority that suits. */
struct choosing {
	struct home *h;
	const char *name;	/* of a session ("": it has none), or of an instance */
	int (*first)(const struct choosing *c, enum message_priority priority,
		     struct record *out, bool *found, struct error *err);
	struct routes **routes;	/* opened when asked first; close them. Of a session */
};
/* OVER: which it passes over, or "", for record_claimed and record_begun. */
int choose_next(const struct choosing *c, struct record *out, bool *found,
		char over[MESSAGE_ID], struct error *err);

/* The attempt with R has failed because of REASON, text of which the beginning is kept:
 * *AGAIN if there is another one, for which it is in the queue now. */
int attempts_go_on(struct home *h, const struct record *r, const char *reason,
		   bool *again, struct error *err);
/* Those that take longer than they may have failed, each for this time. */
int attempts_sweep(struct home *h, struct error *err);
/* Key `prefer`; ERR_USAGE: it is neither "speed" nor "quality". */
int rules_write_prefer(struct message *m, const char *prefer, struct error *err);
/* Does R suit who asks (view_suits)? Nobody else is meant, and all it needs can be had. */
struct asking {
	struct home *h;
	const char *name;	/* of the session; "": none */
	struct routes **routes;
};
view_suits rules_suits;
/* ERR_NO: R may not be begun yet, or never; what it waits for the text says. */
int rules_allow(struct home *h, const struct record *r, struct error *err);

#endif
