/* The dashboard (dashboard.h): one picture of all, and the page that shows it. */
#include "trine/dashboard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/cycles.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/objects.h"
#include "trine/overview_json.h"
#include "trine/page.h"
#include "trine/task.h"
#include "trine/tasks.h"
#include "trine/text.h"

/* ---- facts ---- */

static int add_status(struct home *h, json_t *facts, struct error *err)
{
	struct overview o;
	int rc = overview_gather(h, &o, err);

	if (rc == 0)
		json_object_set_new(facts, "status", overview_to_json(&o));
	overview_release(&o);
	return rc;
}

static int add_instances(struct home *h, json_t *facts, struct error *err)
{
	struct instance_list l;
	json_t *list;

	if (instances_list(h, &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, instance_now_to_json(&l.item[i]));
	json_object_set_new(facts, "instances", list);
	instance_list_release(&l);
	return 0;
}

static int add_open_tasks(struct home *h, const struct claim_list *claims,
			  json_t *tasks, struct error *err)
{
	struct record_list l;

	if (tasks_list(h, false, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(tasks, task_to_json(h, &l.item[i], claims));
	record_list_release(&l);
	return 0;
}

/* Without their texts: the page asks for one when somebody wants to read it. */
static json_t *brief(json_t *json)
{
	json_object_del(json, "body");
	return json;
}

/* A task of ours that another computer does is among its messages. */
static void add_newest(struct home *h, const struct hit_list *l,
		       const struct claim_list *claims, json_t *tasks,
		       json_t *messages)
{
	enum task_state state;

	for (size_t i = 0; i < l->count; i++) {
		const struct record *r = &l->item[i].record;
		bool local = r->message.stream.from == r->message.stream.to;

		if (task_state_parse(span_str(r->state), &state) && task_has_ended(state))
			json_array_append_new(tasks, brief(task_to_json(h, r, claims)));
		if (!local || r->message.type != TYPE_TASK)
			json_array_append_new(messages,
					      brief(record_to_json(r, NULL, 0)));
	}
}

static int add_mail(struct home *h, json_t *facts, struct error *err)
{
	struct search_filter newest = SEARCH_FILTER_ALL;
	json_t *tasks = json_array(), *messages = json_array();
	struct claim_list claims = { 0 };
	struct hit_list l = { 0 };
	int rc;

	newest.text = "";
	newest.since = 1;
	newest.limit = DASHBOARD_MESSAGES;
	rc = claims_list(h, &claims, err);
	if (rc == 0)
		rc = add_open_tasks(h, &claims, tasks, err);
	if (rc == 0)
		rc = view_search(h->store, &newest, &l, err);
	if (rc == 0)
		add_newest(h, &l, &claims, tasks, messages);
	hit_list_release(&l);
	claim_list_release(&claims);
	json_object_set_new(facts, "tasks", tasks);
	json_object_set_new(facts, "messages", messages);
	return rc;
}

int dashboard_facts(struct home *h, json_t **out, struct error *err)
{
	json_t *facts = json_pack("{s:i, s:s, s:o}", "schema", 1, "version",
				  TRINE_VERSION, "time",
				  time_to_json(h->clock->now(h->clock)));

	*out = facts;
	if (session_sweep_now(h, err) == 0 && add_status(h, facts, err) == 0 &&
	    add_instances(h, facts, err) == 0 && add_mail(h, facts, err) == 0) {
		json_object_set_new(facts, "cycles", cycles_to_json(h));
		return 0;
	}
	json_decref(facts);
	*out = NULL;
	return -1;
}

/* ---- the page ---- */

/* As text of a script element: what ends that is written as JSON can write it, too. */
static void add_facts(struct buf *out, const json_t *facts)
{
	char *text = facts != NULL ? json_dumps(facts, JSON_COMPACT) : NULL;

	for (const char *p = text != NULL ? text : ""; *p != '\0'; p++)
		if (*p == '<')
			buf_adds(out, "\\u003c");
		else
			buf_addc(out, *p);
	free(text);
}

static void write_policy(char out[DASHBOARD_POLICY], const char *nonce, bool asks)
{
	snprintf(out, DASHBOARD_POLICY, "default-src 'none'; script-src 'nonce-%s'; "
		 "style-src 'nonce-%s'; img-src data:; connect-src %s; base-uri 'none'; "
		 "form-action 'none'", nonce, nonce, asks ? "'self'" : "'none'");
}

void dashboard_page_write(struct buf *out, const json_t *facts, struct chance *chance,
			  char policy[DASHBOARD_POLICY])
{
	const char *at = dashboard_page, *next;
	char nonce[33];

	snprintf(nonce, sizeof(nonce), "%016" PRIx64 "%016" PRIx64, chance->next(chance),
		 chance->next(chance));
	write_policy(policy, nonce, facts == NULL);
	while ((next = strchr(at, '{')) != NULL) {
		struct span rest = span_str(next);

		buf_add(out, at, (size_t)(next - at));
		if (text_skip(&rest, "{nonce}"))
			buf_adds(out, nonce);
		else if (text_skip(&rest, "{policy}"))
			buf_adds(out, policy);
		else if (text_skip(&rest, "{facts}"))
			add_facts(out, facts);
		else if (text_skip(&rest, "{"))
			buf_addc(out, '{');
		at = rest.p;
	}
	buf_adds(out, at);
}
