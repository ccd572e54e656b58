/*
 * Lists of tasks and messages in JSON (import_p.h). jansson says whether it is
 * JSON and what an item holds; where the items lie, which it does not say, is
 * found here, in text that is known to be well-formed.
 */
#include "import_p.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "markdown.h"
#include "trine/mem.h"
#include "trine/text.h"

enum { DEPTH = 6, KEY_MAX = 64 };

/* What the keys above an item say of it. */
struct above {
	bool list;		/* of tasks or messages, by its name */
	bool messages;
	bool ended;
};

struct scan {
	struct reading *r;
	size_t pos;
};

/* ---- where things are ---- */

static char at(const struct scan *s)
{
	return s->pos < s->r->to ? s->r->bytes.p[s->pos] : '\0';
}

static void skip_blank(struct scan *s)
{
	while (at(s) != '\0' && strchr(" \t\r\n", at(s)) != NULL)
		s->pos++;
}

/* Behind the string at POS; what is between its quotes. */
static struct span skip_string(struct scan *s)
{
	struct span out = { s->r->bytes.p + ++s->pos, 0 };

	while (at(s) != '"' && at(s) != '\0')
		s->pos += at(s) == '\\' ? 2 : 1;
	out.len = (size_t)(s->r->bytes.p + s->pos - out.p);
	s->pos++;
	return out;
}

/* Behind the value at POS, whatever it is. */
static void skip_value(struct scan *s)
{
	size_t depth = 0;

	skip_blank(s);
	do {
		char c = at(s);

		if (c == '"') {
			skip_string(s);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (depth == 0)
			while (at(s) != '\0' && strchr(",}] \t\r\n", at(s)) == NULL)
				s->pos++;
		s->pos += depth > 0 || c == '}' || c == ']';
	} while (depth > 0 && s->pos < s->r->to);
}

/* ---- what an item says ---- */

static bool has_part(struct span key, const char *part)
{
	size_t len = strlen(part);

	for (size_t i = 0; i + len <= key.len; i++)
		if (strncasecmp(key.p + i, part, len) == 0)
			return true;
	return false;
}

static bool has_any(struct span key, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		if (has_part(key, *parts))
			return true;
	return false;
}

static struct above above_of(struct span key, struct above outer)
{
	static const char *const lists[] = {
		"task", "todo", "item", "backlog", "queue", "action", NULL
	};
	static const char *const mail[] = {
		"message", "inbox", "outbox", "mail", NULL
	};
	static const char *const done[] = {
		"complete", "done", "finished", "closed", "resolved", NULL
	};
	struct above out = outer;

	if (key.len > KEY_MAX)
		key.len = KEY_MAX;
	out.messages = out.messages || has_any(key, mail);
	out.list = out.list || out.messages || has_any(key, lists);
	out.ended = out.ended || (has_any(key, done) &&
				  !has_part(key, "incomplete"));
	return out;
}

/* A scalar, or a list of them, as one text; empty if it is neither. */
static void add_text(struct buf *out, const json_t *value, int depth)
{
	if (json_is_string(value))
		buf_add(out, json_string_value(value),
			json_string_length(value));
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buf_adds(out, json_is_true(value) ? "true" : "false");
	for (size_t i = 0; depth == 0 && json_is_array(value) &&
	     i < json_array_size(value) && out->len < SAID_MAX; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		add_text(out, json_array_get(value, i), 1);
	}
}

/* Seconds or milliseconds since 1970, where programs write dates. */
static void add_date(struct buf *out, const json_t *value)
{
	json_int_t seconds = json_integer_value(value);
	char text[TIME_TEXT];

	if (!json_is_integer(value) || seconds < 100000000) {
		add_text(out, value, 0);
		return;
	}
	if (seconds >= INT64_C(100000000000))
		seconds /= 1000;
	buf_adds(out, time_format(seconds, text));
}

/* The texts that may be the item itself, best first; the last ones only in a
 * list that is one of tasks or messages by its name. */
static const json_t *words_of(const json_t *item, bool listed)
{
	static const char *const keys[] = {
		"title", "task", "subject", "text", "message", "content",
		"body", "summary", "description", "name",
	};
	size_t count = ARRAY_LEN(keys) - (listed ? 0 : 3);

	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_object_get(item, keys[i]);

		if (json_is_string(value) && json_string_length(value) > 0)
			return value;
	}
	return NULL;
}

static void take_field(struct draft *d, const char *key, const json_t *value)
{
	enum said_key said = said_key_of(span_str(key));
	struct buf text = BUF_INIT;

	if (said == SAID_OTHER && strcmp(key, "owner") == 0)
		said = SAID_TO;
	if (said == SAID_DATE || said == SAID_TIME)
		add_date(&text, value);
	else if (said != SAID_SUBJECT)
		add_text(&text, value, 0);
	said_put(&d->said, said, span_of(&text));
	if (json_is_true(value) && (strcmp(key, "done") == 0 ||
				    strcmp(key, "completed") == 0))
		d->ended = true;
	buf_release(&text);
}

