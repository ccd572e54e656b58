/*
 * trine: the table of its commands, and what happens around each of them:
 * options are parsed, the computer's directory is found and opened, the command
 * runs, and its error is printed here and nowhere else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "command.h"
#include "help.h"
#include "need_git.h"
#include "output.h"
#include "trine/active.h"
#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"

extern const struct command cmd_init, cmd_sync, cmd_status, cmd_inbox, cmd_show,
	cmd_read, cmd_search, cmd_send, cmd_reply, cmd_retract, cmd_log,
	cmd_takeover, cmd_repair, cmd_retire, cmd_leave, cmd_import, cmd_git,
	cmd_stats, cmd_completions;
extern const struct command cmd_reserve, cmd_check, cmd_state_get, cmd_state_set;
extern const struct command cmd_session_start, cmd_session_list,
	cmd_session_beat, cmd_session_end, cmd_session_adopt;
extern const struct command cmd_task_add, cmd_task_list, cmd_task_show,
	cmd_task_next, cmd_task_claim, cmd_task_start, cmd_task_progress,
	cmd_task_done, cmd_task_fail, cmd_task_block, cmd_task_release,
	cmd_task_cancel, cmd_task_approve, cmd_task_veto;
extern const struct command cmd_lock_acquire, cmd_lock_renew, cmd_lock_release,
	cmd_lock_run, cmd_lock_list, cmd_lock_break;
extern const struct command cmd_instance_list, cmd_instance_start,
	cmd_instance_stop, cmd_instance_restart;
extern const struct command cmd_daemon_start, cmd_daemon_stop, cmd_daemon_status,
	cmd_daemon_reload, cmd_daemon_token, cmd_dashboard;
extern const struct command cmd_route, cmd_alert, cmd_alert_clear, cmd_alert_list;
static const struct command cmd_help;

const struct command *const commands[] = {
	&cmd_init,
	&cmd_sync,
	&cmd_status,
	&cmd_inbox,
	&cmd_show,
	&cmd_read,
	&cmd_search,
	&cmd_send,
	&cmd_reply,
	&cmd_retract,
	&cmd_log,
	&cmd_stats,
	&cmd_task_add,
	&cmd_task_list,
	&cmd_task_show,
	&cmd_task_next,
	&cmd_task_claim,
	&cmd_task_start,
	&cmd_task_progress,
	&cmd_task_done,
	&cmd_task_fail,
	&cmd_task_block,
	&cmd_task_release,
	&cmd_task_cancel,
	&cmd_task_approve,
	&cmd_task_veto,
	&cmd_lock_acquire,
	&cmd_lock_renew,
	&cmd_lock_release,
	&cmd_lock_run,
	&cmd_lock_list,
	&cmd_lock_break,
	&cmd_reserve,
	&cmd_check,
	&cmd_state_get,
	&cmd_state_set,
	&cmd_session_start,
	&cmd_session_list,
	&cmd_session_beat,
	&cmd_session_end,
	&cmd_session_adopt,
	&cmd_route,
	&cmd_alert,
	&cmd_alert_clear,
	&cmd_alert_list,
	&cmd_instance_list,
	&cmd_instance_start,
	&cmd_instance_stop,
	&cmd_instance_restart,
	&cmd_daemon_start,
	&cmd_daemon_stop,
	&cmd_daemon_status,
	&cmd_daemon_reload,
	&cmd_daemon_token,
	&cmd_dashboard,
	&cmd_takeover,
	&cmd_repair,
	&cmd_retire,
	&cmd_leave,
	&cmd_import,
	&cmd_git,
	&cmd_completions,
	&cmd_help,
	NULL
};

const struct command_group command_groups[] = {
	{ "task", "what is to be done here, and who does it: add, list, claim, done, ..." },
	{ "lock", "leases of sessions: acquire, renew, release, run, list, break" },
	{ "state", "small values that instances share: get, set" },
	{ "session", "agents that run on this computer: start, list, beat, end, adopt" },
	{ "instance", "what the daemon watches over: list, start, stop, restart" },
	{ "daemon", "health, restarts and cycles behind: start, stop, status, reload, token" },
	{ NULL, NULL }
};

/* ---- help, the command that needs the table ---- */

static int find_command(const char *name, const struct command **out,
			struct error *err)
{
	const char *nearest;

	*out = help_find(name);
	if (*out != NULL)
		return 0;
	nearest = help_nearest(name);
	return error_set(err, ERR_USAGE,
			 "there is no command \"%.40s\"%s%s%s; `trine help` "
			 "lists them", name, nearest ? "; is `trine " : "",
			 nearest ? nearest : "",
			 nearest ? "` meant?" : "");
}

