/*
 * Work behind the cycle (work.h). deliver/worker.c takes and settles, and so does
 * the hand-off step of a cycle, for workers that are gone.
 */
#include "trine/work.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/claims.h"
#include "trine/instances.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/task.h"
#include "trine/text.h"

void work_end_release(struct work_end *e)
{
	buf_release(&e->text);
	*e = (struct work_end)WORK_END_INIT;
}

/* What a service says is any text, what the system says any bytes: the log takes
 * neither, nor does a line on a terminal. */
void work_end_say(struct work_end *end, enum work_fate fate, const char *fmt,
		  ...)
{
	struct buf said = BUF_INIT, line = BUF_INIT;
	struct span words;
	va_list ap;

	end->fate = fate;
	va_start(ap, fmt);
	buf_vprintf(&said, fmt, ap);
	va_end(ap);
	words = text_trim(span_of(&said));
	text_escape(&line, words.p, words.len, false);
	text_copy(end->reason, sizeof(end->reason), span_of(&line));
	buf_release(&said);
	buf_release(&line);
}

/* ---- taking ---- */

/* As the cycle's hand-off: somebody else may be doing that work. */
static int may_work(struct home *h, bool *out, struct error *err)
{
	struct identity me = { 0 };
	struct problem *twins = NULL;
	size_t count = 0;

	if (view_identity(h->store, &me, err) == -1)
		return -1;
	*out = me.accepted;
	identity_release(&me);
	if (view_problems_of(h->store, "identity", &twins, &count, err) == -1)
		return -1;
	problems_free(twins, count);
	*out = *out && count == 0;
	return 0;
}

/* Out of reach for longer than the lease of its claim in the fleet: those behind it
 * need not wait. */
static int can_begin(const struct record *r, void *arg, bool *out, struct error *err)
{
	struct error unclaimed = ERROR_INIT;

	*out = claims_allow(arg, r, &unclaimed) == 0;
	return *out ? tasks_can_hold(arg, r, NULL, out, err) : 0;
}

static int first_in_line(const struct choosing *c, enum message_priority priority,
			 struct record *out, bool *found, struct error *err)
{
	return view_next(c->h->store, c->name, priority,
			 c->h->clock->now(c->h->clock), can_begin, c->h, out, found,
			 err);
}

static int begin(struct home *h, const struct instance_settings *i,
		 const struct record *r, const char *over, struct error *err)
{
	struct begun b = { i->name, r->copy, r->attempt, r->slot };
	struct list needs = LIST_INIT;
	bool may;
	int rc = tasks_can_hold(h, r, &needs, &may, err);

	if (rc == 0)
		rc = record_begun(h->store, r->id, &b, &needs, over, err);
	list_release(&needs);
	return rc;
}

static int take(struct home *h, const struct instance_settings *i,
		unsigned slot, struct record *out, bool *got, int64_t *next,
		struct error *err)
{
	struct choosing choosing = { h, i->name, first_in_line, NULL };
	char over[MESSAGE_ID];
	enum task_state state;
	struct work_line line;
	bool may;

	if (may_work(h, &may, err) == -1 ||
	    view_line(h->store, i->name, &line, err) == -1)
		return -1;
	*next = may ? line.due : 0;
	if (!may || line.at_work >= (uint64_t)settings_capacity(i))
		return 0;
	if (choose_next(&choosing, out, got, over, err) == -1)
		return -1;
	if (!*got)
		return 0;
	if (task_state_parse(span_str(out->state), &state) &&
	    task_step(state, TASK_START, &state))
		snprintf(out->state, sizeof(out->state), "%s",
			 task_state_name(state));
	out->attempt++;
	out->slot = slot;
	out->copy = i->deliver == DELIVER_HTTP ? instances_pick(h, i) : 0;
	out->began = h->clock->now(h->clock);
	return begin(h, i, out, over, err);
}

int work_take(struct home *h, const struct instance_settings *i, unsigned slot,
	      struct record *out, bool *got, int64_t *next, struct error *err)
{
	*out = (struct record){ .message = MESSAGE_INIT };
	*got = false;
	*next = 0;
	if (store_begin(h->store, err) == -1)
		return -1;
	if (take(h, i, slot, out, got, next, err) == 0) {
		if (store_commit(h->store, err) == 0)
			return 0;
	} else {
		store_abort(h->store);
	}
	record_release(out);
	*got = false;
	return -1;
}

/* ---- how it ended ---- */

struct settling {
	struct home *h;
	const struct instance_settings *i;	/* or NULL */
	const struct record *r;
	const struct work_end *end;
	struct chance *chance;
	const char *by;		/* of a session: its name */
	bool fleet;		/* one computer was to do it */
};

static bool is_task(const struct settling *s)
{
	return s->r->message.type == TYPE_TASK;
}

