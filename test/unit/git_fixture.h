/* What tests of repositories share: a folder of their own, commits in one
 * line, and git where it is installed. */
#ifndef TRINE_GIT_FIXTURE_H
#define TRINE_GIT_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "../../src/git/git.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/repo.h"

static struct error err;
static char dir[64];
static struct repo *repo;

#define OK(call) do {							\
	error_clear(&err);						\
	if ((call) == -1)						\
		fail_msg("%s", err.text);				\
} while (0)

static inline int run_shell(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

static inline int run_shell(const char *fmt, ...)
{
	struct buf command = BUF_INIT;
	va_list ap;
	int status;

	va_start(ap, fmt);
	buf_vprintf(&command, fmt, ap);
	va_end(ap);
	status = system(command.data);
	buf_release(&command);
	return status;
}

static inline bool has_git(void)
{
	return system("git --version >/dev/null 2>&1") == 0;
}

/* Nothing of the machine's git settings takes part. */
static inline void be_hermetic(void)
{
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("HOME", "/nonexistent", 1);
	setenv("GIT_AUTHOR_NAME", "A Person", 1);
	setenv("GIT_AUTHOR_EMAIL", "person@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "A Person", 1);
	setenv("GIT_COMMITTER_EMAIL", "person@example.com", 1);
	unsetenv("GIT_DIR");
}

/* For a group of tests. */
static inline int start_git(void **state)
{
	(void)state;
	be_hermetic();
	return repo_start(&err);
}

static inline int stop_git(void **state)
{
	(void)state;
	repo_stop();
	return 0;
}

static inline int make_repo(void **state)
{
	char path[96];

	(void)state;
	if (scratch_make(dir, sizeof(dir), "git") == -1)
		return -1;
	snprintf(path, sizeof(path), "%s/repo.git", dir);
	return repo_open(&repo, path, &err);
}

static inline int remove_repo(void **state)
{
	(void)state;
	repo_close(repo);
	repo = NULL;
	return scratch_remove(dir);
}

static inline struct oid blob(const char *text)
{
	struct oid oid;

	OK(repo_blob_write(repo, span_str(text), &oid, &err));
	return oid;
}

/* "PATH=TEXT", or "PATH" to remove it. */
static inline struct tree_edit edit_of(const char *spec)
{
	const char *equals = strchr(spec, '=');
	struct tree_edit edit = { .path = NULL };

	edit.path = xstrndup(spec, equals ? (size_t)(equals - spec) :
			     strlen(spec));
	if (equals != NULL)
		edit.oid = blob(equals + 1);
	return edit;
}

/* The tree of PARENT with edits, at most 16, ended by NULL. */
static inline struct oid tree_of(const char *parent, const char *const *specs)
{
	struct tree_edit edit[16];
	struct oid tree;
	size_t count = 0;

	for (; specs[count] != NULL; count++)
		edit[count] = edit_of(specs[count]);
	OK(repo_edit(repo, parent, "coordination", edit, count, &tree, &err));
	for (size_t i = 0; i < count; i++)
		free(edit[i].path);
	return tree;
}

static inline struct oid commit_at(const char *parent, const char *tree,
				   const char *message, int64_t time)
{
	struct oid oid;

	OK(repo_commit_write(repo, tree, parent, "Computer 1",
			     "computer-1@example.com", time, message, &oid,
			     &err));
	return oid;
}

static inline struct oid commit_of(const char *parent,
				   const char *const *specs)
{
	static int64_t time = 1700000000;
	struct oid tree = tree_of(parent, specs);

	return commit_at(parent, tree.hex, "a commit\n", time++);
}

#define COMMIT(parent, ...) \
	commit_of(parent, (const char *const[]){ __VA_ARGS__, NULL })

/* Any object, byte by byte: what no honest program would write. */
static inline struct oid raw_object(const void *bytes, size_t len,
				    git_object_t type)
{
	struct oid oid;
	git_oid id;

	assert_int_equal(git_odb_write(&id, repo->odb, bytes, len, type), 0);
	git_oid_tostr(oid.hex, sizeof(oid.hex), &id);
	return oid;
}

static inline void raw_entry(struct buf *tree, const char *mode,
			     const char *name, size_t len, const char *oid)
{
	git_oid id;

	git_oid_fromstr(&id, oid);
	buf_printf(tree, "%s ", mode);
	buf_add(tree, name, len);
	buf_addc(tree, '\0');
	buf_add(tree, id.id, GIT_OID_RAWSZ);
}

/* A commit whose coordination/ is TREE. */
static inline struct oid raw_commit_of(const char *parent, const char *tree)
{
	struct buf root = BUF_INIT;
	struct oid oid;

	raw_entry(&root, "40000", "coordination", 12, tree);
	oid = raw_object(root.data, root.len, GIT_OBJECT_TREE);
	buf_release(&root);
	return commit_at(parent, oid.hex, "by hand\n", 1700000000);
}

#define PREFIX "coordination"

static inline const char *lookup(const char *commit, const char *path)
{
	static struct oid oid;
	bool is_tree;

	OK(repo_lookup(repo, commit, PREFIX, path, &oid, &is_tree, &err));
	return oid.hex;
}

static inline void assert_file(const char *commit, const char *path, const char *text)
{
	struct buf b = BUF_INIT;

	if (text == NULL) {
		assert_string_equal(lookup(commit, path), "");
		return;
	}
	OK(repo_blob_read(repo, lookup(commit, path), LIMIT_FILE, &b, &err));
	assert_string_equal(b.data, text);
	buf_release(&b);
}

static inline double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define IN_REPO(f) cmocka_unit_test_setup_teardown(f, make_repo, remove_repo)

#endif
