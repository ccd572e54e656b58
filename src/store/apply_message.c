/*
 * Events of messages, applied to the view (apply.c lists them).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/operation.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/task.h"

const struct field *message_of(const struct event *e, struct error *err)
{
	const struct field *message = get_object(e->json, "message");

	if (message == NULL)
		error_set(err, ERR_DATA, "no message");
	return message;
}

char *text_of_head(const struct field *message)
{
	return field_json(message, "body");
}

int64_t rank_in(const struct field *message)
{
	enum message_priority priority;

	if (!message_priority_parse(span_str(get_text(message, "priority")),
				    &priority))
		priority = PRIORITY_NORMAL;
	return rank_of(priority);
}

static bool has(const struct field *message, const char *key)
{
	const struct field *value = get_field(message, key);

	return value != NULL && value->kind != FIELD_NONE;
}

/* Is it, or may it be, loose text on a desk that is older than the log? One that
 * a clone before us wrote may have been typed there. */
static bool may_be_loose(const struct event *e)
{
	return get_flag(e->json, "adopted") ||
	       strcmp(e->type, "message.found") == 0;
}

/* Of what others say under a number, its words: whoever meets them once more finds them
 * by that (view_said). Events say it since there are such questions; "" of all else. */
static const char *words_of(const struct event *e, char out[MESSAGE_DIGEST])
{
	const struct field *message = get_object(e->json, "message");
	const char *words = get_text(e->json, "words");
	struct error unreadable = ERROR_INIT;
	struct message m = MESSAGE_INIT;
	json_t *json;

	out[0] = '\0';
	if (*words || strcmp(e->type, "message.received") != 0 ||
	    get_number(message, "seq") == 0)
		return words;
	json = field_load(message);
	if (message_from_json(json, &m, &unreadable) == 0)
		message_words_digest(&m, out);
	json_decref(json);
	message_release(&m);
	return out;
}

static int insert_message(struct store *s, const struct event *e,
			  enum direction direction, struct stream_name stream,
			  struct error *err)
{
	const struct field *message = get_object(e->json, "message");
	const char *re = get_text(message, "re");
	const char *origin = get_text(message, "origin");
	const char *body = get_text(message, "body");
	const char *id = get_text(e->json, "id");
	char *text = text_of_head(message), digest[MESSAGE_DIGEST];
	const char *words = words_of(e, digest);
	int result = query_run(s, SQL_MESSAGE_ADD, BINDS(NUMBER(e->seq),
		TEXT(id), NUMBER(direction), STREAM(stream),
		NUMBER(get_number(message, "seq")),
		TEXT(get_text(message, "type")),
		NUMBER(get_time(message, "sent")), TEXT(*re ? re : NULL),
		TEXT(*origin ? origin : NULL),
		TEXT(get_text(e->json, "clone")),
		TEXT(get_text(e->json, "digest")),
		TEXT(get_text(e->json, "state")),
		TEXT(get_text(e->json, "note")),
		NUMBER(may_be_loose(e)), NUMBER(e->time),
		TEXT(text), TEXT(*body ? body : NULL), NUMBER(rank_in(message)),
		NUMBER(strcmp(get_text(message, "claim"), "one") == 0),
		NUMBER(stream.from == stream.to &&
		       (has(message, "parts") || has(message, "stages"))),
		NUMBER(get_flag(e->json, "early") ? e->time : 0),
		TEXT(*words ? words : NULL)), err);

	free(text);
	/* others may wait for it since before it came */
	return result == 0 && query_changed(s) ? settle_task(s, id, err) : result;
}

/* A result ends the task it answers, on both sides; or says that a person must
 * decide. */
static int end_task(struct store *s, const struct field *message,
		    enum direction direction, struct stream_name stream,
		    struct error *err)
{
	const char *state = get_text(message, "state");

