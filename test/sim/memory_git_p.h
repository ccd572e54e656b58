/* What the two halves of repositories in memory share (memory_git.h). */
#ifndef SIM_MEMORY_GIT_P_H
#define SIM_MEMORY_GIT_P_H

#include "memory_git.h"

#include <git2.h>
#include <git2/sys/refdb_backend.h>
#include <stddef.h>

struct object;

/* By id, which is as good as a hash of itself. */
struct object_set {
	struct object **slot;
	size_t count, cap;	/* cap: a power of two, or 0 */
};

struct memory_ref {
	char *name;
	git_oid id;
	char *symbolic;		/* or NULL */
};

struct memory_repo {
	struct memory_repo *next;
	char *path;
	struct object_set objects;
	git_config *config;	/* NULL: not opened yet */
	struct memory_ref *ref;	/* by name */
	size_t ref_count, ref_cap;
};

/* --- memory_refs.c --- */
git_refdb_backend *memory_refs(struct memory_repo *repo);
void memory_refs_copy(struct memory_repo *to, const struct memory_repo *from);
void memory_refs_drop(struct memory_repo *repo);

#endif
