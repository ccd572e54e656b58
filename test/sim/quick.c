/*
 * Stand-ins that save time, and change nothing (stand_ins.c says how they come in
 * between). In memory alone: on files the real programs run.
 */
#include <sqlite3.h>

#include "../../src/store/sql.h"
#include "mutants.h"
#include "sim.h"
#include "trine/repo.h"

static bool in_memory(void)
{
	return mutant_world->tier == TIER_MEMORY;
}

/* No other process has these stores: nobody asks the kernel for their locks, and what
 * connections share need not be a file. */
STANDS_FOR(query_prepare_memory);
void __wrap_query_prepare_memory(void)
{
	__real_query_prepare_memory();
	if (in_memory())
		sqlite3_vfs_register(sqlite3_vfs_find("unix-excl"), 1);
}

/* git packs files, and there are none. */
STANDS_FOR(repo_pack);
bool __wrap_repo_pack(struct repo *repo, int64_t timeout_ms)
{
	return in_memory() || __real_repo_pack(repo, timeout_ms);
}
