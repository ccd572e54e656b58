/*
 * Events of values that instances share, applied to the view (apply.c lists them).
 */
#include "store.h"

int apply_value(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_VALUE_SET,
			 BINDS(TEXT(get_text(e->json, "key")),
			       TEXT(get_text(e->json, "value")), NUMBER(e->seq),
			       TEXT(get_text(e->json, "by")), NUMBER(e->time)),
			 err);
}

int apply_value_gone(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_VALUE_REMOVE,
			 BINDS(TEXT(get_text(e->json, "key"))), err);
}
