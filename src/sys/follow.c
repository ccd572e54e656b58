/*
 * A program in the foreground, watched (program.h). Used by `trine lock run`.
 *
 * It is in a process group of its own, so that all of that can be ended, as shells do
 * with a job. Our own group keeps the terminal until the program wants to read it: who
 * called us gets ^C and ^Z as if the program were with us, and what we get of them is
 * passed on. A program that wants the terminal in the background is stopped by the
 * system (SIGTTIN, SIGTTOU): it gets the terminal if it is ours, else we stop as well.
 */
#include "trine/program.h"

#include <errno.h>
#include <fcntl.h>
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

/* ---- signals ---- */

/* PASS: what we get of it the program gets. */
static const struct { int number; bool pass; } signals[] = {
	{ SIGTERM, true }, { SIGHUP, true }, { SIGINT, true }, { SIGQUIT, true },
	{ SIGTSTP, true }, { SIGWINCH, true },
	{ SIGCONT, false },	/* noted */
	{ SIGCHLD, false },	/* ignored, it would take the status */
	{ SIGTTOU, false },	/* taking the terminal back is no offence */
	{ SIGPIPE, false },
};

static volatile sig_atomic_t came[ARRAY_LEN(signals)];

static void on_signal(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == number)
			came[i] = 1;
}

static bool take_signal(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == number && came[i]) {
			came[i] = 0;
			return true;
		}
	return false;
}

static void handle(int number, void (*how)(int), struct sigaction *old)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	action.sa_handler = how;
	sigaction(number, &action, old);
}

static void note_signals(struct sigaction old[ARRAY_LEN(signals)])
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		int number = signals[i].number;

		came[i] = 0;
		handle(number, signals[i].pass || number == SIGCONT ? on_signal :
			       number == SIGCHLD ? SIG_DFL : SIG_IGN, &old[i]);
	}
}

static void restore_signals(const struct sigaction old[ARRAY_LEN(signals)])
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i].number, &old[i], NULL);
}

/* ---- starting ---- */

struct follow {
	pid_t pid;		/* and its group */
	struct guard guard;
	int terminal;		/* that we are in; -1: none */
	bool wants;		/* the program has had the terminal */
	bool told;		/* to end */
	int64_t ask_at, kill_at;	/* 0: not told to end by us */
	struct clock clock;
};

struct command {
	const char *const *argv, *const *environment;
	int go[2];		/* the word to begin: its group and the guard are there */
	int failed[2];		/* errno of what kept it from beginning */
};

__attribute__((noreturn))
static void become(const struct command *c, pid_t parent)
{
	char word;

	close(c->go[1]);	/* else we would wait for ourselves */
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i].number, SIG_DFL);
#ifdef __linux__
	/* it is not to go on without what we hold for it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(126);
#else
	(void)parent;
#endif
	if (read(c->go[0], &word, 1) != 1)
		_exit(126);
	child_environment(c->environment);
	execvp(c->argv[0], (char *const *)(uintptr_t)c->argv);
	report_errno(c->failed[1]);
}

static void close_ends(int ends[2])
{
	for (int i = 0; i < 2; i++) {
		if (ends[i] != -1)
			close(ends[i]);
		ends[i] = -1;
	}
}

/* errno of what kept the program from beginning, or 0. */
static int begin(struct follow *f, struct command *c)
{
	int number = 0;

	setpgid(f->pid, f->pid);
	if (guard_begin(&f->guard, f->pid) == -1)
		number = errno;
	else if (write(c->go[1], "g", 1) != 1)
		errno = 0;	/* it is gone: its end is looked at later */
	close_ends(c->go);	/* without the word it goes */
	close(c->failed[1]);
	c->failed[1] = -1;
	if (number != 0) {
		waitpid(f->pid, NULL, 0);
		return number;
	}
	number = read_report(c->failed[0]);
	if (number != 0) {
		waitpid(f->pid, NULL, 0);
		guard_end(&f->guard);
	}
	return number;
}

static int start(struct follow *f, const char *const argv[],
		 const char *const *environment, struct error *err)
{
	struct command c = { argv, environment, { -1, -1 }, { -1, -1 } };
	pid_t self = getpid();
	int number = 0;

	if (pipe_open(c.go) == -1 || pipe_open(c.failed) == -1) {
		error_errno(err, "pipe");
		close_ends(c.go);
		return -1;
	}
	f->pid = fork();
	if (f->pid == 0)
		become(&c, self);
	number = f->pid == -1 ? errno : begin(f, &c);
	close_ends(c.go);
	close_ends(c.failed);
	errno = number;
	return number == 0 ? 0 : error_errno(err, "cannot run %s", argv[0]);
}

