/* trine task approve, veto: others have a say before a task is begun. What counts is
 * decided by tasks_approve and tasks_veto (tasks.h). */
#include <stdlib.h>

#include "caller.h"
#include "trine/tasks.h"

struct vote_options {
	const char *as, *reason;
};

#define AS { OPTION_TEXT, 0, "as", "SESSION", "as this session, by number or name", \
	OPTION_FIELD(struct vote_options, as) }

static const struct option_spec approve_options[] = { AS, OPTION_END };

static const struct option_spec veto_options[] = {
	AS,
	{ OPTION_TEXT, 0, "reason", "TEXT", "why; it must be said",
	  OPTION_FIELD(struct vote_options, reason) },
	OPTION_END
};

static int find_voter(struct cli *cli, const struct vote_options *o,
		      struct session *out, struct error *err)
{
	bool found;

	if (o->as == NULL)
		return caller_session(cli, out, err);
	return session_caller(cli->home, o->as, out, &found, err);
}

static int run_approve(struct cli *cli, const void *given, struct error *err)
{
	struct session s;
	int rc;

	if (find_voter(cli, given, &s, err) == -1)
		return -1;
	rc = tasks_approve(cli->home, &s, cli->arg[0], err);
	session_release(&s);
	return rc;
}

static int run_veto(struct cli *cli, const void *given, struct error *err)
{
	const struct vote_options *o = given;
	struct session s;
	int rc;

	if (o->reason == NULL)
		return error_set(err, ERR_USAGE, "a veto wants a --reason");
	if (find_voter(cli, o, &s, err) == -1)
		return -1;
	rc = tasks_veto(cli->home, &s, cli->arg[0], o->reason, err);
	session_release(&s);
	return rc;
}

const struct command cmd_task_approve = {
	.name = "task approve",
	.summary = "let a task be done that others are to approve",
	.arguments = "ID",
	.examples = "trine task approve DEPLOY\twho added it cannot\n",
	.options = approve_options,
	.options_size = sizeof(struct vote_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_approve,
};

const struct command cmd_task_veto = {
	.name = "task veto",
	.summary = "end a task that others are to approve",
	.arguments = "ID",
	.examples = "trine task veto DEPLOY --reason \"Not on Friday\"\tit has failed\n",
	.options = veto_options,
	.options_size = sizeof(struct vote_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_veto,
};
