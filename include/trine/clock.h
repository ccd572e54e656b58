/*
 * Time and chance, handed in, so that a test can give others.
 */
#ifndef TRINE_CLOCK_H
#define TRINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	/* Seconds since 1970, UTC. May jump in both directions. */
	int64_t (*now)(struct clock *clock);
	/* Milliseconds that never go back and count suspend where the system
	 * can (CLOCK_BOOTTIME): for deadlines. */
	int64_t (*steady)(struct clock *clock);
	void (*sleep)(struct clock *clock, int64_t milliseconds);
	int64_t offset;		/* seconds that now() is off, for tests */
	int64_t slept;		/* milliseconds that steady() is */
	int pace;		/* so many times as fast steady() goes; 0: once */
};

/* The system's. */
void clock_system(struct clock *out);
/* For tests: "+3d", "-2h" move the wall clock, "~20m" is as if the computer had been
 * suspended for so long; with "x30" the steady clock goes 30 times as fast, so that what
 * is measured by it is over sooner. False: MOVED is none of these. */
bool clock_move(struct clock *clock, const char *moved);

struct chance {
	uint64_t (*next)(struct chance *chance);
	uint64_t state;		/* of a seeded one */
};

void chance_system(struct chance *out);			/* getentropy(3) */
void chance_seeded(struct chance *out, uint64_t seed);	/* splitmix64 */
uint64_t chance_below(struct chance *chance, uint64_t bound);	/* 0 … bound - 1 */

#endif
