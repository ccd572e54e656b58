/*
 * The faults stop (sim.h): everybody is reached again, clocks are right, one
 * machine is left of two. Then all come to rest, and the checker looks at
 * everything.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"

enum { PASSES = 8 };

static void end_faults(struct world *w)
{
	twins_end(w);
	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (!m->alive)
			continue;
		late_push_arrives(w, m);
		m->clock.skew = 0;
		m->clock.stopped = 0;
	}
	/* loose text has settled, and what was late is */
	w->time += 2 * 3600;
}

static void sync_all(struct world *w)
{
	for (int i = 0; i < w->machines && w->broken == NULL; i++)
		if (w->machine[i].alive)
			sync_plainly(w, &w->machine[i]);
	w->time += 300;
}

/* How many rounds of all until the tip stays. */
static unsigned rounds_to_rest(struct world *w)
{
	for (unsigned round = 1; round <= PASSES; round++) {
		struct oid before = branch_tip(w), after;

		sync_all(w);
		after = branch_tip(w);
		if (w->broken != NULL || strcmp(before.hex, after.hex) == 0)
			return round;
	}
	broken(w, "the fleet does not come to rest in %d rounds", PASSES);
	return PASSES;
}

void come_to_rest(struct world *w)
{
	const char *wrong;
	unsigned rounds;

	tell(w, "the faults stop, and all sync until nothing changes");
	end_faults(w);
	rounds = rounds_to_rest(w);
	if (rounds > w->most_rounds)
		w->most_rounds = rounds;
	if (w->broken == NULL && (wrong = check_rest(w->check)) != NULL)
		broken(w, "at rest: %s", wrong);
	if (w->broken == NULL)
		sync_all(w);
	if (w->broken == NULL && (wrong = check_idle(w->check)) != NULL)
		broken(w, "at rest: %s", wrong);
}
