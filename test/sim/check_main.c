/*
 * Look at a fleet on disk with the simulator's checker:
 *
 *	build/test/sim_check REMOTE BRANCH N=DIR…
 *
 * Prints what is broken and ends with 1, or how often each rule was looked at.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *text)
{
	printf("%s\n", text);
}

static int look(git_repository *remote, char **argv)
{
	struct check *c = check_new(remote, argv[2], "coordination");
	const char *finding;

	for (char **arg = argv + 3; *arg; arg++) {
		const char *dir = strchr(*arg, '=');

		if (!dir || atoi(*arg) < 1 || atoi(*arg) > 31) {
			fprintf(stderr, "sim_check: %s is not N=DIR\n", *arg);
			exit(64);
		}
		check_computer(c, atoi(*arg), dir + 1);
	}
	finding = check_step(c);
	if (!finding)
		finding = check_rest(c);
	if (finding)
		print(finding);
	else
		check_report(c, print);
	check_free(c);
	return finding ? 1 : 0;
}

int main(int argc, char **argv)
{
	git_repository *remote;
	int result;

	if (argc < 4) {
		fprintf(stderr, "usage: sim_check REMOTE BRANCH N=DIR...\n");
		return 64;
	}
	git_libgit2_init();
	if (git_repository_open(&remote, argv[1])) {
		fprintf(stderr, "sim_check: %s\n", git_error_last()->message);
		return 69;
	}
	result = look(remote, argv);
	git_repository_free(remote);
	git_libgit2_shutdown();
	return result;
}
