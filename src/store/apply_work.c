/*
 * Events of work behind the cycle, applied to the view (apply.c lists them).
 */
#include "store.h"

#define ID_OF(e) TEXT(get_text((e)->json, "id"))

/* A clock that stands before 1970 must not take it out of the line. */
static int64_t due_at(int64_t time)
{
	return time > 0 ? time : 1;
}

int apply_assigned(struct store *s, const struct event *e, struct error *err)
{
	return change_task(s, SQL_MESSAGE_ASSIGNED,
			 BINDS(ID_OF(e), TEXT(get_text(e->json, "instance")),
			       NUMBER(due_at(e->time))), err);
}

int apply_released(struct store *s, const struct event *e, struct error *err)
{
	if (change_task(s, SQL_MESSAGE_RELEASED, BINDS(ID_OF(e)), err) == -1)
		return -1;
	return add_moment(s, e, "released", "", err);
}

int apply_begun(struct store *s, const struct event *e, struct error *err)
{
	const char *instance = get_text(e->json, "instance");

	if (query_run(s, SQL_MESSAGE_BEGUN,
		      BINDS(ID_OF(e), NUMBER(e->time), TEXT(instance),
			    NUMBER(get_number(e->json, "attempt")),
			    NUMBER(get_number(e->json, "slot")),
			    NUMBER(get_number(e->json, "copy"))), err) == -1 ||
	    take_needs(s, e, 0, instance, err) == -1)
		return -1;
	return add_moment(s, e, "started", instance, err);
}

int apply_deferred(struct store *s, const struct event *e, struct error *err)
{
	if (change_task(s, SQL_MESSAGE_DEFERRED,
		      BINDS(ID_OF(e),
			    NUMBER(due_at(get_time(e->json, "until"))),
			    TEXT(get_text(e->json, "reason"))), err) == -1)
		return -1;
	return add_moment(s, e, "deferred", "", err);
}

int apply_blocked(struct store *s, const struct event *e, struct error *err)
{
	if (change_task(s, SQL_MESSAGE_BLOCKED,
		      BINDS(ID_OF(e), TEXT(get_text(e->json, "reason"))),
		      err) == -1)
		return -1;
	return add_moment(s, e, "blocked", "", err);
}

int apply_worked(struct store *s, const struct event *e, struct error *err)
{
	return change_task(s, SQL_MESSAGE_WORKED, BINDS(ID_OF(e), NUMBER(e->time)),
			 err);
}
