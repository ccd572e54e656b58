/* A hash table of object ids with open addressing (oidmap.h), for walk.c and
 * copy.c. */
#include "oidmap.h"

#include <stdlib.h>
#include <string.h>

#include "trine/clock.h"
#include "trine/mem.h"

enum { FIRST_CAP = 256 };

struct oidmap_slot {
	git_oid id;
	ptrdiff_t number;	/* 1 more than it is; 0: free */
};

void oidmap_release(struct oidmap *map)
{
	free(map->slot);
	memset(map, 0, sizeof(*map));
}

static struct oidmap_slot *slot_of(const struct oidmap *map, const git_oid *id)
{
	uint64_t hash;
	size_t at;

	memcpy(&hash, id->id, sizeof(hash));
	hash = (hash ^ map->seed) * 0x9e3779b97f4a7c15u;
	at = (size_t)(hash >> 20) & (map->cap - 1);
	while (map->slot[at].number != 0 &&
	       !git_oid_equal(&map->slot[at].id, id))
		at = (at + 1) & (map->cap - 1);
	return &map->slot[at];
}

ptrdiff_t oidmap_get(const struct oidmap *map, const git_oid *id)
{
	return map->cap == 0 ? OIDMAP_NONE : slot_of(map, id)->number - 1;
}

static void make_room(struct oidmap *map)
{
	struct oidmap bigger = { NULL, map->count, FIRST_CAP, map->seed };
	struct chance chance;

	if (map->count * 2 < map->cap)
		return;
	if (map->cap == 0) {
		chance_system(&chance);
		bigger.seed = chance.next(&chance);
	} else {
		bigger.cap = map->cap * 2;
	}
	bigger.slot = xcalloc(bigger.cap, sizeof(*bigger.slot));
	for (size_t i = 0; i < map->cap; i++)
		if (map->slot[i].number != 0)
			*slot_of(&bigger, &map->slot[i].id) = map->slot[i];
	free(map->slot);
	*map = bigger;
}

ptrdiff_t oidmap_add(struct oidmap *map, const git_oid *id, ptrdiff_t number)
{
	struct oidmap_slot *slot;

	make_room(map);
	slot = slot_of(map, id);
	if (slot->number == 0) {
		slot->id = *id;
		slot->number = number + 1;
		map->count++;
	}
	return slot->number - 1;
}
