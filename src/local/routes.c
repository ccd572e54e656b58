/*
 * The facts that routing.h decides by (routes.h). deliver/deliver.c, tasks.c,
 * operations.c and cli/cmd_route.c ask.
 */
#include "trine/routes.h"

#include <stdlib.h>
#include <string.h>

#include "tasks_p.h"
#include "trine/instances.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/store_task.h"
#include "trine/text.h"

struct routes {
	struct home *h;
	const struct fleet *fleet;	/* the caller's, or own */
	struct fleet own;
	struct routing_candidate *instance;	/* one each of trine.ini */
	struct specialties *of_instances, *of_computers;	/* when asked first */
};

void route_decision_release(struct route_decision *d)
{
	if (d->match != NULL)
		specialty_matches_release(d->match, d->count);
	free(d->match);
	free(d->option);
	*d = (struct route_decision){ .chosen = -1 };
}

/* ---- how the instances are ---- */

static int find_instance(const struct home *h, const char *name)
{
	const struct instance_settings *i = name != NULL ?
		settings_instance(&h->settings, name) : NULL;

	return i != NULL ? (int)(i - h->settings.instance) : -1;
}

static enum routing_health health_of(enum instance_state state)
{
	static const enum routing_health of[INSTANCE_STATES] = {
		[INSTANCE_OFFLINE] = ROUTING_DOWN,
		[INSTANCE_STARTING] = ROUTING_UNKNOWN,
		[INSTANCE_ONLINE] = ROUTING_UP, [INSTANCE_BUSY] = ROUTING_UP,
		[INSTANCE_DEGRADED] = ROUTING_SLOW, [INSTANCE_CRASHED] = ROUTING_DOWN,
	};

	return of[state];
}

/* The best of its copies counts, and so many as serve can work. One that nobody watches
 * over, or that was not asked yet, may be well. */
static void add_copy(struct routing_candidate *c, const struct instance_now *n,
		     unsigned *seen, uint64_t *serving)
{
	static const int rank[] = {
		[ROUTING_DOWN] = 1, [ROUTING_UNKNOWN] = 2, [ROUTING_SLOW] = 3,
		[ROUTING_UP] = 4,
	};
	enum routing_health health = n->fact.given_up ? ROUTING_DOWN :
		n->fact.since == 0 ? ROUTING_UNKNOWN : health_of(n->fact.state);
	int64_t ms = n->health.response_ms;

	if (!n->watched)
		return;
	if ((*seen)++ == 0 || rank[health] > rank[c->health])
		c->health = health;
	if (!instance_state_serves(n->fact.state))
		return;
	++*serving;
	if (ms >= 0 && (c->answer_ms == 0 || ms < c->answer_ms))
		c->answer_ms = ms > 0 ? ms : 1;
}

static int look_at_health(struct routes *r, struct error *err)
{
	const struct settings *s = &r->h->settings;
	struct instance_list l;
	size_t k = 0;

	if (instances_list(r->h, &l, err) == -1)
		return -1;
	for (size_t i = 0; i < s->instance_count; i++) {
		uint64_t serving = 0;
		unsigned seen = 0;

		for (; k < l.count && l.item[k].i == &s->instance[i]; k++)
			add_copy(&r->instance[i], &l.item[k], &seen, &serving);
		if (serving > 0)
			r->instance[i].capacity = serving *
						  (uint64_t)s->instance[i].capacity;
	}
	instance_list_release(&l);
	return 0;
}

/* ---- what they have ---- */

static const char *holder_of(const struct record *t, const struct session_list *sessions)
{
	if (t->session == 0)
		return t->instance;
	for (size_t i = 0; i < sessions->count; i++)
		if (sessions->item[i].id == t->session)
			return sessions->item[i].name;
	return NULL;
}

static int look_at_load(struct routes *r, struct error *err)
{
	struct session_list sessions = { 0 };
	struct record_list had = { 0 };
	int rc = view_had_tasks(r->h->store, &had, err);

	if (rc == 0)
		rc = view_sessions(r->h->store, false, &sessions, err);
	for (size_t i = 0; i < had.count && rc == 0; i++) {
		int who = find_instance(r->h, holder_of(&had.item[i], &sessions));

		if (who == -1)
			continue;
		if (had.item[i].due != 0)
			r->instance[who].waiting++;
		else
			r->instance[who].running++;
	}
	session_list_release(&sessions);
	record_list_release(&had);
	return rc;
}

