/*
 * Calls of the system that fail when a test wants it: the n-th one from now on, once.
 * These stand between src/ and the system where the Makefile says so (ld --wrap).
 *
 *	fail_call(CALL_PREAD, 2, EIO);
 *	assert_fails(ERR_IO, append_read(…));
 *	assert_true(call_failed());
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum call {
	CALL_NONE, CALL_OPEN, CALL_FSTAT, CALL_LSTAT, CALL_PREAD, CALL_PWRITE, CALL_FSYNC
};

/* Instead of an errno: half of the bytes; another disk, of a name. */
enum { CALL_HALF = -1, CALL_ELSEWHERE = -2 };

static struct {
	enum call call;
	unsigned nth;
	int how;
	bool failed;
} failing;

static inline void fail_call(enum call call, unsigned nth, int how)
{
	failing.call = call;
	failing.nth = nth;
	failing.how = how;
	failing.failed = false;
}

/* Did it? From now on none does. */
static inline bool call_failed(void)
{
	bool failed = failing.failed;

	failing.call = CALL_NONE;
	failing.failed = false;
	return failed;
}

static inline bool call_fails(enum call call)
{
	if (failing.call != call || --failing.nth > 0)
		return false;
	failing.call = CALL_NONE;
	failing.failed = true;
	if (failing.how > 0)
		errno = failing.how;
	return true;
}

static inline size_t bytes_of_call(enum call call, size_t len, bool *fails)
{
	*fails = call_fails(call);
	if (!*fails || failing.how != CALL_HALF)
		return len;
	*fails = false;
	return (len + 1) / 2;
}

#define STANDS_FOR(name) __typeof__(name) __real_##name, __wrap_##name

STANDS_FOR(open);
int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return call_fails(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
}

STANDS_FOR(fstat);
int __wrap_fstat(int fd, struct stat *st)
{
	return call_fails(CALL_FSTAT) ? -1 : __real_fstat(fd, st);
}

STANDS_FOR(lstat);
int __wrap_lstat(const char *path, struct stat *st)
{
	bool fails = call_fails(CALL_LSTAT);

	if (fails && failing.how != CALL_ELSEWHERE)
		return -1;
	if (__real_lstat(path, st) == -1)
		return -1;
	st->st_dev += fails;
	return 0;
}

STANDS_FOR(pread);
ssize_t __wrap_pread(int fd, void *out, size_t len, off_t offset)
{
	bool fails;

	len = bytes_of_call(CALL_PREAD, len, &fails);
	return fails ? -1 : __real_pread(fd, out, len, offset);
}

STANDS_FOR(pwrite);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	bool fails;

	len = bytes_of_call(CALL_PWRITE, len, &fails);
	return fails ? -1 : __real_pwrite(fd, bytes, len, offset);
}

STANDS_FOR(fsync);
int __wrap_fsync(int fd)
{
	return call_fails(CALL_FSYNC) ? -1 : __real_fsync(fd);
}

#endif
