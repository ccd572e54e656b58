/*
 * What comes between the steps of a cycle (sim.h): people on the branch and on the web,
 * who do not wait for it; other computers; somebody at the desk that it reads and writes.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

static enum remote_fault any_unanswered(struct world *w)
{
	static const enum remote_fault faults[] = { REMOTE_LATE, REMOTE_LATE,
		REMOTE_LATE, REMOTE_LATE, REMOTE_MUTE, REMOTE_TWICE, REMOTE_DEAF };

	return faults[any_below(w, ARRAY_LEN(faults))];
}

/* When: a checkpoint of the cycle, or its disk. */
static const char *any_checkpoint(struct world *w)
{
	static const char *const names[] = {
		"open", "collect", "log", "fetch", "fetch", "receive", "tip ref",
		"commit object", "commit", "branch", "before push", "push", "push",
		"pushed ref", "intent", "desk file",
	};

	return names[any_below(w, ARRAY_LEN(names))];
}

/* The checker has to have seen what may not be there any more: what was pushed in this
 * cycle. */
static void look(struct world *w, const struct machine *m)
{
	const char *wrong;

	check_time(w->check, w->time);
	wrong = check_step(w->check);
	if (wrong != NULL)
		broken(w, "in a cycle of computer %d: %s", m->number, wrong);
	covered_between(&w->covered, w->meanwhile_at);
}

static unsigned weight_of(const struct act_kind *table)
{
	unsigned all = 0;

	for (; table->name != NULL; table++)
		all += table->weight;
	return all;
}

static void run_one_of(struct world *w, const struct act_kind *table)
{
	unsigned at = (unsigned)any_below(w, (int)weight_of(table));

	for (; at >= table->weight; table++)
		at -= table->weight;
	table->run(w);
}

/* Somebody at this desk: types, or an instance sends. */
static void go_on_here(struct world *w, struct machine *m)
{
	int to = another_number(w, 0);

	switch (any_below(w, 4)) {
	case 0:
		loose_on(w, m, another_number(w, m->number));
		break;
	case 1:
		shared_on(w, m, any_shared(w));
		break;
	case 2:
		if (to != 0)
			note_on(w, m, to);
		break;
	default:
		send_to(w, m, another_number(w, m->number));
	}
}

static void go_on(struct world *w, struct machine *m)
{
	struct machine *other = another_machine(w, m);

	look(w, m);
	tell(w, "  in it, at \"%s\":", w->meanwhile_at);
	for (int n = 1 + any_below(w, 3); n > 0 && w->broken == NULL; n--) {
		int how = any_below(w, 8);

		if (how == 0 && one_in(w, 3))
			w->hub_backup ? restore_remote(w) : back_up_remote(w);
		else if (how < 3 && other != NULL)
			run_one_of(w, how == 0 ? web_acts : branch_acts);
		else if (how < 5 && other != NULL)
			sync_now(w, other);
		else
			go_on_here(w, m);
	}
}

static void sync_between(struct world *w)
{
	struct machine *m = any_machine(w);
	struct cycle_plan plan = { .meanwhile = go_on, .at = any_checkpoint(w) };

	if (one_in(w, 4))
		plan.kill_at = 1 + any_below(w, 36);
	if (w->tier == TIER_MEMORY && one_in(w, 4))
		plan.fault = any_unanswered(w);
	tell(w, "sync %d%s", m->number, plan.kill_at > 0 ? ", killed" : "");
	run_cycle(w, m, &plan);
}

static bool is_shared(const char *path)
{
	return strncmp(path, "shared/", 7) == 0 || strcmp(path, "README.md") == 0;
}

/* Into PATH, if it is one that somebody here may write into. */
static bool write_there(struct world *w, struct machine *m, const char *path)
{
	int from = 0, to = 0;

	if (sscanf(path, "messages/%d_TO_%d.md", &from, &to) == 2 ||
	    sscanf(path, "messages/HUMAN_TO_%d.md", &to) == 1) {
		if (from != 0 && from != m->number)
			return false;
		if (to <= 0 || to > w->numbers || w->retired[to])
			return false;
		if (from != 0)
			loose_on(w, m, to);
		else
			note_on(w, m, to);
		return true;
	}
	if (is_shared(path))
		shared_on(w, m, path);
	return is_shared(path);
}

/* Somebody writes into a file right before trine does (R21). */
static void write_into(struct world *w, struct machine *m)
{
	tell(w, "  in it, at \"%s\":", w->meanwhile_at);
	if (w->replaced != NULL && write_there(w, m, w->replaced))
		covered_between(&w->covered, "that desk file");
	else
		go_on_here(w, m);
	covered_between(&w->covered, w->meanwhile_at);
}

static void sync_written(struct world *w)
{
	struct machine *m = any_machine(w);
	struct cycle_plan plan = { .meanwhile = write_into };

	plan.at = w->tier == TIER_MEMORY && one_in(w, 2) ? "before a desk file" :
		  one_in(w, 4) ? any_checkpoint(w) : "intent";
	tell(w, "sync %d", m->number);
	run_cycle(w, m, &plan);
}

/* --- answers that do not come --- */

/* The push of this cycle is under way for some time, or its answer is lost; and at
 * times it is killed. It arrives in the cycle itself, right after it, or in one of
 * the next acts. */
static void sync_unanswered(struct world *w)
{
	struct machine *m = any_machine(w);
	struct cycle_plan plan = { .fault = any_unanswered(w),
				   .late_when = (enum late_when)any_below(w, 3) };

	if (one_in(w, 3))
		send_to(w, m, another_number(w, m->number));
	if (one_in(w, 3))
		plan.kill_at = 1 + any_below(w, 36);
	tell(w, "sync %d, the remote is: %s", m->number,
	     remote_fault_names[plan.fault]);
	run_cycle(w, m, &plan);
	if (one_in(w, 3))
		late_pushes_arrive(w, m);
}

/* It fetches from a replica that is behind: it sees the branch as it was. */
static void sync_stale(struct world *w)
{
	struct machine *m = any_machine(w);

	struct cycle_plan plan = { .fault = REMOTE_STALE };

	if (one_in(w, 4))
		plan.kill_at = 1 + any_below(w, 36);
	tell(w, "sync %d, the remote is: stale", m->number);
	run_cycle(w, m, &plan);
}

static void any_late_arrives(struct world *w)
{
	late_pushes_arrive(w, one_in(w, 2) ? NULL : any_machine(w));
}

const struct act_kind between_acts[] = {
	{ "sync-unanswered", 12, sync_unanswered },
	{ "sync-stale", 4, sync_stale },
	{ "late-arrives", 6, any_late_arrives },
	{ "sync-between", 14, sync_between },
	{ "sync-written", 6, sync_written },
	{ NULL, 0, NULL }
};
