/*
 * What runs went through: how often each act did something, each fault of the
 * remote, each point where a cycle was killed, each rule that the checker looked
 * at. Plain numbers without pointers, so that the process of a run can leave them
 * to the one that started it.
 *
 *	covered_act(&w->covered, kind);	while it runs
 *	covered_add(&total, &one);	what one run did, to that of all
 *	covered_print(&total);		a table for people
 */
#ifndef SIM_COVERED_H
#define SIM_COVERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"

enum {
	COVERED_ACTS = 96,	/* kinds of acts */
	COVERED_FAULTS = 16,	/* of the remote */
	COVERED_POINTS = 1024,	/* kinds of points; more are counted as one */
	COVERED_BETWEEN = 32	/* checkpoints */
};

struct covered_point {
	char name[28];		/* what the cycle had reached */
	uint32_t at;		/* as its how manyth point */
	uint64_t kills;
};

/* What the world asks of trine, since no log and no branch shows it. */
enum asked {
	ASKED_R5, ASKED_R22, ASKED_R23, ASKED_R27, ASKED_R30, ASKED_R32, ASKED_R35,
	ASKED_R38, ASKED_R39, ASKED_REST, ASKED_SAID, ASKED
};
extern const char *const asked_rules[ASKED];	/* "R5" */

/* Why a message may be lost before all of its readers, or one of them, have it. */
enum excuse {
	EXCUSE_NONE,
	EXCUSE_DISK, EXCUSE_BACKUP, EXCUSE_TWIN, EXCUSE_BRANCH, EXCUSE_BOTH,
	EXCUSE_LEFT, EXCUSE_MERGE, EXCUSE_REMOVED, EXCUSES
};

struct covered_between {
	char name[28];		/* a checkpoint */
	uint64_t times;
};

struct covered {
	uint64_t act[COVERED_ACTS];
	uint64_t fault[COVERED_FAULTS];
	struct covered_point point[COVERED_POINTS];
	size_t points;
	struct covered_between between[COVERED_BETWEEN];
	uint64_t late, late_arrived, late_taken;	/* pushes */
	/* Messages; those of them that have an excuse not to come; and those of these
	 * that nobody got. */
	uint64_t said, excused[EXCUSES], lost[EXCUSES];
	/* Desks two cycles after the faults; and those of them that nobody could look at. */
	uint64_t desks, desks_not;
	uint64_t looked[CHECK_RULES];
	uint64_t asked[ASKED];
};

struct act_kind;
void covered_act(struct covered *c, const struct act_kind *kind);
void covered_kill(struct covered *c, const char *name, int at);
/* Others did something while a cycle stood still at this checkpoint. */
void covered_between(struct covered *c, const char *checkpoint);
void covered_add(struct covered *sum, const struct covered *c);
uint64_t covered_kills(const struct covered *c);
void covered_print(const struct covered *c);
/* What never came: acts, faults of the remote, rules. True: there is none. */
bool covered_all(const struct covered *c);

#endif
