/*
 * Step hand off: queued work goes to the instances of this computer. Not while
 * two machines share our number, nor before the first accepted push of a new
 * clone (R27, R29): until then somebody else may be doing that work.
 */
#include "sync.h"

#include <stdlib.h>

#include "trine/active.h"
#include "trine/deliver.h"
#include "trine/file.h"
#include "trine/refused.h"

/* Where there is one: sessions have ended, and workers have begun. */
static int tell_programs(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "run/active.json");
	int rc = file_exists(path) ? active_write(c->home, err) : 0;

	free(path);
	return rc;
}

int step_hand_off(struct cycle *c, struct error *err)
{
	if (c->stopped || !c->me.accepted || c->options->dry_run)
		return 0;
	if (deliver_all(c->home, &c->fleet, c->world->chance,
			&c->report->handed, err) == -1 ||
	    refused_settle(c->home, err) == -1)
		return -1;
	return tell_programs(c, err);
}
