/*
 * Events of marks, own commits, the desk, copies and problems, applied to the
 * view (apply.c lists them).
 *
 * What a commit of ours holds follows from when it was made: each one carries
 * all own streams, as rendered from the log (R11, R12), and so every message
 * that had its number by then. A message is committed while such a commit is on
 * its way, and pushed when one was seen on a tip.
 */
#include <stdio.h>
#include <string.h>

#include "store.h"

/* ---- marks ---- */

int apply_tip(struct store *s, const struct event *e, struct error *err)
{
	if (query_run(s, SQL_READING_CLEAR, BINDS_NONE, err) == -1)
		return -1;
	return query_run(s, SQL_TIP_SET,
			 BINDS(TEXT(get_text(e->json, "commit")),
			       NUMBER(e->time),
			       TEXT(get_text(e->json, "vouched"))), err);
}

int apply_reading(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_READING_ADD,
			 BINDS(TEXT(get_text(e->json, "walk")),
			       TEXT(get_text(e->json, "commit"))), err);
}

int apply_all_start(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_ALL_START_SET,
			 BINDS(TEXT(get_text(e->json, "commit"))), err);
}

/* ---- commits ---- */

static const char *oid_of(const struct field *file)
{
	const char *oid = field_text(file);

	return oid ? oid : "";
}

/* Run ID for each PATH, OID of the event's files. */
static int for_files(struct store *s, const struct event *e, enum statement id,
		     struct error *err)
{
	const struct field *files = get_object(e->json, "files");

	FOR_FIELDS(files, file)
		if (query_run(s, id, BINDS(TEXT(file->key), TEXT(oid_of(file))),
			      err) == -1)
			return -1;
	return 0;
}

int apply_versions(struct store *s, const struct event *e, struct error *err)
{
	return for_files(s, e, SQL_VERSION_ADD, err);
}

static int end_commit(struct store *s, const char *oid, enum commit_state state,
		      struct error *err)
{
	return query_run(s, SQL_COMMIT_END, BINDS(TEXT(oid), NUMBER(state)),
			 err);
}

int apply_commit(struct store *s, const struct event *e, struct error *err)
{
	const char *oid = get_text(e->json, "commit");
	const char *replaces = get_text(e->json, "replaces");

	/* in this order: a commit made again as it was replaces itself */
	if (end_commit(s, replaces, COMMIT_REPLACED, err) == -1 ||
	    query_run(s, SQL_COMMIT_ADD, BINDS(TEXT(oid), NUMBER(e->seq),
		      TEXT(get_text(e->json, "parent")), TEXT(replaces)), err) == -1 ||
	    (*replaces == '\0' && query_run(s, SQL_MESSAGES_COMMITTED,
					    BINDS(NUMBER(e->time)), err) == -1))
		return -1;
	return for_files(s, e, SQL_VERSION_ADD, err);
}

struct commit_row {
	enum commit_state state;
	int64_t made;
	char parent[41];
};

static int get_commit(struct store *s, const char *oid, struct commit_row *out,
		      bool *found, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_COMMIT_GET, BINDS(TEXT(oid)), err);
	int result = 0;

	*found = query_row(s, q, &result, err);
	if (*found) {
		out->state = (enum commit_state)column_number(q, 0);
		out->made = column_number(q, 1);
		column_copy(q, 2, out->parent, sizeof(out->parent));
	}
	query_end(q);
	return result;
}

/* Its other forms are done with it: put on the tip once more, they would bring back
 * what others have taken out of it since. */
static int mark_seen(struct store *s, const char *oid, int64_t made,
		     int64_t time, struct error *err)
{
	if (query_run(s, SQL_COMMIT_SEEN, BINDS(TEXT(oid)), err) == -1 ||
	    query_run(s, SQL_COMMIT_FORMS, BINDS(TEXT(oid)), err) == -1)
		return -1;
	return query_run(s, SQL_MESSAGES_PUSHED,
			 BINDS(NUMBER(time), NUMBER(made)), err);
}

/* Its own ancestors are on that tip too. */
int apply_commit_seen(struct store *s, const struct event *e, struct error *err)
{
	struct commit_row row;
	char oid[sizeof(row.parent)];
	bool found;

	snprintf(oid, sizeof(oid), "%s", get_text(e->json, "commit"));
	for (;;) {
		if (get_commit(s, oid, &row, &found, err) == -1)
			return -1;
		if (!found || row.state == COMMIT_SEEN)
			return 0;
		if (mark_seen(s, oid, row.made, e->time, err) == -1)
			return -1;
		memcpy(oid, row.parent, sizeof(oid));
	}
}

