/*
 * What somebody does to one file on a desk that is as the branch, where nobody else is
 * heard before it is told: the checker is told, too, and wants it so on the branch
 * (sim.h).
 */
#include "sim.h"

#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* Is the desk of M as the branch, and can M say so? */
static bool is_quiet(struct world *w, struct machine *m)
{
	if (m->twin >= 0 || m->stopped || !m->joined)
		return false;
	sync_plainly(w, m);
	return w->broken == NULL && !m->stopped && !m->dirty;
}

static bool is_as_on_branch(struct world *w, struct machine *m, const char *path)
{
	struct buf here = BUF_INIT, there = BUF_INIT;
	bool same = desk_get(m, path, &here) && branch_read(w, path, &there) &&
		    span_equal(span_of(&here), span_of(&there)) &&
		    !branch_hides(w, path);

	buf_release(&here);
	buf_release(&there);
	return same;
}

/* One that no computer writes; "": none. To be freed. */
static char *any_of_people(struct world *w, struct machine *m)
{
	struct list files = LIST_INIT;
	const char *path;
	char *out;

	desk_list(m, &files);
	/* of fewer files one is half of the desk: that is damage */
	path = files.count > 3 ? files.item[any_below(w, (int)files.count)] : "";
	if (one_in(w, 2) || path_classify(path).kind != PATH_OTHER)
		path = files.count > 3 ? any_shared(w) : "";
	out = xstrdup(path);
	list_release(&files);
	return out;
}

static void delete_seen(struct world *w)
{
	struct machine *m = any_machine(w);
	char *path;

	if (!is_quiet(w, m))
		return;
	path = any_of_people(w, m);
	if (is_as_on_branch(w, m, path)) {
		tell(w, "on %d: delete %s, and sync", m->number, path);
		desk_remove(m, path);
		check_wish(w->check, m->number, path, NULL);
		sync_plainly(w, m);
	}
	free(path);
}

const struct act_kind count_acts[] = {
	{ "delete-seen", 2, delete_seen },
	{ NULL, 0, NULL }
};