static int show_help(const struct command *c)
{
	struct buf text = BUF_INIT;

	if (c != NULL)
		help_command(&text, c);
	else
		help_overview(&text);
	output_flush(&text);
	buf_release(&text);
	return 0;
}

/* The words that name a command: how many of ARG they are in *WORDS. */
static int find_words(char **arg, size_t count, const struct command **out,
		      size_t *words, struct error *err)
{
	const struct command_group *g = help_group_find(arg[0]);
	bool two = count > 1 && arg[1][0] != '-';
	char *name = two ? xasprintf("%s %s", arg[0], arg[1]) : NULL;
	int rc = 0;

	*out = two ? help_find(name) : NULL;
	*words = *out != NULL || g != NULL ? 2 : 1;
	if (g != NULL && !two)
		rc = error_set(err, ERR_USAGE, "`trine %s` wants to know what: "
			       "`trine help %s` lists it", g->name, g->name);
	else if (*out == NULL)
		rc = find_command(g != NULL ? name : arg[0], out, err);
	free(name);
	return rc;
}

static int show_group(const struct command_group *g)
{
	struct buf text = BUF_INIT;

	help_group(&text, g);
	output_flush(&text);
	buf_release(&text);
	return 0;
}

static int run_help(struct cli *cli, const void *options, struct error *err)
{
	const struct command *c = NULL;
	size_t words;

	(void)options;
	if (cli->arg_count == 1 && help_group_find(cli->arg[0]) != NULL)
		return show_group(help_group_find(cli->arg[0]));
	if (cli->arg_count > 0 &&
	    find_words(cli->arg, cli->arg_count, &c, &words, err) == -1)
		return -1;
	if (cli->arg_count > 0 && words < cli->arg_count)
		return error_set(err, ERR_USAGE, "\"%.80s\" is one argument too "
				 "many", cli->arg[words]);
	return show_help(c);
}

static const struct command cmd_help = {
	.name = "help",
	.summary = "explain a command",
	.arguments = "[COMMAND]",
	.examples =
		"trine help send\texamples and options of `trine send`\n"
		"trine help session\tall that begins with `trine session`\n",
	.most = 2,
	.run = run_help,
};

/* ---- around a command ---- */

static int open_home(struct cli *cli, struct error *err)
{
	char *fallback = home_default();
	int rc = 0;

	if (cli->command->flags & (COMMAND_DIR | COMMAND_HOME))
		rc = home_find(&cli->dir, cli->common.dir, getenv("TRINE_DIR"),
			       ".", fallback, err);
	free(fallback);
	if (rc == 0 && cli->command->flags & COMMAND_HOME)
		rc = home_open(&cli->home, cli->dir, cli->clock, err);
	return rc;
}

static int check_operands(const struct cli *cli, struct error *err)
{
	const struct command *c = cli->command;
	int count = (int)cli->arg_count;

	if (count >= c->least && (c->most == ANY_NUMBER || count <= c->most))
		return 0;
	if (count < c->least)
		return error_set(err, ERR_USAGE, "`trine %s` wants %s", c->name,
				 c->arguments);
	return error_set(err, ERR_USAGE, "\"%.80s\" is one argument too many",
			 cli->arg[c->most]);
}

static int show_version(void)
{
	printf("trine %s\n", TRINE_VERSION);
	return 0;
}

static bool asks_for_help(const char *arg)
{
	return strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0;
}

/* The command's own options, which may also be those of all. */
static int parse_own(struct cli *cli, void *options, struct error *err)
{
	struct option_set sets[2] = {
		{ cli->command->options, options },
		{ common_options, &cli->common },
	};

	if (cli->command->flags & COMMAND_RAW) {
		cli->common.help = cli->arg_count > 0 &&
				   asks_for_help(cli->arg[0]);
		return 0;
	}
	return options_parse(sets, OPTIONS_ANYWHERE, cli->arg, cli->arg_count,
			     &cli->arg_count, err);
}

static void print_error(const struct cli *cli, const struct error *err);

/* What the command was for is done: if this fails, that is said and no more. */
static void tell_programs(struct cli *cli)
{
	struct error err = ERROR_INIT;

	if (active_write(cli->home, &err) == -1)
		output_say(cli, "trine: %s", err.text);
}

/* An answer, and a wrong question, are no failures of its own. */
static int forgive(const struct cli *cli, struct error *err)
{
	if (err->code == ERR_NO || err->code == ERR_USAGE)
		return -1;
	print_error(cli, err);
	error_clear(err);
	return 0;
}

