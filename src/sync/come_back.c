/*
 * Coming back: a new clone (set up again, taken over, restored from a backup)
 * takes up where the newest own commit on the tip says it was (protocol R28 to
 * R30). Receive calls this until a push of the clone was accepted; each part
 * knows what it has taken already, so that doing it again changes nothing.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

enum { LIMIT_LEAP = 100000 };	/* a receipt for more than this is no receipt */

static int take_former(struct cycle *c, const struct status *s, const char *clone,
		       struct error *err)
{
	size_t before = c->me.former.count;

	/* A clone before that one: this disk is from before it was accepted. */
	if (list_has(&s->former, c->me.clone))
		identity_renew(c);
	for (size_t i = 0; i < s->former.count; i++)
		if (clone_id_valid(span_str(s->former.item[i])) &&
		    !identity_is_ours(c, s->former.item[i]))
			list_add(&c->me.former, s->former.item[i]);
	if (!identity_is_ours(c, clone))
		list_add(&c->me.former, clone);
	return c->me.former.count == before
		? 0 : record_identity(c->store, &c->me, err);
}

/* --- own unpushed commits --- */

struct forgetting {
	struct cycle *c;
	struct error *err;
};

/* A copy of ours that a killed publish did not bring to the desk, or that went with most
 * of it, is nowhere else: what lost may be gone from there. */
static int bring_copy(struct cycle *c, const char *path, const char *oid,
		      struct error *err)
{
	struct path_info info = path_classify(path);
	struct buf text = BUF_INIT;
	int rc;

	if (info.kind != PATH_CONFLICT || info.computer != c->me.number ||
	    desk_find(&c->desk, path) != NULL ||
	    (desk_published(c, path)[0] != '\0' && !c->desk.damaged))
		return 0;
	rc = repo_blob_read(c->repo, oid, LIMIT_FILE, &text, err);
	if (rc == 0)
		rc = desk_bring(c, path, span_of(&text), err);
	buf_release(&text);
	return rc;
}

static int forget_path(void *arg, const char *path, const char *was,
		       const char *is, enum entry_kind kind)
{
	struct forgetting *f = arg;

	if (kind != ENTRY_FILE || path_refused(path) != NULL ||
	    owner_of(path, NULL).kind == OWNER_COMPUTER)
		return 0;
	if (was[0] == '\0' && bring_copy(f->c, path, is, f->err) == -1)
		return -1;
	return record_forgotten(f->c->store, path, is, was, f->err);
}

/* What people changed of shared files is theirs again: an edit of the desk. */
static int drop_commit(struct cycle *c, const struct own_commit *commit,
		       struct error *err)
{
	struct forgetting f = { .c = c, .err = err };
	bool cut;

	if (repo_has(c->repo, commit->oid) &&
	    repo_diff(c->repo, commit->parent, commit->oid, cycle_prefix(c),
		      forget_path, &f, &cut, err) == -1)
		return -1;
	return record_dropped(c->store, commit->oid, err);
}

/* They hold numbers that the branch may have given out meanwhile: their messages
 * are committed anew, under new numbers. The newest goes first. */
