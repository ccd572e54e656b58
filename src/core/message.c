/*
 * Messages and how they are written (message.h); message_read.c reads them.
 * Everything that sends, adopts, stores or renders a message works on these.
 */
#include "trine/message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "trine/digest.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

static const char *const type_names[] = {
	[TYPE_MESSAGE] = "message",
	[TYPE_TASK] = "task",
	[TYPE_ALERT] = "alert",
	[TYPE_STATUS] = "status",
	[TYPE_RESULT] = "result",
	[TYPE_CONTROL] = "control",
};

static const char *const priority_names[] = {
	[PRIORITY_LOW] = "low",
	[PRIORITY_NORMAL] = "normal",
	[PRIORITY_HIGH] = "high",
	[PRIORITY_URGENT] = "urgent",
};

const char *message_type_name(enum message_type type)
{
	assert((size_t)type < ARRAY_LEN(type_names));
	return type_names[type];
}

bool message_type_parse(struct span s, enum message_type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
		if (span_is(s, type_names[i])) {
			*out = (enum message_type)i;
			return true;
		}
	return false;
}

const char *message_priority_name(enum message_priority priority)
{
	assert((size_t)priority < ARRAY_LEN(priority_names));
	return priority_names[priority];
}

bool message_priority_parse(struct span s, enum message_priority *out)
{
	for (size_t i = 0; i < ARRAY_LEN(priority_names); i++)
		if (span_is(s, priority_names[i])) {
			*out = (enum message_priority)i;
			return true;
		}
	return false;
}

void message_release(struct message *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->extra_count; i++) {
		free(m->extra[i].key);
		free(m->extra[i].value);
	}
	free(m->extra);
	list_release(&m->labels);
	free(m->from);
	free(m->to);
	free(m->re);
	free(m->title);
	free(m->body);
	*m = (struct message)MESSAGE_INIT;
}

void message_copy(struct message *to, const struct message *from)
{
	*to = *from;
	to->from = xstrdup(from->from);
	to->to = xstrdup(from->to);
	to->re = xstrdup(from->re);
	to->title = xstrdup(from->title);
	to->body = from->body ? xmemdup(from->body, from->body_len) : NULL;
	to->labels = (struct list)LIST_INIT;
	list_copy(&to->labels, &from->labels);
	to->extra = NULL;
	to->extra_count = to->extra_cap = 0;
	for (size_t i = 0; i < from->extra_count; i++)
		message_add_extra(to, from->extra[i].key, from->extra[i].value);
}

static struct message_extra *find_extra(const struct message *m, const char *key)
{
	for (size_t i = 0; i < m->extra_count; i++)
		if (strcmp(m->extra[i].key, key) == 0)
			return &m->extra[i];
	return NULL;
}

void message_add_extra(struct message *m, const char *key, const char *value)
{
	struct message_extra *extra = find_extra(m, key);

	if (extra != NULL) {
		free(extra->value);
	} else {
		ARRAY_GROW(m->extra, m->extra_count, m->extra_cap);
		extra = &m->extra[m->extra_count++];
		extra->key = xstrdup(key);
	}
	extra->value = xstrdup(value);
}

const char *message_extra(const struct message *m, const char *key)
{
	const struct message_extra *extra = find_extra(m, key);

	return extra ? extra->value : NULL;
}

static const char origin[] = "origin";

const char *message_origin(const struct message *m)
{
	const char *id = message_extra(m, origin);
	struct stream_name stream;
	uint64_t seq;

	return id != NULL && message_id_parse(span_str(id), &stream, &seq) ?
	       id : NULL;
}

bool message_claim_one(const struct message *m)
{
	const char *claim = message_extra(m, "claim");

	return m->type == TYPE_TASK && claim != NULL &&
	       (strcmp(claim, "one") == 0 || strcmp(claim, "\"one\"") == 0);
}

static const char retracts[] = "retracts";

/* As its readers know it: one that was sent anew, by its first number (`origin`). */
static void name_text(struct message *m, const struct message *went_out)
{
	char digests[2 * MESSAGE_DIGEST], *first = digests + MESSAGE_DIGEST;

	message_digest(went_out, digests);
	message_text_digest(went_out, first);
	if (strcmp(digests, first) != 0)
		first[-1] = ' ';
	message_add_extra(m, retracts, digests);
}

