/*
 * What the files of hand.c share: hand.c walks over commits, hand_writer.c says
 * whose streams are written by hand, hand_version.c reads one version of one.
 */
#ifndef TRINE_SYNC_HAND_H
#define TRINE_SYNC_HAND_H

#include "sync.h"

/* --- hand_writer.c --- */
/* People have no trine, a computer until its first trine commit in this ancestry
 * (R10), and again when it was taken out of the fleet. */
int hand_is_by_hand(struct hand_reader *r, const struct commit_info *info,
		    int computer, bool *out, struct error *err);

/* --- hand_version.c --- */
enum hand_reading {
	HAND_ADDED,	/* what INFO adds, to its parents */
	HAND_AGAIN,	/* it was read beside the branch, and has come to it: nothing of
			 * it is news; but it is what said its lines last, whatever was
			 * read in between, so that whoever has it below and says them
			 * once more means it */
	HAND_RETIRED	/* INFO takes its writer out of the fleet, whose last commit
			 * stands for the parents */
};
/* Take in what INFO has of a stream beyond what all of PARENTS have. */
int hand_read_stream(struct hand_reader *r, const struct commit_info *info,
		     struct stream_name name, const struct list *parents,
		     enum hand_reading how, struct error *err);

#endif