/* People have no stream: what comes of their tasks is said where all can read it. And
 * so is the end of what one of several was to do (R39). */
static struct stream_name way_back(const struct settling *s, enum task_state state)
{
	struct stream_name asked = s->r->message.stream;
	bool for_all = asked.from == END_HUMAN || (s->fleet && task_has_ended(state));

	return (struct stream_name){ s->h->number, for_all ? END_ALL : asked.from };
}

static void add_heading(struct message *m, const struct record *r,
			const char *word)
{
	char *title = xasprintf("%s: %s", word, r->message.title);

	text_shorten(title, LIMIT_TITLE);
	m->title = title;
}

/* The reason, and below it what the instance said. */
static void add_text(struct message *m, const struct work_end *end)
{
	struct buf body = BUF_INIT;

	if (end->reason[0] != '\0')
		buf_printf(&body, "%s\n", end->reason);
	if (body.len > 0 && end->text.len > 0)
		buf_addc(&body, '\n');
	buf_addb(&body, &end->text);
	m->body_len = body.len;
	m->body = buf_detach(&body);
}

static void add_facts(struct message *m, const struct record *r,
		      enum task_state state)
{
	char text[TIME_TEXT];
	uint64_t hops;

	message_add_extra(m, "state", task_state_name(state));
	if (r->attempt > 0) {
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)r->attempt);
		message_add_extra(m, "attempt", text);
	}
	hops = message_hops(&r->message);
	if (hops > 0) {		/* what comes of the result comes of the task */
		snprintf(text, sizeof(text), "%llu", (unsigned long long)hops);
		message_add_extra(m, "hops", text);
	}
	if (r->began != 0 || r->started != 0)
		message_add_extra(m, "started", time_format(
			r->began != 0 ? r->began : r->started, text));
}

static int send_result(const struct settling *s, enum task_state state,
		       const char *word, struct error *err)
{
	struct message m = MESSAGE_INIT;
	int rc;

	m.stream = way_back(s, state);
	if (m.stream.to == s->h->number)
		return 0;	/* one of our own: it is here already */
	m.type = TYPE_RESULT;
	m.from = xstrdup(s->by != NULL ? s->by : s->r->instance);
	m.to = xstrdup(s->r->message.from);
	m.re = xstrdup(s->r->id);
	add_facts(&m, s->r, state);
	add_heading(&m, s->r, word);
	add_text(&m, s->end);
	rc = mail_put(s->h, &m, err);
	message_release(&m);
	return rc;
}

/* It is ours no more, in the commit that brings the result. */
static int give_claim_back(const struct settling *s, struct error *err)
{
	return claims_give_back_task(s->h, s->r->id, "it has ended", err);
}

static int end_task(const struct settling *s, enum task_state state,
		    const char *word, struct error *err)
{
	const char *text = s->end->text.len > 0 ? s->end->text.data : NULL;

	if ((s->r->slot != 0 &&
	     record_worked(s->h->store, s->r->id, err) == -1) ||
	    record_ended(s->h->store, s->r->id, task_state_name(state),
			 s->end->reason, text, err) == -1)
		return -1;
	return send_result(s, state, word, err) == -1 ? -1 : give_claim_back(s, err);
}

int work_finish(struct home *h, const struct record *r, const char *by,
		enum task_state state, const struct work_end *end,
		struct error *err)
{
	static const char *const words[] = {
		[TASK_COMPLETED] = "Done",
		[TASK_FAILED] = "Failed",
	};
	struct settling s = { .h = h, .r = r, .end = end, .by = by };

	if (claims_of_task(h, r, &s.fleet, err) == -1)
		return -1;
	return end_task(&s, state, words[state], err);
}

int work_refuse(struct home *h, const struct record *r, const char *reason,
		struct error *err)
{
	struct work_end end = WORK_END_INIT;
	struct settling s = { .h = h, .r = r, .end = &end };
	int rc;

	work_end_say(&end, WORK_FAILED, "%s", reason);
	rc = end_task(&s, TASK_FAILED, "Failed", err);
	work_end_release(&end);
	return rc;
}

/* A message that could not be handed over is a person's to read. */
static int settle_blocked(const struct settling *s, struct error *err)
{
	if (record_blocked(s->h->store, s->r->id, s->end->reason, err) == -1)
		return -1;
	return is_task(s) ? send_result(s, TASK_BLOCKED, "Blocked", err) : 0;
}

int work_block(struct home *h, const struct record *r, const char *reason,
	       struct error *err)
{
	struct work_end end = WORK_END_INIT;
	struct settling s = { .h = h, .r = r, .end = &end };
	int rc;

