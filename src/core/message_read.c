/*
 * Reading entries of a stream (message.h): where one starts, what its keys
 * say, where it ends. Everything in here comes from somebody else; stream.c
 * finds the entries of a file with it.
 */
#include "trine/message.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

/* ---- where things are ---- */

/* A structural line: blanks and a CR at its end do not count. */
static struct span trim_end(struct span line)
{
	while (line.len > 0 && strchr(" \t\r", line.p[line.len - 1]) != NULL &&
	       line.p[line.len - 1] != '\0')
		line.len--;
	return line;
}

/* The lines up to the closing fence. A key block holds no other fence, so each
 * byte of a file full of open ones is looked at once. */
static void find_keys(struct span bytes, struct message_head *out)
{
	size_t pos = out->keys_at;
	struct span line;

	out->end = pos;
	while (text_line(bytes, &pos, &line)) {
		if (text_starts(line, "```")) {
			out->closed = span_is(trim_end(line), "```");
			break;
		}
		out->end = pos;
	}
	out->keys.p = bytes.p + out->keys_at;
	out->keys.len = out->end - out->keys_at;
	if (out->closed)
		out->end = pos;
}

bool message_head(struct span bytes, size_t pos, struct message_head *out)
{
	struct span line;

	memset(out, 0, sizeof(*out));
	if (!text_line(bytes, &pos, &line) || !text_starts(line, "## "))
		return false;
	out->title = text_trim((struct span){ line.p + 3, line.len - 3 });
	do {
		if (!text_line(bytes, &pos, &line))
			return false;
	} while (text_is_blank(line));
	if (!span_is(trim_end(line), "```yaml message"))
		return false;
	out->keys_at = pos;
	find_keys(bytes, out);
	return true;
}

bool message_end_line(struct span line, struct span *id)
{
	static const char before[] = "<!-- /", after[] = " -->";
	const size_t around = sizeof(before) + sizeof(after) - 2;

	line = trim_end(line);
	if (line.len <= around || !text_starts(line, before) ||
	    memcmp(line.p + line.len - (sizeof(after) - 1), after,
		   sizeof(after) - 1) != 0)
		return false;
	id->p = line.p + sizeof(before) - 1;
	id->len = line.len - around;
	return message_id_valid(*id);
}

static bool take_id(struct span s, char out[MESSAGE_ID])
{
	if (!message_id_valid(s))
		return false;
	memcpy(out, s.p, s.len);
	out[s.len] = '\0';
	return true;
}

/* `id: 1_TO_2.7`, by its look: the rest of the block may be no YAML at all. */
static bool find_id_line(struct span keys, char out[MESSAGE_ID])
{
	struct span line, value;
	size_t pos = 0, n = 0;

	do {
		if (!text_line(keys, &pos, &line))
			return false;
	} while (!text_starts(line, "id:"));
	value = text_trim((struct span){ line.p + 3, line.len - 3 });
	if (value.len > 0 && (value.p[0] == '"' || value.p[0] == '\'')) {
		value.p++;
		value.len--;
	}
	while (n < value.len && value.p[n] != '\0' &&
	       strchr(" \t\"'", value.p[n]) == NULL)
		n++;
	value.len = n;
	return take_id(value, out);
}

bool message_head_id(const struct message_head *head, char out[MESSAGE_ID])
{
	struct error ignored;
	struct yaml *keys;
	const char *id;
	bool found;

	if (find_id_line(head->keys, out))
		return true;
	if (!head->closed || text_is_blank(head->keys) ||
	    yaml_parse(head->keys, LIMIT_YAML, &keys, &ignored) == -1)
		return false;
	id = yaml_text(yaml_get(keys, "id"));
	found = id != NULL && take_id(span_str(id), out);
	yaml_tree_free(keys);
	return found;
}

/* ---- keys ---- */

static int bad(struct error *err, const char *what)
{
	return error_set(err, ERR_DATA, "%s", what);
}

