/*
 * `trine lock … --fleet`: leases that hold in the whole fleet (trine/claims.h). Called
 * by cmd_lock.c, which has the options.
 */
#ifndef TRINE_LOCK_FLEET_H
#define TRINE_LOCK_FLEET_H

#include "command.h"

struct lock_fleet_wish {
	const char *name;
	int64_t wait_ms;
	int64_t ttl;		/* 0: CLAIM_LEASE */
	int64_t token;		/* 0: not given */
};

int lock_fleet_acquire(struct cli *cli, const struct lock_fleet_wish *w,
		       struct error *err);
int lock_fleet_renew(struct cli *cli, const struct lock_fleet_wish *w,
		     struct error *err);
int lock_fleet_release(struct cli *cli, const struct lock_fleet_wish *w,
		       struct error *err);
int lock_fleet_break(struct cli *cli, const char *name, const char *by,
		     const char *reason, struct error *err);
/* Hold it while the command runs; its exit is *STATUS. */
int lock_fleet_run(struct cli *cli, const struct lock_fleet_wish *w, int *status,
		   struct error *err);
/* Print each that is known here, ours and others'; *COUNT of them. */
int lock_fleet_list(const struct cli *cli, size_t *count, struct error *err);

#endif
