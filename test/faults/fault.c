/*
 * Faults from outside, for tests: loaded before a program (LD_PRELOAD), this
 * makes the n-th call of a class fail, once or from there on.
 *
 *	TRINE_FAULT=write:ENOSPC:12	the 12th write, with ENOSPC
 *	TRINE_FAULT=fsync:EIO:3+	the 3rd fsync and all after it
 *	TRINE_FAULT=write:SHORT:5+	writes, from the 5th on, do half of it
 *	TRINE_FAULT=open:ENFILE:9x6	the 9th and the five after it
 *	TRINE_FAULT=malloc:ENOMEM:40	the first call at the 40th place that
 *					asks for memory
 *	TRINE_FAULT_ROOT=/a/computer	only files below it (all, if not set)
 *	TRINE_FAULT_PART=objects/ab	only names with that in it
 *	TRINE_FAULT_HIT=FILE		gets a line when a fault came
 *	TRINE_FAULT_FOR=ARGUMENT	not here, but in the first process below
 *					this one that was started with it
 *
 * Classes: write, read (regular files), fsync, unlink, name (whatever else changes
 * names or sizes), open (whatever makes a descriptor, anywhere), malloc. A place that asks
 * for memory is told by who called whom, some levels up; calls are counted from
 * main on. Children do not inherit the fault; a program that this one becomes
 * (execv) does, and what has been counted.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

enum class { NONE, WRITE, READ, SYNC, NAME, UNLINK, OPEN, MALLOC };
enum { LEVELS = 6, PLACES = 1 << 16, SHORT = -1 };

static const char *const classes[] = {
	"none", "write", "read", "fsync", "name", "unlink", "open",
	"malloc",
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EMFILE", EMFILE }, { "ENFILE", ENFILE }, { "EROFS", EROFS },
	{ "EACCES", EACCES }, { "EDQUOT", EDQUOT }, { "ENOMEM", ENOMEM },
	{ "SHORT", SHORT },
};

static enum class chosen;
static int how;
static unsigned long calls, first, last;
static bool started;
static char root[PATH_MAX], hit[PATH_MAX], only[PATH_MAX], kind[32];
static pid_t self;

static void take_path(char out[PATH_MAX], const char *name)
{
	snprintf(out, PATH_MAX, "%s", getenv(name) ? getenv(name) : "");
	unsetenv(name);
}

static void read_fault(const char *text)
{
	char class[16], error[16], more = '\0';
	unsigned long count = 1;

	if (sscanf(text, "%15[a-z]:%15[A-Z]:%lu%c%lu", class, error, &first,
		   &more, &count) < 3)
		abort();
	last = more == '+' ? ULONG_MAX : first + count - 1;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcmp(classes[i], class) == 0)
			chosen = (enum class)i;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(errors[i].name, error) == 0)
			how = errors[i].number;
	snprintf(kind, sizeof(kind), "%s:%s", class, error);
	if (chosen == NONE || how == 0)
		abort();
}

/* Else it is left for those that this one starts. */
static bool is_ours(int argc, char **argv)
{
	const char *argument = getenv("TRINE_FAULT_FOR"), *file;

	if (argument == NULL)
		return true;
	file = getenv("TRINE_FAULT_HIT");
	while (--argc > 0)
		if (strcmp(argv[argc], argument) == 0)
			return file == NULL || access(file, F_OK) != 0;
	return false;
}

typedef int main_function(int, char **, char **);
int __libc_start_main(main_function *run, int argc, char **argv,
		      void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end);

/* What the linker and the libraries do before main is not ours to test. */
int __libc_start_main(main_function *run, int argc, char **argv,
		      void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end)
{
	int (*next)(main_function *, int, char **, void (*)(void),
		    void (*)(void), void (*)(void), void *);
	const char *text = getenv("TRINE_FAULT");

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	if (text == NULL || !is_ours(argc, argv))
		return next(run, argc, argv, init, fini, rtld_fini, stack_end);
	read_fault(text);
	unsetenv("TRINE_FAULT");
	unsetenv("TRINE_FAULT_FOR");
	take_path(root, "TRINE_FAULT_ROOT");
	take_path(only, "TRINE_FAULT_PART");
	take_path(hit, "TRINE_FAULT_HIT");
	self = getpid();
	started = true;
	return next(run, argc, argv, init, fini, rtld_fini, stack_end);
}

