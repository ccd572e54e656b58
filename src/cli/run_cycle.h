/* One cycle from the command line, with the world as it is: what `sync`,
 * `takeover`, `retire` and `leave` end in. */
#ifndef TRINE_RUN_CYCLE_H
#define TRINE_RUN_CYCLE_H

#include "command.h"
#include "trine/report.h"

struct run_options {
	bool scheduled;		/* wait this computer's offset in the minute */
	bool dry_run;
	bool offline;
};

/* Runs it, and says on stderr what happened: all of it on a terminal, or with
 * -v; without one nothing but what a person must know (design section 5). The
 * returned error's text is empty if it is not to be printed. */
int run_cycle(struct cli *cli, const struct run_options *options,
	      struct report *report, struct error *err);

#endif
