/*
 * The log's lines (log.h): reading, checking, appending. store.c applies them,
 * store_log shows them.
 */
#include "log.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "trine/append.h"
#include "trine/digest.h"
#include "trine/file.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/text.h"

/* `,"crc":"5f3a9c1e"}` is the end of each line. */
#define TAIL_START ",\"crc\":\""
#define TAIL_END "\"}"
enum {
	TAIL_HEX = LOG_CRC - 1,
	TAIL = sizeof(TAIL_START) - 1 + TAIL_HEX + sizeof(TAIL_END) - 1,
	READ_STEP = 64 * 1024
};

static int fail(const struct log *log, struct error *err)
{
	return error_wrap(err, "%s", log->path);
}

int log_size(const struct log *log, uint64_t *out, struct error *err)
{
	if (append_size(log->fd, out, err) == -1)
		return fail(log, err);
	*out += log->start.offset;
	return 0;
}

int log_append(const struct log *log, struct span lines, struct error *err)
{
	return file_append(log->fd, lines, err) == 0 ? 0 : fail(log, err);
}

int log_sync(const struct log *log, struct error *err)
{
	return log->read_only || append_sync(log->fd, err) == 0 ? 0 : fail(log, err);
}

int log_cut(const struct log *log, uint64_t offset, struct error *err)
{
	assert(offset >= log->start.offset);
	return log->read_only ||
	       append_cut(log->fd, offset - log->start.offset, err) == 0 ? 0 :
	       fail(log, err);
}

/* Both are done for each line: snprintf would be most of what a line costs. */
static void write_crc(char out[LOG_CRC], uint32_t crc)
{
	for (int i = TAIL_HEX; i-- > 0; crc >>= 4)
		out[i] = "0123456789abcdef"[crc & 15];
	out[TAIL_HEX] = '\0';
}

static void write_tail(char out[TAIL + 1], const char crc[LOG_CRC])
{
	memcpy(out, TAIL_START, sizeof(TAIL_START) - 1);
	memcpy(out + sizeof(TAIL_START) - 1, crc, TAIL_HEX);
	memcpy(out + TAIL - (sizeof(TAIL_END) - 1), TAIL_END, sizeof(TAIL_END));
}

static int part_ends_with(const struct log *log, const struct log_part *part,
			  uint64_t offset, const char crc[LOG_CRC], bool *out,
			  struct error *err)
{
	char want[TAIL + 1], have[TAIL + 1] = "";
	size_t got;

	if (offset - part->start < TAIL + 1)
		return 0;
	if (append_read(part->fd, offset - part->start - (TAIL + 1), have,
			TAIL + 1, &got, err) == -1)
		return fail(log, err);
	write_tail(want, crc);
	want[TAIL] = '\n';
	/* of a shorter log, the LF is missing at least */
	*out = memcmp(want, have, TAIL + 1) == 0;
	return 0;
}

int log_ends_with(const struct log *log, uint64_t offset,
		  const char crc[LOG_CRC], bool *out, struct error *err)
{
	struct error gone = ERROR_INIT;
	struct log_part part;
	int result;

	*out = offset == 0;
	if (offset == 0)
		return 0;
	if (offset == log->start.offset) {
		*out = strcmp(crc, log->start.before) == 0;
		return 0;
	}
	if (log_part_find(log, offset - 1, &part, &gone) == -1)
		return 0;
	result = part_ends_with(log, &part, offset, crc, out, err);
	log_part_release(log, &part);
	return result;
}

/* Behind the number, which is the first field. */
static size_t head_length(struct span json)
{
	const char *comma = memchr(json.p, ',', json.len);

	assert(comma != NULL);
	return (size_t)(comma - json.p);
}

