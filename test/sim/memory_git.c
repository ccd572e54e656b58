/*
 * Repositories in memory (memory_git.h): one table of objects for all, and for
 * each repository the set of those that it has, and its refs. Objects are never
 * changed, so that repositories share their bytes.
 */
#include "memory_git_p.h"

#include <dlfcn.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <limits.h>
#include <sha1.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/file.h"
#include "trine/mem.h"

/* --- sets of objects --- */

struct object {
	git_oid id;
	git_object_t type;
	size_t len;
	char bytes[];
};

static size_t slot_of(const struct object_set *set, const git_oid *id)
{
	size_t at;

	memcpy(&at, id->id, sizeof(at));
	for (at &= set->cap - 1; set->slot[at] != NULL; at = (at + 1) & (set->cap - 1))
		if (memcmp(&set->slot[at]->id, id, sizeof(*id)) == 0)
			break;
	return at;
}

static struct object *set_find(const struct object_set *set, const git_oid *id)
{
	return set->cap == 0 ? NULL : set->slot[slot_of(set, id)];
}

static void set_add(struct object_set *set, struct object *o);

static void set_grow(struct object_set *set)
{
	struct object_set old = *set;

	set->cap = old.cap == 0 ? 256 : old.cap * 2;
	set->count = 0;
	set->slot = xcalloc(set->cap, sizeof(*set->slot));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i] != NULL)
			set_add(set, old.slot[i]);
	free(old.slot);
}

static void set_add(struct object_set *set, struct object *o)
{
	size_t at;

	if (set->count * 2 >= set->cap)
		set_grow(set);
	at = slot_of(set, &o->id);
	if (set->slot[at] == NULL)
		set->count++;
	set->slot[at] = o;
}

/* --- repositories --- */

static bool in_memory;
static struct object_set pool;
static struct memory_repo *repos;

/* Which repository an opened one is. */
struct opened {
	struct opened *next;
	git_repository *git;
	char *folder;		/* its path and a slash, as libgit2 says it */
};
static struct opened *opened;

static struct memory_repo *repo_find_path(const char *path)
{
	for (struct memory_repo *r = repos; r != NULL; r = r->next)
		if (strcmp(r->path, path) == 0)
			return r;
	return NULL;
}

/* Some of what a repository is, trine looks for in the file system. */
static void make_folders(const char *path)
{
	static const char *const names[] = { "objects", "refs" };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *folder = xasprintf("%s/%s", path, names[i]);

		if (!file_exists(folder) && file_mkdir(folder, 0700, &err) == -1) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
		free(folder);
	}
}

static struct memory_repo *repo_make(const char *path)
{
	struct memory_repo *r = xcalloc(1, sizeof(*r));

	r->path = xstrdup(path);
	r->next = repos;
	repos = r;
	return r;
}

void memory_git_remove(const char *path)
{
	struct memory_repo **at = &repos;

	while (*at != NULL && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	if (*at != NULL) {
		struct memory_repo *gone = *at;

		*at = gone->next;
		memory_refs_drop(gone);
		git_config_free(gone->config);
		free(gone->objects.slot);
		free(gone->path);
		free(gone);
	}
}

static void copy_to(struct memory_repo *new, const struct memory_repo *old)
{
	new->objects = old->objects;
	new->objects.slot = xcalloc(old->objects.cap, sizeof(*new->objects.slot));
	memcpy(new->objects.slot, old->objects.slot,
	       old->objects.cap * sizeof(*new->objects.slot));
	memory_refs_copy(new, old);
}

void memory_git_copy(const char *from, const char *to)
{
	struct memory_repo *old = repo_find_path(from);

	memory_git_remove(to);
	if (old != NULL)
		copy_to(repo_make(to), old);
}

void memory_git_restore(const char *from, const char *to)
{
	struct memory_repo *old = repo_find_path(from), *new = repo_find_path(to);

	if (old == NULL || new == NULL)
		return;
	free(new->objects.slot);
	memory_refs_drop(new);
	copy_to(new, old);
}

void memory_git_share(const char *from, const char *to)
{
	struct memory_repo *old = repo_find_path(from), *new = repo_find_path(to);

	if (!in_memory || old == NULL)
		return;
	if (new == NULL)
		new = repo_make(to);
	for (size_t i = 0; i < old->objects.cap; i++)
		if (old->objects.slot[i] != NULL)
			set_add(&new->objects, old->objects.slot[i]);
}

void memory_git_clear(void)
{
	while (repos != NULL)
		memory_git_remove(repos->path);
	for (size_t i = 0; i < pool.cap; i++)
		free(pool.slot[i]);
	free(pool.slot);
	pool = (struct object_set){ 0 };
}

void memory_git_use(bool use)
{
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, !use);
	in_memory = use;
}

