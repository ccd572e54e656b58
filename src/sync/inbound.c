/*
 * Streams of the others, as carried by commits they vouch for (R5): what receive
 * records of them. Their statuses: inbound_status.c.
 *
 * A version is read where it differs from the last one read. Numbers already
 * recorded are never taken in again (R7); gaps are looked up in the archive and
 * in history, then recorded as missing, and never hold up what follows (R8).
 */
#include "sync.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/mem.h"

/* A gap is looked for in so many commits and messages; of one version so many
 * numbers are recorded as missing. A stream of jumps alone must not cost more. */
enum { LOOK_BACK = 500, LOOK_MESSAGES = 10 * 1000, GAPS_RECORDED = 1000 };
enum { MONTH = 30 * 86400 };

/* --- one message --- */

struct reading {
	struct cycle *c;
	const struct commit_info *info;
	struct stream_name name;
	struct in_stream known;		/* what was read before */
	uint64_t upto;			/* highest number dealt with now */
	bool looked_back;		/* PAST holds what archive and history have */
	struct messages past;
	bool start_known;		/* START is what ALL had before our time */
	uint64_t start;
	unsigned missing;		/* numbers recorded so now */
	uint64_t passed_over;		/* the last gap too wide for that; 0: none */
};

/* What M, recorded as ID, does of itself. */
static int take_effect(struct cycle *c, const char *id, const struct message *m,
		       struct error *err)
{
	if (claims_take(c->home, id, m, err) == -1)
		return -1;
	return message_is_tombstone(m) ? record_read(c->store, id, "trine", err) : 0;
}

static int take(struct reading *r, const char *id, const struct message *m,
		struct error *err)
{
	const char *state = m->type == TYPE_TASK ? "QUEUED" : "";

	if (record_received(r->c->store, id, m, r->info->trailers.clone,
			    r->info->oid.hex, state, "", err) == -1)
		return -1;
	r->c->report->received++;
	return take_effect(r->c, id, m, err);
}

static int reject_reused(struct reading *r, const struct message *m,
			 const char *id, struct error *err)
{
	char digest[MESSAGE_DIGEST], why[STATUS_WHY];

	message_text_digest(m, digest);
	status_write_reused(why, digest);
	return record_rejected(r->c->store, m->stream, m->seq, id, why, err);
}

/* --- what a lost disk had received --- */

/* Is there a result of ours for ID, which is M? One that is older answers another text,
 * which had that number before its writer and the branch forgot it. */
static int is_answered(struct cycle *c, const char *id, const struct message *m,
		       bool *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	int rc;

	f.direction = DIRECTION_OUT;
	f.re = id;
	f.brief = true;
	rc = view_records(c->store, &f, &l, err);
	*out = false;
	for (size_t i = 0; i < l.count && rc == 0; i++)
		*out = *out || l.item[i].message.sent >= m->sent;
	record_list_release(&l);
	return rc;
}

static int take_in_doubt(struct cycle *c, const char *id, const struct message *m,
			 const struct commit_info *at, struct error *err)
{
	bool task = m->type == TYPE_TASK, answered = false;

	if (!task && m->sent <= c->now - MONTH)
		return 0;
	if (task && is_answered(c, id, m, &answered, err) == -1)
		return -1;
	if (answered)
		return 0;
	if (record_received(c->store, id, m, at->trailers.clone, at->oid.hex,
			    task ? "BLOCKED" : "",
			    task ? "in doubt" : "before the loss", err) == -1)
		return -1;
	return take_effect(c, id, m, err);
}

int inbound_take_back(struct cycle *c, const struct message *m,
		      const struct commit_info *at, struct error *err)
{
	struct meeting met;

	if (meet(c, m, at, true, &met, err) == -1)
		return -1;
	switch (met.verdict) {
	case MET_NEW:
		return take_in_doubt(c, met.id, m, at, err);
	case MET_BESIDE:
		return take_in_doubt(c, met.beside, m, at, err);
	case MET_REUSED:
		return 0;	/* if the branch still has it, it is read again */
	default:
		return meet_settle(c, m, at, &met, err);
	}
}

/* What was said to ALL before the time of this computer is not for it (R31). On a
 * branch of its writer's nothing says where that ended. */
static int find_start(struct reading *r, uint64_t seq, struct error *err)
{
	const char *start = r->c->marks.all_start;
	struct commit_info at = { 0 };
	struct messages l = { 0 };
	int rc = 0;

	r->start_known = true;
	if (r->name.to != END_ALL || strcmp(start, "-") == 0)
		return 0;
	r->start = r->known.upto;
	if (r->c->aside || !repo_has(r->c->repo, start))
		return 0;
	rc = newest_of(r->c, start, r->name.from, &at, err);
	if (rc == 0 && at.vouched)
		rc = stream_history(r->c, at.oid.hex, r->name, seq - 1, &l, err);
	r->start = l.count > 0 ? l.item[l.count - 1].seq : 0;
	messages_release(&l);
	commit_info_release(&at);
	return rc;
}

