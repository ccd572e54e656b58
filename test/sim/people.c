/*
 * What people do on the branch with plain git (sim.h): they know nothing of trine but
 * the files they see.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

static const char prefix[] = "coordination";

#define GIT(w, call) do {						\
	if ((call) < 0)							\
		broken(w, "the world: %s: %s", #call,			\
		       git_error_last() ? git_error_last()->message : "?"); \
} while (0)

/* --- the branch --- */

static bool tip_id(struct world *w, git_oid *out)
{
	return git_reference_name_to_id(out, w->hub, "refs/heads/main") == 0;
}

struct oid branch_tip(struct world *w)
{
	struct oid out = { "" };
	git_oid id;

	if (tip_id(w, &id))
		git_oid_tostr(out.hex, sizeof(out.hex), &id);
	return out;
}

static git_commit *commit_at(struct world *w, const git_oid *id)
{
	git_commit *c = NULL;

	GIT(w, git_commit_lookup(&c, w->hub, id));
	return c;
}

static git_commit *tip_commit(struct world *w)
{
	git_oid id;

	return tip_id(w, &id) ? commit_at(w, &id) : NULL;
}

static git_tree *tree_of(struct world *w, git_commit *c)
{
	git_tree *tree = NULL;

	GIT(w, git_commit_tree(&tree, c));
	return tree;
}

struct listing {
	struct list *out;
};

static int add_blob(const char *root, const git_tree_entry *entry, void *arg)
{
	struct listing *l = arg;
	size_t len = strlen(prefix);

	if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
	    strncmp(root, prefix, len) == 0 && root[len] == '/') {
		char *path = xasprintf("%s%s", root + len + 1,
				       git_tree_entry_name(entry));

		list_take(l->out, path);
	}
	return 0;
}

void branch_list(struct world *w, struct list *out)
{
	git_commit *c = tip_commit(w);
	struct listing l = { out };
	git_tree *tree;

	if (c == NULL)
		return;
	tree = tree_of(w, c);
	git_tree_walk(tree, GIT_TREEWALK_PRE, add_blob, &l);
	git_tree_free(tree);
	git_commit_free(c);
}

/* What PATH is in COMMIT: 0 nothing, or its mode. Of a file or link, OUT is its bytes. */
static git_filemode_t read_at(struct world *w, git_commit *commit, const char *path,
			      struct buf *out)
{
	char *full = xasprintf("%s/%s", prefix, path);
	git_tree *tree = tree_of(w, commit);
	git_filemode_t mode = GIT_FILEMODE_UNREADABLE;
	git_tree_entry *entry = NULL;
	git_blob *blob = NULL;

	if (git_tree_entry_bypath(&entry, tree, full) == 0)
		mode = git_tree_entry_filemode(entry);
	if (entry != NULL &&
	    git_blob_lookup(&blob, w->hub, git_tree_entry_id(entry)) == 0)
		buf_add(out, git_blob_rawcontent(blob),
			(size_t)git_blob_rawsize(blob));
	git_blob_free(blob);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	free(full);
	return mode;
}

bool branch_read(struct world *w, const char *path, struct buf *out)
{
	git_commit *c = tip_commit(w);
	git_filemode_t mode = c != NULL ? read_at(w, c, path, out)
					: GIT_FILEMODE_UNREADABLE;

	git_commit_free(c);
	return mode != GIT_FILEMODE_UNREADABLE && mode != GIT_FILEMODE_TREE;
}

enum { DESK_LIMIT = 1 << 20, LOOK_BACK = 1000 };

bool branch_read_last(struct world *w, const char *path, const char *part,
		      struct buf *out)
{
	git_commit *c = tip_commit(w), *parent;
	bool found = false;

	for (unsigned back = 0; c != NULL && !found && back < LOOK_BACK; back++) {
		git_filemode_t mode;

		buf_reset(out);
		mode = read_at(w, c, path, out);
		found = mode == GIT_FILEMODE_BLOB && out->len <= DESK_LIMIT &&
			strstr(out->data, part) != NULL;
		parent = NULL;
		if (!found && (back > 0 || mode != GIT_FILEMODE_UNREADABLE))
			git_commit_parent(&parent, c, 0);
		git_commit_free(c);
		c = parent;
	}
	git_commit_free(c);
	return found;
}

