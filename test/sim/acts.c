/*
 * What instances and people do on the desks, and the cycles between (sim.h).
 * Each text carries a token of its own; what must become of it, say() tells the
 * checker.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

/* --- messages --- */

enum { LONG_LINES = 90 };

/* Bodies that imitate our markers, among others. */
static void add_body(struct world *w, struct buf *body, const char *token)
{
	static const struct { const char *before, *after; } shapes[] = {
		{ "", "\n" }, { "# A heading\n\n", "\n" },
		{ "```\n", "\n```\n" }, { "- [ ] ", "\n" },
		{ "<!-- /1_TO_2.1 -->\n", "\n\\<!-- /x -->\n" },
		{ "\xc3\xa4\xf0\x9f\x9a\xa8 ", "" }, { "", "\n\n\n" },
	};
	int shape = any_below(w, ARRAY_LEN(shapes));

	buf_printf(body, "%s%s%s", shapes[shape].before, token, shapes[shape].after);
	if (one_in(w, 5))
		for (int i = 0; i < LONG_LINES; i++)
			buf_printf(body, "\n%060d", i);
}

/* What there is to say of one besides its text. */
static void dress(struct world *w, struct token *t, struct outgoing *o)
{
	size_t turn = w->token_count;

	o->priority = turn % 2 ? PRIORITY_NORMAL : turn % 4 ? PRIORITY_LOW :
		      PRIORITY_HIGH;
	if (turn % 3 == 0)
		o->title = t->title = xasprintf("About %s", t->text);
	t->type = message_type_name(o->type);
	t->priority = message_priority_name(o->priority);
}

/* As its readers get BODY. */
static void said_whole(struct world *w, struct token *t, const struct buf *body)
{
	bool ends = body->len > 0 && body->data[body->len - 1] == '\n';
	char *text = xasprintf("%s%s", body->data, ends ? "" : "\n");

	said_body(w, t, text);
	free(text);
}

static void send_as(struct world *w, struct machine *m, int to,
		    enum message_type type, const char *instance)
{
	struct outgoing o = { .to = "ALL", .type = type, .instance = instance };
	struct error err = ERROR_INIT;
	struct buf body = BUF_INIT;
	struct token *t;
	char number[8];

	if (m->home == NULL)
		return;
	t = say(w, SAID_SENT, m->number, to, m);
	snprintf(number, sizeof(number), "%d", to);
	if (to != 0)
		o.to = number;
	add_body(w, &body, t->text);
	dress(w, t, &o);
	said_whole(w, t, &body);
	o.body = span_of(&body);
	if (mail_send(m->home, &o, t->id, &err) == -1)
		broken(w, "send on %d: %s", m->number, err.text);
	tell(w, "on %d: send %s, %s%s%s", m->number, t->id, t->text,
	     instance != NULL ? ", for " : "", instance != NULL ? instance : "");
	buf_release(&body);
}

void send_to(struct world *w, struct machine *m, int to)
{
	enum message_type type = one_in(w, 2) ? TYPE_MESSAGE : TYPE_TASK;

	send_as(w, m, to, type, inbox_named(w, type));
}

void send_named(struct world *w, struct machine *m, int to, const char *instance)
{
	send_as(w, m, to, TYPE_TASK, instance);
}

static void send(struct world *w)
{
	struct machine *m = any_machine(w);

	send_to(w, m, one_in(w, 4) ? 0 : another_number(w, m->number));
}

static struct record_list inbox_of(struct world *w, struct machine *m)
{
	struct record_list l = { 0 };
	struct error err = ERROR_INIT;

	if (mail_inbox(m->home, NULL, false, &l, &err) == -1)
		broken(w, "inbox on %d: %s", m->number, err.text);
	return l;
}

