/*
 * Two machines had one number, and this one is to keep it (home.h): `trine
 * takeover` calls it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "trine/file.h"
#include "trine/home.h"

enum { CYCLE_WAIT_MS = 20 * 1000 };

static int become_new_clone(struct home *h, struct chance *chance,
			    struct identity *me, struct error *err)
{
	if (view_identity(h->store, me, err) == -1)
		return -1;
	list_add(&me->former, me->clone);
	snprintf(me->clone, sizeof(me->clone), "%08" PRIx64,
		 chance_below(chance, UINT64_C(1) << 32));
	snprintf(me->why, sizeof(me->why), "takeover");
	me->since = h->clock->now(h->clock);
	me->accepted = false;
	if (record_identity(h->store, me, err) == -1)
		return -1;
	return record_problem_over(h->store, "identity", "clone", err);
}

static int record_takeover(struct home *h, struct chance *chance,
			   struct error *err)
{
	struct identity me = { 0 };
	int rc = store_begin(h->store, err);

	if (rc == -1)
		return -1;
	rc = store_end(h->store, become_new_clone(h, chance, &me, err), err);
	identity_release(&me);
	return rc;
}

/* Not while a cycle goes on, which would write the old clone over it. */
int home_take_over(struct home *h, struct chance *chance, struct error *err)
{
	char *path = home_path(h, "run/sync.lock");
	int lock = file_lock(path, CYCLE_WAIT_MS, err), rc = -1;

	if (lock != -1)
		rc = record_takeover(h, chance, err);
	file_unlock(lock);
	free(path);
	return rc;
}
