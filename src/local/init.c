/*
 * What `trine init` makes (home.h): a computer's directory, under another name
 * until it is complete. cli/cmd_init.c calls this around a look at the remote.
 */
#include "trine/home.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/hand.h"
#include "trine/mem.h"
#include "trine/remote.h"
#include "trine/stream.h"
#include "trine/template.h"
#include "trine/text.h"

static const char *const folders[] = { "run", "inbox", "work" };

/* Remove PATH and what is below it; our own files only, a few levels deep. */
static void remove_tree(const char *path)
{
	struct error ignored = ERROR_INIT;
	struct list names = LIST_INIT;
	struct file_info info;

	if (file_stat(path, &info, &ignored) == -1)
		return;
	if (info.directory)
		file_list(path, &names, &ignored);
	for (size_t i = 0; i < names.count; i++) {
		char *below = xasprintf("%s/%s", path, names.item[i]);

		remove_tree(below);
		free(below);
	}
	list_release(&names);
	remove(path);
}

/* What a killed init left, all but the lock we hold now. */
static void empty_state(const char *state)
{
	struct error ignored = ERROR_INIT;
	struct list names = LIST_INIT;

	file_list(state, &names, &ignored);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xasprintf("%s/%s", state, names.item[i]);

		if (strcmp(names.item[i], "run") != 0)
			remove_tree(path);
		free(path);
	}
	list_release(&names);
}

/* Make DIR and its parents, and note which of them were not there. */
static int make_folder(struct home_new *n, const char *dir, unsigned mode,
		       struct error *err)
{
	struct list missing = LIST_INIT;
	char *path = xstrdup(dir), *slash;
	int rc;

	while (*path != '\0' && !file_exists(path)) {
		list_add(&missing, path);
		slash = strrchr(path, '/');
		if (slash == NULL)
			break;
		*slash = '\0';
	}
	rc = file_mkdir(dir, mode, err);
	while (missing.count > 0) {
		list_take(&n->made, missing.item[missing.count - 1]);
		missing.count--;
	}
	list_release(&missing);
	free(path);
	return rc;
}

static int refuse_present(const char *dir, struct error *err)
{
	char *state = xasprintf("%s/.trine", dir);
	int rc = 0;

	if (file_exists(state))
		rc = error_set(err, ERR_REFUSED,
			"%s is there already: this is a computer's directory; "
			"`trine -C %s status` shows it", state, dir);
	free(state);
	return rc;
}

/* What is below another computer's directory may be taken for its files, and its
 * commands run there. */
static int refuse_inside(const char *dir, struct error *err)
{
	size_t len = (size_t)(strrchr(dir, '/') - dir);
	char *parent = xmemdup(dir, len > 0 ? len : 1);
	char *other = home_nearest(parent);

	free(parent);
	if (other == NULL)
		return 0;
	error_set(err, ERR_USAGE,
		  "%s lies inside of %s, which is another computer's directory; "
		  "give this one a place of its own (`trine -C %s status` shows "
		  "the other one)", dir, other, other);
	free(other);
	return -1;
}

/* The cycle's own lock file: it moves into place with all else. */
static int lock_state(struct home_new *n, struct error *err)
{
	char *run = xasprintf("%s/run", n->state);
	char *lock = xasprintf("%s/sync.lock", run);
	int rc = file_mkdir(run, 0700, err);

	if (rc == 0)
		n->lock = file_lock(lock, 0, err);
	if (rc == 0 && n->lock == -1)
		rc = error_wrap(err, "another `trine init` is at work");
	free(run);
	free(lock);
	return rc;
}

int home_new_begin(struct home_new *n, const char *dir, struct error *err)
{
	*n = (struct home_new){ .lock = -1 };
	if (refuse_present(dir, err) == -1 ||
	    make_folder(n, dir, 0755, err) == -1)
		return -1;
	n->dir = file_real(dir, err);
	if (n->dir == NULL || refuse_inside(n->dir, err) == -1)
		return -1;
	n->state = xasprintf("%s/.trine.new", n->dir);
	if (lock_state(n, err) == -1 || refuse_present(n->dir, err) == -1)
		return -1;
	empty_state(n->state);
	return 0;
}

void home_new_release(struct home_new *n)
{
	if (!n->finished && n->lock != -1)
		remove_tree(n->state);
	file_unlock(n->lock);
	for (size_t i = n->made.count; i > 0 && !n->finished; i--)
		remove(n->made.item[i - 1]);	/* a folder in use stays */
	list_release(&n->made);
	free(n->dir);
	free(n->state);
	*n = (struct home_new){ .lock = -1 };
}

/* ---- trine.ini ---- */

static void add_setting(struct buf *out, const char *key, const char *value,
			const char *unset)
{
	if (value != NULL)
		buf_printf(out, "%s = %s\n", key, value);
	else
		buf_printf(out, "%s\n", unset);
}

