/*
 * What differs between two commits below the prefix (repo.h). Used by receive,
 * resolve and publish: the cost of a cycle is the cost of this.
 */
#include "git.h"

#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum {
	PATH_BYTES = 4096,	/* longer ones are cut: no desk has them */
	/* Entries read to find the differences: folders of an archive are
	 * long, and the same long folder may be named again and again. */
	SCAN_ENTRIES = 50 * LIMIT_TREE
};

struct diff {
	struct repo *repo;
	int (*each)(void *arg, const char *path, const char *old_oid,
		    const char *new_oid, enum entry_kind kind);
	void *arg;
	struct buf path;	/* of the folder we are in, "/" at its end */
	size_t looked_at;	/* differences, and folders with some */
	size_t scanned;		/* entries read for that */
	int depth;
	bool cut;
	struct error *err;
};

static int diff_trees(struct diff *d, const git_oid *old_id,
		      const git_oid *new_id);

/* A name that cannot be one in an honest tree: it must not look like a path
 * that means something. */
static bool is_strange(const struct tree_entry *e)
{
	return memchr(e->name, '/', e->len) != NULL ||
	       strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0 ||
	       !text_is_utf8(e->name, e->len);
}

/* Append the name, a strange one so that it cannot be taken for another. */
static void add_name(struct buf *path, const struct tree_entry *e)
{
	if (!is_strange(e)) {
		buf_add(path, e->name, e->len);
		return;
	}
	buf_adds(path, "\\strange\\");
	for (size_t i = 0; i < e->len && i < LIMIT_NAME; i++)
		buf_printf(path, "%02x", (unsigned char)e->name[i]);
}

static enum entry_kind kind_of(const struct tree_entry *old_entry,
			       const struct tree_entry *new_entry)
{
	const struct tree_entry *e = new_entry ? new_entry : old_entry;

	return entry_is_file(e) && !is_strange(e) ? ENTRY_FILE : ENTRY_ODD;
}

/* Is there room for one more? If not, the diff ends, quietly. */
static bool may_go_on(struct diff *d, const struct tree_entry *e)
{
	if (d->path.len + e->len <= PATH_BYTES &&
	    d->looked_at < LIMIT_TREE && d->scanned < SCAN_ENTRIES)
		return true;
	d->cut = true;
	return false;
}

/* A link that becomes a file with the same bytes keeps its id, and is a
 * difference all the same: what is no plain file has no old id. */
static void id_before(const struct tree_entry *e, struct oid *out)
{
	out->hex[0] = '\0';
	if (e != NULL && entry_is_file(e))
		oid_write(out, &e->id);
}

static void id_after(const struct tree_entry *e, struct oid *out)
{
	out->hex[0] = '\0';
	if (e != NULL)
		oid_write(out, &e->id);
}

static int call(struct diff *d, const struct tree_entry *old_entry,
		const struct tree_entry *new_entry)
{
	const struct tree_entry *e = new_entry ? new_entry : old_entry;
	size_t before = d->path.len;
	struct oid old_oid, new_oid;
	int result;

	if (!may_go_on(d, e))
		return 0;
	id_before(old_entry, &old_oid);
	id_after(new_entry, &new_oid);
	add_name(&d->path, e);
	d->looked_at++;
	result = d->each(d->arg, d->path.data, old_oid.hex, new_oid.hex,
			 kind_of(old_entry, new_entry));
	buf_truncate(&d->path, before);
	return result;
}

static int enter(struct diff *d, const struct tree_entry *old_entry,
		 const struct tree_entry *new_entry)
{
	static const git_oid none;
	const struct tree_entry *e = new_entry ? new_entry : old_entry;
	size_t before = d->path.len;
	int result;

	if (d->depth >= LIMIT_TREE_DEPTH)
		d->cut = true;
	if (!may_go_on(d, e) || d->depth >= LIMIT_TREE_DEPTH)
		return 0;
	if (is_strange(e))
		return call(d, old_entry, new_entry);
	add_name(&d->path, e);
	buf_addc(&d->path, '/');
	d->depth++;
	d->looked_at++;
	result = diff_trees(d, old_entry ? &old_entry->id : &none,
			    new_entry ? &new_entry->id : &none);
	d->depth--;
	buf_truncate(&d->path, before);
	return result;
}