static int drop_unpushed(struct cycle *c, struct error *err)
{
	struct own_commit *l = NULL;
	size_t count = 0;
	int rc = 0;

	if (view_unpushed(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = count; i > 0 && rc == 0; i--)
		rc = drop_commit(c, &l[i - 1], err);
	free(l);
	return rc == 0 && count > 0 ? desk_reload(c, err) : rc;
}

/* --- own messages on the branch --- */

int own_text_find(struct cycle *c, const struct message *m,
		  enum number_state *state, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	char id[MESSAGE_ID], digest[MESSAGE_DIGEST];

	*state = NUMBER_UNKNOWN;
	f.id = message_id_format(m->stream, m->seq, id);
	f.direction = DIRECTION_OUT;
	f.brief = true;
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	message_digest(m, digest);
	if (l.count > 0)
		*state = strcmp(l.item[0].digest, digest) == 0
			? NUMBER_RECORDED : NUMBER_REJECTED;
	record_list_release(&l);
	return 0;
}

/* The log's text of a number that was pushed stays; the other one is kept. */
static int keep_other_text(struct cycle *c, const struct message *m,
			   struct error *err)
{
	char path[PATH_TEXT];
	struct loser loser = { .path = path_stream(m->stream, path),
			       .why = "another text under a number of ours" };
	struct buf text = BUF_INIT;
	int rc;

	message_write(&text, m);
	loser.text = span_of(&text);
	rc = copies_keep(c, &loser, err);
	buf_release(&text);
	return rc;
}

static int take_own_message(struct cycle *c, const struct message *m,
			    const char *clone, struct error *err)
{
	enum number_state state;

	if (own_text_find(c, m, &state, err) == -1)
		return -1;
	/* One that waits here is on the branch, too, if a copy of this disk sent
	 * it: from now on it waits no more. */
	return state == NUMBER_REJECTED ? keep_other_text(c, m, err)
		: record_found(c->store, m, clone, err);
}

int own_stream_find(struct cycle *c, struct stream_name name,
		    struct out_stream *out, struct error *err)
{
	struct out_stream *l = NULL;
	size_t count = 0;

	*out = (struct out_stream){ .name = name };
	if (view_out_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].name.from == name.from && l[i].name.to == name.to)
			*out = l[i];
	out->preamble = NULL;
	out_streams_free(l, count);
	return 0;
}

static bool has_message(const struct messages *l, const struct record *r)
{
	char digest[MESSAGE_DIGEST];

	for (size_t i = 0; i < l->count; i++) {
		if (l->item[i].seq != r->message.seq)
			continue;
		message_digest(&l->item[i], digest);
		return strcmp(digest, r->digest) == 0;
	}
	return false;
}

int own_waiting_find(struct cycle *c, const struct messages *l,
		     struct stream_name name, struct record_list *out,
		     struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	size_t kept = 0;

	f.direction = DIRECTION_OUT;
	f.uncommitted = true;
	f.stream = name;
	if (view_records(c->store, &f, out, err) == -1)
		return -1;
	for (size_t i = 0; i < out->count; i++)
		if (has_message(l, &out->item[i]))
			record_release(&out->item[i]);
		else
			out->item[kept++] = out->item[i];
	out->count = kept;
	return 0;
}

/* --- their numbers --- */

/* What a clone before this one accepted may have gone out under the number it
 * has, and been received: it names the first number that it had, as if it were
 * sent anew (R7). Who has it under that takes it in no more; who has another text
 * there, or nothing, takes it in. */
static int renumber(struct cycle *c, const struct record *r, uint64_t seq,
		    struct error *err)
{
	struct message m = MESSAGE_INIT;
	const char *origin = NULL;
	int rc;

	if (strcmp(r->clone, c->me.clone) != 0 &&
	    message_origin(&r->message) == NULL && anew_copy(r, &m))
		origin = message_origin(&m);
	rc = record_renumbered(c->store, r->id, seq, origin, err);
	message_release(&m);
	return rc;
}

/* The numbers behind TOP, in the order they have, none left out. Those that go
 * up make room for each other from the last one on, those that go down from the
 * first one. */
static int move_up(struct cycle *c, const struct record_list *ours,
		   uint64_t top, struct error *err)
{
	for (size_t i = ours->count; i > 0; i--)
		if (ours->item[i - 1].message.seq < top + i &&
		    renumber(c, &ours->item[i - 1], top + i, err) == -1)
			return -1;
	for (size_t i = 0; i < ours->count; i++)
		if (ours->item[i].message.seq > top + i + 1 &&
		    renumber(c, &ours->item[i], top + i + 1, err) == -1)
			return -1;
	return 0;
}

/* Ours that wait, where one of them has a number that may have been given to
 * another text: all get the next numbers that nobody had, so that their order
 * stays (R30). */
