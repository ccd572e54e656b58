/*
 * Looking things up in the trees of commits, and naming a computer's own files
 * in them (repo.h). Used wherever a tip is compared with the log or the desk.
 */
#include "git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/names.h"
#include "trine/text.h"

int commit_tree(struct repo *repo, const char *commit, git_oid *out,
		struct error *err)
{
	const struct outline *outline;
	git_object_t type;
	git_oid id;
	size_t size;
	int rc;

	memset(out, 0, sizeof(*out));
	if (commit[0] == '\0')
		return 0;
	if (oid_read(&id, commit, err) == -1)
		return -1;
	rc = git_odb_read_header(&size, &type, repo->odb, &id);
	if (rc < 0) {
		object_fail(repo, rc, "commit", &id, err);
		return object_missing(repo, err);
	}
	if (type == GIT_OBJECT_TREE) {
		*out = id;
		return 0;
	}
	outline = commit_outline(repo, &id, err);
	if (outline == NULL)
		return object_missing(repo, err);
	*out = outline->tree;
	return 0;
}

/* Trees that were looked into last: whoever looks up each of a folder's 50,000
 * files must not read the folder 50,000 times. Few of them are large ones. */
enum { LARGE_TREE = 64, CACHED_LARGE = 4, CACHED_TREES = 16 };

struct tree_cache {
	struct {
		git_oid id;
		struct tree tree;
		unsigned used;
	} slot[CACHED_TREES];
	unsigned clock;
};

void tree_cache_free(struct tree_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < CACHED_TREES; i++)
		tree_release(&cache->slot[i].tree);
	free(cache);
}

static const struct tree *find_cached(struct tree_cache *cache,
				      const git_oid *id)
{
	for (size_t i = 0; cache != NULL && i < CACHED_TREES; i++)
		if (cache->slot[i].tree.count > 0 &&
		    git_oid_equal(&cache->slot[i].id, id)) {
			cache->slot[i].used = ++cache->clock;
			return &cache->slot[i].tree;
		}
	return NULL;
}

/* T becomes the cache's, in the place of the one not used for longest, of its size. */
static void keep_cached(struct repo *repo, const git_oid *id, struct tree *t)
{
	bool large = t->count >= LARGE_TREE;
	size_t oldest = large ? 0 : CACHED_LARGE;
	size_t end = large ? CACHED_LARGE : CACHED_TREES;
	struct tree_cache *cache = repo->trees;

	if (cache == NULL)
		cache = repo->trees = xcalloc(1, sizeof(*cache));
	for (size_t i = oldest; i < end; i++)
		if (cache->slot[i].used < cache->slot[oldest].used)
			oldest = i;
	tree_release(&cache->slot[oldest].tree);
	cache->slot[oldest].tree = *t;
	cache->slot[oldest].id = *id;
	cache->slot[oldest].used = ++cache->clock;
	*t = (struct tree){ NULL, NULL, 0, 0, false };
}

static void copy_entry(const struct tree *t, struct span name,
		       struct tree_entry *out)
{
	const struct tree_entry *found = tree_find(t, name.p, name.len);

	if (found == NULL)
		return;
	out->id = found->id;
	out->mode = found->mode;
}

/* One entry of TREE by name: *MODE 0 if there is none. *WHOLE false: or if it is
 * not known. */
static int step_into(struct repo *repo, const git_oid *tree, struct span name,
		     struct tree_entry *out, bool *whole, struct error *err)
{
	const struct tree *cached = find_cached(repo->trees, tree);
	struct tree t;

	memset(out, 0, sizeof(*out));
	if (cached != NULL) {
		copy_entry(cached, name, out);
		*whole = !cached->damaged;
		return 0;
	}
	if (tree_load(&t, repo, tree, err) == -1)
		return -1;
	copy_entry(&t, name, out);
	*whole = !t.damaged;
	if (t.count > 0)
		keep_cached(repo, tree, &t);
	tree_release(&t);
	return 0;
}

/* What PATH is below TREE; TREE itself if PATH is "". *UNREAD is what of PATH lies
 * in the first folder on the way that is not read whole; NULL: all are. */
static int walk_path(struct repo *repo, const git_oid *tree, const char *path,
		     struct tree_entry *out, const char **unread,
		     struct error *err)
{
	bool whole;

	*unread = NULL;
	memset(out, 0, sizeof(*out));
	out->id = *tree;
	out->mode = GIT_FILEMODE_TREE;
	while (*path != '\0') {
		struct span name = { path, strcspn(path, "/") };
		git_oid folder = out->id;

		if (!entry_is_tree(out))
			memset(&folder, 0, sizeof(folder));
		if (step_into(repo, &folder, name, out, &whole, err) == -1)
			return -1;
		if (!whole && *unread == NULL)
			*unread = path;
		path += name.len;
		path += *path == '/';
	}
	return 0;
}

static int descend(struct repo *repo, const git_oid *tree, const char *path,
		   git_oid *out, const char **unread, struct error *err)
{
	struct tree_entry found;

	if (walk_path(repo, tree, path, &found, unread, err) == -1)
		return -1;
	if (entry_is_tree(&found))
		*out = found.id;
	else
		memset(out, 0, sizeof(*out));
	return 0;
}

int tree_descend(struct repo *repo, const git_oid *tree, const char *path,
		 git_oid *out, struct error *err)
{
	const char *unread;

	return descend(repo, tree, path, out, &unread, err);
}

