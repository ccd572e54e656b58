/*
 * Tasks that others do in parts (operation.h), from here: what is next is sent, and what
 * came of the parts is put together. tasks.c begins one, and each sweep of tasks goes on
 * with those that have not ended, so that a result that came in is seen by the cycle
 * that read it, and what follows from it goes out with the same commit.
 *
 * The event that sends a step says of which task it is one (key `part`): killed
 * anywhere, the next sweep goes on, and nothing is sent twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/operation.h"
#include "trine/text.h"
#include "trine/work.h"

struct running {
	struct home *h;
	const struct record *r;		/* the task in parts, with its body */
	struct operation plan;
	struct operation_steps steps;
	struct task_part_list part;
};

/* ---- what became of them ---- */

static enum step_state *step_of(struct operation_steps *s, const struct task_part *p)
{
	if (p->kind == STEP_REVIEW)
		return &s->review;
	if (p->index >= OPERATION_STEPS)
		return NULL;
	return p->kind == STEP_UNDO ? &s->undo[p->index] : &s->part[p->index];
}

static enum step_state state_as_step(const char *state)
{
	return strcmp(state, "COMPLETED") == 0 ? STEP_DONE :
	       strcmp(state, "FAILED") == 0 ? STEP_FAILED : STEP_OPEN;
}

static int find_steps(struct running *o, struct error *err)
{
	memset(&o->steps, 0, sizeof(o->steps));
	task_part_list_release(&o->part);
	if (view_parts(o->h->store, o->r->id, &o->part, err) == -1)
		return -1;
	for (size_t i = 0; i < o->part.count; i++) {
		enum step_state *step = step_of(&o->steps, &o->part.item[i]);
		struct error gone = ERROR_INIT;
		struct record r;

		if (step == NULL)
			continue;
		*step = STEP_FAILED;	/* somebody took it back */
		if (mail_find(o->h, o->part.item[i].id, &r, &gone) == -1)
			continue;
		*step = state_as_step(r.state);
		record_release(&r);
	}
	return 0;
}

/* ID is of this computer, and who reads OUT may be at another one. */
static void quote(const struct home *h, const char *id, struct span text, size_t most,
		  struct buf *out)
{
	char *where = xasprintf("`trine show %s` on computer %d", id, h->number);

	task_quote_text(out, text, most, where);
	free(where);
}

/* What its task gave: here its result, from elsewhere the message that answers it. At
 * most MOST bytes of it. */
static int add_result(struct home *h, const char *id, size_t most, struct buf *out,
		      struct error *err)
{
	struct record_filter answers = RECORD_FILTER_ALL;
	struct record_list l = { 0 };
	struct error gone = ERROR_INIT;
	struct record r;
	struct span text = { "", 0 };
	const char *where = id;

	if (mail_find(h, id, &r, &gone) == -1) {
		buf_adds(out, "It was taken back.\n");
		return 0;
	}
	answers.re = id;
	answers.direction = DIRECTION_IN;
	if (view_records(h->store, &answers, &l, err) == -1) {
		record_release(&r);
		return -1;
	}
	if (r.result != NULL)
		text = span_str(r.result);
	for (size_t i = 0; i < l.count; i++)
		if (l.item[i].message.type == TYPE_RESULT) {
			text = (struct span){ l.item[i].message.body,
					      l.item[i].message.body_len };
			where = l.item[i].id;
		}
	if (text.len == 0 && r.note[0] != '\0')
		text = span_str(r.note);
	quote(h, where, text, most, out);
	record_list_release(&l);
	record_release(&r);
	return 0;
}

static const struct task_part *find_part(const struct running *o, enum step_kind kind,
					 size_t index)
{
	for (size_t i = 0; i < o->part.count; i++)
		if (o->part.item[i].kind == (int)kind && o->part.item[i].index == index)
			return &o->part.item[i];
	return NULL;
}

static const char *const step_words[] = {
	[STEP_NONE] = "not begun", [STEP_OPEN] = "not ended",
	[STEP_DONE] = "COMPLETED", [STEP_FAILED] = "FAILED",
};