void log_write_line(struct buf *out, struct span json, unsigned nth, unsigned of,
		    char crc[LOG_CRC])
{
	size_t start = out->len, head = of > 1 ? head_length(json) : 0;
	char tail[TAIL + 1];

	buf_add(out, json.p, head);
	if (of > 1)
		buf_printf(out, ",\"nth\":%u,\"of\":%u", nth, of);
	buf_add(out, json.p + head, json.len - 1 - head);
	write_crc(crc, digest_crc32c(out->data + start, out->len - start));
	write_tail(tail, crc);
	buf_adds(out, tail);
	buf_addc(out, '\n');
}

/* ---- reading ---- */

static int enter_part(struct log_reader *r, struct error *err)
{
	if (log_part_find(r->log, r->offset, &r->part, err) == -1)
		return -1;
	if (r->part.end > r->end)
		r->part.end = r->end;
	return 0;
}

int log_read_to(struct log_reader *r, const struct log *log, uint64_t offset,
		uint64_t end, struct error *err)
{
	*r = (struct log_reader){ .log = log, .offset = offset, .part.fd = -1 };
	buf_init(&r->bytes);
	if (log_size(log, &r->end, err) == -1)
		return -1;
	if (r->end > end)
		r->end = end;
	return enter_part(r, err);
}

int log_read(struct log_reader *r, const struct log *log, uint64_t offset,
	     struct error *err)
{
	return log_read_to(r, log, offset, UINT64_MAX, err);
}

void log_reader_release(struct log_reader *r)
{
	log_part_release(r->log, &r->part);
	buf_release(&r->bytes);
}

static int read_more(struct log_reader *r, size_t *got, struct error *err)
{
	uint64_t from = r->offset + (r->bytes.len - r->used);
	uint64_t left = r->part.end > from ? r->part.end - from : 0;
	size_t want = left < READ_STEP ? (size_t)left : READ_STEP;

	buf_reserve(&r->bytes, want);
	if (append_read(r->part.fd, from - r->part.start,
			r->bytes.data + r->bytes.len, want, got, err) == -1)
		return fail(r->log, err);
	r->bytes.len += *got;
	r->bytes.data[r->bytes.len] = '\0';
	return 0;
}

/* Forget the lines that were given out. */
static void move_up(struct log_reader *r)
{
	size_t rest = r->bytes.len - r->used;

	if (r->used == 0)
		return;
	memmove(r->bytes.data, r->bytes.data + r->used, rest);
	buf_truncate(&r->bytes, rest);
	r->used = 0;
}

/* Go to the first byte that is none of the blanks in front of a line, in whichever
 * part it is. */
static int find_start(struct log_reader *r, struct error *err)
{
	size_t got;

	for (;;) {
		for (; r->used < r->bytes.len && r->bytes.data[r->used] == ' ';
		     r->offset++)
			r->used++;
		if (r->used < r->bytes.len)
			return 0;
		move_up(r);
		if (read_more(r, &got, err) == -1)
			return -1;
		if (got > 0)
			continue;
		if (r->offset < r->part.end || r->offset >= r->end)
			return 0;
		log_part_release(r->log, &r->part);
		if (enter_part(r, err) == -1)
			return -1;
	}
}

/* Get bytes until there is a LF; *LF is NULL if none comes in time. */
static int find_end(struct log_reader *r, const char **lf, struct error *err)
{
	size_t seen = 0, got;

	for (;;) {
		const char *start = r->bytes.data + r->used;
		size_t len = r->bytes.len - r->used;

		*lf = memchr(start + seen, '\n', len - seen);
		if (*lf != NULL || len > LIMIT_EVENT)
			return 0;
		seen = len;
		move_up(r);
		if (read_more(r, &got, err) == -1)
			return -1;
		if (got == 0)
			return 0;
	}
}

/* The bytes up to the next quote or comma: `,"crc":"…"}` has both. */
static struct span take_until(struct span *s, char end)
{
	const char *stop = memchr(s->p, end, s->len);
	struct span out;

	assert(stop != NULL);
	out = (struct span){ s->p, (size_t)(stop - s->p) };
	s->p += out.len;
	s->len -= out.len;
	return out;
}

