/*
 * Locks, as events (trine/store.h). apply_lock.c is the other half.
 */
#include "store.h"

int record_lock_acquired(struct store *s, struct lock *lock, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", lock->name);
	put_number(fields, "session", lock->session);
	put_text(fields, "holder", lock->holder);
	put_process(fields, &lock->process);
	put_time(fields, "until", lock->until);
	put_number(fields, "ttl", (uint64_t)lock->ttl);
	if (event_record(s, "lock.acquired", fields, err) == -1)
		return -1;
	lock->token = s->next.seq;
	lock->since = s->clock->now(s->clock);
	return 0;
}

int record_lock_renewed(struct store *s, const char *name, uint64_t token,
			int64_t until, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", name);
	put_number(fields, "token", token);
	put_time(fields, "until", until);
	return event_record(s, "lock.renewed", fields, err);
}

int record_lock_released(struct store *s, const char *name, uint64_t token,
			 const char *why, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "name", name);
	put_number(fields, "token", token);
	put_text(fields, "why", why);
	return event_record(s, "lock.released", fields, err);
}

int record_lock_wait(struct store *s, uint64_t session, const char *name,
		     const struct process_mark *process, struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "session", session);
	put_text(fields, "name", name);
	if (*name != '\0')
		put_process(fields, process);
	return event_record(s, "lock.waiting", fields, err);
}
