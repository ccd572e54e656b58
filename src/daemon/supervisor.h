/*
 * What the files of the supervisor share. Private to src/daemon.
 *
 * supervisor.c has the loop; watch.c what it knows of each instance, and what follows
 * from that; run.c starts and ends them; ask.c asks how they are; web_child.c and
 * sync_child.c have the two programs of ours that it starts; signals.c and news.c wake
 * it.
 */
#ifndef TRINE_SUPERVISOR_H
#define TRINE_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon.h"
#include "trine/instances.h"

/* ---- signals.c ---- */
struct signals {
	bool end, reload, child;
};
/* From now on they come as bytes to the returned descriptor; -1: they do not. */
int signals_open(struct error *err);
void signals_read(struct signals *out);	/* adds to OUT */

/* ---- web_child.c: the web part, started again when it ends ---- */
struct web_child {
	long pid;		/* 0: it does not run */
	int channel;		/* our end; -1 */
	bool up;		/* it has said that it listens */
	bool failed;		/* one has ended without */
	bool bell;		/* it wants a cycle, now */
	int64_t since, again;	/* steady: it was started; it is to be */
	int64_t pause;		/* ms before it is started again */
	char line[512];		/* what came of one so far */
	size_t len;
	/* An answer to what was asked through web_child_ask: STATUS of HTTP, or 0 and
	 * why there is none. */
	void (*answer)(void *arg, uint64_t id, int status, const char *why);
	void *arg;
};
void web_child_look(struct web_child *w, struct daemon *d);	/* start it, if it is time */
void web_child_read(struct web_child *w);	/* its channel has news */
void web_child_reap(struct web_child *w, struct daemon *d);	/* a child has ended */
/* False: it cannot be asked now. */
bool web_child_ask(struct web_child *w, uint64_t id, const char *url, int64_t ms);
void web_child_hangs(struct web_child *w);	/* it is killed, and so started again */
void web_child_end(struct web_child *w);	/* ask it to end */

/* ---- sync_child.c: cycles, one at a time ---- */
struct sync_child {
	long pid;		/* 0: none runs */
	int64_t next;		/* steady: when the next one begins */
	int64_t deadline;	/* of the one that runs */
	bool again;		/* one more, at once when this one has ended */
	unsigned offline;	/* ended 75, so often in a row */
	struct chance chance;
	char urgent[MESSAGE_ID];	/* the last urgent message of ours that was seen */
};
void sync_child_begin(struct sync_child *s, struct daemon *d);
void sync_child_look(struct sync_child *s, struct daemon *d);
void sync_child_ring(struct sync_child *s);	/* somebody waits for one */
void sync_child_news(struct sync_child *s, struct daemon *d);	/* the log has news */
void sync_child_reap(struct sync_child *s, struct daemon *d);
void sync_child_end(struct sync_child *s);

/* ---- watch.c: the instances ---- */
struct question {
	bool open;
	uint64_t id;		/* of one through the web part */
	long pid;		/* of a program, or 0 */
	int64_t since, deadline;	/* steady */
};

struct watched {
	const struct instance_settings *i;	/* of d->home->settings */
	int64_t copy;
	struct instance is;
	struct health how;
	struct process_mark process;	/* pid 0: none */
	bool child;		/* ours to wait for; else it was taken over */
	bool ran;		/* once, or now: a start is one more */
	bool stopping;
	int64_t kill_at;	/* then the rest is killed */
	long stopper;		/* the program `stop`, or 0 */
	struct question question;
	int64_t next_ask;	/* steady */
	struct instance_health health;
	int64_t cpu_ms, cpu_at;	/* processor time at the last look, and when that was */
	char reason[160];	/* why it is as it is */
	bool lost;		/* its work goes back when its process is gone */
	bool alerted;		/* since it was given up */
	bool unrecorded;	/* the log does not have what it is */
};

/* One that the settings name no more. */
struct dying {
	long pid;
	bool child;
	int64_t kill_at;
};

struct watch {
	struct daemon *d;
	struct web_child *web;
	struct watched *item;
	size_t count, cap;
	struct dying *dying;
	size_t dying_count, dying_cap;
	struct chance chance;
	uint64_t asked;		/* the id of the last question */
	uint64_t wish;		/* the last one that was fulfilled */
	int64_t next_round;	/* of measuring, and of bounding logs */
	bool changed;		/* run/health.json is to be written */
	bool recorded;		/* so is run/active.json */
	bool alert;		/* one was raised: a cycle tells who is to know */
	bool ending;		/* the daemon is */
};
/* What the settings name, and what the log says of it: what still runs from before is
 * taken over (keep), or ended. */
int watch_begin(struct watch *w, struct error *err);
/* The settings are others, and those before still there: what they no longer name ends,
 * and what they start otherwise begins anew. */
void watch_reload(struct watch *w);
void watch_wishes(struct watch *w);	/* the log has news */
void watch_look(struct watch *w);	/* all that is due by now */
void watch_reap(struct watch *w);	/* a child has ended */
int64_t watch_next(const struct watch *w);	/* steady: when something is due */
void watch_answer(void *watch, uint64_t id, int status, const char *why);
/* End what does not outlive us; until watch_ended. */
void watch_end(struct watch *w);
bool watch_ended(const struct watch *w);
void watch_close(struct watch *w);

/* For run.c and ask.c: something happened to one. WHY, or NULL. */
void watch_step(struct watch *w, struct watched *one, enum instance_event event,
		const char *why);
/* And its process is gone: what it had goes back. */
void watch_gone(struct watch *w, struct watched *one);
int64_t watch_now(const struct watch *w);	/* steady */
/* How it is called in words: "builder", "builder 2". */
const char *watched_name(const struct watched *one, char out[80]);

/* ---- run.c ---- */
enum { RUN_GRACE_MS = 5000 };	/* from SIGTERM to SIGKILL */
void run_start(struct watch *w, struct watched *one);
/* Does one run that was started here, whatever the log says? */
bool run_is_left(const struct watch *w, const struct watched *one,
		 struct process_mark *out);
void run_stop(struct watch *w, struct watched *one);
void run_look(struct watch *w, struct watched *one);	/* has it ended? is it to be killed? */
int64_t run_next(const struct watch *w, const struct watched *one);
/* Its folder below .trine/work, made if there is none; caller frees. NULL and ERR. */
char *run_folder(const struct watch *w, const struct watched *one, struct error *err);
/* What it prints, and what we do where `trine daemon start` has started us. */
void run_bound_log(struct watch *w, struct watched *one);
void run_bound_own_log(struct watch *w);

/* ---- ask.c ---- */
void ask_begin(struct watch *w, struct watched *one);
void ask_look(struct watch *w, struct watched *one);	/* its program; its time */
void ask_forget(struct watched *one);	/* whatever the answer is */
int64_t ask_next(const struct watched *one);
/* What was asked through the web part. */
void ask_answer(struct watch *w, struct watched *one, int status, const char *why);

#endif
