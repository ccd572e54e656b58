/* trine task: what there is to do on this computer, and who does it. The verbs are in
 * tasks.h; this file reads options and prints. Lists are in task_list.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "caller.h"
#include "confirm.h"
#include "output.h"
#include "task_list.h"
#include "trine/mail.h"
#include "trine/tasks.h"
#include "trine/text.h"
#include "when.h"

/* ---- add ---- */

struct add_options {
	const char *priority, *instance, *due, *title, *name, *timeout, *prefer;
	int64_t retries, approvals;
	struct list labels, after, needs;
	struct list to, stages, undo;
	const char *review;
	bool route;
};

static const struct option_spec add_options[] = {
	{ OPTION_TEXT, 'm', "title", "TITLE",
	  "what is to be done; else the text's first heading or line",
	  OPTION_FIELD(struct add_options, title) },
	{ OPTION_TEXT, 0, "name", "NAME", "its id (else a number)",
	  OPTION_FIELD(struct add_options, name) },
	{ OPTION_TEXT, 'p', "priority", "PRIORITY",
	  "low, normal (default), high or urgent",
	  OPTION_FIELD(struct add_options, priority) },
	{ OPTION_TEXT, 0, "for", "NAME", "for this instance or session",
	  OPTION_FIELD(struct add_options, instance) },
	{ OPTION_LIST, 0, "label", "LABEL", "a label; may be given again",
	  OPTION_FIELD(struct add_options, labels) },
	{ OPTION_TEXT, 0, "prefer", "WHAT", "speed or quality, where several could do it",
	  OPTION_FIELD(struct add_options, prefer) },
	{ OPTION_TEXT, 0, "due", "TIME",
	  "when it is due: 2026-11-20T13:00:00Z, or in 30m, 2h, 3d",
	  OPTION_FIELD(struct add_options, due) },
	{ OPTION_LIST, 0, "after", "ID",
	  "not before this task is done; may be given again",
	  OPTION_FIELD(struct add_options, after) },
	{ OPTION_LIST, 0, "needs", "RESOURCE",
	  "only while nobody else has this lock; may be given again",
	  OPTION_FIELD(struct add_options, needs) },
	{ OPTION_TEXT, 0, "timeout", "TIME",
	  "how long it may be in progress; then it has failed",
	  OPTION_FIELD(struct add_options, timeout) },
	{ OPTION_NUMBER, 0, "retries", "N", "more attempts when one has failed",
	  OPTION_RANGE(struct add_options, retries, 0, TASK_RETRIES_MOST) },
	{ OPTION_NUMBER, 0, "approvals", "N",
	  "held until N other sessions have approved it",
	  OPTION_RANGE(struct add_options, approvals, 0, TASK_APPROVALS_MOST) },
	{ OPTION_LIST, 0, "to", "TO", "this computer does it, or a part: 2, 2/araya; again",
	  OPTION_FIELD(struct add_options, to) },
	{ OPTION_LIST, 0, "stage", "TO", "this one, with the result of the one before; again",
	  OPTION_FIELD(struct add_options, stages) },
	{ OPTION_LIST, 0, "undo", "TITLE", "undoes the first --stage, and so on, if one fails",
	  OPTION_FIELD(struct add_options, undo) },
	{ OPTION_TEXT, 0, "review", "TO", "and this one has to accept what came of it",
	  OPTION_FIELD(struct add_options, review) },
	{ OPTION_FLAG, 0, "route", NULL, "as fleet.yaml says for its label, else by what it says",
	  OPTION_FIELD(struct add_options, route) },
	OPTION_END
};

static int parse_plan(const struct cli *cli, const struct add_options *o,
		      struct task_wish *out, struct error *err)
{
	const struct operation_wish plan = {
		.to = o->to, .stages = o->stages, .undo = o->undo,
		.review = o->review, .by_route = o->route,
	};

	return operations_plan(cli->home, &plan, out, err);
}

static int parse_wish(const struct cli *cli, const struct add_options *o,
		      struct task_wish *out, struct error *err)
{
	out->name = o->name;
	out->title = o->title;
	out->instance = o->instance;
	out->labels = o->labels;
	out->prefer = o->prefer;
	out->terms.after = o->after;
	out->terms.needs = o->needs;
	out->terms.retries = (uint64_t)o->retries;
	out->terms.approvals = (uint64_t)o->approvals;
	if (body_priority(o->priority, &out->priority, err) == -1 ||
	    when_some_time("timeout", o->timeout, &out->terms.timeout, err) == -1)
		return -1;
	return when_due(o->due, cli->clock->now(cli->clock), &out->due, err);
}

