/*
 * Rules of the protocol, switched off: what proves that the checker would see
 * it. The functions of trine stay as they are; the simulator is linked with
 * stand-ins around some of them (ld --wrap), and a mutant is one that lies.
 */
#ifndef SIM_MUTANTS_H
#define SIM_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

enum mutant {
	MUTANT_NONE,
	MUTANT_REF, MUTANT_RECORD, MUTANT_LAST, MUTANT_UNLOGGED,
	MUTANT_VERSIONS, MUTANT_INTENT, MUTANT_OWN, MUTANT_RAW_TIP,
	MUTANT_SQUASH, MUTANT_TRAILERS, MUTANT_REUSED, MUTANT_ANEW,
	MUTANT_FALLS, MUTANT_LINES, MUTANT_HANDS, MUTANT_GUARD,
	MUTANT_REBUILT, MUTANT_LOOSE, MUTANT_TWICE, MUTANT_ENTRY, MUTANT_PUSH,
	MUTANT_RULES, MUTANT_UNION, MUTANT_BUFFER, MUTANT_BLOCK, MUTANT_TYPING,
	MUTANT_DESK, MUTANT_DAMAGE, MUTANT_DELETED, MUTANT_COPIES,
	MUTANT_MANY, MUTANT_AGAIN, MUTANT_OTHER, MUTANT_AGE, MUTANT_BACK,
	MUTANT_NUMBER, MUTANT_ALL, MUTANT_OLD_TIP, MUTANT_FORCE, MUTANT_LOSER,
	MUTANT_STATUS, MUTANT_VOID, MUTANT_REPLAYED, MUTANT_OFFERED,
	MUTANT_LOWER, MUTANT_GENERATION, MUTANT_WALL, MUTANT_MARGIN,
	MUTANT_AFTER, MUTANT_BOOT, MUTANT_EARLY, MUTANT_BROUGHT, MUTANT_FREED,
	MUTANT_HANDED, MUTANT_TWINS, MUTANT_UNFIT, MUTANT_TAKEN, MUTANT_OVER, MUTANT_THEIRS,
	MUTANT_STATUSES, MUTANT_UNDELETED, MUTANT_UNWRITTEN, MUTANT_FUTURE,
	MUTANT_UNEDITED, MUTANT_MARKS, MUTANT_UNSAID, MUTANT_MISSING, MUTANT_FORMER,
	MUTANT_ALARM, MUTANT_GOES_ON, MUTANT_WELL, MUTANT_CUT,
	MUTANT_WON, MUTANT_START, MUTANT_GONE, MUTANT_LATE, MUTANT_REHANDED,
	MUTANT_HANDS_ON, MUTANT_HANDS_EARLY, MUTANT_UNHANDED, MUTANT_UNREAD,
	MUTANTS
};

struct mutant_kind {
	const char *name;
	const char *rule;	/* of the protocol, or a promise of the design */
	const char *what;
};
extern const struct mutant_kind mutants[MUTANTS];

/* The one that is switched on. */
extern enum mutant mutant;
extern struct world *mutant_world;
static inline bool broken_by(enum mutant m) { return mutant == m; }

/* Of something that happens all the time, one in so many. */
bool now_and_then(unsigned often);

/* Before a stand-in: what the linker calls it, and what it stands for. */
#define STANDS_FOR(name) __typeof__(name) __real_##name, __wrap_##name

/* MUTANT_NONE: no such name. */
enum mutant mutant_named(const char *name);

#endif
