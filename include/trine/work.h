/*
 * Work behind the cycle: tasks, and messages that name an instance, stand in the
 * line of that instance; workers take them out one by one, and say how it ended.
 * Each call is one transaction of the event log, so nobody gets what another has.
 *
 *	while (work_take(h, instance, slot, &r, &got, &next, err) == 0 && got) {
 *		… do it …
 *		work_settle(h, instance, &r, &end, &chance, err);
 *	}
 *
 * A worker that is gone leaves what it had begun. Who knows that it is gone (by
 * the lock of its slot, deliver/slots.c) settles that, as it kept how it ended
 * (deliver/outcome.c) or as WORK_IN_DOUBT.
 */
#ifndef TRINE_WORK_H
#define TRINE_WORK_H

#include "trine/home.h"
#include "trine/task.h"

/* The most urgent message in the line of I, for the worker of SLOT. *GOT false:
 * none may be taken now; *NEXT is when the first one may, 0 if none waits at all.
 * None may be taken while I works on as many as it can, while two machines have
 * our number, and before the first accepted push of a new clone (R27, R29). */
int work_take(struct home *h, const struct instance_settings *i, unsigned slot,
	      struct record *out, bool *got, int64_t *next, struct error *err);

enum work_fate {
	WORK_TAKEN,		/* the instance has it; what comes of it, it says later */
	WORK_GOES_ON,		/* so it does, and works on it */
	WORK_COMPLETED,
	WORK_FAILED,
	WORK_BLOCKED,		/* it cannot go on without a person */
	WORK_LATER,		/* not taken: to be tried again */
	WORK_IN_DOUBT		/* it may have been done, and nobody knows */
};

struct work_end {
	enum work_fate fate;
	char reason[160];	/* in a few words, for people; "" if there is none */
	struct buf text;	/* for who asked: a result, or the end of what it said */
};
#define WORK_END_INIT { .text = BUF_INIT }
void work_end_release(struct work_end *e);
/* FATE, and in a few words why, as one line that may be shown: what is too long is
 * cut. */
void work_end_say(struct work_end *e, enum work_fate fate, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Within a transaction: R has ended, COMPLETED or FAILED, by the session called BY
 * (or NULL). Its result goes back. */
int work_finish(struct home *h, const struct record *r, const char *by,
		enum task_state state, const struct work_end *end,
		struct error *err);

/* Within a transaction: R, which nobody works on, has FAILED because of REASON. */
int work_refuse(struct home *h, const struct record *r, const char *reason,
		struct error *err);
/* The same, but it is BLOCKED: a person must decide. */
int work_block(struct home *h, const struct record *r, const char *reason,
	       struct error *err);

/* How it ended with R, which work_take gave out. When a task ends or is blocked,
 * its result goes back to who asked, as a message. WORK_LATER and (if I is
 * idempotent) WORK_IN_DOUBT put it back into the line, until I->retries are used
 * up. I NULL: the settings have no such instance any more. What was settled by
 * somebody else in the meantime stays so: after an error it may be called again. */
int work_settle(struct home *h, const struct instance_settings *i,
		const struct record *r, const struct work_end *end,
		struct chance *chance, struct error *err);

#endif
