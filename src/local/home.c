/*
 * A computer's directory, found and opened (home.h): how every command starts.
 * What `trine init` makes is in init.c.
 */
#include "trine/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { LIMIT_DEFAULT_FILE = 4096 };	/* the longest path there is */

/* Does DIR hold .trine? A link does not count: it may lead anywhere. */
static bool holds_state(const char *dir)
{
	struct error ignored = ERROR_INIT;
	struct file_info info;
	char *state = xasprintf("%s/.trine", dir);
	bool found = file_stat(state, &info, &ignored) == 0 && info.directory;

	free(state);
	return found;
}

/* DIR was named by SOURCE: it, or nothing. */
static int take_named(char **out, const char *dir, const char *source,
		      struct error *err)
{
	char *real = file_real(dir, err);

	if (real == NULL)
		return error_wrap(err, "%s", source);
	if (!holds_state(real)) {
		error_set(err, ERR_NOTFOUND,
			  "%s: no .trine in %s; `trine init %s` makes one",
			  source, real, dir);
		free(real);
		return -1;
	}
	*out = real;
	return 0;
}

static int refuse_stranger(const char *dir, struct error *err)
{
	return error_set(err, ERR_REFUSED,
			 "%s/.trine belongs to another user; if it is the one "
			 "that is meant, name it: trine -C %s", dir, dir);
}

char *home_nearest(const char *dir)
{
	char *path = xstrdup(dir), *slash;

	while (!holds_state(path)) {
		slash = strrchr(path, '/');
		if (slash == NULL || path[1] == '\0') {
			free(path);
			return NULL;
		}
		slash[slash == path] = '\0';	/* the root keeps its slash */
	}
	return path;
}

/* The nearest of CWD and its parents. *OUT stays NULL if none holds .trine, as where CWD
 * was removed below us. */
static int search_up(char **out, const char *cwd, struct error *err)
{
	char *real = file_real(cwd, err), *dir, *state;
	bool ours;

	if (real == NULL && err->code == ERR_NOTFOUND) {
		error_clear(err);
		return 0;
	}
	if (real == NULL)
		return -1;
	dir = home_nearest(real);
	free(real);
	if (dir == NULL)
		return 0;
	state = xasprintf("%s/.trine", dir);
	ours = file_owned_by_us(state);
	free(state);
	if (!ours) {
		refuse_stranger(dir, err);
		free(dir);
		return -1;
	}
	*out = dir;
	return 0;
}

/* The path in the file that the first init of this user wrote. */
static int take_default(char **out, const char *file, struct error *err)
{
	struct buf bytes = BUF_INIT;
	struct span path;
	char *dir = NULL;
	int rc = -1;

	if (file_read(file, LIMIT_DEFAULT_FILE, &bytes, NULL, err) == -1)
		goto out;
	path = text_trim(span_of(&bytes));
	if (path.len == 0 || path.p[0] != '/' ||
	    memchr(path.p, '\0', path.len) != NULL) {
		error_set(err, ERR_CONFIG, "%s holds no absolute path", file);
		goto out;
	}
	dir = xstrndup(path.p, path.len);
	rc = take_named(out, dir, file, err);
out:
	free(dir);
	buf_release(&bytes);
	return rc;
}

char *home_default(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *user = getenv("HOME");

	if (config != NULL && config[0] == '/')
		return xasprintf("%s/trine/default", config);
	if (user != NULL && user[0] == '/')
		return xasprintf("%s/.config/trine/default", user);
	return NULL;
}

int home_find(char **out, const char *option, const char *env, const char *cwd,
	      const char *fallback, struct error *err)
{
	*out = NULL;
	if (option != NULL)
		return take_named(out, option, "-C", err);
	if (env != NULL && *env != '\0')
		return take_named(out, env, "TRINE_DIR", err);
	if (cwd != NULL && search_up(out, cwd, err) == -1)
		return -1;
	if (*out != NULL)
		return 0;
	if (fallback != NULL && file_exists(fallback))
		return take_default(out, fallback, err);
	return error_set(err, ERR_NOTFOUND,
			 "no .trine in %s or above; `trine init DIR` makes a "
			 "computer's directory, -C DIR or TRINE_DIR names one",
			 cwd ? cwd : "this directory");
}

/* All faults in one error, as many whole lines as fit. */
static int say_faults(const struct buf *faults, struct error *err)
{
	const size_t room = ERROR_TEXT - 64;
	size_t pos = 0, shown = 0, left = 0;
	struct span line;

	if (faults->len == 0)
		return -1;
	while (text_line(span_of(faults), &pos, &line)) {
		if (left == 0 && pos <= room)
			shown = pos;
		else
			left++;
	}
	if (left == 0 && shown > 0 && faults->data[shown - 1] == '\n')
		shown--;
	error_set(err, ERR_CONFIG, "%.*s", (int)shown, faults->data);
	if (left > 0)
		snprintf(err->text + shown, sizeof(err->text) - shown,
			 "and %zu more", left);
	return -1;
}

