/*
 * Questions about alerts (trine/store_alert.h), answered from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/store_alert.h"

void alert_release(struct alert *a)
{
	free(a->who);
	free(a->text);
	free(a->cleared_by);
	free(a->why);
	*a = (struct alert){ 0 };
}

void alert_list_release(struct alert_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		alert_release(&l->item[i]);
	free(l->item);
	*l = (struct alert_list){ 0 };
}

/* The columns of ALERTS in sql.c. */
static void of_row(sqlite3_stmt *q, struct alert *out)
{
	*out = (struct alert){
		.computer = (int)column_number(q, 1),
		.own = column_number(q, 2) != 0,
		.who = column_words(q, 3),
		.text = column_words(q, 4),
		.since = column_number(q, 5),
		.told = column_number(q, 6),
		.tries = (uint64_t)column_number(q, 7),
		.handed = column_number(q, 8),
		.cleared = column_number(q, 10),
		.cleared_on = (int)column_number(q, 11),
		.cleared_by = column_words(q, 12),
		.why = column_words(q, 13),
		.more = (uint64_t)column_number(q, 14),
	};
	column_copy(q, 0, out->id, sizeof(out->id));
	column_copy(q, 9, out->note, sizeof(out->note));
}

int view_alerts(struct store *s, bool all, struct alert_list *out, struct error *err)
{
	sqlite3_stmt *q = all ? query_start(s, SQL_ALERTS_ALL, BINDS_NONE, err) :
			  query_start(s, SQL_ALERTS, BINDS(NUMBER(ALERTS_EACH)), err);
	int result = 0;

	*out = (struct alert_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		alert_list_release(out);
	return result;
}

int view_alert(struct store *s, const char *id, struct alert *out, bool *found,
	       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_ALERT, BINDS(TEXT(id)), err);
	int result = 0;

	*out = (struct alert){ 0 };
	*found = query_row(s, q, &result, err);
	if (*found)
		of_row(q, out);
	query_end(q);
	return result;
}

int view_emergency(struct store *s, bool *out, struct error *err)
{
	return query_number(s, SQL_EMERGENCY, BINDS_NONE, out, NULL, err);
}
