/*
 * The journal of what a program does to its files (power.h): calls that change
 * something are taken the place of, done by the system call of that name, and
 * recorded when they worked.
 */
#include "power.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAPS = 64 };

static char root[PATH_MAX], journal[PATH_MAX];
static size_t root_len;
static unsigned long changes, cut_at, syncs, fail_at;
static time_t stopped_at;
static pid_t self;

static unsigned long take_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;

	unsetenv(name);
	return value;
}

static void __attribute__((constructor)) start(void)
{
	const char *where = getenv("TRINE_POWER_ROOT");
	const char *log = getenv("TRINE_POWER_JOURNAL");
	const char *now = getenv("TRINE_POWER_TIME");
	char kept[PATH_MAX];

	stopped_at = now != NULL ? (time_t)strtoll(now, NULL, 10) : 0;
	if (where == NULL || log == NULL)
		return;
	snprintf(root, sizeof(root), "%s", where);
	snprintf(journal, sizeof(journal), "%s", log);
	root_len = strlen(root);
	snprintf(kept, sizeof(kept), "%s/keep", log);
	syscall(SYS_mkdirat, AT_FDCWD, kept, 0700);
	cut_at = take_number("TRINE_POWER_CUT");
	fail_at = take_number("TRINE_POWER_FSYNC");
	self = getpid();
}

static void put_back(const char *name, unsigned long at, unsigned long done)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", at - done);
	if (at > done)
		setenv(name, text, 1);
}

/* This program becomes another; in a child it is another one's start. */
int execv(const char *path, char *const argv[])
{
	if (getpid() == self) {
		put_back("TRINE_POWER_CUT", cut_at, changes);
		put_back("TRINE_POWER_FSYNC", fail_at, syncs);
	}
	return execve(path, argv, environ);
}

/* A journal with gaps would lose what it should not. */
static void give_up(const char *why)
{
	dprintf(2, "power_record: %s: %s\n", why, strerror(errno));
	abort();
}

/* The next change: is the power still there? */
static void count_change(void)
{
	if (++changes == cut_at) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
}

/* ---- the clock ---- */

/* No second may begin meanwhile in what a seed is to repeat. */
time_t time(time_t *out)
{
	struct timespec now = { .tv_sec = stopped_at };

	if (stopped_at == 0)
		clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	const char *steady = getenv("TRINE_POWER_STEADY");
	long long ms = steady != NULL ? strtoll(steady, NULL, 10) : 0;

	if (id != CLOCK_BOOTTIME || steady == NULL)
		return (int)syscall(SYS_clock_gettime, id, out);
	*out = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	return 0;
}