/* A number below where we came in or came back, that nothing has. Who joined knows it,
 * or it is not for it. Who came back knows only from its receipts that it had a text
 * there: the branch may have got that one since, or another one, if its writer forgot
 * the first one, too. Which of them it is nobody can know. */
static int take_late(struct reading *r, const char *id, const struct message *m,
		     struct error *err)
{
	if (r->c->me.former.count == 0)
		return 0;
	if (!r->start_known && find_start(r, m->seq, err) == -1)
		return -1;
	return m->seq <= r->start ? 0 : take_in_doubt(r->c, id, m, r->info, err);
}

static int take_message(struct reading *r, const struct message *m,
			struct error *err)
{
	struct meeting met;

	if (meet(r->c, m, r->info, false, &met, err) == -1)
		return -1;
	switch (met.verdict) {
	case MET_NEW:
		return met.number == NUMBER_UNKNOWN && m->seq <= r->known.upto ?
		       take_late(r, met.id, m, err) : take(r, met.id, m, err);
	case MET_BESIDE:
		return take(r, met.beside, m, err);
	case MET_REUSED:
		return reject_reused(r, m, met.id, err);
	default:
		return meet_settle(r->c, m, r->info, &met, err);
	}
}

/* Git has said nothing of a number yet. */
static bool is_due(enum number_state state)
{
	return state == NUMBER_UNKNOWN || state == NUMBER_EARLY;
}

static int refuse_number(struct reading *r, uint64_t seq, const char *why,
			 struct error *err)
{
	enum number_state state;
	char id[MESSAGE_ID];

	if (view_number(r->c->store, r->name, seq, &state, NULL, NULL, err) == -1)
		return -1;
	if (!is_due(state) || seq <= r->known.upto)
		return 0;
	return record_rejected(r->c->store, r->name, seq,
			       message_id_format(r->name, seq, id), why, err);
}

/* --- gaps --- */

struct history {
	struct reading *r;
	char last[OID_HEX];
	unsigned looked;
};

static int look_in_version(void *arg, const char *oid, struct error *err)
{
	struct history *h = arg;
	struct cycle *c = h->r->c;
	struct commit_info info = { 0 };
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid blob;
	bool found, ours;
	int rc = -1;

	if (h->looked++ >= LOOK_BACK || h->r->past.count >= LOOK_MESSAGES)
		return 1;
	if (history_read(c, oid, path_stream(h->r->name, path), &bytes, &blob,
		      &found, err) == -1)
		goto out;
	rc = 0;
	if (!found || strcmp(blob.hex, h->last) == 0)
		goto out;
	memcpy(h->last, blob.hex, sizeof(h->last));
	rc = repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err);
	ours = rc == 0 && info.vouched &&
	       info.trailers.computer == h->r->name.from;
	if (ours) {
		history_take(span_of(&bytes), h->r->name, h->r->known.upto,
			     &h->r->past);
		messages_sort(&h->r->past);
	}
out:
	commit_info_release(&info);
	buf_release(&bytes);
	return rc;
}

/* What the archive holds above what we know; where that does not fill the
 * first gap, older versions too. Once, however many gaps there are. */
static int look_back(struct reading *r, uint64_t above, uint64_t below,
		     struct error *err)
{
	struct history h = { .r = r };
	uint64_t filled = 0;

	if (r->looked_back)
		return 0;
	r->looked_back = true;
	if (history_archive(r->c, r->info->oid.hex, r->name, r->known.upto,
			    &r->past, err) == -1)
		return -1;
	messages_sort(&r->past);
	for (size_t i = 0; i < r->past.count; i++)
		filled += r->past.item[i].seq > above &&
			  r->past.item[i].seq < below;
	if (filled == below - above - 1)
		return 0;
	return repo_walk_back(r->c->repo, r->info->oid.hex, true,
			      look_in_version, &h, err);
}

/* Is one with the number N, from which on one asks for no lower one, among what archive
 * and history have? AT: how far one has come there. */
static bool was_found(const struct reading *r, uint64_t n, size_t *at)
{
	while (*at < r->past.count && r->past.item[*at].seq < n)
		++*at;
	return *at < r->past.count && r->past.item[*at].seq == n;
}

