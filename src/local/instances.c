/*
 * Instances and what is wanted of them (instances.h). cli/cmd_instance.c and the web
 * part record wishes; the daemon's supervisor says how they are.
 */
#include "trine/instances.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/alert.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/session.h"
#include "trine/text.h"
#include "trine/work.h"

bool instances_watched(const struct home *h)
{
	char *lock;
	bool watched;

	if (h->watches)
		return true;	/* to ask for its own lock would let go of it */
	lock = home_path(h, "run/trined.lock");
	watched = file_is_locked(lock);
	free(lock);
	return watched;
}

/* ---- wishes ---- */

static int want_one(struct home *h, const char *name, enum instance_want want,
		    uint64_t *wish, struct error *err)
{
	const struct instance_settings *i = settings_instance(&h->settings, name);

	if (i == NULL)
		return error_set(err, ERR_NOTFOUND, "there is no [instance %.64s] in "
				 "trine.ini", name);
	if (i->start == NULL)
		return error_set(err, ERR_USAGE, "[instance %s] of trine.ini has no "
				 "`start`, the program that it is", name);
	return record_instance_wanted(h->store, name, want, wish, err);
}

static int want_all(struct home *h, enum instance_want want, uint64_t *wish,
		    struct error *err)
{
	unsigned count = 0;

	for (size_t i = 0; i < h->settings.instance_count; i++) {
		const struct instance_settings *one = &h->settings.instance[i];

		if (one->start == NULL)
			continue;
		count++;
		if (record_instance_wanted(h->store, one->name, want, wish, err) == -1)
			return -1;
	}
	return count > 0 ? 0 : error_set(err, ERR_NOTFOUND, "no instance of trine.ini "
		"has a `start`, the program that it is");
}

int instances_want(struct home *h, const char *name, enum instance_want want,
		   uint64_t *wish, struct error *err)
{
	if (!instances_watched(h))
		return error_set(err, ERR_AGAIN, "no daemon runs, which would do it: "
				 "`trine daemon start` starts one");
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, name != NULL ? want_one(h, name, want, wish, err) :
			 want_all(h, want, wish, err), err);
}

/* ---- how they are ---- */

void instance_list_release(struct instance_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i].fact.reason);
	free(l->item);
	*l = (struct instance_list){ 0 };
}

static void take_fact(struct instance_now *n, struct instance_fact_list *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		struct instance_fact *f = &facts->item[i];

		if (f->copy != n->copy || strcmp(f->name, n->i->name) != 0)
			continue;
		n->fact = *f;
		n->fact.name = n->i->name;
		f->reason = NULL;
	}
}

/* What was measured of a daemon that is gone says nothing of now. */
static void take_health(struct instance_now *n, const struct health_list *all)
{
	n->health = (struct instance_health){
		.name = n->i->name, .copy = n->copy, .state = n->fact.state,
		.response_ms = -1, .cpu = -1, .memory = -1,
	};
	for (size_t i = 0; i < all->count && n->watched; i++) {
		const struct instance_health *one = &all->item[i];

		if (one->copy != n->copy || strcmp(one->name, n->i->name) != 0)
			continue;
		n->health = *one;
		n->health.name = n->i->name;
		n->known = true;
		if (n->fact.state == INSTANCE_ONLINE && one->state == INSTANCE_BUSY)
			n->fact.state = INSTANCE_BUSY;
	}
}

static bool is_wanted(const struct instance_wish_list *wishes, const char *name)
{
	for (size_t i = 0; i < wishes->count; i++)
		if (strcmp(wishes->item[i].name, name) == 0)
			return wishes->item[i].want != WANT_STOP;
	return true;
}

static void add_copies(struct instance_list *out, const struct instance_settings *i,
		       bool watched, bool wanted)
{
	for (int64_t copy = 1; copy <= i->copies; copy++) {
		ARRAY_GROW(out->item, out->count, out->cap);
		out->item[out->count++] = (struct instance_now){
			.i = i, .copy = copy,
			.watched = watched && (i->start != NULL || i->health != NULL),
			.wanted = i->start != NULL && wanted,
			.fact = { .name = i->name, .copy = copy },
		};
	}
}

