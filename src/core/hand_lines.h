/*
 * Versions of a file as lines: which of them are new, which are gone. Private
 * to src/core; hand.c reads what they say. Pure.
 */
#ifndef TRINE_HAND_LINES_H
#define TRINE_HAND_LINES_H

#include "trine/hand.h"

struct hand_line {
	struct span raw;	/* with its LF */
	struct span text;	/* without blanks and CR at its end; empty: blank */
	struct span words;	/* and without those before it: what is compared */
	size_t tally;		/* of its words; none of a blank line */
	bool is_new;		/* to whoever remembers what was read before */
	bool is_added;		/* to the parents */
	bool is_gone;
};

/* Words of a line, and how often they stand there. */
struct hand_tally {
	struct span words;
	size_t count;
	size_t left;		/* occurrences still to be marked */
	size_t all, fewest;	/* that other versions have: together, each */
};

struct hand_lines {
	struct hand_line *line;
	size_t count, cap;
	struct hand_tally *tally;	/* sorted by words, without blank lines */
	size_t tallies;
};

void hand_lines_split(struct span bytes, struct hand_lines *out);
void hand_lines_release(struct hand_lines *l);

/* Set is_new and is_added in VERSION, and is_gone in PARENT[0]: a line is gone
 * where it stands less often than in each parent. */
void hand_lines_compare(const struct hand_version *v, struct hand_lines *version,
			struct hand_lines *parent);

#endif
