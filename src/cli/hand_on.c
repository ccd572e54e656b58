/*
 * What trine has instead of git (need_git.h): it hands on to trine-sync. The rest
 * stands where trine-sync has the real ones, so that the commands which call them
 * are whole here, with their options and their help; they are never called.
 */
#include <assert.h>
#include <stdlib.h>

#include "need_git.h"
#include "run_cycle.h"
#include "trine/join.h"
#include "trine/old_mail.h"
#include "trine/process.h"

int need_git(char **argv, struct error *err)
{
	char *self = process_path(), *path = process_helper("trine-sync");
	char *name = argv[0];
	int rc;

	argv[0] = self != NULL ? self : name;
	if (path == NULL)
		rc = error_set(err, ERR_NOTFOUND, "trine-sync, which does what "
			       "needs git, is neither beside trine nor in "
			       TRINE_LIBEXEC);
	else
		rc = process_go_on(path, argv, err);
	argv[0] = name;
	free(path);
	free(self);
	return rc;
}

static int not_here(void)
{
	assert(!"a command that needs git lacks COMMAND_GIT");
	return -1;
}

int run_cycle(struct cli *cli, const struct run_options *options,
	      struct report *report, struct error *err)
{
	(void)cli, (void)options, (void)report, (void)err;
	return not_here();
}

int join_look(const char *url, const char *branch, const char *prefix,
	      int number, bool takeover, const char *repo_path,
	      struct clock *clock, struct join_plan *out, struct error *err)
{
	(void)url, (void)branch, (void)prefix, (void)number, (void)takeover;
	(void)repo_path, (void)clock, (void)out, (void)err;
	return not_here();
}

void join_plan_release(struct join_plan *plan)
{
	(void)plan;
}

int old_mail_find(struct home *h, char *const *paths, size_t count,
		  struct old_mail *out, struct error *err)
{
	(void)h, (void)paths, (void)count, (void)out, (void)err;
	return not_here();
}

int old_mail_import(struct home *h, const struct old_mail *m,
		    struct error *err)
{
	(void)h, (void)m, (void)err;
	return not_here();
}

void old_mail_release(struct old_mail *m)
{
	(void)m;
}
