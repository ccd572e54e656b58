/*
 * Events of claims in the whole fleet, applied to the view (apply.c lists them), and
 * what a peer's status says of its own.
 */
#include "store.h"

#define FIELD(e, key) TEXT(get_text((e)->json, (key)))
#define FIELD_NUMBER(e, key) NUMBER(get_number((e)->json, (key)))

int apply_claim_wanted(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_CLAIM_SET,
			 BINDS(FIELD(e, "name"), FIELD_NUMBER(e, "lease"),
			       FIELD(e, "by"), FIELD_NUMBER(e, "session"),
			       FIELD_NUMBER(e, "pid"), FIELD_NUMBER(e, "born"),
			       FIELD(e, "boot"), NUMBER(e->time)), err);
}

/* Of one that leaps nothing is known but that somebody said it. */
static int raise_generation(struct store *s, enum statement which,
			    const struct field *said, struct error *err)
{
	return query_run(s, which, BINDS(NUMBER(get_number(said, "generation")),
					 NUMBER(CLAIM_LEAP)), err);
}

int apply_claim_offered(struct store *s, const struct event *e, struct error *err)
{
	if (raise_generation(s, SQL_GENERATION_TAKEN, e->json, err) == -1)
		return -1;
	return query_run(s, SQL_CLAIM_OFFERED,
			 BINDS(FIELD(e, "name"), FIELD_NUMBER(e, "generation"),
			       FIELD_NUMBER(e, "beat"), FIELD(e, "commit"),
			       FIELD_NUMBER(e, "steady"), FIELD(e, "boot")), err);
}

int apply_claim_held(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_CLAIM_HELD, BINDS(FIELD(e, "name")), err);
}

int apply_claim_released(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_CLAIM_REMOVE, BINDS(FIELD(e, "name")), err);
}

int apply_claim_lost(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, get_flag(e->json, "again") ? SQL_CLAIM_VOID
						       : SQL_CLAIM_REMOVE,
			 BINDS(FIELD(e, "name")), err);
}

int apply_claim_found(struct store *s, const struct event *e, struct error *err)
{
	return raise_generation(s, SQL_GENERATION_TAKEN, e->json, err);
}

/* ---- of peers ---- */

static int set_rival(struct store *s, const struct event *e, int64_t computer,
		     const struct field *claim, struct error *err)
{
	int64_t generation = get_number(claim, "generation");

	if (raise_generation(s, SQL_GENERATION_SEEN, claim, err) == -1 ||
	    query_run(s, SQL_CLAIM_PASSED,
		      BINDS(TEXT(claim->key), NUMBER(generation),
			    NUMBER(computer)), err) == -1)
		return -1;
	return query_run(s, SQL_RIVAL_SET,
			 BINDS(NUMBER(computer), TEXT(claim->key),
			       NUMBER(generation),
			       NUMBER(get_number(claim, "beat")),
			       NUMBER(get_number(claim, "lease")),
			       TEXT(get_text(claim, "by")),
			       FIELD_NUMBER(e, "steady"), FIELD(e, "boot"),
			       NUMBER(e->seq)), err);
}

int set_rivals(struct store *s, const struct event *e, int64_t computer,
	       struct error *err)
{
	const struct field *claims = get_object(e->json, "claims");

	if (raise_generation(s, SQL_GENERATION_SEEN, e->json, err) == -1)
		return -1;
	FOR_FIELDS(claims, claim)
		if (set_rival(s, e, computer, claim, err) == -1)
			return -1;
	return query_run(s, SQL_RIVALS_GONE,
			 BINDS(NUMBER(computer), NUMBER(e->seq)), err);
}
