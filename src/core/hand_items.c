/*
 * Items of HUMAN_TO_Y: which of them are new, changed, ticked or gone (hand.h).
 * Called by hand.c.
 */
#include "hand_page.h"

#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

/* --- texts --- */

/* An item's text as a title; false if that is not all of it. */
static bool add_title(struct buf *out, struct span item)
{
	struct buf clean = BUF_INIT;
	size_t characters = 0, i = 0;

	if (text_is_utf8(item.p, item.len))
		buf_add(&clean, item.p, item.len);
	else
		text_escape(&clean, item.p, item.len, false);
	for (; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.data[i];

		if ((c & 0xc0) != 0x80 && ++characters > LIMIT_TITLE)
			break;
		if (c == 0xc2 && (unsigned char)clean.data[i + 1] < 0xa0)
			clean.data[i] = clean.data[i + 1] = ' ';
		else if (c < 0x20 || c == 0x7f)
			clean.data[i] = ' ';
	}
	buf_add(out, clean.data, i);
	i = clean.len - i;
	buf_release(&clean);
	return i == 0;
}

static char *title_of(struct span item)
{
	struct buf title = BUF_INIT;
	struct span trimmed;
	char *out;

	add_title(&title, item);
	trimmed = text_trim(span_of(&title));
	out = xstrndup(trimmed.p, trimmed.len);
	buf_release(&title);
	return out;
}

/* The lines of a block below its first, less what they are all indented by. */
static void add_inner(struct buf *out, const struct hand_lines *l,
		      const struct item *item)
{
	size_t least = SIZE_MAX;

	for (size_t i = item->first + 1; i < item->end; i++)
		if (l->line[i].text.len > 0) {
			size_t n = 0;

			while (n < l->line[i].text.len &&
			       strchr(" \t", l->line[i].text.p[n]) != NULL)
				n++;
			least = n < least ? n : least;
		}
	for (size_t i = item->first + 1; i < item->end; i++) {
		struct span text = l->line[i].text;

		if (text.len > 0)
			buf_add(out, text.p + least, text.len - least);
		buf_addc(out, '\n');
	}
}

static void item_message(const struct page *p, const struct item *item,
			 const char *where, struct message *out)
{
	struct buf title = BUF_INIT, inner = BUF_INIT, body = BUF_INIT;
	struct error none = ERROR_INIT;
	struct message hints = MESSAGE_INIT;

	if (!add_title(&title, item->title)) {
		buf_add(&inner, item->title.p, item->title.len);
		buf_adds(&inner, "\n\n");
	}
	add_inner(&inner, &p->lines, item);
	hand_add_body(&body, stream_stretch(span_of(&inner)), where);
	if (message_set_text(out, title.data, span_of(&body), &none) == -1)
		message_set_text(out, "(no title)", span_of(&body), &none);
	if (body.len > 0 && stream_adopt(span_of(&body), &hints, &none) == 0)
		out->priority = hints.priority;
	out->type = TYPE_TASK;
	message_release(&hints);
	buf_release(&title);
	buf_release(&inner);
	buf_release(&body);
}

/* The first line of its message's body, if that is there to say all of a title. */
static char *whole_of(const struct page *p, const struct item *item)
{
	struct message m = MESSAGE_INIT;
	struct buf title = BUF_INIT;
	struct span line = { "", 0 };
	size_t pos = 0;
	char *out;

	if (!add_title(&title, item->title)) {
		item_message(p, item, "", &m);
		text_line((struct span){ m.body, m.body_len }, &pos, &line);
	}
	out = xstrndup(line.p, pos);
	message_release(&m);
	buf_release(&title);
	return out;
}

/* --- new, changed, ticked, gone --- */

static bool is_new(const struct page *p, const struct item *item)
{
	return p->lines.line[item->first].is_new;
}

static bool is_added(const struct page *p, const struct item *item)
{
	return p->lines.line[item->first].is_added;
}

static bool is_gone(const struct page *p, const struct item *item)
{
	return p->lines.line[item->first].is_gone;
}

