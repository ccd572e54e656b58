/*
 * A tree with some paths changed (repo.h), written without an index. What
 * stands in the way of an edit goes (protocol R24), what no edit names keeps
 * its id. Used for every commit of ours.
 *
 * A folder that was not read whole is not edited: what was not read of it would be
 * gone from the commit.
 *
 * Not git_tree_create_updated: it refuses where a file must become a folder.
 */
#include "git.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* An edit with its whole path, and how far up that path we are. */
struct step {
	char *path;
	const struct tree_edit *edit;
};

struct editor {
	struct repo *repo;
	struct error *err;
};

/* Changed entries of one folder; those that go have the mode 0. */
struct changes {
	struct tree_entry *entry;
	size_t count, cap;
};

static int write_folder(struct editor *ed, const git_oid *base,
			const struct step *step, size_t count, size_t at,
			git_oid *out);

static size_t name_len(const struct step *s, size_t at)
{
	return strcspn(s->path + at, "/");
}

static bool is_leaf(const struct step *s, size_t at)
{
	return s->path[at + name_len(s, at)] == '\0';
}

static bool is_removal(const struct step *s)
{
	return s->edit->oid.hex[0] == '\0';
}

/* How many steps from the first share its component AT. */
static size_t group_size(const struct step *step, size_t count, size_t at)
{
	size_t len = name_len(step, at), same = 1;

	while (same < count && name_len(&step[same], at) == len &&
	       memcmp(step[same].path + at, step->path + at, len) == 0)
		same++;
	return same;
}

static void start_change(struct tree_entry *e, const struct step *s, size_t at)
{
	memset(e, 0, sizeof(*e));
	e->name = s->path + at;
	e->len = name_len(s, at);
	assert(e->len > 0);
}

/* The edit of this very name: 1 if OUT is a change. Removing a file leaves a
 * folder alone that took its place, and the other way round. */
static int change_leaf(struct editor *ed, const struct step *s, size_t at,
		       const struct tree_entry *now, struct tree_entry *out)
{
	git_oid id;

	start_change(out, s, at);
	if (is_removal(s))
		return now != NULL && entry_is_tree(now) == s->edit->is_tree;
	if (oid_read(&id, s->edit->oid.hex, ed->err) == -1)
		return -1;
	if (git_odb_exists(ed->repo->odb, &id) != 1)
		return error_set(ed->err, ERR_NOTFOUND, "no object %s for %s",
				 s->edit->oid.hex, s->path);
	out->id = id;
	out->mode = s->edit->is_tree ? GIT_FILEMODE_TREE : GIT_FILEMODE_BLOB;
	return 1;
}

static bool only_removals(const struct step *step, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_removal(&step[i]))
			return false;
	return true;
}

/* Edits below this name: 1 if OUT is a change. */
static int change_below(struct editor *ed, const struct step *step,
			size_t count, size_t at, const struct tree_entry *now,
			struct tree_entry *out)
{
	git_oid base, id;

	memset(&base, 0, sizeof(base));
	if (now != NULL && entry_is_tree(now))
		base = now->id;
	else if (only_removals(step, count))
		return 0;
	if (write_folder(ed, &base, step, count, at + name_len(step, at) + 1,
			 &id) == -1)
		return -1;
	start_change(out, step, at);
	out->id = id;
	out->mode = git_oid_is_zero(&id) ? 0 : GIT_FILEMODE_TREE;
	return 1;
}

/* All edits at and below one name. The name's own comes first (paths are
 * sorted), and what is below builds on it: a file may go and a folder come in
 * one go. */
