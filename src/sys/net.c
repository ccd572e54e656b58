/*
 * TCP under a deadline (net.h). Used by the git:// remote, whose library has
 * no timeouts of its own.
 */
#include "trine/net.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys.h"
#include "trine/lookup.h"
#include "trine/mem.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static int left_ms(struct clock *clock, int64_t deadline)
{
	int64_t left = deadline - clock->steady(clock);

	if (left <= 0)
		return 0;
	return left > 3600 * 1000 ? 3600 * 1000 : (int)left;
}

/* 1: ready (or failed: the next call says how), 0: the deadline is over. */
static int await(int fd, short events, struct clock *clock, int64_t deadline)
{
	struct pollfd wanted = { .fd = fd, .events = events };
	int left, ready;

	do {
		left = left_ms(clock, deadline);
		ready = poll(&wanted, 1, left);
	} while ((ready == -1 && errno == EINTR) || (ready == 0 && left > 0));
	return ready > 0;
}

static int resolve(const char *host, const char *port, struct clock *clock,
		   int64_t deadline, struct addrinfo **found, struct error *err)
{
	struct lookup *lookup;
	int done, rc;

	lookup = lookup_begin(host, port, &done, err);
	if (lookup == NULL)
		return -1;
	await(done, POLLIN, clock, deadline);
	rc = lookup_found(lookup, found, err);
	close(done);
	lookup_end(lookup);
	return rc;
}

static int open_socket(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, address->ai_socktype,
			address->ai_protocol), one = 1;

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
#ifdef SO_NOSIGPIPE
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof(one));
#endif
	return fd;
}

/* errno says why not. */
static int connect_one(const struct addrinfo *address, struct clock *clock,
		       int64_t deadline)
{
	int fd = open_socket(address), number = 0;
	socklen_t len = sizeof(number);

	if (fd == -1)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	number = errno;
	if (number == EINPROGRESS || number == EINTR) {
		number = ETIMEDOUT;
		if (await(fd, POLLOUT, clock, deadline) &&
		    getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) == -1)
			number = errno;
	}
	if (number == 0)
		return fd;
	close(fd);
	errno = number;
	return -1;
}

/* A dead first address must not use up the time of those that live. */
static int connect_any(const struct addrinfo *found, struct clock *clock,
		       int64_t deadline)
{
	int count = 0, fd = -1;

	for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
		count++;
	errno = ETIMEDOUT;
	for (const struct addrinfo *a = found; a != NULL; a = a->ai_next) {
		int64_t now = clock->steady(clock);

		fd = connect_one(a, clock, now + (deadline - now) / count--);
		if (fd >= 0)
			break;
	}
	return fd;
}

int net_connect(const char *host, const char *port, struct clock *clock,
		int64_t deadline, struct error *err)
{
	struct addrinfo *found = NULL;
	int fd;

	if (resolve(host, port, clock, deadline, &found, err) == -1)
		return -1;
	fd = connect_any(found, clock, deadline);
	if (fd == -1)
		error_set(err, ERR_AGAIN, "cannot connect to %s port %s: %s",
			  host, port, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

static bool would_block(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static int too_late(struct error *err)
{
	return error_set(err, ERR_AGAIN, "no answer in time");
}

ptrdiff_t net_read(int fd, void *bytes, size_t len, struct clock *clock,
		   int64_t deadline, struct error *err)
{
	ssize_t got;

	for (;;) {
		if (!await(fd, POLLIN, clock, deadline))
			return too_late(err);
		got = recv(fd, bytes, len, 0);
		if (got >= 0)
			return got;
		if (!would_block(errno))
			return error_set(err, ERR_AGAIN, "connection lost: %s",
					 strerror(errno));
	}
}

ptrdiff_t net_write(int fd, const void *bytes, size_t len, struct clock *clock,
		    int64_t deadline, struct error *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t put;

		if (!await(fd, POLLOUT, clock, deadline))
			return too_late(err);
		put = send(fd, (const char *)bytes + done, len - done,
			   MSG_NOSIGNAL);
		if (put >= 0)
			done += (size_t)put;
		else if (!would_block(errno))
			return error_set(err, ERR_AGAIN, "connection lost: %s",
					 strerror(errno));
	}
	return (ptrdiff_t)done;
}

void net_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* --- a deadline from outside --- */

struct net_watch {
	pthread_t thread;
	int fd;
	int timeout;		/* ms */
	int ends[2];		/* closing the second one ends the thread */
};

static void *keep_watch(void *arg)
{
	struct net_watch *w = arg;
	struct pollfd ended = { .fd = w->ends[0], .events = POLLIN };
	int rc;

	do
		rc = poll(&ended, 1, w->timeout);
	while (rc == -1 && errno == EINTR);
	if (rc == 0)
		shutdown(w->fd, SHUT_RDWR);
	return NULL;
}

struct net_watch *net_watch(int fd, int64_t ms, struct error *err)
{
	struct net_watch *w = xcalloc(1, sizeof(*w));
	int number;

	w->fd = fd;
	w->timeout = ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
	if (pipe_open(w->ends) == -1) {
		error_errno(err, "pipe");
		free(w);
		return NULL;
	}
	number = pthread_create(&w->thread, NULL, keep_watch, w);
	if (number == 0)
		return w;
	errno = number;
	error_errno(err, "no thread can be started");
	close(w->ends[0]);
	close(w->ends[1]);
	free(w);
	return NULL;
}

void net_watch_end(struct net_watch *w)
{
	if (w == NULL)
		return;
	close(w->ends[1]);
	pthread_join(w->thread, NULL);
	close(w->ends[0]);
	free(w);
}
