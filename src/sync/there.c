/*
 * What stands at a path of a commit: a version that desks can have, or something that
 * none gets (a link, an executable, too large, a folder in the place of a file). That is
 * somebody's all the same, and nobody else's to take away.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

int version_at(struct cycle *c, const char *commit, const char *path,
	       struct oid *out, struct error *err)
{
	bool is_tree;

	out->hex[0] = '\0';
	if (commit[0] == '\0')
		return 0;
	if (repo_lookup(c->repo, commit, cycle_prefix(c), path, out, &is_tree,
			err) == -1)
		return -1;
	if (is_tree)
		out->hex[0] = '\0';
	return 0;
}

int version_read(struct cycle *c, const char *oid, struct buf *out, struct error *err)
{
	return oid[0] == '\0' ? 0
		: repo_blob_read(c->repo, oid, LIMIT_FILE, out, err);
}

/* Read, and not only looked at: damage shows (heal.c). But not again for the next name
 * of it: somebody may push ten thousand. */
static bool is_readable(struct cycle *c, const char *oid)
{
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;

	if (strcmp(c->last_read, oid) == 0)
		return true;
	if (repo_blob_read(c->repo, oid, LIMIT_FILE, &bytes, &unreadable) == -1)
		return false;
	memcpy(c->last_read, oid, OID_HEX);
	buf_release(&bytes);
	return true;
}

int there_at(struct cycle *c, const char *commit, const char *path,
	     struct there *out, struct error *err)
{
	struct found found;

	*out = (struct there){ .oid = "" };
	if (commit[0] == '\0')
		return 0;
	if (repo_look(c->repo, commit, cycle_prefix(c), path, &found, err) == -1)
		return -1;
	if (found.kind != FOUND_FILE && found.kind != FOUND_ODD)
		return 0;
	memcpy(out->oid, found.oid.hex, OID_HEX);
	out->unfit = found.kind == FOUND_ODD || !is_readable(c, out->oid);
	return 0;
}

const char *there_shown(const struct there *there)
{
	return there->unfit ? "" : there->oid;
}

/* --- what is in the way --- */

static bool is_removed(const struct edits *edits, const char *path)
{
	for (size_t i = 0; i < edits->count; i++)
		if (strcmp(edits->item[i].path, path) == 0)
			return edits->item[i].oid.hex[0] == '\0';
	return false;
}

struct folder {
	const struct edits *edits;
	const char *path;
	bool stays;
};

static int look_below(void *arg, const char *name, const char *was, const char *is,
		      enum entry_kind kind)
{
	struct folder *f = arg;
	char path[PATH_TEXT];

	(void)was;
	(void)is;
	(void)kind;
	f->stays |= snprintf(path, sizeof(path), "%s/%s", f->path, name) >= PATH_TEXT ||
		    !is_removed(f->edits, path);
	return 0;
}

/* Is there a folder in the place of PATH that does not go with EDITS? */
static int folder_stays(struct cycle *c, const struct edits *edits, const char *path,
			bool *out, struct error *err)
{
	struct folder f = { edits, path, false };
	struct found found;
	bool cut = false;

	if (repo_look(c->repo, c->head.hex, cycle_prefix(c), path, &found, err) == -1)
		return -1;
	if (found.kind == FOUND_FOLDER &&
	    repo_diff(c->repo, "", found.oid.hex, "", look_below, &f, &cut, err) == -1)
		return -1;
	*out = f.stays || cut;
	return 0;
}

/* Is there a file in the place of a folder of PATH that does not go with EDITS? */
static int file_stays(struct cycle *c, const struct edits *edits, const char *path,
		      bool *out, struct error *err)
{
	char folder[PATH_TEXT];
	struct found found;

	*out = false;
	for (const char *end = strchr(path, '/'); end != NULL && !*out;
	     end = strchr(end + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(end - path), path);
		if (repo_look(c->repo, c->head.hex, cycle_prefix(c), folder, &found,
			      err) == -1)
			return -1;
		if (found.kind == FOUND_NOTHING)
			return 0;
		*out = found.kind != FOUND_FOLDER && !is_removed(edits, folder);
	}
	return 0;
}

/* Built-in rules give its place to it, whatever stands there (R24). */
static bool has_right_of_way(const struct cycle *c, const struct tree_edit *e)
{
	struct path_info info = path_classify(e->path);

	return e->oid.hex[0] == '\0' || e->is_tree ||
	       (info.computer == c->me.number &&
		(info.kind == PATH_STATUS || info.kind == PATH_STREAM ||
		 info.kind == PATH_ARCHIVE || info.kind == PATH_CONFLICT));
}

static int is_in_the_way(struct cycle *c, const struct edits *edits,
			 const struct tree_edit *e, bool *out, struct error *err)
{
	*out = false;
	if (c->head.hex[0] == '\0' || has_right_of_way(c, e))
		return 0;
	if (folder_stays(c, edits, e->path, out, err) == -1)
		return -1;
	return *out ? 0 : file_stays(c, edits, e->path, out, err);
}

static int keep_aside(struct cycle *c, const struct tree_edit *e, struct error *err)
{
	targets_put(&c->targets, e->path, "");
	return copies_keep_blob(c, e->path, e->oid.hex, "what others have is in its "
				"place", err);
}

int give_way(struct cycle *c, struct edits *edits, struct error *err)
{
	bool *stays = xcalloc(edits->count + 1, sizeof(*stays));
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; i < edits->count && rc == 0; i++)
		rc = is_in_the_way(c, edits, &edits->item[i], &stays[i], err);
	for (size_t i = 0; i < edits->count; i++) {
		struct tree_edit *e = &edits->item[i];

		if (rc == 0 && stays[i])
			rc = keep_aside(c, e, err);
		if (stays[i])
			free(e->path);
		else
			edits->item[kept++] = *e;
	}
	edits->count = kept;
	free(stays);
	return rc;
}