static int read_id(struct message *m, const struct yaml *y, struct error *err)
{
	const char *text = yaml_text(y);

	if (text == NULL)
		return bad(err, "no id");
	if (!message_id_parse(span_str(text), &m->stream, &m->seq))
		return bad(err, "id is not a stream, a dot and a number");
	return 0;
}

static int read_type(struct message *m, const struct yaml *y, struct error *err)
{
	const char *text = yaml_text(y);

	if (y != NULL && (text == NULL ||
			  !message_type_parse(span_str(text), &m->type)))
		return bad(err, "an unknown type");
	return 0;
}

static int read_priority(struct message *m, const struct yaml *y,
			 struct error *err)
{
	const char *text = yaml_text(y);

	if (y != NULL && (text == NULL ||
			  !message_priority_parse(span_str(text), &m->priority)))
		return bad(err, "an unknown priority");
	return 0;
}

static int read_sent(struct message *m, const struct yaml *y, struct error *err)
{
	const char *text = yaml_text(y);

	if (text == NULL)
		return bad(err, "no time of sending");
	if (!time_parse(span_str(text), &m->sent))
		return bad(err, "sent is not a time like 2026-11-20T13:10:00Z");
	return 0;
}

/* An optional text: absent and null are the same. */
static int read_text(char **out, const struct yaml *y, const char *what,
		     struct error *err)
{
	const char *text = yaml_text(y);

	if (y == NULL || (text == NULL && y->kind == YAML_SCALAR))
		return 0;
	if (text == NULL)
		return bad(err, what);
	*out = xstrdup(text);
	return 0;
}

static int read_from(struct message *m, const struct yaml *y, struct error *err)
{
	return read_text(&m->from, y, "from is not one name", err);
}

static int read_for(struct message *m, const struct yaml *y, struct error *err)
{
	return read_text(&m->to, y, "for is not one name", err);
}

static int read_re(struct message *m, const struct yaml *y, struct error *err)
{
	return read_text(&m->re, y, "re is not one id", err);
}

static int read_due(struct message *m, const struct yaml *y, struct error *err)
{
	const char *text = yaml_text(y);

	if (y == NULL || (text == NULL && y->kind == YAML_SCALAR))
		return 0;
	if (text == NULL || !time_parse(span_str(text), &m->due))
		return bad(err, "due is not a time like 2026-11-20T13:10:00Z");
	return 0;
}

/* A list; one word alone is a list of one. */
static int read_labels(struct message *m, const struct yaml *y,
		       struct error *err)
{
	if (y == NULL || (y->kind == YAML_SCALAR && yaml_text(y) == NULL))
		return 0;
	if (y->kind == YAML_SCALAR)
		list_add(&m->labels, yaml_text(y));
	for (size_t i = 0; y->kind == YAML_LIST && i < y->count; i++) {
		if (yaml_text(y->item[i]) == NULL)
			return bad(err, "a label that is no word");
		list_add(&m->labels, yaml_text(y->item[i]));
	}
	return y->kind == YAML_MAP ? bad(err, "labels is no list") : 0;
}

static const struct {
	const char *key;
	int (*read)(struct message *m, const struct yaml *y, struct error *err);
} fields[] = {
	{ "id", read_id },
	{ "type", read_type },
	{ "priority", read_priority },
	{ "sent", read_sent },
	{ "from", read_from },
	{ "for", read_for },
	{ "re", read_re },
	{ "labels", read_labels },
	{ "due", read_due },
};

static bool has_field(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strcmp(key, fields[i].key) == 0)
			return true;
	return false;
}

/* yaml_parse has seen to it that no key comes twice. */
static void take_extra(struct message *m, const char *key,
		       const struct yaml *value)
{
	struct buf flow = BUF_INIT;

	yaml_write_flow(&flow, value);
	ARRAY_GROW(m->extra, m->extra_count, m->extra_cap);
	m->extra[m->extra_count].key = xstrdup(key);
	m->extra[m->extra_count++].value = buf_detach(&flow);
}

