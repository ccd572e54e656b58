/* trine session: the agents that run on this computer, each registered with its
 * process. The verbs are in session.h; this file reads options and prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "output.h"
#include "trine/objects.h"
#include "trine/session.h"

/* ---- printing ---- */

static void add_text(struct buf *out, const char *label, const char *text)
{
	if (*text == '\0')
		return;
	buf_printf(out, "    %-4s  ", label);
	output_escaped(out, text);
	buf_addc(out, '\n');
}

static void add_fate(struct buf *out, const struct session *s, int64_t now)
{
	char age[AGE_TEXT];

	if (s->ended != 0) {
		buf_printf(out, "ended %s: ", output_age(now, s->ended, age));
		output_escaped(out, s->why);
	} else if (session_lives(s)) {
		output_colour(out, COLOUR_GREEN, "alive");
	} else {
		output_colour(out, COLOUR_RED, "its process is gone");
	}
}

static void add_session(struct buf *out, const struct cli *cli,
			const struct session *s)
{
	int64_t now = cli->clock->now(cli->clock);
	char who[SESSION_TEXT], age[AGE_TEXT];

	output_escaped(out, session_text(s, who));
	buf_adds(out, "  ");
	add_fate(out, s, now);
	buf_printf(out, ", process %ld%s%s, since %s", s->agent.pid,
		   s->terminal[0] ? " on " : "", s->terminal,
		   output_age(now, s->since, age));
	if (s->ended == 0)
		buf_printf(out, ", heard of %s",
			   output_age(now, session_heard(cli->home, s), age));
	buf_addc(out, '\n');
	add_text(out, "role", s->role);
	add_text(out, "goal", s->goal);
	add_text(out, "does", s->doing);
	add_text(out, "in", s->folder);
}

static void print_session(const struct cli *cli, const struct session *s)
{
	struct buf out = BUF_INIT;

	if (cli->common.json) {
		output_json(session_to_json(cli->home, s));
		return;
	}
	add_session(&out, cli, s);
	output_flush(&out);
	buf_release(&out);
}

/* The one that calls: these verbs are about it. */
static int find_caller(struct cli *cli, struct session *out, struct error *err)
{
	bool found;

	if (caller_find(cli, out, &found, err) == -1)
		return -1;
	return found ? 0 : error_set(err, ERR_NOTFOUND, "no session is registered "
				     "for who calls; `trine session start` does that");
}

/* The one that is named, else the one that calls. */
static int find_meant(struct cli *cli, struct session *out, struct error *err)
{
	return cli->arg_count > 0 ?
	       session_find(cli->home, cli->arg[0], out, err) :
	       find_caller(cli, out, err);
}

/* ---- start ---- */

struct start_options {
	int64_t number, pid;
	const char *name, *role, *goal;
};

static const struct option_spec start_options[] = {
	{ OPTION_NUMBER, 'n', "number", "N", "its number (else the lowest free one)",
	  OPTION_RANGE(struct start_options, number, 1, 9999) },
	{ OPTION_TEXT, 0, "name", "NAME", "what others call it",
	  OPTION_FIELD(struct start_options, name) },
	{ OPTION_TEXT, 0, "role", "ROLE", "what it is here for",
	  OPTION_FIELD(struct start_options, role) },
	{ OPTION_TEXT, 0, "goal", "GOAL", "what it is to reach",
	  OPTION_FIELD(struct start_options, goal) },
	{ OPTION_NUMBER, 0, "pid", "PID", "the agent's process (else found)",
	  OPTION_RANGE(struct start_options, pid, 2, INT32_MAX) },
	OPTION_END
};

static int run_start(struct cli *cli, const void *given, struct error *err)
{
	const struct start_options *o = given;
	struct session_wish wish = {
		.number = o->number, .name = o->name, .role = o->role,
		.goal = o->goal, .pid = (long)o->pid,
	};
	struct session s;
	char *told;

	if (session_start(cli->home, &wish, &s, &told, err) == -1)
		return -1;
	if (told != NULL)
		output_say(cli, "trine: %s", told);
	print_session(cli, &s);
	free(told);
	session_release(&s);
	return 0;
}

