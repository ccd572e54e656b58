/*
 * What happened to messages, as events (trine/store.h): checked against the
 * view, and recorded once. apply_message.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/message_json.h"

/* What the view knows of an id. */
struct known {
	bool found;
	enum direction direction;
	bool committed, pushed, read, handed;
	char digest[MESSAGE_DIGEST];
	struct stream_name stream;
};

static int look_up(struct store *s, const char *id, struct known *out,
		   struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_MESSAGE_KNOWN, BINDS(TEXT(id)),
				      err);
	int result = 0;

	*out = (struct known){ .found = query_row(s, q, &result, err) };
	if (out->found) {
		out->direction = (enum direction)column_number(q, 0);
		out->committed = column_number(q, 1) != 0;
		out->pushed = column_number(q, 2) != 0;
		column_copy(q, 3, out->digest, sizeof(out->digest));
		out->stream = column_stream(q, 5);
		out->read = column_number(q, 7) != 0;
		out->handed = column_number(q, 8) != 0;
	}
	query_end(q);
	return result;
}

static int look_up_existing(struct store *s, const char *id, struct known *out,
			    struct error *err)
{
	if (look_up(s, id, out, err) == -1)
		return -1;
	return out->found ? 0 :
	       error_set(err, ERR_NOTFOUND, "no message %s", id);
}

static int check_number(uint64_t seq, struct error *err)
{
	return seq > 0 && seq <= MESSAGE_SEQ_MAX ? 0 :
	       error_set(err, ERR_DATA, "no message has the number %llu",
			 (unsigned long long)seq);
}

json_t *message_fields(const char *id, const struct message *m,
		       const char *clone, struct error *err)
{
	json_t *message = message_to_json(NULL, m), *fields;
	char digest[MESSAGE_DIGEST];

	if (message == NULL) {
		error_set(err, ERR_DATA, "%s is not UTF-8", id);
		return NULL;
	}
	fields = json_object();
	message_digest(m, digest);
	put_text(fields, "id", id);
	put_text(fields, "clone", clone);
	put_text(fields, "digest", digest);
	json_object_set_new(fields, "message", message);
	return fields;
}

json_t *received_fields(const char *id, const struct message *m,
			const char *clone, struct error *err)
{
	json_t *fields = message_fields(id, m, clone, err);
	char words[MESSAGE_DIGEST] = "";

	if (m->seq > 0)
		message_words_digest(m, words);
	if (fields != NULL)
		put_text(fields, "words", words);
	return fields;
}

/* ---- ours ---- */

int record_sent(struct store *s, const struct message *m, bool adopted,
		struct error *err)
{
	struct identity us;
	struct known known;
	char id[MESSAGE_ID];
	json_t *fields;

	if (check_number(m->seq, err) == -1 ||
	    look_up(s, message_id_format(m->stream, m->seq, id), &known,
		    err) == -1)
		return -1;
	if (known.found)
		return error_set(err, ERR_INTERNAL, "%s is there already", id);
	if (view_identity(s, &us, err) == -1)
		return -1;
	fields = message_fields(id, m, us.clone, err);
	identity_release(&us);
	if (fields == NULL)
		return -1;
	put_flag(fields, "adopted", adopted);
	return event_record(s, "message.sent", fields, err);
}

int record_found(struct store *s, const struct message *m, const char *clone,
		 struct error *err)
{
	char id[MESSAGE_ID], digest[MESSAGE_DIGEST];
	struct known known;
	json_t *fields;

	if (check_number(m->seq, err) == -1 ||
	    look_up(s, message_id_format(m->stream, m->seq, id), &known,
		    err) == -1)
		return -1;
	message_digest(m, digest);
	if (known.found && strcmp(known.digest, digest) != 0)
		return error_set(err, ERR_REFUSED,
				 "%s is another message here", id);
	if (known.pushed)
		return 0;
	fields = message_fields(id, m, clone, err);
	return fields ? event_record(s, "message.found", fields, err) : -1;
}

/* Ours, and nobody has seen it yet. */
static int check_uncommitted(struct store *s, const char *id,
			     struct known *known, struct error *err)
{
	if (look_up_existing(s, id, known, err) == -1)
		return -1;
	if (known->direction != DIRECTION_OUT)
		return error_set(err, ERR_REFUSED, "%s is not ours", id);
	return known->committed ?
	       error_set(err, ERR_REFUSED, "%s is committed already", id) : 0;
}

int record_retracted(struct store *s, const char *id, struct error *err)
{
	json_t *fields;
	struct known known;

	if (check_uncommitted(s, id, &known, err) == -1)
		return -1;
	fields = json_object();
	put_text(fields, "id", id);
	return event_record(s, "message.retracted", fields, err);
}

int record_renumbered(struct store *s, const char *old_id, uint64_t seq,
		      const char *origin, struct error *err)
{
	char id[MESSAGE_ID];
	struct known known, there;
	json_t *fields;
	bool same;

	if (check_number(seq, err) == -1 ||
	    check_uncommitted(s, old_id, &known, err) == -1 ||
	    look_up(s, message_id_format(known.stream, seq, id), &there,
		    err) == -1)
		return -1;
	same = strcmp(old_id, id) == 0;
	if (same && origin == NULL)
		return 0;
	if (!same && there.found)
		return error_set(err, ERR_REFUSED, "%s is there already", id);
	fields = json_object();
	put_text(fields, "id", old_id);
	put_text(fields, "to", id);
	put_number(fields, "number", seq);
	if (origin != NULL)
		json_object_set_new(fields, "origin", json_string(origin));
	return event_record(s, "message.renumbered", fields, err);
}

