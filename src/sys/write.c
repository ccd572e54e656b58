/*
 * Durable writes (file.h): a temporary file beside the target, fsync, into
 * place, fsync of the folder. Used by whoever writes anything at all.
 */
#include "trine/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys.h"
#include "trine/clock.h"
#include "trine/mem.h"

int sync_fd(int fd)
{
#ifdef F_FULLFSYNC
	if (fcntl(fd, F_FULLFSYNC) == 0)
		return 0;
	if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY)
		return -1;
#endif
	return fsync(fd);
}

int write_all(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t done = write(fd, bytes.p, bytes.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes.p += done;
		bytes.len -= (size_t)done;
	}
	return 0;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *folder_of(const char *path)
{
	size_t len = (size_t)(name_of(path) - path);

	if (len == 0)
		return xstrdup(".");
	return xstrndup(path, len > 1 ? len - 1 : 1);
}

char *aside_of(const char *path)
{
	const char *name = name_of(path);
	struct chance chance;

	chance_system(&chance);
	return xasprintf("%.*s.%s%s%08x", (int)(name - path), path, name,
			 FILE_LEFT, (unsigned)chance.next(&chance));
}

/* While a file is filled: whatever is in one of these is nobody's work. */
static const char unfinished[] = ".part";

bool file_left_unfinished(const char *name)
{
	size_t len = strlen(name), end = strlen(unfinished);

	return len > end && strcmp(name + len - end, unfinished) == 0;
}

char *file_left_of(const char *name)
{
	static const size_t digits = 8;
	size_t len = strlen(name), mark = strlen(FILE_LEFT);
	const char *end;

	if (file_left_unfinished(name))
		len -= strlen(unfinished);
	if (name[0] != '.' || len < 2 + mark + digits)
		return NULL;
	end = name + len - digits;
	if (strspn(end, "0123456789abcdef") != digits ||
	    memcmp(end - mark, FILE_LEFT, mark) != 0)
		return NULL;
	return xstrndup(name + 1, len - 1 - mark - digits);
}

int rename_new(const char *from, const char *to)
{
	struct stat st;

#if defined(__linux__) && defined(RENAME_NOREPLACE)
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return -1;
#elif defined(__APPLE__) && defined(RENAME_EXCL)
	if (renamex_np(from, to, RENAME_EXCL) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return -1;
#endif
	if (link(from, to) == 0)
		return unlink(from);
	if (errno == EEXIST || errno == ENOENT)
		return -1;
	/* a folder, or a file system without hard links */
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

static int open_new(const char *path, unsigned mode)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    (mode_t)mode);
}

/* A failed fsync is final: the pages are marked clean, and a second one would
 * say that all is well. */
static int fill_new(int fd, struct span bytes)
{
	int failed = write_all(fd, bytes) == -1 || sync_fd(fd) == -1;
	int number = errno;

	if (close(fd) == -1 && !failed)
		return -1;
	errno = number;
	return failed ? -1 : 0;
}

char *write_aside(const char *path, struct span bytes, unsigned mode,
		  struct error *err)
{
	char *aside = aside_of(path);
	char *part = xasprintf("%s%s", aside, unfinished);
	int fd = open_new(part, mode);

	if (fd == -1 || fill_new(fd, bytes) == -1 || rename(part, aside) == -1) {
		error_errno(err, "cannot write %s", path);
		if (fd != -1)
			unlink(part);
		free(aside);
		aside = NULL;
	}
	free(part);
	return aside;
}

int file_sync_dir(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return error_errno(err, "%s", path);
	/* EINVAL: a file system whose folders cannot be synced */
	result = fsync(fd) == -1 && errno != EINVAL ?
		 error_errno(err, "cannot sync %s", path) : 0;
	close(fd);
	return result;
}

static int sync_folder_of(const char *path, struct error *err)
{
	char *folder = folder_of(path);
	int result = file_sync_dir(folder, err);

	free(folder);
	return result;
}

int file_write(const char *path, struct span bytes, unsigned mode,
	       struct error *err)
{
	char *aside = write_aside(path, bytes, mode, err);
	int result = -1;

	if (aside == NULL)
		return -1;
	if (rename(aside, path) == -1) {
		error_errno(err, "cannot write %s", path);
		unlink(aside);
		goto out;
	}
	result = sync_folder_of(path, err);
out:
	free(aside);
	return result;
}

int file_remove(const char *path, struct error *err)
{
	if (unlink(path) == -1 && errno != ENOENT)
		return error_errno(err, "cannot remove %s", path);
	return 0;
}

/* Deeper than any folder of ours is; a loop of mounts must end somewhere. */
enum { TREE_LEVELS = 64 };

static int remove_below(const char *path, int levels, struct error *err)
{
	struct list names = LIST_INIT;
	struct stat st;
	int rc;

	if (lstat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return file_remove(path, err);
	if (levels == 0)
		return error_set(err, ERR_IO, "%s is too deep to be removed",
				 path);
	rc = file_list(path, &names, err);
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *inner = xasprintf("%s/%s", path, names.item[i]);

		rc = remove_below(inner, levels - 1, err);
		free(inner);
	}
	list_release(&names);
	if (rc == 0 && rmdir(path) == -1 && errno != ENOENT)
		rc = error_errno(err, "cannot remove %s", path);
	return rc;
}

int file_remove_tree(const char *path, struct error *err)
{
	return remove_below(path, TREE_LEVELS, err);
}

static int remove_beside(const char *folder, const char *name, struct error *err)
{
	char *path = xasprintf("%s/%s", folder, name);
	int rc = file_remove(path, err);

	free(path);
	return rc;
}

int file_sweep(const char *path, struct error *err)
{
	char *folder = folder_of(path);
	struct list names = LIST_INIT;
	int rc = file_list(folder, &names, err);

	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *of = file_left_of(names.item[i]);

		if (of != NULL && strcmp(of, name_of(path)) == 0)
			rc = remove_beside(folder, names.item[i], err);
		free(of);
	}
	list_release(&names);
	free(folder);
	return rc;
}

