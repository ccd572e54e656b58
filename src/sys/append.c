/*
 * Files that only grow (append.h). The store's log uses this; appending itself
 * is file_append of write.c.
 */
#include "trine/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "trine/file.h"

/* A new file is lost in a crash if its folder does not know it. */
static int sync_if_new(int fd, const char *path, struct error *err)
{
	char *folder;
	struct stat st;
	int result;

	if (fstat(fd, &st) == -1)
		return error_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_DATA, "%s is not a regular file", path);
	if (st.st_size > 0)
		return 0;
	folder = folder_of(path);
	result = file_sync_dir(folder, err);
	free(folder);
	return result;
}

static int open_to_append(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY |
		    O_NONBLOCK | O_CLOEXEC, 0600);
}

static int check_opened(int fd, const char *path, struct error *err)
{
	if (fd == -1)
		return error_errno(err, "cannot open %s", path);
	if (sync_if_new(fd, path, err) == 0)
		return fd;
	close(fd);
	return -1;
}

int append_open(const char *path, struct error *err)
{
	return check_opened(open_to_append(path), path, err);
}

int append_look(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
		      O_CLOEXEC);

	return fd == -1 ? error_errno(err, "cannot open %s", path) : fd;
}

int append_open_or_look(const char *path, bool *read_only, struct error *err)
{
	int fd = open_to_append(path);

	*read_only = fd == -1 && (errno == EROFS || errno == EACCES || errno == EPERM);
	return *read_only ? append_look(path, err) : check_opened(fd, path, err);
}

bool append_has_name(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && lstat(path, &named) == 0 &&
	       open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

void append_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int append_size(int fd, uint64_t *out, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return error_errno(err, "cannot see its size");
	*out = (uint64_t)st.st_size;
	return 0;
}

int append_read(int fd, uint64_t offset, void *out, size_t len, size_t *got,
		struct error *err)
{
	char *to = out;

	*got = 0;
	while (*got < len) {
		ssize_t n = pread(fd, to + *got, len - *got,
				  (off_t)(offset + *got));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_errno(err, "cannot read");
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

int append_sync(int fd, struct error *err)
{
	return sync_fd(fd) == 0 ? 0 : error_errno(err, "cannot sync");
}

static int put_blanks(int fd, uint64_t offset, uint64_t len)
{
	char blanks[4096];

	memset(blanks, ' ', sizeof(blanks));
	while (len > 0) {
		size_t piece = len < sizeof(blanks) ? (size_t)len : sizeof(blanks);
		ssize_t done = pwrite(fd, blanks, piece, (off_t)offset);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		offset += (uint64_t)done;
		len -= (uint64_t)done;
	}
	return sync_fd(fd);
}

int append_blank(const char *path, uint64_t offset, uint64_t len,
		 struct error *err)
{
	/* one that appends would do so wherever it is told to write */
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY |
		      O_NONBLOCK | O_CLOEXEC, 0600);
	int rc;

	if (fd == -1)
		return error_errno(err, "cannot open %s", path);
	rc = put_blanks(fd, offset, len) == 0 ? 0 :
	     error_errno(err, "cannot write %s", path);
	close(fd);
	return rc;
}

int append_cut(int fd, uint64_t size, struct error *err)
{
	return ftruncate(fd, (off_t)size) == 0 ? 0 :
	       error_errno(err, "cannot cut");
}
