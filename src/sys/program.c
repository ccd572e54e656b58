/*
 * Programs that work for us (program.h). Used by the delivery worker, which has
 * one thread and one program at a time.
 *
 * fork(2) and not posix_spawn(3): the child must not begin before it is noted who
 * it is, and posix_spawn cannot wait. It waits at a pipe; if we are killed before
 * the word comes, the pipe closes, and it goes without having begun.
 */
#include "trine/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"
#include "trine/clock.h"
#include "trine/mem.h"
#include "trine/process.h"

enum {
	SLICE_MS = 20,		/* how often an ended program is looked for */
	STOP_MS = 1000,		/* how often we ask whether it is to stop */
	DRAIN_MS = 1000,	/* for those who still write when it has ended */
	NOTE_BYTES = 256
};

enum { IN, OUT, ERRORS, STREAMS };

struct run {
	const struct program *p;
	pid_t pid;
	int fd[STREAMS];	/* our ends; -1: closed */
	size_t put;		/* of its input */
	struct buf *out, *tail;
	struct program_end *end;
	struct clock clock;
	int64_t deadline, ask_at;
	int64_t kill_at;	/* 0: it was not told to end */
};

/* ---- starting ---- */

struct pipes {
	int theirs[STREAMS], ours[STREAMS];
	int go[2];		/* the word to begin */
	int failed[2];		/* errno of what kept it from beginning */
};

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < STREAMS; i++) {
		close_fd(&p->theirs[i]);
		close_fd(&p->ours[i]);
	}
	for (int i = 0; i < 2; i++) {
		close_fd(&p->go[i]);
		close_fd(&p->failed[i]);
	}
}

static int open_pipes(struct pipes *p, struct error *err)
{
	memset(p, 0xff, sizeof(*p));	/* -1 */
	for (int i = 0; i < STREAMS; i++) {
		int ends[2];

		if (pipe_open(ends) == -1)
			goto fail;
		p->theirs[i] = ends[i == IN ? 0 : 1];
		p->ours[i] = ends[i == IN ? 1 : 0];
		if (fcntl(p->ours[i], F_SETFL, O_NONBLOCK) == -1)
			goto fail;
	}
	if (pipe_open(p->go) == 0 && pipe_open(p->failed) == 0)
		return 0;
fail:
	error_errno(err, "pipe");
	close_pipes(p);
	return -1;
}

void child_environment(const char *const *pair)
{
	for (; pair != NULL && pair[0] != NULL; pair += 2)
		if (pair[1] != NULL)
			setenv(pair[0], pair[1], 1);
		else
			unsetenv(pair[0]);
}

void child_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. It becomes the program, or says why it cannot. */
__attribute__((noreturn))
static void become(const struct program *p, struct pipes *pipes)
{
	char word;

	setsid();
	close_fd(&pipes->go[1]);	/* else we would wait for ourselves */
	if (read(pipes->go[0], &word, 1) != 1)
		_exit(0);
	alarm(0);
	child_signals();
	if (dup2(pipes->theirs[IN], 0) == -1 ||
	    dup2(pipes->theirs[OUT], 1) == -1 ||
	    dup2(pipes->theirs[ERRORS], 2) == -1 || chdir(p->folder) == -1)
		goto fail;
	child_environment(p->environment);
	execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
fail:
	report_errno(pipes->failed[1]);
}

/* Not fsynced: after a power cut it would say nothing, since that process is gone
 * too. */
int note_program(const char *path, pid_t pid, struct error *err)
{
	struct process_mark mark;
	char text[NOTE_BYTES];
	int fd, rc;

	if (path == NULL)
		return 0;
	if (!process_mark(pid, &mark))
		return error_set(err, ERR_IO, "cannot tell when process %ld began",
				 (long)pid);
	snprintf(text, sizeof(text), "%ld %llu %s\n", mark.pid,
		 (unsigned long long)mark.born, mark.boot);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	rc = fd == -1 ? -1 : write_all(fd, span_str(text));
	if (rc == -1)
		error_errno(err, "cannot write %s", path);
	if (fd != -1)
		close(fd);
	return rc;
}

