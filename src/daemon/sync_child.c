/*
 * Cycles (supervisor.h): `trine sync` as a child, on its period, and at once when
 * somebody waits for it. One at a time; it ends itself after `deadline`, and is ended
 * if it does not.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "supervisor.h"
#include "trine/alert.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/program.h"

enum {
	SPARE_MS = 10 * 1000,	/* for one that ends itself at its deadline */
	FIRST_MS = 5 * 1000,	/* the first one begins within this time */
	SWING = 10,		/* and the others earlier or later by a tenth */
	BACK_OFF = 3,		/* doublings of the period while offline */
	BACK_OFF_MOST_MS = 3600 * 1000
};

/* Computers that were switched on as one would meet at the remote for ever. */
static int64_t rest(struct sync_child *s, const struct daemon *d)
{
	unsigned doublings = s->offline < BACK_OFF ? s->offline : BACK_OFF;
	int64_t period = d->home->settings.period * 1000;
	int64_t longer = period << doublings, swing;

	if (longer > BACK_OFF_MOST_MS)
		longer = BACK_OFF_MOST_MS;
	if (longer < period)
		longer = period;
	swing = longer / SWING;
	return longer - swing + (int64_t)chance_below(&s->chance,
						      (uint64_t)(2 * swing + 1));
}

void sync_child_begin(struct sync_child *s, struct daemon *d)
{
	chance_system(&s->chance);
	s->next = d->clock->steady(d->clock) +
		  (int64_t)chance_below(&s->chance, FIRST_MS);
}

static int start(struct sync_child *s, struct daemon *d, struct error *err)
{
	static const char *const environment[] = {
		"NOTIFY_SOCKET", NULL, "WATCHDOG_USEC", NULL, "WATCHDOG_PID", NULL,
		NULL,
	};
	char *trine = process_helper("trine");
	const char *const argv[] = { trine, "-C", d->dir, "sync", NULL };
	struct program_launch how = {
		.argv = argv, .environment = environment,
		.file = { LAUNCH_NULL, LAUNCH_NULL, 2, LAUNCH_NONE },
	};
	int rc;

	if (trine == NULL)
		return error_set(err, ERR_NOTFOUND, "trine is not beside trined");
	rc = program_launch(&how, &s->pid, err);
	free(trine);
	return rc;
}

static void begin(struct sync_child *s, struct daemon *d)
{
	int64_t now = d->clock->steady(d->clock);
	struct error err = ERROR_INIT;

	s->next = now + rest(s, d);
	s->again = false;
	if (start(s, d, &err) == -1) {
		s->pid = 0;
		daemon_say("no cycle can be started: %s", err.text);
		return;
	}
	s->deadline = now + d->home->settings.deadline * 1000 + SPARE_MS;
}

void sync_child_look(struct sync_child *s, struct daemon *d)
{
	int64_t now = d->clock->steady(d->clock);

	if (s->pid == 0 && (s->again || now >= s->next)) {
		begin(s, d);
	} else if (s->pid != 0 && now >= s->deadline) {
		daemon_say("the cycle hangs (process %ld): it is killed", s->pid);
		kill(-(pid_t)s->pid, SIGKILL);
		s->deadline = now + SPARE_MS;
	}
}

void sync_child_ring(struct sync_child *s)
{
	s->again = true;
}

void sync_child_reap(struct sync_child *s, struct daemon *d)
{
	int status;

	if (s->pid == 0 || waitpid((pid_t)s->pid, &status, WNOHANG) != s->pid)
		return;
	s->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == ERR_AGAIN)
		s->offline++;
	else
		s->offline = 0;
	s->next = d->clock->steady(d->clock) + rest(s, d);
}

/* The newest of those that are in no commit: one that is another than before was sent
 * since. */
static void look_for_urgent(struct sync_child *s, struct daemon *d)
{
	struct record_filter unsent = RECORD_FILTER_ALL;
	const struct record *newest = NULL;
	struct error err = ERROR_INIT;
	struct record_list l = { 0 };

	unsent.direction = DIRECTION_OUT;
	unsent.uncommitted = true;
	unsent.brief = true;
	if (view_records(d->home->store, &unsent, &l, &err) == -1)
		daemon_say("%s", err.text);
	for (size_t i = 0; i < l.count; i++)
		if (l.item[i].message.priority == PRIORITY_URGENT &&
		    (newest == NULL || l.item[i].accepted >= newest->accepted))
			newest = &l.item[i];
	if (newest != NULL && strcmp(newest->id, s->urgent) != 0) {
		snprintf(s->urgent, sizeof(s->urgent), "%s", newest->id);
		sync_child_ring(s);
	}
	record_list_release(&l);
}

/* One that came early, or is of this computer alone: the cycle calls who is to act. */
static void look_for_alerts(struct sync_child *s, struct daemon *d)
{
	struct error err = ERROR_INIT;
	bool is_new;

	if (alert_is_new(d->home, &is_new, &err) == -1)
		daemon_say("%s", err.text);
	else if (is_new)
		sync_child_ring(s);
}

void sync_child_news(struct sync_child *s, struct daemon *d)
{
	look_for_urgent(s, d);
	look_for_alerts(s, d);
}

void sync_child_end(struct sync_child *s)
{
	if (s->pid != 0)
		kill(-(pid_t)s->pid, SIGTERM);
}
