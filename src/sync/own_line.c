/*
 * What the commits of our own branch add to the fleet's, put on its tip as an
 * unpushed commit is (rebuild.c): own files as they are, changes of shared ones
 * decided path by path. The result is a merge that says nothing new, and the same
 * in each cycle until an own commit is made on it; own_branch.c says when.
 */
#include "sync.h"

#include <stdio.h>
#include <string.h>

#include "trine/mem.h"

/* Where own commits down from COMMIT end: at what was the fleet's tip when the
 * last of them took it in, or at a commit of others on our branch. */
static int find_start(struct cycle *c, const char *commit, struct oid *out,
		      struct error *err)
{
	enum { LOOK_BACK = 5000 };
	struct commit_info info = { 0 };
	int rc = 0;

	snprintf(out->hex, sizeof(out->hex), "%s", commit);
	for (int i = 0; i < LOOK_BACK && rc == 0 && out->hex[0] != '\0'; i++) {
		bool ours, merged;

		rc = repo_commit_read(c->repo, out->hex, cycle_prefix(c), &info,
				      err);
		ours = rc == 0 && info.vouched &&
		       info.trailers.computer == c->me.number;
		merged = info.parents > 1;
		if (ours)
			*out = info.parent;
		commit_info_release(&info);
		if (!ours || merged)
			break;
	}
	return rc;
}

/* The fleet's branch was rewritten since: what LINE took in of it then is in
 * START, and no change of ours (R32). */
static int is_taken_back(struct cycle *c, const char *line, struct oid *start,
			 bool *out, struct error *err)
{
	bool forward;

	if (old_tips_any(c, out, err) == -1)
		return -1;
	if (!*out)
		return 0;
	*out = false;
	if (find_start(c, line, start, err) == -1 ||
	    repo_descends(c->repo, c->tip.hex, start->hex, &forward, err) == -1)
		return -1;
	return forward ? 0 : old_tips_hold(c, start->hex, out, err);
}

/* What LINE and the fleet's branch began with. */
static int find_bases(struct cycle *c, const char *line, struct list *out,
		      struct error *err)
{
	struct oid start;
	bool taken_back;

	if (is_taken_back(c, line, &start, &taken_back, err) == -1)
		return -1;
	if (!taken_back)
		return repo_merge_bases(c->repo, line, c->head.hex, out, err);
	list_add(out, start.hex);
	return 0;
}

struct carry {
	struct cycle *c;
	const char *line;
	struct list bases;
	struct list changed;
	struct edits edits;
	struct error *err;
};

static int note_path(void *arg, const char *path, const char *was,
		     const char *is, enum entry_kind kind)
{
	struct carry *m = arg;

	(void)was;
	(void)is;
	if (kind == ENTRY_FILE)
		list_add(&m->changed, path);
	return 0;
}

/* The version that both began with. Of two lines that merged each other, one
 * side's may be the other's of later. */
static int base_version(struct carry *m, const char *path, struct oid *out)
{
	struct cycle *c = m->c;

	if (version_at(c, m->bases.count > 0 ? m->bases.item[0] : "", path, out,
		       m->err) == -1)
		return -1;
	for (size_t i = 1; i < m->bases.count; i++) {
		struct oid other, both, before;

		if (version_at(c, m->bases.item[i], path, &other, m->err) == -1)
			return -1;
		if (strcmp(other.hex, out->hex) == 0)
			continue;
		if (repo_merge_base(c->repo, m->bases.item[0], m->bases.item[i],
				    &both, m->err) == -1 ||
		    version_at(c, both.hex, path, &before, m->err) == -1)
			return -1;
		if (strcmp(before.hex, out->hex) == 0)
			*out = other;
	}
	return 0;
}

static int carry_path(struct carry *m, const char *path)
{
	struct oid base, ours;

	if (base_version(m, path, &base) == -1 ||
	    version_at(m->c, m->line, path, &ours, m->err) == -1)
		return -1;
	return strcmp(base.hex, ours.hex) == 0 ? 0
		: rebuild_path(m->c, m->line, path, base.hex, ours.hex,
			       &m->edits, m->err);
}

static int carry_paths(struct carry *m)
{
	static const char *const none[] = { "" };
	bool cut;

	for (size_t i = 0; i < m->bases.count || i == 0; i++) {
		if (repo_diff(m->c->repo,
			      m->bases.count > 0 ? m->bases.item[i] : none[0],
			      m->line, cycle_prefix(m->c), note_path, m, &cut,
			      m->err) == -1)
			return -1;
		if (cut)
			return error_set(m->err, ERR_DATA, "commit %.10s of our "
				"own branch changes more than is looked at, or "
				"what cannot be read", m->line);
	}
	list_sort(&m->changed);
	for (size_t i = 0; i < m->changed.count; i++)
		if ((i == 0 || strcmp(m->changed.item[i],
				      m->changed.item[i - 1]) != 0) &&
		    carry_path(m, m->changed.item[i]) == -1)
			return -1;
	return 0;
}

/* Those of the newest own commit; *FOUND: there is one, to be vouched for. */
static int carry_own_files(struct carry *m, bool *found)
{
	struct own_files files = { 0 };
	struct commit_info own = { 0 };
	int rc = newest_of(m->c, m->line, m->c->me.number, &own, m->err);

	*found = rc == 0 && own.vouched;
	if (*found)
		rc = rebuild_own_files(m->c, own.oid.hex, &files, &m->edits,
				       m->err);
	own_files_release(&files);
	commit_info_release(&own);
	return rc;
}

