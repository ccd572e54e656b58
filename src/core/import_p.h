/*
 * Private: what the readers of files made by hand share (trine/import.h). The
 * way of a file:
 *
 *	import.c	picks the form, by a table
 *	import_text.c	messages between headings, heads and front matter
 *	import_boxes.c	check-boxes
 *	import_json.c	lists in JSON
 *	import.c	makes the messages, and the parts that cover the file
 *
 * with import_lines.c, import_ends.c and import_time.c for what stands in a
 * line. Offsets are into the whole file.
 */
#ifndef TRINE_IMPORT_P_H
#define TRINE_IMPORT_P_H

#include "trine/import.h"

/* ---- lines ---- */
enum line_kind { LINE_TEXT, LINE_BLANK, LINE_RULE, LINE_HEADING, LINE_CODE };

struct line {
	struct span text;	/* without its LF; of a heading what it says */
	size_t at;		/* offset of the line */
	enum line_kind kind;
	unsigned level;		/* of a heading */
};

struct lines {
	struct line *item;
	size_t count, cap;
};

/* A fence that nothing closes is no fence: it would hide all that follows. */
void lines_read(struct span bytes, size_t from, size_t to, struct lines *out);
void lines_release(struct lines *l);
/* Blank, or a rule. */
bool line_only_parts(struct span line);
/* Offset of line N, or of the end of the text for N == count. */
size_t line_offset(const struct lines *l, size_t n, size_t end);

/* ---- heads: who says what to whom ---- */
enum said_key {
	SAID_FROM, SAID_TO, SAID_DATE, SAID_TIME, SAID_PRIORITY, SAID_SUBJECT,
	SAID_STATUS, SAID_ID, SAID_OTHER, SAID_COUNT
};

/* The words themselves, at most SAID_MAX bytes of each; NULL: not said. */
enum { SAID_MAX = 200 };
struct said {
	char *text[SAID_COUNT];
};
void said_put(struct said *s, enum said_key key, struct span value);
struct span said_get(const struct said *s, enum said_key key);
bool said_has(const struct said *s, enum said_key key);
void said_release(struct said *s);
/* KEY in any spelling, letters count only; SAID_OTHER if it is none of ours. */
enum said_key said_key_of(struct span key);

/* `**From:** x`, `- From: x`, `**From**: x`, `from: x`. *PLAIN: without any
 * mark of markdown, as a sentence may begin too. */
bool head_line(struct span line, enum said_key *key, struct span *value,
	       bool *plain);
/* The head that begins at line N; *END is behind its last line. */
bool head_read(const struct lines *l, size_t n, struct said *out, size_t *end);
/* The same of YAML between two lines `---`, the first of which is N. */
bool front_read(struct span bytes, const struct lines *l, size_t n,
		struct said *out, size_t *end);

/* ---- who, by the name of the file ---- */
struct by_name {
	int from, to;		/* as import_end */
	bool mailbox;		/* a place for messages: their form may be loose */
	bool one;		/* one message a file: 002.md, msg-003-x.md */
	bool boxes;		/* an inbox or list of things to do */
};
void by_name_read(const char *path, struct by_name *out);

/* ---- one file ---- */
struct start {			/* of a message between headings */
	size_t line, head_end;	/* lines; the head's is behind its last one */
	unsigned level;		/* of the heading; 0: front matter; 7: none */
	struct said said;
	struct span title;	/* what the heading says beyond "MESSAGE #1:" */
};

struct reading {
	const char *path;
	struct by_name name;
	struct span bytes;
	size_t from, to;	/* what of it is read */
	struct lines lines;	/* of that */
	struct start *start;
	size_t starts, starts_cap;
	struct import_file *out;
	size_t covered;		/* parts reach up to here */
};

/* A message that is about to be made. */
struct draft {
	size_t from, to;	/* the bytes of it */
	struct said said;
	char *title;		/* or NULL */
	char *same;		/* what tells it from others; NULL: all of it */
	bool task;		/* whatever the text looks like */
	bool plain;		/* or a message */
	bool ended;		/* a task that is done */
};

void draft_release(struct draft *d);

/* Readers cover the file from front to back with these two; the second one
 * releases D. */
void import_rest(struct reading *r, size_t to, enum import_kind kind);
void import_message(struct reading *r, struct draft *d);
/* What follows up to TO belongs to the part before it. */
void import_absorb(struct reading *r, size_t to);

/* As a task's: COMPLETED, FAILED, or "". */
const char *ended_state(struct span status);

/* Forms, as the table in import.c has them. */
bool is_json(struct reading *r);
void read_json(struct reading *r);
bool has_front(struct reading *r);
bool has_heads(struct reading *r);
bool has_dates(struct reading *r);
void read_sections(struct reading *r);
bool has_boxes(struct reading *r);
void read_boxes(struct reading *r);
bool is_whole(struct reading *r);
void read_whole(struct reading *r);

#endif
