/*
 * What stands in the lines of a file made by hand (import_p.h): headings,
 * rules, code, and the head of a message, in the spellings people use.
 */
#include "import_p.h"

#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"
#include "trine/yaml.h"

enum {
	HEAD_LINES = 32,	/* a longer list of fields is no head */
	FRONT_LINES = 64,
	KEY_MAX = 40
};

/* ---- lines ---- */

static bool is_rule(struct span trimmed)
{
	return trimmed.len >= 3 && trimmed.p[0] != '\0' &&
	       strchr("-*_=", trimmed.p[0]) != NULL &&
	       markdown_only_draws(trimmed);
}

bool line_only_parts(struct span line)
{
	struct span trimmed = text_trim(line);

	return trimmed.len == 0 || is_rule(trimmed);
}

static enum line_kind kind_of(struct line *line, struct span raw)
{
	struct span trimmed = text_trim(raw);

	if (trimmed.len == 0)
		return LINE_BLANK;
	line->level = markdown_heading(raw, &line->text);
	if (line->level > 0)
		return LINE_HEADING;
	return is_rule(trimmed) ? LINE_RULE : LINE_TEXT;
}

static void add_lines(struct span bytes, size_t from, size_t to,
		      struct lines *out)
{
	struct span text = { bytes.p, to }, raw;
	size_t pos = from, at = from;

	for (; text_line(text, &pos, &raw); at = pos) {
		struct line line = { .text = raw, .at = at };

		line.kind = kind_of(&line, raw);
		ARRAY_GROW(out->item, out->count, out->cap);
		out->item[out->count++] = line;
	}
}

static struct span raw_line(const struct lines *l, size_t n, struct span bytes,
			    size_t end)
{
	struct span raw = { bytes.p + l->item[n].at,
			    line_offset(l, n + 1, end) - l->item[n].at };

	return raw;
}

/* The line that closes the fence N opens; COUNT if none does. */
static size_t closing_fence(const struct lines *l, size_t n, struct span bytes,
			    size_t end, char mark, size_t len)
{
	char c;

	for (n++; n < l->count; n++) {
		struct span raw = raw_line(l, n, bytes, end);
		size_t found = markdown_fence(raw, &c);

		if (found >= len && c == mark && text_trim(raw).len == found)
			break;
	}
	return n;
}

void lines_read(struct span bytes, size_t from, size_t to, struct lines *out)
{
	char mark;

	*out = (struct lines){ 0 };
	add_lines(bytes, from, to, out);
	for (size_t n = 0; n < out->count; n++) {
		size_t len = markdown_fence(raw_line(out, n, bytes, to), &mark);
		size_t close = len == 0 ? n :
			       closing_fence(out, n, bytes, to, mark, len);

		if (len == 0)
			continue;
		if (close == out->count)
			return;	/* and none behind it is looked for again */
		for (; n < close; n++)
			out->item[n].kind = LINE_CODE;
		out->item[n].kind = LINE_CODE;
	}
}

void lines_release(struct lines *l)
{
	free(l->item);
	*l = (struct lines){ 0 };
}

size_t line_offset(const struct lines *l, size_t n, size_t end)
{
	return n < l->count ? l->item[n].at : end;
}

/* ---- what is said ---- */

void said_put(struct said *s, enum said_key key, struct span value)
{
	if (key >= SAID_OTHER || s->text[key] != NULL)
		return;
	value.len = value.len > 0 ? text_cut(value.p, value.len, SAID_MAX) : 0;
	value = text_trim(value);
	if (value.len > 0)
		s->text[key] = xmemdup(value.p, value.len);
}

struct span said_get(const struct said *s, enum said_key key)
{
	return span_str(s->text[key] ? s->text[key] : "");
}

bool said_has(const struct said *s, enum said_key key)
{
	return s->text[key] != NULL;
}

void said_release(struct said *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->text); i++)
		free(s->text[i]);
	*s = (struct said){ { NULL } };
}

static const struct { const char *name; enum said_key key; } said_names[] = {
	{ "from", SAID_FROM }, { "sender", SAID_FROM }, { "author", SAID_FROM },
	{ "frominstance", SAID_FROM }, { "fromcomputer", SAID_FROM },
	{ "createdby", SAID_FROM }, { "assignedby", SAID_FROM },
	{ "to", SAID_TO }, { "recipient", SAID_TO }, { "recipients", SAID_TO },
	{ "tocomputer", SAID_TO }, { "toinstance", SAID_TO },
	{ "assignedto", SAID_TO }, { "assignee", SAID_TO },
	{ "attention", SAID_TO }, { "attn", SAID_TO },
	{ "date", SAID_DATE }, { "sent", SAID_DATE }, { "sentat", SAID_DATE },
	{ "timestamp", SAID_DATE }, { "datetime", SAID_DATE },
	{ "created", SAID_DATE }, { "createdat", SAID_DATE },
	{ "datesent", SAID_DATE },
	{ "time", SAID_TIME },
	{ "priority", SAID_PRIORITY }, { "urgency", SAID_PRIORITY },
	{ "importance", SAID_PRIORITY },
	{ "subject", SAID_SUBJECT }, { "title", SAID_SUBJECT },
	{ "topic", SAID_SUBJECT }, { "re", SAID_SUBJECT },
	{ "regarding", SAID_SUBJECT },
	{ "status", SAID_STATUS }, { "state", SAID_STATUS },
	{ "id", SAID_ID }, { "messageid", SAID_ID }, { "msgid", SAID_ID },
	{ "messagenumber", SAID_ID }, { "number", SAID_ID },
};