static int make_room(struct cycle *c, const struct messages *l,
		     const struct out_stream *s, struct error *err)
{
	uint64_t top = s->committed > s->floor ? s->committed : s->floor;
	struct record_list ours = { 0 };
	int rc = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].seq > top)
			top = l->item[i].seq;
	if (own_waiting_find(c, l, s->name, &ours, err) == -1)
		return -1;
	if (ours.count > 0 && ours.item[0].message.seq <= top)
		rc = move_up(c, &ours, top, err);
	record_list_release(&ours);
	return rc;
}

/* What was typed on a disk from a backup was taken in before the branch was seen.
 * Where it does not stand there, it may have been taken in and received all the
 * same, at another time: under the number it has here it names that one. */
static int name_typed(struct cycle *c, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	int rc;

	f.direction = DIRECTION_OUT;
	f.uncommitted = true;
	rc = view_records(c->store, &f, &l, err);
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (l.item[i].adopted)
			rc = renumber(c, &l.item[i], l.item[i].message.seq, err);
	record_list_release(&l);
	return rc;
}

/* Numbers between those of L had texts once that are on no branch and in no log
 * of ours: nobody took them back, and nothing says so (own.c, tombstones). */
static int skip_gaps(struct cycle *c, const struct messages *l,
		     const struct out_stream *s, struct error *err)
{
	uint64_t next = s->floor + 1, last = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (l->item[i].seq > next)
			last = l->item[i].seq;
		if (l->item[i].seq >= next)
			next = l->item[i].seq + 1;
	}
	return last == 0 ? 0 : record_numbering(c->store, s->name, last - 1, err);
}

static int take_own_stream(struct cycle *c, const struct commit_info *at,
			   struct stream_name name, struct error *err)
{
	struct messages l = { 0 };
	struct out_stream known;
	int rc = -1;

	if (stream_history(c, at->oid.hex, name, 0, &l, err) == -1 ||
	    sent_before_as_text(c, &l, name, err) == -1 ||
	    sent_before_elsewhere(c, &l, name, err) == -1 ||
	    own_stream_find(c, name, &known, err) == -1 ||
	    make_room(c, &l, &known, err) == -1)
		goto out;
	for (size_t i = 0; i < l.count; i++)
		if (take_own_message(c, &l.item[i], at->trailers.clone,
				     err) == -1)
			goto out;
	rc = skip_gaps(c, &l, &known, err);
out:
	messages_release(&l);
	return rc;
}

/* The text above the open segment. */
static int take_preamble(struct cycle *c, const char *oid,
			 struct stream_name name, struct error *err)
{
	struct buf bytes = BUF_INIT, usual = BUF_INIT;
	struct stream_file f = { 0 };
	int rc = -1;

	if (repo_blob_read(c->repo, oid, LIMIT_FILE, &bytes, err) == -1)
		goto out;
	stream_parse(span_of(&bytes), name, false, &f);
	stream_write_preamble(&usual, name, 0);
	rc = 0;
	if (f.count > 0 && f.part[0].kind == PART_PREAMBLE && f.marked &&
	    !span_equal(text_trim(f.part[0].bytes), text_trim(span_of(&usual))))
		rc = record_preamble(c->store, name, f.part[0].bytes, err);
out:
	stream_file_release(&f);
	buf_release(&usual);
	buf_release(&bytes);
	return rc;
}

static int take_own_streams(struct cycle *c, const struct commit_info *at,
			    struct error *err)
{
	struct own_files files = { 0 };
	int rc = -1;

	if (repo_own_files(c->repo, at->oid.hex, cycle_prefix(c), c->me.number,
			   &files, err) == -1)
		return -1;
	for (size_t i = 0; i < files.count; i++) {
		struct path_info info = path_classify(files.file[i].path);

		if (info.kind != PATH_STREAM)
			continue;
		if (take_own_stream(c, at, info.stream, err) == -1 ||
		    take_preamble(c, files.file[i].oid, info.stream, err) == -1)
			goto out;
	}
	rc = 0;
out:
	own_files_release(&files);
	return rc;
}

int come_back_stream(struct cycle *c, const struct commit_info *at,
		     struct stream_name name, uint64_t upto, struct error *err)
{
	struct messages l = { 0 };
	int rc = -1;

