/*
 * Own unpushed commits, put on the new tip one by one, so that the history of a
 * week offline stays a history (R11, R15). The first step of commit.
 *
 * Each rebuilt commit is logged, as the form that replaces the old one, before
 * the local branch moves to it: killed in between, the next cycle finds the new
 * chain in the log, or rebuilds the rest of the old one.
 */
#include "sync.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* What is to be moved, the oldest first. */
struct waiting_line {
	struct own_commit *commit;
	size_t count, nth;	/* the one that is moved now */
	size_t squashed;	/* so many went out (sent_before.c) */
	bool looked;		/* if somebody has asked yet */
};

struct move {
	struct cycle *c;
	struct waiting_line *line;
	const char *parent;	/* of the commit that is moved */
	struct edits edits;
	struct error *err;
};

/* By the rules in AT, and by all since. Those that cannot be read there say nothing:
 * what others have stays, and ours is kept. */
static int was_ours(struct cycle *c, const char *at, const char *path, bool *out,
		    struct error *err)
{
	struct fleet rules = FLEET_INIT;

	if (fleet_at(c, at, &rules, err) == -1)
		return -1;
	*out = owner_by_rule(owner_of(path, &rules), c->me.number);
	fleet_release(&rules);
	return *out ? ours_since(c, at, path, out, err) : 0;
}

int rebuild_path(struct cycle *c, const char *at, const char *path, const char *was,
		 const char *is, struct edits *edits, struct error *err)
{
	struct owner owner = owner_of(path, &c->fleet);
	char result[OID_HEX];
	struct there theirs;
	struct versions v;
	bool before = false;

	if (owner.kind == OWNER_COMPUTER)
		return 0;	/* whole, by rebuild_own_files */
	if (was[0] == '\0' &&
	    copies_made_before(c, path, is, &before, err) == -1)
		return -1;
	if (before)
		return 0;
	if ((c->head.hex[0] != '\0' &&
	     repo_whole(c->repo, c->head.hex, cycle_prefix(c), path, err) == -1) ||
	    there_at(c, c->head.hex, path, &theirs, err) == -1)
		return -1;
	v = (struct versions){ .base = version_or_null(was), .ours = version_or_null(is),
			       .theirs = version_or_null(theirs.oid),
			       .theirs_unfit = theirs.unfit };
	if (owner_by_rule(owner, c->me.number) &&
	    was_ours(c, at, path, &v.was_ours, err) == -1)
		return -1;
	if (decide(c, path, owner, &v, result, err) == -1)
		return -1;
	if (strcmp(result, there_shown(&theirs)) != 0)
		edits_put(edits, path, result, false);
	return 0;
}

/* Only where it counts: it may cost a walk. */
static int went_out(struct cycle *c, struct waiting_line *line, bool *out,
		    struct error *err)
{
	if (!line->looked &&
	    sent_before_squashed(c, line->commit, line->count, &line->squashed,
				 err) == -1)
		return -1;
	line->looked = true;
	*out = line->nth < line->squashed;
	return 0;
}

static int move_changed(void *arg, const char *path, const char *was,
			const char *is, enum entry_kind kind)
{
	struct move *m = arg;
	char base[OID_HEX];
	bool out = false;

	if (kind != ENTRY_FILE)
		return 0;
	if (path_classify(path).kind == PATH_HUMAN &&
	    went_out(m->c, m->line, &out, m->err) == -1)
		return -1;
	if (out)
		return 0;
	snprintf(base, sizeof(base), "%s", was);
	return sent_before_as_lines(m->c, path, is, base, m->err) == -1 ? -1
		: rebuild_path(m->c, m->parent, path, base, is, &m->edits,
			       m->err);
}

/* Own files are blobs, but for archives: those are trees (R6). */
static void put_own(struct edits *edits, const char *path, const char *oid)
{
	enum path_kind kind = path_classify(path).kind;

	edits_put(edits, path, oid,
		  kind != PATH_STATUS && kind != PATH_STREAM);
}

