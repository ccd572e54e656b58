/*
 * Questions about messages (trine/store.h), answered from the view.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/message_json.h"

void record_release(struct record *r)
{
	message_release(&r->message);
	free(r->instance);
	free(r->holder);
	free(r->result);
	*r = (struct record){ .message = MESSAGE_INIT };
}

void record_list_release(struct record_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		record_release(&l->item[i]);
	free(l->item);
	*l = (struct record_list){ 0 };
}

/* ---- rows ---- */

/* Columns of the RECORDS statements of sql.c. */
enum column {
	COLUMN_N, COLUMN_ID, COLUMN_DIRECTION, COLUMN_FROM, COLUMN_TO,
	COLUMN_SEQ, COLUMN_CLONE, COLUMN_DIGEST, COLUMN_STATE, COLUMN_NOTE,
	COLUMN_ADOPTED, COLUMN_ARRIVED, COLUMN_COMMITTED, COLUMN_PUSHED,
	COLUMN_READ, COLUMN_HANDING, COLUMN_HANDED, COLUMN_INSTANCE, COLUMN_RE,
	COLUMN_MESSAGE, COLUMN_BODY, COLUMN_CONFIRMED, COLUMN_ANSWERED,
	COLUMN_ATTEMPT, COLUMN_SLOT, COLUMN_COPY, COLUMN_DUE,
	COLUMN_SESSION, COLUMN_TOKEN, COLUMN_CLAIMED, COLUMN_STARTED,
	COLUMN_HOLDER, COLUMN_ENDED, COLUMN_RESULT, COLUMN_WAITS,
	COLUMN_WANTS, COLUMN_AUTHOR, COLUMN_RESTS, COLUMN_PASSED,
	COLUMN_EARLY, COLUMN_BROUGHT
};

/* The text is as it was recorded; its number and what it answers may be others
 * since (R28). */
static int message_of_row(sqlite3_stmt *q, struct message *out)
{
	struct error ignored = ERROR_INIT;
	struct span text = column_span(q, COLUMN_MESSAGE);
	json_t *json = json_loadb(text.p, text.len, 0, NULL);
	int result = message_from_json(json, out, &ignored);

	json_decref(json);
	if (result == -1)
		return -1;
	out->seq = (uint64_t)column_number(q, COLUMN_SEQ);
	free(out->re);
	out->re = column_text(q, COLUMN_RE);
	text = column_span(q, COLUMN_BODY);
	free(out->body);
	out->body = xmemdup(text.p, text.len);
	out->body_len = text.len;
	return 0;
}

static void times_of_row(sqlite3_stmt *q, struct record *out)
{
	int64_t arrived = column_number(q, COLUMN_ARRIVED);
	bool theirs = out->direction == DIRECTION_IN;

	out->accepted = theirs ? 0 : arrived;
	out->received = theirs ? arrived : column_number(q, COLUMN_CONFIRMED);
	out->committed = column_number(q, COLUMN_COMMITTED);
	out->pushed = column_number(q, COLUMN_PUSHED);
	out->read = column_number(q, COLUMN_READ);
	out->handed = column_number(q, COLUMN_HANDED);
	out->answered = column_number(q, COLUMN_ANSWERED);
	out->early = column_number(q, COLUMN_EARLY);
	out->brought = column_number(q, COLUMN_BROUGHT);
}

