/*
 * The fields of an event (fields.h).
 *
 * trine writes lines without blanks, with whole numbers and few kinds of escapes. Such a
 * line is copied, and in the copy each text gets its NUL. With anything else the walk
 * ends, and jansson reads the line: whether it is JSON is for jansson to say.
 */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* Of plain lines. To look for a key among more keys than that, to see whether it is there
 * twice, would take long. */
enum { DEPTH = 8, KEYS = 64, DIGITS = 18 };

void fields_release(struct fields *f)
{
	json_decref(f->json);
	buf_release(&f->text);
	free(f->node);
	*f = FIELDS_INIT;
}

static size_t add_node(struct fields *f, const char *key)
{
	ARRAY_GROW(f->node, f->count, f->cap);
	f->node[f->count] = (struct field){ .nodes = 1, .key = key };
	return f->count++;
}

/* All that was added since is in NODE. */
static void end_node(struct fields *f, size_t node)
{
	f->node[node].nodes = (uint32_t)(f->count - node);
}

/* ---- plain lines ---- */

struct walk {
	struct fields *f;
	const char *line;
	char *text;		/* its copy, and a NUL */
	size_t at;
	unsigned depth;
};

static bool take(struct walk *w, char c)
{
	if (w->text[w->at] != c)
		return false;
	w->at++;
	return true;
}

static struct span line_from(const struct walk *w, size_t start)
{
	return (struct span){ w->line + start, w->at - start };
}

