/*
 * What `status` says, gathered: facts of the log, of the last cycle and of the
 * settings, and the problems that follow from them. Reads only; the dashboard
 * and the daemon use it too.
 *
 *	struct overview o;
 *	if (overview_gather(home, &o, err) == 0)
 *		… print …
 *	overview_release(&o);			(also after an error)
 */
#ifndef TRINE_OVERVIEW_H
#define TRINE_OVERVIEW_H

#include "trine/alert.h"
#include "trine/claims.h"
#include "trine/fleet.h"
#include "trine/home.h"
#include "trine/instances.h"
#include "trine/presence.h"
#include "trine/report.h"

/* How far one reader has confirmed one stream of ours. */
struct confirmation {
	size_t stream;		/* index of the stream */
	int computer;
	uint64_t upto;
	uint64_t read;		/* it read so far: above UPTO it has more trouble than it
				 * lists */
};

struct overview_instance {
	const char *name;	/* of the settings */
	unsigned queued;	/* for it, and not handed over yet */
	unsigned running;	/* that it works on */
	int64_t capacity;
	int64_t contact;	/* when it last took something; 0: never */
	struct instance_sum sum;	/* how its copies are */
};

struct overview {
	int64_t now;
	struct identity me;
	const char *name;	/* of trine.ini, else of the log; or NULL */
	enum computer_state state;
	const char *branch;	/* "" if not known yet */
	char apart[BRANCH_NAME];	/* where ours go instead; "" : there */
	const char *tip;	/* of the branch, as last known; "" before that */
	int64_t tip_time;	/* when it was first seen, by our clock */
	struct marks marks;
	struct report report;
	struct fleet fleet;
	unsigned commits;	/* made here and never seen on a tip */
	unsigned messages;	/* accepted and in no commit yet */
	unsigned queued;	/* tasks that nobody was handed yet */
	struct record_list work;	/* that is worked on; without bodies */
	struct record_list had;		/* tasks that somebody has, begun or not */
	struct session_list session;	/* not ended; their processes may be gone */
	struct lock_list lock;		/* some may be over */
	struct reservation_list reservation;
	struct alert_list alert;	/* open ones, also of others */
	struct claim_list claim;	/* in the whole fleet, also by others */
	struct out_stream *stream;
	size_t stream_count;
	struct confirmation *confirmed;	/* in order of stream */
	size_t confirmed_count, confirmed_cap;
	struct peer *peer;		/* not ours, none retired */
	size_t peer_count;
	struct presence presence;	/* in real time */
	struct overview_instance *instance;
	size_t instance_count;
	struct problem *problem;
	size_t problem_count, problem_cap;
};

int overview_gather(struct home *h, struct overview *out, struct error *err);
void overview_release(struct overview *o);

/* What PEER says of itself; STATE_OFFLINE when its status has not changed, by
 * our clock, for 2 × its heartbeat + 5 min. */
enum computer_state overview_peer_state(const struct peer *peer, int64_t now);

/* A reader that showed a new status this long after our push has had two cycles: what
 * it has not confirmed by then is late. */
enum { LATE_SECONDS = 2 * 300 };

/* How to call a computer: "2", or "2 (Architect)". Not escaped. */
enum { COMPUTER_TEXT = 96 };
const char *overview_computer(const struct overview *o, int number,
			      char out[COMPUTER_TEXT]);

#endif
