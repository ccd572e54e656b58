/* The API of how it stands (api.h): what `trine status` says. */
#include "api.h"
#include "trine/cycles.h"
#include "trine/overview_json.h"

static int gather(struct call *c, json_t *(*make)(const struct overview *o),
		  json_t **out, struct error *err)
{
	struct overview o;
	int rc = overview_gather(c->home, &o, err);

	if (rc == 0)
		*out = make(&o);
	overview_release(&o);
	return rc;
}

static int run_status(struct call *c, json_t **out, struct error *err)
{
	return gather(c, overview_to_json, out, err);
}

/* For who asks the hub, that is one of the computers, too. */
static int run_computers(struct call *c, json_t **out, struct error *err)
{
	json_t *list;

	if (gather(c, c->conn->request.hub ? overview_fleet_to_json :
		   overview_computers_to_json, &list, err) == -1)
		return -1;
	*out = api_list("computers", list);
	return 0;
}

static int run_cycles(struct call *c, json_t **out, struct error *err)
{
	(void)err;
	*out = api_list("cycles", cycles_to_json(c->home));
	return 0;
}

/* ---- as data ---- */

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/status", "status",
	  "What is confirmed, what is only hoped, and how old each fact is", NULL,
	  "Status", 0, run_status, NULL },
	{ METHOD_GET, "/api/computers", "computer_list",
	  "The other computers, as their own statuses say; at the hub all", NULL, "ComputerList",
	  API_HUB_TOO, run_computers, NULL },
	{ METHOD_GET, "/api/cycles", "cycle_list",
	  "The last cycles: what they did, how long each step took, how large all was",
	  NULL, "CycleList", 0, run_cycles, NULL },
	{ .path = NULL }
};

static const struct api_field status_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "computer", API_NUMBER, true, "its number", NULL, 0, 0 },
	{ "name", API_MAYBE, true, "what people call it", NULL, 0, 0 },
	{ "state", API_TEXT, true, "ACTIVE WORKING IDLE SYNCING EMERGENCY", NULL, 0, 0 },
	{ "clone", API_TEXT, true, "which machine has the number", NULL, 0, 0 },
	{ "branch", API_MAYBE, true, "of the fleet", NULL, 0, 0 },
	{ "push", API_MAYBE, true, "a branch of its own, or null", NULL, 0, 0 },
	{ "tip", API_MAYBE, true, "the branch's newest commit, as last known", NULL, 0, 0 },
	{ "tip_time", API_TIME, true, "when it was first seen", NULL, 0, 0 },
	{ "fetched", API_TIME, true, "when the remote last answered", NULL, 0, 0 },
	{ "online", API_FLAG, true, "it did in the last cycle", NULL, 0, 0 },
	{ "unpushed", API_NUMBER, true, "commits", NULL, 0, 0 },
	{ "streams", API_OBJECTS, true, "what was sent", "Stream", 0, 0 },
	{ "computers", API_OBJECTS, true, "the others", "Computer", 0, 0 },
	{ "instances", API_OBJECTS, true, "of this computer", "Worker", 0, 0 },
	{ "sessions", API_OBJECTS, true, "that have not ended", "Agent", 0, 0 },
	{ "locks", API_OBJECTS, true, "that are held", "Lock", 0, 0 },
	{ "reservations", API_OBJECTS, true, "that last", "Held", 0, 0 },
	{ "claims", API_OBJECTS, true, "in the whole fleet", "Claim", 0, 0 },
	{ "alerts", API_OBJECTS, true, "that are open", "Alert", 0, 0 },
	{ "problems", API_OBJECTS, true, "what is wrong", "Problem", 0, 0 },
	API_END
};

static const struct api_field stream_schema[] = {
	{ "name", API_TEXT, true, "from which computer to which", NULL, 0, 0 },
	{ "sent", API_NUMBER, true, "the highest number", NULL, 0, 0 },
	{ "pushed", API_NUMBER, true, "the highest that is", NULL, 0, 0 },
	{ "confirmed", API_MAP, true, "the highest that each reader has", NULL, 0, 0 },
	API_END
};

static const struct api_field computer_schema[] = {
	{ "computer", API_NUMBER, true, "its number", NULL, 0, 0 },
	{ "name", API_MAYBE, true, "what people call it", NULL, 0, 0 },
	{ "state", API_TEXT, true, "as it says; OFFLINE: it has been silent", NULL, 0, 0 },
	{ "seen", API_TIME, true, "when its status last changed, by our clock", NULL, 0, 0 },
	{ "age_s", API_NUMBER, true, "seconds since then", NULL, 0, 0 },
	{ "connected", API_TIME, true, "in real time, since then", NULL, 0, 0 },
	{ "live", API_MAYBE, true, "its state, as it says in real time", NULL, 0, 0 },
	API_END
};

