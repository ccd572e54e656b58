/*
 * What was taken in of others, by its text (taken.h).
 */
#include "trine/taken.h"

#include <stdio.h>
#include <string.h>

/* How many numbers a disk may have forgotten that a text is looked for under; and how
 * many of these it may have used up by others before it took that in once more. */
enum { FORGOTTEN = 1000, USED_UP = 50 };

/* The numbers right before *SEQ which had two texts each were forgotten with it. */
static int find_forgotten(struct store *s, struct stream_name name, uint64_t *seq,
			  struct error *err)
{
	const uint64_t last = *seq > USED_UP ? *seq - USED_UP : 1;
	char id[MESSAGE_ID];
	bool reused = true;
	int rc = 0;

	while (rc == 0 && reused && *seq > last) {
		rc = view_reused(s, message_id_format(name, *seq - 1, id), &reused, err);
		*seq -= rc == 0 && reused;
	}
	return rc;
}

/* The first received under the number SEQ of NAME, or one that its writer forgot with
 * it, that has the words of M, whenever they were said. */
static int find_words(struct store *s, struct stream_name name, uint64_t seq,
		      const struct message *m, char id[MESSAGE_ID], struct error *err)
{
	const uint64_t last = seq + FORGOTTEN;

	if (find_forgotten(s, name, &seq, err) == -1)
		return -1;
	return view_said(s, name, seq, last, m, true, id, err);
}

/* A text that had the number SEQ of NAME, at this time or another, or that came anew
 * under another number. */
static int find_text(struct store *s, struct stream_name name, uint64_t seq,
		     const struct message *m, char id[MESSAGE_ID], struct error *err)
{
	char number[MESSAGE_ID], digest[MESSAGE_DIGEST];
	bool repeated;

	message_id_format(name, seq, number);
	if (view_said_anew(s, number, m, id, err) == -1)
		return -1;
	if (id[0] != '\0')
		return 0;
	message_text_digest(m, digest);
	if (view_repeated(s, number, digest, &repeated, err) == -1)
		return -1;
	if (!repeated)
		return view_said(s, name, seq, seq, m, false, id, err);
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
	return id[0] != '\0' ? 0 : find_words(s, name, seq, m, id, err);
}

int taken_at_another_time(struct store *s, const struct message *m, bool *out,
			  struct error *err)
{
	char id[MESSAGE_ID];
	int rc = find_words(s, m->stream, m->seq, m, id, err);

	*out = rc == 0 && id[0] != '\0';
	return rc;
}
