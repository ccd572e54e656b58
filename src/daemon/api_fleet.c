/*
 * Claims that count in the whole fleet, for the API of tasks and of locks (api.h): what
 * is wanted here goes out with the next cycle, which is rung for; whoever asked waits
 * until it is confirmed, and holds up nobody meanwhile.
 */
#include <stdio.h>

#include "api.h"
#include "trine/claims.h"

/* A cycle is rung for again, if one brought no answer. */
enum { RING_MS = 15 * 1000 };

/* What the call remembers while it waits, beside what was sent: no field can have such
 * a name. */
static const char rang[] = "(rang)";

void fleet_ring(struct call *c)
{
	struct error ignored = ERROR_INIT;

	web_ring(c->web, &ignored);
}

static void ring(struct call *c)
{
	const json_t *before = json_object_get(c->input, rang);
	int64_t now = web_now(c->web);

	if (before != NULL && now - json_integer_value(before) < RING_MS)
		return;
	fleet_ring(c);
	json_object_set_new(c->input, rang, json_integer((json_int_t)now));
}

int fleet_get(struct call *c, const struct claim_wish *wish,
	      struct claim_standing *out, struct error *err)
{
	bool asked = json_object_get(c->input, rang) != NULL;

	if (!asked && claims_want(c->home, wish, err) == -1)
		return -1;
	ring(c);
	if (claims_look(c->home, wish->name, out, err) == -1)
		return -1;
	if (out->state == CLAIM_HELD && out->session == c->by->id)
		return 0;
	if (!c->last && out->state != CLAIM_FREE)
		return API_WAIT;
	if (claims_check(c->home, wish->name, 0, err) == 0)
		error_set(err, ERR_NO, "another session of this computer has it");
	return -1;
}

int fleet_give_back(struct call *c, const char *name, const char *why,
		    struct error *err)
{
	if (claims_give_back(c->home, name, why, err) == -1)
		return -1;
	fleet_ring(c);
	return 0;
}
