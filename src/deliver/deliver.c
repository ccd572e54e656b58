/*
 * Handing over what waits (deliver.h): the last step of a cycle. What goes into an
 * inbox is put there now, with one event before and one after each, so that a
 * crash in between is seen, and the second time finds what the first one did. What
 * services and programs get stands in their lines from now on, and workers hand it
 * over behind the cycle (worker.c).
 */
#include "trine/deliver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver_p.h"
#include "trine/claims.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/operation.h"
#include "trine/routes.h"
#include "trine/session.h"
#include "trine/tasks.h"

/* One that is put into an inbox now. */
struct handover {
	struct record *record;
	const struct instance_settings *to;
	bool done;
};

struct handovers {
	struct handover *item;
	size_t count, cap;
	struct record_list waiting;	/* owns the records */
	struct claim_list claims;
	struct routes *routes;
	unsigned assigned;	/* to lines */
};

static void release(struct handovers *l)
{
	free(l->item);
	record_list_release(&l->waiting);
	claim_list_release(&l->claims);
	routes_close(l->routes);
	*l = (struct handovers){ 0 };
}

/* Where it stands in a line, or went before; NULL: nowhere, or in the line of one that is
 * down, where it has not been begun. */
static const struct instance_settings *place_of(const struct home *h,
						const struct routes *routes,
						const struct record *r)
{
	const struct instance_settings *to = r->instance == NULL ? NULL :
		settings_instance(&h->settings, r->instance);

	return to != NULL && r->due != 0 && r->message.type == TYPE_TASK &&
	       routes_is_down(routes, to) ? NULL : to;
}

/* One that a crash interrupted goes where it went before, and one that stands in a
 * line stays; else a task goes where routing says, another message only to whom it
 * names. */
static int target_of(const struct home *h, struct routes *routes, const struct record *r,
		     const struct instance_settings **out, struct error *err)
{
	*out = place_of(h, routes, r);
	if (*out == NULL && (r->message.type == TYPE_TASK || r->message.to != NULL) &&
	    routes_pick(routes, r, out, err) == -1)
		return -1;
	if (*out == NULL && r->due != 0)	/* nobody else can have it now */
		*out = settings_instance(&h->settings, r->instance);
	if (*out != NULL && (*out)->deliver == DELIVER_NONE)
		*out = NULL;
	return 0;
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
	return r->handed == 0 && r->slot == 0;
}

static bool is_new_task(const struct record *r)
{
	return r->message.type == TYPE_TASK && r->waits == WAIT_NONE &&
	       r->wants == 0 && !operation_is(&r->message) &&
	       (r->instance == NULL || r->due != 0);
}

static bool names_instance(const struct record *r)
{
	return r->message.type != TYPE_TASK && r->message.to != NULL &&
	       (r->instance == NULL || r->due != 0);
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
	begun.brief = queued.brief = unread.brief = true;
	begun.handing = true;
	queued.queued = true;
	unread.unread = true;
	if (add_waiting(h, &begun, was_begun, out, err) == -1 ||
	    add_waiting(h, &queued, is_new_task, out, err) == -1)
		return -1;
	return add_waiting(h, &unread, names_instance, out, err);
}

/* ---- deciding ---- */

/* The log says so already: a try that failed is not announced again. */
static bool is_announced(const struct record *r,
			 const struct instance_settings *to)
{
	return r->began != 0 && r->instance != NULL &&
	       strcmp(r->instance, to->name) == 0;
}

/* More than it is said to work on at once is not put into its inbox. */
static bool has_room(const struct handovers *l, const struct record *r,
		     const struct instance_settings *to)
{
	return !to->bounded || r->message.type != TYPE_TASK ||
	       routes_has_room(l->routes, to);
}

static int to_inbox(struct home *h, struct handovers *out, struct record *r,
		    const struct instance_settings *to, struct error *err)
{
	struct list needs = LIST_INIT;
	bool may = true;
	int rc = 0;

	if (!is_announced(r, to)) {
		if (!has_room(out, r, to))
			return 0;
		rc = tasks_can_hold(h, r, &needs, &may, err);
		if (rc == 0 && may)
			rc = record_handing(h->store, r->id, to->name, &needs, err);
		list_release(&needs);
	}
	if (rc == -1 || !may)
		return rc;
	if (r->message.type == TYPE_TASK)
		routes_given(out->routes, to);
	ARRAY_GROW(out->item, out->count, out->cap);
	out->item[out->count++] = (struct handover){ r, to, false };
	return 0;
}

