/*
 * Look at a fleet on disk with the simulator's checker:
 *
 *	build/test/sim_check [-s] REMOTE BRANCH N=DIR…
 *
 * Prints what is broken and ends with 1, or how often each rule was looked at.
 * With -s the fleet need not be at rest.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *text)
{
	printf("%s\n", text);
}

/* WHAT: the branch, then computers. */
static int look(git_repository *remote, char **what, bool at_rest)
{
	struct check *c = check_new(remote, *what, "coordination");
	uint64_t looked[CHECK_RULES] = { 0 };
	const char *finding;

	for (char **arg = what + 1; *arg; arg++) {
		const char *dir = strchr(*arg, '=');

		if (!dir || atoi(*arg) < 1 || atoi(*arg) > 31) {
			fprintf(stderr, "sim_check: %s is not N=DIR\n", *arg);
			exit(64);
		}
		check_computer(c, atoi(*arg), dir + 1);
	}
	finding = check_step(c);
	if (!finding && at_rest)
		finding = check_rest(c);
	check_looked(c, looked);
	if (finding)
		print(finding);
	else
		check_report(looked, print);
	check_free(c);
	return finding ? 1 : 0;
}

int main(int argc, char **argv)
{
	git_repository *remote;
	bool at_rest = argc < 2 || strcmp(argv[1], "-s");
	char **what = argv + (at_rest ? 1 : 2);
	int result;

	if (argc - (what - argv) < 3) {
		fprintf(stderr, "usage: sim_check [-s] REMOTE BRANCH N=DIR…\n");
		return 64;
	}
	git_libgit2_init();
	if (git_repository_open(&remote, *what)) {
		fprintf(stderr, "sim_check: %s\n", git_error_last()->message);
		return 69;
	}
	result = look(remote, what + 1, at_rest);
	git_repository_free(remote);
	git_libgit2_shutdown();
	return result;
}