int file_touch(const char *path, unsigned mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		      (mode_t)mode);

	if (fd == -1)
		return error_errno(err, "cannot make %s", path);
	close(fd);
	return 0;
}

/* Over what is at PATH: some file systems (ext4) write a new file out, and wait for it,
 * at a rename that replaces another; not where both change places. */
static int put_over(const char *part, const char *path)
{
	if (swap_names(part, path) == 0)
		return unlink(part);
	return rename(part, path);
}

int file_put(const char *path, struct span bytes, unsigned mode,
	     struct error *err)
{
	char *part = xasprintf("%s.new", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      (mode_t)mode);
	int rc = -1;

	if (fd != -1 && write_all(fd, bytes) == 0 && put_over(part, path) == 0)
		rc = 0;
	else
		error_errno(err, "cannot write %s", path);
	if (fd != -1)
		close(fd);
	free(part);
	return rc;
}

int file_stamp(const char *path, unsigned mode, int64_t time, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		      (mode_t)mode);
	const struct timespec times[2] = {
		{ (time_t)time, 0 }, { (time_t)time, 0 }
	};
	int rc;

	if (fd == -1)
		return error_errno(err, "cannot make %s", path);
	rc = futimens(fd, times);
	if (rc == -1)
		error_errno(err, "cannot change the time of %s", path);
	close(fd);
	return rc;
}

int file_rename(const char *from, const char *to, struct error *err)
{
	if (rename(from, to) == -1)
		return error_errno(err, "cannot rename %s", from);
	if (sync_folder_of(to, err) == -1)
		return -1;
	return sync_folder_of(from, err);
}

static bool same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return lstat(a, &of_a) == 0 && lstat(b, &of_b) == 0 &&
	       of_a.st_ino == of_b.st_ino && of_a.st_dev == of_b.st_dev;
}

int file_link(const char *from, const char *to, struct error *err)
{
	if (link(from, to) == 0)
		return 0;
	if (errno != EEXIST)
		return error_errno(err, "cannot link %s to %s", from, to);
	return same_file(from, to) ? 0 :
	       error_set(err, ERR_REFUSED, "%s is in the way", to);
}

int file_sync(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return error_errno(err, "%s", path);
	rc = sync_fd(fd) == 0 ? 0 : error_errno(err, "cannot sync %s", path);
	close(fd);
	return rc;
}

/* Half a line at the end of a log would be read as damage for ever. */
int file_append(int fd, struct span bytes, struct error *err)
{
	struct stat st;
	int number;

	if (fstat(fd, &st) == -1 || lseek(fd, 0, SEEK_END) == -1)
		return error_errno(err, "cannot append");
	if (write_all(fd, bytes) == 0 && sync_fd(fd) == 0)
		return 0;
	number = errno;
	if (ftruncate(fd, st.st_size) == -1)
		return error_errno(err, "half written, and cannot be cut");
	errno = number;
	return error_errno(err, "cannot append");
}