/* Theirs, in order. */
static int add_results(const struct running *o, struct buf *out, struct error *err)
{
	size_t most = LIMIT_RESULT / (o->plan.to.count + 1);

	for (size_t i = 0; i < o->plan.to.count; i++) {
		const struct task_part *p = find_part(o, STEP_PART, i);

		buf_printf(out, "%s## %s: %s%s%s\n\n", i == 0 ? "" : "\n",
			   o->plan.to.item[i], step_words[o->steps.part[i]],
			   p != NULL ? ", " : "", p != NULL ? p->id : "");
		if (p != NULL && add_result(o->h, p->id, most, out, err) == -1)
			return -1;
	}
	return 0;
}

/* ---- sending one ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What a stage goes on with, behind what is to be done: as much as one message has room
 * for beside that. */
static int add_stage_before(const struct running *o, size_t index, struct buf *body,
			    struct error *err)
{
	const struct task_part *before = find_part(o, STEP_PART, index - 1);

	buf_printf(body, "%s## What came of the stage before, by %s\n\n",
		   body->len > 0 ? "\n" : "", o->plan.to.item[index - 1]);
	return before == NULL ? 0 :
	       add_result(o->h, before->id, smaller(LIMIT_RESULT, LIMIT_BODY - body->len),
			  body, err);
}

/* A text that fills a message by itself gives up its end, for the beginning of what came
 * of the stage before. */
static int write_part(const struct running *o, size_t index, char **title,
		      struct buf *body, struct error *err)
{
	const struct message *m = &o->r->message;
	struct span text = { m->body, m->body_len };

	*title = xstrdup(m->title);
	if (!o->plan.staged || index == 0) {
		buf_add(body, text.p, text.len);
		return 0;
	}
	if (text.len > 0)
		quote(o->h, o->r->id, text, LIMIT_BODY - LIMIT_TAIL, body);
	return add_stage_before(o, index, body, err);
}

static int write_undo(const struct running *o, size_t index, char **title,
		      struct buf *body, struct error *err)
{
	const struct task_part *done = find_part(o, STEP_PART, index);

	(void)err;
	*title = xstrdup(o->plan.undo.item[index]);
	buf_printf(body, "A later stage of \"%s\" failed: what %s did is to be undone.\n",
		   o->r->message.title, done != NULL ? done->id : "this one");
	return 0;
}

static int write_review(const struct running *o, size_t index, char **title,
			struct buf *body, struct error *err)
{
	(void)index;
	*title = xasprintf("Review: %s", o->r->message.title);
	text_shorten(*title, LIMIT_TITLE);
	return add_results(o, body, err);
}

static int (*const writers[])(const struct running *o, size_t index, char **title,
			      struct buf *body, struct error *err) = {
	[STEP_PART] = write_part,
	[STEP_UNDO] = write_undo,
	[STEP_REVIEW] = write_review,
};

static int send_away(const struct running *o, const struct operation_step *step,
		     int computer, const char *instance, const char *title,
		     struct span body, struct error *err)
{
	const struct message *from = &o->r->message;
	const char *hops = message_extra(from, "hops");
	struct message m = MESSAGE_INIT;
	int rc;

	m.stream = (struct stream_name){ o->h->number, computer };
	m.type = TYPE_TASK;
	m.priority = from->priority;
	m.due = from->due;
	m.to = xstrdup(instance);
	list_copy(&m.labels, &from->labels);
	rc = message_set_text(&m, title, body, err);
	if (rc == 0)
		rc = rules_write_prefer(&m, message_extra(from, "prefer"), err);
	operation_part_write(&m, step);
	if (hops != NULL)	/* counted when the whole was added */
		message_add_extra(&m, "hops", hops);
	if (rc == 0)
		rc = mail_put(o->h, &m, err);
	message_release(&m);
	return rc;
}

static int make_here(const struct running *o, const struct operation_step *step,
		     const char *instance, const char *title, struct span body,
		     struct error *err)
{
	const struct message *from = &o->r->message;
	struct task_wish w = { .title = title, .body = body, .instance = instance,
			       .priority = from->priority, .due = from->due,
			       .labels = from->labels, .step = step,
			       .cause = o->r->id,
			       .prefer = message_extra(from, "prefer") };
	char id[MESSAGE_ID];

