/*
 * What was taken in of others, by its text (taken.h).
 */
#include "trine/taken.h"

#include <stdio.h>
#include <string.h>

/* How many numbers a disk may have forgotten that a text is looked for under. */
enum { FORGOTTEN = 1000 };

/* The first received under the number SEQ of NAME that has the words of M, sent at the
 * same time; or WHENEVER it was sent, under that number or one after it. */
static int find_words(struct store *s, struct stream_name name, uint64_t seq,
		      const struct message *m, bool whenever, char id[MESSAGE_ID],
		      struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	char digest[MESSAGE_DIGEST], there[MESSAGE_DIGEST];
	struct record_list l = { 0 };

	id[0] = '\0';
	f.direction = DIRECTION_IN;
	f.stream = name;
	f.first = seq;
	f.last = whenever ? seq + FORGOTTEN : seq;
	if (view_records(s, &f, &l, err) == -1)
		return -1;
	message_text_digest(m, digest);
	for (size_t i = 0; i < l.count && id[0] == '\0'; i++) {
		if (whenever)
			l.item[i].message.sent = m->sent;
		message_text_digest(&l.item[i].message, there);
		if (strcmp(digest, there) == 0)
			memcpy(id, l.item[i].id, MESSAGE_ID);
	}
	record_list_release(&l);
	return 0;
}

/* A text that had the number SEQ of NAME, at this time or another, or that came anew
 * under another number. */
static int find_text(struct store *s, struct stream_name name, uint64_t seq,
		     const struct message *m, char id[MESSAGE_ID], struct error *err)
{
	char number[MESSAGE_ID], digest[MESSAGE_DIGEST];
	bool repeated;

	message_text_digest(m, digest);
	message_id_format(name, seq, number);
	if (view_anew(s, DIRECTION_IN, number, digest, id, err) == -1)
		return -1;
	if (id[0] != '\0')
		return 0;
	if (view_repeated(s, number, digest, &repeated, err) == -1)
		return -1;
	if (!repeated)
		return find_words(s, name, seq, m, false, id, err);
	memcpy(id, number, MESSAGE_ID);
	return 0;
}

/* Under its own number, if we joined between that one and the number it was sent
 * anew under. `origin` is of what a clone before the present one accepted, too: typed
 * text is accepted at another time when it is taken in once more (come_back.c). */
int taken_before(struct store *s, const struct message *m, char id[MESSAGE_ID],
		 struct error *err)
{
	const char *origin = message_origin(m);
	struct stream_name name;
	uint64_t seq;

	if (find_text(s, m->stream, m->seq, m, id, err) == -1)
		return -1;
	if (id[0] != '\0' || origin == NULL ||
	    !message_id_parse(span_str(origin), &name, &seq) ||
	    name.from != m->stream.from)
		return 0;
	if (find_text(s, name, seq, m, id, err) == -1)
		return -1;
	return id[0] != '\0' ? 0 : find_words(s, name, seq, m, true, id, err);
}

int taken_at_another_time(struct store *s, const struct message *m, bool *out,
			  struct error *err)
{
	char id[MESSAGE_ID];
	int rc = find_words(s, m->stream, m->seq, m, true, id, err);

	*out = rc == 0 && id[0] != '\0';
	return rc;
}
