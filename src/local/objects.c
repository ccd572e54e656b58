/* JSON of what is here (objects.h). */
#include "trine/objects.h"

#include <stdlib.h>
#include <string.h>

#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/tasks.h"
#include "trine/text.h"

json_t *time_to_json(int64_t seconds)
{
	char text[TIME_TEXT];

	if (seconds == 0)
		return json_null();
	return json_string(time_format(seconds, text));
}

char *json_to_line(json_t *json)
{
	char *text = mem_need(json_dumps(mem_need(json), JSON_COMPACT));
	char *line = xasprintf("%s\n", text);

	free(text);
	json_decref(json);
	return line;
}

json_t *list_to_json(const struct list *l)
{
	json_t *json = json_array();

	for (size_t i = 0; i < l->count; i++)
		json_array_append_new(json, json_string(l->item[i]));
	return json;
}

static void set_text(json_t *json, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_object_set_new(json, key, json_string(text));
}

static void set_number(json_t *json, const char *key, uint64_t number)
{
	if (number != 0)
		json_object_set_new(json, key, json_integer((json_int_t)number));
}

/* ---- claims in the whole fleet ---- */

const char *claim_state_word(enum claim_state state)
{
	static const char *const words[] = {
		[CLAIM_FREE] = "free", [CLAIM_TENTATIVE] = "tentative",
		[CLAIM_HELD] = "held", [CLAIM_OVER] = "over",
		[CLAIM_ELSEWHERE] = "elsewhere",
	};

	return words[state];
}

void claim_to_json(json_t *json, const struct claim_standing *s)
{
	set_text(json, "state", claim_state_word(s->state));
	set_number(json, "token", s->token);
	set_number(json, "computer", (uint64_t)s->computer);
	set_text(json, "holder", s->by);
	if (s->left > 0)
		set_number(json, "left_s", (uint64_t)s->left);
}

/* ---- tasks ---- */

/* What cannot be read is not waited for. */
static void set_waits(json_t *json, struct home *h, const struct record *r)
{
	struct error ignored = ERROR_INIT;
	struct buf words = BUF_INIT;

	if (tasks_waits_for(h, r, &words, &ignored) == 0 && words.len > 0)
		set_text(json, "waits", words.data);
	buf_release(&words);
}

json_t *task_to_json(struct home *h, const struct record *r,
		     const struct claim_list *claims)
{
	const struct claim_standing *claim = claim_list_task(claims, r->id);
	json_t *json = record_to_json(r, NULL, 0);

	set_text(json, "holder", tasks_holder(r));
	if (tasks_since(r) != 0)
		json_object_set_new(json, "since", time_to_json(tasks_since(r)));
	if (r->session != 0)
		set_number(json, "token", r->token);
	set_number(json, "attempt", r->attempt);
	set_waits(json, h, r);
	if (r->ended != 0) {
		json_object_set_new(json, "ended", time_to_json(r->ended));
		set_text(json, "by", r->holder != NULL ? r->holder : r->instance);
	}
	set_text(json, "result", r->result);
	set_text(json, "reason", r->note);
	if (claim != NULL) {
		json_t *fleet = json_object();

		claim_to_json(fleet, claim);
		json_object_set_new(json, "fleet", fleet);
	}
	return json;
}

/* ---- sessions and what they hold ---- */

json_t *session_to_json(const struct home *h, const struct session *s)
{
	json_t *json = json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s, "
		"s:s, s:o, s:o, s:b}", "schema", 1,
		"number", (json_int_t)s->number, "name", s->name,
		"role", s->role, "goal", s->goal, "doing", s->doing,
		"pid", (json_int_t)s->agent.pid,
		"parent", (json_int_t)s->parent, "terminal", s->terminal,
		"folder", s->folder, "since", time_to_json(s->since),
		"heard", time_to_json(s->ended == 0 ? session_heard(h, s) : 0),
		"alive", (int)session_lives(s));

	/* what tells its process from a later one with that pid */
	json_object_set_new(json, "born", json_integer((json_int_t)s->agent.born));
	json_object_set_new(json, "boot", json_string(s->agent.boot));
	if (s->ended != 0) {
		json_object_set_new(json, "ended", time_to_json(s->ended));
		json_object_set_new(json, "why", json_string(s->why));
	}
	return json;
}

