/*
 * Private: what the cycle's side of handing over (deliver.c, slots.c) and the
 * worker's (worker.c, outcome.c, exec.c, http.c) share.
 */
#ifndef DELIVER_P_H
#define DELIVER_P_H

#include <jansson.h>

#include "trine/deliver.h"
#include "trine/file.h"
#include "trine/work.h"

/* ---- slots (slots.c) ----
 * A worker holds one slot of its instance: a lock that the kernel drops when it
 * ends, however that comes about. There are as many as the instance's capacity. */
char *slot_path(const struct home *h, const char *instance, unsigned slot);
/* Where it notes which program it runs (program.h); beside the lock, since who
 * takes a lock empties its file. */
char *slot_note(const struct home *h, const char *instance, unsigned slot);
/* The descriptor of its lock; -1 with ERR_AGAIN if another process has it. */
int slot_take(const struct home *h, const char *instance, unsigned slot,
	      struct error *err);

/* Is I one whose line workers work off? */
bool has_workers(const struct instance_settings *i);

/* The worker that had R is gone, and the caller has its slot: R ended as that one kept,
 * or nobody knows whether it was done. What it left running is ended. */
int settle_left(struct home *h, const struct record *r, struct chance *chance,
		struct error *err);

/* Settle what workers that are gone had begun, and what a service has not
 * answered in its time. */
int settle_lost(struct home *h, struct chance *chance, struct error *err);
/* Start workers for those who stand in a line and may be taken now. *WELL: some were
 * started, or have come since. -1 too if none came that was started a minute ago. */
int start_workers(struct home *h, unsigned *well, struct error *err);

/* Start a worker of WHAT: an instance, or ALERTS. */
int start_worker(struct home *h, const char *what, struct error *err);

/* ---- how it ended, while the log cannot take it (outcome.c) ---- */
char *outcome_path(const struct home *h, const char *instance, unsigned slot);
/* As well as it can be: the disk may be what the log failed for. */
void outcome_keep(const char *path, const struct record *r, const struct work_end *end);
/* False: none is kept there of R and its attempt. */
bool outcome_find(const char *path, const struct record *r, struct work_end *end);
void outcome_forget(const char *path);

/* ---- alerts (hand_alerts.c) ---- */
#define ALERTS "--alerts"	/* for `trine-deliver`, in the place of an instance */
/* Instances get tasks for what they have not been told yet, and a worker is started if
 * there is anything for the program. */
int hand_alerts(struct home *h, struct error *err);

/* ---- the worker ---- */
struct worker {
	int64_t timeout;	/* seconds, of what it works on */
	struct home *h;
	struct settings settings;	/* the newest that could be read */
	const char *instance;
	const struct instance_settings *i;	/* of settings */
	unsigned slot;
	int lock;
	char *note, *outcome;	/* slot_note, outcome_path */
	char *slot_file, *ini, *program;	/* paths */
	uint64_t slot_inode;
	struct file_info ini_read;	/* as settings were read */
	struct chance chance;
	bool may_isolate;	/* tried: bubblewrap works here */
};

/* Why it is to end, or NULL: the section is gone, or the computer's directory, or
 * trine; or it was asked to. ARG is the worker (program.h). */
const char *worker_stop(void *arg);

/* What an instance gets of R, one line: the message as `trine show --json` has it,
 * with `attempt` and `instance`. Caller frees. */
char *worker_json(const struct worker *w, const struct record *r);

/* Each way: hand R over, wait for how it ends, and say so in END. */
void worker_exec(struct worker *w, const struct record *r, struct work_end *end);
void worker_http(struct worker *w, const struct record *r, struct work_end *end);

/* Put what a program needs in order to run in a sandbox in front of ARGV (isolate.c).
 * -1: bubblewrap is not there or cannot work here. */
int isolate(struct worker *w, struct list *argv, const char *program,
	    struct error *err);

#endif
