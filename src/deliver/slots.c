/*
 * Workers, seen from the cycle: whether they live, what they left, and starting
 * them. Called by deliver.c at each hand-off step.
 */
#include "deliver_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/process.h"
#include "trine/program.h"

char *slot_path(const struct home *h, const char *instance, unsigned slot)
{
	return xasprintf("%s/run/work/%s.%u", h->state, instance, slot);
}

char *slot_note(const struct home *h, const char *instance, unsigned slot)
{
	return xasprintf("%s/run/work/%s.%u.program", h->state, instance, slot);
}

int slot_take(const struct home *h, const char *instance, unsigned slot,
	      struct error *err)
{
	char *path = slot_path(h, instance, slot);
	char *folder = home_path(h, "run/work");
	int fd = -1;

	if (file_mkdir(folder, 0700, err) == 0)
		fd = file_lock(path, 0, err);
	free(folder);
	free(path);
	return fd;
}

bool has_workers(const struct instance_settings *i)
{
	return i->deliver == DELIVER_HTTP || i->deliver == DELIVER_EXEC;
}

/* ---- what was left ---- */

static int settle_as(struct home *h, const struct record *r, const struct work_end *end,
		     struct chance *chance, struct error *err)
{
	return work_settle(h, settings_instance(&h->settings, r->instance), r, end,
			   chance, err);
}

/* Nobody knows whether R was done, because of WHY. */
static int settle_doubt(struct home *h, const struct record *r, struct chance *chance,
			const char *why, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	int rc;

	work_end_say(&end, WORK_IN_DOUBT, "in doubt: %s", why);
	rc = settle_as(h, r, &end, chance, err);
	work_end_release(&end);
	return rc;
}

int settle_left(struct home *h, const struct record *r, struct chance *chance,
		struct error *err)
{
	char *note = slot_note(h, r->instance, r->slot);
	char *kept = outcome_path(h, r->instance, r->slot);
	struct work_end end = WORK_END_INIT;
	int rc;

	program_end_left(note);
	if (!outcome_find(kept, r, &end))
		work_end_say(&end, WORK_IN_DOUBT, "in doubt: the worker that had it is "
			     "gone");
	rc = settle_as(h, r, &end, chance, err);
	if (rc == 0)
		outcome_forget(kept);
	work_end_release(&end);
	free(kept);
	free(note);
	return rc;
}

/* Who holds its slot lives; else nobody does, and we hold it meanwhile. */
static int settle_if_gone(struct home *h, const struct record *r,
			  struct chance *chance, struct error *err)
{
	struct error held = ERROR_INIT;
	int fd = slot_take(h, r->instance, r->slot, &held), rc;

	if (fd == -1 && held.code == ERR_AGAIN)
		return 0;
	if (fd == -1) {
		*err = held;
		return -1;
	}
	rc = settle_left(h, r, chance, err);
	file_unlock(fd);
	return rc;
}

/* A service that said it works on it, and nothing since; also where a program has
 * come in its place. */
static int settle_if_late(struct home *h, const struct record *r,
			  struct chance *chance, struct error *err)
{
	const struct instance_settings *i =
		settings_instance(&h->settings, r->instance);

	if (i == NULL || !has_workers(i) || r->handed == 0 ||
	    h->clock->now(h->clock) - r->handed < i->timeout)
		return 0;
	return settle_doubt(h, r, chance, "the service took it, and its timeout "
			    "went by without a result", err);
}

