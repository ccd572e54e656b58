/*
 * A thread that works ahead of the one that started it: it makes things, in order, and
 * the other one takes them.
 *
 *	a = ahead_start(make, drop, arg, 8);
 *	while ((thing = ahead_take(a)) != NULL)
 *		… drop(thing);
 *	ahead_stop(a);			(at any time)
 *
 * From ahead_start to ahead_stop ARG, and what it points to, is the thread's alone; a
 * thing is the taker's from when it is taken. Errors are things, too: whoever makes them
 * puts into one what went wrong. The thread gets no signals. Where there is no memory
 * the program ends, as everywhere (mem.h).
 */
#ifndef TRINE_AHEAD_H
#define TRINE_AHEAD_H

#include <stddef.h>

struct ahead;

/* MAKE is called again and again, until it gives NULL, while fewer than ROOM of its
 * things wait; DROP gets those that nobody took. NULL: there is no thread to be had,
 * and the caller does it all by himself. */
struct ahead *ahead_start(void *(*make)(void *arg), void (*drop)(void *thing),
			  void *arg, size_t room);
/* The next one, which is waited for; NULL: MAKE gave NULL. */
void *ahead_take(struct ahead *a);
/* When MAKE returns from what it does now. NULL is fine. */
void ahead_stop(struct ahead *a);

#endif
