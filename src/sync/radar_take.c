/*
 * Another branch that is read like the fleet's: structured messages, statuses
 * and lines written by hand, each once, also when they come to the fleet's
 * branch later. Radar calls this for the branches that `[radar] take` names.
 */
#include "radar.h"

#include <string.h>

/* Only what touches the prefix, or may vouch for what is there, is read and
 * remembered: the rest says nothing on any branch. */
static int take_commit(void *arg, const char *oid, struct error *err)
{
	struct look *look = arg;
	struct cycle *c = look->r->c;
	struct look_changed changed = { .to_us = LIST_INIT };
	struct commit_info info = { 0 };
	bool known;
	int rc = -1;

	if (look_check_time(look, err) == -1 ||
	    view_beside(c->store, oid, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	if (repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1 ||
	    look_changes(look, &info, &changed, err) == -1)
		goto out;
	rc = 0;
	if (info.vouched && info.trailers.computer != c->me.number)
		rc = inbound_read(c, &info, err);
	if (rc == 0)
		rc = hand_meet(&look->hand, &info, err);
	if (rc == 0 && (changed.any || info.vouched))
		rc = record_beside(c->store, oid, err);
out:
	list_release(&changed.to_us);
	commit_info_release(&info);
	return rc;
}

/* What a clone before this one had received is not news (R29); it did not say
 * what it had read on other branches. */
int look_and_take(struct look *look, const struct list *hide,
		  struct error *err)
{
	struct cycle *c = look->r->c;
	bool first = strcmp(c->me.why, "init") == 0;
	int rc;

	if (hand_start(&look->hand, c, err) == -1)
		return -1;
	look->hand.beside = true;
	look->hand.lost_before = first ? 0 : c->me.since;
	rc = repo_walk_some(c->repo, look->head->tip.hex, hide,
			    LIMIT_BESIDE_COMMITS, take_commit, look, err);
	hand_stop(&look->hand);
	return rc;
}
