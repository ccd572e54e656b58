/*
 * Texts, lists and sets as small numbers: two are equal if their numbers are.
 * What the model of test_property.c is made of, so that a fleet is some hundred
 * bytes that can be copied, compared and hashed. Nothing is ever freed.
 */
#ifndef PROPERTY_ATOMS_H
#define PROPERTY_ATOMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trine/buf.h"
#include "trine/digest.h"
#include "trine/mem.h"

/* --- numbers in a row: lists, sets, trees, commits, and keys of memory --- */

struct row {
	uint32_t *word;
	uint32_t count;
	uint32_t value;		/* of a key: what was computed, and one */
};

static struct {
	struct row *row;
	size_t count, cap;
	uint32_t *slot;		/* by hash: number of the row, and one */
	size_t slots;
	uint32_t *room;		/* for words */
	size_t left;
} rows;

static uint64_t hash_words(const uint32_t *word, size_t count)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * (count + 1);

	for (size_t i = 0; i < count; i++) {
		h = (h ^ word[i]) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

static uint32_t *keep_words(const uint32_t *word, size_t count)
{
	enum { CHUNK = 1 << 18 };
	uint32_t *out;

	if (rows.room == NULL || rows.left < count) {
		rows.room = xmalloc(CHUNK * sizeof(*rows.room));
		rows.left = CHUNK;
	}
	out = rows.room;
	if (count > 0)
		memcpy(out, word, count * sizeof(*word));
	rows.room += count;
	rows.left -= count;
	return out;
}

static void double_slots(void)
{
	size_t slots = rows.slots == 0 ? 1 << 16 : rows.slots * 2;

	free(rows.slot);
	rows.slot = xcalloc(slots, sizeof(*rows.slot));
	rows.slots = slots;
	for (size_t i = 0; i < rows.count; i++) {
		size_t at = hash_words(rows.row[i].word, rows.row[i].count);

		for (at &= slots - 1; rows.slot[at] != 0;)
			at = (at + 1) & (slots - 1);
		rows.slot[at] = (uint32_t)i + 1;
	}
}

static bool same_words(const struct row *r, const uint32_t *word, size_t count)
{
	return r->count == count &&
	       (count == 0 || memcmp(r->word, word, count * sizeof(*word)) == 0);
}

static uint32_t row_of(const uint32_t *word, size_t count)
{
	size_t at;

	if (rows.count * 2 >= rows.slots)
		double_slots();
	at = hash_words(word, count) & (rows.slots - 1);
	for (; rows.slot[at] != 0; at = (at + 1) & (rows.slots - 1))
		if (same_words(&rows.row[rows.slot[at] - 1], word, count))
			return rows.slot[at] - 1;
	ARRAY_GROW(rows.row, rows.count, rows.cap);
	rows.row[rows.count] = (struct row){ keep_words(word, count),
					     (uint32_t)count, 0 };
	rows.slot[at] = (uint32_t)++rows.count;
	return (uint32_t)rows.count - 1;
}

static const uint32_t *words_of(uint32_t row)
{
	return rows.row[row].word;
}

static uint32_t length_of(uint32_t row)
{
	return rows.row[row].count;
}

static bool row_has(uint32_t row, uint32_t word)
{
	const struct row *r = &rows.row[row];

	for (uint32_t i = 0; i < r->count; i++)
		if (r->word[i] == word)
			return true;
	return false;
}

enum { ROW_MOST = 256 };

static uint32_t row_append(uint32_t row, uint32_t word)
{
	uint32_t copy[ROW_MOST], count = length_of(row);

	if (count + 1 > ROW_MOST)
		abort();
	memcpy(copy, words_of(row), count * sizeof(*copy));
	copy[count] = word;
	return row_of(copy, count + 1);
}

static uint32_t set_add(uint32_t row, uint32_t word)
{
	uint32_t copy[ROW_MOST], count = length_of(row), at = 0;
	const uint32_t *old = words_of(row);

	if (count + 1 > ROW_MOST)
		abort();
	while (at < count && old[at] < word)
		at++;
	if (at < count && old[at] == word)
		return row;
	memcpy(copy, old, at * sizeof(*copy));
	copy[at] = word;
	memcpy(copy + at + 1, old + at, (count - at) * sizeof(*copy));
	return row_of(copy, count + 1);
}

/* LIST without WORD, or with OTHER in its place if that is not 0. */
static uint32_t row_replace(uint32_t row, uint32_t word, uint32_t other)
{
	uint32_t copy[ROW_MOST], count = 0;

	for (uint32_t i = 0; i < length_of(row); i++)
		if (words_of(row)[i] != word)
			copy[count++] = words_of(row)[i];
		else if (other != 0)
			copy[count++] = other;
	return row_of(copy, count);
}

/* --- what was computed once: keys are rows that start with a tag --- */

enum memory {
	MEMORY_TEXT = 0x10000000, MEMORY_PARTS, MEMORY_COLLECT, MEMORY_RENDER,
	MEMORY_MERGE, MEMORY_DIGEST, MEMORY_NAME, MEMORY_EDIT
};

static uint32_t key_of(enum memory what, uint32_t a, uint32_t b, uint32_t c,
		       uint32_t d)
{
	uint32_t word[] = { what, a, b, c, d };

	return row_of(word, ARRAY_LEN(word));
}

static bool remembers(uint32_t key, uint32_t *out)
{
	if (rows.row[key].value == 0)
		return false;
	*out = rows.row[key].value - 1;
	return true;
}

static uint32_t remember(uint32_t key, uint32_t value)
{
	rows.row[key].value = value + 1;
	return value;
}

/* --- texts: 0 is none --- */

struct text {
	char *bytes;
	size_t len;
	char oid[BLOB_HEX];
};

static struct {
	struct text *item;
	size_t count, cap;
} texts;

static struct span bytes_of(uint32_t text)
{
	return text == 0 ? (struct span){ "", 0 }
		: (struct span){ texts.item[text].bytes, texts.item[text].len };
}

/* As resolve_path wants it. */
static const char *oid_of(uint32_t text)
{
	return text == 0 ? NULL : texts.item[text].oid;
}

static uint32_t text_of(struct span s)
{
	char oid[BLOB_HEX];
	uint32_t word[6] = { MEMORY_TEXT }, key, known;
	struct text *t;

	digest_blob(s.p, s.len, oid);
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 8; k++)
			word[i + 1] = word[i + 1] << 4 |
				(uint32_t)(oid[i * 8 + k] > '9' ?
					   oid[i * 8 + k] - 'a' + 10 :
					   oid[i * 8 + k] - '0');
	key = row_of(word, ARRAY_LEN(word));
	if (remembers(key, &known))
		return known;
	if (texts.count == 0)
		texts.count = texts.cap = 1, texts.item = xcalloc(1, sizeof(*t));
	ARRAY_GROW(texts.item, texts.count, texts.cap);
	t = &texts.item[texts.count];
	*t = (struct text){ .bytes = xmemdup(s.p, s.len), .len = s.len };
	memcpy(t->oid, oid, sizeof(t->oid));
	return remember(key, (uint32_t)texts.count++);
}

static uint32_t text_of_buf(struct buf *b)
{
	uint32_t text = text_of(span_of(b));

	buf_release(b);
	return text;
}

/* Every text ends in a NUL that is not counted, and holds no other. */
static unsigned times_in(uint32_t text, const char *token)
{
	unsigned times = 0;

	if (text == 0)
		return 0;
	for (const char *p = texts.item[text].bytes;
	     (p = strstr(p, token)) != NULL; p++)
		times++;
	return times;
}

#endif
