/*
 * Refs in memory (memory_git.h): one sorted array for each repository, behind
 * libgit2's interface of ref databases.
 */
#include "memory_git_p.h"

#include <git2/sys/refs.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

void memory_refs_drop(struct memory_repo *r)
{
	for (size_t i = 0; i < r->ref_count; i++) {
		free(r->ref[i].name);
		free(r->ref[i].symbolic);
	}
	free(r->ref);
	r->ref = NULL;
	r->ref_count = r->ref_cap = 0;
}

void memory_refs_copy(struct memory_repo *to, const struct memory_repo *from)
{
	to->ref_count = to->ref_cap = from->ref_count;
	to->ref = xcalloc(from->ref_count + 1, sizeof(*to->ref));
	for (size_t i = 0; i < from->ref_count; i++) {
		to->ref[i] = from->ref[i];
		to->ref[i].name = xstrdup(from->ref[i].name);
		to->ref[i].symbolic = xstrdup(from->ref[i].symbolic);
	}
}

struct refs_backend {
	git_refdb_backend backend;	/* the first member */
	struct memory_repo *repo;
};

static struct memory_repo *repo_of(git_refdb_backend *backend)
{
	return ((struct refs_backend *)backend)->repo;
}

/* Where NAME stands, or would. */
static size_t ref_place(const struct memory_repo *r, const char *name)
{
	size_t at = 0;

	while (at < r->ref_count && strcmp(r->ref[at].name, name) < 0)
		at++;
	return at;
}

static struct memory_ref *ref_find(const struct memory_repo *r, const char *name)
{
	size_t at = ref_place(r, name);

	return at < r->ref_count && strcmp(r->ref[at].name, name) == 0 ?
	       &r->ref[at] : NULL;
}

static int refs_exists(int *out, git_refdb_backend *backend, const char *name)
{
	*out = ref_find(repo_of(backend), name) != NULL;
	return 0;
}

static git_reference *ref_given(const struct memory_ref *ref)
{
	return ref->symbolic != NULL ?
	       git_reference__alloc_symbolic(ref->name, ref->symbolic) :
	       git_reference__alloc(ref->name, &ref->id, NULL);
}

static int refs_lookup(git_reference **out, git_refdb_backend *backend,
		       const char *name)
{
	struct memory_ref *ref = ref_find(repo_of(backend), name);

	*out = ref != NULL ? ref_given(ref) : NULL;
	if (ref == NULL)
		git_error_set_str(GIT_ERROR_REFERENCE, "no such reference");
	return ref == NULL ? GIT_ENOTFOUND : *out == NULL ? -1 : 0;
}

struct refs_iterator {
	git_reference_iterator iterator;	/* the first member */
	struct memory_repo *repo;
	char *prefix;		/* what comes before a final star */
	char *last;
};

static struct memory_ref *refs_step(struct refs_iterator *it)
{
	size_t at = 0;

	if (it->last != NULL) {
		at = ref_place(it->repo, it->last);
		if (at < it->repo->ref_count &&
		    strcmp(it->repo->ref[at].name, it->last) == 0)
			at++;
	}
	while (at < it->repo->ref_count &&
	       (strncmp(it->repo->ref[at].name, "refs/", 5) != 0 ||
		strncmp(it->repo->ref[at].name, it->prefix,
			strlen(it->prefix)) != 0))
		at++;
	if (at == it->repo->ref_count)
		return NULL;
	free(it->last);
	it->last = xstrdup(it->repo->ref[at].name);
	return &it->repo->ref[at];
}

static int refs_next(git_reference **out, git_reference_iterator *iterator)
{
	struct memory_ref *ref = refs_step((struct refs_iterator *)iterator);

	if (ref == NULL)
		return GIT_ITEROVER;
	*out = ref_given(ref);
	return *out == NULL ? -1 : 0;
}

static int refs_next_name(const char **out, git_reference_iterator *iterator)
{
	struct memory_ref *ref = refs_step((struct refs_iterator *)iterator);

	if (ref == NULL)
		return GIT_ITEROVER;
	*out = ref->name;
	return 0;
}

static void refs_iterator_free(git_reference_iterator *iterator)
{
	struct refs_iterator *it = (struct refs_iterator *)iterator;

	free(it->prefix);
	free(it->last);
	free(it);
}

/* The only globs that trine uses end in a star. */
static int refs_iterator(git_reference_iterator **out, git_refdb_backend *backend,
			 const char *glob)
{
	struct refs_iterator *it = xcalloc(1, sizeof(*it));
	char *star;

	it->iterator.next = refs_next;
	it->iterator.next_name = refs_next_name;
	it->iterator.free = refs_iterator_free;
	it->repo = repo_of(backend);
	it->prefix = xstrdup(glob != NULL ? glob : "");
	star = strchr(it->prefix, '*');
	if (star != NULL)
		*star = '\0';
	*out = &it->iterator;
	return 0;
}

