/*
 * The line-wise merge of HUMAN_TO_Y.md (resolve.h, protocol R17).
 *
 * Lines are counted, not aligned: from how often each occurs in base, ours and
 * theirs follows how often it stays. The result is theirs in its order, less
 * what we removed, with what we added put behind the line it followed in ours.
 * Sorting is the dearest step, so that 100,000 lines cost no more than their
 * bytes times a logarithm.
 *
 * Blank lines are not counted: they belong to the line below them, so that two
 * paragraphs written at once stay two paragraphs.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/resolve.h"
#include "trine/text.h"

enum { BASE, OURS, THEIRS, SIDES };

static const size_t nothing = SIZE_MAX;

struct token {
	struct span line;	/* not blank; without LF, with all else at its end */
	struct span blanks;	/* the blank lines above it */
	size_t id;		/* equal for equal lines, of all sides */
};

struct side {
	struct token *token;
	size_t count, cap;
	struct span tail;	/* the blank lines below the last one */
	size_t *occurs;		/* by id */
};

/* Slot s is the place before theirs' token s; slot theirs.count is the end. */
struct merge {
	struct side side[SIDES];
	size_t ids;
	size_t *want;		/* by id: occurrences in the result */
	size_t *kept;		/* by id: those of them taken from theirs */
	size_t *first;		/* by id: where its places begin in place[] */
	size_t *place;		/* theirs' index of each kept occurrence */
	bool *drop;		/* by theirs' index */
	bool *common;		/* by theirs' index: ours has it too */
	size_t *run_end;	/* by slot: the slot behind what theirs added */
	size_t *next;		/* by ours' index: the next one in its queue */
	size_t *head[2], *last[2];	/* by slot: queues of what ours added */
	struct span owed;	/* blank lines of a dropped line */
	struct buf *out;
};

static void split(struct span text, struct side *side)
{
	size_t pos = 0, start = 0, blank_from = 0;
	struct span line;

	if (text.len == 0)
		return;
	for (; text_line(text, &pos, &line); start = pos) {
		if (text_is_blank(line))
			continue;
		ARRAY_GROW(side->token, side->count, side->cap);
		side->token[side->count++] = (struct token){
			line, { text.p + blank_from, start - blank_from }, 0
		};
		blank_from = pos;
	}
	side->tail = (struct span){ text.p + blank_from, text.len - blank_from };
}

/* An editor that ends lines otherwise has not changed them: as readers compare
 * them (hand.h), or a line that both sides have would be kept twice. */
static size_t key_len(struct span line)
{
	size_t n = line.len;

	assert(!text_is_blank(line));	/* no token is: this ends within it */
	while (line.p[n - 1] == ' ' || line.p[n - 1] == '\t' ||
	       line.p[n - 1] == '\r')
		n--;
	return n;
}

static int compare(const struct token *a, const struct token *b)
{
	size_t la = key_len(a->line), lb = key_len(b->line);
	int order = memcmp(a->line.p, b->line.p, la < lb ? la : lb);

	return order != 0 ? order : (la > lb) - (la < lb);
}

static int by_line(const void *a, const void *b)
{
	return compare(*(struct token *const *)a, *(struct token *const *)b);
}

/* Equal lines get equal ids, by sorting: a hash could be flooded. */
static void number_lines(struct merge *m)
{
	size_t total = 0, n = 0;
	struct token **all;

	for (int s = 0; s < SIDES; s++)
		total += m->side[s].count;
	all = xcalloc(total + 1, sizeof(*all));
	for (int s = 0; s < SIDES; s++)
		for (size_t i = 0; i < m->side[s].count; i++)
			all[n++] = &m->side[s].token[i];
	qsort(all, total, sizeof(*all), by_line);
	for (size_t i = 0; i < total; i++) {
		if (i == 0 || compare(all[i - 1], all[i]) != 0)
			m->ids++;
		all[i]->id = m->ids - 1;
	}
	free(all);
}