	if (upto == 0)
		return 0;
	if (stream_history(c, at->oid.hex, name, 0, &l, err) == -1)
		goto out;
	for (size_t i = 0; i < l.count && l.item[i].seq <= upto; i++)
		if (inbound_take_back(c, &l.item[i], at, err) == -1)
			goto out;
	rc = 0;
out:
	messages_release(&l);
	return rc;
}

/* What else it had received stands on branches of the others; they are looked at
 * as if for the first time (radar_take.c). */
static int forget_branches(struct cycle *c, struct error *err)
{
	struct branch *l = NULL;
	size_t count = 0;
	int rc = view_branches(c->store, &l, &count, err);

	for (size_t i = 0; i < count && rc == 0; i++)
		if (settings_branch_owner(&c->home->settings, l[i].name) > 0)
			rc = record_branch_gone(c->store, l[i].name, err);
	branches_free(l, count);
	return rc;
}

static uint64_t read_upto(const struct in_stream *l, size_t count,
			  struct stream_name name)
{
	for (size_t i = 0; i < count; i++)
		if (l[i].name.from == name.from && l[i].name.to == name.to)
			return l[i].upto;
	return 0;
}

/* The streams of one writer stand together, so that its newest commit is looked
 * for once. */
static int take_receipts(struct cycle *c, const struct status *s,
			 struct error *err)
{
	struct commit_info newest = { 0 };
	struct in_stream *l = NULL;
	size_t count = 0;
	int rc = 0, writer = 0;

	if (view_in_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < s->received_count && rc == 0; i++) {
		struct receipt *r = &s->received[i];

		if (r->mark[0] != '\0' || r->stream.from < 1 ||
		    r->stream.from == c->me.number)
			continue;
		if (r->stream.from != writer) {
			commit_info_release(&newest);
			writer = r->stream.from;
			rc = newest_of(c, c->tip.hex, writer, &newest, err);
		}
		if (rc == 0 && newest.vouched)
			rc = come_back_stream(c, &newest, r->stream, r->upto,
					      err);
		if (rc == 0 && r->upto > read_upto(l, count, r->stream))
			rc = record_stream_read(c->store, r->stream, "", r->upto,
						"", err);
	}
	commit_info_release(&newest);
	free(l);
	return rc;
}

/* May it have gone out under the number it has? What a clone before this one
 * accepted may have, and so may what a push held that nobody answered. */
static int may_be_out(struct cycle *c, const struct record *r, bool *out,
		      struct error *err)
{
	*out = true;
	return strcmp(r->clone, c->me.clone) != 0
		? 0 : view_commit_held(c->store, r->id, out, err);
}

/* What nobody can have makes room above TOP; what may be out stays. */
static int make_room_above(struct cycle *c, struct stream_name name,
			   uint64_t top, struct error *err)
{
	static const struct messages none;
	struct record_list ours = { 0 };
	struct record *r;
	size_t kept = 0;
	bool out;
	int rc = 0;

	if (own_waiting_find(c, &none, name, &ours, err) == -1)
		return -1;
	for (size_t i = 0; i < ours.count; i++) {
		r = &ours.item[i];
		out = true;
		if (rc == 0)
			rc = may_be_out(c, r, &out, err);
		if (out)
			record_release(r);
		else
			ours.item[kept++] = *r;
	}
	ours.count = kept;
	if (rc == 0 && ours.count > 0 && ours.item[0].message.seq <= top)
		rc = move_up(c, &ours, top, err);
	record_list_release(&ours);
	return rc;
}

/* Somebody has a receipt for numbers up to UPTO of a stream of ours: they were
 * given out by a disk that is gone, or before this one went back. None is given
 * out again. A text that has such a number here may be the very one that was
 * received, and keeps it: if it is another one, its readers say so, and it is
 * sent anew, or they tell it apart by the clone (R7). What a new clone accepted
 * itself, and no push held, is another one, and makes room. */
