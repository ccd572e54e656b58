/*
 * A cycle with the system's clock, randomness, disk and remote; and what is
 * said about it. Tests reach into it by environment: TRINE_TEST_CLOCK moves the
 * wall clock, TRINE_TEST_SEED makes chance repeatable, TRINE_TEST_KILL=N kills
 * the process at its N-th checkpoint, TRINE_TEST_STOP=NAME stops it at its first one
 * of that name, until somebody sends SIGCONT.
 */
#include "run_cycle.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "need_git.h"
#include "output.h"
#include "trine/cycle.h"
#include "trine/cycles.h"
#include "trine/digest.h"
#include "trine/process.h"
#include "trine/text.h"

struct world {
	struct cycle_world cycle;
	struct chance chance;
	struct disk disk;
	uint64_t kill_at, reached;
	const char *stop_at;	/* NULL: nowhere */
};

/* --- hooks for tests --- */

static uint64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t value = 0;

	if (text == NULL || !text_number(span_str(text), &value))
		return 0;
	return value;
}

static void checkpoint(void *arg, const char *name)
{
	struct world *w = arg;

	if (++w->reached == w->kill_at)
		raise(SIGKILL);
	if (w->stop_at != NULL && strcmp(name, w->stop_at) == 0) {
		w->stop_at = NULL;
		raise(SIGSTOP);
	}
}

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "trine: %s\n", line);
}

/* --- the world --- */

static int open_world(struct world *w, struct cli *cli,
		      const struct run_options *options, struct error *err)
{
	const struct settings *set = &cli->home->settings;
	char *out = home_path(cli->home, CAME_OUT);

	chance_system(&w->chance);
	if (getenv("TRINE_TEST_SEED") != NULL)
		chance_seeded(&w->chance, number_of("TRINE_TEST_SEED"));
	w->kill_at = number_of("TRINE_TEST_KILL");
	w->stop_at = getenv("TRINE_TEST_STOP");
	disk_open(&w->disk, cli->home->desk);
	disk_keep(&w->disk, out);
	free(out);
	w->cycle = (struct cycle_world){
		.clock = cli->clock, .chance = &w->chance, .disk = &w->disk,
		.checkpoint = checkpoint, .arg = w,
		.warn = say,
		.say = cli->common.verbose || options->dry_run ? say : NULL,
	};
	if (options->offline || set->url == NULL || *set->url == '\0')
		return 0;
	if (remote_open(&w->cycle.remote, set->url, set, cli->clock,
			set->network * 1000, err) == -1)
		return -1;
	w->cycle.remote->say = say;
	return 0;
}

static void close_world(struct world *w)
{
	if (w->cycle.remote != NULL)
		w->cycle.remote->free(w->cycle.remote);
	disk_close(&w->disk);
}

/* Machines whose timers fire in the same second would collide for ever: each
 * waits its own part of the minute, always the same. */
static void wait_for_our_turn(struct cli *cli, const char *clone)
{
	uint32_t hash = digest_crc32c(clone, strlen(clone));

	cli->clock->sleep(cli->clock, (int64_t)(hash % 45000));
}

/* --- what is said --- */

static bool is_transient(enum error_code code)
{
	return code == ERR_AGAIN;
}

/* Cron mails what is printed: a passing failure is said once it has lasted,
 * any other one when it is new. */
static bool worth_saying(const struct report *before, const struct report *now,
			 const struct error *err)
{
	if (is_transient(err->code))
		return now->failures == SPEAK_AFTER;
	return before->failures == 0 || strcmp(before->failure, now->failure) != 0;
}

static void say_what_was_done(const struct cli *cli, const struct report *r)
{
	output_say(cli, "%s: %u received, %u commit%s, %u file%s written, "
		   "%u handed off", r->online ? "in sync" : "not refreshed",
		   r->received, r->committed, r->committed == 1 ? "" : "s",
		   r->published, r->published == 1 ? "" : "s", r->handed);
}

static int speak(struct cli *cli, int rc, const struct report *before,
		 const struct report *now, struct error *err)
{
	bool watched = cli->common.verbose || output_is_watched();

	if (rc == 0 && before->spoke)
		fprintf(stderr, "trine: computer %d is in sync again\n",
			cli->home->number);
	else if (rc == 0 && watched && !cli->common.quiet)
		say_what_was_done(cli, now);
	if (rc == -1 && !watched && !worth_saying(before, now, err))
		err->text[0] = '\0';
	return rc;
}

/* Who has read a branch before has a remote: without its URL half of trine.ini is
 * gone, and a cycle that says that all is well would lie. */
static int check_remote(const struct cli *cli, const struct run_options *options,
			struct error *err)
{
	const struct home *home = cli->home;
	struct marks marks;

	if (options->offline || home->settings.url != NULL)
		return 0;
	if (view_marks(home->store, &marks, err) == -1)
		return -1;
	if (marks.tip[0] == '\0')
		return 0;
	return error_set(err, ERR_CONFIG, "%s/trine.ini names no remote any "
			 "more. Nothing was done. Put back \"url = ...\" under "
			 "[remote], or use --offline", home->state);
}

/* Who links this file has it. */
int need_git(char **argv, struct error *err)
{
	(void)argv, (void)err;
	return 0;
}

int run_cycle(struct cli *cli, const struct run_options *options,
	      struct report *report, struct error *err)
{
	struct cycle_options how = { .dry_run = options->dry_run,
				     .version = TRINE_VERSION };
	struct error unnoted = ERROR_INIT;
	struct report before = { 0 };
	struct world w = { 0 };
	struct identity me = { 0 };
	bool busy = false;
	int rc = -1;

	if (check_remote(cli, options, err) == -1 ||
	    view_identity(cli->home->store, &me, err) == -1)
		return -1;
	if (options->scheduled)
		wait_for_our_turn(cli, me.clone);
	process_deadline((unsigned)cli->home->settings.deadline);
	if (report_read(cli->home, &before, err) == -1 || repo_start(err) == -1)
		goto out;
	if (open_world(&w, cli, options, err) == 0)
		rc = cycle_run(cli->home, &w.cycle, &how, report, &busy, err);
	if (!busy && !options->dry_run && report->ended != 0)
		cycles_note(cli->home, report, &unnoted);
	if (busy && rc == 0) {
		if (output_is_watched())
			output_say(cli, "another sync is running; it will do "
				   "one more round");
	} else {
		rc = speak(cli, rc, &before, report, err);
	}
	close_world(&w);
	repo_stop();
out:
	identity_release(&me);
	return rc;
}
