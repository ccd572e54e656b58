/*
 * The desk as collect reads it: each file once, so that what is decided, what
 * is committed and what publish compares with are the same bytes (R13).
 *
 * Most of them nobody touched since the last cycle. What they hold is known by
 * their facts then (stat_cache.h), and they are not opened: run/desk-cache has
 * those of all files but the ones that are parsed in each cycle anyway.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/stat_cache.h"

struct scan {
	struct cycle *c;
	struct stat_cache known;	/* by the cycles before */
	size_t still;			/* files that it shall have now */
	size_t same;			/* that it has so already */
	size_t bytes;
	size_t room, left_room;		/* for files that are new, or were left */
	struct list odd;		/* what is neither file nor folder that can be
					 * read, in order of path */
};

struct desk_entry *desk_add(struct desk_files *l, const char *path,
			    const struct file_info *info)
{
	struct desk_entry *e;

	ARRAY_GROW(l->entry, l->count, l->cap);
	e = &l->entry[l->count++];
	*e = (struct desk_entry){ .path = xstrdup(path), .bytes = BUF_INIT,
				  .info = *info };
	return e;
}

void desk_drop(struct desk_files *l)
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

static struct file_facts facts_of(const struct file_info *i)
{
	return (struct file_facts){
		.size = i->size, .mtime = i->mtime, .mtime_ns = i->mtime_ns,
		.ctime = i->ctime, .ctime_ns = i->ctime_ns,
		.inode = i->inode, .device = i->device };
}

/* Our own streams and status are looked into in each cycle. */
static bool is_parsed(const struct cycle *c, const struct desk_entry *e)
{
	struct path_info info = path_classify(e->path);

	return e->left != NULL || (info.computer == c->me.number &&
	       (info.kind == PATH_STREAM || info.kind == PATH_STATUS));
}

static const char *find_known(struct scan *scan, const struct desk_entry *e)
{
	struct file_facts facts = facts_of(&e->info);

	return stat_cache_find(&scan->known, e->path, &facts);
}

/* What publish wrote and nobody touched needs no memory: a desk may hold far
 * more than what is edited of it. If it was so in the last cycle already, it
 * is not even read. */
static bool is_known_unedited(struct scan *scan, struct desk_entry *e)
{
	const char *blob = e->left != NULL ? NULL : find_known(scan, e);

	if (blob == NULL ||
	    strcmp(blob, desk_published(scan->c, e->path)) != 0)
		return false;
	memcpy(e->oid, blob, sizeof(e->oid));
	e->dropped = e->still = true;
	scan->still++;
	scan->same++;
	return true;
}

static void drop_unedited(struct cycle *c, struct desk_entry *e)
{
	if (strcmp(e->oid, desk_published(c, e->path)) == 0 &&
	    repo_has(c->repo, e->oid))
		desk_unload(e);
}

static void note_facts(struct scan *scan, struct desk_entry *e)
{
	struct file_facts facts = facts_of(&e->info);
	const char *blob = find_known(scan, e);

	e->still = stat_cache_still(&facts, scan->c->now);
	scan->still += e->still;
	scan->same += e->still && blob != NULL && strcmp(blob, e->oid) == 0;
}

/* False: it is gone since it was listed. */
static bool read_entry(struct scan *scan, struct desk_entry *e)
{
	struct disk *disk = scan->c->world->disk;
	struct error reading = ERROR_INIT;
	const char *path = e->left != NULL ? e->left : e->path;

	if (scan->bytes > LIMIT_DESK_SIZE) {
		e->unreadable = true;
	} else if (disk->read(disk, path, &e->bytes, &e->info,
			      &reading) == -1) {
		e->unreadable = true;
		return reading.code != ERR_NOTFOUND;
	} else {
		digest_blob(e->bytes.data, e->bytes.len, e->oid);
	}
	return true;
}

/* What cannot be read is there all the same: its path is left alone, and is not
 * taken for a deletion. */
static bool look_at_entry(struct scan *scan, struct desk_entry *e)
{
	e->unreadable = !e->info.regular || e->info.size > LIMIT_FILE;
	if (e->unreadable || is_known_unedited(scan, e))
		return true;
	if (!read_entry(scan, e))
		return false;
	if (!e->unreadable && !is_parsed(scan->c, e)) {
		note_facts(scan, e);
		drop_unedited(scan->c, e);
	}
	scan->bytes += e->bytes.len;
	return true;
}