static void move_branch(struct world *w, const git_oid *to)
{
	git_reference *ref = NULL;

	GIT(w, git_reference_create(&ref, w->hub, "refs/heads/main", to, 1,
				    "a person"));
	git_reference_free(ref);
}

static git_oid commit_tree(struct world *w, const git_oid *tree,
			   const git_commit **parents, size_t count,
			   const char *message)
{
	git_signature *who = NULL;
	git_oid made = { { 0 } };
	git_tree *t = NULL;

	GIT(w, git_signature_new(&who, "Ada", "ada@example.org",
				 world_now(w) - any_below(w, 100), 0));
	GIT(w, git_tree_lookup(&t, w->hub, tree));
	GIT(w, git_commit_create(&made, w->hub, NULL, who, who, NULL, message, t,
				 count, parents));
	git_tree_free(t);
	git_signature_free(who);
	return made;
}

static git_oid updated_tree(struct world *w, git_tree *tree, git_tree_update update)
{
	git_oid out = { { 0 } };

	GIT(w, git_tree_create_updated(&out, w->hub, tree, 1, &update));
	return out;
}

/* A folder in the place of a file goes with all that is in it, as git has it. */
static git_tree *without_folder(struct world *w, git_tree *tree, const char *path)
{
	git_tree_entry *there = NULL;
	git_tree *without = tree;

	if (git_tree_entry_bypath(&there, tree, path) == 0 &&
	    git_tree_entry_type(there) == GIT_OBJECT_TREE) {
		git_oid id = updated_tree(w, tree, (git_tree_update){
			.action = GIT_TREE_UPDATE_REMOVE, .path = path,
			.filemode = GIT_FILEMODE_TREE });

		GIT(w, git_tree_lookup(&without, w->hub, &id));
		git_tree_free(tree);
	}
	git_tree_entry_free(there);
	return without;
}

/* PATH becomes TEXT (NULL: goes) in the tree of COMMIT. */
static git_oid edited_tree_as(struct world *w, git_commit *commit, const char *path,
			      const struct buf *text, git_filemode_t mode)
{
	char *full = xasprintf("%s/%s", prefix, path);
	git_tree_update update = {
		.action = text ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE,
		.filemode = mode, .path = full,
	};
	git_tree *tree = tree_of(w, commit);
	git_oid out;

	if (text != NULL) {
		tree = without_folder(w, tree, full);
		GIT(w, git_blob_create_from_buffer(&update.id, w->hub,
						   text->data, text->len));
	}
	out = updated_tree(w, tree, update);
	git_tree_free(tree);
	free(full);
	return out;
}

static git_oid edited_tree(struct world *w, git_commit *commit, const char *path,
			   const struct buf *text)
{
	return edited_tree_as(w, commit, path, text, GIT_FILEMODE_BLOB);
}

void branch_write_as(struct world *w, const char *path, const struct buf *text,
		     git_filemode_t mode)
{
	git_commit *c = tip_commit(w);
	const git_commit *parents[] = { c };
	git_oid tree, made;

	if (c == NULL)
		return;
	tree = edited_tree_as(w, c, path, text, mode);
	made = commit_tree(w, &tree, parents, 1, "By hand\n");
	move_branch(w, &made);
	git_commit_free(c);
}

void branch_write(struct world *w, const char *path, const struct buf *text)
{
	branch_write_as(w, path, text, GIT_FILEMODE_BLOB);
}

/* Whoever of two machines said what both had on their desks: the other one has no
 * way to know any more. */
static void forget_sayers(struct world *w)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (!t->copied || t->twice)
			continue;
		t->twice = true;
		say_again(w, t);
	}
}

/* Somebody had ticked it before it was read, and a squash has left that alone. */
static bool was_done(struct world *w, const struct token *t)
{
	char path[STREAM_PATH];

	stream_path(path, t->from, t->to);
	return check_only_ticked(w->check, t->text, path);
}

/* It was kept on the branch alone, in files or their history, and is gone there; or its
 * commit is, and who would make another one (R5) has left: its computer, or of two
 * machines that were it the one that said so. */
