/*
 * Opening, cleaning and packing the repository of this computer; its refs and
 * blobs (repo.h). Used by the cycle and by everything that shows history.
 */
#include "git.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

/* What git makes in a repository: a folder with only these in it is one whose
 * making was cut short, and may be finished. */
static bool is_git_name(const char *name)
{
	static const char *const names[] = {
		"HEAD", "config", "description", "hooks", "info", "objects",
		"refs", "branches", "packed-refs",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && strcmp(name + len - tail, end) == 0;
}

static int remove_in(const char *folder, const char *name, struct error *err)
{
	char *path = xasprintf("%s/%s", folder, name);
	int result = file_remove(path, err);

	free(path);
	return result;
}

/* Does FOLDER/NAME hold anything? Of the folder of objects, only packs and the
 * folders of loose ones count. */
static bool holds(const char *folder, const char *name, bool objects)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct list names = LIST_INIT;
	struct error absent = ERROR_INIT;
	bool found = false;

	file_list(path, &names, &absent);
	for (size_t i = 0; i < names.count && !found; i++)
		found = !objects || strlen(names.item[i]) == 2;
	list_release(&names);
	free(path);
	return found;
}

enum form { ABSENT, FOLDER, FILE_INSTEAD };

static enum form form_of(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct error absent = ERROR_INIT;
	struct file_info info;
	enum form form = ABSENT;

	if (file_stat(path, &info, &absent) == 0)
		form = info.directory ? FOLDER : FILE_INSTEAD;
	free(path);
	return form;
}

/* It was a repository, and lost more than its HEAD, of which nothing depends. */
static bool was_repository(const char *path)
{
	if (form_of(path, "objects") == FILE_INSTEAD ||
	    form_of(path, "refs") == FILE_INSTEAD)
		return true;
	return form_of(path, "refs") == ABSENT &&
	       (holds(path, "objects", true) ||
		holds(path, "objects/pack", false));
}

/* Nothing of somebody else's may become our repository, and none that was one:
 * whoever finds a damaged one sets it aside first. */
static int check_makeable(const char *path, struct error *err)
{
	struct list names = LIST_INIT;
	struct file_info info;
	int result = 0;

	if (file_stat(path, &info, err) == -1) {
		error_clear(err);
		return 0;
	}
	if (info.regular)
		return error_set(err, ERR_DATA, "%s is a file", path);
	if (was_repository(path))
		return error_set(err, ERR_DATA, "%s lacks its objects or its "
				 "refs", path);
	if (file_list(path, &names, err) == -1)
		return -1;
	for (size_t i = 0; i < names.count && result == 0; i++) {
		const char *name = names.item[i];

		if (ends_in(name, ".lock"))
			result = remove_in(path, name, err);
		else if (!is_git_name(name))
			result = error_set(err, ERR_DATA, "%s is no git "
					   "repository, and not empty", path);
	}
	list_release(&names);
	return result;
}

/* libgit2 syncs what it writes, but not what it begins a repository with: with an
 * empty HEAD no git takes it for one. What is not there was not made on a disk. */
static int sync_new(const char *path, struct error *err)
{
	static const char *const names[] = { "HEAD", "config" };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(names) && rc == 0; i++) {
		char *file = xasprintf("%s/%s", path, names[i]);

		rc = file_sync(file, err);
		free(file);
	}
	if (rc == 0)
		rc = file_sync_dir(path, err);
	if (rc == -1 && err->code == ERR_NOTFOUND) {
		error_clear(err);
		rc = 0;
	}
	return rc;
}

static int make_repository(git_repository **out, const char *path,
			   struct error *err)
{
	git_repository_init_options options;
	int rc;

