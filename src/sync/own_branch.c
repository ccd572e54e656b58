/*
 * A branch of this computer's own, where the fleet's takes no pushes from it
 * (`[radar] push`). Own commits go there, and a person merges them.
 *
 *  - It only ever goes forward: a server may refuse all else there, too. Where
 *    the fleet's branch has moved, it is merged into ours, so that a later merge
 *    or squash of ours finds that done. That commit comes with the next one of
 *    ours, never for itself, and holds nothing else: a rebase leaves it out.
 *  - The fleet's branch stays what is read, and the truth for what is not ours:
 *    rules, files of others, the starting point of a merge (R16, R31, R32). What
 *    our branch adds is its own files, from the log, and its changes of shared
 *    ones, decided path by path as for an unpushed commit (R11).
 *  - It is read as well: whose commits are on it (R27-R29) by receive, for what
 *    was typed on our own desk (R4) by the radar. "Unpushed" is what was seen on
 *    neither (R15).
 *  - Commits of others on it are kept behind ours. What they changed of own
 *    files goes to conflicts/, of shared ones it counts, of others' it does not.
 *  - One that went back or is gone gets back what the fleet's branch lacks. One
 *    that is gone with nothing lacking there begins anew on the fleet's tip, so
 *    that people may rebase as well as merge, if they delete it then.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

void own_branch_name(struct cycle *c)
{
	const struct settings *set = &c->home->settings;

	settings_own_branch(set, c->me.number, c->own_branch);
	if (strcmp(c->own_branch, c->branch) == 0)
		c->own_branch[0] = '\0';
	c->apart = set->push != NULL && c->own_branch[0] != '\0';
	snprintf(c->own_ref, sizeof(c->own_ref), "refs/trine/tip/%s",
		 c->own_branch);
	snprintf(c->held_ref, sizeof(c->held_ref), "refs/trine/held/%s",
		 c->own_branch);
}

/* --- what the remote has --- */

int own_branch_last(struct cycle *c, struct error *err)
{
	c->own_tip.hex[0] = c->own_last.hex[0] = '\0';
	if (c->own_branch[0] == '\0')
		return 0;
	if (repo_ref_get(c->repo, c->own_ref, &c->own_last, err) == -1)
		return -1;
	if (!repo_has(c->repo, c->own_last.hex))
		c->own_last.hex[0] = '\0';
	c->own_tip = c->own_last;
	return 0;
}

/* Reading the fleet's branch goes on without it; a push does not. */
static void note_unsure(struct cycle *c, struct error *failure)
{
	c->own_unsure = true;
	error_wrap(failure, "branch %s", c->own_branch);
	if (c->apart)
		cycle_trouble(c, failure);
	else
		cycle_say(c, "%s", failure->text);
}

/* The connection that has just shown all branches showed this one, too: a second
 * one is made only for what is new. */
int own_branch_fetch(struct cycle *c, struct error *err)
{
	struct remote *remote = c->world->remote;
	struct error failure = ERROR_INIT;
	struct oid tip = { "" };

	c->own_unsure = false;
	if (own_branch_last(c, err) == -1)
		return -1;
	if (c->own_branch[0] == '\0')
		return 0;
	for (size_t i = 0; i < remote->heads.count; i++)
		if (strcmp(remote->heads.item[i].name, c->own_branch) == 0)
			tip = remote->heads.item[i].tip;
	if (tip.hex[0] != '\0' && strcmp(tip.hex, c->own_last.hex) != 0 &&
	    remote->fetch(remote, c->repo, c->own_branch, NULL, &tip,
			  &failure) == -1)
		note_unsure(c, &failure);
	else
		c->own_tip = tip;
	return 0;
}

bool own_branch_moved(const struct cycle *c)
{
	return c->own_tip.hex[0] != '\0' &&
	       strcmp(c->own_tip.hex, c->own_last.hex) != 0;
}

/* What is not below the new tip is still to be put back there. */
int own_branch_note(struct cycle *c, struct error *err)
{
	bool forward = c->own_last.hex[0] == '\0';

	if (!own_branch_moved(c) || c->options->dry_run)
		return 0;
	if (!forward && repo_descends(c->repo, c->own_tip.hex, c->own_last.hex,
				      &forward, err) == -1)
		return -1;
	if (!forward)
		return 0;
	if (repo_ref_set(c->repo, c->own_ref, c->own_tip.hex, err) == -1)
		return -1;
	c->own_last = c->own_tip;
	cycle_checkpoint(c, "own ref");
	return 0;
}

/* --- our own past, on whichever branch --- */

static int status_time(struct cycle *c, const struct commit_info *at,
		       int64_t *out, struct error *err)
{
	struct status s = STATUS_INIT;
	bool found;
	int rc = identity_status_at(c, at->oid.hex, &s, &found, err);

	*out = rc == 0 && found ? s.updated : 0;
	status_release(&s);
	return rc;
}

