/*
 * Small values that the instances of a computer share, changed by compare-and-swap:
 * each has a generation, which only rises, and whoever changes it may say which one
 * he has seen.
 *
 *	state_set(h, "leader", "Atlas", &seen, who, &v, err);	(ERR_NO: it is another)
 */
#ifndef TRINE_STATE_H
#define TRINE_STATE_H

#include "trine/home.h"

enum { STATE_VALUE = 4096 };	/* bytes of one */

/* KEY is VALUE from now on; NULL takes it away. SEEN, or NULL for anything: the
 * generation it must have, 0 for none. BY: who says so, or "". ERR_NO: it has another,
 * which the text says; ERR_USAGE: an impossible key; ERR_DATA: too long, not UTF-8. */
int state_set(struct home *h, const char *key, const char *value,
	      const uint64_t *seen, const char *by, struct value *out,
	      struct error *err);

#endif
