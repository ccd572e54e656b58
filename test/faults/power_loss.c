/*
 * power_loss JOURNAL SEED [-v]: the power of a computer went, and came again
 * (power.h). Of the changes in its journal that nothing had made durable, some
 * are taken back, chosen by SEED (-v names them); then the journal is empty.
 *
 * power_loss JOURNAL pending: only say what is not durable.
 *
 * How: all changes since the first lost one are taken back, newest first; then
 * those that are not lost are made again, oldest first.
 */
#include "power.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 3, SECTOR = 512 };

enum fate { PENDING, DURABLE, DOOMED };

struct change {
	struct power_change c;
	const char *path, *to;
	const char *old, *new;
	enum fate fate;
	bool lost;
	uint64_t survives;	/* bytes of a lost write */
};

static const char *journal;
static struct change *changes;
static size_t count;
static bool verbose;

static void die(const char *what)
{
	fprintf(stderr, "power_loss: %s: %s\n", what, strerror(errno));
	exit(70);
}

/* ---- reading the journal ---- */

static char *in_journal(const char *name, uint64_t number)
{
	char *out;

	if (asprintf(&out, "%s/%s/%llu", journal, name,
		     (unsigned long long)number) < 0)
		die("no memory");
	return out;
}

static char *read_log(size_t *len)
{
	char path[PATH_MAX], *bytes;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/log", journal);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		*len = 0;
		return NULL;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		die(path);
	*len = (size_t)st.st_size;
	bytes = malloc(*len + 1);
	if (bytes == NULL || read(fd, bytes, *len) != (ssize_t)*len)
		die(path);
	close(fd);
	return bytes;
}

static const char *take(const char *bytes, size_t len, size_t *at, uint64_t want)
{
	const char *out = bytes + *at;

	if (want > len - *at)
		die("the journal ends in the middle of a change");
	*at += want;
	return out;
}

static void read_changes(const char *bytes, size_t len)
{
	for (size_t at = 0; at < len; count++) {
		struct change one = { .fate = PENDING };

		memcpy(&one.c, take(bytes, len, &at, sizeof(one.c)),
		       sizeof(one.c));
		one.path = take(bytes, len, &at, one.c.path_len);
		one.to = take(bytes, len, &at, one.c.to_len);
		one.old = take(bytes, len, &at, one.c.old_len);
		one.new = take(bytes, len, &at, one.c.new_len);
		changes = realloc(changes, (count + 1) * sizeof(*changes));
		if (changes == NULL)
			die("no memory");
		changes[count] = one;
	}
}

/* ---- what is durable ---- */

static bool is_data(const struct change *c)
{
	return c->c.kind == POWER_WRITE || c->c.kind == POWER_SIZE;
}

static bool is_name(const struct change *c)
{
	return c->c.kind >= POWER_CREATE && c->c.kind <= POWER_RMDIR;
}

/* Is the name that C makes or takes away in FOLDER? */
static bool is_in(const struct change *c, const char *folder)
{
	const char *path = c->c.to_len > 0 ? c->to : c->path;
	const char *slash = strrchr(path, '/');
	size_t len = strlen(folder);

	return (size_t)(slash - path) == len && memcmp(path, folder, len) == 0;
}

static void apply_sync(size_t at)
{
	const struct change *sync = &changes[at];

	for (size_t i = 0; i < at; i++) {
		struct change *c = &changes[i];
		bool covered = sync->c.kind == POWER_SYNC_FOLDER ?
			       is_name(c) && is_in(c, sync->path) :
			       is_data(c) && c->c.file == sync->c.file;

		if (covered && c->fate == PENDING)
			c->fate = sync->c.kind == POWER_SYNC_FAILED ? DOOMED
								    : DURABLE;
	}
}

/* ---- what is lost ---- */

static uint64_t state;

static uint64_t chance(uint64_t bound)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % bound;
}

