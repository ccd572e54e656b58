/*
 * YAML from outside into a small tree (yaml.h), with libyaml's events: what we
 * do not speak is refused at the event that says it, before anything grows.
 * Messages, statuses and fleet.yaml are read through here.
 */
#include "trine/yaml.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

/* A key is written on one line, and libyaml reads 1024 bytes back at most. */
enum { LONGEST_KEY = 200 };

struct reader {
	yaml_parser_t parser;
	struct yaml *open[LIMIT_YAML_DEPTH];	/* collections not yet ended */
	size_t depth;
	char *key;		/* of the map open[depth - 1], its value to come */
	struct yaml *root;
	unsigned documents;
	struct error *err;
};

static struct yaml *new_node(enum yaml_kind kind, unsigned line)
{
	struct yaml *y = xcalloc(1, sizeof(*y));

	y->kind = kind;
	y->line = line;
	return y;
}

void yaml_tree_free(struct yaml *y)
{
	if (y == NULL)
		return;
	for (size_t i = 0; i < y->count; i++) {
		yaml_tree_free(y->item[i]);
		if (y->kind == YAML_MAP)
			free(y->key[i]);
	}
	free(y->item);
	free(y->key);
	free(y->text);
	free(y);
}

static unsigned line_of(const yaml_event_t *event)
{
	return (unsigned)event->start_mark.line + 1;
}

static int refuse(struct reader *r, unsigned line, const char *what)
{
	return error_set(r->err, ERR_DATA, "line %u: %s", line, what);
}

static bool key_is_due(const struct reader *r)
{
	return r->depth > 0 && r->open[r->depth - 1]->kind == YAML_MAP &&
	       r->key == NULL;
}

/* Put Y, which becomes the tree's, where the document has got to. */
static void attach(struct reader *r, struct yaml *y)
{
	struct yaml *parent;
	size_t cap;

	if (r->depth == 0) {
		assert(r->root == NULL);
		r->root = y;
		return;
	}
	parent = r->open[r->depth - 1];
	cap = parent->cap;
	ARRAY_GROW(parent->item, parent->count, parent->cap);
	if (parent->kind == YAML_MAP) {
		ARRAY_GROW(parent->key, parent->count, cap);
		parent->key[parent->count] = r->key;
		r->key = NULL;
	}
	parent->item[parent->count++] = y;
}

static int take_key(struct reader *r, const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;

	if (len == 0)
		return refuse(r, line_of(event), "an empty key");
	if (len > LONGEST_KEY)
		return refuse(r, line_of(event), "a key over 200 bytes");
	r->key = xmemdup(event->data.scalar.value, len);
	return 0;
}

static int take_scalar(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct yaml *y;

	if (event->data.scalar.anchor != NULL)
		return refuse(r, line_of(event), "an anchor");
	if (event->data.scalar.tag != NULL)
		return refuse(r, line_of(event), "a tag");
	if (memchr(text, '\0', len) != NULL)
		return refuse(r, line_of(event), "a NUL");
	if (key_is_due(r))
		return take_key(r, event);
	y = new_node(YAML_SCALAR, line_of(event));
	y->text = xmemdup(text, len);
	y->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	attach(r, y);
	return 0;
}

static int open_collection(struct reader *r, const yaml_event_t *event,
			   enum yaml_kind kind)
{
	/* Both kinds of start keep anchor and tag in the same places. */
	bool map = kind == YAML_MAP;
	const yaml_char_t *anchor = map ? event->data.mapping_start.anchor :
					  event->data.sequence_start.anchor;
	const yaml_char_t *tag = map ? event->data.mapping_start.tag :
				       event->data.sequence_start.tag;
	struct yaml *y;

	if (anchor != NULL)
		return refuse(r, line_of(event), "an anchor");
	if (tag != NULL)
		return refuse(r, line_of(event), "a tag");
	if (key_is_due(r))
		return refuse(r, line_of(event), "a key that is not plain text");
	if (r->depth == LIMIT_YAML_DEPTH)
		return refuse(r, line_of(event), "nested too deep");
	y = new_node(kind, line_of(event));
	attach(r, y);
	r->open[r->depth++] = y;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned last_line(const struct yaml *map, const char *key)
{
	size_t i = map->count - 1;

	while (i > 0 && strcmp(map->key[i], key) != 0)
		i--;
	return map->item[i]->line;
}

/* Sorted first: a hostile map has thousands of keys. */
static int close_collection(struct reader *r)
{
	struct yaml *y = r->open[--r->depth];
	char **sorted;
	int rc = 0;

	if (y->kind != YAML_MAP || y->count < 2)
		return 0;
	sorted = xcalloc(y->count, sizeof(*sorted));
	memcpy(sorted, y->key, y->count * sizeof(*sorted));
	qsort(sorted, y->count, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < y->count && rc == 0; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			rc = refuse(r, last_line(y, sorted[i]),
				    "a key twice in one map");
	free(sorted);
	return rc;
}

static int open_document(struct reader *r, const yaml_event_t *event)
{
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		return refuse(r, line_of(event), "a directive");
	if (++r->documents > 1)
		return refuse(r, line_of(event), "more than one document");
	return 0;
}

static int take_event(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return open_document(r, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(r, event, YAML_LIST);
	case YAML_MAPPING_START_EVENT:
		return open_collection(r, event, YAML_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(r);
	case YAML_ALIAS_EVENT:
		return refuse(r, line_of(event), "an alias");
	default:
		return 0;
	}
}

/* What libyaml does not like, and where. */
static int refuse_rest(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_MEMORY_ERROR)
		mem_need(NULL);
	return refuse(r, (unsigned)p->problem_mark.line + 1,
		      p->problem ? p->problem : "not YAML");
}

static int read_events(struct reader *r)
{
	yaml_event_t event;
	bool end = false;
	int rc = 0;

	while (rc == 0 && !end) {
		if (!yaml_parser_parse(&r->parser, &event))
			return refuse_rest(r);
		end = event.type == YAML_STREAM_END_EVENT;
		rc = take_event(r, &event);
		yaml_event_delete(&event);
	}
	return rc;
}

/* Nothing at all, or only comments, is a map without keys. */
static struct yaml *root_or_empty(struct yaml *root)
{
	if (root != NULL && (root->kind != YAML_SCALAR || root->quoted ||
			     root->text[0] != '\0'))
		return root;
	yaml_tree_free(root);
	return new_node(YAML_MAP, 1);
}

int yaml_parse(struct span bytes, size_t limit, struct yaml **out,
	       struct error *err)
{
	struct reader r = { .err = err };
	int rc;

	*out = NULL;
	if (bytes.len > limit)
		return error_set(err, ERR_DATA, "over %zu bytes", limit);
	if (!text_is_utf8(bytes.p, bytes.len))
		return error_set(err, ERR_DATA, "not UTF-8");
	if (!yaml_parser_initialize(&r.parser))
		mem_need(NULL);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)
				     (bytes.p ? bytes.p : ""), bytes.len);
	rc = read_events(&r);
	yaml_parser_delete(&r.parser);
	free(r.key);
	if (rc == -1)
		yaml_tree_free(r.root);
	else
		*out = root_or_empty(r.root);
	return rc;
}

