/*
 * trine instance: list, start, stop, restart. What is wanted is recorded, and the
 * daemon does it; who asked waits for a while, to say how it went.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { WAIT_MS = 15 * 1000, LOOK_MS = 100 };

/* ---- list ---- */

static void add_number(struct buf *out, const char *before, int64_t n, const char *unit)
{
	if (n >= 0)
		buf_printf(out, "%s%lld%s", before, (long long)n, unit);
}

static void add_line(struct buf *out, const struct cli *cli,
		     const struct instance_now *n)
{
	int64_t now = cli->clock->now(cli->clock);
	char age[AGE_TEXT];

	output_escaped(out, n->i->name);
	if (n->i->copies > 1)
		buf_printf(out, " %lld", (long long)n->copy);
	buf_printf(out, "  %s", instance_now_state(n));
	if (n->fact.since != 0)
		buf_printf(out, "  since %s", output_age(now, n->fact.since, age));
	if (n->watched && n->fact.process.pid != 0)
		buf_printf(out, "  pid %ld", n->fact.process.pid);
	if (n->health.cpu >= 0)
		buf_printf(out, "  cpu %lld.%lld %%", (long long)n->health.cpu / 10,
			   (long long)n->health.cpu % 10);
	if (n->health.memory >= 0)
		add_number(out, "  memory ", n->health.memory >> 20, " MiB");
	add_number(out, "  answers in ", n->health.response_ms, " ms");
	if (n->fact.reason != NULL && n->fact.reason[0] != '\0') {
		buf_adds(out, "  (");
		output_escaped(out, n->fact.reason);
		buf_adds(out, n->fact.given_up ? ": given up)" : ")");
	}
	if (n->i->start != NULL && !n->wanted)
		buf_adds(out, "  stopped by hand");
	if (n->i->start == NULL && n->i->health == NULL)
		buf_adds(out, "  (nobody watches over it: neither `start` nor `health`)");
	buf_addc(out, '\n');
}

static bool is_meant(const struct cli *cli, const struct instance_now *n)
{
	for (size_t i = 0; i < cli->arg_count; i++)
		if (strcmp(cli->arg[i], n->i->name) == 0)
			return true;
	return cli->arg_count == 0;
}

static int check_names(const struct cli *cli, struct error *err)
{
	for (size_t i = 0; i < cli->arg_count; i++)
		if (settings_instance(&cli->home->settings, cli->arg[i]) == NULL)
			return error_set(err, ERR_NOTFOUND, "there is no [instance "
					 "%.64s] in trine.ini", cli->arg[i]);
	return 0;
}

static int run_list(struct cli *cli, const void *given, struct error *err)
{
	struct buf out = BUF_INIT;
	struct instance_list l;

	(void)given;
	if (check_names(cli, err) == -1 || instances_list(cli->home, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		if (!is_meant(cli, &l.item[i]))
			continue;
		if (cli->common.json)
			output_json(instance_now_to_json(&l.item[i]));
		else
			add_line(&out, cli, &l.item[i]);
	}
	output_flush(&out);
	buf_release(&out);
	instance_list_release(&l);
	return 0;
}

const struct command cmd_instance_list = {
	.name = "instance list",
	.summary = "the instances of this computer, and how they are",
	.arguments = "[NAME]...",
	.examples = "trine instance list\tstates are unknown while no daemon runs\n",
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME,
	.run = run_list,
};

/* ---- start, stop, restart ---- */

struct want_options {
	bool all;
};

static const struct option_spec want_options[] = {
	{ OPTION_FLAG, 0, "all", NULL, "all instances that have a program",
	  OPTION_FIELD(struct want_options, all) },
	OPTION_END
};

/* Has it come to that? A process that was there before is none that was started. */
static bool is_done(const struct instance_now *n, enum instance_want want,
		    const struct instance_list *before, size_t which)
{
	const struct process_mark *old = &before->item[which].fact.process;

	if (n->fact.state == INSTANCE_CRASHED && want != WANT_STOP)
		return n->fact.given_up;
	if (want == WANT_STOP)
		return n->fact.process.pid == 0;
	return instance_state_serves(n->fact.state) && n->fact.process.pid != 0 &&
	       (want == WANT_START || n->fact.process.pid != old->pid ||
		n->fact.process.born != old->born);
}

static bool all_done(const struct cli *cli, const struct instance_list *l,
		     enum instance_want want, const struct instance_list *before)
{
	for (size_t i = 0; i < l->count && i < before->count; i++)
		if (l->item[i].i->start != NULL && is_meant(cli, &l->item[i]) &&
		    l->item[i].known && !is_done(&l->item[i], want, before, i))
			return false;
	return true;
}

static int wait_for(struct cli *cli, enum instance_want want, uint64_t wish,
		    const struct instance_list *before, struct instance_list *out,
		    struct error *err)
{
	struct clock *clock = cli->clock;
	int64_t until = clock->steady(clock) + WAIT_MS;

	for (;;) {
		if (instances_list(cli->home, out, err) == -1)
			return -1;
		if ((out->wish >= wish && all_done(cli, out, want, before)) ||
		    clock->steady(clock) >= until)
			return 0;
		instance_list_release(out);
		clock->sleep(clock, LOOK_MS);
	}
}

/* Why what was wanted of N is not so. */
static int say_bad(const struct cli *cli, const struct instance_now *n,
		   struct error *err)
{
	const char *why = n->fact.reason != NULL ? n->fact.reason : "";

	if (!n->known)
		return error_set(err, ERR_AGAIN, "the daemon has not read of [instance "
				 "%s] yet: `trine daemon reload` has it read trine.ini",
				 n->i->name);
	return error_set(err, n->fact.given_up ? ERR_NO : ERR_AGAIN,
			 "%s is %s%s%s; what it printed is in %s/run/logs/%s.%lld.log",
			 n->i->name, instance_now_state(n), *why != '\0' ? ": " : "",
			 why, cli->home->state, n->i->name, (long long)n->copy);
}

static int say_result(struct cli *cli, const struct instance_list *l,
		      const struct instance_list *before, enum instance_want want,
		      struct error *err)
{
	const struct instance_now *bad = NULL;
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < l->count; i++) {
		const struct instance_now *n = &l->item[i];

		if (n->i->start == NULL || !is_meant(cli, n))
			continue;
		if (cli->common.json)
			output_json(instance_now_to_json(n));
		else if (!cli->common.quiet)
			add_line(&out, cli, n);
		if (want == WANT_STOP ? n->fact.process.pid != 0 :
		    !is_done(n, want, before, i) || n->fact.given_up)
			bad = n;
	}
	output_flush(&out);
	buf_release(&out);
	return bad == NULL ? 0 : say_bad(cli, bad, err);
}