static void reply(struct world *w)
{
	struct machine *m = any_machine(w);
	struct error err = ERROR_INIT;
	struct record_list l;
	char id[MESSAGE_ID], body[32];

	if (m->home == NULL)
		return;
	l = inbox_of(w, m);
	if (l.count > 0) {
		const struct record *r = &l.item[any_below(w, (int)l.count)];
		int to = r->message.stream.from;

		/* how a task of one computer ended, whoever has it says: one.c */
		if (to > 0 && to != NO_TRINE && !w->retired[to] &&
		    !message_claim_one(&r->message)) {
			struct token *t = say(w, SAID_SENT, m->number, to, m);

			snprintf(body, sizeof(body), "%s\n", t->text);
			said_body(w, t, body);
			note_answer(w, m, r->id);
			if (mail_reply(m->home, r->id, NULL, NULL, span_str(body), id,
				       &err) == -1)
				broken(w, "reply to %s on %d: %s", r->id,
				       m->number, err.text);
			snprintf(t->id, sizeof(t->id), "%s", id);
			tell(w, "on %d: reply to %s: %s, %s", m->number, r->id,
			     id, t->text);
		}
	}
	record_list_release(&l);
}

static void read_mail(struct world *w)
{
	struct machine *m = any_machine(w);
	struct error err = ERROR_INIT;
	struct record_list l;

	if (m->home == NULL)
		return;
	l = inbox_of(w, m);
	if (l.count > 0) {
		const char *id = l.item[any_below(w, (int)l.count)].id;

		tell(w, "on %d: read %s", m->number, id);
		if (mail_read(m->home, id, &err) == -1)
			broken(w, "read %s on %d: %s", id, m->number, err.text);
	}
	record_list_release(&l);
}

static void retract(struct world *w)
{
	struct machine *m = any_machine(w);
	struct error err = ERROR_INIT;

	for (size_t i = w->token_count; i-- > 0 && m->home != NULL;) {
		struct token *t = &w->token[i];

		if (t->machine != m->index || t->clone != m->clones ||
		    t->id[0] == '\0' || t->how != SAID_SENT ||
		    t->excuse != EXCUSE_NONE)
			continue;
		if (mail_retract(m->home, t->id, &err) == 0) {
			tell(w, "on %d: retract %s, %s", m->number, t->id,
			     t->text);
			t->how = SAID_BACK;
			t->back_at = w->token_count;
			say_again(w, t);
		}
		return;
	}
}

/* --- hands --- */

/* The last entry of TEXT: its heading, and its end marker. */
static bool last_entry(const struct buf *text, const char **heading,
		       const char **end)
{
	const char *at = text->data;

	*heading = *end = NULL;
	for (; at != NULL; at = strstr(at, "\n")) {
		at += *at == '\n';
		if (strncmp(at, "<!-- /", 6) == 0)
			*end = at;
		else if (strncmp(at, "## ", 3) == 0 &&
			 strstr(at, "\n\n```yaml message\n") ==
			 strchr(at, '\n'))
			*heading = at;
		if (*at == '\0')
			break;
	}
	return *heading != NULL && *end > *heading;
}

/* Was it typed there, behind all entries, and is in none yet? */
static bool stands_loose(struct machine *m, const struct token *t,
			 const char *path)
{
	const char *heading, *end;
	struct buf text = BUF_INIT;
	bool loose;

	desk_get(m, path, &text);
	last_entry(&text, &heading, &end);
	end = end != NULL ? end : text.data;
	loose = end != NULL && strstr(end, t->text) != NULL;
	buf_release(&text);
	return loose;
}

void note_waiting(struct world *w, struct machine *m)
{
	char path[STREAM_PATH];

	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (t->how != SAID_SENT || t->from != m->number)
			continue;
		stream_path(path, t->from, t->to);
		t->waits |= stands_loose(m, t, path);
	}
}

/* Somebody writes on behind the last text in PATH. */
static void write_on(struct world *w, struct machine *m, const char *path)
{
	for (size_t i = 0; i < w->token_count; i++) {
		struct token *t = &w->token[i];

		if (!t->waits || t->ends_anew || t->from != m->number ||
		    !stands_loose(m, t, path))
			continue;
		t->ends_anew = true;
		say_again(w, t);
	}
}

