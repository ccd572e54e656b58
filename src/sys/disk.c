/*
 * The real desk (disk.h): a folder, and never a way out of it. The cycle gets
 * it handed in; tests give others.
 */
#include "trine/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trine/clock.h"
#include "trine/digest.h"
#include "trine/limits.h"
#include "trine/mem.h"

enum { LONGEST_NAME = 255 - 32 };	/* of a file that file_remove_if renames */

struct found {
	char *path;
	struct file_info info;
};

struct listing {
	const char *root;
	bool (*wanted)(void *arg, const char *path, const struct file_info *info);
	void *arg;
	struct found *item;
	size_t count, cap;
};

/* By hand: for each file of a desk, twice a cycle. */
static char *path_in(const char *root, const char *path)
{
	size_t head = strlen(root), tail = strlen(path);
	char *out = xmalloc(head + tail + 2);

	memcpy(out, root, head);
	out[head] = '/';
	memcpy(out + head + 1, path, tail + 1);
	return out;
}

/* Folders that are entered have no entry of their own; those that cannot be have one. */
static bool is_entered(const char *name, const struct file_info *info,
		       int depth)
{
	return info->directory && name[0] != '.' && depth < LIMIT_DEPTH;
}

static int add_found(struct listing *l, char *path,
		     const struct file_info *info, struct error *err)
{
	if (l->wanted != NULL && !l->wanted(l->arg, path, info)) {
		free(path);
		return 0;
	}
	if (l->count >= LIMIT_LISTED) {
		free(path);
		return error_set(err, ERR_DATA, "more than %d files in %s",
				 LIMIT_LISTED, l->root);
	}
	ARRAY_GROW(l->item, l->count, l->cap);
	l->item[l->count++] = (struct found){ path, *info };
	return 0;
}

/* ERR_NOTFOUND below the desk: a file that went while we looked. */
static bool is_gone(struct error *err)
{
	if (err->code != ERR_NOTFOUND)
		return false;
	error_clear(err);
	return true;
}

static int list_below(struct listing *l, const char *below, int depth,
		      struct error *err);

static int list_one(struct listing *l, const char *below, const char *name,
		    int depth, struct error *err)
{
	char *path = *below ? path_in(below, name) : xstrdup(name);
	char *full = path_in(l->root, path);
	struct file_info info;
	int result;

	result = file_stat(full, &info, err);
	free(full);
	if (result == -1) {
		free(path);
		return is_gone(err) ? 0 : -1;
	}
	if (!is_entered(name, &info, depth))
		return add_found(l, path, &info, err);
	result = list_below(l, path, depth + 1, err);
	if (result == -1 && err->code == ERR_REFUSED) {
		error_clear(err);
		return add_found(l, path, &info, err);
	}
	free(path);
	return result == -1 && is_gone(err) ? 0 : result;
}

/* The desk itself may be a link to where it is: `.` is behind that. */
static int list_below(struct listing *l, const char *below, int depth,
		      struct error *err)
{
	char *full = path_in(l->root, *below ? below : ".");
	struct list names = LIST_INIT;
	int result = file_list(full, &names, err);

	for (size_t i = 0; result == 0 && i < names.count; i++)
		result = list_one(l, below, names.item[i], depth, err);
	list_release(&names);
	free(full);
	return result;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path,
		      ((const struct found *)b)->path);
}

/* Folders are read in order of name, which is nearly that of path. */
static void sort_listing(struct listing *l)
{
	size_t i = 1;

	while (i < l->count && by_path(&l->item[i - 1], &l->item[i]) < 0)
		i++;
	if (i < l->count)
		qsort(l->item, l->count, sizeof(*l->item), by_path);
}

static int list_desk(struct disk *disk,
		     bool (*wanted)(void *arg, const char *path,
				    const struct file_info *info),
		     int (*each)(void *arg, const char *path,
				 const struct file_info *info),
		     void *arg, struct error *err)
{
	struct listing l = { .root = disk->root, .wanted = wanted, .arg = arg };
	int result = list_below(&l, "", 1, err);

	if (result == 0)
		sort_listing(&l);
	else if (err->code == ERR_NOTFOUND && file_exists(l.root))
		error_set(err, ERR_DATA, "%s is in the way of a folder", l.root);
	for (size_t i = 0; i < l.count && result == 0; i++)
		result = each(arg, l.item[i].path, &l.item[i].info);
	for (size_t i = 0; i < l.count; i++)
		free(l.item[i].path);
	free(l.item);
	return result;
}

/* A link in the middle of a path would lead a write out of the desk. */
static int refuse_links(const char *root, const char *path, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct file_info info;
	int result = 0;

	for (const char *slash = strchr(path, '/'); slash && result == 0;
	     slash = strchr(slash + 1, '/')) {
		char *full = xasprintf("%s/%.*s", root, (int)(slash - path),
				       path);

		if (file_stat(full, &info, &ignored) == 0 && info.symlink)
			result = error_set(err, ERR_DATA,
					   "%s is a symbolic link", full);
		free(full);
	}
	return result;
}

/* Where a folder is, there is no file. */
static int read_desk(struct disk *disk, const char *path, struct buf *out,
		     struct file_info *info, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct file_info there;
	char *full;
	int result;

	if (refuse_links(disk->root, path, err) == -1)
		return -1;
	full = path_in(disk->root, path);
	result = file_read(full, LIMIT_FILE, out, info, err);
	if (result == -1 && file_stat(full, &there, &ignored) == 0 &&
	    there.directory)
		err->code = ERR_NOTFOUND;
	free(full);
	return result;
}

