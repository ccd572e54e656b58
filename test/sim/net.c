/*
 * A network that is away for hours (sim.h): some computers are cut off at once, and
 * reached again one by one, in another order. Whatever else they do goes on meanwhile.
 */
#include "sim.h"

static void reach(struct world *w, struct machine *m)
{
	tell(w, "computer %d is reached again", m->number);
	m->cut_off = false;
}

void sync_plainly(struct world *w, struct machine *m)
{
	if (m->cut_off && w->broken == NULL)
		reach(w, m);
	sync_now(w, m);
}

void net_is_back(struct world *w)
{
	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive && w->machine[i].cut_off)
			reach(w, &w->machine[i]);
}

static void cut_off_some(struct world *w)
{
	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (!m->alive || !m->joined || m->cut_off || !one_in(w, 2))
			continue;
		tell(w, "computer %d is cut off", m->number);
		m->cut_off = true;
	}
}

static void reach_one(struct world *w)
{
	struct machine *cut[MACHINES];
	int count = 0;

	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive && w->machine[i].cut_off)
			cut[count++] = &w->machine[i];
	if (count > 0)
		reach(w, cut[any_below(w, count)]);
}

const struct act_kind net_acts[] = {
	{ "cut-off", 2, cut_off_some },
	{ "reach", 4, reach_one },
	{ NULL, 0, NULL }
};
