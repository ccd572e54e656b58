/*
 * Step radar: other branches of the remote than the fleet's.
 *
 * An agent may be able to push to a branch of its own only, and what it says
 * there waits for somebody to merge it: `status` shows that it does. Which
 * branches there are comes with each fetch; one whose tip was not looked at is
 * brought into a repository beside ours, read, and noted in the log.
 *
 * These branches are somebody else's: nothing about them fails a cycle. One that
 * cannot be fetched is tried alone, a few times; one that cannot be read is left
 * alone until it changes; both are shown.
 */
#include "radar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum {
	RADAR_MS = 20 * 1000,	/* no new branch after this, of one cycle */
	LOOK_MS = 10 * 1000	/* at one of them */
};

/* --- which ones are gone --- */

static bool is_there(const struct radar *r, const char *name)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->item[i].name, name) == 0)
			return strcmp(name, r->c->branch) != 0;
	return heads->cut;	/* who knows */
}

static int open_beside(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "radar.git");
	int rc = 0;

	if (c->beside == NULL)
		rc = repo_open_beside(&c->beside, path, c->repo, err);
	/* what the remote need not send */
	if (rc == 0)
		rc = repo_ref_set(c->beside, "refs/trine/base", c->tip.hex, err);
	free(path);
	return rc;
}

/* What it brought is of no use any more, if that is known here. */
static void drop_ref(struct cycle *c, const char *branch)
{
	struct error ignored = ERROR_INIT;
	char ref[BESIDE_REF];

	if (open_beside(c, &ignored) == 0)
		repo_ref_set(c->beside, repo_beside_ref(branch, ref), "",
			     &ignored);
}

/* A list without the fleet's own branch is none to conclude from. */
static bool is_complete(const struct radar *r)
{
	const struct heads *heads = &r->c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++)
		if (strcmp(heads->item[i].name, r->c->branch) == 0)
			return true;
	return false;
}

static int forget_gone(struct radar *r, struct error *err)
{
	struct cycle *c = r->c;
	bool any = false;

	if (!is_complete(r))
		return 0;
	for (size_t i = 0; i < r->known_count; i++) {
		if (is_there(r, r->known[i].name))
			continue;
		if (!any && cycle_begin(c, err) == -1)
			return -1;
		any = true;
		drop_ref(c, r->known[i].name);
		if (record_branch_gone(c->store, r->known[i].name, err) == -1)
			return -1;
	}
	return any ? cycle_end(c, err) : 0;
}

/* --- one branch --- */

static bool is_to_us(const struct cycle *c, const struct path_info *p)
{
	int me = c->me.number;

	if (p->kind == PATH_STATUS)
		return p->computer != me;
	return (p->kind == PATH_STREAM || p->kind == PATH_HUMAN) &&
	       p->stream.from != me &&
	       (p->stream.to == me || p->stream.to == END_ALL);
}

struct changes {
	struct cycle *c;
	struct look_changed *out;
};

static int note_changed(void *arg, const char *path, const char *old_oid,
			const char *new_oid, enum entry_kind kind)
{
	struct changes *changes = arg;
	struct path_info p = path_classify(path);

	(void)old_oid;
	changes->out->any = true;
	if (kind == ENTRY_FILE && new_oid[0] != '\0' && is_to_us(changes->c, &p))
		list_add(&changes->out->to_us, path);
	return 0;
}

int look_changes(struct look *look, const struct commit_info *info,
		 struct look_changed *out, struct error *err)
{
	struct cycle *c = look->r->c;
	struct changes changes = { .c = c, .out = out };
	bool cut;

	if (repo_diff(c->repo, info->parent.hex, info->oid.hex, cycle_prefix(c),
		      note_changed, &changes, &cut, err) == -1)
		return -1;
	if (!cut)
		return 0;
	out->any = true;
	list_release(&out->to_us);
	return history_to_us(c, info->parent.hex, info->oid.hex, &out->to_us, err);
}

int look_check_time(struct look *look, struct error *err)
{
	if (radar_spent(look->r) <= look->until)
		return 0;
	return error_set(err, ERR_DATA, "it takes too long to look at");
}

static int look_at(struct look *look, struct error *err)
{
	struct cycle *c = look->r->c;
	const struct branch *known = radar_known(look->r, look->head->name);
	bool take = radar_takes(look->r, look->head);
	struct list hide = LIST_INIT;
	int rc;

	list_add(&hide, c->tip.hex);
	if (known != NULL && known->taken)
		list_add(&hide, known->tip);
	rc = take ? look_and_take(look, &hide, err)
		  : look_for_news(look, &hide, err);
	list_release(&hide);
	if (rc == 0)
		rc = record_branch_looked(c->store, look->head->name,
					  take ? look->upto.hex
					       : look->head->tip.hex,
					  take, look->why,
					  look->news, look->count, err);
	for (size_t i = 0; i < look->count; i++) {
		free(look->news[i].branch);
		free(look->news[i].path);
	}
	return rc;
}

static int record_unreadable(struct cycle *c, const struct head *head,
			     const char *why, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_branch_looked(c->store, head->name, head->tip.hex, false,
				 why, NULL, 0, err) == -1)
		return -1;
	return cycle_end(c, err);
}

