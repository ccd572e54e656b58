/*
 * Sessions, as events (trine/store.h). apply_session.c is the other half.
 */
#include "store.h"

static void put_agent(json_t *fields, const struct session *s)
{
	put_process(fields, &s->agent);
	put_number(fields, "parent", (uint64_t)s->parent);
	put_text(fields, "terminal", s->terminal);
	put_text(fields, "folder", s->folder);
}

int record_session_started(struct store *s, struct session *session,
			   struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "number", (uint64_t)session->number);
	put_text(fields, "name", session->name);
	put_text(fields, "role", session->role);
	put_text(fields, "goal", session->goal);
	put_agent(fields, session);
	if (event_record(s, "session.started", fields, err) == -1)
		return -1;
	session->id = s->next.seq;
	session->since = s->clock->now(s->clock);
	return 0;
}

int record_session_adopted(struct store *s, const struct session *session,
			   struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "session", session->id);
	put_agent(fields, session);
	return event_record(s, "session.adopted", fields, err);
}

int record_session_doing(struct store *s, uint64_t id, const char *doing,
			 struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "session", id);
	put_text(fields, "doing", doing);
	return event_record(s, "session.doing", fields, err);
}

int record_session_ended(struct store *s, uint64_t id, const char *why,
			 struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "session", id);
	put_text(fields, "why", why);
	return event_record(s, "session.ended", fields, err);
}
