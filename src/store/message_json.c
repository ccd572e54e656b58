/*
 * A message as JSON and back (message_json.h). The event log keeps messages in
 * this form, the command line and the instances get it. Who may put what into a
 * message is decided before: here nothing is lost and nothing is added.
 */
#include "trine/message_json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* Keys that an extra of a message must not take over. `state` is not among
 * them: on a result it is an extra, and shown as what it is. */
static const char *const reserved[] = {
	"id", "stream", "seq", "type", "priority", "from", "for", "title",
	"body", "sent", "re", "labels", "due", "schema", "to", "note",
	"history", "anew",
};

/* An extra of such a name is written with a + in front, and so is one that has
 * one already: the way back is to take one off. */
enum { EXTRA_MARK = '+' };

static bool is_reserved(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (strcmp(reserved[i], key) == 0)
			return true;
	return false;
}

/* All setters: 0, or -1 if the text is not UTF-8. */
static int set_text(json_t *json, const char *key, const char *text)
{
	return text == NULL || *text == '\0' ? 0 :
	       json_object_set_new(json, key, json_string(text));
}

static int set_time(json_t *json, const char *key, int64_t time)
{
	char text[TIME_TEXT];

	return time == 0 ? 0 : set_text(json, key, time_format(time, text));
}

static int set_labels(json_t *json, const struct list *labels)
{
	json_t *array = json_array();
	int result = 0;

	for (size_t i = 0; i < labels->count; i++)
		result |= json_array_append_new(array,
						json_string(labels->item[i]));
	if (labels->count > 0)
		result |= json_object_set(json, "labels", array);
	json_decref(array);
	return result;
}

static int set_extra(json_t *json, const struct message_extra *extra)
{
	bool mark = is_reserved(extra->key) || extra->key[0] == EXTRA_MARK;
	char *key = xasprintf("%s%s", mark ? "+" : "", extra->key);
	int result = json_object_set_new(json, key, json_string(extra->value));

	free(key);
	return result;
}

static int set_head(json_t *json, const char *id, const struct message *m)
{
	char stream[STREAM_NAME];
	int result = set_text(json, "id", id);

	/* 0 to 0 is a message that has no place yet */
	if (m->stream.from != 0)
		result |= set_text(json, "stream",
				   stream_name_format(m->stream, stream));
	if (m->seq != 0)
		result |= json_object_set_new(json, "seq",
					      json_integer((json_int_t)m->seq));
	result |= set_text(json, "type", message_type_name(m->type));
	return result | set_text(json, "priority",
				 message_priority_name(m->priority));
}

static int set_message(json_t *json, const char *id, const struct message *m)
{
	int result = set_head(json, id, m);

	result |= set_text(json, "from", m->from);
	result |= set_text(json, "for", m->to);
	result |= set_text(json, "title", m->title);
	if (m->body_len > 0)
		result |= json_object_set_new(json, "body",
					      json_stringn(m->body, m->body_len));
	result |= set_time(json, "sent", m->sent);
	result |= set_text(json, "re", m->re);
	result |= set_labels(json, &m->labels);
	result |= set_time(json, "due", m->due);
	for (size_t i = 0; i < m->extra_count; i++)
		result |= set_extra(json, &m->extra[i]);
	return result;
}

