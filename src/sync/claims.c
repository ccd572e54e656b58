/*
 * Claims in the whole fleet (claim.h) within a cycle. A commit that is about to be
 * pushed carries in our status what this computer claims; each round derives that
 * anew from the tip it stands on (R34), and what the branch is known to have is held
 * (R35).
 *
 * Killed between push and log, the next cycle finds the commit on the tip, and then
 * the log knows since when: claims_log wrote it before the push.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/mem.h"

static void add_offer(struct cycle *c, const struct claim *claim)
{
	ARRAY_GROW(c->offers, c->offer_count, c->offer_cap);
	c->offers[c->offer_count++] = *claim;
}

/* One round: what there is to decide on. */
struct deriving {
	struct cycle *c;
	struct own_claim_list own;
	struct rival *rival;
	size_t rivals;
	struct generations generation;
	bool may_offer;
};

/* On what was read of the tip, and only where a push of ours is a transaction of the
 * fleet's branch. */
static bool may_offer(const struct cycle *c)
{
	return (c->online || c->push_first) && !c->stopped && !c->apart &&
	       !c->options->dry_run && c->me.accepted &&
	       strcmp(c->marks.tip, c->tip.hex) == 0;
}

/* A third of the lease is over, so that two cycles may fail. */
static bool wants_renewal(const struct deriving *d, const struct own_claim *own)
{
	bool waits = own->commit[0] != '\0';

	return lease_left(&d->c->lease, own->claim.lease,
			  waits ? own->asked : own->from,
			  waits ? own->boot : own->from_boot) <
	       own->claim.lease * 2 / 3;
}

/* A commit that offered it, and was put on another tip since, does so no more. */
static bool is_offered(const struct own_claim *own)
{
	return own->held != 0 || own->commit[0] != '\0';
}

static int lose(struct deriving *d, const struct own_claim *own, struct error *err)
{
	char why[80];

	snprintf(why, sizeof(why), "computer %d took it, generation %llu",
		 own->passed_by, (unsigned long long)own->passed);
	cycle_say(d->c, "claim %s: %s", own->claim.name, why);
	return claims_lose(d->c->home, own->claim.name, why, err);
}

/* *OUT is what the status says of OWN; false: nothing. */
static bool derive(struct deriving *d, const struct own_claim *own,
		   struct claim *out)
{
	*out = own->claim;
	if (!is_offered(own)) {
		if (!d->may_offer)
			return false;
		out->generation = ++d->generation.seen;
		out->beat = 1;
		add_offer(d->c, out);
	} else if (d->may_offer && wants_renewal(d, own)) {
		out->beat++;
		add_offer(d->c, out);
	}
	return true;
}

/* What is above the last one no reader takes, and so nothing else of that status. */
static bool has_no_number(const struct deriving *d, const struct own_claim *own)
{
	return d->may_offer && !is_offered(own) &&
	       d->generation.seen >= MESSAGE_SEQ_MAX;
}

static int derive_all(struct deriving *d, struct status *s, struct error *err)
{
	struct claim claim;

	for (size_t i = 0; i < d->own.count; i++) {
		const struct own_claim *own = &d->own.item[i];

		if (own_claim_passed(own)) {
			if (lose(d, own, err) == -1)
				return -1;
		} else if (own->held == 0 &&
			   claim_taken(d->rival, d->rivals, own->claim.name,
				       &d->c->lease) != NULL) {
			continue;	/* it waits */
		} else if (has_no_number(d, own)) {
			if (record_problem(d->c->store, "claims", "generation", "no "
					   "generation is left: nothing can be "
					   "claimed in the whole fleet", err) == -1)
				return -1;
		} else if (s->claim_count < CLAIMS_MOST && derive(d, own, &claim)) {
			status_add_claim(s, &claim);
			if (claim.generation > s->generation)
				s->generation = claim.generation;
		}
	}
	return 0;
}

int claims_derive(struct cycle *c, struct status *s, struct error *err)
{
	struct deriving d = { .c = c, .may_offer = may_offer(c) };
	int rc = -1;

	c->offer_count = 0;
	store_lease_clock(c->store, &c->lease);
	if (view_claims(c->store, &d.own, err) == -1 ||
	    view_rivals(c->store, &d.rival, &d.rivals, err) == -1 ||
	    view_generations(c->store, &d.generation, err) == -1)
		goto out;
	/* Who joins while the status of a holder is not on the tip knows it by others. */
	c->generation_said = d.generation.taken;
	s->generation = d.generation.seen > d.generation.taken ? d.generation.seen
							       : d.generation.taken;
	rc = derive_all(&d, s, err);
out:
	own_claim_list_release(&d.own);
	free(d.rival);
	return rc;
}