/* Of a write, whole sectors may have reached the disk. */
static void lose(struct change *c)
{
	uint64_t sectors = c->c.new_len / SECTOR;

	c->lost = true;
	if (c->c.kind == POWER_WRITE && sectors > 0 && chance(3) == 0) {
		uint64_t end = c->c.offset + SECTOR * chance(sectors + 1);

		end -= end % SECTOR;
		c->survives = end > c->c.offset ? end - c->c.offset : 0;
	}
}

/* The K-th that may still be lost, among names or data. */
static size_t candidates(bool (*what)(const struct change *), size_t k,
			 struct change **out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (what(&changes[i]) && changes[i].fate == PENDING &&
		    !changes[i].lost && n++ == k)
			*out = &changes[i];
	return n;
}

static void lose_one(void)
{
	bool (*what)(const struct change *) = chance(2) ? is_name : is_data;
	struct change *c = NULL;
	size_t n = candidates(what, 0, &c);

	if (n == 0) {
		what = what == is_name ? is_data : is_name;
		n = candidates(what, 0, &c);
	}
	if (n == 0)
		return;
	candidates(what, chance(n), &c);
	lose(c);
}

static bool may_go(const struct change *c)
{
	return (is_data(c) || is_name(c)) && c->fate == PENDING;
}

static void choose(uint64_t seed)
{
	state = seed;
	for (size_t i = 0; i < count; i++)
		if (changes[i].fate == DOOMED)
			changes[i].lost = true;
	if (chance(4) == 0) {
		for (size_t i = 0; i < count; i++)
			if (may_go(&changes[i]))
				changes[i].lost = true;
		return;
	}
	for (uint64_t n = 1 + chance(MOST); n > 0; n--)
		lose_one();
}

/* ---- taking back, making again ---- */