/* jansson's iteration wants it writable, and does not write. */
static void take_fields(struct draft *d, json_t *item)
{
	const char *key;
	json_t *value;

	json_object_foreach(item, key, value)
		take_field(d, key, value);
}

static char *title_of(const json_t *words)
{
	struct buf out = BUF_INIT;

	markdown_title(&out, (struct span){ json_string_value(words),
					    json_string_length(words) });
	return buf_detach(&out);
}

/* Does it say more than a name: whose it is, or what became of it? */
static bool says_more(const struct draft *d)
{
	for (int key = 0; key < SAID_COUNT; key++)
		if (key != SAID_ID && said_has(&d->said, (enum said_key)key))
			return true;
	return d->ended;
}

static bool take_item(struct draft *d, json_t *item, const struct above *above)
{
	const json_t *words = words_of(item, above->list);
	bool talk = json_object_get(item, "from") != NULL;

	if (!json_is_object(item) || words == NULL)
		return false;
	take_fields(d, item);
	d->title = title_of(words);
	/* what becomes of it makes no other item of it */
	d->same = xasprintf("%s\n%s", said_get(&d->said, SAID_ID).p,
			    json_string_value(words));
	d->plain = above->messages || (talk && !said_has(&d->said, SAID_STATUS));
	return above->list || says_more(d);
}

/* The value between FROM and POS: an item? */
static bool try_item(struct scan *s, size_t from, const struct above *above)
{
	struct reading *r = s->r;
	json_t *item = json_loadb(r->bytes.p + from, s->pos - from,
				  JSON_DECODE_ANY, NULL);
	struct draft d = { .from = from, .to = s->pos, .ended = above->ended };
	bool is = false;

	if (json_is_string(item) && json_string_length(item) > 0) {
		is = above->list || above->ended;
		d.title = title_of(item);
		d.plain = above->messages;
	} else {
		is = take_item(&d, item, above);
	}
	d.task = !d.plain;
	json_decref(item);
	if (is) {
		import_rest(r, from, IMPORT_BESIDE);
		import_message(r, &d);
		return true;
	}
	draft_release(&d);
	return false;
}

/* ---- down the tree ---- */

static void walk(struct scan *s, struct above above, int depth);

static void walk_array(struct scan *s, struct above above, int depth)
{
	for (s->pos++, skip_blank(s); at(s) != ']' && at(s) != '\0';
	     skip_blank(s)) {
		size_t from = s->pos;
		bool item;

		skip_value(s);
		item = try_item(s, from, &above);
		if (!item) {
			s->pos = from;
			walk(s, above, depth + 1);
		}
		skip_blank(s);
		if (at(s) == ',')
			s->pos++;
		if (item)
			import_absorb(s->r, s->pos);
	}
	s->pos++;
}

static void walk_object(struct scan *s, struct above above, int depth)
{
	for (s->pos++, skip_blank(s); at(s) == '"'; skip_blank(s)) {
		struct span key = skip_string(s);

		skip_blank(s);
		s->pos++;	/* the colon */
		walk(s, above_of(key, above), depth + 1);
		skip_blank(s);
		if (at(s) == ',')
			s->pos++;
	}
	s->pos++;
}

static void walk(struct scan *s, struct above above, int depth)
{
	skip_blank(s);
	if (depth < DEPTH && at(s) == '[')
		walk_array(s, above, depth);
	else if (depth < DEPTH && at(s) == '{')
		walk_object(s, above, depth);
	else
		skip_value(s);
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	return len >= n && strcasecmp(path + len - n, suffix) == 0;
}

/* One object that somebody sent, or sends to somebody. */
static bool try_whole(struct scan *s)
{
	struct above none = { .messages = s->r->name.mailbox };
	size_t from = s->pos;
	json_t *all;
	bool sent;

	all = json_loadb(s->r->bytes.p + from, s->r->to - from, 0, NULL);
	sent = json_object_get(all, "from") != NULL ||
	       json_object_get(all, "to") != NULL;
	json_decref(all);
	s->pos = s->r->to;
	if (sent && try_item(s, from, &none))
		return true;
	s->pos = from;
	return false;
}

bool is_json(struct reading *r)
{
	return has_suffix(r->path, ".json");
}

void read_json(struct reading *r)
{
	struct above above = { .messages = r->name.mailbox,
			       .list = r->name.mailbox || r->name.boxes };
	struct scan s = { .r = r, .pos = r->from };
	json_t *all = json_loadb(r->bytes.p + r->from, r->to - r->from, 0, NULL);
	bool array = json_is_array(all);

	json_decref(all);
	if (all == NULL) {
		import_rest(r, r->to, IMPORT_BAD_JSON);
		return;
	}
	above.list = above.list || array;
	if (array || !try_whole(&s))
		walk(&s, above, 0);
	import_rest(r, r->to, IMPORT_BESIDE);
}
