/*
 * One cycle (design section 5): a table of steps, run by `trine sync`.
 *
 * Everything that differs between a test and the world is handed in. Killed at
 * any instruction, the next cycle finishes the work: the steps' comments in
 * src/sync say what each leaves behind.
 */
#ifndef TRINE_CYCLE_H
#define TRINE_CYCLE_H

#include "trine/clock.h"
#include "trine/disk.h"
#include "trine/home.h"
#include "trine/remote.h"
#include "trine/report.h"

#define CAME_OUT "run/out"	/* below .trine: of a desk file, for disk_keep */

struct cycle_world {
	struct clock *clock;
	struct chance *chance;
	struct disk *disk;
	struct remote *remote;		/* NULL: --offline, or no remote is set */
	/* Called at every point a crash test kills at; NULL: not. */
	void (*checkpoint)(void *arg, const char *name);
	/* One line of what is done, for -v and --dry-run; NULL: not. Text of
	 * others in it is escaped. */
	void (*say)(void *arg, const char *line);
	/* One line that a person should see though nobody watches; NULL: not. */
	void (*warn)(void *arg, const char *line);
	void *arg;
	unsigned portion;		/* so many new commits are recorded at
					 * once; 0: as is good */
};

/* Cycles that must fail in a row before one line is said without a terminal. */
enum { SPEAK_AFTER = 3 };

struct cycle_options {
	bool dry_run;			/* decide, write nothing, push nothing */
	const char *version;		/* of trine, for the status */
};

/* Run one cycle, and one more for each run/again left meanwhile. 0, or -1 with
 * the code that `sync` exits with. REPORT is filled in either case. *BUSY: an
 * other sync is running; run/again was left, nothing else done. */
int cycle_run(struct home *home, const struct cycle_world *world,
	      const struct cycle_options *options, struct report *report,
	      bool *busy, struct error *err);

#endif
