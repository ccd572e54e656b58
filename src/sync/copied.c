/*
 * Is a line that was read on one branch the same when it comes on another? Used
 * by hand.c where other branches are read like the fleet's (radar.c).
 *
 * Agents that begin at the same commit add lines that look alike: "**Priority:**
 * high". A commit is a copy of another one (a squash, a rebase, a pick, an
 * amended one) if one of them adds most of what the other brought into the file,
 * or if they were written by the same person in the same second: then these
 * lines are the same. Else it says something else, and whatever it adds is said
 * by it.
 */
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "trine/hand.h"
#include "trine/mem.h"

/* --- lines of a text --- */

static int add_line(void *arg, struct span text, size_t count)
{
	struct line_counts *l = arg;

	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count] = (struct hand_known){ .most = count };
	hand_digest(text, l->item[l->count++].digest);
	return 0;
}

static int by_digest(const void *a, const void *b)
{
	return strcmp(((const struct hand_known *)a)->digest,
		      ((const struct hand_known *)b)->digest);
}

/* In order, each once, with the sum of its counts or the highest of them. */
static void gather(struct line_counts *l, bool sum)
{
	size_t kept = 0;

	if (l->count > 1)
		qsort(l->item, l->count, sizeof(*l->item), by_digest);
	for (size_t i = 0; i < l->count; i++) {
		struct hand_known *last = &l->item[kept > 0 ? kept - 1 : 0];

		if (kept == 0 || by_digest(last, &l->item[i]) != 0)
			l->item[kept++] = l->item[i];
		else if (sum)
			last->most += l->item[i].most;
		else if (last->most < l->item[i].most)
			last->most = l->item[i].most;
	}
	l->count = kept;
}

void line_counts_read(struct line_counts *l, struct span bytes)
{
	hand_each_line(bytes, add_line, l);
	gather(l, true);
}

uint64_t line_counts_of(const struct line_counts *l, const char *digest)
{
	struct hand_known key = { .most = 0 };
	const struct hand_known *found;

	memcpy(key.digest, digest, LINE_DIGEST);
	found = l->count == 0 ? NULL : bsearch(&key, l->item, l->count,
					       sizeof(*l->item), by_digest);
	return found ? found->most : 0;
}

void line_counts_release(struct line_counts *l)
{
	free(l->item);
	*l = (struct line_counts){ 0 };
}

/* What a commit adds to a file. */
struct added {
	struct line_counts lines;	/* more often than in each parent */
	struct line_counts brought;	/* of these, what no parent has at all */
};

static void added_release(struct added *a)
{
	line_counts_release(&a->lines);
	line_counts_release(&a->brought);
}

static void read_added(struct added *added, struct span bytes,
		       const struct span *parent, size_t parents)
{
	struct line_counts old = { 0 }, *out = &added->lines;
	size_t kept = 0;

	for (size_t i = 0; i < parents; i++)
		hand_each_line(parent[i], add_line, &old);
	gather(&old, false);
	line_counts_read(out, bytes);
	for (size_t i = 0; i < out->count; i++) {
		struct hand_known line = out->item[i];
		uint64_t had = line_counts_of(&old, line.digest);

		if (line.most <= had)
			continue;
		line.most -= had;
		out->item[kept++] = line;
		if (had > 0)
			continue;
		ARRAY_GROW(added->brought.item, added->brought.count,
			   added->brought.cap);
		added->brought.item[added->brought.count++] = line;
	}
	out->count = kept;
	line_counts_release(&old);
}

/* --- what another commit added --- */

static int read_file(struct cycle *c, const struct copied_version *v,
		     const char *commit, struct buf *out, struct error *err)
{
	struct oid oid;
	bool found;
	int rc = history_read(c, commit, v->path, out, &oid, &found, err);

	if (rc == 0 && v->drop_entries)
		hand_drop_entries(out, v->name);
	return rc;
}

static int read_other(struct cycle *c, const struct copied_version *v,
		      const char *commit, struct added *out,
		      struct error *err)
{
	struct list parents = LIST_INIT;
	struct buf bytes = BUF_INIT, *texts = NULL;
	struct span *spans = NULL;
	int rc = repo_parents(c->repo, commit, &parents, err);

