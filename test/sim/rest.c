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

enum {
	PASSES = 5,
	HEARTBEAT = 1800,	/* seconds: what trine init sets */
	LEAST_PASSES = 3	/* a file from the future waits for two (R20) */
};

static void end_faults(struct world *w)
{
	net_is_back(w);
	twins_end(w);
	names_part(w);
	late_pushes_arrive(w, NULL);
	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (!m->alive)
			continue;
		m->clock.skew = 0;
		m->clock.stopped = 0;
	}
	/* loose text has settled, and what was late is */
	w->time += 2 * 3600;
}

/* What stood typed on a disk that came back was taken in at another time than before,
 * and is another clone's from now on: another text with the same words, as far as any
 * reader can know (R7). */
static void typed_by_another(struct world *w, const struct machine *m)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (!t->waits || t->twice || t->from != m->number)
			continue;
		t->twice = true;
		say_again(w, t);
	}
}

/* A disk from before a takeover takes its own later clone for another machine
 * (R27): a person says that it is none. */
static void answer_doubt(struct world *w, struct machine *m)
{
	struct error err = ERROR_INIT;

	tell(w, "takeover on computer %d", m->number);
	if (home_take_over(m->home, &w->chance, &err) == -1)
		broken(w, "takeover of computer %d: %s", m->number, err.text);
	typed_by_another(w, m);
	m->clones++;
	m->stopped = m->doubtful = false;
}

/* True if somebody has to take over. AFTER (or NULL) looks at each right after its
 * cycle. */
static bool sync_each(struct world *w,
		      void (*after)(struct world *w, struct machine *m))
{
	bool doubt = false;

	for (int i = 0; i < w->machines && w->broken == NULL; i++) {
		struct machine *m = &w->machine[i];

		if (!m->alive)
			continue;
		sync_plainly(w, m);
		if (after != NULL && w->broken == NULL)
			after(w, m);
		if (w->broken == NULL && m->stopped) {
			answer_doubt(w, m);
			doubt = true;
		}
	}
	w->time += 300;
	return doubt;
}

static bool sync_all(struct world *w)
{
	return sync_each(w, NULL);
}

static bool all_taken_in(const struct world *w)
{
	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive && w->machine[i].dirty)
			return false;
	return true;
}

/* Nobody else has synced since: it has on its desk what it has just seen on the tip, its
 * own streams and status too. Not so where text waits there that was dated in the future
 * (R20), or a person has to be asked (R27). */
static void expect_desk(struct world *w, struct machine *m)
{
	const char *wrong;

	w->covered.desks++;
	if (m->dirty || m->stopped) {
		w->covered.desks_not++;
		return;
	}
	wrong = check_desk_of(w->check, m->number);
	expect(w, ASKED_REST, wrong == NULL, "by its second cycle after the faults: %s",
	       wrong);
}

/* Two cycles of each, and all desks are equal, but for answers to the second one; where
 * somebody was late, only each by itself. */
static void equal_after_two(struct world *w)
{
	bool late = sync_all(w) || !all_taken_in(w);
	const char *wrong;

	late |= sync_each(w, expect_desk);
	if (w->broken != NULL || late)
		return;
	wrong = check_desks(w->check);
	expect(w, ASKED_REST, wrong == NULL, "two cycles after the faults: %s", wrong);
}

/* What anybody wants of the fleet, somebody has soon; then nobody wants it. */
static void settle_claims(struct world *w)
{
	/* who left may have it for the whole of its longest lease, as those see it
	 * that have not heard of it since */
	enum { ROUNDS = 6 };

	for (int i = 0; i < ROUNDS && w->broken == NULL && !claims_all_held(w); i++)
		sync_all(w);
	expect(w, ASKED_R38, claims_all_held(w), "what a computer wants of the fleet, "
	       "nobody has %d rounds and two hours later", ROUNDS);
	claims_all_back(w);
}

/* After how many rounds of all the tip stays. */
static unsigned rounds_to_rest(struct world *w)
{
	unsigned moved = 0;

	for (unsigned round = 1; round <= PASSES; round++) {
		struct oid before = branch_tip(w), after;

		sync_all(w);
		after = branch_tip(w);
		if (strcmp(before.hex, after.hex) != 0)
			moved = round;
		if (w->broken != NULL ||
		    (moved < round && round >= LEAST_PASSES))
			return moved;
	}
	broken(w, "the fleet does not come to rest in %d rounds", PASSES);
	return PASSES;
}

/* Where all that took long, the heartbeats are due now, and not in the cycle that must
 * leave nothing. */
static void renew_statuses(struct world *w, int64_t since)
{
	if (w->broken != NULL || w->time - since <= HEARTBEAT)
		return;
	w->time += HEARTBEAT;
	(void)rounds_to_rest(w);
}

/* How much of what was said the checker did not ask for. */
static void count_excused(struct world *w)
{
	for (; w->counted < w->token_count; w->counted++) {
		const struct token *t = &w->token[w->counted];

		if (t->how != SAID_SENT && t->how != SAID_BY_HAND)
			continue;
		w->covered.said++;
		w->covered.excused[t->excuse]++;
		w->covered.lost[t->excuse] += !check_has_come(w->check, t->text);
	}
}

void come_to_rest(struct world *w)
{
	const char *wrong;
	unsigned rounds;
	int64_t since;

	tell(w, "the faults stop, and all sync until nothing changes");
	end_faults(w);
	since = w->time;
	equal_after_two(w);
	settle_claims(w);
	rounds = rounds_to_rest(w);
	renew_statuses(w, since);
	if (rounds > w->most_rounds)
		w->most_rounds = rounds;
	tell(w, "the tip is %.10s", branch_tip(w).hex);
	if (w->broken == NULL && (wrong = check_rest(w->check)) != NULL)
		broken(w, "at rest: %s", wrong);
	count_excused(w);
	if (w->broken == NULL)
		sync_all(w);
	claims_expect_none(w);
	if (w->broken == NULL && (wrong = check_idle(w->check)) != NULL)
		broken(w, "at rest: %s", wrong);
}
