/*
 * Events of tasks in the hands of sessions, applied to the view (apply.c lists
 * them).
 */
#include "store.h"

#define ID_OF(e) TEXT(get_text((e)->json, "id"))

int settle_task(struct store *s, const char *id, struct error *err)
{
	int64_t concerns = 0;
	bool found;

	if (query_number(s, SQL_TASK_CONCERNS, BINDS(TEXT(id)), &found, &concerns,
			 err) == -1)
		return -1;
	if (concerns == 0)
		return 0;
	if (query_run(s, SQL_WAITS_NO_MORE, BINDS(TEXT(id)), err) == -1)
		return -1;
	return query_run(s, SQL_LOCKS_GIVEN_BACK, BINDS(TEXT(id)), err);
}

int change_task(struct store *s, enum statement id, struct binds binds,
		struct error *err)
{
	if (query_run(s, id, binds, err) == -1)
		return -1;
	return query_changed(s) ? settle_task(s, binds.bind[0].text, err) : 0;
}

int apply_added(struct store *s, const struct event *e, struct error *err)
{
	int64_t session = get_number(e->json, "session");

	if (add_message(s, e, DIRECTION_IN, err) == -1)
		return -1;
	return session == 0 ? 0 : query_run(s, SQL_TASK_AUTHOR,
					    BINDS(ID_OF(e), NUMBER(session)), err);
}

int apply_approved(struct store *s, const struct event *e, struct error *err)
{
	const char *who = get_text(e->json, "who");
	int64_t session = get_number(e->json, "session");

	if (query_run(s, SQL_TASK_APPROVED, BINDS(ID_OF(e), NUMBER(session)),
		      err) == -1 ||
	    query_run(s, SQL_APPROVAL_ADD,
		      BINDS(ID_OF(e), NUMBER(session), TEXT(who)), err) == -1)
		return -1;
	return add_moment(s, e, "approved", who, err);
}

/* Which nobody else holds: whoever recorded it looked. And another task may have been
 * passed over for it. */
int take_needs(struct store *s, const struct event *e, int64_t session,
	       const char *holder, struct error *err)
{
	const struct field *needs = get_list(e->json, "needs");
	const char *over = get_text(e->json, "over");

	if (*over != '\0' &&
	    query_run(s, SQL_TASK_PASSED, BINDS(TEXT(over)), err) == -1)
		return -1;
	FOR_FIELDS(needs, name)
		if (field_text(name) != NULL &&
		    query_run(s, SQL_LOCK_SET_TASK,
			      BINDS(TEXT(name->text), NUMBER(e->seq),
				    NUMBER(session), TEXT(holder), NUMBER(e->time),
				    ID_OF(e)), err) == -1)
			return -1;
	/* one that has ended already keeps nothing */
	return needs != NULL && needs->nodes > 1 ?
	       settle_task(s, get_text(e->json, "id"), err) : 0;
}

/* The number of the event is the fencing token: no later claim has a lower one. */
int apply_claimed(struct store *s, const struct event *e, struct error *err)
{
	const char *holder = get_text(e->json, "holder");

	if (query_run(s, SQL_TASK_CLAIMED,
		      BINDS(ID_OF(e), NUMBER(get_number(e->json, "session")),
			    NUMBER(e->seq), NUMBER(e->time), TEXT(holder)),
		      err) == -1 ||
	    take_needs(s, e, get_number(e->json, "session"), holder, err) == -1)
		return -1;
	return add_moment(s, e, "claimed", holder, err);
}

int apply_started(struct store *s, const struct event *e, struct error *err)
{
	if (query_run(s, SQL_TASK_STARTED, BINDS(ID_OF(e), NUMBER(e->time)),
		      err) == -1)
		return -1;
	return add_moment(s, e, "started", "", err);
}

int apply_again(struct store *s, const struct event *e, struct error *err)
{
	if (change_task(s, SQL_TASK_AGAIN,
		      BINDS(ID_OF(e), TEXT(get_text(e->json, "reason")),
			    NUMBER(get_time(e->json, "until"))), err) == -1)
		return -1;
	return add_moment(s, e, "again", "", err);
}

int apply_progress(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_TASK_NOTE,
			 BINDS(ID_OF(e), TEXT(get_text(e->json, "text"))), err);
}

int apply_stuck(struct store *s, const struct event *e, struct error *err)
{
	if (query_run(s, SQL_TASK_STUCK,
		      BINDS(ID_OF(e), TEXT(get_text(e->json, "reason"))),
		      err) == -1)
		return -1;
	return add_moment(s, e, "blocked", "", err);
}
