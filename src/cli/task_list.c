/* Tasks as people read them (task_list.h). */
#include "task_list.h"

#include <stdlib.h>
#include <string.h>

#include "claim_text.h"
#include "output.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/objects.h"
#include "trine/task.h"
#include "trine/tasks.h"

/* What is printed with: gathered once for all tasks of a list. */
struct printing {
	const struct cli *cli;
	int64_t now;
	struct claim_list claims;
};

/* Without the claims, a list says the rest. */
static void begin(struct printing *p, const struct cli *cli)
{
	struct error ignored = ERROR_INIT;

	*p = (struct printing){ .cli = cli, .now = cli->clock->now(cli->clock) };
	if (claims_list(cli->home, &p->claims, &ignored) == -1)
		claim_list_release(&p->claims);
}

static void end(struct printing *p)
{
	claim_list_release(&p->claims);
}

/* ---- text ---- */

static const struct group {
	enum task_state state;
	const char *heading, *word;
} groups[] = {
	{ TASK_IN_PROGRESS, "In progress", "in progress" },
	{ TASK_ASSIGNED, "Claimed", "claimed" },
	{ TASK_QUEUED, "Waiting", "waiting" },
	{ TASK_BLOCKED, "Blocked", "blocked" },
	{ TASK_COMPLETED, "Done", "done" },
	{ TASK_FAILED, "Failed", "failed" },
};

static bool is_in(const struct record *r, const struct group *g)
{
	return strcmp(r->state, task_state_name(g->state)) == 0;
}

static void add_indented(struct buf *out, const char *text)
{
	buf_adds(out, "      ");
	output_escaped(out, text);
	buf_addc(out, '\n');
}

static void add_holder(struct buf *out, const struct record *r, int64_t now)
{
	const char *holder = tasks_holder(r);
	char words[TIME_TEXT];

	if (holder == NULL)
		return;
	buf_adds(out, "      ");
	output_escaped(out, holder);
	if (tasks_since(r) != 0)
		buf_printf(out, ", for %s",
			   duration_words(now - tasks_since(r), words));
	buf_addc(out, '\n');
}

/* Who did it, how long that took, and the first line of what came of it. */
static void add_end(struct buf *out, const struct record *r)
{
	char words[TIME_TEXT], *line;

	if (r->holder != NULL || r->instance != NULL) {
		int64_t from = r->started != 0 ? r->started : r->began;

		buf_adds(out, "      ");
		output_escaped(out, r->holder != NULL ? r->holder : r->instance);
		if (from != 0 && r->ended >= from)
			buf_printf(out, ", took %s",
				   duration_words(r->ended - from, words));
		buf_addc(out, '\n');
	}
	if (r->result == NULL)
		return;
	line = xstrndup(r->result, strcspn(r->result, "\n"));
	add_indented(out, line);
	free(line);
}

static void add_claim(struct buf *out, const struct printing *p,
		      const struct record *r)
{
	const struct claim_standing *claim = claim_list_task(&p->claims, r->id);

	if (claim == NULL)
		return;
	buf_adds(out, "      in the whole fleet: ");
	claim_words(out, claim, NULL);
	buf_addc(out, '\n');
}

/* What it waits for; a list that cannot be read says the rest. */
static void add_waits(struct buf *out, const struct printing *p,
		      const struct record *r)
{
	struct error ignored = ERROR_INIT;
	struct buf why = BUF_INIT;

	if (tasks_waits_for(p->cli->home, r, &why, &ignored) == 0 && why.len > 0)
		add_indented(out, why.data);
	buf_release(&why);
}

static void add_task(struct buf *out, const struct printing *p,
		     const struct record *r)
{
	enum task_state state = TASK_QUEUED;

	buf_printf(out, "  %s  ", r->id);
	output_escaped(out, r->message.title);
	if (r->message.priority != PRIORITY_NORMAL)
		buf_printf(out, "  [%s]",
			   message_priority_name(r->message.priority));
	buf_addc(out, '\n');
	task_state_parse(span_str(r->state), &state);
	if (task_has_ended(state))
		add_end(out, r);
	else
		add_holder(out, r, p->now);
	if (!task_has_ended(state)) {
		add_waits(out, p, r);
		add_claim(out, p, r);
	}
	if (r->note[0] != '\0')
		add_indented(out, r->note);
}

static size_t add_group(struct buf *out, const struct printing *p,
			const struct record_list *l, const struct group *g)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (!is_in(&l->item[i], g))
			continue;
		if (count++ == 0) {
			output_colour(out, COLOUR_BOLD, g->heading);
			buf_addc(out, '\n');
		}
		add_task(out, p, &l->item[i]);
		output_flush(out);
	}
	if (count > 0)
		buf_addc(out, '\n');
	return count;
}

static void print_groups(const struct printing *p, const struct record_list *l)
{
	struct buf out = BUF_INIT, totals = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		size_t count = add_group(&out, p, l, &groups[i]);

		if (count > 0)
			buf_printf(&totals, "%s%zu %s", totals.len ? ", " : "",
				   count, groups[i].word);
	}
	buf_printf(&out, "%zu task%s%s%s\n", l->count, l->count == 1 ? "" : "s",
		   totals.len ? ": " : "", totals.data);
	output_flush(&out);
	buf_release(&totals);
	buf_release(&out);
}

void task_list_print(const struct cli *cli, const struct record_list *l)
{
	struct printing p;

	begin(&p, cli);
	if (!cli->common.json)
		print_groups(&p, l);
	for (size_t i = 0; i < l->count && cli->common.json; i++)
		output_json(task_to_json(cli->home, &l->item[i], &p.claims));
	end(&p);
}

static void add_whole(struct buf *out, const struct printing *p,
		      const struct record *r)
{
	struct buf text = BUF_INIT;

	mail_write(&text, r);
	text_escape(out, text.data, text.len, true);
	buf_printf(out, "\n---\n%s\n", r->state);
	add_holder(out, r, p->now);
	add_waits(out, p, r);
	add_claim(out, p, r);
	if (r->note[0] != '\0')
		add_indented(out, r->note);
	if (r->result != NULL) {
		buf_addc(out, '\n');
		text_escape(out, r->result, strlen(r->result), true);
	}
	buf_release(&text);
}

void task_print(const struct cli *cli, const struct record *r)
{
	struct buf out = BUF_INIT;
	struct printing p;

	begin(&p, cli);
	if (cli->common.json)
		output_json(task_to_json(cli->home, r, &p.claims));
	else
		add_whole(&out, &p, r);
	end(&p);
	output_flush(&out);
	buf_release(&out);
}

void task_print_claim(const struct cli *cli, const struct record *r)
{
	struct buf out = BUF_INIT;

	if (cli->common.json) {
		task_print(cli, r);
		return;
	}
	buf_printf(&out, "%s is yours, token %llu: ", r->id,
		   (unsigned long long)r->token);
	output_escaped(&out, r->message.title);
	buf_addc(&out, '\n');
	output_flush(&out);
	buf_release(&out);
}