/* If others are to approve it, it must be known who does not count. */
static int note_author(struct cli *cli, struct task_wish *wish, struct error *err)
{
	struct session s;

	if (wish->terms.approvals == 0) {
		caller_shows(cli);
		return 0;
	}
	if (caller_session(cli, &s, err) == -1)
		return -1;
	wish->session = s.id;
	session_release(&s);
	return 0;
}

static int run_add(struct cli *cli, const void *given, struct error *err)
{
	struct task_wish wish = { .priority = PRIORITY_NORMAL,
				  .cause = getenv("TRINE_TASK") };
	struct buf body = BUF_INIT;
	char id[MESSAGE_ID];
	int rc = -1;

	if (parse_wish(cli, given, &wish, err) == -1 ||
	    body_read(cli->arg_count > 0 ? cli->arg[0] : NULL, &body, err) == -1)
		goto out;
	wish.body = span_of(&body);
	if (parse_plan(cli, given, &wish, err) == -1 ||
	    note_author(cli, &wish, err) == -1)
		goto out;
	rc = tasks_add(cli->home, &wish, id, err);
	if (rc == 0 && cli->common.json)
		output_json(json_pack("{s:i, s:s}", "schema", 1, "id", id));
	else if (rc == 0)
		printf("%s\n", id);
out:
	operation_release(&wish.plan);
	buf_release(&body);
	return rc;
}

const struct command cmd_task_add = {
	.name = "task add",
	.summary = "put a task of this computer's own into the queue",
	.arguments = "[FILE|-]",
	.examples =
		"trine task add -m \"Fix the login page\" -p high\t"
		"prints its id\n"
		"trine task add --name AUTH plan.md\tunder a name of its own\n"
		"trine task add -m \"New login\" --stage 3 --stage 2 --review 1\t"
		"3, then 2 with what 3 said, and 1 accepts it\n",
	.options = add_options,
	.options_size = sizeof(struct add_options),
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_add,
};

/* ---- list, show ---- */

struct list_options {
	bool all;
};

static const struct option_spec list_options[] = {
	{ OPTION_FLAG, 0, "all", NULL, "those that have ended, too",
	  OPTION_FIELD(struct list_options, all) },
	OPTION_END
};

static int run_list(struct cli *cli, const void *given, struct error *err)
{
	const struct list_options *o = given;
	struct record_list l;

	if (session_sweep_now(cli->home, err) == -1 ||
	    tasks_list(cli->home, o->all, &l, err) == -1)
		return -1;
	task_list_print(cli, &l);
	record_list_release(&l);
	return 0;
}

const struct command cmd_task_list = {
	.name = "task list",
	.summary = "say what is to be done, and who does it",
	.arguments = "",
	.examples =
		"trine task list\tin progress, claimed, waiting, blocked\n"
		"trine task list --all\tand done\n",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.flags = COMMAND_HOME,
	.run = run_list,
};

static int run_show(struct cli *cli, const void *given, struct error *err)
{
	struct record r;

	(void)given;
	if (tasks_find(cli->home, cli->arg[0], &r, err) == -1)
		return -1;
	task_print(cli, &r);
	record_release(&r);
	return 0;
}

const struct command cmd_task_show = {
	.name = "task show",
	.summary = "print a task, who has it, and its result",
	.arguments = "ID",
	.examples = "trine task show AUTH\t`trine show` has its history\n",
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run_show,
};

/* ---- claim, next ---- */

struct claim_options {
	bool fleet;
};

static const struct option_spec claim_options[] = {
	{ OPTION_FLAG, 0, "fleet", NULL,
	  "in the whole fleet; of `claim: one` always",
	  OPTION_FIELD(struct claim_options, fleet) },
	OPTION_END
};

static int run_claim(struct cli *cli, const void *given, struct error *err)
{
	const struct claim_options *o = given;
	const char *title = cli->arg_count > 1 ? cli->arg[1] : NULL;
	struct session s;
	struct record r;
	int rc = caller_session(cli, &s, err);

	if (rc == 0)
		rc = tasks_claim(cli->home, &s, cli->arg[0], title, &r, err);
	if (rc == 0) {
		if (o->fleet || message_claim_one(&r.message))
			rc = confirm_task(cli, &s, r.id, err);
		if (rc == 0)
			task_print_claim(cli, &r);
		record_release(&r);
	}
	session_release(&s);
	return rc;
}