int rebuild_own_files(struct cycle *c, const char *commit,
		      struct own_files *files, struct edits *edits,
		      struct error *err)
{
	struct own_files there = { 0 };
	int rc = -1;

	if (repo_own_files(c->repo, commit, cycle_prefix(c),
			   c->me.number, files, err) == -1 ||
	    (c->head.hex[0] != '\0' &&
	     repo_own_files(c->repo, c->head.hex, cycle_prefix(c), c->me.number,
			    &there, err) == -1))
		goto out;
	for (size_t i = 0; i < files->count; i++) {
		struct own_file *f = &files->file[i];
		const char *now = own_files_get(&there, f->path);

		if (now == NULL || strcmp(now, f->oid) != 0)
			put_own(edits, f->path, f->oid);
	}
	for (size_t i = 0; i < there.count; i++)
		if (own_files_get(files, there.file[i].path) == NULL)
			put_own(edits, there.file[i].path, "");
	rc = 0;
out:
	own_files_release(&there);
	return rc;
}

static int log_moved(struct cycle *c, const char *old, const struct oid *new,
		     const struct own_files *files, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_commit(c->store, new->hex, c->head.hex, old, files, err) == -1 ||
	    copies_log(c, err) == -1)
		return -1;
	return cycle_end(c, err);
}

static int drop(struct cycle *c, const char *oid, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_dropped(c->store, oid, err) == -1)
		return -1;
	return cycle_end(c, err);
}

/* Is there nothing left in it that the new parent lacks? */
static int is_empty(struct cycle *c, const char *tree, bool *out,
		    struct error *err)
{
	struct commit_info head = { 0 };

	*out = false;
	if (c->head.hex[0] == '\0')
		return 0;
	if (repo_commit_read(c->repo, c->head.hex, cycle_prefix(c), &head,
			     err) == -1)
		return -1;
	*out = strcmp(head.tree.hex, tree) == 0;
	commit_info_release(&head);
	return 0;
}

/* What was claimed in it has to be derived from the new tip (R34): the last commit of
 * this cycle does that. */
static int drop_claims(struct cycle *c, const struct commit_info *old,
		       struct own_files *files, struct edits *edits,
		       struct buf *message, char vouched[VOUCH_DIGEST],
		       struct error *err)
{
	struct trailers t = old->trailers;
	char path[PATH_TEXT];
	const char *tail;
	bool changed;

	buf_adds(message, old->message);
	memcpy(vouched, t.files, VOUCH_DIGEST);
	if (claims_strip(c, files, &changed, err) == -1)
		return -1;
	if (!changed)
		return 0;
	path_status(c->me.number, path);
	edits_set(edits, path, own_files_get(files, path));
	vouch_digest(files, t.files);
	memcpy(vouched, t.files, VOUCH_DIGEST);
	tail = strstr(old->message, "Trine-Computer: ");
	buf_truncate(message, tail != NULL ? (size_t)(tail - old->message) : 0);
	trailers_write(message, &t);
	return 0;
}

static int move_commit(struct cycle *c, const struct commit_info *old,
		       struct waiting_line *line, struct error *err)
{
	struct move m = { .c = c, .line = line, .parent = old->parent.hex,
			  .err = err };
	struct own_files files = { 0 };
	struct buf message = BUF_INIT;
	char vouched[VOUCH_DIGEST];
	struct oid tree, made;
	bool cut, empty;
	int rc = -1;

