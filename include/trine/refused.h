/*
 * How often somebody was refused what he wanted to have: a task, a lock, files, a
 * claim of the fleet. A loop that asks again and again must not fill the event log,
 * nor wait for the disk: refusals are counted in a small file (run/refused), and the
 * log is told the counts of a minute at a time (`claims.refused`). A power cut takes
 * the counts of the last minute with it.
 *
 *	refused_count(h, REFUSED_TASKS);	behind each refusal
 *	refused_settle(h, err);			each cycle: what is a minute old
 */
#ifndef TRINE_REFUSED_H
#define TRINE_REFUSED_H

#include "trine/home.h"
#include "trine/store.h"

/* Not within a transaction. That it cannot be counted is no error. */
void refused_count(struct home *h, enum refused what);
/* Not within a transaction. */
int refused_settle(struct home *h, struct error *err);
/* What the log was not told yet; all 0 if there is nothing. */
void refused_pending(const struct home *h, struct refusals *out);

#endif
