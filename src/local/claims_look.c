/*
 * What is known of a claim comes to this (claims.h): ours, another computer's, or
 * nobody's. claims.c changes it.
 */
#include "trine/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

static void stand_here(const struct own_claim *own, const struct lease_clock *clock,
		       struct claim_standing *out)
{
	out->session = own->session;
	memcpy(out->by, own->claim.by, sizeof(out->by));
	out->token = own->held;
	out->state = CLAIM_TENTATIVE;
	if (own->held == 0)
		return;
	out->left = lease_left(clock, own->claim.lease, own->from, own->from_boot);
	out->state = out->left > 0 ? CLAIM_HELD : CLAIM_OVER;
}

static void stand_elsewhere(const struct rival *r, const struct lease_clock *clock,
			    struct claim_standing *out)
{
	int64_t age = lease_age(clock, r->seen, r->boot) / 1000;

	out->state = CLAIM_ELSEWHERE;
	out->token = r->claim.generation;
	out->computer = r->computer;
	memcpy(out->by, r->claim.by, sizeof(out->by));
	out->left = age < r->claim.lease ? r->claim.lease - age : 0;
}

/* What all that is known of NAME comes to; OWN may be NULL. */
static void stand(const char *name, const struct own_claim *own,
		  const struct rival *rival, size_t rivals,
		  const struct lease_clock *clock, struct claim_standing *out)
{
	const struct rival *taken = claim_taken(rival, rivals, name, clock);

	*out = (struct claim_standing){ .state = CLAIM_FREE };
	if (own != NULL && own->held != 0 && !own_claim_passed(own))
		stand_here(own, clock, out);
	else if (taken != NULL)
		stand_elsewhere(taken, clock, out);
	else if (own != NULL && own->held == 0)
		stand_here(own, clock, out);
}

int claims_look(struct home *h, const char *name, struct claim_standing *out,
		struct error *err)
{
	struct rival *rival = NULL;
	struct lease_clock clock;
	struct own_claim own;
	size_t rivals = 0;
	bool found;

	*out = (struct claim_standing){ .state = CLAIM_FREE };
	store_lease_clock(h->store, &clock);
	if (view_claim(h->store, name, &own, &found, err) == -1 ||
	    view_rivals(h->store, &rival, &rivals, err) == -1)
		return -1;
	stand(name, found ? &own : NULL, rival, rivals, &clock, out);
	free(rival);
	return 0;
}

/* ---- all of them ---- */

void claim_list_release(struct claim_list *l)
{
	free(l->item);
	*l = (struct claim_list){ 0 };
}

const struct claim_standing *claim_list_find(const struct claim_list *l,
					     const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->item[i].name, name) == 0)
			return &l->item[i].is;
	return NULL;
}

const struct claim_standing *claim_list_task(const struct claim_list *l,
					     const char *id)
{
	char name[CLAIM_NAME];

	claim_task_name(id, name);
	return claim_list_find(l, name);
}

static void add_row(struct claim_list *l, const char *name,
		    const struct own_claim *own, const struct rival *rival,
		    size_t rivals, const struct lease_clock *clock)
{
	struct claim_row row;

	stand(name, own, rival, rivals, clock, &row.is);
	if (row.is.state == CLAIM_FREE || claim_list_find(l, name) != NULL)
		return;
	snprintf(row.name, sizeof(row.name), "%s", name);
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = row;
}

static int by_name(const void *a, const void *b)
{
	const struct claim_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Our own first: of a name that others want, too, both count. */
int claims_list(struct home *h, struct claim_list *out, struct error *err)
{
	struct own_claim_list own = { 0 };
	struct rival *rival = NULL;
	struct lease_clock clock;
	size_t rivals = 0;
	int rc = -1;

	*out = (struct claim_list){ 0 };
	store_lease_clock(h->store, &clock);
	if (view_claims(h->store, &own, err) == -1 ||
	    view_rivals(h->store, &rival, &rivals, err) == -1)
		goto out;
	for (size_t i = 0; i < own.count; i++)
		add_row(out, own.item[i].claim.name, &own.item[i], rival, rivals,
			&clock);
	for (size_t i = 0; i < rivals; i++)
		add_row(out, rival[i].claim.name, NULL, rival, rivals, &clock);
	if (out->count > 0)
		qsort(out->item, out->count, sizeof(*out->item), by_name);
	rc = 0;
out:
	own_claim_list_release(&own);
	free(rival);
	return rc;
}

static int refuse_standing(const char *name, const struct claim_standing *s,
			   uint64_t token, struct error *err)
{
	const char *what = claim_subject(name);

	switch (s->state) {
	case CLAIM_ELSEWHERE:
		return error_set(err, ERR_NO, "%s is claimed by computer %d%s%s%s, "
				 "token %llu", what, s->computer,
				 s->by[0] ? " (" : "", s->by, s->by[0] ? ")" : "",
				 (unsigned long long)s->token);
	case CLAIM_TENTATIVE:
		return error_set(err, ERR_AGAIN, "%s is claimed tentatively: no "
				 "computer has confirmed it. No work on it before "
				 "`trine sync` got through and `trine %s list` says "
				 "that it is held", what,
				 claim_task(name) != NULL ? "task" : "lock");
	case CLAIM_OVER:
		return error_set(err, ERR_AGAIN, "the lease on %s ran out while "
				 "nothing got through; the next `trine sync` tells "
				 "whether somebody took it", what);
	case CLAIM_HELD:
		return error_set(err, ERR_NO, "token %llu is over: %s is held with "
				 "token %llu", (unsigned long long)token, what,
				 (unsigned long long)s->token);
	case CLAIM_FREE:
		break;
	}
	return error_set(err, ERR_NO, "nobody here has claimed %s in the whole fleet",
			 what);
}

int claims_judge(const char *name, const struct claim_standing *s, uint64_t token,
		 struct error *err)
{
	struct claim_standing now = *s;

	if (now.state == CLAIM_HELD && (token == 0 || token == now.token))
		return 0;
	if (now.state == CLAIM_OVER && token != 0 && token != now.token)
		now.state = CLAIM_HELD;
	return refuse_standing(name, &now, token, err);
}

int claims_check(struct home *h, const char *name, uint64_t token, struct error *err)
{
	struct claim_standing s;

	return claims_look(h, name, &s, err) == -1 ? -1 :
	       claims_judge(name, &s, token, err);
}
