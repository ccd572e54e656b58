/*
 * What somebody does to one file on a desk that is as the branch, where nobody else is
 * heard before it is told: the checker is told, too, and wants it so on the branch
 * (sim.h).
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
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

/* --- lines of people's --- */

static bool says_new(struct span line)
{
	return line.len > 0 && line.p[line.len - 1] == '.';
}

/* Takes any line that says something new out of TEXT; NULL: there is none. To be freed. */
static char *take_line(struct world *w, struct buf *text)
{
	struct buf out = BUF_INIT;
	struct span line;
	int count = 0, chosen;
	char *taken = NULL;

	for (size_t pos = 0; text_line(span_of(text), &pos, &line);)
		count += says_new(line);
	chosen = count > 0 ? any_below(w, count) : -1;
	for (size_t pos = 0; text_line(span_of(text), &pos, &line);)
		if (says_new(line) && chosen-- == 0)
			taken = xstrndup(line.p, line.len);
		else
			buf_printf(&out, "%.*s\n", (int)line.len, line.p);
	buf_reset(text);
	buf_addb(text, &out);
	buf_release(&out);
	return taken;
}

/* Somebody crosses a line out on the web, and somebody who has not seen that writes
 * another one on a desk (R17). */
static void unwrite_on_web(struct world *w)
{
	int to = another_number(w, 0);
	struct buf text = BUF_INIT;
	char path[48], *line;

	snprintf(path, sizeof(path), "messages/HUMAN_TO_%d.md", to);
	line = to != 0 && branch_read(w, path, &text) ? take_line(w, &text) : NULL;
	if (line != NULL) {
		tell(w, "on the web: take \"%s\" out of %s", line, path);
		branch_write(w, path, &text);
		note_on(w, any_machine(w), to);
	}
	free(line);
	buf_release(&text);
}

/* The other way round. */
static void unwrite_seen(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = another_number(w, 0);
	struct buf text = BUF_INIT;
	char path[48], *line = NULL;

	snprintf(path, sizeof(path), "messages/HUMAN_TO_%d.md", to);
	if (to != 0 && is_quiet(w, m) && is_as_on_branch(w, m, path) &&
	    desk_get(m, path, &text))
		line = take_line(w, &text);
	if (line != NULL) {
		tell(w, "on %d: take \"%s\" out of %s", m->number, line, path);
		desk_put(w, m, path, span_of(&text), true);
		web_note_to(w, to);
		check_wish_without(w->check, m->number, path, text.data, line);
		sync_plainly(w, m);
	}
	free(line);
	buf_release(&text);
}

const struct act_kind count_acts[] = {
	{ "delete-seen", 2, delete_seen },
	{ "unwrite", 3, unwrite_on_web },
	{ "unwrite-seen", 2, unwrite_seen },
	{ NULL, 0, NULL }
};