/* Did publish put something below PATH? */
static bool is_published_folder(const struct cycle *c, const char *path)
{
	size_t low = 0, high = c->published_count, len = strlen(path);
	char *below = xasprintf("%s/", path);
	bool is;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(c->published[middle].path, below) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	is = low < c->published_count &&
	     strncmp(c->published[low].path, below, len + 1) == 0;
	free(below);
	return is;
}

/* What publish put there is always looked at, so that nothing of it passes for
 * deleted, and more than a desk holds comes to no branch. */
static bool has_room(struct scan *scan, const char *path)
{
	struct desk *d = &scan->c->desk;

	if (desk_published(scan->c, path)[0] != '\0')
		return true;
	if (scan->room == 0 && d->first_beyond == NULL)
		d->first_beyond = xstrdup(path);
	if (scan->room == 0)
		return false;
	scan->room--;
	return true;
}

/* Any number of files that are never shared may lie on a desk. */
static bool is_looked_at(void *arg, const char *path, const struct file_info *info)
{
	struct scan *scan = arg;
	char *original;

	if (!info->regular && is_published_folder(scan->c, path))
		return true;
	if (path_refused(path) == NULL)
		return !info->directory && has_room(scan, path);
	original = info->regular && scan->left_room > 0 ? stands_for(path) : NULL;
	scan->left_room -= original != NULL;
	free(original);
	return original != NULL;
}

static int scan_file(void *arg, const char *path, const struct file_info *info)
{
	struct scan *scan = arg;
	struct desk *d = &scan->c->desk;
	struct desk_files *list = &d->files;
	struct desk_entry *e;
	char *original = NULL;

	if (!info->regular)
		list_add(&scan->odd, path);
	if (info->directory)
		return 0;
	if (path_refused(path) != NULL) {
		original = stands_for(path);
		if (original == NULL)
			return 0;
		list = &d->left;
	}
	e = desk_add(list, original != NULL ? original : path, info);
	e->left = original != NULL ? xstrdup(path) : NULL;
	e->done_with = original != NULL && file_left_unfinished(path);
	free(original);
	if (!look_at_entry(scan, e))
		desk_drop(list);
	return 0;
}

/* --- what is known of it from cycle to cycle --- */

/* A clock that was set back since the last cycle gives times out again: files
 * may have been edited at times that are known. */
static bool clock_went_back(const struct cycle *c)
{
	return c->now < c->report->ended;
}

static void load_known(struct cycle *c, struct stat_cache *out)
{
	char *path = home_path(c->home, "run/desk-cache");
	struct error ignored = ERROR_INIT;
	struct buf bytes = BUF_INIT;

	if (!clock_went_back(c))
		file_read(path, LIMIT_DESK_CACHE, &bytes, NULL, &ignored);
	stat_cache_parse(out, &bytes, c->me.clone, c->now);
	free(path);
}

static void write_known(struct cycle *c, struct buf *out)
{
	stat_cache_begin(out, c->me.clone, c->now);
	for (size_t i = 0; i < c->desk.files.count; i++) {
		struct desk_entry *e = &c->desk.files.entry[i];
		struct file_facts facts = facts_of(&e->info);

		if (e->still)
			stat_cache_add(out, e->path, &facts, e->oid);
	}
	stat_cache_end(out);
}

/* Only if it differs, and if the clock was not set back meanwhile. That it
 * cannot be written harms nobody. */
static void save_known(struct scan *scan)
{
	struct cycle *c = scan->c;
	struct error ignored = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	char *path;

	if (c->options->dry_run ||
	    (scan->known.good && scan->same == scan->still &&
	     scan->same == scan->known.count) ||
	    c->world->clock->now(c->world->clock) < c->now)
		return;
	path = home_path(c->home, "run/desk-cache");
	write_known(c, &bytes);
	file_write(path, span_of(&bytes), 0600, &ignored);
	buf_release(&bytes);
	free(path);
}

/* --- all of it --- */

#define NOT_READ "is no regular file of at most 1 MiB that can be read; it stays as it " \
	"is and is not shared"

/* What is left alone by itself, and not with its folder. One that was never filled has
 * nothing to say. */
static bool is_left_alone(const struct desk_entry *e)
{
	return e->unreadable && !e->behind && !e->done_with;
}

