/* trine alert: raise an emergency for the whole fleet, say that it is over, and see what
 * there is. The verbs are in alert.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "caller.h"
#include "confirm.h"
#include "output.h"
#include "trine/alert.h"
#include "trine/mem.h"
#include "trine/objects.h"

/* The instance that a worker started, or the session that calls: NULL if neither has a
 * name that a message can carry. The caller frees. */
static char *author(struct cli *cli, struct error *err)
{
	const char *instance = body_author();
	char *name = xstrdup(instance);
	struct session s;
	bool found;

	if (caller_find(cli, &s, &found, err) == -1) {
		error_clear(err);	/* who cannot be known raises it all the same */
		return name;
	}
	if (found && name == NULL && plain_name_valid(span_str(s.name)))
		name = xstrdup(s.name);
	session_release(&s);
	return name;
}

/* ---- raise ---- */

/* "claer" is meant for another command, and would wake everybody. */
static int check_word(const char *text, struct error *err)
{
	static const char *const others[] = { "clear", "list" };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (options_near(text, others[i]))
			return error_set(err, ERR_USAGE, "is `trine alert %s` meant? "
					 "An alert says what is wrong in more than one "
					 "such word", others[i]);
	return 0;
}

static void print_id(const struct cli *cli, const char *id, bool anew)
{
	if (cli->common.json)
		output_json(json_pack("{s:i, s:s, s:b}", "schema", 1, "id", id, "anew",
				      (int)anew));
	else
		printf("%s\n", id);
	if (!anew)
		output_say(cli, "trine: it is raised already, as %s", id);
}

static int run_raise(struct cli *cli, const void *given, struct error *err)
{
	struct buf text = BUF_INIT;
	char id[MESSAGE_ID], *from = NULL;
	bool anew;
	int rc = check_word(cli->arg[0], err);

	(void)given;
	if (rc == 0)
		rc = body_words(cli->arg[0], &text, err);
	if (rc == 0) {
		from = author(cli, err);
		rc = alert_raise(cli->home, from, span_of(&text), id, &anew, err);
	}
	if (rc == 0) {
		print_id(cli, id, anew);
		confirm_later(cli);
	}
	free(from);
	buf_release(&text);
	return rc;
}

const struct command cmd_alert = {
	.name = "alert",
	.summary = "raise an emergency: all computers know with their next cycle",
	.arguments = "TEXT|-",
	.examples =
		"trine alert \"The API key was pushed: rotate it\"\t"
		"urgent to all; the status says EMERGENCY until it is cleared\n"
		"trine alert clear -m \"Rotated\"\tit is over\n",
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_raise,
};

/* ---- clear ---- */

struct clear_options {
	const char *why;
};

static const struct option_spec clear_options[] = {
	{ OPTION_TEXT, 'm', NULL, "TEXT", "what was done about it",
	  OPTION_FIELD(struct clear_options, why) },
	OPTION_END
};

static int run_clear(struct cli *cli, const void *given, struct error *err)
{
	const struct clear_options *o = given;
	const char *id = cli->arg_count > 0 ? cli->arg[0] : NULL;
	char cleared[MESSAGE_ID], *from = author(cli, err);
	const struct alert_hand by = { .from = from, .why = o->why };
	bool found;
	int rc = alert_clear(cli->home, id, &by, cleared, &found, err);

	free(from);
	if (rc == -1)
		return -1;
	if (cli->common.json)
		output_json(json_pack("{s:i, s:s, s:b}", "schema", 1, "id", cleared,
				      "cleared", (int)found));
	if (!found)
		output_say(cli, "trine: %s", id != NULL ? "it is cleared already" :
			   "no alert is open");
	else
		confirm_later(cli);
	return 0;
}

const struct command cmd_alert_clear = {
	.name = "alert clear",
	.summary = "say that an emergency is over",
	.arguments = "[ID]",
	.examples =
		"trine alert clear\tthe only one that is open\n"
		"trine alert clear 2_TO_ALL.7 -m \"Rotated\"\t"
		"also one of another computer\n",
	.options = clear_options,
	.options_size = sizeof(struct clear_options),
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_clear,
};

/* ---- list ---- */

struct list_options {
	bool all;
};

static const struct option_spec list_options[] = {
	{ OPTION_FLAG, 0, "all", NULL, "those that are over, too; the newest first",
	  OPTION_FIELD(struct list_options, all) },
	OPTION_END
};

static void add_end(struct buf *out, int64_t now, const struct alert *a)
{
	char age[AGE_TEXT];

	buf_printf(out, "; cleared %s", output_age(now, a->cleared, age));
	if (a->cleared_on != 0)
		buf_printf(out, " by computer %d", a->cleared_on);
	if (*a->cleared_by != '\0') {
		buf_adds(out, a->cleared_on != 0 ? ", " : " by ");
		output_escaped(out, a->cleared_by);
	}
	if (*a->why != '\0') {
		buf_adds(out, ": ");
		output_escaped(out, a->why);
	}
}

static void add_alert(struct buf *out, int64_t now, const struct alert *a)
{
	struct buf whose = BUF_INIT;
	char age[AGE_TEXT];

	alert_whose(&whose, a, NULL);
	buf_printf(out, "%s  ", a->id);
	output_colour(out, a->cleared != 0 ? COLOUR_NONE : COLOUR_RED,
		      a->cleared != 0 ? ALERT_CLEARED : "RAISED");
	buf_printf(out, "  %s  ", output_age(now, a->since, age));
	output_escaped(out, whose.data);
	buf_adds(out, ": ");
	output_escaped(out, a->text);
	if (a->cleared != 0)
		add_end(out, now, a);
	else if (a->more != 0)
		buf_printf(out, "; and %llu more of it", (unsigned long long)a->more);
	buf_addc(out, '\n');
	buf_release(&whose);
}

static int run_list(struct cli *cli, const void *given, struct error *err)
{
	const struct list_options *o = given;
	struct buf out = BUF_INIT;
	struct alert_list l;

	if (view_alerts(cli->home->store, o->all, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		if (cli->common.json)
			output_json(alert_to_json(&l.item[i]));
		else
			add_alert(&out, cli->clock->now(cli->clock), &l.item[i]);
	output_flush(&out);
	buf_release(&out);
	alert_list_release(&l);
	return 0;
}

const struct command cmd_alert_list = {
	.name = "alert list",
	.summary = "emergencies that are open, here and elsewhere",
	.arguments = "",
	.examples =
		"trine alert list\twhat is wrong, whose it is, since when\n"
		"trine alert list --all\tand what was done about the others\n",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.flags = COMMAND_HOME,
	.run = run_list,
};