int routes_open(struct home *h, const struct fleet *fleet, struct routes **out,
		struct error *err)
{
	const struct settings *s = &h->settings;
	struct routes *r = xcalloc(1, sizeof(*r));

	*r = (struct routes){ .h = h, .fleet = fleet != NULL ? fleet : &r->own };
	r->instance = xcalloc(s->instance_count + 1, sizeof(*r->instance));
	for (size_t i = 0; i < s->instance_count; i++) {
		const struct instance_settings *one = &s->instance[i];

		r->instance[i] = (struct routing_candidate){
			.specialty = one->specialty,
			.capacity = (uint64_t)settings_capacity(one),
			.bound = (uint64_t)one->queue,
			.weight = (uint64_t)one->weight,
		};
		routing_prefer_parse(one->prefer, &r->instance[i].prefer);
	}
	*out = r;
	if ((fleet != NULL || home_fleet(h, &r->own, err) == 0) &&
	    (s->instance_count == 0 ||
	     (look_at_health(r, err) == 0 && look_at_load(r, err) == 0)))
		return 0;
	routes_close(r);
	*out = NULL;
	return -1;
}

void routes_close(struct routes *r)
{
	if (r == NULL)
		return;
	specialties_close(r->of_instances);
	specialties_close(r->of_computers);
	fleet_release(&r->own);
	free(r->instance);
	free(r);
}

static struct routing_candidate *candidate(const struct routes *r,
					   const struct instance_settings *instance)
{
	return &r->instance[instance - r->h->settings.instance];
}

bool routes_is_down(const struct routes *r, const struct instance_settings *instance)
{
	return candidate(r, instance)->health == ROUTING_DOWN;
}

bool routes_has_room(const struct routes *r, const struct instance_settings *instance)
{
	const struct routing_candidate *c = candidate(r, instance);

	return c->running < c->capacity;
}

void routes_given(struct routes *r, const struct instance_settings *instance)
{
	candidate(r, instance)->running++;
}

void routes_assigned(struct routes *r, const struct instance_settings *instance)
{
	candidate(r, instance)->waiting++;
}

/* ---- texts and specialties ---- */

static void add_text(struct buf *out, const struct message *m, bool whole)
{
	for (size_t i = 0; i < m->labels.count; i++)
		buf_printf(out, "%s\n", m->labels.item[i]);
	if (whole && m->title != NULL)
		buf_printf(out, "%s\n", m->title);
	if (whole && m->body_len > 0)
		buf_add(out, m->body, text_cut(m->body, m->body_len, ROUTING_TEXT));
}

/* S is opened at first, with the specialties of D's options. */
static int match(struct specialties **s, const struct message *m, bool whole,
		 struct route_decision *d, struct error *err)
{
	const char **specialty = xcalloc(d->count + 1, sizeof(*specialty));
	struct buf text = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < d->count; i++)
		specialty[i] = d->option[i].specialty;
	if (*s == NULL)
		rc = specialties_open(s, specialty, d->count, err);
	d->match = xcalloc(d->count + 1, sizeof(*d->match));
	add_text(&text, m, whole);
	if (rc == 0 && text.len > 0)
		rc = specialties_match(*s, span_of(&text), d->match, err);
	for (size_t i = 0; i < d->count; i++)
		d->option[i].score = d->match[i].score;
	buf_release(&text);
	free(specialty);
	return rc;
}

static enum routing_prefer prefer_of(const struct message *m)
{
	enum routing_prefer prefer;

	routing_prefer_parse(message_extra(m, "prefer"), &prefer);
	return prefer;
}

/* ---- between instances ---- */

/* "1/araya" on computer 1: araya. */
static int rule_target(const struct home *h, const char *to)
{
	const char *slash = strchr(to, '/');
	int number;

	if (slash == NULL ||
	    !computer_parse((struct span){ to, (size_t)(slash - to) }, &number) ||
	    number != h->number)
		return -1;
	return find_instance(h, slash + 1);
}