/* ---- the terminal ---- */

static bool give_terminal(const struct follow *f)
{
	return f->terminal != -1 && tcgetpgrp(f->terminal) == getpgrp() &&
	       tcsetpgrp(f->terminal, f->pid) == 0;
}

static bool take_terminal(const struct follow *f)
{
	return f->terminal != -1 && tcgetpgrp(f->terminal) == f->pid &&
	       tcsetpgrp(f->terminal, getpgrp()) == 0;
}

/* We and who called us, until somebody lets us go on. False: nobody would, and the
 * system did not stop us (a group without a shell). */
static bool stop_ourselves(void)
{
	struct sigaction noted;

	take_signal(SIGCONT);
	handle(SIGTSTP, SIG_DFL, &noted);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &noted, NULL);
	return take_signal(SIGCONT);
}

/* By ^Z, or because it wants the terminal. What somebody stopped otherwise is his
 * affair. */
static void look_at_stopped(struct follow *f, int number)
{
	bool asks = number == SIGTTIN || number == SIGTTOU;
	bool goes_on;

	if (!asks && number != SIGTSTP)
		return;
	f->wants = f->wants || asks;
	if (!asks || !give_terminal(f)) {
		take_terminal(f);
		goes_on = stop_ourselves();
		if (f->wants && !give_terminal(f) && asks && !goes_on)
			kill(-f->pid, SIGHUP);
	}
	kill(-f->pid, SIGCONT);
}

/* ---- while it runs ---- */

static void pass_signals(struct follow *f)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].pass && take_signal(signals[i].number)) {
			kill(-f->pid, signals[i].number);
			f->told = f->told || signals[i].number == SIGTERM;
		}
}

static void look(struct follow *f, bool (*stop)(void *arg), void *arg)
{
	int64_t now = f->clock.steady(&f->clock);

	pass_signals(f);
	if (f->kill_at != 0) {
		if (now >= f->kill_at)
			kill(-f->pid, SIGKILL);
		return;
	}
	if (now < f->ask_at)
		return;
	f->ask_at = now + STOP_MS;
	if (!stop(arg))
		return;
	kill(-f->pid, SIGTERM);
	f->told = true;
	f->kill_at = now + PROGRAM_GRACE_MS;
}

/* Its status as of waitpid(2). */
static int wait_for(struct follow *f, bool (*stop)(void *arg), void *arg)
{
	int64_t slice = SLICE_FIRST_MS;
	int how = 0;

	for (;;) {
		pid_t got = waitpid(f->pid, &how, WNOHANG | WUNTRACED);

		if (got == f->pid && WIFSTOPPED(how))
			look_at_stopped(f, WSTOPSIG(how));
		else if (got == f->pid || (got == -1 && errno != EINTR))
			return how;
		f->clock.sleep(&f->clock, slice);
		slice = slice < SLICE_MS ? slice * 2 : SLICE_MS;
		look(f, stop, arg);
	}
}

/* What it left behind goes on, unless it was told to end. */
static void finish(struct follow *f, int how)
{
	int64_t left = PROGRAM_GRACE_MS;

	if (f->kill_at != 0)
		left = f->kill_at - f->clock.steady(&f->clock);
	if (f->told)
		group_end(f->pid, left);
	guard_end(&f->guard);
	/* ^C went to it alone */
	if (take_terminal(f) && WIFSIGNALED(how) && WTERMSIG(how) == SIGINT)
		kill(0, SIGINT);
}

int program_follow(const char *const argv[], const char *const *environment,
		   bool (*stop)(void *arg), void *arg, int *status, struct error *err)
{
	struct sigaction old[ARRAY_LEN(signals)];
	struct follow f = { 0 };
	int how, rc;

	note_signals(old);
	rc = start(&f, argv, environment, err);
	if (rc == 0) {
		f.terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
		clock_system(&f.clock);
		f.ask_at = f.clock.steady(&f.clock) + STOP_MS;
		how = wait_for(&f, stop, arg);
		finish(&f, how);
		*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
		if (f.terminal != -1)
			close(f.terminal);
	}
	restore_signals(old);
	return rc;
}
