#include "check_base.h"

#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void *ck_alloc(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

char *ck_copy(const char *text, size_t size)
{
	char *copy = ck_alloc(size + 1);

	if (size)
		memcpy(copy, text, size);
	return copy;
}

char *ck_vprint(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort();
	return text;
}

char *ck_print(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = ck_vprint(format, args);
	va_end(args);
	return text;
}

void ck_push(struct ck_list *list, void *item)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 8;
		list->items = must(realloc(list->items,
					   list->room * sizeof(void *)));
	}
	list->items[list->count++] = item;
}

/* ---- maps: open addressing, at most half full ---- */

static struct ck_slot *slot_of(const struct ck_map *map, const char *key)
{
	size_t at = ck_hash(CK_HASH, key, strlen(key)) & (map->room - 1);

	while (map->slots[at].key && strcmp(map->slots[at].key, key))
		at = (at + 1) & (map->room - 1);
	return &map->slots[at];
}

void *ck_get(const struct ck_map *map, const char *key)
{
	return map->count ? slot_of(map, key)->value : NULL;
}

static void widen(struct ck_map *map)
{
	struct ck_map old = *map;

	map->room = old.room ? 2 * old.room : 16;
	map->slots = ck_alloc(map->room * sizeof(*map->slots));
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].key)
			*slot_of(map, old.slots[i].key) = old.slots[i];
	}
	free(old.slots);
}

void ck_put(struct ck_map *map, const char *key, void *value)
{
	struct ck_slot *slot;

	if (2 * (map->count + 1) > map->room)
		widen(map);
	slot = slot_of(map, key);
	if (!slot->key) {
		slot->key = ck_copy(key, strlen(key));
		map->count++;
	}
	slot->value = value;
}

long ck_get_number(const struct ck_map *map, const char *key)
{
	return (long)(intptr_t)ck_get(map, key);
}

void ck_put_number(struct ck_map *map, const char *key, long number)
{
	ck_put(map, key, (void *)(intptr_t)number);
}

size_t ck_one_more(struct ck_map *map, const char *key)
{
	size_t count = (size_t)(uintptr_t)ck_get(map, key) + 1;

	ck_put(map, key, (void *)(uintptr_t)count);
	return count;
}

void ck_empty(struct ck_map *map, void (*done)(void *value))
{
	for (size_t i = 0; i < map->room; i++) {
		if (!map->slots[i].key)
			continue;
		free(map->slots[i].key);
		if (done)
			done(map->slots[i].value);
	}
	free(map->slots);
	*map = (struct ck_map){ 0 };
}

/* ---- digests ---- */

uint64_t ck_hash(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211);
	return hash;
}

uint32_t ck_crc(const void *bytes, size_t size)
{
	static uint32_t table[256];
	const unsigned char *at = bytes;
	uint32_t crc = 0xffffffff;

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^
				   (table[i] & 1 ? 0x82f63b78 : 0);
	}
	for (size_t i = 0; i < size; i++)
		crc = crc >> 8 ^ table[(crc ^ at[i]) & 0xff];
	return ~crc;
}

void ck_sha16(const char *text, char hex[17])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const unsigned char *)text, strlen(text));
	SHA256Final(digest, &context);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* ---- small words ---- */

static bool digits(const char *text, int count)
{
	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

const char *ck_word(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

int64_t ck_time(const char *text)
{
	struct tm tm = { 0 };

	if (!text || strlen(text) != 20 || !digits(text, 4) ||
	    !digits(text + 5, 2) || !digits(text + 8, 2) ||
	    !digits(text + 11, 2) || !digits(text + 14, 2) ||
	    !digits(text + 17, 2) || text[4] != '-' || text[7] != '-' ||
	    text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
	    text[19] != 'Z')
		return -1;
	tm.tm_year = atoi(text) - 1900;
	tm.tm_mon = atoi(text + 5) - 1;
	tm.tm_mday = atoi(text + 8);
	tm.tm_hour = atoi(text + 11);
	tm.tm_min = atoi(text + 14);
	tm.tm_sec = atoi(text + 17);
	if (tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return -1;
	return timegm(&tm);
}

long ck_number(const char *text, const char **end)
{
	long number = 0;
	const char *at = text;

	if (*at == '0' && at[1] >= '0' && at[1] <= '9')
		return -1;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (number > 100000000)
			return -1;
		number = 10 * number + (*at - '0');
	}
	if (end)
		*end = at;
	else if (*at)
		return -1;
	return at == text ? -1 : number;
}

bool ck_is_hex(const char *text, size_t count)
{
	return text && strlen(text) == count &&
	       strspn(text, "0123456789abcdef") == count;
}

bool ck_ends(const char *text, const char *end)
{
	size_t size = strlen(text), last = strlen(end);

	return size >= last && !strcmp(text + size - last, end);
}

/* By the table of RFC 3629. */
bool ck_is_utf8(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;

	while (at < end) {
		unsigned c = *at++, more, low = 0x80, high = 0xbf;

		if (c == 0)
			return false;
		if (c < 0x80)
			continue;
		if (c < 0xc2 || c > 0xf4)
			return false;
		more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
		if (c == 0xe0)
			low = 0xa0;
		else if (c == 0xf0)
			low = 0x90;
		else if (c == 0xed)
			high = 0x9f;
		else if (c == 0xf4)
			high = 0x8f;
		for (; more; more--, low = 0x80, high = 0xbf) {
			if (at == end || *at < low || *at > high)
				return false;
			at++;
		}
	}
	return true;
}

char *ck_read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	*size = 0;
	while (file && !feof(file) && !ferror(file)) {
		if (*size == room) {
			char *more = ck_alloc(room = 2 * room + 4096);

			if (*size)
				memcpy(more, text, *size);
			free(text);
			text = more;
		}
		*size += fread(text + *size, 1, room - *size, file);
	}
	if (file)
		fclose(file);
	return text ? text : ck_copy("", 0);
}