/* Not older than what it merges, and the same in each cycle until something of
 * ours is made on top of it. */
static int merge_time(struct cycle *c, const char *line, int64_t *out,
		      struct error *err)
{
	struct commit_info a = { 0 }, b = { 0 };
	int rc = -1;

	if (repo_commit_read(c->repo, line, cycle_prefix(c), &a, err) == 0 &&
	    repo_commit_read(c->repo, c->head.hex, cycle_prefix(c), &b,
			     err) == 0)
		rc = 0;
	*out = a.time > b.time ? a.time : b.time;
	commit_info_release(&a);
	commit_info_release(&b);
	return rc;
}

static int merge_line(struct cycle *c, const char *line, const char *tree,
		      bool vouch, struct error *err)
{
	char *item[] = { c->head.hex, (char *)(uintptr_t)line };
	const struct list parents = { item, ARRAY_LEN(item), ARRAY_LEN(item) };
	struct own_files files = { 0 };
	struct trailers t = { .computer = c->me.number };
	struct buf message = BUF_INIT;
	struct oid made;
	int64_t time;
	int rc = -1;

	if (merge_time(c, line, &time, err) == -1 ||
	    repo_own_files(c->repo, tree, cycle_prefix(c), c->me.number, &files,
			   err) == -1)
		goto out;
	memcpy(t.clone, c->me.clone, sizeof(t.clone));
	vouch_digest(&files, t.files);
	buf_printf(&message, "computer %d: take in %s\n\n", c->me.number,
		   c->branch);
	if (vouch)
		trailers_write(&message, &t);
	rc = commit_merge(c, tree, &parents, time, message.data, &made, err);
	if (rc == 0)
		c->head = made;
out:
	own_files_release(&files);
	buf_release(&message);
	return rc;
}

static int carry_onto_head(struct cycle *c, const char *line,
			   struct error *err)
{
	struct carry m = { .c = c, .line = line, .bases = LIST_INIT,
			   .changed = LIST_INIT, .err = err };
	struct oid tree;
	bool vouch;
	int rc = -1;

	if (find_bases(c, line, &m.bases, err) == 0 && carry_paths(&m) == 0 &&
	    carry_own_files(&m, &vouch) == 0 && give_way(c, &m.edits, err) == 0 &&
	    repo_edit(c->repo, c->head.hex, cycle_prefix(c), m.edits.item,
		      m.edits.count, &tree, err) == 0)
		rc = merge_line(c, line, tree.hex, vouch, err);
	list_release(&m.bases);
	list_release(&m.changed);
	edits_release(&m.edits);
	return rc;
}

static int keep_edit(struct cycle *c, const struct own_file *f,
		     struct error *err)
{
	enum path_kind kind = path_classify(f->path).kind;
	struct loser loser = { .path = f->path, .oid = f->oid,
			       .why = "somebody else wrote a file of this "
				      "computer" };
	struct error unreadable = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	bool known;
	int rc = view_version_known(c->store, f->path, f->oid, &known, err);

	if (rc == 0 && !known && kind != PATH_ARCHIVE &&
	    repo_blob_read(c->repo, f->oid, LIMIT_FILE, &bytes,
			   &unreadable) == 0) {
		loser.text = span_of(&bytes);
		rc = copies_keep(c, &loser, err);
	}
	buf_release(&bytes);
	return rc;
}

static int keep_edits(struct cycle *c, const char *line, struct error *err)
{
	struct own_files files = { 0 };
	int rc = repo_own_files(c->repo, line, cycle_prefix(c), c->me.number,
				&files, err);

	for (size_t i = 0; i < files.count && rc == 0; i++)
		if (strchr(files.file[i].path, '.') != NULL)
			rc = keep_edit(c, &files.file[i], err);
	own_files_release(&files);
	return rc;
}

int own_line_is_ours(struct cycle *c, const char *commit, bool *out,
		     struct error *err)
{
	struct commit_info info = { 0 };
	int rc = repo_commit_read(c->repo, commit, cycle_prefix(c), &info, err);

	*out = rc == 0 && info.vouched &&
	       info.trailers.computer == c->me.number;
	commit_info_release(&info);
	return rc;
}

/* An own commit on top of the fleet's tip is what it is; all else is put
 * together. What was taken back must not stay for long. */
int own_line_take(struct cycle *c, const char *line, struct error *err)
{
	bool ours, on_top, taken_back = false;
	struct oid start;

	if (own_line_is_ours(c, line, &ours, err) == -1)
		return -1;
	if (c->head.hex[0] != '\0' &&
	    is_taken_back(c, line, &start, &taken_back, err) == -1)
		return -1;
	if (repo_descends(c->repo, line, c->head.hex, &on_top, err) == -1 ||
	    (!ours && keep_edits(c, line, err) == -1))
		return -1;
	c->must_push = c->must_push || taken_back;
	if (c->head.hex[0] != '\0' && (!ours || !on_top || taken_back))
		return carry_onto_head(c, line, err);
	snprintf(c->head.hex, sizeof(c->head.hex), "%s", line);
	return 0;
}

int own_line_held(struct cycle *c, const char *line, bool *out,
		  struct error *err)
{
	struct carry m = { .c = c, .line = line, .bases = LIST_INIT,
			   .changed = LIST_INIT, .err = err };
	int rc = -1;

	if (find_bases(c, line, &m.bases, err) == 0 && carry_paths(&m) == 0)
		rc = 0;
	*out = rc == 0 && m.edits.count == 0;
	list_release(&m.bases);
	list_release(&m.changed);
	edits_release(&m.edits);
	return rc;
}