/* What both sides did alike is done once; what they did against each other
 * adds up. */
static size_t merge_count(size_t base, size_t ours, size_t theirs)
{
	if (ours >= base && theirs >= base)
		return ours > theirs ? ours : theirs;
	if (ours <= base && theirs <= base)
		return ours < theirs ? ours : theirs;
	return ours + theirs - base;
}

static void count_occurrences(struct merge *m)
{
	for (int s = 0; s < SIDES; s++) {
		m->side[s].occurs = xcalloc(m->ids + 1, sizeof(size_t));
		for (size_t i = 0; i < m->side[s].count; i++)
			m->side[s].occurs[m->side[s].token[i].id]++;
	}
}

static void count_lines(struct merge *m)
{
	size_t sum = 0, theirs;

	count_occurrences(m);
	m->want = xcalloc(m->ids + 1, sizeof(*m->want));
	m->kept = xcalloc(m->ids + 1, sizeof(*m->kept));
	m->first = xcalloc(m->ids + 1, sizeof(*m->first));
	for (size_t id = 0; id < m->ids; id++) {
		theirs = m->side[THEIRS].occurs[id];
		m->want[id] = merge_count(m->side[BASE].occurs[id],
					  m->side[OURS].occurs[id], theirs);
		m->kept[id] = m->want[id] < theirs ? m->want[id] : theirs;
		m->first[id] = sum;
		sum += m->kept[id];
	}
	m->place = xcalloc(sum + 1, sizeof(*m->place));
}

/* Which lines of theirs stay, and where the runs of lines end that only
 * theirs has. */
static void place_theirs(struct merge *m)
{
	const struct side *theirs = &m->side[THEIRS];
	size_t *seen = xcalloc(m->ids + 1, sizeof(*seen));
	size_t n = theirs->count, id, nth;

	m->drop = xcalloc(n + 1, sizeof(*m->drop));
	m->common = xcalloc(n + 1, sizeof(*m->common));
	m->run_end = xcalloc(n + 1, sizeof(*m->run_end));
	for (size_t i = 0; i < n; i++) {
		id = theirs->token[i].id;
		nth = seen[id]++;
		m->drop[i] = nth >= m->kept[id];
		m->common[i] = !m->drop[i] && nth < m->side[OURS].occurs[id];
		if (!m->drop[i])
			m->place[m->first[id] + nth] = i;
	}
	m->run_end[n] = n;
	for (size_t slot = n; slot-- > 0;)
		m->run_end[slot] = m->common[slot] ? slot :
						     m->run_end[slot + 1];
	free(seen);
}

static void queue(struct merge *m, int which, size_t slot, size_t token)
{
	m->next[token] = nothing;
	if (m->head[which][slot] == nothing)
		m->head[which][slot] = token;
	else
		m->next[m->last[which][slot]] = token;
	m->last[which][slot] = token;
}

static bool indented(const struct token *t)
{
	return t->line.p[0] == ' ' || t->line.p[0] == '\t';
}

/* Indented lines that we added right below a line continue it (the text of a
 * task), so they come before what theirs added there; all else comes behind. */
static void place_ours(struct merge *m)
{
	const struct side *ours = &m->side[OURS];
	size_t *seen = xcalloc(m->ids + 1, sizeof(*seen));
	size_t slot = 0, id, nth;
	bool close = false;

	m->next = xcalloc(ours->count + 1, sizeof(*m->next));
	for (size_t i = 0; i < ours->count; i++) {
		id = ours->token[i].id;
		nth = seen[id]++;
		if (nth < m->kept[id]) {
			slot = m->place[m->first[id] + nth] + 1;
			close = true;
		} else if (nth < m->want[id]) {
			close = close && indented(&ours->token[i]);
			queue(m, close ? 0 : 1,
			      close ? slot : m->run_end[slot], i);
		} else {
			close = false;
		}
	}
	free(seen);
}

