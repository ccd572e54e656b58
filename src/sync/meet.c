/*
 * What a message is that git brings, by what is here of its number and of its text (R7,
 * R8; early.h). Whoever reads one, or takes it up after a loss, asks this first
 * (inbound.c).
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/store_early.h"
#include "trine/taken.h"

enum fact {
	TEXT_HERE = 1,		/* under whatever number */
	NUMBER_USED = 2,	/* another text has it */
	NUMBER_WAITS = 4,	/* that came early, and git has not brought it */
	SAME_CLONE = 8,		/* and is of the same clone */
	SAID_AGAIN = 16,	/* the words are here, and come from a clone before */
	BESIDE_USED = 32,	/* its name beside that text is a third one's */
	TAKES_BACK = 64,	/* it is the tombstone of that text */
	WORDS_HERE = 128,	/* that text says the same, at another time */
	TAKEN_UP = 256		/* a life before this one may have received it */
};

/* The first row of which all facts are so. Of two texts with a number of one clone the
 * second was given a used number. Where the first came early, nobody knows of it but who
 * has it. Of two that say the same, of which both may have been received, one says it: a
 * clone of their writer that nobody knows any more had taken typed text in once more. */
static const struct {
	unsigned facts;
	enum met verdict;
} rows[] = {
	{ NUMBER_WAITS | TAKES_BACK, MET_BACK },
	{ TEXT_HERE, MET_HERE },
	{ NUMBER_USED | SAID_AGAIN, MET_AGAIN },
	{ NUMBER_USED | BESIDE_USED, MET_REUSED },
	{ NUMBER_USED | WORDS_HERE | TAKEN_UP, MET_AGAIN },
	{ NUMBER_WAITS, MET_BESIDE },
	{ NUMBER_USED | SAME_CLONE, MET_REUSED },
	{ NUMBER_USED, MET_BESIDE },
	{ 0, MET_NEW },
};

static enum met judge(unsigned facts)
{
	size_t i = 0;

	while ((facts & rows[i].facts) != rows[i].facts)
		i++;
	return rows[i].verdict;
}

/* Is it a clone before the one whose status was read last? Then its disk is back
 * from a backup, and does not know: the branch went back, too. */
static int is_of_before(struct cycle *c, const struct trailers *of, bool *out,
			struct error *err)
{
	struct error unreadable = ERROR_INIT;
	struct status last = STATUS_INIT;
	struct buf bytes = BUF_INIT;
	struct peer *l = NULL;
	size_t count = 0;

	*out = false;
	if (view_peers(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].computer == of->computer &&
		    repo_has(c->repo, l[i].blob) &&
		    repo_blob_read(c->repo, l[i].blob, LIMIT_FILE, &bytes,
				   &unreadable) == 0 &&
		    status_parse(span_of(&bytes), &last, &unreadable) == 0)
			*out = list_has(&last.former, of->clone);
	status_release(&last);
	buf_release(&bytes);
	peers_free(l, count);
	return 0;
}

/* What else there is to know where another text has the number of M, that of CLONE. */
static int look_beside(struct cycle *c, const struct message *m,
		       const struct commit_info *at, const char *clone,
		       const char *beside, unsigned *facts, struct error *err)
{
	bool same = strcmp(clone, at->trailers.clone) == 0, words, again, used;
	struct record_filter f = RECORD_FILTER_ALL;

	f.id = beside;
	if (view_any_record(c->store, f, &used, err) == -1 ||
	    taken_at_another_time(c->store, m, &words, err) == -1)
		return -1;
	again = words;
	if (again && !same && is_of_before(c, &at->trailers, &again, err) == -1)
		return -1;
	*facts |= NUMBER_USED | (same ? SAME_CLONE : 0U) | (used ? BESIDE_USED : 0U) |
		  (words ? WORDS_HERE : 0U) | (again ? SAID_AGAIN : 0U);
	return 0;
}

/* M, a tombstone, is for what came early with the text that it names, under whatever
 * number: both may have got another one since. Where it has that of M, M is met for it
 * alone. */
static int withdraw_elsewhere(struct cycle *c, const struct message *m,
			      const struct commit_info *at, const char *id,
			      struct error *err)
{
	struct list waiting = LIST_INIT;
	struct early early;
	int rc = 0;

	if (!message_is_tombstone(m))
		return 0;
	if (view_early_waiting(c->store, m->stream, &waiting, err) == -1)
		rc = -1;
	for (size_t i = 0; i < waiting.count && rc == 0; i++) {
		rc = view_early(c->store, waiting.item[i], &early, err);
		if (rc == 0 && strcmp(waiting.item[i], id) != 0 &&
		    message_retracts(m, early.digest))
			rc = record_withdrawn(c->store, waiting.item[i],
					      at->trailers.clone, at->oid.hex, NULL,
					      err);
	}
	list_release(&waiting);
	return rc;
}

int meet(struct cycle *c, const struct message *m, const struct commit_info *at,
	 bool taken_up, struct meeting *out, struct error *err)
{
	char here[MESSAGE_DIGEST], digest[MESSAGE_DIGEST], clone[CLONE_ID];
	unsigned facts;
	bool used;

	message_id_format(m->stream, m->seq, out->id);
	snprintf(out->beside, sizeof(out->beside), "%s~%s", out->id,
		 at->trailers.clone);
	memcpy(out->there, out->id, MESSAGE_ID);
	out->verdict = MET_HERE;
	if (withdraw_elsewhere(c, m, at, out->id, err) == -1 ||
	    view_number(c->store, m->stream, m->seq, &out->number, here, clone,
			err) == -1)
		return -1;
	message_digest(m, digest);
	used = out->number == NUMBER_RECORDED || out->number == NUMBER_EARLY;
	if (used && strcmp(digest, here) == 0)
		return 0;
	if (taken_before(c->store, m, out->there, err) == -1)
		return -1;
	facts = (out->there[0] != '\0' ? TEXT_HERE : 0U) |
		(out->number == NUMBER_EARLY ? NUMBER_WAITS : 0U) |
		(message_retracts(m, here) ? TAKES_BACK : 0U) |
		(taken_up ? TAKEN_UP : 0U);
	if (used && look_beside(c, m, at, clone, out->beside, &facts, err) == -1)
		return -1;
	out->verdict = judge(facts);
	return 0;
}

int meet_settle(struct cycle *c, const struct message *m,
		const struct commit_info *at, const struct meeting *met,
		struct error *err)
{
	const char *clone = at->trailers.clone;
	char digest[MESSAGE_DIGEST];

	if (met->verdict == MET_BACK)
		return record_withdrawn(c->store, met->id, clone, at->oid.hex, m, err);
	if (met->verdict == MET_HERE)
		return record_brought(c->store, met->there, met->id, clone, at->oid.hex,
				      err);
	message_text_digest(m, digest);
	return record_repeated(c->store, met->id, clone, digest, err);
}
