/*
 * Alerts: something needs somebody now, until it is said to be over.
 *
 *	alert_raise(h, from, text, id, &anew, err);	to all computers: EMERGENCY
 *	alert_raise_here(h, "instance-builder", text, err);	of this one alone
 *	…
 *	alert_clear(h, id, &who, err);
 *
 * One that is raised for all is an urgent message of type alert to ALL, which goes the
 * way of every message; this computer is in the state EMERGENCY until it is cleared, by
 * whichever computer. Each computer that has it shows it in `status` (code `alert`), and
 * acts on it as [alert] of its trine.ini says: the program `run` gets it, at least once
 * under its id and recorded before and after (alert_take); the instances of `to` get a
 * task. One of this computer alone is shown and acted on here in the same way, and told
 * nobody else.
 *
 * Of one computer ALERTS_EACH are acted on at a time; what it raises beyond that waits
 * until one is cleared, and is counted. So a computer that floods the fleet with them
 * stops nobody.
 */
#ifndef TRINE_ALERT_H
#define TRINE_ALERT_H

#include "trine/home.h"
#include "trine/store_alert.h"

/* ---- raising ---- */
/* Of FROM (an instance or session, or NULL). The same TEXT of the same FROM while that
 * is open is one alert: ID is its, and *ANEW false. ERR_USAGE: no text; ERR_DATA: no
 * UTF-8, too long; ERR_NO: ALERTS_EACH of ours are open. */
int alert_raise(struct home *h, const char *from, struct span text,
		char id[MESSAGE_ID], bool *anew, struct error *err);
/* KEY says what it is about, and is a plain name, no id of a message; there is one alert
 * of a KEY. TEXT is cut to a title. The second form is for within a transaction. */
int alert_raise_here(struct home *h, const char *key, const char *text,
		     struct error *err);
int alert_raise_here_now(struct home *h, const char *key, const char *text,
			 struct error *err);

/* ---- clearing ---- */
struct alert_hand {
	const char *from;	/* an instance or session, or NULL */
	const char *why;	/* or NULL */
};
/* ID NULL: the only one that is open. *FOUND false: none is, or it is cleared already.
 * What was told to all is cleared by a message to all. ERR_NOTFOUND: there is no such
 * alert; ERR_USAGE: several are open, which the text lists. */
int alert_clear(struct home *h, const char *id, const struct alert_hand *by,
		char cleared[MESSAGE_ID], bool *found, struct error *err);
/* What alert_raise_here said of KEY is over; nothing if it was not open. Within a
 * transaction. */
int alert_over_here_now(struct home *h, const char *key, const char *why,
			struct error *err);

/* ---- acting on them ---- */
/* The instances of `to` get what they have not been told yet: within a transaction. What
 * can be no task is a problem (`delivery`), until no alert is open. */
int alert_tell(struct home *h, struct error *err);
/* Is there anything for the program `run`? */
int alert_waits(struct home *h, bool *out, struct error *err);
/* Is there one on which nobody has acted at all, and somebody is to? A cycle does. */
int alert_is_new(struct home *h, bool *out, struct error *err);
/* The next one for it that is not in TRIED: recorded as being handed on. *FOUND false:
 * there is none. Then alert_settle: WHY NULL if the program ended well. One that did not
 * is tried ALERT_TRIES times, each in another cycle. */
int alert_take(struct home *h, const struct list *tried, struct alert *out, bool *found,
	       struct error *err);
int alert_settle(struct home *h, const char *id, const char *why, struct error *err);

/* What its message says beyond the title; "" where that is all. Caller frees. */
char *alert_body(struct home *h, const struct alert *a);
/* How people are told of it: "computer 2, builder", "this computer"; with COMPUTER, or
 * NULL, for what it is called. */
void alert_whose(struct buf *out, const struct alert *a, const char *computer);

#endif