static FILE *open_stream(const char *name, const char *path, const char *mode)
{
	FILE *(*next)(const char *, const char *);
	char *boot = getenv("TRINE_POWER_BOOT");

	if (boot != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
		return fmemopen(boot, strlen(boot), "r");
	*(void **)&next = dlsym(RTLD_NEXT, name);
	return next(path, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	return open_stream("fopen", path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return open_stream("fopen64", path, mode);
}

/* ---- which files ---- */

static bool is_ours(const char *path)
{
	size_t len = strlen(path);

	return root_len > 0 && strncmp(path, root, root_len) == 0 &&
	       path[root_len] == '/' &&
	       (len < 4 || strcmp(path + len - 4, "-shm") != 0);
}

static bool name_of_fd(int fd, char out[PATH_MAX])
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
	if (len < 0)
		return false;
	out[len] = '\0';
	return out[0] == '/';
}

/* PATH below the folder FD, absolute. */
static bool find(int fd, const char *path, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	size_t len;

	if (root_len == 0)
		return false;
	if (path[0] == '/')
		folder[0] = '\0';
	else if (fd != AT_FDCWD ? !name_of_fd(fd, folder)
				: syscall(SYS_getcwd, folder, PATH_MAX) < 0)
		return false;
	if (snprintf(out, PATH_MAX, "%s%s%s", folder, folder[0] ? "/" : "",
		     path) >= PATH_MAX)
		return false;
	for (len = strlen(out); len > 1 && out[len - 1] == '/';)
		out[--len] = '\0';
	return is_ours(out);
}

static bool is_open_ours(int fd, char path[PATH_MAX], struct stat *st)
{
	int before = errno;
	bool ours = root_len > 0 && name_of_fd(fd, path) && is_ours(path) &&
		    fstat(fd, st) == 0;

	errno = before;
	return ours;
}

/* What PATH is; 0: nothing. */
static uint64_t look_up(const char *path, bool *folder)
{
	int before = errno;
	struct stat st;
	uint64_t file = 0;

	if (lstat(path, &st) == 0)
		file = st.st_ino;
	if (folder != NULL)
		*folder = file != 0 && S_ISDIR(st.st_mode);
	errno = before;
	return file;
}

/* So that it can come back, and its number is not given to another. */
static void keep(const char *path, uint64_t file)
{
	int before = errno;
	char kept[PATH_MAX + 32];

	snprintf(kept, sizeof(kept), "%s/keep/%llu", journal,
		 (unsigned long long)file);
	if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) < 0 &&
	    errno != EEXIST && errno != ENOENT)
		give_up(path);
	errno = before;
}

/* ---- the journal ---- */

static void write_change(struct power_change *c, const char *path,
			 const char *to, const void *old, const void *new)
{
	int before = errno, fd;
	char log[PATH_MAX + 8];
	struct iovec part[5];
	ssize_t want = 0;

	c->path_len = path ? (uint32_t)strlen(path) + 1 : 0;
	c->to_len = to ? (uint32_t)strlen(to) + 1 : 0;
	part[0] = (struct iovec){ c, sizeof(*c) };
	part[1] = (struct iovec){ (void *)path, c->path_len };
	part[2] = (struct iovec){ (void *)to, c->to_len };
	part[3] = (struct iovec){ (void *)old, c->old_len };
	part[4] = (struct iovec){ (void *)new, c->new_len };
	for (int i = 0; i < 5; i++)
		want += (ssize_t)part[i].iov_len;
	snprintf(log, sizeof(log), "%s/log", journal);
	fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT |
			  O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || syscall(SYS_writev, fd, part, 5) != want)
		give_up(log);
	syscall(SYS_close, fd);
	errno = before;
}

static void record_name(enum power_kind kind, const char *path, const char *to,
			uint64_t file, uint64_t other, bool folder)
{
	struct power_change c = {
		.kind = kind, .file = file, .other = other, .folder = folder,
	};

	write_change(&c, path, to, NULL, NULL);
}

