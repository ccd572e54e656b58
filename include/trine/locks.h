/*
 * Locks: leases by name, each with an owner and a fencing token.
 *
 *	locks_acquire(h, &session, &wish, &lock, err);	(ERR_NO: who has it)
 *	… work, and locks_renew(h, name, lock.token, err) before it is over …
 *	locks_release(h, name, lock.token, err);
 *
 * A lease is over at its time, and when its session, or the process it was taken for,
 * is gone: then anybody may take it, and its token is worth nothing. While it lasts,
 * nobody gets it, its owner neither: two threads of one agent are two. Tokens only
 * rise, so what a lock protects can refuse a holder that slept (Kleppmann, 2016).
 * Who holds it may renew a lease that is over, too, as long as nobody took it: a
 * computer that was suspended goes on.
 *
 * What a task needs (`needs`) is locked for it by the event by which somebody gets the
 * task, all of it or nothing, and free again when nobody has it any more. Tasks hold
 * nothing while they wait: so they cannot wait for each other.
 *
 * Sessions that wait for each other would wait for ever: a wait that closes such a
 * circle is refused at once.
 */
#ifndef TRINE_LOCKS_H
#define TRINE_LOCKS_H

#include "trine/session.h"

enum { LOCK_TTL = 300, LOCK_TTL_MOST = 7 * 86400 };	/* seconds */

struct lock_wish {
	const char *name;
	int64_t wait_ms;	/* 0: not at all */
	int64_t ttl;		/* 0: LOCK_TTL */
	bool for_process;	/* it ends with this process, not with the session */
};

/* ERR_NO: somebody has it, who and until when the text says, or waiting for it closes
 * a circle, which it names. ERR_USAGE: an impossible name. Free OUT (lock_forget). */
int locks_acquire(struct home *h, const struct session *session,
		  const struct lock_wish *wish, struct lock *out,
		  struct error *err);
/* The same, once and at once, for who has others to look after. *GOT false: it is
 * another's, who ERR says; this session waits for it from now on, and asks again, but for
 * the LAST time. */
int locks_try(struct home *h, const struct session *session,
	      const struct lock_wish *wish, bool last, struct lock *out, bool *got,
	      struct error *err);
/* It asks no more, without a last try. */
int locks_wait_no_more(struct home *h, const struct session *session,
		       struct error *err);
/* ERR_NO: TOKEN is not that of the lease there is. */
int locks_renew(struct home *h, const char *name, uint64_t token,
		struct lock *out, struct error *err);
int locks_release(struct home *h, const char *name, uint64_t token,
		  struct error *err);
/* Whoever has it. ERR_NOTFOUND: nobody. REASON and BY are recorded. */
int locks_break(struct home *h, const char *name, const char *by,
		const char *reason, struct error *err);

/* Is each of NAMES to be had? *OUT false: ERR says who has the first that is not.
 * Within a transaction. */
int locks_all_free(struct home *h, const struct list *names, bool *out,
		   struct error *err);

/* Does the lease last? */
bool locks_lasts(const struct lock *l, int64_t now);
/* What S has and waits for ends with it. Within a transaction. */
int locks_give_back(struct home *h, const struct session *s, const char *why,
		    struct error *err);

#endif