/* --- objects, as libgit2 asks for them --- */

struct objects_backend {
	git_odb_backend backend;	/* the first member */
	struct memory_repo *repo;
};

static struct object *object_in(git_odb_backend *backend, const git_oid *id)
{
	return set_find(&((struct objects_backend *)backend)->repo->objects, id);
}

static int objects_read(void **bytes, size_t *len, git_object_t *type,
			git_odb_backend *backend, const git_oid *id)
{
	struct object *o = object_in(backend, id);

	if (o == NULL)
		return GIT_ENOTFOUND;
	*bytes = git_odb_backend_data_alloc(backend, o->len + 1);
	if (*bytes == NULL)
		return -1;
	memcpy(*bytes, o->bytes, o->len);
	((char *)*bytes)[o->len] = '\0';
	*len = o->len;
	*type = o->type;
	return 0;
}

static int objects_read_header(size_t *len, git_object_t *type,
			       git_odb_backend *backend, const git_oid *id)
{
	struct object *o = object_in(backend, id);

	if (o == NULL)
		return GIT_ENOTFOUND;
	*len = o->len;
	*type = o->type;
	return 0;
}

static int objects_exists(git_odb_backend *backend, const git_oid *id)
{
	return object_in(backend, id) != NULL;
}

static int objects_exists_prefix(git_oid *out, git_odb_backend *backend,
				 const git_oid *id, size_t len)
{
	struct object_set *set = &((struct objects_backend *)backend)->repo->objects;
	int found = 0;

	for (size_t i = 0; i < set->cap; i++)
		if (set->slot[i] != NULL &&
		    git_oid_ncmp(&set->slot[i]->id, id, len) == 0) {
			*out = set->slot[i]->id;
			found++;
		}
	return found == 0 ? GIT_ENOTFOUND : found > 1 ? GIT_EAMBIGUOUS : 0;
}

static int objects_read_prefix(git_oid *out, void **bytes, size_t *len,
			       git_object_t *type, git_odb_backend *backend,
			       const git_oid *id, size_t hex)
{
	int rc = objects_exists_prefix(out, backend, id, hex);

	return rc < 0 ? rc : objects_read(bytes, len, type, backend, out);
}

static struct object *pool_object(const git_oid *id, const void *bytes,
				  size_t len, git_object_t type)
{
	struct object *o = set_find(&pool, id);

	if (o == NULL) {
		o = xcalloc(1, sizeof(*o) + len + 1);
		o->id = *id;
		o->type = type;
		o->len = len;
		memcpy(o->bytes, bytes, len);
		set_add(&pool, o);
	}
	return o;
}

static int objects_write(git_odb_backend *backend, const git_oid *id,
			 const void *bytes, size_t len, git_object_t type)
{
	set_add(&((struct objects_backend *)backend)->repo->objects,
		pool_object(id, bytes, len, type));
	return 0;
}

static int objects_foreach(git_odb_backend *backend, git_odb_foreach_cb each,
			   void *arg)
{
	struct object_set *set = &((struct objects_backend *)backend)->repo->objects;
	int rc = 0;

	for (size_t i = 0; i < set->cap && rc == 0; i++)
		if (set->slot[i] != NULL)
			rc = each(&set->slot[i]->id, arg);
	return rc;
}

/* --- a pack: kept as bytes, indexed in a folder, and taken apart --- */

struct memory_pack {
	git_odb_writepack pack;		/* the first member */
	git_odb *odb;
	git_indexer *indexer;
	char folder[64];
};

static int pack_append(git_odb_writepack *pack, const void *bytes, size_t len,
		       git_indexer_progress *stats)
{
	return git_indexer_append(((struct memory_pack *)pack)->indexer, bytes,
				  len, stats);
}

struct unpacking {
	git_odb_backend *from, *to;
};

static int unpack(const git_oid *id, void *arg)
{
	struct unpacking *u = arg;
	git_object_t type;
	void *bytes;
	size_t len;
	int rc = u->from->read(&bytes, &len, &type, u->from, id);

	if (rc == 0) {
		rc = objects_write(u->to, id, bytes, len, type);
		git_odb_backend_data_free(u->from, bytes);
	}
	return rc;
}