/* What start took; the fault, unless it is over. */
static void put_back(void)
{
	unsigned long next = calls < first ? first - calls : 1;
	char text[64];

	started = false;
	if (last == ULONG_MAX)
		snprintf(text, sizeof(text), "%s:%lu+", kind, next);
	else
		snprintf(text, sizeof(text), "%s:%lux%lu", kind, next,
			 last - calls - next + 1);
	if (calls < last)
		setenv("TRINE_FAULT", text, 1);
	setenv("TRINE_FAULT_ROOT", root, 1);
	setenv("TRINE_FAULT_PART", only, 1);
	setenv("TRINE_FAULT_HIT", hit, 1);
}

/* In a child it is another program's start. */
int execv(const char *path, char *const argv[])
{
	if (getpid() == self && chosen != NONE)
		put_back();
	return execve(path, argv, environ);
}

/* ---- is it this one? ---- */

static void say_hit(const char *call, const char *what)
{
	int before = errno, fd;
	char line[PATH_MAX + 64];
	int len = snprintf(line, sizeof(line), "%s %s\n", call, what);

	if (hit[0] == '\0')
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, hit, O_WRONLY | O_CREAT |
			  O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0 && len > 0) {
		if (syscall(SYS_write, fd, line, len) < 0)
			abort();
		syscall(SYS_close, fd);
	}
	errno = before;
}

/* Does this call, the next of CLASS, fail? */
static bool comes(enum class class, const char *call, const char *what)
{
	if (!started || class != chosen || strstr(what, only) == NULL)
		return false;
	calls++;
	if (calls < first || calls > last)
		return false;
	say_hit(call, what);
	return true;
}

static bool is_below(const char *path)
{
	size_t len = strlen(root);

	return strncmp(path, root, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || len == 0);
}

static bool fd_comes(enum class class, const char *call, int fd)
{
	char link[64], path[PATH_MAX];
	int before = errno;
	struct stat st;
	ssize_t len;

	if (!started || class != chosen)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	if (len < 0 || fstat(fd, &st) < 0)
		len = 0;
	path[len] = '\0';
	errno = before;
	if (path[0] != '/' || !is_below(path) ||
	    (class != SYNC && !S_ISREG(st.st_mode)))
		return false;
	return comes(class, call, path);
}

static int fail(void)
{
	errno = how;
	return -1;
}

/* ---- data ---- */

static size_t half(size_t len)
{
	return len > 1 ? len / 2 : len;
}

static ssize_t put(int fd, const void *bytes, size_t len, off_t offset)
{
	return offset < 0 ? syscall(SYS_write, fd, bytes, len)
			  : syscall(SYS_pwrite64, fd, bytes, len, offset);
}

static ssize_t get(int fd, void *bytes, size_t len, off_t offset)
{
	return offset < 0 ? syscall(SYS_read, fd, bytes, len)
			  : syscall(SYS_pread64, fd, bytes, len, offset);
}

static ssize_t try_write(const char *call, int fd, const void *bytes, size_t len,
			 off_t offset)
{
	if (!fd_comes(WRITE, call, fd))
		return put(fd, bytes, len, offset);
	return how == SHORT ? put(fd, bytes, half(len), offset) : fail();
}