json_t *lock_to_json(const struct home *h, const struct lock *l)
{
	return json_pack("{s:i, s:s, s:I, s:s, s:o, s:o*, s:I, s:s*, s:b}",
			 "schema", 1,
			 "name", l->name, "token", (json_int_t)l->token,
			 "holder", l->holder, "since", time_to_json(l->since),
			 "until", l->task == NULL ? time_to_json(l->until) : NULL,
			 "ttl_s", (json_int_t)l->ttl, "task", l->task, "lasts",
			 (int)locks_lasts(l, h->clock->now(h->clock)));
}

json_t *fleet_lock_to_json(const char *name, const struct claim_standing *s)
{
	json_t *json = json_pack("{s:i, s:s, s:b}", "schema", 1, "name",
				 claim_subject(name), "fleet", 1);

	claim_to_json(json, s);
	return json;
}

json_t *reservation_to_json(const struct reservation *r)
{
	return json_pack("{s:i, s:I, s:s, s:o, s:b, s:s, s:s, s:o, s:o}", "schema", 1,
			 "id", (json_int_t)r->id, "base", r->base,
			 "globs", list_to_json(&r->globs),
			 "shared", (int)r->shared, "holder", r->holder,
			 "why", r->why, "since", time_to_json(r->since),
			 "until", time_to_json(r->until));
}

json_t *value_to_json(const struct value *v)
{
	return json_pack("{s:i, s:s, s:s?, s:I, s:s, s:o}", "schema", 1,
			 "key", v->key, "value", v->value,
			 "generation", (json_int_t)v->generation,
			 "by", v->by != NULL ? v->by : "",
			 "since", time_to_json(v->since));
}

/* ---- messages ---- */

bool letters_same_text(const struct record *a, const struct record *b)
{
	char digest[MESSAGE_DIGEST], other[MESSAGE_DIGEST];

	message_text_digest(&a->message, digest);
	message_text_digest(&b->message, other);
	return strcmp(digest, other) == 0;
}

json_t *letter_to_json(const struct record *r, const struct moment *history,
		       size_t count, const struct record_list *anew)
{
	json_t *json = record_to_json(r, history, count);

	for (size_t i = 0; i < anew->count; i++)
		if (letters_same_text(r, &anew->item[i]))
			set_text(json, "anew", anew->item[i].id);
	return json;
}

json_t *hit_to_json(const struct hit *hit)
{
	json_t *json = record_to_json(&hit->record, NULL, 0);
	struct buf plain = BUF_INIT;

	for (const char *p = hit->snippet; *p != '\0'; p++)
		if (*p != HIT_BEGIN && *p != HIT_END)
			buf_addc(&plain, *p);
	set_text(json, "snippet", plain.data);
	buf_release(&plain);
	return json;
}

/* ---- alerts ---- */

static void set_time(json_t *json, const char *key, int64_t seconds)
{
	if (seconds != 0)
		json_object_set_new(json, key, time_to_json(seconds));
}

json_t *alert_to_json(const struct alert *a)
{
	json_t *json = json_pack("{s:i, s:s, s:s, s:s}", "schema", 1, "id", a->id,
				 "level", a->computer != 0 ? "fleet" : "here",
				 "state", a->cleared != 0 ? ALERT_CLEARED : "RAISED");

	set_number(json, "computer", (uint64_t)a->computer);
	set_text(json, "from", a->who);
	set_text(json, "title", a->text);
	set_time(json, "since", a->since);
	set_time(json, "told", a->told);
	set_number(json, "attempt", a->tries);
	set_time(json, "handed", a->handed);
	set_text(json, "note", a->note);
	set_time(json, "cleared", a->cleared);
	set_number(json, "cleared_on", (uint64_t)a->cleared_on);
	set_text(json, "cleared_by", a->cleared_by);
	set_text(json, "why", a->why);
	set_number(json, "more", a->more);
	return json;
}