/* LINE goes to the end, or behind the first line. */
static void write_line(struct world *w, struct machine *m, const char *path,
		       const char *line, bool first, bool settled)
{
	struct buf old = BUF_INIT, new = BUF_INIT;
	const char *end;
	size_t at;

	desk_get(m, path, &old);
	end = memchr(old.data, '\n', old.len);
	at = first && end != NULL ? (size_t)(end - old.data) + 1 : old.len;
	buf_add(&new, old.data, at);
	buf_printf(&new, "%s\n", line);
	buf_add(&new, old.data + at, old.len - at);
	desk_put(w, m, path, span_of(&new), settled);
	buf_release(&old);
	buf_release(&new);
}

/* An editor has the file as it is now. */
static void stay_open(struct machine *m, const char *path)
{
	buf_reset(&m->buffer);
	desk_get(m, path, &m->buffer);
	snprintf(m->open, sizeof(m->open), "%s", path);
}

void type_on(struct world *w, struct machine *m, int to)
{
	char path[STREAM_PATH], line[24];
	struct token *t;
	bool settled = !one_in(w, 4);

	t = say(w, SAID_SENT, m->number, to, m);
	stream_path(path, m->number, to);
	snprintf(line, sizeof(line), "\n%s", t->text);
	said_line(w, t, t->text);
	tell(w, "on %d: type %s into %s%s", m->number, t->text, path,
	     settled ? "" : ", just now");
	write_on(w, m, path);
	write_line(w, m, path, line, false, settled);
	stay_open(m, path);
}

void loose_on(struct world *w, struct machine *m, int to)
{
	if (to != 0)
		type_on(w, m, to);
}

static void type_loose(struct world *w)
{
	struct machine *m = any_machine(w);

	loose_on(w, m, another_number(w, m->number));
}

/* An editor that has seen nothing since saves what it has, or more. */
static void save_buffer(struct world *w)
{
	struct machine *m = any_machine(w);
	struct token *t;
	int to;

	if (m->dirty || m->open[0] == '\0')
		return;
	to = atoi(strstr(m->open, "_TO_") + strlen("_TO_"));
	if (one_in(w, 2) && !w->retired[to]) {
		t = say(w, SAID_SENT, m->number, to, m);
		said_line(w, t, t->text);
		buf_printf(&m->buffer, "\n%s\n", t->text);
	}
	tell(w, "on %d: save the old buffer of %s, up to k%zu.", m->number,
	     m->open, w->token_count);
	desk_put(w, m, m->open, span_of(&m->buffer), true);
}

/* Somebody begins to type on M, into PATH with OLD. HOW is for people. */
static void begin_typing(struct world *w, struct machine *m, int to,
			 char path[STREAM_PATH], struct buf *old, const char **text,
			 const char *how)
{
	struct token *t;

	stream_path(path, m->number, to);
	desk_get(m, path, old);
	write_on(w, m, path);
	t = say(w, SAID_BACK, m->number, to, m);
	said_line(w, t, t->text);
	*text = t->text;
	tell(w, "on %d: type %s into %s%s, sync, and type something else", m->number,
	     *text, path, how);
}

/* Crossed out: that is what stays. */
static const char *type_instead(struct world *w, struct machine *m, int to)
{
	struct token *t = say(w, SAID_SENT, m->number, to, m);

	said_line(w, t, t->text);
	tell(w, "  that is %s", t->text);
	return t->text;
}

/* Somebody types, looks up, crosses it out and types something else. */
void type_slowly_on(struct world *w, struct machine *m, int to)
{
	struct buf old = BUF_INIT;
	const char *text;
	char path[STREAM_PATH];

	begin_typing(w, m, to, path, &old, &text, "");
	write_line(w, m, path, text, false, false);
	sync_now(w, m);
	buf_printf(&old, "\n%s\n", type_instead(w, m, to));
	desk_put(w, m, path, span_of(&old), true);
	stay_open(m, path);
	buf_release(&old);
}

static void type_slowly(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = another_number(w, m->number);

	if (to != 0)
		type_slowly_on(w, m, to);
}

/* OLD and TEXT behind it, dated an hour ahead. */
static void put_ahead(struct world *w, struct machine *m, const char *path,
		      const struct buf *old, const char *text)
{
	struct buf new = BUF_INIT;

	buf_addb(&new, old);
	buf_printf(&new, "\n%s\n", text);
	desk_put_dated(w, m, path, span_of(&new), -3600);
	buf_release(&new);
}

