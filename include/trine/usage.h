/*
 * What programs use of the computer. Each was started in a session of its own
 * (program.h), and counts with all that is in that session.
 */
#ifndef TRINE_USAGE_H
#define TRINE_USAGE_H

#include <stddef.h>
#include <stdint.h>

struct usage {
	long pid;		/* asked for */
	int64_t cpu_ms;		/* processor time since it began */
	int64_t memory;		/* resident bytes */
	unsigned processes;	/* 0: none is there */
};

/* Fill in the COUNT of LIST, in one look at all processes. */
void usage_gather(struct usage *list, size_t count);

#endif