/* As a person finds it: below the desk, or beside it. */
static const char *lies_at(const struct cycle *c, const struct desk_entry *e)
{
	if (e->came_out)
		return e->left + strlen(c->home->dir) + 1;
	return e->left != NULL ? e->left : e->path;
}

/* These are few, and in no order. */
static bool lies_alone(const struct cycle *c, const struct desk_files *l, const char *at)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_left_alone(&l->entry[i]) &&
		    strcmp(lies_at(c, &l->entry[i]), at) == 0)
			return true;
	return false;
}

static int report_one(struct cycle *c, const char *path, const char *what,
		      struct error *err)
{
	char *text = xasprintf("%s %s", path, what);
	int rc = record_problem(c->store, "desk", path, text, err);

	free(text);
	return rc;
}

static int report_in_the_way(struct cycle *c, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < c->desk.in_the_way.count && rc == 0; i++)
		rc = report_one(c, c->desk.in_the_way.item[i], "is no folder that "
				"can be read, and stands where one was; what was "
				"in it is not deleted, and waits", err);
	return rc;
}

static int report_beyond(struct cycle *c, struct error *err)
{
	const char *first = c->desk.first_beyond;
	char *text;
	int rc;

	if (first == NULL)
		return record_problem_over(c->store, "full", "desk", err);
	text = xasprintf("the desk holds %d files, and more lie there: %s and others "
			 "behind it stay as they are, and are not shared; move away "
			 "what the others need not have", LIMIT_DESK, first);
	rc = record_problem(c->store, "full", "desk", text, err);
	free(text);
	return rc;
}

static bool is_still_so(struct cycle *c, const char *at)
{
	struct desk_entry *e = desk_find(&c->desk, at);

	return (e != NULL && is_left_alone(e)) || list_has(&c->desk.in_the_way, at) ||
	       lies_alone(c, &c->desk.left, at) || lies_alone(c, &c->desk.out, at);
}

static int report_alone(struct cycle *c, const struct desk_files *l, const char *what,
			struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < l->count && rc == 0; i++)
		if (is_left_alone(&l->entry[i]))
			rc = report_one(c, lies_at(c, &l->entry[i]), what, err);
	return rc;
}

