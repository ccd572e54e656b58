/*
 * Questions about values that instances share (trine/store.h), answered from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"

void value_release(struct value *v)
{
	free(v->key);
	free(v->value);
	free(v->by);
	*v = (struct value){ 0 };
}

void value_list_release(struct value_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		value_release(&l->item[i]);
	free(l->item);
	*l = (struct value_list){ 0 };
}

/* The columns of VALUES in sql.c. */
static void of_row(sqlite3_stmt *q, struct value *out)
{
	*out = (struct value){
		.key = column_text(q, 0), .value = column_text(q, 1),
		.generation = (uint64_t)column_number(q, 2),
		.by = column_text(q, 3), .since = column_number(q, 4),
	};
}

int view_value(struct store *s, const char *key, struct value *out, bool *found,
	       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_VALUE, BINDS(TEXT(key)), err);
	int result = 0;

	*out = (struct value){ 0 };
	*found = query_row(s, q, &result, err);
	if (*found)
		of_row(q, out);
	query_end(q);
	return result;
}

int view_values(struct store *s, struct value_list *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_VALUES, BINDS_NONE, err);
	int result = 0;

	*out = (struct value_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		value_list_release(out);
	return result;
}
