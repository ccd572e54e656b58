/*
 * Which lines of a version are new, by counting (hand_lines.h). Used by hand.c.
 *
 * Counting says how many of a line are new, not which: where the same line stands
 * there several times, the ones beside other new lines are taken.
 */
#include "hand_lines.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

static struct span comparable(struct span line)
{
	if (text_starts(line, byte_order_mark)) {
		line.p += 3;
		line.len -= 3;
	}
	while (line.len > 0 && strchr(" \t\r", line.p[line.len - 1]) != NULL &&
	       line.p[line.len - 1] != '\0')
		line.len--;
	return line;
}

static int compare_text(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.p, b.p, shorter) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int by_text(const void *a, const void *b)
{
	const struct hand_tally *x = a, *y = b;

	return compare_text(x->text, y->text);
}

static void count_lines(struct hand_lines *l)
{
	size_t kept = 0;

	l->tally = xcalloc(l->count + 1, sizeof(*l->tally));
	for (size_t i = 0; i < l->count; i++)
		if (l->line[i].text.len > 0)
			l->tally[l->tallies++] = (struct hand_tally){
				.text = l->line[i].text, .count = 1 };
	if (l->tallies > 1)
		qsort(l->tally, l->tallies, sizeof(*l->tally), by_text);
	for (size_t i = 0; i < l->tallies; i++) {
		if (kept > 0 && compare_text(l->tally[kept - 1].text,
					     l->tally[i].text) == 0)
			l->tally[kept - 1].count++;
		else
			l->tally[kept++] = l->tally[i];
	}
	l->tallies = kept;
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
			.text = comparable(line) };
	}
	count_lines(out);
}

void hand_lines_release(struct hand_lines *l)
{
	free(l->line);
	free(l->tally);
	*l = (struct hand_lines){ 0 };
}

struct hand_tally *hand_tally_find(const struct hand_lines *l, struct span text)
{
	struct hand_tally key = { .text = text };

	if (l->tallies == 0)
		return NULL;
	return bsearch(&key, l->tally, l->tallies, sizeof(key), by_text);
}

static size_t count_in(const struct hand_lines *l, struct span text)
{
	const struct hand_tally *t = hand_tally_find(l, text);

	return t == NULL ? 0 : t->count;
}

/* The most, or the fewest, that any parent has of TEXT. */
static size_t in_parents(const struct hand_lines *parent, size_t parents,
			 struct span text, bool most)
{
	size_t result = 0;

	for (size_t i = 0; i < parents; i++) {
		size_t n = count_in(&parent[i], text);

		if (i == 0 || (most ? n > result : n < result))
			result = n;
	}
	return result;
}

static bool take_one(struct hand_lines *l, struct hand_line *line)
{
	struct hand_tally *t;

	if (line->is_added || line->text.len == 0)
		return false;
	t = hand_tally_find(l, line->text);
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
		const struct hand_tally *t = hand_tally_find(l, line->text);

		line->is_added = line->text.len > 0 && t->left == t->count;
	}
	for (size_t i = 0; i < l->tallies; i++)
		if (l->tally[i].left == l->tally[i].count)
			l->tally[i].left = 0;
}

static void mark_beside_added(struct hand_lines *l)
{
	bool beside = false;

	for (size_t i = 0; i < l->count; i++)
		if (l->line[i].text.len > 0)
			beside = l->line[i].is_added ||
				 (beside && take_one(l, &l->line[i]));
	beside = false;
	for (size_t i = l->count; i-- > 0; )
		if (l->line[i].text.len > 0)
			beside = l->line[i].is_added ||
				 (beside && take_one(l, &l->line[i]));
}

static void mark_added(const struct hand_version *v, struct hand_lines *version,
		       const struct hand_lines *parent)
{
	for (size_t i = 0; i < version->tallies; i++) {
		struct hand_tally *t = &version->tally[i];
		size_t old = in_parents(parent, v->parents, t->text, true);

		t->left = t->count > old ? t->count - old : 0;
	}
	mark_certain(version);
	mark_beside_added(version);
	/* people write below what is there */
	for (size_t i = version->count; i-- > 0; )
		take_one(version, &version->line[i]);
}

/* Of the added lines, the last so many are new. */
static void mark_new(const struct hand_version *v, struct hand_lines *version,
		     const struct hand_lines *parent)
{
	for (size_t i = 0; i < version->tallies; i++) {
		struct hand_tally *t = &version->tally[i];
		size_t old = in_parents(parent, v->parents, t->text, true);

		if (v->old != NULL)
			old = v->old(v->arg, t->text, old);
		t->left = t->count > old ? t->count - old : 0;
	}
	for (size_t i = version->count; i-- > 0; ) {
		struct hand_line *line = &version->line[i];
		struct hand_tally *t;

		if (!line->is_added)
			continue;
		t = hand_tally_find(version, line->text);
		if (t->left > 0) {
			t->left--;
			line->is_new = true;
		}
	}
}

static void mark_gone(const struct hand_version *v,
		      const struct hand_lines *version, struct hand_lines *parent)
{
	for (size_t i = 0; i < parent[0].tallies; i++) {
		struct hand_tally *t = &parent[0].tally[i];
		size_t were = in_parents(parent, v->parents, t->text, false);
		size_t are = count_in(version, t->text);

		t->left = were > are ? were - are : 0;
	}
	for (size_t i = parent[0].count; i-- > 0; ) {
		struct hand_line *line = &parent[0].line[i];
		struct hand_tally *t = hand_tally_find(&parent[0], line->text);

		if (line->text.len > 0 && t->left > 0) {
			t->left--;
			line->is_gone = true;
		}
	}
}

void hand_lines_compare(const struct hand_version *v, struct hand_lines *version,
			struct hand_lines *parent)
{
	mark_added(v, version, parent);
	mark_new(v, version, parent);
	if (v->parents > 0)
		mark_gone(v, version, parent);
}

int hand_each_line(struct span bytes,
		   int (*each)(void *arg, struct span line, size_t count),
		   void *arg)
{
	struct hand_lines l;
	int rc = 0;

	hand_lines_split(bytes, &l);
	for (size_t i = 0; i < l.tallies && rc == 0; i++)
		rc = each(arg, l.tally[i].text, l.tally[i].count);
	hand_lines_release(&l);
	return rc;
}
