/*
 * Tasks in the hands of sessions, as events (trine/store.h). apply_task.c is the
 * other half.
 */
#include "store.h"
#include "trine/message_json.h"
#include "trine/store_task.h"

int record_added(struct store *s, const char *id, const struct message *m,
		 uint64_t session, struct error *err)
{
	json_t *message = message_to_json(NULL, m), *fields;
	char digest[MESSAGE_DIGEST];

	if (message == NULL)
		return error_set(err, ERR_DATA, "%s is not UTF-8", id);
	message_digest(m, digest);
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "digest", digest);
	put_text(fields, "state", "QUEUED");
	put_number(fields, "session", session);
	json_object_set_new(fields, "message", message);
	return event_record(s, "task.added", fields, err);
}

int record_approved(struct store *s, const char *id, uint64_t session,
		    const char *who, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_number(fields, "session", session);
	put_text(fields, "who", who);
	return event_record(s, "task.approved", fields, err);
}

int record_claimed(struct store *s, const char *id, uint64_t session,
		   const char *holder, const struct list *needs, const char *over,
		   struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_number(fields, "session", session);
	put_text(fields, "holder", holder);
	put_list(fields, "needs", needs);
	put_text(fields, "over", over);
	return event_record(s, "task.claimed", fields, err);
}

/* One more thing about it, or nothing but that it happened. */
static int record_about(struct store *s, const char *type, const char *id,
			const char *key, const char *text, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_text(fields, key, text);
	return event_record(s, type, fields, err);
}

int record_started(struct store *s, const char *id, struct error *err)
{
	return record_about(s, "task.started", id, "text", NULL, err);
}

int record_again(struct store *s, const char *id, uint64_t attempt,
		 const char *reason, int64_t until, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_number(fields, "attempt", attempt);
	put_text(fields, "reason", reason);
	put_time(fields, "until", until);
	return event_record(s, "task.again", fields, err);
}

int record_progress(struct store *s, const char *id, const char *text,
		    struct error *err)
{
	return record_about(s, "task.progress", id, "text", text, err);
}

int record_stuck(struct store *s, const char *id, const char *reason,
		 struct error *err)
{
	return record_about(s, "task.stuck", id, "reason", reason, err);
}
