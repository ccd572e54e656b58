/* trine read: say of messages that nobody needs to look at them any more. */
#include "output.h"
#include "trine/mail.h"

static int run(struct cli *cli, const void *options, struct error *err)
{
	(void)options;
	for (size_t i = 0; i < cli->arg_count; i++)
		if (mail_read(cli->home, cli->arg[i], err) == -1)
			return -1;
	return 0;
}

const struct command cmd_read = {
	.name = "read",
	.summary = "mark messages as read",
	.arguments = "ID...",
	.examples =
		"trine read 2_TO_1.7 2_TO_1.8\t"
		"`trine inbox` lists them no more; `--all` does\n",
	.least = 1,
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME,
	.run = run,
};
