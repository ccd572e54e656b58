/*
 * How an instance is, and what is to be done about it: a state, what happened, the
 * next state. Pure; the daemon's supervisor tells it what it sees, and does what it
 * says.
 *
 *	instance_want(&i, true, now);
 *	for (;;) {
 *		deeds = instance_due(&i, now);			DEED_START: start it, and
 *		deeds = instance_step(&i, INSTANCE_STARTED, now, chance);
 *		…
 *		deeds = instance_step(&i, INSTANCE_ILL, now, chance);
 *	}						DEED_STOP: end it; and so on
 *
 * Times are milliseconds of a clock that does not jump (clock->steady).
 */
#ifndef TRINE_INSTANCE_H
#define TRINE_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"

enum instance_state {
	INSTANCE_OFFLINE,	/* it is not there, and nobody wants it to be */
	INSTANCE_STARTING,	/* its process is there, it was not well yet */
	INSTANCE_ONLINE,
	INSTANCE_BUSY,		/* well, and at work on as many tasks as it can */
	INSTANCE_DEGRADED,	/* slow, or ill once or twice */
	INSTANCE_CRASHED,	/* it ended by itself, or was ill for too long */
	INSTANCE_STATES
};
const char *instance_state_name(enum instance_state s);	/* "ONLINE" */
bool instance_state_parse(struct span s, enum instance_state *out);
/* Does it do its work: ONLINE, BUSY, DEGRADED? */
bool instance_state_serves(enum instance_state s);

enum instance_event {
	INSTANCE_STARTED,	/* its process is there; one that was taken over, too */
	INSTANCE_WELL,		/* it was asked: well */
	INSTANCE_WORKING,	/* well, and at work on as many tasks as it can */
	INSTANCE_SLOW,		/* well, but it took long to say so */
	INSTANCE_ILL,		/* not well, or no answer */
	INSTANCE_ENDED,		/* its process is gone, and nobody asked it to end */
	INSTANCE_STOPPED,	/* it is gone as it was asked to */
	INSTANCE_EVENTS
};

enum instance_deed {
	DEED_START = 1 << 0,
	DEED_STOP = 1 << 1,	/* end its process, if it has one */
	DEED_HAND_BACK = 1 << 2,	/* its tasks are nobody's */
	DEED_ALERT = 1 << 3	/* a person must look: nothing more is tried */
};

enum {
	INSTANCE_ILL_MOST = 3,		/* times in a row, and it is as good as dead */
	INSTANCE_FAILURES = 3,		/* starts in a row, and no more is tried */
	INSTANCE_STEADY_MS = 60 * 1000	/* well for so long: that start was good */
};

struct instance {
	enum instance_state state;
	bool startable;		/* it has a program */
	bool wanted;		/* and that is to run */
	bool running;		/* it does; where it has one */
	bool given_up;		/* until somebody acts */
	unsigned ill;		/* how often in a row */
	unsigned failures;	/* starts in a row that were no good */
	int64_t startup;	/* ms from its start until it must be well */
	int64_t since;		/* when the state began */
	int64_t well;		/* when it was well for the first time in this run; 0 */
	int64_t again;		/* when it may be started next */
};

/* What there is to be done because of EVENT. CHANCE is any number: instances that
 * crash as one are not started again as one. */
unsigned instance_step(struct instance *i, enum instance_event event, int64_t now,
		       uint64_t chance);
/* And because of the time. DEED_START comes until INSTANCE_STARTED, or a failure of
 * that: INSTANCE_ENDED. */
unsigned instance_due(struct instance *i, int64_t now, uint64_t chance);
/* When instance_due has something to say next; INT64_MAX: not by itself. */
int64_t instance_next(const struct instance *i);
/* Somebody acts: it is to run, or not. All that failed before is forgotten. */
unsigned instance_want(struct instance *i, bool wanted, int64_t now);
/* It is to run, but anew: a running one ends first. */
unsigned instance_restart(struct instance *i, int64_t now);

#endif