int claims_log(struct cycle *c, const char *commit, struct error *err)
{
	for (size_t i = 0; i < c->offer_count; i++)
		if (record_claim_offered(c->store, &c->offers[i], commit,
					 &c->lease, err) == -1)
			return -1;
	c->offer_count = 0;
	return c->generation <= c->generation_said ? 0 :
	       record_claim_generation(c->store, c->generation, err);
}

int claims_settle(struct cycle *c, struct error *err)
{
	struct own_claim_list l;
	int rc = 0;

	if (view_claims_seen(c->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++) {
		cycle_say(c, "claim %s: held, generation %llu", l.item[i].claim.name,
			  (unsigned long long)l.item[i].claim.generation);
		rc = record_claim_held(c->store, l.item[i].claim.name, err);
	}
	own_claim_list_release(&l);
	return rc;
}

int claims_void(struct cycle *c, const char *why, struct error *err)
{
	struct own_claim_list l;
	int rc = 0;

	if (view_claims(c->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (is_offered(&l.item[i]))
			rc = record_claim_lost(c->store, l.item[i].claim.name, true,
					       why, err);
	own_claim_list_release(&l);
	return rc;
}

static uint64_t generation_of(struct span text)
{
	struct error unreadable = ERROR_INIT;
	struct status s = STATUS_INIT;
	uint64_t generation = 0;

	if (status_parse(text, &s, &unreadable) == 0)
		generation = s.generation;
	status_release(&s);
	return generation;
}

/* The status of ours that head has, if all that is new in TEXT is when it was written:
 * a commit for that alone is none. So it is where one gave back what the commit before
 * it claimed, and that one went onto another tip without. */
static int as_below(struct cycle *c, const char *path, struct span text,
		    struct own_file *f, struct error *err)
{
	struct buf below = BUF_INIT;
	struct oid oid;
	bool known;
	int rc = -1;

	if (version_at(c, c->head.hex, path, &oid, err) == -1)
		return -1;
	if (oid.hex[0] == '\0' || !repo_blob_fits(c->repo, oid.hex, LIMIT_FILE))
		return 0;
	if (view_version_known(c->store, path, oid.hex, &known, err) == -1)
		return -1;
	if (!known)
		return 0;	/* a time that somebody else wrote (R11) */
	if (repo_blob_read(c->repo, oid.hex, LIMIT_FILE, &below, err) == 0) {
		if (status_same(span_of(&below), text) &&
		    generation_of(span_of(&below)) >= generation_of(text))
			memcpy(f->oid, oid.hex, sizeof(f->oid));
		rc = 0;
	}
	buf_release(&below);
	return rc;
}

int claims_strip(struct cycle *c, struct own_files *files, bool *changed,
		 struct error *err)
{
	char path[PATH_TEXT];
	struct buf old = BUF_INIT, new = BUF_INIT;
	struct own_file *f = NULL;
	struct oid oid, was;
	int rc = -1;

	*changed = false;
	path_status(c->me.number, path);
	for (size_t i = 0; i < files->count && f == NULL; i++)
		if (strcmp(files->file[i].path, path) == 0)
			f = &files->file[i];
	if (f == NULL || !repo_blob_fits(c->repo, f->oid, LIMIT_FILE))
		return 0;
	if (repo_blob_read(c->repo, f->oid, LIMIT_FILE, &old, err) == -1)
		goto out;
	status_without_claims(&new, span_of(&old));
	memcpy(was.hex, f->oid, sizeof(was.hex));
	if (new.len != old.len) {
		if (repo_blob_write(c->repo, span_of(&new), &oid, err) == -1)
			goto out;
		memcpy(f->oid, oid.hex, sizeof(f->oid));
	}
	rc = as_below(c, path, span_of(&new), f, err);
	*changed = strcmp(f->oid, was.hex) != 0;
out:
	buf_release(&old);
	buf_release(&new);
	return rc;
}
