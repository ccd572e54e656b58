/*
 * One cycle: the table of steps, the rounds, and how it ends. `trine sync`
 * calls cycle_run; everything else in this folder is a step of it.
 *
 * A step that fails ends the cycle, except that being out of reach of the
 * remote is no failure of a step: the others go on, and own commits wait.
 */
#include "sync.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

struct step {
	const char *name;
	int (*run)(struct cycle *c, struct error *err);
	bool round;	/* again, when somebody else was faster */
};

static const struct step steps[] = {
	{ "collect",  step_collect,  false },
	{ "fetch",    step_fetch,    true },
	{ "receive",  step_receive,  true },
	{ "radar",    step_radar,    true },
	{ "commit",   step_commit,   true },
	{ "push",     step_push,     true },
	{ "publish",  step_publish,  false },
	{ "hand off", step_hand_off, false },
};

const char *cycle_prefix(const struct cycle *c)
{
	return c->home->settings.prefix;
}

void cycle_checkpoint(struct cycle *c, const char *name)
{
	if (c->world->checkpoint != NULL)
		c->world->checkpoint(c->world->arg, name);
}

int cycle_begin(struct cycle *c, struct error *err)
{
	if (!c->options->dry_run)
		return store_begin(c->store, err);
	if (c->in_dry_run)
		return 0;
	c->in_dry_run = true;
	return store_begin(c->store, err);
}

int cycle_end(struct cycle *c, struct error *err)
{
	if (repo_has_misread(c->repo, err))
		return -1;	/* what is about to be logged may rest on it */
	if (c->options->dry_run)
		return 0;
	if (repo_sync(c->repo, err) == -1 || store_commit(c->store, err) == -1)
		return -1;
	cycle_checkpoint(c, "log");
	return 0;
}

void cycle_say(struct cycle *c, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list ap;

	if (c->world->say == NULL)
		return;
	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	c->world->say(c->world->arg, line.data);
	buf_release(&line);
}

void cycle_trouble(struct cycle *c, const struct error *err)
{
	if (c->held)
		return;
	c->held = true;
	c->trouble = *err;
}

/* The branch: of trine.ini, else what the remote called its default last. */
static void choose_branch(struct cycle *c)
{
	const char *set = c->home->settings.branch;

	if (set == NULL || *set == '\0')
		set = c->report->branch;
	snprintf(c->branch, sizeof(c->branch), "%s", set);
}

static int check_identity(struct cycle *c, struct error *err)
{
	int64_t number = c->home->settings.number;

	if (view_identity(c->store, &c->me, err) == -1)
		return -1;
	if (c->me.number == 0)
		return error_set(err, ERR_CONFIG,
			"%s was never set up: its event log does not say which "
			"computer it is; run `trine init`", c->home->dir);
	if (number != 0 && number != c->me.number)
		return error_set(err, ERR_CONFIG,
			"trine.ini says number = %lld, but this is computer %d; "
			"put that back, or set up a new directory",
			(long long)number, c->me.number);
	if (view_marks(c->store, &c->marks, err) == -1)
		return -1;
	return identity_still_doubtful(c, err);
}

/* A killed run left at most lock files of libgit2 in our own repository, which
 * are ours to remove now. */
static int open_repository(struct cycle *c, struct error *err)
{
	char *path = home_path(c->home, "repo.git");
	int rc = repo_open(&c->repo, path, err);

	c->damaged = rc == -1 && err->code == ERR_DATA;
	free(path);
	if (rc == -1 || repo_clean(c->repo, err) == -1 ||
	    repo_check(c->repo, err) == -1)
		return -1;
	return repo_has_misread(c->repo, err) ? -1 : 0;
}

/* The cycle is at nobody's fingertips: what this takes, no claim waits for. A log
 * that cannot go on to a new part only grows. */
static void roll_log_over(struct cycle *c)
{
	uint64_t limit = (uint64_t)c->home->settings.log_size;
	struct error err = ERROR_INIT;

	if (!c->options->dry_run &&
	    store_roll_over(c->store, limit, &err) == -1)
		cycle_trouble(c, &err);
}

static int open_cycle(struct cycle *c, struct error *err)
{
	c->now = c->world->clock->now(c->world->clock);
	c->began = c->world->clock->steady(c->world->clock);
	c->store = c->home->store;
	if (check_identity(c, err) == -1 || open_repository(c, err) == -1)
		return -1;
	roll_log_over(c);
	cycle_checkpoint(c, "open");
	choose_branch(c);
	/* A dry run holds the log's lock to its end: not over the network. */
	return c->options->dry_run ? step_fetch(c, err) : heal_refs(c, err);
}

