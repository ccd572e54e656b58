/*
 * Ours that waits here, and that the branch has already, or had: as loose text
 * that was taken in once more, under another number, as lines for people. What a
 * disk knows that came back from a backup, or was copied, is less than what went
 * out from it (come_back.c).
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

/* --- lines for people --- */

struct own_walk {
	struct cycle *c;
	struct oid known;	/* a commit of ours that our log has; none */
};

static int look_at_own(struct cycle *c, const char *oid, bool *ours,
		       bool *known, struct error *err)
{
	struct commit_info info = { 0 };

	if (repo_commit_read_of(c->repo, oid, cycle_prefix(c), c->me.number,
				&info, err) == -1)
		return -1;
	*ours = info.vouched && info.trailers.computer == c->me.number &&
		identity_is_ours(c, info.trailers.clone);
	*known = false;
	commit_info_release(&info);
	return *ours ? view_commit_known(c->store, oid, known, err) : 0;
}

static int is_in_log(void *arg, const char *oid, struct error *err)
{
	struct own_walk *w = arg;
	bool ours, known;

	if (look_at_own(w->c, oid, &ours, &known, err) == -1)
		return -1;
	if (known)
		memcpy(w->known.hex, oid, OID_HEX);
	return known;
}

static int add_unknown(void *arg, const char *oid, struct error *err)
{
	struct own_walk *w = arg;
	bool ours, known;

	if (look_at_own(w->c, oid, &ours, &known, err) == -1)
		return -1;
	if (ours && !known)
		list_add(&w->c->unknown, oid);
	return 0;
}

/* Commits of ours that our log does not know are what it went back behind. One
 * that begins has not gone back: what a former life sent, nobody typed here. */
static int find_unknown(struct cycle *c, struct error *err)
{
	struct own_walk w = { .c = c };
	const char *tip = c->base.hex;

	if (strcmp(c->unknown_on.hex, tip) == 0)
		return 0;
	list_release(&c->unknown);
	if (!c->me.accepted && strcmp(c->me.why, "init") == 0)
		return 0;
	if (repo_walk_back(c->repo, tip, false, is_in_log, &w, err) == -1 ||
	    repo_walk(c->repo, tip, w.known.hex, add_unknown, &w, err) == -1)
		return -1;
	c->unknown_on = c->base;
	return 0;
}

/* What COMMIT changed in PATH is changed in TEXT as well; what a merge brings is of
 * others (own_branch.c). */
static int follow(struct cycle *c, const char *commit, const char *path,
		  struct buf *text, struct error *err)
{
	struct buf was = BUF_INIT, is = BUF_INIT, out = BUF_INIT;
	struct list parents = LIST_INIT;
	struct oid oid;
	bool found;
	int rc = -1;

	if (repo_parents(c->repo, commit, &parents, err) == -1 ||
	    (parents.count == 1 &&
	     history_read(c, parents.item[0], path, &was, &oid, &found,
			  err) == -1) ||
	    history_read(c, commit, path, &is, &oid, &found, err) == -1)
		goto out;
	rc = 0;
	if (parents.count > 1 || span_equal(span_of(&was), span_of(&is)))
		goto out;
	resolve_merge_lines(span_of(&was), span_of(text), span_of(&is), &out);
	buf_reset(text);
	buf_addb(text, &out);
out:
	list_release(&parents);
	buf_release(&was);
	buf_release(&is);
	buf_release(&out);
	return rc;
}

int sent_before_as_lines(struct cycle *c, const char *path, const char *ours,
			 char base[OID_HEX], struct error *err)
{
	struct buf was = BUF_INIT, is = BUF_INIT, sent = BUF_INIT;
	struct buf common = BUF_INIT;
	struct oid oid = { "" };
	int rc = -1;

	if (path_classify(path).kind != PATH_HUMAN || strcmp(base, ours) == 0 ||
	    c->base.hex[0] == '\0' ||
	    (base[0] != '\0' && !repo_has(c->repo, base)))
		return 0;
	if (find_unknown(c, err) == -1)
		return -1;
	if (c->unknown.count == 0)
		return 0;
	if (version_read(c, base, &was, err) == -1 ||
	    version_read(c, ours, &is, err) == -1)
		goto out;
	buf_addb(&sent, &was);
	for (size_t i = 0; i < c->unknown.count; i++)
		if (follow(c, c->unknown.item[i], path, &sent, err) == -1)
			goto out;
	resolve_common_lines(span_of(&was), span_of(&is), span_of(&sent),
			     &common);
	if (common.len > 0 && common.len <= LIMIT_FILE &&
	    repo_blob_write(c->repo, span_of(&common), &oid, err) == -1)
		goto out;
	if (common.len <= LIMIT_FILE)	/* it is to be read again, as any file */
		memcpy(base, oid.hex, OID_HEX);
	rc = 0;
out:
	buf_release(&was);
	buf_release(&is);
	buf_release(&sent);
	buf_release(&common);
	return rc;
}

