/*
 * Our own files as the log has them: each stream's open segment, its archive,
 * the status. The commit step puts these into the tree, publish onto the desk;
 * nothing else decides what they hold (R11, R12).
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/deliver.h"
#include "trine/mem.h"
#include "trine/session.h"

struct own_file_text *own_find(struct own_text *l, const char *path)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->item[i].path, path) == 0)
			return &l->item[i];
	return NULL;
}

struct own_file_text *own_add(struct own_text *l, const char *path)
{
	struct own_file_text *t = own_find(l, path);

	if (t != NULL)
		return t;
	ARRAY_GROW(l->item, l->count, l->cap);
	t = &l->item[l->count++];
	*t = (struct own_file_text){ .path = xstrdup(path), .bytes = BUF_INIT,
				     .loose = BUF_INIT };
	return t;
}

void own_release(struct own_text *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->item[i].path);
		buf_release(&l->item[i].bytes);
		buf_release(&l->item[i].loose);
	}
	free(l->item);
	*l = (struct own_text){ 0 };
}

int own_seal(struct cycle *c, struct own_file_text *t, struct error *err)
{
	struct oid oid;

	if (repo_blob_write(c->repo, span_of(&t->bytes), &oid, err) == -1)
		return -1;
	memcpy(t->oid, oid.hex, sizeof(t->oid));
	return 0;
}

/* --- streams --- */

static void begin_segment(struct buf *out, const struct out_stream *s,
			  unsigned archived)
{
	buf_reset(out);
	if (s->preamble == NULL)
		stream_write_preamble(out, s->name, archived);
	else
		stream_link_archive(out, span_str(s->preamble), s->name,
				    archived);
}

/* A number that was given out and taken back before any commit: readers must
 * not wait for it. Its time is that of the message above it in its file, or else
 * below, so that it renders the same for ever. */
static void write_tombstone(struct buf *out, struct stream_name name,
			    uint64_t seq, int64_t sent)
{
	struct message m = MESSAGE_INIT;

	message_tombstone(&m, name, seq, sent, NULL);
	buf_addc(out, '\n');
	message_write(out, &m);
	message_release(&m);
}

/* The file is full and one more message is to be written: its bytes become the
 * next archive segment, for ever. */
static int close_segment(struct cycle *c, struct out_stream *s,
			 struct own_file_text *t, uint64_t last,
			 struct error *err)
{
	struct oid blob;

	if (repo_blob_write(c->repo, span_of(&t->bytes), &blob, err) == -1 ||
	    record_closed(c->store, s->name, s->closed + 1, s->open_first, last,
			  blob.hex, err) == -1)
		return -1;
	s->closed++;
	s->open_first = last + 1;
	begin_segment(&t->bytes, s, s->closed);
	t->head = t->bytes.len;
	return 0;
}

/* Loose text is not in the bytes that are committed, and so holds up nothing. Where
 * all numbers are given out, the last file grows. */
static bool full(const struct own_file_text *t, const struct out_stream *s,
		 uint64_t seq)
{
	return t->bytes.len - t->head > LIMIT_SEGMENT && seq > s->committed &&
	       seq > s->open_first && s->closed < LIMIT_SEGMENTS;
}

static int render_messages(struct cycle *c, struct out_stream *s,
			   struct own_file_text *t, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	uint64_t next = s->open_first > s->floor ? s->open_first : s->floor + 1;
	int64_t sent = 0;	/* of the message above; 0: none */
	int rc = -1;

	f.direction = DIRECTION_OUT;
	f.stream = s->name;
	f.first = s->open_first;
	f.last = s->last;
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		struct message *m = &l.item[i].message;

		if (full(t, s, m->seq)) {
			if (close_segment(c, s, t,
					  (next < m->seq ? next : m->seq) - 1,
					  err) == -1)
				goto out;
			sent = 0;
		}
		for (; next < m->seq; next++)
			write_tombstone(&t->bytes, s->name, next,
					sent != 0 ? sent : m->sent);
		buf_addc(&t->bytes, '\n');
		message_write(&t->bytes, m);
		sent = m->sent;
		if (next <= m->seq)
			next = m->seq + 1;
	}
	rc = 0;
out:
	record_list_release(&l);
	return rc;
}

static int render_stream(struct cycle *c, struct out_stream *s,
			 struct error *err)
{
	char path[PATH_TEXT];
	struct own_file_text *t = own_add(&c->own, path_stream(s->name, path));

	begin_segment(&t->bytes, s, s->closed);
	t->head = t->bytes.len;
	if (render_messages(c, s, t, err) == -1)
		return -1;
	return own_seal(c, t, err);
}

/* --- all of them --- */

/* What ends by itself may have something to say: before the streams are rendered, or the
 * log would believe that this commit says it. */
static int end_what_is_over(struct cycle *c, struct error *err)
{
	if (session_sweep(c->home, err) == -1 || claims_sweep(c->home, err) == -1)
		return -1;
	return c->me.accepted && !c->stopped ?
	       deliver_claims(c->home, &c->fleet, err) : 0;
}