/* By what its status says, which a person's rebase leaves alone. */
int own_newest(struct cycle *c, struct commit_info *out, struct error *err)
{
	struct commit_info apart = { 0 };
	int64_t here = 0, there = 0;
	int rc = -1;

	if (newest_of(c, c->tip.hex, c->me.number, out, err) == -1 ||
	    newest_of(c, c->own_tip.hex, c->me.number, &apart, err) == -1)
		goto out;
	if (out->vouched && status_time(c, out, &here, err) == -1)
		goto out;
	if (apart.vouched && status_time(c, &apart, &there, err) == -1)
		goto out;
	if (apart.vouched && (!out->vouched || there >= here)) {
		struct commit_info other = *out;

		*out = apart;
		apart = other;
	}
	rc = 0;
out:
	commit_info_release(&apart);
	return rc;
}

/* --- what own commits stand on --- */

static int is_below(struct cycle *c, const struct oid *old,
		    const struct oid *tip, bool *out, struct error *err)
{
	*out = old->hex[0] == '\0';
	if (*out || tip->hex[0] == '\0')
		return 0;
	return repo_descends(c->repo, tip->hex, old->hex, out, err);
}

/* Which files of ours the newest own commit below head vouches for. */
static int note_vouched(struct cycle *c, struct error *err)
{
	struct commit_info own = { 0 };
	const char *line = c->must_push || c->own_tip.hex[0] == '\0'
				? c->own_last.hex : c->own_tip.hex;

	if (newest_of(c, line, c->me.number, &own, err) == -1)
		return -1;
	if (own.vouched)
		memcpy(c->vouched, own.trailers.files, sizeof(c->vouched));
	commit_info_release(&own);
	return 0;
}

/* The branch is gone, and the fleet's has all that it added, if not its commits
 * (they were squashed, or rebased): it begins anew there. Own files come from the
 * log. */
static int begins_anew(struct cycle *c, bool *out, struct error *err)
{
	*out = false;
	if (c->own_tip.hex[0] != '\0' || c->tip.hex[0] == '\0')
		return 0;
	return own_line_held(c, c->own_last.hex, out, err);
}

/* The fleet's tip that our branch is known to hold: else each cycle would walk
 * over all that nobody has merged yet. A cache, as refs are. */
static int know_on_top(struct cycle *c, bool *out, struct error *err)
{
	struct oid held;

	if (repo_ref_get(c->repo, c->held_ref, &held, err) == -1)
		return -1;
	*out = held.hex[0] != '\0' && strcmp(held.hex, c->tip.hex) == 0 &&
	       strcmp(c->own_tip.hex, c->own_last.hex) == 0 &&
	       c->own_tip.hex[0] != '\0' &&
	       strcmp(c->own_tip.hex, c->tip.hex) != 0;
	if (*out && own_line_is_ours(c, c->own_tip.hex, out, err) == -1)
		return -1;
	if (*out)
		c->head = c->own_tip;
	return 0;
}

static int note_on_top(struct cycle *c, struct error *err)
{
	if (c->options->dry_run || c->tip.hex[0] == '\0' || c->must_push ||
	    strcmp(c->head.hex, c->own_tip.hex) != 0 ||
	    strcmp(c->own_tip.hex, c->own_last.hex) != 0)
		return 0;
	return repo_ref_set(c->repo, c->held_ref, c->tip.hex, err);
}

int own_branch_base(struct cycle *c, struct error *err)
{
	bool last_on_tip, last_below, tip_below, older, anew = false, known;

	c->must_push = false;
	c->head = c->tip;
	if (!c->apart)
		return 0;
	if (know_on_top(c, &known, err) == -1)
		return -1;
	if (known)
		return note_vouched(c, err);
	if (is_below(c, &c->own_last, &c->tip, &last_below, err) == -1 ||
	    is_below(c, &c->own_last, &c->own_tip, &last_on_tip, err) == -1 ||
	    is_below(c, &c->own_tip, &c->tip, &tip_below, err) == -1 ||
	    is_below(c, &c->own_tip, &c->own_last, &older, err) == -1)
		return -1;
	c->must_push = !last_below && !last_on_tip;
	if (c->must_push && begins_anew(c, &anew, err) == -1)
		return -1;
	if (anew) {
		c->must_push = false;
		return 0;
	}
	if (c->must_push && own_line_take(c, c->own_last.hex, err) == -1)
		return -1;
	if (!tip_below && !(older && c->must_push) &&
	    own_line_take(c, c->own_tip.hex, err) == -1)
		return -1;
	return note_on_top(c, err) == -1 ? -1 : note_vouched(c, err);
}