static bool is_gone(struct world *w, const struct token *t)
{
	bool on_desk = t->how == SAID_KEPT && t->machine >= 0;

	if (t->how == SAID_SENT && (w->retired[t->from] || (t->machine >= 0 &&
	    !w->machine[t->machine].alive)))
		return !check_vouched(w->check, t->text);
	if (t->how == SAID_BY_HAND && check_is_there(w->check, t->text))
		return false;
	if (t->how == SAID_BY_HAND && was_done(w, t))
		return true;
	return t->how != SAID_SENT && t->how != SAID_BACK && !on_desk &&
	       !check_on_branch(w->check, t->text);
}

/* Its writer would find it there, and does not know it: its disk is another one since,
 * or of two machines it may be the one that did not say it. */
static bool is_unknown(struct world *w, const struct token *t)
{
	bool unaware = false;

	for (int i = 0; i < w->machines; i++) {
		const struct machine *m = &w->machine[i];

		unaware |= m->alive && m->number == t->from &&
			   (!m->joined || m->twin >= 0);
	}
	return unaware && !check_vouched(w->check, t->text);
}

/* Where messages to all begin for a new disk, its own commits say that are there. */
static void forget_starts(struct world *w, struct token *t)
{
	if (t->to != 0 || t->how != SAID_SENT)
		return;
	for (int i = 0; i < w->machines; i++) {
		const struct machine *m = &w->machine[i];

		if (m->alive && !m->joined)
			excuse_reader(w, t, m->number, EXCUSE_BOTH);
	}
}

void forget_typed(struct world *w)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (!t->waits || t->twice || !is_unknown(w, t))
			continue;
		t->twice = true;
		say_again(w, t);
	}
}

void lives_come_back(struct world *w, int number)
{
	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (m->clones > 0 && (number == 0 || m->number == number))
			m->doubtful = true;
	}
}

void branch_rewound(struct world *w)
{
	check_rewound(w->check);
	w->was_rewound = true;
	forget_sayers(w);
	forget_typed(w);
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (!t->maybe && is_gone(w, t))
			excuse(w, t, EXCUSE_BRANCH);
	}
	for (int i = 0; i < w->machines; i++)
		w->machine[i].squashed = w->machine[i].rewound = true;
	lives_come_back(w, 0);
	for (size_t i = 0; i < w->token_count; i++) {
		forget_starts(w, &w->token[i]);
		if (is_unknown(w, &w->token[i]))
			excuse(w, &w->token[i], EXCUSE_BOTH);
	}
}

void set_branch(struct world *w, const struct oid *to)
{
	git_oid id;

	tell(w, "the branch is set back to %.10s", to->hex);
	git_oid_fromstr(&id, to->hex);
	move_branch(w, &id);
	branch_rewound(w);
}

/* --- with git --- */

/* The commit COUNT steps below the tip, by first parents, or the root. */
static git_commit *below_tip(struct world *w, int count)
{
	git_commit *c = tip_commit(w), *parent;

	for (; c != NULL && count > 0; count--) {
		if (git_commit_parentcount(c) == 0)
			break;
		GIT(w, git_commit_parent(&parent, c, 0));
		git_commit_free(c);
		c = parent;
	}
	return c;
}

/* Somebody has a clone that is BACK commits old, commits there, and merges. Of
 * two versions of a file that cannot be merged that of the branch stays, and so
 * do all files of computers. */
