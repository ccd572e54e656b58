/* Refusals, counted by local/refused.c, as an event that changes nothing in the view. */
#include "store.h"

const char *refused_name(enum refused what)
{
	static const char *const names[] = {
		[REFUSED_TASKS] = "tasks", [REFUSED_LOCKS] = "locks",
		[REFUSED_FILES] = "files", [REFUSED_CLAIMS] = "fleet",
	};

	return names[what];
}

int record_refused(struct store *s, const struct refusals *r, struct error *err)
{
	json_t *fields = json_object();

	put_time(fields, "since", r->since);
	for (int i = 0; i < REFUSED_KINDS; i++)
		put_number(fields, refused_name((enum refused)i), r->count[i]);
	return event_record(s, "claims.refused", fields, err);
}
