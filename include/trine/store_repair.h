/*
 * A log that is damaged: a part of the store's manual (store.h) for those who repair.
 */
#ifndef TRINE_STORE_REPAIR_H
#define TRINE_STORE_REPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "trine/clock.h"
#include "trine/error.h"

/* What of it cannot be read any more: bytes of a part of the log, and the events
 * that were there, by their numbers (FIRST 0: none that anybody misses). */
struct log_loss {
	char *path;		/* of the part */
	uint64_t line;		/* its number in it; 0: all of it is missing */
	uint64_t from, len;	/* bytes */
	uint64_t first, last;
};
struct log_repair {
	struct log_loss *loss;
	size_t count, cap;
	char *kept;		/* the file that has the damaged bytes, or NULL */
	uint64_t events;	/* that the log has */
};
/* Make the log in DIR one that can be read: what is damaged is kept aside, and blanks
 * take its place, so that all behind it stays where it is. What was not written to its
 * end, at the end of the log, is cut: it never happened. A transaction there whose own
 * end is damaged is kept aside as a whole, whatever of another one is behind it.
 * Then the view is made anew, what is lost is recorded, and stays a problem ("log")
 * until a repair finds nothing. The log's lock is held for the first half. OUT is to
 * be released in any case. */
int store_repair(const char *dir, struct clock *clock, struct log_repair *out,
		 struct error *err);
void log_repair_release(struct log_repair *r);

#endif