/* LEN bytes of FD from OFFSET on, as far as there are any. */
static void *bytes_at(int fd, uint64_t offset, uint64_t len, uint64_t size,
		      uint64_t *got)
{
	uint64_t there = offset < size ? size - offset : 0;
	char own[64];
	ssize_t n;
	void *out;
	int in;

	*got = len < there ? len : there;
	out = malloc(*got + 1);
	if (out == NULL)
		give_up("no memory");
	/* one that is open for writing only cannot be read */
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	in = (int)syscall(SYS_openat, AT_FDCWD, own, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		give_up("a file cannot be read");
	n = syscall(SYS_pread64, in, out, *got, offset);
	if (n < 0 || (uint64_t)n != *got)
		give_up("a file cannot be read");
	syscall(SYS_close, in);
	return out;
}

/* ---- data ---- */

static ssize_t put(int fd, const void *bytes, size_t len, off_t offset)
{
	return offset < 0 ? syscall(SYS_write, fd, bytes, len)
			  : syscall(SYS_pwrite64, fd, bytes, len, offset);
}

/* OFFSET -1: where the file stands. */
static ssize_t record_write(int fd, const void *bytes, size_t len, off_t offset)
{
	struct power_change c = { .kind = POWER_WRITE };
	char path[PATH_MAX];
	struct stat st;
	ssize_t done;
	void *old;

	if (!is_open_ours(fd, path, &st) || !S_ISREG(st.st_mode))
		return put(fd, bytes, len, offset);
	count_change();
	c.file = st.st_ino;
	c.size = (uint64_t)st.st_size;
	if (offset >= 0)
		c.offset = (uint64_t)offset;
	else if (fcntl(fd, F_GETFL) & O_APPEND)
		c.offset = c.size;
	else
		c.offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
	old = bytes_at(fd, c.offset, len, c.size, &c.old_len);
	done = put(fd, bytes, len, offset);
	if (done > 0) {
		if (c.old_len > (uint64_t)done)
			c.old_len = (uint64_t)done;
		c.new_len = (uint64_t)done;
		write_change(&c, path, NULL, old, bytes);
	}
	free(old);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return record_write(fd, bytes, len, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return record_write(fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
	return record_write(fd, bytes, len, offset);
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
	ssize_t done = 0;

	for (int i = 0; i < count; i++) {
		ssize_t n = record_write(fd, part[i].iov_base,
					 part[i].iov_len, -1);

		if (n < 0)
			return done > 0 ? done : n;
		done += n;
		if ((size_t)n < part[i].iov_len)
			break;
	}
	return done;
}

/* FD gets SIZE bytes. */
static void record_size(int fd, const char *path, const struct stat *st,
			uint64_t size)
{
	struct power_change c = {
		.kind = POWER_SIZE, .file = st->st_ino, .offset = size,
		.size = (uint64_t)st->st_size,
	};
	void *old = NULL;

	if (size < c.size)
		old = bytes_at(fd, size, c.size - size, c.size, &c.old_len);
	write_change(&c, path, NULL, old, NULL);
	free(old);
}

int ftruncate(int fd, off_t size)
{
	char path[PATH_MAX];
	struct stat st;

	if (!is_open_ours(fd, path, &st) || st.st_size == size || size < 0)
		return (int)syscall(SYS_ftruncate, fd, size);
	count_change();
	record_size(fd, path, &st, (uint64_t)size);	/* while it can be read */
	return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

/* ---- data by way of memory ---- */

static struct map {
	char *at;
	char *was;
	size_t len;
	off_t offset;
	int fd;		/* our own, so that it is there when theirs is closed */
} maps[MAPS];

static void remember_map(void *at, size_t len, int fd, off_t offset)
{
	for (int i = 0; i < MAPS; i++)
		if (maps[i].at == NULL) {
			char *was = malloc(len);
			struct stat st;

			if (was == NULL || fstat(fd, &st) < 0)
				give_up("a mapping");
			if (offset + (off_t)len > st.st_size)
				len = (size_t)(st.st_size - offset);
			memcpy(was, at, len);
			maps[i] = (struct map){ at, was, len, offset,
				fcntl(fd, F_DUPFD_CLOEXEC, 512) };
			return;
		}
	give_up("too many mappings");
}

static void record_map(struct map *m)
{
	struct power_change c = { .kind = POWER_WRITE };
	size_t first = 0, last = m->len;
	char path[PATH_MAX];
	struct stat st;

	while (first < last && m->at[first] == m->was[first])
		first++;
	while (last > first && m->at[last - 1] == m->was[last - 1])
		last--;
	if (first == last || !is_open_ours(m->fd, path, &st))
		return;
	c.file = st.st_ino;
	c.size = (uint64_t)st.st_size;
	c.offset = (uint64_t)m->offset + first;
	c.old_len = c.new_len = last - first;
	write_change(&c, path, NULL, m->was + first, m->at + first);
	memcpy(m->was, m->at, m->len);
}

void *mmap(void *hint, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *at = (void *)syscall(SYS_mmap, hint, len, prot, flags, fd,
				   offset);
	char path[PATH_MAX];
	struct stat st;

	if (at != MAP_FAILED && fd >= 0 && flags & MAP_SHARED &&
	    prot & PROT_WRITE && is_open_ours(fd, path, &st))
		remember_map(at, len, fd, offset);
	return at;
}

void *mmap64(void *hint, size_t len, int prot, int flags, int fd, off_t offset)
{
	return mmap(hint, len, prot, flags, fd, offset);
}

int munmap(void *at, size_t len)
{
	for (int i = 0; i < MAPS; i++)
		if (at != NULL && maps[i].at == at) {
			count_change();
			record_map(&maps[i]);
			syscall(SYS_close, maps[i].fd);
			free(maps[i].was);
			maps[i].at = NULL;
		}
	return (int)syscall(SYS_munmap, at, len);
}

/* ---- fsync ---- */

static int sync_file(int fd, const char *path, const struct stat *st, long call)
{
	struct power_change c = {
		.kind = POWER_SYNC_FILE, .file = st->st_ino,
	};

	for (int i = 0; i < MAPS; i++)
		if (maps[i].at != NULL)
			record_map(&maps[i]);
	if (++syncs == fail_at) {
		c.kind = POWER_SYNC_FAILED;
		write_change(&c, path, NULL, NULL, NULL);
		errno = EIO;
		return -1;
	}
	if (syscall(call, fd) < 0)
		return -1;
	write_change(&c, path, NULL, NULL, NULL);
	return 0;
}

static int record_sync(int fd, long call)
{
	char path[PATH_MAX];
	struct stat st;

	if (!is_open_ours(fd, path, &st)) {
		if (root_len == 0 || !name_of_fd(fd, path) ||
		    strcmp(path, root) != 0 || fstat(fd, &st) < 0)
			return (int)syscall(call, fd);
	}
	count_change();
	if (!S_ISDIR(st.st_mode))
		return sync_file(fd, path, &st, call);
	if (syscall(call, fd) < 0)
		return -1;
	record_name(POWER_SYNC_FOLDER, path, NULL, 0, 0, true);
	return 0;
}

int fsync(int fd)
{
	return record_sync(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return record_sync(fd, SYS_fdatasync);
}

/* ---- names ---- */

/* PATH is about to be opened and cut to nothing. */
static void record_cut(const char *path, const struct stat *st)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
			      O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		give_up(path);
	record_size(fd, path, st, 0);
	syscall(SYS_close, fd);
}

static int record_open(int at, const char *name, int flags, mode_t mode)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
	char path[PATH_MAX];
	struct stat st;
	bool absent;
	int fd;

	if (!writes || flags & O_PATH || !find(at, name, path))
		return (int)syscall(SYS_openat, at, name, flags, mode);
	absent = lstat(path, &st) < 0;
	if (!absent && !S_ISREG(st.st_mode))
		return (int)syscall(SYS_openat, at, name, flags, mode);
	if (!absent && !(flags & O_EXCL && flags & O_CREAT)) {
		keep(path, st.st_ino);
		if (flags & O_TRUNC && st.st_size > 0) {
			count_change();
			record_cut(path, &st);
		}
	} else if (absent && flags & O_CREAT) {
		count_change();
	}
	fd = (int)syscall(SYS_openat, at, name, flags, mode);
	if (fd >= 0 && absent && flags & O_CREAT) {
		uint64_t file = look_up(path, NULL);

		keep(path, file);
		record_name(POWER_CREATE, path, NULL, file, 0, false);
	}
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

#define OPEN(name, at, ...)						\
	int name(__VA_ARGS__, const char *path, int flags, ...)		\
	{								\
		va_list ap;						\
		mode_t mode;						\
									\
		va_start(ap, flags);					\
		mode = mode_of(flags, ap);				\
		va_end(ap);						\
		return record_open(at, path, flags, mode);		\
	}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return record_open(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
OPEN(openat, at, int at)
OPEN(openat64, at, int at)

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return record_open(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return record_open(AT_FDCWD, path, flags, 0);
}

int __openat_2(int at, const char *path, int flags)
{
	return record_open(at, path, flags, 0);
}

int __openat64_2(int at, const char *path, int flags)
{
	return record_open(at, path, flags, 0);
}

int creat(const char *path, mode_t mode)
{
	return record_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int mkostemp(char *template, int flags)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	size_t len = strlen(template);
	unsigned chance;
	int fd = -1;

	for (int i = 0; i < 100 && fd < 0; i++) {
		if (syscall(SYS_getrandom, &chance, sizeof(chance), 0) < 0)
			return -1;
		for (size_t k = len - 6; k < len; k++, chance /= 26)
			template[k] = letters[chance % 26];
		fd = record_open(AT_FDCWD, template, flags | O_RDWR | O_CREAT |
				 O_EXCL, 0600);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

int mkstemp(char *template)
{
	return mkostemp(template, 0);
}

int mkstemp64(char *template)
{
	return mkostemp(template, 0);
}

int renameat2(int from_at, const char *from, int to_at, const char *to,
	      unsigned flags)
{
	enum power_kind kind = flags & RENAME_EXCHANGE ? POWER_EXCHANGE
						       : POWER_RENAME;
	char from_path[PATH_MAX], to_path[PATH_MAX];
	uint64_t file, other;
	bool folder, to_folder;
	int rc;

	if (!find(from_at, from, from_path) || !find(to_at, to, to_path))
		return (int)syscall(SYS_renameat2, from_at, from, to_at, to,
				    flags);
	count_change();
	file = look_up(from_path, &folder);
	other = look_up(to_path, &to_folder);
	if (file != 0 && !folder)
		keep(from_path, file);
	if (other != 0 && !to_folder)
		keep(to_path, other);
	rc = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
	if (rc == 0 && file != other)
		record_name(kind, from_path, to_path, file, other, folder);
	return rc;
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
	return renameat2(from_at, from, to_at, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	char from_path[PATH_MAX], to_path[PATH_MAX];
	uint64_t file;
	int rc;

	if (!find(from_at, from, from_path) || !find(to_at, to, to_path))
		return (int)syscall(SYS_linkat, from_at, from, to_at, to, flags);
	count_change();
	file = look_up(from_path, NULL);
	rc = (int)syscall(SYS_linkat, from_at, from, to_at, to, flags);
	if (rc == 0) {
		keep(to_path, file);
		record_name(POWER_LINK, from_path, to_path, file, 0, false);
	}
	return rc;
}

int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int at, const char *name, int flags)
{
	char path[PATH_MAX];
	uint64_t file;
	bool folder;
	int rc;

	if (!find(at, name, path))
		return (int)syscall(SYS_unlinkat, at, name, flags);
	file = look_up(path, &folder);
	if (file != 0)
		count_change();
	if (file != 0 && !folder)
		keep(path, file);
	rc = (int)syscall(SYS_unlinkat, at, name, flags);
	if (rc == 0)
		record_name(folder ? POWER_RMDIR : POWER_UNLINK, path, NULL,
			    file, 0, folder);
	return rc;
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path)
{
	int rc = unlink(path);

	return rc < 0 && errno == EISDIR ? rmdir(path) : rc;
}

int mkdirat(int at, const char *name, mode_t mode)
{
	char path[PATH_MAX];
	int rc;

	if (!find(at, name, path))
		return (int)syscall(SYS_mkdirat, at, name, mode);
	if (look_up(path, NULL) == 0)
		count_change();
	rc = (int)syscall(SYS_mkdirat, at, name, mode);
	if (rc == 0)
		record_name(POWER_MKDIR, path, NULL, 0, 0, true);
	return rc;
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}
