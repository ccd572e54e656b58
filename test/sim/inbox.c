/*
 * What is handed over to instances (sim.h). Each computer has one, "w", with an inbox of
 * its own: a reader takes what is there out of it, as maildir(5) says, works on it, and
 * answers. What names it goes there, and what nobody in particular is to do.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"

/* --- set up --- */

void inbox_set_up(struct world *w, const struct machine *m)
{
	char *path = xasprintf("%s/.trine/trine.ini", m->dir);
	FILE *file = fopen(path, "ae");

	if (file == NULL || fputs("\n[instance w]\ndeliver = inbox\n", file) == EOF)
		broken(w, "the world cannot write %s", path);
	if (file != NULL)
		fclose(file);
	free(path);
}

/* Without a choice of its own that would change what else an act does by chance. */
const char *inbox_named(const struct world *w, enum message_type type)
{
	static const char *const of_task[] = { "w", NULL, "nobody", "nobody", "w" };
	static const char *const of_message[] = { "w", NULL, NULL, NULL, NULL };
	size_t at = w->token_count % ARRAY_LEN(of_task);

	return type == TYPE_TASK ? of_task[at] : of_message[at];
}

/* --- what is there --- */

static char *folder_of(const struct machine *m, const char *folder)
{
	return xasprintf("%s/.trine/inbox/w/%s", m->dir, folder);
}

void inbox_list(const struct machine *m, struct list *out)
{
	char *new = folder_of(m, "new");
	struct error absent = ERROR_INIT;

	file_list(new, out, &absent);
	free(new);
}

/* Somebody else may be doing that work. */
void inbox_expect_none_new(struct world *w, const struct machine *m,
			   const struct list *before)
{
	struct list now = LIST_INIT;

	inbox_list(m, &now);
	for (size_t i = 0; i < now.count; i++)
		expect(w, ASKED_R27, list_has(before, now.item[i]), "computer %d takes "
		       "itself for one of two machines, and hands %s over", m->number,
		       now.item[i]);
	list_release(&now);
}

/* --- its reader --- */

static void take(struct world *w, const struct machine *m, const char *name)
{
	char *new = folder_of(m, "new"), *cur = folder_of(m, "cur");
	char *from = xasprintf("%s/%s", new, name);
	char *to = xasprintf("%s/%s:2,S", cur, name);

	tell(w, "  w on %d takes %s", m->number, name);
	if (rename(from, to) == -1)
		broken(w, "w on %d cannot take %s", m->number, name);
	free(to);
	free(from);
	free(cur);
	free(new);
}

static void take_all(struct world *w, struct machine *m)
{
	struct list names = LIST_INIT;

	inbox_list(m, &names);
	for (size_t i = 0; i < names.count; i++)
		take(w, m, names.item[i]);
	list_release(&names);
}

static void take_some(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list names = LIST_INIT;

	inbox_list(m, &names);
	for (size_t i = 0; i < names.count; i++)
		if (one_in(w, 2))
			take(w, m, names.item[i]);
	list_release(&names);
}

/* It says how ID ended, where somebody is to hear it. */
static void answer(struct world *w, struct machine *m, const struct record *r)
{
	int to = r->message.stream.from;
	struct error err = ERROR_INIT;
	struct token *t;
	char body[32];

	if (to <= 0 || to == m->number || to == NO_TRINE || w->retired[to] ||
	    one_in(w, 3))
		return;
	t = say(w, SAID_SENT, m->number, to, m);
	snprintf(body, sizeof(body), "%s\n", t->text);
	if (mail_reply(m->home, r->id, "w", NULL, span_str(body), t->id, &err) == -1)
		broken(w, "w on %d cannot answer %s: %s", m->number, r->id, err.text);
	note_answer(w, m, r->id);
	tell(w, "  w on %d answers %s: %s, %s", m->number, r->id, t->id, t->text);
}

/* NAME, "1_TO_2.7.md:2,S", is done, and may go: the log says by now that it was handed
 * over. */
static void end(struct world *w, struct machine *m, const char *cur, const char *name)
{
	char *path = xasprintf("%s/%s", cur, name), *id = xstrdup(name);
	struct error err = ERROR_INIT;
	struct record r;

	*strstr(id, ".md") = '\0';
	if (mail_find(m->home, id, &r, &err) == -1) {
		broken(w, "w on %d has %s: %s", m->number, id, err.text);
	} else {
		if (r.handed != 0) {
			answer(w, m, &r);
			tell(w, "  w on %d is done with %s", m->number, id);
			remove(path);
		}
		record_release(&r);
	}
	free(id);
	free(path);
}

static void end_some(struct world *w)
{
	struct machine *m = any_machine(w);
	char *cur = folder_of(m, "cur");
	struct error absent = ERROR_INIT;
	struct list names = LIST_INIT;

	if (m->home != NULL)
		file_list(cur, &names, &absent);
	for (size_t i = 0; i < names.count && w->broken == NULL; i++)
		if (one_in(w, 2))
			end(w, m, cur, names.item[i]);
	list_release(&names);
	free(cur);
}

/* It takes what is there before the log says so, and the cycle dies there: the next one
 * has to see what became of it. */
static void killed_over_it(struct world *w)
{
	struct machine *m = any_machine(w), *from = another_machine(w, m);
	struct cycle_plan plan = { .at = "handed", .meanwhile = take_all,
				   .kill_then = true };

	if (from == NULL)
		return;
	send_named(w, from, m->number, "w");
	sync_plainly(w, from);
	tell(w, "sync %d, killed when w has taken what came", m->number);
	/* on files, too, in this process */
	plan.fault = w->tier == TIER_FILES ? REMOTE_TWICE : REMOTE_WELL;
	run_cycle(w, m, &plan);
	sync_plainly(w, m);
}

const struct act_kind inbox_acts[] = {
	{ "take", 10, take_some },
	{ "end", 8, end_some },
	{ "killed-handing", 2, killed_over_it },
	{ NULL, 0, NULL }
};
