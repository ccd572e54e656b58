/*
 * A remote on a local path or file:// (remote.h). libgit2's own push there is
 * no compare-and-swap, so we write the objects ourselves and move the branch
 * under its lock; all trines take turns by fcntl(2) on the remote's trine.lock.
 */
#include "remote_p.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"

enum {
	DEAD_LOCK_MS = 2000,	/* a branch is locked for microseconds */
	LOCK_POLL_MS = 100,
	SYMREF_DEPTH = 5	/* as far as git follows one */
};

static const char zeros[OID_HEX] = "0000000000000000000000000000000000000000";

/* Why it cannot be opened, in words that help. */
static int say_unusable(const char *path, int rc, struct error *err)
{
	struct list names = LIST_INIT;
	bool was_one;
	int listed;

	/* libgit2 1.5 gives GIT_ENOTFOUND, and means the list of exceptions */
	if (rc == GIT_EOWNER || strstr(git_says(), "safe.directory") != NULL)
		return error_set(err, ERR_REFUSED, "%s belongs to another "
				 "user: use a repository of your own, or "
				 "git://", path);
	if (rc != GIT_ENOTFOUND)
		return git_fail(err, rc, "remote %s", path);
	listed = file_list(path, &names, err);
	was_one = list_has(&names, "objects");
	list_release(&names);
	if (listed == -1 && err->code == ERR_REFUSED)
		return -1;
	if (was_one)
		return error_set(err, ERR_DATA, "remote %s is damaged: it has "
				 "no HEAD, objects or refs that can be read; "
				 "`git init --bare %s` puts back what of these "
				 "is gone", path, path);
	return error_set(err, ERR_NOTFOUND, "no git repository at %s: is a "
			 "disk not mounted? `git init --bare %s` makes one",
			 path, path);
}

/* A remote that was found damaged, whatever failed for it. */
static int say_damaged(const struct peer *peer, const struct repo *there,
		       struct error *err)
{
	struct error why = ERROR_INIT;

	if (!repo_is_damaged(there, &why))
		return -1;
	return error_set(err, ERR_DATA, "remote %s is damaged: %.500s. `git -C "
			 "%s fsck` lists what is; put back a backup, or a copy "
			 "of what a computer has (`git clone --bare` of its "
			 ".trine/repo.git)", peer->where, why.text,
			 peer->where);
}

static void close_remote(struct repo *there)
{
	tree_cache_free(there->trees);
	outline_cache_free(there->outlines);
	git_odb_free(there->odb);
	git_repository_free(there->git);
	memset(there, 0, sizeof(*there));
}

static int open_remote(const struct peer *peer, struct repo *out,
		       struct error *err)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->path = peer->where;
	git_error_clear();
	rc = git_repository_open_ext(&out->git, peer->where,
				     GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (rc == 0)
		rc = git_repository_odb(&out->odb, out->git);
	if (rc == 0)
		rc = guard_add(out, git_repository_commondir(out->git));
	if (rc == 0)
		return 0;
	say_unusable(peer->where, rc, err);
	close_remote(out);
	return -1;
}

/* The branch HEAD names, born or not; NULL if none. Caller frees. */
static char *head_branch(git_repository *git)
{
	static const char heads[] = "refs/heads/";
	git_reference *head = NULL;
	const char *target;
	char *name = NULL;

	if (git_reference_lookup(&head, git, "HEAD") != 0)
		return NULL;
	target = git_reference_symbolic_target(head);
	if (target != NULL && strncmp(target, heads, strlen(heads)) == 0)
		name = xstrdup(target + strlen(heads));
	git_reference_free(head);
	return name;
}

static int add_branch(const char *name, void *arg)
{
	static const char heads[] = "refs/heads/";

	if (strncmp(name, heads, strlen(heads)) == 0)
		list_add(arg, name + strlen(heads));
	return 0;
}

/* An open remote that something is fetched from. */
struct opened {
	const struct peer *peer;
	struct repo there;
};

static int default_branch(void *arg, char chosen[BRANCH_BYTES],
			  struct error *err)
{
	struct repo *there = &((struct opened *)arg)->there;
	struct list branches = LIST_INIT;
	char *head = head_branch(there->git);
	int rc = git_reference_foreach_name(there->git, add_branch, &branches);
	int result;

	list_sort(&branches);
	result = rc < 0 ? git_fail(err, rc, "branches of %s", there->path) :
		 choose_branch(head, &branches, chosen, err);
	list_release(&branches);
	free(head);
	return result;
}