static int skip_numbers(struct cycle *c, struct stream_name name, uint64_t upto,
			bool *dropped, struct error *err)
{
	struct out_stream known;

	if (own_stream_find(c, name, &known, err) == -1)
		return -1;
	if (upto <= known.floor || upto <= known.pushed ||
	    upto - known.pushed >= LIMIT_LEAP ||
	    (c->me.accepted && upto <= known.last))
		return 0;
	if (!c->me.accepted && known.committed > known.pushed) {
		*dropped = true;
		if (drop_unpushed(c, err) == -1)
			return -1;
	}
	if (!c->me.accepted && make_room_above(c, name, upto, err) == -1)
		return -1;
	return record_numbering(c->store, name, upto, err);
}

/* A stream of ours has receipts of those who read it; what another computer says of it
 * gives out no number. That holds for a new clone too, which is to number above every
 * receipt (R30): there are no others. */
static bool is_receipt(const struct cycle *c, const struct peer *p,
		       const struct receipt *r)
{
	return r->stream.from == c->me.number && r->mark[0] == '\0' &&
	       (r->stream.to == p->computer || r->stream.to == END_ALL);
}

/* Segments that were closed in what was dropped may hold numbers that moved up. */
static int open_dropped(struct cycle *c, struct error *err)
{
	struct commit_info at = { 0 };
	int rc = own_newest(c, &at, err);

	if (rc == 0)
		rc = layout_take(c, &at, err);
	commit_info_release(&at);
	return rc;
}