static bool has_new_lines(const struct page *p, const struct item *item)
{
	for (size_t i = item->first; i < item->end; i++)
		if (p->lines.line[i].is_new)
			return true;
	return false;
}

static void add_task(struct change *c, const struct item *item)
{
	struct hand_part *part = hand_add_part(c->out, HAND_TASK);

	part->known = !is_new(c->now, item);
	part->whole = whole_of(c->now, item);
	item_message(c->now, item, c->v->where, &part->message);
}

static void add_was(struct hand_part *part, const struct page *p,
		    const struct item *was)
{
	part->was = title_of(was->title);
	part->was_whole = whole_of(p, was);
}

/* It was the item WAS of P. */
static void add_changed(struct change *c, const struct item *item,
			const struct page *p, const struct item *was)
{
	struct hand_part *part = hand_add_part(c->out, HAND_CHANGED);

	add_was(part, p, was);
	part->whole = whole_of(c->now, item);
	part->known = (is_added(c->now, item) || c->v->parents > 1) &&
		      !has_new_lines(c->now, item);
	item_message(c->now, item, c->v->where, &part->message);
}

static void add_ended(struct change *c, enum hand_kind kind,
		      const struct item *was)
{
	add_was(hand_add_part(c->out, kind), &c->was[0], was);
}

/* How alike two titles are, by pairs of letters that stand side by side (Dice's
 * coefficient), in percent. A typo leaves most of them. */
enum { ALIKE = 60, TITLE_COMPARED = 300 };

struct pairs {
	unsigned short pair[TITLE_COMPARED];
	size_t count;
};

static int by_value(const void *a, const void *b)
{
	return (int)*(const unsigned short *)a - (int)*(const unsigned short *)b;
}

static void pairs_of(struct span s, struct pairs *out)
{
	unsigned last = ' ';

	out->count = 0;
	for (size_t i = 0; i < s.len && out->count < TITLE_COMPARED; i++) {
		unsigned c = (unsigned char)s.p[i];

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		out->pair[out->count++] = (unsigned short)(last << 8 | c);
		last = c;
	}
	qsort(out->pair, out->count, sizeof(out->pair[0]), by_value);
}

static unsigned likeness(const struct pairs *x, const struct pairs *y)
{
	size_t i = 0, j = 0, common = 0;
	size_t shorter = x->count < y->count ? x->count : y->count;

	if (200 * shorter < ALIKE * (x->count + y->count))
		return 0;
	while (i < x->count && j < y->count) {
		if (x->pair[i] == y->pair[j]) {
			common++;
			i++;
			j++;
		} else if (x->pair[i] < y->pair[j]) {
			i++;
		} else {
			j++;
		}
	}
	return (unsigned)(200 * common / (x->count + y->count));
}

/* Items in order of title, to find those that have the same one. */
enum which {
	WHICH_INNER, WHICH_OPEN, WHICH_STILL, WHICH_ADDED, WHICH_GONE, WHICH_DONE
};

struct title {
	struct span text;
	struct item *item;
};

static int by_title(const void *a, const void *b)
{
	const struct title *x = a, *y = b;
	size_t shorter = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order = shorter ? memcmp(x->text.p, y->text.p, shorter) : 0;

	if (order != 0)
		return order;
	if (x->text.len != y->text.len)
		return x->text.len < y->text.len ? -1 : 1;
	return x->item->first < y->item->first ? -1 :
	       x->item->first > y->item->first;
}

static bool is_one(const struct page *p, const struct item *item,
		   enum which which)
{
	switch (which) {
	case WHICH_INNER:
		return true;
	case WHICH_OPEN:
		return !item->ticked;
	case WHICH_STILL:
		return !item->ticked && !is_gone(p, item);
	case WHICH_ADDED:
		return is_added(p, item) && !item->paired;
	case WHICH_GONE:
		return !item->ticked && is_gone(p, item);
	case WHICH_DONE:
		return item->ticked && is_gone(p, item);
	}
	return false;
}