json_t *message_to_json(const char *id, const struct message *m)
{
	json_t *json = json_object();

	if (set_message(json, id, m) == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* ---- and back ---- */

static int wrong(struct error *err, const char *key)
{
	return error_set(err, ERR_DATA, "not a message in JSON: \"%.64s\"", key);
}

/* A string without NUL, as C knows them. */
static bool text_of(const json_t *value, struct span *out)
{
	if (!json_is_string(value))
		return false;
	*out = (struct span){ json_string_value(value),
			      json_string_length(value) };
	return memchr(out->p, '\0', out->len) == NULL;
}

static bool take_text(const json_t *value, char **out)
{
	struct span text;

	if (!text_of(value, &text))
		return false;
	free(*out);
	*out = xmemdup(text.p, text.len);
	return true;
}

static bool take_time(const json_t *value, int64_t *out)
{
	struct span text;

	return text_of(value, &text) && time_parse(text, out);
}

static bool take_id(struct message *m, const json_t *value)
{
	struct span text;

	(void)m;	/* whoever keeps messages knows their ids */
	return text_of(value, &text);
}

static bool take_stream(struct message *m, const json_t *value)
{
	struct span text;

	return text_of(value, &text) && stream_name_parse(text, &m->stream);
}

static bool take_seq(struct message *m, const json_t *value)
{
	if (!json_is_integer(value) || json_integer_value(value) <= 0)
		return false;
	m->seq = (uint64_t)json_integer_value(value);
	return true;
}

static bool take_type(struct message *m, const json_t *value)
{
	struct span text;

	return text_of(value, &text) && message_type_parse(text, &m->type);
}

static bool take_priority(struct message *m, const json_t *value)
{
	struct span text;

	return text_of(value, &text) &&
	       message_priority_parse(text, &m->priority);
}

static bool take_from(struct message *m, const json_t *value)
{
	return take_text(value, &m->from);
}

static bool take_for(struct message *m, const json_t *value)
{
	return take_text(value, &m->to);
}

static bool take_re(struct message *m, const json_t *value)
{
	return take_text(value, &m->re);
}

static bool take_title(struct message *m, const json_t *value)
{
	return take_text(value, &m->title);
}

static bool take_body(struct message *m, const json_t *value)
{
	if (!take_text(value, &m->body))
		return false;
	m->body_len = strlen(m->body);
	return m->body_len == 0 || m->body[m->body_len - 1] == '\n';
}

static bool take_sent(struct message *m, const json_t *value)
{
	return take_time(value, &m->sent);
}

static bool take_due(struct message *m, const json_t *value)
{
	return take_time(value, &m->due);
}

static bool take_labels(struct message *m, const json_t *value)
{
	struct span label;
	const json_t *item;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach(value, i, item) {
		if (!text_of(item, &label))
			return false;
		list_add(&m->labels, label.p);
	}
	return true;
}

static const struct {
	const char *key;
	bool (*take)(struct message *m, const json_t *value);
} keys[] = {
	{ "id", take_id },
	{ "stream", take_stream },
	{ "seq", take_seq },
	{ "type", take_type },
	{ "priority", take_priority },
	{ "from", take_from },
	{ "for", take_for },
	{ "title", take_title },
	{ "body", take_body },
	{ "sent", take_sent },
	{ "re", take_re },
	{ "labels", take_labels },
	{ "due", take_due },
};

static bool take_extra(struct message *m, const char *key, const json_t *value)
{
	struct span text;

	if (is_reserved(key) || !text_of(value, &text))
		return false;
	message_add_extra(m, key[0] == EXTRA_MARK ? key + 1 : key, text.p);
	return true;
}

static bool take_key(struct message *m, const char *key, const json_t *value)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].take(m, value);
	return take_extra(m, key, value);
}

int message_from_json(const json_t *json, struct message *m, struct error *err)
{
	/* jansson's iteration wants it writable, and does not write */
	json_t *object = (json_t *)(uintptr_t)json;
	const char *key;
	json_t *value;

	*m = (struct message)MESSAGE_INIT;
	if (!json_is_object(json))
		return error_set(err, ERR_DATA, "not a message in JSON");
	json_object_foreach(object, key, value) {
		if (take_key(m, key, value))
			continue;
		message_release(m);
		return wrong(err, key);
	}
	/* a message without text has empty ones, not none */
	if (m->title == NULL)
		m->title = xstrdup("");
	if (m->body == NULL)
		m->body = xstrdup("");
	return 0;
}

/* ---- with what became of it ---- */

static json_t *moment_to_json(const struct moment *moment)
{
	json_t *json = json_object();

	set_text(json, "event", moment->event);
	set_time(json, "time", moment->time);
	if (moment->computer > 0)
		json_object_set_new(json, "computer",
				    json_integer(moment->computer));
	set_text(json, "instance", moment->instance);
	return json;
}

static void set_history(json_t *json, const struct moment *history, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, moment_to_json(&history[i]));
	json_object_set_new(json, "history", array);
}

json_t *record_to_json(const struct record *r, const struct moment *history,
		       size_t count)
{
	json_t *json = json_object(), *message;
	char to[16] = "ALL";

	json_object_set_new(json, "schema", json_integer(1));
	message = message_to_json(r->id, &r->message);
	assert(message != NULL);	/* it came out of the log */
	json_object_update(json, message);
	json_decref(message);
	if (r->message.stream.to != END_ALL)
		snprintf(to, sizeof(to), "%d", r->message.stream.to);
	set_text(json, "to", to);
	set_text(json, "state", r->state);
	set_text(json, "note", r->note);
	if (count > 0)
		set_history(json, history, count);
	return json;
}
