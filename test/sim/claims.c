/*
 * Claims in the whole fleet (sim.h): computers want something, give it back, forget
 * to, start again, wait for others; and at every moment of the world each is asked
 * what it holds.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/mem.h"

enum { LEASE_MOST = 1200 };

enum { LOCKS = 2 };		/* tasks come behind them (one.c) */

void claims_new(struct world *w)
{
	list_add(&w->claimed, "lock/A");
	list_add(&w->claimed, "lock/B");
}

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
	for (size_t i = 0; i < w->claimed.count && w->claims && w->broken == NULL; i++)
		if (i < LOCKS || strcmp(claim_subject(w->claimed.item[i]), w->one) == 0)
			watch(w, w->claimed.item[i]);
	one_watch(w);
}

/* --- acts --- */

static void want(struct world *w, struct machine *m, const char *name)
{
	static const int64_t leases[] = { 0, CLAIM_LEASE_LEAST, LEASE_MOST };
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
	long generation;

	if (!wants(w, m, name))
		return;
	tell(w, "on %d: give back %s", m->number, name);
	if (claims_give_back(m->home, name, "", &err) == -1)
		broken(w, "computer %d cannot give back %s: %s", m->number, name,
		       err.text);
	expect(w, ASKED_R35, !holds(w, m, name, &generation), "computer %d has given "
	       "back %s, and holds it", m->number, name);
}

static const char *any_name(struct world *w)
{
	return w->claimed.item[any_below(w, LOCKS)];
}

static void claim(struct world *w)
{
	want(w, any_machine(w), any_name(w));
}

static void unclaim(struct world *w)
{
	const char *name = any_name(w);

	for (int i = 0; i < w->machines; i++)
		if (one_in(w, 2))
			give_back(w, &w->machine[i], name);
}

static void start_again(struct world *w, struct machine *m)
{
	tell(w, "computer %d starts again", m->number);
	machine_close(m);
	machine_boot(w, m);
	machine_open(w, m);
	claims_watch(w);
}

static void start_one_again(struct world *w)
{
	start_again(w, any_machine(w));
}

/* --- cycles that take their time --- */

static void sync_in_it(struct world *w, struct machine *m)
{
	struct machine *other = another_machine(w, m);

	if (other == NULL || one_in(w, 3))
		return;
	tell(w, "  in it: sync %d", other->number);
	sync_now(w, other);
}

static void most_sync_in_it(struct world *w, struct machine *m)
{
	for (int i = 0; i < w->machines; i++) {
		struct machine *other = &w->machine[i];

		if (!other->alive || other->number == m->number || one_in(w, 4))
			continue;
		tell(w, "  in it: sync %d", other->number);
		sync_now(w, other);
	}
}

static void time_goes_by(struct world *w, struct machine *m)
{
	int seconds = any_below(w, CLAIM_LEASE);

	tell(w, "  before its push: %d s, in which it stands still", seconds);
	if (one_in(w, 2))
		sync_in_it(w, m);
	w->time += seconds;
	sync_in_it(w, m);
}

/* All others may know what it pushed, and wait for the end of that, before it does. */
static void answer_takes_long(struct world *w, struct machine *m)
{
	int seconds = any_below(w, CLAIM_LEASE);
	const char *wrong;

	check_time(w->check, w->time);
	wrong = check_step(w->check);
	if (wrong != NULL)
		broken(w, "before the answer to computer %d: %s", m->number, wrong);
	tell(w, "  before the answer to its push: %d s", seconds);
	most_sync_in_it(w, m);
	w->time += seconds;
}

static void sync_slowly_on(struct world *w, struct machine *m)
{
	struct cycle_plan plan = { .meanwhile = time_goes_by };

	if (one_in(w, 2)) {
		plan.meanwhile = answer_takes_long;
		plan.at = "push";
	}
	tell(w, "sync %d", m->number);
	run_cycle(w, m, &plan);
}

static void sync_slowly(struct world *w)
{
	sync_slowly_on(w, any_machine(w));
}

/* --- waiting for somebody else --- */

/* Whoever holds NAME; NULL: nobody. */
static struct machine *holder_of(struct world *w, const char *name)
{
	long generation;

	for (int i = 0; i < w->machines; i++)
		if (holds(w, &w->machine[i], name, &generation))
			return &w->machine[i];
	return NULL;
}

/* Somebody does, or tries to; NULL: in vain. */
static struct machine *some_holder(struct world *w, const char *name)
{
	struct machine *m = holder_of(w, name);

