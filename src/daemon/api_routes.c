/* The API of routes (api.h): what `trine route` does. */
#include "api.h"
#include "trine/routes.h"

static int run_explain(struct call *c, json_t **out, struct error *err)
{
	struct list labels = LIST_INIT;
	struct route_question q = {
		.text = span_str(call_text(c, "text")), .labels = &labels,
		.priority = call_priority(c), .prefer = call_text(c, "prefer"),
	};
	struct route_explanation e = { 0 };
	struct routes *routes = NULL;
	int rc = routes_open(c->home, NULL, &routes, err);

	call_list(c, "labels", &labels);
	if (rc == 0)
		rc = routes_ask(routes, &q, &e, err);
	if (rc == 0)
		*out = route_explanation_to_json(&e);
	route_explanation_release(&e);
	routes_close(routes);
	list_release(&labels);
	return rc;
}

/* ---- as data ---- */

static const struct api_field fields[] = {
	{ "text", API_TEXT, true, "what is to be done", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "priority", API_TEXT, false, "how urgent it is; else normal",
	  "low normal high urgent", 0, 0 },
	{ "prefer", API_TEXT, false, "where several could do it", "speed quality", 0, 0 },
	API_END
};

static const struct api_operation operations[] = {
	{ METHOD_POST, "/api/route", "route_explain",
	  "Who would get a task, and why; nothing is done", fields, "Route", 0, run_explain,
	  NULL },
	{ .path = NULL }
};

#define OPTION								\
	{ "chosen", API_FLAG, true, "does it get it?", NULL, 0, 0 },		\
	{ "verdict", API_TEXT, false, "why, or why not; none where a rule says who", \
	  "chosen stands-in awaited not-meant down full no-match matches-less " \
	  "less-free", 0, 0 },							\
	{ "score", API_ANY, true, "how well its specialty is matched; 0: not at all", \
	  NULL, 0, 0 },								\
	{ "words", API_TEXT, false, "that match", NULL, 0, 0 },			\
	{ "health", API_TEXT, true, "as far as that is known", "unknown up slow down", \
	  0, 0 },								\
	{ "running", API_NUMBER, true, "tasks that it has", NULL, 0, 0 },	\
	{ "waiting", API_NUMBER, true, "in its line", NULL, 0, 0 },		\
	{ "capacity", API_NUMBER, true, "tasks at once", NULL, 0, 0 },		\
	{ "weight", API_NUMBER, true, "its shares of what several can do", NULL, 0, 0 }

static const struct api_field instance_schema[] = {
	{ "name", API_TEXT, true, "of trine.ini", NULL, 0, 0 }, OPTION, API_END
};

static const struct api_field computer_schema[] = {
	{ "computer", API_NUMBER, true, "its number", NULL, 0, 0 },
	{ "name", API_TEXT, false, "of fleet.yaml", NULL, 0, 0 }, OPTION, API_END
};

static const struct api_field rule_schema[] = {
	{ "label", API_TEXT, true, "for which it is", NULL, 0, 0 },
	{ "to", API_TEXTS, false, "a task each", NULL, 0, 0 },
	{ "stages", API_TEXTS, false, "one after the other", NULL, 0, 0 },
	{ "review", API_NUMBER, false, "who accepts it", NULL, 0, 0 },
	{ "approvals", API_NUMBER, false, "so many before", NULL, 0, 0 }, API_END
};

static const struct api_field route_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "by", API_TEXT, true, "what decided", "name rule alone specialty", 0, 0 },
	{ "rule", API_OBJECT, false, "of fleet.yaml", "RouteRule", 0, 0 },
	{ "computer", API_NUMBER, false, "that gets it", NULL, 0, 0 },
	{ "computers", API_OBJECTS, true, "that could", "RouteComputer", 0, 0 },
	{ "instance", API_TEXT, false, "that gets it, if it stays here", NULL, 0, 0 },
	{ "instances", API_OBJECTS, false, "that could", "RouteInstance", 0, 0 }, API_END
};

static const struct api_schema schemas[] = {
	{ "RouteInstance", "An instance, and what was found of it", instance_schema },
	{ "RouteComputer", "A computer, and what was found of it", computer_schema },
	{ "RouteRule", "What fleet.yaml says for a label", rule_schema },
	{ "Route", "Who would get a task", route_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_routes = {
	"routes", "Who gets what", operations, schemas
};
