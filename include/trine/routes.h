/*
 * Where a task goes that names nobody: the facts for routing.h, of this computer and of
 * the fleet. All that give tasks to somebody ask here, so that they agree:
 *
 *	routes_open(h, &fleet, &r, err);
 *	if (routes_instance(r, &m, true, &d, err) == 0 && d.chosen != -1)
 *		… h->settings.instance[d.chosen] gets it …
 *	route_decision_release(&d);
 *	routes_close(r);
 *
 * What the daemon says of instances counts while it runs; without it nothing is known of
 * them, and all may be well.
 */
#ifndef TRINE_ROUTES_H
#define TRINE_ROUTES_H

#include <jansson.h>

#include "trine/fleet.h"
#include "trine/home.h"
#include "trine/routing.h"
#include "trine/store_specialty.h"

struct routes;

/* FLEET stays the caller's, as long as R is there; NULL: that of home_fleet. */
int routes_open(struct home *h, const struct fleet *fleet, struct routes **out,
		struct error *err);
void routes_close(struct routes *r);	/* NULL is fine */

/* May INSTANCE have one more now, or does it work on as many as it can? One that it is
 * given at once, not as the next in its line (routes_assigned), counts from then on. */
bool routes_has_room(const struct routes *r, const struct instance_settings *instance);
void routes_given(struct routes *r, const struct instance_settings *instance);

enum route_by {
	ROUTE_BY_NAME,		/* it names somebody (`for:`), who may not be here */
	ROUTE_BY_RULE,		/* fleet.yaml says so for a label */
	ROUTE_BY_BEING_ALONE,	/* there is one instance, and others sent it */
	ROUTE_BY_SPECIALTY
};

/* Who could have got it, and what was found of each. */
struct route_decision {
	enum route_by by;	/* also where that gives nobody */
	const struct fleet_route *rule;	/* of ROUTE_BY_RULE */
	struct routing_candidate *option;	/* one for each that there is */
	struct specialty_match *match;	/* as many, or NULL: nobody looked */
	size_t count;
	int chosen;		/* index; -1: nobody, it waits for whoever asks */
};
void route_decision_release(struct route_decision *d);

/* Between the instances of trine.ini, in their order. WHOLE: title and body count as well
 * as labels; else labels do alone. */
int routes_instance(struct routes *r, const struct message *m, bool whole,
		    struct route_decision *out, struct error *err);
/* Between the computers of fleet.yaml, in their order. Of a rule the option is not chosen
 * here: it says who (plan). */
int routes_computer(struct routes *r, const struct message *m,
		    struct route_decision *out, struct error *err);

/* For a record of a task, or of a message that names an instance; its body is read if
 * that is needed. *OUT NULL: the queue. */
int routes_pick(struct routes *r, const struct record *record,
		const struct instance_settings **out, struct error *err);
/* Is INSTANCE known to be down? What stands in its line is for another one, then. */
bool routes_is_down(const struct routes *r, const struct instance_settings *instance);
/* It stands in the line of INSTANCE from now on: of what is decided next, it is busier. */
void routes_assigned(struct routes *r, const struct instance_settings *instance);

/* ---- why ---- */
/* Both of them, for a task that somebody has yet to add, or only asks about. */
struct route_explanation {
	const struct fleet *fleet;
	const struct settings *settings;
	struct route_decision computer;
	struct route_decision instance;	/* if HERE: it may stay here */
	bool here;
};
struct route_question {
	const char *title;	/* or NULL: the beginning of the text */
	struct span text;
	const struct list *labels;
	enum message_priority priority;
	const char *prefer;	/* or NULL */
};
/* ERR_USAGE: there is no text, or one of the labels or `prefer` is impossible; ERR_DATA:
 * not UTF-8, too long. */
int routes_ask(struct routes *r, const struct route_question *q,
	       struct route_explanation *out, struct error *err);
void route_explanation_release(struct route_explanation *e);
/* Who gets it: a computer, a plan of several, an instance; or it waits. */
bool route_found(const struct route_explanation *e);

/* ---- in words (routes_text.c) ---- */
/* A rule: "1, then 2 reviews it"; "first 3, then 2, then 1". */
void route_rule_say(struct buf *out, const struct fleet_route *rule);
/* Option I of D in a few words: "chosen: it matches \"design\"; 0 of 2 at work". */
void route_option_say(struct buf *out, const struct route_decision *d, size_t i);
/* All that was found, and who gets it. New reference. */
json_t *route_explanation_to_json(const struct route_explanation *e);
const char *route_by_name(enum route_by by);	/* "rule" */

#endif
