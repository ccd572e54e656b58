/* trine log: what happened on this computer, from its event log. */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "trine/events.h"
#include "trine/session.h"
#include "trine/store.h"
#include "when.h"

struct log_options {
	bool follow;
	const char *since, *type, *session;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 'f', "follow", NULL, "go on and print what is added",
	  OPTION_FIELD(struct log_options, follow) },
	{ OPTION_TEXT, 0, "since", "TIME",
	  "from then on: 2026-11-20, 2026-11-20T13:00:00Z, or 2h, 3d ago",
	  OPTION_FIELD(struct log_options, since) },
	{ OPTION_TEXT, 0, "type", "TYPE",
	  "only this type of event, or all that begin so: message.",
	  OPTION_FIELD(struct log_options, type) },
	{ OPTION_TEXT, 0, "session", "SESSION",
	  "only what this session did or has: a number or a name",
	  OPTION_FIELD(struct log_options, session) },
	OPTION_END
};

enum { FIELD_SHOWN = 100, OBJECT_ID = 40, OBJECT_SHOWN = 12, LOOK_MS = 100 };

struct printer {
	bool json;
	const char *session;	/* or NULL: all */
	struct session_list sessions;	/* all there ever were */
};

static const char *field(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text != NULL ? text : "";
}

/* ---- one line each ---- */

/* Who did it, unless nobody in particular did, or the line says so already. */
static void add_actor(struct buf *out, const json_t *event)
{
	const char *actor = field(event, "actor");

	if (!text_starts(span_str(actor), "session ") ||
	    strcmp(field(event, "type"), "session.started") == 0 ||
	    text_starts(span_str(field(event, "holder")), actor) ||
	    strcmp(field(event, "by"), actor) == 0)
		return;
	buf_adds(out, "  by ");
	output_escaped(out, actor);
}

/* Of every line, or of no use to people. */
static bool is_frame(const char *key)
{
	static const char *const frame[] = {
		"seq", "time", "type", "actor", "crc", "schema", "body", "digest",
		"words", "born", "boot", "steady", "lines", NULL
	};

	for (int i = 0; frame[i] != NULL; i++)
		if (strcmp(frame[i], key) == 0)
			return true;
	return false;
}

/* Events name a session by the event that began it; people by its number. */
static const struct session *find_session(const struct printer *p, uint64_t id)
{
	for (size_t i = 0; i < p->sessions.count; i++)
		if (p->sessions.item[i].id == id)
			return &p->sessions.item[i];
	return NULL;
}

static void add_value(struct buf *out, const char *key, const json_t *value);

static bool is_object_id(const char *text, size_t len)
{
	return len == OBJECT_ID && strspn(text, "0123456789abcdef") == len;
}

static void add_cut(struct buf *out, const char *text)
{
	size_t len = strlen(text), cut;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (is_object_id(text, len))
		len = OBJECT_SHOWN;
	cut = text_cut(text, len, FIELD_SHOWN);
	text_escape(out, text, cut, false);
	if (cut < len)
		buf_adds(out, "...");
}

/* "a,b,c": the texts of a list, or the keys of an object. */
static void add_names(struct buf *out, const char *key, const json_t *value)
{
	struct buf names = BUF_INIT;
	const char *name;
	json_t *inner;
	size_t i;

	json_array_foreach(value, i, inner)
		if (json_is_string(inner))
			buf_printf(&names, "%s%s", names.len ? "," : "",
				   json_string_value(inner));
	json_object_foreach((json_t *)value, name, inner)
		buf_printf(&names, "%s%s", names.len ? "," : "", name);
	if (names.len > 0) {
		buf_adds(out, "  ");
		output_escaped(out, key);
		buf_addc(out, '=');
		add_cut(out, names.data);
	}
	buf_release(&names);
}

/* Of a message within the event what names it is enough. */
static void add_message(struct buf *out, const json_t *object)
{
	static const char *const shown[] = { "id", "title", NULL };

	for (int i = 0; shown[i] != NULL; i++) {
		const json_t *value = json_object_get(object, shown[i]);

		if (value != NULL)
			add_value(out, shown[i], value);
	}
}

