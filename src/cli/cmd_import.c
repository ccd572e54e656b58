/* trine import: make messages that were written by hand, before trine came,
 * readable on this computer. Nobody is handed any of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "trine/message_json.h"
#include "trine/old_mail.h"

struct import_options {
	bool dry_run;
};

static const struct option_spec options[] = {
	{ OPTION_FLAG, 0, "dry-run", NULL,
	  "show how each file is read; record nothing",
	  OPTION_FIELD(struct import_options, dry_run) },
	OPTION_END
};

/* Line numbers of parts, which come in order. */
struct place {
	const char *at;
	size_t line;
};

static size_t line_at(struct place *p, const char *to)
{
	while (p->at < to)
		p->line += *p->at++ == '\n';
	return p->line;
}

static size_t last_line(struct place *p, struct span bytes)
{
	struct span text = text_trim(bytes);

	return line_at(p, text.p + (text.len > 0 ? text.len - 1 : 0));
}

/* ---- for people ---- */

static void add_date(struct buf *out, const struct message *m)
{
	char time[TIME_TEXT];

	if (m->sent == 0) {
		buf_printf(out, "%-16s", "undated");
		return;
	}
	time_format(m->sent, time);
	/* the commit tells the day by which it was written, no more */
	if (message_extra(m, "dated") != NULL)
		buf_printf(out, "by %-13.10s", time);
	else
		buf_printf(out, "%.10s %.5s", time, time + 11);
}

static void add_end(struct buf *out, int end)
{
	if (end == END_ALL)
		buf_adds(out, "ALL");
	else if (end == END_HUMAN)
		buf_adds(out, "HUMAN");
	else
		buf_printf(out, "%d", end);
}

static void add_message(struct buf *out, const struct import_part *part)
{
	const struct message *m = &part->message;

	buf_printf(out, "  %-22s  ", part->id);
	add_date(out, m);
	buf_adds(out, "  ");
	add_end(out, m->stream.from);
	buf_adds(out, " to ");
	add_end(out, m->stream.to);
	buf_printf(out, "  %s  ", message_type_name(m->type));
	if (part->state[0] != '\0')
		buf_printf(out, "%s  ", part->state);
	output_escaped(out, m->title);
	buf_adds(out, part->known ? "  [known]\n" : "\n");
}

static void add_rest(struct buf *out, const struct import_part *part,
		     struct place *place)
{
	size_t from = line_at(place, text_trim(part->bytes).p);
	size_t to = last_line(place, part->bytes);

	/* the line that trine put below the old text is no news */
	if (from == to && part->kind == IMPORT_TRINE)
		return;
	if (from == to)
		buf_printf(out, "  line %zu stays: %s\n", from,
			   import_kind_text(part->kind));
	else
		buf_printf(out, "  lines %zu to %zu stay: %s\n", from, to,
			   import_kind_text(part->kind));
}

static size_t known_in(const struct old_file *f)
{
	size_t known = 0;

	for (size_t i = 0; i < f->read.count; i++)
		known += f->read.part[i].known;
	return known;
}

static void add_summary(struct buf *out, const struct old_file *f)
{
	size_t known = known_in(f);

	output_escaped(out, f->path);
	buf_printf(out, ": %s, %zu message%s",
		   import_format_name(f->read.format), f->read.messages,
		   f->read.messages == 1 ? "" : "s");
	if (known == f->read.messages)
		buf_adds(out, ", known before");
	else if (known > 0)
		buf_printf(out, ", %zu of them known before", known);
	buf_addc(out, '\n');
}

/* With ALL every part, else what cannot be read. */
static void print_read(const struct old_file *f, bool all)
{
	struct place place = { f->bytes.data, 1 };
	struct buf out = BUF_INIT;

	add_summary(&out, f);
	for (size_t i = 0; i < f->read.count; i++) {
		const struct import_part *part = &f->read.part[i];

		if (part->kind != IMPORT_MESSAGE &&
		    (all || import_kind_is_bad(part->kind)))
			add_rest(&out, part, &place);
		else if (part->kind == IMPORT_MESSAGE && all)
			add_message(&out, part);
		output_flush(&out);
	}
	buf_release(&out);
}

static void print_left(const struct old_file *f)
{
	struct buf out = BUF_INIT;

	output_escaped(&out, f->path);
	buf_adds(&out, ": stays as it is: ");
	output_escaped(&out, f->why);
	buf_addc(&out, '\n');
	output_flush(&out);
	buf_release(&out);
}

