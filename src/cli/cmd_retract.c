/* trine retract: take back a message that no commit holds yet. */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "trine/mail.h"

/* The task that the message ID answers; "": it answers none. */
static void find_task(struct cli *cli, const char *id, char task[MESSAGE_ID])
{
	struct error unknown = ERROR_INIT;
	struct record r;

	task[0] = '\0';
	if (mail_find(cli->home, id, &r, &unknown) == -1)
		return;
	if (r.message.type == TYPE_RESULT && r.message.re != NULL)
		snprintf(task, MESSAGE_ID, "%s", r.message.re);
	record_release(&r);
}

/* What one did who worked on it stays done. */
static void say_what_becomes_of(struct cli *cli, const char *task)
{
	struct error unknown = ERROR_INIT;
	struct record r;

	if (mail_find(cli->home, task, &r, &unknown) == -1)
		return;
	if (r.direction != DIRECTION_IN || r.message.type != TYPE_TASK)
		;	/* answered is answered */
	else if (strcmp(r.state, "COMPLETED") != 0 && strcmp(r.state, "FAILED") != 0)
		output_say(cli, "the task %s is %s again", task, r.state);
	else if (r.answered == 0)
		output_say(cli, "the task %s stays %s, and whoever asked hears nothing "
			   "of it until `trine reply %s` answers it", task, r.state,
			   task);
	record_release(&r);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	char task[MESSAGE_ID];

	(void)options;
	find_task(cli, cli->arg[0], task);
	if (mail_retract(cli->home, cli->arg[0], err) == -1)
		return -1;
	output_say(cli, "%s is taken back; nobody will see it", cli->arg[0]);
	if (*task)
		say_what_becomes_of(cli, task);
	return 0;
}

const struct command cmd_retract = {
	.name = "retract",
	.summary = "take back a message before it was committed",
	.arguments = "ID",
	.examples =
		"trine retract 1_TO_2.7\t"
		"the message is gone, unless a sync was faster\n",
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run,
};