static const char meant[256] = {
	['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f',
	['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

/* What it says is never longer than how it is written. */
static bool walk_text(struct walk *w, const char **out)
{
	char *from = w->text + w->at + 1, *to = from;

	if (w->text[w->at] != '"')
		return false;
	*out = from;
	for (; *from != '"'; from++) {
		char c = *from;

		if (c == '\\')
			c = meant[(unsigned char)*++from];
		else if ((unsigned char)c < ' ')
			return false;
		if (c == '\0')
			return false;
		*to++ = c;
	}
	*to = '\0';
	w->at = (size_t)(from + 1 - w->text);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool walk_number(struct walk *w, struct field *out)
{
	bool negative = take(w, '-');
	size_t start = w->at;
	int64_t number = 0;

	while (is_digit(w->text[w->at]) && w->at - start < DIGITS)
		number = number * 10 + (w->text[w->at++] - '0');
	out->kind = FIELD_NUMBER;
	out->number = negative ? -number : number;
	return w->at > start && (w->text[start] != '0' || w->at == start + 1);
}

static bool walk_word(struct walk *w, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(w->text + w->at, word, len) != 0)
		return false;
	w->at += len;
	return true;
}

static bool has_key(const struct fields *f, size_t node, const char *key)
{
	for (size_t i = node + 1; i < f->count; i += f->node[i].nodes)
		if (f->node[i].key[0] == key[0] && strcmp(f->node[i].key, key) == 0)
			return true;
	return false;
}

static bool walk_value(struct walk *w, size_t node);

static bool walk_field(struct walk *w, size_t in, bool keys)
{
	size_t start = w->at, node;
	const char *key = "";

	if (keys && (!walk_text(w, &key) || !take(w, ':') || has_key(w->f, in, key)))
		return false;
	node = add_node(w->f, key);
	if (!walk_value(w, node))
		return false;
	w->f->node[node].line = line_from(w, start);
	return true;
}

static bool walk_fields(struct walk *w, size_t node, bool keys)
{
	char end = keys ? '}' : ']';
	size_t count = 0;

	w->f->node[node].kind = keys ? FIELD_OBJECT : FIELD_LIST;
	if (w->depth++ == DEPTH)
		return false;
	w->at++;
	if (!take(w, end)) {
		do
			if ((keys && count++ == KEYS) || !walk_field(w, node, keys))
				return false;
		while (take(w, ','));
		if (!take(w, end))
			return false;
	}
	w->depth--;
	end_node(w->f, node);
	return true;
}

static bool walk_kind(struct walk *w, size_t node)
{
	struct field *out = &w->f->node[node];

	switch (w->text[w->at]) {
	case '{':
		return walk_fields(w, node, true);
	case '[':
		return walk_fields(w, node, false);
	case '"':
		out->kind = FIELD_TEXT;
		return walk_text(w, &out->text);
	case 't':
		out->kind = FIELD_TRUE;
		return walk_word(w, "true");
	case 'f':
		out->kind = FIELD_OTHER;
		return walk_word(w, "false");
	case 'n':
		out->kind = FIELD_NONE;
		return walk_word(w, "null");
	default:
		return walk_number(w, out);
	}
}

static bool walk_value(struct walk *w, size_t node)
{
	size_t start = w->at;

	if (!walk_kind(w, node))
		return false;
	w->f->node[node].value = line_from(w, start);
	return true;
}

static bool walk_line(struct fields *f, struct span line)
{
	struct walk w = { .f = f, .line = line.p };

	if (!text_is_utf8(line.p, line.len))
		return false;
	buf_reset(&f->text);
	buf_add(&f->text, line.p, line.len);
	w.text = f->text.data;
	f->count = 0;
	return walk_value(&w, add_node(f, "")) && w.at == line.len;
}

/* ---- all others ---- */

static const enum field_kind kinds[] = {
	[JSON_OBJECT] = FIELD_OBJECT, [JSON_ARRAY] = FIELD_LIST,
	[JSON_STRING] = FIELD_TEXT, [JSON_INTEGER] = FIELD_NUMBER,
	[JSON_REAL] = FIELD_OTHER, [JSON_TRUE] = FIELD_TRUE,
	[JSON_FALSE] = FIELD_OTHER, [JSON_NULL] = FIELD_NONE,
};

static void add_json(struct fields *f, const char *key, json_t *json)
{
	size_t node = add_node(f, key);

	f->node[node].kind = kinds[json_typeof(json)];
	f->node[node].text = json_string_value(json);
	f->node[node].number = json_integer_value(json);
	f->node[node].json = json;
	for (void *i = json_object_iter(json); i != NULL;
	     i = json_object_iter_next(json, i))
		add_json(f, json_object_iter_key(i), json_object_iter_value(i));
	for (size_t i = 0; i < json_array_size(json); i++)
		add_json(f, "", json_array_get(json, i));
	end_node(f, node);
}

static bool load_line(struct fields *f, struct span line)
{
	f->json = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
	if (f->json == NULL)
		return false;
	f->count = 0;
	add_json(f, "", f->json);
	return true;
}

const struct field *fields_read(struct fields *f, struct span line)
{
	json_decref(f->json);
	f->json = NULL;
	if (!walk_line(f, line) && !load_line(f, line))
		return NULL;
	return f->node[0].kind == FIELD_OBJECT ? f->node : NULL;
}

/* ---- what they say ---- */

const struct field *fields_first(const struct field *all)
{
	return all != NULL && all->nodes > 1 ? all + 1 : NULL;
}

const struct field *fields_next(const struct field *all, const struct field *f)
{
	f += f->nodes;
	return f < all + all->nodes ? f : NULL;
}

const struct field *get_field(const struct field *object, const char *key)
{
	FOR_FIELDS(object, f)
		if (f->key[0] == key[0] && strcmp(f->key, key) == 0)
			return f;
	return NULL;
}

const char *field_text(const struct field *f)
{
	return f != NULL && f->kind == FIELD_TEXT ? f->text : NULL;
}

int64_t field_number(const struct field *f)
{
	return f != NULL && f->kind == FIELD_NUMBER ? f->number : 0;
}

const char *get_text(const struct field *object, const char *key)
{
	const char *text = field_text(get_field(object, key));

	return text ? text : "";
}

int64_t get_number(const struct field *object, const char *key)
{
	return field_number(get_field(object, key));
}

int64_t get_time(const struct field *object, const char *key)
{
	int64_t time;

	return time_parse(span_str(get_text(object, key)), &time) ? time : 0;
}

static const struct field *get_kind(const struct field *object, const char *key,
				    enum field_kind kind)
{
	const struct field *f = get_field(object, key);

	return f != NULL && f->kind == kind ? f : NULL;
}

bool get_flag(const struct field *object, const char *key)
{
	return get_kind(object, key, FIELD_TRUE) != NULL;
}

const struct field *get_object(const struct field *object, const char *key)
{
	return get_kind(object, key, FIELD_OBJECT);
}

const struct field *get_list(const struct field *object, const char *key)
{
	return get_kind(object, key, FIELD_LIST);
}

int get_stream(const struct field *object, struct stream_name *out, struct error *err)
{
	const char *name = get_text(object, "stream");

	if (stream_name_parse(span_str(name), out))
		return 0;
	return error_set(err, ERR_DATA, "no stream is called \"%.32s\"", name);
}

/* ---- as JSON ---- */

/* jansson's wants it writable, to count who refers to it. */
static json_t *shared(const json_t *json)
{
	return (json_t *)(uintptr_t)json;
}

static char *dump_less(const struct field *f, const char *less)
{
	json_t *json = json_copy(shared(f->json));
	char *text;

	if (less != NULL)
		json_object_del(json, less);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	return mem_need(text);
}

char *field_json(const struct field *f, const char *less)
{
	struct buf out = BUF_INIT;

	if (f->json != NULL)
		return dump_less(f, less);
	if (less == NULL || get_field(f, less) == NULL)
		return xmemdup(f->value.p, f->value.len);
	buf_addc(&out, '{');
	FOR_FIELDS(f, one) {
		if (strcmp(one->key, less) == 0)
			continue;
		if (out.len > 1)
			buf_addc(&out, ',');
		buf_add(&out, one->line.p, one->line.len);
	}
	buf_addc(&out, '}');
	return buf_detach(&out);
}

json_t *field_load(const struct field *f)
{
	return f->json != NULL ? json_incref(shared(f->json)) :
	       json_loadb(f->value.p, f->value.len, JSON_DECODE_ANY, NULL);
}
