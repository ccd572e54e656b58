/*
 * One version of a file that people or agents write by hand: its lines, which of
 * them are code, its items (hand_page.h). Used by hand.c and hand_items.c.
 */
#include "hand_page.h"

#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

static void find_code(struct page *p, struct span bytes)
{
	struct markdown md = { .text = bytes };
	struct span line;
	size_t i = 0;

	p->code = xcalloc(p->lines.count + 1, sizeof(*p->code));
	while (markdown_next(&md, &line))
		p->code[i++] = md.is_fence ? CODE_FENCE :
			       md.fence != '\0' ? CODE_INSIDE : CODE_NONE;
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

static void add_item(struct items *l, struct item item)
{
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = item;
}

/* One look at each line, however deep they stand: a block ends before the first
 * line that is indented no deeper than its own first one. */
static void find_items(struct page *p)
{
	const struct hand_lines *l = &p->lines;
	size_t in = NO_ITEM;	/* the item around */

	for (size_t i = 0; i < l->count; i++) {
		struct item item = { .first = i }, *around;

		if (l->line[i].text.len == 0)
			continue;
		while (in != NO_ITEM) {
			around = &p->items.item[in];
			if (indentation(l->line[i].text) >
			    indentation(l->line[around->first].text))
				break;
			in = around->outer;
		}
		item.outer = in;
		if (p->code[i] != CODE_NONE ||
		    !markdown_item(l->line[i].text, &item.ticked, &item.title) ||
		    item.title.len == 0) {
			/* text */
		} else if (in == NO_ITEM || p->items.item[in].ticked) {
			add_item(&p->items, item);
			in = p->items.count - 1;
		} else if (!item.ticked) {
			add_item(&p->inner, item);
		}
		for (size_t n = in; n != NO_ITEM; n = p->items.item[n].outer)
			p->items.item[n].end = i + 1;
	}
}

void hand_page_read(struct page *p, struct span bytes)
{
	hand_lines_split(bytes, &p->lines);
	find_code(p, bytes);
	p->items = p->inner = (struct items){ 0 };
	find_items(p);
}

void hand_page_release(struct page *p)
{
	hand_lines_release(&p->lines);
	free(p->code);
	free(p->items.item);
	free(p->inner.item);
}

/* --- parts --- */

struct hand_part *hand_add_part(struct hand_news *out, enum hand_kind kind)
{
	ARRAY_GROW(out->part, out->count, out->cap);
	out->part[out->count] = (struct hand_part){
		.kind = kind, .message = MESSAGE_INIT };
	return &out->part[out->count++];
}

void hand_add_body(struct buf *out, struct span text, const char *where)
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

