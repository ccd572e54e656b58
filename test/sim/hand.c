/*
 * What people write in streams to all, and in streams whose writer has no trine, or has
 * left (sim.h). There every line is mail (R10).
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/text.h"

/* --- to all --- */

static void note_all(struct world *w)
{
	note_on(w, any_machine(w), 0);
}

static void web_note_all(struct world *w)
{
	if (branch_tip(w).hex[0] != '\0')
		web_note_to(w, 0);
}

static void merge_all(struct world *w)
{
	merge_note(w, 1 + any_below(w, 6), 0);
}

static void type_all(struct world *w)
{
	type_on(w, any_machine(w), 0);
}

static void type_slowly_all(struct world *w)
{
	type_slowly_on(w, any_machine(w), 0);
}

static void edit_entry_all(struct world *w)
{
	edit_entry_on(w, any_machine(w), 0);
}

/* --- in the place of a computer --- */

/* A line of computer FROM, by a commit of somebody with plain git. */
static void write_for(struct world *w, int from)
{
	int to = one_in(w, 4) ? 0 : another_number(w, from);
	char path[STREAM_PATH], line[32];
	struct token *t;

	stream_path(path, from, to);
	t = say(w, SAID_BY_HAND, from, to, NULL);
	snprintf(line, sizeof(line), "\nSaid %s", t->text);
	said_note(w, t, false, line + 1);
	tell(w, "somebody at computer %d, which has no trine, writes %s into %s", from,
	     t->text, path);
	append_on_web(w, path, line);
}

static void write_without(struct world *w)
{
	if (branch_tip(w).hex[0] != '\0')
		write_for(w, NO_TRINE);
}

/* Does the branch say that N has left? */
static bool is_retired_there(struct world *w, int n)
{
	struct buf text = BUF_INIT;
	struct fleet fleet = FLEET_INIT;
	struct error err = ERROR_INIT;
	bool retired = branch_read(w, "fleet.yaml", &text) &&
		       fleet_parse(span_of(&text), &fleet, &err) == 0 &&
		       fleet_retired(&fleet, n);

	fleet_release(&fleet);
	buf_release(&text);
	return retired;
}

static void write_retired(struct world *w)
{
	int n = 1 + any_below(w, w->numbers);

	if (w->retired[n] && is_retired_there(w, n))
		write_for(w, n);
}

const struct act_kind hand_acts[] = {
	{ "note-all", 3, note_all },
	{ "web-note-all", 3, web_note_all },
	{ "merge-all", 1, merge_all },
	{ "type-all", 4, type_all },
	{ "type-slowly-all", 1, type_slowly_all },
	{ "edit-entry-all", 2, edit_entry_all },
	{ "write-without", 5, write_without },
	{ "write-retired", 5, write_retired },
	{ NULL, 0, NULL }
};
