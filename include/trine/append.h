/*
 * A file that only grows: the event log's bytes. Reading is by offset, so that
 * a reader and a writer of one file do not disturb each other.
 *
 *	fd = append_open(path, err);
 *	append_size(fd, &size, err);
 *	append_read(fd, offset, bytes, sizeof(bytes), &got, err);
 *	file_append(fd, more, err);		(file.h: durable)
 *	append_close(fd);
 *
 * Whoever writes or cuts holds a lock that the others take too (file_lock on a
 * file of its own: closing this one would drop a lock on it).
 */
#ifndef TRINE_APPEND_H
#define TRINE_APPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/error.h"

/* The descriptor, or -1. Made if absent, mode 0600, and then durably there. */
int append_open(const char *path, struct error *err);
void append_close(int fd);		/* -1 is fine */

/* One that is there, to be read alone; ERR_NOTFOUND. */
int append_look(const char *path, struct error *err);
/* As append_open; where the disk or its rights allow no more, as append_look, and then
 * *READ_ONLY is true. */
int append_open_or_look(const char *path, bool *read_only, struct error *err);
/* Is that file still the one of this name? */
bool append_has_name(int fd, const char *path);

int append_size(int fd, uint64_t *out, struct error *err);

/* Up to LEN bytes from OFFSET; *GOT is less only at the end of the file. */
int append_read(int fd, uint64_t offset, void *out, size_t len, size_t *got,
		struct error *err);

/* What is there now is on the disk when this returns 0. */
int append_sync(int fd, struct error *err);

/* LEN blanks from OFFSET, in place of what is there or behind it; durable. The file
 * is made if there is none. */
int append_blank(const char *path, uint64_t offset, uint64_t len,
		 struct error *err);

/* Cut the file to SIZE: what a killed writer left behind it. */
int append_cut(int fd, uint64_t size, struct error *err);

#endif
