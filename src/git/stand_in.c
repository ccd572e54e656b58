/*
 * What libgit2 is shown of a repository while it walks over it by itself: at
 * each fetch and push, and to find what two commits have in common (git.h). It
 * fails for ever on a commit or a tree that it cannot parse, and servers take
 * such ones, so that one push of anybody would stop a fleet. Through the handle
 * that is opened here it sees something plain in the place of each: a commit of
 * the same tree and parents, a tree of no entries.
 *
 * That only ever hides what the other side has already. Would one of them have
 * to be sent, the server would miss it and refuse the push.
 *
 * All reads go through the repository's own handle, which knows damage when it
 * meets it, and compares what it read with its id. That libgit2 does so for this
 * handle as well is switched off: a stand-in has another id.
 */
#include "git.h"

#include <git2/sys/odb_backend.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum {
	STAND_IN_PRIORITY = 100,	/* libgit2's own have 1 and 2 */
	TIME_BITS = 40			/* of a time that libgit2 can parse */
};

struct stand_in {
	git_odb_backend backend;	/* the first member */
	struct repo *repo;
};

static int compare_ids(bool on)
{
	return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, on);
}

static int give(git_odb_backend *backend, void **bytes, size_t *len,
		const void *from, size_t from_len)
{
	*len = from_len;
	*bytes = git_odb_backend_data_alloc(backend, from_len ? from_len : 1);
	if (*bytes == NULL)
		return GIT_ERROR;
	memcpy(*bytes, from, from_len);
	return 0;
}

static bool can_parse(struct repo *repo, const git_oid *id, git_object_t type)
{
	git_object *object = NULL;
	int rc = git_object_lookup(&object, repo->git, id, type);

	git_object_free(object);
	if (rc < 0)
		git_error_clear();
	return rc == 0;
}

/* The same tree and parents: nothing else is of interest on a walk. */
static int write_plain_commit(struct repo *repo, const git_oid *id,
			      struct buf *out)
{
	struct error ignored = ERROR_INIT;
	struct raw_commit raw;
	struct oid hex;
	int64_t time;

	if (commit_load(&raw, repo, id, &ignored) == -1)
		return -1;
	oid_write(&hex, &raw.tree);
	buf_printf(out, "tree %s\n", hex.hex);
	for (size_t i = 0; i < raw.parents; i++) {
		oid_write(&hex, &raw.parent[i]);
		buf_printf(out, "parent %s\n", hex.hex);
	}
	time = raw.time >> TIME_BITS == 0 ? raw.time : 0;
	buf_printf(out, "author trine <trine> %lld +0000\n"
		   "committer trine <trine> %lld +0000\n\n", (long long)time,
		   (long long)time);
	raw_commit_release(&raw);
	return 0;
}

static int write_stand_in(struct repo *repo, const git_oid *id,
			  git_object_t type, struct buf *out)
{
	if (type == GIT_OBJECT_TREE)
		return 0;
	return type == GIT_OBJECT_COMMIT ? write_plain_commit(repo, id, out) : -1;
}

static int give_object(struct stand_in *s, void **bytes, size_t *len,
		       const git_oid *id, git_odb_object *object)
{
	git_object_t type = git_odb_object_type(object);
	struct buf plain = BUF_INIT;
	int rc;

	if (type == GIT_OBJECT_BLOB || can_parse(s->repo, id, type) ||
	    write_stand_in(s->repo, id, type, &plain) == -1)
		return give(&s->backend, bytes, len, git_odb_object_data(object),
			    git_odb_object_size(object));
	rc = give(&s->backend, bytes, len, plain.data, plain.len);
	buf_release(&plain);
	return rc;
}

static int stand_in_read(void **bytes, size_t *len, git_object_t *type,
			 git_odb_backend *backend, const git_oid *id)
{
	struct stand_in *s = (struct stand_in *)backend;
	git_odb_object *object = NULL;
	int rc;

	compare_ids(true);
	rc = git_odb_read(&object, s->repo->odb, id);
	if (rc == 0) {
		*type = git_odb_object_type(object);
		rc = give_object(s, bytes, len, id, object);
	}
	git_odb_object_free(object);
	compare_ids(false);
	return rc;
}

static int stand_in_read_header(size_t *len, git_object_t *type,
				git_odb_backend *backend, const git_oid *id)
{
	struct stand_in *s = (struct stand_in *)backend;

	return git_odb_read_header(len, type, s->repo->odb, id);
}

static void stand_in_free(git_odb_backend *backend)
{
	free(backend);
}

static int add_stand_ins(git_repository *git, struct repo *repo)
{
	struct stand_in *s;
	git_odb *odb = NULL;
	int rc = git_repository_odb(&odb, git);

	if (rc < 0)
		return rc;
	s = xcalloc(1, sizeof(*s));
	git_odb_init_backend(&s->backend, GIT_ODB_BACKEND_VERSION);
	s->backend.read = stand_in_read;
	s->backend.read_header = stand_in_read_header;
	s->backend.free = stand_in_free;
	s->repo = repo;
	rc = git_odb_add_backend(odb, &s->backend, STAND_IN_PRIORITY);
	if (rc < 0)
		free(s);
	git_odb_free(odb);
	return rc;
}

int stand_in_open(git_repository **out, struct repo *repo, struct error *err)
{
	int rc = git_repository_open_bare(out, repo->path);

	if (rc == 0)
		rc = add_stand_ins(*out, repo);
	if (rc < 0) {
		git_repository_free(*out);
		*out = NULL;
		return git_fail(err, rc, "%s", repo->path);
	}
	compare_ids(false);
	return 0;
}

void stand_in_close(git_repository *git)
{
	if (git == NULL)
		return;
	git_repository_free(git);
	compare_ids(true);
}
