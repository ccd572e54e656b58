/*
 * Figures that tell whether coordination pays, by week, counted from the event log
 * (`trine stats`). In one pass: what is kept beside the weeks is what is under way at
 * that point of the log (tasks somebody has, locks waited for, commits on their way).
 *
 *	struct stats s;
 *	if (stats_gather(home, since, &s, err) == 0)
 *		… print …
 *	stats_release(&s);			(also after an error)
 *
 * Times are by the clock of this computer, to the second. A week is that of ISO 8601,
 * in UTC, of the event; refusals count when they were, not when the log was told.
 */
#ifndef TRINE_STATS_H
#define TRINE_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/home.h"
#include "trine/refused.h"

enum stats_figure {
	/* conflicts */
	STATS_COPIES,		/* kept under conflicts/ */
	STATS_COPIES_COUNTED,	/* only counted: too many that day */
	STATS_RESTORED,		/* own paths that others had rewritten */
	/* refused, because another session or computer had it */
	STATS_REFUSED_TASKS, STATS_REFUSED_LOCKS, STATS_REFUSED_FILES,
	STATS_REFUSED_CLAIMS,	/* in the fleet: another computer was faster, too */
	STATS_WAITS,		/* for locks, that are over */
	STATS_WAITS_IN_VAIN,	/* of these: without getting it */
	STATS_CLAIMS_LOST,	/* of the fleet, that were held */
	/* messages */
	STATS_SENT, STATS_RECEIVED,
	STATS_LATE,		/* pushed, and not confirmed by a reader that had
				 * two cycles since; of ALL, for each reader */
	/* tasks, made here or sent by others */
	STATS_TASKS, STATS_DONE, STATS_FAILED,
	STATS_FIGURES
};

/* So many of each length, without keeping them: a sixteenth wide, below 32 s exact. */
enum { STATS_BUCKETS = 32 + 16 * 30 };
struct stats_times {
	uint64_t count;
	uint32_t bucket[STATS_BUCKETS];
};
void stats_times_add(struct stats_times *t, int64_t seconds);
/* -1 of none; of an even number the lower one of the two. */
int64_t stats_median(const struct stats_times *t);

struct stats_week {
	int64_t from;		/* Monday, 00:00 UTC */
	uint64_t figure[STATS_FIGURES];
	int64_t waited, longest;	/* for locks, seconds: all, and one */
	struct stats_times took;	/* from being claimed to being done */
};

struct stats {
	int64_t since;		/* what was before is not counted; 0: all is */
	struct stats_week *week;	/* the oldest first; only where something was */
	size_t count, cap;
	struct stats_week total;
	struct stats_counting *counting;	/* stats.c */
};

/* Reads the log, all parts of it, and what it was not told yet of refusals. */
int stats_gather(struct home *h, int64_t since, struct stats *out,
		 struct error *err);
void stats_release(struct stats *s);

/* Its parts: begin, each LINE of a log in order, what is pending, total. */
void stats_begin(struct stats *s, int64_t since);
void stats_take(struct stats *s, struct span line);
void stats_take_refusals(struct stats *s, const struct refusals *r);
void stats_add_up(struct stats *s);

/* "2026-W48" of a time. */
enum { WEEK_TEXT = 24 };
const char *stats_week_name(int64_t time, char out[WEEK_TEXT]);

#endif
