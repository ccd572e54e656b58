/*
 * Step hand off: queued work goes to the instances of this computer. Not while
 * two machines share our number, nor before the first accepted push of a new
 * clone (R27, R29): until then somebody else may be doing that work.
 */
#include "sync.h"

#include "trine/deliver.h"

int step_hand_off(struct cycle *c, struct error *err)
{
	if (c->stopped || !c->me.accepted || c->options->dry_run)
		return 0;
	return deliver_all(c->home, &c->fleet, c->world->chance,
			   &c->report->handed, err);
}