/* The same with a clock that is ahead: two cycles see it, and not for long (R20). */
static void type_ahead(struct world *w)
{
	struct machine *m = any_machine(w);
	struct buf old = BUF_INIT;
	const char *text;
	char path[STREAM_PATH];
	int to = another_number(w, m->number);

	if (to == 0)
		return;
	begin_typing(w, m, to, path, &old, &text, ", dated ahead");
	put_ahead(w, m, path, &old, text);
	sync_now(w, m);
	w->time += 5;
	sync_now(w, m);
	put_ahead(w, m, path, &old, type_instead(w, m, to));
	stay_open(m, path);
	buf_release(&old);
}

static bool ends_with_entry(const char *end)
{
	end += strcspn(end, "\n");
	return end[strspn(end, "\n")] == '\0';
}

/* Somebody writes into an entry, or takes its heading for a mistake. */
void edit_entry_on(struct world *w, struct machine *m, int to)
{
	struct buf old = BUF_INIT, new = BUF_INIT;
	const char *heading, *end;
	struct token *t;
	char path[STREAM_PATH];

	stream_path(path, m->number, to);
	if (m->dirty || m->twin >= 0 || m->stopped ||
	    !desk_get(m, path, &old) || !last_entry(&old, &heading, &end) ||
	    !ends_with_entry(end)) {
		buf_release(&old);
		return;
	}
	buf_add(&new, old.data, (size_t)(heading - old.data));
	if (one_in(w, 2)) {
		t = say(w, SAID_KEPT, m->number, 0, m);
		tell(w, "on %d: write %s into the last entry of %s", m->number,
		     t->text, path);
		buf_add(&new, heading, (size_t)(end - heading));
		buf_printf(&new, "And %s\n%s", t->text, end);
	} else {
		tell(w, "on %d: remove the heading of the last entry of %s",
		     m->number, path);
		buf_adds(&new, heading + strcspn(heading, "\n"));
	}
	desk_put(w, m, path, span_of(&new), true);
	sync_now(w, m);
	buf_release(&new);
	buf_release(&old);
}

static void edit_entry(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = another_number(w, m->number);

	if (to != 0)
		edit_entry_on(w, m, to);
}

/* For one cycle nobody can read the rules on this desk. */
static void break_rules(struct world *w)
{
	static const char path[] = "fleet.yaml";
	struct machine *m = any_machine(w);
	struct buf old = BUF_INIT, bad = BUF_INIT;

	if (!m->dirty && desk_get(m, path, &old)) {
		tell(w, "on %d: break %s, sync, and mend it", m->number, path);
		buf_addb(&bad, &old);
		buf_adds(&bad, "]\n");
		desk_put(w, m, path, span_of(&bad), true);
		sync_now(w, m);
		desk_put(w, m, path, span_of(&old), true);
	}
	buf_release(&bad);
	buf_release(&old);
}

static void edit_foreign(struct world *w)
{
	struct machine *m = any_machine(w);
	int owner = another_number(w, m->number), to;
	char path[48];
	struct token *t;

	if (owner == 0)
		return;
	to = another_number(w, owner);
	if (one_in(w, 2))
		snprintf(path, sizeof(path), "messages/%d_TO_%d.md", owner, to);
	else
		snprintf(path, sizeof(path), "COMPUTER_%d.md", owner);
	t = say(w, SAID_KEPT, m->number, 0, m);
	said_in(t, path);
	tell(w, "on %d: write %s into %s", m->number, t->text, path);
	write_line(w, m, path, t->text, one_in(w, 2), true);
}

const char *any_shared(struct world *w)
{
	static const char *const paths[] = { "shared/notes.md", "shared/plan.md",
		"shared/deep/er/list.txt", "README.md" };

	return paths[any_below(w, ARRAY_LEN(paths))];
}

void shared_on(struct world *w, struct machine *m, const char *path)
{
	struct token *t = say(w, SAID_KEPT, m->number, 0, m);
	bool first = one_in(w, 2);

	tell(w, "on %d: write %s into %s, at the %s", m->number, t->text, path,
	     first ? "top" : "end");
	write_line(w, m, path, t->text, first, true);
}

