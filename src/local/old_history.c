/*
 * What history knows of old messages (old_mail.h): when their words came, and
 * whether that was before the fleet had trine. One walk back serves all files;
 * it follows the words, not the version of the file, which others wrote to
 * since.
 */
#include "old_mail_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/repo.h"

/* A search that takes longer ends, and what it has not settled stays undated:
 * commits looked at, files looked up, bytes read and looked through. */
enum {
	LIMIT_COMMITS = 20 * 1000,
	LIMIT_LOOKUPS = 200 * 1000,
	LIMIT_BYTES = 1024 * 1024 * 1024
};

/* Words that somebody took out of a file, and that came back: so many versions
 * without them are looked past. */
enum { LIMIT_AWAY = 4 };

/* Commits are counted back from the tip, from 1. */
enum { NOT_ON_TIP = 0 };

struct asked {
	struct import_part *part;
	bool settled;
	unsigned away;		/* versions without it, looked at since */
	size_t commit;		/* that brought its words, while away or settled */
	int64_t time;
};

struct asked_file {
	const struct old_file *file;
	struct oid oid;		/* of the version looked at last; none yet */
	size_t commit;		/* the oldest one seen that holds it */
	int64_t time;
	struct asked *item;	/* in order of the file */
	size_t count, open;
	bool to_us;		/* by hand, into a stream that we read */
};

struct history {
	struct home *home;
	struct marks marks;
	struct repo *repo;
	struct asked_file *file;
	size_t count;
	bool any_to_us;
	size_t commits, lookups, bytes;
	bool stopped;
	size_t trine;		/* the oldest commit of trine's; 0: none */
	size_t joined;		/* where ALL streams begin for us; 0: not met */
};

/* ---- what is asked ---- */

static bool is_to_us(const struct home *h, const char *path)
{
	struct path_info info = path_classify(path);

	return (info.kind == PATH_STREAM || info.kind == PATH_HUMAN) &&
	       info.stream.from != h->number &&
	       (info.stream.to == h->number || info.stream.to == END_ALL);
}

static void add_file(struct history *h, const struct old_file *f)
{
	struct asked_file *a = &h->file[h->count];

	*a = (struct asked_file){ .file = f,
				  .to_us = is_to_us(h->home, f->path) };
	for (size_t i = 0; i < f->read.count; i++) {
		struct import_part *part = &f->read.part[i];

		if (part->kind != IMPORT_MESSAGE || part->known ||
		    (part->message.sent != 0 && !a->to_us))
			continue;
		if (a->item == NULL)
			a->item = xcalloc(f->read.count, sizeof(*a->item));
		a->item[a->count++].part = part;
	}
	a->open = a->count;
	h->any_to_us = h->any_to_us || (a->to_us && a->count > 0);
	h->count += a->count > 0;
}

/* ---- one step back ---- */

/* The version does not hold the words: they came with the commit before, as we
 * go, unless they were only away. */
static void miss(struct asked_file *a, struct asked *item)
{
	if (item->away++ == 0) {
		item->commit = a->commit;
		item->time = a->time;
	}
	if (item->away > LIMIT_AWAY) {
		item->settled = true;
		a->open--;
	}
}

/* Which words of A does BYTES, an older version, hold? They come in order, so
 * that each is mostly found right behind the one before. */
static void sift(struct history *h, struct asked_file *a, struct span bytes)
{
	size_t at = 0;

	for (size_t i = 0; i < a->count; i++) {
		struct asked *item = &a->item[i];
		struct span words = item->part->words;
		const char *found;

		if (item->settled)
			continue;
		found = memmem(bytes.p + at, bytes.len - at, words.p,
			       words.len);
		h->bytes += found ? (size_t)(found - bytes.p) - at : bytes.len;
		if (found == NULL)
			found = memmem(bytes.p, at, words.p, words.len);
		if (found == NULL) {
			miss(a, item);
			continue;
		}
		at = (size_t)(found - bytes.p) + words.len;
		item->away = 0;
	}
}

