/*
 * What the checker is made of: memory, lists, maps, digests. A checker that has
 * no memory left ends its program.
 */
#ifndef SIM_CHECK_BASE_H
#define SIM_CHECK_BASE_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *ck_alloc(size_t size);			/* zeroed */
char *ck_copy(const char *text, size_t size);	/* with a NUL behind it */
char *ck_print(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
char *ck_vprint(const char *format, va_list args);

/* Pointers in a row; the items are the caller's. */
struct ck_list {
	void **items;
	size_t count, room;
};
void ck_push(struct ck_list *list, void *item);

/* Text to pointer; keys are copied, values are the caller's. */
struct ck_map {
	struct ck_slot {
		char *key;
		void *value;
	} *slots;
	size_t room, count;
};
void *ck_get(const struct ck_map *map, const char *key);
void ck_put(struct ck_map *map, const char *key, void *value);
/* A map of numbers: 0 if KEY is not in it. */
long ck_get_number(const struct ck_map *map, const char *key);
void ck_put_number(struct ck_map *map, const char *key, long number);
/* KEY is one more; the number. */
size_t ck_one_more(struct ck_map *map, const char *key);
/* Every value to DONE (NULL is fine), then the map itself: empty again. */
void ck_empty(struct ck_map *map, void (*done)(void *value));

/* FNV-1a, for telling texts apart; start with CK_HASH. */
#define CK_HASH UINT64_C(14695981039346656037)
uint64_t ck_hash(uint64_t hash, const void *bytes, size_t size);
/* CRC-32C, and the first 16 hex digits of a SHA-256. */
uint32_t ck_crc(const void *bytes, size_t size);
void ck_sha16(const char *text, char hex[17]);

/* YAML as the formats allow it: one mapping, at most 4 deep, no anchors, aliases,
 * tags or key twice. Scalars are strings. NULL: *why says why (static). */
json_t *ck_yaml(const char *text, size_t size, size_t most, const char **why);

/* The text of KEY in JSON; "": there is none. */
const char *ck_word(const json_t *json, const char *key);

/* "2026-11-20T13:10:00Z" in seconds; -1: not such a time. */
int64_t ck_time(const char *text);
/* A number of digits without a leading zero, up to END; -1: none. */
long ck_number(const char *text, const char **end);
bool ck_is_hex(const char *text, size_t digits);	/* that many, then NUL */
bool ck_ends(const char *text, const char *end);
bool ck_is_utf8(const char *text, size_t size);		/* and no NUL in it */

/* All of the file PATH; "": there is none. To be freed. */
char *ck_read_file(const char *path, size_t *size);

#endif
