/* trine status: what is confirmed, what is only hoped, and how old each fact
 * is. The facts come from overview.h; this file prints them, in two forms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim_text.h"
#include "output.h"
#include "trine/dashboard.h"
#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/overview_json.h"
#include "trine/reserve.h"
#include "trine/screen.h"
#include "trine/tasks.h"
#include "trine/text.h"

struct status_options {
	bool watch, check, html;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "watch", NULL, "show it, and what changes, until q",
	  OPTION_FIELD(struct status_options, watch) },
	{ OPTION_FLAG, 0, "html", NULL, "as a page for a browser, on standard output",
	  OPTION_FIELD(struct status_options, html) },
	{ OPTION_FLAG, 0, "check", NULL, "exit 1 if there are problems",
	  OPTION_FIELD(struct status_options, check) },
	OPTION_END
};

enum { WATCH_MS = 2000, LOOK_MS = 100 };

/* ---- for people ---- */

static void add_heading(struct buf *out, const char *text)
{
	buf_addc(out, '\n');
	output_colour(out, COLOUR_BOLD, text);
	buf_addc(out, '\n');
}

static void add_self(struct buf *out, const struct overview *o)
{
	char text[32], age[AGE_TEXT];

	snprintf(text, sizeof(text), "Computer %d", o->me.number);
	output_colour(out, COLOUR_BOLD, text);
	if (o->name != NULL && *o->name != '\0') {
		buf_adds(out, " · ");
		output_escaped(out, o->name);
	}
	buf_adds(out, " · ");
	output_colour(out, o->state == STATE_EMERGENCY ? COLOUR_RED : COLOUR_NONE,
		      computer_state_name(o->state));
	buf_printf(out, " · clone %s, made %s\n", o->me.clone,
		   output_age(o->now, o->me.since, age));
}

/* What needs somebody now stands in front of all else. */
static void add_alerts(struct buf *out, const struct overview *o)
{
	char computer[COMPUTER_TEXT], age[AGE_TEXT];
	struct buf whose = BUF_INIT;

	for (size_t i = 0; i < o->alert.count; i++) {
		const struct alert *a = &o->alert.item[i];

		buf_reset(&whose);
		alert_whose(&whose, a, overview_computer(o, a->computer, computer));
		output_colour(out, COLOUR_RED, "ALERT   ");
		output_escaped(out, a->text);
		buf_adds(out, ", by ");
		output_escaped(out, whose.data);
		buf_printf(out, ", %s\n", output_age(o->now, a->since, age));
	}
	buf_release(&whose);
}

static void add_remote(struct buf *out, const struct overview *o)
{
	char age[AGE_TEXT];

	buf_adds(out, "branch  ");
	output_escaped(out, *o->branch ? o->branch : "not known yet");
	if (o->tip[0] != '\0')
		buf_printf(out, ", tip %.12s, new %s", o->tip,
			   output_age(o->now, o->tip_time, age));
	if (o->apart[0] != '\0') {
		buf_adds(out, "\npush    ");
		output_escaped(out, o->apart);
		buf_adds(out, ", a branch of this computer's own");
	}
	buf_adds(out, "\nremote  ");
	if (o->report.ended == 0)
		buf_adds(out, "no cycle has run yet: `trine sync` runs one");
	else if (o->report.online)
		buf_printf(out, "reached %s",
			   output_age(o->now, o->report.fetched, age));
	else
		buf_printf(out, "not reached by the last cycle; before that: %s",
			   output_age(o->now, o->report.fetched, age));
	if (o->report.ended != 0)
		buf_printf(out, " (the last cycle ended %s)",
			   output_age(o->now, o->report.ended, age));
	buf_printf(out, "\nunsent  %u message%s in no commit yet, %u commit%s "
		   "not pushed\n", o->messages, o->messages == 1 ? "" : "s",
		   o->commits, o->commits == 1 ? "" : "s");
	if (o->queued > 0)
		buf_printf(out, "queue   %u task%s that nobody has taken\n",
			   o->queued, o->queued == 1 ? "" : "s");
}

