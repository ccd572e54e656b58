/*
 * When a task may be begun (tasks_p.h, tasks.h): what it comes after, and what it
 * needs. tasks.c asks here before it gives one to a session, work.c and the hand-off
 * before an instance gets one; the view keeps account (`waits`), so that
 * nobody looks at those that wait to find the next one.
 */
#include <stdio.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/locks.h"
#include "trine/mail.h"
#include "trine/text.h"
#include "trine/work.h"

/* ---- making one ---- */

static int check_room(struct home *h, enum message_priority priority,
		      const char *instance, int64_t bound, struct error *err)
{
	uint64_t waiting, most = 2 * (uint64_t)bound;

	if (view_waiting(h->store, instance, most, &waiting, err) == -1)
		return -1;
	if (task_may_enter(priority, waiting, (uint64_t)bound))
		return 0;
	return error_set(err, ERR_AGAIN, "%llu%s tasks wait%s%s, and %lld may (`queue` "
			 "in trine.ini): one of %s priority does not enter. See to "
			 "some (`trine task list`), or wait; urgent ones enter",
			 (unsigned long long)waiting, waiting == most ? " or more" : "",
			 instance != NULL ? " for " : "",
			 instance != NULL ? instance : "", (long long)bound,
			 message_priority_name(priority));
}

int rules_check_room(struct home *h, enum message_priority priority,
		     const char *instance, struct error *err)
{
	const struct instance_settings *i =
		instance != NULL ? settings_instance(&h->settings, instance) : NULL;

	if (check_room(h, priority, NULL, h->settings.queue, err) == -1)
		return -1;
	return i == NULL ? 0 : check_room(h, priority, i->name, i->queue, err);
}

int rules_write_terms(struct message *m, const struct task_terms *terms,
		      struct error *err)
{
	struct task_terms read;
	int rc = 0;

	task_terms_write(m, terms);
	task_terms_read(m, &read);
	if (read.unclear != NULL)
		rc = error_set(err, ERR_USAGE, "--%s wants names of letters, digits, "
			       "`.`, `_`, `-` and `:`, at most %d of them",
			       read.unclear, LIMIT_TASK_NAMES);
	task_terms_release(&read);
	return rc;
}

static int check_other(struct home *h, const char *id, const char *other,
		       struct error *err)
{
	struct record r;
	struct buf way = BUF_INIT;
	int rc = view_way(h->store, other, id, &way, err);

	if (rc == 0 && way.len > 0)
		rc = error_set(err, ERR_NO, "nobody could ever begin: %s after %s",
			       id, way.data);
	buf_release(&way);
	if (rc == -1 || mail_find(h, other, &r, err) == -1)
		return -1;
	if (r.message.type != TYPE_TASK)
		rc = error_set(err, ERR_NOTFOUND, "%s is no task", other);
	else if (strcmp(r.state, "FAILED") == 0)
		rc = error_set(err, ERR_NO, "%s has failed: what comes after it "
			       "would never be begun", other);
	record_release(&r);
	return rc;
}

int rules_check_terms(struct home *h, const char *id,
		      const struct task_terms *terms, struct error *err)
{
	for (size_t i = 0; i < terms->after.count; i++)
		if (check_other(h, id, terms->after.item[i], err) == -1)
			return -1;
	return 0;
}

/* ---- what it waits for, in words ---- */

static void add_state(struct buf *out, const struct dependency *d)
{
	buf_printf(out, "%s%s (%s)", out->len == 0 ? "after " : ", ", d->id,
		   !d->known ? "not known here" :
		   d->state[0] != '\0' ? d->state : "sent");
}

static int add_others(struct home *h, const struct record *r, struct buf *out,
		      struct error *err)
{
	struct dependency_list l;