static void write_ini(struct buf *out, const struct init_options *o)
{
	buf_adds(out,
		"# Settings of this computer: trine.ini(5). A comment stands on"
		" a line of its\n# own; `trine status` says what is wrong with"
		" the file, if anything is.\n\n[computer]\n"
		"# Its number in the fleet. It was recorded when this was set"
		" up: do not change it.\n");
	buf_printf(out, "number = %d\n", o->number);
	add_setting(out, "name", o->name, "# name = Mechanic");
	buf_adds(out, "\n[remote]\n# Where the fleet meets.\n");
	add_setting(out, "url", o->url,
		    "# url = git://hub/fleet.git");
	add_setting(out, "branch", o->branch,
		    "# branch: the remote's default, if it is not set\n"
		    "# branch = main");
	buf_adds(out, "\n[sync]\n"
		 "# A status is sent at least this often, so that the others"
		 " know we are here.\nheartbeat = 30m\n"
		 "# Hand-written text becomes a message when it was still for"
		 " this long.\nsettle = 30s\n");
}

static bool same_text(const char *wanted, const char *got)
{
	if (wanted == NULL || got == NULL)
		return wanted == NULL;
	return strcmp(wanted, got) == 0;
}

/* Read back what was written: a name with a line break or of 300 bytes would
 * say something else than it should, and must not get into the file. */
static int check_ini(const struct buf *ini, const struct init_options *o,
		     struct settings *s, struct error *err)
{
	struct buf faults = BUF_INIT;
	struct error reading = ERROR_INIT;
	const char *bad = NULL;
	int rc;

	rc = settings_parse(span_of(ini), "trine.ini", s, &faults, &reading);
	if (!same_text(o->name, s->name))
		bad = "--name";
	else if (!same_text(o->url, s->url))
		bad = "--remote";
	else if (!same_text(o->branch, s->branch))
		bad = "--branch";
	if (bad != NULL)
		rc = error_set(err, ERR_USAGE,
			       "what %s says cannot stand in trine.ini: one "
			       "line of at most %d bytes, without control bytes, "
			       "or blanks at its ends", bad, LIMIT_INI_LINE - 16);
	else if (rc == -1)
		rc = error_set(err, ERR_USAGE, "%.*s", (int)text_cut(
			       faults.data, faults.len, 900), faults.data);
	buf_release(&faults);
	return rc;
}

static int write_settings(struct home_new *n, const struct init_options *o,
			  struct settings *s, struct error *err)
{
	char *path = xasprintf("%s/trine.ini", n->state);
	struct buf ini = BUF_INIT;
	int rc;

	write_ini(&ini, o);
	rc = check_ini(&ini, o, s, err);
	if (rc == 0)
		rc = file_write(path, span_of(&ini), 0600, err);
	buf_release(&ini);
	free(path);
	return rc;
}

/* ---- the desk ---- */

static int put_template_file(struct home_new *n, const char *desk,
			     const struct template_file *file,
			     struct error *err)
{
	char *path = xasprintf("%s/%s", desk, file->path);
	char *folder = xstrdup(path);
	struct span bytes = { file->bytes, file->len };
	int rc = 0;

	*strrchr(folder, '/') = '\0';
	if (!file_exists(path)) {
		rc = make_folder(n, folder, 0755, err);
		if (rc == 0)
			list_add(&n->made, path);
		if (rc == 0)
			rc = file_write(path, bytes, 0644, err);
	}
	free(folder);
	free(path);
	return rc;
}

static int fill_desk(struct home_new *n, const char *desk, bool template,
		     struct error *err)
{
	char *messages = xasprintf("%s/messages", desk);
	int rc = make_folder(n, messages, 0755, err);

	for (size_t i = 0; i < template_count && template && rc == 0; i++)
		rc = put_template_file(n, desk, &template_files[i], err);
	free(messages);
	return rc;
}

/* A stream file that people kept before trine came: its text is no message. */
static int keep_preamble(struct store *s, const char *path,
			 struct stream_name name, struct error *err)
{
	struct buf bytes = BUF_INIT, preamble = BUF_INIT;
	struct stream_file file = { 0 };
	int rc = file_read(path, LIMIT_BODY, &bytes, NULL, err);

	if (rc == -1)
		error_wrap(err, "keeping what is on the desk");
	if (rc == 0)
		stream_parse(span_of(&bytes), name, false, &file);
	if (rc == 0 && !file.marked && text_is_utf8(bytes.data, bytes.len)) {
		stream_link_archive(&preamble, span_of(&bytes), name, 0);
		rc = record_preamble(s, name, span_of(&preamble), err);
	}
	stream_file_release(&file);
	buf_release(&bytes);
	buf_release(&preamble);
	return rc;
}

struct lines {
	struct hand_known *item;
	size_t count, cap;
};

static int add_line(void *arg, struct span line, size_t count)
{
	struct lines *l = arg;

	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count] = (struct hand_known){ .most = count };
	hand_digest(line, l->item[l->count++].digest);
	return 0;
}