int instances_list(struct home *h, struct instance_list *out, struct error *err)
{
	struct instance_wish_list wishes = { 0 };
	struct instance_fact_list facts = { 0 };
	struct health_list health = { 0 };
	bool watched = instances_watched(h);

	*out = (struct instance_list){ 0 };
	if (view_instances(h->store, &facts, err) == -1)
		return -1;
	if (view_instance_wishes(h->store, &wishes, err) == -1) {
		instance_fact_list_release(&facts);
		return -1;
	}
	if (watched)
		health_read(h, &health);
	out->wish = health.wish;
	for (size_t i = 0; i < h->settings.instance_count; i++)
		add_copies(out, &h->settings.instance[i], watched,
			   is_wanted(&wishes, h->settings.instance[i].name));
	for (size_t i = 0; i < out->count; i++) {
		take_fact(&out->item[i], &facts);
		take_health(&out->item[i], &health);
	}
	instance_fact_list_release(&facts);
	instance_wish_list_release(&wishes);
	health_list_release(&health);
	return 0;
}

const char *instance_now_state(const struct instance_now *n)
{
	return n->watched ? instance_state_name(n->fact.state) : "unknown";
}

static json_t *number_or_null(int64_t n)
{
	return n >= 0 ? json_integer(n) : json_null();
}

json_t *instance_now_to_json(const struct instance_now *n)
{
	const struct instance_fact *f = &n->fact;
	const char *reason = f->reason != NULL ? f->reason : "";
	bool runs = n->watched && f->process.pid != 0;

	return mem_need(json_pack("{s:i, s:s, s:I, s:s, s:o, s:o, s:s, s:b, s:b, s:b,"
		" s:o, s:o, s:o, s:o, s:s, s:i}", "schema", 1,
		"name", n->i->name, "copy", (json_int_t)n->copy,
		"state", instance_now_state(n), "since", time_to_json(f->since),
		"pid", runs ? json_integer(f->process.pid) : json_null(),
		"reason", reason, "given_up", (int)f->given_up,
		"wanted", (int)n->wanted, "startable", (int)(n->i->start != NULL),
		"checked", time_to_json(n->health.checked),
		"response_ms", number_or_null(n->health.response_ms),
		"cpu_permille", number_or_null(n->health.cpu),
		"memory", number_or_null(n->health.memory),
		"history", n->health.history, "failures", (int)n->health.failures));
}

static enum instance_state state_of(const unsigned in[INSTANCE_STATES],
				    const struct instance_sum *sum)
{
	if (sum->online == 0)
		return in[INSTANCE_CRASHED] > 0 ? INSTANCE_CRASHED :
		       in[INSTANCE_STARTING] > 0 ? INSTANCE_STARTING :
		       INSTANCE_OFFLINE;
	if (in[INSTANCE_DEGRADED] > 0 || sum->online < sum->copies)
		return INSTANCE_DEGRADED;
	return INSTANCE_ONLINE;
}

struct instance_sum instances_sum(const struct instance_list *l,
				  const struct instance_settings *i, unsigned running)
{
	unsigned in[INSTANCE_STATES] = { 0 };
	struct instance_sum sum = { .state = "unknown" };
	enum instance_state state;

	for (size_t k = 0; k < l->count; k++) {
		const struct instance_now *n = &l->item[k];

		if (n->i != i)
			continue;
		sum.copies++;
		sum.known |= n->watched;
		in[n->fact.state] += n->watched;
		sum.online += n->watched && instance_state_serves(n->fact.state);
	}
	if (!sum.known) {
		if (running > 0)
			sum.state = instance_state_name(INSTANCE_BUSY);
		return sum;
	}
	state = state_of(in, &sum);
	if (state == INSTANCE_ONLINE && running >= settings_capacity(i))
		state = INSTANCE_BUSY;
	sum.state = instance_state_name(state);
	return sum;
}

static bool may_take(const struct instance_now *n, const struct instance_settings *i)
{
	return strcmp(n->i->name, i->name) == 0 &&
	       (!n->watched || instance_state_serves(n->fact.state));
}

static bool works_on(const struct instance_settings *i, const struct record *r)
{
	return r->instance != NULL && strcmp(r->instance, i->name) == 0;
}

/* How many tasks each copy has that were posted to it: LOAD, by its number. */
static int count_posted(struct home *h, const struct instance_settings *i,
			unsigned *load, struct error *err)
{
	struct record_filter at_work = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	at_work.at_work = true;
	at_work.brief = true;
	if (view_records(h->store, &at_work, &l, err) == -1)
		return -1;
	for (size_t k = 0; k < l.count; k++)
		if (works_on(i, &l.item[k]) && l.item[k].copy > 0 &&
		    l.item[k].copy <= i->copies)
			load[l.item[k].copy]++;
	record_list_release(&l);
	return 0;
}

