/*
 * Names that are alike but for case (sim.h), which people make on the web and on desks:
 * on some desks two of them would be one file, so that no desk gets either (R24).
 */
#include "sim.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* Are A and B, or folders they are in, alike but for case? */
static bool are_twins(const char *a, const char *b)
{
	bool differ = false;

	for (; tolower((unsigned char)*a) == tolower((unsigned char)*b); a++, b++) {
		if (differ && (*a == '\0' || *a == '/'))
			return true;
		if (*a == '\0')
			return false;
		differ |= *a != *b;
	}
	return differ && (*a == '\0' || *a == '/') && (*b == '\0' || *b == '/');
}

/* Has PATH a rule of its own? Then it wins over names that are like it. */
static bool is_built_in(const char *path)
{
	return path_classify(path).kind != PATH_OTHER;
}

/* PLAIN: one that has no rule of its own either. */
static bool has_twin(const struct list *files, const char *path, bool plain)
{
	for (size_t i = 0; i < files->count && !is_built_in(path); i++)
		if (are_twins(path, files->item[i]) &&
		    !(plain && is_built_in(files->item[i])))
			return true;
	return false;
}

bool branch_hides(struct world *w, const char *path)
{
	struct list files = LIST_INIT;
	bool found;

	branch_list(w, &files);
	found = has_twin(&files, path, false);
	list_release(&files);
	return found;
}

bool desk_hides(struct machine *m, const char *path)
{
	struct list files = LIST_INIT;
	bool found;

	desk_list(m, &files);
	found = has_twin(&files, path, false);
	list_release(&files);
	return found;
}

/* PATH with another case of one of its letters, before the suffix; to be freed. */
static char *other_case(struct world *w, const char *path)
{
	char *out = xstrdup(path);
	int stem = (int)(strrchr(out, '.') - out), at = any_below(w, stem);

	for (int i = 0; i < stem && !isalpha((unsigned char)out[at]); i++)
		at = (at + 1) % stem;
	if (isalpha((unsigned char)out[at]))
		out[at] ^= 'a' ^ 'A';
	return out;
}

/* Any file of FILES but copies, or if it is SHARED: "" if that is none. */
static const char *any_file(struct world *w, const struct list *files, bool shared)
{
	const char *path = files->count > 0 ?
		files->item[any_below(w, (int)files->count)] : "";

	return (shared && is_built_in(path)) ||
	       text_starts(span_str(path), "conflicts/") ? "" : path;
}

/* A name like another one but for case: on some desks they would be one file (R24). */
static void web_twin(struct world *w)
{
	struct list files = LIST_INIT;
	const char *path;
	char *twin;

	branch_list(w, &files);
	path = any_file(w, &files, false);
	if (path[0] != '\0') {
		twin = other_case(w, path);
		tell(w, "on the web: write something into %s", twin);
		append_on_web(w, twin, "Alike but for case");
		free(twin);
	}
	list_release(&files);
}

static void web_rename(struct world *w)
{
	struct list files = LIST_INIT;
	struct buf text = BUF_INIT;
	const char *path;
	char *to;

	branch_list(w, &files);
	path = any_file(w, &files, true);
	if (path[0] != '\0' && branch_read(w, path, &text)) {
		to = other_case(w, path);
		tell(w, "on the web: rename %s to %s", path, to);
		branch_write(w, to, &text);
		branch_write(w, path, NULL);
		free(to);
	}
	buf_release(&text);
	list_release(&files);
}

static void move_on(struct world *w, struct machine *m, const char *from, const char *to)
{
	struct buf text = BUF_INIT;

	tell(w, "on %d: rename %s to %s", m->number, from, to);
	if (desk_get(m, from, &text)) {
		desk_remove(m, from);
		desk_put(w, m, to, span_of(&text), true);
	}
	buf_release(&text);
}

static void rename_on_desk(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list files = LIST_INIT;
	const char *path;
	char *to;

	desk_list(m, &files);
	path = any_file(w, &files, true);
	if (path[0] != '\0') {
		to = other_case(w, path);
		move_on(w, m, path, to);
		free(to);
	}
	list_release(&files);
}

/* One of two on the branch goes; false: there are none. */
static bool part_on_branch(struct world *w)
{
	struct list files = LIST_INIT;
	bool found = false;

	branch_list(w, &files);
	for (size_t i = 0; i < files.count && !found; i++) {
		found = has_twin(&files, files.item[i], true);
		if (!found)
			continue;
		tell(w, "on the web: remove %s", files.item[i]);
		branch_write(w, files.item[i], NULL);
	}
	list_release(&files);
	return found;
}

static void part_on_desk(struct world *w, struct machine *m)
{
	struct list files = LIST_INIT, branch = LIST_INIT;

	branch_list(w, &branch);
	desk_list(m, &files);
	for (size_t i = 0; i < files.count; i++)
		if (!list_has(&branch, files.item[i]) &&
		    (has_twin(&branch, files.item[i], false) ||
		     has_twin(&files, files.item[i], false))) {
			char *to = xasprintf("of-%d-%llu-%zu.md", m->number,
					     (unsigned long long)w->cycles, i);

			move_on(w, m, files.item[i], to);
			free(to);
		}
	list_release(&files);
	list_release(&branch);
}

void names_part(struct world *w)
{
	while (part_on_branch(w))
		;
	for (int i = 0; i < w->machines; i++)
		if (w->machine[i].alive)
			part_on_desk(w, &w->machine[i]);
}

const struct act_kind name_acts[] = {
	{ "web-twin", 2, web_twin },
	{ "web-rename", 1, web_rename },
	{ "rename", 1, rename_on_desk },
	{ NULL, 0, NULL }
};
