/*
 * Tasks in the hands of sessions (tasks.h). cli/cmd_task.c calls these; what
 * workers do with tasks is in work.c, and what may be in core/task.c.
 */
#include "trine/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail_p.h"
#include "tasks_p.h"
#include "trine/claims.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/refused.h"
#include "trine/task.h"
#include "trine/text.h"
#include "trine/work.h"

const char *tasks_holder(const struct record *r)
{
	if (operation_is(&r->message))
		return "others, in parts";
	return r->session != 0 ? r->holder : r->instance;
}

int64_t tasks_since(const struct record *r)
{
	if (r->session != 0)
		return r->claimed;
	return r->slot == 0 && r->handed != 0 ? r->handed : r->began;
}

/* A worker takes it from there, whatever its state is. */
static bool stands_in_line(const struct record *r)
{
	return r->due != 0 && r->session == 0 && r->slot == 0;
}

static enum task_state state_of(const struct record *r)
{
	enum task_state state = TASK_QUEUED;

	task_state_parse(span_str(r->state), &state);
	return state;
}

/* It is nearly always there under exactly this id; what answered it is of no interest. */
static int find_plain(struct home *h, const char *id, struct record *out, bool *found,
		      struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	struct record_list l;

	f.id = id;
	f.plain = true;
	if (view_records(h->store, &f, &l, err) == -1)
		return -1;
	*found = l.count == 1 && l.item[0].direction == DIRECTION_IN &&
		 l.item[0].message.type == TYPE_TASK;
	if (*found)
		*out = l.item[0];
	if (*found)
		l.count = 0;
	record_list_release(&l);
	return 0;
}

int tasks_find(struct home *h, const char *id, struct record *out,
	       struct error *err)
{
	bool found;

	if (find_plain(h, id, out, &found, err) == -1)
		return -1;
	if (found)
		return 0;
	if (mail_find(h, id, out, err) == -1)
		return -1;
	if (out->message.type == TYPE_TASK && out->direction == DIRECTION_IN)
		return 0;
	record_release(out);
	return error_set(err, ERR_NOTFOUND, "%s is no task of this computer", id);
}

static int by_arrival(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return (x->received > y->received) - (x->received < y->received);
}

int tasks_list(struct home *h, bool all, struct record_list *out,
	       struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;
	size_t kept = 0;

	if (!all)
		return view_open_tasks(h->store, out, err);
	f.direction = DIRECTION_IN;
	f.brief = true;
	if (view_records(h->store, &f, out, err) == -1)
		return -1;
	for (size_t i = 0; i < out->count; i++)
		if (out->item[i].message.type == TYPE_TASK)
			out->item[kept++] = out->item[i];
		else
			record_release(&out->item[i]);
	out->count = kept;
	qsort(out->item, out->count, sizeof(*out->item), by_arrival);
	return 0;
}

/* ---- adding ---- */

static int check_name(const char *name, struct error *err)
{
	struct stream_name stream;
	struct span head = { name, strcspn(name, ".") };

	if (!plain_name_valid(span_str(name)) || strlen(name) >= MESSAGE_ID)
		return error_set(err, ERR_USAGE, "a task's name is of letters, "
				 "digits, `.`, `_` and `-`");
	if (stream_name_parse(head, &stream))
		return error_set(err, ERR_USAGE, "%s is the form of a message's id; "
				 "give the task another name", name);
	return 0;
}

static bool is_elsewhere(const struct home *h, const char *to)
{
	const char *instance;
	int computer;

	return operation_end(to, &computer, &instance) && computer != h->number;
}

/* Is another computer to do it, or a part of it? */
static bool leaves(const struct home *h, const struct operation *plan)
{
	for (size_t i = 0; i < plan->to.count; i++)
		if (is_elsewhere(h, plan->to.item[i]))
			return true;
	return plan->review != NULL && is_elsewhere(h, plan->review);
}