static int run_command(struct cli *cli, struct error *err)
{
	const struct command *c = cli->command;
	void *options = xcalloc(1, c->options_size);
	struct option_set own = { c->options, options };
	int rc = parse_own(cli, options, err);

	if (rc == 0 && cli->common.help) {
		rc = show_help(c);
	} else if (rc == 0 && cli->common.version) {
		rc = show_version();
	} else if (rc == -1 || check_operands(cli, err) == -1) {
		cli->misspelled = true;
		rc = -1;
	} else {
		rc = c->flags & COMMAND_GIT ? need_git(cli->argv, err) : 0;
		if (rc == 0)
			rc = open_home(cli, err);
		if (rc == 0)
			rc = c->run(cli, options, err);
		if (rc == 0 && c->flags & COMMAND_ACTIVE)
			tell_programs(cli);
		/* a heartbeat, unless the command has asked who calls */
		if (rc == 0 && cli->home != NULL && cli->home->actor == NULL)
			caller_shows(cli);
	}
	options_release(&own);
	free(options);
	return rc == -1 && c->flags & COMMAND_HARMLESS ? forgive(cli, err) : rc;
}

static int run(struct cli *cli, char **arg, size_t count, struct error *err)
{
	struct option_set sets[2] = { { common_options, &cli->common },
				      { NULL, NULL } };
	size_t words;

	if (options_parse(sets, OPTIONS_FIRST, arg, count, &count, err) == -1)
		return -1;
	if (cli->common.version)
		return show_version();
	if (count == 0 && cli->common.help)
		return show_help(NULL);
	if (count == 0)
		return error_set(err, ERR_USAGE,
				 "no command is given; `trine help` lists them");
	if (count > 1 && help_group_find(arg[0]) != NULL && asks_for_help(arg[1]))
		return show_group(help_group_find(arg[0]));
	if (find_words(arg, count, &cli->command, &words, err) == -1)
		return -1;
	cli->arg = arg + words;
	cli->arg_count = count - words;
	return run_command(cli, err);
}

/* ---- how it ends ---- */

/* What could not be written was not said: a full disk must not look like an
 * empty inbox. */
static int check_written(struct error *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return error_set(err, ERR_IO, "standard output cannot be written");
}

static void print_error(const struct cli *cli, const struct error *err)
{
	struct buf text = BUF_INIT;

	if (err->text[0] == '\0')
		return;
	text_escape(&text, err->text, strlen(err->text), true);
	fprintf(stderr, "trine: %s\n", text.data);
	buf_reset(&text);
	if (cli->misspelled)
		help_usage(&text, cli->command);
	if (err->code == ERR_USAGE && cli->command != NULL)
		fprintf(stderr, "%s`trine help %s` says more\n", text.data,
			cli->command->name);
	buf_release(&text);
}

/* Tests say what time it is: TRINE_TEST_CLOCK (clock_move). */
static int set_clock(struct clock *clock, struct error *err)
{
	const char *moved = getenv("TRINE_TEST_CLOCK");

	clock_system(clock);
	if (moved == NULL || *moved == '\0' || clock_move(clock, moved))
		return 0;
	return error_set(err, ERR_USAGE, "TRINE_TEST_CLOCK wants +3d, -20m, ~15m or "
			 "x30, not \"%.40s\"", moved);
}

/* Parsing puts options and operands in order, and trine-sync is to read what was
 * written. */
static char **copy_arguments(char **argv, size_t count)
{
	char **out = xcalloc(count + 1, sizeof(*out));

	memcpy(out, argv, count * sizeof(*out));
	return out;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT, unwritten = ERROR_INIT;
	struct clock clock;
	struct cli cli = { .clock = &clock };
	int rc;

	json_set_alloc_funcs(xmalloc, free);
	cli.argv = copy_arguments(argv, (size_t)argc);
	rc = process_begin(&err);
	if (rc == 0)
		rc = set_clock(&clock, &err);
	if (rc == 0)
		rc = run(&cli, argv + 1, argc > 0 ? (size_t)argc - 1 : 0, &err);
	home_close(cli.home);
	free(cli.dir);
	free(cli.argv);
	if (check_written(&unwritten) == -1 && rc == 0) {
		err = unwritten;
		rc = -1;
	}
	if (rc == 0)
		return 0;
	print_error(&cli, &err);
	return err.code != ERR_NONE ? (int)err.code : ERR_INTERNAL;
}
