/*
 * Refusals, counted (refused.h). The file is read and written under the log's lock:
 * each line of it is "SINCE COUNT COUNT …".
 */
#include "trine/refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/text.h"

enum { WINDOW = 60 /* seconds */, FILE_MOST = 256 };

static bool take_number(struct span *s, uint64_t *out)
{
	const char *end = memchr(s->p, ' ', s->len);
	size_t len = end != NULL ? (size_t)(end - s->p) : s->len;
	bool fine = text_number((struct span){ s->p, len }, out);

	s->p += len + (end != NULL);
	s->len -= len + (end != NULL);
	return fine;
}

static bool parse(struct span s, struct refusals *out)
{
	uint64_t since;

	if (!take_number(&s, &since) || since > INT64_MAX)
		return false;
	out->since = (int64_t)since;
	for (size_t i = 0; i < REFUSED_KINDS; i++)
		if (!take_number(&s, &out->count[i]))
			return false;
	return true;
}

/* One that is damaged, as a power cut may leave it, counts nothing. */
void refused_pending(const struct home *h, struct refusals *out)
{
	struct error ignored = ERROR_INIT;
	struct buf text = BUF_INIT;
	char *path = home_path(h, "run/refused");

	*out = (struct refusals){ 0 };
	if (file_read(path, FILE_MOST, &text, NULL, &ignored) == 0 &&
	    !parse(span_of(&text), out))
		*out = (struct refusals){ 0 };
	buf_release(&text);
	free(path);
}

static int write_pending(const struct home *h, const struct refusals *r,
			 struct error *err)
{
	struct buf text = BUF_INIT;
	char *path = home_path(h, "run/refused");
	int rc;

	buf_printf(&text, "%lld", (long long)r->since);
	for (size_t i = 0; i < REFUSED_KINDS; i++)
		buf_printf(&text, " %llu", (unsigned long long)r->count[i]);
	rc = file_put(path, span_of(&text), 0600, err);
	buf_release(&text);
	free(path);
	return rc;
}

/* One of the future was begun under a clock that was ahead. */
static bool is_over(const struct refusals *r, int64_t now)
{
	return r->since != 0 && (now >= r->since + WINDOW || now < r->since);
}

/* What is a minute old goes into the log. Within a transaction. */
static int settle(struct home *h, struct refusals *r, struct error *err)
{
	refused_pending(h, r);
	if (!is_over(r, h->clock->now(h->clock)))
		return 0;
	if (record_refused(h->store, r, err) == -1)
		return -1;
	*r = (struct refusals){ 0 };
	return write_pending(h, r, err);
}

static int count(struct home *h, enum refused what, struct error *err)
{
	struct refusals r;

	if (settle(h, &r, err) == -1)
		return -1;
	if (r.since == 0)
		r.since = h->clock->now(h->clock);
	r.count[what]++;
	return write_pending(h, &r, err);
}

void refused_count(struct home *h, enum refused what)
{
	struct error ignored = ERROR_INIT;

	if (store_begin(h->store, &ignored) == 0)
		store_end(h->store, count(h, what, &ignored), &ignored);
}

int refused_settle(struct home *h, struct error *err)
{
	struct refusals r;

	refused_pending(h, &r);
	if (!is_over(&r, h->clock->now(h->clock)))
		return 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, settle(h, &r, err), err);
}