const struct command cmd_task_claim = {
	.name = "task claim",
	.summary = "take a task; nobody else gets it then",
	.arguments = "ID [TITLE]",
	.examples =
		"trine task claim 2_TO_1.7\t"
		"exit 1, and who has it, if it is taken\n"
		"trine task claim AUTH \"Fix the login page\"\t"
		"makes the task if there is none of that name\n"
		"trine task claim AUTH --fleet\tno other computer gets it either\n",
	.options = claim_options,
	.options_size = sizeof(struct claim_options),
	.least = 1,
	.most = 2,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_claim,
};

struct next_options {
	const char *wait;
};

static const struct option_spec next_options[] = {
	{ OPTION_TEXT, 0, "wait", "TIME", "wait so long for one: 30s, 5m",
	  OPTION_FIELD(struct next_options, wait) },
	OPTION_END
};

static int run_next(struct cli *cli, const void *given, struct error *err)
{
	const struct next_options *o = given;
	struct session s;
	struct record r;
	int64_t wait = 0;
	bool found, full = false;
	int rc;

	if (when_long("wait", o->wait, &wait, err) == -1)
		return -1;
	rc = caller_session(cli, &s, err);
	if (rc == 0)
		rc = tasks_next(cli->home, &s, wait * 1000, &r, &found, err);
	if (rc == 0 && !found)
		rc = tasks_at_capacity(cli->home, &s, &full, err);
	session_release(&s);
	if (rc == -1)
		return -1;
	if (!found)
		return error_set(err, ERR_NO, "%s", cli->common.quiet ? "" : full ?
				 "you have as many tasks as your `capacity` in "
				 "trine.ini lets you" : "nothing is waiting");
	task_print(cli, &r);
	record_release(&r);
	return 0;
}

const struct command cmd_task_next = {
	.name = "task next",
	.summary = "take the most urgent task that waits",
	.arguments = "",
	.examples =
		"trine task next --json\texit 1 if nothing waits\n"
		"trine task next --wait 5m\tas soon as there is one\n",
	.options = next_options,
	.options_size = sizeof(struct next_options),
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_next,
};

/* ---- what becomes of it ---- */

struct change_options {
	int64_t token;
	const char *result;
};

static const struct option_spec token_options[] = {
	{ OPTION_NUMBER, 0, "token", "TOKEN", "of the claim, for who is not its session",
	  OPTION_RANGE(struct change_options, token, 1, INT64_MAX) },
	OPTION_END
};

static const struct option_spec result_options[] = {
	{ OPTION_TEXT, 0, "result", "TEXT|-", "what came of it; - reads it",
	  OPTION_FIELD(struct change_options, result) },
	{ OPTION_NUMBER, 0, "token", "TOKEN", "of the claim, for who is not its session",
	  OPTION_RANGE(struct change_options, token, 1, INT64_MAX) },
	OPTION_END
};

/* For its own task, a program that a worker started needs no session. */
static const char *working_instance(const char *id)
{
	const char *task = getenv("TRINE_TASK");

	return task != NULL && strcmp(task, id) == 0 ? body_author() : NULL;
}

/* It failed, and is not over yet. */
static void say_again(const struct cli *cli, const struct record *r)
{
	int64_t now = cli->clock->now(cli->clock);
	char words[TIME_TEXT];

	if (task_rests(r->rests, now) && tasks_holder(r) == NULL)
		output_say(cli, "trine: attempt %llu failed; another one may begin in "
			   "%s", (unsigned long long)r->attempt,
			   duration_words(r->rests - now, words));
}

/* S is to be released. */
static int find_hand(struct cli *cli, const struct change_options *o, struct session *s,
		     struct task_hand *out, struct error *err)
{
	bool found;

	*out = (struct task_hand){ .token = (uint64_t)o->token,
				   .instance = working_instance(cli->arg[0]) };
	if (caller_find(cli, s, &found, err) == -1)
		return -1;
	if (found)
		out->session = s;
	return 0;
}

