/*
 * Claims in the whole fleet (claims.h). cli/cmd_lock.c and cmd_task.c call these, and
 * deliver/ for instances; sync/claims.c takes them to the branch.
 */
#include "trine/claims.h"

#include <stdio.h>
#include <string.h>

#include "trine/refused.h"
#include "trine/task.h"
#include "trine/text.h"

enum { PAUSE_MS = 250 };

int claims_name(char out[CLAIM_NAME], const char *kind, const char *name,
		struct error *err)
{
	int len = snprintf(out, CLAIM_NAME, "%s/%s", kind, name);

	if (len < CLAIM_NAME && claim_name_valid(span_str(out)))
		return 0;
	return error_set(err, ERR_USAGE, "%.64s is no name of a %s: letters, digits, "
			 "`.`, `_` and `-`, at most %d", name, kind, LIMIT_NAME);
}

/* ---- what came in ---- */

static bool ends_for_all(const struct message *m)
{
	const char *state = message_extra(m, "state");

	return m->type == TYPE_RESULT && m->stream.to == END_ALL && state != NULL &&
	       (strcmp(state, "COMPLETED") == 0 || strcmp(state, "FAILED") == 0);
}

/* The first of F whose message FITS (NULL: any does), without its text. Free OUT. */
static int find_in(struct home *h, struct record_filter *f,
		   bool (*fits)(const struct message *m), struct record *out,
		   bool *found, struct error *err)
{
	struct record_list l;

	*out = (struct record){ .message = MESSAGE_INIT };
	*found = false;
	f->direction = DIRECTION_IN;
	f->brief = true;
	if (view_records(h->store, f, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && !*found; i++)
		if (fits == NULL || fits(&l.item[i].message)) {
			*out = l.item[i];
			l.item[i] = (struct record){ .message = MESSAGE_INIT };
			*found = true;
		}
	record_list_release(&l);
	return 0;
}

static int find_task(struct home *h, const char *id, struct record *out, bool *found,
		     struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;

	f.id = id;
	return find_in(h, &f, NULL, out, found, err);
}

/* What another computer said of the end of ID, where all can read it. */
static int find_end(struct home *h, const char *id, struct record *out, bool *found,
		    struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;

	f.re = id;
	return find_in(h, &f, ends_for_all, out, found, err);
}

static bool has_ended(const struct record *r)
{
	enum task_state state;

	return task_state_parse(span_str(r->state), &state) && task_has_ended(state);
}

/* ---- wanting ---- */

static int check_wish(const struct home *h, const struct claim_wish *w,
		      struct error *err)
{
	if (settings_pushes_apart(&h->settings, h->number))
		return error_set(err, ERR_CONFIG, "this computer pushes to a branch "
				 "of its own (`push` under [radar] in trine.ini): "
				 "only on the fleet's branch does the first one of "
				 "two win");
	if (w->lease != 0 && (w->lease < CLAIM_LEASE_LEAST ||
			      w->lease > CLAIM_LEASE_MOST))
		return error_set(err, ERR_USAGE, "a lease of the whole fleet lasts "
				 "from %d minutes to %d days", CLAIM_LEASE_LEAST / 60,
				 CLAIM_LEASE_MOST / 86400);
	return 0;
}

static int refuse_other(const struct own_claim *c, struct error *err)
{
	return error_set(err, ERR_NO, "%s of this computer %s %s",
			 c->claim.by[0] != '\0' ? c->claim.by : "a session",
			 c->held != 0 ? "has" : "waits for",
			 claim_subject(c->claim.name));
}

/* Its own, while its lease lasts or a command of its own is at it. */
static int refuse_again(struct home *h, const struct own_claim *c, struct error *err)
{
	const char *what = claim_subject(c->claim.name);
	struct claim_standing now;

	if (claims_look(h, c->claim.name, &now, err) == -1)
		return -1;
	if (now.state == CLAIM_HELD)
		return error_set(err, ERR_NO, "%s is held in the whole fleet by %s, "
				 "token %llu", what, c->claim.by,
				 (unsigned long long)now.token);
	if (c->process.pid != 0 && process_lives(&c->process))
		return error_set(err, ERR_NO, "a command of %s is at %s",
				 c->claim.by, what);
	return 0;
}

static int refuse_more(struct home *h, struct error *err)
{
	struct own_claim_list l;
	size_t count;

	if (view_claims(h->store, &l, err) == -1)
		return -1;
	count = l.count;
	own_claim_list_release(&l);
	if (count < CLAIMS_MOST)
		return 0;
	return error_set(err, ERR_NO, "this computer claims %zu things in the whole "
			 "fleet, which is all that a status holds; `trine lock list` "
			 "shows them", count);
}

/* A task with a result cannot be claimed (R39). */
static int refuse_done(struct home *h, const char *name, struct error *err)
{
	const char *id = claim_task(name);
	struct record result;
	bool found;

	if (id == NULL)
		return 0;
	if (find_end(h, id, &result, &found, err) == -1)
		return -1;
	if (!found)
		return 0;
	error_set(err, ERR_NO, "%s is %s: computer %d said so in %s", id,
		  message_extra(&result.message, "state"),
		  result.message.stream.from, result.id);
	record_release(&result);
	return -1;
}

int claims_want_now(struct home *h, const struct claim_wish *w, struct error *err)
{
	struct claim claim = { .lease = w->lease != 0 ? w->lease : CLAIM_LEASE };
	struct process_mark process = { 0 };
	const char *by = w->by != NULL ? w->by : w->session->name;
	uint64_t session = w->session != NULL ? w->session->id : 0;
	struct own_claim there;
	bool found;

	if (view_claim(h->store, w->name, &there, &found, err) == -1)
		return -1;
	if (found && there.session != session)
		return refuse_other(&there, err);
	if (found)
		return w->anew ? refuse_again(h, &there, err) : 0;
	if (check_wish(h, w, err) == -1 || refuse_done(h, w->name, err) == -1 ||
	    refuse_more(h, err) == -1)
		return -1;
	snprintf(claim.name, sizeof(claim.name), "%s", w->name);
	text_copy(claim.by, sizeof(claim.by), span_str(by));
	if (w->for_process && !process_mark(process_id(), &process))
		return error_set(err, ERR_IO, "cannot tell when this process began");
	return record_claim_wanted(h->store, &claim, session, &process, err);
}

static int want_once(struct home *h, const struct claim_wish *w, struct error *err)
{
	int rc;

	if (store_begin(h->store, err) == -1)
		return -1;
	rc = w->session != NULL ? session_stays(h, w->session, err)
				: session_sweep(h, err);
	if (rc == 0)
		rc = claims_sweep(h, err);
	if (rc == 0)
		rc = claims_want_now(h, w, err);
	return store_end(h->store, rc, err);
}

int claims_want(struct home *h, const struct claim_wish *w, struct error *err)
{
	struct clock *clock = h->clock;
	int64_t until = clock->steady(clock) + w->wait_ms;
	int rc;

	while ((rc = want_once(h, w, err)) == -1 && err->code == ERR_NO &&
	       clock->steady(clock) < until) {
		error_clear(err);
		clock->sleep(clock, PAUSE_MS);
	}
	if (rc == -1 && err->code == ERR_NO)
		refused_count(h, REFUSED_CLAIMS);
	return rc;
}

/* ---- giving back ---- */

static int give_back(struct home *h, const char *name, const char *why,
		     struct error *err)
{
	struct own_claim own;
	bool found;

	if (view_claim(h->store, name, &own, &found, err) == -1)
		return -1;
	return found ? record_claim_released(h->store, name, why, err) : 0;
}

int claims_give_back(struct home *h, const char *name, const char *why,
		     struct error *err)
{
	if (store_begin(h->store, err) == -1)
		return -1;
	return store_end(h->store, give_back(h, name, why, err), err);
}

int claims_break(struct home *h, const char *name, const char *by, const char *reason,
		 struct error *err)
{
	struct claim_standing now;
	char why[256];

	if (claims_look(h, name, &now, err) == -1)
		return -1;
	if (now.state == CLAIM_FREE)
		return error_set(err, ERR_NOTFOUND, "nobody here holds %s in the whole "
				 "fleet", claim_subject(name));
	if (now.state == CLAIM_ELSEWHERE)
		return error_set(err, ERR_REFUSED, "computer %d says in its own status "
				 "that it has %s: only there it can be broken, or it "
				 "ends with its lease", now.computer, claim_subject(name));
	snprintf(why, sizeof(why), "broken by %s: %.*s", by,
		 (int)text_cut(reason, strlen(reason), 150), reason);
	return claims_give_back(h, name, why, err);
}

int claims_give_back_task(struct home *h, const char *id, const char *why,
			  struct error *err)
{
	char name[CLAIM_NAME];

	claim_task_name(id, name);
	return give_back(h, name, why, err);
}

/* One for a command goes on with the command, which may outlive the agent. */
static bool ends_with(const struct own_claim *c, const struct session *s)
{
	return c->session == s->id &&
	       (c->process.pid == 0 || !process_lives(&c->process));
}

int claims_end(struct home *h, const struct session *s, const char *why,
	       struct error *err)
{
	struct own_claim_list l;
	int rc = 0;

	if (view_claims(h->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++)
		if (ends_with(&l.item[i], s))
			rc = record_claim_released(h->store, l.item[i].claim.name,
						   why, err);
	own_claim_list_release(&l);
	return rc;
}

/* *WHY it ends by itself: its process is gone, its task has ended here or elsewhere, or
 * its session has that no more. NULL: it lasts. */
static int find_why(struct home *h, const struct own_claim *c, const char **why,
		    struct error *err)
{
	const char *id = claim_task(c->claim.name);
	struct record r;
	bool found;

	*why = NULL;
	if (c->process.pid != 0 && !process_lives(&c->process)) {
		*why = "its process is gone";
		return 0;
	}
	if (id == NULL)
		return 0;
	if (find_task(h, id, &r, &found, err) == -1)
		return -1;
	if (found && (has_ended(&r) ||
		      (c->session != 0 && r.session != c->session)))
		*why = "its task is over";
	record_release(&r);
	return 0;
}

int claims_sweep(struct home *h, struct error *err)
{
	struct own_claim_list l;
	const char *why;
	int rc = 0;

	if (view_claims(h->store, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < l.count && rc == 0; i++) {
		rc = find_why(h, &l.item[i], &why, err);
		if (rc == 0 && why != NULL)
			rc = record_claim_released(h->store, l.item[i].claim.name,
						   why, err);
	}
	own_claim_list_release(&l);
	return rc;
}

/* A session's, or in the line of an instance. What a worker has it ends itself. */
static bool can_be_taken_back(const struct record *r)
{
	return r->session != 0 || (r->due != 0 && r->slot == 0);
}

int claims_lose(struct home *h, const char *name, const char *why, struct error *err)
{
	const char *id = claim_task(name);
	struct record r;
	bool found;
	int rc = 0;

	if (record_claim_lost(h->store, name, false, why, err) == -1)
		return -1;
	if (id == NULL)
		return 0;
	if (find_task(h, id, &r, &found, err) == -1)
		return -1;
	if (found && can_be_taken_back(&r))
		rc = record_released(h->store, r.id, why, err);
	record_release(&r);
	return rc;
}

/* ---- tasks ---- */

int claims_of_task(struct home *h, const struct record *r, bool *out,
		   struct error *err)
{
	struct own_claim own;
	char name[CLAIM_NAME];

	*out = message_claim_one(&r->message);
	if (*out)
		return 0;
	claim_task_name(r->id, name);
	return view_claim(h->store, name, &own, out, err);
}

int claims_allow(struct home *h, const struct record *r, struct error *err)
{
	char name[CLAIM_NAME];
	bool claimed;

	if (claims_of_task(h, r, &claimed, err) == -1)
		return -1;
	claim_task_name(r->id, name);
	return claimed ? claims_check(h, name, 0, err) : 0;
}

static int end_here(struct home *h, const char *id, const struct message *result,
		    struct error *err)
{
	char why[64];

	snprintf(why, sizeof(why), "computer %d did it", result->stream.from);
	return record_ended(h->store, id, message_extra(result, "state"), why, NULL,
			    err);
}

static int end_task(struct home *h, const struct message *result, struct error *err)
{
	struct record r;
	bool found;
	int rc = 0;

	if (find_task(h, result->re, &r, &found, err) == -1)
		return -1;
	if (found && message_claim_one(&r.message) && !has_ended(&r))
		rc = end_here(h, result->re, result, err);
	record_release(&r);
	return rc;
}

int claims_take(struct home *h, const char *id, const struct message *m,
		struct error *err)
{
	struct record result;
	bool found;
	int rc;

	if (ends_for_all(m) && m->re != NULL)
		return end_task(h, m, err);
	if (!message_claim_one(m))
		return 0;
	if (find_end(h, id, &result, &found, err) == -1)
		return -1;
	rc = found ? end_here(h, id, &result.message, err) : 0;
	record_release(&result);
	return rc;
}