	if (check_makeable(path, err) == -1)
		return -1;
	git_repository_init_options_init(&options,
					 GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
	options.mode = 0700;
	options.initial_head = "main";
	rc = git_repository_init_ext(out, path, &options);
	if (rc < 0)
		return git_fail(err, rc, "cannot make %s", path);
	rc = sync_new(path, err);
	if (rc == -1) {
		git_repository_free(*out);
		*out = NULL;
	}
	return rc;
}

int repo_open(struct repo **out, const char *path, struct error *err)
{
	git_repository *git = NULL;
	struct repo *repo;
	git_odb *odb = NULL;
	int rc = git_repository_open_bare(&git, path);

	*out = NULL;
	if (rc == GIT_ENOTFOUND) {
		if (make_repository(&git, path, err) == -1)
			return -1;
	} else if (rc < 0) {
		return git_fail(err, rc, "%s", path);
	}
	rc = git_repository_odb(&odb, git);
	if (rc < 0) {
		git_repository_free(git);
		return git_fail(err, rc, "%s", path);
	}
	repo = xcalloc(1, sizeof(*repo));
	*repo = (struct repo){ .git = git, .odb = odb, .path = xstrdup(path) };
	rc = guard_add(repo, path);
	if (rc < 0) {
		repo_close(repo);
		return git_fail(err, rc, "%s", path);
	}
	*out = repo;
	return 0;
}

void repo_close(struct repo *repo)
{
	if (repo == NULL)
		return;
	tree_cache_free(repo->trees);
	outline_cache_free(repo->outlines);
	git_odb_free(repo->odb);
	git_repository_free(repo->git);
	free(repo->path);
	free(repo);
}

static bool is_lock(const char *name)
{
	return ends_in(name, ".lock");
}

static bool is_leftover_object(const char *name)
{
	return strncmp(name, "tmp_obj", 7) == 0;
}

static bool is_leftover_pack(const char *name)
{
	return is_lock(name) || strncmp(name, "pack_git2_", 10) == 0 ||
	       strncmp(name, "tmp_", 4) == 0 ||
	       strncmp(name, ".tmp-", 5) == 0;
}

/* Files of FOLDER that MATCH, with LEVELS of folders below; absent is fine. */
static int clean_folder(const char *folder, bool (*match)(const char *name),
			int levels, struct error *err)
{
	struct list names = LIST_INIT;
	struct file_info info;
	int result = file_list(folder, &names, err);

	if (result == -1 && err->code == ERR_NOTFOUND) {
		error_clear(err);
		return 0;
	}
	for (size_t i = 0; i < names.count && result == 0; i++) {
		char *path;

		if (levels == 0 && !match(names.item[i]))
			continue;	/* of thousands of objects, nearly all */
		path = xasprintf("%s/%s", folder, names.item[i]);
		if (file_stat(path, &info, err) == -1)
			error_clear(err);
		else if (info.directory && levels > 0)
			result = clean_folder(path, match, levels - 1, err);
		else if (!info.directory && match(names.item[i]))
			result = file_remove(path, err);
		free(path);
	}
	list_release(&names);
	return result;
}

int repo_clean(struct repo *repo, struct error *err)
{
	static const struct {
		const char *folder;
		bool (*match)(const char *name);
		int levels;
	} places[] = {
		{ "", is_lock, 0 },
		{ "/refs", is_lock, 16 },
		{ "/objects", is_leftover_object, 1 },
		{ "/objects/pack", is_leftover_pack, 0 },
		{ "/objects/info", is_lock, 1 },
	};
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(places) && result == 0; i++) {
		char *folder = xasprintf("%s%s", repo->path, places[i].folder);

		if (form_of(repo->path, places[i].folder) == FILE_INSTEAD) {
			error_set(err, ERR_DATA, "%s is no folder", folder);
			note_damage(repo, ERR_DATA, err->text);
			error_clear(err);
		}
		result = clean_folder(folder, places[i].match,
				      places[i].levels, err);
		free(folder);
	}
	return result == 0 ? 0 : error_wrap(err, "cannot clean up");
}

enum { GC_TALK = 4096 };

/* git reads every object, also those that no cycle needs. While it fails on one
 * of them, nothing is ever packed. */
static void judge_talk(struct repo *repo, const char *said)
{
	static const char *const words[] = {
		"corrupt", "unable to read", "missing", "bad object",
		"inflate", "Could not read", "is empty",
	};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(words) && text.len == 0; i++)
		if (strstr(said, words[i]) != NULL) {
			buf_adds(&text, "git gc: ");
			text_escape(&text, said, text_cut(said, strlen(said),
							  300), false);
			note_damage(repo, ERR_DATA, text.data);
		}
	buf_release(&text);
}

/* Without git, or without time, the repository is only larger than it could
 * be: neither is worth an error. No hook and no setting of this machine's git
 * takes part, and nothing stays running behind the cycle's lock. */
bool repo_pack(struct repo *repo, int64_t timeout_ms)
{
	char *dir = xasprintf("--git-dir=%s", repo->path);
	const char *const argv[] = {
		"env", "-u", "GIT_OBJECT_DIRECTORY",
		"-u", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"-u", "GIT_NAMESPACE", "-u", "GIT_CONFIG_PARAMETERS",
		"-u", "GIT_CONFIG_COUNT", "-u", "GIT_TRACE", "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"git", dir, "-c", "gc.autoDetach=false",
		"-c", "gc.bigPackThreshold=32m",
		"-c", "gc.writeCommitGraph=false",
		"-c", "core.hooksPath=/dev/null", "gc", "--auto", "-q", NULL,
	};
	struct process_result result = { 0, false };
	struct error ignored = ERROR_INIT;
	struct buf said = BUF_INIT;

	if (process_run(argv, timeout_ms, &said, GC_TALK, &result,
			&ignored) == 0) {
		git_odb_refresh(repo->odb);
		if (result.status != 0 && !result.timed_out)
			judge_talk(repo, said.data);
	}
	buf_release(&said);
	free(dir);
	return !result.timed_out;
}

int repo_sync(struct repo *repo, struct error *err)
{
	char *objects;
	int rc;

	if (!repo->wrote)
		return 0;
	objects = xasprintf("%sobjects", git_repository_commondir(repo->git));
	rc = file_sync_dir(objects, err);
	repo->wrote = rc == -1;
	free(objects);
	return rc;
}

bool repo_has(struct repo *repo, const char *oid)
{
	struct error ignored = ERROR_INIT;
	git_oid id;

	return oid_read(&id, oid, &ignored) == 0 &&
	       git_odb_exists(repo->odb, &id) == 1;
}

