/*
 * Programs that are started and go on beside us (program.h): who starts one waits
 * for it. Used by the daemon.
 */
#include "trine/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

enum { FILES = 1024, ASIDE = 16 };

/* From where they are to where they belong, by way of numbers that are in nobody's
 * way. */
static int place_files(const struct program_launch *p)
{
	int fd[ARRAY_LEN(p->file)];

	for (int i = 0; i < (int)ARRAY_LEN(fd); i++) {
		int from = p->file[i];

		if (from == LAUNCH_NULL)
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
		fd[i] = from >= 0 ? fcntl(from, F_DUPFD_CLOEXEC, ASIDE) : -1;
		if (fd[i] == -1 && p->file[i] != LAUNCH_NONE)
			return -1;
	}
	for (int i = 0; i < (int)ARRAY_LEN(fd); i++)
		if (fd[i] == -1)
			close(i);
		else if (dup2(fd[i], i) == -1)
			return -1;
	return 0;
}

/* The word to begin, and why it cannot. */
struct gate {
	int go[2], failed[2];
};

static void close_gate(struct gate *g)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&g->go[i]);
		close_fd(&g->failed[i]);
	}
}

static int open_gate(struct gate *g, struct error *err)
{
	*g = (struct gate){ { -1, -1 }, { -1, -1 } };
	if (pipe_open(g->go) == 0 && pipe_open(g->failed) == 0)
		return 0;
	error_errno(err, "pipe");
	close_gate(g);
	return -1;
}

/* Who is to say it may be killed before. */
static bool may_go(struct gate *g)
{
	ssize_t got;
	char word;

	close_fd(&g->go[1]);	/* else we would wait for ourselves */
	do
		got = read(g->go[0], &word, 1);
	while (got == -1 && errno == EINTR);
	return got == 1;
}

__attribute__((noreturn))
static void become(const struct program_launch *p, struct gate *g)
{
	int kept = fcntl(g->failed[1], F_DUPFD_CLOEXEC, ASIDE);

	setsid();
	if (!may_go(g))
		_exit(0);
	if (kept != -1 && place_files(p) == 0 &&
	    (p->folder == NULL || chdir(p->folder) == 0)) {
		for (int fd = (int)ARRAY_LEN(p->file); fd < FILES; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		child_environment(p->environment);
		child_signals();
		execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
	}
	report_errno(kept != -1 ? kept : g->failed[1]);
}

static int let_go(const struct program_launch *p, pid_t child, struct gate *g,
		  struct error *err)
{
	close_fd(&g->failed[1]);
	if (note_program(p->note, child, err) == -1)
		return -1;
	errno = 0;
	if (write(g->go[1], "g", 1) == 1)
		errno = read_report(g->failed[0]);
	return errno == 0 ? 0 : error_errno(err, "cannot run %s", p->argv[0]);
}

int program_launch(const struct program_launch *p, long *pid, struct error *err)
{
	struct gate gate;
	pid_t child;
	int rc = -1;

	if (open_gate(&gate, err) == -1)
		return -1;
	child = fork();
	if (child == 0)
		become(p, &gate);
	if (child == -1)
		error_errno(err, "cannot run %s", p->argv[0]);
	else
		rc = let_go(p, child, &gate, err);
	close_gate(&gate);
	if (rc == 0)
		*pid = (long)child;
	else if (child != -1)
		waitpid(child, NULL, 0);
	return rc;
}
