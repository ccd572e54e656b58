/* The API of the daemon itself (api.h). */
#include <stdlib.h>

#include "api.h"
#include "trine/mem.h"
#include "trine/report.h"
#include "trine/text.h"

/* ---- is it well? ---- */

/* It answers: nothing is touched for that, or a full disk would have it killed. */
static int run_livez(struct call *c, struct answer *a, struct error *err)
{
	(void)c, (void)err;
	answer_text(a, 200, "ok\n");
	return 0;
}

static bool check_log(struct call *c, struct buf *out)
{
	struct error err = ERROR_INIT;
	bool well = store_begin(c->home->store, &err) == 0;

	if (well)
		store_abort(c->home->store);
	buf_printf(out, "%slog %s\n", well ? "+" : "-", well ? "ok" : err.text);
	return well;
}

/* A cycle that reached the remote, in two periods and a half. Where there is no remote,
 * none has to. */
static bool check_cycle(struct call *c, struct buf *out)
{
	const struct settings *s = &c->home->settings;
	int64_t now = c->home->clock->now(c->home->clock), age;
	struct error err = ERROR_INIT;
	struct report r;
	char words[TIME_TEXT];
	bool well;

	if (s->url == NULL) {
		buf_adds(out, "+cycle none is wanted: there is no remote\n");
		return true;
	}
	if (report_read(c->home, &r, &err) == -1 || r.fetched == 0) {
		buf_adds(out, "-cycle none has reached the remote yet\n");
		return false;
	}
	age = now - r.fetched;
	well = age * 2 < s->period * 5;
	buf_printf(out, "%scycle the remote answered %s ago\n", well ? "+" : "-",
		   duration_words(age > 0 ? age : 0, words));
	return well;
}

static int run_readyz(struct call *c, struct answer *a, struct error *err)
{
	struct buf out = BUF_INIT;
	bool well = check_log(c, &out);

	(void)err;
	well = check_cycle(c, &out) && well;
	if (!call_flag(c, "verbose"))
		buf_reset(&out);
	buf_adds(&out, well ? "ok\n" : "not ready\n");
	answer_text(a, well ? 200 : 503, out.data);
	buf_release(&out);
	return 0;
}

static int run_metrics(struct call *c, struct answer *a, struct error *err)
{
	answer_text(a, 200, "");
	a->type = "text/plain; version=0.0.4; charset=utf-8";
	return metrics_write(c->web, &a->body, err);
}

/* Whoever has no token finds nothing in it. */
static int run_dashboard(struct call *c, struct answer *a, struct error *err)
{
	struct chance chance;

	(void)c, (void)err;
	chance_system(&chance);
	answer_text(a, 200, "");
	a->type = "text/html; charset=utf-8";
	dashboard_page_write(&a->body, NULL, &chance, a->policy);
	return 0;
}

/* Each page asks at each event, and many may be open: what is no second old, and as the
 * log is, is not gathered anew. */
static int run_facts(struct call *c, struct answer *a, struct error *err)
{
	enum { STALE_MS = 1000 };
	struct facts *f = &c->web->facts;
	int64_t now = web_now(c->web);
	bool news = home_has_news(c->home, &f->seen);
	json_t *json;

	if (news || f->text.len == 0 || now - f->at >= STALE_MS) {
		buf_reset(&f->text);
		if (dashboard_facts(c->home, &json, err) == -1)
			return -1;
		answer_json(a, 200, json);
		buf_addb(&f->text, &a->body);
		f->at = now;
		return 0;
	}
	answer_text(a, 200, f->text.data);
	a->type = "application/json";
	return 0;
}

static int run_openapi(struct call *c, json_t **out, struct error *err)
{
	(void)err;
	*out = openapi_json(c->conn->request.hub);
	return 0;
}

/* ---- as data ---- */

static const struct api_field readyz_fields[] = {
	{ "verbose", API_FLAG, false, "say what is not, and why", NULL, 0, 0 }, API_END
};

static const struct api_field events_fields[] = {
	{ "type", API_TEXT, false, "only this type, or all that begin so: task.", NULL, 0,
	  0 },
	{ "session", API_TEXT, false, "only what this session did or has", NULL, 0, 0 },
	{ "since", API_NUMBER, false, "from behind this number on; 0: all there ever was; "
	  "else only what is new. Last-Event-ID goes before it", NULL, 0, 0 },
	API_END
};

