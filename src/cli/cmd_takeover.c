/* trine takeover: two machines had one number, and this one is to keep it. */
#include "output.h"
#include "run_cycle.h"

static int run(struct cli *cli, const void *given, struct error *err)
{
	struct run_options how = { 0 };
	struct report report = { 0 };
	struct chance chance;

	(void)given;
	chance_system(&chance);
	if (home_take_over(cli->home, &chance, err) == -1)
		return -1;
	output_say(cli, "computer %d is this machine now; the other one stops at "
		   "its next sync", cli->home->number);
	return run_cycle(cli, &how, &report, err);
}

const struct command cmd_takeover = {
	.name = "takeover",
	.summary = "keep this computer's number where another machine has it too",
	.arguments = "",
	.examples = "trine takeover\tafter `trine sync` ended with 77\n",
	.flags = COMMAND_HOME | COMMAND_GIT,
	.run = run,
};
