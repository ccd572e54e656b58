/* trine retire N: nobody waits for computer N any more. */
#include "output.h"
#include "retire.h"
#include "trine/text.h"

static int run(struct cli *cli, const void *given, struct error *err)
{
	uint64_t n;

	(void)given;
	if (!text_number(span_str(cli->arg[0]), &n) || n < 1 ||
	    n > LIMIT_COMPUTERS)
		return error_set(err, ERR_USAGE, "%s is no computer: a number "
				 "from 1 to %d is wanted", cli->arg[0],
				 LIMIT_COMPUTERS);
	return retire(cli, (int)n, err);
}

const struct command cmd_retire = {
	.name = "retire",
	.summary = "take a computer out of the fleet",
	.arguments = "N",
	.examples = "trine retire 3\tcomputer 3 is gone for good\n",
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_GIT,
	.run = run,
};
