/*
 * What people do on the web page of a repository (sim.h): one file, one commit on the
 * branch. They know nothing of trine but the files they see.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"

void append_on_web(struct world *w, const char *path, const char *line)
{
	struct buf text = BUF_INIT;

	branch_read(w, path, &text);
	buf_printf(&text, "%s\n", line);
	branch_write(w, path, &text);
	buf_release(&text);
}

void web_note_to(struct world *w, int to)
{
	char path[STREAM_PATH], line[64];
	struct token *t;

	t = say(w, SAID_BY_HAND, 0, to, NULL);
	stream_path(path, 0, to);
	write_note(w, t, line);
	tell(w, "on the web: write %s into %s", t->text, path);
	append_on_web(w, path, line);
}

static void web_note(struct world *w)
{
	int to = another_number(w, 0);

	if (to != 0 && branch_tip(w).hex[0] != '\0')
		web_note_to(w, to);
}

/* Somebody ticks what is to be done: that line is gone then, also for one who is
 * writing below it (R17). */
static void web_tick(struct world *w)
{
	int to = another_number(w, 0);
	struct buf text = BUF_INIT;
	char path[48], *item;

	snprintf(path, sizeof(path), "messages/HUMAN_TO_%d.md", to);
	if (to != 0 && branch_read(w, path, &text)) {
		item = text.data;
		for (int skip = any_below(w, 4); item != NULL && skip-- >= 0;)
			item = strstr(item + 1, "\n- [ ] ");
		if (item != NULL) {
			item[strlen("\n- [")] = 'x';
			tell(w, "on the web: tick \"%.*s\" in %s",
			     (int)strcspn(item + 1, "\n"), item + 1, path);
			branch_write(w, path, &text);
			note_on(w, any_machine(w), to);
		}
	}
	buf_release(&text);
}

/* Lines of such a stream are mail. */
static bool is_read_by_line(struct world *w, const char *path)
{
	int from;

	return strncmp(path, "messages/HUMAN_", 15) == 0 ||
	       (sscanf(path, "messages/%d_TO_", &from) == 1 &&
		(from == NO_TRINE || w->retired[from]));
}

static void web_edit(struct world *w)
{
	struct list files = LIST_INIT;
	const char *path;

	branch_list(w, &files);
	if (files.count > 0) {
		struct token *t;

		path = files.item[any_below(w, (int)files.count)];
		if (!is_read_by_line(w, path)) {
			t = say(w, SAID_KEPT, 0, 0, NULL);
			said_in(t, path);
			tell(w, "on the web: write %s into %s", t->text, path);
			append_on_web(w, path, t->text);
		}
	}
	list_release(&files);
}

/* What a computer never wrote stands among what it vouches for (R11). */
static void web_forge(struct world *w)
{
	static const char *const names[] = { "0007.md", "x.bin", "a/b.md" };
	int from = another_number(w, 0), to = another_number(w, from);
	char path[64];

	if (to == 0 || branch_tip(w).hex[0] == '\0')
		return;
	snprintf(path, sizeof(path), "archive/%d_TO_%d/%s", from, to,
		 names[any_below(w, ARRAY_LEN(names))]);
	tell(w, "on the web: put something in as %s", path);
	append_on_web(w, path, "Not by a computer");
}

/* A folder stands in the place of what a computer writes (R24). */
static void web_folder(struct world *w)
{
	struct list files = LIST_INIT;
	const char *path;
	char *inside;
	int from;

	branch_list(w, &files);
	path = files.count > 0 ? files.item[any_below(w, (int)files.count)] : "";
	if ((sscanf(path, "COMPUTER_%d.md", &from) == 1 ||
	     sscanf(path, "messages/%d_TO_", &from) == 1) && from != NO_TRINE &&
	    !w->retired[from]) {
		inside = xasprintf("%s/a.md", path);
		tell(w, "on the web: a folder in the place of %s", path);
		branch_write(w, path, NULL);
		append_on_web(w, inside, "In a folder");
		free(inside);
	}
	list_release(&files);
}

void web_disclaim(struct world *w, int computer)
{
	struct buf status = BUF_INIT, new = BUF_INIT;
	struct span line;
	size_t pos = 0;
	char path[32];

	snprintf(path, sizeof(path), "COMPUTER_%d.md", computer);
	branch_read(w, path, &status);
	while (text_line(span_of(&status), &pos, &line))
		if (!text_starts(line, "claims: "))
			buf_printf(&new, "%.*s\n", (int)line.len, line.p);
	if (new.len < status.len) {
		tell(w, "on the web: take what it claims out of %s", path);
		branch_write(w, path, &new);
	}
	buf_release(&new);
	buf_release(&status);
}

enum { TOO_LARGE = (1 << 20) + 1 };

/* Somebody makes an executable of PATH, and writes into it. */
static void put_executable(struct world *w, const char *path)
{
	struct token *t = say(w, SAID_KEPT, 0, 0, NULL);
	struct buf text = BUF_INIT;

	said_in(t, path);
	tell(w, "on the web: write %s into %s, an executable from now on", t->text, path);
	branch_read(w, path, &text);
	buf_printf(&text, "%s\n", t->text);
	branch_write_as(w, path, &text, GIT_FILEMODE_BLOB_EXECUTABLE);
	buf_release(&text);
}

static void put_link(struct world *w, const char *path)
{
	struct buf text = BUF_INIT;

	tell(w, "on the web: a link in the place of %s", path);
	buf_adds(&text, "elsewhere.md\n");
	branch_write_as(w, path, &text, GIT_FILEMODE_LINK);
	buf_release(&text);
}