/* The one with the least; 0: there is none. */
static int64_t pick(const struct instance_list *l, const struct instance_settings *i,
		    const unsigned *load, bool any)
{
	int64_t least = 0;

	for (size_t k = 0; k < l->count; k++)
		if (strcmp(l->item[k].i->name, i->name) == 0 &&
		    (any || may_take(&l->item[k], i)) &&
		    (least == 0 || load[l->item[k].copy] < load[least]))
			least = l->item[k].copy;
	return least;
}

int64_t instances_pick(struct home *h, const struct instance_settings *i)
{
	struct error ignored = ERROR_INIT;
	struct instance_list l = { 0 };
	int64_t picked = 1;
	unsigned *load;

	if (i->copies == 1)
		return 0;
	load = xcalloc((size_t)i->copies + 1, sizeof(*load));
	if (count_posted(h, i, load, &ignored) == 0 &&
	    instances_list(h, &l, &ignored) == 0) {
		picked = pick(&l, i, load, false);
		if (picked == 0)
			picked = pick(&l, i, load, true);
	}
	instance_list_release(&l);
	free(load);
	return picked;
}

/* ---- for the daemon ---- */

int instances_changed(struct home *h, struct instance_fact *f, struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, record_instance_changed(h->store, f, err), err);
}

static int end_sessions(struct home *h, const struct process_mark *process,
			struct error *err)
{
	struct session_list l;
	int rc = view_sessions(h->store, false, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (l.item[i].agent.pid == process->pid &&
		    l.item[i].agent.born == process->born &&
		    strcmp(l.item[i].agent.boot, process->boot) == 0)
			rc = session_end(h, &l.item[i], "its instance has ended", err);
	session_list_release(&l);
	return rc;
}

/* Does that COPY have it, or, where no OTHERS are, nobody else? */
static bool was_posted_to(const struct instance_settings *i, int64_t copy, bool others,
			  const struct record *r)
{
	bool known = r->copy > 0 && r->copy <= i->copies;

	return known ? r->copy == copy : !others;
}

/* With a worker that waits for its answer it is that worker's to say. */
static int settle_posted(struct home *h, const struct instance_settings *i,
			 int64_t copy, bool others, struct chance *chance,
			 struct error *err)
{
	struct record_filter at_work = RECORD_FILTER_ALL;
	struct work_end end = WORK_END_INIT;
	struct record_list l = { 0 };
	int rc;

	at_work.at_work = true;
	at_work.brief = true;
	rc = view_records(h->store, &at_work, &l, err);
	work_end_say(&end, WORK_IN_DOUBT, "%s ended while it had it, and may have done "
		     "it", i->name);
	for (size_t k = 0; k < l.count && rc == 0; k++) {
		const struct record *r = &l.item[k];

		if (r->slot == 0 && r->session == 0 && works_on(i, r) &&
		    was_posted_to(i, copy, others, r))
			rc = work_settle(h, i, r, &end, chance, err);
	}
	work_end_release(&end);
	record_list_release(&l);
	return rc;
}

int instances_lost(struct home *h, const struct instance_settings *i, int64_t copy,
		   const struct process_mark *process, bool others,
		   struct chance *chance, struct error *err)
{
	if (process->pid != 0 && end_sessions(h, process, err) == -1)
		return -1;
	return settle_posted(h, i, copy, others, chance, err);
}

static char *alert_key(const char *name, int64_t copy)
{
	return copy == 1 ? xasprintf("instance-%s", name) :
	       xasprintf("instance-%s-%lld", name, (long long)copy);
}

int instances_give_up(struct home *h, const char *name, int64_t copy,
		      const char *reason, struct error *err)
{
	const struct instance_settings *i = settings_instance(&h->settings, name);
	char *key = alert_key(name, copy), *text;
	int rc;

	if (i != NULL && i->start != NULL)
		text = xasprintf("instance %s is not started again: %s. `trine instance "
				 "start %s` tries once more", name, reason, name);
	else
		text = xasprintf("instance %s is not well: %s", name, reason);
	rc = alert_raise_here(h, key, text, err);
	free(text);
	free(key);
	return rc;
}

int instances_recover(struct home *h, const char *name, int64_t copy,
		      struct error *err)
{
	char *key;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	key = alert_key(name, copy);
	rc = store_end(h->store, alert_over_here_now(h, key, "", err), err);
	free(key);
	return rc;
}
