/* trine init: make this computer a member of a fleet, or the first of one. A
 * remote that cannot be reached is no obstacle; a taken number is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "trine/file.h"
#include "trine/join.h"
#include "trine/mem.h"
#include "trine/old_mail.h"
#include "trine/process.h"
#include "trine/settings.h"
#include "trine/text.h"

struct init_given {
	int64_t number;
	const char *name, *remote, *branch;
	bool takeover;
};

static const struct option_spec options[] = {
	{ OPTION_NUMBER, 0, "computer", "N",
	  "its number in the fleet; else the lowest that is free",
	  OPTION_RANGE(struct init_given, number, 1, LIMIT_COMPUTERS) },
	{ OPTION_TEXT, 0, "name", "NAME", "what people call it",
	  OPTION_FIELD(struct init_given, name) },
	{ OPTION_TEXT, 0, "remote", "URL",
	  "the repository where the fleet meets, or a path",
	  OPTION_FIELD(struct init_given, remote) },
	{ OPTION_TEXT, 0, "branch", "BRANCH",
	  "its branch; else the remote's default",
	  OPTION_FIELD(struct init_given, branch) },
	{ OPTION_FLAG, 0, "takeover", NULL,
	  "be the computer N that is there already: its disk is lost",
	  OPTION_FIELD(struct init_given, takeover) },
	OPTION_END
};

static const char prefix[] = "coordination";

/* ---- the remote ---- */

/* A path on this machine, not a URL and not host:path. */
static bool is_path(const char *url)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/');

	return colon == NULL || (slash != NULL && slash < colon);
}

/* Is PATH the folder DIR, or below it? Both are absolute. */
static bool is_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/' || dir[len - 1] == '/');
}

/* A path as it stands in trine.ini must mean the same from anywhere. */
static char *absolute_path(const char *path, struct error *err)
{
	char *cwd, *out = NULL;

	if (path[0] == '/')
		return xstrdup(path);	/* a link stays one: it may be moved */
	cwd = file_real(".", err);
	if (cwd != NULL)
		out = xasprintf("%s/%s", cwd, path);
	free(cwd);
	return out;
}

static bool is_bare_repository(const char *path)
{
	char *head = xasprintf("%s/HEAD", path);
	char *objects = xasprintf("%s/objects", path);
	bool is = file_exists(head) && file_exists(objects);

	free(head);
	free(objects);
	return is;
}

static int check_place(const char *remote, const char *dir, struct error *err)
{
	if (is_within(remote, dir))
		return error_set(err, ERR_USAGE,
			"the remote %s lies inside of %s, which is about to "
			"become this computer's own directory; give one of the "
			"two another place", remote, dir);
	if (is_within(dir, remote) && is_bare_repository(remote))
		return error_set(err, ERR_USAGE,
			"%s lies inside of the remote repository %s; give this "
			"computer's directory another place", dir, remote);
	return 0;
}

/* The URL as it will stand in trine.ini; NULL and no error if none is given. */
static int choose_url(const char *remote, const char *dir, char **out,
		      struct error *err)
{
	static const char scheme[] = "file://";
	const char *path;

	*out = NULL;
	if (remote == NULL)
		return 0;
	if (settings_check_url(remote, err) == -1) {
		err->code = ERR_USAGE;
		return error_wrap(err, "--remote");
	}
	*out = is_path(remote) ? absolute_path(remote, err) : xstrdup(remote);
	if (*out == NULL)
		return -1;
	path = strncmp(*out, scheme, strlen(scheme)) == 0 ?
	       *out + strlen(scheme) : *out;
	return path[0] == '/' ? check_place(path, dir, err) : 0;
}

/* ---- the rest ---- */

static void choose_clone(char out[CLONE_ID])
{
	struct chance chance;

	chance_system(&chance);
	snprintf(out, CLONE_ID, "%08x",
		 (unsigned)(chance.next(&chance) & 0xffffffff));
}

/* So that any program of this user finds the computer from anywhere. One that
 * stands there stays; without it everything works, by -C. */
static void write_default(const struct cli *cli, const char *dir)
{
	char *file = home_default(), *folder;
	struct error err = ERROR_INIT;
	struct buf line = BUF_INIT;

	if (file == NULL)
		return;
	folder = xstrndup(file, (size_t)(strrchr(file, '/') - file));
	buf_printf(&line, "%s\n", dir);
	if (!file_exists(file) &&
	    (file_mkdir(folder, 0755, &err) == -1 ||
	     file_write(file, span_of(&line), 0644, &err) == -1))
		output_say(cli, "trine: %s: use -C %s, or TRINE_DIR", err.text,
			   dir);
	buf_release(&line);
	free(folder);
	free(file);
}

static void print_json(const struct init_options *o, const char *dir,
		       const struct join_plan *plan)
{
	output_json(json_pack("{s:i, s:i, s:s?, s:s, s:s, s:s?, s:s?, s:b, s:b, s:I}",
			      "schema", 1, "computer", o->number,
			      "name", o->name, "dir", dir, "clone", o->clone,
			      "remote", o->url, "branch", o->branch,
			      "reached", (int)plan->reached,
			      "returning", (int)plan->returning,
			      "old_messages", (json_int_t)plan->old_messages));
}

/* Old messages are nobody's to take: say where they are to be found. */
static void add_old(struct buf *out, const struct join_plan *plan)
{
	if (plan->old_messages == 0)
		return;
	buf_printf(out, "  trine import        read here what was written by "
		   "hand before, %zu\n                      message%s; none is "
		   "delivered again\n", plan->old_messages,
		   plan->old_messages == 1 ? "" : "s");
}

