/*
 * trined, the daemon of one computer: two processes of one program. Private to
 * src/daemon.
 *
 * The supervisor is small: it watches over the others, and calls nothing of
 * libwebsockets. The web part is its child, by exec, with one end of a socketpair as
 * descriptor WEB_CHANNEL; it ends when the other end does. What crashes in one of
 * them is not the end of the other.
 *
 * On the channel are lines of JSON:
 *	web → supervisor  {"up":true}		it listens (run/ports.json says where)
 *			  {"bell":true}		a cycle is to begin, now
 *			  {"answer":7,"status":200}
 *			  {"answer":7,"error":"nobody answers"}
 *	supervisor → web  {"ask":7,"url":"http://…","ms":10000}
 */
#ifndef TRINE_DAEMON_H
#define TRINE_DAEMON_H

#include <stdbool.h>

#include "trine/clock.h"
#include "trine/error.h"
#include "trine/home.h"

struct daemon {
	const char *dir;	/* of the computer */
	const char *self;	/* our program: what is there may be replaced by another
				 * one while we run */
	struct clock *clock;
	struct home *home;
};

enum { WEB_CHANNEL = 3 };

/* Both return at their end: 0, if they were asked to. */
int supervisor_run(struct daemon *d, struct error *err);
int web_run(struct daemon *d, int channel, struct error *err);

/* ---- news.c: the event log has grown ---- */
struct news {
	int fd;			/* to be polled; -1: there is nothing that can be */
	struct log_mark seen;
};
void news_open(struct news *n, const struct home *h);
/* Is there any since the last call? */
bool news_read(struct news *n, const struct home *h);
void news_close(struct news *n);

/* One line on stderr, which is the journal of systemd, or a file. Text from
 * elsewhere comes out escaped. */
void daemon_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
