/*
 * Pages that people and an agent write for test_hand_random.c: lines with tokens,
 * the blocks they stand in, and what one does to a page.
 */
#ifndef HAND_PAGES_H
#define HAND_PAGES_H

#include "hand_people.h"

enum { STEPS = 22, RUNS = 50, LINES = 64, BLOCKS = 160, VERSIONS = 2000 };
enum { TO_1, TO_2, TO_ALL, AGENT, FILES };

static const char *const files[FILES] = {
	"messages/HUMAN_TO_1.md", "messages/HUMAN_TO_2.md",
	"messages/HUMAN_TO_ALL.md", "messages/3_TO_1.md",
};

struct line {			/* that somebody meant */
	char token[24];
	int file;
	int desk;		/* typed there, else -1 */
	bool inner;		/* below an item */
	bool removed;		/* taken away, ticked, changed */
	bool changed;		/* another has got its place in a task */
	bool again;		/* written where it had been before */
};

static struct line line[LINES];
static size_t lines;
static bool started;		/* tasks of computer 2 are handed over: then it
				 * is told of each change of a line below them */

static struct line *new_line(int file, int desk)
{
	struct line *l = &line[lines];

	*l = (struct line){ .file = file, .desk = desk };
	snprintf(l->token, sizeof(l->token), "k%zu.", lines++);
	return l;
}

static size_t occurrences(struct span text, const char *token)
{
	size_t n = 0, len = strlen(token);

	for (const char *p = text.p, *end = text.p + text.len; p != NULL &&
	     (p = memmem(p, (size_t)(end - p), token, len)) != NULL; p += len)
		n++;
	return n;
}

/* --- files as blocks: a line and the indented ones below it --- */

struct page {
	char *block[BLOCKS];
	size_t count;
	int file, desk;
};

static void put_block(struct page *p, size_t at, const char *text, size_t len)
{
	if (p->count == BLOCKS)
		give_up("too many blocks");
	memmove(p->block + at + 1, p->block + at,
		(p->count++ - at) * sizeof(p->block[0]));
	p->block[at] = xasprintf("%.*s%s", (int)len, text,
				 len > 0 && text[len - 1] == '\n' ? "" : "\n");
}

static void drop_block(struct page *p, size_t at)
{
	free(p->block[at]);
	memmove(p->block + at, p->block + at + 1,
		(--p->count - at) * sizeof(p->block[0]));
}

static void split_page(struct page *p, struct span text)
{
	size_t pos = 0, start = 0, at = 0;
	struct span l;

	for (; text_line(text, &pos, &l); at = pos)
		if (at > start && l.len > 0 && strchr(" \t\r", l.p[0]) == NULL) {
			put_block(p, p->count, text.p + start, at - start);
			start = at;
		}
	if (text.len > start)
		put_block(p, p->count, text.p + start, text.len - start);
}

static void join_page(struct page *p, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < p->count; i++) {
		buf_adds(out, p->block[i]);
		free(p->block[i]);
	}
	if (out->len > 0 && any_below(8) == 0)
		out->len--;
}

static bool is_open(const char *block)
{
	return block[0] != '\0' && strncmp(block + 1, " [ ] ", 5) == 0;
}

static bool is_ticked(const char *block)
{
	return block[0] != '\0' && strncmp(block + 1, " [x] ", 5) == 0;
}

/* A block of that sort, by chance; p->count if there is none. */
static size_t any_block(struct page *p, bool (*is)(const char *block))
{
	size_t at = p->count > 0 ? (size_t)any_below((int)p->count) : 0;

	for (size_t i = 0; i < p->count; i++, at = (at + 1) % p->count)
		if (is == NULL || is(p->block[at]))
			return at;
	return p->count;
}

static size_t any_place(struct page *p)
{
	return any_below(2) ? p->count : (size_t)any_below((int)p->count + 1);
}

static void add_words(struct buf *out)
{
	for (int i = 0; i < 14; i++)
		buf_addc(out, i % 5 == 4 ? ' ' : (char)('a' + any_below(26)));
}

/* --- what one does to a page --- */

static void add_item(struct page *p)
{
	struct line *l = new_line(p->file, p->desk);
	struct buf text = BUF_INIT;

	buf_printf(&text, "%c [ ] %s ", "-*+"[any_below(3)], l->token);
	add_words(&text);
	note("    a new item %s", l->token);
	buf_addc(&text, '\n');
	if (lines < LINES && !started && any_below(3) == 0) {
		l = new_line(p->file, p->desk);
		l->inner = true;
		note("      with %s", l->token);
		buf_printf(&text, "  %s\n", l->token);
	}
	put_block(p, any_place(p), text.data, text.len);
	buf_release(&text);
}

static void add_text(struct page *p)
{
	struct line *l = new_line(p->file, p->desk);
	struct buf text = BUF_INIT;

	if (any_below(3) == 0)
		buf_adds(&text, "## Message\n");
	if (p->file == AGENT && any_below(2))
		buf_adds(&text, "**Priority:** high\n\n");
	buf_printf(&text, "Text %s ", l->token);
	add_words(&text);
	buf_adds(&text, any_below(2) ? "\n\n" : "\n");
	note("    new text %s", l->token);
	put_block(p, any_place(p), text.data, text.len);
	buf_release(&text);
}

static struct line *line_in(const char *block, size_t *at)
{
	for (; *at < lines; ++*at)
		if (strstr(block, line[*at].token) != NULL)
			return &line[(*at)++];
	return NULL;
}