static int read_keys(struct message *m, struct span bytes, struct error *err)
{
	struct yaml *keys;
	int rc = 0;

	if (yaml_parse(bytes, LIMIT_YAML, &keys, err) == -1)
		return error_wrap(err, "keys");
	if (keys->kind != YAML_MAP)
		rc = bad(err, "keys that are no map");
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(fields); i++)
		rc = fields[i].read(m, yaml_get(keys, fields[i].key), err);
	for (size_t i = 0; rc == 0 && i < keys->count; i++)
		if (!has_field(keys->key[i]))
			take_extra(m, keys->key[i], keys->item[i]);
	yaml_tree_free(keys);
	return rc;
}

/* ---- body ---- */

/* The blank line behind the fence and the one before the end line are the
 * format's, everything between them is the body's. */
static struct span without_frame(struct span s)
{
	size_t n = text_starts(s, "\n") ? 1 : text_starts(s, "\r\n") ? 2 : 0;

	s.p += n;
	s.len -= n;
	if (span_is(s, "\n") || span_is(s, "\r\n"))
		s.len = 0;
	else if (s.len > 1 && memcmp(s.p + s.len - 2, "\n\n", 2) == 0)
		s.len -= 1;
	else if (s.len > 2 && memcmp(s.p + s.len - 3, "\n\r\n", 3) == 0)
		s.len -= 2;
	return s;
}

/* What message_write put in front of lines that look like an end, off again. */
static void unescape(struct span text, struct buf *out)
{
	struct span line, rest;
	size_t pos = 0, start = 0;

	for (; text_line(text, &pos, &line); start = pos) {
		rest = line;
		while (rest.len > 0 && rest.p[0] == '\\') {
			rest.p++;
			rest.len--;
		}
		if (rest.p > line.p && text_starts(rest, "<!-- /"))
			buf_add(out, line.p + 1, pos - start - 1);
		else
			buf_add(out, line.p, pos - start);
	}
}

/* BLOCK's last line, where blank ones do not count; BODY_END is its offset. */
static struct span last_line(struct span block, size_t *body_end)
{
	const char *lf;

	block.len = text_trim(block).len + (size_t)(text_trim(block).p - block.p);
	lf = block.len > 0 ? memrchr(block.p, '\n', block.len) : NULL;
	*body_end = lf ? (size_t)(lf - block.p) + 1 : 0;
	return (struct span){ block.p + *body_end, block.len - *body_end };
}

static int read_text_of(struct message *m, const struct message_head *head,
			struct span body, struct error *err)
{
	struct buf text = BUF_INIT;
	char *title = xmemdup(head->title.p, head->title.len);
	int rc;

	unescape(without_frame(body), &text);
	if (head->title.len == 0 && text_is_blank(span_of(&text))) {
		free(title);
		title = xstrdup("(no title)");
	}
	rc = message_set_text(m, title, span_of(&text), err);
	free(title);
	buf_release(&text);
	return rc;
}

int message_parse(struct span block, struct message *m, struct error *err)
{
	struct message_head head;
	struct span line, end_id;
	char id[MESSAGE_ID];
	size_t body_end;

	if (block.len > LIMIT_FILE || !text_is_utf8(block.p, block.len))
		return bad(err, "bytes that are not UTF-8, or a NUL");
	if (!message_head(block, 0, &head))
		return bad(err, "no head of a message");
	if (!head.closed)
		return bad(err, "no end of the key block");
	line = last_line(block, &body_end);
	if (body_end < head.end || !message_end_line(line, &end_id))
		return bad(err, "no end marker");
	if (read_keys(m, head.keys, err) == -1 ||
	    read_text_of(m, &head, (struct span){ block.p + head.end,
						  body_end - head.end },
			 err) == -1)
		goto fail;
	if (!span_is(end_id, message_id_format(m->stream, m->seq, id))) {
		bad(err, "no end marker");
		goto fail;
	}
	if (message_check(m, err) == -1)
		goto fail;
	return 0;
fail:
	message_release(m);
	return -1;
}