int record_of_row(sqlite3_stmt *q, struct record *out)
{
	*out = (struct record){ .message = MESSAGE_INIT };
	if (message_of_row(q, &out->message) == -1)
		return -1;
	out->direction = (enum direction)column_number(q, COLUMN_DIRECTION);
	column_copy(q, COLUMN_ID, out->id, sizeof(out->id));
	column_copy(q, COLUMN_CLONE, out->clone, sizeof(out->clone));
	column_copy(q, COLUMN_DIGEST, out->digest, sizeof(out->digest));
	column_copy(q, COLUMN_STATE, out->state, sizeof(out->state));
	column_copy(q, COLUMN_NOTE, out->note, sizeof(out->note));
	out->adopted = column_number(q, COLUMN_ADOPTED) != 0;
	out->instance = column_text(q, COLUMN_INSTANCE);
	out->attempt = (uint64_t)column_number(q, COLUMN_ATTEMPT);
	out->slot = (unsigned)column_number(q, COLUMN_SLOT);
	out->copy = column_number(q, COLUMN_COPY);
	out->due = column_number(q, COLUMN_DUE);
	out->began = column_number(q, COLUMN_HANDING);
	out->session = (uint64_t)column_number(q, COLUMN_SESSION);
	out->token = (uint64_t)column_number(q, COLUMN_TOKEN);
	out->claimed = column_number(q, COLUMN_CLAIMED);
	out->started = column_number(q, COLUMN_STARTED);
	out->ended = column_number(q, COLUMN_ENDED);
	out->holder = column_text(q, COLUMN_HOLDER);
	out->result = column_text(q, COLUMN_RESULT);
	out->wants = (uint64_t)column_number(q, COLUMN_WANTS);
	out->author = (uint64_t)column_number(q, COLUMN_AUTHOR);
	out->passed = (uint64_t)column_number(q, COLUMN_PASSED);
	out->rests = column_number(q, COLUMN_RESTS);
	out->waits = (enum task_wait)column_number(q, COLUMN_WAITS);
	times_of_row(q, out);
	return 0;
}

/* ---- filters ---- */

static bool any_stream(const struct record_filter *f)
{
	return f->stream.from == 0 && f->stream.to == 0;
}

static int64_t last_of(const struct record_filter *f)
{
	return f->last == 0 || f->last > INT64_MAX ? INT64_MAX : (int64_t)f->last;
}

/* Start with the narrowest index there is; `matches` does the rest. */
static sqlite3_stmt *start_narrow(struct store *s, const struct record_filter *f,
				  struct error *err)
{
	const struct {
		bool use;
		enum statement id;
	} narrow[] = {
		{ f->uncommitted, SQL_RECORDS_UNCOMMITTED },
		{ f->handing, SQL_RECORDS_HANDING },
		{ f->queued, SQL_RECORDS_QUEUED },
		{ f->unread, SQL_RECORDS_UNREAD },
		{ f->at_work, SQL_RECORDS_AT_WORK },
		{ f->blocked, SQL_RECORDS_BLOCKED },
	};

	if (f->id != NULL)
		return query_start(s, f->plain ? SQL_RECORD_PLAIN : SQL_RECORD_ID,
				   BINDS(TEXT(f->id)), err);
	if (f->re != NULL)
		return query_start(s, SQL_RECORDS_ANSWERING, BINDS(TEXT(f->re)),
				   err);
	if (f->origin != NULL)
		return query_start(s, SQL_RECORDS_ORIGIN, BINDS(TEXT(f->origin)),
				   err);
	if (f->typed != NULL)
		return query_start(s, SQL_RECORDS_TYPED,
				   BINDS(STREAM(f->stream), NUMBER(f->first),
					 NUMBER(last_of(f)), NUMBER(false),
					 TEXT(f->typed)), err);
	for (size_t i = 0; i < ARRAY_LEN(narrow); i++)
		if (narrow[i].use)
			return query_start(s, narrow[i].id, BINDS_NONE, err);
	if (!any_stream(f))
		return query_start(s, SQL_RECORDS_STREAM,
				   BINDS(STREAM(f->stream), NUMBER(f->first),
					 NUMBER(last_of(f))), err);
	if (f->since > 0)
		return query_start(s, SQL_RECORDS_SINCE, BINDS(NUMBER(f->since)),
				   err);
	return query_start(s, SQL_RECORDS_ALL, BINDS_NONE, err);
}

static sqlite3_stmt *start(struct store *s, const struct record_filter *f,
			   struct error *err)
{
	sqlite3_stmt *q = start_narrow(s, f, err);

	if (q != NULL && f->brief)
		sqlite3_bind_int64(q, BIND_BRIEF, 1);
	return q;
}

