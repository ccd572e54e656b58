/*
 * Taking and giving messages before git brings them (early.h).
 */
#include "trine/early.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/store_early.h"
#include "trine/taken.h"

/* ---- who may ---- */

/* Why this computer gives and takes nothing early now; NULL: it does. */
static int find_bar(struct home *h, const char **why, struct error *err)
{
	struct problem *doubt = NULL;
	struct identity us;
	size_t count = 0;

	*why = NULL;
	if (settings_pushes_apart(&h->settings, h->number))
		*why = "this computer pushes to a branch of its own";
	if (view_identity(h->store, &us, err) == -1 ||
	    view_problems_of(h->store, "identity", &doubt, &count, err) == -1)
		return -1;
	if (!us.accepted)
		*why = "no push of this clone was accepted yet";
	else if (count > 0)
		*why = "another machine has the number of this computer";
	problems_free(doubt, count);
	identity_release(&us);
	return 0;
}

/* The clone of COMPUTER as its status on the tip has it; "": there is none. */
static int clone_of(struct home *h, int computer, char out[CLONE_ID],
		    struct error *err)
{
	struct peer *l = NULL;
	size_t count = 0;

	out[0] = '\0';
	if (view_peers(h->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].computer == computer)
			memcpy(out, l[i].clone, CLONE_ID);
	peers_free(l, count);
	return 0;
}

/* ---- taking ---- */

struct taking {
	struct home *h;
	const struct early_letter *l;
	char id[MESSAGE_ID];
	enum early_fate fate;
	const char *why;	/* it waits */
};

static int upto_of(struct home *h, struct stream_name name, uint64_t *out,
		   struct error *err)
{
	struct in_stream *l = NULL;
	size_t count = 0;

	*out = 0;
	if (view_in_streams(h->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].name.from == name.from && l[i].name.to == name.to)
			*out = l[i].upto;
	free(l);
	return 0;
}

/* What only the branch decides. */
static bool is_for_the_fleet(const struct message *m)
{
	return message_claim_one(m) ||
	       (m->type == TYPE_RESULT && m->stream.to == END_ALL);
}

static bool is_of_another_branch(const struct taking *t)
{
	const char *ours = t->h->settings.branch, *theirs = t->l->branch;

	return ours != NULL && theirs != NULL && strcmp(ours, theirs) != 0;
}

static int look_at_sender(struct taking *t, struct error *err)
{
	const struct message *m = &t->l->message;
	char clone[CLONE_ID];
	uint64_t count;

	if (find_bar(t->h, &t->why, err) == -1 ||
	    clone_of(t->h, m->stream.from, clone, err) == -1 ||
	    view_early_count(t->h->store, m->stream.from, &count, err) == -1)
		return -1;
	if (t->why != NULL)
		return 0;
	if (is_of_another_branch(t))
		t->why = "it is of another branch";
	else if (strcmp(clone, t->l->clone) != 0)
		t->why = "its clone is not the one on the branch";
	else if (is_for_the_fleet(m))
		t->why = "what one of several does, the branch decides";
	else if (count >= EARLY_MOST)
		t->why = "many of its computer wait for git";
	return 0;
}

static int is_marked(struct taking *t, bool *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.id = t->id;
	f.brief = true;
	if (view_records(t->h->store, &f, &l, err) == -1)
		return -1;
	*out = l.count > 0 && l.item[0].note[0] != '\0';
	record_list_release(&l);
	return 0;
}

/* Something has its number. A tombstone for what came early is shown at once; git says
 * whether that is so. */
static int meet_known(struct taking *t, struct error *err)
{
	char digest[MESSAGE_DIGEST], there[MESSAGE_DIGEST], clone[CLONE_ID];
	const struct message *m = &t->l->message;
	enum number_state state;
	bool marked;

	if (view_number(t->h->store, m->stream, m->seq, &state, there, clone,
			err) == -1)
		return -1;
	message_digest(m, digest);
	if (strcmp(digest, there) == 0) {
		t->fate = EARLY_KNOWN;
		return 0;
	}
	if (state != NUMBER_EARLY || !message_retracts(m, there) ||
	    strcmp(clone, t->l->clone) != 0) {
		t->why = "another text has its number";
		return 0;
	}
	if (is_marked(t, &marked, err) == -1)
		return -1;
	t->fate = marked ? EARLY_KNOWN : EARLY_TAKEN;
	return marked ? 0 :
	       record_withdrawn(t->h->store, t->id, t->l->clone, "", NULL, err);
}

static int meet_new(struct taking *t, struct error *err)
{
	const struct message *m = &t->l->message;
	char there[MESSAGE_ID];

	if (taken_before(t->h->store, m, there, err) == -1)
		return -1;
	if (there[0] != '\0') {
		t->fate = EARLY_KNOWN;
		return 0;
	}
	if (record_received_early(t->h->store, m, t->l->clone, err) == -1)
		return -1;
	t->fate = EARLY_TAKEN;
	return message_is_tombstone(m) ?
	       record_read(t->h->store, t->id, "trine", err) : 0;
}

