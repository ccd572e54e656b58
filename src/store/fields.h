/*
 * Private: the fields of an event, as its line in the log says them. Whether it has just
 * been recorded or is read from the log, an event does to the view what its line says.
 *
 *	struct fields f = FIELDS_INIT;		(one after the other, for many lines)
 *	const struct field *event = fields_read(&f, line);
 *	get_text(event, "id") …
 *	FOR_FIELDS(get_object(event, "files"), file)
 *		… file->key, field_text(file)
 *	fields_release(&f);
 *
 * What fields_read gives lives until the next fields_read or fields_release, and no
 * longer than the line. A line as trine writes it is walked over once, and nothing of it
 * is allocated; what else JSON allows is left to jansson.
 */
#ifndef STORE_FIELDS_H
#define STORE_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/error.h"
#include "trine/names.h"

enum field_kind {
	FIELD_OTHER,		/* a number that is not whole, or false */
	FIELD_NONE,		/* null */
	FIELD_TRUE,
	FIELD_NUMBER,
	FIELD_TEXT,
	FIELD_LIST,
	FIELD_OBJECT
};

struct field {
	enum field_kind kind;
	uint32_t nodes;		/* it and all in it: the next one stands behind them */
	const char *key;	/* "" in a list */
	const char *text;	/* of a text */
	int64_t number;		/* of a number */
	struct span line, value;	/* `"key":value` and `value` as they stand there, */
	const json_t *json;	/* or, where jansson read it, this alone */
};

struct fields {
	struct field *node;
	size_t count, cap;
	struct buf text;
	json_t *json;
};

#define FIELDS_INIT ((struct fields){ .text = BUF_INIT })
void fields_release(struct fields *f);

/* The object that LINE is; NULL: it is none, or not JSON, or has a key twice. */
const struct field *fields_read(struct fields *f, struct span line);

/* Each field F of an object, each element of a list, which is ALL. NULL has none. */
#define FOR_FIELDS(all, f)						\
	for (const struct field *f##_of = (all), *f = fields_first(f##_of);	\
	     f != NULL; f = fields_next(f##_of, f))
const struct field *fields_first(const struct field *all);
const struct field *fields_next(const struct field *all, const struct field *f);

/* A field of OBJECT: "", 0, false, NULL if absent or of another kind. */
const struct field *get_field(const struct field *object, const char *key);
const char *get_text(const struct field *object, const char *key);
int64_t get_number(const struct field *object, const char *key);
int64_t get_time(const struct field *object, const char *key);
bool get_flag(const struct field *object, const char *key);
const struct field *get_object(const struct field *object, const char *key);
const struct field *get_list(const struct field *object, const char *key);
/* The stream that "stream" names. ERR_DATA if there is none. */
int get_stream(const struct field *object, struct stream_name *out, struct error *err);

/* Of a field itself: NULL, 0 if it is of another kind. */
const char *field_text(const struct field *f);
int64_t field_number(const struct field *f);

/* As JSON, without the field LESS of an object (NULL: with all). Caller frees. */
char *field_json(const struct field *f, const char *less);
/* The same for jansson; the caller's reference. */
json_t *field_load(const struct field *f);

#endif
