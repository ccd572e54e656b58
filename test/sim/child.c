/*
 * A cycle as a process of its own (tier 2): the real program on real files, with
 * the library of test/faults before it, so that the power can go at any of its
 * changes of the disk, and stopped in its middle, so that others come between.
 * Remotes fail as folders do: one is away, a hook says no. A cycle whose answers get
 * lost runs in this process (world.c).
 */
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trine/file.h"
#include "trine/mem.h"

static void set_env(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void set_env(const char *name, const char *fmt, ...)
{
	struct buf value = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&value, fmt, ap);
	va_end(ap);
	setenv(name, value.data, 1);
	buf_release(&value);
}

static char *journal_of(const struct world *w, const struct machine *m)
{
	return xasprintf("%s/journal.%d", w->root, m->index);
}

/* --- the child --- */

static void say_nothing(const struct world *w, const struct machine *m)
{
	char *path = xasprintf("%s/said.%d", w->root, m->index);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1)
		_exit(99);
	dup2(fd, 1);
	dup2(fd, 2);
	free(path);
}

static void prepare(struct world *w, struct machine *m,
		    const struct cycle_plan *plan, uint64_t chance)
{
	struct clock *clock = &m->clock.clock;
	char *journal = journal_of(w, m);

	set_env("TRINE_POWER_TIME", "%" PRId64, machine_now(m));
	set_env("TRINE_POWER_STEADY", "%" PRId64, clock->steady(clock));
	set_env("TRINE_POWER_BOOT", "boot %u", m->clock.boot);
	set_env("TRINE_TEST_SEED", "%" PRIu64, chance % 1000000);
	set_env("TRINE_NO_BACKGROUND", "1");
	set_env("TRINE_POWER_ROOT", "%s", m->dir);
	set_env("TRINE_POWER_JOURNAL", "%s", journal);
	if (plan->power)
		set_env("TRINE_POWER_CUT", "%d", plan->kill_at);
	else if (plan->kill_at > 0)
		set_env("TRINE_TEST_KILL", "%d", plan->kill_at);
	if (plan->meanwhile != NULL)
		set_env("TRINE_TEST_STOP", "%s", plan_stops_at(plan));
	set_env("LD_PRELOAD", "%s/faults/power_record.so", w->tools);
	free(journal);
}

static void run_program(struct world *w, struct machine *m,
			const struct cycle_plan *plan, uint64_t chance)
{
	char *program = xasprintf("%s/../trine", w->tools);

	/* one that hangs ends with the world that waits for it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	say_nothing(w, m);
	prepare(w, m, plan, chance);
	execl(program, "trine", "-C", m->dir, "sync", "-q",
	      plan->offline ? "--offline" : (char *)NULL, (char *)NULL);
	_exit(99);
}

static int run_and_wait(const char *program, const char *a, const char *b)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl(program, program, a, b, (char *)NULL);
		_exit(99);
	}
	while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return status;
}

/* --- the world around it --- */

static void break_remote(struct world *w, enum remote_fault fault, bool now)
{
	char *away = xasprintf("%s.away", w->hub_path);
	char *hook = xasprintf("%s/hooks/pre-receive", w->hub_path);
	char *hooks = xasprintf("%s/hooks", w->hub_path);
	struct error err = ERROR_INIT;

	if (fault == REMOTE_DOWN)
		now ? rename(w->hub_path, away) : rename(away, w->hub_path);
	if (fault == REMOTE_REFUSES && now) {
		mkdir(hooks, 0755);
		if (file_write(hook, span_str("#!/bin/sh\necho not today >&2\n"
					      "exit 1\n"), 0755, &err) == -1)
			broken(w, "the world cannot refuse: %s", err.text);
	}
	if (fault == REMOTE_REFUSES && !now)
		unlink(hook);
	free(hooks);
	free(hook);
	free(away);
}

/* What the disk had not been told to keep may be gone; and it starts again. */
static void start_again(struct world *w, struct machine *m, bool power,
			uint64_t chance)
{
	char *tool = xasprintf("%s/faults/power_loss", w->tools);
	char *journal = journal_of(w, m), number[32];
	struct error err = ERROR_INIT;

	snprintf(number, sizeof(number), "%" PRIu64, chance % 1000000);
	if (power && run_and_wait(tool, journal, number) != 0)
		broken(w, "the world cannot lose what computer %d had not "
		       "synced", m->number);
	if (power)
		machine_boot(w, m);
	if (file_remove_tree(journal, &err) == -1 ||
	    file_mkdir(journal, 0700, &err) == -1)
		broken(w, "the world has no journal: %s", err.text);
	free(journal);
	free(tool);
}

static void read_answer(struct world *w, const struct machine *m, int status,
			struct error *err)
{
	char *path = xasprintf("%s/said.%d", w->root, m->index);
	struct error unread = ERROR_INIT;
	struct buf said = BUF_INIT;

	error_clear(err);
	if (file_read(path, 1 << 20, &said, NULL, &unread) == 0 && said.len > 0)
		said.data[said.len - 1] = '\0';
	if (!WIFEXITED(status))
		error_set(err, ERR_INTERNAL, "signal %d: %.900s",
			  WTERMSIG(status), said.data);
	else if (WEXITSTATUS(status) != 0)
		error_set(err, (enum error_code)WEXITSTATUS(status), "%.900s",
			  said.data);
	buf_release(&said);
	free(path);
}

/* It stands still in its cycle; the world goes on, programs on its disk too, and the
 * remote is there for the others. */
static void go_on_without(struct world *w, struct machine *m,
			  const struct cycle_plan *plan)
{
	break_remote(w, plan->fault, false);
	if (!log_is_held_at(plan_stops_at(plan)))
		machine_open(w, m);
	if (w->broken == NULL)
		plan->meanwhile(w, m);
	machine_close(m);
	break_remote(w, plan->fault, true);
}

static int wait_for_end(struct world *w, struct machine *m,
			const struct cycle_plan *plan, pid_t pid)
{
	int status = -1;

	for (;;) {
		if (pid <= 0 || (waitpid(pid, &status, WUNTRACED) == -1 &&
				 errno != EINTR))
			return -1;
		if (WIFEXITED(status) || WIFSIGNALED(status))
			return status;
		if (WIFSTOPPED(status)) {
			go_on_without(w, m, plan);
			kill(pid, SIGCONT);
		}
	}
}

bool run_child(struct world *w, struct machine *m,
	       const struct cycle_plan *plan, struct error *err)
{
	uint64_t chance = w->chance.next(&w->chance);
	bool killed;
	int status;
	pid_t pid;

	machine_close(m);
	start_again(w, m, false, 0);
	break_remote(w, plan->fault, true);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_program(w, m, plan, chance);
	status = wait_for_end(w, m, plan, pid);
	break_remote(w, plan->fault, false);
	killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (killed)
		start_again(w, m, plan->power, chance);
	else
		read_answer(w, m, status, err);
	machine_open(w, m);
	return killed;
}
