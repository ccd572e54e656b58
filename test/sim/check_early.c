/* What came before git brought it: recorded once, confirmed by git alone. */
#include "check_own.h"

#include <stdlib.h>
#include <string.h>

/* What a log has of one such message. */
struct ck_early {
	json_t *event;			/* that it came */
	bool brought;			/* git has it, or says that it is none */
};

void ck_early_free(void *pointer)
{
	struct ck_early *early = pointer;

	json_decref(early->event);
	free(early);
}

bool ck_early_came(const json_t *event)
{
	return json_is_true(json_object_get(event, "early"));
}

void ck_early_note(struct ck_computer *computer, json_t *event)
{
	struct ck_early *early = ck_alloc(sizeof(*early));

	early->event = json_incref(event);
	ck_put(&computer->log.early, ck_word(event, "id"), early);
}

struct marking {
	const struct ck_computer *computer;
	const char *id;
	bool brought, withdrawn;
};

static void mark(struct ck_token *token, void *data)
{
	const struct marking *by = data;

	for (size_t i = 0; i < token->events.count; i++) {
		struct ck_event *event = token->events.items[i];

		if (event->computer != by->computer->number ||
		    event->life != by->computer->life || event->kind != 'r' ||
		    strcmp(event->id, by->id))
			continue;
		event->brought |= by->brought;
		event->withdrawn |= by->withdrawn;
	}
}

/* What git has instead, for ck_log_settle: the same text, as its writer vouches for
 * it under that number. */
static json_t *as_git_has_it(const struct ck_early *early, const json_t *event)
{
	json_t *copy = json_copy(early->event);
	const char *as = ck_word(event, "as");

	json_object_del(copy, "early");
	json_object_set_new(copy, "clone", json_string(ck_word(event, "clone")));
	json_object_set_new(copy, "commit", json_string(ck_word(event, "commit")));
	if (*as)
		json_object_set_new(copy, "id", json_string(as));
	return copy;
}

json_t *ck_early_brought(struct check *c, struct ck_computer *computer,
			 const json_t *event, const char **number)
{
	const char *id = ck_word(event, "id"), *as = ck_word(event, "as");
	bool withdrawn = !strcmp(ck_word(event, "type"), "message.withdrawn");
	bool by_git = *ck_word(event, "commit") != '\0';
	struct ck_early *early = ck_get(&computer->log.early, id);
	struct marking by = { computer, id, by_git, withdrawn };

	*number = !by_git ? "" : *as ? as : id;
	if (!ck_rule(c, CK_EARLY, early && !early->brought, "computer %d: git has "
		     "brought %s, which %s, at seq %ld", computer->number, id,
		     early ? "it had brought before" : "did not come early",
		     computer->log.seq))
		return NULL;
	early->brought = by_git;
	ck_tokens_of_event(c, early->event, mark, &by);
	return withdrawn ? NULL : as_git_has_it(early, event);
}

void ck_early_check(struct check *c, const struct ck_token *token)
{
	const struct ck_computer *writer = &c->computers[token->said.from];

	for (size_t i = 0; i < token->events.count; i++) {
		const struct ck_event *event = token->events.items[i];
		const struct ck_computer *reader = &c->computers[event->computer];

		if (!event->early || event->life != reader->life || reader->gone ||
		    (token->said.missed_by & 1U << reader->number) != 0)
			continue;
		ck_rule(c, CK_EARLY, event->brought || token->said.maybe ||
			writer->gone, "computer %d received %s, %s, before git "
			"brought it, and git never did", reader->number,
			token->text, event->id);
		ck_rule(c, CK_EARLY, event->withdrawn ==
			(token->said.how == SAID_BACK) || token->said.maybe,
			"computer %d received %s, %s, early; it %s taken back, "
			"and %s shown so", reader->number, token->text, event->id,
			event->withdrawn ? "was not" : "was",
			event->withdrawn ? "is" : "is not");
	}
}
