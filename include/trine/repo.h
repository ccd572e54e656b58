/*
 * The bare repository of this computer, by libgit2: no index, no checkout, no
 * HEAD to disturb. Object ids are 40 hex digits and a NUL.
 *
 * Call order: repo_start once a process, repo_open, repo_clean and repo_check
 * while the cycle's lock is held, then anything, repo_close, repo_stop. The refs
 * in it are caches of what the event log says; losing them loses nothing but
 * refs/trine/backup/.
 *
 * "The prefix" is the folder of the fleet in the repository ("coordination").
 */
#ifndef TRINE_REPO_H
#define TRINE_REPO_H

#include <stdbool.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/clock.h"
#include "trine/error.h"
#include "trine/list.h"
#include "trine/vouch.h"

enum { OID_HEX = 41 };
struct oid { char hex[OID_HEX]; };	/* hex[0] == 0: none */

struct repo;

/* git_libgit2_init, fsync on, no settings of this machine's git; SIGPIPE is
 * ignored from now on. */
int repo_start(struct error *err);
void repo_stop(void);

/* Open PATH, making it if it is absent or empty. ERR_DATA: what is there is no
 * repository any more. */
int repo_open(struct repo **out, const char *path, struct error *err);
/* One at PATH that sees the objects of REPO, whose folder stands beside its own,
 * and not the other way round: for commits that are not to be trusted so far
 * that pushes and fetches of ours depend on them. A cache: one that is damaged,
 * or larger than LIMIT_BESIDE_SIZE, is made anew. */
int repo_open_beside(struct repo **out, const char *path, struct repo *repo,
		     struct error *err);
/* The ref there that keeps what a branch of this name brought. */
enum { BESIDE_REF = 32 };
const char *repo_beside_ref(const char *branch, char out[BESIDE_REF]);
void repo_close(struct repo *repo);
/* What a killed run left: refs/ ** / *.lock, temporary objects and packs. Only
 * under the cycle's lock, and only in our own repository. */
int repo_clean(struct repo *repo, struct error *err);
/* `git gc --auto` in the foreground, where git is installed. A pack of many MiB
 * stays as it is, so that the cost is that of what is new and of a look at all
 * ids. False: it ran out of time, and nothing is packed. What it finds damaged
 * is noted. */
bool repo_pack(struct repo *repo, int64_t timeout_ms);

bool repo_has(struct repo *repo, const char *oid);

/* Has anything in it been found damaged since it was opened: an object cut short
 * or changed, one that is named and missing, a ref that is none? ERR says what.
 * A read that met it failed, or found nothing, and nothing that follows from
 * that may be acted on. Whoever asks for an object that need not be here, asks
 * repo_has first. */
bool repo_is_damaged(const struct repo *repo, struct error *err);
/* Has a read failed since then for a reason from outside (a permission, no memory, too
 * many open files)? ERR says which. What it did not find may be there all the same. */
bool repo_is_unread(const struct repo *repo, struct error *err);
/* One or the other: what follows from what was read may be wrong. */
bool repo_has_misread(const struct repo *repo, struct error *err);
/* Look at its settings and all refs for that. -1: they cannot be read at all. */
int repo_check(struct repo *repo, struct error *err);

/* --- what is left of a damaged repository, in FOLDER --- */
/* Of the result only the functions here make use; repo_close ends it. */
int repo_open_rest(struct repo **out, const char *folder, struct error *err);
/* Copy the commit OID from it, with what it holds and all behind it (ALONE: REPO
 * has its parents): all, or nothing that counts, and an error. Takes at most
 * TIMEOUT_MS. */
int repo_take(struct repo *repo, struct repo *rest, const char *oid, bool alone,
	      struct clock *clock, int64_t timeout_ms, struct error *err);
/* Its refs below PREFIX ("refs/trine") that can be read; a name may come twice,
 * and the second counts. */
void repo_rest_refs(const struct repo *rest, const char *prefix,
		    void (*each)(void *arg, const char *name, const char *oid),
		    void *arg);

/* What was written into REPO since the last call outlives a power cut from here
 * on: libgit2 syncs each object, and not the new folder it put it into. Nothing
 * that rests on an object is told to anybody before that. */
int repo_sync(struct repo *repo, struct error *err);

