/*
 * trine daemon: start, stop, status, reload. The daemon stays in the foreground, for service
 * managers; here it is put behind.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "command.h"
#include "output.h"
#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/instances.h"
#include "trine/objects.h"
#include "trine/presence.h"
#include "trine/process.h"
#include "trine/text.h"

enum {
	START_MS = 20 * 1000, STOP_MS = 15 * 1000, LOOK_MS = 50,
	LIMIT_SMALL = 4096, TAIL = 600
};

/* Its process, as it stands in the lock that it holds; 0: none runs. */
static long daemon_pid(const struct cli *cli)
{
	char *path = home_path(cli->home, "run/trined.lock");
	struct error ignored = ERROR_INIT;
	struct buf text = BUF_INIT;
	uint64_t pid = 0;

	if (!instances_watched(cli->home) ||
	    file_read(path, LIMIT_SMALL, &text, NULL, &ignored) == -1 ||
	    !text_number(text_trim(span_of(&text)), &pid) || pid > INT32_MAX)
		pid = 0;
	buf_release(&text);
	free(path);
	return (long)pid;
}

/* {"schema":1,"pid":…,"coordinator":{…}}, or NULL: it does not listen. */
static json_t *read_ports(const struct cli *cli)
{
	return home_json(cli->home, "run/ports.json", LIMIT_SMALL);
}

static int64_t since(const struct cli *cli)
{
	char *path = home_path(cli->home, "run/trined.lock");
	struct error ignored = ERROR_INIT;
	struct file_info info = { 0 };

	file_stat(path, &info, &ignored);
	free(path);
	return info.mtime;
}

static char *log_path(const struct cli *cli)
{
	return home_path(cli->home, "run/logs/trined.log");
}

/* ---- status ---- */

static void add_ports(struct buf *out, const json_t *ports)
{
	void *i = json_object_iter((json_t *)(uintptr_t)ports);

	for (; i != NULL; i = json_object_iter_next((json_t *)(uintptr_t)ports, i)) {
		const json_t *one = json_object_iter_value(i);
		const char *host = json_string_value(json_object_get(one, "host"));

		if (host != NULL)
			buf_printf(out, "%-11s %s port %lld\n", json_object_iter_key(i),
				   host, (long long)json_integer_value(
				   json_object_get(one, "port")));
	}
}

/* With the hub of another computer. */
static bool is_connected(const struct cli *cli)
{
	struct presence there;
	bool is;

	presence_read(cli->home, &there);
	is = there.count > 0;
	presence_release(&there);
	return is;
}

static void add_hub(struct buf *out, const struct cli *cli)
{
	const char *url = cli->home->settings.realtime_connect;

	if (url != NULL)
		buf_printf(out, "%-11s %s %s\n", "realtime", is_connected(cli) ?
			   "connected to" : "no connection to", url);
}

static bool serves(const struct instance_now *n)
{
	return n->watched && instance_state_serves(n->fact.state);
}

/* One that is not well, and is wanted to be. */
static bool is_wrong(const struct instance_now *n)
{
	return n->watched && (n->wanted || n->i->start == NULL) &&
	       (n->fact.state == INSTANCE_CRASHED || n->fact.state == INSTANCE_DEGRADED);
}

static void count(const struct instance_list *l, unsigned *online, unsigned *all)
{
	*online = *all = 0;
	for (size_t i = 0; i < l->count; i++) {
		*all += l->item[i].watched;
		*online += serves(&l->item[i]);
	}
}

static void print_status(struct cli *cli, long pid, const json_t *ports,
			 const struct instance_list *l)
{
	struct buf out = BUF_INIT;
	unsigned online, all;
	char age[AGE_TEXT];

	count(l, &online, &all);
	buf_printf(&out, "trined runs as process %ld, since %s\n", pid,
		   output_age(cli->clock->now(cli->clock), since(cli), age));
	if (ports != NULL)
		add_ports(&out, ports);
	else
		buf_adds(&out, "the web part does not listen\n");
	add_hub(&out, cli);
	buf_printf(&out, "%-11s %u of %u online\n", "instances", online, all);
	for (size_t i = 0; i < l->count; i++) {
		const struct instance_now *n = &l->item[i];

		if (!is_wrong(n))
			continue;
		buf_printf(&out, "  %s %lld is %s: ", n->i->name, (long long)n->copy,
			   instance_now_state(n));
		output_escaped(&out, n->fact.reason != NULL ? n->fact.reason : "");
		buf_addc(&out, '\n');
	}
	output_flush(&out);
	buf_release(&out);
}

static void print_json(struct cli *cli, long pid, json_t *ports,
		       const struct instance_list *l)
{
	unsigned online, all;

	count(l, &online, &all);
	output_json(json_pack("{s:i, s:b, s:o, s:o, s:O?, s:o, s:i, s:i}", "schema", 1,
		"running", pid != 0,
		"pid", pid != 0 ? json_integer(pid) : json_null(),
		"since", time_to_json(pid != 0 ? since(cli) : 0), "ports", ports,
		"connected", cli->home->settings.realtime_connect != NULL ?
		json_boolean(is_connected(cli)) : json_null(),
		"online", (int)online, "instances", (int)all));
}

static int run_status(struct cli *cli, const void *given, struct error *err)
{
	long pid = daemon_pid(cli);
	struct instance_list l;
	json_t *ports;

	(void)given;
	if (instances_list(cli->home, &l, err) == -1)
		return -1;
	ports = pid != 0 ? read_ports(cli) : NULL;
	if (cli->common.json)
		print_json(cli, pid, ports, &l);
	else if (pid != 0)
		print_status(cli, pid, ports, &l);
	json_decref(ports);
	instance_list_release(&l);
	if (pid != 0)
		return 0;
	return error_set(err, ERR_NO, "%s", cli->common.json ? "" :
			 "no daemon runs: `trine daemon start` starts one");
}

