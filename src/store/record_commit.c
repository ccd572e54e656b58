/*
 * Marks, own commits, the desk, copies and problems, as events (trine/store.h).
 * apply_commit.c is the other half.
 */
#include <string.h>

#include "store.h"

/* A cycle in which nothing happened logs nothing: so these ask first. */

static int is_there(struct store *s, enum statement id, const char *path,
		    const char *oid, bool *out, struct error *err)
{
	return query_number(s, id, BINDS(TEXT(path), TEXT(oid)), out, NULL, err);
}

/* ---- marks ---- */

static int record_commit_event(struct store *s, const char *type,
			       const char *commit, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "commit", commit);
	return event_record(s, type, fields, err);
}

int record_tip(struct store *s, const char *commit, const char *vouched,
	       struct error *err)
{
	struct marks marks;
	json_t *fields;

	if (view_marks(s, &marks, err) == -1)
		return -1;
	if (strcmp(marks.tip, commit) == 0 && strcmp(marks.vouched, vouched) == 0)
		return 0;
	fields = json_object();
	put_text(fields, "commit", commit);
	put_text(fields, "vouched", vouched);
	return event_record(s, "tip.received", fields, err);
}

int record_reading(struct store *s, const char *walk, const char *commit,
		   struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "walk", walk);
	put_text(fields, "commit", commit);
	return event_record(s, "tip.reading", fields, err);
}

int record_rewritten(struct store *s, const char *old_tip, const char *new_tip,
		     struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "old", old_tip);
	put_text(fields, "new", new_tip);
	return event_record(s, "tip.rewritten", fields, err);
}

int record_all_start(struct store *s, const char *commit, struct error *err)
{
	struct marks marks;

	if (view_marks(s, &marks, err) == -1)
		return -1;
	return strcmp(marks.all_start, commit) == 0 ? 0 :
	       record_commit_event(s, "all.started", commit, err);
}

/* ---- commits ---- */

static json_t *files_json(const struct own_files *files)
{
	json_t *json = json_object();

	for (size_t i = 0; i < files->count; i++)
		put_always(json, files->file[i].path, files->file[i].oid);
	return json;
}

int record_commit(struct store *s, const char *oid, const char *parent,
		  const char *replaces, const struct own_files *files,
		  struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "commit", oid);
	put_text(fields, "parent", parent);
	put_text(fields, "replaces", replaces);
	json_object_set_new(fields, "files", files_json(files));
	return event_record(s, "commit.made", fields, err);
}

/* COMMIT_… of a commit of ours, or -1 for others. */
static int state_of(struct store *s, const char *oid, int64_t *out,
		    struct error *err)
{
	*out = -1;
	return query_number(s, SQL_COMMIT_GET, BINDS(TEXT(oid)), NULL, out, err);
}

int record_seen(struct store *s, const char *oid, struct error *err)
{
	int64_t state;

	if (state_of(s, oid, &state, err) == -1)
		return -1;
	return state == -1 || state == COMMIT_SEEN ? 0 :
	       record_commit_event(s, "commit.seen", oid, err);
}

static int end_unpushed(struct store *s, const char *type, const char *oid,
			struct error *err)
{
	int64_t state;

	if (state_of(s, oid, &state, err) == -1)
		return -1;
	return state != COMMIT_UNPUSHED ? 0 :
	       record_commit_event(s, type, oid, err);
}

int record_dropped(struct store *s, const char *oid, struct error *err)
{
	return end_unpushed(s, "commit.dropped", oid, err);
}

int record_tried(struct store *s, const char *oid, bool *fresh, struct error *err)
{
	int64_t tried = 0;

	if (query_number(s, SQL_COMMIT_IS_TRIED, BINDS(TEXT(oid)), NULL, &tried,
			 err) == -1)
		return -1;
	*fresh = tried == 0;
	return *fresh ? record_commit_event(s, "commit.tried", oid, err) : 0;
}

int record_untried(struct store *s, const char *oid, struct error *err)
{
	return record_commit_event(s, "commit.untried", oid, err);
}

int record_lost(struct store *s, const char *oid, struct error *err)
{
	return end_unpushed(s, "commit.lost", oid, err);
}

int record_versions(struct store *s, const struct own_files *files,
		    struct error *err)
{
	json_t *fields, *news = json_object();
	bool known;

