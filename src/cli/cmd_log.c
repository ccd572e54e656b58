/* trine log: what happened on this computer, from its event log. */
#include <stdio.h>
#include <string.h>

#include "output.h"
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

enum { FIELD_SHOWN = 100, FOLLOW_MS = 500 };

struct printer {
	bool json;
	const char *session;	/* or NULL: all */
};

/* ---- whose it is ---- */

/* WHO is the session SESSION in words (session_text), perhaps with a terminal. */
static bool names_session(const char *who, const char *session)
{
	size_t len = strlen(session), digits;

	if (strncmp(who, "session ", 8) != 0)
		return false;
	who += 8;
	digits = strspn(who, "0123456789");
	if (digits == len && memcmp(who, session, len) == 0)
		return true;
	who += digits;
	return strncmp(who, " (", 2) == 0 && strncmp(who + 2, session, len) == 0 &&
	       who[2 + len] == ')';
}

static const char *field(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text != NULL ? text : "";
}

static bool is_wanted(const struct printer *p, const json_t *event)
{
	return p->session == NULL ||
	       names_session(field(event, "actor"), p->session) ||
	       names_session(field(event, "holder"), p->session);
}

/* ---- one line each ---- */

/* Who did it, unless nobody in particular did, or the line says so already. */
static void add_actor(struct buf *out, const json_t *event)
{
	const char *actor = field(event, "actor");

	if (!text_starts(span_str(actor), "session ") ||
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
		"seq", "time", "type", "actor", "crc", "schema", "body", NULL
	};

	for (int i = 0; frame[i] != NULL; i++)
		if (strcmp(frame[i], key) == 0)
			return true;
	return false;
}

static void add_value(struct buf *out, const char *key, const json_t *value);

/* Of a message within the event what names it is enough. */
static void add_inner(struct buf *out, json_t *object)
{
	static const char *const shown[] = { "id", "title", NULL };

	for (int i = 0; shown[i] != NULL; i++) {
		const json_t *value = json_object_get(object, shown[i]);

		if (value != NULL)
			add_value(out, shown[i], value);
	}
}

static void add_cut(struct buf *out, const char *text)
{
	size_t len = strlen(text), cut = text_cut(text, len, FIELD_SHOWN);

	text_escape(out, text, cut, false);
	if (cut < len)
		buf_adds(out, "...");
}

static void add_value(struct buf *out, const char *key, const json_t *value)
{
	if (json_is_null(value))
		return;
	if (json_is_object(value)) {
		add_inner(out, (json_t *)value);
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
	} else if (json_is_array(value)) {
		buf_printf(out, "=[%zu]", json_array_size(value));
	}
}

static void add_event(struct buf *out, json_t *event)
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
		if (!is_frame(key))
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
	if (!is_wanted(p, event))
		;
	else if (p->json)
		output_json_line((struct span){ line, len });
	else if (event != NULL)
		add_event(&out, event);
	else
		text_escape(&out, line, text_cut(line, len, FIELD_SHOWN), false);
	output_flush(&out);
	json_decref(event);
	buf_release(&out);
	return 0;
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct log_options *o = options_given;
	struct log_filter filter = { .type = o->type };
	struct printer printer = { cli->common.json, o->session };
	uint64_t at = 0;

	if (when_parse("since", o->since, WHEN_START,
		       cli->clock->now(cli->clock), &filter.since, err) == -1)
		return -1;
	for (;;) {
		if (store_log(cli->home->store, &filter, at, print_line,
			      &printer, &at, err) == -1)
			return -1;
		if (!o->follow || fflush(stdout) != 0)
			return 0;
		cli->clock->sleep(cli->clock, FOLLOW_MS);
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