static int record_failed(struct cycle *c, const struct head *heads,
			 size_t count, const char *why, struct error *err)
{
	if (cycle_begin(c, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (record_branch_failed(c->store, heads[i].name,
					 heads[i].tip.hex, why, err) == -1)
			return -1;
	return cycle_end(c, err);
}

/* Its commits are FROM, mostly the repository beside ours: that is the cycle's,
 * as long as they are looked at. */
static int read_branch(struct radar *r, const struct head *head,
		       struct repo *from, struct error *err)
{
	struct look look = { .r = r, .head = head,
			     .owner = radar_owner(r, head->name),
			     .until = radar_spent(r) + LOOK_MS };
	struct error why = ERROR_INIT;
	struct cycle *c = r->c;
	struct repo *ours = c->repo;
	int rc;

	if (cycle_begin(c, err) == -1)
		return -1;
	c->repo = from;
	c->aside = true;
	rc = look_at(&look, &why);
	if (rc == 0 && repo_is_unread(from, &why))
		rc = -1;
	c->aside = false;
	c->repo = ours;
	if (rc == 0) {
		cycle_checkpoint(c, "radar");
		return cycle_end(c, err);
	}
	store_abort(c->store);
	if (why.code == ERR_DATA || why.code == ERR_NOTFOUND)
		return record_unreadable(c, head, why.text, err);
	return record_failed(c, head, 1, why.text, err);
}

static int read_brought(struct radar *r, struct head *heads, size_t count,
			struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0 && radar_spent(r) < RADAR_MS; i++) {
		if (heads[i].why != NULL)
			rc = record_unreadable(r->c, &heads[i], heads[i].why,
					       err);
		else if (heads[i].tip.hex[0] != '\0')
			rc = read_branch(r, &heads[i], r->c->beside, err);
	}
	return rc;
}

/* What was typed on our own desk reaches our own branch first (R4). Its commits
 * are here: they are ours, or were fetched with them. */
static int read_own(struct radar *r, struct error *err)
{
	struct cycle *c = r->c;
	struct head head = { .name = c->own_branch, .tip = c->own_tip };
	const struct branch *known = radar_known(r, c->own_branch);

	if (!c->apart || c->own_unsure || head.tip.hex[0] == '\0' ||
	    (known != NULL && strcmp(known->tip, head.tip.hex) == 0))
		return 0;
	return read_branch(r, &head, c->repo, err);
}

/* Of several that cannot be fetched one may be at fault: each is tried alone,
 * in the cycles that follow. */
static int bring_some(struct radar *r, struct head *heads, size_t count,
		      struct error *err)
{
	struct remote *remote = r->c->world->remote;
	struct error why = ERROR_INIT;
	struct oid *asked = xcalloc(count, sizeof(*asked));
	int rc;

	for (size_t i = 0; i < count; i++)
		asked[i] = heads[i].tip;
	rc = remote->bring(remote, r->c->beside, heads, count, &why);
	if (rc == 0) {
		cycle_checkpoint(r->c, "brought");
		rc = read_brought(r, heads, count, err);
	} else {
		for (size_t i = 0; i < count; i++)
			heads[i].tip = asked[i];
		cycle_say(r->c, "%zu other branches cannot be fetched: %s",
			  count, why.text);
		rc = record_failed(r->c, heads, count, why.text, err);
	}
	free(asked);
	return rc;
}

/* Computers wait for each other, of whom there may be many. */
static size_t count_next(const struct radar *r, size_t fresh)
{
	size_t most = r->owned > LIMIT_BESIDE ? r->owned : LIMIT_BESIDE;

	return fresh < most ? fresh : most;
}

static int look_at_due(struct radar *r, struct error *err)
{
	size_t fresh = r->due_count - r->failed;
	struct error why = ERROR_INIT;

	if (r->due_count == 0)
		return 0;
	if (open_beside(r->c, &why) == -1) {
		cycle_say(r->c, "no other branch can be looked at: %s", why.text);
		return 0;
	}
	if (view_in_streams(r->c->store, &r->in, &r->in_count, err) == -1)
		return -1;
	if (fresh > 0)
		return bring_some(r, r->due, count_next(r, fresh), err);
	for (size_t i = 0; i < r->due_count && radar_spent(r) < RADAR_MS; i++)
		if (bring_some(r, &r->due[i], 1, err) == -1)
			return -1;
	return 0;
}

bool radar_open(struct cycle *c)
{
	struct remote *remote = c->world->remote;
	struct error ignored = ERROR_INIT;

	if (c->beside == NULL && (remote == NULL || c->tip.hex[0] == '\0' ||
				  open_beside(c, &ignored) == -1))
		return false;
	/* what is near is not copied, but read where it is */
	return remote->far ||
	       remote->bring(remote, c->beside, NULL, 0, &ignored) == 0;
}

/* --- the step --- */

int radar_is_due(struct cycle *c, bool *out, struct error *err)
{
	struct radar r;
	int rc = radar_start(&r, c, err);

	*out = rc == 0 && r.due_count > 0;
	radar_stop(&r);
	return rc;
}

/* A new clone first comes back (R29); what it says then is accepted. */
int step_radar(struct cycle *c, struct error *err)
{
	struct radar r;
	int rc = -1;

	if (!c->online || c->looked || c->stopped || !c->me.accepted ||
	    c->options->dry_run || c->tip.hex[0] == '\0')
		return 0;
	c->looked = true;
	if (radar_start(&r, c, err) == 0 && forget_gone(&r, err) == 0 &&
	    (!c->moved || radar_settle(c, err) == 0) && read_own(&r, err) == 0)
		rc = look_at_due(&r, err);
	radar_stop(&r);
	return rc;
}