void merge_note(struct world *w, int back, int to)
{
	git_merge_options options;
	git_commit *tip = tip_commit(w), *old = below_tip(w, back);
	struct buf text = BUF_INIT;
	git_commit *side;
	git_index *index = NULL;
	struct token *t;
	git_oid tree, made;
	char path[STREAM_PATH], line[32];

	if (tip == NULL ||
	    git_oid_equal(git_commit_id(tip), git_commit_id(old))) {
		git_commit_free(tip);
		git_commit_free(old);
		return;
	}
	t = say(w, SAID_BY_HAND, 0, to, NULL);
	stream_path(path, 0, to);
	snprintf(line, sizeof(line), "Merged %s", t->text);
	said_note(w, t, true, line);
	tell(w, "a person writes %s into %s on an old clone, and merges",
	     t->text, path);
	{
		char *full = xasprintf("%s/%s", prefix, path);
		git_tree *old_tree = tree_of(w, old);
		git_tree_entry *entry = NULL;
		git_blob *blob = NULL;
		const git_commit *parents[] = { old };

		if (git_tree_entry_bypath(&entry, old_tree, full) == 0 &&
		    git_blob_lookup(&blob, w->hub, git_tree_entry_id(entry)) == 0)
			buf_add(&text, git_blob_rawcontent(blob),
				(size_t)git_blob_rawsize(blob));
		buf_printf(&text, "\n- [ ] %s\n", line);
		tree = edited_tree(w, old, path, &text);
		made = commit_tree(w, &tree, parents, 1, "On a clone\n");
		git_blob_free(blob);
		git_tree_entry_free(entry);
		git_tree_free(old_tree);
		free(full);
	}
	side = commit_at(w, &made);
	GIT(w, git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION));
	options.flags = 0;
	options.file_favor = GIT_MERGE_FILE_FAVOR_UNION;
	GIT(w, git_merge_commits(&index, w->hub, tip, side, &options));
	if (git_index_has_conflicts(index)) {
		/* a file that one side removed: the branch wins, and the note is
		 * said anew on top of it */
		excuse(w, t, EXCUSE_MERGE);
		tree = *git_commit_tree_id(tip);
	} else {
		GIT(w, git_index_write_tree_to(&tree, index, w->hub));
	}
	{
		const git_commit *parents[] = { tip, side };

		made = commit_tree(w, &tree, parents, 2, "Merge\n");
	}
	move_branch(w, &made);
	git_index_free(index);
	git_commit_free(side);
	git_commit_free(old);
	git_commit_free(tip);
	buf_release(&text);
}

static void merge(struct world *w)
{
	int back = 1 + any_below(w, 6), to = another_number(w, 0);

	if (to != 0)
		merge_note(w, back, to);
}

static void squash(struct world *w)
{
	int count = 2 + any_below(w, 4);
	git_commit *tip = tip_commit(w), *base = below_tip(w, count);
	const git_commit *parents[] = { base };
	git_oid made;

	if (tip != NULL && !git_oid_equal(git_commit_id(tip), git_commit_id(base)) &&
	    git_commit_parentcount(base) > 0) {
		tell(w, "a person squashes the last %d commits", count);
		made = commit_tree(w, git_commit_tree_id(tip), parents, 1,
				   one_in(w, 2) ? "Squashed\n" :
				   git_commit_message(tip));
		move_branch(w, &made);
		branch_rewound(w);
	}
	git_commit_free(base);
	git_commit_free(tip);
}

/* The last two commits are one of a person's, and whoever made the last of them
 * vouches for its own files anew in its next cycle (R5). A line that it had read in the
 * first one is no news in that (R9). */
static void squash_seen(struct world *w)
{
	struct machine *m = any_machine(w);
	git_commit *tip, *base;
	const git_commit *parents[1];
	git_oid made;

	if (m->twin >= 0 || m->stopped || !m->joined)
		return;
	if (one_in(w, 2))
		web_note_to(w, m->number);
	sync_plainly(w, m);
	tip = tip_commit(w);
	base = below_tip(w, 2);
	if (tip != NULL && git_commit_parentcount(base) > 0 && !m->stopped &&
	    w->broken == NULL && check_vouches(w->check, m->number)) {
		tell(w, "a person squashes the last two commits, and %d syncs",
		     m->number);
		parents[0] = base;
		made = commit_tree(w, git_commit_tree_id(tip), parents, 1,
				   "Squashed\n");
		move_branch(w, &made);
		branch_rewound(w);
		sync_plainly(w, m);
		expect(w, ASKED_R5, m->stopped || check_vouches(w->check, m->number),
		       "computer %d does not vouch for its files, which stand in a "
		       "person's commit", m->number);
	}
	git_commit_free(base);
	git_commit_free(tip);
}

/* As `git rebase` does: who wrote it, and when, stays. */
static git_commit *once_more(struct world *w, const git_commit *was,
			     const git_commit *parent)
{
	const git_commit *parents[1] = { parent };
	git_signature *who = NULL;
	git_commit *made = NULL;
	git_tree *tree = NULL;
	git_oid id;

	GIT(w, git_signature_new(&who, "Ada", "ada@example.org", world_now(w), 0));
	GIT(w, git_commit_tree(&tree, was));
	GIT(w, git_commit_create(&id, w->hub, NULL, git_commit_author(was), who, NULL,
				 git_commit_message(was), tree, 1, parents));
	GIT(w, git_commit_lookup(&made, w->hub, &id));
	git_tree_free(tree);
	git_signature_free(who);
	return made;
}

