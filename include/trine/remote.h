/*
 * The other side, handed into the cycle, so that a test can give one that
 * refuses, hangs or lies. remote_open gives the real one for a URL: a local
 * path or file:// (libgit2's own, with a real compare-and-swap); or git://,
 * ssh:// (and host:path), https:// (the network, under a deadline).
 *
 * One object is one connection at a time; a new one is made for each call,
 * since a git_remote must not be used again after a push that made a ref.
 *
 * A push to a local path runs the hooks of that repository, as git would:
 * pre-receive and update may refuse it, post-receive and post-update follow.
 */
#ifndef TRINE_REMOTE_H
#define TRINE_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/repo.h"
#include "trine/settings.h"

enum push_result {
	PUSH_OK,		/* the remote says that it took it */
	PUSH_STALE,		/* somebody was faster: fetch, rebuild, again */
	PUSH_REFUSED,		/* a hook, a permission: a person must settle it */
	PUSH_UNKNOWN		/* the answer got lost: read the tip, then decide */
};

enum { BRANCH_BYTES = 64 };

/* A branch of the remote. */
struct head {
	char *name;		/* without refs/heads/ */
	struct oid tip;		/* none: it is gone */
	char *why;		/* by bring: it cannot be read; or NULL */
};
struct heads {
	struct head *item;
	size_t count, cap;
	bool cut;		/* over LIMIT_HEADS: the others are not here */
	size_t firsts;		/* of these, not counted there */
};
/* FIRST: it must be there, however many others are. */
void heads_add(struct heads *l, const char *name, const struct oid *tip,
	       bool first);
void heads_release(struct heads *l);

struct remote {
	/* The tip of BRANCH as the remote has it now, fetched with everything
	 * it reaches (refs/remotes/origin/BRANCH is it then); none if the
	 * branch does not exist. An empty BRANCH means the remote's default.
	 * CHOSEN (BRANCH_BYTES, or NULL) becomes the branch it was; "main" of
	 * an empty remote. ERR_AGAIN: out of reach; ERR_NOTFOUND: no such
	 * repository; ERR_REFUSED: it does not let us read; ERR_DATA: what it
	 * sends is damaged, or more than the settings let in (too_much). */
	int (*fetch)(struct remote *remote, struct repo *repo,
		     const char *branch, char *chosen, struct oid *tip,
		     struct error *err);
	/* Move BRANCH from OLD (none: it must not exist) to NEW, which is the
	 * value of refs/heads/BRANCH here and descends from OLD. ERR says why
	 * on REFUSED and UNKNOWN. */
	enum push_result (*push)(struct remote *remote, struct repo *repo,
				 const char *branch, const struct oid *old,
				 const struct oid *new_tip, struct error *err);
	/* Make what these branches reach readable in REPO, which is one beside
	 * the fleet's (repo.h): they are somebody else's, and nothing of them
	 * may get into our own. TIP becomes what the remote has now. One that
	 * is no commit or not there gets WHY, and the others are brought all
	 * the same. -1, of all of them: out of reach, too slow, too much. */
	int (*bring)(struct remote *remote, struct repo *repo,
		     struct head *heads, size_t count, struct error *err);
	void (*free)(struct remote *remote);

	/* All branches, as the last fetch or push that reached the remote saw
	 * them, without a connection of its own. Names over LIMIT_HEAD_NAME
	 * are left out. */
	struct heads heads;

	/* Whether the last fetch was given up for that; and the tip that it was
	 * given up at. A caller that knows such a tip from before sets it, and it
	 * is not asked for again; with HOLD set no other is, either. */
	bool too_much;
	struct oid too_large;
	bool hold;

	/* A connection costs round trips: a push may say whether something is
	 * new, instead of a fetch before it. */
	bool far;

	/* Or NULL. Branches that they name are in heads, however many others
	 * there are. */
	const struct settings *settings;

	/* Optional, set by the caller: told of what a person should know
	 * though the call goes on (a dead lock was removed). */
	void (*say)(void *arg, const char *text);
	void *arg;
};

/* TIMEOUT_MS bounds each call. SETTINGS say how to get in, and outlive it; NULL:
 * all defaults. ERR_CONFIG if URL cannot be used. */
int remote_open(struct remote **out, const char *url,
		const struct settings *settings, struct clock *clock,
		int64_t timeout_ms, struct error *err);

#endif
