/*
 * Questions about marks, own commits, the desk, copies and problems
 * (trine/store.h), answered from the view.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"

int view_marks(struct store *s, struct marks *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_MARKS, BINDS_NONE, err);
	int result = 0;

	*out = (struct marks){ 0 };
	if (query_row(s, q, &result, err)) {
		column_copy(q, 0, out->tip, sizeof(out->tip));
		out->tip_time = column_number(q, 1);
		column_copy(q, 2, out->vouched, sizeof(out->vouched));
		column_copy(q, 3, out->all_start, sizeof(out->all_start));
		column_copy(q, 4, out->published, sizeof(out->published));
	}
	query_end(q);
	return result;
}

int view_reading(struct store *s, const char *walk, struct list *commits,
		 struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_READING, BINDS(TEXT(walk)), err);
	char oid[41];
	int result = 0;

	while (query_row(s, q, &result, err)) {
		column_copy(q, 0, oid, sizeof(oid));
		list_add(commits, oid);
	}
	query_end(q);
	return result;
}

int view_unpushed(struct store *s, struct own_commit **out, size_t *count,
		  struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_UNPUSHED, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct own_commit *c;

		ARRAY_GROW(*out, *count, cap);
		c = &(*out)[(*count)++];
		column_copy(q, 0, c->oid, sizeof(c->oid));
		column_copy(q, 1, c->parent, sizeof(c->parent));
		c->seen = column_number(q, 2) == COMMIT_SEEN;
	}
	query_end(q);
	if (result == -1) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_commit_known(struct store *s, const char *oid, bool *out,
		      struct error *err)
{
	return query_number(s, SQL_COMMIT_GET, BINDS(TEXT(oid)), out, NULL, err);
}

int view_commit_seen(struct store *s, const char *oid, bool *out,
		     struct error *err)
{
	int64_t state = 0;
	int rc = query_number(s, SQL_COMMIT_GET, BINDS(TEXT(oid)), out, &state, err);

	*out = *out && state == COMMIT_SEEN;
	return rc;
}

int view_commit_held(struct store *s, const char *id, bool *out,
		     struct error *err)
{
	return query_number(s, SQL_COMMIT_HELD, BINDS(TEXT(id)), out, NULL, err);
}

int view_version_known(struct store *s, const char *path, const char *oid,
		       bool *out, struct error *err)
{
	return query_number(s, SQL_VERSION, BINDS(TEXT(path), TEXT(oid)), out,
			    NULL, err);
}

/* ---- the desk ---- */

void desk_files_free(struct desk_file *f, size_t count)
{
	for (size_t i = 0; f != NULL && i < count; i++)
		free(f[i].path);
	free(f);
}

int view_desk(struct store *s, struct desk_file **out, size_t *count,
	      struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_DESK, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct desk_file *f;

		ARRAY_GROW(*out, *count, cap);
		f = &(*out)[(*count)++];
		f->path = column_text(q, 0);
		column_copy(q, 1, f->blob, sizeof(f->blob));
	}
	query_end(q);
	if (result == -1) {
		desk_files_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_desk_waits(struct store *s, const char *path, const char *blob,
		    bool *out, struct error *err)
{
	return query_number(s, SQL_INTENT, BINDS(TEXT(path), TEXT(blob)), out, NULL,
			    err);
}

int view_desk_intended(struct store *s, const char *path, char out[41],
		       struct error *err)
{
	return query_text(s, SQL_INTENT_OPEN, BINDS(TEXT(path)), out, 41, err);
}

int view_desk_open(struct store *s, bool *out, struct error *err)
{
	return query_number(s, SQL_INTENTS_OPEN, BINDS_NONE, out, NULL, err);
}

int view_desk_known(struct store *s, const char *path, const char *blob,
		    bool *out, struct error *err)
{
	return query_number(s, SQL_DESK_VERSION, BINDS(TEXT(path), TEXT(blob)),
			    out, NULL, err);
}

/* ---- copies ---- */

int view_copy_known(struct store *s, const char *path, const char *digest,
		    bool *out, struct error *err)
{
	return query_number(s, SQL_COPY, BINDS(TEXT(path), TEXT(digest)), out,
			    NULL, err);
}

int view_copy_named(struct store *s, const char *name, char **path,
		    char digest[DIGEST_HEX], char **who, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_COPY_NAMED, BINDS(TEXT(name)), err);
	int result = 0;

	*path = *who = NULL;
	digest[0] = '\0';
	if (query_row(s, q, &result, err)) {
		*path = column_text(q, 0);
		column_copy(q, 1, digest, DIGEST_HEX);
		*who = column_text(q, 2);
	}
	query_end(q);
	return result;
}

/* Of PATH by the statement PATHS, or of all by ALL. What is of a time to come was
 * counted while the clock was ahead, and would count until then. */
static int count_since(struct store *s, enum statement paths,
		       enum statement all, const char *path, int64_t since,
		       uint64_t *out, struct error *err)
{
	int64_t count = 0, now = s->clock->now(s->clock);
	int result = path ?
		query_number(s, paths,
			     BINDS(TEXT(path), NUMBER(since), NUMBER(now)), NULL,
			     &count, err) :
		query_number(s, all, BINDS(NUMBER(since), NUMBER(now)), NULL,
			     &count, err);

	*out = (uint64_t)count;
	return result;
}

int view_copies_since(struct store *s, const char *path, int64_t since,
		      uint64_t *out, struct error *err)
{
	return count_since(s, SQL_COPIES_PATH, SQL_COPIES_ALL, path, since, out,
			   err);
}

int view_put_back_since(struct store *s, const char *path, int64_t since,
			uint64_t *out, struct error *err)
{
	return count_since(s, SQL_PUT_BACKS_PATH, SQL_PUT_BACKS_ALL, path, since,
			   out, err);
}

int view_put_back_last(struct store *s, const char *path, char out[41],
		       struct error *err)
{
	return query_text(s, SQL_PUT_BACK_LAST, BINDS(TEXT(path)), out, 41, err);
}

/* ---- problems ---- */

void problems_free(struct problem *p, size_t count)
{
	for (size_t i = 0; p != NULL && i < count; i++) {
		free(p[i].key);
		free(p[i].text);
	}
	free(p);
}

/* The rows of Q, which is at its end then; NULL is an error in ERR. */
static int take_problems(struct store *s, sqlite3_stmt *q,
			 struct problem **out, size_t *count,
			 struct error *err)
{
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct problem *p;

		ARRAY_GROW(*out, *count, cap);
		p = &(*out)[(*count)++];
		column_copy(q, 0, p->code, sizeof(p->code));
		p->key = column_text(q, 1);
		p->text = column_text(q, 2);
		p->since = column_number(q, 3);
	}
	query_end(q);
	if (result == -1) {
		problems_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_problems(struct store *s, struct problem **out, size_t *count,
		  struct error *err)
{
	return take_problems(s, query_start(s, SQL_PROBLEMS, BINDS_NONE, err),
			     out, count, err);
}

int view_problems_of(struct store *s, const char *code, struct problem **out,
		     size_t *count, struct error *err)
{
	return take_problems(s, query_start(s, SQL_PROBLEMS_OF,
					    BINDS(TEXT(code)), err),
			     out, count, err);
}
