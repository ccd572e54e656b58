/*
 * Trailers: how a commit says which computer made it, and for which versions
 * of its files it vouches (design section 5.2, protocol R6). Pure.
 *
 * Trailers survive amend, cherry-pick, rebase and squash, so they name the
 * files too: a commit is its computer's own only if its tree still holds those.
 */
#ifndef TRINE_VOUCH_H
#define TRINE_VOUCH_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/buf.h"
#include "trine/names.h"

/* An own file or archive tree: path relative to the prefix, 40 hex. */
struct own_file {
	char path[64];
	char oid[41];
};

struct own_files {
	struct own_file *file;
	size_t count, cap;
};

void own_files_add(struct own_files *f, const char *path, const char *oid);
const char *own_files_get(const struct own_files *f, const char *path);	/* oid or NULL */
void own_files_release(struct own_files *f);

enum { VOUCH_DIGEST = 17 };
/* First 16 hex of the SHA-256 over lines "PATH SP OID LF", sorted bytewise
 * (FILES gets sorted). */
void vouch_digest(struct own_files *files, char out[VOUCH_DIGEST]);

struct trailers {
	int computer;		/* 0: none, or of two computers: a person's */
	char clone[CLONE_ID];
	char files[VOUCH_DIGEST];
};

/* The trailers in the last paragraph of a commit's message (git-interpret-
 * trailers(1)). All three must be there once each, and well-formed. */
bool trailers_parse(struct span message, struct trailers *out);
void trailers_write(struct buf *out, const struct trailers *t);

#endif