static const struct api_field worker_schema[] = {
	{ "name", API_TEXT, true, "its name in trine.ini", NULL, 0, 0 },
	{ "state", API_TEXT, true, "OFFLINE STARTING ONLINE BUSY DEGRADED CRASHED, or "
	  "unknown", NULL, 0, 0 },
	{ "queued", API_NUMBER, true, "tasks for it that it does not have yet", NULL, 0, 0 },
	{ "online", API_NUMBER, false, "of its copies: so many are well", NULL, 0, 0 },
	{ "copies", API_NUMBER, false, "all of them", NULL, 0, 0 },
	{ "running", API_NUMBER, true, "that it works on", NULL, 0, 0 },
	{ "capacity", API_NUMBER, true, "on so many at once", NULL, 0, 0 },
	{ "contact", API_TIME, true, "when it last took something", NULL, 0, 0 },
	{ "doing", API_OBJECTS, true, "what it works on", "Work", 0, 0 },
	API_END
};

static const struct api_field work_schema[] = {
	{ "id", API_TEXT, true, "of the task", NULL, 0, 0 },
	{ "title", API_TEXT, true, "what is to be done", NULL, 0, 0 },
	{ "since", API_TIME, true, "since when", NULL, 0, 0 },
	{ "attempt", API_NUMBER, false, "how often it was begun", NULL, 0, 0 },
	{ "state", API_TEXT, false, "where it stands", NULL, 0, 0 },
	API_END
};

static const struct api_field agent_schema[] = {
	{ "number", API_NUMBER, true, "of the session", NULL, 0, 0 },
	{ "name", API_TEXT, true, "or empty", NULL, 0, 0 },
	{ "goal", API_TEXT, true, "what it is to reach", NULL, 0, 0 },
	{ "doing", API_TEXT, true, "what it said last that it does", NULL, 0, 0 },
	{ "since", API_TIME, true, "when it registered", NULL, 0, 0 },
	{ "alive", API_FLAG, true, "does its process live?", NULL, 0, 0 },
	{ "tasks", API_OBJECTS, true, "that it has", "Work", 0, 0 },
	API_END
};

static const struct api_field held_schema[] = {
	{ "globs", API_TEXTS, true, "paths", NULL, 0, 0 },
	{ "holder", API_TEXT, true, "whose they are", NULL, 0, 0 },
	{ "why", API_TEXT, true, "what for", NULL, 0, 0 },
	{ "until", API_TIME, true, "it is over then", NULL, 0, 0 },
	API_END
};

static const struct api_field problem_schema[] = {
	{ "code", API_TEXT, true, "offline late missing rejected ...", NULL, 0, 0 },
	{ "text", API_TEXT, true, "what is wrong, and what to do", NULL, 0, 0 },
	{ "since", API_TIME, false, "since when", NULL, 0, 0 },
	API_END
};

static const struct api_field computers_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "computers", API_OBJECTS, true, "all of them", "Computer", 0, 0 }, API_END
};

static const struct api_field cycle_schema[] = {
	{ "started", API_TIME, true, "when it began", NULL, 0, 0 },
	{ "ended", API_TIME, true, "when it ended", NULL, 0, 0 },
	{ "online", API_FLAG, true, "the remote answered", NULL, 0, 0 },
	{ "exit", API_NUMBER, true, "its exit status", NULL, 0, 0 },
	{ "failure", API_TEXT, true, "why, or empty", NULL, 0, 0 },
	{ "rounds", API_NUMBER, true, "pushes tried", NULL, 0, 0 },
	{ "received", API_NUMBER, true, "messages", NULL, 0, 0 },
	{ "committed", API_NUMBER, true, "commits", NULL, 0, 0 },
	{ "published", API_NUMBER, true, "files written to the desk", NULL, 0, 0 },
	{ "handed", API_NUMBER, true, "messages handed to instances", NULL, 0, 0 },
	{ "steps", API_OBJECTS, true, "each with its time", "Step", 0, 0 },
	{ "repository", API_NUMBER, true, "bytes of its objects", NULL, 0, 0 },
	{ "log", API_NUMBER, true, "bytes of the event log", NULL, 0, 0 },
	API_END
};

static const struct api_field step_schema[] = {
	{ "name", API_TEXT, true, "collect fetch receive ...", NULL, 0, 0 },
	{ "ms", API_NUMBER, true, "milliseconds, in all rounds", NULL, 0, 0 },
	API_END
};

static const struct api_field cycles_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "cycles", API_OBJECTS, true, "the oldest first", "Cycle", 0, 0 }, API_END
};

static const struct api_schema schemas[] = {
	{ "Status", "How this computer stands", status_schema },
	{ "Stream", "What was sent to whom", stream_schema },
	{ "Computer", "Another computer", computer_schema },
	{ "ComputerList", "Computers", computers_schema },
	{ "Worker", "An instance, in short", worker_schema },
	{ "Cycle", "A cycle", cycle_schema },
	{ "Step", "A step of it", step_schema },
	{ "CycleList", "Cycles", cycles_schema },
	{ "Work", "A task in hand", work_schema },
	{ "Agent", "A session, in short", agent_schema },
	{ "Held", "A reservation, in short", held_schema },
	{ "Problem", "Something that is wrong", problem_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_status = {
	"status", "How this computer and its fleet stand", operations, schemas
};