static void close_cycle(struct cycle *c)
{
	store_abort(c->store);		/* of a step that failed, or a dry run */
	repo_close(c->beside);
	repo_close(c->repo);
	heal_release(c);
	identity_release(&c->me);
	fleet_release(&c->fleet);
	fleet_release(&c->old_fleet);
	past_rules_release(&c->past_rules);
	desk_release(&c->desk);
	desk_files_free(c->published, c->published_count);
	own_release(&c->own);
	copies_release(&c->copies);
	path_versions_release(&c->put_back);
	list_release(&c->unknown);
	path_versions_release(&c->taken_in);
	edits_release(&c->edits);
	targets_release(&c->targets);
	free(c->offers);
}

/* Machines that start in the same second keep colliding: wait longer and more
 * differently each time. */
static void back_off(struct cycle *c, unsigned round)
{
	uint64_t bound = UINT64_C(50) << (round < 6 ? round : 6);

	c->world->clock->sleep(c->world->clock,
			       (int64_t)chance_below(c->world->chance, bound));
}

static bool time_for_a_round(struct cycle *c, unsigned round)
{
	int64_t spent = c->world->clock->steady(c->world->clock) - c->began;

	return round < LIMIT_ROUNDS &&
	       spent < c->home->settings.last_round * 1000;
}

static void note_step(struct report *r, const char *name, int64_t ms)
{
	size_t i;

	for (i = 0; i < r->step_count && r->step[i].name != name; i++)
		;
	if (i == REPORT_STEPS)
		return;
	if (i == r->step_count)
		r->step[r->step_count++] = (struct report_step){ name, 0 };
	r->step[i].ms += ms;
}

static int run_step(struct cycle *c, const struct step *step, struct error *err)
{
	struct clock *clock = c->world->clock;
	int64_t began = clock->steady(clock);
	int rc = step->run(c, err);

	note_step(c->report, step->name, clock->steady(clock) - began);
	if (rc == 0 && !repo_has_misread(c->repo, err))
		return 0;
	store_abort(c->store);
	return error_wrap(err, "%s", step->name);
}

/* The last round brought no end. */
static void note_lost_race(struct cycle *c, unsigned rounds)
{
	struct error lost;

	if (c->unsure.code != ERR_NONE)
		error_set(&lost, ERR_AGAIN, "in %u rounds the remote did not say "
			  "whether it took our push: %.400s", rounds,
			  c->unsure.text);
	else
		error_set(&lost, ERR_AGAIN, "other computers were faster in %u "
			  "rounds; nothing is lost, the next cycle goes on",
			  rounds);
	cycle_trouble(c, &lost);
}

static int run_rounds(struct cycle *c, const struct step *first, size_t count,
		      struct error *err)
{
	for (unsigned round = 1;; round++) {
		c->again = false;
		c->report->rounds = round;
		for (size_t i = 0; i < count; i++)
			if (run_step(c, &first[i], err) == -1)
				return -1;
		if (!c->again)
			return 0;
		if (!time_for_a_round(c, round)) {
			note_lost_race(c, round);
			return 0;
		}
		back_off(c, round);
	}
}

static int run_steps(struct cycle *c, struct error *err)
{
	size_t i = 0, last;

	while (i < ARRAY_LEN(steps)) {
		for (last = i; last < ARRAY_LEN(steps) && steps[last].round;)
			last++;
		if (last > i) {
			if (run_rounds(c, &steps[i], last - i, err) == -1)
				return -1;
			i = last;
		} else if (run_step(c, &steps[i++], err) == -1) {
			return -1;
		}
	}
	return 0;
}

/* What the report keeps from cycle to cycle, and what starts anew. */
static void start_report(struct report *r, int64_t now)
{
	r->started = now;
	r->online = false;
	r->rounds = r->received = r->committed = r->published = 0;
	r->handed = r->copies = 0;
	r->step_count = 0;
	r->exit = 0;
}

static int run_once(struct home *home, const struct cycle_world *world,
		    const struct cycle_options *options, struct report *report,
		    bool *damaged, struct error *err)
{
	struct cycle c = { .home = home, .world = world, .options = options,
			   .report = report };
	int rc;

	rc = open_cycle(&c, err);
	if (rc == 0)
		rc = run_steps(&c, err);
	if (rc == 0 && c.held) {
		*err = c.trouble;
		rc = -1;
	}
	if (c.beside != NULL && world->remote->far && rc == 0)
		repo_pack(c.beside, 20 * 1000);
	if (rc == 0)
		rc = pack_repository(&c, err);
	*damaged = c.damaged || repo_is_damaged(c.repo, err);
	rc = *damaged ? -1 : rc;
	close_cycle(&c);
	return rc;
}