static void add_streams(struct buf *out, const struct overview *o)
{
	char name[STREAM_NAME], who[COMPUTER_TEXT];
	size_t c = 0;

	if (o->stream_count > 0)
		add_heading(out, "Sent");
	for (size_t i = 0; i < o->stream_count; i++) {
		buf_printf(out, "  %-12s up to %llu, pushed up to %llu",
			   stream_name_format(o->stream[i].name, name),
			   (unsigned long long)o->stream[i].last,
			   (unsigned long long)o->stream[i].pushed);
		for (; c < o->confirmed_count && o->confirmed[c].stream == i;
		     c++) {
			buf_adds(out, ", confirmed by ");
			output_escaped(out, overview_computer(
				o, o->confirmed[c].computer, who));
			buf_printf(out, " up to %llu", (unsigned long long)
				   o->confirmed[c].upto);
		}
		buf_addc(out, '\n');
	}
}

/* What it says in real time is of now. */
static void add_live(struct buf *out, const struct present *live)
{
	if (live == NULL)
		return;
	buf_adds(out, ", connected");
	if (live->state != STATE_OFFLINE)
		buf_printf(out, ": %s", computer_state_name(live->state));
}

static void add_computers(struct buf *out, const struct overview *o)
{
	char who[COMPUTER_TEXT], age[AGE_TEXT];

	if (o->peer_count > 0)
		add_heading(out, "Others");
	for (size_t i = 0; i < o->peer_count; i++) {
		const struct peer *p = &o->peer[i];
		enum computer_state state = overview_peer_state(p, o->now);

		buf_adds(out, "  ");
		output_escaped(out, overview_computer(o, p->computer, who));
		buf_adds(out, "  ");
		output_colour(out, state == STATE_EMERGENCY ? COLOUR_RED :
			      state == STATE_OFFLINE ? COLOUR_YELLOW :
			      COLOUR_GREEN, computer_state_name(state));
		buf_printf(out, "  its status changed %s",
			   output_age(o->now, p->seen, age));
		add_live(out, presence_of(&o->presence, p->computer));
		buf_addc(out, '\n');
	}
}

static void add_work(struct buf *out, const struct overview *o,
		     const char *instance)
{
	char words[TIME_TEXT];

	for (size_t i = 0; i < o->work.count; i++) {
		const struct record *r = &o->work.item[i];

		if (r->instance == NULL || strcmp(r->instance, instance) != 0)
			continue;
		buf_printf(out, "    %s  ", r->id);
		output_escaped(out, r->message.title);
		buf_printf(out, "  for %s", duration_words(o->now - r->began,
							   words));
		if (r->attempt > 1)
			buf_printf(out, ", try %llu",
				   (unsigned long long)r->attempt);
		buf_addc(out, '\n');
	}
}

static void add_state(struct buf *out, const struct instance_sum *sum)
{
	if (!sum->known)
		return;
	buf_adds(out, "  ");
	output_colour(out, sum->online == 0 ? COLOUR_RED :
		      sum->online < sum->copies ? COLOUR_YELLOW : COLOUR_GREEN,
		      sum->state);
	if (sum->copies > 1)
		buf_printf(out, " (%u of %u online)", sum->online, sum->copies);
}

static void add_instances(struct buf *out, const struct overview *o)
{
	char age[AGE_TEXT];

	if (o->instance_count > 0)
		add_heading(out, "Instances");
	for (size_t i = 0; i < o->instance_count; i++) {
		const struct overview_instance *one = &o->instance[i];

		buf_adds(out, "  ");
		output_escaped(out, one->name);
		add_state(out, &one->sum);
		if (one->running > 0)
			buf_printf(out, "  works on %u of %lld", one->running,
				   (long long)one->capacity);
		else if (one->contact != 0)
			buf_printf(out, "  last took something %s",
				   output_age(o->now, one->contact, age));
		else
			buf_adds(out, "  has taken nothing yet");
		buf_printf(out, ", %u queued\n", one->queued);
		add_work(out, o, one->name);
	}
}

