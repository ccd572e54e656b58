/*
 * Commands that need git (COMMAND_GIT) run in a program of their own, trine-sync:
 * to load libgit2, and the libraries of ciphers and of tickets behind it, takes
 * longer than all that a claim does. trine-sync is trine, linked with them; in
 * their place trine has hand_on.c.
 */
#ifndef TRINE_NEED_GIT_H
#define TRINE_NEED_GIT_H

#include "trine/error.h"

/* Before anything else of such a command is done, once it is known to be spelled
 * well. In trine: run ARGV again, as trine-sync, and in this process; argv[0] is
 * the path of trine then. Returns only if there is none. In trine-sync: 0. */
int need_git(char **argv, struct error *err);

#endif
