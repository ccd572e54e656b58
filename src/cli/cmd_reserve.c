/* trine reserve and trine check: which files a session is about to change. The verbs
 * are in reserve.h; this file reads options and prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "output.h"
#include "trine/file.h"
#include "trine/objects.h"
#include "trine/reserve.h"
#include "when.h"

struct reserve_options {
	bool shared, release;
	const char *ttl, *why;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "shared", NULL, "others may have shared ones of them, too",
	  OPTION_FIELD(struct reserve_options, shared) },
	{ OPTION_TEXT, 0, "ttl", "TIME", "for how long (else 1h)",
	  OPTION_FIELD(struct reserve_options, ttl) },
	{ OPTION_TEXT, 0, "why", "TEXT", "what for",
	  OPTION_FIELD(struct reserve_options, why) },
	{ OPTION_FLAG, 0, "release", NULL,
	  "give back those of these numbers, or all that are yours",
	  OPTION_FIELD(struct reserve_options, release) },
	OPTION_END
};

/* ---- printing ---- */

static void print_one(const struct cli *cli, const struct reservation *r)
{
	int64_t now = cli->clock->now(cli->clock);
	struct buf out = BUF_INIT;
	char age[AGE_TEXT];

	if (cli->common.json) {
		output_json(reservation_to_json(r));
		return;
	}
	buf_printf(&out, "%llu ", (unsigned long long)r->id);
	for (size_t i = 0; i < r->globs.count; i++) {
		buf_addc(&out, ' ');
		output_escaped(&out, r->globs.item[i]);
	}
	buf_printf(&out, "%s  ", r->shared ? "  (shared)" : "");
	output_escaped(&out, r->holder);
	buf_printf(&out, ", over %s, in ", output_age(now, r->until, age));
	output_escaped(&out, r->base);
	if (*r->why != '\0') {
		buf_adds(&out, "\n    ");
		output_escaped(&out, r->why);
	}
	buf_addc(&out, '\n');
	output_flush(&out);
	buf_release(&out);
}

/* ---- list, take, give back ---- */

static int list(struct cli *cli, struct error *err)
{
	int64_t now = cli->clock->now(cli->clock);
	struct reservation_list l;

	if (session_sweep_now(cli->home, err) == -1 ||
	    view_reservations(cli->home->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++)
		if (reserve_lasts(&l.item[i], now))
			print_one(cli, &l.item[i]);
	reservation_list_release(&l);
	return 0;
}

static int give_back(struct cli *cli, const struct session *s, struct error *err)
{
	uint64_t id;

	if (cli->arg_count == 0)
		return reserve_give_back(cli->home, s, 0, err);
	for (size_t i = 0; i < cli->arg_count; i++) {
		if (!text_number(span_str(cli->arg[i]), &id) || id == 0)
			return error_set(err, ERR_USAGE, "\"%.40s\" is no number of "
					 "a reservation: `trine reserve` lists them",
					 cli->arg[i]);
		if (reserve_give_back(cli->home, s, id, err) == -1)
			return -1;
	}
	return 0;
}

static int take(struct cli *cli, const struct session *s,
		const struct reserve_options *o, struct error *err)
{
	struct reserve_wish wish = {
		.globs = cli->arg, .count = cli->arg_count,
		.shared = o->shared, .why = o->why,
	};
	struct reservation r;
	char *folder;
	int rc;

	if (when_some_time("ttl", o->ttl, &wish.ttl, err) == -1)
		return -1;
	folder = file_real(".", err);
	if (folder == NULL)
		return -1;
	wish.folder = folder;
	rc = reserve_take(cli->home, s, &wish, &r, err);
	if (rc == 0)
		print_one(cli, &r);
	reservation_release(&r);
	free(folder);
	return rc;
}

static int run(struct cli *cli, const void *given, struct error *err)
{
	const struct reserve_options *o = given;
	struct session s;
	int rc;

	if (cli->arg_count == 0 && !o->release)
		return list(cli, err);
	rc = caller_session(cli, &s, err);
	if (rc == 0)
		rc = o->release ? give_back(cli, &s, err) : take(cli, &s, o, err);
	session_release(&s);
	return rc;
}

const struct command cmd_reserve = {
	.name = "reserve",
	.summary = "say which files this session is about to change",
	.arguments = "[GLOB...]",
	.examples =
		"trine reserve 'src/auth/**' --why \"new login\"\t"
		"exit 1, and whose they are, if another has some of them\n"
		"trine reserve\twhat is reserved, and by whom\n"
		"trine reserve --release\tall that is yours\n",
	.options = options,
	.options_size = sizeof(struct reserve_options),
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME | COMMAND_ACTIVE,
	.run = run,
};

/* ---- check ---- */

static int check_one(struct cli *cli, const struct session *s,
		     const char *folder, const char *path, struct error *err)
{
	int64_t now = cli->clock->now(cli->clock);
	struct reservation r;
	char left[TIME_TEXT];
	bool held;

	if (reserve_check(cli->home, s, folder, path, &r, &held, err) == -1)
		return -1;
	if (held && cli->common.json)
		output_json(reservation_to_json(&r));
	if (held)
		error_set(err, ERR_NO, "%.200s is reserved by %s%s%s, for another "
			  "%s", path, r.holder, *r.why ? ": " : "", r.why,
			  duration_words(r.until - now, left));
	reservation_release(&r);
	return held ? -1 : 0;
}

static int run_check(struct cli *cli, const void *given, struct error *err)
{
	struct session s;
	char *folder;
	bool found;
	int rc;

	(void)given;
	rc = caller_find(cli, &s, &found, err);
	folder = rc == 0 ? file_real(".", err) : NULL;
	if (folder == NULL)
		rc = -1;
	for (size_t i = 0; i < cli->arg_count && rc == 0; i++)
		rc = check_one(cli, found ? &s : NULL, folder, cli->arg[i], err);
	session_release(&s);
	free(folder);
	return rc;
}

const struct command cmd_check = {
	.name = "check",
	.summary = "is a file reserved by another session?",
	.arguments = "PATH...",
	.examples =
		"trine check src/auth/login.c\t"
		"for editor hooks: exit 1, and by whom, if it is\n",
	.least = 1,
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME | COMMAND_HARMLESS,
	.run = run_check,
};