static int to_line(struct home *h, struct handovers *out, struct record *r,
		   const struct instance_settings *to, struct error *err)
{
	if (r->due != 0 && strcmp(r->instance, to->name) == 0)
		return 0;
	out->assigned++;
	routes_assigned(out->routes, to);
	return record_assigned(h->store, r->id, to->name, err);
}

/* Whose line it stood in is not there any more, and nobody else is meant. */
static int to_nobody(struct home *h, const struct record *r, struct error *err)
{
	if (r->due == 0)
		return 0;
	return record_released(h->store, r->id, "trine.ini has no such instance "
			       "any more", err);
}

/* Is it nobody else's, or claimed for an instance of this computer? */
static bool is_ours(const struct claim_list *claims, const struct record *r)
{
	const struct claim_standing *now = claim_list_task(claims, r->id);

	return !message_claim_one(&r->message) ||
	       (now != NULL && now->state == CLAIM_HELD && now->session == 0);
}

static int decide_on(struct home *h, struct handovers *out, struct record *r,
		     struct error *err)
{
	const struct instance_settings *to;

	if (task_rests(r->rests, h->clock->now(h->clock)))
		return 0;
	if (target_of(h, out->routes, r, &to, err) == -1)
		return -1;
	if (to == NULL)
		return to_nobody(h, r, err);
	if (!is_ours(&out->claims, r))
		return 0;
	if (message_hops(&r->message) > LIMIT_HOPS)
		return work_refuse(h, r, "too many tasks led to this one, from "
				   "computer to computer", err);
	return has_workers(to) ? to_line(h, out, r, to, err)
			       : to_inbox(h, out, r, to, err);
}

static int decide_on_those(struct home *h, struct handovers *out,
			   enum message_priority priority, struct error *err)
{
	for (size_t i = 0; i < out->waiting.count; i++) {
		struct record *r = &out->waiting.item[i];

		if (r->message.priority == priority && decide_on(h, out, r, err) == -1)
			return -1;
	}
	return 0;
}

static int decide(struct home *h, const struct fleet *fleet,
		  struct handovers *out, struct error *err)
{
	int rc = find_waiting(h, &out->waiting, err);

	if (rc == 0 && out->waiting.count > 0)
		rc = claims_list(h, &out->claims, err);
	if (rc == 0 && out->waiting.count > 0)
		rc = routes_open(h, fleet, &out->routes, err);
	/* where there is no room for all, the most urgent go in */
	for (int p = PRIORITY_URGENT; p >= PRIORITY_LOW && rc == 0; p--)
		rc = decide_on_those(h, out, (enum message_priority)p, err);
	return rc;
}

/* Under the log's lock: what is about to happen is said first. */
static int announce(struct home *h, const struct fleet *fleet,
		    struct handovers *out, struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, decide(h, fleet, out, err), err);
}

/* ---- inboxes ---- */

