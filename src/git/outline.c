/*
 * Of commits, what walks and look-ups need again and again within a cycle: their
 * tree, their parents and their time. Kept for as long as the repository is open,
 * of so many of them.
 */
#include "git.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum { OUTLINES = 512 };

struct outline_cache {
	struct {
		git_oid id;
		struct outline outline;
		bool used;
	} slot[OUTLINES];
};

void outline_cache_free(struct outline_cache *cache)
{
	for (size_t i = 0; cache != NULL && i < OUTLINES; i++)
		free(cache->slot[i].outline.parent);
	free(cache);
}

const struct outline *commit_outline(struct repo *repo, const git_oid *id,
				     struct error *err)
{
	size_t at = (id->id[0] | (size_t)id->id[1] << 8) % OUTLINES;
	struct raw_commit raw;
	struct outline *o;

	if (repo->outlines == NULL)
		repo->outlines = xcalloc(1, sizeof(*repo->outlines));
	o = &repo->outlines->slot[at].outline;
	if (repo->outlines->slot[at].used &&
	    git_oid_equal(&repo->outlines->slot[at].id, id))
		return o;
	if (commit_load(&raw, repo, id, err) == -1)
		return NULL;
	free(o->parent);
	*o = (struct outline){ raw.tree, raw.parent, raw.parents, raw.time };
	repo->outlines->slot[at].id = *id;
	repo->outlines->slot[at].used = true;
	raw.parent = NULL;
	raw_commit_release(&raw);
	return o;
}