/* What was found is here, maybe under another number. */
static int record_gap(struct reading *r, uint64_t above, uint64_t below,
		      struct error *err)
{
	unsigned room = GAPS_RECORDED - r->missing;
	enum number_state state;
	size_t at = 0;

	if (below - above - 1 > room) {
		r->passed_over = below;
		above = below - 1 - room;
	}
	for (uint64_t n = above + 1; n < below; n++) {
		if (was_found(r, n, &at))
			continue;
		if (view_number(r->c->store, r->name, n, &state, NULL, NULL,
				err) == -1)
			return -1;
		if (!is_due(state))
			continue;
		r->missing++;
		if (record_missing(r->c->store, r->name, n, err) == -1)
			return -1;
	}
	return 0;
}

/* Numbers between ABOVE and BELOW: in the archive, else in older versions. */
static int fill_gap(struct reading *r, uint64_t above, uint64_t below,
		    struct error *err)
{
	if (look_back(r, above, below, err) == -1)
		return -1;
	for (size_t i = 0; i < r->past.count; i++)
		if (r->past.item[i].seq > above &&
		    r->past.item[i].seq < below &&
		    take_message(r, &r->past.item[i], err) == -1)
			return -1;
	return record_gap(r, above, below, err);
}

/* --- one stream --- */

static int find_known(struct reading *r, struct error *err)
{
	struct in_stream *l = NULL;
	size_t count = 0;

	memset(&r->known, 0, sizeof(r->known));
	if (view_in_streams(r->c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].name.from == r->name.from &&
		    l[i].name.to == r->name.to)
			r->known = l[i];
	free(l);
	return 0;
}

static int read_part(struct reading *r, const struct stream_part *part,
		     struct error *err)
{
	uint64_t seq = part->kind == PART_MESSAGE ? part->message.seq : part->seq;

	if (seq == 0)
		return 0;
	if (seq > r->upto + 1 && fill_gap(r, r->upto, seq, err) == -1)
		return -1;
	if (part->kind == PART_MESSAGE) {
		if (take_message(r, &part->message, err) == -1)
			return -1;
	} else if (refuse_number(r, seq, part->why, err) == -1) {
		return -1;
	}
	if (seq > r->upto)
		r->upto = seq;
	return 0;
}

/* An entry that has not even a number is shown; its number will be a gap. */
static int report_unreadable(struct reading *r, const struct stream_file *f,
			     struct error *err)
{
	char key[STREAM_NAME], text[256];

	stream_name_format(r->name, key);
	for (size_t i = 0; i < f->count; i++)
		if (f->part[i].kind == PART_BROKEN && f->part[i].seq == 0) {
			snprintf(text, sizeof(text), "an entry in it cannot be "
				 "read: %.160s", f->part[i].why);
			return record_problem(r->c->store, "rejected", key, text,
					      err);
		}
	return record_problem_over(r->c->store, "rejected", key, err);
}

/* A jump over more numbers than anybody could have sent is shown as one gap,
 * until a version comes without. */
static int report_passed_over(struct reading *r, struct error *err)
{
	char key[STREAM_NAME], text[160];

	stream_name_format(r->name, key);
	if (r->passed_over == 0)
		return record_problem_over(r->c->store, "missing", key, err);
	snprintf(text, sizeof(text), "jumps over more numbers than are listed, "
		 "the last time to %llu; what lies between is not taken in later",
		 (unsigned long long)r->passed_over);
	return record_problem(r->c->store, "missing", key, text, err);
}

static int read_stream(struct reading *r, struct span bytes, const char *blob,
		       struct error *err)
{
	struct stream_file f = { 0 };
	int rc = -1;

	stream_parse(bytes, r->name, false, &f);
	r->upto = r->known.upto;
	for (size_t i = 0; i < f.count; i++)
		if ((f.part[i].kind == PART_MESSAGE ||
		     f.part[i].kind == PART_BROKEN) &&
		    read_part(r, &f.part[i], err) == -1)
			goto out;
	if (report_unreadable(r, &f, err) == -1 ||
	    report_passed_over(r, err) == -1)
		goto out;
	rc = record_stream_read(r->c->store, r->name, r->info->trailers.clone,
				r->upto, blob, err);
out:
	messages_release(&r->past);
	stream_file_release(&f);
	return rc;
}

/* A text under a number that was dealt with may stand in a segment alone, if the
 * file was closed at once. What has a number above is found as a gap. */
