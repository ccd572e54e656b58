/*
 * Work behind the cycle, as events (trine/store.h): lines of instances, and what
 * workers do with what they take out of them. apply_work.c is the other half.
 */
#include "store.h"

static int is_there(struct store *s, const char *id, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_MESSAGE_KNOWN, BINDS(TEXT(id)), err);
	int result = 0;
	bool found = query_row(s, q, &result, err);

	query_end(q);
	if (result == -1 || found)
		return result;
	return error_set(err, ERR_NOTFOUND, "no message %s", id);
}

/* A field that is NULL is left out. */
static int record_change(struct store *s, const char *type, const char *id,
			 const char *key, const char *text, struct error *err)
{
	json_t *fields;

	if (is_there(s, id, err) == -1)
		return -1;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, key, text);
	return event_record(s, type, fields, err);
}

int record_assigned(struct store *s, const char *id, const char *instance,
		    struct error *err)
{
	return record_change(s, "message.assigned", id, "instance", instance, err);
}

int record_released(struct store *s, const char *id, const char *reason,
		    struct error *err)
{
	return record_change(s, "message.released", id, "reason", reason, err);
}

int record_begun(struct store *s, const char *id, const struct begun *b,
		 const struct list *needs, const char *over, struct error *err)
{
	json_t *fields;

	if (is_there(s, id, err) == -1)
		return -1;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "instance", b->instance);
	put_number(fields, "copy", (uint64_t)b->copy);
	put_number(fields, "attempt", b->attempt);
	put_number(fields, "slot", b->slot);
	put_list(fields, "needs", needs);
	put_text(fields, "over", over);
	return event_record(s, "message.begun", fields, err);
}

int record_deferred(struct store *s, const char *id, const char *reason,
		    int64_t until, struct error *err)
{
	json_t *fields;

	if (is_there(s, id, err) == -1)
		return -1;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "reason", reason);
	put_time(fields, "until", until);
	return event_record(s, "message.deferred", fields, err);
}

int record_blocked(struct store *s, const char *id, const char *reason,
		   struct error *err)
{
	return record_change(s, "message.blocked", id, "reason", reason, err);
}

int record_worked(struct store *s, const char *id, struct error *err)
{
	return record_change(s, "message.worked", id, "reason", NULL, err);
}
