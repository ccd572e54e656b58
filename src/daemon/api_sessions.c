/* The API of sessions (api.h): what `trine session` does. */
#include <stdlib.h>

#include "api.h"
#include "trine/objects.h"

static int give(struct call *c, struct session *s, json_t **out)
{
	*out = session_to_json(c->home, s);
	session_release(s);
	return 0;
}

static int run_list(struct call *c, json_t **out, struct error *err)
{
	struct session_list l;
	json_t *list;

	if (session_sweep_now(c->home, err) == -1 ||
	    view_sessions(c->home->store, call_flag(c, "all"), &l, err) == -1)
		return -1;
	list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, session_to_json(c->home, &l.item[i]));
	session_list_release(&l);
	*out = api_list("sessions", list);
	return 0;
}

static int run_start(struct call *c, json_t **out, struct error *err)
{
	struct session_wish w = {
		.number = call_number(c, "number", 0), .name = call_text(c, "name"),
		.role = call_text(c, "role"), .goal = call_text(c, "goal"),
		.pid = (long)call_number(c, "pid", 0),
	};
	struct session s;
	char *told = NULL;

	if (session_start(c->home, &w, &s, &told, err) == -1)
		return -1;
	give(c, &s, out);
	if (told != NULL)
		json_object_set_new(*out, "told", json_string(told));
	free(told);
	return 0;
}

static int run_show(struct call *c, json_t **out, struct error *err)
{
	struct session s;

	if (session_find(c->home, call_text(c, "name"), &s, err) == -1)
		return -1;
	return give(c, &s, out);
}

static int run_beat(struct call *c, json_t **out, struct error *err)
{
	struct session s;
	bool found;

	if (session_caller(c->home, call_text(c, "name"), &s, &found, err) == -1)
		return -1;
	if (session_beat(c->home, &s, call_text(c, "doing"), err) == -1) {
		session_release(&s);
		return -1;
	}
	session_release(&s);
	return run_show(c, out, err);
}

static int run_end(struct call *c, json_t **out, struct error *err)
{
	struct session s;
	int rc;

	if (session_find(c->home, call_text(c, "name"), &s, err) == -1)
		return -1;
	rc = session_end(c->home, &s, c->by != NULL && c->by->id == s.id ?
			 "ended by itself" : "ended by name", err);
	session_release(&s);
	if (rc == 0)
		*out = api_done();
	return rc;
}

static int run_adopt(struct call *c, json_t **out, struct error *err)
{
	struct session s;

	if (session_find(c->home, call_text(c, "name"), &s, err) == -1)
		return -1;
	if (session_adopt(c->home, &s, (long)call_number(c, "pid", 0), err) == 0)
		return give(c, &s, out);
	session_release(&s);
	return -1;
}

/* ---- as data ---- */

#define PID { "pid", API_NUMBER, true, "the agent's process", NULL, 2, INT32_MAX }

static const struct api_field list_fields[] = {
	{ "all", API_FLAG, false, "those that have ended, too", NULL, 0, 0 }, API_END
};

static const struct api_field start_fields[] = {
	PID,
	{ "number", API_NUMBER, false, "its number (else the lowest free one)", NULL, 1,
	  9999 },
	{ "name", API_TEXT, false, "what others call it", NULL, 0, 0 },
	{ "role", API_TEXT, false, "what it is here for", NULL, 0, 0 },
	{ "goal", API_TEXT, false, "what it is to reach", NULL, 0, 0 },
	API_END
};

static const struct api_field beat_fields[] = {
	{ "doing", API_TEXT, false, "what it does now", NULL, 0, 0 }, API_END
};

static const struct api_field adopt_fields[] = { PID, API_END };

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/sessions", "session_list", "Who is at work here", list_fields,
	  "SessionList", 0, run_list, NULL },
	{ METHOD_POST, "/api/sessions", "session_start",
	  "Register an agent: 409, and who has it, if its number or name is taken",
	  start_fields, "Session", API_ACTIVE, run_start, NULL },
	{ METHOD_GET, "/api/sessions/{name}", "session_show", "One, by number or name",
	  NULL, "Session", 0, run_show, NULL },
	{ METHOD_POST, "/api/sessions/{name}/beat", "session_beat",
	  "It is there; whatever it does counts as that, too", beat_fields, "Session",
	  API_ACTIVE, run_beat, NULL },
	{ METHOD_POST, "/api/sessions/{name}/end", "session_end",
	  "It ends, and gives back what it has", NULL, "Done", API_ACTIVE, run_end, NULL },
	{ METHOD_POST, "/api/sessions/{name}/adopt", "session_adopt",
	  "Another process goes on as one whose own is gone", adopt_fields, "Session",
	  API_ACTIVE, run_adopt, NULL },
	{ .path = NULL }
};

static const struct api_field session_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "number", API_NUMBER, true, "what people call it by", NULL, 0, 0 },
	{ "name", API_TEXT, true, "or empty", NULL, 0, 0 },
	{ "role", API_TEXT, true, "what it is here for", NULL, 0, 0 },
	{ "goal", API_TEXT, true, "what it is to reach", NULL, 0, 0 },
	{ "doing", API_TEXT, true, "what it said last that it does", NULL, 0, 0 },
	{ "pid", API_NUMBER, true, "the agent's process", NULL, 0, 0 },
	{ "parent", API_NUMBER, true, "and that which started it", NULL, 0, 0 },
	{ "terminal", API_TEXT, true, "or empty", NULL, 0, 0 },
	{ "folder", API_TEXT, true, "where it works", NULL, 0, 0 },
	{ "since", API_TIME, true, "when it registered", NULL, 0, 0 },
	{ "heard", API_TIME, true, "when it was last heard of; null: it has ended", NULL, 0, 0 },
	{ "alive", API_FLAG, true, "does its process live?", NULL, 0, 0 },
	{ "born", API_NUMBER, true, "when the process began", NULL, 0, 0 },
	{ "boot", API_TEXT, true, "in which boot", NULL, 0, 0 },
	{ "ended", API_TIME, false, "when it ended", NULL, 0, 0 },
	{ "why", API_TEXT, false, "and why", NULL, 0, 0 },
	{ "told", API_TEXT, false, "of one that begins: who works in the same folder",
	  NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "sessions", API_OBJECTS, true, "by number", "Session", 0, 0 }, API_END
};

static const struct api_schema schemas[] = {
	{ "Session", "An agent that runs on this computer", session_schema },
	{ "SessionList", "Sessions", list_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_sessions = {
	"sessions", "Agents that run on this computer", operations, schemas
};
