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

__attribute__((noreturn))
static void become(const struct program_launch *p, int report)
{
	int kept = fcntl(report, F_DUPFD_CLOEXEC, ASIDE);

	setsid();
	if (kept != -1 && place_files(p) == 0 &&
	    (p->folder == NULL || chdir(p->folder) == 0)) {
		for (int fd = (int)ARRAY_LEN(p->file); fd < FILES; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		child_environment(p->environment);
		child_signals();
		execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
	}
	report_errno(kept != -1 ? kept : report);
}

int program_launch(const struct program_launch *p, long *pid, struct error *err)
{
	int ends[2], number;
	pid_t child;

	if (pipe_open(ends) == -1)
		return error_errno(err, "pipe");
	child = fork();
	if (child == 0)
		become(p, ends[1]);
	number = child == -1 ? errno : 0;
	close(ends[1]);
	if (number == 0)
		number = read_report(ends[0]);
	close(ends[0]);
	if (number == 0) {
		*pid = (long)child;
		return 0;
	}
	if (child != -1)
		waitpid(child, NULL, 0);
	errno = number;
	return error_errno(err, "cannot run %s", p->argv[0]);
}
