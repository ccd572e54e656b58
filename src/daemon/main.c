/*
 * trined: watches over the instances of one computer, syncs, and serves what
 * programs and people ask for (trined(8)). It stays in the foreground: systemd,
 * launchd or `trine daemon start` put it behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/options.h"
#include "trine/process.h"

/* The supervisor starts itself anew as this. */
static const char web_role[] = "web";

struct daemon_options {
	const char *dir;
	bool help, version;
};

static const struct option_spec options[] = {
	{ OPTION_TEXT, 'C', "dir", "DIR", "the computer's directory",
	  OPTION_FIELD(struct daemon_options, dir) },
	{ OPTION_FLAG, 'h', "help", NULL, "explain this program",
	  OPTION_FIELD(struct daemon_options, help) },
	{ OPTION_FLAG, 0, "version", NULL, "say which version this is",
	  OPTION_FIELD(struct daemon_options, version) },
	OPTION_END
};

static int show_help(void)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, "usage: trined [-C DIR]\n\n"
		 "Watches over the instances of a computer, and syncs; until SIGTERM.\n"
		 "`trine daemon start` starts it behind. See trined(8).\n\n");
	options_describe(&text, options);
	fputs(text.data, stdout);
	buf_release(&text);
	return 0;
}

static bool has_channel(void)
{
	struct stat info;

	return fstat(WEB_CHANNEL, &info) == 0 && S_ISSOCK(info.st_mode);
}

static int run(struct daemon *d, const struct daemon_options *o, const char *role,
	       struct error *err)
{
	char *fallback = home_default(), *dir = NULL, *self = process_path();
	int rc = home_find(&dir, o->dir, getenv("TRINE_DIR"), ".", fallback, err);

	free(fallback);
	d->dir = dir;
	d->self = self;
	if (rc == 0)
		rc = role != NULL ? web_run(d, WEB_CHANNEL, err)
				  : supervisor_run(d, err);
	home_close(d->home);
	free(dir);
	free(self);
	return rc;
}

static int start(int argc, char **argv, struct error *err)
{
	struct daemon_options o = { 0 };
	struct option_set sets[2] = { { options, &o }, { NULL, NULL } };
	const char *moved = getenv("TRINE_TEST_CLOCK"), *role = NULL;
	struct clock clock;
	struct daemon d = { .clock = &clock };
	size_t count;

	if (options_parse(sets, OPTIONS_ANYWHERE, argv + 1,
			  argc > 0 ? (size_t)argc - 1 : 0, &count, err) == -1)
		return -1;
	if (o.help)
		return show_help();
	if (o.version)
		return puts("trined " TRINE_VERSION) == EOF ? -1 : 0;
	if (count == 1 && strcmp(argv[1], web_role) == 0 && has_channel())
		role = web_role;
	else if (count > 0)
		return error_set(err, ERR_USAGE, "\"%.80s\" is one argument too many; "
				 "`trined --help` says more", argv[1]);
	clock_system(&clock);
	if (moved != NULL && *moved != '\0' && !clock_move(&clock, moved))
		return error_set(err, ERR_USAGE, "TRINE_TEST_CLOCK wants +3d, -20m, "
				 "~15m or x30, not \"%.40s\"", moved);
	process_survive_pipes();
	return run(&d, &o, role, err);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	json_set_alloc_funcs(xmalloc, free);
	if (process_begin(&err) == 0 && start(argc, argv, &err) == 0)
		return 0;
	daemon_say("%s", err.text);
	return err.code != ERR_NONE ? (int)err.code : ERR_INTERNAL;
}