static void add_value(struct buf *out, const char *key, const json_t *value)
{
	if (json_is_null(value))
		return;
	if (json_is_object(value) && strcmp(key, "message") == 0) {
		add_message(out, value);
		return;
	}
	if (json_is_object(value) || json_is_array(value)) {
		add_names(out, key, value);
		return;
	}
	buf_adds(out, "  ");
	output_escaped(out, key);
	if (json_is_string(value)) {
		buf_addc(out, '=');
		add_cut(out, json_string_value(value));
	} else if (json_is_integer(value)) {
		buf_printf(out, "=%lld", (long long)json_integer_value(value));
	} else if (json_is_boolean(value)) {
		buf_adds(out, json_is_true(value) ? "=yes" : "=no");
	}
}

/* Not what the line says anyway, by who holds it or who did it. Of a wait for a lock, no
 * name says that it is over. */
static void add_session(struct buf *out, const struct printer *p, json_t *event,
			const json_t *id)
{
	const struct session *s = find_session(p, (uint64_t)json_integer_value(id));
	char who[SESSION_TEXT];

	if (strcmp(field(event, "type"), "lock.waiting") == 0 &&
	    json_object_get(event, "name") == NULL)
		buf_adds(out, "  waits no more");
	if (s == NULL) {
		add_value(out, "session", id);
	} else if (*field(event, "holder") == '\0' &&
		   strcmp(session_text(s, who), field(event, "actor")) != 0) {
		buf_adds(out, "  ");
		output_escaped(out, who);
	}
}

static void add_event(struct buf *out, const struct printer *p, json_t *event)
{
	const char *time = json_string_value(json_object_get(event, "time"));
	const char *type = json_string_value(json_object_get(event, "type"));
	struct buf name = BUF_INIT;
	const char *key;
	json_t *value;

	output_escaped(out, time);
	output_escaped(&name, type);
	buf_printf(out, "  %-18s", name.data);
	json_object_foreach(event, key, value)
		if (strcmp(key, "session") == 0)
			add_session(out, p, event, value);
		else if (!is_frame(key))
			add_value(out, key, value);
	add_actor(out, event);
	buf_addc(out, '\n');
	buf_release(&name);
}

static int print_line(void *arg, const char *line, size_t len)
{
	const struct printer *p = arg;
	struct buf out = BUF_INIT;
	json_t *event = NULL;

	if (!p->json || p->session != NULL)
		event = json_loadb(line, len, 0, NULL);
	if (p->session != NULL && !event_names_session(event, p->session))
		;
	else if (p->json)
		output_json_line((struct span){ line, len });
	else if (event != NULL)
		add_event(&out, p, event);
	else
		text_escape(&out, line, text_cut(line, len, FIELD_SHOWN), false);
	output_flush(&out);
	json_decref(event);
	buf_release(&out);
	return 0;
}

static int print(struct cli *cli, const struct log_options *o,
		 const struct log_filter *filter, uint64_t *at, struct error *err)
{
	struct printer p = { .json = cli->common.json, .session = o->session };
	struct error ignored = ERROR_INIT;
	int rc;

	/* without them it is numbers of events that are said */
	if (!p.json)
		view_sessions(cli->home->store, true, &p.sessions, &ignored);
	rc = store_log(cli->home->store, filter, *at, print_line, &p, at, err);
	session_list_release(&p.sessions);
	return rc;
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct log_options *o = options_given;
	struct log_filter filter = { .type = o->type };
	struct log_mark seen = { 0 };
	uint64_t at = 0;

	if (when_parse("since", o->since, WHEN_START,
		       cli->clock->now(cli->clock), &filter.since, err) == -1)
		return -1;
	for (;;) {
		home_has_news(cli->home, &seen);
		if (print(cli, o, &filter, &at, err) == -1)
			return -1;
		if (!o->follow || fflush(stdout) != 0)
			return 0;
		do
			cli->clock->sleep(cli->clock, LOOK_MS);
		while (!home_has_news(cli->home, &seen));
	}
}

const struct command cmd_log = {
	.name = "log",
	.summary = "print what happened on this computer",
	.arguments = "",
	.examples =
		"trine log --since 2h\tthe last two hours\n"
		"trine log -f --type message.\t"
		"follow what comes and goes\n",
	.options = options,
	.options_size = sizeof(struct log_options),
	.flags = COMMAND_HOME,
	.run = run,
};
