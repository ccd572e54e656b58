/*
 * What was in files when they were read last, so that those that did not change
 * need not be read again: path, facts of stat(2), blob id; as in git's index.
 * Pure: bytes and facts in, an answer out (src/sync/desk.c has the files).
 *
 *	stat_cache_parse(&cache, &bytes, "5f3a9c1e", now);
 *	for each file, in order of path
 *		blob = stat_cache_find(&cache, path, &facts);
 *	stat_cache_begin(&out, "5f3a9c1e", now);
 *	for each file whose facts are still, in order of path
 *		stat_cache_add(&out, path, &facts, blob);
 *	stat_cache_end(&out);
 *
 * A file that was written twice within one tick of its file system's clock,
 * and read in between, has the facts of the first version and the text of the
 * second (git calls it racy). So only facts that were older than any tick when
 * the file was read are kept. What is left to fool it is what fools git: an
 * edit in place, of the same size, with its time set back, on a file system
 * whose ctime can be set or is none; and a program that goes on writing into a
 * mapping.
 *
 * It is a cache: whatever is odd about it, it is empty, and all is read again.
 */
#ifndef TRINE_STAT_CACHE_H
#define TRINE_STAT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"
#include "trine/digest.h"

struct file_facts {
	uint64_t size;
	int64_t mtime, mtime_ns;
	int64_t ctime, ctime_ns;	/* 0: not known, and so never trusted */
	uint64_t inode;			/* 0: the same */
	uint64_t device;
};

struct stat_entry {
	const char *path, *blob;	/* into the cache's bytes */
	struct file_facts facts;
};

struct stat_cache {
	struct buf bytes;
	struct stat_entry *item;
	size_t count, cap;
	size_t next;			/* where find goes on */
	bool good;			/* else it must be written anew */
};

/* Seconds that a file must have been left alone. Some file systems count two, up
 * or down, we count whole ones, and a file server's clock may be off a little. */
enum { STAT_CACHE_STILL = 4 };

/* NOW: before the file was read. Times in the future are never still. */
bool stat_cache_still(const struct file_facts *facts, int64_t now);

/* Read what was written for desk OWNER; BYTES become the cache's. Not good, and
 * empty, if they are damaged, of another desk or version, or of a later time
 * than NOW: a clock that was set back gives times out again. (Who knows that it
 * was, by anything else, gives no bytes.) It must not stay until its time has
 * come. */
void stat_cache_parse(struct stat_cache *out, struct buf *bytes,
		      const char *owner, int64_t now);
/* The blob of PATH, if it still has these facts; else NULL. In order of path,
 * each any number of times. */
const char *stat_cache_find(struct stat_cache *c, const char *path,
			    const struct file_facts *facts);
void stat_cache_release(struct stat_cache *c);

/* NOW: before the first of the files was read. */
void stat_cache_begin(struct buf *out, const char *owner, int64_t now);
void stat_cache_add(struct buf *out, const char *path,
		    const struct file_facts *facts, const char *blob);
void stat_cache_end(struct buf *out);

#endif
