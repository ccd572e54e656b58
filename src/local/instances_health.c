/*
 * run/health.json (instances.h): what the daemon sees of instances and changes too
 * often for the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/home_json.h"
#include "trine/instances.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { LIMIT_HEALTH = 1024 * 1024, MOST = 10000 };

static const char place[] = "run/health.json";

void health_list_release(struct health_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i].name);
	free(l->item);
	*l = (struct health_list){ 0 };
}

static json_t *one_to_json(const struct instance_health *one)
{
	return mem_need(json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:i, s:i, s:s}",
		"name", one->name, "copy", (json_int_t)one->copy,
		"state", instance_state_name(one->state),
		"checked", (json_int_t)one->checked,
		"response_ms", (json_int_t)one->response_ms,
		"cpu_permille", (json_int_t)one->cpu,
		"memory", (json_int_t)one->memory,
		"failures", (int)one->failures,
		"restarts", (int)one->restarts, "history", one->history));
}

int health_write(const struct home *h, const struct health_list *l, struct error *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->count; i++)
		json_array_append_new(list, one_to_json(&l->item[i]));
	return home_put_json(h, place, json_pack("{s:i, s:I, s:I, s:o}", "schema", 1,
		"time", (json_int_t)l->time, "wish", (json_int_t)l->wish, "instances",
		list), err);
}

static int64_t number(const json_t *json, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(json, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static const char *text(const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));

	return value != NULL ? value : "";
}

static void take(struct health_list *l, const json_t *json)
{
	struct instance_health one = {
		.name = xstrdup(text(json, "name")), .copy = number(json, "copy", 0),
		.checked = number(json, "checked", 0),
		.response_ms = number(json, "response_ms", -1),
		.cpu = number(json, "cpu_permille", -1),
		.memory = number(json, "memory", -1),
		.failures = (unsigned)number(json, "failures", 0),
		.restarts = (unsigned)number(json, "restarts", 0),
	};

	snprintf(one.history, sizeof(one.history), "%s", text(json, "history"));
	instance_state_parse(span_str(text(json, "state")), &one.state);
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = one;
}

void health_read(const struct home *h, struct health_list *out)
{
	json_t *json = home_json(h, place, LIMIT_HEALTH);
	const json_t *list = json_object_get(json, "instances");

	*out = (struct health_list){ 0 };
	out->time = number(json, "time", 0);
	out->wish = (uint64_t)number(json, "wish", 0);
	for (size_t i = 0; i < json_array_size(list) && i < MOST; i++)
		take(out, json_array_get(list, i));
	json_decref(json);
}
