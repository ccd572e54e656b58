/*
 * The little that trine must know of what people write in markdown: its lines
 * outside code, and a title for it. Private to src/core. Pure.
 */
#ifndef TRINE_MARKDOWN_H
#define TRINE_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/buf.h"

/* The lines of TEXT that are not in a fenced block of code:
 *
 *	struct markdown md = { .text = body };
 *	while (markdown_line(&md, &line)) …
 */
struct markdown {
	struct span text;
	size_t pos;
	char fence;		/* ` or ~ while in a block of code */
	size_t fence_len;
	bool is_fence;		/* the line begins or ends one */
};

bool markdown_line(struct markdown *md, struct span *line);
/* All of its lines. */
bool markdown_next(struct markdown *md, struct span *line);

/* `- [ ] …` or `- [x] …`, with any of - * + and any indentation: ITEM is what
 * follows. */
bool markdown_item(struct span line, bool *ticked, struct span *item);
bool markdown_open_item(struct span line, struct span *item);
/* `## Heading ##`: TEXT is what stands between; the level, or 0. */
unsigned markdown_heading(struct span line, struct span *text);
/* `---`, `* * *`, `===`, blanks: lines that only draw. */
bool markdown_only_draws(struct span line);
/* A fence of code at the start of LINE: its character and length; 0: none. */
size_t markdown_fence(struct span line, char *c);

/* Append a title for TEXT: its first heading, else its first line, without
 * markers and control bytes, at most LIMIT_TITLE characters. Never empty. */
void markdown_title(struct buf *out, struct span text);

/* How many characters: code points of UTF-8. */
size_t markdown_characters(struct span s);

#endif