static int change_group(struct editor *ed, struct changes *c,
			const struct step *step, size_t count, size_t at,
			const struct tree_entry *now)
{
	struct tree_entry change, below;
	int changed = 0, got;

	for (; count > 0 && is_leaf(step, at); step++, count--) {
		got = change_leaf(ed, step, at, now, &below);
		if (got == -1)
			return -1;
		if (got == 0)
			continue;
		change = below;
		changed = 1;
		now = change.mode ? &change : NULL;
	}
	if (count > 0) {
		got = change_below(ed, step, count, at, now, &below);
		if (got == -1)
			return -1;
		if (got == 1) {
			change = below;
			changed = 1;
		}
	}
	if (changed) {
		ARRAY_GROW(c->entry, c->count, c->cap);
		c->entry[c->count++] = change;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;
	size_t common = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->name, y->name, common);

	return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

static void put_entry(struct buf *out, const struct tree_entry *e)
{
	buf_printf(out, "%o ", e->mode);
	buf_add(out, e->name, e->len);
	buf_addc(out, '\0');
	buf_add(out, e->id.id, GIT_OID_RAWSZ);
}

/* The entries of BASE without those that change, and what they change to. */
static size_t apply(const struct tree *base, struct changes *c,
		    struct buf *out)
{
	struct tree_entry *entry = xcalloc(base->count + c->count,
					   sizeof(*entry));
	size_t count = 0;

	if (c->count > 1)
		qsort(c->entry, c->count, sizeof(*c->entry), by_name);
	for (size_t i = 0; i < base->count; i++)
		if (c->count == 0 ||
		    bsearch(&base->entry[i], c->entry, c->count,
			    sizeof(*c->entry), by_name) == NULL)
			entry[count++] = base->entry[i];
	for (size_t i = 0; i < c->count; i++)
		if (c->entry[i].mode != 0)
			entry[count++] = c->entry[i];
	if (count > 1)
		qsort(entry, count, sizeof(*entry), entry_compare);
	for (size_t i = 0; i < count; i++)
		put_entry(out, &entry[i]);
	free(entry);
	return count;
}

static int write_tree(struct editor *ed, const struct tree *base,
		      struct changes *c, git_oid *out)
{
	struct buf bytes = BUF_INIT;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (apply(base, c, &bytes) > 0)
		rc = git_written(ed->repo, out,
				 git_odb_write(out, ed->repo->odb, bytes.data,
					       bytes.len, GIT_OBJECT_TREE));
	buf_release(&bytes);
	return rc == 0 ? 0 : git_fail(ed->err, rc, "cannot write a tree");
}

/* The folder BASE with COUNT steps, whose paths go on at AT. *OUT is all zero
 * if nothing is left in it. */
static int write_folder(struct editor *ed, const git_oid *base,
			const struct step *step, size_t count, size_t at,
			git_oid *out)
{
	struct changes changes = { NULL, 0, 0 };
	int result = -1;
	struct tree t;

	if (tree_load(&t, ed->repo, base, ed->err) == -1)
		return -1;
	if (t.damaged) {
		tree_fail(ed->err, count > 0 ? step->path : "", at);
		goto out;
	}
	for (size_t i = 0; i < count;) {
		size_t same = group_size(&step[i], count - i, at);
		const struct tree_entry *now;

		now = tree_find(&t, step[i].path + at, name_len(&step[i], at));
		if (change_group(ed, &changes, &step[i], same, at, now) == -1)
			goto out;
		i += same;
	}
	result = 0;
	*out = *base;
	if (changes.count > 0)
		result = write_tree(ed, &t, &changes, out);
out:
	free(changes.entry);
	tree_release(&t);
	return result;
}

static int rank(char c)
{
	return c == '\0' ? 0 : c == '/' ? 1 : 2 + (unsigned char)c;
}

/* By components, so that all below a folder stand together. */
static int by_path(const void *a, const void *b)
{
	const char *x = ((const struct step *)a)->path;
	const char *y = ((const struct step *)b)->path;

	while (*x != '\0' && *x == *y) {
		x++;
		y++;
	}
	return rank(*x) - rank(*y);
}

static struct step *make_steps(const char *prefix,
			       const struct tree_edit *edit, size_t count)
{
	struct step *step = xcalloc(count, sizeof(*step));

	for (size_t i = 0; i < count; i++) {
		step[i].edit = &edit[i];
		step[i].path = *prefix ?
			       xasprintf("%s/%s", prefix, edit[i].path) :
			       xstrdup(edit[i].path);
	}
	if (count > 1)
		qsort(step, count, sizeof(*step), by_path);
	return step;
}

static int write_empty(struct editor *ed, git_oid *out)
{
	int rc = git_odb_write(out, ed->repo->odb, "", 0, GIT_OBJECT_TREE);

	rc = git_written(ed->repo, out, rc);
	return rc == 0 ? 0 : git_fail(ed->err, rc, "cannot write a tree");
}

int repo_edit(struct repo *repo, const char *commit, const char *prefix,
	      const struct tree_edit *edit, size_t count, struct oid *tree,
	      struct error *err)
{
	struct editor ed = { repo, err };
	struct step *step;
	git_oid root, id;
	int result;

	tree->hex[0] = '\0';
	if (commit_tree(repo, commit, &root, err) == -1)
		return -1;
	step = make_steps(prefix, edit, count);
	result = write_folder(&ed, &root, step, count, 0, &id);
	if (result == 0 && git_oid_is_zero(&id))
		result = write_empty(&ed, &id);
	if (result == 0)
		oid_write(tree, &id);
	for (size_t i = 0; i < count; i++)
		free(step[i].path);
	free(step);
	return result;
}
