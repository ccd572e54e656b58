/*
 * Questions about sessions (trine/store.h), answered from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"

void session_release(struct session *s)
{
	free(s->name);
	free(s->role);
	free(s->goal);
	free(s->doing);
	free(s->folder);
	free(s->why);
	*s = (struct session){ 0 };
}

void session_list_release(struct session_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		session_release(&l->item[i]);
	free(l->item);
	*l = (struct session_list){ 0 };
}

/* The columns of SESSIONS in sql.c. */
static void session_of_row(sqlite3_stmt *q, struct session *out)
{
	*out = (struct session){
		.id = (uint64_t)column_number(q, 0),
		.number = column_number(q, 1),
		.name = column_words(q, 2), .role = column_words(q, 3),
		.goal = column_words(q, 4), .doing = column_words(q, 5),
		.agent = column_process(q, 6),
		.parent = (long)column_number(q, 9),
		.folder = column_words(q, 11),
		.since = column_number(q, 12),
		.ended = column_number(q, 13),
		.why = column_words(q, 14),
	};
	column_copy(q, 10, out->terminal, sizeof(out->terminal));
}

int view_sessions(struct store *s, bool all, struct session_list *out,
		  struct error *err)
{
	sqlite3_stmt *q = query_start(s, all ? SQL_SESSIONS_ALL : SQL_SESSIONS,
				      BINDS_NONE, err);
	int result = 0;

	*out = (struct session_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		session_of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		session_list_release(out);
	return result;
}
