/*
 * Steps fetch and push: the two that touch the network. Both are bounded by the
 * remote's deadline; being out of reach fails neither.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *push_branch(const struct cycle *c)
{
	return c->apart ? c->own_branch : c->branch;
}

void name_refs(struct cycle *c)
{
	own_branch_name(c);
	snprintf(c->local_ref, sizeof(c->local_ref), "refs/heads/%s",
		 push_branch(c));
	snprintf(c->tip_ref, sizeof(c->tip_ref), "refs/trine/tip/%s", c->branch);
	snprintf(c->report->branch, sizeof(c->report->branch), "%s", c->branch);
}

/* What we pushed last: what the commits that wait stand on, or our branch. */
static int find_pushed(struct cycle *c, struct oid *out, struct error *err)
{
	struct own_commit *waiting = NULL;
	size_t count = 0;

	if (view_unpushed(c->store, &waiting, &count, err) == -1)
		return -1;
	if (count > 0)
		memcpy(out->hex, waiting[0].parent, sizeof(out->hex));
	free(waiting);
	return count > 0 ? 0 : repo_ref_get(c->repo, c->local_ref, out, err);
}

/* It, if the log has that and the cache AT has not: killed in between
 * (note_pushed). */
static int catch_up(struct cycle *c, struct oid *at, struct error *err)
{
	bool seen = false, above = false;
	struct oid pushed;
	int rc;

	if (find_pushed(c, &pushed, err) == -1)
		return -1;
	if (pushed.hex[0] == '\0' || strcmp(pushed.hex, at->hex) == 0)
		return 0;
	if (view_commit_seen(c->store, pushed.hex, &seen, err) == -1)
		return -1;
	if (!seen || !repo_has(c->repo, pushed.hex))
		return 0;
	rc = repo_descends(c->repo, pushed.hex, at->hex, &above, err);
	if (rc == 0 && above)
		*at = pushed;
	return rc;
}

/* The tip as last seen. The ref is a cache: without it, what was read last. */
static int last_tip(struct cycle *c, struct error *err)
{
	if (c->branch[0] == '\0')
		return 0;
	name_refs(c);
	if (repo_ref_get(c->repo, c->tip_ref, &c->tip, err) == -1 ||
	    own_branch_last(c, err) == -1)
		return -1;
	c->last_tip = c->tip;
	if (c->tip.hex[0] == '\0' && repo_has(c->repo, c->marks.tip))
		snprintf(c->tip.hex, sizeof(c->tip.hex), "%s", c->marks.tip);
	return catch_up(c, c->apart ? &c->own_tip : &c->tip,
			err);
}

/* The newest tip that the log knows: killed before it was moved, the cache is behind
 * what was read (step_receive), or pushed (note_pushed). */
static int know_last(struct cycle *c, struct error *err)
{
	const char *read = c->marks.tip;
	bool behind = false, ahead = false;

	c->known = c->last_tip;
	if (c->stopped || !repo_has(c->repo, c->known.hex))
		return 0;
	if (repo_has(c->repo, read) &&
	    (repo_descends(c->repo, c->known.hex, read, &behind, err) == -1 ||
	     (!behind && repo_descends(c->repo, read, c->known.hex, &ahead,
				       err) == -1)))
		return -1;
	if (ahead)
		memcpy(c->known.hex, read, sizeof(c->known.hex));
	return c->apart ? 0 : catch_up(c, &c->known, err);
}

static int out_of_reach(struct cycle *c, struct error *failure, struct error *err)
{
	char text[ERROR_TEXT];

	c->online = false;
	snprintf(text, sizeof(text), "%s", failure->text);
	/* A path that is not there may be a disk that is not mounted. */
	if (failure->code == ERR_AGAIN || failure->code == ERR_NOTFOUND)
		error_set(failure, ERR_AGAIN, "offline: %s; everything is kept, "
			  "and goes out when the remote answers", text);
	cycle_trouble(c, failure);
	if (!c->fresh)
		return last_tip(c, err);
	return 0;
}

static int has_something_to_send(struct cycle *c, bool *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	struct own_commit *commits = NULL;
	size_t count = 0;

	f.direction = DIRECTION_OUT;
	f.uncommitted = true;
	f.limit = 1;
	f.brief = true;
	if (view_records(c->store, &f, &l, err) == -1 ||
	    view_unpushed(c->store, &commits, &count, err) == -1) {
		record_list_release(&l);
		return -1;
	}
	*out = l.count > 0 || count > 0;
	record_list_release(&l);
	free(commits);
	return 0;
}

/* With something to send, the push itself tells whether the tip has moved: one
 * connection serves both directions when nothing is new. */
static int try_push_first(struct cycle *c, struct error *err)
{
	c->push_first = false;
	if (!c->world->remote->far || c->report->rounds > 1 || c->stopped ||
	    !c->me.accepted || c->options->dry_run || c->branch[0] == '\0')
		return 0;
	if (last_tip(c, err) == -1)
		return -1;
	if (c->last_tip.hex[0] == '\0' || !repo_has(c->repo, c->last_tip.hex))
		return 0;
	return has_something_to_send(c, &c->push_first, err);
}

