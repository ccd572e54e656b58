/*
 * run/active.json (active.h). Called behind each command that changes what is in it,
 * and by the cycle.
 */
#include "trine/active.h"

#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/instances.h"
#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/reserve.h"
#include "trine/session.h"
#include "trine/store_alert.h"
#include "trine/tasks.h"
#include "trine/text.h"

enum { LOCK_MS = 5000, ROOM = ACTIVE_BYTES - 256 };

/* ITEM becomes LIST's, while there is room; else only counted. */
static void add(json_t *list, json_t *item, size_t *room, json_int_t *left)
{
	char *text = mem_need(json_dumps(item, JSON_COMPACT));
	size_t len = strlen(text) + 1;

	free(text);
	if (len > *room) {
		(*left)++;
		json_decref(item);
		return;
	}
	*room -= len;
	json_array_append_new(list, item);
}

struct gathering {
	struct home *h;
	struct standing standing;
	int64_t now;
	size_t room;
	json_int_t left;	/* so many more than are listed */
};

static int add_sessions(struct gathering *g, json_t *out, struct error *err)
{
	struct session_list l;

	if (view_sessions(g->h->store, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		const struct session *s = &l.item[i];

		if (session_lives(s))
			add(out, json_pack("{s:I, s:s, s:s, s:s, s:I, s:s, s:o}",
				"number", (json_int_t)s->number,
				"name", s->name, "goal", s->goal,
				"doing", s->doing, "pid",
				(json_int_t)s->agent.pid, "folder", s->folder,
				"since", time_to_json(s->since)), &g->room, &g->left);
	}
	session_list_release(&l);
	return 0;
}

static int add_tasks(struct gathering *g, json_t *out, struct error *err)
{
	struct record_list l;

	if (view_had_tasks(g->h->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		const struct record *r = &l.item[i];

		if (tasks_holder(r) != NULL)
			add(out, json_pack("{s:s, s:s, s:s, s:s, s:o}",
				"id", r->id, "title", r->message.title,
				"state", r->state, "holder", tasks_holder(r),
				"since", time_to_json(tasks_since(r))),
			    &g->room, &g->left);
	}
	record_list_release(&l);
	return 0;
}

static int add_locks(struct gathering *g, json_t *out, struct error *err)
{
	struct lock_list l;

	if (!g->standing.locks)
		return 0;
	if (view_locks(g->h->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		if (locks_lasts(&l.item[i], g->now))
			add(out, json_pack("{s:s, s:s, s:o, s:s*}",
				"name", l.item[i].name,
				"holder", l.item[i].holder,
				"until", time_to_json(l.item[i].until),
				"task", l.item[i].task),
			    &g->room, &g->left);
	lock_list_release(&l);
	return 0;
}

static int add_reservations(struct gathering *g, json_t *out, struct error *err)
{
	struct reservation_list l;

	if (!g->standing.reservations)
		return 0;
	if (view_reservations(g->h->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		const struct reservation *r = &l.item[i];
		json_t *globs;

		if (!reserve_lasts(r, g->now))
			continue;
		globs = json_array();
		for (size_t k = 0; k < r->globs.count; k++)
			json_array_append_new(globs,
					      json_string(r->globs.item[k]));
		add(out, json_pack("{s:s, s:o, s:b, s:s, s:s, s:o}",
			"base", r->base, "globs", globs, "shared",
			(int)r->shared, "holder", r->holder, "why", r->why,
			"until", time_to_json(r->until)), &g->room, &g->left);
	}
	reservation_list_release(&l);
	return 0;
}

static int add_claims(struct gathering *g, json_t *out, struct error *err)
{
	struct claim_list l;

	if (!g->standing.claims)
		return 0;
	if (claims_list(g->h, &l, err) == -1) {
		claim_list_release(&l);
		return -1;
	}
	for (size_t i = 0; i < l.count; i++) {
		const struct claim_standing *is = &l.item[i].is;
		json_t *until = is->left > 0 ? time_to_json(g->now + is->left) : NULL;

		add(out, json_pack("{s:s, s:b, s:i, s:s, s:I, s:o*}",
			"name", l.item[i].name, "held", is->state == CLAIM_HELD,
			"computer", is->computer != 0 ? is->computer : g->h->number,
			"holder", is->by, "token", (json_int_t)is->token,
			"until", until), &g->room, &g->left);
	}
	claim_list_release(&l);
	return 0;
}

static int add_instances(struct gathering *g, json_t *out, struct error *err)
{
	const struct settings *set = &g->h->settings;
	struct instance_list l;

	if (set->instance_count == 0)
		return 0;
	if (instances_list(g->h, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < set->instance_count; i++) {
		struct instance_sum sum = instances_sum(&l, &set->instance[i], 0);

		if (sum.known)
			add(out, json_pack("{s:s, s:s, s:i, s:i}",
				"name", set->instance[i].name, "state", sum.state,
				"online", (int)sum.online,
				"copies", (int)sum.copies), &g->room, &g->left);
	}
	instance_list_release(&l);
	return 0;
}

/* They come first, and however many there are, the others have room. */
static int add_alerts(struct gathering *g, json_t *out, struct error *err)
{
	size_t share = g->room / 4, left = share;
	struct alert_list l;

	if (!g->standing.alerts)
		return 0;
	if (view_alerts(g->h->store, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		const struct alert *a = &l.item[i];

		add(out, json_pack("{s:s, s:i, s:s*, s:s, s:o}", "id", a->id,
			"computer", a->computer != 0 ? a->computer : g->h->number,
			"from", *a->who ? a->who : NULL, "title", a->text,
			"since", time_to_json(a->since)), &left, &g->left);
	}
	g->room -= share - left;
	alert_list_release(&l);
	return 0;
}

static const struct {
	const char *key;
	int (*add)(struct gathering *g, json_t *out, struct error *err);
} parts[] = {
	{ "alerts", add_alerts },
	{ "sessions", add_sessions },
	{ "tasks", add_tasks },
	{ "locks", add_locks },
	{ "reservations", add_reservations },
	{ "claims", add_claims },
	{ "instances", add_instances },
};

/* NULL and ERR where the view cannot be read. */
static json_t *gather(struct home *h, struct error *err)
{
	struct gathering g = { .h = h, .now = h->clock->now(h->clock),
			       .room = ROOM };
	json_t *json = json_pack("{s:i, s:i, s:o}", "schema", 1, "computer",
				 h->number, "updated", time_to_json(g.now));
	int rc = view_standing(h->store, &g.standing, err);

	for (size_t i = 0; i < ARRAY_LEN(parts) && rc == 0; i++) {
		json_t *list = json_array();

		rc = parts[i].add(&g, list, err);
		json_object_set_new(json, parts[i].key, list);
	}
	if (g.left > 0)
		json_object_set_new(json, "more", json_integer(g.left));
	if (rc == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* One after the other, so that what is there last was read last. */
int active_write(struct home *h, struct error *err)
{
	char *lock;
	json_t *json;
	int fd, rc;

	if (store_is_read_only(h->store))
		return 0;
	lock = home_path(h, "run/active.lock");
	fd = file_lock(lock, LOCK_MS, err);
	json = fd != -1 ? gather(h, err) : NULL;
	rc = json != NULL ? home_put_json(h, "run/active.json", json, err) : -1;
	file_unlock(fd);
	free(lock);
	return rc;
}
