/*
 * Reading files whole, asking about them, and making folders (file.h). What
 * writes is in write.c and exchange.c, locks are in lock.c. Every other folder
 * comes here for its files.
 */
#include "trine/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

enum { READ_AGAIN = 3 };	/* times a file is read that changes under us */

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

static void fill_info(struct file_info *out, const struct stat *st)
{
	*out = (struct file_info){
		.size = (uint64_t)st->st_size,
		.mtime = (int64_t)st->st_mtim.tv_sec,
		.mtime_ns = (int64_t)st->st_mtim.tv_nsec,
		.ctime = (int64_t)st->st_ctim.tv_sec,
		.ctime_ns = (int64_t)st->st_ctim.tv_nsec,
		.inode = (uint64_t)st->st_ino,
		.device = (uint64_t)st->st_dev,
		.directory = S_ISDIR(st->st_mode),
		.regular = S_ISREG(st->st_mode),
		.symlink = S_ISLNK(st->st_mode),
		.open_to_others = (st->st_mode & 077) != 0,
	};
}

int file_stat(const char *path, struct file_info *out, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return error_errno(err, "%s", path);
	fill_info(out, &st);
	return 0;
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool file_owned_by_us(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == geteuid();
}

bool file_readable(const char *path)
{
	return access(path, R_OK) == 0;
}

bool file_executable(const char *path)
{
	return access(path, X_OK) == 0;
}

char *file_real(const char *path, struct error *err)
{
	char *real = realpath(path, NULL), *copy;

	if (real == NULL) {
		error_errno(err, "%s", path);
		return NULL;
	}
	copy = xstrdup(real);
	free(real);
	return copy;
}

/* O_NONBLOCK: a FIFO without a writer would keep us in open(2) for ever. */
static int open_regular(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
		      O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ELOOP)
		return error_set(err, ERR_DATA, "%s is a symbolic link", path);
	if (errno == ENXIO)
		return error_set(err, ERR_DATA, "%s is no regular file", path);
	return error_errno(err, "%s", path);
}

static int stat_regular(int fd, const char *path, size_t limit,
			struct stat *st, struct error *err)
{
	if (fstat(fd, st) == -1)
		return error_errno(err, "%s", path);
	if (!S_ISREG(st->st_mode))
		return error_set(err, ERR_DATA, "%s is no regular file", path);
	if ((uint64_t)st->st_size > limit)
		return error_set(err, ERR_DATA, "%s is over %zu bytes", path,
				 limit);
	return 0;
}

static int read_all(int fd, const char *path, size_t limit, struct buf *out,
		    struct error *err)
{
	char chunk[16384];
	ssize_t got;

	buf_reset(out);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return error_errno(err, "%s", path);
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, "%s", path);
		if ((size_t)got > limit - out->len)
			return error_set(err, ERR_DATA, "%s is over %zu bytes",
					 path, limit);
		buf_add(out, chunk, (size_t)got);
	}
	return 0;
}

static bool same_version(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A program that writes in place while we read gives half of each: read again
 * until the file holds still, but not for ever. */
int file_read(const char *path, size_t limit, struct buf *out,
	      struct file_info *info, struct error *err)
{
	int fd = open_regular(path, err), result = -1;
	struct stat before, after;

	if (fd == -1)
		return -1;
	if (stat_regular(fd, path, limit, &after, err) == -1)
		goto out;
	for (int i = 0; i < READ_AGAIN; i++) {
		before = after;
		if (read_all(fd, path, limit, out, err) == -1 ||
		    stat_regular(fd, path, limit, &after, err) == -1)
			goto out;
		if (same_version(&before, &after))
			break;
	}
	if (info != NULL)
		fill_info(info, &after);
	result = 0;
out:
	close(fd);
	if (result == -1)
		buf_reset(out);
	return result;
}

int file_scan(const char *path, int (*each)(void *arg, struct span piece),
	      void *arg, struct error *err)
{
	int fd = open_regular(path, err), result = -1;
	char chunk[16384];
	struct stat st;
	ssize_t got;

	if (fd == -1)
		return -1;
	if (stat_regular(fd, path, SIZE_MAX, &st, err) == -1)
		goto out;
	result = 0;
	while (result == 0 && (got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		result = got < 0 ? error_errno(err, "%s", path) :
			 each(arg, (struct span){ chunk, (size_t)got });
	}
out:
	close(fd);
	return result;
}

int file_list(const char *path, struct list *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	DIR *dir;

	if (fd == -1)
		return error_errno(err, "%s", path);
	dir = fdopendir(fd);
	if (dir == NULL) {
		error_errno(err, "%s", path);
		close(fd);
		return -1;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			list_add(out, entry->d_name);
	if (errno != 0) {
		error_errno(err, "%s", path);
		closedir(dir);
		return -1;
	}
	closedir(dir);
	list_sort(out);
	return 0;
}

/* One folder; a present one is fine, through a link too: the way to a desk may
 * lead over one. */
static int make_one(const char *path, unsigned mode, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct stat st;
	char *folder;
	int why;

	if (mkdir(path, (mode_t)mode) == 0) {
		folder = folder_of(path);
		file_sync_dir(folder, &ignored);
		free(folder);
		return 0;
	}
	why = errno;
	if (why != EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;	/* a read-only parent of a folder that is there */
	errno = why;
	if (why != EEXIST)
		return error_errno(err, "cannot make %s", path);
	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return error_set(err, ERR_DATA, "%s is in the way of a folder",
				 path);
	return 0;
}

/* Most are there, or lack only the last one: the way to them is gone over if that
 * does not do, and says what is wrong. */
int file_mkdir(const char *path, unsigned mode, struct error *err)
{
	struct error ignored = ERROR_INIT;
	int result = 0;
	char *copy;

	if (make_one(path, mode, &ignored) == 0)
		return 0;
	copy = xstrdup(path);
	for (char *slash = strchr(copy + (*copy == '/'), '/');
	     slash != NULL && result == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		result = make_one(copy, mode | 0300, err);
		*slash = '/';
	}
	if (result == 0)
		result = make_one(path, mode, err);
	free(copy);
	return result;
}