static void reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) == -1 && errno == EINTR)
		;
}

static int begin(struct run *r, struct pipes *pipes, struct error *err)
{
	int status, number;

	if (note_program(r->p->note, r->pid, err) == -1) {
		close_fd(&pipes->go[1]);	/* so it goes */
		reap(r->pid, &status);
		return -1;
	}
	if (write(pipes->go[1], "g", 1) != 1)
		errno = 0;	/* it is gone: its end is looked at below */
	close_fd(&pipes->go[1]);
	close_fd(&pipes->failed[1]);
	number = read_report(pipes->failed[0]);
	if (number == 0)
		return 0;
	reap(r->pid, &status);
	errno = number;
	return error_errno(err, "cannot run %s", r->p->argv[0]);
}

static int start(struct run *r, struct error *err)
{
	struct pipes pipes;
	int rc = -1;

	if (open_pipes(&pipes, err) == -1)
		return -1;
	r->pid = fork();
	if (r->pid == 0)
		become(r->p, &pipes);
	if (r->pid == -1)
		error_errno(err, "cannot run %s", r->p->argv[0]);
	else
		rc = begin(r, &pipes, err);
	for (int i = 0; i < STREAMS && rc == 0; i++) {
		r->fd[i] = pipes.ours[i];
		pipes.ours[i] = -1;
	}
	close_pipes(&pipes);
	return rc;
}

/* ---- while it runs ---- */

static void keep_first(struct run *r, const char *bytes, size_t len)
{
	size_t room = r->p->out_limit - r->out->len;

	r->end->out_total += len;
	buf_add(r->out, bytes, len < room ? len : room);
}

static void keep_last(struct run *r, const char *bytes, size_t len)
{
	struct buf *tail = r->tail;
	size_t limit = r->p->tail_limit;

	r->end->tail_total += len;
	buf_add(tail, bytes, len);
	if (tail->len <= 2 * limit)
		return;
	memmove(tail->data, tail->data + tail->len - limit, limit);
	buf_truncate(tail, limit);
}

