/*
 * Three real computers and a real branch, on a disk: what test_fleet_random.c
 * and test_hand_random.c do things to. All of it lies in one folder, of which a
 * failed test says where it is. A computer that is not there yet has no home.
 */
#ifndef FLEET_FIXTURE_H
#define FLEET_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "trine/cycle.h"
#include "trine/list.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { COMPUTERS = 3 };
enum { START = 1800000000 };	/* the clock is ours; files get its times */

struct machine {
	char dir[64];
	struct home *home;
	struct disk disk;
	struct remote *remote;
	unsigned clones;	/* set up so often */
	bool dirty;		/* something was written since its last cycle */
	char open[48];		/* a stream open in an editor, and its text there */
	struct buf buffer;
};

static struct {
	char hub_path[64];
	struct repo *hub;
	struct machine machine[COMPUTERS];
	struct list script;
} w;

static char root[40];		/* the folder of all that */
static uint64_t seed;
static struct chance chance;
static struct clock clock_;
static struct error err;

/* --- chance, time, and what was done --- */

static int64_t our_now(struct clock *clock) { return START + clock->offset; }
static int64_t our_steady(struct clock *clock) { return clock->offset * 1000; }
static void no_sleep(struct clock *clock, int64_t ms) { (void)clock; (void)ms; }

static int any_below(int bound)
{
	return (int)chance_below(&chance, (uint64_t)bound);
}

static int another_than(int n)
{
	int other;

	do {
		other = (n + 1 + any_below(COMPUTERS - 1)) % COMPUTERS;
	} while (w.machine[other].home == NULL);
	return other;
}

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	list_add(&w.script, line.data);
	buf_release(&line);
}

static void give_up(const char *fmt, ...) __attribute__((format(printf, 1, 2),
							 noreturn));
static void give_up(const char *fmt, ...)
{
	struct buf why = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < w.script.count; i++)
		print_message("  %zu. %s\n", i + 1, w.script.item[i]);
	print_message("left in %s\n", root);
	fail_msg("TRINE_TEST_SEED=%llu: %s", (unsigned long long)seed, why.data);
	abort();
}

#define OK(call) do {							\
	if ((call) != 0)						\
		give_up("%s: %s", #call, err.text);			\
} while (0)

/* --- desks --- */

static char *desk_path(int n, const char *path)
{
	return xasprintf("%s/coordination/%s", w.machine[n].dir, path);
}

static inline void put(int n, const char *path, struct span bytes)
{
	char *full = desk_path(n, path), *folder = xstrdup(full);
	struct timespec time[2] = { { .tv_sec = our_now(&clock_) - 100 } };

	*strrchr(folder, '/') = '\0';
	time[1] = time[0];
	OK(file_mkdir(folder, 0755, &err));
	OK(file_write(full, bytes, 0644, &err));
	OK(utimensat(AT_FDCWD, full, time, 0));
	w.machine[n].dirty = true;
	free(full);
	free(folder);
}

static inline bool get(int n, const char *path, struct buf *out)
{
	char *full = desk_path(n, path);
	bool there = file_read(full, LIMIT_FILE, out, NULL, &err) == 0;

	free(full);
	return there;
}

/* --- cycles --- */

struct meanwhile {
	int n;			/* whose cycle */
	void (*act)(int n);	/* right before its push */
};

static int kill_at;		/* checkpoint of the next cycle; 0: none */

static void at_checkpoint(void *arg, const char *name)
{
	struct meanwhile *m = arg;
	void (*act)(int n) = m->act;

	if (kill_at > 0 && --kill_at == 0)
		_exit(0);

	if (act == NULL || strcmp(name, "before push") != 0)
		return;
	m->act = NULL;
	act(m->n);
}

static void run_cycle(int n, bool online, void (*act)(int n),
		      struct report *report)
{
	static const struct cycle_options options = { .version = "0" };
	struct machine *machine = &w.machine[n];
	struct meanwhile meanwhile = { n, act };
	struct cycle_world world = { .clock = &clock_, .chance = &chance,
		.disk = &machine->disk, .checkpoint = at_checkpoint,
		.remote = online ? machine->remote : NULL, .arg = &meanwhile,
		.portion = any_below(6) ? 0 : 1 + (unsigned)any_below(3) };
	bool busy = false;

