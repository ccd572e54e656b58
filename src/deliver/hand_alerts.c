/*
 * Alerts in the hand-off of a cycle (alert.h): instances get their tasks, and a worker is
 * started for the program (alert_worker.c). Called by deliver.c.
 */
#include "deliver_p.h"

#include "trine/alert.h"

static int tell(struct home *h, struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, alert_tell(h, err), err);
}

/* That it cannot be started is a problem, and no reason to stop. */
static int call(struct home *h, struct error *err)
{
	struct error failure = ERROR_INIT;
	bool waits;
	int rc;

	if (alert_waits(h, &waits, err) == -1)
		return -1;
	if (!waits)
		return 0;
	rc = start_worker(h, ALERTS, &failure);
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = rc == 0 ? record_problem_over(h->store, "delivery", "alert", err) :
	     record_problem(h->store, "delivery", "alert", failure.text, err);
	return store_end(h->store, rc, err);
}

int hand_alerts(struct home *h, struct error *err)
{
	return tell(h, err) == -1 ? -1 : call(h, err);
}
