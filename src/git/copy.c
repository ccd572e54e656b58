/*
 * Copying objects from one repository on this computer to another, in both
 * directions: fetch from and push to a local path (remote_p.h).
 *
 * An object is written after all that it names. So whoever has a commit or a
 * tree has what is behind it, and only what is missing is looked at.
 */
#include "remote_p.h"

#include <stdlib.h>
#include <string.h>

#include "oidmap.h"
#include "trine/mem.h"

enum {
	LOOSE_OBJECTS = 200,	/* more become one pack */
	COPY_DEPTH = 4096	/* levels of folders; git's own bound */
};

struct copy {
	struct repo *from, *to;
	const struct peer *peer;
	int64_t deadline;
	git_oid *id;		/* to copy, in order */
	size_t count, cap;
	struct oidmap seen;
	int depth;
	struct error *err;
};

static int check_time(const struct copy *c)
{
	if (!peer_late(c->peer, c->deadline))
		return 0;
	return error_set(c->err, ERR_AGAIN, "copying took too long");
}

/* False for what is there, or on the list already. A miss must not make libgit2
 * look through all packs again: nobody else writes while we copy. */
static bool is_wanted(struct copy *c, const git_oid *id)
{
	if (oidmap_get(&c->seen, id) != OIDMAP_NONE)
		return false;
	oidmap_add(&c->seen, id, 0);
	return git_odb_exists_ext(c->to->odb, id,
				  GIT_ODB_LOOKUP_NO_REFRESH) != 1;
}

static void want(struct copy *c, const git_oid *id)
{
	ARRAY_GROW(c->id, c->count, c->cap);
	c->id[c->count++] = *id;
}

static int want_tree(struct copy *c, const git_oid *id);

static int want_entry(struct copy *c, const struct tree_entry *e)
{
	if (entry_is_elsewhere(e))
		return 0;
	if (entry_is_tree(e))
		return want_tree(c, &e->id);
	if (is_wanted(c, &e->id))
		want(c, &e->id);
	return 0;
}

static int want_tree(struct copy *c, const git_oid *id)
{
	struct tree t;
	int result = 0;

	if (!is_wanted(c, id))
		return 0;
	if (c->depth >= COPY_DEPTH)
		return error_set(c->err, ERR_DATA, "a tree over %d levels deep",
				 COPY_DEPTH);
	if (check_time(c) == -1 ||
	    tree_load(&t, c->from, id, c->err) == -1)
		return -1;
	c->depth++;
	for (size_t i = 0; i < t.count && result == 0; i++)
		result = want_entry(c, &t.entry[i]);
	c->depth--;
	tree_release(&t);
	if (result == 0)
		want(c, id);
	return result;
}

static int want_commit(void *arg, const char *oid, struct error *err)
{
	struct copy *c = arg;
	git_oid id, tree;

	if (oid_read(&id, oid, err) == -1)
		return -1;
	if (!is_wanted(c, &id))
		return 0;
	if (commit_tree(c->from, oid, &tree, err) == -1 ||
	    want_tree(c, &tree) == -1)
		return -1;
	want(c, &id);
	return 0;
}

static int copy_one(struct copy *c, const git_oid *id)
{
	git_odb_object *object = NULL;
	git_oid written;
	int rc = git_odb_read(&object, c->from->odb, id);

	if (rc < 0) {
		object_fail(c->from, rc, "object", id, c->err);
		return object_missing(c->from, c->err);
	}
	rc = git_odb_write(&written, c->to->odb, git_odb_object_data(object),
			   git_odb_object_size(object),
			   git_odb_object_type(object));
	git_odb_object_free(object);
	rc = git_written(c->to, &written, rc);
	return rc == 0 ? 0 : git_fail(c->err, rc, "cannot write to %s",
				      c->to->path);
}

static int copy_loose(struct copy *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (check_time(c) == -1 || copy_one(c, &c->id[i]) == -1)
			return -1;
	return repo_sync(c->to, c->err);
}

struct packing {
	struct copy *copy;
	git_odb_writepack *pack;
	git_indexer_progress stats;
	int failed;		/* result of the write; the reader's is another */
};