	if (strcmp(get_text(message, "type"), "result") != 0 ||
	    (strcmp(state, "COMPLETED") != 0 && strcmp(state, "FAILED") != 0 &&
	     strcmp(state, "BLOCKED") != 0))
		return 0;
	return change_task(s, SQL_TASK_ENDED,
			   BINDS(TEXT(get_text(message, "re")), TEXT(state),
			       NUMBER(direction), NUMBER(stream.from)), err);
}

/* What it says of when it may be begun, of which the view keeps account. */
static int keep_terms(struct store *s, const char *id, const struct field *message,
		      struct error *err)
{
	struct message m = MESSAGE_INIT;
	struct task_terms t;
	const char *key;
	int rc = 0;

	if (strcmp(get_text(message, "type"), "task") != 0)
		return 0;
	for (size_t i = 0; (key = task_terms_key(i)) != NULL; i++)
		if (get_field(message, key) != NULL)
			message_add_extra(&m, key, get_text(message, key));
	if (task_terms_read(&m, &t)) {
		for (size_t i = 0; i < t.after.count && rc == 0; i++)
			rc = query_run(s, SQL_DEPENDENCY_ADD,
				       BINDS(TEXT(id), TEXT(t.after.item[i])), err);
		if (rc == 0)
			rc = query_run(s, SQL_TASK_WAITS,
				       BINDS(TEXT(id), NUMBER(t.unclear != NULL),
					     NUMBER(t.timeout),
					     NUMBER(t.approvals)), err);
	}
	task_terms_release(&t);
	message_release(&m);
	return rc;
}

/* A task of ours that does a step of another one of ours. What others say of theirs is
 * their affair. */
static int keep_part(struct store *s, const struct event *e, const struct field *message,
		     struct error *err)
{
	struct operation_step step;

	if (!operation_part_parse(get_text(message, "part"), &step))
		return 0;
	if (query_run(s, SQL_TASK_PARTED, BINDS(TEXT(step.id), NUMBER(e->time)),
		      err) == -1)
		return -1;
	return query_run(s, SQL_PART_ADD,
			 BINDS(TEXT(step.id), NUMBER(step.kind), NUMBER(step.index),
			       TEXT(get_text(e->json, "id"))), err);
}

int add_message(struct store *s, const struct event *e,
		enum direction direction, struct error *err)
{
	const struct field *message = message_of(e, err);
	struct stream_name stream;

	if (message == NULL || get_stream(message, &stream, err) == -1 ||
	    insert_message(s, e, direction, stream, err) == -1)
		return -1;
	if (direction == DIRECTION_OUT &&
	    query_run(s, SQL_OUT_STREAM_ADD, BINDS(STREAM(stream)), err) == -1)
		return -1;
	if ((direction == DIRECTION_OUT || stream.from == stream.to) &&
	    keep_part(s, e, message, err) == -1)
		return -1;
	if (direction == DIRECTION_IN &&
	    keep_terms(s, get_text(e->json, "id"), message, err) == -1)
		return -1;
	if (keep_alert(s, e, message, direction, stream, err) == -1)
		return -1;
	/* what was said before trine changes nothing of now */
	return direction == DIRECTION_OLD ? 0 :
	       end_task(s, message, direction, stream, err);
}

int apply_sent(struct store *s, const struct event *e, struct error *err)
{
	return add_message(s, e, DIRECTION_OUT, err);
}

int apply_found(struct store *s, const struct event *e, struct error *err)
{
	if (add_message(s, e, DIRECTION_OUT, err) == -1)
		return -1;
	return query_run(s, SQL_MESSAGE_FOUND, BINDS(TEXT(get_text(e->json, "id")),
			 NUMBER(e->time)), err);
}

/* TASK has an answer of ours less. It is what the one before said; where none is left,
 * and only an answer had ended it, it goes on, and those that waited for it and have
 * not begun wait again. */
static int reopen_task(struct store *s, const char *task, struct error *err)
{
	if (change_task(s, SQL_TASK_ANSWERED, BINDS(TEXT(task)), err) == -1 ||
	    change_task(s, SQL_TASK_REOPENED, BINDS(TEXT(task)), err) == -1)
		return -1;
	return query_run(s, SQL_WAITS_AGAIN, BINDS(TEXT(task)), err);
}

