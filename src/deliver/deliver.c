/*
 * Handing over what waits (deliver.h): the last step of a cycle. One event
 * before and one after each, so that a crash in between is seen, and the
 * second time finds what the first one did.
 */
#include "trine/deliver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* How each `deliver =` hands over; none: the task waits in the queue. */
static int (*const ways[])(const struct home *h,
			   const struct instance_settings *i,
			   const struct record *record, struct error *err) = {
	[DELIVER_NONE] = NULL,
	[DELIVER_INBOX] = deliver_inbox,
};

struct handover {
	struct record *record;
	const struct instance_settings *to;
	bool done;
};

struct handovers {
	struct handover *item;
	size_t count, cap;
	struct record_list waiting;	/* owns the records */
};

static void release(struct handovers *l)
{
	free(l->item);
	record_list_release(&l->waiting);
	*l = (struct handovers){ 0 };
}

/* One that a crash interrupted goes where it went before; else a task where
 * routing says, another message only to whom it names. */
static const struct instance_settings *
target_of(const struct home *h, const struct fleet *fleet,
	  const struct record *r)
{
	const struct instance_settings *to = NULL;

	if (r->instance != NULL)
		to = settings_instance(&h->settings, r->instance);
	if (to == NULL && (r->message.type == TYPE_TASK || r->message.to))
		to = deliver_route(&h->settings, fleet, h->number, r);
	if (to == NULL)
		return NULL;
	assert((size_t)to->deliver < ARRAY_LEN(ways));
	return ways[to->deliver] != NULL ? to : NULL;
}

/* Those that FILTER finds, and that KEEP keeps. */
static int add_waiting(struct home *h, const struct record_filter *filter,
		       bool (*keep)(const struct record *r),
		       struct record_list *all, struct error *err)
{
	struct record_list found = { 0 };

	if (view_records(h->store, filter, &found, err) == -1)
		return -1;
	for (size_t i = 0; i < found.count; i++) {
		if (!keep(&found.item[i]))
			continue;
		ARRAY_GROW(all->item, all->count, all->cap);
		all->item[all->count++] = found.item[i];
		memset(&found.item[i], 0, sizeof(found.item[i]));
	}
	record_list_release(&found);
	return 0;
}

static bool was_begun(const struct record *r)
{
	return r->handed == 0;
}

static bool is_new_task(const struct record *r)
{
	return r->message.type == TYPE_TASK && r->instance == NULL;
}

static bool names_instance(const struct record *r)
{
	return r->message.type != TYPE_TASK && r->message.to != NULL &&
	       r->instance == NULL;
}

/* Hand-overs a crash interrupted, then tasks in the queue, then messages that
 * name an instance and nobody has read: no record is in two of them. */
static int find_waiting(struct home *h, struct record_list *out,
			struct error *err)
{
	struct record_filter begun = RECORD_FILTER_ALL;
	struct record_filter queued = RECORD_FILTER_ALL;
	struct record_filter unread = RECORD_FILTER_ALL;

	begun.direction = queued.direction = unread.direction = DIRECTION_IN;
	begun.handing = true;
	queued.queued = true;
	unread.unread = true;
	if (add_waiting(h, &begun, was_begun, out, err) == -1 ||
	    add_waiting(h, &queued, is_new_task, out, err) == -1)
		return -1;
	return add_waiting(h, &unread, names_instance, out, err);
}

static int plan(struct home *h, const struct fleet *fleet,
		struct handovers *out, struct error *err)
{
	if (find_waiting(h, &out->waiting, err) == -1)
		return -1;
	for (size_t i = 0; i < out->waiting.count; i++) {
		struct record *r = &out->waiting.item[i];
		const struct instance_settings *to = target_of(h, fleet, r);

		if (to == NULL)
			continue;
		ARRAY_GROW(out->item, out->count, out->cap);
		out->item[out->count++] = (struct handover){ r, to, false };
	}
	return 0;
}

/* The log says so already: a try that failed is not announced again. */
static bool is_announced(const struct handover *o)
{
	return o->record->instance != NULL &&
	       strcmp(o->record->instance, o->to->name) == 0;
}

/* Decide under the log's lock, and say what is about to happen. */
static int announce(struct home *h, const struct fleet *fleet,
		    struct handovers *out, struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	if (plan(h, fleet, out, err) == -1)
		goto fail;
	for (size_t i = 0; i < out->count; i++)
		if (!is_announced(&out->item[i]) &&
		    record_handing(h->store, out->item[i].record->id,
				   out->item[i].to->name, err) == -1)
			goto fail;
	if (out->count > 0)
		return store_commit(h->store, err);
	store_abort(h->store);
	return 0;
fail:
	store_abort(h->store);
	return -1;
}

static int note_result(struct home *h, const struct handover *o,
		       const struct error *failure, struct error *err)
{
	const char *id = o->record->id;

	if (!o->done)
		return record_problem(h->store, "delivery", id, failure->text,
				      err);
	if (record_handed(h->store, id, o->to->name, err) == -1)
		return -1;
	return record_problem_over(h->store, "delivery", id, err);
}

static int note_results(struct home *h, const struct handovers *l,
			const struct error *failures, struct error *err)
{
	if (l->count == 0)
		return 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	for (size_t i = 0; i < l->count; i++)
		if (note_result(h, &l->item[i], &failures[i], err) == -1) {
			store_abort(h->store);
			return -1;
		}
	return store_commit(h->store, err);
}

static void hand_over(struct home *h, struct handovers *l,
		      struct error *failures, unsigned *handed)
{
	for (size_t i = 0; i < l->count; i++) {
		struct handover *o = &l->item[i];

		o->done = ways[o->to->deliver](h, o->to, o->record,
					       &failures[i]) == 0;
		if (o->done)
			(*handed)++;
		else
			error_wrap(&failures[i], "%s could not be handed to %s",
				   o->record->id, o->to->name);
	}
}

/* Without one the queue is not even looked at: it may be long. */
static bool anybody_waits(const struct home *h)
{
	for (size_t i = 0; i < h->settings.instance_count; i++)
		if (ways[h->settings.instance[i].deliver] != NULL)
			return true;
	return false;
}

int deliver_all(struct home *h, const struct fleet *fleet, unsigned *handed,
		struct error *err)
{
	struct handovers l = { 0 };
	struct error *failures = NULL;
	int rc = -1;

	*handed = 0;
	if (!anybody_waits(h))
		return 0;
	if (announce(h, fleet, &l, err) == -1)
		goto out;
	failures = xcalloc(l.count, sizeof(*failures));
	hand_over(h, &l, failures, handed);
	rc = note_results(h, &l, failures, err);
out:
	free(failures);
	release(&l);
	return rc;
}
