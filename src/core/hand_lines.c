/*
 * Which lines of a version are new, by counting (hand_lines.h). Used by hand.c.
 *
 * Counting says how many of a line are new, not which: where the same line stands
 * there several times, the ones beside other new lines are taken.
 */
#include "hand_lines.h"

#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "trine/mem.h"
#include "trine/text.h"

/* An editor may add a mark, other ends of lines, another indentation: none of
 * it is said by anybody. */
static struct span without_end(struct span line)
{
	text_skip(&line, TEXT_MARK);
	while (line.len > 0 && strchr(" \t\r", line.p[line.len - 1]) != NULL &&
	       line.p[line.len - 1] != '\0')
		line.len--;
	return line;
}

static int compare_words(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.p, b.p, shorter) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

struct place {
	struct span words;
	size_t line;
};

static int by_words(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return compare_words(x->words, y->words);
}

static void count_lines(struct hand_lines *l)
{
	struct place *sorted = xcalloc(l->count + 1, sizeof(*sorted));
	size_t places = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->line[i].text.len > 0)
			sorted[places++] = (struct place){ l->line[i].words, i };
	if (places > 1)
		qsort(sorted, places, sizeof(*sorted), by_words);
	l->tally = xcalloc(places + 1, sizeof(*l->tally));
	for (size_t i = 0; i < places; i++) {
		if (i == 0 || by_words(&sorted[i - 1], &sorted[i]) != 0)
			l->tally[l->tallies++].words = sorted[i].words;
		l->tally[l->tallies - 1].count++;
		l->line[sorted[i].line].tally = l->tallies - 1;
	}
	free(sorted);
}

void hand_lines_split(struct span bytes, struct hand_lines *out)
{
	struct span line;
	size_t pos = 0, start = 0;

	*out = (struct hand_lines){ 0 };
	for (; text_line(bytes, &pos, &line); start = pos) {
		ARRAY_GROW(out->line, out->count, out->cap);
		out->line[out->count++] = (struct hand_line){
			.raw = { bytes.p + start, pos - start },
			.text = without_end(line),
			.words = text_trim(without_end(line)) };
	}
	count_lines(out);
}

void hand_lines_release(struct hand_lines *l)
{
	free(l->line);
	free(l->tally);
	*l = (struct hand_lines){ 0 };
}

/* Of the words of each line of L, how often they stand in OTHER: in all versions asked about
 * together, and in the one that has the fewest. Both are sorted. */
static void count_in(struct hand_lines *l, const struct hand_lines *other,
		     bool first)
{
	size_t j = 0;

	for (size_t i = 0; i < l->tallies; i++) {
		struct hand_tally *t = &l->tally[i];
		size_t n = 0;
		int order = 1;

		while (j < other->tallies &&
		       (order = compare_words(other->tally[j].words,
					      t->words)) < 0)
			j++;
		if (j < other->tallies && order == 0)
			n = other->tally[j].count;
		t->all = first ? n : t->all + n;
		t->fewest = first || n < t->fewest ? n : t->fewest;
	}
}

static bool take_one(struct hand_lines *l, struct hand_line *line)
{
	struct hand_tally *t;

	if (line->is_added || line->text.len == 0)
		return false;
	t = &l->tally[line->tally];
	if (t->left == 0)
		return false;
	t->left--;
	return line->is_added = true;
}

/* Lines all of whose occurrences are added. */
static void mark_certain(struct hand_lines *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct hand_line *line = &l->line[i];
		const struct hand_tally *t = &l->tally[line->tally];

		line->is_added = line->text.len > 0 && t->left == t->count;
	}
	for (size_t i = 0; i < l->tallies; i++)
		if (l->tally[i].left == l->tally[i].count)
			l->tally[i].left = 0;
}

/* A heading is of what stands below it. */
static void mark_beside_added(struct hand_lines *l)
{
	bool beside = false;
	struct span heading;

	for (size_t i = 0; i < l->count; i++)
		if (l->line[i].text.len > 0)
			beside = l->line[i].is_added || (beside &&
				 !markdown_heading(l->line[i].text, &heading) &&
				 take_one(l, &l->line[i]));
	beside = false;
	for (size_t i = l->count; i-- > 0; )
		if (l->line[i].text.len > 0)
			beside = l->line[i].is_added ||
				 (beside && take_one(l, &l->line[i]));
}

/* Whoever merges may keep a line of both sides: then it stands there twice, and
 * nobody has said it again. */
static void mark_added(struct hand_lines *version)
{
	for (size_t i = 0; i < version->tallies; i++) {
		struct hand_tally *t = &version->tally[i];

		t->left = t->count > t->all ? t->count - t->all : 0;
	}
	mark_certain(version);
	mark_beside_added(version);
	/* people write below what is there */
	for (size_t i = version->count; i-- > 0; )
		take_one(version, &version->line[i]);
}

/* Of the added lines, the last so many are new. */
static void mark_new(const struct hand_version *v, struct hand_lines *version)
{
	for (size_t i = 0; i < version->tallies; i++) {
		struct hand_tally *t = &version->tally[i];
		size_t old = t->all;

		if (v->old != NULL && t->count > old)
			old = v->old(v->arg, t->words, t->count, old);
		t->left = t->count > old ? t->count - old : 0;
	}
	for (size_t i = version->count; i-- > 0; ) {
		struct hand_line *line = &version->line[i];
		struct hand_tally *t = &version->tally[line->tally];

		if (line->is_added && t->left > 0) {
			t->left--;
			line->is_new = true;
		}
	}
}

static void mark_gone(const struct hand_lines *version,
		      struct hand_lines *parent, size_t parents)
{
	for (size_t p = 0; p < parents; p++)
		count_in(&parent[0], &parent[p], p == 0);
	for (size_t i = 0; i < parent[0].tallies; i++)
		parent[0].tally[i].left = parent[0].tally[i].fewest;
	count_in(&parent[0], version, true);
	for (size_t i = 0; i < parent[0].tallies; i++) {
		struct hand_tally *t = &parent[0].tally[i];

		t->left = t->left > t->all ? t->left - t->all : 0;
	}
	for (size_t i = parent[0].count; i-- > 0; ) {
		struct hand_line *line = &parent[0].line[i];
		struct hand_tally *t = &parent[0].tally[line->tally];

		if (line->text.len > 0 && t->left > 0) {
			t->left--;
			line->is_gone = true;
		}
	}
}

void hand_lines_compare(const struct hand_version *v, struct hand_lines *version,
			struct hand_lines *parent)
{
	for (size_t p = 0; p < v->parents; p++)
		count_in(version, &parent[p], p == 0);
	mark_added(version);
	mark_new(v, version);
	if (v->parents > 0)
		mark_gone(version, parent, v->parents);
}

int hand_each_line(struct span bytes,
		   int (*each)(void *arg, struct span line, size_t count),
		   void *arg)
{
	struct hand_lines l;
	int rc = 0;

	hand_lines_split(bytes, &l);
	for (size_t i = 0; i < l.tallies && rc == 0; i++)
		rc = each(arg, l.tally[i].words, l.tally[i].count);
	hand_lines_release(&l);
	return rc;
}
