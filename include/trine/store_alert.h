/*
 * The event log and its view, of alerts (alert.h). store.h says how records and queries
 * work.
 *
 * What is said to the whole fleet is a message (type alert, urgent, to ALL), and so is
 * its end (type alert, `re:` and `state: CLEARED`): they are in the view as soon as that
 * message is recorded, sent or received, and need no record of their own. The records
 * here are of alerts of this computer alone, and of what was done about any.
 */
#ifndef TRINE_STORE_ALERT_H
#define TRINE_STORE_ALERT_H

#include "trine/store.h"

enum { ALERTS_EACH = 10,	/* open ones of a computer that anybody looks at */
	ALERT_TRIES = 3 };	/* of the program that is run for one */
#define ALERT_CLEARED "CLEARED"	/* `state` of the message that ends one */

struct alert {
	char id[MESSAGE_ID];	/* of the message; or the key of one of here */
	int computer;		/* that raised it; 0: this one, and told nobody */
	bool own;		/* said to all by this computer */
	char *who;		/* there, or "" */
	char *text;
	int64_t since;
	int64_t told;		/* when instances got it as a task; 0: not yet */
	uint64_t tries;		/* how often the program was begun with it */
	int64_t handed;		/* when it had ended well; 0: not yet */
	char note[160];		/* why the last try failed, or "" */
	int64_t cleared;	/* 0: it is open */
	int cleared_on;		/* which computer; 0: this one, of one of here */
	char *cleared_by;	/* or "" */
	char *why;		/* what was said then, or "" */
	uint64_t more;		/* of this computer are open, and not in the list */
};
void alert_release(struct alert *a);
struct alert_list {
	struct alert *item;
	size_t count, cap;
};
void alert_list_release(struct alert_list *l);

/* Of this computer alone; KEY is no message's id. One that is open has another TEXT from
 * now on, and is not handed on again. */
int record_alert_raised(struct store *s, const char *key, const char *text,
			struct error *err);
int record_alert_cleared(struct store *s, const char *key, const char *by,
			 const char *why, struct error *err);
/* INSTANCES have got it as tasks of theirs. */
int record_alert_told(struct store *s, const char *id, const struct list *instances,
		      struct error *err);
/* The program is about to be run for it, and has done so; WHY NULL: well. */
int record_alert_handing(struct store *s, const char *id, uint64_t attempt,
			 struct error *err);
int record_alert_handed(struct store *s, const char *id, const char *why,
			struct error *err);

/* Those that are open, the oldest first, ALERTS_EACH of a computer; or ALL, the newest
 * thousand. */
int view_alerts(struct store *s, bool all, struct alert_list *out, struct error *err);
int view_alert(struct store *s, const char *id, struct alert *out, bool *found,
	       struct error *err);
/* Is one open that this computer raised for all? */
int view_emergency(struct store *s, bool *out, struct error *err);

#endif
