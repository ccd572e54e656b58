/* A repair (repair.h): no cycle goes on meanwhile. The work is the store's. */
#include "trine/repair.h"

#include <stdlib.h>

#include "trine/file.h"
#include "trine/mem.h"

int repair_run(const char *dir, struct clock *clock, struct log_repair *out,
	       struct error *err)
{
	char *state = xasprintf("%s/.trine", dir);
	char *run = xasprintf("%s/run", state);
	char *path = xasprintf("%s/sync.lock", run);
	int lock = -1, rc = -1;

	*out = (struct log_repair){ 0 };
	if (file_mkdir(run, 0700, err) == 0)
		lock = file_lock(path, 0, err);
	if (lock != -1)
		rc = store_repair(state, clock, out, err);
	file_unlock(lock);
	free(path);
	free(run);
	free(state);
	return rc;
}
