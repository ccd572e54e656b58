/*
 * Computers, their clocks and disks, and one cycle of one of them (sim.h). The
 * cycle is trine's own; what it is handed in, is ours.
 */
#include "sim.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_git.h"
#include "mutants.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

/* --- chance, and what is told --- */

int any_below(struct world *w, int bound)
{
	return (int)chance_below(&w->chance, (uint64_t)bound);
}

bool one_in(struct world *w, int bound)
{
	return any_below(w, bound) == 0;
}

int64_t world_now(const struct world *w)
{
	return START + w->time;
}

void tell(struct world *w, const char *fmt, ...)
{
	va_list ap;

	buf_printf(&w->story, "%6zu  ", w->at + 1);
	va_start(ap, fmt);
	buf_vprintf(&w->story, fmt, ap);
	va_end(ap);
	buf_addc(&w->story, '\n');
}

static void set_broken(struct world *w, const char *rule, const char *fmt, va_list ap)
{
	int at = snprintf(w->broken_text, sizeof(w->broken_text), "%s%s", rule,
			  rule[0] != '\0' ? ": " : "");

	vsnprintf(w->broken_text + at, sizeof(w->broken_text) - (size_t)at, fmt, ap);
	w->broken = w->broken_text;
	tell(w, "BROKEN: %s", w->broken);
}

void broken(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->broken != NULL)
		return;
	va_start(ap, fmt);
	set_broken(w, "", fmt, ap);
	va_end(ap);
}

void expect(struct world *w, enum asked rule, bool good, const char *fmt, ...)
{
	va_list ap;

	if (w->broken != NULL)
		return;
	w->covered.asked[rule]++;
	if (good)
		return;
	va_start(ap, fmt);
	set_broken(w, asked_rules[rule], fmt, ap);
	va_end(ap);
}

/* --- who --- */

struct machine *any_machine(struct world *w)
{
	struct machine *living[MACHINES];
	int count = 0;

	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive && !w->machine[i].in_cycle)
			living[count++] = &w->machine[i];
	return living[any_below(w, count)];
}

struct machine *another_machine(struct world *w, const struct machine *m)
{
	struct machine *living[MACHINES];
	int count = 0;

	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive && !w->machine[i].in_cycle &&
		    w->machine[i].number != m->number)
			living[count++] = &w->machine[i];
	return count == 0 ? NULL : living[any_below(w, count)];
}

int another_number(struct world *w, int n)
{
	int there[NUMBERS], count = 0;

	for (int other = 1; other <= w->numbers; other++)
		if (other != n && !w->retired[other])
			there[count++] = other;
	return count == 0 ? 0 : there[any_below(w, count)];
}

/* --- clocks --- */

int64_t machine_now(struct machine *m)
{
	return m->clock.clock.now(&m->clock.clock);
}

static int64_t clock_now(struct clock *clock)
{
	const struct machine_clock *c = (const struct machine_clock *)clock;

	return c->stopped != 0 ? c->stopped : world_now(c->world) + c->skew;
}

static int64_t clock_steady(struct clock *clock)
{
	const struct machine_clock *c = (const struct machine_clock *)clock;

	return (c->world->time - c->booted) * (1000 + c->rate);
}

/* Those of one fleet run apart, by up to 1 %. */
void machine_boot(struct world *w, struct machine *m)
{
	m->clock.boot = ++w->boots;
	m->clock.booted = w->time - 20;
	m->clock.rate = m->index % 3 * 5 - 5;
}

static void clock_sleep(struct clock *clock, int64_t ms)
{
	(void)clock, (void)ms;
}

/* --- kills --- */

void kill_here(struct world *w, const char *name)
{
	if (w->kill_at > 0 && ++w->kill_count == w->kill_at) {
		w->kill_name = name;
		covered_kill(&w->covered, name, w->kill_at);
		longjmp(w->kill_jump, 1);
	}
}

bool log_is_held_at(const char *checkpoint)
{
	static const char *const held[] = { "collect", "receive", "radar", "brought",
					    "backup", "commit object" };

	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		if (strcmp(checkpoint, held[i]) == 0)
			return true;
	return false;
}

