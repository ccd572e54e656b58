/*
 * Events of this computer, of streams, and of the other computers' statuses,
 * applied to the view (apply.c lists them).
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/mem.h"
#include "trine/text.h"

/* What another clone held is nobody's now (R29). */
static int void_claims(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_CLAIMS_VOID, BINDS(TEXT(get_text(e->json, "clone"))),
			 err);
}

int apply_computer(struct store *s, const struct event *e, struct error *err)
{
	const char *name = get_text(e->json, "name");
	const struct field *former = get_list(e->json, "former");
	char *text = former ? field_json(former, NULL) : xstrdup("[]");
	int result = void_claims(s, e, err) == -1 ? -1 : query_run(s, SQL_COMPUTER_SET,
		BINDS(NUMBER(get_number(e->json, "number")),
		      TEXT(*name ? name : NULL),
		      TEXT(get_text(e->json, "clone")), TEXT(text),
		      TEXT(get_text(e->json, "why")),
		      NUMBER(get_time(e->json, "since")),
		      NUMBER(get_flag(e->json, "accepted"))), err);

	free(text);
	return result;
}

/* ---- streams ---- */

int apply_stream_read(struct store *s, const struct event *e, struct error *err)
{
	struct stream_name stream;

	if (get_stream(e->json, &stream, err) == -1)
		return -1;
	return query_run(s, SQL_IN_STREAM_SET,
			 BINDS(STREAM(stream), TEXT(get_text(e->json, "clone")),
			       NUMBER(get_number(e->json, "upto")),
			       TEXT(get_text(e->json, "blob"))), err);
}

/* The stream of an event about one of ours, which may be its first. */
static int our_stream(struct store *s, const struct event *e,
		      struct stream_name *out, struct error *err)
{
	if (get_stream(e->json, out, err) == -1)
		return -1;
	return query_run(s, SQL_OUT_STREAM_ADD, BINDS(STREAM(*out)), err);
}

static int hex_digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static void add_hex(struct buf *out, const char *hex)
{
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
		buf_addc(out, (char)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
}

int apply_preamble(struct store *s, const struct event *e, struct error *err)
{
	struct buf text = BUF_INIT;
	struct stream_name stream;
	int result = -1;

	buf_adds(&text, get_text(e->json, "text"));
	add_hex(&text, get_text(e->json, "hex"));
	if (our_stream(s, e, &stream, err) == 0)
		result = query_run(s, SQL_PREAMBLE_SET,
				   BINDS(STREAM(stream), BYTES(span_of(&text))),
				   err);
	buf_release(&text);
	return result;
}

int apply_closed(struct store *s, const struct event *e, struct error *err)
{
	int64_t segment = get_number(e->json, "segment");
	int64_t last = get_number(e->json, "last");
	struct stream_name stream;

	if (our_stream(s, e, &stream, err) == -1 ||
	    query_run(s, SQL_SEGMENT_ADD,
		      BINDS(STREAM(stream), NUMBER(segment),
			    NUMBER(get_number(e->json, "first")), NUMBER(last),
			    TEXT(get_text(e->json, "blob"))), err) == -1)
		return -1;
	return query_run(s, SQL_CLOSED_SET,
			 BINDS(STREAM(stream), NUMBER(segment),
			       NUMBER(last + 1)), err);
}

int apply_reopened(struct store *s, const struct event *e, struct error *err)
{
	struct stream_name stream;

	if (our_stream(s, e, &stream, err) == -1 ||
	    query_run(s, SQL_SEGMENTS_REMOVE, BINDS(STREAM(stream)), err) == -1)
		return -1;
	return query_run(s, SQL_CLOSED_SET,
			 BINDS(STREAM(stream), NUMBER(0), NUMBER(1)), err);
}

int apply_numbered(struct store *s, const struct event *e, struct error *err)
{
	struct stream_name stream;

	if (our_stream(s, e, &stream, err) == -1)
		return -1;
	return query_run(s, SQL_FLOOR_SET,
			 BINDS(STREAM(stream),
			       NUMBER(get_number(e->json, "number"))), err);
}

/* ---- the status of another computer ---- */

static int set_peer(struct store *s, const struct event *e, int64_t computer,
		    struct error *err)
{
	const char *name = get_text(e->json, "name");

	return query_run(s, SQL_PEER_SET,
		BINDS(NUMBER(computer), TEXT(*name ? name : NULL),
		      TEXT(get_text(e->json, "clone")),
		      TEXT(get_text(e->json, "state")),
		      NUMBER(get_number(e->json, "format")),
		      NUMBER(get_time(e->json, "updated")),
		      NUMBER(get_number(e->json, "heartbeat")), NUMBER(e->time),
		      TEXT(get_text(e->json, "blob")),
		      TEXT(get_text(e->json, "commit"))), err);
}

/* A new clone may have received less than the one before it; the same never
 * has (R8). */
static int forget_former(struct store *s, const struct event *e,
			 int64_t computer, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_PEER, BINDS(NUMBER(computer)), err);
	char clone[CLONE_ID] = "";
	int result = 0;

	if (query_row(s, q, &result, err))
		column_copy(q, 1, clone, sizeof(clone));
	query_end(q);
	if (result == -1 || strcmp(clone, get_text(e->json, "clone")) == 0)
		return result;
	return query_run(s, SQL_PEER_RECEIVED_CLEAR, BINDS(NUMBER(computer)),
			 err);
}

