/* The JSON of an overview (overview_json.h). */
#include "trine/overview_json.h"

#include <stdio.h>
#include <string.h>

#include "trine/locks.h"
#include "trine/objects.h"
#include "trine/reserve.h"
#include "trine/tasks.h"

static json_t *text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static json_t *streams_to_json(const struct overview *o)
{
	json_t *list = json_array();
	char name[STREAM_NAME], number[16];
	size_t c = 0;

	for (size_t i = 0; i < o->stream_count; i++) {
		json_t *confirmed = json_object();

		for (; c < o->confirmed_count && o->confirmed[c].stream == i;
		     c++) {
			snprintf(number, sizeof(number), "%d",
				 o->confirmed[c].computer);
			json_object_set_new(confirmed, number, json_integer(
				(json_int_t)o->confirmed[c].upto));
		}
		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:o}",
			"name", stream_name_format(o->stream[i].name, name),
			"sent", (json_int_t)o->stream[i].last,
			"pushed", (json_int_t)o->stream[i].pushed,
			"confirmed", confirmed));
	}
	return list;
}

json_t *overview_computers_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->peer_count; i++) {
		const struct peer *p = &o->peer[i];
		enum computer_state state = overview_peer_state(p, o->now);
		const struct present *live = presence_of(&o->presence, p->computer);

		json_array_append_new(list, json_pack(
			"{s:i, s:o, s:s, s:o, s:I, s:o, s:o}", "computer", p->computer,
			"name", text_or_null(p->name),
			"state", computer_state_name(state),
			"seen", time_to_json(p->seen),
			"age_s", (json_int_t)(o->now - p->seen),
			"connected", time_to_json(live != NULL ? live->since : 0),
			"live", live != NULL && live->state != STATE_OFFLINE ?
			json_string(computer_state_name(live->state)) : json_null()));
	}
	return list;
}

json_t *overview_fleet_to_json(const struct overview *o)
{
	json_t *list = overview_computers_to_json(o);
	const char *state = computer_state_name(o->state);

	json_array_insert_new(list, 0, json_pack(
		"{s:i, s:o, s:s, s:o, s:i, s:o, s:s}", "computer", o->me.number,
		"name", text_or_null(o->name), "state", state,
		"seen", time_to_json(o->now), "age_s", 0,
		"connected", time_to_json(0), "live", state));
	return list;
}

static json_t *work_to_json(const struct overview *o, const char *instance)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->work.count; i++) {
		const struct record *r = &o->work.item[i];

		if (r->instance == NULL || strcmp(r->instance, instance) != 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:I}",
			"id", r->id, "title", r->message.title,
			"since", time_to_json(r->began),
			"attempt", (json_int_t)r->attempt));
	}
	return list;
}

/* How many of its copies are well, only the daemon knows. */
static json_t *instance_to_json(const struct overview *o,
				const struct overview_instance *one)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:i, s:i, s:I, s:o, s:o}",
		"name", one->name, "state", one->sum.state,
		"queued", (int)one->queued, "running", (int)one->running,
		"capacity", (json_int_t)one->capacity,
		"contact", time_to_json(one->contact),
		"doing", work_to_json(o, one->name));

	if (one->sum.known) {
		json_object_set_new(json, "online", json_integer(one->sum.online));
		json_object_set_new(json, "copies", json_integer(one->sum.copies));
	}
	return json;
}

json_t *overview_instances_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->instance_count; i++)
		json_array_append_new(list, instance_to_json(o, &o->instance[i]));
	return list;
}

static json_t *had_to_json(const struct overview *o, const struct session *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->had.count; i++) {
		const struct record *r = &o->had.item[i];

		if (r->session == s->id)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:s, s:o}", "id", r->id, "title",
				r->message.title, "state", r->state, "since",
				time_to_json(tasks_since(r))));
	}
	return list;
}

static json_t *sessions_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->session.count; i++) {
		const struct session *s = &o->session.item[i];

		json_array_append_new(list, json_pack(
			"{s:I, s:s, s:s, s:s, s:o, s:b, s:o}",
			"number", (json_int_t)s->number, "name", s->name,
			"goal", s->goal, "doing", s->doing,
			"since", time_to_json(s->since),
			"alive", (int)session_lives(s),
			"tasks", had_to_json(o, s)));
	}
	return list;
}

static json_t *locks_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->lock.count; i++) {
		const struct lock *l = &o->lock.item[i];

		if (locks_lasts(l, o->now))
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:I, s:o*, s:s*}", "name", l->name,
				"holder", l->holder, "token",
				(json_int_t)l->token, "until", l->task == NULL ?
				time_to_json(l->until) : NULL, "task", l->task));
	}
	return list;
}

static json_t *reservations_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->reservation.count; i++) {
		const struct reservation *r = &o->reservation.item[i];

		if (reserve_lasts(r, o->now))
			json_array_append_new(list, json_pack(
				"{s:o, s:s, s:s, s:o}", "globs",
				list_to_json(&r->globs), "holder", r->holder,
				"why", r->why, "until", time_to_json(r->until)));
	}
	return list;
}

static json_t *alerts_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->alert.count; i++) {
		json_t *one = alert_to_json(&o->alert.item[i]);

		json_object_del(one, "schema");
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *claims_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->claim.count; i++) {
		json_t *one = json_pack("{s:s}", "name", o->claim.item[i].name);

		claim_to_json(one, &o->claim.item[i].is);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *problems_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->problem_count; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "code",
				    json_string(o->problem[i].code));
		json_object_set_new(one, "text", json_string(o->problem[i].text));
		if (o->problem[i].since != 0)
			json_object_set_new(one, "since",
					    time_to_json(o->problem[i].since));
		json_array_append_new(list, one);
	}
	return list;
}

json_t *overview_to_json(const struct overview *o)
{
	json_t *json = json_object();

	json_object_set_new(json, "schema", json_integer(1));
	json_object_set_new(json, "computer", json_integer(o->me.number));
	json_object_set_new(json, "name", text_or_null(o->name));
	json_object_set_new(json, "state",
			    json_string(computer_state_name(o->state)));
	json_object_set_new(json, "clone", json_string(o->me.clone));
	json_object_set_new(json, "branch", text_or_null(o->branch));
	json_object_set_new(json, "push", text_or_null(o->apart));
	json_object_set_new(json, "tip", text_or_null(o->tip));
	json_object_set_new(json, "tip_time", time_to_json(o->tip_time));
	json_object_set_new(json, "fetched", time_to_json(o->report.fetched));
	json_object_set_new(json, "online", json_boolean(o->report.online));
	json_object_set_new(json, "unpushed", json_integer(o->commits));
	json_object_set_new(json, "streams", streams_to_json(o));
	json_object_set_new(json, "computers", overview_computers_to_json(o));
	json_object_set_new(json, "instances", overview_instances_to_json(o));
	json_object_set_new(json, "sessions", sessions_to_json(o));
	json_object_set_new(json, "locks", locks_to_json(o));
	json_object_set_new(json, "reservations", reservations_to_json(o));
	json_object_set_new(json, "claims", claims_to_json(o));
	json_object_set_new(json, "alerts", alerts_to_json(o));
	json_object_set_new(json, "problems", problems_to_json(o));
	return json;
}