/* --- blobs --- */
int repo_blob_write(struct repo *repo, struct span bytes, struct oid *out,
		    struct error *err);
/* ERR_DATA if it is over LIMIT or no blob, ERR_NOTFOUND if absent. */
int repo_blob_read(struct repo *repo, const char *oid, size_t limit,
		   struct buf *out, struct error *err);

/* These look at its header alone, so that many of any size cost nothing. The first
 * says what repo_blob_read would, unless the rest of it is damaged; to the others
 * one that cannot be read has no bytes. */
int repo_blob_check(struct repo *repo, const char *oid, size_t limit,
		    struct error *err);
size_t repo_blob_size(struct repo *repo, const char *oid);
/* Has it at most LIMIT bytes? */
bool repo_blob_fits(struct repo *repo, const char *oid, size_t limit);

/* --- trees --- */
enum entry_kind {
	ENTRY_FILE,
	ENTRY_ODD,	/* link, submodule, executable */
	ENTRY_UNREAD	/* a folder that is not read whole */
};

/* Id of what PATH is in the tree of COMMIT ("" : empty; the id of a tree is fine
 * too) below the prefix; none if nothing, or nothing but a link, a submodule, an
 * executable. A tree's id for a folder. */
int repo_lookup(struct repo *repo, const char *commit, const char *prefix,
		const char *path, struct oid *out, bool *is_tree,
		struct error *err);

/* What PATH is in the tree of COMMIT, as above. ODD: a link, a submodule, an
 * executable, with the id it has. A folder has a tree's. */
struct found {
	enum { FOUND_NOTHING, FOUND_FILE, FOUND_ODD, FOUND_FOLDER } kind;
	struct oid oid;
};
int repo_look(struct repo *repo, const char *commit, const char *prefix,
	      const char *path, struct found *out, struct error *err);

/* Every path that differs between two commits below the prefix (either may be
 * "": an empty tree), in order; each stops it with -1. OLD and NEW are "" where
 * absent, OLD also where it was ODD. KIND is that of the new one, or of what is
 * gone; of a folder that is not read whole nothing is called as gone. A file that a
 * folder replaces is called as gone, what is in the folder as new. A name that is none
 * (with "/" in it, "..", no UTF-8) is called as ODD under another one (`\strange\` and
 * hex digits). Costs what the difference costs. More than LIMIT_TREE differences, levels
 * over LIMIT_TREE_DEPTH, trees that cannot be read: what is there is called, and *CUT is
 * set. */
int repo_diff(struct repo *repo, const char *old_commit, const char *new_commit,
	      const char *prefix,
	      int (*each)(void *arg, const char *path, const char *old_oid,
			  const char *new_oid, enum entry_kind kind),
	      void *arg, bool *cut, struct error *err);

/* 0: all folders on the way to PATH are read whole, so that what is not found there
 * is not there. ERR_DATA: one is too large, or damaged; which, and what to do. */
int repo_whole(struct repo *repo, const char *commit, const char *prefix,
	       const char *path, struct error *err);

/* The own files of computer N in COMMIT, as trailers name them: COMPUTER_N.md,
 * each messages/N_TO_Y.md, the tree of each archive/N_TO_Y (R6). COMMIT may be
 * the id of a whole tree too, of a commit that is still to be made. ERR_DATA as of
 * repo_whole. */
int repo_own_files(struct repo *repo, const char *commit, const char *prefix,
		   int n, struct own_files *out, struct error *err);

struct tree_edit {
	char *path;		/* below the prefix */
	struct oid oid;		/* none: remove. A blob, or with is_tree a tree */
	bool is_tree;		/* a removal takes only what is of this kind */
};

/* The tree of COMMIT ("" : empty) with EDITS under the prefix. What stands in
 * the way of an edit (a file or link where a folder must be, a folder where a
 * file must be) is replaced; a case twin of a name stays. Folders with nothing
 * left in them go. Everything else keeps its id. ERR_DATA as of repo_whole. */
int repo_edit(struct repo *repo, const char *commit, const char *prefix,
	      const struct tree_edit *edit, size_t count, struct oid *tree,
	      struct error *err);