static struct title *list_titles(struct page *p, enum which which, size_t *count)
{
	struct items *items = which == WHICH_INNER ? &p->inner : &p->items;
	struct title *l = xcalloc(items->count + 1, sizeof(*l));

	*count = 0;
	for (size_t i = 0; i < items->count; i++)
		if (is_one(p, &items->item[i], which))
			l[(*count)++] = (struct title){ items->item[i].title,
							&items->item[i] };
	if (*count > 1)
		qsort(l, *count, sizeof(*l), by_title);
	return l;
}

/* Do they say the same below their first lines? */
static bool same_inner(const struct page *a, const struct item *x,
		       const struct page *b, const struct item *y)
{
	if (x->end - x->first != y->end - y->first)
		return false;
	for (size_t i = 1; i < x->end - x->first; i++)
		if (!span_equal(a->lines.line[x->first + i].words,
				b->lines.line[y->first + i].words))
			return false;
	return true;
}

static void pair_off(struct change *c, struct item *was, struct item *now)
{
	was->paired = now->paired = true;
	if (now->ticked)
		add_ended(c, HAND_TICKED, was);
	else if (!span_equal(was->title, now->title) ||
		 !same_inner(&c->was[0], was, c->now, now))
		add_changed(c, now, &c->was[0], was);
}

/* The same words behind another mark: ticked, unticked, or with another bullet. */
static void each_equal(struct change *c, enum which which,
		       void (*each)(struct change *c, struct item *was,
				    struct item *now))
{
	size_t were, are, j = 0;
	struct title *was = list_titles(&c->was[0], which, &were);
	struct title *now = list_titles(c->now, WHICH_ADDED, &are);

	for (size_t i = 0; i < were; i++) {
		while (j < are && by_title(&now[j], &was[i]) < 0 &&
		       !span_equal(now[j].text, was[i].text))
			j++;
		if (j < are && span_equal(now[j].text, was[i].text))
			each(c, was[i].item, now[j++].item);
	}
	free(was);
	free(now);
}

static void mark_done_before(struct change *c, struct item *was,
			     struct item *now)
{
	(void)c;
	(void)was;
	now->was_done = true;
}

/* Of two lists in order, the items of the first whose title the second has. */
static void each_common(const struct title *x, size_t xs, const struct title *y,
			size_t ys, void (*each)(struct change *c,
						struct item *item),
			struct change *c)
{
	for (size_t i = 0, j = 0; i < xs; i++) {
		while (j < ys && by_title(&y[j], &x[i]) < 0 &&
		       !span_equal(y[j].text, x[i].text))
			j++;
		if (j < ys && span_equal(y[j].text, x[i].text))
			each(c, x[i].item);
	}
}

static void mark_paired(struct change *c, struct item *item)
{
	(void)c;
	item->paired = true;
}

static void end_inner(struct change *c, struct item *item)
{
	if (!item->paired)
		add_ended(c, HAND_DELETED, item);
	item->paired = true;
}

/* An open item that was put below another one is part of it now. */
static void end_inner_items(struct change *c)
{
	size_t were, are, inners;
	struct title *was = list_titles(&c->was[0], WHICH_STILL, &were);
	struct title *now = list_titles(c->now, WHICH_OPEN, &are);
	struct title *inner = list_titles(c->now, WHICH_INNER, &inners);

	each_common(was, were, now, are, mark_paired, c);
	each_common(was, were, inner, inners, end_inner, c);
	free(was);
	free(now);
	free(inner);
}

static void mark_outer(struct change *c, struct item *item)
{
	(void)c;
	item->was_inner = true;
}

/* One that was part of another item, which was ticked since, or ended above it,
 * is one of its own now. */
static void find_outer_items(struct change *c)
{
	size_t were, are;
	struct title *was = list_titles(&c->was[0], WHICH_INNER, &were);
	struct title *now = list_titles(c->now, WHICH_OPEN, &are);

	each_common(now, are, was, were, mark_outer, c);
	free(was);
	free(now);
}

/* Items that may be others changed: not those that were ticked before, which are
 * done once more. Of very many at once none is looked for: that is no edit, and
 * comparing them all would take the time of a cycle. */
