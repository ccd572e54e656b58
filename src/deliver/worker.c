/*
 * The worker (deliver.h): takes one after the other out of its instance's line,
 * hands it over, and records how it ended. main.c starts it; what differs between
 * the ways of handing over is in exec.c and http.c.
 *
 * It lives behind the cycle that started it, for as long as somebody stands in the
 * line. So it looks each second whether it is still wanted.
 */
#include "deliver_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/message_json.h"
#include "trine/objects.h"
#include "trine/process.h"
#include "trine/program.h"

enum {
	LOOK_MS = 1000,
	PAUSE_MS = 50,			/* the first one, where the log failed */
	SETTLE_MS = 10 * 60 * 1000	/* how long that is tried */
};

static void (*const ways[])(struct worker *w, const struct record *r,
			    struct work_end *end) = {
	[DELIVER_HTTP] = worker_http,
	[DELIVER_EXEC] = worker_exec,
};

char *worker_json(const struct worker *w, const struct record *r)
{
	json_t *json = record_to_json(r, NULL, 0);

	json_object_set_new(json, "instance", json_string(w->instance));
	json_object_set_new(json, "attempt", json_integer((json_int_t)r->attempt));
	return json_to_line(json);
}

/* ---- is it wanted? ---- */

static bool same_file(const struct file_info *a, const struct file_info *b)
{
	return a->inode == b->inode && a->size == b->size &&
	       a->mtime == b->mtime && a->mtime_ns == b->mtime_ns &&
	       a->ctime == b->ctime && a->ctime_ns == b->ctime_ns;
}

/* trine.ini as it is now, where it can be read: somebody may be editing it. */
static void look_at_settings(struct worker *w)
{
	struct buf bytes = BUF_INIT, faults = BUF_INIT;
	struct error ignored = ERROR_INIT;
	struct file_info now;
	struct settings s;

	if (file_stat(w->ini, &now, &ignored) == -1 ||
	    same_file(&now, &w->ini_read) ||
	    file_read(w->ini, LIMIT_INI_FILE, &bytes, &now, &ignored) == -1)
		goto out;
	w->ini_read = now;
	if (settings_parse(span_of(&bytes), w->ini, &s, &faults,
			   &ignored) == -1 || s.blank) {
		settings_release(&s);
		goto out;
	}
	settings_release(&w->settings);
	w->settings = s;
	w->i = settings_instance(&w->settings, w->instance);
out:
	buf_release(&bytes);
	buf_release(&faults);
}

static bool lock_is_there(const struct worker *w)
{
	struct error ignored = ERROR_INIT;
	struct file_info info;

	return file_stat(w->slot_file, &info, &ignored) == 0 &&
	       info.inode == w->slot_inode;
}

const char *worker_stop(void *arg)
{
	struct worker *w = arg;

	if (process_asked_to_end())
		return "its worker was told to end";
	if (!lock_is_there(w))
		return "the computer's directory is gone";
	if (w->program != NULL && !file_exists(w->program))
		return "trine was uninstalled";
	look_at_settings(w);
	if (w->i == NULL || !has_workers(w->i))
		return "trine.ini has no such instance any more";
	return NULL;
}

/* ---- one after the other ---- */

/* The task may say that it is to take less time than the instance has. */
static int64_t timeout_of(const struct worker *w, const struct record *r)
{
	struct task_terms t;
	int64_t timeout = w->i->timeout;

	task_terms_read(&r->message, &t);
	if (t.timeout != 0 && t.timeout < timeout)
		timeout = t.timeout;
	task_terms_release(&t);
	return timeout;
}

/* The log is another's, or its disk takes nothing. */
static bool may_pass(const struct error *err)
{
	return err->code == ERR_AGAIN || err->code == ERR_IO;
}

/* A cycle keeps the log for minutes, if it must, and who has room made on a disk takes
 * longer than that. What was done is not lost meanwhile. */
static int settle(struct worker *w, const struct record *r, const struct work_end *end,
		  struct error *err)
{
	struct clock *clock = w->h->clock;
	int64_t until = clock->steady(clock) + SETTLE_MS, pause = PAUSE_MS;
	int rc = work_settle(w->h, w->i, r, end, &w->chance, err);
	bool kept = rc == -1 && may_pass(err);

