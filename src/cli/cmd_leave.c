/* trine leave: this computer goes. */
#include "output.h"
#include "retire.h"

static int run(struct cli *cli, const void *given, struct error *err)
{
	(void)given;
	if (retire(cli, cli->home->number, err) == -1)
		return -1;
	output_say(cli, "now remove its timer; %s stays as it is",
		   cli->home->dir);
	return 0;
}

const struct command cmd_leave = {
	.name = "leave",
	.summary = "take this computer out of the fleet",
	.arguments = "",
	.examples = "trine leave\tthis computer says good-bye\n",
	.flags = COMMAND_HOME | COMMAND_GIT,
	.run = run,
};