static int read_settings(struct home *h, struct error *err)
{
	struct buf bytes = BUF_INIT, faults = BUF_INIT;
	char *path = home_path(h, "trine.ini");
	int rc = -1;

	if (file_read(path, LIMIT_INI_FILE, &bytes, NULL, err) == -1) {
		err->code = err->code == ERR_IO ? ERR_IO : ERR_CONFIG;
		goto out;
	}
	rc = settings_parse(span_of(&bytes), path, &h->settings, &faults, err);
	if (rc == -1)
		say_faults(&faults, err);
out:
	free(path);
	buf_release(&bytes);
	buf_release(&faults);
	return rc;
}

/* All that the log had is gone; the branch has the rest, under our number. The command
 * is one that can be given as it stands. */
static int advise_takeover(const struct home *h, struct error *err)
{
	const struct settings *set = &h->settings;
	char *dir = xasprintf("%s.new", h->dir);
	struct buf how = BUF_INIT;

	buf_adds(&how, "trine init --takeover");
	if (set->number != 0)
		buf_printf(&how, " --computer %lld", (long long)set->number);
	else
		buf_adds(&how, " --computer N");
	if (set->url != NULL) {
		buf_adds(&how, " --remote ");
		text_shell_word(&how, set->url);
		buf_adds(&how, " --branch ");
		text_shell_word(&how, set->branch);
	}
	buf_addc(&how, ' ');
	text_shell_word(&how, dir);
	error_set(err, ERR_CONFIG, "%s: the event log does not say which computer this "
		  "is; set it up again in another directory: `%s`", h->dir, how.data);
	buf_release(&how);
	free(dir);
	return -1;
}

/* The log knows who we are; settings that say another number would have us
 * write another computer's files. */
static int check_number(struct home *h, struct error *err)
{
	struct identity me = { 0 };
	int64_t set = h->settings.number;

	if (view_identity(h->store, &me, err) == -1)
		return -1;
	h->number = me.number;
	identity_release(&me);
	if (h->number == 0)
		return advise_takeover(h, err);
	if (h->settings.blank)
		return error_set(err, ERR_CONFIG,
			"%s/trine.ini sets nothing: it was emptied, perhaps by a "
			"full disk. Nothing was done. Put back \"number = %d\" "
			"under [computer], \"url = ...\" under [remote], and "
			"its instances (trine.ini(5))", h->state, h->number);
	if (set != 0 && set != h->number)
		return error_set(err, ERR_CONFIG,
			"%s/trine.ini says number = %lld, but this is computer "
			"%d; put that back, or set up a new directory",
			h->state, (long long)set, h->number);
	return 0;
}

int home_open(struct home **out, const char *dir, struct clock *clock,
	      struct error *err)
{
	struct home *h = xcalloc(1, sizeof(*h));

	*out = NULL;
	h->clock = clock;
	h->dir = file_real(dir, err);
	if (h->dir == NULL)
		goto fail;
	h->state = xasprintf("%s/.trine", h->dir);
	if (read_settings(h, err) == -1)
		goto fail;
	h->desk = xasprintf("%s/%s", h->dir, h->settings.prefix);
	if (store_open(&h->store, h->state, clock, err) == -1 ||
	    check_number(h, err) == -1)
		goto fail;
	*out = h;
	return 0;
fail:
	home_close(h);
	return -1;
}

int home_reload(struct home *h, struct settings *before, struct error *err)
{
	*before = h->settings;
	h->settings = (struct settings){ 0 };
	if (read_settings(h, err) == 0 && check_number(h, err) == 0)
		return 0;
	settings_release(&h->settings);
	h->settings = *before;
	*before = (struct settings){ 0 };
	return -1;
}

void home_close(struct home *h)
{
	if (h == NULL)
		return;
	store_close(h->store);
	settings_release(&h->settings);
	free(h->dir);
	free(h->desk);
	free(h->state);
	free(h->actor);
	free(h);
}

char *home_path(const struct home *h, const char *name)
{
	return xasprintf("%s/%s", h->state, name);
}

/* The log goes on in another file when it has grown. */
bool home_has_news(const struct home *h, struct log_mark *seen)
{
	char *log = home_path(h, "event-log.jsonl");
	struct error ignored = ERROR_INIT;
	struct file_info now = { 0 };
	bool news;

	file_stat(log, &now, &ignored);
	free(log);
	news = now.size != seen->size || now.inode != seen->inode;
	*seen = (struct log_mark){ now.size, now.inode };
	return news;
}

/* What cannot be read is an empty fleet: no command fails for it, and the cycle
 * has reported it. */
static int parse_fleet(const struct buf *bytes, struct fleet *out)
{
	struct error unreadable = ERROR_INIT;

	if (fleet_parse(span_of(bytes), out, &unreadable) == -1)
		fleet_release(out);
	return 0;
}

int home_fleet(const struct home *h, struct fleet *out, struct error *err)
{
	char *left = home_path(h, "run/fleet.yaml");
	char *desk = xasprintf("%s/fleet.yaml", h->desk);
	struct error absent = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	int rc;

	*out = (struct fleet)FLEET_INIT;
	rc = file_read(left, LIMIT_FLEET, &bytes, NULL, &absent);
	if (rc == -1 || bytes.len == 0)
		rc = file_read(desk, LIMIT_FLEET, &bytes, NULL, &absent);
	if (rc == 0)
		rc = parse_fleet(&bytes, out);
	else if (absent.code == ERR_IO)
		*err = absent;
	else
		rc = 0;
	buf_release(&bytes);
	free(left);
	free(desk);
	return rc;
}
