/*
 * Starting other programs, and facts about this one (process.h). Used for git
 * and ssh-keygen, for the delivery worker, and for a sync in the background.
 */
#include "trine/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "sys.h"
#include "trine/clock.h"
#include "trine/file.h"
#include "trine/mem.h"

extern char **environ;

enum {
	SLICE_MS = 20,		/* how often an ended child is looked for */
	PATH_BYTES = 4096,
	FILES = 1024,
	WITH_OUTPUT = -2	/* stderr goes where stdout does */
};

/* A running child whose output is being read. */
struct child {
	pid_t pid;
	int fd;			/* -1 after its end of file */
	int64_t deadline;	/* steady */
	struct clock clock;
	struct buf *out;	/* or NULL */
	size_t limit;
};

/* open(2) takes the lowest number there is, which is FD. */
static int fill(int fd)
{
	int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

	if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
		return 0;
	return open("/dev/null", mode | O_NOCTTY) == fd ? 0 : -1;
}

static void keep_rights_of_owner(void)
{
	mode_t mask = umask(S_IRWXG | S_IRWXO);

	umask(mask & ~(mode_t)S_IRWXU);
}

int process_begin(struct error *err)
{
	keep_rights_of_owner();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fill(fd) == -1)
			return error_errno(err, "/dev/null");
	return 0;
}

void close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

int pipe_open(int ends[2])
{
#ifdef __linux__
	return pipe2(ends, O_CLOEXEC);
#else
	if (pipe(ends) == -1)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
#endif
}

static int no_such_program(const char *name, int number, struct error *err)
{
	errno = number;
	return error_errno(err, "cannot run %s", name);
}

/* In a session of its own it has no terminal that it could ask for a password and
 * wait; and a process group, so that all of it can be ended. */
#ifdef POSIX_SPAWN_SETSID
#define ON_ITS_OWN POSIX_SPAWN_SETSID
#else
#define ON_ITS_OWN POSIX_SPAWN_SETPGROUP
#endif

/* SIGPIPE is ignored in this process, and a child would inherit that. */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, pipe_only;

	sigemptyset(&none);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	if (posix_spawnattr_setflags(attr, ON_ITS_OWN |
				     POSIX_SPAWN_SETSIGMASK |
				     POSIX_SPAWN_SETSIGDEF) != 0 ||
	    posix_spawnattr_setpgroup(attr, 0) != 0 ||
	    posix_spawnattr_setsigmask(attr, &none) != 0)
		return -1;
	return posix_spawnattr_setsigdefault(attr, &pipe_only);
}

/* What a child has as its first three files; -1: /dev/null. */
struct stdio {
	int fd[3];
};

static int set_files(posix_spawn_file_actions_t *files,
		     const struct stdio *stdio)
{
	int number = 0;

	for (int i = 0; i < 3 && number == 0; i++)
		number = stdio->fd[i] >= 0
			? posix_spawn_file_actions_adddup2(files, stdio->fd[i], i)
			: posix_spawn_file_actions_addopen(files, i, "/dev/null",
							   O_RDWR, 0);
	return number;
}