static int read_closed(struct reading *r, struct error *err)
{
	struct messages l = { 0 };
	int rc = r->known.upto == 0 ? 0
		: history_brought(r->c, r->info, r->name, r->known.upto, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = take_message(r, &l.item[i], err);
	messages_release(&l);
	return rc;
}

static int read_stream_to(struct cycle *c, const struct commit_info *info,
			  int to, struct error *err)
{
	struct reading r = { .c = c, .info = info,
			     .name = { info->trailers.computer, to } };
	struct buf bytes = BUF_INIT;
	char path[PATH_TEXT];
	struct oid blob;
	bool found;
	int rc = -1;

	if (find_known(&r, err) == -1 ||
	    history_read(c, info->oid.hex, path_stream(r.name, path), &bytes,
		      &blob, &found, err) == -1)
		goto out;
	rc = 0;
	if (found && strcmp(blob.hex, r.known.blob) != 0 &&
	    (read_closed(&r, err) == -1 ||
	     read_stream(&r, span_of(&bytes), blob.hex, err) == -1))
		rc = -1;
out:
	buf_release(&bytes);
	return rc;
}

int inbound_read(struct cycle *c, const struct commit_info *info,
		 struct error *err)
{
	assert(info->vouched && info->trailers.computer != c->me.number);
	if (read_stream_to(c, info, c->me.number, err) == -1 ||
	    read_stream_to(c, info, END_ALL, err) == -1)
		return -1;
	return inbound_status(c, info, err);
}

/* --- first sight --- */

struct computers {
	bool here[LIMIT_COMPUTERS + 1];
};

static int note_computer(void *arg, const char *path, const char *old_oid,
			 const char *new_oid, enum entry_kind kind)
{
	struct computers *l = arg;
	struct path_info info = path_classify(path);

	(void)old_oid;
	(void)new_oid;
	if (kind == ENTRY_FILE &&
	    (info.kind == PATH_STATUS || info.kind == PATH_STREAM))
		l->here[info.computer] = true;
	return 0;
}

/* Where X_TO_ALL stood when this computer came to be: all up to there was said
 * before its time (R31). */
static int skip_before_start(struct cycle *c, int x, struct error *err)
{
	struct stream_name name = { x, END_ALL };
	struct reading had = { .c = c, .name = name };

	if (strcmp(c->marks.all_start, "-") == 0 ||
	    !repo_has(c->repo, c->marks.all_start))
		return 0;
	if (find_known(&had, err) == -1)
		return -1;
	/* else the clone before us had read on */
	return had.known.upto > 0 ? 0
		: inbound_skip(c, c->marks.all_start, name, 0, err);
}

int inbound_skip(struct cycle *c, const char *start, struct stream_name name,
		 uint64_t upto, struct error *err)
{
	struct commit_info at = { 0 };
	struct messages l = { 0 };
	int rc = -1;

	if (newest_of(c, start, name.from, &at, err) == -1)
		return -1;
	if (at.vouched &&
	    stream_history(c, at.oid.hex, name, upto, &l, err) == -1)
		goto out;
	rc = 0;
	if (l.count > 0)
		rc = record_stream_read(c->store, name, at.trailers.clone,
					l.item[l.count - 1].seq, "", err);
out:
	messages_release(&l);
	commit_info_release(&at);
	return rc;
}

static int note_computers(struct cycle *c, const char *commit, struct computers *out,
			  struct error *err)
{
	struct list paths = LIST_INIT;
	bool cut;
	int rc = repo_diff(c->repo, "", commit, cycle_prefix(c), note_computer, out,
			   &cut, err);

	if (rc == 0 && cut)
		rc = history_to_us(c, "", commit, &paths, err);
	for (size_t i = 0; i < paths.count; i++)
		note_computer(out, paths.item[i], "", "", ENTRY_FILE);
	list_release(&paths);
	return rc;
}

static int join_stream_of(struct cycle *c, int x, struct error *err)
{
	struct commit_info at = { 0 };
	int rc = -1;

	if (skip_before_start(c, x, err) == 0 &&
	    newest_of(c, c->tip.hex, x, &at, err) == 0)
		rc = at.vouched ? inbound_read(c, &at, err) : 0;
	commit_info_release(&at);
	return rc;
}

/* The branch may have gone back since that start, and get again what it had. */
int inbound_join(struct cycle *c, struct error *err)
{
	const char *start = c->marks.all_start;
	struct computers *l;
	int rc = 0;

	if (c->tip.hex[0] == '\0')
		return 0;
	l = xcalloc(1, sizeof(*l));
	if (note_computers(c, c->tip.hex, l, err) == -1 ||
	    (repo_has(c->repo, start) && note_computers(c, start, l, err) == -1))
		rc = -1;
	for (int x = 1; x <= LIMIT_COMPUTERS && rc == 0; x++)
		if (l->here[x] && x != c->me.number)
			rc = join_stream_of(c, x, err);
	free(l);
	return rc;
}
