/*
 * What the files of hand.c share: hand.c walks over commits, hand_writer.c says
 * whose streams are written by hand, hand_version.c reads one version of one.
 */
#ifndef TRINE_SYNC_HAND_H
#define TRINE_SYNC_HAND_H

#include "sync.h"

/* --- hand_writer.c --- */
/* People have no trine, a computer until its first trine commit in this ancestry
 * (R10), and again when it was taken out of the fleet. A status speaks for trine where
 * that commit was squashed; but one that agents made themselves does not. */
int hand_is_by_hand(struct hand_reader *r, const struct commit_info *info,
		    struct stream_name name, bool *out, struct error *err);
/* Is there a status of its writer in COMMIT, and is that one of trine's, as far as can be
 * told without a look at history? A squash and an agent that copies both, status and
 * stream, look alike: OUT is true then, or a text would be read by hand and once more
 * from its owner. */
int hand_is_claimed(struct hand_reader *r, const char *commit,
		    struct stream_name name, bool *status, bool *out,
		    struct error *err);

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
