/*
 * The socket stream that libgit2 uses (socket.h), below TLS, too. Registered by
 * repo_start, used by remote_net.c.
 */
#include "socket.h"

#include <git2/sys/stream.h>
#include <stdlib.h>

#include "git.h"
#include "trine/mem.h"
#include "trine/net.h"

/* The head of it is the layout of libgit2 1.5's own socket stream, to which
 * its ssh code casts whatever was registered. */
struct socket_stream {
	git_stream stream;
	char *host, *port;
	int fd;
	struct net_watch *watch;	/* or NULL */
};

static struct {
	struct clock *clock;	/* NULL: no connection is allowed */
	int64_t deadline;
	bool direct;
} allowed;

void socket_set_deadline(struct clock *clock, int64_t deadline, bool direct)
{
	allowed.clock = clock;
	allowed.deadline = deadline;
	allowed.direct = direct;
}

void socket_clear_deadline(void)
{
	allowed.clock = NULL;
}

static int fail(const char *host, const struct error *err)
{
	char *text = xasprintf("%s: %s", host, err->text);

	git_error_set_str(GIT_ERROR_NET, text);
	free(text);
	return -1;
}

static int watch_stream(struct socket_stream *s, struct error *err)
{
	int64_t now = allowed.clock->steady(allowed.clock);

	if (!allowed.direct)
		return 0;
	s->watch = net_watch(s->fd, allowed.deadline - now, err);
	return s->watch != NULL ? 0 : -1;
}

static int check_allowed(struct error *err)
{
	if (allowed.clock != NULL)
		return 0;
	return error_set(err, ERR_INTERNAL, "a connection without a deadline");
}

static int connect_stream(git_stream *stream)
{
	struct socket_stream *s = (struct socket_stream *)stream;
	struct error err = ERROR_INIT;

	if (check_allowed(&err) == 0)
		s->fd = net_connect(s->host, s->port, allowed.clock,
				    allowed.deadline, &err);
	return s->fd >= 0 && watch_stream(s, &err) == 0 ? 0 :
	       fail(s->host, &err);
}

static ssize_t read_stream(git_stream *stream, void *bytes, size_t len)
{
	struct socket_stream *s = (struct socket_stream *)stream;
	struct error err = ERROR_INIT;
	ptrdiff_t got = -1;

	if (check_allowed(&err) == 0)
		got = net_read(s->fd, bytes, len, allowed.clock,
			       allowed.deadline, &err);
	return got >= 0 ? got : fail(s->host, &err);
}

static ssize_t write_stream(git_stream *stream, const char *bytes, size_t len,
			    int flags)
{
	struct socket_stream *s = (struct socket_stream *)stream;
	struct error err = ERROR_INIT;
	ptrdiff_t put = -1;

	(void)flags;
	if (check_allowed(&err) == 0)
		put = net_write(s->fd, bytes, len, allowed.clock,
				allowed.deadline, &err);
	return put >= 0 ? put : fail(s->host, &err);
}

static int close_stream(git_stream *stream)
{
	struct socket_stream *s = (struct socket_stream *)stream;

	net_watch_end(s->watch);
	s->watch = NULL;
	net_close(s->fd);
	s->fd = -1;
	return 0;
}

static void free_stream(git_stream *stream)
{
	struct socket_stream *s = (struct socket_stream *)stream;

	close_stream(stream);
	free(s->host);
	free(s->port);
	free(s);
}

static int init_stream(git_stream **out, const char *host, const char *port)
{
	struct socket_stream *s = xcalloc(1, sizeof(*s));

	s->stream.version = GIT_STREAM_VERSION;
	s->stream.connect = connect_stream;
	s->stream.read = read_stream;
	s->stream.write = write_stream;
	s->stream.close = close_stream;
	s->stream.free = free_stream;
	s->host = xstrdup(host);
	s->port = xstrdup(port);
	s->fd = -1;
	*out = &s->stream;
	return 0;
}

int socket_register(void)
{
	git_stream_registration registration = {
		.version = GIT_STREAM_VERSION,
		.init = init_stream,
	};

	return git_stream_register(GIT_STREAM_STANDARD, &registration);
}