	machine->dirty = false;
	OK(cycle_run(machine->home, &world, &options, report, &busy, &err));
	if (busy)
		give_up("a lock was left");
}

static void sync_one(int n)
{
	struct report report = { 0 };

	note("sync %d", n + 1);
	run_cycle(n, true, NULL, &report);
}

static inline void sync_offline(int n)
{
	struct report report = { 0 };

	note("sync %d, offline", n + 1);
	run_cycle(n, false, NULL, &report);
}

/* In a process of its own; files are all that is left of it. */
static inline void sync_killed(int n)
{
	struct machine *m = &w.machine[n];
	struct report report = { 0 };
	bool online = any_below(4) > 0;
	int at = 1 + any_below(24), status;
	pid_t pid;

	note("sync %d%s, killed at checkpoint %d", n + 1,
	     online ? "" : ", offline", at);
	home_close(m->home);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		OK(home_open(&m->home, m->dir, &clock_, &err));
		kill_at = at;
		run_cycle(n, online, NULL, &report);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		give_up("the cycle failed");
	OK(home_open(&m->home, m->dir, &clock_, &err));
}

static void overtake(int n)
{
	note("  before its push:");
	sync_one(another_than(n));
}

static inline void sync_overtaken(int n)
{
	struct report report = { 0 };

	note("sync %d", n + 1);
	run_cycle(n, true, overtake, &report);
}

/* --- a fleet --- */

static void make_root(void)
{
	assert_int_equal(scratch_make(root, sizeof(root), "random"), 0);
}

/* ALL_START "-": one of those with which it began; else the tip it joins at. */
static void make_machine(int n, const char *why, const char *all_start)
{
	struct machine *m = &w.machine[n];
	struct init_options o = { .dir = m->dir, .number = n + 1,
		.url = w.hub_path, .branch = "main", .why = why,
		.template = strcmp(all_start, "-") == 0, .all_start = all_start };
	char *desk;

	buf_init(&m->buffer);
	snprintf(m->dir, sizeof(m->dir), "%s/%d", root, n + 1);
	snprintf(o.clone, CLONE_ID, "%08x",
		 (unsigned)(n + 1) << 28 | m->clones++);
	OK(home_init(&o, &clock_, &err));
	OK(home_open(&m->home, m->dir, &clock_, &err));
	OK(remote_open(&m->remote, w.hub_path, NULL, &clock_, 20000, &err));
	desk = xasprintf("%s/coordination", m->dir);
	disk_open(&m->disk, desk);
	free(desk);
}

static void make_hub(void)
{
	memset(&w, 0, sizeof(w));
	make_root();
	snprintf(w.hub_path, sizeof(w.hub_path), "%s/hub.git", root);
	OK(repo_open(&w.hub, w.hub_path, &err));
	clock_ = (struct clock){ .now = our_now, .steady = our_steady, .sleep = no_sleep };
}

static int remove_entry(const char *path)
{
	struct list names = LIST_INIT;
	struct stat info;

	if (lstat(path, &info) == -1)
		return -1;
	if (S_ISDIR(info.st_mode)) {
		file_list(path, &names, &err);
		for (size_t i = 0; i < names.count; i++) {
			char *below = xasprintf("%s/%s", path, names.item[i]);

			remove_entry(below);
			free(below);
		}
		list_release(&names);
	}
	return remove(path);
}

static void end_machine(int n)
{
	struct machine *m = &w.machine[n];

	if (m->home == NULL)
		return;
	m->remote->free(m->remote);
	disk_close(&m->disk);
	home_close(m->home);
	buf_release(&m->buffer);
	m->home = NULL;
}

static void end_fleet(void)
{
	for (int n = 0; n < COMPUTERS; n++)
		end_machine(n);
	repo_close(w.hub);
	list_release(&w.script);
	remove_entry(root);
}

#endif
