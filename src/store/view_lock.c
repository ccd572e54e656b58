/*
 * Questions about locks (trine/store.h), answered from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"

void lock_forget(struct lock *l)
{
	free(l->name);
	free(l->holder);
	free(l->task);
	*l = (struct lock){ 0 };
}

void lock_list_release(struct lock_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		lock_forget(&l->item[i]);
	free(l->item);
	*l = (struct lock_list){ 0 };
}

/* The columns of LOCKS in sql.c. */
static void lock_of_row(sqlite3_stmt *q, struct lock *out)
{
	*out = (struct lock){
		.name = column_text(q, 0),
		.token = (uint64_t)column_number(q, 1),
		.session = (uint64_t)column_number(q, 2),
		.holder = column_text(q, 3),
		.process = column_process(q, 4),
		.since = column_number(q, 7),
		.until = column_number(q, 8),
		.ttl = column_number(q, 9),
		.task = column_text(q, 10),
	};
}

int view_lock(struct store *s, const char *name, struct lock *out, bool *found,
	      struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_LOCK, BINDS(TEXT(name)), err);
	int result = 0;

	*out = (struct lock){ 0 };
	*found = query_row(s, q, &result, err);
	if (*found)
		lock_of_row(q, out);
	query_end(q);
	return result;
}

int view_locks(struct store *s, struct lock_list *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_LOCKS, BINDS_NONE, err);
	int result = 0;

	*out = (struct lock_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		lock_of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		lock_list_release(out);
	return result;
}

int view_lock_wait(struct store *s, uint64_t session, struct wait *out,
		   struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_WAIT, BINDS(NUMBER(session)), err);
	int result = 0;

	*out = (struct wait){ .session = session };
	if (query_row(s, q, &result, err)) {
		out->name = column_text(q, 0);
		out->process = column_process(q, 1);
	}
	query_end(q);
	return result;
}

int view_standing(struct store *s, struct standing *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_STANDING, BINDS_NONE, err);
	int result = 0;

	*out = (struct standing){ 0 };
	if (query_row(s, q, &result, err)) {
		out->locks = column_number(q, 0) != 0;
		out->reservations = column_number(q, 1) != 0;
		out->claims = column_number(q, 2) != 0;
		out->alerts = column_number(q, 3) != 0;
	}
	query_end(q);
	return result;
}
