/*
 * What the files of hand.c share: hand_page.c reads a version of a file,
 * hand_items.c says what became of its items, hand.c what else is new. Private
 * to src/core. Pure.
 */
#ifndef TRINE_HAND_PAGE_H
#define TRINE_HAND_PAGE_H

#include "hand_lines.h"

/* An item and the indented lines below it. What stands below an open one is part
 * of it, items too; below a ticked one they are items of their own. */
struct item {
	size_t first, end;	/* lines; END is behind the last */
	size_t outer;		/* the item that it stands below, or NO_ITEM */
	bool ticked;
	struct span title;
	bool paired;		/* with one of another title */
	bool was_inner;		/* it was part of another one before */
	bool was_done;		/* it stood there ticked before */
};

#define NO_ITEM SIZE_MAX

struct items {
	struct item *item;
	size_t count, cap;
};

enum line_code {
	CODE_NONE,
	CODE_FENCE,	/* where a block of code begins or ends */
	CODE_INSIDE
};

/* One version, read. */
struct page {
	struct hand_lines lines;
	enum line_code *code;	/* of each line */
	struct items items;
	struct items inner;	/* open ones that are part of another item */
};

/* --- hand_page.c --- */
void hand_page_read(struct page *p, struct span bytes);
void hand_page_release(struct page *p);
/* A part more of OUT, to be filled. */
struct hand_part *hand_add_part(struct hand_news *out, enum hand_kind kind);
/* TEXT as a body: UTF-8, and no longer than one may be. */
void hand_add_body(struct buf *out, struct span text, const char *where);

/* --- hand_items.c --- */
struct change {
	const struct hand_version *v;
	struct page *now;
	struct page *was;	/* of each parent */
	struct hand_news *out;
};
/* Items that are new, changed, ticked or gone, as parts. */
void hand_read_items(struct change *c);

#endif