static void add_had(struct buf *out, const struct overview *o,
		    const struct session *s)
{
	char words[TIME_TEXT];

	for (size_t i = 0; i < o->had.count; i++) {
		const struct record *r = &o->had.item[i];
		int64_t since = r->started != 0 ? r->started : tasks_since(r);

		if (r->session != s->id)
			continue;
		buf_printf(out, "    %s  ", r->id);
		output_escaped(out, r->message.title);
		buf_printf(out, "  %sfor %s\n", r->started != 0 ? "" : "claimed, ",
			   duration_words(o->now - since, words));
	}
}

static void add_sessions(struct buf *out, const struct overview *o)
{
	char who[SESSION_TEXT], age[AGE_TEXT];

	if (o->session.count > 0)
		add_heading(out, "Sessions");
	for (size_t i = 0; i < o->session.count; i++) {
		const struct session *s = &o->session.item[i];
		const char *does = *s->doing ? s->doing : s->goal;

		buf_adds(out, "  ");
		output_escaped(out, session_text(s, who));
		buf_printf(out, "  since %s", output_age(o->now, s->since, age));
		if (!session_lives(s))
			output_colour(out, COLOUR_YELLOW, ", its process is gone");
		if (*does != '\0') {
			buf_adds(out, ": ");
			output_escaped(out, does);
		}
		buf_addc(out, '\n');
		add_had(out, o, s);
	}
}

static void add_held(struct buf *out, const struct overview *o)
{
	char age[AGE_TEXT];
	bool any = false;

	for (size_t i = 0; i < o->lock.count; i++) {
		const struct lock *l = &o->lock.item[i];

		if (!locks_lasts(l, o->now))
			continue;
		if (!any)
			add_heading(out, "Locks and reservations");
		any = true;
		buf_printf(out, "  lock %s  ", l->name);
		output_escaped(out, l->holder);
		if (l->task != NULL)
			buf_printf(out, ", for the task %s\n", l->task);
		else
			buf_printf(out, ", over %s\n",
				   output_age(o->now, l->until, age));
	}
	for (size_t i = 0; i < o->reservation.count; i++) {
		const struct reservation *r = &o->reservation.item[i];

		if (!reserve_lasts(r, o->now))
			continue;
		if (!any)
			add_heading(out, "Locks and reservations");
		any = true;
		buf_adds(out, " ");
		for (size_t k = 0; k < r->globs.count; k++) {
			buf_addc(out, ' ');
			output_escaped(out, r->globs.item[k]);
		}
		buf_adds(out, "  ");
		output_escaped(out, r->holder);
		buf_printf(out, ", over %s\n", output_age(o->now, r->until, age));
	}
}

/* "lock/deploy" as "lock deploy". */
static void add_claims(struct buf *out, const struct overview *o)
{
	char who[COMPUTER_TEXT];

	if (o->claim.count > 0)
		add_heading(out, "In the whole fleet");
	for (size_t i = 0; i < o->claim.count; i++) {
		const struct claim_row *c = &o->claim.item[i];

		buf_printf(out, "  %s %s  ", claim_task(c->name) ? "task" : "lock",
			   claim_subject(c->name));
		claim_words(out, &c->is, c->is.computer == 0 ? NULL :
			    overview_computer(o, c->is.computer, who));
		buf_addc(out, '\n');
	}
}

static void add_problems(struct buf *out, const struct overview *o)
{
	char age[AGE_TEXT];

	if (o->problem_count == 0) {
		buf_adds(out, "\nNo problems.\n");
		return;
	}
	add_heading(out, "Problems");
	for (size_t i = 0; i < o->problem_count; i++) {
		const struct problem *p = &o->problem[i];

		buf_adds(out, "  ");
		output_colour(out, COLOUR_RED, p->code);
		buf_adds(out, "  ");
		output_escaped(out, p->text);
		if (p->since != 0)
			buf_printf(out, " (%s)",
				   output_age(o->now, p->since, age));
		buf_addc(out, '\n');
	}
}

