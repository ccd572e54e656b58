/*
 * Instances that the daemon watches over, in the event log and its view: what is
 * wanted of them, and how they were when that last changed. A part of store.h.
 * Whoever starts or ends one records what is wanted (instances.h), and the daemon,
 * which watches the log, does it. What changes all the time (memory, the last
 * answer) is in no event, but in run/health.json.
 */
#ifndef TRINE_STORE_INSTANCE_H
#define TRINE_STORE_INSTANCE_H

#include "trine/instance.h"
#include "trine/process.h"

struct store;

/* One copy of an instance, as its last change left it. */
struct instance_fact {
	char *name;
	int64_t copy;		/* 1, 2, … */
	enum instance_state state;
	bool given_up;		/* nothing is tried until somebody acts */
	struct process_mark process;	/* pid 0: none of ours */
	int64_t since;
	char *reason;		/* why, in words, or "" */
};
struct instance_fact_list {
	struct instance_fact *item;
	size_t count, cap;
};
void instance_fact_list_release(struct instance_fact_list *l);

/* Nothing is recorded if it is so already. since is set. */
int record_instance_changed(struct store *s, struct instance_fact *f,
			    struct error *err);
/* By name and copy. */
int view_instances(struct store *s, struct instance_fact_list *out,
		   struct error *err);

enum instance_want { WANT_START, WANT_STOP, WANT_RESTART };

/* What was wanted last of all copies of an instance. */
struct instance_wish {
	char *name;
	enum instance_want want;
	uint64_t number;	/* of the event: a later wish has a higher one */
	int64_t time;
};
struct instance_wish_list {
	struct instance_wish *item;
	size_t count, cap;
};
void instance_wish_list_release(struct instance_wish_list *l);

/* *NUMBER is that of the wish. */
int record_instance_wanted(struct store *s, const char *name,
			   enum instance_want want, uint64_t *number,
			   struct error *err);
int view_instance_wishes(struct store *s, struct instance_wish_list *out,
			 struct error *err);

#endif
