/*
 * How conflicts end: trees, not texts (design section 5.1). Pure.
 *
 * For one path there are up to four versions, and who owns it decides between
 * them. resolve_path looks at ids alone, so it decides as fast over two large
 * trees as in a test over letters; merging the bytes of a shared file is left
 * to the caller, who comes back with the outcome.
 *
 * The same function serves both uses:
 *  - the desk on the tip: base = what publish put on the desk last,
 *    ours = what collect read, theirs = the tip;
 *  - an own unpushed commit on a new tip: base = its parent's version,
 *    ours = its version, theirs = the new parent's.
 *
 * The outcome does not depend on the order in which computers sync, and
 * resolving its own outcome again changes nothing (test_resolve.c tries all).
 */
#ifndef TRINE_RESOLVE_H
#define TRINE_RESOLVE_H

#include <stdbool.h>

#include "trine/owner.h"

/* A version: the hex id of a blob, or NULL where there is no file. Two
 * versions are equal if both are NULL or the ids are. */
struct versions {
	const char *base;
	const char *ours;
	const char *theirs;
	const char *log;	/* own built-in paths: what the log says; else unused */
	bool ours_unedited;	/* a version publish once put there (R3); with
				 * ours NULL: publish has not put it there yet */
	bool theirs_known;	/* own paths: some own commit carried it (R2) */
	bool theirs_unfit;	/* no desk gets it (a link, too large …), and nothing
				 * is merged with it; whoever takes it leaves it as
				 * it stands */
	bool template;		/* ours is an unedited file of the template;
				 * never set with ours NULL. Where it was never
				 * published, base is NULL: init does not count */
	bool was_ours;		/* OWNER_RULE: ours already at the last publish (R23) */
};

/* Which version the path has afterwards, in the tree and on the desk. */
enum take { TAKE_THEIRS, TAKE_OURS, TAKE_LOG, TAKE_MERGE };

/* Which version lost and is kept under conflicts/. */
enum lost { LOST_NONE, LOST_OURS, LOST_THEIRS };

struct verdict {
	enum take take;
	enum lost lost;
	/* With TAKE_MERGE lost is LOST_NONE: merge base (which may be NULL, an
	 * empty text then), ours and theirs. Only if that fails take theirs and
	 * keep ours, as with LOST_OURS. */
};

struct verdict resolve_path(struct owner owner, int self,
			    const struct versions *v);

bool version_equal(const char *a, const char *b);

/* The name of a copy below conflicts/N/: TIME-<path's last 30 characters, / as
 * _>-<8 hex of (path, losing text)>.md (protocol R25). */
enum { COPY_NAME = 80 };
void resolve_copy_name(const char *path, struct span text, int64_t time,
		       char out[COPY_NAME]);

/* Append to OUT the line-wise merge for HUMAN_TO_Y.md (protocol R17): a line is
 * kept if both have it or one side added it; what one side removed stays
 * removed. It counts how often a line occurs, takes theirs in its order, and
 * puts what ours added behind the line it follows there. Blank lines go with the
 * line below them; blanks and a CR at the end make no other line. Time: n log n. */
void resolve_merge_lines(struct span base, struct span ours, struct span theirs,
			 struct buf *out);

/* Append to OUT the lines of BASE with what both ours and theirs did to them: a
 * base for that merge which takes only the rest of ours for new. */
void resolve_common_lines(struct span base, struct span ours, struct span theirs,
			  struct buf *out);

#endif
