/*
 * People with clones of the branch and plain git, for test_hand_random.c: what
 * they can do to a branch of which they know nothing but the files. Of two
 * versions of a line both are kept, as people do who want no trouble.
 */
#ifndef HAND_PEOPLE_H
#define HAND_PEOPLE_H

#include "fleet_checks.h"

#include <git2.h>
#include <git2/sys/commit.h>

enum { PEOPLE = 3, PARENTS = 4 };

static struct {
	git_repository *git;		/* of the hub */
	struct oid head[PEOPLE];	/* of their clones */
} people;

#define GIT(call) do {							\
	if ((call) < 0)							\
		give_up("%s: %s", #call, git_error_last()->message);	\
} while (0)

static git_oid id_of(struct oid oid)
{
	git_oid out;

	GIT(git_oid_fromstr(&out, oid.hex));
	return out;
}

static struct oid hex_of(const git_oid *id)
{
	struct oid out;

	git_oid_tostr(out.hex, sizeof(out.hex), id);
	return out;
}

static struct oid tree_of(struct oid commit)
{
	git_oid id = id_of(commit);
	git_commit *c;
	struct oid out;

	GIT(git_commit_lookup(&c, people.git, &id));
	out = hex_of(git_commit_tree_id(c));
	git_commit_free(c);
	return out;
}

/* The first parent; none of a root. */
static struct oid parent_of(struct oid commit)
{
	git_oid id = id_of(commit);
	struct oid out = { "" };
	git_commit *c;

	GIT(git_commit_lookup(&c, people.git, &id));
	if (git_commit_parentcount(c) > 0)
		out = hex_of(git_commit_parent_id(c, 0));
	git_commit_free(c);
	return out;
}

static struct oid commit_tree(struct oid tree, const struct oid *parent,
			      size_t parents, const char *message)
{
	const git_oid *at[PARENTS];
	git_oid id[PARENTS], of_tree = id_of(tree), made;
	git_signature *who;

	for (size_t i = 0; i < parents; i++) {
		id[i] = id_of(parent[i]);
		at[i] = &id[i];
	}
	GIT(git_signature_new(&who, "Ada", "ada@example.org",
			      our_now(&clock_) - any_below(100), 0));
	GIT(git_commit_create_from_ids(&made, people.git, NULL, who, who, NULL,
				       message, &of_tree, parents, at));
	git_signature_free(who);
	return hex_of(&made);
}

static bool descends(struct oid commit, struct oid from)
{
	bool out;

	OK(repo_descends(w.hub, commit.hex, from.hex, &out, &err));
	return out;
}

/* --- merges of trees --- */

static bool is_by_hand(const char *path)
{
	return strstr(path, "/HUMAN_TO_") != NULL ||
	       (strstr(path, "/3_TO_1.md") != NULL &&
		w.machine[2].home == NULL);
}

/* Both versions of lines that were changed on both sides. */
static git_oid keep_both(const git_index_entry *base, const git_index_entry *a,
			 const git_index_entry *b)
{
	git_merge_file_options o;
	git_merge_file_result result;
	git_oid id;

	GIT(git_merge_file_options_init(&o, GIT_MERGE_FILE_OPTIONS_VERSION));
	o.favor = GIT_MERGE_FILE_FAVOR_UNION;
	GIT(git_merge_file_from_index(&result, people.git, base, a, b, &o));
	GIT(git_blob_create_from_buffer(&id, people.git, result.ptr, result.len));
	git_merge_file_result_free(&result);
	return id;
}

/* Files of computers stay as OURS has them: they put them right themselves. */
static void settle_conflicts(git_index *index)
{
	const git_index_entry *base, *ours, *theirs;
	git_index_conflict_iterator *at;

	while (git_index_has_conflicts(index)) {
		git_index_entry entry = { 0 };
		char *path;

		GIT(git_index_conflict_iterator_new(&at, index));
		GIT(git_index_conflict_next(&base, &ours, &theirs, at));
		path = xstrdup(ours ? ours->path : theirs ? theirs->path
							  : base->path);
		entry = ours ? *ours : theirs ? *theirs : *base;
		if (ours != NULL && theirs != NULL && is_by_hand(path))
			entry.id = keep_both(base, ours, theirs);
		entry.path = path;
		entry.flags = 0;
		git_index_conflict_iterator_free(at);
		GIT(git_index_conflict_remove(index, path));
		GIT(git_index_add(index, &entry));
		free(path);
	}
}

static git_tree *load_tree(struct oid commit)
{
	git_oid id = id_of(tree_of(commit));
	git_tree *out;

	GIT(git_tree_lookup(&out, people.git, &id));
	return out;
}

/* The tree of OURS with what THEIRS has done since BASE. */
static struct oid merge_trees(struct oid base, struct oid ours,
			      struct oid theirs)
{
	git_merge_options o;
	git_tree *from = load_tree(base), *a = load_tree(ours),
		 *b = load_tree(theirs);
	git_index *index;
	git_oid id;

	GIT(git_merge_options_init(&o, GIT_MERGE_OPTIONS_VERSION));
	o.flags &= ~(unsigned)GIT_MERGE_FIND_RENAMES;
	GIT(git_merge_trees(&index, people.git, from, a, b, &o));
	settle_conflicts(index);
	GIT(git_index_write_tree_to(&id, index, people.git));
	git_index_free(index);
	git_tree_free(from);
	git_tree_free(a);
	git_tree_free(b);
	return hex_of(&id);
}

static struct oid merge_base(struct oid a, struct oid b)
{
	git_oid x = id_of(a), y = id_of(b), id;

	GIT(git_merge_base(&id, people.git, &x, &y));
	return hex_of(&id);
}

#endif