	for (size_t i = 0; i < files->count; i++) {
		const struct own_file *f = &files->file[i];

		if (is_there(s, SQL_VERSION, f->path, f->oid, &known, err) == -1) {
			json_decref(news);
			return -1;
		}
		if (!known)
			put_always(news, f->path, f->oid);
	}
	if (json_object_size(news) == 0) {
		json_decref(news);
		return 0;
	}
	fields = json_object();
	json_object_set_new(fields, "files", news);
	return event_record(s, "version.found", fields, err);
}

/* ---- the desk ---- */

/* Files of one event: a first publish has thousands, and a line is bounded. */
enum { FILES_OF_EVENT = 1000 };

/* TAKES NEWS. Nothing to say if there are no files and no COMMIT. */
static int record_files(struct store *s, const char *type, json_t *news,
			const char *commit, struct error *err)
{
	json_t *fields;

	if (json_object_size(news) == 0 && *commit == '\0') {
		json_decref(news);
		return 0;
	}
	fields = json_object();
	json_object_set_new(fields, "files", news);
	put_text(fields, "commit", commit);
	return event_record(s, type, fields, err);
}

int record_intent(struct store *s, const struct desk_file *files, size_t count,
		  struct error *err)
{
	json_t *news = json_object();
	bool waits;

	for (size_t i = 0; i < count; i++) {
		/* A version that was there before is news too: an edit that comes
		 * next may be one of it. */
		if (view_desk_waits(s, files[i].path, files[i].blob, &waits,
				    err) == -1) {
			json_decref(news);
			return -1;
		}
		if (waits)
			continue;
		put_always(news, files[i].path, files[i].blob);
		if (json_object_size(news) < FILES_OF_EVENT)
			continue;
		if (record_files(s, "desk.intended", news, "", err) == -1)
			return -1;
		news = json_object();
	}
	return record_files(s, "desk.intended", news, "", err);
}

static int record_published_parts(struct store *s, const char *commit,
				  const struct desk_file *files, size_t count,
				  struct error *err)
{
	json_t *part = json_object();

	for (size_t i = 0; i < count; i++) {
		put_always(part, files[i].path, files[i].blob);
		if (json_object_size(part) < FILES_OF_EVENT)
			continue;
		if (record_files(s, "desk.published", part, "", err) == -1)
			return -1;
		part = json_object();
	}
	/* the desk shows COMMIT only when all parts are there */
	return record_files(s, "desk.published", part, commit, err);
}

int record_published(struct store *s, const char *commit,
		     const struct desk_file *files, size_t count,
		     struct error *err)
{
	struct marks marks;
	bool open;

	if (view_marks(s, &marks, err) == -1 || view_desk_open(s, &open, err) == -1)
		return -1;
	if (count == 0 && !open && strcmp(marks.published, commit) == 0)
		return 0;
	return record_published_parts(s, commit, files, count, err);
}

int record_forgotten(struct store *s, const char *path, const char *blob,
		     const char *base, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "path", path);
	put_text(fields, "blob", blob);
	put_text(fields, "base", base);
	return event_record(s, "desk.forgotten", fields, err);
}

/* ---- copies, problems ---- */

int record_copy(struct store *s, const char *path, const char *name,
		const char *digest, const char *who, bool counted,
		struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "path", path);
	put_text(fields, "name", name);
	put_text(fields, "digest", digest);
	put_text(fields, "who", who);
	return event_record(s, counted ? "copy.counted" : "copy.kept", fields,
			    err);
}

int record_put_back(struct store *s, const char *path, const char *blob,
		    struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "path", path);
	put_text(fields, "blob", blob);
	return event_record(s, "path.restored", fields, err);
}

int record_problem(struct store *s, const char *code, const char *key,
		   const char *text, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PROBLEM, BINDS(TEXT(code), TEXT(key)),
				      err);
	int result = 0;
	bool same = query_row(s, q, &result, err) && column_same(q, 0, text);
	json_t *fields;

	query_end(q);
	if (result == -1 || same)
		return result;
	fields = json_object();
	put_text(fields, "code", code);
	put_text(fields, "key", key);
	put_text(fields, "text", text);
	return event_record(s, "problem.raised", fields, err);
}

int record_problem_over(struct store *s, const char *code, const char *key,
			struct error *err)
{
	json_t *fields;
	bool open;

	if (is_there(s, SQL_PROBLEM, code, key, &open, err) == -1)
		return -1;
	if (!open)
		return 0;
	fields = json_object();
	put_text(fields, "code", code);
	put_text(fields, "key", key);
	return event_record(s, "problem.over", fields, err);
}
