/* The API of tasks (api.h): what `trine task` does. */
#include <string.h>

#include "api.h"
#include "trine/claims.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/tasks.h"

enum { LISTED = 1000, LISTED_MOST = 10000 };

static json_t *with_claims(struct call *c, const struct record *r)
{
	struct claim_list claims = { 0 };
	struct error ignored = ERROR_INIT;
	json_t *json;

	if (claims_list(c->home, &claims, &ignored) == -1)
		claim_list_release(&claims);
	json = task_to_json(c->home, r, &claims);
	claim_list_release(&claims);
	return json;
}

static int find_and_give(struct call *c, json_t **out, struct error *err)
{
	struct record r;

	if (tasks_find(c->home, call_text(c, "id"), &r, err) == -1)
		return -1;
	*out = with_claims(c, &r);
	record_release(&r);
	return 0;
}

/* ---- add, list ---- */

static int run_list(struct call *c, json_t **out, struct error *err)
{
	size_t most = (size_t)call_number(c, "limit", LISTED), first = 0;
	struct claim_list claims = { 0 };
	struct record_list l;
	json_t *list;

	if (session_sweep_now(c->home, err) == -1 ||
	    claims_list(c->home, &claims, err) == -1 ||
	    tasks_list(c->home, call_flag(c, "all"), &l, err) == -1) {
		claim_list_release(&claims);
		return -1;
	}
	/* all are in the order they came; of open ones the most urgent stand first */
	if (call_flag(c, "all") && l.count > most)
		first = l.count - most;
	list = json_array();
	for (size_t i = first; i < l.count && i < first + most; i++)
		json_array_append_new(list, task_to_json(c->home, &l.item[i], &claims));
	*out = json_pack("{s:i, s:o, s:b}", "schema", 1, "tasks", list,
			 "more", (int)(l.count > most));
	record_list_release(&l);
	claim_list_release(&claims);
	return 0;
}

static void fill_terms(const struct call *c, struct task_wish *w)
{
	call_list(c, "labels", &w->labels);
	call_list(c, "after", &w->terms.after);
	call_list(c, "needs", &w->terms.needs);
	w->terms.timeout = call_long(c, "timeout");
	w->terms.retries = (uint64_t)call_number(c, "retries", 0);
	w->terms.approvals = (uint64_t)call_number(c, "approvals", 0);
	w->due = call_when(c, "due", false);
	w->session = w->terms.approvals > 0 && c->by != NULL ? c->by->id : 0;
}

static int plan(struct call *c, struct task_wish *w, struct error *err)
{
	struct operation_wish o = { .review = call_text(c, "review"),
				    .by_route = call_flag(c, "route") };
	int rc;

	call_list(c, "to", &o.to);
	call_list(c, "stages", &o.stages);
	call_list(c, "undo", &o.undo);
	rc = operations_plan(c->home, &o, w, err);
	list_release(&o.to);
	list_release(&o.stages);
	list_release(&o.undo);
	return rc;
}

static int run_add(struct call *c, json_t **out, struct error *err)
{
	struct task_wish w = {
		.name = call_text(c, "name"), .title = call_text(c, "title"),
		.instance = call_text(c, "for"), .priority = call_priority(c),
		.prefer = call_text(c, "prefer"),
		.body = call_body(c),
	};
	char id[MESSAGE_ID];
	int rc;

	fill_terms(c, &w);
	if (w.terms.approvals > 0 && c->by == NULL)
		rc = error_set(err, ERR_USAGE, "with \"approvals\" a session has to be "
			       "named: it must be known whose own does not count");
	else
		rc = plan(c, &w, err);
	if (rc == 0)
		rc = tasks_add(c->home, &w, id, err);
	operation_release(&w.plan);
	list_release(&w.labels);
	list_release(&w.terms.after);
	list_release(&w.terms.needs);
	if (rc == 0)
		*out = api_id(id);
	return rc;
}

/* ---- claim, next ---- */

/* Which nobody could confirm yet stays wanted, and the task with it. */
static int confirm(struct call *c, const struct record *r, struct error *err)
{
	const struct task_hand by = { .session = c->by };
	struct claim_wish wish = { .session = c->by };
	struct error ignored = ERROR_INIT;
	struct claim_standing now;
	char name[CLAIM_NAME];
	int rc;

	if (claims_name(name, "task", r->id, err) == -1)
		return -1;
	wish.name = name;
	rc = fleet_get(c, &wish, &now, err);
	if (rc == -1 && err->code != ERR_AGAIN)
		tasks_change(c->home, &by, r->id, TASKS_RELEASE, err->text, &ignored);
	return rc;
}

/* Asked again, what is its own already changes nothing. */
static int run_claim(struct call *c, json_t **out, struct error *err)
{
	struct record r;
	int rc = 0;

	if (tasks_claim(c->home, c->by, call_text(c, "id"), call_text(c, "title"), &r,
			err) == -1)
		return -1;
	if (call_flag(c, "fleet") || message_claim_one(&r.message))
		rc = confirm(c, &r, err);
	if (rc == 0)
		*out = with_claims(c, &r);
	record_release(&r);
	return rc;
}

