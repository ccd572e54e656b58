/*
 * What people and agents without trine say, from the lines they added (hand.h):
 * stretches here, items in hand_items.c. Receive calls it for each commit that
 * touches such a stream.
 */
#include "trine/hand.h"

#include <stdlib.h>
#include <string.h>

#include "hand_page.h"
#include "markdown.h"
#include "placeholder.h"
#include "trine/mem.h"
#include "trine/stream.h"
#include "trine/text.h"

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

	if (p->code[i] != CODE_NONE)
		return p->code[i] == CODE_INSIDE;
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
	       (p->code[i] != CODE_NONE ||
		!markdown_heading(p->lines.line[i].text, &heading)));
	return i;
}

/* A text of which no message can be made has no words; nothing is lost. */
static void add_message(struct hand_news *out, struct span text,
			const char *where)
{
	struct hand_part *part = hand_add_part(out, HAND_MESSAGE);
	struct error no_words = ERROR_INIT;
	struct buf body = BUF_INIT;

	hand_add_body(&body, text, where);
	if (stream_adopt(span_of(&body), &part->message, &no_words) == -1) {
		message_release(&part->message);
		out->count--;
	}
	buf_release(&body);
}

struct stretch {
	const struct hand_version *v;
	struct hand_news *out;
	struct buf text;
	struct buf glue;	/* lines behind it that are part of it if more
				 * new ones follow */
	bool glue_known;	/* some of these were read before, */
	bool glue_gap;		/* or only draw */
	bool substance;
};

static void end_stretch(struct stretch *s)
{
	if (s->substance)
		add_message(s->out, span_of(&s->text), s->v->where);
	buf_reset(&s->text);
	buf_reset(&s->glue);
	s->glue_known = s->glue_gap = s->substance = false;
}

static void add_glue(struct stretch *s, const struct hand_line *line)
{
	if (s->text.len > 0)
		buf_add(&s->glue, line->raw.p, line->raw.len);
}

static void add_new(struct stretch *s, const struct page *p, size_t i)
{
	const struct hand_line *line = &p->lines.line[i];

	buf_addb(&s->text, &s->glue);
	buf_add(&s->text, line->raw.p, line->raw.len);
	buf_reset(&s->glue);
	s->glue_known = s->glue_gap = false;
	s->substance = s->substance || has_substance(p, i, s->v->people);
}

/* Blank lines and rules hold a stretch together, but not with a paragraph that
 * was read before. */
static void add_gap(struct stretch *s, const struct hand_line *line)
{
	if (s->glue_known)
		end_stretch(s);
	add_glue(s, line);
	s->glue_gap = true;
}

/* A line that the commit adds, too, but which was read before: within a paragraph
 * it is left in its place, or nobody would understand the rest. */
static void add_known(struct stretch *s, const struct hand_line *line)
{
	struct span inner;

	if (markdown_heading(line->text, &inner)) {
		add_glue(s, line);
		return;
	}
	if (s->glue_gap)
		end_stretch(s);
	add_glue(s, line);
	s->glue_known = true;
}

/* Lines that belong to an item that is a task, or was none from the start. What
 * somebody writes below an item while ticking it is text as any other. */
static bool *item_lines(const struct page *p)
{
	bool *taken = xcalloc(p->lines.count + 1, sizeof(*taken));

	for (size_t i = 0; i < p->items.count; i++) {
		const struct item *item = &p->items.item[i];

		taken[item->first] = true;
		if (!item->ticked || (p->lines.line[item->first].is_new &&
		     !item->paired))
			for (size_t n = item->first; n < item->end; n++)
				taken[n] = true;
	}
	return taken;
}

static void read_line(struct stretch *s, const struct page *p, size_t i)
{
	const struct hand_line *line = &p->lines.line[i];
	bool draws = p->code[i] == CODE_NONE && markdown_only_draws(line->text);

	if (line->is_new && s->text.len == 0 && (draws || is_file_title(p, i)))
		return;
	if (line->is_new)
		add_new(s, p, i);
	else if (line->text.len == 0 || draws)
		add_gap(s, line);
	else if (line->is_added)
		add_known(s, line);
	else
		end_stretch(s);
}

static void read_stretches(const struct hand_version *v, const struct page *p,
			   struct hand_news *out)
{
	bool *taken = v->people ? item_lines(p) : NULL;
	size_t place = v->people ? 0 : placeholder_end(p);
	struct stretch s = { .v = v, .out = out, .text = BUF_INIT,
			     .glue = BUF_INIT };

	for (size_t i = 0; i < p->lines.count; i++) {
		const struct hand_line *line = &p->lines.line[i];

		if (taken != NULL && taken[i]) {
			if (line->text.len > 0 && !line->is_added)
				end_stretch(&s);
		} else if (!line->is_new || i >= place) {
			read_line(&s, p, i);
		}
	}
	end_stretch(&s);
	buf_release(&s.text);
	buf_release(&s.glue);
	free(taken);
}

void hand_read(const struct hand_version *v, struct hand_news *out)
{
	struct page now, *was = xcalloc(v->parents + 1, sizeof(*was));
	struct hand_lines *parent = xcalloc(v->parents + 1, sizeof(*parent));
	struct change c = { v, &now, was, out };

	hand_page_read(&now, v->bytes);
	for (size_t i = 0; i < v->parents; i++) {
		hand_page_read(&was[i], v->parent[i]);
		parent[i] = was[i].lines;
	}
	hand_lines_compare(v, &now.lines, parent);
	if (v->people)
		hand_read_items(&c);
	read_stretches(v, &now, out);
	for (size_t i = 0; i < v->parents; i++)
		hand_page_release(&was[i]);
	hand_page_release(&now);
	free(parent);
	free(was);
}

void hand_release(struct hand_news *news)
{
	for (size_t i = 0; i < news->count; i++) {
		message_release(&news->part[i].message);
		free(news->part[i].was);
		free(news->part[i].whole);
		free(news->part[i].was_whole);
	}
	free(news->part);
	*news = (struct hand_news){ 0 };
}
