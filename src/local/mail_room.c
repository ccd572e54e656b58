/*
 * Is there room for one more message (mail.h)? A stream has LIMIT_SEGMENTS closed files
 * at most; the one behind them takes what a reader can still read. Before that there
 * always is.
 */
#include "trine/mail.h"

#include "trine/stream.h"

/* Kept free in that file: the text above the messages, and what is written into it without
 * being asked for: the tombstone of a number that is taken back, a text sent anew. */
enum {
	TOMBSTONE = 512,
	ROOM = LIMIT_FILE - LIMIT_PREAMBLE
};

static size_t size_of(const struct message *m)
{
	struct buf text = BUF_INIT;
	size_t size;

	message_write(&text, m);
	size = text.len + 1;
	buf_release(&text);
	return size;
}

/* The bytes of the messages in the file of S. Numbers that nobody has are there, too. */
static int measure(struct home *h, const struct out_stream *s, size_t *out,
		   struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	uint64_t first = s->open_first > s->floor ? s->open_first : s->floor + 1;
	int rc;

	f.direction = DIRECTION_OUT;
	f.stream = s->name;
	f.first = s->open_first;
	rc = view_records(h->store, &f, &l, err);
	*out = 0;
	for (size_t i = 0; i < l.count && *out <= ROOM; i++)
		*out += size_of(&l.item[i].message);
	if (s->last >= first && s->last - first + 1 > l.count)
		*out += (s->last - first + 1 - l.count) * TOMBSTONE;
	record_list_release(&l);
	return rc;
}

int mail_check_room(struct home *h, const struct out_stream *s, const struct message *m,
		    struct error *err)
{
	char name[STREAM_NAME];
	size_t used;

	if (s->closed < LIMIT_SEGMENTS)
		return 0;
	if (measure(h, s, &used, err) == -1)
		return -1;
	if (used <= ROOM && size_of(m) <= ROOM - used)
		return 0;
	return error_set(err, ERR_REFUSED, "%s is full: its archive has the %d files "
			 "that one may have, and its last file would grow over 1 MiB, "
			 "which nobody reads; another number for this computer, or for "
			 "its reader, is a new stream",
			 stream_name_format(s->name, name), LIMIT_SEGMENTS);
}
