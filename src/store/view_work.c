/*
 * Questions about the lines of instances (trine/store.h), answered from the view.
 */
#include "store.h"

int view_line(struct store *s, const char *instance, struct work_line *out,
	      struct error *err)
{
	sqlite3_stmt *q = instance == NULL ?
		query_start(s, SQL_LINES, BINDS_NONE, err) :
		query_start(s, SQL_LINE, BINDS(TEXT(instance)), err);
	int result = 0;

	*out = (struct work_line){ 0 };
	if (query_row(s, q, &result, err)) {
		out->waiting = (uint64_t)column_number(q, 0);
		out->due = column_number(q, 1);
		out->at_work = (uint64_t)column_number(q, 2);
	}
	query_end(q);
	return result;
}

int view_contact(struct store *s, const char *instance, int64_t *out,
		 struct error *err)
{
	bool found;

	*out = 0;
	return query_number(s, SQL_CONTACT, BINDS(TEXT(instance)), &found, out,
			    err);
}

int view_next(struct store *s, const char *instance,
	      enum message_priority priority, int64_t now,
	      view_suits *suits, void *arg, struct record *out, bool *found,
	      struct error *err)
{
	return first_suitable(s, query_start(s, SQL_RECORD_NEXT,
					     BINDS(TEXT(instance), NUMBER(now),
						   NUMBER(rank_of(priority))), err),
			      suits, arg, out, found, err);
}
