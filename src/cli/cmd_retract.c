/* trine retract: take back a message that no commit holds yet. */
#include "output.h"
#include "trine/mail.h"

static int run(struct cli *cli, const void *options, struct error *err)
{
	(void)options;
	if (mail_retract(cli->home, cli->arg[0], err) == -1)
		return -1;
	output_say(cli, "%s is taken back; nobody will see it", cli->arg[0]);
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