	if (view_dependencies(h->store, r->id, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		if (strcmp(l.item[i].state, "COMPLETED") != 0)
			add_state(out, &l.item[i]);
	dependency_list_release(&l);
	return 0;
}

static int add_approvals(struct home *h, const struct record *r, struct buf *out,
			 struct error *err)
{
	struct buf who = BUF_INIT;
	struct task_terms t;
	bool mine;
	int rc = view_approvals(h->store, r->id, 0, &who, &mine, err);

	task_terms_read(&r->message, &t);
	buf_printf(out, "%sneeds %llu approval%s, has %llu%s%s%s",
		   out->len > 0 ? ", " : "", (unsigned long long)t.approvals,
		   t.approvals == 1 ? "" : "s",
		   (unsigned long long)(t.approvals - r->wants),
		   who.len > 0 ? " (" : "", who.data, who.len > 0 ? ")" : "");
	task_terms_release(&t);
	buf_release(&who);
	return rc;
}

static int add_lock(struct home *h, const char *name, struct buf *out,
		    struct error *err)
{
	struct lock l;
	bool found;

	if (view_lock(h->store, name, &l, &found, err) == -1)
		return -1;
	if (found && locks_lasts(&l, h->clock->now(h->clock)))
		buf_printf(out, "%sneeds %s, which %s has", out->len > 0 ? ", " : "",
			   name, l.holder);
	lock_forget(&l);
	return 0;
}

static int add_needs(struct home *h, const struct record *r, struct buf *out,
		     struct error *err)
{
	struct task_terms t;
	int rc = 0;

	task_terms_read(&r->message, &t);
	for (size_t i = 0; i < t.needs.count && rc == 0; i++)
		rc = add_lock(h, t.needs.item[i], out, err);
	task_terms_release(&t);
	return rc;
}

int tasks_waits_for(struct home *h, const struct record *r, struct buf *out,
		    struct error *err)
{
	int64_t now = h->clock->now(h->clock);
	char words[TIME_TEXT];

	if (operation_is(&r->message) && strcmp(r->state, "IN_PROGRESS") == 0)
		return operations_waits_for(h, r, out, err);
	/* whoever has it has what it needs, and a later one is in nobody's way */
	if (strcmp(r->state, "QUEUED") != 0)
		return 0;
	if (r->waits == WAIT_OTHERS && add_others(h, r, out, err) == -1)
		return -1;
	if (r->wants > 0 && add_approvals(h, r, out, err) == -1)
		return -1;
	if (task_rests(r->rests, now))
		buf_printf(out, "%sagain in %s", out->len > 0 ? ", " : "",
			   duration_words(r->rests - now, words));
	return add_needs(h, r, out, err);
}

static int say_circle(struct home *h, const struct record *r,
		      const struct dependency_list *l, struct buf *out,
		      struct error *err)
{
	size_t len;

	buf_printf(out, "it waits for itself: %s after ", r->id);
	len = out->len;
	for (size_t i = 0; i < l->count && out->len == len; i++)
		if (view_way(h->store, l->item[i].id, r->id, out, err) == -1)
			return -1;
	return 0;
}

static void say_failed(const struct dependency_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct dependency *d = &l->item[i];

		if (strcmp(d->state, "FAILED") != 0)
			continue;
		buf_printf(out, "it was to come after %s, which failed", d->id);
		if (d->note[0] != '\0')
			buf_printf(out, ": %s", d->note);
		return;
	}
}

static void say_unclear(const struct record *r, struct buf *out)
{
	struct task_terms t;

	task_terms_read(&r->message, &t);
	buf_printf(out, "its key `%s` cannot be understood",
		   t.unclear != NULL ? t.unclear : "after");
	task_terms_release(&t);
}

/* Why it can never be begun. */
static int say_why(struct home *h, const struct record *r, struct buf *out,
		   struct error *err)
{
	struct dependency_list l;
	int rc = view_dependencies(h->store, r->id, &l, err);

