/*
 * A decision of routes.h in words, and as JSON: `trine route` prints these, and the daemon
 * answers with them.
 */
#include "trine/routes.h"

#include "trine/objects.h"

const char *route_by_name(enum route_by by)
{
	static const char *const names[] = {
		[ROUTE_BY_NAME] = "name", [ROUTE_BY_RULE] = "rule",
		[ROUTE_BY_BEING_ALONE] = "alone",
		[ROUTE_BY_SPECIALTY] = "specialty",
	};

	return names[by];
}

static const char *health_name(enum routing_health health)
{
	static const char *const names[] = {
		[ROUTING_UNKNOWN] = "unknown", [ROUTING_UP] = "up",
		[ROUTING_SLOW] = "slow", [ROUTING_DOWN] = "down",
	};

	return names[health];
}

static const char *verdict_words(enum routing_verdict v)
{
	static const char *const words[] = {
		[ROUTING_CHOSEN] = "chosen",
		[ROUTING_STANDS_IN] = "chosen, for the one that is meant and cannot now",
		[ROUTING_AWAITED] = "chosen: it is down, and gets it when it is back",
		[ROUTING_NOT_MEANT] = "another one is meant",
		[ROUTING_IS_DOWN] = "it is down",
		[ROUTING_IS_FULL] = "too many wait for it already",
		[ROUTING_NO_WORD] = "nothing of it is in its specialty",
		[ROUTING_MATCHES_LESS] = "another one matches better",
		[ROUTING_LESS_FREE] = "another one is as good, and comes first",
	};

	return words[v];
}

static const char *words_of(const struct route_decision *d, size_t i)
{
	return d->match != NULL ? d->match[i].words : NULL;
}

void route_option_say(struct buf *out, const struct route_decision *d, size_t i)
{
	const struct routing_candidate *c = &d->option[i];

	buf_adds(out, verdict_words(c->verdict));
	if (words_of(d, i) != NULL)
		buf_printf(out, "; it matches %s", words_of(d, i));
	if (c->running + c->waiting > 0)
		buf_printf(out, "; %llu of %llu at work, %llu waiting",
			   (unsigned long long)c->running,
			   (unsigned long long)c->capacity,
			   (unsigned long long)c->waiting);
	if (c->health != ROUTING_UNKNOWN)
		buf_printf(out, "; %s", health_name(c->health));
}

bool route_found(const struct route_explanation *e)
{
	return e->computer.rule != NULL || e->computer.chosen != -1 ||
	       e->instance.chosen != -1;
}

static void add_list(struct buf *out, const struct list *l, const char *between)
{
	for (size_t i = 0; i < l->count; i++)
		buf_printf(out, "%s%s", i > 0 ? between : "", l->item[i]);
}

void route_rule_say(struct buf *out, const struct fleet_route *rule)
{
	if (rule->stages.count > 0) {
		buf_adds(out, "first ");
		add_list(out, &rule->stages, ", then ");
	} else {
		add_list(out, &rule->to, " and ");
	}
	if (rule->review != 0)
		buf_printf(out, ", and %d accepts it", rule->review);
	if (rule->approvals != 0)
		buf_printf(out, ", when %d have approved it", rule->approvals);
}

/* ---- JSON ---- */

static json_t *option_to_json(const struct route_decision *d, size_t i)
{
	const struct routing_candidate *c = &d->option[i];
	json_t *json = json_pack("{s:b, s:f, s:s*, s:s, s:I, s:I, s:I, s:I}",
				 "chosen", (int)i == d->chosen, "score", c->score,
				 "words", words_of(d, i), "health",
				 health_name(c->health), "running",
				 (json_int_t)c->running, "waiting",
				 (json_int_t)c->waiting, "capacity",
				 (json_int_t)c->capacity, "weight",
				 (json_int_t)c->weight);

	if (d->rule == NULL)
		json_object_set_new(json, "verdict",
				    json_string(routing_verdict_name(c->verdict)));
	return json;
}

static json_t *computers_to_json(const struct route_explanation *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->computer.count; i++) {
		json_t *one = option_to_json(&e->computer, i);

		json_object_set_new(one, "computer",
				    json_integer(e->fleet->computer[i].number));
		if (e->fleet->computer[i].name != NULL)
			json_object_set_new(one, "name",
					    json_string(e->fleet->computer[i].name));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *instances_to_json(const struct route_explanation *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->instance.count; i++) {
		json_t *one = option_to_json(&e->instance, i);

		json_object_set_new(one, "name",
				    json_string(e->settings->instance[i].name));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *rule_to_json(const struct fleet_route *rule)
{
	json_t *json = json_pack("{s:s}", "label", rule->label);

	if (rule->to.count > 0)
		json_object_set_new(json, "to", list_to_json(&rule->to));
	if (rule->stages.count > 0)
		json_object_set_new(json, "stages", list_to_json(&rule->stages));
	if (rule->review != 0)
		json_object_set_new(json, "review", json_integer(rule->review));
	if (rule->approvals != 0)
		json_object_set_new(json, "approvals", json_integer(rule->approvals));
	return json;
}

json_t *route_explanation_to_json(const struct route_explanation *e)
{
	const struct route_decision *c = &e->computer, *i = &e->instance;
	json_t *json = json_pack("{s:i, s:s, s:o}", "schema", 1, "by",
				 route_by_name(c->rule != NULL || c->chosen != -1 ||
					       !e->here ? c->by : i->by),
				 "computers", computers_to_json(e));

	if (c->rule != NULL)
		json_object_set_new(json, "rule", rule_to_json(c->rule));
	if (c->chosen != -1)
		json_object_set_new(json, "computer", json_integer(
			e->fleet->computer[c->chosen].number));
	if (e->here)
		json_object_set_new(json, "instances", instances_to_json(e));
	if (i->chosen != -1)
		json_object_set_new(json, "instance", json_string(
			e->settings->instance[i->chosen].name));
	return json;
}
