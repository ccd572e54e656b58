/* What runs went through (covered.h). */
#include "covered.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

const char *const asked_rules[ASKED] = {
	[ASKED_R5] = "R5", [ASKED_R22] = "R22", [ASKED_R23] = "R23",
	[ASKED_R27] = "R27", [ASKED_R30] = "R30", [ASKED_R32] = "R32",
	[ASKED_R35] = "R35", [ASKED_R38] = "R38", [ASKED_R39] = "R39",
	[ASKED_REST] = "promise 4", [ASKED_SAID] = "promise 5",
};

static void count_kills(struct covered *c, const char *name, uint32_t at,
			uint64_t kills)
{
	struct covered_point *p;
	size_t i = 0;

	while (i < c->points && (c->point[i].at != at ||
				 strcmp(c->point[i].name, name) != 0))
		i++;
	if (i == COVERED_POINTS)
		i--;
	p = &c->point[i];
	if (i == c->points) {
		snprintf(p->name, sizeof(p->name), "%s", name);
		p->at = at;
		c->points++;
	}
	p->kills += kills;
}

static void count_between(struct covered *c, const char *name, uint64_t times)
{
	size_t i = 0;

	while (i < COVERED_BETWEEN - 1 && c->between[i].name[0] != '\0' &&
	       strcmp(c->between[i].name, name) != 0)
		i++;
	snprintf(c->between[i].name, sizeof(c->between[i].name), "%s", name);
	c->between[i].times += times;
}

void covered_between(struct covered *c, const char *checkpoint)
{
	count_between(c, checkpoint, 1);
}

void covered_act(struct covered *c, const struct act_kind *kind)
{
	for (size_t i = 0; i < COVERED_ACTS && act_number(i) != NULL; i++)
		c->act[i] += act_number(i) == kind;
}

void covered_kill(struct covered *c, const char *name, int at)
{
	count_kills(c, name, (uint32_t)at, 1);
}

void covered_add(struct covered *sum, const struct covered *c)
{
	for (size_t i = 0; i < COVERED_ACTS; i++)
		sum->act[i] += c->act[i];
	for (size_t i = 0; i < COVERED_FAULTS; i++)
		sum->fault[i] += c->fault[i];
	for (size_t i = 0; i < c->points; i++)
		count_kills(sum, c->point[i].name, c->point[i].at,
			    c->point[i].kills);
	sum->late += c->late;
	sum->late_arrived += c->late_arrived;
	sum->late_taken += c->late_taken;
	sum->said += c->said;
	for (size_t i = 0; i < EXCUSES; i++) {
		sum->excused[i] += c->excused[i];
		sum->lost[i] += c->lost[i];
	}
	sum->desks += c->desks;
	sum->desks_not += c->desks_not;
	for (size_t i = 0; i < COVERED_BETWEEN && c->between[i].name[0] != '\0'; i++)
		count_between(sum, c->between[i].name, c->between[i].times);
	for (size_t i = 0; i < CHECK_RULES; i++)
		sum->looked[i] += c->looked[i];
	for (size_t i = 0; i < ASKED; i++)
		sum->asked[i] += c->asked[i];
}

uint64_t covered_kills(const struct covered *c)
{
	uint64_t all = 0;

	for (size_t i = 0; i < c->points; i++)
		all += c->point[i].kills;
	return all;
}

/* --- for people --- */

static void print_acts(const struct covered *c)
{
	printf("acts that did something:\n");
	for (size_t i = 0; i < COVERED_ACTS && act_number(i) != NULL; i++)
		printf("  %-20s %10" PRIu64 "\n", act_number(i)->name, c->act[i]);
}

