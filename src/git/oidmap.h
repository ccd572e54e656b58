/* A map from object ids to small numbers, for walks over many objects. */
#ifndef TRINE_OIDMAP_H
#define TRINE_OIDMAP_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

struct oidmap {
	struct oidmap_slot *slot;
	size_t count, cap;	/* cap: a power of two, or 0 */
	uint64_t seed;		/* so that nobody can choose colliding ids */
};

enum { OIDMAP_NONE = -1 };

void oidmap_release(struct oidmap *map);	/* all zero is an empty one */
/* The number of ID, or OIDMAP_NONE. */
ptrdiff_t oidmap_get(const struct oidmap *map, const git_oid *id);
/* The number of ID; a new one gets NUMBER. */
ptrdiff_t oidmap_add(struct oidmap *map, const git_oid *id, ptrdiff_t number);

#endif
