/*
 * What came, or went out, before git brought it, as events (trine/store_early.h), and
 * questions about it. apply_early.c is the other half.
 */
#include <string.h>

#include "store.h"
#include "trine/store_early.h"

int record_offered(struct store *s, const char *id, struct error *err)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	return event_record(s, "message.offered", fields, err);
}

int record_received_early(struct store *s, const struct message *m,
			  const char *clone, struct error *err)
{
	enum number_state known;
	char id[MESSAGE_ID];
	json_t *fields;

	if (view_number(s, m->stream, m->seq, &known, NULL, NULL, err) == -1)
		return -1;
	if (known == NUMBER_RECORDED || known == NUMBER_EARLY)
		return 0;
	message_id_format(m->stream, m->seq, id);
	fields = received_fields(id, m, clone, err);
	if (fields == NULL)
		return -1;
	put_flag(fields, "early", true);
	put_text(fields, "state", m->type == TYPE_TASK ? "QUEUED" : "");
	return event_record(s, "message.received", fields, err);
}

static json_t *what_git_says(const char *id, const char *clone, const char *commit)
{
	json_t *fields = json_object();

	put_text(fields, "id", id);
	put_text(fields, "clone", clone);
	put_text(fields, "commit", commit);
	return fields;
}

int record_brought(struct store *s, const char *id, const char *as,
		   const char *clone, const char *commit, struct error *err)
{
	struct early early;
	json_t *fields;

	if (view_early(s, id, &early, err) == -1)
		return -1;
	if (!early.waits)
		return 0;
	fields = what_git_says(id, clone, commit);
	put_text(fields, "as", strcmp(as, id) != 0 ? as : NULL);
	return event_record(s, "message.brought", fields, err);
}

int record_withdrawn(struct store *s, const char *id, const char *clone,
		     const char *commit, const struct message *tombstone,
		     struct error *err)
{
	json_t *fields = what_git_says(id, clone, commit);
	char digest[MESSAGE_DIGEST] = "";

	if (tombstone != NULL)
		message_text_digest(tombstone, digest);
	put_text(fields, "digest", digest);
	return event_record(s, "message.withdrawn", fields, err);
}

/* ---- questions ---- */

int view_early(struct store *s, const char *id, struct early *out, struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_EARLY, BINDS(TEXT(id)), err);
	int result = 0;

	*out = (struct early){ .waits = query_row(s, q, &result, err) };
	if (out->waits)
		column_copy(q, 0, out->digest, sizeof(out->digest));
	query_end(q);
	return result;
}

int view_early_waiting(struct store *s, struct stream_name stream, struct list *ids,
		       struct error *err)
{
	sqlite3_stmt *q = query_start(s, SQL_EARLY_WAITING, BINDS(STREAM(stream)), err);
	char id[MESSAGE_ID];
	int result = 0;

	while (query_row(s, q, &result, err)) {
		column_copy(q, 0, id, sizeof(id));
		list_add(ids, id);
	}
	query_end(q);
	return result;
}

int view_early_highest(struct store *s, struct stream_name stream, uint64_t *out,
		       struct error *err)
{
	int64_t highest = 0;
	bool found;
	int rc = query_number(s, SQL_EARLY_HIGHEST, BINDS(STREAM(stream)), &found,
			      &highest, err);

	*out = found ? (uint64_t)highest : 0;
	return rc;
}

int view_early_count(struct store *s, int computer, uint64_t *out, struct error *err)
{
	int64_t count = 0;
	bool found;
	int rc = query_number(s, SQL_EARLY_COUNT, BINDS(NUMBER(computer)), &found,
			      &count, err);

	*out = (uint64_t)count;
	return rc;
}
