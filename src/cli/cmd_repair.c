/* trine repair: a log or a view that is damaged. */
#include <string.h>

#include "output.h"
#include "trine/repair.h"

static json_t *loss_json(const struct log_loss *l)
{
	json_t *json = json_object();

	json_object_set_new(json, "path", json_string(l->path));
	json_object_set_new(json, "line", json_integer((json_int_t)l->line));
	json_object_set_new(json, "from", json_integer((json_int_t)l->from));
	json_object_set_new(json, "bytes", json_integer((json_int_t)l->len));
	if (l->first != 0) {
		json_object_set_new(json, "first",
				    json_integer((json_int_t)l->first));
		json_object_set_new(json, "last",
				    json_integer((json_int_t)l->last));
	}
	return json;
}

static void print_json(const struct log_repair *done)
{
	json_t *json = json_object(), *lost = json_array();

	json_object_set_new(json, "schema", json_integer(1));
	json_object_set_new(json, "events", json_integer((json_int_t)done->events));
	for (size_t i = 0; i < done->count; i++)
		json_array_append_new(lost, loss_json(&done->loss[i]));
	json_object_set_new(json, "lost", lost);
	if (done->kept != NULL)
		json_object_set_new(json, "kept", json_string(done->kept));
	output_json(json);
}

static void print_loss(struct buf *out, const struct log_loss *l)
{
	output_escaped(out, l->path);
	if (l->line != 0)
		buf_printf(out, " line %llu", (unsigned long long)l->line);
	if (l->len != 0)
		buf_printf(out, ", bytes %llu to %llu",
			   (unsigned long long)l->from,
			   (unsigned long long)(l->from + l->len - 1));
	if (l->first != 0 && l->first == l->last)
		buf_printf(out, ": event %llu is lost",
			   (unsigned long long)l->first);
	else if (l->first != 0)
		buf_printf(out, ": events %llu to %llu are lost",
			   (unsigned long long)l->first,
			   (unsigned long long)l->last);
	else
		buf_adds(out, l->len != 0 ? ": no event is missed" :
			 ": what it had is lost");
	buf_addc(out, '\n');
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	struct log_repair done;
	struct buf out = BUF_INIT;
	int rc;

	(void)options;
	rc = repair_run(cli->dir, cli->clock, &done, err);
	if (cli->common.json && rc == 0)
		print_json(&done);
	for (size_t i = 0; i < done.count && !cli->common.json; i++)
		print_loss(&out, &done.loss[i]);
	output_flush(&out);
	if (done.kept != NULL)
		output_say(cli, "what was damaged is kept in %s", done.kept);
	if (rc == 0)
		output_say(cli, "the view is made anew from %llu events",
			   (unsigned long long)done.events);
	if (rc == 0 && done.count > 0)
		rc = error_set(err, ERR_DATA, "the event log was damaged: what "
			       "is named above is left out, and it can be read "
			       "again");
	else if (rc == 0 && done.events == 0)
		rc = error_set(err, ERR_DATA, "the event log is empty: all that it had "
			       "is lost, also which computer this is. Any other command "
			       "says how it is set up again");
	log_repair_release(&done);
	buf_release(&out);
	return rc;
}

const struct command cmd_repair = {
	.name = "repair",
	.summary = "leave out what is damaged of the event log, and make its view anew",
	.arguments = "",
	.examples = "trine repair\twhen a command says that the log is damaged\n",
	.flags = COMMAND_DIR,
	.run = run,
};
