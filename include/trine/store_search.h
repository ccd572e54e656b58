/*
 * What was ever said, by words, sender, type or time: an index of its own, search.db, which
 * only who searches keeps (store.h).
 */
#ifndef TRINE_STORE_SEARCH_H
#define TRINE_STORE_SEARCH_H

#include "trine/store.h"

/* Messages of both directions, as they stand now: one that was taken back is
 * not found. TEXT is plain words, all of which must be in title or body; case
 * and accents do not count. "Several words" stand together, a star behind a
 * word is any end. Nothing else in it has a meaning. */
enum { END_ANY = -2 };
struct search_filter {
	const char *text;
	int from, to;			/* ends of the stream, or END_ANY */
	const enum message_type *type;	/* or NULL */
	int64_t since, until;		/* of `sent`; until 0: no end */
	size_t limit;			/* 0: all */
};
#define SEARCH_FILTER_ALL { .from = END_ANY, .to = END_ANY }

/* Title and a few words of the body: UTF-8 on one line, but that what matched
 * stands between bytes that UTF-8 has not. */
#define HIT_BEGIN '\xfe'
#define HIT_END '\xff'
struct hit {
	struct record record;
	char *title, *snippet;		/* snippet "": no body */
};
struct hit_list {
	struct hit *item;
	size_t count, cap;
};
void hit_list_release(struct hit_list *l);

/* Best match first, the newest of equal ones; with an empty TEXT all that the
 * rest of the filter lets through, the newest first. ERR_USAGE: no word in TEXT,
 * nor anything else asked;
 * ERR_DATA: not UTF-8, or over LIMIT_SEARCH; ERR_NOTFOUND: this SQLite has no
 * FTS5. */
int view_search(struct store *s, const struct search_filter *f,
		struct hit_list *out, struct error *err);

#endif
