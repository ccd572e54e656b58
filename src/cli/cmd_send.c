/* trine send: leave a message for another computer. The log has it when this
 * ends; the next cycle brings it out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "caller.h"
#include "confirm.h"
#include "output.h"
#include "trine/mail.h"
#include "trine/process.h"
#include "when.h"

struct send_options {
	const char *type, *priority, *instance, *re, *due, *title, *claim, *prefer;
	struct list labels;
};

static const struct option_spec options[] = {
	{ OPTION_TEXT, 't', "type", "TYPE",
	  "message (default), task, alert, status, result or control",
	  OPTION_FIELD(struct send_options, type) },
	{ OPTION_TEXT, 'p', "priority", "PRIORITY",
	  "low, normal (default), high or urgent (syncs at once)",
	  OPTION_FIELD(struct send_options, priority) },
	{ OPTION_TEXT, 0, "for", "INSTANCE", "for this instance or session there",
	  OPTION_FIELD(struct send_options, instance) },
	{ OPTION_TEXT, 0, "re", "ID", "the message that this is about",
	  OPTION_FIELD(struct send_options, re) },
	{ OPTION_TEXT, 0, "claim", "one",
	  "a task to ALL: one computer does it, not each",
	  OPTION_FIELD(struct send_options, claim) },
	{ OPTION_LIST, 0, "label", "LABEL", "a label; may be given again",
	  OPTION_FIELD(struct send_options, labels) },
	{ OPTION_TEXT, 0, "prefer", "WHAT",
	  "a task: speed or quality, where several there could do it",
	  OPTION_FIELD(struct send_options, prefer) },
	{ OPTION_TEXT, 0, "due", "TIME",
	  "when it is due: 2026-11-20T13:00:00Z, or in 30m, 2h, 3d",
	  OPTION_FIELD(struct send_options, due) },
	{ OPTION_TEXT, 'm', "title", "TITLE",
	  "what it is about; else the text's first heading or line",
	  OPTION_FIELD(struct send_options, title) },
	OPTION_END
};

/* What several computers get, and one is to do. */
static int parse_claim(const struct send_options *o, struct outgoing *out,
		       struct error *err)
{
	if (o->claim == NULL)
		return 0;
	if (strcmp(o->claim, "one") != 0)
		return error_set(err, ERR_USAGE, "--claim wants `one`: one computer of "
				 "all that get it does the task");
	out->claim_one = true;
	return 0;
}

static int parse_words(const struct send_options *o, struct outgoing *out,
		       struct error *err)
{
	if (o->type != NULL && !message_type_parse(span_str(o->type), &out->type))
		return error_set(err, ERR_USAGE,
				 "\"%.40s\" is no type: message, task, alert, "
				 "status, result, control", o->type);
	return body_priority(o->priority, &out->priority, err);
}

static void print_id(const struct cli *cli, const char *id)
{
	if (cli->common.json)
		output_json(json_pack("{s:i, s:s}", "schema", 1, "id", id));
	else
		printf("%s\n", id);
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct send_options *o = options_given;
	struct outgoing out = {
		.to = cli->arg[0], .priority = PRIORITY_NORMAL,
		.from = body_author(), .cause = getenv("TRINE_TASK"),
		.instance = o->instance, .re = o->re, .title = o->title,
		.labels = o->labels, .prefer = o->prefer,
	};
	struct buf body = BUF_INIT;
	char id[MESSAGE_ID];
	int rc = -1;

	if (parse_words(o, &out, err) == -1 || parse_claim(o, &out, err) == -1 ||
	    when_due(o->due, cli->clock->now(cli->clock), &out.due, err) == -1 ||
	    body_read(cli->arg_count > 1 ? cli->arg[1] : NULL, &body, err) == -1)
		goto out;
	out.body = span_of(&body);
	caller_shows(cli);
	rc = mail_send(cli->home, &out, id, err);
	if (rc == -1)
		goto out;
	print_id(cli, id);
	if (out.priority == PRIORITY_URGENT)
		confirm_later(cli);
out:
	buf_release(&body);
	return rc;
}

const struct command cmd_send = {
	.name = "send",
	.summary = "leave a message or task for another computer",
	.arguments = "TO [FILE|-]",
	.examples =
		"trine send 2 -m \"Please review the schema\"\t"
		"a title says it all\n"
		"trine send Architect -t task --label ui design.md\t"
		"a task: the file is its text, its first heading the title\n"
		"trine send ALL -t task --claim one -m \"Deploy it\"\t"
		"the first computer that claims it does it\n"
		"git diff | trine send ALL -m \"What changed today\" -\t"
		"the text from standard input, to every computer\n",
	.options = options,
	.options_size = sizeof(struct send_options),
	.least = 1,
	.most = 2,
	.flags = COMMAND_HOME,
	.run = run,
};
