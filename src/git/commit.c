/*
 * Reading and writing single commits (repo.h). Receive judges by what is read
 * here who wrote what; commit writes ours.
 */
#include "git.h"

#include <git2/sys/commit.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { AUTHOR_BYTES = 512, ANY_COMPUTER = 0 };

/* "Name <mail>" of "Name <mail> 1700000000 +0100". */
static char *author_of(const char *line)
{
	const char *end = strrchr(line, '>');
	size_t len = end ? (size_t)(end + 1 - line) : strlen(line);
	struct buf out = BUF_INIT;

	text_escape(&out, line, text_cut(line, len, AUTHOR_BYTES), false);
	return buf_detach(&out);
}

/* Does the tree still hold the files that the trailers name (protocol R6)? Nobody
 * vouches for a folder that is not read whole. */
static int check_vouched(struct repo *repo, const char *prefix,
			 struct commit_info *c, struct error *err)
{
	struct own_files files = { NULL, 0, 0 };
	char digest[VOUCH_DIGEST];
	bool whole;
	int result;

	if (c->trailers.computer == 0)
		return 0;
	result = own_files_read(repo, c->oid.hex, prefix, c->trailers.computer,
				&files, &whole, err);
	if (result == 0) {
		vouch_digest(&files, digest);
		c->vouched = whole && strcmp(digest, c->trailers.files) == 0;
	}
	own_files_release(&files);
	return result;
}

static void fill_info(struct commit_info *out, const git_oid *id,
		      const struct raw_commit *raw)
{
	size_t len = raw->message.len;

	if (len > LIMIT_FILE)
		len = LIMIT_FILE;
	oid_write(&out->oid, id);
	oid_write(&out->tree, &raw->tree);
	if (raw->parents > 0)
		oid_write(&out->parent, &raw->parent[0]);
	out->parents = (unsigned)raw->parents;
	out->time = raw->time;
	out->authored = raw->authored;
	out->author = author_of(raw->author);
	out->message = xmemdup(raw->message.p, len);
}

int repo_commit_read(struct repo *repo, const char *oid, const char *prefix,
		     struct commit_info *out, struct error *err)
{
	return repo_commit_read_of(repo, oid, prefix, ANY_COMPUTER, out, err);
}

int repo_commit_read_of(struct repo *repo, const char *oid, const char *prefix,
			int number, struct commit_info *out, struct error *err)
{
	struct raw_commit raw;
	git_oid id;

	memset(out, 0, sizeof(*out));
	if (oid_read(&id, oid, err) == -1)
		return -1;
	if (commit_load(&raw, repo, &id, err) == -1)
		return object_missing(repo, err);
	fill_info(out, &id, &raw);
	if (!trailers_parse(raw.message, &out->trailers))
		out->trailers.computer = 0;
	raw_commit_release(&raw);
	if ((number != ANY_COMPUTER && out->trailers.computer != number) ||
	    check_vouched(repo, prefix, out, err) == 0)
		return 0;
	commit_info_release(out);
	return -1;
}

int repo_parents(struct repo *repo, const char *commit, struct list *out,
		 struct error *err)
{
	struct raw_commit raw;
	struct oid parent;
	git_oid id;

	if (oid_read(&id, commit, err) == -1 ||
	    commit_load(&raw, repo, &id, err) == -1)
		return -1;
	for (size_t i = 0; i < raw.parents; i++) {
		oid_write(&parent, &raw.parent[i]);
		list_add(out, parent.hex);
	}
	raw_commit_release(&raw);
	return 0;
}

void commit_info_release(struct commit_info *c)
{
	if (c == NULL)
		return;
	free(c->author);
	free(c->message);
	memset(c, 0, sizeof(*c));
}

int repo_merge_write(struct repo *repo, const char *tree,
		     const struct list *parents, const char *name,
		     const char *mail, int64_t time, const char *message,
		     struct oid *out, struct error *err)
{
	git_oid id, tree_id, parent_id[MERGED_PARENTS];
	const git_oid *parent[MERGED_PARENTS];
	git_signature *who = NULL;
	int rc;

	assert(parents->count <= MERGED_PARENTS);
	if (oid_read(&tree_id, tree, err) == -1)
		return -1;
	for (size_t i = 0; i < parents->count; i++) {
		if (oid_read(&parent_id[i], parents->item[i], err) == -1)
			return -1;
		parent[i] = &parent_id[i];
	}
	rc = git_signature_new(&who, name, mail, time, 0);
	if (rc < 0) {
		git_fail(err, rc, "cannot sign as \"%s <%s>\"", name, mail);
		err->code = ERR_CONFIG;
		return -1;
	}
	rc = git_commit_create_from_ids(&id, repo->git, NULL, who, who, NULL,
					message, &tree_id, parents->count,
					parent);
	git_signature_free(who);
	rc = git_written(repo, &id, rc);
	if (rc < 0)
		return git_fail(err, rc, "cannot write a commit");
	oid_write(out, &id);
	return 0;
}

int repo_commit_write(struct repo *repo, const char *tree, const char *parent,
		      const char *name, const char *mail, int64_t time,
		      const char *message, struct oid *out, struct error *err)
{
	char *item = (char *)(uintptr_t)parent;
	const struct list parents = { &item, parent[0] != '\0', 1 };

	return repo_merge_write(repo, tree, &parents, name, mail, time, message,
				out, err);
}
