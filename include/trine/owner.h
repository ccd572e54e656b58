/*
 * Who owns which path: the built-in rules of design section 4, then those of
 * fleet.yaml in their order; the first that matches decides. Pure.
 */
#ifndef TRINE_OWNER_H
#define TRINE_OWNER_H

#include "trine/fleet.h"
#include "trine/names.h"

enum owner_kind {
	OWNER_COMPUTER,		/* status, streams, archive: our log is the truth */
	OWNER_RULE,		/* a computer, by fleet.yaml: its desk is the truth */
	OWNER_CONFLICTS,	/* conflicts/N: N adds, anyone deletes */
	OWNER_SHARED		/* merged; HUMAN_TO_Y by line */
};

struct owner {
	enum owner_kind kind;
	int computer;		/* of all kinds but OWNER_SHARED */
};

/* RULES may be NULL: built-in rules only. */
struct owner owner_of(const char *path, const struct fleet *rules);

/* Does a built-in rule give it to COMPUTER, whose log is then its truth? */
bool owner_built_in(struct owner owner, int computer);
/* Does a rule of fleet.yaml give it to COMPUTER, whose desk is then its truth? */
bool owner_by_rule(struct owner owner, int computer);

#endif
