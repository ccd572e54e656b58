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
	MUTANT_RECORD, MUTANT_PUSH, MUTANT_DESK, MUTANT_NUMBER, MUTANT_REF,
	MUTANT_RAW_TIP, MUTANT_VERSIONS, MUTANT_INTENT, MUTANT_TRAILERS,
	MUTANT_REUSED, MUTANT_LINES, MUTANT_GUARD, MUTANT_UNION, MUTANT_BUFFER,
	MUTANT_COPIES, MUTANT_BACK, MUTANT_FORCE, MUTANTS
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

/* MUTANT_NONE: no such name. */
enum mutant mutant_named(const char *name);

#endif