static int spawn(const char *const argv[], const struct stdio *stdio, pid_t *pid,
		 struct error *err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int number = ENOMEM;

	if (posix_spawn_file_actions_init(&files) != 0)
		return no_such_program(argv[0], number, err);
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return no_such_program(argv[0], number, err);
	}
	if (set_attributes(&attr) == 0 && set_files(&files, stdio) == 0)
		number = posix_spawnp(pid, argv[0], &files, &attr,
				      (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return number == 0 ? 0 : no_such_program(argv[0], number, err);
}

static void keep(struct child *child, const char *bytes, size_t len)
{
	size_t room;

	if (child->out == NULL || child->out->len >= child->limit)
		return;
	room = child->limit - child->out->len;
	buf_add(child->out, bytes, len < room ? len : room);
}

/* What is there now; false at the end or when nothing came. */
static bool read_some(struct child *child)
{
	char chunk[8192];
	ssize_t got = read(child->fd, chunk, sizeof(chunk));

	if (got > 0) {
		keep(child, chunk, (size_t)got);
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	close(child->fd);
	child->fd = -1;
	return false;
}

static void wait_for_output(struct child *child)
{
	struct pollfd wanted = { .fd = child->fd, .events = POLLIN };

	if (child->fd == -1)
		child->clock.sleep(&child->clock, 1);
	else if (poll(&wanted, 1, SLICE_MS) > 0)
		read_some(child);
}

/* The child's end counts, not that of its output: something it left running
 * may hold the pipe open for ever. */
static bool ended(struct child *child, int *status)
{
	pid_t got = waitpid(child->pid, status, WNOHANG);

	if (got == 0 || (got == -1 && errno == EINTR))
		return false;
	if (got == -1)
		*status = 0;	/* reaped elsewhere: SIGCHLD is ignored */
	return true;
}

static void follow(struct child *child, struct process_result *result)
{
	int status = 0;
	size_t left;

	while (!ended(child, &status)) {
		if (child->clock.steady(&child->clock) >= child->deadline) {
			result->timed_out = true;
			kill(-child->pid, SIGKILL);
			while (waitpid(child->pid, &status, 0) == -1 &&
			       errno == EINTR)
				;
			break;
		}
		wait_for_output(child);
	}
	for (left = 64; left > 0 && child->fd != -1; left--)
		if (!read_some(child))
			break;
	result->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
			 WEXITSTATUS(status);
}

static int open_output(int ends[2], struct error *err)
{
	if (pipe_open(ends) == -1)
		return error_errno(err, "pipe");
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1) {
		error_errno(err, "pipe");
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	return 0;
}

/* INPUT and ERRORS: the child's stdin and stderr, as in struct stdio. */
static int run(const char *const argv[], int input, int errors,
	       int64_t timeout_ms, struct buf *out, size_t limit,
	       struct process_result *result, struct error *err)
{
	struct child child = { .out = out, .limit = limit };
	int ends[2], started;

	*result = (struct process_result){ 0, false };
	if (open_output(ends, err) == -1)
		return -1;
	started = spawn(argv, &(struct stdio){ { input, ends[1],
			errors == WITH_OUTPUT ? ends[1] : errors } },
			&child.pid, err);
	close(ends[1]);
	child.fd = ends[0];
	if (started == 0) {
		clock_system(&child.clock);
		child.deadline = child.clock.steady(&child.clock) + timeout_ms;
		follow(&child, result);
	}
	if (child.fd != -1)
		close(child.fd);
	return started;
}

int process_run(const char *const argv[], int64_t timeout_ms, struct buf *out,
		size_t limit, struct process_result *result, struct error *err)
{
	return run(argv, -1, WITH_OUTPUT, timeout_ms, out, limit, result, err);
}

/* A pipe holds so much with nobody reading: the child finds all of it there. */
static int open_input(struct span input, int *out, struct error *err)
{
	int ends[2];
	ssize_t put;

	assert(input.len <= PROCESS_INPUT);
	if (pipe_open(ends) == -1)
		return error_errno(err, "pipe");
	do
		put = write(ends[1], input.p, input.len);
	while (put == -1 && errno == EINTR);
	close(ends[1]);
	*out = ends[0];
	if (put == (ssize_t)input.len)
		return 0;
	error_errno(err, "pipe");
	close(ends[0]);
	return -1;
}

int process_ask(const char *const argv[], struct span input, int64_t timeout_ms,
		struct buf *out, size_t limit, struct process_result *result,
		struct error *err)
{
	int fd = -1, rc;

	if (open_input(input, &fd, err) == -1)
		return -1;
	rc = run(argv, fd, -1, timeout_ms, out, limit, result, err);
	close(fd);
	return rc;
}

static void default_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What the caller of trine had open is not for one that outlives it: a lock that
 * flock(1) holds would be held, a pipe not come to its end. */
static void let_go_of_files(void)
{
	for (int fd = 3; fd < FILES; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* In the child of a child, which init(8) inherits: no zombie stays with us. */
__attribute__((noreturn))
static void become(const char *const argv[], const char *log, int report)
{
	int null = open("/dev/null", O_RDWR);
	int out = log == NULL ? null : open(log, O_WRONLY | O_APPEND | O_CREAT |
					    O_NOFOLLOW, 0600);

	if (null == -1 || out == -1)
		report_errno(report);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	let_go_of_files();
	alarm(0);
	default_signals();
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	report_errno(report);
}

void report_errno(int report)
{
	int number = errno;

	if (write(report, &number, sizeof(number)) < 0)
		_exit(126);
	_exit(127);
}

int read_report(int report)
{
	int number = 0;
	ssize_t got;

	do
		got = read(report, &number, sizeof(number));
	while (got == -1 && errno == EINTR);
	return got == (ssize_t)sizeof(number) ? number : 0;
}

int process_detach(const char *const argv[], struct error *err)
{
	return process_detach_to(argv, NULL, err);
}

int process_detach_to(const char *const argv[], const char *log, struct error *err)
{
	int ends[2], number;
	pid_t pid;

	if (pipe_open(ends) == -1)
		return error_errno(err, "pipe");
	pid = fork();
	if (pid == -1) {
		error_errno(err, "cannot run %s", argv[0]);
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			become(argv, log, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	number = read_report(ends[0]);
	close(ends[0]);
	return number == 0 ? 0 : no_such_program(argv[0], number, err);
}

int process_exec(const char *const argv[], struct error *err)
{
	default_signals();
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	return error_errno(err, "cannot run %s", argv[0]);
}

int process_go_on(const char *path, char *const argv[], struct error *err)
{
	execv(path, argv);
	return error_errno(err, "cannot run %s", path);
}

/* Open for the handler; -1: nothing to be noted. */
static volatile sig_atomic_t note_fd = -1;

/* Only what is safe in a handler. The default action is back in force, and the
 * signal not blocked: raise ends us here. */
static void on_deadline(int number)
{
	static const char cut[] = PROCESS_CUT;

	if (note_fd >= 0 && write((int)note_fd, cut, sizeof(cut) - 1) < 0)
		note_fd = -1;	/* then nobody is told; but it ends */
	raise(number);
}

void process_deadline(unsigned seconds)
{
	struct sigaction action;
	sigset_t alarm_only;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_deadline;
	action.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(seconds);
}

int process_deadline_note(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
		      O_NOFOLLOW | O_CLOEXEC, 0600);

	process_deadline_forget();
	if (fd == -1 || write_all(fd, span_str(text)) == -1) {
		error_errno(err, "cannot write %s", path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	note_fd = fd;
	return 0;
}

void process_deadline_forget(void)
{
	int fd = (int)note_fd;

	note_fd = -1;
	if (fd != -1)
		close(fd);
}

static volatile sig_atomic_t asked_to_end;

static void on_end(int number)
{
	(void)number;
	asked_to_end = 1;
}

void process_note_end(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_end;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &action, NULL);
}

bool process_asked_to_end(void)
{
	return asked_to_end != 0;
}

void process_survive_pipes(void)
{
	signal(SIGPIPE, SIG_IGN);
}

int process_id(void)
{
	return (int)getpid();
}

char *process_path(void)
{
	char path[PATH_BYTES];
#ifdef __APPLE__
	uint32_t size = sizeof(path);

	return _NSGetExecutablePath(path, &size) == 0 ? xstrdup(path) : NULL;
#else
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	if (len <= 0 || (size_t)len >= sizeof(path))
		return NULL;
	return xstrndup(path, (size_t)len);
#endif
}

char *process_helper(const char *name)
{
	char *self = process_path(), *path = NULL;
	const char *slash = self != NULL ? strrchr(self, '/') : NULL;

	if (slash != NULL)
		path = xasprintf("%.*s/%s", (int)(slash - self), self, name);
	free(self);
	if (path != NULL && file_executable(path))
		return path;
	free(path);
	path = xasprintf(TRINE_LIBEXEC "/%s", name);
	if (file_executable(path))
		return path;
	free(path);
	return NULL;
}

char *process_user(void)
{
	const struct passwd *me = getpwuid(getuid());

	return xstrdup(me != NULL ? me->pw_name : "nobody");
}

char *process_host(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) == -1 || name[0] == '\0')
		return xstrdup("localhost");
	return xstrdup(name);
}
