/*
 * Alerts, as events (trine/store_alert.h). apply_alert.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/store_alert.h"

static int record(struct store *s, const char *type, const char *id, json_t *fields,
		  struct error *err)
{
	put_text(fields, "id", id);
	return event_record(s, type, fields, err);
}

int record_alert_raised(struct store *s, const char *key, const char *text,
			struct error *err)
{
	json_t *fields = json_object();
	const char *said;
	struct alert now;
	bool found, same;

	if (view_alert(s, key, &now, &found, err) == -1) {
		json_decref(fields);
		return -1;
	}
	put_text(fields, "text", text);
	said = json_string_value(json_object_get(fields, "text"));
	same = found && now.cleared == 0 && strcmp(now.text, said ? said : "") == 0;
	alert_release(&now);
	if (!same)
		return record(s, "alert.raised", key, fields, err);
	json_decref(fields);
	return 0;
}

int record_alert_cleared(struct store *s, const char *key, const char *by,
			 const char *why, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "by", by);
	put_text(fields, "why", why);
	return record(s, "alert.cleared", key, fields, err);
}

int record_alert_told(struct store *s, const char *id, const struct list *instances,
		      struct error *err)
{
	json_t *fields = json_object();

	put_list(fields, "instances", instances);
	return record(s, "alert.told", id, fields, err);
}

int record_alert_handing(struct store *s, const char *id, uint64_t attempt,
			 struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "attempt", attempt);
	return record(s, "alert.handing", id, fields, err);
}

int record_alert_handed(struct store *s, const char *id, const char *why,
			struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "why", why);
	return record(s, "alert.handed", id, fields, err);
}
