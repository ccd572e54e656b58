/*
 * Claims in the whole fleet (sim.h): computers want something, give it back, forget
 * to, start again, wait for others; and at every moment of the world each is asked
 * what it holds. Leases run by the clocks of this process: there are none on files,
 * where cycles are other processes.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/mem.h"

static const char *const names[] = { "lock/A", "lock/B", "lock/C" };

/* --- asking --- */

static bool look(struct world *w, struct machine *m, const char *name,
		 struct claim_standing *out)
{
	struct error err = ERROR_INIT;

	*out = (struct claim_standing){ .state = CLAIM_FREE };
	if (!m->alive || m->home == NULL)
		return false;
	if (claims_look(m->home, name, out, &err) == -1)
		broken(w, "computer %d cannot say who has %s: %s", m->number, name,
		       err.text);
	return true;
}

static bool holds(struct world *w, struct machine *m, const char *name, long *out)
{
	struct claim_standing s;

	if (!look(w, m, name, &s) || s.state != CLAIM_HELD)
		return false;
	*out = (long)s.token;
	return true;
}

static bool wants(struct world *w, struct machine *m, const char *name)
{
	struct error err = ERROR_INIT;
	struct own_claim own;
	bool found = false;

	if (m->alive && m->home != NULL &&
	    view_claim(m->home->store, name, &own, &found, &err) == -1)
		broken(w, "computer %d cannot say what it wants: %s", m->number,
		       err.text);
	return found;
}

static void watch(struct world *w, const char *name)
{
	struct holder holder[MACHINES];
	const char *wrong;
	size_t count = 0;
	long generation;

	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (m->twin < 0 && holds(w, m, name, &generation))
			holder[count++] = (struct holder){
				m->number, generation, m->squashed };
	}
	wrong = check_holders(w->check, name, holder, count);
	if (wrong != NULL)
		broken(w, "%s", wrong);
}

void claims_watch(struct world *w)
{
	for (size_t i = 0; i < ARRAY_LEN(names) && w->claims && w->broken == NULL; i++)
		watch(w, names[i]);
}

/* --- acts --- */

static void want(struct world *w, struct machine *m, const char *name)
{
	static const int64_t leases[] = { 0, CLAIM_LEASE_LEAST, 1200 };
	struct claim_wish wish = { .name = name, .by = "sim",
				   .lease = leases[any_below(w, 3)] };
	struct error err = ERROR_INIT;

	if (m->home == NULL)
		return;
	w->claims = true;
	tell(w, "on %d: want %s, for %lld s", m->number, name,
	     (long long)wish.lease);
	if (claims_want(m->home, &wish, &err) == -1)
		broken(w, "computer %d may not want %s: %s", m->number, name,
		       err.text);
}

static void give_back(struct world *w, struct machine *m, const char *name)
{
	struct error err = ERROR_INIT;

	if (!wants(w, m, name))
		return;
	tell(w, "on %d: give back %s", m->number, name);
	if (claims_give_back(m->home, name, "", &err) == -1)
		broken(w, "computer %d cannot give back %s: %s", m->number, name,
		       err.text);
}

static const char *any_name(struct world *w)
{
	return names[any_below(w, ARRAY_LEN(names))];
}

static void claim(struct world *w)
{
	if (w->tier == TIER_MEMORY)
		want(w, any_machine(w), any_name(w));
}

static void unclaim(struct world *w)
{
	for (int i = 0; i < 3; i++)
		give_back(w, any_machine(w), any_name(w));
}

/* Whoever holds NAME; NULL: nobody. */
static struct machine *holder_of(struct world *w, const char *name)
{
	long generation;

	for (int i = 0; i < w->machines; i++)
		if (holds(w, &w->machine[i], name, &generation))
			return &w->machine[i];
	return NULL;
}

/* Somebody else wants it, and is there just when the lease ends, more or less. */
static void outwait(struct world *w)
{
	const char *name = any_name(w);
	struct machine *m = holder_of(w, name), *other;
	struct claim_standing s;

	other = m != NULL ? another_machine(w, m) : NULL;
	if (other == NULL)
		return;
	want(w, other, name);
	sync_plainly(w, other);
	look(w, m, name, &s);
	tell(w, "all wait until the lease on %s ends", name);
	w->time += s.left + any_below(w, 100);
	claims_watch(w);
	sync_plainly(w, other);
	if (one_in(w, 2))
		sync_plainly(w, m);
	else
		give_back(w, other, name);
}

static void time_goes_by(struct world *w, struct machine *m)
{
	struct machine *other = another_machine(w, m);
	int seconds = any_below(w, 2 * CLAIM_LEASE);

	tell(w, "  before its push: %d s, in which it stands still", seconds);
	w->time += seconds;
	if (other != NULL && one_in(w, 2)) {
		tell(w, "  before its push: sync %d", other->number);
		sync_plainly(w, other);
	}
}

static void sync_slowly(struct world *w)
{
	struct machine *m = any_machine(w);

	if (w->tier != TIER_MEMORY)
		return;
	tell(w, "sync %d", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .meanwhile = time_goes_by });
}

static void start_again(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "computer %d starts again", m->number);
	machine_close(m);
	machine_boot(w, m);
	machine_open(w, m);
}

const struct act_kind claim_acts[] = {
	{ "claim", 8, claim },
	{ "unclaim", 4, unclaim },
	{ "outwait", 3, outwait },
	{ "sync-slowly", 3, sync_slowly },
	{ "start-again", 2, start_again },
	{ NULL, 0, NULL }
};

/* --- at rest --- */

bool claims_all_held(struct world *w)
{
	for (size_t i = 0; i < ARRAY_LEN(names) && w->claims; i++) {
		bool wanted = false;

		for (int k = 0; k < w->machines; k++)
			wanted |= wants(w, &w->machine[k], names[i]);
		if (wanted && holder_of(w, names[i]) == NULL)
			return false;
	}
	return true;
}

void claims_all_back(struct world *w)
{
	for (size_t i = 0; i < ARRAY_LEN(names) && w->claims; i++)
		for (int k = 0; k < w->machines; k++)
			give_back(w, &w->machine[k], names[i]);
}

void claims_expect_none(struct world *w)
{
	struct claim_standing s;

	for (size_t i = 0; i < ARRAY_LEN(names) && w->claims; i++)
		for (int k = 0; k < w->machines; k++)
			if (look(w, &w->machine[k], names[i], &s) &&
			    s.state != CLAIM_FREE)
				broken(w, "R35: %s was given back, and computer %d "
				       "says otherwise", names[i],
				       w->machine[k].number);
	w->claims = false;
}
