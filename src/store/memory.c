/*
 * SQLite's memory. To read the schema and to prepare statements it takes thousands of
 * small pieces, and gives them back, which with malloc is a fifth of what a short
 * command does. So they are cut from blocks, by size, and one that is given back is
 * the next of its size; blocks are kept. In front of each piece stands how much fits
 * into it. Where there is no memory the process ends, as with xmalloc.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"

enum { PIECE = 16, SMALL = 640, BLOCK = 32 * 1024, HEAD = sizeof(uint64_t) };

union piece {
	uint64_t size;
	union piece *next;	/* of those that are free */
};

static union piece *spare[SMALL / PIECE + 1];
static char *block;		/* what is left of the newest */
static size_t block_left;

static int round_up(int size)
{
	return (size + PIECE - 1) / PIECE * PIECE;
}

static union piece *cut_piece(size_t bytes)
{
	union piece *p;

	if (block_left < bytes) {
		block = xmalloc(BLOCK);
		block_left = BLOCK;
	}
	p = (union piece *)(void *)block;
	block += bytes;
	block_left -= bytes;
	return p;
}

static void *allocate(int wanted)
{
	int size = round_up(wanted);
	union piece *p;

	if (size > SMALL) {
		p = xmalloc((size_t)size + HEAD);
	} else if (spare[size / PIECE] != NULL) {
		p = spare[size / PIECE];
		spare[size / PIECE] = p->next;
	} else {
		p = cut_piece((size_t)size + HEAD);
	}
	p->size = (uint64_t)size;
	return p + 1;
}

static int size_of(void *memory)
{
	return (int)((union piece *)memory)[-1].size;
}

static void give_back(void *memory)
{
	union piece *p = (union piece *)memory - 1;
	int size = (int)p->size;

	if (size > SMALL) {
		free(p);
		return;
	}
	p->next = spare[size / PIECE];
	spare[size / PIECE] = p;
}

static void *reallocate(void *old, int wanted)
{
	int size = size_of(old);
	void *fresh;

	if (wanted <= size && (size <= SMALL || wanted > SMALL))
		return old;
	if (size > SMALL && wanted > SMALL) {
		union piece *p = mem_need(realloc((union piece *)old - 1,
					  (size_t)round_up(wanted) + HEAD));

		p->size = (uint64_t)round_up(wanted);
		return p + 1;
	}
	fresh = allocate(wanted);
	memcpy(fresh, old, (size_t)(size < wanted ? size : wanted));
	give_back(old);
	return fresh;
}

/* Once in a process, before SQLite is used: later it only says that it is too
 * late. */
void query_prepare_memory(void)
{
	static sqlite3_mem_methods ours;

	if (ours.xMalloc != NULL ||
	    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &ours) != SQLITE_OK)
		return;
	ours.xMalloc = allocate;
	ours.xFree = give_back;
	ours.xRealloc = reallocate;
	ours.xSize = size_of;
	ours.xRoundup = round_up;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
	/* one thread has a store: nothing here takes a mutex */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	/* nobody asks how much it uses; to know takes a mutex each time */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