/* cron looks for programs in few folders: the whole path. */
static void add_schedule(struct buf *out, const char *program, const char *dir)
{
	struct buf line = BUF_INIT;

	text_shell_word(&line, program[0] == '/' ? program : "trine");
	buf_adds(&line, " -C ");
	text_shell_word(&line, dir);
	buf_adds(out, "  crontab -e          and every five minutes:\n      "
		 "*/5 * * * * ");
	output_escaped(out, line.data);
	buf_adds(out, " sync --scheduled\n");
	buf_release(&line);
}

static void print_made(const struct cli *cli, const struct init_options *o,
		       const char *dir, const struct join_plan *plan)
{
	struct buf out = BUF_INIT;

	buf_printf(&out, "This is computer %d", o->number);
	if (o->name != NULL) {
		buf_adds(&out, " (");
		output_escaped(&out, o->name);
		buf_addc(&out, ')');
	}
	buf_adds(&out, " now.\n\n  ");
	output_escaped(&out, dir);
	buf_printf(&out, "/%s/   the desk: files to read and edit\n  ", prefix);
	output_escaped(&out, dir);
	buf_adds(&out, "/.trine/trine.ini   settings\n\nNext:\n");
	if (o->url == NULL)
		buf_adds(&out, "  set `url` in trine.ini when there is a remote\n");
	if (!plan->populated)
		add_old(&out, plan);	/* it lies on this desk */
	buf_adds(&out, plan->reached ?
		 "  trine sync          take up what the fleet has, and join it\n" :
		 "  trine sync          join the fleet as soon as it can be reached\n");
	if (plan->populated)
		add_old(&out, plan);
	add_schedule(&out, cli->argv[0], dir);
	output_flush(&out);
	buf_release(&out);
}

/* The desk was there before: what lies on it, if the remote has nothing. The
 * computer is made, whatever this finds. */
static void count_old(struct cli *cli, const char *dir, struct join_plan *plan)
{
	struct error unreadable = ERROR_INIT;
	struct old_mail m = { 0 };
	struct home *h = NULL;

	if (plan->populated ||
	    home_open(&h, dir, cli->clock, &unreadable) == -1)
		return;
	if (old_mail_find(h, NULL, 0, &m, &unreadable) == 0)
		plan->old_messages = m.messages;
	old_mail_release(&m);
	home_close(h);
}

static int look(const struct init_given *given, const struct home_new *n,
		const char *url, struct cli *cli, struct join_plan *plan,
		struct error *err)
{
	char *repo = xasprintf("%s/repo.git", n->state);
	int rc;

	*plan = (struct join_plan){ .number = given->number ?
				    (int)given->number : 1 };
	rc = url == NULL ? 0 :
	     join_look(url, given->branch, prefix, (int)given->number,
		       given->takeover, repo, cli->clock, plan, err);
	if (rc == 0 && plan->warning[0] != '\0')
		output_say(cli, "trine: %s", plan->warning);
	free(repo);
	return rc;
}

/* Where ALL streams start for this computer (R31): nothing is known of a remote
 * that was not reached. */
static const char *all_start(const struct join_plan *plan)
{
	if (!plan->reached)
		return NULL;
	return plan->tip.hex[0] != '\0' ? plan->tip.hex : "-";
}

static int finish(struct cli *cli, const struct init_given *given,
		  struct home_new *n, const char *url, struct error *err)
{
	struct join_plan plan;
	struct init_options o = { .name = given->name, .url = url };
	int rc = -1;

	if (look(given, n, url, cli, &plan, err) == -1)
		goto out;
	o.number = plan.number;
	/* also where its old status was not in the way any more (R30) */
	o.why = given->takeover || plan.returning ? "takeover" : "init";
	o.branch = given->branch;
	if (o.branch == NULL && plan.reached && plan.branch[0] != '\0')
		o.branch = plan.branch;
	o.template = !plan.populated;
	o.all_start = all_start(&plan);
	if (strcmp(o.why, "init") == 0) {
		o.apart = plan.apart.item;
		o.apart_count = plan.apart.count;
	}
	choose_clone(o.clone);
	if (home_new_finish(n, &o, cli->clock, err) == -1)
		goto out;
	write_default(cli, n->dir);
	count_old(cli, n->dir, &plan);
	if (cli->common.json)
		print_json(&o, n->dir, &plan);
	else if (!cli->common.quiet)
		print_made(cli, &o, n->dir, &plan);
	rc = 0;
out:
	join_plan_release(&plan);
	return rc;
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct init_given *given = options_given;
	const char *dir = cli->arg_count > 0 ? cli->arg[0] :
			  cli->common.dir ? cli->common.dir : ".";
	struct home_new n;
	char *url = NULL;
	int rc;

	rc = home_new_begin(&n, dir, err);
	if (rc == 0)
		rc = choose_url(given->remote, n.dir, &url, err);
	if (rc == 0)
		rc = finish(cli, given, &n, url, err);
	home_new_release(&n);
	free(url);
	return rc;
}

const struct command cmd_init = {
	.name = "init",
	.summary = "make this computer a member of a fleet",
	.arguments = "[DIR]",
	.examples =
		"trine init --remote git://hub/fleet.git fleet\t"
		"join, or start, the fleet that meets there\n"
		"trine init --computer 2 --name Architect fleet\t"
		"without a remote for now\n"
		"trine init --computer 2 --takeover --remote URL fleet\t"
		"be computer 2 again, whose disk is lost\n",
	.options = options,
	.options_size = sizeof(struct init_given),
	.most = 1,
	.flags = COMMAND_GIT,
	.run = run,
};