	if (repo_diff(c->repo, old->parent.hex, old->oid.hex, cycle_prefix(c),
		      move_changed, &m, &cut, err) == -1 ||
	    rebuild_own_files(c, old->oid.hex, &files, &m.edits, err) == -1 ||
	    drop_claims(c, old, &files, &m.edits, &message, vouched, err) == -1 ||
	    give_way(c, &m.edits, err) == -1 ||
	    copies_place(c, &m.edits, err) == -1 ||
	    repo_edit(c->repo, c->head.hex, cycle_prefix(c), m.edits.item,
		      m.edits.count, &tree, err) == -1 ||
	    is_empty(c, tree.hex, &empty, err) == -1)
		goto out;
	if (empty) {
		rc = drop(c, old->oid.hex, err);
		goto out;
	}
	if (commit_make(c, tree.hex, old->time, message.data, &made, err) == -1 ||
	    log_moved(c, old->oid.hex, &made, &files, err) == -1)
		goto out;
	memcpy(c->vouched, vouched, sizeof(c->vouched));
	c->head = made;
	rc = 0;
out:
	buf_release(&message);
	edits_release(&m.edits);
	own_files_release(&files);
	return rc;
}

/* BEFORE is the newest commit below the lost one that is here: what the desk
 * shows of it came from there, all else from what is lost. Without one, what
 * nobody has any more did. */
static int forget_lost(struct cycle *c, const struct desk_file *f,
		       const char *before, struct error *err)
{
	struct owner owner = owner_of(f->path, &c->fleet);
	struct oid was = { "" };

	if (f->blob[0] == '\0' || owner_built_in(owner, c->me.number))
		return 0;
	if (version_at(c, before, f->path, &was, err) == -1)
		return -1;
	if (before[0] != '\0' ? strcmp(was.hex, f->blob) == 0
			      : repo_has(c->repo, f->blob))
		return 0;
	return record_forgotten(c->store, f->path, f->blob, was.hex, err);
}

/* The repository was lost with the commit in it: what publish wrote from there
 * counts as edits of this desk. */
static int drop_lost(struct cycle *c, const char *oid, const char *before,
		     struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_lost(c->store, oid, err) == -1 ||
	    heal_lost(c, oid, err) == -1)
		return -1;
	for (size_t i = 0; i < c->published_count; i++)
		if (forget_lost(c, &c->published[i], before, err) == -1)
			return -1;
	return desk_reload(c, err) == -1 ? -1 : cycle_end(c, err);
}

static int place_commit(struct cycle *c, struct waiting_line *line,
			const char *before, struct error *err)
{
	const char *oid = line->commit[line->nth].oid;
	struct commit_info info = { 0 };
	int rc;

	if (!repo_has(c->repo, oid) && !heal_commit(c, oid))
		return drop_lost(c, oid, before, err);
	if (repo_commit_read(c->repo, oid, cycle_prefix(c), &info, err) == -1)
		return -1;
	if (strcmp(info.parent.hex, c->head.hex) == 0) {
		c->head = info.oid;
		memcpy(c->vouched, info.trailers.files, sizeof(c->vouched));
		rc = 0;
	} else {
		rc = move_commit(c, &info, line, err);
	}
	commit_info_release(&info);
	return rc;
}

/* The newest own commit that vouches below the tip; receive has not read what
 * we pushed ourselves since. */
static int find_vouched(struct cycle *c, struct error *err)
{
	struct commit_info tip = { 0 };

	memcpy(c->vouched, c->marks.vouched, sizeof(c->vouched));
	if (c->tip.hex[0] == '\0')
		return 0;
	if (repo_commit_read(c->repo, c->tip.hex, cycle_prefix(c), &tip, err) == -1)
		return -1;
	if (tip.vouched && tip.trailers.computer == c->me.number)
		memcpy(c->vouched, tip.trailers.files, sizeof(c->vouched));
	commit_info_release(&tip);
	return 0;
}

int rebuild(struct cycle *c, struct error *err)
{
	struct waiting_line line = { NULL };
	const char *before = "";
	int rc = 0;

	if (find_vouched(c, err) == -1 || own_branch_base(c, err) == -1)
		return -1;
	c->base = c->head;
	if (view_unpushed(c->store, &line.commit, &line.count, err) == -1)
		return -1;
	for (; line.nth < line.count && rc == 0; line.nth++) {
		if (repo_has(c->repo, line.commit[line.nth].parent))
			before = line.commit[line.nth].parent;
		rc = place_commit(c, &line, before, err);
	}
	free(line.commit);
	return rc;
}
