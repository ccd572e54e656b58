/* Trees and blobs of the remote, by the public object API alone. */
#include "check_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *ck_blob(const struct check *c, const git_oid *oid, size_t *size)
{
	git_blob *blob;
	char *text;

	if (git_blob_lookup(&blob, c->remote, oid))
		return NULL;
	*size = (size_t)git_blob_rawsize(blob);
	text = ck_copy(git_blob_rawcontent(blob), *size);
	git_blob_free(blob);
	return text;
}

git_tree *ck_root(const struct check *c, const struct ck_commit *commit)
{
	git_tree *tree;

	if (!commit || git_tree_lookup(&tree, c->remote, &commit->root))
		return NULL;
	return tree;
}

git_tree *ck_subtree(const struct check *c, const git_tree *tree,
		     const char *path)
{
	git_tree_entry *entry;
	git_tree *found = NULL;

	if (!tree || git_tree_entry_bypath(&entry, tree, path))
		return NULL;
	if (git_tree_entry_type(entry) == GIT_OBJECT_TREE &&
	    git_tree_lookup(&found, c->remote, git_tree_entry_id(entry)))
		found = NULL;
	git_tree_entry_free(entry);
	return found;
}

git_tree *ck_tree(const struct check *c, const struct ck_commit *commit)
{
	git_tree *root = ck_root(c, commit);
	git_tree *tree = ck_subtree(c, root, c->prefix);

	git_tree_free(root);
	return tree;
}

bool ck_blob_at(const struct check *c, const struct ck_commit *commit,
		const char *path, git_oid *oid)
{
	git_tree *tree = ck_tree(c, commit);
	git_tree_entry *entry = NULL;
	bool there = tree && !git_tree_entry_bypath(&entry, tree, path);

	if (there)
		git_oid_cpy(oid, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return there;
}

struct walk {
	const struct check *c;
	void (*each)(const struct ck_change *change, void *data);
	void *data;
};

static void walk(const struct walk *by, const char *folder,
		 const git_tree *old, const git_tree *now);

static bool is_tree(const git_tree_entry *entry)
{
	return entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

static git_tree *tree_of(const struct walk *by, const git_tree_entry *entry)
{
	git_tree *tree = NULL;

	if (is_tree(entry) && git_tree_lookup(&tree, by->c->remote,
					      git_tree_entry_id(entry)))
		return NULL;
	return tree;
}

static bool same(const git_tree_entry *a, const git_tree_entry *b)
{
	return a && b && git_oid_equal(git_tree_entry_id(a),
				       git_tree_entry_id(b)) &&
	       git_tree_entry_filemode_raw(a) == git_tree_entry_filemode_raw(b);
}

static void compare(const struct walk *by, const char *folder,
		    const git_tree_entry *old, const git_tree_entry *now)
{
	struct ck_change change = { .was = old && !is_tree(old),
				    .is = now && !is_tree(now) };
	git_tree *before, *after;

	if (same(old, now))
		return;
	snprintf(change.path, sizeof(change.path), "%s%s%s", folder,
		 *folder ? "/" : "", git_tree_entry_name(now ? now : old));
	if (is_tree(old) || is_tree(now)) {
		before = tree_of(by, old);
		after = tree_of(by, now);
		walk(by, change.path, before, after);
		git_tree_free(before);
		git_tree_free(after);
	}
	if (change.was) {
		git_oid_cpy(&change.old_oid, git_tree_entry_id(old));
		change.old_mode = git_tree_entry_filemode_raw(old);
	}
	if (change.is) {
		git_oid_cpy(&change.oid, git_tree_entry_id(now));
		change.mode = git_tree_entry_filemode_raw(now);
	}
	if (change.was || change.is)
		by->each(&change, by->data);
}

static const git_tree_entry *named(const git_tree *tree, const char *name)
{
	return tree ? git_tree_entry_byname(tree, name) : NULL;
}

static void walk(const struct walk *by, const char *folder,
		 const git_tree *old, const git_tree *now)
{
	size_t count = now ? git_tree_entrycount(now) : 0;

	if (strlen(folder) > sizeof(((struct ck_change *)0)->path) - 260)
		return;		/* such paths are nobody's */
	for (size_t i = 0; i < count; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(now, i);

		compare(by, folder, named(old, git_tree_entry_name(entry)),
			entry);
	}
	count = old ? git_tree_entrycount(old) : 0;
	for (size_t i = 0; i < count; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(old, i);

		if (!named(now, git_tree_entry_name(entry)))
			compare(by, folder, entry, NULL);
	}
}

void ck_changes(const struct check *c, const git_tree *old,
		const git_tree *now,
		void (*each)(const struct ck_change *change, void *data),
		void *data)
{
	struct walk by = { c, each, data };

	walk(&by, "", old, now);
}
