/*
 * What the files of src/git share. The only header of trine that includes
 * <git2.h>: its types and its errors end here.
 */
#ifndef TRINE_GIT_H
#define TRINE_GIT_H

#include <git2.h>
#if defined(__has_include)
#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h>	/* libgit2 1.8 moved git_error_set_str there */
#endif
#endif

#include "trine/error.h"
#include "trine/repo.h"

struct repo {
	git_repository *git;
	git_odb *odb;
	char *path;
	struct tree_cache *trees;	/* of tree.c; NULL until one was read */
	struct outline_cache *outlines;	/* of outline.c, likewise */
	bool wrote;			/* objects, since the last repo_sync */
	struct error damage;		/* ERR_NONE: nothing was found */
	struct error unread;		/* ERR_NONE: nothing kept a read from it */
};

/* --- memory.c --- */

/* Before libgit2 starts. A libgit2 result. */
int git_prepare_memory(void);

/* --- git.c: errors and ids --- */

/* RC of a write of object ID, or an error where libgit2 1.5 says success though
 * nothing is there: its second try, by stream, forgets that the folder of a loose
 * object could not be made (a full disk). */
int git_written(struct repo *repo, const git_oid *id, int rc);

/* "FMT: what libgit2 says", escaped; the code from RC and the class of the
 * error. Returns -1. */
int git_fail(struct error *err, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What libgit2 says of the last failure; never NULL, not escaped. */
const char *git_says(void);
/* Did that failure come from the system, and with this errno? */
bool git_failed_with(int number);

/* HEX must be 40 hex digits: ERR_DATA. */
int oid_read(git_oid *out, const char *hex, struct error *err);
void oid_write(struct oid *out, const git_oid *id);

/* --- damage.c: what the disk does not give back as it was written --- */

/* The first finding stays. ERR_DATA: it is wrong; ERR_NOTFOUND: it is named,
 * and not here. */
void note_damage(struct repo *repo, enum error_code code, const char *text);
/* Object ID could not be read: RC. An error, and noted, unless it is not there (the
 * caller knows whether it had to be). Returns -1. */
int object_fail(struct repo *repo, int rc, const char *kind, const git_oid *id,
		struct error *err);
/* ERR is what was said of an object that had to be there. Returns -1. */
int object_missing(struct repo *repo, const struct error *err);
/* The same of what is no object: a ref, settings, something in a pack. */
int read_fail(struct repo *repo, int rc, const char *name, struct error *err);

/* --- guard.c --- */

/* From now on no read of REPO's object database (that of FOLDER) hangs on an
 * object that is cut short. A libgit2 result. */
int guard_add(struct repo *repo, const char *folder);

/* --- stand_in.c --- */

/* A second handle on REPO, in which libgit2 can walk over everything: what it
 * cannot parse is plain there. Not for reading what objects hold; one at a time.
 * Nothing of it may be in use when stand_in_close (NULL is fine) ends it. */
int stand_in_open(git_repository **out, struct repo *repo, struct error *err);
void stand_in_close(git_repository *git);

/* --- object.c: raw objects, read without trust --- */

struct tree_entry {
	const char *name;	/* NUL-terminated; lives as long as the tree */
	size_t len;
	git_oid id;
	unsigned mode;		/* as it stands there: 0100644, 040000 … */
};

/* A tree object as it is. libgit2's own reader refuses one it dislikes, and
 * with it everything around; a peer must not be able to do that to us. */
struct tree {
	git_odb_object *object;
	struct tree_entry *entry;	/* in git's order, no two of one name and kind */
	size_t count, cap;
	bool damaged;	/* missing, no tree, too large, or cut short by garbage */
};

/* ID all zero gives an empty tree. -1 only if our own disk fails. One that is
 * missing is noted as damage. */
int tree_load(struct tree *out, struct repo *repo, const git_oid *id,
	      struct error *err);
void tree_release(struct tree *t);
bool entry_is_tree(const struct tree_entry *e);
bool entry_is_file(const struct tree_entry *e);		/* a plain one */
/* A submodule: its id is of another repository. */
bool entry_is_elsewhere(const struct tree_entry *e);
/* By name, folders and files alike; NULL if there is none. */
const struct tree_entry *tree_find(const struct tree *t, const char *name,
				   size_t len);
int entry_compare(const void *a, const void *b);	/* git's order of entries */

struct raw_commit {
	git_oid tree;
	git_oid *parent;
	size_t parents, cap;
	char *author;		/* the line as it is, without "author " */
	int64_t time;		/* of the committer; 0 if unreadable */
	int64_t authored;	/* of the author, likewise */
	struct span message;	/* into OBJECT */
	git_odb_object *object;
};

/* ERR_NOTFOUND if absent, ERR_DATA if it is no commit. A commit without author
 * or time is one: servers take it. */
int commit_load(struct raw_commit *out, struct repo *repo, const git_oid *id,
		struct error *err);
void raw_commit_release(struct raw_commit *c);

/* --- outline.c --- */

struct outline {
	git_oid tree;
	git_oid *parent;
	size_t parents;
	int64_t time;		/* of the committer */
};
/* Of commit ID, until the next one is asked for; NULL: as of commit_load. */
const struct outline *commit_outline(struct repo *repo, const git_oid *id,
				     struct error *err);
struct outline_cache;
void outline_cache_free(struct outline_cache *cache);

/* --- tree.c --- */

void tree_cache_free(struct tree_cache *cache);
/* Tree of COMMIT ("" : all zero; a tree is its own). */
int commit_tree(struct repo *repo, const char *commit, git_oid *out,
		struct error *err);
/* The folder PATH (components with "/" between) in TREE; all zero if there is
 * no such folder. */
int tree_descend(struct repo *repo, const git_oid *tree, const char *path,
		 git_oid *out, struct error *err);
/* The folder that is the first LEN bytes of PATH is not read whole: ERR_DATA. */
int tree_fail(struct error *err, const char *path, size_t len);
/* As repo_own_files; of folders that are not read whole, what is. */
int own_files_read(struct repo *repo, const char *commit, const char *prefix,
		   int n, struct own_files *out, bool *whole, struct error *err);

#endif
