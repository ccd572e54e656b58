/*
 * What people and agents without trine say, from the lines they added (hand.h).
 * Receive calls it for each commit that touches such a stream.
 */
#include "trine/hand.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hand_lines.h"
#include "markdown.h"
#include "placeholder.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

/* An item and the indented lines below it. */
struct item {
	size_t first, end;	/* lines; END is behind the last */
	bool ticked;
	struct span title;
	bool paired;		/* with one of another title */
};

struct items {
	struct item *item;
	size_t count, cap;
};

/* One version, read. */
struct page {
	struct hand_lines lines;
	bool *code;		/* of each line: it is in a block of code */
	struct items items;
};

/* --- reading a page --- */

static void find_code(struct page *p, struct span bytes)
{
	struct markdown md = { .text = bytes };
	struct span line;
	size_t i = 0;

	p->code = xcalloc(p->lines.count + 1, sizeof(*p->code));
	memset(p->code, true, p->lines.count);
	while (markdown_line(&md, &line)) {
		while (p->lines.line[i].raw.p != line.p)
			i++;
		p->code[i] = false;
	}
}

static size_t indentation(struct span line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == '\t')
			n += 4;
		else if (line.p[i] == ' ')
			n++;
		else
			break;
	}
	return n;
}

/* Behind the last line that is indented deeper than line FIRST. */
static size_t block_end(const struct hand_lines *l, size_t first)
{
	size_t depth = indentation(l->line[first].text), end = first + 1;

	for (size_t i = first + 1; i < l->count; i++) {
		if (l->line[i].text.len == 0)
			continue;
		if (indentation(l->line[i].text) <= depth)
			break;
		end = i + 1;
	}
	return end;
}

static void find_items(struct page *p)
{
	const struct hand_lines *l = &p->lines;
	struct item item;

	for (size_t i = 0; i < l->count; i++) {
		item = (struct item){ .first = i };
		if (p->code[i] || !markdown_item(l->line[i].text, &item.ticked,
						 &item.title) ||
		    item.title.len == 0)
			continue;
		item.end = block_end(l, i);
		ARRAY_GROW(p->items.item, p->items.count, p->items.cap);
		p->items.item[p->items.count++] = item;
		i = item.end - 1;
	}
}

static void page_read(struct page *p, struct span bytes)
{
	hand_lines_split(bytes, &p->lines);
	find_code(p, bytes);
	p->items = (struct items){ 0 };
	find_items(p);
}

static void page_release(struct page *p)
{
	hand_lines_release(&p->lines);
	free(p->code);
	free(p->items.item);
}

/* --- texts --- */

/* TEXT as a body: UTF-8, and no longer than one may be. */
static void add_body(struct buf *out, struct span text, const char *where)
{
	static const size_t room = 512;
	struct buf clean = BUF_INIT;

	if (text_is_utf8(text.p, text.len))
		buf_add(&clean, text.p, text.len);
	else
		text_escape(&clean, text.p, text.len, true);
	if (clean.len <= LIMIT_BODY - 1) {
		buf_addb(out, &clean);
	} else {
		buf_add(out, clean.data, text_cut(clean.data, clean.len,
						  LIMIT_BODY - room));
		buf_printf(out, "\n\n[cut here: the whole text, %zu bytes, is "
			   "%.300s]\n", text.len, where ? where : "in the file");
	}
	buf_release(&clean);
}

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
		if (c < 0x20 || c == 0x7f)
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

static struct hand_part *add_part(struct hand_news *out, enum hand_kind kind)
{
	ARRAY_GROW(out->part, out->count, out->cap);
	out->part[out->count] = (struct hand_part){
		.kind = kind, .message = MESSAGE_INIT };
	return &out->part[out->count++];
}