/* All branches, as they are now; a damaged one is no reason not to fetch ours. */
static void note_heads(struct repo *there, struct remote *remote)
{
	static const char heads[] = "refs/heads/";
	git_reference_iterator *all = NULL;
	git_reference *ref;
	int rc = git_reference_iterator_glob_new(&all, there->git, "refs/heads/*");

	heads_release(&remote->heads);
	while (rc == 0 && (rc = git_reference_next(&ref, all)) == 0) {
		const char *name = git_reference_name(ref) + strlen(heads);
		const git_oid *id = git_reference_target(ref);
		struct oid tip = { "" };

		if (id != NULL)
			oid_write(&tip, id);
		heads_add(&remote->heads, name, &tip,
			  is_first_head(remote, name));
		git_reference_free(ref);
	}
	git_reference_iterator_free(all);
	git_error_clear();
}

static int read_tip(void *arg, const char *ref, struct oid *out,
		    struct error *err)
{
	return repo_ref_get(&((struct opened *)arg)->there, ref, out, err);
}

static int transfer(void *arg, struct repo *repo, const struct fetched *f,
		    struct error *err)
{
	struct opened *from = arg;

	if (objects_copy(&from->there, repo, f->tip.hex, f->noted.hex,
			 from->peer, peer_deadline(from->peer), err) == 0)
		return 0;
	return error_wrap(err, "branch %s of %s", f->branch,
			  from->peer->where);
}

static int fetch(struct remote *remote, struct repo *repo, const char *branch,
		 char *chosen, struct oid *tip, struct error *err)
{
	static const struct source source = { default_branch, read_tip,
					      transfer };
	struct opened from = { .peer = (const struct peer *)remote };
	int result;

	tip->hex[0] = '\0';
	if (open_remote(from.peer, &from.there, err) == -1)
		return -1;
	note_heads(&from.there, remote);
	result = fetch_from(&source, &from, repo, branch, chosen, tip, err);
	if (result == -1)
		say_damaged(from.peer, &from.there, err);
	close_remote(&from.there);
	return result;
}

/* Nothing is copied: what the remote has is read where it is. */
static int bring(struct remote *remote, struct repo *repo, struct head *heads,
		 size_t count, struct error *err)
{
	const struct peer *peer = (const struct peer *)remote;
	struct repo there;
	char *objects;
	int rc, result = 0;

	if (open_remote(peer, &there, err) == -1)
		return -1;
	objects = xasprintf("%sobjects", git_repository_commondir(there.git));
	rc = git_odb_add_disk_alternate(repo->odb, objects);
	if (rc < 0)
		result = git_fail(err, rc, "%s", objects);
	for (size_t i = 0; i < count && result == 0; i++) {
		char *ref = xasprintf("refs/heads/%s", heads[i].name);

		result = repo_ref_get(&there, ref, &heads[i].tip, err);
		free(ref);
	}
	free(objects);
	close_remote(&there);
	return result;
}

/* What a push to REF moves: it, or what it stands for, as git follows a symbolic
 * ref, born or not. Caller frees. */
static char *moved_ref(struct repo *there, const char *ref)
{
	char *name = xstrdup(ref);

	for (int i = 0; i < SYMREF_DEPTH; i++) {
		git_reference *found = NULL;
		const char *target = NULL;

		if (git_reference_lookup(&found, there->git, name) == 0)
			target = git_reference_symbolic_target(found);
		if (target != NULL) {
			free(name);
			name = xstrdup(target);
		}
		git_reference_free(found);
		if (target == NULL)
			break;
	}
	git_error_clear();
	return name;
}

/* A person works there: their files would not follow the branch. */
static bool is_checked_out(struct repo *there, const char *branch,
			   const char *ref)
{
	git_reference *found = NULL;
	char *head = head_branch(there->git), *moved = moved_ref(there, ref);
	bool checked_out;

	checked_out = !git_repository_is_bare(there->git) && head != NULL &&
		      strcmp(head, branch) == 0;
	free(head);
	if (!checked_out &&
	    git_reference_lookup(&found, there->git, moved) == 0) {
		checked_out = !git_repository_is_bare(there->git) &&
			      git_branch_is_checked_out(found) == 1;
		git_reference_free(found);
	}
	free(moved);
	return checked_out;
}

static void say(const struct peer *peer, const char *text)
{
	if (peer->remote.say != NULL)
		peer->remote.say(peer->remote.arg, text);
}

static bool same_file(const struct file_info *a, const struct file_info *b)
{
	return a->inode == b->inode && a->mtime == b->mtime &&
	       a->mtime_ns == b->mtime_ns;
}

