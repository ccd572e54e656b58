/*
 * Another branch that is read like the fleet's: structured messages, statuses
 * and lines written by hand, each once, also when they come to the fleet's
 * branch later. Radar calls this for the branches that `[radar] take` names, and
 * for those that computers keep for themselves (own_branch.c).
 *
 * On a computer's own branch only its own commits say something (R5, R6): it has
 * taken in the fleet's and perhaps a person's, which are read, and remembered as
 * read, where the fleet's branch has them.
 */
#include "radar.h"

#include <stdio.h>
#include <string.h>

#include "trine/mem.h"

static bool is_skipped(const struct look *look, const struct commit_info *info)
{
	return look->owner > 0 && (!info->vouched ||
				   info->trailers.computer != look->owner);
}

static int read_commit(struct look *look, const struct commit_info *info,
		       struct error *err)
{
	struct cycle *c = look->r->c;

	if (info->vouched && info->trailers.computer != c->me.number &&
	    inbound_read(c, info, err) == -1)
		return -1;
	return hand_meet(&look->hand, info, err);
}

/* Only what touches the prefix, or may vouch for what is there, is read and
 * remembered: the rest says nothing on any branch. */
static int take_commit(struct look *look, const char *oid, struct error *err)
{
	struct cycle *c = look->r->c;
	struct look_changed changed = { .to_us = LIST_INIT };
	struct commit_info info = { 0 };
	bool known;
	int rc = -1;

	if (view_beside(c->store, oid, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	if (repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1)
		goto out;
	rc = 0;
	if (is_skipped(look, &info))
		goto out;
	rc = look_changes(look, &info, &changed, err);
	if (rc == 0)
		rc = read_commit(look, &info, err);
	if (rc == 0 && (changed.any || info.vouched))
		rc = record_beside(c->store, oid, err);
out:
	list_release(&changed.to_us);
	commit_info_release(&info);
	return rc;
}

enum { TIME_OVER = 1 };

/* A computer's branch is too important to be left alone for its length: the next
 * cycle goes on. */
static int take_in_time(void *arg, const char *oid, struct error *err)
{
	struct look *look = arg;

	if (look_check_time(look, err) == -1) {
		if (look->owner == 0 || look->upto.hex[0] == '\0')
			return -1;
		error_clear(err);
		return TIME_OVER;
	}
	if (take_commit(look, oid, err) == -1)
		return -1;
	snprintf(look->upto.hex, sizeof(look->upto.hex), "%s", oid);
	return 0;
}

static int take_from(struct look *look, const char *tip,
		     const struct list *hide, struct error *err)
{
	int rc = repo_walk_some(look->r->c->repo, tip, hide,
				LIMIT_BESIDE_COMMITS, take_in_time, look, err);

	if (rc == 0)
		snprintf(look->upto.hex, sizeof(look->upto.hex), "%s", tip);
	return rc;
}

/* --- the first look at a computer's branch --- */

static uint64_t upto_of(const struct radar *r, struct stream_name name)
{
	for (size_t i = 0; i < r->in_count; i++)
		if (r->in[i].name.from == name.from &&
		    r->in[i].name.to == name.to)
			return r->in[i].upto;
	return 0;
}

/* What the clone before us had received from there is behind its receipts; tasks
 * among it come back in doubt, as those on the fleet's branch do (R29). */
static int come_back(struct look *look, struct error *err)
{
	struct cycle *c = look->r->c;
	const int to[] = { c->me.number, END_ALL };
	struct commit_info at = { 0 };
	int rc = newest_of(c, look->head->tip.hex, look->owner, &at, err);

	for (size_t i = 0; i < ARRAY_LEN(to) && rc == 0 && at.vouched; i++) {
		struct stream_name name = { look->owner, to[i] };

		rc = come_back_stream(c, &at, name, upto_of(look->r, name), err);
	}
	commit_info_release(&at);
	return rc;
}

/* We joined when it stood at START: what it had said to ALL by then was said
 * before our time (R31), what it had said to us waited. */
static int join(struct look *look, const char *start, struct list *hide,
		struct error *err)
{
	struct stream_name all = { look->owner, END_ALL };
	int rc;

	if (inbound_skip(look->r->c, start, all, upto_of(look->r, all),
			 err) == -1)
		return -1;
	look->hand.direct_only = true;
	rc = take_from(look, start, hide, err);
	look->hand.direct_only = false;
	list_add(hide, start);
	return rc;
}

static int look_first(struct look *look, struct list *hide, struct error *err)
{
	const struct branch *known = radar_known(look->r, look->head->name);
	struct cycle *c = look->r->c;

	if (look->owner == 0 || look->owner == c->me.number ||
	    (known != NULL && known->taken))
		return 0;
	if (strcmp(c->me.why, "init") != 0)
		return come_back(look, err);
	if (known == NULL || !repo_has(c->repo, known->tip))
		return 0;
	return join(look, known->tip, hide, err);
}

/* What a clone before this one had received is not news (R29); it did not say
 * what it had read on other branches. */
int look_and_take(struct look *look, struct list *hide, struct error *err)
{
	struct cycle *c = look->r->c;
	bool first = strcmp(c->me.why, "init") == 0;
	int rc;

	if (hand_start(&look->hand, c, err) == -1)
		return -1;
	look->hand.beside = true;
	look->hand.lost_before = first ? 0 : c->me.since;
	rc = look_first(look, hide, err);
	if (rc == 0)
		rc = take_from(look, look->head->tip.hex, hide, err);
	hand_stop(&look->hand);
	return rc == TIME_OVER ? 0 : rc;
}
