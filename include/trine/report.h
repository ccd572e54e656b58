/*
 * report.json: what the last cycle did, written always, read by `status`,
 * `inbox` and, later, the dashboard. Volatile facts live here and not in the
 * log: when the remote was last reached, how often in a row it was not.
 */
#ifndef TRINE_REPORT_H
#define TRINE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/error.h"
#include "trine/home.h"

enum { REPORT_STEPS = 12 };

struct report {
	int64_t started, ended;
	int64_t fetched;	/* last time the remote answered; 0: never */
	bool online;		/* it did in this cycle */
	char tip[41];
	char branch[64];
	unsigned rounds;	/* pushes tried */
	unsigned received, committed, published, handed, copies;
	unsigned cycles, failed;	/* ever; of these, so many failed or were cut */
	unsigned failures;	/* cycles in a row that ended without the remote */
	bool spoke;		/* a line about that was printed */
	char failure[512];	/* the last one, "" if none */
	int exit;
	/* Not in report.json: how long each step took, in all rounds (cycles.h). */
	struct report_step {
		const char *name;
		int64_t ms;
	} step[REPORT_STEPS];
	size_t step_count;
};

/* Zeros if there is none, or none that can be understood: these are facts of
 * the last cycle, and the next one writes them anew. */
int report_read(const struct home *h, struct report *out, struct error *err);
int report_write(const struct home *h, const struct report *r, struct error *err);

/* A cycle that is killed writes no report: run/cycle is there from its start to
 * its end, and says when that was, and whether the deadline cut it off. */
int report_begin(const struct home *h, int64_t now, struct error *err);
int report_end(const struct home *h, struct error *err);
/* Was one left there? Then WHY says so (ERR_AGAIN). Whoever asks has made sure
 * that no cycle runs. */
bool report_was_cut(const struct home *h, struct error *why);

#endif
