/*
 * Questions about instances (trine/store_instance.h), answered from the view.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/store_instance.h"

void instance_fact_list_release(struct instance_fact_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->item[i].name);
		free(l->item[i].reason);
	}
	free(l->item);
	*l = (struct instance_fact_list){ 0 };
}

void instance_wish_list_release(struct instance_wish_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i].name);
	free(l->item);
	*l = (struct instance_wish_list){ 0 };
}

/* The columns of INSTANCES in sql.c. A state that a later trine knows is none. */
static void fact_of_row(sqlite3_stmt *q, struct instance_fact *out)
{
	*out = (struct instance_fact){
		.name = column_text(q, 0), .copy = column_number(q, 1),
		.given_up = column_number(q, 3) != 0,
		.process = column_process(q, 4),
		.since = column_number(q, 7), .reason = column_text(q, 8),
	};
	if (!instance_state_parse(column_span(q, 2), &out->state))
		out->state = INSTANCE_OFFLINE;
}

int view_instances(struct store *s, struct instance_fact_list *out,
		   struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_INSTANCES, BINDS_NONE, err);
	int result = 0;

	*out = (struct instance_fact_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		fact_of_row(q, &out->item[out->count++]);
	}
	query_end(q);
	if (result == -1)
		instance_fact_list_release(out);
	return result;
}

static enum instance_want want_of(struct span text)
{
	for (int i = WANT_START; i <= WANT_RESTART; i++)
		if (span_is(text, instance_wants[i]))
			return (enum instance_want)i;
	return WANT_START;
}

int view_instance_wishes(struct store *s, struct instance_wish_list *out,
			 struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_INSTANCE_WISHES, BINDS_NONE, err);
	int result = 0;

	*out = (struct instance_wish_list){ 0 };
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(out->item, out->count, out->cap);
		out->item[out->count++] = (struct instance_wish){
			.name = column_text(q, 0),
			.want = want_of(column_span(q, 1)),
			.number = (uint64_t)column_number(q, 2),
			.time = column_number(q, 3),
		};
	}
	query_end(q);
	if (result == -1)
		instance_wish_list_release(out);
	return result;
}
