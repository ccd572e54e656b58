/*
 * Events of streams whose writer has no trine, applied to the view (apply.c
 * lists them).
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"

int apply_hand_read(struct store *s, const struct event *e, struct error *err)
{
	const struct field *lines = get_object(e->json, "lines");
	const char *commit = get_text(e->json, "commit");
	struct stream_name stream;

	if (get_stream(e->json, &stream, err) == -1)
		return -1;
	FOR_FIELDS(lines, line)
		if (query_run(s, SQL_HAND_LINE_SET, BINDS(STREAM(stream),
			      TEXT(line->key), NUMBER(field_number(line)),
			      TEXT(commit)), err) == -1)
			return -1;
	if (get_flag(e->json, "beside") || get_flag(e->json, "below") ||
	    strcmp(commit, HAND_NO_COMMIT) == 0)
		return 0;
	return query_run(s, SQL_HAND_STREAM_SET,
			 BINDS(STREAM(stream), TEXT(commit)), err);
}

int apply_amended(struct store *s, const struct event *e, struct error *err)
{
	const struct field *message = message_of(e, err);
	const char *body = get_text(message, "body");
	const char *id = get_text(e->json, "id");
	char *text;
	int rc;

	if (message == NULL)
		return -1;
	text = text_of_head(message);
	rc = query_run(s, SQL_REWORDED_ADD, BINDS(NUMBER(e->seq), TEXT(id)), err);
	if (rc == 0)
		rc = query_run(s, SQL_MESSAGE_AMEND,
			       BINDS(TEXT(id), TEXT(text),
				     TEXT(get_text(e->json, "digest")),
				     TEXT(*body ? body : NULL),
				     NUMBER(rank_in(message))), err);
	free(text);
	return rc == 0 ? add_moment(s, e, "amended", "", err) : -1;
}

int apply_ended(struct store *s, const struct event *e, struct error *err)
{
	const char *result = get_text(e->json, "result");

	if (change_task(s, SQL_MESSAGE_END,
		      BINDS(TEXT(get_text(e->json, "id")),
			    TEXT(get_text(e->json, "state")),
			    TEXT(get_text(e->json, "reason")), NUMBER(e->time),
			    TEXT(*result ? result : NULL)), err) == -1)
		return -1;
	return add_moment(s, e, "ended", "", err);
}