static int pack_commit(git_odb_writepack *pack, git_indexer_progress *stats)
{
	struct memory_pack *p = (struct memory_pack *)pack;
	struct unpacking u = { .to = pack->backend };
	char *index;
	git_odb *reader = NULL;
	int rc = git_indexer_commit(p->indexer, stats);

	if (rc < 0)
		return rc;
	index = xasprintf("%s/pack-%s.idx", p->folder,
			  git_indexer_name(p->indexer));
	rc = git_odb_new(&reader);
	if (rc == 0)
		rc = git_odb_backend_one_pack(&u.from, index);
	if (rc == 0)
		rc = git_odb_add_backend(reader, u.from, 1);
	if (rc == 0)
		rc = u.from->foreach(u.from, unpack, &u);
	git_odb_free(reader);
	free(index);
	return rc;
}

static void pack_free(git_odb_writepack *pack)
{
	struct memory_pack *p = (struct memory_pack *)pack;
	struct error ignored = ERROR_INIT;

	git_indexer_free(p->indexer);
	file_remove_tree(p->folder, &ignored);
	free(p);
}

static int objects_writepack(git_odb_writepack **out, git_odb_backend *backend,
			     git_odb *odb, git_indexer_progress_cb progress,
			     void *arg)
{
	struct memory_pack *p = xcalloc(1, sizeof(*p));
	git_indexer_options options;
	int rc;

	p->pack = (git_odb_writepack){ backend, pack_append, pack_commit,
				       pack_free };
	git_indexer_options_init(&options, GIT_INDEXER_OPTIONS_VERSION);
	options.progress_cb = progress;
	options.progress_cb_payload = arg;
	snprintf(p->folder, sizeof(p->folder), "%s/trine-pack-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	rc = mkdtemp(p->folder) == NULL ? -1 :
	     git_indexer_new(&p->indexer, p->folder, 0600, odb, &options);
	if (rc < 0)
		pack_free(&p->pack);
	else
		*out = &p->pack;
	return rc;
}

static void objects_free(git_odb_backend *backend)
{
	free(backend);
}

static git_odb_backend *objects_backend(struct memory_repo *repo)
{
	struct objects_backend *b = xcalloc(1, sizeof(*b));

	git_odb_init_backend(&b->backend, GIT_ODB_BACKEND_VERSION);
	b->backend.read = objects_read;
	b->backend.read_prefix = objects_read_prefix;
	b->backend.read_header = objects_read_header;
	b->backend.exists = objects_exists;
	b->backend.exists_prefix = objects_exists_prefix;
	b->backend.write = objects_write;
	b->backend.foreach = objects_foreach;
	b->backend.writepack = objects_writepack;
	b->backend.free = objects_free;
	b->repo = repo;
	return &b->backend;
}

/* --- opening --- */

/* A repository beside another one (repo_open_beside) reads its objects too. */
static int add_alternates(git_odb *odb, const char *path)
{
	char *file = xasprintf("%s/objects/info/alternates", path);
	struct error ignored = ERROR_INIT;
	struct buf line = BUF_INIT;
	int rc = 0;

	if (file_read(file, PATH_MAX, &line, NULL, &ignored) == 0 &&
	    line.len > 0) {
		char *there;

		line.data[line.len - 1] = '\0';
		there = xasprintf("%s/objects/%s", path, line.data);
		rc = git_odb_add_disk_alternate(odb, there);
		free(there);
	}
	buf_release(&line);
	free(file);
	return rc;
}

static int open_config(struct memory_repo *repo)
{
	char *file = xasprintf("%s/config", repo->path);
	struct error err = ERROR_INIT;
	int rc = -1;

	if (file_exists(file) ||
	    file_write(file, span_str("[core]\n\tbare = true\n"), 0600, &err) == 0)
		rc = git_config_open_ondisk(&repo->config, file);
	free(file);
	return rc;
}

static int set_settings(git_repository *git, struct memory_repo *repo)
{
	int rc = repo->config != NULL ? 0 : open_config(repo);

	if (rc == 0)
		rc = git_repository_set_config(git, repo->config);
	return rc < 0 ? rc : git_repository_set_bare(git);
}

static int set_databases(git_repository *git, struct memory_repo *repo)
{
	git_refdb *refs = NULL;
	git_odb *odb = NULL;
	int rc = git_odb_new(&odb);

	if (rc == 0)
		rc = git_odb_add_backend(odb, objects_backend(repo), 1);
	if (rc == 0)
		rc = add_alternates(odb, repo->path);
	if (rc == 0)
		rc = git_repository_set_odb(git, odb);
	if (rc == 0)
		rc = git_refdb_new(&refs, git);
	if (rc == 0)
		rc = git_refdb_set_backend(refs, memory_refs(repo));
	if (rc == 0)
		rc = git_repository_set_refdb(git, refs);
	git_refdb_free(refs);
	git_odb_free(odb);
	return rc;
}

static int open_in_memory(git_repository **out, const char *path)
{
	struct memory_repo *repo = repo_find_path(path);
	struct opened *o;
	int rc;

	if (repo == NULL)
		repo = repo_make(path);
	make_folders(path);
	rc = git_repository_new(out);
	if (rc == 0)
		rc = set_settings(*out, repo);
	if (rc == 0)
		rc = set_databases(*out, repo);
	if (rc < 0)
		return rc;
	o = xcalloc(1, sizeof(*o));
	o->git = *out;
	o->folder = xasprintf("%s/", path);
	o->next = opened;
	opened = o;
	return 0;
}

/* --- instead of libgit2's own --- */

#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

/* Memory gives back what was written: no need to hash it at each reading,
 * whatever the code under test asks for. No option has more arguments. */
int git_libgit2_opts(int option, ...)
{
	void *arg[2];
	va_list args;

	if (in_memory && option == GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION)
		return 0;
	va_start(args, option);
	for (int i = 0; i < 2; i++)
		arg[i] = va_arg(args, void *);
	va_end(args);
	return REAL(git_libgit2_opts)(option, arg[0], arg[1]);
}

/* By a hash that does not look for attacks on itself, which takes longer. */
static void hash(git_oid *out, const void *bytes, size_t len, git_object_t type)
{
	char head[32];
	SHA1_CTX c;

	SHA1Init(&c);
	SHA1Update(&c, (const uint8_t *)head,
		   (size_t)snprintf(head, sizeof(head), "%s %zu",
				    git_object_type2string(type), len) + 1);
	SHA1Update(&c, bytes, len);
	SHA1Final(out->id, &c);
}

int git_odb_write(git_oid *out, git_odb *odb, const void *bytes, size_t len,
		  git_object_t type)
{
	git_odb_backend *backend;
	int rc;

	if (!in_memory)
		return REAL(git_odb_write)(out, odb, bytes, len, type);
	hash(out, bytes, len, type);
	if (git_odb_exists(odb, out))
		return 0;
	rc = git_odb_get_backend(&backend, odb, 0);
	return rc < 0 ? rc : objects_write(backend, out, bytes, len, type);
}

int git_repository_open_bare(git_repository **out, const char *path)
{
	return in_memory ? open_in_memory(out, path) :
	       REAL(git_repository_open_bare)(out, path);
}

int git_repository_init_ext(git_repository **out, const char *path,
			    git_repository_init_options *options)
{
	return in_memory ? open_in_memory(out, path) :
	       REAL(git_repository_init_ext)(out, path, options);
}

int git_repository_open_ext(git_repository **out, const char *path,
			    unsigned int flags, const char *ceiling)
{
	return in_memory ? open_in_memory(out, path) :
	       REAL(git_repository_open_ext)(out, path, flags, ceiling);
}

int git_odb_add_disk_alternate(git_odb *odb, const char *folder)
{
	char real[PATH_MAX];
	struct memory_repo *repo;

	if (!in_memory)
		return REAL(git_odb_add_disk_alternate)(odb, folder);
	if (realpath(folder, real) == NULL || strrchr(real, '/') == NULL)
		return GIT_ENOTFOUND;
	*strrchr(real, '/') = '\0';
	repo = repo_find_path(real);
	return repo == NULL ? GIT_ENOTFOUND :
	       git_odb_add_alternate(odb, objects_backend(repo), 1);
}

/* What looks at the files of objects before libgit2 does finds none here. */
int git_odb_add_backend(git_odb *odb, git_odb_backend *backend, int priority)
{
	if (!in_memory || backend->read == objects_read ||
	    backend->foreach != NULL)
		return REAL(git_odb_add_backend)(odb, backend, priority);
	backend->free(backend);
	return 0;
}

static const char *folder_of(const git_repository *git)
{
	for (struct opened *o = opened; o != NULL; o = o->next)
		if (o->git == git)
			return o->folder;
	return NULL;
}

const char *git_repository_path(const git_repository *git)
{
	return in_memory ? folder_of(git) : REAL(git_repository_path)(git);
}

const char *git_repository_commondir(const git_repository *git)
{
	return in_memory ? folder_of(git) : REAL(git_repository_commondir)(git);
}

void git_repository_free(git_repository *git)
{
	struct opened **at = &opened;

	while (*at != NULL && (*at)->git != git)
		at = &(*at)->next;
	if (*at != NULL && git != NULL) {
		struct opened *gone = *at;

		*at = gone->next;
		free(gone->folder);
		free(gone);
	}
	REAL(git_repository_free)(git);
}