static int make_folder_of(const char *full, struct error *err)
{
	char *folder = xstrndup(full, (size_t)(strrchr(full, '/') - full));
	int result = file_mkdir(folder, 0777, err);

	free(folder);
	return result;
}

enum { FOLDER_LEVELS = 64 };	/* deeper than any of a desk */

/* PATH and the folders in it, if there is nothing else. */
static int remove_folders(const char *path, int levels, struct error *err)
{
	struct error absent = ERROR_INIT;
	struct list names = LIST_INIT;
	struct file_info info;
	int rc = 0;

	if (file_stat(path, &info, &absent) == -1)
		return 0;
	if (!info.directory || levels == 0)
		return error_set(err, ERR_DATA, "is a folder with files in it");
	if (rmdir(path) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return error_errno(err, "cannot be removed");
	rc = file_list(path, &names, err);
	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *inner = path_in(path, names.item[i]);

		rc = remove_folders(inner, levels - 1, err);
		free(inner);
	}
	list_release(&names);
	if (rc == 0 && rmdir(path) == -1)
		rc = error_errno(err, "cannot be removed");
	return rc;
}

/* A folder in the place of the file: one with no file in it is nobody's work. */
static int clear_folder(const char *path, struct error *err)
{
	struct error absent = ERROR_INIT;
	struct file_info info;

	if (file_stat(path, &info, &absent) == -1 || !info.directory)
		return 0;
	return remove_folders(path, FOLDER_LEVELS, err) == 0 ? 0 :
	       error_wrap(err, "%s", path);
}

/* ---- what is taken out ---- */

static void escape_path(struct buf *out, const char *path)
{
	for (; *path != '\0'; path++)
		if (*path == '/' || *path == '%')
			buf_printf(out, "%%%02X", (unsigned char)*path);
		else
			buf_addc(out, *path);
}

char *disk_keep_as(const char *out, const char *path, const char *blob)
{
	struct buf name = BUF_INIT;
	struct chance chance;
	char *full;

	chance_system(&chance);
	buf_printf(&name, "%s-%08x-", blob, (unsigned)chance.next(&chance));
	escape_path(&name, path);
	if (name.len > LONGEST_NAME) {
		buf_release(&name);
		return NULL;
	}
	full = path_in(out, name.data);
	buf_release(&name);
	return full;
}

static bool is_hex(const char *text, size_t len)
{
	return strnlen(text, len) == len &&
	       strspn(text, "0123456789abcdef") == len && text[len] == '-';
}

bool disk_kept(const char *name, char blob[41], char **path)
{
	struct buf out = BUF_INIT;

	*path = NULL;
	if (!is_hex(name, 40) || !is_hex(name + 41, 8))
		return false;
	memcpy(blob, name, 40);
	blob[40] = '\0';
	for (name += 50; *name != '\0'; name++)
		if (strncmp(name, "%2F", 3) == 0 || strncmp(name, "%25", 3) == 0) {
			buf_addc(&out, name[2] == 'F' ? '/' : '%');
			name += 2;
		} else {
			buf_addc(&out, *name);
		}
	*path = buf_detach(&out);
	return true;
}

/* Where what is at PATH is to go; NULL: nowhere. */
static char *place_for(const struct disk *disk, const char *path, struct span expected)
{
	struct error ignored = ERROR_INIT;
	char blob[41];

	if (disk->out == NULL || expected.p == NULL ||
	    file_mkdir(disk->out, 0700, &ignored) == -1)
		return NULL;
	digest_blob(expected.p, expected.len, blob);
	return disk_keep_as(disk->out, path, blob);
}

static int replace_desk(struct disk *disk, const char *path, struct span bytes,
			struct span expected, char **kept, struct error *err)
{
	char *full, *place, *aside = NULL;
	int result = -1;

	*kept = NULL;
	if (refuse_links(disk->root, path, err) == -1)
		return -1;
	full = path_in(disk->root, path);
	place = place_for(disk, path, expected);
	if (make_folder_of(full, err) == 0 && clear_folder(full, err) == 0)
		result = file_exchange(full, bytes, expected, place, &aside, err);
	if (aside != NULL)
		*kept = xstrdup(aside + strlen(disk->root) + 1);
	free(aside);
	free(place);
	free(full);
	return result;
}

/* One that a replace left has no path of its own to be kept for. */
static bool was_left(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *of = file_left_of(slash != NULL ? slash + 1 : path);

	free(of);
	return of != NULL;
}

static int remove_desk(struct disk *disk, const char *path,
		       struct span expected, bool *removed, struct error *err)
{
	char *full, *place;
	int result;

	*removed = false;
	if (refuse_links(disk->root, path, err) == -1)
		return -1;
	full = path_in(disk->root, path);
	place = was_left(path) ? NULL : place_for(disk, path, expected);
	result = file_remove_if(full, expected, place, removed, err);
	free(place);
	free(full);
	return result;
}

void disk_open(struct disk *out, const char *root)
{
	*out = (struct disk){
		.list = list_desk,
		.read = read_desk,
		.replace = replace_desk,
		.remove = remove_desk,
		.root = xstrdup(root),
	};
}

void disk_keep(struct disk *disk, const char *out)
{
	free(disk->out);
	disk->out = xstrdup(out);
}

void disk_close(struct disk *disk)
{
	free(disk->root);
	free(disk->out);
	disk->root = disk->out = NULL;
}
