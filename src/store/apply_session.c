/*
 * Events of sessions, applied to the view (apply.c lists them).
 */
#include "store.h"

#define FIELD(e, key) TEXT(get_text((e)->json, (key)))
#define FIELD_NUMBER(e, key) NUMBER(get_number((e)->json, (key)))

int apply_session_started(struct store *s, const struct event *e,
			  struct error *err)
{
	return query_run(s, SQL_SESSION_ADD,
			 BINDS(NUMBER(e->seq), FIELD_NUMBER(e, "number"),
			       FIELD(e, "name"), FIELD(e, "role"),
			       FIELD(e, "goal"), FIELD_NUMBER(e, "pid"),
			       FIELD_NUMBER(e, "born"), FIELD(e, "boot"),
			       FIELD_NUMBER(e, "parent"), FIELD(e, "terminal"),
			       FIELD(e, "folder"), NUMBER(e->time)), err);
}

int apply_session_adopted(struct store *s, const struct event *e,
			  struct error *err)
{
	return query_run(s, SQL_SESSION_ADOPT,
			 BINDS(FIELD_NUMBER(e, "session"),
			       FIELD_NUMBER(e, "pid"), FIELD_NUMBER(e, "born"),
			       FIELD(e, "boot"), FIELD_NUMBER(e, "parent"),
			       FIELD(e, "terminal"), FIELD(e, "folder")), err);
}

int apply_session_doing(struct store *s, const struct event *e,
			struct error *err)
{
	return query_run(s, SQL_SESSION_DOING,
			 BINDS(FIELD_NUMBER(e, "session"), FIELD(e, "doing")),
			 err);
}

int apply_session_ended(struct store *s, const struct event *e,
			struct error *err)
{
	return query_run(s, SQL_SESSION_END,
			 BINDS(FIELD_NUMBER(e, "session"), NUMBER(e->time),
			       FIELD(e, "why")), err);
}