static void set_data(const struct change *c, const char *bytes, uint64_t len,
		     uint64_t offset, int64_t size)
{
	char *kept = in_journal("keep", c->c.file);
	int fd;

	chmod(kept, 0600);	/* git's objects are read-only */
	fd = open(kept, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die(kept);
	if (pwrite(fd, bytes, len, (off_t)offset) != (ssize_t)len ||
	    (size >= 0 && ftruncate(fd, (off_t)size) < 0))
		die(kept);
	close(fd);
	free(kept);
}

static uint64_t file_at(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

/* PATH is FILE, or nothing; where its folder is gone, it is not. */
static void place(const char *path, uint64_t file)
{
	char *kept;

	if (file_at(path) == file)
		return;
	if (unlink(path) < 0 && errno == EISDIR)
		return;
	if (file == 0)
		return;
	kept = in_journal("keep", file);
	if (link(kept, path) < 0 && errno != ENOENT && errno != ENOTDIR)
		die(path);
	free(kept);
}

static void move_folder(const char *from, const char *to)
{
	if (rename(from, to) < 0 && errno != ENOENT && errno != ENOTDIR)
		die(from);
}

static void take_back(size_t at)
{
	const struct change *c = &changes[at];
	char *gone;

	switch (c->c.kind) {
	case POWER_WRITE:
		set_data(c, c->old, c->c.old_len, c->c.offset,
			 (int64_t)c->c.size);
		break;
	case POWER_SIZE:
		set_data(c, c->old, c->c.old_len, c->c.offset,
			 (int64_t)c->c.size);
		break;
	case POWER_CREATE:
		place(c->path, 0);
		break;
	case POWER_LINK:
		place(c->to, 0);
		break;
	case POWER_UNLINK:
		place(c->path, c->c.file);
		break;
	case POWER_RENAME:
		if (c->c.folder) {
			move_folder(c->to, c->path);
			break;
		}
		place(c->path, c->c.file);
		place(c->to, c->c.other);
		break;
	case POWER_EXCHANGE:
		place(c->path, c->c.file);
		place(c->to, c->c.other);
		break;
	case POWER_MKDIR:
		gone = in_journal("gone", at);
		move_folder(c->path, gone);
		free(gone);
		break;
	case POWER_RMDIR:
		mkdir(c->path, 0700);
		break;
	}
}

static void make_again(size_t at)
{
	const struct change *c = &changes[at];
	char *gone;

	switch (c->c.kind) {
	case POWER_WRITE:
		set_data(c, c->new, c->c.new_len, c->c.offset, -1);
		break;
	case POWER_SIZE:
		set_data(c, "", 0, 0, (int64_t)c->c.offset);
		break;
	case POWER_CREATE:
		place(c->path, c->c.file);
		break;
	case POWER_LINK:
		place(c->to, c->c.file);
		break;
	case POWER_UNLINK:
		place(c->path, 0);
		break;
	case POWER_RENAME:
		if (c->c.folder) {
			move_folder(c->path, c->to);
			break;
		}
		place(c->path, 0);
		place(c->to, c->c.file);
		break;
	case POWER_EXCHANGE:
		place(c->path, c->c.other);
		place(c->to, c->c.file);
		break;
	case POWER_MKDIR:
		gone = in_journal("gone", at);
		move_folder(gone, c->path);
		free(gone);
		break;
	case POWER_RMDIR:
		rmdir(c->path);
		break;
	}
}

static void say(const char *fate, const struct change *c)
{
	static const char *const words[POWER_KINDS] = {
		[POWER_WRITE] = "write to", [POWER_SIZE] = "new size of",
		[POWER_CREATE] = "creation of", [POWER_LINK] = "link from",
		[POWER_UNLINK] = "removal of", [POWER_RENAME] = "rename of",
		[POWER_EXCHANGE] = "exchange of", [POWER_MKDIR] = "folder",
		[POWER_RMDIR] = "removal of folder",
	};

	printf("%s: %s %s", fate, words[c->c.kind], c->path);
	if (c->c.to_len > 0)
		printf(" to %s", c->to);
	if (c->c.kind == POWER_WRITE)
		printf(", %llu bytes at %llu, of which %llu came",
		       (unsigned long long)c->c.new_len,
		       (unsigned long long)c->c.offset,
		       (unsigned long long)c->survives);
	putchar('\n');
}

static void say_pending(void)
{
	for (size_t i = 0; i < count; i++)
		if (may_go(&changes[i]))
			say("pending", &changes[i]);
}

static void lose_chosen(void)
{
	size_t first = 0;

	while (first < count && !changes[first].lost)
		first++;
	for (size_t i = count; i > first; i--)
		take_back(i - 1);
	for (size_t i = first; i < count; i++) {
		struct change *c = &changes[i];

		if (!c->lost)
			make_again(i);
		else if (c->survives > 0)
			set_data(c, c->new, c->survives, c->c.offset, -1);
		if (c->lost && verbose)
			say("lost", c);
	}
}

/* ---- the journal is empty ---- */

static void remove_below(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char inner[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (unlink(inner) < 0) {
			remove_below(inner);
			rmdir(inner);
		}
	}
	if (dir != NULL)
		closedir(dir);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX], *bytes;
	size_t len;

	if (argc < 3) {
		fputs("usage: power_loss JOURNAL SEED|pending [-v]\n", stderr);
		return 64;
	}
	journal = argv[1];
	verbose = argc > 3;
	bytes = read_log(&len);
	read_changes(bytes, len);
	for (size_t i = 0; i < count; i++)
		if (changes[i].c.kind >= POWER_SYNC_FILE)
			apply_sync(i);
	if (strcmp(argv[2], "pending") == 0) {
		say_pending();
		return 0;
	}
	choose(strtoull(argv[2], NULL, 10));
	snprintf(path, sizeof(path), "%s/gone", journal);
	mkdir(path, 0700);
	lose_chosen();
	free(changes);
	free(bytes);
	remove_below(journal);
	snprintf(path, sizeof(path), "%s/keep", journal);
	mkdir(path, 0700);
	return 0;
}
