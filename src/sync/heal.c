/*
 * A damaged repository of our own. It is a cache of the event log and the
 * remote, but for own commits that wait and for refs/trine/backup/: so it is set
 * aside and a new one made, into which the cycle takes what the old one still
 * has whole. What was in a commit that cannot be read any more is committed
 * again from the log and the desk.
 *
 * Killed at any point, the next cycle goes on: the folder that was set aside
 * stays, and what the new one lacks is looked for in it.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/limits.h"
#include "trine/mem.h"

enum { TAKE_MS = 30 * 1000 };

static const char mark[] = "repo.git.damaged-";

/* Folders that were set aside, oldest first. */
static int list_aside(const struct home *home, struct list *out,
		      struct error *err)
{
	struct list names = LIST_INIT;
	int rc = file_list(home->state, &names, err);

	for (size_t i = 0; i < names.count && rc == 0; i++)
		if (strncmp(names.item[i], mark, strlen(mark)) == 0)
			list_add(out, names.item[i]);
	list_release(&names);
	return rc;
}

/* --- setting it aside --- */

/* A disk that fails again and again must not cost a whole fetch each cycle, and
 * what a remote lacks does not come by asking twice. */
static int check_pause(const struct list *aside, int64_t now,
		       const struct error *why, struct error *err)
{
	const char *last = aside->count > 0 ?
			   aside->item[aside->count - 1] + strlen(mark) : "";
	char from[TIME_TEXT], upto[TIME_TEXT];

	if (strcmp(last, time_compact(now - LIMIT_ASIDE_PAUSE, from)) < 0 ||
	    strcmp(last, time_compact(now, upto)) > 0)
		return 0;
	return error_set(err, ERR_IO, "repo.git is damaged again (%.500s), less "
			 "than an hour after it was made anew: look at the disk, "
			 "and at the remote with `git fsck`. A later cycle makes "
			 "it once more", why->text);
}

static int record_aside(struct store *store, const char *name,
			const struct error *why, struct error *err)
{
	char text[ERROR_TEXT];

	snprintf(text, sizeof(text), "repo.git was damaged (%.500s): it is set "
		 "aside as .trine/%s, and a new one was made. No message is lost "
		 "by that. If it comes again, look at the disk; delete that "
		 "folder when nobody needs it", why->text, name);
	if (store_begin(store, err) == -1 ||
	    record_problem(store, "disk", "repo.git", text, err) == -1 ||
	    store_commit(store, err) == -1) {
		store_abort(store);
		return -1;
	}
	return 0;
}

static int remove_oldest(const struct home *home, const struct list *aside,
			 struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i + LIMIT_ASIDE <= aside->count && rc == 0; i++) {
		char *path = home_path(home, aside->item[i]);

		rc = file_remove_tree(path, err);
		free(path);
	}
	return rc;
}

static int move_aside(const struct home *home, const char *path, int64_t now,
		      const struct error *why, struct error *err)
{
	char time[TIME_TEXT];
	char *name = xasprintf("%s%s", mark, time_compact(now, time));
	char *to = home_path(home, name);
	int rc = record_aside(home->store, name, why, err);

	if (rc == 0)
		rc = file_rename(path, to, err);
	free(to);
	free(name);
	return rc;
}

int heal_set_aside(struct home *home, const struct cycle_world *world, struct error *err)
{
	int64_t now = world->clock->now(world->clock);
	char *path = home_path(home, "repo.git");
	struct error why = *err;
	struct list aside = LIST_INIT;
	struct file_info info;
	int rc = -1;

	error_clear(err);
	if (file_stat(path, &info, err) == -1 ||
	    list_aside(home, &aside, err) == -1 ||
	    check_pause(&aside, now, &why, err) == -1)
		goto out;
	if (info.symlink) {	/* what it leads to is not ours to move */
		error_set(err, ERR_IO, "%s leads to a damaged repository: %.500s",
			  path, why.text);
		goto out;
	}
	rc = move_aside(home, path, now, &why, err);
	if (rc == 0)
		rc = remove_oldest(home, &aside, err);
out:
	list_release(&aside);
	free(path);
	return rc;
}

/* --- taking back what is whole --- */