static void read_some(struct run *r, int stream)
{
	char chunk[65536];
	ssize_t got = read(r->fd[stream], chunk, sizeof(chunk));

	if (got > 0 && stream == OUT)
		keep_first(r, chunk, (size_t)got);
	else if (got > 0)
		keep_last(r, chunk, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(&r->fd[stream]);
}

/* One that does not want to read all of it is not to be blamed. */
static void write_some(struct run *r)
{
	struct span input = r->p->input;
	ssize_t put = write(r->fd[IN], input.p + r->put, input.len - r->put);

	if (put >= 0)
		r->put += (size_t)put;
	else if (errno != EAGAIN && errno != EINTR)
		r->put = input.len;
	if (r->put == input.len)
		close_fd(&r->fd[IN]);
}

static void serve(struct run *r, int wait_ms)
{
	struct pollfd wanted[STREAMS] = {
		{ r->fd[IN], POLLOUT, 0 },
		{ r->fd[OUT], POLLIN, 0 },
		{ r->fd[ERRORS], POLLIN, 0 },
	};

	if (poll(wanted, STREAMS, wait_ms) <= 0)
		return;
	if (wanted[IN].revents != 0)
		write_some(r);
	for (int i = OUT; i <= ERRORS; i++)
		if (wanted[i].revents != 0)
			read_some(r, i);
}

static int64_t now(struct run *r)
{
	return r->clock.steady(&r->clock);
}

static void tell_to_end(struct run *r)
{
	if (r->p->sandbox)
		group_tell_others(r->pid, r->pid, SIGTERM);
	else
		kill(-r->pid, SIGTERM);
	r->kill_at = now(r) + PROGRAM_GRACE_MS;
}

static void watch(struct run *r)
{
	if (r->kill_at != 0) {
		if (now(r) >= r->kill_at)
			kill(-r->pid, SIGKILL);
		return;
	}
	if (now(r) >= r->deadline) {
		r->end->timed_out = true;
		tell_to_end(r);
		return;
	}
	if (r->p->stop == NULL || now(r) < r->ask_at)
		return;
	r->ask_at = now(r) + STOP_MS;
	r->end->stopped = r->p->stop(r->p->arg);
	if (r->end->stopped != NULL)
		tell_to_end(r);
}

/* Not waited for yet: as long as it is there, its pid is nobody else's. */
static bool has_ended(struct run *r)
{
	siginfo_t info;

	info.si_pid = 0;
	return waitid(P_PID, (id_t)r->pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == -1 ? errno != EINTR :
	       info.si_pid != 0;
}

/* What it left in its group goes with it: first those who still write to us are
 * given a moment. */
static void end_group(struct run *r)
{
	int64_t until = now(r) + DRAIN_MS;

	kill(-r->pid, SIGTERM);
	while ((r->fd[OUT] != -1 || r->fd[ERRORS] != -1) && now(r) < until)
		serve(r, SLICE_MS);
	kill(-r->pid, SIGKILL);
	serve(r, 0);
}

/* Mostly, one whose output has closed is about to end. */
static void follow(struct run *r)
{
	int status = 0, slice = 1;

	while (!has_ended(r)) {
		bool talks = r->fd[OUT] != -1 || r->fd[ERRORS] != -1;

		serve(r, talks ? SLICE_MS : slice);
		watch(r);
		if (!talks && slice < SLICE_MS)
			slice *= 2;
	}
	end_group(r);
	if (r->p->note != NULL)
		unlink(r->p->note);
	reap(r->pid, &status);
	for (int i = 0; i < STREAMS; i++)
		close_fd(&r->fd[i]);
	r->end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	r->end->status = r->end->signal != 0 ? 128 + r->end->signal :
			 WEXITSTATUS(status);
}

int program_run(const struct program *p, struct buf *out, struct buf *tail,
		struct program_end *end, struct error *err)
{
	struct run r = { .p = p, .out = out, .tail = tail, .end = end };

	*end = (struct program_end){ 0 };
	clock_system(&r.clock);
	if (start(&r, err) == -1)
		return -1;
	r.deadline = now(&r) + p->timeout_ms;
	r.ask_at = now(&r) + STOP_MS;
	follow(&r);
	return 0;
}

/* ---- what a killed one left ---- */

static bool read_note(const char *path, struct process_mark *out)
{
	char text[NOTE_BYTES], boot[sizeof(out->boot)];
	unsigned long long born;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t got = fd != -1 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd != -1)
		close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	if (sscanf(text, "%ld %llu %47s", &out->pid, &born, boot) != 3)
		return false;
	out->born = born;
	memcpy(out->boot, boot, sizeof(boot));
	return out->pid > 1;
}

static void end_left(const struct process_mark *mark)
{
	pid_t pid = (pid_t)mark->pid;
	struct process_mark now;
	struct clock clock;
	int64_t until;

	if (process_lives(mark)) {
		clock_system(&clock);
		until = clock.steady(&clock) + PROGRAM_GRACE_MS;
		kill(-pid, SIGTERM);
		while (process_lives(mark) && clock.steady(&clock) < until)
			clock.sleep(&clock, SLICE_MS);
		kill(-pid, SIGKILL);
	} else if (process_same_boot(mark) && !process_mark(mark->pid, &now)) {
		group_tell_others(pid, pid, SIGKILL);
	}
}

bool program_left(const char *note, struct process_mark *out)
{
	struct process_mark mark;

	if (!read_note(note, &mark) || !process_lives(&mark))
		return false;
	*out = mark;
	return true;
}

void program_end_left(const char *note)
{
	struct process_mark mark;

	if (read_note(note, &mark))
		end_left(&mark);
	unlink(note);
}