/* --- in somebody's squash --- */

/* The status that was written for the commit at this place, and is in none that is
 * older; none: it tells nothing. */
struct waiting {
	struct oid status;
	char vouched[VOUCH_DIGEST];
};

struct squash_walk {
	struct cycle *c;
	struct waiting *waiting;
	size_t upto;		/* of them, the first ones, that went out */
	size_t count;
};

static int read_waiting(struct cycle *c, const char *commit, struct waiting *out,
			struct error *err)
{
	struct commit_info info = { 0 };
	struct status s = STATUS_INIT;
	struct oid before;
	char path[PATH_TEXT];
	bool found;
	int rc = -1;

	path_status(c->me.number, path);
	if (repo_commit_read(c->repo, commit, cycle_prefix(c), &info, err) == -1 ||
	    identity_status_at(c, commit, &s, &found, err) == -1)
		goto out;
	rc = 0;
	if (!found || !info.vouched || s.updated != info.time ||
	    (info.parent.hex[0] != '\0' && !repo_has(c->repo, info.parent.hex)))
		goto out;
	rc = version_at(c, commit, path, &out->status, err);
	if (rc == 0)
		rc = version_at(c, info.parent.hex, path, &before, err);
	if (rc == -1 || strcmp(before.hex, out->status.hex) == 0)
		out->status.hex[0] = '\0';
	memcpy(out->vouched, info.trailers.files, VOUCH_DIGEST);
out:
	commit_info_release(&info);
	status_release(&s);
	return rc;
}

/* Does COMMIT hold all files of ours as one that waits has them? */
static int look_for_ours(void *arg, const char *commit, struct error *err)
{
	struct squash_walk *w = arg;
	struct own_files files = { 0 };
	char digest[VOUCH_DIGEST], path[PATH_TEXT];
	struct oid status;
	size_t i = w->count;
	int rc;

	if (version_at(w->c, commit, path_status(w->c->me.number, path), &status,
		       err) == -1)
		return -1;
	if (status.hex[0] == '\0')
		return 0;
	while (i > w->upto && strcmp(w->waiting[i - 1].status.hex, status.hex) != 0)
		i--;
	if (i == w->upto)
		return 0;
	rc = repo_own_files(w->c->repo, commit, cycle_prefix(w->c),
			    w->c->me.number, &files, err);
	if (rc == 0) {
		vouch_digest(&files, digest);
		if (strcmp(digest, w->waiting[i - 1].vouched) == 0)
			w->upto = i;
	}
	own_files_release(&files);
	return rc;
}

int sent_before_squashed(struct cycle *c, const struct own_commit *l, size_t count,
			 size_t *upto, struct error *err)
{
	struct squash_walk w = { .c = c, .count = count };
	struct own_walk known = { .c = c };
	int rc = 0;

	w.waiting = xcalloc(count + 1, sizeof(*w.waiting));
	for (size_t i = 0; i < count && rc == 0; i++)
		if (repo_has(c->repo, l[i].oid))
			rc = read_waiting(c, l[i].oid, &w.waiting[i], err);
	if (rc == 0 && c->base.hex[0] != '\0' &&
	    (repo_walk_back(c->repo, c->base.hex, false, is_in_log, &known,
			    err) == -1 ||
	     repo_walk(c->repo, c->base.hex, known.known.hex, look_for_ours, &w,
		       err) == -1))
		rc = -1;
	*upto = w.upto;
	free(w.waiting);
	return rc;
}