/* libgit2's compare-and-swap: OLD all zero means that there must be none. */
static int check_old(const struct memory_ref *ref, bool force, const git_oid *old)
{
	if (old != NULL && (ref == NULL || ref->symbolic != NULL ||
			    !git_oid_equal(&ref->id, old)) &&
	    !(ref == NULL && git_oid_is_zero(old))) {
		git_error_set_str(GIT_ERROR_REFERENCE,
				  "old reference value does not match");
		return GIT_EMODIFIED;
	}
	if (ref != NULL && old == NULL && !force) {
		git_error_set_str(GIT_ERROR_REFERENCE, "it is there already");
		return GIT_EEXISTS;
	}
	return 0;
}

static int refs_write(git_refdb_backend *backend, const git_reference *given,
		      int force, const git_signature *who, const char *message,
		      const git_oid *old, const char *old_target)
{
	struct memory_repo *r = repo_of(backend);
	const char *name = git_reference_name(given);
	struct memory_ref *ref = ref_find(r, name);
	const git_oid *id = git_reference_target(given);
	int rc = check_old(ref, force, old);

	(void)who, (void)message, (void)old_target;
	if (rc < 0)
		return rc;
	if (ref == NULL) {
		size_t at = ref_place(r, name);

		ARRAY_GROW(r->ref, r->ref_count, r->ref_cap);
		memmove(&r->ref[at + 1], &r->ref[at],
			(r->ref_count++ - at) * sizeof(*r->ref));
		ref = &r->ref[at];
		*ref = (struct memory_ref){ .name = xstrdup(name) };
	}
	free(ref->symbolic);
	ref->symbolic = NULL;
	if (id != NULL)
		ref->id = *id;
	else
		ref->symbolic = xstrdup(git_reference_symbolic_target(given));
	return 0;
}

static int refs_del(git_refdb_backend *backend, const char *name,
		    const git_oid *old, const char *old_target)
{
	struct memory_repo *r = repo_of(backend);
	struct memory_ref *ref = ref_find(r, name);

	(void)old_target;
	if (ref == NULL)
		return GIT_ENOTFOUND;
	if (old != NULL && !git_oid_equal(&ref->id, old))
		return GIT_EMODIFIED;
	free(ref->name);
	free(ref->symbolic);
	memmove(ref, ref + 1,
		(size_t)(&r->ref[r->ref_count--] - (ref + 1)) * sizeof(*ref));
	return 0;
}

static int refs_rename(git_reference **out, git_refdb_backend *backend,
		       const char *old_name, const char *new_name, int force,
		       const git_signature *who, const char *message)
{
	(void)out, (void)backend, (void)old_name, (void)new_name;
	(void)force, (void)who, (void)message;
	git_error_set_str(GIT_ERROR_REFERENCE, "nobody renames refs here");
	return -1;
}

static int refs_has_log(git_refdb_backend *backend, const char *name)
{
	(void)backend, (void)name;
	return 0;
}

static int refs_ensure_log(git_refdb_backend *backend, const char *name)
{
	return refs_has_log(backend, name);
}

static int refs_no_log(git_reflog **out, git_refdb_backend *backend,
		       const char *name)
{
	(void)out, (void)backend, (void)name;
	return GIT_ENOTFOUND;
}

static int refs_log_write(git_refdb_backend *backend, git_reflog *log)
{
	(void)backend, (void)log;
	return 0;
}

static int refs_log_rename(git_refdb_backend *backend, const char *old_name,
			   const char *new_name)
{
	(void)backend, (void)old_name, (void)new_name;
	return 0;
}

static void refs_free(git_refdb_backend *backend)
{
	free(backend);
}

git_refdb_backend *memory_refs(struct memory_repo *repo)
{
	struct refs_backend *b = xcalloc(1, sizeof(*b));

	git_refdb_init_backend(&b->backend, GIT_REFDB_BACKEND_VERSION);
	b->backend.exists = refs_exists;
	b->backend.lookup = refs_lookup;
	b->backend.iterator = refs_iterator;
	b->backend.write = refs_write;
	b->backend.rename = refs_rename;
	b->backend.del = refs_del;
	b->backend.has_log = refs_has_log;
	b->backend.ensure_log = refs_ensure_log;
	b->backend.reflog_read = refs_no_log;
	b->backend.reflog_write = refs_log_write;
	b->backend.reflog_rename = refs_log_rename;
	b->backend.reflog_delete = refs_has_log;
	b->backend.free = refs_free;
	b->repo = repo;
	return &b->backend;
}