	if (kept)
		outcome_keep(w->outcome, r, end);
	while (rc == -1 && may_pass(err) && clock->steady(clock) < until &&
	       worker_stop(w) == NULL) {
		clock->sleep(clock, pause);
		pause = pause < LOOK_MS / 2 ? 2 * pause : LOOK_MS;
		error_clear(err);
		rc = work_settle(w->h, w->i, r, end, &w->chance, err);
	}
	if (kept && rc == 0)
		outcome_forget(w->outcome);
	return rc;
}

static int work_on(struct worker *w, const struct record *r, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	int rc;

	w->timeout = timeout_of(w, r);
	ways[w->i->deliver](w, r, &end);
	rc = settle(w, r, &end, err);
	work_end_release(&end);
	return rc;
}

/* Until NEXT, or until something may have come that goes first. */
static void wait_a_little(struct worker *w, int64_t next)
{
	struct clock *clock = w->h->clock;

	clock->sleep(clock, next - clock->now(clock) > 0 ? LOOK_MS : 0);
}

/* Who stands in the line and may be taken, but cannot, waits for others to end: a
 * later cycle calls a worker again. */
static int work_off(struct worker *w, struct error *err)
{
	struct record r;
	int64_t next;
	bool got;

	while (worker_stop(w) == NULL) {
		if (work_take(w->h, w->i, w->slot, &r, &got, &next, err) == -1)
			return -1;
		if (got) {
			int rc = work_on(w, &r, err);

			record_release(&r);
			if (rc == -1)
				return -1;
		} else if (next <= w->h->clock->now(w->h->clock)) {
			return 0;
		} else {
			wait_a_little(w, next);
		}
	}
	return 0;
}

/* ---- its slot ---- */

static int note_slot(struct worker *w, unsigned slot, struct error *err)
{
	struct file_info info;

	w->slot = slot;
	w->slot_file = slot_path(w->h, w->instance, slot);
	w->note = slot_note(w->h, w->instance, slot);
	w->outcome = outcome_path(w->h, w->instance, slot);
	if (file_stat(w->slot_file, &info, err) == -1)
		return -1;
	w->slot_inode = info.inode;
	return 0;
}

/* *FOUND false: as many as may be are at work already. */
static int find_slot(struct worker *w, bool *found, struct error *err)
{
	*found = false;
	for (unsigned k = 1; k <= (unsigned)settings_capacity(w->i); k++) {
		w->lock = slot_take(w->h, w->instance, k, err);
		if (w->lock != -1) {
			*found = true;
			return note_slot(w, k, err);
		}
		if (err->code != ERR_AGAIN)
			return -1;
		error_clear(err);
	}
	return 0;
}

/* What the last holder of this slot had begun: the lock says that it is gone. */
static int settle_own_slot(struct worker *w, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	int rc = 0;

	program_end_left(w->note);
	f.at_work = true;
	f.brief = true;
	if (view_records(w->h->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (l.item[i].slot == w->slot && l.item[i].instance != NULL &&
		    strcmp(l.item[i].instance, w->instance) == 0)
			rc = settle_left(w->h, &l.item[i], &w->chance, err);
	record_list_release(&l);
	return rc;
}

static int begin(struct worker *w, bool *found, struct error *err)
{
	*found = false;
	w->program = process_path();
	w->ini = home_path(w->h, "trine.ini");
	chance_system(&w->chance);
	look_at_settings(w);
	if (w->i == NULL || !has_workers(w->i))
		return error_set(err, ERR_NOTFOUND, "%s has no [instance %.64s] "
				 "that is delivered by http or exec", w->ini,
				 w->instance);
	if (find_slot(w, found, err) == -1)
		return -1;
	return *found ? settle_own_slot(w, err) : 0;
}

int worker_run(struct home *h, const char *instance, struct error *err)
{
	struct worker w = { .h = h, .instance = instance, .lock = -1 };
	bool found;
	int rc = begin(&w, &found, err);

	if (rc == 0 && found)
		rc = work_off(&w, err);
	file_unlock(w.lock);
	settings_release(&w.settings);
	free(w.program);
	free(w.ini);
	free(w.slot_file);
	free(w.note);
	free(w.outcome);
	return rc;
}
