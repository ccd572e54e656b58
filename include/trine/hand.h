/*
 * Streams whose writer has no trine: people, and agents that can only push.
 * Their text counts by lines (protocol R9), and what one commit says is what it
 * adds to its parents. Pure.
 *
 *	struct hand_version v = { .bytes = …, .parent = …, .parents = n, … };
 *	hand_read(&v, &news);
 *	… news.part[0 … count - 1], in the order they stand in the file
 *	hand_release(&news);
 *
 * A line is compared without the blanks around it, the CR and the byte order
 * mark that editors add or take; blank lines are never news. The table of cases that this
 * follows is in trine-files(5), "HUMAN_TO_Y.md".
 */
#ifndef TRINE_HAND_H
#define TRINE_HAND_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/buf.h"
#include "trine/message.h"

enum hand_kind {
	HAND_MESSAGE,	/* new text */
	HAND_TASK,	/* a new open item (people only) */
	HAND_CHANGED,	/* an open item that says something else than before */
	HAND_TICKED,	/* an open item that was ticked */
	HAND_DELETED	/* an open item that is gone */
};

struct hand_part {
	enum hand_kind kind;
	struct message message;	/* MESSAGE, TASK, CHANGED: text, type, priority;
				 * stream, seq and sent are the caller's */
	char *was;		/* CHANGED, TICKED, DELETED: the title it had */
	char *whole;		/* TASK, CHANGED: the line that the body begins with
				 * where the title had to be cut, which is all of
				 * it; else "": there are items alike so far */
	char *was_whole;	/* the same of WAS */
	bool known;		/* CHANGED: but no line of it is news (see `old`):
				 * it came by a merge, or by another way before.
				 * TASK: it was part of another item, and is one
				 * of its own now */
};

struct hand_news {
	struct hand_part *part;
	size_t count, cap;
};

struct hand_version {
	struct span bytes;
	const struct span *parent;	/* the same file in each parent, or empty */
	size_t parents;
	bool people;		/* HUMAN_TO_Y: items are tasks of their own */
	const char *where;	/* "messages/2_TO_1.md in 9f2c41d07a": for a note
				 * in a text that had to be cut */
	/* How many of LINE are no news, where COUNT of it stand and fewer stood in
	 * the parents together: at least IN_PARENTS. NULL: exactly that. Called
	 * once for each line that was added, and for no other: a long file costs
	 * what is new. */
	size_t (*old)(void *arg, struct span line, size_t count,
		      size_t in_parents);
	void *arg;
};

/* Never fails: text that is no UTF-8 comes escaped, what is over LIMIT_BODY is
 * cut and says so. OUT must be empty. Time: n log n in the size of the files. */
void hand_read(const struct hand_version *v, struct hand_news *out);
void hand_release(struct hand_news *news);

/* Each line of BYTES that is not blank, once, as hand_read compares it, and how
 * often it stands there; EACH may stop with -1. */
int hand_each_line(struct span bytes,
		   int (*each)(void *arg, struct span line, size_t count),
		   void *arg);

#endif