static int make_message(struct home *h, const struct task_wish *w,
			struct message *m, struct error *err)
{
	if (message_is_blank(w->title, w->body))
		return error_set(err, ERR_USAGE, "a task wants a title (-m), or a "
				 "text");
	m->stream = (struct stream_name){ h->number, h->number };
	m->type = TYPE_TASK;
	m->priority = w->priority;
	m->from = xstrdup(w->from);
	m->to = xstrdup(w->instance);
	m->due = w->due;
	m->sent = h->clock->now(h->clock);
	list_copy(&m->labels, &w->labels);
	if (mail_check_labels(&w->labels, err) == -1 ||
	    rules_write_terms(m, &w->terms, err) == -1 ||
	    rules_write_prefer(m, w->prefer, err) == -1 ||
	    mail_count_hops(h, w->cause, leaves(h, &w->plan), m, err) == -1)
		return -1;
	operation_write(m, &w->plan);
	if (w->step != NULL)
		operation_part_write(m, w->step);
	return message_set_text(m, w->title, w->body, err);
}

static int is_taken(struct home *h, const char *id, bool *out,
		    struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;

	f.id = id;
	return view_any_record(h->store, f, out, err);
}

/* Within a transaction. */
int tasks_add_now(struct home *h, const struct task_wish *w, char id[MESSAGE_ID],
		  struct error *err)
{
	struct message m = MESSAGE_INIT;
	bool taken = false;
	int rc = -1;

	if (make_message(h, w, &m, err) == -1 ||
	    view_highest(h->store, m.stream, &m.seq, err) == -1)
		goto out;
	m.seq++;
	if (w->name == NULL)
		message_id_format(m.stream, m.seq, id);
	else
		snprintf(id, MESSAGE_ID, "%s", w->name);
	if (message_check(&m, err) == -1 || is_taken(h, id, &taken, err) == -1)
		goto out;
	if (taken)
		error_set(err, ERR_NO, "there is a task %s already; `trine show %s` "
			  "has it", id, id);
	else if (rules_check_terms(h, id, &w->terms, err) == 0)
		rc = record_added(h->store, id, &m, w->session, err);
	if (rc == 0 && w->plan.to.count > 0)
		rc = operations_advance(h, id, err);
out:
	message_release(&m);
	return rc;
}

int tasks_add(struct home *h, const struct task_wish *wish, char id[MESSAGE_ID],
	      struct error *err)
{
	int rc;

	if ((wish->name != NULL && check_name(wish->name, err) == -1) ||
	    store_begin(h->store, err) == -1)
		return -1;
	rc = rules_check_room(h, wish->priority, wish->instance, err);
	if (rc == 0)
		rc = tasks_add_now(h, wish, id, err);
	return store_end(h->store, rc, err);
}

/* ---- claiming ---- */

static int refuse_held(const struct home *h, const struct record *r,
		       struct error *err)
{
	const char *holder = tasks_holder(r);
	char age[TIME_TEXT];
	int64_t now = h->clock->now(h->clock);

	if (task_has_ended(state_of(r)))
		return error_set(err, ERR_NO, "%s is %s%s%s", r->id, r->state,
				 r->holder ? ", by " : "",
				 r->holder ? r->holder : "");
	if (holder == NULL)
		return error_set(err, ERR_NO, "%s is %s, and nobody has it", r->id,
				 r->state);
	if (stands_in_line(r))
		return error_set(err, ERR_NO, "%s is %s, in the line of %s; `trine "
				 "task release %s` takes it out", r->id, r->state,
				 holder, r->id);
	return error_set(err, ERR_NO, "%s is %s: %s has it, for %s", r->id,
			 r->state, holder,
			 duration_words(now - tasks_since(r), age));
}

static int give(struct home *h, const struct session *s, struct record *r,
		const char *over, struct error *err)
{
	char holder[SESSION_HOLDER];
	struct list needs = LIST_INIT;
	enum task_state to;
	bool may;
	int rc;

	/* began: a cycle is about to put it into an inbox */
	if (operation_is(&r->message) ||
	    !task_step(state_of(r), TASK_ASSIGN, &to) || r->handed != 0 ||
	    r->began != 0)
		return refuse_held(h, r, err);
	if (rules_allow(h, r, err) == -1)
		return -1;
	rc = tasks_can_hold(h, r, &needs, &may, err);
	if (rc == 0 && may)
		rc = record_claimed(h->store, r->id, s->id,
				    session_holder(s, holder), &needs, over, err);
	else if (rc == 0)
		rc = error_wrap(err, "%s may not be begun yet", r->id);
	list_release(&needs);
	return rc;
}