enum said_key said_key_of(struct span key)
{
	char letters[KEY_MAX];
	size_t n = 0;

	for (size_t i = 0; i < key.len; i++) {
		char c = key.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c < 'a' || c > 'z')
			continue;
		if (n == sizeof(letters) - 1)
			return SAID_OTHER;
		letters[n++] = c;
	}
	letters[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(said_names); i++)
		if (strcmp(letters, said_names[i].name) == 0)
			return said_names[i].key;
	return SAID_OTHER;
}

/* ---- heads ---- */

static bool one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static struct span strip_around(struct span s, const char *set)
{
	while (s.len > 0 && one_of(s.p[0], set)) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && one_of(s.p[s.len - 1], set))
		s.len--;
	return s;
}

static bool is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || one_of(c, " _-/*.#");
}

bool head_line(struct span line, enum said_key *key, struct span *value,
	       bool *plain)
{
	struct span s = text_trim(line);
	size_t n = 0;

	/* marks of lists, quotes and bold, and pictures */
	while (s.len > 0 && ((unsigned char)s.p[0] >= 0x80 ||
			     one_of(s.p[0], " \t-*+>_"))) {
		s.p++;
		s.len--;
	}
	*plain = s.len == text_trim(line).len;
	while (n < s.len && n < KEY_MAX && is_key_byte(s.p[n]))
		n++;
	if (n == 0 || n == s.len || s.p[n] != ':' || one_of(s.p[0], " .#/"))
		return false;
	*key = said_key_of((struct span){ s.p, n });
	*value = strip_around((struct span){ s.p + n + 1, s.len - n - 1 },
			      " \t\r*`\"'");
	return *key != SAID_OTHER || !*plain;
}

bool head_read(const struct lines *l, size_t n, struct said *out, size_t *end)
{
	size_t last = n + HEAD_LINES, blank = 0;
	struct span value;
	enum said_key key;
	bool plain, found = false;

	*end = n;
	for (; n < l->count && n < last && blank < 2; n++) {
		if (l->item[n].kind == LINE_BLANK) {
			blank++;
			continue;
		}
		if (l->item[n].kind != LINE_TEXT ||
		    !head_line(l->item[n].text, &key, &value, &plain))
			break;
		/* the first field of a body is no field of the head */
		if (key == SAID_OTHER && blank > 0)
			break;
		said_put(out, key, value);
		found = found || key != SAID_OTHER;
		*end = n + 1;
		blank = 0;
	}
	return found;
}

/* ---- front matter ---- */

static bool is_front_fence(const struct lines *l, size_t n)
{
	return l->item[n].kind == LINE_RULE &&
	       span_is(text_trim(l->item[n].text), "---");
}

/* Could LINE stand in a map of YAML, as people write one? Sections between two
 * rules have headings, blank lines and bold ones. */
static bool is_front_line(const struct line *line, bool first, bool *known)
{
	struct span value;
	enum said_key key;
	bool plain;

	if (line->kind != LINE_TEXT)
		return false;
	if (head_line(line->text, &key, &value, &plain) && plain) {
		*known = true;
		return true;
	}
	if (!first && one_of(line->text.p[0], " \t-"))
		return true;
	return is_key_byte(line->text.p[0]) && line->text.p[0] != '*' &&
	       memchr(line->text.p, ':', line->text.len) != NULL;
}

/* Its last line `---`; 0 if N begins none. */
static size_t front_end(const struct lines *l, size_t n)
{
	size_t end = n + 1;
	bool known = false;

	if (!is_front_fence(l, n))
		return 0;
	for (; end < l->count && end < n + FRONT_LINES; end++) {
		if (is_front_fence(l, end))
			return known ? end : 0;
		if (!is_front_line(&l->item[end], end == n + 1, &known))
			return 0;
	}
	return 0;
}

static void take_yaml(const struct yaml *map, struct said *out)
{
	for (size_t i = 0; map->kind == YAML_MAP && i < map->count; i++) {
		const char *text = yaml_text(map->item[i]);
		struct buf flow = BUF_INIT;

		if (text != NULL)
			buf_adds(&flow, text);
		else if (map->item[i]->kind != YAML_SCALAR)
			yaml_write_flow(&flow, map->item[i]);
		said_put(out, said_key_of(span_str(map->key[i])),
			 span_of(&flow));
		buf_release(&flow);
	}
}

bool front_read(struct span bytes, const struct lines *l, size_t n,
		struct said *out, size_t *end)
{
	size_t close = front_end(l, n), from;
	struct error unreadable = ERROR_INIT;
	struct yaml *map;
	struct span value;
	enum said_key key;
	bool plain;

	if (close == 0)
		return false;
	*end = close + 1;
	from = l->item[n + 1].at;
	if (yaml_parse((struct span){ bytes.p + from, l->item[close].at - from },
		       LIMIT_YAML, &map, &unreadable) == 0) {
		take_yaml(map, out);
		yaml_tree_free(map);
		return true;
	}
	/* people do not quote what YAML wants quoted */
	for (n++; n < close; n++)
		if (head_line(l->item[n].text, &key, &value, &plain))
			said_put(out, key, value);
	return true;
}