int settle_lost(struct home *h, struct chance *chance, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	int rc = 0;

	f.at_work = true;
	f.brief = true;
	if (view_records(h->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++) {
		const struct record *r = &l.item[i];

		if (r->instance == NULL)
			continue;
		rc = r->slot != 0 ? settle_if_gone(h, r, chance, err) :
		     settle_if_late(h, r, chance, err);
	}
	record_list_release(&l);
	return rc;
}

/* ---- starting ---- */

/* It takes the first free slot itself: one too many finds none, and ends. */
int start_worker(struct home *h, const char *what, struct error *err)
{
	char *path = process_helper("trine-deliver");
	const char *const argv[] = { path, "-C", h->dir, what, NULL };
	int rc;

	if (path == NULL)
		return error_set(err, ERR_NOTFOUND, "trine-deliver, which hands "
				 "tasks over, is neither beside trine nor in "
				 TRINE_LIBEXEC);
	rc = process_detach(argv, err);
	free(path);
	return rc;
}

/* How many more of its line could be worked on now. */
static int room_of(struct home *h, const struct instance_settings *i,
		   uint64_t *out, struct error *err)
{
	uint64_t busy = 0, capacity = (uint64_t)settings_capacity(i);
	struct work_line line;

	*out = 0;
	if (view_line(h->store, i->name, &line, err) == -1)
		return -1;
	if (line.waiting == 0)
		return 0;
	for (unsigned k = 1; k <= capacity; k++) {
		char *path = slot_path(h, i->name, k);

		busy += file_is_locked(path);
		free(path);
	}
	if (busy < line.at_work)	/* what a service works on needs no worker */
		busy = line.at_work;
	if (busy < capacity)
		*out = line.waiting < capacity - busy ? line.waiting :
		       capacity - busy;
	return 0;
}

/* ---- do they come? ---- */

enum { COMES_WITHIN = 60 };	/* seconds */

/* A file that is there from a call until it is known that one came. */
static char *call_path(const struct home *h, const char *instance)
{
	return xasprintf("%s/run/work/%s.called", h->state, instance);
}

static bool is_before(const struct file_info *a, const struct file_info *b)
{
	return a->mtime != b->mtime ? a->mtime < b->mtime :
	       a->mtime_ns < b->mtime_ns;
}

/* As soon as a worker is there it notes itself in the file of its slot. */
static bool one_came(const struct home *h, const struct instance_settings *i,
		     const struct file_info *called)
{
	struct error absent = ERROR_INIT;
	struct file_info info;
	bool came = false;

	for (unsigned k = 1; k <= (unsigned)settings_capacity(i) && !came; k++) {
		char *path = slot_path(h, i->name, k);

		came = file_stat(path, &info, &absent) == 0 &&
		       !is_before(&info, called);
		free(path);
	}
	return came;
}

/* One that cannot even begin, where a library of its is missing, tells nobody. */
static int look_who_came(struct home *h, const struct instance_settings *i,
			 bool wanted, unsigned *well, struct error *err)
{
	char *path = call_path(h, i->name);
	struct error absent = ERROR_INIT;
	struct file_info called;
	int rc = 0;

	if (file_stat(path, &called, &absent) == -1)
		;	/* none was called */
	else if (!wanted || one_came(h, i, &called)) {
		rc = file_remove(path, err);
		(*well)++;
	} else if (h->clock->now(h->clock) - called.mtime >= COMES_WITHIN) {
		rc = error_set(err, ERR_NOTFOUND, "trine-deliver was started for "
			       "%s, and took nothing: `trine-deliver -C %s %s` "
			       "says why", i->name, h->dir, i->name);
	}
	free(path);
	return rc;
}

static int call_them(struct home *h, const struct instance_settings *i,
		     uint64_t count, struct error *err)
{
	struct error ignored = ERROR_INIT;
	char *folder = home_path(h, "run/work");
	char *path = call_path(h, i->name);
	int rc = -1;

	if (file_mkdir(folder, 0700, err) == 0)
		rc = file_touch(path, 0600, err);
	for (; count > 0 && rc == 0; count--)
		rc = start_worker(h, i->name, err);
	if (rc == -1)
		file_remove(path, &ignored);
	free(path);
	free(folder);
	return rc;
}

int start_workers(struct home *h, unsigned *well, struct error *err)
{
	const struct settings *s = &h->settings;
	uint64_t room;
	int rc = 0;

	*well = 0;
	for (size_t i = 0; i < s->instance_count; i++) {
		if (!has_workers(&s->instance[i]))
			continue;
		if (room_of(h, &s->instance[i], &room, err) == -1)
			return -1;
		if (look_who_came(h, &s->instance[i], room > 0, well, err) == -1)
			rc = -1;
		if (room == 0)
			continue;
		if (call_them(h, &s->instance[i], room, err) == -1)
			return -1;
		(*well)++;
	}
	return rc;
}