void message_tombstone(struct message *m, struct stream_name stream, uint64_t seq,
		       int64_t sent, const struct message *went_out)
{
	m->stream = stream;
	m->seq = seq;
	m->type = TYPE_CONTROL;
	m->sent = sent;
	m->title = xstrdup(went_out != NULL ? "Retracted before it was committed" :
			   "Retracted before it was sent");
	m->body = xstrdup(went_out != NULL ? "Its sender took it back. Who had it by then "
			  "knows that from this.\n" :
			  "No message has this number: it was taken back before "
			  "anybody could read it.\n");
	m->body_len = strlen(m->body);
	message_add_extra(m, "state", "RETRACTED");
	if (went_out != NULL)
		name_text(m, went_out);
}

bool message_is_tombstone(const struct message *m)
{
	const char *state = message_extra(m, "state");

	return m->type == TYPE_CONTROL && state != NULL &&
	       strcmp(state, "RETRACTED") == 0;
}

bool message_retracts(const struct message *m, const char *digest)
{
	const char *texts = message_is_tombstone(m) ? message_extra(m, retracts) : NULL;

	return texts != NULL && digest[0] != '\0' && strstr(texts, digest) != NULL;
}

uint64_t message_hops(const struct message *m)
{
	const char *text = message_extra(m, "hops");
	uint64_t hops;

	return text != NULL && text_number(span_str(text), &hops) ? hops : 0;
}

/* ---- what a peer will accept ---- */

static bool has_controls(const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)s[0], next = (unsigned char)s[1];

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0))
			return true;
	}
	return false;
}

static int check_title(const char *title, struct error *err)
{
	struct span s = span_str(title ? title : "");

	if (!text_is_utf8(s.p, s.len))
		return error_set(err, ERR_DATA, "the title is not UTF-8");
	if (has_controls(s.p))
		return error_set(err, ERR_DATA,
				 "control bytes or more than one line in the title");
	if (markdown_characters(s) > LIMIT_TITLE)
		return error_set(err, ERR_DATA, "a title of more than %d "
				 "characters", LIMIT_TITLE);
	return 0;
}

static int check_body(struct span body, struct error *err)
{
	bool ends = body.len == 0 || body.p[body.len - 1] == '\n';

	if (body.len + !ends > LIMIT_BODY)
		return error_set(err, ERR_DATA, "a body of more than %d KiB",
				 LIMIT_BODY / 1024);
	if (!text_is_utf8(body.p, body.len))
		return error_set(err, ERR_DATA,
				 "bytes in the body that are not UTF-8, or a NUL");
	return 0;
}

static int check_name(const char *name, const char *key, struct error *err)
{
	if (name == NULL || plain_name_valid(span_str(name)))
		return 0;
	return error_set(err, ERR_DATA, "%s is no name of letters, digits and "
			 ". _ -", key);
}

int message_check(const struct message *m, struct error *err)
{
	struct span body = { m->body, m->body_len };
	struct buf keys = BUF_INIT;
	size_t size;

	if (check_title(m->title, err) == -1 || check_body(body, err) == -1 ||
	    check_name(m->from, "from", err) == -1 ||
	    check_name(m->to, "for", err) == -1)
		return -1;
	for (size_t i = 0; i < m->labels.count; i++)
		if (check_name(m->labels.item[i], "a label", err) == -1)
			return -1;
	if (m->re != NULL && !message_id_valid(span_str(m->re)))
		return error_set(err, ERR_DATA, "re is no id");
	message_write_keys(&keys, m, NULL);
	size = keys.len + strlen("id: \n") + MESSAGE_ID;
	buf_release(&keys);
	if (size > LIMIT_YAML)
		return error_set(err, ERR_DATA, "more than %d KiB of keys",
				 LIMIT_YAML / 1024);
	return 0;
}

static char *title_for(const char *title, struct span body)
{
	struct span given = text_trim(span_str(title ? title : ""));
	struct buf made = BUF_INIT;

	if (given.len > 0)
		return xmemdup(given.p, given.len);
	markdown_title(&made, body);
	return buf_detach(&made);
}

bool message_is_blank(const char *title, struct span body)
{
	return text_is_blank(span_str(title != NULL ? title : "")) &&
	       text_is_blank(body);
}

int message_set_text(struct message *m, const char *title, struct span body,
		     struct error *err)
{
	struct buf text = BUF_INIT;
	char *taken;

