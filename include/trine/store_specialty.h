/*
 * How well texts match specialties: a full-text index of these in memory, and bm25
 * (SQLite's FTS5); where SQLite has none, words that both have (routing_overlap).
 */
#ifndef TRINE_STORE_SPECIALTY_H
#define TRINE_STORE_SPECIALTY_H

#include <stddef.h>

#include "trine/buf.h"
#include "trine/error.h"

struct specialties;

/* SPECIALTY has COUNT, of which any may be NULL; they are copied. Close what was opened,
 * NULL too. */
int specialties_open(struct specialties **out, const char *const *specialty,
		     size_t count, struct error *err);
void specialties_close(struct specialties *s);

struct specialty_match {
	double score;		/* the more, the better; 0: not at all */
	char *words;		/* of the specialty that match, "code, login"; or NULL */
};
/* Fill all COUNT of OUT; TEXT is data, whatever it looks like. Free them. */
int specialties_match(struct specialties *s, struct span text,
		      struct specialty_match *out, struct error *err);
void specialty_matches_release(struct specialty_match *m, size_t count);

#endif
