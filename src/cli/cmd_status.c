/* trine status: what is confirmed, what is only hoped, and how old each fact
 * is. The facts come from overview.h; this file prints them, in two forms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim_text.h"
#include "output.h"
#include "trine/locks.h"
#include "trine/mem.h"
#include "trine/overview.h"
#include "trine/reserve.h"
#include "trine/screen.h"
#include "trine/tasks.h"
#include "trine/text.h"

struct status_options {
	bool watch, check;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "watch", NULL, "show it, and what changes, until q",
	  OPTION_FIELD(struct status_options, watch) },
	{ OPTION_FLAG, 0, "check", NULL, "exit 1 if there are problems",
	  OPTION_FIELD(struct status_options, check) },
	OPTION_END
};

enum { WATCH_MS = 2000, LOOK_MS = 100 };

/* ---- JSON ---- */

static json_t *text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static json_t *streams_to_json(const struct overview *o)
{
	json_t *list = json_array();
	char name[STREAM_NAME], number[16];
	size_t c = 0;

	for (size_t i = 0; i < o->stream_count; i++) {
		json_t *confirmed = json_object();

		for (; c < o->confirmed_count && o->confirmed[c].stream == i;
		     c++) {
			snprintf(number, sizeof(number), "%d",
				 o->confirmed[c].computer);
			json_object_set_new(confirmed, number, json_integer(
				(json_int_t)o->confirmed[c].upto));
		}
		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:o}",
			"name", stream_name_format(o->stream[i].name, name),
			"sent", (json_int_t)o->stream[i].last,
			"pushed", (json_int_t)o->stream[i].pushed,
			"confirmed", confirmed));
	}
	return list;
}

static json_t *computers_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->peer_count; i++) {
		const struct peer *p = &o->peer[i];
		enum computer_state state = overview_peer_state(p, o->now);

		json_array_append_new(list, json_pack(
			"{s:i, s:o, s:s, s:o, s:I}", "computer", p->computer,
			"name", text_or_null(p->name),
			"state", computer_state_name(state),
			"seen", output_time(p->seen),
			"age_s", (json_int_t)(o->now - p->seen)));
	}
	return list;
}

static json_t *work_to_json(const struct overview *o, const char *instance)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->work.count; i++) {
		const struct record *r = &o->work.item[i];

		if (r->instance == NULL || strcmp(r->instance, instance) != 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:I}",
			"id", r->id, "title", r->message.title,
			"since", output_time(r->began),
			"attempt", (json_int_t)r->attempt));
	}
	return list;
}

/* Without the daemon nobody asks how an instance is: one that works is BUSY. */
static json_t *instances_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->instance_count; i++) {
		const struct overview_instance *one = &o->instance[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:s, s:i, s:i, s:I, s:o, s:o}",
			"name", one->name,
			"state", one->running > 0 ? "BUSY" : "unknown",
			"queued", (int)one->queued, "running", (int)one->running,
			"capacity", (json_int_t)one->capacity,
			"contact", output_time(one->contact),
			"doing", work_to_json(o, one->name)));
	}
	return list;
}

static json_t *had_to_json(const struct overview *o, const struct session *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->had.count; i++) {
		const struct record *r = &o->had.item[i];

		if (r->session == s->id)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:s, s:o}", "id", r->id, "title",
				r->message.title, "state", r->state, "since",
				output_time(tasks_since(r))));
	}
	return list;
}

static json_t *sessions_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->session.count; i++) {
		const struct session *s = &o->session.item[i];

		json_array_append_new(list, json_pack(
			"{s:I, s:s, s:s, s:s, s:o, s:b, s:o}",
			"number", (json_int_t)s->number, "name", s->name,
			"goal", s->goal, "doing", s->doing,
			"since", output_time(s->since),
			"alive", (int)session_lives(s),
			"tasks", had_to_json(o, s)));
	}
	return list;
}

static json_t *locks_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->lock.count; i++) {
		const struct lock *l = &o->lock.item[i];

		if (locks_lasts(l, o->now))
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:I, s:o*, s:s*}", "name", l->name,
				"holder", l->holder, "token",
				(json_int_t)l->token, "until", l->task == NULL ?
				output_time(l->until) : NULL, "task", l->task));
	}
	return list;
}

static json_t *reservations_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->reservation.count; i++) {
		const struct reservation *r = &o->reservation.item[i];
		json_t *globs;

		if (!reserve_lasts(r, o->now))
			continue;
		globs = json_array();
		for (size_t k = 0; k < r->globs.count; k++)
			json_array_append_new(globs,
					      json_string(r->globs.item[k]));
		json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:o}",
			"globs", globs, "holder", r->holder, "why", r->why,
			"until", output_time(r->until)));
	}
	return list;
}

static json_t *claims_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->claim.count; i++) {
		json_t *one = json_pack("{s:s}", "name", o->claim.item[i].name);

		claim_to_json(one, &o->claim.item[i].is);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *problems_to_json(const struct overview *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->problem_count; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "code",
				    json_string(o->problem[i].code));
		json_object_set_new(one, "text", json_string(o->problem[i].text));
		if (o->problem[i].since != 0)
			json_object_set_new(one, "since",
					    output_time(o->problem[i].since));
		json_array_append_new(list, one);
	}
	return list;
}

static void print_json(const struct overview *o)
{
	json_t *json = json_object();

	json_object_set_new(json, "schema", json_integer(1));
	json_object_set_new(json, "computer", json_integer(o->me.number));
	json_object_set_new(json, "name", text_or_null(o->name));
	json_object_set_new(json, "state",
			    json_string(computer_state_name(o->state)));
	json_object_set_new(json, "clone", json_string(o->me.clone));
	json_object_set_new(json, "branch", text_or_null(o->branch));
	json_object_set_new(json, "push", text_or_null(o->apart));
	json_object_set_new(json, "tip", text_or_null(o->tip));
	json_object_set_new(json, "tip_time", output_time(o->tip_time));
	json_object_set_new(json, "fetched", output_time(o->report.fetched));
	json_object_set_new(json, "online", json_boolean(o->report.online));
	json_object_set_new(json, "unpushed", json_integer(o->commits));
	json_object_set_new(json, "streams", streams_to_json(o));
	json_object_set_new(json, "computers", computers_to_json(o));
	json_object_set_new(json, "instances", instances_to_json(o));
	json_object_set_new(json, "sessions", sessions_to_json(o));
	json_object_set_new(json, "locks", locks_to_json(o));
	json_object_set_new(json, "reservations", reservations_to_json(o));
	json_object_set_new(json, "claims", claims_to_json(o));
	json_object_set_new(json, "problems", problems_to_json(o));
	output_json(json);
}

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
	buf_printf(out, " · %s · clone %s, made %s\n",
		   computer_state_name(o->state), o->me.clone,
		   output_age(o->now, o->me.since, age));
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
		output_colour(out, state == STATE_OFFLINE ? COLOUR_YELLOW :
			      COLOUR_GREEN, computer_state_name(state));
		buf_printf(out, "  its status changed %s\n",
			   output_age(o->now, p->seen, age));
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

/* Without the daemon nobody asks how they are. */
static void add_instances(struct buf *out, const struct overview *o)
{
	char age[AGE_TEXT];

	if (o->instance_count > 0)
		add_heading(out, "Instances");
	for (size_t i = 0; i < o->instance_count; i++) {
		const struct overview_instance *one = &o->instance[i];

		buf_adds(out, "  ");
		output_escaped(out, one->name);
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
		print_json(&o);
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
	struct overview o;
	int rc = overview_gather(cli->home, &o, err);

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

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct status_options *o = options_given;
	size_t problems;

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