/* Say what is left alone, and what is no longer. */
static int report_unreadable(struct cycle *c, struct error *err)
{
	struct problem *open = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_problems_of(c->store, "desk", &open, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		if (!is_still_so(c, open[i].key))
			rc = record_problem_over(c->store, "desk", open[i].key, err);
	problems_free(open, count);
	if (rc == -1 || report_alone(c, &c->desk.files, NOT_READ, err) == -1 ||
	    report_alone(c, &c->desk.left, NOT_READ, err) == -1 ||
	    report_alone(c, &c->desk.out, "came off the desk while a program may have had "
			 "it open, and " NOT_READ, err) == -1)
		return -1;
	return report_in_the_way(c, err);
}

static int damage_is_known(struct cycle *c, bool *out, struct error *err)
{
	struct problem *open = NULL;
	size_t count = 0;

	if (view_problems_of(c->store, "damaged", &open, &count, err) == -1)
		return -1;
	*out = count > 0;
	problems_free(open, count);
	return 0;
}

/* A missing desk, or more than half of its files, is damage, not a decision to
 * delete them all (R22). It is that until all of it is back: a run that is killed
 * meanwhile leaves less than half to do. Publish ends it, but not while any file
 * waits, maybe for good; the next cycle does, which finds all of it there. */
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
	if (gone == 0)
		return record_problem_over(c->store, "damaged", "desk", err);
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

static int by_path(const void *a, const void *b)
{
	const struct desk_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int by_name(const void *key, const void *item)
{
	return strcmp(key, *(char *const *)item);
}

/* What stands in the place of a folder of PATH; NULL: nothing does. */
static const char *above(const struct list *odd, const char *path)
{
	char folder[LIMIT_PATH + 1], **found = NULL;

	for (const char *slash = strchr(path, '/');
	     slash != NULL && found == NULL && odd->count > 0;
	     slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		found = bsearch(folder, odd->item, odd->count,
				sizeof(*odd->item), by_name);
	}
	return found != NULL ? *found : NULL;
}

static void add_behind(struct desk *d, const char *path)
{
	static const struct file_info unknown = { .regular = false };
	struct desk_entry *e = desk_add(&d->files, path, &unknown);

	e->unreadable = e->behind = true;
}

/* A link, or anything else that cannot be entered, in the place of a folder: what
 * publish put below it is there all the same, too. */
static void add_all_behind(struct scan *scan)
{
	struct cycle *c = scan->c;
	struct desk *d = &c->desk;
	struct list paths = LIST_INIT;

	for (size_t i = 0; i < c->published_count; i++) {
		const struct desk_file *f = &c->published[i];
		const char *odd = f->blob[0] != '\0' ? above(&scan->odd, f->path)
						     : NULL;

		if (odd == NULL || desk_find(d, f->path) != NULL)
			continue;
		list_add(&paths, f->path);
		if (desk_find(d, odd) == NULL && !list_has(&d->in_the_way, odd))
			list_add(&d->in_the_way, odd);
	}
	for (size_t i = 0; i < paths.count; i++)
		add_behind(d, paths.item[i]);
	if (paths.count > 0)
		qsort(d->files.entry, d->files.count, sizeof(*d->files.entry),
		      by_path);
	list_release(&paths);
}

static size_t count_published(const struct cycle *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->published_count; i++)
		count += c->published[i].blob[0] != '\0';
	return count;
}

static int scan_desk(struct cycle *c, struct error *err)
{
	size_t had = count_published(c);
	struct scan scan = { .c = c, .room = had < LIMIT_DESK ? LIMIT_DESK - had : 0,
			     .left_room = LIMIT_DESK };
	struct disk *disk = c->world->disk;
	int rc;

	load_known(c, &scan.known);
	rc = disk->list(disk, is_looked_at, scan_file, &scan, err);
	if (rc == 0) {
		save_known(&scan);
		add_all_behind(&scan);
	}
	list_release(&scan.odd);
	stat_cache_release(&scan.known);
	return rc;
}

int desk_read(struct cycle *c, struct error *err)
{
	if (desk_reload(c, err) == -1)
		return -1;
	if (scan_desk(c, err) == -1 && err->code != ERR_NOTFOUND)
		return -1;
	error_clear(err);
	return judge_damage(c, err) == -1 || came_out_read(c, err) == -1 ||
	       report_unreadable(c, err) == -1 ? -1 : report_beyond(c, err);
}

int desk_bring(struct cycle *c, const char *path, struct span text, struct error *err)
{
	struct disk *disk = c->world->disk;
	struct desk *d = &c->desk;
	struct buf there = BUF_INIT;
	struct file_info info;
	struct desk_entry *e;
	char *kept = NULL;
	int rc = disk->replace(disk, path, text, (struct span){ NULL, 0 }, &kept, err);

	free(kept);
	if (rc == -1 || disk->read(disk, path, &there, &info, err) == -1)
		return -1;
	e = desk_add(&d->files, path, &info);
	digest_blob(there.data, there.len, e->oid);
	e->bytes = there;
	qsort(d->files.entry, d->files.count, sizeof(*d->files.entry), by_path);
	return 0;
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

/* The repository may have been lost; then only the file is left, if it still is
 * what it was. */
static int load_from_desk(struct cycle *c, struct desk_entry *e,
			  struct error *err)
{
	struct disk *disk = c->world->disk;
	char oid[OID_HEX];

	if (disk->read(disk, e->path, &e->bytes, NULL, err) == -1)
		return -1;
	digest_blob(e->bytes.data, e->bytes.len, oid);
	if (strcmp(oid, e->oid) == 0)
		return 0;
	buf_release(&e->bytes);
	return error_set(err, ERR_AGAIN, "%s changed just now", e->path);
}

void desk_unload(struct desk_entry *e)
{
	buf_release(&e->bytes);
	e->dropped = true;
}

int desk_load(struct cycle *c, struct desk_entry *e, struct error *err)
{
	int rc;

	if (e == NULL || !e->dropped)
		return 0;
	rc = repo_has(c->repo, e->oid)
		? repo_blob_read(c->repo, e->oid, LIMIT_FILE, &e->bytes, err)
		: load_from_desk(c, e, err);
	e->dropped = rc == -1;
	return rc;
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
		desk_drop(l);
	free(l->entry);
}

void desk_release(struct desk *d)
{
	release_files(&d->files);
	release_files(&d->left);
	release_files(&d->out);
	list_release(&d->in_the_way);
	free(d->first_beyond);
	*d = (struct desk){ 0 };
}