const struct command cmd_daemon_status = {
	.name = "daemon status",
	.summary = "whether the daemon runs, since when, and where it listens",
	.arguments = "",
	.examples = "trine daemon status\texit 1 if none runs\n",
	.flags = COMMAND_HOME,
	.run = run_status,
};

/* ---- start ---- */

/* What it said last says why. */
static int say_why(const struct cli *cli, uint64_t from, struct error *err)
{
	char *path = log_path(cli);
	struct error ignored = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct span tail = { "", 0 };

	if (file_read(path, LIMIT_FILE, &text, NULL, &ignored) == 0 && text.len > from) {
		tail = (struct span){ text.data + from, text.len - from };
		if (tail.len > TAIL) {
			tail.p += tail.len - TAIL;
			tail.len = TAIL;
		}
		tail = text_trim(tail);
	}
	if (daemon_pid(cli) != 0)
		error_set(err, ERR_AGAIN, "the daemon runs, but its web part does not "
			  "listen yet, and goes on trying: %.*s (%s)", (int)tail.len,
			  tail.p, path);
	else
		error_set(err, ERR_AGAIN, "the daemon is not up: %.*s%s(%s)",
			  (int)tail.len, tail.p, tail.len > 0 ? " " :
			  "it says nothing ", path);
	buf_release(&text);
	free(path);
	return -1;
}

static bool is_up(const struct cli *cli)
{
	json_t *ports = read_ports(cli);
	bool up = ports != NULL;

	json_decref(ports);
	return up;
}

static int launch(struct cli *cli, const char *log, struct error *err)
{
	char *program = process_helper("trined");
	const char *argv[] = { program, "-C", cli->home->dir, NULL };
	int rc;

	if (program == NULL)
		return error_set(err, ERR_NOTFOUND, "trined, the daemon, is not beside "
				 "trine");
	rc = process_detach_to(argv, log, err);
	free(program);
	return rc;
}

static int start(struct cli *cli, const char *log, struct error *err)
{
	struct clock *clock = cli->clock;
	int64_t until = clock->steady(clock) + START_MS, quiet;
	struct error ignored = ERROR_INIT;
	struct file_info info = { 0 };

	file_stat(log, &info, &ignored);
	if (launch(cli, log, err) == -1)
		return -1;
	/* it holds its lock from its start on: without it, it has ended */
	quiet = clock->steady(clock) + START_MS / 10;
	while (clock->steady(clock) < until) {
		clock->sleep(clock, LOOK_MS);
		if (daemon_pid(cli) != 0 && is_up(cli))
			return 0;
		if (daemon_pid(cli) == 0 && clock->steady(clock) >= quiet)
			break;
	}
	return say_why(cli, info.size, err);
}

static int run_start(struct cli *cli, const void *given, struct error *err)
{
	long pid = daemon_pid(cli);
	char *folder, *log;
	int rc;

	(void)given;
	if (pid != 0) {
		output_say(cli, "it runs already, as process %ld", pid);
		return 0;
	}
	folder = home_path(cli->home, "run/logs");
	log = log_path(cli);
	rc = file_mkdir(folder, 0700, err);
	if (rc == 0)
		rc = start(cli, log, err);
	if (rc == 0)
		output_say(cli, "trined runs as process %ld", daemon_pid(cli));
	free(log);
	free(folder);
	return rc;
}

const struct command cmd_daemon_start = {
	.name = "daemon start",
	.summary = "start the daemon behind, and wait until it is ready",
	.arguments = "",
	.examples = "trine daemon start\tat each boot by itself: systemd or launchd, "
		"trined(8)\n",
	.flags = COMMAND_HOME,
	.run = run_start,
};

/* ---- stop ---- */

static int run_stop(struct cli *cli, const void *given, struct error *err)
{
	struct clock *clock = cli->clock;
	int64_t until = clock->steady(clock) + STOP_MS;
	long pid = daemon_pid(cli);

	(void)given;
	if (pid == 0) {
		output_say(cli, "no daemon runs");
		return 0;
	}
	if (kill((pid_t)pid, SIGTERM) == -1)
		return error_errno(err, "process %ld cannot be ended", pid);
	while (daemon_pid(cli) == pid) {
		if (clock->steady(clock) >= until)
			return error_set(err, ERR_AGAIN, "process %ld, the daemon, has "
					 "not ended yet", pid);
		clock->sleep(clock, LOOK_MS);
	}
	output_say(cli, "the daemon has ended");
	return 0;
}

const struct command cmd_daemon_stop = {
	.name = "daemon stop",
	.summary = "end the daemon, and wait until it is gone",
	.arguments = "",
	.examples = "trine daemon stop\tits instances end too, unless `keep = yes`\n",
	.flags = COMMAND_HOME,
	.run = run_stop,
};

/* ---- reload ---- */

/* This program has read the settings itself by now: they have no fault. */
static int run_reload(struct cli *cli, const void *given, struct error *err)
{
	long pid = daemon_pid(cli);

	(void)given;
	if (pid == 0)
		return error_set(err, ERR_NO, "no daemon runs: `trine daemon start` "
				 "starts one");
	if (kill((pid_t)pid, SIGHUP) == -1)
		return error_errno(err, "process %ld cannot be told", pid);
	output_say(cli, "process %ld reads trine.ini anew", pid);
	return 0;
}

const struct command cmd_daemon_reload = {
	.name = "daemon reload",
	.summary = "have the daemon read trine.ini anew",
	.arguments = "",
	.examples = "trine daemon reload\tinstances that changed are started anew\n",
	.flags = COMMAND_HOME,
	.run = run_reload,
};
