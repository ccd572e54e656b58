/*
 * Locks (locks.h). cli/cmd_lock.c calls these.
 */
#include "trine/locks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/refused.h"
#include "trine/text.h"

enum {
	LOOK_FIRST_MS = 10, LOOK_MOST_MS = 250,	/* while waiting */
	CIRCLE_MOST = 64	/* sessions that wait for each other */
};

bool locks_lasts(const struct lock *l, int64_t now)
{
	if (l->task != NULL)
		return true;
	return l->until > now &&
	       (l->process.pid == 0 || process_lives(&l->process));
}

static int refuse_held(const struct home *h, const struct lock *l,
		       struct error *err)
{
	char since[TIME_TEXT], left[TIME_TEXT];
	int64_t now = h->clock->now(h->clock);

	if (l->task != NULL)
		return error_set(err, ERR_NO, "%s is held by %s since %s, for the "
				 "task %s, which needs it", l->name, l->holder,
				 time_format(l->since, since), l->task);
	return error_set(err, ERR_NO, "%s is held by %s since %s, for another %s, "
			 "token %llu", l->name, l->holder,
			 time_format(l->since, since),
			 duration_words(l->until - now, left),
			 (unsigned long long)l->token);
}

/* ---- circles ---- */

/* Who has NAME, if anybody does: the session's id, else 0. */
static int holder_of(struct home *h, const char *name, uint64_t *out,
		     char holder[SESSION_HOLDER], struct error *err)
{
	struct lock l;
	bool found;

	*out = 0;
	if (view_lock(h->store, name, &l, &found, err) == -1)
		return -1;
	if (found && locks_lasts(&l, h->clock->now(h->clock))) {
		*out = l.session;
		snprintf(holder, SESSION_HOLDER, "%s", l.holder);
	}
	lock_forget(&l);
	return 0;
}

/* SESSION wants NAME, whose holder may wait for another one, and so on: does that lead
 * back to SESSION? Then ERR names the circle. */
static int refuse_circle(struct home *h, const struct session *s,
			 const char *name, struct error *err)
{
	struct buf way = BUF_INIT;
	char holder[SESSION_HOLDER], who[SESSION_TEXT];
	char *wanted = xstrdup(name);
	int rc = 0;

	buf_adds(&way, session_text(s, who));
	for (int i = 0; i < CIRCLE_MOST && wanted != NULL && rc == 0; i++) {
		struct wait next = { 0 };
		uint64_t id;

		rc = holder_of(h, wanted, &id, holder, err);
		if (rc == 0 && id != 0) {
			buf_printf(&way, " waits for %s of %s", wanted, holder);
			if (id == s->id && i > 0)
				rc = error_set(err, ERR_NO, "nobody would ever get "
					       "on: %s", way.data);
			else if (id != s->id)
				rc = view_lock_wait(h->store, id, &next, err);
		}
		free(wanted);
		/* one that is gone waits no more */
		wanted = next.name != NULL && process_lives(&next.process) ?
			 next.name : NULL;
		if (wanted == NULL)
			free(next.name);
	}
	free(wanted);
	buf_release(&way);
	return rc;
}

/* ---- acquiring ---- */

static int check_wish(const struct lock_wish *w, struct error *err)
{
	if (!resource_name_valid(span_str(w->name)))
		return error_set(err, ERR_USAGE, "a lock's name is of letters, "
				 "digits, `.`, `_`, `-` and `:`, at most %d",
				 LIMIT_NAME);
	if (w->ttl < 0 || w->ttl > LOCK_TTL_MOST)
		return error_set(err, ERR_USAGE, "a lease lasts at most %d days",
				 LOCK_TTL_MOST / 86400);
	return 0;
}

/* A lease that ends later than all of it from now was given under a clock that was
 * ahead: how much is left of it nobody knows, so it begins anew. */
static int mend_lease(struct home *h, struct lock *l, struct error *err)
{
	int64_t most = h->clock->now(h->clock) + l->ttl;

	if (l->task != NULL || l->until <= most)
		return 0;
	l->until = most;
	return record_lock_renewed(h->store, l->name, l->token, most, err);
}

/* One whose time is not over ended with its process: the log is to say so. */
static int end_dead(struct home *h, const struct lock *there, struct error *err)
{
	if (there->name == NULL || there->until <= h->clock->now(h->clock))
		return 0;
	return record_lock_released(h->store, there->name, there->token,
				    "its process is gone", err);
}

