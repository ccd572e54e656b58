/*
 * What the files of radar.c share: radar_due.c chooses branches, radar.c has
 * them brought, radar_news.c says what one holds for us, radar_take.c reads one
 * like the fleet's.
 */
#ifndef TRINE_SYNC_RADAR_H
#define TRINE_SYNC_RADAR_H

#include "sync.h"
#include "trine/hand.h"

enum { WHY_TEXT = 240 };

struct radar {
	struct cycle *c;
	struct branch *known;		/* by name */
	size_t known_count;
	struct in_stream *in;
	size_t in_count;
	struct head *due;		/* names are the remote's */
	size_t due_count, due_cap;
	size_t owned;			/* of these, the first ones: computers' */
	size_t failed;			/* and the last ones: tried before */
	int64_t began;
};

/* The branch that is looked at. */
struct look {
	struct radar *r;
	const struct head *head;
	int64_t until;
	struct branch_news news[LIMIT_BESIDE_NEWS];
	size_t count;
	char why[WHY_TEXT];	/* something of it cannot be read */
	struct hand_reader hand;	/* of one that is taken */
	int owner;		/* the computer whose own it is; 0: anybody's */
	struct oid upto;	/* read so far, with all below it */
};

/* --- radar_due.c --- */
int radar_start(struct radar *r, struct cycle *c, struct error *err);
void radar_stop(struct radar *r);
int64_t radar_spent(const struct radar *r);	/* ms since then */
const struct branch *radar_known(const struct radar *r, const char *name);
/* The computer that keeps a branch of this name for itself; 0: none. */
int radar_owner(const struct radar *r, const char *name);
bool radar_takes(const struct radar *r, const struct head *head);

/* --- radar.c --- */
/* Fails when the time for this branch is over. */
int look_check_time(struct look *look, struct error *err);

/* What a commit changes below the prefix. */
struct look_changed {
	struct list to_us;	/* streams and statuses of others */
	bool any;
};
int look_changes(struct look *look, const struct commit_info *info,
		 struct look_changed *out, struct error *err);

/* --- radar_news.c --- */
/* What of the branch's new commits is news to us. */
int look_for_news(struct look *look, const struct list *hide,
		  struct error *err);
/* The fleet's branch moved: what of the news has come there since? */
int radar_settle(struct cycle *c, struct error *err);

/* --- radar_take.c --- */
/* Read the branch's new commits, up to UPTO; HIDE gets what is below them. */
int look_and_take(struct look *look, struct list *hide, struct error *err);

#endif
