/*
 * Events of locks, applied to the view (apply.c lists them).
 */
#include "store.h"

#define FIELD(e, key) TEXT(get_text((e)->json, (key)))
#define FIELD_NUMBER(e, key) NUMBER(get_number((e)->json, (key)))
#define PROCESS(e) FIELD_NUMBER(e, "pid"), FIELD_NUMBER(e, "born"), \
	FIELD(e, "boot")

int apply_lock_acquired(struct store *s, const struct event *e,
			struct error *err)
{
	return query_run(s, SQL_LOCK_SET,
			 BINDS(FIELD(e, "name"), NUMBER(e->seq),
			       FIELD_NUMBER(e, "session"), FIELD(e, "holder"),
			       PROCESS(e), NUMBER(e->time),
			       NUMBER(get_time(e->json, "until")),
			       FIELD_NUMBER(e, "ttl")), err);
}

int apply_lock_renewed(struct store *s, const struct event *e,
		       struct error *err)
{
	return query_run(s, SQL_LOCK_RENEW,
			 BINDS(FIELD(e, "name"), FIELD_NUMBER(e, "token"),
			       NUMBER(get_time(e->json, "until"))), err);
}

int apply_lock_released(struct store *s, const struct event *e,
			struct error *err)
{
	return query_run(s, SQL_LOCK_REMOVE,
			 BINDS(FIELD(e, "name"), FIELD_NUMBER(e, "token")), err);
}

int apply_lock_wait(struct store *s, const struct event *e, struct error *err)
{
	if (*get_text(e->json, "name") == '\0')
		return query_run(s, SQL_WAIT_REMOVE,
				 BINDS(FIELD_NUMBER(e, "session")), err);
	return query_run(s, SQL_WAIT_SET,
			 BINDS(FIELD_NUMBER(e, "session"), FIELD(e, "name"),
			       PROCESS(e)), err);
}
