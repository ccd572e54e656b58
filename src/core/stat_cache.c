/*
 * The stat cache (stat_cache.h): one line a file, in order of path,
 *
 *	trine stat-cache 1 OWNER TIME
 *	BLOB SIZE MTIME NS CTIME NS INODE DEVICE PATH
 *	end CRC
 *
 * with the CRC-32C of all that is above its line. The desk's reader uses it.
 */
#include "trine/stat_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static const char first_words[] = "trine stat-cache 1 ";
enum { LAST_LINE = sizeof("end 00000000\n") - 1 };

bool stat_cache_still(const struct file_facts *f, int64_t now)
{
	int64_t last = f->mtime > f->ctime ? f->mtime : f->ctime;

	return f->inode > 0 && f->inode <= INT64_MAX &&
	       f->device <= INT64_MAX && f->size <= INT64_MAX &&
	       f->ctime > 0 && f->mtime >= 0 && last < now - STAT_CACHE_STILL;
}

/* --- reading --- */

/* The field of LINE up to END; what is behind it stays in LINE. */
static bool take_field(struct span *line, char end, struct span *field)
{
	const char *stop = memchr(line->p, end, line->len);

	if (stop == NULL)
		return false;
	*field = (struct span){ line->p, (size_t)(stop - line->p) };
	line->len -= field->len + 1;
	line->p = stop + 1;
	return true;
}

static bool take_number(struct span *line, uint64_t *out)
{
	struct span field;

	return take_field(line, ' ', &field) && text_number(field, out) &&
	       *out <= INT64_MAX;
}

static bool take_time(struct span *line, int64_t *seconds, int64_t *nanos)
{
	uint64_t s, n;

	if (!take_number(line, &s) || !take_number(line, &n))
		return false;
	*seconds = (int64_t)s;
	*nanos = (int64_t)n;
	return true;
}

static bool parse_fields(struct span line, struct span *blob,
			 struct span *path, struct file_facts *out)
{
	return take_field(&line, ' ', blob) && blob->len == BLOB_HEX - 1 &&
	       take_number(&line, &out->size) &&
	       take_time(&line, &out->mtime, &out->mtime_ns) &&
	       take_time(&line, &out->ctime, &out->ctime_ns) &&
	       take_number(&line, &out->inode) &&
	       take_number(&line, &out->device) &&
	       take_field(&line, '\n', path) && path->len > 0;
}

static char *end_of(struct stat_cache *c, struct span s)
{
	return c->bytes.data + (s.p + s.len - c->bytes.data);
}

/* One line, LF and all; strings are made of its fields where they stand. */
static bool parse_line(struct stat_cache *c, struct span line, int64_t written)
{
	struct stat_entry *e;
	struct span blob, path;

	ARRAY_GROW(c->item, c->count, c->cap);
	e = &c->item[c->count];
	if (!parse_fields(line, &blob, &path, &e->facts) ||
	    !stat_cache_still(&e->facts, written))
		return false;
	*end_of(c, blob) = *end_of(c, path) = '\0';
	e->blob = blob.p;
	e->path = path.p;
	return c->count++ == 0 || strcmp(e[-1].path, e->path) < 0;
}

static bool parse_lines(struct stat_cache *c, struct span rest, int64_t written)
{
	struct span line;

	while (rest.len > 0) {
		if (!take_field(&rest, '\n', &line))
			return false;
		line.len++;
		if (!parse_line(c, line, written))
			return false;
	}
	return true;
}

/* What stands above the last line, if that vouches for it. */
static bool check_whole(struct span bytes, struct span *above)
{
	char last[LAST_LINE + 1];

	if (bytes.len < LAST_LINE || memchr(bytes.p, '\0', bytes.len) != NULL)
		return false;
	*above = (struct span){ bytes.p, bytes.len - LAST_LINE };
	snprintf(last, sizeof(last), "end %08x\n",
		 (unsigned)digest_crc32c(above->p, above->len));
	return memcmp(bytes.p + above->len, last, LAST_LINE) == 0;
}

static bool parse_head(struct span *rest, const char *owner, uint64_t *written)
{
	struct span line, field;

	if (!text_starts(*rest, first_words))
		return false;
	rest->p += sizeof(first_words) - 1;
	rest->len -= sizeof(first_words) - 1;
	return take_field(rest, '\n', &line) && take_field(&line, ' ', &field) &&
	       span_is(field, owner) && text_number(line, written) &&
	       *written <= INT64_MAX;
}

void stat_cache_parse(struct stat_cache *out, struct buf *bytes,
		      const char *owner, int64_t now)
{
	uint64_t written = 0;
	struct span rest;

	*out = (struct stat_cache){ .bytes = *bytes };
	buf_init(bytes);
	out->good = check_whole(span_of(&out->bytes), &rest) &&
		    parse_head(&rest, owner, &written) &&
		    (int64_t)written <= now &&
		    parse_lines(out, rest, (int64_t)written);
	if (!out->good)
		out->count = 0;
}

static bool same_facts(const struct file_facts *a, const struct file_facts *b)
{
	return a->size == b->size && a->inode == b->inode &&
	       a->device == b->device && a->mtime == b->mtime &&
	       a->mtime_ns == b->mtime_ns && a->ctime == b->ctime &&
	       a->ctime_ns == b->ctime_ns;
}

const char *stat_cache_find(struct stat_cache *c, const char *path,
			    const struct file_facts *facts)
{
	int order = -1;

	while (c->next < c->count &&
	       (order = strcmp(c->item[c->next].path, path)) < 0)
		c->next++;
	if (order != 0 || !same_facts(&c->item[c->next].facts, facts))
		return NULL;
	return c->item[c->next].blob;
}

void stat_cache_release(struct stat_cache *c)
{
	buf_release(&c->bytes);
	free(c->item);
	*c = (struct stat_cache){ .bytes = BUF_INIT };
}

/* --- writing --- */

void stat_cache_begin(struct buf *out, const char *owner, int64_t now)
{
	buf_reset(out);
	buf_printf(out, "%s%s %lld\n", first_words, owner, (long long)now);
}

void stat_cache_add(struct buf *out, const char *path,
		    const struct file_facts *f, const char *blob)
{
	buf_printf(out, "%s %llu %lld %lld %lld %lld %llu %llu %s\n", blob,
		   (unsigned long long)f->size, (long long)f->mtime,
		   (long long)f->mtime_ns, (long long)f->ctime,
		   (long long)f->ctime_ns, (unsigned long long)f->inode,
		   (unsigned long long)f->device, path);
}

void stat_cache_end(struct buf *out)
{
	buf_printf(out, "end %08x\n", (unsigned)digest_crc32c(out->data, out->len));
}
