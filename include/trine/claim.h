/*
 * Claims that count in the whole fleet: on a lock, or on a task that one computer is
 * to do. Pure. A computer says in its own status what it claims, and pushes that: the
 * branch is one line of commits, and a push that was not made on its newest one is
 * refused, so of two that want the same the first one gets it, and the other sees
 * that when it fetches (protocol R33-R39).
 *
 * Each claim has a generation, higher than any there ever was: the fencing token
 * (Kleppmann, "How to do distributed locking", 2016). Its beat counts how often it was
 * renewed: others wait a whole lease, and claim_margin, after they saw it change last,
 * by a clock that counts suspend; for who has it, the lease runs from before the push
 * that renewed it. So it is over here before it is free there (Gray and Cheriton,
 * "Leases", 1989). A restart counts against whoever has to be careful: it is over for
 * who has it, and for others it lasts a whole lease from there.
 *
 * A status may say any number, and generations never fall: one CLAIM_LEAP or more above
 * all that is known is not believed, or the next ones would have no room. It is more
 * than a fleet claims in its life, so that who knows none yet believes what it meets.
 */
#ifndef TRINE_CLAIM_H
#define TRINE_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"

enum {
	CLAIM_NAME = 80,	/* bytes, with the NUL */
	CLAIM_BY = 41,
	CLAIM_BOOT = 48,	/* as PROCESS_BOOT */
	CLAIMS_MOST = 12,	/* of one computer: its status must hold them */
	CLAIM_LEAP = 1000 * 1000 * 1000,	/* one each second, for thirty years */
	/* seconds */
	CLAIM_LEASE = 900,
	CLAIM_LEASE_LEAST = 600,	/* two cycles, as timers run them */
	CLAIM_LEASE_MOST = 7 * 86400,
	CLAIM_MARGIN = 60
};

/* As a status carries it. */
struct claim {
	char name[CLAIM_NAME];	/* "lock/deploy", "task/1_TO_ALL.7" */
	uint64_t generation;
	uint64_t beat;
	int64_t lease;
	char by[CLAIM_BY];	/* a session or an instance, for people; or "" */
};

/* What another computer claims, as its own status said last. */
struct rival {
	int computer;
	struct claim claim;
	int64_t seen;		/* steady milliseconds, when it changed last for us */
	char boot[CLAIM_BOOT];	/* in which of our boots */
};

/* The clock of leases: steady milliseconds since a boot, and which boot that is. */
struct lease_clock {
	int64_t now;
	char boot[CLAIM_BOOT];
};

/* Is it the form of a claim's name? */
bool claim_name_valid(struct span name);
/* What task ID is claimed as. */
void claim_task_name(const char *id, char out[CLAIM_NAME]);
/* The id of the task that NAME claims; NULL: it claims a lock. */
const char *claim_task(const char *name);
/* What NAME claims, be it a task or a lock: "deploy", "1_TO_ALL.7". */
const char *claim_subject(const char *name);

/* Milliseconds since SEEN in BOOT. In a later boot: at least those of this one. */
int64_t lease_age(const struct lease_clock *clock, int64_t seen, const char *boot);

/* Seconds that are left of LEASE for who has it, from FROM in BOOT. In a later boot: 0;
 * nobody knows how long the computer was off. */
int64_t lease_left(const struct lease_clock *clock, int64_t lease, int64_t from,
		   const char *boot);

/* Seconds beyond the lease, since clocks run apart: CLAIM_MARGIN, or a thousandth of it
 * where that is more. */
int64_t claim_margin(int64_t lease);
/* Must we take it that R still holds what it claims? */
bool rival_lasts(const struct rival *r, const struct lease_clock *clock);

/* Who of L has NAME, so that we cannot; NULL: nobody. */
const struct rival *claim_taken(const struct rival *l, size_t count, const char *name,
				const struct lease_clock *clock);

#endif