/* Notes that people kept before the fleet began are no news to it. */
static int take_as_read(struct store *s, const char *path,
			struct stream_name name, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	struct lines l = { 0 };
	int rc = 0;

	if (file_read(path, LIMIT_FILE, &bytes, NULL, &unreadable) == 0)
		hand_each_line(span_of(&bytes), add_line, &l);
	if (l.count > 0)
		rc = record_hand_read(s, name, HAND_NO_COMMIT, HAND_NEW, l.item, l.count,
				      err);
	free(l.item);
	buf_release(&bytes);
	return rc;
}

static bool is_note_to_us(const struct path_info *info, int number)
{
	return info->kind == PATH_HUMAN &&
	       (info->stream.to == number || info->stream.to == END_ALL);
}

/* What people wrote by hand before. FIRST: this is the first computer of the
 * fleet; else others may have read those notes, or not. */
static int keep_by_hand(struct store *s, const char *desk, int number,
			bool first, struct error *err)
{
	char *folder = xasprintf("%s/messages", desk);
	struct list names = LIST_INIT;
	int rc = file_list(folder, &names, err);

	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *below = xasprintf("messages/%s", names.item[i]);
		char *path = xasprintf("%s/%s", folder, names.item[i]);
		struct path_info info = path_classify(below);

		if (info.kind == PATH_STREAM && info.computer == number)
			rc = keep_preamble(s, path, info.stream, err);
		else if (first && is_note_to_us(&info, number))
			rc = take_as_read(s, path, info.stream, err);
		free(below);
		free(path);
	}
	list_release(&names);
	free(folder);
	return rc;
}

/* ---- the first events ---- */

/* What they hold for ALL is of before our time (R31). */
static int record_apart(struct store *s, const struct init_options *o,
			struct error *err)
{
	for (size_t i = 0; i < o->apart_count; i++)
		if (record_branch_looked(s, o->apart[i].name, o->apart[i].tip.hex,
					 false, "", NULL, 0, err) == -1)
			return -1;
	return 0;
}

static int record_first(struct store *s, const struct init_options *o,
			const char *desk, int64_t now, struct error *err)
{
	struct identity me = { .number = o->number, .name = xstrdup(o->name),
			       .since = now };
	bool first = o->all_start != NULL && strcmp(o->all_start, "-") == 0;
	int rc = -1;

	memcpy(me.clone, o->clone, sizeof(me.clone));
	snprintf(me.why, sizeof(me.why), "%s", o->why);
	if (store_begin(s, err) == -1)
		goto out;
	if (record_identity(s, &me, err) == -1 ||
	    (o->all_start != NULL &&
	     record_all_start(s, o->all_start, err) == -1) ||
	    record_apart(s, o, err) == -1 ||
	    keep_by_hand(s, desk, o->number, first, err) == -1)
		store_abort(s);
	else
		rc = store_commit(s, err);
out:
	identity_release(&me);
	return rc;
}

static int start_log(struct home_new *n, const struct init_options *o,
		     const char *desk, struct clock *clock, struct error *err)
{
	struct store *s = NULL;
	int rc = store_open(&s, n->state, clock, err);

	if (rc == 0)
		rc = record_first(s, o, desk, clock->now(clock), err);
	store_close(s);
	return rc;
}

static int make_folders(struct home_new *n, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = xasprintf("%s/%s", n->state, folders[i]);
		int rc = file_mkdir(path, 0700, err);

		free(path);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* From here on it is a computer. */
static int give_name(struct home_new *n, struct error *err)
{
	char *state = xasprintf("%s/.trine", n->dir);

	if (refuse_present(n->dir, err) == -1 ||
	    file_rename(n->state, state, err) == -1) {
		free(state);
		return -1;
	}
	free(n->state);
	n->state = state;
	n->finished = true;
	return 0;
}

int home_new_finish(struct home_new *n, const struct init_options *o,
		    struct clock *clock, struct error *err)
{
	struct settings settings = { 0 };
	char *desk = NULL;
	int rc = -1;

	assert(o->number >= 1 && o->number <= LIMIT_COMPUTERS);
	if (write_settings(n, o, &settings, err) == -1 ||
	    make_folders(n, err) == -1)
		goto out;
	desk = xasprintf("%s/%s", n->dir, settings.prefix);
	if (fill_desk(n, desk, o->template, err) == -1 ||
	    start_log(n, o, desk, clock, err) == -1)
		goto out;
	rc = give_name(n, err);
out:
	settings_release(&settings);
	free(desk);
	return rc;
}

int home_init(const struct init_options *o, struct clock *clock,
	      struct error *err)
{
	struct home_new n;
	int rc;

	rc = home_new_begin(&n, o->dir, err);
	if (rc == 0)
		rc = home_new_finish(&n, o, clock, err);
	home_new_release(&n);
	return rc;
}
