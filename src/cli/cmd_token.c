/* trine daemon token: what another computer shows the daemon of this one (peers.h). */
#include <stdio.h>

#include "body.h"
#include "command.h"
#include "output.h"
#include "trine/peers.h"
#include "trine/text.h"

struct token_options {
	bool keep, forget;
};

static int keep(struct cli *cli, struct error *err)
{
	struct buf text = BUF_INIT;
	int rc = cli->arg_count == 0 ? body_read("-", &text, err) :
		error_set(err, ERR_USAGE, "--keep reads the token from standard input, "
			  "and wants nothing else");

	if (rc == 0)
		rc = peers_keep_own_token(cli->home, span_of(&text), err);
	if (rc == 0)
		output_say(cli, "kept for the hub");
	buf_release(&text);
	return rc;
}

static int forget(struct cli *cli, int computer, struct error *err)
{
	bool was;

	if (peers_forget(cli->home, computer, &was, err) == -1)
		return -1;
	output_say(cli, was ? "computer %d has no token any more" :
		   "computer %d had no token", computer);
	return 0;
}

static int print_token(struct cli *cli, int computer, struct error *err)
{
	char token[PASS_TEXT];

	if (peers_token(cli->home, computer, token, err) == -1)
		return -1;
	if (cli->common.json)
		output_json(json_pack("{s:i, s:i, s:s}", "schema", 1, "computer",
				      computer, "token", token));
	else
		printf("%s\n", token);
	return 0;
}

static int run_token(struct cli *cli, const void *options, struct error *err)
{
	const struct token_options *o = options;
	uint64_t computer;

	if (o->keep)
		return keep(cli, err);
	if (cli->arg_count == 0 || !text_number(span_str(cli->arg[0]), &computer) ||
	    computer > LIMIT_COMPUTERS)
		return error_set(err, ERR_USAGE, "the number of a computer is wanted");
	return o->forget ? forget(cli, (int)computer, err) :
	       print_token(cli, (int)computer, err);
}

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "keep", NULL, "on that computer: keep it, from standard input",
	  OPTION_FIELD(struct token_options, keep) },
	{ OPTION_FLAG, 0, "forget", NULL, "on the hub's: nobody gets in with it any more",
	  OPTION_FIELD(struct token_options, forget) },
	OPTION_END
};

const struct command cmd_daemon_token = {
	.name = "daemon token",
	.summary = "what another computer shows the hub, which runs here",
	.arguments = "COMPUTER | --keep",
	.examples = "trine daemon token 2\tprint the token of computer 2\n"
		"ssh hub trine daemon token 2 | trine daemon token --keep\ton computer 2\n",
	.options = options,
	.options_size = sizeof(struct token_options),
	.least = 0,
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run_token,
};
