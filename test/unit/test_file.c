/* Files: reads, durable writes, exchange, removal, locks; and the real desk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/sys/sys.h"
#include "trine/clock.h"
#include "trine/disk.h"
#include "trine/file.h"
#include "trine/limits.h"
#include "trine/mem.h"

static struct error err;
static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	error_clear(&err);
	snprintf(dir, sizeof(dir), "/tmp/trine-file-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	char command[192];

	(void)state;
	snprintf(command, sizeof(command), "chmod -R u+rwx %s; rm -rf %s", dir,
		 dir);
	return system(command) == 0 ? 0 : -1;
}

/* A path in the test's folder; a ring, so that several live at once. */
static const char *in(const char *name)
{
	static char ring[8][256];
	static int next;
	char *path = ring[next++ % 8];

	snprintf(path, sizeof(ring[0]), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void assert_holds(const char *path, const char *text)
{
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, 1000, &b, NULL, &err), 0);
	assert_string_equal(b.data, text);
	buf_release(&b);
}

static size_t files_here(void)
{
	struct list names = LIST_INIT;
	size_t count;

	assert_int_equal(file_list(dir, &names, &err), 0);
	count = names.count;
	list_release(&names);
	return count;
}

static void test_read(void **state)
{
	struct file_info info;
	struct buf b = BUF_INIT;

	(void)state;
	put("a", "hello");
	assert_int_equal(file_read(in("a"), 5, &b, &info, &err), 0);
	assert_string_equal(b.data, "hello");
	assert_int_equal(info.size, 5);
	assert_true(info.regular);
	assert_int_equal(file_read(in("a"), 4, &b, &info, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(b.len, 0);
	assert_int_equal(file_read(in("none"), 4, &b, &info, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	put("empty", "");
	assert_int_equal(file_read(in("empty"), 0, &b, &info, &err), 0);
	buf_release(&b);
}

/* What tells two versions of a file apart. */
static void test_facts(void **state)
{
	struct timespec old[2] = { { .tv_sec = 1600000000, .tv_nsec = 5 },
				   { .tv_sec = 1600000000, .tv_nsec = 5 } };
	struct file_info info, read;
	struct buf b = BUF_INIT;
	struct stat st;

	(void)state;
	put("a", "hello");
	assert_int_equal(utimensat(AT_FDCWD, in("a"), old, 0), 0);
	assert_int_equal(stat(in("a"), &st), 0);
	assert_int_equal(file_stat(in("a"), &info, &err), 0);
	assert_int_equal(info.mtime, 1600000000);
	assert_int_equal(info.ctime, st.st_ctime);
	assert_true(info.ctime > info.mtime);
	assert_int_equal(info.inode, st.st_ino);
	assert_int_equal(info.device, st.st_dev);
	assert_int_equal(file_read(in("a"), 5, &b, &read, &err), 0);
	assert_int_equal(read.mtime_ns, info.mtime_ns);
	assert_int_equal(read.ctime, info.ctime);
	assert_int_equal(read.ctime_ns, info.ctime_ns);
	assert_int_equal(read.inode, info.inode);
	assert_int_equal(read.device, info.device);
	buf_release(&b);
}

/* None of these may block, and none may be taken for text. */
static void test_read_oddities(void **state)
{
	static const char *const odd[] = { "link", "dangling", "fifo", "dir" };
	struct buf b = BUF_INIT;

	(void)state;
	put("a", "hello");
	assert_int_equal(symlink("a", in("link")), 0);
	assert_int_equal(symlink("nowhere", in("dangling")), 0);
	assert_int_equal(mkfifo(in("fifo"), 0600), 0);
	assert_int_equal(mkdir(in("dir"), 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		assert_int_equal(file_read(in(odd[i]), 100, &b, NULL, &err), -1);
		assert_int_equal(err.code, ERR_DATA);
	}
	assert_int_equal(file_read("/dev/zero", 100, &b, NULL, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	buf_release(&b);
}

static int join(void *arg, struct span piece)
{
	struct buf *b = arg;

	buf_add(b, piece.p, piece.len);
	return b->len > 40 * 1000;
}

static void test_scan(void **state)
{
	struct buf large = BUF_INIT, b = BUF_INIT;

	(void)state;
	while (large.len < 30 * 1000)
		buf_printf(&large, "%zu ", large.len);
	put("a", large.data);
	assert_int_equal(file_scan(in("a"), join, &b, &err), 0);
	assert_string_equal(b.data, large.data);
	assert_int_equal(file_scan(in("a"), join, &b, &err), 1);
	put("empty", "");
	buf_reset(&b);
	assert_int_equal(file_scan(in("empty"), join, &b, &err), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(file_scan(in("none"), join, &b, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_int_equal(mkfifo(in("fifo"), 0600), 0);
	assert_int_equal(file_scan(in("fifo"), join, &b, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	buf_release(&large);
	buf_release(&b);
}

static void test_write(void **state)
{
	struct file_info info;
	struct stat st;

	(void)state;
	assert_int_equal(file_write(in("a"), span_str("one"), 0600, &err), 0);
	assert_holds(in("a"), "one");
	assert_int_equal(stat(in("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_write(in("a"), span_str("two"), 0600, &err), 0);
	assert_holds(in("a"), "two");
	assert_int_equal(files_here(), 1);
	assert_int_equal(file_write(in("x/y"), span_str("z"), 0600, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	/* a link is replaced, not written through */
	assert_int_equal(symlink("a", in("link")), 0);
	assert_int_equal(file_write(in("link"), span_str("3"), 0600, &err), 0);
	assert_int_equal(file_stat(in("link"), &info, &err), 0);
	assert_true(info.regular);
	assert_holds(in("a"), "two");
}

static void test_mkdir(void **state)
{
	(void)state;
	assert_int_equal(file_mkdir(in("a/b/c"), 0700, &err), 0);
	assert_int_equal(file_mkdir(in("a/b/c"), 0700, &err), 0);
	assert_int_equal(file_mkdir("/", 0700, &err), 0);
	put("f", "");
	assert_int_equal(file_mkdir(in("f"), 0700, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_int_equal(file_mkdir(in("f/g"), 0700, &err), -1);
	assert_true(file_owned_by_us(in("a")));
	assert_false(file_owned_by_us(in("none")));
}

static void test_list(void **state)
{
	struct list names = LIST_INIT;

	(void)state;
	put("b", "");
	put("a", "");
	put(".c", "");
	assert_int_equal(file_list(dir, &names, &err), 0);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.item[0], ".c");
	assert_string_equal(names.item[1], "a");
	list_release(&names);
	assert_int_equal(file_list(in("none"), &names, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
}

static const struct exchange_row {
	const char *before;	/* NULL: no file */
	const char *expected;	/* NULL: none */
	bool kept;
} exchange_rows[] = {
	{ NULL, NULL, false },
	{ "old", "old", false },
	{ "", "", false },
	{ "older", "old", true },
	{ "old", "older", true },
	{ "old", "", true },
	{ "old", NULL, true },
	{ "", NULL, true },
	{ NULL, "old", false },
};

static void check_exchange(const struct exchange_row *row)
{
	struct span expected = { NULL, 0 };
	char *kept, *name;

	if (row->before != NULL)
		put("f", row->before);
	if (row->expected != NULL)
		expected = span_str(row->expected);
	assert_int_equal(file_exchange(in("f"), span_str("new"), expected, NULL,
				       &kept, &err), 0);
	assert_holds(in("f"), "new");
	assert_int_equal(kept != NULL, row->kept);
	assert_int_equal(files_here(), row->kept ? 2 : 1);
	if (kept != NULL) {
		assert_holds(kept, row->before);
		name = file_left_of(strrchr(kept, '/') + 1);
		assert_string_equal(name, "f");
		free(name);
		unlink(kept);
	}
	free(kept);
	unlink(in("f"));
}

static void test_exchange(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(exchange_rows); i++)
		check_exchange(&exchange_rows[i]);
}

/* A folder or a link in the way comes out whole. */
static void test_exchange_oddities(void **state)
{
	struct file_info info;
	char *kept;

	(void)state;
	assert_int_equal(file_mkdir(in("f/sub"), 0700, &err), 0);
	assert_int_equal(file_exchange(in("f"), span_str("new"), span_str(""),
				       NULL, &kept, &err), 0);
	assert_holds(in("f"), "new");
	assert_int_equal(file_stat(kept, &info, &err), 0);
	assert_true(info.directory);
	free(kept);
	unlink(in("f"));
	put("target", "new");
	assert_int_equal(symlink("target", in("f")), 0);
	assert_int_equal(file_exchange(in("f"), span_str("x"), span_str("new"),
				       NULL, &kept, &err), 0);
	assert_holds(in("target"), "new");
	assert_int_equal(file_stat(kept, &info, &err), 0);
	assert_true(info.symlink);
	free(kept);
}

static void test_exchange_by_names(void **state)
{
	struct span new = span_str("new");
	char *ready, *out;

	(void)state;
	for (int there = 0; there < 2; there++) {
		if (there)
			put("f", "old");
		ready = write_aside(in("f"), new, 0600, &err);
		assert_non_null(ready);
		assert_int_equal(exchange_by_names(in("f"), ready, new, &out,
						   &err), 0);
		assert_holds(in("f"), "new");
		assert_int_equal(file_exists(ready), 0);
		assert_int_equal(out != NULL, there);
		if (out != NULL)
			assert_holds(out, "old");
		free(ready);
		free(out);
		unlink(in("f"));
	}
}

/* A writer that replaces the file by rename all the time, as editors do: each
 * of its versions is either still there, or was expected, or is kept. */
static void hammer(void)
{
	for (int i = 0; i < 300; i++) {
		char text[16];

		snprintf(text, sizeof(text), "v%d", i);
		while (file_exists(in("f")))
			usleep(50);
		if (link(in("tmp"), in("f")) == 0)
			continue;
	}
	_exit(0);
}

static void test_exchange_race(void **state)
{
	int status, replaced = 0, found = 0;
	struct list names = LIST_INIT;
	pid_t pid;

	(void)state;
	put("tmp", "theirs");
	pid = fork();
	if (pid == 0)
		hammer();
	while (waitpid(pid, &status, WNOHANG) == 0) {
		char *kept = NULL;

		if (file_exchange(in("f"), span_str("ours"), span_str("ours"),
				  NULL, &kept, &err) == 0 && kept != NULL)
			replaced++;
		free(kept);
		unlink(in("f"));
	}
	assert_int_equal(file_list(dir, &names, &err), 0);
	for (size_t i = 0; i < names.count; i++)
		if (names.item[i][0] == '.') {
			assert_holds(in(names.item[i]), "theirs");
			found++;
		}
	list_release(&names);
	assert_int_equal(found, replaced);
}

static void test_left_of(void **state)
{
	static const struct { const char *name, *of; } rows[] = {
		{ ".a.md.trine-0123abcd", "a.md" },
		{ ".a.md.trine-0123abcd.part", "a.md" },
		{ ".part", NULL },
		{ ".a.trine-b.trine-0123abcd", "a.trine-b" },
		{ "a.md.trine-0123abcd", NULL },
		{ ".a.md.trine-0123abc", NULL },
		{ ".a.md.trine-0123abcg", NULL },
		{ ".trine-0123abcd", NULL },
		{ ".trine", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *of = file_left_of(rows[i].name);

		if (rows[i].of == NULL)
			assert_null(of);
		else
			assert_string_equal(of, rows[i].of);
		free(of);
	}
}

static void test_sweep(void **state)
{
	(void)state;
	put("f", "whole");
	put(".f.trine-0123abcd", "never put into place");
	put(".f.trine-89abcdef.part", "hal");
	put(".g.trine-0123abcd", "of another file");
	put(".f.trine-0123abc", "no name of ours");
	assert_int_equal(file_sweep(in("f"), &err), 0);
	assert_holds(in("f"), "whole");
	assert_false(file_exists(in(".f.trine-0123abcd")));
	assert_false(file_exists(in(".f.trine-89abcdef.part")));
	assert_true(file_exists(in(".g.trine-0123abcd")));
	assert_true(file_exists(in(".f.trine-0123abc")));
}

static void test_touch(void **state)
{
	(void)state;
	assert_int_equal(file_touch(in("f"), 0600, &err), 0);
	assert_holds(in("f"), "");
	put("f", "there");
	assert_int_equal(file_touch(in("f"), 0600, &err), 0);
	assert_holds(in("f"), "there");
	assert_int_equal(file_touch(in("no/f"), 0600, &err), -1);
}

static void test_remove_tree(void **state)
{
	(void)state;
	assert_int_equal(file_mkdir(in("d/e/f"), 0700, &err), 0);
	assert_int_equal(file_mkdir(in("other"), 0700, &err), 0);
	put("d/e/f/g", "deep");
	put("d/h", "file");
	put("other/stays", "x");
	assert_int_equal(symlink("../../other", in("d/e/link")), 0);
	assert_int_equal(file_remove_tree(in("d"), &err), 0);
	assert_false(file_exists(in("d")));
	assert_true(file_exists(in("other/stays")));
	assert_int_equal(file_remove_tree(in("d"), &err), 0);
	assert_int_equal(file_remove_tree(in("other/stays"), &err), 0);
	assert_false(file_exists(in("other/stays")));
}

static void test_remove_if(void **state)
{
	bool removed;

	(void)state;
	put("f", "old");
	assert_int_equal(file_remove_if(in("f"), span_str("ol"), NULL,
					&removed, &err), 0);
	assert_false(removed);
	assert_holds(in("f"), "old");
	assert_int_equal(file_remove_if(in("f"), span_str("old"), NULL,
					&removed, &err), 0);
	assert_true(removed);
	assert_false(file_exists(in("f")));
	assert_int_equal(file_remove_if(in("f"), span_str("old"), NULL,
					&removed, &err), 0);
	assert_true(removed);
	assert_int_equal(mkdir(in("d"), 0700), 0);
	assert_int_equal(file_remove_if(in("d"), span_str(""), NULL,
					&removed, &err), 0);
	assert_false(removed);
	assert_int_equal(files_here(), 1);
	assert_int_equal(file_remove(in("none"), &err), 0);
}

/* Whoever has it open goes on there; where it cannot be, it is gone. */
static void test_remove_if_aside(void **state)
{
	bool removed;
	int fd;

	(void)state;
	put("f", "old");
	fd = open(in("f"), O_WRONLY | O_APPEND);
	assert_int_not_equal(fd, -1);
	assert_int_equal(file_remove_if(in("f"), span_str("ol"), in("out"),
					&removed, &err), 0);
	assert_false(removed);
	assert_false(file_exists(in("out")));
	assert_int_equal(file_remove_if(in("f"), span_str("old"), in("out"),
					&removed, &err), 0);
	assert_true(removed);
	assert_false(file_exists(in("f")));
	assert_int_equal(write(fd, " and more", 9), 9);
	assert_int_equal(close(fd), 0);
	assert_holds(in("out"), "old and more");
	put("f", "old");
	assert_int_equal(file_remove_if(in("f"), span_str("old"), in("none/out"),
					&removed, &err), 0);
	assert_true(removed);
	assert_int_equal(files_here(), 1);
}

static void test_append(void **state)
{
	int fd = open(in("log"), O_RDWR | O_CREAT | O_APPEND, 0600);
	struct rlimit limit = { 10, RLIM_INFINITY };

	(void)state;
	assert_int_equal(file_append(fd, span_str("one\n"), &err), 0);
	assert_int_equal(file_append(fd, span_str("two\n"), &err), 0);
	assert_holds(in("log"), "one\ntwo\n");
	/* a disk that is full in the middle of a line */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(file_append(fd, span_str("three\n"), &err), -1);
	assert_int_equal(err.code, ERR_IO);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_holds(in("log"), "one\ntwo\n");
	close(fd);
}

static void hold_lock(int ready, int seconds)
{
	struct error e = ERROR_INIT;

	if (file_lock(in("lock"), 0, &e) == -1 || write(ready, "", 1) != 1)
		_exit(1);
	sleep((unsigned)seconds);
	_exit(0);
}

static void test_lock(void **state)
{
	int ends[2], fd, status;
	struct clock clock;
	int64_t start;
	char text[32];
	pid_t pid;

	(void)state;
	clock_system(&clock);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		hold_lock(ends[1], 30);
	assert_int_equal(read(ends[0], text, 1), 1);
	snprintf(text, sizeof(text), "pid %d", (int)pid);
	assert_int_equal(file_lock(in("lock"), 0, &err), -1);
	assert_int_equal(err.code, ERR_AGAIN);
	assert_non_null(strstr(err.text, text));
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	assert_holds(in("lock"), text);
	start = clock.steady(&clock);
	assert_int_equal(file_lock(in("lock"), 100, &err), -1);
	assert_in_range(clock.steady(&clock) - start, 100, 1000);
	assert_true(file_is_locked(in("lock")));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(file_is_locked(in("lock")));
	assert_false(file_is_locked(in("none")));
	fd = file_lock(in("lock"), 0, &err);
	assert_true(fd >= 0);
	file_unlock(fd);
	fd = file_lock(in("lock"), -1, &err);
	assert_true(fd >= 0);
	file_unlock(fd);
	assert_int_equal(file_lock(in("no/lock"), 0, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	close(ends[0]);
	close(ends[1]);
}

static void test_chance(void **state)
{
	struct chance a, b;
	int seen[7] = { 0 };

	(void)state;
	chance_seeded(&a, 7);
	chance_seeded(&b, 7);
	for (int i = 0; i < 1000; i++) {
		uint64_t value = chance_below(&a, 7);

		assert_int_equal(value, chance_below(&b, 7));
		assert_in_range(value, 0, 6);
		seen[value]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 90, 200);
	assert_int_equal(chance_below(&a, 1), 0);
	/* the published first output of splitmix64 for the seed 0 */
	chance_seeded(&a, 0);
	assert_true(a.next(&a) == 0xe220a8397b1dcdafu);
	chance_system(&a);
	assert_true(a.next(&a) != a.next(&a));
}

static int collect(void *arg, const char *path, const struct file_info *info)
{
	buf_printf(arg, "%s%s ", path,
		   info->symlink ? "@" : info->directory ? "/" : "");
	return 0;
}

static bool is_file(void *arg, const char *path, const struct file_info *info)
{
	(void)arg;
	(void)path;
	return info->regular;
}

static void test_disk_list(void **state)
{
	struct buf b = BUF_INIT;
	struct disk disk;

	(void)state;
	disk_open(&disk, dir);
	assert_int_equal(file_mkdir(in("a/b/c/d/e/f"), 0700, &err), 0);
	assert_int_equal(file_mkdir(in(".git/x"), 0700, &err), 0);
	put("a.md", "");
	put("a/z.md", "");
	put("a/b/c/d/e/deep.md", "");
	put("a/b/c/d/e/f/deeper.md", "");
	assert_int_equal(symlink("a", in("link")), 0);
	assert_int_equal(disk.list(&disk, NULL, collect, &b, &err), 0);
	assert_string_equal(b.data, ".git/ a.md a/b/c/d/e/deep.md "
			    "a/b/c/d/e/f/ a/z.md link@ ");
	buf_release(&b);
	assert_int_equal(disk.list(&disk, is_file, collect, &b, &err), 0);
	assert_string_equal(b.data, "a.md a/b/c/d/e/deep.md a/z.md ");
	buf_release(&b);
	disk_close(&disk);
	disk_open(&disk, in("none"));
	assert_int_equal(disk.list(&disk, NULL, collect, &b, &err), -1);
	assert_int_equal(err.code, ERR_NOTFOUND);
	disk_close(&disk);
}

static void test_disk_stays_inside(void **state)
{
	struct span none = { NULL, 0 };
	struct buf b = BUF_INIT;
	struct disk disk;
	bool removed;
	char *kept;

	(void)state;
	assert_int_equal(file_mkdir(in("desk"), 0700, &err), 0);
	assert_int_equal(file_mkdir(in("out"), 0700, &err), 0);
	put("out/a.md", "secret");
	assert_int_equal(symlink("../out", in("desk/way")), 0);
	disk_open(&disk, in("desk"));
	assert_int_equal(disk.read(&disk, "way/a.md", &b, NULL, &err), -1);
	assert_int_equal(disk.replace(&disk, "way/a.md", span_str("x"), none,
				      &kept, &err), -1);
	assert_int_equal(disk.remove(&disk, "way/a.md", span_str("secret"),
				     &removed, &err), -1);
	assert_int_equal(err.code, ERR_DATA);
	assert_holds(in("out/a.md"), "secret");
	assert_int_equal(disk.replace(&disk, "m/a.md", span_str("x"), none,
				      &kept, &err), 0);
	assert_null(kept);
	assert_int_equal(disk.replace(&disk, "m/a.md", span_str("y"), none,
				      &kept, &err), 0);
	assert_int_equal(disk.read(&disk, kept, &b, NULL, &err), 0);
	assert_string_equal(b.data, "x");
	assert_int_equal(disk.remove(&disk, "m/a.md", span_str("y"), &removed,
				     &err), 0);
	assert_true(removed);
	free(kept);
	buf_release(&b);
	disk_close(&disk);
}

/* What comes out is kept for whoever has it open, and its name says what it was. */
static void test_disk_keeps(void **state)
{
	struct list names = LIST_INIT;
	struct buf b = BUF_INIT;
	char blob[41], *kept, *path, *as;
	struct disk disk;
	FILE *held;

	(void)state;
	assert_int_equal(file_mkdir(in("desk/m"), 0700, &err), 0);
	put("desk/m/100%.md", "x");
	held = fopen(in("desk/m/100%.md"), "a");
	assert_non_null(held);
	disk_open(&disk, in("desk"));
	disk_keep(&disk, in("out"));
	assert_int_equal(disk.replace(&disk, "m/100%.md", span_str("y"), span_str("x"),
				      &kept, &err), 0);
	assert_null(kept);
	assert_int_equal(disk.replace(&disk, "m/new.md", span_str("y"),
				      (struct span){ NULL, 0 }, &kept, &err), 0);
	fputs(" and more", held);
	fclose(held);
	assert_int_equal(file_list(in("out"), &names, &err), 0);
	assert_int_equal(names.count, 1);
	assert_true(disk_kept(names.item[0], blob, &path));
	assert_string_equal(path, "m/100%.md");
	assert_string_equal(blob, "c1b0730e0133447badcfd47fd144e254807b06e1");
	free(path);
	as = xasprintf("out/%s", names.item[0]);
	assert_int_equal(file_read(in(as), 100, &b, NULL, &err), 0);
	assert_string_equal(b.data, "x and more");
	assert_false(disk_kept("c1b0730e-0-m%2Fa.md", blob, &path));
	free(as);
	buf_release(&b);
	list_release(&names);
	disk_close(&disk);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(test_read),
		IN_DIR(test_facts),
		IN_DIR(test_read_oddities),
		IN_DIR(test_scan),
		IN_DIR(test_write),
		IN_DIR(test_mkdir),
		IN_DIR(test_list),
		IN_DIR(test_exchange),
		IN_DIR(test_exchange_oddities),
		IN_DIR(test_exchange_by_names),
		IN_DIR(test_exchange_race),
		cmocka_unit_test(test_left_of),
		IN_DIR(test_sweep),
		IN_DIR(test_touch),
		IN_DIR(test_remove_tree),
		IN_DIR(test_remove_if),
		IN_DIR(test_remove_if_aside),
		IN_DIR(test_append),
		IN_DIR(test_lock),
		cmocka_unit_test(test_chance),
		IN_DIR(test_disk_list),
		IN_DIR(test_disk_stays_inside),
		IN_DIR(test_disk_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