static int take(struct home *h, const struct session *s,
		const struct lock_wish *w, struct lock *out, struct error *err)
{
	char holder[SESSION_HOLDER];

	*out = (struct lock){
		.name = xstrdup(w->name), .session = s->id,
		.holder = xstrdup(session_holder(s, holder)),
		.ttl = w->ttl != 0 ? w->ttl : LOCK_TTL,
	};
	out->until = h->clock->now(h->clock) + out->ttl;
	if (w->for_process && !process_mark(process_id(), &out->process))
		return error_set(err, ERR_IO, "cannot tell when this process began");
	return record_lock_acquired(h->store, out, err);
}

/* Its wait is said once, so that others see the circle that theirs would close. Of
 * several at once it is the first one that lives: they must not take turns. */
static int say_wait(struct home *h, const struct session *s, const char *name,
		    struct error *err)
{
	struct process_mark self;
	struct wait wait;
	bool said;

	if (view_lock_wait(h->store, s->id, &wait, err) == -1)
		return -1;
	said = wait.name != NULL && process_lives(&wait.process);
	free(wait.name);
	if (said)
		return 0;
	process_mark(process_id(), &self);
	return record_lock_wait(h->store, s->id, name, &self, err);
}

static int waits_no_more(struct home *h, const struct session *s,
			 struct error *err)
{
	struct wait wait;
	int rc = 0;

	if (view_lock_wait(h->store, s->id, &wait, err) == -1)
		return -1;
	if (wait.name != NULL && wait.process.pid == process_id())
		rc = record_lock_wait(h->store, s->id, "", &wait.process, err);
	free(wait.name);
	return rc;
}

/* Once: *GOT, or it is to be waited for, and ERR says who has it. */
static int try_once(struct home *h, const struct session *s,
		    const struct lock_wish *w, bool last, struct lock *out,
		    bool *got, struct error *err)
{
	struct lock there;
	bool found;
	int rc = session_stays(h, s, err);

	if (rc == 0)
		rc = view_lock(h->store, w->name, &there, &found, err);
	if (rc == -1)
		return -1;
	*got = !found || !locks_lasts(&there, h->clock->now(h->clock));
	if (*got) {
		rc = end_dead(h, &there, err);
		if (rc == 0)
			rc = take(h, s, w, out, err);
		if (rc == 0)
			rc = waits_no_more(h, s, err);
	} else if (mend_lease(h, &there, err) == -1) {
		rc = -1;
	} else if (last) {
		rc = waits_no_more(h, s, err);
	} else {
		rc = refuse_circle(h, s, w->name, err);
		if (rc == 0)
			rc = say_wait(h, s, w->name, err);
	}
	if (rc == 0 && !*got)
		refuse_held(h, &there, err);
	lock_forget(&there);
	return rc;
}

static int try_now(struct home *h, const struct session *session,
		   const struct lock_wish *wish, bool last, struct lock *out, bool *got,
		   struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	if (store_end(h->store, try_once(h, session, wish, last, out, got, err),
		      err) == 0)
		return 0;
	lock_forget(out);
	return -1;
}

static int acquire(struct home *h, const struct session *session,
		   const struct lock_wish *wish, struct lock *out, struct error *err)
{
	struct clock *clock = h->clock;
	int64_t until = clock->steady(clock) + wish->wait_ms;
	int64_t pause = LOOK_FIRST_MS;
	bool got, last;

	*out = (struct lock){ 0 };
	if (check_wish(wish, err) == -1)
		return -1;
	for (;;) {
		last = clock->steady(clock) >= until;
		if (try_now(h, session, wish, last, out, &got, err) == -1)
			return -1;
		if (got || last)
			return got ? 0 : -1;
		clock->sleep(clock, pause);
		pause = pause * 2 < LOOK_MOST_MS ? pause * 2 : LOOK_MOST_MS;
	}
}

int locks_acquire(struct home *h, const struct session *session,
		  const struct lock_wish *wish, struct lock *out,
		  struct error *err)
{
	int rc = acquire(h, session, wish, out, err);

	if (rc == -1 && err->code == ERR_NO)
		refused_count(h, REFUSED_LOCKS);
	return rc;
}