static bool parse_place(struct span *s, struct log_line *line)
{
	uint64_t nth = 1, of = 1;

	if (text_skip(s, ",\"nth\":") &&
	    (!text_number(take_until(s, ','), &nth) || !text_skip(s, ",\"of\":") ||
	     !text_number(take_until(s, ','), &of) || nth < 1 || nth > of ||
	     of > UINT32_MAX))
		return false;
	line->nth = (unsigned)nth;
	line->of = (unsigned)of;
	return true;
}

/* Each line begins alike, because event.c writes no other. */
static bool parse_head(struct log_line *line)
{
	struct span s = line->text;

	if (!text_skip(&s, "{\"seq\":") ||
	    !text_number(take_until(&s, ','), &line->seq) ||
	    !parse_place(&s, line) || !text_skip(&s, ",\"time\":\"") ||
	    !time_parse(take_until(&s, '"'), &line->time) ||
	    !text_skip(&s, "\",\"type\":\""))
		return false;
	line->type = take_until(&s, '"');
	return true;
}

static bool parse_line(struct log_line *line)
{
	char tail[TAIL + 1], crc[LOG_CRC];
	size_t len = line->text.len;

	if (len <= TAIL || len > LIMIT_EVENT)
		return false;
	write_crc(crc, digest_crc32c(line->text.p, len - TAIL));
	write_tail(tail, crc);
	if (memcmp(line->text.p + len - TAIL, tail, TAIL) != 0)
		return false;
	memcpy(line->crc, crc, LOG_CRC);
	return parse_head(line);
}

/* A whole line, and more that is no hole: its LF was another byte when that was written
 * behind it, or is since. */
static bool is_line_and_more(struct span text)
{
	size_t start = sizeof(TAIL_START) - 1;
	struct log_line first = { .text.p = text.p };
	const char *tail = text.p;
	size_t len;

	while ((tail = memmem(tail, text.len - (size_t)(tail - text.p), TAIL_START,
			      start)) != NULL) {
		len = (size_t)(tail - text.p) + TAIL;
		first.text.len = len;
		if (len + 1 < text.len && text.p[len] != '\0' && parse_line(&first))
			return true;
		tail += start;
	}
	return false;
}

int log_next(struct log_reader *r, struct log_line *line, struct error *err)
{
	const char *lf;

	if (find_start(r, err) == -1 || find_end(r, &lf, err) == -1)
		return -1;
	*line = (struct log_line){ .offset = r->offset };
	line->text.p = r->bytes.data + r->used;
	line->text.len = lf ? (size_t)(lf - line->text.p) :
			 r->bytes.len - r->used;
	if (line->text.len == 0 && lf == NULL)
		return 0;
	r->used += line->text.len + (lf ? 1 : 0);
	r->offset += line->text.len + (lf ? 1 : 0);
	line->next = r->offset;
	line->last = r->offset >= r->end;
	line->damaged = lf == NULL || !parse_line(line);
	line->torn = line->damaged && ((lf == NULL && line->last) ||
				       memchr(line->text.p, '\0', line->text.len)) &&
		     !is_line_and_more(line->text);
	return 1;
}

/* One begins when the one before it is durable: more lines than a transaction has are
 * not all its own. */
int log_is_torn(const struct log *log, const struct log_inside *in,
		const struct log_line *line, bool *out, struct error *err)
{
	unsigned left = in->left > 0 ? in->left : UINT_MAX;	/* with this line */
	struct log_reader r;
	struct log_line behind;
	int rc = 0;

	*out = line->torn;
	if (!line->torn || line->last)
		return 0;
	if (log_read(&r, log, line->next, err) == -1)
		return -1;
	while (*out && (rc = log_next(&r, &behind, err)) == 1) {
		*out = --left > 0 && (behind.damaged ? behind.torn : behind.nth > 1);
		if (!behind.damaged)
			left = behind.of - behind.nth + 1;
	}
	log_reader_release(&r);
	return rc == -1 ? -1 : 0;
}

