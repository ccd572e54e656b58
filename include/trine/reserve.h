/*
 * Reservations: which files a session is about to change, so that no other one does
 * at the same time. They are promises between those who ask; nothing keeps a program
 * from writing that does not.
 *
 *	reserve_take(h, &session, &wish, &r, err);	(ERR_NO: whose, and for what)
 *	reserve_check(h, &session, folder, path, &r, &held, err);
 *
 * Globs count from a base: the nearest folder above that holds .git, else the one
 * they were given in. A link before the first wildcard is what it leads to, if that is
 * below the base. Two meet if there is a path that both match (path_globs_meet).
 * Shared ones may meet each other, nothing else may. One ends with its time, or with
 * its session.
 */
#ifndef TRINE_RESERVE_H
#define TRINE_RESERVE_H

#include "trine/session.h"

enum { RESERVE_TTL = 3600, RESERVE_TTL_MOST = 7 * 86400, RESERVE_GLOBS = 64 };

struct reserve_wish {
	const char *folder;	/* where the globs were given: absolute */
	char *const *globs;
	size_t count;
	bool shared;
	int64_t ttl;		/* seconds; 0: RESERVE_TTL */
	const char *why;	/* or NULL */
};

/* ERR_NO: one of another session's meets one of them. ERR_USAGE: globs that are none,
 * or lead out of the base. Free OUT (reservation_release). */
int reserve_take(struct home *h, const struct session *session,
		 const struct reserve_wish *wish, struct reservation *out,
		 struct error *err);
/* Give back ID, or with 0 all that SESSION has. ERR_NO: it is another's, or over. */
int reserve_give_back(struct home *h, const struct session *session, uint64_t id,
		      struct error *err);
/* Is PATH, as given in FOLDER, reserved by another one than SESSION (or NULL)? Then
 * *HELD, and OUT is that reservation. */
int reserve_check(struct home *h, const struct session *session,
		  const char *folder, const char *path, struct reservation *out,
		  bool *held, struct error *err);

bool reserve_lasts(const struct reservation *r, int64_t now);
/* What S has ends with it. Within a transaction. */
int reserve_end(struct home *h, const struct session *s, const char *why,
		struct error *err);

#endif