/* Does its status list all that is missing of NAME, or was rejected? */
static bool lists_all(const struct event *e, const char *name)
{
	const struct field *more = get_object(e->json, "more");
	const struct field *of = more != NULL ? get_list(more, "of") : NULL;

	FOR_FIELDS(of, cut)
		if (field_text(cut) != NULL && strcmp(field_text(cut), name) == 0)
			return false;
	return more == NULL || of != NULL;
}

static int add_receipt(struct store *s, const struct event *e, int64_t computer,
		       const struct field *receipt, struct error *err)
{
	const char *mark = field_text(receipt);
	int64_t upto = field_number(receipt);
	struct stream_name stream;

	if (!stream_name_parse(span_str(receipt->key), &stream))
		return 0;
	if (query_run(s, SQL_PEER_RECEIVED_SET,
		      BINDS(NUMBER(computer), STREAM(stream), NUMBER(upto),
			    TEXT(mark ? mark : "")), err) == -1)
		return -1;
	if (!lists_all(e, receipt->key))
		return 0;
	return query_run(s, SQL_RECEIPT_ADD,
			 BINDS(NUMBER(computer), STREAM(stream), NUMBER(upto),
			       NUMBER(e->time)), err);
}

static int set_receipts(struct store *s, const struct event *e,
			int64_t computer, struct error *err)
{
	const struct field *received = get_object(e->json, "received");

	if (forget_former(s, e, computer, err) == -1)
		return -1;
	FOR_FIELDS(received, receipt)
		if (add_receipt(s, e, computer, receipt, err) == -1)
			return -1;
	return 0;
}

static int add_complaint(struct store *s, const struct event *e,
			 int64_t computer, const char *id, const char *why,
			 struct error *err)
{
	struct stream_name stream;

	if (id == NULL || why == NULL || !stream_of_id(id, &stream))
		return 0;
	return query_run(s, SQL_COMPLAINT_SET,
			 BINDS(NUMBER(computer), NUMBER(stream.from), TEXT(id),
			       TEXT(why), NUMBER(e->time), NUMBER(e->seq)), err);
}

/* What it has no room to list goes on. */
static int keep_complaints(struct store *s, const struct event *e,
			   int64_t computer, struct error *err)
{
	const struct field *more = get_object(e->json, "more");
	const struct field *of = more != NULL ? get_list(more, "of") : NULL;

	if (more == NULL)
		return 0;
	if (of == NULL)
		return query_run(s, SQL_COMPLAINTS_KEPT,
				 BINDS(NUMBER(computer), NUMBER(e->seq), TEXT("")), err);
	FOR_FIELDS(of, cut)
		if (field_text(cut) != NULL &&
		    query_run(s, SQL_COMPLAINTS_KEPT,
			      BINDS(NUMBER(computer), NUMBER(e->seq),
				    TEXT(field_text(cut))), err) == -1)
			return -1;
	return 0;
}

static int set_complaints(struct store *s, const struct event *e,
			  int64_t computer, struct error *err)
{
	const struct field *rejected = get_object(e->json, "rejected");
	const struct field *missing = get_list(e->json, "missing");

	FOR_FIELDS(missing, id)
		if (add_complaint(s, e, computer, field_text(id), "missing", err) == -1)
			return -1;
	FOR_FIELDS(rejected, why)
		if (add_complaint(s, e, computer, why->key, field_text(why), err) == -1)
			return -1;
	if (keep_complaints(s, e, computer, err) == -1)
		return -1;
	return query_run(s, SQL_COMPLAINTS_OVER,
			 BINDS(NUMBER(computer), NUMBER(e->seq),
			       NUMBER(e->time)), err);
}

int apply_peer(struct store *s, const struct event *e, struct error *err)
{
	int64_t computer = get_number(e->json, "computer");

	if (set_receipts(s, e, computer, err) == -1 ||
	    set_complaints(s, e, computer, err) == -1 ||
	    set_rivals(s, e, computer, err) == -1)
		return -1;
	return set_peer(s, e, computer, err);
}
