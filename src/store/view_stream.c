/*
 * Questions about this computer, streams, and the other computers
 * (trine/store.h), answered from the view.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"

/* ---- who we are ---- */

static void read_former(sqlite3_stmt *q, int column, struct list *out)
{
	struct span text = column_span(q, column);
	json_t *array = json_loadb(text.p, text.len, 0, NULL), *item;
	size_t i;

	json_array_foreach(array, i, item)
		if (json_is_string(item))
			list_add(out, json_string_value(item));
	json_decref(array);
}

int view_identity(struct store *s, struct identity *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_COMPUTER, BINDS_NONE, err);
	int result = 0;

	*out = (struct identity){ .former = LIST_INIT };
	if (query_row(s, q, &result, err)) {
		out->number = (int)column_number(q, 0);
		out->name = column_text(q, 1);
		column_copy(q, 2, out->clone, sizeof(out->clone));
		read_former(q, 3, &out->former);
		column_copy(q, 4, out->why, sizeof(out->why));
		out->since = column_number(q, 5);
		out->accepted = column_number(q, 6) != 0;
	}
	query_end(q);
	return result;
}

void identity_release(struct identity *id)
{
	free(id->name);
	list_release(&id->former);
	*id = (struct identity){ .former = LIST_INIT };
}

/* ---- streams ---- */

void out_streams_free(struct out_stream *l, size_t count)
{
	for (size_t i = 0; l != NULL && i < count; i++)
		free(l[i].preamble);
	free(l);
}

int view_out_streams(struct store *s, struct out_stream **out, size_t *count,
		     struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_OUT_STREAMS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(*out, *count, cap);
		(*out)[(*count)++] = (struct out_stream){
			.name = column_stream(q, 0),
			.last = (uint64_t)column_number(q, 2),
			.committed = (uint64_t)column_number(q, 3),
			.pushed = (uint64_t)column_number(q, 4),
			.closed = (unsigned)column_number(q, 5),
			.open_first = (uint64_t)column_number(q, 6),
			.preamble = column_text(q, 7),
			.floor = (uint64_t)column_number(q, 8),
		};
	}
	query_end(q);
	if (result == -1) {
		out_streams_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_segments(struct store *s, struct stream_name stream,
		  struct segment **out, size_t *count, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_SEGMENTS, BINDS(STREAM(stream)),
				      err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct segment *segment;

		ARRAY_GROW(*out, *count, cap);
		segment = &(*out)[(*count)++];
		segment->number = (unsigned)column_number(q, 0);
		segment->first = (uint64_t)column_number(q, 1);
		segment->last = (uint64_t)column_number(q, 2);
		column_copy(q, 3, segment->blob, sizeof(segment->blob));
	}
	query_end(q);
	if (result == -1) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return result;
}

int view_segment_blob(struct store *s, struct stream_name stream,
		      unsigned number, char out[41], struct error *err)
{
	return query_text(s, SQL_SEGMENT, BINDS(STREAM(stream), NUMBER(number)), out,
			  41, err);
}

int view_in_streams(struct store *s, struct in_stream **out, size_t *count,
		    struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_IN_STREAMS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct in_stream *stream;

		ARRAY_GROW(*out, *count, cap);
		stream = &(*out)[(*count)++];
		stream->name = column_stream(q, 0);
		column_copy(q, 2, stream->clone, sizeof(stream->clone));
		stream->upto = (uint64_t)column_number(q, 3);
		column_copy(q, 4, stream->blob, sizeof(stream->blob));
	}
	query_end(q);
	if (result == -1) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return result;
}

static void add_trouble(struct status *into, const char *id, struct stream_name stream,
			uint64_t seq, const char *why, uint64_t rows)
{
	if (id == NULL)
		status_add_cut(into, stream, why != NULL, rows);
	else if (why == NULL)
		status_add_missing(into, stream, seq);
	else
		status_add_rejected(into, id, why);
}

int view_troubles(struct store *s, struct status *into, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_TROUBLES,
				      BINDS(NUMBER(TROUBLES_MISSING),
					    NUMBER(TROUBLES_REJECTED)), err);
	int result = 0;

	while (query_row(s, q, &result, err)) {
		char *id = column_text(q, 0), *why = column_text(q, 4);

		add_trouble(into, id, column_stream(q, 1),
			    (uint64_t)column_number(q, 3), why,
			    (uint64_t)column_number(q, 5));
		free(id);
		free(why);
	}
	query_end(q);
	return result;
}

/* ---- the others ---- */

void peers_free(struct peer *p, size_t count)
{
	for (size_t i = 0; p != NULL && i < count; i++) {
		free(p[i].name);
		free(p[i].received);
	}
	free(p);
}

static struct peer peer_of_row(sqlite3_stmt *q)
{
	struct peer p = {
		.computer = (int)column_number(q, 0),
		.name = column_text(q, 1),
		.state = STATE_OFFLINE,
		.format = (uint64_t)column_number(q, 4),
		.updated = column_number(q, 5),
		.heartbeat = column_number(q, 6),
		.seen = column_number(q, 7),
	};

	column_copy(q, 2, p.clone, sizeof(p.clone));
	computer_state_parse(column_span(q, 3), &p.state);
	column_copy(q, 8, p.blob, sizeof(p.blob));
	column_copy(q, 9, p.commit, sizeof(p.commit));
	return p;
}

static int read_received(struct store *s, struct peer *p, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PEER_RECEIVED,
				      BINDS(NUMBER(p->computer)), err);
	size_t cap = 0;
	int result = 0;

	while (query_row(s, q, &result, err)) {
		struct receipt *r;

		ARRAY_GROW(p->received, p->received_count, cap);
		r = &p->received[p->received_count++];
		r->stream = column_stream(q, 0);
		r->upto = (uint64_t)column_number(q, 2);
		column_copy(q, 3, r->mark, sizeof(r->mark));
		r->sure = (uint64_t)column_number(q, 4);
	}
	query_end(q);
	return result;
}

int view_peers(struct store *s, struct peer **out, size_t *count,
	       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PEERS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		ARRAY_GROW(*out, *count, cap);
		(*out)[(*count)++] = peer_of_row(q);
	}
	query_end(q);
	for (size_t i = 0; i < *count && result == 0; i++)
		result = read_received(s, &(*out)[i], err);
	if (result == -1) {
		peers_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}

void complaints_free(struct complaint *c, size_t count)
{
	for (size_t i = 0; c != NULL && i < count; i++)
		free(c[i].why);
	free(c);
}

int view_complaints(struct store *s, struct complaint **out, size_t *count,
		    struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_COMPLAINTS, BINDS_NONE, err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct complaint *c;

		ARRAY_GROW(*out, *count, cap);
		c = &(*out)[(*count)++];
		c->computer = (int)column_number(q, 0);
		column_copy(q, 1, c->id, sizeof(c->id));
		c->why = column_text(q, 2);
	}
	query_end(q);
	if (result == -1) {
		complaints_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}
