/*
 * The desk as collect reads it: each file once, so that what is decided, what
 * is committed and what publish compares with are the same bytes (R13).
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* What is edited is kept in memory: files behind this much wait. */
enum { LIMIT_DESK_BYTES = 256 * 1024 * 1024 };

struct scan {
	struct cycle *c;
	size_t bytes;
	struct error *err;
};

static struct desk_entry *add_entry(struct desk_files *l, const char *path,
				    const struct file_info *info)
{
	struct desk_entry *e;

	ARRAY_GROW(l->entry, l->count, l->cap);
	e = &l->entry[l->count++];
	*e = (struct desk_entry){ .path = xstrdup(path), .bytes = BUF_INIT,
				  .info = *info };
	return e;
}

static void drop_entry(struct desk_files *l)
{
	struct desk_entry *e = &l->entry[--l->count];

	buf_release(&e->bytes);
	free(e->path);
	free(e->left);
}

/* The path that a file left by a killed replace stands for; NULL: it is none. */
static char *stands_for(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *name = file_left_of(path + dir), *out = NULL;

	if (name != NULL)
		out = xasprintf("%.*s%s", (int)dir, path, name);
	free(name);
	if (out != NULL && path_refused(out) != NULL) {
		free(out);
		return NULL;
	}
	return out;
}

/* What publish wrote and nobody touched needs no memory: a desk may hold far
 * more than what is edited of it. Our own streams and status are looked into. */
static void drop_unedited(struct cycle *c, struct desk_entry *e)
{
	struct path_info info = path_classify(e->path);
	bool own = (info.kind == PATH_STREAM || info.kind == PATH_STATUS) &&
		   info.computer == c->me.number;

	if (own || e->unreadable || e->left != NULL ||
	    strcmp(e->oid, desk_published(c, e->path)) != 0 ||
	    !repo_has(c->repo, e->oid))
		return;
	buf_release(&e->bytes);
	e->dropped = true;
}

/* One file. What cannot be read is there all the same: its path is left alone,
 * and is not taken for a deletion. */
static int scan_file(void *arg, const char *path, const struct file_info *info)
{
	struct scan *scan = arg;
	struct desk *d = &scan->c->desk;
	struct disk *disk = scan->c->world->disk;
	struct error reading = ERROR_INIT;
	struct desk_files *list = &d->files;
	struct desk_entry *e;
	char *original = NULL;

	if (info->directory)
		return 0;
	if (path_refused(path) != NULL) {
		original = stands_for(path);
		if (original == NULL)
			return 0;
		list = &d->left;
	}
	if (list->count >= LIMIT_DESK)
		return error_set(scan->err, ERR_DATA,
				 "the desk holds more than %d files", LIMIT_DESK);
	e = add_entry(list, original != NULL ? original : path, info);
	e->left = original != NULL ? xstrdup(path) : NULL;
	e->done_with = original != NULL && file_left_unfinished(path);
	free(original);
	e->unreadable = !info->regular || info->size > LIMIT_FILE ||
			scan->bytes > LIMIT_DESK_BYTES;
	if (!e->unreadable &&
	    disk->read(disk, path, &e->bytes, &e->info, &reading) == -1) {
		if (reading.code == ERR_NOTFOUND) {	/* gone since listed */
			drop_entry(list);
			return 0;
		}
		e->unreadable = true;
	}
	if (!e->unreadable)
		digest_blob(e->bytes.data, e->bytes.len, e->oid);
	drop_unedited(scan->c, e);
	scan->bytes += e->bytes.len;
	return 0;
}

/* Say which files are left alone, and which are no longer. */
static int report_unreadable(struct cycle *c, struct error *err)
{
	struct problem *open = NULL;
	size_t count = 0;
	int rc = -1;

	if (view_problems(c->store, &open, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct desk_entry *e;

		if (strcmp(open[i].code, "desk") != 0)
			continue;
		e = desk_find(&c->desk, open[i].key);
		if ((e == NULL || !e->unreadable) &&
		    record_problem_over(c->store, "desk", open[i].key, err) == -1)
			goto out;
	}
	for (size_t i = 0; i < c->desk.files.count; i++)
		if (c->desk.files.entry[i].unreadable &&
		    record_problem(c->store, "desk", c->desk.files.entry[i].path,
			"is no regular file of at most 1 MiB that can be read; "
			"it stays as it is and is not shared", err) == -1)
			goto out;
	rc = 0;
out:
	problems_free(open, count);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	const struct desk_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int damage_is_known(struct cycle *c, bool *out, struct error *err)
{
	struct problem *open = NULL;
	size_t count = 0;

	*out = false;
	if (view_problems(c->store, &open, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		*out = *out || strcmp(open[i].code, "damaged") == 0;
	problems_free(open, count);
	return 0;
}

/* A missing desk, or more than half of its files, is damage, not a decision to
 * delete them all (R22). It is that until publish has put all of it back: a run
 * that is killed meanwhile leaves less than half to do. */
static int judge_damage(struct cycle *c, struct error *err)
{
	size_t had = 0, gone = 0;

	for (size_t i = 0; i < c->published_count; i++) {
		if (c->published[i].blob[0] == '\0')
			continue;
		had++;
		gone += desk_find(&c->desk, c->published[i].path) == NULL;
	}
	c->desk.damaged = gone * 2 > had;
	if (!c->desk.damaged)
		return damage_is_known(c, &c->desk.damaged, err);
	return record_problem(c->store, "damaged", "desk", "most files of the "
			      "desk were gone; they are put back", err);
}

int desk_reload(struct cycle *c, struct error *err)
{
	desk_files_free(c->published, c->published_count);
	c->published = NULL;
	c->published_count = 0;
	return view_desk(c->store, &c->published, &c->published_count, err);
}

int desk_read(struct cycle *c, struct error *err)
{
	struct scan scan = { .c = c, .err = err };
	struct disk *disk = c->world->disk;

	if (desk_reload(c, err) == -1)
		return -1;
	if (disk->list(disk, scan_file, &scan, err) == -1 &&
	    err->code != ERR_NOTFOUND)
		return -1;
	error_clear(err);
	if (c->desk.files.count > 1)
		qsort(c->desk.files.entry, c->desk.files.count,
		      sizeof(*c->desk.files.entry), by_path);
	return judge_damage(c, err) == -1 ? -1 : report_unreadable(c, err);
}

const char *desk_published(const struct cycle *c, const char *path)
{
	size_t low = 0, high = c->published_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(c->published[middle].path, path);

		if (order == 0)
			return c->published[middle].blob;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return "";
}

int desk_load(struct cycle *c, struct desk_entry *e, struct error *err)
{
	if (e == NULL || !e->dropped)
		return 0;
	e->dropped = false;
	return repo_blob_read(c->repo, e->oid, LIMIT_FILE, &e->bytes, err);
}

struct desk_entry *desk_find(struct desk *d, const char *path)
{
	struct desk_entry key = { .path = (char *)path };

	if (d->files.count == 0)
		return NULL;
	return bsearch(&key, d->files.entry, d->files.count, sizeof(key),
		       by_path);
}

static void release_files(struct desk_files *l)
{
	while (l->count > 0)
		drop_entry(l);
	free(l->entry);
}

void desk_release(struct desk *d)
{
	release_files(&d->files);
	release_files(&d->left);
	*d = (struct desk){ 0 };
}
