/*
 * Questions about streams whose writer has no trine (trine/store.h), answered
 * from the view.
 */
#include <stdlib.h>

#include "store.h"
#include "trine/mem.h"

int view_hand_line(struct store *s, struct stream_name stream,
		   struct hand_known *line, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_HAND_LINE, BINDS(STREAM(stream),
				      TEXT(line->digest)), err);
	int result = 0;

	line->most = 0;
	line->commit[0] = '\0';
	if (query_row(s, q, &result, err)) {
		line->most = (uint64_t)column_number(q, 0);
		column_copy(q, 1, line->commit, sizeof(line->commit));
	}
	query_end(q);
	return result;
}

int view_hand_streams(struct store *s, struct hand_stream **out, size_t *count,
		      struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_HAND_STREAMS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct hand_stream *stream;

		ARRAY_GROW(*out, *count, cap);
		stream = &(*out)[(*count)++];
		stream->name = column_stream(q, 0);
		column_copy(q, 2, stream->mark, sizeof(stream->mark));
	}
	query_end(q);
	if (result == -1) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_hand_task(struct store *s, struct stream_name stream,
		   const char *title, const char *whole, char id[MESSAGE_ID],
		   bool *started, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_HAND_TASK,
				      BINDS(STREAM(stream), TEXT(title), TEXT(whole)),
				      err);
	int result = 0;

	id[0] = '\0';
	*started = false;
	if (query_row(s, q, &result, err)) {
		column_copy(q, 0, id, MESSAGE_ID);
		*started = column_number(q, 1) != 0;
	}
	query_end(q);
	return result;
}

int view_hand_mark(struct store *s, struct stream_name stream, char out[41],
		   struct error *err)
{
	return query_text(s, SQL_HAND_MARK, BINDS(STREAM(stream)), out, 41, err);
}

int view_hand_title(struct store *s, struct stream_name stream, const char *title,
		    const char *whole, bool *found, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_HAND_TITLE,
				      BINDS(STREAM(stream), TEXT(title), TEXT(whole)),
				      err);
	int result = 0;

	*found = query_row(s, q, &result, err);
	query_end(q);
	return result;
}