/* Of several of this computer the first: each has a task of its own. */
static int by_rule(const struct routes *r, const struct message *m,
		   const struct fleet_route **rule)
{
	int found = -1;

	*rule = m->labels.count > 0 ?
		fleet_route(r->fleet, &m->labels) : NULL;
	for (size_t i = 0; *rule != NULL && found == -1 && i < (*rule)->to.count; i++)
		found = rule_target(r->h, (*rule)->to.item[i]);
	return found;
}

/* Who is meant, before any text is looked at; -1: nobody. */
static int find_meant(const struct routes *r, const struct message *m,
		      struct route_decision *d)
{
	const struct settings *s = &r->h->settings;
	int found;

	d->by = ROUTE_BY_NAME;
	if (m->to != NULL)
		return find_instance(r->h, m->to);
	/* what is made here and names nobody is for whoever asks for it */
	d->by = ROUTE_BY_BEING_ALONE;
	if (s->instance_count == 1 && m->stream.from != r->h->number)
		return 0;
	d->by = ROUTE_BY_RULE;
	found = by_rule(r, m, &d->rule);
	if (found == -1) {
		d->by = ROUTE_BY_SPECIALTY;
		d->rule = NULL;
	}
	return found;
}

int routes_instance(struct routes *r, const struct message *m, bool whole,
		    struct route_decision *out, struct error *err)
{
	size_t count = r->h->settings.instance_count;
	const struct routing_task task = {
		.priority = m->priority, .prefer = prefer_of(m),
		.exact = m->type != TYPE_TASK,
	};
	int meant;

	*out = (struct route_decision){ .count = count, .chosen = -1 };
	out->option = xcalloc(count + 1, sizeof(*out->option));
	memcpy(out->option, r->instance, count * sizeof(*out->option));
	meant = find_meant(r, m, out);
	if (meant != -1)
		out->option[meant].meant = true;
	else if (out->by == ROUTE_BY_NAME)
		return 0;	/* named, and not here: for a session of that name */
	else if (count > 0 && match(&r->of_instances, m, whole, out, err) == -1)
		return -1;
	out->chosen = routing_choose(out->option, count, &task);
	return 0;
}

/* The body counts only where specialties decide. */
static int pick(struct routes *r, const struct record *record,
		struct route_decision *d, struct error *err)
{
	const struct message *m = &record->message;
	bool whole = m->stream.from != r->h->number;
	struct record full;
	const struct fleet_route *rule;
	int rc;

	if (!whole || m->body_len > 0 || m->to != NULL ||
	    r->h->settings.instance_count < 2 || by_rule(r, m, &rule) != -1)
		return routes_instance(r, m, whole, d, err);
	if (mail_find(r->h, record->id, &full, err) == -1)
		return -1;
	rc = routes_instance(r, &full.message, whole, d, err);
	record_release(&full);
	return rc;
}

int routes_pick(struct routes *r, const struct record *record,
		const struct instance_settings **out, struct error *err)
{
	struct route_decision d = { .chosen = -1 };
	int rc = 0;

	*out = NULL;
	if (r->h->settings.instance_count > 0)
		rc = pick(r, record, &d, err);
	if (rc == 0 && d.chosen != -1)
		*out = &r->h->settings.instance[d.chosen];
	route_decision_release(&d);
	return rc;
}

/* ---- between computers ---- */

/* As the others see one that needs help itself. */
static enum routing_health health_of_peer(const struct peer *p, int64_t now)
{
	switch (overview_peer_state(p, now)) {
	case STATE_OFFLINE:
		return ROUTING_DOWN;
	case STATE_EMERGENCY:
		return ROUTING_SLOW;
	default:
		return ROUTING_UP;
	}
}

enum { NEVER_SEEN = INT32_MAX };

