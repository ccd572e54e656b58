/*
 * Process groups of what we started, ended as a whole (sys.h). Used for programs that
 * work for us, and for the command of `trine lock run`.
 *
 * The guard is a process that waits at a pipe whose other end its maker has: when that
 * is killed, even by SIGKILL, the pipe ends. What Linux has for it (PR_SET_PDEATHSIG)
 * is for one process, and not for what that has started.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"
#include "trine/clock.h"
#include "trine/mem.h"
#include "trine/program.h"

enum {
	SLICE_MS = 50,
	KILLED_MS = 1000,	/* for the system to take them away */
	FILES = 1024
};

void group_tell_others(pid_t leader, pid_t session, int number)
{
	DIR *all = opendir("/proc");
	struct dirent *one;

	while (all != NULL && (one = readdir(all)) != NULL) {
		pid_t pid = (pid_t)strtol(one->d_name, NULL, 10);

		if (pid > 1 && pid != leader && getpgid(pid) == leader &&
		    getsid(pid) == session)
			kill(pid, number);
	}
	if (all != NULL)
		closedir(all);
}

static bool is_gone_after(pid_t group, int64_t ms)
{
	struct clock clock;
	int64_t until;

	clock_system(&clock);
	until = clock.steady(&clock) + ms;
	while (kill(-group, 0) == 0) {
		if (clock.steady(&clock) >= until)
			return false;
		clock.sleep(&clock, SLICE_MS);
	}
	return true;
}

void group_end(pid_t group, int64_t grace_ms)
{
	if (is_gone_after(group, grace_ms))
		return;
	kill(-group, SIGKILL);
	is_gone_after(group, KILLED_MS);
}

/* ---- the guard ---- */

/* Its leader hears from the system that we are gone. */
static void tell(pid_t group, pid_t session)
{
#ifdef __linux__
	group_tell_others(group, session, SIGTERM);
#else
	(void)session;
	kill(-group, SIGTERM);
#endif
}

__attribute__((noreturn))
static void stand_guard(pid_t group, int word)
{
	static const int endings[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	pid_t session = getsid(0);
	char well;
	ssize_t got;

	child_signals();
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		signal(endings[i], SIG_IGN);	/* who looks for us by name */
	setsid();
	for (int fd = 0; fd < FILES; fd++)
		if (fd != word)
			close(fd);
	while ((got = read(word, &well, 1)) == -1 && errno == EINTR)
		;
	if (got != 1) {
		tell(group, session);
		group_end(group, PROGRAM_GRACE_MS);
	}
	_exit(0);
}

int guard_begin(struct guard *g, pid_t group)
{
	int ends[2];

	if (pipe_open(ends) == -1)
		return -1;
	g->pid = fork();
	if (g->pid == 0)
		stand_guard(group, ends[0]);
	close(ends[0]);
	g->word = ends[1];
	if (g->pid == -1)
		close(ends[1]);
	return g->pid == -1 ? -1 : 0;
}

void guard_end(struct guard *g)
{
	if (write(g->word, "e", 1) != 1)
		errno = 0;	/* it was killed */
	close(g->word);
	while (waitpid(g->pid, NULL, 0) == -1 && errno == EINTR)
		;
}
