/*
 * Do two globs meet (names.h)? Two reservations clash if there is a path that both
 * match. Not by trying names: both patterns are read at once, as two automata that
 * take the same letters.
 *
 * A state of one pattern is a place in it, and how far it is with a `**` there. Pairs
 * of states that can be reached are marked, so the work is bounded by their number,
 * whatever the patterns are.
 */
#include "trine/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* How far a pattern is at its place. */
enum phase {
	FRESH,		/* the next letter is for what stands there */
	WITHIN,		/* in a folder that `**` + slash passes over */
	BEHIND,		/* `**` at the end has had a letter */
	PHASES
};

struct place {
	size_t at;
	enum phase phase;
};

/* Any letter that neither pattern has will do for it: they only tell `/` apart. */
#define OTHER '\x01'

static bool any_depth(const char *glob, size_t at)
{
	return (at == 0 || glob[at - 1] == '/') && glob[at] == '*' &&
	       glob[at + 1] == '*' &&
	       (glob[at + 2] == '/' || glob[at + 2] == '\0');
}

static bool accepts(const char *glob, struct place p)
{
	if (p.phase == BEHIND)
		return true;
	return p.phase == FRESH && glob[p.at] == '\0';
}

/* Where P can be without a letter: behind a `*`, or `**` and its slash, that match
 * nothing. False: nowhere. */
static bool skip(const char *glob, struct place p, struct place *out)
{
	if (p.phase != FRESH || glob[p.at] != '*')
		return false;
	if (any_depth(glob, p.at) && glob[p.at + 2] == '\0')
		return false;
	*out = (struct place){ p.at + (any_depth(glob, p.at) ? 3 : 1), FRESH };
	return true;
}

/* Where LETTER leads from P; false: nowhere. */
static bool take(const char *glob, struct place p, char letter,
		 struct place *out)
{
	bool slash = letter == '/';

	*out = p;
	if (p.phase == BEHIND)
		return true;
	if (p.phase == WITHIN || (any_depth(glob, p.at) && glob[p.at + 2] == '/')) {
		/* in front of it is a slash, or nothing: no other comes */
		assert(!slash || p.phase == WITHIN);
		out->phase = slash ? FRESH : WITHIN;
		return true;
	}
	if (any_depth(glob, p.at)) {
		out->phase = BEHIND;
		return true;
	}
	if (glob[p.at] == '*')
		return !slash;
	if (glob[p.at] == '\0' ||
	    (glob[p.at] == '?' ? slash : glob[p.at] != letter))
		return false;
	out->at++;
	return true;
}

struct meeting {
	const char *a, *b;
	size_t width;		/* states of b */
	unsigned char *seen;	/* a bit for each pair, and whether a slash was last */
	struct pair {
		struct place a, b;
		bool slash;
	} *todo;
	size_t count, cap;
};

static void reach(struct meeting *m, struct place a, struct place b, bool slash)
{
	size_t state = ((a.at * PHASES + a.phase) * m->width +
			(b.at * PHASES + b.phase)) * 2 + slash;

	if (m->seen[state / 8] & (1u << state % 8))
		return;
	m->seen[state / 8] |= (unsigned char)(1u << state % 8);
	ARRAY_GROW(m->todo, m->count, m->cap);
	m->todo[m->count++] = (struct pair){ a, b, slash };
}

static void try_letter(struct meeting *m, const struct pair *p, char letter)
{
	struct place a, b;

	/* a path has no slash at its start, and none behind another */
	if ((letter == '/' && p->slash) || !take(m->a, p->a, letter, &a) ||
	    !take(m->b, p->b, letter, &b))
		return;
	reach(m, a, b, letter == '/');
}

/* The letter that stands there, or any. */
static char wanted(const char *glob, struct place p)
{
	if (p.phase != FRESH || glob[p.at] == '*' || glob[p.at] == '?' ||
	    glob[p.at] == '\0')
		return OTHER;
	return glob[p.at];
}

static void go_on(struct meeting *m, struct pair p)
{
	struct place next;

	if (skip(m->a, p.a, &next))
		reach(m, next, p.b, p.slash);
	if (skip(m->b, p.b, &next))
		reach(m, p.a, next, p.slash);
	try_letter(m, &p, '/');
	try_letter(m, &p, wanted(m->a, p.a));
	try_letter(m, &p, wanted(m->b, p.b));
}

bool path_globs_meet(const char *a, const char *b)
{
	size_t states = (strlen(a) + 1) * PHASES, width = (strlen(b) + 1) * PHASES;
	struct meeting m = { .a = a, .b = b, .width = width };
	const struct place start = { 0, FRESH };
	bool meet = false;

	m.seen = xcalloc(states * width * 2 / 8 + 1, 1);
	reach(&m, start, start, true);
	while (m.count > 0 && !meet) {
		struct pair p = m.todo[--m.count];

		meet = !p.slash && accepts(a, p.a) && accepts(b, p.b);
		go_on(&m, p);
	}
	free(m.todo);
	free(m.seen);
	return meet;
}
