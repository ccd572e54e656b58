/*
 * Who is N? Receive asks for each commit that vouches for our number: is it
 * ours, of a clone before us, of another machine (protocol R27, R28)?
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

/* --- two machines --- */

bool identity_is_ours(const struct cycle *c, const char *clone)
{
	return strcmp(clone, c->me.clone) == 0 ||
	       list_has(&c->me.former, clone);
}

/* The status of our number that COMMIT carries. */
int identity_status_at(struct cycle *c, const char *commit,
			 struct status *out, bool *found, struct error *err)
{
	char path[PATH_TEXT];
	struct buf bytes = BUF_INIT;
	struct error unreadable = ERROR_INIT;
	struct oid oid;
	bool is_tree;

	*found = false;
	if (repo_lookup(c->repo, commit, cycle_prefix(c),
			path_status(c->me.number, path), &oid, &is_tree,
			err) == -1)
		return -1;
	if (oid.hex[0] != '\0' && !is_tree &&
	    repo_blob_read(c->repo, oid.hex, LIMIT_FILE, &bytes,
			   &unreadable) == 0)
		*found = status_parse(span_of(&bytes), out, &unreadable) == 0;
	buf_release(&bytes);
	return 0;
}

/* Another clone says that it is us. It is a machine if its own status says so
 * too; a commit whose clone no status names is a forgery, shown and no more. */
static int meet_stranger(struct cycle *c, const struct commit_info *info,
			 struct error *err)
{
	struct status s = STATUS_INIT;
	struct error twin = ERROR_INIT;
	char text[256];
	bool found;

	if (identity_status_at(c, info->oid.hex, &s, &found, err) == -1)
		return -1;
	found = found && strcmp(s.clone, info->trailers.clone) == 0;
	status_release(&s);
	if (!found) {
		snprintf(text, sizeof(text), "commit %.10s by %.60s says it is "
			 "of this computer, but its clone %s is in no status",
			 info->oid.hex, info->author, info->trailers.clone);
		return record_problem(c->store, "forged", "commit", text, err);
	}
	c->stopped = true;
	error_set(&twin, ERR_REFUSED, "another machine is computer %d too: clone "
		  "%s, in commit %.10s by %.60s. This one (clone %s) has stopped "
		  "pushing and handing off. If the other one is gone or wrong, "
		  "run `trine takeover` here; else set this one up with another "
		  "number", c->me.number, info->trailers.clone, info->oid.hex,
		  info->author, c->me.clone);
	cycle_trouble(c, &twin);
	if (record_problem(c->store, "identity", "clone", twin.text, err) == -1)
		return -1;
	/* As a new clone it gave back what ours had (R29): to others it is free. */
	return claims_void(c, "another machine has the number of this computer", err);
}

