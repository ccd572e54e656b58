/*
 * Walking over commits (repo.h), over raw ones: a commit that libgit2 does not
 * like must not hide those behind it. Used by receive, by conflicts that look
 * for the version before, and to tell whether a tip goes on from another.
 *
 * As in git, a walk goes from new to old by the time of the commits, and ends
 * where nothing but hidden ones is left; since times may lie, it goes a few
 * commits further (SLOP) before it believes that: at worst, something is read
 * twice. Whether one commit is behind another is never guessed: what ends the
 * search is that nothing is left on the way to it, whatever the times are.
 */
#include "git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oidmap.h"
#include "trine/mem.h"

enum { SLOP = 16 };

struct node {
	git_oid id;
	int64_t time;
	size_t *parent;		/* numbers of nodes; NULL before it is loaded */
	size_t parents;
	size_t children;	/* of those in the result not yet called */
	unsigned sides;		/* bits: which of two tips it is behind */
	size_t question;	/* the last one whose old commit it is behind */
	bool loaded, hidden, queued, wanted;
	bool absent;		/* not here: there is nothing to load */
	bool denied;		/* asked for, and not behind the tip */
};

struct walk {
	struct repo *repo;
	struct node *node;
	size_t count, cap;
	struct oidmap number;
	size_t *heap;		/* newest on top */
	size_t heaped, heap_cap;
	size_t open;		/* in the heap, and the walk is not over before them */
	size_t question;	/* of ancestors, from 1; 0: none is asked */
	struct error *err;
};

static void walk_release(struct walk *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->node[i].parent);
	free(w->node);
	free(w->heap);
	oidmap_release(&w->number);
}

/* Newer first; equal times by id, so that all computers see one order. */
static bool goes_before(const struct walk *w, size_t a, size_t b)
{
	if (w->node[a].time != w->node[b].time)
		return w->node[a].time > w->node[b].time;
	return git_oid_cmp(&w->node[a].id, &w->node[b].id) < 0;
}

static void swap(size_t *a, size_t *b)
{
	size_t c = *a;

	*a = *b;
	*b = c;
}

static bool is_behind_old(const struct walk *w, const struct node *node)
{
	return w->question > 0 && node->question == w->question;
}

/* A walk is over when all that is left is hidden. A question is when all ways from
 * the tip are behind the old commit: none of them leads to it. */
static bool is_open(const struct walk *w, const struct node *node)
{
	return w->question == 0 ? !node->hidden :
	       node->hidden && !is_behind_old(w, node);
}