static void print_file(const struct cli *cli, const struct old_file *f,
		       bool all)
{
	bool news = f->read.messages > known_in(f);

	if (f->fate == OLD_READ && (all || news))
		print_read(f, all);
	else if (f->fate == OLD_UNREAD || f->asked || cli->common.verbose ||
		 (f->fate == OLD_EMPTY && all))
		print_left(f);
}

static size_t count_fate(const struct old_mail *m, enum old_fate fate)
{
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++)
		count += m->file[i].fate == fate;
	return count;
}

static void say_sum(const struct cli *cli, const struct old_mail *m,
		    bool dry_run)
{
	size_t added = m->messages - m->known;
	size_t empty = count_fate(m, OLD_EMPTY);
	size_t unread = count_fate(m, OLD_UNREAD);
	struct buf out = BUF_INIT;

	buf_printf(&out, "%zu message%s %s", added, added == 1 ? "" : "s",
		   dry_run ? "would be imported" : "imported");
	if (m->known > 0)
		buf_printf(&out, ", %zu known before", m->known);
	if (empty > 0)
		buf_printf(&out, "; %zu file%s without any", empty,
			   empty == 1 ? "" : "s");
	if (unread > 0)
		buf_printf(&out, "; %zu that cannot be read", unread);
	output_say(cli, "%s", out.data);
	if (added > 0)
		output_say(cli, dry_run ?
			   "nothing was recorded; `trine import` does it" :
			   "`trine inbox --all` lists those to this computer, "
			   "`trine search` finds them all");
	if (m->count == 0)
		output_say(cli, "the desk %s is empty: the first `trine sync` "
			   "fills it", cli->home->desk);
	buf_release(&out);
}

/* ---- JSON: one object a file ---- */

static json_t *message_json(const struct import_part *part)
{
	struct message m = part->message;
	json_t *json;

	m.body_len = 0;		/* `trine show` prints it */
	json = message_to_json(part->id, &m);
	if (part->state[0] != '\0')
		json_object_set_new(json, "state", json_string(part->state));
	json_object_set_new(json, "known", json_boolean(part->known));
	return json;
}

static json_t *rest_json(const struct import_part *part, struct place *place)
{
	size_t from = line_at(place, text_trim(part->bytes).p);

	return json_pack("{s:I, s:I, s:s}", "from_line", (json_int_t)from,
			 "to_line", (json_int_t)last_line(place, part->bytes),
			 "why", import_kind_text(part->kind));
}

static void print_json(const struct old_file *f)
{
	struct place place = { f->bytes.data, 1 };
	json_t *messages = json_array(), *stays = json_array(), *json;

	for (size_t i = 0; i < f->read.count; i++) {
		const struct import_part *part = &f->read.part[i];

		if (part->kind == IMPORT_MESSAGE)
			json_array_append_new(messages, message_json(part));
		else
			json_array_append_new(stays, rest_json(part, &place));
	}
	json = json_object();
	json_object_set_new(json, "schema", json_integer(1));
	json_object_set_new(json, "file", json_string(f->path));
	if (f->why != NULL)
		json_object_set_new(json, "why", json_string(f->why));
	else
		json_object_set_new(json, "format", json_string(
				    import_format_name(f->read.format)));
	json_object_set_new(json, "messages", messages);
	json_object_set_new(json, "stays", stays);
	output_json(json);
}

static int run(struct cli *cli, const void *options_given, struct error *err)
{
	const struct import_options *o = options_given;
	bool all = o->dry_run || cli->common.verbose;
	struct old_mail m;
	int rc;

	rc = old_mail_find(cli->home, cli->arg, cli->arg_count, &m, err);
	if (rc == 0 && !o->dry_run)
		rc = old_mail_import(cli->home, &m, err);
	for (size_t i = 0; i < m.count && rc == 0; i++) {
		if (cli->common.json)
			print_json(&m.file[i]);
		else
			print_file(cli, &m.file[i], all);
	}
	if (rc == 0)
		say_sum(cli, &m, o->dry_run);
	old_mail_release(&m);
	return rc;
}

const struct command cmd_import = {
	.name = "import",
	.summary = "make messages of before trine readable here",
	.arguments = "[PATH...]",
	.examples =
		"trine import --dry-run\t"
		"how each file of the desk would be read\n"
		"trine import\t"
		"record what is found as history; nobody is handed any of it\n"
		"trine import messages/old shared/tasks.json\t"
		"these files and folders only\n",
	.options = options,
	.options_size = sizeof(struct import_options),
	.most = ANY_NUMBER,
	.flags = COMMAND_HOME | COMMAND_GIT,
	.run = run,
};
