/* What `trine lock run` does with the command while the lock is held, be it one of this
 * computer (cmd_lock.c) or of the whole fleet (lock_fleet.c). */
#ifndef TRINE_LOCK_RUN_H
#define TRINE_LOCK_RUN_H

#include "command.h"

/* Run it as program_follow does, with the lock's name and TOKEN in its environment.
 * LOST is asked each second whether the lock is, and so the command is to end. */
int lock_run_command(const struct cli *cli, uint64_t token, bool (*lost)(void *arg),
		     void *arg, int *status, struct error *err);

#endif