static void add_text(struct buf *out, const struct overview *o)
{
	add_self(out, o);
	add_alerts(out, o);
	add_remote(out, o);
	add_streams(out, o);
	add_computers(out, o);
	add_instances(out, o);
	add_sessions(out, o);
	add_held(out, o);
	add_claims(out, o);
	add_problems(out, o);
}

/* ---- once, or again and again ---- */

static int print_once(struct cli *cli, size_t *problems, struct error *err)
{
	struct buf out = BUF_INIT;
	struct overview o;
	int rc = overview_gather(cli->home, &o, err);

	if (rc == 0 && cli->common.json)
		output_json(overview_to_json(&o));
	else if (rc == 0)
		add_text(&out, &o);
	output_flush(&out);
	buf_release(&out);
	*problems = o.problem_count;
	overview_release(&o);
	return rc;
}

/* Where the log is held for so long, or the view made anew, the last picture stays. */
static int draw(struct cli *cli, struct error *err)
{
	struct buf out = BUF_INIT;
	struct overview o = { 0 };
	int rc = store_look(cli->home->store, err);

	if (rc == 0)
		rc = overview_gather(cli->home, &o, err);
	if (rc == 0) {
		add_text(&out, &o);
		screen_show(span_of(&out));
	} else if (err->code == ERR_AGAIN) {
		error_clear(err);
		rc = 0;
	}
	buf_release(&out);
	overview_release(&o);
	return rc;
}

/* Until something is recorded, or ages are to be told anew. */
static enum screen_event wait_for_news(struct cli *cli, struct log_mark *seen)
{
	int64_t until = cli->clock->steady(cli->clock) + WATCH_MS;
	enum screen_event event;

	do
		event = screen_wait(LOOK_MS);
	while (event == SCREEN_TIME && !home_has_news(cli->home, seen) &&
	       cli->clock->steady(cli->clock) < until);
	return event;
}

static int watch(struct cli *cli, struct error *err)
{
	struct log_mark seen = { 0 };
	int rc;

	if (cli->common.json || !output_is_terminal())
		return error_set(err, ERR_USAGE,
				 "--watch wants a terminal; `trine log -f` "
				 "follows what happens");
	if (screen_open(err) == -1)
		return -1;
	do {
		home_has_news(cli->home, &seen);
		rc = draw(cli, err);
	} while (rc == 0 && wait_for_news(cli, &seen) != SCREEN_END);
	screen_close();
	return rc;
}

/* What the daemon shows as /dashboard, as it is now. */
static int print_page(struct cli *cli, struct error *err)
{
	char policy[DASHBOARD_POLICY];
	struct buf page = BUF_INIT;
	struct chance chance;
	json_t *facts;

	if (dashboard_facts(cli->home, &facts, err) == -1)
		return -1;
	chance_system(&chance);
	dashboard_page_write(&page, facts, &chance, policy);
	json_decref(facts);
	output_flush(&page);
	buf_release(&page);
	return 0;
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct status_options *o = options_given;
	size_t problems;

	if (o->html)
		return print_page(cli, err);
	if (o->watch)
		return watch(cli, err);
	if (print_once(cli, &problems, err) == -1)
		return -1;
	return o->check && problems > 0 ? error_set(err, ERR_NO, "%s", "") : 0;
}

const struct command cmd_status = {
	.name = "status",
	.summary = "say what is confirmed, what is hoped, and what is wrong",
	.arguments = "",
	.examples =
		"trine status\tthis computer, the others, and all problems\n"
		"trine status --check || notify-send \"trine needs you\"\t"
		"for scripts: exit 1 if there is a problem\n",
	.options = options,
	.options_size = sizeof(struct status_options),
	.flags = COMMAND_HOME,
	.run = run,
};
