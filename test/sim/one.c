/*
 * Tasks to all that one computer is to do (sim.h): computers claim them, and who has
 * one says how it ended, where all can read it. Whoever has read that is at it no more
 * (R39).
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#include "trine/claims.h"
#include "trine/mem.h"

/* What M has under ID, if that is of the task: it, or what ends it. */
static bool has(struct world *w, struct machine *m, const char *id,
		enum message_type type, enum direction direction)
{
	struct error unknown = ERROR_INIT;
	struct record r;
	bool found;

	if (!m->alive || m->home == NULL || mail_find(m->home, id, &r, &unknown) == -1)
		return false;
	found = r.message.type == type && r.direction == direction &&
		(type == TYPE_TASK ? message_claim_one(&r.message) &&
				     strstr(r.message.body, w->one_text) != NULL :
		 r.message.re != NULL && strcmp(r.message.re, w->one) == 0);
	record_release(&r);
	return found;
}

static bool standing(struct world *w, struct machine *m, struct claim_standing *out)
{
	struct error err = ERROR_INIT;
	char name[CLAIM_NAME];

	claim_task_name(w->one, name);
	if (m->home == NULL || !m->alive)
		return false;
	if (claims_look(m->home, name, out, &err) == -1)
		broken(w, "computer %d cannot say who has %s: %s", m->number, name,
		       err.text);
	return w->broken == NULL;
}

/* It has what ends the task, said by others or by itself. */
static bool has_end(struct world *w, struct machine *m, const char *id)
{
	return has(w, m, id, TYPE_RESULT, DIRECTION_IN) ||
	       has(w, m, id, TYPE_RESULT, DIRECTION_OUT);
}

/* Whether its own answer, older by the clock, is to this text, a new disk cannot know: it
 * shows it to people, who may want it (R29). */
static bool is_in_doubt(struct world *w, struct machine *m)
{
	struct error unknown = ERROR_INIT;
	struct record r;
	bool doubted;

	if (mail_find(m->home, w->one, &r, &unknown) == -1)
		return false;
	doubted = strcmp(r.note, "in doubt") == 0;
	record_release(&r);
	return doubted;
}

void one_watch(struct world *w)
{
	struct claim_standing s;

	for (int i = 0; i < w->machines && w->broken == NULL; i++) {
		struct machine *m = &w->machine[i];

		if (m->twin >= 0 || m->stopped)
			continue;
		for (size_t k = 0; k < w->ends.count; k++)
			if (has_end(w, m, w->ends.item[k]) && standing(w, m, &s) &&
			    !is_in_doubt(w, m))
				expect(w, ASKED_R39, s.state != CLAIM_HELD &&
				       (s.state != CLAIM_TENTATIVE ||
					m->cut_short || m->in_cycle),
				       "computer %d has read in %s that %s is over, "
				       "and claims it", m->number, w->ends.item[k],
				       w->one);
	}
}

/* --- acts --- */

static void send_one(struct world *w)
{
	struct machine *m = any_machine(w);
	struct outgoing o = { .to = "ALL", .priority = PRIORITY_NORMAL,
			      .type = TYPE_TASK, .claim_one = true,
			      /* whom it names claims it; no cycle does by itself */
			      .instance = "sim" };
	struct error err = ERROR_INIT;
	char body[32], name[CLAIM_NAME];
	struct token *t;

	if (m->home == NULL)
		return;
	t = say(w, SAID_SENT, m->number, 0, m);
	snprintf(body, sizeof(body), "%s\n", t->text);
	t->type = "task";
	said_body(w, t, body);
	o.body = span_str(body);
	if (mail_send(m->home, &o, t->id, &err) == -1)
		broken(w, "send on %d: %s", m->number, err.text);
	tell(w, "on %d: send %s, %s, which one is to do", m->number, t->id, t->text);
	snprintf(w->one, sizeof(w->one), "%s", t->id);
	snprintf(w->one_text, sizeof(w->one_text), "%s", t->text);
	claim_task_name(w->one, name);
	if (!list_has(&w->claimed, name))
		list_add(&w->claimed, name);
	list_release(&w->ends);
}

static void claim_one(struct world *w)
{
	struct machine *m = any_machine(w);
	struct claim_wish wish = { .by = "sim" };
	struct error err = ERROR_INIT;
	char name[CLAIM_NAME];

	if (!has(w, m, w->one, TYPE_TASK, DIRECTION_IN))
		return;
	claim_task_name(w->one, name);
	wish.name = name;
	w->claims = true;
	if (claims_want(m->home, &wish, &err) == -1 &&
	    (err.code != ERR_NO || w->ends.count == 0))
		broken(w, "computer %d may not want %s: %s", m->number, name,
		       err.text);
	tell(w, "on %d: want %s%s%s", m->number, name, err.code ? ": " : "",
	     err.code ? err.text : "");
	sync_now(w, m);
}

static void end_on(struct world *w, struct machine *m)
{
	struct token *t = say(w, SAID_SENT, m->number, 0, m);
	struct error err = ERROR_INIT;
	char body[32];

	note_answer(w, m, w->one);
	snprintf(body, sizeof(body), "%s\n", t->text);
	t->type = "result";
	said_body(w, t, body);
	if (mail_reply(m->home, w->one, NULL, NULL, span_str(body), t->id, &err) == -1)
		broken(w, "computer %d has %s, and cannot end it: %s", m->number,
		       w->one, err.text);
	tell(w, "on %d: end %s with %s, %s", m->number, w->one, t->id, t->text);
	list_add(&w->ends, t->id);
}

static void end_one(struct world *w)
{
	struct claim_standing s;

	for (int i = 0; i < w->machines; i++) {
		struct machine *m = &w->machine[i];

		if (has(w, m, w->one, TYPE_TASK, DIRECTION_IN) && m->twin < 0 &&
		    standing(w, m, &s) && s.state == CLAIM_HELD) {
			end_on(w, m);
			return;
		}
	}
}

const struct act_kind one_acts[] = {
	{ "send-one", 4, send_one },
	{ "claim-one", 16, claim_one },
	{ "end-one", 12, end_one },
	{ NULL, 0, NULL }
};
