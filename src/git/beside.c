/*
 * The repository beside the fleet's (repo.h), for branches that are somebody
 * else's. libgit2 walks over what our refs and the remote's reach at each fetch
 * and push: so the objects of others, however many they are, stay where no fetch
 * or push of ours looks. It sees ours by objects/info/alternates.
 */
#include "git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/digest.h"
#include "trine/file.h"
#include "trine/limits.h"
#include "trine/mem.h"

enum { HASH_IN_REF = 16 };

/* Of names that others choose, two may be alike but for case, or one the folder
 * of another: a digest is neither. */
const char *repo_beside_ref(const char *branch, char out[BESIDE_REF])
{
	char hex[DIGEST_HEX];

	digest_hex(branch, strlen(branch), hex);
	snprintf(out, BESIDE_REF, "refs/beside/%.*s", HASH_IN_REF, hex);
	return out;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Bytes of all packs: what comes over the network is nothing else. */
static bool is_too_large(const char *path)
{
	char *folder = xasprintf("%s/objects/pack", path);
	struct error ignored = ERROR_INIT;
	struct list names = LIST_INIT;
	struct file_info info;
	uint64_t bytes = 0;

	if (file_list(folder, &names, &ignored) == -1)
		names.count = 0;
	for (size_t i = 0; i < names.count; i++) {
		char *file = xasprintf("%s/%s", folder, names.item[i]);

		if (file_stat(file, &info, &ignored) == 0)
			bytes += info.size;
		free(file);
	}
	list_release(&names);
	free(folder);
	return bytes / (1024 * 1024) >= LIMIT_BESIDE_SIZE;
}

static int set_alternates(const char *path, const struct repo *repo,
			  struct error *err)
{
	char *file = xasprintf("%s/objects/info/alternates", path);
	char *folder = xasprintf("%s/objects/info", path);
	char *line = xasprintf("../../%s/objects\n", last_part(repo->path));
	int rc = 0;

	if (!file_exists(file))
		rc = file_mkdir(folder, 0700, err) == -1 ? -1 :
		     file_write(file, span_str(line), 0600, err);
	free(line);
	free(folder);
	free(file);
	return rc;
}

/* Do all its refs still lead somewhere? Ours may have been made anew. */
static bool is_whole(struct repo *beside)
{
	git_reference_iterator *all = NULL;
	git_reference *ref;
	bool whole = git_reference_iterator_new(&all, beside->git) == 0;

	while (whole && git_reference_next(&ref, all) == 0) {
		const git_oid *id = git_reference_target(ref);

		whole = id == NULL || git_odb_exists(beside->odb, id) == 1;
		git_reference_free(ref);
	}
	git_reference_iterator_free(all);
	git_error_clear();
	return whole;
}

static int open_as_is(struct repo **out, const char *path, struct repo *repo,
		      struct error *err)
{
	if (repo_open(out, path, err) == -1)
		return -1;
	repo_close(*out);	/* it looks for alternates when it is opened */
	*out = NULL;
	if (set_alternates(path, repo, err) == -1 ||
	    repo_open(out, path, err) == -1)
		return -1;
	if (is_whole(*out) && repo_clean(*out, err) == 0)
		return 0;
	repo_close(*out);
	*out = NULL;
	return -1;
}

int repo_open_beside(struct repo **out, const char *path, struct repo *repo,
		     struct error *err)
{
	*out = NULL;
	if (!is_too_large(path) && open_as_is(out, path, repo, err) == 0)
		return 0;
	error_clear(err);
	if (file_remove_tree(path, err) == -1)
		return -1;
	return open_as_is(out, path, repo, err);
}