static bool place_matches(const struct record_filter *f, sqlite3_stmt *q)
{
	struct stream_name stream = column_stream(q, COLUMN_FROM);
	int64_t seq = column_number(q, COLUMN_SEQ);

	if (!any_stream(f) && (stream.from != f->stream.from ||
			       stream.to != f->stream.to))
		return false;
	if (f->first > INT64_MAX || seq < (int64_t)f->first || seq > last_of(f))
		return false;
	if (f->direction >= 0 &&
	    column_number(q, COLUMN_DIRECTION) != f->direction)
		return false;
	if (f->re != NULL && !column_same(q, COLUMN_RE, f->re))
		return false;
	return column_number(q, COLUMN_ARRIVED) >= f->since;
}

static bool state_is(sqlite3_stmt *q, const char *state)
{
	return span_is(column_span(q, COLUMN_STATE), state);
}

/* The same conditions as those of sql_words.h. */
static bool fate_matches(const struct record_filter *f, sqlite3_stmt *q)
{
	struct stream_name stream = column_stream(q, COLUMN_FROM);
	bool theirs = column_number(q, COLUMN_DIRECTION) == DIRECTION_IN;
	bool waits = theirs && column_number(q, COLUMN_HANDED) == 0;
	bool handing = column_number(q, COLUMN_HANDING) != 0;
	bool has_worker = column_number(q, COLUMN_SLOT) != 0;
	bool is_held = column_number(q, COLUMN_SESSION) != 0;

	if (f->uncommitted && (theirs || stream.from == stream.to ||
			       column_number(q, COLUMN_COMMITTED) != 0))
		return false;
	if (f->handing && !(waits && handing))
		return false;
	if (f->queued && !(waits && !handing && !is_held && (state_is(q, "QUEUED") ||
						 state_is(q, "ASSIGNED"))))
		return false;
	if (f->at_work && !(theirs && (has_worker || state_is(q, "IN_PROGRESS"))))
		return false;
	if (f->blocked && !(theirs && state_is(q, "BLOCKED")))
		return false;
	return !f->unread || (waits && column_number(q, COLUMN_READ) == 0 &&
			      !has_worker && !is_held && !state_is(q, "COMPLETED") &&
			      !state_is(q, "FAILED"));
}

static int add_row(struct store *s, sqlite3_stmt *q, struct record_list *out,
		   struct error *err)
{
	ARRAY_GROW(out->item, out->count, out->cap);
	if (record_of_row(q, &out->item[out->count]) == -1)
		return error_set(err, ERR_INTERNAL,
				 "%s: a message that is none", s->db_path);
	out->count++;
	return 0;
}

int view_records(struct store *s, const struct record_filter *f,
		 struct record_list *out, struct error *err)
{
	sqlite3_stmt *q = start(s, f, err);
	int result = 0;

	*out = (struct record_list){ 0 };
	while (result == 0 && (f->limit == 0 || out->count < f->limit) &&
	       query_row(s, q, &result, err))
		if (place_matches(f, q) && fate_matches(f, q))
			result = add_row(s, q, out, err);
	query_end(q);
	if (result == -1)
		record_list_release(out);
	return result;
}

int view_any_record(struct store *s, struct record_filter f, bool *out,
		    struct error *err)
{
	struct record_list l;

	*out = false;
	f.brief = f.plain = true;
	f.limit = 1;
	if (view_records(s, &f, &l, err) == -1)
		return -1;
	*out = l.count > 0;
	record_list_release(&l);
	return 0;
}

/* ---- the same text under another number ---- */

