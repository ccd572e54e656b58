/*
 * Step commit: own unpushed commits on the new tip, then what is new on top.
 *
 * Objects are written first, then the log names the commit and the versions in
 * it (mark 2), then the local branch moves. Killed before the log has it, the
 * objects are garbage and the next cycle makes them again; after it, the commit
 * is one of ours that waits, whatever the branch says.
 */
#include "sync.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDS_IN_SUBJECT = 3 };

/* Names reach commits as git allows them: no <, > or control bytes. */
static void author_name(const struct cycle *c, char *out, size_t size)
{
	const char *name = c->home->settings.name ? c->home->settings.name
						  : c->me.name;
	size_t used = (size_t)snprintf(out, size, "Computer %d", c->me.number);

	if (name == NULL || *name == '\0')
		return;
	used += (size_t)snprintf(out + used, size - used, " (");
	for (; *name != '\0' && used + 3 < size; name++)
		if (isalnum((unsigned char)*name) || strchr(" ._-", *name))
			out[used++] = *name;
	snprintf(out + used, size - used, ")");
}

int commit_merge(struct cycle *c, const char *tree, const struct list *parents,
		 int64_t time, const char *message, struct oid *out,
		 struct error *err)
{
	char name[160], mail[64];

	author_name(c, name, sizeof(name));
	snprintf(mail, sizeof(mail), "computer-%d@trine.invalid", c->me.number);
	return repo_merge_write(c->repo, tree, parents, name, mail, time,
				message, out, err);
}

int commit_make(struct cycle *c, const char *tree, int64_t time,
		const char *message, struct oid *out, struct error *err)
{
	char *item = c->head.hex;
	const struct list parents = { &item, item[0] != '\0', 1 };

	return commit_merge(c, tree, &parents, time, message, out, err);
}

/* --- the message --- */

static int name_messages(struct cycle *c, struct buf *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l = { 0 };

	f.direction = DIRECTION_OUT;
	f.uncommitted = true;
	f.brief = true;
	if (view_records(c->store, &f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && i < IDS_IN_SUBJECT; i++)
		buf_printf(out, "%s%s", out->len > 0 ? ", " : "", l.item[i].id);
	if (l.count > IDS_IN_SUBJECT)
		buf_printf(out, " and %zu more", l.count - IDS_IN_SUBJECT);
	record_list_release(&l);
	return 0;
}

static void name_files(struct cycle *c, struct buf *out)
{
	unsigned shared = 0, copies = 0, status = 0;
	const struct { unsigned *count; const char *one, *many; } kinds[] = {
		{ &shared, "1 shared file", "shared files" },
		{ &copies, "1 copy of a version that did not stay", "copies" },
	};

	for (size_t i = 0; i < c->edits.count; i++)
		switch (path_classify(c->edits.item[i].path).kind) {
		case PATH_STATUS:
			status++;
			break;
		case PATH_CONFLICT:
			copies++;
			break;
		case PATH_STREAM:
		case PATH_ARCHIVE:
			break;
		default:
			shared++;
		}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (*kinds[i].count == 0)
			continue;
		buf_adds(out, out->len > 0 ? ", " : "");
		if (*kinds[i].count == 1)
			buf_adds(out, kinds[i].one);
		else
			buf_printf(out, "%u %s", *kinds[i].count, kinds[i].many);
	}
	if (out->len == 0)
		buf_adds(out, status ? "status" : "own files");
}

static int write_message(struct cycle *c, const char *digest, struct buf *out,
			 struct error *err)
{
	struct trailers t = { .computer = c->me.number };
	struct buf what = BUF_INIT;
	int rc = name_messages(c, &what, err);

	if (rc == 0) {
		name_files(c, &what);
		snprintf(t.clone, sizeof(t.clone), "%s", c->me.clone);
		snprintf(t.files, sizeof(t.files), "%s", digest);
		buf_printf(out, "computer %d: %s\n\n", c->me.number, what.data);
		trailers_write(out, &t);
	}
	buf_release(&what);
	return rc;
}

/* --- the commit --- */

/* Versions of paths that are ours by fleet.yaml are in no trailer: they are known
 * for ours as what publish is about to write (mark 3). */
static int log_rule_owned(struct cycle *c, struct error *err)
{
	for (size_t i = 0; i < c->edits.count; i++) {
		struct tree_edit *edit = &c->edits.item[i];
		struct desk_file file = { .path = edit->path };

		if (!owner_by_rule(owner_of(edit->path, &c->fleet),
				   c->me.number))
			continue;
		memcpy(file.blob, edit->oid.hex, sizeof(file.blob));
		if (record_intent(c->store, &file, 1, err) == -1)
			return -1;
	}
	return 0;
}

