/* trine reply: answer a message, to whoever sent it. */
#include <stdio.h>

#include "body.h"
#include "caller.h"
#include "output.h"
#include "trine/mail.h"

struct reply_options {
	const char *title;
};

static const struct option_spec options[] = {
	{ OPTION_TEXT, 'm', "title", "TITLE",
	  "what it says; else the text's first heading or line",
	  OPTION_FIELD(struct reply_options, title) },
	OPTION_END
};

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct reply_options *o = options_given;
	struct buf body = BUF_INIT;
	char id[MESSAGE_ID];
	int rc = -1;

	caller_shows(cli);
	if (body_read(cli->arg_count > 1 ? cli->arg[1] : NULL, &body, err) == 0)
		rc = mail_reply(cli->home, cli->arg[0], body_author(), o->title,
				span_of(&body), id, err);
	buf_release(&body);
	if (rc == -1)
		return -1;
	if (cli->common.json)
		output_json(json_pack("{s:i, s:s}", "schema", 1, "id", id));
	else
		printf("%s\n", id);
	return 0;
}

const struct command cmd_reply = {
	.name = "reply",
	.summary = "answer a message; the answer to a task completes it",
	.arguments = "ID [FILE|-]",
	.examples =
		"trine reply 2_TO_1.7 -m \"Done, see branch login\"\t"
		"answer message 7 of computer 2\n"
		"make test 2>&1 | trine reply 2_TO_1.8 -m \"All green\" -\t"
		"with standard input as its text\n",
	.options = options,
	.options_size = sizeof(struct reply_options),
	.least = 1,
	.most = 2,
	.flags = COMMAND_HOME,
	.run = run,
};