static int claim(struct home *h, const struct session *s, const char *id,
		 const char *title, struct error *err)
{
	struct task_wish wish = { .name = id, .title = title,
				  .priority = PRIORITY_NORMAL };
	char made[MESSAGE_ID];
	struct record r;
	bool there;
	int rc;

	if (is_taken(h, id, &there, err) == -1)
		return -1;
	if (!there && title != NULL &&
	    (check_name(id, err) == -1 || tasks_add_now(h, &wish, made, err) == -1))
		return -1;
	if (tasks_find(h, id, &r, err) == -1)
		return -1;
	rc = r.session == s->id ? 0 : give(h, s, &r, "", err);
	record_release(&r);
	return rc;
}

/* By itself: a claim that is refused takes back with it what it did before, and the
 * pause of one whose time is over would begin anew with each who asks. */
static int end_overdue(struct home *h, struct error *err)
{
	bool wanted;

	if (tasks_want_sweep(h, &wanted, err) == -1)
		return -1;
	return wanted ? session_sweep_now(h, err) : 0;
}

int tasks_claim(struct home *h, const struct session *session, const char *id,
		const char *title, struct record *out, struct error *err)
{
	int rc;

	*out = (struct record){ .message = MESSAGE_INIT };
	if (end_overdue(h, err) == -1 || store_begin(h->store, err) == -1)
		return -1;
	rc = session_stays(h, session, err);
	if (rc == 0)
		rc = claim(h, session, id, title, err);
	if (rc == 0)
		rc = tasks_find(h, id, out, err);
	rc = store_end(h->store, rc, err);
	if (rc == -1 && err->code == ERR_NO)
		refused_count(h, REFUSED_TASKS);
	return rc;
}

static int first_of(const struct choosing *c, enum message_priority priority,
		    struct record *out, bool *found, struct error *err)
{
	struct asking asking = { c->h, c->name, c->routes };

	return view_next_task(c->h->store, priority, c->h->clock->now(c->h->clock),
			      rules_suits, &asking, out, found, err);
}

int tasks_at_capacity(struct home *h, const struct session *s, bool *out,
		      struct error *err)
{
	const struct instance_settings *i = settings_instance(&h->settings, s->name);
	struct record_list held;
	struct work_line line;
	int rc;

	*out = false;
	if (i == NULL)
		return 0;
	if (view_held_tasks(h->store, s->id, &held, err) == -1)
		return -1;
	rc = view_line(h->store, i->name, &line, err);
	*out = rc == 0 && line.at_work + held.count >= (uint64_t)settings_capacity(i);
	record_list_release(&held);
	return rc;
}

static int next_now(struct home *h, const struct session *session,
		    struct record *out, bool *found, struct error *err)
{
	struct routes *routes = NULL;
	struct choosing choosing = { h, session->name, first_of, &routes };
	char id[MESSAGE_ID], over[MESSAGE_ID];
	bool full = false;
	int rc;

	*found = false;
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = session_stays(h, session, err);
	if (rc == 0)
		rc = tasks_at_capacity(h, session, &full, err);
	if (rc == 0 && !full)
		rc = choose_next(&choosing, out, found, over, err);
	routes_close(routes);
	if (rc == 0 && *found) {
		memcpy(id, out->id, sizeof(id));
		rc = give(h, session, out, over, err);
		record_release(out);
		if (rc == 0)
			rc = tasks_find(h, id, out, err);
	}
	return store_end(h->store, rc, err);
}

/* Until somebody has added to the log; now and then anyway, since a session may be
 * gone, which nobody says. */
