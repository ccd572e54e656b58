/*
 * What came out of the desk when publish put another version in its place, or none. A
 * program may have it open, and write on: a log, `cat >>`. So it is kept in run/out for
 * a while (disk_keep), and what somebody has written into it since is taken in like what
 * is left on the desk (collect.c). Whoever writes seldomer than that, loses it. One that
 * cannot be read, or has grown over LIMIT_FILE, stays, and is reported (desk.c): nobody
 * knows what was written into it.
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum {
	UNTOUCHED_SECONDS = 2 * 60,	/* nobody but publish had written into it */
	EDITED_SECONDS = 60 * 60,	/* somebody had */
	KEPT_MOST = 64
};

static char *path_of(const struct cycle *c, const char *name)
{
	char *folder = home_path(c->home, CAME_OUT), *path = xasprintf("%s/%s", folder, name);

	free(folder);
	return path;
}

/* It stays for whoever goes on, until nobody has for a while. */
static int drop_if_old(struct cycle *c, const struct desk_entry *e, const char *blob,
		       size_t *kept, struct error *err)
{
	struct error ignored = ERROR_INIT;
	bool untouched, removed;
	int64_t age = c->now - e->info.ctime;

	if (c->options->dry_run)
		return 0;
	if (view_desk_known(c->store, e->path, blob, &untouched, err) == -1)
		return -1;
	if (++*kept <= KEPT_MOST &&
	    age <= (untouched ? UNTOUCHED_SECONDS : EDITED_SECONDS))
		return 0;
	file_remove_if(e->left, span_of(&e->bytes), NULL, &removed, &ignored);
	return 0;
}

/* False: it is gone since it was listed. */
static bool look_at(struct desk_entry *e)
{
	struct error reading = ERROR_INIT;

	e->unreadable = file_read(e->left, LIMIT_FILE, &e->bytes, &e->info,
				  &reading) == -1;
	if (!e->unreadable)
		digest_blob(e->bytes.data, e->bytes.len, e->oid);
	return reading.code != ERR_NOTFOUND;
}

static int read_one(struct cycle *c, const char *name, size_t *kept, struct error *err)
{
	static const struct file_info unknown = { .regular = false };
	struct desk_files *out = &c->desk.out;
	struct desk_entry *e;
	char blob[OID_HEX], *path;
	int rc = 0;

	if (!disk_kept(name, blob, &path))
		return 0;
	if (path_refused(path) == NULL) {
		e = desk_add(out, path, &unknown);
		e->left = path_of(c, name);
		e->came_out = true;
		if (!look_at(e)) {
			desk_drop(out);
		} else if (!e->unreadable && strcmp(e->oid, blob) == 0) {
			rc = drop_if_old(c, e, blob, kept, err);
			desk_drop(out);
		}
	}
	free(path);
	return rc;
}

int came_out_read(struct cycle *c, struct error *err)
{
	char *folder = home_path(c->home, CAME_OUT);
	struct error ignored = ERROR_INIT;
	struct list names = LIST_INIT;
	size_t kept = 0;
	int rc = 0;

	file_list(folder, &names, &ignored);
	for (size_t i = 0; i < names.count && rc == 0; i++)
		rc = read_one(c, names.item[i], &kept, err);
	list_release(&names);
	free(folder);
	return rc;
}

/* What was taken in of it is what is expected there from now on. */
void came_out_go_on(struct cycle *c)
{
	char *folder = home_path(c->home, CAME_OUT);
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < c->desk.out.count; i++) {
		const struct desk_entry *e = &c->desk.out.entry[i];
		char *as = e->done_with ? disk_keep_as(folder, e->path, e->oid) : NULL;

		if (as != NULL)
			file_rename(e->left, as, &ignored);
		free(as);
	}
	free(folder);
}