static int run_next(struct call *c, json_t **out, struct error *err)
{
	struct record r;
	bool found, full;

	if (tasks_next(c->home, c->by, 0, &r, &found, err) == -1)
		return -1;
	if (!found && !c->last)
		return API_WAIT;
	if (!found) {
		if (tasks_at_capacity(c->home, c->by, &full, err) == -1)
			return -1;
		return error_set(err, ERR_NOTFOUND, full ? "this session has as many "
				 "tasks as its `capacity` in trine.ini lets it" :
				 "nothing is waiting");
	}
	*out = with_claims(c, &r);
	record_release(&r);
	return 0;
}

/* ---- what becomes of it ---- */

static int change(struct call *c, enum tasks_change which, const char *text,
		  json_t **out, struct error *err)
{
	struct task_hand by = { .session = c->by,
				.token = (uint64_t)call_number(c, "token", 0) };

	if (tasks_change(c->home, &by, call_text(c, "id"), which, text, err) == -1)
		return -1;
	return find_and_give(c, out, err);
}

#define CHANGE(verb, which, field) \
static int run_##verb(struct call *c, json_t **out, struct error *err)	\
{									\
	return change(c, which, call_text(c, field), out, err);		\
}

CHANGE(start, TASKS_START, "")
CHANGE(progress, TASKS_PROGRESS, "text")
CHANGE(done, TASKS_DONE, "result")
CHANGE(fail, TASKS_FAIL, "result")
CHANGE(block, TASKS_BLOCK, "reason")
CHANGE(release, TASKS_RELEASE, "reason")
CHANGE(cancel, TASKS_CANCEL, "reason")

static int run_approve(struct call *c, json_t **out, struct error *err)
{
	if (tasks_approve(c->home, c->by, call_text(c, "id"), err) == -1)
		return -1;
	return find_and_give(c, out, err);
}

static int run_veto(struct call *c, json_t **out, struct error *err)
{
	if (tasks_veto(c->home, c->by, call_text(c, "id"), call_text(c, "reason"),
		       err) == -1)
		return -1;
	return find_and_give(c, out, err);
}

/* ---- as data ---- */

#define PRIORITIES "low normal high urgent"
#define TOKEN { "token", API_NUMBER, false, "of the claim, for who is not its session", \
		NULL, 1, 0 }

static const struct api_field list_fields[] = {
	{ "all", API_FLAG, false, "those that have ended, too", NULL, 0, 0 },
	{ "limit", API_NUMBER, false, "so many of the most urgent, or newest (1000)", NULL,
	  1, LISTED_MOST },
	API_END
};

static const struct api_field add_fields[] = {
	{ "title", API_TEXT, false, "what is to be done; else the body's first heading "
	  "or line", NULL, 0, 0 },
	{ "body", API_TEXT, false, "its text, markdown", NULL, 0, 0 },
	{ "name", API_TEXT, false, "its id (else a number)", NULL, 0, 0 },
	{ "priority", API_TEXT, false, "how urgent it is; else normal", PRIORITIES, 0, 0 },
	{ "for", API_TEXT, false, "for this instance or session", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "due", API_WHEN, false, "when it is due", NULL, 0, 0 },
	{ "after", API_TEXTS, false, "ids: not before these tasks are done", NULL, 0, 0 },
	{ "needs", API_TEXTS, false, "only while nobody else has these locks", NULL, 0, 0 },
	{ "timeout", API_LONG, false, "how long it may be in progress", NULL, 0, 0 },
	{ "retries", API_NUMBER, false, "more attempts when one has failed", NULL, 0,
	  TASK_RETRIES_MOST },
	{ "approvals", API_NUMBER, false, "held until so many other sessions approved it",
	  NULL, 0, TASK_APPROVALS_MOST },
	{ "to", API_TEXTS, false, "these computers do it, or a part each: 2, 2/araya",
	  NULL, 0, 0 },
	{ "stages", API_TEXTS, false, "one after the other, each with the result of the "
	  "one before", NULL, 0, 0 },
	{ "undo", API_TEXTS, false, "what undoes the first stage, the second, ...", NULL,
	  0, 0 },
	{ "review", API_TEXT, false, "this one has to accept what came of it", NULL, 0, 0 },
	{ "route", API_FLAG, false, "all of that as fleet.yaml says for its label, else by "
	  "what it says", NULL, 0, 0 },
	{ "prefer", API_TEXT, false, "where several could do it", "speed quality", 0, 0 },
	API_END
};

static const struct api_field claim_fields[] = {
	{ "title", API_TEXT, false, "makes the task if there is none of that id", NULL, 0,
	  0 },
	{ "fleet", API_FLAG, false, "in the whole fleet; of `claim: one` always", NULL, 0,
	  0 },
	{ "wait", API_LONG, false, "so long for others to confirm that, at most 5m", NULL,
	  0, 0 },
	API_END
};

static const struct api_field next_fields[] = {
	{ "wait", API_LONG, false, "wait so long for one, at most 5m", NULL, 0, 0 },
	API_END
};

static const struct api_field token_fields[] = { TOKEN, API_END };

