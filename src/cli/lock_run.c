/* The command of `trine lock run` (lock_run.h). */
#include "lock_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "trine/mem.h"
#include "trine/program.h"

/* The command and its arguments, behind the lock's name; free the array. */
static const char **command_of(const struct cli *cli)
{
	const char **argv = xcalloc(cli->arg_count, sizeof(*argv));

	for (size_t i = 1; i < cli->arg_count; i++)
		argv[i - 1] = cli->arg[i];
	return argv;
}

int lock_run_command(const struct cli *cli, uint64_t token, bool (*lost)(void *arg),
		     void *arg, int *status, struct error *err)
{
	char text[24];
	const char *const environment[] = {
		"TRINE_LOCK", cli->arg[0], "TRINE_LOCK_TOKEN", text, NULL
	};
	const char **argv = command_of(cli);
	int rc;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)token);
	rc = program_follow(argv, environment, lost, arg, status, err);
	free(argv);
	return rc;
}
