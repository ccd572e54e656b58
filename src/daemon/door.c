/*
 * Where connections come in (web.h). The sockets are ours, and libwebsockets gets what
 * they accept: so the Unix socket has its mode before anybody can connect, there are
 * never more connections than descriptors, and one that is idle makes room.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "web.h"

enum { BACKLOG = 512, AT_ONCE = 64 };

/* ---- opening ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un local;
};

static socklen_t fill_address(union address *a, const struct listen *where)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET6, where->host, &a->six.sin6_addr) == 1) {
		a->six.sin6_family = AF_INET6;
		a->six.sin6_port = htons((uint16_t)where->port);
		return sizeof(a->six);
	}
	inet_pton(AF_INET, where->host, &a->four.sin_addr);
	a->four.sin_family = AF_INET;
	a->four.sin_port = htons((uint16_t)where->port);
	return sizeof(a->four);
}

static int refuse_port(const struct listen *where, const char *section,
		       struct error *err)
{
	if (errno != EADDRINUSE)
		return error_errno(err, "cannot listen on %s, port %d", where->host,
				   where->port);
	return error_set(err, ERR_AGAIN, "cannot listen on %s:%d: another program "
			 "does so already. Stop that one, or set another port under "
			 "[%s], `listen`, in trine.ini", where->host, where->port, section);
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd != -1) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
}

static int listen_on(struct door *door, const struct listen *where,
		     const char *section, struct error *err)
{
	union address a;
	socklen_t len = fill_address(&a, where);
	int yes = 1;

	door->fd = open_socket(a.any.sa_family);
	if (door->fd == -1)
		return error_errno(err, "a socket");
	setsockopt(door->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(door->fd, &a.any, len) == -1 || listen(door->fd, BACKLOG) == -1)
		return refuse_port(where, section, err);
	if (getsockname(door->fd, &a.any, &len) == -1)
		return error_errno(err, "a socket");
	door->port = ntohs(a.any.sa_family == AF_INET6 ? a.six.sin6_port :
			   a.four.sin_port);
	return 0;
}

/* One that is left there is a dead daemon's: there is one of a computer. */
static int listen_at(struct door *door, const char *path, struct error *err)
{
	union address a = { .local = { .sun_family = AF_UNIX } };
	mode_t mask;
	int rc;

	if (strlen(path) >= sizeof(a.local.sun_path))
		return error_set(err, ERR_CONFIG, "%s is longer than the name of a "
				 "socket may be: there is none", path);
	snprintf(a.local.sun_path, sizeof(a.local.sun_path), "%s", path);
	door->fd = open_socket(AF_UNIX);
	if (door->fd == -1)
		return error_errno(err, "a socket");
	unlink(path);
	mask = umask(0177);
	rc = bind(door->fd, &a.any, sizeof(a.local));
	umask(mask);
	if (rc == -1 || chmod(path, 0600) == -1 || listen(door->fd, BACKLOG) == -1)
		return error_errno(err, "%s", path);
	return 0;
}

struct door *door_open(struct web *w, const struct listen *where, const char *section,
		       const char *path, struct error *err)
{
	struct door *door = xcalloc(1, sizeof(*door));
	lws_sock_file_fd_type fd;
	int rc;

	*door = (struct door){ .web = w, .fd = -1, .local = path != NULL,
			       .adopt = conn_adopt };
	rc = path != NULL ? listen_at(door, path, err) :
		listen_on(door, where, section, err);
	if (rc == -1)
		goto failed;
	fd.filefd = door->fd;
	door->wsi = lws_adopt_descriptor_vhost(w->host, LWS_ADOPT_RAW_FILE_DESC, fd,
					       "door", NULL);
	if (door->wsi == NULL) {
		door->fd = -1;	/* it is closed */
		error_set(err, ERR_INTERNAL, "a socket cannot be watched");
		goto failed;
	}
	lws_set_opaque_user_data(door->wsi, door);
	door->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return door;
failed:
	if (door->fd != -1)
		close(door->fd);
	free(door);
	return NULL;
}

/* ---- coming in ---- */

static bool has_room(struct web *w)
{
	return w->conns + w->links < w->most || conns_make_room(w);
}

/* There is no descriptor even to say no with, but for the one kept for that: who is not
 * taken would be announced again and again. */
static void turn_away(struct door *door)
{
	int fd;

	if (conns_make_room(door->web))
		return;
	close(door->spare);
	fd = accept(door->fd, NULL, NULL);
	if (fd != -1)
		close(fd);
	door->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	door->web->counts.refused++;
}

static void take_all(struct door *door)
{
	struct web *w = door->web;
	int yes = 1;

	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept(door->fd, NULL, NULL);

		if (fd == -1 && (errno == EMFILE || errno == ENFILE))
			turn_away(door);
		if (fd == -1)
			return;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		/* an answer is two writes: the second one must not wait */
		if (!door->local)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		if (has_room(w)) {
			door->adopt(door, fd);
		} else {
			close(fd);
			w->counts.refused++;
		}
	}
}

int door_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	       size_t len)
{
	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		take_all(lws_get_opaque_user_data(wsi));
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE) {
		struct door *door = lws_get_opaque_user_data(wsi);

		lws_set_opaque_user_data(wsi, NULL);
		if (door != NULL)
			close(door->spare);
		free(door);
	}
	return 0;
}
