/* trine show: one message, and what became of it. */
#include <string.h>

#include "output.h"
#include "trine/mail.h"
#include "trine/objects.h"

static void add_moment(struct buf *out, const struct moment *m, int64_t now)
{
	char time[TIME_TEXT], age[AGE_TEXT];

	buf_printf(out, "  %-10s %s  %s", m->event, time_format(m->time, time),
		   output_age(now, m->time, age));
	if (m->computer != 0)
		buf_printf(out, ", on computer %d", m->computer);
	if (m->instance != NULL) {
		buf_adds(out, ", ");
		output_escaped(out, m->instance);
	}
	buf_addc(out, '\n');
}

/* Other messages that name this one as where their text had its number (R7). */
static int find_anew(struct cli *cli, const struct record *r,
		     struct record_list *out, struct error *err)
{
	struct record_filter f = RECORD_FILTER_ALL;

	f.origin = r->id;
	f.direction = r->direction;
	return view_records(cli->home->store, &f, out, err);
}

static void add_anew(struct buf *out, const struct record *r,
		     const struct record_list *anew)
{
	for (size_t i = 0; i < anew->count; i++)
		buf_printf(out, "  %s %s\n", letters_same_text(r, &anew->item[i]) ?
			   "its number was used twice: the text was sent anew as" :
			   "its number was used twice: the other text is",
			   anew->item[i].id);
}

static void print_text(const struct record *r, const struct moment *history,
		       size_t count, const struct record_list *anew, int64_t now)
{
	struct buf text = BUF_INIT, out = BUF_INIT;

	mail_write(&text, r);
	text_escape(&out, text.data, text.len, true);
	buf_adds(&out, "\n---\n");
	if (r->state[0] != '\0')
		buf_printf(&out, "%s\n", r->state);
	if (r->note[0] != '\0') {
		output_escaped(&out, r->note);
		buf_addc(&out, '\n');
	}
	for (size_t i = 0; i < count; i++)
		add_moment(&out, &history[i], now);
	if (r->result != NULL) {
		buf_addc(&out, '\n');
		text_escape(&out, r->result, strlen(r->result), true);
	}
	add_anew(&out, r, anew);
	output_flush(&out);
	buf_release(&text);
	buf_release(&out);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	struct record_list anew = { 0 };
	struct moment *history = NULL;
	struct record r;
	size_t count = 0;
	int rc;

	(void)options;
	if (mail_find(cli->home, cli->arg[0], &r, err) == -1)
		return -1;
	rc = view_history(cli->home->store, r.id, &history, &count, err);
	if (rc == 0)
		rc = find_anew(cli, &r, &anew, err);
	if (rc == 0 && cli->common.json)
		output_json(letter_to_json(&r, history, count, &anew));
	else if (rc == 0)
		print_text(&r, history, count, &anew,
			   cli->clock->now(cli->clock));
	record_list_release(&anew);
	moments_free(history, count);
	record_release(&r);
	return rc;
}

const struct command cmd_show = {
	.name = "show",
	.summary = "print a message and what became of it",
	.arguments = "ID",
	.examples =
		"trine show 2_TO_1.7\t"
		"header, text, and when it was sent, received, read\n",
	.least = 1,
	.most = 1,
	.flags = COMMAND_HOME,
	.run = run,
};