int view_anew(struct store *s, const char *id, const char digest[MESSAGE_DIGEST],
	      char out[MESSAGE_ID], struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;
	char text[MESSAGE_DIGEST];
	struct stream_name stream;

	out[0] = '\0';
	f.origin = id;
	f.direction = DIRECTION_OUT;
	if (!stream_of_id(id, &stream))
		return 0;
	if (view_records(s, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && out[0] == '\0'; i++) {
		if (l.item[i].message.stream.from != stream.from ||
		    strcmp(l.item[i].id, id) == 0)
			continue;
		message_text_digest(&l.item[i].message, text);
		if (strcmp(text, digest) == 0)
			memcpy(out, l.item[i].id, MESSAGE_ID);
	}
	record_list_release(&l);
	return 0;
}

static int id_of_first(struct store *s, sqlite3_stmt *q, char out[MESSAGE_ID],
		       struct error *err)
{
	int result = 0;

	out[0] = '\0';
	if (query_row(s, q, &result, err))
		column_copy(q, 0, out, MESSAGE_ID);
	query_end(q);
	return result;
}

int view_said(struct store *s, struct stream_name stream, uint64_t first, uint64_t last,
	      const struct message *m, bool whenever, char out[MESSAGE_ID],
	      struct error *err)
{
	char words[MESSAGE_DIGEST];

	message_words_digest(m, words);
	return id_of_first(s, query_start(s, SQL_SAID,
				BINDS(STREAM(stream), TEXT(words), NUMBER(first),
				      NUMBER(last), NUMBER(whenever),
				      NUMBER(m->sent)), err), out, err);
}

int view_said_anew(struct store *s, const char *id, const struct message *m,
		   char out[MESSAGE_ID], struct error *err)
{
	char words[MESSAGE_DIGEST];
	struct stream_name stream;

	out[0] = '\0';
	if (!stream_of_id(id, &stream))
		return 0;
	message_words_digest(m, words);
	return id_of_first(s, query_start(s, SQL_SAID_ANEW,
				BINDS(TEXT(id), TEXT(words), NUMBER(m->sent),
				      NUMBER(stream.from)), err), out, err);
}

int view_reused(struct store *s, const char *id, bool *out, struct error *err)
{
	return query_number(s, SQL_REUSED, BINDS(TEXT(id)), out, NULL, err);
}

int view_repeated(struct store *s, const char *id,
		  const char digest[MESSAGE_DIGEST], bool *out,
		  struct error *err)
{
	return query_number(s, SQL_REPEATED, BINDS(TEXT(id), TEXT(digest)), out,
			    NULL, err);
}

/* ---- one number, one history ---- */

static int trouble_of(struct store *s, struct stream_name stream, uint64_t seq,
		      enum number_state *state, struct error *err)
{
	int64_t rejected;
	bool found;

	if (query_number(s, SQL_NUMBER_TROUBLE,
			 BINDS(STREAM(stream), NUMBER(seq)), &found, &rejected,
			 err) == -1)
		return -1;
	if (found)
		*state = rejected ? NUMBER_REJECTED : NUMBER_MISSING;
	return 0;
}

int view_number(struct store *s, struct stream_name stream, uint64_t seq,
		enum number_state *state, char digest[MESSAGE_DIGEST],
		char clone[CLONE_ID], struct error *err)
{
	char id[MESSAGE_ID];
	sqlite3_stmt *q;
	int result = 0;
	char unwanted[MESSAGE_DIGEST];

	digest = digest ? digest : unwanted;
	clone = clone ? clone : unwanted;
	*state = NUMBER_UNKNOWN;
	digest[0] = clone[0] = '\0';
	if (seq == 0 || seq > MESSAGE_SEQ_MAX)
		return 0;
	message_id_format(stream, seq, id);
	q = query_start(s, SQL_NUMBER, BINDS(TEXT(id)), err);
	if (query_row(s, q, &result, err)) {
		*state = column_number(q, 2) != 0 ? NUMBER_EARLY : NUMBER_RECORDED;
		column_copy(q, 0, digest, MESSAGE_DIGEST);
		column_copy(q, 1, clone, CLONE_ID);
	}
	query_end(q);
	if (result == -1 || *state != NUMBER_UNKNOWN)
		return result;
	return trouble_of(s, stream, seq, state, err);
}

void moments_free(struct moment *m, size_t count)
{
	for (size_t i = 0; m != NULL && i < count; i++)
		free(m[i].instance);
	free(m);
}

int view_history(struct store *s, const char *id, struct moment **out,
		 size_t *count, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_HISTORY, BINDS(TEXT(id)), err);
	size_t cap = 0;
	int result = 0;

	*out = NULL;
	*count = 0;
	while (query_row(s, q, &result, err)) {
		struct moment *m;

		ARRAY_GROW(*out, *count, cap);
		m = &(*out)[(*count)++];
		column_copy(q, 1, m->event, sizeof(m->event));
		m->time = column_number(q, 2);
		m->computer = (int)column_number(q, 3);
		m->instance = column_text(q, 4);
	}
	query_end(q);
	if (result == -1) {
		moments_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return result;
}
