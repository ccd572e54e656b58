/*
 * A remote between the cycle and the real one (sim.h) that does not always do
 * what it is asked. What it says is what a network or a server may say.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "memory_git.h"
#include "mutants.h"
#include "trine/file.h"
#include "trine/mem.h"

/* The heads that the real one saw, as if we had seen them. */
static void take_heads(struct faulty_remote *r)
{
	heads_release(&r->remote.heads);
	r->remote.heads = r->real->heads;
	r->real->heads = (struct heads){ 0 };
}

const char *const remote_fault_names[REMOTE_FAULTS] = {
	"well", "down", "deaf", "mute", "twice", "late", "refuses", "stale",
};

/* --- pushes that are late --- */

/* What it brings is under way, too. On files it is read where it was, if that is still
 * there. */
static char *late_objects(struct world *w, const struct late_push *late)
{
	return w->tier == TIER_FILES ?
	       xasprintf("%s/%d/.trine/repo.git", w->root, late->machine) :
	       xasprintf("%s/late.%d", w->root, (int)(late - w->late));
}

static void be_late(struct faulty_remote *r, const struct oid *old,
		    const struct oid *new_tip)
{
	struct world *w = r->world;
	struct late_push *late = w->late;
	char *from = home_path(r->machine->home, "repo.git"), *to;

	for (int i = 0; i < LATE_MOST - 1 && late->number != 0; i++)
		late++;
	*late = (struct late_push){ r->machine->index, r->machine->number, *old,
				    *new_tip };
	to = late_objects(w, late);
	memory_git_share(from, to);
	w->covered.late++;
	free(to);
	free(from);
}

static void arrive(struct world *w, struct late_push *late)
{
	struct machine *m = &w->machine[late->machine];
	char *path = late_objects(w, late);
	struct oid before = branch_tip(w), after;
	struct error err = ERROR_INIT;
	struct remote *remote = NULL;
	struct repo *repo;
	bool taken;

	if ((w->tier == TIER_MEMORY || file_exists(path)) &&
	    repo_open(&repo, path, &err) == 0) {
		if (remote_open(&remote, w->hub_path, NULL, &m->clock.clock, 20000,
				&err) == 0) {
			remote->push(remote, repo, "main", &late->old,
				     &late->new_tip, &err);
			remote->free(remote);
		}
		repo_close(repo);
	}
	after = branch_tip(w);
	taken = strcmp(before.hex, after.hex) != 0;
	tell(w, "a late push of computer %d arrives: %s", late->number,
	     taken ? "taken" : "stale");
	w->covered.late_arrived++;
	w->covered.late_taken += taken;
	if (taken)
		lives_come_back(w, late->number);
	if (w->tier == TIER_MEMORY)
		memory_git_remove(path);
	late->number = 0;
	free(path);
}

void late_pushes_arrive(struct world *w, const struct machine *m)
{
	for (int i = 0; i < LATE_MOST; i++)
		if (w->late[i].number != 0 &&
		    (m == NULL || w->late[i].machine == m->index))
			arrive(w, &w->late[i]);
}

void late_pushes_end(struct world *w, const struct machine *m)
{
	for (int i = 0; i < LATE_MOST; i++)
		if (w->late[i].machine == m->index)
			w->late[i].number = 0;
}

/* --- what the cycle asks for --- */

static int down(struct faulty_remote *r, struct error *err)
{
	r->met = r->failed = true;
	return error_set(err, ERR_AGAIN, "the network is down");
}

/* A replica is some commits behind; asked again, it is no longer. */
static void show_older(struct faulty_remote *r, struct repo *repo, struct oid *tip)
{
	unsigned behind = 1 + (unsigned)any_below(r->world, 3);
	git_commit *now = NULL, *old = NULL;
	struct error err = ERROR_INIT;
	git_oid id;

	if (tip->hex[0] == '\0' || r->was_stale)
		return;
	r->was_stale = true;
	git_oid_fromstr(&id, tip->hex);
	if (git_commit_lookup(&now, r->world->hub, &id) == 0 &&
	    git_commit_nth_gen_ancestor(&old, now, behind) == 0) {
		git_oid_tostr(tip->hex, sizeof(tip->hex), git_commit_id(old));
		r->met = true;
		tell(r->world, "  it is shown %.10s", tip->hex);
		repo_ref_set(repo, "refs/remotes/origin/main", tip->hex, &err);
	}
	git_commit_free(old);
	git_commit_free(now);
}