int identity_skip_numbers(struct cycle *c, struct error *err)
{
	struct peer *p = NULL;
	size_t count = 0;
	bool dropped = false;
	int rc = 0;

	if (view_peers(c->store, &p, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		for (size_t k = 0; k < p[i].received_count && rc == 0; k++) {
			const struct receipt *r = &p[i].received[k];

			if (is_receipt(c, &p[i], r))
				rc = skip_numbers(c, r->stream, r->upto, &dropped,
						  err);
		}
	peers_free(p, count);
	return rc == 0 && dropped ? open_dropped(c, err) : rc;
}

static int take_versions(struct cycle *c, const struct commit_info *at,
			 struct error *err)
{
	struct own_files files = { 0 };
	int rc = repo_own_files(c->repo, at->oid.hex, cycle_prefix(c),
				c->me.number, &files, err);

	if (rc == 0)
		rc = record_versions(c->store, &files, err);
	own_files_release(&files);
	return rc;
}

/* Generations go on above those of the life before (R37). */
static int take_generation(struct cycle *c, const struct status *s, struct error *err)
{
	return s->generation == 0 ? 0 :
	       record_claim_generation(c->store, s->generation, err);
}

static int come_back_from(struct cycle *c, const struct commit_info *at,
			  struct error *err)
{
	struct status s = STATUS_INIT;
	bool found;
	int rc = -1;

	if (identity_status_at(c, at->oid.hex, &s, &found, err) == -1)
		goto out;
	if (!identity_is_ours(c, at->trailers.clone) &&
	    strcmp(c->me.why, "init") == 0) {
		rc = identity_meet(c, at, err);
		goto out;
	}
	/* The versions last: while they are unknown, all of this is done again. */
	if (take_former(c, &s, at->trailers.clone, err) == -1 ||
	    drop_unpushed(c, err) == -1 ||
	    take_own_streams(c, at, err) == -1 || layout_take(c, at, err) == -1 ||
	    name_typed(c, err) == -1 ||
	    take_receipts(c, &s, err) == -1 || take_generation(c, &s, err) == -1 ||
	    forget_branches(c, err) == -1 ||
	    take_versions(c, at, err) == -1)
		goto out;
	snprintf(c->marks.vouched, sizeof(c->marks.vouched), "%s",
		 at->trailers.files);
	rc = 0;
out:
	status_release(&s);
	return rc;
}

/* --- a branch that knows nothing of trine --- */

/* All of TEXT as a preamble, even if it has a marker line of its own. */
static void write_as_preamble(struct buf *out, struct span text,
			      struct stream_name name)
{
	struct buf plain = BUF_INIT;
	struct span line;
	size_t pos = 0, start = 0;

	for (; text_line(text, &pos, &line); start = pos)
		if (!text_starts(line, "<!-- trine:messages"))
			buf_add(&plain, text.p + start, pos - start);
	stream_link_archive(out, span_of(&plain), name, 0);
	buf_release(&plain);
}

static int take_hand_made_stream(struct cycle *c, const struct own_file *file,
				 struct stream_name name, struct error *err)
{
	struct loser loser = { .path = file->path, .oid = file->oid,
			       .why = "too long, or no UTF-8, to stay above "
				      "messages" };
	struct buf bytes = BUF_INIT, preamble = BUF_INIT;
	struct error unreadable = ERROR_INIT;
	int rc = 0;

	if (repo_blob_read(c->repo, file->oid, LIMIT_FILE, &bytes,
			   &unreadable) == -1) {
		rc = copies_keep_blob(c, file->path, file->oid, loser.why, err);
		goto out;
	}
	write_as_preamble(&preamble, span_of(&bytes), name);
	loser.text = span_of(&bytes);
	if (preamble.len > LIMIT_PREAMBLE ||
	    !text_is_utf8(preamble.data, preamble.len))
		rc = copies_keep(c, &loser, err);
	else
		rc = record_preamble(c->store, name, span_of(&preamble), err);
out:
	buf_release(&bytes);
	buf_release(&preamble);
	return rc;
}

/* The text around the region of our status, unless there is too much of it to be read;
 * whether the region fits beside it, own_render_status sees. */
static int take_hand_made_status(struct cycle *c, const struct own_file *file,
				 struct error *err)
{
	return repo_blob_fits(c->repo, file->oid, LIMIT_FILE) ? 0 :
	       copies_keep_blob(c, file->path, file->oid,
				"too long to stay in a status", err);
}

/* No commit here was ever made by trine: what people wrote into our streams by
 * hand is the text above them, not mail of ours (design section 4.2). An archive
 * is no version of ours; it is put right with the first commit (own_guard). */
static int take_hand_made(struct cycle *c, struct error *err)
{
	struct own_files files = { 0 }, taken = { 0 };
	bool known;
	int rc = -1;

	if (repo_own_files(c->repo, c->tip.hex, cycle_prefix(c), c->me.number,
			   &files, err) == -1)
		return -1;
	for (size_t i = 0; i < files.count; i++) {
		struct own_file *file = &files.file[i];
		struct path_info info = path_classify(file->path);

		if (view_version_known(c->store, file->path, file->oid, &known,
				       err) == -1)
			goto out;
		if (!known && info.kind == PATH_STREAM &&
		    take_hand_made_stream(c, file, info.stream, err) == -1)
			goto out;
		if (!known && info.kind == PATH_STATUS &&
		    take_hand_made_status(c, file, err) == -1)
			goto out;
		if (info.kind == PATH_STREAM || info.kind == PATH_STATUS)
			own_files_add(&taken, file->path, file->oid);
	}
	rc = record_versions(c->store, &taken, err);
out:
	own_files_release(&taken);
	own_files_release(&files);
	return rc;
}

int identity_come_back(struct cycle *c, struct error *err)
{
	struct commit_info at = { 0 };
	bool known = true;
	int rc = 0;

	if (c->tip.hex[0] == '\0' && c->own_tip.hex[0] == '\0')
		return 0;
	if (own_newest(c, &at, err) == -1)
		return -1;
	if (!at.vouched && c->tip.hex[0] != '\0')
		rc = take_hand_made(c, err);
	else if (!at.vouched)
		rc = 0;
	else if (strcmp(at.trailers.clone, c->me.clone) == 0)
		rc = identity_meet(c, &at, err);
	if (rc == 0 && at.vouched && !c->me.accepted)
		rc = identity_knows(c, at.oid.hex, &known, err);
	if (rc == 0 && !known)
		rc = come_back_from(c, &at, err);
	commit_info_release(&at);
	return rc;
}
