/*
 * Frames of messages (early.h): the JSON of message_json.h under the names that the
 * channel has for its keys. What comes in is measured as a peer's file is: it is written
 * as an entry, read from that, and must be the text that the frame names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/early.h"
#include "trine/mem.h"
#include "trine/message_json.h"
#include "trine/text.h"

/* Those that a message has under another name, or the same; `from` and `to` are made of
 * two each, all others stand in `keys`. */
static const struct {
	const char *frame, *message;
} names[] = {
	{ "id", "id" }, { "type", "type" }, { "content", "body" },
	{ "priority", "priority" }, { "timestamp", "sent" }, { "title", "title" },
	{ "re", "re" }, { "labels", "labels" }, { "due", "due" },
};

void early_letter_release(struct early_letter *l)
{
	message_release(&l->message);
	free(l->branch);
	*l = (struct early_letter)EARLY_LETTER_INIT;
}

/* ---- writing ---- */

static void put(json_t *json, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_object_set_new(json, key, json_string(text));
}

static void put_end(json_t *frame, const char *key, int computer,
		    const char *instance)
{
	char *text = computer == END_ALL ? xstrdup("ALL") :
		     xasprintf("%d%s%s", computer, instance != NULL ? "/" : "",
			       instance != NULL ? instance : "");

	if (computer == END_ALL && instance != NULL) {
		free(text);
		text = xasprintf("ALL/%s", instance);
	}
	put(frame, key, text);
	free(text);
}

static json_t *frame_of(const struct record *r, const char *branch)
{
	static const char *const apart[] = { "stream", "seq", "from", "for" };
	json_t *message = message_to_json(r->id, &r->message);
	json_t *frame = json_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		json_t *value = json_object_get(message, names[i].message);

		if (value != NULL)
			json_object_set(frame, names[i].frame, value);
		json_object_del(message, names[i].message);
	}
	for (size_t i = 0; i < ARRAY_LEN(apart); i++)
		json_object_del(message, apart[i]);
	put_end(frame, "from", r->message.stream.from, r->message.from);
	put_end(frame, "to", r->message.stream.to, r->message.to);
	put(frame, "clone", r->clone);
	put(frame, "digest", r->digest);
	put(frame, "branch", branch);
	if (json_object_size(message) > 0)
		json_object_set(frame, "keys", message);
	json_decref(message);
	return frame;
}

void early_write(struct buf *out, const struct record *r, const char *branch,
		 bool *fits)
{
	json_t *frame = frame_of(r, branch);
	char *text = json_dumps(frame, JSON_COMPACT);

	*fits = strlen(text) <= EARLY_FRAME;
	buf_adds(out, text);
	free(text);
	json_decref(frame);
}

/* ---- reading ---- */

static int bad(struct error *err, const char *what)
{
	return error_set(err, ERR_DATA, "not the frame of a message: %s", what);
}

static const char *word(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

/* "1", "1/builder", "ALL": is it COMPUTER, and INSTANCE says the rest. */
static bool take_end(const char *text, int computer, char **instance)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct span end = { text, len };
	uint64_t number;

	*instance = slash != NULL ? xstrdup(slash + 1) : NULL;
	if (span_is(end, "ALL"))
		return computer == END_ALL;
	return text_number(end, &number) && number <= LIMIT_COMPUTERS &&
	       (int)number == computer;
}

/* The message's own JSON; NULL: a key is there twice, or none of ours. */
static json_t *message_of(const json_t *frame)
{
	json_t *message = json_deep_copy(json_object_get(frame, "keys"));
	const char *key;
	json_t *value;

	if (message == NULL)
		message = json_object();
	if (!json_is_object(message)) {
		json_decref(message);
		return NULL;
	}
	/* only extras: the others are not to be said in two places */
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_object_del(message, names[i].message);
	json_object_del(message, "from");
	json_object_del(message, "for");
	json_object_foreach((json_t *)(uintptr_t)frame, key, value)
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (strcmp(names[i].frame, key) == 0)
				json_object_set(message, names[i].message, value);
	return message;
}

/* What the frame says, as it says it. */
static int read_fields(const json_t *frame, struct message *m, struct error *err)
{
	json_t *message = message_of(frame);
	int rc = -1;

	if (message == NULL)
		return bad(err, "`keys` is none of it");
	if (message_from_json(message, m, err) == -1)
		goto out;
	if (!message_id_parse(span_str(word(frame, "id")), &m->stream, &m->seq))
		bad(err, "its id is none");
	else if (!take_end(word(frame, "from"), m->stream.from, &m->from) ||
		 !take_end(word(frame, "to"), m->stream.to, &m->to))
		bad(err, "`from` and `to` are not those of its id");
	else
		rc = 0;
out:
	json_decref(message);
	return rc;
}

/* The same as one would read it out of a stream. */
static int read_as_entry(const struct message *said, struct message *m,
			 struct error *err)
{
	struct buf entry = BUF_INIT;
	int rc = message_check(said, err);

	if (rc == 0) {
		message_write(&entry, said);
		rc = message_parse(span_of(&entry), m, err);
	}
	buf_release(&entry);
	return rc;
}

static int read_frame(const json_t *frame, struct early_letter *l, struct error *err)
{
	struct message said = MESSAGE_INIT;
	char digest[MESSAGE_DIGEST];
	int rc = -1;

	if (!clone_id_valid(span_str(word(frame, "clone"))))
		return bad(err, "its clone is none");
	if (read_fields(frame, &said, err) == -1 ||
	    read_as_entry(&said, &l->message, err) == -1)
		goto out;
	message_digest(&l->message, digest);
	if (strcmp(digest, word(frame, "digest")) != 0) {
		bad(err, "its text is another one than it says");
		goto out;
	}
	snprintf(l->clone, sizeof(l->clone), "%s", word(frame, "clone"));
	if (word(frame, "branch")[0] != '\0')
		l->branch = xstrdup(word(frame, "branch"));
	rc = 0;
out:
	message_release(&said);
	return rc;
}

int early_read(struct span frame, struct early_letter *l, struct error *err)
{
	json_t *json;
	int rc;

	if (frame.len > EARLY_FRAME)
		return bad(err, "it is too long");
	json = json_loadb(frame.p, frame.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json))
		rc = bad(err, "it is no JSON object");
	else
		rc = read_frame(json, l, err);
	if (rc == -1)
		early_letter_release(l);
	json_decref(json);
	return rc;
}