/* A text of which no message can be made has no words; nothing is lost. */
static void add_message(struct hand_news *out, struct span text,
			const char *where)
{
	struct hand_part *part = add_part(out, HAND_MESSAGE);
	struct error no_words = ERROR_INIT;
	struct buf body = BUF_INIT;

	add_body(&body, text, where);
	if (stream_adopt(span_of(&body), &part->message, &no_words) == -1) {
		message_release(&part->message);
		out->count--;
	}
	buf_release(&body);
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
	add_body(&body, stream_stretch(span_of(&inner)), where);
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

/* --- items: new, changed, ticked, gone --- */

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

struct change {
	const struct hand_version *v;
	struct page *now;
	struct page *was;	/* of each parent */
	struct hand_news *out;
};

static void add_task(struct change *c, const struct item *item)
{
	item_message(c->now, item, c->v->where,
		     &add_part(c->out, HAND_TASK)->message);
}

static void add_changed(struct change *c, const struct item *item,
			struct span was)
{
	struct hand_part *part = add_part(c->out, HAND_CHANGED);

	part->was = title_of(was);
	part->known = (is_added(c->now, item) || c->v->parents > 1) &&
		      !has_new_lines(c->now, item);
	item_message(c->now, item, c->v->where, &part->message);
}

static void add_ended(struct change *c, enum hand_kind kind, struct span was)
{
	add_part(c->out, kind)->was = title_of(was);
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
enum which { WHICH_OPEN, WHICH_ADDED, WHICH_GONE };

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
	case WHICH_OPEN:
		return !item->ticked;
	case WHICH_ADDED:
		return is_added(p, item);
	case WHICH_GONE:
		return !item->ticked && is_gone(p, item);
	}
	return false;
}

static struct title *list_titles(struct page *p, enum which which, size_t *count)
{
	struct title *l = xcalloc(p->items.count + 1, sizeof(*l));

	*count = 0;
	for (size_t i = 0; i < p->items.count; i++)
		if (is_one(p, &p->items.item[i], which))
			l[(*count)++] = (struct title){ p->items.item[i].title,
							&p->items.item[i] };
	if (*count > 1)
		qsort(l, *count, sizeof(*l), by_title);
	return l;
}

static void pair_off(struct change *c, struct item *was, struct item *now)
{
	was->paired = now->paired = true;
	if (now->ticked)
		add_ended(c, HAND_TICKED, was->title);
	else
		add_changed(c, now, was->title);
}

/* The same words behind another mark: ticked, or only indented otherwise. */
static void pair_equal(struct change *c)
{
	size_t were, are, j = 0;
	struct title *was = list_titles(&c->was[0], WHICH_GONE, &were);
	struct title *now = list_titles(c->now, WHICH_ADDED, &are);

	for (size_t i = 0; i < were; i++) {
		while (j < are && by_title(&now[j], &was[i]) < 0 &&
		       !span_equal(now[j].text, was[i].text))
			j++;
		if (j < are && span_equal(now[j].text, was[i].text))
			pair_off(c, was[i].item, now[j++].item);
	}
	free(was);
	free(now);
}

/* Items that may be others changed. Of very many at once none is looked for:
 * that is no edit, and comparing them all would take the time of a cycle. */
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
		if (l->item[i].paired || !is_added(c->now, &l->item[i]))
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
	pair_equal(c);
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
			add_ended(c, HAND_DELETED, item->title);
	}
	free(l.item);
	free(l.pairs);
}

static bool same_block(const struct page *a, const struct item *x,
		       const struct page *b, const struct item *y)
{
	if (x->end - x->first != y->end - y->first)
		return false;
	for (size_t i = 0; i < x->end - x->first; i++)
		if (!span_equal(a->lines.line[x->first + i].text,
				b->lines.line[y->first + i].text))
			return false;
	return true;
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
			same[at] |= same_block(was, old[k].item, c->now,
					       now[i].item);
		}
	}
	free(old);
	free(now);
}

static void read_items(struct change *c)
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
		if (is_new(c->now, &l->item[i]))
			add_task(c, &l->item[i]);
		else if (is_added(c->now, &l->item[i])
			 ? has_new_lines(c->now, &l->item[i])
			 : known[i] && !same[i])
			add_changed(c, &l->item[i], l->item[i].title);
	}
	free(known);
	free(same);
}

/* --- the rest: stretches --- */

/* Is line I the heading of the whole file, and no more? One that says something
 * is of the text below it. */
static bool is_file_title(const struct page *p, size_t i)
{
	struct span text;

	if (markdown_heading(p->lines.line[i].text, &text) != 1 ||
	    !placeholder_names_file(text))
		return false;
	while (i-- > 0)
		if (p->lines.line[i].text.len > 0)
			return false;
	return true;
}

/* Does line I say something by itself? Of people's headings only the page is
 * divided; whoever writes to a stream may say all in one. */
