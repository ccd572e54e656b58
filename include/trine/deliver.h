/*
 * Handing tasks and messages to local instances (design section 7), each way
 * in a file of its own: deliver/inbox.c. Hand-off is at least once, under one
 * id, and recorded before and after.
 */
#ifndef TRINE_DELIVER_H
#define TRINE_DELIVER_H

#include "trine/fleet.h"
#include "trine/home.h"

/* Which instance RECORD goes to: `for:`, else the only one, else by label and
 * specialty of settings; NULL: the queue. Pure. */
const struct instance_settings *
deliver_route(const struct settings *settings, const struct fleet *fleet, int self,
	      const struct record *record);

/* Put RECORD into .trine/inbox/NAME/new/<id>.md, as maildir(5) says: written to
 * tmp/, fsynced, renamed. Doing it again replaces the same file, or nothing
 * happens if it was moved to cur/. */
int deliver_inbox(const struct home *h, const struct instance_settings *i,
		  const struct record *record, struct error *err);

/* Everything that waits; *HANDED counts. One that fails is reported as a
 * problem and does not hold up the others. */
int deliver_all(struct home *h, const struct fleet *fleet, unsigned *handed,
		struct error *err);

#endif
