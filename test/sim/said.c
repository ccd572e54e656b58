/*
 * What was said (sim.h), and what the checker is told of it.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"

void stream_path(char path[STREAM_PATH], int from, int to)
{
	char writer[8] = "HUMAN", reader[8] = "ALL";

	if (from != 0)
		snprintf(writer, sizeof(writer), "%d", from);
	if (to != 0)
		snprintf(reader, sizeof(reader), "%d", to);
	snprintf(path, STREAM_PATH, "messages/%s_TO_%s.md", writer, reader);
}

void say_again(struct world *w, const struct token *t)
{
	struct said said = {
		.token = t->text, .how = t->how, .from = t->from, .to = t->to,
		.maybe = t->maybe, .missed_by = t->missed_by, .twice = t->twice,
		.body = t->body,
		.typed = t->typed, .title = t->title, .type = t->type,
		.priority = t->priority, .ends_anew = t->ends_anew,
	};

	check_said(w->check, &said);
}

void said_line(struct world *w, struct token *t, const char *line)
{
	t->body = xstrdup(line);
	t->typed = true;
	say_again(w, t);
}

void said_body(struct world *w, struct token *t, const char *body)
{
	t->body = xstrdup(body);
	say_again(w, t);
}

void said_note(struct world *w, struct token *t, bool task, const char *line)
{
	t->type = task ? "task" : "message";
	said_line(w, t, line);
}

void write_note(struct world *w, struct token *t, char line[64])
{
	bool task = one_in(w, 2);
	const char *box = task ? "\n- [ ] " : "\n";

	snprintf(line, 64, "%s%s %s", box, task ? "Do" : "See", t->text);
	said_note(w, t, task, line + strlen(box));
}

void note_answer(struct world *w, struct machine *m, const char *id)
{
	struct error unknown = ERROR_INIT;
	struct record r;

	if (mail_find(m->home, id, &r, &unknown) == -1)
		return;
	for (size_t i = 0; i < w->token_count; i++)
		if (strstr(r.message.title, w->token[i].text) != NULL ||
		    (r.message.body != NULL &&
		     strstr(r.message.body, w->token[i].text) != NULL))
			w->token[i].answered |= 1U << m->number;
	record_release(&r);
}

void said_in(struct token *t, const char *path)
{
	char to[8] = "";

	if (sscanf(path, "messages/%d_TO_%7[0-9A-Z].md", &t->in_from, to) == 2)
		t->in_to = atoi(to);
}

struct token *say(struct world *w, enum said_how how, int from, int to,
		  const struct machine *where)
{
	struct token *t;

	ARRAY_GROW(w->token, w->token_count, w->token_cap);
	t = &w->token[w->token_count];
	*t = (struct token){ .how = how, .from = from, .to = to,
			     .machine = where != NULL ? where->index : -1,
			     .clone = where != NULL ? where->clones : 0,
			     .when = w->time };
	snprintf(t->text, sizeof(t->text), "k%zu.", ++w->token_count);
	t->back_at = w->token_count;
	say_again(w, t);
	return t;
}

void excuse(struct world *w, struct token *t, enum excuse why)
{
	if (t->excuse == EXCUSE_NONE)
		t->excuse = why;
	t->maybe = true;
	say_again(w, t);
}

void excuse_reader(struct world *w, struct token *t, int number, enum excuse why)
{
	if (t->excuse == EXCUSE_NONE)
		t->excuse = why;
	t->missed_by |= 1U << number;
	say_again(w, t);
}

/* What M said, and nobody but M has: no commit that stays there as it was. */
static bool has_alone(struct world *w, const struct machine *m, const struct token *t)
{
	return t->how == SAID_SENT ? !check_vouched(w->check, t->text) :
	       m->squashed || !check_on_branch(w->check, t->text);
}

void unsure(struct world *w, const struct machine *m, size_t from_token,
	    size_t back_from, enum excuse why)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (t->machine != m->index || t->maybe)
			continue;
		if (t->how == SAID_BACK && t->back_at >= back_from) {
			t->how = SAID_SENT;
			excuse(w, t, why);
		} else if (t->how != SAID_BACK && i >= from_token &&
			   has_alone(w, m, t)) {
			excuse(w, t, why);
		}
	}
}

/* Does deleting PATH on a desk count (R22)? */
static bool may_go(const char *path)
{
	enum path_kind kind = path_classify(path).kind;

	return kind == PATH_HUMAN || kind == PATH_CONFLICT || kind == PATH_OTHER;
}

/* As a rule the commit that has it goes out before the one that deletes it. A new life
 * of M drops those that wait (R28), and goes on from the desk, where it is no more. */
void said_no_more(struct world *w, struct machine *m, const char *path)
{
	struct buf text = BUF_INIT;

	if (!may_go(path))
		return;
	desk_get(m, path, &text);
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (t->machine == m->index &&
		    (t->how == SAID_KEPT || t->how == SAID_BY_HAND) &&
		    strstr(text.data, t->text) != NULL &&
		    !check_on_branch(w->check, t->text))
			excuse(w, t, EXCUSE_REMOVED);
	}
	buf_release(&text);
}