	return tasks_add_now(o->h, &w, id, err);
}

static int send_step(struct running *o, const struct operation_action *a,
		     struct error *err)
{
	struct operation_step step = { .kind = a->kind, .index = a->index };
	const char *to = a->kind == STEP_REVIEW ? o->plan.review
						: o->plan.to.item[a->index];
	struct buf body = BUF_INIT;
	char *title = NULL;
	const char *instance;
	int computer, rc;

	snprintf(step.id, sizeof(step.id), "%s", o->r->id);
	operation_end(to, &computer, &instance);
	rc = writers[a->kind](o, a->index, &title, &body, err);
	if (rc == 0)
		rc = computer == o->h->number
			? make_here(o, &step, instance, title, span_of(&body), err)
			: send_away(o, &step, computer, instance, title,
				    span_of(&body), err);
	buf_release(&body);
	free(title);
	return rc;
}

/* ---- ending ---- */

static void say_who_failed(const struct running *o, struct work_end *end)
{
	if (o->steps.review == STEP_FAILED) {
		work_end_say(end, WORK_FAILED, "%s did not accept it", o->plan.review);
		return;
	}
	for (size_t i = 0; i < o->plan.to.count; i++)
		if (o->steps.part[i] == STEP_FAILED) {
			work_end_say(end, WORK_FAILED, "%s of %s failed",
				     o->plan.staged ? "the stage" : "the part",
				     o->plan.to.item[i]);
			return;
		}
}

static int add_end_of(const struct running *o, enum step_kind kind, size_t index,
		      const char *heading, struct buf *out, struct error *err)
{
	const struct task_part *p = find_part(o, kind, index);

	if (p == NULL)
		return 0;
	buf_printf(out, "\n## %s, %s\n\n", heading, p->id);
	return add_result(o->h, p->id, LIMIT_TAIL, out, err);
}

static int finish(struct running *o, enum task_state state, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	int rc;

	if (state == TASK_FAILED)
		say_who_failed(o, &end);
	rc = add_results(o, &end.text, err);
	if (rc == 0)
		rc = add_end_of(o, STEP_REVIEW, 0, "Review", &end.text, err);
	for (size_t i = o->plan.undo.count; i-- > 0 && rc == 0;)
		rc = add_end_of(o, STEP_UNDO, i, o->plan.undo.item[i], &end.text, err);
	if (rc == 0)
		rc = work_finish(o->h, o->r, NULL, state, &end, err);
	work_end_release(&end);
	return rc;
}

/* ---- one of them, as far as it goes now ---- */

static int go_on(struct running *o, struct error *err)
{
	struct operation_action a;

	for (;;) {
		if (find_steps(o, err) == -1)
			return -1;
		a = operation_next(&o->plan, &o->steps);
		switch (a.verb) {
		case OPERATION_SEND:
			if (send_step(o, &a, err) == -1)
				return -1;
			break;
		case OPERATION_WAIT:
			return 0;
		case OPERATION_COMPLETE:
			return finish(o, TASK_COMPLETED, err);
		case OPERATION_FAIL:
			return finish(o, TASK_FAILED, err);
		}
	}
}

/* What no peer could read is not sent, and nothing can follow it: that is the end of
 * this task. It must not be that of all others, which go on behind it. */
static int give_up(struct running *o, const struct error *why, struct error *err)
{
	struct work_end end = WORK_END_INIT;
	int rc;

	work_end_say(&end, WORK_FAILED, "it cannot go on: %s", why->text);
	rc = add_results(o, &end.text, err);
	if (rc == 0)
		rc = work_finish(o->h, o->r, NULL, TASK_FAILED, &end, err);
	work_end_release(&end);
	return rc;
}

static int go_on_or_give_up(struct running *o, struct error *err)
{
	struct error why = ERROR_INIT;

	if (go_on(o, &why) == 0)
		return 0;
	if (why.code == ERR_DATA || why.code == ERR_USAGE)
		return give_up(o, &why, err);
	*err = why;
	return -1;
}