int tree_fail(struct error *err, const char *path, size_t len)
{
	struct buf name = BUF_INIT;

	while (len > 0 && path[len - 1] == '/')
		len--;
	text_escape(&name, path, len, false);
	error_set(err, ERR_DATA, "%.400s%s on the branch cannot be read whole "
		  "(it is over 16 MiB, or damaged): what is in it stays as it "
		  "is, there and on desks, until somebody mends it there, as "
		  "with `git revert`", len > 0 ? "folder " : "the tree",
		  name.data);
	buf_release(&name);
	return -1;
}

int repo_whole(struct repo *repo, const char *commit, const char *prefix,
	       const char *path, struct error *err)
{
	char *full = *prefix ? xasprintf("%s/%s", prefix, path) : xstrdup(path);
	struct tree_entry ignored;
	const char *unread;
	git_oid root;
	int rc = -1;

	if (commit_tree(repo, commit, &root, err) == 0 &&
	    walk_path(repo, &root, full, &ignored, &unread, err) == 0)
		rc = unread == NULL ? 0 :
		     tree_fail(err, full, (size_t)(unread - full));
	free(full);
	return rc;
}

int repo_look(struct repo *repo, const char *commit, const char *prefix,
	      const char *path, struct found *out, struct error *err)
{
	struct tree_entry entry;
	const char *unread;
	git_oid root, base;

	*out = (struct found){ FOUND_NOTHING, { "" } };
	if (commit_tree(repo, commit, &root, err) == -1 ||
	    tree_descend(repo, &root, prefix, &base, err) == -1 ||
	    walk_path(repo, &base, path, &entry, &unread, err) == -1)
		return -1;
	if (git_oid_is_zero(&entry.id))
		return 0;
	out->kind = entry_is_tree(&entry) ? FOUND_FOLDER
		: entry_is_file(&entry) ? FOUND_FILE : FOUND_ODD;
	oid_write(&out->oid, &entry.id);
	return 0;
}

int repo_lookup(struct repo *repo, const char *commit, const char *prefix,
		const char *path, struct oid *out, bool *is_tree,
		struct error *err)
{
	struct found found;
	int rc = repo_look(repo, commit, prefix, path, &found, err);

	*is_tree = found.kind == FOUND_FOLDER;
	*out = found.oid;
	if (found.kind == FOUND_ODD)
		out->hex[0] = '\0';
	return rc;
}

static bool is_stream_of(const char *name, size_t len, const char *suffix,
			 int n)
{
	size_t tail = strlen(suffix);
	struct stream_name stream;

	return len > tail && memcmp(name + len - tail, suffix, tail) == 0 &&
	       stream_name_parse((struct span){ name, len - tail }, &stream) &&
	       stream.from == n;
}

/* The entries of FOLDER that are streams of N: files ending in SUFFIX, or
 * folders. */
static int add_streams(struct repo *repo, const git_oid *base,
		       const char *folder, bool files, int n,
		       struct own_files *out, bool *whole, struct error *err)
{
	char path[sizeof(((struct own_file *)0)->path)];
	struct tree t;
	struct oid hex;
	git_oid id;

	if (tree_descend(repo, base, folder, &id, err) == -1 ||
	    tree_load(&t, repo, &id, err) == -1)
		return -1;
	*whole = *whole && !t.damaged;
	for (size_t i = 0; i < t.count; i++) {
		const struct tree_entry *e = &t.entry[i];

		if (files ? !entry_is_file(e) : !entry_is_tree(e))
			continue;
		if (!is_stream_of(e->name, e->len, files ? ".md" : "", n))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->name);
		oid_write(&hex, &e->id);
		own_files_add(out, path, hex.hex);
	}
	tree_release(&t);
	return 0;
}

static int add_own(struct repo *repo, const git_oid *base, int n,
		   struct own_files *out, bool *whole, struct error *err)
{
	char status[PATH_TEXT];
	struct tree_entry found;
	const char *unread;
	struct oid hex;

	path_status(n, status);
	if (walk_path(repo, base, status, &found, &unread, err) == -1)
		return -1;
	*whole = *whole && unread == NULL;
	if (entry_is_file(&found)) {
		oid_write(&hex, &found.id);
		own_files_add(out, status, hex.hex);
	}
	if (add_streams(repo, base, "messages", true, n, out, whole, err) == -1)
		return -1;
	return add_streams(repo, base, "archive", false, n, out, whole, err);
}

int own_files_read(struct repo *repo, const char *commit, const char *prefix,
		   int n, struct own_files *out, bool *whole, struct error *err)
{
	const char *unread;
	git_oid root, base;

	if (commit_tree(repo, commit, &root, err) == -1 ||
	    descend(repo, &root, prefix, &base, &unread, err) == -1)
		return -1;
	*whole = unread == NULL;
	return add_own(repo, &base, n, out, whole, err);
}

int repo_own_files(struct repo *repo, const char *commit, const char *prefix,
		   int n, struct own_files *out, struct error *err)
{
	bool whole;

	if (own_files_read(repo, commit, prefix, n, out, &whole, err) == -1)
		return -1;
	if (whole)
		return 0;
	return repo_whole(repo, commit, prefix, "messages/x", err) == -1 ? -1 :
	       repo_whole(repo, commit, prefix, "archive/x", err);
}