static int note_result(struct home *h, const struct handover *o,
		       const struct error *failure, struct error *err)
{
	const char *id = o->record->id;

	if (!o->done)
		return record_problem(h->store, "delivery", id, failure->text,
				      err);
	if (record_handed(h->store, id, o->to->name, NULL, err) == -1)
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

/* With its body, of which only one is in memory. */
static int put_into_inbox(struct home *h, const struct handover *o,
			  struct error *err)
{
	struct record r;
	int rc = mail_find(h, o->record->id, &r, err);

	if (rc == 0)
		rc = deliver_inbox(h, o->to, &r, err);
	record_release(&r);
	return rc;
}

static void hand_over(struct home *h, struct handovers *l,
		      struct error *failures, unsigned *handed)
{
	for (size_t i = 0; i < l->count; i++) {
		struct handover *o = &l->item[i];

		o->done = put_into_inbox(h, o, &failures[i]) == 0;
		if (o->done)
			(*handed)++;
		else
			error_wrap(&failures[i], "%s could not be handed to %s",
				   o->record->id, o->to->name);
	}
}

static int fill_inboxes(struct home *h, struct handovers *l, unsigned *handed,
			struct error *err)
{
	struct error *failures = xcalloc(l->count, sizeof(*failures));
	int rc;

	hand_over(h, l, failures, handed);
	rc = note_results(h, l, failures, err);
	free(failures);
	return rc;
}

/* ---- all of it ---- */

/* Without an instance the queue is not even looked at: it may be long. But what
 * stands in the line of one that was removed goes back. */
static int anybody_waits(struct home *h, bool *out, struct error *err)
{
	struct work_line any;

	*out = true;
	for (size_t i = 0; i < h->settings.instance_count; i++)
		if (h->settings.instance[i].deliver != DELIVER_NONE)
			return 0;
	if (view_line(h->store, NULL, &any, err) == -1)
		return -1;
	*out = any.waiting > 0;
	return 0;
}

/* One that is not there is a problem, and no reason to stop. */
static int call_workers(struct home *h, struct error *err)
{
	struct error failure = ERROR_INIT;
	unsigned well;
	int rc = start_workers(h, &well, &failure);

	if (rc == 0 && well == 0)
		return 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = rc == 0 ?
	     record_problem_over(h->store, "delivery", "worker", err) :
	     record_problem(h->store, "delivery", "worker", failure.text, err);
	return store_end(h->store, rc, err);
}

/* ---- what one computer is to do ---- */

/* How many more TO can work on. */
static int room_of(struct home *h, const struct instance_settings *to,
		   uint64_t *out, struct error *err)
{
	struct work_line line;
	uint64_t used;

	if (view_line(h->store, to->name, &line, err) == -1)
		return -1;
	used = line.at_work + line.waiting;
	*out = used < (uint64_t)settings_capacity(to) ?
	       (uint64_t)settings_capacity(to) - used : 0;
	return 0;
}

/* One that is refused (it is done, there is no room in the status) stays where it is.
 * *ROOM counts those that are wanted. */
static int claim_for(struct home *h, const struct record *r,
		     const struct instance_settings *to, uint64_t *room,
		     struct error *err)
{
	char name[CLAIM_NAME];
	const struct claim_wish wish = { .name = name, .by = to->name };
	struct error refused = ERROR_INIT;

	claim_task_name(r->id, name);
	--*room;
	if (claims_want_now(h, &wish, &refused) == 0 || refused.code == ERR_NO ||
	    refused.code == ERR_CONFIG)
		return 0;
	*err = refused;
	return -1;
}

static bool is_elsewhere(const struct claim_list *claims, const struct record *r)
{
	const struct claim_standing *now = claim_list_task(claims, r->id);

	return now != NULL && now->state == CLAIM_ELSEWHERE;
}

static int claim_one(struct home *h, struct routes *routes, const struct record *r,
		     uint64_t *room, struct error *err)
{
	const struct instance_settings *to;

	if (target_of(h, routes, r, &to, err) == -1)
		return -1;
	if (to == NULL || room[to - h->settings.instance] == 0)
		return 0;
	return claim_for(h, r, to, &room[to - h->settings.instance], err);
}

static int claim_some(struct home *h, const struct fleet *fleet,
		      const struct record_list *l, struct error *err)
{
	uint64_t *room = xcalloc(h->settings.instance_count, sizeof(*room));
	struct routes *routes = NULL;
	struct claim_list claims;
	int rc = claims_list(h, &claims, err);

	if (rc == 0)
		rc = routes_open(h, fleet, &routes, err);
	for (size_t i = 0; i < h->settings.instance_count && rc == 0; i++)
		rc = room_of(h, &h->settings.instance[i], &room[i], err);
	for (size_t i = 0; i < l->count && rc == 0; i++)
		if (message_claim_one(&l->item[i].message) &&
		    !is_elsewhere(&claims, &l->item[i]))
			rc = claim_one(h, routes, &l->item[i], room, err);
	routes_close(routes);
	claim_list_release(&claims);
	free(room);
	return rc;
}

int deliver_claims(struct home *h, const struct fleet *fleet, struct error *err)
{
	struct record_filter queued = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	bool waits;
	int rc;

	if (anybody_waits(h, &waits, err) == -1)
		return -1;
	if (!waits)
		return 0;
	queued.direction = DIRECTION_IN;
	queued.brief = true;
	queued.queued = true;
	rc = add_waiting(h, &queued, is_new_task, &l, err);
	if (rc == 0 && l.count > 0)
		rc = claim_some(h, fleet, &l, err);
	record_list_release(&l);
	return rc;
}

int deliver_all(struct home *h, const struct fleet *fleet,
		struct chance *chance, unsigned *handed, struct error *err)
{
	struct handovers l = { 0 };
	bool waits;
	int rc = -1;

	*handed = 0;
	if (session_sweep_now(h, err) == -1 ||
	    settle_lost(h, chance, err) == -1 || hand_alerts(h, err) == -1 ||
	    anybody_waits(h, &waits, err) == -1)
		return -1;
	if (!waits)
		return 0;
	if (announce(h, fleet, &l, err) == 0 &&
	    fill_inboxes(h, &l, handed, err) == 0)
		rc = call_workers(h, err);
	*handed += l.assigned;
	release(&l);
	return rc;
}
