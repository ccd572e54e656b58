/*
 * Who we are, our streams, what we read of others, and their statuses, as
 * events (trine/store.h). apply_stream.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/store_claim.h"
#include "trine/text.h"

int record_identity(struct store *s, const struct identity *id,
		    struct error *err)
{
	json_t *fields = json_object();

	put_number(fields, "number", (uint64_t)id->number);
	put_text(fields, "name", id->name);
	put_text(fields, "clone", id->clone);
	put_list(fields, "former", &id->former);
	put_text(fields, "why", id->why);
	put_time(fields, "since", id->since);
	put_flag(fields, "accepted", id->accepted);
	return event_record(s, "computer.set", fields, err);
}

/* ---- streams ---- */

/* *NEWS: does the view not say so already? */
static int is_news(struct store *s, struct stream_name stream,
		   const char *clone, uint64_t upto, const char *blob,
		   bool *news, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_IN_STREAM, BINDS(STREAM(stream)),
				      err);
	int result = 0;

	*news = !query_row(s, q, &result, err) || !column_same(q, 0, clone) ||
		(uint64_t)column_number(q, 1) < upto || !column_same(q, 2, blob);
	query_end(q);
	return result;
}

int record_stream_read(struct store *s, struct stream_name stream,
		       const char *clone, uint64_t upto, const char *blob,
		       struct error *err)
{
	json_t *fields;
	bool news;

	if (is_news(s, stream, clone, upto, blob, &news, err) == -1)
		return -1;
	if (!news)
		return 0;
	fields = json_object();
	put_stream(fields, "stream", stream);
	put_text(fields, "clone", clone);
	put_number(fields, "upto", upto);
	put_text(fields, "blob", blob);
	return event_record(s, "stream.read", fields, err);
}

static void put_hex(json_t *json, const char *key, struct span bytes)
{
	struct buf hex = BUF_INIT;

	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(&hex, "%02x", (unsigned char)bytes.p[i]);
	put_text(json, key, hex.data);
	buf_release(&hex);
}

/* A person's text, which goes back into the file byte for byte. */
int record_preamble(struct store *s, struct stream_name stream, struct span text,
		    struct error *err)
{
	json_t *fields;

	if (text.len > 0 && memchr(text.p, '\0', text.len) != NULL)
		return error_set(err, ERR_DATA, "a NUL byte in the text above "
				 "the messages");
	fields = json_object();
	put_stream(fields, "stream", stream);
	if (text_is_utf8(text.p, text.len))
		json_object_set_new(fields, "text",
				    json_stringn(text.p, text.len));
	else
		put_hex(fields, "hex", text);
	return event_record(s, "stream.preamble", fields, err);
}

int record_closed(struct store *s, struct stream_name stream, unsigned segment,
		  uint64_t first, uint64_t last, const char *blob,
		  struct error *err)
{
	json_t *fields = json_object();

	put_stream(fields, "stream", stream);
	put_number(fields, "segment", segment);
	put_number(fields, "first", first);
	put_number(fields, "last", last);
	put_text(fields, "blob", blob);
	return event_record(s, "stream.closed", fields, err);
}

int record_reopened(struct store *s, struct stream_name stream,
		    struct error *err)
{
	json_t *fields = json_object();

	put_stream(fields, "stream", stream);
	return event_record(s, "stream.reopened", fields, err);
}

int record_numbering(struct store *s, struct stream_name stream, uint64_t seq,
		     struct error *err)
{
	json_t *fields;

	if (seq >= MESSAGE_SEQ_MAX)
		return error_set(err, ERR_DATA, "numbers cannot start above %llu",
				 (unsigned long long)seq);
	fields = json_object();
	put_stream(fields, "stream", stream);
	put_number(fields, "number", seq);
	return event_record(s, "stream.numbered", fields, err);
}

/* ---- the status of another computer ---- */

