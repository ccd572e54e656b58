/*
 * Has this computer taken in a text, under whatever number (protocol R7)? For who reads
 * what others wrote: from git (sync/inbound.c) or before (early.h).
 */
#ifndef TRINE_TAKEN_H
#define TRINE_TAKEN_H

#include "trine/store.h"

/* The record that has the text of M: under its own number, as R7 names others of that
 * too; under the one that its `origin` names, where it was sent anew for others, who
 * rejected it, or by a clone after the one that said it first; or under another, with
 * that of M as its `origin`. ID "": there is none. */
int taken_before(struct store *s, const struct message *m, char id[MESSAGE_ID],
		 struct error *err);

/* Has a record with the number of M, or one of the 1,000 after it, its words, sent at
 * whatever time? Loose text that stands on a disk from a backup is taken in anew there,
 * and where the branch went back, too, under a number that was given out: the one it had,
 * or one before that, if something was sent by then. */
int taken_at_another_time(struct store *s, const struct message *m, bool *out,
			  struct error *err);

#endif