struct candidates {
	struct item **item;
	struct pairs *pairs;
	size_t count, looked;
};

static void list_candidates(struct change *c, struct candidates *out)
{
	static const size_t enough = 1000;
	struct items *l = &c->now->items;

	*out = (struct candidates){
		.item = xcalloc(enough, sizeof(struct item *)),
		.pairs = xcalloc(enough, sizeof(struct pairs)) };
	for (size_t i = 0; i < l->count && out->count < enough; i++) {
		if (l->item[i].paired || l->item[i].was_done ||
		    !is_added(c->now, &l->item[i]))
			continue;
		pairs_of(l->item[i].title, &out->pairs[out->count]);
		out->item[out->count++] = &l->item[i];
	}
}

static struct item *most_alike(const struct item *was, struct candidates *l)
{
	static const size_t enough = 20 * 1000;
	struct item *best = NULL;
	unsigned most = ALIKE - 1, alike;
	struct pairs pairs;

	if (l->looked >= enough)
		return NULL;
	pairs_of(was->title, &pairs);
	for (size_t i = 0; i < l->count; i++) {
		if (l->item[i]->paired)
			continue;
		l->looked++;
		alike = likeness(&pairs, &l->pairs[i]);
		if (alike > most) {
			most = alike;
			best = l->item[i];
		}
	}
	return best;
}

static void read_gone_items(struct change *c)
{
	struct page *was = &c->was[0];
	struct candidates l = { 0 };

	if (c->v->parents == 0)
		return;
	each_equal(c, WHICH_GONE, pair_off);
	each_equal(c, WHICH_DONE, mark_done_before);
	if (c->v->parents == 1) {	/* a merge has moved nothing */
		end_inner_items(c);
		find_outer_items(c);
	}
	for (size_t i = 0; i < was->items.count; i++) {
		struct item *item = &was->items.item[i], *now;

		if (item->ticked || item->paired || !is_gone(was, item))
			continue;
		if (l.item == NULL)
			list_candidates(c, &l);
		now = most_alike(item, &l);
		if (now != NULL)
			pair_off(c, item, now);
		else
			add_ended(c, HAND_DELETED, item);
	}
	free(l.item);
	free(l.pairs);
}

/* Open items that are not new: does no parent have them with the same lines
 * below? One by one with those of a parent in order of title. */
static void find_same_blocks(struct change *c, struct page *was, bool *known,
			     bool *same)
{
	size_t were, are, j = 0;
	struct title *old = list_titles(was, WHICH_OPEN, &were);
	struct title *now = list_titles(c->now, WHICH_OPEN, &are);

	for (size_t i = 0; i < are; i++) {
		size_t at = (size_t)(now[i].item - c->now->items.item);

		while (j < were && !span_equal(old[j].text, now[i].text) &&
		       by_title(&old[j], &now[i]) < 0)
			j++;
		for (size_t k = j; k < were && k < j + 16 &&
		     span_equal(old[k].text, now[i].text); k++) {
			known[at] = true;
			same[at] |= same_inner(was, old[k].item, c->now,
					       now[i].item);
		}
	}
	free(old);
	free(now);
}

void hand_read_items(struct change *c)
{
	struct items *l = &c->now->items;
	bool *known = xcalloc(l->count + 1, sizeof(*known));
	bool *same = xcalloc(l->count + 1, sizeof(*same));

	read_gone_items(c);
	for (size_t p = 0; p < c->v->parents; p++)
		find_same_blocks(c, &c->was[p], known, same);
	for (size_t i = 0; i < l->count; i++) {
		if (l->item[i].ticked || l->item[i].paired)
			continue;
		if (is_new(c->now, &l->item[i]) ||
		    (l->item[i].was_inner && !known[i]))
			add_task(c, &l->item[i]);
		else if (is_added(c->now, &l->item[i])
			 ? has_new_lines(c->now, &l->item[i])
			 : known[i] && !same[i])
			add_changed(c, &l->item[i], c->now, &l->item[i]);
	}
	free(known);
	free(same);
}
