/*
 * Handing tasks and messages to local instances, each way in a file of its own:
 * deliver/inbox.c within the cycle, deliver/http.c and exec.c in workers behind it.
 * Hand-off is under one id, and recorded before and after.
 */
#ifndef TRINE_DELIVER_H
#define TRINE_DELIVER_H

#include "trine/fleet.h"
#include "trine/home.h"

/* Put RECORD into .trine/inbox/NAME/new/<id>.md, as maildir(5) says: written to
 * tmp/, fsynced, renamed. Doing it again replaces the same file, or nothing
 * happens if it was moved to cur/. */
int deliver_inbox(const struct home *h, const struct instance_settings *i,
		  const struct record *record, struct error *err);

/* Everything that waits: inboxes are filled, the rest stands in the lines of its
 * instances, and workers are started for them. First what workers that are gone
 * had begun is settled. *HANDED counts. One that fails is reported as a problem and
 * does not hold up the others. */
int deliver_all(struct home *h, const struct fleet *fleet,
		struct chance *chance, unsigned *handed, struct error *err);

/* What one of several computers is to do (`claim: one`) is handed to nobody here before
 * it is held: claim as much of it as the instances that would get it can work on. Within
 * a transaction, before a commit that says so. */
int deliver_claims(struct home *h, const struct fleet *fleet, struct error *err);

/* What build/trine-deliver is for: work off the line of INSTANCE, in a slot of its
 * own, until nobody stands in it; 0 too if all slots are taken. It ends, and with
 * it what it runs, when it gets SIGTERM, or trine.ini, trine or the computer's
 * directory says that there is no such instance any more. */
int worker_run(struct home *h, const char *instance, struct error *err);

/* The same for alerts (alert.h): each that is open and was not yet is given to the
 * program `run` of [alert]; 0 too if another process does so. */
int alerts_run(struct home *h, struct error *err);

#endif