static bool has_substance(const struct page *p, size_t i, bool people)
{
	struct span line = text_trim(p->lines.line[i].text), inner;

	if (p->code[i])
		return true;
	if (markdown_only_draws(line) ||
	    (text_starts(line, "<!--") && line.len >= 7 &&
	     memcmp(line.p + line.len - 3, "-->", 3) == 0))
		return false;
	if (markdown_heading(line, &inner))
		return !people && !is_file_title(p, i);
	return !placeholder_line(line);
}

/* A new file may begin with a heading that keeps the place for the first
 * message, and with what is expected below it: behind its last line, or 0. */
static size_t placeholder_end(const struct page *p)
{
	struct span heading;
	size_t i = 0;

	while (i < p->lines.count &&
	       (markdown_only_draws(p->lines.line[i].text) ||
		is_file_title(p, i)))
		i++;
	if (i == p->lines.count || !p->lines.line[i].is_new ||
	    !markdown_heading(p->lines.line[i].text, &heading) ||
	    !placeholder_line(heading))
		return 0;
	do
		i++;
	while (i < p->lines.count &&
	       (p->code[i] ||
		!markdown_heading(p->lines.line[i].text, &heading)));
	return i;
}

struct stretch {
	struct buf text;
	struct buf glue;	/* lines that only draw: they hold it together */
	bool substance;
};

static void end_stretch(struct stretch *s, const struct hand_version *v,
			struct hand_news *out)
{
	if (s->substance)
		add_message(out, span_of(&s->text), v->where);
	buf_reset(&s->text);
	buf_reset(&s->glue);
	s->substance = false;
}

/* Lines that belong to an item that is a task, or was none from the start. What
 * somebody writes below an item while ticking it is text as any other. */
static bool *item_lines(const struct page *p)
{
	bool *taken = xcalloc(p->lines.count + 1, sizeof(*taken));

	for (size_t i = 0; i < p->items.count; i++) {
		const struct item *item = &p->items.item[i];

		taken[item->first] = true;
		if (!item->ticked || (is_new(p, item) && !item->paired))
			for (size_t n = item->first; n < item->end; n++)
				taken[n] = true;
	}
	return taken;
}

static void read_stretches(const struct hand_version *v, const struct page *p,
			   struct hand_news *out)
{
	bool *taken = v->people ? item_lines(p) : NULL;
	size_t place = v->people ? 0 : placeholder_end(p);
	struct stretch s = { BUF_INIT, BUF_INIT, false };

	for (size_t i = 0; i < p->lines.count; i++) {
		const struct hand_line *line = &p->lines.line[i];
		bool draws;

		if ((taken != NULL && taken[i]) || (line->is_new && i < place))
			continue;
		draws = !p->code[i] && markdown_only_draws(line->text);
		if (line->is_new && s.text.len == 0 &&
		    (draws || is_file_title(p, i))) {
			continue;
		} else if (line->is_new) {
			buf_addb(&s.text, &s.glue);
			buf_reset(&s.glue);
			buf_add(&s.text, line->raw.p, line->raw.len);
			s.substance = s.substance ||
				      has_substance(p, i, v->people);
		} else if (line->text.len == 0 || draws) {
			if (s.text.len > 0)
				buf_add(&s.glue, line->raw.p, line->raw.len);
		} else {
			end_stretch(&s, v, out);
		}
	}
	end_stretch(&s, v, out);
	buf_release(&s.text);
	buf_release(&s.glue);
	free(taken);
}

void hand_read(const struct hand_version *v, struct hand_news *out)
{
	struct page now, *was = xcalloc(v->parents + 1, sizeof(*was));
	struct hand_lines *parent = xcalloc(v->parents + 1, sizeof(*parent));
	struct change c = { v, &now, was, out };

	page_read(&now, v->bytes);
	for (size_t i = 0; i < v->parents; i++) {
		page_read(&was[i], v->parent[i]);
		parent[i] = was[i].lines;
	}
	hand_lines_compare(v, &now.lines, parent);
	if (v->people)
		read_items(&c);
	read_stretches(v, &now, out);
	for (size_t i = 0; i < v->parents; i++)
		page_release(&was[i]);
	page_release(&now);
	free(parent);
	free(was);
}

void hand_release(struct hand_news *news)
{
	for (size_t i = 0; i < news->count; i++) {
		message_release(&news->part[i].message);
		free(news->part[i].was);
	}
	free(news->part);
	*news = (struct hand_news){ 0 };
}