static void edit_shared(struct world *w)
{
	struct machine *m = any_machine(w);

	shared_on(w, m, any_shared(w));
}

/* A line for a person's stream, typed on some desk. */
void note_on(struct world *w, struct machine *m, int to)
{
	char path[STREAM_PATH], line[64];
	struct token *t;

	t = say(w, SAID_BY_HAND, 0, to, m);
	stream_path(path, 0, to);
	write_note(w, t, line);
	tell(w, "on %d: write %s into %s", m->number, t->text, path);
	write_line(w, m, path, line, false, true);
}

static void note_by_hand(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = another_number(w, 0);

	if (to != 0)
		note_on(w, m, to);
}

static void edit_own_status(struct world *w)
{
	struct machine *m = any_machine(w);
	struct token *t = say(w, SAID_KEPT, m->number, 0, m);
	char path[32];

	snprintf(path, sizeof(path), "COMPUTER_%d.md", m->number);
	tell(w, "on %d: write %s into %s", m->number, t->text, path);
	write_line(w, m, path, t->text, one_in(w, 2), true);
}

/* All that was written on M has been sent? What a name keeps from going out waits
 * (R24). */
static bool has_sent_all(struct world *w, struct machine *m)
{
	struct list files = LIST_INIT;
	bool sent = !m->dirty;

	desk_list(m, &files);
	for (size_t i = 0; i < files.count && sent; i++)
		sent = !branch_hides(w, files.item[i]);
	list_release(&files);
	return sent;
}

/* Not what was just written: that would be its writer's own wish. */
static void remove_file(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list files = LIST_INIT;

	desk_list(m, &files);
	if (files.count > 0 && has_sent_all(w, m)) {
		const char *path = files.item[any_below(w, (int)files.count)];

		tell(w, "on %d: remove %s", m->number, path);
		said_no_more(w, m, path);
		desk_remove(m, path);
	}
	list_release(&files);
}

static void remove_desk(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list files = LIST_INIT;

	if (!has_sent_all(w, m))
		return;
	tell(w, "on %d: remove the desk", m->number);
	desk_list(m, &files);
	for (size_t i = 0; i < files.count; i++)
		desk_remove(m, files.item[i]);
	list_release(&files);
}

/* All of it comes back (R22), where nobody else is heard meanwhile; but for names that
 * no desk gets (R24). */
static void expect_desk(struct world *w, struct machine *m,
			const struct list *files)
{
	struct list now = LIST_INIT;

	sync_plainly(w, m);
	desk_list(m, &now);
	for (size_t i = 0; i < files->count; i++)
		expect(w, ASKED_R22, list_has(&now, files->item[i]) ||
		       branch_hides(w, files->item[i]), "computer %d: %s was not "
		       "put back with its desk", m->number, files->item[i]);
	list_release(&now);
}

static void lose_desk(struct world *w)
{
	struct machine *m = any_machine(w);
	struct list files = LIST_INIT;

	if (m->twin >= 0 || m->stopped || !m->joined || !has_sent_all(w, m))
		return;
	sync_plainly(w, m);
	tell(w, "on %d: remove the desk, and sync", m->number);
	desk_list(m, &files);
	for (size_t i = 0; i < files.count; i++)
		desk_remove(m, files.item[i]);
	if (w->broken == NULL && !m->stopped)
		expect_desk(w, m, &files);
	list_release(&files);
}

/* Somebody has read in `status` that the branch was rewritten, and does as it
 * says to end that. */
static void end_notices(struct world *w)
{
	struct machine *m = any_machine(w);
	char *path = xasprintf("%s/.trine/repo.git", m->dir);
	git_strarray names = { 0 };
	git_repository *repo = NULL;

	tell(w, "on %d: the old tips may go", m->number);
	if (git_repository_open_bare(&repo, path) == 0 &&
	    git_reference_list(&names, repo) == 0)
		for (size_t i = 0; i < names.count; i++)
			if (strncmp(names.strings[i], "refs/trine/backup/",
				    18) == 0)
				git_reference_remove(repo, names.strings[i]);
	git_strarray_dispose(&names);
	git_repository_free(repo);
	free(path);
}