/* The last COUNT commits; false where one is a merge, or the first of all. */
static bool rebase(struct world *w, int count)
{
	git_commit *top = below_tip(w, count), *was, *made;
	bool straight = top != NULL;

	for (int i = count - 1; i >= 0 && straight; i--) {
		was = below_tip(w, i);
		straight = git_commit_parentcount(was) == 1;
		if (straight) {
			made = once_more(w, was, top);
			git_commit_free(top);
			top = made;
		}
		git_commit_free(was);
	}
	if (straight)
		move_branch(w, git_commit_id(top));
	git_commit_free(top);
	return straight;
}

/* What was read stands in other commits from then on (R9, R28). */
static void rebase_seen(struct world *w)
{
	struct machine *m = any_machine(w);

	if (m->twin >= 0 || m->stopped || !m->joined)
		return;
	web_note_to(w, m->number);
	sync_plainly(w, m);
	if (w->broken != NULL || m->stopped || !rebase(w, 2 + any_below(w, 3)))
		return;
	tell(w, "a person rebases the last commits, and %d syncs", m->number);
	branch_rewound(w);
	sync_plainly(w, m);
}

static void amend(struct world *w)
{
	git_commit *tip = tip_commit(w), *parent = NULL;
	git_oid made;

	if (tip != NULL && git_commit_parentcount(tip) == 1) {
		const git_commit *parents[1];

		tell(w, "a person amends the last commit");
		GIT(w, git_commit_parent(&parent, tip, 0));
		parents[0] = parent;
		made = commit_tree(w, git_commit_tree_id(tip), parents, 1,
				   git_commit_message(tip));
		move_branch(w, &made);
		branch_rewound(w);
	}
	git_commit_free(parent);
	git_commit_free(tip);
}

/* On top of the tip: the change of an older commit undone, or done again. */
static void replay(struct world *w, bool undo)
{
	git_commit *tip = tip_commit(w), *old = below_tip(w, 1 + any_below(w, 5));
	const git_commit *parents[] = { tip };
	git_index *index = NULL;
	git_merge_options options;
	git_oid tree, made;
	int rc = -1;

	GIT(w, git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION));
	options.flags = 0;
	if (tip != NULL && git_commit_parentcount(old) == 1)
		rc = undo ? git_revert_commit(&index, w->hub, old, tip, 0, &options) :
			    git_cherrypick_commit(&index, w->hub, old, tip, 0,
						  &options);
	if (rc == 0 && !git_index_has_conflicts(index)) {
		tell(w, "a person %s an older commit",
		     undo ? "reverts" : "cherry-picks");
		GIT(w, git_index_write_tree_to(&tree, index, w->hub));
		made = commit_tree(w, &tree, parents, 1, undo ? "Revert\n" :
				   git_commit_message(old));
		move_branch(w, &made);
	}
	git_index_free(index);
	git_commit_free(old);
	git_commit_free(tip);
}

static void revert(struct world *w) { replay(w, true); }
static void cherry_pick(struct world *w) { replay(w, false); }

/* Somebody pushes an old clone by force. */
static void set_back(struct world *w)
{
	git_commit *old = below_tip(w, 1 + any_below(w, 8));

	if (old != NULL) {
		tell(w, "a person sets the branch back");
		move_branch(w, git_commit_id(old));
		branch_rewound(w);
	}
	git_commit_free(old);
}

/* Whoever had the branch as it was keeps that (R32). */
static void expect_old_tip(struct world *w, struct machine *m,
			   const git_oid *tip)
{
	char *path = xasprintf("%s/.trine/repo.git", m->dir);
	git_strarray names = { 0 };
	git_repository *repo = NULL;
	bool kept = false;
	git_oid at;

	GIT(w, git_repository_open_bare(&repo, path));
	if (repo != NULL && git_reference_list(&names, repo) == 0)
		for (size_t i = 0; i < names.count; i++)
			kept = kept || (strncmp(names.strings[i],
				"refs/trine/backup/", 18) == 0 &&
				git_reference_name_to_id(&at, repo,
					names.strings[i]) == 0 &&
				git_oid_equal(&at, tip));
	expect(w, ASKED_R32, kept, "computer %d did not keep the tip that was set back",
	       m->number);
	git_strarray_dispose(&names);
	git_repository_free(repo);
	free(path);
}