static int append(void *bytes, size_t size, void *arg)
{
	struct packing *p = arg;

	p->failed = p->pack->append(p->pack, bytes, size, &p->stats);
	if (p->failed == 0 && peer_late(p->copy->peer, p->copy->deadline)) {
		git_error_set_str(GIT_ERROR_NET, "it took too long");
		p->failed = GIT_EUSER;
	}
	return p->failed;
}

static int insert(struct copy *c, git_packbuilder *builder, const git_oid *id)
{
	int rc = git_packbuilder_insert(builder, id, NULL);

	return rc < 0 ? object_fail(c->from, rc, "object", id, c->err) : 0;
}

static int fill_pack(struct copy *c, git_packbuilder *builder,
		     struct packing *p)
{
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		rc = insert(c, builder, &c->id[i]);
	if (rc < 0)
		return object_missing(c->from, c->err);
	rc = git_packbuilder_foreach(builder, append, p);
	if (rc < 0 && p->failed == 0)
		return read_fail(c->from, rc, c->from->path, c->err);
	if (rc == 0)
		rc = p->pack->commit(p->pack, &p->stats);
	return rc == 0 ? 0 : git_fail(c->err, rc, "cannot write to %s",
				      c->to->path);
}

static int copy_packed(struct copy *c)
{
	struct packing p = { .copy = c };
	git_packbuilder *builder = NULL;
	int rc, result = -1;

	rc = git_packbuilder_new(&builder, c->from->git);
	if (rc == 0)
		rc = git_odb_write_pack(&p.pack, c->to->odb, NULL, NULL);
	if (rc < 0)
		git_fail(c->err, rc, "cannot write to %s", c->to->path);
	else
		result = fill_pack(c, builder, &p);
	if (p.pack != NULL)
		p.pack->free(p.pack);
	git_packbuilder_free(builder);
	return result;
}

/* After a rewrite of history the old tip may be on one side only. */
static const char *usable_hide(const struct copy *c, const char *have)
{
	return *have && repo_has(c->from, have) && repo_has(c->to, have) ?
	       have : "";
}

/* TIP alone, whose parents TO has: what is behind them need not be readable. */
static int want_alone(struct copy *c, const char *tip)
{
	struct raw_commit raw;
	git_oid id;
	int result = 0;

	if (oid_read(&id, tip, c->err) == -1 ||
	    commit_load(&raw, c->from, &id, c->err) == -1)
		return -1;
	for (size_t i = 0; i < raw.parents && result == 0; i++)
		if (git_odb_exists(c->to->odb, &raw.parent[i]) != 1)
			result = error_set(c->err, ERR_NOTFOUND, "what lies "
					   "before %s is not there", tip);
	raw_commit_release(&raw);
	return result == 0 ? want_commit(c, tip, c->err) : -1;
}

static int copy_end(struct copy *c, int result)
{
	if (result == 0 && c->count > 0)
		result = c->count <= LOOSE_OBJECTS ? copy_loose(c)
						   : copy_packed(c);
	free(c->id);
	oidmap_release(&c->seen);
	return result;
}

int objects_copy(struct repo *from, struct repo *to, const char *tip,
		 const char *have, const struct peer *peer, int64_t deadline,
		 struct error *err)
{
	struct copy c = {
		.from = from, .to = to, .peer = peer, .deadline = deadline,
		.err = err,
	};

	git_odb_refresh(to->odb);
	return copy_end(&c, repo_walk(from, tip, usable_hide(&c, have),
				      want_commit, &c, err));
}

int repo_take(struct repo *repo, struct repo *rest, const char *oid, bool alone,
	      struct clock *clock, int64_t timeout_ms, struct error *err)
{
	struct peer peer = { .clock = clock, .timeout_ms = timeout_ms };
	struct copy c = {
		.from = rest, .to = repo, .peer = &peer,
		.deadline = peer_deadline(&peer), .err = err,
	};

	git_odb_refresh(repo->odb);
	return copy_end(&c, alone ? want_alone(&c, oid) :
			repo_walk(rest, oid, "", want_commit, &c, err));
}