/* Somebody's lock on the branch: 0 when it went or was found dead and removed,
 * and the move may be tried again. Trines cannot hold it, for we hold theirs;
 * a living git is done in no time. */
static int outwait_lock(const struct peer *peer, struct repo *there,
			const char *ref, int64_t deadline, struct error *err)
{
	char *path = xasprintf("%s%s.lock",
			       git_repository_commondir(there->git), ref);
	struct clock *clock = peer->clock;
	struct file_info first, now;
	int64_t since = clock->steady(clock);
	char *text;
	int result = 0;

	if (file_stat(path, &first, err) == -1)
		goto out;	/* gone already */
	while (file_stat(path, &now, err) == 0 && same_file(&first, &now)) {
		if (peer_late(peer, deadline)) {
			result = error_set(err, ERR_AGAIN, "%s is in the way",
					   path);
			goto out;
		}
		if (clock->steady(clock) - since < DEAD_LOCK_MS) {
			clock->sleep(clock, LOCK_POLL_MS);
			continue;
		}
		result = file_remove(path, err);
		text = xasprintf("removed %s, left behind by a process that "
				 "was killed", path);
		if (result == 0)
			say(peer, text);
		free(text);
		break;
	}
out:
	free(path);
	return result;
}

/* One try to move the branch: a libgit2 result. */
static int move_once(struct repo *there, const char *ref, const git_oid *old,
		     const git_oid *new_tip)
{
	git_reference *moved = NULL;
	int rc = git_reference_create_matching(&moved, there->git, ref,
					       new_tip, 1, old, "trine");

	git_reference_free(moved);
	return rc;
}

/* Somebody was faster. If it is where it was, that is not why it did not move. */
static bool is_elsewhere(struct repo *there, const struct hook_push *push)
{
	struct error unread = ERROR_INIT;
	struct oid now;

	return repo_ref_get(there, push->ref, &now, &unread) == 0 &&
	       strcmp(now.hex[0] != '\0' ? now.hex : zeros, push->old) != 0;
}

/* REF is what is moved: moved_ref. */
static enum push_result move_branch(const struct peer *peer,
				    struct repo *there, const char *ref,
				    const struct hook_push *push,
				    struct error *err)
{
	git_oid old, new_tip;
	int rc;

	git_oid_fromstr(&old, push->old);
	git_oid_fromstr(&new_tip, push->new_tip);
	for (;;) {
		rc = move_once(there, ref, &old, &new_tip);
		if (rc == 0)
			return PUSH_OK;
		if (rc != GIT_ELOCKED && rc != GIT_EMODIFIED &&
		    rc != GIT_ENOTFOUND) {
			read_fail(there, rc, ref, err);
			return PUSH_UNKNOWN;
		}
		git_fail(err, rc, "cannot move %s in %s", ref, there->path);
		if (rc != GIT_ELOCKED)
			return is_elsewhere(there, push) ? PUSH_STALE : PUSH_UNKNOWN;
		if (outwait_lock(peer, there, ref, push->deadline, err) == -1)
			return PUSH_UNKNOWN;
	}
}

/* What the disk of the remote says, as what the caller can do about it. */
static const struct {
	int number;
	enum push_result result;
	enum error_code code;
	const char *text;
} disk_answers[] = {
	{ EACCES, PUSH_REFUSED, ERR_REFUSED, "may not be written to by us" },
	{ EPERM, PUSH_REFUSED, ERR_REFUSED, "may not be written to by us" },
	{ EROFS, PUSH_REFUSED, ERR_REFUSED, "is read-only" },
	{ ENOSPC, PUSH_UNKNOWN, ERR_AGAIN, "has no room: the disk is full" },
	{ EDQUOT, PUSH_UNKNOWN, ERR_AGAIN, "has no room: the quota is used up" },
};

static enum push_result judge_failure(const struct peer *peer,
				      struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(disk_answers); i++) {
		if (strstr(err->text, strerror(disk_answers[i].number)) == NULL)
			continue;
		error_set(err, disk_answers[i].code, "remote %s %s",
			  peer->where, disk_answers[i].text);
		return disk_answers[i].result;
	}
	if (err->code != ERR_REFUSED)
		err->code = ERR_AGAIN;
	return PUSH_UNKNOWN;
}