const struct yaml *yaml_get(const struct yaml *y, const char *key)
{
	if (y == NULL || y->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < y->count; i++)
		if (strcmp(y->key[i], key) == 0)
			return y->item[i];
	return NULL;
}

static bool is_null(const char *plain)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(plain, words[i]) == 0)
			return true;
	return false;
}

const char *yaml_text(const struct yaml *y)
{
	if (y == NULL || y->kind != YAML_SCALAR ||
	    (!y->quoted && is_null(y->text)))
		return NULL;
	return y->text;
}

/*
 * Plain only where no reader of YAML can take it for anything else: letters,
 * digits and a few signs, single blanks between them, a colon only before a
 * digit (as in a time).
 */
static bool plain_is_safe(const char *s)
{
	static const char sign[] = "._~/@+-";

	if (is_null(s) || strchr(sign + 2, s[0]) != NULL || s[0] == '.')
		return false;
	for (const char *p = s; *p != '\0'; p++) {
		bool word = (*p >= '0' && *p <= '9') ||
			    (*p >= 'A' && *p <= 'Z') ||
			    (*p >= 'a' && *p <= 'z') || strchr(sign, *p) != NULL;
		bool blank = *p == ' ' && p > s && p[-1] != ' ' && p[1] != '\0';
		bool colon = *p == ':' && p > s && p[-1] != ' ' &&
			     p[1] >= '0' && p[1] <= '9';

		if (!word && !blank && !colon)
			return false;
	}
	return true;
}

/* The character at S, which is well-formed by contract, and its length. */
static size_t character(const char *s, uint32_t *code)
{
	unsigned char lead = (unsigned char)s[0];
	size_t len = 1;

	*code = lead < 0xc0 ? lead : lead < 0xe0 ? lead & 0x1fu :
		lead < 0xf0 ? lead & 0x0fu : lead & 0x07u;
	while (((unsigned char)s[len] & 0xc0) == 0x80)
		*code = *code << 6 | ((unsigned char)s[len++] & 0x3fu);
	return len;
}

/* Code points that libyaml would fold or refuse, or that hide text. */
static bool needs_escape(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0xa0) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff ||
	       code == 0xfffe || code == 0xffff;
}

static void write_quoted(struct buf *out, const char *s)
{
	uint32_t code;
	size_t n;

	buf_addc(out, '"');
	for (; *s != '\0'; s += n) {
		n = character(s, &code);
		if (code == '"' || code == '\\')
			buf_printf(out, "\\%c", (char)code);
		else if (code == '\n')
			buf_adds(out, "\\n");
		else if (code == '\t')
			buf_adds(out, "\\t");
		else if (needs_escape(code) && code < 0x100)
			buf_printf(out, "\\x%02X", (unsigned)code);
		else if (needs_escape(code))
			buf_printf(out, "\\u%04X", (unsigned)code);
		else
			buf_add(out, s, n);
	}
	buf_addc(out, '"');
}

void yaml_write(struct buf *out, const char *text)
{
	if (plain_is_safe(text))
		buf_adds(out, text);
	else
		write_quoted(out, text);
}

static void write_scalar(struct buf *out, const struct yaml *y)
{
	if (y->quoted)
		write_quoted(out, y->text);
	else if (is_null(y->text))
		buf_adds(out, "null");
	else
		yaml_write(out, y->text);
}

void yaml_write_flow(struct buf *out, const struct yaml *y)
{
	if (y->kind == YAML_SCALAR) {
		write_scalar(out, y);
		return;
	}
	buf_addc(out, y->kind == YAML_MAP ? '{' : '[');
	for (size_t i = 0; i < y->count; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		if (y->kind == YAML_MAP) {
			yaml_write(out, y->key[i]);
			buf_adds(out, ": ");
		}
		yaml_write_flow(out, y->item[i]);
	}
	buf_addc(out, y->kind == YAML_MAP ? '}' : ']');
}