static void remove_block(struct page *p)
{
	size_t at = any_block(p, NULL), i = 0;
	struct line *l;

	if (at == p->count)
		return;
	while ((l = line_in(p->block[at], &i)) != NULL) {
		note("    %s is taken away", l->token);
		l->removed = true;
	}
	drop_block(p, at);
}

static struct line *line_of_item(const char *block)
{
	char *first = xstrndup(block, strcspn(block, "\n"));
	struct line *out;
	size_t i = 0;

	out = line_in(first, &i);
	free(first);
	return out;
}

/* Ticked or not: the line of the item is another one. */
static void mark_item(struct page *p, bool (*is)(const char *block), char mark)
{
	size_t at = any_block(p, is);
	struct line *l;

	if (at == p->count)
		return;
	l = line_of_item(p->block[at]);
	note("    %s is marked [%c]", l != NULL ? l->token : "an item", mark);
	if (l != NULL) {
		l->removed = true;
		l->again |= mark == ' ';
	}
	p->block[at][3] = mark;
}

static void tick(struct page *p) { mark_item(p, is_open, 'x'); }
static void untick(struct page *p) { mark_item(p, is_ticked, ' '); }

/* What is still to be done of something that is done. */
static void add_below_ticked(struct page *p)
{
	size_t at = any_block(p, is_ticked);
	struct line *l;
	char *block;

	if (at == p->count)
		return;
	l = new_line(p->file, p->desk);
	l->inner = true;
	note("    a new item %s below a ticked one", l->token);
	block = xasprintf("%s  - [ ] %s\n", p->block[at], l->token);
	free(p->block[at]);
	p->block[at] = block;
}

static void indent_inner(struct page *p)
{
	size_t at = any_block(p, NULL);
	struct buf text = BUF_INIT;
	struct span all, l;

	if (at == p->count)
		return;
	note("    a block is indented otherwise");
	all = span_str(p->block[at]);
	for (size_t pos = 0; text_line(all, &pos, &l); ) {
		if (l.len > 0 && (l.p[0] == ' ' || l.p[0] == '\t'))
			buf_addc(&text, any_below(2) ? ' ' : '\t');
		buf_add(&text, l.p, l.len);
		buf_addc(&text, '\n');
	}
	drop_block(p, at);
	put_block(p, at, text.data, text.len);
	buf_release(&text);
}

/* Another token, the same words: the item now says something else. */
static void change_item(struct page *p)
{
	size_t at = any_block(p, is_open), i = 0;
	struct line *was, *now, *inner;
	struct buf text = BUF_INIT;
	char *where;

	if (at == p->count || (was = line_of_item(p->block[at])) == NULL)
		return;
	now = new_line(p->file, p->desk);
	note("    %s becomes %s", was->token, now->token);
	was->removed = was->changed = true;
	while ((inner = line_in(p->block[at], &i)) != NULL)
		inner->again |= inner != was;
	where = strstr(p->block[at], was->token);
	buf_add(&text, p->block[at], (size_t)(where - p->block[at]));
	buf_printf(&text, "%s%s", now->token, where + strlen(was->token));
	drop_block(p, at);
	put_block(p, at, text.data, text.len);
	buf_release(&text);
}

static void move_block(struct page *p)
{
	size_t at = any_block(p, NULL);
	char *text;

	if (at == p->count)
		return;
	note("    a block is moved");
	text = xstrdup(p->block[at]);
	drop_block(p, at);
	put_block(p, any_place(p), text, strlen(text));
	free(text);
}

/* Another editor: other ends of lines. */
static void end_lines_otherwise(struct page *p)
{
	bool cr = any_below(2);

	note("    with %s", cr ? "CRLF" : "blanks at the ends");
	for (size_t i = 0; i < p->count; i++) {
		struct buf text = BUF_INIT;
		struct span all = span_str(p->block[i]), l;

		for (size_t pos = 0; text_line(all, &pos, &l); ) {
			if (l.len > 0 && l.p[l.len - 1] == '\r')
				l.len--;
			buf_add(&text, l.p, l.len);
			buf_adds(&text, cr ? "\r\n" : l.len > 0 ? " \n" : "\n");
		}
		drop_block(p, i);
		put_block(p, i, text.data, text.len);
		buf_release(&text);
	}
}

static const struct {
	unsigned weight;
	bool agent;		/* agents do so, too */
	void (*act)(struct page *p);
} page_acts[] = {
	{ 10, false, add_item }, { 8, true, add_text }, { 3, true, remove_block },
	{ 4, false, tick }, { 1, false, untick }, { 4, false, change_item },
	{ 2, true, move_block }, { 1, true, end_lines_otherwise },
	{ 2, false, add_below_ticked }, { 1, false, indent_inner },
};

static void edit_page(struct page *p)
{
	unsigned all = 0;
	int at;

	if (lines + 2 > LINES)
		return;
	for (size_t i = 0; i < ARRAY_LEN(page_acts); i++)
		if (p->file != AGENT || page_acts[i].agent)
			all += page_acts[i].weight;
	at = any_below((int)all);
	for (size_t i = 0; i < ARRAY_LEN(page_acts); i++) {
		if (p->file == AGENT && !page_acts[i].agent)
			continue;
		at -= (int)page_acts[i].weight;
		if (at < 0) {
			page_acts[i].act(p);
			return;
		}
	}
}

static void edit_text(struct buf *text, int file, int desk)
{
	struct page p = { .file = file, .desk = desk };

	split_page(&p, span_of(text));
	for (int left = 1 + any_below(2); left > 0; left--)
		edit_page(&p);
	join_page(&p, text);
}

#endif
