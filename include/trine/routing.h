/*
 * Who gets a task that nobody in particular is to do: pure. Between the computers of the
 * fleet and between the instances of one it is the same decision, made here alone;
 * local/routes.c knows the facts it is made of, and whoever asks (hand-over, `trine task
 * next`, `task add --route`, `trine route`) asks there.
 *
 * First come those that are meant (by name, or by a route of fleet.yaml). One that is down
 * or has too many waiting is stood in for by another of the same specialty. Else those
 * whose specialty the text matches, of these who can take it now; and of those that do so
 * about equally well, the least busy. What was found of each stays with it: the decision
 * explains itself.
 */
#ifndef TRINE_ROUTING_H
#define TRINE_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/list.h"
#include "trine/message.h"

/* Of a task: done soon, or by who does it best. Of an instance: what it is better for. */
enum routing_prefer { ROUTING_ANY, ROUTING_SPEED, ROUTING_QUALITY };
/* "speed", "quality"; NULL is neither. */
bool routing_prefer_parse(const char *text, enum routing_prefer *out);

/* DOWN gets nothing while there is another; what is not known may be well. */
enum routing_health { ROUTING_UNKNOWN, ROUTING_UP, ROUTING_SLOW, ROUTING_DOWN };

enum routing_verdict {
	ROUTING_CHOSEN,
	ROUTING_STANDS_IN,	/* chosen, for one that is meant and cannot */
	ROUTING_AWAITED,	/* chosen, though it is down: nobody stands in */
	ROUTING_NOT_MEANT,	/* somebody else is */
	ROUTING_IS_DOWN,
	ROUTING_IS_FULL,	/* too many wait for it already, for one of that priority */
	ROUTING_NO_WORD,	/* nothing of the text is in its specialty */
	ROUTING_MATCHES_LESS,
	ROUTING_LESS_FREE	/* it could do it as well, and is busier or slower */
};
const char *routing_verdict_name(enum routing_verdict v);	/* "stands-in" */

struct routing_candidate {
	const char *specialty;	/* or NULL */
	enum routing_health health;
	uint64_t running, waiting;	/* tasks it has; of those that wait in its line */
	uint64_t capacity;	/* tasks at once, all copies */
	uint64_t bound;		/* of those that wait; 0: none */
	uint64_t weight;	/* 1 …: shares of what several can do alike */
	enum routing_prefer prefer;
	int64_t answer_ms;	/* how long it takes to answer; 0: not known */
	int64_t age;		/* seconds, of what is known of it */
	bool meant;
	double score;		/* how well the text matches; 0: not at all */
	enum routing_verdict verdict;	/* filled */
};

struct routing_task {
	enum message_priority priority;
	enum routing_prefer prefer;
	bool exact;		/* nobody stands in for who is meant */
};

/* Fill the verdicts of C, and return who gets it; -1: nobody now, it waits in the queue.
 * The same facts give the same answer; of those alike in all, the first. */
int routing_choose(struct routing_candidate *c, size_t count,
		   const struct routing_task *t);

/* ---- words ---- */

enum { ROUTING_TEXT = 8192, ROUTING_WORDS = 64 };
/* The words of the beginning of TEXT that say what it is about, each once and in small
 * letters: no more than ROUTING_WORDS, of ROUTING_TEXT bytes. */
void routing_words(struct span text, struct list *out);
/* How well SPECIALTY is matched by WORDS, where there is no full-text index: 0 if none is
 * in it. Those that are, append to FOUND. */
double routing_overlap(const struct list *words, const char *specialty,
		       struct list *found);

#endif