/* Once met, the other machine is there until somebody takes over. */
int identity_still_doubtful(struct cycle *c, struct error *err)
{
	struct error twin = ERROR_INIT;
	struct problem *l = NULL;
	size_t count = 0;

	if (view_problems_of(c->store, "identity", &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		c->stopped = true;
		error_set(&twin, ERR_REFUSED, "%s", l[i].text);
		cycle_trouble(c, &twin);
	}
	problems_free(l, count);
	return 0;
}

/* --- our own clone --- */

int identity_knows(struct cycle *c, const char *commit, bool *out,
			  struct error *err)
{
	struct own_files files = { 0 };
	int rc = -1;

	*out = true;
	if (repo_own_files(c->repo, commit, cycle_prefix(c), c->me.number,
			   &files, err) == -1)
		return -1;
	for (size_t i = 0; i < files.count && *out; i++)
		if (view_version_known(c->store, files.file[i].path,
				       files.file[i].oid, out, err) == -1)
			goto out;
	rc = 0;
out:
	own_files_release(&files);
	return rc;
}

void identity_renew(struct cycle *c)
{
	list_add(&c->me.former, c->me.clone);
	snprintf(c->me.clone, sizeof(c->me.clone), "%08x",
		 (unsigned)chance_below(c->world->chance, UINT64_C(1) << 32));
	c->me.since = c->now;
	c->me.accepted = false;
}

/* The remote knows more of us than our log: this disk is older than it, put
 * back from a backup. Go on as a new clone (R28). */
static int restored(struct cycle *c, const struct commit_info *info,
		    struct error *err)
{
	char text[256];

	identity_renew(c);
	snprintf(c->me.why, sizeof(c->me.why), "restored");
	snprintf(text, sizeof(text), "commit %.10s of this computer is not in "
		 "its event log: the disk is older than the remote. It goes on "
		 "as clone %s and has taken in what it had sent and received",
		 info->oid.hex, c->me.clone);
	if (record_identity(c->store, &c->me, err) == -1)
		return -1;
	return record_problem(c->store, "restored", "disk", text, err);
}

/* One that was made here, by this clone or one before it, waits no more. */
static int meet_made_here(struct cycle *c, const struct commit_info *info,
			  bool *out, struct error *err)
{
	snprintf(c->marks.vouched, sizeof(c->marks.vouched), "%s",
		 info->trailers.files);
	if (view_commit_known(c->store, info->oid.hex, out, err) == -1)
		return -1;
	return *out ? record_seen(c->store, info->oid.hex, err) : 0;
}

static int is_rebuilt_form(struct cycle *c, const char *waiting,
			   const struct commit_info *info, bool *out,
			   struct error *err)
{
	struct commit_info old = { 0 };

	*out = false;
	if (!repo_has(c->repo, waiting))
		return 0;
	if (repo_commit_read(c->repo, waiting, cycle_prefix(c), &old, err) == -1)
		return -1;
	*out = old.time == info->time && strcmp(old.message, info->message) == 0;
	commit_info_release(&old);
	return 0;
}

/* Every version in INFO is known. A commit that waits on a disk from a backup may
 * be there in the form it got since, which has its words and its time: put once
 * more on top of what came later, it would take own files back (R8). */
static int meet_rebuilt(struct cycle *c, const struct commit_info *info,
			struct error *err)
{
	struct own_files files = { 0 };
	struct own_commit *l = NULL;
	size_t count = 0, i = 0;
	bool same = false;
	int rc;

	rc = view_unpushed(c->store, &l, &count, err);
	for (; rc == 0 && i < count && !same; i++)
		rc = is_rebuilt_form(c, l[i].oid, info, &same, err);
	if (rc == 0 && same &&
	    (repo_own_files(c->repo, info->oid.hex, cycle_prefix(c),
			    c->me.number, &files, err) == -1 ||
	     record_commit(c->store, info->oid.hex, info->parent.hex,
			   l[i - 1].oid, &files, err) == -1 ||
	     record_seen(c->store, info->oid.hex, err) == -1))
		rc = -1;
	own_files_release(&files);
	free(l);
	return rc;
}

static int meet_ourselves(struct cycle *c, const struct commit_info *info,
			  struct error *err)
{
	bool known;

	if (meet_made_here(c, info, &known, err) == -1)
		return -1;
	if (known) {
		if (c->me.accepted)
			return 0;
		c->me.accepted = true;	/* a push whose answer got lost */
		return record_identity(c->store, &c->me, err);
	}
	if (identity_knows(c, info->oid.hex, &known, err) == -1)
		return -1;
	return known ? meet_rebuilt(c, info, err) : restored(c, info, err);
}

int identity_meet_rewound(struct cycle *c, const struct commit_info *newest,
			  struct error *err)
{
	bool known;

	if (!c->me.accepted || !newest->vouched ||
	    strcmp(newest->trailers.clone, c->me.clone) == 0 ||
	    !identity_is_ours(c, newest->trailers.clone))
		return 0;
	if (view_commit_known(c->store, newest->oid.hex, &known, err) == -1 ||
	    (!known && identity_knows(c, newest->oid.hex, &known, err) == -1))
		return -1;
	return known ? 0 : restored(c, newest, err);
}

int identity_meet(struct cycle *c, const struct commit_info *info,
		  struct error *err)
{
	const char *clone = info->trailers.clone;
	bool known;

	if (strcmp(clone, c->me.clone) == 0)
		return meet_ourselves(c, info, err);
	if (identity_is_ours(c, clone))
		return meet_made_here(c, info, &known, err);
	/* Taken over: who had the number until now stops when it sees us. */
	if (!c->me.accepted && strcmp(c->me.why, "init") != 0) {
		list_add(&c->me.former, clone);
		return record_identity(c->store, &c->me, err);
	}
	return meet_stranger(c, info, err);
}