static int advance(struct home *h, const char *id,
		   int (*how)(struct running *o, struct error *err), struct error *err)
{
	struct running o = { .h = h };
	struct record r;
	const char *why;
	int rc;

	if (mail_find(h, id, &r, err) == -1)
		return -1;
	o.r = &r;
	rc = r.waits == WAIT_NONE && r.wants == 0 &&
	     operation_read(&r.message, &o.plan, &why) && why == NULL ?
	     how(&o, err) : 0;
	task_part_list_release(&o.part);
	operation_release(&o.plan);
	record_release(&r);
	return rc;
}

int operations_advance(struct home *h, const char *id, struct error *err)
{
	return advance(h, id, go_on, err);
}

int operations_sweep(struct home *h, struct error *err)
{
	struct record_list l;
	int rc = view_operations(h->store, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = advance(h, l.item[i].id, go_on_or_give_up, err);
	record_list_release(&l);
	return rc;
}

/* ---- in words ---- */

static const char *step_end(const struct running *o, const struct task_part *p)
{
	return p->kind == STEP_REVIEW ? o->plan.review :
	       p->index < o->plan.to.count ? o->plan.to.item[p->index] : "?";
}

static void say_open(struct running *o, struct buf *out)
{
	static const char *const words[] = {
		[STEP_PART] = "", [STEP_UNDO] = ", to undo it",
		[STEP_REVIEW] = ", to review it",
	};
	bool first = true;

	for (size_t i = 0; i < o->part.count; i++) {
		const struct task_part *p = &o->part.item[i];
		enum step_state *step = step_of(&o->steps, p);

		if (step == NULL || *step != STEP_OPEN)
			continue;
		buf_printf(out, "%s%s by %s%s", first ? "waits for " : "; ", p->id,
			   step_end(o, p), words[p->kind]);
		first = false;
	}
}

int operations_waits_for(struct home *h, const struct record *r, struct buf *out,
			 struct error *err)
{
	struct running o = { .h = h, .r = r };
	const char *why;
	int rc = 0;

	if (operation_read(&r->message, &o.plan, &why) && why == NULL) {
		rc = find_steps(&o, err);
		if (rc == 0)
			say_open(&o, out);
	}
	task_part_list_release(&o.part);
	operation_release(&o.plan);
	return rc;
}

/* ---- what somebody wishes ---- */

/* "Architect/araya", as messages have it: "2/araya". */
static int name_end(const struct fleet *fleet, const char *to, char **out,
		    struct error *err)
{
	size_t len = strcspn(to, "/");
	char *who = xstrndup(to, len);
	int number, rc = fleet_find(fleet, who, &number, err);

	if (rc == 0 && number == END_ALL)
		rc = error_set(err, ERR_USAGE, "a part is one computer's: `trine send "
			       "ALL -t task` gives a task to all of them");
	if (rc == 0 && to[len] == '/' && !plain_name_valid(span_str(to + len + 1)))
		rc = error_set(err, ERR_USAGE, "%.64s is no name of an instance",
			       to + len + 1);
	if (rc == 0)
		*out = xasprintf("%d%s", number, to + len);
	free(who);
	return rc;
}

static int name_ends(const struct fleet *fleet, const struct list *to,
		     struct list *out, struct error *err)
{
	if (to->count > OPERATION_STEPS)
		return error_set(err, ERR_USAGE, "a task has at most %d parts or "
				 "stages", OPERATION_STEPS);
	for (size_t i = 0; i < to->count; i++) {
		char *name = NULL;

		if (name_end(fleet, to->item[i], &name, err) == -1)
			return -1;
		list_add(out, name);
		free(name);
	}
	return 0;
}

/* No rule says who: it goes by what it says, to another computer, or to an instance of
 * this one; or it waits here, where nobody in particular is meant. */
static int take_route(struct home *h, const struct route_explanation *e,
		      struct task_wish *wish, struct error *err)
{
	const struct route_decision *c = &e->computer;

	if (!route_found(e))
		return error_set(err, ERR_NOTFOUND, "fleet.yaml has no route for %s, and "
				 "no specialty says anything of it; `trine route` shows "
				 "who there is", wish->labels.count > 0 ?
				 "any of these labels" : "a task without a label");
	if (!e->here)
		list_take(&wish->plan.to,
			  xasprintf("%d", e->fleet->computer[c->chosen].number));
	else if (e->instance.chosen != -1 && wish->instance == NULL)
		wish->instance = h->settings.instance[e->instance.chosen].name;
	return 0;
}

static int plan_by_text(struct home *h, const struct fleet *fleet,
			struct task_wish *wish, struct error *err)
{
	const struct route_question q = {
		.title = wish->title, .text = wish->body, .labels = &wish->labels,
		.priority = wish->priority, .prefer = wish->prefer,
	};
	struct route_explanation e = { 0 };
	struct routes *routes = NULL;
	int rc = routes_open(h, fleet, &routes, err);

	if (rc == 0)
		rc = routes_ask(routes, &q, &e, err);
	if (rc == 0)
		rc = take_route(h, &e, wish, err);
	route_explanation_release(&e);
	routes_close(routes);
	return rc;
}

static int plan_by_route(struct home *h, const struct fleet *fleet,
			 struct task_wish *wish, struct error *err)
{
	const struct list *labels = &wish->labels;
	const struct fleet_route *route = fleet_route(fleet, labels);
	struct operation *out = &wish->plan;

	if (route == NULL)
		return plan_by_text(h, fleet, wish, err);
	out->staged = route->stages.count > 0;
	if (route->review != 0)
		out->review = xasprintf("%d", route->review);
	if (wish->terms.approvals == 0)
		wish->terms.approvals = (uint64_t)route->approvals;
	return name_ends(fleet, out->staged ? &route->stages : &route->to, &out->to,
			 err);
}

/* "": nothing undoes that stage. The others are the titles of tasks some day: what could
 * be none is refused now, while somebody is there to hear it. */
static int check_undo(const char *title, struct error *err)
{
	struct message m = MESSAGE_INIT;
	struct error unfit = ERROR_INIT;
	int rc = 0;

	if (*title == '\0')
		return 0;
	if (strlen(title) > LIMIT_TITLE ||
	    message_set_text(&m, title, span_str(""), &unfit) == -1)
		rc = error_set(err, ERR_USAGE, "--undo is the title of a task: one line, "
			       "at most %d bytes", LIMIT_TITLE);
	message_release(&m);
	return rc;
}

static int plan_by_hand(const struct fleet *fleet, const struct operation_wish *w,
			struct operation *out, struct error *err)
{
	if (w->to.count > 0 && w->stages.count > 0)
		return error_set(err, ERR_USAGE, "--to gives a part to each at once, "
				 "--stage one after the other: not both");
	out->staged = w->stages.count > 0;
	if (w->undo.count > w->stages.count)
		return error_set(err, ERR_USAGE, "more --undo than --stage: the first "
				 "undoes the first stage, and so on");
	for (size_t i = 0; i < w->undo.count; i++)
		if (check_undo(w->undo.item[i], err) == -1)
			return -1;
	list_copy(&out->undo, &w->undo);
	if (w->review != NULL && name_end(fleet, w->review, &out->review, err) == -1)
		return -1;
	return name_ends(fleet, out->staged ? &w->stages : &w->to, &out->to, err);
}

int operations_plan(struct home *h, const struct operation_wish *w,
		    struct task_wish *out, struct error *err)
{
	struct fleet fleet = FLEET_INIT;
	int rc = home_fleet(h, &fleet, err);

	out->plan = (struct operation){ 0 };
	if (rc == 0)
		rc = w->by_route ? plan_by_route(h, &fleet, out, err)
				 : plan_by_hand(&fleet, w, &out->plan, err);
	if (rc == 0 && out->plan.to.count == 0 && w->review != NULL)
		rc = error_set(err, ERR_USAGE, "nobody is to do it: --to or --stage "
			       "say who");
	fleet_release(&fleet);
	if (rc == -1)
		operation_release(&out->plan);
	return rc;
}