int own_render(struct cycle *c, struct error *err)
{
	struct out_stream *l = NULL;
	size_t count = 0;
	int rc = -1;

	if (end_what_is_over(c, err) == -1 || view_out_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (l[i].last > 0 || l[i].preamble != NULL)
			if (render_stream(c, &l[i], err) == -1)
				goto out;
	rc = own_render_status(c, err);
out:
	out_streams_free(l, count);
	return rc;
}

/* --- archives --- */

/* The blob of segment NUMBER below head; none behind the last number. */
static int segment_at_head(struct cycle *c, struct stream_name name,
			   unsigned number, struct oid *out, struct error *err)
{
	char path[PATH_TEXT];

	out->hex[0] = '\0';
	return number > LIMIT_SEGMENTS ? 0 :
	       version_at(c, c->head.hex, path_archive(name, number, path), out,
			  err);
}

/* Closed segments never change, so an archive tree that an own commit once
 * carried and that ends as the log's does is whole. A disk that came back may have
 * closed its segments in other places since, or opened the last ones again. */
static int archive_whole(struct cycle *c, const struct out_stream *s,
			 bool *out, struct error *err)
{
	char name[STREAM_NAME], dir[PATH_TEXT], logged[OID_HEX];
	struct oid tree, last, next;
	bool is_tree;

	*out = false;
	if (c->head.hex[0] == '\0' || s->closed == 0)
		return 0;
	stream_name_format(s->name, name);
	snprintf(dir, sizeof(dir), "archive/%s", name);
	if (repo_lookup(c->repo, c->head.hex, cycle_prefix(c), dir, &tree,
			&is_tree, err) == -1 ||
	    segment_at_head(c, s->name, s->closed, &last, err) == -1 ||
	    segment_at_head(c, s->name, s->closed + 1, &next, err) == -1 ||
	    view_segment_blob(c->store, s->name, s->closed, logged, err) == -1)
		return -1;
	if (last.hex[0] == '\0' || next.hex[0] != '\0' ||
	    strcmp(last.hex, logged) != 0)
		return 0;
	return view_version_known(c->store, dir, tree.hex, out, err);
}

/* The bytes of a closed segment; from the log, where the repository that held
 * them was lost before they were pushed. */
static int render_segment(struct cycle *c, const struct out_stream *s,
			const struct segment *segment, struct oid *out,
			struct error *err)
{
	struct out_stream then = *s;
	struct own_file_text t = { .bytes = BUF_INIT, .loose = BUF_INIT };
	int rc;

	snprintf(out->hex, sizeof(out->hex), "%s", segment->blob);
	if (repo_has(c->repo, segment->blob))
		return 0;
	then.closed = segment->number - 1;
	then.open_first = segment->first;
	then.last = segment->last;
	then.committed = segment->last;		/* nothing closes in it */
	begin_segment(&t.bytes, &then, then.closed);
	rc = render_messages(c, &then, &t, err);
	if (rc == 0)
		rc = repo_blob_write(c->repo, span_of(&t.bytes), out, err);
	buf_release(&t.bytes);
	return rc;
}

static bool edits_have(const struct edits *e, const char *path)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->item[i].path, path) == 0)
			return true;
	return false;
}

/* Our trailers are to vouch for it in the next commit: that does not wait, and
 * the desk gets it, too. */
static void put_right(struct cycle *c, const char *path, const char *oid)
{
	edits_put(&c->edits, path, oid, false);
	targets_add(&c->targets, path, oid);
	c->putting_back = false;
}

static int put_segments(struct cycle *c, const struct out_stream *s,
			struct error *err)
{
	struct segment *l = NULL;
	char path[PATH_TEXT];
	size_t count = 0;
	struct oid there = { "" };
	bool is_tree;
	int rc = 0;

	if (view_segments(c->store, s->name, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		struct oid blob;

		if (render_segment(c, s, &l[i], &blob, err) == -1) {
			rc = -1;
			break;
		}
		path_archive(s->name, l[i].number, path);
		if (c->head.hex[0] != '\0')
			rc = repo_lookup(c->repo, c->head.hex, cycle_prefix(c),
					 path, &there, &is_tree, err);
		if (rc == 0 && strcmp(there.hex, blob.hex) != 0 &&
		    !edits_have(&c->edits, path))
			put_right(c, path, blob.hex);
	}
	free(l);
	return rc;
}

/* The tree that the archive of S is, by the log. */
static int archive_tree(struct cycle *c, const struct out_stream *s,
			struct oid *out, struct error *err)
{
	struct edits files = { 0 };
	struct segment *l = NULL;
	size_t count = 0;
	int rc = -1;

