/*
 * The newest version of a file that can be read, where a person has spoiled the one on
 * the tip (a link, a folder, too much, a text that says nothing): on the first-parent
 * history, so that all who have this tip find the same one (protocol R16, R36).
 */
#ifndef TRINE_READABLE_H
#define TRINE_READABLE_H

#include <stdbool.h>

#include "trine/error.h"
#include "trine/repo.h"
#include "trine/text.h"

struct readable {
	struct repo *repo;
	const char *prefix, *path;
	size_t limit;		/* bytes of a version; a larger one is spoiled */
	/* Into OUT; -1 with WHY: BYTES cannot be read, and OUT holds nothing. */
	int (*read)(void *out, struct span bytes, struct error *why);
	void *out;

	/* the answer */
	bool found;
	bool cut;		/* none in the newest 1,000 commits, and there are more */
	struct oid oid;		/* the version that was found, or tried last */
	struct error why;	/* of the one on the tip, if that is spoiled */
	unsigned looked;	/* its own */
};

/* As of COMMIT ("" : of no commit). A path that COMMIT does not have is not looked for
 * further back: it was taken away, and not spoiled. */
int readable_find(struct readable *r, const char *commit, struct error *err);

#endif