void come_between(struct world *w, const char *name)
{
	void (*meanwhile)(struct world *, struct machine *) = w->meanwhile;
	struct machine *m = w->in_cycle;
	int kill_at = w->kill_at, kill_count = w->kill_count;
	bool kill_then = w->kill_then;
	struct home *home = m->home;

	if (meanwhile == NULL || strcmp(name, w->meanwhile_at) != 0)
		return;
	w->meanwhile = NULL;
	w->kill_at = 0;
	if (log_is_held_at(name))
		m->home = NULL;
	meanwhile(w, m);
	m->home = home;
	w->kill_at = kill_then ? 1 : kill_at;
	w->kill_count = kill_then ? 0 : kill_count;
}

void cycle_is_at(struct world *w, const char *name)
{
	come_between(w, name);
	kill_here(w, name);
}

static void checkpoint(void *arg, const char *name)
{
	cycle_is_at(arg, name);
}

/* --- desks --- */

char *desk_path(const struct machine *m, const char *path)
{
	return xasprintf("%s/coordination/%s", m->dir, path);
}

bool desk_get(struct machine *m, const char *path, struct buf *out)
{
	struct error err = ERROR_INIT;
	char *full = desk_path(m, path);
	bool there = file_read(full, LIMIT_FILE, out, NULL, &err) == 0;

	free(full);
	return there;
}

void desk_put(struct world *w, struct machine *m, const char *path,
	      struct span bytes, bool settled)
{
	desk_put_dated(w, m, path, bytes, settled ? 100 : 0);
}

void desk_put_dated(struct world *w, struct machine *m, const char *path,
		    struct span bytes, int64_t age)
{
	char *full = desk_path(m, path), *slash = strrchr(full, '/');
	struct timespec time[2] = { { .tv_sec = machine_now(m) - age } };
	struct error err = ERROR_INIT;
	struct stat old;
	int rc;

	time[1] = time[0];
	if (lstat(full, &old) == 0 && S_ISDIR(old.st_mode))
		file_remove_tree(full, &err);
	*slash = '\0';
	rc = file_mkdir(full, 0755, &err);
	*slash = '/';
	if (rc == -1 || file_write(full, bytes, 0644, &err) == -1 ||
	    utimensat(AT_FDCWD, full, time, 0) == -1)
		broken(w, "the world cannot write %s: %s", full, err.text);
	m->dirty = m->touched = true;
	if (m->written < time[1].tv_sec)
		m->written = time[1].tv_sec;
	m->sighted = 0;
	free(full);
}

void desk_remove(struct machine *m, const char *path)
{
	char *full = desk_path(m, path);

	unlink(full);
	free(full);
}

static int add_path(void *arg, const char *path, const struct file_info *info)
{
	if (!info->directory && file_left_of(path) == NULL)
		list_add(arg, path);
	return 0;
}

void desk_list(struct machine *m, struct list *out)
{
	struct error absent = ERROR_INIT;

	m->disk.real.list(&m->disk.real, NULL, add_path, out, &absent);
}

/* --- machines --- */

struct machine *machine_new(struct world *w, int number)
{
	struct machine *m = NULL;

	for (int i = 0; i < w->machines && m == NULL; i++)
		if (!w->machine[i].alive && w->machine[i].home == NULL &&
		    w->machine[i].dir[0] == '\0')
			m = &w->machine[i];
	if (m == NULL && w->machines < MACHINES)
		m = &w->machine[w->machines++];
	if (m == NULL)
		return NULL;
	*m = (struct machine){ .index = (int)(m - w->machine),
			       .number = number, .twin = -1, .alive = true,
			       .clones = m->clones + 1 };
	m->clock = (struct machine_clock){
		.clock = { .now = clock_now, .steady = clock_steady,
			   .sleep = clock_sleep },
		.world = w };
	machine_boot(w, m);
	buf_init(&m->buffer);
	snprintf(m->dir, sizeof(m->dir), "%s/%d", w->root, m->index);
	return m;
}

bool machine_open(struct world *w, struct machine *m)
{
	struct error err = ERROR_INIT;
	char *desk = xasprintf("%s/coordination", m->dir);

	if (home_open(&m->home, m->dir, &m->clock.clock, &err) == -1) {
		broken(w, "computer %d does not open: %s", m->number, err.text);
		m->home = NULL;
	}
	faulty_disk_open(&m->disk, w, desk);
	faulty_remote_open(&m->remote, w, m);
	free(desk);
	return m->home != NULL;
}

