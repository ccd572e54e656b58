/* trine search: words in everything that was ever said, here and to us. */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "trine/mail.h"
#include "trine/objects.h"
#include "when.h"

struct search_options {
	const char *from, *to, *type, *since, *until;
	int64_t limit;
};

enum { LIMIT_DEFAULT = 20, LIMIT_MOST = 100000 };

static const struct option_spec options[] = {
	{ OPTION_TEXT, 0, "from", "WHO",
	  "written by this computer (number or name), or by HUMAN",
	  OPTION_FIELD(struct search_options, from) },
	{ OPTION_TEXT, 0, "to", "WHO", "written to this computer, or to ALL",
	  OPTION_FIELD(struct search_options, to) },
	{ OPTION_TEXT, 't', "type", "TYPE",
	  "message, task, alert, status, result or control",
	  OPTION_FIELD(struct search_options, type) },
	{ OPTION_TEXT, 0, "since", "TIME",
	  "sent from then on: 2026-11-20, 2026-11-20T13:00:00Z, or 7d ago",
	  OPTION_FIELD(struct search_options, since) },
	{ OPTION_TEXT, 0, "until", "TIME", "sent up to then",
	  OPTION_FIELD(struct search_options, until) },
	{ OPTION_NUMBER, 'n', "limit", "N", "so many at most (20)",
	  OPTION_RANGE(struct search_options, limit, 1, LIMIT_MOST) },
	OPTION_END
};

/* ---- printing ---- */

/* TEXT of a hit, escaped; what matched in bold. */
static void add_marked(struct buf *out, const char *text)
{
	static const char marks[] = { HIT_BEGIN, HIT_END, '\0' };
	struct buf part = BUF_INIT;
	bool matched = false;

	for (;;) {
		size_t len = strcspn(text, marks);

		buf_reset(&part);
		text_escape(&part, text, len, false);
		output_colour(out, matched && len > 0 ? COLOUR_BOLD :
			      COLOUR_NONE, part.data);
		if (text[len] == '\0')
			break;
		matched = text[len] == HIT_BEGIN;
		text += len + 1;
	}
	buf_release(&part);
}

/* "Architect", "2/builder", "ALL", "people" */
static void add_end(struct buf *out, const struct fleet *fleet, int end,
		    const char *instance)
{
	const struct fleet_computer *c = fleet_computer(fleet, end);

	if (end == END_ALL)
		buf_adds(out, "ALL");
	else if (end == END_HUMAN)
		buf_adds(out, "people");
	else if (c != NULL && c->name != NULL)
		output_escaped(out, c->name);
	else
		buf_printf(out, "%d", end);
	if (instance != NULL) {
		buf_addc(out, '/');
		output_escaped(out, instance);
	}
}

static void add_hit(struct buf *out, const struct fleet *fleet,
		    const struct hit *hit)
{
	const struct record *r = &hit->record;
	const struct message *m = &r->message;
	int64_t received = r->direction == DIRECTION_IN ? r->received :
							  r->accepted;
	char time[TIME_TEXT];

	buf_printf(out, "%-12s  %s  ", r->id,
		   time_format(m->sent != 0 ? m->sent : received, time));
	add_end(out, fleet, m->stream.from, m->from);
	buf_adds(out, " → ");
	add_end(out, fleet, m->stream.to, m->to);
	buf_printf(out, "  %-7s  ", message_type_name(m->type));
	add_marked(out, hit->title);
	if (r->note[0] != '\0') {
		buf_adds(out, "  [");
		output_escaped(out, r->note);
		buf_addc(out, ']');
	}
	buf_addc(out, '\n');
	if (hit->snippet[0] != '\0') {
		buf_adds(out, "    ");
		add_marked(out, hit->snippet);
		buf_addc(out, '\n');
	}
}

static int print_hits(const struct cli *cli, const struct hit_list *l,
		      size_t limit, struct error *err)
{
	struct fleet fleet = FLEET_INIT;
	struct buf out = BUF_INIT;
	int rc = home_fleet(cli->home, &fleet, err);

	for (size_t i = 0; rc == 0 && i < l->count && i < limit; i++) {
		if (cli->common.json)
			output_json(hit_to_json(&l->item[i]));
		else
			add_hit(&out, &fleet, &l->item[i]);
		output_flush(&out);
	}
	if (rc == 0 && l->count > limit)
		output_say(cli, "there are more: add a word, or -n %zu",
			   limit * 5);
	buf_release(&out);
	fleet_release(&fleet);
	return rc;
}

/* ---- asking ---- */

static int parse_filter(const struct search_options *o, int64_t now,
			enum message_type *type, struct search_filter *out,
			struct error *err)
{
	if (o->type != NULL) {
		if (!message_type_parse(span_str(o->type), type))
			return error_set(err, ERR_USAGE,
					 "\"%.40s\" is no type: message, task, "
					 "alert, status, result, control",
					 o->type);
		out->type = type;
	}
	if (when_parse("since", o->since, WHEN_START, now, &out->since,
		       err) == -1)
		return -1;
	return when_parse("until", o->until, WHEN_END, now, &out->until, err);
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct search_options *o = options_given;
	size_t limit = o->limit > 0 ? (size_t)o->limit : LIMIT_DEFAULT;
	struct search_filter filter = { .limit = limit + 1 };
	enum message_type type;
	struct hit_list hits = { 0 };
	struct buf text = BUF_INIT;
	int rc = -1;

	for (size_t i = 0; i < cli->arg_count; i++) {
		buf_adds(&text, i > 0 ? " " : "");
		buf_adds(&text, cli->arg[i]);
	}
	filter.text = text.data;
	if (parse_filter(o, cli->clock->now(cli->clock), &type, &filter,
			 err) == -1 ||
	    mail_search(cli->home, o->from, o->to, &filter, &hits, err) == -1)
		goto out;
	rc = print_hits(cli, &hits, limit, err);
	if (hits.count == 0)
		output_say(cli, cli->arg_count > 0 ?
			   "no message has all of these words" :
			   "there is no such message");
out:
	hit_list_release(&hits);
	buf_release(&text);
	return rc;
}

const struct command cmd_search = {
	.name = "search",
	.summary = "find words in everything that was ever said",
	.arguments = "[TEXT...]",
	.examples =
		"trine search login page\tboth words, best match first\n"
		"trine search '\"login page\" safari*'\t"
		"the two words together, and one that begins so\n"
		"trine search --from Architect --since 7d schema\t"
		"what computer 2 wrote in the last week\n"
		"trine search --from HUMAN -t task\t"
		"all tasks that people wrote, the newest first\n",
	.options = options,
	.options_size = sizeof(struct search_options),
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME,
	.run = run,
};