/* Once more with a new repository, if the old one is the reason. */
static int run_healed(struct home *home, const struct cycle_world *world,
		      const struct cycle_options *options,
		      struct report *report, struct error *err)
{
	bool damaged;

	if (run_once(home, world, options, report, &damaged, err) == 0)
		return 0;
	if (!damaged || options->dry_run)
		return -1;
	if (world->say != NULL)
		world->say(world->arg, err->text);
	if (heal_set_aside(home, world, err) == -1)
		return -1;
	if (world->checkpoint != NULL)
		world->checkpoint(world->arg, "set aside");
	start_report(report, report->started);
	return run_once(home, world, options, report, &damaged, err);
}

static void count_failure(struct report *r, const struct error *err)
{
	r->exit = (int)err->code;
	r->cycles++;
	r->failed++;
	r->failures++;
	r->spoke = r->spoke || r->failures >= SPEAK_AFTER;
	snprintf(r->failure, sizeof(r->failure), "%.511s", err->text);
}

static void end_report(struct report *r, const struct error *err, int rc,
		       struct clock *clock)
{
	r->ended = clock->now(clock);
	if (rc == -1) {
		count_failure(r, err);
		return;
	}
	r->exit = 0;
	r->cycles++;
	r->failures = 0;
	r->spoke = false;
	r->failure[0] = '\0';
}

/* The last one was cut off and could say nothing; if each is, nobody else would.
 * A disk that takes no note of that is met again by the steps. */
static void note_cut(struct home *home, const struct cycle_world *world,
		     struct report *report)
{
	struct error cut = ERROR_INIT, ignored = ERROR_INIT;

	if (report_was_cut(home, &cut)) {
		count_failure(report, &cut);
		if (world->warn != NULL && report->failures == SPEAK_AFTER)
			world->warn(world->arg, cut.text);
		report_write(home, report, &ignored);
	}
	report_begin(home, world->clock->now(world->clock), &ignored);
}

/* Whoever finds the lock held leaves run/again; the holder looks for it after
 * it let go of the lock, so that none is left unseen. */
static bool is_asked(const struct home *home)
{
	char *path = home_path(home, "run/again");
	bool asked = file_exists(path);

	free(path);
	return asked;
}

static void answer(const struct home *home)
{
	char *path = home_path(home, "run/again");
	struct error ignored = ERROR_INIT;

	file_remove(path, &ignored);
	free(path);
}

static int leave_word(const struct home *home, struct error *err)
{
	char *path = home_path(home, "run/again");
	int rc = file_touch(path, 0600, err);

	free(path);
	return rc;
}

/* What the holder of the lock alone writes, each time anew. */
static const char *const made_anew[] = { "report.json", "run/fleet.yaml",
					   "run/desk-cache" };

static int sweep(const struct home *home, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(made_anew) && rc == 0; i++) {
		char *path = home_path(home, made_anew[i]);

		rc = file_sweep(path, err);
		free(path);
	}
	return rc;
}

static int locked_run(struct home *home, const struct cycle_world *world,
		      const struct cycle_options *options,
		      struct report *report, struct error *err)
{
	struct error report_error = ERROR_INIT;
	int rc;

	if (report_read(home, report, err) == -1)
		return -1;
	if (!options->dry_run) {
		if (sweep(home, err) == -1)
			return -1;
		note_cut(home, world, report);
		answer(home);
	}
	start_report(report, world->clock->now(world->clock));
	rc = run_healed(home, world, options, report, err);
	end_report(report, err, rc, world->clock);
	if (!options->dry_run && report_end(home, &report_error) == -1 &&
	    rc == 0) {
		*err = report_error;
		rc = -1;
	}
	if (!options->dry_run &&
	    report_write(home, report, &report_error) == -1 && rc == 0) {
		*err = report_error;
		rc = -1;
	}
	return rc;
}

int cycle_run(struct home *home, const struct cycle_world *world,
	      const struct cycle_options *options, struct report *report,
	      bool *busy, struct error *err)
{
	char *run = home_path(home, "run"), *path = home_path(home, "run/sync.lock");
	int lock = -1, rc = -1, rounds = 0;

again:
	*busy = false;
	if (file_mkdir(run, 0700, err) == -1)
		goto out;
	lock = file_lock(path, 0, err);
	if (lock == -1) {
		*busy = err->code == ERR_AGAIN;
		if (*busy)
			rc = leave_word(home, err);
		goto out;
	}
	rc = locked_run(home, world, options, report, err);
out:
	file_unlock(lock);
	lock = -1;
	/* Whoever came until just now was told that we would. */
	if (!*busy && !options->dry_run && rounds++ < 2 && is_asked(home))
		goto again;
	free(run);
	free(path);
	return rc;
}