static const struct api_field progress_fields[] = {
	{ "text", API_TEXT, true, "how far it is", NULL, 0, 0 }, TOKEN, API_END
};

static const struct api_field result_fields[] = {
	{ "result", API_TEXT, false, "what came of it", NULL, 0, 0 }, TOKEN, API_END
};

static const struct api_field reason_fields[] = {
	{ "reason", API_TEXT, false, "why", NULL, 0, 0 }, TOKEN, API_END
};

static const struct api_field veto_fields[] = {
	{ "reason", API_TEXT, true, "why", NULL, 0, 0 }, API_END
};

#define VERB(verb, summary, fields, flags) \
	{ METHOD_POST, "/api/tasks/{id}/" #verb, "task_" #verb, summary, fields, "Task", \
	  API_ACTIVE | (flags), run_##verb, NULL }

static const struct api_operation operations[] = {
	{ METHOD_GET, "/api/tasks", "task_list", "What is to be done, and who does it",
	  list_fields, "TaskList", 0, run_list, NULL },
	{ METHOD_POST, "/api/tasks", "task_add", "A task of this computer's own",
	  add_fields, "Id", API_ACTIVE, run_add, NULL },
	{ METHOD_POST, "/api/tasks/next", "task_next",
	  "Take the most urgent task that waits; 404 if none does", next_fields, "Task",
	  API_ACTIVE | API_SESSION, run_next, NULL },
	{ METHOD_GET, "/api/tasks/{id}", "task_show", "One task, and its result", NULL,
	  "Task", 0, find_and_give, NULL },
	VERB(claim, "Take a task: 409, and who has it, if another does", claim_fields,
	     API_SESSION),
	VERB(start, "Begin with a claimed task", token_fields, 0),
	VERB(progress, "Say how far it is", progress_fields, 0),
	VERB(done, "It is done; the result goes back to who asked", result_fields, 0),
	VERB(fail, "It cannot be done", result_fields, 0),
	VERB(block, "It waits for a person", reason_fields, 0),
	VERB(release, "Give it back, for others to take", reason_fields, 0),
	VERB(cancel, "Nobody is to do it", reason_fields, 0),
	VERB(approve, "Let it be done", NULL, API_SESSION),
	VERB(veto, "Let it not be done", veto_fields, API_SESSION),
	{ .path = NULL }
};

static const struct api_field task_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "id", API_TEXT, true, "its id", NULL, 0, 0 },
	{ "stream", API_TEXT, false, "from which computer to which", NULL, 0, 0 },
	{ "seq", API_NUMBER, false, "its number there", NULL, 0, 0 },
	{ "type", API_TEXT, true, "task", NULL, 0, 0 },
	{ "priority", API_TEXT, true, "how urgent it is", PRIORITIES, 0, 0 },
	{ "from", API_TEXT, false, "the instance or session that asked", NULL, 0, 0 },
	{ "to", API_TEXT, true, "a computer, or ALL", NULL, 0, 0 },
	{ "for", API_TEXT, false, "the instance or session that is to do it", NULL, 0, 0 },
	{ "title", API_TEXT, false, "what is to be done", NULL, 0, 0 },
	{ "body", API_TEXT, false, "its text; not in lists", NULL, 0, 0 },
	{ "labels", API_TEXTS, false, "labels", NULL, 0, 0 },
	{ "sent", API_TIME, false, "when it was made", NULL, 0, 0 },
	{ "due", API_TIME, false, "when it is due", NULL, 0, 0 },
	{ "state", API_TEXT, false, "where it stands",
	  "QUEUED ASSIGNED IN_PROGRESS BLOCKED COMPLETED FAILED", 0, 0 },
	{ "holder", API_TEXT, false, "who has it", NULL, 0, 0 },
	{ "since", API_TIME, false, "and since when", NULL, 0, 0 },
	{ "token", API_NUMBER, false, "fencing token of the claim", NULL, 0, 0 },
	{ "attempt", API_NUMBER, false, "how often somebody began with it", NULL, 0, 0 },
	{ "waits", API_TEXT, false, "what it waits for, in words", NULL, 0, 0 },
	{ "ended", API_TIME, false, "when it did", NULL, 0, 0 },
	{ "by", API_TEXT, false, "who did it", NULL, 0, 0 },
	{ "result", API_TEXT, false, "what came of it", NULL, 0, 0 },
	{ "reason", API_TEXT, false, "why it waits, or failed", NULL, 0, 0 },
	{ "note", API_TEXT, false, "the same as reason", NULL, 0, 0 },
	{ "fleet", API_OBJECT, false, "who has it in the whole fleet", "Claim", 0, 0 },
	{ API_OTHERS, API_TEXT, false, "other keys of the message, as they were written",
	  NULL, 0, 0 },
	API_END
};

static const struct api_field list_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "tasks", API_OBJECTS, true, "the most urgent first; all: in the order they came",
	  "Task", 0, 0 },
	{ "more", API_FLAG, true, "there are more than the limit", NULL, 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Task", "A task, and who does it", task_schema },
	{ "TaskList", "Tasks", list_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_tasks = {
	"tasks", "What is to be done on this computer, and who does it", operations,
	schemas
};
