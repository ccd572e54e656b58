/* trine inbox: what has come for this computer. An empty one says whether that
 * is known, or only not refreshed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "trine/mail.h"
#include "trine/message_json.h"
#include "trine/objects.h"
#include "trine/report.h"
#include "trine/session.h"
#include "trine/settings.h"

struct inbox_options {
	bool all;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "all", NULL,
	  "everything ever received or imported, not only what is new",
	  OPTION_FIELD(struct inbox_options, all) },
	OPTION_END
};

static enum colour colour_of(enum message_priority p)
{
	return p == PRIORITY_URGENT ? COLOUR_RED :
	       p == PRIORITY_HIGH ? COLOUR_YELLOW : COLOUR_NONE;
}

/* Of an imported one what counts is when it was written. */
static const char *age_of(const struct record *r, int64_t now,
			  char age[AGE_TEXT])
{
	if (r->direction != DIRECTION_OLD)
		return output_age(now, r->received, age);
	return r->message.sent == 0 ? "undated" :
	       output_age(now, r->message.sent, age);
}

static void add_line(struct buf *out, const struct record *r, int64_t now)
{
	const struct message *m = &r->message;
	char age[AGE_TEXT], priority[16];

	snprintf(priority, sizeof(priority), "%-6s",
		 message_priority_name(m->priority));
	buf_printf(out, "%-12s  %-7s  ", r->id, message_type_name(m->type));
	output_colour(out, colour_of(m->priority), priority);
	buf_printf(out, "  %-10s  ", age_of(r, now, age));
	if (r->state[0] != '\0')
		buf_printf(out, "%-9s  ", r->state);
	output_escaped(out, m->title);
	if (m->to != NULL) {
		buf_adds(out, "  (for ");
		output_escaped(out, m->to);
		buf_addc(out, ')');
	}
	if (r->note[0] != '\0') {
		buf_adds(out, "  [");
		output_escaped(out, r->note);
		buf_addc(out, ']');
	}
	buf_addc(out, '\n');
}

static void print_list(const struct cli *cli, const struct record_list *l)
{
	int64_t now = cli->clock->now(cli->clock);
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < l->count; i++) {
		add_line(&out, &l->item[i], now);
		output_flush(&out);
	}
	buf_release(&out);
}

/* With their bodies, of which only one is in memory. */
static int print_json(const struct cli *cli, const struct record_list *l,
		      struct error *err)
{
	for (size_t i = 0; i < l->count; i++) {
		struct record r;

		if (mail_find(cli->home, l->item[i].id, &r, err) == -1)
			return -1;
		output_json(record_to_json(&r, NULL, 0));
		record_release(&r);
	}
	return 0;
}

static void print_empty(const struct cli *cli, const struct report *r,
			const char *tip)
{
	int64_t now = cli->clock->now(cli->clock);
	char age[AGE_TEXT], time[TIME_TEXT];

	if (r->online)
		printf("verified empty (tip %.7s, fetched %s)\n",
		       *tip ? tip : "none",
		       output_age(now, r->fetched, age));
	else if (r->fetched != 0)
		printf("nothing new, but not refreshed since %s (%s)\n",
		       time_format(r->fetched, time),
		       output_age(now, r->fetched, age));
	else
		printf("nothing new, but never refreshed: run `trine sync`\n");
}

/* The list itself is on stdout, and empty: what it is worth goes beside it. */
static void say_empty_json(const struct cli *cli, const struct report *r,
			   const char *tip)
{
	json_t *json = json_pack("{s:i, s:b, s:b, s:s?, s:o}", "schema", 1,
				 "empty", 1, "verified", (int)r->online,
				 "tip", *tip ? tip : NULL,
				 "fetched", time_to_json(r->fetched));
	char *text = json_dumps(json, JSON_COMPACT);

	if (text != NULL)
		output_say(cli, "%s", text);
	free(text);
	json_decref(json);
}

/* A name that nothing has, here, may be a slip: its inbox is always empty. */
static void doubt_name(const struct cli *cli, const char *name)
{
	struct error none = ERROR_INIT;
	struct session s = { 0 };
	bool known = settings_instance(&cli->home->settings, name) != NULL ||
		     session_find(cli->home, name, &s, &none) == 0;

	session_release(&s);
	if (!known)
		output_say(cli, "no instance or session here is called %s", name);
}

/* Empty by what was read last, which a commit that this computer pushed since is
 * not; verified if the last cycle did fetch. */
static int tell_empty(const struct cli *cli, const char *name, struct error *err)
{
	struct report r;
	struct marks marks;

	if (name != NULL)
		doubt_name(cli, name);
	if (report_read(cli->home, &r, err) == -1 ||
	    view_marks(cli->home->store, &marks, err) == -1)
		return -1;
	if (cli->common.json)
		say_empty_json(cli, &r, marks.tip);
	else
		print_empty(cli, &r, marks.tip);
	return 0;
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct inbox_options *o = options_given;
	const char *instance = cli->arg_count > 0 ? cli->arg[0] : NULL;
	struct record_list l = { 0 };
	int rc;

	rc = mail_inbox(cli->home, instance, o->all, &l, err);
	if (rc == 0 && l.count == 0)
		rc = tell_empty(cli, instance, err);
	else if (rc == 0 && cli->common.json)
		rc = print_json(cli, &l, err);
	else if (rc == 0)
		print_list(cli, &l);
	record_list_release(&l);
	return rc;
}

const struct command cmd_inbox = {
	.name = "inbox",
	.summary = "list what has come and nobody has read or taken",
	.arguments = "[INSTANCE]",
	.examples =
		"trine inbox\twhat is new\n"
		"trine inbox builder\twhat is new for the instance `builder`\n"
		"trine inbox --all --json\t"
		"all that ever came, one JSON object a line\n",
	.options = options,
	.options_size = sizeof(struct inbox_options),
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run,
};