/* Whoever had it pushes the branch as it was: what was read there is no news (R9). */
static void push_again(struct world *w, struct machine *m, const git_oid *tip)
{
	if (w->broken != NULL || one_in(w, 3))
		return;
	tell(w, "and as it was before, and %d syncs", m->number);
	move_branch(w, tip);
	branch_rewound(w);
	sync_plainly(w, m);
}

/* The same, where one computer has just seen what is no longer there. */
static void set_back_seen(struct world *w)
{
	struct machine *m = any_machine(w);
	git_commit *old;
	git_oid tip;

	if (m->twin >= 0 || m->stopped || !m->joined)
		return;
	if (!one_in(w, 3))
		web_note_to(w, m->number);
	sync_plainly(w, m);
	old = below_tip(w, 1 + any_below(w, 8));
	if (old != NULL && tip_id(w, &tip) && !m->stopped &&
	    !git_oid_equal(&tip, git_commit_id(old))) {
		tell(w, "a person sets the branch back, and %d syncs",
		     m->number);
		move_branch(w, git_commit_id(old));
		branch_rewound(w);
		sync_plainly(w, m);
		if (w->broken == NULL && !m->stopped)
			expect_old_tip(w, m, &tip);
		push_again(w, m, &tip);
	}
	git_commit_free(old);
}

/* A line comes into the last entry of a stream, by a commit of a person, or by an
 * amended one that keeps the trailers of a computer. */
static void falsify(struct world *w)
{
	git_commit *tip = tip_commit(w), *parent = NULL;
	bool amended = tip != NULL && git_commit_parentcount(tip) == 1 &&
		       one_in(w, 2);
	const git_commit *parents[1];
	struct buf old = BUF_INIT, new = BUF_INIT;
	const char *end = NULL, *at;
	git_oid tree, made;
	struct token *t;
	char path[48];
	int from = another_number(w, 0), to;
	const char *by = amended ? strstr(git_commit_message(tip),
					  "\nTrine-Computer: ") : NULL;

	if (by != NULL)
		from = atoi(strchr(by, ':') + 1);
	to = another_number(w, from);
	snprintf(path, sizeof(path), "messages/%d_TO_%d.md", from, to);
	if (tip != NULL && to != 0 && branch_read(w, path, &old))
		for (at = old.data; (at = strstr(at, "\n<!-- /")) != NULL; at++)
			end = at;
	if (end != NULL) {
		t = say(w, SAID_KEPT, 0, 0, NULL);
		said_in(t, path);
		tell(w, "a person writes %s into an entry of %s%s", t->text, path,
		     amended ? ", and amends the last commit" : "");
		buf_add(&new, old.data, (size_t)(end - old.data));
		buf_printf(&new, "And %s\n", t->text);
		buf_adds(&new, end);
		tree = edited_tree(w, tip, path, &new);
		if (amended)
			GIT(w, git_commit_parent(&parent, tip, 0));
		parents[0] = amended ? parent : tip;
		made = commit_tree(w, &tree, parents, 1, amended ?
				   git_commit_message(tip) : "Falsified\n");
		move_branch(w, &made);
		if (amended)
			branch_rewound(w);
	}
	git_commit_free(parent);
	git_commit_free(tip);
	buf_release(&old);
	buf_release(&new);
}

const struct act_kind branch_acts[] = {
	{ "merge", 5, merge },
	{ "squash", 1, squash },
	{ "squash-seen", 2, squash_seen },
	{ "rebase-seen", 2, rebase_seen },
	{ "amend", 1, amend },
	{ "falsify", 3, falsify },
	{ "revert", 2, revert },
	{ "cherry-pick", 2, cherry_pick },
	{ "set-back", 1, set_back },
	{ "set-back-seen", 3, set_back_seen },
	{ NULL, 0, NULL }
};
