/* What the files of the supervisor share. Private to src/daemon. */
#ifndef TRINE_SUPERVISOR_H
#define TRINE_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon.h"

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
	int64_t since, again;	/* steady: it was started; it is to be */
	int64_t pause;		/* ms before it is started again */
	char line[256];		/* what came of one so far */
	size_t len;
};
void web_child_look(struct web_child *w, struct daemon *d);	/* start it, if it is time */
void web_child_read(struct web_child *w);	/* its channel has news */
void web_child_reap(struct web_child *w, struct daemon *d);	/* a child has ended */
/* Ask it to end; and has it? */
void web_child_end(struct web_child *w);

#endif
