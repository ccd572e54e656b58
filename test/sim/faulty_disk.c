/*
 * The disk of a computer in memory (sim.h): each write of a desk file is a point where
 * the power may go, or where somebody comes between.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutants.h"
#include "trine/mem.h"

static int disk_list(struct disk *disk,
		     bool (*wanted)(void *, const char *, const struct file_info *),
		     int (*each)(void *, const char *, const struct file_info *),
		     void *arg, struct error *err)
{
	struct faulty_disk *d = (struct faulty_disk *)disk;

	return d->real.list(&d->real, wanted, each, arg, err);
}

/* Of the mutant: a file is as it was when this cycle first read it. */
static struct first_read *find_first(struct faulty_disk *d, const char *path)
{
	for (size_t i = 0; i < d->first_count; i++)
		if (strcmp(d->first[i].path, path) == 0)
			return &d->first[i];
	return NULL;
}

void faulty_disk_forget(struct faulty_disk *d)
{
	for (size_t i = 0; i < d->first_count; i++) {
		free(d->first[i].path);
		buf_release(&d->first[i].bytes);
	}
	d->first_count = 0;
}

static int disk_read(struct disk *disk, const char *path, struct buf *out,
		     struct file_info *info, struct error *err)
{
	struct faulty_disk *d = (struct faulty_disk *)disk;
	struct first_read *first = find_first(d, path);
	int rc = d->real.read(&d->real, path, out, info, err);

	if (rc == -1 || !broken_by(MUTANT_DESK))
		return rc;
	if (first == NULL) {
		ARRAY_GROW(d->first, d->first_count, d->first_cap);
		first = &d->first[d->first_count++];
		*first = (struct first_read){ xstrdup(path), BUF_INIT };
		buf_addb(&first->bytes, out);
	}
	buf_reset(out);
	buf_addb(out, &first->bytes);
	return 0;
}

/* Is PATH one that people at this desk write into? */
static bool may_be_written(const struct world *w, const char *path)
{
	int from;

	if (sscanf(path, "messages/%d_TO_", &from) == 1)
		return from == w->in_cycle->number;
	return strncmp(path, "messages/", 9) == 0 || strncmp(path, "shared/", 7) == 0;
}

/* Of the mutant: what computers answer is there in the next cycle. */
static bool is_left_out(const char *path)
{
	int from;

	return broken_by(MUTANT_LATE) && (strncmp(path, "COMPUTER_", 9) == 0 ||
	       sscanf(path, "messages/%d_TO_", &from) == 1) && now_and_then(3);
}

static int disk_replace(struct disk *disk, const char *path, struct span bytes,
			struct span expected, char **kept, struct error *err)
{
	struct faulty_disk *d = (struct faulty_disk *)disk;
	struct error ignored = ERROR_INIT;
	struct buf now = BUF_INIT;
	int rc;

	*kept = NULL;
	if (is_left_out(path))
		return 0;
	if (may_be_written(d->world, path)) {
		d->world->replaced = path;
		come_between(d->world, "before a desk file");
		d->world->replaced = NULL;
	}
	kill_here(d->world, "before a desk file");
	if (broken_by(MUTANT_DESK) &&
	    d->real.read(&d->real, path, &now, NULL, &ignored) == 0)
		expected = span_of(&now);
	rc = d->real.replace(&d->real, path, bytes, expected, kept, err);
	buf_release(&now);
	kill_here(d->world, "after a desk file");
	return rc;
}

static int disk_remove(struct disk *disk, const char *path, struct span expected,
		       bool *removed, struct error *err)
{
	struct faulty_disk *d = (struct faulty_disk *)disk;
	int rc = d->real.remove(&d->real, path, expected, removed, err);

	kill_here(d->world, "after removing a desk file");
	return rc;
}

void faulty_disk_open(struct faulty_disk *d, struct world *w, const char *root)
{
	disk_open(&d->real, root);
	d->first_count = d->first_cap = 0;
	d->first = NULL;
	d->world = w;
	d->disk = (struct disk){ disk_list, disk_read, disk_replace,
				 disk_remove, d->real.root, NULL };
}
