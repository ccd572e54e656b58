/*
 * Step publish: the desk shows what was decided.
 *
 * The versions about to be written are logged first (mark 3), so that a file
 * written by a run that was killed is known for ours and not taken for an edit.
 * A file that no longer has the bytes collect read is somebody's newer work: it
 * waits for the next cycle (R21).
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

struct written {
	struct desk_file *file;
	size_t count, cap;
};

static void add_written(struct written *w, const struct target *t)
{
	struct desk_file *f;

	ARRAY_GROW(w->file, w->count, w->cap);
	f = &w->file[w->count++];
	f->path = t->path;
	memcpy(f->blob, t->oid, sizeof(f->blob));
}

static bool is_shown(struct cycle *c, const struct target *t)
{
	struct desk_entry *e = desk_find(&c->desk, t->path);

	return strcmp(e != NULL ? e->oid : "", t->oid) == 0;
}

/* Is it there to be written, as far as one sees without reading it? */
static int check_target(struct cycle *c, const struct target *t, struct error *err)
{
	return t->has_bytes || t->oid[0] == '\0' ? 0
		: repo_blob_check(c->repo, t->oid, LIMIT_FILE, err);
}

/* In memory only while it is written: a desk may hold far more than fits there. */
static int load_target(struct cycle *c, struct target *t, struct error *err)
{
	return t->has_bytes || t->oid[0] == '\0' ? 0
		: repo_blob_read(c->repo, t->oid, LIMIT_FILE, &t->bytes, err);
}

static void unload_target(struct target *t)
{
	if (!t->has_bytes)
		buf_release(&t->bytes);
}

/* What collect read there; p NULL if there was nothing. */
static struct span expected(struct cycle *c, const struct target *t)
{
	struct desk_entry *e = desk_find(&c->desk, t->path);

	return e == NULL ? (struct span){ NULL, 0 } : span_of(&e->bytes);
}

/* Somebody was faster than our exchange: put theirs back, ours waits. */
static int give_back(struct cycle *c, struct target *t, char *kept,
		     struct error *err)
{
	struct disk *disk = c->world->disk;
	struct buf newer = BUF_INIT;
	char *again = NULL;
	int rc = -1;

	if (disk->read(disk, kept, &newer, NULL, err) == -1 ||
	    disk->replace(disk, t->path, span_of(&newer), span_of(&t->bytes),
			  &again, err) == -1)
		goto out;
	rc = 0;
	if (again == NULL) {
		bool removed;

		rc = disk->remove(disk, kept, span_of(&newer), &removed, err);
	}
	/* else they wrote once more: both stay, the next collect reads them */
out:
	free(again);
	buf_release(&newer);
	return rc;
}

static int write_target(struct cycle *c, struct target *t, bool *done,
			struct error *err)
{
	struct disk *disk = c->world->disk;
	struct span was = expected(c, t);
	char *kept = NULL;
	int rc;

	if (t->oid[0] == '\0')
		return disk->remove(disk, t->path, was, done, err);
	rc = disk->replace(disk, t->path, span_of(&t->bytes), was, &kept, err);
	*done = rc == 0 && kept == NULL;
	if (kept != NULL)
		rc = give_back(c, t, kept, err);
	free(kept);
	return rc;
}

/* Does the file still have the bytes that were decided upon? */
static bool unchanged(struct cycle *c, const struct target *t)
{
	struct disk *disk = c->world->disk;
	struct span was = expected(c, t);
	struct error reading = ERROR_INIT;
	struct buf now = BUF_INIT;
	bool same;

	if (disk->read(disk, t->path, &now, NULL, &reading) == -1)
		same = was.p == NULL && reading.code == ERR_NOTFOUND;
	else
		same = was.p != NULL && span_equal(span_of(&now), was);
	buf_release(&now);
	return same;
}

/* It holds up no other, nor the hand-off. A disk that fails, or no memory, is what
 * the cycle ends with; a file that is in the way, not ours to write, or too large is
 * shown. */
static int note_unwritable(struct cycle *c, const struct target *t,
			   struct error *failure, struct error *err)
{
	struct error text = ERROR_INIT;

	if (failure->code == ERR_IO || failure->code == ERR_INTERNAL) {
		error_wrap(failure, "publish: %s", t->path);
		cycle_trouble(c, failure);
		error_clear(failure);
		return 0;
	}
	error_set(&text, ERR_IO, "cannot be written here (%.400s)%s", failure->text,
		  failure->code == ERR_DATA ? "" :
		  "; move away what is in its place");
	error_clear(failure);
	if (cycle_begin(c, err) == -1 ||
	    record_problem(c->store, "unwritten", t->path, text.text, err) == -1)
		return -1;
	return cycle_end(c, err);
}

/* What publish never put there, and is not to: a file that cannot be shared, say. It
 * is looked at in each cycle anyway, as it differs from what publish left (gather.c);
 * the others need not be for its sake. */
static bool is_nothing(struct cycle *c, const struct target *t)
{
	return t->oid[0] == '\0' && desk_published(c, t->path)[0] == '\0';
}