/* --- more than is let in --- */

/* What was too much before is not downloaded again in each cycle: the log has the tip
 * of then, and what was let in. */
static int recall_too_much(struct cycle *c, struct error *err)
{
	struct remote *remote = c->world->remote;
	struct problem *open = NULL;
	size_t count = 0;

	remote->hold = false;
	remote->too_large.hex[0] = '\0';
	if (view_problems_of(c->store, "large", &open, &count, err) == -1)
		return -1;
	c->was_too_much = count > 0;
	for (size_t i = 0; i < count; i++) {
		long long let_in;
		char tip[OID_HEX];

		if (sscanf(open[i].key, "%lld %40s", &let_in, tip) != 2 ||
		    let_in != c->home->settings.fetch_size)
			continue;
		memcpy(remote->too_large.hex, tip, OID_HEX);
		remote->hold = open[i].since <= c->now &&
			       open[i].since > c->now - LIMIT_FETCH_PAUSE;
	}
	problems_free(open, count);
	return 0;
}

/* All but the one of KEY are over. */
static int forget_too_much(struct cycle *c, const char *key, struct error *err)
{
	struct problem *open = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_problems_of(c->store, "large", &open, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		if (strcmp(open[i].key, key) != 0)
			rc = record_problem_over(c->store, "large", open[i].key, err);
	problems_free(open, count);
	return rc;
}

static int note_too_much(struct cycle *c, struct error *failure, struct error *err)
{
	char key[OID_HEX + 32], text[ERROR_TEXT];

	snprintf(text, sizeof(text), "%s", failure->text);
	error_set(failure, ERR_DATA, "%s. Until then it is asked again when the branch "
		  "has moved, once an hour at most", text);
	snprintf(key, sizeof(key), "%lld %s", (long long)c->home->settings.fetch_size,
		 c->world->remote->too_large.hex);
	if (c->options->dry_run)
		return 0;
	if (cycle_begin(c, err) == -1 || forget_too_much(c, key, err) == -1 ||
	    record_problem(c->store, "large", key, failure->text, err) == -1)
		return -1;
	return cycle_end(c, err);
}

static int note_not_too_much(struct cycle *c, struct error *err)
{
	if (!c->was_too_much || c->options->dry_run)
		return 0;
	c->was_too_much = false;
	return cycle_begin(c, err) == -1 || forget_too_much(c, "", err) == -1
		? -1 : cycle_end(c, err);
}

/* --- fetch --- */

static void note_reached(struct cycle *c)
{
	c->online = c->fresh = true;
	c->report->online = true;
	c->report->fetched = c->world->clock->now(c->world->clock);
}

int step_fetch(struct cycle *c, struct error *err)
{
	struct error failure = ERROR_INIT;
	struct remote *remote = c->world->remote;
	char chosen[BRANCH_BYTES] = "";
	struct oid tip = { "" };

	if (c->options->dry_run && c->fresh)
		return 0;
	c->online = false;
	if (remote == NULL)
		return last_tip(c, err);
	if (try_push_first(c, err) == -1)
		return -1;
	if (c->push_first)
		return 0;
	if (recall_too_much(c, err) == -1)
		return -1;
	if (remote->fetch(remote, c->repo, c->branch, chosen, &tip,
			  &failure) == -1)
		return remote->too_much && note_too_much(c, &failure, err) == -1
			? -1 : out_of_reach(c, &failure, err);
	remote->hold = false;
	if (note_not_too_much(c, err) == -1)
		return -1;
	if (c->branch[0] == '\0')
		snprintf(c->branch, sizeof(c->branch), "%s", chosen);
	name_refs(c);
	if (repo_ref_get(c->repo, c->tip_ref, &c->last_tip, err) == -1 ||
	    know_last(c, err) == -1)
		return -1;
	c->tip = tip;
	note_reached(c);
	snprintf(c->report->tip, sizeof(c->report->tip), "%s", tip.hex);
	cycle_checkpoint(c, "fetch");
	return own_branch_fetch(c, err);
}

static int move_cache(struct cycle *c, struct error *err)
{
	if (c->apart) {
		c->own_tip = c->own_last = c->head;
		return repo_ref_set(c->repo, c->own_ref, c->head.hex, err);
	}
	c->tip = c->last_tip = c->head;
	snprintf(c->report->tip, sizeof(c->report->tip), "%s", c->tip.hex);
	return repo_ref_set(c->repo, c->tip_ref, c->tip.hex, err);
}

/* The remote took everything up to head: log it, then move the cache. Killed in
 * between, receive reads our own commits from the tip and logs the same. */
static int note_pushed(struct cycle *c, struct error *err)
{
	struct own_commit *l = NULL;
	size_t count = 0;
	int rc = -1;

	if (cycle_begin(c, err) == -1 ||
	    view_unpushed(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (record_seen(c->store, l[i].oid, err) == -1)
			goto out;
	if (!c->me.accepted) {
		c->me.accepted = true;
		if (record_identity(c->store, &c->me, err) == -1)
			goto out;
	}
	if (claims_settle(c, err) == -1 ||
	    record_problem_over(c->store, "refused", "push", err) == -1 ||
	    record_problem_over(c->store, "identity", "clone", err) == -1 ||
	    cycle_end(c, err) == -1)
		goto out;
	rc = move_cache(c, err);
	cycle_checkpoint(c, "pushed ref");
out:
	free(l);
	return rc;
}

/* A push to our own branch succeeds wherever the fleet's is. */
static bool has_moved(const struct cycle *c)
{
	const struct heads *heads = &c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->item[i].name, c->branch) == 0)
			return strcmp(heads->item[i].tip.hex, c->tip.hex) != 0;
	return c->tip.hex[0] != '\0';
}

/* The push was the one connection of this cycle, and showed another branch that
 * is new: fetch after all. */
static int look_around(struct cycle *c, struct error *err)
{
	int64_t spent = c->world->clock->steady(c->world->clock) - c->began;

	if (!c->push_first || spent > c->home->settings.last_round * 500)
		return 0;
	c->again = c->apart && has_moved(c);
	return c->again ? 0 : radar_is_due(c, &c->again, err);
}

/* A person must settle this: shown until a push is accepted again. */
static int note_refused(struct cycle *c, const struct error *why,
			struct error *err)
{
	struct error trouble = ERROR_INIT;

	error_set(&trouble, ERR_REFUSED, "the remote refuses our push to %s: "
		  "%s; own commits wait here until somebody settles that%s",
		  push_branch(c), why->text, c->apart ? "" : ". Where that "
		  "branch is protected, `push = trine/{n}` under [radar] in "
		  "trine.ini gives this computer one of its own");
	cycle_trouble(c, &trouble);
	if (cycle_begin(c, err) == -1 ||
	    record_problem(c->store, "refused", "push", trouble.text, err) == -1)
		return -1;
	return cycle_end(c, err);
}

/* Asked twice without an answer: the next cycle asks again. A connection that
 * hangs must not use up the time that publish needs. */
static void give_up(struct cycle *c, const struct error *why)
{
	struct error trouble = ERROR_INIT;

	error_set(&trouble, why->code == ERR_DATA ? ERR_DATA : ERR_AGAIN,
		  "nobody knows whether our push to %s got through: %s; "
		  "everything is kept, and the next cycle looks",
		  push_branch(c), why->text);
	cycle_trouble(c, &trouble);
}

/* What stands below own commits is on the remote, or is none of its business. */
static bool has_nothing_to_push(const struct cycle *c)
{
	return strcmp(c->head.hex, c->base.hex) == 0 && !c->must_push;
}

/* What a clone sent with a push that it never heard of may be somewhere (R29). */
static int note_tried(struct cycle *c, bool *fresh, struct error *err)
{
	*fresh = false;
	if (c->me.accepted)
		return 0;
	if (cycle_begin(c, err) == -1 ||
	    record_tried(c->store, c->head.hex, fresh, err) == -1)
		return -1;
	return cycle_end(c, err);
}

/* That push was the only one of its commit, and has changed nothing. */
static int note_untried(struct cycle *c, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_untried(c->store, c->head.hex, err) == -1)
		return -1;
	return cycle_end(c, err);
}