static int look_at_number(struct taking *t, struct error *err)
{
	const struct message *m = &t->l->message;
	enum number_state state;
	uint64_t upto;

	if (view_number(t->h->store, m->stream, m->seq, &state, NULL, NULL,
			err) == -1 ||
	    upto_of(t->h, m->stream, &upto, err) == -1)
		return -1;
	if (state == NUMBER_RECORDED || state == NUMBER_EARLY)
		return meet_known(t, err);
	if (m->seq > upto && state == NUMBER_UNKNOWN)
		return meet_new(t, err);
	t->why = "git has come to its number";
	return 0;
}

static int take(struct taking *t, struct error *err)
{
	if (look_at_sender(t, err) == -1)
		return -1;
	return t->why != NULL ? 0 : look_at_number(t, err);
}

static int check_ends(const struct home *h, int from, const struct message *m,
		      struct error *err)
{
	if (m->stream.from != from || from == h->number)
		return error_set(err, ERR_REFUSED, "computer %d may not send for "
				 "computer %d", from, m->stream.from);
	if (m->stream.to != h->number && m->stream.to != END_ALL)
		return error_set(err, ERR_REFUSED, "it is for computer %d, and this is "
				 "%d", m->stream.to, h->number);
	return 0;
}

int early_take(struct home *h, int from, const struct early_letter *l,
	       enum early_fate *fate, char why[EARLY_WHY], struct error *err)
{
	struct taking t = { .h = h, .l = l, .fate = EARLY_WAITS };

	message_id_format(l->message.stream, l->message.seq, t.id);
	if (check_ends(h, from, &l->message, err) == -1 ||
	    store_begin(h->store, err) == -1 ||
	    store_end(h->store, take(&t, err), err) == -1)
		return -1;
	*fate = t.fate;
	snprintf(why, EARLY_WHY, "%s", t.why != NULL ? t.why : "");
	return 0;
}

int early_have(struct home *h, int from, struct early_mark out[2], struct error *err)
{
	const int to[] = { h->number, END_ALL };

	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		struct stream_name name = { from, to[i] };
		uint64_t upto, early;

		if (upto_of(h, name, &upto, err) == -1 ||
		    view_early_highest(h->store, name, &early, err) == -1)
			return -1;
		out[i] = (struct early_mark){ name, upto > early ? upto : early };
	}
	return 0;
}

/* ---- giving ---- */

/* What was typed may have been taken in before, on a disk that is a backup now: no more
 * is known of that than git says (R18, R28). */
static bool may_go(const struct record *r)
{
	return !r->adopted && !is_for_the_fleet(&r->message);
}

static int offer(struct home *h, const struct record_list *l, struct list *frames,
		 uint64_t *upto, struct error *err)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct record *r = &l->item[i];
		struct buf frame = BUF_INIT;
		bool fits;
		int rc = 0;

		*upto = r->message.seq;
		if (!may_go(r))
			continue;
		early_write(&frame, r, h->settings.branch, &fits);
		if (fits && r->committed == 0 && r->early == 0)
			rc = record_offered(h->store, r->id, err);
		if (rc == 0 && fits)
			list_add(frames, frame.data);
		buf_release(&frame);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* Up to where the reader of STREAM has a receipt for it; of one to all, 0. */
static int receipt_of(struct home *h, struct stream_name stream, uint64_t *out,
		      struct error *err)
{
	struct peer *l = NULL;
	size_t count = 0;

	*out = 0;
	if (view_peers(h->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < l[i].received_count; k++) {
			const struct receipt *r = &l[i].received[k];

			if (l[i].computer == stream.to &&
			    r->stream.from == stream.from &&
			    r->stream.to == stream.to)
				*out = r->upto;
		}
	peers_free(l, count);
	return 0;
}

static int find_and_offer(struct home *h, struct stream_name stream, uint64_t above,
			  size_t most, struct list *frames, uint64_t *upto,
			  struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	const char *bar;
	uint64_t receipt;
	int rc;

	if (find_bar(h, &bar, err) == -1 ||
	    receipt_of(h, stream, &receipt, err) == -1)
		return -1;
	if (bar != NULL)
		return 0;
	f.direction = DIRECTION_OUT;
	f.stream = stream;
	f.first = (above > receipt ? above : receipt) + 1;
	f.limit = most;
	if (view_records(h->store, &f, &l, err) == -1)
		return -1;
	rc = offer(h, &l, frames, upto, err);
	record_list_release(&l);
	return rc;
}

int early_offer(struct home *h, struct stream_name stream, uint64_t above,
		size_t most, struct list *frames, uint64_t *upto, struct error *err)
{
	int rc;

	*upto = above;
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = store_end(h->store, find_and_offer(h, stream, above, most, frames, upto,
						err), err);
	if (rc == -1)
		list_release(frames);	/* not recorded: they must not go out */
	return rc;
}