/* What was set aside, newest first, as far as it can be opened. */
static int open_rest(struct cycle *c, struct error *err)
{
	struct list aside = LIST_INIT;

	if (c->rest_open)
		return 0;
	if (list_aside(c->home, &aside, err) == -1)
		return -1;
	c->rest_open = true;
	c->rest = xcalloc(aside.count, sizeof(struct repo *));
	for (size_t i = aside.count; i > 0; i--) {
		char *path = home_path(c->home, aside.item[i - 1]);
		struct error nothing = ERROR_INIT;

		if (repo_open_rest(&c->rest[c->rest_count], path,
				   &nothing) == 0)
			c->rest_count++;
		free(path);
	}
	list_release(&aside);
	return 0;
}

void heal_release(struct cycle *c)
{
	for (size_t i = 0; i < c->rest_count; i++)
		repo_close(c->rest[i]);
	free(c->rest);
	c->rest = NULL;
	c->rest_count = 0;
	c->rest_open = false;
}

/* Commit OID, from whichever has it whole; ALONE: what is behind it is here. */
static bool take(struct cycle *c, const char *oid, bool alone)
{
	struct error lost = ERROR_INIT;

	for (size_t i = 0; i < c->rest_count; i++) {
		if (repo_take(c->repo, c->rest[i], oid, alone, c->world->clock,
			      TAKE_MS, &lost) == 0)
			return true;
		cycle_say(c, "%.10s cannot be taken back: %s", oid, lost.text);
	}
	return false;
}

struct ref {
	char *name;
	struct oid oid;
};

struct refs {
	struct ref *item;
	size_t count, cap;
};

static void add_ref(void *arg, const char *name, const char *oid)
{
	struct refs *l = arg;
	size_t i = 0;

	while (i < l->count && strcmp(l->item[i].name, name) != 0)
		i++;
	if (i == l->count) {
		ARRAY_GROW(l->item, l->count, l->cap);
		l->item[l->count++].name = xstrdup(name);
	}
	snprintf(l->item[i].oid.hex, OID_HEX, "%s", oid);
}

/* The tip as last seen, so that a cycle out of reach knows the branch, and what
 * R32 kept. The ref of the tip comes last: without it, this is done again. */
static int take_refs(struct cycle *c, const struct refs *l, struct error *err)
{
	static const char backups[] = "refs/trine/backup/";
	const char *tip = c->marks.tip;

	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->item[i].name, c->tip_ref) == 0)
			tip = l->item[i].oid.hex;
	if (*tip != '\0' && !take(c, tip, false))
		tip = "";
	for (size_t i = 0; i < l->count; i++) {
		const struct ref *ref = &l->item[i];

		if (strncmp(ref->name, backups, strlen(backups)) == 0 &&
		    take(c, ref->oid.hex, false) &&
		    repo_ref_set(c->repo, ref->name, ref->oid.hex, err) == -1)
			return -1;
	}
	return *tip == '\0' ? 0 : repo_ref_set(c->repo, c->tip_ref, tip, err);
}

int heal_refs(struct cycle *c, struct error *err)
{
	struct refs l = { NULL, 0, 0 };
	struct oid known;
	int rc;

	if (c->branch[0] == '\0')
		return 0;
	name_refs(c);
	if (repo_ref_get(c->repo, c->tip_ref, &known, err) == -1)
		return -1;
	if (known.hex[0] != '\0')
		return 0;
	if (open_rest(c, err) == -1)
		return -1;
	if (c->rest_count == 0)
		return 0;
	repo_rest_refs(c->rest[0], "refs/trine", add_ref, &l);
	rc = take_refs(c, &l, err);
	for (size_t i = 0; i < l.count; i++)
		free(l.item[i].name);
	free(l.item);
	return rc;
}

bool heal_commit(struct cycle *c, const char *oid)
{
	struct error ignored = ERROR_INIT;

	return open_rest(c, &ignored) == 0 && take(c, oid, true);
}

int heal_lost(struct cycle *c, const char *oid, struct error *err)
{
	char text[256];

	snprintf(text, sizeof(text), "own commit %.10s was lost with repo.git "
		 "before it was pushed: what it held is committed again, from "
		 "the event log and the desk", oid);
	cycle_say(c, "%s", text);
	return c->rest_count == 0 ? 0
		: record_problem(c->store, "disk", "commit", text, err);
}

/* --- when nobody needs it any more --- */

int heal_settle(struct cycle *c, struct error *err)
{
	static const char *const keys[] = { "repo.git", "commit" };
	struct list aside = LIST_INIT;
	int rc = list_aside(c->home, &aside, err);

	for (size_t i = 0; i < ARRAY_LEN(keys) && rc == 0 &&
	     aside.count == 0; i++)
		rc = record_problem_over(c->store, "disk", keys[i], err);
	list_release(&aside);
	return rc;
}