/* What was only in it waits for the next one. */
int apply_commit_dropped(struct store *s, const struct event *e,
			 struct error *err)
{
	if (end_commit(s, get_text(e->json, "commit"), COMMIT_DROPPED, err) == -1)
		return -1;
	return query_run(s, SQL_MESSAGES_UNCOMMITTED, BINDS_NONE, err);
}

/* Commits made after it stand on it. */
int apply_commit_lost(struct store *s, const struct event *e, struct error *err)
{
	if (query_run(s, SQL_COPIES_LOST,
		      BINDS(TEXT(get_text(e->json, "commit"))), err) == -1)
		return -1;
	return apply_commit_dropped(s, e, err);
}

int apply_commit_tried(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_COMMIT_TRIED,
			 BINDS(TEXT(get_text(e->json, "commit")), NUMBER(1)), err);
}

int apply_commit_untried(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_COMMIT_TRIED,
			 BINDS(TEXT(get_text(e->json, "commit")), NUMBER(0)), err);
}

/* ---- the desk ---- */

int apply_intended(struct store *s, const struct event *e, struct error *err)
{
	if (for_files(s, e, SQL_INTENT_SET, err) == -1)
		return -1;
	return for_files(s, e, SQL_DESK_VERSION_ADD, err);
}

static int set_desk(struct store *s, const char *path, const char *blob,
		    struct error *err)
{
	if (query_run(s, SQL_INTENT_REMOVE, BINDS(TEXT(path)), err) == -1)
		return -1;
	if (*blob == '\0')
		return query_run(s, SQL_DESK_REMOVE, BINDS(TEXT(path)), err);
	return query_run(s, SQL_DESK_SET, BINDS(TEXT(path), TEXT(blob)), err);
}

int apply_forgotten(struct store *s, const struct event *e, struct error *err)
{
	const char *path = get_text(e->json, "path");

	if (query_run(s, SQL_DESK_VERSION_REMOVE,
		      BINDS(TEXT(path), TEXT(get_text(e->json, "blob"))),
		      err) == -1)
		return -1;
	return set_desk(s, path, get_text(e->json, "base"), err);
}

int apply_published(struct store *s, const struct event *e, struct error *err)
{
	const struct field *files = get_object(e->json, "files");
	const char *commit = get_text(e->json, "commit");

	FOR_FIELDS(files, file)
		if (set_desk(s, file->key, oid_of(file), err) == -1)
			return -1;
	if (for_files(s, e, SQL_DESK_VERSION_ADD, err) == -1)
		return -1;
	if (*commit == '\0')	/* the last part is yet to come */
		return 0;
	return query_run(s, SQL_INTENTS_CLOSE, BINDS_NONE, err) == -1 ? -1 :
	       query_run(s, SQL_PUBLISHED_SET, BINDS(TEXT(commit)), err);
}

/* ---- copies, problems ---- */

static int add_copy(struct store *s, const struct event *e, bool counted,
		    struct error *err)
{
	return query_run(s, SQL_COPY_ADD,
			 BINDS(NUMBER(e->seq), TEXT(get_text(e->json, "path")),
			       TEXT(get_text(e->json, "digest")),
			       TEXT(get_text(e->json, "name")),
			       TEXT(get_text(e->json, "who")), NUMBER(e->time),
			       NUMBER(counted)), err);
}

int apply_copy(struct store *s, const struct event *e, struct error *err)
{
	return add_copy(s, e, false, err);
}

int apply_counted(struct store *s, const struct event *e, struct error *err)
{
	return add_copy(s, e, true, err);
}

int apply_restored(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_PUT_BACK_ADD,
			 BINDS(NUMBER(e->seq), TEXT(get_text(e->json, "path")),
			       NUMBER(e->time), TEXT(get_text(e->json, "blob"))),
			 err);
}

int apply_problem(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_PROBLEM_SET,
			 BINDS(TEXT(get_text(e->json, "code")),
			       TEXT(get_text(e->json, "key")),
			       TEXT(get_text(e->json, "text")), NUMBER(e->time)),
			 err);
}

int apply_problem_over(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_PROBLEM_OVER,
			 BINDS(TEXT(get_text(e->json, "code")),
			       TEXT(get_text(e->json, "key"))), err);
}