static void wait_for_news(struct home *h, int64_t until)
{
	enum { LOOK_MS = 100, ANYWAY_MS = 5000 };
	struct clock *clock = h->clock;
	int64_t anyway = clock->steady(clock) + ANYWAY_MS;
	struct log_mark seen = { 0 };

	if (until > anyway)
		until = anyway;
	home_has_news(h, &seen);
	do
		clock->sleep(clock, LOOK_MS);
	while (!home_has_news(h, &seen) && clock->steady(clock) < until);
}

int tasks_next(struct home *h, const struct session *session, int64_t wait_ms,
	       struct record *out, bool *found, struct error *err)
{
	struct clock *clock = h->clock;
	int64_t until = clock->steady(clock) + wait_ms;

	for (;;) {
		if (next_now(h, session, out, found, err) == -1)
			return -1;
		if (*found || clock->steady(clock) >= until)
			return 0;
		wait_for_news(h, until);
	}
}

/* ---- changing ---- */

struct changing {
	struct home *h;
	const struct task_hand *by;
	const struct record *r;
	const char *text;	/* or NULL */
	struct span result;	/* any bytes */
	enum task_state state;
};

static const char *or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static int end_as(const struct changing *c, enum task_state state,
		  const char *reason, struct error *err)
{
	const struct session *s = c->by->session;
	struct work_end end = WORK_END_INIT;
	int rc;

	snprintf(end.reason, sizeof(end.reason), "%s", reason);
	task_result_text(&end.text, c->result, 0);
	rc = work_finish(c->h, c->r, s != NULL && *s->name ? s->name :
			 c->by->instance, state, &end, err);
	work_end_release(&end);
	return rc;
}

static int start(const struct changing *c, struct error *err)
{
	return c->state == TASK_IN_PROGRESS ? 0 :
	       record_started(c->h->store, c->r->id, err);
}

static int progress(const struct changing *c, struct error *err)
{
	if (start(c, err) == -1)
		return -1;
	return record_progress(c->h->store, c->r->id, or_nothing(c->text), err);
}

/* Who says that it is done has begun with it. */
static int done(const struct changing *c, struct error *err)
{
	if (c->state == TASK_ASSIGNED && c->r->session != 0 &&
	    record_started(c->h->store, c->r->id, err) == -1)
		return -1;
	return end_as(c, TASK_COMPLETED, "", err);
}

static int fail(const struct changing *c, struct error *err)
{
	struct buf why = BUF_INIT;
	bool again;
	int rc;

	task_result_text(&why, c->result, 0);
	rc = attempts_go_on(c->h, c->r, why.data, &again, err);
	buf_release(&why);
	if (rc == -1)
		return -1;
	return again ? 0 : end_as(c, TASK_FAILED, "", err);
}

static int block(const struct changing *c, struct error *err)
{
	return record_stuck(c->h->store, c->r->id, or_nothing(c->text), err);
}

/* Back into the queue, and what was claimed of it in the fleet is given back. */
static int give_up(struct home *h, const char *id, const char *why, struct error *err)
{
	if (record_released(h->store, id, why, err) == -1)
		return -1;
	return claims_give_back_task(h, id, or_nothing(why), err);
}

/* What must never be begun is not put where it would be. */
static int release(const struct changing *c, struct error *err)
{
	if (c->r->waits > WAIT_OTHERS && rules_allow(c->h, c->r, err) == -1)
		return error_wrap(err, "`trine task cancel %s` ends it", c->r->id);
	return give_up(c->h, c->r->id, c->text, err);
}

static int cancel(const struct changing *c, struct error *err)
{
	return end_as(c, TASK_FAILED, "cancelled", err);
}

static const struct {
	const char *name;
	enum task_verb verb;
	bool anybody;
	bool claimed;		/* not without a claim, of what one computer is to do */
	int (*change)(const struct changing *c, struct error *err);
} changes[] = {
	[TASKS_START] = { "start", TASK_START, false, true, start },
	[TASKS_PROGRESS] = { "go on with", TASK_START, false, true, progress },
	[TASKS_DONE] = { "complete", TASK_COMPLETE, false, true, done },
	[TASKS_FAIL] = { "fail", TASK_FAIL, false, true, fail },
	[TASKS_BLOCK] = { "block", TASK_BLOCK, false, false, block },
	[TASKS_RELEASE] = { "release", TASK_RELEASE, false, false, release },
	[TASKS_CANCEL] = { "cancel", TASK_FAIL, true, true, cancel },
};