void machine_close(struct machine *m)
{
	if (m->home == NULL)
		return;
	home_close(m->home);
	faulty_disk_forget(&m->disk);
	free(m->disk.first);
	disk_close(&m->disk.real);
	faulty_remote_close(&m->remote);
	m->home = NULL;
}

/* Out of the world, with all its files. */
void machine_end(struct machine *m)
{
	struct error ignored = ERROR_INIT;
	char *repo = xasprintf("%s/.trine/repo.git", m->dir);
	char *backup = xasprintf("%s.backup", m->dir);

	machine_close(m);
	memory_git_remove(repo);
	file_remove_tree(m->dir, &ignored);
	file_remove_tree(backup, &ignored);
	buf_release(&m->buffer);
	m->alive = false;
	m->dir[0] = '\0';
	free(backup);
	free(repo);
}

void machine_set_up(struct machine *m, struct world *w, const char *why,
		    const char *all_start)
{
	struct error err = ERROR_INIT;
	struct init_options o = { .dir = m->dir, .number = m->number,
		.url = w->hub_path, .branch = "main", .why = why,
		.template = strcmp(all_start, "-") == 0,
		.all_start = all_start };

	snprintf(o.clone, sizeof(o.clone), "%02x%06x",
		 (unsigned)m->index + 0xa0,
		 (unsigned)(m->clones * 0x101 & 0xffffff));
	if (home_init(&o, &m->clock.clock, &err) == -1) {
		broken(w, "computer %d cannot be set up: %s", m->number,
		       err.text);
		return;
	}
	inbox_set_up(w, m);
	machine_open(w, m);
	check_computer(w->check, m->number, m->dir);
	check_instance(w->check, m->number);
}

/* --- one cycle --- */

/* What a killed process leaves open, the kernel closes. */
enum { FD_MOST = 256 };
struct open_files { bool open[FD_MOST]; };

static void note_open(struct open_files *files)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	memset(files, 0, sizeof(*files));
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd < FD_MOST && fd != dirfd(dir))
			files->open[fd] = true;
	}
	if (dir != NULL)
		closedir(dir);
}

/* libgit2 knows packs by their paths, for all repositories of a process: one that was
 * not closed goes on with the descriptor that it had. */
static bool is_pack(int fd)
{
	char link[32], path[PATH_MAX];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path));
	return size > 5 && memcmp(path + size - 5, ".pack", 5) == 0;
}

static void close_all_but(const struct open_files *before)
{
	struct open_files now;

	note_open(&now);
	for (int fd = 3; fd < FD_MOST; fd++)
		if (now.open[fd] && !before->open[fd] && !is_pack(fd))
			close(fd);
}

static bool may_end_so(const struct cycle_plan *plan, const struct error *err)
{
	if (err->code == ERR_AGAIN)
		return plan->fault != REMOTE_WELL || plan->meanwhile != NULL;
	return err->code == ERR_REFUSED;
}

/* As the world was when a cycle began. */
struct before {
	struct oid tip;
	struct list inbox;
};

/* Who takes itself for one of two machines has a reason to, and publishes nothing more:
 * the tip BEFORE stays. */
static void check_doubt(struct world *w, struct machine *m, bool was_stopped,
			const struct cycle_plan *plan, const struct before *before)
{
	struct oid after = branch_tip(w);

	if (!m->stopped)
		return;
	expect(w, ASKED_R27, was_stopped || m->doubtful, "computer %d takes itself for "
	       "one of two machines, and there never was another", m->number);
	inbox_expect_none_new(w, m, &before->inbox);
	if (was_stopped && plan->meanwhile == NULL)
		expect(w, ASKED_R27, strcmp(before->tip.hex, after.hex) == 0, "computer %d "
		       "has stopped as one of two machines, and goes on pushing",
		       m->number);
}

/* Has its cycle taken in what was written? While its clock stands still, no text
 * has been still for a while; of one that is dated in the future a second cycle
 * has to see the same, a while later (R20); one that saw it while the clock was ahead
 * is none. */