int apply_retracted(struct store *s, const struct event *e, struct error *err)
{
	const char *id = get_text(e->json, "id");
	char task[MESSAGE_ID];

	if (query_text(s, SQL_ANSWERS, BINDS(TEXT(id)), task, sizeof(task),
		       err) == -1)
		return -1;
	if (query_run(s, SQL_REWORDED_ADD, BINDS(NUMBER(e->seq), TEXT(id)),
		      err) == -1 ||
	    query_run(s, SQL_MESSAGE_REMOVE, BINDS(TEXT(id)), err) == -1)
		return -1;
	if (!query_changed(s))
		return 0;
	if (query_run(s, SQL_ALERT_REMOVE, BINDS(TEXT(id)), err) == -1)
		return -1;
	return *task ? reopen_task(s, task, err) : 0;
}

/* ---- another number ---- */

/* Digests of the rows of a query, so that they can be changed after it. */
struct digests {
	struct digest_of {
		char id[MESSAGE_ID], digest[MESSAGE_DIGEST];
	} *item;
	size_t count, cap;
};

static int digest_row(sqlite3_stmt *q, struct digests *out)
{
	struct record r;

	if (record_of_row(q, &r) == -1)
		return 0;	/* not readable: nothing to digest */
	ARRAY_GROW(out->item, out->count, out->cap);
	memcpy(out->item[out->count].id, r.id, sizeof(r.id));
	message_digest(&r.message, out->item[out->count++].digest);
	record_release(&r);
	return 0;
}

static int digest_again(struct store *s, enum statement which, const char *id,
			struct error *err)
{
	struct digests all = { 0 };
	sqlite3_stmt *q = query_start(s, which, BINDS(TEXT(id)), err);
	int result = 0;

	while (query_row(s, q, &result, err))
		digest_row(q, &all);
	query_end(q);
	for (size_t i = 0; i < all.count && result == 0; i++)
		result = query_run(s, SQL_MESSAGE_DIGEST,
				   BINDS(TEXT(all.item[i].id),
					 TEXT(all.item[i].digest)), err);
	free(all.item);
	return result;
}

/* Answers to it that are still here name it by its new id. */
int apply_renumbered(struct store *s, const struct event *e, struct error *err)
{
	const char *id = get_text(e->json, "id");
	const char *to = get_text(e->json, "to");
	bool same = get_field(e->json, "origin") == NULL;

	if (query_run(s, SQL_MESSAGE_RENUMBER, BINDS(TEXT(id), TEXT(to),
		      NUMBER(get_number(e->json, "number")), NUMBER(e->seq),
		      TEXT(same ? NULL : get_text(e->json, "origin"))),
		      err) == -1 ||
	    (query_changed(s) && (query_run(s, SQL_DEPENDENCY_RENUMBER,
					    BINDS(TEXT(id), TEXT(to)), err) == -1 ||
				  query_run(s, SQL_ALERT_RENUMBER,
					    BINDS(TEXT(id), TEXT(to)), err) == -1)) ||
	    query_run(s, SQL_MESSAGE_RE, BINDS(TEXT(id), TEXT(to)), err) == -1 ||
	    query_run(s, SQL_PART_RENUMBER, BINDS(TEXT(id), TEXT(to)), err) == -1)
		return -1;
	if (digest_again(s, SQL_RECORD_ID, to, err) == -1)
		return -1;
	return digest_again(s, SQL_RECORDS_RE, to, err);
}

/* ---- theirs ---- */

/* A text that was rejected because its number was used has come after all: from
 * a new clone of its sender, or anew. */
