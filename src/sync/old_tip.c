/*
 * Tips that the branch no longer descends from: the remote went back, or its
 * history was rewritten (protocol R32). Each stays reachable by a ref here, and
 * as a problem of that name until somebody removes the ref.
 *
 * Own files come back by themselves. Shared files may have been taken back on
 * purpose: what of the old tip is not in the new one is offered, as a command
 * for the desk, and merged by nobody else.
 */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/text.h"

static const char code[] = "rewritten", backup[] = "refs/trine/backup/";

enum {
	LIMIT_OLD_TIPS = 10,	/* shown; more have a ref each all the same */
	LIMIT_LOOKED = 200,	/* files */
	LIMIT_OFFERED = 16	/* of them in one command; the others come next */
};

/* --- what the old tip had newer --- */

struct offer {
	struct cycle *c;
	const char *old;
	struct oid base;	/* of both tips; none */
	const struct fleet *rules;
	unsigned looked;
	struct list paths;
	struct error *err;
};

/* A file that could be on a desk; what is none is empty. */
static void load(struct cycle *c, const char *oid, struct buf *out)
{
	struct error unfit = ERROR_INIT;

	if (oid[0] == '\0' ||
	    repo_blob_read(c->repo, oid, LIMIT_FILE, out, &unfit) == -1)
		buf_reset(out);
}

/* Would merging OLD into TIP change nothing? */
static bool holds_all(struct cycle *c, const char *base, const char *old,
		      const char *tip)
{
	struct buf in[3] = { BUF_INIT, BUF_INIT, BUF_INIT }, merged = BUF_INIT;
	struct error odd = ERROR_INIT;
	bool clean = false, same;

	load(c, base, &in[0]);
	load(c, old, &in[1]);
	load(c, tip, &in[2]);
	same = repo_merge_text(span_of(&in[0]), span_of(&in[1]), span_of(&in[2]),
			       &merged, &clean, &odd) == 0 && clean &&
	       span_equal(span_of(&merged), span_of(&in[2]));
	for (int i = 0; i < 3; i++)
		buf_release(&in[i]);
	buf_release(&merged);
	return same;
}

static int offer_path(void *arg, const char *path, const char *was,
		      const char *is, enum entry_kind kind)
{
	struct offer *o = arg;
	struct cycle *c = o->c;
	struct oid tip = { "" };
	bool is_tree = false;

	if (kind != ENTRY_FILE || is[0] == '\0' || path_refused(path) != NULL ||
	    owner_of(path, o->rules).kind != OWNER_SHARED ||
	    o->looked++ >= LIMIT_LOOKED)
		return 0;
	if (repo_lookup(c->repo, c->tip.hex, cycle_prefix(c), path, &tip,
			&is_tree, o->err) == -1)
		return -1;
	if (strcmp(tip.hex, is) != 0 &&
	    (tip.hex[0] == '\0' || is_tree ||
	     !holds_all(c, was, is, tip.hex)))
		list_add(&o->paths, path);
	return 0;
}

/* Nothing while the branch is gone: the desks make it anew. */
static int find_offer(struct offer *o, struct error *err)
{
	struct cycle *c = o->c;
	bool cut;

	o->err = err;
	if (c->tip.hex[0] == '\0')
		return 0;
	if (repo_merge_base(c->repo, o->old, c->tip.hex, &o->base, err) == -1)
		return -1;
	return repo_diff(c->repo, o->base.hex, o->old, cycle_prefix(c),
			 offer_path, o, &cut, err);
}

/* --- the words for it --- */

static void add_paths(struct buf *out, const struct offer *o)
{
	for (size_t i = 0; i < o->paths.count && i < LIMIT_OFFERED; i++) {
		buf_printf(out, " ");
		text_shell_word(out, cycle_prefix(o->c));
		buf_printf(out, "/%s", o->paths.item[i]);
	}
}

/* git's plumbing: settings of the user do not change what it prints. */
static void add_offer(struct buf *out, const struct offer *o, const char *ref)
{
	bool can_merge = o->base.hex[0] != '\0';

	if (o->paths.count == 0) {
		buf_adds(out, "of shared files nothing is missing. ");
		return;
	}
	buf_printf(out, "%zu shared file%s newer there. ", o->paths.count,
		   o->paths.count == 1 ? " was" : "s were");
	buf_adds(out, can_merge ? "To merge that into this desk: `cd " :
		 "The two have no past in common; compare them: `cd ");
	text_shell_word(out, o->c->home->dir);
	buf_printf(out, " && trine git diff-tree -p %.12s %s --",
		   can_merge ? o->base.hex : o->c->tip.hex, ref);
	add_paths(out, o);
	buf_adds(out, can_merge ? " | trine git apply`; the next sync shares it. "
		 : "`. ");
}

static void describe(struct buf *out, const struct offer *o, const char *ref)
{
	buf_printf(out, "the branch was rewritten: it no longer holds commit "
		   "%.10s, which is kept as %s. Own files come back by "
		   "themselves; ", o->old, ref);
	add_offer(out, o, ref);
	buf_printf(out, "`trine git update-ref -d %s` ends this message", ref);
}

static int show(struct cycle *c, const char *ref, const char *old,
		const struct fleet *rules, struct error *err)
{
	struct offer o = { .c = c, .old = old, .rules = rules };
	struct buf text = BUF_INIT;
	int rc = find_offer(&o, err);

	if (rc == 0) {
		describe(&text, &o, ref);
		rc = record_problem(c->store, code, ref, text.data, err);
	}
	list_release(&o.paths);
	buf_release(&text);
	return rc;
}

