/*
 * Events: from fields to a line of the log, and from a line to what it does to
 * the view. record_*.c come here with what happened, store.c with lines that
 * were written before.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

/* ---- fields ---- */

void put_always(json_t *json, const char *key, const char *text)
{
	char *clean_key, *clean_text;

	key = text_clean(key, &clean_key);
	text = text_clean(text, &clean_text);
	json_object_set_new(json, key, json_string(text));
	free(clean_key);
	free(clean_text);
}

void put_text(json_t *json, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		put_always(json, key, text);
}

void put_number(json_t *json, const char *key, uint64_t number)
{
	/* what a JSON number and a column can hold; names.h allows less */
	if (number > INT64_MAX)
		number = INT64_MAX;
	if (number != 0)
		json_object_set_new(json, key, json_integer((json_int_t)number));
}

void put_time(json_t *json, const char *key, int64_t time)
{
	char text[TIME_TEXT];

	if (time != 0)
		put_always(json, key, time_format(time, text));
}

void put_flag(json_t *json, const char *key, bool flag)
{
	if (flag)
		json_object_set_new(json, key, json_true());
}

void put_list(json_t *json, const char *key, const struct list *l)
{
	json_t *array;

	if (l == NULL || l->count == 0)
		return;
	array = json_array();
	for (size_t i = 0; i < l->count; i++)
		json_array_append_new(array, json_string(l->item[i]));
	json_object_set_new(json, key, array);
}

void put_stream(json_t *json, const char *key, struct stream_name stream)
{
	char text[STREAM_NAME];

	put_always(json, key, stream_name_format(stream, text));
}

void put_process(json_t *json, const struct process_mark *p)
{
	put_number(json, "pid", (uint64_t)p->pid);
	put_number(json, "born", p->born);
	put_text(json, "boot", p->boot);
}

bool stream_of_id(const char *id, struct stream_name *out)
{
	return stream_name_parse((struct span){ id, strcspn(id, ".") }, out);
}

/* ---- new ones ---- */

static json_t *make_head(struct store *s, const char *type)
{
	json_t *json = json_object();
	char time[TIME_TEXT];

	put_number(json, "seq", s->next.seq + 1);
	put_always(json, "time", time_format(s->clock->now(s->clock), time));
	put_always(json, "type", type);
	put_always(json, "actor", s->actor);
	return json;
}

static int add_line(struct store *s, struct span json, struct error *err)
{
	if (json.len + LOG_LINE_MORE > LIMIT_EVENT)
		return error_set(err, ERR_DATA, "too large for the event log");
	buf_add(&s->pending, json.p, json.len);
	buf_addc(&s->pending, '\n');
	s->pending_count++;
	s->next.seq++;
	return 0;
}

static int apply_fields(struct store *s, const struct field *fields, uint64_t seq,
			int64_t time, struct error *err)
{
	struct event event = {
		.seq = seq,
		.time = time,
		.type = get_text(fields, "type"),
		.json = fields,
	};

	return event_apply(s, &event, err);
}

static int add_and_apply(struct store *s, struct span json, struct error *err)
{
	const struct field *fields = fields_read(&s->fields, json);

	/* what would not be read again must not be in the log */
	if (fields == NULL)
		return error_set(err, ERR_INTERNAL, "an event is not JSON");
	if (add_line(s, json, err) == -1)
		return -1;
	if (apply_fields(s, fields, s->next.seq, get_time(fields, "time"), err) == 0)
		return 0;
	/* half of it may be in the view: only an abort is left */
	s->failed = true;
	return -1;
}

int event_record(struct store *s, const char *type, json_t *fields,
		 struct error *err)
{
	json_t *json;
	char *text;
	int result = -1;

	assert(s->open);
	if (s->failed) {
		error_set(err, ERR_INTERNAL, "a record of this transaction failed");
		goto out;
	}
	json = make_head(s, type);
	json_object_update(json, fields);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	assert(text != NULL);	/* all texts in it are clean */
	result = add_and_apply(s, span_str(text), err);
	free(text);
out:
	json_decref(fields);
	return result;
}

/* ---- old ones ---- */

int event_replay(struct store *s, const struct log_line *line, struct error *err)
{
	const struct field *fields = fields_read(&s->fields, line->text);

	return fields == NULL ? error_set(err, ERR_DATA, "not JSON") :
	       apply_fields(s, fields, line->seq, line->time, err);
}