static const struct api_operation operations[] = {
	{ METHOD_GET, "/livez", "livez", "Does it answer?", NULL, "text", API_OPEN |
	  API_PLAIN | API_HUB_TOO, NULL, run_livez },
	{ METHOD_GET, "/readyz", "readyz",
	  "Can it do its work? The log can be written, a cycle got through; else 503",
	  readyz_fields, "text", API_OPEN | API_PLAIN | API_HUB_TOO, NULL, run_readyz },
	{ METHOD_GET, "/metrics", "metrics", "Figures, for Prometheus", NULL, "text",
	  API_PLAIN, NULL, run_metrics },
	{ METHOD_GET, "/dashboard", "dashboard", "A page for people", NULL, "html",
	  API_OPEN | API_PLAIN | API_PAGE, NULL, run_dashboard },
	{ METHOD_GET, "/", "page", "The same, for who leaves its name out", NULL, "html",
	  API_OPEN | API_PLAIN | API_PAGE, NULL, run_dashboard },
	{ METHOD_GET, "/api/facts", "facts", "All that the dashboard shows, at once", NULL,
	  "Facts", 0, NULL, run_facts },
	{ METHOD_GET, "/api/openapi.json", "openapi", "This description", NULL, "OpenApi",
	  API_HUB_TOO, run_openapi, NULL },
	{ METHOD_GET, "/api/events", "events",
	  "The event log as it is written: Server-Sent Events, `id` is the number of the "
	  "line, `data` the line", events_fields, "events", API_STREAM, NULL, NULL },
	{ .path = NULL }
};

static const struct api_field facts_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "version", API_TEXT, true, "of trine", NULL, 0, 0 },
	{ "time", API_TIME, true, "when all that was so", NULL, 0, 0 },
	{ "status", API_OBJECT, true, "how this computer stands", "Status", 0, 0 },
	{ "tasks", API_OBJECTS, true, "open ones, and those that ended lately", "Task", 0,
	  0 },
	{ "instances", API_OBJECTS, true, "of this computer", "Instance", 0, 0 },
	{ "cycles", API_OBJECTS, true, "the oldest first", "Cycle", 0, 0 },
	{ "messages", API_OBJECTS, true, "the newest first", "Message", 0, 0 },
	API_END
};

static const struct api_field openapi_schema[] = {
	{ "openapi", API_TEXT, true, "3.1.0", NULL, 0, 0 },
	{ "info", API_ANY, true, "what it describes", NULL, 0, 0 },
	{ "tags", API_ANY, true, "groups of operations", NULL, 0, 0 },
	{ "security", API_ANY, true, "what is to be shown", NULL, 0, 0 },
	{ "paths", API_ANY, true, "operations", NULL, 0, 0 },
	{ "components", API_ANY, true, "schemas", NULL, 0, 0 },
	API_END
};

static const struct api_field done_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 }, API_END
};

static const struct api_field id_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "id", API_TEXT, false, "of what was made", NULL, 0, 0 },
	{ "ids", API_TEXTS, false, "where that is several", NULL, 0, 0 },
	API_END
};

static const struct api_field trouble_schema[] = {
	{ "code", API_TEXT, true, "in a word", NULL, 0, 0 },
	{ "text", API_TEXT, true, "for people", NULL, 0, 0 },
	{ "hint", API_TEXT, true, "what to do", NULL, 0, 0 },
	API_END
};

static const struct api_field error_schema[] = {
	{ "schema", API_NUMBER, true, "1", NULL, 0, 0 },
	{ "error", API_OBJECT, true, "what was wrong", "Trouble", 0, 0 },
	API_END
};

static const struct api_schema schemas[] = {
	{ "Facts", "All that the dashboard shows", facts_schema },
	{ "OpenApi", "An OpenAPI document", openapi_schema },
	{ "Done", "It is done", done_schema },
	{ "Id", "An id", id_schema },
	{ "Error", "Why not", error_schema },
	{ "Trouble", "What was wrong", trouble_schema },
	{ NULL, NULL, NULL }
};

const struct api_part api_server = {
	"daemon", "The daemon itself", operations, schemas
};