	if (m != NULL)
		return m;
	m = any_machine(w);
	want(w, m, name);
	if (!one_in(w, 3))
		sync_slowly_on(w, m);
	else
		sync_now(w, m);
	return holder_of(w, name);
}

/* Until its lease is over for all others, or M is about to have had it, or not yet; or
 * the clock of whoever waits is set ahead by that. */
static void wait_for(struct world *w, struct machine *m, struct machine *other,
		     const char *name)
{
	struct claim_standing s;
	int end;

	look(w, m, name, &s);
	end = (int)s.left + CLAIM_MARGIN;
	if (one_in(w, 4)) {
		other->clock.stopped = 0;
		other->clock.skew += end;
		tell(w, "the clock of computer %d is set %d s ahead", other->number,
		     end);
		return;
	}
	end = one_in(w, 3) ? LEASE_MOST + CLAIM_MARGIN + any_below(w, 60) :
	      one_in(w, 3) ? any_below(w, end + 40) :
	      (int)s.left + any_below(w, 200) - 100;
	if (end < 0)
		end = 0;
	tell(w, "all wait %d s for the lease on %s", end, name);
	w->time += end;
}

/* Somebody else wants it, and is there when the lease ends, more or less; and the one
 * who had it comes back. */
static void outwait(struct world *w)
{
	const char *name = any_name(w);
	struct machine *m = some_holder(w, name), *other;

	other = m != NULL ? another_machine(w, m) : NULL;
	if (other == NULL)
		return;
	want(w, other, name);
	sync_now(w, other);
	wait_for(w, m, other, name);
	claims_watch(w);
	sync_now(w, other);
	if (one_in(w, 3)) {
		give_back(w, other, name);
		sync_now(w, other);
	}
	if (one_in(w, 2))
		start_again(w, m);
	if (one_in(w, 2))
		sync_now(w, m);
}

/* Its status does not say so any more; but it was not its computer that wrote that, and
 * nobody else has it (R36). */
static void disclaim(struct world *w)
{
	const char *name = any_name(w);
	struct machine *m = some_holder(w, name), *other;

	other = m != NULL ? another_machine(w, m) : NULL;
	if (other == NULL)
		return;
	web_disclaim(w, m->number);
	want(w, other, name);
	sync_now(w, other);
	if (one_in(w, 2))
		sync_now(w, m);
}

void claims_come_back(struct world *w, struct machine *m)
{
	for (size_t i = 0; i < w->claimed.count; i++)
		w->claims |= wants(w, m, w->claimed.item[i]);
}

const struct act_kind claim_acts[] = {
	{ "claim", 14, claim },
	{ "unclaim", 8, unclaim },
	{ "outwait", 4, outwait },
	{ "disclaim", 2, disclaim },
	{ "sync-slowly", 3, sync_slowly },
	{ "start-again", 2, start_one_again },
	{ NULL, 0, NULL }
};

/* --- at rest --- */

bool claims_all_held(struct world *w)
{
	for (size_t i = 0; i < w->claimed.count && w->claims; i++) {
		bool wanted = false;

		for (int k = 0; k < w->machines; k++)
			wanted |= wants(w, &w->machine[k], w->claimed.item[i]);
		if (wanted && holder_of(w, w->claimed.item[i]) == NULL)
			return false;
	}
	return true;
}

void claims_all_back(struct world *w)
{
	for (size_t i = 0; i < w->claimed.count && w->claims; i++)
		for (int k = 0; k < w->machines; k++)
			give_back(w, &w->machine[k], w->claimed.item[i]);
}

/* It keeps what it had to the end of the lease, as the others see it. */
static bool has_left(struct world *w, int computer)
{
	for (int k = 0; k < w->machines; k++)
		if (w->machine[k].alive && w->machine[k].number == computer)
			return false;
	return true;
}

void claims_expect_none(struct world *w)
{
	struct claim_standing s;

	for (size_t i = 0; i < w->claimed.count && w->claims; i++)
		for (int k = 0; k < w->machines; k++)
			if (look(w, &w->machine[k], w->claimed.item[i], &s))
				expect(w, ASKED_R35, s.state == CLAIM_FREE ||
				       (s.state == CLAIM_ELSEWHERE &&
					has_left(w, s.computer)), "%s was given back, "
				       "and computer %d says otherwise",
				       w->claimed.item[i], w->machine[k].number);
	w->claims = false;
}