static bool has_taken_in(struct machine *m)
{
	enum { SETTLE = 30 };
	int64_t now = machine_now(m);

	if (m->clock.stopped != 0)
		return false;
	if (m->written <= now ||
	    (m->sighted != 0 && now - m->sighted >= SETTLE))
		return true;
	if (m->sighted == 0 || m->sighted > now)
		m->sighted = now;
	return false;
}

static void end_cycle(struct world *w, struct machine *m,
		      const struct cycle_plan *plan, int rc,
		      const struct error *err, const struct before *before)
{
	bool was_stopped = m->stopped;

	/* where the remote refuses, too, nobody can tell */
	if (plan->fault != REMOTE_REFUSES)
		m->stopped = rc == -1 && err->code == ERR_REFUSED;
	if ((rc == 0 || err->code == ERR_AGAIN ||
	     plan->fault == REMOTE_REFUSES) && !m->touched && has_taken_in(m)) {
		m->dirty = false;
		m->written = 0;
	}
	if (rc == 0 && !plan->offline) {
		m->joined = true;
		m->squashed = m->rewound;
		m->doubtful = m->twin >= 0;
	}
	if (rc == -1 && !may_end_so(plan, err))
		broken(w, "sync of computer %d ended with %d: %s", m->number,
		       (int)err->code, err->text);
	check_doubt(w, m, was_stopped, plan, before);
	if (m->remote.failed)
		expect(w, ASKED_SAID, rc == -1, "sync of computer %d ended well, and "
		       "did not get through", m->number);
}

/* In this process. True: it was killed, and started again. */
static bool run_here(struct world *w, struct machine *m,
		     const struct cycle_plan *plan, struct error *err)
{
	static const struct cycle_options options = { .version = "0" };
	struct cycle_world world = {
		.clock = &m->clock.clock, .chance = &w->chance,
		.disk = &m->disk.disk, .checkpoint = checkpoint, .arg = w,
		.remote = plan->offline ? NULL : &m->remote.remote,
	};
	struct report report = { 0 };
	struct open_files before;
	bool busy = false;

	if (plan->kill_at > 0 || plan->kill_then)
		note_open(&before);
	if (setjmp(w->kill_jump) == 0) {
		if (cycle_run(m->home, &world, &options, &report, &busy,
			      err) == 0)
			error_clear(err);
		if (busy)
			broken(w, "computer %d: a lock was left", m->number);
		return false;
	}
	tell(w, "  killed at: %s", w->kill_name);
	process_deadline_forget();
	machine_close(m);
	close_all_but(&before);
	machine_open(w, m);
	return true;
}

/* On files the program runs, unless answers are to get lost: that of a folder never
 * does, and the remote that loses them is in this process. */
static bool runs_apart(const struct world *w, const struct cycle_plan *plan)
{
	return w->tier == TIER_FILES && (plan->fault == REMOTE_WELL ||
		plan->fault == REMOTE_DOWN || plan->fault == REMOTE_REFUSES);
}

const char *plan_stops_at(const struct cycle_plan *plan)
{
	return plan->at != NULL ? plan->at : "before push";
}

static void plan_cycle(struct world *w, struct machine *m,
		       const struct cycle_plan *plan)
{
	w->cycles++;
	w->meanwhile = plan->meanwhile;
	w->meanwhile_at = plan_stops_at(plan);
	w->kill_then = plan->kill_then;
	w->in_cycle = m;
	m->in_cycle = true;
	m->touched = m->rewound = false;
	w->kill_at = plan->kill_at;
	w->kill_count = 0;
	m->remote.fault = plan->fault;
	m->remote.failed = w->tier == TIER_FILES && plan->fault == REMOTE_DOWN &&
			   !plan->offline;
	m->remote.late_when = plan->late_when;
	m->remote.met = m->remote.was_stale = false;
	m->remote.unheard = (struct oid){ 0 };
	faulty_disk_forget(&m->disk);
}

/* One that nothing was pushed to, or that had no older tip to show, was well. */
static enum remote_fault fault_met(const struct world *w, const struct machine *m,
				   const struct cycle_plan *plan)
{
	bool met = runs_apart(w, plan) ? !plan->offline : m->remote.met;

	return met ? plan->fault : REMOTE_WELL;
}

