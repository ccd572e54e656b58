/*
 * Repositories that live in memory, for the simulator: objects and refs behind
 * libgit2's own interface of backends, so that everything above it (all of
 * src/git, and the checker) is the real code.
 *
 * memory_git.c defines some functions of libgit2 itself: those that open a
 * repository by its path. A program linked with it gets one in memory for each
 * path, made at the first opening, while memory_git_use(true) is in force; else
 * they do what libgit2's do. What of a repository is no object, ref or setting
 * (trine.lock, alternates) stays in a folder of that path.
 */
#ifndef SIM_MEMORY_GIT_H
#define SIM_MEMORY_GIT_H

#include <stdbool.h>

/* Before the first repository is opened, and after git_libgit2_init. */
void memory_git_use(bool in_memory);

/* All objects of FROM are in TO, too: as if somebody had brought them there by a
 * clone of their own. */
void memory_git_share(const char *from, const char *to);
/* As `cp -a FROM TO` and `rm -r PATH` would for its files. None may be open. */
void memory_git_copy(const char *from, const char *to);
void memory_git_remove(const char *path);
/* The same, but TO stays open: whoever has it open finds in it what FROM has. */
void memory_git_restore(const char *from, const char *to);
/* Forget all of them. */
void memory_git_clear(void);

#endif
