/*
 * The log goes on in a new part (log.h), and a copy of the view lies beside the old
 * one, so that a view can be made anew without reading what came before.
 *
 * The log stays the only truth: the first line of the new part says how long the
 * copy is and its CRC; one that is missing or damaged is not used.
 *
 * Killed anywhere, this leaves the old part as the last one, or the new part with
 * its first line: both are whole, and which one it is a rename decides. What else is
 * left lies in the folder under a name that the next one takes again.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/append.h"
#include "trine/digest.h"
#include "trine/file.h"
#include "trine/mem.h"

#define COPY ".db"

static char *in_folder(const struct store *s, const char *name)
{
	return xasprintf("%s/%s", s->log.folder, name);
}

/* ---- copies of the view ---- */

struct sum {
	uint64_t size;
	uint32_t crc;
};

static int add_piece(void *arg, struct span piece)
{
	struct sum *sum = arg;

	sum->size += piece.len;
	sum->crc = digest_crc32c_more(sum->crc, piece.p, piece.len);
	return 0;
}

static int copy_database(struct store *s, sqlite3 *from, sqlite3 *to,
			 struct error *err)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
	int rc = copy != NULL ? sqlite3_backup_step(copy, -1) :
		 sqlite3_errcode(to);

	sqlite3_backup_finish(copy);
	return rc == SQLITE_DONE ? 0 : query_fail(s, rc, err);
}

/* What killed runs left of it is nothing to go on with. */
static int write_copy(struct store *s, const char *path, struct error *err)
{
	sqlite3 *copy = NULL;
	int rc = -1, opened;

	if (file_remove(path, err) == -1)
		return -1;
	opened = sqlite3_open(path, &copy);
	if (opened != SQLITE_OK)
		query_fail(s, opened, err);
	else if (sqlite3_exec(copy, sql_copying, NULL, NULL, NULL) != SQLITE_OK)
		query_fail(s, sqlite3_errcode(copy), err);
	else
		rc = copy_database(s, s->db, copy, err);
	sqlite3_close(copy);
	return rc == 0 ? file_sync(path, err) : -1;
}

/* Of the view as it is now, or a moment later; the log is not locked for it. */
static int make_copy(struct store *s, const char *path, struct log_start *start,
		     struct error *err)
{
	struct sum sum = { 0 };

	if (write_copy(s, path, err) == -1 ||
	    file_scan(path, add_piece, &sum, err) == -1)
		return -1;
	start->view_size = sum.size;
	start->view_crc = sum.crc;
	return 0;
}

int copy_restore(struct store *s, bool *out, struct error *err)
{
	char *path = log_part_path(&s->log, s->log.start.part - 1, COPY);
	struct sum sum = { 0 };
	sqlite3 *copy = NULL;
	int rc;

	rc = file_scan(path, add_piece, &sum, err);
	*out = rc == 0 && sum.size == s->log.start.view_size &&
	       sum.crc == s->log.start.view_crc;
	if (*out) {
		rc = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL);
		rc = rc == SQLITE_OK ? copy_database(s, copy, s->db, err) :
		     query_fail(s, rc, err);
		sqlite3_close(copy);
	}
	free(path);
	return rc;
}

/* All but the one that the log names now. */
static void remove_old_copies(struct store *s)
{
	char *kept = log_part_path(&s->log, s->log.start.part - 1, COPY);
	struct list names = LIST_INIT;
	struct error ignored = ERROR_INIT;

	file_list(s->log.folder, &names, &ignored);
	for (size_t i = 0; i < names.count; i++) {
		char *path = in_folder(s, names.item[i]);

		if (strcmp(strrchr(path, '.'), COPY) == 0 &&
		    strcmp(path, kept) != 0)
			file_remove(path, &ignored);
		free(path);
	}
	list_release(&names);
	free(kept);
}

/* ---- the roll-over ---- */

static int write_first_line(struct store *s, const char *path, struct error *err)
{
	int fd, rc;

	if (file_remove(path, err) == -1)
		return -1;
	fd = append_open(path, err);
	if (fd == -1)
		return -1;
	rc = file_append(fd, span_of(&s->pending), err);
	append_close(fd);
	return rc;
}

/* A folder that was copied as files holds a file of its own under the name that a
 * killed roll-over made. It may be the only one of somebody's: it stays. */
static int set_aside(const char *path, struct error *err)
{
	char *aside = xasprintf("%s.found", path);
	int rc = file_rename(path, aside, err);

	free(aside);
	return rc;
}

static int name_old_part(struct store *s, const char *as, struct error *err)
{
	if (file_link(s->log.path, as, err) == 0)
		return 0;
	if (err->code != ERR_REFUSED || set_aside(as, err) == -1)
		return -1;
	return file_link(s->log.path, as, err);
}

/* The pending line begins the new part. Everything that it speaks of is on the disk
 * before it is the log. */
static int begin_part(struct store *s, struct error *err)
{
	char *line = in_folder(s, "next.jsonl"), *copy = in_folder(s, "next" COPY);
	char *old = xasprintf("%s/%06u.jsonl", s->log.folder, s->log.start.part);
	char *view = log_part_path(&s->log, s->log.start.part, COPY);
	struct error ignored = ERROR_INIT;
	int rc = -1;

	if (write_first_line(s, line, err) == 0 &&
	    file_rename(copy, view, err) == 0 &&
	    name_old_part(s, old, err) == 0 &&
	    file_sync_dir(s->log.folder, err) == 0 &&
	    file_rename(line, s->log.path, err) == 0) {
		/* else the next one who locks does it */
		log_renew(&s->log, &ignored);
		rc = 0;
	}
	free(line);
	free(copy);
	free(old);
	free(view);
	return rc;
}

static int go_on(struct store *s, struct log_start *start, struct error *err)
{
	if (store_begin(s, err) == -1)
		return -1;
	if (s->log.start.part + 1 != start->part) {
		store_abort(s);		/* somebody else did */
		return 0;
	}
	start->offset = s->at.offset;
	memcpy(start->before, s->at.crc, sizeof(start->before));
	if (event_record(s, LOG_CONTINUED, log_start_fields(start), err) == -1) {
		store_abort(s);
		return -1;
	}
	return store_commit_by(s, begin_part, err);
}

static int roll_over(struct store *s, struct error *err)
{
	struct log_start start = { .part = s->log.start.part + 1 };
	char *copy = in_folder(s, "next" COPY);
	int rc = -1;

	if (file_mkdir(s->log.folder, 0700, err) == 0 &&
	    make_copy(s, copy, &start, err) == 0 && go_on(s, &start, err) == 0) {
		remove_old_copies(s);
		rc = 0;
	}
	free(copy);
	return rc;
}

int store_roll_over(struct store *s, uint64_t limit, struct error *err)
{
	uint64_t size;

	if (log_renew(&s->log, err) == -1 || log_size(&s->log, &size, err) == -1)
		return -1;
	return size - s->log.start.offset < limit ? 0 : roll_over(s, err);
}