static int look_at(struct history *h, struct asked_file *a,
		   const struct commit_info *info, struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	struct oid oid;
	bool is_tree;

	h->lookups++;
	if (repo_lookup(h->repo, info->oid.hex, h->home->settings.prefix,
			a->file->path, &oid, &is_tree, err) == -1)
		return -1;
	if (oid.hex[0] == '\0' || strcmp(oid.hex, a->oid.hex) != 0) {
		if (oid.hex[0] != '\0' && !is_tree)
			repo_blob_read(h->repo, oid.hex, LIMIT_FILE, &bytes,
				       &unreadable);
		h->bytes += bytes.len;
		sift(h, a, span_of(&bytes));
		buf_release(&bytes);
		a->oid = oid;
	}
	a->commit = h->commits;
	a->time = info->time;
	return 0;
}

static int each_commit(void *arg, const char *oid, struct error *err)
{
	struct history *h = arg;
	struct commit_info info;
	size_t open = 0;
	int rc = 0;

	if (repo_commit_read(h->repo, oid, h->home->settings.prefix, &info,
			     err) == -1)
		return -1;
	h->commits++;
	if (info.vouched)
		h->trine = h->commits;
	if (strcmp(oid, h->marks.all_start) == 0)
		h->joined = h->commits;
	for (size_t i = 0; i < h->count && rc == 0; i++) {
		if (h->file[i].open > 0)
			rc = look_at(h, &h->file[i], &info, err);
		open += h->file[i].open;
	}
	commit_info_release(&info);
	h->stopped = h->commits >= LIMIT_COMMITS ||
		     h->lookups >= LIMIT_LOOKUPS || h->bytes >= LIMIT_BYTES;
	return rc == -1 ? -1 : h->stopped || (open == 0 && !h->any_to_us);
}

/* ---- what follows ---- */

/* After the commit with which our reading of such streams began (R9, R31):
 * receive took it in, or will with the next cycle. */
static bool reaches_us(const struct history *h, const struct asked_file *a,
		       const struct asked *item)
{
	struct path_info info = path_classify(a->file->path);
	size_t start = info.stream.to == END_ALL && h->joined != 0 ?
		       h->joined : h->trine;

	return a->to_us && item->settled &&
	       (item->commit == NOT_ON_TIP || item->commit < start);
}

static void finish(struct history *h, struct asked_file *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct asked *item = &a->item[i];
		struct message *m = &item->part->message;

		/* there from the first commit on, or from where it was away */
		if (!item->settled && !h->stopped) {
			item->settled = true;
			if (item->away == 0) {
				item->commit = a->commit;
				item->time = a->time;
			}
		}
		if (reaches_us(h, a, item)) {
			message_release(m);
			item->part->kind = IMPORT_TRINE;
		} else if (m->sent == 0 && item->settled && item->time > 0) {
			m->sent = item->time;
			message_add_extra(m, "dated", "commit");
		}
	}
}

/* A history that is not whole, or damaged, says nothing: that is no error. */
static int walk(struct history *h, const char *path, struct error *err)
{
	struct error unreadable = ERROR_INIT;

	if (repo_start(err) == -1)
		return -1;
	if (repo_open(&h->repo, path, err) == -1) {
		repo_stop();
		return -1;
	}
	if (repo_has(h->repo, h->marks.tip) &&
	    repo_walk_back(h->repo, h->marks.tip, true, each_commit, h,
			   &unreadable) == 0)
		for (size_t i = 0; i < h->count; i++)
			finish(h, &h->file[i]);
	repo_close(h->repo);
	repo_stop();
	return 0;
}

int old_mail_ask_history(struct home *home, struct old_mail *m,
			 struct error *err)
{
	struct history h = { .home = home };
	char *path = home_path(home, "repo.git");
	int rc;

	h.file = xcalloc(m->count, sizeof(*h.file));
	for (size_t i = 0; i < m->count; i++)
		add_file(&h, &m->file[i]);
	rc = view_marks(home->store, &h.marks, err);
	if (rc == 0 && h.count > 0 && h.marks.tip[0] != '\0' &&
	    file_exists(path))
		rc = walk(&h, path, err);
	for (size_t i = 0; i < h.count; i++)
		free(h.file[i].item);
	free(h.file);
	free(path);
	return rc;
}