/* The session it was given to, or who has the token of that; of an instance, the
 * program that works on it, or anybody where none does. */
static bool holds(const struct task_hand *by, const struct record *r)
{
	if (by->token != 0)
		return by->token == r->token && r->session != 0;
	if (r->session != 0)
		return by->session != NULL && by->session->id == r->session;
	if (r->slot != 0)
		return by->instance != NULL && r->instance != NULL &&
		       strcmp(by->instance, r->instance) == 0;
	return r->instance != NULL || r->state[0] == 'B';
}

/* One that is in progress is started already, and may be said how far it is. */
static bool may_be(const struct record *r, enum task_state from,
		   enum tasks_change change)
{
	enum task_state to;

	if (stands_in_line(r) && (changes[change].verb == TASK_START ||
				  changes[change].verb == TASK_BLOCK))
		return false;
	if (changes[change].verb == TASK_START && from == TASK_IN_PROGRESS)
		return true;
	return task_step(from, changes[change].verb, &to);
}

static int change_now(struct changing *c, enum tasks_change change,
		      struct error *err)
{
	c->state = state_of(c->r);
	if (!task_has_ended(c->state) && !changes[change].anybody &&
	    !holds(c->by, c->r)) {
		refuse_held(c->h, c->r, err);
		if (c->by->token != 0)
			error_wrap(err, "the token %llu is of an older claim",
				   (unsigned long long)c->by->token);
		else if (tasks_holder(c->r) == NULL)
			error_wrap(err, "`trine task claim %s` first", c->r->id);
		return -1;
	}
	if (!may_be(c->r, c->state, change)) {
		refuse_held(c->h, c->r, err);
		return error_wrap(err, "you cannot %s it", changes[change].name);
	}
	if (changes[change].claimed && claims_allow(c->h, c->r, err) == -1)
		return error_wrap(err, "you cannot %s it", changes[change].name);
	return changes[change].change(c, err);
}

/* A result is cut where it is long; what is only said about a task is short. */
static int check_text(enum tasks_change change, const char *text,
		      struct error *err)
{
	if (text == NULL || change == TASKS_DONE || change == TASKS_FAIL)
		return 0;
	if (!text_fits(text, TASK_REMARK))
		return error_set(err, ERR_DATA, "a remark has at most %d bytes of "
				 "UTF-8", TASK_REMARK);
	return 0;
}

static int change_task(struct changing *c, const char *id, enum tasks_change change,
		       struct error *err)
{
	struct home *h = c->h;
	struct record r;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = session_sweep(h, err);
	if (rc == 0)
		rc = tasks_find(h, id, &r, err);
	if (rc == 0) {
		c->r = &r;
		rc = change_now(c, change, err);
		record_release(&r);
	}
	if (rc == 0)	/* others may have waited for it, or it was a part of one */
		rc = tasks_sweep(h, err);
	return store_end(h->store, rc, err);
}

int tasks_change(struct home *h, const struct task_hand *by, const char *id,
		 enum tasks_change change, const char *text, struct error *err)
{
	struct changing c = { .h = h, .by = by, .text = text,
			      .result = span_str(or_nothing(text)) };

	return check_text(change, text, err) == -1 ? -1 :
	       change_task(&c, id, change, err);
}

int tasks_end(struct home *h, const struct task_hand *by, const char *id,
	      enum tasks_change change, struct span result, struct error *err)
{
	struct changing c = { .h = h, .by = by, .result = result };

	return change_task(&c, id, change, err);
}

int tasks_give_back(struct home *h, const struct session *s, const char *why,
		    struct error *err)
{
	struct record_list l;
	int rc = view_held_tasks(h->store, s->id, &l, err);

	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = give_up(h, l.item[i].id, why, err);
	record_list_release(&l);
	return rc;
}
