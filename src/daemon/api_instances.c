/* The API of instances (api.h): what `trine instance` and `trine sync` do, without
 * waiting for it: /api/events says when it is done. */
#include "api.h"
#include "trine/instances.h"
#include "trine/objects.h"

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct instance_list l;
	json_t *list;

	if (instances_list(c->home, &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, instance_now_to_json(&l.item[i]));
	*out = json_pack("{s:i, s:I, s:o}", "schema", 1, "wish", (json_int_t)l.wish,
			 "instances", list);
	instance_list_release(&l);
	return 0;
}

static int want(struct call *c, enum instance_want what, json_t **out,
		struct error *err)
{
	uint64_t wish;

	if (instances_want(c->home, call_text(c, "name"), what, &wish, err) == -1)
		return -1;
	*out = json_pack("{s:i, s:I}", "schema", 1, "wish", (json_int_t)wish);
	return 0;
}

static int run_start(struct call *c, json_t **out, struct error *err)
{
	return want(c, WANT_START, out, err);
}

static int run_stop(struct call *c, json_t **out, struct error *err)
{
	return want(c, WANT_STOP, out, err);
}

static int run_restart(struct call *c, json_t **out, struct error *err)
{
	return want(c, WANT_RESTART, out, err);
}

static int run_sync(struct call *c, json_t **out, struct error *err)
{
	if (web_ring(c->web, err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

/* ---- as data ---- */

#define VERB(verb, summary) \
	{ METHOD_POST, "/api/instances/{name}/" #verb, "instance_" #verb, summary, NULL, \
	  "Wish", 0, run_##verb, NULL }

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/instances", "instance_list",
	  "The instances of this computer, each copy", NULL, "InstanceList", 0, run_list,
	  NULL },
	VERB(start, "All copies of it are to run"),
	VERB(stop, "None is to run"),
	VERB(restart, "All are to run anew"),
	{ METHOD_POST, "/api/sync", "sync", "A cycle is to begin, now", NULL, "Done", 0,
	  run_sync, NULL },
	{ .path = NULL }
};

static const struct api_field instance_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "name", API_TEXT, true, "its name in trine.ini", NULL, 0, 0 },
	{ "copy", API_NUMBER, true, "of several alike", NULL, 1, 0 },
	{ "state", API_TEXT, true, "how it is",
	  "OFFLINE STARTING ONLINE BUSY DEGRADED CRASHED unknown", 0, 0 },
	{ "since", API_TIME, true, "since when", NULL, 0, 0 },
	{ "pid", API_SOME, true, "its process", NULL, 0, 0 },
	{ "reason", API_TEXT, true, "why, or empty", NULL, 0, 0 },
	{ "given_up", API_FLAG, true, "nothing is tried until somebody acts", NULL, 0, 0 },
	{ "wanted", API_FLAG, true, "is it to run?", NULL, 0, 0 },
	{ "startable", API_FLAG, true, "has it a program?", NULL, 0, 0 },
	{ "checked", API_TIME, true, "when it last answered", NULL, 0, 0 },
	{ "response_ms", API_SOME, true, "how long that took", NULL, 0, 0 },
	{ "cpu_permille", API_SOME, true, "of one processor", NULL, 0, 0 },
	{ "memory", API_SOME, true, "resident bytes", NULL, 0, 0 },
	{ "history", API_TEXT, true, "the last answers, the newest last: + well, ~ slow, "
	  "- ill, ? nobody could be asked", NULL, 0, 0 },
	{ "failures", API_NUMBER, true, "starts in a row that were no good", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "wish", API_NUMBER, true, "the last one that was seen to", NULL, 0, 0 },
	{ "instances", API_OBJECTS, true, "in the order of trine.ini", "Instance", 0, 0 },
	API_END
};

static const struct api_field wish_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "wish", API_NUMBER, true, "it is seen to as soon as the list has that number",
	  NULL, 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Instance", "Something here that takes tasks", instance_schema },
	{ "InstanceList", "Instances", list_schema },
	{ "Wish", "What is wanted", wish_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_instances = {
	"instances", "What the daemon watches over", operations, schemas
};
