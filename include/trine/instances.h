/*
 * Instances of this computer, as people and programs see them: what is wanted of
 * them, and how they are. The daemon watches over them; who is not the daemon records
 * a wish, which that one fulfils.
 *
 *	instances_want(h, "builder", WANT_RESTART, &wish, err);
 *	instances_list(h, &l, err);
 *	instance_list_release(&l);
 */
#ifndef TRINE_INSTANCES_H
#define TRINE_INSTANCES_H

#include <jansson.h>

#include "trine/home.h"
#include "trine/store_instance.h"

/* Does a daemon run for this computer? */
bool instances_watched(const struct home *h);

/* Of all copies of NAME; NULL: of all instances that have a program. The daemon has seen
 * it when the list below says that it has seen *WISH. ERR_NOTFOUND: there is none;
 * ERR_USAGE: it has no `start`; ERR_AGAIN: no daemon runs, which would do it. */
int instances_want(struct home *h, const char *name, enum instance_want want,
		   uint64_t *wish, struct error *err);

/* ---- what changes all the time: run/health.json ---- */
enum { HEALTH_HISTORY = 60 };

struct instance_health {
	char *name;
	int64_t copy;
	enum instance_state state;	/* BUSY too, which is no event */
	int64_t checked;	/* when it was asked last, and answered; 0: never */
	int64_t response_ms;	/* how long that took; -1: unknown */
	int64_t cpu;		/* permille of one processor, lately; -1: unknown */
	int64_t memory;		/* resident bytes; -1: unknown */
	unsigned failures;	/* starts in a row that were no good */
	unsigned restarts;	/* by this daemon, whatever for */
	/* The last answers, the newest last: + well, ~ slow, - ill, ? nobody could be
	 * asked. */
	char history[HEALTH_HISTORY + 1];
};
struct health_list {
	int64_t time;		/* when all that was so */
	uint64_t wish;		/* the last one that the daemon has seen */
	struct instance_health *item;
	size_t count, cap;
};
void health_list_release(struct health_list *l);
/* For the daemon alone. */
int health_write(const struct home *h, const struct health_list *l, struct error *err);
/* One that is not there, or damaged, is an empty list. */
void health_read(const struct home *h, struct health_list *out);

/* ---- how they are ---- */
struct instance_now {
	const struct instance_settings *i;
	int64_t copy;
	bool watched;		/* by a daemon; else what follows is as it was once */
	bool known;		/* the daemon has said how it is: it is in the settings
				 * that it has read */
	struct instance_fact fact;	/* name: of settings; reason may be NULL */
	bool wanted;
	struct instance_health health;
};
struct instance_list {
	uint64_t wish;		/* the last one that the daemon has seen; 0: none runs */
	struct instance_now *item;	/* in order of trine.ini; valid as long as settings */
	size_t count, cap;
};
int instances_list(struct home *h, struct instance_list *out, struct error *err);
void instance_list_release(struct instance_list *l);
/* "ONLINE" and so on, or "unknown". */
const char *instance_now_state(const struct instance_now *n);
/* New reference. */
json_t *instance_now_to_json(const struct instance_now *n);
/* All copies of an instance of settings in one word, where it works on RUNNING tasks:
 * its state, or "unknown" where nobody watches over it and it does nothing that could be
 * seen. ONLINE of COPIES serve. */
struct instance_sum {
	const char *state;
	bool known;
	unsigned online, copies;
};
struct instance_sum instances_sum(const struct instance_list *l,
				  const struct instance_settings *i, unsigned running);

/* The copy that the next task is posted to: one that serves, where that is known, and of
 * these the one that works on the least; 0: I has one copy. Within a transaction. */
int64_t instances_pick(struct home *h, const struct instance_settings *i);

/* ---- for the daemon ---- */
/* How a copy is now: one event, if that is news. */
int instances_changed(struct home *h, struct instance_fact *f, struct error *err);
/* One copy is gone. Sessions of its process end. What was posted to it, and what it
 * works on, may have been done: that goes back into the line if it is idempotent, else
 * it is in doubt. While OTHERS serve, what was given to no copy by its number stays: one
 * of those may have it. */
int instances_lost(struct home *h, const struct instance_settings *i, int64_t copy,
		   const struct process_mark *process, bool others,
		   struct chance *chance, struct error *err);
/* Nothing more is tried with a copy, because of REASON: an alert. And it serves again, or
 * is wanted no more: that is over. */
int instances_give_up(struct home *h, const char *name, int64_t copy,
		      const char *reason, struct error *err);
int instances_recover(struct home *h, const char *name, int64_t copy,
		      struct error *err);

#endif
