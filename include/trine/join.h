/*
 * Setting up a computer on a branch that others may use already (protocol R29
 * to R31): which number is free, and may this one be taken?
 */
#ifndef TRINE_JOIN_H
#define TRINE_JOIN_H

#include <stdbool.h>

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/remote.h"
#include "trine/repo.h"

struct join_plan {
	int number;		/* the one asked for, or the lowest free one */
	char branch[64];	/* the one asked for, or the remote's default */
	bool reached;		/* false: offline; nothing could be checked */
	bool populated;		/* the tip has files below the prefix */
	size_t old_messages;	/* in them, surely of before trine (import.h),
				 * as far as the first 64 MiB show */
	bool returning;		/* the tip has a status of NUMBER already */
	struct oid tip;		/* where ALL streams start (R31); none: empty */
	struct heads apart;	/* branches of computers, likewise */
	char warning[1024];	/* for people; "" if none */
};

/* Look at the remote by fetching into the bare repository at REPO_PATH (made
 * if absent). NUMBER 0: choose. URL NULL: offline. ERR_REFUSED: the number is
 * taken and TAKEOVER is not given. Being out of reach is no error. Release OUT,
 * also then. */
int join_look(const char *url, const char *branch, const char *prefix,
	      int number, bool takeover, const char *repo_path,
	      struct clock *clock, struct join_plan *out, struct error *err);
void join_plan_release(struct join_plan *plan);

#endif
