/* trine dashboard: the daemon's page, with the token in the part of its address that no
 * browser sends to anybody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "trine/file.h"
#include "trine/home_json.h"
#include "trine/mem.h"
#include "trine/process.h"

enum { LIMIT_SMALL = 4096 };

struct dashboard_options {
	bool open;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "open", NULL, "open it in a browser; at a terminal by itself",
	  OPTION_FIELD(struct dashboard_options, open) },
	OPTION_END
};

static int find_place(const struct cli *cli, char *out, size_t size, struct error *err)
{
	json_t *ports = home_json(cli->home, "run/ports.json", LIMIT_SMALL);
	const char *host = NULL;
	int port = 0;

	if (ports == NULL)
		return error_set(err, ERR_AGAIN, "no daemon runs, which has the "
				 "dashboard: `trine daemon start` starts one; `trine "
				 "status --html` writes it as a file");
	if (json_unpack(ports, "{s:{s:s, s:i}}", "coordinator", "host", &host, "port",
			&port) == 0)
		snprintf(out, size, strchr(host, ':') != NULL ? "http://[%s]:%d" :
			 "http://%s:%d", host, port);
	json_decref(ports);
	return port != 0 ? 0 : error_set(err, ERR_CONFIG, "the daemon listens nowhere: "
					 "[daemon] `listen` in trine.ini is off");
}

static int make_url(const struct cli *cli, struct buf *out, struct error *err)
{
	char *path = home_path(cli->home, "run/token");
	struct buf token = BUF_INIT;
	char place[128];
	int rc = find_place(cli, place, sizeof(place), err);

	if (rc == 0)
		rc = file_read(path, LIMIT_SMALL, &token, NULL, err);
	if (rc == 0)
		buf_printf(out, "%s/dashboard#token=%.64s", place, token.data);
	buf_release(&token);
	free(path);
	return rc;
}

/* All can see with which words a program is started, so the browser gets the address in
 * a file that only we can read. */
static int open_it(const struct cli *cli, const char *url, struct error *err)
{
#ifdef __APPLE__
	static const char opener[] = "/usr/bin/open";
#else
	static const char opener[] = "/usr/bin/xdg-open";
#endif
	char *path = home_path(cli->home, "run/dashboard.html");
	const char *const argv[] = { opener, path, NULL };
	struct buf page = BUF_INIT;
	int rc;

	buf_printf(&page, "<!doctype html><meta charset=\"utf-8\"><title>trine</title>"
		   "<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n", url);
	rc = file_put(path, span_of(&page), 0600, err);
	if (rc == 0 && !file_executable(opener))
		rc = error_set(err, ERR_NOTFOUND, "%s is not there: open the address "
			       "by hand", opener);
	if (rc == 0)
		rc = process_detach(argv, err);
	buf_release(&page);
	free(path);
	return rc;
}

static int run(struct cli *cli, const void *given, struct error *err)
{
	const struct dashboard_options *o = given;
	struct error unopened = ERROR_INIT;
	struct buf url = BUF_INIT;
	int rc = make_url(cli, &url, err);

	if (rc == 0 && cli->common.json)
		output_json(json_pack("{s:i, s:s}", "schema", 1, "url", url.data));
	else if (rc == 0)
		printf("%s\n", url.data);
	if (rc == 0 && o->open)
		rc = open_it(cli, url.data, err);
	else if (rc == 0 && output_is_terminal() && !cli->common.json &&
		 open_it(cli, url.data, &unopened) == -1)
		output_say(cli, "trine: %s", unopened.text);
	buf_release(&url);
	return rc;
}

const struct command cmd_dashboard = {
	.name = "dashboard",
	.summary = "print the address of the daemon's page, and open it",
	.arguments = "",
	.examples =
		"trine dashboard\tits address has the token in it: keep it to yourself\n"
		"trine status --html >status.html\tthe same without a daemon, as it is "
		"now\n",
	.options = options,
	.options_size = sizeof(struct dashboard_options),
	.flags = COMMAND_HOME,
	.run = run,
};
