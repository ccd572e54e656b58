/*
 * Starting and ending the programs that instances are (supervisor.h). Each has a
 * session of its own, and is ended as a whole; one that another daemon started is told
 * from a later process of its pid by when it began (process.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/program.h"
#include "trine/session.h"
#include "trine/text.h"

enum {
	FIRST_MS = 200, SETTLE_MS = 1000,	/* from the start to the first question */
	LOOK_MS = 1000,		/* how often one is looked for that is no child */
	LOG_MOST = 1024 * 1024	/* bytes of a log; one older is kept */
};

/* ---- what they print ---- */

static char *log_path(const struct watch *w, const struct watched *one)
{
	return xasprintf("%s/run/logs/%s.%lld.log", w->d->home->state, one->i->name,
			 (long long)one->copy);
}

static void cut_log(const char *path, off_t size)
{
	char *older = xasprintf("%s.1", path);
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct error err = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	ssize_t got = 0;

	buf_reserve(&bytes, LOG_MOST);
	if (fd != -1)
		got = pread(fd, bytes.data, LOG_MOST, size - LOG_MOST);
	if (got > 0 && file_put(older, (struct span){ bytes.data, (size_t)got }, 0600,
				&err) == -1)
		daemon_say("%s: %s", path, err.text);
	if (fd != -1 && ftruncate(fd, 0) == -1)
		daemon_say("%s cannot be cut", path);
	if (fd != -1)
		close(fd);
	buf_release(&bytes);
	free(older);
}

/* Who writes has it open: it cannot be given another file, but a shorter one. What it
 * writes while the copy is made is lost. */
static void bound_log(char *path)
{
	struct stat info;

	if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > LOG_MOST)
		cut_log(path, info.st_size);
	free(path);
}

void run_bound_log(struct watch *w, struct watched *one)
{
	bound_log(log_path(w, one));
}

void run_bound_own_log(struct watch *w)
{
	bound_log(home_path(w->d->home, "run/logs/trined.log"));
}

static int open_log(const struct watch *w, const struct watched *one,
		    struct error *err)
{
	char *folder = home_path(w->d->home, "run/logs"), *path = log_path(w, one);
	int fd = -1;

	if (file_mkdir(folder, 0700, err) == 0) {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
			  0600);
		if (fd == -1)
			error_errno(err, "%s", path);
	}
	free(folder);
	free(path);
	return fd;
}

/* ---- starting ---- */

char *run_folder(const struct watch *w, const struct watched *one, struct error *err)
{
	char *folder = xasprintf("%s/work/%s", w->d->home->state, one->i->name);

	if (file_mkdir(folder, 0700, err) == 0)
		return folder;
	free(folder);
	return NULL;
}

/* Where it is noted who it is, before the log has that: a daemon that is killed in
 * between would leave it to nobody. */
static char *note_path(const struct watch *w, const struct watched *one)
{
	return xasprintf("%s/run/started/%s.%lld", w->d->home->state, one->i->name,
			 (long long)one->copy);
}

static char *make_note(const struct watch *w, const struct watched *one,
		       struct error *err)
{
	char *folder = home_path(w->d->home, "run/started");
	int rc = file_mkdir(folder, 0700, err);

	free(folder);
	return rc == 0 ? note_path(w, one) : NULL;
}

bool run_is_left(const struct watch *w, const struct watched *one,
		 struct process_mark *out)
{
	char *note = note_path(w, one);
	bool left = program_left(note, out);

	free(note);
	return left;
}

/* PROGRAM: a word a line, as trine.ini has it. NOTE: a file, or NULL. */
static int launch(struct watch *w, struct watched *one, const char *program,
		  const char *note, long *pid, struct error *err)
{
	char copy[24], *folder = run_folder(w, one, err);
	const char *environment[] = {
		SESSION_OF_NOBODY,
		"TRINE_DIR", w->d->dir, "TRINE_INSTANCE", one->i->name,
		"TRINE_COPY", copy, "NOTIFY_SOCKET", NULL,
		"WATCHDOG_USEC", NULL, "WATCHDOG_PID", NULL, NULL,
	};
	int log = folder != NULL ? open_log(w, one, err) : -1, rc = -1;
	struct program_launch how = {
		.folder = folder, .environment = environment, .note = note,
		.file = { LAUNCH_NULL, log, log, LAUNCH_NONE },
	};
	char *text = settings_of_copy(program, one->copy);
	struct list argv = LIST_INIT;
	const char **words;

	list_add_lines(&argv, span_str(text));
	how.argv = words = list_argv(&argv);
	snprintf(copy, sizeof(copy), "%lld", (long long)one->copy);
	if (log != -1)
		rc = program_launch(&how, pid, err);
	if (log != -1)
		close(log);
	free(words);
	list_release(&argv);
	free(text);
	free(folder);
	return rc;
}