static ssize_t try_read(const char *call, int fd, void *bytes, size_t len,
			off_t offset)
{
	if (!fd_comes(READ, call, fd))
		return get(fd, bytes, len, offset);
	return how == SHORT ? get(fd, bytes, half(len), offset) : fail();
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return try_write("write", fd, bytes, len, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return try_write("pwrite", fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
	return try_write("pwrite", fd, bytes, len, offset);
}

/* The parts that make up half of it at most; of the first one half, if none does. */
static ssize_t put_first(int fd, const struct iovec *part, int count)
{
	size_t all = 0, done = 0;
	int whole = 0;

	for (int i = 0; i < count; i++)
		all += part[i].iov_len;
	while (whole < count && done + part[whole].iov_len <= all / 2)
		done += part[whole++].iov_len;
	return done > 0 || whole == count ?
	       syscall(SYS_writev, fd, part, whole) :
	       put(fd, part[whole].iov_base, half(part[whole].iov_len), -1);
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
	if (!fd_comes(WRITE, "writev", fd))
		return syscall(SYS_writev, fd, part, count);
	return how == SHORT ? put_first(fd, part, count) : fail();
}

ssize_t read(int fd, void *bytes, size_t len)
{
	return try_read("read", fd, bytes, len, -1);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t offset)
{
	return try_read("pread", fd, bytes, len, offset);
}

ssize_t pread64(int fd, void *bytes, size_t len, off_t offset)
{
	return try_read("pread", fd, bytes, len, offset);
}

ssize_t __read_chk(int fd, void *bytes, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *bytes, size_t len, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *bytes, size_t len, off_t offset,
		      size_t room);

ssize_t __read_chk(int fd, void *bytes, size_t len, size_t room)
{
	return len > room ? fail() : read(fd, bytes, len);
}

ssize_t __pread_chk(int fd, void *bytes, size_t len, off_t offset, size_t room)
{
	return len > room ? fail() : pread(fd, bytes, len, offset);
}

ssize_t __pread64_chk(int fd, void *bytes, size_t len, off_t offset,
		      size_t room)
{
	return len > room ? fail() : pread(fd, bytes, len, offset);
}

int fsync(int fd)
{
	return fd_comes(SYNC, "fsync", fd) ? fail()
					   : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fd_comes(SYNC, "fdatasync", fd) ? fail()
					       : (int)syscall(SYS_fdatasync, fd);
}

/* ---- names and sizes ---- */

static bool path_comes(enum class class, const char *call, const char *path)
{
	char here[PATH_MAX * 2 + 1] = "";

	if (!started || chosen != class)
		return false;
	if (path[0] != '/' && syscall(SYS_getcwd, here, PATH_MAX) > 0)
		strcat(here, "/");
	strncat(here, path, PATH_MAX);
	return is_below(here) && comes(class, call, here);
}

int ftruncate(int fd, off_t size)
{
	return fd_comes(NAME, "ftruncate", fd) ? fail() :
	       (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int renameat2(int from_at, const char *from, int to_at, const char *to,
	      unsigned flags)
{
	return path_comes(NAME, "rename", to) ? fail() :
	       (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
	return renameat2(from_at, from, to_at, to, 0);
}

int link(const char *from, const char *to)
{
	return path_comes(NAME, "link", to) ? fail() :
	       (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
	return path_comes(UNLINK, "unlink", path) ? fail() :
	       (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return path_comes(NAME, "rmdir", path) ? fail() :
	       (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode)
{
	return path_comes(NAME, "mkdir", path) ? fail() :
	       (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* ---- descriptors ---- */

static int try_open(int at, const char *path, int flags, va_list ap)
{
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;

	if (comes(OPEN, "open", path))
		return fail();
	return (int)syscall(SYS_openat, at, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = try_open(AT_FDCWD, path, flags, ap);
	va_end(ap);
	return fd;
}

int openat(int at, const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = try_open(at, path, flags, ap);
	va_end(ap);
	return fd;
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int at, const char *path, int flags, ...)
	__attribute__((alias("openat")));

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return open(path, flags);
}

int __open64_2(const char *path, int flags)
{
	return open(path, flags);
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

int socket(int domain, int type, int protocol)
{
	return comes(OPEN, "socket", "") ? fail() :
	       (int)syscall(SYS_socket, domain, type, protocol);
}

int pipe2(int ends[2], int flags)
{
	return comes(OPEN, "pipe", "") ? fail() :
	       (int)syscall(SYS_pipe2, ends, flags);
}

int pipe(int ends[2])
{
	return pipe2(ends, 0);
}

/* ---- memory ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static uint64_t places[PLACES];
static __thread bool inside;

struct trace {
	uint64_t hash;
	int level;
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg)
{
	struct trace *trace = arg;

	/* the first three are this library's own */
	if (++trace->level > 3)
		trace->hash = (trace->hash ^ _Unwind_GetIP(context)) *
			      0x100000001b3u;
	return trace->level < 3 + LEVELS ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* Is this the first call from where it comes from? */
static bool __attribute__((noinline)) is_new_place(void)
{
	struct trace trace = { .hash = 0xcbf29ce484222325u };
	size_t at;

	_Unwind_Backtrace(step, &trace);
	at = trace.hash % PLACES;
	while (places[at] != 0 && places[at] != trace.hash)
		at = (at + 1) % PLACES;
	if (places[at] != 0)
		return false;
	places[at] = trace.hash;
	return true;
}

static bool __attribute__((noinline)) memory_comes(void)
{
	bool fails = false;

	if (!started || chosen != MALLOC || inside)
		return false;
	inside = true;
	if (last == ULONG_MAX && calls >= first)
		fails = true;
	else if (is_new_place())
		fails = comes(MALLOC, "malloc", "");
	inside = false;
	if (fails)
		errno = ENOMEM;
	return fails;
}

void *malloc(size_t size)
{
	return memory_comes() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return memory_comes() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return memory_comes() ? NULL : __libc_realloc(old, size);
}
