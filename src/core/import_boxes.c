/*
 * Inboxes of check-boxes (import_p.h): each item is a task, a ticked one a
 * task that has ended.
 */
#include "import_p.h"

#include <string.h>

#include "markdown.h"
#include "trine/mem.h"
#include "trine/text.h"

struct box {
	size_t indent;
	bool ticked;
	struct span text;	/* behind the box */
};

static size_t indent_of(struct span line)
{
	size_t n = 0;

	while (n < line.len && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* An empty one is a form to fill in. */
static bool read_box(const struct line *line, struct box *out)
{
	out->indent = indent_of(line->text);
	return line->kind == LINE_TEXT &&
	       markdown_item(line->text, &out->ticked, &out->text) &&
	       out->text.len > 0;
}

/* The line behind the item at N: what stands deeper is its own. */
static size_t box_end(const struct lines *l, size_t n, size_t indent)
{
	size_t end = ++n;

	for (; n < l->count; n++) {
		if (l->item[n].kind == LINE_BLANK)
			continue;
		if (l->item[n].kind == LINE_HEADING ||
		    indent_of(l->item[n].text) <= indent)
			break;
		end = n + 1;
	}
	return end;
}

/* In a file of another name they must be most of what there is: a message may
 * end in a few of them. */
bool has_boxes(struct reading *r)
{
	size_t boxes = 0, others = 0;
	struct box box;

	for (size_t n = 0; n < r->lines.count; n++) {
		if (read_box(&r->lines.item[n], &box)) {
			boxes++;
			n = box_end(&r->lines, n, box.indent) - 1;
		} else if (r->lines.item[n].kind == LINE_TEXT ||
			   r->lines.item[n].kind == LINE_CODE) {
			others++;
		}
	}
	return boxes > 0 && (r->name.boxes || boxes >= others);
}

static void add_box(struct reading *r, size_t n, size_t end,
		    const struct box *box, struct span heading)
{
	size_t to = line_offset(&r->lines, end, r->to);
	struct draft d = { .from = r->lines.item[n].at, .to = to, .task = true,
			   .ended = box->ticked };
	struct buf title = BUF_INIT;
	int64_t ignored;

	/* a tick makes no other message of it */
	d.same = xmemdup(box->text.p, (size_t)(r->bytes.p + to - box->text.p));
	if (import_time(heading, &ignored))
		said_put(&d.said, SAID_DATE, heading);
	markdown_title(&title, box->text);
	d.title = buf_detach(&title);
	import_message(r, &d);
}

void read_boxes(struct reading *r)
{
	struct span heading = { "", 0 };
	struct box box;

	for (size_t n = 0; n < r->lines.count; n++) {
		size_t end;

		if (r->lines.item[n].kind == LINE_HEADING)
			heading = r->lines.item[n].text;
		if (!read_box(&r->lines.item[n], &box))
			continue;
		end = box_end(&r->lines, n, box.indent);
		import_rest(r, r->lines.item[n].at, IMPORT_BESIDE);
		add_box(r, n, end, &box, heading);
		n = end - 1;
	}
	import_rest(r, r->to, IMPORT_BESIDE);
}
