/*
 * Events of instances, applied to the view (apply.c lists them).
 */
#include "store.h"

int apply_instance_wanted(struct store *s, const struct event *e,
			  struct error *err)
{
	return query_run(s, SQL_INSTANCE_WISH_SET,
			 BINDS(TEXT(get_text(e->json, "name")),
			       TEXT(get_text(e->json, "want")), NUMBER(e->seq),
			       NUMBER(e->time)), err);
}

int apply_instance_changed(struct store *s, const struct event *e,
			   struct error *err)
{
	return query_run(s, SQL_INSTANCE_SET,
			 BINDS(TEXT(get_text(e->json, "name")),
			       NUMBER(get_number(e->json, "copy")),
			       TEXT(get_text(e->json, "state")),
			       NUMBER(get_flag(e->json, "given_up")),
			       NUMBER(get_number(e->json, "pid")),
			       NUMBER(get_number(e->json, "born")),
			       TEXT(get_text(e->json, "boot")), NUMBER(e->time),
			       TEXT(get_text(e->json, "reason"))), err);
}
