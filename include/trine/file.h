/*
 * Files: whole reads, durable writes, locks. All paths are plain C strings; a
 * symbolic link in the last component is never followed.
 *
 * "Durable": written to a temporary file in the same directory, fsync (on macOS
 * F_FULLFSYNC), moved into place, and the directory fsynced. A failed fsync is
 * never tried again on the same file: the write has failed.
 */
#ifndef TRINE_FILE_H
#define TRINE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/list.h"

struct file_info {
	uint64_t size;
	int64_t mtime;		/* seconds */
	int64_t mtime_ns;	/* nanoseconds within it */
	int64_t ctime;		/* of the last change of the file or of what */
	int64_t ctime_ns;	/* is said of it: nobody can set it back */
	uint64_t inode;
	uint64_t device;	/* that the inode is on */
	bool directory, regular, symlink;
	bool open_to_others;	/* group or all may read or write it */
};

/* ERR_NOTFOUND if there is none. */
int file_stat(const char *path, struct file_info *out, struct error *err);
bool file_exists(const char *path);

/* The whole of a regular file, at most LIMIT bytes (ERR_DATA beyond; a FIFO,
 * device or link is ERR_DATA too, and never blocks). INFO may be NULL; it and
 * the bytes are of one and the same open file. */
int file_read(const char *path, size_t limit, struct buf *out,
	      struct file_info *info, struct error *err);
/* The same file in pieces, from its start, however large it is; EACH stops it
 * with anything but 0, which is returned then. */
int file_scan(const char *path, int (*each)(void *arg, struct span piece),
	      void *arg, struct error *err);

/* Durable; MODE as in open(2). */
int file_write(const char *path, struct span bytes, unsigned mode,
	       struct error *err);

/* Complete at any moment, but not durable: for what the next boot has no use for. The
 * caller sees to it that nobody else writes PATH now. */
int file_put(const char *path, struct span bytes, unsigned mode,
	     struct error *err);

/* Durable replacement that looks at what it replaced: the new file and the one
 * in its place change names in one step (renameat2 RENAME_EXCHANGE, renamex_np
 * RENAME_SWAP); elsewhere the old one is renamed aside first, and for a moment
 * there is none. What came out goes if its bytes are EXPECTED (*KEPT is NULL
 * then): under the name ASIDE, if there can be a file, else for good. Else it stays
 * beside PATH under the name *KEPT (caller frees): another version, a folder, a link.
 * EXPECTED.p NULL: no file was expected. *KEPT may be set after an error too.
 * ERR_AGAIN: another program is writing PATH right now. */
int file_exchange(const char *path, struct span bytes, struct span expected,
		  const char *aside, char **kept, struct error *err);

/* Names of the files that the functions above make beside PATH, until they are
 * done or killed: ".NAME" FILE_LEFT and 8 hex digits. They hold what was about
 * to be written, or what came out: whoever finds one looks at the bytes. */
#define FILE_LEFT ".trine-"
/* One whose name ends in ".part" too was being filled: it may go unread. */
bool file_left_unfinished(const char *name);
/* NAME of such a file's name (no folders in it), caller frees; NULL: of none. */
char *file_left_of(const char *name);
/* Remove what killed writes of PATH left beside it, whatever is in them: for
 * files that only the caller writes, and makes anew from what it knows. */
int file_sweep(const char *path, struct error *err);
/* An empty file, whose being there is all it says; one that is there is fine. */
int file_touch(const char *path, unsigned mode, struct error *err);

/* The same, and TIME is when it was changed last: a heartbeat. */
int file_stamp(const char *path, unsigned mode, int64_t time, struct error *err);

/* Rename PATH aside and, if its bytes are EXPECTED, remove it, under the name ASIDE
 * or for good as file_exchange does; else put it back. *REMOVED says which. A file
 * that is not there counts as removed. One that somebody made in the meantime stays,
 * and the one that was renamed keeps its name aside (FILE_LEFT). */
int file_remove_if(const char *path, struct span expected, const char *aside,
		   bool *removed, struct error *err);

int file_remove(const char *path, struct error *err);	/* absent is fine */
/* A folder with all that is in it; links are removed, not followed. */
int file_remove_tree(const char *path, struct error *err);
/* Parents too; one that is there is fine. */
int file_mkdir(const char *path, unsigned mode, struct error *err);
/* And fsync both directories. */
int file_rename(const char *from, const char *to, struct error *err);
int file_sync_dir(const char *path, struct error *err);
/* Another name for a file, which is not synced; fine if TO is that file already.
 * ERR_REFUSED: something else is there. */
int file_link(const char *from, const char *to, struct error *err);
/* What is in the file now is on the disk when this returns 0. */
int file_sync(const char *path, struct error *err);

/* Names in a directory, sorted, without . and ..; ERR_NOTFOUND if absent. */
int file_list(const char *path, struct list *out, struct error *err);

/* Append BYTES to an open log and fsync; on failure the file is cut back. */
int file_append(int fd, struct span bytes, struct error *err);

/* A lock file (fcntl(2), the whole file): the kernel drops it when the process
 * ends, however it ends. WAIT_MS: 0 tries once, -1 waits for ever. Returns the
 * descriptor, or -1: ERR_AGAIN says who holds it ("pid 4711"). The holder's
 * pid stands in the file for people. Closing ANY descriptor of the file in this
 * process drops the lock: take it once and read the file through no other. */
int file_lock(const char *path, int wait_ms, struct error *err);
void file_unlock(int fd);
/* Does another process hold that lock now? Not to be asked by one that may hold
 * it itself: it would let go of it. */
bool file_is_locked(const char *path);

/* Real path, parents resolved; NULL and ERR if there is none. Caller frees. */
char *file_real(const char *path, struct error *err);
bool file_owned_by_us(const char *path);
bool file_readable(const char *path);
bool file_executable(const char *path);

#endif
