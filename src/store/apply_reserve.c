/*
 * Events of reservations, applied to the view (apply.c lists them).
 */
#include "store.h"

/* One a line: no glob has a line's end in it. */
static void join(struct buf *out, const struct field *globs)
{
	FOR_FIELDS(globs, glob)
		buf_printf(out, "%s%s", glob > globs + 1 ? "\n" : "",
			   field_text(glob) ? field_text(glob) : "");
}

int apply_reserved(struct store *s, const struct event *e, struct error *err)
{
	struct buf globs = BUF_INIT;
	int rc;

	join(&globs, get_list(e->json, "globs"));
	rc = query_run(s, SQL_RESERVE,
		       BINDS(NUMBER(e->seq), TEXT(get_text(e->json, "base")),
			     TEXT(globs.data), NUMBER(get_flag(e->json, "shared")),
			     NUMBER(get_number(e->json, "session")),
			     TEXT(get_text(e->json, "holder")),
			     TEXT(get_text(e->json, "reason")), NUMBER(e->time),
			     NUMBER(get_time(e->json, "until"))), err);
	buf_release(&globs);
	return rc;
}

int apply_unreserved(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_UNRESERVE,
			 BINDS(NUMBER(get_number(e->json, "id"))), err);
}
