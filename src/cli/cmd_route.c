/* trine route: who would get a task, and why, of all that could have; nothing is done.
 * The decision is that of routes.h, as hand-over makes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "output.h"
#include "trine/routes.h"

struct route_options {
	const char *priority, *prefer;
	struct list labels;
};

static const struct option_spec options[] = {
	{ OPTION_LIST, 0, "label", "LABEL", "a label of it; may be given again",
	  OPTION_FIELD(struct route_options, labels) },
	{ OPTION_TEXT, 'p', "priority", "PRIORITY",
	  "low, normal (default), high or urgent",
	  OPTION_FIELD(struct route_options, priority) },
	{ OPTION_TEXT, 0, "prefer", "WHAT", "speed or quality",
	  OPTION_FIELD(struct route_options, prefer) },
	OPTION_END
};

/* ---- what is said ---- */

static void add_options(struct buf *out, const struct route_decision *d,
			void (*name)(struct buf *out, const struct route_explanation *e,
				     size_t i), const struct route_explanation *e)
{
	struct buf said = BUF_INIT, who = BUF_INIT;

	for (size_t i = 0; i < d->count; i++) {
		buf_reset(&said);
		buf_reset(&who);
		name(&who, e, i);
		route_option_say(&said, d, i);
		buf_adds(out, "  ");
		output_escaped(out, who.data);
		buf_adds(out, "  ");
		if ((int)i == d->chosen)
			output_colour(out, COLOUR_GREEN, "→ ");
		output_escaped(out, said.data);
		buf_addc(out, '\n');
	}
	buf_release(&said);
	buf_release(&who);
}

static void name_computer(struct buf *out, const struct route_explanation *e, size_t i)
{
	const struct fleet_computer *c = &e->fleet->computer[i];

	buf_printf(out, "%d", c->number);
	if (c->name != NULL)
		buf_printf(out, " (%s)", c->name);
}

static void name_instance(struct buf *out, const struct route_explanation *e, size_t i)
{
	buf_adds(out, e->settings->instance[i].name);
}

static void add_rule(struct buf *out, const struct fleet_route *rule)
{
	struct buf said = BUF_INIT;

	route_rule_say(&said, rule);
	buf_printf(out, "by the route of %s: ", rule->label);
	output_escaped(out, said.data);
	buf_addc(out, '\n');
	buf_release(&said);
}

static void add_answer(struct buf *out, const struct route_explanation *e)
{
	const struct route_decision *c = &e->computer, *i = &e->instance;
	struct buf who = BUF_INIT;

	if (c->rule != NULL) {
		add_rule(out, c->rule);
	} else if (c->chosen != -1) {
		name_computer(&who, e, (size_t)c->chosen);
		buf_adds(out, "by specialty: computer ");
		output_escaped(out, who.data);
		buf_addc(out, '\n');
	}
	if (i->chosen != -1)
		buf_printf(out, "here by %s: %s\n", route_by_name(i->by),
			   e->settings->instance[i->chosen].name);
	else if (e->here)
		buf_adds(out, "here nobody in particular: it waits for whoever asks\n");
	buf_release(&who);
}

static void print_text(const struct route_explanation *e)
{
	struct buf out = BUF_INIT;

	add_answer(&out, e);
	if (e->computer.rule == NULL && e->computer.count > 0) {
		buf_addc(&out, '\n');
		output_colour(&out, COLOUR_BOLD, "Computers");
		buf_addc(&out, '\n');
		add_options(&out, &e->computer, name_computer, e);
	}
	if (e->here && e->instance.count > 0) {
		buf_addc(&out, '\n');
		output_colour(&out, COLOUR_BOLD, "Instances of this computer");
		buf_addc(&out, '\n');
		add_options(&out, &e->instance, name_instance, e);
	}
	output_flush(&out);
	buf_release(&out);
}

static void note_labels(const struct cli *cli, const struct route_options *o,
			const struct route_explanation *e)
{
	if (o->labels.count > 0 && e->computer.rule == NULL)
		output_say(cli, "trine: fleet.yaml has no route for %s",
			   o->labels.count == 1 ? o->labels.item[0] :
			   "any of these labels");
}

static int run(struct cli *cli, const void *given, struct error *err)
{
	const struct route_options *o = given;
	struct route_question q = { .labels = &o->labels, .prefer = o->prefer,
				    .priority = PRIORITY_NORMAL };
	struct route_explanation e = { 0 };
	struct routes *routes = NULL;
	struct buf text = BUF_INIT;
	int rc = body_priority(o->priority, &q.priority, err);

	if (rc == 0)
		rc = body_words(cli->arg[0], &text, err);
	q.text = span_of(&text);
	if (rc == 0)
		rc = routes_open(cli->home, NULL, &routes, err);
	if (rc == 0)
		rc = routes_ask(routes, &q, &e, err);
	if (rc == 0 && cli->common.json)
		output_json(route_explanation_to_json(&e));
	else if (rc == 0)
		print_text(&e);
	if (rc == 0)
		note_labels(cli, o, &e);
	if (rc == 0 && !route_found(&e))
		rc = error_set(err, ERR_NO, "%s", "");
	route_explanation_release(&e);
	routes_close(routes);
	buf_release(&text);
	return rc;
}

const struct command cmd_route = {
	.name = "route",
	.summary = "say who would get a task, and why; nothing is done",
	.arguments = "TEXT|-",
	.examples =
		"trine route \"Review the design of the login\"\t"
		"each computer and instance: chosen, or why not\n"
		"trine route --label bug \"The button does nothing\"\t"
		"what fleet.yaml says of that label\n",
	.options = options,
	.options_size = sizeof(struct route_options),
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run,
};