static void print_faults(const struct covered *c)
{
	printf("cycles whose remote was:\n");
	for (int i = 0; i < REMOTE_FAULTS; i++)
		printf("  %-20s %10" PRIu64 "\n", remote_fault_names[i],
		       c->fault[i]);
	printf("pushes that were late: %" PRIu64 ", %" PRIu64 " arrived, %" PRIu64
	       " were taken\n", c->late, c->late_arrived, c->late_taken);
	printf("desks two cycles after the faults: %" PRIu64 "; %" PRIu64 " of them had "
	       "text that waits, or a person to ask\n", c->desks, c->desks_not);
}

static const char *const excuses[EXCUSES] = {
	[EXCUSE_DISK] = "a lost disk", [EXCUSE_BACKUP] = "a disk of a backup",
	[EXCUSE_TWIN] = "one of two machines", [EXCUSE_BRANCH] = "the branch",
	[EXCUSE_BOTH] = "the branch and a disk", [EXCUSE_LEFT] = "who left",
	[EXCUSE_MERGE] = "a merge of a person's", [EXCUSE_REMOVED] = "who removed it",
};

static void print_excuses(const struct covered *c)
{
	uint64_t all = 0, lost = 0;

	for (size_t i = EXCUSE_NONE + 1; i < EXCUSES; i++) {
		all += c->excused[i];
		lost += c->lost[i];
	}
	printf("messages: %" PRIu64 "; %" PRIu64 " (%" PRIu64 " %%) may have gone before "
	       "anybody had them, and %" PRIu64 " did, with:\n", c->said, all,
	       c->said ? all * 100 / c->said : 0, lost);
	for (size_t i = EXCUSE_NONE + 1; i < EXCUSES; i++)
		printf("  %-22s %8" PRIu64 " %8" PRIu64 "\n", excuses[i], c->excused[i],
		       c->lost[i]);
}

/* Those of one name together, where the first of them stands. */
static void print_point(const struct covered *c, size_t first)
{
	uint64_t kills = 0;
	unsigned places = 0;

	for (size_t i = 0; i < c->points; i++) {
		if (strcmp(c->point[i].name, c->point[first].name) != 0)
			continue;
		if (i < first)
			return;
		kills += c->point[i].kills;
		places++;
	}
	printf("  %-20s %10" PRIu64 "  at %u place%s\n",
	       c->point[first].name, kills, places, places == 1 ? "" : "s");
}

static void print_points(const struct covered *c)
{
	printf("cycles killed at, %zu different points:\n", c->points);
	for (size_t i = 0; i < c->points; i++)
		print_point(c, i);
}

static void print_between(const struct covered *c)
{
	printf("others came between, when a cycle was at:\n");
	for (size_t i = 0; i < COVERED_BETWEEN && c->between[i].name[0] != '\0'; i++)
		printf("  %-20s %10" PRIu64 "\n", c->between[i].name,
		       c->between[i].times);
}

static void print_rule(const char *text)
{
	printf("  %s\n", text);
}

void covered_print(const struct covered *c)
{
	print_acts(c);
	print_faults(c);
	print_excuses(c);
	print_points(c);
	print_between(c);
	printf("looked at by the checker:\n");
	check_report(c->looked, print_rule);
	printf("asked by the world:\n");
	for (size_t i = 0; i < ASKED; i++)
		printf("  %-10s %12" PRIu64 "\n", asked_rules[i], c->asked[i]);
}

static unsigned missed;

static void print_missed(const char *text)
{
	printf("never in all of it: %s\n", text);
	missed++;
}

bool covered_all(const struct covered *c)
{
	missed = 0;
	for (size_t i = 0; i < COVERED_ACTS && act_number(i) != NULL; i++)
		if (c->act[i] == 0)
			print_missed(act_number(i)->name);
	for (int i = 0; i < REMOTE_FAULTS; i++)
		if (c->fault[i] == 0)
			print_missed(remote_fault_names[i]);
	check_report_never(c->looked, print_missed);
	for (size_t i = 0; i < ASKED; i++)
		if (c->asked[i] == 0)
			print_missed(asked_rules[i]);
	return missed == 0;
}
