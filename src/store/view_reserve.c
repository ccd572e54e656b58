/*
 * Questions about reservations (trine/store.h), answered from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/text.h"

void reservation_release(struct reservation *r)
{
	free(r->base);
	free(r->holder);
	free(r->why);
	list_release(&r->globs);
	*r = (struct reservation){ 0 };
}

void reservation_list_release(struct reservation_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		reservation_release(&l->item[i]);
	free(l->item);
	*l = (struct reservation_list){ 0 };
}

static void of_row(sqlite3_stmt *q, struct reservation *out)
{
	*out = (struct reservation){
		.id = (uint64_t)column_number(q, 0),
		.base = column_text(q, 1),
		.shared = column_number(q, 3) != 0,
		.session = (uint64_t)column_number(q, 4),
		.holder = column_text(q, 5), .why = column_text(q, 6),
		.since = column_number(q, 7), .until = column_number(q, 8),
	};
	list_add_lines(&out->globs, column_span(q, 2));
}

int view_reservations(struct store *s, struct reservation_list *out,
		      struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_RESERVATIONS, BINDS_NONE, err);
	int result = 0;

	*out = (struct reservation_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		reservation_list_release(out);
	return result;
}