	out->hex[0] = '\0';
	if (view_segments(c->store, s->name, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		char path[PATH_TEXT];
		struct oid blob;

		if (render_segment(c, s, &l[i], &blob, err) == -1)
			goto out;
		path_archive(s->name, l[i].number, path);
		edits_put(&files, strrchr(path, '/') + 1, blob.hex, false);
	}
	rc = count == 0 ? 0
		: repo_edit(c->repo, "", "", files.item, files.count, out, err);
out:
	edits_release(&files);
	free(l);
	return rc;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

struct folder {
	struct cycle *c;
	const char *path;
	struct error *err;
};

/* What reaches no desk was not looked at path by path. */
static int keep_hidden(void *arg, const char *path, const char *old_oid,
		       const char *new_oid, enum entry_kind kind)
{
	const struct folder *f = arg;

	(void)old_oid;
	if (kind != ENTRY_FILE || path_refused(path) == NULL ||
	    !is_below(path, f->path))
		return 0;
	return copies_keep_blob(f->c, path, new_oid, "somebody else wrote a "
				"file of this computer", f->err);
}

/* What was closed once and is open again goes from the desk, too. */
static int hide_reopened(struct cycle *c, const struct out_stream *s,
			 struct error *err)
{
	struct oid there = { "x" };
	char path[PATH_TEXT];

	for (unsigned n = s->closed + 1; there.hex[0] != '\0'; n++) {
		if (segment_at_head(c, s->name, n, &there, err) == -1)
			return -1;
		if (there.hex[0] != '\0')
			targets_put(&c->targets,
				    path_archive(s->name, n, path), "");
	}
	return 0;
}

static const struct out_stream *
stream_of_archive(const struct out_stream *l, size_t count, const char *path)
{
	char name[STREAM_NAME];

	for (size_t i = 0; i < count; i++)
		if (strcmp(stream_name_format(l[i].name, name),
			   path + strlen("archive/")) == 0)
			return &l[i];
	return NULL;
}

/* What the archive at F, that of S, has to be: what the log says, or as it is, if
 * that is so. That own commits carried it once is not enough. S NULL: the log has
 * no such stream. */
static int right_archive(struct cycle *c, const struct own_file *f,
			 const struct out_stream *s, struct oid *out,
			 struct error *err)
{
	bool known, whole = false;

	if (view_version_known(c->store, f->path, f->oid, &known, err) == -1)
		return -1;
	snprintf(out->hex, sizeof(out->hex), "%s", known ? f->oid : "");
	if (s == NULL)
		return 0;
	if (known && archive_whole(c, s, &whole, err) == -1)
		return -1;
	if (whole)
		return 0;
	return archive_tree(c, s, out, err) == -1 ? -1 :
	       hide_reopened(c, s, err);
}

static int guard_archive(struct cycle *c, const struct own_file *f,
			 const struct out_stream *s, struct error *err)
{
	struct folder folder = { c, f->path, err };
	struct edits *edits = &c->edits;
	struct oid tree;
	size_t kept = 0;
	bool cut;

	if (right_archive(c, f, s, &tree, err) == -1)
		return -1;
	if (strcmp(tree.hex, f->oid) == 0)
		return 0;
	for (size_t i = 0; i < edits->count; i++)
		if (is_below(edits->item[i].path, f->path))
			free(edits->item[i].path);
		else
			edits->item[kept++] = edits->item[i];
	edits->count = kept;
	edits_put(edits, f->path, tree.hex, true);
	c->putting_back = false;
	return repo_diff(c->repo, "", c->head.hex, cycle_prefix(c), keep_hidden,
			 &folder, &cut, err);
}

static int guard_file(struct cycle *c, const struct own_file *f,
		      struct error *err)
{
	struct own_file_text *t = own_find(&c->own, f->path);
	bool known;

	if ((t != NULL && strcmp(t->oid, f->oid) == 0) ||
	    edits_have(&c->edits, f->path))
		return 0;
	if (view_version_known(c->store, f->path, f->oid, &known, err) == -1)
		return -1;
	put_right(c, f->path, t != NULL ? t->oid : "");
	return known ? 0 : copies_keep_blob(c, f->path, f->oid, "somebody else "
					    "wrote a file of this computer",
					    err);
}

int own_guard(struct cycle *c, struct error *err)
{
	struct own_files files = { 0 };
	struct out_stream *l = NULL;
	size_t count = 0;
	int rc;

	if (c->head.hex[0] == '\0')
		return 0;
	if (repo_own_files(c->repo, c->head.hex, cycle_prefix(c), c->me.number,
			   &files, err) == -1)
		return -1;
	rc = view_out_streams(c->store, &l, &count, err);
	for (size_t i = 0; i < files.count && rc == 0; i++) {
		const struct own_file *f = &files.file[i];
		enum path_kind kind = path_classify(f->path).kind;

		rc = kind == PATH_STREAM || kind == PATH_STATUS
			? guard_file(c, f, err)
			: guard_archive(c, f, stream_of_archive(l, count, f->path),
					err);
	}
	out_streams_free(l, count);
	own_files_release(&files);
	return rc;
}

int own_archives(struct cycle *c, struct error *err)
{
	struct out_stream *l = NULL;
	size_t count = 0;
	bool whole;
	int rc = -1;

	if (view_out_streams(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (l[i].closed == 0)
			continue;
		if (archive_whole(c, &l[i], &whole, err) == -1)
			goto out;
		if (!whole && put_segments(c, &l[i], err) == -1)
			goto out;
	}
	rc = 0;
out:
	out_streams_free(l, count);
	return rc;
}
