/*
 * Replacing and removing files that somebody may be editing (file.h): whatever
 * comes out is looked at before it goes, and kept if it is not what the caller
 * had read. Used for the desk.
 */
#include "trine/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"
#include "trine/mem.h"

enum {
	EXCHANGE_TRIES = 16,	/* against somebody who makes and removes it */
	DESK_MODE = 0666	/* as an editor would make it: umask decides */
};

int swap_names(const char *a, const char *b)
{
#if defined(__linux__) && defined(RENAME_EXCHANGE)
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
#elif defined(__APPLE__) && defined(RENAME_SWAP)
	return renamex_np(a, b, RENAME_SWAP);
#else
	(void)a;
	(void)b;
	errno = ENOSYS;
	return -1;
#endif
}

static bool cannot_swap(int number)
{
	return number == EINVAL || number == ENOSYS || number == ENOTSUP ||
	       number == EOPNOTSUPP;
}

/* Where not even rename_new works without a gap there is still O_EXCL. */
static int put_new(const char *ready, const char *path, struct span bytes)
{
	int fd, failed;

	if (link(ready, path) == 0)
		return unlink(ready);
	if (errno == EEXIST || errno == ENOENT)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  DESK_MODE);
	if (fd == -1)
		return -1;
	failed = write_all(fd, bytes) == -1 || sync_fd(fd) == -1;
	if (close(fd) == -1 || failed)
		return -1;
	return unlink(ready);
}

/* At most one version may come out: with a second the file is being written by
 * somebody at this very moment, and the first goes back to its place. */
int exchange_by_names(const char *path, const char *ready, struct span bytes,
		      char **came_out, struct error *err)
{
	char *aside = aside_of(path);

	*came_out = NULL;
	if (rename(path, aside) == 0) {
		*came_out = aside;
	} else {
		free(aside);
		if (errno != ENOENT)
			return error_errno(err, "cannot replace %s", path);
	}
	if (put_new(ready, path, bytes) == 0)
		return 0;
	if (errno == EEXIST)
		error_set(err, ERR_AGAIN, "%s is being written by another "
			  "program", path);
	else
		error_errno(err, "cannot replace %s", path);
	if (*came_out != NULL && rename_new(*came_out, path) == 0) {
		free(*came_out);
		*came_out = NULL;
	}
	return -1;
}

/* *CAME_OUT: where what was at PATH is now, NULL if there was nothing. */
static int exchange(const char *path, const char *ready, struct span bytes,
		    char **came_out, struct error *err)
{
	*came_out = NULL;
	for (int i = 0; i < EXCHANGE_TRIES; i++) {
		if (swap_names(ready, path) == 0) {
			*came_out = xstrdup(ready);
			return 0;
		}
		if (cannot_swap(errno))
			return exchange_by_names(path, ready, bytes, came_out,
						 err);
		if (errno != ENOENT)
			return error_errno(err, "cannot replace %s", path);
		if (rename_new(ready, path) == 0)
			return 0;
		if (errno != EEXIST)
			return error_errno(err, "cannot write %s", path);
	}
	return error_set(err, ERR_AGAIN, "%s comes and goes", path);
}

static bool holds(const char *path, struct span expected)
{
	struct error ignored = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	bool same;

	if (expected.p == NULL)
		return false;
	same = file_read(path, expected.len, &bytes, NULL, &ignored) == 0 &&
	       span_equal(span_of(&bytes), expected);
	buf_release(&bytes);
	return same;
}

/* Whoever has OUT open goes on writing under the name ASIDE, if there can be a file. */
static int put_away(const char *out, const char *aside)
{
	return aside != NULL && rename(out, aside) == 0 ? 0 : unlink(out);
}

int file_exchange(const char *path, struct span bytes, struct span expected,
		  const char *aside, char **kept, struct error *err)
{
	char *ready = write_aside(path, bytes, DESK_MODE, err), *out, *folder;
	int result;

	*kept = NULL;
	if (ready == NULL)
		return -1;
	result = exchange(path, ready, bytes, &out, err);
	if (result == -1) {
		unlink(ready);
		*kept = out;
		free(ready);
		return -1;
	}
	folder = folder_of(path);
	result = file_sync_dir(folder, err);
	if (out != NULL && holds(out, expected)) {
		put_away(out, aside);	/* if it stays: as if killed here */
		free(out);
		out = NULL;
	}
	*kept = out;
	free(folder);
	free(ready);
	return result;
}

int file_remove_if(const char *path, struct span expected, const char *aside,
		   bool *removed, struct error *err)
{
	char *out;

	*removed = !file_exists(path);
	if (*removed || !holds(path, expected))
		return 0;
	out = aside_of(path);
	if (rename(path, out) == -1) {
		*removed = errno == ENOENT;
		free(out);
		return *removed ? 0 :
		       error_errno(err, "cannot remove %s", path);
	}
	/* looked at again where nobody writes to it by name any more */
	*removed = holds(out, expected) && put_away(out, aside) == 0;
	if (!*removed && rename_new(out, path) == -1 && errno != EEXIST) {
		error_errno(err, "cannot put %s back", path);
		free(out);
		return -1;
	}
	free(out);
	return 0;
}