/* ---- theirs ---- */

int record_received(struct store *s, const char *id, const struct message *m,
		    const char *clone, const char *commit, const char *state,
		    const char *note, struct error *err)
{
	bool has_state = state != NULL && *state != '\0';
	struct known known;
	json_t *fields;

	if (m->seq > MESSAGE_SEQ_MAX || !message_id_valid(span_str(id)))
		return error_set(err, ERR_DATA, "not a message id");
	if (look_up(s, id, &known, err) == -1)
		return -1;
	if (known.found)
		return 0;	/* once */
	fields = received_fields(id, m, clone, err);
	if (fields == NULL)
		return -1;
	put_text(fields, "commit", commit);
	put_text(fields, "state", has_state ? state :
		 m->type == TYPE_TASK ? "QUEUED" : "");
	put_text(fields, "note", note);
	return event_record(s, "message.received", fields, err);
}

int record_repeated(struct store *s, const char *id, const char *clone,
		    const char digest[MESSAGE_DIGEST], struct error *err)
{
	json_t *fields;
	bool known;

	if (view_repeated(s, id, digest, &known, err) == -1)
		return -1;
	if (known)
		return 0;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "clone", clone);
	put_text(fields, "digest", digest);
	return event_record(s, "message.repeated", fields, err);
}

/* ---- of before trine ---- */

int record_imported(struct store *s, const char *id, const struct message *m,
		    const char *state, bool *added, struct error *err)
{
	struct known known;
	json_t *fields;

	*added = false;
	if (m->seq != 0 || !message_id_valid(span_str(id)))
		return error_set(err, ERR_DATA, "not an id of an old message");
	if (look_up(s, id, &known, err) == -1)
		return -1;
	if (known.found)
		return 0;	/* once */
	fields = received_fields(id, m, NULL, err);
	if (fields == NULL)
		return -1;
	put_text(fields, "state", state);
	put_text(fields, "note", "imported");
	*added = true;
	return event_record(s, "message.imported", fields, err);
}

/* ---- what cannot be taken in ---- */

/* *SAME: it is listed already, with this reason ("": as missing). */
static int is_listed(struct store *s, const char *id, const char *why,
		     bool *same, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_TROUBLE, BINDS(TEXT(id)), err);
	int result = 0;

	*same = query_row(s, q, &result, err) &&
		column_same(q, 0, why);
	query_end(q);
	return result;
}

static int record_trouble(struct store *s, const char *type,
			  struct stream_name stream, uint64_t seq,
			  const char *id, const char *why, struct error *err)
{
	json_t *fields;
	bool same;

	if (is_listed(s, id, why, &same, err) == -1)
		return -1;
	if (same)
		return 0;
	fields = json_object();
	put_stream(fields, "stream", stream);
	put_number(fields, "number", seq);
	put_text(fields, "id", id);
	put_text(fields, "why", why);
	return event_record(s, type, fields, err);
}

int record_rejected(struct store *s, struct stream_name stream, uint64_t seq,
		    const char *id, const char *why, struct error *err)
{
	char name[MESSAGE_ID];

	if (seq > MESSAGE_SEQ_MAX)
		return check_number(seq, err);
	/* an entry without a name is known by its place */
	if (id == NULL || *id == '\0')
		id = seq > 0 ? message_id_format(stream, seq, name) :
		     stream_name_format(stream, name);
	return record_trouble(s, "message.rejected", stream, seq, id,
			      why && *why ? why : "not readable", err);
}

int record_missing(struct store *s, struct stream_name stream, uint64_t seq,
		   struct error *err)
{
	enum number_state known;
	char id[MESSAGE_ID];

	if (check_number(seq, err) == -1 ||
	    view_number(s, stream, seq, &known, NULL, NULL, err) == -1)
		return -1;
	return known == NUMBER_RECORDED ? 0
		: record_trouble(s, "message.missing", stream, seq,
				 message_id_format(stream, seq, id), "", err);
}

/* ---- what becomes of them here ---- */

static int record_step(struct store *s, const char *type, const char *id,
		       const char *key, const char *who, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_text(fields, key, who);
	return event_record(s, type, fields, err);
}

int record_read(struct store *s, const char *id, const char *who,
		struct error *err)
{
	struct known known;

	if (look_up_existing(s, id, &known, err) == -1)
		return -1;
	return known.read ? 0 :
	       record_step(s, "message.read", id, "who", who, err);
}

int record_handing(struct store *s, const char *id, const char *instance,
		   const struct list *needs, struct error *err)
{
	struct known known;
	json_t *fields;

	if (look_up_existing(s, id, &known, err) == -1)
		return -1;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "instance", instance);
	put_list(fields, "needs", needs);
	return event_record(s, "message.handing", fields, err);
}

int record_handed(struct store *s, const char *id, const char *instance,
		  const char *state, struct error *err)
{
	struct known known;
	json_t *fields;

	if (look_up_existing(s, id, &known, err) == -1)
		return -1;
	if (known.handed)
		return 0;
	fields = json_object();
	put_text(fields, "id", id);
	put_text(fields, "instance", instance);
	put_text(fields, "state", state);
	return event_record(s, "message.handed", fields, err);
}