static void heap_push(struct walk *w, size_t n)
{
	size_t at = w->heaped;

	ARRAY_GROW(w->heap, w->heaped, w->heap_cap);
	w->heap[w->heaped++] = n;
	while (at > 0 && goes_before(w, w->heap[at], w->heap[(at - 1) / 2])) {
		swap(&w->heap[at], &w->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	w->node[n].queued = true;
	w->open += is_open(w, &w->node[n]);
}

static size_t heap_pop(struct walk *w)
{
	size_t top = w->heap[0], at = 0;

	w->heap[0] = w->heap[--w->heaped];
	for (;;) {
		size_t best = at, child = 2 * at + 1;

		for (size_t i = child; i < child + 2 && i < w->heaped; i++)
			if (goes_before(w, w->heap[i], w->heap[best]))
				best = i;
		if (best == at)
			break;
		swap(&w->heap[at], &w->heap[best]);
		at = best;
	}
	w->node[top].queued = false;
	w->open -= is_open(w, &w->node[top]);
	return top;
}

static size_t node_of(struct walk *w, const git_oid *id)
{
	size_t n = (size_t)oidmap_add(&w->number, id, (ptrdiff_t)w->count);

	if (n == w->count) {
		ARRAY_GROW(w->node, w->count, w->cap);
		memset(&w->node[n], 0, sizeof(w->node[n]));
		w->node[n].id = *id;
		w->count++;
	}
	return n;
}

static int load_node(struct walk *w, size_t n)
{
	const struct outline *o;
	size_t *parent;

	if (w->node[n].loaded)
		return 0;
	o = commit_outline(w->repo, &w->node[n].id, w->err);
	if (o == NULL)
		return -1;
	parent = xcalloc(o->parents, sizeof(*parent));
	for (size_t i = 0; i < o->parents; i++)
		parent[i] = node_of(w, &o->parent[i]);
	w->node[n].parent = parent;
	w->node[n].parents = o->parents;
	w->node[n].time = o->time;
	w->node[n].loaded = true;
	return 0;
}

static bool set_mark(const struct walk *w, struct node *node, bool hide)
{
	if (hide ? node->hidden : is_behind_old(w, node))
		return false;
	if (hide)
		node->hidden = true;
	else
		node->question = w->question;
	return true;
}

/* N and all that is known behind it is hidden, or else behind the old commit. */
static void mark_from(struct walk *w, size_t n, bool hide)
{
	size_t *todo = NULL, count = 0, cap = 0;

	ARRAY_GROW(todo, count, cap);
	todo[count++] = n;
	while (count > 0) {
		struct node *node = &w->node[todo[--count]];
		bool was_open = is_open(w, node);

		if (!set_mark(w, node, hide))
			continue;
		if (node->queued)
			w->open = w->open - was_open + is_open(w, node);
		for (size_t i = 0; i < node->parents; i++) {
			ARRAY_GROW(todo, count, cap);
			todo[count++] = node->parent[i];
		}
	}
	free(todo);
}

/* A parent that is hidden and not here is none of our business: a remote may
 * have cut its history short. */
static int queue_parents(struct walk *w, size_t n)
{
	for (size_t i = 0; i < w->node[n].parents; i++) {
		size_t parent = w->node[n].parent[i];

		if (w->node[n].hidden)
			mark_from(w, parent, true);
		if (is_behind_old(w, &w->node[n]))
			mark_from(w, parent, false);
		if (w->node[parent].loaded)
			continue;
		if (load_node(w, parent) == 0) {
			heap_push(w, parent);
		} else if (w->node[n].hidden && w->err->code == ERR_NOTFOUND) {
			error_clear(w->err);
			w->node[parent].loaded = w->node[parent].absent = true;
		} else {
			return object_missing(w->repo, w->err);
		}
	}
	return 0;
}

static int queue_start(struct walk *w, const char *oid, bool hidden,
		       size_t *out)
{
	git_oid id;
	size_t n;

	if (oid_read(&id, oid, w->err) == -1)
		return -1;
	n = node_of(w, &id);
	if (hidden)
		mark_from(w, n, true);
	if (w->node[n].loaded)
		return 0;
	if (load_node(w, n) == -1)
		return object_missing(w->repo, w->err);
	heap_push(w, n);
	*out = n;
	return 0;
}

/* Go on until nothing but hidden ones is left. All others on the way are wanted;
 * with a limit, the newest of them. */
static int go_on(struct walk *w, size_t limit)
{
	int64_t oldest = INT64_MAX;
	int slop = SLOP;
	size_t n, wanted = 0;

	while (w->heaped > 0 && (limit == 0 || wanted < limit)) {
		if (w->open > 0 || w->node[w->heap[0]].time >= oldest)
			slop = SLOP;
		else if (slop-- == 0)
			break;
		n = heap_pop(w);
		if (!w->node[n].hidden) {
			w->node[n].wanted = true;
			wanted++;
			if (w->node[n].time < oldest)
				oldest = w->node[n].time;
		}
		if (queue_parents(w, n) == -1)
			return -1;
	}
	return 0;
}

/* Mark every node reachable from TIP and not from HIDE as wanted; with a limit,
 * the newest of them. */
static int collect(struct walk *w, const char *tip, const struct list *hide,
		   size_t limit)
{
	size_t n;

	if (queue_start(w, tip, false, &n) == -1)
		return -1;
	for (size_t i = 0; i < hide->count; i++)
		if (queue_start(w, hide->item[i], true, &n) == -1)
			return -1;
	return go_on(w, limit);
}

static bool is_result(const struct node *node)
{
	return node->wanted && !node->hidden;
}

/* The result from children to parents, newest first; *COUNT of them. */
static size_t *sort_topological(struct walk *w, size_t *count)
{
	size_t *sorted, done = 0;

	w->heaped = 0;
	for (size_t i = 0; i < w->count; i++)
		for (size_t j = 0; is_result(&w->node[i]) &&
		     j < w->node[i].parents; j++)
			w->node[w->node[i].parent[j]].children++;
	for (size_t i = 0; i < w->count; i++)
		if (is_result(&w->node[i]) && w->node[i].children == 0)
			heap_push(w, i);
	sorted = xcalloc(w->count, sizeof(*sorted));
	while (w->heaped > 0) {
		size_t n = heap_pop(w);

		sorted[done++] = n;
		for (size_t j = 0; j < w->node[n].parents; j++) {
			size_t parent = w->node[n].parent[j];

			if (--w->node[parent].children == 0 &&
			    is_result(&w->node[parent]))
				heap_push(w, parent);
		}
	}
	*count = done;
	return sorted;
}

static int walk_hiding(struct repo *repo, const char *tip,
		       const struct list *hide, size_t limit,
		       int (*each)(void *arg, const char *oid,
				   struct error *err),
		       void *arg, struct error *err)
{
	struct walk w = { .repo = repo, .err = err };
	size_t *sorted, count;
	int result = collect(&w, tip, hide, limit);
	struct oid hex;

	if (result == 0) {
		sorted = sort_topological(&w, &count);
		while (count > 0 && result == 0) {
			oid_write(&hex, &w.node[sorted[--count]].id);
			result = each(arg, hex.hex, err);
		}
		free(sorted);
	}
	walk_release(&w);
	return result;
}

int repo_walk(struct repo *repo, const char *tip, const char *hide,
	      int (*each)(void *arg, const char *oid, struct error *err),
	      void *arg, struct error *err)
{
	char *item = (char *)(uintptr_t)hide;
	const struct list list = { &item, hide[0] != '\0', 1 };

	return walk_hiding(repo, tip, &list, 0, each, arg, err);
}

int repo_walk_some(struct repo *repo, const char *tip, const struct list *hide,
		   size_t limit,
		   int (*each)(void *arg, const char *oid, struct error *err),
		   void *arg, struct error *err)
{
	struct list here = LIST_INIT;
	int result;

	for (size_t i = 0; i < hide->count; i++)
		if (repo_has(repo, hide->item[i]))
			list_add(&here, hide->item[i]);
	result = walk_hiding(repo, tip, &here, limit, each, arg, err);
	list_release(&here);
	return result;
}

int repo_walk_back(struct repo *repo, const char *tip, bool first_parent,
		   int (*each)(void *arg, const char *oid, struct error *err),
		   void *arg, struct error *err)
{
	struct walk w = { .repo = repo, .err = err };
	int result;
	struct oid hex;
	size_t n;

	result = queue_start(&w, tip, false, &n);
	while (result == 0 && w.heaped > 0) {
		n = heap_pop(&w);
		if (first_parent && w.node[n].parents > 1)
			w.node[n].parents = 1;
		oid_write(&hex, &w.node[n].id);
		result = each(arg, hex.hex, err);
		if (result == 0)
			result = queue_parents(&w, n);
	}
	walk_release(&w);
	return result < 0 ? -1 : 0;
}

/* --- what is behind a commit --- */

struct ancestors {
	struct walk walk;	/* with all behind TIP hidden, as far as it came */
	struct oid tip;
};

struct ancestors *repo_ancestors(struct repo *repo, const char *tip)
{
	struct ancestors *a = xcalloc(1, sizeof(*a));

	a->walk.repo = repo;
	snprintf(a->tip.hex, sizeof(a->tip.hex), "%s", tip);
	return a;
}

void repo_ancestors_free(struct ancestors *a)
{
	if (a == NULL)
		return;
	walk_release(&a->walk);
	free(a);
}

/* The next question: what is known behind OLD, node N, is so for this one. */
static void begin_question(struct walk *w, size_t n)
{
	w->question++;
	mark_from(w, n, false);
	w->open = 0;
	for (size_t i = 0; i < w->heaped; i++)
		w->open += is_open(w, &w->node[w->heap[i]]);
}

/* OLD, node N, is behind the tip if hiding that hides it. The walk stands where the
 * last question left it: what it has passed is known. */
static int look_for(struct ancestors *a, const char *old, size_t n)
{
	struct walk *w = &a->walk;

	if (!w->node[n].loaded && !repo_has(w->repo, old)) {
		w->node[n].loaded = w->node[n].absent = true;
		return 0;
	}
	begin_question(w, n);
	if (queue_start(w, old, false, &n) == -1)
		return -1;
	while (w->open > 0 && !w->node[n].hidden)
		if (queue_parents(w, heap_pop(w)) == -1)
			return -1;
	return 0;
}

int repo_ancestors_have(struct ancestors *a, const char *old, bool *out,
			struct error *err)
{
	struct walk *w = &a->walk;
	git_oid id;
	size_t n;

	*out = false;
	w->err = err;
	if (oid_read(&id, old, err) == -1 ||
	    (w->count == 0 && queue_start(w, a->tip.hex, true, &n) == -1))
		return -1;
	n = node_of(w, &id);
	if (!w->node[n].denied && !(w->node[n].hidden && w->node[n].loaded) &&
	    look_for(a, old, n) == -1)
		return -1;
	w->node[n].denied = !w->node[n].hidden || w->node[n].absent;
	*out = !w->node[n].denied;
	return 0;
}

int repo_descends(struct repo *repo, const char *new_tip, const char *old_tip,
		  bool *out, struct error *err)
{
	struct ancestors *a;
	int result;

	*out = strcmp(new_tip, old_tip) == 0;
	if (*out || !repo_has(repo, old_tip))
		return 0;
	a = repo_ancestors(repo, new_tip);
	result = repo_ancestors_have(a, old_tip, out, err);
	repo_ancestors_free(a);
	return result;
}

/* Node N is behind these sides, and BEHIND a commit that both have: all such are
 * hidden. A parent that is not here has none itself, as in queue_parents. */
static int paint(struct walk *w, size_t n, unsigned sides, bool behind)
{
	struct node *node;

	if (load_node(w, n) == -1) {
		if (w->err->code != ERR_NOTFOUND)
			return object_missing(w->repo, w->err);
		error_clear(w->err);
		w->node[n].loaded = true;
	}
	node = &w->node[n];
	if ((node->sides | sides) == node->sides && (node->hidden || !behind))
		return 0;
	node->sides |= sides;
	if (behind && !node->hidden) {
		node->hidden = true;
		w->open -= node->queued;
	}
	if (!node->queued)
		heap_push(w, n);
	return 0;
}

/* As git does: from new to old, until all that is left is behind what was found. */
static int find_common(struct walk *w)
{
	enum { BOTH = 3 };

	while (w->open > 0) {
		size_t n = heap_pop(w);
		unsigned sides = w->node[n].sides;

		w->node[n].wanted |= sides == BOTH;
		for (size_t i = 0; i < w->node[n].parents; i++)
			if (paint(w, w->node[n].parent[i], sides,
				  sides == BOTH) == -1)
				return -1;
	}
	return 0;
}

/* Where times lie, a commit may be found before another one that it is behind. */
static int is_behind_another(struct walk *w, size_t n, bool *out)
{
	struct oid old, new_tip;

	*out = false;
	oid_write(&old, &w->node[n].id);
	for (size_t i = 0; i < w->count && !*out; i++) {
		if (i == n || !is_result(&w->node[i]))
			continue;
		oid_write(&new_tip, &w->node[i].id);
		if (repo_descends(w->repo, new_tip.hex, old.hex, out,
				  w->err) == -1)
			return -1;
	}
	return 0;
}

static int newest_result(struct walk *w, struct oid *out)
{
	size_t best = SIZE_MAX;
	bool behind;

	for (size_t i = 0; i < w->count; i++) {
		if (!is_result(&w->node[i]) ||
		    (best != SIZE_MAX && !goes_before(w, i, best)))
			continue;
		if (is_behind_another(w, i, &behind) == -1)
			return -1;
		if (!behind)
			best = i;
	}
	if (best != SIZE_MAX)
		oid_write(out, &w->node[best].id);
	return 0;
}

int repo_merge_base(struct repo *repo, const char *a, const char *b,
		    struct oid *out, struct error *err)
{
	struct walk w = { .repo = repo, .err = err };
	git_oid one, two;
	int rc;

	out->hex[0] = '\0';
	if (oid_read(&one, a, err) == -1 || oid_read(&two, b, err) == -1)
		return -1;
	rc = paint(&w, node_of(&w, &one), 1, false);
	if (rc == 0)
		rc = paint(&w, node_of(&w, &two), 2, false);
	if (rc == 0)
		rc = find_common(&w);
	if (rc == 0)
		rc = newest_result(&w, out);
	walk_release(&w);
	return rc;
}

int repo_merge_bases(struct repo *repo, const char *a, const char *b,
		     struct list *out, struct error *err)
{
	git_oidarray bases = { NULL, 0 };
	git_oid one, two;
	struct oid hex;
	int rc;

	if (oid_read(&one, a, err) == -1 || oid_read(&two, b, err) == -1)
		return -1;
	rc = git_merge_bases(&bases, repo->git, &one, &two);
	if (rc < 0 && rc != GIT_ENOTFOUND)
		return git_fail(err, rc, "what %.10s and %.10s have in common",
				a, b);
	for (size_t i = 0; i < bases.count; i++) {
		oid_write(&hex, &bases.ids[i]);
		list_add(out, hex.hex);
	}
	git_oidarray_dispose(&bases);
	return 0;
}
