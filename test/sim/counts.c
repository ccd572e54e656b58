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
		    !branch_hides(w, path) && !desk_hides(m, path);

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

/* --- copies: anyone may edit or delete them (R22) --- */

/* "": there is none. To be freed. */
static char *any_copy(struct world *w, const struct list *files)
{
	int count = 0, chosen;

	for (size_t i = 0; i < files->count; i++)
		count += text_starts(span_str(files->item[i]), "conflicts/");
	chosen = count > 0 ? any_below(w, count) : -1;
	for (size_t i = 0; i < files->count; i++)
		if (text_starts(span_str(files->item[i]), "conflicts/") &&
		    chosen-- == 0)
			return xstrdup(files->item[i]);
	return xstrdup("");
}

static void edit_copy(struct world *w, struct machine *m, const char *path)
{
	struct token *t = say(w, SAID_KEPT, m->number, 0, m);
	struct buf text = BUF_INIT;

	desk_get(m, path, &text);
	tell(w, "on %d: write %s into %s, and sync", m->number, t->text, path);
	buf_printf(&text, "%s\n", t->text);
	desk_put(w, m, path, span_of(&text), true);
	check_wish(w->check, m->number, path, text.data);
	buf_release(&text);
}

static void copy_seen(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list files = LIST_INIT;
	char *path;

	if (!is_quiet(w, m))
		return;
	desk_list(m, &files);
	path = any_copy(w, &files);
	if (is_as_on_branch(w, m, path)) {
		if (one_in(w, 2)) {
			edit_copy(w, m, path);
		} else {
			tell(w, "on %d: delete %s, and sync", m->number, path);
			desk_remove(m, path);
			check_wish(w->check, m->number, path, NULL);
		}
		sync_plainly(w, m);
	}
	free(path);
	list_release(&files);
}

/* On the web, where whoever made it sees that next. */
static void copy_on_web(struct world *w)
{
	struct list files = LIST_INIT;
	struct token *t;
	char *path;

	branch_list(w, &files);
	path = any_copy(w, &files);
	if (path[0] != '\0' && one_in(w, 2)) {
		t = say(w, SAID_KEPT, 0, 0, NULL);
		tell(w, "on the web: write %s into %s", t->text, path);
		append_on_web(w, path, t->text);
	} else if (path[0] != '\0') {
		tell(w, "on the web: remove %s", path);
		branch_write(w, path, NULL);
	}
	free(path);
	list_release(&files);
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
	{ "copy-seen", 3, copy_seen },
	{ "copy-on-web", 2, copy_on_web },
	{ "unwrite", 3, unwrite_on_web },
	{ "unwrite-seen", 2, unwrite_seen },
	{ NULL, 0, NULL }
};
