/*
 * Events of messages that came, or went out, before git brought them, applied to the
 * view (apply.c lists them). That one came is a message.received.
 */
#include "store.h"

int apply_offered(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_EARLY_OFFERED,
			 BINDS(TEXT(get_text(e->json, "id")), NUMBER(e->time)), err);
}

/* What was listed of its number, or of the one it has in git, is over. */
static int bring(struct store *s, const struct event *e, struct error *err)
{
	const char *id = get_text(e->json, "id"), *as = get_text(e->json, "as");

	if (query_run(s, SQL_TROUBLE_OVER, BINDS(TEXT(*as ? as : id)), err) == -1 ||
	    /* what ends an alert names it as git does */
	    (*as && query_run(s, SQL_ALERT_RENUMBER, BINDS(TEXT(id), TEXT(as)),
			      err) == -1))
		return -1;
	return query_run(s, SQL_EARLY_BROUGHT, BINDS(TEXT(id), NUMBER(e->time)), err);
}

int apply_brought(struct store *s, const struct event *e, struct error *err)
{
	return bring(s, e, err);
}

int apply_withdrawn(struct store *s, const struct event *e, struct error *err)
{
	static const char why[] = "taken back by its sender";
	const char *id = get_text(e->json, "id");
	const char *digest = get_text(e->json, "digest");
	struct stream_name stream = { 0 };

	stream_of_id(id, &stream);
	if (*get_text(e->json, "commit") && bring(s, e, err) == -1)
		return -1;
	if (*digest && query_run(s, SQL_REPEATED_ADD, BINDS(TEXT(id), TEXT(digest)),
				 err) == -1)
		return -1;
	if (query_run(s, SQL_EARLY_NOTED, BINDS(TEXT(id), TEXT(why)), err) == -1 ||
	    query_run(s, SQL_ALERT_OVER, BINDS(TEXT(id), NUMBER(e->time),
		      NUMBER(stream.from), TEXT(NULL), TEXT(why)), err) == -1)
		return -1;
	return change_task(s, SQL_EARLY_ENDED, BINDS(TEXT(id), NUMBER(e->time)), err);
}
