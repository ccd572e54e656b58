/*
 * Keeping the repository small, in what is left of a cycle when all else is done
 * (design section 4.4). Under the cycle's lock: the next one sweeps what a
 * killed run left, and must not sweep what a living one needs.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

enum { PACK_AGAIN = 86400 };	/* seconds after a try that took too long */

/* When packing took too long last: the time it costs is wasted, and what waits
 * for the cycle's lock waits in vain. */
static int packed_in_vain(struct cycle *c, int64_t *since, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;

	*since = 0;
	if (view_problems(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(l[i].code, "packing") == 0)
			*since = l[i].since;
	problems_free(l, count);
	return 0;
}

static int note_packing(struct cycle *c, bool done, int64_t seconds,
			struct error *err)
{
	char text[256];

	snprintf(text, sizeof(text), "this computer's repository could not be "
		 "packed within %lld s, and grows; `trine git gc` packs it, while "
		 "no sync runs", (long long)seconds);
	if (cycle_begin(c, err) == -1 ||
	    record_problem_over(c->store, "packing", "repo", err) == -1 ||
	    (!done && record_problem(c->store, "packing", "repo", text,
				     err) == -1))
		return -1;
	return cycle_end(c, err);
}

/* What is left of the cycle for packing, in ms: time to end it stays. */
static int64_t time_to_pack(struct cycle *c)
{
	const struct settings *s = &c->home->settings;
	int64_t spent = c->world->clock->steady(c->world->clock) - c->began;
	int64_t end = s->deadline * 1000 / 8 * 7;

	if (end > s->last_round * 1000)
		end = s->last_round * 1000;
	return end - spent;
}

int pack_repository(struct cycle *c, struct error *err)
{
	int64_t left = time_to_pack(c), since;
	bool done;

	if (!c->grew || c->options->dry_run || left <= 0)
		return 0;
	if (packed_in_vain(c, &since, err) == -1)
		return -1;
	if (since != 0 && since <= c->now && c->now - since < PACK_AGAIN)
		return 0;
	done = repo_pack(c->repo, left);
	return done && since == 0 ? 0 : note_packing(c, done, left / 1000, err);
}
