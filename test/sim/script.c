/*
 * Scripts (sim.h): by chance from a seed, or read from a file, one act a line:
 * its name, and the seed of its own chance in hex.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static const struct act_kind *const tables[] = {
	desk_acts, branch_acts, web_acts, name_acts, net_acts, fault_acts, claim_acts, one_acts,
	count_acts, hand_acts, inbox_acts, early_acts, between_acts,
};

/* So many acts from one rest to the next, the fewer the more often: what needs a long
 * time to go wrong has it, and what is broken is still near to what broke it. */
enum { LEAST_TO_REST = 40, MOST_TO_REST = 1000 };

const struct act_kind *act_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct act_kind *k = tables[i]; k->name; k++)
			if (strcmp(k->name, name) == 0)
				return k;
	return NULL;
}

const struct act_kind *act_number(size_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct act_kind *k = tables[i]; k->name; k++)
			if (number-- == 0)
				return k;
	return NULL;
}

const struct act_kind *act_by_weight(uint64_t number)
{
	unsigned all = 0;

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct act_kind *k = tables[i]; k->name; k++)
			all += k->weight;
	number %= all;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct act_kind *k = tables[i]; k->name; k++) {
			if (number < k->weight)
				return k;
			number -= k->weight;
		}
	abort();
}

void script_add(struct script *s, const struct act_kind *kind, uint64_t seed)
{
	ARRAY_GROW(s->act, s->count, s->cap);
	s->act[s->count++] = (struct act){ kind, seed };
}

static size_t acts_to_rest(struct chance *chance)
{
	uint64_t most = chance_below(chance, MOST_TO_REST - LEAST_TO_REST + 1);

	return LEAST_TO_REST + (size_t)chance_below(chance, most + 1);
}

void script_by_chance(struct script *s, uint64_t seed, size_t acts)
{
	struct chance chance, rests;
	size_t rest;

	chance_seeded(&chance, seed * 2 + 1);
	chance_seeded(&rests, seed * 2);
	rest = acts_to_rest(&rests);
	for (size_t i = 1; i <= acts; i++) {
		const struct act_kind *kind = act_by_weight(chance.next(&chance));
		uint64_t own = chance.next(&chance) & 0xffffffff;

		script_add(s, i == rest ? act_named("rest") : kind, own);
		if (i == rest)
			rest += acts_to_rest(&rests);
	}
}

void script_copy(struct script *to, const struct script *from, size_t first,
		 size_t count)
{
	for (size_t i = first; i < first + count && i < from->count; i++)
		script_add(to, from->act[i].kind, from->act[i].seed);
}

void script_release(struct script *s)
{
	free(s->act);
	*s = (struct script){ 0 };
}

void script_write(const struct script *s, uint64_t seed, int computers,
		  enum tier tier, struct span what, FILE *out)
{
	struct span line;
	size_t pos = 0;

	while (text_line(what, &pos, &line))
		fprintf(out, "# %.*s\n", (int)line.len, line.p);
	fprintf(out, "seed %" PRIu64 "\ncomputers %d\ntier %d\n", seed,
		computers, (int)tier);
	for (size_t i = 0; i < s->count; i++)
		fprintf(out, "%s %08" PRIx64 "\n", s->act[i].kind->name,
			s->act[i].seed);
}

static int read_line(struct script *s, const char *line, uint64_t *seed,
		     int *computers, enum tier *tier)
{
	const struct act_kind *kind;
	uint64_t number;
	char name[32];
	int t;

	if (line[0] == '#' || line[0] == '\n')
		return 0;
	if (sscanf(line, "seed %" SCNu64, seed) == 1 ||
	    sscanf(line, "computers %d", computers) == 1)
		return 0;
	if (sscanf(line, "tier %d", &t) == 1) {
		*tier = (enum tier)t;
		return 0;
	}
	if (sscanf(line, "%31s %" SCNx64, name, &number) != 2 ||
	    (kind = act_named(name)) == NULL)
		return -1;
	script_add(s, kind, number);
	return 0;
}

int script_read(struct script *s, const char *path, uint64_t *seed,
		int *computers, enum tier *tier)
{
	FILE *file = fopen(path, "r");
	char line[256];
	int rc = 0, number = 0;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	while (rc == 0 && fgets(line, sizeof(line), file) != NULL) {
		number++;
		rc = read_line(s, line, seed, computers, tier);
		if (rc == -1)
			fprintf(stderr, "%s:%d: no act: %s", path, number, line);
	}
	fclose(file);
	return rc;
}
