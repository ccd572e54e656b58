/*
 * The YAML this fleet speaks: maps, lists and scalars, read with libyaml event
 * by event. Anchors, aliases, tags, directives, duplicate keys, keys that are
 * no scalar, empty or over 200 bytes, more than one document, collections more
 * than LIMIT_YAML_DEPTH deep and sizes over LIMIT are refused with a line
 * number, so that no bomb can grow. Pure: bytes in, a tree out.
 */
#ifndef TRINE_YAML_H
#define TRINE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/buf.h"
#include "trine/error.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	char *text;		/* scalar: its value, no NUL inside */
	bool quoted;		/* scalar: not written plain, so never null */
	unsigned line;		/* 1 … */
	char **key;		/* map: COUNT keys, in order */
	struct yaml **item;	/* map and list: COUNT values */
	size_t count;
	size_t cap;
};

/* An empty document gives an empty map. ERR_DATA if it is not what we speak:
 * "line 3: an anchor"; never with bytes of the document in it. */
int yaml_parse(struct span bytes, size_t limit, struct yaml **out,
	       struct error *err);
/* Not yaml_free: libyaml has a function of that name of its own, and would call
 * ours instead. */
void yaml_tree_free(struct yaml *y);

/* Value of KEY in a map; NULL if there is none (or Y is NULL or no map). */
const struct yaml *yaml_get(const struct yaml *y, const char *key);
/* The text of a scalar; NULL for everything else and for a plain null, ~ or
 * nothing. */
const char *yaml_text(const struct yaml *y);

/* Append a scalar as one line that yaml_parse reads back to the same bytes:
 * plain where that is safe, else double-quoted with escapes. Safe inside
 * [flow, lists] and {flow: maps} too. TEXT is UTF-8 without NUL. */
void yaml_write(struct buf *out, const char *text);
/* Append a whole tree in flow style on one line: the same kinds, keys, texts
 * and nulls come back. */
void yaml_write_flow(struct buf *out, const struct yaml *y);

#endif
