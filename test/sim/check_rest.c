/* What must be true when all is quiet: desks, and files of each owner. */
#include "check_own.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the tip ---- */

struct tip_file {
	git_oid oid;
	size_t size;
	char *text;
	bool reaches;		/* a desk */
	bool there;		/* on the desk that is looked at */
};

struct tip {
	struct check *c;
	struct ck_map files;	/* path → struct tip_file */
	struct ck_map folded;	/* path or folder in small letters → as it is,
				 * or "" of two */
	bool but_answers;	/* these may come a cycle later */
};

static char *fold(const char *path, size_t size)
{
	char *folded = ck_copy(path, size);

	for (char *at = folded; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return folded;
}

/* Calls EACH for PATH and every folder above it. */
static void each_prefix(const char *path, void (*each)(const char *path,
			size_t size, void *data), void *data)
{
	for (const char *at = path; ; at++) {
		if (*at == '/' || !*at)
			each(path, (size_t)(at - path), data);
		if (!*at)
			return;
	}
}

static void note_case(const char *path, size_t size, void *data)
{
	struct tip *tip = data;
	char *folded = fold(path, size), *as_is = ck_copy(path, size);
	char *other = ck_get(&tip->folded, folded);

	if (!other) {
		ck_put(&tip->folded, folded, as_is);
	} else {
		if (strcmp(other, as_is))
			*other = '\0';
		free(as_is);
	}
	free(folded);
}

struct twin {
	struct tip *tip;
	bool found;
};

static void look_for_twin(const char *path, size_t size, void *data)
{
	struct twin *twin = data;
	char *folded = fold(path, size);
	const char *other = ck_get(&twin->tip->folded, folded);

	twin->found |= other && (!*other || strlen(other) != size ||
				 strncmp(other, path, size));
	free(folded);
}

static bool has_twin(struct tip *tip, const char *path)
{
	struct twin twin = { tip, false };
	bool copy;

	/* R24: such a one wins */
	if (ck_built_in(path, &copy) || !strcmp(path, "fleet.yaml") ||
	    ck_is_of_people(path))
		return false;
	each_prefix(path, look_for_twin, &twin);
	return twin.found;
}

static void note_file(const struct ck_change *change, void *data)
{
	struct tip *tip = data;
	struct tip_file *file = ck_alloc(sizeof(*file));

	file->text = ck_blob(tip->c, &change->oid, &file->size);
	file->reaches = file->text && change->mode == 0100644 &&
			ck_reaches_desk(change->path, file->size);
	ck_put(&tip->files, change->path, file);
	each_prefix(change->path, note_case, tip);
}

static void free_file(void *pointer)
{
	struct tip_file *file = pointer;

	free(file->text);
	free(file);
}

/* ---- a desk ---- */

struct desk {
	struct tip *tip;
	const struct ck_computer *computer;
};

/* An unreadable fleet.yaml stays on the desk, and there alone: R16. */
static bool may_differ(const char *path, const char *text, size_t size)
{
	const char *why;
	json_t *yaml;

	if (strcmp(path, "fleet.yaml"))
		return false;
	yaml = ck_yaml(text, size, 64 << 10, &why);
	json_decref(yaml);
	return !yaml;
}

/* What came in the last cycle is answered by a receipt, or by a text that is sent anew
 * (R7), which others are to get. */
static bool is_late(const struct tip *tip, const char *path)
{
	bool copies;

	return tip->but_answers && ck_built_in(path, &copies) != 0 && !copies;
}

static void check_desk_file(struct desk *desk, const char *path,
			    const char *full)
{
	struct tip_file *file = ck_get(&desk->tip->files, path);
	int number = desk->computer->number;
	size_t size;
	char *text = ck_read_file(full, &size);

	/* of names alike but for case no desk gets any, nor loses what it has */
	if (!ck_reaches_desk(path, size) || has_twin(desk->tip, path) ||
	    is_late(desk->tip, path)) {
		free(text);
		return;
	}
	ck_rule(desk->tip->c, CK_DESK, file || may_differ(path, text, size),
		"computer %d: %s is on its desk, and not on the tip", number,
		path);
	if (file && file->reaches) {
		file->there = true;
		ck_rule(desk->tip->c, CK_DESK, (file->size == size &&
			!memcmp(file->text, text, size)) ||
			may_differ(path, text, size), "computer %d: %s is not "
			"on its desk as on the tip %.10s", number, path,
			desk->tip->c->tip->hex);
	}
	free(text);
}

static void walk_desk(struct desk *desk, const char *folder, const char *path)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		char *full, *below;
		struct stat st;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		full = ck_print("%s/%s", folder, name);
		below = ck_print("%s%s%s", path, *path ? "/" : "", name);
		if (!lstat(full, &st)) {
			if (S_ISDIR(st.st_mode))
				walk_desk(desk, full, below);
			else if (S_ISREG(st.st_mode))
				check_desk_file(desk, below, full);
		}
		free(full);
		free(below);
	}
	if (dir)
		closedir(dir);
}