static char *hooks_folder(struct repo *there)
{
	git_config *config = NULL;
	const char *set = NULL;
	char *folder;

	if (git_repository_config_snapshot(&config, there->git) == 0)
		if (git_config_get_string(&set, config, "core.hooksPath") != 0)
			set = NULL;
	if (set == NULL)
		folder = xasprintf("%shooks",
				   git_repository_commondir(there->git));
	else if (*set == '/')
		folder = xstrdup(set);
	else
		folder = xasprintf("%s%s", git_repository_path(there->git),
				   set);
	git_config_free(config);
	git_error_clear();
	return folder;
}

/* With the remote's trine.lock held. */
static enum push_result push_locked(const struct peer *peer, struct repo *repo,
				    struct repo *there,
				    const struct hook_push *push,
				    struct error *err)
{
	bool born = strcmp(push->old, zeros) != 0;
	enum push_result result;
	struct oid now;

	if (repo_ref_get(there, push->ref, &now, err) == -1)
		return PUSH_UNKNOWN;
	if (strcmp(now.hex, push->new_tip) == 0)
		return PUSH_OK;		/* the answer to our last push got lost */
	if (strcmp(now.hex, born ? push->old : "") != 0)
		return PUSH_STALE;
	if (objects_copy(repo, there, push->new_tip, now.hex, peer,
			 push->deadline, err) == -1)
		return PUSH_UNKNOWN;
	result = hooks_before(push, err);
	if (result == PUSH_OK) {
		char *ref = moved_ref(there, push->ref);

		result = move_branch(peer, there, ref, push, err);
		free(ref);
	}
	return result;
}

static enum push_result push_there(const struct peer *peer, struct repo *repo,
				   struct repo *there, struct hook_push *push,
				   struct error *err)
{
	char *lock = xasprintf("%strine.lock",
			       git_repository_commondir(there->git));
	int fd = file_lock(lock, (int)peer->timeout_ms, err);
	enum push_result result = PUSH_UNKNOWN;

	if (fd >= 0)
		result = push_locked(peer, repo, there, push, err);
	file_unlock(fd);
	if (result == PUSH_UNKNOWN)
		result = judge_failure(peer, err);
	if (result == PUSH_OK) {
		error_clear(err);
		hooks_after(push);
	}
	free(lock);
	return result;
}

/* A branch is only ever moved forward: whoever lost commits must fetch. */
static bool goes_forward(struct repo *repo, const struct oid *old,
			 const struct oid *new_tip, struct error *err)
{
	bool forward = false;

	if (old->hex[0] == '\0')
		return true;
	if (repo_descends(repo, new_tip->hex, old->hex, &forward, err) == -1)
		return false;
	return forward;
}

static enum push_result push_branch(const struct peer *peer, struct repo *repo,
				    struct repo *there, const char *branch,
				    struct hook_push *push, struct error *err)
{
	enum push_result result;

	if (is_checked_out(there, branch, push->ref)) {
		error_set(err, ERR_REFUSED, "branch %s is checked out in %s: "
			  "use a bare repository as remote, or another branch",
			  branch, peer->where);
		return PUSH_REFUSED;
	}
	push->git_dir = git_repository_path(there->git);
	push->folder = hooks_folder(there);
	result = push_there(peer, repo, there, push, err);
	free(push->folder);
	return result;
}

static enum push_result push(struct remote *remote, struct repo *repo,
			     const char *branch, const struct oid *old,
			     const struct oid *new_tip, struct error *err)
{
	const struct peer *peer = (const struct peer *)remote;
	enum push_result result = PUSH_UNKNOWN;
	struct hook_push job = { .peer = peer };
	struct error ignored = ERROR_INIT;
	struct repo there;
	char *ref = branch_ref(branch, err);

	if (ref == NULL)
		return PUSH_REFUSED;
	job.ref = ref;
	job.deadline = peer_deadline(peer);
	memcpy(job.old, old->hex[0] ? old->hex : zeros, OID_HEX);
	memcpy(job.new_tip, new_tip->hex, OID_HEX);
	if (!goes_forward(repo, old, new_tip, err)) {
		result = PUSH_STALE;
	} else if (open_remote(peer, &there, err) == 0) {
		result = push_branch(peer, repo, &there, branch, &job, err);
		if (result == PUSH_UNKNOWN)
			say_damaged(peer, &there, err);
		close_remote(&there);
	} else if (err->code == ERR_REFUSED) {
		result = PUSH_REFUSED;
	}
	if (result == PUSH_OK)
		note_tip(repo, branch, new_tip->hex, &ignored);
	free(ref);
	return result;
}

void remote_path_init(struct peer *peer)
{
	peer->remote.fetch = fetch;
	peer->remote.push = push;
	peer->remote.bring = bring;
}