	work_end_say(&end, WORK_BLOCKED, "%s", reason);
	rc = settle_blocked(&s, err);
	work_end_release(&end);
	return rc;
}

static int settle_taken(const struct settling *s, struct error *err)
{
	return record_handed(s->h->store, s->r->id, s->r->instance, NULL, err);
}

static int settle_going_on(const struct settling *s, struct error *err)
{
	return record_handed(s->h->store, s->r->id, s->r->instance,
			     task_state_name(TASK_IN_PROGRESS), err);
}

static int settle_completed(const struct settling *s, struct error *err)
{
	if (!is_task(s))
		return settle_taken(s, err);
	return end_task(s, TASK_COMPLETED, "Done", err);
}

static int put_off(const struct settling *s, struct error *err)
{
	int64_t now = s->h->clock->now(s->h->clock);

	return record_deferred(s->h->store, s->r->id, s->end->reason,
			       now + task_pause(s->r->attempt,
						s->chance->next(s->chance)),
			       err);
}

/* The task itself may say that it is to be tried again. */
static int settle_failed(const struct settling *s, struct error *err)
{
	if (!is_task(s))
		return settle_blocked(s, err);
	if (task_may_try_again(&s->r->message, s->r->attempt))
		return put_off(s, err);
	return end_task(s, TASK_FAILED, "Failed", err);
}

/* Without settings it stays in a line that is not there any more: the next cycle
 * puts it back into the queue. */
static int settle_later(const struct settling *s, struct error *err)
{
	if (s->i != NULL && s->r->attempt > (uint64_t)s->i->retries)
		return settle_failed(s, err);
	return put_off(s, err);
}

static int settle_in_doubt(const struct settling *s, struct error *err)
{
	if (s->i != NULL && s->i->idempotent)
		return settle_later(s, err);
	return settle_blocked(s, err);
}

static int (*const settle[])(const struct settling *s, struct error *err) = {
	[WORK_TAKEN] = settle_taken,
	[WORK_GOES_ON] = settle_going_on,
	[WORK_COMPLETED] = settle_completed,
	[WORK_FAILED] = settle_failed,
	[WORK_BLOCKED] = settle_blocked,
	[WORK_LATER] = settle_later,
	[WORK_IN_DOUBT] = settle_in_doubt,
};

/* What each asks of a task. */
static const enum task_verb verbs[] = {
	[WORK_TAKEN] = TASK_DEFER,
	[WORK_GOES_ON] = TASK_DEFER,
	[WORK_COMPLETED] = TASK_COMPLETE,
	[WORK_FAILED] = TASK_FAIL,
	[WORK_BLOCKED] = TASK_BLOCK,
	[WORK_LATER] = TASK_DEFER,
	[WORK_IN_DOUBT] = TASK_BLOCK,
};

/* A person may have ended it while it was worked on. A message has no state. */
static bool may_be(const struct record *r, enum work_fate fate)
{
	enum task_state state, to;

	return !task_state_parse(span_str(r->state), &state) ||
	       task_step(state, verbs[fate], &to);
}

/* Its claim was lost while it was worked on: another computer may do it, too, and two
 * must not both say that it is done. */
static int settle_unclaimed(struct settling *s, const struct error *why,
			    struct error *err)
{
	struct work_end end = WORK_END_INIT;
	int rc;

	work_end_say(&end, WORK_BLOCKED, "ended without a claim: %s", why->text);
	buf_addb(&end.text, &s->end->text);
	s->end = &end;
	rc = settle_blocked(s, err);
	work_end_release(&end);
	return rc;
}

static int settle_as(struct settling *s, struct error *err)
{
	bool ends = s->end->fate == WORK_COMPLETED || s->end->fate == WORK_FAILED;
	struct error unclaimed = ERROR_INIT;

	if (claims_of_task(s->h, s->r, &s->fleet, err) == -1)
		return -1;
	if (ends && s->fleet && claims_allow(s->h, s->r, &unclaimed) == -1)
		return settle_unclaimed(s, &unclaimed, err);
	return settle[s->end->fate](s, err);
}

static int settle_now(struct settling *s, struct error *err)
{
	struct record now;
	int rc = 0;

	if (mail_find(s->h, s->r->id, &now, err) == -1)
		return -1;
	if (now.attempt != s->r->attempt || now.slot != s->r->slot)
		;	/* somebody else has said how it ended */
	else if (may_be(&now, s->end->fate))
		rc = settle_as(s, err);
	else
		rc = record_worked(s->h->store, now.id, err);
	record_release(&now);
	return rc;
}

int work_settle(struct home *h, const struct instance_settings *i,
		const struct record *r, const struct work_end *end,
		struct chance *chance, struct error *err)
{
	struct settling s = { h, i, r, end, chance, NULL, false };

	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, settle_now(&s, err), err);
}