static struct routing_candidate computer_option(const struct routes *r,
						const struct fleet_computer *c,
						const struct peer *peer, size_t peers)
{
	int64_t now = r->h->clock->now(r->h->clock);
	struct routing_candidate out = {
		.specialty = c->specialty, .capacity = 1, .weight = 1,
		.age = NEVER_SEEN,
	};

	for (size_t i = 0; i < peers; i++) {
		if (peer[i].computer != c->number)
			continue;
		out.health = health_of_peer(&peer[i], now);
		out.age = now - peer[i].seen;
	}
	if (c->number == r->h->number) {
		out.health = ROUTING_UP;
		out.age = 0;
	}
	if (fleet_retired(r->fleet, c->number))
		out.health = ROUTING_DOWN;
	return out;
}

static int computer_options(struct routes *r, struct route_decision *d,
			    struct error *err)
{
	struct peer *peer = NULL;
	size_t peers = 0;

	if (view_peers(r->h->store, &peer, &peers, err) == -1)
		return -1;
	d->count = r->fleet->computer_count;
	d->option = xcalloc(d->count + 1, sizeof(*d->option));
	for (size_t i = 0; i < d->count; i++)
		d->option[i] = computer_option(r, &r->fleet->computer[i], peer, peers);
	peers_free(peer, peers);
	return 0;
}

int routes_computer(struct routes *r, const struct message *m,
		    struct route_decision *out, struct error *err)
{
	struct routing_task task = { .priority = m->priority, .prefer = prefer_of(m) };

	*out = (struct route_decision){ .chosen = -1 };
	if (computer_options(r, out, err) == -1)
		return -1;
	out->rule = m->labels.count > 0 ? fleet_route(r->fleet, &m->labels) : NULL;
	out->by = out->rule != NULL ? ROUTE_BY_RULE : ROUTE_BY_SPECIALTY;
	if (out->rule != NULL || out->count == 0)
		return 0;
	/* roles of whole computers are no shares of one work */
	if (task.prefer == ROUTING_ANY)
		task.prefer = ROUTING_QUALITY;
	if (match(&r->of_computers, m, true, out, err) == -1)
		return -1;
	out->chosen = routing_choose(out->option, out->count, &task);
	return 0;
}

/* ---- all of it ---- */

static bool leads_here(const struct routes *r, const struct fleet_route *rule)
{
	const struct list *to = rule->stages.count > 0 ? &rule->stages : &rule->to;

	for (size_t i = 0; i < to->count; i++) {
		struct span number = { to->item[i], strcspn(to->item[i], "/") };
		int computer;

		if (computer_parse(number, &computer) && computer == r->h->number)
			return true;
	}
	return false;
}

static int explain(struct routes *r, const struct message *m,
		   struct route_explanation *out, struct error *err)
{
	const struct route_decision *c = &out->computer;

	*out = (struct route_explanation){ .fleet = r->fleet, .settings = &r->h->settings,
					   .computer.chosen = -1, .instance.chosen = -1 };
	if (routes_computer(r, m, &out->computer, err) == -1)
		return -1;
	out->here = c->rule != NULL ? leads_here(r, c->rule) : c->chosen == -1 ||
		    r->fleet->computer[c->chosen].number == r->h->number;
	return out->here ? routes_instance(r, m, true, &out->instance, err) : 0;
}

int routes_ask(struct routes *r, const struct route_question *q,
	       struct route_explanation *out, struct error *err)
{
	struct message m = MESSAGE_INIT;
	int rc = mail_check_labels(q->labels, err);

	if (rc == 0 && message_is_blank(q->title, q->text))
		rc = error_set(err, ERR_USAGE, "there is no text to go by: what is to be "
			       "done?");
	m.type = TYPE_TASK;
	m.priority = q->priority;
	m.stream = (struct stream_name){ r->h->number, r->h->number };
	list_copy(&m.labels, q->labels);
	if (rc == 0)
		rc = rules_write_prefer(&m, q->prefer, err);
	if (rc == 0)
		rc = message_set_text(&m, q->title, q->text, err);
	if (rc == 0)
		rc = explain(r, &m, out, err);
	message_release(&m);
	return rc;
}

void route_explanation_release(struct route_explanation *e)
{
	route_decision_release(&e->computer);
	route_decision_release(&e->instance);
}
