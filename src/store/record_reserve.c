/*
 * Reservations, as events (trine/store.h). apply_reserve.c is the other half.
 */
#include "store.h"

int record_reserved(struct store *s, struct reservation *r, struct error *err)
{
	json_t *fields = json_object(), *globs = json_array();

	for (size_t i = 0; i < r->globs.count; i++)
		json_array_append_new(globs, json_string(r->globs.item[i]));
	put_text(fields, "base", r->base);
	json_object_set_new(fields, "globs", globs);
	put_flag(fields, "shared", r->shared);
	put_number(fields, "session", r->session);
	put_text(fields, "holder", r->holder);
	put_text(fields, "reason", r->why);
	put_time(fields, "until", r->until);
	if (event_record(s, "files.reserved", fields, err) == -1)
		return -1;
	r->id = s->next.seq;
	r->since = s->clock->now(s->clock);
	return 0;
}

int record_unreserved(struct store *s, uint64_t id, const char *why,
		      struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "id", id);
	put_text(fields, "why", why);
	return event_record(s, "files.released", fields, err);
}
