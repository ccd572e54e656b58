/*
 * The desk as the cycle sees it: a folder of small files, handed in so that a
 * test can give one that changes while it is read, is full, or read-only.
 *
 * Paths are relative to the desk and have passed path_refused. disk_open gives
 * the real one.
 */
#ifndef TRINE_DISK_H
#define TRINE_DISK_H

#include <stdbool.h>

#include "trine/error.h"
#include "trine/file.h"

struct disk {
	/* Every file below the desk, links and oddities too, called in order
	 * of path (EACH stops it with -1). A directory is called only if it is
	 * not entered: over LIMIT_DEPTH, one of a dot name (.git,
	 * .obsidian), or one that must not be read. Links are never followed,
	 * but for one that the desk itself is. Files that a killed replace
	 * left are among them (file_left_of tells). WANTED, which may be NULL,
	 * is asked before, nearly in that order: any number of others may lie
	 * there. An absent desk is ERR_NOTFOUND; something in its place, or
	 * more than LIMIT_LISTED that are wanted, ERR_DATA. */
	int (*list)(struct disk *disk,
		    bool (*wanted)(void *arg, const char *path,
				   const struct file_info *info),
		    int (*each)(void *arg, const char *path,
				const struct file_info *info),
		    void *arg, struct error *err);
	/* At most LIMIT_FILE bytes; a folder of PATH that is a link is
	 * ERR_DATA, here and below. A folder in its place is no file:
	 * ERR_NOTFOUND. */
	int (*read)(struct disk *disk, const char *path, struct buf *out,
		    struct file_info *info, struct error *err);
	/* As file_exchange, folders are made: EXPECTED.p NULL means no file was expected.
	 * What came out and differs stays beside it as KEPT, a desk path; what does
	 * not is kept for disk_keep. A folder in its place goes if it is empty, else
	 * that is ERR_DATA. */
	int (*replace)(struct disk *disk, const char *path, struct span bytes,
		       struct span expected, char **kept, struct error *err);
	/* As file_remove_if; what goes is kept for disk_keep, unless it was left by a
	 * killed replace. */
	int (*remove)(struct disk *disk, const char *path, struct span expected,
		      bool *removed, struct error *err);
	char *root;
	char *out;		/* of disk_keep, or NULL */
};

void disk_open(struct disk *out, const char *root);
void disk_close(struct disk *disk);

/* What replace and remove take out and was expected is put into the folder OUT, which is
 * made, for whoever has it open: under the id its bytes have as a blob, "-", 8 hex
 * digits, "-", and its path with %2F for each slash. Where that cannot be, it goes. */
void disk_keep(struct disk *disk, const char *out);
/* Such a NAME taken apart: false if it is none. Caller frees *PATH. */
bool disk_kept(const char *name, char blob[41], char **path);
/* The name in OUT for PATH that holds BLOB; caller frees. NULL: it would be too long. */
char *disk_keep_as(const char *out, const char *path, const char *blob);

#endif