/* An earlier push of the same commits was under way, and has arrived since this cycle's
 * own one did not: the cycle is shown them on the TIP. They got through, and it ends
 * well, unless it pushes once more. */
static void see_arrived(struct faulty_remote *r, const struct oid *tip)
{
	git_oid now, unheard;

	if (r->unheard.hex[0] == '\0' || tip->hex[0] == '\0')
		return;
	git_oid_fromstr(&now, tip->hex);
	git_oid_fromstr(&unheard, r->unheard.hex);
	if (git_oid_equal(&now, &unheard) ||
	    git_graph_descendant_of(r->world->hub, &now, &unheard) == 1)
		r->failed = false;
}

static int fetch(struct remote *remote, struct repo *repo, const char *branch,
		 char *chosen, struct oid *tip, struct error *err)
{
	struct faulty_remote *r = (struct faulty_remote *)remote;
	int rc;

	if (r->fault == REMOTE_DOWN)
		return down(r, err);
	if (r->late_when == LATE_BEFORE_FETCH)
		late_pushes_arrive(r->world, r->machine);
	rc = r->real->fetch(r->real, repo, branch, chosen, tip, err);
	take_heads(r);
	if (rc == 0 && r->fault == REMOTE_STALE)
		show_older(r, repo, tip);
	if (rc == 0)
		see_arrived(r, tip);
	if (r->late_when == LATE_AFTER_FETCH)
		late_pushes_arrive(r->world, r->machine);
	return rc;
}

static int bring(struct remote *remote, struct repo *repo, struct head *heads,
		 size_t count, struct error *err)
{
	struct faulty_remote *r = (struct faulty_remote *)remote;

	if (r->fault == REMOTE_DOWN)
		return down(r, err);
	return r->real->bring(r->real, repo, heads, count, err);
}

/* A push that arrives, if late, may be seen on the tip by the end of the cycle. */
static enum push_result unknown(struct faulty_remote *r, struct error *err)
{
	r->met = true;
	r->failed |= r->fault == REMOTE_DEAF;
	error_set(err, ERR_AGAIN, "the connection was cut");
	return PUSH_UNKNOWN;
}

/* What a push by force would do. */
static enum push_result force(struct faulty_remote *r, const struct oid *tip)
{
	char *path = home_path(r->machine->home, "repo.git");
	git_reference *ref = NULL;
	git_oid id;

	memory_git_share(path, r->world->hub_path);
	git_oid_fromstr(&id, tip->hex);
	git_reference_create(&ref, r->world->hub, "refs/heads/main", &id, 1,
			     "forced");
	git_reference_free(ref);
	free(path);
	return PUSH_OK;
}

static enum push_result push(struct remote *remote, struct repo *repo,
			     const char *branch, const struct oid *old,
			     const struct oid *new_tip, struct error *err)
{
	struct faulty_remote *r = (struct faulty_remote *)remote;
	enum push_result result;

	if (r->fault == REMOTE_DEAF)
		r->unheard = *new_tip;
	if (r->fault == REMOTE_DOWN || r->fault == REMOTE_DEAF)
		return broken_by(MUTANT_PUSH) ? PUSH_OK : unknown(r, err);
	if (r->fault == REMOTE_REFUSES) {
		r->met = r->failed = true;
		error_set(err, ERR_REFUSED, "the remote refused our push: not "
			  "today");
		return PUSH_REFUSED;
	}
	if (r->fault == REMOTE_LATE) {
		be_late(r, old, new_tip);
		return unknown(r, err);
	}
	result = r->real->push(r->real, repo, branch, old, new_tip, err);
	if (r->fault == REMOTE_TWICE && result == PUSH_OK) {
		r->met = true;
		result = r->real->push(r->real, repo, branch, old, new_tip, err);
	}
	take_heads(r);
	if (result == PUSH_STALE && broken_by(MUTANT_FORCE))
		return force(r, new_tip);
	return r->fault == REMOTE_MUTE ? unknown(r, err) : result;
}

void faulty_remote_open(struct faulty_remote *r, struct world *w,
			struct machine *m)
{
	struct error err = ERROR_INIT;

	*r = (struct faulty_remote){
		.remote = { .fetch = fetch, .push = push, .bring = bring },
		.world = w, .machine = m,
	};
	if (remote_open(&r->real, w->hub_path, NULL, &m->clock.clock, 20000,
			&err) == -1)
		broken(w, "the world has no remote: %s", err.text);
}

void faulty_remote_close(struct faulty_remote *r)
{
	heads_release(&r->remote.heads);
	if (r->real != NULL)
		r->real->free(r->real);
	r->real = NULL;
}
