/*
 * Messages of before trine, on the desk of one computer: found in files that
 * people made by hand (import.h), dated by history where they do not say when,
 * and recorded once as history. No file is changed, nothing is published, and
 * nobody is handed anything.
 *
 *	old_mail_find(h, paths, count, &m, err);	(reads; all that is shown)
 *	old_mail_import(h, &m, err);			(records what is new)
 *	old_mail_release(&m);				(also after an error)
 */
#ifndef TRINE_OLD_MAIL_H
#define TRINE_OLD_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "trine/home.h"
#include "trine/import.h"

enum old_fate {
	OLD_READ,		/* there are messages in it: see `read` */
	/* the others say why: */
	OLD_EMPTY,		/* there are none */
	OLD_OURS,		/* not looked into: trine's own, or no text */
	OLD_UNREAD		/* cannot be read */
};

struct old_file {
	char *path;		/* below the desk */
	enum old_fate fate;
	bool asked;		/* its own path was given */
	char *why;
	struct buf bytes;
	struct import_file read;	/* part[].known: recorded before, or
					 * found in this run already */
};

struct old_mail {
	struct old_file *file;	/* in order of path */
	size_t count, cap;
	size_t messages, known;	/* of all files */
};

/* PATHS: files and folders of the desk, from the current directory or from the
 * desk; without any, all of it. ERR_NOTFOUND: no such file there. Files that
 * cannot be read are no error. */
int old_mail_find(struct home *h, char *const *paths, size_t count,
		  struct old_mail *out, struct error *err);
/* One transaction a file: a killed run is finished by the next one. */
int old_mail_import(struct home *h, const struct old_mail *m,
		    struct error *err);
void old_mail_release(struct old_mail *m);

#endif
