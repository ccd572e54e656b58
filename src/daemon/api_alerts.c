/* The API of alerts (api.h): what `trine alert` does. */
#include "api.h"
#include "trine/alert.h"
#include "trine/objects.h"

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct alert_list l;
	json_t *list;

	if (view_alerts(c->home->store, call_flag(c, "all"), &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, alert_to_json(&l.item[i]));
	alert_list_release(&l);
	*out = api_list("alerts", list);
	return 0;
}

static int run_raise(struct call *c, json_t **out, struct error *err)
{
	char id[MESSAGE_ID];
	bool anew;

	if (alert_raise(c->home, call_from(c), span_str(call_text(c, "text")), id, &anew,
			err) == -1)
		return -1;
	*out = api_id(id);
	return 0;
}

static int run_clear(struct call *c, json_t **out, struct error *err)
{
	struct alert_hand by = { .from = call_from(c), .why = call_text(c, "why") };
	char cleared[MESSAGE_ID];
	bool found;

	if (alert_clear(c->home, call_text(c, "id"), &by, cleared, &found, err) == -1)
		return -1;
	*out = api_done();
	return 0;
}

/* ---- as data ---- */

#define FROM { "from", API_TEXT, false, "an instance or session; else that which acts", \
	       NULL, 0, 0 }

static const struct api_field list_fields[] = {
	{ "all", API_FLAG, false, "those that are cleared, too", NULL, 0, 0 }, API_END
};

static const struct api_field raise_fields[] = {
	{ "text", API_TEXT, true, "what needs somebody now", NULL, 0, 0 }, FROM, API_END
};

static const struct api_field clear_fields[] = {
	{ "why", API_TEXT, false, "what was done", NULL, 0, 0 }, FROM, API_END
};

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/alerts", "alert_list", "What needs somebody now", list_fields,
	  "AlertList", 0, run_list, NULL },
	{ METHOD_POST, "/api/alerts", "alert_raise",
	  "An emergency: urgent, to all computers", raise_fields, "Id", API_ACTIVE, run_raise,
	  NULL },
	{ METHOD_POST, "/api/alerts/{id}/clear", "alert_clear", "It is over",
	  clear_fields, "Done", API_ACTIVE, run_clear, NULL },
	{ .path = NULL }
};

static const struct api_field alert_schema[] = {
	{ "schema", API_NUMBER, false, "1", NULL, 0, 0 },
	{ "id", API_TEXT, true, "of its message; or what it is about", NULL, 0, 0 },
	{ "level", API_TEXT, true, "told all computers, or this one alone", "fleet here", 0,
	  0 },
	{ "state", API_TEXT, true, "is it open?", "RAISED CLEARED", 0, 0 },
	{ "computer", API_NUMBER, false, "that raised it", NULL, 0, 0 },
	{ "from", API_TEXT, false, "who there", NULL, 0, 0 },
	{ "title", API_TEXT, false, "what it says", NULL, 0, 0 },
	{ "since", API_TIME, false, "since when", NULL, 0, 0 },
	{ "told", API_TIME, false, "when instances got it as a task", NULL, 0, 0 },
	{ "attempt", API_NUMBER, false, "how often the program of [alert] was run for it",
	  NULL, 0, 0 },
	{ "handed", API_TIME, false, "when that had ended well", NULL, 0, 0 },
	{ "note", API_TEXT, false, "why its last try failed", NULL, 0, 0 },
	{ "cleared", API_TIME, false, "when it was over", NULL, 0, 0 },
	{ "cleared_on", API_NUMBER, false, "which computer said so", NULL, 0, 0 },
	{ "cleared_by", API_TEXT, false, "and who there", NULL, 0, 0 },
	{ "why", API_TEXT, false, "what was done", NULL, 0, 0 },
	{ "more", API_NUMBER, false, "so many more of that computer wait", NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "alerts", API_OBJECTS, true, "the oldest first", "Alert", 0, 0 }, API_END
};

static const struct api_schema schemas[] = {
	{ "Alert", "Something that needs somebody now", alert_schema },
	{ "AlertList", "Alerts", list_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_alerts = {
	"alerts", "What needs somebody now", operations, schemas
};
