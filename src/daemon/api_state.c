/* The API of small values that instances share (api.h): what `trine state` does. */
#include "api.h"
#include "trine/objects.h"
#include "trine/state.h"

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct value_list l;
	json_t *list;

	if (view_values(c->home->store, &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, value_to_json(&l.item[i]));
	value_list_release(&l);
	*out = api_list("values", list);
	return 0;
}

static int run_get(struct call *c, json_t **out, struct error *err)
{
	const char *key = call_text(c, "key");
	struct value v;
	bool found;

	if (view_value(c->home->store, key, &v, &found, err) == -1)
		return -1;
	if (!found)
		return error_set(err, ERR_NOTFOUND, "%.64s is not set", key);
	*out = value_to_json(&v);
	value_release(&v);
	return 0;
}

static int run_set(struct call *c, json_t **out, struct error *err)
{
	int64_t generation = call_number(c, "if", -1);
	uint64_t seen = (uint64_t)generation;
	char who[SESSION_TEXT] = "";
	struct value v;

	if (call_flag(c, "unset") == (call_text(c, "value") != NULL))
		return error_set(err, ERR_USAGE, "either \"value\" or \"unset\" is "
				 "wanted");
	if (c->by != NULL)
		session_text(c->by, who);
	if (state_set(c->home, call_text(c, "key"), call_text(c, "value"),
		      generation < 0 ? NULL : &seen, who, &v, err) == -1)
		return -1;
	*out = value_to_json(&v);
	value_release(&v);
	return 0;
}

/* ---- as data ---- */

static const struct api_field set_fields[] = {
	{ "value", API_TEXT, false, "its value from now on", NULL, 0, 0 },
	{ "unset", API_FLAG, false, "take the key away", NULL, 0, 0 },
	{ "if", API_NUMBER, false, "only if it has this generation; 0: is not set", NULL,
	  0, 0 },
	API_END
};

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/state", "state_list", "All values", NULL, "ValueList", 0,
	  run_list, NULL },
	{ METHOD_GET, "/api/state/{key}", "state_get", "One value", NULL, "Value", 0,
	  run_get, NULL },
	{ METHOD_POST, "/api/state/{key}", "state_set",
	  "Change one: 409, and which it has, if the generation is another", set_fields,
	  "Value", 0, run_set, NULL },
	{ .path = NULL }
};

static const struct api_field value_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "key", API_TEXT, true, "its name", NULL, 0, 0 },
	{ "value", API_MAYBE, true, "null: it was taken away", NULL, 0, 0 },
	{ "generation", API_NUMBER, true, "it only rises", NULL, 0, 0 },
	{ "by", API_TEXT, true, "who set it", NULL, 0, 0 },
	{ "since", API_TIME, true, "when", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "values", API_OBJECTS, true, "by name", "Value", 0, 0 }, API_END
};

static const struct api_schema schemas[] = {
	{ "Value", "A small value that instances share", value_schema },
	{ "ValueList", "Values", list_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_state = {
	"state", "Small values that instances share", operations, schemas
};