static int show_changed(struct cli *cli, enum tasks_change which, struct error *err)
{
	struct record r;

	if (!cli->common.json && which != TASKS_FAIL)
		return 0;
	if (tasks_find(cli->home, cli->arg[0], &r, err) == -1)
		return -1;
	if (which == TASKS_FAIL)
		say_again(cli, &r);
	if (cli->common.json)
		task_print(cli, &r);
	record_release(&r);
	return 0;
}

static int change(struct cli *cli, const struct change_options *o,
		  enum tasks_change which, const char *text, struct error *err)
{
	struct task_hand by;
	struct session s;
	int rc;

	if (find_hand(cli, o, &s, &by, err) == -1)
		return -1;
	rc = tasks_change(cli->home, &by, cli->arg[0], which, text, err);
	session_release(&s);
	return rc == 0 ? show_changed(cli, which, err) : -1;
}

static const char *second_word(const struct cli *cli)
{
	return cli->arg_count > 1 ? cli->arg[1] : NULL;
}

static int change_with_result(struct cli *cli, const struct change_options *o,
			      enum tasks_change which, struct error *err)
{
	struct buf text = BUF_INIT;
	struct task_hand by;
	struct session s;
	int rc = -1;

	if (body_words(o->result, &text, err) == -1 ||
	    find_hand(cli, o, &s, &by, err) == -1)
		goto out;
	rc = tasks_end(cli->home, &by, cli->arg[0], which, span_of(&text), err);
	session_release(&s);
	if (rc == 0)
		rc = show_changed(cli, which, err);
out:
	buf_release(&text);
	return rc;
}

static int run_start(struct cli *cli, const void *given, struct error *err)
{
	return change(cli, given, TASKS_START, NULL, err);
}

static int run_progress(struct cli *cli, const void *given, struct error *err)
{
	return change(cli, given, TASKS_PROGRESS, cli->arg[1], err);
}

static int run_done(struct cli *cli, const void *given, struct error *err)
{
	return change_with_result(cli, given, TASKS_DONE, err);
}

static int run_fail(struct cli *cli, const void *given, struct error *err)
{
	return change_with_result(cli, given, TASKS_FAIL, err);
}

static int run_block(struct cli *cli, const void *given, struct error *err)
{
	return change(cli, given, TASKS_BLOCK, second_word(cli), err);
}

static int run_release(struct cli *cli, const void *given, struct error *err)
{
	return change(cli, given, TASKS_RELEASE, second_word(cli), err);
}

static int run_cancel(struct cli *cli, const void *given, struct error *err)
{
	return change(cli, given, TASKS_CANCEL, second_word(cli), err);
}

#define CHANGE(verb, summary_, arguments_, examples_, options_, least_, most_) \
const struct command cmd_task_##verb = {				\
	.name = "task " #verb,						\
	.summary = summary_,						\
	.arguments = arguments_,					\
	.examples = examples_,						\
	.options = options_,						\
	.options_size = sizeof(struct change_options),			\
	.least = least_,						\
	.most = most_,							\
	.flags = COMMAND_HOME | COMMAND_ACTIVE,						\
	.run = run_##verb,						\
}

CHANGE(start, "begin with a claimed task", "ID",
       "trine task start AUTH\tit is in progress from now on\n",
       token_options, 1, 1);
CHANGE(progress, "say how far a task is", "ID TEXT",
       "trine task progress AUTH \"3 of 5 tests pass\"\tothers see it in the list\n",
       token_options, 2, 2);
CHANGE(done, "a task is done; its result goes back to who asked", "ID",
       "trine task done AUTH --result \"See branch login\"\tits result in words\n"
       "make test 2>&1 | trine task done AUTH --result -\tor from a program\n",
       result_options, 1, 1);
CHANGE(fail, "a task cannot be done", "ID",
       "trine task fail AUTH --result \"No access to the server\"\t"
       "who asked is told why\n",
       result_options, 1, 1);
CHANGE(block, "a task waits for a person", "ID [REASON]",
       "trine task block AUTH \"Which database?\"\tyou keep it\n",
       token_options, 1, 2);
CHANGE(release, "give a task back, for others to take", "ID [REASON]",
       "trine task release AUTH\tit waits again; also one that is in doubt\n",
       token_options, 1, 2);
CHANGE(cancel, "end a task that nobody is to do", "ID [REASON]",
       "trine task cancel AUTH \"Not needed any more\"\tit counts as failed\n",
       token_options, 1, 2);