void log_inside_next(struct log_inside *in, const struct log_line *line)
{
	if (line->nth == 1)
		in->begun = line->offset;
	in->left = line->of - line->nth;
	if (in->left == 0)
		in->begun = line->next;
}

/* Only asked for when a line is damaged: counting reads all before it. */
static int count_lines(const struct log *log, const struct log_part *part,
		       uint64_t upto, uint64_t *lines, struct error *err)
{
	char bytes[4096];
	size_t got;

	*lines = 0;
	for (uint64_t at = part->start; at < upto; at += got) {
		size_t want = upto - at < sizeof(bytes) ? (size_t)(upto - at) :
			      sizeof(bytes);

		if (append_read(part->fd, at - part->start, bytes, want, &got,
				err) == -1)
			return fail(log, err);
		if (got == 0)
			break;
		for (size_t i = 0; i < got; i++)
			*lines += bytes[i] == '\n';
	}
	return 0;
}

int log_damaged(const struct log *log, uint64_t offset, struct error *err)
{
	struct log_part part;
	uint64_t lines;
	char *path;

	if (log_part_find(log, offset, &part, err) == -1)
		return -1;
	path = log_part_path(log, part.number, ".jsonl");
	if (count_lines(log, &part, offset, &lines, err) == 0)
		error_set(err, ERR_DATA, "%s line %llu is damaged: restore the "
			  "file from a backup, or have `trine repair` leave that "
			  "line out", path, (unsigned long long)lines + 1);
	log_part_release(log, &part);
	free(path);
	return -1;
}

/* ---- for people and programs ---- */

static bool wanted(const struct log_filter *f, const struct log_line *line)
{
	size_t len = f->type ? strlen(f->type) : 0;

	if (line->time < f->since)
		return false;
	if (len > 0 && f->type[len - 1] == '.')
		return text_starts(line->type, f->type);
	return len == 0 || span_is(line->type, f->type);
}

/* Is the last line of the transaction there that FIRST begins, or one behind it? Half
 * of one may never have happened. */
static int is_whole(const struct log *log, const struct log_line *first, bool *out,
		    struct error *err)
{
	struct log_reader r;
	struct log_line line;
	int rc = 0;

	*out = first->of == 1;
	if (*out)
		return 0;
	if (log_read(&r, log, first->next, err) == -1)
		return -1;
	while (!*out && (rc = log_next(&r, &line, err)) == 1)
		*out = line.damaged ? !line.last : line.nth == 1 || line.nth == line.of;
	log_reader_release(&r);
	return rc == -1 ? -1 : 0;
}

int store_log(struct store *s, const struct log_filter *f, uint64_t from,
	      int (*each)(void *arg, const char *line, size_t len), void *arg,
	      uint64_t *next, struct error *err)
{
	struct log_reader r;
	struct log_line line;
	int result = 0;
	bool whole;

	*next = from;
	if (log_renew(&s->log, err) == -1 ||
	    log_read(&r, &s->log, from, err) == -1)
		return -1;
	if (from > r.end)
		return error_set(err, ERR_DATA, "%s is shorter than it was",
				 s->log.path);
	while ((result = log_next(&r, &line, err)) == 1) {
		/* the last line may just be on its way into the log */
		if (line.damaged && line.last)
			break;
		if (line.damaged) {
			result = log_damaged(&s->log, line.offset, err);
			break;
		}
		if (line.nth == 1 &&
		    ((result = is_whole(&s->log, &line, &whole, err)) == -1 || !whole))
			break;
		*next = line.next;
		if (wanted(f, &line) &&
		    each(arg, line.text.p, line.text.len) == -1)
			break;
	}
	log_reader_release(&r);
	return result == -1 ? -1 : 0;
}

void store_log_head(struct span text, int64_t *time, struct span *type)
{
	struct log_line line = { .text = text };
	bool whole = parse_head(&line);

	assert(whole);	/* each that is shown is */
	(void)whole;
	*time = line.time;
	*type = line.type;
}
