/*
 * Lock files (file.h): fcntl(2) over the whole file. The file stays for ever;
 * the lock is the kernel's, and gone when its process is. Used for the cycle,
 * the log, and a remote on a local path.
 */
#include "trine/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "trine/clock.h"

enum { LOCK_MODE = 0666, LOCK_POLL_FIRST = 2, LOCK_POLL = 50 };

static struct flock whole_file(short type)
{
	struct flock lock;

	memset(&lock, 0, sizeof(lock));
	lock.l_type = type;
	lock.l_whence = SEEK_SET;
	return lock;
}

/* 1: ours, 0: somebody else's, -1: cannot be locked at all. */
static int try_lock(int fd)
{
	struct flock lock = whole_file(F_WRLCK);

	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES || errno == EINTR ? 0 : -1;
}

static int say_holder(int fd, const char *path, struct error *err)
{
	struct flock lock = whole_file(F_WRLCK);

	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK &&
	    lock.l_pid > 0)
		return error_set(err, ERR_AGAIN, "%s is held by pid %ld", path,
				 (long)lock.l_pid);
	return error_set(err, ERR_AGAIN, "%s is held by another process",
			 path);
}

static int wait_lock(int fd, const char *path, int wait_ms, struct error *err)
{
	struct clock clock;
	int64_t start, pause = LOCK_POLL_FIRST;
	int got;

	clock_system(&clock);
	start = clock.steady(&clock);
	while ((got = try_lock(fd)) == 0) {
		if (wait_ms >= 0 && clock.steady(&clock) - start >= wait_ms)
			return say_holder(fd, path, err);
		clock.sleep(&clock, pause);
		pause = pause * 2 < LOCK_POLL ? pause * 2 : LOCK_POLL;
	}
	return got == 1 ? 0 : error_errno(err, "cannot lock %s", path);
}

/* Somebody may have removed the file while we waited: a lock on a file without
 * a name keeps nobody out. */
static bool has_name(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

static void write_pid(int fd)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* for people only: a full disk must not keep anybody from working */
	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) < 0)
		errno = 0;
}

int file_lock(const char *path, int wait_ms, struct error *err)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY |
			      O_NONBLOCK | O_CLOEXEC, LOCK_MODE);

		if (fd == -1)
			return error_errno(err, "cannot lock %s", path);
		if (wait_lock(fd, path, wait_ms, err) == -1) {
			close(fd);
			return -1;
		}
		if (has_name(fd, path)) {
			write_pid(fd);
			return fd;
		}
		close(fd);
	}
}

bool file_is_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
		      O_CLOEXEC);
	struct flock lock = whole_file(F_WRLCK);
	bool locked;

	if (fd == -1)
		return false;
	locked = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return locked;
}

void file_unlock(int fd)
{
	if (fd < 0)
		return;
	if (ftruncate(fd, 0) == -1)
		errno = 0;
	close(fd);
}