/* Or what it was too large for is taken out of it again. */
static void put_too_much(struct world *w, const char *path)
{
	struct buf text = BUF_INIT;

	if (branch_read(w, path, &text) && text.len >= TOO_LARGE) {
		tell(w, "on the web: make %s small again", path);
		buf_truncate(&text, 79);
		buf_addc(&text, '\n');
	} else {
		tell(w, "on the web: put too much into %s", path);
		while (text.len < TOO_LARGE)
			buf_printf(&text, "%079d\n", 0);
	}
	branch_write(w, path, &text);
	buf_release(&text);
}

/* What no desk gets is in the place of a file: shared, or a computer's. */
static void web_odd(struct world *w)
{
	static void (*const puts[])(struct world *, const char *) = {
		put_executable, put_link, put_too_much,
	};
	char own[32];
	const char *path = any_shared(w);

	if (one_in(w, 3)) {
		snprintf(own, sizeof(own), "COMPUTER_%d.md", any_machine(w)->number);
		path = own;
	}
	puts[any_below(w, ARRAY_LEN(puts))](w, path);
}

/* FLEET, a fleet.yaml, but PATH alone has an owner, OWNER; false: it has already. What
 * somebody wrote between its lines goes: they could not be read with it, and others,
 * before them, are in force (*READABLE is false then). */
static bool write_owner(struct buf *out, struct span fleet, const char *path, int owner,
			bool *readable)
{
	char *rule = xasprintf("  - {path: \"%s\", owner: %d}", path, owner);
	bool new = true;
	struct span line;
	size_t pos = 0;

	*readable = true;
	while (text_line(fleet, &pos, &line)) {
		bool said = text_starts(line, "k");

		*readable = *readable && !said;
		new = new && !span_equal(line, span_str(rule));
		if (!text_starts(line, "owners:") && !text_starts(line, "  - {path:") &&
		    !said)
			buf_printf(out, "%.*s\n", (int)line.len, line.p);
	}
	buf_printf(out, "owners:\n%s\n", rule);
	free(rule);
	return new;
}

/* Somebody writes into a file, and gives it to a computer that has not seen that: what
 * its desk has is not the file (R23). */
static void hand_over(struct world *w)
{
	struct machine *m = any_machine(w);
	const char *path = any_shared(w);
	struct buf fleet = BUF_INIT, new = BUF_INIT, now = BUF_INIT;
	struct token *t;
	bool readable;

	if (m->twin >= 0 || m->stopped || !m->joined ||
	    !branch_read(w, "fleet.yaml", &fleet) ||
	    !write_owner(&new, span_of(&fleet), path, m->number, &readable))
		goto out;
	t = say(w, SAID_KEPT, 0, 0, NULL);
	said_in(t, path);
	tell(w, "on the web: write %s into %s, and give that to computer %d", t->text,
	     path, m->number);
	append_on_web(w, path, t->text);
	branch_write(w, "fleet.yaml", &new);
	sync_plainly(w, m);
	/* By the rules in force it may have been the computer's own before. */
	if (!m->stopped && readable && branch_read(w, path, &now))
		expect(w, ASKED_R23, strstr(now.data, t->text) != NULL, "computer %d got "
		       "%s, and undid what was in it", m->number, path);
out:
	buf_release(&now);
	buf_release(&new);
	buf_release(&fleet);
}

static void web_remove(struct world *w)
{
	struct list files = LIST_INIT;

	branch_list(w, &files);
	if (files.count > 3) {
		const char *path = files.item[any_below(w, (int)files.count)];

		tell(w, "on the web: remove %s", path);
		branch_write(w, path, NULL);
	}
	list_release(&files);
}

/* Somebody has read them. */
static void web_remove_copies(struct world *w, int number)
{
	char *folder = xasprintf("conflicts/%d/", number);
	struct list files = LIST_INIT;

	branch_list(w, &files);
	for (size_t i = 0; i < files.count; i++)
		if (strncmp(files.item[i], folder, strlen(folder)) == 0)
			branch_write(w, files.item[i], NULL);
	list_release(&files);
	free(folder);
}

/* A program writes one stream again and again, against its owner: who has nothing
 * else to say soon waits with putting it back, and who has, makes no more than 20
 * copies of it a day (R26), and none of what it had a copy of (R25). */
static void rewrite(struct world *w)
{
	struct machine *m = any_machine(w);
	int to = another_number(w, m->number);
	bool day = one_in(w, 4);
	int times = day ? 24 : 8;
	char path[48], line[24];
	struct buf text = BUF_INIT;

	snprintf(path, sizeof(path), "messages/%d_TO_%d.md", m->number, to);
	if (to != 0 && m->twin < 0 && branch_read(w, path, &text)) {
		tell(w, "on the web: rewrite %s, %d times", path, times);
		for (int i = 0; i < times && w->broken == NULL; i++) {
			if (i == 2 && !day)
				web_remove_copies(w, m->number);
			snprintf(line, sizeof(line), "Again, %d", i % 2);
			append_on_web(w, path, line);
			if (day)
				send_to(w, m, to);
			w->time += 120;
			sync_plainly(w, m);
		}
	}
	buf_release(&text);
}

const struct act_kind web_acts[] = {
	{ "web-note", 8, web_note },
	{ "web-tick", 3, web_tick },
	{ "web-edit", 5, web_edit },
	{ "web-forge", 1, web_forge },
	{ "web-folder", 1, web_folder },
	{ "web-odd", 2, web_odd },
	{ "hand-over", 1, hand_over },
	{ "web-remove", 2, web_remove },
	{ "rewrite", 1, rewrite },
	{ NULL, 0, NULL }
};