	if (rc == 0 && r->waits == WAIT_CIRCLE)
		rc = say_circle(h, r, &l, out, err);
	else if (rc == 0 && r->waits == WAIT_FAILED)
		say_failed(&l, out);
	else if (rc == 0)
		say_unclear(r, out);
	dependency_list_release(&l);
	return rc;
}

int rules_allow(struct home *h, const struct record *r, struct error *err)
{
	struct buf why = BUF_INIT;
	int rc = r->waits > WAIT_OTHERS ? say_why(h, r, &why, err) :
		 tasks_waits_for(h, r, &why, err);

	if (rc == 0 && why.len > 0)
		rc = error_set(err, ERR_NO, "%s may not be begun%s: %s", r->id,
			       r->waits > WAIT_OTHERS ? "" : " yet", why.data);
	buf_release(&why);
	return rc;
}

int tasks_can_hold(struct home *h, const struct record *r, struct list *needs,
		   bool *out, struct error *err)
{
	struct task_terms t;
	int rc = 0;

	*out = true;
	if (task_terms_read(&r->message, &t))
		rc = locks_all_free(h, &t.needs, out, err);
	if (needs != NULL)
		list_copy(needs, &t.needs);
	task_terms_release(&t);
	return rc;
}

int rules_write_prefer(struct message *m, const char *prefer, struct error *err)
{
	enum routing_prefer what;

	if (!routing_prefer_parse(prefer, &what))
		return error_set(err, ERR_USAGE, "a task prefers `speed` or `quality`, not "
				 "\"%.40s\"", prefer);
	if (prefer != NULL)
		message_add_extra(m, "prefer", prefer);
	return 0;
}

static int somebody_goes_by(struct home *h, const char *name, bool *out,
			    struct error *err)
{
	struct session_list l = { 0 };

	*out = false;
	if (view_sessions(h->store, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && !*out; i++)
		*out = strcmp(l.item[i].name, name) == 0 && session_lives(&l.item[i]);
	session_list_release(&l);
	return 0;
}

/* What routing gives to another one is for that: it is handed over, or a session of that
 * name is there and asks. What it gives to nobody, who is there takes. */
static int is_for(const struct asking *a, const struct record *r, bool *out,
		  struct error *err)
{
	const struct instance_settings *to;

	if (*a->routes == NULL && routes_open(a->h, NULL, a->routes, err) == -1)
		return -1;
	if (routes_pick(*a->routes, r, &to, err) == -1)
		return -1;
	*out = r->message.to == NULL;
	if (to == NULL)
		return 0;
	*out = strcmp(to->name, a->name) == 0;
	if (*out || r->message.to != NULL || to->deliver != DELIVER_NONE)
		return 0;
	if (somebody_goes_by(a->h, to->name, out, err) == -1)
		return -1;
	*out = !*out;
	return 0;
}

int rules_suits(const struct record *r, void *arg, bool *out, struct error *err)
{
	const struct asking *a = arg;
	const char *to = r->message.to;
	int rc = 0;

	*out = to == NULL || strcmp(to, a->name) == 0;
	if (a->h->settings.instance_count > 0 && (to == NULL || !*out))
		rc = is_for(a, r, out, err);
	return rc == 0 && *out ? tasks_can_hold(a->h, r, NULL, out, err) : rc;
}

/* ---- those that can never be begun ---- */

static int bar(struct home *h, const struct record *r, struct error *err)
{
	struct buf why = BUF_INIT;
	int rc = say_why(h, r, &why, err);

	if (rc == 0)
		rc = work_block(h, r, why.data, err);
	buf_release(&why);
	return rc;
}

static int bar_all(struct home *h, bool *any, struct error *err)
{
	struct record_list l;
	int rc = view_barred_tasks(h->store, &l, err);

	*any = rc == 0 && l.count > 0;
	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = bar(h, &l.item[i], err);
	record_list_release(&l);
	return rc;
}

int tasks_want_sweep(struct home *h, bool *out, struct error *err)
{
	return view_unswept(h->store, h->clock->now(h->clock), out, err);
}

/* Those that ran out of time first, and then what ends with its parts: others may be
 * barred by it, and may be parts themselves. Mostly there is nothing, and that is
 * asked in one. */
int tasks_sweep(struct home *h, struct error *err)
{
	bool any;

	if (tasks_want_sweep(h, &any, err) == -1)
		return -1;
	if (!any)
		return 0;
	if (attempts_sweep(h, err) == -1 || operations_sweep(h, err) == -1 ||
	    bar_all(h, &any, err) == -1)
		return -1;
	return any ? operations_sweep(h, err) : 0;
}