/* Either may be NULL; both are of one name and kind. */
static int diff_entry(struct diff *d, const struct tree_entry *old_entry,
		      const struct tree_entry *new_entry)
{
	if (old_entry && new_entry && old_entry->mode == new_entry->mode &&
	    git_oid_equal(&old_entry->id, &new_entry->id))
		return 0;
	if (entry_is_tree(new_entry ? new_entry : old_entry))
		return enter(d, old_entry, new_entry);
	return call(d, old_entry, new_entry);
}

static int merge_entries(struct diff *d, const struct tree *old_tree,
			 const struct tree *new_tree)
{
	size_t i = 0, j = 0;
	int result = 0;

	while (result == 0 && (i < old_tree->count || j < new_tree->count)) {
		int order = i == old_tree->count ? 1 :
			    j == new_tree->count ? -1 :
			    entry_compare(&old_tree->entry[i],
					  &new_tree->entry[j]);

		/* What was not read of the new one need not be gone. */
		if (order >= 0 || !new_tree->damaged)
			result = diff_entry(d, order <= 0 ?
					    &old_tree->entry[i] : NULL,
					    order >= 0 ?
					    &new_tree->entry[j] : NULL);
		i += order <= 0;
		j += order >= 0;
		if (d->looked_at >= LIMIT_TREE || d->scanned >= SCAN_ENTRIES)
			break;
	}
	if (i < old_tree->count || j < new_tree->count)
		d->cut |= result == 0;
	return result;
}

/* The folder we are in is not read whole. */
static int call_unread(struct diff *d, const git_oid *id)
{
	struct oid oid;
	int result;

	d->cut = true;
	if (d->path.len == 0)
		return 0;
	oid_write(&oid, id);
	buf_truncate(&d->path, d->path.len - 1);
	result = d->each(d->arg, d->path.data, "", oid.hex, ENTRY_UNREAD);
	buf_addc(&d->path, '/');
	return result;
}

static int diff_trees(struct diff *d, const git_oid *old_id,
		      const git_oid *new_id)
{
	struct tree old_tree, new_tree;
	int result = 0;

	if (tree_load(&old_tree, d->repo, old_id, d->err) == -1)
		return -1;
	if (tree_load(&new_tree, d->repo, new_id, d->err) == -1) {
		tree_release(&old_tree);
		return -1;
	}
	d->scanned += old_tree.count + new_tree.count;
	if (new_tree.damaged)
		result = call_unread(d, new_id);
	if (result == 0)
		result = merge_entries(d, &old_tree, &new_tree);
	tree_release(&old_tree);
	tree_release(&new_tree);
	return result;
}

int repo_diff(struct repo *repo, const char *old_commit, const char *new_commit,
	      const char *prefix,
	      int (*each)(void *arg, const char *path, const char *old_oid,
			  const char *new_oid, enum entry_kind kind),
	      void *arg, bool *cut, struct error *err)
{
	struct diff d = { .repo = repo, .each = each, .arg = arg, .err = err };
	git_oid old_root, new_root, old_base, new_base;
	int result = 0;

	*cut = false;
	if (commit_tree(repo, old_commit, &old_root, err) == -1 ||
	    commit_tree(repo, new_commit, &new_root, err) == -1 ||
	    tree_descend(repo, &old_root, prefix, &old_base, err) == -1 ||
	    tree_descend(repo, &new_root, prefix, &new_base, err) == -1)
		return -1;
	buf_init(&d.path);
	if (!git_oid_equal(&old_base, &new_base))
		result = diff_trees(&d, &old_base, &new_base);
	*cut = d.cut;
	buf_release(&d.path);
	return result;
}