int locks_try(struct home *h, const struct session *session,
	      const struct lock_wish *wish, bool last, struct lock *out, bool *got,
	      struct error *err)
{
	*out = (struct lock){ 0 };
	*got = false;
	if (check_wish(wish, err) == -1 ||
	    try_now(h, session, wish, last, out, got, err) == -1)
		return -1;
	if (!*got && last)
		refused_count(h, REFUSED_LOCKS);
	return 0;
}

int locks_wait_no_more(struct home *h, const struct session *session,
		       struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, waits_no_more(h, session, err), err);
}

/* ---- what tasks need ---- */

static int look_at(struct home *h, const char *name, bool *free_,
		   struct error *err)
{
	struct lock there;
	bool found;
	int rc = view_lock(h->store, name, &there, &found, err);

	*free_ = !found || !locks_lasts(&there, h->clock->now(h->clock));
	if (rc == 0 && *free_)
		rc = end_dead(h, &there, err);
	else if (rc == 0)
		rc = mend_lease(h, &there, err);
	if (rc == 0 && !*free_)
		refuse_held(h, &there, err);
	lock_forget(&there);
	return rc;
}

int locks_all_free(struct home *h, const struct list *names, bool *out,
		   struct error *err)
{
	*out = true;
	for (size_t i = 0; i < names->count && *out; i++)
		if (look_at(h, names->item[i], out, err) == -1)
			return -1;
	return 0;
}

/* ---- holding ---- */

/* The lease of that token, whether it lasts or not: nobody else took it. */
static int find_own(struct home *h, const char *name, uint64_t token,
		    struct lock *out, struct error *err)
{
	bool found;

	if (view_lock(h->store, name, out, &found, err) == -1)
		return -1;
	if (!found)
		return error_set(err, ERR_NO, "nobody holds %s: token %llu is over",
				 name, (unsigned long long)token);
	if (out->token == token && out->task == NULL)
		return 0;
	if (out->token == token) {
		error_set(err, ERR_NO, "%s is given back with the task %s, which "
			  "needs it", name, out->task);
		lock_forget(out);
		return -1;
	}
	refuse_held(h, out, err);
	lock_forget(out);
	return error_wrap(err, "token %llu is over",
			  (unsigned long long)token);
}

int locks_renew(struct home *h, const char *name, uint64_t token,
		struct lock *out, struct error *err)
{
	int rc;

	*out = (struct lock){ 0 };
	if (store_begin(h->store, err) == -1)
		return -1;
	rc = find_own(h, name, token, out, err);
	if (rc == 0) {
		out->until = h->clock->now(h->clock) + out->ttl;
		rc = record_lock_renewed(h->store, name, token, out->until, err);
	}
	if (store_end(h->store, rc, err) == 0)
		return 0;
	lock_forget(out);
	return -1;
}

int locks_release(struct home *h, const char *name, uint64_t token,
		  struct error *err)
{
	struct lock l = { 0 };
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = find_own(h, name, token, &l, err);
	if (rc == 0)
		rc = record_lock_released(h->store, name, token, "", err);
	lock_forget(&l);
	return store_end(h->store, rc, err);
}

int locks_break(struct home *h, const char *name, const char *by,
		const char *reason, struct error *err)
{
	struct lock l;
	bool found;
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = view_lock(h->store, name, &l, &found, err);
	if (rc == 0 && !found)
		rc = error_set(err, ERR_NOTFOUND, "nobody holds %.64s", name);
	if (rc == 0) {
		char *why = xasprintf("broken by %s: %s", by, reason);

		rc = record_lock_released(h->store, name, l.token, why, err);
		free(why);
	}
	lock_forget(&l);
	return store_end(h->store, rc, err);
}

/* One for a command goes on with the command, which may outlive the agent. */
static bool ends_with(const struct lock *l, const struct session *s)
{
	return l->session == s->id && l->task == NULL &&
	       (l->process.pid == 0 || !process_lives(&l->process));
}

int locks_give_back(struct home *h, const struct session *s, const char *why,
		    struct error *err)
{
	struct process_mark none = { 0 };
	struct lock_list l;
	struct wait wait;
	int rc;

	if (view_locks(h->store, &l, err) == -1)
		return -1;
	rc = view_lock_wait(h->store, s->id, &wait, err);
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (ends_with(&l.item[i], s))
			rc = record_lock_released(h->store, l.item[i].name,
						  l.item[i].token, why, err);
	if (rc == 0 && wait.name != NULL)
		rc = record_lock_wait(h->store, s->id, "", &none, err);
	free(wait.name);
	lock_list_release(&l);
	return rc;
}
