/*
 * run/active.json: who is at work here, for programs that do not call trine. Complete
 * at any moment, at most 10 KB, and of use for as long as this boot lasts: it is made
 * anew by the next command that changes something, and by each cycle.
 */
#ifndef TRINE_ACTIVE_H
#define TRINE_ACTIVE_H

#include "trine/home.h"

enum { ACTIVE_BYTES = 10 * 1024 };

/* Alerts that are open, sessions that live, tasks in progress or claimed, locks and
 * reservations that last, and claims in the whole fleet, also by others. Where nothing
 * can be written it stays as it is. */
int active_write(struct home *h, struct error *err);

#endif