int step_push(struct cycle *c, struct error *err)
{
	struct remote *remote = c->world->remote;
	struct error why = ERROR_INIT;
	enum push_result result;
	bool fresh;

	if (c->stopped || c->options->dry_run || (c->apart && c->own_unsure) ||
	    (!c->online && !c->push_first))
		return 0;
	if (c->blind || has_nothing_to_push(c)) {
		c->again = c->push_first;	/* nothing to send after all */
		return 0;
	}
	if (note_tried(c, &fresh, err) == -1)
		return -1;
	cycle_checkpoint(c, "before push");
	result = remote->push(remote, c->repo, push_branch(c),
			      c->apart ? &c->own_tip : &c->tip, &c->head, &why);
	if (fresh && (result == PUSH_STALE || result == PUSH_REFUSED) &&
	    note_untried(c, err) == -1)
		return -1;
	if (result == PUSH_UNKNOWN && c->unanswered++ > 0) {
		give_up(c, &why);
		return 0;
	}
	if (result != PUSH_OK && c->push_first)
		result = PUSH_STALE;		/* ask the remote after all */
	switch (result) {
	case PUSH_OK:
		cycle_checkpoint(c, "push");
		note_reached(c);
		return note_pushed(c, err) == -1 ? -1 : look_around(c, err);
	case PUSH_REFUSED:
		return note_refused(c, &why, err);
	case PUSH_UNKNOWN:	/* it may have happened: read the tip (R15) */
		c->unsure = why;
		c->again = true;
		return 0;
	case PUSH_STALE:
		error_clear(&c->unsure);
		c->again = true;
		return 0;
	}
	return 0;
}