const struct command cmd_session_start = {
	.name = "session start",
	.summary = "register the agent that calls",
	.arguments = "",
	.examples =
		"trine session start --name Atlas --goal \"Fix the login page\"\t"
		"with the lowest free number\n"
		"trine session start --number 1\t"
		"exit 1, and who has it, if session 1 lives\n",
	.options = start_options,
	.options_size = sizeof(struct start_options),
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_start,
};

/* ---- list ---- */

struct list_options {
	bool all;
};

static const struct option_spec list_options[] = {
	{ OPTION_FLAG, 0, "all", NULL, "those that have ended, too",
	  OPTION_FIELD(struct list_options, all) },
	OPTION_END
};

static int run_list(struct cli *cli, const void *given, struct error *err)
{
	const struct list_options *o = given;
	struct session_list l;

	if (session_sweep_now(cli->home, err) == -1 ||
	    view_sessions(cli->home->store, o->all, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		print_session(cli, &l.item[i]);
	if (l.count == 0 && !cli->common.json)
		output_say(cli, "no session is registered");
	session_list_release(&l);
	return 0;
}

const struct command cmd_session_list = {
	.name = "session list",
	.summary = "say who is at work here",
	.arguments = "",
	.examples = "trine session list\teach with its process, and when it was "
		    "last heard of\n",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.flags = COMMAND_HOME,
	.run = run_list,
};

/* ---- beat ---- */

struct beat_options {
	const char *doing;
};

static const struct option_spec beat_options[] = {
	{ OPTION_TEXT, 0, "doing", "TEXT", "what it does now",
	  OPTION_FIELD(struct beat_options, doing) },
	OPTION_END
};

static int run_beat(struct cli *cli, const void *given, struct error *err)
{
	const struct beat_options *o = given;
	struct session s;
	int rc = find_caller(cli, &s, err);

	if (rc == 0)
		rc = session_beat(cli->home, &s, o->doing, err);
	session_release(&s);
	return rc;
}

const struct command cmd_session_beat = {
	.name = "session beat",
	.summary = "show that the calling session is there",
	.arguments = "",
	.examples = "trine session beat --doing \"running the tests\"\t"
		    "every trine command counts as a beat\n",
	.options = beat_options,
	.options_size = sizeof(struct beat_options),
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_beat,
};

/* ---- end, adopt ---- */

static int run_end(struct cli *cli, const void *given, struct error *err)
{
	struct session s;
	int rc;

	(void)given;
	caller_shows(cli);
	rc = find_meant(cli, &s, err);
	if (rc == 0)
		rc = session_end(cli->home, &s, cli->arg_count > 0 ?
				 "ended by name" : "ended by itself", err);
	session_release(&s);
	return rc;
}

const struct command cmd_session_end = {
	.name = "session end",
	.summary = "end the calling session, or another one",
	.arguments = "[NUMBER|NAME]",
	.examples = "trine session end\tits number is free again\n",
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_end,
};

struct adopt_options {
	int64_t pid;
};

static const struct option_spec adopt_options[] = {
	{ OPTION_NUMBER, 0, "pid", "PID", "the agent's process (else found)",
	  OPTION_RANGE(struct adopt_options, pid, 2, INT32_MAX) },
	OPTION_END
};

static int run_adopt(struct cli *cli, const void *given, struct error *err)
{
	const struct adopt_options *o = given;
	struct session s;
	int rc = session_find(cli->home, cli->arg[0], &s, err);

	if (rc == 0)
		rc = session_adopt(cli->home, &s, (long)o->pid, err);
	if (rc == 0)
		print_session(cli, &s);
	session_release(&s);
	return rc;
}

const struct command cmd_session_adopt = {
	.name = "session adopt",
	.summary = "go on as a session whose process is gone",
	.arguments = "NUMBER|NAME",
	.examples = "trine session adopt Atlas\tan agent that was started again\n",
	.options = adopt_options,
	.options_size = sizeof(struct adopt_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run_adopt,
};
