/*
 * A task's six states, and what may happen to it in each. Pure: whoever decides
 * (local/work.c) asks here, so that worker, command line and daemon agree.
 *
 *	QUEUED		nobody has it
 *	ASSIGNED	somebody has it, and has not begun: it is in the line of
 *			an instance, or was handed to one
 *	IN_PROGRESS	it is being worked on
 *	BLOCKED		a person must decide: it was begun and lost (in doubt),
 *			or whoever had it cannot go on
 *	COMPLETED, FAILED	it has ended, for ever
 */
#ifndef TRINE_TASK_H
#define TRINE_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/list.h"
#include "trine/message.h"

enum task_state {
	TASK_QUEUED, TASK_ASSIGNED, TASK_IN_PROGRESS, TASK_BLOCKED,
	TASK_COMPLETED, TASK_FAILED
};

enum task_verb {
	TASK_ASSIGN,		/* to whom it may concern, out of the queue */
	TASK_START,
	TASK_DEFER,		/* not now: back into the line of who has it */
	TASK_RELEASE,		/* back into the queue, for anybody */
	TASK_BLOCK,
	TASK_COMPLETE,
	TASK_FAIL
};

const char *task_state_name(enum task_state state);
bool task_state_parse(struct span s, enum task_state *out);
bool task_has_ended(enum task_state state);

/* What VERB makes of a task that is FROM; false if it may not be. */
bool task_step(enum task_state from, enum task_verb verb, enum task_state *to);

/* May one more be added where WAITING wait and BOUND may? Low and normal ones to the
 * bound, high ones to twice that, urgent ones always. */
bool task_may_enter(enum message_priority priority, uint64_t waiting,
		    uint64_t bound);

/* ---- which is next ---- */

/* The first that waits of one priority. */
struct task_candidate {
	bool there;
	int64_t arrived;
	uint64_t passed;	/* how often it was passed over */
};

enum {
	TASK_PRIORITIES = PRIORITY_URGENT + 1,
	TASK_PASSED = 7, TASK_WAITED = 600	/* seconds */
};

/* The priority whose first is to be taken at NOW; -1: there is none. It is the most
 * urgent one; but of the others, the one that waits longest and longer than that is
 * passed over by it (*OVER; -1: none is), and goes first when that has happened to it
 * TASK_PASSED times and it has waited for TASK_WAITED. So whatever comes, each task is
 * taken: at the latest as the eighth, once it has waited long and is the oldest. */
int task_choose(const struct task_candidate of[TASK_PRIORITIES], int64_t now,
		int *over);

/* ---- what a task says of when it may be begun: keys of its message ---- */
enum { TASK_TIMEOUT_MOST = 7 * 86400, TASK_RETRIES_MOST = 1000,
	TASK_APPROVALS_MOST = 100 };

struct task_terms {
	struct list after;	/* ids of tasks that must have been completed */
	struct list needs;	/* resources that it holds while somebody has it */
	int64_t timeout;	/* seconds from its start on; 0: none */
	uint64_t approvals;	/* by so many others, before anybody gets it */
	uint64_t retries;	/* more attempts when one has failed */
	const char *unclear;	/* the key that cannot be understood, or NULL */
};

/* Is there any? Free OUT. At most LIMIT_TASK_NAMES in a list. */
bool task_terms_read(const struct message *m, struct task_terms *out);
void task_terms_write(struct message *m, const struct task_terms *terms);
void task_terms_release(struct task_terms *t);
const char *task_terms_key(size_t i);	/* the names of those keys; NULL: no more */
/* Attempt number ATTEMPT (1, 2, …; 0: nobody has tried it) with M has failed: does M
 * say that there is another one? */
bool task_may_try_again(const struct message *m, uint64_t attempt);

enum { TASK_PAUSE_MOST = 1000 };	/* no pause is longer */

/* Seconds before a task is handed over again that was not taken ATTEMPT times
 * (1, 2, …): 2, doubling, at most 600, less or more by up to a fifth as CHANCE (any
 * number) says, so that instances of many computers do not ask as one. */
int64_t task_pause(uint64_t attempt, uint64_t chance);
/* Is it still to be left alone at NOW, which it was UNTIL then? A pause that is longer
 * than any there is was given under a clock that was wrong, and is over. */
bool task_rests(int64_t until, int64_t now);

/* Append OUTPUT of a program or a service as the text of a message: what is no
 * UTF-8, and NUL, becomes U+FFFD; at most LIMIT_RESULT bytes, and a line that says
 * so where it was cut. TOTAL: how many there were, if OUTPUT is only a part. */
void task_result_text(struct buf *out, struct span output, uint64_t total);
/* The same, of the end of OUTPUT: at most LIMIT_TAIL bytes. */
void task_tail_text(struct buf *out, struct span output, uint64_t total);
/* Append TEXT of a message to another one that has room for MOST bytes: its beginning
 * where that is not enough, and a line that says WHERE (a command) all of it is. MOST is
 * larger than that line. */
void task_quote_text(struct buf *out, struct span text, size_t most, const char *where);

#endif