static void run_planned(struct world *w, struct machine *m,
			const struct cycle_plan *plan)
{
	struct error err = ERROR_INIT;
	struct before before = { branch_tip(w), LIST_INIT };
	struct machine *around = w->in_cycle;
	const char *wrong;
	jmp_buf outer;
	bool killed;

	if (w->broken != NULL || m->home == NULL || m->in_cycle)
		return;
	memcpy(&outer, &w->kill_jump, sizeof(outer));
	inbox_list(m, &before.inbox);
	plan_cycle(w, m, plan);
	killed = runs_apart(w, plan) ? run_child(w, m, plan, &err)
				     : run_here(w, m, plan, &err);
	if (killed && runs_apart(w, plan))
		covered_kill(&w->covered, plan->power ? "loss of power" :
			     "step of the cycle", plan->kill_at);
	if (!killed)
		end_cycle(w, m, plan, err.code == ERR_NONE ? 0 : -1, &err, &before);
	list_release(&before.inbox);
	w->covered.fault[fault_met(w, m, plan)]++;
	m->cut_short = killed || m->stopped;
	w->kill_at = 0;
	w->meanwhile = NULL;
	w->in_cycle = around;
	m->in_cycle = false;
	m->remote.fault = REMOTE_WELL;
	memcpy(&w->kill_jump, &outer, sizeof(outer));
	check_time(w->check, w->time);
	if (w->broken == NULL && (wrong = check_step(w->check)) != NULL)
		broken(w, "after a cycle of computer %d: %s", m->number, wrong);
	claims_watch(w);
}

/* Whoever is cut off does not get through, whatever else happens to it. */
void run_cycle(struct world *w, struct machine *m, const struct cycle_plan *plan)
{
	struct cycle_plan now = *plan;

	if (m->cut_off)
		now.fault = REMOTE_DOWN;
	run_planned(w, m, &now);
}

void sync_now(struct world *w, struct machine *m)
{
	run_cycle(w, m, &(struct cycle_plan){ 0 });
}

/* --- the world --- */

int world_new(struct world **out, const struct world_plan *plan)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*out = mutant_world = w;
	w->seed = plan->seed;
	w->tier = plan->tier;
	w->tools = plan->tools;
	w->root = plan->root;
	w->begun = plan->begun;
	buf_init(&w->story);
	chance_seeded(&w->chance, w->seed);
	claims_new(w);
	memory_git_use(w->tier == TIER_MEMORY);
	snprintf(w->hub_path, sizeof(w->hub_path), "%s/hub.git", w->root);
	if (git_repository_open_bare(&w->hub, w->hub_path) < 0 &&
	    git_repository_init(&w->hub, w->hub_path, true) < 0)
		return -1;
	if (git_repository_open_bare(&w->ever, w->hub_path) < 0)
		return -1;
	w->check = check_new(w->ever, "main", "coordination");
	for (int n = 1; n <= plan->computers; n++) {
		struct machine *m = machine_new(w, n);

		w->numbers = n;
		machine_set_up(m, w, "init", "-");
		check_started(w->check, n, "-");
	}
	for (int i = 0; i < w->machines; i++)
		sync_plainly(w, &w->machine[i]);
	return 0;
}

void world_free(struct world *w)
{
	check_free(w->check);
	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].dir[0] != '\0' && !w->keep)
			machine_end(&w->machine[i]);
	git_repository_free(w->ever);
	git_repository_free(w->hub);
	memory_git_clear();
	buf_release(&w->story);
	for (size_t i = 0; i < w->token_count; i++) {
		free(w->token[i].body);
		free(w->token[i].title);
	}
	free(w->token);
	early_drop_all(w);
	list_release(&w->claimed);
	list_release(&w->ends);
	script_release(&w->script);
	free(w);
}

const char *world_run(struct world *w, uint64_t cycles)
{
	size_t said;

	for (w->at = 0; w->at < w->script.count && w->broken == NULL &&
	     w->cycles < cycles; w->at++) {
		const struct act *act = &w->script.act[w->at];

		*w->begun = w->at + 1;
		chance_seeded(&w->chance, act->seed);
		w->time += 30 + any_below(w, 300);
		said = w->story.len;
		act->kind->run(w);
		claims_watch(w);
		if (w->story.len > said)
			covered_act(&w->covered, act->kind);
	}
	if (w->broken == NULL)
		come_to_rest(w);
	return w->broken;
}
