/*
 * The supervisor (daemon.h): one loop that waits for all at once, and never for one.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>

#include "supervisor.h"
#include "trine/file.h"

enum {
	FILES = 1024,
	END_MS = 5000,		/* children have so long to end by themselves */
	TICK_MS = 1000
};

struct supervisor {
	struct daemon *d;
	struct web_child web;
	struct signals asked;
	int wake;
};

static int64_t now_ms(const struct supervisor *s)
{
	return s->d->clock->steady(s->d->clock);
}

/* One a computer: the kernel lets go of the lock when we end, however that is. */
static int take_lock(struct daemon *d, char **path, int *lock, struct error *err)
{
	*path = home_path(d->home, "run/trined.lock");
	*lock = file_lock(*path, 0, err);
	if (*lock == -1 && err->code == ERR_AGAIN)
		return error_wrap(err, "a daemon of this computer runs already");
	return *lock == -1 ? -1 : 0;
}

/* What whoever started us had open is not for those that we start. */
static void keep_files(void)
{
	for (int fd = 3; fd < FILES; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int64_t next_tick(const struct supervisor *s)
{
	int64_t now = now_ms(s), next = TICK_MS;

	if (s->web.pid == 0 && s->web.again - now < next)
		next = s->web.again - now;
	return next > 0 ? next : 0;
}

static void wait_for_news(struct supervisor *s, int64_t ms)
{
	struct pollfd fds[] = {
		{ .fd = s->wake, .events = POLLIN },
		{ .fd = s->web.channel, .events = POLLIN },
	};

	if (poll(fds, 2, (int)ms) <= 0)
		return;
	signals_read(&s->asked);
	if (fds[1].revents != 0)
		web_child_read(&s->web);
}

static void reap(struct supervisor *s)
{
	s->asked.child = false;
	web_child_reap(&s->web, s->d);
}

static void end_children(struct supervisor *s)
{
	int64_t until = now_ms(s) + END_MS;

	web_child_end(&s->web);
	while (s->web.pid != 0 && now_ms(s) < until) {
		wait_for_news(s, 100);
		reap(s);
	}
	if (s->web.pid != 0)
		kill((pid_t)s->web.pid, SIGKILL);
}

static void loop(struct supervisor *s)
{
	while (!s->asked.end) {
		web_child_look(&s->web, s->d);
		wait_for_news(s, next_tick(s));
		if (s->asked.child)
			reap(s);
	}
	end_children(s);
}

int supervisor_run(struct daemon *d, struct error *err)
{
	struct supervisor s = { .d = d, .web = { .channel = -1 } };
	char *path = NULL;
	int lock = -1, rc;

	keep_files();
	rc = home_open(&d->home, d->dir, d->clock, err);
	if (rc == 0)
		rc = take_lock(d, &path, &lock, err);
	if (rc == 0 && (s.wake = signals_open(err)) == -1)
		rc = -1;
	if (rc == 0)
		loop(&s);
	file_unlock(lock);
	free(path);
	return rc;
}
