/*
 * Step receive: read the new commits, and record what they bring.
 *
 * It starts from received.upto in the log, never from a ref, and all it records
 * is one transaction that ends with the new received.upto: killed before that
 * is durable, the next cycle reads the same commits again; after it, none. Very
 * many commits are several transactions (portions.c).
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

static int meet_own(void *arg, const char *oid, struct error *err)
{
	struct cycle *c = arg;
	struct commit_info info = { 0 };
	int rc = 0;

	if (repo_commit_read_of(c->repo, oid, cycle_prefix(c), c->me.number,
				&info, err) == -1)
		return -1;
	c->joined_history |= info.parents > 1;
	if (info.vouched && info.trailers.computer == c->me.number)
		rc = identity_meet(c, &info, err);
	commit_info_release(&info);
	return rc;
}

static int read_commit(void *arg, const char *oid, struct error *err)
{
	struct hand_reader *hand = arg;
	struct cycle *c = hand->c;
	struct commit_info info = { 0 };
	bool beside;
	int rc = 0;

	if (view_beside(c->store, oid, &beside, err) == -1 ||
	    repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1)
		return -1;
	if (!beside && info.vouched && info.trailers.computer != c->me.number)
		rc = inbound_read(c, &info, err);
	if (rc == 0)
		rc = beside ? hand_meet_again(hand, &info, err)
			    : hand_meet(hand, &info, err);
	commit_info_release(&info);
	return rc;
}

static int descends(struct cycle *c, const char *from, bool *out,
		    struct error *err)
{
	*out = false;
	if (c->tip.hex[0] == '\0' || !repo_has(c->repo, from))
		return 0;
	return repo_descends(c->repo, c->tip.hex, from, out, err);
}

/* The tip we knew last is what a push of ours made, or what was read last. */
static int check_descent(struct cycle *c, bool *kept, struct error *err)
{
	const char *old = c->known.hex[0] != '\0' ? c->known.hex : c->marks.tip;

	*kept = true;
	if (old[0] == '\0' || strcmp(old, c->tip.hex) == 0)
		return 0;
	if (descends(c, old, kept, err) == -1)
		return -1;
	c->joined_history |= !*kept;
	return *kept ? 0 : old_tip_keep(c, old, err);
}

/* Is our newest commit still below the new tip? If not, the one that is. */
static int look_up_vouched(struct cycle *c, struct error *err)
{
	struct commit_info own = { 0 };
	int rc;

	if (newest_of(c, c->tip.hex, c->me.number, &own, err) == -1)
		return -1;
	snprintf(c->marks.vouched, sizeof(c->marks.vouched), "%s",
		 own.vouched ? own.trailers.files : "");
	rc = identity_meet_rewound(c, &own, err);
	commit_info_release(&own);
	return rc;
}

/* A branch that others use is joined where it stands; one that began with us
 * is read from its root. */
static bool is_joining(const struct cycle *c)
{
	return c->marks.tip[0] == '\0' && !c->me.accepted &&
	       strcmp(c->marks.all_start, "-") != 0;
}

static int read_since(struct cycle *c, const char *read, bool kept,
		      struct error *err)
{
	struct hand_reader hand;
	int rc = 0;

	if (hand_start(&hand, c, err) == -1)
		return -1;
	hand.again = !kept && read[0] == '\0';
	if (!kept)
		rc = hand_went_back(&hand, err);
	if (rc == 0)
		rc = portions_walk(c, "", read, read_commit, &hand, err);
	hand_stop(&hand);
	return rc;
}

static int look_for_own(void *arg, const char *oid, struct error *err)
{
	struct cycle *c = arg;
	struct commit_info info = { 0 };
	bool ours;

	if (c->marks.all_start[0] != '\0')
		return 0;
	if (repo_commit_read_of(c->repo, oid, cycle_prefix(c), c->me.number,
				&info, err) == -1)
		return -1;
	ours = info.vouched && info.trailers.computer == c->me.number;
	if (ours)
		memcpy(c->marks.all_start, oid, OID_HEX);
	commit_info_release(&info);
	return 0;
}

/* Is there a commit of ours below the tip, on our own branch, or below SEEN? */
static int has_own(struct cycle *c, const char *seen, bool *out,
		   struct error *err)
{
	struct commit_info own = { 0 };
	int rc = own_newest(c, &own, err);

	if (rc == 0 && !own.vouched) {
		commit_info_release(&own);
		rc = newest_of(c, seen, c->me.number, &own, err);
	}
	*out = rc == 0 && own.vouched;
	commit_info_release(&own);
	return rc;
}

/* One that comes back has been a reader of ALL since its first commit, not only
 * since the tip at its new init: what came after the loss waits for it (R29).
 * The branch may have been set back since that init, and know it no more. */
static int come_back_to_all(struct cycle *c, struct error *err)
{
	struct oid seen = { "" };
	bool back;

	if (repo_has(c->repo, c->marks.all_start))
		memcpy(seen.hex, c->marks.all_start, OID_HEX);
	if (has_own(c, seen.hex, &back, err) == -1)
		return -1;
	if (!back)
		return 0;
	c->marks.all_start[0] = '\0';
	if ((c->tip.hex[0] != '\0' &&
	     repo_walk(c->repo, c->tip.hex, "", look_for_own, c, err) == -1) ||
	    (c->own_tip.hex[0] != '\0' &&
	     repo_walk(c->repo, c->own_tip.hex, c->tip.hex, look_for_own, c,
		       err) == -1) ||
	    (seen.hex[0] != '\0' &&
	     repo_walk(c->repo, seen.hex, c->tip.hex, look_for_own, c,
		       err) == -1))
		return -1;
	return record_all_start(c->store, c->marks.all_start, err);
}