static int mend_reused(struct store *s, const struct event *e,
		       struct error *err)
{
	const struct field *message = get_object(e->json, "message");
	const char *origin = get_text(message, "origin");
	const char *id = get_text(e->json, "id");
	struct error unreadable = ERROR_INIT;
	struct message m = MESSAGE_INIT;
	char plain[MESSAGE_ID], digest[MESSAGE_DIGEST], why[STATUS_WHY];
	json_t *json;
	int result;

	if (*origin == '\0' && strchr(id, '~') == NULL)
		return 0;
	json = field_load(message);
	result = message_from_json(json, &m, &unreadable);
	json_decref(json);
	if (result == -1)
		return 0;
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(id, "~"), id);
	message_text_digest(&m, digest);
	status_write_reused(why, digest);
	result = query_run(s, SQL_TROUBLE_MENDED,
			   BINDS(TEXT(*origin ? origin : plain),
				 NUMBER(m.stream.from), TEXT(why)), err);
	message_release(&m);
	return result;
}

int apply_received(struct store *s, const struct event *e, struct error *err)
{
	/* the trouble has the plain id, so another clone's does not end it */
	if (add_message(s, e, DIRECTION_IN, err) == -1 ||
	    query_run(s, SQL_TROUBLE_OVER,
		      BINDS(TEXT(get_text(e->json, "id"))), err) == -1)
		return -1;
	return mend_reused(s, e, err);
}

int apply_repeated(struct store *s, const struct event *e, struct error *err)
{
	return query_run(s, SQL_REPEATED_ADD,
			 BINDS(TEXT(get_text(e->json, "id")),
			       TEXT(get_text(e->json, "digest"))), err);
}

int apply_imported(struct store *s, const struct event *e, struct error *err)
{
	return add_message(s, e, DIRECTION_OLD, err);
}

static int set_trouble(struct store *s, const struct event *e, const char *why,
		       struct error *err)
{
	struct stream_name stream;

	if (get_stream(e->json, &stream, err) == -1)
		return -1;
	return query_run(s, SQL_TROUBLE_SET,
			 BINDS(TEXT(get_text(e->json, "id")), NUMBER(e->seq),
			       STREAM(stream),
			       NUMBER(get_number(e->json, "number")), TEXT(why)),
			 err);
}

int apply_rejected(struct store *s, const struct event *e, struct error *err)
{
	return set_trouble(s, e, get_text(e->json, "why"), err);
}

int apply_missing(struct store *s, const struct event *e, struct error *err)
{
	return set_trouble(s, e, NULL, err);
}

/* ---- what becomes of them here ---- */

int add_moment(struct store *s, const struct event *e, const char *name,
	       const char *instance, struct error *err)
{
	return query_run(s, SQL_MOMENT_ADD,
			 BINDS(NUMBER(e->seq), TEXT(get_text(e->json, "id")),
			       TEXT(name), NUMBER(e->time),
			       TEXT(*instance ? instance : NULL)), err);
}

int apply_read(struct store *s, const struct event *e, struct error *err)
{
	if (query_run(s, SQL_MESSAGE_READ, BINDS(TEXT(get_text(e->json, "id")),
		      NUMBER(e->time)), err) == -1)
		return -1;
	return add_moment(s, e, "read", get_text(e->json, "who"), err);
}

int apply_handing(struct store *s, const struct event *e, struct error *err)
{
	const char *instance = get_text(e->json, "instance");

	if (query_run(s, SQL_MESSAGE_HANDING,
		      BINDS(TEXT(get_text(e->json, "id")), NUMBER(e->time),
			    TEXT(instance)), err) == -1)
		return -1;
	return take_needs(s, e, 0, instance, err);
}

int apply_handed(struct store *s, const struct event *e, struct error *err)
{
	const char *instance = get_text(e->json, "instance");
	const char *state = get_text(e->json, "state");

	if (change_task(s, SQL_MESSAGE_HANDED,
		      BINDS(TEXT(get_text(e->json, "id")), NUMBER(e->time),
			    TEXT(instance), TEXT(*state ? state : NULL)),
		      err) == -1)
		return -1;
	return add_moment(s, e, "handed", instance, err);
}
