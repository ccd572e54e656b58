/*
 * The verbs of mail on one computer: send, reply, retract, read, list, search.
 * Command line, daemon and MCP call these; none of them needs git or the network.
 */
#ifndef TRINE_MAIL_H
#define TRINE_MAIL_H

#include "trine/fleet.h"
#include "trine/home.h"
#include "trine/store_search.h"

struct outgoing {
	const char *to;		/* "2", "ALL", or a name of fleet.yaml; this computer
				 * itself: for an instance of it, or whoever looks */
	enum message_type type;
	enum message_priority priority;
	const char *from;	/* or NULL */
	const char *instance;	/* --for, or NULL */
	const char *re;		/* or NULL */
	const char *cause;	/* id of the task this is done for, or NULL: a task
				 * then has one more of its `hops` */
	bool claim_one;		/* a task to ALL that one computer is to do */
	const char *prefer;	/* of a task: "speed", "quality", or NULL */
	struct list labels;
	int64_t due;
	const char *title;	/* or NULL */
	struct span body;
};

/* Accepted means logged, fsynced: nothing later may lose it. The id it has
 * from now on in ID. ERR_NOTFOUND: unknown name; ERR_USAGE: neither body nor
 * title; ERR_DATA: not UTF-8, too long; ERR_REFUSED: a task or an alert to
 * ourselves, more than LIMIT_HOPS, or a stream that is full (LIMIT_SEGMENTS). */
int mail_send(struct home *h, const struct outgoing *o, char id[MESSAGE_ID],
	      struct error *err);

/* Whom WHO means in `to`: a number, or END_ALL. ERR_NOTFOUND: unknown name. */
int mail_find_end(struct home *h, const char *who, int *out, struct error *err);

/* ERR_USAGE: one of LABELS is no name. */
int mail_check_labels(const struct list *labels, struct error *err);

/* Within a transaction: give M, which message_check accepts, the next number of
 * its stream, and record it as sent. M->sent is set. ERR_REFUSED as below. */
int mail_put(struct home *h, struct message *m, struct error *err);
/* Within one, too: ERR_REFUSED if S is full, so that its reader could not read M, which
 * has a number. */
int mail_check_room(struct home *h, const struct out_stream *s, const struct message *m,
		    struct error *err);

/* Answer ID: to its sender, with `re:`, FROM (or NULL) for the instance that asked; a task's
 * answer is a `result` that says COMPLETED, an imported one's a message; of a task that
 * one computer was to do, to ALL, and only from where it is claimed (claims_check). The
 * answered message counts as read. ERR_REFUSED: it is ours, or written by
 * people, who have no stream. */
int mail_reply(struct home *h, const char *re, const char *from,
	       const char *title, struct span body, char id[MESSAGE_ID],
	       struct error *err);

/* Take back what no commit holds yet; ERR_REFUSED if one does. Of what somebody may have
 * all the same (early.h) its number stays, and says so. A task that only this answer had
 * ended is as it was before it; what a session had then is nobody's. */
int mail_retract(struct home *h, const char *id, struct error *err);

/* Nobody needs to look at it any more. Again, or one of ours: nothing happens. */
int mail_read(struct home *h, const char *id, struct error *err);

/* Everything for this computer, or with INSTANCE what is for it or was handed
 * to it: what nobody has read or taken, or all, imported messages too. Without
 * the bodies: mail_find reads one. */
int mail_inbox(struct home *h, const char *instance, bool all,
	       struct record_list *out, struct error *err);
/* One message; ERR_NOTFOUND. Its history: view_history. */
int mail_find(struct home *h, const char *id, struct record *out,
	      struct error *err);

/* Fill the ends of SEARCH by FROM and TO as people write them (a number, a name,
 * from HUMAN, to ALL; NULL: any), and look for what it says. ERR_NOTFOUND: an
 * unknown name; else as view_search. */
int mail_search(struct home *h, const char *from, const char *to,
		struct search_filter *search, struct hit_list *out,
		struct error *err);

/* RECORD as markdown: heading, header in a yaml fence, body. What an instance
 * finds in its inbox, and `trine show` prints escaped. */
void mail_write(struct buf *out, const struct record *record);

#endif
