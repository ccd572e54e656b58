/* trine sync: one cycle. What timers start every five minutes, and people when
 * they do not want to wait. */
#include "output.h"
#include "run_cycle.h"

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "scheduled", NULL,
	  "what timers run: wait this computer's part of the first minute",
	  OPTION_FIELD(struct run_options, scheduled) },
	{ OPTION_FLAG, 0, "dry-run", NULL,
	  "say what would be done, and do none of it",
	  OPTION_FIELD(struct run_options, dry_run) },
	{ OPTION_FLAG, 0, "offline", NULL,
	  "all but the network: own commits wait",
	  OPTION_FIELD(struct run_options, offline) },
	OPTION_END
};

static void print_json(const struct report *r)
{
	output_json(json_pack("{s:i, s:i, s:b, s:s, s:s, s:i, s:i, s:i, s:i, "
			      "s:i, s:i, s:s}",
			      "schema", 1, "exit", r->exit,
			      "online", (int)r->online, "branch", r->branch,
			      "tip", r->tip, "rounds", (int)r->rounds,
			      "received", (int)r->received,
			      "committed", (int)r->committed,
			      "published", (int)r->published,
			      "handed", (int)r->handed,
			      "copies", (int)r->copies, "failure", r->failure));
}

static int run(struct cli *cli, const void *given, struct error *err)
{
	struct report report = { 0 };
	int rc = run_cycle(cli, given, &report, err);

	if (cli->common.json)
		print_json(&report);
	return rc;
}

const struct command cmd_sync = {
	.name = "sync",
	.summary = "exchange everything with the fleet, once",
	.arguments = "",
	.examples = "trine sync\tnow\n"
		    "trine sync --dry-run\tsay what it would do\n"
		    "*/5 * * * * /usr/local/bin/trine sync --scheduled\tin a crontab\n",
	.options = options,
	.options_size = sizeof(struct run_options),
	.flags = COMMAND_HOME | COMMAND_GIT,
	.run = run,
};