static void write_token(struct merge *m, const struct token *t)
{
	struct span blanks = t->blanks.len > 0 ? t->blanks : m->owed;

	buf_add(m->out, blanks.p, blanks.len);
	buf_add(m->out, t->line.p, t->line.len);
	buf_addc(m->out, '\n');
	m->owed.len = 0;
}

static void write_slot(struct merge *m, size_t slot)
{
	for (int which = 0; which < 2; which++)
		for (size_t i = m->head[which][slot]; i != nothing;
		     i = m->next[i])
			write_token(m, &m->side[OURS].token[i]);
}

static void write_merged(struct merge *m)
{
	const struct side *theirs = &m->side[THEIRS];

	for (size_t i = 0; i < theirs->count; i++) {
		write_slot(m, i);
		if (!m->drop[i])
			write_token(m, &theirs->token[i]);
		else if (theirs->token[i].blanks.len > 0)
			m->owed = theirs->token[i].blanks;
	}
	write_slot(m, theirs->count);
	buf_add(m->out, theirs->tail.p, theirs->tail.len);
}

static void merge_release(struct merge *m)
{
	for (int s = 0; s < SIDES; s++) {
		free(m->side[s].token);
		free(m->side[s].occurs);
	}
	for (int which = 0; which < 2; which++) {
		free(m->head[which]);
		free(m->last[which]);
	}
	free(m->want);
	free(m->kept);
	free(m->first);
	free(m->place);
	free(m->drop);
	free(m->common);
	free(m->run_end);
	free(m->next);
}

static void merge_all(struct merge *m)
{
	size_t slots = m->side[THEIRS].count + 1;

	for (int which = 0; which < 2; which++) {
		m->head[which] = xcalloc(slots, sizeof(size_t));
		m->last[which] = xcalloc(slots, sizeof(size_t));
		for (size_t s = 0; s < slots; s++)
			m->head[which][s] = nothing;
	}
	number_lines(m);
	count_lines(m);
	place_theirs(m);
	place_ours(m);
	write_merged(m);
}

void resolve_merge_lines(struct span base, struct span ours, struct span theirs,
			 struct buf *out)
{
	struct merge m = { .out = out };

	if (span_equal(base, ours) || span_equal(ours, theirs)) {
		buf_add(out, theirs.p, theirs.len);
		return;
	}
	if (span_equal(base, theirs)) {
		buf_add(out, ours.p, ours.len);
		return;
	}
	split(base, &m.side[BASE]);
	split(ours, &m.side[OURS]);
	split(theirs, &m.side[THEIRS]);
	merge_all(&m);
	merge_release(&m);
}

static size_t between(size_t a, size_t b, size_t n)
{
	size_t low = a < b ? a : b, high = a < b ? b : a;

	return n < low ? low : n > high ? high : n;
}

/* Where the lines stand is of no account to a merge that starts from them. */
static void write_common(struct merge *m)
{
	static const int sides[] = { OURS, BASE };

	m->want = xcalloc(m->ids + 1, sizeof(*m->want));
	for (size_t id = 0; id < m->ids; id++)
		m->want[id] = between(m->side[BASE].occurs[id],
				      m->side[OURS].occurs[id],
				      m->side[THEIRS].occurs[id]);
	for (size_t s = 0; s < ARRAY_LEN(sides); s++) {
		const struct side *side = &m->side[sides[s]];

		for (size_t i = 0; i < side->count; i++) {
			if (m->want[side->token[i].id] == 0)
				continue;
			m->want[side->token[i].id]--;
			write_token(m, &side->token[i]);
		}
	}
}

void resolve_common_lines(struct span base, struct span ours, struct span theirs,
			  struct buf *out)
{
	struct merge m = { .out = out };

	split(base, &m.side[BASE]);
	split(ours, &m.side[OURS]);
	split(theirs, &m.side[THEIRS]);
	number_lines(&m);
	count_occurrences(&m);
	write_common(&m);
	merge_release(&m);
}
