/*
 * A program in the foreground, watched (program.h). Used by `trine lock run`.
 */
#include "trine/program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "sys.h"
#include "trine/clock.h"
#include "trine/mem.h"

enum { SLICE_FIRST_MS = 1, SLICE_MS = 50, STOP_MS = 1000 };

static volatile sig_atomic_t passed;	/* the signal to be passed on, or 0 */

static void on_signal(int number)
{
	passed = number;
}

static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGCHLD };

static void handle(int number, struct sigaction *action)
{
	if (number == SIGINT)
		action->sa_handler = SIG_IGN;
	else if (number == SIGCHLD)
		action->sa_handler = SIG_DFL;	/* ignored, it would take the status */
	else
		action->sa_handler = on_signal;
}

static void note_signals(struct sigaction old[ARRAY_LEN(signals)])
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	passed = 0;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		handle(signals[i], &action);
		sigaction(signals[i], &action, &old[i]);
	}
}

static void restore_signals(const struct sigaction old[ARRAY_LEN(signals)])
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &old[i], NULL);
}

__attribute__((noreturn))
static void become(const char *const argv[], const char *const *environment,
		   pid_t parent, int report)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
#ifdef __linux__
	/* it is not to go on without what we hold for it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(126);
#endif
	child_environment(environment);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	report_errno(report);
}

static int start(const char *const argv[], const char *const *environment, pid_t *pid,
		 struct error *err)
{
	pid_t self = getpid();
	int ends[2], number;

	if (pipe_open(ends) == -1)
		return error_errno(err, "pipe");
	*pid = fork();
	if (*pid == 0)
		become(argv, environment, self, ends[1]);
	number = *pid == -1 ? errno : 0;
	close(ends[1]);
	if (number == 0)
		number = read_report(ends[0]);
	close(ends[0]);
	if (number == 0)
		return 0;
	if (*pid != -1)
		waitpid(*pid, NULL, 0);
	errno = number;
	return error_errno(err, "cannot run %s", argv[0]);
}

struct watch {
	pid_t pid;
	bool (*stop)(void *arg);
	void *arg;
	struct clock clock;
	int64_t ask_at, kill_at;	/* 0: not told to end yet */
};

static void look(struct watch *w)
{
	int64_t now = w->clock.steady(&w->clock);

	if (passed != 0) {
		kill(w->pid, (int)passed);
		passed = 0;
	}
	if (w->kill_at != 0) {
		if (now >= w->kill_at)
			kill(w->pid, SIGKILL);
		return;
	}
	if (now < w->ask_at)
		return;
	w->ask_at = now + STOP_MS;
	if (!w->stop(w->arg))
		return;
	kill(w->pid, SIGTERM);
	w->kill_at = now + PROGRAM_GRACE_MS;
}

int program_follow(const char *const argv[], const char *const *environment,
		   bool (*stop)(void *arg), void *arg, int *status, struct error *err)
{
	struct sigaction old[ARRAY_LEN(signals)];
	struct watch w = { .stop = stop, .arg = arg };
	int64_t slice = SLICE_FIRST_MS;
	int how = 0;
	pid_t got;

	note_signals(old);
	if (start(argv, environment, &w.pid, err) == -1) {
		restore_signals(old);
		return -1;
	}
	clock_system(&w.clock);
	w.ask_at = w.clock.steady(&w.clock) + STOP_MS;
	while ((got = waitpid(w.pid, &how, WNOHANG)) == 0 ||
	       (got == -1 && errno == EINTR)) {
		w.clock.sleep(&w.clock, slice);
		slice = slice < SLICE_MS ? slice * 2 : SLICE_MS;
		look(&w);
	}
	restore_signals(old);
	*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	return 0;
}
