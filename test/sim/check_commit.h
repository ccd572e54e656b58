/*
 * Private to the checker: what the rules of one commit share.
 */
#ifndef SIM_CHECK_COMMIT_H
#define SIM_CHECK_COMMIT_H

#include "check_own.h"

/* One commit that is looked at, and what it must carry on from. */
struct looking {
	struct check *c;
	struct ck_commit *commit;
	struct ck_computer *computer;
	const struct ck_commit *parent;
	const struct ck_commit *pred;	/* the last of its computer below it */
	const struct ck_commit *own;	/* the last of its clone, anywhere */
	const struct ck_commit *before;	/* what its clone began from */
	size_t changed;			/* files, its status apart */
	size_t reasons;			/* of these, but for copies and: */
	struct ck_list put_back;	/* own paths as PRED had them */
};

/* --- check_told.c: what the status in it tells --- */
void ck_status_check(struct looking *at);
/* Receipts are not below those of FROM, which may be NULL (R8). */
void ck_rising_check(struct looking *at, const struct ck_commit *from);
/* A new clone goes on from the highest that the ones before it had (R29), which are
 * remembered of commits that are not looked at in whole. */
void ck_inherit_receipts(struct ck_computer *computer);
void ck_remember_receipts(struct looking *at);

#endif
