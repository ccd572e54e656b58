/*
 * Questions about tasks (trine/store.h), answered from the view.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/store_task.h"

int view_highest(struct store *s, struct stream_name stream, uint64_t *out,
		 struct error *err)
{
	int64_t highest = 0;
	bool found;
	int rc = query_number(s, SQL_HIGHEST, BINDS(STREAM(stream)), &found,
			      &highest, err);

	*out = (uint64_t)highest;
	return rc;
}

static int unreadable(struct store *s, struct error *err)
{
	return error_set(err, ERR_INTERNAL, "%s: a message that is none",
			 s->db_path);
}

static int list(struct store *s, sqlite3_stmt *q, struct record_list *out,
		struct error *err)
{
	int result = 0;

	*out = (struct record_list){ 0 };
	if (q != NULL)
		sqlite3_bind_int64(q, BIND_BRIEF, 1);
	while (result == 0 && query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		if (record_of_row(q, &out->item[out->count]) == 0)
			out->count++;
		else
			result = unreadable(s, err);
	}
	query_end(q);
	if (result == -1)
		record_list_release(out);
	return result;
}

int view_open_tasks(struct store *s, struct record_list *out, struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_OPEN, BINDS_NONE, err), out,
		    err);
}

int view_had_tasks(struct store *s, struct record_list *out, struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_HAD, BINDS_NONE, err), out, err);
}

int view_barred_tasks(struct store *s, struct record_list *out,
		      struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_BARRED, BINDS_NONE, err), out,
		    err);
}

int view_approvals(struct store *s, const char *id, uint64_t session,
		   struct buf *out, bool *mine, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_APPROVALS, BINDS(TEXT(id)), err);
	size_t start = out->len;
	int result = 0;

	*mine = false;
	while (query_row(s, q, &result, err)) {
		struct span who = column_span(q, 1);

		*mine = *mine || (uint64_t)column_number(q, 0) == session;
		buf_printf(out, "%s%.*s", out->len > start ? ", " : "", (int)who.len,
			   who.p);
	}
	query_end(q);
	return result;
}

int view_waiting(struct store *s, const char *instance, uint64_t most,
		 uint64_t *out, struct error *err)
{
	int64_t count = 0;
	bool found;
	int rc = query_number(s, SQL_WAITING, BINDS(NUMBER(most), TEXT(instance)),
			      &found, &count, err);

	*out = (uint64_t)count;
	return rc;
}

int view_overdue_tasks(struct store *s, int64_t now, struct record_list *out,
		       struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_OVERDUE, BINDS(NUMBER(now)), err),
		    out, err);
}

int view_unswept(struct store *s, int64_t now, bool *out, struct error *err)
{
	int64_t any = 0;
	bool found;
	int rc = query_number(s, SQL_UNSWEPT, BINDS(NUMBER(now)), &found, &any, err);

	*out = any != 0;
	return rc;
}

void dependency_list_release(struct dependency_list *l)
{
	free(l->item);
	*l = (struct dependency_list){ 0 };
}

int view_dependencies(struct store *s, const char *id,
		      struct dependency_list *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_DEPENDENCIES, BINDS(TEXT(id)), err);
	int result = 0;

	*out = (struct dependency_list){ 0 };
	while (query_row(s, q, &result, err)) {
		struct dependency *d;

		ARRAY_GROW(out->item, out->count, out->cap);
		d = &out->item[out->count++];
		column_copy(q, 0, d->id, sizeof(d->id));
		column_copy(q, 1, d->state, sizeof(d->state));
		column_copy(q, 2, d->note, sizeof(d->note));
		d->known = column_number(q, 3) == 0;
	}
	query_end(q);
	if (result == -1)
		dependency_list_release(out);
	return result;
}

int view_way(struct store *s, const char *other, const char *id,
	     struct buf *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_WAY, BINDS(TEXT(other), TEXT(id)),
				      err);
	int result = 0;

	if (query_row(s, q, &result, err)) {
		struct span way = column_span(q, 0);

		buf_add(out, way.p, way.len);
	}
	query_end(q);
	return result;
}

int view_held_tasks(struct store *s, uint64_t session, struct record_list *out,
		    struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_HELD, BINDS(NUMBER(session)),
				   err), out, err);
}

/* As RANK in sql_words.h. */
int64_t rank_of(enum message_priority priority)
{
	return PRIORITY_URGENT - (int64_t)priority;
}

int first_suitable(struct store *s, sqlite3_stmt *q, view_suits *suits, void *arg,
		   struct record *out, bool *found, struct error *err)
{
	int result = 0;

	*found = false;
	*out = (struct record){ .message = MESSAGE_INIT };
	while (result == 0 && !*found && query_row(s, q, &result, err)) {
		if (record_of_row(q, out) == -1)
			result = unreadable(s, err);
		else
			result = suits(out, arg, found, err);
		if (!*found)
			record_release(out);
	}
	query_end(q);
	return result;
}

int view_next_task(struct store *s, enum message_priority priority, int64_t now,
		   view_suits *suits, void *arg, struct record *out, bool *found,
		   struct error *err)
{
	return first_suitable(s, query_start(s, SQL_RECORDS_FREE,
					     BINDS(NUMBER(rank_of(priority)),
						   NUMBER(now)),
					     err),
			      suits, arg, out, found, err);
}

/* ---- tasks in parts ---- */

void task_part_list_release(struct task_part_list *l)
{
	free(l->item);
	*l = (struct task_part_list){ 0 };
}

int view_parts(struct store *s, const char *id, struct task_part_list *out,
	       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PARTS, BINDS(TEXT(id)), err);
	int result = 0;

	*out = (struct task_part_list){ 0 };
	while (query_row(s, q, &result, err)) {
		struct task_part *p;

		ARRAY_GROW(out->item, out->count, out->cap);
		p = &out->item[out->count++];
		*p = (struct task_part){
			.kind = (int)column_number(q, 0),
			.index = (size_t)column_number(q, 1),
		};
		column_copy(q, 2, p->id, sizeof(p->id));
	}
	query_end(q);
	if (result == -1)
		task_part_list_release(out);
	return result;
}

int view_operations(struct store *s, struct record_list *out, struct error *err)
{
	return list(s, query_start(s, SQL_RECORDS_PARTED, BINDS_NONE, err), out, err);
}