static int join(struct cycle *c, struct error *err)
{
	if (come_back_to_all(c, err) == -1 || inbound_join(c, err) == -1)
		return -1;
	return c->tip.hex[0] != '\0' ? hand_join(c, err) : 0;
}

/* Who else makes commits of ours? What is vouched for on the fleet's branch is
 * another question. A first look is that of identity_come_back. */
static int meet_on_own_branch(struct cycle *c, struct error *err)
{
	struct list hide = LIST_INIT;
	char vouched[VOUCH_DIGEST];
	int rc;

	if (!own_branch_moved(c) ||
	    (c->own_last.hex[0] == '\0' && !c->me.accepted))
		return 0;
	memcpy(vouched, c->marks.vouched, sizeof(vouched));
	list_add(&hide, c->own_last.hex);
	list_add(&hide, c->tip.hex);
	rc = repo_walk_some(c->repo, c->own_tip.hex, &hide, 0, meet_own, c, err);
	memcpy(c->marks.vouched, vouched, sizeof(vouched));
	list_release(&hide);
	return rc;
}

/* First who we are, then what others say: what a clone before us had received
 * is not news to this one. */
static int read_commits(struct cycle *c, struct error *err)
{
	const char *read = repo_has(c->repo, c->marks.tip) ? c->marks.tip : "";
	bool kept, new = c->tip.hex[0] != '\0' &&
			 strcmp(c->marks.tip, c->tip.hex) != 0;

	if (check_descent(c, &kept, err) == -1 ||
	    (!kept && (look_up_vouched(c, err) == -1 ||
		       claims_void(c, "the branch went back", err) == -1)))
		return -1;
	if (new && !is_joining(c) &&
	    repo_walk(c->repo, c->tip.hex, read, meet_own, c, err) == -1)
		return -1;
	if (meet_on_own_branch(c, err) == -1)
		return -1;
	if (!c->me.accepted && identity_come_back(c, err) == -1)
		return -1;
	if (!new)
		return 0;
	return is_joining(c) ? join(c, err) : read_since(c, read, kept, err);
}

/* The same for what computers say on branches of their own (radar_take.c). */
static int note_branches(struct cycle *c, struct error *err)
{
	const struct heads *heads = &c->world->remote->heads;

	for (size_t i = 0; i < heads->count; i++) {
		const struct head *head = &heads->item[i];
		int owner = settings_branch_owner(&c->home->settings,
						  head->name);

		if (owner > 0 && owner != c->me.number &&
		    record_branch_looked(c->store, head->name, head->tip.hex,
					 false, "", NULL, 0, err) == -1)
			return -1;
	}
	return 0;
}

/* ALL streams count from the tip at init; if that was out of reach then, from
 * the first tip we see (R31). */
static int settle_all_start(struct cycle *c, struct error *err)
{
	const char *start = c->tip.hex[0] != '\0' ? c->tip.hex : "-";

	if (c->marks.all_start[0] != '\0')
		return 0;
	snprintf(c->marks.all_start, sizeof(c->marks.all_start), "%s", start);
	return record_all_start(c->store, start, err) == -1 ? -1
		: note_branches(c, err);
}

static int note_tip(struct cycle *c, struct error *err)
{
	if (strcmp(c->marks.tip, c->tip.hex) == 0)
		return 0;
	if (record_tip(c->store, c->tip.hex, c->marks.vouched, err) == -1)
		return -1;
	snprintf(c->marks.tip, sizeof(c->marks.tip), "%s", c->tip.hex);
	c->moved = true;
	return 0;
}

/* Moved last, so that a rewritten branch is seen until it is logged. */
static int move_tip_ref(struct cycle *c, struct error *err)
{
	if (c->options->dry_run || strcmp(c->last_tip.hex, c->tip.hex) == 0)
		return 0;
	if (repo_ref_set(c->repo, c->tip_ref, c->tip.hex, err) == -1)
		return -1;
	c->last_tip = c->tip;
	c->grew = true;
	cycle_checkpoint(c, "tip ref");
	return 0;
}

int step_receive(struct cycle *c, struct error *err)
{
	if (old_tips_forget(c, err) == -1)
		return -1;
	if (!c->online)
		return 0;
	if (strcmp(c->marks.tip, c->tip.hex) == 0 && c->me.accepted &&
	    strcmp(c->last_tip.hex, c->tip.hex) == 0 &&
	    strcmp(c->known.hex, c->tip.hex) == 0 && !own_branch_moved(c))
		return 0;
	if (cycle_begin(c, err) == -1 || settle_all_start(c, err) == -1 ||
	    read_commits(c, err) == -1 || old_tips_review(c, err) == -1 ||
	    (c->tip.hex[0] != '\0' && hand_report_waiting(c, err) == -1) ||
	    note_tip(c, err) == -1 ||
	    identity_skip_numbers(c, err) == -1 ||
	    send_anew(c, err) == -1 || claims_settle(c, err) == -1)
		return -1;
	cycle_checkpoint(c, "receive");
	if (cycle_end(c, err) == -1)
		return -1;
	return move_tip_ref(c, err) == -1 ? -1 : own_branch_note(c, err);
}