static void check_desk(struct tip *tip, const struct ck_computer *computer)
{
	struct desk desk = { tip, computer };
	char *folder = ck_print("%s/%s", computer->dir, tip->c->prefix);

	walk_desk(&desk, folder, "");
	for (size_t i = 0; i < tip->files.room; i++) {
		struct tip_file *file = tip->files.slots[i].value;
		const char *path = tip->files.slots[i].key;

		if (!path || !file->reaches || is_late(tip, path))
			continue;
		ck_rule(tip->c, CK_DESK, file->there || has_twin(tip, path),
			"computer %d: %s is on the tip, and not on its desk",
			computer->number, path);
		file->there = false;
	}
	free(folder);
}

/* Of all, or of computer ONLY. */
static void look_at_desks(struct check *c, bool but_answers, int only)
{
	static const char *const built_in[] = {
		"messages", "archive", "conflicts", "fleet.yaml",
	};
	struct tip tip = { .c = c, .but_answers = but_answers };
	git_tree *tree = ck_tree(c, c->tip);

	/* there or not: their names are theirs (R24) */
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		note_case(built_in[i], strlen(built_in[i]), &tip);

	ck_changes(c, NULL, tree, note_file, &tip);
	for (int n = 1; c->tip && n < CK_COMPUTERS; n++) {
		if (c->computers[n].number && !c->computers[n].gone &&
		    (!only || only == n))
			check_desk(&tip, &c->computers[n]);
	}
	ck_empty(&tip.files, free_file);
	ck_empty(&tip.folded, free);
	git_tree_free(tree);
}

void ck_rest_desks(struct check *c)
{
	look_at_desks(c, false, 0);
}

const char *check_desks(struct check *c)
{
	if (c->finding == NULL)
		look_at_desks(c, true, 0);
	return c->finding;
}

const char *check_desk_of(struct check *c, int number)
{
	if (c->finding == NULL)
		look_at_desks(c, false, number);
	return c->finding;
}

/* ---- own files ---- */

struct owning {
	struct check *c;
	int number;
	const struct ck_commit *last;
	bool differs;
};

static void check_own(const struct ck_change *change, void *data)
{
	const struct owning *by = data;
	bool copies;
	int owner = ck_built_in(change->path, &copies);

	ck_rule(by->c, CK_R11, copies || owner != by->number, "computer %d: %s "
		"on the tip %.10s is not as it wrote it in %.10s", by->number,
		change->path, by->c->tip->hex, by->last->hex);
}

static void note_difference(const struct ck_change *change, void *data)
{
	struct owning *by = data;
	bool copies;
	int owner = ck_built_in(change->path, &copies);

	by->differs = by->differs || (!copies && owner == by->number);
}

bool check_vouches(struct check *c, int number)
{
	struct owning by = { c, number, c->tip ? c->tip->last[number] : NULL,
			     false };
	git_tree *tip, *tree;

	if (!by.last)
		return false;
	tip = ck_tree(c, c->tip);
	tree = ck_tree(c, by.last);
	ck_changes(c, tree, tip, note_difference, &by);
	git_tree_free(tree);
	git_tree_free(tip);
	return !by.differs;
}

/* Every live computer's files are on the tip as it wrote them last. */
void ck_rest_own(struct check *c)
{
	git_tree *tip = ck_tree(c, c->tip);

	for (int n = 1; c->tip && n < CK_COMPUTERS; n++) {
		struct owning by = { c, n, c->tip->last[n], false };
		git_tree *tree;

		if (!c->computers[n].number || c->computers[n].gone)
			continue;
		if (!ck_rule(c, CK_R11, by.last, "computer %d: no commit of it "
			     "is on the branch", n))
			continue;
		tree = ck_tree(c, by.last);
		ck_changes(c, tree, tip, check_own, &by);
		git_tree_free(tree);
	}
	git_tree_free(tip);
}
