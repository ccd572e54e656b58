/*
 * `trine repair`: a computer whose log or view is damaged.
 *
 *	rc = repair_run(dir, clock, &done, err);
 *	…
 *	log_repair_release(&done);		(store_repair.h)
 *
 * DIR is the one that holds .trine. ERR_AGAIN: a cycle goes on, or a process held the
 * log for too long.
 */
#ifndef TRINE_REPAIR_H
#define TRINE_REPAIR_H

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/store_repair.h"

int repair_run(const char *dir, struct clock *clock, struct log_repair *out,
	       struct error *err);

#endif
