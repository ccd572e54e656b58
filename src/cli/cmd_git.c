/* trine git: run git on this computer's own repository, to look around. */
#include <stdlib.h>

#include "output.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"

static int run(struct cli *cli, const void *options, struct error *err)
{
	char *repo = xasprintf("%s/.trine/repo.git", cli->dir);
	const char **argv = xcalloc(cli->arg_count + 4, sizeof(*argv));
	size_t n = 0;
	int rc;

	(void)options;
	argv[n++] = "git";
	argv[n++] = "--git-dir";
	argv[n++] = repo;
	for (size_t i = 0; i < cli->arg_count; i++)
		argv[n++] = cli->arg[i];
	rc = file_exists(repo) ? process_exec(argv, err) :
	     error_set(err, ERR_NOTFOUND, "%s is not there yet: the first "
		       "`trine sync` makes it", repo);
	free(argv);
	free(repo);
	return rc;
}

const struct command cmd_git = {
	.name = "git",
	.summary = "run git on this computer's repository",
	.arguments = "ARGUMENT...",
	.examples =
		"trine git log -3 refs/heads/main\t"
		"the newest commits\n"
		"trine git show refs/heads/main:coordination/messages/1_TO_2.md\t"
		"a file as it was committed\n",
	.least = 1,
	.most = ANY_NUMBER,
	.flags = COMMAND_DIR | COMMAND_RAW,
	.run = run,
};