	if (check_body(body, err) == -1)
		return -1;
	if (message_is_blank(title, body))
		return error_set(err, ERR_DATA, "neither a title nor a body");
	taken = title_for(title, body);
	if (check_title(taken, err) == -1) {
		free(taken);
		return -1;
	}
	buf_add(&text, body.p, body.len);
	if (body.len > 0 && body.p[body.len - 1] != '\n')
		buf_addc(&text, '\n');
	free(m->title);
	free(m->body);
	m->title = taken;
	m->body_len = text.len;
	m->body = buf_detach(&text);
	return 0;
}

/* ---- writing ---- */

static void write_time(struct buf *out, const char *key, int64_t seconds)
{
	char text[TIME_TEXT];

	buf_printf(out, "%s: %s\n", key, time_format(seconds, text));
}

static void write_text(struct buf *out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, "%s: ", key);
	yaml_write(out, text);
	buf_addc(out, '\n');
}

static void write_labels(struct buf *out, const struct list *labels)
{
	if (labels->count == 0)
		return;
	for (size_t i = 0; i < labels->count; i++) {
		buf_adds(out, i == 0 ? "labels: [" : ", ");
		yaml_write(out, labels->item[i]);
	}
	buf_adds(out, "]\n");
}

/* WITHOUT: an extra key to leave out, or "". */
static void write_keys(struct buf *out, const struct message *m, const char *id,
		       const char *without)
{
	write_text(out, "id", id);
	write_text(out, "type", message_type_name(m->type));
	write_text(out, "priority", message_priority_name(m->priority));
	write_time(out, "sent", m->sent);
	write_text(out, "from", m->from);
	write_text(out, "for", m->to);
	write_text(out, "re", m->re);
	write_labels(out, &m->labels);
	if (m->due != 0)
		write_time(out, "due", m->due);
	for (size_t i = 0; i < m->extra_count; i++) {
		if (strcmp(m->extra[i].key, without) == 0)
			continue;
		yaml_write(out, m->extra[i].key);
		buf_printf(out, ": %s\n", m->extra[i].value);
	}
}

void message_write_keys(struct buf *out, const struct message *m, const char *id)
{
	write_keys(out, m, id, "");
}

/* The body, so that no line of it looks like an end line: one more backslash
 * before each `<!-- /` that only backslashes precede. */
static void write_body(struct buf *out, struct span body)
{
	struct span line, rest;
	size_t pos = 0, start = 0;

	for (; text_line(body, &pos, &line); start = pos) {
		rest = line;
		while (rest.len > 0 && rest.p[0] == '\\') {
			rest.p++;
			rest.len--;
		}
		if (text_starts(rest, "<!-- /"))
			buf_addc(out, '\\');
		buf_add(out, line.p, pos - start);
	}
	if (body.len > 0)
		buf_addc(out, '\n');
}

static void write_entry(struct buf *out, const struct message *m, const char *id,
			const char *without)
{
	buf_printf(out, "## %s\n\n```yaml message\n", m->title ? m->title : "");
	write_keys(out, m, id, without);
	buf_adds(out, "```\n\n");
	write_body(out, (struct span){ m->body, m->body_len });
}

void message_write(struct buf *out, const struct message *m)
{
	char id[MESSAGE_ID];

	message_id_format(m->stream, m->seq, id);
	write_entry(out, m, id, "");
	buf_printf(out, "<!-- /%s -->\n", id);
}

static void digest_without(const struct message *m, const char *without,
			   char out[MESSAGE_DIGEST])
{
	struct buf text = BUF_INIT;
	char hex[DIGEST_HEX];

	write_entry(&text, m, NULL, without);
	digest_hex(text.data, text.len, hex);
	memcpy(out, hex, MESSAGE_DIGEST - 1);
	out[MESSAGE_DIGEST - 1] = '\0';
	buf_release(&text);
}

void message_digest(const struct message *m, char out[MESSAGE_DIGEST])
{
	digest_without(m, "", out);
}

void message_text_digest(const struct message *m, char out[MESSAGE_DIGEST])
{
	digest_without(m, origin, out);
}

void message_words_digest(const struct message *m, char out[MESSAGE_DIGEST])
{
	struct message at_no_time = *m;

	at_no_time.sent = 0;
	message_text_digest(&at_no_time, out);
}