/* --- from cycle to cycle --- */

static bool is_old_tip(const struct problem *p)
{
	return strcmp(p->code, code) == 0 &&
	       strncmp(p->key, backup, sizeof(backup) - 1) == 0;
}

/* The oldest ones give way: a branch that is rewritten again and again must not
 * fill the list of problems. */
static int make_room(struct cycle *c, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0, shown = 0;
	int rc = 0;

	if (view_problems(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = count; i > 0 && rc == 0; i--)
		if (is_old_tip(&l[i - 1]) && ++shown >= LIMIT_OLD_TIPS)
			rc = record_problem_over(c->store, code, l[i - 1].key,
						 err);
	problems_free(l, count);
	return rc;
}

/* Its commits went with a repository that was lost. */
static int show_lost(struct cycle *c, const char *old, struct error *err)
{
	char text[256];

	snprintf(text, sizeof(text), "the branch was rewritten: it no longer "
		 "holds commit %.10s, and neither does this computer. Own files "
		 "come back by themselves", old);
	return record_problem(c->store, code, "branch", text, err);
}

int old_tip_keep(struct cycle *c, const char *old, struct error *err)
{
	struct fleet rules = FLEET_INIT;
	char ref[96], time[TIME_TEXT];
	int rc = -1;

	if (record_rewritten(c->store, old, c->tip.hex, err) == -1)
		return -1;
	if (!repo_has(c->repo, old))
		return show_lost(c, old, err);
	snprintf(ref, sizeof(ref), "%s%s-%.8s", backup,
		 time_compact(c->now, time), old);
	if (!c->options->dry_run && repo_ref_set(c->repo, ref, old, err) == -1)
		return -1;
	cycle_checkpoint(c, "backup");
	if (make_room(c, err) == 0 && home_fleet(c->home, &rules, err) == 0)
		rc = show(c, ref, old, &rules, err);
	fleet_release(&rules);
	return rc;
}

int old_tips_any(struct cycle *c, bool *out, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;

	if (view_problems_of(c->store, code, &l, &count, err) == -1)
		return -1;
	*out = count > 0;
	problems_free(l, count);
	return 0;
}

struct changes {
	const struct fleet *rules;
	bool shared;		/* a path that no computer owns, or who owns it */
};

static int note_shared(void *arg, const char *path, const char *was,
		       const char *is, enum entry_kind kind)
{
	struct changes *changes = arg;

	(void)was;
	(void)is;
	(void)kind;
	changes->shared |= owner_of(path, changes->rules).kind != OWNER_COMPUTER;
	return 0;
}

/* What an old tip had newer is only another thing when the branch changed shared
 * files, or joined another line of history. A walk back to where the two parted
 * is long, and most cycles bring neither. */
static int may_differ(struct cycle *c, const struct fleet *rules, bool *out,
		      struct error *err)
{
	struct changes changes = { rules, false };
	bool cut = false;
	int rc;

	*out = true;
	if (c->joined_history || !repo_has(c->repo, c->marks.tip) ||
	    c->tip.hex[0] == '\0')
		return 0;
	rc = repo_diff(c->repo, c->marks.tip, c->tip.hex, cycle_prefix(c),
		       note_shared, &changes, &cut, err);
	*out = changes.shared || cut;
	return rc;
}

static int show_all(struct cycle *c, const struct fleet *rules, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;
	struct oid old;
	int rc = 0;

	if (view_problems(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (!is_old_tip(&l[i]))
			continue;
		rc = repo_ref_get(c->repo, l[i].key, &old, err);
		if (rc == 0 && repo_has(c->repo, old.hex))
			rc = show(c, l[i].key, old.hex, rules, err);
	}
	problems_free(l, count);
	return rc;
}

int old_tips_review(struct cycle *c, struct error *err)
{
	struct fleet rules = FLEET_INIT;
	bool wanted = false;
	int rc;

	if (old_tips_any(c, &wanted, err) == -1)
		return -1;
	if (!wanted)
		return 0;
	rc = home_fleet(c->home, &rules, err);
	if (rc == 0)
		rc = may_differ(c, &rules, &wanted, err);
	if (rc == 0 && wanted)
		rc = show_all(c, &rules, err);
	fleet_release(&rules);
	return rc;
}

int old_tips_hold(struct cycle *c, const char *commit, bool *out,
		  struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;
	struct oid old;
	int rc = 0;

	*out = false;
	if (view_problems_of(c->store, code, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0 && !*out; i++) {
		if (!is_old_tip(&l[i]))
			continue;
		rc = repo_ref_get(c->repo, l[i].key, &old, err);
		if (rc == 0 && repo_has(c->repo, old.hex))
			rc = repo_descends(c->repo, old.hex, commit, out, err);
	}
	problems_free(l, count);
	return rc;
}

static int forget(struct cycle *c, const char *ref, struct error *err)
{
	if (cycle_begin(c, err) == -1 ||
	    record_problem_over(c->store, code, ref, err) == -1)
		return -1;
	return cycle_end(c, err);
}

int old_tips_forget(struct cycle *c, struct error *err)
{
	struct problem *l = NULL;
	size_t count = 0;
	struct oid old;
	int rc = 0;

	if (view_problems(c->store, &l, &count, err) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (!is_old_tip(&l[i]))
			continue;
		rc = repo_ref_get(c->repo, l[i].key, &old, err);
		if (rc == 0 && old.hex[0] == '\0')
			rc = forget(c, l[i].key, err);
	}
	problems_free(l, count);
	return rc;
}
