/*
 * Ours that waits here, and that the branch has already: as loose text that was
 * taken in once more, or under another number. What a disk knows that came back
 * from a backup, or was copied, is less than what went out from it
 * (come_back.c).
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* --- loose text --- */

/* TEXT less what it begins with of messages of L that are news to our log; each
 * is TAKEN once. */
static int skip_found(struct cycle *c, const struct messages *l, bool *taken,
		      struct span *text, struct error *err)
{
	enum number_state state;

	for (size_t i = 0; i < l->count; i++) {
		const struct message *m = &l->item[i];
		struct span rest = *text;

		if (taken[i] ||
		    !stream_skip(&rest, (struct span){ m->body, m->body_len }))
			continue;
		if (own_text_find(c, m, &state, err) == -1)
			return -1;
		taken[i] = state != NUMBER_RECORDED;
		if (taken[i])
			*text = rest;
	}
	return 0;
}

static int adopt_rest(struct cycle *c, struct stream_name name,
		      struct span text, struct error *err)
{
	struct message m = MESSAGE_INIT;
	struct out_stream known;
	int rc;

	if (text.len == 0)
		return 0;
	rc = own_stream_find(c, name, &known, err);
	if (rc == 0)
		rc = stream_adopt(text, &m, err);
	m.stream = name;
	m.seq = known.last + 1;
	m.sent = c->now;
	if (rc == 0)
		rc = record_sent(c->store, &m, true, err);
	message_release(&m);
	return rc;
}

int sent_before_as_text(struct cycle *c, const struct messages *l,
			struct stream_name name, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list ours = { 0 };
	bool *taken = xcalloc(l->count + 1, sizeof(*taken));
	int rc;

	f.direction = DIRECTION_OUT;
	f.uncommitted = true;
	f.stream = name;
	rc = view_records(c->store, &f, &ours, err);
	for (size_t i = 0; i < ours.count && rc == 0; i++) {
		const struct message *m = &ours.item[i].message;
		struct span rest = { m->body, m->body_len };

		if (!ours.item[i].adopted)
			continue;
		rc = skip_found(c, l, taken, &rest, err);
		if (rc == -1 || rest.len == m->body_len)
			continue;
		rc = record_retracted(c->store, ours.item[i].id, err);
		if (rc == 0)
			rc = adopt_rest(c, name, rest, err);
	}
	record_list_release(&ours);
	free(taken);
	return rc;
}

/* --- under another number --- */

/* R as L has it under another number, if nothing has that here; NULL: it has not. */
static int find_elsewhere(struct cycle *c, const struct messages *l,
			  const struct record *r, const struct message **out,
			  struct error *err)
{
	enum number_state state;
	char digest[MESSAGE_DIGEST], ours[MESSAGE_DIGEST];

	*out = NULL;
	message_text_digest(&r->message, ours);
	for (size_t i = 0; i < l->count && *out == NULL; i++) {
		const struct message *m = &l->item[i];

		if (m->sent != r->message.sent || m->seq == r->message.seq)
			continue;
		message_text_digest(m, digest);
		if (strcmp(digest, ours) != 0)
			continue;
		if (own_text_find(c, m, &state, err) == -1)
			return -1;
		if (state == NUMBER_UNKNOWN)
			*out = m;
	}
	return 0;
}

static int move_there(struct cycle *c, const struct record *r,
		      const struct message *there, struct error *err)
{
	const char *origin = message_origin(there);

	return record_renumbered(c->store, r->id, there->seq,
				 origin != NULL ? origin : "", err);
}

int sent_before_elsewhere(struct cycle *c, const struct messages *l,
			  struct stream_name name, struct error *err)
{
	bool moved = true;
	int rc = 0;

	while (moved && rc == 0) {
		struct record_list ours = { 0 };

		moved = false;
		rc = own_waiting_find(c, l, name, &ours, err);
		for (size_t i = ours.count; i > 0 && rc == 0; i--) {
			struct record *r = &ours.item[i - 1];
			const struct message *there;

			rc = find_elsewhere(c, l, r, &there, err);
			if (rc == 0 && there != NULL) {
				rc = move_there(c, r, there, err);
				moved = true;
			}
		}
		record_list_release(&ours);
	}
	return rc;
}