void run_start(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;
	char *note = make_note(w, one, &err);
	long pid = 0;
	int rc = note != NULL ? launch(w, one, one->i->start, note, &pid, &err) : -1;

	free(note);
	if (rc == -1) {
		watch_step(w, one, INSTANCE_ENDED, err.text);
		watch_gone(w, one);
		return;
	}
	/* one that has ended already is still ours, until it is waited for */
	if (!process_mark(pid, &one->process))
		one->process = (struct process_mark){ .pid = pid };
	one->child = true;
	one->stopping = false;
	one->health.restarts += one->ran;
	one->ran = true;
	/* that it is there says something once it has been there for a while */
	one->next_ask = watch_now(w) + (one->how.kind == HEALTH_PROCESS ? SETTLE_MS :
					FIRST_MS);
	watch_step(w, one, INSTANCE_STARTED, "");
}

/* ---- ending ---- */

static bool is_there(const struct watched *one)
{
	siginfo_t info;

	if (one->process.pid == 0)
		return false;
	if (!one->child)
		return process_lives(&one->process);
	info.si_pid = 0;
	return waitid(P_PID, (id_t)one->process.pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

void run_stop(struct watch *w, struct watched *one)
{
	struct error err = ERROR_INIT;

	if (!is_there(one) || one->stopping)
		return;
	one->stopping = true;
	one->kill_at = watch_now(w) + RUN_GRACE_MS;
	ask_forget(one);
	if (one->i->stop != NULL && one->stopper == 0) {
		if (launch(w, one, one->i->stop, NULL, &one->stopper, &err) == 0)
			return;
		daemon_say("%s: %s", one->i->name, err.text);
	}
	kill(-(pid_t)one->process.pid, SIGTERM);
}

static void end_stopper(struct watched *one, bool by_force)
{
	if (one->stopper == 0)
		return;
	if (by_force)
		kill(-(pid_t)one->stopper, SIGKILL);
	if (waitpid((pid_t)one->stopper, NULL, by_force ? 0 : WNOHANG) != 0)
		one->stopper = 0;
}

/* What its session still has goes with it. As long as a child was not waited for, its
 * pid is nobody else's. */
static void end_rest(struct watched *one, int *status)
{
	struct process_mark now;

	*status = 0;
	if (one->child || !process_mark(one->process.pid, &now))
		kill(-(pid_t)one->process.pid, SIGKILL);
	while (one->child && waitpid((pid_t)one->process.pid, status, 0) == -1 &&
	       errno == EINTR)
		;
	end_stopper(one, true);
}

static void say_end(const struct watched *one, int status, char *out, size_t size)
{
	if (!one->child)
		snprintf(out, size, "it has ended");
	else if (WIFSIGNALED(status))
		snprintf(out, size, "it died of signal %d", WTERMSIG(status));
	else
		snprintf(out, size, "it ended with %d", WEXITSTATUS(status));
}

static void ended(struct watch *w, struct watched *one)
{
	bool asked = one->stopping && one->is.state != INSTANCE_CRASHED;
	char why[64];
	int status;

	end_rest(one, &status);
	say_end(one, status, why, sizeof(why));
	ask_forget(one);
	one->stopping = false;
	one->next_ask = 0;
	watch_step(w, one, asked ? INSTANCE_STOPPED : INSTANCE_ENDED,
		   asked ? "" : why);
	watch_gone(w, one);
}

void run_look(struct watch *w, struct watched *one)
{
	if (one->process.pid == 0)
		return;
	if (!is_there(one)) {
		ended(w, one);
		return;
	}
	end_stopper(one, false);
	if (one->stopping && watch_now(w) >= one->kill_at)
		kill(-(pid_t)one->process.pid, SIGKILL);
}

int64_t run_next(const struct watch *w, const struct watched *one)
{
	if (one->process.pid == 0)
		return INT64_MAX;
	if (!one->child)
		return watch_now(w) + LOOK_MS;
	return one->stopping ? one->kill_at : INT64_MAX;
}
