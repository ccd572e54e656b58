/* One cycle after the other, until a claim is held (confirm.h). */
#include "confirm.h"

#include <stdlib.h>

#include "output.h"
#include "trine/instances.h"
#include "trine/process.h"
#include "trine/report.h"
#include "trine/refused.h"
#include "trine/tasks.h"

enum {
	SYNC_MOST_MS = (LIMIT_CYCLE + 10) * 1000,
	BUSY_MOST_MS = 20 * 1000,	/* another cycle runs, and does ours, too */
	PAUSE_MS = 500, ELSEWHERE_PAUSE_MS = 3000, LONGEST_PAUSE_MS = 30 * 1000
};

/* *GOT_THROUGH: it reached the remote. */
static int sync_once(const struct cli *cli, bool *got_through, struct error *err)
{
	char *self = process_path();
	const char *const argv[] = { self, "-q", "-C", cli->home->dir, "sync", NULL };
	struct process_result result = { 0 };
	int rc;

	if (self == NULL)
		return error_set(err, ERR_IO, "cannot tell which program this is");
	rc = process_run(argv, SYNC_MOST_MS, NULL, 0, &result, err);
	*got_through = rc == 0 && result.status == 0 && !result.timed_out;
	free(self);
	return rc;
}

/* Is it worth while to go on? */
static bool is_settled(const struct claim_standing *s, bool got_through, bool wait)
{
	switch (s->state) {
	case CLAIM_HELD:
	case CLAIM_FREE:
		return true;
	case CLAIM_ELSEWHERE:
		return !wait;
	default:
		return !got_through && !wait;
	}
}

/* That another computer was faster is in the log as `claim.lost` where it is not
 * wanted here any more. */
static void count_refusal(const struct cli *cli, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct own_claim own;
	bool found = false;

	if (view_claim(cli->home->store, name, &own, &found, &ignored) == 0 && found &&
	    own.held == 0)
		refused_count(cli->home, REFUSED_CLAIMS);
}

/* Others give back what they have when they are done: asking more often than they sync
 * is of no use. */
static int64_t next_pause(const struct claim_standing *s, int64_t pause)
{
	if (s->state != CLAIM_ELSEWHERE)
		return PAUSE_MS;
	if (pause < ELSEWHERE_PAUSE_MS)
		return ELSEWHERE_PAUSE_MS;
	return pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
}

static int sync_until_settled(const struct cli *cli, const char *name, int64_t wait_ms,
			      struct claim_standing *out, struct error *err)
{
	struct clock *clock = cli->clock;
	int64_t began = clock->steady(clock), spent, pause = 0;
	bool got_through = false, wait;

	for (;;) {
		if (sync_once(cli, &got_through, err) == -1 ||
		    claims_look(cli->home, name, out, err) == -1)
			return -1;
		spent = clock->steady(clock) - began;
		wait = spent < wait_ms;
		if (is_settled(out, got_through, wait) ||
		    (!wait && spent > BUSY_MOST_MS))
			return 0;
		pause = next_pause(out, pause);
		clock->sleep(clock, wait && spent + pause > wait_ms ?
			     wait_ms - spent : pause);
	}
}

/* Why nobody could confirm it. */
static void add_failure(const struct cli *cli, struct error *err)
{
	struct error unread = ERROR_INIT;
	struct report report = { 0 };

	if (err->code == ERR_AGAIN && report_read(cli->home, &report, &unread) == 0 &&
	    report.exit != 0)
		error_wrap(err, "%.300s", report.failure);
}

int confirm_claim(const struct cli *cli, const char *name, int64_t wait_ms,
		  struct claim_standing *out, struct error *err)
{
	if (sync_until_settled(cli, name, wait_ms, out, err) == -1)
		return -1;
	if (claims_judge(name, out, 0, err) == 0)
		return 0;
	add_failure(cli, err);
	if (err->code == ERR_NO)
		count_refusal(cli, name);
	return -1;
}

int confirm_task(const struct cli *cli, const struct session *session, const char *id,
		 struct error *err)
{
	const struct task_hand by = { .session = session };
	struct claim_wish wish = { .session = session };
	struct error ignored = ERROR_INIT;
	struct claim_standing now;
	char name[CLAIM_NAME];

	if (claims_name(name, "task", id, err) == -1)
		return -1;
	wish.name = name;
	if (claims_want(cli->home, &wish, err) == 0 &&
	    confirm_claim(cli, name, 0, &now, err) == 0)
		return 0;
	/* what nobody could confirm stays wanted */
	if (err->code != ERR_AGAIN)
		tasks_change(cli->home, &by, id, TASKS_RELEASE, err->text, &ignored);
	return -1;
}

void confirm_later(const struct cli *cli)
{
	struct error err = ERROR_INIT;
	char *self;

	/* the daemon sees it in the log */
	if (getenv("TRINE_NO_BACKGROUND") != NULL || instances_watched(cli->home))
		return;
	self = process_path();
	if (self != NULL) {
		const char *const argv[] = { self, "-C", cli->home->dir, "sync",
					     NULL };

		if (process_detach(argv, &err) == -1)
			output_say(cli, "trine: no sync could be started (%s); "
				   "run `trine sync`", err.text);
	}
	free(self);
}
