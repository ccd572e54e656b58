/*
 * A TCP connection under a deadline: no call here blocks past it. The socket is
 * non-blocking, TCP_NODELAY (small writes would wait 40 ms for each other), and
 * never raises SIGPIPE.
 */
#ifndef TRINE_NET_H
#define TRINE_NET_H

#include <stddef.h>
#include <stdint.h>

#include "trine/clock.h"
#include "trine/error.h"

/* Each returns -1 with ERR_AGAIN when DEADLINE (clock->steady) is over, the
 * peer is gone or the name cannot be resolved. */
int net_connect(const char *host, const char *port, struct clock *clock,
		int64_t deadline, struct error *err);
ptrdiff_t net_read(int fd, void *bytes, size_t len, struct clock *clock,
		   int64_t deadline, struct error *err);	/* 0: closed */
ptrdiff_t net_write(int fd, const void *bytes, size_t len, struct clock *clock,
		    int64_t deadline, struct error *err);	/* all of it */
void net_close(int fd);

/* For a library that reads from the descriptor by itself: a second thread shuts the
 * connection down after MS milliseconds, so that whatever blocks on it fails. End
 * it before FD is closed. NULL: no thread can be had. */
struct net_watch;
struct net_watch *net_watch(int fd, int64_t ms, struct error *err);
void net_watch_end(struct net_watch *w);	/* NULL is fine */

#endif