/* --- cycles --- */

static void sync_one(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "sync %d", m->number);
	sync_now(w, m);
}

static void sync_offline(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "sync %d, offline", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .offline = true });
}

/* A folder has no answers that get lost. */
static enum remote_fault any_fault(struct world *w)
{
	if (w->tier == TIER_FILES)
		return one_in(w, 2) ? REMOTE_DOWN : REMOTE_REFUSES;
	return 1 + any_below(w, REMOTE_STALE - 1);
}

static void sync_with_fault(struct world *w)
{
	struct machine *m = any_machine(w);
	enum remote_fault fault = any_fault(w);

	tell(w, "sync %d, the remote is: %s", m->number,
	     remote_fault_names[fault]);
	run_cycle(w, m, &(struct cycle_plan){ .fault = fault });
}

/* Most cycles have no more points than the first of these; few have as many as the
 * second one, and are not killed then. */
static const struct {
	int most, all;
} points[] = { { 36, 150 }, { 120, 600 } };

static int any_point(struct world *w, bool power)
{
	return 1 + any_below(w, one_in(w, 4) ? points[power].all : points[power].most);
}

static void sync_killed(struct world *w)
{
	struct machine *m = any_machine(w);
	struct cycle_plan plan = { .offline = one_in(w, 6) };

	plan.power = w->tier == TIER_FILES && one_in(w, 2);
	plan.kill_at = any_point(w, plan.power);
	if (one_in(w, 4))
		plan.fault = w->tier == TIER_FILES ? any_fault(w) :
			     one_in(w, 2) ? REMOTE_MUTE : REMOTE_DEAF;
	tell(w, "sync %d%s, %s at point %d", m->number,
	     plan.offline ? ", offline" : "",
	     plan.power ? "the power goes" : "killed", plan.kill_at);
	run_cycle(w, m, &plan);
}

static void overtake(struct world *w, struct machine *m)
{
	struct machine *other = another_machine(w, m);

	if (other == NULL)
		return;
	tell(w, "  before its push: sync %d", other->number);
	sync_now(w, other);
}

static void write_meanwhile(struct world *w, struct machine *m)
{
	tell(w, "  before its push:");
	if (one_in(w, 2))
		loose_on(w, m, another_number(w, m->number));
	else
		shared_on(w, m, any_shared(w));
}

static void sync_overtaken(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "sync %d", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .meanwhile = overtake });
}

static void sync_while_writing(struct world *w)
{
	struct machine *m = any_machine(w);

	tell(w, "sync %d", m->number);
	run_cycle(w, m, &(struct cycle_plan){ .meanwhile = write_meanwhile });
	m->dirty = true;
}

static void push_arrives(struct world *w)
{
	late_pushes_arrive(w, any_machine(w));
}

const struct act_kind desk_acts[] = {
	{ "send", 24, send },
	{ "reply", 8, reply },
	{ "read", 4, read_mail },
	{ "retract", 4, retract },
	{ "type-loose", 12, type_loose },
	{ "save-buffer", 6, save_buffer },
	{ "type-slowly", 2, type_slowly },
	{ "type-ahead", 2, type_ahead },
	{ "edit-entry", 3, edit_entry },
	{ "break-rules", 1, break_rules },
	{ "edit-foreign", 5, edit_foreign },
	{ "edit-shared", 12, edit_shared },
	{ "note-by-hand", 8, note_by_hand },
	{ "edit-status", 4, edit_own_status },
	{ "remove-file", 6, remove_file },
	{ "remove-desk", 1, remove_desk },
	{ "lose-desk", 1, lose_desk },
	{ "end-notices", 3, end_notices },
	{ "sync", 60, sync_one },
	{ "sync-offline", 10, sync_offline },
	{ "sync-fault", 20, sync_with_fault },
	{ "sync-killed", 20, sync_killed },
	{ "sync-overtaken", 14, sync_overtaken },
	{ "sync-writing", 6, sync_while_writing },
	{ "push-arrives", 4, push_arrives },
	{ NULL, 0, NULL }
};