/* Targets that change the desk or what the log knows of it. */
static int intend(struct cycle *c, struct written *plan, struct error *err)
{
	struct error failure = ERROR_INIT;

	for (size_t i = 0; i < c->targets.count; i++) {
		struct target *t = &c->targets.item[i];

		if (t->wait) {
			c->all_written = c->all_written && is_nothing(c, t);
			continue;
		}
		if (is_shown(c, t) &&
		    strcmp(desk_published(c, t->path), t->oid) == 0)
			continue;
		if (check_target(c, t, &failure) == -1) {
			if (note_unwritable(c, t, &failure, err) == -1)
				return -1;
			t->wait = true;
			c->all_written = false;
			continue;
		}
		if (!is_shown(c, t))
			cycle_say(c, "desk %s%s", t->path,
				  t->oid[0] ? "" : " (removed)");
		add_written(plan, t);
	}
	if (plan->count == 0 || c->options->dry_run)
		return 0;
	if (cycle_begin(c, err) == -1 ||
	    record_intent(c->store, plan->file, plan->count, err) == -1)
		return -1;
	return cycle_end(c, err);
}

/* With what collect read in its place, if that is still there. */
static int replace_target(struct cycle *c, struct target *t, bool *written,
			  struct error *err)
{
	struct desk_entry *e = desk_find(&c->desk, t->path);
	bool dropped = e != NULL && e->dropped;
	struct error newer = ERROR_INIT;
	int rc = 0;

	if (desk_load(c, e, &newer) == -1)
		return 0;
	if (unchanged(c, t)) {
		rc = load_target(c, t, err);
		if (rc == 0)
			rc = write_target(c, t, written, err);
		unload_target(t);
	}
	if (dropped)
		desk_unload(e);
	return rc;
}

static int show_target(struct cycle *c, struct target *t, struct written *done,
		       struct error *err)
{
	struct error failure = ERROR_INIT;
	bool written = false;

	if (is_shown(c, t)) {
		if (strcmp(desk_published(c, t->path), t->oid) != 0)
			add_written(done, t);
		return 0;
	}
	if (replace_target(c, t, &written, &failure) == -1 &&
	    note_unwritable(c, t, &failure, err) == -1)
		return -1;
	if (!written) {
		c->all_written = false;
		return 0;
	}
	add_written(done, t);
	c->report->published++;
	cycle_checkpoint(c, "desk file");
	return 0;
}

/* What goes is removed first: it may be a folder in the place of a file. */
static int write_all(struct cycle *c, struct written *done, struct error *err)
{
	for (int coming = 0; coming <= 1; coming++)
		for (size_t i = 0; i < c->targets.count; i++) {
			struct target *t = &c->targets.item[i];

			if (!t->wait && (t->oid[0] != '\0') == coming &&
			    show_target(c, t, done, err) == -1)
				return -1;
		}
	return 0;
}

static bool is_unwritten(struct cycle *c, const char *path)
{
	for (size_t i = 0; i < c->targets.count; i++) {
		const struct target *t = &c->targets.item[i];

		if (strcmp(t->path, path) == 0 && (t->wait || !is_shown(c, t)))
			return true;
	}
	return false;
}

/* What could not be written once is so by itself now, or is not to be there any more.
 * While any could not, all there is to show is among the targets. */
static int end_unwritten(struct cycle *c, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_problems_of(c->store, "unwritten", &l, &count, err) == -1)
		return -1;
	if (count > 0 && cycle_begin(c, err) == -1)
		rc = -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		if (!is_unwritten(c, l[i].key))
			rc = record_problem_over(c->store, "unwritten", l[i].key, err);
	if (count > 0 && rc == 0)
		rc = cycle_end(c, err);
	problems_free(l, count);
	return rc;
}

static int note_published(struct cycle *c, const struct written *done,
			  struct error *err)
{
	const char *shows = c->all_written && !c->hides ? c->head.hex : NO_COMMIT;
	bool whole = c->desk.damaged && c->all_written, open;

	if (view_desk_open(c->store, &open, err) == -1)
		return -1;
	if (done->count == 0 && strcmp(shows, c->marks.published) == 0 && !whole &&
	    !open)
		return 0;
	if (cycle_begin(c, err) == -1)
		return -1;
	for (size_t i = 0; i < done->count; i++)
		if (record_problem_over(c->store, "unwritten",
					done->file[i].path, err) == -1)
			return -1;
	if (record_published(c->store, shows, done->file, done->count,
			     err) == -1 ||
	    (whole && record_problem_over(c->store, "damaged", "desk",
					  err) == -1))
		return -1;
	return cycle_end(c, err);
}

/* What collect took from files that a killed replace left is in the log now. */
static int clean_up(struct cycle *c, struct error *err)
{
	struct disk *disk = c->world->disk;
	bool removed;

	for (size_t i = 0; i < c->desk.left.count; i++) {
		struct desk_entry *e = &c->desk.left.entry[i];

		if (e->done_with && disk->remove(disk, e->left,
						 span_of(&e->bytes), &removed,
						 err) == -1)
			return -1;
	}
	came_out_go_on(c);
	return 0;
}

int step_publish(struct cycle *c, struct error *err)
{
	struct written plan = { 0 }, done = { 0 };
	int rc = -1;

	if (c->stopped || c->blind)
		return 0;
	c->all_written = true;
	if (intend(c, &plan, err) == -1)
		goto out;
	if (c->options->dry_run) {
		rc = 0;
		goto out;
	}
	cycle_checkpoint(c, "intent");
	if (write_all(c, &done, err) == -1)
		goto out;
	if (end_unwritten(c, err) == -1 || note_published(c, &done, err) == -1)
		goto out;
	if (clean_up(c, err) == -1)
		goto out;
	rc = fleet_leave(c, err);
out:
	free(plan.file);
	free(done.file);
	return rc;
}
