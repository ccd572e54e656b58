/*
 * Our texts that a reader rejected because it has another one under the number:
 * this disk and the remote both went back, and the number was given out again.
 * Receive ends with a look at what readers complain about, and sends such a text
 * once more, under a new number (protocol R7).
 *
 * What was done stands in the messages themselves: the new one names the old one
 * in `origin`, so that a run that was killed, and a clone that takes its messages
 * from the branch, see that it is done.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

#include "trine/yaml.h"

/* A reader that rejects whatever comes must not be written to for ever. */
enum { LIMIT_ANEW = 3 };

/* Ours under ID: *FOUND. Release OUT then. */
static int find_ours(struct cycle *c, const char *id, struct record *out,
		     bool *found, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.id = id;
	f.direction = DIRECTION_OUT;
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	*found = l.count > 0;
	if (*found) {
		*out = l.item[0];
		l.item[0] = (struct record){ .message = MESSAGE_INIT };
	}
	record_list_release(&l);
	return 0;
}

/* Whose text M brings anew; NULL: nobody's. What was typed in a life before this
 * one may name itself (come_back.c). */
static const char *brings_anew(const struct message *m)
{
	const char *origin = message_origin(m);
	char id[MESSAGE_ID];

	message_id_format(m->stream, m->seq, id);
	return origin != NULL && strcmp(origin, id) != 0 ? origin : NULL;
}

/* How often was the text of M sent anew until now? */
static int count_times(struct cycle *c, const struct message *m,
		       const char *digest, unsigned *out, struct error *err)
{
	char id[MESSAGE_ID] = "", text[MESSAGE_DIGEST];
	const char *origin = brings_anew(m);
	bool found = origin != NULL;

	*out = 0;
	if (found)
		snprintf(id, sizeof(id), "%s", origin);
	while (found && *out < LIMIT_ANEW) {
		struct record r;

		if (find_ours(c, id, &r, &found, err) == -1)
			return -1;
		if (!found)
			break;
		message_text_digest(&r.message, text);
		origin = brings_anew(&r.message);
		*out += strcmp(text, digest) == 0;
		found = origin != NULL && strcmp(text, digest) == 0;
		snprintf(id, sizeof(id), "%s", found ? origin : "");
		record_release(&r);
	}
	return 0;
}

/* Above all numbers that anybody has a receipt for. */
static int give_number(struct cycle *c, struct message *m, struct error *err)
{
	struct out_stream *l = NULL;
	size_t count = 0;

	if (identity_skip_numbers(c, err) == -1 ||
	    view_out_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].name.from == m->stream.from &&
		    l[i].name.to == m->stream.to)
			m->seq = l[i].last + 1;
	out_streams_free(l, count);
	return 0;
}

bool anew_copy(const struct record *old, struct message *out)
{
	struct error too_much = ERROR_INIT;
	struct buf origin = BUF_INIT;

	message_copy(out, &old->message);
	yaml_write(&origin, old->id);
	message_add_extra(out, "origin", origin.data);
	buf_release(&origin);
	return message_check(out, &too_much) == 0;
}

static int repeat(struct cycle *c, const struct record *old, struct error *err)
{
	struct message m;
	char id[MESSAGE_ID];
	int rc = 0;

	if (!anew_copy(old, &m))
		goto out;	/* stays listed */
	rc = give_number(c, &m, err);
	if (rc == 0)
		rc = record_sent(c->store, &m, false, err);
	if (rc == 0)
		cycle_say(c, "send %s anew as %s", old->id,
			  message_id_format(m.stream, m.seq, id));
out:
	message_release(&m);
	return rc;
}

/* Is it this text that was rejected, by a reader of its stream, and not sent
 * anew yet? */
static int is_due(struct cycle *c, const struct record *r, int reader,
		  const char *digest, bool *out, struct error *err)
{
	char text[MESSAGE_DIGEST], anew[MESSAGE_ID];
	int to = r->message.stream.to;
	unsigned times;

	message_text_digest(&r->message, text);
	*out = r->pushed != 0 && strcmp(text, digest) == 0 &&
	       (to == END_ALL || to == reader);
	if (!*out)
		return 0;
	if (view_anew(c->store, r->id, digest, anew, err) == -1 ||
	    count_times(c, &r->message, digest, &times, err) == -1)
		return -1;
	*out = anew[0] == '\0' && times < LIMIT_ANEW;
	return 0;
}

static int answer(struct cycle *c, const struct complaint *complaint,
		  struct error *err)
{
	char digest[MESSAGE_DIGEST];
	struct record r;
	bool found, due;
	int rc;

	if (!status_reused(complaint->why, digest))
		return 0;
	if (find_ours(c, complaint->id, &r, &found, err) == -1)
		return -1;
	if (!found)
		return 0;
	rc = is_due(c, &r, complaint->computer, digest, &due, err);
	if (rc == 0 && due)
		rc = repeat(c, &r, err);
	record_release(&r);
	return rc;
}

int send_anew(struct cycle *c, struct error *err)
{
	struct complaint *l = NULL;
	size_t count = 0;
	int rc = 0;

	if (c->stopped)
		return 0;	/* the other machine answers */
	if (view_complaints(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = answer(c, &l[i], err);
	complaints_free(l, count);
	return rc;
}