static int log_commit(struct cycle *c, const struct oid *made,
		      const struct own_files *files, struct error *err)
{
	if (record_commit(c->store, made->hex, c->head.hex, "", files, err) == -1)
		return -1;
	if (claims_log(c, made->hex, err) == -1)
		return -1;
	for (size_t i = 0; i < c->put_back.count; i++)
		if (record_put_back(c->store, c->put_back.item[i].path,
				    c->put_back.item[i].blob, err) == -1)
			return -1;
	if (c->taken_in.count > 0 &&
	    record_published(c->store, NO_COMMIT, c->taken_in.item,
			     c->taken_in.count, err) == -1)
		return -1;
	return log_rule_owned(c, err) == -1 ? -1 : copies_log(c, err);
}

static int make_commit(struct cycle *c, const struct oid *tree,
		       struct own_files *files, const char *digest,
		       struct error *err)
{
	struct buf message = BUF_INIT;
	struct oid made;
	int rc = -1;

	if (write_message(c, digest, &message, err) == -1 ||
	    commit_make(c, tree->hex, c->now, message.data, &made, err) == -1)
		goto out;
	cycle_checkpoint(c, "commit object");
	if (log_commit(c, &made, files, err) == -1)
		goto out;
	c->head = made;
	snprintf(c->vouched, sizeof(c->vouched), "%s", digest);
	c->report->committed++;
	c->grew = true;
	rc = 0;
out:
	buf_release(&message);
	return rc;
}

/* A commit is due if the tree changes, or if no own commit below head vouches
 * for the own files in it: somebody squashed ours away (R5). */
static int commit_composed(struct cycle *c, struct error *err)
{
	struct own_files files = { 0 };
	char digest[VOUCH_DIGEST];
	struct oid tree;
	bool due, wait;
	int rc = -1;

	wait = compose_waits(c);
	if (wait)
		edits_release(&c->edits);
	if (repo_edit(c->repo, c->head.hex, cycle_prefix(c), c->edits.item,
		      c->edits.count, &tree, err) == -1 ||
	    repo_own_files(c->repo, tree.hex, cycle_prefix(c), c->me.number,
			   &files, err) == -1)
		goto out;
	vouch_digest(&files, digest);
	due = !wait && (c->edits.count > 0 || strcmp(digest, c->vouched) != 0);
	for (size_t i = 0; i < c->edits.count; i++)
		cycle_say(c, "commit %s%s", c->edits.item[i].path,
			  c->edits.item[i].oid.hex[0] ? "" : " (removed)");
	if (due)
		rc = make_commit(c, &tree, &files, digest, err);
	else
		rc = wait ? 0 : copies_log(c, err);	/* only counted ones */
out:
	own_files_release(&files);
	return rc;
}

static int move_branch(struct cycle *c, struct error *err)
{
	struct oid there;

	if (c->head.hex[0] == '\0' || c->local_ref[0] == '\0' ||
	    c->options->dry_run)
		return 0;
	if (repo_ref_get(c->repo, c->local_ref, &there, err) == -1)
		return -1;
	if (strcmp(there.hex, c->head.hex) == 0)
		return 0;
	if (repo_ref_set(c->repo, c->local_ref, c->head.hex, err) == -1)
		return -1;
	cycle_checkpoint(c, "branch");
	return 0;
}

static int put_together(struct cycle *c, struct error *err)
{
	if (fleet_in_force(c, err) == -1 || rebuild(c, err) == -1 ||
	    cycle_begin(c, err) == -1 || compose(c, err) == -1 ||
	    commit_composed(c, err) == -1 || copies_settle(c, err) == -1 ||
	    cycle_end(c, err) == -1)
		return -1;
	cycle_checkpoint(c, "commit");
	return move_branch(c, err);
}

/* The branch cannot be read so far as a commit on it needs, and one made all the same
 * would take from it what was not read. Nothing is written to it, nor to the desk, until
 * somebody mends it; what was received goes on. */
static int hold_back(struct cycle *c, struct error *err)
{
	struct error why = *err;

	if (why.code != ERR_DATA || c->options->dry_run ||
	    repo_has_misread(c->repo, err))
		return -1;
	error_clear(err);
	store_abort(c->store);
	copies_release(&c->copies);
	c->blind = true;
	error_wrap(&why, "nothing is committed");
	cycle_trouble(c, &why);
	if (cycle_begin(c, err) == -1 ||
	    record_problem(c->store, "unreadable", "tip", why.text, err) == -1)
		return -1;
	return cycle_end(c, err);
}

int step_commit(struct cycle *c, struct error *err)
{
	/* A repository that was lost, and nobody to ask what the branch holds. */
	c->blind = c->head.hex[0] == '\0' && c->tip.hex[0] == '\0' &&
		   c->marks.tip[0] != '\0' && !c->online;
	if (c->stopped || c->blind)
		return 0;
	return put_together(c, err) == 0 ? 0 : hold_back(c, err);
}