static void put_receipts(json_t *fields, const struct status *status)
{
	json_t *received = json_object();
	char name[STREAM_NAME];

	for (size_t i = 0; i < status->received_count; i++) {
		const struct receipt *r = &status->received[i];

		stream_name_format(r->stream, name);
		/* one that says 0 says that the stream is known */
		if (r->mark[0] != '\0')
			put_always(received, name, r->mark);
		else
			json_object_set_new(received, name, json_integer(
				(json_int_t)(r->upto < MESSAGE_SEQ_MAX ?
					     r->upto : MESSAGE_SEQ_MAX)));
	}
	json_object_set_new(fields, "received", received);
}

static void put_complaints(json_t *fields, const struct status *status)
{
	json_t *missing = json_array(), *rejected = json_object();
	char id[MESSAGE_ID];

	for (size_t i = 0; i < status->missing_count; i++) {
		const struct missing *m = &status->missing[i];

		if (m->seq > 0 && m->seq <= MESSAGE_SEQ_MAX)
			json_array_append_new(missing, json_string(
				message_id_format(m->stream, m->seq, id)));
	}
	for (size_t i = 0; i < status->rejected_count; i++)
		put_always(rejected, status->rejected[i].id,
			   status->rejected[i].why ? status->rejected[i].why : "");
	if (json_array_size(missing) > 0)
		json_object_set(fields, "missing", missing);
	if (json_object_size(rejected) > 0)
		json_object_set(fields, "rejected", rejected);
	json_decref(missing);
	json_decref(rejected);
}

/* That it lists not all of these, and of which streams. */
static void put_more(json_t *fields, const struct status *status)
{
	json_t *more = json_object(), *of = json_array();
	char name[STREAM_NAME];

	put_number(more, "missing", status->missing_more);
	put_number(more, "rejected", status->rejected_more);
	for (size_t i = 0; i < status->cut_count; i++)
		json_array_append_new(of, json_string(
			stream_name_format(status->cut[i], name)));
	if (json_array_size(of) > 0)
		json_object_set(more, "of", of);
	if (status->missing_more > 0 || status->rejected_more > 0)
		json_object_set(fields, "more", more);
	json_decref(of);
	json_decref(more);
}

static void put_claims(struct store *s, json_t *fields, const struct status *status)
{
	json_t *claims = json_object();
	struct lease_clock clock;

	for (size_t i = 0; i < status->claim_count; i++) {
		const struct claim *c = &status->claim[i];
		json_t *claim = json_object();

		put_number(claim, "generation", c->generation);
		put_number(claim, "beat", c->beat);
		put_number(claim, "lease", (uint64_t)c->lease);
		put_text(claim, "by", c->by);
		json_object_set_new(claims, c->name, claim);
	}
	put_number(fields, "generation", status->generation);
	if (status->claim_count > 0) {
		store_lease_clock(s, &clock);
		json_object_set(fields, "claims", claims);
		put_number(fields, "steady", (uint64_t)clock.now);
		put_text(fields, "boot", clock.boot);
	}
	json_decref(claims);
}

static json_t *peer_fields(struct store *s, const struct status *status,
			   const char *blob, const char *commit)
{
	json_t *fields = json_object();

	put_number(fields, "computer", (uint64_t)status->computer);
	put_text(fields, "name", status->name);
	put_text(fields, "clone", status->clone);
	put_list(fields, "former", &status->former);
	put_text(fields, "state", computer_state_name(status->state));
	put_number(fields, "format", status->format);
	put_time(fields, "updated", status->updated);
	put_number(fields, "heartbeat", (uint64_t)status->heartbeat);
	put_receipts(fields, status);
	put_complaints(fields, status);
	put_more(fields, status);
	put_claims(s, fields, status);
	put_text(fields, "version", status->version);
	put_text(fields, "blob", blob);
	put_text(fields, "commit", commit);
	return fields;
}

int record_peer(struct store *s, const struct status *status, const char *blob,
		const char *commit, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PEER,
				      BINDS(NUMBER(status->computer)), err);
	int result = 0;
	bool same = query_row(s, q, &result, err) && column_same(q, 0, blob);

	query_end(q);
	if (result == -1 || same)
		return result;
	return event_record(s, "computer.seen",
			    peer_fields(s, status, blob, commit), err);
}