static int want_them(struct cli *cli, const struct want_options *o,
		     enum instance_want want, uint64_t *wish, struct error *err)
{
	if (o->all && cli->arg_count > 0)
		return error_set(err, ERR_USAGE, "--all are all: no name stands beside it");
	if (!o->all && cli->arg_count == 0)
		return error_set(err, ERR_USAGE, "which? Names of instances, or --all");
	if (o->all)
		return instances_want(cli->home, NULL, want, wish, err);
	if (check_names(cli, err) == -1)
		return -1;
	for (size_t i = 0; i < cli->arg_count; i++)
		if (instances_want(cli->home, cli->arg[i], want, wish, err) == -1)
			return -1;
	return 0;
}

static int run_want(struct cli *cli, const void *given, enum instance_want want,
		    struct error *err)
{
	struct instance_list before, now = { 0 };
	uint64_t wish = 0;
	int rc = -1;

	if (instances_list(cli->home, &before, err) == -1)
		return -1;
	if (want_them(cli, given, want, &wish, err) == 0 &&
	    wait_for(cli, want, wish, &before, &now, err) == 0)
		rc = say_result(cli, &now, &before, want, err);
	instance_list_release(&now);
	instance_list_release(&before);
	return rc;
}

static int run_start(struct cli *cli, const void *given, struct error *err)
{
	return run_want(cli, given, WANT_START, err);
}

static int run_stop(struct cli *cli, const void *given, struct error *err)
{
	return run_want(cli, given, WANT_STOP, err);
}

static int run_restart(struct cli *cli, const void *given, struct error *err)
{
	return run_want(cli, given, WANT_RESTART, err);
}

#define WANT_FIELDS							\
	.arguments = "NAME... | --all",					\
	.options = want_options,					\
	.options_size = sizeof(struct want_options),			\
	.most = ANY_NUMBER,						\
	.flags = COMMAND_HOME

const struct command cmd_instance_start = {
	.name = "instance start",
	.summary = "have the daemon start instances",
	.examples =
		"trine instance start builder\ttries again after it was given up, too\n"
		"trine instance start --all\tall that have a `start` in trine.ini\n",
	WANT_FIELDS,
	.run = run_start,
};

const struct command cmd_instance_stop = {
	.name = "instance stop",
	.summary = "have the daemon end instances, until they are started",
	.examples = "trine instance stop builder\tall copies of it\n",
	WANT_FIELDS,
	.run = run_stop,
};

const struct command cmd_instance_restart = {
	.name = "instance restart",
	.summary = "have the daemon end instances and start them again",
	.examples = "trine instance restart builder\tall copies of it\n",
	WANT_FIELDS,
	.run = run_restart,
};
