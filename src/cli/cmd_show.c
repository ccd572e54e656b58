/* trine show: one message, and what became of it. */
#include <string.h>

#include "output.h"
#include "trine/mail.h"
#include "trine/message_json.h"

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

static void print_text(const struct record *r, const struct moment *history,
		       size_t count, int64_t now)
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
	output_flush(&out);
	buf_release(&text);
	buf_release(&out);
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	struct moment *history = NULL;
	struct record r;
	size_t count = 0;
	int rc;

	(void)options;
	if (mail_find(cli->home, cli->arg[0], &r, err) == -1)
		return -1;
	rc = view_history(cli->home->store, r.id, &history, &count, err);
	if (rc == 0 && cli->common.json)
		output_json(record_to_json(&r, history, count));
	else if (rc == 0)
		print_text(&r, history, count, cli->clock->now(cli->clock));
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
