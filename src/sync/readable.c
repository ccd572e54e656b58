/* The newest version that can be read (readable.h). */
#include "readable.h"

#include <string.h>

#include "trine/buf.h"

enum { LOOK_BACK = 1000 };

static int read_version(struct readable *r, const struct found *file, struct error *why)
{
	struct buf bytes = BUF_INIT;
	int rc;

	if (file->kind != FOUND_FILE)
		return error_set(why, ERR_DATA, "it is a folder, a link or executable");
	if (strcmp(file->oid.hex, r->oid.hex) == 0)
		return -1;
	r->oid = file->oid;
	rc = repo_blob_read(r->repo, file->oid.hex, r->limit, &bytes, why);
	if (rc == 0)
		rc = r->read(r->out, span_of(&bytes), why);
	buf_release(&bytes);
	return rc;
}

static int look_at(void *arg, const char *commit, struct error *err)
{
	struct error why = ERROR_INIT;
	struct readable *r = arg;
	struct found file;

	r->cut = r->looked++ >= LOOK_BACK;
	if (r->cut)
		return 1;
	if (repo_look(r->repo, commit, r->prefix, r->path, &file, err) == -1)
		return -1;
	if (file.kind == FOUND_NOTHING)
		return r->looked == 1;
	r->found = read_version(r, &file, &why) == 0;
	if (r->looked == 1)
		r->why = why;
	return r->found;
}

int readable_find(struct readable *r, const char *commit, struct error *err)
{
	return commit[0] == '\0' ? 0 :
	       repo_walk_back(r->repo, commit, true, look_at, r, err);
}
