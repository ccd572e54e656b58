/* trine stats: figures by week (stats.h), as a table or as JSON. */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/stats.h"
#include "when.h"

struct stats_options {
	const char *since;
};

static const struct option_spec options[] = {
	{ OPTION_TEXT, 0, "since", "TIME",
	  "from then on: 2026-11-20, 2026-11-20T13:00:00Z, or 2h, 3d ago",
	  OPTION_FIELD(struct stats_options, since) },
	OPTION_END
};

/* ---- JSON ---- */

static const struct {
	enum stats_figure figure;
	const char *key;
} keys[] = {
	{ STATS_SENT, "messages_sent" },
	{ STATS_RECEIVED, "messages_received" },
	{ STATS_LATE, "messages_late" },
	{ STATS_TASKS, "tasks_made" },
	{ STATS_DONE, "tasks_done" },
	{ STATS_FAILED, "tasks_failed" },
	{ STATS_REFUSED_TASKS, "refused_tasks" },
	{ STATS_REFUSED_LOCKS, "refused_locks" },
	{ STATS_REFUSED_FILES, "refused_reservations" },
	{ STATS_REFUSED_CLAIMS, "refused_fleet" },
	{ STATS_CLAIMS_LOST, "fleet_claims_lost" },
	{ STATS_WAITS, "waits" },
	{ STATS_WAITS_IN_VAIN, "waits_in_vain" },
	{ STATS_COPIES, "copies_kept" },
	{ STATS_COPIES_COUNTED, "copies_counted" },
	{ STATS_RESTORED, "paths_restored" },
};

static json_t *week_to_json(const struct stats_week *w, const char *name)
{
	int64_t median = stats_median(&w->took);
	json_t *json = json_object();

	if (name != NULL) {
		json_object_set_new(json, "week", json_string(name));
		json_object_set_new(json, "from", time_to_json(w->from));
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_object_set_new(json, keys[i].key, json_integer(
			(json_int_t)w->figure[keys[i].figure]));
	json_object_set_new(json, "waited_s", json_integer(w->waited));
	json_object_set_new(json, "longest_wait_s", json_integer(w->longest));
	json_object_set_new(json, "claim_to_done_s", median == -1 ? json_null() :
			    json_integer(median));
	return json;
}

static void print_json(const struct stats *s)
{
	json_t *weeks = json_array();
	char name[WEEK_TEXT];

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(weeks, week_to_json(
			&s->week[i], stats_week_name(s->week[i].from, name)));
	output_json(json_pack("{s:i, s:o, s:o, s:o}", "schema", 1,
			      "since", time_to_json(s->since), "weeks", weeks,
			      "total", week_to_json(&s->total, NULL)));
}

/* ---- for people ---- */

static uint64_t sum(const struct stats_week *w, enum stats_figure first,
		    enum stats_figure last)
{
	uint64_t all = 0;

	for (int i = first; i <= (int)last; i++)
		all += w->figure[i];
	return all;
}

static int64_t median(const struct stats_week *w)
{
	return stats_median(&w->took);
}

static int64_t waited(const struct stats_week *w)
{
	return w->figure[STATS_WAITS] > 0 ? w->waited : -1;
}

/* The sum of figures, or a length of time. */
static const struct column {
	const char *above, *heading;
	int width;
	enum stats_figure first, last;
	int64_t (*length)(const struct stats_week *w);	/* -1: none */
} columns[] = {
	{ "messages", "sent", 8, STATS_SENT, STATS_SENT, NULL },
	{ "", "received", 9, STATS_RECEIVED, STATS_RECEIVED, NULL },
	{ "", "late", 5, STATS_LATE, STATS_LATE, NULL },
	{ "tasks", "made", 8, STATS_TASKS, STATS_TASKS, NULL },
	{ "", "done", 6, STATS_DONE, STATS_DONE, NULL },
	{ "", "failed", 7, STATS_FAILED, STATS_FAILED, NULL },
	{ "", "took", 8, 0, 0, median },
	{ "", "refused", 9, STATS_REFUSED_TASKS, STATS_REFUSED_CLAIMS, NULL },
	{ "", "lost", 5, STATS_CLAIMS_LOST, STATS_CLAIMS_LOST, NULL },
	{ "", "waits", 6, STATS_WAITS, STATS_WAITS, NULL },
	{ "", "waited", 8, 0, 0, waited },
	{ "", "conflicts", 10, STATS_COPIES, STATS_RESTORED, NULL },
};

static void add_cell(struct buf *out, const struct column *c,
		     const struct stats_week *w)
{
	char text[TIME_TEXT] = "-";
	int64_t length;

	if (c->length == NULL) {
		buf_printf(out, " %*llu", c->width - 1,
			   (unsigned long long)sum(w, c->first, c->last));
		return;
	}
	length = c->length(w);
	if (length >= 0)
		duration_words(length, text);
	buf_printf(out, " %*s", c->width - 1, text);
}

static void add_row(struct buf *out, const char *name, const struct stats_week *w)
{
	buf_printf(out, "%-8s", name);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		add_cell(out, &columns[i], w);
	buf_addc(out, '\n');
}

static void add_headings(struct buf *out)
{
	struct buf line = BUF_INIT;

	buf_printf(out, "%-8s", "");
	buf_printf(&line, "%-8s", "week");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		buf_printf(out, "%*s", columns[i].width, columns[i].above);
		buf_printf(&line, "%*s", columns[i].width, columns[i].heading);
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	buf_addc(out, '\n');
	output_colour(out, COLOUR_BOLD, line.data);
	buf_addc(out, '\n');
	buf_release(&line);
}

static void print_text(const struct stats *s)
{
	struct buf out = BUF_INIT;
	char name[WEEK_TEXT];

	if (s->count == 0)
		buf_adds(&out, "Nothing to count yet.\n");
	else
		add_headings(&out);
	for (size_t i = 0; i < s->count; i++)
		add_row(&out, stats_week_name(s->week[i].from, name), &s->week[i]);
	if (s->count > 0)
		add_row(&out, "total", &s->total);
	output_flush(&out);
	buf_release(&out);
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct stats_options *o = options_given;
	struct stats s = { 0 };
	int64_t since = 0;
	int rc;

	if (when_parse("since", o->since, WHEN_START,
		       cli->clock->now(cli->clock), &since, err) == -1)
		return -1;
	rc = stats_gather(cli->home, since, &s, err);
	if (rc == 0 && cli->common.json)
		print_json(&s);
	else if (rc == 0)
		print_text(&s);
	stats_release(&s);
	return rc;
}

const struct command cmd_stats = {
	.name = "stats",
	.summary = "count conflicts, refusals, waits, tasks and messages, by week",
	.arguments = "",
	.examples =
		"trine stats\ta line a week, and the total\n"
		"trine stats --since 30d --json\teach figure by its name\n",
	.options = options,
	.options_size = sizeof(struct stats_options),
	.flags = COMMAND_HOME,
	.run = run,
};
