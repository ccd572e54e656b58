/*
 * The supervisor (daemon.h): one loop that waits for all at once, and never for one.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "supervisor.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/notify.h"

enum {
	FILES = 1024,
	END_MS = 8000,		/* children have so long to end, all together */
	LOOK_MS = 1000,		/* where the log cannot be polled */
	LONGEST_MS = 60 * 1000
};

struct supervisor {
	struct daemon *d;
	struct watch watch;
	struct web_child web;
	struct sync_child sync;
	struct news news;
	struct signals asked;
	int wake;
	int64_t watchdog;	/* ms; 0: nobody wants to hear of us */
	bool ready;
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

/* ---- waiting ---- */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* In milliseconds from now. */
static int64_t next_look(const struct supervisor *s)
{
	int64_t now = now_ms(s), next = now + LONGEST_MS;

	next = least(next, watch_next(&s->watch));
	if (s->web.pid == 0)
		next = least(next, s->web.again);
	next = least(next, s->sync.pid != 0 ? s->sync.deadline :
		     s->sync.again ? now : s->sync.next);
	if (s->news.fd == -1)
		next = least(next, now + LOOK_MS);
	if (s->watchdog > 0)
		next = least(next, now + s->watchdog / 2);
	return next > now ? next - now : 0;
}

static void wait_for_news(struct supervisor *s, int64_t ms)
{
	struct pollfd fds[] = {
		{ .fd = s->wake, .events = POLLIN },
		{ .fd = s->web.channel, .events = POLLIN },
		{ .fd = s->news.fd, .events = POLLIN },
	};
	int got = poll(fds, ARRAY_LEN(fds), (int)ms);

	if (s->watchdog > 0)
		notify_say("WATCHDOG=1");
	if (got <= 0)
		return;
	signals_read(&s->asked);
	if (fds[1].revents != 0)
		web_child_read(&s->web);
}

static void reap(struct supervisor *s)
{
	s->asked.child = false;
	web_child_reap(&s->web, s->d);
	sync_child_reap(&s->sync, s->d);
	watch_reap(&s->watch);
}

/* ---- what there is to do ---- */

/* The log has it a moment before the view does. */
static bool view_has_it(struct supervisor *s)
{
	struct error err = ERROR_INIT;

	if (store_begin(s->d->home->store, &err) == 0) {
		store_abort(s->d->home->store);
		return true;
	}
	daemon_say("%s", err.text);
	s->news.seen = (struct log_mark){ 0 };	/* it is news again, next time */
	return false;
}

static void look_at_log(struct supervisor *s)
{
	if (!news_read(&s->news, s->d->home) || !view_has_it(s))
		return;
	watch_wishes(&s->watch);
	sync_child_news(&s->sync, s->d);
}

/* What else there is to do does not wait for a port that another program has. */
static void say_ready(struct supervisor *s)
{
	if (s->ready || (!s->web.up && !s->web.failed))
		return;
	s->ready = true;
	notify_say(s->web.up ? "READY=1\nSTATUS=" :
		   "READY=1\nSTATUS=The web part cannot listen, and tries again");
}

/* What was good stays in force until what is there is good. The web part has settings of
 * its own, and begins anew with them. */
static void reload(struct supervisor *s)
{
	struct error err = ERROR_INIT;
	struct settings before;

	s->asked.reload = false;
	notify_say("RELOADING=1");
	if (home_reload(s->d->home, &before, &err) == -1) {
		daemon_say("the settings stay as they were: %s", err.text);
	} else {
		watch_reload(&s->watch);
		settings_release(&before);
		web_child_end(&s->web);
		s->web.pause = 0;
		s->web.failed = false;
		daemon_say("the settings were read anew");
	}
	s->ready = false;
}

static void do_all(struct supervisor *s)
{
	if (s->asked.child)
		reap(s);
	if (s->asked.reload)
		reload(s);
	look_at_log(s);
	web_child_look(&s->web, s->d);
	watch_look(&s->watch);
	if (s->web.bell || s->watch.alert)
		sync_child_ring(&s->sync);
	s->web.bell = s->watch.alert = false;
	sync_child_look(&s->sync, s->d);
	say_ready(s);
}

/* ---- the end ---- */

static bool all_ended(const struct supervisor *s)
{
	return s->web.pid == 0 && s->sync.pid == 0 && watch_ended(&s->watch);
}

static void kill_left(pid_t pid)
{
	if (pid > 0)
		kill(-pid, SIGKILL);
}

static void end_children(struct supervisor *s)
{
	int64_t until = now_ms(s) + END_MS;

	notify_say("STOPPING=1");
	watch_end(&s->watch);
	web_child_end(&s->web);
	sync_child_end(&s->sync);
	while (!all_ended(s) && now_ms(s) < until) {
		wait_for_news(s, least(until - now_ms(s), next_look(s) + 20));
		news_read(&s->news, s->d->home);	/* else it is there all the time */
		reap(s);
		watch_look(&s->watch);
	}
	kill_left((pid_t)s->web.pid);
	kill_left((pid_t)s->sync.pid);
}

static int begin(struct supervisor *s, struct error *err)
{
	s->watchdog = notify_watchdog();
	news_open(&s->news, s->d->home);
	s->watch.d = s->d;
	s->watch.web = &s->web;
	s->web.answer = watch_answer;
	s->web.arg = &s->watch;
	sync_child_begin(&s->sync, s->d);
	return watch_begin(&s->watch, err);
}

static void loop(struct supervisor *s)
{
	while (!s->asked.end) {
		do_all(s);
		wait_for_news(s, next_look(s));
	}
	end_children(s);
	watch_close(&s->watch);
	news_close(&s->news);
}

int supervisor_run(struct daemon *d, struct error *err)
{
	struct supervisor s = { .d = d, .web = { .channel = -1 }, .news = { .fd = -1 } };
	char *path = NULL;
	int lock = -1, rc;

	keep_files();
	rc = home_open(&d->home, d->dir, d->clock, err);
	if (rc == 0)
		rc = take_lock(d, &path, &lock, err);
	if (rc == 0)
		d->home->watches = true;
	if (rc == 0 && (s.wake = signals_open(err)) == -1)
		rc = -1;
	if (rc == 0)
		rc = begin(&s, err);
	if (rc == 0)
		loop(&s);
	file_unlock(lock);
	free(path);
	return rc;
}
