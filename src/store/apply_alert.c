/*
 * Events of alerts, applied to the view (apply.c lists them), and those of messages
 * that are alerts or end one.
 */
#include <string.h>

#include "store.h"
#include "trine/store_alert.h"

#define FIELD(e, key) TEXT(get_text((e)->json, (key)))

/* What comes back after a loss was acted on then, as far as anybody knows. */
static bool is_of_before(const struct event *e)
{
	return strcmp(e->type, "message.found") == 0 ||
	       *get_text(e->json, "note") != '\0';
}

static int add_alert(struct store *s, const struct event *e, const struct field *message,
		     enum direction direction, int from, struct error *err)
{
	return query_run(s, SQL_ALERT_ADD,
			 BINDS(FIELD(e, "id"), NUMBER(e->seq), NUMBER(from),
			       NUMBER(direction == DIRECTION_OUT),
			       TEXT(get_text(message, "from")),
			       TEXT(get_text(message, "title")), NUMBER(e->time),
			       NUMBER(is_of_before(e) ? e->time : 0)), err);
}

int keep_alert(struct store *s, const struct event *e, const struct field *message,
	       enum direction direction, struct stream_name stream, struct error *err)
{
	if (strcmp(get_text(message, "type"), "alert") != 0 || stream.to != END_ALL ||
	    direction == DIRECTION_OLD)
		return 0;
	if (strcmp(get_text(message, "state"), ALERT_CLEARED) == 0)
		return query_run(s, SQL_ALERT_OVER,
				 BINDS(TEXT(get_text(message, "re")),
				       NUMBER(e->time), NUMBER(stream.from),
				       TEXT(get_text(message, "from")),
				       TEXT(get_text(message, "title"))), err);
	if (strcmp(get_text(message, "priority"), "urgent") != 0)
		return 0;
	return add_alert(s, e, message, direction, stream.from, err);
}

int apply_alert_raised(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_ALERT_RAISE,
			 BINDS(FIELD(e, "id"), NUMBER(e->seq), FIELD(e, "text"),
			       NUMBER(e->time)), err);
}

int apply_alert_cleared(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_ALERT_OVER,
			 BINDS(FIELD(e, "id"), NUMBER(e->time), NUMBER(0),
			       FIELD(e, "by"), FIELD(e, "why")), err);
}

int apply_alert_told(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_ALERT_TOLD, BINDS(FIELD(e, "id"), NUMBER(e->time)),
			 err);
}

int apply_alert_handing(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_ALERT_HANDING,
			 BINDS(FIELD(e, "id"), NUMBER(get_number(e->json, "attempt"))),
			 err);
}

int apply_alert_handed(struct store *s, const struct event *e, struct error *err)
{
	const char *why = get_text(e->json, "why");

	return query_run(s, SQL_ALERT_HANDED,
			 BINDS(FIELD(e, "id"), NUMBER(*why == '\0' ? e->time : 0),
			       TEXT(why)), err);
}