/* --- commits --- */
struct commit_info {
	struct oid oid, tree;
	struct oid parent;		/* the first; none of a root */
	unsigned parents;
	int64_t time;			/* of the committer */
	int64_t authored;		/* by the author: rebases keep it */
	char *author;			/* "Name <mail>", escaped for a terminal */
	char *message;			/* at most LIMIT_FILE bytes of it */
	struct trailers trailers;	/* computer 0: none that are well-formed */
	bool vouched;			/* and they match the tree (R6) */
};

/* Of any computer; or of NUMBER alone, where all others are passed over: of them
 * `vouched` stays false, which saves a look into their trees. */
int repo_commit_read_of(struct repo *repo, const char *oid, const char *prefix,
			int number, struct commit_info *out, struct error *err);
int repo_commit_read(struct repo *repo, const char *oid, const char *prefix,
		     struct commit_info *out, struct error *err);
void commit_info_release(struct commit_info *c);
/* Ids of all parents of COMMIT, in its order. */
int repo_parents(struct repo *repo, const char *commit, struct list *out,
		 struct error *err);
/* The one object here whose id begins so; none if there is none, or several. */
int repo_find(struct repo *repo, const char *abbreviated, struct oid *out,
	      struct error *err);

/* Make a commit of TREE on PARENT ("" for a root). It moves no ref. */
int repo_commit_write(struct repo *repo, const char *tree, const char *parent,
		      const char *name, const char *mail, int64_t time,
		      const char *message, struct oid *out, struct error *err);
/* The same on several parents; at most MERGED_PARENTS. */
enum { MERGED_PARENTS = 4 };
int repo_merge_write(struct repo *repo, const char *tree,
		     const struct list *parents, const char *name,
		     const char *mail, int64_t time, const char *message,
		     struct oid *out, struct error *err);

/* Commits reachable from TIP and not from HIDE ("" : all), parents first
 * (topological, ties by time, then by id). EACH may stop with -1. */
int repo_walk(struct repo *repo, const char *tip, const char *hide,
	      int (*each)(void *arg, const char *oid, struct error *err),
	      void *arg, struct error *err);
/* The same with several to hide, those that are not here left out; at most
 * LIMIT of them, the newest (0: all). */
int repo_walk_some(struct repo *repo, const char *tip, const struct list *hide,
		   size_t limit,
		   int (*each)(void *arg, const char *oid, struct error *err),
		   void *arg, struct error *err);
/* The other way round: newest first, until EACH returns 1 (which is success) or
 * -1. Reads no more than it calls. */
int repo_walk_back(struct repo *repo, const char *tip, bool first_parent,
		   int (*each)(void *arg, const char *oid, struct error *err),
		   void *arg, struct error *err);

/* Is OLD the same as NEW or an ancestor of it? One that is not here is none. */
int repo_descends(struct repo *repo, const char *new_tip, const char *old_tip,
		  bool *out, struct error *err);
/* The same of one TIP and many OLD: all questions together cost one walk, as far
 * back as the oldest of them needs. */
struct ancestors;
struct ancestors *repo_ancestors(struct repo *repo, const char *tip);
int repo_ancestors_have(struct ancestors *a, const char *old, bool *out,
			struct error *err);
void repo_ancestors_free(struct ancestors *a);

/* The newest commit that both descend from; none if there is none. */
int repo_merge_base(struct repo *repo, const char *a, const char *b,
		    struct oid *out, struct error *err);
/* All such that are no ancestors of each other: several, where two lines have
 * merged each other. */
int repo_merge_bases(struct repo *repo, const char *a, const char *b,
		     struct list *out, struct error *err);

/* --- refs (names as "refs/heads/main") --- */
int repo_ref_get(struct repo *repo, const char *name, struct oid *out,
		 struct error *err);		/* none if absent */
/* OID "" removes it; absent is fine then. */
int repo_ref_set(struct repo *repo, const char *name, const char *oid,
		 struct error *err);

/* Three-way merge of text. *CLEAN false: OUT is empty, there was a conflict. */
int repo_merge_text(struct span base, struct span ours, struct span theirs,
		    struct buf *out, bool *clean, struct error *err);

/* A unified diff of two texts, for people: the hunks without file names, cut at
 * a line after at most LIMIT bytes. */
int repo_diff_text(struct span old, struct span new, size_t limit,
		   struct buf *out, struct error *err);

#endif