	texts = xcalloc(parents.count + 1, sizeof(*texts));
	spans = xcalloc(parents.count + 1, sizeof(*spans));
	for (size_t i = 0; i < parents.count; i++)
		buf_init(&texts[i]);
	if (rc == 0)
		rc = read_file(c, v, commit, &bytes, err);
	for (size_t i = 0; i < parents.count && rc == 0; i++) {
		rc = read_file(c, v, parents.item[i], &texts[i], err);
		spans[i] = span_of(&texts[i]);
	}
	if (rc == 0)
		read_added(out, span_of(&bytes), spans, parents.count);
	for (size_t i = 0; i < parents.count; i++)
		buf_release(&texts[i]);
	free(texts);
	free(spans);
	buf_release(&bytes);
	list_release(&parents);
	return rc;
}

/* --- copy, or something else? --- */

static bool is_most(const struct line_counts *a, const struct line_counts *b)
{
	size_t fewer = a->count < b->count ? a->count : b->count, both = 0;

	for (size_t i = 0; i < a->count; i++)
		both += line_counts_of(b, a->item[i].digest) > 0;
	return both * 3 > fewer * 2;
}

static int is_copy(struct cycle *c, const struct copied_version *v,
		   const struct added *a, const char *commit,
		   const struct added *b, bool *out, struct error *err)
{
	struct commit_info info = { 0 };

	*out = a->brought.count > 0 && b->brought.count > 0
		? is_most(&a->brought, &b->brought)
		: is_most(&a->lines, &b->lines);
	if (*out)
		return 0;
	if (repo_commit_read(c->repo, commit, cycle_prefix(c), &info,
			     err) == -1)
		return -1;
	*out = info.authored != 0 && info.authored == v->info->authored &&
	       strcmp(info.author, v->info->author) == 0;
	commit_info_release(&info);
	return 0;
}

/* One that cannot be read counts as the same: nothing is said twice. */
static void judge(struct cycle *c, const struct copied_version *v,
		  const struct added *added, const char *commit,
		  struct copied *out)
{
	struct error unreadable = ERROR_INIT;
	struct added other = { { 0 }, { 0 } };
	struct repo *ours = c->repo;
	bool same = true;

	if (!repo_has(c->repo, commit) && radar_open(c))
		c->repo = c->beside;
	if (!repo_has(c->repo, commit) ||
	    read_other(c, v, commit, &other, &unreadable) == -1 ||
	    is_copy(c, v, added, commit, &other, &same, &unreadable) == -1)
		same = true;
	c->repo = ours;
	memcpy(out->known[out->count].commit, commit, OID_HEX);
	out->known[out->count++].other = !same;
	for (size_t i = 0; same && i < other.lines.count; i++) {
		ARRAY_GROW(out->lines.item, out->lines.count, out->lines.cap);
		out->lines.item[out->lines.count++] = other.lines.item[i];
	}
	added_release(&other);
}

static bool was_judged(const struct copied *l, const char *commit)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->known[i].commit, commit) == 0)
			return true;
	return false;
}

/* Was it read on another branch, and is it not below V's commit? */
static int is_candidate(struct cycle *c, const struct copied_version *v,
			const char *commit, bool *out, struct error *err)
{
	bool below = false;

	*out = c->aside;
	if (!*out && view_beside(c->store, commit, out, err) == -1)
		return -1;
	if (*out && repo_ancestors_have(v->below, commit, &below, err) == -1)
		return -1;
	*out &= !below;
	return 0;
}

int copied_find(struct cycle *c, const struct copied_version *v,
		struct copied *out, struct error *err)
{
	struct added added = { { 0 }, { 0 } };
	int rc = 0;

	read_added(&added, v->bytes, v->parent, v->parents);
	for (size_t i = 0; i < added.lines.count && rc == 0 &&
	     out->count < COPIED_COMMITS; i++) {
		struct hand_known line = added.lines.item[i];
		bool candidate = false;

		rc = view_hand_line(c->store, v->name, &line, err);
		if (rc == 0 && line.commit[0] != '\0' &&
		    !was_judged(out, line.commit))
			rc = is_candidate(c, v, line.commit, &candidate, err);
		if (rc == 0 && candidate)
			judge(c, v, &added, line.commit, out);
	}
	gather(&out->lines, false);
	for (size_t i = 0; i < v->parents && v->parents > 1; i++)
		hand_each_line(v->parent[i], add_line, &out->merged);
	gather(&out->merged, true);
	added_release(&added);
	return rc;
}

bool copied_is_other(const struct copied *l, const char *commit)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->known[i].commit, commit) == 0)
			return l->known[i].other;
	return false;
}

void copied_release(struct copied *l)
{
	line_counts_release(&l->lines);
	line_counts_release(&l->merged);
}
