/*
 * What the disk does not give back as it was written (repo.h): an object cut
 * short, one that is named and gone, a ref that is none; and what it does not give
 * back just now. Every read that meets such a thing notes it here, whatever its caller
 * makes of the failure, and the cycle looks before it acts on what it read.
 */
#include "git.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

void note_damage(struct repo *repo, enum error_code code, const char *text)
{
	if (repo->damage.code == ERR_NONE)
		error_set(&repo->damage, code, "%s", text);
}

bool repo_is_damaged(const struct repo *repo, struct error *err)
{
	if (repo == NULL || repo->damage.code == ERR_NONE)
		return false;
	return error_set(err, ERR_DATA, "%s", repo->damage.text) == -1;
}

bool repo_is_unread(const struct repo *repo, struct error *err)
{
	if (repo == NULL || repo->unread.code == ERR_NONE)
		return false;
	*err = repo->unread;
	return true;
}

bool repo_has_misread(const struct repo *repo, struct error *err)
{
	return repo_is_damaged(repo, err) || repo_is_unread(repo, err);
}

static bool is_from_outside(void)
{
	const git_error *last = git_error_last();

	return git_failed_with(EACCES) ||
	       (last != NULL && (last->klass == GIT_ERROR_OS ||
				 last->klass == GIT_ERROR_NOMEMORY));
}

static bool is_damage(int rc)
{
	const git_error *last = git_error_last();

	if (rc == GIT_EMISMATCH || git_failed_with(EIO))
		return true;
	return last != NULL && last->klass != GIT_ERROR_INVALID && !is_from_outside();
}

int read_fail(struct repo *repo, int rc, const char *name, struct error *err)
{
	bool damaged = is_damage(rc), outside = is_from_outside();

	/* to libgit2 a file that may not be read is locked */
	git_fail(err, rc == GIT_ELOCKED ? -1 : rc, "%s", name);
	if (damaged)
		note_damage(repo, ERR_DATA, err->text);
	else if (outside && repo->unread.code == ERR_NONE)
		repo->unread = *err;
	return -1;
}

int object_fail(struct repo *repo, int rc, const char *kind, const git_oid *id,
		struct error *err)
{
	char name[OID_HEX + 16];
	struct oid hex;

	oid_write(&hex, id);
	if (rc == GIT_ENOTFOUND) {
		git_error_clear();
		return error_set(err, ERR_NOTFOUND, "%s %s is missing", kind,
				 hex.hex);
	}
	snprintf(name, sizeof(name), "%s %s", kind, hex.hex);
	return read_fail(repo, rc, name, err);
}

int object_missing(struct repo *repo, const struct error *err)
{
	if (err->code == ERR_NOTFOUND)
		note_damage(repo, ERR_NOTFOUND, err->text);
	return -1;
}

/* --- all refs --- */

struct refs {
	struct repo *repo;
	struct error *err;
};

static int check_ref(const char *name, void *arg)
{
	struct refs *refs = arg;
	struct error err = ERROR_INIT;
	struct raw_commit commit;
	struct oid hex;
	git_oid id;

	if (repo_ref_get(refs->repo, name, &hex, refs->err) == -1)
		return -1;
	if (hex.hex[0] == '\0' || oid_read(&id, hex.hex, refs->err) == -1)
		return 0;
	if (commit_load(&commit, refs->repo, &id, &err) == 0) {
		raw_commit_release(&commit);
		return 0;
	}
	error_wrap(&err, "%s", name);
	object_missing(refs->repo, &err);
	return 0;
}

int repo_check(struct repo *repo, struct error *err)
{
	struct refs refs = { repo, err };
	git_config *config = NULL;
	int rc = git_repository_config_snapshot(&config, repo->git);

	git_config_free(config);
	if (rc < 0)
		return read_fail(repo, rc, "config", err);
	rc = git_reference_foreach_name(repo->git, check_ref, &refs);

	if (rc == -1 && err->code != ERR_NONE)
		return -1;
	return rc == 0 ? 0 : read_fail(repo, rc, "refs", err);
}