size_t repo_blob_size(struct repo *repo, const char *oid)
{
	struct error ignored = ERROR_INIT;
	git_object_t type;
	git_oid id;
	size_t size;

	return oid_read(&id, oid, &ignored) == -1 ||
	       git_odb_read_header(&size, &type, repo->odb, &id) < 0 ? 0 : size;
}

bool repo_blob_fits(struct repo *repo, const char *oid, size_t limit)
{
	return repo_blob_size(repo, oid) <= limit;
}

int repo_find(struct repo *repo, const char *abbreviated, struct oid *out,
	      struct error *err)
{
	size_t len = strlen(abbreviated);
	git_oid part, id;
	int rc;

	memset(out, 0, sizeof(*out));
	if (len < GIT_OID_MINPREFIXLEN || len > GIT_OID_HEXSZ ||
	    git_oid_fromstrn(&part, abbreviated, len) < 0)
		return 0;
	rc = git_odb_exists_prefix(&id, repo->odb, &part, len);
	if (rc == GIT_ENOTFOUND || rc == GIT_EAMBIGUOUS)
		return 0;
	if (rc < 0)
		return git_fail(err, rc, "cannot look for %s", abbreviated);
	oid_write(out, &id);
	return 0;
}

int repo_blob_write(struct repo *repo, struct span bytes, struct oid *out,
		    struct error *err)
{
	git_oid id;
	int rc = git_odb_write(&id, repo->odb, bytes.p ? bytes.p : "",
			       bytes.len, GIT_OBJECT_BLOB);

	rc = git_written(repo, &id, rc);
	if (rc < 0)
		return git_fail(err, rc, "cannot write a blob");
	oid_write(out, &id);
	return 0;
}

static int blob_fail(struct repo *repo, int rc, const git_oid *id,
		     struct error *err)
{
	object_fail(repo, rc, "blob", id, err);
	return object_missing(repo, err);
}

/* A header may say so falsely: that is damage, which a whole look finds. */
static int no_blob(struct repo *repo, const git_oid *id, const char *oid,
		   struct error *err)
{
	git_odb_object *object = NULL;
	int rc = git_odb_read(&object, repo->odb, id);

	git_odb_object_free(object);
	return rc < 0 ? blob_fail(repo, rc, id, err) :
	       error_set(err, ERR_DATA, "%s is no blob", oid);
}

int repo_blob_check(struct repo *repo, const char *oid, size_t limit,
		    struct error *err)
{
	git_object_t type;
	git_oid id;
	size_t size;
	int rc;

	if (oid_read(&id, oid, err) == -1)
		return -1;
	rc = git_odb_read_header(&size, &type, repo->odb, &id);
	if (rc < 0)
		return blob_fail(repo, rc, &id, err);
	if (type != GIT_OBJECT_BLOB)
		return no_blob(repo, &id, oid, err);
	if (size > limit)
		return error_set(err, ERR_DATA, "blob %s is over %zu bytes",
				 oid, limit);
	return 0;
}

/* The size is asked for first: a few bytes may stand for gigabytes. */
int repo_blob_read(struct repo *repo, const char *oid, size_t limit,
		   struct buf *out, struct error *err)
{
	git_odb_object *object = NULL;
	git_oid id;
	int rc;

	buf_reset(out);
	if (repo_blob_check(repo, oid, limit, err) == -1 ||
	    oid_read(&id, oid, err) == -1)
		return -1;
	rc = git_odb_read(&object, repo->odb, &id);
	if (rc < 0)
		return blob_fail(repo, rc, &id, err);
	buf_add(out, git_odb_object_data(object), git_odb_object_size(object));
	git_odb_object_free(object);
	return 0;
}

int repo_ref_get(struct repo *repo, const char *name, struct oid *out,
		 struct error *err)
{
	git_oid id;
	int rc = git_reference_name_to_id(&id, repo->git, name);

	out->hex[0] = '\0';
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return read_fail(repo, rc, name, err);
	oid_write(out, &id);
	return 0;
}

int repo_ref_set(struct repo *repo, const char *name, const char *oid,
		 struct error *err)
{
	git_reference *ref = NULL;
	git_oid id;
	int rc;

	if (oid[0] == '\0') {
		rc = git_reference_remove(repo->git, name);
		return rc == 0 || rc == GIT_ENOTFOUND ? 0 :
		       git_fail(err, rc, "cannot remove %s", name);
	}
	if (oid_read(&id, oid, err) == -1)
		return -1;
	rc = git_reference_create(&ref, repo->git, name, &id, 1, "trine");
	git_reference_free(ref);
	if (rc == 0)
		return 0;
	if (rc == GIT_ELOCKED)
		return git_fail(err, rc, "cannot set %s", name);
	/* to libgit2 an object that it cannot read just now does not exist */
	if (git_odb_exists(repo->odb, &id))
		return error_set(err, ERR_IO, "cannot set %s: object %s cannot be "
				 "read now; are too many files open?", name, oid);
	return read_fail(repo, rc, name, err);
}
